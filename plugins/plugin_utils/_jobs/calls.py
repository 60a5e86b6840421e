# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the providers' modules in this process: the calls of one connection in sequence, several connections in
parallel."""

from __future__ import annotations

import functools
import typing as t
from dataclasses import dataclass

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Notice
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.task import ConnectionPool, Task, run_task

from .life import Life, life_of
from .session import (
    OWN_CREDENTIALS,
    Entry,
    Frame,
    at_once,
    attempt,
    declared,
    doubtful_names,
    has_own,
    masker_of,
    named_notice,
    revealed_key,
    settled_params,
    variables_of,
)

Answer = dict[str, t.Any]
"""The result of a module. A failure has ``failed``, ``msg`` and ``code``."""


@dataclass
class ModuleCall:
    """A call of a module: its name without the provider's prefix, and the options that the connection does not
    specify."""

    connection: str
    module: str
    options: dict[str, t.Any]


class Caller:
    """Runs modules with the options of connections. All calls of one connection share a login.

    ``changed`` is whether a module has changed something. ``notices`` are the warnings of all modules. ``masker`` hides
    the secrets of all connections. With ``remembers``, a call that specifies an account by its id uses the account as
    earlier calls read or wrote it. Info modules always read the account.
    """

    def __init__(self, connections: t.Mapping[str, Entry], frame: Frame, remembers: bool = False) -> None:
        self._connections, self._frame = connections, frame
        self._pools = {name: ConnectionPool(remembers) for name in connections}
        self.masker = masker_of(connections, frame.defaults)
        self.changed = False
        self.notices: list[Notice] = []

    def directories(self, names: t.Iterable[str], revealed: bool = False) -> dict[str, str]:
        """Return a key of the directory for each connection: connections to the same directory have the same key.

        With ``revealed``, the method asks the API where the credentials alone do not identify the directory. Otherwise
        it sends nothing. Connections with wrong options are left out; they are reported later.
        """
        common: dict[str, str] = {}
        known: dict[str, tuple[Life, dict[str, t.Any]]] = {}
        tasks: dict[str, Task] = {}
        for name in names:
            life = life_of(self._connections[name]["provider"])
            ready, _error = attempt(functools.partial(self._ready, ModuleCall(name, "user_info", {})))
            if ready is not None:
                tasks[name], params = ready
                known[name] = (life, params)
                common[name] = f"{life.provider}\0{life.directory(params)}"

        def reveal(name: str) -> str | None:
            life, params = known[name]
            return life.reveals(self._pools[name].get(tasks[name], params, self.masker))

        for name in doubtful_names(known) if revealed else ():
            shown, _error = attempt(functools.partial(reveal, name))
            life, params = known[name]
            common[name] = f"{life.provider}\0{revealed_key(params, shown) or life.directory(params)}"
        return common

    def answers(self, calls: t.Sequence[ModuleCall]) -> list[Answer]:
        """Return the results of the calls, in their order."""
        ready = [attempt(functools.partial(self._ready, call)) for call in calls]
        by_connection: dict[str, list[int]] = {}
        for number, call in enumerate(calls):
            by_connection.setdefault(call.connection, []).append(number)
        answers: list[Answer] = [{} for _call in calls]

        def work(numbers: list[int]) -> None:
            for number in numbers:
                task_and_params, error = ready[number]
                if task_and_params is not None:
                    # An unexpected error fails only this call.
                    answer, error = attempt(functools.partial(self._run, calls[number], *task_and_params))
                    answers[number] = answer or {}
                if error is not None:
                    answers[number] = {"failed": True, "msg": error.sentence(), "code": error.code}

        at_once(work, list(by_connection.values()))
        self.changed = self.changed or any(answer.get("changed") for answer in answers)
        for call, answer in zip(calls, answers, strict=True):
            self.notices += [
                named_notice(call.connection, detail, self.masker) for detail in answer.get("warning_details") or ()
            ]
        return [
            {**answer, "msg": self.masker.text(str(answer["msg"]))} if answer.get("msg") else answer
            for answer in answers
        ]

    def answer(self, call: ModuleCall) -> Answer:
        """Return the result of one call."""
        return self.answers([call])[0]

    def _ready(self, call: ModuleCall) -> tuple[Task, dict[str, t.Any]]:
        """Return the module and its parameters. Raises InputError if they are wrong. Not thread-safe."""
        entry = self._connections[call.connection]
        module = f"{entry['provider']}_{call.module}"
        task = declared(module)
        return task, settled_params(module, task, entry, call.options, self._frame)

    def _run(self, call: ModuleCall, task: Task, params: dict[str, t.Any]) -> Answer:
        frame, entry = self._frame, self._connections[call.connection]
        answer = run_task(
            task, params, frame.check, False, self._pools[call.connection], frame.folder, frame.show_line,
            variables_of(f"{entry['provider']}_{call.module}", task, entry, frame),
        )  # fmt: skip
        if answer.get("code") == "missing_credentials" and has_own(entry):
            answer["msg"] += OWN_CREDENTIALS
        return answer


def error_of(answer: Answer) -> str:
    """Return why a call failed, or an empty text if it succeeded."""
    return str(answer.get("msg") or "It failed.") if answer.get("failed") else ""
