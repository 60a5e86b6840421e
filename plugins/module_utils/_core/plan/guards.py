# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guards: what a plan may do. They look at a finished plan, before the first write. Pure, like the planner."""

from __future__ import annotations

import math
import re
import typing as t
from dataclasses import dataclass

from ..errors import GuardError, InputError, Problem, UnreadableAnswer
from ..names import escaped, fold, skeleton
from .losses import STRIPS, Loss, sentence
from .model import Account, Desired, Schema, Snapshot
from .plan import UNLISTED, Plan, UserPlan, plan_user
from .protect import matching, unmatched

_SHOWN = 20
"""Names that a message lists before it says how many more there are."""
_LIMIT = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?%|[0-9]+")


@dataclass(frozen=True)
class Policy:
    """The limits of a task. ``bulk`` is False for tasks on one user, which have only ``protect`` and ``min_admins``.

    ``loss_limit``, ``create_limit``, ``reopen_limit`` and ``rename_limit`` are numbers of users or percentages of the
    directory; the last three are unlimited if they are None. ``scope`` stands before the names of options in messages.
    """

    bulk: bool = False
    unlisted: str = "ignore"
    loss_limit: str | None = None
    delete_limit: int = 0
    create_limit: str | None = None
    reopen_limit: str | None = None
    rename_limit: str | None = None
    protect: tuple[str, ...] = ()
    min_admins: int = 2
    bootstrap: bool = False
    plan_digest: str | None = None
    max_mails: int = 20
    on_error: str = "continue"
    scope: str = ""

    def option(self, name: str) -> str:
        """Return how messages call an option of the task: in a job with its place, ``identity_connections.ol.loss_limit``."""
        return f"{self.scope}{name}"

    @property
    def takes_away(self) -> bool:
        """Return whether users that the input does not name may lose something."""
        return self.unlisted in ("disable", "delete")


def check_policy(schema: Schema, policy: Policy, desired: t.Sequence[Desired]) -> list[str]:
    """Return what is wrong with the options of a task, before anything is read."""
    problems: list[str] = []
    for name in ("loss_limit", "create_limit", "reopen_limit", "rename_limit"):
        try:
            limit_of(getattr(policy, name), 100)
        except ValueError:
            text = f"{policy.option(name)} is {getattr(policy, name)!r}; specify a number of users such as 10, or a percentage such as 5%."
            problems.append(Problem(text, option=name))
    for name in ("delete_limit", "min_admins", "max_mails"):
        if getattr(policy, name) < 0:
            problems.append(Problem(f"{policy.option(name)} is {getattr(policy, name)}; the least is 0.", option=name))
    if policy.takes_away and not any(user.state == "present" for user in desired):
        empty = "users is empty" if not desired else "users names nobody with state: present"
        advice = "List the users who stay, or leave unlisted out."
        if policy.scope:  # a job makes the list
            empty, advice = "nobody is to have an account", "Check people and entitlements, or set it to report."
        text = f"{empty} and {policy.option('unlisted')} is {policy.unlisted}: every other {schema.noun} of the directory would be {policy.unlisted}d. {advice}"
        problems.append(Problem(text, "empty_list", option="users"))
    if policy.unlisted == "disable" and schema.disable_is == "manual":
        text = f"{schema.provider} cannot disable a {schema.noun}; use {policy.option('unlisted')}: report."
        problems.append(Problem(text, "not_supported", option="unlisted"))
    if policy.takes_away and not policy.protect and not (schema.knows_privileged and schema.knows_caller):
        text = (
            f"{policy.option('unlisted')} is {policy.unlisted}, and {schema.provider} does not report which {schema.noun}s are administrators or "
            f"which one is calling: name those who must stay in {policy.option('protect')} (glob patterns on the user)."
        )
        problems.append(Problem(text, "missing_protect", option="protect"))
    return problems


def limit_of(limit: str | None, size: int) -> int | None:
    """Return a limit as a number of users, None for none. ``size`` is the number of users of the directory.

    Raises ValueError for anything but ASCII digits, such as ``10``, or a percentage up to 100, such as ``5%`` or ``0.5%``.
    """
    if limit is None:
        return None
    text = str(limit).strip()
    match = _LIMIT.fullmatch(text)
    if match is None or (match[1] and float(match[1]) > 100):
        raise ValueError(limit)
    return math.floor(size * float(match[1]) / 100) if match[1] else int(text)


def allowed_losses(limit: str | None, size: int) -> int:
    """Return the number of users who may lose something. Default: the larger of 5 users and 2 % of the directory.

    Raises ValueError where the limit is neither a number nor a percentage.
    """
    allowed = limit_of(limit, size)
    return max(5, math.floor(size * 0.02)) if allowed is None else allowed


def protection(policy: Policy, account: Account, caller: str | None) -> str | None:
    """Return why an account is shielded from every loss, or None."""
    if account.owner:
        return "the owner of the account"
    if account.owner is None:
        return "perhaps the owner of the account, which the API does not report"
    if caller and caller in (account.id, fold(account.key)):
        return "the identity this task works as"
    for pattern in matching(policy.protect, account.key):
        return f"protected by {pattern!r} in protect"
    return None


def unmatched_patterns(policy: Policy, snapshot: Snapshot, desired: t.Iterable[Desired]) -> list[str]:
    """Return the patterns of ``protect`` that match nobody, where the whole directory was read. They may be misspelled."""
    if not snapshot.complete:
        return []
    accounts = [*snapshot.accounts, *snapshot.deleted_by_id.values()]
    return unmatched(policy.protect, [*(account.key for account in accounts), *(user.key for user in desired)])


def unlisted_accounts(snapshot: Snapshot, plan: Plan) -> list[Account]:
    """Return the accounts that the input does not name, not even by an earlier name."""
    named = {user.account.id for user in plan.users if user.account is not None}
    earlier = {fold(key) for user in plan.users if user.desired is not None for key in user.desired.previous}
    return [account for account in snapshot.accounts if account.id not in named and fold(account.key) not in earlier]


def plan_unlisted(
    schema: Schema, policy: Policy, snapshot: Snapshot, plan: Plan, caller: str | None, disabled: t.Callable[[Account], Desired]
) -> None:
    """Add the accounts that the input does not name to a plan.

    ``disabled(account)`` is the Desired of an account that may no longer log in. Raises UnreadableAnswer where such an
    account has no name: it may be one of the listed users.
    """
    nameless = []
    for account in unlisted_accounts(snapshot, plan):
        plan.unlisted.append(account.key)
        if not policy.takes_away:
            continue
        if protection(policy, account, caller) is not None:
            plan.spared.append(account.key)
            continue
        if account.values.get(schema.key, account.key) in (None, ""):
            nameless.append(account.id)
            continue
        form = disabled(account) if policy.unlisted == "disable" else Desired(account.key, id=account.id, state="absent")
        form.index = UNLISTED
        user = plan_user(schema, form, account)
        if user.steps:
            plan.users.append(user)
    if nameless:
        raise UnreadableAnswer(
            f"{len(nameless)} {schema.noun}s of the list have no {schema.key} (id {_listed(nameless)}), so it is unknown whether they are listed in users.",
            f"Nothing was written. List them by id, or use unlisted: report instead of {policy.unlisted}.",
        )


def check_plan(
    schema: Schema, policy: Policy, snapshot: Snapshot, plan: Plan, caller: str | None, size: int, admins: t.Sequence[Account] | None = None
) -> None:
    """Raise GuardError where a plan exceeds the limits.

    ``size`` is the number of users of the directory, ``admins`` are its privileged users who can log in (None: those
    of the snapshot, if it is complete).
    """
    _check_protected(schema, policy, plan, caller)
    _check_caller(schema, policy, plan, caller)
    _check_admins(schema, policy, able_admins(schema, snapshot.accounts) if admins is None and snapshot.complete else admins, plan)
    if policy.bulk:
        _check_directory(schema, policy, snapshot, plan)
        _check_limits(schema, policy, plan, size)


def _check_protected(schema: Schema, policy: Policy, plan: Plan, caller: str | None) -> None:
    """Refuse losses, renames, other passwords and cleared values of protected users."""
    pairs = [(user.account, [*user.losses, *user.sensitive]) for user in plan.changed if user.account is not None]
    check_protected(schema, policy, pairs, caller)


def check_protected(schema: Schema, policy: Policy, pairs: t.Iterable[tuple[Account, t.Sequence[Loss]]], caller: str | None) -> None:
    """Raise GuardError where protected accounts lose something."""
    shielded = {}
    for account, losses in pairs:
        why = protection(policy, account, caller) if losses else None
        if why is not None:
            shielded[account.key] = sentence(f"{account.key} ({why})", losses)
    if shielded:
        raise GuardError(
            f"The plan takes something from protected {schema.noun}s: {_listed(list(shielded.values()))}.",
            f"Nothing was written. Take the change out of the input, or the pattern out of {policy.option('protect')}.",
            {user: f"{text}." for user, text in shielded.items()},
            "protected",
            policy.option("protect") if policy.protect else "",
        )


def _check_caller(schema: Schema, policy: Policy, plan: Plan, caller: str | None) -> None:
    """Refuse that somebody loses the login while the API, which normally does, does not report who is calling."""
    if caller or not schema.knows_caller or policy.protect:
        return
    losing = {user.key: f"{sentence(user.key, user.losses)}." for user in plan.changed if _strips(user)}
    if losing:
        raise GuardError(
            f"{schema.provider} did not report which {schema.noun} these credentials belong to, and it may be one of those who would be "
            f"deleted, disabled or demoted: {_listed(list(losing))}.",
            f"Nothing was written. Name the identity of this task in {policy.option('protect')}.",
            losing,
            "unknown_caller",
            policy.option("protect"),
        )


def _check_directory(schema: Schema, policy: Policy, snapshot: Snapshot, plan: Plan) -> None:
    """Refuse to take users away from a directory that hardly has those that are listed."""
    if not policy.takes_away or not snapshot.accounts or policy.bootstrap:
        return
    listed = [user for user in plan.users if not user.unlisted and user.desired is not None and user.desired.state == "present"]
    known = sum(1 for user in listed if user.account is not None)
    if listed and known * 2 < len(listed):
        raise GuardError(
            f"Only {known} of the {len(listed)} listed {schema.noun}s exist in this directory of {len(snapshot.accounts)}: is it the right one?",
            f"Nothing was written. If it is, set bootstrap: true; until then use unlisted: ignore instead of {policy.unlisted}.",
            code="wrong_directory",
            option=policy.option("bootstrap"),
        )


def _check_limits(schema: Schema, policy: Policy, plan: Plan, size: int) -> None:
    """Refuse more deletions, creations, renames, reopened logins or losses than the task allows."""
    deleted = [user.key for user in plan.changed if user.unlisted and user.operation == "delete"]
    if len(deleted) > policy.delete_limit:
        raise GuardError(
            f"{_counted(len(deleted), f'unlisted {schema.noun}')} would be deleted, and "
            f"{policy.option('delete_limit')} is {policy.delete_limit}: {_listed(deleted)}.",
            f"Nothing was written. Add them to users, or raise {policy.option('delete_limit')} if they are to go.",
            {user: f"{user} is not listed in {policy.option('users')} and would be deleted." for user in deleted},
            "delete_limit",
            policy.option("delete_limit"),
        )
    for name, limit, verb, users in (
        ("create_limit", policy.create_limit, "created", [user.key for user in plan.changed if user.operation == "create"]),
        ("rename_limit", policy.rename_limit, "renamed", [user.key for user in plan.changed if user.operation == "rename"]),
        ("reopen_limit", policy.reopen_limit, "able to log in again", [user.key for user in plan.changed if user.reopens]),
    ):
        number = limit_of(limit, size)
        if number is not None and len(users) > number:
            raise GuardError(
                f"{_counted(len(users), schema.noun)} would be {verb} and at most {number} may ({name} {limit}): {_listed(users)}.",
                f"Nothing was written. Check the input; if it is right, raise {policy.option(name)}.",
                {user: f"{user} would be {verb}." for user in users},
                name,
                policy.option(name),
            )
    losing = [user for user in plan.changed if user.losses]
    allowed = allowed_losses(policy.loss_limit, size)
    if len(losing) > allowed:
        origin = "the default" if policy.loss_limit is None else f"loss_limit {policy.loss_limit}"
        raise GuardError(
            f"{_counted(len(losing), schema.noun)} would lose something and at most {allowed} may ({origin}): "
            + _listed([sentence(user.key, user.losses) for user in losing]) + ".",
            f"Nothing was written. Check the input; if it is right, raise {policy.option('loss_limit')}.",
            {user.key: f"{sentence(user.key, user.losses)}." for user in losing},
            "loss_limit",
            policy.option("loss_limit"),
        )


def _strips(user: UserPlan) -> bool:
    """Return whether a user would be deleted, disabled or demoted."""
    return any(loss.code in STRIPS for loss in user.losses)


def _privileged(schema: Schema, account: Account) -> bool | None:
    """Return whether an account is privileged and may be able to log in, None where the API did not report it."""
    if not schema.knows_privileged or schema.normalise is None:
        return False
    normal = schema.normalise(account.values)
    if normal.get("enabled") is False:
        return False
    privileged = normal.get("privileged")
    return privileged if isinstance(privileged, bool) else None


def able_admins(schema: Schema, accounts: t.Iterable[Account]) -> list[Account]:
    """Return the accounts that are certainly privileged and not blocked; none where the API does not report who is privileged."""
    return [account for account in accounts if _privileged(schema, account) is True]


def strips_admin(schema: Schema, plan: Plan) -> list[Account]:
    """Return the accounts that a plan would delete, disable or demote and that are privileged, or of whom that is unknown."""
    return [user.account for user in plan.changed if user.account is not None and _strips(user) and _privileged(schema, user.account) is not False]


def _check_admins(schema: Schema, policy: Policy, admins: t.Sequence[Account] | None, plan: Plan) -> None:
    """Keep the last privileged users. A user of whom it is unknown counts as privileged when it is lost, and not when it stays."""
    gone = strips_admin(schema, plan)
    if not gone or admins is None:
        return
    left = len({account.id for account in admins} - {account.id for account in gone})
    if left >= policy.min_admins:
        _check_level(schema, policy, admins, gone)
        return
    certain, noun = able_admins(schema, gone), schema.noun
    names = [account.key for account in certain or gone]
    if certain:
        message = (
            f"The plan would leave {_counted(left, f'privileged {noun}')}, and min_admins is {policy.min_admins}: "
            f"{_listed(names)} would be deleted, disabled or demoted."
        )
        hint = "Nothing was written. Add others first"
    else:
        message = (
            f"{_listed(names)} would be deleted, disabled or demoted, and {schema.provider} did not report whether they are privileged. "
            f"Only {_counted(left, noun)} {'is' if left == 1 else 'are'} certain to stay privileged, and min_admins is {policy.min_admins}."
        )
        hint = "Nothing was written. Check the permissions of these credentials, or add privileged users first"
    if policy.bulk:
        hint += f", or lower {policy.option('min_admins')}."
    else:
        hint += f", or use {schema.provider}_{noun.replace(' ', '_')}s, which has the option min_admins."
    raise GuardError(message, hint, _stripped(names), "min_admins", policy.option("min_admins") if policy.bulk else "")


def _check_level(schema: Schema, policy: Policy, admins: t.Sequence[Account], gone: t.Sequence[Account]) -> None:
    """Keep the last user of the highest level, without whom nobody could write the others of that level."""
    levels = {account.id: (schema.level(account.values) or 0) for account in admins} if schema.level is not None else {}
    highest = {identity for identity, level in levels.items() if level == max(levels.values())}
    lost = [account.key for account in gone if account.id in highest]
    if policy.min_admins and lost and highest <= {account.id for account in gone}:
        raise GuardError(
            f"The plan would leave no {schema.noun} of the highest role: "
            f"{_listed(lost)} would be deleted, disabled or demoted.",
            "Nothing was written. Give somebody else this role first"
            + (f", or set {policy.option('min_admins')}: 0." if policy.bulk else "."),
            _stripped(lost),
            "min_admins",
            policy.option("min_admins") if policy.bulk else "",
        )


def _stripped(users: t.Iterable[str]) -> dict[str, str]:
    return {user: f"{user} would be deleted, disabled or demoted." for user in users}


def check_digest(policy: Policy, plan: Plan) -> None:
    """Raise GuardError where the plan is not the one that was approved."""
    if policy.plan_digest and policy.plan_digest != plan.digest():
        raise GuardError(
            f"The plan is no longer the approved one: its digest is {plan.digest()}, plan_digest is {policy.plan_digest}.",
            "Nothing was written. The input or the directory has changed since: review the new plan in check mode and approve its digest.",
            code="plan_digest",
            option=policy.option("plan_digest"),
        )


def check_mails(policy: Policy, mails: int) -> None:
    """Raise GuardError where a plan would send more mails than allowed."""
    if mails > policy.max_mails:
        raise GuardError(
            f"The plan would send {_counted(mails, 'mail')} to users, and max_mails is {policy.max_mails}.",
            f"Nothing was written. Raise {policy.option('max_mails')} if they are meant to be sent.",
            code="max_mails",
            option=policy.option("max_mails"),
        )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _listed(names: t.Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return "; ".join(names[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")


def duplicates(desired: t.Sequence[Desired]) -> list[str]:
    """Return a problem for each id, name or earlier name that two users of the input share.

    Two users who have different ids may have one name: some directories do.
    """
    problems: list[str] = []
    ids: dict[str, Desired] = {}
    names: dict[str, Desired] = {}
    for user in desired:
        other = ids.setdefault(user.id, user) if user.id is not None else user
        shared = f"id {user.id}"
        for name in dict.fromkeys(map(fold, filter(None, (user.key, *user.previous)))):
            if other is not user:
                break
            other, shared = names.setdefault(name, user), name
            if other.id is not None and user.id is not None and other.id != user.id:
                other = user
        if other is not user:
            problems.append(user.problem(f"this element and {other.place} name the same user ({shared}); keep one of them.", "duplicate_user"))
    return problems


def collisions(schema: Schema, snapshot: Snapshot, plan: Plan) -> list[str]:
    """Return a problem for each name that a plan gives to two users, or to one while another one has it.

    Names that merely look alike count as one: many servers take them for one.
    """
    problems: list[str] = []
    takers: dict[str, UserPlan] = {}
    for user in plan.users:
        name = _new_name(schema, user)
        if name is None or user.desired is None:
            continue
        other = takers.setdefault(skeleton(name), user)
        if other is not user and other.desired is not None:
            code = "duplicate_user" if fold(name) == fold(_new_name(schema, other) or "") else "lookalike_name"
            text = f"{escaped(name)} would also be the name of {other.desired.place}, or looks like it; keep one of them."
            problems.append(user.desired.problem(text, code, "user"))
            continue
        own = user.account.id if user.account is not None else None
        holders = [account for account in (*snapshot.named(name), *snapshot.similar(name)) if account.id != own]
        if holders:
            text = (
                f"{escaped(name)} cannot be given: the {schema.noun} {escaped(holders[0].key)} (id {holders[0].id}) has the name. "
                f"Rename or delete that {schema.noun} in an earlier task."
            )
            problems.append(user.desired.problem(text, "duplicate_user", "user"))
            continue
        deleted = [account for account in snapshot.deleted.get(fold(name), ()) if account.id != own]
        if deleted:
            text = f"{escaped(name)} cannot be given: a deleted {schema.noun} (id {deleted[0].id}) has the name. Use state: destroyed with that id first."
            problems.append(user.desired.problem(text, "duplicate_user", "user"))
    return problems


def _new_name(schema: Schema, user: UserPlan) -> str | None:
    """Return the name that a plan gives to a user who does not have it yet."""
    for step in user.steps:
        if step.verb == "create" or schema.key in step.changes:
            name = step.values.get(schema.key)
            return str(name) if name else user.key or None
    return None


def require(problems: t.Sequence[str], hint: str = "") -> None:
    """Raise InputError where there are problems."""
    if problems:
        raise InputError(problems, hint)
