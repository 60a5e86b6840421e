# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guards: the limits of a plan. They check a finished plan before the first write. Pure, like the planner."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ..errors import NOTHING_WRITTEN, GuardError
from ..wording import agreed, counted, joined, listed
from .losses import STRIPS, Loss, forecast
from .model import Account, Schema, Snapshot
from .policy import Policy, allowed_losses, limit_of, protection, standing, unmatched_patterns
from .protect import matching
from .steps import Plan, UserPlan


def check_plan(
    schema: Schema,
    policy: Policy,
    snapshot: Snapshot,
    plan: Plan,
    caller: str | None,
    size: int,
    admins: t.Sequence[Account] | None = None,
    mails: int = 0,
) -> None:
    """Raise GuardError if a plan exceeds the limits.

    ``size`` is the number of users of the directory. ``admins`` are its privileged users who can log in. If it is None,
    those of a complete snapshot count; with an incomplete one, ``min_admins`` is not checked. ``mails`` is the number
    of e-mails that the plan would send.
    """
    changes = [(user.account, [*user.losses, *user.sensitive]) for user in plan.changed if user.account is not None]
    check_protected(schema, policy, changes, caller)
    _check_caller(schema, policy, plan, caller)
    _check_admins(schema, policy, snapshot, plan, admins)
    if policy.bulk:
        _check_directory(schema, policy, snapshot, plan)
        exceeded = _exceeded(schema, policy, plan, size, mails)
        if exceeded:
            raise GuardError.of_all(exceeded, _advice(exceeded))
        _check_patterns(schema, policy, snapshot, plan)


@dataclass(frozen=True)
class SetAside:
    """A change that was removed from a plan, or never part of it. ``code`` is why.

    Of a protected account, ``text`` is what the account would lose, as a sentence without a full stop. ``patterns`` are
    those of ``protect`` that match, empty if the account is protected whatever ``protect`` says. With any other code,
    ``text`` is the whole reason, and what to do."""

    planned: UserPlan
    text: str
    patterns: tuple[str, ...] = ()
    code: str = "protected"


def set_aside_protected(policy: Policy, plan: Plan, caller: str | None) -> list[SetAside]:
    """Remove from a plan what ``check_protected`` refuses: these accounts stay unchanged, and the plan goes on without
    them. Return the removed changes."""
    removed: list[SetAside] = []
    for position, planned in enumerate(plan.users):
        account, losses = planned.account, [*planned.losses, *planned.sensitive]
        text = _loss_of_protected(policy, account, losses, caller) if account is not None and planned.changed else ""
        if account is not None and text:
            is_standing = standing(policy, account, caller) is not None
            patterns = () if is_standing else tuple(matching(policy.protect, account.key))
            removed.append(SetAside(planned, text, patterns))
            plan.users[position] = UserPlan(planned.key, account=account, desired=planned.desired)
    return removed


def _loss_of_protected(policy: Policy, account: Account, losses: t.Sequence[Loss], caller: str | None) -> str:
    """Return what a protected account would lose, as a sentence without a full stop, or an empty text."""
    why = protection(policy, account, caller) if losses else None
    return forecast(f"{account.name} ({why})", losses) if why is not None else ""


def check_protected(
    schema: Schema, policy: Policy, pairs: t.Iterable[tuple[Account, t.Sequence[Loss]]], caller: str | None
) -> None:
    """Raise GuardError if protected accounts lose something, or have sensitive changes (see UserPlan)."""
    shielded = {}
    by_pattern = []
    for account, losses in pairs:
        text = _loss_of_protected(policy, account, losses, caller)
        if text:
            shielded[account.name] = text
            by_pattern.append(standing(policy, account, caller) is None)
    if shielded:
        users = f"protected {schema.noun}s" if len(shielded) > 1 else f"a protected {schema.noun}"
        pattern = f", or the pattern from {policy.option('protect')}"
        raise GuardError(
            f"The plan contains changes that are not allowed for {users}: {listed(list(shielded.values()))}.",
            f"Nothing was written. Remove the change from the input{pattern if all(by_pattern) else ''}.",
            {user: f"{text}." for user, text in shielded.items()},
            "protected",
            policy.option("protect") if any(by_pattern) else "",
        )


def _check_caller(schema: Schema, policy: Policy, plan: Plan, caller: str | None) -> None:
    """Refuse deletions, disabling and demotions if an API that reports the caller has not reported it."""
    if caller or not schema.knows_caller or policy.protect:
        return
    losing = {user.key: f"{forecast(user.key, user.losses)}." for user in plan.changed if _strips(user)}
    if losing:
        raise GuardError(
            f"{schema.title} did not report which {schema.noun} these credentials belong to. It may be one of those "
            f"that would be deleted, disabled or demoted: {listed(list(losing))}.",
            f"Nothing was written. Add the user of these credentials to {policy.option('protect')}.",
            losing,
            "unknown_caller",
            policy.option("protect"),
        )


def _check_directory(schema: Schema, policy: Policy, snapshot: Snapshot, plan: Plan) -> None:
    """Refuse losses of unlisted users if fewer than half of the listed users exist: it may be the wrong directory."""
    if not policy.takes_away or not snapshot.accounts or policy.bootstrap:
        return
    staying = [
        user
        for user in plan.users
        if not user.unlisted and user.desired is not None and user.desired.state == "present"
    ]
    known = sum(1 for user in staying if user.account is not None)
    if known * 2 < len(staying):
        some = f"Only {known} of the {counted(len(staying), f'listed {schema.noun}')} {agreed(known, 'exists')}"
        if len(staying) == 1:
            some = f"The only listed {schema.noun} does not exist"
        raise GuardError(
            f"{some} in this directory of {len(snapshot.accounts)}: is it the right one?",
            f"Nothing was written. If this is the right directory, set {policy.option('bootstrap')}: true, or use "
            f"{policy.option('unlisted')}: ignore instead of {policy.unlisted} until the {schema.noun}s exist. If not, "
            "correct api_url or the credentials.",
            code="wrong_directory",
            option=policy.option("bootstrap"),
        )


def _exceeded(schema: Schema, policy: Policy, plan: Plan, size: int, mails: int) -> list[GuardError]:
    """Return an error for each limit that a plan exceeds: of deletions, creations, renames, reopened logins, losses and
    e-mails."""
    errors = [_deletions(schema, policy, plan)]
    created = {user.key: user.key for user in plan.changed if user.operation == "create"}
    renamed = {
        user.key: f"{user.account.name} (to {user.key})"
        for user in plan.changed if user.operation == "rename" and user.account is not None
    }  # fmt: skip
    reopened = {user.key: user.key for user in plan.changed if user.reopens}
    for name, limit, verb, users in (
        ("create_limit", policy.create_limit, "created", created),
        ("rename_limit", policy.rename_limit, "renamed", renamed),
        ("reopen_limit", policy.reopen_limit, "able to log in again", reopened),
    ):
        number = limit_of(limit, size)
        if number is not None and len(users) > number:
            message = (
                f"{counted(len(users), schema.noun)} would be {verb}, and at most {number} may be ({name} {limit}): "
                f"{listed(list(users.values()))}."
            )
            texts = {user: f"{shown} would be {verb}." for user, shown in users.items()}
            errors.append(_excess(policy, name, message, texts))
    losing = {user.key: forecast(user.key, user.losses) for user in plan.changed if user.losses}
    allowed = allowed_losses(policy.loss_limit, size)
    if len(losing) > allowed:
        origin = "the default" if policy.loss_limit is None else f"loss_limit {policy.loss_limit}"
        message = (
            f"{counted(len(losing), schema.noun)} would lose access or data, and at most {allowed} may ({origin}): "
            f"{listed(list(losing.values()))}."
        )
        errors.append(_excess(policy, "loss_limit", message, {user: f"{text}." for user, text in losing.items()}))
    if mails > policy.max_mails:
        message = f"The plan would send {counted(mails, 'e-mail')} to users, and max_mails is {policy.max_mails}."
        errors.append(_excess(policy, "max_mails", message, {}))
    return [error for error in errors if error is not None]


def _excess(policy: Policy, limit: str, message: str, users: t.Mapping[str, str]) -> GuardError:
    option = policy.option(limit)
    return GuardError(message, f"{NOTHING_WRITTEN} {_limits_advice([option])}", users, limit, option)


def _limits_advice(options: t.Sequence[str]) -> str:
    return f"Check the input; if it is right, raise {joined(options)}."


def _advice(errors: t.Sequence[GuardError]) -> str:
    """Return what to do about exceeded limits: one sentence for all that have the same remedy."""
    options = [error.option for error in errors if error.code != "delete_limit"]
    own = next((error.hint for error in errors if error.code == "delete_limit"), NOTHING_WRITTEN)
    return f"{own} {_limits_advice(options)}" if options else own


def _deletions(schema: Schema, policy: Policy, plan: Plan) -> GuardError | None:
    """Return an error if a plan deletes more unlisted users than allowed."""
    deleted = [user.key for user in plan.changed if user.unlisted and user.operation == "delete"]
    if len(deleted) <= policy.delete_limit:
        return None
    option = policy.option("delete_limit")
    keep, why = "Add them to users", "is not listed in users"
    if policy.is_job:
        keep = f"Add their people to the feed, add them to {policy.option('protect')}"
        why = "belongs to no person in the feed"
    return GuardError(
        f"{counted(len(deleted), f'unlisted {schema.noun}')} would be deleted, and {option} is {policy.delete_limit}: "
        f"{listed(deleted)}.",
        f"Nothing was written. {keep}, or raise {option} if they should be deleted.",
        {user: f"{user} {why} and would be deleted." for user in deleted},
        "delete_limit",
        option,
    )


def _check_patterns(schema: Schema, policy: Policy, snapshot: Snapshot, plan: Plan) -> None:
    """Refuse changes of unlisted users if no pattern of a required ``protect`` matches a user."""
    if not policy.takes_away or not policy.protect or (schema.knows_privileged and schema.knows_caller):
        return
    losing = [user.key for user in plan.changed if user.unlisted]
    desired = [user.desired for user in plan.users if user.desired is not None]
    patterns = list(dict.fromkeys(policy.protect))
    if losing and len(unmatched_patterns(policy, snapshot, desired)) == len(patterns):
        protect = policy.option("protect")
        raise GuardError(
            f"{counted(len(losing), f'unlisted {schema.noun}')} would be {policy.unlisted}d, and {protect} matches no "
            f"{schema.noun} of this directory: {', '.join(map(repr, patterns))}.",
            f"Nothing was written. In {protect}, list those who must keep their access, as glob patterns.",
            code="unmatched_pattern",
            option=protect,
        )


def _strips(user: UserPlan) -> bool:
    """Return whether a user would be deleted, disabled or demoted."""
    return any(loss.code in STRIPS for loss in user.losses)


def _privileged(schema: Schema, account: Account) -> bool | None:
    """Return whether an account is privileged and may be able to log in, None where the API did not report it."""
    if not schema.knows_privileged:
        return False
    normal = schema.normalise(account.values)
    if normal.get("enabled") is False:
        return False
    privileged = normal.get("privileged")
    return privileged if isinstance(privileged, bool) else None


def able_admins(schema: Schema, accounts: t.Iterable[Account]) -> list[Account]:
    """Return the accounts that are certainly privileged and not blocked. There are none if the API does not report
    which accounts are privileged."""
    return [account for account in accounts if _privileged(schema, account) is True]


def strips_admin(schema: Schema, plan: Plan) -> list[Account]:
    """Return the accounts that a plan would delete, disable or demote, and that are or may be privileged."""
    return [
        user.account
        for user in plan.changed
        if user.account is not None and _strips(user) and _privileged(schema, user.account) is not False
    ]


def _check_admins(
    schema: Schema, policy: Policy, snapshot: Snapshot, plan: Plan, admins: t.Sequence[Account] | None
) -> None:
    """Refuse a plan that leaves fewer than ``min_admins`` privileged users.

    A user that may be privileged counts among the lost ones, but not among those who stay.
    """
    gone = strips_admin(schema, plan)
    if gone and admins is None and snapshot.complete:
        admins = able_admins(schema, snapshot.accounts)
    if not gone or admins is None:
        return
    left = len({account.id for account in admins} - {account.id for account in gone})
    if left >= policy.min_admins:
        _check_level(schema, policy, plan, admins, gone)
        return
    certain, noun = able_admins(schema, gone), schema.noun
    names = [account.name for account in certain or gone]
    reason, advice = _unlisted(policy, plan, names)
    if certain:
        message = (
            f"The plan would leave {counted(left, f'privileged {noun}')}, and min_admins is {policy.min_admins}: "
            f"{listed(names)} would be deleted, disabled or demoted{reason}."
        )
        hint = f"{advice}add privileged users first" if advice else "Add privileged users first"
    else:
        message = (
            f"{listed(names)} would be deleted, disabled or demoted, and {schema.title} did not report whether they "
            f"are privileged. Only {counted(left, noun, 'is')} certain to stay privileged, "
            f"and min_admins is {policy.min_admins}."
        )
        hint = "Check the permissions of these credentials, or add privileged users first"
    if policy.bulk:
        hint += f", or lower {policy.option('min_admins')}."
    else:
        hint += f", or use {schema.provider}_{noun.replace(' ', '_')}s, which has the option min_admins."
    hint = f"Nothing was written. {hint}"
    raise GuardError(message, hint, _stripped(names), "min_admins", policy.option("min_admins") if policy.bulk else "")


def _unlisted(policy: Policy, plan: Plan, lost: t.Sequence[str]) -> tuple[str, str]:
    """Return why unlisted users would be lost, as the end of a sentence, and the beginning of the advice.

    Both are empty unless all lost users are unlisted.
    """
    unlisted = {user.key for user in plan.changed if user.unlisted}
    if not policy.takes_away or not unlisted.issuperset(lost):
        return "", ""
    protect, them = policy.option("protect"), "them" if len(lost) > 1 else lost[0]
    keep = f"List {them} in users or in {protect}"
    if policy.is_job:
        keep = f"Add {'their people' if len(lost) > 1 else 'the person'} to the feed, or {them} to {protect}"
    return f", because {policy.option('unlisted')} is {policy.unlisted}", f"{keep}. If this loss is intended, "


def _check_level(
    schema: Schema, policy: Policy, plan: Plan, admins: t.Sequence[Account], gone: t.Sequence[Account]
) -> None:
    """Refuse the loss of all users of the highest level: only they can change other users of that level."""
    levels = {account.id: (schema.level(account.values) or 0) for account in admins} if schema.level is not None else {}
    highest = {identity for identity, level in levels.items() if level == max(levels.values())}
    lost = [account.name for account in gone if account.id in highest]
    if policy.min_admins and lost and highest <= {account.id for account in gone}:
        reason, advice = _unlisted(policy, plan, lost)
        raise GuardError(
            f"The plan would leave no {schema.noun} with the highest role: "
            f"{listed(lost)} would be deleted, disabled or demoted{reason}.",
            f"Nothing was written. {advice}{'grant' if advice else 'Grant'} this role to another user first"
            + (f", or set {policy.option('min_admins')}: 0." if policy.bulk else "."),
            _stripped(lost),
            "min_admins",
            policy.option("min_admins") if policy.bulk else "",
        )


def _stripped(users: t.Iterable[str]) -> dict[str, str]:
    return {user: f"{user} would be deleted, disabled or demoted." for user in users}


def is_digest(text: str) -> bool:
    """Return whether a text has the form of a plan's digest. A part of a digest does not."""
    return re.fullmatch("[0-9a-f]{64}", text) is not None


def check_digest(policy: Policy, plan: Plan) -> None:
    """Raise GuardError if the plan is not the approved one.

    An empty plan needs no approval: a second run is unchanged.
    """
    if policy.plan_digest and plan.changed and policy.plan_digest != plan.digest():
        if not is_digest(policy.plan_digest):
            raise GuardError(
                f"plan_digest is {policy.plan_digest!r}, which does not have the 64 hexadecimal digits of a digest.",
                "Nothing was written. Specify the whole digest of the approved plan.",
                code="plan_digest",
                option=policy.option("plan_digest"),
            )
        raise GuardError(
            f"The plan is no longer the approved one: its digest is {plan.digest()}, "
            f"plan_digest is {policy.plan_digest}.",
            "Nothing was written. The input or the directory has changed since: "
            "review the new plan in check mode and approve its digest.",
            code="plan_digest",
            option=policy.option("plan_digest"),
        )
