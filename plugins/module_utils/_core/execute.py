# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The executor: runs a plan with a pool of workers, user by user, and reads again whatever answer was unclear."""

from __future__ import annotations

import concurrent.futures
import threading
import typing as t
from dataclasses import dataclass, field, replace

from .errors import RateLimited, RollcallError, UnclearAnswer
from .model import PASSWORD, Account, Desired, Entries, fold
from .plan import Step, UserPlan, plan_user
from .provider import Directory

_TRIES = 3
"""Times that one user is planned anew after unclear answers."""
_PHASES = (("create", "update", "rename", "restore", "reopen"), ("disable", "delete"))
"""Nothing is taken away before all additions have been made."""


@dataclass
class Done:
    """What became of one user's plan."""

    plan: UserPlan
    account: Account | None = None
    kept: dict[str, Entries] = field(default_factory=dict)
    error: RollcallError | None = None
    attempted: bool = False
    wrote: int = 0


def execute(
    directory: Directory, plans: t.Sequence[UserPlan], stop_on_error: bool, ended: t.Callable[[], None] = lambda: None
) -> list[Done]:
    """Execute plans concurrently and return what became of each, in the same order.

    Errors are collected, never raised. With ``stop_on_error`` no user is begun after the first error, and in any
    case none after the rate limit has ended the waiting. ``ended`` is called after each user.
    """
    outcomes = [Done(plan, _copy(plan.account)) for plan in plans]
    halt = threading.Event()

    def run(done: Done) -> None:
        if halt.is_set():
            return
        done.attempted = True
        try:
            _run_user(directory, done)
        except RollcallError as error:
            if done.plan.operation == "create" and done.account is not None and done.plan.desired is not None:
                error.hint = _after_create(done.plan.desired, error.hint)
            done.error = error
            if stop_on_error or isinstance(error, RateLimited):  # where no call is left, all others would fail likewise
                halt.set()
        ended()

    for phase in _PHASES:
        batch = [done for done in outcomes if done.plan.operation in phase]
        if len(batch) == 1 or directory.connection.workers == 1:
            for done in batch:
                run(done)
        elif batch:
            with concurrent.futures.ThreadPoolExecutor(max_workers=directory.connection.workers) as pool:
                try:
                    list(pool.map(run, batch))
                except BaseException:
                    halt.set()
                    raise
        if stop_on_error and any(done.error for done in outcomes):
            break
    return outcomes


def _copy(account: Account | None) -> Account | None:
    """Return an account that execution may change: the plan keeps what it was made from."""
    if account is None:
        return None
    return replace(account, values=dict(account.values), facets=dict(account.facets))


def _run_user(directory: Directory, done: Done) -> None:
    """Execute one user's steps; after an unclear answer read the user again and execute what is still missing."""
    steps = list(done.plan.steps)
    desired = done.plan.desired
    created = done.plan.operation == "create"
    if desired is None:
        raise RollcallError(f"{done.plan.key} has no desired form.")
    for attempt in range(1, _TRIES + 1):
        try:
            _run_steps(directory, done, steps, desired)
            return
        except UnclearAnswer as error:
            if attempt == _TRIES:
                raise
            account = _read_again(directory, done, desired, error)
            done.account = account
            steps = plan_user(directory.schema, directory.complete(desired, account), account, created=created).steps


def _run_steps(directory: Directory, done: Done, steps: t.Sequence[Step], desired: Desired) -> None:
    for number, step in enumerate(steps):
        if step.verb == "update" and number and done.plan.operation == "create":
            step = _still_needed(directory, step, done.account)
            if not step.changes:
                continue
        done.account, kept = directory.apply(step, done.account, desired)
        done.wrote += 1
        if kept:
            done.kept[step.via] = kept


def _still_needed(directory: Directory, step: Step, account: Account | None) -> Step:
    """Leave out what a fresh account already has: some servers refuse a state that is there already."""
    schema = directory.schema
    values = account.values if account is not None else {}
    changes = {
        name: change for name, change in step.changes.items()
        if not (schema.field(name).readable and name in values and schema.field(name).equal(values[name], change[1]))
    }
    return Step(step.verb, step.via, changes)


def _read_again(directory: Directory, done: Done, desired: Desired, error: UnclearAnswer) -> Account | None:
    """Return the account as it now is. Nothing is guessed: where it cannot be read, the unclear answer stands."""
    known = done.account
    if known is not None and known.id:
        account = directory.get(known.id)
        if account is None:
            raise RollcallError(f"{error.message} {desired.name} (id {known.id}) cannot be found now.", error.hint)
        matches = [account]
    else:
        matches = [match for match in directory.lookup(desired.key) if fold(match.key) == fold(desired.key)]
    if len(matches) > 1:
        raise RollcallError(f"{error.message} {desired.name} is there {len(matches)} times now.", "Remove the surplus one and run it again.")
    if not matches:
        return None
    account = matches[0]
    missing = set(desired.facets) - set(account.facets)
    fields = {name for name in desired.fields if name not in account.values and directory.schema.field(name).readable}
    if missing or fields:
        directory.load(account, missing, fields)
    return account


def _after_create(desired: Desired, hint: str) -> str:
    told = f"{desired.name} was created before that, and running it again completes the rest."
    if desired.fields.get(PASSWORD):
        told += " If the password was not set yet, run it once with update_password: always."
    return f"{hint} {told}".strip()
