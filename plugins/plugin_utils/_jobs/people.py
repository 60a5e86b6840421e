# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""People: who is there on a day, what they are entitled to, and the names of their accounts."""

from __future__ import annotations

import datetime
import typing as t
from dataclasses import dataclass, field

from ansible_collections.rollcall.identity.plugins.module_utils._core.names import fold

EARLY, ACTIVE, LEAVE, LEFT = "early", "active", "leave", "left"
BREAK_GLASS = "break_glass"


@dataclass(frozen=True)
class Granted:
    """An entitlement of a person: its name, its last day, and its ticket.

    ``ruled`` is whether it comes from a rule (``identity_rules``) instead of the feed.
    """

    name: str
    until: str = ""
    ticket: str = ""
    ruled: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Person:
    """A person, or something else that has accounts, such as a service. A field that the feed omits is empty.

    Days are texts such as 2026-12-31. ``accounts`` maps a connection to the fields in which the account differs from
    the default: ``user``, ``id`` and fields of the provider. ``attributes`` are further columns of the feed, such as
    department. ``place`` is the person's place in the input, such as ``people.csv line 7``.
    """

    id: str
    kind: str = "employee"
    status: str = ACTIVE
    name: str = ""
    given_name: str = ""
    family_name: str = ""
    email: str = ""
    previous_emails: tuple[str, ...] = ()
    manager: str = ""
    owner: str = ""
    start: str = ""
    end: str = ""
    entitlements: tuple[Granted, ...] = ()
    accounts: t.Mapping[str, t.Mapping[str, t.Any]] = field(default_factory=dict)
    attributes: t.Mapping[str, str] = field(default_factory=dict)
    place: str = ""

    @property
    def label(self) -> str:
        """Return the person's id and name, for messages and reports."""
        return f"{self.id} {self.whole_name}" if self.whole_name else self.id

    @property
    def whole_name(self) -> str:
        """Return the whole name, or an empty text if no name is known."""
        return self.name or " ".join(filter(None, (self.given_name, self.family_name)))


def standing(person: Person, day: str, lead_days: int = 0) -> str:
    """Return the status of a person on a day: early (before the start), active, on leave, or left (after the end).

    The start is the first day and the end the last day, both included. With ``lead_days``, access begins that many days
    before the start.
    """
    if person.status == LEFT or (person.end and person.end < day):
        return LEFT
    if person.start and person.start > day:
        begins = datetime.date.fromisoformat(person.start) - datetime.timedelta(days=lead_days)
        if begins.isoformat() > day:
            return EARLY
    return LEAVE if person.status == LEAVE else ACTIVE


def entitled(person: Person, day: str) -> list[str]:
    """Return the names of the entitlements that are valid on a day, in their order. The last day is included."""
    return list(
        dict.fromkeys(granted.name for granted in person.entitlements if not granted.until or granted.until >= day)
    )


def lapsed(person: Person, day: str) -> list[str]:
    """Return the names of expired entitlements, without those that the person still has through another entry."""
    current = set(entitled(person, day))
    names = [granted.name for granted in person.entitlements if granted.until and granted.until < day]
    return [name for name in dict.fromkeys(names) if name not in current]


def writable(person: Person) -> bool:
    """Return whether the jobs may write this person's accounts. They only read emergency accounts."""
    return person.kind != BREAK_GLASS


def names_of(person: Person) -> tuple[str, str]:
    """Return the given and the family name. If a person has a single name, both are this name.

    A whole name such as ``Bee, Ada`` is split at the comma, any other at its last space.
    """
    whole = person.name.strip()
    if "," in whole:
        family, _comma, given = (part.strip() for part in whole.partition(","))
    else:
        given, _blank, family = whole.rpartition(" ")
    return person.given_name or given or whole, person.family_name or family or whole


@dataclass(frozen=True)
class Names:
    """The names of a person's account in one connection. ``key`` is empty if no name is known."""

    key: str
    earlier: tuple[str, ...] = ()

    def all(self) -> list[str]:
        """Return the names in the form in which they are compared, the current one first."""
        return [fold(name) for name in (self.key, *self.earlier) if name]


def account_names(person: Person, connection: str) -> Names:
    """Return the names of a person's account in a connection: the specified one, or the e-mail address."""
    specified = str((person.accounts.get(connection) or {}).get("user") or "")
    key = specified or person.email
    earlier = [name for name in person.previous_emails if fold(name) != fold(key)]
    if specified and person.email and fold(person.email) != fold(key):
        earlier.insert(0, person.email)
    return Names(key, tuple(earlier))


def account_id(person: Person, connection: str) -> str:
    """Return the specified id of a person's account in a connection, or an empty text."""
    identity = (person.accounts.get(connection) or {}).get("id")
    return "" if identity is None else str(identity)
