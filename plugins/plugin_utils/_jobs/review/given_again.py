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

    def of(self, row: Row, parent: Row | None) -> Again:
        """Return what would grant a row's grant again. ``parent`` is the row of the grant through which the account has
        it."""
        person = self._people.get(row.person)
        if person is None or standing(person, self._day) == LEFT:
            return Again()
        names = self._entitled.now(person, self._day)
        if row.facet != LOGIN:
            own = parent or row
            names = self._entitled.by_key(names).get((own.facet, own.grant_id), ())
        label = "the account" if row.facet == LOGIN else row.grant_name
        all_of_it = [self._by_entitlement(person, name, label, row.connection) for name in names]
        return Again(" and ".join(again.by for again in all_of_it), " ".join(again.advice for again in all_of_it))

    def _by_entitlement(self, person: Person, name: str, label: str, connection: str) -> Again:
        """Return what one entitlement would grant again. ``label`` is the grant in the advice."""
        rules = " and ".join(f"identity_rules[{number}]" for number in self._by_rules(person, name))
        by = f" by {rules}" if rules else ""
        place, where = (f" ({person.place})", f" in {person.place}") if person.place else ("", "")
        if rules:
            first = f"Change {rules}, or the data of {person.id}{where}"
        else:
            first = f"Remove the entitlement '{name}' of {person.id}{where}"
        return Again(
            f"entitlement '{name}' of {person.id}{by}{place}",
            f"{first}; or remove {label} from identity_entitlements.{name}.grants.{connection}, if no person "
            "should get it that way.",
        )

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
