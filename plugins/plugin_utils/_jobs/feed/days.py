# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parses the days of a feed: ISO days with or without a time, days with dots, the user's formats, numbers of a
workbook."""

from __future__ import annotations

import datetime
import functools
import re
import time
import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Problem

from .model import DATE_FORMAT

_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]\d.*|Z|[+-]\d\d:?\d\d)?", re.ASCII)
_COMPACT = re.compile(r"((?:19|2\d)\d\d)(\d\d)(\d\d)", re.ASCII)
_DOTS = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?: \d.*)?", re.ASCII)
_NAMED = re.compile(r"(\d{1,2})[- .]+([A-Za-z]{3,9})[- .,]+(\d{4})|([A-Za-z]{3,9})[ .]+(\d{1,2}),? +(\d{4})", re.ASCII)
"""Days with the English name of the month, such as 21 Mar 2026, 21-MAR-2026 and March 21, 2026."""
_ENGLISH = "january february march april may june july august september october november december"
"""The names of the months. Those of ``calendar`` are in the language of the controller, because Ansible sets the
locale."""
_MONTHS = {form: number for number, name in enumerate(_ENGLISH.split(), 1) for form in (name, name[:3])}
_NONE = re.compile(r"0{4}[-/.]0{2}[-/.]0{2}.*|0{2}[-/.]0{2}[-/.]0{4}.*|0001-01-01.*|00:00(:00)?|-+|0", re.ASCII)
"""What systems write for a missing day."""
_FIRST_YEAR = 1930
"""A number in a cell that would be a day before this year is something else, such as a year."""
_NUMBER = re.compile(r"\d{1,7}(\.\d+)?", re.ASCII)
_SERIAL = re.compile(r"\d{5}(\.\d+)?", re.ASCII)
"""What a spreadsheet writes for a day, if the column is not formatted as a date. No format can read it."""
_PROBES = (datetime.date(2026, 12, 31), datetime.date(2031, 2, 3))
_SAME_BUT_FOR_THE_YEAR = (datetime.date(2026, 2, 3), datetime.date(2037, 2, 3))
"""Two days with the same date, weekday and week, but different years."""


class DayError(ValueError):
    """The text is not a day. ``fault`` says why. ``option`` is the option that could define its format, if there is
    one."""

    def __init__(self, fault: str, advice: str, option: str = "") -> None:
        self.fault, self.advice, self.option = fault, advice, option
        super().__init__(f"{fault} {advice}")

    def advised(self, mapped: bool = True) -> tuple[str, str]:
        """Return the sentences with what to do, and the option. Without ``mapped``, options do not apply."""
        if self.option and not mapped:
            return f"{self.fault} Write the day as YYYY-MM-DD, such as 2026-12-31.", ""
        return f"{self.fault} {self.advice}", self.option


@functools.lru_cache(maxsize=8192)
def day(value: str, formats: tuple[str, ...] = (), epoch: datetime.date | None = None) -> str:
    """Return a day such as 2026-12-31, or an empty text if the value means that there is none. Raises DayError.

    Of a day with a time, the day is returned as written, whatever the time zone. For a workbook, ``epoch`` is set: a
    number counts the days since then.
    """
    if not value or _NONE.fullmatch(value):
        return ""
    iso = _ISO.fullmatch(value)
    if iso:
        return _calendar(value, int(iso[1]), int(iso[3]), int(iso[4]))
    matches = {text: pattern for pattern in reversed(formats) if (text := _formatted(value, pattern))}
    if len(matches) > 1:
        days = " and ".join(f"{text} ({pattern})" for text, pattern in sorted(matches.items()))
        raise DayError(
            f"it is not clear which day {value!r} is: {days} match.",
            f"Specify only one of these formats in {DATE_FORMAT}, or write it as YYYY-MM-DD.",
            DATE_FORMAT,
        )
    if matches:
        return next(iter(matches))
    if epoch is not None and _NUMBER.fullmatch(value):
        return _counted(value, epoch)
    dots = _DOTS.fullmatch(value)
    if dots:
        try:
            return _calendar(value, int(dots[3]), int(dots[2]), int(dots[1]))
        except DayError:
            raise DayError(
                f"{value!r} is not a calendar day in the form 31.12.2026.",
                f"Set {DATE_FORMAT}, such as '%m.%d.%Y', or write it as YYYY-MM-DD.",
                DATE_FORMAT,
            ) from None
    named = _NAMED.fullmatch(value)
    month = _MONTHS.get((named[2] or named[4]).casefold()) if named else None
    if named and month:
        return _calendar(value, int(named[3] or named[6]), month, int(named[1] or named[5]))
    compact = _COMPACT.fullmatch(value)
    if compact:
        return _calendar(value, int(compact[1]), int(compact[2]), int(compact[3]))
    raise _unclear(value, formats)


def _unclear(value: str, formats: tuple[str, ...]) -> DayError:
    """Return the error for a value that may be a day, in a form that nothing defines."""
    if _SERIAL.fullmatch(value):
        return DayError(
            f"{value!r} is a number, not a day: a spreadsheet counts days like this.",
            "Format the column as a date before the export, or write it as YYYY-MM-DD.",
        )
    if formats:
        return DayError(
            f"{value!r} is not a day in the form YYYY-MM-DD or {' or '.join(formats)}.",
            f"Correct it, or add its format to {DATE_FORMAT}.",
            DATE_FORMAT,
        )
    return DayError(
        f"it is not clear which day {value!r} is.",
        f"Set {DATE_FORMAT}, such as '%m/%d/%Y', or write it as YYYY-MM-DD.",
        DATE_FORMAT,
    )


def _formatted(value: str, pattern: str) -> str:
    """Return the day of a value in a format of the user, or an empty text if it does not match."""
    if pattern.endswith("%p") and value[-2:].upper() in ("AM", "PM"):
        # They do not affect the day, and strptime only knows the words of the controller's language, if it has any.
        value, pattern = value[:-2], pattern.removesuffix("%p")
    try:
        return datetime.date(*time.strptime(value, pattern)[:3]).isoformat()
    except ValueError:
        return ""


def _counted(value: str, epoch: datetime.date) -> str:
    """Return the day for a number in a cell of a workbook, counted from the epoch."""
    count = int(float(value))
    try:
        date = epoch + datetime.timedelta(days=count)
    except OverflowError:
        raise DayError(f"{value!r} is not a day.", "Write it as 2026-12-31.") from None
    if date.year < _FIRST_YEAR:
        raise DayError(f"{value!r} is a number, not a day.", "Write it as 2026-12-31.")
    return date.isoformat()


def _calendar(value: str, year: int, month: int, number: int) -> str:
    try:
        return datetime.date(year, month, number).isoformat()
    except ValueError:
        raise DayError(f"{value!r} is not a calendar day.", "Correct it.") from None


def format_list(value: str | t.Sequence[str]) -> tuple[str, ...]:
    """Return formats as a tuple. The value is a text or a list."""
    return (value,) if isinstance(value, str) else tuple(value)


def format_problems(value: t.Any, option: str = DATE_FORMAT) -> list[Problem]:
    """Return the problems of formats: each must contain day, month and year."""
    if not (
        isinstance(value, str) or (isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value))
    ):
        return [
            Problem(
                f"{option} must be a format such as '%d/%m/%Y', or a list of formats.", "invalid_value", option=option
            )
        ]
    return [
        Problem(
            f"{option}: {pattern!r} is not a format of a day. Write day, month and year as strptime codes, such as "
            "'%d/%m/%Y'.",
            "invalid_value",
            option=option,
        )
        for pattern in format_list(value)
        if not _reads_days(pattern)
    ]


def _reads_days(pattern: str) -> bool:
    try:
        if len({day.strftime(pattern) for day in _SAME_BUT_FOR_THE_YEAR}) == 1:
            return False  # Python 3.13 and later warn if strptime gets a day without a year
        return all(datetime.date(*time.strptime(probe.strftime(pattern), pattern)[:3]) == probe for probe in _PROBES)
    except (ValueError, re.error):
        return False
