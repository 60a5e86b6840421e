# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The three kinds of task: converge (plan and execute), perform (an action that is no state) and gather (read)."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..errors import NOTHING_WRITTEN, GuardError, InputError, NotFound, Problem, RateLimited, RollcallError, UnclearAnswer, require
from ..names import fold
from ..plan.conflicts import collisions, duplicates
from ..plan.guards import check_digest, check_mails, check_plan, check_protected, strips_admin
from ..plan.losses import Loss
from ..plan.matching import Ambiguous, find
from ..plan.model import Account, Desired, Schema, Snapshot
from ..plan.plan import plan_all
from ..plan.policy import Policy, check_policy, unmatched_patterns
from ..plan.steps import Plan
from ..plan.unlisted import plan_unlisted, unlisted_accounts
from .connection import Connection
from .directory import Directory
from .execute import Done, execute
from .reading import Reading, Source, about, found, look_up
from .report import Context, Result, failure, report

__all__ = ["Context", "Prepared", "Result", "carry_out", "converge", "gather", "locate", "perform", "prepare", "require_name", "warn_missing"]

Pair = tuple[Desired, "Account | None", "list[str]"]
"""A desired user, the account that was found, and warnings."""
_LOOK_FIRST = "Look at the user before you run it again: an action is done each time."
_TRIED = 2
"""Users whose details are read before the calls of all others are estimated: the first read may fetch what all have in common."""


@dataclass
class Prepared:
    """A plan that passed all checks: ``reads`` is what was read in words, ``mails`` how many mails the plan makes the
    provider send, ``start`` and ``read`` the number of calls before and after the reading."""

    directory: Directory
    policy: Policy
    snapshot: Snapshot
    plan: Plan
    reads: str
    mails: int
    start: int
    read: int


def converge(
    context: Context,
    directory: Directory,
    desired: list[Desired],
    policy: Policy,
    problems: t.Sequence[str] = (),
    reading: Source | None = None,
) -> Result:
    """Plan, check the limits, execute, report. Raises RollcallError; nothing is written before all checks are done.

    ``problems`` are those that the input has shown already; they are reported together with all others. ``reading``
    is the reading of the directory, where it is under way already.
    """
    return carry_out(context, prepare(context, directory, desired, policy, problems, reading))


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
    with reading or Reading(context.progress, directory, len(desired), policy) as reading:
        snapshot, plan, reads = _plan(context, directory, desired, policy, problems, reading)
    read = connection.transport.count()
    mails = sum(directory.mails(user.steps, user.desired) for user in plan.changed)
    prepared = Prepared(directory, policy, snapshot, plan, reads, mails, reading.start, read)
    try:
        # Few tasks touch an administrator; those that do need to know how many others there are.
        admins = directory.admins(snapshot) if strips_admin(directory.schema, plan) else None
        caller = connection.caller() if any(user.losses or user.sensitive for user in plan.changed) else None  # may be a call of its own
        check_plan(directory.schema, policy, snapshot, plan, caller, len(snapshot.accounts), admins)
        check_digest(policy, plan)
        if policy.bulk:
            check_mails(policy, mails)
    except GuardError as error:
        # What was stopped can be looked at like any other plan.
        stopped = report(context, directory, plan, [], policy)
        error.more = {name: stopped[name] for name in ("summary", "losses", "plan_digest", "diff") if name in stopped}
        error.stopped = prepared
        raise
    return prepared


def carry_out(context: Context, prepared: Prepared) -> Result:
    """Execute a plan, unless this is check mode, and return the result. Raises PartialFailure where users failed."""
    directory, policy, plan = prepared.directory, prepared.policy, prepared.plan
    connection = directory.connection
    outcomes: list[Done] = []
    if not context.check and plan.changed:
        calls = sum(directory.cost(step) for user in plan.changed for step in user.steps)
        connection.transport.limiter.afford(calls + _readings(directory, policy, plan))
        context.progress.begin(f"{directory.schema.noun}s written", len(plan.changed))
        # One user is written right after reading, unless an earlier task has read it; of many, the first may be written long after the last was read.
        age = None if policy.bulk or connection.known is not None else connection.transport.count() - prepared.read
        outcomes = execute(directory, plan.changed, policy.on_error == "stop" or not policy.bulk, context.progress.step, age)
        _note_written(directory, outcomes)
    while directory.notices:
        notice = directory.notices.pop(0)
        context.warn(notice.text, notice.code, notice.user)
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
    """Let later tasks of the connection know what was written; whatever is not certain they read for themselves."""
    for done in outcomes:
        if done.account is None or not done.account.id:
            continue
        if done.failed or done.uncertain or done.plan.operation not in ("create", "update", "disable"):
            directory.forget(done.account.id)
        else:
            directory.remember(done.account)


def _readings(directory: Directory, policy: Policy, plan: Plan) -> int:
    """Return the calls for users who are read again before they are written."""
    if not policy.bulk and not directory.reads_first:
        return 0
    return sum(
        user.account is not None and user.desired is not None and any(directory.at_stake(step, user.desired) for step in user.steps)
        for user in plan.changed
    )


def _plan(
    context: Context, directory: Directory, desired: list[Desired], policy: Policy, known: t.Sequence[str], reading: Source
) -> tuple[Snapshot, Plan, str]:
    """Read who is there and return the snapshot, a plan within the limits, and what was read in words."""
    connection, schema = directory.connection, directory.schema
    problems = _resolved(directory, desired, policy, known, reading)
    try:
        snapshot, reads = reading.result(desired)
    except RollcallError:
        require(problems)
        raise
    _read_deleted(directory, desired, snapshot)
    pairs, faults = _matched(context, directory, desired, snapshot)
    require([*problems, *faults])
    details = _load(directory, pairs)
    pairs = _completed(directory, pairs)
    details += _load(directory, pairs)  # what the desired values entail may need more
    plan = plan_all(schema, pairs)
    for user in plan.users:
        if user.account is not None and not user.account.id:  # somebody who does not exist yet has nothing to lose
            user.losses.clear()
            user.sensitive.clear()
    require(collisions(schema, snapshot, plan))
    if policy.unlisted != "ignore":
        if not snapshot.complete:
            raise RollcallError(f"The list of {schema.noun}s is not complete, so nobody was taken away.", "Run it again.")
        disabled, more = _disabled(directory, policy, snapshot, plan)
        details += more
        plan_unlisted(schema, policy, snapshot, plan, connection.caller(), disabled)
    if details:
        reads += f", {details} detail read{'s' if details != 1 else ''}"
    for pattern in unmatched_patterns(policy, snapshot, desired) if policy.bulk else ():
        context.warn(f"protect: {pattern!r} matches no {schema.noun} of this directory, so it shields nobody. Check its spelling.", "unmatched_pattern")
    for planned in plan.users:
        for text in planned.warnings:
            context.warn(text)
    return snapshot, plan, reads


def _resolved(directory: Directory, desired: list[Desired], policy: Policy, known: t.Sequence[str], reading: Source) -> list[str]:
    """Check the input, begin to read and resolve the names of roles and the like. Return the names that nobody has.

    Raises InputError for what is wrong without any reading; unknown names are reported together with what the accounts show.
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
        require([*problems, *unknown])
    return unknown


def _matched(
    context: Context, directory: Directory, desired: t.Sequence[Desired], snapshot: Snapshot
) -> tuple[list[Pair], list[str]]:
    """Return the account of each desired user, and what is wrong with any of them."""
    schema = directory.schema
    pairs: list[Pair] = []
    problems: list[str] = []
    taken: dict[str, Desired] = {}
    for user in desired:
        try:
            account, warnings = find(schema, user, snapshot)
            account = _or_deleted(schema, snapshot, user, account)
        except Ambiguous as error:
            problems.append(error.problem)
            continue
        if account is None:
            missing = _missing(directory, user)
            if missing and context.check and not user.may_create and user.id is None:
                warn_missing(context, schema, user.key)
                account = Account("", user.key, {schema.key: user.key}, {facet.name: {} for facet in schema.facets})
            else:
                problems += missing
        elif taken.setdefault(account.id, user) is not user:
            other = taken[account.id].place
            problems.append(user.problem(f"this is the same {schema.noun} as {other} (id {account.id}); keep one of them.", "duplicate_user"))
        else:
            problems += _impossible(schema, user, account)
        pairs.append((user, account, warnings))
    return pairs, problems


def _impossible(schema: Schema, user: Desired, account: Account) -> list[Problem]:
    """Return what is desired of an account and impossible: a deleted one without restore, another name where names are for good."""
    if user.state != "present":
        return []
    if account.deleted and not user.options.get("restore"):
        return [user.problem(
            f"the {schema.noun} was deleted and is kept by {schema.provider} (id {account.id}). "
            + ("Set restore: true to bring the account back, or use state: destroyed first to begin anew." if "restore" in user.options
               else f"Bring the account back with {schema.provider}_user and restore: true first."),
            "user_deleted", "restore",
        )]
    if not schema.can_rename and fold(user.key or str(user.fields.get(schema.key) or account.key)) != fold(account.key):
        return [user.problem(
            f"{schema.provider} cannot rename {account.key}. Create the new {schema.noun} and delete the old one on purpose.", "cannot_rename", "user"
        )]
    return []


def _completed(directory: Directory, pairs: t.Sequence[Pair]) -> list[Pair]:
    """Return the pairs with what the desired values entail. Raises InputError with all values that the accounts cannot have."""
    completed: list[Pair] = []
    problems: list[str] = []
    for user, account, warnings in pairs:
        if account is not None and not account.id:  # assumed in check mode: there is nothing that could be compared
            completed.append((user, account, warnings))
            continue
        try:
            with about(user.name):
                completed.append((directory.complete(user, account), account, warnings))
        except InputError as error:
            hint = "" if error.hint == NOTHING_WRITTEN else f" {error.hint}"
            problems += [Problem(f"{problem.text}{hint}", problem.code, problem.place, problem.option) for problem in error.problems]
    require(problems)
    return completed


def _disabled(directory: Directory, policy: Policy, snapshot: Snapshot, plan: Plan) -> tuple[t.Callable[[Account], Desired], int]:
    """Return what gives the disabled form of an account. What that form compares is read for all unlisted ones: in so many calls."""
    if policy.unlisted != "disable":
        return directory.disabled, 0
    forms = {account.id: directory.disabled(account) for account in unlisted_accounts(snapshot, plan)}
    details = _load(directory, [(form, snapshot.by_id[identity], []) for identity, form in forms.items()])
    return lambda account: forms[account.id], details


def _read_deleted(directory: Directory, desired: t.Sequence[Desired], snapshot: Snapshot) -> None:
    """Add the soft-deleted accounts of those who were not found among the others, of those to be destroyed, and with names to be given."""
    if not directory.schema.soft_deletes or snapshot.knows_deleted:
        return
    asked = [user for user in desired if user.state == "destroyed" or (user.state != "absent" and not found(snapshot, user))]
    renamed = [user for user in desired if user.state == "present" and user.id in snapshot.by_id and not snapshot.named(user.key)]
    keys = [fold(user.key) for user in (*(user for user in asked if user.id is None), *renamed) if user.key]
    ids = [user.id for user in asked if user.id is not None and user.id not in snapshot.by_id]
    for account in directory.deleted(keys, ids) if keys or ids else ():
        snapshot.add(account)


def _or_deleted(schema: Schema, snapshot: Snapshot, user: Desired, account: Account | None) -> Account | None:
    """Return the account that was found, or the soft-deleted one that is meant. Raises Ambiguous where several could be."""
    if user.state == "absent" or (user.state == "present" and account is not None):
        return account
    if user.id is not None:
        return account or snapshot.deleted_by_id.get(user.id)
    matches = [*([account] if account is not None else []), *snapshot.deleted.get(fold(user.key), [])]
    if len(matches) > 1:
        ids = ", ".join(match.id for match in matches)
        raise Ambiguous(user.problem(
            f"the name matches {len(matches)} {schema.noun}s, deleted ones counted (ids {ids}). Say which one with id.", "ambiguous_user", "user"
        ))
    return matches[0] if matches else None


def _out_of_bounds(directory: Directory, desired: t.Sequence[Desired]) -> list[str]:
    """Return a problem for each managed facet that desires more than its bounds."""
    problems: list[str] = []
    for user in desired:
        for name, target in user.facets.items():
            outside = {key: item for key, item in target.entries.items() if key not in target.bounds} if target.mode == "managed" else {}
            if outside:
                facet = directory.schema.facet(name)
                shown = ", ".join(sorted(outside)) if facet.is_map else ", ".join(str(item) for item in facet.show(outside))
                problems.append(user.problem(
                    f"{shown} in {name} but not in managed_{name}; add it there or take it out.", "outside_managed", f"managed_{name}"
                ))
    return problems


def _missing(directory: Directory, user: Desired) -> list[Problem]:
    """Return what is wrong with a desired user who does not exist."""
    schema = directory.schema
    if user.state != "present":
        return []
    if not user.may_create:
        kept = f" If the {schema.noun} was deleted, restore it with {schema.provider}_{schema.noun} and restore: true." if schema.soft_deletes else ""
        return [user.problem(f"there is no such {schema.noun} in this account. Correct the name, or create the {schema.noun} first.{kept}", "user_not_found")]
    absent = [declared.name for declared in schema.fields if declared.required and declared.default is None and user.fields.get(declared.name) in (None, "")]
    if absent:
        return [user.problem(f"the {schema.noun} does not exist, and creating it requires {', '.join(absent)}.", "missing_field", absent[0])]
    return []


def warn_missing(context: Context, schema: Schema, name: str) -> None:
    """Warn in check mode of somebody who does not exist yet: an earlier task of the play may be about to create the user."""
    context.warn(
        f"{name} does not exist yet. This is check mode, so it is assumed that an earlier task creates the {schema.noun}; "
        "the real run fails if it does not.",
        "missing_in_check_mode", name,
    )


def _load(directory: Directory, pairs: t.Sequence[Pair]) -> int:
    """Read the details that the list left out and the plan compares. Return the calls that this took."""
    index, transport = directory.schema.index, directory.connection.transport
    start = transport.count()

    def one(job: tuple[Account, set[str], set[str]]) -> None:
        with about(job[0].key):
            directory.load(*job)

    jobs = []
    for user, account, _warnings in pairs:
        if account is None or not account.id or user.state != "present":
            continue
        facets = {name for name in user.facets if name not in account.facets}
        fields = {name for name in user.fields if name not in account.values and index[name].readable} | directory.doubted(user, account)
        if facets or fields:
            jobs.append((account, facets, fields))
    if len(jobs) > 1:
        directory.load_listed(jobs)
        jobs = [(account, left, fields) for account, facets, fields in jobs if (left := facets - account.facets.keys()) or fields]
    if len(jobs) > _TRIED and transport.limiter.remaining is not None:
        for job in jobs[:_TRIED]:
            before = transport.count()
            one(job)
        jobs = jobs[_TRIED:]
        _afford(directory, len(jobs), (transport.count() - before) * len(jobs))
    directory.spread(one, jobs, f"{directory.schema.noun}s read in detail")
    return transport.count() - start


def _afford(directory: Directory, users: int, calls: int) -> None:
    """Check before many details are read that their calls fit the rate limit: else each run would use it up, and get no further."""
    try:
        if calls:
            directory.connection.transport.limiter.afford(calls)
    except RateLimited as error:
        raise RateLimited(f"The details of {users} more {directory.schema.noun}s take about {calls} calls; {error.left}.", error.hint) from None


# -- actions and reads -------------------------------------------------------------------------------------------


def locate(directory: Directory, key: str | None, identity: str | None, fresh: bool = False) -> list[Account]:
    """Return the one account with this natural key or id, in a list. Raises NotFound where there is none, InputError where there are several.

    ``fresh`` reads also whom an earlier task of the connection knows.
    """
    schema = directory.schema
    desired = Desired((key or "").strip(), id=identity, may_create=False)
    require_name(desired)
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
        name = f"with the id {identity!r}" if identity is not None else repr(desired.key)
        text = f"There is no {schema.noun} {name} in this account."
        raise NotFound(Problem(text, "user_not_found", option="user" if identity is None else "id"), "Correct the name or the id.")
    directory.remember(account)
    return [account]


def require_name(desired: Desired) -> None:
    """Raise InputError where neither a name nor an id says who is meant."""
    if not desired.key and not desired.id:
        option = "user" if desired.id is None else "id"
        raise InputError(Problem(f"{option} is empty.", "blank_value", option=option))


def perform(
    context: Context,
    directory: Directory,
    act: t.Callable[[Account], Result],
    needed: t.Callable[[Account], bool] = lambda account: True,
    losses: t.Sequence[Loss] = (),
) -> Result:
    """Do something to one user that is no state of theirs. In check mode it is announced, not done.

    ``needed(account)`` may say that there is nothing to do. ``act`` returns what it adds to the result. ``losses`` are
    what the user loses by it: a protected user is spared them, with a GuardError.
    """
    connection = directory.connection
    start = connection.transport.count()
    connection.verify()
    name, identity = context.params.get("user"), context.params.get("id")
    account: Account | None
    try:
        account = locate(directory, name, identity)[0]
    except NotFound:
        if not context.check or identity is not None:
            raise
        account = None
        warn_missing(context, directory.schema, str(name))
    with about(account.key if account is not None else str(name)):
        changed = account is None or needed(account)
        if account is not None and changed and losses:
            policy = Policy(protect=tuple(context.params.get("protect") or ()))
            check_protected(directory.schema, policy, [(account, losses)], connection.caller())
        result: Result = {"changed": changed, "user": {"id": account.id if account else None, "user": account.key if account else name}}
        if changed and not context.check and account is not None:
            try:
                result.update(act(account))
            except UnclearAnswer as error:
                raise error.of(account.key, _LOOK_FIRST if error.is_general else "") from error
    result["api_calls"] = connection.transport.count() - start
    if connection.transport.last_request_id:
        result["request_id"] = connection.transport.last_request_id
    return result


def gather(context: Context, connection: Connection, read: t.Callable[[], Result], bulk: bool = False) -> Result:
    """Read; nothing changes. ``bulk`` says that it may be many users: they leave the reserve of the rate limit alone."""
    connection.transport.limiter.sparing = bulk
    start = connection.transport.count()
    connection.verify()
    with connection.odd_rows():
        result: Result = {"changed": False, **read()}
    result["api_calls"] = connection.transport.count() - start
    return result
