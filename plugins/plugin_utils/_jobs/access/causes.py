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

Granting = t.Callable[[str, t.Any], t.Sequence[tuple[str, str]]]
"""Returns the entitlements that grant something: (facet, grant) -> names, each with the place of the grant."""

_ABOUT_GRANTS = ("unknown_", "ambiguous_", "lookalike_")
"""Beginnings of error codes about roles, groups and other grants."""
_OPTION = re.compile(r"(managed_)?(\w+)\[(\d+)\]")
"""The option of such a problem. ``managed_`` lists all grants of the entitlements, for all people."""
_MOST = 3
"""The number of entitlements that a message about a grant names."""


class _Grant(t.NamedTuple):
    """The grant that a problem is about: whether it is one of all grants, its facet, the grant, and what the place of
    the problem says beyond the person, such as ``, tenant main``."""

    is_bound: bool
    facet: str
    value: t.Any
    rest: str


def by_cause(
    problems: t.Sequence[Problem], targets: t.Sequence[Target], granting: Granting, retired: t.Collection[str]
) -> list[Problem]:
    """Return each problem once, with the first people who have it, and the entitlements with the invalid grant.

    ``retired`` are the entitlements that nobody gets any more: their grants may no longer exist.

    An invalid grant affects all people whose accounts are managed. Only those who would get it are named; if there are
    none, or if the grant has a wrong form, the problem is about the entitlement alone.
    """
    by_label = {target.label: target for target in targets}
    grants = [_grant(problem, by_label) for problem in problems]
    people = {
        (problem.code, problem.text, grant.rest)
        for problem, grant in zip(problems, grants, strict=True) if grant is not None and not grant.is_bound
    }
    merged: dict[Problem, None] = {}
    for problem, grant in zip(problems, grants, strict=True):
        if grant is None:
            merged[problem] = None
            continue
        entitlements = granting(grant.facet, grant.value)
        text, place, form = problem.text, problem.place, f"{problem.option}: "
        if entitlements and text.startswith(form):
            text, place = text.removeprefix(form), f"{entitlements[0][1]}{grant.rest}"
        elif grant.is_bound and (problem.code, problem.text, grant.rest) in people:
            continue
        elif grant.is_bound and entitlements:
            place = f"{entitlements[0][1]}{grant.rest}"
        elif 0 < len(names := dict.fromkeys(name for name, _place in entitlements)) <= _MOST:
            text = f"{text} See identity_entitlements: {', '.join(names)}."
        is_retired = entitlements and all(name in retired for name, _place in entitlements)
        if problem.code.startswith("unknown_") and is_retired:
            text = f"{text} If it no longer exists, remove it from this retired entitlement."
        option = problem.option.removeprefix("managed_")
        merged[Problem(text, problem.code, place, option)] = None
    return limited(merged)


def _grant(problem: Problem, targets: t.Mapping[str, Target]) -> _Grant | None:
    """Return the grant that a problem is about, or None if it is about something else."""
    option = _OPTION.match(problem.option)
    if option is None or not (
        problem.code.startswith(_ABOUT_GRANTS) or problem.text.startswith(f"{problem.option}: ")
    ):
        return None
    label, comma, rest = problem.place, "", ""
    if label not in targets:  # such as E1 Ada (ada@acme.com), tenant main
        label, comma, rest = problem.place.rpartition(", ")
    target = targets.get(label)
    values = target.options.get(f"{option[1] or ''}{option[2]}") if target is not None else None
    number = int(option[3])
    if not isinstance(values, list) or number >= len(values):
        return None
    return _Grant(bool(option[1]), option[2], values[number], comma + rest)
