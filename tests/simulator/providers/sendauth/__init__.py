# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SendAuth: users with soft delete, permission labels and groups, tags, passkeys, transactions, audits."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import Any, Literal

from ...provider import Operation, Options, Provider
from ...web import Answer, Call, Refused, basic_credentials, json_answer
from . import seed
from .fields import user_value
from .operations import OPERATIONS
from .store import Store, User


@dataclass(frozen=True)
class SendAuthOptions(Options):
    """See README.md, section SendAuth, for the meaning of each."""

    update: Literal["replace", "merge"] = "replace"
    read_only_fields: Literal["ignored", "refused"] = "ignored"
    deleted_email: Literal["taken", "free"] = "taken"
    unknown_permission: Literal["rejected", "created", "ignored"] = "rejected"
    unknown_tag: Literal["rejected", "stored", "ignored"] = "rejected"
    tags_update: Literal["replace", "merge"] = "replace"
    restore_drops: list[str] = field(default_factory=list)
    no_passkey_status: Literal[200, 404] = 200
    roles: Literal["spec", "docs"] = "spec"
    messaging_default: Literal["email", "sms", "both", "absent"] = "email"
    empty_lists: Literal["array", "absent", "null"] = "array"
    default_page_size: int = 20
    max_page_size: int = 100
    page_size_over: Literal["refused", "clamped"] = "refused"
    transaction_lifetime: int = 300
    transaction_outcome: Literal["pending", "verified", "denied", "cancelled"] = "pending"
    transaction_delay: float = 0.0
    index_delay: float = 0.0
    error_bodies: Literal["json", "text", "empty"] = "json"
    odd_users: bool = False


@dataclass
class Caller:
    """A key of the API: user name and password of HTTP Basic. ``email`` says whose it is, where that matters."""

    name: str
    rank: int
    email: str | None = None

    @property
    def user(self) -> str:
        return f"sim-{self.name}"

    @property
    def password(self) -> str:
        return f"sim-{self.name}-secret"


class SendAuth(Provider):
    name = "sendauth"
    options_class = SendAuthOptions
    operations = OPERATIONS
    makers = seed.MAKERS
    options: SendAuthOptions
    # Who makes the request at hand; requests are handled one at a time.
    caller: Caller
    document_gaps = {
        ("*", 400): "the document has no status for a broken request",
        ("*", 403): "each call asks for a rank, and most of them do not say so",
        ("check_transaction_status", 404): "the transaction may not exist, as its neighbours document",
        ("set_user_tags", 422): "a tag or a value may be unknown (option unknown_tag)",
        ("restore_user", 422): "somebody else may have the e-mail address by now",
        ("create_company", 422): "a name may be too short",
        ("create_permission", 422): "a label may exist, or be no printable ASCII",
        ("create_permission_group", 422): "a label may be unknown",
        ("set_permission_group_permissions", 422): "a label may be unknown",
    }

    @staticmethod
    def amend_document(content: dict[str, Any]) -> None:
        """The other vocabulary of roles, and null for an empty list, both of them options."""
        schemas = content["components"]["schemas"]
        del schemas["User"]["properties"]["role"]["enum"]
        for name in ("permissions", "groupPermissions", "permissionGroups"):
            schemas["User"]["properties"][name]["type"] = ["array", "null"]
        for name in ("PaginatedUsers", "PaginatedAudits", "PaginatedTransactions"):
            schemas[name]["properties"]["rows"]["type"] = ["array", "null"]

    def reset(self) -> None:
        self.store = Store()
        callers = (
            Caller("admin", 4, "svc-awx@example.com"), Caller("registrar", 2), Caller("authenticator", 1),
            Caller("none", 0),
        )
        self.callers = {item.user: item for item in callers}
        seed.build(self)

    def options_changed(self) -> None:
        self.store.catalogue_changed()

    def env(self, base_url: str) -> dict[str, str]:
        caller = self.callers["sim-admin"]
        return {
            "SENDAUTH_API_URL": base_url, "SENDAUTH_API_USER": caller.user, "SENDAUTH_API_PASSWORD": caller.password,
        }

    def put(self, kind: str, items: list[dict[str, Any]]) -> list[Any]:
        done = super().put(kind, items)
        self.store.catalogue_changed()
        return done

    def user_state(self, user: User) -> dict[str, Any]:
        """A user with what the API does not show: tags, number of passkeys, names of the permission groups."""
        names = sorted(self.store.groups[group_id].name for group_id in user.groups)
        return {**user_value(self, user), "group_names": names, "tags": user.tags, "passkeys": user.passkeys}

    def state(self) -> dict[str, Any]:
        """``sent`` has the mails and messages: kind, way, user, e-mail address, moment."""
        store = self.store
        store.settle(self.clock.now())
        return {
            "users": [self.user_state(user) for user in store.users.values()],
            "deleted_users": [self.user_state(user) for user in store.deleted.values()],
            "permissions": list(store.labels),
            "permission_groups": [group.as_json() for group in store.groups.values()],
            "companies": list(store.companies.values()),
            "tags": [tag.as_json() for tag in store.tags.values()],
            "approval_groups": [
                {"id": item.id, "name": item.name, "users": item.users} for item in store.approvals.values()
            ],
            "transactions": [{**item.as_json(), "type": item.kind} for item in store.transactions.values()],
            "audits": store.audits,
            "sent": store.sent,
            "mails": sum(item["kind"] == "set_password" for item in store.sent),
            "credentials": [
                {"name": item.name, "rank": item.rank, "email": item.email} for item in self.callers.values()
            ],
        }

    # Requests --------------------------------------------------------------------------------------------------

    def _identified(self, call: Call) -> Caller:
        """Who calls. Raises Refused 401."""
        user, password = basic_credentials(call.headers.get("authorization", "")) or ("", "")
        caller = self.callers.get(user)
        if caller is None or not hmac.compare_digest(caller.password.encode(), password.encode()):
            raise Refused(401, "unauthorized", headers=[("WWW-Authenticate", 'Basic realm="sendauth"')])
        return caller

    def admit(self, call: Call, operation: Operation) -> None:
        self.caller = self._identified(call)
        if self.caller.rank < operation.needs:
            raise Refused(403, "insufficient permissions")
        self.store.settle(call.now)

    def user_of(self, call: Call, *, deleted: bool = False) -> User:
        """The user of the path, live or soft-deleted. Raises Refused 404."""
        users = self.store.deleted if deleted else self.store.users
        user = users.get(call.params["userID"].lower())
        if user is None:
            raise Refused(404, "not found")
        return user

    def error(self, call: Call, refused: Refused) -> Answer:
        """``{error, details}``, for a field ``{error, field, value}``; or plain text, or nothing."""
        headers = refused.headers
        if self.options.error_bodies == "empty":
            return Answer(refused.status, b"", headers)
        if self.options.error_bodies == "text":
            return Answer(refused.status, refused.text.encode("utf-8") + b"\n", headers, "text/plain; charset=utf-8")
        value: dict[str, Any] = {"error": refused.text.lower() if refused.status in (404, 405) else refused.text}
        if refused.attribute is not None:
            value.update(field=refused.attribute, value=refused.errors[0] if refused.errors else "")
        else:
            value["details"] = refused.errors
        return json_answer(refused.status, value, headers)


PROVIDER = SendAuth
