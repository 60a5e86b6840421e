# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of the OneLogin account: users with their indexes, roles, groups, custom attributes, apps."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import Any

from ...clock import iso_millis
from ...counters import Numbers


@dataclass(slots=True)
class User:
    """``fields`` has the shared model's names (without the empty ones), ``roles`` maps a role id to where it comes
    from.

    Sources of a role: manual, mapping, provisioning. ``cache`` holds rendered forms until the next change.
    """

    id: int
    fields: dict[str, Any] = field(init=False)
    roles: dict[int, str] = field(default_factory=dict)
    custom: dict[str, str] = field(default_factory=dict)
    password: dict[str, Any] | None = None
    logouts: int = 0
    before_lock: int = 1
    cache: dict[Any, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.fields = {"id": self.id}


@dataclass
class Role:
    id: int
    name: str
    apps: list[int] = field(default_factory=list)
    users: set[int] = field(default_factory=set)
    admins: list[int] = field(default_factory=list)


def fold(value: str) -> str:
    return value.casefold()


class Store(Numbers):
    """All of the account. Changes to users go through its methods, which keep the indexes and the cache right."""

    def __init__(self) -> None:
        super().__init__(user=100000, role=410000, group=310000, app=510000)
        self.users: dict[int, User] = {}
        self.order: list[int] = []
        self.index: dict[str, dict[str, set[int]]] = {"email": {}, "username": {}}
        self.roles: dict[int, Role] = {}
        self.groups: dict[int, str] = {}
        self.attributes: dict[str, dict[str, Any]] = {}
        self.apps: dict[int, str] = {}
        # User id -> moment at which the lock ends by itself.
        self.locks: dict[int, float] = {}
        # (moment, user id): mappings that are still to run.
        self.mapping_runs: list[tuple[float, int]] = []

    def add_attribute(self, name: str, shortname: str, position: int | None) -> dict[str, Any]:
        value = {"id": self.number("attribute"), "name": name, "shortname": shortname, "position": position}
        self.attributes[shortname] = value
        return value

    # Users -----------------------------------------------------------------------------------------------------

    def add_user(self, user: User) -> None:
        self.users[user.id] = user
        if not self.order or user.id > self.order[-1]:
            self.order.append(user.id)
        else:
            insort(self.order, user.id)
        for name in self.index:
            self._enter(name, user.fields.get(name), user.id)
        for role_id in user.roles:
            self.roles[role_id].users.add(user.id)

    def remove_user(self, user: User) -> None:
        del self.users[user.id]
        del self.order[bisect_left(self.order, user.id)]
        for name in self.index:
            self._leave(name, user.fields.get(name), user.id)
        for role_id in user.roles:
            self.roles[role_id].users.discard(user.id)
        self.locks.pop(user.id, None)

    def set_fields(self, user: User, changes: dict[str, Any], now: float | None) -> None:
        """Set fields (None takes one away); ``now`` also dates the change."""
        for name, value in changes.items():
            if name in self.index:
                self._leave(name, user.fields.get(name), user.id)
                self._enter(name, value, user.id)
            if value is None:
                user.fields.pop(name, None)
            else:
                user.fields[name] = value
        self.touch(user, now)

    def touch(self, user: User, now: float | None) -> None:
        if now is not None:
            user.fields["updated_at"] = iso_millis(now)
        user.cache.clear()

    def _enter(self, name: str, value: str | None, user_id: int) -> None:
        if value:
            self.index[name].setdefault(fold(value), set()).add(user_id)

    def _leave(self, name: str, value: str | None, user_id: int) -> None:
        if value:
            ids = self.index[name].get(fold(value))
            if ids:
                ids.discard(user_id)
                if not ids:
                    del self.index[name][fold(value)]

    def holders(self, name: str, value: str) -> set[int]:
        """Ids of the users whose ``email`` or ``username`` is ``value``, whatever the case."""
        return self.index[name].get(fold(value), set())

    # Roles of users --------------------------------------------------------------------------------------------

    def give_role(self, user: User, role_id: int, source: str = "manual") -> None:
        user.roles.setdefault(role_id, source)
        self.roles[role_id].users.add(user.id)
        user.cache.clear()

    def take_role(self, user: User, role_id: int) -> None:
        """Take a role away; one that a mapping or a provisioning gave stays, as in the real system."""
        if user.roles.get(role_id) == "manual":
            del user.roles[role_id]
            self.roles[role_id].users.discard(user.id)
            user.cache.clear()

    # Locks -----------------------------------------------------------------------------------------------------

    def lock(self, user: User, until: float | None, now: float) -> None:
        """Lock a user; ``until`` None: until a request unlocks the user."""
        if user.fields.get("status") != 3:
            user.before_lock = user.fields.get("status", 1)
        self.locks.pop(user.id, None)
        if until is not None:
            self.locks[user.id] = until
        self.set_fields(user, {"status": 3, "locked_until": None if until is None else iso_millis(until)}, now)

    def unlock(self, user: User, status: int, now: float) -> None:
        self.locks.pop(user.id, None)
        self.set_fields(user, {"status": status, "locked_until": None}, now)

    def end_locks(self, now: float) -> None:
        """End the locks whose time is over."""
        for user_id in [item for item, until in self.locks.items() if until <= now]:
            user = self.users[user_id]
            self.unlock(user, user.before_lock, now)
