# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds what the next run of the access role would grant again, and how to change the data so that it does not."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ..data import Data
from ..feed.rules import apply
from ..people import LEFT, Person, standing
from ..session import Session
from .entitled import EntitledGrants
from .model import LOGIN, Row


@dataclass(frozen=True)
class Again:
    """The cause that would grant something again, such as ``entitlement 'crm' of E1 (people.csv line 7)``, and the
    advice.

    Both may be empty.
    """

    by: str = ""
    advice: str = ""


class GivenAgain:
    """Finds the entitlements with grants in one directory. ``rules`` are those of ``identity_rules``."""

    def __init__(
        self, members: t.Sequence[Session], data: Data, rules: t.Sequence[t.Mapping[str, t.Any]], day: str
    ) -> None:
        self._people = {person.id: person for person in data.people}
        self._rules, self._day = rules, day
        named = {granted.name for person in data.people for granted in person.entitlements}
        self._entitled = EntitledGrants(
            members, {name: about for name, about in data.entitlements.items() if name in named}
        )

    def of(self, row: Row, parent: Row | None = None) -> Again:
        """Return what would grant a row's grant again. ``parent`` is the row of the grant through which the account has
        it."""
        person = self._people.get(row.person)
        if person is None or standing(person, self._day) == LEFT:
            return Again()
        now = self._entitled.now(person, self._day)
        names = now if row.facet == LOGIN else self._names(parent or row, now)
        if not names:
            return Again()
        sources = [self._source(person, name) for name in names]
        label = "the account" if row.facet == LOGIN else row.grant_name
        advice = " ".join(self._advice(person, name, label, row.connection) for name in names)
        return Again(" and ".join(sources), advice)

    def _names(self, row: Row, now: tuple[str, ...]) -> tuple[str, ...]:
        """Return the entitlements that contain the grant of a row, or its parent grant."""
        return self._entitled.by_key(now).get((row.facet, row.grant_id), ())

    def _by_rules(self, person: Person, name: str) -> list[int]:
        """Return the numbers of the rules that assign an entitlement to a person; none if the feed assigns it."""
        entries = [granted for granted in person.entitlements if granted.name == name]
        if not entries or not all(granted.ruled for granted in entries):
            return []
        bare = replace(person, entitlements=tuple(granted for granted in person.entitlements if not granted.ruled))
        return [
            number for number, rule in enumerate(self._rules)
            if any(granted.name == name for granted in apply([bare], [rule])[0].entitlements if granted.ruled)
        ]

    def _source(self, person: Person, name: str) -> str:
        rules = self._by_rules(person, name)
        by = f" by {' and '.join(f'identity_rules[{number}]' for number in rules)}" if rules else ""
        place = f" ({person.place})" if person.place else ""
        return f"entitlement '{name}' of {person.id}{by}{place}"

    def _advice(self, person: Person, name: str, label: str, connection: str) -> str:
        rules = self._by_rules(person, name)
        where = f" in {person.place}" if person.place else ""
        if rules:
            first = (
                f"Change {' and '.join(f'identity_rules[{number}]' for number in rules)}, "
                f"or the data of {person.id}{where}"
            )
        else:
            first = f"Remove the entitlement '{name}' of {person.id}{where}"
        return (
            f"{first}; or remove {label} from identity_entitlements.{name}.grants.{connection}, if no person "
            "should get it that way."
        )
