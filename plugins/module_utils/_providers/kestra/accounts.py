# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra EE: service accounts, of the instance or of one tenant."""

from __future__ import annotations

import typing as t

from ..._core.http.paging import Row, Stop
from ..._core.names import looks_like
from ..._core.plan.catalogue import Catalogue
from ..._core.plan.losses import DEMOTED, when_false
from ..._core.plan.model import Account, Desired, Field, Schema, Snapshot, Value
from .access import ROLES, TENANTS, Access
from .account_writes import AccountWriting, TenantAccountWriting
from .connection import ACCOUNT_NAMES, Kestra, is_owner, object_of, require_names, search_for
from .tokens import check_name
from .users import as_given


def _privileged(values: t.Mapping[str, Value]) -> dict[str, Value]:
    return {"privileged": values["instance_owner"]} if values.get("instance_owner") is not None else {}


SCHEMA = Schema(
    provider="kestra",
    product="Kestra",
    key_option="name",
    noun="service account",
    key="name",
    fields=(
        Field("name", required=True),
        Field("description", write=as_given),
        Field("instance_owner", type="bool", wire="instanceOwner", via="superadmin", loses=when_false(DEMOTED)),
    ),
    facets=(TENANTS, ROLES),
    disable_is="manual",
    knows_caller=True,
    normalise=_privileged,
)


class ServiceAccounts(Access):
    """The service accounts of the instance. Names are not unique: accounts with the same name differ by their ids."""

    writer = AccountWriting
    names: t.Mapping[str, str] = {
        "list": "list_service_accounts",
        "get": "get_service_account",
        "create": "create_service_account",
        "delete": "delete_service_account",
    }

    def __init__(self, connection: Kestra) -> None:
        super().__init__(connection, SCHEMA)

    def path(self, **more: str) -> dict[str, str]:
        """Return the variable parts of the path of a call."""
        return more

    def query(self, name: str) -> dict[str, str]:
        """Return a search for a name."""
        return search_for(name)

    def account(self, raw: Row, whole: bool = True) -> Account:
        """Return an account from a document.

        Rows of a tenant's list have the name in the field of user names, and contain neither flags nor tenants.
        """
        owner = is_owner(raw)
        document = {**raw, "name": str(raw.get("name") or raw.get("username") or raw.get("displayName") or "")}
        if whole:
            document.setdefault("description", None)
        if whole or owner is not None:
            document["instanceOwner"] = owner
        elif "instanceOwner" in document:
            del document["instanceOwner"]
        account = Account(str(raw["id"]), document["name"], self.schema.read(document), {}, document)
        if isinstance(raw.get("tenants"), list):  # missing and null mean unknown, not empty
            account.facets["tenants"] = self.access_of(raw)
        return account

    def search(self, key: str) -> list[Account]:
        """Return all accounts of this name."""
        rows = self.connection.rows(self.names["list"], "service accounts", self.path() or None, self.query(key)).rows
        accounts = [self.account(row, whole=is_owner(row) is not None) for row in rows]
        matches = [account for account in accounts if looks_like(account.key, key)]
        if not matches:
            require_names("service account", rows, ACCOUNT_NAMES, searched=True)
        return matches

    def get(self, identity: str) -> Account | None:
        """Return the account with this id."""
        answer = self.connection.call(self.names["get"], self.path(id=identity), subject=f"with id {identity}")
        if answer.absent:
            return None
        raw = object_of(answer)
        answer.check_id("service account", raw["id"], identity)
        require_names("service account", [raw], ACCOUNT_NAMES)
        return self.account(raw)

    def listing(self, stop: Stop | None = None) -> Snapshot:
        """Return all accounts."""
        listing = self.connection.rows(self.names["list"], "service accounts", self.path() or None, stop=stop)
        require_names("service account", listing.rows, ACCOUNT_NAMES)
        return Snapshot(
            [self.account(row, whole=is_owner(row) is not None) for row in listing.rows],
            listing.complete,
            listing.pages,
        )

    def load(self, account: Account, facets: t.Collection[str], fields: t.Collection[str]) -> None:
        """Read the fields that a list left out."""
        if fields or "tenants" in facets:
            self.read_whole(account)
            if "tenants" in facets and "tenants" not in account.facets:
                account.raw["tenants"] = [{"id": tenant} for tenant in self.entries_of(account, self.tenants().names)]
                account.facets["tenants"] = self.access_of(account.raw)
        if "roles" in facets:
            account.facets["roles"] = self.roles_of(account)

    def check(self, desired: Desired) -> list[str]:
        """Refuse names that Kestra does not accept."""
        return check_name(desired.key) if desired.key and desired.state == "present" else []


class TenantServiceAccounts(ServiceAccounts):
    """The service accounts of the connection's tenant, for credentials that do not own the instance.

    An update replaces the whole account.
    """

    writer = TenantAccountWriting
    names = {
        "list": "list_service_accounts_for_tenant",
        "get": "get_service_account_for_tenant",
        "create": "create_service_account_for_tenant",
        "delete": "delete_service_account_for_tenant",
    }

    def path(self, **more: str) -> dict[str, str]:
        """Return the variable parts of the path of a call."""
        return {"tenant": self.connection.tenant, **more}

    def query(self, name: str) -> dict[str, str]:
        """Return a search for a name. This list never had the older form."""
        return {query: value for query, value in search_for(name).items() if query != "q"}

    def tenants(self) -> Catalogue:
        """Return the connection's tenant: only owners of the instance can list all tenants."""
        return Catalogue("tenant", [(self.connection.tenant, self.connection.tenant)])

    def check(self, desired: Desired) -> list[str]:
        """Refuse names, and refuse ``tenants``: an account of a tenant belongs to that tenant."""
        problems = super().check(desired)
        if "tenants" in desired.facets:
            text = (
                f"scope is tenant, so the account is only in tenant {self.connection.tenant}. Remove tenants, or use "
                "scope: instance."
            )
            problems.append(desired.problem(text, "contradiction", "tenants"))
        return problems

    def row_of(self, account: Account) -> Row:
        """Return the row of an account in the tenant's list, empty if the list does not show it."""
        rows = self.connection.rows(self.names["list"], "service accounts", self.path(), self.query(account.key)).rows
        return next((row for row in rows if str(row.get("id")) == account.id), {})
