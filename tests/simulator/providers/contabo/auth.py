# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The token call in the manner of Keycloak, bearer tokens, request ids, rights and limits."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from typing import TYPE_CHECKING, Any

from ...counters import RateWindow
from ...provider import Operation
from ...web import Answer, Call, Refused, dumps, json_answer, loads
from .store import CUSTOMER, TENANT, User

if TYPE_CHECKING:
    from . import Contabo

TOKEN_PATH = "/auth/realms/contabo/protocol/openid-connect/token"
KEY = b"the simulator signs with this and nobody else does"
REQUEST_ID = re.compile(r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-5][0-9A-Fa-f]{3}-[089abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}")
VERBS = {"GET": "READ", "POST": "CREATE", "PUT": "UPDATE", "PATCH": "UPDATE", "DELETE": "DELETE"}


class Gate:
    """What requests leave behind: ids that were used, calls in the rate window, tokens that were given."""

    def __init__(self) -> None:
        self.request_ids: set[str] = set()
        self.calls = RateWindow()
        self.logins = 0
        self.refreshes = 0
        # Refresh tokens end with their session: session id -> user id.
        self.sessions: dict[str, str] = {}


def _segment(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def sign(claims: dict[str, Any]) -> str:
    head = _segment(dumps({"alg": "HS256", "typ": "JWT", "kid": "simulator"})) + "." + _segment(dumps(claims))
    return f"{head}.{_segment(hmac.digest(KEY, head.encode(), hashlib.sha256))}"


def read(token: str) -> dict[str, Any] | None:
    """The claims of a token that was signed here, expired or not."""
    head, _dot, signature = token.rpartition(".")
    try:
        if not hmac.compare_digest(_segment(hmac.digest(KEY, head.encode(), hashlib.sha256)), signature):
            return None
        payload = head.split(".")[1]
        claims: dict[str, Any] = loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, IndexError, TypeError, binascii.Error):
        return None
    return claims


# The token call --------------------------------------------------------------------------------------------------


def _refused(status: int, error: str, text: str) -> Refused:
    return Refused(status, text, attribute=error, style="keycloak")


def get_token(provider: Contabo, call: Call) -> Answer:
    """Grants ``password`` and ``refresh_token``, for the one client of the customer."""
    if call.content_type != "application/x-www-form-urlencoded":
        raise _refused(415, "HTTP 415 Unsupported Media Type", "")
    try:
        form = call.form()
    except Refused as problem:
        raise _refused(400, "invalid_request", problem.text) from None
    client, grant = provider.store.client, form.get("grant_type")
    if not grant:
        raise _refused(400, "invalid_request", "Missing form parameter: grant_type")
    right = form.get("client_id") == client.client_id and hmac.compare_digest(
        client.secret.encode(), form.get("client_secret", "").encode()
    )
    if not right:
        raise _refused(401, provider.options.client_error, "Invalid client or Invalid client credentials")
    if grant == "password":
        user, session = _password_login(provider, form), secrets.token_hex(16)
        provider.gate.sessions[session] = user.id
        provider.gate.logins += 1
    elif grant == "refresh_token" and provider.options.refresh:
        user, session = _refresh(provider, form, call.now)
        provider.gate.refreshes += 1
    else:
        raise _refused(400, "unsupported_grant_type", "Unsupported grant_type")
    return json_answer(
        200, _tokens(provider, call, user, session), [("Cache-Control", "no-store"), ("Pragma", "no-cache")]
    )


def _password_login(provider: Contabo, form: dict[str, str]) -> User:
    if not form.get("username"):
        raise _refused(400, "invalid_request", "Missing parameter: username")
    if not form.get("password"):
        raise _refused(401, "invalid_grant", "Missing parameter: password")
    user = provider.store.by_mail(form["username"])
    known = None if user is None else user.api_password
    if user is None or known is None or not hmac.compare_digest(known.encode(), form["password"].encode()):
        raise _refused(401, "invalid_grant", "Invalid user credentials")
    if not user.fields["enabled"]:
        raise _refused(400, "invalid_grant", "Account disabled")
    return user


def _refresh(provider: Contabo, form: dict[str, str], now: float) -> tuple[User, str]:
    if not form.get("refresh_token"):
        raise _refused(400, "invalid_request", "No refresh token")
    claims = read(form["refresh_token"])
    if claims is None or claims.get("typ") != "Refresh":
        raise _refused(400, "invalid_grant", "Invalid refresh token")
    session = str(claims["sid"])
    user = provider.store.users.get(provider.gate.sessions.get(session, ""))
    if claims["exp"] <= now or user is None or not user.fields["enabled"]:
        raise _refused(400, "invalid_grant", "Token is not active")
    return user, session


def _tokens(provider: Contabo, call: Call, user: User, session: str) -> dict[str, Any]:
    options, client = provider.options, provider.store.client
    common = {
        "iat": int(call.now),
        "iss": call.base_url + "/auth/realms/contabo",
        "sub": user.id,
        "azp": client.client_id,
        "sid": session,
    }
    access = {
        **common,
        "jti": secrets.token_hex(8),
        "typ": "Bearer",
        "exp": int(call.now) + options.token_lifetime,
        "tenantId": TENANT,
        "customerId": CUSTOMER,
        "preferred_username": user.email,
        "email": user.email,
    }
    value: dict[str, Any] = {
        "access_token": sign(access),
        "expires_in": options.token_lifetime,
        "token_type": "Bearer",
        "not-before-policy": 0,
        "session_state": session,
        "scope": "profile email",
    }
    if options.refresh:
        refresh = {
            **common,
            "jti": secrets.token_hex(8),
            "typ": "Refresh",
            "exp": int(call.now) + options.refresh_lifetime,
        }
        value.update(refresh_token=sign(refresh), refresh_expires_in=options.refresh_lifetime)
    return value


# Calls of the API ------------------------------------------------------------------------------------------------


def require_token(provider: Contabo, call: Call) -> User:
    """The user of the bearer token, whatever became of the client's secret since. Raises Refused 401."""
    scheme, _space, token = call.headers.get("authorization", "").partition(" ")
    claims = read(token.strip()) if scheme.lower() == "bearer" else None
    valid = claims is not None and claims.get("typ") == "Bearer" and claims["exp"] > call.now
    user = provider.store.users.get(claims["sub"]) if claims and valid else None
    if user is None or not user.fields["enabled"]:
        raise Refused(401, "Unauthorized")
    return user


def require_request_id(provider: Contabo, call: Call) -> None:
    """``x-request-id``: a UUID that no call had before. Raises Refused 400."""
    sent = call.headers.get("x-request-id")
    if sent is None:
        raise Refused(400, "x-request-id is a required header")
    if not REQUEST_ID.fullmatch(sent):
        raise Refused(400, "x-request-id must be a UUID")
    key = sent.lower()
    if key in provider.gate.request_ids and provider.options.repeated_request_id == "refused":
        raise Refused(400, "x-request-id was used before")
    provider.gate.request_ids.add(key)


def count_call(provider: Contabo, call: Call) -> None:
    """Count a call of the customer. Raises Refused 429."""
    options = provider.options
    left = provider.gate.calls.count(call.now, options.rate_window, options.rate_limit)
    if left:
        raise Refused(429, "Too many requests", headers=[("Retry-After", str(left))] if options.retry_after else [])


def require_right(provider: Contabo, user: User, operation: Operation) -> None:
    """Owners and admins may do everything, others what one of their roles says. Raises Refused 403."""
    if user.owner:
        return
    verb, api_name = VERBS[operation.method], operation.needs
    for role in (provider.store.roles[role_id] for role_id in user.roles):
        if role.admin or any(item["apiName"] == api_name and verb in item["actions"] for item in role.permissions):
            return
    raise Refused(403, f"You have no permission to {verb} {api_name}")
