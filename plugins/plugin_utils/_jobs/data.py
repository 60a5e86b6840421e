# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data of all jobs: people from a file or a variable, entitlements and connections, checked together."""

from __future__ import annotations

import json
import os
import re
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.rollcall.identity.plugins.module_utils._core.durations import instant, seconds
from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, Notice, Problem
from ansible_collections.rollcall.identity.plugins.module_utils._core.names import fold
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import agreed, counted, joined

from .check import (
    connection_problems,
    day_problems,
    entitlement_problems,
    person_problems,
    reference_notices,
)
from .entitlements import Entitlement, entitlements_of
from .feed.messages import limited_notices
from .feed.model import Feed, FeedOptions, Rejected
from .feed.read import from_list, read
from .feed.rules import applied
from .feed.rules import problems as rule_problems
from .files import read_bytes
from .links import Memory, row_digest
from .people import LEFT, Person
from .session import Entry
from .validate import is_day

_AHEAD = 24 * 3600
"""Seconds by which the time of a feed may be in the future: it may be local time in another time zone."""
_FEED_OPTION = re.compile(r"\baccess_(?=(?:columns|values|preset|sheet|date_format)\b)")
"""The prefix of options that describe a file of people. Each role has them under its own name."""
_FEED_ALIAS = re.compile(r" \(or access_people_[\w.]+\)")
"""An alternative name of such an option, which only the role access has."""


@dataclass
class Data:
    """The data of a job.

    ``rejected`` are the rows of people that cannot be used. ``feed`` is the name of the file, ``rows`` its number of
    rows, ``written`` its modification time (seconds since 1970). ``digests`` are the digests of the rows by person id,
    if the entitlements of people are left out. ``gone`` are the ids, or the addresses, of people in rejected rows that
    say that they have left: they are among ``people``, without anything that grants access.
    """

    people: list[Person] = field(default_factory=list)
    entitlements: dict[str, Entitlement] = field(default_factory=dict)
    connections: dict[str, Entry] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    feed: str = ""
    rows: int = 0
    written: float | None = None
    digests: dict[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()

    @property
    def reserved(self) -> frozenset[str]:
        """Return the ids and folded addresses of people whose rows cannot be used: their accounts stay unchanged. This
        excludes people who have left: their accounts are blocked."""
        unclear = [row for row in self.rejected if row.status != LEFT or (row.id or row.email) not in self.gone]
        return frozenset(value for row in unclear for value in (row.id, fold(row.email)) if value)

    def identify(self, memory: Memory) -> None:
        """Give people who are ``gone`` the ids that the links know, if their rows have other ids or none."""
        reserved = self.reserved
        present = {person.id for person in self.people if person.id not in self.gone}
        present |= {row.id for row in self.rejected if row.id}
        for number, person in enumerate(self.people):
            if person.id in self.gone and fold(person.email) not in reserved:
                self.people[number] = owner_of_address(person, memory, present)
                present.add(self.people[number].id)

    @property
    def blind(self) -> bool:
        """Return whether a rejected row does not identify its person. Then no person can be reported as missing."""
        return any(not row.id for row in self.rejected)

    @property
    def complete(self) -> bool:
        """Return whether all rows of people who have not left could be read. Otherwise an account without an owner may
        belong to such a row."""
        return all(row.status == LEFT and (row.id or row.email) for row in self.rejected)


def load(
    params: t.Mapping[str, t.Any], path: str, day: str, option: str, problems: list[Problem], entitled: bool = True
) -> Data:
    """Return the data of a job, and add its problems to ``problems``. After a problem, the data is incomplete, and the
    job must not read any directory.

    ``path`` is the file of people; if it is empty, ``people`` of the parameters is read. ``option`` is the name of this
    option in messages. Without ``entitled``, the entitlements of people are left out.
    """
    data = Data(feed=os.path.basename(path))
    problems += day_problems(day)
    wrong = connection_problems(params.get("connections"))
    problems += wrong
    data.connections = params["connections"] if not wrong else {}
    wrong = entitlement_problems(params.get("entitlements"), data.connections or None)
    problems += wrong
    data.entitlements = _named(params.get("entitlements")) if wrong else entitlements_of(params.get("entitlements"))
    feed = _read_people(params, path, option)
    problems += feed.problems
    rules = params.get("rules") or []
    wrong = rule_problems(rules, data.entitlements)
    problems += wrong
    if rules and not wrong and not feed.problems:
        feed = applied(feed, rules)
        problems += feed.problems
    data.rows = feed.rows
    data.notices = limited_notices(feed.notices) + _without_effect(params, path, option)
    data.digests = {} if entitled else {person.id: row_digest(person) for person in feed.people}
    data.people = feed.people if entitled else [replace(person, entitlements=()) for person in feed.people]
    data.rejected = feed.rejected
    if path and os.path.exists(path):
        data.written = os.path.getmtime(path)
    if data.connections and is_day(day):
        _reject_invalid(data, day, max(0, params.get("lead_days") or 0))
    return data


def _read_people(params: t.Mapping[str, t.Any], path: str, option: str) -> Feed:
    """Return the people from the file or the variable."""
    if not path:
        return from_list(_from_json(params.get("people")))
    try:
        content = read_bytes(path, option)
    except InputError as error:
        return Feed(problems=error.advised())
    if content is None:
        text = (
            f"{option}: there is no file {path}. Correct the path. A relative path starts where ansible-playbook was "
            "started."
        )
        return Feed(problems=[Problem(text, "no_file", option=option)])
    options = FeedOptions(
        columns=params.get("columns") or {}, values=params.get("values") or {}, preset=params.get("preset") or "",
        sheet=params.get("sheet") or "", date_format=tuple(params.get("date_format") or ()),
    )
    return _of_role(read(content, os.path.basename(path), options), option.removesuffix("people_file"))


def _without_effect(params: t.Mapping[str, t.Any], path: str, option: str) -> list[Notice]:
    """Return a warning about options that describe a file of people if there is none."""
    prefix = option.removesuffix("people_file")
    names = [f"{prefix}{name}" for name in ("columns", "values", "preset", "sheet", "date_format") if params.get(name)]
    if path or not names:
        return []
    text = f"{joined(names)} {agreed(len(names), 'has')} no effect without {option}."
    return [Notice("no_effect", f"{text} Set {option}, or remove {agreed(len(names), 'it')}.")]


def _of_role(feed: Feed, prefix: str) -> Feed:
    """Return a feed whose messages name the options of a role, such as ``export_sheet``."""

    def in_role(text: str) -> str:
        return _FEED_OPTION.sub(prefix, text if prefix == "access_" else _FEED_ALIAS.sub("", text))

    def renamed(problem: Problem) -> Problem:
        text, option = (in_role(part) for part in (problem.text, problem.option))
        return Problem(text, problem.code, problem.place, option)

    return replace(
        feed,
        problems=[*map(renamed, feed.problems)],
        rejected=[replace(row, problems=tuple(map(renamed, row.problems))) for row in feed.rejected],
        notices=[replace(notice, text=in_role(notice.text)) for notice in feed.notices],
    )


def _named(entitlements: t.Any) -> dict[str, Entitlement]:
    """Return invalid entitlements by their names only, so that a person who has one is not reported as having an
    unknown entitlement."""
    return {str(name): Entitlement(str(name)) for name in entitlements} if isinstance(entitlements, dict) else {}


def _from_json(people: t.Any) -> t.Any:
    """Parse a JSON text with a list of people. Return any other value unchanged."""
    if isinstance(people, str) and people.strip()[:1] in ("[", "{"):
        try:
            people = json.loads(people)
        except ValueError:
            return people
    people = people.get("identity_people", people) if isinstance(people, dict) else people
    return people if people not in (None, "", "null") else []  # a role passes null as JSON


def _reject_invalid(data: Data, day: str, lead_days: int) -> None:
    """Keep the people whose data is valid, and those in invalid rows that have status left. Reject the others."""
    wrong = person_problems(data.people, data.entitlements, data.connections, day, lead_days)
    data.rejected = [
        *data.rejected,
        *(
            Rejected(person.place, person.id, person.email, person.status, tuple(wrong[person.id]), person)
            for person in data.people
            if person.id in wrong
        ),
    ]
    data.people = [person for person in data.people if person.id not in wrong]
    data.notices += reference_notices(
        data.people, data.entitlements, day, {row.id or row.email for row in data.rejected}
    )
    known = {person.id for person in data.people}
    doubtful = {row.id for row in data.rejected if row.id and row.status != LEFT}
    leavers: dict[str, Person] = {}
    for row in data.rejected:
        # The person loses access, whatever is wrong with the row, unless another row of the same person disagrees.
        name = row.id or row.email
        if row.status == LEFT and name and name not in known | doubtful:
            person = replace(row.somebody(), status=LEFT)
            first = leavers.setdefault(name, person)
            addresses = (*first.previous_emails, *person.previous_emails, person.email)
            others = tuple(address for address in dict.fromkeys(addresses) if address and address != first.email)
            leavers[name] = replace(first, previous_emails=others)
    data.people += leavers.values()
    data.gone = frozenset(leavers)


def owner_of_address(person: Person, memory: Memory, present: t.Collection[str]) -> Person:
    """Return a person with the id of the owner of the accounts with their address, according to the links.

    A person whose id the links know is returned unchanged, and so is one whose address belongs to several people, or to
    one who is ``present``: the address may have a new owner.
    """
    owners = {link.person for link in memory.links if person.email and fold(link.name) == fold(person.email)}
    if person.id in memory.people() or len(owners) != 1 or not owners.isdisjoint(present):
        return person
    return replace(person, id=owners.pop())


def age_option_problems(max_age: str | None, made_at: str) -> list[Problem]:
    """Return the problems of the options about the age of a feed, whatever the feed is."""
    problems: list[Problem] = []
    if max_age is not None:
        try:
            seconds(max_age, "access_max_feed_age")
        except InputError as error:
            problems.append(Problem(error.sentence(), "invalid_duration", option="access_max_feed_age"))
    if made_at and instant(made_at) is None:
        text = f"access_feed_time is {made_at!r}; write a time such as 2026-12-31T08:00:00Z."
        problems.append(Problem(text, "invalid_value", option="access_feed_time"))
    return problems


def age_problems(data: Data, least: int, max_age: str | None, made_at: str, now: float) -> list[Problem]:
    """Return the problems of a feed as a whole: it has fewer people than ``least``, or is older than ``max_age``, such
    as 36h or 2d. With None, any age is accepted.

    People whose rows cannot be used count: the feed contains them.

    ``made_at`` is the time that its source reports. The older of this time and the file's modification time counts.
    ``now`` is in seconds since 1970.
    """
    problems: list[Problem] = []
    known = {person.id for person in data.people}
    count = len(data.people) + sum(row.id not in known for row in data.rejected)
    if count < least and not (count or data.feed):
        text = "There are no people. Set access_people_file or identity_people."
        problems.append(Problem(text, "feed_too_short", option="identity_people"))
    elif count < least:
        text = (
            f"There {agreed(count, 'is')} {counted(count, 'person')}, and access_min_people is {least}: is the feed "
            "truncated? Export it again, or lower access_min_people."
        )
        problems.append(Problem(text, "feed_too_short", option="access_min_people"))
    wrong = age_option_problems(max_age, made_at)
    if wrong or max_age is None:
        return [*problems, *wrong]
    longest, stamp = seconds(max_age, "access_max_feed_age"), instant(made_at)
    times = [moment for moment in (data.written, stamp) if moment is not None]
    if not times:
        text = (
            "access_max_feed_age: the age of the people data is unknown. Use access_people_file, or set "
            "access_feed_time."
        )
        return [*problems, Problem(text, "feed_too_old", option="access_max_feed_age")]
    age = now - min(times)
    if age < -_AHEAD:
        text = (
            f"The time of the people data is {-age / 3600:.1f} hours in the future, so access_max_feed_age cannot be "
            "checked. Check access_feed_time and the clocks."
        )
        problems.append(Problem(text, "invalid_value", option="access_feed_time"))
    if age > longest:
        # enough digits to show which is greater
        digits = next((some for some in (1, 2, 3) if round(age / 3600, some) > longest / 3600), 4)
        text = (
            f"The people data is {age / 3600:.{digits}f} hours old, and access_max_feed_age is {max_age}: "
            "is the feed still running? Export it again, or raise access_max_feed_age."
        )
        problems.append(Problem(text, "feed_too_old", option="access_max_feed_age"))
    return problems
