# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials, tokens, scopes and the rate limit of the account."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...clock import iso_millis
from ...counters import RateWindow
from ...web import Answer, Call, Refused, basic_credentials, json_answer
from .render import SUCCESS, done

if TYPE_CHECKING:
    from . import OneLogin


@dataclass(frozen=True)
class Credential:
    name: str
    client_id: str
    client_secret: str


def _credential(name: str) -> Credential:
    word = name.replace("_", "-")
    return Credential(name, f"sim-{word}-id", f"sim-{word}-secret")


SCOPES = ("manage_all", "read_all", "manage_users", "read_users", "auth_only")
CREDENTIALS = {item.client_id: item for item in map(_credential, SCOPES)}

# Which credentials may make a call, by the class of the call.
ANY = frozenset(SCOPES)
READ = frozenset(("manage_all", "read_all", "manage_users", "read_users"))
READ_ROLES = frozenset(("manage_all", "read_all"))
MANAGE = frozenset(("manage_all", "manage_users"))
MANAGE_ALL = frozenset(("manage_all",))

_BEARER = re.compile(r"bearer(?:\s*:\s*|\s+)(\S+)", re.IGNORECASE)
_VENDOR = re.compile(r"client_id\s*:\s*([^,\s]+)\s*,\s*client_secret\s*:\s*(\S+)", re.IGNORECASE)


@dataclass
class Token:
    value: str
    refresh: str
    credential: Credential
    created: float
    expires: float


class Gate:
    """Tokens and the rate window of the account."""

    def __init__(self) -> None:
        self.tokens: dict[str, Token] = {}
        self.calls = RateWindow()

    def current(self, credential: Credential, now: float) -> Token | None:
        """The valid token of a credential. Expired ones are forgotten on the way."""
        for value in [item.value for item in self.tokens.values() if item.expires <= now]:
            del self.tokens[value]
        return next((item for item in self.tokens.values() if item.credential is credential), None)

    def issue(self, credential: Credential, now: float, lifetime: float) -> Token:
        token = Token(secrets.token_hex(32), secrets.token_hex(32), credential, now, now + lifetime)
        self.tokens[token.value] = token
        return token


def require_token(provider: OneLogin, call: Call) -> Credential:
    """The credential of the bearer token. Raises Refused 400 for the header's format, 401 for the token."""
    header = call.headers.get("authorization")
    if header is None:
        raise Refused(401, "Authentication Failure")
    match = _BEARER.fullmatch(header.strip())
    if match is None:
        raise Refused(400, "Authorization Information is incorrect")
    token = provider.gate.tokens.get(match.group(1))
    if token is None or token.expires <= call.now:
        raise Refused(401, "Authentication Failure")
    return token.credential


def count_call(provider: OneLogin, call: Call) -> None:
    """Count a call against the hourly limit of the account. Raises Refused 429."""
    left = provider.gate.calls.count(call.now, provider.options.rate_window, provider.options.rate_limit)
    if left:
        raise Refused(429, "Rate limit exceeded", headers=[("Retry-After", str(left))])


def rate_headers(provider: OneLogin, now: float) -> dict[str, int]:
    calls, options = provider.gate.calls, provider.options
    reset = calls.left(now, options.rate_window)
    remaining = max(0, options.rate_limit - calls.used)
    return {"X-RateLimit-Limit": options.rate_limit, "X-RateLimit-Remaining": remaining, "X-RateLimit-Reset": reset}


def _client(provider: OneLogin, call: Call, form: dict[str, str]) -> Credential:
    """The client of a token call, from HTTP Basic, the vendor's own header or form fields. Raises Refused."""
    header = call.headers.get("authorization", "").strip()
    match = _VENDOR.fullmatch(header)
    sent = match.groups() if match else basic_credentials(header)
    if header and sent is None:
        raise Refused(400, "Authorization Information is incorrect")
    client_id, secret = sent or (form.get("client_id", ""), form.get("client_secret", ""))
    known = CREDENTIALS.get(client_id)
    if known is None or not secrets.compare_digest(known.client_secret.encode(), secret.encode()):
        raise Refused(401, "Authentication Failure")
    if known.name in provider.options.dead_credentials:
        # Credentials end with the user who made them, and the real server does not say so any better.
        raise Refused(500, "Internal Server Error")
    return known


def generate_token(provider: OneLogin, call: Call) -> Answer:
    """The token of a credential: the one it has, until that one expires or is revoked."""
    form: dict[str, str] = {}
    if call.content_type == "application/x-www-form-urlencoded":
        form = call.form()
        sent: dict[str, Any] = form
    else:
        sent = call.json_object()
    if sent.get("grant_type") == "refresh_token":
        return _token_answer(provider, _refreshed(provider, call, sent))
    if sent.get("grant_type") != "client_credentials":
        raise Refused(400, "grant_type must be client_credentials")
    credential = _client(provider, call, form)
    token = provider.gate.current(credential, call.now) or provider.gate.issue(
        credential, call.now, provider.options.token_lifetime
    )
    return _token_answer(provider, token)


def _refreshed(provider: OneLogin, call: Call, sent: dict[str, Any]) -> Token:
    """A new token for an old pair, without the client, as the vendor's older client asks for it. Raises Refused 401."""
    old = provider.gate.tokens.get(str(sent.get("access_token", "")))
    if old is None or not secrets.compare_digest(old.refresh.encode(), str(sent.get("refresh_token", "")).encode()):
        raise Refused(401, "Authentication Failure")
    del provider.gate.tokens[old.value]
    return provider.gate.issue(old.credential, call.now, provider.options.token_lifetime)


def _token_answer(provider: OneLogin, token: Token) -> Answer:
    return json_answer(
        200,
        {
            "access_token": token.value,
            "created_at": iso_millis(token.created),
            # Counted from created_at, also when the token is older than this answer.
            "expires_in": int(provider.options.token_lifetime),
            "refresh_token": token.refresh,
            "token_type": "bearer",
            "account_id": provider.options.account_id,
        },
    )


def revoke_tokens(provider: OneLogin, call: Call) -> Answer:
    """Revoke a token of the calling client."""
    credential = _client(provider, call, {})
    value = call.json_object().get("access_token")
    if not isinstance(value, str) or not value:
        raise Refused(400, "access_token is missing")
    token = provider.gate.tokens.get(value)
    if token is None or token.credential is not credential or token.expires <= call.now:
        raise Refused(404, "The token was not found")
    del provider.gate.tokens[value]
    return done("v1")


def get_rate_limit(provider: OneLogin, call: Call) -> Answer:
    return json_answer(200, {"status": SUCCESS, "data": rate_headers(provider, call.now)})
