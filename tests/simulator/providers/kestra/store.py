# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of the Kestra instance: principals, tenants, groups, roles, bindings, tokens.

Changes keep the lists right.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from . import rows
from .indexes import Indexes, Row


def opaque(text: str, length: int = 22) -> str:
    """A generated-looking id, always the same for one text."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest(), b"Zz")[:length].decode()


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@dataclass
class Principal:
    """A user, or a service account (``service``): to Kestra both are users of a type.

    ``groups`` maps a group id to MEMBER or OWNER; ``tenants`` are the ids of the tenants with access.
    """

    id: str
    service: bool = False
    email: str = ""
    first: str | None = None
    last: str | None = None
    name: str = ""
    description: str | None = None
    super_admin: bool = False
    restricted: bool = False
    password: str | None = None
    auths: list[dict[str, str]] = field(default_factory=list)
    tenants: dict[str, None] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    sessions: int = 0
    # Moments of failed logins, and until when logins are refused.
    failures: list[float] = field(default_factory=list)
    locked_until: float = 0.0
    # (moment, group id, membership before): the latest membership calls, for the race between parallel ones.
    membership_calls: list[tuple[float, str, str | None]] = field(default_factory=list)
    # Names of the indexes in which this principal has a row.
    indexed: set[str] = field(default_factory=set)

    @property
    def display_name(self) -> str:
        return self.name if self.service else " ".join(part for part in (self.first, self.last) if part) or self.email

    @property
    def username(self) -> str:
        return self.name if self.service else self.email


@dataclass
class Tenant:
    id: str
    name: str
    namespaces: list[str] = field(default_factory=list)


@dataclass
class Group:
    id: str
    tenant: str
    name: str
    description: str | None = None
    members: dict[str, None] = field(default_factory=dict)


@dataclass
class Role:
    """``permissions`` maps a resource to the actions of 2.0."""

    id: str
    tenant: str
    name: str
    description: str | None = None
    permissions: dict[str, list[str]] = field(default_factory=dict)
    is_default: bool = False
    is_managed: bool = False


@dataclass
class Binding:
    id: str
    tenant: str
    type: str
    external_id: str
    role_id: str
    namespace: str | None = None


@dataclass
class ApiToken:
    """``hash`` is the SHA-256 value of the full token; ``max_age`` None never expires."""

    id: str
    owner: str
    name: str
    prefix: str
    hash: str
    issued: float
    description: str | None = None
    max_age: float | None = None
    expires: float | None = None
    extended: bool = False
    last_used: float | None = None


class Store:
    def __init__(self, indexes: Indexes) -> None:
        self.indexes = indexes
        self.principals: dict[str, Principal] = {}
        self.by_email: dict[str, str] = {}
        self.tenants: dict[str, Tenant] = {}
        self.groups: dict[str, Group] = {}
        self.roles: dict[str, Role] = {}
        self.bindings: dict[str, Binding] = {}
        self.bindings_of: dict[str, dict[str, None]] = {}
        self.tokens: dict[str, ApiToken] = {}
        self.by_hash: dict[str, str] = {}
        # Impersonation cookie -> (principal id, end, CSRF token).
        self.cookies: dict[str, tuple[str, float, str]] = {}
        self._count = 0

    def new_id(self, kind: str) -> str:
        self._count += 1
        return opaque(f"{kind} {self._count}")

    # Principals ------------------------------------------------------------------------------------------------

    def user(self, user_id: str) -> Principal | None:
        principal = self.principals.get(user_id)
        return None if principal is None or principal.service else principal

    def account(self, account_id: str) -> Principal | None:
        principal = self.principals.get(account_id)
        return principal if principal is not None and principal.service else None

    def user_by_email(self, email: str) -> Principal | None:
        return self.principals.get(self.by_email.get(email.casefold(), ""))

    def add(self, principal: Principal) -> None:
        self.principals[principal.id] = principal
        if not principal.service:
            self.by_email[principal.email.casefold()] = principal.id
        for group_id in principal.groups:
            self.groups[group_id].members[principal.id] = None
        self.reindex(principal)

    def save(self, principal: Principal) -> None:
        """Add a new principal; bring the rows of a known one up to date."""
        if principal.id in self.principals:
            self.reindex(principal)
        else:
            self.add(principal)

    def set_email(self, principal: Principal, email: str) -> None:
        self.by_email.pop(principal.email.casefold(), None)
        principal.email = email
        self.by_email[email.casefold()] = principal.id

    def remove(self, principal: Principal) -> None:
        """A principal goes with all that it has: bindings, memberships, tokens."""
        for binding_id in list(self.bindings_of.get(principal.id, ())):
            self.remove_binding(self.bindings[binding_id])
        for group_id in principal.groups:
            self.groups[group_id].members.pop(principal.id, None)
        for token in self.tokens_of(principal.id):
            self.remove_token(token)
        self.by_email.pop(principal.email.casefold(), None)
        del self.principals[principal.id]
        for name in principal.indexed:
            self.indexes.change(name, principal.id, None)

    def set_password(self, principal: Principal, password: str) -> None:
        principal.password = digest(password)
        if not any(auth["type"] == "BASIC_AUTH" for auth in principal.auths):
            principal.auths.append({"id": self.new_id("auth"), "name": principal.email, "type": "BASIC_AUTH"})

    def reindex(self, principal: Principal) -> None:
        """Bring the rows of a principal up to date in every list that shows it."""
        requested: dict[str, Row] = {}
        if principal.service:
            requested["accounts"] = rows.account(self, principal)
        else:
            requested["users"] = rows.user(self, principal)
        for tenant_id in principal.tenants:
            requested[f"{'accounts' if principal.service else 'access'} {tenant_id}"] = rows.access(
                self, principal, tenant_id
            )
        for group_id in principal.groups:
            requested[f"members {group_id}"] = rows.member(self, principal, self.groups[group_id])
        for name, row in requested.items():
            self.indexes.change(name, principal.id, row)
        for name in principal.indexed.difference(requested):
            self.indexes.change(name, principal.id, None)
        principal.indexed = set(requested)
        self._reindex_bindings(principal.id)

    # Tenants and access ----------------------------------------------------------------------------------------

    def add_tenant(self, tenant: Tenant) -> None:
        self.tenants[tenant.id] = tenant
        self.indexes.change("tenants", tenant.id, rows.tenant(tenant))

    def take_access(self, principal: Principal, tenant_id: str) -> None:
        """Take a tenant away, and with it the memberships and bindings there."""
        principal.tenants.pop(tenant_id, None)
        for group_id in [item for item in principal.groups if self.groups[item].tenant == tenant_id]:
            self._leave(principal, group_id)
        for binding_id in list(self.bindings_of.get(principal.id, ())):
            if self.bindings[binding_id].tenant == tenant_id:
                self.remove_binding(self.bindings[binding_id])

    def groups_in(self, principal: Principal, tenant_id: str) -> list[str]:
        return [group_id for group_id in principal.groups if self.groups[group_id].tenant == tenant_id]

    # Groups ----------------------------------------------------------------------------------------------------

    def add_group(self, group: Group) -> None:
        self.groups[group.id] = group
        self.reindex_group(group)

    def reindex_group(self, group: Group) -> None:
        self.indexes.change(f"groups {group.tenant}", group.id, rows.group(group))
        for user_id in group.members:
            self.reindex(self.principals[user_id])
        self._reindex_bindings(group.id)

    def group_named(self, tenant_id: str, name: str) -> Group | None:
        return next((item for item in self.groups.values() if item.tenant == tenant_id and item.name == name), None)

    def remove_group(self, group: Group) -> list[Principal]:
        """Take a group away; returns those who were in it."""
        for binding_id in list(self.bindings_of.get(group.id, ())):
            self.remove_binding(self.bindings[binding_id])
        members = [self.principals[user_id] for user_id in group.members]
        for principal in members:
            self._leave(principal, group.id)
        del self.groups[group.id]
        self.indexes.change(f"groups {group.tenant}", group.id, None)
        return members

    def join(self, principal: Principal, group_id: str, membership: str = "MEMBER") -> None:
        principal.groups[group_id] = membership
        self.groups[group_id].members[principal.id] = None

    def _leave(self, principal: Principal, group_id: str) -> None:
        principal.groups.pop(group_id, None)
        self.groups[group_id].members.pop(principal.id, None)

    def leave(self, principal: Principal, group_id: str, revokes: bool) -> None:
        """Take a membership away; ``revokes``: the last one in a tenant takes the access to the tenant along."""
        tenant_id = self.groups[group_id].tenant
        self._leave(principal, group_id)
        if revokes and not self.groups_in(principal, tenant_id):
            self.take_access(principal, tenant_id)

    # Roles and bindings ----------------------------------------------------------------------------------------

    def add_role(self, role: Role) -> None:
        self.roles[role.id] = role
        self.indexes.change(f"roles {role.tenant}", role.id, rows.role(role))

    def add_binding(self, binding: Binding) -> None:
        self.bindings[binding.id] = binding
        self.bindings_of.setdefault(binding.external_id, {})[binding.id] = None
        self.indexes.change(f"bindings {binding.tenant}", binding.id, rows.binding(self, binding))

    def remove_binding(self, binding: Binding) -> None:
        del self.bindings[binding.id]
        self.bindings_of[binding.external_id].pop(binding.id, None)
        self.indexes.change(f"bindings {binding.tenant}", binding.id, None)

    def _reindex_bindings(self, external_id: str) -> None:
        for binding_id in self.bindings_of.get(external_id, ()):
            binding = self.bindings[binding_id]
            self.indexes.change(f"bindings {binding.tenant}", binding.id, rows.binding(self, binding))

    def assignments(self, principal: Principal, tenant_id: str) -> Iterable[tuple[Binding, Role]]:
        """The bindings of a principal in a tenant, its own and those of its groups."""
        for external_id in (principal.id, *principal.groups):
            for binding_id in self.bindings_of.get(external_id, ()):
                binding = self.bindings[binding_id]
                if binding.tenant == tenant_id:
                    yield binding, self.roles[binding.role_id]

    # Tokens ----------------------------------------------------------------------------------------------------

    def add_token(self, token: ApiToken) -> None:
        self.tokens[token.id] = token
        self.by_hash[token.hash] = token.id

    def remove_token(self, token: ApiToken) -> None:
        del self.tokens[token.id]
        self.by_hash.pop(token.hash, None)

    def tokens_of(self, owner: str) -> list[ApiToken]:
        return [token for token in self.tokens.values() if token.owner == owner]

    def token_by_value(self, value: str) -> ApiToken | None:
        return self.tokens.get(self.by_hash.get(digest(value), ""))


def state_of(store: Store, principal: Principal, now: float) -> dict[str, Any]:
    """A principal with what the API does not show: traces of the password, sessions, locks, its own bindings."""
    value: dict[str, Any] = {"id": principal.id, "superAdmin": principal.super_admin}
    if principal.service:
        value.update(name=principal.name, description=principal.description)
    else:
        value.update(
            username=principal.email,
            email=principal.email,
            firstName=principal.first,
            lastName=principal.last,
            displayName=principal.display_name,
            restricted=principal.restricted,
        )
        value.update(
            password={"sha256": principal.password} if principal.password else None,
            auths=principal.auths,
            sessions=principal.sessions,
        )
        value["locked"] = principal.locked_until > now
    value["tenants"] = sorted(principal.tenants)
    value["groups"] = [
        {
            "id": group_id,
            "tenant": store.groups[group_id].tenant,
            "name": store.groups[group_id].name,
            "membership": membership,
        }
        for group_id, membership in principal.groups.items()
    ]
    value["bindings"] = list(store.bindings_of.get(principal.id, ()))
    return value
