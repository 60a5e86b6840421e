# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policy of a task: its limits, their validation, and the protection of accounts."""

from __future__ import annotations

import math
import re
import typing as t
from dataclasses import dataclass, field
from fractions import Fraction

from ..errors import Problem
from ..names import fold, skeleton
from .model import Account, Desired, Schema, Snapshot
from .protect import matching, unmatched

_LIMIT = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?%|[0-9]+")


@dataclass(frozen=True)
class Policy:
    """The limits of a task. ``bulk`` is False for tasks on one user, which have only ``protect`` and ``min_admins``.

    ``loss_limit``, ``create_limit``, ``reopen_limit`` and ``rename_limit`` are numbers of users or percentages of the
    directory; the last three are unlimited if they are None. ``scope`` is the prefix of option names in messages, and
    empty unless this is a job; ``names`` are names of options that have another one. ``spared`` are the names of
    accounts that a job leaves unchanged, as ``fold`` and ``skeleton`` return them. With ``sets_aside``, a change that
    a protected account does not allow is removed from the plan; otherwise, it refuses the whole plan.
    """

    bulk: bool = False
    unlisted: str = "ignore"
    loss_limit: str | None = None
    delete_limit: int = 0
    create_limit: str | None = None
    reopen_limit: str | None = None
    rename_limit: str | None = None
    protect: tuple[str, ...] = ()
    spared: frozenset[str] = frozenset()
    min_admins: int = 2
    bootstrap: bool = False
    plan_digest: str | None = None
    max_mails: int = 20
    on_error: str = "continue"
    scope: str = ""
    names: t.Mapping[str, str] = field(default_factory=dict)
    sets_aside: bool = False

    def option(self, name: str) -> str:
        """Return the name of an option in messages: in a job with its place, such as
        ``identity_connections.ol.loss_limit``."""
        return self.names.get(name) or f"{self.scope}{name}"

    @property
    def is_job(self) -> bool:
        """Return whether a job has created the list of users."""
        return bool(self.scope)

    @property
    def takes_away(self) -> bool:
        """Return whether users that the input does not name may lose something."""
        return self.unlisted in ("disable", "delete")


_SHARES = ("loss_limit", "create_limit", "reopen_limit", "rename_limit")
_COUNTS = ("delete_limit", "min_admins", "max_mails")


def limit_problems(limits: t.Mapping[str, t.Any], shown: t.Callable[[str], str] = str) -> list[Problem]:
    """Return a problem for each limit that is not a number or a percentage, or is negative.

    ``shown`` returns the name of an option in messages.
    """
    problems = []
    for name in _SHARES:
        limit = limits.get(name)
        try:
            limit_of(limit, 100)
        except ValueError:
            text = f"{shown(name)} is {limit!r}; specify a number of users such as 10, or a percentage such as 5%."
            problems.append(Problem(text, option=name))
    for name in _COUNTS:
        if limits.get(name, 0) < 0:
            problems.append(Problem(f"{shown(name)} is {limits[name]}; the minimum is 0.", option=name))
    return problems


def check_policy(schema: Schema, policy: Policy, desired: t.Sequence[Desired]) -> list[str]:
    """Return the problems of a task's options, before anything is read."""
    limits = {name: getattr(policy, name) for name in (*_SHARES, *_COUNTS)}
    problems: list[str] = [*limit_problems(limits, policy.option)]
    if policy.takes_away and not any(user.state == "present" for user in desired):
        empty = "users is empty" if not desired else "no element of users has state: present"
        advice = "List the users to keep, or omit unlisted."
        if policy.is_job:
            empty = "no person is entitled to an account"
            advice = f"Check people and entitlements, or set {policy.option('unlisted')} to report."
        every = "every other" if desired and not policy.is_job else "every"
        text = (
            f"{empty} and {policy.option('unlisted')} is {policy.unlisted}: {every} {schema.noun} of the directory "
            f"would be {policy.unlisted}d. {advice}"
        )
        problems.append(Problem(text, "empty_list", option="users"))
    if policy.unlisted == "disable" and schema.disable_is == "manual":
        text = f"{schema.title} cannot disable a {schema.noun}; use {policy.option('unlisted')}: report."
        problems.append(Problem(text, "not_supported", option="unlisted"))
    if policy.takes_away and not policy.protect and not (schema.knows_privileged and schema.knows_caller):
        unknown = f"{schema.noun} these credentials belong to"
        if not schema.knows_privileged:
            unknown = f"{schema.noun}s are administrators or which one these credentials belong to"
        text = (
            f"{policy.option('unlisted')} is {policy.unlisted}, and {schema.title} does not report which "
            f"{unknown}. In {policy.option('protect')}, list those who must keep their access, as glob patterns."
        )
        problems.append(Problem(text, "missing_protect", option="protect"))
    return problems


def limit_of(limit: str | None, size: int) -> int | None:
    """Return a limit as a number of users, None if it is None. ``size`` is the number of users of the directory.

    Raises ValueError for anything but ASCII digits, such as ``10``, or a percentage up to 100, such as ``5%`` or
    ``0.5%``.
    """
    if limit is None:
        return None
    text = str(limit).strip()
    match = _LIMIT.fullmatch(text)
    if match is None or (match[1] and Fraction(match[1]) > 100):
        raise ValueError(limit)
    return math.floor(size * Fraction(match[1]) / 100) if match[1] else int(text)


def allowed_losses(limit: str | None, size: int) -> int:
    """Return the number of users who may lose something. Default: the larger of 5 users and 2 % of the directory.

    Raises ValueError if the limit is neither a number nor a percentage.
    """
    allowed = limit_of(limit, size)
    return max(5, size // 50) if allowed is None else allowed


def protection(policy: Policy, account: Account, caller: str | None) -> str | None:
    """Return why an account is protected from every loss, or None if it is not."""
    why = standing(policy, account, caller)
    if why is None:
        for pattern in matching(policy.protect, account.key):
            return f"protected by {pattern.strip()!r} in protect"
    return why


def standing(policy: Policy, account: Account, caller: str | None) -> str | None:
    """Return why an account is protected whatever ``protect`` says, or None if it is not."""
    if account.owner:
        return "the owner of the account"
    if account.owner is None:
        return "possibly the owner of the account, whom the API does not report"
    if caller and caller in (account.id, fold(account.key)):
        return "the user of these credentials"
    if policy.spared and not policy.spared.isdisjoint((fold(account.key), skeleton(account.key))):
        return "an account that this run leaves unchanged"
    return None


def unmatched_patterns(policy: Policy, snapshot: Snapshot, desired: t.Iterable[Desired]) -> list[str]:
    """Return the patterns of ``protect`` that match no user, and that may be misspelled.

    Return none unless the whole directory was read.
    """
    if not snapshot.complete:
        return []
    accounts = [*snapshot.accounts, *snapshot.deleted_by_id.values()]
    return unmatched(policy.protect, [*(account.key for account in accounts), *(user.key for user in desired)])
