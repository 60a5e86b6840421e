# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contabo: the connection, whose tokens come from a Keycloak on another host, its lists,
and the OAuth2 client of the customer."""

from __future__ import annotations

import threading
import typing as t
import uuid

from ..._core.errors import ApiError, InputError, RollcallError, UnreadableAnswer
from ..._core.http.address import check_url
from ..._core.http.api import Answer, Json, Query
from ..._core.http.auth import OAuth2, Token, access_token
from ..._core.http.paging import Listing, Page, Row, Stop, Take, is_id, numbered_pages
from ..._core.names import fold
from ..._core.plan.catalogue import Catalogue
from ..._core.run.connection import Connection
from ..._core.run.options import Spec, connection_options
from ..._core.run.token_run import looks, unclear
from .wire import OPERATIONS, REQUEST_ID, ContaboReader, broken, claims_of, data_of, named, single_row

API_URL = "https://api.contabo.com"
AUTH_URL = "https://auth.contabo.com"
CREDENTIALS: Spec = {
    "auth_url": {"type": "str"},
    "client_id": {"type": "str"},
    "client_secret": {"type": "str", "no_log": True},
    "api_user": {"type": "str"},
    "api_password": {"type": "str", "no_log": True},
    "trace_id": {"type": "str"},
}
OPTIONS = connection_options("contabo", CREDENTIALS)
PAGE_SIZE = 100
_SIZES = (PAGE_SIZE, 50, 20, 10, 5, 2, 1)
"""Page sizes to try. Contabo does not document its largest page; its default is 10.

A list uses the first size that is not refused.
"""
_REFUSED = (400, 422)
"""Statuses of a refused parameter."""
_LOOK = "The secret may have changed: look it up in the customer panel before anything else logs in."


class Identified:
    """Authentication that adds an id to each request. A repeated request has a new id."""

    sends_credentials = False

    def __init__(self, oauth: OAuth2, trace_id: str | None) -> None:
        self._oauth = oauth
        self._trace = {"x-trace-id": trace_id} if trace_id else {}
        self._sent = threading.local()

    def headers(self) -> dict[str, str]:
        """Return the headers of one request."""
        self._sent.last = None
        headers = self._oauth.headers()
        self._sent.last = str(uuid.uuid4())
        return {**headers, REQUEST_ID: self._sent.last, **self._trace}

    def renew(self, used: t.Mapping[str, str]) -> bool:
        """Renew the token."""
        return self._oauth.renew(used)

    @property
    def last(self) -> str | None:
        """Return the id of the last request of this thread, None while it logs in."""
        return getattr(self._sent, "last", None)


class Contabo(Connection):
    """A connection to the account of one customer: a password grant, renewed with its refresh token."""

    provider = "contabo"
    operations = OPERATIONS
    reader = ContaboReader
    default_url = API_URL
    secrets = ("client_secret", "api_password")

    def authenticate(self) -> None:
        """Set the credentials. Raises InputError if one is missing."""
        self.require_credentials("client_id", "client_secret", "api_user", "api_password")
        trace = self.params.get("trace_id")
        if trace and not (trace.isascii() and trace.isprintable()):
            raise InputError(f"trace_id is {trace!r}, which cannot be sent in a header. Use only ASCII characters.")
        self.auth_url = check_url(self.params.get("auth_url") or AUTH_URL, "auth_url")
        self.transport.hosts["auth_url"] = self.auth_url
        self.client_secret = str(self.params["client_secret"])
        self.oauth = OAuth2(self.log_in, self.masker, self.refresh, self.clock)
        self.identified = Identified(self.oauth, trace)
        self.transport.auth = self.identified
        self.page_sizes: dict[str, int] = {}
        """Operation -> the page size that its list accepts, known after the first page."""
        self._met = False  # whether the API has ever answered with something other than 404

    def log_in(self) -> Token:
        """Request a token with the credentials. Raises ApiError if they are refused."""
        return self._token(
            {"grant_type": "password", "username": self.params["api_user"], "password": self.params["api_password"]}
        )

    def refresh(self, token: str) -> Token:
        """Request a token with a refresh token."""
        return self._token({"grant_type": "refresh_token", "refresh_token": token})

    def _token(self, grant: t.Mapping[str, str]) -> Token:
        form = {"client_id": str(self.params["client_id"]), "client_secret": self.client_secret, **grant}
        answer = self.transport.call(OPERATIONS["get_token"], form=form, authenticate=False, base=self.auth_url)
        body = answer.json_object
        token = access_token(answer, body)
        refresh, lifetime = (body.get(name) for name in ("refresh_token", "expires_in"))
        return Token(
            token,
            float(lifetime) if isinstance(lifetime, (int, float)) else None,
            refresh if isinstance(refresh, str) else None,
            claims_of(token),
        )

    def account(self) -> str | None:
        """Return the customer number of the token."""
        number = self.oauth.token().claims.get("customerId")
        return None if number is None else str(number)

    def caller(self) -> str | None:
        """Return the e-mail address in the token, or that of the login if the token has none."""
        name = self.oauth.token().claims.get("preferred_username")
        return fold(name if isinstance(name, str) and "@" in name else str(self.params["api_user"]))

    def call(
        self,
        name: str,
        path: t.Mapping[str, t.Any] | None = None,
        query: Query | None = None,
        json: Json = None,
        subject: str = "",
        headers: t.Mapping[str, str] | None = None,
    ) -> Answer:
        """Send an operation by its name. Errors without an answer name the request, too."""
        try:
            answer = super().call(name, path, query, json, subject, headers)
        except ApiError:
            raise
        except RollcallError as error:
            raise named(error, self.identified.last) from None
        self._met = self._met or not answer.absent
        return answer

    def fault(self, message: str, hint: str) -> RollcallError:
        """Return the error that the last answer describes, with the id of its request."""
        return named(RollcallError(message, hint), self.transport.last_request_id)

    def none_found(self, answer: Answer) -> bool:
        """Return whether an answer is the API's own "no results".

        A 404 from elsewhere, such as a proxy, is an error.
        """
        if not answer.absent:
            return False
        if answer.text.strip() and not answer.json_object:
            raise broken(answer, "it is not an answer of the API")
        if not self._met:
            # With a wrong api_url, every call returns a 404. Therefore no user counts as absent until the API has
            # answered.
            self._first("retrieve_user_list", "users", {})
        return True

    def unreadable(self, message: str, hint: str = "Report it to the provider.") -> RollcallError:
        """Return the error for an answer without the expected content, with the id of its request."""
        return named(UnreadableAnswer(message, hint), self.transport.last_request_id)

    # -- lists ---------------------------------------------------------------------------------------------------

    def pages(
        self,
        name: str,
        noun: str,
        key: str,
        query: Query | None = None,
        stop: Stop | None = None,
        take: Take | None = None,
    ) -> Listing:
        """Return a list, page by page. A list without results may be a 404.

        An empty list of all users or roles is an error. All pages of one reading have the size of its first page, even
        if another reading finds a different size meanwhile.
        """
        size = PAGE_SIZE

        def fetch(number: int) -> Page:
            nonlocal size
            if number > 1:
                page = self._page(name, noun, query or {}, number, size)
            else:
                page, size = self._first(name, noun, query or {})
            if not all(is_id(row.get(key)) for row in page.rows):
                raise self.unreadable(f"Contabo's list of {noun} has a row without {key}.")
            return page

        try:
            return numbered_pages(fetch, noun, key, self.workers, stop=stop, take=take)
        except UnreadableAnswer as error:
            raise named(error, self.transport.last_request_id) from None

    def _first(self, name: str, noun: str, query: Query) -> tuple[Page, int]:
        """Return the first page of a list and its size: the largest size that is not refused.

        Raises the first refusal if all sizes are refused, down to one row: the size is then not the reason.
        """
        known = self.page_sizes.get(name)
        refusal: ApiError | None = None
        for size in (known,) if known else _SIZES:
            try:
                page = self._page(name, noun, query, 1, size)
            except ApiError as error:
                if error.status not in _REFUSED:
                    raise
                refusal = refusal or error
                continue
            self.page_sizes[name] = size
            return page, size
        raise refusal or RollcallError(f"Contabo returned no page of its {noun}.", "Report it to the provider.")

    def _page(self, name: str, noun: str, query: Query, number: int, size: int) -> Page:
        """Return one page of a list."""
        answer = self.call(name, query={**query, "page": number, "size": size})
        everything = number == 1 and not query
        if not everything and self.none_found(answer):
            return Page([], 0 if number == 1 else None)  # a later page does not show that the list is empty
        rows = [] if answer.absent else data_of(answer)
        if everything and not rows:
            raise broken(answer, f"it contains no {noun}, and every account has some")
        pagination = answer.body.get("_pagination")
        total = pagination.get("totalElements") if isinstance(pagination, dict) else None
        return Page(rows, total if isinstance(total, int) and not isinstance(total, bool) else None)

    def roles(self) -> Catalogue:
        """Return all roles of the customer, read once for each connection."""
        return self._roles()[0]

    def makes_admin(self, role_id: str) -> bool | None:
        """Return whether a role makes its users administrators, None if the list of roles does not show it."""
        return self._roles()[1].get(role_id)

    def role_rows(self) -> list[Row]:
        """Return the roles as Contabo lists them, read once for each connection."""
        return self.cached("role_rows", lambda: self.pages("retrieve_role_list", "roles", "roleId").rows)

    def _roles(self) -> tuple[Catalogue, dict[str, bool | None]]:
        def read() -> tuple[Catalogue, dict[str, bool | None]]:
            rows = self.role_rows()
            admins = {str(row["roleId"]): row["admin"] if isinstance(row.get("admin"), bool) else None for row in rows}
            return Catalogue("role", [(row["roleId"], str(row.get("name", ""))) for row in rows]), admins

        return self.cached("roles", read)

    # -- the OAuth2 client ---------------------------------------------------------------------------------------

    def client(self) -> Row:
        """Return the OAuth2 client of the customer, and mask its secret."""
        row = single_row(self.call("retrieve_user_client"))
        self._secret_of(row)
        return row

    def rotate_secret(self) -> str:
        """Create a new client secret, verify it, and use it from now on.

        After an unclear answer, read the client again.
        """
        lost = False
        for attempt in (1, 2):
            try:
                answer = self.call("generate_client_secret")
                secret = self._secret_of(single_row(answer))
                if not secret:
                    raise broken(answer, "it does not contain the new secret")
                break
            except RollcallError as error:
                if not unclear(error):
                    raise
                lost, error.hint, error.code = True, _LOOK, "unclear_answer"
                secret = self._rotated(error)
                if secret:
                    break
                if attempt == 2:
                    raise
        self.client_secret = self._proven(secret, lost)
        return self.client_secret

    def _rotated(self, first: RollcallError) -> str:
        """Return the secret of the client after a rotation without an answer, empty if the secret is unchanged.

        Raises the first error if the client cannot be read.
        """
        for _look in looks(self.clock.sleep):
            try:
                secret = self._secret_of(self.client())
            except RollcallError:
                raise first from None
            if not secret:
                raise first
            if secret != self.client_secret:
                return secret
        return ""

    def _proven(self, secret: str, lost: bool) -> str:
        """Return the secret that the server accepts: that of the answer, unless another rotation has replaced it.

        ``lost``: a rotation without an answer may still take effect, so the client is read several times. Raises
        RollcallError if no secret can be verified: an invalid secret is never returned.
        """
        shown = ""
        for _look in looks(self.clock.sleep):
            try:
                shown = self._secret_of(self.client())
            except RollcallError:
                shown = ""
                break
            if shown == secret and not lost:
                return secret
        if lost and shown and shown != self.client_secret:
            return shown
        for candidate in dict.fromkeys((secret, shown)):
            if candidate and candidate != self.client_secret and self._logs_in(candidate):
                return candidate
        error = self.fault(
            "The client secret was rotated, but the new one could not be verified, so it is not returned.", _LOOK
        )
        error.code = "unclear_answer"
        raise error

    def _logs_in(self, secret: str) -> bool:
        """Return whether a login with this secret is accepted."""
        before, self.client_secret = self.client_secret, secret
        try:
            token = self.log_in()
            self.masker.add(token.value, token.refresh)
        except RollcallError:
            return False
        finally:
            self.client_secret = before
        return True

    def _secret_of(self, row: Row) -> str:
        """Return the secret of a row, empty if it has none. The secret is masked first."""
        secret = str(row.get("secret") or "")
        self.masker.add(secret)
        return secret
