# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Days in all forms in which feeds have them, and workbooks, whose cells hold days and numbers."""

from __future__ import annotations

import calendar
import datetime
import importlib.util
import io
import sys
import time
import types
import typing as t
import zipfile

import pytest

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed import days
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


GERMAN = [
    "", "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
    "Dezember",
]


def test_english_days_on_a_controller_with_another_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ansible sets the locale of the environment. In de_DE.UTF-8, the months have German names, and ``%p`` matches
    nothing."""

    def strptime(value: str, pattern: str) -> time.struct_time:
        return time.strptime(value, pattern.replace("%p", ""))

    spec = importlib.util.spec_from_file_location(days.__name__, days.__file__)
    assert spec is not None and spec.loader is not None
    german = importlib.util.module_from_spec(spec)
    with monkeypatch.context() as patch:
        patch.setattr(calendar, "month_name", GERMAN)
        spec.loader.exec_module(german)
    assert [german.day(value) for value in ("21-MAR-2016", "1 May 2016", "December 31, 2026")] == [
        "2016-03-21", "2016-05-01", "2026-12-31",
    ]
    monkeypatch.setattr(days, "time", types.SimpleNamespace(strptime=strptime))
    day.cache_clear()
    assert day("3/31/2016 12:00:00 AM", ("%m/%d/%Y %I:%M:%S %p",)) == "2016-03-31"
    with pytest.raises(DayError):
        day("3/31/2016 12:00:00", ("%m/%d/%Y %I:%M:%S %p",))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("2026-02-30", "not a calendar day"),
        ("31.02.2026", "not a calendar day"),
        ("12.31.2026", "Set access_date_format, such as '%m.%d.%Y'"),
        ("07/05/11", "Set access_date_format"),
        ("soon", "Set access_date_format"),
        ("45000", "is a number, not a day: .* Format the column as a date before the export"),
        ("45291.5", "Format the column as a date before the export"),
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


def archive() -> bytes:
    """Return the bytes of an archive whose sheet has no formula."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as parts:
        parts.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    return stream.getvalue()


ARCHIVE = archive()


class Cell(t.NamedTuple):
    """A cell as openpyxl returns it."""

    value: t.Any
    number_format: str = "General"


class Sheet:
    sheet_state = "visible"

    def __init__(self, rows: list[tuple[t.Any, ...]]) -> None:
        self.rows = rows

    def iter_rows(self) -> t.Iterator[tuple[Cell, ...]]:
        """Yield the rows of cells."""
        return (tuple(map(Cell, row)) for row in self.rows)


class Book(dict[str, Sheet]):
    epoch = datetime.datetime(1899, 12, 30)  # noqa: DTZ001

    @property
    def sheetnames(self) -> list[str]:
        return list(self)

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
    feed = read(ARCHIVE, "people.xlsx")
    assert [(person.id, person.end, person.place) for person in feed.people] == [
        ("7", "2026-12-31", "people.xlsx row 3"),
        ("8", "2026-12-31", "people.xlsx row 4"),
    ]
    assert [str(problem) for row in feed.rejected for problem in row.problems] == [
        "people.xlsx row 6 (E9): name: the cell contains the error #N/A. Correct it in the source."
    ]
    feed = read(ARCHIVE, "people.xlsx", FeedOptions(sheet="Peple"))
    assert str(feed.problems[0]) == "people.xlsx: access_sheet: there is no sheet named 'Peple'. Did you mean People?"


def test_a_sheet_without_cells_names_the_others(book: Book) -> None:
    feed = read(ARCHIVE, "people.xlsx", FeedOptions(sheet="Notes"))
    assert [str(problem) for problem in feed.problems] == [
        "people.xlsx: the sheet 'Notes' is empty. Set access_sheet to the name of another one: People."
    ]
    book["Chart"] = object()  # type: ignore[assignment]
    feed = read(ARCHIVE, "people.xlsx", FeedOptions(sheet="Chart"))
    assert "the sheet 'Chart' has no cells" in str(feed.problems[0])


def test_the_size_that_a_sheet_claims_does_not_count(book: Book) -> None:
    sheet = book["People"]
    rows, sheet.rows = sheet.rows, []
    sheet.reset_dimensions = lambda: setattr(sheet, "rows", rows)  # type: ignore[attr-defined]
    assert len(read(ARCHIVE, "people.xlsx").people) == 2


def test_values_below_no_heading_are_a_notice(book: Book) -> None:
    book["People"].rows += [(10, "Cy", "cy@acme.com", None, "x", "y"), (11, "Di", "di@acme.com", None, None, "y")]
    feed = read(ARCHIVE, "people.xlsx")
    assert [notice.text for notice in feed.notices if notice.code == "unknown_column"] == [
        (
            "people.xlsx: column 5 has no heading, and is not read. "
            "It contains values in 1 row, first at people.xlsx row 7."
        ),
        (
            "people.xlsx: column 6 has no heading, and is not read. "
            "It contains values in 2 rows, first at people.xlsx row 7."
        ),
    ]


def test_a_number_of_a_workbook_that_is_no_day(book: Book) -> None:
    book["People"].rows += [(10, "Cy", "cy@acme.com", 2026, None), (11, "Di", "di@acme.com", datetime.time(0, 0), None)]
    feed = read(ARCHIVE, "people.xlsx")
    assert [str(problem) for row in feed.rejected for problem in row.problems][1:] == [
        "people.xlsx row 7 (10): end: '2026' is a number, not a day. Write it as 2026-12-31."
    ]
    assert feed.people[-1].id == "11", "an empty day that is formatted as a time"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026/12/31", "2026-12-31"),
        ("2026.12.31 00:00", "2026-12-31"),
        ("31-Dec-2026", "2026-12-31"),
        ("31 december 2026", "2026-12-31"),
        ("Dec 31, 2026", "2026-12-31"),
        ("00:00:00", ""),
    ],
)
def test_days_that_have_one_meaning_alone(value: str, expected: str) -> None:
    assert day(value) == expected


@pytest.mark.parametrize("value", ["2026/12-31", "31 Dez 2026", "Dec 2026", "31 Feb 2026", "2026/31/12"])
def test_days_that_have_none(value: str) -> None:
    with pytest.raises(DayError):
        day(value)


def test_workbook_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    feed = read(ARCHIVE, "people.xlsx")
    assert str(feed.problems[0]) == (
        "people.xlsx: reading XLSX requires the Python package openpyxl on the controller."
        " Install it, or save the sheet as CSV."
    )
    assert feed.problems[0].code == "missing_package"


def test_a_day_that_formats_read_differently_is_refused() -> None:
    formats = ("%m/%d/%Y", "%d/%m/%Y")
    with pytest.raises(DayError, match=r"2026-05-06 .*2026-06-05"):
        day("06/05/2026", formats)
    assert day("06/06/2026", formats) == "2026-06-06"
    assert day("12/31/2026", formats) == "2026-12-31"
