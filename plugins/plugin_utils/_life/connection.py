# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a connection may say: options and credentials, as the modules of its provider declare them."""

from __future__ import annotations

import difflib
import importlib
import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.task import Task

from .life import life_of

Connection = t.Mapping[str, t.Any]

OURS = ("provider", "credentials")
"""Entries of a connection that are no options of the provider's modules."""
_MODULES = "ansible_collections.rollcall.identity.plugins.modules"


def declared(module: str) -> Task | None:
    """Return the task that a module of the collection declares; None where there is no such module."""
    try:
        found: Task = importlib.import_module(f"{_MODULES}.{module}").TASK
    except (ImportError, AttributeError):
        return None
    return found


def credentials_of(connection: Connection) -> dict[str, t.Any]:
    """Return the credentials that a connection gives. Those that are empty count as not given."""
    return {name: value for name, value in (connection.get("credentials") or {}).items() if value not in (None, "")}


def has_own(connection: Connection) -> bool:
    """Return whether a connection has credentials of its own, wherever it gives them."""
    given = {**connection, **credentials_of(connection)}
    return any(given.get(name) not in (None, "") for name in life_of(connection["provider"]).credentials)


def not_inherited(connection: Connection) -> list[str]:
    """Return the environment variables that do not count for a connection: where it has credentials of its own, all others.

    Half of each would be somebody else's, and so would the account. The address is the environment's where the connection gives none.
    """
    provider = connection["provider"]
    return [f"{provider}_{name}".upper() for name in (*life_of(provider).credentials, "expected_account")] if has_own(connection) else []


def option_problems(connection: Connection, place: str) -> list[str]:
    """Return a sentence for each option and credential that the modules of the provider do not have."""
    provider = connection["provider"]
    tasks = [task for task in (declared(f"{provider}_{noun}") for noun in ("user", "users")) if task is not None]
    options = {name for task in tasks for name in task.options}
    found = [f"{place}.{name} is no option of {provider}'s modules{_near(name, options)}" for name in connection if name not in options.union(OURS)]
    for name in connection.get("credentials") or {}:
        for_connections = {option for task in tasks for option in task.connection_options}
        if name not in for_connections:
            found.append(f"{place}.credentials.{name} is no connection option of {provider}'s modules{_near(name, for_connections)}")
    return found


def _near(name: t.Any, known: t.Collection[str]) -> str:
    near = difflib.get_close_matches(str(name).casefold(), sorted(known), 3)
    return f"; near names: {', '.join(near)}." if near else ". Correct it, or take it out."
