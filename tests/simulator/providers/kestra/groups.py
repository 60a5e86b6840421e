# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups and their members, and who has access to a tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...web import Answer, Call, Refused, json_answer
from . import body, rows
from .listing import search
from .store import Group, Principal

if TYPE_CHECKING:
    from . import Kestra

MEMBERSHIPS = ("OWNER", "MEMBER")


def _group(provider: Kestra, call: Call) -> Group:
    """The group of the path, which belongs to the tenant of the path. Raises Refused 404."""
    return provider.in_tenant(provider.store.groups, call.params["id"], call.params["tenant"], "group")


def _principal(provider: Kestra, user_id: str) -> Principal:
    """A user or a service account. Raises Refused 404."""
    principal = provider.store.principals.get(user_id)
    if principal is None:
        raise Refused(404, "User does not exist for id")
    return principal


def _with_access(provider: Kestra, principal: Principal, tenant_id: str) -> Principal:
    """Return the principal. From 2.0 on, raises Refused 404 if it has no access to the tenant of the group."""
    if provider.is_2 and tenant_id not in principal.tenants:
        raise Refused(404, "User does not exist for id")
    return principal


# Groups --------------------------------------------------------------------------------------------------------


def list_group_ids(provider: Kestra, call: Call) -> Answer:
    groups = provider.store.groups
    requested = dict.fromkeys(body.read(provider, call, body.IDS).get("ids", ()))
    matches = [groups[item] for item in requested if item in groups and groups[item].tenant == call.params["tenant"]]
    return json_answer(200, [rows.group_detail(item) for item in matches])


def get_group(provider: Kestra, call: Call) -> Answer:
    return json_answer(200, rows.group_detail(_group(provider, call)))


def _check_name(provider: Kestra, tenant_id: str, name: str, own: Group | None) -> None:
    holder = provider.store.group_named(tenant_id, name)
    if holder is not None and holder is not own:
        raise provider.duplicate("Group already exists", "name")


def create_group(provider: Kestra, call: Call) -> Answer:
    tenant_id, store = call.params["tenant"], provider.store
    fields = body.read(provider, call, body.NEW_GROUP)
    _check_name(provider, tenant_id, fields["name"], None)
    members = [_with_access(provider, _principal(provider, item), tenant_id) for item in fields.get("membersId", ())]
    group = Group(store.new_id("group"), tenant_id, fields["name"], fields.get("description"))
    store.add_group(group)
    for principal in members:
        principal.tenants[tenant_id] = None
        store.join(principal, group.id)
        store.reindex(principal)
    return json_answer(200, rows.group_detail(group))


def update_group(provider: Kestra, call: Call) -> Answer:
    group = _group(provider, call)
    fields = body.read(provider, call, body.GROUP)
    _check_name(provider, group.tenant, fields["name"], group)
    group.name, group.description = fields["name"], fields.get("description")
    provider.store.reindex_group(group)
    return json_answer(200, rows.group_detail(group))


def delete_group(provider: Kestra, call: Call) -> Answer:
    group, store = _group(provider, call), provider.store
    for principal in store.remove_group(group):
        if not provider.is_2 and not store.groups_in(principal, group.tenant):
            store.take_access(principal, group.tenant)
        store.reindex(principal)
    return Answer(200)


# Members -------------------------------------------------------------------------------------------------------


def search_group_members(provider: Kestra, call: Call) -> Answer:
    return search(provider, call, f"members {_group(provider, call).id}", ("username", "email", "userId"))


def _race(provider: Kestra, call: Call, principal: Principal, group_id: str) -> None:
    """Parallel membership calls for one user: the later one wipes what the others wrote since it arrived."""
    if not provider.options.lossy_members:
        return
    since = [entry for entry in principal.membership_calls if entry[0] > call.arrived]
    for _moment, other_id, before in reversed(since):
        if other_id == group_id or other_id not in provider.store.groups:
            continue
        if before is None:
            provider.store.leave(principal, other_id, revokes=False)
        else:
            provider.store.join(principal, other_id, before)
    principal.membership_calls = [*since, (call.now, group_id, principal.groups.get(group_id))]


def _member(provider: Kestra, principal: Principal, group: Group) -> Answer:
    provider.store.reindex(principal)
    return json_answer(200, rows.member_detail(provider.store, principal, group.tenant))


def add_user_to_group(provider: Kestra, call: Call) -> Answer:
    group = _group(provider, call)
    principal = _with_access(provider, _principal(provider, call.params["userId"]), group.tenant)
    if group.id in principal.groups:
        raise Refused(409, "Conflict: user is already a member of the group")
    _race(provider, call, principal, group.id)
    principal.tenants[group.tenant] = None
    provider.store.join(principal, group.id)
    return _member(provider, principal, group)


def delete_user_from_group(provider: Kestra, call: Call) -> Answer:
    group = _group(provider, call)
    principal = _principal(provider, call.params["userId"])
    if group.id not in principal.groups:
        raise Refused(409, "Conflict: user is not a member of the group")
    _race(provider, call, principal, group.id)
    provider.store.leave(principal, group.id, revokes=not provider.is_2)
    return _member(provider, principal, group)


def set_user_membership_for_group(provider: Kestra, call: Call) -> Answer:
    membership = call.args.get("membership")
    if membership is None:
        raise Refused(400, "Bad Request: Required QueryValue [membership] not specified")
    if membership not in MEMBERSHIPS:
        raise body.Invalid([("membership", f"must be one of {', '.join(MEMBERSHIPS)}")])
    group = _group(provider, call)
    principal = _principal(provider, call.params["userId"])
    if group.id not in principal.groups:
        raise Refused(409, "Conflict: user is not a member of the group")
    principal.groups[group.id] = membership
    return _member(provider, principal, group)


def update_user_groups(provider: Kestra, call: Call) -> Answer:
    """Replace the groups of a user in one tenant. The user must have access to it, in every version."""
    tenant_id, store = call.params["tenant"], provider.store
    principal = store.principals.get(call.params["id"])
    requested = dict.fromkeys(body.read(provider, call, body.GROUP_IDS, status=400)["groupIds"])
    if principal is None or tenant_id not in principal.tenants:
        raise Refused(404, "User does not exist for id")
    for group_id in requested:
        provider.in_tenant(store.groups, group_id, tenant_id, f"group {group_id}")
    had = store.groups_in(principal, tenant_id)
    for group_id in requested:
        if group_id not in principal.groups:
            store.join(principal, group_id)
    for group_id in had:
        if group_id not in requested:
            store.leave(principal, group_id, revokes=not provider.is_2)
    store.reindex(principal)
    return Answer(204)


# Access to a tenant --------------------------------------------------------------------------------------------


def _holder(provider: Kestra, call: Call) -> Principal:
    """The user of the path, who has access to the tenant. Raises Refused 404."""
    principal = _principal(provider, call.params["userId"])
    if call.params["tenant"] not in principal.tenants:
        raise Refused(404, "Not Found: tenant access")
    return principal


def get_tenant_access(provider: Kestra, call: Call) -> Answer:
    principal = _holder(provider, call)
    return json_answer(
        200, provider.shown(rows.access_detail(provider.store, principal, call.params["tenant"], provider.is_2))
    )


def _grant(provider: Kestra, principal: Principal, tenant_id: str) -> None:
    if tenant_id in principal.tenants:
        raise Refused(409, "Conflict: user already has access to the tenant")
    principal.tenants[tenant_id] = None
    provider.store.reindex(principal)


def create_tenant_access(provider: Kestra, call: Call) -> Answer:
    principal = provider.store.user_by_email(body.read(provider, call, body.ACCESS)["email"])
    if principal is None:
        raise Refused(404, "User does not exist for email")
    _grant(provider, principal, call.params["tenant"])
    return Answer(204)


def create_tenant_access_1(provider: Kestra, call: Call) -> Answer:
    _grant(provider, _principal(provider, call.params["userId"]), call.params["tenant"])
    return Answer(201)


def delete_tenant_access(provider: Kestra, call: Call) -> Answer:
    principal = _holder(provider, call)
    provider.store.take_access(principal, call.params["tenant"])
    provider.store.reindex(principal)
    return Answer(204)
