# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who calls, and what they may: Bearer tokens, Basic on 1.x, the cookie of an impersonation; permissions by role."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from ...web import Call, Refused, basic_credentials
from .store import ApiToken, Principal, digest

if TYPE_CHECKING:
    from . import Kestra

FAILURES, FAILURE_WINDOW, LOCK_TIME = 10, 300, 1800
READS = ("GET", "HEAD")


def identify(provider: Kestra, call: Call) -> Principal:
    """The caller. Raises Refused 401."""
    principal = _by_cookie(provider, call)
    if principal is not None:
        return principal
    scheme, _space, rest = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and rest.strip():
        return _by_token(provider, call, rest.strip())
    credentials = basic_credentials(call.headers.get("authorization", ""))
    if credentials is not None and not provider.is_2:
        return _by_password(provider, call, *credentials)
    raise Refused(401, "Unauthorized")


def _by_cookie(provider: Kestra, call: Call) -> Principal | None:
    """The cookie that an impersonation gave goes before the Authorization header."""
    raw = call.headers.get("cookie")
    if not raw:
        return None
    try:
        cookies = SimpleCookie(raw)
    except CookieError:
        return None
    held = provider.store.cookies.get(cookies["JWT"].value) if "JWT" in cookies else None
    if held is None or held[1] <= call.now or held[0] not in provider.store.principals:
        return None
    if provider.is_2 and call.method not in READS:
        sent = cookies["csrf"].value if "csrf" in cookies else ""
        if sent != held[2] or call.headers.get("x-csrf-token") != held[2]:
            raise Refused(403, "Forbidden")
    return provider.store.principals[held[0]]


def expired(token: ApiToken, now: float) -> bool:
    return token.expires is not None and token.expires <= now


def _by_token(provider: Kestra, call: Call, value: str) -> Principal:
    token = provider.store.token_by_value(value)
    if token is None or expired(token, call.now):
        raise Refused(401, "Unauthorized")
    token.last_used = call.now
    if token.extended and token.max_age is not None:
        token.expires = call.now + token.max_age
    return provider.store.principals[token.owner]


def _by_password(provider: Kestra, call: Call, email: str, password: str) -> Principal:
    principal = provider.store.user_by_email(email)
    if principal is None or principal.locked_until > call.now:
        raise Refused(401, "Unauthorized")
    if principal.password is None or principal.password != digest(password):
        principal.failures = [moment for moment in principal.failures if moment > call.now - FAILURE_WINDOW] + [
            call.now
        ]
        if len(principal.failures) >= FAILURES:
            principal.locked_until = call.now + LOCK_TIME
            principal.failures = []
        raise Refused(401, "Unauthorized")
    principal.failures = []
    return principal


def allow(provider: Kestra, call: Call, need: str | tuple[str, str]) -> None:
    """Require what an operation needs: see ``operations.py``. Raises Refused 403, or 404 for an unknown tenant."""
    caller, tenant_id = provider.caller, call.params.get("tenant")
    if need == "me":
        return
    if not caller.super_admin and (need == "super" or not permitted(provider, caller, tenant_id or "", *need)):
        raise Refused(403, "Forbidden")
    if tenant_id is not None and tenant_id not in provider.store.tenants:
        raise Refused(404, f"Not Found: tenant {tenant_id}")


def permitted(provider: Kestra, caller: Principal, tenant_id: str, resource: str, action: str) -> bool:
    """A role in the tenant gives it; one that is bound to a namespace does not."""
    return any(
        binding.namespace is None and action in role.permissions.get(resource, ())
        for binding, role in provider.store.assignments(caller, tenant_id)
    )
