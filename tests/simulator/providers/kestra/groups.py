# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups and their members, and who has access to a tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...web import Answer, Call, Refused, json_answer
from . import body, rows
from .listing import Pick, autocomplete, search, where
from .store import Group, Principal

if TYPE_CHECKING:
    from . import Kestra

MEMBERSHIPS = ("OWNER", "MEMBER")


def _group(provider: Kestra, call: Call) -> Group:
    """The group of the path, which belongs to the tenant of the path. Raises Refused 404."""
    found = provider.store.groups.get(call.params["id"])
    if found is None or found.tenant != call.params["tenant"]:
        raise Refused(404, "Not Found: group")
    return found


def _principal(provider: Kestra, user_id: str) -> Principal:
    """A user or a service account. Raises Refused 404."""
    found = provider.store.principals.get(user_id)
    if found is None:
        raise Refused(404, "User does not exist for id")
    return found


def _with_access(provider: Kestra, one: Principal, tenant_id: str) -> Principal:
    """From 2.0 on nobody joins a group without access to its tenant. Raises Refused 404."""
    if provider.is_2 and tenant_id not in one.tenants:
        raise Refused(404, "User does not exist for id")
    return one


# Groups --------------------------------------------------------------------------------------------------------


def search_groups(provider: Kestra, call: Call) -> Answer:
    return search(provider, call, f"groups {call.params['tenant']}", ("id", "name"), ("id", "name"))


def autocomplete_groups(provider: Kestra, call: Call) -> Answer:
    return autocomplete(provider, call, f"groups {call.params['tenant']}", body.read(provider, call, body.AUTOCOMPLETE))


def list_group_ids(provider: Kestra, call: Call) -> Answer:
    groups = provider.store.groups
    wanted = dict.fromkeys(body.read(provider, call, body.IDS).get("ids", ()))
    found = [groups[item] for item in wanted if item in groups and groups[item].tenant == call.params["tenant"]]
    return json_answer(200, [rows.group_detail(item) for item in found])


def get_group(provider: Kestra, call: Call) -> Answer:
    return json_answer(200, rows.group_detail(_group(provider, call)))


def _check_name(provider: Kestra, tenant_id: str, name: str, own: Group | None) -> None:
    holder = provider.store.group_named(tenant_id, name)
    if holder is not None and holder is not own:
        raise provider.duplicate("Group already exists", "name")


def create_group(provider: Kestra, call: Call) -> Answer:
    tenant_id, store = call.params["tenant"], provider.store
    given = body.read(provider, call, body.NEW_GROUP)
    _check_name(provider, tenant_id, given["name"], None)
    members = [_with_access(provider, _principal(provider, item), tenant_id) for item in given.get("membersId", ())]
    group = Group(store.new_id("group"), tenant_id, given["name"], given.get("description"))
    store.add_group(group)
    for one in members:
        one.tenants[tenant_id] = None
        store.join(one, group.id)
        store.reindex(one)
    return json_answer(200, rows.group_detail(group))


def update_group(provider: Kestra, call: Call) -> Answer:
    group = _group(provider, call)
    given = body.read(provider, call, body.GROUP)
    _check_name(provider, group.tenant, given["name"], group)
    group.name, group.description = given["name"], given.get("description")
    provider.store.reindex_group(group)
    return json_answer(200, rows.group_detail(group))


def delete_group(provider: Kestra, call: Call) -> Answer:
    group, store = _group(provider, call), provider.store
    for one in store.remove_group(group):
        if not provider.is_2 and not store.groups_in(one, group.tenant):
            store.take_access(one, group.tenant)
        store.reindex(one)
    return Answer(200)


# Members -------------------------------------------------------------------------------------------------------


def search_members(provider: Kestra, call: Call) -> Answer:
    return search(provider, call, f"members {_group(provider, call).id}", ("username", "email", "userId"))


def _race(provider: Kestra, call: Call, one: Principal, group_id: str) -> None:
    """Parallel membership calls for one user: the later one wipes what the others wrote since it arrived."""
    if not provider.options.lossy_members:
        return
    since = [entry for entry in one.membership_calls if entry[0] > call.arrived]
    for _moment, other_id, before in reversed(since):
        if other_id == group_id or other_id not in provider.store.groups:
            continue
        if before is None:
            provider.store.leave(one, other_id, revokes=False)
        else:
            provider.store.join(one, other_id, before)
    one.membership_calls = [*since, (call.now, group_id, one.groups.get(group_id))]


def _member(provider: Kestra, one: Principal, group: Group) -> Answer:
    provider.store.reindex(one)
    return json_answer(200, rows.member_detail(provider.store, one, group.tenant))


def add_member(provider: Kestra, call: Call) -> Answer:
    group = _group(provider, call)
    one = _with_access(provider, _principal(provider, call.params["userId"]), group.tenant)
    if group.id in one.groups:
        raise Refused(409, "Conflict: user is already a member of the group")
    _race(provider, call, one, group.id)
    one.tenants[group.tenant] = None
    provider.store.join(one, group.id)
    return _member(provider, one, group)


def remove_member(provider: Kestra, call: Call) -> Answer:
    group = _group(provider, call)
    one = _principal(provider, call.params["userId"])
    if group.id not in one.groups:
        raise Refused(409, "Conflict: user is not a member of the group")
    _race(provider, call, one, group.id)
    provider.store.leave(one, group.id, revokes=not provider.is_2)
    return _member(provider, one, group)


def set_membership(provider: Kestra, call: Call) -> Answer:
    membership = call.args.get("membership")
    if membership is None:
        raise Refused(400, "Bad Request: Required QueryValue [membership] not specified")
    if membership not in MEMBERSHIPS:
        raise body.Invalid([("membership", f"must be one of {', '.join(MEMBERSHIPS)}")])
    group = _group(provider, call)
    one = _principal(provider, call.params["userId"])
    if group.id not in one.groups:
        raise Refused(409, "Conflict: user is not a member of the group")
    one.groups[group.id] = membership
    return _member(provider, one, group)


def update_user_groups(provider: Kestra, call: Call) -> Answer:
    """Replace the groups of a user in one tenant. The user must have access to it, in every version."""
    tenant_id, store = call.params["tenant"], provider.store
    one = store.principals.get(call.params["id"])
    wanted = dict.fromkeys(body.read(provider, call, body.GROUP_IDS, status=400)["groupIds"])
    if one is None or tenant_id not in one.tenants:
        raise Refused(404, "User does not exist for id")
    for group_id in wanted:
        if group_id not in store.groups or store.groups[group_id].tenant != tenant_id:
            raise Refused(404, f"Not Found: group {group_id}")
    had = store.groups_in(one, tenant_id)
    for group_id in wanted:
        if group_id not in one.groups:
            store.join(one, group_id)
    for group_id in had:
        if group_id not in wanted:
            store.leave(one, group_id, revokes=not provider.is_2)
    store.reindex(one)
    return Answer(204)


# Access to a tenant --------------------------------------------------------------------------------------------


def list_access(provider: Kestra, call: Call) -> Answer:
    return search(provider, call, f"access {call.params['tenant']}", ("username", "email"))


def autocomplete_users(provider: Kestra, call: Call) -> Answer:
    given = body.read(provider, call, body.USER_AUTOCOMPLETE)
    picks: tuple[Pick, ...] = ()
    if given.get("username"):
        wanted = given["username"].casefold()
        picks = (where(lambda row: row.fields["username"].casefold() == wanted),)
    return autocomplete(provider, call, f"access {call.params['tenant']}", given, picks)


def _holder(provider: Kestra, call: Call) -> Principal:
    """The user of the path, who has access to the tenant. Raises Refused 404."""
    one = _principal(provider, call.params["userId"])
    if call.params["tenant"] not in one.tenants:
        raise Refused(404, "Not Found: tenant access")
    return one


def get_access(provider: Kestra, call: Call) -> Answer:
    one = _holder(provider, call)
    return json_answer(
        200, provider.shown(rows.access_detail(provider.store, one, call.params["tenant"], provider.is_2))
    )


def _grant(provider: Kestra, one: Principal, tenant_id: str) -> None:
    if tenant_id in one.tenants:
        raise Refused(409, "Conflict: user already has access to the tenant")
    one.tenants[tenant_id] = None
    provider.store.reindex(one)


def create_access_by_email(provider: Kestra, call: Call) -> Answer:
    one = provider.store.user_by_email(body.read(provider, call, body.ACCESS)["email"])
    if one is None:
        raise Refused(404, "User does not exist for email")
    _grant(provider, one, call.params["tenant"])
    return Answer(204)


def create_access(provider: Kestra, call: Call) -> Answer:
    _grant(provider, _principal(provider, call.params["userId"]), call.params["tenant"])
    return Answer(201)


def delete_access(provider: Kestra, call: Call) -> Answer:
    one = _holder(provider, call)
    provider.store.take_access(one, call.params["tenant"])
    provider.store.reindex(one)
    return Answer(204)
