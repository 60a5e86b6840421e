# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM 2.0: the tasks of its modules."""

from __future__ import annotations

import re
import typing as t

from ..._core.errors import InputError, Notice
from ..._core.http.paging import settled
from ..._core.plan.model import Account
from ..._core.run.connection import Connection
from ..._core.run.options import Params
from ..._core.run.recipes import Binding, facet_task, info_task, user_task, users_task
from ..._core.run.report import Result
from ..._core.run.role_info import Entry, member, role_info_task
from .connection import ALTERNATIVES, OPTIONS, Scim
from .groups import memberships
from .shapes import USER_KEYS, users_schema
from .users import Users


def _directory(connection: Connection, params: Params) -> Users:
    takes_unlisted = params.get("unlisted") in ("disable", "delete")
    return Users(t.cast(Scim, connection), params.get("user_key") or "userName", takes_unlisted)


BINDING = Binding(
    connect=Scim,
    options=OPTIONS,
    schema=users_schema(),
    directory=_directory,
    alternatives=ALTERNATIVES,
    more={"user_key": {"type": "str", "choices": list(USER_KEYS), "default": "userName"}},
)

USER = user_task(BINDING)
USERS = users_task(BINDING)
USER_ATTRIBUTES = facet_task(BINDING, "attributes")
USER_GROUPS = facet_task(BINDING, "groups")


def _list(users: Users, filters: t.Mapping[str, t.Any]) -> list[Account]:
    """Return all users, or those that match a filter of RFC 7644, 3.4.2.2."""
    expression = filters.get("expression")
    if expression and not users.connection.supports("filter"):
        text = "filters.expression: this server does not support filters."
        raise InputError(text, "Remove it.", "no_effect", "filters.expression")
    return users.search({"filter": expression} if expression else {}).accounts


def _note_groups(users: Users) -> None:
    """Warn if the server has no groups at all."""
    reason = users.connection.without_groups()
    if reason:
        users.notices.append(Notice("no_groups", f"There are no groups: {reason}."))


def _more(users: Users, params: Params) -> Result:
    """Return nothing more. Warn if groups should be gathered and the server has none."""
    if "groups" in params["gather"]:
        _note_groups(users)
    return {}


USER_INFO = info_task(
    BINDING, ("groups", "attributes"), (), {"expression": {"type": "str"}}, _list, more=_more
)


def _groups(users: Users, needs_members: t.Callable[[Entry], bool]) -> list[Entry]:
    """Return the groups, with members from the list of users."""
    rows = settled(lambda: users.connection.rows("groups", {"excludedAttributes": "members"})).rows
    _note_groups(users)
    entries = [_entry(row) for row in rows]
    chosen = list(filter(needs_members, entries))
    accounts = settled(users.listing).accounts if chosen else []
    groups = memberships(users, accounts) if chosen else {}
    for entry in chosen:
        entry["members"] = [member(account) for account in accounts if entry["id"] in groups[account.id]]
    return entries


def _entry(row: t.Mapping[str, t.Any]) -> Entry:
    """Return the result of a group: id, name, external id, and what else the server reports, in snake_case."""
    rest = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): value for name, value in row.items() if name.isalnum()}
    for name in ("schemas", "meta", "members", "display_name"):
        rest.pop(name, None)
    name, external = str(row.get("displayName") or ""), row.get("externalId")
    return {**rest, "id": str(row["id"]), "name": name, "external_id": external}


ROLE_INFO = role_info_task(BINDING, {"groups": _groups})
