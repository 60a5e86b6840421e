# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra EE: how a difference of a user is written: by partial calls, or in one call that replaces the whole user."""

from __future__ import annotations

from ..._core.errors import ApiError, RollcallError, UnclearAnswer
from ..._core.http.api import Answer
from ..._core.plan.model import PASSWORD, Account, Desired, Entries, Value
from ..._core.plan.plan import Step
from .access import by_tenant
from .bindings import tenant_of
from .documents import Documents, repeatable
from .tokens import USER_TOKENS, Tokens


class Writes(Documents):
    """How users are written."""

    def update(self, account: Account, via: str, values: dict[str, Value]) -> None:
        """Write one group of fields: names and address, the password, one of the flags, or the whole way out."""
        path = {"id": account.id}
        if via == "superadmin":
            self.connection.call("patch_user_super_admin", path, json={"superAdmin": values["instance_owner"]}, subject=account.key)
        elif via == "restricted":
            self.connection.call("patch_user_demo", path, json={"restricted": values["restricted"]}, subject=account.key)
        elif via == PASSWORD:
            self.connection.call("patch_user_password", path, json={PASSWORD: values[PASSWORD]}, subject=account.key)
        elif via == "enabled":
            if values["enabled"] is False:  # what lets a user in again is written by the other steps
                self._disable(account)
        else:
            answer = self.connection.call("patch_user", path, json=self.schema.write(values), subject=account.key)
            self._confirm(account, answer, values)

    def _confirm(self, account: Account, answer: Answer, values: dict[str, Value]) -> None:
        """Compare what the server reports with what was sent. Raises RollcallError where it has done something else."""
        body = answer.body
        actual = self.schema.read(body) if isinstance(body, dict) else {}
        for name, value in values.items():
            if name in actual and not self.schema.field(name).equal(actual[name], value):
                raise RollcallError(
                    f"{name} of {account.key} should be {value!r}; the server accepted that, and it is {actual[name]!r}.",
                    "Change it in Kestra itself; the identity provider that the user comes from may decide it.",
                )

    def apply(self, step: Step, account: Account | None, desired: Desired) -> tuple[Account | None, Entries]:
        """Execute one step: exact tenants and groups go together in one call, and a new user has the password already."""
        if account is not None and step.verb == "update" and step.via == PASSWORD and account.raw.pop("password_sent", False):
            return account, {}
        exact = step.verb == "facet" and step.via in ("tenants", "groups") and desired.facets[step.via].mode == "exact"
        if account is None or not exact or not self.everywhere:
            return super().apply(step, account, desired)
        if not self._replace(account, desired):
            return super().apply(step, account, desired)
        account.facets[step.via] = dict(step.final)
        return account, {}

    def _replace(self, account: Account, desired: Desired) -> bool:
        """Write exact tenants, exact groups or both in one call, which replaces the whole user: read, overlay, write.

        The password is not sent, and stays. Returns False, and writes nothing, where the server does not report a flag or a
        name that the call would have to repeat.
        """
        if account.raw.get("replaced"):
            return True  # the step before this one has done both
        tenants, groups = desired.facets.get("tenants"), desired.facets.get("groups")
        fresh = self.fresh(account)
        if fresh.values.get("instance_owner") is None or not repeatable(fresh.raw):
            return False
        held = set(self.access_of(fresh.raw))
        belongs = {f"{group.get('tenantId') or self.connection.tenant}/{group['id']}" for group in fresh.raw["groups"]}
        if groups is not None and groups.mode == "exact":
            belongs = set(groups.entries)
        if tenants is not None and tenants.mode == "exact":
            held = set(tenants.entries)
            belongs = {key for key in belongs if tenant_of(key) in held}
        kept = held | set(map(tenant_of, belongs))
        had = {str(group.get("tenantId") or self.connection.tenant) for group in fresh.raw["groups"]}
        bound = self.bound_in(fresh, kept & (had - set(map(tenant_of, belongs))))
        taken = self._put(fresh, kept, belongs, bool(fresh.values["instance_owner"]))
        account.raw = {**account.raw, **fresh.raw, "replaced": True}
        self.rebind(account, {key for key in bound if tenant_of(key) in taken})
        return True

    def _put(self, account: Account, tenants: set[str], groups: set[str], owner: bool) -> set[str]:
        """Replace a user, and complete with partial calls what the server did not take from it.

        Returns the tenants that the server took away in passing, which have been given again.
        """
        body = {name: account.raw[name] for name in ("firstName", "lastName", "restricted") if account.raw.get(name) is not None}
        body.update(
            email=account.key, superAdmin=owner, tenants=sorted(tenants),
            groups=sorted(identity for identities in by_tenant(groups).values() for identity in identities),
        )
        answer = self.connection.call("update_user", {"id": account.id}, json=body, subject=account.key)
        reply = answer.body if isinstance(answer.body, dict) and answer.body.get("id") else None
        after = self.account(reply) if reply is not None else self.get(account.id)
        if after is None:
            return set()
        after.key = account.key
        self.fill(after, ("tenants", "groups"))
        account.raw = after.raw
        taken = tenants - set(self.access_of(after.raw))
        if after.values.get("instance_owner") is not owner:
            self.update(account, "superadmin", {"instance_owner": owner})
        for tenant in sorted(set(self.access_of(after.raw)) - tenants):
            self.connection.call("delete_tenant_access", {"tenant": tenant, "id": account.id}, subject=account.key)
        for tenant in sorted(tenants):
            self.give_access(account, tenant)
        left = {f"{group.get('tenantId') or self.connection.tenant}/{group['id']}" for group in after.raw["groups"]}
        self.set_groups(account, groups, {tenant_of(key) for key in left ^ groups if tenant_of(key) in tenants}, ())
        return taken

    def _disable(self, account: Account) -> None:
        """Take away everything that a user can come in with: the login methods first, so that nothing new is opened meanwhile.

        Whoever still has a token is seen as not blocked by a rerun, so tokens go after the sessions, and access goes last.
        """
        path = {"id": account.id}
        fresh = self.fresh(account)
        self.fill(fresh, (), methods=True)
        for method in self.methods_of(fresh):
            self.remove_method(account, str(method["id"]))
        self.connection.call("delete_refresh_token", path, subject=account.key)
        Tokens(self.connection, USER_TOKENS, fresh).revoke_all()
        self.unbind(fresh)
        owner = fresh.values.get("instance_owner")
        if not (self.access_of(fresh.raw) or fresh.raw["groups"] or owner is not False):
            return
        if repeatable(fresh.raw):
            self._put(fresh, set(), set(), owner=False)
            return
        if owner is not False:
            self.update(fresh, "superadmin", {"instance_owner": False})
        self.set_groups(fresh, (), {group["tenantId"] for group in fresh.raw["groups"]}, ())
        for tenant in self.access_of(fresh.raw):
            self.connection.call("delete_tenant_access", {"tenant": tenant, "id": account.id}, subject=account.key)

    def remove_method(self, account: Account, method: str) -> None:
        """Remove a login method. Servers refuse one that is gone in several ways, so a refusal is followed by a look."""
        try:
            self.connection.call("delete_user_auth_method", {"id": account.id, "auth": method}, subject=account.key)
        except (ApiError, UnclearAnswer) as error:
            if error.status not in (400, 404, 422, 500):
                raise
            left = self.get(account.id)
            if left is not None and any(str(auth["id"]) == method for auth in left.values.get("auth_methods", [{"id": method}])):
                raise

    def delete(self, account: Account) -> None:
        """Delete a user."""
        self.remove("delete_user", {"id": account.id}, account)

    def cost(self, step: Step) -> int:
        """Return the calls of a step."""
        if step.verb == "delete" or (step.verb == "update" and step.via == "enabled"):
            return 2 + len(self.connection.tenants().names)
        return super().cost(step)
