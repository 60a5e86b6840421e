# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions on one user, which only /api/1 has: roles, custom attributes, state, lock, logout, passwords."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ...web import Answer, Call, Refused, is_a, json_answer
from . import render
from .fields import STATES
from .users import check_custom, check_move, check_policy, clear_password, set_password

if TYPE_CHECKING:
    from . import OneLogin

_SHA256 = re.compile(r"[0-9a-f]{64}")
SALT_MOST = 40


def get_user_roles(provider: OneLogin, call: Call) -> Answer:
    ids = sorted(provider.user_of(call).roles)
    return json_answer(200, {"status": render.SUCCESS, "data": [ids] if provider.form(call) == "v1" else ids})


def get_custom_attributes(provider: OneLogin, call: Call) -> Answer:
    # A list in a list in both forms: the newer generated client has it like that too.
    return json_answer(200, {"status": render.SUCCESS, "data": [list(provider.store.attributes)]})


def _role_array(provider: OneLogin, call: Call) -> list[int]:
    """``role_id_array`` of the body: not empty, whole numbers, all of them roles. Raises Refused 400."""
    body = call.json_object()
    _only(body, ("role_id_array",))
    ids = body.get("role_id_array")
    if not isinstance(ids, list) or not ids:
        raise Refused(400, "role_id_array should be a non-empty array")
    if any(not is_a(item, int) or item < 1 for item in ids):
        raise Refused(400, "role_id_array should contain positive integers only")
    unknown = [item for item in ids if item not in provider.store.roles]
    if unknown:
        raise Refused(400, f"role_id_array should be a subset of the roles of the account; unknown: {unknown}")
    return list(dict.fromkeys(ids))


def add_roles(provider: OneLogin, call: Call) -> Answer:
    user, ids = provider.user_of(call), _role_array(provider, call)
    there = [item for item in ids if item in user.roles]
    if there:
        raise Refused(400, f"{there} already included as user roles")
    for role_id in ids:
        provider.store.give_role(user, role_id)
    provider.store.touch(user, call.now)
    return render.done(provider.form(call))


def remove_roles(provider: OneLogin, call: Call) -> Answer:
    """Take roles away. Roles from mappings or provisioning stay, and the answer does not say so."""
    user, ids = provider.user_of(call), _role_array(provider, call)
    absent = [item for item in ids if item not in user.roles]
    if absent:
        raise Refused(400, f"{absent} is not included as user roles")
    for role_id in ids:
        provider.store.take_role(user, role_id)
    provider.store.touch(user, call.now)
    return render.done(provider.form(call))


def set_custom_attributes(provider: OneLogin, call: Call) -> Answer:
    """Merge values; an empty text clears one."""
    user, body = provider.user_of(call), call.json_object()
    _only(body, ("custom_attributes",))
    sent = body.get("custom_attributes")
    if isinstance(sent, dict) and any(value is None for value in sent.values()):
        raise Refused(400, "must be strings", attribute="custom_attributes")
    values = check_custom(provider, sent, empty=False)
    user.custom = {name: value for name, value in {**user.custom, **values}.items() if value}
    provider.store.touch(user, call.now)
    # The one action whose answer has no other form in the bare clients.
    return render.done("v1")


def set_state(provider: OneLogin, call: Call) -> Answer:
    user, body = provider.user_of(call), call.json_object()
    _only(body, ("state",))
    state = body.get("state")
    if not is_a(state, int) or state not in STATES:
        raise Refused(400, "state is invalid")
    old = user.fields.get("state", 1)
    if state == old:
        raise Refused(400, "user is already in this state")
    check_move(old, state, by_update=False)
    provider.store.set_fields(user, {"state": state}, call.now)
    return render.done(provider.form(call))


def lock_user(provider: OneLogin, call: Call) -> Answer:
    """Lock for some minutes, but never for less than the policy's own period; 0 means that period, or no end."""
    user, body = provider.user_of(call), call.json_object()
    _only(body, ("locked_until",))
    minutes: Any = body.get("locked_until")
    if not is_a(minutes, int) or minutes < 0:
        raise Refused(400, "locked_until should be a number of minutes")
    minutes = max(minutes, provider.options.lock_policy_minutes)
    provider.store.lock(user, call.now + minutes * 60 if minutes else None, call.now)
    return render.done(provider.form(call))


def unlock_user(provider: OneLogin, call: Call) -> Answer:
    """Unlock a user (version 2 only). Raises Refused 422 if the user is not locked.

    The key ``messsage`` is misspelt in the answer of the real server, too.
    """
    user = provider.user_of(call)
    call.json_object(optional=True)
    if user.fields.get("status") != 3:
        raise Refused(422, "User cannot be unlocked")
    provider.store.unlock(user, user.before_lock, call.now)
    return json_answer(200, {"messsage": "User unlocked"})


def log_out(provider: OneLogin, call: Call) -> Answer:
    user = provider.user_of(call)
    call.json_object(optional=True)
    user.logouts += 1
    return render.done(provider.form(call))


def _password_pair(body: dict[str, Any]) -> str:
    for name in ("password", "password_confirmation"):
        if not isinstance(body.get(name), str) or not body[name]:
            raise Refused(400, "can't be blank", attribute=name)
    if body["password"] != body["password_confirmation"]:
        raise Refused(400, "password_confirmation doesn't match password")
    return str(body["password"])


def set_password_clear_text(provider: OneLogin, call: Call) -> Answer:
    user, body = provider.user_of(call), call.json_object()
    _only(body, ("password", "password_confirmation", "validate_policy"))
    password, validate = _password_pair(body), body.get("validate_policy", False)
    if not is_a(validate, bool):
        raise Refused(400, "must be true or false", attribute="validate_policy")
    if validate:
        check_policy(provider, password)
    set_password(provider, user, clear_password(password), call.now)
    return render.done(provider.form(call))


def set_password_using_salt(provider: OneLogin, call: Call) -> Answer:
    user, body = provider.user_of(call), call.json_object()
    _only(body, ("password", "password_confirmation", "password_algorithm", "password_salt"))
    password, salt = _password_pair(body), body.get("password_salt", "")
    if body.get("password_algorithm") != "salt+sha256":
        raise Refused(400, "password_algorithm should be salt+sha256")
    if not isinstance(salt, str) or len(salt) > SALT_MOST:
        raise Refused(400, f"password_salt should have {SALT_MOST} characters at most")
    if not _SHA256.fullmatch(password):
        raise Refused(400, "password should be a SHA-256 value in lower-case hexadecimal digits")
    set_password(provider, user, {"method": "salt+sha256", "salt": salt, "hash": password}, call.now)
    return render.done(provider.form(call))


def _only(body: dict[str, Any], names: tuple[str, ...]) -> None:
    unknown = [name for name in body if name not in names]
    if unknown:
        raise Refused(400, "is not taken here", attribute=unknown[0])
