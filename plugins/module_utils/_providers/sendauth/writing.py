# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendAuth: how a difference of a user is written.

An update sends a whole user. Whether it replaces or merges is not documented, so the document is read right before, and
sent back with the changes.
"""

from __future__ import annotations

import typing as t

from ..._core.errors import ApiError, RollcallError
from ..._core.names import fold
from ..._core.plan.model import Account, Value
from ..._core.plan.plan import plan_user
from ..._core.plan.steps import Step
from ..._core.run.writing import Writing
from .connection import SendAuth
from .schema import FACETS, JOINED, NO_ID, READ_ONLY

if t.TYPE_CHECKING:
    from .users import Users

_CONFIRMED = ("role", "company", *FACETS.values())
"""Fields whose effect is not documented, so they are compared after the write."""
_OPTIONS = {"role": "role", "company": "company", **{wire: option for option, wire in FACETS.items()}}
"""Field -> the option that sets it."""


class UserWriting(Writing):
    """The difference of one user."""

    directory: Users
    connection: SendAuth

    def create(self, step: Step) -> Account:
        """Create a user with all fields, permissions and groups."""
        body = self.schema.write(step.values)
        body.update({FACETS[name]: list(entries) for name, entries in step.facets.items()})
        answer = self.connection.call("create_user", json=body, subject=self.desired.name)
        account = self.directory.account_in(answer)
        self._confirm(account, body, body, answer.json_object)
        return account

    def joined(self, steps: t.Sequence[Step]) -> None:
        """Send the document of the user back with the changes of profile, role, permissions and groups."""
        account = self.account
        account.raw = self.directory.filled(account).raw
        self._put(steps)

    def _put(self, steps: t.Sequence[Step]) -> None:
        """Send the document back with changes, and verify the result."""
        account = self.account
        body = {name: value for name, value in account.raw.items() if name not in READ_ONLY and value not in (None, "")}
        if isinstance(body.get("company"), dict):
            body["company"] = {name: value for name, value in body["company"].items() if name != "createdAt"}
        changes: dict[str, Value] = {}
        for step in steps:
            changes.update(self.schema.write(step.values))
            if step.verb == "facet":
                changes[FACETS[step.via]] = list(step.final)
        body.update(changes)
        if body.get("company", self) is None:
            del body["company"]  # how to remove a company is not documented
        answer = self.connection.call("update_user", {"user_id": account.id}, json=body, subject=account.key)
        body = {"company": None, **body}
        self._confirm(account, body, changes, answer.json_object)
        account.raw = {**account.raw, **body}

    def _confirm(
        self,
        account: Account,
        sent: t.Mapping[str, Value],
        changes: t.Mapping[str, Value],
        answered: t.Mapping[str, Value],
    ) -> None:
        """Compare the answer with what was sent. If the answer leaves changes out, read the user.

        Raises RollcallError for a difference: every run would repeat a change that is accepted and not made.
        """
        # An answer without fields does not prove that the change was made.
        if any(
            (changes.get(wire) or (not answered and wire in changes)) and wire not in answered for wire in _CONFIRMED
        ):
            answered = self.directory.fresh(account).raw
        differences = []
        for wire in _CONFIRMED:
            if wire not in sent or wire not in answered:
                continue
            desired, is_now = (_comparable(value) for value in (sent[wire], answered[wire]))
            if desired != is_now:
                differences.append(f"{_OPTIONS[wire]} is {_shown(is_now)} instead of {_shown(desired)}")
        if differences:
            raise RollcallError(
                f"SendAuth accepted the change of {account.key}, but {', and '.join(differences)}.",
                "Another run may have changed the user at the same time: run the task again. If this persists, check "
                "in SendAuth's administration what prevents the change.",
            )

    def update(self, via: str, values: dict[str, Value]) -> None:
        """Write what is not in the document: the removal of passkeys, and the deletion or restoration of the user."""
        if via == "passkeys":
            self._remove_passkeys()
        else:
            self.delete()

    def _remove_passkeys(self) -> None:
        """Remove the passkeys. Raises ApiError after "not found" if the user still has them.

        SendAuth may return "not found" for a user without passkeys, as after a repeated request.
        """
        account = self.account
        answer = self.connection.call("remove_user_passkey", {"user_id": account.id}, subject=account.key)
        if not answer.absent:
            return
        current = self.directory.get(account.id)
        if current is None:
            raise self.directory.gone(account)
        if current.values.get("has_passkeys"):
            raise self.connection.refusal(
                answer, account.key,
                "The user still has passkeys. Check api_url and any proxy, and run the task again.",
            )  # fmt: skip

    def delete(self) -> None:
        """Delete a user softly."""
        self.connection.call("delete_user", {"user_id": self.account.id}, subject=self.account.key)

    def destroy(self) -> None:
        """Delete a deleted user permanently. "Not found" must be confirmed by a second read."""
        account = self.account
        answer = self.connection.call("destroy_user", {"user_id": account.id}, subject=account.key)
        if answer.absent and self.directory.deleted((), (account.id,)):
            raise RollcallError(
                f"{account.key} (id {account.id}) is deleted, but SendAuth cannot find the user to destroy.",
                "Run the task again.",
            )

    # -- the way back --------------------------------------------------------------------------------------------

    def restore(self) -> None:
        """Restore a user, and revoke what is not desired. If that fails, delete the user again."""
        restored = "may have been restored"
        try:
            self._bring_back()
            restored = "was restored before that"
            self._write_rest()
        except RollcallError as error:
            if isinstance(error, ApiError) and error.operation == "restore_user" and error.status < 500:
                raise  # refused, so nothing has changed
            key = self.account.key
            try:
                self.delete()
            except RollcallError:
                sentence = f"{key} {restored} with all earlier grants and passkeys: delete the user, or remove them."
            else:
                sentence = f"{key} {restored}, and was deleted again: the user has no more than the task specifies."
            error.hint = f"{error.hint} {sentence}".strip()
            raise

    def _bring_back(self) -> None:
        """Restore a deleted user. "Not found" may be the answer to a repeated request whose first answer was lost."""
        account = self.account
        answer = self.connection.call("restore_user", {"user_id": account.id}, subject=account.key)
        if answer.absent and self.directory.get(account.id) is None:
            raise ApiError(
                "restore_user", f"restore deleted user {account.key}", answer.status, "",
                "The user no longer exists. Run the task again.",
            )

    def _write_rest(self) -> None:
        """Write everything that the user lacks: what survives a restore is not documented.

        The other steps of the plan then need no call.
        """
        current = self.directory.get(self.account.id)
        if current is None:
            raise self.directory.gone(self.account)
        self.account = current
        steps = plan_user(self.schema, self.desired, current).steps
        document = [step for step in steps if step.via in JOINED]
        if document:
            self._put(document)
        for step in steps:
            if step.via in JOINED:
                self.note_written(step, {})
            else:
                self.write(step)
        self.along.update(self.schema.order, FACETS)


def _shown(value: Value) -> str:
    """Return a comparable value for a message."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "empty")


def _comparable(value: Value) -> Value:
    """Return a part of a document in a form in which sent and reported values are comparable."""
    if isinstance(value, dict):
        return "" if value.get("id") in NO_ID else str(value["id"])
    if isinstance(value, list):
        return sorted(str(item) for item in value) or ""
    return fold(value) if isinstance(value, str) else value or ""
