# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data of the feed layer: its options, the table of a file, people, and rows that cannot be used."""

from __future__ import annotations

import datetime
import typing as t
from dataclasses import dataclass, field, replace

import yaml

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Notice, Problem

from ..people import Person
from ..schema import PERSON

COLUMNS, VALUES, PRESET = "access_columns", "access_values", "access_preset"
DATE_FORMAT, SHEET, RULES = "access_date_format", "access_sheet", "identity_rules"
"""Names of the options in messages."""
ALIASES = {COLUMNS: "access_people_columns", VALUES: "access_people_values"}
"""Alternative names of options. With them, all variables about the file begin with ``access_people_``."""

WORDS: dict[str, tuple[str, ...]] = {name: tuple(PERSON["properties"][name]["enum"]) for name in ("status", "kind")}
"""Field -> its valid words."""
DAYS = ("start", "end")
LISTS = ("previous_emails", "entitlements")
TEXTS = ("id", "name", "given_name", "family_name", "email", "manager", "owner")
FIELDS = (*TEXTS, *WORDS, *DAYS, *LISTS)
"""Fields that a column can fill, in addition to ``accounts.<connection>`` and ``attributes.<name>``."""
ACCOUNTS, ATTRIBUTES = "accounts.", "attributes."
UNCOMPUTED = "#FORMULA!"
"""The text of a workbook's cell with a formula whose result is not in the file."""


@dataclass(frozen=True)
class FeedOptions:
    """How a file is read.

    ``columns`` maps a field to its source (see columns.py). ``values`` maps a field or a heading to a mapping from the
    file's words to valid words (see words.py). ``preset`` is the name of a preset or the path of a file of the same
    form. ``sheet`` is the sheet of a workbook; if it is empty, the first one that is not hidden is read.
    ``date_format`` are strptime formats, tried in order.
    """

    columns: t.Mapping[str, t.Any] = field(default_factory=dict)
    values: t.Mapping[str, t.Any] = field(default_factory=dict)
    preset: str = ""
    sheet: str = ""
    date_format: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rejected:
    """A row that cannot be used, with what could be read of the person's identity. Other fields are empty."""

    place: str
    id: str = ""
    email: str = ""
    status: str = ""
    problems: tuple[Problem, ...] = ()
    person: Person | None = field(default=None, compare=False, repr=False)
    """The person as far as the row could be read, or None if its cells may belong to other columns."""

    def somebody(self) -> Person:
        """Return the person of the row with the names of accounts, but without anything that grants access."""
        if self.person is None:
            return Person(self.id or self.email, status=self.status, email=self.email, place=self.place)
        accounts = {
            name: {part: value for part, value in (about or {}).items() if part in ("user", "id")}
            for name, about in self.person.accounts.items()
        }
        return replace(
            self.person,
            id=self.id or self.email,
            start="",
            end="",
            manager="",
            owner="",
            entitlements=(),
            accounts=accounts,
            attributes={},
        )


@dataclass
class Feed:
    """The people of a file or a list.

    ``problems`` concern the file or the options as a whole: if there are any, the feed cannot be used. ``rows`` is the
    number of rows in the file, including rejected ones. ``headings`` are the names of a table's attributes. It is None
    for documents and lists, in which people may have different attributes. ``unread`` are headings that suggest
    confidential data: these columns are not read.
    """

    people: list[Person] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rows: int = 0
    headings: tuple[str, ...] | None = None
    unread: tuple[str, ...] = ()


class Row(t.NamedTuple):
    """A row of a file: its place, its cells in the order of the headings, and the problems of its structure."""

    place: str
    cells: t.Sequence[t.Any]
    problems: tuple[Problem, ...] = ()


@dataclass
class Table:
    """A file as headings and rows.

    ``epoch`` is the day from which a workbook counts days, or None for other files. ``sheet`` and ``other_sheets`` are
    the names of the sheet that was read and of the other ones; other files have none.
    """

    headings: list[str]
    rows: list[Row]
    epoch: datetime.date | None = None
    sheet: str = ""
    other_sheets: tuple[str, ...] = ()


def as_list(value: t.Any) -> list[t.Any]:
    """Return a list, or a single value as a list."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


class Unreadable(Exception):
    """The file as a whole cannot be read."""

    def __init__(self, text: str, code: str = "unreadable_feed", place: str = "", option: str = "") -> None:
        self.problem = Problem(text, code, place, option)
        super().__init__(str(self.problem))


class Scalar(str):
    """A YAML scalar that is a number, true or false: the text as it is written, with its YAML tag."""

    tag: str

    def __new__(cls, text: str, tag: str) -> Scalar:
        scalar = super().__new__(cls, text)
        scalar.tag = tag
        return scalar

    def typed(self) -> t.Any:
        """Return the value of the scalar's YAML type. Only fields of a provider use it."""
        try:
            return yaml.safe_load(str(self))
        except (ValueError, yaml.YAMLError):
            return str(self)
