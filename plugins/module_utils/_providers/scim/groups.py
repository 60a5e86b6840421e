# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM 2.0: the members of groups, and how they change: members are an attribute of the group."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..._core.errors import ApiError, RollcallError, UnclearAnswer, concerning
from ..._core.http.paging import Row, settled
from ..._core.plan.model import Account
from ..._core.run.batches import Batches, Change
from .connection import Scim, quoted, resource_of
from .shapes import PATCH_OP, Document

if t.TYPE_CHECKING:
    from .users import Users

_WITH_MEMBERS = {"attributes": "displayName,members"}


def members_of(row: Row) -> dict[str, str]:
    """Return the direct members of a group, except groups: identifier of a user -> the group's value for it.

    The value is the id of the user (RFC 7643, 4.2). If it is the userName, the last part of ``$ref`` may be the id.
    """
    members: dict[str, str] = {}
    for member in row.get("members") or ():
        if isinstance(member, dict) and member.get("value") and member.get("type") != "Group":
            name, reference = str(member["value"]), str(member.get("$ref") or "").rstrip("/").rpartition("/")[2]
            members.update({reference or name: name, name: name})
    return members


def _groups_by(rows: t.Iterable[Row], accounts: t.Sequence[Account]) -> dict[str, dict[str, str]]:
    """Return the groups of users by their ids, each with the group's value for the user.

    A number never counts as a userName: it may be the id of another user.
    """
    users = {str(account.raw.get("userName")): account for account in accounts}
    users = {name: account for name, account in users.items() if not name.isdecimal()}
    users.update((account.id, account) for account in accounts)
    groups = {account.id: dict[str, str]() for account in accounts}
    for row in rows:
        for key, name in members_of(row).items():
            if key in users:
                groups[users[key].id].setdefault(str(row["id"]), name)
    return groups


def groups_of(directory: Users, account: Account) -> dict[str, str]:
    """Return the groups with this user as a direct member, each with the group's value for the user.

    A server that does not support the filter may return all groups, or none. Therefore its answer is compared with the
    members in it, and with the groups in the user's document.
    """
    rows = None
    if directory.connection.deviations.member_filter:
        with concerning(account.key):
            rows = directory.connection.filtered("groups", f"members.value eq {quoted(account.id)}", _WITH_MEMBERS)
    if not directory.connection.deviations.shows_members:
        return dict.fromkeys((str(row["id"]) for row in rows or ()), account.id)
    groups = _groups_by(rows or (), [account])[account.id]
    if rows is None or len(groups) < len(rows) or not derived_groups(account).keys() <= groups.keys():
        return memberships(directory, [account])[account.id]
    return groups


def memberships(directory: Users, accounts: t.Sequence[Account]) -> dict[str, dict[str, str]]:
    """Return the groups of several users, from one list. If no group shows members, the users' documents count.

    A list may leave the members of all groups out: then each group is read.
    """
    connection = directory.connection
    if not connection.deviations.shows_members:
        pairs = directory.concurrently(lambda account: (account.id, groups_of(directory, account)), accounts)
        return dict(pairs)
    rows = settled(lambda: connection.rows("groups", _WITH_MEMBERS)).rows
    if not any("members" in row for row in rows):
        answers = directory.concurrently(lambda row: connection.call("get_group", {"id": row["id"]}), rows)
        rows = [resource_of(answer) for answer in answers if not answer.absent]
    if not any("members" in row for row in rows):
        return {account.id: derived_groups(account) for account in accounts}
    return _groups_by(rows, accounts)


def derived_groups(account: Account) -> dict[str, str]:
    """Return the groups that the document of a user reports as direct ones."""
    return {
        str(group["value"]): account.id for group in account.raw.get("groups") or ()
        if isinstance(group, dict) and group.get("value") and group.get("type") != "indirect"
    }


@dataclass(eq=False)
class _Member(Change):
    """A user who joins or leaves a group. ``user`` is the id, or the group's value for the user."""

    user: str
    joins: bool


class Memberships:
    """A writer of the members of groups, for several users at once.

    Changes that wait for the same group are sent in one request. If that is refused, each change is sent again by
    itself, so that each user gets an error of their own.
    """

    def __init__(self, connection: Scim) -> None:
        self._connection = connection
        self.batches = Batches(self._together, self._send)

    def change(self, group: str, user: str, joins: bool) -> None:
        """Let a user join or leave a group. Raises the error of the request with this change."""
        self.batches.add(group, _Member(user, joins))

    def _together(self, waiting: list[_Member]) -> list[_Member]:
        """Return the next changes for one request: users who join, or users who leave."""
        joins, deviations = waiting[0].joins, self._connection.deviations
        most = deviations.joins if joins else deviations.leaves
        return [change for change in waiting if change.joins is joins][:most]

    def _send(self, group: str, batch: list[_Member]) -> None:
        try:
            try:
                self._write(group, batch)
            except ApiError as refusal:
                self._one_by_one(group, batch, refusal)
        except RollcallError as error:
            if error.code != "unknown_group" or batch[0].joins:  # a group that does not exist has no members to remove
                raise

    def _one_by_one(self, group: str, batch: list[_Member], refusal: ApiError) -> None:
        """Send each change of a refused request by itself.

        A change that another client has already made is no error.
        """
        try:
            current = members_of(self._read(group))
        except RollcallError as error:
            if error.code == "unknown_group":
                raise
            current = None
        for change in batch:
            if current is not None and (change.user in current) is change.joins:
                continue
            try:
                if len(batch) == 1 or refusal.final:
                    raise refusal
                self._write(group, [change])
            except RollcallError as error:
                change.error = error

    def _write(self, group: str, batch: list[_Member]) -> None:
        """Send changes as a PATCH, or as a PUT if there is no PATCH or a last member must stay."""
        connection, joins, users = self._connection, batch[0].joins, [change.user for change in batch]
        empties = not joins and self._requires_members()
        empties = empties and not set(members_of(self._read(group)).values()) - set(users)
        if self._patches() and not empties:
            try:
                body = self._operations(joins, users)
                connection.call("patch_group", {"id": group}, json=body, subject=self._name(group))
                return
            except (ApiError, UnclearAnswer) as error:
                if error.status not in (405, 501):
                    raise
                connection.refused("patch of groups")
        for left in (2, 1, 0):
            try:
                self._replace(group, joins, users)
                return
            except ApiError as error:  # another client has changed the group since the read
                if error.status != 412 or not left:
                    raise

    def _replace(self, group: str, joins: bool, users: list[str]) -> None:
        """Send the current group with other members."""
        document = self._read(group)
        kept = [member for member in document.get("members") or () if member.get("value") not in users]
        members = kept + ([{"value": user} for user in users] if joins else [])
        body = {**{key: value for key, value in document.items() if key != "meta"}, "members": members}
        headers = self._connection.match(document)
        self._connection.call("replace_group", {"id": group}, json=body, subject=self._name(group), headers=headers)

    def _patches(self) -> bool:
        connection, known = self._connection, self._connection.deviations.patch_groups
        if "no patch of groups" in connection.cache:
            return False
        return connection.supports("patch") if known is None else known

    def _requires_members(self) -> bool:
        members = self._connection.attributes("Group").get("members")
        return members is not None and members.required

    def _operations(self, joins: bool, users: list[str]) -> Document:
        quote = quoted if self._connection.deviations.quotes_ids else str
        removals = [{"op": "remove", "path": f"members[value eq {quote(user)}]"} for user in users]
        addition = {"op": "add", "path": "members", "value": [{"value": user} for user in users]}
        return {"schemas": [PATCH_OP], "Operations": [addition] if joins else removals}

    def _name(self, group: str) -> str:
        return f"group {self._connection.groups().names.get(group, group)}"

    def _read(self, group: str) -> Row:
        answer = self._connection.call("get_group", {"id": group}, subject=self._name(group))
        if answer.absent:
            raise RollcallError(
                f"The {self._name(group)} no longer exists.", "Create it again, or remove it from the input.",
                "unknown_group",
            )
        row = resource_of(answer)
        answer.check_id("group", row["id"], group)
        return row
