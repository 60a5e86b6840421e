# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The directories of a review. Each is read once, with what the accounts do not contain, and its accounts are matched
with people."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import RollcallError
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import counted

from ..access.intent import Settings, standing_of
from ..access.matching import AccountNames, Matching
from ..data import Data
from ..life import Survey
from ..links import Memory
from ..people import LEFT, Person
from ..session import Listed, Session, at_once, attempt, leaders_of

VANISHED = "vanished"
"""The status of a person whose account is linked, but who is missing from the feed."""


@dataclass
class Reading:
    """One directory after reading. ``members`` are the connections that lead to it, the leader first. ``error`` is why
    it could not be read; only ``members`` is then set."""

    members: list[Session]
    survey: Survey = field(default_factory=Survey)
    organisation: str = ""
    total: int | None = None
    error: RollcallError | None = None
    owners: dict[str, Person] = field(default_factory=dict)
    """Account id -> owner. The status of a person who is missing from the feed is VANISHED."""

    @property
    def leader(self) -> Session:
        """Return the connection that reads for all members."""
        return self.members[0]

    def accounts(self) -> list[Listed]:
        """Return the existing accounts. A deleted account that can be restored has no access, so it is left out."""
        return [account for account in self.leader.accounts() if not account.deleted]

    def others(self) -> list[Listed]:
        """Return the accounts that are not users, such as service accounts."""
        normal = self.leader.directory.schema.normalise
        return [
            Listed(account.id, account.key, {"enabled": True, **normal(account.values)})
            for _noun, account in self.survey.others.values()
        ]


@dataclass
class Standings:
    """The people of a review and their statuses on the day."""

    people: dict[str, Person]
    states: dict[str, str]

    def gone(self, identity: str) -> bool:
        """Return whether the person has left or is missing from the feed, and so cannot decide."""
        return self.states.get(identity, LEFT) == LEFT


def standings_of(data: Data, memory: Memory, day: str) -> Standings:
    """Return all people in the feed, including those whose rows could be read in part."""
    people = {person.id: person for person in data.people}
    for row in data.rejected:
        somebody = row.somebody()
        if somebody.id:
            people.setdefault(somebody.id, somebody)
    settings = Settings(day)
    return Standings(people, {person.id: standing_of(person, settings, memory) for person in people.values()})


def directories_of(sessions: t.Sequence[Session]) -> list[list[Session]]:
    """Return, for each directory, the connections that lead to it, the leader first."""
    leaders = leaders_of(sessions)
    return [
        [member for member in sessions if leaders[member.name] is session]
        for session in sessions
        if leaders[session.name] is session
    ]


def read_all(sessions: t.Sequence[Session], details: bool) -> list[Reading]:
    """Return the directories of all connections, read in parallel.

    Two connections to one directory share a reading.
    """
    readings = [Reading(members) for members in directories_of(sessions)]
    for reading, (_nothing, error) in zip(
        readings, at_once(lambda reading: _read(reading, details), readings), strict=True
    ):
        reading.error = error
    return readings


def _read(reading: Reading, details: bool) -> None:
    session = reading.leader
    life, facts = session.life, session.life.review
    session.read(life.facets)
    snapshot = session.snapshot
    accounts = list(snapshot.accounts) if snapshot is not None else []
    reading.total = snapshot.total if snapshot is not None else None
    _announce(
        session, len(accounts), facts.calls + (facts.detail_calls if details else 0), details and facts.detail_calls > 0
    )
    fields = life.fields(session.entry) if details else ()
    session.load([account.id for account in accounts], life.facets, fields)
    reading.survey = facts.survey(session.directory, accounts, details)
    organisation, _error = attempt(session.connection.account)
    reading.organisation = str(organisation or "")


def _announce(session: Session, accounts: int, calls: int, details: bool) -> None:
    """Print how many calls a long reading takes, before it begins."""
    if accounts * calls > 0:
        advice = " access_review_details: false leaves out what is not needed for the grants." if details else ""
        text = f"{counted(accounts, 'account')}, up to {counted(accounts * calls, 'more call')}.{advice}"
        session.context.progress.announce(text)


def match(reading: Reading, memory: Memory, standings: Standings) -> None:
    """Match accounts with people: first by links, then by ids and names, as in the access job.

    The links are not changed.
    """
    accounts = [*reading.leader.accounts(), *reading.others()]
    people = list(standings.people.values())
    matchings = [
        Matching(
            people,
            session.name,
            accounts,
            memory,
            AccountNames(session.life, session.entry),
            session.life.also(session.entry),
            standings.states,
            (),
        )
        for session in reading.members
    ]
    names = AccountNames(reading.leader.life, reading.leader.entry)
    for account in accounts:
        owner = next((owner for matching in matchings if (owner := matching.owner(account)) is not None), None)
        if owner is None:
            continue
        person = standings.people.get(owner)
        if person is None:
            given, family = names.of(account)
            person = Person(owner, status=VANISHED, given_name=given, family_name=family)
        reading.owners[account.id] = person
