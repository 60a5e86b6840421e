# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with people, entitlements and connections taken together; everything is told at once, before any log-in."""

from __future__ import annotations

import typing as t

from .life import life_of
from .people import ACTIVE, EARLY, LEAVE, Person, account_names, fold, standing, written
from .schema import SCHEMA
from .validate import is_day, violations

Document = t.Mapping[str, t.Any]


def problems(document: Document, day: str) -> list[str]:
    """Return a sentence for everything that is wrong with plain data; ``day`` is the day that it is for."""
    found = [] if is_day(day) else [f"identity_as_of: {day!r} is no day; write it as 2026-12-31."]
    found += violations(SCHEMA, document)
    if found:  # what follows relies on the form
        return found
    people: list[Person] = document.get("identity_people") or []
    entitlements, connections = document.get("identity_entitlements") or {}, document.get("identity_connections") or {}
    ids = {person["id"] for person in people}
    for number, person in enumerate(people):
        place = f"identity_people[{number}] ({person['id']})"
        found += [f"{place}: {text}" for text in _person(person, ids, entitlements, connections)]
    found += _shared_ids(people)
    for name, entitlement in entitlements.items():
        found += [f"identity_entitlements.{name}: {text}" for text in _entitlement(entitlement, ids, connections)]
    for name in connections:
        found += _shared_names(people, name, day)
    return found


def _person(person: Person, ids: set[str], entitlements: Document, connections: Document) -> list[str]:
    found = []
    kind = person.get("kind") or "employee"
    if kind == "contractor" and not person.get("end"):
        found.append("a contractor needs end, the last day.")
    if kind in ("service", "shared") and not person.get("owner"):
        found.append(f"a {kind} account needs owner, the id of who answers for it.")
    for role in ("owner", "manager"):
        if person.get(role) and person[role] not in ids:
            found.append(f"{role} {person[role]} is nobody in identity_people.")
    if person.get("start") and person.get("end") and person["end"] < person["start"]:
        found.append(f"end {person['end']} is before start {person['start']}.")
    if not person.get("email") and not person.get("accounts"):
        found.append("give email, or accounts with the name in each connection.")
    for entry in person.get("entitlements") or ():
        name = entry if isinstance(entry, str) else entry["name"]
        if name not in entitlements:
            found.append(f"entitlement {name} is not in identity_entitlements.")
            continue
        for connection in entitlements[name]["grants"]:
            if connection in connections and not account_names(person, connection).key:
                found.append(f"entitlement {name} grants something in {connection}, where the account has no name; give email, or accounts.{connection}.user.")
    found += [f"accounts.{name}: there is no such connection in identity_connections." for name in person.get("accounts") or () if name not in connections]
    return found


def _entitlement(entitlement: Document, ids: set[str], connections: Document) -> list[str]:
    found = []
    if entitlement.get("owner") and entitlement["owner"] not in ids:
        found.append(f"owner {entitlement['owner']} is nobody in identity_people.")
    for name, grants in entitlement["grants"].items():
        if name not in connections:
            found.append(f"grants.{name}: there is no such connection in identity_connections.")
            continue
        provider = connections[name]["provider"]
        facets = life_of(provider).facets
        found += [f"grants.{name}.{facet}: {provider} has {' and '.join(facets)}." for facet in grants if facet not in facets]
    return found


def _shared_ids(people: t.Sequence[Person]) -> list[str]:
    seen: dict[str, int] = {}
    found = []
    for number, person in enumerate(people):
        other = seen.setdefault(person["id"], number)
        if other != number:
            found.append(f"identity_people[{number}] and identity_people[{other}] have the same id {person['id']}.")
    return found


def _shared_names(people: t.Sequence[Person], connection: str, day: str) -> list[str]:
    """Return a problem for each account that two people have who are there. An address may be given again once its owner has left."""
    seen: dict[str, str] = {}
    found = []
    for person in people:
        if standing(person, day) not in (ACTIVE, LEAVE, EARLY) and written(person):
            continue
        for name in {fold(account_names(person, connection).key)} - {""}:
            other = seen.setdefault(name, person["id"])
            if other != person["id"]:
                found.append(f"{person['id']} and {other} have the same account {name} in {connection}.")
    return found
