# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the person who has to decide a row: the manager, the owner of the entitlement, or the reviewer of the
connection."""

from __future__ import annotations

import typing as t

from ..entitlements import Entitlement
from ..people import BREAK_GLASS, Person
from .directories import Standings
from .model import CONNECTION, MANAGER, OWNER


def responsible(person: Person) -> tuple[str, ...]:
    """Return the ids of the people who are responsible for a person, in the order of precedence."""
    if person.kind in ("service", "shared"):
        return (person.owner,)
    if person.kind == BREAK_GLASS:
        return (person.owner, person.manager)
    return (person.manager,)


class Reviewers:
    """Assigns rows to reviewers. No person decides their own rows, and no person who has left decides: the auditor gets
    such rows."""

    def __init__(self, by: str, standings: Standings, entitlements: t.Mapping[str, Entitlement]) -> None:
        self._by, self._standings, self._entitlements = by, standings, entitlements
        self.names: dict[str, str] = {}
        """Id -> name of all reviewers who have a row."""

    def of(self, connection: str, person: Person | None, entitlements: t.Sequence[str]) -> str:
        """Return the id of the person who decides a row, or an empty text if there is none."""
        if self._by == CONNECTION:
            self.names[connection] = connection
            return connection
        candidates = [self._entitlements[name].owner for name in entitlements] if self._by == OWNER else []
        if person is not None and self._by in (MANAGER, OWNER):
            candidates += responsible(person)
        chosen = next((candidate for candidate in candidates if self._can(candidate, person)), "")
        if chosen:
            self.names[chosen] = self._standings.people[chosen].whole_name or chosen
        return chosen

    def _can(self, identity: str, person: Person | None) -> bool:
        return bool(identity) and not self._standings.gone(identity) and (person is None or identity != person.id)
