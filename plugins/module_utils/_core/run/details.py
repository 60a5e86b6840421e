# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the details that a plan compares and a list lacks, with the fewest calls."""

from __future__ import annotations

import typing as t

from ..errors import RateLimited
from ..wording import counted
from .directory import Directory, Need
from .pairing import Pair
from .reading import about

_TRIED = 2
"""The number of users whose details are read before the calls for the others are estimated. The first reading may also
fetch data that all users share."""


def load_details(directory: Directory, pairs: t.Sequence[Pair]) -> int:
    """Read the details that the plan compares and the list lacks. Return the number of calls."""
    transport = directory.connection.transport
    start = transport.count()

    def read(need: Need) -> None:
        with about(need[0].key):
            directory.load(*need)

    needs = _needs(directory, pairs)
    if len(needs) > 1:
        directory.load_listed(needs)
        needs = [
            (account, left, fields)
            for account, facets, fields in needs
            if (left := set(facets) - account.facets.keys()) or fields
        ]
    if len(needs) > _TRIED and transport.limiter.remaining is not None:
        for need in needs[:_TRIED]:
            before = transport.count()
            read(need)
        needs = needs[_TRIED:]
        _afford(directory, len(needs), (transport.count() - before) * len(needs))
    directory.concurrently(read, needs, f"{directory.schema.noun}s read in detail")
    return transport.count() - start


def _needs(directory: Directory, pairs: t.Sequence[Pair]) -> list[Need]:
    """Return the details to read of each account."""
    needs: list[Need] = []
    readable = {declared.name for declared in directory.schema.fields if declared.readable}
    for user, account, _warnings in pairs:
        if account is None or not account.id or user.state != "present":
            continue
        fields = directory.unreliable_fields(user, account)
        if not fields and user.fields.keys() <= account.values.keys() and user.facets.keys() <= account.facets.keys():
            continue
        facets = user.facets.keys() - account.facets.keys()
        fields = fields | ((user.fields.keys() - account.values.keys()) & readable)
        if facets or fields:
            needs.append((account, facets, fields))
    return needs


def _afford(directory: Directory, users: int, calls: int) -> None:
    """Check before many details are read that the calls fit the rate limit. Otherwise each run would use up the limit
    and never finish."""
    try:
        if calls:
            directory.connection.transport.limiter.afford(calls)
    except RateLimited as error:
        raise RateLimited(
            f"The details of {counted(users, f'more {directory.schema.noun}')} need about {counted(calls, 'call')}; "
            f"{error.left}.",
            error.hint,
        ) from None
