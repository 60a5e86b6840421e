# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The three kinds of task: converge (plan and execute), perform (an action that is no state) and gather (read)."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .errors import RERUN, GuardError, InputError, NotFound, Notice, PartialFailure, RateLimited, RollcallError, UnclearAnswer
from .execute import Done, execute
from .guards import (
    Policy,
    check_digest,
    check_mails,
    check_plan,
    check_policy,
    check_protected,
    collisions,
    duplicates,
    plan_unlisted,
    require,
    strips_admin,
    unlisted_accounts,
    unmatched_patterns,
)
from .losses import Loss
from .masking import Masker
from .model import Account, Desired, Schema, Snapshot, Value, document, fold
from .plan import SUMMARY, Ambiguous, Plan, apply_plan, find, plan_all
from .progress import Progress
from .provider import Connection, Directory
from .reading import Reading, found, look_up

Result = dict[str, t.Any]
Pair = tuple[Desired, "Account | None", "list[str]"]
"""A desired user, the account that was found, and warnings."""
_TRIED = 2
"""Users whose details are read before the calls of all others are estimated: the first read may fetch what all have in common."""


@dataclass
class Context:
    """What a task is run with. ``check`` plans only; ``diff`` asks for differences in the result."""

    params: dict[str, t.Any]
    check: bool
    diff: bool
    masker: Masker
    notices: list[Notice] = field(default_factory=list)
    folder: str = "."
    progress: Progress = field(default_factory=Progress)

    def warn(self, text: str, code: str = "notice", user: str = "") -> None:
        """Add a warning to the result, once. ``code`` is its kind, ``user`` the user whom it is about."""
        notice = Notice(code, text, user)
        if notice not in self.notices:
            self.notices.append(notice)


def converge(
    context: Context,
    directory: Directory,
    desired: list[Desired],
    policy: Policy,
    problems: t.Sequence[str] = (),
    reading: Reading | None = None,
) -> Result:
    """Plan, check the limits, execute, report. Raises RollcallError; nothing is written before all checks are done.

    ``problems`` are those that the input has shown already; they are reported together with all others. ``reading``
    is the reading of the directory, where it is under way already.
    """
    connection = directory.connection
    with reading or Reading(context.progress, directory, len(desired), policy) as reading:
        snapshot, plan, reads = _plan(context, directory, desired, policy, problems, reading)
    mails = sum(directory.mails(user.steps, user.desired) for user in plan.changed)
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
        report = _report(context, directory, plan, [], policy)
        error.more = {name: report[name] for name in ("summary", "losses", "plan_digest", "diff") if name in report}
        raise
    outcomes: list[Done] = []
    if not context.check and plan.changed:
        connection.transport.limiter.afford(sum(directory.cost(step) for user in plan.changed for step in user.steps))
        context.progress.begin(f"{directory.schema.noun}s written", len(plan.changed))
        outcomes = execute(directory, plan.changed, policy.on_error == "stop" or not policy.bulk, context.progress.step)
    result = _report(context, directory, plan, outcomes, policy)
    result["api_calls"] = connection.transport.count() - reading.start
    if connection.transport.last_request_id:
        result["request_id"] = connection.transport.last_request_id
    if policy.bulk:
        result["reads"] = reads
        result["mails"] = mails
    failed = [done for done in outcomes if done.error is not None]
    if failed:
        raise _failure(directory, plan, outcomes, failed, policy, result)
    return result


def _plan(
    context: Context, directory: Directory, desired: list[Desired], policy: Policy, known: t.Sequence[str], reading: Reading
) -> tuple[Snapshot, Plan, str]:
    """Read who is there and return the snapshot, a plan within the limits, and what was read in words."""
    connection, schema = directory.connection, directory.schema
    problems = list(known)
    if policy.bulk:
        problems += check_policy(schema, policy, desired)
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
    try:
        problems += directory.resolve(desired)
        problems += _out_of_bounds(directory, desired)
    except RollcallError:
        if not problems:
            raise
    require(problems)
    snapshot, reads = reading.result(desired)
    _read_deleted(directory, desired, snapshot)
    pairs: list[Pair] = []
    taken: dict[str, Desired] = {}
    for user in desired:
        try:
            account, warnings = find(schema, user, snapshot)
            account = _or_deleted(schema, snapshot, user, account)
        except Ambiguous as error:
            problems.append(error.problem)
            continue
        if account is None:
            problems += _missing(directory, user)
        elif account.deleted and user.state == "present" and not user.options.get("restore"):
            problems.append(
                f"{user.place} was deleted and is kept by {schema.provider} (id {account.id}). "
                + ("Set restore: true to bring the account back, or use state: destroyed first to begin anew." if "restore" in user.options
                   else f"Bring the account back with {schema.provider}_user and restore: true first.")
            )
        elif taken.setdefault(account.id, user) is not user:
            problems.append(f"{user.place} and {taken[account.id].place} are the same {schema.noun} (id {account.id}); keep one of them.")
        elif not schema.can_rename and user.state == "present" and fold(user.key or str(user.fields.get(schema.key) or account.key)) != fold(account.key):
            problems.append(f"{user.place}: {schema.provider} cannot rename {account.key}. Create the new {schema.noun} and delete the old one on purpose.")
        pairs.append((user, account, warnings))
    require(problems)
    details = _load(directory, pairs)
    pairs = _completed(directory, pairs)
    details += _load(directory, pairs)  # what the wishes entail may need more
    plan = plan_all(schema, pairs)
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


def _completed(directory: Directory, pairs: t.Sequence[Pair]) -> list[Pair]:
    """Return the pairs with what the wishes entail. Raises InputError with all wishes that the accounts cannot have."""
    completed: list[Pair] = []
    problems: list[str] = []
    for user, account, warnings in pairs:
        try:
            completed.append((directory.complete(user, account), account, warnings))
        except InputError as error:
            problems += [f"{problem} {error.hint}".strip() for problem in error.problems] if error.hint else error.problems
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
    """Add the soft-deleted accounts of those who were not found among the others, and of those to be destroyed."""
    if not directory.schema.soft_deletes:
        return
    asked = [user for user in desired if user.state == "destroyed" or (user.state != "absent" and not found(snapshot, user))]
    keys = [fold(user.key) for user in asked if user.id is None and user.key]
    ids = [user.id for user in asked if user.id is not None and user.id not in snapshot.by_id]
    for account in directory.deleted(keys, ids) if keys or ids else ():
        snapshot.add(account)


def _or_deleted(schema: Schema, snapshot: Snapshot, user: Desired, account: Account | None) -> Account | None:
    """Return the account that was found, or the soft-deleted one that is meant. Raises Ambiguous where several could be."""
    if user.state == "absent" or (user.state == "present" and account is not None):
        return account
    if user.id is not None:
        return account or snapshot.deleted_by_id.get(user.id)
    found = [*([account] if account is not None else []), *snapshot.deleted.get(fold(user.key), [])]
    if len(found) > 1:
        ids = ", ".join(one.id for one in found)
        text = f"the name matches {len(found)} {schema.noun}s, deleted ones counted (ids {ids}). Say which one with id."
        raise Ambiguous(user.problem(text, "ambiguous_user", "user"))
    return found[0] if found else None


def _out_of_bounds(directory: Directory, desired: t.Sequence[Desired]) -> list[str]:
    """Return a problem for each managed facet that wishes for more than its bounds."""
    problems = []
    for user in desired:
        for name, wish in user.facets.items():
            outside = {key: item for key, item in wish.entries.items() if key not in wish.bounds} if wish.mode == "managed" else {}
            if outside:
                facet = directory.schema.facet(name)
                shown = ", ".join(sorted(outside)) if facet.is_map else ", ".join(str(item) for item in facet.show(outside))
                problems.append(f"{user.place}: {shown} in {name} but not in managed_{name}; add it there or take it out.")
    return problems


def _missing(directory: Directory, user: Desired) -> list[str]:
    """Return what is wrong with a desired user who does not exist."""
    schema = directory.schema
    if user.state != "present":
        return []
    if not user.may_create:
        kept = f", bring it back with {schema.provider}_user and restore: true if it was deleted" if schema.soft_deletes else ""
        return [f"{user.place}: there is no such {schema.noun}. Create it first{kept}, or correct the name."]
    absent = [declared.name for declared in schema.fields if declared.required and declared.default is None and user.fields.get(declared.name) in (None, "")]
    if absent:
        return [f"{user.place} does not exist, and creating it needs {', '.join(absent)}."]
    return []


def _load(directory: Directory, pairs: t.Sequence[Pair]) -> int:
    """Read the details that the list left out and the plan compares. Return the calls that this took."""
    index, transport = directory.schema.index, directory.connection.transport
    start = transport.count()

    def one(job: tuple[Account, set[str], set[str]]) -> None:
        directory.load(*job)

    jobs = []
    for user, account, _warnings in pairs:
        if account is None or user.state != "present":
            continue
        facets = {name for name in user.facets if name not in account.facets}
        fields = {name for name in user.fields if name not in account.values and index[name].readable} | directory.doubted(user, account)
        if facets or fields:
            jobs.append((account, facets, fields))
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
        left = error.message.partition("; ")[2]
        raise RateLimited(f"The details of {users} more {directory.schema.noun}s take about {calls} calls; {left}", error.hint) from None


# -- results -----------------------------------------------------------------------------------------------------


def _report(context: Context, directory: Directory, plan: Plan, outcomes: list[Done], policy: Policy) -> Result:
    """Return the result of a plan: what would be (check mode) and what was done look the same."""
    schema = directory.schema
    done_by_plan = {id(done.plan): done for done in outcomes}
    users, diffs, unmanaged = [], [], []
    counts = dict.fromkeys([*SUMMARY.values(), "failed"], 0)
    changed = False
    for user in plan.users:
        done = done_by_plan.get(id(user))
        kept = done.kept if done else {}
        if user.unmanaged:
            unmanaged.append({"user": user.key, **user.unmanaged})
        if done is not None and (done.error is not None or not done.attempted):
            counts["failed"] += done.error is not None
            changed = changed or done.wrote > 0
            continue
        if policy.bulk and not user.steps:
            counts[SUMMARY[user.operation]] += 1
            continue
        after_account = apply_plan(schema, user)
        before, after = user.before, user.after
        for name, entries in kept.items():
            facet = schema.facet(name)
            labels = [str(label) for label in facet.show(entries)]
            context.warn(directory.kept_warning(user.key, name, labels))
            if after_account is not None:
                after_account.facets[name] = {**after_account.facets.get(name, {}), **entries}
                after = {**after, name: facet.show(after_account.facets[name])}
        differs = user.changed and not (kept and before == after)
        counts[SUMMARY[user.operation if differs else "none"]] += 1
        changed = changed or differs
        if not differs and policy.bulk:
            continue
        users.append(_shown(directory, user.account, after_account, done))
        if differs:
            diffs.append({"before_header": user.key, "after_header": user.key, "before": before, "after": after})
    result: Result = {"changed": changed}
    if policy.bulk:
        losses = [loss.facts(user.key) for user in plan.changed for loss in user.losses]
        result.update(users=users, summary=counts, losses=losses, plan_digest=plan.digest())
        if policy.unlisted != "ignore":
            result["unlisted"] = plan.unlisted
            result["spared"] = plan.spared
        if unmanaged:
            result["unmanaged"] = unmanaged
    else:
        result["user"] = users[0] if users else None
        if unmanaged:
            result["unmanaged"] = {name: value for name, value in unmanaged[0].items() if name != "user"}
    if context.diff:
        result["diff"] = diffs
    return result


def _shown(directory: Directory, before: Account | None, after: Account | None, done: Done | None) -> Value:
    if after is None:
        gone = before.key if before is not None else None
        return {"user": gone, "id": before.id, "state": "absent"} if before is not None else None
    identity = after.id or (done.account.id if done is not None and done.account is not None else "")
    return document(directory.schema, identity or None, after.values, after.facets)


def _failure(
    directory: Directory, plan: Plan, outcomes: list[Done], failed: list[Done], policy: Policy, result: Result
) -> RollcallError:
    first = failed[0].error
    if first is None:
        raise RuntimeError("a failure without an error")
    if not policy.bulk:
        first.more = {**first.more, "api_calls": result["api_calls"]}
        account = failed[0].account
        if account is not None and account.id:
            first.more["user"] = {"id": account.id, "user": account.key}
        return first
    applied = [done.plan.key for done in outcomes if done.attempted and done.error is None]
    waiting = [done.plan.key for done in outcomes if not done.attempted]
    errors = [
        {"user": done.plan.key, "operation": done.plan.operation, "message": done.error.sentence()} for done in failed if done.error
    ]
    report = {**result, "applied": applied, "errors": errors, "not_attempted": waiting}
    noun = directory.schema.noun
    begin = f"{len(failed)} of {len(outcomes)} {noun}s to change failed"
    rest = f", {len(waiting)} were not attempted" if waiting else ""
    return PartialFailure(
        f"{begin}{rest}. The first is {failed[0].plan.key}: {first.sentence()}",
        "See errors in the result; run it again to do what is missing: what was done is not repeated.", report,
    )


# -- actions and reads -------------------------------------------------------------------------------------------


def locate(directory: Directory, key: str | None, identity: str | None) -> list[Account]:
    """Return the one account with this natural key or id, in a list. Raises NotFound where there is none, InputError where there are several."""
    desired = Desired((key or "").strip(), id=identity, may_create=False)
    require(directory.check(desired))
    snapshot = Snapshot()
    look_up(directory, snapshot, [desired])
    try:
        account, _warnings = find(directory.schema, desired, snapshot)
    except Ambiguous as error:
        raise (InputError if snapshot.accounts else NotFound)(error.problem) from None
    if account is None:
        raise NotFound(_missing(directory, desired))
    return [account]


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
    account = locate(directory, context.params.get("user"), context.params.get("id"))[0]
    changed = needed(account)
    if changed and losses:
        policy = Policy(protect=tuple(context.params.get("protect") or ()))
        check_protected(directory.schema, policy, [(account, losses)], connection.caller())
    result: Result = {"changed": changed, "user": {"id": account.id, "user": account.key}}
    if changed and not context.check:
        try:
            result.update(act(account))
        except UnclearAnswer as error:
            if error.hint == RERUN:
                error.hint = "Look at the user before you run it again: an action is done each time."
            raise
    result["api_calls"] = connection.transport.count() - start
    if connection.transport.last_request_id:
        result["request_id"] = connection.transport.last_request_id
    return result


def gather(context: Context, connection: Connection, read: t.Callable[[], Result], bulk: bool = False) -> Result:
    """Read; nothing changes. ``bulk`` says that it may be many users: they leave the reserve of the rate limit alone."""
    connection.transport.limiter.sparing = bulk
    start = connection.transport.count()
    connection.verify()
    result: Result = {"changed": False, **read()}
    result["api_calls"] = connection.transport.count() - start
    return result
