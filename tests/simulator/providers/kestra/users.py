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
from .listing import search
from .store import Principal, digest

if TYPE_CHECKING:
    from . import Kestra

COOKIE_LIFETIME = 3600


def list_users(provider: Kestra, call: Call) -> Answer:
    # No column can be sorted by: the server answers with an error of its database.
    return search(provider, call, "users", ("username", "email", "super_admin"))


def get_user(provider: Kestra, call: Call) -> Answer:
    return shown(provider, provider.user_of(call))


def shown(provider: Kestra, one: Principal, status: int = 200) -> Answer:
    return json_answer(status, provider.shown(rows.user_detail(provider.store, one)))


def _check_email(provider: Kestra, email: str, own: Principal | None) -> None:
    holder = provider.store.user_by_email(email)
    if holder is not None and holder is not own:
        raise provider.duplicate("Username already exists", "email")


def _check_places(provider: Kestra, given: dict[str, Any]) -> None:
    """Tenants and groups must be there. Raises Refused 404."""
    for tenant_id in given.get("tenants", ()):
        if tenant_id not in provider.store.tenants:
            raise Refused(404, f"Not Found: tenant {tenant_id}")
    for group_id in given.get("groups", ()):
        if group_id not in provider.store.groups:
            raise Refused(404, f"Not Found: group {group_id}")


def _place(provider: Kestra, one: Principal, given: dict[str, Any]) -> None:
    """Access to the tenants and memberships in the groups, which bring the access to their tenant along."""
    store = provider.store
    for tenant_id in given.get("tenants", ()):
        one.tenants[tenant_id] = None
    for group_id in given.get("groups", ()):
        one.tenants[store.groups[group_id].tenant] = None
        if group_id not in one.groups:
            store.join(one, group_id)


def create_user(provider: Kestra, call: Call) -> Answer:
    given = body.read(provider, call, body.USER)
    if "password" in given:
        body.check_password(provider, given["password"], "password")
    _check_email(provider, given["email"], None)
    _check_places(provider, given)
    store = provider.store
    one = Principal(
        store.new_id("user"), email=given["email"], first=given.get("firstName"), last=given.get("lastName")
    )
    one.super_admin, one.restricted = given.get("superAdmin", False), given.get("restricted", False)
    if "password" in given:
        store.set_password(one, given["password"])
    _place(provider, one, given)
    store.add(one)
    return shown(provider, one, 201) if provider.shows_created_user else Answer(201)


def update_user(provider: Kestra, call: Call) -> Answer:
    """A full replacement: what is not sent is wiped, apart from the password."""
    one, store = provider.user_of(call), provider.store
    given = body.read(provider, call, body.USER)
    if "password" in given:
        body.check_password(provider, given["password"], "password")
    _check_email(provider, given["email"], one)
    _check_places(provider, given)
    store.set_email(one, given["email"])
    one.first, one.last = given.get("firstName"), given.get("lastName")
    one.super_admin, one.restricted = given.get("superAdmin", False), given.get("restricted", False)
    if "password" in given:
        store.set_password(one, given["password"])
    kept_groups = set(given.get("groups", ()))
    for group_id in [item for item in one.groups if item not in kept_groups]:
        store.leave(one, group_id, revokes=False)
    if "tenants" in given or provider.options.put_wipes_tenants:
        kept = {*given.get("tenants", ()), *(store.groups[group_id].tenant for group_id in kept_groups)}
        for tenant_id in [item for item in one.tenants if item not in kept]:
            store.take_access(one, tenant_id)
    _place(provider, one, given)
    store.reindex(one)
    return shown(provider, one)


def patch_user(provider: Kestra, call: Call) -> Answer:
    one = provider.user_of(call)
    given = body.read(provider, call, body.USER_DETAILS)
    if "email" in given:
        _check_email(provider, given["email"], one)
        provider.store.set_email(one, given["email"])
    one.first, one.last = given.get("firstName", one.first), given.get("lastName", one.last)
    provider.store.reindex(one)
    return shown(provider, one)


def patch_super_admin(provider: Kestra, call: Call) -> Answer:
    one = provider.user_of(call)
    one.super_admin = body.read(provider, call, body.SUPER_ADMIN)["superAdmin"]
    provider.store.reindex(one)
    return Answer(200)


def patch_restricted(provider: Kestra, call: Call) -> Answer:
    one = provider.user_of(call)
    one.restricted = body.read(provider, call, body.RESTRICTED)["restricted"]
    return Answer(200)


def patch_password(provider: Kestra, call: Call) -> Answer:
    one = provider.user_of(call)
    password = body.read(provider, call, body.NEW_PASSWORD)["password"]
    body.check_password(provider, password, "password")
    provider.store.set_password(one, password)
    provider.store.reindex(one)
    return shown(provider, one)


def delete_user(provider: Kestra, call: Call) -> Answer:
    one = provider.user_of(call)
    if not (provider.options.bound_users_linger and provider.store.bindings_of.get(one.id)):
        provider.store.remove(one)
    return Answer(204)


def delete_auth(provider: Kestra, call: Call) -> Answer:
    """Remove one login method; the password goes with its own."""
    one = provider.user_of(call)
    found = next((auth for auth in one.auths if auth["id"] == call.params["auth"]), None)
    if found is None:
        raise Refused(provider.options.unknown_auth_status, "Not Found: authentication method")
    one.auths.remove(found)
    if found["type"] == "BASIC_AUTH":
        one.password = None
    provider.store.reindex(one)
    return shown(provider, one)


def delete_refresh_token(provider: Kestra, call: Call) -> Answer:
    provider.user_of(call).sessions = 0
    return Answer(204)


def impersonate(provider: Kestra, call: Call) -> Answer:
    """A login as that user, in a cookie that goes before the Authorization header from then on."""
    one = provider.user_of(call)

    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(dumps(value)).decode().rstrip("=")

    end = call.now + COOKIE_LIFETIME
    jwt = ".".join((part({"alg": "HS256"}), part({"sub": one.email, "exp": int(end)}), secrets.token_urlsafe(32)))
    csrf = secrets.token_urlsafe(16)
    provider.store.cookies[jwt] = (one.id, end, csrf)
    headers = [
        ("Set-Cookie", f"JWT={jwt}; Max-Age={COOKIE_LIFETIME}; Path=/; HTTPOnly"),
        ("Set-Cookie", f"csrf={csrf}; Path=/"),
    ]
    return json_answer(
        200,
        {"username": one.email, "access_token": jwt, "token_type": "Bearer", "expires_in": COOKIE_LIFETIME},
        headers,
    )


# The caller ----------------------------------------------------------------------------------------------------


def get_me(provider: Kestra, call: Call) -> Answer:
    return json_answer(200, provider.shown(rows.me(provider.store, provider.caller)))


def update_own_password(provider: Kestra, call: Call) -> Answer:
    one = provider.caller
    given = body.read(provider, call, body.OWN_PASSWORD)
    if one.password is None or one.password != digest(given["oldPassword"]):
        raise Refused(provider.options.wrong_password_status, "Invalid password")
    body.check_password(provider, given["newPassword"], "newPassword")
    provider.store.set_password(one, given["newPassword"])
    return json_answer(200, {})
