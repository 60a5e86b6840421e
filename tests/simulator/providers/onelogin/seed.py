# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the OneLogin account holds at its start, and state that the control API adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...clock import iso_millis
from ...people import COMPANY, LONG_AGO, numbered
from .fields import FIELDS
from .store import Role, Store, User
from .users import clear_password

if TYPE_CHECKING:
    from . import OneLogin

# More than one page of 50. Some names are there to hurt: digits only, characters that URLs and queries give a meaning,
# letters beyond ASCII, two that differ by case only (Finance) and two that do not differ at all (Twice).
ROLE_NAMES = (
    "Default", "Snowflake", "Administrators", "2024", "2025", "R&D + Ops / 50%", "Überprüfung", "研究", "Finance",
    "finance", "Twice", "Twice", "data-engineer", "data-analyst", "vault-admin", "On-call", "VPN", "GitHub", "Jira",
    "AWS prod", "AWS dev",
    *(f"team-{number:02d}" for number in range(1, 41)),
)
GROUP_NAMES = ("Default", "Engineering", "Contractors", "2024", "Ops / EU + UK")
ATTRIBUTES = (("Employee ID", "employee_id"), ("Cost center", "cost_center"), ("Badge", "badge"))
APP_NAMES = ("Snowflake", "GitHub", "Jira", "AWS", "Vault")
# Role name -> apps that come with it.
APPS_OF_ROLES = {
    "Default": ("Jira",), "Snowflake": ("Snowflake",), "GitHub": ("GitHub",), "AWS prod": ("AWS",),
    "vault-admin": ("Vault",),
}


def build(store: Store, seed_users: int, preset: str, now: float) -> None:
    """Fill an empty store: roles, groups, attributes and apps always, and the users that the options specify."""
    for name in APP_NAMES:
        store.apps[store.number("app")] = name
    app_ids = {name: app_id for app_id, name in store.apps.items()}
    for name in ROLE_NAMES:
        role_id = store.number("role")
        store.roles[role_id] = Role(role_id, name, [app_ids[app] for app in APPS_OF_ROLES.get(name, ())])
    for name in GROUP_NAMES:
        store.groups[store.number("group")] = name
    for position, (name, shortname) in enumerate(ATTRIBUTES):
        store.add_attribute(name, shortname, position)
    role_ids, group_ids = list(store.roles), list(store.groups)
    if preset == "company":
        _company(store, now)
    for number in range(1, seed_users + 1):
        person = numbered(number)
        user = _new(store, person)
        user.custom = {"employee_id": person["employee_id"], "cost_center": f"CC-{number % 40:03d}"}
        user.fields["group_id"] = group_ids[number % len(group_ids)]
        user.roles = dict.fromkeys((role_ids[0], role_ids[21 + number % 40], *role_ids[12:12 + number % 3]), "manual")
        store.add_user(user)


def _new(store: Store, person: dict[str, Any]) -> User:
    user = User(store.number("user"))
    names = ("email", "firstname", "lastname", "department", "title")
    user.fields.update(
        {name: person[name] for name in names},
        username=person["key"],
        company="Example",
        state=1,
        status=1,
        invalid_login_attempts=0,
        activated_at=iso_millis(LONG_AGO + 3600),
        created_at=iso_millis(LONG_AGO + user.id),
        updated_at=iso_millis(LONG_AGO + 7200 + user.id),
        last_login=iso_millis(LONG_AGO + 86400 * (1 + user.id % 300)),
    )
    return user


def _company(store: Store, now: float) -> None:
    by_name = {role.name: role.id for role in reversed(store.roles.values())}
    groups = {name: group_id for group_id, name in store.groups.items()}
    sent = {
        "ada.lovelace": ("Snowflake", "data-analyst"),
        "grace.hopper": ("Administrators", "GitHub", "On-call"),
        "alan.turing": ("GitHub",),
        "katherine.johnson": ("Snowflake", "data-engineer", "2024"),
        "edsger.dijkstra": ("GitHub", "AWS dev"),
        "barbara.liskov": ("GitHub",),
        "margaret.hamilton": ("Administrators", "vault-admin"),
        "svc-awx": ("Administrators",),
    }
    for number, person in enumerate(COMPANY, 1):
        user = _new(store, person)
        key = person["key"]
        user.custom = {"employee_id": f"E{1000 + number}", "cost_center": f"CC-{100 + number % 3}"}
        user.fields["group_id"] = groups["Engineering" if person["department"] == "Engineering" else "Default"]
        user.roles = dict.fromkeys((by_name["Default"], *(by_name[name] for name in sent.get(key, ()))), "manual")
        if key == "barbara.liskov":
            user.roles[by_name["Snowflake"]] = "mapping"
        if key == "alan.turing":
            user.fields["status"] = 2
        if key == "edsger.dijkstra":
            user.fields.update(
                directory_id=7001, external_id="s-1-5-21-1001", samaccountname="edijkstra",
                distinguished_name="CN=edijkstra,DC=example",
            )
        store.add_user(user)
        if key == "katherine.johnson":
            store.lock(user, now + 86400, now)


# State from the control API --------------------------------------------------------------------------------------


def _put_role(provider: OneLogin, item: dict[str, Any]) -> dict[str, Any]:
    store = provider.store
    role_id = item.get("id") or store.number("role")
    store.reserve("role", role_id)
    role = store.roles.get(role_id) or Role(role_id, item["name"])
    role.name = item.get("name", role.name)
    role.apps = item.get("apps", role.apps)
    role.admins = item.get("admins", role.admins)
    store.roles[role_id] = role
    return {"id": role.id, "name": role.name}


def _put_group(provider: OneLogin, item: dict[str, Any]) -> dict[str, Any]:
    group_id = item.get("id") or provider.store.number("group")
    provider.store.reserve("group", group_id)
    provider.store.groups[group_id] = item["name"]
    return {"id": group_id, "name": item["name"]}


def _put_attribute(provider: OneLogin, item: dict[str, Any]) -> dict[str, Any]:
    name = item["shortname"]
    return provider.store.add_attribute(item.get("name", name), name, item.get("position"))


def _role_id(store: Store, role: Any) -> int:
    """A role by id or, given as text, by its first exact name."""
    if isinstance(role, int):
        if role not in store.roles:
            raise ValueError(f"no role {role}")
        return role
    for role_id, known in store.roles.items():
        if known.name == role:
            return role_id
    raise ValueError(f"no role {role!r}")


def _put_user(provider: OneLogin, item: dict[str, Any]) -> dict[str, Any]:
    """A user past all rules: fields of the model, and ``roles``, ``mapped_roles``, ``custom_attributes``, ``password``.

    ``roles`` and ``mapped_roles`` are lists of ids or names. An item with the ``id`` of a user changes that user.
    ``locked_for`` (seconds) locks. New users are approved and active unless specified otherwise.
    """
    store, now = provider.store, provider.clock.now()
    roles = {_role_id(store, role): "manual" for role in item.pop("roles", ())}
    roles.update({_role_id(store, role): "mapping" for role in item.pop("mapped_roles", ())})
    custom, password = item.pop("custom_attributes", None), item.pop("password", None)
    locked_for = item.pop("locked_for", None)
    unknown = sorted(set(item) - set(FIELDS))
    if unknown:
        raise ValueError(f"unknown fields {unknown}; known: {sorted(FIELDS)}")
    user_id = item.pop("id", None) or store.number("user")
    store.reserve("user", user_id)
    user = store.users.get(user_id)
    if user is None:
        user = User(user_id)
        stamp = iso_millis(now)
        user.fields.update(
            state=1, status=1, invalid_login_attempts=0, created_at=stamp, updated_at=stamp, activated_at=stamp
        )
        store.add_user(user)
    store.set_fields(user, item, None)
    for role_id, source in roles.items():
        store.give_role(user, role_id, source)
        user.roles[role_id] = source
    if custom is not None:
        for name in custom:
            if name not in store.attributes:
                _put_attribute(provider, {"shortname": name})
        user.custom = dict(custom)
    if password is not None:
        user.password = clear_password(password)
    if locked_for is not None:
        store.lock(user, now + locked_for, now)
    store.touch(user, None)
    return provider.user_state(user)


MAKERS = {"users": _put_user, "roles": _put_role, "groups": _put_group, "custom_attributes": _put_attribute}
