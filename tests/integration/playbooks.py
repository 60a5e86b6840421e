# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs tasks through a real ``ansible-playbook`` against the simulator and tells what each one returned and sent."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any

import yaml

from simulator.harness import Simulator

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FRONT_ENDS = {"worker": True, "module": False}
"""Front end -> value of rollcall_in_process."""
_TIME = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")


@dataclass
class Outcome:
    """What became of one task: its registered result, and the requests that it sent."""

    name: str
    failed: bool
    result: dict[str, Any]
    requests: list[dict[str, Any]]

    @property
    def writes(self) -> list[dict[str, Any]]:
        """Return the requests that change something at the provider."""
        return [request for request in self.requests if request["kind"] == "write"]

    @property
    def sent(self) -> list[tuple[str, str]]:
        """Return (method, path) of the writes."""
        return [(request["method"], request["path"]) for request in self.writes]

    @property
    def message(self) -> str:
        """Return the message of a failure."""
        return str(self.result.get("msg", ""))


@dataclass
class Run:
    """A whole run: outcomes by the names of their tasks, and everything that was printed."""

    outcomes: list[Outcome]
    output: str
    code: int
    folder: pathlib.Path
    by_name: dict[str, Outcome] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Outcome:
        try:
            return self.by_name[name]
        except KeyError:
            raise AssertionError(f"no task {name!r} ran; the run printed:\n{self.output[-6000:]}") from None


@dataclass
class Playbooks:
    """Runs lists of tasks. ``folder`` takes what they leave behind."""

    simulator: Simulator
    folder: pathlib.Path
    count: int = 0

    def run(
        self,
        tasks: list[dict[str, Any]],
        front_end: str = "worker",
        *,
        defaults: dict[str, Any] | None = None,
        variables: dict[str, Any] | None = None,
        env: dict[str, str] | None = None,
        verbosity: int = 3,
        arguments: tuple[str, ...] = (),
        play: dict[str, Any] | None = None,
        may_fail: bool = False,
    ) -> Run:
        """Run tasks in one play. Every task that uses a module of the collection gets a register of its own."""
        self.count += 1
        folder = self.folder / f"run{self.count}"
        folder.mkdir()
        record = folder / "record.jsonl"
        record.touch()
        playbook = folder / "playbook.yml"
        content = {
            "name": "Scenario",
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "vars": {
                "ansible_python_interpreter": "{{ ansible_playbook_python }}",
                "rollcall_in_process": FRONT_ENDS[front_end],
                **(variables or {}),
            },
            "module_defaults": {"group/rollcall.identity.all": {"api_retries": 2, **(defaults or {})}},
            **(play or {}),
            "tasks": tasks,
        }
        playbook.write_text(yaml.safe_dump([content], sort_keys=False, allow_unicode=True), encoding="utf-8")
        command = [
            str(pathlib.Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", str(playbook), *arguments,
        ]
        if verbosity:
            command.append("-" + "v" * verbosity)
        finished = subprocess.run(
            command, cwd=folder, env={**self.environment(record), **(env or {})}, capture_output=True, text=True, timeout=300, check=False,
        )
        output = finished.stdout + finished.stderr
        outcomes = [Outcome(**_plain(json.loads(line))) for line in record.read_text(encoding="utf-8").splitlines()]
        run = Run(outcomes, output, finished.returncode, folder, {outcome.name: outcome for outcome in outcomes})
        if finished.returncode and not may_fail:
            raise AssertionError(f"the run of {playbook} failed:\n{output[-6000:]}")
        return run

    def environment(self, record: pathlib.Path) -> dict[str, str]:
        """Return the environment of a run: the simulator's credentials, and none of the user's settings."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "ONELOGIN_", "KESTRA_", "CONTABO_"))}
        return {
            **kept,
            **self.simulator.env,
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"),
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "plugins" / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "rollcall_record",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_DEPRECATION_WARNINGS": "false",
            "ANSIBLE_RETRY_FILES_ENABLED": "false",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_HOME": str(record.parent / "home"),
            "HOME": os.environ.get("HOME", str(record.parent)),
            "ROLLCALL_RECORD": str(record),
            "ROLLCALL_SIMULATOR": self.simulator.url,
        }


def _plain(line: dict[str, Any]) -> dict[str, Any]:
    return {name: line[name] for name in ("name", "failed", "result", "requests")}


def comparable(result: Any) -> Any:
    """Return a result without what differs between two runs for good reasons: times, random ids, what core adds."""
    if isinstance(result, dict):
        return {
            name: comparable(value) if name not in ("request_id", "prefix") else f"<{name}>"
            for name, value in result.items()
            if not name.startswith("_ansible") and name not in ("invocation", "deprecations", "exception")
        }
    if isinstance(result, list):
        return [comparable(item) for item in result]
    if isinstance(result, str) and _TIME.match(result):
        return "<time>"
    return result
