# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bundles: sets of entitlements that many people have, each proposed as one entitlement."""

from __future__ import annotations

import collections
import heapq
import itertools
import typing as t

_SEEDS = 300
"""The number of the most common sets of entitlements that are compared in pairs, to find common subsets."""
_Candidate = tuple[int, int, tuple[str, ...]]
"""The number of saved mentions and that of people, both negated, and the names. The best candidate sorts first, and the
order is deterministic."""


def propose(holdings: t.Sequence[t.Collection[str]], least: int) -> tuple[list[tuple[str, ...]], list[list[str | int]]]:
    """Return bundles, the most useful first, and for each person the remaining names and the numbers of bundles.

    ``holdings`` are the names that each person holds. ``least`` is how many people must hold a bundle. A person's
    bundles and remaining names do not overlap, and together are exactly what the person holds.
    """
    left = [set(holding) for holding in holdings]
    taken: list[list[int]] = [[] for _holding in holdings]
    bundles: list[tuple[str, ...]] = []
    while True:
        before = len(bundles)
        for names, people in _round(left, least):
            for person in people:
                left[person].difference_update(names)
                taken[person].append(len(bundles))
            bundles.append(names)
        if len(bundles) == before:
            return bundles, [[*numbers, *sorted(names)] for numbers, names in zip(taken, left, strict=True)]


def _round(left: t.Sequence[t.Collection[str]], least: int) -> t.Iterator[tuple[tuple[str, ...], list[int]]]:
    """Yield bundles and the people who get them, greedily: the bundle that saves the most mentions first.

    The saving of a bundle can only decrease while others are chosen. So it is computed again only when the bundle
    reaches the top of the heap.
    """
    holders: dict[str, int] = {}  # name -> people, as a bit mask
    for person, names in enumerate(left):
        for name in names:
            holders[name] = holders.get(name, 0) | 1 << person

    def together(names: tuple[str, ...]) -> int:
        people = holders[names[0]]
        for name in names[1:]:
            people &= holders[name]
        return people

    def rated(names: tuple[str, ...]) -> _Candidate | None:
        people = together(names).bit_count()
        return (-people * (len(names) - 1), -people, names) if people >= max(2, least) else None

    heap = [candidate for names in _candidates(left) if (candidate := rated(names)) is not None]
    heapq.heapify(heap)
    while heap:
        names = heapq.heappop(heap)[2]
        now = rated(names)
        if now is None:
            continue
        if heap and now > heap[0]:
            heapq.heappush(heap, now)
            continue
        people = together(names)
        for name in names:
            holders[name] &= ~people
        yield names, _bits(people)


def _candidates(left: t.Iterable[t.Collection[str]]) -> list[tuple[str, ...]]:
    """Return the sets that people hold, and the intersections of the most common ones."""
    counted = collections.Counter(tuple(sorted(names)) for names in left if len(names) > 1)
    common = sorted(counted, key=lambda names: (-counted[names] * (len(names) - 1), names))
    sets = [frozenset(names) for names in common[:_SEEDS]]
    shared = {names & other for names, other in itertools.combinations(sets, 2)}
    return sorted({*common, *(tuple(sorted(names)) for names in shared if len(names) > 1)})


def _bits(number: int) -> list[int]:
    return [place for place, digit in enumerate(reversed(f"{number:b}")) if digit == "1"]
