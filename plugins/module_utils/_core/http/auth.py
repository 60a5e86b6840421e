# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Authentication strategies. A provider chooses one and specifies how to request a token."""

from __future__ import annotations

import base64
import re
import threading
import typing as t
from dataclasses import dataclass, field

from ..errors import ApiError, InputError, RollcallError
from .api import Answer
from .limiter import Clock
from .masking import Masker

EARLY = 60.0
"""A token counts as expired this many seconds early, so that it does not expire during a slow request."""
_WRONG = (400, 401, 403, 423)
"""Statuses of a login with wrong credentials or a locked account."""


class StaticHeaders:
    """Headers that never change: an API key, or a bearer token from the options."""

    sends_credentials = True

    def __init__(self, headers: t.Mapping[str, str]) -> None:
        self._headers = dict(headers)

    def headers(self) -> dict[str, str]:
        """Return the headers."""
        return self._headers

    def renew(self, used: t.Mapping[str, str]) -> bool:
        """Return False: there are no newer credentials."""
        return False


def header_key(name: str, key: str, more: t.Mapping[str, str] | None = None) -> StaticHeaders:
    """Authenticate with a key in a header of its own."""
    return StaticHeaders({name: key, **(more or {})})


def bearer(token: str) -> StaticHeaders:
    """Authenticate with a token from the options."""
    return StaticHeaders({"Authorization": f"Bearer {token}"})


def basic_value(user: str, password: str) -> str:
    """Return the value of an Authorization header for HTTP Basic (RFC 7617, UTF-8).

    Raises InputError if a text contains half of a surrogate pair.
    """
    for about, value in (("The user name", user), ("The password", password)):
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise InputError(
                f"{about} of the credentials contains half of a surrogate pair, which is not a valid character.",
                code="invalid_character",
            )
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def basic(user: str, password: str, masker: Masker) -> StaticHeaders:
    """Authenticate with HTTP Basic."""
    value = basic_value(user, password)
    masker.add(password, value.split(" ", 1)[1])
    return StaticHeaders({"Authorization": value})


def access_token(answer: Answer, body: t.Mapping[str, t.Any]) -> str:
    """Return the token of a login.

    Raises what ``unreadable`` returns if the answer contains no token, or one that a header cannot contain.
    """
    token = body.get("access_token")
    if not isinstance(token, str) or not re.fullmatch(r"[!-~]+", token):
        raise answer.unreadable("it contains no usable access_token")
    return token


@dataclass(frozen=True)
class Token:
    """An OAuth2 access token. ``lifetime`` is in seconds, None if the server does not report it.

    ``claims`` are the fields of the answer that describe the account.
    """

    value: str
    lifetime: float | None
    refresh: str | None = None
    claims: t.Mapping[str, t.Any] = field(default_factory=dict)


def client_token(
    ask: t.Callable[[dict[str, str], dict[str, str]], Answer], client: str, secret: str, masker: Masker
) -> Token:
    """Return a token for a client's own credentials (RFC 6749, 4.4). Raises ApiError if they are refused.

    ``ask(form, headers)`` sends a form to the server. The credentials are sent with HTTP Basic and, if that is refused,
    in the form (RFC 6749, 2.3.1).
    """
    value = basic_value(client, secret)
    masker.add(value.split(" ", 1)[1])
    form = {"grant_type": "client_credentials"}
    try:
        answer = ask(form, {"Authorization": value})
    except ApiError as error:
        if error.status not in (400, 401):
            raise
        answer = ask({**form, "client_id": client, "client_secret": secret}, {})
    body = answer.body if isinstance(answer.body, dict) else {}
    lifetime = body.get("expires_in")
    return Token(access_token(answer, body), float(lifetime) if isinstance(lifetime, (int, float)) else None)


class OAuth2:
    """A bearer token that is fetched on first use, and renewed when it expires or when the server refuses it.

    ``login()`` requests a token with the credentials (client credentials or password grant). ``refresh(token)``, if the
    server supports it, uses the refresh token. Both raise ApiError if they are refused.
    """

    sends_credentials = False

    def __init__(
        self,
        login: t.Callable[[], Token],
        masker: Masker,
        refresh: t.Callable[[str], Token] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._login = login
        self._refresh = refresh
        self._masker = masker
        self._clock = clock or Clock()
        self._token: Token | None = None
        self._expires = 0.0
        self._refused: RollcallError | None = None
        self._lock = threading.Lock()

    def token(self) -> Token:
        """Return a token that has not expired. Fetch one if necessary."""
        with self._lock:
            if self._token is None or self._clock.now() >= self._expires:
                return self._fetch()
            return self._token

    def headers(self) -> dict[str, str]:
        """Return the Authorization header."""
        return {"Authorization": f"Bearer {self.token().value}"}

    def renew(self, used: t.Mapping[str, str]) -> bool:
        """Fetch a new token, unless another worker has done so. Return whether it differs from that in ``used``."""
        with self._lock:
            before = f"Bearer {self._token.value}" if self._token else ""
            if used.get("Authorization") != before:
                return True
            # A server that returns the same token again will refuse it again.
            return f"Bearer {self._fetch().value}" != before

    def forget(self) -> None:
        """Forget the token, so that the next request logs in."""
        with self._lock:
            self._token = None

    def _fetch(self) -> Token:
        """Set and return a new token. Call this with the lock held."""
        old = self._token
        token: Token | None = None
        if old is not None and old.refresh and self._refresh is not None:
            try:
                token = self._refresh(old.refresh)
            except Exception:  # log in with the credentials instead, whatever the reason
                token = None
        if token is None:
            token = self._ask()
        self._masker.add(token.value, token.refresh)
        lifetime = token.lifetime if token.lifetime is not None else 3600.0
        if old is not None and old.value == token.value:
            # The server has no newer token: use this one until it is refused.
            self._expires = float("inf")
        else:
            self._expires = self._clock.now() + max(lifetime - EARLY, lifetime / 2)
        self._token = token
        return token

    def _ask(self) -> Token:
        """Log in. Never send refused credentials again: that could lock their account."""
        if self._refused is not None:
            raise self._refused.of("")
        try:
            return self._login()
        except ApiError as error:
            if error.final or error.status in _WRONG:
                error.final = True
                self._refused = error.of("")
            raise
