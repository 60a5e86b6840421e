# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The executor: runs a plan with a pool of workers, user by user, and reads a user again after an unclear answer.

It never removes more than the plan does. It reads a user again after an unclear answer, before a write that replaces
data, and if someone else has created the user. Grants that others have added since the plan was made stay.
"""

from __future__ import annotations

import concurrent.futures
import typing as t
from dataclasses import dataclass, field, replace

from ..errors import ApiError, Notice, RollcallError, UnclearAnswer, Unexpected
from ..names import fold
from ..plan.model import PASSWORD, Account, Desired, DesiredFacet, Entries, Value
from ..plan.plan import plan_user
from ..plan.steps import Step, UserPlan
from .directory import Directory
from .writing import Writing

_TRIES = 3
"""The maximum number of attempts for one user, the first one included. Unclear answers lead to another attempt."""
_MOMENT = 2
"""Calls after which an account counts as outdated: it is then read again before a write that replaces data."""


@dataclass
class Done:
    """The outcome of one user's plan.

    ``steps_written`` counts the completed steps; ``uncertain`` means that one more may have had its effect.
    ``adopted_plan`` is the plan that was executed instead because someone else had created the user.
    ``others_entries`` are facet entries that others have granted since the plan was made; they stay. ``reason`` says
    why a user was not attempted.
    """

    plan: UserPlan
    account: Account | None = None
    kept: dict[str, Entries] = field(default_factory=dict)
    error: RollcallError | None = None
    attempted: bool = False
    steps_written: int = 0
    uncertain: bool = False
    adopted_plan: UserPlan | None = None
    others_entries: dict[str, Entries] = field(default_factory=dict)
    reason: str = ""
    notices: list[Notice] = field(default_factory=list)
    read_at: int | None = None
    """The number of calls of this thread when the account was read; None if that was long ago."""

    @property
    def failed(self) -> bool:
        """Return whether the plan failed or was not attempted."""
        return self.error is not None or not self.attempted


class _Halted(Exception):
    """Ends the steps of a user, because an error of another user applies to all."""


class _Run:
    """One execution. If ``stopped``, no further user begins. ``final`` is an error that applies to all users."""

    def __init__(self, directory: Directory, stop_on_error: bool, ended: t.Callable[[], None]) -> None:
        self.directory = directory
        self.stop_on_error = stop_on_error
        self.ended = ended
        self.stopped = False
        self.final: RollcallError | None = None

    def run_all(self, batch: t.Sequence[Done]) -> None:
        """Execute the plans of a batch, concurrently if there are several."""
        workers = self.directory.connection.workers
        if len(batch) < 2 or workers == 1:
            for done in batch:
                self.run_one(done)
            return
        with concurrent.futures.ThreadPoolExecutor(max_workers=workers) as pool:
            try:
                list(pool.map(self.run_one, batch))
            except BaseException:
                self.stopped = True
                raise

    def run_one(self, done: Done) -> None:
        """Execute the plan of one user.

        Every exception becomes the error of this user, so that the report of the other users is kept.
        """
        if self.stopped:
            return
        done.attempted = True
        name = done.plan.key
        try:
            self._user(done)
        except _Halted:
            if self.final is not None and (done.steps_written or done.uncertain):
                done.error = self.final.of(name, _after_create(done, self.final.hint))
            else:
                done.attempted = False
        except RollcallError as error:
            done.error = error.of(name, _after_create(done, error.hint))
            if error.final:
                self.final = done.error
        except Exception as error:
            unexpected = Unexpected.of_exception(error)
            done.error = unexpected.of(name, _after_create(done, unexpected.hint))
        if done.error is not None and (self.stop_on_error or self.final is not None):
            self.stopped = True
        self.ended()

    def _user(self, done: Done) -> None:
        """Execute one user's steps. After an unclear answer, read the user again and execute the missing steps."""
        directory, steps, desired = self.directory, list(done.plan.steps), done.plan.desired
        if desired is None:
            raise RollcallError(f"{done.plan.key} has no desired form.")
        created = done.plan.operation == "create"
        for attempt in range(1, _TRIES + 1):
            try:
                self._steps(done, steps, desired)
                return
            except UnclearAnswer as error:
                done.uncertain = True
                if attempt == _TRIES:
                    raise
                try:
                    done.account = account = _read_again(directory, done, desired, error)
                except RollcallError as failure:
                    raise _unread(failure, error) from failure
            self._note_reading(done)
            if account is not None:
                desired = bounded(directory, desired, done.plan)
            steps = plan_user(directory.schema, directory.complete(desired, account), account, created=created).steps

    def _steps(self, done: Done, steps: t.Sequence[Step], desired: Desired) -> None:
        """Write steps in order. Raises the errors of the calls, and _Halted."""
        directory = self.directory
        writing = directory.writing(desired, done.account)
        joined = [step for step in steps if self._is_joined(step)]
        for number, step in enumerate(steps):
            if self.final is not None:
                raise _Halted
            if step.verb == "create":
                try:
                    writing.write(step)
                except ApiError as error:
                    self._adopt(done, desired, error)
                    return
                done.account = writing.account
                done.steps_written += 1
                done.read_at = directory.connection.counter.calls
                continue
            if step.verb == "update" and number and done.plan.operation == "create":
                step = _still_needed(directory, step, done.account)
                if not step.changes:
                    continue
            if joined and step.verb in ("update", "facet"):
                self._write_joined(done, writing, joined)
                joined = []
            if not self._is_joined(step):
                self._write(done, writing, step, desired)

    def _is_joined(self, step: Step) -> bool:
        return step.verb in ("update", "facet") and step.via in self.directory.joined

    def _write_joined(self, done: Done, writing: Writing, steps: t.Sequence[Step]) -> None:
        """Write the steps that share one call.

        Before a write that could undo someone else's change, read an outdated account again.
        """
        directory, desired = self.directory, writing.desired
        stake = next((step for step in steps if directory.at_stake(step, desired)), None)
        if stake is not None and self._is_old(done):
            remaining = self._planned_again(done, writing, stake, desired)
            for step in steps:
                if step.verb == "facet":
                    self._note_others_entries(done, step, next((new for new in remaining if new.via == step.via), None))
            steps = [step for step in remaining if step.via in directory.joined]
        if steps:
            writing.write_together(steps)
            done.steps_written += len(steps)
            directory.on_written(writing.account.id)

    def _note_reading(self, done: Done) -> None:
        """Record when the account was read. With ``reads_first`` this does not count, because lists may be
        incomplete."""
        done.read_at = None if self.directory.reads_first else self.directory.connection.counter.calls

    def _is_old(self, done: Done) -> bool:
        """Return whether the account is outdated: to be read again before a write that could undo another change."""
        calls = self.directory.connection.counter.calls
        return done.read_at is None or calls - done.read_at > (0 if self.directory.reads_first else _MOMENT)

    def _planned_again(self, done: Done, writing: Writing, step: Step, desired: Desired) -> list[Step]:
        """Read an account again and return the remaining steps of its plan."""
        directory, account = self.directory, writing.account
        done.account = writing.account = _overlaid(account, directory.read_again(account, step))
        done.read_at = directory.connection.counter.calls
        return plan_user(directory.schema, bounded(directory, desired, done.plan), done.account).steps

    def _note_others_entries(self, done: Done, planned: Step, left: Step | None) -> None:
        """Record the entries of a facet that others have granted since the plan was made."""
        current = t.cast(Account, done.account).facets.get(planned.via, {})
        actual = left.final if left is not None else current
        done.others_entries[planned.via] = {key: item for key, item in actual.items() if key not in planned.final}

    def _write(self, done: Done, writing: Writing, step: Step, desired: Desired) -> None:
        """Write one step. Read an outdated account again before a write that could undo someone else's change."""
        directory = self.directory
        if self._is_old(done) and directory.at_stake(step, desired):
            remaining = self._planned_again(done, writing, step, desired)
            desired = bounded(directory, desired, done.plan)
            left = next((new for new in remaining if (new.verb, new.via) == (step.verb, step.via)), None)
            if step.verb == "facet":
                self._note_others_entries(done, step, left)
            if left is None:
                return
            step = left
        writing.desired = desired
        kept = writing.write(step)
        done.account = writing.account
        done.steps_written += 1
        directory.on_written(writing.account.id)
        if step.verb == "restore":
            done.read_at = directory.connection.counter.calls
        if kept:
            done.kept[step.via] = kept

    def _adopt(self, done: Done, desired: Desired, error: ApiError) -> None:
        """Adopt the account that someone else has just created: write what is missing, and remove nothing.

        Raises ``error`` again if it does not mean that the user exists, or if not exactly one account is found.
        """
        directory = self.directory
        try:
            matches = _named(directory, desired.key) if directory.is_duplicate(error) else []
        except RollcallError as failure:  # report the refusal of the creation: it says what is wrong with the user
            raise error from failure
        if len(matches) != 1:
            raise error
        done.account = account = _loaded(directory, matches[0], desired)
        self._note_reading(done)
        desired = _without_losses(directory, bounded(directory, desired, done.plan), account)
        done.adopted_plan = plan_user(directory.schema, directory.complete(desired, account), account.copy())
        done.notices.append(
            Notice(
                "adopted",
                f"{desired.name} was created outside this task in the meantime (id {account.id}): only missing values "
                "were written, and the rest was left alone. Run the task again to compare everything.",
                desired.name,
            )
        )
        self._steps(done, done.adopted_plan.steps, desired)


def execute(
    directory: Directory,
    plans: t.Sequence[UserPlan],
    stop_on_error: bool,
    ended: t.Callable[[], None] = lambda: None,
    age: int | None = None,
) -> list[Done]:
    """Execute plans concurrently and return the outcome of each, in the same order.

    Errors are collected, never raised. With ``stop_on_error``, no user begins after the first error. In any case, none
    begins after an error that applies to all, such as rejected credentials or a rate limit that exceeds ``max_wait``.
    Plans that disable or delete a user, and all plans for users that the input does not name, run last. If another plan
    fails, users that the input does not name lose nothing.
    ``ended`` is called after each user. ``age`` is the number of calls since the accounts were read, None if that was
    long ago.
    """
    start = directory.connection.counter.calls
    if directory.reads_first:
        age = None
    read_at = None if age is None else start - age
    # Execution changes the accounts, and the plans keep the originals.
    outcomes = [Done(plan, plan.account.copy() if plan.account else None, read_at=read_at) for plan in plans]
    run = _Run(directory, stop_on_error, ended)
    additions = [done for done in outcomes if not _takes_away(done.plan)]
    run.run_all(additions)
    losses = [done for done in outcomes if _takes_away(done.plan)]
    if any(done.failed for done in additions):
        for done in losses:
            if done.plan.unlisted:
                done.reason = "a listed user could not be written"
    if not run.stopped:
        run.run_all([done for done in losses if not done.reason])
    return outcomes


def _takes_away(plan: UserPlan) -> bool:
    return plan.unlisted or plan.operation in ("disable", "delete")


def _overlaid(known: Account, fresh: Account) -> Account:
    """Return the fresh account, completed with known values that are missing in it."""
    return replace(
        fresh, values={**known.values, **fresh.values}, facets={**known.facets, **fresh.facets},
        raw={**known.raw, **fresh.raw}, details={**known.details, **fresh.details},
    )


def bounded(directory: Directory, desired: Desired, plan: UserPlan) -> Desired:
    """Return the desired form that removes no more than a plan does, whatever the account has now.

    The limits were checked for this plan, not for later grants. A restore is an exception: no undesired grant may
    return with the account.
    """
    if plan.operation == "restore":
        return desired
    removed = {step.via: step.remove for step in plan.steps if step.verb == "facet"}
    facets: dict[str, DesiredFacet] = {}
    for name, target in desired.facets.items():
        removals = removed.get(name, {})
        if target.mode == "absent":
            facets[name] = replace(
                target, entries={key: item for key, item in target.entries.items() if key in removals}
            )
        elif target.mode != "present" and removals:
            facets[name] = DesiredFacet("managed", target.items, list(removals), target.entries, dict(removals))
        else:
            facets[name] = DesiredFacet("present", target.items, None, target.entries)
    if plan.operation == "create":
        return replace(desired, facets=facets)
    planned = {name for step in plan.steps for name in step.changes}
    index = directory.schema.index
    fields = {name: value for name, value in desired.fields.items() if name in planned or not index[name].loses}
    return replace(desired, facets=facets, fields=fields)


def _without_losses(directory: Directory, desired: Desired, account: Account) -> Desired:
    """Return a desired form that removes nothing from an account that this task did not create: no login, password or
    value."""
    index = directory.schema.index

    def loses(name: str, value: Value) -> bool:
        declared = index[name]
        return value == "" or (declared.loses is not None and bool(declared.loses(account.values.get(name), value)))

    facets = {
        name: replace(target, entries={key: item for key, item in target.entries.items() if item not in (None, "")})
        for name, target in desired.facets.items()
    }
    fields = {name: value for name, value in desired.fields.items() if not loses(name, value)}
    return replace(desired, fields=fields, facets=facets, always=frozenset())


def _still_needed(directory: Directory, step: Step, account: Account | None) -> Step:
    """Return a step without the changes that a new account already has: some servers refuse those."""
    schema = directory.schema
    values = account.values if account is not None else {}
    changes = {
        name: change for name, change in step.changes.items()
        if not (schema.field(name).readable and name in values and schema.field(name).equal(values[name], change[1]))
    }
    return Step(step.verb, step.via, changes)


def _named(directory: Directory, key: str) -> list[Account]:
    return [match for match in directory.lookup(key) if fold(match.key) == fold(key)]


def _loaded(directory: Directory, account: Account, desired: Desired) -> Account:
    """Read the facets and fields that the desired form compares and the look-up left out. Return the account."""
    missing = set(desired.facets) - set(account.facets)
    fields = {name for name in desired.fields if name not in account.values and directory.schema.field(name).readable}
    if missing or fields:
        directory.load(account, missing, fields)
    return account


def _read_again(directory: Directory, done: Done, desired: Desired, error: UnclearAnswer) -> Account | None:
    """Return the current account, or None if no account has the name. Raises RollcallError if that is uncertain."""
    known = done.account
    if known is not None and known.id:
        account = directory.get(known.id)
        if account is None:
            raise RollcallError(
                f"{error.message} {desired.name} (id {known.id}) can no longer be found.", error.hint, error.code
            )
        matches = [account]
    else:
        matches = _named(directory, desired.key)
    if len(matches) > 1:
        raise RollcallError(
            f"{error.message} {len(matches)} {directory.schema.noun}s are now named {desired.name}.",
            "Delete the duplicate, then run the task again.", "ambiguous_user",
        )
    return _loaded(directory, matches[0], desired) if matches else None


def _unread(failure: RollcallError, unclear: UnclearAnswer) -> RollcallError:
    """Return the error of a reading after an unclear answer. It says that the write may have had its effect."""
    if unclear.message in failure.message:
        return failure
    error = failure.of("")
    error.message = (
        f"{unclear.message} The request may have had its effect, and reading the user to find out failed: "
        f"{failure.message}"
    )
    return error


def _after_create(done: Done, hint: str) -> str:
    """Return the hint for an error; for a user that this run has created, it says how to continue."""
    desired = done.plan.desired
    if desired is None or done.plan.operation != "create" or done.account is None or done.adopted_plan is not None:
        return hint
    sentence = f"{desired.name} was created before that. Run the task again to complete the rest."
    if desired.fields.get(PASSWORD):
        sentence += " If the password was not set yet, run it once with update_password: always."
    return f"{hint} {sentence}".strip()
