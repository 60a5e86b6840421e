# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra EE: what users and service accounts may do where - access to tenants, groups, and roles by bindings.

Entries of these facets are known by ``tenant``, ``tenant/group id`` and ``tenant/role id/namespace``. The id of a tenant
has no slash in it.
"""

from __future__ import annotations

import typing as t

from ..._core.errors import ApiError, Problem, place_in
from ..._core.http.api import Answer
from ..._core.http.paging import Row
from ..._core.plan.catalogue import Catalogue
from ..._core.plan.model import Account, Desired, DesiredFacet, Entries, Facet, Schema, Value
from ..._core.plan.plan import Step
from .bindings import Bindings, tenant_of
from .connection import PAGE, Kestra, search_for

TENANTS = Facet("tenants", "tenant", in_create=True)
GROUPS = Facet("groups", "group", in_create=True)
ROLES = Facet("roles", "role")
_NAMED_BY = {"groups": "name", "roles": "role"}
_FORMS = {
    "groups": "a name, {tenant, name} or {tenant, id}",
    "roles": "a name, {role, tenant, namespace} or {id, tenant, namespace}",
}


def by_tenant(keys: t.Iterable[str]) -> dict[str, list[str]]:
    """Return the ids of groups by tenant."""
    found: dict[str, list[str]] = {}
    for key in keys:
        tenant, _slash, identity = key.partition("/")
        found.setdefault(tenant, []).append(identity)
    return found


class Access(Bindings):
    """A directory of those who can be given access: what users and service accounts have in common.

    ``everywhere`` says whether groups and roles of all tenants are looked at, or only those of the tenants that the
    task names (and of the connection's tenant, if it names none).
    """

    page_size = PAGE
    replaces = frozenset({"groups"})
    """A call sets all groups of a tenant."""

    def __init__(self, connection: Kestra, schema: Schema, everywhere: bool = True) -> None:
        super().__init__(connection, schema)
        self.everywhere = everywhere
        self.needed: set[str] = set()

    # -- names to ids --------------------------------------------------------------------------------------------

    def prepare(self, facets: t.Collection[str]) -> None:
        """Take note of the facets that accounts are to be read with."""
        self.needed = set(facets)

    def resolve(self, desired: t.Sequence[Desired]) -> list[str]:
        """Resolve tenants, groups and roles to ids, and check that tenants and groups do not contradict each other."""
        problems: list[str] = []
        self.many = len(desired) > self.lookups_up_to
        for user in desired:
            for name, target in user.facets.items():
                target.entries = self._entries(name, target.items or (), user, name, problems)
                target.bounds = self._entries(name, target.managed or (), user, f"managed_{name}", problems)
            self._contradictions(user, problems)
            self._entail(user)
        if not self.everywhere:
            named = {tenant_of(key) for user in desired for target in user.facets.values() for key in target.entries}
            self.scope = named or {self.connection.tenant}
        return problems

    def _entries(self, facet: str, items: t.Iterable[Value], user: Desired, option: str, problems: list[str]) -> Entries:
        found: Entries = {}
        for number, item in enumerate(items):
            where = f"{option}[{number}]"
            if facet == "tenants":
                identity = self.tenants().identify(item, user.place, problems, where)
                found.update({} if identity is None else {identity: identity})
                continue
            problem = self._malformed(facet, item, user, where)
            if problem is not None:
                problems.append(problem)
                continue
            entry = item if isinstance(item, dict) else {_NAMED_BY[facet]: item}
            tenant = self.connection.tenant if entry.get("tenant") is None else str(entry["tenant"])
            if self.tenants().identify(tenant, user.place, problems, where) is None:
                continue
            name, identity = entry.get(_NAMED_BY[facet]), entry.get("id")
            wanted = name if identity is None else {"id": identity, **({} if name is None else {"name": name})}
            identity = self._catalogue(facet, tenant).identify(wanted, place_in(user.place, f"tenant {tenant}"), problems, where)
            if identity is not None:
                key = f"{tenant}/{identity}" + (f"/{entry.get('namespace') or ''}" if facet == "roles" else "")
                found[key] = self.shown(facet, key)
        return found

    def _malformed(self, facet: str, item: Value, user: Desired, where: str) -> Problem | None:
        """Return what is wrong with the form of a group or role, None where it can be resolved."""
        if not isinstance(item, dict):
            return user.problem(f"{where}: {item!r} is no {facet[:-1]}. Specify {_FORMS[facet]}.", "invalid_value", where) if isinstance(item, list) else None
        texts = ("tenant", "namespace") if facet == "roles" else ("tenant",)
        unknown = sorted(str(key) for key in item if key not in (_NAMED_BY[facet], "id", *texts))
        if unknown:
            return user.problem(f"{where}: unknown key {', '.join(unknown)}. Specify {_FORMS[facet]}.", "unknown_key", where)
        if item.get(_NAMED_BY[facet]) is None and item.get("id") is None:
            return user.problem(f"{where}: {item!r} names no {facet[:-1]}. Specify {_FORMS[facet]}.", "missing_field", where)
        for name in texts:
            if item.get(name) is not None and not isinstance(item[name], (str, int)):
                return user.problem(f"{where}: {name} is {item[name]!r}, and must be a text.", "invalid_value", where)
            if isinstance(item.get(name), str) and not item[name].strip():  # such as a variable that is empty: no reason to grant more
                return user.problem(f"{where}: {name} is blank. Remove it, or specify one.", "blank_value", where)
        return None

    def _catalogue(self, facet: str, tenant: str) -> Catalogue:
        return self.connection.groups(tenant) if facet == "groups" else self.connection.roles(tenant)

    def shown(self, facet: str, key: str) -> Value:
        """Return an entry as results have it: always with its tenant, by name where the name leads back to it."""
        tenant, _slash, rest = key.partition("/")
        identity, _slash, namespace = rest.partition("/")
        item = self._catalogue(facet, tenant).show(identity)
        shown: dict[str, Value] = {"tenant": tenant, **({"id": identity} if isinstance(item, dict) else {_NAMED_BY[facet]: item})}
        if facet == "roles":
            shown["namespace"] = namespace or None
        return shown

    def _contradictions(self, user: Desired, problems: list[str]) -> None:
        """Who has groups or roles in a tenant has access to it: tenants without that one would never be reached."""
        tenants = user.facets.get("tenants")
        if tenants is None or tenants.mode == "present":
            return
        for facet in ("groups", "roles"):
            target = user.facets.get(facet)
            if target is None or target.mode == "absent":
                continue
            for tenant in sorted(set(map(tenant_of, target.entries))):
                if tenants.mode == "absent":
                    left_out = tenant in tenants.entries
                else:
                    left_out = tenant not in tenants.entries and (tenants.mode == "exact" or tenant in tenants.bounds)
                if left_out:
                    problems.append(user.problem(
                        f"{facet} names tenant {tenant}, and tenants leaves it out. Add it to tenants, or remove its {facet}.", "contradiction", "tenants",
                    ))

    def _entail(self, user: Desired) -> None:
        """Add the access to tenants that groups and roles bring along to the tenants that are desired, so that the plan shows it."""
        tenants = user.facets.get("tenants")
        if tenants is not None and tenants.mode == "present":
            entailed = {tenant_of(key) for name, target in user.facets.items() if name != "tenants" for key in target.entries}
            tenants.entries.update((tenant, tenant) for tenant in entailed)

    # -- reading -------------------------------------------------------------------------------------------------

    def looks_at(self, key: str) -> bool:
        """Return whether the tenant of an entry is one that this task looks at."""
        return self.scope is None or tenant_of(key) in self.scope

    def access_of(self, raw: t.Mapping[str, Value]) -> Entries:
        """Return the tenants of a document of the API."""
        return {str(tenant["id"]): str(tenant["id"]) for tenant in raw.get("tenants") or ()}

    def groups_of(self, raw: t.Mapping[str, Value]) -> Entries:
        """Return the groups of a document of the API, by name."""
        keys = [f"{group.get('tenantId') or self.connection.tenant}/{group['id']}" for group in raw.get("groups") or ()]
        return {key: self.shown("groups", key) for key in keys if self.looks_at(key)}

    def entries_of(self, account: Account, tenants: t.Iterable[str]) -> dict[str, Row]:
        """Return the access of an account to each of these tenants, for those where it has access.

        A server without the call by id refuses it as one where there is no access, so a refusal is followed by a search.
        """
        entries: dict[str, Row] = {}
        for tenant in sorted(tenants):
            answer = self.connection.call("get_tenant_access", {"tenant": tenant, "id": account.id}, subject=account.key)
            if not answer.absent:
                if not isinstance(answer.body, dict):
                    raise answer.unreadable("it holds no object")
                entries[tenant] = answer.body
                continue
            rows = self.connection.rows("list_tenant_access", "users", {"tenant": tenant}, search_for(account.key)).rows
            row = next((row for row in rows if str(row.get("id")) == account.id), None)
            if row is not None:
                entries[tenant] = row
        return entries

    def membership(self, account: Account, tenant: str, entry: Row) -> list[str]:
        """Return the ids of an account's groups in a tenant: from its access there, or else from the members of each group."""
        groups = entry.get("groups")
        if isinstance(groups, list) and all(isinstance(group, dict) and group.get("id") for group in groups):
            return [str(group["id"]) for group in groups]
        found = []
        for identity in self.connection.groups(tenant).names:
            members = self.connection.rows("search_group_members", "members", {"tenant": tenant, "id": identity}).rows
            if any(str(member.get("id")) == account.id for member in members):
                found.append(identity)
        return found

    # -- writing -------------------------------------------------------------------------------------------------

    def write_facet(self, account: Account, step: Step) -> Entries:
        """Write tenants, groups or roles as differences; ``apply`` has given the access to tenants. Nothing is left against the plan."""
        if step.via == "tenants":
            for tenant in step.remove:
                self.connection.call("delete_tenant_access", {"tenant": tenant, "id": account.id}, subject=account.key)
        elif step.via == "groups":
            self.set_groups(account, step.final, {tenant_of(key) for key in (*step.add, *step.remove)}, {tenant_of(key) for key in step.add})
        else:
            self.write_roles(account, step.add, step.remove)
        return {}

    def give_access(self, account: Account, tenant: str, alone: bool = False) -> None:
        """Give access to a tenant; who has it already is left alone.

        A server without this call gives access with groups. Raises ApiError there if the access is desired ``alone``.
        """
        if tenant not in self.access_of(account.raw):
            answer = self.connection.call("create_tenant_access_1", {"tenant": tenant, "id": account.id}, subject=account.key)
            if alone and answer.status in (404, 405):
                raise self._refused(answer, account, "Run it again. If it stays so, this server gives access with groups only: give one of that tenant.")
            if isinstance(account.raw.get("tenants"), list):  # what is unknown does not become known by one more
                account.raw = {**account.raw, "tenants": [*account.raw["tenants"], {"id": tenant}]}

    def set_groups(self, account: Account, final: t.Iterable[str], tenants: t.Collection[str], entering: t.Collection[str]) -> None:
        """Set the groups of an account in some tenants: each call replaces those of its tenant and leaves the others'.

        From 2.0 on, access to the tenant has to be there first.
        """
        wanted = by_tenant(final)
        for tenant in sorted(tenants):
            if tenant in entering:
                self.give_access(account, tenant)
            body = {"groupIds": sorted(wanted.get(tenant, []))}
            self.connection.call("update_user_groups", {"tenant": tenant, "id": account.id}, json=body, subject=account.key)

    def remove(self, operation: str, path: t.Mapping[str, str], account: Account) -> None:
        """Delete an account, its bindings first: a user deleted with bindings has been seen to stay visible."""
        self.unbind(account)
        answer = self.connection.call(operation, path, subject=account.key)
        if answer.absent and self.get(account.id) is not None:
            raise self._refused(answer, account, "Check what still belongs to it.")

    def _refused(self, answer: Answer, account: Account, hint: str) -> ApiError:
        """Return the error for a status that usually is none."""
        operation = answer.operation
        message = self.connection.transport.reader.message_of(answer)
        return ApiError(operation.name, f"{operation.title} {account.key}", answer.status, message, hint)

    def apply(self, step: Step, account: Account | None, desired: Desired) -> tuple[Account | None, Entries]:
        """Execute one step, with the access to tenants that goes with it."""
        tenants, groups = desired.facets.get("tenants"), desired.facets.get("groups")
        if account is not None and step.via == "tenants":
            brought = set(map(tenant_of, groups.entries)) if groups is not None else set()
            for tenant in step.add:
                self.give_access(account, tenant, alone=tenant not in brought)
        if account is not None and step.via == "roles":
            given = set(tenants.entries) if tenants is not None and tenants.mode != "present" else set()
            for tenant in sorted({tenant_of(key) for key in step.add} - given):
                self.give_access(account, tenant)
        # Before 2.0 access to a tenant goes with the last group there, and the roles with the access: both are given again.
        emptied = self._emptied(step, tenants) if account is not None and step.verb == "facet" and step.via == "groups" else set()
        bound = self.bound_in(account, emptied) if account is not None else set()
        account, kept = super().apply(step, account, desired)
        if account is not None and emptied:
            for tenant in sorted(emptied):
                path = {"tenant": tenant, "id": account.id}
                if not self.connection.call("get_tenant_access", path, subject=account.key).absent:
                    continue
                answer = self.connection.call("create_tenant_access_1", path, subject=account.key)
                if answer.status in (404, 405):
                    raise self._refused(answer, account, "The access may have gone with the last group of the tenant. Give the user another group of it.")
                self.rebind(account, {key for key in bound if tenant_of(key) == tenant})
        return account, kept

    def _emptied(self, step: Step, tenants: DesiredFacet | None) -> set[str]:
        """Return the tenants that a step takes the last groups of, apart from those that the user is to lose."""
        emptied = {tenant_of(key) for key in step.remove} - {tenant_of(key) for key in step.final}
        if tenants is None or tenants.mode == "present":
            return emptied
        going = {"absent": set(tenants.entries), "managed": set(tenants.bounds) - set(tenants.entries)}
        return emptied & set(tenants.entries) if tenants.mode == "exact" else emptied - going[tenants.mode]

    def cost(self, step: Step) -> int:
        """Return the calls of a step: bindings one by one, groups by tenants, tenants one by one."""
        return len(step.add) + len(step.remove) if step.verb == "facet" else 1
