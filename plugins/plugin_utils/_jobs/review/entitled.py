# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the entitlements for each grant in one directory. It resolves the grants of entitlements to the keys by which
accounts have them."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Notice, Problem
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Desired, DesiredFacet

from ..entitlements import Entitlement
from ..people import Granted, Person, entitled, lapsed
from ..session import Session, attempt

Key = tuple[str, str]
"""Facet and key of a grant."""


class EntitledGrants:
    """The grants of the entitlements in one directory. ``notices`` are about entitlements with unknown grants."""

    def __init__(self, members: t.Sequence[Session], entitlements: t.Mapping[str, Entitlement]) -> None:
        self.notices: list[Notice] = []
        self._keys: dict[str, set[Key]] = {}
        self._retired = {name for name, entitlement in entitlements.items() if entitlement.retired}
        self._cache: dict[tuple[str, ...], dict[Key, tuple[str, ...]]] = {}
        desired: list[tuple[str, Desired]] = []
        for session in members:
            for name, entitlement in entitlements.items():
                if session.name in entitlement.grants:
                    self._keys.setdefault(name, set())
                    desired.append((name, _desired(session, name, entitlement)))
        directory = members[0].directory
        problems, error = attempt(lambda: directory.resolve([user for _name, user in desired]))
        for problem in problems or ():
            code = problem.code if isinstance(problem, Problem) else "invalid_value"
            self.notices.append(Notice(code, str(problem)))
        self.notices += [Notice(error.code, error.sentence())] if error is not None else []
        for name, user in desired:
            self._keys[name].update((facet, key) for facet, target in user.facets.items() for key in target.entries)

    def _effective(self, names: t.Iterable[str]) -> tuple[str, ...]:
        """Return those of the names that grant something in this directory, which may be just an account."""
        return tuple(name for name in names if name in self._keys and name not in self._retired)

    def now(self, person: Person, day: str) -> tuple[str, ...]:
        """Return the entitlements of a person that grant something in this directory on the day."""
        return self._effective(entitled(person, day))

    def over(self, person: Person, day: str) -> tuple[str, ...]:
        """Return the expired entitlements of a person that granted something in this directory."""
        return self._effective(lapsed(person, day))

    def by_key(self, names: tuple[str, ...]) -> dict[Key, tuple[str, ...]]:
        """Return what entitlements grant together: key of a grant -> those of the names that contain it.

        The result is cached, because many people have the same entitlements.
        """
        if names not in self._cache:
            sources: dict[Key, tuple[str, ...]] = {}
            for name in names:
                for key in self._keys[name]:
                    sources[key] = (*sources.get(key, ()), name)
            self._cache[names] = sources
        return self._cache[names]


def entries_of(person: Person | None) -> dict[str, list[Granted]]:
    """Return name of an entitlement -> entries with it in a person's row. There may be several, for different
    periods."""
    entries: dict[str, list[Granted]] = {}
    for granted in person.entitlements if person is not None else ():
        entries.setdefault(granted.name, []).append(granted)
    return entries


def entry_of(entries: t.Mapping[str, t.Sequence[Granted]], name: str, day: str, over: bool) -> Granted:
    """Return the entry with an entitlement that ends last: of those that are valid on the day, or with ``over`` of the
    expired ones."""
    fitting = [granted for granted in entries.get(name, ()) if bool(granted.until and granted.until < day) is over]
    return max(fitting, key=lambda granted: (not granted.until, granted.until), default=Granted(name))


def _desired(session: Session, name: str, entitlement: Entitlement) -> Desired:
    """Return an entitlement as a desired user, so that the directory resolves its grants."""
    facets: dict[str, list[t.Any]] = {}
    for facet, grants in entitlement.grants[session.name].items():
        for grant in grants or ():
            qualified = session.life.qualified(facet, grant, session.params)
            facets.setdefault(facet, []).append(qualified)
            for other, entailed in session.life.entails(facet, qualified):
                facets.setdefault(other, []).append(entailed)
    return Desired(
        "",
        label=f"entitlement {name} ({session.name})",
        facets={facet: DesiredFacet("present", items) for facet, items in facets.items()},
    )
