# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles, bindings, tenants and service accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...web import Answer, Call, Refused, json_answer
from . import body, rows
from .listing import Pick, autocomplete, search, where
from .store import Binding, Principal

if TYPE_CHECKING:
    from . import Kestra


# Tenants -------------------------------------------------------------------------------------------------------


def search_tenants(provider: Kestra, call: Call) -> Answer:
    return search(provider, call, "tenants", ("id", "name"), ("id", "name"))


def get_tenant(provider: Kestra, call: Call) -> Answer:
    found = provider.store.tenants.get(call.params["id"])
    if found is None:
        raise Refused(404, "Not Found: tenant")
    return json_answer(200, rows.tenant(found).value)


# Roles and bindings --------------------------------------------------------------------------------------------


def search_roles(provider: Kestra, call: Call) -> Answer:
    return search(provider, call, f"roles {call.params['tenant']}", ("id", "name"), ("id", "name"))


def autocomplete_roles(provider: Kestra, call: Call) -> Answer:
    return autocomplete(provider, call, f"roles {call.params['tenant']}", body.read(provider, call, body.AUTOCOMPLETE))


def get_role(provider: Kestra, call: Call) -> Answer:
    found = provider.store.roles.get(call.params["id"])
    if found is None or found.tenant != call.params["tenant"]:
        raise Refused(404, "Not Found: role")
    return json_answer(200, rows.role_detail(found, provider.is_2))


def create_binding(provider: Kestra, call: Call) -> Answer:
    tenant_id, store = call.params["tenant"], provider.store
    given = body.read(provider, call, body.BINDING)
    role = store.roles.get(given["roleId"])
    if role is None or role.tenant != tenant_id:
        raise Refused(404, "Not Found: role")
    if given["type"] == "GROUP":
        group = store.groups.get(given["externalId"])
        if group is None or group.tenant != tenant_id:
            raise Refused(404, "Not Found: group")
    else:
        one = store.principals.get(given["externalId"])
        if one is None or (provider.is_2 and tenant_id not in one.tenants):
            raise Refused(404, "User does not exist for id")
    binding = Binding("", tenant_id, given["type"], given["externalId"], role.id, given.get("namespaceId"))
    if provider.options.unique_bindings:
        own = (binding.type, binding.external_id, binding.role_id, binding.namespace, tenant_id)
        if any(
            (item.type, item.external_id, item.role_id, item.namespace, item.tenant) == own
            for item in store.bindings.values()
        ):
            raise Refused(409, "Conflict: the binding already exists")
    binding.id = store.new_id("binding")
    store.add_binding(binding)
    return json_answer(200, rows.binding_detail(store, binding))


def _by_value(name: str, wanted: str) -> Pick:
    return where(lambda row: row.fields[name] == wanted)


def search_bindings(provider: Kestra, call: Call) -> Answer:
    """``id`` is the id of the user or group, not of the binding."""
    picks: list[Pick] = []
    kind = call.args.get("type")
    if kind is not None:
        if kind not in ("USER", "GROUP"):
            raise body.Invalid([("type", "must be one of USER, GROUP")])
        picks.append(where(lambda row: row.fields["type"] == kind))
    for name in ("id", "namespace"):
        wanted = call.args.get(name)
        if wanted:
            picks.append(_by_value(name, wanted))
    return search(provider, call, f"bindings {call.params['tenant']}", ("id", "type", "namespace"), picks=tuple(picks))


def _binding(provider: Kestra, call: Call) -> Binding:
    found = provider.store.bindings.get(call.params["id"])
    if found is None or found.tenant != call.params["tenant"]:
        raise Refused(404, "Not Found: binding")
    return found


def get_binding(provider: Kestra, call: Call) -> Answer:
    return json_answer(200, rows.binding_detail(provider.store, _binding(provider, call)))


def delete_binding(provider: Kestra, call: Call) -> Answer:
    provider.store.remove_binding(_binding(provider, call))
    return Answer(204)


# Service accounts ----------------------------------------------------------------------------------------------


def _account(provider: Kestra, one: Principal) -> Answer:
    return json_answer(200, provider.shown(rows.account_detail(provider.store, one)))


def list_accounts(provider: Kestra, call: Call) -> Answer:
    return search(provider, call, "accounts", ("name", "username"), ("name",))


def create_account(provider: Kestra, call: Call) -> Answer:
    store = provider.store
    given = body.read(provider, call, body.ACCOUNT)
    for tenant_id in given.get("tenants", ()):
        if tenant_id not in store.tenants:
            raise Refused(404, f"Not Found: tenant {tenant_id}")
    one = Principal(store.new_id("account"), service=True, name=given["name"], description=given.get("description"))
    one.super_admin = given.get("superAdmin", False)
    one.tenants = dict.fromkeys(given.get("tenants", ()))
    store.add(one)
    return _account(provider, one)


def get_account(provider: Kestra, call: Call) -> Answer:
    return _account(provider, provider.account_of(call))


def patch_account(provider: Kestra, call: Call) -> Answer:
    one = provider.account_of(call)
    given = body.read(provider, call, body.ACCOUNT_DETAILS)
    one.name, one.description = given["name"], given.get("description", one.description)
    provider.store.reindex(one)
    return _account(provider, one)


def patch_account_super_admin(provider: Kestra, call: Call) -> Answer:
    one = provider.account_of(call)
    one.super_admin = body.read(provider, call, body.SUPER_ADMIN)["superAdmin"]
    provider.store.reindex(one)
    return Answer(200)


def delete_account(provider: Kestra, call: Call) -> Answer:
    provider.store.remove(provider.account_of(call))
    return Answer(204)


def list_tenant_accounts(provider: Kestra, call: Call) -> Answer:
    return search(provider, call, f"accounts {call.params['tenant']}", ("name", "username"))


def _set_tenant_account(provider: Kestra, call: Call, one: Principal | None) -> Answer:
    """Create a service account of a tenant, or replace ``one``: what is not sent is wiped."""
    tenant_id, store = call.params["tenant"], provider.store
    given = body.read(provider, call, body.TENANT_ACCOUNT)
    group_ids = dict.fromkeys(item["id"] for item in given.get("groups", ()))
    for group_id in group_ids:
        if group_id not in store.groups or store.groups[group_id].tenant != tenant_id:
            raise Refused(404, f"Not Found: group {group_id}")
    if given.get("superAdmin") and not provider.caller.super_admin:
        raise Refused(403, "Forbidden")
    fresh = one is None
    if one is None:
        one = Principal(store.new_id("account"), service=True, tenants={tenant_id: None})
    one.name, one.description, one.super_admin = given["name"], given.get("description"), given.get("superAdmin", False)
    for group_id in store.groups_in(one, tenant_id):
        if group_id not in group_ids:
            store.leave(one, group_id, revokes=False)
    for group_id in group_ids:
        if group_id not in one.groups:
            store.join(one, group_id)
    if fresh:
        store.add(one)
    else:
        store.reindex(one)
    return json_answer(200, provider.shown(rows.account_in_tenant(store, one, tenant_id)))


def create_tenant_account(provider: Kestra, call: Call) -> Answer:
    return _set_tenant_account(provider, call, None)


def get_tenant_account(provider: Kestra, call: Call) -> Answer:
    one = provider.account_of(call)
    return json_answer(200, provider.shown(rows.account_in_tenant(provider.store, one, call.params["tenant"])))


def update_tenant_account(provider: Kestra, call: Call) -> Answer:
    return _set_tenant_account(provider, call, provider.account_of(call))


def delete_tenant_account(provider: Kestra, call: Call) -> Answer:
    """An account of several tenants loses this one; an account of this one goes."""
    one, tenant_id = provider.account_of(call), call.params["tenant"]
    if len(one.tenants) > 1:
        provider.store.take_access(one, tenant_id)
        provider.store.reindex(one)
    else:
        provider.store.remove(one)
    return Answer(200)
