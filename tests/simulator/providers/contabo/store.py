# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of a Contabo customer: users, roles, tags, the OAuth2 client, audits, mails."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ...clock import iso_millis
from ...counters import Numbers, stable_uuid
from ...web import dumps

TENANT, CUSTOMER = "INT", "12345678"
OWNED = {"tenantId": TENANT, "customerId": CUSTOMER}
ACTIONS = ("CREATE", "READ", "UPDATE", "DELETE")
# What roles can give rights to; the users of this simulator meet the first four only.
API_NAMES = (
    "/v1/users", "/v1/users/audits", "/v1/users/client", "/v1/roles", "/v1/tags", "/v1/compute/instances",
    "/v1/object-storages",
)
WRITABLE = ("firstName", "lastName", "email", "enabled", "totp", "locale")


@dataclass(slots=True)
class User:
    """``fields`` has the writable fields without the empty ones; ``roles`` holds ids."""

    id: str
    created: float
    fields: dict[str, Any] = field(default_factory=lambda: {"enabled": True, "totp": False, "locale": "en"})
    roles: list[int] = field(default_factory=list)
    verified: bool = False
    owner: bool = False
    password_set: bool = False
    api_password: str | None = None
    cache: bytes | None = None

    @property
    def email(self) -> str:
        return str(self.fields["email"])


@dataclass
class Role:
    """``permissions``: ``[{apiName, actions, resources}]`` with tag ids, as they are written."""

    id: int
    name: str
    admin: bool = False
    all_resources: bool = False
    type: str = "custom"
    permissions: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Client:
    """The one OAuth2 client of the customer."""

    secret: str = "sim-client-secret"
    id: str = "c0a7ab00-0000-4000-8000-000000000001"
    client_id: str = "sim-client-id"
    rotations: int = 0


class Store(Numbers):
    """All of the customer."""

    def __init__(self) -> None:
        super().__init__(role=5000, tag=7000)
        self.users: dict[str, User] = {}
        # Folded e-mail address -> user id.
        self.mails: dict[str, str] = {}
        self.roles: dict[int, Role] = {}
        self.tags: dict[int, str] = {}
        self.client = Client()
        self.audits: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []

    def new_user_id(self) -> str:
        return stable_uuid(f"contabo user {self.number('user')}")

    def add(self, user: User) -> None:
        self.users[user.id] = user
        self.mails[user.email.casefold()] = user.id

    def change(self, user: User, changes: dict[str, Any]) -> None:
        if "email" in changes and self.mails.get(user.email.casefold()) == user.id:
            del self.mails[user.email.casefold()]
        user.fields.update(changes)
        self.mails[user.email.casefold()] = user.id
        user.cache = None

    def remove(self, user: User) -> None:
        del self.users[user.id]
        del self.mails[user.email.casefold()]

    def by_mail(self, mail: str) -> User | None:
        return self.users.get(self.mails.get(mail.casefold(), ""))

    def roles_changed(self) -> None:
        for user in self.users.values():
            user.cache = None

    # Rendering -------------------------------------------------------------------------------------------------

    def role_value(self, role: Role) -> dict[str, Any]:
        permissions = [
            {
                **item,
                "resources": [{"tagId": tag_id, "tagName": self.tags[tag_id]} for tag_id in item.get("resources", ())],
            }
            for item in role.permissions
        ]
        return {
            "roleId": role.id,
            **OWNED,
            "name": role.name,
            "admin": role.admin,
            "accessAllResources": role.all_resources,
            "type": role.type,
            "permissions": permissions,
        }

    def user_value(self, user: User, empty_names: str) -> dict[str, Any]:
        value: dict[str, Any] = {**OWNED, "userId": user.id}
        for name in ("firstName", "lastName"):
            if name in user.fields or empty_names == "empty":
                value[name] = user.fields.get(name, "")
        value["email"] = user.email
        value["emailVerified"] = user.verified
        value.update((name, user.fields[name]) for name in ("enabled", "totp", "locale"))
        value["roles"] = [self.role_value(self.roles[role_id]) for role_id in user.roles]
        value["owner"] = user.owner
        return value

    def user_text(self, user: User, empty_names: str) -> bytes:
        """A user as JSON text, kept until the user or a role changes."""
        if user.cache is None:
            user.cache = dumps(self.user_value(user, empty_names))
        return user.cache

    # Traces ----------------------------------------------------------------------------------------------------

    def audit(
        self, action: str, user: User, caller: User, now: float, changes: dict[str, Any], request_id: str, trace_id: str
    ) -> None:
        self.audits.append(
            {
                "id": self.number("audit"),
                "action": action,
                "timestamp": iso_millis(now),
                **OWNED,
                "changedBy": caller.id,
                "username": caller.email,
                "requestId": request_id,
                "traceId": trace_id,
                "userId": user.id,
                "changes": changes,
            }
        )

    def send(self, kind: str, user: User, now: float, redirect: str | None = None) -> None:
        """Note a mail: kind is activation, verification or password_reset."""
        self.sent.append(
            {"kind": kind, "user": user.id, "email": user.email, "redirect": redirect, "at": iso_millis(now)}
        )
