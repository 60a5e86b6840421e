# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs modules in this process against the simulator, with a clock that nobody waits for, and compares what the directories hold."""

from __future__ import annotations

import copy
import importlib
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.rollcall.identity.plugins.module_utils._core.provider import Connection
from ansible_collections.rollcall.identity.plugins.module_utils._core.task import ConnectionPool, Task, refusal, run_task
from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import validate
from simulator.harness import Simulator

PROVIDERS = ("nextauth", "sendauth", "kestra", "contabo", "onelogin")
_MODULES = "ansible_collections.rollcall.identity.plugins.modules."
Result = dict[str, Any]
Gate = Callable[[], AbstractContextManager[None]]

# What the state of a directory is judged by, and what differs from run to run.
_PARTS = {
    "onelogin": ("users",),
    "kestra": ("users", "service_accounts", "bindings", "tokens"),
    "nextauth": ("users", "apikeys"),
    "contabo": ("users",),
    "sendauth": ("users", "deleted_users"),
}
_VOLATILE = frozenset({
    "id", "userId", "updated_at", "created_at", "activated_at", "last_login", "invalid_login_attempts", "logouts",
    "password", "sessions", "prefix", "iat", "exp", "sha256_prefix", "owner", "created", "lastlogin",
    "lastprovoke", "apikey_sha256", "createdAt", "updatedAt", "deletedAt", "lastAuthenticated", "locked_until",
    "role_ids", "expired", "lastUsed", "password_changed_at",
})


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


def _plain(value: Any, name: str = "") -> Any:
    """Return a part of a state without what differs from run to run, and its lists in a fixed order."""
    if isinstance(value, dict):
        dropped = _VOLATILE | ({"bindings"} if "username" in value or "superAdmin" in value else frozenset())
        dropped |= {"role"} if "userid" in value or "apikey_sha256" in value else frozenset()
        return {key: _plain(item, key) for key, item in value.items() if key not in dropped}
    if isinstance(value, list):
        return sorted((_plain(item, name) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


@dataclass
class Report:
    """What was run and what failed. ``until`` is the time at which to stop, ``again`` the options that repeat what runs."""

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


def _gated(connection: Connection, gate: Gate | None) -> Connection:
    """Let each request of a connection pass through a gate."""
    exchanges = connection.transport.exchanges
    send = exchanges.send

    def gated(*args: Any) -> Any:
        with gate() if gate is not None else nullcontext():
            return send(*args)

    exchanges.send = gated  # type: ignore[method-assign]
    return connection


class Bench:
    """A simulator and the modules. ``params`` of a run are options as a playbook has them."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    def reset(self, users: int = 4, **options: Any) -> None:
        """Begin with fresh directories of the same people, without faults."""
        self.simulator.reset(seed_users=users, **options)

    def run(self, module: str, params: Mapping[str, Any], *, check: bool = False, timeout: float = 5, gate: Gate | None = None) -> Result:
        """Run a module as its front end does, with a connection of its own; return its result. ``gate`` surrounds each request."""
        task: Task = importlib.import_module(_MODULES + module).TASK
        given = copy.deepcopy(dict(params))
        findings = task.check(given)
        if findings.problems:
            return refusal(task, findings.problems, given)
        validation = validate(task.options, task.rules, given)
        if validation.error_messages:
            return {"failed": True, "changed": False, "msg": " ".join(validation.error_messages), "code": "arguments", "errors": [{}]}
        settled = validation.validated_parameters
        problems = task.settle(settled, given, self.simulator.env)
        if problems:
            return refusal(task, problems, given)
        settled["api_timeout"] = min(timeout, settled["api_timeout"])
        pool = ConnectionPool()
        pool.get = lambda task, params, masker: _gated(task.connect(params, masker, Clock()), gate)  # type: ignore[method-assign, call-arg]
        return run_task(task, settled, check, True, pool, "/nonexistent")

    def view(self, provider: str) -> Any:
        """Return what a directory holds, in a form that two runs can be compared by."""
        state = self.simulator.state(provider)
        return {part: _plain(state[part]) for part in _PARTS[provider]}


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


def difference(first: Any, second: Any, place: str = "") -> str:
    """Return where two states differ first, in short."""
    if isinstance(first, dict) and isinstance(second, dict):
        for key in sorted({*first, *second}):
            if first.get(key) != second.get(key):
                return difference(first.get(key), second.get(key), f"{place}.{key}")
    if isinstance(first, list) and isinstance(second, list):
        less = [item for item in first if item not in second]
        more = [item for item in second if item not in first]
        if len(less) == len(more) == 1:
            return difference(less[0], more[0], f"{place}[]")
        return f"{place}: without {json.dumps(less)[:200]}, with {json.dumps(more)[:200]}, {len(first)} and {len(second)} entries"
    return f"{place}: {json.dumps(first)[:150]} and {json.dumps(second)[:150]}"
