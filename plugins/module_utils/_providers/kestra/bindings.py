# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra EE: the roles that bindings grant to users and service accounts, and how they are read."""

from __future__ import annotations

import threading

from ..._core.errors import UnreadableAnswer, concerning
from ..._core.http.paging import Page, Row
from ..._core.plan.catalogue import Catalogue
from ..._core.plan.model import Account, Entries, Schema, Value
from ..._core.run.directory import Directory
from .connection import WAITS, Kestra


def tenant_of(key: str) -> str:
    """Return the tenant of an entry of any of the facets."""
    return key.partition("/")[0]


def role_key(tenant: str, row: Row) -> str:
    """Return the entry of the role that a binding grants."""
    return f"{tenant}/{(row.get('role') or {}).get('id')}/{row.get('namespace') or ''}"


class Bindings(Directory):
    """A directory of users or service accounts that roles can be bound to.

    ``scope`` are the tenants that a task reads, None for all.
    """

    connection: Kestra

    def __init__(self, connection: Kestra, schema: Schema) -> None:
        super().__init__(connection, schema)
        self.scope: set[str] | None = None
        self.many = False
        self._index: dict[str, dict[str, list[Row]]] = {}
        self._lock = threading.Lock()
        self.unsure: dict[str, set[str]] = {}
        """Id of an account -> entries of roles that were bound and had no clear answer:
        the search may show them late."""
        self.written: set[str] = set()
        """Ids of the accounts whose bindings this task has written: lists of bindings may be older."""

    def tenants(self) -> Catalogue:
        """Return the tenants that accounts of this directory can belong to."""
        return self.connection.tenants()

    def shown(self, facet: str, key: str) -> Value:
        """Return an entry as results show it."""
        raise NotImplementedError

    # -- reading -------------------------------------------------------------------------------------------------

    def roles_of(self, account: Account) -> Entries:
        """Return the roles that bindings grant the account itself, and store the ids of these bindings."""
        expected = self.unsure.pop(account.id, set())
        bindings = self.bound(account)
        for pause in WAITS:
            if expected <= set(bindings):
                break
            self.connection.clock.sleep(pause)
            bindings = self.bound(account)
        account.details["bindings"] = bindings
        return {key: self.shown("roles", key) for key in bindings}

    def bound(self, account: Account, everywhere: bool = False) -> dict[str, list[str]]:
        """Return the ids of an account's bindings by the keys of their entries."""
        bindings: dict[str, list[str]] = {}
        for tenant in sorted(self.tenants().names if everywhere or self.scope is None else self.scope):
            for row in self.bindings(tenant, account):
                bindings.setdefault(role_key(tenant, row), []).append(str(row["id"]))
        return bindings

    def bindings(self, tenant: str, account: Account) -> list[Row]:
        """Return the bindings of an account in a tenant, by a search or, for many accounts, from the whole list.

        The bindings of an account that this task has written are searched for, because the list may be older.
        """
        if account.id in self.written or not (self.many or tenant in self._index):
            with concerning(account.key):
                rows = self.connection.rows(
                    "search_bindings", "bindings", {"tenant": tenant}, {"type": "USER", "id": account.id}
                ).rows
            return [row for row in rows if bound_to(row, tenant) == account.id]
        with self._lock:
            if tenant not in self._index:
                self.index(tenant)
        return self._index[tenant].get(account.id, [])

    def index(self, tenant: str, first: Page | None = None) -> None:
        """Read all bindings of users in a tenant, and keep them by user. ``first`` is the first page."""
        index: dict[str, list[Row]] = {}
        for row in self.connection.rows(
            "search_bindings", "bindings", {"tenant": tenant}, {"type": "USER"}, first=first
        ).rows:
            index.setdefault(bound_to(row, tenant), []).append(row)
        self._index[tenant] = index


def bound_to(row: Row, tenant: str) -> str:
    """Return the id of the user or account of a binding, empty for a group.

    Raises UnreadableAnswer if the row does not contain it: the id is never guessed.
    """
    user, role, other = row.get("user"), row.get("role"), row.get("group") or row.get("type") == "GROUP"
    identity = user.get("id") if isinstance(user, dict) else None
    if not identity and other:
        return ""
    if not identity or not isinstance(role, dict) or not role.get("id") or not row.get("id"):
        raise UnreadableAnswer(
            f"The list of bindings of tenant {tenant} has a row without a user, a role or an id (binding "
            f"{row.get('id')}).",
            "No roles are bound or removed while this is unclear. Check or delete this binding in Kestra.",
        )
    return str(identity)
