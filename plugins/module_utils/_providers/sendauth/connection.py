# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendAuth: operations, how its answers are read, and the connection.

Lists are ``{"rows": [...], "total": n}``, catalogues are bare lists or have a name of their own. The forms of errors
are not documented: JSON in two forms, plain text and empty bodies are accepted.
"""

from __future__ import annotations

import hashlib
import json
import typing as t

from ..._core.http.api import Answer, AnswerReader, Json, Operation, one_line
from ..._core.http.auth import basic
from ..._core.http.paging import Listing, Page, Row, Stop, is_id, numbered_pages
from ..._core.plan.catalogue import Catalogue
from ..._core.run.connection import Connection
from ..._core.run.options import Spec, connection_options

CREDENTIALS: Spec = {
    "api_user": {"type": "str"},
    "api_password": {"type": "str", "no_log": True},
}
OPTIONS = connection_options("sendauth", CREDENTIALS)

PAGE_SIZE = 100
"""The largest ``perPage``. The server's default is not documented."""
HAS_PASSKEYS = "The user has passkeys already: remove them first with sendauth_user_passkey, or use type: authenticate."
NO_PASSKEYS = "The user has no passkeys: use type: register first."

_API = "/api/v1"
_USER = _API + "/users/{user_id}"
_DELETED = _API + "/users/deleted/{user_id}"
OPERATIONS = {
    operation.name: operation
    for operation in (
        Operation("list_users", "GET", _API + "/users", "list users"),
        Operation("list_deleted_users", "GET", _API + "/users/deleted", "list deleted users"),
        Operation("get_user", "GET", _USER, "read user", absent=(404,)),
        Operation("create_user", "POST", _API + "/users", "create user"),
        Operation("update_user", "PUT", _USER, "update user"),
        Operation("delete_user", "DELETE", _USER, "delete user", absent=(404,), reads="none"),
        Operation("destroy_user", "DELETE", _DELETED, "destroy deleted user", absent=(404,), reads="none"),
        Operation("restore_user", "PUT", _DELETED, "restore deleted user", absent=(404,), reads="none"),
        Operation("set_user_tags", "PUT", _USER + "/tags", "set the tags of", reads="none"),
        # Whether the call succeeds or returns "not found" for a user without passkeys is not documented.
        Operation(
            "remove_user_passkey", "DELETE", _USER + "/passkey", "remove the passkeys of", absent=(404,), reads="none"
        ),
        Operation("register_user", "POST", _USER + "/register", "start the registration of"),
        Operation("authenticate_user", "POST", _USER + "/authenticate", "request an authentication from"),
        Operation("get_user_audits", "GET", _USER + "/audits", "list the audits of"),
        Operation("get_user_transactions", "GET", _USER + "/transactions", "list the transactions of"),
        Operation("check_transaction_status", "GET", _API + "/transactions/{tx_id}/check", "check the transaction of"),
        Operation("list_permissions", "GET", _API + "/permissions", "list permission labels"),
        Operation("list_permission_groups", "GET", _API + "/permission-groups", "list permission groups"),
        Operation("list_companies", "GET", _API + "/companies", "list companies"),
        Operation("list_tags", "GET", _API + "/tags", "list tags"),
    )
}
_OPTIONS = {
    "firstName": "first_name", "lastName": "last_name", "phone": "phone", "company": "company", "company.id": "company",
    "role": "role", "messagingPreference": "messaging_preference", "permissions": "permissions",
    "permissionGroups": "groups",
}
"""Field in an error -> the option that sets it. The address is missing: another user may have it."""
_ADMIN = ("get_user_audits", "list_permissions", "list_permission_groups", "list_companies")
"""Operations that only an Admin may call, according to the documentation."""


class SendAuthReader(AnswerReader):
    """The reader of SendAuth's errors. The documentation has the statuses, but not the bodies."""

    def message_of(self, answer: Answer) -> str:
        """Return the text of an error: ``{error, details}``, ``{error, field, value}``, any other JSON,
        or plain text."""
        body = answer.json_object
        if not isinstance(body.get("error"), str):
            return super().message_of(answer)
        message = one_line({"error": body["error"], "field": body.get("field")})
        details = one_line(body.get("details") or None)
        return f"{message} ({details})" if details else message

    def hint_for(self, operation: Operation, status: int, message: str) -> str:
        """Return what to do for each operation: the meaning of SendAuth's statuses depends on the operation."""
        name = operation.name
        if status == 401:
            return "Check api_user and api_password, and that api_url is the address of this account."
        if status == 403 and name == "delete_user":
            return (
                "SendAuth does not let an account delete itself. If these credentials belong to this user, use the "
                "credentials of another account to delete it; in a task with unlisted, list the user in protect to "
                "keep it. Otherwise, use credentials with the role Registrar or higher."
            )
        if status == 403 and name in _ADMIN:
            return (
                "In SendAuth, this requires the role Admin or higher: use credentials with that role, or omit what "
                "requires it."
            )
        if status == 403:
            return (
                "Reading users requires the role Authenticator or higher. Writing requires Registrar or higher, and at "
                "least the role of the user that is written. Use credentials with such a role."
            )
        if status == 406:
            return HAS_PASSKEYS if name == "register_user" else NO_PASSKEYS
        if status == 422 and name == "set_user_tags":
            return "Create the tag and the value in SendAuth first, and enable the tag."
        option = _OPTIONS.get(message.partition(":")[0])
        if status == 422 and name in ("create_user", "update_user") and option:
            return f"Correct the option {option} for this user."
        if status == 422 and name in ("create_user", "update_user", "restore_user"):
            return (
                "Check the values specified for this user. The address may belong to another user, including a "
                "deleted one (see sendauth_user_info)."
            )
        if status == 404 and "{" not in operation.path:
            return "Check api_url: it is the address without /api/v1."
        if status == 404 and name == "check_transaction_status":
            return "Check its state with sendauth_user_info and gather: [transactions]."
        if status == 404 and name in ("get_user_audits", "get_user_transactions"):
            return (
                "The user no longer exists: run the task again. With deleted: true, omit audits and transactions "
                "from gather."
            )
        if status == 404:
            return "The user no longer exists. Run the task again."
        return super().hint_for(operation, status, message)


class SendAuth(Connection):
    """A connection to one SendAuth organisation, with HTTP Basic."""

    provider = "sendauth"
    operations = OPERATIONS
    reader = SendAuthReader
    default_url = "https://app.sendauth.com"
    secrets = ("api_password",)
    account_advice = "SendAuth does not report the account of any credentials: remove expected_account."

    def authenticate(self) -> None:
        """Set the credentials. Raises InputError if one is missing."""
        self.require_credentials("api_user", "api_password")
        self.transport.auth = basic(self.params["api_user"], self.params["api_password"], self.masker)

    # -- lists ---------------------------------------------------------------------------------------------------

    def pages(
        self,
        name: str,
        noun: str,
        query: t.Mapping[str, t.Any] | None = None,
        path: t.Mapping[str, t.Any] | None = None,
        subject: str = "",
        stop: Stop | None = None,
        size: int = PAGE_SIZE,
        workers: int = 1,
        key: str = "id",
    ) -> Listing:
        """Return the rows of a paged list.

        An empty ``key`` is for rows without an id: pages are then compared by their whole content.
        """

        def fetch(number: int) -> Page:
            answer = self.call(name, path, {**(query or {}), "page": number, "perPage": size}, subject=subject)
            body = answer.json_object
            rows, total = body.get("rows", answer), body.get("total")
            if total is not None and not str(total).isdecimal():  # a 64-bit number may be a text
                raise answer.unreadable("its total is not a number")
            if rows is None or (rows is answer and str(total) == "0"):
                rows = []  # servers written in Go return null, or no field, for an empty list
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise answer.unreadable("it contains no rows")
            if key and not all(is_id(row.get(key)) for row in rows):
                raise answer.unreadable(f"a row has no {key}")
            return Page(rows if key else _numbered(rows), None if total is None else int(total))

        return numbered_pages(fetch, noun, key or _PLACE, workers, stop=stop)

    def history(self, name: str, noun: str, user_id: str, subject: str, limit: int | None) -> list[Row]:
        """Return the audits or transactions of a user, at most ``limit``."""
        listing = self.pages(
            name, noun, path={"user_id": user_id}, subject=subject, key="", size=min(limit or PAGE_SIZE, PAGE_SIZE),
            stop=None if limit is None else lambda listed, total: len(listed.rows) >= limit,
        )
        return [{field: value for field, value in row.items() if field != _PLACE} for row in listing.rows[:limit]]

    # -- catalogues, read once for each connection -----------------------------------------------------------------

    def permissions(self) -> Catalogue:
        """Return the permission labels. They have no ids: users have the label itself."""
        return self._catalogue("permission", "list_permissions", "permissions", "name")

    def permission_rows(self) -> list[Row]:
        """Return the permission labels as SendAuth lists them."""
        return self._rows("list_permissions", "permissions", "name")

    def groups(self) -> Catalogue:
        """Return the permission groups."""
        return self._catalogue("permission group", "list_permission_groups", "groups")

    def group_rows(self) -> list[Row]:
        """Return the permission groups as SendAuth lists them."""
        return self._rows("list_permission_groups", "groups", "id")

    def companies(self) -> Catalogue:
        """Return the companies."""
        return self._catalogue("company", "list_companies", "companies")

    def tag_rows(self) -> list[Row]:
        """Return the tags as SendAuth lists them."""
        return self._rows("list_tags", "tags", "name")

    def _catalogue(self, noun: str, name: str, wrapper: str, key: str = "id") -> Catalogue:
        """Return a list as a catalogue. ``key`` is the field of an entry that users refer to."""

        def make() -> Catalogue:
            return Catalogue(
                noun, {str(row[key]): str(row.get("name", "")) for row in self._rows(name, wrapper, key)}.items()
            )

        return self.cached(f"catalogue {name}", make)

    def _rows(self, name: str, wrapper: str, key: str) -> list[Row]:
        """Return the content of a list without pages, under ``wrapper`` or bare.

        It is read once for each connection.
        """

        def read() -> list[Row]:
            answer = self.call(name)
            body: Json = answer.body
            rows = body.get(wrapper, answer if body else None) if isinstance(body, dict) else body
            if rows is None:
                rows = []
            if not isinstance(rows, list) or not all(isinstance(row, dict) and is_id(row.get(key)) for row in rows):
                raise answer.unreadable(f"it contains no list of {wrapper}")
            return rows

        return self.cached(name, read)


_PLACE = "place"
"""The field with the position of a row that has no id."""


def _numbered(rows: t.Sequence[Row]) -> list[Row]:
    """Return rows with an identity.

    Equal entries of a history are two events, and an equal page is a repeated page.
    """
    page = hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()
    return [{**row, _PLACE: f"{page}:{number}"} for number, row in enumerate(rows)]
