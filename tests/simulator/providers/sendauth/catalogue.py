# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogues: tags, permission labels and groups, companies, approval groups. None of them is paged."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ...web import Answer, Call, Refused, is_a, json_answer
from .fields import invalid, text_list
from .store import Approval, Group, Tag

if TYPE_CHECKING:
    from . import SendAuth

_TAG_TYPES: dict[str, type] = {"name": str, "description": str, "enabled": bool, "values": list}


def _checked(call: Call, types: dict[str, type], required: tuple[str, ...] = ()) -> dict[str, Any]:
    """The body, whose fields must be known and of the right type. Raises Refused 422."""
    body = call.json_object()
    for name in required:
        if name not in body:
            raise invalid(name, "", "is required")
    for name, value in body.items():
        if name not in types:
            raise invalid(name, value, "unknown field")
        if not is_a(value, types[name]):
            raise invalid(name, value, f"must be {types[name].__name__}")
    return body


def _named(body: dict[str, Any], least: int, most: int) -> str:
    name: str = body["name"]
    if not least <= len(name) <= most:
        raise invalid("name", name, f"must have {least} to {most} characters")
    return name


def list_tags(provider: SendAuth, call: Call) -> Answer:
    return json_answer(200, {"tags": [tag.as_json() for tag in provider.store.tags.values()]})


def create_tag(provider: SendAuth, call: Call) -> Answer:
    body = _checked(call, _TAG_TYPES, ("name",))
    name, store = _named(body, 1, 256), provider.store
    if name in store.tags:
        raise invalid("name", name, "is taken by another tag")
    values = text_list(body, "values", 256) if "values" in body else []
    store.tags[name] = Tag(store.new_id("tag"), name, body.get("description", ""), body.get("enabled", True), values)
    return Answer(201)


def _tag_of(provider: SendAuth, call: Call) -> Tag:
    tag = provider.store.tags.get(call.params["tagName"])
    if tag is None:
        raise Refused(404, "tag not found")
    return tag


def update_tag(provider: SendAuth, call: Call) -> Answer:
    """Fields that are not sent stay; a new name renames."""
    tag, store = _tag_of(provider, call), provider.store
    body = _checked(call, _TAG_TYPES)
    name = _named(body, 1, 256) if "name" in body else tag.name
    if name != tag.name and name in store.tags:
        raise invalid("name", name, "is taken by another tag")
    values = text_list(body, "values", 256) if "values" in body else tag.values
    del store.tags[tag.name]
    store.tags[name] = Tag(
        tag.id, name, body.get("description", tag.description), body.get("enabled", tag.enabled), values
    )
    return Answer(200)


def delete_tag(provider: SendAuth, call: Call) -> Answer:
    tag = _tag_of(provider, call)
    provider.no_body(call)
    del provider.store.tags[tag.name]
    for user in provider.store.users.values():
        user.tags.pop(tag.name, None)
    return Answer(204)


def list_permissions(provider: SendAuth, call: Call) -> Answer:
    return json_answer(200, {"permissions": [{"name": name} for name in provider.store.labels]})


def create_permission(provider: SendAuth, call: Call) -> Answer:
    name = _named(_checked(call, {"name": str}, ("name",)), 1, 64)
    if not name.isascii() or not name.isprintable():
        raise invalid("name", name, "must be printable ASCII")
    if name in provider.store.labels:
        raise invalid("name", name, "is taken by another permission")
    provider.store.labels[name] = None
    return json_answer(201, {"name": name})


def _known_labels(provider: SendAuth, body: dict[str, Any]) -> list[str]:
    labels = text_list(body, "permissions") if "permissions" in body else []
    for label in labels:
        if label not in provider.store.labels:
            raise invalid("permissions", label, "unknown permission")
    return labels


def list_permission_groups(provider: SendAuth, call: Call) -> Answer:
    return json_answer(200, {"groups": [group.as_json() for group in provider.store.groups.values()]})


def create_permission_group(provider: SendAuth, call: Call) -> Answer:
    body = _checked(call, {"id": str, "name": str, "permissions": list}, ("name",))
    group = Group(provider.store.new_id("group"), _named(body, 1, 128), _known_labels(provider, body))
    provider.store.groups[group.id] = group
    return json_answer(201, group.as_json())


def set_permission_group_permissions(provider: SendAuth, call: Call) -> Answer:
    group = provider.store.groups.get(call.params["id"].lower())
    if group is None:
        raise Refused(404, "permission group not found")
    group.permissions = _known_labels(provider, _checked(call, {"permissions": list}, ("permissions",)))
    provider.store.catalogue_changed()
    return Answer(200)


def list_companies(provider: SendAuth, call: Call) -> Answer:
    return json_answer(200, list(provider.store.companies.values()))


def create_company(provider: SendAuth, call: Call) -> Answer:
    name = _named(_checked(call, {"id": str, "orgID": str, "name": str, "createdAt": str}, ("name",)), 2, 100)
    return json_answer(201, provider.store.add_company(name, call.now))


def _approval_value(provider: SendAuth, group: Approval) -> dict[str, Any]:
    names = ("email", "firstName", "lastName")
    users = [provider.store.users[user_id] for user_id in group.users if user_id in provider.store.users]
    members = [
        {"id": user.id, **{name: user.fields[name] for name in names if name in user.fields}} for user in users
    ]
    return {**asdict(group), "users": members}


def list_auth_groups(provider: SendAuth, call: Call) -> Answer:
    return json_answer(200, [_approval_value(provider, group) for group in provider.store.approvals.values()])


def _approval_of(provider: SendAuth, call: Call) -> Approval:
    group = provider.store.approvals.get(call.params["id"].lower())
    if group is None:
        raise Refused(404, "approval group not found")
    return group


def get_auth_group(provider: SendAuth, call: Call) -> Answer:
    return json_answer(200, _approval_value(provider, _approval_of(provider, call)))


def add_user_to_auth_group(provider: SendAuth, call: Call) -> Answer:
    group, user = _approval_of(provider, call), provider.user_of(call)
    provider.no_body(call)
    if user.id not in group.users:
        group.users.append(user.id)
    return Answer(200)


def remove_user_from_auth_group(provider: SendAuth, call: Call) -> Answer:
    group, user = _approval_of(provider, call), provider.user_of(call)
    provider.no_body(call)
    if user.id in group.users:
        group.users.remove(user.id)
    return Answer(200)
