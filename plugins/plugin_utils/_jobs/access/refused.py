# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans a directory although values of some people cannot be planned: only the changes of these people fail."""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    NOTHING_WRITTEN,
    GuardError,
    InputError,
    Problem,
    RollcallError,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.names import skeleton
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.guards import SetAside
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account, Desired
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.steps import UserPlan

from ..people import Person
from ..session import Session, Target, is_about, most_failing

Planner = t.Callable[[t.Sequence[Target], t.Sequence[str]], None]
"""Plans the targets. The second argument has a name for each change that was left out, empty if the target has none.
Raises RollcallError."""

_CONTINUE = f'{NOTHING_WRITTEN} To change the accounts of all other people, set access_on_bad_rows to "continue".'
_ROOT = re.compile(r"(?:managed_)?(\w+)")
"""The name of an option in a problem's option, such as ``roles`` in ``managed_roles[1]``."""


def plan_without_refused(
    members: t.Sequence[Session], targets: t.Sequence[Target], people: t.Mapping[str, Person], goes_on: bool,
    plan: Planner, unread: t.Mapping[str, RollcallError],
) -> None:
    """Plan a directory. If the only problems are those of individual people, plan it without their changes, and add
    these to ``set_aside`` of the prepared plan.

    ``members`` are the connections to the directory, the one with the plan first. ``goes_on`` is whether to continue
    without the changes of people whose values are refused. ``unread`` are the errors of accounts whose details could
    not be read, by id. Raises RollcallError: InputError with the problems if they concern others, too, or too many
    people.
    """
    refusals = _Refusals(members, targets, people)
    most = most_failing(len(targets))
    for identity, error in unread.items():
        refusals.leave_out(identity, error)
    try:
        while True:
            try:
                plan(refusals.remaining(), refusals.names())
                return
            except GuardError:
                raise
            except InputError as error:
                known = [problem for some in refusals.problems.values() for problem in some]
                whole = InputError(list(map(refusals.placed, [*known, *error.problems])), error.hint, error.code)
                if not refusals.take(error.problems):
                    raise whole from None
                if len(refusals.problems) > most:
                    whole.hint = (
                        f"{NOTHING_WRITTEN} The run continues without the changes of at most {most} people in this "
                        "directory: if the values of more people are invalid, the cause may be elsewhere."
                    )
                    raise whole from None
                if not goes_on:
                    whole.hint = _CONTINUE
                    raise whole from None
            except RollcallError as error:
                refusals.leave_out(refusals.account_of(error), error)
                if len(refusals.problems) > most:
                    raise
    finally:
        refusals.note()


class _Refusals:
    """The people whose changes fail. ``problems`` maps the positions of their targets to the problems."""

    def __init__(
        self, members: t.Sequence[Session], targets: t.Sequence[Target], people: t.Mapping[str, Person]
    ) -> None:
        self._leader, self._targets, self._people = members[0], targets, people
        self._names = [member.name for member in members]
        self._positions: dict[str, list[int]] = {}
        for position, target in enumerate(targets):
            self._positions.setdefault(target.label, []).append(position)
        self.problems: dict[int, list[Problem]] = {}

    def remaining(self) -> list[Target]:
        """Return the targets without the changes that fail. Their accounts stay targets, so that they do not count as
        accounts without a person."""
        targets = []
        for position, target in enumerate(self._targets):
            if position not in self.problems:
                targets.append(target)
            elif (account := self._account(position)) is not None and not account.deleted:
                targets.append(replace(target, options={"id": target.options["id"]}))
        return targets

    def names(self) -> list[str]:
        """Return the desired names of the accounts whose changes fail."""
        return [str(self._targets[position].options.get("user") or "") for position in sorted(self.problems)]

    def take(self, problems: t.Sequence[Problem]) -> bool:
        """Add the people who have these problems. Return whether all problems belong to individual people whose values
        have not been left out yet."""
        added: dict[int, list[Problem]] = {}
        for problem in problems:
            positions = self._owners(problem)
            if not positions or not self.problems.keys().isdisjoint(positions):
                return False
            for position in positions:
                added.setdefault(position, []).append(problem)
        self.problems.update(added)
        self._add_rivals()
        return True

    def leave_out(self, identity: str, error: RollcallError) -> None:
        """Add the people with an account that could not be read. Raises the error if it has no target, or if its
        changes have already been left out."""
        positions = [number for number, target in enumerate(self._targets) if target.options.get("id") == identity]
        if not positions or not self.problems.keys().isdisjoint(positions):
            raise error
        for position in positions:
            self.problems[position] = [Problem(error.sentence(), error.code, self._targets[position].label)]
        self._add_rivals()

    def account_of(self, error: RollcallError) -> str:
        """Return the id of the only account that an error is about, or an empty text."""
        accounts = filter(None, map(self._account, range(len(self._targets))))
        return next((account.id for account in accounts if is_about(error, account)), "")

    def _owners(self, problem: Problem) -> list[int]:
        """Return the positions of the targets that a problem is about; none if it is about a grant, which all people
        with the entitlement have, or about no person."""
        root = _ROOT.match(problem.option)
        if root is not None and root[1].removesuffix("_state") in self._leader.life.facets:
            return []
        label = problem.place if problem.place in self._positions else problem.place.rpartition(", ")[0]
        return self._positions.get(label, [])

    def _account(self, position: int) -> Account | None:
        identity, snapshot = self._targets[position].options.get("id"), self._leader.snapshot
        if identity is None or snapshot is None:
            return None
        return snapshot.by_id.get(identity) or snapshot.deleted_by_id.get(identity)

    def _claims(self, position: int) -> dict[str, str]:
        """Return the names and addresses that an account would get: form for comparison -> text."""
        account, options = self._account(position), self._targets[position].options
        current = {skeleton(account.key)} if account is not None else set()
        claims: dict[str, str] = {}
        for name in ("user", *self._leader.life.also(self._leader.entry)):
            before = account.values.get(name) if account is not None else None
            form = skeleton(str(options.get(name) or ""))
            if form and form not in current and form != skeleton(str(before or "")):
                claims[form] = str(options[name])
        return claims

    def _add_rivals(self) -> None:
        """Add people who would get a name or an address that a person whose changes fail should get: nobody may get
        it before it is known whose it is."""
        claimants: dict[str, list[int]] = {}
        for position in range(len(self._targets)):
            for form in self._claims(position):
                claimants.setdefault(form, []).append(position)
        pending = list(self.problems)
        while pending:
            first = pending.pop()
            for form in self._claims(first):
                for other in claimants[form]:
                    if other not in self.problems:
                        name, label = self._claims(other)[form], self._targets[first].label
                        text = f"{name!a} is, or looks the same as, the name or address of {label}. Keep one of them."
                        self.problems[other] = [Problem(text, "duplicate_user", self._targets[other].label)]
                        pending.append(other)

    def note(self) -> None:
        """Add the changes that fail to the prepared plan, if there is one."""
        prepared = self._leader.prepared
        if prepared is not None and self.problems:
            added = [self._set_aside(position) for position in sorted(self.problems)]
            self._leader.prepared = replace(prepared, set_aside=[*prepared.set_aside, *added])

    def _set_aside(self, position: int) -> SetAside:
        target, account = self._targets[position], self._account(position)
        blocked, options = self._leader.life.blocked, target.options
        operation = "create" if account is None else "restore" if account.deleted else "update"
        if account is not None and all(options.get(name) == value for name, value in blocked.items()):
            operation = "delete" if "state" in blocked else "disable"
        key = account.name if account is not None else str(options.get("user") or "")
        planned = UserPlan(key, operation, account, Desired(key))
        outcome = "The account is unchanged." if account is not None else "No account was created."
        texts = [self._text(target, problem) for problem in self.problems[position]]
        return SetAside(planned, " ".join([*texts, outcome]), code=self.problems[position][0].code)

    def placed(self, problem: Problem) -> Problem:
        """Return a problem of a person with the place in the people data. Return any other problem unchanged."""
        positions = self._owners(problem)
        text = self._text(self._targets[positions[0]], problem) if positions else problem.text
        return Problem(text, problem.code, problem.place, problem.option)

    def _text(self, target: Target, problem: Problem) -> str:
        """Return a problem with the place of its value, if that is in ``accounts`` of the people data, or belongs
        there."""
        person, root = self._people.get(target.person), _ROOT.match(problem.option)
        accounts = person.accounts if person is not None and root is not None else {}
        place = next((name for name in self._names if root and root[1] in accounts.get(name, ())), "")
        if place:
            return f"accounts.{place}: {problem.text}"
        option = f"accounts.{self._names[0]}.{problem.option}"
        if problem.code == "missing_field":
            return f"{problem.text} In the people data, that is {option}."
        if problem.code == "unknown_attribute" and problem.option in target.options:
            return f"{problem.text} The role writes it unless {option} is null in the people data."
        return problem.text
