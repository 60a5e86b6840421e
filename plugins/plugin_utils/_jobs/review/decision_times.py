# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks the times in files of decisions: nobody can have decided before the review was opened, or in the future."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Problem
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import agreed, counted

from .documents import DECISIONS
from .opened import moment

_SKEW = datetime.timedelta(days=1)
"""How much the clocks of a reviewer's computer and of the run may differ."""


def _why_wrong(text: str, opened: str, now: datetime.datetime) -> str:
    """Return why a decision cannot have this time, or an empty text."""
    try:
        when = moment(text)
        if when < moment(opened) - _SKEW:
            return f"is before the review was opened ({opened})"
        return "is in the future" if when > now + _SKEW else ""
    except (ValueError, OverflowError):
        return "is not a time such as 2026-12-31T08:00:00Z"


def time_problems(
    times: t.Sequence[tuple[str, str]], saved: str, file: str, opened: str, now: datetime.datetime
) -> list[Problem]:
    """Return the problems of the times in a file: one for each kind, which names the first decision.

    ``times`` are (place, time) of the decisions, ``saved`` is when the file was saved. Empty times are not checked.
    """
    kinds: dict[str, list[tuple[str, str]]] = {}
    for place, text in times:
        why = _why_wrong(text, opened, now) if text else ""
        if why:
            kinds.setdefault(why, []).append((place, text))
    problems = []
    for why, wrong in kinds.items():
        place, text = wrong[0]
        more = len(wrong) - 1
        others = f" The same is true of {counted(more, 'more decision')} in the file." if more else ""
        advice = f"Decide {agreed(len(wrong), 'it')} again on the page, on a computer with the correct date."
        problems.append(Problem(f"time {text[:80]!r} {why}.{others} {advice}", "invalid_time", place, DECISIONS))
    why = _why_wrong(saved, opened, now) if saved else ""
    if why:
        advice = "Save the file again from the page, on a computer with the correct date."
        problems.append(Problem(f"saved {saved[:80]!r} {why}. {advice}", "invalid_time", file, DECISIONS))
    return problems
