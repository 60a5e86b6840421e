# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flags of a row: why a reviewer has to check it."""

from __future__ import annotations

import datetime
import typing as t
from dataclasses import dataclass

from ..people import LEFT, Person
from .directories import VANISHED, Standings
from .model import (
    ACTIVE_LEAVER,
    DORMANT,
    EXPIRED,
    FLAGS,
    NO_MFA,
    NO_OWNER,
    ORPHAN,
    PRIVILEGED,
    TOKEN_WITHOUT_EXPIRY,
    UNMANAGED,
    Row,
    Token,
)

NEVER = "never"
_OWNED = ("service", "shared")
"""Kinds of accounts for which another person is responsible."""


@dataclass(frozen=True)
class AccountFacts:
    """Facts about an account. ``able`` is whether it may be able to log in, ``status`` is that of its person on the
    day."""

    person: Person | None
    status: str
    able: bool
    mfa: bool | None
    last_login: str | None
    created: str
    tokens: tuple[Token, ...] | None


def account_flags(facts: AccountFacts, standings: Standings, day: str, dormant_days: int) -> frozenset[str]:
    """Return the flags that all rows of an account have."""
    person = facts.person
    checks = {
        ORPHAN: person is None,
        ACTIVE_LEAVER: facts.able and facts.status in (LEFT, VANISHED),
        NO_OWNER: person is not None and person.kind in _OWNED and (not person.owner or standings.gone(person.owner)),
        NO_MFA: facts.able and facts.mfa is False,
        TOKEN_WITHOUT_EXPIRY: any(token.expires == NEVER for token in facts.tokens or ()),
        DORMANT: facts.able and is_dormant(facts.last_login, facts.created, day, dormant_days),
    }
    return frozenset(name for name, holds in checks.items() if holds)


def is_dormant(last_login: str | None, created: str, day: str, days: int) -> bool:
    """Return whether the last login is more than ``days`` ago.

    If the account has never logged in, the time of its creation counts, if known.
    """
    since = created if last_login == NEVER else last_login
    when = _day_of(since or "")
    today = _day_of(day)
    return when is not None and today is not None and (today - when).days > days


def _day_of(moment: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(moment[:10])
    except ValueError:
        return None


def flags_of(account: frozenset[str], privileged: bool | None, expired: bool, unmanaged: bool) -> tuple[str, ...]:
    """Return the flags of a row, the most severe first."""
    checks = {PRIVILEGED: privileged is True, EXPIRED: expired, UNMANAGED: unmanaged}
    return tuple(name for name in FLAGS if name in account or checks.get(name))


def count_rows(rows: t.Iterable[Row]) -> dict[str, int]:
    """Return the number of rows with each flag, the most severe first. Flags without rows are left out."""
    counts = dict.fromkeys(FLAGS, 0)
    for row in rows:
        for flag in row.flags:
            counts[flag] += 1
    return {name: count for name, count in counts.items() if count}
