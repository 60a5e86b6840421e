# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Contabo customer has at the start, and state that the control API adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...people import COMPANY, LONG_AGO, ODD_PEOPLE, numbered
from .store import ACTIONS, WRITABLE, Role, User

if TYPE_CHECKING:
    from . import Contabo

_ALL = list(ACTIONS)
# Default roles: name, admin, rights. The names of the custom ones are there to hurt; two are the same.
DEFAULT_ROLES: tuple[tuple[str, bool, dict[str, list[str]]], ...] = (
    ("Administrator", True, {}),
    ("User manager", False, {"/v1/users": _ALL, "/v1/roles": ["READ"], "/v1/users/audits": ["READ"]}),
    ("User reader", False, {"/v1/users": ["READ"], "/v1/roles": ["READ"]}),
)
CUSTOM_ROLES = (
    "Snowflake", "data-engineer", "data-analyst", "vault-admin", "On-call", "2024", "2025", "R&D + Ops / 50%",
    "Überprüfung", "研究", "Finance", "finance", "..", "ops@example.com", "Twice", "Twice",
)
TAGS = ("prod", "dev", "2024")
OWNER, SERVICE = "owner@example.com", "svc-awx@example.com"
PASSWORDS = {OWNER: "sim-owner-password", SERVICE: "sim-svc-awx-password"}


def build(provider: Contabo) -> None:
    """Create the roles, the tags, the owner, the API user, and the other users that the options specify."""
    store, options = provider.store, provider.options
    for name in TAGS:
        store.tags[store.number("tag")] = name
    for name, admin, rights in DEFAULT_ROLES:
        permissions = [{"apiName": api, "actions": actions, "resources": []} for api, actions in rights.items()]
        role = Role(store.number("role"), name, admin, admin, "default", permissions)
        store.roles[role.id] = role
    for name in CUSTOM_ROLES:
        role = Role(
            store.number("role"),
            name,
            permissions=[{"apiName": "/v1/compute/instances", "actions": ["READ"], "resources": [7001]}],
        )
        store.roles[role.id] = role
    by_name = {role.name: role.id for role in reversed(store.roles.values())}
    _new(provider, "Olive", "Owner", OWNER).owner = True
    if options.preset == "company":
        _company(provider, by_name)
    if store.by_mail(SERVICE) is None:
        _new(provider, "Service", "AWX", SERVICE).roles = [by_name["Administrator"]]
    if options.odd_users:
        for first, last, mail in ODD_PEOPLE:
            _new(provider, first, last, mail)
    custom = [role.id for role in store.roles.values() if role.type == "custom"]
    for count in range(1, options.seed_users + 1):
        person = numbered(count)
        user = _new(provider, person["firstname"], person["lastname"], person["email"])
        user.roles = [custom[count % len(custom)]]


def _new(provider: Contabo, first: str, last: str, mail: str) -> User:
    store = provider.store
    user = User(store.new_user_id(), LONG_AGO + len(store.users))
    user.fields.update(
        firstName=first, lastName=last, email=mail.lower() if provider.options.lower_case_emails else mail
    )
    user.verified = user.password_set = True
    user.api_password = PASSWORDS.get(mail)
    store.add(user)
    return user


def _company(provider: Contabo, by_name: dict[str, int]) -> None:
    """Alan is disabled, Edsger has no second factor and no password yet, Radia's address is not verified."""
    sent = {
        "ada.lovelace": ("Snowflake", "data-analyst"),
        "grace.hopper": ("Administrator", "On-call"),
        "alan.turing": ("2024",),
        "katherine.johnson": ("Snowflake", "data-engineer"),
        "barbara.liskov": ("Twice",),
        "margaret.hamilton": ("User manager", "vault-admin"),
        "svc-awx": ("Administrator",),
    }
    for person in COMPANY:
        key = person["key"]
        user = _new(provider, person["firstname"], person["lastname"], person["email"])
        user.roles = [by_name[name] for name in sent.get(key, ())]
        user.fields["totp"] = key not in ("edsger.dijkstra", "svc-awx")
        user.fields["enabled"] = key != "alan.turing"
        user.fields["locale"] = "de-DE" if key == "tove.noether" else "en"
        user.password_set = key != "edsger.dijkstra"
        user.verified = key != "radia.perlman"


# State from the control API --------------------------------------------------------------------------------------


def _role_id(provider: Contabo, role: Any) -> int:
    """A role by id or, given as text, by its first exact name."""
    for known in provider.store.roles.values():
        if role in (known.id, known.name):
            return known.id
    raise ValueError(f"no role {role!r}")


def _put_user(provider: Contabo, item: dict[str, Any]) -> dict[str, Any]:
    """Writable fields, ``roles`` (ids or names), ``emailVerified``, ``owner``, ``password_set``, ``api_password``.

    With the ``userId`` of a user, that one is changed.
    """
    store = provider.store
    unknown = sorted(
        set(item) - {*WRITABLE, "userId", "roles", "emailVerified", "owner", "password_set", "api_password"}
    )
    if unknown:
        raise ValueError(f"unknown fields {unknown}")
    roles = [_role_id(provider, role) for role in item.pop("roles", ())] if "roles" in item else None
    plain = {name: item.pop(name) for name in WRITABLE if name in item}
    user_id = item.pop("userId", None)
    user = store.users.get(user_id)
    if user is None:
        user = User(user_id or store.new_user_id(), provider.clock.now())
        user.fields["email"] = plain["email"]
        store.add(user)
    store.change(user, plain)
    user.roles = user.roles if roles is None else roles
    user.verified = item.get("emailVerified", user.verified)
    user.owner = item.get("owner", user.owner)
    user.password_set = item.get("password_set", user.password_set)
    user.api_password = item.get("api_password", user.api_password)
    return provider.user_state(user)


def _put_role(provider: Contabo, item: dict[str, Any]) -> dict[str, Any]:
    """Fields of the API, and ``type``; with the ``roleId`` of a role, that one is changed."""
    store = provider.store
    role_id = item.get("roleId") or store.number("role")
    store.reserve("role", role_id)
    role = store.roles.get(role_id) or Role(role_id, item["name"])
    role.name, role.type = item.get("name", role.name), item.get("type", role.type)
    role.admin, role.all_resources = item.get("admin", role.admin), item.get("accessAllResources", role.all_resources)
    role.permissions = item.get("permissions", role.permissions)
    store.roles[role_id] = role
    return store.role_value(role)


def _put_tag(provider: Contabo, item: dict[str, Any]) -> dict[str, Any]:
    tag_id = item.get("tagId") or provider.store.number("tag")
    provider.store.reserve("tag", tag_id)
    provider.store.tags[tag_id] = item["name"]
    return {"tagId": tag_id, "name": item["name"]}


def _put_client(provider: Contabo, item: dict[str, Any]) -> dict[str, Any]:
    """Set the client secret from ``{"secret": ...}``, as if another client had rotated it."""
    provider.store.client.secret = str(item["secret"])
    provider.store.client.rotations += 1
    return provider.client_state()


MAKERS = {"users": _put_user, "roles": _put_role, "tags": _put_tag, "client": _put_client}
