# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs tasks through a real ``ansible-playbook`` against the simulator and returns what each one returned and sent."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from simulator.harness import Simulator

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FRONT_ENDS = {"worker": True, "module": False}
"""Front end -> value of rollcall_in_process."""
HOSTS = {"worker": "localhost", "module": "localhost2"}
"""Front end -> host, so that what one registers the other does not have. Both are this machine."""
PLAIN_PYTHON = "{{ ansible_playbook_python }}"
_TIME = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")


@dataclass(frozen=True)
class Start:
    """What starts programs: the interpreter of modules that are processes, and what stands before ansible-playbook."""

    python: str = PLAIN_PYTHON
    ansible: tuple[str, ...] = ()


@dataclass
class Outcome:
    """The outcome of one task: its registered result, and the requests that it sent."""

    name: str
    failed: bool
    result: dict[str, Any]
    requests: list[dict[str, Any]]
    given: list[str] = field(default_factory=list)
    """The names of the arguments that travelled with the result."""

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
    home: pathlib.Path
    by_name: dict[str, Outcome] = field(default_factory=dict)
    state: dict[str, Any] | None = None
    """The provider's state at the end of the first of two plays."""

    def __getitem__(self, name: str) -> Outcome:
        try:
            return self.by_name[name]
        except KeyError:
            raise AssertionError(f"no task {name!r} ran; the run printed:\n{self.output[-6000:]}") from None


class Recorder(Simulator):
    """A simulator that records its control calls, so that they can be repeated."""

    calls: list[Any]

    @classmethod
    def of(cls, simulator: Simulator) -> Recorder:
        """Return a recorder beside a simulator that runs."""
        recorder = cls(simulator.process, simulator.env, simulator.url)
        recorder.calls = []
        return recorder

    def control(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Call and, unless it only asks, keep the call."""
        if method != "GET":
            self.calls.append([method, path, body])
        return super().control(method, path, body, **query)


@dataclass
class Playbooks:
    """Runs lists of tasks. ``folder`` takes what they leave behind, ``settings`` is their environment."""

    simulator: Simulator
    folder: pathlib.Path
    settings: dict[str, str]
    start: Start
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
        content = {**self._play(front_end, defaults, variables), **(play or {}), "tasks": tasks}
        return self._run([content], env or {}, verbosity, arguments, may_fail)[0]

    def run_both(
        self,
        tasks: Mapping[str, list[dict[str, Any]]],
        prepare: Callable[[Simulator], None],
        provider: str,
        *,
        defaults: dict[str, Any] | None = None,
        env: dict[str, str] | None = None,
    ) -> dict[str, Run]:
        """Run tasks for each of some front ends, one play after the other, in one start of Ansible.

        ``prepare`` sets the initial state of the simulator for each play. The callback repeats its control calls.
        """
        recorder = Recorder.of(self.simulator)
        prepare(recorder)
        between = self.folder / f"between{self.count + 1}.json"
        between.write_text(json.dumps({"provider": provider, "calls": recorder.calls}), encoding="utf-8")
        plays = [{**self._play(front_end, defaults, None), "tasks": some} for front_end, some in tasks.items()]
        runs = self._run(plays, {**(env or {}), "ROLLCALL_BETWEEN": str(between)}, 3)
        if len(runs) > 1:
            runs[0].state = json.loads(pathlib.Path(f"{between}.state").read_text(encoding="utf-8"))
        return dict(zip(tasks, runs, strict=True))

    def run_plays(
        self,
        plays: Mapping[str, list[dict[str, Any]]],
        variables: dict[str, Any],
        env: dict[str, str],
        files: Mapping[str, str] | None = None,
    ) -> dict[str, Run]:
        """Run some lists of tasks in one start of Ansible, each on a host of its own. A task that fails does not end
        its play.

        ``files`` are those of the folder in which Ansible starts.
        """
        self.put_files(files or {})
        common = {**self._play("worker", None, variables), "ignore_errors": True}
        contents = [{**common, "hosts": name, "tasks": tasks} for name, tasks in plays.items()]
        return dict(zip(plays, self._run(contents, env, 0, ("-i", ",".join(plays) + ",")), strict=True))

    @property
    def next_folder(self) -> pathlib.Path:
        """Return the folder in which the next run starts."""
        return self.folder / f"run{self.count + 1}"

    def run_playbook(
        self, plays: list[dict[str, Any]], variables: dict[str, Any], files: Mapping[str, str]
    ) -> list[Run]:
        """Run plays as they are, with variables for all of them and files in the folder in which Ansible starts."""
        self.put_files({**files, "vars.yml": yaml.safe_dump(variables)})
        return self._run(plays, {}, 0, ("-e", "@vars.yml"))

    def put_files(self, files: Mapping[str, str]) -> None:
        """Write files into the folder of the next run."""
        folder = self.next_folder
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")

    def interrupt(self, tasks: list[dict[str, Any]], when: Callable[[], bool]) -> str:
        """Run tasks, interrupt them as Ctrl-C does once ``when`` says so, and return what was printed."""
        playbook = self.folder / "interrupted.yml"
        playbook.write_text(yaml.safe_dump([{**self._play("worker", None, None), "tasks": tasks}]), encoding="utf-8")
        command = [
            str(pathlib.Path(sys.executable).parent / "ansible-playbook"),
            "-i",
            ",".join(HOSTS.values()),
            str(playbook),
        ]
        env = {**self.settings, "ROLLCALL_RECORD": os.devnull}
        with subprocess.Popen(
            command, cwd=self.folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True,
        ) as process:
            try:
                while not when():
                    if process.poll() is not None:
                        raise AssertionError(
                            f"the run ended before it could be interrupted:\n{process.communicate()[0][-6000:]}"
                        )
                    time.sleep(0.02)
                # As a person does who sees that it goes on: Python can lose an interrupt, such as one that comes in a
                # destructor. An Ansible that is about to end gets a minute, so that no second one disturbs it.
                for _press in range(6):
                    os.killpg(process.pid, signal.SIGINT)
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        return process.communicate(timeout=60)[0]
                raise AssertionError("the run goes on after it was interrupted")
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)

    def _play(
        self, front_end: str, defaults: dict[str, Any] | None, variables: dict[str, Any] | None
    ) -> dict[str, Any]:
        return {
            "name": front_end,
            "hosts": HOSTS[front_end],
            "connection": "local",
            "gather_facts": False,
            "vars": {
                "ansible_python_interpreter": PLAIN_PYTHON if FRONT_ENDS[front_end] else self.start.python,
                "ansible_pipelining": self.start.python != PLAIN_PYTHON,
                "rollcall_in_process": FRONT_ENDS[front_end],
                **(variables or {}),
            },
            "module_defaults": {"group/rollcall.identity.all": {"api_retries": 2, **(defaults or {})}},
        }

    def _command(
        self, playbook: pathlib.Path, env: dict[str, str], verbosity: int, arguments: tuple[str, ...]
    ) -> list[str]:
        """Return the command that runs a playbook."""
        # What is read while a program starts cannot be changed for one that has begun already.
        cold = any(name.startswith(("ANSIBLE_", "PYTHON")) for name in env)
        return [
            *(() if cold else self.start.ansible), str(pathlib.Path(sys.executable).parent / "ansible-playbook"),
            "-i", ",".join(HOSTS.values()), str(playbook), *arguments,
            *(("-" + "v" * verbosity,) if verbosity else ()),
        ]  # fmt: skip

    def _run(
        self,
        plays: list[dict[str, Any]],
        env: dict[str, str],
        verbosity: int,
        arguments: tuple[str, ...] = (),
        may_fail: bool = False,
    ) -> list[Run]:
        self.count += 1
        folder = self.folder / f"run{self.count}"
        folder.mkdir(exist_ok=True)
        record = folder / "record.jsonl"
        record.touch()
        playbook = folder / "playbook.yml"
        playbook.write_text(yaml.safe_dump(plays, sort_keys=False, allow_unicode=True), encoding="utf-8")
        finished = subprocess.run(
            self._command(playbook, env, verbosity, arguments),
            cwd=folder,
            env={**self.settings, "ROLLCALL_RECORD": str(record), **env},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        output = finished.stdout + finished.stderr
        if "[DEPRECATION WARNING]" in output:
            raise AssertionError(f"the run of {playbook} warns of a deprecation:\n{output[-6000:]}")
        lines = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
        runs, home = [], pathlib.Path(self.settings["ANSIBLE_HOME"])
        for number in range(1, len(plays) + 1):
            mine = [line for line in lines if line["play"] == number]
            outcomes = [
                Outcome(line["name"], line["failed"], line["result"], line["sent"]["requests"], line["given"])
                for line in mine
            ]
            runs.append(
                Run(
                    outcomes, output, finished.returncode, folder, home, {outcome.name: outcome for outcome in outcomes}
                )
            )
        if finished.returncode and not may_fail:
            raise AssertionError(f"the run of {playbook} failed:\n{output[-6000:]}")
        return runs


def include_role(role: str, name: str, **more: Any) -> dict[str, Any]:
    """Return a task that runs a role of the collection. Keywords of tasks hold for all of the role's own."""
    variables = more.pop("vars", {})
    return {
        "name": name,
        "ansible.builtin.include_role": {"name": f"rollcall.identity.{role}", "apply": more},
        "vars": variables,
    }


def task_names(tasks: list[dict[str, Any]]) -> list[str]:
    """Return the names of tasks, those in blocks included."""
    return [name for task in tasks for name in (task_names(task["block"]) if "block" in task else [task["name"]])]


def settings_of(simulator: Simulator, home: pathlib.Path) -> dict[str, str]:
    """Return the environment of runs: the simulator's credentials, and none of the user's settings.

    ``home`` is Ansible's folder.
    """
    own = ("ANSIBLE_", "ONELOGIN_", "KESTRA_", "SENDAUTH_", "CONTABO_", "NEXTAUTH_", "SCIM_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    return {
        **kept,
        **simulator.env,
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"),
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "plugins" / "callback"),
        "ANSIBLE_CALLBACKS_ENABLED": "rollcall_record",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_DEPRECATION_WARNINGS": "true",
        "ANSIBLE_RETRY_FILES_ENABLED": "false",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_CALLBACK_FORMAT_PRETTY": "false",  # a line for each result: the encoder that indents is slow
        "ANSIBLE_HOME": str(home),
        "HOME": os.environ.get("HOME", str(home)),
        "ROLLCALL_SIMULATOR": simulator.url,
    }


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
