# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Limits the messages about a feed: one for each cause, and no more than fit on a screen."""

from __future__ import annotations

import typing as t
from collections import Counter

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Notice, Problem

MOST = 25
"""The number of messages of a kind that are shown. A file with errors in all rows usually has one cause."""
_PLACES = 3


def limited(problems: t.Iterable[Problem], most: int = MOST) -> list[Problem]:
    """Return at most ``most`` problems of each code.

    Rows with the same problem become one problem that names their first places. If a code has more problems, one more
    problem reports how many.
    """
    places: dict[tuple[str, str, str], list[str]] = {}
    for problem in problems:
        places.setdefault((problem.code, problem.text, problem.option), []).append(problem.place)
    shown = [
        Problem(text, code, _joined(list(dict.fromkeys(filter(None, where)))), option)
        for (code, text, option), where in places.items()
    ]
    counts = Counter(problem.code for problem in shown)
    return [
        problem if number else Problem(_rest(counts[problem.code] - most), problem.code)
        for problem, number in _within([problem.code for problem in shown], shown, most)
    ]


def limited_notices(notices: t.Iterable[Notice], most: int = MOST) -> list[Notice]:
    """Return at most ``most`` different notices of each code, and how many more there are."""
    known = list(dict.fromkeys(notices))
    counts = Counter(notice.code for notice in known)
    return [
        notice if number else Notice(notice.code, _rest(counts[notice.code] - most))
        for notice, number in _within([notice.code for notice in known], known, most)
    ]


_T = t.TypeVar("_T")


def _within(codes: t.Sequence[str], messages: t.Sequence[_T], most: int) -> t.Iterator[tuple[_T, int]]:
    """Yield each message within the limit with its number, and the first one beyond it with 0."""
    counts: Counter[str] = Counter()
    for code, message in zip(codes, messages, strict=True):
        counts[code] += 1
        if counts[code] <= most:
            yield message, counts[code]
        elif counts[code] == most + 1:
            yield message, 0


def _rest(count: int) -> str:
    return f"and {count} more of this kind."


def _joined(places: t.Sequence[str]) -> str:
    more = f" and {len(places) - _PLACES} more" if len(places) > _PLACES else ""
    return ", ".join(places[:_PLACES]) + more
