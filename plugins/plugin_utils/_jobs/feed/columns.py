# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which column fills which field.

``access_columns`` maps a field to its source::

    access_columns:
      id: Personalnummer                              # a heading
      status: [Worker Status, On Leave]               # several headings
      kind: {value: employee}                         # a constant
      name: {join: [First Name, Last Name], with: " "}
      accounts.crm: CRM Login                         # the name of the account in a connection
      attributes.department: Cost Center              # an attribute, which rules can match
      manager: ""                                     # ignore the column manager

Headings are compared without case, spaces, ``_`` and ``-``. Of several headings, the first with a value counts. For
``id``, it is the first column with any value; for ``status``, the strictest word (left, leave, active); lists use all
headings. A field without a source is filled from the column of the same name. All other columns become attributes,
named like their headings.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Notice, Problem

from .model import ACCOUNTS, ATTRIBUTES, COLUMNS, FIELDS, LISTS, Row
from .text import clean, hint, key, near, shown

_ADDRESS = re.compile("mail(?!ing)")
"""Part of a heading, in the form of ``key``, that suggests an e-mail address."""
_LAST_DAY = re.compile(
    "terminationdate|dateofterminat|dateterminat|termdate|lastday|lastworkingday|exitdate|leav(e|ing)date|"
    "dateofleaving|separationdate|endofemployment|employmentend|contractend|companyexit|"
    "austritt(sdatum|am)?$|letzterarbeitstag|vertragsende|endedesarbeits|"
    "datedesortie|datededépart|fin(de|du)contrat|fechadebaja|findelcontrato|退職日|退社日|離職日"
)
"""Part of a heading, in the form of ``key``, that suggests the last day."""
_STATUS = re.compile(
    "(?<!marital)(?<!civil)(?<!family)(?<!visa)(?<!tax)(?<!immigration)(?<!vaccination)status(code)?$|"
    "^statut$|^situación$|在籍状況|在職状況"
)
"""Part of a heading, in the form of ``key``, that suggests whether the person is employed."""
_SUGGESTED = {"email": _ADDRESS, "status": _STATUS, "end": _LAST_DAY}
"""Fields that are missed silently: without a status or a last day, a leaver is active."""
_SECRET = re.compile(
    "passw|kennwort|secret|token|socialsecurity|sozialversicherung|ssn$|iban|salary|gehalt|lohn$|compensation|"
    "bankaccount|taxid|steuerid|nationalid|passport|^pin$"
)
"""Columns that never become attributes, because reports contain attributes."""
_FORMS = "It must be a heading, a list of headings, {value: text} or {join: [headings], with: text}."


@dataclass(frozen=True)
class Source:
    """The source of a field: column numbers, or a constant. With ``joiner``, all columns are joined into one text."""

    columns: tuple[int, ...] = ()
    constant: t.Any = None
    joiner: str | None = None


@dataclass
class Columns:
    """The sources of all fields, the columns that become attributes with their names, notices and problems.

    ``unread`` are the headings that suggest confidential data, whose columns are not read.
    """

    fields: dict[str, Source] = field(default_factory=dict)
    attributes: list[tuple[int, str]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def is_target(name: str) -> bool:
    """Return whether a column can fill a field of this name."""
    return name in FIELDS or any(
        name.startswith(prefix) and len(name) > len(prefix) for prefix in (ACCOUNTS, ATTRIBUTES)
    )


def headings_of(source: t.Any) -> list[str]:
    """Return the headings in a source of valid form."""
    if isinstance(source, t.Mapping):
        source = source.get("join", ())
    return [source] if isinstance(source, str) else [str(heading) for heading in source or ()]


def columns_problems(columns: t.Any, option: str = COLUMNS) -> list[Problem]:
    """Return the problems of a mapping of columns, before any file is read."""
    if not isinstance(columns, t.Mapping):
        return [
            Problem(
                f"{option} must map fields to headings, such as {{id: Personalnummer}}.", "invalid_value", option=option
            )
        ]
    problems = []
    for name, source in columns.items():
        place = f"{option}.{name}"
        if not is_target(str(name)):
            turned = isinstance(source, str) and is_target(source)
            advice = hint(str(name), FIELDS, "field")
            if turned:
                advice = f"If it is a heading, write the field first: {{{source}: {name}}}." + (
                    f" {advice}" if near(str(name), FIELDS) else ""
                )
            problems.append(
                Problem(f"{place}: there is no field named {shown(name)}. {advice}", "unknown_field", option=place)
            )
        elif not _is_source(source):
            problems.append(
                Problem(f"{place}: {shown(source)} is not a source. {_FORMS}", "invalid_value", option=place)
            )
    return problems


def _is_source(source: t.Any) -> bool:
    if source is None or isinstance(source, str):
        return True
    if isinstance(source, t.Mapping):
        if set(source) == {"value"}:
            return isinstance(source["value"], (str, int, float)) or _is_list(source["value"])
        return (
            {"join"} <= set(source) <= {"join", "with"}
            and _is_list(source["join"])
            and isinstance(source.get("with", ""), str)
        )
    return _is_list(source)


def _is_list(value: t.Any) -> bool:
    texts = isinstance(value, (list, tuple)) and all(isinstance(item, str) and item.strip() for item in value)
    return texts and bool(value)


def resolve(
    headings: t.Sequence[str], own: t.Mapping[str, t.Any], preset: t.Mapping[str, t.Any], file: str, mapped: bool = True
) -> Columns:
    """Return which column of a file fills which field. ``own`` are the user's sources; they override those of a
    preset. ``mapped`` is whether messages name options."""
    resolver = _Resolver(headings, file, mapped)
    for name, source in own.items():
        resolver.add(name, source, complete=True)
    for name, source in preset.items():
        constant = isinstance(source, t.Mapping) and "value" in source
        if name not in own and (constant or resolver.has_any(headings_of(source))):
            resolver.add(name, source)
    resolver.add_by_name(own)
    resolver.add_attributes()
    return resolver.columns


class _Resolver:
    """Finds the columns of one file."""

    def __init__(self, headings: t.Sequence[str], file: str, mapped: bool) -> None:
        self.headings = headings
        self.mapped = mapped
        self.file = file
        self.columns = Columns()
        self.numbers: dict[str, list[int]] = {}
        self.failed: set[str] = set()
        """Fields with a problem, and the keys of their headings: no notice mentions them again."""
        for number, heading in enumerate(headings):
            if key(heading):
                self.numbers.setdefault(key(heading), []).append(number)

    def has_any(self, headings: t.Iterable[str]) -> bool:
        """Return whether the file has one of the headings."""
        return any(key(heading) in self.numbers for heading in headings)

    def add(self, name: str, source: t.Any, complete: bool = False) -> None:
        """Add the source of a field.

        ``complete`` requires at least one of several headings, or all of them if all count: without one of two
        statuses, a person on leave would be active.
        """
        joined = isinstance(source, t.Mapping) and "join" in source
        if isinstance(source, t.Mapping) and not joined:
            self.columns.fields[name] = Source(constant=source["value"])
            return
        expected = [heading for heading in headings_of(source) if key(heading)]
        present = [heading for heading in expected if key(heading) in self.numbers]
        option = f"{COLUMNS}.{name}"
        all_count = joined or name in ("status", *LISTS)
        if complete and expected and (not present or (all_count and len(present) < len(expected))):
            missing = next(heading for heading in expected if heading not in present)
            advice = hint(missing, list(filter(key, self.headings)), "column")
            text = f"{option}: there is no column {shown(missing)}. {advice}"
            self.columns.problems.append(Problem(text, "unknown_column", self.file, option))
            self.failed.add(name)
            return
        for heading in present:
            same = self.numbers[key(heading)]
            if len(same) > 1:
                advice = "Remove all but one of them."
                if self.mapped:
                    advice = f"Rename all but one of them, or set {option} to another heading."
                if complete:
                    advice = f"Rename one of them, or map {name} to a heading that occurs once."
                text = f"{len(same)} columns have the heading {shown(heading)}. {advice}"
                self.columns.problems.append(Problem(text, "ambiguous_column", self.file, option))
                self.failed.update((name, key(heading)))
                return
        columns = tuple(dict.fromkeys(self.numbers[key(heading)][0] for heading in present))
        self.columns.fields[name] = Source(columns, joiner=str(source.get("with", " ")) if joined else None)

    def add_by_name(self, own: t.Container[str]) -> None:
        """Add the columns with the name of a field, if the field has no other source."""
        for name in FIELDS:
            if name not in self.columns.fields and name not in own and key(name) in self.numbers:
                self.add(name, name)
        for heading in self.headings:
            name = clean(heading)[0]
            for prefix in (ACCOUNTS, ATTRIBUTES):
                target = prefix + name[len(prefix) :].strip()
                if name.casefold().startswith(prefix) and is_target(target) and target not in self.columns.fields:
                    self.add(target, heading)

    def add_attributes(self) -> None:
        """Turn the columns that fill no field into attributes. Report those that look like a misspelt field."""
        fields = self.columns.fields
        used = {number for source in fields.values() for number in source.columns}
        free = [name for name in FIELDS if name not in fields and name not in self.failed]
        misspelt = []
        for same in self.numbers.values():
            name = clean(self.headings[same[0]])[0]
            if same[0] in used or f"{ATTRIBUTES}{name}" in fields:
                continue
            if _SECRET.search(key(name)):
                self.columns.unread.append(name)
                continue
            self.columns.attributes.append((same[0], name))
            if len(same) > 1 and key(name) not in self.failed:
                text = (
                    f"{self.file}: {len(same)} columns have the heading {shown(name)}. Only the first of them is read."
                )
                self.columns.notices.append(Notice("ambiguous_column", text))
            close = near(name, free, 0.8)
            close = close or [field for field in free if field in _SUGGESTED and _SUGGESTED[field].search(key(name))]
            if close:
                misspelt.append(f"{name} ({close[0]}?)")
        if misspelt:
            text = f"{self.file}: these headings resemble fields, but are not mapped to any: {', '.join(misspelt)}."
            self.columns.notices.append(Notice("unknown_column", f"{text} Map them with {COLUMNS}."))


def choose_one_id(columns: Columns, rows: t.Sequence[Row]) -> None:
    """Leave a single column for the id: of several headings, the first with a value in any row.

    If ids came from several columns, an id would change as soon as its row gets a value in the first of them.
    """
    source = columns.fields.get("id")
    if source is None or source.joiner is not None or len(source.columns) < 2:
        return
    filled = (
        number for number in source.columns
        if any(row.cells and row.cells[number] is not None and str(row.cells[number]).strip() for row in rows)
    )
    columns.fields["id"] = Source((next(filled, source.columns[0]),))
