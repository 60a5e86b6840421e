# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OneLogin: users and roles, versions 1 and 2 of the API, with the token calls.

``/api/1`` answers in one of two forms, the option ``wire``: ``v1`` is the envelope of the documentation, ``bare`` is
what the generated clients expect. ``/api/2`` has one form only.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Literal

from ...clock import iso_millis
from ...provider import Operation, Options, Provider
from ...web import Answer, Call, Refused, json_answer, whole_number
from . import auth, document, render, seed
from .operations import BARE_QUERIES, OPERATIONS
from .store import Store, User
from .users import apply_mappings

_TYPES = {
    400: "bad request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 422: "Unprocessable Entity",
    429: "Too Many Requests",
}
_NAMES = {
    400: "BadRequestError",
    401: "UnauthorizedError",
    404: "NotFoundError",
    405: "MethodNotAllowedError",
    422: "UnprocessableEntityError",
    429: "TooManyRequestsError",
}


@dataclass(frozen=True)
class OneLoginOptions(Options):
    """See README.md, section OneLogin, for the meaning of each."""

    wire: Literal["v1", "bare"] = "v1"
    rate_limit: int = 5000
    rate_window: int = 3600
    token_lifetime: int = 36000
    token_errors_as_200: bool = False
    account_id: int = 88123
    dead_credentials: list[str] = field(default_factory=list)
    list_custom_attributes: bool = True
    empty_fields: Literal["null", "absent"] = "null"
    clears_with: Literal["both", "null", "empty"] = "both"
    v1_id_type: Literal["integer", "string", "string_input"] = "integer"
    lock_policy_minutes: int = 30
    password_min_length: int = 8
    v2_custom_attributes: Literal["replace", "merge"] = "replace"
    taken_status: Literal[400, 422] = 400
    mappings: list[dict[str, Any]] = field(default_factory=list)
    mapping_delay: float = 0.2


class OneLogin(Provider):
    name = "onelogin"
    options_class = OneLoginOptions
    operations = OPERATIONS
    makers = seed.MAKERS
    document_gaps = document.GAPS
    amend_document = staticmethod(document.amend)
    options: OneLoginOptions

    def reset(self) -> None:
        self.store = Store()
        self.gate = auth.Gate()
        seed.build(self.store, self.options.seed_users, self.options.preset, self.clock.now())

    def env(self, base_url: str) -> dict[str, str]:
        client = next(item for item in auth.CREDENTIALS.values() if item.name == "manage_all")
        return {
            "ONELOGIN_CLIENT_ID": client.client_id, "ONELOGIN_CLIENT_SECRET": client.client_secret,
            "ONELOGIN_API_URL": base_url,
        }

    def user_state(self, user: User) -> dict[str, Any]:
        """A user with what the API does not show: the source of each role, the password's traces, the logouts."""
        value = render.user_value(user, render.Shown("bare", nulls=False))
        value["openid_name"] = user.fields.get("openid_name")
        value["role_sources"] = {str(role_id): source for role_id, source in sorted(user.roles.items())}
        value["role_names"] = sorted(self.store.roles[role_id].name for role_id in user.roles)
        return {**value, "password": user.password, "logouts": user.logouts}

    def state(self) -> dict[str, Any]:
        """``{users, roles, groups, custom_attributes, apps, tokens, rate}``; tokens without their value."""
        now = self.clock.now()
        self.settle(now)
        store = self.store
        tokens = [
            {
                "credential": item.credential.name,
                "created_at": iso_millis(item.created),
                "expires_at": iso_millis(item.expires),
                "valid": item.expires > now,
            }
            for item in self.gate.tokens.values()
        ]
        return {
            "users": [self.user_state(store.users[user_id]) for user_id in store.order],
            "roles": [
                {"id": role.id, "name": role.name, "apps": role.apps, "users": sorted(role.users)}
                for role in store.roles.values()
            ],
            "groups": [{"id": group_id, "name": name} for group_id, name in store.groups.items()],
            "custom_attributes": list(store.attributes.values()),
            "apps": [{"id": app_id, "name": name} for app_id, name in store.apps.items()],
            "tokens": tokens,
            "rate": {"used": self.gate.calls.used, "limit": self.options.rate_limit},
        }

    # Requests --------------------------------------------------------------------------------------------------

    def form(self, call: Call) -> str:
        """v1, bare or v2: the shape of this call's answer."""
        return "v2" if call.raw_path.startswith("/api/2/") else self.options.wire

    def settle(self, now: float) -> None:
        """What time has brought about: locks that ended, mappings that ran."""
        store = self.store
        if store.locks:
            store.end_locks(now)
        while store.mapping_runs and store.mapping_runs[0][0] <= now:
            _moment, user_id = store.mapping_runs.pop(0)
            if user_id in store.users:
                apply_mappings(self, store.users[user_id])

    def admit(self, call: Call, operation: Operation) -> None:
        if operation.needs is None:
            return
        credential = auth.require_token(self, call)
        if call.raw_path.startswith("/api/"):
            auth.count_call(self, call)
        if credential.name not in operation.needs:
            raise Refused(401, "Insufficient Permission")
        self.settle(call.now)

    def allowed_query(self, call: Call, operation: Operation) -> Collection[str]:
        if self.form(call) == "bare":
            return BARE_QUERIES.get(operation.id, operation.query)
        return operation.query

    def path_id(self, call: Call, name: str) -> int:
        """An id of the path. Raises Refused 400 for anything but a whole number."""
        number = whole_number(call.params[name], digits=18)
        if number is None:
            raise Refused(400, "ID is incorrect", attribute="id" if self.form(call) == "v1" else None)
        return number

    def user_of(self, call: Call) -> User:
        """The user of the path. Raises Refused 400 or 404."""
        user = self.store.users.get(self.path_id(call, "user_id"))
        if user is None:
            raise Refused(404, "User not found")
        return user

    def unprocessable(self, call: Call) -> int:
        return 400 if self.form(call) == "v1" else 422

    def error(self, call: Call, refused: Refused) -> Answer:
        """v1 puts a status block around an error, the bare form does not, v2 has shapes of its own."""
        status, headers = refused.status, refused.headers
        form = self.form(call)
        if form == "v2":
            return json_answer(status, _v2_error(refused), headers)
        message: Any = refused.text
        if refused.attribute is not None:
            # The real server mixes both: an object where a field is at fault. The bare clients know texts only.
            message = (
                {"attribute": refused.attribute, "description": refused.text}
                if form == "v1"
                else f"{refused.attribute} {refused.text}"
            )
        block = {"error": True, "code": status, "type": _TYPES.get(status, "error"), "message": message}
        if call.operation is not None and call.operation.id == "generate_token" and self.options.token_errors_as_200:
            return json_answer(200, {"status": block}, headers)
        return json_answer(status, {"status": block} if form == "v1" else block, headers)

    def finish(self, call: Call, answer: Answer) -> None:
        if call.raw_path.startswith("/api/"):
            answer.headers += [(name, str(value)) for name, value in auth.rate_headers(self, call.now).items()]


def _v2_error(refused: Refused) -> dict[str, Any]:
    """``{statusCode, name, message[, field | errors]}``, or ``{status, error, description}`` for the parser in front.
    """
    if refused.style == "status":
        return {"status": refused.status, "error": _NAMES.get(refused.status, "Error"), "description": refused.text}
    value: dict[str, Any] = {"statusCode": refused.status, "name": _NAMES.get(refused.status, "Error")}
    value["message"] = f"{refused.attribute} {refused.text}" if refused.attribute else refused.text
    if refused.errors:
        value["errors"] = refused.errors
    elif refused.attribute:
        value["field"] = refused.attribute
    return value


PROVIDER = OneLogin
