# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra EE: how a difference of a service account is written, with calls for the instance or a tenant."""

from __future__ import annotations

import typing as t

from ..._core.errors import Notice, RollcallError
from ..._core.plan.model import PROFILE, Account, Value
from ..._core.plan.steps import Step
from .connection import WAITS, object_of
from .granting import Granting

if t.TYPE_CHECKING:
    from .accounts import ServiceAccounts, TenantServiceAccounts


class AccountWriting(Granting):
    """The difference of one service account of the instance."""

    directory: ServiceAccounts

    def create(self, step: Step) -> Account:
        """Create a service account, with its tenants."""
        desired, directory = self.desired, self.directory
        body = self.schema.write(step.values)
        if desired.fields.get("instance_owner"):
            body["superAdmin"] = True
        tenants = sorted(step.facets.get("tenants", {}))
        if tenants:
            body["tenants"] = tenants
        directory.expect(desired.key)
        account = directory.account(
            object_of(
                self.connection.call(directory.names["create"], directory.path(), json=body, subject=desired.name)
            )
        )
        self._check_alone(account)
        return account

    def _check_alone(self, account: Account) -> None:
        """Check whether another client has created an account of this name at the same time.

        Raises RollcallError in that case.
        """
        directory = self.directory
        matches = directory.search(account.key)
        for pause in WAITS:
            if any(match.id == account.id for match in matches):
                break
            self.connection.clock.sleep(pause)
            matches = directory.search(account.key)
        if not any(match.id == account.id for match in matches):
            directory.notices.append(Notice(
                "unconfirmed",
                f"{account.key} (id {account.id}) was created, but the server's search does not show it after "
                f"{sum(WAITS):.0f} s, so it is unknown whether another one with this name was created at the same "
                "time. Run the task again to check.",
                account.key,
            ))  # fmt: skip
        others = sorted({match.id for match in matches} - {account.id})
        if others:
            raise RollcallError(
                f"There are now {len(others) + 1} service accounts named {account.key}: {account.id}, which this task "
                f"has just created, and {', '.join(others)}.",
                f"Delete the duplicate, then run the task again (id: {account.id} with state: absent deletes the one "
                "that this task created).",
                "ambiguous_name",
            )

    def update(self, via: str, values: dict[str, Value]) -> None:
        """Write the flag, or the name and the description in one call."""
        account, path = self.account, {"id": self.account.id}
        if via == "superadmin":
            body = {"superAdmin": values["instance_owner"]}
            self.connection.call("patch_service_account_super_admin", path, json=body, subject=account.key)
        elif via == PROFILE:
            self.connection.call(
                "patch_service_account_details", path, json=_details(account, values), subject=account.key
            )

    def delete(self) -> None:
        """Delete a service account."""
        self.remove(self.directory.names["delete"], self.directory.path(id=self.account.id))


class TenantAccountWriting(AccountWriting):
    """The difference of one service account of a tenant. An update replaces the whole account."""

    directory: TenantServiceAccounts

    def give_access(self, account: Account, tenant: str, alone: bool = False) -> None:
        """Do nothing: an account of a tenant already has access to it."""

    def update(self, via: str, values: dict[str, Value]) -> None:
        """Write any field: read the whole account, change it, and write it.

        Values that its document does not report are read elsewhere.
        """
        directory, account = self.directory, self.account
        fresh = directory.get(account.id)
        if fresh is None:
            raise RollcallError(f"{account.key} (id {account.id}) can no longer be found.", "Run the task again.")
        owner = values.get("instance_owner", fresh.values.get("instance_owner"))
        if owner is None:
            raise RollcallError(
                f"{account.key} (id {account.id}): the server does not report whether it owns the instance, and the "
                "update would overwrite that.",
                "Specify instance_owner, or use scope: instance.",
                "unreadable_answer",
            )
        if "description" not in values and fresh.values.get("description") is None:
            fresh.values["description"] = directory.row_of(fresh).get("description")
        tenant = self.connection.tenant
        entry = (
            fresh.raw
            if isinstance(fresh.raw.get("groups"), list)
            else directory.entries_of(fresh, [tenant]).get(tenant, {})
        )
        body = {
            **_details(fresh, values),
            "groups": [{"id": group} for group in directory.membership(fresh, tenant, entry)],
            "superAdmin": owner,
        }
        self.connection.call("update_service_account", directory.path(id=account.id), json=body, subject=account.key)


def _details(account: Account, values: dict[str, Value]) -> dict[str, Value]:
    """Return the desired name and description."""
    final = {**account.values, **values}
    body = {"name": final["name"]}
    if final.get("description") is not None:
        body["description"] = final["description"]
    return body
