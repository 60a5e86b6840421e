# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Days in all forms in which feeds have them, and workbooks, whose cells hold days and numbers."""

from __future__ import annotations

import datetime
import sys
import types
import typing as t

import pytest

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.days import DayError, day, format_problems
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.model import FeedOptions
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.read import read


@pytest.mark.parametrize(
    ("value", "formats", "expected"),
    [
        ("2026-12-31", (), "2026-12-31"),
        ("2026-12-31T00:00:00+02:00", (), "2026-12-31"),
        ("2026-12-31 23:59:59", (), "2026-12-31"),
        ("2026-12-31T22:00:00Z", (), "2026-12-31"),
        ("2026-12-31-08:00", (), "2026-12-31"),
        ("2026-1-2", (), "2026-01-02"),
        ("01.05.2021", (), "2021-05-01"),
        ("1.5.2021 00:00", (), "2021-05-01"),
        ("20261231", (), "2026-12-31"),
        ("", (), ""),
        ("0000-00-00", (), ""),
        ("00.00.0000", (), ""),
        ("0001-01-01T00:00:00", (), ""),
        ("07/05/11", ("%m/%d/%y",), "2011-07-05"),
        ("07/05/2011", ("%Y", "%d/%m/%Y"), "2011-05-07"),
        ("05.07.2011", ("%m.%d.%Y",), "2011-05-07"),
        ("21 Mar 2016", ("%d %b %Y",), "2016-03-21"),
    ],
)
def test_days(value: str, formats: tuple[str, ...], expected: str) -> None:
    assert day(value, formats) == expected


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("2026-02-30", "not a day of the calendar"),
        ("31.02.2026", "not a day of the calendar"),
        ("07/05/11", "Set access_date_format"),
        ("soon", "Set access_date_format"),
        ("45000", "Set access_date_format"),
    ],
)
def test_no_days(value: str, words: str) -> None:
    with pytest.raises(DayError, match=words):
        day(value)


def test_days_of_a_workbook_and_formats() -> None:
    assert day("45000", (), datetime.date(1899, 12, 30)) == "2023-03-15"
    assert [problem.code for problem in format_problems(["%d.%m.%Y", "%H:%M", "%"])] == ["invalid_value"] * 2
    assert format_problems({"a": 1}) != []


# Workbooks


class Sheet:
    def __init__(self, rows: list[tuple[t.Any, ...]]) -> None:
        self.rows = rows

    def iter_rows(self, values_only: bool) -> t.Iterator[tuple[t.Any, ...]]:
        assert values_only
        return iter(self.rows)


class Book(dict[str, Sheet]):
    epoch = datetime.datetime(1899, 12, 30)  # noqa: DTZ001

    @property
    def sheetnames(self) -> list[str]:
        return list(self)

    @property
    def worksheets(self) -> list[Sheet]:
        return list(self.values())

    def close(self) -> None:
        pass


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> Book:
    """A workbook as openpyxl returns it."""
    rows: list[tuple[t.Any, ...]] = [
        (None, None, None, None, None),
        ("ID", "Name", "E-Mail", "End", None),
        (7, "Ada Bee", "ada@acme.com", datetime.datetime(2026, 12, 31), None),  # noqa: DTZ001
        (8.0, "Bob Cee", "bob@acme.com", 46387, None),
        (None, None, None, None, None),
        ("E9", "#N/A", "cy@acme.com", None, None),
    ]
    found = Book({"People": Sheet(rows), "Notes": Sheet([])})
    module = types.ModuleType("openpyxl")
    module.load_workbook = lambda stream, read_only, data_only: found  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "openpyxl", module)
    return found


def test_workbook(book: Book) -> None:
    feed = read(b"PK\x03\x04", "people.xlsx")
    assert [(person.id, person.end, person.place) for person in feed.people] == [
        ("7", "2026-12-31", "people.xlsx row 3"),
        ("8", "2026-12-31", "people.xlsx row 4"),
    ]
    assert [str(problem) for row in feed.rejected for problem in row.problems] == [
        "people.xlsx row 6 (E9): a cell holds the error #N/A."
    ]
    feed = read(b"PK\x03\x04", "people.xlsx", FeedOptions(sheet="Peple"))
    assert str(feed.problems[0]) == "people.xlsx: access_sheet: there is no sheet named 'Peple'. Did you mean People?"


def test_workbook_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    feed = read(b"PK\x03\x04", "people.xlsx")
    assert str(feed.problems[0]) == (
        "people.xlsx: reading XLSX requires the Python package openpyxl on the controller."
        " Install it, or save the sheet as CSV."
    )
    assert feed.problems[0].code == "missing_package"
