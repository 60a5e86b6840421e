# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra EE: the access of users and service accounts: tenants, groups, and roles by bindings.

The keys of entries are ``tenant``, ``tenant/group id`` and ``tenant/role id/namespace``. The id of a tenant has no
slash.
"""

from __future__ import annotations

import typing as t

from ..._core.errors import Problem, place_in
from ..._core.http.paging import Row
from ..._core.names import fold
from ..._core.plan.catalogue import Catalogue
from ..._core.plan.model import Account, Desired, Entries, Facet, Schema, Value
from ..._core.plan.steps import Step
from .bindings import Bindings, tenant_of
from .connection import PAGE, WAITS, Kestra, search_for

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
    group_ids: dict[str, list[str]] = {}
    for key in keys:
        tenant, _slash, identity = key.partition("/")
        group_ids.setdefault(tenant, []).append(identity)
    return group_ids


def merged(known: t.Mapping[str, Value], fresh: t.Mapping[str, Value]) -> dict[str, Value]:
    """Return the known document, updated with the new one. A null does not replace a known value."""
    return {**known, **{name: value for name, value in fresh.items() if value is not None or name not in known}}


class Access(Bindings):
    """A directory of users or service accounts, with the access that both can have.

    ``everywhere``: read groups and roles of all tenants. Otherwise, read only those of the tenants that the task names,
    or of the connection's tenant if it names none.
    """

    page_size = PAGE
    replaces = frozenset({"groups"})
    """A call sets all groups of a tenant."""

    def __init__(self, connection: Kestra, schema: Schema, everywhere: bool = True) -> None:
        super().__init__(connection, schema)
        self.everywhere = everywhere
        self._expected: set[str] = set()

    # -- names to ids --------------------------------------------------------------------------------------------

    def resolve(self, desired: t.Sequence[Desired]) -> list[str]:
        """Resolve tenants, groups and roles to ids, and check that tenants agree with groups and roles."""
        problems: list[str] = []
        self.many = len(desired) > self.lookups_up_to
        for user in desired:
            for name, target in user.facets.items():
                absent = target.mode == "absent"
                target.entries = self._entries(name, target.items or (), user, name, problems, absent)
                target.bounds = self._entries(name, target.managed or (), user, f"managed_{name}", problems)
            self._contradictions(user, problems)
            self._entail(user)
        if not self.everywhere:
            named = {tenant_of(key) for user in desired for target in user.facets.values() for key in target.entries}
            self.scope = named or {self.connection.tenant}
            if not named and not problems and desired:  # no entry has checked the connection's tenant
                self.connection.require_tenant(self.connection.tenant, "tenant", desired[0].place)
        return problems

    def _entries(
        self, facet: str, items: t.Iterable[Value], user: Desired, option: str, problems: list[str],
        absent: bool = False,
    ) -> Entries:
        entries: Entries = {}
        for number, item in enumerate(items):
            where = f"{option}[{number}]"
            if facet == "tenants":
                identity = self.tenants().identify(item, user.place, problems, where, absent)
                entries.update({} if identity is None else {identity: identity})
                continue
            problem = self._malformed(facet, item, user, where)
            if problem is not None:
                problems.append(problem)
                continue
            entry = item if isinstance(item, dict) else {_NAMED_BY[facet]: item}
            tenant = self._tenant_of(entry, user, where, problems, absent)
            if not tenant:
                continue
            name, identity = entry.get(_NAMED_BY[facet]), entry.get("id")
            reference = name if identity is None else {"id": identity, **({} if name is None else {"name": name})}
            identity = self._catalogue(facet, tenant).identify(
                reference, place_in(user.place, f"tenant {tenant}"), problems, where, absent
            )
            if identity is not None:
                key = f"{tenant}/{identity}" + (f"/{entry.get('namespace') or ''}" if facet == "roles" else "")
                entries[key] = self.shown(facet, key)
        return entries

    def _tenant_of(
        self, entry: t.Mapping[str, Value], user: Desired, where: str, problems: list[str], absent: bool
    ) -> str:
        """Return the tenant of a group or role, by default that of the connection. If it does not exist, add a problem
        and return an empty text."""
        named = entry.get("tenant")
        if named is not None and str(named) != self.connection.tenant:
            return self.tenants().identify(str(named), user.place, problems, where, absent) or ""
        unknown: list[str] = []
        tenant = self.tenants().identify(self.connection.tenant, "", unknown, "tenant", absent) or ""
        faults = [Problem(f"tenant: {text}", text.code, "", "tenant") for text in unknown if isinstance(text, Problem)]
        problems += [problem for problem in faults if problem not in problems]
        return tenant

    def _malformed(self, facet: str, item: Value, user: Desired, where: str) -> Problem | None:
        """Return what is wrong with the form of a group or role, None if it can be resolved."""
        if not isinstance(item, dict):
            return (
                user.problem(
                    f"{where}: {item!r} is not a {facet[:-1]}. Specify {_FORMS[facet]}.", "invalid_value", where
                )
                if isinstance(item, list)
                else None
            )
        texts = ("tenant", "namespace") if facet == "roles" else ("tenant",)
        unknown = sorted(str(key) for key in item if key not in (_NAMED_BY[facet], "id", *texts))
        if unknown:
            return user.problem(
                f"{where}: unknown key {', '.join(unknown)}. Specify {_FORMS[facet]}.", "unknown_key", where
            )
        if item.get(_NAMED_BY[facet]) is None and item.get("id") is None:
            return user.problem(
                f"{where}: {item!r} contains neither a name nor an id. Specify {_FORMS[facet]}.", "missing_field", where
            )
        for name in texts:
            if item.get(name) is not None and not isinstance(item[name], (str, int)):
                text = f"{where}: {name} is {item[name]!r}, not text. Specify a single text."
                return user.problem(text, "invalid_value", where)
            # such as an empty variable: it must not grant more
            if isinstance(item.get(name), str) and not item[name].strip():
                return user.problem(f"{where}: {name} is blank. Remove it, or specify one.", "blank_value", where)
        return None

    def _catalogue(self, facet: str, tenant: str) -> Catalogue:
        return self.connection.groups(tenant) if facet == "groups" else self.connection.roles(tenant)

    def shown(self, facet: str, key: str) -> Value:
        """Return an entry as results show it: with its tenant, and by name if the name resolves to it."""
        tenant, _slash, rest = key.partition("/")
        identity, _slash, namespace = rest.partition("/")
        item = self._catalogue(facet, tenant).show(identity)
        shown: dict[str, Value] = {
            "tenant": tenant,
            **({"id": identity} if isinstance(item, dict) else {_NAMED_BY[facet]: item}),
        }
        if facet == "roles":
            shown["namespace"] = namespace or None
        return shown

    def _contradictions(self, user: Desired, problems: list[str]) -> None:
        """Add a problem for each tenant of groups or roles that ``tenants`` leaves out.

        Groups and roles in a tenant give access to it, so the desired tenants would never be reached.
        """
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
                    problems.append(
                        user.problem(
                            f"{facet} names tenant {tenant}, which is missing from tenants. "
                            f"Add it to tenants, or remove its {facet}.",
                            "contradiction",
                            "tenants",
                        )
                    )

    def _entail(self, user: Desired) -> None:
        """Add the tenants of groups and roles to the desired tenants, so that the plan shows them."""
        tenants = user.facets.get("tenants")
        if tenants is not None and tenants.mode == "present":
            entailed = {
                tenant_of(key) for name, target in user.facets.items() if name != "tenants" for key in target.entries
            }
            tenants.entries.update((tenant, tenant) for tenant in entailed)

    # -- reading -------------------------------------------------------------------------------------------------

    def expect(self, key: str) -> None:
        """Note a user who may just have been created. Searches lag behind, so the next searches are repeated."""
        self._expected.add(fold(key))

    def lookup(self, key: str) -> list[Account]:
        """Return the accounts of this name.

        After a create with an unknown outcome, repeat the search for some seconds.
        """
        matches = self.search(key)
        for pause in WAITS if fold(key) in self._expected else ():
            if matches:
                break
            self.connection.clock.sleep(pause)
            matches = self.search(key)
        return matches

    def search(self, key: str) -> list[Account]:
        """Return the accounts of this name that the server's search currently shows."""
        raise NotImplementedError

    def read_whole(self, account: Account) -> None:
        """Read an account by its id, and update it with the fields and facets of its document."""
        whole = self.get(account.id)
        if whole is not None:
            account.values = merged(account.values, whole.values)
            account.raw = merged(account.raw, whole.raw)
            account.facets.update(whole.facets)

    def looks_at(self, key: str) -> bool:
        """Return whether this task reads the tenant of an entry."""
        return self.scope is None or tenant_of(key) in self.scope

    def access_of(self, raw: t.Mapping[str, Value]) -> Entries:
        """Return the tenants of a document of the API."""
        return {str(tenant["id"]): str(tenant["id"]) for tenant in raw.get("tenants") or ()}

    def groups_of(self, raw: t.Mapping[str, Value]) -> Entries:
        """Return the groups of a document of the API, by name."""
        return {key: self.shown("groups", key) for key in self.group_keys(raw) if self.looks_at(key)}

    def group_keys(self, raw: t.Mapping[str, Value]) -> list[str]:
        """Return the entries of the groups of a document of the API."""
        return [f"{group.get('tenantId') or self.connection.tenant}/{group['id']}" for group in raw.get("groups") or ()]

    def entries_of(self, account: Account, tenants: t.Iterable[str]) -> dict[str, Row]:
        """Return the access of an account to each of these tenants, as far as it has access.

        A server without the call by id refuses it with the same status as for an account without access. Therefore a
        refusal is followed by a search.
        """
        entries: dict[str, Row] = {}
        for tenant in sorted(tenants):
            answer = self.connection.call(
                "get_tenant_access", {"tenant": tenant, "id": account.id}, subject=account.key
            )
            if not answer.absent:
                if not isinstance(answer.body, dict):
                    raise answer.unreadable("it contains no object")
                entries[tenant] = answer.body
                continue
            rows = self.connection.rows("list_tenant_access", "users", {"tenant": tenant}, search_for(account.key)).rows
            row = next((row for row in rows if str(row.get("id")) == account.id), None)
            if row is not None:
                entries[tenant] = row
        return entries

    def membership(self, account: Account, tenant: str, entry: Row) -> list[str]:
        """Return the ids of an account's groups in a tenant, from its access there or the members of each group."""
        groups = entry.get("groups")
        if isinstance(groups, list) and all(isinstance(group, dict) and group.get("id") for group in groups):
            return [str(group["id"]) for group in groups]
        groups_of_account = []
        for identity in self.connection.groups(tenant).names:
            members = self.connection.rows("search_group_members", "members", {"tenant": tenant, "id": identity}).rows
            if any(str(member.get("id")) == account.id for member in members):
                groups_of_account.append(identity)
        return groups_of_account

    # -- what writing takes --------------------------------------------------------------------------------------

    def cost(self, step: Step) -> int:
        """Return the maximum number of calls of a step: one for each entry of a facet."""
        return len(step.add) + len(step.remove) if step.verb == "facet" else 1
