# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The three kinds of task: converge (plan and execute), perform (an action that is no state) and gather (read)."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..errors import GuardError, InputError, NotFound, Problem, UnclearAnswer, require
from ..plan.guards import (
    SetAside,
    check_digest,
    check_plan,
    check_protected,
    set_aside_protected,
    strips_admin,
)
from ..plan.losses import Loss
from ..plan.matching import Ambiguous, find
from ..plan.model import Account, Desired, Schema, Snapshot
from ..plan.policy import Policy
from ..plan.steps import Plan
from .connection import Connection
from .directory import Directory
from .execute import Done, execute
from .options import single_policy
from .pairing import warn_missing
from .planning import plan_task
from .reading import Reading, Source, about, look_up
from .report import Context, Result, failure, report

_LOOK_FIRST = "Check the user before you run the task again: every run repeats the action."


@dataclass
class Prepared:
    """A plan within the limits.

    ``reads`` is a text about what was read, ``mails`` the number of mails that the plan causes the provider to send.
    ``start`` and ``read`` are the numbers of calls before and after the reading. ``set_aside`` are the changes
    that the plan does not contain: those of protected accounts (see ``Policy.sets_aside``), and in a job those of
    people whose values cannot be planned.
    """

    directory: Directory
    policy: Policy
    snapshot: Snapshot
    plan: Plan
    reads: str
    mails: int
    start: int
    read: int
    set_aside: t.Sequence[SetAside] = ()


def converge(
    context: Context,
    directory: Directory,
    desired: list[Desired],
    policy: Policy,
    problems: t.Sequence[str] = (),
    reading: Source | None = None,
) -> Result:
    """Plan, check the limits, execute, report. Raises RollcallError; nothing is written before all checks are done.

    ``problems`` are the problems that were already found in the input; they are reported together with all others.
    ``reading`` is the reading of the directory, if one has begun.
    """
    return carry_out(context, prepare(context, directory, desired, policy, problems, reading))


def converge_one(
    context: Context, directory: Directory, desired: Desired, problems: t.Sequence[str] = ()
) -> Result:
    """Bring one user to a desired state, as ``converge`` does. Other processes do not write the user meanwhile.

    They may call the user by name, so a task with only an id excludes them from all users.
    """
    with directory.connection.alone(desired.key or None, context.check):
        return converge(context, directory, [desired], single_policy(context.params), problems)


def prepare(
    context: Context,
    directory: Directory,
    desired: list[Desired],
    policy: Policy,
    problems: t.Sequence[str] = (),
    reading: Source | None = None,
) -> Prepared:
    """Return a plan within the limits; nothing is written. Raises RollcallError, as ``converge`` does."""
    connection = directory.connection
    directory.foresees = context.check or (policy.bulk and len(desired) > 1)
    with reading or Reading(context.progress, directory, len(desired), policy) as reading:
        snapshot, plan, reads = plan_task(context, directory, desired, policy, problems, reading)
    read = connection.transport.count()
    # Only plans that may delete, disable or demote an administrator need to know how many others there are.
    admins = directory.admins(snapshot) if strips_admin(directory.schema, plan) else None
    # The caller may take a call of its own.
    caller = connection.caller() if any(user.losses or user.sensitive for user in plan.changed) else None
    removed = set_aside_protected(policy, plan, caller) if policy.sets_aside else []
    mails = sum(directory.mails(user.steps, user.desired) for user in plan.changed)
    prepared = Prepared(directory, policy, snapshot, plan, reads, mails, reading.start, read, removed)
    try:
        check_plan(directory.schema, policy, snapshot, plan, caller, len(snapshot.accounts), admins, mails)
        check_digest(policy, plan)
    except GuardError as error:
        # The result shows a refused plan like any other plan.
        stopped = report(context, directory, plan, [], policy)
        error.more = {name: stopped[name] for name in ("summary", "losses", "plan_digest", "diff") if name in stopped}
        error.stopped = prepared
        raise
    return prepared


def carry_out(context: Context, prepared: Prepared) -> Result:
    """Execute a plan, unless this is check mode, and return the result. Raises PartialFailure if users failed."""
    directory, policy, plan = prepared.directory, prepared.policy, prepared.plan
    connection = directory.connection
    outcomes: list[Done] = []
    if not context.check and plan.changed:
        calls = sum(directory.cost(step) for user in plan.changed for step in user.steps)
        connection.transport.limiter.afford(calls + _readings(directory, policy, plan))
        # A single user is written right after reading, unless an earlier task has read it. Of many users, some are
        # written long after they were read.
        age = None if policy.bulk or connection.known is not None else connection.transport.count() - prepared.read
        with connection.alone(None, not policy.bulk):  # converge_one excludes them from a single user
            context.progress.begin(f"{directory.schema.noun}s written", len(plan.changed))
            outcomes = execute(
                directory, plan.changed, policy.on_error == "stop" or not policy.bulk, context.progress.step, age
            )
        _note_written(directory, outcomes)
    pass_notices(context, directory)
    result = report(context, directory, plan, outcomes, policy)
    result["api_calls"] = connection.transport.count() - prepared.start
    if connection.transport.last_request_id:
        result["request_id"] = connection.transport.last_request_id
    if policy.bulk:
        result["reads"] = prepared.reads
        result["mails"] = prepared.mails
    failed = failure(directory, outcomes, policy, result)
    if failed is not None:
        raise failed
    return result


def _note_written(directory: Directory, outcomes: t.Sequence[Done]) -> None:
    """Remember the written accounts for later tasks of the connection. Forget accounts whose state is uncertain."""
    for done in outcomes:
        if done.account is None or not done.account.id:
            continue
        if done.failed or done.uncertain or done.plan.operation not in ("create", "update", "disable"):
            directory.forget(done.account.id)
        else:
            directory.remember(done.account)


def _readings(directory: Directory, policy: Policy, plan: Plan) -> int:
    """Return the number of calls for users that are read again before they are written."""
    if not policy.bulk and not directory.reads_first:
        return 0
    return sum(
        user.account is not None
        and user.desired is not None
        and any(directory.at_stake(step, user.desired) for step in user.steps)
        for user in plan.changed
    )


# -- actions and reads -------------------------------------------------------------------------------------------


def locate(directory: Directory, key: str | None, identity: str | None, fresh: bool = False) -> Account:
    """Return the account with this natural key or id.

    With ``fresh``, also read an account that an earlier task of the connection has remembered. Raises NotFound if there
    is none, and InputError if there are several.
    """
    schema = directory.schema
    desired = existing_user(schema, key, identity)
    require(directory.check(desired))
    snapshot = Snapshot()
    look_up(directory, snapshot, [desired], fresh)
    try:
        account, _warnings = find(schema, desired, snapshot)
    except Ambiguous as error:
        if error.problem.code != "user_not_found":
            raise InputError(error.problem) from None
        account = None
    if account is None:
        raise _not_found(directory, desired)
    directory.remember(account)
    return account


def _not_found(directory: Directory, desired: Desired) -> NotFound:
    schema = directory.schema
    name, word, option = f"with the id {desired.id!r}", "id", schema.id_option
    if desired.id is None:
        name, word, option = repr(desired.key), "name", schema.key_option
    problem = Problem(f"There is no {schema.noun} {name} in this directory.", "user_not_found", option=option)
    return NotFound(problem, f"Correct the {word}. {directory.missing_advice}".strip())


def existing_user(schema: Schema, key: str | None, identity: str | None, **parts: t.Any) -> Desired:
    """Return the user of a task on a part of a user, who must exist, from the natural key and the id in its options.

    ``parts`` are the desired fields and facets. Raises InputError if there is neither a name nor an id.
    """
    desired = Desired((key or "").strip(), id=identity, may_create=False, **parts)
    if not desired.key and not desired.id:
        option = schema.key_option if desired.id is None else schema.id_option
        text = f"{option} is empty. Specify {schema.key_option} or {schema.id_option}."
        raise InputError(Problem(text, "blank_value", option=option))
    return desired


def perform(
    context: Context,
    directory: Directory,
    act: t.Callable[[Account], Result],
    needed: t.Callable[[Account], bool] = lambda account: True,
    losses: t.Sequence[Loss] = (),
    problems: t.Sequence[str] = (),
) -> Result:
    """Perform an action on one user that is not a state, such as ending sessions. In check mode, only predict it.

    If ``needed(account)`` is False, there is nothing to do. ``act`` returns its part of the result. ``losses`` are what
    the user loses by the action: for a protected user, they raise GuardError. ``problems`` are those of other options.
    """
    connection = directory.connection
    start = connection.transport.count()
    name, identity = context.params.get("user"), context.params.get("id")
    if problems:
        require([*problems, *directory.check(existing_user(directory.schema, name, identity))])
    connection.verify()
    account: Account | None
    try:
        account = locate(directory, name, identity)
    except NotFound:
        if not context.check or identity is not None:
            raise
        account = None
        warn_missing(context, directory.schema, str(name))
    with about(account.name if account is not None else str(name)):
        changed = account is None or needed(account)
        if account is not None and changed and losses:
            check_protected(directory.schema, single_policy(context.params), [(account, losses)], connection.caller())
        result: Result = {
            "changed": changed,
            "user": {"id": account.id if account else None, "user": account.key if account else name},
        }
        if changed and not context.check and account is not None:
            try:
                result.update(act(account))
            except UnclearAnswer as error:
                raise error.of(account.name, _LOOK_FIRST if error.is_general else "") from error
    result["api_calls"] = connection.transport.count() - start
    if connection.transport.last_request_id:
        result["request_id"] = connection.transport.last_request_id
    return result


def pass_notices(context: Context, directory: Directory) -> None:
    """Add what a directory noted while it read and wrote to the warnings of the result."""
    while directory.notices:
        notice = directory.notices.pop(0)
        context.warn(notice.text, notice.code, notice.user)


def gather(context: Context, connection: Connection, read: t.Callable[[], Result], bulk: bool = False) -> Result:
    """Read, and change nothing. A ``bulk`` reading can cover many users, and does not use the rate limit's reserve."""
    connection.transport.limiter.keeps_reserve = bulk
    start = connection.transport.count()
    connection.verify()
    with connection.odd_rows():
        result: Result = {"changed": False, **read()}
    result["api_calls"] = connection.transport.count() - start
    return result
