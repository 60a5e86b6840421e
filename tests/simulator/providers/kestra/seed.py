# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Kestra instance holds at its start, and state that the control API adds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...people import COMPANY, LONG_AGO, numbered
from . import body, rows, tokens
from .store import Binding, Group, Principal, Role, Store, Tenant, opaque, state_of

if TYPE_CHECKING:
    from . import Kestra


@dataclass(frozen=True)
class Credential:
    email: str
    token: str


PASSWORD = "Sim-Passw0rd"
CREDENTIALS = {
    "admin": Credential("sim-admin@example.com", "simadmin-token-of-an-administrator"),
    "manager": Credential("sim-manager@example.com", "simmanag-token-of-a-group-manager"),
    "nobody": Credential("sim-nobody@example.com", "simnobod-token-without-any-role"),
}

TENANTS = (
    Tenant("main", "Main", ["company", "company.data", "company.data.raw", "company.team"]),
    Tenant("acme-eu", "Acme Europe", ["company", "eu.sales"]),
)
# More than one page of 10. Some names are there to hurt: digits only, characters that URLs give a meaning, letters
# beyond ASCII, two that differ by case only; data and 2024 are in both tenants.
GROUPS = {
    "main": (
        "data", "platform", "security", "2024", "R&D + Ops / 50%", "Überprüfung", "研究", "Finance", "finance",
        "on-call",
        *(f"team-{number:02d}" for number in range(1, 21)),
    ),
    "acme-eu": ("data", "2024", "sales"),
}
_ALL = ["VIEW", "LIST", "CREATE", "UPDATE", "DELETE"]
_IAM = {name: list(_ALL) for name in ("USER", "ROLE", "BINDING", "SERVICE_ACCOUNT", "INVITATION", "TENANT_ACCESS")}
_FLOWS = {"FLOW": list(_ALL), "EXECUTION": [*_ALL, "EXECUTE", "KILL"], "NAMESPACE": ["VIEW", "LIST"]}
_READS = {name: ["VIEW", "LIST"] for name in ("USER", "ROLE", "BINDING", "TENANT_ACCESS")}
_GROUPS = {"GROUP": [*_ALL, "MANAGE_MEMBERS"]}
# Name -> permissions, default, managed.
ROLES: dict[str, tuple[dict[str, list[str]], bool, bool]] = {
    "Admin": ({**_IAM, **_GROUPS, **_FLOWS, "TENANT_SETTINGS": ["VIEW", "UPDATE"]}, False, True),
    "Developer": (_FLOWS, False, True),
    "Launcher": ({"FLOW": ["VIEW", "LIST"], "EXECUTION": ["VIEW", "LIST", "CREATE", "EXECUTE"]}, False, True),
    "Viewer": ({"FLOW": ["VIEW", "LIST"], "EXECUTION": ["VIEW", "LIST"]}, True, True),
    "Group manager": ({**_READS, **_GROUPS}, False, False),
    "2024": ({"DASHBOARD": ["VIEW", "LIST"]}, False, False),
    "Ops + EU / 50%": ({"NAMESPACE": ["VIEW", "LIST"]}, False, False),
    "Prüfer": ({"AUDITLOG": ["VIEW", "LIST"]}, False, False),
    **{f"role-{number}": ({"FLOW": ["VIEW"]}, False, False) for number in range(1, 5)},
}


def build(provider: Kestra, seed_users: int, preset: str) -> None:
    """Fill an empty store: tenants, groups, roles, service accounts and credentials.

    Also create the users that ``seed_users`` and ``preset`` specify.
    """
    store = provider.store
    for tenant in TENANTS:
        store.add_tenant(Tenant(tenant.id, tenant.name, list(tenant.namespaces)))
        for name in GROUPS[tenant.id]:
            store.add_group(Group(opaque(f"group {tenant.id} {name}"), tenant.id, name))
        for name, (permissions, default, managed) in ROLES.items():
            store.add_role(
                Role(opaque(f"role {tenant.id} {name}"), tenant.id, name, None, permissions, default, managed)
            )
    for key, tenant_id in (("main", "main"), ("eu", "acme-eu")):
        principal = Principal(
            opaque(f"account ci-deploy {key}"),
            service=True,
            name="ci-deploy",
            description="Deploys flows",
            tenants={tenant_id: None},
        )
        store.add(principal)
    store.add(Principal(opaque("account backup"), service=True, name="backup", super_admin=True))
    for name, credential in CREDENTIALS.items():
        principal = _user(store, name, credential.email, "Sim", name.capitalize())
        principal.super_admin = name == "admin"
        if name == "manager":
            principal.tenants["main"] = None
        store.add(principal)
        if name == "manager":
            _bind(store, principal.id, "main", "Group manager")
        tokens.make(provider, principal, "simulator", LONG_AGO, credential.token)
    if preset == "company":
        _company(provider)
    group_ids = [group.id for group in store.groups.values() if group.tenant == "main"]
    for number in range(1, seed_users + 1):
        person = numbered(number)
        principal = _user(store, person["key"], person["email"], person["firstname"], person["lastname"])
        principal.tenants["main"] = None
        principal.groups = dict.fromkeys((group_ids[10 + number % 20], *group_ids[:number % 3]), "MEMBER")
        store.add(principal)


def _user(store: Store, key: str, email: str, first: str, last: str) -> Principal:
    principal = Principal(opaque(f"user {key}"), email=email, first=first, last=last, sessions=1)
    store.set_password(principal, PASSWORD)
    return principal


def _bind(
    store: Store, external_id: str, tenant_id: str, role: str, namespace: str | None = None, kind: str = "USER"
) -> Binding:
    role_id = next(
        item.id for item in store.roles.values() if item.tenant == tenant_id and role in (item.name, item.id)
    )
    binding = Binding(store.new_id("binding"), tenant_id, kind, external_id, role_id, namespace)
    store.add_binding(binding)
    return binding


def _company(provider: Kestra) -> None:
    store = provider.store
    main = {name: opaque(f"group main {name}") for name in GROUPS["main"]}
    fields = {
        "ada.lovelace": ("data", "2024"),
        "grace.hopper": ("platform", "on-call", "R&D + Ops / 50%"),
        "alan.turing": ("platform",),
        "katherine.johnson": ("data", "研究"),
        "dennis.ritchie": ("platform", "team-01"),
        "margaret.hamilton": ("security", "on-call"),
        "radia.perlman": ("Überprüfung",),
        "tove.noether": ("Finance", "finance"),
    }
    for person in COMPANY:
        key = person["key"]
        principal = _user(store, key, person["email"], person["firstname"], person["lastname"])
        principal.super_admin = key in ("grace.hopper", "svc-awx")
        principal.restricted = key == "alan.turing"
        if key != "edsger.dijkstra":
            principal.tenants["main"] = None
        principal.groups = {
            main[name]: "OWNER" if key == "margaret.hamilton" else "MEMBER" for name in fields.get(key, ())
        }
        if key == "katherine.johnson":
            principal.password, principal.auths = None, [{"id": store.new_id("auth"), "name": "okta", "type": "OIDC"}]
        if key == "ada.lovelace":
            principal.auths.append({"id": store.new_id("auth"), "name": "google", "type": "OIDC"})
            principal.tenants["acme-eu"] = None
            principal.groups[opaque("group acme-eu data")] = "MEMBER"
        store.add(principal)
        if key == "barbara.liskov":
            _bind(store, principal.id, "main", "Developer", "company.data")
        if key == "margaret.hamilton":
            _bind(store, principal.id, "main", "Admin")
        if key == "radia.perlman":
            for name, age, max_age in (("cli", 86400.0 * 10, None), ("old", 86400.0 * 40, 86400.0 * 30)):
                token, _full = tokens.make(provider, principal, name, provider.clock.now() - age)
                token.max_age, token.expires = max_age, None if max_age is None else token.issued + max_age
    _bind(store, main["platform"], "main", "Developer", kind="GROUP")
    _bind(store, main["data"], "main", "Viewer", "company.data", "GROUP")


# State from the control API --------------------------------------------------------------------------------------


def _known(item: dict[str, Any], *names: str) -> None:
    unknown = sorted(set(item) - set(names))
    if unknown:
        raise ValueError(f"unknown fields {unknown}; known: {', '.join(names)}")


def _group_id(store: Store, fields: str | dict[str, str]) -> str:
    """An id, a name in main, or ``{"tenant": id, "name": name}``."""
    if isinstance(fields, str) and fields in store.groups:
        return fields
    place = {"tenant": "main", "name": fields} if isinstance(fields, str) else fields
    group = store.group_named(place.get("tenant", "main"), place["name"])
    if group is None:
        raise ValueError(f"no group {fields!r}")
    return group.id


def _principal(store: Store, key: str, kind: str = "user") -> Principal:
    """A user by id or e-mail address, or a service account by id. ``kind`` is for the message."""
    principal = store.principals.get(key) or store.user_by_email(key)
    if principal is None:
        raise ValueError(f"no {kind} {key!r}")
    return principal


def _tenant_id(store: Store, fields: str) -> str:
    if fields not in store.tenants:
        raise ValueError(f"no tenant {fields!r}")
    return fields


def _place(store: Store, principal: Principal, item: dict[str, Any]) -> None:
    """Exactly these tenants and groups, where they are given; a group brings its tenant along.

    Raises ValueError before the first change.
    """
    kept = [_tenant_id(store, fields) for fields in item.get("tenants", ())]
    if "groups" in item:
        requested = {
            _group_id(store, fields): fields.get("membership", "MEMBER") if isinstance(fields, dict) else "MEMBER"
            for fields in item["groups"]
        }
        for group_id in [group_id for group_id in principal.groups if group_id not in requested]:
            store.leave(principal, group_id, revokes=False)
        for group_id, membership in requested.items():
            store.join(principal, group_id, membership)
    if "tenants" in item:
        for tenant_id in [tenant_id for tenant_id in principal.tenants if tenant_id not in kept]:
            store.take_access(principal, tenant_id)
        principal.tenants.update(dict.fromkeys(kept))
    principal.tenants.update(dict.fromkeys(store.groups[group_id].tenant for group_id in principal.groups))


def _put_user(provider: Kestra, item: dict[str, Any]) -> dict[str, Any]:
    _known(
        item, "id", "email", "firstName", "lastName", "superAdmin", "restricted", "tenants", "groups", "password",
        "auths", "sessions",
    )
    store = provider.store
    principal = store.user(item["id"]) if "id" in item else store.user_by_email(item["email"])
    if principal is None:
        principal = Principal(item.get("id") or store.new_id("user"), email=item["email"])
    elif "email" in item:
        store.set_email(principal, item["email"])
    principal.first, principal.last = item.get("firstName", principal.first), item.get("lastName", principal.last)
    principal.super_admin = item.get("superAdmin", principal.super_admin)
    principal.restricted = item.get("restricted", principal.restricted)
    principal.sessions = item.get("sessions", principal.sessions)
    if "auths" in item:
        principal.auths = [
            {"id": auth.get("id") or store.new_id("auth"), "name": auth["name"], "type": auth["type"]}
            for auth in item["auths"]
        ]
    if "password" in item:
        store.set_password(principal, item["password"])
    _place(store, principal, item)
    store.save(principal)
    return state_of(store, principal, provider.clock.now())


def _put_account(provider: Kestra, item: dict[str, Any]) -> dict[str, Any]:
    """Names are not unique: without the id of an account, this is a new one."""
    _known(item, "id", "name", "description", "superAdmin", "tenants", "groups")
    store = provider.store
    principal = store.account(item.get("id", ""))
    if principal is None:
        principal = Principal(item.get("id") or store.new_id("account"), service=True)
    principal.name = item.get("name", principal.name)
    principal.description = item.get("description", principal.description)
    principal.super_admin = item.get("superAdmin", principal.super_admin)
    _place(store, principal, item)
    store.save(principal)
    return state_of(store, principal, provider.clock.now())


def _put_tenant(provider: Kestra, item: dict[str, Any]) -> dict[str, Any]:
    _known(item, "id", "name", "namespaces")
    tenant = Tenant(item["id"], item.get("name", item["id"]), list(item.get("namespaces", ())))
    provider.store.add_tenant(tenant)
    return {"id": tenant.id, "name": tenant.name, "namespaces": tenant.namespaces}


def _put_group(provider: Kestra, item: dict[str, Any]) -> dict[str, Any]:
    """``members`` are e-mails or ids. With the id of a group, that group is changed."""
    _known(item, "id", "tenant", "name", "description", "members")
    store = provider.store
    group = store.groups.get(item.get("id", ""))
    if group is None:
        tenant_id = _tenant_id(store, item.get("tenant", "main"))
        group = Group(item.get("id") or store.new_id("group"), tenant_id, item["name"])
    group.name, group.description = item.get("name", group.name), item.get("description", group.description)
    store.add_group(group)
    for fields in item.get("members", ()):
        principal = _principal(store, fields)
        principal.tenants[group.tenant] = None
        store.join(principal, group.id)
        store.reindex(principal)
    return {**rows.group_detail(group), "tenant": group.tenant, "members": list(group.members)}


def _put_role(provider: Kestra, item: dict[str, Any]) -> dict[str, Any]:
    _known(item, "id", "tenant", "name", "description", "permissions", "isDefault", "isManaged")
    store = provider.store
    role = Role(
        item.get("id") or store.new_id("role"),
        _tenant_id(store, item.get("tenant", "main")),
        item["name"],
        item.get("description"),
    )
    role.permissions = item.get("permissions", {})
    role.is_default, role.is_managed = item.get("isDefault", False), item.get("isManaged", False)
    store.add_role(role)
    return {**rows.role_detail(role, True), "tenant": role.tenant}


def _put_binding(provider: Kestra, item: dict[str, Any]) -> dict[str, Any]:
    """``user`` (e-mail or id, of a service account too) or ``group``, and ``role`` (name or id)."""
    _known(item, "tenant", "user", "group", "role", "namespace")
    store, tenant_id = provider.store, _tenant_id(provider.store, item.get("tenant", "main"))
    if "group" in item:
        external_id = _group_id(
            store, item["group"] if item["group"] in store.groups else {"tenant": tenant_id, "name": item["group"]}
        )
    else:
        external_id = _principal(store, item["user"]).id
    if not any(role.tenant == tenant_id and item["role"] in (role.name, role.id) for role in store.roles.values()):
        raise ValueError(f"no role {item['role']!r} in {tenant_id}")
    binding = _bind(
        store, external_id, tenant_id, item["role"], item.get("namespace"), "GROUP" if "group" in item else "USER"
    )
    return {**rows.binding_detail(store, binding), "tenant": tenant_id}


def _put_token(provider: Kestra, item: dict[str, Any]) -> dict[str, Any]:
    """``owner`` (e-mail or id), ``name``, ``value`` (the full token), ``age`` (seconds since its issue),
    ``maxAge`` (seconds or P30D)."""
    _known(item, "owner", "name", "value", "age", "maxAge", "description", "extended", "lastUsed")
    store, now = provider.store, provider.clock.now()
    owner = _principal(store, item["owner"], "user or service account")
    max_age = body.duration(item["maxAge"]) if isinstance(item.get("maxAge"), str) else item.get("maxAge")
    token, _full = tokens.make(provider, owner, item["name"], now - item.get("age", 0), item.get("value"))
    token.description, token.extended, token.max_age = item.get("description"), item.get("extended", False), max_age
    token.expires = None if max_age is None else token.issued + max_age
    token.last_used = now - item["lastUsed"] if "lastUsed" in item else None
    return tokens.token_state(provider, token, now)


MAKERS = {
    "users": _put_user,
    "service_accounts": _put_account,
    "tenants": _put_tenant,
    "groups": _put_group,
    "roles": _put_role,
    "bindings": _put_binding,
    "tokens": _put_token,
}
