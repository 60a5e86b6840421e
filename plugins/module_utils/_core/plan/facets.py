# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The difference of one facet: strict deltas, and the final entries for APIs that replace."""

from __future__ import annotations

import typing as t

from ..names import nfc
from .losses import FACET_REMOVED, Loss
from .model import DesiredFacet, Entries, Facet, Value
from .steps import Step, UserPlan


def plan_facet(facet: Facet, target: DesiredFacet, actual: Entries, plan: UserPlan) -> None:
    """Add the step for one facet to a plan. Add entries outside of the managed ones to ``unmanaged``.

    In a map, a desired blank value removes the entry.
    """
    if not facet.is_map and (
        (target.mode == "present" and target.entries.keys() <= actual.keys())
        or (target.mode == "exact" and target.entries.keys() == actual.keys())
    ):
        return
    current, desired = actual, {} if target.mode == "absent" else target.entries
    if facet.is_map:
        current = _with_values(actual)
        desired = _spelt_as(current, _with_values(desired))
    add = {
        key: item
        for key, item in desired.items()
        if key not in current or (facet.is_map and not _same(current[key], item))
    }
    covered = _covered(facet, target, current, desired)
    remove = {
        key: current[key]
        for key in (sorted(current) if facet.is_map else current)
        if key in covered and key not in desired
    }
    if target.mode == "managed":
        outside = {key: item for key, item in current.items() if key not in covered}
        if outside:
            plan.unmanaged[facet.name] = facet.show(outside)
    if not add and not remove:
        return
    final = {key: item for key, item in current.items() if key not in remove}
    final.update(add)
    plan.steps.append(Step("facet", facet.name, add=add, remove=remove, final=final))
    plan.before[facet.name], plan.after[facet.name] = facet.show(current), facet.show(final)
    _note_removal(facet, remove, plan)


def _covered(facet: Facet, target: DesiredFacet, current: Entries, desired: Entries) -> t.Collection[str]:
    """Return the keys of the entries that a mode covers: those that are not desired are removed."""
    if target.mode == "exact":
        return current
    keys = target.bounds.keys() | target.entries.keys() if target.mode == "managed" else target.entries.keys()
    if not facet.is_map:
        return keys
    names = set(map(nfc, keys))
    if target.mode == "present":  # then only blank values remove entries
        names -= set(map(nfc, desired))
    return {key for key in current if nfc(key) in names}


def _spelt_as(current: Entries, desired: Entries) -> Entries:
    """Return the desired entries of a map with the names that the user already has, composed (NFC) or not.

    If the user has both forms of a name, the composed one counts.
    """
    spellings = {nfc(name): name for name in sorted(current)}
    return {spellings.get(nfc(name), name): value for name, value in desired.items()}


def _with_values(entries: Entries) -> Entries:
    return {name: value for name, value in entries.items() if value not in (None, "")}


def _same(current: Value, desired: Value) -> bool:
    """Return whether two values of a map are the same.

    A number is the same as its decimal text. A boolean is the same as that boolean alone, never as a text or a number.
    Lists compare element by element, mappings without order.
    """
    if isinstance(current, bool) or isinstance(desired, bool):
        return current is desired
    if isinstance(current, dict) and isinstance(desired, dict):
        return current.keys() == desired.keys() and all(_same(value, desired[name]) for name, value in current.items())
    if isinstance(current, (list, tuple)) and isinstance(desired, (list, tuple)):
        return len(current) == len(desired) and all(map(_same, current, desired))
    return str(current) == str(desired)


def _note_removal(facet: Facet, entries: Entries, plan: UserPlan) -> None:
    """Add what the removal of entries takes from the user."""
    if not entries or not (facet.loss or facet.shielded):
        return
    shown = facet.show(entries)
    labels = tuple(_label(item) for item in shown)
    (plan.losses if facet.loss else plan.sensitive).append(Loss(FACET_REMOVED, facet.name, facet.noun, labels))


_NAMED = ("name", "role", "description", "type", "id")
_WHERE = ("tenant", "namespace")


def _label(item: Value) -> str:
    """Return the name of an entry for messages, with the tenant and the namespace that it holds in, if any."""
    if not isinstance(item, dict):
        return str(item)
    name = next((str(item[part]) for part in _NAMED if item.get(part) not in (None, "")), "")
    where = ", ".join(f"{part} {item[part]}" for part in _WHERE if item.get(part) not in (None, ""))
    return f"{name} ({where})" if name and where else name or where
