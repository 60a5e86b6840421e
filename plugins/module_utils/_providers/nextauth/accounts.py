# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""nextAuth: block, unblock or delete the accounts of a user (the devices that may log in), one or all."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ..._core.errors import InputError, require
from ..._core.http.api import Answer
from ..._core.plan.catalogue import Catalogue
from ..._core.plan.model import Account, Desired, DesiredFacet, Entries, Facet, Value
from ..._core.plan.steps import Step
from ..._core.run.connection import Connection
from ..._core.run.options import Params
from ..._core.run.report import Context, Result
from ..._core.run.run import converge_one, existing_user
from ..._core.wording import agreed
from .connection import NextAuth
from .users import SCHEMA, Users
from .writing import UserWriting


class _DeviceWriting(UserWriting):
    """The changes of the chosen accounts of one user."""

    directory: Devices

    def facet(self, step: Step) -> Entries:
        """Delete the chosen accounts, or block or unblock them.

        For all accounts this is one call, which includes accounts that were registered meanwhile.
        """
        user, absent = self.account, self.directory.state == "absent"
        if absent and self.directory.chosen is None:
            answer = self.connection.call("delete_user_accounts", {"userid": user.id}, subject=user.key)
            self._require_gone(answer, {item["id"] for item in step.remove.values()})
        elif absent:
            for item in step.remove.values():
                answer = self.connection.call("delete_account", {"accountid": item["id"]}, subject=user.key)
                self._require_gone(answer, {item["id"]})
        else:
            for item in step.add.values():
                self.set_blocked(item["id"], item["blocked"])
        return {}

    def _require_gone(self, answer: Answer, ids: set[Value]) -> None:
        """Read the accounts again after "not found". Raises ApiError if one of these accounts is still listed."""
        if not answer.absent:
            return
        left = sorted(str(item["id"]) for item in self.directory.read_accounts(self.account) if item["id"] in ids)
        if left:
            raise self.connection.refusal(
                answer, self.account.key,
                f"The {agreed(len(left), 'account')} {', '.join(left)} {agreed(len(left), 'is')} still listed. "
                "Check api_url and any proxy, and run the task again.",
            )  # fmt: skip


class Devices(Users):
    """The accounts of a user as a facet. An entry is an account together with whether it is blocked."""

    writer = _DeviceWriting

    def __init__(self, connection: NextAuth, state: str, chosen: list[Value] | None) -> None:
        # Unblocking removes an entry, too, but it is no loss, even for protected users.
        loses = state != "unblocked"
        schema = replace(SCHEMA, facets=(Facet("accounts", "account", loss=loses, shielded=loses),))
        super().__init__(connection, schema=schema)
        self.state = state
        self.chosen = chosen

    def resolve(self, desired: t.Sequence[Desired]) -> list[str]:
        """Leave the choice to ``complete``, because it requires the user's accounts.

        In check mode the user may not exist yet. The named accounts are then assumed to be registered first.
        """
        blocked = self.state == "blocked"
        for user in desired if self.state != "absent" else ():
            assumed = [{"id": None, "description": item, "blocked": blocked} for item in self.chosen or ()]
            user.facets["accounts"].entries = {f"{item['description']} {blocked}": item for item in assumed}
        return []

    def load(self, account: Account, facets: t.Collection[str], fields: t.Collection[str]) -> None:
        """Read the accounts of the user."""
        account.facets["accounts"] = dict(map(_entry, self.read_accounts(account)))

    def complete(self, desired: Desired, account: Account | None) -> Desired:
        """Plan the change of the chosen accounts. The others are unchanged."""
        if account is None:
            return desired
        accounts = account.details["accounts"]
        meant = self._meant(desired, accounts)
        left = [item for item in accounts if self.state != "absent" or item["id"] not in meant]
        after = [{**item, "blocked": self.state == "blocked"} if item["id"] in meant else item for item in left]
        desired.facets["accounts"].entries = dict(map(_entry, after))
        return desired

    def _meant(self, desired: Desired, accounts: list[dict[str, Value]]) -> set[str]:
        """Return the ids of the chosen accounts. A missing account is no problem if ``state`` is ``absent``."""
        if self.chosen is None:
            return {item["id"] for item in accounts}
        pairs = ((item["id"], item["description"]) for item in accounts)
        catalogue = Catalogue("account", pairs, "Specify the description of an account, or {id: …}")
        problems: list[str] = []
        meant: set[str] = set()
        for number, item in enumerate(self.chosen):
            faults: list[str] = []
            meant.update(catalogue.resolve([item], desired.place, faults, "accounts", number))
            if self.state != "absent" or any(getattr(problem, "code", "") != "unknown_account" for problem in faults):
                problems += faults
        require(problems)
        return meant


def _entry(item: dict[str, Value]) -> tuple[str, Value]:
    return f"{item['id']} {item['blocked']}", {name: item[name] for name in ("id", "description", "blocked")}


def check_choice(params: Params) -> list[Value] | None:
    """Return the accounts that are named, None for all. Raises InputError if the options specify neither."""
    chosen: list[Value] | None = params.get("accounts")
    if chosen is None and not params.get("all"):
        raise InputError(
            "all is false and accounts is not specified.", "List the accounts, or set all: true.", "missing_option",
            "accounts",
        )
    if chosen == []:
        raise InputError(
            "accounts is empty.", "List the accounts, or use all: true for all of them.", "blank_value", "accounts"
        )
    return chosen


def run_accounts(context: Context, connection: Connection) -> Result:
    """Bring the chosen accounts of one user to their state."""
    params = context.params
    devices = Devices(t.cast(NextAuth, connection), params["state"], check_choice(params))
    desired = existing_user(
        SCHEMA, params.get("user"), params.get("id"), facets={"accounts": DesiredFacet("exact", [])}
    )
    result = converge_one(context, devices, desired)
    shown = result["user"]
    result["user"] = {"id": shown["id"], "user": shown["user"]}
    result["accounts"] = shown["accounts"]
    return result
