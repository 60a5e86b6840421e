# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users: life, parts, login methods, sessions, impersonation; and the caller's own data."""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING, Any

from ...web import Answer, Call, Refused, dumps, json_answer
from . import body, rows
from .store import Principal, digest

if TYPE_CHECKING:
    from . import Kestra

COOKIE_LIFETIME = 3600


def get_user(provider: Kestra, call: Call) -> Answer:
    return shown(provider, provider.user_of(call))


def shown(provider: Kestra, principal: Principal, status: int = 200) -> Answer:
    return json_answer(status, provider.shown(rows.user_detail(provider.store, principal)))


def _check_email(provider: Kestra, email: str, own: Principal | None) -> None:
    holder = provider.store.user_by_email(email)
    if holder is not None and holder is not own:
        raise provider.duplicate("Username already exists", "email")


def _check_places(provider: Kestra, fields: dict[str, Any]) -> None:
    """Tenants and groups must be there. Raises Refused 404."""
    for tenant_id in fields.get("tenants", ()):
        if tenant_id not in provider.store.tenants:
            raise Refused(404, f"Not Found: tenant {tenant_id}")
    for group_id in fields.get("groups", ()):
        if group_id not in provider.store.groups:
            raise Refused(404, f"Not Found: group {group_id}")


def _place(provider: Kestra, principal: Principal, fields: dict[str, Any]) -> None:
    """Access to the tenants and memberships in the groups, which bring the access to their tenant along."""
    store = provider.store
    for tenant_id in fields.get("tenants", ()):
        principal.tenants[tenant_id] = None
    for group_id in fields.get("groups", ()):
        principal.tenants[store.groups[group_id].tenant] = None
        if group_id not in principal.groups:
            store.join(principal, group_id)


def _read_user(provider: Kestra, call: Call, own: Principal | None) -> dict[str, Any]:
    """The fields of a whole user: a new one, or a replacement of ``own``. Raises Refused."""
    fields = body.read(provider, call, body.USER)
    if "password" in fields:
        body.check_password(provider, fields["password"], "password")
    _check_email(provider, fields["email"], own)
    _check_places(provider, fields)
    return fields


def _replace(provider: Kestra, principal: Principal, fields: dict[str, Any]) -> None:
    """Names and flags that are not sent are wiped; the password stays."""
    principal.first, principal.last = fields.get("firstName"), fields.get("lastName")
    principal.super_admin, principal.restricted = fields.get("superAdmin", False), fields.get("restricted", False)
    if "password" in fields:
        provider.store.set_password(principal, fields["password"])


def create_user(provider: Kestra, call: Call) -> Answer:
    fields, store = _read_user(provider, call, None), provider.store
    principal = Principal(store.new_id("user"), email=fields["email"])
    _replace(provider, principal, fields)
    _place(provider, principal, fields)
    store.add(principal)
    return shown(provider, principal, 201) if provider.shows_created_user else Answer(201)


def update_user(provider: Kestra, call: Call) -> Answer:
    """A full replacement: what is not sent is wiped, apart from the password."""
    principal, store = provider.user_of(call), provider.store
    fields = _read_user(provider, call, principal)
    store.set_email(principal, fields["email"])
    _replace(provider, principal, fields)
    kept_groups = set(fields.get("groups", ()))
    for group_id in [item for item in principal.groups if item not in kept_groups]:
        store.leave(principal, group_id, revokes=False)
    if "tenants" in fields or provider.options.put_wipes_tenants:
        kept = {*fields.get("tenants", ()), *(store.groups[group_id].tenant for group_id in kept_groups)}
        for tenant_id in [item for item in principal.tenants if item not in kept]:
            store.take_access(principal, tenant_id)
    _place(provider, principal, fields)
    store.reindex(principal)
    return shown(provider, principal)


def patch_user(provider: Kestra, call: Call) -> Answer:
    principal = provider.user_of(call)
    fields = body.read(provider, call, body.USER_DETAILS)
    if "email" in fields:
        _check_email(provider, fields["email"], principal)
        provider.store.set_email(principal, fields["email"])
    principal.first, principal.last = fields.get("firstName", principal.first), fields.get("lastName", principal.last)
    provider.store.reindex(principal)
    return shown(provider, principal)


def patch_user_super_admin(provider: Kestra, call: Call) -> Answer:
    principal = provider.user_of(call)
    principal.super_admin = body.read(provider, call, body.SUPER_ADMIN)["superAdmin"]
    provider.store.reindex(principal)
    return Answer(200)


def patch_user_demo(provider: Kestra, call: Call) -> Answer:
    principal = provider.user_of(call)
    principal.restricted = body.read(provider, call, body.RESTRICTED)["restricted"]
    return Answer(200)


def patch_user_password(provider: Kestra, call: Call) -> Answer:
    principal = provider.user_of(call)
    password = body.read(provider, call, body.NEW_PASSWORD)["password"]
    body.check_password(provider, password, "password")
    provider.store.set_password(principal, password)
    provider.store.reindex(principal)
    return shown(provider, principal)


def delete_user(provider: Kestra, call: Call) -> Answer:
    principal = provider.user_of(call)
    if not (provider.options.bound_users_linger and provider.store.bindings_of.get(principal.id)):
        provider.store.remove(principal)
    return Answer(204)


def delete_user_auth_method(provider: Kestra, call: Call) -> Answer:
    """Remove one login method; the password goes with its own."""
    principal = provider.user_of(call)
    method = next((auth for auth in principal.auths if auth["id"] == call.params["auth"]), None)
    if method is None:
        raise Refused(provider.options.unknown_auth_status, "Not Found: authentication method")
    principal.auths.remove(method)
    if method["type"] == "BASIC_AUTH":
        principal.password = None
    provider.store.reindex(principal)
    return shown(provider, principal)


def delete_refresh_token(provider: Kestra, call: Call) -> Answer:
    provider.user_of(call).sessions = 0
    return Answer(204)


def impersonate(provider: Kestra, call: Call) -> Answer:
    """A login as that user, in a cookie that goes before the Authorization header from then on."""
    principal = provider.user_of(call)

    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(dumps(value)).decode().rstrip("=")

    end = call.now + COOKIE_LIFETIME
    jwt = ".".join((part({"alg": "HS256"}), part({"sub": principal.email, "exp": int(end)}), secrets.token_urlsafe(32)))
    csrf = secrets.token_urlsafe(16)
    provider.store.cookies[jwt] = (principal.id, end, csrf)
    headers = [
        ("Set-Cookie", f"JWT={jwt}; Max-Age={COOKIE_LIFETIME}; Path=/; HTTPOnly"),
        ("Set-Cookie", f"csrf={csrf}; Path=/"),
    ]
    return json_answer(
        200,
        {"username": principal.email, "access_token": jwt, "token_type": "Bearer", "expires_in": COOKIE_LIFETIME},
        headers,
    )


# The caller ----------------------------------------------------------------------------------------------------


def get_current_user(provider: Kestra, call: Call) -> Answer:
    return json_answer(200, provider.shown(rows.me(provider.store, provider.caller)))


def update_current_user_password(provider: Kestra, call: Call) -> Answer:
    principal = provider.caller
    fields = body.read(provider, call, body.OWN_PASSWORD)
    if principal.password is None or principal.password != digest(fields["oldPassword"]):
        raise Refused(provider.options.wrong_password_status, "Invalid password")
    body.check_password(provider, fields["newPassword"], "newPassword")
    provider.store.set_password(principal, fields["newPassword"])
    return json_answer(200, {})
