# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contabo: operations, and how its answers are read.

Every answer is ``{"data": [...], "_links": {...}}``, even for a single object. Lists have ``_pagination``.
"""

from __future__ import annotations

import base64
import typing as t

from ..._core.errors import RollcallError
from ..._core.http.api import Answer, AnswerReader, Json, Operation, parse_json
from ..._core.http.paging import Row

REQUEST_ID = "x-request-id"
_SOME_TIME = 10.0
"""Seconds to wait after a 429 that does not specify a time."""
_VERBS = {"POST": "CREATE", "GET": "READ", "PATCH": "UPDATE", "PUT": "UPDATE", "DELETE": "DELETE"}
"""Method -> the permission that a role needs for it."""

_USER = "/v1/users/{userId}"
OPERATIONS = {
    operation.name: operation
    for operation in (
        # "No results were found" is a 404, too.
        Operation("retrieve_user_list", "GET", "/v1/users", "list users", absent=(404,)),
        Operation("retrieve_user", "GET", _USER, "read user", absent=(404,)),
        Operation("create_user", "POST", "/v1/users", "create user"),
        # It merges values, so a repeated request writes the same.
        Operation("update_user", "PATCH", _USER, "update user", repeatable=True, reads="none"),
        Operation("delete_user", "DELETE", _USER, "delete user", absent=(404,), reads="none"),
        Operation(
            "reset_password", "POST", _USER + "/reset-password", "send the e-mail to set a password to", reads="none"
        ),
        Operation(
            "resend_email_verification", "POST", _USER + "/resend-email-verification",
            "send the verification e-mail to", reads="none",
        ),
        Operation("retrieve_user_is_password_set", "GET", "/v1/users/is-password-set", "check the password of"),
        Operation("retrieve_user_client", "GET", "/v1/users/client", "read the OAuth2 client", secret=True),
        # Each request creates another secret.
        Operation(
            "generate_client_secret", "PUT", "/v1/users/client/secret", "rotate the client secret", repeatable=False,
            secret=True,
        ),
        Operation("retrieve_role_list", "GET", "/v1/roles", "list roles", absent=(404,)),
        # The transport does not parse it: its error for an answer that is not JSON would mention api_url.
        Operation(
            "get_token", "POST", "/auth/realms/contabo/protocol/openid-connect/token", "log in", effect=False,
            reads="none", secret=True,
        ),
    )
}


class ContaboReader(AnswerReader):
    """Errors are ``{statusCode, message}`` or Keycloak's ``{error, error_description}``. ``message`` may be a list."""

    request_id_header = REQUEST_ID

    def hint_for(self, operation: Operation, status: int, message: str) -> str:
        """Return what to do if the server's message does not show it."""
        if operation.name == "get_token" and status in (400, 401, 403, 422):
            if "client" in message.lower():
                return "Check client_id and client_secret: a rotation invalidates the old secret."
            return (
                "Check api_user and api_password, and that auth_url is Contabo's login server. Use the API password, "
                "not the password of the customer panel."
            )
        if operation.name == "get_token" and status in (404, 405, 410):
            return "Check auth_url: it is the address of the login server, not of the API."
        if status == 402:
            return "Contabo requires a paid service for this: see the customer panel."
        if status == 403:
            api = "/".join(operation.path.split("/")[:3])
            if operation.path.startswith("/v1/users/client"):
                api = f"/v1/users/client, or on {api} if the customer panel does not list the former"
            return f"Assign api_user a role with {_VERBS[operation.method]} on {api}."
        if operation.name == "resend_email_verification" and status in (400, 409):
            return "The address may be verified already. With only_if_needed: true, the task then sends no e-mail."
        if operation.name in ("create_user", "update_user") and status == 409:
            return (
                "An e-mail address can belong to only one user: check who has it, or run the task again if the user "
                "was just created."
            )
        return super().hint_for(operation, status, message)

    def budget(self, headers: t.Mapping[str, str]) -> tuple[int | None, int | None, float | None]:
        """Return the rate-limit headers. None is documented, so a 429 then says to wait "for some time"."""
        limit, remaining, reset = super().budget(headers)
        return limit, remaining, _SOME_TIME if remaining is None and reset is None else reset


def claims_of(token: str) -> dict[str, Json]:
    """Return the claims of a JWT, empty if the text is not a JWT. The signature is not verified.

    Messages must not contain the claims.
    """
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = parse_json(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)).decode())
    except ValueError:
        return {}
    return claims if isinstance(claims, dict) else {}


def named(error: RollcallError, request_id: str | None) -> RollcallError:
    """Return an error with the id of its request, which Contabo's audits can be searched for."""
    if request_id and "[request " not in error.message:
        error.message = f"{error.message} [request {request_id}]"
        error.more.setdefault("request_id", request_id)
    return error


def broken(answer: Answer, why: str) -> RollcallError:
    """Return the error for an answer that deviates from the API's documentation."""
    return named(answer.unreadable(why), answer.request_id)


def data_of(answer: Answer) -> list[Row]:
    """Return the rows of an answer."""
    rows = answer.json_object.get("data")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise broken(answer, "it contains no list named data")
    return rows


def single_row(answer: Answer) -> Row:
    """Return the single object of an answer."""
    rows = data_of(answer)
    if len(rows) != 1:
        raise broken(answer, f"it contains {len(rows)} objects instead of one")
    return rows[0]
