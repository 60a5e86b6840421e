# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles, groups and custom attribute fields of the account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...web import Answer, Call, Refused, dumps, is_a, json_answer
from . import render
from .filters import integer, names_of, text_test
from .paging import ROLES_LIMIT_V2, header_page, v1_page
from .store import Role, User

if TYPE_CHECKING:
    from . import OneLogin

LISTS = ("apps", "users", "admins")


def _role_value(role: Role, lists: Sequence[str]) -> dict[str, Any]:
    value: dict[str, Any] = {"id": role.id, "name": role.name}
    for name in lists:
        value[name] = sorted(getattr(role, name))
    return value


def _role_of(provider: OneLogin, call: Call) -> Role:
    role = provider.store.roles.get(provider.path_id(call, "role_id"))
    if role is None:
        raise Refused(404, "Role not found")
    return role


def list_roles_v1(provider: OneLogin, call: Call) -> Answer:
    roles = list(provider.store.roles.values())
    if "name" in call.args:
        test = text_test(call.args["name"])
        roles = [role for role in roles if test(role.name)]
    requested = integer(call.args, "id")
    if requested is not None:
        roles = [role for role in roles if role.id == requested]
    names = names_of(call.args.get("fields", "id,name"))
    if any(name not in ("id", "name") for name in names):
        raise Refused(400, "is not an attribute of roles", attribute="fields")
    key = call.args.get("sort", "+id")
    if key.lstrip("+- ") not in ("id", "name"):
        raise Refused(400, "is not an attribute of roles", attribute="sort")
    roles.sort(key=lambda role: (getattr(role, key.lstrip("+- ")), role.id), reverse=key.startswith("-"))
    page, pagination = v1_page(call, "roles", [role.id for role in roles], ordered=key in ("+id", " id", "id"))
    values = [_role_value(provider.store.roles[role_id], ()) for role_id in page.ids]
    return render.envelope(
        [dumps({name: item for name, item in value.items() if name in ("id", *names)}) for value in values], pagination
    )


def get_role_v1(provider: OneLogin, call: Call) -> Answer:
    return render.envelope([dumps(_role_value(_role_of(provider, call), ()))])


def _group_text(provider: OneLogin, group_id: int) -> bytes:
    return dumps({"id": group_id, "name": provider.store.groups[group_id], "reference": ""})


def list_groups(provider: OneLogin, call: Call) -> Answer:
    page, pagination = v1_page(call, "groups", sorted(provider.store.groups))
    return render.envelope([_group_text(provider, group_id) for group_id in page.ids], pagination)


def get_group(provider: OneLogin, call: Call) -> Answer:
    group_id = provider.path_id(call, "group_id")
    if group_id not in provider.store.groups:
        raise Refused(404, "Group not found")
    return render.envelope([_group_text(provider, group_id)])


def list_roles_v2(provider: OneLogin, call: Call) -> Answer:
    store, args = provider.store, call.args
    lists = names_of(args.get("fields", ""))
    if any(name not in LISTS for name in lists):
        raise Refused(400, "one of apps, users, admins is expected", attribute="fields")
    roles = [store.roles[role_id] for role_id in sorted(store.roles)]
    if "name" in args:
        test = text_test(args["name"])
        roles = [role for role in roles if test(role.name)]
    app_id = integer(args, "app_id")
    if app_id is not None:
        roles = [role for role in roles if app_id in role.apps]
    if "app_name" in args:
        test = text_test(args["app_name"])
        roles = [role for role in roles if any(test(store.apps.get(item, "")) for item in role.apps)]
    page, headers = header_page(call, "roles", [role.id for role in roles], ROLES_LIMIT_V2)
    return render.array([dumps(_role_value(store.roles[role_id], lists)) for role_id in page.ids], headers)


def get_role_v2(provider: OneLogin, call: Call) -> Answer:
    return json_answer(200, _role_value(_role_of(provider, call), LISTS))


def list_role_users(provider: OneLogin, call: Call) -> Answer:
    """Users of a role; ``include_unassigned`` adds everybody else, with ``assigned`` false."""
    role, users = _role_of(provider, call), provider.store.users
    everybody = call.args.get("include_unassigned", "false")
    if everybody not in ("true", "false"):
        raise Refused(400, "must be true or false", attribute="include_unassigned")
    ids: Sequence[int] = provider.store.order if everybody == "true" else sorted(role.users)
    if "name" in call.args:
        test = text_test(call.args["name"])
        ids = [user_id for user_id in ids if test(_full_name(users[user_id]))]
    page, headers = header_page(call, f"role {role.id}", ids, ROLES_LIMIT_V2)
    texts = []
    for user_id in page.ids:
        fields = users[user_id].fields
        value = {name: fields[name] for name in ("id", "username", "email", "firstname", "lastname") if name in fields}
        texts.append(dumps({**value, "name": _full_name(users[user_id]), "assigned": user_id in role.users}))
    return render.array(texts, headers)


def _full_name(user: User) -> str:
    return " ".join(user.fields[name] for name in ("firstname", "lastname") if name in user.fields)


def _id_list(provider: OneLogin, call: Call) -> list[User]:
    """The users of a raw JSON array of ids. Raises Refused 400 for another body, 422 for a user who is not there."""
    value = call.json()
    if not isinstance(value, list):
        raise Refused(400, "Expected array in request", style="status")
    if any(not is_a(item, int) for item in value):
        raise Refused(400, "Expected integers in the array", style="status")
    unknown = [item for item in value if item not in provider.store.users]
    if unknown:
        raise Refused(422, f"Users not found: {unknown}")
    return [provider.store.users[item] for item in dict.fromkeys(value)]


def add_role_users(provider: OneLogin, call: Call) -> Answer:
    role, users = _role_of(provider, call), _id_list(provider, call)
    for user in users:
        provider.store.give_role(user, role.id)
    return json_answer(200, [{"id": user.id} for user in users])


def remove_role_users(provider: OneLogin, call: Call) -> Answer:
    role, users = _role_of(provider, call), _id_list(provider, call)
    for user in users:
        provider.store.take_role(user, role.id)
    return Answer(204)


def list_attribute_fields(provider: OneLogin, call: Call) -> Answer:
    return json_answer(200, list(provider.store.attributes.values()))
