# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin: values of a user that depend on other objects: the group, and the name or address that nobody else has.

Without these checks, only the real run would fail. They look at values that differ from those of the account.
"""

from __future__ import annotations

import typing as t

from ..._core.errors import Problem
from ..._core.names import fold
from ..._core.plan.model import Account, Desired

if t.TYPE_CHECKING:
    from .users import Users

Holders = dict[str, list[tuple[str, str]]]
"""Folded user name or address -> id and natural key of the users who have it."""
_LISTED = 10
"""The number of groups that a message lists."""


def _written(directory: Users, desired: Desired, account: Account | None, name: str) -> str:
    """Return the value of a field that the task writes, empty if it writes none."""
    value = desired.fields.get(name)
    if value in (None, "") or (
        account is not None and directory.schema.field(name).equal(value, account.values.get(name))
    ):
        return ""
    return str(value).strip()


def group_problem(directory: Users, desired: Desired, account: Account | None) -> list[Problem]:
    """Return the problem of a group that does not exist, as far as these credentials may read the groups."""
    identity = _written(directory, desired, account, "group_id")
    groups = directory.connection.groups() if identity else None
    if groups is None or identity in groups:
        return []
    listed = [f"{known} ({name})" for known, name in list(groups.items())[:_LISTED]]
    instead = f"Use one of: {', '.join(listed)}." if listed else "There are no groups: create one in OneLogin first."
    if len(groups) > _LISTED:
        instead = f"{instead} onelogin_role_info lists all {len(groups)}."
    text = f"group_id: there is no group with id {identity}. {instead}"
    return [desired.problem(text, "unknown_group", "group_id")]


def holders_of(accounts: t.Iterable[Account], key: str) -> Holders:
    """Return users by their folded user name or address, whichever is not the natural key."""
    other, holders = _other(key), Holders()
    for account in accounts:
        value = account.values.get(other)
        if value:
            holders.setdefault(fold(str(value)), []).append((account.id, account.key))
    return holders


def _searched(directory: Users, value: str) -> list[tuple[str, str]]:
    """Return the users with a name or address. A value that the server's filter would read as a pattern finds none."""
    if "*" in value or value.startswith("!"):
        return []
    key = directory.schema.key
    rows = directory.connection.rows("list_users", "users", {_other(key): value})
    return holders_of((directory.account(row, ()) for row in rows), key).get(fold(value), [])


def search_holders(directory: Users, users: t.Sequence[tuple[Desired, Account | None]]) -> None:
    """Search for the users who have the names or addresses that a task writes, concurrently."""
    other = _other(directory.schema.key)
    written = [_written(directory, user, account, other) for user, account in users if user.state == "present"]
    values = [value for value in dict.fromkeys(written) if value]
    matches = directory.concurrently(lambda value: _searched(directory, value), values)
    directory.searched.update(zip(map(fold, values), matches, strict=True))


def holder_problem(directory: Users, desired: Desired, account: Account | None) -> list[Problem]:
    """Return the problem of a user name or address that another user has. The natural key is checked elsewhere.

    The list of all users needs no call if it was read.
    """
    other = _other(directory.schema.key)
    value = _written(directory, desired, account, other)
    if not value:
        return []
    holders = directory.searched if directory.holders is None else directory.holders
    if directory.holders is None and fold(value) not in holders:
        search_holders(directory, [(desired, account)])
    own = account.id if account is not None else ""
    for identity, name in holders.get(fold(value), ()):
        if identity != own and fold(name) != fold(desired.key):
            text = (
                f"{other}: {value!r} cannot be used: the user {name} (id {identity}) already has it. Correct it, or "
                "change that user in an earlier task."
            )
            return [desired.problem(text, "duplicate_user", other)]
    return []


def claim_problem(directory: Users, desired: Desired, account: Account | None) -> list[Problem]:
    """Return the problem of a user name or address that this task also gives to another user."""
    other = _other(directory.schema.key)
    value = _written(directory, desired, account, other)
    if not value:
        return []
    first = directory.claims.setdefault(fold(value), desired)
    if fold(first.name) == fold(desired.name):
        return []
    text = f"{other}: {value!r} would also be that of {first.place}. Keep one of them."
    return [desired.problem(text, "duplicate_user", other)]


def _other(key: str) -> str:
    return "email" if key == "username" else "username"
