# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections that share a directory: what each of them wishes of an account becomes one wish."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.names import fold

from ..entitlements import unique
from ..session import Wish


def merged(lists: t.Sequence[t.Sequence[Wish]]) -> list[Wish]:
    """Return the wishes of several connections to one directory, one for each account, in the order of the first."""
    if len(lists) == 1:
        return list(lists[0])
    wishes: dict[str, Wish] = {}
    for wish in (wish for some in lists for wish in some):
        key = f"id {wish.options['id']}" if wish.options.get("id") else fold(str(wish.options.get("user") or ""))
        first = wishes.get(key)
        wishes[key] = wish if first is None else Wish(first.person, first.label, _merge(first.options, wish.options))
    return list(wishes.values())


def _merge(one: t.Mapping[str, t.Any], other: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return two wishes for one account: grants and their bounds add up, otherwise the first connection wins."""
    options = {**other, **one}
    for name in options:
        if isinstance(one.get(name), list) and isinstance(other.get(name), list):
            options[name] = unique([*one[name], *other[name]])
    return options
