# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a plan. Planned and completed changes look the same, and a failure includes the whole report."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ..errors import Notice, PartialFailure, RollcallError, Unexpected, shortened
from ..http.masking import Masker
from ..plan.model import Account, Entries, Value, document
from ..plan.plan import apply_plan
from ..plan.policy import Policy
from ..plan.steps import NONE, SUMMARY, Plan, UserPlan
from ..wording import agreed, counted
from .directory import Directory
from .execute import Done
from .progress import Progress

Result = dict[str, t.Any]
_KINDS = 3
"""The number of kinds of errors that a message quotes if many users failed. The result has all errors."""
_QUOTED = 1500
"""The number of characters of one user's error that such a message quotes."""


@dataclass
class Context:
    """The parameters and the state of a run. ``check`` only plans; ``diff`` adds differences to the result."""

    params: dict[str, t.Any]
    check: bool
    diff: bool
    masker: Masker
    notices: list[Notice] = field(default_factory=list)
    progress: Progress = field(default_factory=Progress)

    def warn(self, text: str, code: str = "notice", user: str = "") -> None:
        """Add a warning to the result, once. ``code`` is its kind, ``user`` the user that it is about."""
        notice = Notice(code, text, user)
        if notice not in self.notices:
            self.notices.append(notice)


@dataclass
class _Rows:
    """The parts of a result that list users."""

    users: list[Value] = field(default_factory=list)
    diffs: list[Value] = field(default_factory=list)
    unmanaged: list[dict[str, Value]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys([*SUMMARY.values(), "failed"], 0))
    changed: bool = False


def report(context: Context, directory: Directory, plan: Plan, outcomes: t.Sequence[Done], policy: Policy) -> Result:
    """Return the result of a plan. An unexpected error in the output of a written user becomes a warning."""
    done_by_plan = {id(done.plan): done for done in outcomes}
    rows = _Rows()
    for user in plan.users:
        done = done_by_plan.get(id(user))
        try:
            _row(context, directory, user, done, policy, rows)
        except RollcallError:
            raise
        except Exception as error:
            if done is None:
                raise
            rows.changed = rows.changed or done.steps_written > 0
            context.warn(
                f"{user.key} was written, but cannot be shown: {Unexpected.of_exception(error).message}",
                "unexpected",
                user.key,
            )
    result: Result = {"changed": rows.changed}
    if policy.bulk:
        losses = [loss.facts(user.key) for user in plan.changed for loss in user.losses]
        result.update(users=rows.users, summary=rows.counts, losses=losses, plan_digest=plan.digest())
        if policy.unlisted != "ignore":
            result["unlisted"] = plan.unlisted
            result["spared"] = plan.spared
        if rows.unmanaged:
            result["unmanaged"] = rows.unmanaged
    else:
        result["user"] = rows.users[0] if rows.users else None
        if rows.unmanaged:
            result["unmanaged"] = {name: value for name, value in rows.unmanaged[0].items() if name != "user"}
    if context.diff:
        result["diff"] = rows.diffs
    return result


def _row(
    context: Context, directory: Directory, planned: UserPlan, done: Done | None, policy: Policy, rows: _Rows
) -> None:
    """Add one user to the rows of a result."""
    schema = directory.schema
    user = done.adopted_plan if done is not None and done.adopted_plan is not None else planned
    if user.unmanaged:
        rows.unmanaged.append({"user": user.key, **user.unmanaged})
    for notice in done.notices if done is not None else ():
        context.warn(notice.text, notice.code, notice.user)
    if done is not None and done.failed:
        rows.counts["failed"] += done.error is not None
        rows.changed = rows.changed or done.steps_written > 0 or done.uncertain
        return
    if policy.bulk and not planned.steps:
        rows.counts[SUMMARY[user.operation]] += 1
        return
    after_account = apply_plan(schema, user)
    before, after = user.before, user.after
    if done is not None:
        after = {**after, **_against_plan(context, directory, user.key, done, after_account)}
    differs = user.changed and not (done is not None and done.kept and before == after)
    rows.counts[SUMMARY[user.operation if differs else NONE]] += 1
    rows.changed = rows.changed or differs
    if not differs and policy.bulk:
        return
    rows.users.append(_shown(directory, user.account, after_account, done))
    if differs:
        rows.diffs.append({"before_header": user.key, "after_header": user.key, "before": before, "after": after})


def _against_plan(
    context: Context, directory: Directory, user: str, done: Done, account: Account | None
) -> dict[str, Value]:
    """Add entries that a user has in addition to the plan to the account, with a warning for each facet.

    Return these facets as differences show them.
    """
    for name, entries in done.kept.items():
        context.warn(directory.kept_warning(user, name, _labels(directory, name, entries)), "kept_by_server", user)
    if account is None:
        return {}
    others_entries = {name: entries for name, entries in done.others_entries.items() if entries}
    for name, entries in others_entries.items():
        labels = ", ".join(_labels(directory, name, entries))
        text = (
            f"{user}: {labels} in {name} was granted outside this task in the meantime and was left alone. "
            "Run the task again to include it."
        )
        context.warn(text, "given_meanwhile", user)
    for beside in (done.kept, others_entries):
        for name, entries in beside.items():
            account.facets[name] = {**account.facets.get(name, {}), **entries}
    return {name: directory.schema.facet(name).show(account.facets[name]) for name in (*done.kept, *others_entries)}


def _labels(directory: Directory, name: str, entries: Entries) -> list[str]:
    return [str(label) for label in directory.schema.facet(name).show(entries)]


def _shown(directory: Directory, before: Account | None, after: Account | None, done: Done | None) -> Value:
    if after is None:
        gone = before.key if before is not None else None
        return {"user": gone, "id": before.id, "state": "absent"} if before is not None else None
    identity = after.id or (done.account.id if done is not None and done.account is not None else "")
    return document(directory.schema, identity or None, after.values, after.facets)


def failure(directory: Directory, outcomes: t.Sequence[Done], policy: Policy, result: Result) -> RollcallError | None:
    """Return the error of a task in which users failed, with the report of the others. Return None if none failed."""
    failed = [(done, done.error) for done in outcomes if done.error is not None]
    if not failed:
        return None
    done, first = failed[0]
    if not policy.bulk:
        first.more = {**first.more, "api_calls": result["api_calls"], "changed": result["changed"]}
        if done.account is not None and done.account.id:
            first.more["user"] = {"id": done.account.id, "user": done.account.key}
        return first
    waiting = [done for done in outcomes if not done.attempted]
    listing = {
        **result,
        "applied": [done.plan.key for done in outcomes if not done.failed],
        "errors": [entry for done, error in failed for entry in _entries(done, error)],
        "not_attempted": [done.plan.key for done in waiting],
    }
    begin = f"{len(failed)} of {counted(len(outcomes), directory.schema.noun)} could not be changed"
    rest = f", {len(waiting)} {agreed(len(waiting), 'was')} not attempted" if waiting else ""
    reasons = [done.reason for done in waiting if done.reason]
    unchanged = counted(len(reasons), f"unlisted {directory.schema.noun}", "is")
    why = f" {unchanged} unchanged, because {reasons[0]}." if reasons else ""
    return PartialFailure(
        f"{begin}{rest}. {_kinds(failed)}{why}",
        "See errors in the result; run the task again to complete the rest: completed changes are not repeated.",
        listing,
    )


def _entries(done: Done, error: RollcallError) -> list[dict[str, t.Any]]:
    """Return the errors of one user: ``operation`` is the planned operation, ``call`` the name of the API call that
    failed."""
    index = done.plan.desired.index if done.plan.desired is not None else None
    entries = []
    for entry in error.errors():
        call = {"call": entry["operation"]} if "operation" in entry else {}
        place = {"index": index} if index is not None and index >= 0 else {}
        entries.append({**entry, **call, **place, "user": done.plan.key, "operation": done.plan.operation})
    return entries


def _kinds(failed: t.Sequence[tuple[Done, RollcallError]]) -> str:
    """Return sentences with the first error of each kind and the number of similar errors."""
    kinds: dict[tuple[t.Any, ...], list[tuple[Done, RollcallError]]] = {}
    for done, error in failed:
        kind = (error.code, *(getattr(error, name, None) for name in ("operation", "status", "answer")))
        kinds.setdefault(kind, []).append((done, error))
    texts = []
    for number, alike in enumerate(list(kinds.values())[:_KINDS]):
        done, error = alike[0]
        more = f" ({len(alike) - 1} more failed in the same way.)" if len(alike) > 1 else ""
        sentence = error.sentence().removeprefix(f"{done.plan.key}: ")
        texts.append(
            f"{'Another' if number else 'The first'} is {done.plan.key}: {shortened(sentence, _QUOTED)}{more}"
        )
    more_kinds = len(kinds) - _KINDS
    if more_kinds > 0:
        kind_of_error = f"{counted(more_kinds, 'more kind')} of {agreed(more_kinds, 'error')}"
        texts.append(f"There {agreed(more_kinds, 'is')} {kind_of_error}.")
    return " ".join(texts)
