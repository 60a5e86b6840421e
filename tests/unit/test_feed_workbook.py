# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workbooks as Excel writes them, read with the real openpyxl."""

from __future__ import annotations

import datetime
import io
import typing as t
import zipfile

import pytest

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.model import FeedOptions
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.read import read

openpyxl: t.Any = pytest.importorskip("openpyxl")
chart: t.Any = pytest.importorskip("openpyxl.chart")
HEADINGS = ("ID", "Name", "E-Mail", "Start", "End", "Department")


def workbook(rows: t.Sequence[t.Sequence[t.Any]], change: t.Callable[[t.Any], None] = lambda book: None) -> bytes:
    """Return the bytes of a workbook whose sheet People has these rows."""
    book = openpyxl.Workbook()
    book.active.title = "People"
    for row in rows:
        book.active.append(row)
    change(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("epoch", [1900, 1904])
def test_numbers_and_days_of_a_workbook(epoch: int) -> None:
    def count_from(book: t.Any) -> None:
        book.epoch = {1900: openpyxl.utils.datetime.WINDOWS_EPOCH, 1904: openpyxl.utils.datetime.MAC_EPOCH}[epoch]

    rows = [
        HEADINGS,
        (7, "Ada Bee", "ada@acme.com", datetime.date(2026, 1, 2), datetime.datetime(2026, 12, 31), "R&D"),  # noqa: DTZ001
        ("0042", "Zo\u00eb Cee", "bob@acme.com", None, "2026-12-31", True),
        (None, None, None, None, None, None),
        (9.0, "Cy", "cy@acme.com", None, None, 12),
    ]
    feed = read(workbook(rows, count_from), "people.xlsx")
    assert (feed.problems, feed.rejected) == ([], [])
    assert [
        (one.id, one.name, one.start, one.end, one.attributes.get("Department"), one.place) for one in feed.people
    ] == [
        ("7", "Ada Bee", "2026-01-02", "2026-12-31", "R&D", "people.xlsx row 2"),
        ("0042", "Zo\u00eb Cee", "", "2026-12-31", "true", "people.xlsx row 3"),
        ("9", "Cy", "", "", "12", "people.xlsx row 5"),
    ]


def test_sheets_of_a_workbook() -> None:
    def add(book: t.Any) -> None:
        book.create_sheet("Notes", 0)
        book.create_chartsheet("Chart").add_chart(chart.BarChart())

    content = workbook([HEADINGS, ("E1", "Ada Bee", "ada@acme.com")], add)
    assert [one.id for one in read(content, "people.xlsx", FeedOptions(sheet="People")).people] == ["E1"]
    for options, words in (
        (FeedOptions(), "the sheet 'Notes' is empty. Set access_sheet to the name of another one: People."),
        (FeedOptions(sheet="Peple"), "there is no sheet named 'Peple'. Did you mean People?"),
        (FeedOptions(sheet="Chart"), "the sheet 'Chart' has no cells"),
    ):
        assert words in str(read(content, "people.xlsx", options).problems[0])


def test_a_formula_without_a_result_and_an_error_are_no_facts() -> None:
    """An empty status would make an active person of a leaver."""
    rows = [
        ("ID", "Name", "E-Mail", "Status"),
        ("E1", "#N/A", "ada@acme.com", None),
        ("E2", "Bob", "bob@acme.com", '=IF(1=1,"left","")'),
        ('="E"&3', "Cy", "cy@acme.com", None),
        ("E4", "Di", "di@acme.com", None),
    ]
    feed = read(workbook(rows), "people.xlsx")
    assert [one.id for one in feed.people] == ["E4"]
    assert [row.id for row in feed.rejected] == ["E1", "E2", ""]
    assert str(feed.rejected[1].problems[0]) == (
        "people.xlsx row 3 (E2): status: the cell contains a formula without a result. Open the file in a spreadsheet "
        "and save it, or write values instead of formulas."
    )


def test_a_formula_with_an_empty_result_is_empty() -> None:
    """A spreadsheet saves the results of formulas, and writes an empty text as one."""
    content = workbook([("ID", "Name", "E-Mail", "Status"), ("E1", "Ada", "ada@acme.com", '=IF(1=2,"left","")')])
    with zipfile.ZipFile(io.BytesIO(content)) as workbook_parts:
        parts = {name: workbook_parts.read(name) for name in workbook_parts.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b'<c r="D2">', b'<c r="D2" t="str">')
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, part in {**parts, "xl/worksheets/sheet1.xml": sheet}.items():
            archive.writestr(name, part)
    feed = read(stream.getvalue(), "people.xlsx")
    assert [(one.id, one.status) for one in feed.people] == [("E1", "active")]


def test_ids_with_the_leading_zeros_that_a_spreadsheet_shows() -> None:
    def show_zeros(book: t.Any) -> None:
        for cell in ("A2", "A3", "D3"):
            book.active[cell].number_format = "00000"

    rows = [("ID", "Name", "E-Mail", "Manager"), (42, "Ada", "a@acme.com", None), (123456, "Bob", "b@acme.com", 42.0)]
    feed = read(workbook(rows, show_zeros), "people.xlsx")
    assert [(one.id, one.manager) for one in feed.people] == [("00042", ""), ("123456", "00042")]


def test_the_first_sheet_that_is_not_hidden_is_read() -> None:
    def hide(book: t.Any) -> None:
        book.create_sheet("Lists", 0).append(["Departments"])
        book["Lists"].sheet_state = "veryHidden"

    content = workbook([HEADINGS, ("E1", "Ada Bee", "ada@acme.com")], hide)
    for sheet in ("", "people", " People "):
        assert [one.id for one in read(content, "people.xlsx", FeedOptions(sheet=sheet)).people] == ["E1"]
    assert "the sheet 'Lists'; to read another one, set access_sheet: People." in str(
        read(content, "people.xlsx", FeedOptions(sheet="Lists")).problems[0]
    )


@pytest.mark.parametrize("content", [b"PK\x03\x04 cut off", workbook([HEADINGS])[:500]])
def test_a_damaged_workbook_is_refused(content: bytes) -> None:
    assert "the workbook cannot be read" in str(read(content, "people.xlsx").problems[0])


def test_each_row_that_a_merged_cell_covers_has_its_value() -> None:
    """A spreadsheet shows the department beside all of its people. The file contains it once."""
    rows = [
        HEADINGS,
        ("E1", "Ada Bee", "ada@acme.com", None, None, "Data"),
        ("E2", "Bob Cee", "bob@acme.com", None, None, None),
        ("E3", "Cy Dee", "cy@acme.com", None, None, None),
        ("E4", "Di Eff", "di@acme.com", None, None, None),
        ("E5", "Ed Gee", "ed@acme.com", None, None, None),
    ]
    feed = read(workbook(rows, lambda book: book.active.merge_cells("F2:F4")), "people.xlsx")
    assert [(one.id, one.attributes.get("Department")) for one in feed.people] == [
        ("E1", "Data"), ("E2", "Data"), ("E3", "Data"), ("E4", None), ("E5", None),
    ]  # fmt: skip
    assert feed.rejected == []


def test_a_merged_heading_is_nobodys_value() -> None:
    rows = [HEADINGS, ("E1", "Ada Bee", "ada@acme.com", None, None, None), ("E2", "Bob Cee", "bob@acme.com")]
    feed = read(workbook(rows, lambda book: book.active.merge_cells("F1:F3")), "people.xlsx")
    assert [one.attributes.get("Department") for one in feed.people] == [None, None]


def test_a_merged_cell_below_the_last_row_adds_nobody() -> None:
    rows = [HEADINGS, ("E1", "Ada Bee", "ada@acme.com", None, None, "Data")]
    feed = read(workbook(rows, lambda book: book.active.merge_cells("F2:F9")), "people.xlsx")
    assert ([one.id for one in feed.people], feed.rejected) == (["E1"], [])
