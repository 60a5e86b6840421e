# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra EE: operations, how its answers are read, and the connection.

The requests are the same for servers of 1.0, 1.3 and 2.0. Where versions differ, both forms are accepted (the names of
flags, statuses, empty answers) or sent (the two search parameters).
"""

from __future__ import annotations

import re
import typing as t

from ..._core.errors import ApiError, InputError, Problem, UnreadableAnswer, require
from ..._core.http.api import Answer, AnswerReader, Json, Operation, Query, one_line
from ..._core.http.auth import basic, bearer
from ..._core.http.paging import Listing, Page, Row, Stop, is_id, name_fault, numbered_pages
from ..._core.plan.catalogue import Catalogue
from ..._core.run.connection import Connection
from ..._core.run.options import Spec, connection_options
from ..._core.wording import agreed, counted

CREDENTIALS: Spec = {
    "api_token": {"type": "str", "no_log": True},
    "api_user": {"type": "str"},
    "api_password": {"type": "str", "no_log": True},
    "tenant": {"type": "str", "default": "main"},
}
ALTERNATIVES = (("api_token",), ("api_user", "api_password"))
"""Alternative groups of credentials: one group is sufficient."""
OPTIONS = connection_options("kestra", CREDENTIALS)

PAGE = 100
"""Rows of a page. The largest page is not documented; the vendor's own tools request 200."""
WAITS = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Seconds between searches for a user who may just have been created: searches lag behind writes."""
_GONE = (400, 404)
"""Statuses for an id that does not exist: servers return either."""

_USERS = "/api/v1/users"
_USER = _USERS + "/{id}"
_ACCOUNTS = "/api/v1/service-accounts"
_ACCOUNT = _ACCOUNTS + "/{id}"
_HERE = "/api/v1/{tenant}"
_HERE_ACCOUNT = _HERE + "/service-accounts/{id}"
_TOKENS = "/api-tokens"
_TOKEN = "/api-tokens/{token_id}"

OPERATIONS = {
    operation.name: operation
    for operation in (
        # Users of the instance.
        Operation("list_users", "GET", _USERS, "list users"),
        Operation("get_user", "GET", _USER, "read user", absent=_GONE),
        Operation("create_user", "POST", _USERS, "create user", empty=True),
        Operation("update_user", "PUT", _USER, "update user"),
        Operation("patch_user", "PATCH", _USER, "update user", repeatable=True),
        Operation(
            "patch_user_super_admin", "PATCH", _USER + "/superadmin", "set the instance ownership of",
            repeatable=True, reads="none",
        ),
        Operation(
            "patch_user_demo", "PATCH", _USER + "/restricted", "set the restriction of", repeatable=True,
            reads="none",
        ),
        Operation("patch_user_password", "PATCH", _USER + "/password", "set the password of", reads="none"),
        Operation("delete_user", "DELETE", _USER, "delete user", absent=_GONE, reads="none"),
        Operation("delete_user_auth_method", "DELETE", _USER + "/auths/{auth}", "remove a login method of"),
        Operation("delete_refresh_token", "DELETE", _USER + "/refresh-token", "end the sessions of", reads="none"),
        # A repeated request would open a second session. The form of the body is not documented, so the task reads it.
        Operation("impersonate", "POST", _USER + "/impersonate", "impersonate", reads="text", secret=True),
        # A repeated request would have a password that is no longer valid.
        Operation(
            "update_current_user_password", "PUT", "/api/v1/me/password", "change the password of", repeatable=False,
            reads="none", rechecks=True,
        ),
        Operation("get_current_user", "GET", "/api/v1/me", "read the current user", absent=(403, 404)),
        # Tenants, and access to them.
        Operation("find", "GET", "/api/v1/tenants/search", "list tenants"),
        Operation("get_3", "GET", "/api/v1/tenants/{id}", "read tenant", absent=_GONE),
        Operation("list_tenant_access", "GET", _HERE + "/tenant-access", "list the users of tenant"),
        Operation(
            "autocomplete_users", "POST", _HERE + "/tenant-access/autocomplete", "search the users of tenant",
            effect=False,
        ),
        # 409: the user already has access. 404 and 405: an old server, where a group grants access to its tenant.
        Operation(
            "create_tenant_access_1", "PUT", _HERE + "/tenant-access/{id}", "grant access to the tenant to",
            absent=(404, 405, 409), reads="none",
        ),
        Operation(
            "get_tenant_access", "GET", _HERE + "/tenant-access/{id}", "read the access to the tenant of",
            absent=(400, 404, 405),
        ),
        Operation(
            "delete_tenant_access", "DELETE", _HERE + "/tenant-access/{id}", "remove access to the tenant from",
            absent=_GONE, reads="none",
        ),
        # Groups and bindings of a tenant.
        Operation("search_groups", "GET", _HERE + "/groups/search", "list the groups of tenant"),
        Operation("update_user_groups", "PUT", _HERE + "/users/{id}/groups", "set the groups of", reads="none"),
        Operation(
            "search_group_members", "GET", _HERE + "/groups/{id}/members", "list the members of a group of tenant"
        ),
        Operation("search_roles", "GET", _HERE + "/roles/search", "list the roles of tenant"),
        Operation("get_role", "GET", _HERE + "/roles/{id}", "read role", absent=_GONE),
        Operation("search_bindings", "GET", _HERE + "/bindings/search", "list the bindings of tenant"),
        # 409: the binding exists, even if a search does not show it yet.
        Operation("create_binding", "POST", _HERE + "/bindings", "bind a role to", absent=(409,)),
        Operation(
            "delete_binding", "DELETE", _HERE + "/bindings/{id}", "remove a binding of", absent=_GONE, reads="none"
        ),
        # Service accounts, of the instance and of a tenant.
        Operation("list_service_accounts", "GET", _ACCOUNTS, "list service accounts"),
        Operation("get_service_account", "GET", _ACCOUNT, "read service account", absent=_GONE),
        Operation("create_service_account", "POST", _ACCOUNTS, "create service account"),
        Operation("patch_service_account_details", "PATCH", _ACCOUNT, "update service account", repeatable=True),
        Operation(
            "patch_service_account_super_admin", "PATCH", _ACCOUNT + "/superadmin",
            "set the instance ownership of", repeatable=True, reads="none",
        ),
        Operation("delete_service_account", "DELETE", _ACCOUNT, "delete service account", absent=_GONE, reads="none"),
        Operation(
            "list_service_accounts_for_tenant", "GET", _HERE + "/service-accounts",
            "list the service accounts of tenant",
        ),
        Operation("get_service_account_for_tenant", "GET", _HERE_ACCOUNT, "read service account", absent=_GONE),
        Operation("create_service_account_for_tenant", "POST", _HERE + "/service-accounts", "create service account"),
        Operation("update_service_account", "PUT", _HERE_ACCOUNT, "update service account"),
        Operation(
            "delete_service_account_for_tenant", "DELETE", _HERE_ACCOUNT, "delete service account", absent=_GONE,
            reads="none",
        ),
        # API tokens: the same three calls for each of the three kinds of owner.
        Operation("list_api_tokens1", "GET", _USER + _TOKENS, "list the API tokens of"),
        Operation("create_api_tokens_for_user1", "POST", _USER + _TOKENS, "create an API token for", secret=True),
        Operation("delete_api_token1", "DELETE", _USER + _TOKEN, "revoke an API token of", absent=_GONE, reads="none"),
        Operation("list_api_tokens", "GET", _ACCOUNT + _TOKENS, "list the API tokens of"),
        Operation("create_api_tokens_for_user", "POST", _ACCOUNT + _TOKENS, "create an API token for", secret=True),
        Operation(
            "delete_api_token", "DELETE", _ACCOUNT + _TOKEN, "revoke an API token of", absent=_GONE, reads="none"
        ),
        Operation("list_api_tokens_with_tenant", "GET", _HERE_ACCOUNT + _TOKENS, "list the API tokens of"),
        Operation(
            "create_api_tokens_for_user_with_tenant",
            "POST",
            _HERE_ACCOUNT + _TOKENS,
            "create an API token for",
            secret=True,
        ),
        Operation(
            "delete_api_token_with_tenant",
            "DELETE",
            _HERE_ACCOUNT + _TOKEN,
            "revoke an API token of",
            absent=_GONE,
            reads="none",
        ),
    )
}


class KestraReader(AnswerReader):
    """Errors come as ``{message, _embedded: {errors: [{message, path}]}}``; 401 and 403 often without a body."""

    def message_of(self, answer: Answer) -> str:
        """Return the text of an error. The embedded errors often repeat the message, and are then left out."""
        body = answer.json_object
        text = body.get("message")
        if not isinstance(text, str) or not text.strip():
            return super().message_of(answer)
        embedded = body.get("_embedded")
        errors = embedded.get("errors") if isinstance(embedded, dict) else None
        more = [one_line(error) for error in errors] if isinstance(errors, list) else []
        return "; ".join([one_line(text), *(words for words in dict.fromkeys(more) if words and words not in text)])

    def hint_for(self, operation: Operation, status: int, message: str) -> str:
        """Return what to do if Kestra's message does not show it."""
        if operation.name == "update_current_user_password" and status in (400, 401, 403, 422):
            return "Check old_password, and that the new one satisfies the password policy."
        if status == 401:
            return (
                "Check api_token, or api_user and api_password (servers from 2.0 on accept tokens only), and that "
                "api_url is the address of this server. It was not retried: Kestra locks a login after ten failures in "
                "five minutes."
            )
        if status == 403 and "{tenant}" not in operation.path:
            return "The credentials must be those of an instance owner (a superadmin before 2.0)."
        if operation.name == "update_user_groups" and status == 404:
            return (
                "The user, one of the groups, or the user's access to the tenant does not exist: run the task again."
            )
        if operation.name == "create_user" and status == 404:
            return "A tenant or a group of the new user does not exist: run the task again."
        if status == 404 and "{tenant}" in operation.path and "{id}" not in operation.path:
            return "Check api_url and the tenant."
        return super().hint_for(operation, status, message)


def page_of(answer: Answer) -> Page:
    """Return the rows of one page: ``{results, total}``.

    Raises UnreadableAnswer for anything else: a bare array, which only completions are, is not an empty list.
    """
    body = answer.json_object
    total = body.get("total")
    return Page(_checked(answer, body.get("results")), total if isinstance(total, int) else None)


def completions_of(answer: Answer) -> list[Row]:
    """Return the rows of a completion, which is a bare array. Raises UnreadableAnswer for anything else."""
    return _checked(answer, answer.body)


def _checked(answer: Answer, rows: Json) -> list[Row]:
    if not isinstance(rows, list):
        raise answer.unreadable("it contains no list of results")
    for row in rows:
        _check_row(answer, row)
    return rows


def object_of(answer: Answer) -> Row:
    """Return the single object of an answer, which must have an id."""
    body = answer.json_object
    if not body.get("id"):
        raise answer.unreadable("it contains no object with an id")
    _check_row(answer, body)
    return body


def _check_row(answer: Answer, row: Json) -> None:
    """Raise what ``unreadable`` returns for a row whose names are no texts,
    or whose lists hold something other than objects with ids."""
    if not isinstance(row, dict):
        return  # the reader of a list adds the position of the row
    fault = name_fault(row, ("username", "email", "displayName"))
    for name, needed in (("auths", None), ("tenants", "id"), ("groups", "id")):
        for item in row[name] if isinstance(row.get(name), list) else ():
            if not isinstance(item, dict) or (needed and not is_id(item.get(needed))):
                fault = f"{name} of {row.get('id')} are not objects{' with ids' if needed else ''}"
    if fault:
        raise answer.unreadable(fault)


def is_owner(raw: t.Mapping[str, Json]) -> bool | None:
    """Return whether a user owns the instance, None if a document does not show it. 2.0 has renamed the flag."""
    for name in ("instanceOwner", "superAdmin"):
        if isinstance(raw.get(name), bool):
            return bool(raw[name])
    return None


USER_NAMES = ("username", "email")
"""Fields of a row that can contain the natural key of a user. The display name is not a key."""
ACCOUNT_NAMES = ("name", "username", "displayName")
"""Fields of a row that can contain the name of a service account."""


def require_names(
    noun: str, rows: t.Iterable[t.Mapping[str, Json]], names: t.Sequence[str], searched: bool = False
) -> None:
    """Raise UnreadableAnswer if there are rows without any of these fields: such a row could be the requested account.

    ``searched``: the task specifies a name, and could specify an id.
    """
    ids = [str(row.get("id")) for row in rows if not any(str(row.get(name) or "").strip() for name in names)]
    if not ids:
        return
    name = agreed(len(ids), "name")
    raise UnreadableAnswer(
        f"Kestra reports {counted(len(ids), noun)} without {'a name' if len(ids) == 1 else 'names'} "
        f"({agreed(len(ids), 'id')} {', '.join(ids[:5])}{', ...' if len(ids) > 5 else ''}).",
        f"Add the {name} in Kestra{', or specify ids' if searched else ''}.",
    )


def prefix_of(prefix: t.Any) -> str:
    """Return the visible letters of the prefix of a token, without the mask; empty if it shows none."""
    return re.sub(r"[*.\u2026\s]+$", "", prefix) if isinstance(prefix, str) else ""


def search_for(text: str) -> dict[str, str]:
    """Return a search in the forms of all versions: 2.0 reads only the filter, 1.0 only the other parameter."""
    return {"q": text, "filters[q][EQUALS]": text}


class Kestra(Connection):
    """A connection to one Kestra instance: a bearer token, or HTTP Basic on servers before 2.0."""

    provider = "kestra"
    operations = OPERATIONS
    reader = KestraReader
    secrets = ("api_token", "api_password")
    account_option = "tenant"

    def authenticate(self) -> None:
        """Choose the credentials: ``api_token`` takes precedence. Raises InputError if there are none."""
        self.tenant = str(self.params.get("tenant") or "main")
        if self.params.get("api_token"):
            self.transport.auth = bearer(self.params["api_token"])
            return
        if self.params.get("api_user") or self.params.get("api_password"):
            self.require_credentials("api_user", "api_password", alternative="; servers from 2.0 on require api_token")
        else:
            self.require_credentials(
                "api_token", alternative="; servers before 2.0 accept api_user and api_password as well"
            )
        self.transport.auth = basic(self.params["api_user"], self.params["api_password"], self.masker)

    def account(self) -> str | None:
        """Return the tenant of the connection, after checking that it exists: an instance has no id of its own."""
        answer = self.call("get_3", {"id": self.tenant}, subject=self.tenant)
        if answer.absent:
            raise InputError(
                f"expected_account is {self.params.get('expected_account')}, and there is no tenant {self.tenant} on "
                "this server.",
                "Nothing was written. Check api_url and tenant.",
                "wrong_account",
            )
        return self.tenant

    def same_account(self, actual: str, expected: str) -> bool:
        """Return whether this is the expected tenant. Ids of tenants are case-sensitive."""
        return actual == expected

    def me(self) -> Row:
        """Return the document of the caller, read once; empty if the credentials may not read it (service accounts)."""

        def read() -> Row:
            answer = self.call("get_current_user")
            return {} if answer.absent else answer.json_object

        return self.cached("me", read)

    def caller(self) -> str | None:
        """Return the id of the caller."""
        identity = self.me().get("id")
        return str(identity) if identity else None

    def owns(self, prefix: t.Any) -> bool | None:
        """Return whether a token with this prefix is the token of this connection; None if the prefix shows nothing."""
        token = str(self.params.get("api_token") or "")
        if not token:
            return False
        shown = prefix_of(prefix)
        return token.startswith(shown) if shown else None

    # -- lists ---------------------------------------------------------------------------------------------------

    def page(
        self, name: str, path: t.Mapping[str, str] | None = None, query: Query | None = None, number: int = 1
    ) -> Page:
        """Return one page of a list, unsorted: some sort orders fail on the server."""
        return page_of(
            self.call(
                name, path, {"page": number, "size": PAGE, **(query or {})}, subject=str((path or {}).get("tenant", ""))
            )
        )

    def rows(
        self,
        name: str,
        noun: str,
        path: t.Mapping[str, str] | None = None,
        query: Query | None = None,
        stop: Stop | None = None,
        first: Page | None = None,
    ) -> Listing:
        """Return the rows of a list: all pages, unless ``stop`` ends it.

        ``first`` is the first page, if it was just read.
        """
        read = [first] if first is not None else []

        def fetch(number: int) -> Page:
            return read.pop() if number == 1 and read else self.page(name, path, query, number)

        return numbered_pages(fetch, noun, workers=self.workers, stop=stop)

    def tenants(self) -> Catalogue:
        """Return the tenants of the instance by their ids, read once for each connection."""

        def read() -> Catalogue:
            rows = self.rows("find", "tenants").rows
            return Catalogue("tenant", [(row["id"], str(row["id"])) for row in rows if not row.get("deleted")])

        return self.cached("tenants", read)

    def require_tenant(self, tenant: str, option: str, place: str = "") -> None:
        """Raise InputError (unknown_tenant) if there is no such tenant, as far as the credentials may list tenants."""
        problems: list[str] = []
        try:
            self.tenants().identify(tenant, place, problems, option, absent=option != "tenant")
        except ApiError as error:
            if error.status not in (403, 404, 405):
                raise
        require([
            Problem(f"{option}: {problem.text}", problem.code, problem.place, option)
            for problem in problems if isinstance(problem, Problem)
        ])  # fmt: skip

    def groups(self, tenant: str) -> Catalogue:
        """Return the groups of a tenant, read once for each connection."""
        return self._named("group", "search_groups", tenant)

    def roles(self, tenant: str) -> Catalogue:
        """Return the roles of a tenant, read once for each connection."""
        return self._named("role", "search_roles", tenant)

    def _named(self, noun: str, operation: str, tenant: str) -> Catalogue:
        def read() -> Catalogue:
            rows = self.rows(operation, f"{noun}s", {"tenant": tenant}).rows
            return Catalogue(noun, [(row["id"], str(row.get("name") or "")) for row in rows])

        return self.cached(f"{noun}s of {tenant}", read)
