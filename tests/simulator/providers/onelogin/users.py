# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users: list, get, create, update, delete, apps; on /api/1 in both forms and on /api/2."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from ...clock import iso_millis
from ...web import JSON_TYPE, Answer, Call, Refused, is_a, json_answer
from . import render
from .fields import (
    FIELDS,
    MOVES,
    ONLY_V1,
    OUTPUT_BARE,
    OUTPUT_V1,
    PASSWORD_FIELDS,
    V1_INPUT,
    Rules,
    check_value,
)
from .filters import matching_ids, names_of
from .paging import USERS_LIMIT, header_page, v1_page
from .store import User

if TYPE_CHECKING:
    from . import OneLogin

REQUIRED_V1 = ("firstname", "lastname", "email", "username")
# What the v1 documentation has a call of its own for.
NOT_ON_CREATE_V1 = ("state", "status")
ALGORITHMS = ("salt+sha256", "sha256+salt", "bcrypt")


def _shown(provider: OneLogin, form: str, custom: bool = True) -> render.Shown:
    options = provider.options
    return render.Shown(form, options.empty_fields == "null", custom, options.v1_id_type == "string")


def list_users(provider: OneLogin, call: Call) -> Answer:
    form = provider.form(call)
    show = _shown(provider, form, provider.options.list_custom_attributes)
    names = None
    if "fields" in call.args:
        names = names_of(call.args["fields"])
        unknown = [name for name in names if name not in (OUTPUT_V1 if form == "v1" else OUTPUT_BARE)]
        if unknown:
            raise Refused(400, f"{', '.join(unknown)}: not an attribute of users", attribute="fields")
    ids, ordered = matching_ids(provider, call)
    users = provider.store.users
    if form == "v1":
        page, pagination = v1_page(call, "users", ids, ordered=ordered)
    else:
        page, headers = header_page(call, "users", ids, USERS_LIMIT, ordered=ordered)
    if names is None:
        texts = [render.user_text(users[user_id], show) for user_id in page.ids]
    else:
        texts = [render.picked(users[user_id], show, names) for user_id in page.ids]
    return render.envelope(texts, pagination) if form == "v1" else render.array(texts, headers)


def _one(provider: OneLogin, call: Call, user: User, status: int = 200) -> Answer:
    form = provider.form(call)
    text = render.user_text(user, _shown(provider, form))
    return render.envelope([text]) if form == "v1" else Answer(status, text, [], JSON_TYPE)


def get_user(provider: OneLogin, call: Call) -> Answer:
    return _one(provider, call, provider.user_of(call))


def create_user(provider: OneLogin, call: Call) -> Answer:
    body = call.json_object()
    form = provider.form(call)
    store = provider.store
    if form == "v1":
        missing = [name for name in REQUIRED_V1 if not body.get(name)]
        if missing:
            raise Refused(400, "can't be blank", attribute=missing[0])
        sent = [name for name in NOT_ON_CREATE_V1 if name in body]
        if sent:
            raise Refused(400, "cannot be set when a user is created", attribute=sent[0])
    elif not body.get("username") and not body.get("email"):
        raise Refused(
            422,
            "username or email is required",
            attribute="username",
            errors=["username can't be blank", "email can't be blank"],
        )
    mapping_mode = _mappings(call)
    changes = _changes(provider, form, body)
    _unique(provider, changes, None)
    custom = check_custom(provider, body["custom_attributes"]) if "custom_attributes" in body else None
    role_ids = _role_ids(provider, body)
    password = _password(provider, call, body)
    user = User(store.number("user"))
    stamp = iso_millis(call.now)
    status = 0 if form == "v1" else (1 if password else 7)
    user.fields.update(state=1, status=status, invalid_login_attempts=0, created_at=stamp, updated_at=stamp)
    user.fields.update((name, value) for name, value in changes.items() if value is not None)
    if user.fields["status"] == 1:
        user.fields["activated_at"] = stamp
    if password:
        user.password = password
        user.fields["password_changed_at"] = stamp
    user.custom = {name: value for name, value in (custom or {}).items() if value}
    user.roles = dict.fromkeys(role_ids or (), "manual")
    store.add_user(user)
    _run_mappings(provider, user, mapping_mode, call.now)
    return _one(provider, call, user, 201)


def update_user(provider: OneLogin, call: Call) -> Answer:
    user = provider.user_of(call)
    body = call.json_object()
    form = provider.form(call)
    store, fields = provider.store, user.fields
    mapping_mode = _mappings(call)
    changes = _changes(provider, form, body)
    changes = {name: value for name, value in changes.items() if value != fields.get(name)}
    for name in ("username", "email"):
        if name in changes and changes[name] is None:
            raise Refused(provider.unprocessable(call), "can't be blank", attribute=name)
    if fields.get("directory_id") is not None:
        owned = [name for name in changes if FIELDS[name].profile]
        if owned:
            raise Refused(
                provider.unprocessable(call),
                "is managed by the user directory and cannot be changed",
                attribute=owned[0],
            )
    if "state" in changes:
        check_move(fields.get("state", 1), changes["state"], by_update=True)
    if "status" in changes and changes["status"] is None:
        raise Refused(400, "can't be blank", attribute="status")
    _unique(provider, changes, user)
    custom = check_custom(provider, body["custom_attributes"]) if "custom_attributes" in body else None
    role_ids = _role_ids(provider, body)
    password = _password(provider, call, body)
    status = changes.pop("status", None)
    store.set_fields(user, changes, call.now)
    if status == 3:
        store.lock(user, None, call.now)
    elif status is not None:
        # Leaving status 3 unlocks: no call exists for that alone.
        store.unlock(user, status, call.now)
        if status == 1 and "activated_at" not in fields:
            store.set_fields(user, {"activated_at": iso_millis(call.now)}, None)
    if custom is not None:
        kept = dict(user.custom) if provider.options.v2_custom_attributes == "merge" else {}
        user.custom = {name: value for name, value in {**kept, **custom}.items() if value}
    if role_ids is not None:
        for role_id in [item for item in user.roles if item not in role_ids]:
            store.take_role(user, role_id)
        for role_id in role_ids:
            store.give_role(user, role_id)
    if password:
        set_password(provider, user, password, call.now)
    store.touch(user, call.now)
    _run_mappings(provider, user, mapping_mode, call.now)
    return _one(provider, call, user)


def delete_user(provider: OneLogin, call: Call) -> Answer:
    provider.store.remove_user(provider.user_of(call))
    return render.done("v1") if provider.form(call) == "v1" else Answer(204)


def get_user_apps(provider: OneLogin, call: Call) -> Answer:
    user = provider.user_of(call)
    form, store = provider.form(call), provider.store
    if call.args.get("ignore_visibility", "false") not in ("true", "false"):
        raise Refused(400, "must be true or false", attribute="ignore_visibility")
    app_ids = sorted({app_id for role_id in user.roles for app_id in store.roles[role_id].apps})
    apps: list[dict[str, Any]] = []
    for app_id in app_ids:
        icon, login_id = f"https://cdn.example.com/{app_id}.png", app_id * 1000 + user.id % 1000
        app = {"id": app_id, "name": store.apps[app_id], "extension": False, "login_id": login_id}
        if form == "v1":
            more = {"icon": icon, "personal": False, "provisioned": 1}
        else:
            more = {
                "icon_url": icon, "provisioning_enabled": False, "provisioning_status": "disabled",
                "provisioning_state": "unknown",
            }
        apps.append({**app, **more})
    return json_answer(200, {"status": render.SUCCESS, "data": apps} if form == "v1" else apps)


# Input ---------------------------------------------------------------------------------------------------------


def _changes(provider: OneLogin, form: str, body: dict[str, Any]) -> dict[str, Any]:
    """The plain fields of a body under the model's names, None for what is to be cleared. Raises Refused 400."""
    others = () if form == "v1" else ("custom_attributes", "role_ids", *PASSWORD_FIELDS)
    rules = Rules(provider.options.clears_with, form == "v1" and provider.options.v1_id_type != "integer")
    changes: dict[str, Any] = {}
    for sent, value in body.items():
        if sent in others:
            continue
        name = V1_INPUT.get(sent, sent) if form == "v1" else sent
        field = FIELDS.get(name)
        if field is None or (form == "v1" and sent == "preferred_locale_code") or (form != "v1" and name in ONLY_V1):
            raise Refused(400, "is not an attribute that can be set here", attribute=sent)
        if not field.writable:
            raise Refused(400, "is read-only", attribute=sent)
        changes[name] = check_value(field, sent, value, rules)
    email, group_id = changes.get("email"), changes.get("group_id")
    if email is not None and ("@" not in email or email != email.strip() or " " in email):
        raise Refused(400, "is not a valid e-mail address", attribute="email")
    if group_id is not None and group_id not in provider.store.groups:
        raise Refused(400, "Group not found", attribute="group_id")
    return changes


def _unique(provider: OneLogin, changes: dict[str, Any], user: User | None) -> None:
    """Raises Refused where another user has the new user name or e-mail address."""
    for name in ("username", "email"):
        value = changes.get(name)
        if value and provider.store.holders(name, value) - ({user.id} if user else set()):
            raise Refused(provider.options.taken_status, "must be unique within this account", attribute=name)


def check_custom(provider: OneLogin, value: Any, *, empty: bool = True) -> dict[str, str]:
    """A map of custom attributes; ``""`` stands for a cleared one. Raises Refused 400."""
    if not isinstance(value, dict):
        raise Refused(400, "must be an object", attribute="custom_attributes")
    if not value and not empty:
        raise Refused(400, "must not be empty", attribute="custom_attributes")
    known = provider.store.attributes
    unknown = sorted(set(value) - set(known))
    if unknown:
        raise Refused(
            400, f"{', '.join(unknown)} not found. Valid custom attributes: {', '.join(sorted(known))}",
            attribute="custom_attributes",
        )
    for name, item in value.items():
        if item is not None and not isinstance(item, str):
            raise Refused(400, "must be a string", attribute=f"custom_attributes.{name}")
    return {name: item or "" for name, item in value.items()}


def _role_ids(provider: OneLogin, body: dict[str, Any]) -> list[int] | None:
    if "role_ids" not in body:
        return None
    value = body["role_ids"]
    if not isinstance(value, list) or any(not is_a(item, int) for item in value):
        raise Refused(400, "must be an array of integers", attribute="role_ids")
    unknown = [item for item in value if item not in provider.store.roles]
    if unknown:
        raise Refused(422, f"Roles not found: {unknown}", attribute="role_ids")
    return value


def _password(provider: OneLogin, call: Call, body: dict[str, Any]) -> dict[str, Any] | None:
    """The password of a v2 body as the state keeps it: never in clear. Raises Refused."""
    if not any(name in body for name in PASSWORD_FIELDS):
        return None
    for name in PASSWORD_FIELDS:
        if name in body and not isinstance(body[name], str):
            raise Refused(400, "must be a string", attribute=name)
    password = body.get("password")
    if not password:
        raise Refused(422, "can't be blank", attribute="password")
    if body.get("password_confirmation") != password:
        raise Refused(422, "doesn't match password", attribute="password_confirmation")
    algorithm = body.get("password_algorithm")
    if algorithm is None:
        if "salt" in body:
            raise Refused(422, "needs a password_algorithm", attribute="salt")
        # Version 2 validates unless it is sent "false", says its documentation.
        default = "true" if provider.form(call) == "v2" else "false"
        if call.args.get("validate_policy", default) == "true":
            check_policy(provider, password)
        return clear_password(password)
    if algorithm not in ALGORITHMS:
        raise Refused(422, f"is invalid: one of {', '.join(ALGORITHMS)} is expected", attribute="password_algorithm")
    return {"method": algorithm, "salt": body.get("salt"), "hash": password}


def clear_password(password: str) -> dict[str, Any]:
    """What the state keeps of a password sent in clear text."""
    return {"method": "clear_text", "salt": None, "sha256": hashlib.sha256(password.encode("utf-8")).hexdigest()}


def check_policy(provider: OneLogin, password: str) -> None:
    least = provider.options.password_min_length
    if len(password) < least:
        raise Refused(400, f"is too short: at least {least} characters", attribute="password")


def set_password(provider: OneLogin, user: User, password: dict[str, Any], now: float) -> None:
    """Set a password. It activates a user in status 0, 4, 5 or 7 (not activated, expired, awaiting, pending)."""
    user.password = password
    stamp = iso_millis(now)
    changes: dict[str, Any] = {"password_changed_at": stamp}
    if user.fields.get("status") in (0, 4, 5, 7):
        changes["status"] = 1
        if "activated_at" not in user.fields:
            changes["activated_at"] = stamp
    provider.store.set_fields(user, changes, now)


def check_move(old: int, new: int | None, *, by_update: bool) -> None:
    """Raises Refused 400 for a state that cannot follow the old one."""
    if new is None or new not in MOVES.get(old, ()) or (by_update and old == 3):
        raise Refused(400, "state is invalid", attribute="state")


# Mappings ------------------------------------------------------------------------------------------------------


def _mappings(call: Call) -> str:
    """The mode of the query: async (default), sync or disabled. Raises Refused 400, for ``validate_policy`` too."""
    mode = call.args.get("mappings", "async")
    if mode not in ("async", "sync", "disabled"):
        raise Refused(400, "must be async, sync or disabled", attribute="mappings")
    if call.args.get("validate_policy", "false") not in ("true", "false"):
        raise Refused(400, "must be true or false", attribute="validate_policy")
    return mode


def _run_mappings(provider: OneLogin, user: User, mode: str, now: float) -> None:
    """Mappings run after the answer, unless the caller waits for them: a read right after a write may still change."""
    if mode == "disabled" or not provider.options.mappings:
        return
    if mode == "sync":
        apply_mappings(provider, user)
    else:
        provider.store.mapping_runs.append((now + provider.options.mapping_delay, user.id))


def apply_mappings(provider: OneLogin, user: User) -> None:
    """Give the roles of the mappings (``{field, value, role}``) that fit the user."""
    for rule in provider.options.mappings:
        if user.fields.get(rule["field"]) == rule["value"]:
            for role in provider.store.roles.values():
                if role.name == rule["role"] and role.id not in user.roles:
                    provider.store.give_role(user, role.id, "mapping")
