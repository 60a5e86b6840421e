# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""People: who is there on a day, with what they are entitled to, and under which names."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

Person = dict[str, t.Any]

EARLY, ACTIVE, LEAVE, LEFT = "early", "active", "leave", "left"


def fold(text: str) -> str:
    """Return the form in which addresses and account names compare."""
    return text.strip().casefold()


def standing(person: Person, day: str) -> str:
    """Return what a person is on a day: early (before the start), active, on leave, or left (after the end).

    Days are texts such as 2026-12-31; start and end belong to the time in between.
    """
    if person.get("status") == "left" or (person.get("end") and person["end"] < day):
        return LEFT
    if person.get("start") and person["start"] > day:
        return EARLY
    return LEAVE if person.get("status") == "leave" else ACTIVE


def entitled(person: Person, day: str) -> list[str]:
    """Return the names of the entitlements that hold on a day, the last day included, in their order."""
    names = []
    for entry in person.get("entitlements") or ():
        given = {"name": entry} if isinstance(entry, str) else entry
        if not given.get("until") or given["until"] >= day:
            names.append(given["name"])
    return list(dict.fromkeys(names))


def lapsed(person: Person, day: str) -> list[str]:
    """Return the names of entitlements that were for a time and are over."""
    return [entry["name"] for entry in person.get("entitlements") or () if isinstance(entry, dict) and entry.get("until") and entry["until"] < day]


def written(person: Person) -> bool:
    """Return whether accounts of this person are ever written. Those for emergencies are only looked at."""
    return person.get("kind") != "break_glass"


def names_of(person: Person) -> tuple[str, str]:
    """Return given and family name; one who has a single name has it as both."""
    whole = (person.get("name") or "").strip()
    given, _blank, family = whole.rpartition(" ")
    return person.get("given_name") or given or whole, person.get("family_name") or family or whole


@dataclass(frozen=True)
class Names:
    """The names of a person's account in one connection, as the provider may have them. ``key`` is empty where none is known."""

    key: str
    earlier: tuple[str, ...] = ()

    def all(self) -> list[str]:
        """Return the names in the form in which they compare, the current one first."""
        return [fold(name) for name in (self.key, *self.earlier) if name]


def account_names(person: Person, connection: str) -> Names:
    """Return how a person's account in a connection is called: the name given for it, or the e-mail address."""
    given = (person.get("accounts") or {}).get(connection) or {}
    key = given.get("user") or person.get("email") or ""
    earlier = [name for name in person.get("previous_emails") or () if fold(name) != fold(key)]
    if given.get("user") and person.get("email") and fold(person["email"]) != fold(key):
        earlier.insert(0, person["email"])
    return Names(key, tuple(earlier))


def account_id(person: Person, connection: str) -> str:
    """Return the id that is given for a person's account in a connection, empty where none is."""
    given = ((person.get("accounts") or {}).get(connection) or {}).get("id")
    return "" if given is None else str(given)
