# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Durations in options and times in servers' answers. All modules and roles read them with these functions."""

from __future__ import annotations

import datetime
import re
import typing as t

from .errors import InputError

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_PLAIN = re.compile(r"([0-9]{1,12})\s*([smhdw]?)")
_ISO = re.compile(
    r"P(?:([0-9]{1,12})W)?(?:([0-9]{1,12})D)?(?:T(?:([0-9]{1,12})H)?(?:([0-9]{1,12})M)?(?:([0-9]{1,12})S)?)?"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9-])")
_LONGEST = 100 * 365 * 86400
"""The longest duration in seconds: 100 years, more than any server supports."""


def seconds(text: str, option: str) -> float:
    """Return the seconds of a duration: ``90``, ``12h``, ``30d``, ``2w``, or ISO 8601 such as ``P30D`` and ``PT12H``.

    Raises InputError (code ``invalid_duration``) for anything else, including months and years, which have no fixed
    length, and for durations above 100 years.
    """
    shown = str(text).strip()
    plain, iso = _PLAIN.fullmatch(shown), _ISO.fullmatch(shown.upper())
    if plain:
        length = int(plain[1]) * _UNITS[plain[2] or "s"]
    elif iso and any(iso.groups()):
        length = sum(
            int(part) * size for part, size in zip(iso.groups(), (604800, 86400, 3600, 60, 1), strict=True) if part
        )
    else:
        raise _refusal(f"{option} is {str(text)[:40]!r}, which is not a duration.", option)
    if length > _LONGEST:
        raise _refusal(f"{option} is {str(text)[:40]!r}, which is too long: the maximum is 100 years.", option)
    return float(length)


def _refusal(text: str, option: str) -> InputError:
    hint = (
        "Specify seconds, a number with s, m, h, d or w such as 30d, or ISO 8601 such as P30D. "
        "Months and years have no fixed length."
    )
    return InputError(text, hint, "invalid_duration", option)


def iso_duration(text: str, option: str) -> str:
    """Return a duration in ISO 8601, for APIs that require this format. Raises what ``seconds`` raises."""
    left = int(seconds(text, option))
    days, left = divmod(left, 86400)
    hours, left = divmod(left, 3600)
    minutes, left = divmod(left, 60)
    clock = "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M"), (left, "S")) if number)
    return f"P{f'{days}D' if days or not clock else ''}{f'T{clock}' if clock else ''}"


def moment(text: t.Any) -> datetime.datetime | None:
    """Return an ISO 8601 time or date with its time zone (default: UTC), or None if it is missing or invalid."""
    # Python 3.11 and later also parse 20240101 and 2024-W01, which may be numbers with another meaning.
    if not isinstance(text, str) or not _DATE.match(text.strip()):
        return None
    try:
        # Python 3.10 does not parse "Z", and accepts only 3 or 6 decimal places of a second.
        plain = re.sub(r"\.(\d+)", lambda match: "." + (match[1] + "000000")[:6], text.strip().replace("Z", "+00:00"))
        when = datetime.datetime.fromisoformat(plain)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=datetime.timezone.utc)


def instant(text: t.Any) -> float | None:
    """Return an ISO 8601 time or date as seconds since 1970, or None if it is missing or invalid."""
    when = moment(text)
    return None if when is None else when.timestamp()
