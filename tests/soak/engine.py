# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs modules in this process against the simulator, with a clock that nobody waits for."""

from __future__ import annotations

import copy
import importlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from states import difference, ids_of
from states import view as view_of

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.connection import Connection
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.refusing import refused
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.task import (
    ConnectionPool,
    Task,
    run_task,
)
from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import validate
from simulator.harness import Simulator

__all__ = ["PROVIDERS", "Bench", "Clock", "Gate", "Report", "Result", "difference", "wrong"]
PROVIDERS = ("nextauth", "sendauth", "kestra", "contabo", "onelogin")
_MODULES = "ansible_collections.rollcall.identity.plugins.modules."
Result = dict[str, Any]
Gate = Callable[[], AbstractContextManager[None]]


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self._time = 1000.0
        self._lock = threading.Lock()

    def now(self) -> float:
        """Return the seconds since an arbitrary start."""
        return self._time

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        with self._lock:
            self._time += seconds


@dataclass
class Report:
    """What was run and what failed.

    ``until`` is the time at which to stop, ``again`` the options that repeat what runs.
    """

    seed: int
    until: float
    again: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def over(self) -> bool:
        """Return whether the time is up."""
        return time.monotonic() >= self.until

    def fail(self, text: str) -> None:
        """Record a failure, and show it at once."""
        self.failures.append(text)
        print(f"FAILED {self.again}: {text}", flush=True)


def _gated(connection: Connection, gate: Gate | None, sent: Counter[str]) -> Connection:
    """Let each request of a connection pass through a gate, and count its operations by their names."""
    exchanges = connection.transport.exchanges
    send = exchanges.send

    def gated(request: Any, *args: Any) -> Any:
        sent[request.operation.name] += 1
        with gate() if gate is not None else nullcontext():
            return send(request, *args)

    exchanges.send = gated  # type: ignore[method-assign, assignment]
    return connection


class Bench:
    """A simulator and the modules. ``params`` of a run are options as a playbook has them."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.sent: Counter[str] = Counter()
        """Operations of the provider of the last run -> how often it sent them."""
        self._known: set[str] = set()

    def reset(self, users: int = 4, **options: Any) -> None:
        """Begin with fresh directories of the same people, without faults."""
        self.simulator.reset(seed_users=users, **options)
        self._known = set()

    def know(self, provider: str) -> None:
        """Remember the identities in a directory as known ones: views distinguish them from new ones until the next
        reset."""
        self._known = ids_of(self.simulator.state(provider))

    def run(
        self,
        module: str,
        params: Mapping[str, Any],
        *,
        check: bool = False,
        timeout: float = 60,
        gate: Gate | None = None,
    ) -> Result:
        """Run a module as its front end does, with a connection of its own; return its result.

        ``gate`` surrounds each request. ``timeout`` is in seconds, more than any answer takes that comes at all.
        """
        task: Task = importlib.import_module(_MODULES + module).TASK
        given = copy.deepcopy(dict(params))
        findings = task.check(given)
        if findings.problems:
            return refused(task, findings.problems, given, self.simulator.env)
        validation = validate(task.options, task.rules, given)
        if validation.error_messages:
            return refused(task, [], given, self.simulator.env)
        settled = validation.validated_parameters
        problems = task.settle(settled, given, self.simulator.env)
        if problems:
            return refused(task, [], given, self.simulator.env)
        settled["api_timeout"] = min(timeout, settled["api_timeout"])
        pool = ConnectionPool()
        sent: Counter[str] = Counter()
        self.sent = sent
        pool.get = lambda task, params, masker: _gated(task.connect(params, masker, Clock()), gate, sent)  # type: ignore[method-assign, call-arg]
        return run_task(task, settled, check, True, pool, "/nonexistent")

    def view(self, provider: str, *more: str) -> Any:
        """Return what a directory holds, with more parts of its state, in a form that two runs can be compared by."""
        return view_of(provider, self.simulator.state(provider), self._known, more)


def wrong(result: Result) -> str:
    """Return what is wrong with the form of a result: a failure needs a code and errors, and must be a foreseen one."""
    if not result.get("failed"):
        return ""
    codes = [result.get("code"), *(error.get("code") for error in result.get("errors") or ())]
    if "unexpected" in codes:
        return f"an unexpected failure: {result.get('msg')}"
    if not result.get("code") or not result.get("errors") or not result.get("msg"):
        return f"a failure without code, errors or message: {result.get('msg')}"
    return ""
