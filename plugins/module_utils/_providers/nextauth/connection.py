# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""nextAuth: operations, how its answers are read, and the connection.

All objects belong to one virtual server. Its id is a base64 text, so it is one percent-encoded segment of every path.
"""

from __future__ import annotations

import typing as t

from ..._core.errors import InputError, RollcallError
from ..._core.http.api import Answer, AnswerReader, Json, Operation, Query
from ..._core.http.auth import header_key
from ..._core.http.paging import Listing, Page, Row, Stop, Take, is_id, offset_pages
from ..._core.run.connection import Connection
from ..._core.run.options import Spec, connection_options
from .wire import is_path_step, same_id

CREDENTIALS: Spec = {
    "api_key": {"type": "str", "no_log": True},
    "server_id": {"type": "str"},
    "role_id": {"type": "str"},
}
OPTIONS = connection_options("nextauth", CREDENTIALS)
PAGE = 100
"""Rows requested for each page. The largest page that a server allows is not documented."""
_FEW = 10
"""A page of one user's accounts with fewer rows counts as the last one.

Servers are assumed to have no smaller pages.
"""

_SERVER = "/servers/{serverid}/"
_USER = "/servers/{serverid}/users/{userid}/"
_ACCOUNT = "/servers/{serverid}/accounts/{accountid}/"
_PERMISSIONS = "/servers/{serverid}/permissions/{roleid}"
# The trailing slashes are those of the documentation: whether a server forwards the other form is unknown.
OPERATIONS = {
    operation.name: operation
    for operation in (
        Operation("get_users", "GET", "/servers/{serverid}/users/", "list users"),
        # Declared as text/plain; wire.attributes_of determines what the text contains.
        Operation("get_user_attributes", "GET", _USER + "attributes/", "read user", absent=(404,), reads="text"),
        # Replaces all attributes of an existing user. After a lost answer, the user is read before another request.
        Operation(
            "set_user_attributes", "POST", _USER + "attributes/", "set all attributes of", repeatable=False,
            reads="none",
        ),
        Operation("update_user_attributes", "PUT", _USER + "attributes/", "set attributes of", reads="none"),
        Operation("delete_user_attributes", "DELETE", _USER + "attributes/", "delete all attributes of", reads="none"),
        # The status for a missing attribute is not documented.
        Operation(
            "delete_user_attribute", "DELETE", _USER + "attributes/{attributekey}", "delete an attribute of",
            absent=(404,), reads="none",
        ),
        Operation("delete_user", "DELETE", _USER, "delete user", absent=(404,), reads="none"),
        Operation("get_user", "GET", _USER + "accounts", "list the accounts of", absent=(404,)),
        Operation(
            "delete_user_accounts", "DELETE", _USER + "accounts", "delete the accounts of", absent=(404,), reads="none"
        ),
        Operation("get_all_accounts", "GET", "/servers/{serverid}/accounts/", "list all accounts"),
        # By the specification the answer contains the account; whether every version does so is unknown.
        Operation("update_account", "PUT", _ACCOUNT, "block or unblock an account of", empty=True),
        Operation("delete_account", "DELETE", _ACCOUNT, "delete an account of", absent=(404,), reads="none"),
        Operation("get_user_role", "GET", _USER + "role/", "read the role of", absent=(404,)),
        Operation("get_or_create_user_role", "POST", _USER + "role/", "assign a role to", repeatable=True),
        Operation("get_permissions", "GET", _PERMISSIONS, "read the permissions of", absent=(404,)),
        Operation(
            "get_all_permissions", "GET", "/servers/{serverid}/permissions/", "list the permissions of all roles"
        ),
        # It overwrites, so a repeated request does no harm.
        Operation("grant_permissions", "POST", _PERMISSIONS, "grant permissions to", repeatable=True, reads="none"),
        Operation(
            "revoke_permissions", "DELETE", _PERMISSIONS, "revoke the permissions of", absent=(404,), reads="none"
        ),
        Operation(
            "register_user", "POST", "/servers/{serverid}/sessions/registeruser", "register user", repeatable=False,
            reads="none",
        ),
        Operation("get_server", "GET", _SERVER, "read the server", absent=(403, 404)),
        Operation("get_api_keys", "GET", "/apikeys/", "list API keys", secret=True),
        Operation("create_api_key", "POST", "/apikeys/", "create an API key", repeatable=False, secret=True),
    )
}
_PARTS = {
    "serverid": "server_id",
    "userid": "user",
    "attributekey": "attribute name",
    "accountid": "account id",
    "roleid": "role id",
}
"""Parameter of a path -> its name in messages."""
_DELETED = {"{userid}": "user", "{accountid}": "account", "{roleid}": "role"}
"""Parameter of a path -> the object that may not exist anymore."""
PERMISSIONS = ("users", "accounts", "sessions", "servers", "createserver", "setrid", "root")
"""The documented permissions."""
_NEEDED = {
    **dict.fromkeys(("get_user", "get_user_attributes"), "sessions or users"),
    **dict.fromkeys(("get_all_accounts", "update_account", "delete_account"), "accounts"),
    "delete_user_accounts": "accounts or users",
    **dict.fromkeys(("grant_permissions", "revoke_permissions"), "root"),
    **dict.fromkeys(("get_permissions", "get_all_permissions"), "servers"),
    "get_server": "servers or createserver",
    **dict.fromkeys(("get_api_keys", "create_api_key"), "servers for all servers"),
}
"""Operation -> the permission that it needs; all others need "users"."""


class NextAuthReader(AnswerReader):
    """The form of errors is not documented: JSON, plain text and empty bodies are accepted."""

    def hint_for(self, operation: Operation, status: int, message: str) -> str:
        """Return what to do, with the permission that an operation requires."""
        if status == 401:
            return "Check api_key, role_id if it is specified, and that api_url is the address of this server."
        if operation.name == "register_user" and 400 <= status < 500 and status != 429:
            # The status for a missing login is not documented: it may be that of a missing permission.
            more = " The role of the API key needs the permission users as well." if status == 403 else ""
            return f"Check nonce: it must belong to an active session in which an app has just logged in.{more}"
        if status == 403:
            needed = _NEEDED.get(operation.name, "users")
            return (
                f"The role of the API key needs the permission {needed} for {operation.name}; with role_id, that role "
                "must exist and needs it, and the role of the key needs root or setrid."
            )
        if status == 404 and "{serverid}" in operation.path:
            part = next((part for name, part in _DELETED.items() if name in operation.path), "")
            gone = f", and that the {part} was not deleted in the meantime" if part else ""
            return f"Check server_id (base64, as nextAuth shows it) and api_url{gone}."
        return super().hint_for(operation, status, message)


def rows_of(answer: Answer, name: str) -> tuple[list[Row], int | None]:
    """Return the rows under ``name`` and the total number of rows, None where it is not reported.

    A null is an empty list.
    """
    rows, total = answer.body, None
    if isinstance(rows, dict) and name in rows:
        total = rows.get("totalnumber")
        rows = rows[name] or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise answer.unreadable(f"it contains no list of {name}")
    return rows, total if isinstance(total, int) and not isinstance(total, bool) else None


class NextAuth(Connection):
    """A connection to one virtual server: an API key, and optionally a role to work as."""

    provider = "nextauth"
    operations = OPERATIONS
    reader = NextAuthReader
    default_url = "https://api.nextauth.com"
    secrets = ("api_key",)

    def authenticate(self) -> None:
        """Choose the headers.

        Raises InputError if the key or the server is missing, or the server's id is malformed.
        """
        self.server_id = str(self.params.get("server_id") or "").strip()
        self.require_credentials("api_key", "server_id")
        if is_path_step(self.server_id) or "%" in self.server_id or len(self.server_id.split()) > 1:
            raise InputError(
                f"server_id is {self.server_id!r}, which is not valid base64.",
                "Specify it as nextAuth shows it; the collection encodes it for the URL.", option="server_id",
            )
        role = self.params.get("role_id")
        if role and is_path_step(str(role)):
            raise InputError(
                f"role_id is {role!r}, which is not valid base64.", "Specify it as nextAuth shows it.", option="role_id"
            )
        self.transport.auth = header_key("X-apikey", self.params["api_key"], {"X-su": role} if role else None)

    def call(
        self,
        name: str,
        path: t.Mapping[str, t.Any] | None = None,
        query: Query | None = None,
        json: Json = None,
        subject: str = "",
        headers: t.Mapping[str, str] | None = None,
    ) -> Answer:
        """Send an operation by its name; the server is part of every path.

        Raises RollcallError for a part of the path that a hop could resolve, because the request would reach another
        resource.
        """
        parameters = {"serverid": self.server_id, **(path or {})}
        for part, value in parameters.items():
            if is_path_step(str(value)):
                about = f"{subject}: " if subject and subject != value else ""
                raise RollcallError(
                    f"{about}{value!r} cannot be sent as the {_PARTS[part]} of {name}: a proxy could resolve it to "
                    "another resource.",
                    "Use another name, or change it in nextAuth's administration.",
                    "invalid_value",
                )
        return super().call(name, parameters, query, json, subject, headers)

    # -- the server ----------------------------------------------------------------------------------------------

    def verify(self) -> None:
        """Check ``expected_account``, the server's id. It is case-sensitive, because it is base64."""
        expected = str(self.params.get("expected_account") or "").strip()
        if expected and expected != self.server_id:
            raise InputError(
                f"expected_account is {expected}, and server_id is {self.server_id}.",
                "Use the right server, or correct expected_account. Nothing was read or written.", "wrong_account",
                "expected_account",
            )
        super().verify()

    def account(self) -> str:
        """Return the server's id, read from the server or, if the key may not read that, from the options."""
        answer = self.call("get_server")
        if answer.status == 404:
            raise self.refusal(answer, "", "Check server_id and api_url. Nothing was written.")
        if answer.absent:
            return self.server_id
        server = answer.json_object.get("serverid")
        if not isinstance(server, str) or not server:
            raise answer.unreadable("it contains no serverid")
        if not same_id(server, self.server_id):
            raise answer.unreadable(f"it describes the server {server}")
        return self.server_id

    def prove(self) -> None:
        """Prove that a 404 was about a user, not about the server or a wrong address.

        The list of users answers, or this call raises its error.
        """
        if not self.cache.get("proven"):
            self.call("get_users", query={"limit": 1, "marker": 0})
            self.cache["proven"] = True

    # -- lists ---------------------------------------------------------------------------------------------------

    def listed(
        self, name: str, noun: str, key: str, path: t.Mapping[str, str] | None = None, query: Query | None = None,
        stop: Stop | None = None, take: Take | None = None, subject: str = "", ends_short: bool = False,
    ) -> Listing:
        """Return the rows of a list; ``noun`` is also their name in the body.

        A server may return fewer rows than requested, and need not report how many there are: the list then goes on to
        an empty page. ``ends_short`` saves that call where a handful of rows is the rule. Whether the number that comes
        with a search or a filter is that of all rows or of those found is not documented: it counts where it fits.
        """
        narrowed = any((query or {}).values())

        def fetch(marker: int) -> Page:
            answer = self.call(name, path, {"limit": PAGE, "marker": marker, **(query or {})}, subject=subject)
            rows, total = ([], 0) if answer.absent else rows_of(answer, noun)
            if not all(is_id(row.get(key)) for row in rows):
                raise answer.unreadable(f"a row has no {key}")
            reached = marker + len(rows)
            if narrowed and total != reached:
                total = None
            if total is None and ends_short and len(rows) < _FEW:
                total = reached
            return Page(rows, total)

        listing = offset_pages(fetch, noun, key, self.workers, stop, take)
        if name == "get_users":
            self.cache["proven"] = True
        return listing
