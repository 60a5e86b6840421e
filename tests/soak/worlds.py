# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What directories of each provider are made of, and what their states say: who is there, with which grants."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

State = dict[str, Any]
NAMES = (
    "ada@example.com", "Bo.Berg@example.com", "zoë@example.com", "o'neil+x@example.com", "eve@example.com",
    "ivy@corp.example", "max@corp.example", "kim@corp.example",
)  # fmt: skip
FIRST, LAST = ("Ada", "Bo", "Zoë", "O'Neil", "李明"), ("Berg", "Costa", "van der Meer", "Ñuñez")


def fold(name: Any) -> str:
    """Return the form in which names of users compare."""
    return unicodedata.normalize("NFC", str(name)).strip().lower()


@dataclass
class Person:
    """A user of a state: ``document`` is what the directory holds, ``grants`` the entries of each facet as texts.

    ``kept`` are entries that the server gives back at once.
    """

    id: str
    name: str
    document: Any
    grants: dict[str, Any]
    enabled: bool
    deleted: bool = False
    kept: frozenset[str] = frozenset()


@dataclass(frozen=True)
class World:
    """How random directories of one provider are made and read.

    ``facets`` are option -> what can be granted, ``fields`` option -> values. ``modules`` are the modules on one facet,
    with the facets of each, ``others`` further modules on one user with their options, ``wires`` option -> name of the
    field in a document. ``put`` returns a user for the simulator from a name, a number and grants; ``read`` the people
    of a state.
    """

    provider: str
    facets: Mapping[str, tuple[Any, ...]]
    fields: Mapping[str, tuple[Any, ...]]
    modules: Mapping[str, tuple[str, ...]]
    put: Callable[[random.Random, str, int, dict[str, Any]], dict[str, Any]]
    read: Callable[[State], list[Person]]
    id_of: Callable[[str, int], str]
    maps: frozenset[str] = frozenset()
    states: tuple[str, ...] = ("present", "present", "present", "present", "absent")
    simulator: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    others: Mapping[str, tuple[dict[str, Any], ...]] = field(default_factory=dict)
    wires: Mapping[str, str] = field(default_factory=dict)
    renames: bool = True

    def label(self, facet: str, item: Any) -> str:
        """Return the text by which a wished entry is found among the grants of a person."""
        if self.provider != "kestra" or facet == "tenants":
            return f"#{item['id']}" if isinstance(item, dict) else str(item)
        given = item if isinstance(item, dict) else {"name": item}
        name = given.get("role" if facet == "roles" else "name", given.get("name"))
        tenant = given.get("tenant", "main")
        return f"{tenant}/{name}" if facet == "groups" else f"{tenant}/{name}/{given.get('namespace') or ''}"


def _uuid(name: str, number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


# -- OneLogin --------------------------------------------------------------------------------------------------------

_ATTRIBUTES = {"employee_id": ("7", "007", "x"), "cost_center": ("CC-1", "CC/2"), "badge": ("B", "ü", "1.50")}


def _put_onelogin(chance: random.Random, name: str, number: int, grants: dict[str, Any]) -> dict[str, Any]:
    roles = [int(role["id"]) if isinstance(role, dict) else str(role) for role in grants["roles"]]
    mapped = chance.sample(["VPN", "Jira"], 1) if chance.random() < 0.2 else []
    item = {
        "id": 200000 + number,
        "username": name,
        "email": name,
        "firstname": "Ann",
        "lastname": "Old",
        "department": chance.choice(("", "Data")),
    }
    status = chance.choice((1, 1, 1, 1, 2, 0, 4))
    return {**item, "status": status, "roles": roles, "mapped_roles": mapped, "custom_attributes": grants["attributes"]}


def _read_onelogin(state: State) -> list[Person]:
    names = {role["id"]: role["name"] for role in state["roles"]}
    alike = list(names.values())
    people = []
    for user in state["users"]:
        labels = {role: names[role] if alike.count(names[role]) == 1 else f"#{role}" for role in user["role_ids"]}
        mapped = frozenset(labels[int(role)] for role, source in user["role_sources"].items() if source == "mapping")
        attributes = {
            name: str(value) for name, value in (user.get("custom_attributes") or {}).items() if value not in (None, "")
        }
        grants = {"roles": set(labels.values()), "attributes": attributes}
        enabled = user["state"] == 1 and user["status"] not in (0, 2)
        people.append(Person(str(user["id"]), user["username"], user, grants, enabled, kept=mapped))
    return people


# -- SendAuth --------------------------------------------------------------------------------------------------------


def _put_sendauth(chance: random.Random, name: str, number: int, grants: dict[str, Any]) -> dict[str, Any]:
    role = chance.choice(("user", "user", "admin", "super_admin"))
    item: dict[str, Any] = {
        "id": _uuid(name, number),
        "email": name,
        "firstName": "Ann",
        "lastName": "Old",
        "role": role,
    }
    item.update(
        permissions=[str(label) for label in grants["permissions"]],
        permissionGroups=[str(group) for group in grants["groups"]],
    )
    return {**item, "passkeys": chance.choice((0, 0, 1)), **({"deleted": True} if chance.random() < 0.15 else {})}


def _read_sendauth(state: State) -> list[Person]:
    people = []
    for part in ("users", "deleted_users"):
        for user in state[part]:
            grants = {"permissions": set(user.get("permissions") or ()), "groups": set(user["group_names"])}
            people.append(Person(user["id"], user["email"], user, grants, part == "users", part != "users"))
    return people


# -- Contabo ---------------------------------------------------------------------------------------------------------


def _put_contabo(chance: random.Random, name: str, number: int, grants: dict[str, Any]) -> dict[str, Any]:
    item = {
        "userId": _uuid(name, number),
        "email": name,
        "firstName": "Ann",
        "lastName": "Old",
        "locale": "en",
        "totp": False,
    }
    roles = [int(role["id"]) if isinstance(role, dict) else str(role) for role in grants["roles"]]
    return {**item, "enabled": chance.random() < 0.8, "roles": roles, "emailVerified": chance.random() < 0.7}


def _read_contabo(state: State) -> list[Person]:
    names = {role["roleId"]: role["name"] for role in state["roles"]}
    alike = list(names.values())
    people = []
    for user in state["users"]:
        roles = {names[role] if alike.count(names[role]) == 1 else f"#{role}" for role in user["roles"]}
        people.append(Person(user["userId"], user["email"], user, {"roles": roles}, user["enabled"]))
    return people


# -- Kestra ----------------------------------------------------------------------------------------------------------


def _put_kestra(chance: random.Random, name: str, number: int, grants: dict[str, Any]) -> dict[str, Any]:
    groups = [
        group if isinstance(group, dict) else {"tenant": "main", "name": str(group)} for group in grants["groups"]
    ]
    tenants = sorted({"main", *grants["tenants"]})
    item = {
        "id": f"person{number:016d}",
        "email": name,
        "firstName": "Ann",
        "lastName": "Old",
        "superAdmin": chance.random() < 0.2,
    }
    login = {"password": "Old-Passw0rd"} if chance.random() < 0.8 else {}
    return {**item, "restricted": False, **login, "tenants": tenants, "groups": groups}


def _read_kestra(state: State) -> list[Person]:
    people = []
    bindings: dict[str, list[Any]] = {}
    for binding in state["bindings"]:
        bindings.setdefault((binding.get("user") or {}).get("id", ""), []).append(binding)
    for user in state["users"]:
        own = bindings.get(user["id"], [])
        grants = {
            "tenants": set(user["tenants"]),
            "groups": {f"{group['tenant']}/{group['name']}" for group in user["groups"]},
            "roles": {f"{item['tenant']}/{item['role']['name']}/{item.get('namespace') or ''}" for item in own},
        }
        held = [(item["tenant"], item["role"]["id"], item.get("namespace")) for item in own]
        document = {
            **{name: value for name, value in user.items() if name != "bindings"},
            "held": sorted(map(str, held)),
        }
        people.append(Person(user["id"], user["email"], document, grants, bool(user["auths"])))
    return people


# -- nextAuth --------------------------------------------------------------------------------------------------------


def _put_nextauth(chance: random.Random, name: str, number: int, grants: dict[str, Any]) -> dict[str, Any]:
    item = {
        "userid": name,
        "attributes": grants["attributes"],
        "accounts": chance.sample(["Phone", "Tablet / Büro"], chance.randrange(3)),
    }
    return {**item, **({"permissions": grants["permissions"]} if grants["permissions"] else {})}


def _read_nextauth(state: State) -> list[Person]:
    people = []
    for user in state["users"]:
        grants = {"attributes": dict(user["attributes"]), "permissions": set(user["permissions"])}
        people.append(
            Person(
                user["userid"],
                user["userid"],
                user,
                grants,
                any(not account["blocked"] for account in user["accounts"]),
            )
        )
    return people


# -- all -------------------------------------------------------------------------------------------------------------

_TEXTS = ("", "Data", "R&D / 50%", "Überprüfung")
WORLDS = {
    "onelogin": World(
        "onelogin",
        {
            "roles": (
                "Snowflake",
                "2024",
                2025,
                "R&D + Ops / 50%",
                "Finance",
                "finance",
                "研究",
                {"id": "410011"},
                "VPN",
            ),
            "attributes": (),
        },
        {
            "firstname": FIRST,
            "lastname": LAST,
            "email": ("mail1@example.com", "mail2@example.com"),
            "title": _TEXTS,
            "department": _TEXTS,
            "phone": ("", "+49 30 1"),
            "group_id": ("310001", 310002),
            "enabled": (True, False),
            "status": ("active", "suspended"),
            "user_state": ("approved", "rejected"),
            "password": ("A-Canary-Passw0rd",),
        },
        {"onelogin_user_roles": ("roles",), "onelogin_user_attributes": ("attributes",)},
        _put_onelogin,
        _read_onelogin,
        lambda name, number: str(200000 + number),
        frozenset({"attributes"}),
        others={"onelogin_user_lock": ({"minutes": 60}, {}, {"state": "absent"})},
        wires={name: name for name in ("firstname", "lastname", "email", "title", "department", "phone")},
        simulator={
            "wire": ("v1", "bare"), "list_custom_attributes": (True, False), "empty_fields": ("null", "absent"),
            "v2_custom_attributes": ("replace", "merge"), "clears_with": ("null", "empty"),
            "v1_id_type": ("string", "string_input"), "taken_status": (422,),
        },
    ),
    "sendauth": World(
        "sendauth",
        {
            "permissions": ("VPN", "2024", 2025, "R&D + Ops / 50%", "Finance", "finance", ".."),
            "groups": ("Data", "2024", "Contractors", "研究", "Ops / EU + UK"),
        },
        {
            "first_name": FIRST,
            "last_name": LAST,
            "phone": ("", "+4520000009"),
            "company": (None, "Example", "2024"),
            "role": ("user", "admin", "super_admin"),
            "messaging_preference": ("sms", "email"),
            "restore": (True, False),
        },
        {"sendauth_user_roles": ("permissions", "groups")},
        _put_sendauth,
        _read_sendauth,
        _uuid,
        states=("present", "present", "present", "present", "absent", "destroyed"),
        others={"sendauth_user_passkey": ({},)},
        wires={"first_name": "firstName", "last_name": "lastName"},
        simulator={
            "update": ("replace", "merge"),
            "empty_lists": ("array", "absent", "null"),
            "default_page_size": (20, 2),
            "read_only_fields": ("refused",),
            "deleted_email": ("free",),
            "messaging_default": ("sms", "absent"),
            "restore_drops": (["permissions"], ["passkeys", "tags"]),
            "no_passkey_status": (404,),
            "error_bodies": ("text", "empty"),
        },
    ),
    "contabo": World(
        "contabo",
        {
            "roles": (
                "Snowflake", "2024", 2025, "R&D + Ops / 50%", "Finance", "finance", "研究", "..", "Administrator",
                "User manager",
            )
        },
        {
            "first_name": FIRST,
            "last_name": LAST,
            "enabled": (True, False),
            "totp": (True, False),
            "locale": ("en", "de"),
        },
        {"contabo_user_roles": ("roles",)},
        _put_contabo,
        _read_contabo,
        _uuid,
        wires={"first_name": "firstName", "last_name": "lastName"},
        simulator={
            "empty_names": ("empty", "absent"), "default_size": (10, 2), "max_size": (100, 3),
            "empty_list": ("404", "200", "404_when_filtered"), "lower_case_emails": (False,),
            "role_name_filter": ("exact",), "message_form": ("text",), "refresh": (False,),
        },
    ),
    "kestra": World(
        "kestra",
        {
            "tenants": ("main", "acme-eu"),
            "groups": (
                "data",
                "2024",
                "R&D + Ops / 50%",
                "Finance",
                "finance",
                {"tenant": "acme-eu", "name": "data"},
                {"tenant": "acme-eu", "name": "sales"},
            ),
            "roles": (
                "Viewer",
                "2024",
                {"role": "Developer", "namespace": "company.data"},
                {"role": "Developer", "namespace": "company"},
                {"tenant": "acme-eu", "role": "Viewer"},
            ),
        },
        {
            "first_name": FIRST,
            "last_name": LAST,
            "password": ("A-Canary-Passw0rd",),
            "instance_owner": (True, False),
            "restricted": (True, False),
            "enabled": (True, False),
        },
        {"kestra_user_groups": ("groups",), "kestra_user_roles": ("roles",)},
        _put_kestra,
        _read_kestra,
        lambda name, number: f"person{number:016d}",
        others={
            "kestra_user_auth_method": ({"all": True}, {"auth_methods": ["basic_auth"]}, {"auth_methods": ["okta"]})
        },
        wires={"first_name": "firstName", "last_name": "lastName", "restricted": "restricted"},
        simulator={
            "version": ("1.0", "1.3", "2.0"),
            "put_wipes_tenants": (True, False),
            "default_size": (10, 2),
            "unique_bindings": (False, True),
            "autocomplete_limit": (0, 3),
            "duplicate_status": (422,),
            "unknown_status": (400,),
            "created_body": ("never", "always"),
            "bound_users_linger": (True,),
            "denied_body": ("json",),
            "unknown_fields": ("refuse",),
            "unknown_auth_status": (400, 500),
        },
    ),
    "nextauth": World(
        "nextauth",
        {"attributes": (), "permissions": ("users", "accounts", "sessions")},
        {"enabled": (True, False)},
        {"nextauth_user_attributes": ("attributes",), "nextauth_user_roles": ("permissions",)},
        _put_nextauth,
        _read_nextauth,
        lambda name, number: name,
        frozenset({"attributes"}),
        renames=False,
        others={
            "nextauth_user_accounts": (
                {"all": True, "state": "absent"},
                {"all": True, "state": "blocked"},
                {"all": True, "state": "unblocked"},
                {"accounts": ["Phone"], "state": "blocked"},
                {"accounts": ["Phone"], "state": "absent"},
            ),
        },
        simulator={
            "attributes_form": ("object", "list", "string"),
            "empty_acl": ("absent", "entry"),
            "max_limit": (1000, 2),
            "attributes_type": ("application/json",),
            "empty_attributes": ("nothing", "null"),
            "totalnumber": ("absent",),
            "timestamps": ("milliseconds",),
            "unknown_key_status": (404,),
            "unknown_user_accounts": (404,),
            "error_bodies": ("text", "empty"),
            "accounts_of_deleted": ("orphaned",),
            "like_wildcards": (False,),
        },
    ),
}


def entries(chance: random.Random, world: World, facet: str, most: int = 3) -> Any:
    """Return some entries of a facet as options have them."""
    if facet in world.maps:
        return {name: chance.choice(values) for name, values in _ATTRIBUTES.items() if chance.random() < 0.5}
    choices = world.facets[facet]
    return chance.sample(choices, min(len(choices), chance.randrange(most + 1)))
