# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which entitlements a problem of a plan comes from."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Problem

from ..feed.messages import limited
from ..session import Target

Granting = t.Callable[[str, t.Any], t.Sequence[str]]
"""Returns the entitlements that grant something: (facet, grant) -> names."""

_ABOUT_GRANTS = ("unknown_", "ambiguous_", "lookalike_")
"""Beginnings of error codes about roles, groups and other grants."""
_OPTION = re.compile(r"(managed_)?(\w+)\[(\d+)\]")
"""The option of such a problem. ``managed_`` lists all grants of the entitlements, for all people."""
_MOST = 3
"""The number of entitlements that a message about a grant names."""


def by_cause(problems: t.Sequence[str], targets: t.Sequence[Target], granting: Granting) -> list[Problem]:
    """Return each problem once, with the first people who have it, and the entitlements with the invalid grant.

    An invalid grant affects all people whose accounts are managed. Only those who would get it are named; if there are
    none, the problem is about the entitlement alone.
    """
    by_label = {target.label: target for target in targets}
    known = [problem if isinstance(problem, Problem) else Problem(problem) for problem in problems]
    grants = [_grant(problem, by_label) for problem in known]
    people = {
        (problem.code, problem.text)
        for problem, grant in zip(known, grants, strict=True) if grant is not None and not grant[0]
    }
    merged: dict[Problem, None] = {}
    for problem, grant in zip(known, grants, strict=True):
        if grant is None:
            merged[problem] = None
            continue
        is_bound, facet, value = grant
        if is_bound and (problem.code, problem.text) in people:
            continue
        names = granting(facet, value)
        text, place = problem.text, problem.place
        if is_bound and names:
            place = f"identity_entitlements.{names[0]}"
        elif 0 < len(names) <= _MOST:
            text = f"{text} See identity_entitlements: {', '.join(names)}."
        merged[Problem(text, problem.code, place, problem.option)] = None
    return limited(list(merged))


def _grant(problem: Problem, targets: t.Mapping[str, Target]) -> tuple[bool, str, t.Any] | None:
    """Return the grant that a problem is about: whether it is one of all grants, its facet, and the grant."""
    option, target = _OPTION.match(problem.option), targets.get(problem.place)
    if option is None or target is None or not problem.code.startswith(_ABOUT_GRANTS):
        return None
    values = target.options.get(f"{option[1] or ''}{option[2]}")
    number = int(option[3])
    if not isinstance(values, list) or number >= len(values):
        return None
    return bool(option[1]), option[2], values[number]
