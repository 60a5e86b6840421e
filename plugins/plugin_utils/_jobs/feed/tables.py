# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads tables: CSV and similar formats, and workbooks."""

from __future__ import annotations

import contextlib
import csv
import datetime
import importlib
import io
import re
import typing as t
import zipfile
from dataclasses import replace

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Problem
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import counted

from .model import SHEET, UNCOMPUTED, Row, Table, Unreadable
from .text import folded, hint, key, shown

_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_SEP_LINE = re.compile(r"[ \t]*\"?sep=(.)\"?[ \t]*(?:\r\n|\r|\n)", re.IGNORECASE)
_LINE = re.compile("[^\r\n]*(?:\r\n|\r|\n|$)")
_BREAKS = re.compile("\r\n|\r|\n")
_QUOTED = re.compile(r'"[^"]*"')
_HEADING = 20_000
"""The number of characters in which the heading is searched for."""
_MOST_BROKEN = 100
"""The number of broken lines that are skipped. A file with more of them is not a CSV file."""
_FORMULA = re.compile(r"^'('*[=+\-@\t\r])")
"""How an export escapes a cell that a spreadsheet would treat as a formula."""
_TEXT_FORMULA = re.compile(r'="((?:[^"]|"")*)"')
"""How an export of CSV keeps a spreadsheet from changing a text, such as ="00042". The text is what counts."""
_FORMULA_TAG = re.compile(rb"<(?:\w+:)?f[\s/>]")
"""How a formula begins in the XML of a sheet."""
_MERGED_TAG = re.compile(rb"<(?:\w+:)?mergeCell\s")
"""How a merged cell begins in the XML of a sheet."""
_ZEROS = re.compile("0{2,}")
"""A number format that shows leading zeros, such as 00000."""


def read_csv(text: str, file: str) -> Table:
    """Return the table of a text. The heading determines the separator, or the line ``sep=;`` of Excel.

    A broken line is a row with a problem, and reading continues with the next line. Raises Unreadable.
    """
    first, separator = 1, ""
    named = _SEP_LINE.match(text)
    if named:
        text, separator, first = text[named.end() :], named[1], 2
    blank = re.match(r"(?:[ \t]*(?:\r\n|\r|\n))*", text)
    if blank and blank.end():
        first += len(_BREAKS.findall(text[: blank.end()]))
        text = text[blank.end() :]
    if not separator:
        plain = _QUOTED.sub("", text[:_HEADING])  # a quoted heading may have line breaks
        heading = plain[: _end_of_line(plain, 0)]
        separator = max(_SEPARATORS, key=heading.count)
    return _Csv(text, separator, file).table(first)


class _Csv:
    def __init__(self, text: str, separator: str, file: str) -> None:
        self.text, self.separator, self.file = text, separator, file
        self.broken = 0
        self.whole = text.endswith(("\n", "\r"))

    def table(self, first: int) -> Table:
        """Return heading and rows. ``first`` is the line number at which the text begins."""
        position, line = 0, first
        headings: list[str] | None = None
        rows: list[Row] = []
        while position < len(self.text):
            for cells, lines, problem in self._rows(position):
                place = f"{self.file} line {line}"
                ends = self.whole or self._after(position, lines) < len(self.text)
                row = self._row(place, cells, headings, lines, ends) if headings is not None and not problem else None
                # Several lines that do not fit are probably due to an unclosed quotation mark.
                if problem or (row is not None and row.problems and lines > 1):
                    if headings is None:
                        text = f"the heading cannot be read: {problem}. Close each quotation mark."
                        raise Unreadable(text, place=place)
                    reason = problem or "a quotation mark is not closed"
                    rows.append(self._broken(place, reason))
                    position, line = _end_of_line(self.text, position), line + 1
                    break
                position, line = self._after(position, lines), line + lines
                if headings is None:
                    if not any(map(key, cells)):
                        raise Unreadable("the heading is empty. Write the names of the columns there.", place=place)
                    headings = list(map(_plain, cells))
                elif row is not None and any(cell and not cell.isspace() for cell in cells):
                    rows.append(row)
            else:
                break
        return Table(headings or [], rows)

    def _rows(self, position: int) -> t.Iterator[tuple[list[str], int, str]]:
        """Yield the rows from a position on: their cells, the number of lines of each, and why it cannot be read."""
        reader = csv.reader(io.StringIO(self.text[position:], newline=""), delimiter=self.separator, strict=True)
        before = 0
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield [], reader.line_num - before, str(error)
                return
            yield cells, reader.line_num - before, ""
            before = reader.line_num

    def _after(self, position: int, lines: int) -> int:
        for _line in range(lines):
            position = _end_of_line(self.text, position)
        return position

    def _broken(self, place: str, reason: str) -> Row:
        self.broken += 1
        if self.broken > _MOST_BROKEN:
            raise Unreadable(f"more than {_MOST_BROKEN} lines cannot be read: {reason}. Is it a CSV file?", place=place)
        text = f"the line cannot be read: {reason}. Double a quotation mark that is part of a cell, and close each one."
        return Row(place, (), (Problem(text, "bad_row", place),))

    def _row(self, place: str, cells: list[str], headings: t.Sequence[str], lines: int, ends: bool) -> Row:
        """Return a row. Cells beyond the heading must be empty. Those of columns without a name may be missing.

        ``ends`` is whether the line has a line ending. The last line of a truncated file has none.
        """
        while len(cells) > len(headings) and not cells[-1].strip():
            cells.pop()
        cells = list(map(_plain, cells))
        if len(cells) == len(headings):
            return Row(place, cells)
        if not any(map(str.strip, cells)):
            return Row(place, [""] * len(headings))
        named = max(number for number, heading in enumerate(headings, 1) if heading.strip())
        # Programs that trim the end of a line remove its tabs.
        least = 1 if self.separator == "\t" and lines == 1 and ends else named
        if least <= len(cells) < len(headings):
            return Row(place, [*cells, *[""] * (len(headings) - len(cells))])
        name = _SEPARATORS.get(self.separator, shown(self.separator))
        advice = (
            f" Put a cell that contains a {name} into quotation marks."
            if len(cells) > len(headings)
            else " Add the missing cells, or export the file again if it is truncated."
        )
        text = f"the row has {counted(len(cells), 'cell')}, and the heading has {len(headings)}.{advice}"
        padded = [*cells[: len(headings)], *[""] * (len(headings) - len(cells))]
        return Row(place, padded, (Problem(text, "bad_row", place),))


def _plain(cell: str) -> str:
    """Return the text of a cell, without what makes a spreadsheet treat it as a text."""
    if not cell.lstrip(" ").startswith(("'", "=")):
        return cell
    text = _TEXT_FORMULA.fullmatch(cell.strip())
    return text[1].replace('""', '"') if text else _FORMULA.sub(r"\1", cell)


def _end_of_line(text: str, position: int) -> int:
    match = _LINE.match(text, position)
    return match.end() if match else len(text)


def read_workbook(data: bytes, file: str, sheet: str) -> Table:
    """Return the table of a sheet of an XLSX file. If no name is specified, it is the first sheet that is not hidden.

    Raises Unreadable.
    """
    try:
        openpyxl: t.Any = importlib.import_module("openpyxl")
    except ImportError:
        text = (
            "reading XLSX requires the Python package openpyxl on the controller. Install it, or save the sheet as CSV."
        )
        raise Unreadable(text, "missing_package", file) from None
    with contextlib.ExitStack() as stack:
        try:
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            stack.callback(book.close)
            name, others = _chosen(book, file, sheet)
            lines = _lines(book[name])
            if any(map(any, lines)) and _has(_FORMULA_TAG, data):
                formulas = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
                stack.callback(formulas.close)
                _mark_uncomputed(lines, book[name], formulas[name])
            if _has(_MERGED_TAG, data):
                _fill_merged(lines, openpyxl.load_workbook(io.BytesIO(data))[name].merged_cells.ranges)
            epoch = book.epoch.date()
        except Unreadable:
            raise
        except Exception as error:  # openpyxl raises any exception that the archive, its XML and its values cause
            raise Unreadable(
                f"the workbook cannot be read ({type(error).__name__}). Save it again as XLSX, or as CSV.", place=file
            ) from None
    if not any(cell.strip() for line in lines for cell in line):
        advice = " Export the people again."
        if others:
            advice = f" Set {SHEET} to the name of another one: {', '.join(others)}."
        code = "unknown_sheet" if others else "unreadable_feed"
        raise Unreadable(f"the sheet {shown(name)} is empty.{advice}", code, file, SHEET)
    return replace(_sheet_table(lines, file, epoch), sheet=name, other_sheets=others)


def _chosen(book: t.Any, file: str, sheet: str) -> tuple[str, tuple[str, ...]]:
    """Return the name of the sheet to read, and those of the other sheets with cells. Raises Unreadable.

    Like Excel, the search ignores case; it also ignores spaces at both ends.
    """
    names = list(book.sheetnames)
    tables = [name for name in names if hasattr(book[name], "iter_rows")]  # a sheet may be a chart
    visible = [name for name in tables if book[name].sheet_state == "visible"]
    alike = [name for name in names if folded(name) == folded(sheet)]
    if sheet and not alike:
        text = f"{SHEET}: there is no sheet named {shown(sheet)}. {hint(sheet, names, 'sheet')}"
        raise Unreadable(text, "unknown_sheet", file, SHEET)
    name = next(iter([sheet] if sheet in names else alike if sheet else visible or tables), "")
    if name not in tables:
        text = f"{f'the sheet {shown(sheet)}' if sheet else 'the workbook'} has no cells."
        raise Unreadable(text, "unknown_sheet", file, SHEET)
    return name, tuple(other for other in tables if other != name)


def _lines(sheet: t.Any) -> list[list[str]]:
    """Return the texts of all cells of a sheet."""
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()  # some exports report a wrong size of a sheet
    return [[_cell(cell.value, cell) for cell in line] for line in sheet.iter_rows()]


def _has(tag: re.Pattern[bytes], data: bytes) -> bool:
    """Return whether the XML of a sheet of a workbook has a tag."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheets = [name for name in archive.namelist() if "worksheets/" in name and name.endswith(".xml")]
        return any(tag.search(archive.read(name)) for name in sheets)


def _fill_merged(lines: list[list[str]], ranges: t.Iterable[t.Any]) -> None:
    """Put the text of a merged cell into each row that it covers, as a spreadsheet shows it.

    The file contains the text only in the first of these rows: the others would lose, for example, their department.
    """
    heading = next((number for number, line in enumerate(lines, 1) if any(map(str.strip, line))), 0)
    for merged in ranges:
        covered, column = lines[merged.min_row - 1 : merged.max_row], merged.min_col - 1
        if merged.min_row <= heading or not covered or column >= len(covered[0]):
            continue
        for line in covered[1:]:
            if any(map(str.strip, line)):
                line += [""] * (column + 1 - len(line))
                line[column] = covered[0][column]


def _mark_uncomputed(lines: list[list[str]], values: t.Any, formulas: t.Any) -> None:
    """Put a mark into cells with a formula whose result the file does not contain. A program other than a spreadsheet
    wrote such a cell. The result may be an empty text: that is one."""
    if hasattr(formulas, "reset_dimensions"):
        formulas.reset_dimensions()
    for line, value_cells, formula_cells in zip(lines, values.iter_rows(), formulas.iter_rows(), strict=False):
        for number, (value, formula) in enumerate(zip(value_cells, formula_cells, strict=False)):
            if formula.data_type == "f" and value.value is None and value.data_type == "n":
                line[number] = UNCOMPUTED


def _sheet_table(lines: t.Sequence[list[str]], file: str, epoch: datetime.date) -> Table:
    headings: list[str] = []
    rows = []
    for number, cells in enumerate(lines, 1):
        if not any(cell.strip() for cell in cells):
            continue
        if not headings:
            headings = cells
            continue
        while len(cells) > len(headings):
            headings.append("")
        rows.append(Row(f"{file} row {number}", cells))
    rows = [Row(place, [*cells, *[""] * (len(headings) - len(cells))]) for place, cells, _problems in rows]
    return Table(headings, rows, epoch)


def _cell(value: t.Any, cell: t.Any) -> str:
    """Return the text of a cell. A whole number has the leading zeros with which a spreadsheet shows it."""
    if value is None:
        return ""
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()[:10]
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        shown_as = cell.number_format
        return str(int(value)).zfill(len(shown_as) if _ZEROS.fullmatch(shown_as) and value >= 0 else 0)
    return _FORMULA.sub(r"\1", str(value))
