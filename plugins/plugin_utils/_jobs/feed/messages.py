# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Limits the messages about a feed: one for each cause, and no more than fit on a screen."""

from __future__ import annotations

import typing as t
from collections import Counter

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Notice, Problem
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import separator

_MOST = 25
"""The number of messages of a kind that are shown. A file with errors in all rows usually has one cause."""
_PLACES = 3


def limited(problems: t.Iterable[Problem], most: int = _MOST) -> list[Problem]:
    """Return at most ``most`` problems of each code.

    Rows with the same problem become one problem that names their first places. If a code has more problems, one more
    problem reports how many.
    """
    places: dict[tuple[str, str, str], list[str]] = {}
    for problem in problems:
        places.setdefault((problem.code, problem.text, problem.option), []).append(problem.place)
    different = [
        Problem(text, code, _joined(list(dict.fromkeys(filter(None, where)))), option)
        for (code, text, option), where in places.items()
    ]
    return [Problem(rest, problem.code) if rest else problem for problem, rest in _within(different, most)]


def limited_notices(notices: t.Iterable[Notice]) -> list[Notice]:
    """Return a limited number of different notices of each code, and how many more there are."""
    different = list(dict.fromkeys(notices))
    return [Notice(notice.code, rest) if rest else notice for notice, rest in _within(different, _MOST)]


_Message = t.TypeVar("_Message", Problem, Notice)


def _within(messages: t.Sequence[_Message], most: int) -> t.Iterator[tuple[_Message, str]]:
    """Yield the first ``most`` messages of each code, and the next one with the text that replaces it and all others.
    Other texts are empty."""
    counts = Counter(message.code for message in messages)
    numbers: Counter[str] = Counter()
    for message in messages:
        numbers[message.code] += 1
        if numbers[message.code] <= most:
            yield message, ""
        elif numbers[message.code] == most + 1:
            yield message, f"and {counts[message.code] - most} more of this kind."


def _joined(places: t.Sequence[str]) -> str:
    more = f" and {len(places) - _PLACES} more" if len(places) > _PLACES else ""
    return separator(places[:_PLACES]).join(places[:_PLACES]) + more
