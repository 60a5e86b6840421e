# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The recipe of ``<provider>_role_info``: what can be granted (roles, groups, permissions, tenants), and who has it."""

from __future__ import annotations

import typing as t

from ..errors import InputError, Problem
from ..names import fold
from .connection import Connection
from .options import Params, Spec
from .recipes import Binding
from .report import Context, Result
from .rules import NAME
from .run import gather, pass_notices
from .task import Task

Entry = dict[str, t.Any]
Lister = t.Callable[[t.Any, Params, bool], list[Entry]]
"""``(directory, params, with_members) -> entries``: all objects of one kind, each with at least ``id`` and ``name``.

Ids are texts. The other fields of an entry are those that the API reports, in snake_case. ``members`` is a list of
``{id, user}``, null in the result if an entry lacks it. ``wants`` returns whether an entry needs members.
"""


def role_info_task(
    binding: Binding, kinds: t.Mapping[str, Lister], members: bool = False, more: Spec | None = None
) -> Task:
    """Return the task of ``<provider>_role_info``.

    ``kinds`` are the lists of the result, by name, each with the function that reads it. ``members`` is True if the API
    reports who has an entry, for at least one kind. ``more`` are further options, which the functions get in
    ``params``.
    """
    options: Spec = {
        **binding.more,
        "kinds": {"type": "list", "elements": "str", "choices": list(kinds), "default": list(kinds)},
        "name": {"type": "str"},
        **({"members": {"type": "bool", "default": False}} if members else {}),
        **(more or {}),
    }

    def run(context: Context, connection: Connection) -> Result:
        params = context.params
        if not params["kinds"]:
            raise InputError(Problem("kinds is empty. Remove it to list everything.", "blank_value", option="kinds"))
        directory = binding.directory(connection, params)
        directory.progress = context.progress
        with_members = bool(params.get("members"))

        def collect() -> Result:
            return {
                kind: _shown(read(directory, params, with_members), params)
                for kind, read in kinds.items()
                if kind in params["kinds"]
            }

        result = gather(context, connection, collect, bulk=with_members)
        pass_notices(context, directory)
        return result

    return binding.task(options, run, kinds={"name": NAME})


def wants(params: Params, name: t.Any) -> bool:
    """Return whether an entry with this name is in the result: ``name`` is exact, without case, and optional."""
    return params.get("name") is None or fold(str(name)) == fold(params["name"])


def _shown(entries: list[Entry], params: Params) -> list[Entry]:
    chosen = [{**entry, "members": entry.get("members")} for entry in entries if wants(params, entry["name"])]
    return sorted(chosen, key=lambda entry: (fold(str(entry["name"])), str(entry["id"])))
