# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts that the input does not name: finds them, and plans what the policy of a task does with them."""

from __future__ import annotations

import typing as t

from ..errors import UnreadableAnswer
from ..names import fold
from ..wording import agreed, counted, listed
from .model import Account, Desired, Schema, Snapshot
from .plan import plan_user
from .policy import Policy, protection
from .steps import UNLISTED, Plan


def unlisted_accounts(snapshot: Snapshot, plan: Plan) -> list[Account]:
    """Return the accounts that the input does not name, not even by an earlier name."""
    named = {user.account.id for user in plan.users if user.account is not None}
    earlier = {fold(key) for user in plan.users if user.desired is not None for key in user.desired.previous}
    return [account for account in snapshot.accounts if account.id not in named and fold(account.key) not in earlier]


def plan_unlisted(
    schema: Schema,
    policy: Policy,
    snapshot: Snapshot,
    plan: Plan,
    caller: str | None,
    disabled: t.Callable[[Account], Desired],
) -> None:
    """Add the accounts that the input does not name to a plan.

    ``disabled(account)`` returns the Desired for an account whose login is to be blocked. Raises UnreadableAnswer if an
    account without a name would be disabled or deleted: it may be one of the listed users.
    """
    nameless = []
    for account in unlisted_accounts(snapshot, plan):
        plan.unlisted.append(account.name)
        if not policy.takes_away:
            continue
        if protection(policy, account, caller) is not None:
            plan.spared.append(account.name)
            continue
        if account.values.get(schema.key, account.key) in (None, ""):
            nameless.append(account.id)
            continue
        form = (
            disabled(account) if policy.unlisted == "disable" else Desired(account.key, id=account.id, state="absent")
        )
        form.index = UNLISTED
        user = plan_user(schema, form, account)
        if user.steps:
            plan.users.append(user)
    if nameless:
        number = len(nameless)
        them = f"{agreed(number, 'this')} {agreed(number, schema.noun)}"
        known, advice = f"{agreed(number, 'is')} listed in users", f"List {them} by id"
        if policy.is_job:
            known = f"{agreed(number, 'belongs')} to a person in the feed"
            advice = f"Set the {agreed(number, 'id')} in accounts of the people data"
        raise UnreadableAnswer(
            f"{counted(number, schema.noun)} of the list {agreed(number, 'has')} no {schema.key} "
            f"(id {listed(nameless)}), so it is unknown whether {them} {known}.",
            f"Nothing was written. {advice}, or use {policy.option('unlisted')}: report instead of {policy.unlisted}.",
        )
