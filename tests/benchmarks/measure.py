# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one side of a comparison and tells how long it took and which calls it made."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gate import end
from simulator.harness import Simulator

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LIMIT = 900
"""Seconds after which a run is ended."""


class Failure(Exception):
    """A run that did not do its work; the text says why."""


@dataclass(frozen=True)
class Script:
    """A bare script: a file of the folder ``bare`` and its arguments; ``{users}`` stands for the file with the users."""

    file: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Playbook:
    """A playbook of the folder ``playbooks``, whose task named "Measured" counts. ``changes`` is what it must report."""

    file: str
    changes: bool = False


@dataclass(frozen=True)
class Sample:
    """One run. ``work`` are the seconds of the work itself, ``process`` those of the whole command, both by the clock on the wall."""

    work: float
    process: float
    calls: int


def run(side: Script | Playbook, users: list[dict[str, Any]], provider: str, simulator: Simulator, folder: pathlib.Path) -> Sample:
    """Run a side against the simulator as it is now. Raises Failure where it does not do its work."""
    path = folder / "users.json"
    path.write_text(json.dumps({"bench_users": users}), encoding="utf-8")
    times = folder / "times.jsonl"
    times.unlink(missing_ok=True)
    env = {**os.environ, **simulator.env, "ANSIBLE_NOCOLOR": "1"}
    if isinstance(side, Script):
        command = [sys.executable, str(HERE / "bare" / side.file), *(argument.format(users=path) for argument in side.arguments)]
    else:
        command = ["ansible-playbook", "-i", "localhost,", str(HERE / "playbooks" / side.file), "-e", f"@{path}"]
        env.update(_settings(times))
    mark = simulator.last
    start = time.perf_counter()
    output = _output(command, env)
    process = time.perf_counter() - start
    calls = len(simulator.requests(since=mark, provider=provider))
    if isinstance(side, Script):
        return Sample(json.loads(output)["seconds"], process, calls)
    lines = [json.loads(line) for line in times.read_text(encoding="utf-8").splitlines()]
    measured = [line for line in lines if line["name"] == "Measured"]
    if len(measured) != 1 or measured[0]["changed"] != side.changes:
        raise Failure(f"{side.file} should report {'a' if side.changes else 'no'} change, and did not:\n{output[-2000:]}")
    return Sample(measured[0]["seconds"], process, calls)


def _settings(times: pathlib.Path) -> dict[str, str]:
    return {
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback"),
        "ANSIBLE_CALLBACKS_ENABLED": "rollcall_time",
        "ROLLCALL_TIMES": str(times),
        # The same for both sides, and no search for interpreters.
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }


def _output(command: list[str], env: Mapping[str, str]) -> str:
    process = subprocess.Popen(
        command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        output, errors = (text.decode("utf-8", "replace") for text in process.communicate(timeout=LIMIT))
    except subprocess.TimeoutExpired:
        raise Failure(f"it took more than {LIMIT} s: {' '.join(command)}") from None
    finally:
        end([process])
    if process.returncode:
        raise Failure(f"{' '.join(command)} ended with {process.returncode}:\n{(output + errors)[-3000:]}")
    return output
