# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Turns desired users into the plan of a task: resolves names, reads and matches users, and plans the differences."""

from __future__ import annotations

import typing as t

from ..errors import InputError, RollcallError, require
from ..plan.conflicts import collisions, duplicates, malformed
from ..plan.model import PASSWORD, Desired, Snapshot
from ..plan.plan import plan_all
from ..plan.policy import Policy, check_policy, unmatched_patterns
from ..plan.protect import unmatched
from ..plan.steps import Plan
from ..plan.unlisted import plan_unlisted, unlisted_accounts
from ..wording import agreed, counted
from .details import load_details
from .directory import Directory
from .pairing import Pair, add_deleted, pair
from .reading import Source, about
from .report import Context


def plan_task(
    context: Context, directory: Directory, desired: list[Desired], policy: Policy, known: t.Sequence[str],
    reading: Source,
) -> tuple[Snapshot, Plan, str]:
    """Read the accounts. Return the snapshot, the plan (before the guards), and a text about what was read."""
    schema = directory.schema
    problems = _resolved(directory, desired, policy, known, reading)
    try:
        snapshot, reads = reading.result(desired)
    except RollcallError:
        require(problems)
        raise
    add_deleted(directory, desired, snapshot)
    pairs, faults = pair(context, directory, desired, snapshot)
    if problems or faults:
        require([*problems, *faults, *_late(directory, desired)])
    details = load_details(directory, pairs)
    pairs = _completed(directory, pairs)
    details += load_details(directory, pairs)  # values that the desired ones imply may need more details
    plan = plan_all(schema, pairs)
    for user in plan.users:
        if user.account is not None and not user.account.id:  # a user that does not exist yet has nothing to lose
            user.losses.clear()
            user.sensitive.clear()
    require([*malformed(schema, plan), *collisions(schema, snapshot, plan)])
    if policy.unlisted != "ignore":
        details += _plan_unlisted(directory, policy, snapshot, plan)
    if details:
        reads += f", {counted(details, 'detail read')}"
    patterns = unmatched(tuple(unmatched_patterns(policy, snapshot, desired)), policy.spared) if policy.bulk else ()
    for pattern in patterns:
        context.warn(
            f"protect: {pattern!r} matches no {schema.noun} of this directory, so it has no effect. "
            "Check its spelling.",
            "unmatched_pattern",
        )
    resetting = [user for user in desired if user.always and user.state == "present"]
    if resetting and not any(user.fields.get(PASSWORD) for user in resetting):
        context.warn(
            "update_password: always has no effect, because there is no password. Specify password, or remove "
            "update_password.",
            "no_effect",
        )
    for planned in plan.users:
        for text in planned.warnings:
            context.warn(text)
    return snapshot, plan, reads


def _resolved(
    directory: Directory, desired: list[Desired], policy: Policy, known: t.Sequence[str], reading: Source
) -> list[str]:
    """Check the input, begin to read, and resolve the names of roles and similar objects. Return name problems.

    Raises InputError for other problems of the input. The caller reports unknown names together with the problems of
    accounts.
    """
    problems = list(known)
    if policy.bulk:
        problems += check_policy(directory.schema, policy, desired)
    problems += duplicates(desired)
    for user in desired:
        problems += directory.check(user)
    directory.prepare({name for user in desired for name in user.facets})
    try:
        reading.verify()
    except RollcallError:
        require(problems)
        raise
    if not problems:
        reading.begin(desired)
    unknown: list[str] = []
    try:
        unknown += directory.resolve(desired)
        unknown += _out_of_bounds(directory, desired)
    except RollcallError:
        if not problems:
            raise
    if problems:
        require([*problems, *unknown, *_late(directory, desired)])
    return unknown


def _late(directory: Directory, desired: t.Sequence[Desired]) -> list[str]:
    """Return the problems that only accounts usually show. The input has other problems, so an API error is ignored."""
    try:
        return directory.late_problems(desired)
    except RollcallError:
        return []


def _out_of_bounds(directory: Directory, desired: t.Sequence[Desired]) -> list[str]:
    """Return a problem for each managed facet with desired entries outside of its bounds."""
    problems: list[str] = []
    for user in desired:
        for name, target in user.facets.items():
            if target.mode != "managed":
                continue
            outside = {key: item for key, item in target.entries.items() if key not in target.bounds}
            if outside:
                facet = directory.schema.facet(name)
                shown = (
                    ", ".join(sorted(outside)) if facet.is_map else ", ".join(str(item) for item in facet.show(outside))
                )
                them = agreed(len(outside), "it")
                problems.append(
                    user.problem(
                        f"{name} contains {shown}, which managed_{name} does not. "
                        f"Add {them} to managed_{name}, or remove {them} from {name}.",
                        "outside_managed",
                        f"managed_{name}",
                    )
                )
    return problems


def _completed(directory: Directory, pairs: t.Sequence[Pair]) -> list[Pair]:
    """Return the pairs with further values that the desired ones imply.

    Raises InputError with all values that the accounts cannot have.
    """
    completed: list[Pair] = []
    problems: list[str] = []
    directory.foresee([(user, account) for user, account, _warnings in pairs])
    for user, account, warnings in pairs:
        if account is not None and not account.id:  # an account assumed in check mode: there is nothing to compare
            completed.append((user, account, warnings))
            continue
        try:
            with about(user.name):
                completed.append((directory.complete(user, account), account, warnings))
        except InputError as error:
            problems += error.advised()
    require(problems)
    return completed


def _plan_unlisted(directory: Directory, policy: Policy, snapshot: Snapshot, plan: Plan) -> int:
    """Add the accounts that the input does not name to a plan.

    Return the number of calls for details, which are read for all these accounts.
    """
    schema = directory.schema
    if not snapshot.complete:
        raise RollcallError(
            f"The list of {schema.noun}s is incomplete, so no {schema.noun} was removed.", "Run the task again."
        )
    forms: dict[str, Desired] = {}
    details = 0
    if policy.unlisted == "disable":
        forms = {account.id: directory.disabled(account) for account in unlisted_accounts(snapshot, plan)}
        details = load_details(directory, [(form, snapshot.by_id[identity], []) for identity, form in forms.items()])
    plan_unlisted(schema, policy, snapshot, plan, directory.connection.caller(), lambda account: forms[account.id])
    return details
