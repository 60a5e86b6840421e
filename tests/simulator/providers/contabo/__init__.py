# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contabo: users and roles of a customer, with the token call of its Keycloak under the same address."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Literal

from ...provider import Operation, Options, Provider
from ...web import Answer, Call, Refused, json_answer
from . import auth, seed
from .operations import OPERATIONS
from .store import Store, User


@dataclass(frozen=True)
class ContaboOptions(Options):
    """See README.md, section Contabo, for the meaning of each."""

    token_lifetime: int = 300
    refresh: bool = True
    refresh_lifetime: int = 1800
    client_error: Literal["unauthorized_client", "invalid_client"] = "unauthorized_client"
    repeated_request_id: Literal["refused", "accepted"] = "refused"
    empty_list: Literal["404_when_filtered", "404", "200"] = "404_when_filtered"
    lower_case_emails: bool = True
    email_change: Literal["unverified", "kept"] = "unverified"
    empty_roles: Literal["clears", "refused", "ignored"] = "clears"
    role_name_filter: Literal["substring", "exact"] = "substring"
    verified_status: Literal[204, 400, 409] = 204
    strict_names: bool = False
    empty_names: Literal["empty", "absent"] = "empty"
    default_size: int = 10
    max_size: int = 100
    size_over: Literal["clamped", "refused"] = "clamped"
    message_form: Literal["list", "text"] = "list"
    rate_limit: int = 0
    rate_window: int = 60
    retry_after: bool = True
    payment_required: list[str] = field(default_factory=list)
    index_delay: float = 0.0
    odd_users: bool = False


class Contabo(Provider):
    name = "contabo"
    options_class = ContaboOptions
    operations = OPERATIONS
    makers = seed.MAKERS
    repeatable = frozenset(("orderBy",))
    options: ContaboOptions
    # The user of the request at hand; handlers run one at a time.
    caller: User | None = None
    document_gaps = {
        **{("*", status): "a generic status code in the prose of the document" for status in (400, 402, 403, 404, 409)},
        ("get_token", 415): "the token call takes a form only",
    }

    @staticmethod
    def amend_document(content: dict[str, Any]) -> None:
        """Names are optional on a create, so a read cannot require them; the refresh grant is prose only."""
        schemas = content["components"]["schemas"]
        user = schemas["UserResponse"]
        for name in ("firstName", "lastName"):
            user["required"].remove(name)
            del user["properties"][name]["minLength"]
        token = schemas["TokenRequest"]
        token["required"] = ["client_id", "client_secret", "grant_type"]
        token["properties"]["grant_type"]["enum"] = ["password", "refresh_token"]

    def reset(self) -> None:
        self.store = Store()
        self.gate = auth.Gate()
        seed.build(self)

    def options_changed(self) -> None:
        self.store.roles_changed()

    def env(self, base_url: str) -> dict[str, str]:
        fresh = Store().client
        return {
            "CONTABO_API_URL": base_url,
            "CONTABO_AUTH_URL": base_url,
            "CONTABO_CLIENT_ID": fresh.client_id,
            "CONTABO_CLIENT_SECRET": fresh.secret,
            "CONTABO_API_USER": seed.SERVICE,
            "CONTABO_API_PASSWORD": seed.PASSWORDS[seed.SERVICE],
        }

    def put(self, kind: str, items: list[dict[str, Any]]) -> list[Any]:
        done = super().put(kind, items)
        self.store.roles_changed()
        return done

    def user_state(self, user: User) -> dict[str, Any]:
        """A user with role ids and names apart, and what the API shows by itself only."""
        value = self.store.user_value(user, self.options.empty_names)
        names = [role["name"] for role in value["roles"]]
        return {
            **value,
            "roles": user.roles,
            "role_names": names,
            "password_set": user.password_set,
            "can_log_in": user.api_password is not None,
        }

    def client_state(self) -> dict[str, Any]:
        client = self.store.client
        digest = hashlib.sha256(client.secret.encode()).hexdigest()
        return {"id": client.id, "clientId": client.client_id, "secret_sha256": digest, "rotations": client.rotations}

    def state(self) -> dict[str, Any]:
        """``sent`` has the mails: kind, user, e-mail address, redirect, moment."""
        store, gate = self.store, self.gate
        return {
            "users": [self.user_state(user) for user in store.users.values()],
            "roles": [store.role_value(role) for role in store.roles.values()],
            "tags": [{"tagId": tag_id, "name": name} for tag_id, name in store.tags.items()],
            "client": self.client_state(),
            "audits": store.audits,
            "sent": store.sent,
            "mails": len(store.sent),
            "tokens": {"logins": gate.logins, "refreshes": gate.refreshes},
            "rate": {"used": gate.calls.used, "limit": self.options.rate_limit},
        }

    # Requests --------------------------------------------------------------------------------------------------

    def admit(self, call: Call, operation: Operation) -> None:
        if operation.needs is None:
            return
        self.caller = auth.require_token(self, call)
        auth.require_request_id(self, call)
        auth.count_call(self, call)
        if operation.id in self.options.payment_required:
            raise Refused(402, "This needs a service that is to be paid")
        auth.require_right(self, self.caller, operation)

    def user_of(self, call: Call) -> User:
        user = self.store.users.get(call.params["userId"])
        if user is None:
            raise Refused(404, "The user does not exist")
        return user

    def no_body(self, call: Call) -> None:
        try:
            super().no_body(call)
        except Refused as problem:
            raise Refused(400, errors=[problem.text]) from None

    def audit(self, call: Call, action: str, user: User, changes: dict[str, Any]) -> None:
        assert self.caller is not None
        headers = call.headers
        self.store.audit(
            action, user, self.caller, call.now, changes, headers["x-request-id"], headers.get("x-trace-id", "")
        )

    def error(self, call: Call, refused: Refused) -> Answer:
        """``{statusCode, message}``, message being a text or a list; Keycloak has its own form."""
        headers = refused.headers
        if refused.style == "keycloak":
            value = {"error": refused.attribute}
            if refused.text:
                value["error_description"] = refused.text
            return json_answer(refused.status, value, headers)
        if call.raw_path.startswith("/auth/"):
            return json_answer(refused.status, {"error": f"HTTP {refused.status} {refused.text}"}, headers)
        message: Any = refused.text
        if refused.errors:
            message = refused.errors if self.options.message_form == "list" else "; ".join(refused.errors)
        return json_answer(refused.status, {"statusCode": refused.status, "message": message}, headers)


PROVIDER = Contabo
