# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin: how a difference of a user is written."""

from __future__ import annotations

import typing as t

from ..._core.errors import ApiError, RollcallError
from ..._core.http.api import Answer
from ..._core.plan.model import PASSWORD, Account, Entries, Value
from ..._core.plan.steps import Step
from ..._core.run.writing import Writing
from . import passwords
from .connection import OneLogin, data_of
from .others import holder_problem
from .profile import REFUSED, check_cleared, row_of, send
from .shapes import AWAITING, BLOCKING, STATES, STATUSES, code_of, is_number, user_fault

if t.TYPE_CHECKING:
    from .users import Users

_NO_ROUTE = (404, 405, 422, 501)
"""Statuses of an unlock after which the status is set instead.

The server has no such call, or the call does not unlock this user.
"""


class UserWriting(Writing):
    """The difference of one user."""

    directory: Users
    connection: OneLogin

    def create(self, step: Step) -> Account:
        """Create a user. Version 1 accepts only the profile."""
        answer = self._send("create_user", None, step.values, self.desired.name)
        rows = data_of(answer)
        fault = user_fault(rows[0]) if rows else "it contains no user"
        if fault is not None:
            raise answer.unreadable(fault)
        account = self.directory.account(rows[0])
        account.values.pop("enabled", None)  # a password may enable the login, so enabled is always written
        return account

    def update(self, via: str, values: dict[str, Value]) -> None:
        """Write one group of fields: the profile, the status, the state, the lock or the password."""
        account, path = self.account, {"user_id": self.account.id}
        if via == "state":
            if account.values.get("user_state") != values["user_state"]:  # enabling may already have approved the user
                self._set_state(values["user_state"])
        elif via == "status":
            self._set_status(values["status"])
        elif via == "enabled":
            self._enable(values["enabled"])
        elif via == "lock" and values["locked"]:
            self.connection.call(
                "lock_account_user", path, json={"locked_until": self.directory.lock_minutes}, subject=account.key
            )
        elif via == "lock":
            self._unlock()
        elif via == PASSWORD:
            self._set_password(values[PASSWORD])
        else:
            answer = self._send("update_user", path, values, account.key)
            check_cleared(self.connection, answer, account, values)

    def _send(self, name: str, path: dict[str, str] | None, values: dict[str, Value], subject: str) -> Answer:
        """Send profile fields. Raises RollcallError, as check mode does, if another user has the name or address."""
        try:
            return send(self.connection, name, path, values, subject)
        except ApiError as error:
            account = self.account if name == "update_user" else None
            self.directory.searched.clear()  # somebody has just got the name or address
            problems = holder_problem(self.directory, self.desired, account) if error.status in REFUSED else []
            if problems:
                raise RollcallError(f"Could not write {subject}: {problems[0].text}", "", problems[0].code) from error
            raise

    def _set_password(self, password: str) -> None:
        """Set the password by the method that the options specify. It is not a field of the user."""
        account, options = self.account, self.desired.options
        if options.get("password_hash"):
            passwords.set_hash(
                self.connection, account, password, options.get("password_salt"), options["password_algorithm"]
            )
        elif options.get("password_method") == "clear_text":
            passwords.set_clear_text(self.connection, account, password)
        else:
            passwords.set_salted(self.connection, account, password)
        if account.values.get("status") in AWAITING:
            account.values.pop("status")  # the password may have ended the status

    def _set_state(self, state: str) -> None:
        """Set the state. OneLogin refuses the current state, which is no error."""
        account = self.account
        try:
            self.connection.call(
                "set_user_state", {"user_id": account.id}, json={"state": code_of(STATES, state)}, subject=account.key
            )
        except ApiError as error:
            current = self.directory.get(account.id) if error.status == 400 else None
            if current is None or current.values.get("user_state") != state:
                raise

    def _enable(self, enabled: bool) -> None:
        """Suspend an account, or remove what blocks its login.

        An account that only its state blocks keeps its status.
        """
        account = self.account
        status = account.values.get("status")
        if not enabled:
            if status != "suspended":
                self._set_status("suspended")
            return
        if status is None or status in BLOCKING:
            self._set_status("active")
        if account.values.get("user_state") not in (None, "approved"):
            self._set_state("approved")
            account.values["user_state"] = "approved"

    def _set_status(self, status: str) -> None:
        """Set the status through version 2, the only version that can, and check the result."""
        account, body = self.account, {"status": code_of(STATUSES, status)}
        answer = self.connection.call("update_user2", {"user_id": account.id}, json=body, subject=account.key)
        shown: Value = row_of(answer).get("status")
        if is_number(shown) and int(shown) != body["status"]:
            raise RollcallError(
                f"{account.key} should be {status}; the server accepted that, but the status is "
                f"{STATUSES.get(int(shown), shown)}.",
                "Change it in OneLogin's administration; a policy or a directory may control it there.",
                "not_applied",
            )
        account.values["status"] = status

    def _unlock(self) -> None:
        """Unlock a user. If the call is missing or does not unlock the user, set the status to active instead."""
        account = self.account
        try:
            self.connection.call("unlock_user2", {"user_id": account.id}, subject=account.key)
        except ApiError as error:
            current = self.directory.get(account.id) if error.status in _NO_ROUTE else None
            if current is None:
                raise
            if current.values.get("status") in BLOCKING:
                raise
            if current.values.get("locked"):
                self._set_status("active")

    def facet(self, step: Step) -> Entries:
        """Write roles as strict deltas, and attributes as a merge in which an empty text clears."""
        if step.via == "attributes":
            values = {**step.add, **dict.fromkeys(step.remove, "")}
            path = {"user_id": self.account.id}
            self.connection.call(
                "set_custom_attributes", path, json={"custom_attributes": values}, subject=self.account.key
            )
            return {}
        self._change_roles("add_roles_to_user", list(step.add))
        if not step.remove:
            return {}
        self._change_roles("remove_user_role", list(step.remove))
        # Roles that a mapping or provisioning grants stay, although the call succeeds.
        left = self.directory.role_ids(self.account)
        return {identity: item for identity, item in step.remove.items() if identity in left}

    def _change_roles(self, operation: str, identities: list[str]) -> None:
        """Add or remove roles.

        If a mapping has added or removed one of them meanwhile, OneLogin refuses them all. The others are then sent
        again.
        """
        account = self.account

        def change(chosen: list[str]) -> None:
            body = {"role_id_array": [int(identity) for identity in chosen]}
            self.connection.call(operation, {"user_id": account.id}, json=body, subject=account.key)

        if not identities:
            return
        try:
            change(identities)
        except ApiError as error:
            if error.status != 400:
                raise
            current = self.directory.role_ids(account)
            adds = operation == "add_roles_to_user"
            rest = [identity for identity in identities if (identity in current) is not adds]
            if rest == identities:
                raise
            if rest:
                change(rest)

    def delete(self) -> None:
        """Delete a user permanently."""
        self.connection.call("delete_user", {"user_id": self.account.id}, subject=self.account.key)
