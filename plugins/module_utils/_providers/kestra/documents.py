# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra EE: the documents of users, and where to read what a document does not report.

A server may leave out a list because it is empty, because the credentials may not read it, or for no visible reason. A
list that is missing or null is unknown, never empty. Before a plan or a replacing write depends on such a list, it is
read elsewhere.
"""

from __future__ import annotations

import typing as t

from ..._core.errors import UnreadableAnswer
from ..._core.http.paging import Row
from ..._core.plan.model import Account, Value
from .access import Access, merged
from .connection import USER_NAMES, is_owner, object_of, require_names, search_for

LISTS = ("tenants", "groups", "auths")
"""The lists of a document that is read by id."""


def reported(raw: t.Mapping[str, Value], name: str) -> bool:
    """Return whether a document reports one of the lists.

    Groups need ids and tenants: a group without a tenant could belong to any tenant.
    """
    rows = raw.get(name)
    if not isinstance(rows, list):
        return False
    return name != "groups" or all(isinstance(row, dict) and row.get("id") and row.get("tenantId") for row in rows)


def repeatable(raw: t.Mapping[str, Value]) -> bool:
    """Return whether a document reports what a full replacement has to repeat, apart from lists and ownership.

    The display name shows whether an unreported name is set: it consists of both names, and a user without names has
    the user name or the e-mail address as display name.
    """
    if not isinstance(raw.get("restricted"), bool):
        return False
    if raw.get("firstName") is not None and raw.get("lastName") is not None:
        return True
    names = [str(raw[name]) for name in ("firstName", "lastName") if raw.get(name)]
    return raw.get("displayName", "") in ([" ".join(names)] if names else [raw.get("username"), raw.get("email")])


class Documents(Access):
    """A reader of users' documents."""

    def account(self, raw: Row, whole: bool = True) -> Account:
        """Return an account from a user document; a row of a list has neither names nor groups nor the restriction.

        Facets and the login methods are there only where the document reports them.
        """
        document = {name: value for name, value in raw.items() if name not in ("instanceOwner", "superAdmin")}
        owner = is_owner(raw)
        if owner is not None or whole:
            document["instanceOwner"] = owner
        key = str(raw.get("email") or raw.get("username") or "")
        document["email"] = key
        if whole:
            document = {"firstName": None, "lastName": None, "restricted": None, **document}
        readable = {name: value for name, value in document.items() if name not in LISTS or reported(document, name)}
        account = Account(str(raw["id"]), key, self.schema.read({**readable, **_enabled(readable)}), {}, document)
        if "tenants" in readable:
            account.facets["tenants"] = self.access_of(document)
        if "groups" in readable and "groups" in self.needed:
            account.facets["groups"] = self.groups_of(document)
        return account

    def get(self, identity: str) -> Account | None:
        """Return the account with this id.

        Raises UnreadableAnswer if the document has neither an address nor a user name.
        """
        answer = self.connection.call("get_user", {"id": identity}, subject=f"with id {identity}")
        if answer.absent:
            return None
        raw = object_of(answer)
        answer.check_id("user", raw["id"], identity)
        require_names("user", [raw], USER_NAMES)
        return self.account(raw)

    def fresh(self, account: Account) -> Account:
        """Return the current account, with the tenants and groups that a replacing write has to repeat."""
        current = super().fresh(account)
        self.fill(current, ("tenants", "groups"))
        return current

    def fill(self, account: Account, facets: t.Collection[str], methods: bool = False) -> None:
        """Read elsewhere the tenants and groups that the document of an account does not report.

        With ``methods``, do the same for login methods: if no document reports them, the values do not contain them.
        Raises the errors of these reads.
        """
        raw = account.raw
        entries: dict[str, Row] = {}
        if ({"tenants", "groups"} & set(facets) or methods) and not reported(raw, "tenants"):
            entries = self.entries_of(account, self.connection.tenants().names)
            raw["tenants"] = [{"id": tenant} for tenant in entries]
        if "groups" in facets and not reported(raw, "groups"):
            missing = [tenant for tenant in self.access_of(raw) if tenant not in entries]
            entries.update(self.entries_of(account, missing))
            raw["groups"] = [
                {"id": identity, "tenantId": tenant}
                for tenant in entries
                for identity in self.membership(account, tenant, entries[tenant])
            ]
        if methods and not reported(raw, "auths"):
            auths = self._auths(account)
            if auths is not None:
                raw["auths"] = auths
        again = self.account(raw)
        account.values, account.facets = merged(account.values, again.values), {**account.facets, **again.facets}

    def _auths(self, account: Account) -> list[Row] | None:
        """Return the login methods of a user from the list, None if the list does not report them either.

        If both documents lack the field, the server leaves out an empty list. A null means unknown.
        """
        rows = self.connection.rows("list_users", "users", query=search_for(account.key)).rows
        row = next((row for row in rows if str(row.get("id")) == account.id), None)
        if row is not None and reported(row, "auths"):
            return list(row["auths"])
        return [] if row is not None and "auths" not in row and "auths" not in account.raw else None

    def methods_of(self, account: Account) -> list[Row]:
        """Return the login methods of an account, each with an id. Raises UnreadableAnswer if they are unknown."""
        methods = account.values.get("auth_methods")
        if not isinstance(methods, list) or not all(method.get("id") for method in methods):
            raise UnreadableAnswer(
                f"{account.key} (id {account.id}): the server does not report the login methods (auths) with their "
                "ids, so none can be removed.",
                "Nothing was changed. Check the permissions of these credentials and any proxy that may change "
                "answers, or remove the methods in Kestra.",
            )
        return methods


def _enabled(document: t.Mapping[str, Value]) -> dict[str, Value]:
    """Return ``enabled`` as far as a document reports it, else an empty mapping.

    Kestra has no switch for that: a login is blocked if the user has no login method and no tenant, and does not own
    the instance.
    """
    if any(document.get(name) for name in ("auths", "tenants", "instanceOwner")):
        return {"enabled": True}
    if not all(name in document for name in ("auths", "tenants", "instanceOwner")):
        return {}
    return {"enabled": None if document["instanceOwner"] is None else False}
