# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM 2.0: who is in which group, and how that is changed. The members are an attribute of the group, not of the user."""

from __future__ import annotations

import collections
import threading
from dataclasses import dataclass

from ..._core.errors import ApiError, RollcallError
from ..._core.http.paging import Row, settled
from ..._core.plan.model import Account
from .connection import Scim, quoted, resource_of
from .shapes import PATCH_OP, Document

_WITH_MEMBERS = {"attributes": "displayName,members"}


def members_of(row: Row) -> set[str]:
    """Return the ids of the direct members of a group; groups that are members are none of these."""
    members = row.get("members")
    return {
        str(member["value"]) for member in members if isinstance(member, dict) and member.get("value") and member.get("type") != "Group"
    } if isinstance(members, list) else set()


def groups_with_members(connection: Scim) -> list[Row]:
    """Return all groups with their members. Where a list shows none at all, it may leave them out: then each group is read."""
    rows = settled(lambda: connection.rows("list_groups", "groups", _WITH_MEMBERS)).rows
    if not any("members" in row for row in rows):
        return [connection.call("get_group", {"id": row["id"]}).body or row for row in rows]
    return rows


def groups_of(connection: Scim, account: Account) -> set[str]:
    """Return the ids of the groups that one user is a direct member of.

    A server that does not know the filter may answer with all groups, or with none: what it says is compared with its members, and
    with the groups that the user's document names.
    """
    identity, derived = account.id, derived_groups(account)
    rows = None
    if connection.deviations.member_filter:
        rows = connection.filtered("list_groups", "groups", f"members.value eq {quoted(identity)}", _WITH_MEMBERS)
    holding = {str(row["id"]) for row in rows or () if identity in members_of(row)}
    if rows is None or len(holding) < len(rows) or not derived <= holding:
        rows = groups_with_members(connection)
        holding = {str(row["id"]) for row in rows if identity in members_of(row)}
    return holding if holding or any("members" in row for row in rows) else derived


def derived_groups(account: Account) -> set[str]:
    """Return the ids of the groups that the document of a user names as direct ones."""
    groups = account.raw.get("groups")
    return {
        str(group["value"]) for group in groups if isinstance(group, dict) and group.get("value") and group.get("type") != "indirect"
    } if isinstance(groups, list) else set()


@dataclass(eq=False)
class _Change:
    """One user who joins or leaves a group, while it waits for its turn."""

    user: str
    joins: bool
    done: bool = False
    error: RollcallError | None = None


class Memberships:
    """Changes the members of groups for several users at once: those that wait for a group travel in one request.

    A thread adds its change to the queue of the group. Whoever has the group's lock sends what waits, and so perhaps the
    change of others. Where a request is refused, its changes are sent one by one, so that each user gets an error of its own.
    """

    def __init__(self, connection: Scim) -> None:
        self._connection = connection
        self._guard = threading.Lock()
        self._locks: collections.defaultdict[str, threading.Lock] = collections.defaultdict(threading.Lock)
        self._waiting: collections.defaultdict[str, list[_Change]] = collections.defaultdict(list)

    def change(self, group: str, user: str, joins: bool) -> None:
        """Let a user join or leave a group. Raises what the request with this change raised."""
        mine = _Change(user, joins)
        with self._guard:
            self._waiting[group].append(mine)
            lock = self._locks[group]
        with lock:
            while not mine.done:
                with self._guard:
                    most = self._connection.deviations.chunk
                    batch, self._waiting[group] = self._waiting[group][:most], self._waiting[group][most:]
                self._send(group, batch)
        if mine.error is not None:
            raise mine.error.of("")

    def _send(self, group: str, batch: list[_Change]) -> None:
        try:
            self._write(group, batch)
        except ApiError as error:
            self._one_by_one(group, batch, error)
        except RollcallError as error:
            for change in batch:
                change.error = error
        finally:
            for change in batch:
                change.done = True

    def _one_by_one(self, group: str, batch: list[_Change], refusal: ApiError) -> None:
        """Send each change of a refused request by itself. One that somebody else has made meanwhile is no error."""
        try:
            current = members_of(self._read(group))
        except RollcallError:
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

    def _write(self, group: str, batch: list[_Change]) -> None:
        connection = self._connection
        announced = connection.deviations.patch_groups
        if connection.supports("patch") if announced is None else announced:
            connection.call("patch_group", {"id": group}, json=self._operations(batch), subject=f"group {group}")
            return
        document = self._read(group)
        joins, leaves = ({change.user for change in batch if change.joins is kind} for kind in (True, False))
        kept = [member for member in document.get("members") or () if member.get("value") not in leaves]
        new = [{"value": user} for user in sorted(joins - members_of(document))]
        version = (document.get("meta") or {}).get("version") if connection.supports("etag") else None
        body = {**{name: value for name, value in document.items() if name != "meta"}, "members": kept + new}
        connection.call("replace_group", {"id": group}, json=body, subject=f"group {group}", headers={"If-Match": version} if version else None)

    def _operations(self, batch: list[_Change]) -> Document:
        joins, leaves = ([change.user for change in batch if change.joins is kind] for kind in (True, False))
        steps: list[Document] = [{"op": "add", "path": "members", "value": [{"value": user} for user in joins]}] if joins else []
        if self._connection.deviations.removes_by_value:
            steps += [{"op": "remove", "path": "members", "value": [{"value": user} for user in leaves]}] if leaves else []
        else:
            steps += [{"op": "remove", "path": f"members[value eq {quoted(user)}]"} for user in leaves]
        return {"schemas": [PATCH_OP], "Operations": steps}

    def _read(self, group: str) -> Row:
        answer = self._connection.call("get_group", {"id": group}, subject=f"group {group}")
        if answer.absent:
            raise RollcallError(f"The group {group} is not there any more.", "Run it again.", "unknown_group")
        return resource_of(answer)
