# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra EE: what the documents of users do not show: roles of groups, administrator roles, and tokens.

Group bindings take one list for each tenant, roles one call for each role that is granted, tokens one call for each
account.
"""

from __future__ import annotations

import collections
import typing as t

from ..._core.errors import ApiError, UnreadableAnswer
from ..._core.http.paging import settled
from ..._core.plan.model import Account, Value
from ..._core.run.tokens import TokenInfo
from .accounts import ServiceAccounts
from .bindings import tenant_of
from .tokens import USER_TOKENS, Family, Tokens, moment_text
from .users import Users

_ADMINISTERS = ("BINDING", "ROLE", "GROUP", "USER", "TENANT_ACCESS", "SERVICE_ACCOUNT", "IMPERSONATE")
"""Resources whose permissions control access."""
_READS = ("VIEW", "LIST", "READ")
_HIDDEN = (400, 403, 404, 405)
"""Statuses of a missing object, of one that the credentials may not read, and of a server without the call."""


def group_roles(users: Users, accounts: t.Sequence[Account]) -> dict[str, list[str]]:
    """Return key of a group -> keys of the roles that bindings grant its members.

    Only tenants in which a user is in a group are read.
    """
    tenants = {tenant_of(key) for account in accounts for key in account.facets.get("groups", ())}
    role_keys: collections.defaultdict[str, dict[str, None]] = collections.defaultdict(dict)
    for tenant in sorted(tenants):
        for row in users.connection.rows("search_bindings", "bindings", {"tenant": tenant}, {"type": "GROUP"}).rows:
            group, role = row.get("group"), row.get("role")
            if row.get("type") == "USER" or (row.get("user") and not group):
                continue
            if not isinstance(group, dict) or not group.get("id") or not isinstance(role, dict) or not role.get("id"):
                raise UnreadableAnswer(
                    f"The list of bindings of tenant {tenant} has a row without a group or a role (binding "
                    f"{row.get('id')}).",
                    "The permissions of that group's members are unknown. Check or delete this binding in Kestra.",
                )
            role_keys[f"{tenant}/{group['id']}"][f"{tenant}/{role['id']}/{row.get('namespace') or ''}"] = None
    return {key: list(roles) for key, roles in role_keys.items()}


def admin_roles(users: Users, keys: t.Iterable[str]) -> dict[str, bool | None]:
    """Return key of a role -> whether its holders can change access; None if the role cannot be read."""
    role_of = {key: tuple(key.split("/", 2)[:2]) for key in keys}
    roles = sorted(set(role_of.values()))
    known = dict(zip(roles, users.concurrently(lambda role: _administers(users, *role), roles), strict=True))
    return {key: known[role] for key, role in role_of.items()}


def _administers(users: Users, tenant: str, identity: str) -> bool | None:
    try:
        answer = users.connection.call(
            "get_role", {"tenant": tenant, "id": identity}, subject=f"{identity} of tenant {tenant}"
        )
    except ApiError as error:
        if error.status not in _HIDDEN:
            raise
        return None
    permissions = None if answer.absent else answer.json_object.get("permissions")
    return (
        None
        if permissions is None
        else any(name in _ADMINISTERS and set(actions) - set(_READS) for name, actions in _pairs(permissions))
    )


def _pairs(permissions: Value) -> list[tuple[str, list[str]]]:
    """Return resources with their actions, from the mapping of all versions or a list of ``{resource, actions}``."""
    if isinstance(permissions, dict):
        items = list(permissions.items())
    else:
        items = [
            (permission.get("resource"), permission.get("actions"))
            for permission in permissions or ()
            if isinstance(permission, dict)
        ]
    return [(str(name), [str(action) for action in actions or ()]) for name, actions in items]


def _expiry(token: TokenInfo) -> str | None:
    """Return when a token expires: a time, ``never``, or None if its row does not show it in a readable form."""
    if token.expires is None:
        return None if "expires" in token.doubt else "never"
    return moment_text(token.expires)


def service_accounts(users: Users) -> list[Account]:
    """Return the service accounts of the instance with tenants and roles.

    The list is empty if the credentials may not list them.
    """
    directory = ServiceAccounts(users.connection)
    directory.many = True  # the list of each tenant contains their bindings
    try:
        accounts = settled(directory.listing).accounts
    except ApiError as error:
        if error.status not in _HIDDEN:
            raise
        return []
    directory.load_many(accounts, ("tenants", "roles"))
    return accounts


def tokens_of(
    users: Users, accounts: t.Sequence[Account], family: Family = USER_TOKENS
) -> dict[str, tuple[tuple[str, str | None], ...]]:
    """Return id of an account -> name and expiry of each valid token.

    Accounts whose tokens the credentials may not read are missing.
    """

    def read(account: Account) -> tuple[tuple[str, str | None], ...] | None:
        try:
            tokens = Tokens(users.connection, family, account).tokens()
        except ApiError as error:
            if error.status not in _HIDDEN:
                raise
            return None
        expiries = [(token.name or token.id, _expiry(token)) for token in tokens if not token.expired]
        return tuple(sorted(expiries, key=lambda pair: (pair[0], pair[1] or "")))

    token_rows = users.concurrently(read, accounts, "accounts whose tokens were read")
    return {account.id: tokens for account, tokens in zip(accounts, token_rows, strict=True) if tokens is not None}
