# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra EE: service accounts, of the instance or of one tenant."""

from __future__ import annotations

import typing as t

from ..._core.errors import Notice, RollcallError
from ..._core.http.paging import Row, Stop
from ..._core.names import fold, looks_like
from ..._core.plan.catalogue import Catalogue
from ..._core.plan.model import PROFILE, Account, Desired, Field, Schema, Snapshot, Value
from ..._core.plan.plan import Step
from .access import ROLES, TENANTS, Access
from .connection import ACCOUNT_NAMES, WAITS, Kestra, is_owner, nameless, object_of, search_for
from .documents import merged
from .tokens import check_name
from .users import as_given, demotes


def _privileged(values: t.Mapping[str, Value]) -> dict[str, Value]:
    return {"privileged": values["instance_owner"]} if values.get("instance_owner") is not None else {}


SCHEMA = Schema(
    provider="kestra",
    noun="service account",
    key="name",
    fields=(
        Field("name", required=True),
        Field("description", write=as_given),
        Field("instance_owner", type="bool", wire="instanceOwner", via="superadmin", loses=demotes),
    ),
    facets=(TENANTS, ROLES),
    disable_is="manual",
    knows_caller=True,
    normalise=_privileged,
)


class ServiceAccounts(Access):
    """The service accounts of the instance. Their names are not unique: two of a name are told apart by their ids."""

    names: t.Mapping[str, str] = {
        "list": "list_service_accounts",
        "get": "get_service_account",
        "create": "create_service_account",
        "delete": "delete_service_account",
    }

    def __init__(self, connection: Kestra) -> None:
        super().__init__(connection, SCHEMA)
        self._expected: set[str] = set()

    def _path(self, **more: str) -> dict[str, str]:
        return more

    def search(self, name: str) -> dict[str, str]:
        """Return a search for a name."""
        return search_for(name)

    def account(self, raw: Row, whole: bool = True) -> Account:
        """Return an account from a document; rows of a tenant's list call the name a user name and hold neither flags nor tenants."""
        owner = is_owner(raw)
        document = {**raw, "name": str(raw.get("name") or raw.get("username") or raw.get("displayName") or "")}
        if whole:
            document.setdefault("description", None)
        if whole or owner is not None:
            document["instanceOwner"] = owner
        elif "instanceOwner" in document:
            del document["instanceOwner"]
        account = Account(str(raw["id"]), document["name"], self.schema.read(document), {}, document)
        if isinstance(raw.get("tenants"), list):  # missing and null are unknown, not none
            account.facets["tenants"] = self.access_of(raw)
        return account

    def lookup(self, key: str) -> list[Account]:
        """Return all accounts of this name, after a create whose outcome is unknown with some patience."""
        found = self._search(key)
        for pause in WAITS if fold(key) in self._expected else ():
            if found:
                break
            self.connection.clock.sleep(pause)
            found = self._search(key)
        return found

    def _search(self, key: str) -> list[Account]:
        rows = self.connection.rows(self.names["list"], "service accounts", self._path() or None, self.search(key)).rows
        found = [self.account(row, whole=is_owner(row) is not None) for row in rows]
        matches = [account for account in found if looks_like(account.key, key)]
        error = None if matches else nameless("service accounts", rows, ACCOUNT_NAMES)
        if error is not None:
            raise error
        return matches

    def get(self, identity: str) -> Account | None:
        """Return the account with this id."""
        answer = self.connection.call(self.names["get"], self._path(id=identity), subject=f"with id {identity}")
        if answer.absent:
            return None
        raw = object_of(answer)
        error = nameless("service accounts", [raw], ACCOUNT_NAMES)
        if error is not None:
            raise error
        return self.account(raw)

    def listing(self, stop: Stop | None = None) -> Snapshot:
        """Return all accounts."""
        listing = self.connection.rows(self.names["list"], "service accounts", self._path() or None, stop=stop)
        error = nameless("service accounts", listing.rows, ACCOUNT_NAMES)
        if error is not None:
            raise error
        return Snapshot([self.account(row, whole=is_owner(row) is not None) for row in listing.rows], listing.complete, listing.pages)

    def load(self, account: Account, facets: t.Collection[str], fields: t.Collection[str]) -> None:
        """Read what a list left out."""
        if fields or "tenants" in facets:
            whole = self.get(account.id)
            if whole is not None:
                account.values = merged(account.values, whole.values)
                account.raw = merged(account.raw, whole.raw)
                account.facets.update(whole.facets)
            if "tenants" in facets and "tenants" not in account.facets:
                account.raw["tenants"] = [{"id": tenant} for tenant in self.entries_of(account, self.tenants().names)]
                account.facets["tenants"] = self.access_of(account.raw)
        if "roles" in facets:
            account.facets["roles"] = self.roles_of(account)

    def check(self, desired: Desired) -> list[str]:
        """Refuse names that Kestra does not take."""
        return check_name(desired.key) if desired.key and desired.state == "present" else []

    def create(self, desired: Desired, step: Step) -> Account:
        """Create a service account, with its tenants."""
        body = self.schema.write(step.values)
        if desired.fields.get("instance_owner"):
            body["superAdmin"] = True
        body.update(self._places(step))
        self._expected.add(fold(desired.key))
        account = self.account(object_of(self.connection.call(self.names["create"], self._path(), json=body, subject=desired.name)))
        self._alone(account)
        return account

    def _alone(self, account: Account) -> None:
        """Look whether somebody else has made an account of this name at the same time. Raises RollcallError where that is so."""
        matches = self._search(account.key)
        for pause in WAITS:
            if any(match.id == account.id for match in matches):
                break
            self.connection.clock.sleep(pause)
            matches = self._search(account.key)
        if not any(match.id == account.id for match in matches):
            self.notices.append(Notice(
                "unconfirmed",
                f"{account.key} (id {account.id}) was created, and the server's search does not show it after {sum(WAITS):.0f} s, so whether somebody "
                "else has created one of this name at the same time is unknown. Run the task again to check.",
                account.key,
            ))  # fmt: skip
        others = sorted({match.id for match in matches} - {account.id})
        if others:
            raise RollcallError(
                f"There are {len(others) + 1} service accounts named {account.key} now: {account.id}, which this task has just created, "
                f"and {', '.join(others)}.",
                f"Delete the surplus one (id: {account.id}, state: absent, removes the one of this task), and run it again.",
                "ambiguous_name",
            )

    def _places(self, step: Step) -> dict[str, Value]:
        tenants = sorted(step.facets.get("tenants", {}))
        return {"tenants": tenants} if tenants else {}

    def update(self, account: Account, via: str, values: dict[str, Value]) -> None:
        """Write the name and the description, which travel together, or the flag."""
        path = {"id": account.id}
        if via == "superadmin":
            body = {"superAdmin": values["instance_owner"]}
            self.connection.call("patch_service_account_super_admin", path, json=body, subject=account.key)
        elif via == PROFILE:
            self.connection.call("patch_service_account_details", path, json=_details(account, values), subject=account.key)

    def delete(self, account: Account) -> None:
        """Delete a service account."""
        self.remove(self.names["delete"], self._path(id=account.id), account)


class TenantServiceAccounts(ServiceAccounts):
    """The service accounts of the connection's tenant, for credentials that own no instance. An update replaces."""

    names = {
        "list": "list_service_accounts_for_tenant",
        "get": "get_service_account_for_tenant",
        "create": "create_service_account_for_tenant",
        "delete": "delete_service_account_for_tenant",
    }

    def _path(self, **more: str) -> dict[str, str]:
        return {"tenant": self.connection.tenant, **more}

    def search(self, name: str) -> dict[str, str]:
        """Return a search for a name; this list has never had the older form."""
        return {query: value for query, value in search_for(name).items() if query != "q"}

    def tenants(self) -> Catalogue:
        """Return the one tenant: the list of all is for those who own the instance."""
        return Catalogue("tenant", [(self.connection.tenant, self.connection.tenant)])

    def check(self, desired: Desired) -> list[str]:
        """Refuse tenants, too: an account of a tenant is in that one."""
        problems = super().check(desired)
        if "tenants" in desired.facets:
            text = f"tenants requires scope: instance; with scope: tenant the account is in tenant {self.connection.tenant} alone."
            problems.append(desired.problem(text, "contradiction", "tenants"))
        return problems

    def give_access(self, account: Account, tenant: str, alone: bool = False) -> None:
        """Do nothing: an account of a tenant is in it."""

    def update(self, account: Account, via: str, values: dict[str, Value]) -> None:
        """Write any field: the whole account is read, overlaid and written. What its document does not report is read elsewhere."""
        fresh = self.get(account.id)
        if fresh is None:
            raise RollcallError(f"{account.key} (id {account.id}) cannot be found any more.", "Run it again.")
        owner = values.get("instance_owner", fresh.values.get("instance_owner"))
        if owner is None:
            raise RollcallError(
                f"{account.key} (id {account.id}): the server does not report whether it owns the instance, and the update would decide it.",
                "Specify instance_owner, or use scope: instance.", "unreadable_answer",
            )
        if "description" not in values and fresh.values.get("description") is None:
            fresh.values["description"] = self._listed(fresh).get("description")
        tenant = self.connection.tenant
        entry = fresh.raw if isinstance(fresh.raw.get("groups"), list) else self.entries_of(fresh, [tenant]).get(tenant, {})
        body = {**_details(fresh, values), "groups": [{"id": group} for group in self.membership(fresh, tenant, entry)], "superAdmin": owner}
        self.connection.call("update_service_account", self._path(id=account.id), json=body, subject=account.key)

    def _listed(self, account: Account) -> Row:
        """Return the row of an account in the tenant's list, empty where that does not show it."""
        rows = self.connection.rows(self.names["list"], "service accounts", self._path(), self.search(account.key)).rows
        return next((row for row in rows if str(row.get("id")) == account.id), {})


def _details(account: Account, values: dict[str, Value]) -> dict[str, Value]:
    """Return name and description as they shall be."""
    wanted = {**account.values, **values}
    body = {"name": wanted["name"]}
    if wanted.get("description") is not None:
        body["description"] = wanted["description"]
    return body
