# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contabo: how a difference of a user is written and confirmed. Answers to updates do not contain the user."""

from __future__ import annotations

import typing as t

from ..._core.errors import ApiError, RollcallError
from ..._core.plan.model import Account, Entries, Value
from ..._core.plan.steps import Step
from ..._core.run.token_run import looks
from ..._core.run.writing import Writing
from .connection import Contabo
from .wire import broken, single_row

if t.TYPE_CHECKING:
    from .users import Users

COMPUTED = "computed"
"""The write group of values that go along with other values, without a call of their own."""


class UserWriting(Writing):
    """The difference of one user."""

    directory: Users
    connection: Contabo

    def create(self, step: Step) -> Account:
        """Create a user with roles. The answer contains only the id."""
        body = self.schema.write(step.values)
        roles = step.facets.get("roles")
        if roles:
            body["roles"] = _wire_ids(roles)
        answer = self.connection.call("create_user", json=body, subject=self.desired.name)
        row = single_row(answer)
        identity = row.get("userId")
        if not isinstance(identity, str) or not identity:
            raise broken(answer, "it contains no userId")
        account = Account(identity, str(step.values["email"]), {**step.values, **self.schema.read(row)}, raw=row)
        if not self.directory.bulk:
            self._confirm(account, f"{account.key} was created (id {identity})", step.values, roles or ())
        return account

    def joined(self, steps: t.Sequence[Step]) -> None:
        """Write profile and roles in one call.

        An empty list of roles is written separately: if the API refuses it, the other changes are made.
        """
        steps = [step for step in steps if step.via != COMPUTED]
        apart = [step for step in steps if step.verb == "facet" and not step.final]
        self._send([step for step in steps if step not in apart])
        self._send(apart)

    def _send(self, steps: t.Sequence[Step]) -> None:
        """Write what differs, and read the user again: the answer does not contain the user."""
        account = self.account
        values = {name: value for step in steps for name, value in step.values.items()}
        roles = next((step for step in steps if step.verb == "facet"), None)
        if not steps:
            return
        body = self.schema.write(values)
        if roles is not None:
            body["roles"] = _wire_ids(roles.final)
        try:
            self.connection.call("update_user", {"userId": account.id}, json=body, subject=account.key)
        except ApiError as error:
            if roles is not None and not roles.final and error.status in (400, 422):
                error.hint = (
                    "Contabo may reject an empty list of roles. Keep one role, or disable or delete the user."
                )
            raise
        # Whether an empty list clears the roles is not documented, so it is always confirmed.
        if not self.directory.bulk or (roles is not None and not roles.final):
            subject = "change" if roles is None else "roles"
            # Another task may change the other roles at the same time.
            added, removed = (roles.add, roles.remove) if roles is not None else ({}, {})
            self._confirm(account, f"Contabo accepted the {subject} of {account.key}", values, added, removed)

    def _confirm(
        self,
        account: Account,
        done: str,
        values: t.Mapping[str, Value],
        roles: t.Collection[str] = (),
        removed_roles: t.Collection[str] = (),
    ) -> None:
        """Read a user again until all changes show: values, new roles, and roles that are removed.

        Whether reads show a write immediately is not documented.
        Raises RollcallError, whose message begins with ``done``, if a change does not show or the user cannot be read.
        """
        differs: list[str] = []
        for _look in looks(self.connection.clock.sleep):
            try:
                fresh = self.directory.get(account.id)
            except RollcallError as error:
                error.message = f"{done}, but the user could not be read again. {error.message}"
                raise
            if fresh is None:
                differs = ["there is no such user"]
                continue
            differs = [
                f"{name} is {fresh.values.get(name)!r} and not {value!r}"
                for name, value in values.items() if not self.schema.field(name).equal(fresh.values.get(name), value)
            ]
            current = {
                self.directory.role_id(role)
                for role in (fresh.raw.get("roles") or () if roles or removed_roles else ())
            }
            differs += [
                f"role {self.connection.roles().show(identity)} is missing"
                for identity in roles
                if identity not in current
            ]
            differs += [
                f"role {self.connection.roles().show(identity)} is still there"
                for identity in removed_roles
                if identity in current
            ]
            if not differs:
                return
        raise self.connection.fault(
            f"{done}, but reading the user again shows: {', '.join(differs)}.",
            "Another run may have changed the user at the same time. Run the task again; if this persists, change the "
            "user in the customer panel.",
        )

    def delete(self) -> None:
        """Delete a user permanently."""
        # A user who does not exist is no error; a 404 that is not the API's own is an error.
        self.connection.none_found(
            self.connection.call("delete_user", {"userId": self.account.id}, subject=self.account.key)
        )


def _wire_ids(entries: Entries) -> list[Value]:
    """Return role ids in the form that the API expects."""
    return sorted((int(identity) if identity.isdecimal() else identity for identity in entries), key=str)
