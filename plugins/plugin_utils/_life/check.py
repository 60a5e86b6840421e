# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with people, entitlements and connections taken together; everything is told at once, before any log-in."""

from __future__ import annotations

import typing as t

from .connection import option_problems
from .life import life_of
from .people import ACTIVE, EARLY, LEAVE, Person, account_id, account_names, fold, standing, written
from .schema import CONNECTION, ENTITLEMENT, PERSON, SCHEMA
from .validate import is_day, violations

Document = t.Mapping[str, t.Any]


def problems(document: Document, day: str) -> list[str]:
    """Return a sentence for everything that is wrong with plain data; ``day`` is the day that it is for."""
    found = [] if is_day(day) else [f"identity_as_of: {day!r} is no day; write it as 2026-12-31."]
    found += violations(SCHEMA, document)
    # What follows relies on the form: it is for the entries whose form is right, and the others count as far as they have a name.
    given, entitlements, connections = document.get("identity_people"), document.get("identity_entitlements"), document.get("identity_connections")
    everybody: list[t.Any] = given if isinstance(given, list) else []
    entitlements = entitlements if isinstance(entitlements, dict) else {}
    connections = connections if isinstance(connections, dict) else {}
    whole = {number: person for number, person in enumerate(everybody) if not violations(PERSON, person)}
    ids = {number: person["id"] for number, person in enumerate(everybody) if isinstance(person, dict) and isinstance(person.get("id"), str)}
    known = set(ids.values())
    granted = {name: about for name, about in entitlements.items() if not violations(ENTITLEMENT, about)}
    for name, about in connections.items():
        found += [] if violations(CONNECTION, about) else option_problems(about, f"identity_connections.{name}")
    named = {name: granted.get(name, {"grants": {}}) for name in entitlements}
    for number, person in whole.items():
        found += [f"identity_people[{number}] ({person['id']}): {text}" for text in _person(person, known, named, connections)]
    found += _shared_ids(ids)
    for name, entitlement in granted.items():
        found += [f"identity_entitlements.{name}: {text}" for text in _entitlement(entitlement, known, connections)]
    for name in connections:
        found += _shared_names(list(whole.values()), name, day)
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
        if violations(CONNECTION, connections[name]):
            continue
        provider = connections[name]["provider"]
        facets = life_of(provider).facets
        found += [f"grants.{name}.{facet}: {provider} has {' and '.join(facets)}." for facet in grants if facet not in facets]
    return found


def _shared_ids(ids: t.Mapping[int, str]) -> list[str]:
    seen: dict[str, int] = {}
    found = []
    for number, identity in ids.items():
        other = seen.setdefault(identity, number)
        if other != number:
            found.append(f"identity_people[{number}] and identity_people[{other}] have the same id {identity}.")
    return found


def _shared_names(people: t.Sequence[Person], connection: str, day: str) -> list[str]:
    """Return a problem for each account that two people have who are there. An address may be given again once its owner has left."""
    seen: dict[tuple[str, str], str] = {}
    found = []
    for person in people:
        if standing(person, day) not in (ACTIVE, LEAVE, EARLY) and written(person):
            continue
        for what, name in (("account", fold(account_names(person, connection).key)), ("account id", account_id(person, connection))):
            other = seen.setdefault((what, name), person["id"])
            if name and other != person["id"]:
                found.append(f"{person['id']} and {other} have the same {what} {name} in {connection}.")
    return found
