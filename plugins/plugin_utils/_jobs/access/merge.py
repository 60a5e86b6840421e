# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Merges the targets of connections that share a directory: each account has one target."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.names import fold

from ..entitlements import unique
from ..session import Target


def merged(lists: t.Sequence[t.Sequence[Target]]) -> list[Target]:
    """Return the targets of several connections to one directory, one for each account, in the order of the first
    connection."""
    if len(lists) == 1:
        return list(lists[0])
    targets: dict[str, Target] = {}
    for target in (target for some in lists for target in some):
        key = f"id {target.options['id']}" if target.options.get("id") else fold(str(target.options.get("user") or ""))
        first = targets.get(key)
        targets[key] = (
            target if first is None else Target(first.person, first.label, _merge(first.options, target.options))
        )
    return list(targets.values())


def _merge(base: t.Mapping[str, t.Any], other: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return two targets of one account as one: the lists of grants and of managed grants are combined; for other
    fields, the first connection counts."""
    options = {**other, **base}
    for name in options:
        if isinstance(base.get(name), list) and isinstance(other.get(name), list):
            options[name] = unique([*base[name], *other[name]])
    return options
