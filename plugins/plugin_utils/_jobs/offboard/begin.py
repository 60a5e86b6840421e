# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The beginning of an offboarding: the person who leaves, the problems of the options, when accounts may be deleted,
and where to search for them."""

from __future__ import annotations

import datetime
import json
import math
import re
import typing as t
import urllib.parse
from dataclasses import replace

from ansible_collections.rollcall.identity.plugins.module_utils._core.durations import seconds
from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, Problem
from ansible_collections.rollcall.identity.plugins.module_utils._core.names import fold, is_address

from ..check import unknown_connections
from ..data import Data, owner_of_address
from ..feed.model import Rejected
from ..life import Life, Step, life_of
from ..links import Memory
from ..names import is_pattern
from ..people import LEFT, Person, account_id, account_names, standing, writable
from ..validate import is_day
from ..variables import texts_of
from .model import Call, Offboarding, OffboardOptions, Search

_MOST_OWNED = 10
"""The number of service and shared accounts that a note names."""
FIND = Step("find", "native", "user_info")


def begin(
    options: OffboardOptions, data: Data, memory: Memory, day: str, moment: str, check: bool, problems: list[Problem]
) -> Offboarding | None:
    """Return the offboarding with the calls that find the person. After a problem, add it to ``problems`` and return
    None."""
    problems += _connection_problems(options, data)
    problems += _wrong_dates(options)
    people = _everybody(data, memory)
    try:
        person = _person(options, people, memory)
    except InputError as error:
        problems += error.problems
        return None
    problems += _ids_of_others(options, person, people, memory)
    if not writable(person):
        problems.append(
            _problem(
                "person",
                f"{person.id} is for emergencies (kind: break_glass) and is never written. Correct offboard_person.",
            )
        )
    left_on = options.left_on or person.end or None
    work = Offboarding(options, person, day, check, begun=moment, time=moment, left_on=left_on)
    if not problems:
        problems += _dates(work)
    problems += _note_standing(work, data, people)
    _note_owned(work, data)
    if problems:
        return None
    for name in options.only or list(data.connections):
        work.searches[name] = _search(work, name, data.connections[name], people, memory)
    work.calls = calls_to_find(work)
    return work


def options_of(params: t.Mapping[str, t.Any], problems: list[Problem]) -> OffboardOptions:
    """Return the options of an offboarding. Add their problems to ``problems``.

    Lists and mappings may be texts: ``-e name=value`` and the surveys of AWX pass them that way.
    """
    previous_emails = _texts(params.get("previous_emails"), "offboard_previous_emails", problems)
    only = _texts(params.get("only"), "offboard_connections", problems)
    problems += [
        _problem("previous_emails", f"{address!r} is not an e-mail address. Specify one such as ada@example.com.")
        for address in previous_emails if not is_address(address)
    ]
    ids = _ids(params.get("ids"), problems)
    if params["proof_wait"] < 0:
        problems.append(_problem("proof_wait", f"{params['proof_wait']} is not a number of seconds; the minimum is 0."))
    return OffboardOptions(
        person=str(params.get("person") or "").strip(),
        level=params["level"],
        delete_after=str(params["delete_after"]),
        left_on=str(params.get("left_on") or ""),
        previous_emails=previous_emails,
        only=only,
        ids=ids,
        sessions=params["sessions"],
        wait=params["proof_wait"],
        lenient=params["none_found"] == "ok",
    )


def _texts(value: t.Any, option: str, problems: list[Problem]) -> tuple[str, ...]:
    """Return the texts of a list. Add its problems to ``problems``."""
    try:
        return tuple(texts_of(_from_json(value), option))
    except InputError as error:
        problems += error.advised()
        return ()


def _ids(value: t.Any, problems: list[Problem]) -> dict[str, tuple[str, ...]]:
    """Return the ids of accounts by connection. Add their problems to ``problems``."""
    ids = _from_json(value)
    if ids in ("", []):
        return {}
    if not isinstance(ids, dict):
        text = 'specify a mapping of connections to lists of ids. As a text it is JSON, such as {"ol": ["100001"]}.'
        problems.append(_problem("ids", text))
        return {}
    valid: dict[str, tuple[str, ...]] = {}
    for name, some in ids.items():
        if isinstance(some, list) and some and all(map(_is_text, some)):
            valid[str(name)] = tuple(str(identity).strip() for identity in some)
        else:
            problems.append(_problem(f"ids.{name}", "specify a list of ids."))
    return valid


def _problem(option: str, text: str) -> Problem:
    return Problem(f"offboard_{option}: {text}", "invalid_value", option=f"offboard_{option}")


def _is_text(value: t.Any) -> bool:
    """Return whether a value is a text that is not blank, or a number into which YAML has converted one."""
    return isinstance(value, (str, int)) and not isinstance(value, bool) and bool(str(value).strip())


def _from_json(value: t.Any) -> t.Any:
    """Parse a text that begins like JSON. Return False if it is not JSON, an empty list if there is no value, and any
    other value unchanged."""
    text = value.strip() if isinstance(value, str) else value
    if not isinstance(text, str) or text[:1] not in ("[", "{"):
        return [] if text is None else value
    try:
        return json.loads(text)
    except ValueError:
        return False


def file_name(person: str) -> str:
    """Return the file name of a person's evidence, without its extension. Ids may contain any character."""
    return urllib.parse.quote(person, safe="@+").lstrip(".") or "person"


def _connection_problems(options: OffboardOptions, data: Data) -> list[Problem]:
    return [
        *unknown_connections("offboard_connections", options.only, data.connections),
        *unknown_connections("offboard_ids", options.ids, data.connections),
    ]


def _ids_of_others(
    options: OffboardOptions, person: Person, people: t.Sequence[Person], memory: Memory
) -> list[Problem]:
    """Return a problem for each id of offboard_ids that belongs to another person's account."""
    problems = []
    for name, ids in options.ids.items():
        owners = _owners(name, person, people, memory)
        problems += [
            Problem(
                f"offboard_ids.{name}: {identity} is the account of {owners[identity]}. "
                f"Specify the id of an account of {person.id}.",
                "id_mismatch",
                option=f"offboard_ids.{name}",
            ) for identity in ids if identity in owners
        ]
    return problems


def _owners(name: str, person: Person, people: t.Iterable[Person], memory: Memory) -> dict[str, str]:
    """Return the owners of a connection's accounts, by account id. The accounts of ``person`` are left out."""
    owners = {account: owner for account, owner in memory.owners(name).items() if owner != person.id}
    owners.update(
        {account_id(other, name): other.id for other in people if other.id != person.id and account_id(other, name)}
    )
    return owners


def _everybody(data: Data, memory: Memory) -> list[Person]:
    """Return the people of the feed, and those whose rows cannot be used, with the fields that could be read. If such a
    row has no id, the person has that of the links."""
    data.identify(memory)
    present = {person.id for person in data.people} | {row.id for row in data.rejected if row.id}
    rows = [row for row in data.rejected if (row.id or row.email) and (row.id or row.email) not in data.gone]
    unclear = [row.somebody() if row.id else owner_of_address(row.somebody(), memory, present) for row in rows]
    people = [*data.people, *unclear]
    return list({person.id: person for person in reversed(people)}.values())


def _is_octal(identity: str, number: str) -> bool:
    """Return whether YAML reads an id as an octal number, which has leading zeros and no 8 or 9: 0042 becomes 34."""
    digits = re.fullmatch("0[0-7]+", identity) and re.fullmatch("[1-9][0-9]*", number)
    return bool(digits) and int(identity, 8) == int(number)


def _person(options: OffboardOptions, people: t.Sequence[Person], memory: Memory) -> Person:
    """Return the person who leaves: one of ``people``, one who is only in the links, or one who is known only by the
    address. Raises InputError."""
    text = options.person
    if not text:
        raise _unclear("offboard_person is empty. Specify the id of a person, or an e-mail address.", "blank_value")
    known = (*(person.id for person in people), *memory.people(), *(hold.person for hold in memory.holds))
    shortened = [identity for identity in dict.fromkeys(known) if _is_octal(identity, text)]
    if shortened:
        raise _unclear(
            f"offboard_person: {text} may be the id {shortened[0]} without its leading zero, "
            "as an AWX survey passes it. Specify the e-mail address of the person who leaves.",
            "ambiguous_user",
        )
    matches = _matches(text, people, memory)
    if len(matches) > 1:
        ids = " and ".join(sorted(person.id for person in matches))
        raise _unclear(
            f"offboard_person: {text} is the address of {ids}. Specify the id of the person who leaves.",
            "ambiguous_user",
        )
    if not matches and "@" not in text:
        raise _unclear(
            f"offboard_person: the feed has no person with the id {text}. "
            "For a person who is not in it, specify the e-mail address.",
            "user_not_found",
        )
    person = matches[0] if matches else Person(text, email=text)
    return replace(person, previous_emails=(*person.previous_emails, *options.previous_emails))


def _matches(text: str, people: t.Sequence[Person], memory: Memory) -> list[Person]:
    """Return the people with an id or an address. The current address counts before earlier ones and the links."""
    by_address = "@" in text
    matches = [person for person in people if person.id == text]
    if not matches and by_address:
        matches = [person for person in people if fold(person.email) == fold(text)]
        matches = matches or [person for person in people if fold(text) in map(fold, person.previous_emails)]
    if matches:
        return matches
    linked = [text] if text in memory.people() else sorted(
        {link.person for link in memory.links if by_address and fold(link.name) == fold(text)}
    )
    by_id = {person.id: person for person in people}
    return [by_id.get(identity) or Person(identity, email=text if by_address else "") for identity in linked]


def _unclear(text: str, code: str) -> InputError:
    return InputError(Problem(text, code, option="offboard_person"))


def _wrong_dates(options: OffboardOptions) -> list[Problem]:
    """Return the problems of the last day and of the duration, whatever else is wrong."""
    problems: list[Problem] = []
    if options.left_on and not is_day(options.left_on):
        text = f"{options.left_on!r} is not a day in the form YYYY-MM-DD, such as 2026-12-31."
        problems.append(_problem("left_on", text))
    try:
        seconds(options.delete_after, "offboard_delete_after")
    except InputError as error:
        problems.append(Problem(error.sentence(), "invalid_duration", option="offboard_delete_after"))
    return problems


def _dates(work: Offboarding) -> list[Problem]:
    """Determine since when the person is gone, and whether accounts may be deleted today."""
    if not work.options.left_on and work.left_on and not is_day(work.left_on):
        text = f"the end of {work.person.id} in the feed, {work.left_on!r}, is not a day. Set offboard_left_on."
        return [_problem("left_on", text)]
    try:
        days = math.ceil(seconds(work.options.delete_after, "offboard_delete_after") / 86400)
        if work.left_on:
            work.delete_on = (datetime.date.fromisoformat(work.left_on) + datetime.timedelta(days)).isoformat()
    except OverflowError:
        return [_problem("delete_after", "the duration is too long. Specify a shorter one.")]
    work.due = work.options.level == "delete" and work.delete_on is not None and work.delete_on <= work.day
    return []


def _note_standing(work: Offboarding, data: Data, people: t.Sequence[Person]) -> list[Problem]:
    """Note if the feed disagrees: the access role would unblock a person who is active in the feed."""
    person = work.person
    row = next((row for row in data.rejected if _is_row_of(row, person)), None)
    if all(person.id != other.id for other in people):
        known = "by this address and offboard_previous_emails" if person.email else "by the links"
        work.notes.append(
            f"{person.id} is not in the feed: accounts are found only {known}. If accounts have other names, "
            "specify offboard_ids."
        )
    elif row is not None:
        work.notes += [
            f"Not all of the feed's data about {person.id} can be used. {problem}" for problem in row.problems[:5]
        ]
    elif standing(person, work.day) != LEFT:
        text = (
            f"the feed says that {person.id} has not left. In the feed, set status to left, or end to a day before "
            f"{work.day}"
        )
        if work.options.level == "delete":
            return [Problem(f"offboard_level is delete, and {text}.", "invalid_value", option="offboard_level")]
        work.notes.append(
            f"{text[0].upper()}{text[1:]}. With a links file, the role access keeps the person out until the "
            "person's row changes."
        )
    return []


def _is_row_of(row: Rejected, person: Person) -> bool:
    """Return whether a row that cannot be used is that of a person: it has the id, or no id and the address."""
    return row.id == person.id if row.id else bool(row.email) and fold(row.email) == fold(person.email)


def _note_owned(work: Offboarding, data: Data) -> None:
    """Note the service and shared accounts that the person is responsible for, and whose credentials the person may
    know."""
    person = work.person
    owned = [other.label for other in data.people if other.owner == person.id and standing(other, work.day) != LEFT]
    if owned:
        more = f" and {len(owned) - _MOST_OWNED} more" if owned[_MOST_OWNED:] else ""
        names = ", ".join(owned[:_MOST_OWNED]) + more
        work.notes.append(
            f"{person.id} is the owner of {names}: specify another owner in the feed, and change the credentials that "
            "the person may know."
        )


def _search(
    work: Offboarding, name: str, entry: t.Mapping[str, t.Any], people: t.Sequence[Person], memory: Memory
) -> Search:
    """Return the ids and names by which to search for the person in a connection, without those that other people have
    now."""
    person, specified = work.person, work.options.ids.get(name)
    # The field that names accounts in this connection. ``protect`` matches this field, whatever the search uses.
    life = life_of(entry["provider"])
    key = life.key_field(entry, life.keys[0].get("user_key") or "user")
    search = Search(entry["provider"], key, tuple(entry.get("protect") or ()))
    if specified:
        search.ids, search.required = list(specified), specified
        return search
    present = [
        other for other in people
        if other.id != person.id and (standing(other, work.day) != LEFT or not writable(other))
    ]
    owners = {fold(account_names(other, name).key): other.id for other in present}
    search.others = _owners(name, person, present, memory)
    search.linked = tuple(link.account for link in memory.of(person.id, name))
    search.ids = list(dict.fromkeys([*search.linked, *filter(None, [account_id(person, name)])]))
    names: list[str] = []
    known = account_names(person, name)
    for text in dict.fromkeys(filter(None, (known.key, *known.earlier))):
        owner = owners.get(fold(text))
        if owner is None and not (search.ids and is_pattern(text)):
            names.append(text)
        elif owner is not None and text == known.key and not search.ids:
            search.taken.append(left_alone(text, owner, person.id, name))
    # A link identifies the account, whatever its current name is.
    search.names, search.later = ([], names) if search.linked else (names, [])
    return search


def left_alone(text: str, owner: str, person: str, connection: str) -> str:
    """Return the sentence for the evidence about an account that resembles the person's but belongs to another
    person."""
    return (
        f"{text} is the account of {owner} now, and was left alone. "
        f"If {person} has one here, specify its id in offboard_ids.{connection}."
    )


def calls_to_find(work: Offboarding) -> list[Call]:
    """Return the calls that search for the person by each known id and name."""
    calls: list[Call] = []
    for name, search in work.searches.items():
        calls += [call for identity in search.ids for call in _calls_for(name, search, {"id": identity})]
        calls += calls_by_name(name, search)
    return calls


def calls_by_name(name: str, search: Search) -> list[Call]:
    """Return the calls that search for each name in a connection, with each option that finds accounts by name."""
    return [
        call for text in search.names for key in life_of(search.provider).keys
        for call in _calls_for(name, search, {**key, "user": text})
    ]


def _calls_for(name: str, search: Search, selector: t.Mapping[str, t.Any]) -> list[Call]:
    """Return the calls that search for one account in each list that may contain it."""
    life = life_of(search.provider)
    return [Call(name, "user_info", {**selector, **place, "gather": gathered(life)}, FIND) for place in life.places]


def gathered(life: Life) -> list[str]:
    """Return what an offboarding must gather of an account."""
    return list(dict.fromkeys([*life.facets, *life.reads, *(name for step in life.steps for name in step.gather)]))
