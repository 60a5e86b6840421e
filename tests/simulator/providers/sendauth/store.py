# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of a SendAuth organisation: users (live and soft-deleted), catalogues, transactions, audits."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from ...clock import iso_millis
from ...counters import Numbers, stable_uuid

# Fields of a user that have a value of their own; the others are computed.
PLAIN = ("role", "firstName", "lastName", "email", "phone", "messagingPreference", "lastAuthenticated")
ORG_ID = "5e9da070-0000-4000-8000-000000000001"
FINAL = ("verified", "denied", "cancelled", "expired")


@dataclass(slots=True)
class User:
    """``fields`` has the plain fields without the empty ones; ``labels`` are the direct permissions, ``groups`` ids."""

    id: str
    created: float
    fields: dict[str, str] = field(default_factory=dict)
    company: str | None = None
    labels: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    passkeys: int = 0
    tags: dict[str, str] = field(default_factory=dict)
    searched: str = ""
    cache: bytes | None = None

    def set(self, changes: dict[str, str | None]) -> None:
        """Set plain fields; None or an empty text takes one away."""
        for name, value in changes.items():
            if value:
                self.fields[name] = value
            else:
                self.fields.pop(name, None)
        self.touch()

    def touch(self) -> None:
        self.cache = None
        self.searched = "\n".join(
            self.fields.get(name, "") for name in ("firstName", "lastName", "email", "phone")
        ).lower()

    @property
    def name(self) -> str:
        return f"{self.fields.get('firstName', '')} {self.fields.get('lastName', '')}".strip()


@dataclass
class Transaction:
    id: str
    kind: str
    subject: str
    subject_name: str
    requestor: str
    created: float
    expires: float
    message: str = ""
    context: str = ""
    state: str = "pending"
    completed: float | None = None
    # When it becomes what, by itself.
    due: tuple[float, str] | None = None

    def as_json(self) -> dict[str, Any]:
        value: dict[str, Any] = {
            "id": self.id,
            "subject": self.subject,
            "subjectName": self.subject_name,
            "state": self.state,
            "requestor": self.requestor,
            "context": self.context or self.kind,
            "createdAt": iso_millis(self.created),
            "expiresAt": iso_millis(self.expires),
        }
        if self.completed is not None:
            value["completedAt"] = iso_millis(self.completed)
        if self.message:
            value["message"] = self.message
        return value


@dataclass
class Tag:
    id: str
    name: str
    description: str = ""
    enabled: bool = True
    values: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Group:
    """A permission group."""

    id: str
    name: str
    permissions: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Approval:
    """An approval group; ``users`` holds ids."""

    id: str
    name: str
    threshold: str = "any"
    description: str = ""
    users: list[str] = field(default_factory=list)


class Store(Numbers):
    """All of the organisation."""

    def __init__(self) -> None:
        super().__init__()
        self.users: dict[str, User] = {}
        self.deleted: dict[str, User] = {}
        # Folded e-mail address -> id, for live and for soft-deleted users.
        self.mails: dict[str, str] = {}
        self.deleted_mails: dict[str, str] = {}
        self.tags: dict[str, Tag] = {}
        self.labels: dict[str, None] = {}
        self.groups: dict[str, Group] = {}
        self.companies: dict[str, dict[str, Any]] = {}
        self.approvals: dict[str, Approval] = {}
        self.transactions: dict[str, Transaction] = {}
        self.audits: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []

    def new_id(self, kind: str) -> str:
        return stable_uuid(f"sendauth {kind} {self.number(kind)}")

    def add_company(self, name: str, now: float, company_id: str | None = None) -> dict[str, Any]:
        key = company_id or self.new_id("company")
        self.companies[key] = {"id": key, "orgID": ORG_ID, "name": name, "createdAt": iso_millis(now)}
        return self.companies[key]

    # Users -----------------------------------------------------------------------------------------------------

    def add(self, user: User) -> None:
        self.users[user.id] = user
        self._enter(self.mails, user)
        user.touch()

    def change(self, user: User, changes: dict[str, str | None]) -> None:
        self._leave(self.mails, user)
        user.set(changes)
        self._enter(self.mails, user)

    def soft_delete(self, user: User, now: float) -> None:
        del self.users[user.id]
        self._leave(self.mails, user)
        self.deleted[user.id] = user
        self._enter(self.deleted_mails, user)
        for item in self.transactions.values():
            if item.subject == user.id and item.state == "pending":
                item.state, item.completed = "cancelled", now

    def restore(self, user: User) -> None:
        self.forget(user)
        self.add(user)

    def forget(self, user: User) -> None:
        """Take a soft-deleted user away."""
        del self.deleted[user.id]
        self._leave(self.deleted_mails, user)

    def destroy(self, user: User) -> None:
        self.forget(user)
        for group in self.approvals.values():
            if user.id in group.users:
                group.users.remove(user.id)

    def catalogue_changed(self) -> None:
        """Groups or companies changed: users that were rendered with them have to be rendered anew."""
        for users in (self.users, self.deleted):
            for user in users.values():
                user.cache = None

    @staticmethod
    def _enter(index: dict[str, str], user: User) -> None:
        mail = user.fields.get("email")
        if mail:
            index[mail.casefold()] = user.id

    @staticmethod
    def _leave(index: dict[str, str], user: User) -> None:
        mail = user.fields.get("email", "").casefold()
        if index.get(mail) == user.id:
            del index[mail]

    # Transactions ----------------------------------------------------------------------------------------------

    def settle(self, now: float) -> None:
        """What time has brought about: answers that were to come, and expiry."""
        for item in self.transactions.values():
            if item.state != "pending":
                continue
            if item.due is not None and item.due[0] <= min(now, item.expires):
                self.complete(item, item.due[1], item.due[0])
            elif item.expires <= now:
                item.state = "expired"

    def complete(self, item: Transaction, state: str, now: float) -> None:
        """Give a transaction its outcome; a verified one shows at its user."""
        item.state, item.completed = state, None if state in ("pending", "expired") else now
        user = self.users.get(item.subject)
        if state == "verified" and user is not None:
            if item.kind == "register":
                user.passkeys += 1
            user.set({"lastAuthenticated": iso_millis(now)})

    def audit(self, user: User, action: str, actor: str, now: float, **extras: str) -> None:
        self.audits.append(
            {
                "subject": user.id,
                "name": user.name,
                "type": "user",
                "actor": actor,
                "action": action,
                "extras": extras,
                "created_at": iso_millis(now),
            }
        )

    def send(self, kind: str, user: User, now: float) -> None:
        """Note a mail or a text message to a user: kind is set_password, register or authenticate."""
        way = "email" if kind == "set_password" else user.fields.get("messagingPreference", "email")
        self.sent.append(
            {"kind": kind, "way": way, "user": user.id, "email": user.fields.get("email"), "at": iso_millis(now)}
        )
