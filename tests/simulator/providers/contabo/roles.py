# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles and the list of what a role can give rights to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...web import Answer, Call, Refused, dumps, whole_number
from .envelope import check, is_boolean, is_numbers, is_text, links_only, listed, ordered, single
from .store import ACTIONS, API_NAMES, OWNED, Role

if TYPE_CHECKING:
    from . import Contabo

REQUIRED = ("name", "admin", "accessAllResources")


def retrieve_role_list(provider: Contabo, call: Call) -> Answer:
    args, store = call.args, provider.store
    roles = list(store.roles.values())
    if "name" in args:
        if provider.options.role_name_filter == "exact":
            roles = [role for role in roles if role.name == args["name"]]
        else:
            roles = [role for role in roles if args["name"].lower() in role.name.lower()]
    if "type" in args:
        if args["type"] not in ("default", "custom"):
            raise Refused(400, errors=["type must be default or custom"])
        roles = [role for role in roles if role.type == args["type"]]
    if "apiName" in args:
        roles = [role for role in roles if any(item["apiName"] == args["apiName"] for item in role.permissions)]
    if "tagName" in args:
        tags = {tag_id for tag_id, name in store.tags.items() if name == args["tagName"]}
        roles = [
            role for role in roles if any(not tags.isdisjoint(item.get("resources", ())) for item in role.permissions)
        ]
    roles = ordered(
        call, roles, {"roleId": lambda role: role.id, "name": lambda role: role.name, "type": lambda role: role.type}
    )
    filtered = not {"name", "type", "apiName", "tagName"}.isdisjoint(args)
    return listed(provider, call, roles, lambda role: dumps(store.role_value(role)), filtered=filtered)


def _role_of(provider: Contabo, call: Call) -> Role:
    role_id = whole_number(call.params["roleId"], digits=18)
    if role_id is None:
        raise Refused(400, errors=["roleId must be an integer number"])
    role = provider.store.roles.get(role_id)
    if role is None:
        raise Refused(404, "The role does not exist")
    return role


def retrieve_role(provider: Contabo, call: Call) -> Answer:
    role = _role_of(provider, call)
    return single(200, provider.store.role_value(role), f"/v1/roles/{role.id}")


def _permissions(provider: Contabo, value: Any) -> str | None:
    """What is wrong with a list of permissions, or None."""
    if not isinstance(value, list):
        return "must be an array"
    for item in value:
        if not isinstance(item, dict):
            return "must be an array of objects"
        unknown = sorted(set(item) - {"apiName", "actions", "resources"})
        if unknown:
            return f"property {unknown[0]} should not exist"
        if item.get("apiName") not in API_NAMES:
            return "apiName is unknown"
        actions = item.get("actions")
        if not isinstance(actions, list) or any(action not in ACTIONS for action in actions):
            return f"actions must be an array of {', '.join(ACTIONS)}"
        problem = is_numbers(item.get("resources", []))
        if problem:
            return f"resources {problem}"
        if any(tag_id not in provider.store.tags for tag_id in item.get("resources", ())):
            return "resources names a tag that does not exist"
    return None


def _body(provider: Contabo, call: Call) -> dict[str, Any]:
    body = call.json_object()
    rules = {
        "name": is_text,
        "admin": is_boolean,
        "accessAllResources": is_boolean,
        "permissions": lambda value: _permissions(provider, value),
    }
    check(body, rules, REQUIRED)
    return body


def create_role(provider: Contabo, call: Call) -> Answer:
    body, store = _body(provider, call), provider.store
    role = Role(
        store.number("role"),
        body["name"],
        body["admin"],
        body["accessAllResources"],
        permissions=body.get("permissions", []),
    )
    store.roles[role.id] = role
    return single(201, {**OWNED, "roleId": role.id}, f"/v1/roles/{role.id}")


def _custom(role: Role) -> None:
    if role.type == "default":
        raise Refused(403, "Default roles can be neither changed nor deleted")


def update_role(provider: Contabo, call: Call) -> Answer:
    """Three fields are required; the permissions stay where they are not sent."""
    role, body = _role_of(provider, call), _body(provider, call)
    _custom(role)
    role.name, role.admin, role.all_resources = body["name"], body["admin"], body["accessAllResources"]
    role.permissions = body.get("permissions", role.permissions)
    provider.store.roles_changed()
    return links_only(f"/v1/roles/{role.id}")


def delete_role(provider: Contabo, call: Call) -> Answer:
    role, store = _role_of(provider, call), provider.store
    _custom(role)
    if any(role.id in user.roles for user in store.users.values()):
        raise Refused(409, "The role is assigned to a user")
    del store.roles[role.id]
    return Answer(204)


def retrieve_api_permissions_list(provider: Contabo, call: Call) -> Answer:
    requested = call.args.get("apiName")
    names = ordered(call, [name for name in API_NAMES if requested in (None, name)], {"apiName": lambda name: name})
    return listed(
        provider,
        call,
        names,
        lambda name: dumps({"apiName": name, "actions": ACTIONS}),
        filtered=requested is not None,
        paged=False,
    )
