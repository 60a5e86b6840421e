# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra EE: the roles that bindings give to users and service accounts, and how they are bound and unbound."""

from __future__ import annotations

import threading
import typing as t

from ..._core.errors import RollcallError, UnclearAnswer, UnreadableAnswer
from ..._core.http.api import Answer
from ..._core.http.paging import Page, Row
from ..._core.plan.catalogue import Catalogue
from ..._core.plan.model import Account, Entries, Schema, Value
from ..._core.run.provider import Directory
from .connection import WAITS, Kestra


def tenant_of(key: str) -> str:
    """Return the tenant of an entry of any of the facets."""
    return key.partition("/")[0]


class Bindings(Directory):
    """A directory of those to whom roles can be bound. ``scope`` are the tenants that a task looks at, None for all."""

    connection: Kestra

    def __init__(self, connection: Kestra, schema: Schema) -> None:
        super().__init__(connection, schema)
        self.scope: set[str] | None = None
        self.many = False
        self._index: dict[str, dict[str, list[Row]]] = {}
        self._lock = threading.Lock()
        self._unsure: dict[str, set[str]] = {}
        self._written: set[str] = set()

    def tenants(self) -> Catalogue:
        """Return the tenants that accounts of this directory can be in."""
        return self.connection.tenants()

    def shown(self, facet: str, key: str) -> Value:
        """Return an entry as results have it."""
        raise NotImplementedError

    # -- reading -------------------------------------------------------------------------------------------------

    def roles_of(self, account: Account) -> Entries:
        """Return the roles that bindings give an account itself, and remember which bindings these are."""
        expected = self._unsure.pop(account.id, set())
        found = self._bound(account)
        for pause in WAITS:
            if expected <= set(found):
                break
            self.connection.clock.sleep(pause)
            found = self._bound(account)
        account.raw = {**account.raw, "bindings": found}
        return {key: self.shown("roles", key) for key in found}

    def _bound(self, account: Account, everywhere: bool = False) -> dict[str, list[str]]:
        """Return the ids of an account's bindings by the keys of their entries."""
        found: dict[str, list[str]] = {}
        for tenant in sorted(self.tenants().names if everywhere or self.scope is None else self.scope):
            for row in self._bindings(tenant, account):
                role = row.get("role") or {}
                found.setdefault(f"{tenant}/{role.get('id')}/{row.get('namespace') or ''}", []).append(str(row["id"]))
        return found

    def _bindings(self, tenant: str, account: Account) -> list[Row]:
        """Return the bindings of an account in a tenant: by a search, or where there are many accounts from the whole list.

        Who was written to is searched for: the list may be older.
        """
        if account.id in self._written or not (self.many or tenant in self._index):
            rows = self.connection.rows("search_bindings", "bindings", {"tenant": tenant}, {"type": "USER", "id": account.id}).rows
            return [row for row in rows if bound_to(row, tenant) == account.id]
        with self._lock:
            if tenant not in self._index:
                self.index(tenant)
        return self._index[tenant].get(account.id, [])

    def index(self, tenant: str, first: Page | None = None) -> None:
        """Read all bindings of users in a tenant, of which ``first`` is the first page, and keep them by user."""
        index: dict[str, list[Row]] = {}
        for row in self.connection.rows("search_bindings", "bindings", {"tenant": tenant}, {"type": "USER"}, first=first).rows:
            index.setdefault(bound_to(row, tenant), []).append(row)
        self._index[tenant] = index

    # -- writing -------------------------------------------------------------------------------------------------

    def write_roles(self, account: Account, add: t.Iterable[str], remove: t.Iterable[str]) -> None:
        """Bind and unbind roles. A binding cannot be changed, and several may say the same: all of them go."""
        held: dict[str, list[str]] = account.raw.get("bindings") or {}
        self._written.add(account.id)
        for key in sorted(add):
            try:
                self._bind(account, key)
            except UnclearAnswer:
                # The search may lag behind: it is asked until it shows this binding, or long enough.
                self._unsure[account.id] = {key}
                raise
        for key in sorted(remove):
            for identity in held.get(key, ()):
                self.connection.call("delete_binding", {"tenant": tenant_of(key), "id": identity}, subject=account.key)

    def bound_in(self, account: Account, tenants: t.Iterable[str]) -> set[str]:
        """Return the keys of the roles that bindings give an account itself in these tenants, as they are now."""
        self._written.add(account.id)
        return {
            f"{tenant}/{(row.get('role') or {}).get('id')}/{row.get('namespace') or ''}"
            for tenant in sorted(tenants) for row in self._bindings(tenant, account)
        }

    def rebind(self, account: Account, keys: t.Collection[str]) -> None:
        """Bind these roles again, which a server has taken along with the last group of a tenant.

        Raises RollcallError with the roles that are lost where that fails.
        """
        left = sorted(keys)
        bindings = dict(account.raw.get("bindings") or {})
        while left:
            try:
                bindings.update(self._bound_again(account, left[0]))
            except RollcallError as error:
                lost = ", ".join(str(self.shown("roles", key)) for key in left)
                error.hint = f"{error.hint} {account.key} has lost these roles with the last group of the tenant, so give them again: {lost}.".strip()
                raise
            del left[0]
        account.raw = {**account.raw, "bindings": bindings}

    def _bound_again(self, account: Account, key: str) -> dict[str, list[str]]:
        """Bind a role and return the ids of its bindings; after an unclear answer it is looked for, and sent again if it is missing."""
        try:
            answer = self._bind(account, key)
        except UnclearAnswer:
            self._unsure[account.id] = {key}
            self.roles_of(account)
            held: dict[str, list[str]] = account.raw["bindings"]
            if key in held:
                return {key: held[key]}
            answer = self._bind(account, key)
        return {key: [str(answer.body["id"])]} if isinstance(answer.body, dict) and answer.body.get("id") else {}

    def _bind(self, account: Account, key: str) -> Answer:
        self._written.add(account.id)
        tenant, role, namespace = key.split("/", 2)
        body = {"type": "USER", "externalId": account.id, "roleId": role, **({"namespaceId": namespace} if namespace else {})}
        return self.connection.call("create_binding", {"tenant": tenant}, json=body, subject=account.key)

    def unbind(self, account: Account) -> None:
        """Remove all bindings of an account, in every tenant."""
        held = self._bound(account, everywhere=True)
        account.raw = {**account.raw, "bindings": held}
        self.write_roles(account, (), held)


def bound_to(row: Row, tenant: str) -> str:
    """Return the id of whom a binding is for, empty for a group. Raises UnreadableAnswer where the row does not hold it: it is never guessed."""
    user, role, other = row.get("user"), row.get("role"), row.get("group") or row.get("type") == "GROUP"
    identity = user.get("id") if isinstance(user, dict) else None
    if not identity and other:
        return ""
    if not identity or not isinstance(role, dict) or not role.get("id") or not row.get("id"):
        raise UnreadableAnswer(
            f"The list of bindings of tenant {tenant} has a row without its user, its role or an id (binding {row.get('id')}).",
            "Roles are neither bound nor removed without knowing what is there. Check or delete this binding in Kestra.",
        )
    return str(identity)
