# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM 2.0: operations, the login, the server's description of itself, and its lists."""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import replace
from urllib.parse import urlsplit

from ..._core.errors import ApiError, InputError, Problem, UnreadableAnswer
from ..._core.http.address import check_url
from ..._core.http.api import Answer, AnswerReader, Operation, Query
from ..._core.http.auth import OAuth2, Token, basic, bearer, client_token, header_key
from ..._core.http.paging import ListChanged, Listing, Page, Row, Stop, Take, cursor_pages, is_id, offset_pages, settled
from ..._core.plan.catalogue import Catalogue
from ..._core.run.connection import Connection
from ..._core.run.options import Spec, connection_options
from .attributes import CORE, Attribute, read_schemas
from .profiles import NONE, PROFILES
from .shapes import COMMON

SECRETS = ("api_token", "api_password", "client_secret", "header_value")
CREDENTIALS: Spec = {
    **{name: {"type": "str", "no_log": True} for name in SECRETS},
    **{name: {"type": "str"} for name in ("api_user", "client_id", "scope", "header_name")},
    "token_url": {"type": "str", "no_log": False},
    "server_profile": {"type": "str", "choices": ["none", *PROFILES], "default": "none"},
}
ALTERNATIVES = (
    ("api_token",), ("api_user", "api_password"), ("client_id", "client_secret", "token_url", "scope"),
    ("header_name", "header_value"),
)
"""Alternative groups of credentials: one group is sufficient."""
OPTIONS = connection_options("scim", CREDENTIALS)

_MISSING = (403, 404, 405, 501)
"""Statuses of a server that does not describe itself (RFC 7644 requires it, but many return 404)."""
_REJECTED = (400, 403, 404, 405, 501)
"""Statuses for an unsupported filter (RFC 7644, 3.4.2.2: 400 invalidFilter; others: 501 or 403)."""
_NEEDLESS = {"sortBy": (400, 500, 501), "count": (500,)}
"""What to omit from a list if the server fails at it -> the statuses of this failure."""
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

_ADDRESS = "Check api_url: it is the base address of the SCIM service, such as https://id.example.com/scim/v2."
_ENDPOINT = re.compile(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)+")

_USER, _GROUP = "/Users/{id}", "/Groups/{id}"
OPERATIONS = {
    operation.name: operation
    for operation in (
        Operation("get_service_provider_config", "GET", "/ServiceProviderConfig", "read the features", absent=_MISSING),
        Operation("get_resource_types", "GET", "/ResourceTypes", "read the types of resources", absent=_MISSING),
        Operation("get_schemas", "GET", "/Schemas", "read the schemas", absent=_MISSING),
        Operation("list_users", "GET", "/Users", "list users"),
        Operation("get_user", "GET", _USER, "read user", absent=(404,)),
        Operation("create_user", "POST", "/Users", "create user"),
        Operation("replace_user", "PUT", _USER, "update user", empty=True),
        Operation("patch_user", "PATCH", _USER, "update user", repeatable=True, empty=True),
        Operation("delete_user", "DELETE", _USER, "delete user", absent=(404,), reads="none"),
        Operation("list_groups", "GET", "/Groups", "list groups", absent=(404, 501)),
        Operation("get_group", "GET", _GROUP, "read group", absent=(404,)),
        Operation("replace_group", "PUT", _GROUP, "change the members of", empty=True),
        # A repeated request adds members only once. It may be refused after a removal; then the group is read again.
        Operation("patch_group", "PATCH", _GROUP, "change the members of", repeatable=True, empty=True),
        Operation("get_token", "POST", "", "log in", effect=False, secret=True),
    )
}


class ScimReader(AnswerReader):
    """Errors come as ``{schemas, scimType, detail, status}`` (RFC 7644, 3.12)."""

    def status_of(self, answer: Answer) -> int:
        """Return 409 for a value that exists already: some servers return 400 with ``scimType: uniqueness``."""
        if answer.status == 400 and answer.json_object.get("scimType") == "uniqueness":
            return 409
        return answer.status

    def message_of(self, answer: Answer) -> str:
        """Return the detail of an error, after its type."""
        error = answer.json_object
        words = (error.get("scimType"), error.get("detail"))
        return ": ".join(word for word in words if word and isinstance(word, str)) or super().message_of(answer)

    def hint_for(self, operation: Operation, status: int, message: str) -> str:
        """Return what to do if the server's message does not show it."""
        if status == 412:
            return "This was changed outside this task at the same time. Run the task again."
        if operation.name == "get_token" and status in (400, 401, 403, 422):
            return "Check client_id, client_secret, token_url and scope."
        if operation.name == "get_token" and status in (404, 405, 410):
            return "Check token_url: it is the address that issues tokens."
        if status == 409 and operation.name == "create_user":  # the module has looked for the name
            return (
                "Another user has this name, or another value that must be unique, but a search for the name did not "
                "find that user. Look for the user on the server, or specify other values."
            )
        if status == 409 and not operation.creates and message.partition(":")[0] == "uniqueness":
            return "Another user or group has this value already. Specify another one."
        if status in (400, 422) and operation.is_read:
            return "Check the options of the task, such as filters.expression."
        if status == 404 and "{" not in operation.path:
            return _ADDRESS
        return super().hint_for(operation, status, message)


def quoted(text: str) -> str:
    """Return a text as a value of a filter: a JSON string (RFC 7644, 3.4.2.2)."""
    return json.dumps(text, ensure_ascii=False)


def resource_of(answer: Answer) -> Row:
    """Return the single resource of an answer, which must have an id."""
    body = answer.json_object
    if not is_id(body.get("id")):
        raise answer.unreadable("it contains no resource with an id")
    return body


class Scim(Connection):
    """A connection to one SCIM service, with the server's description of itself."""

    provider = "scim"
    operations = OPERATIONS
    reader = ScimReader
    secrets = SECRETS
    account_advice = "SCIM does not report the account of any credentials: remove expected_account."
    headers = {"Accept": "application/scim+json, application/json;q=0.9", "Content-Type": "application/scim+json"}

    def authenticate(self) -> None:
        """Choose the credentials. Raises InputError if there are none, or several."""
        self.deviations = PROFILES.get(str(self.params.get("server_profile")), NONE)
        params = self.params
        ways = [group for group in ALTERNATIVES if any(params.get(name) for name in group[:2])]
        if len(ways) > 1:
            names = " and ".join(next(name for name in group if params.get(name)) for group in ways)
            text = f"{names} are different ways to log in."
            raise InputError([Problem(text, "contradiction", option=ways[1][0])], "Specify one of them.")
        if not ways:
            self.require_credentials("api_token", alternative=", or use a password, an OAuth2 client or a header")
        self.require_credentials(*(name for name in ways[0] if name != "scope"))
        if "api_token" in ways[0]:
            self.transport.auth = bearer(params["api_token"])
        elif "api_user" in ways[0]:
            self.transport.auth = basic(params["api_user"], params["api_password"], self.masker)
        elif "header_name" in ways[0]:
            if not _HEADER.fullmatch(params["header_name"]):
                text = "header_name is not a valid header name."
                raise InputError(text, "Specify a name such as X-API-Key.", option="header_name")
            self.transport.auth = header_key(params["header_name"], params["header_value"])
        else:
            self.transport.hosts["token_url"] = check_url(params["token_url"], "token_url")
            self.transport.auth = OAuth2(self.log_in, self.masker, clock=self.clock)

    def log_in(self) -> Token:
        """Request a token with the client's credentials. Raises ApiError if they are refused."""
        scope = {"scope": self.params["scope"]} if self.params.get("scope") else {}

        def ask(form: dict[str, str], headers: dict[str, str]) -> Answer:
            return self.transport.call(
                OPERATIONS["get_token"], form={**form, **scope}, headers=headers, authenticate=False,
                base=self.transport.hosts["token_url"],
            )

        return client_token(ask, self.params["client_id"], self.params["client_secret"], self.masker)

    # -- what the server says about itself -----------------------------------------------------------------------

    def call(self, name: str, *args: t.Any, **kwargs: t.Any) -> Answer:
        """Send an operation; users and groups have the endpoints that the server reports. See Connection.call."""
        if OPERATIONS[name].path.startswith(("/Users", "/Groups")):
            self.operations = self.cached("operations", self._located)
        return super().call(name, *args, **kwargs)

    def _located(self) -> dict[str, Operation]:
        """Return the operations with the endpoints of ``/ResourceTypes``.

        If these are not below the base, the usual endpoints apply: credentials are sent nowhere else.
        """
        located = dict(OPERATIONS)
        for kind in ("User", "Group"):
            known = next((row for row in self._types() if row.get("schema") == f"{CORE}{kind}"), {})
            endpoint, usual = str(known.get("endpoint") or ""), f"/{kind}s"
            for base in (self.transport.base, urlsplit(self.transport.base).path):
                endpoint = endpoint.removeprefix(base) if endpoint.startswith(f"{base}/") else endpoint
            endpoint = f"/{endpoint.removeprefix('/').removesuffix('/')}"
            for operation in OPERATIONS.values() if _ENDPOINT.fullmatch(endpoint) else ():
                if operation.path.startswith(usual):
                    path = endpoint + operation.path.removeprefix(usual)
                    located[operation.name] = replace(operation, path=path)
        return located

    def _types(self) -> list[Row]:
        return self.cached("types", lambda: self._resources("get_resource_types"))

    def _resources(self, operation: str) -> list[Row]:
        rows = self._described(operation).get("Resources")
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    def config(self) -> Row:
        """Return the ``/ServiceProviderConfig``, read once; empty if there is none.

        Without it, only the mandatory features are used.
        """
        return self.cached("config", lambda: self._described("get_service_provider_config"))

    def _described(self, operation: str) -> Row:
        try:
            answer = self.call(operation)
            return {} if answer.absent else answer.json_object
        except UnreadableAnswer:  # a web page: the next read of users shows whether api_url is right
            return {}

    def supports(self, feature: str) -> bool:
        """Return whether the server announces a feature (patch, filter, etag) and has not refused it since."""
        if f"no {feature}" in self.cache:
            return False
        known: bool | None = getattr(self.deviations, feature, None)
        return known if known is not None else self._about(feature).get("supported") in (True, "true")

    def match(self, document: Row) -> dict[str, str] | None:
        """Return the header with which a write fails if another client has changed the document since the read."""
        version = (document.get("meta") or {}).get("version")
        return {"If-Match": version} if isinstance(version, str) and self.supports("etag") else None

    def refused(self, feature: str) -> None:
        """Note that the server refuses a feature that it announces."""
        self.cache[f"no {feature}"] = True

    def attributes(self, kind: str = "User") -> dict[str, Attribute]:
        """Return the attributes of users or groups by their paths in lower case, read once; empty without schemas."""
        schemas = self.cached("schemas", lambda: self._resources("get_schemas"))
        types = self._types() if schemas else []
        with self.odd_rows():
            return self.cached(f"attributes of {kind}", lambda: read_schemas(schemas, types, kind))

    def case_exact(self, path: str) -> bool:
        """Return whether an attribute is case-sensitive."""
        known = self.attributes().get(path.lower()) if path not in COMMON else None
        return path in COMMON if known is None else known.exact

    # -- lists ---------------------------------------------------------------------------------------------------

    @property
    def page_size(self) -> int:
        """Return the rows of a page: at most what the server returns to a filter or reports as its largest page."""
        limits = (self._about("filter").get("maxResults"), self._about("pagination").get("maxPageSize"))
        return min([self.deviations.page, *(limit for limit in limits if isinstance(limit, int) and limit > 0)])

    def _about(self, feature: str) -> Row:
        known = self.config().get(feature)
        return known if isinstance(known, dict) else {}

    def rows(
        self, kind: str, query: Query | None = None, stop: Stop | None = None, take: Take | None = None
    ) -> Listing:
        """Return all ``users`` or ``groups``. Raises ListChanged if pages do not fit; the next read is sequential.

        Pages are addressed by the first row or, if the server supports only that, by a cursor (RFC 9865). If the server
        can sort, pages of the whole list are sorted by id: otherwise their order may differ between requests.
        """
        pagination, query = self._about("pagination"), {**(query or {}), "count": self.page_size}
        if pagination.get("cursor") is True and pagination.get("index") is not True:
            return cursor_pages(
                lambda after: self._page(kind, {"cursor": after or "", **query}), kind, stop=stop, take=take
            )
        if self.supports("sort") and "filter" not in query:
            query["sortBy"] = "id"
        workers, take = 1 if "short pages" in self.cache else self.workers, take or (lambda rows: None)
        try:
            return offset_pages(
                lambda rows: self._page(kind, {"startIndex": rows + 1, **query}), kind, "id", workers, stop, take
            )
        except ListChanged:
            self.cache["short pages"] = True
            raise

    def _page(self, kind: str, query: Query) -> Page:
        query = {name: value for name, value in query.items() if f"no {name}" not in self.cache}
        try:
            answer = self.call(f"list_{kind}", query=query)
        except ApiError as error:
            needless = next((name for name in _NEEDLESS if name in query and error.status in _NEEDLESS[name]), None)
            if needless is None:
                raise
            page = self._page(kind, {name: value for name, value in query.items() if name != needless})
            self.refused(needless)
            return page
        if answer.absent and "filter" not in query:
            self.cache[f"refusal of {kind}"] = answer.status
        body = {"Resources": [], "totalResults": 0} if answer.absent else answer.body
        if not isinstance(body, dict):
            raise answer.unreadable("it is not a list of resources")
        total, after = body.get("totalResults"), body.get("nextCursor")
        if isinstance(total, bool) or not isinstance(total, int):
            total = None
        rows = body.get("Resources")
        if rows is None and total is not None:  # RFC 7644, 3.4.2: the list may be absent if it would be empty
            rows = []
        if not isinstance(rows, list):
            raise answer.unreadable("it is not a list of resources")
        return Page(rows, total, after if isinstance(after, str) else None)

    def filtered(self, kind: str, expression: str, query: Query | None = None) -> list[Row] | None:
        """Return the rows that match a filter, None if the server has no filters or refuses this one."""
        feature = f"filter of {expression.split()[0]}"
        if not self.supports("filter") or f"no {feature}" in self.cache:
            return None
        try:
            return settled(lambda: self.rows(kind, {**(query or {}), "filter": expression})).rows
        except ApiError as error:
            if error.status not in _REJECTED:
                raise
            self.refused(feature)
            return None

    def groups(self) -> Catalogue:
        """Return the groups without their members, read once for each connection."""

        def read() -> Catalogue:
            rows = settled(lambda: self.rows("groups", {"excludedAttributes": "members"})).rows
            pairs = [(row["id"], str(row.get("displayName") or "")) for row in rows]
            reason = self.without_groups()
            return Catalogue("group", pairs, reason=f"{reason}: specify none" if reason else "")

        return self.cached("groups", read)

    def without_groups(self) -> str:
        """Return why there are no groups if the server has not even an empty list of them, as the end of a sentence."""
        status = self.cache.get("refusal of groups")
        if status is None:
            return ""
        return (
            f"the server answered {status} to the list of groups. {_ADDRESS} If the address is right, this server has "
            "no groups"
        )
