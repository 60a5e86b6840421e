# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM 2.0: how a difference of a user is written."""

from __future__ import annotations

import typing as t

from ..._core.errors import ApiError, RollcallError
from ..._core.http.api import Answer
from ..._core.plan.model import Account, Entries, Value
from ..._core.plan.steps import Step
from ..._core.run.writing import Writing
from .connection import Scim, resource_of
from .shapes import ENTERPRISE, LISTS, boolean, look, operations, overlaid, with_value

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
        except RollcallError:
            self.directory.forget_list()
            raise
        account = self.directory.account(resource_of(answer))
        enabled = step.values.get("enabled")
        if enabled is not None and account.values.get("enabled") is not enabled:  # some servers open every new login
            self.account = account
            self._send([Step("update", changes={"enabled": (None, enabled)})])
        return account

    def joined(self, steps: t.Sequence[Step]) -> None:
        """Write fields and attributes in one call."""
        self._send(steps)

    def _changes(self, steps: t.Sequence[Step], document: t.Mapping[str, Value]) -> dict[str, Value]:
        """Return the values to write by their paths. What is one of several values goes with the others."""
        changes: dict[str, Value] = {}
        for step in steps:
            for path, value in self.schema.write(step.values).items():
                if path in LISTS:
                    value = with_value(document.get(path), value or "")
                elif path == _MANAGER and value and not self.connection.deviations.manager_text:
                    value = {"value": value}
                changes[path] = value
            changes.update({**step.facets.get("attributes", {}), **step.add, **dict.fromkeys(step.remove)})
        return changes

    def _send(self, steps: t.Sequence[Step]) -> None:
        """Send a difference. Where somebody has changed the user meanwhile (412), it is made once more from what is there now."""
        try:
            changes, answer = self._sent(steps)
        except ApiError as error:
            if error.status != 412:
                raise
            self.account.raw = self.directory.fresh(self.account).raw
            changes, answer = self._sent(steps)
        body = answer.body
        if isinstance(body, dict) and body.get("id") == self.account.id:
            self.account.raw = body
            if "active" in changes and boolean(body.get("active")) is not changes["active"]:
                raise RollcallError(
                    f"{self.account.key} should be {'enabled' if changes['active'] else 'disabled'}; the server accepted that, and did not do it.",
                    "Check whether the server lets others change active.", "not_applied",
                )
        else:
            raw = overlaid(self.account.raw, changes)
            raw["meta"] = {name: value for name, value in (raw.get("meta") or {}).items() if name != "version"}
            self.account.raw = raw

    def _sent(self, steps: t.Sequence[Step]) -> tuple[dict[str, Value], Answer]:
        account, connection = self.account, self.connection
        changes = self._changes(steps, account.raw)
        path, version = {"id": account.id}, look(account.raw, "meta.version")
        headers = {"If-Match": version} if isinstance(version, str) and connection.supports("etag") else None
        if connection.supports("patch"):
            try:
                return changes, connection.call("patch_user", path, json=operations(account.raw, changes), subject=account.key, headers=headers)
            except ApiError as error:
                if error.status not in (405, 501):
                    raise
                connection.refused("patch")
                account.raw = self.directory.fresh(account).raw
        return changes, connection.call("replace_user", path, json=self._whole(changes), subject=account.key, headers=headers)

    def _whole(self, changes: t.Mapping[str, Value]) -> dict[str, Value]:
        """Return the whole document with changes, as a PUT sends it: without what the server keeps."""
        kept = {"id": None, "meta": None, "groups": None}
        read_only = {one.path: None for one in self.connection.attributes().values() if one.mutability == "readOnly"}
        return overlaid(self.account.raw, {**kept, **read_only, **changes})

    def facet(self, step: Step) -> Entries:
        """Let the user join and leave groups."""
        for identity in step.add:
            self.directory.memberships.change(identity, self.account.id, True)
        for identity in step.remove:
            self.directory.memberships.change(identity, self.account.id, False)
        return {}

    def delete(self) -> None:
        """Delete a user for good."""
        self.connection.call("delete_user", {"id": self.account.id}, subject=self.account.key)
