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


def _tenants(store: Store, principal: Principal) -> list[dict[str, str]]:
    return [{"id": tenant_id, "name": store.tenants[tenant_id].name} for tenant_id in principal.tenants]


def _plain_auths(principal: Principal) -> list[dict[str, str]]:
    return [{"name": auth["name"], "type": auth["type"]} for auth in principal.auths]


# Users and service accounts ------------------------------------------------------------------------------------


def user(store: Store, principal: Principal) -> Row:
    """The summary: no e-mail, no names, no groups."""
    value = {
        "id": principal.id,
        "username": principal.email,
        "displayName": principal.display_name,
        "tenants": _tenants(store, principal),
        "auths": list(principal.auths),
        "superAdmin": principal.super_admin,
    }
    fields = {"username": principal.email, "email": principal.email, "super_admin": str(principal.super_admin).lower()}
    return Row(value, f"{principal.email} {principal.first or ''} {principal.last or ''}", fields)


def user_detail(store: Store, principal: Principal) -> dict[str, Any]:
    return trim({
        "id": principal.id,
        "username": principal.email,
        "displayName": principal.display_name,
        "firstName": principal.first,
        "lastName": principal.last,
        "email": principal.email,
        "tenants": _tenants(store, principal),
        "auths": list(principal.auths),
        "groups": [{"id": group_id, "tenantId": store.groups[group_id].tenant} for group_id in principal.groups],
        "superAdmin": principal.super_admin,
        "restricted": principal.restricted,
    })


def me(store: Store, principal: Principal) -> dict[str, Any]:
    profile = {
        "email": principal.email or None,
        "firstName": principal.first,
        "lastName": principal.last,
        "username": principal.username,
    }
    return {
        "id": principal.id,
        "superAdmin": principal.super_admin,
        "restricted": principal.restricted,
        "profile": trim(profile),
        "auths": _plain_auths(principal),
        "tenants": _tenants(store, principal),
    }


def account_detail(store: Store, principal: Principal) -> dict[str, Any]:
    return trim({
        "id": principal.id,
        "name": principal.name,
        "description": principal.description,
        "tenants": _tenants(store, principal),
        "superAdmin": principal.super_admin,
    })


def account(store: Store, principal: Principal) -> Row:
    return Row(
        account_detail(store, principal),
        f"{principal.name} {principal.description or ''}",
        {"name": principal.name, "username": principal.name},
    )


def account_in_tenant(store: Store, principal: Principal, tenant_id: str) -> dict[str, Any]:
    groups = [{"id": group_id} for group_id in store.groups_in(principal, tenant_id)]
    return trim({
        "id": principal.id, "name": principal.name, "description": principal.description, "groups": groups,
        "superAdmin": principal.super_admin,
    })


# Tenants and access --------------------------------------------------------------------------------------------


def tenant(item: Tenant) -> Row:
    return Row(
        {"id": item.id, "name": item.name, "deleted": False},
        f"{item.id} {item.name}",
        {"id": item.id, "name": item.name},
    )


def _groups(store: Store, principal: Principal, tenant_id: str) -> list[dict[str, Any]]:
    return [
        {"id": group_id, "name": store.groups[group_id].name, "external": False}
        for group_id in store.groups_in(principal, tenant_id)
    ]


def access(store: Store, principal: Principal, tenant_id: str) -> Row:
    value = trim({
        "id": principal.id,
        "username": principal.username,
        "displayName": principal.display_name,
        "description": principal.description,
        "groups": _groups(store, principal, tenant_id),
        "auths": _plain_auths(principal),
    })
    return Row(
        value,
        f"{principal.username} {principal.display_name}",
        {"username": principal.username, "email": principal.email, "name": principal.username},
    )


def access_detail(store: Store, principal: Principal, tenant_id: str, actions: bool) -> dict[str, Any]:
    """``actions``: permissions as action lists (2.0) or as CRUD."""
    roles = [
        trim({
            "id": role_.id,
            "name": role_.name,
            "namespace": binding_.namespace,
            "origin": "BINDING" if binding_.type == "USER" else "GROUP",
            "sourceId": binding_.id if binding_.type == "USER" else binding_.external_id,
            "permissions": [
                {"resource": name, "actions": fields} for name, fields in permissions(role_, actions).items()
            ],
        })
        for binding_, role_ in store.assignments(principal, tenant_id)
    ]
    return {
        "tenantId": tenant_id,
        "userId": principal.id,
        "username": principal.username,
        "displayName": principal.display_name,
        "groups": _groups(store, principal, tenant_id),
        "roles": roles,
        "superAdmin": principal.super_admin,
    }


# Groups --------------------------------------------------------------------------------------------------------


def group_detail(item: Group) -> dict[str, Any]:
    return trim({"id": item.id, "name": item.name, "description": item.description})


def group(item: Group) -> Row:
    return Row(group_detail(item), f"{item.name} {item.description or ''}", {"id": item.id, "name": item.name})


def member_detail(store: Store, principal: Principal, tenant_id: str) -> dict[str, Any]:
    groups = [{**entry, "membership": principal.groups[entry["id"]]} for entry in _groups(store, principal, tenant_id)]
    return {"id": principal.id, "username": principal.username, "displayName": principal.display_name, "groups": groups}


def member(store: Store, principal: Principal, item: Group) -> Row:
    fields = {"username": principal.username, "email": principal.email, "userId": principal.id}
    return Row(member_detail(store, principal, item.tenant), f"{principal.username} {principal.display_name}", fields)


# Roles and bindings --------------------------------------------------------------------------------------------


def permissions(item: Role, actions: bool) -> dict[str, list[str]]:
    if actions:
        return item.permissions
    return {
        name: [crud for crud, parts in CRUD.items() if set(parts) & set(fields)]
        for name, fields in item.permissions.items()
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
        principal = store.principals[item.external_id]
        kind = "SERVICE_ACCOUNT" if principal.service else "STANDARD"
        value["user"] = {
            "id": principal.id, "username": principal.username, "displayName": principal.display_name, "type": kind,
        }
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
