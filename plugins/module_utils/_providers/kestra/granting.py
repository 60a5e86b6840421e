# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra EE: how access to tenants, groups and roles is granted and revoked, for users and service accounts alike."""

from __future__ import annotations

import typing as t

from ..._core.errors import ApiError, RollcallError, UnclearAnswer
from ..._core.http.api import Answer
from ..._core.plan.model import Account, Desired, DesiredFacet, Entries
from ..._core.plan.steps import Step
from ..._core.run.writing import Writing
from .access import Access, by_tenant
from .bindings import role_key, tenant_of
from .connection import Kestra


class Granting(Writing):
    """The difference of a user or service account that can have access."""

    directory: Access
    connection: Kestra

    def __init__(self, directory: Access, desired: Desired, account: Account | None = None) -> None:
        super().__init__(directory, desired, account)
        if account is not None:
            directory.written.add(account.id)

    # -- facets --------------------------------------------------------------------------------------------------

    def facet(self, step: Step) -> Entries:
        """Write tenants, groups or roles, with the access to tenants that they require.

        Afterwards, no access contradicts the plan.
        """
        if step.via == "tenants":
            self._write_tenants(step)
        elif step.via == "groups":
            self._write_groups(step)
        else:
            tenants = self.desired.facets.get("tenants")
            granted = set(tenants.entries) if tenants is not None and tenants.mode != "present" else set()
            for tenant in sorted({tenant_of(key) for key in step.add} - granted):
                self.give_access(self.account, tenant)
            self.write_roles(self.account, step.add, step.remove)
        return {}

    def _write_tenants(self, step: Step) -> None:
        """Grant and revoke the access to tenants.

        On servers that cannot grant a tenant alone, its groups grant the access.
        """
        groups = self.desired.facets.get("groups")
        brought = set(map(tenant_of, groups.entries)) if groups is not None else set()
        for tenant in step.add:
            self.give_access(self.account, tenant, alone=tenant not in brought)
        for tenant in step.remove:
            self.connection.call(
                "delete_tenant_access", {"tenant": tenant, "id": self.account.id}, subject=self.account.key
            )

    def _write_groups(self, step: Step) -> None:
        """Set groups.

        Before 2.0, the access to a tenant and the roles there disappear with the last group: both are granted again.
        """
        account = self.account
        emptied = _emptied(step, self.desired.facets.get("tenants"))
        bound = self.bound_in(account, emptied)
        entering = {tenant_of(key) for key in step.add}
        for tenant in sorted({*entering, *map(tenant_of, step.remove)}):
            lone = emptied & {tenant}
            try:
                self.set_groups(account, step.final, {tenant}, entering)
            except UnclearAnswer:
                self.regain(lone, bound)  # a rerun would find the groups right, and not see the loss
                raise
            self.regain(lone, bound)

    def regain(self, tenants: t.Iterable[str], bound: t.Collection[str]) -> None:
        """Grant again the access and the roles that a server has removed with the last groups of these tenants.

        Raises RollcallError with the lost roles if that fails. The error is never UnclearAnswer: the groups are right
        already, so another attempt would not see the loss.
        """
        for tenant in sorted(tenants):
            keys = {key for key in bound if tenant_of(key) == tenant}
            try:
                taken = self._regain_access(tenant)
            except RollcallError as error:
                roles = f" Roles there: {self._shown(keys)}." if keys else ""
                error.hint = _lasting(
                    error,
                    f"A rerun does not restore this: check the access of {self.account.key} to tenant {tenant}, and "
                    f"grant again what is missing.{roles}",
                )
                raise _definite(error) from error
            if taken:
                self.rebind(self.account, keys)

    def _regain_access(self, tenant: str) -> bool:
        """Grant the access to a tenant again if it is gone, and return whether it was."""
        path, subject = {"tenant": tenant, "id": self.account.id}, self.account.key
        if not self.connection.call("get_tenant_access", path, subject=subject).absent:
            return False
        try:
            answer = self._enter(self.account, tenant)
        except UnclearAnswer:
            if not self.connection.call("get_tenant_access", path, subject=subject).absent:
                return True
            answer = self._enter(self.account, tenant)
        if answer.status in (404, 405):
            raise self._refused(answer, "Add the user to another group of the tenant.")
        return True

    def give_access(self, account: Account, tenant: str, alone: bool = False) -> None:
        """Grant access to a tenant, unless the account already has it.

        A server without this call grants access with groups. Raises ApiError there if the access is desired ``alone``.
        """
        if tenant not in self.directory.access_of(account.raw):
            answer = self._enter(account, tenant)
            if alone and answer.status in (404, 405):
                raise self._refused(
                    answer,
                    "Run the task again. If this persists, this server grants access only through groups: specify a "
                    "group of that tenant.",
                )
            if isinstance(account.raw.get("tenants"), list):  # an unknown list stays unknown after an addition
                account.raw = {**account.raw, "tenants": [*account.raw["tenants"], {"id": tenant}]}

    def _enter(self, account: Account, tenant: str) -> Answer:
        """Grant access to a tenant and return the answer.

        If it is neither 201 nor one of the other documented ones, read the access: a rerun would not grant what roles
        require. Raises RollcallError if there is none.
        """
        path = {"tenant": tenant, "id": account.id}
        answer = self.connection.call("create_tenant_access_1", path, subject=account.key)
        if answer.status == 201 or answer.absent or self.directory.entries_of(account, [tenant]):
            return answer
        raise RollcallError(
            f"The server accepted the access of {account.key} to tenant {tenant} ({answer.status}), but does not "
            "report it.",
            "Check that no proxy in front of the API blocks PUT requests, then run the task again.",
            "not_applied",
        )

    def set_groups(
        self, account: Account, final: t.Iterable[str], tenants: t.Collection[str], entering: t.Collection[str]
    ) -> None:
        """Set the groups of an account in some tenants. Each call replaces the groups of one tenant.

        From 2.0 on, the account must already have access to the tenant.
        """
        groups = by_tenant(final)
        for tenant in sorted(tenants):
            if tenant in entering:
                self.give_access(account, tenant)
            body = {"groupIds": sorted(groups.get(tenant, []))}
            self.connection.call(
                "update_user_groups", {"tenant": tenant, "id": account.id}, json=body, subject=account.key
            )

    # -- roles ---------------------------------------------------------------------------------------------------

    def write_roles(self, account: Account, add: t.Iterable[str], remove: t.Iterable[str]) -> None:
        """Bind and unbind roles.

        A binding cannot be changed. If several bindings grant a role, all of them are removed.
        """
        bindings: dict[str, list[str]] = account.details.get("bindings") or {}
        self.directory.written.add(account.id)
        for key in sorted(add):
            try:
                self._bind(account, key)
            except UnclearAnswer:
                # The search may lag behind: repeat it until it shows this binding or the time is over.
                self.directory.unsure[account.id] = {key}
                raise
        for key in sorted(remove):
            for identity in bindings.get(key, ()):
                self.connection.call("delete_binding", {"tenant": tenant_of(key), "id": identity}, subject=account.key)

    def bound_in(self, account: Account, tenants: t.Collection[str]) -> set[str]:
        """Return the keys of the roles that bindings currently grant the account itself in these tenants."""
        self.directory.written.add(account.id)
        return {role_key(tenant, row) for tenant in sorted(tenants) for row in self.directory.bindings(tenant, account)}

    def rebind(self, account: Account, keys: t.Collection[str]) -> None:
        """Bind the roles again that a server has removed with the last group of a tenant.

        Raises RollcallError with the lost roles if that fails.
        """
        left = sorted(keys)
        bindings = dict(account.details.get("bindings") or {})
        while left:
            try:
                bindings.update(self._bound_again(account, left[0]))
            except RollcallError as error:
                error.hint = _lasting(
                    error,
                    f"A rerun does not restore this: {account.key} has lost roles with the last group of tenant "
                    f"{tenant_of(left[0])}. Grant them again: {self._shown(left)}.",
                )
                raise _definite(error) from error
            del left[0]
        account.details["bindings"] = bindings

    def _shown(self, keys: t.Iterable[str]) -> str:
        """Return the roles of a tenant by name: ``Viewer, Editor (namespace sales)``."""
        texts = []
        for key in sorted(keys):
            role = self.directory.shown("roles", key)
            entry = role if isinstance(role, dict) else {}
            name = entry.get("role") or f"id {entry.get('id')}"
            texts.append(f"{name} (namespace {entry['namespace']})" if entry.get("namespace") else str(name))
        return ", ".join(texts)

    def _bound_again(self, account: Account, key: str) -> dict[str, list[str]]:
        """Bind a role, and return the ids of its bindings.

        After an unclear answer, search for the binding, and send it again if it is missing.
        """
        try:
            answer = self._bind(account, key)
        except UnclearAnswer:
            self.directory.unsure[account.id] = {key}
            self.directory.roles_of(account)
            bindings: dict[str, list[str]] = account.details["bindings"]
            if key in bindings:
                return {key: bindings[key]}
            answer = self._bind(account, key)
        return {key: [str(answer.body["id"])]} if isinstance(answer.body, dict) and answer.body.get("id") else {}

    def _bind(self, account: Account, key: str) -> Answer:
        self.directory.written.add(account.id)
        tenant, role, namespace = key.split("/", 2)
        body = {
            "type": "USER",
            "externalId": account.id,
            "roleId": role,
            **({"namespaceId": namespace} if namespace else {}),
        }
        return self.connection.call("create_binding", {"tenant": tenant}, json=body, subject=account.key)

    def unbind(self, account: Account) -> None:
        """Remove all bindings of an account, in every tenant."""
        account.details["bindings"] = bindings = self.directory.bound(account, everywhere=True)
        self.write_roles(account, (), bindings)

    # -- the end -------------------------------------------------------------------------------------------------

    def remove(self, operation: str, path: t.Mapping[str, str]) -> None:
        """Delete the bindings, then the account.

        A user who is deleted with bindings has been observed to stay visible.
        """
        self.unbind(self.account)
        answer = self.connection.call(operation, path, subject=self.account.key)
        if answer.absent and self.directory.get(self.account.id) is not None:
            raise self._refused(answer, "Check what still depends on it.")

    def _refused(self, answer: Answer, hint: str) -> ApiError:
        return self.connection.refusal(answer, self.account.key, hint)


def _definite(error: RollcallError) -> RollcallError:
    """Return an error that leads to no further attempt."""
    return RollcallError(error.message, error.hint, error.code) if isinstance(error, UnclearAnswer) else error


def _lasting(error: RollcallError, advice: str) -> str:
    """Return the hint of an error after which a rerun does not help: its own unless it is a rerun, and the advice."""
    own = error.hint if isinstance(error, ApiError) and error.status < 500 else ""
    return f"{own} {advice}".strip()


def _emptied(step: Step, tenants: DesiredFacet | None) -> set[str]:
    """Return the tenants whose last groups a step removes, except those that the user is to lose."""
    emptied = {tenant_of(key) for key in step.remove} - {tenant_of(key) for key in step.final}
    if tenants is None or tenants.mode == "present":
        return emptied
    going = {"absent": set(tenants.entries), "managed": set(tenants.bounds) - set(tenants.entries)}
    return emptied & set(tenants.entries) if tenants.mode == "exact" else emptied - going[tenants.mode]
