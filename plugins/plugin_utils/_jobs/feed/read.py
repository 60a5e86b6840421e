# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Converts a file of an HR system, or the list of a playbook, into people, rejected rows, notices and problems."""

from __future__ import annotations

import dataclasses
import re
import typing as t
from collections import Counter

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Notice, Problem
from ansible_collections.rollcall.identity.plugins.module_utils._core.names import fold
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import counted

from ..people import Person
from .columns import Columns, choose_one_id, columns_problems, resolve
from .days import format_problems
from .documents import read_json, read_list, read_yaml
from .model import ALIASES, ATTRIBUTES, COLUMNS, PRESET, SHEET, Feed, FeedOptions, Rejected, Table, Unreadable
from .person import PersonReader
from .presets import fitting, load
from .rules import with_addresses
from .tables import read_csv, read_workbook
from .text import decoded, key
from .words import headings_problems, values_problems

_LIKELY_ID = re.compile("(id|num|number|nummer|nr|no|#|code|username|login)$")
"""Ends of headings, in the form of ``key``, that suggest an id."""
_TABLES, _WORKBOOKS = (".csv", ".tsv", ".txt"), (".xlsx", ".xlsm")


def read(data: bytes, file: str, options: FeedOptions | None = None) -> Feed:
    """Return the people of a file. ``file`` is its name in messages. Name and content determine its type."""
    options = options or FeedOptions()
    preset, problems = load(options.preset)
    problems = [
        *problems,
        *columns_problems(options.columns),
        *values_problems(options.values),
        *format_problems(options.date_format),
    ]
    try:
        table, is_table = _table(data, file, options.sheet)
    except Unreadable as error:
        problems.append(error.problem)
    if problems:
        return Feed(problems=problems)
    columns = resolve(table.headings, options.columns, preset.columns, file)
    columns.problems += headings_problems(options.values, table.headings, file)
    if any(map(key, table.headings)) and not columns.problems:
        columns.problems += _without_id(columns, table, options, file)
    if columns.problems:
        return Feed(problems=columns.problems, notices=columns.notices, rows=len(table.rows))
    formats = (*options.date_format, *preset.date_format)
    columns.notices += _unnamed(table, file)
    choose_one_id(columns, table.rows)
    reader = PersonReader(columns, table, (preset.values, options.values), formats)
    feed = _feed(table, columns, reader)
    if is_table:
        mapped = (name.removeprefix(ATTRIBUTES) for name in columns.fields if name.startswith(ATTRIBUTES))
        feed.headings = (*(name for _number, name in columns.attributes), *mapped)
        feed.unread = tuple(columns.unread)
    return feed


def from_list(people: t.Any) -> Feed:
    """Return the people of a list of mappings from a playbook."""
    name = "identity_people"
    if not isinstance(people, (list, tuple)):
        return Feed(
            problems=[
                Problem(f"{name} must be a list of people, such as [{{id: E1, email: ada@example.com}}].", option=name)
            ]
        )
    table = read_list(people, name)
    columns = resolve(table.headings, {}, {}, name, mapped=False)
    if columns.problems:
        return Feed(problems=columns.problems, rows=len(table.rows))
    columns.notices.clear()  # a key that resembles a field is a problem of its person
    return _feed(table, columns, PersonReader(columns, table, mapped=False))


def _table(data: bytes, file: str, sheet: str) -> tuple[Table, bool]:
    """Return the table of a file, and whether its headings apply to all rows. The content has priority over the
    name."""
    name = file.lower()
    if data.startswith(b"PK\x03\x04"):
        return read_workbook(data, file, sheet), True
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        text = "the workbook is an old XLS file or has a password. Save it as XLSX without a password, or as CSV."
        raise Unreadable(text, place=file)
    if name.endswith(_WORKBOOKS) and not data.strip():
        raise Unreadable("the file is empty. Export the people again.", place=file)
    text = decoded(data, file)
    begin = text.lstrip()[:100]
    if not begin:
        raise Unreadable("the file is empty. Export the people again.", place=file)
    if begin.startswith("$ANSIBLE_VAULT;"):
        raise Unreadable("the file is encrypted by Ansible Vault. Decrypt it first.", place=file)
    if begin.startswith("<"):
        raise Unreadable(
            "the file is HTML or XML. Is it a login page? Save the export as CSV, XLSX, JSON or YAML.",
            place=file,
        )
    if name.endswith(".json"):
        return read_json(text, file), False
    if name.endswith((".yml", ".yaml")):
        return read_yaml(text, file), False
    if name.endswith((*_TABLES, *_WORKBOOKS)):
        return read_csv(text, file), True
    if begin[0] in "[{":
        return read_json(text, file), False
    if begin.startswith(("---", "- ", "identity_people:", "#", "%")):
        return read_yaml(text, file), False
    return read_csv(text, file), True


def _without_id(columns: Columns, table: Table, options: FeedOptions, file: str) -> list[Problem]:
    """Return the problem that no column contains the id, with suggestions."""
    source = columns.fields.get("id")
    if source is not None and (source.columns or source.constant is not None):
        return []
    headings = [heading.strip() for heading in table.headings if key(heading)]
    shown = ", ".join(headings[:20]) + (f" and {len(headings) - 20} more" if len(headings) > 20 else "")
    presets = [name for name in fitting(headings) if name != options.preset]
    advice = f" The headings match {PRESET}: {' or '.join(presets)}." if presets else ""
    likely = next((heading for heading in headings if _LIKELY_ID.search(key(heading))), headings[0])
    text = (
        f"no column contains the id of a person. Specify it with {COLUMNS} (or {ALIASES[COLUMNS]}), such as {{id: "
        f"{likely}}}.{advice}"
    )
    text = f"{text} {'The only column is' if len(headings) == 1 else 'The columns are'} {shown}."
    if table.other_sheets:
        text = (
            f"{text} This is the sheet {table.sheet!r}; to read another one, set {SHEET}: "
            f"{', '.join(table.other_sheets)}."
        )
    if len(headings) == 1:
        text = f"{text} If that is a title, remove the lines above the heading."
    return [Problem(text, "missing_column", file, f"{COLUMNS}.id")]


def _unnamed(table: Table, file: str) -> list[Notice]:
    """Return a notice for each column without a heading that contains values, such as the second one below a merged
    heading."""
    notices = []
    for number in (number for number, heading in enumerate(table.headings) if not key(heading)):
        rows = [row for row in table.rows if row.cells and str(row.cells[number] or "").strip()]
        if rows:
            text = (
                f"{file}: column {number + 1} has no heading, and is not read. "
                f"It contains values in {counted(len(rows), 'row')}, first at {rows[0].place}."
            )
            notices.append(Notice("unknown_column", text))
    return notices


def _feed(table: Table, columns: Columns, reader: PersonReader) -> Feed:
    feed = Feed(rows=len(table.rows))
    for row in table.rows:
        outcome = reader.read(row)
        if isinstance(outcome, Person):
            feed.people.append(outcome)
        else:
            feed.rejected.append(outcome)
    feed.notices += [*columns.notices, *reader.notices]
    _reject_duplicates(feed)
    _resolve_references(feed)
    if feed.people and all("@" in person.id for person in feed.people):
        advice = f"Is there a better column for {COLUMNS}.id?" if reader.mapped else "Use the IDs of the HR system."
        text = f"All ids are addresses: a new address creates a new person. {advice}"
        feed.notices.append(Notice("id_is_address", text))
    return with_addresses(feed)


def _reject_duplicates(feed: Feed) -> None:
    """Reject all rows with the same id, unless they are equal: then the first one counts."""
    places: dict[str, list[str]] = {}
    entries: list[Person | Rejected] = [*feed.people, *feed.rejected]
    for entry in entries:
        if entry.id:
            places.setdefault(entry.id, []).append(entry.place)
    if all(len(where) == 1 for where in places.values()):
        return
    people_by_id: dict[str, Person] = {}
    refused: set[str] = set()
    counts = Counter(person.id for person in feed.people)
    for person in feed.people:
        first = people_by_id.setdefault(person.id, person)
        if counts[person.id] < len(places[person.id]) or dataclasses.replace(person, place=first.place) != first:
            refused.add(person.id)
    for identity, where in places.items():
        if len(where) > 1 and identity in people_by_id and identity not in refused:
            text = (
                f"{where[0]} ({identity}): the same person is also in {', '.join(where[1:4])}. The first row is used."
            )
            feed.notices.append(Notice("duplicate_person", text, identity))
    for person in feed.people:
        if person.id in refused:
            others = [place for place in places[person.id] if place != person.place][:3]
            text = f"the id is also in {', '.join(others)}, with different data. Each person must appear once."
            problem = Problem(text, "duplicate_person", f"{person.place} ({person.id})", "id")
            feed.rejected.append(Rejected(person.place, person.id, person.email, person.status, (problem,)))
    feed.people = [person for person in people_by_id.values() if person.id not in refused]


def _resolve_references(feed: Feed) -> None:
    """Replace the addresses of managers and owners with their ids. Report those that are not in the feed."""
    ids = {person.id for person in feed.people} | {row.id for row in feed.rejected}
    rejected = {fold(row.email) for row in feed.rejected if row.email}
    addresses: dict[str, str] = {}
    for person in feed.people:
        if person.email:
            addresses[fold(person.email)] = "" if fold(person.email) in addresses else person.id
    people = []
    for person in feed.people:
        changes: dict[str, t.Any] = {}
        for role in ("manager", "owner"):
            reference = getattr(person, role)
            if not reference or reference in ids:
                continue
            address = fold(reference) if "@" in reference else ""
            identity = addresses.get(address, "")
            if identity:
                changes[role] = identity
                continue
            where = f"{person.place} ({person.id})"
            reason = "is not in the feed. Correct it, or add that person."
            if address in addresses:
                reason = "is the address of several people in the feed. Specify the id of one of them."
            elif address and address in rejected:
                reason = "is the address in a row that cannot be used. Correct that row."
            feed.notices.append(Notice(f"unknown_{role}", f"{where}: {role} {reference} {reason}", where))
        people.append(dataclasses.replace(person, **changes) if changes else person)
    feed.people = people
