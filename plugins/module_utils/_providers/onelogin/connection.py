# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin: operations, how its answers are read, and the connection.

The documented version 1 wraps every answer in ``{"status": ..., "data": [...]}``. Generated clients describe bare
objects on the same paths. Both forms are accepted.
"""

from __future__ import annotations

import email.utils
import typing as t
from urllib.parse import urlsplit

from ..._core.durations import instant
from ..._core.errors import ApiError
from ..._core.http.api import HTML_PAGE, Answer, AnswerReader, Json, Operation, one_line
from ..._core.http.auth import OAuth2, Token, access_token, basic_value, bearer
from ..._core.http.paging import Listing, Page, Row, cursor_pages
from ..._core.plan.catalogue import Catalogue
from ..._core.run.connection import Connection
from ..._core.run.options import Spec, connection_options
from .shapes import flat, named_fault, number_text, user_fault

CREDENTIALS: Spec = {
    "client_id": {"type": "str"},
    "client_secret": {"type": "str", "no_log": True},
    "access_token": {"type": "str", "no_log": True},
}
OPTIONS = connection_options("onelogin", CREDENTIALS)

_USER = "/api/1/users/{user_id}"
OPERATIONS = {
    operation.name: operation
    for operation in (
        Operation("list_users", "GET", "/api/1/users", "list users"),
        Operation("get_user_by_id", "GET", _USER, "read user", absent=(404,)),
        Operation("create_user", "POST", "/api/1/users", "create user"),
        Operation("update_user", "PUT", _USER, "update user"),
        Operation("delete_user", "DELETE", _USER, "delete user", absent=(404,)),
        Operation(
            "get_custom_attributes", "GET", "/api/1/users/custom_attributes", "list the names of custom attributes"
        ),
        Operation("set_custom_attributes", "PUT", _USER + "/set_custom_attributes", "set the custom attributes of"),
        Operation("get_user_apps", "GET", _USER + "/apps", "list the apps of"),
        Operation("get_user_roles", "GET", _USER + "/roles", "list the roles of"),
        # Deltas: the server answers a repeated request with 400 "already included".
        Operation("add_roles_to_user", "PUT", _USER + "/add_roles", "add roles to", repeatable=False),
        Operation("remove_user_role", "PUT", _USER + "/remove_roles", "remove roles from", repeatable=False),
        Operation("set_user_state", "PUT", _USER + "/set_state", "set the state of"),
        Operation("lock_account_user", "PUT", _USER + "/lock_user", "lock"),
        Operation("log_out_user", "PUT", _USER + "/logout", "log out"),
        Operation(
            "update_password_insecure", "PUT", "/api/1/users/set_password_clear_text/{user_id}", "set the password of"
        ),
        Operation(
            "update_password_secure", "PUT", "/api/1/users/set_password_using_salt/{user_id}", "set the password of"
        ),
        Operation("get_role_by_name", "GET", "/api/1/roles", "list roles"),
        Operation("list_roles", "GET", "/api/2/roles", "list roles with their apps"),
        Operation("get_groups", "GET", "/api/1/groups", "list groups"),
        # Only version 2 filters by logins, changes and attributes, sets a status, unlocks, and accepts other hashes.
        Operation("list_users2", "GET", "/api/2/users", "list users"),
        Operation("update_user2", "PUT", "/api/2/users/{user_id}", "change the status of"),
        Operation("unlock_user2", "POST", "/api/2/users/{user_id}/unlock", "unlock"),
        Operation("set_password_hash", "PUT", "/api/2/users/{user_id}", "set the password of"),
        # The server returns the same token until it expires or is revoked.
        Operation("generate_token", "POST", "/auth/oauth2/v2/token", "log in", effect=False, secret=True),
        # The server answers a repeated request with 404, as for the token of another credential.
        Operation("revoke_tokens", "POST", "/auth/oauth2/revoke", "revoke the access token"),
        Operation("get_rate_limit", "GET", "/auth/rate_limit", "read the rate limit", absent=(401,)),
    )
}


_TRUE: tuple[Json, ...] = (True, "true")
_NO_SCOPE = "insufficient"
"""The word in a 401 for a credential that lacks a scope, in small letters. OneLogin's documentation has no other mark
that distinguishes it from an invalid token (API, "Authorization": 401 "Insufficient Permission").
"""


def _lacks_scope(message: str) -> bool:
    return _NO_SCOPE in message.lower()


class OneLoginReader(AnswerReader):
    """Errors are a status block, wrapped or bare, in two forms of version 2, and for tokens even with HTTP 200.

    ``api_url`` is the address of the connection, and ``has_token`` whether its token was specified as access_token:
    both for hints.
    """

    def __init__(self, api_url: str = "", has_token: bool = False) -> None:
        self.api_url = api_url
        self.has_token = has_token

    def status_of(self, answer: Answer) -> int:
        """Return the code of an error block in a body that was sent with 200."""
        if not 200 <= answer.status < 300:
            return answer.status
        body = answer.json_object
        block = body["status"] if isinstance(body.get("status"), dict) else body
        if block.get("error") in _TRUE:
            code = block.get("code")
            return code if isinstance(code, int) and 400 <= code < 600 else 400
        return answer.status

    def message_of(self, answer: Answer) -> str:
        """Return the text of an error; a version 1 message is a text or ``{attribute, description}``."""
        status = answer.json_object.get("status")
        return one_line(status.get("message")) if isinstance(status, dict) else super().message_of(answer)

    def token_expired(self, answer: Answer) -> bool:
        """Return False if the token is valid and the credential lacks a scope: OneLogin returns 401 for that, too."""
        return self.status_of(answer) == 401 and not _lacks_scope(self.message_of(answer))

    def hint_for(self, operation: Operation, status: int, message: str) -> str:
        """Return what to do if OneLogin's message does not show it."""
        if _lacks_scope(message):
            return (
                "The API credential lacks a scope. Reading requires Read Users or Read All, writing requires Manage "
                "Users; roles, state, lock and passwords require Manage All."
            )
        if operation.name == "generate_token" and message == HTML_PAGE and status < 500:
            return "Set api_url to the address of the OneLogin account, such as https://acme.onelogin.com."
        if operation.name == "generate_token" and status == 404:
            return self._not_there(operation)
        if operation.name == "generate_token" and status in (400, 401, 422):
            return "Check client_id and client_secret, and that api_url is the address of this OneLogin account."
        if operation.name == "generate_token" and status == 500:
            return (
                "OneLogin also answers 500 if the creator of the API credential was deleted. Run the task again; if "
                "this persists, create a new API credential."
            )
        if operation.name == "set_user_state" and status == 400:
            return (
                "OneLogin accepts only some changes of the state, and does not document which. Use another user_state, "
                "or change it in OneLogin's administration."
            )
        if operation.name == "revoke_tokens" and status == 404:
            return "A token can be revoked only with the credential that created it: check client_id and client_secret."
        if status == 401 and self.has_token:
            return (
                "The access token is invalid or expired. Replace access_token, or remove it and specify client_id and "
                "client_secret."
            )
        if status == 401:
            return (
                "OneLogin refuses the access token that it issued for client_id, also after a new login. Check that "
                "this API credential still exists, and that api_url is the address of its OneLogin account."
            )
        return super().hint_for(operation, status, message)

    def _not_there(self, operation: Operation) -> str:
        path = urlsplit(self.api_url).path.strip("/")
        advice = (
            f"Use api_url without /{path}."
            if path
            else "Check api_url: it is the address of the OneLogin account, such as https://acme.onelogin.com."
        )
        return f"Nothing was found at {self.api_url.rstrip('/')}{operation.path}. {advice}"


def _lifetime(answer: Answer, body: t.Mapping[str, Json]) -> float | None:
    """Return the seconds until a token expires.

    OneLogin returns the same token again, with its original lifetime.
    """
    lifetime = body.get("expires_in")
    if not isinstance(lifetime, (int, float)):
        return None
    created = instant(body.get("created_at"))
    try:
        now: float | None = email.utils.parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except (ValueError, TypeError):
        now = None
    # without both times, the lifetime is the best estimate
    age = 0.0 if created is None or now is None else now - created
    return max(0.0, float(lifetime) - max(0.0, age))


def _wrapped(body: Json) -> bool:
    """Return whether a body is an envelope of version 1. A bare user has a ``status``, too, but it is a number."""
    return isinstance(body, dict) and (isinstance(body.get("status"), dict) or "data" in body)


def data_of(answer: Answer) -> list[Json]:
    """Return the rows of an answer in any form: the envelope's data, a bare array, or one bare object.

    Raises UnreadableAnswer (UnclearAnswer after a write) for anything else: an empty body, or an envelope without data,
    is not an empty list.
    """
    body = answer.body
    if _wrapped(body):
        body = body.get("data")
        if not isinstance(body, list):
            raise answer.unreadable("its envelope contains no list of data")
    if isinstance(body, dict):
        return [body]
    if isinstance(body, list):
        return body
    raise answer.unreadable("it contains neither an object nor a list")


_FAULTS: dict[str, t.Callable[[Json], str | None]] = {
    **dict.fromkeys(("list_users", "list_users2"), user_fault),
    **dict.fromkeys(("get_role_by_name", "get_groups", "list_roles"), named_fault),
}
"""Operation of a list -> what is wrong with one of its rows."""


class OneLogin(Connection):
    """A connection to one OneLogin account: a bearer token from client credentials, or one from the options."""

    provider = "onelogin"
    operations = OPERATIONS
    secrets = ("client_secret", "access_token")
    account_advice = "Remove expected_account, or use client_id and client_secret."

    def reader(self) -> AnswerReader:
        """Return the reader of OneLogin's answers."""
        return OneLoginReader(str(self.params.get("api_url") or ""), bool(self.params.get("access_token")))

    def authenticate(self) -> None:
        """Choose the token: ``access_token`` takes precedence. Raises InputError if there are no credentials either."""
        self.oauth: OAuth2 | None = None
        if self.params.get("access_token"):
            self.transport.auth = bearer(self.params["access_token"])
            return
        self.require_credentials("client_id", "client_secret", alternative=", or use access_token")
        self.oauth = OAuth2(self.log_in, self.masker, clock=self.clock)
        self.transport.auth = self.oauth

    def log_in(self) -> Token:
        """Request a token with the client credentials. Raises ApiError if they are refused."""
        answer = self.transport.call(
            OPERATIONS["generate_token"], json={"grant_type": "client_credentials"},
            headers={"Authorization": self.client_authorization()}, authenticate=False,
        )
        rows = data_of(answer)
        body = rows[0] if rows and isinstance(rows[0], dict) else {}
        token = access_token(answer, body)
        self.masker.add(token)
        return Token(token, _lifetime(answer, body), claims=body)

    def client_authorization(self) -> str:
        """Return the Authorization header of the token calls: HTTP Basic with the client credentials."""
        value = basic_value(self.params["client_id"], self.params["client_secret"])
        self.masker.add(value.split(" ", 1)[1])
        return value

    def account(self) -> str | None:
        """Return the account_id of the token's answer. A token from the options does not show it."""
        if self.oauth is None:
            return None
        account = self.oauth.token().claims.get("account_id")
        return None if account is None else str(account)

    # -- lists ---------------------------------------------------------------------------------------------------

    def page(self, name: str, query: t.Mapping[str, t.Any], cursor: str | None) -> Page:
        """Return one page of a list. The next cursor is in the body (version 1) or in a header (bare form).

        ``cursor`` is the cursor that the previous page returned: the parameter's name, ``=``, and its value.
        """
        parameter, _sign, value = (cursor or "").partition("=")
        answer = self.call(name, query={**query, parameter: value} if cursor else query)
        if name == "list_users":
            self.note_form(answer)
        rows: list[Row] = data_of(answer)
        fault = next(filter(None, map(_FAULTS[name], rows)), None)
        if fault is not None:
            raise answer.unreadable(fault)
        body = answer.body
        if parameter and (parameter == "after_cursor") != isinstance(body, dict):
            raise answer.unreadable("it has another form than the previous page")
        if isinstance(body, dict):
            pagination = body.get("pagination") or {}
            after = pagination.get("after_cursor") if isinstance(pagination, dict) else pagination
            if isinstance(after, (dict, list, bool)):
                raise answer.unreadable("it does not link to the next page")
            return Page(rows, None, f"after_cursor={after}" if after else None)
        after, total = answer.headers.get("After-Cursor"), answer.headers.get("Total-Count", "")
        return Page(rows, int(total) if total.isdecimal() else None, f"cursor={after}" if after else None)

    def note_form(self, answer: Answer) -> None:
        """Note the form in which the server returns users."""
        self.cache["bare"] = not _wrapped(answer.body)

    @property
    def bare(self) -> bool:
        """Return whether the server uses the bare form. This is known after a user was read, so before every write."""
        return bool(self.cache.get("bare"))

    def rows(
        self, name: str, noun: str, query: t.Mapping[str, t.Any] | None = None, most: int | None = None
    ) -> list[Row]:
        """Return all rows of a list, or the pages that hold the first ``most``."""

        def enough(listing: Listing, total: int | None) -> bool:
            return most is not None and len(listing.rows) >= most

        return cursor_pages(lambda cursor: self.page(name, query or {}, cursor), noun, stop=enough).rows

    def roles(self) -> Catalogue:
        """Return all roles of the account, read once for each connection."""
        return self.cached(
            "roles",
            lambda: Catalogue("role", [(row["id"], row["name"]) for row in self.rows("get_role_by_name", "roles")]),
        )

    def groups(self) -> dict[str, str] | None:
        """Return id -> name of the account's groups, read once for each connection; None if these credentials may not
        read them."""

        def read() -> dict[str, str] | None:
            try:
                return {number_text(row["id"]): str(row["name"]) for row in self.rows("get_groups", "groups")}
            except ApiError as error:
                if error.final or error.status not in (401, 403, 404, 405):
                    raise
                return None

        return self.cached("groups", read)

    def attribute_names(self) -> list[str]:
        """Return the short names of the account's custom attributes, read once for each connection."""
        return self.cached("attribute_names", self._attribute_names)

    def _attribute_names(self) -> list[str]:
        answer = self.call("get_custom_attributes")
        names = []
        for item in flat(data_of(answer)):
            name = item.get("shortname") if isinstance(item, dict) else item
            if not isinstance(name, str):
                raise answer.unreadable("a custom attribute has no short name")
            names.append(name)
        return names
