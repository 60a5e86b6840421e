# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of the lists and the details behind them, as JSON values. Empty values are left out, as the server does.

The flag of an administrator is ``superAdmin`` here; ``Kestra.shown`` gives it the name that the version has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .indexes import Row

if TYPE_CHECKING:
    from .store import Binding, Group, Principal, Role, Store, Tenant

# The permissions of a role before 2.0 -> the actions that each stands for.
CRUD = {
    "CREATE": ("CREATE",),
    "READ": ("VIEW", "LIST"),
    "UPDATE": ("UPDATE", "MANAGE_MEMBERS", "MANAGE_GROUP_MEMBERSHIP"),
    "DELETE": ("DELETE",),
}


def trim(value: dict[str, Any]) -> dict[str, Any]:
    """Without the fields that are null."""
    return {name: item for name, item in value.items() if item is not None}


def _tenants(store: Store, one: Principal) -> list[dict[str, str]]:
    return [{"id": tenant_id, "name": store.tenants[tenant_id].name} for tenant_id in one.tenants]


def _plain_auths(one: Principal) -> list[dict[str, str]]:
    return [{"name": auth["name"], "type": auth["type"]} for auth in one.auths]


# Users and service accounts ------------------------------------------------------------------------------------


def user(store: Store, one: Principal) -> Row:
    """The summary: no e-mail, no names, no groups."""
    value = {
        "id": one.id,
        "username": one.email,
        "displayName": one.display_name,
        "tenants": _tenants(store, one),
        "auths": list(one.auths),
        "superAdmin": one.super_admin,
    }
    fields = {"username": one.email, "email": one.email, "super_admin": str(one.super_admin).lower()}
    return Row(value, f"{one.email} {one.first or ''} {one.last or ''}", fields)


def user_detail(store: Store, one: Principal) -> dict[str, Any]:
    return trim({
        "id": one.id,
        "username": one.email,
        "displayName": one.display_name,
        "firstName": one.first,
        "lastName": one.last,
        "email": one.email,
        "tenants": _tenants(store, one),
        "auths": list(one.auths),
        "groups": [{"id": group_id, "tenantId": store.groups[group_id].tenant} for group_id in one.groups],
        "superAdmin": one.super_admin,
        "restricted": one.restricted,
    })


def me(store: Store, one: Principal) -> dict[str, Any]:
    profile = {"email": one.email or None, "firstName": one.first, "lastName": one.last, "username": one.username}
    return {
        "id": one.id,
        "superAdmin": one.super_admin,
        "restricted": one.restricted,
        "profile": trim(profile),
        "auths": _plain_auths(one),
        "tenants": _tenants(store, one),
    }


def account_detail(store: Store, one: Principal) -> dict[str, Any]:
    return trim(
        {
            "id": one.id,
            "name": one.name,
            "description": one.description,
            "tenants": _tenants(store, one),
            "superAdmin": one.super_admin,
        }
    )


def account(store: Store, one: Principal) -> Row:
    return Row(
        account_detail(store, one), f"{one.name} {one.description or ''}", {"name": one.name, "username": one.name}
    )


def account_in_tenant(store: Store, one: Principal, tenant_id: str) -> dict[str, Any]:
    groups = [{"id": group_id} for group_id in store.groups_in(one, tenant_id)]
    return trim(
        {
            "id": one.id, "name": one.name, "description": one.description, "groups": groups,
            "superAdmin": one.super_admin,
        }
    )


# Tenants and access --------------------------------------------------------------------------------------------


def tenant(item: Tenant) -> Row:
    return Row(
        {"id": item.id, "name": item.name, "deleted": False},
        f"{item.id} {item.name}",
        {"id": item.id, "name": item.name},
    )


def _groups(store: Store, one: Principal, tenant_id: str) -> list[dict[str, Any]]:
    return [
        {"id": group_id, "name": store.groups[group_id].name, "external": False}
        for group_id in store.groups_in(one, tenant_id)
    ]


def access(store: Store, one: Principal, tenant_id: str) -> Row:
    value = trim({
        "id": one.id,
        "username": one.username,
        "displayName": one.display_name,
        "description": one.description,
        "groups": _groups(store, one, tenant_id),
        "auths": _plain_auths(one),
    })
    return Row(
        value,
        f"{one.username} {one.display_name}",
        {"username": one.username, "email": one.email, "name": one.username},
    )


def access_detail(store: Store, one: Principal, tenant_id: str, actions: bool) -> dict[str, Any]:
    """``actions``: permissions as action lists (2.0) or as CRUD."""
    roles = [
        trim(
            {
                "id": role_.id,
                "name": role_.name,
                "namespace": binding_.namespace,
                "origin": "BINDING" if binding_.type == "USER" else "GROUP",
                "sourceId": binding_.id if binding_.type == "USER" else binding_.external_id,
                "permissions": [
                    {"resource": name, "actions": given} for name, given in permissions(role_, actions).items()
                ],
            }
        )
        for binding_, role_ in store.assignments(one, tenant_id)
    ]
    return {
        "tenantId": tenant_id,
        "userId": one.id,
        "username": one.username,
        "displayName": one.display_name,
        "groups": _groups(store, one, tenant_id),
        "roles": roles,
        "superAdmin": one.super_admin,
    }


# Groups --------------------------------------------------------------------------------------------------------


def group_detail(item: Group) -> dict[str, Any]:
    return trim({"id": item.id, "name": item.name, "description": item.description})


def group(item: Group) -> Row:
    return Row(group_detail(item), f"{item.name} {item.description or ''}", {"id": item.id, "name": item.name})


def member_detail(store: Store, one: Principal, tenant_id: str) -> dict[str, Any]:
    groups = [{**entry, "membership": one.groups[entry["id"]]} for entry in _groups(store, one, tenant_id)]
    return {"id": one.id, "username": one.username, "displayName": one.display_name, "groups": groups}


def member(store: Store, one: Principal, item: Group) -> Row:
    fields = {"username": one.username, "email": one.email, "userId": one.id}
    return Row(member_detail(store, one, item.tenant), f"{one.username} {one.display_name}", fields)


# Roles and bindings --------------------------------------------------------------------------------------------


def permissions(item: Role, actions: bool) -> dict[str, list[str]]:
    if actions:
        return item.permissions
    return {
        name: [crud for crud, parts in CRUD.items() if set(parts) & set(given)]
        for name, given in item.permissions.items()
    }


def role(item: Role) -> Row:
    value = {
        "id": item.id,
        "name": item.name,
        "isDefault": item.is_default,
        "isManaged": item.is_managed,
        "permissionCount": len(item.permissions),
    }
    return Row(value, f"{item.name} {item.description or ''}", {"id": item.id, "name": item.name})


def role_detail(item: Role, actions: bool) -> dict[str, Any]:
    return trim({
        "id": item.id,
        "name": item.name,
        "description": item.description,
        "permissions": permissions(item, actions),
        "isDefault": item.is_default,
        "isManaged": item.is_managed,
    })


def binding_detail(store: Store, item: Binding) -> dict[str, Any]:
    value: dict[str, Any] = trim({"id": item.id, "type": item.type, "namespace": item.namespace})
    value["role"] = {"id": item.role_id, "name": store.roles[item.role_id].name}
    if item.type == "GROUP":
        value["group"] = {"id": item.external_id, "name": store.groups[item.external_id].name}
    else:
        one = store.principals[item.external_id]
        kind = "SERVICE_ACCOUNT" if one.service else "STANDARD"
        value["user"] = {"id": one.id, "username": one.username, "displayName": one.display_name, "type": kind}
    return value


def binding(store: Store, item: Binding) -> Row:
    value = binding_detail(store, item)
    holder = (
        value["group"]["name"]
        if item.type == "GROUP"
        else f"{value['user']['username']} {value['user']['displayName']}"
    )
    fields = {"id": item.external_id, "type": item.type, "namespace": item.namespace or ""}
    return Row(value, f"{holder} {value['role']['name']}", fields)
