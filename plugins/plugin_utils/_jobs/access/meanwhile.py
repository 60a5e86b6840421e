# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""People who are offboarded while an access run is working: the run leaves their accounts alone."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Problem
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.steps import Plan, UserPlan

from ..links import Hold, Memory
from ..people import Person
from ..session import Session
from .changes import person_of
from .intent import Intent
from .model import Change, Finding

_BLOCKS = ("disable", "delete")
"""Operations that do not restore access."""


def held_people(holds: t.Sequence[Hold], people: t.Iterable[Person]) -> dict[str, Person]:
    """Return the people whom these holds concern, by id."""
    memory = Memory(holds=holds)
    return {person.id: person for person in people if memory.hold(person.id, person.email) is not None}


def withhold(session: Session, intents: t.Sequence[Intent], people: t.Mapping[str, Person]) -> list[Finding]:
    """Remove from the plan of a directory what would change accounts of these people, or create some. Return a finding
    for each of these accounts."""
    prepared = session.planned
    findings: list[Finding] = []
    users: list[UserPlan] = []
    for planned in prepared.plan.users:
        person = people.get(person_of(planned, planned.key, intents)) if planned.changed else None
        if person is None or planned.operation in _BLOCKS:
            users.append(planned)
            continue
        findings.append(_finding(session, planned, person))
        if planned.account is not None:
            users.append(UserPlan(planned.key, account=planned.account, desired=planned.desired))
    if findings:
        session.prepared = replace(
            prepared,
            plan=Plan(users, prepared.plan.spared, prepared.plan.unlisted),
            mails=sum(session.directory.mails(user.steps, user.desired) for user in users if user.steps),
        )
    return findings


def _finding(session: Session, planned: UserPlan, person: Person) -> Finding:
    account = planned.account
    outcome = "the account is unchanged" if account is not None else "no account was created"
    return Finding(
        "offboarded",
        f"was offboarded while this run was working: {outcome}",
        session.name, person.id, person.label, account.key if account is not None else planned.key,
        account.id if account is not None else "",
        f"To let the person in again, change the feed, or set access_release: [{person.id}].",
    )


def crossed(changes: t.Iterable[Change], people: t.Mapping[str, Person]) -> list[Problem]:
    """Return a problem for each account that this run may have given access while its person was offboarded."""
    return [
        Problem(
            f"{change.label or change.person} - {change.connection}: {change.account} was changed while the person was "
            f"offboarded, and may have access again. Run the role offboard for {change.person} again.",
            "offboarded_meanwhile",
        )
        for change in changes
        if change.done and change.person in people and change.operation not in _BLOCKS
    ]
