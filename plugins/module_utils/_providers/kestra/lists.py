# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra EE: the tenants, groups and roles of many users, from the lists of the tenants.

A tenant lists its users with their groups, and its bindings with their users. That takes one call for each page of each
tenant. By id, each user takes one call, and the bindings take one for each user and tenant. Users whose fields a list
leaves out, or contradicts, are read by id.
"""

from __future__ import annotations

import collections
import typing as t

from ..._core.errors import ApiError, RateLimited
from ..._core.http.paging import Page, Row
from ..._core.plan.model import Account, Snapshot
from ..._core.run.directory import Need
from ..._core.wording import counted
from .access import merged
from .connection import PAGE
from .documents import Documents

_ACCESS = frozenset({"tenants", "groups"})
"""The fields of a tenant's list of users."""
_REFUSED = (400, 403, 404, 405)
"""Statuses of a missing tenant, of one that the credentials may not list, and of a server without the call."""
_WORTH = 4
"""The number of look-ups that must be pending for each first page.

Only the first page shows the number of pages, so few pages are read in vain.
"""


class Lists(Documents):
    """A reader of the access of many users."""

    _population: collections.Counter[str] | None = None

    def note_tenants(self, snapshot: Snapshot) -> None:
        """Note the number of users of each tenant, if the list of all users reports it."""
        known = snapshot.complete and all("tenants" in account.facets for account in snapshot.accounts)
        self._population = (
            collections.Counter(tenant for account in snapshot.accounts for tenant in account.facets["tenants"])
            if known
            else None
        )

    def load_many(
        self, accounts: t.Sequence[Account], facets: t.Collection[str], fields: t.Collection[str] = ()
    ) -> None:
        """Read what a list left out of many accounts, from the lists of the tenants or by id.

        The method with fewer calls is used.
        """
        self.load_listed([
            (
                account,
                [name for name in facets if name not in account.facets],
                [name for name in fields if name not in account.values],
            )
            for account in accounts
        ])  # fmt: skip
        super().load_many(accounts, facets, fields)

    def load_listed(self, needs: t.Sequence[Need]) -> None:
        """Fill tenants, groups and roles from the lists of the tenants.

        A user who must be read by id for another field gets the groups from that document.
        """
        by_access = [(account, facets) for account, facets, fields in needs if _ACCESS & set(facets) and not fields]
        by_roles = [account for account, facets, _fields in needs if "roles" in facets]
        if len(by_access) > 1:
            self._load_access(by_access)
        if len(by_roles) > 1:
            self._load_roles(by_roles)

    # -- tenants and groups --------------------------------------------------------------------------------------

    def _load_access(self, needs: t.Sequence[tuple[Account, t.Collection[str]]]) -> None:
        """Fill tenants and groups. If a user's own row does not report the tenants, read all tenants."""
        if all("tenants" in account.facets for account, _facets in needs):
            tenants = {
                tenant for account, _facets in needs for tenant in account.facets["tenants"] if self.looks_at(tenant)
            }
        else:
            tenants = set(self.tenants().names)
        if self._population is None:
            worth = _WORTH * len(tenants) <= len(needs)
        else:
            worth = sum(max(1, -(-self._population[tenant] // PAGE)) for tenant in tenants) < len(needs)
        if not worth:
            return
        first = self._first_pages("list_tenant_access", sorted(tenants))
        left = sum(map(_left, first.values()))
        if left > len(needs):
            return
        self._afford(left)
        entries = {tenant: self._listed(tenant, page) for tenant, page in first.items()}
        for account, facets in needs:
            self._take_access(account, facets, entries, whole=entries.keys() == tenants)

    def _listed(self, tenant: str, first: Page) -> dict[str, Row]:
        """Return the users of a tenant by id."""
        rows = self.connection.rows(
            "list_tenant_access", f"users of tenant {tenant}", {"tenant": tenant}, first=first
        ).rows
        return {str(row["id"]): row for row in rows}

    def _take_access(
        self, account: Account, facets: t.Collection[str], entries: t.Mapping[str, t.Mapping[str, Row]], whole: bool
    ) -> None:
        """Fill tenants and groups of an account from its rows in the lists, if these are complete.

        ``whole``: the lists of all relevant tenants were read.
        """
        rows = {tenant: listed[account.id] for tenant, listed in entries.items() if account.id in listed}
        known = account.facets.get("tenants")
        if known is None:
            if not whole:
                return
        elif rows.keys() != {tenant for tenant in known if tenant in entries or self.looks_at(tenant)}:
            return  # one list may lag behind the other
        if "groups" in facets:
            groups = _groups(rows)
            if groups is None:
                return
            keys = [f"{tenant}/{identity}" for tenant, identities in groups.items() for identity in identities]
            account.facets["groups"] = {key: self.shown("groups", key) for key in keys if self.looks_at(key)}
        if known is None:
            account.raw["tenants"] = [{"id": tenant} for tenant in rows]
            again = self.account(account.raw, whole=False)
            account.values = merged(account.values, again.values)
            account.facets["tenants"] = again.facets["tenants"]

    # -- roles ---------------------------------------------------------------------------------------------------

    def _load_roles(self, accounts: t.Sequence[Account]) -> None:
        """Fill roles from the bindings of each tenant, if these have no more pages than accounts to look up."""
        self._index.clear()
        if len(accounts) < _WORTH:
            return
        tenants = sorted(self.tenants().names if self.scope is None else self.scope)
        first = self._first_pages("search_bindings", tenants, {"type": "USER"})
        listed = {tenant: page for tenant, page in first.items() if _left(page) <= len(accounts)}
        self._afford(sum(map(_left, listed.values())))
        for tenant, page in listed.items():
            self.index(tenant, page)
        if len(listed) < len(tenants):
            self.many = False  # these accounts do not justify reading the pages of the other tenants
            return
        for account in accounts:
            account.facets["roles"] = self.roles_of(account)
        if not self.many:
            self._index.clear()  # a later read of a single account must return its current bindings

    # -- pages ---------------------------------------------------------------------------------------------------

    def _first_pages(
        self, operation: str, tenants: t.Sequence[str], query: t.Mapping[str, str] | None = None
    ) -> dict[str, Page]:
        """Return the first page of a list for each tenant.

        Tenants are missing if their list is refused or does not report its length.
        """

        def read(tenant: str) -> tuple[str, Page | None]:
            try:
                return tenant, self.connection.page(operation, {"tenant": tenant}, query)
            except ApiError as error:
                if error.status not in _REFUSED:
                    raise
                return tenant, None

        pages = self.concurrently(read, tenants, "tenants looked at")
        return {
            tenant: page for tenant, page in pages if page is not None and (page.total is not None or not page.rows)
        }

    def _afford(self, calls: int) -> None:
        """Raise RateLimited if the remaining pages exceed the rate limit."""
        try:
            if calls:
                self.connection.transport.limiter.afford(calls)
        except RateLimited as error:
            text = f"The lists of the tenants have {counted(calls, 'more page')}; {error.left}."
            raise RateLimited(text, error.hint) from None


def _left(page: Page) -> int:
    """Return the number of pages after the first one."""
    return max(0, -(-(page.total or 0) // len(page.rows)) - 1) if page.rows else 0


def _groups(rows: t.Mapping[str, Row]) -> dict[str, list[str]] | None:
    """Return the ids of groups by tenant, None if a row does not report them."""
    groups: dict[str, list[str]] = {}
    for tenant, row in rows.items():
        if not isinstance(row.get("groups"), list):
            return None
        groups[tenant] = [str(group["id"]) for group in row["groups"]]
    return groups
