# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""nextAuth: how a difference of a user is written: attributes, permissions, and the blocking of accounts."""

from __future__ import annotations

import typing as t

from ..._core.errors import RollcallError, UnclearAnswer
from ..._core.plan.model import Account, Entries, Value
from ..._core.plan.steps import Step
from ..._core.run.writing import Writing
from .connection import NextAuth
from .wire import role_in

if t.TYPE_CHECKING:
    from .users import Users


class UserWriting(Writing):
    """The difference of one user."""

    directory: Users
    connection: NextAuth

    def create(self, step: Step) -> Account:
        """Create a user with attributes, but only right after a 404.

        For an existing user, the same call deletes the attributes.
        """
        key = self.desired.key
        if not self.directory.seems_absent(key):
            raise UnclearAnswer(f"{key} did not exist when the plan was made, and exists now.", "Run the task again.")
        attributes = step.facets.get("attributes", {})
        self.connection.call("set_user_attributes", {"userid": key}, json=attributes, subject=key)
        # Whether an empty object creates a user is not documented.
        if not attributes and self.directory.get(key) is None:
            raise RollcallError(
                f"nextAuth accepted {key} without attributes, but created no user.", "Specify at least one attribute."
            )
        return Account(key, key, {"userid": key}, {"attributes": dict(attributes)})

    def update(self, via: str, values: dict[str, Value]) -> None:
        """Block all accounts of a user, or unblock them."""
        for item in self.directory.accounts_of(self.account):
            if item["blocked"] == values["enabled"]:
                self.set_blocked(item["id"], not values["enabled"])

    def set_blocked(self, identity: str, blocked: bool) -> None:
        """Block or unblock one account; the value is a query parameter.

        Raises RollcallError if the answer shows the account unchanged.
        """
        user = self.account.key
        answer = self.connection.call("update_account", {"accountid": identity}, {"blocked": blocked}, subject=user)
        if answer.json_object.get("blocked", blocked) is not blocked:
            raise RollcallError(
                f"nextAuth accepted the change of account {identity} of {user}, but the account is still "
                f"{'open' if blocked else 'blocked'}.",
                "Change it in nextAuth's administration, or run the task again.",
                "not_applied",
            )

    def facet(self, step: Step) -> Entries:
        """Write permissions or attributes. Exact attributes are replaced in one call."""
        if step.via == "permissions":
            return self._write_permissions(step)
        if step.remove and self.desired.facets["attributes"].mode == "exact":
            self._replace_attributes(step.final)
        else:
            self._change_attributes(step)
        return {}

    def _replace_attributes(self, final: Entries) -> None:
        path = {"userid": self.account.id}
        if final:
            self.connection.call("set_user_attributes", path, json=final, subject=self.account.key)
        else:
            self.connection.call("delete_user_attributes", path, subject=self.account.key)

    def _change_attributes(self, step: Step) -> None:
        """Write attributes with a merge and with one call for each deletion."""
        account, path = self.account, {"userid": self.account.id}
        if step.add:
            self.connection.call("update_user_attributes", path, json=step.add, subject=account.key)
        for name in step.remove:
            answer = self.connection.call("delete_user_attribute", {**path, "attributekey": name}, subject=account.key)
            if answer.absent:  # an earlier request, whose answer was lost, may have deleted it
                raise UnclearAnswer(
                    f"nextAuth reports that {account.key} or the attribute {name} does not exist.",
                    "Users were changed outside this task: run the task again.",
                )

    def _write_permissions(self, step: Step) -> Entries:
        """Grant the desired permissions. A grant overwrites, so the permissions are read right before it.

        Only the permissions that the plan revokes are removed. Returns the permissions that the plan did not include:
        those granted meanwhile, or those of a role that no read showed and that get-or-create returned.
        """
        account, target = self.account, self.desired.facets["permissions"]
        role = account.values.get("role")
        if role is None:
            role = role_in(self.connection.call("get_or_create_user_role", {"userid": account.id}, subject=account.key))
            account.values["role"] = role
        current = self.directory.permissions_of(account, role)
        final = {name: item for name, item in current.items() if name not in step.remove}
        if target.mode != "absent":
            final.update(target.entries)
        if final and final != current:
            self.connection.call("grant_permissions", {"roleid": role}, json=sorted(final), subject=account.key)
        elif current and not final:
            self.connection.call("revoke_permissions", {"roleid": role}, subject=account.key)
        return {name: item for name, item in final.items() if name not in step.final}

    def delete(self) -> None:
        """Delete the accounts, then the user.

        Whether the accounts disappear with the user is not documented: they could log in as the next user of that name.
        """
        account, path = self.account, {"userid": self.account.id}
        if account.values.get("number_accounts") != 0:
            self.connection.call("delete_user_accounts", path, subject=account.key)
        self.connection.call("delete_user", path, subject=account.key)
