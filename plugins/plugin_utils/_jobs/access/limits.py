# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The limits of connections that share a directory, and the names of the options that they come from."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import limit_of

from ..session import Session

_LIMITS = ("loss_limit", "delete_limit", "create_limit", "reopen_limit", "rename_limit", "max_mails", "min_admins")
_UNLISTED = ("ignore", "report", "disable", "delete")
"""Ordered from the weakest action to the strongest."""


def strictest(members: t.Sequence[Session], size: int) -> dict[str, t.Any]:
    """Return the limits of connections that share a directory of this size: of each limit, the strictest value that any
    of them specifies, and all patterns of ``protect``.

    An invalid limit counts as the strictest, so that the plan refuses it.
    """
    specified = [{name: member.params[name] for name in member.entry if name in member.params} for member in members]
    limits: dict[str, t.Any] = {
        "protect": [pattern for member in members for pattern in member.params.get("protect") or ()]
    }
    for name in _LIMITS:
        values = [options[name] for options in specified if options.get(name) is not None]
        if not values:
            continue
        try:
            limits[name] = (max if name == "min_admins" else min)(
                values, key=lambda value: limit_of(str(value), size) or 0
            )
        except ValueError:
            limits[name] = values[0]
    unlisted = [options["unlisted"] for options in specified if options.get("unlisted") is not None]
    if unlisted:
        limits["unlisted"] = min(unlisted, key=_UNLISTED.index)
    return limits


def option_names(
    members: t.Sequence[Session], settled: t.Mapping[str, t.Any], specified: t.Collection[str],
    defaults: t.Collection[str], prefix: str = "access_",
) -> dict[str, str]:
    """Return the names in messages of the limits that do not come from the first of these connections.

    ``settled`` are the limits of the connections, ``specified`` the names of those that the job specifies for others,
    and ``defaults`` of those for which it has a default of its own. The names of the job's options begin with
    ``prefix``.
    """
    leader = members[0]
    names = {
        name: f"{prefix}{name}"
        for name in (*specified, *(name for name in defaults if name not in leader.defaulted))
        if leader.entry.get(name) is None
    }
    for name, value in settled.items():
        owners = [member for member in members if member.entry.get(name) is not None]
        owner = next((member for member in owners if member.params.get(name) == value), None)
        if owner is not None and name != "protect":
            names[name] = f"{owner.place}.{name}"
    return names
