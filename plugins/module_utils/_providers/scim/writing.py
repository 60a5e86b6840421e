# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM 2.0: how a difference of a user is written."""

from __future__ import annotations

import typing as t

from ..._core.errors import ApiError, Notice, RollcallError, UnclearAnswer
from ..._core.http.api import Answer
from ..._core.plan.model import Account, Entries, Value
from ..._core.plan.steps import Step
from ..._core.run.writing import Writing
from .connection import Scim, resource_of
from .shapes import ENTERPRISE, LISTS, boolean, operations, overlaid, with_value

if t.TYPE_CHECKING:
    from .users import Users

_MANAGER = f"{ENTERPRISE}:manager"


class UserWriting(Writing):
    """The difference of one user."""

    directory: Users
    connection: Scim

    def create(self, step: Step) -> Account:
        """Create a user with all fields and attributes."""
        body = overlaid({}, self._changes([step], {}))
        try:
            answer = self.connection.call("create_user", json=body, subject=self.desired.name)
        except RollcallError as error:
            taken = isinstance(error, ApiError) and self.directory.is_duplicate(error)
            self.directory.distrust(self.desired.key, taken)
            raise
        account = self.directory.account(resource_of(answer))
        enabled = step.values.get("enabled")
        self._compare(account, {name: value for name, value in step.values.items() if name != "enabled"})
        if enabled is not None and account.values.get("enabled") not in (None, enabled):  # every new login is enabled
            self.account = account
            self._send([Step("update", changes={"enabled": (None, enabled)})])
        return account

    def joined(self, steps: t.Sequence[Step]) -> None:
        """Write fields and attributes in one call."""
        self._send(steps)

    def _changes(self, steps: t.Sequence[Step], document: t.Mapping[str, Value]) -> dict[str, Value]:
        """Return the values to write by their paths. One of several values is written with the others."""
        changes: dict[str, Value] = {}
        for step in steps:
            for path, value in self.schema.write(step.values).items():
                if path in LISTS:
                    known = self.connection.attributes().get(path.lower())
                    value = with_value(document.get(path), value or "", known.parts if known is not None else None)
                elif path == _MANAGER and value:
                    value = {"value": value}
                changes[path] = value
            changes.update({**step.facets.get("attributes", {}), **step.add, **dict.fromkeys(step.remove)})
        return changes

    def _send(self, steps: t.Sequence[Step]) -> None:
        """Send a difference. If another client has changed the user meanwhile (412), compute it again."""
        try:
            changes, answer = self._sent(steps)
        except ApiError as error:
            if error.status != 412:
                raise
            self.account.raw = self.directory.fresh(self.account).raw
            changes, answer = self._sent(steps)
        body, active, document = answer.json_object, changes.get("active"), self.account.raw
        whole = body.get("id") == self.account.id
        if active is not None and boolean(body.get("active") if whole else None) is not active:
            whole, body = True, self.directory.fresh(self.account).raw  # the answer does not say so
            if boolean(body.get("active")) not in ((active, None) if active else (False,)):
                should = f"{self.account.key} should be {'enabled' if active else 'disabled'}"
                raise RollcallError(
                    f"{should}: the server accepted the change, but did not apply it.",
                    "Check whether the server lets these credentials change active.", "not_applied",
                )
        if not whole:
            body = overlaid(document, {**changes, "meta.version": answer.headers.get("ETag")})
        self.account.raw = body
        values = {name: value for step in steps for name, value in step.values.items()}
        self._compare(self.directory.account(body), values)

    def _compare(self, account: Account, written: t.Mapping[str, Value]) -> None:
        """Warn about fields that the server has accepted and returns with another value."""
        fields = [self.schema.field(name) for name in written]
        ignored = [
            field.name for field in fields
            if field.readable and not field.equal(account.values.get(field.name), written[field.name])
        ]
        if ignored:
            value, them = ("another value", "it") if len(ignored) == 1 else ("other values", "them")
            text = (
                f"{account.key}: the server accepted {', '.join(ignored)}, but shows {value}. Check whether the server "
                f"lets these credentials change {them}."
            )
            self.directory.notices.append(Notice("not_applied", text, account.key))

    def _sent(self, steps: t.Sequence[Step]) -> tuple[dict[str, Value], Answer]:
        """Send a difference as a PATCH, or as a PUT of the whole document, which is read right before."""
        account, connection, path = self.account, self.connection, {"id": self.account.id}
        if connection.supports("patch"):
            if any(map(self.directory.sends_list, steps)) and not connection.match(account.raw):
                account.raw = self.directory.fresh(account).raw  # what others have added to the list meanwhile is kept
            changes = self._changes(steps, account.raw)
            try:
                body = operations(account.raw, changes)
                headers = connection.match(account.raw)
                return changes, connection.call("patch_user", path, json=body, subject=account.key, headers=headers)
            except (ApiError, UnclearAnswer) as error:
                if error.status not in (405, 501):
                    raise
                connection.refused("patch")
        account.raw = self.directory.fresh(account).raw
        changes, headers = self._changes(steps, account.raw), connection.match(account.raw)
        return changes, connection.call(
            "replace_user", path, json=self._whole(changes), subject=account.key, headers=headers
        )

    def _whole(self, changes: t.Mapping[str, Value]) -> dict[str, Value]:
        """Return the whole document with changes for a PUT, without the attributes that only the server writes."""
        kept = {"id": None, "meta": None, "groups": None}
        declared = self.connection.attributes().values()
        read_only = {attribute.path: None for attribute in declared if attribute.mutability == "readOnly"}
        return overlaid(self.account.raw, {**kept, **read_only, **changes})

    def facet(self, step: Step) -> Entries:
        """Let the user join and leave groups."""
        for identity in step.add:
            self.directory.memberships.change(identity, self.account.id, True)
        names = self.account.details.get("named by") or {}
        for identity in step.remove:
            self.directory.memberships.change(identity, names.get(identity, self.account.id), False)
        return {}

    def delete(self) -> None:
        """Delete a user permanently."""
        self.connection.call("delete_user", {"id": self.account.id}, subject=self.account.key)
