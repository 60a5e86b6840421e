# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra EE: how a difference of a user is written: by partial calls, or by one call that replaces the user."""

from __future__ import annotations

import typing as t

from ..._core.errors import ApiError, RollcallError, UnclearAnswer
from ..._core.http.api import Answer
from ..._core.plan.model import PASSWORD, Account, Entries, Value
from ..._core.plan.steps import Step
from .access import by_tenant
from .bindings import tenant_of
from .connection import WAITS
from .documents import Documents, repeatable
from .granting import Granting
from .tokens import USER_TOKENS, Tokens

_TAKEN = ("exist", "already", "taken", "in use", "unique", "duplicate", "conflict")
"""Words in a 422 to a create after which the search for the user is repeated.

Servers return 409 or 422 for an existing address, and 422 for a wrong value as well (the vendor's tests accept both).
Only the text distinguishes them. Without these words there is only one search, so that a wrong value does not delay the
task.
"""


class UserWriting(Granting):
    """The difference of one user."""

    directory: Documents

    def create(self, step: Step) -> Account:
        """Create a user in one call, with password, flags, tenants and groups.

        Servers of 1.0 answer without the user.
        """
        desired = self.desired
        body = self.schema.write({name: value for name, value in step.values.items() if value != ""})
        for name, wire in (("instance_owner", "superAdmin"), ("restricted", "restricted"), (PASSWORD, PASSWORD)):
            if desired.fields.get(name):
                body[wire] = desired.fields[name]
        groups = step.facets.get("groups", {})
        tenants = sorted({*step.facets.get("tenants", {}), *map(tenant_of, groups)})
        if tenants:
            body["tenants"] = tenants
        if groups:
            body["groups"] = sorted(identity for identities in by_tenant(groups).values() for identity in identities)
        try:
            answer = self.connection.call("create_user", json=body, subject=desired.name)
        except UnclearAnswer:
            self.directory.expect(desired.key)
            raise
        except ApiError as error:
            if error.status == 409 or (error.status == 422 and any(word in error.answer.lower() for word in _TAKEN)):
                self.directory.expect(desired.key)
            raise
        account = self._created(answer)
        self._grant(account, tenants, groups)
        if PASSWORD in body:
            self.along.add(PASSWORD)
        return account

    def _created(self, answer: Answer) -> Account:
        """Return the created user, from the answer, the search or the document."""
        body, desired = answer.json_object, self.desired
        if body.get("id"):
            if "email" in body and "groups" in body and "tenants" in body:
                return self.directory.account(body)
            identity = str(body["id"])
        else:
            self.directory.expect(desired.key)
            matches = self.directory.lookup(desired.key)
            if not matches:
                raise RollcallError(
                    f"{desired.name} was created, but the server's search does not show the user after "
                    f"{sum(WAITS):.0f} s.",
                    "Run the task again in a moment: it completes the rest.",
                )
            identity = matches[0].id
        account = self.directory.get(identity)
        if account is None:
            raise RollcallError(
                f"{desired.name} was created as {identity}, but cannot be read.", "Run the task again in a moment."
            )
        return account

    def _grant(self, account: Account, tenants: t.Iterable[str], groups: t.Iterable[str]) -> None:
        """Grant what a server has left out of a create."""
        for tenant in tenants:
            self.give_access(account, tenant)
        current = self.directory.group_keys(account.raw)
        missing = {tenant_of(key) for key in groups if key not in current}
        self.set_groups(account, groups, missing, missing)

    def update(self, via: str, values: dict[str, Value]) -> None:
        """Write one group of fields: names and address, the password, a flag, or the removal of all access."""
        account, path = self.account, {"id": self.account.id}
        if via == "superadmin":
            self._set_owner(values["instance_owner"])
        elif via == "restricted":
            self.connection.call(
                "patch_user_demo", path, json={"restricted": values["restricted"]}, subject=account.key
            )
        elif via == PASSWORD:
            self.connection.call("patch_user_password", path, json={PASSWORD: values[PASSWORD]}, subject=account.key)
        elif via == "enabled":
            if values["enabled"] is False:  # the other steps write what enables the login again
                self._disable()
        else:
            answer = self.connection.call("patch_user", path, json=self.schema.write(values), subject=account.key)
            self._confirm(answer, values)

    def _set_owner(self, owner: bool) -> None:
        self.connection.call(
            "patch_user_super_admin", {"id": self.account.id}, json={"superAdmin": owner}, subject=self.account.key
        )

    def _confirm(self, answer: Answer, values: dict[str, Value]) -> None:
        """Compare what the server reports with what was sent. Raises RollcallError if they differ."""
        actual = self.schema.read(answer.json_object)
        for name, value in values.items():
            if name in actual and not self.schema.field(name).equal(actual[name], value):
                raise RollcallError(
                    f"{name} of {self.account.key} should be {value!r}; the server accepted that, but it is "
                    f"{actual[name]!r}.",
                    "Change it in Kestra; the user's identity provider may control it.",
                )

    def facet(self, step: Step) -> Entries:
        """Write one facet. Exact tenants and groups are written in one call that replaces the user."""
        exact = [
            name
            for name in ("tenants", "groups")
            if name in self.desired.facets and self.desired.facets[name].mode == "exact"
        ]
        if step.via in exact and self.directory.everywhere and self._replace(exact):
            self.along.update(exact)
            return {}
        return super().facet(step)

    def _replace(self, exact: t.Collection[str]) -> bool:
        """Write exact tenants, exact groups or both in one call that replaces the user: read, change, write.

        The password is not sent, and stays. If the server does not report a flag or a name that the call would have to
        repeat, nothing is written, and the result is False.
        """
        facets = self.desired.facets
        fresh = self.directory.fresh(self.account)
        if fresh.values.get("instance_owner") is None or not repeatable(fresh.raw):
            return False
        tenants = set(facets["tenants"].entries) if "tenants" in exact else set(self.directory.access_of(fresh.raw))
        current = set(self.directory.group_keys(fresh.raw))
        groups = set(facets["groups"].entries) if "groups" in exact else current
        if "tenants" in exact:
            groups = {key for key in groups if tenant_of(key) in tenants}
        kept = tenants | set(map(tenant_of, groups))
        emptied = set(map(tenant_of, current)) - set(map(tenant_of, groups))
        bound = self.bound_in(fresh, kept & emptied)
        try:
            taken = self._put(fresh, kept, groups, bool(fresh.values["instance_owner"]))
        except UnclearAnswer:
            self.regain(kept & emptied, bound)
            raise
        self.account.raw = {**self.account.raw, **fresh.raw}
        self.rebind(self.account, {key for key in bound if tenant_of(key) in taken})
        return True

    def _put(self, account: Account, tenants: set[str], groups: set[str], owner: bool) -> set[str]:
        """Replace a user, and make partial calls for what the server ignored.

        Returns the tenants that the server removed as a side effect, and that have been granted again.
        """
        body = {
            name: account.raw[name]
            for name in ("firstName", "lastName", "restricted")
            if account.raw.get(name) is not None
        }
        body.update(
            email=account.key, superAdmin=owner, tenants=sorted(tenants),
            groups=sorted(identity for identities in by_tenant(groups).values() for identity in identities),
        )
        answer = self.connection.call("update_user", {"id": account.id}, json=body, subject=account.key)
        reply = answer.json_object
        if reply.get("id"):
            answer.check_id("user", reply["id"], account.id)
        after = self.directory.account(reply) if reply.get("id") else self.directory.get(account.id)
        if after is None:
            return set()
        after.key = account.key
        self.directory.fill(after, ("tenants", "groups"))
        account.raw = after.raw
        actual = set(self.directory.access_of(after.raw))
        if after.values.get("instance_owner") is not owner:
            self._set_owner(owner)
        for tenant in sorted(actual - tenants):
            self.connection.call("delete_tenant_access", {"tenant": tenant, "id": account.id}, subject=account.key)
        for tenant in sorted(tenants):
            self.give_access(account, tenant)
        differing = set(self.directory.group_keys(after.raw)) ^ groups
        self.set_groups(account, groups, {tenant_of(key) for key in differing if tenant_of(key) in tenants}, ())
        return tenants - actual

    def _disable(self) -> None:
        """Remove everything that a user can log in with.

        The login methods are removed first, so that the user cannot open new sessions meanwhile. A rerun does not count
        a user with a token as blocked, so tokens follow the sessions, and access is removed last.
        """
        directory, account, path = self.directory, self.account, {"id": self.account.id}
        fresh = directory.fresh(account)
        directory.fill(fresh, (), methods=True)
        for method in directory.methods_of(fresh):
            self.remove_method(str(method["id"]))
        self.connection.call("delete_refresh_token", path, subject=account.key)
        Tokens(self.connection, USER_TOKENS, fresh).revoke_all()
        self.unbind(fresh)
        owner = fresh.values.get("instance_owner")
        if not (directory.access_of(fresh.raw) or fresh.raw["groups"] or owner is not False):
            return
        if repeatable(fresh.raw):
            self._put(fresh, set(), set(), owner=False)
            return
        if owner is not False:
            self._set_owner(False)
        self.set_groups(fresh, (), {group["tenantId"] for group in fresh.raw["groups"]}, ())
        for tenant in directory.access_of(fresh.raw):
            self.connection.call("delete_tenant_access", {"tenant": tenant, "id": account.id}, subject=account.key)

    def remove_method(self, method: str) -> None:
        """Remove a login method.

        Servers refuse a missing one in several ways, so the method is read after a refusal.
        """
        account = self.account
        try:
            self.connection.call("delete_user_auth_method", {"id": account.id, "auth": method}, subject=account.key)
        except (ApiError, UnclearAnswer) as error:
            if error.status not in (400, 404, 422, 500):
                raise
            left = self.directory.get(account.id)
            if left is not None and any(
                str(auth["id"]) == method for auth in left.values.get("auth_methods", [{"id": method}])
            ):
                raise

    def delete(self) -> None:
        """Delete a user."""
        self.remove("delete_user", {"id": self.account.id})
