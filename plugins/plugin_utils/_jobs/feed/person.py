# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Converts a row into a person, or into a rejected row with all its problems."""

from __future__ import annotations

import copy
import functools
import re
import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Notice, Problem

from ..life import binding_of
from ..people import ACTIVE, LEAVE, LEFT, Granted, Person
from ..schema import PERSON, PROVIDERS
from .columns import Columns, Source
from .days import DayError, day
from .model import (
    ACCOUNTS,
    ALIASES,
    ATTRIBUTES,
    LISTS,
    TEXTS,
    UNCOMPUTED,
    VALUES,
    WORDS,
    Rejected,
    Row,
    Scalar,
    Table,
    as_list,
)
from .text import clean, key, near, number_text, parts_of, shown, unknown_key, without_fraction
from .words import Words, words_of, words_of_columns

_EMAIL = re.compile(PERSON["properties"]["email"]["pattern"])
_STRICTEST = (LEFT, LEAVE, ACTIVE)
_SUFFIX = re.compile(r"\s+(until|ticket)\s*=\s*(\S+)$", re.IGNORECASE)
_SUFFIX_LIKE = re.compile(r"\s(\w+)=\S*$")
_NOT_IN_ADDRESSES = re.compile(r"""[<>()\[\],;:"\\]|^'|['./]$""")
"""Remains of a list of addresses, a link or quotation marks, which are not part of an address."""
_ROUNDED = re.compile(r"\d([.,]\d+)?E[+]\d+", re.ASCII | re.IGNORECASE)
"""A long number as a spreadsheet shows it, without its last digits."""
_CELL_ERRORS = {"#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#DIV/0!"}
"""What a spreadsheet writes for a value that it cannot compute."""
_FIRST_END = "1971-01-01"
"""A last day until then is a problem: if there is no last day, systems write 1900-01-01, or the first day of a
spreadsheet or of Unix."""
_CENTURY = "2000-01-01"
"""A last day before it, in a format with two digits of the year, is a problem: 31.12.99 is how systems show
31.12.9999."""
_NOT_OF_LEAVERS = ("kind", "start", "end", "manager", "owner", "previous_emails", "entitlements")
"""Fields that have no effect for a person who has left: their problems never prevent the person from being blocked."""


class PersonReader:
    """Reads the rows of one file. ``notices`` are warnings about accepted values."""

    def __init__(
        self,
        columns: Columns,
        table: Table,
        layers: t.Sequence[t.Mapping[str, t.Any]] = (),
        formats: tuple[str, ...] = (),
        mapped: bool = True,
    ) -> None:
        """``layers`` are mappings of values; the last one has priority. ``mapped`` is whether messages name options."""
        self.columns = columns
        self.rows = table.rows
        self.formats = formats
        self.epoch = table.epoch
        self.mapped = mapped
        self.words: dict[str, Words] = {}
        self.column_words = words_of_columns(table.headings, layers)
        for name in {*columns.fields, *WORDS, *(f"{ATTRIBUTES}{name}" for _number, name in columns.attributes)}:
            if name in WORDS or any(layer.get(name) for layer in layers):
                self.words[name] = words_of(name, layers)
        self.accounts = [name for name in columns.fields if name.startswith(ACCOUNTS)]
        self.attributes = [
            (name.removeprefix(ATTRIBUTES), source)
            for name, source in columns.fields.items()
            if name.startswith(ATTRIBUTES)
        ]
        self.attributes += [(name, Source((number,))) for number, name in columns.attributes]
        self.notices: list[Notice] = []

    def read(self, row: Row) -> Person | Rejected:
        """Return the person of a row, or the rejected row."""
        return _Reading(self, row).result()

    @functools.cached_property
    def states_active(self) -> bool:
        """Whether a row says that its person is active. An empty status then does not mean that."""
        trial, source = copy.copy(self), self.columns.fields["status"]
        trial.notices = []
        return any(row.cells and ACTIVE in _Reading(trial, row).values("status", source) for row in self.rows)


class _Reading:
    """Reads one row."""

    def __init__(self, reader: PersonReader, row: Row) -> None:
        self.reader = reader
        self.row = row
        self.where = row.place
        self.problems: list[Problem] = list(row.problems)

    def result(self) -> Person | Rejected:
        """Return the person, or the rejected row."""
        identity = self._identity("id") if self.row.cells else ""
        self.where = f"{self.row.place} ({identity})" if identity else self.row.place
        if self.row.problems:
            self.problems = [
                Problem(problem.text, problem.code, self._place(problem.place), problem.option)
                for problem in self.problems
            ]
            if not self.row.cells:
                return Rejected(self.row.place, problems=tuple(self.problems))
        if not identity and not self.problems:
            self._problem("id is empty. Specify the ID of the person.", "missing_field", "id")
        person = self._person(identity)
        self._check(person)
        if person.status == LEFT:
            self._forgive()
        if any(problem.code == "bad_row" for problem in self.row.problems):
            self.problems = self.problems[: len(self.row.problems)]  # the cells may belong to other columns
        if self.problems:
            legible = not self.row.problems
            return Rejected(
                self.row.place, identity, person.email, person.status, tuple(self.problems), person if legible else None
            )
        return person

    def _place(self, place: str) -> str:
        return self.where if place == self.row.place else f"{place}{self.where[len(self.row.place) :]}"

    def _person(self, identity: str) -> Person:
        texts = {
            name: self._identity(name) if name in ("manager", "owner") else self._text(name)
            for name in TEXTS
            if name != "id"
        }
        return Person(
            id=identity,
            kind=self._word("kind"),
            status=self._word("status"),
            start=self._day("start"),
            end=self._day("end"),
            previous_emails=tuple(self._items("previous_emails")),
            entitlements=tuple(self._entitlements()),
            accounts=self._accounts(),
            attributes=self._attributes(),
            place=self.row.place,
            **texts,
        )

    # Values of cells

    def _problem(self, text: str, code: str, field: str, option: str = "") -> None:
        self.problems.append(_FieldProblem.of(text, code, self.where, option, field))

    def _clean(self, value: t.Any, field: str) -> str:
        """Return the text of a cell, without invisible characters."""
        if value is None:
            return ""
        if not isinstance(value, str):
            if isinstance(value, (list, dict)) or (isinstance(value, bool) and field in (*TEXTS, *LISTS)):
                self._problem(f"{field} is {shown(value)}, not text. Specify a single text.", "invalid_value", field)
                return ""
            value = number_text(value)
        text, removed = clean(value)
        if removed:
            self.reader.notices.append(
                Notice("invisible_character", f"{self.where}: {removed} was removed from {field}.", self.where)
            )
        return text

    def values(self, field: str, source: Source) -> list[str]:
        """Return the values of a field from all of its columns, translated and without empty ones."""
        if source.constant is not None:
            return [text for text in (self._clean(value, field) for value in as_list(source.constant)) if text]
        words, column_words = self.reader.words.get(field), self.reader.column_words
        joined = source.joiner is not None
        texts = []
        for number in source.columns:
            text = self._clean(self.row.cells[number], field)
            match = column_words[number].find(text) if number in column_words else None
            if match is None:
                if not (words and words.find(text) is not None):
                    text = self._without_error(text, field)
                match = words.find(text) if words and not joined else None
            texts.append(text if match is None else match)
        if source.joiner is not None:
            whole = source.joiner.join(filter(None, texts)).strip()
            texts = [words.translate(whole) if words else whole]
        return list(filter(None, texts))

    def _text(self, field: str) -> str:
        source = self.reader.columns.fields.get(field)
        if source is None:
            return ""
        values = self.values(field, source)
        return values[0] if values else ""

    def _without_error(self, text: str, field: str) -> str:
        """Return the text of a cell. If a spreadsheet shows an error in it, add a problem and return an empty text."""
        if text == UNCOMPUTED:
            advice = "Open the file in a spreadsheet and save it, or write values instead of formulas."
            self._problem(f"{field}: the cell contains a formula without a result. {advice}", "invalid_value", field)
            return ""
        if text not in _CELL_ERRORS:
            return text
        self._problem(f"{field}: the cell contains the error {text}. Correct it in the source.", "invalid_value", field)
        return ""

    def _identity(self, field: str) -> str:
        """Return the id in a field. Spreadsheets turn ids into numbers such as 1042.0 and 1.04E+11."""
        text = self._text(field)
        if text and _ROUNDED.fullmatch(text):
            self._problem(
                f"{field}: {shown(text)} is a rounded number. Export the column as text.", "invalid_value", field
            )
        return without_fraction(text)

    def _word(self, field: str) -> str:
        """Return the word of status or kind. Of several statuses, the strictest counts."""
        source = self.reader.columns.fields.get(field)
        values = self.values(field, source) if source is not None else []
        unknown = [value for value in values if value not in WORDS[field]]
        for value in unknown[:1]:
            option = f"{VALUES}.{field}" if self.reader.mapped else ""
            alias = f"{ALIASES[VALUES]}.{field}"
            advice = f"Map it with {option} (or {alias}) to one of" if option else "It must be one of"
            self._problem(
                f"{field}: {shown(value)} is unknown. {advice} {', '.join(WORDS[field])}.",
                f"unknown_{field}",
                field,
                option,
            )
        known = [value for value in values if value in WORDS[field]]
        if field != "status":
            return known[0] if known else "employee"
        if not values and source is not None and self._forgotten(source):
            option = f"{VALUES}.status" if self.reader.mapped else ""
            advice = f" To give an empty cell a meaning, map '' with {option}." if option else ""
            text = f"status is empty, but other rows say active. Specify one of {', '.join(WORDS[field])}.{advice}"
            self._problem(text, "missing_field", field, option)
            return ""
        known.sort(key=_STRICTEST.index)
        return known[0] if known else "" if unknown else ACTIVE

    def _forgotten(self, source: Source) -> bool:
        """Return whether the row lacks a status that the file states for active people, such as below a merged cell."""
        return any(self.row.cells[number] is not None for number in source.columns) and self.reader.states_active

    def _day(self, field: str) -> str:
        text = self._text(field)
        return self._as_day(text, field, field) if text else ""

    def _as_day(self, text: str, field: str, name: str) -> str:
        try:
            match = day(text, self.reader.formats, self.reader.epoch)
        except DayError as error:
            text, option = error.advised(self.reader.mapped)
            self._problem(f"{name}: {text}", "invalid_day", field, option)
            return ""
        century = match < _CENTURY and "%y" in "".join(self.reader.formats) and match[:4] not in text
        if match and field == "end" and (match <= _FIRST_END or century):
            option = f"{VALUES}.{field}" if self.reader.mapped else ""
            advice = (
                f" If it means no day, map it with {option} to an empty text."
                if option
                else " Omit it if it means no day."
            )
            advice = f" It is read as {match}. Export years with four digits.{advice}" if century else advice
            self._problem(f"{name}: {shown(text)} is not a plausible last day.{advice}", "invalid_day", field, option)
            return ""
        return match

    def _items(self, field: str) -> list[t.Any]:
        """Return the elements of a list: those in a document, or the parts of a cell."""
        source = self.reader.columns.fields.get(field)
        if source is None:
            return []
        cells = (
            as_list(source.constant)
            if source.constant is not None
            else [self.row.cells[number] for number in source.columns]
        )
        items: list[t.Any] = []
        for cell in cells:
            parts = cell if isinstance(cell, list) else parts_of(cell) if isinstance(cell, str) else [cell]
            items += [
                part if isinstance(part, dict) and field == "entitlements" else self._clean(part, field)
                for part in parts
            ]
        words = self.reader.words.get(field)
        translated = [self._translated(item, words, field) if isinstance(item, str) else item for item in items]
        return [item for item in translated if item]

    def _translated(self, item: str, words: Words | None, field: str) -> str:
        match = words.find(item) if words else None
        return self._without_error(item, field) if match is None else match

    def _entitlements(self) -> t.Iterator[Granted]:
        seen: set[Granted] = set()
        for item in self._items("entitlements"):
            granted = self._granted_of_mapping(item) if isinstance(item, dict) else self._granted_of_text(item)
            if granted is not None and granted not in seen:
                seen.add(granted)
                yield granted

    def _granted_of_mapping(self, item: dict[str, t.Any]) -> Granted | None:
        for name in item:
            if name not in ("name", "until", "ticket"):
                text = f"entitlements: {unknown_key(str(name), ('name', 'until', 'ticket'))}"
                self._problem(text, "unknown_key", "entitlements")
                return None
        name, until, ticket = (self._clean(item.get(part), "entitlements") for part in ("name", "until", "ticket"))
        if not name:
            text = "entitlements: name is empty. Specify the name of an entitlement."
            self._problem(text, "missing_field", "entitlements")
            return None
        return Granted(name, self._as_day(until, "entitlements", f"entitlement {name}: until"), ticket)

    def _granted_of_text(self, text: str) -> Granted | None:
        """Return the entitlement in a cell such as ``Data Team until=2026-12-31 ticket=R-1``."""
        about: dict[str, str] = {}
        name = text
        while match := _SUFFIX.search(name):
            about.setdefault(match[1].lower(), match[2])
            name = name[: match.start()]
        like = _SUFFIX_LIKE.search(name)
        if like and near(like[1], ("until", "ticket")):
            self._problem(
                f"entitlements: {shown(text)} must be a name, optionally with until=2026-12-31 and ticket=R-1.",
                "invalid_value",
                "entitlements",
            )
            return None
        until = self._as_day(about.get("until", ""), "entitlements", f"entitlement {name}: until")
        return Granted(name, until, about.get("ticket", ""))

    def _accounts(self) -> dict[str, dict[str, t.Any]]:
        accounts: dict[str, dict[str, t.Any]] = {}
        for field in self.reader.accounts:
            connection = field.removeprefix(ACCOUNTS)
            source = self.reader.columns.fields[field]
            cells = [self.row.cells[number] for number in source.columns]
            about = next((cell for cell in cells if isinstance(cell, dict)), None)
            if about is not None:
                account = self._account_of_mapping(about, field)
            else:
                values = self.values(field, source)
                base, _dot, part = connection.rpartition(".")
                if base and part in account_fields():
                    connection = base
                else:
                    part = "user"
                account = {part: _account_value(part, values[0])} if values else {}
            if account:
                accounts.setdefault(connection, {}).update(account)
        return accounts

    def _account_of_mapping(self, about: dict[str, t.Any], field: str) -> dict[str, t.Any]:
        account: dict[str, t.Any] = {}
        for name, value in about.items():
            if name in ("user", "id"):
                value = self._clean(value, f"{field}.{name}")
                if not value:
                    continue
            elif isinstance(value, str) and clean(value)[1]:
                value = self._clean(value, f"{field}.{name}")
            account[str(name)] = _typed(value)
        return account

    def _attributes(self) -> dict[str, str]:
        attributes: dict[str, str] = {}
        for name, source in self.reader.attributes:
            field = f"{ATTRIBUTES}{name}"
            if (
                source.constant is None
                and len(source.columns) == 1
                and isinstance(self.row.cells[source.columns[0]], list)
            ):
                text = "; ".join(
                    self._clean(item, field)
                    for item in self.row.cells[source.columns[0]]
                    if not isinstance(item, (list, dict))
                )
            else:
                text = next(iter(self.values(field, source)), "")
            if text:
                attributes[name] = text
        for name in dict.fromkeys(map(key, attributes)):
            if name not in ("accounts", "attributes"):
                continue
            example = "{crm: {user: ada}}, or a column accounts.crm" if name == "accounts" else "{department: Sales}"
            self._problem(f"{name} must be a mapping, such as {example}.", "invalid_value", name)
        return attributes

    # What a person must be

    def _check(self, person: Person) -> None:
        if person.email and (not _EMAIL.search(person.email) or _NOT_IN_ADDRESSES.search(person.email)):
            self._problem(
                f"email: {shown(person.email)} is not an address such as ada@example.com.", "invalid_value", "email"
            )
        if person.status == LEFT:
            return
        if person.kind == "contractor" and not person.end and person.status == ACTIVE and not self._has_problem("end"):
            self._problem("a contractor requires end, the last day.", "missing_field", "end")
        if person.kind in ("service", "shared") and not person.owner:
            self._problem(
                f"a {person.kind} account requires owner, the id of the person responsible for it.",
                "missing_field",
                "owner",
            )
        if person.start and person.end and person.end < person.start:
            text = f"end {person.end} is before start {person.start}. Correct one of them."
            self._problem(text, "invalid_value", "end")

    def _has_problem(self, field: str) -> bool:
        return any(isinstance(problem, _FieldProblem) and problem.field == field for problem in self.problems)

    def _forgive(self) -> None:
        """Turn problems of fields that have no effect for a leaver into notices."""
        remaining: list[Problem] = []
        for problem in self.problems:
            if isinstance(problem, _FieldProblem) and (
                problem.field in _NOT_OF_LEAVERS or problem.field.startswith(ATTRIBUTES)
            ):
                text = f"{problem} The problem has no effect, because the person has left."
                self.reader.notices.append(Notice(problem.code, text, self.where))
            else:
                remaining.append(problem)
        self.problems = remaining


class _FieldProblem(Problem):
    """A problem of one field."""

    field = ""

    @classmethod
    def of(cls, text: str, code: str, place: str, option: str, field: str) -> _FieldProblem:
        """Return a problem of a field."""
        problem = cls(text, code, place, option)
        problem.field = field
        return problem


_WORDS_OF_ACCOUNTS: dict[str, t.Any] = {
    word: value for word, value in (("true", True), ("false", False)) for word in (word, word.upper(), word.title())
}
_WORDS_OF_ACCOUNTS["null"] = None
"""How an export writes the fields of an account that are not texts.

Null leaves a field unchanged. Spreadsheets change the case of the other words.
"""


@functools.lru_cache(maxsize=1)
def account_fields() -> frozenset[str]:
    """Return the names that can follow ``accounts.<connection>.`` in a heading: user, id and the fields of all
    providers."""
    schemas = [binding_of(provider).schema for provider in PROVIDERS]
    return frozenset(
        {"user", "id"} | {declared.name for schema in schemas for declared in schema.fields if declared.writable}
    )


def _account_value(part: str, text: str) -> t.Any:
    """Return the value of an account's field from the text of a cell."""
    if part == "id":
        return without_fraction(text)
    return text if part == "user" else _WORDS_OF_ACCOUNTS.get(text, text)


def _typed(value: t.Any) -> t.Any:
    """Return a value of an account with its types in YAML or JSON."""
    if isinstance(value, Scalar):
        return value.typed()
    if isinstance(value, dict):
        return {str(name): _typed(item) for name, item in value.items()}
    return [_typed(item) for item in value] if isinstance(value, list) else value
