# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra EE: the login methods of users, for the module that removes them."""

from __future__ import annotations

import typing as t

from ..._core.http.paging import Row
from ..._core.names import fold
from ..._core.plan.model import Account, Desired, Entries, Facet
from ..._core.plan.steps import Step
from .connection import Kestra
from .users import Users, users_schema
from .writes import UserWriting


class _Removal(UserWriting):
    """The login methods that a user is to lose."""

    def facet(self, step: Step) -> Entries:
        """Remove login methods, one by one."""
        for method in step.remove:
            self.remove_method(method)
        return {}


class LoginMethods(Users):
    """Users with their login methods as a facet, for the module that removes them."""

    writer = _Removal

    def __init__(self, connection: Kestra) -> None:
        super().__init__(connection, users_schema(Facet("auth_methods", "login method")))

    def account(self, raw: Row, whole: bool = True) -> Account:
        """Return an account with its login methods, as far as the document reports them."""
        account = super().account(raw, whole)
        if "auth_methods" in account.values:
            account.facets["auth_methods"] = {str(auth["id"]): auth for auth in account.values["auth_methods"]}
        return account

    def load(self, account: Account, facets: t.Collection[str], fields: t.Collection[str]) -> None:
        """Read the methods if a list left them out."""
        super().load(account, (), ("auth_methods",))
        self.methods_of(account)

    def resolve(self, desired: t.Sequence[Desired]) -> list[str]:
        """Keep the names: the methods that they match depend on the account."""
        return []

    def complete(self, desired: Desired, account: Account | None) -> Desired:
        """Choose the matching methods by id, name or type."""
        target = desired.facets["auth_methods"]
        if account is not None and target.mode == "absent":
            names = {fold(str(item)) for item in target.items}
            current = account.facets["auth_methods"]
            target.entries = {
                key: auth
                for key, auth in current.items()
                if names & {fold(str(auth[name])) for name in ("id", "name", "type")}
            }
        return desired
