# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that users write, ids that APIs take: roles, groups and the like, resolved before anything is written."""

from __future__ import annotations

import difflib
import typing as t

from .model import Entries, FacetWish, Value

_NEAR = 3
"""Near names in a message."""


class Catalogue:
    """All things of one kind that users can be given, as (id, name) pairs. Ids compare as texts."""

    def __init__(self, noun: str, pairs: t.Iterable[tuple[t.Any, str]]) -> None:
        self.noun = noun
        self.names: dict[str, str] = {}
        self._ids: dict[str, list[str]] = {}
        self._nearest: dict[str, str] = {}
        for identity, name in pairs:
            self.names[str(identity)] = name
            self._ids.setdefault(name, []).append(str(identity))

    def show(self, identity: str) -> Value:
        """Return how results name an id: by its name, or as ``{id: ...}`` where the name does not lead back to it."""
        name = self.names.get(identity)
        if name is None or len(self._ids[name]) > 1:
            return {"id": int(identity) if identity.isdecimal() else identity}
        return name

    def entries(self, identities: t.Iterable[t.Any]) -> Entries:
        """Return facet entries for ids as the API gives them."""
        return {str(identity): self.show(str(identity)) for identity in identities}

    def resolve(self, items: t.Iterable[Value], place: str, problems: list[str]) -> Entries:
        """Return facet entries for names (a number is a name) and ``{id: ...}`` or ``{name: ...}`` items.

        Unknown and ambiguous names are added to ``problems``, with near names or the ids to choose from.
        """
        found: Entries = {}
        for item in items:
            if isinstance(item, dict) and item.get("id") is not None:
                identity = str(item["id"])
                if identity not in self.names:
                    problems.append(f"{place}: there is no {self.noun} with id {identity}.")
                    continue
                found[identity] = self.show(identity)
                continue
            name = item.get("name") if isinstance(item, dict) else item
            if name is None or isinstance(name, (dict, list)):
                problems.append(f"{place}: {item!r} is no {self.noun}; give a name or {{id: ...}}.")
                continue
            identities = self._ids.get(str(name), [])
            if len(identities) == 1:
                found[identities[0]] = self.show(identities[0])
            elif identities:
                problems.append(f"{place}: {len(identities)} {self.noun}s are named {name!r}; say which one with {{id: {' or '.join(identities)}}}.")
            else:
                problems.append(f"{place}: there is no {self.noun} named {str(name)!r}{self._near(str(name))}.")
        return found

    def resolve_wish(self, wish: FacetWish, place: str, problems: list[str]) -> None:
        """Resolve what a facet should have, and the bounds within which it is managed."""
        wish.entries = self.resolve(wish.items, place, problems)
        wish.bounds = self.resolve(wish.managed or (), place, problems)

    def _near(self, name: str) -> str:
        """Return what to say of names like an unknown one. Many users may have the same mistake, and to compare names takes long."""
        if name not in self._nearest:
            folded: dict[str, str] = {}
            for known in self._ids:
                folded.setdefault(known.casefold(), known)
            near = difflib.get_close_matches(name.casefold(), list(folded), _NEAR, 0.6)
            if near:
                self._nearest[name] = "; near names: " + ", ".join(repr(folded[match]) for match in near)
            else:
                self._nearest[name] = f" (there are {len(self._ids)})" if self._ids else " (there are none)"
        return self._nearest[name]
