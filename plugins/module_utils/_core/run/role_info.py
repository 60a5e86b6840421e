# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The recipe of ``<provider>_role_info``: what can be granted (roles, groups, permissions, tenants), and who has it."""

from __future__ import annotations

import typing as t

from ..errors import InputError, Problem
from ..names import fold
from ..plan.model import Account
from .connection import Connection
from .options import Spec
from .recipes import Binding
from .report import Context, Result
from .rules import NAME
from .run import gather, pass_notices
from .task import Task

Entry = dict[str, t.Any]
Lister = t.Callable[[t.Any, t.Callable[[Entry], bool]], list[Entry]]
"""``(directory, needs_members) -> entries``: all objects of one kind, each with at least ``id`` and ``name``.

Ids are texts. The other fields of an entry are those that the API reports, in snake_case. ``members`` is a list of
``{id, user}``, null in the result if an entry lacks it. ``needs_members`` returns whether to read those of an entry.
"""


def role_info_task(binding: Binding, kinds: t.Mapping[str, Lister]) -> Task:
    """Return the task of ``<provider>_role_info``.

    ``kinds`` are the lists of the result, by name, each with the function that reads it.
    """
    options: Spec = {
        **binding.more,
        "kinds": {"type": "list", "elements": "str", "choices": list(kinds), "default": list(kinds)},
        "name": {"type": "str"},
        "members": {"type": "bool", "default": False},
    }

    def run(context: Context, connection: Connection) -> Result:
        params = context.params
        if not params["kinds"]:
            raise InputError(Problem("kinds is empty. Remove it to list everything.", "blank_value", option="kinds"))
        directory = binding.directory(connection, params)
        directory.progress = context.progress

        def is_wanted(entry: Entry) -> bool:
            """Return whether an entry is in the result: ``name`` is exact, without case, and optional."""
            return params.get("name") is None or fold(str(entry["name"])) == fold(params["name"])

        def needs_members(entry: Entry) -> bool:
            return params["members"] and is_wanted(entry)

        def collect() -> Result:
            return {
                kind: _shown(filter(is_wanted, read(directory, needs_members)))
                for kind, read in kinds.items()
                if kind in params["kinds"]
            }

        result = gather(context, connection, collect, bulk=params["members"])
        pass_notices(context, directory)
        return result

    return binding.task(options, run, kinds={"name": NAME})


def member(account: Account) -> Entry:
    """Return an account as one of the members of an entry."""
    return {"id": account.id, "user": account.key}


def _shown(entries: t.Iterable[Entry]) -> list[Entry]:
    shown = [{**entry, "members": entry.get("members")} for entry in entries]
    return sorted(shown, key=lambda entry: (fold(str(entry["name"])), str(entry["id"])))
