# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guards: what a plan may do. They look at a finished plan, before the first write. Pure, like the planner."""

from __future__ import annotations

import fnmatch
import math
import typing as t
from dataclasses import dataclass

from .errors import GuardError, InputError
from .model import Account, Desired, Schema, Snapshot, fold
from .plan import UNLISTED, Plan, plan_user

_SHOWN = 20
"""Names that a message lists before it says how many more there are."""


@dataclass(frozen=True)
class Policy:
    """The limits of a task. ``bulk`` is False for tasks on one user, which have no loss limit."""

    bulk: bool = False
    unlisted: str = "ignore"
    loss_limit: str | None = None
    delete_limit: int = 0
    protect: tuple[str, ...] = ()
    min_admins: int = 2
    bootstrap: bool = False
    plan_digest: str | None = None
    max_mails: int = 20
    on_error: str = "continue"

    @property
    def takes_away(self) -> bool:
        """Return whether users that the input does not name may lose something."""
        return self.unlisted in ("disable", "delete")


def check_policy(schema: Schema, policy: Policy, listed: int) -> list[str]:
    """Return what is wrong with the options of a task, before anything is read."""
    problems = []
    if policy.loss_limit is not None:
        try:
            allowed_losses(policy.loss_limit, 100)
        except ValueError:
            problems.append(f"loss_limit is {policy.loss_limit!r}; give a number of users such as 10, or a percentage such as 5%.")
    if policy.takes_away and not listed:
        problems.append(f"users is empty and unlisted is {policy.unlisted}: that would take every {schema.noun} away. Give the users, or leave unlisted out.")
    if policy.unlisted == "disable" and schema.disable_is == "manual":
        problems.append(f"{schema.provider} cannot disable a {schema.noun}; use unlisted: report.")
    if policy.takes_away and not policy.protect and not (schema.knows_privileged and schema.knows_caller):
        problems.append(
            f"unlisted is {policy.unlisted}, and {schema.provider} does not tell which {schema.noun}s are administrators or which one is calling: "
            "name those who must stay in protect (glob patterns on the user)."
        )
    return problems


def allowed_losses(limit: str | None, size: int) -> int:
    """Return the number of users who may lose something. Default: the larger of 5 users and 2 % of the directory.

    Raises ValueError where the limit is neither a number nor a percentage.
    """
    if limit is None:
        return max(5, math.floor(size * 0.02))
    text = str(limit).strip()
    if text.endswith("%"):
        share = float(text[:-1])
        if not 0 <= share <= 100:
            raise ValueError(limit)
        return math.floor(size * share / 100)
    number = int(text)
    if number < 0:
        raise ValueError(limit)
    return number


def protection(policy: Policy, account: Account, caller: str | None) -> str | None:
    """Return why an account is shielded from every loss, or None."""
    if account.owner:
        return "the owner of the account"
    if caller is not None and caller in (account.id, fold(account.key)):
        return "the identity this task works as"
    for pattern in policy.protect:
        if fnmatch.fnmatchcase(fold(account.key), fold(pattern)):
            return f"protected by {pattern!r} in protect"
    return None


def unlisted_accounts(snapshot: Snapshot, plan: Plan) -> list[Account]:
    """Return the accounts that the input does not name, not even by an earlier name."""
    named = {user.account.id for user in plan.users if user.account is not None}
    earlier = {fold(key) for user in plan.users if user.desired is not None for key in user.desired.previous}
    return [account for account in snapshot.accounts if account.id not in named and fold(account.key) not in earlier]


def plan_unlisted(
    schema: Schema, policy: Policy, snapshot: Snapshot, plan: Plan, caller: str | None, disabled: t.Callable[[Account], Desired]
) -> None:
    """Add to a plan what becomes of the accounts that the input does not name.

    ``disabled(account)`` is the Desired of an account that may no longer log in.
    """
    for account in unlisted_accounts(snapshot, plan):
        plan.unlisted.append(account.key)
        if not policy.takes_away:
            continue
        if protection(policy, account, caller) is not None:
            plan.spared.append(account.key)
            continue
        wish = disabled(account) if policy.unlisted == "disable" else Desired(account.key, id=account.id, state="absent")
        wish.index = UNLISTED
        user = plan_user(schema, wish, account)
        if user.steps:
            plan.users.append(user)


def check_plan(
    schema: Schema, policy: Policy, snapshot: Snapshot, plan: Plan, caller: str | None, size: int, admins: t.Sequence[Account] | None = None
) -> None:
    """Raise GuardError where a plan exceeds the limits.

    ``size`` is the number of users of the directory, ``admins`` are its privileged users who can log in (None: those
    of the snapshot, if it is complete).
    """
    losing = [user for user in plan.changed if user.losses]
    shielded = {}
    for user in losing:
        why = protection(policy, user.account, caller) if user.account is not None else None
        if why is not None:
            shielded[user.key] = f"{user.key} ({why}) {' and '.join(user.losses)}"
    if shielded:
        raise GuardError(
            f"The plan takes something from protected {schema.noun}s: {_listed(list(shielded.values()))}.",
            "Nothing was written. Take the change out of the input, or the pattern out of protect.",
            list(shielded),
        )
    _check_admins(schema, policy, able_admins(schema, snapshot.accounts) if admins is None and snapshot.complete else admins, plan)
    if not policy.bulk:
        return
    if policy.takes_away and snapshot.accounts and not policy.bootstrap:
        listed = [user for user in plan.users if not user.unlisted and user.desired is not None and user.desired.state == "present"]
        known = sum(1 for user in listed if user.account is not None)
        if listed and known * 2 < len(listed):
            raise GuardError(
                f"Only {known} of the {len(listed)} listed {schema.noun}s exist in this directory of {len(snapshot.accounts)}: is it the right one?",
                f"Nothing was written. If it is, set bootstrap: true; until then use unlisted: ignore instead of {policy.unlisted}.",
            )
    deleted = [user.key for user in plan.changed if user.unlisted and user.operation == "delete"]
    if len(deleted) > policy.delete_limit:
        raise GuardError(
            f"{len(deleted)} unlisted {schema.noun}s would be deleted, and delete_limit is {policy.delete_limit}: {_listed(deleted)}.",
            "Nothing was written. Add them to users, or raise delete_limit if they are to go.",
            deleted,
        )
    allowed = allowed_losses(policy.loss_limit, size)
    if len(losing) > allowed:
        limit = "the default" if policy.loss_limit is None else f"loss_limit {policy.loss_limit}"
        raise GuardError(
            f"{len(losing)} {schema.noun}s would lose something and at most {allowed} may ({limit}): "
            + _listed([f"{user.key} {' and '.join(user.losses)}" for user in losing]) + ".",
            "Nothing was written. Check the input; if it is right, raise loss_limit.",
            [user.key for user in losing],
        )


def able_admins(schema: Schema, accounts: t.Iterable[Account]) -> list[Account]:
    """Return the privileged accounts that can log in; none where the API does not tell who is privileged."""
    found = []
    for account in accounts if schema.knows_privileged and schema.normalise is not None else ():
        normal = schema.normalise(account.values) if schema.normalise else {}
        if normal.get("privileged") is True and normal.get("enabled") is not False:
            found.append(account)
    return found


def strips_admin(schema: Schema, plan: Plan) -> list[Account]:
    """Return the privileged accounts that a plan would delete, disable or demote."""
    return able_admins(
        schema,
        [
            user.account
            for user in plan.changed
            if user.account is not None and any(loss in ("is deleted", "is disabled", "is demoted") for loss in user.losses)
        ],
    )


def _check_admins(schema: Schema, policy: Policy, admins: t.Sequence[Account] | None, plan: Plan) -> None:
    """Keep the last privileged users."""
    gone = strips_admin(schema, plan)
    if not gone or admins is None:
        return
    left = len({account.id for account in admins} - {account.id for account in gone})
    if left < policy.min_admins:
        raise GuardError(
            f"The plan would leave {left} privileged {schema.noun}s, and min_admins is {policy.min_admins}: "
            f"{_listed([account.key for account in gone])} would be deleted, disabled or demoted.",
            "Nothing was written. Add others first" + ("." if policy.bulk else f", or use {schema.provider}_{schema.noun}s, which has the option min_admins."),
            [account.key for account in gone],
        )


def check_digest(policy: Policy, plan: Plan) -> None:
    """Raise GuardError where the plan is not the one that was approved."""
    if policy.plan_digest and policy.plan_digest != plan.digest():
        raise GuardError(
            f"The plan is no longer the approved one: its digest is {plan.digest()}, plan_digest is {policy.plan_digest}.",
            "Nothing was written. The input or the directory has changed since: review the new plan in check mode and approve its digest.",
        )


def check_mails(policy: Policy, mails: int) -> None:
    """Raise GuardError where a plan would send more mails than allowed."""
    if mails > policy.max_mails:
        raise GuardError(
            f"The plan would send {mails} mails to users, and max_mails is {policy.max_mails}.",
            "Nothing was written. Raise max_mails if they are meant to be sent.",
        )


def _listed(names: t.Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return "; ".join(names[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")


def duplicates(desired: t.Sequence[Desired]) -> list[str]:
    """Return a problem for each natural key or id that two users of the input share. Who has an id is known by it alone."""
    problems = []
    seen: dict[str, Desired] = {}
    for user in desired:
        names = [f"id {user.id}" if user.id is not None else fold(user.key), *map(fold, user.previous)]
        for name in dict.fromkeys(names) if len(names) > 1 else names:
            if not name:
                continue
            other = seen.setdefault(name, user)
            if other is not user:
                problems.append(f"{user.place} and {other.place} name the same user ({name}); keep one of them.")
                break
    return problems


def require(problems: t.Sequence[str], hint: str = "") -> None:
    """Raise InputError where there are problems."""
    if problems:
        raise InputError(problems, hint)
