# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles, bindings, tenants and service accounts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...web import Answer, Call, Refused, json_answer
from . import body, rows
from .listing import Pick, search, where
from .store import Binding, Principal

if TYPE_CHECKING:
    from . import Kestra


# Tenants -------------------------------------------------------------------------------------------------------


def get_tenant(provider: Kestra, call: Call) -> Answer:
    tenant = provider.store.tenants.get(call.params["id"])
    if tenant is None:
        raise Refused(404, "Not Found: tenant")
    return json_answer(200, rows.tenant(tenant).value)


# Roles and bindings --------------------------------------------------------------------------------------------


def get_role(provider: Kestra, call: Call) -> Answer:
    role = provider.in_tenant(provider.store.roles, call.params["id"], call.params["tenant"], "role")
    return json_answer(200, rows.role_detail(role, provider.is_2))


def create_binding(provider: Kestra, call: Call) -> Answer:
    tenant_id, store = call.params["tenant"], provider.store
    fields = body.read(provider, call, body.BINDING)
    role = provider.in_tenant(store.roles, fields["roleId"], tenant_id, "role")
    if fields["type"] == "GROUP":
        provider.in_tenant(store.groups, fields["externalId"], tenant_id, "group")
    else:
        principal = store.principals.get(fields["externalId"])
        if principal is None or (provider.is_2 and tenant_id not in principal.tenants):
            raise Refused(404, "User does not exist for id")
    binding = Binding("", tenant_id, fields["type"], fields["externalId"], role.id, fields.get("namespaceId"))
    known = any(replace(item, id="") == binding for item in store.bindings.values())
    if known and provider.options.unique_bindings:
        raise Refused(409, "Conflict: the binding already exists")
    binding.id = store.new_id("binding")
    store.add_binding(binding)
    return json_answer(200, rows.binding_detail(store, binding))


def _by_value(name: str, requested: str) -> Pick:
    return where(lambda row: row.fields[name] == requested)


def search_bindings(provider: Kestra, call: Call) -> Answer:
    """``id`` is the id of the user or group, not of the binding."""
    picks: list[Pick] = []
    kind = call.args.get("type")
    if kind is not None:
        if kind not in ("USER", "GROUP"):
            raise body.Invalid([("type", "must be one of USER, GROUP")])
        picks.append(where(lambda row: row.fields["type"] == kind))
    for name in ("id", "namespace"):
        requested = call.args.get(name)
        if requested:
            picks.append(_by_value(name, requested))
    return search(provider, call, "bindings {tenant}", ("id", "type", "namespace"), picks=tuple(picks))


def _binding(provider: Kestra, call: Call) -> Binding:
    return provider.in_tenant(provider.store.bindings, call.params["id"], call.params["tenant"], "binding")


def get_binding(provider: Kestra, call: Call) -> Answer:
    return json_answer(200, rows.binding_detail(provider.store, _binding(provider, call)))


def delete_binding(provider: Kestra, call: Call) -> Answer:
    provider.store.remove_binding(_binding(provider, call))
    return Answer(204)


# Service accounts ----------------------------------------------------------------------------------------------


def _account(provider: Kestra, principal: Principal) -> Answer:
    return json_answer(200, provider.shown(rows.account_detail(provider.store, principal)))


def create_service_account(provider: Kestra, call: Call) -> Answer:
    store = provider.store
    fields = body.read(provider, call, body.ACCOUNT)
    for tenant_id in fields.get("tenants", ()):
        if tenant_id not in store.tenants:
            raise Refused(404, f"Not Found: tenant {tenant_id}")
    principal = Principal(
        store.new_id("account"), service=True, name=fields["name"], description=fields.get("description")
    )
    principal.super_admin = fields.get("superAdmin", False)
    principal.tenants = dict.fromkeys(fields.get("tenants", ()))
    store.add(principal)
    return _account(provider, principal)


def get_service_account(provider: Kestra, call: Call) -> Answer:
    return _account(provider, provider.account_of(call))


def patch_service_account_details(provider: Kestra, call: Call) -> Answer:
    principal = provider.account_of(call)
    fields = body.read(provider, call, body.ACCOUNT_DETAILS)
    principal.name, principal.description = fields["name"], fields.get("description", principal.description)
    provider.store.reindex(principal)
    return _account(provider, principal)


def patch_service_account_super_admin(provider: Kestra, call: Call) -> Answer:
    principal = provider.account_of(call)
    principal.super_admin = body.read(provider, call, body.SUPER_ADMIN)["superAdmin"]
    provider.store.reindex(principal)
    return Answer(200)


def delete_service_account(provider: Kestra, call: Call) -> Answer:
    provider.store.remove(provider.account_of(call))
    return Answer(204)


def _set_tenant_account(provider: Kestra, call: Call, principal: Principal | None) -> Answer:
    """Create a service account of a tenant, or replace ``principal``: what is not sent is wiped."""
    tenant_id, store = call.params["tenant"], provider.store
    fields = body.read(provider, call, body.TENANT_ACCOUNT)
    group_ids = dict.fromkeys(item["id"] for item in fields.get("groups", ()))
    for group_id in group_ids:
        provider.in_tenant(store.groups, group_id, tenant_id, f"group {group_id}")
    if fields.get("superAdmin") and not provider.caller.super_admin:
        raise Refused(403, "Forbidden")
    if principal is None:
        principal = Principal(store.new_id("account"), service=True, tenants={tenant_id: None})
    principal.name, principal.description = fields["name"], fields.get("description")
    principal.super_admin = fields.get("superAdmin", False)
    for group_id in store.groups_in(principal, tenant_id):
        if group_id not in group_ids:
            store.leave(principal, group_id, revokes=False)
    for group_id in group_ids:
        if group_id not in principal.groups:
            store.join(principal, group_id)
    store.save(principal)
    return json_answer(200, provider.shown(rows.account_in_tenant(store, principal, tenant_id)))


def create_service_account_for_tenant(provider: Kestra, call: Call) -> Answer:
    return _set_tenant_account(provider, call, None)


def get_service_account_for_tenant(provider: Kestra, call: Call) -> Answer:
    principal = provider.account_of(call)
    return json_answer(200, provider.shown(rows.account_in_tenant(provider.store, principal, call.params["tenant"])))


def update_service_account(provider: Kestra, call: Call) -> Answer:
    return _set_tenant_account(provider, call, provider.account_of(call))


def delete_service_account_for_tenant(provider: Kestra, call: Call) -> Answer:
    """An account of several tenants loses this one; an account of this one goes."""
    principal, tenant_id = provider.account_of(call), call.params["tenant"]
    if len(principal.tenants) > 1:
        provider.store.take_access(principal, tenant_id)
        provider.store.reindex(principal)
    else:
        provider.store.remove(principal)
    return Answer(200)
