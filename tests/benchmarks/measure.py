# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one side of a comparison, and returns its duration and its calls."""

from __future__ import annotations

import json
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from gate import end

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LIMIT = 900
"""Seconds after which a run is stopped."""


class Failure(Exception):
    """A run that failed; the text is the reason."""


class Server(Protocol):
    """A server: the simulator, or the small Keycloak."""

    env: dict[str, str]

    @property
    def last(self) -> int:
        """Return the number of the latest call."""

    def requests(self, since: int | None = None, provider: str | None = None) -> list[dict[str, Any]]:
        """Return the calls after that number."""


@dataclass(frozen=True)
class Script:
    """A bare script: a file of the folder ``bare`` and its arguments. ``{users}`` is replaced with the file of
    users."""

    file: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Playbook:
    """A playbook of the folder ``playbooks``, whose task "Measured" counts. ``changes`` is what the task must report.

    Of several ``tasks`` with that name, the median one counts.
    """

    file: str
    changes: bool = False
    tasks: int = 1


@dataclass(frozen=True)
class Sample:
    """One run. ``work`` are the seconds of the work itself, ``process`` those of the whole command, both in wall-clock
    time.

    ``refused`` is how many of the ``calls`` a fault refused. If measured: ``result`` are the bytes of the task's result
    as JSON, ``peak`` those of memory, ``page`` those of a page that it wrote, ``ready`` the seconds until the page can
    be used in Chromium, and ``cpu`` the processor seconds of the command on all cores.
    """

    work: float
    process: float
    calls: int
    refused: int = 0
    result: int = 0
    peak: int = 0
    cpu: float = 0
    page: int = 0
    ready: float = 0


@dataclass(frozen=True)
class Planned:
    """The plans of one number of users: the median ``seconds``, those of the ``process``, and the ``peak`` in bytes in
    addition to the input."""

    size: int
    seconds: float
    process: float
    peak: int


@dataclass(frozen=True)
class Held:
    """The memory peaks of all sides with this number of users, in bytes, and the size of our task's result as JSON."""

    size: int
    peaks: list[int]
    result: int


def run(
    side: Script | Playbook,
    users: list[dict[str, Any]],
    provider: str,
    server: Server,
    folder: pathlib.Path,
    peak: bool = False,
) -> Sample:
    """Run a side against the server in its current state. With ``peak``, also measure the memory.

    Raises Failure if the run fails.
    """
    path = folder / "users.json"
    path.write_text(json.dumps({"bench_users": users}), encoding="utf-8")
    times = folder / "times.jsonl"
    times.unlink(missing_ok=True)
    env = {**os.environ, **server.env, "ANSIBLE_NOCOLOR": "1"}
    if isinstance(side, Script):
        command = [
            sys.executable,
            str(HERE / "bare" / side.file),
            *(argument.format(users=path) for argument in side.arguments),
        ]
    else:
        command = ["ansible-playbook", "-i", "localhost,", str(HERE / "playbooks" / side.file), "-e", f"@{path}"]
        env.update(_settings(times))
    if peak:
        command = [sys.executable, str(HERE / "peak.py"), str(folder / "peak"), *command]
    mark = server.last
    start = time.perf_counter()
    output = _output(command, env)
    process = time.perf_counter() - start
    requests = server.requests(since=mark, provider=provider)
    calls, refused = len(requests), sum(bool(request["fault"]) for request in requests)
    if isinstance(side, Script):
        return Sample(json.loads(output)["seconds"], process, calls, refused)
    measured = _measured(side, times, output)
    held = int((folder / "peak").read_text(encoding="utf-8")) if peak else 0
    return Sample(
        statistics.median(line["seconds"] for line in measured), process, calls, refused, measured[-1]["size"], held
    )


def _measured(side: Playbook, times: pathlib.Path, output: str) -> list[dict[str, Any]]:
    """Return the callback's records of the measured tasks. Raises Failure if the tasks have another result."""
    lines = [json.loads(line) for line in times.read_text(encoding="utf-8").splitlines()]
    measured = [line for line in lines if line["name"] == "Measured"]
    if len(measured) != side.tasks or any(line["changed"] != side.changes for line in measured):
        raise Failure(
            f"{side.file} should report {'a' if side.changes else 'no'} change, and did not:\n{output[-2000:]}"
        )
    return measured


def run_job(
    playbook: Playbook,
    variables: Mapping[str, Any],
    people: list[dict[str, Any]],
    server: Server,
    folder: pathlib.Path,
    page: str = "",
    peak: bool = False,
) -> Sample:
    """Run a job with a file of these people, in a separate folder. With ``peak``, also measure the memory. ``page`` is
    a file that the job writes there.

    Raises Failure if the run fails.
    """
    own = folder / "job"
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir()
    (own / "people.json").write_text(json.dumps(people), encoding="utf-8")
    path, times = own / "variables.json", own / "times.jsonl"
    path.write_text(json.dumps({**variables, "bench_folder": str(own)}), encoding="utf-8")
    command = ["ansible-playbook", "-i", "localhost,", str(HERE / "playbooks" / playbook.file), "-e", f"@{path}"]
    if peak:
        command = [sys.executable, str(HERE / "peak.py"), str(own / "peak"), *command]
    mark, before, start = server.last, _cpu(), time.perf_counter()
    output = _output(command, {**os.environ, **server.env, "ANSIBLE_NOCOLOR": "1", **_settings(times)})
    process, cpu = time.perf_counter() - start, _cpu() - before
    measured = _measured(playbook, times, output)
    calls = len(server.requests(since=mark))
    held = int((own / "peak").read_text(encoding="utf-8")) if peak else 0
    size = (own / page).stat().st_size if page else 0
    ready = opened(own / page) if page and not peak else 0
    return Sample(
        statistics.median(line["seconds"] for line in measured),
        process,
        calls,
        0,
        measured[-1]["size"],
        held,
        cpu,
        size,
        ready,
    )


def opened(page: pathlib.Path) -> float:
    """Return the seconds from opening the page of a review until its rows can be decided, or 0 without Chromium.

    The page records this time, and a headless Chromium prints the resulting page.
    """
    chromium = os.environ.get("ROLLCALL_CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if not chromium:
        return 0
    profile = page.with_name("profile")
    options = [
        "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        f"--user-data-dir={profile}",
    ]
    done = subprocess.run(
        [chromium, *options, "--dump-dom", page.as_uri()], capture_output=True, timeout=LIMIT, check=False
    )
    match = re.search(rb'<html[^>]* data-ready="(\d+)"', done.stdout)
    if not match:
        raise Failure(f"{page.name} does not get ready in {chromium}:\n{done.stderr.decode(errors='replace')[-2000:]}")
    return int(match[1]) / 1000


def _cpu() -> float:
    """Return the processor seconds of all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run_planning(size: int, turns: int) -> Planned:
    """Plan a number of users in a separate process, and again in another one to measure the memory, because tracing
    takes time."""
    command = [sys.executable, str(HERE / "planning.py"), str(size)]
    start = time.perf_counter()
    seconds = json.loads(_output([*command, str(turns)], os.environ))["seconds"]
    process = time.perf_counter() - start
    traced = json.loads(_output([*command, "1", "memory"], os.environ))
    return Planned(size, statistics.median(seconds), process, traced["peak"])


def _settings(times: pathlib.Path) -> dict[str, str]:
    return {
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback"),
        "ANSIBLE_CALLBACKS_ENABLED": "rollcall_time",
        "ROLLCALL_TIMES": str(times),
        # The same Python for both sides, and no search for interpreters.
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }


def _output(command: list[str], env: Mapping[str, str]) -> str:
    process = subprocess.Popen(
        command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
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
