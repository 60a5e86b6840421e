# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resolves the names of roles, groups and similar objects to ids, before anything is written."""

from __future__ import annotations

import typing as t
import unicodedata

from ..errors import Problem, first_words
from ..names import has_lookalikes, near, nfc
from ..wording import plural
from .model import DesiredFacet, Entries, Value

_SHOWN = 100
"""The number of characters of a name that a message quotes."""


class Catalogue:
    """All objects of one kind that can be granted to users, from (id, name) pairs.

    Ids compare as texts, names in composed form (NFC).
    """

    def __init__(self, noun: str, pairs: t.Iterable[tuple[t.Any, str]], advice: str = "", reason: str = "") -> None:
        """``advice`` is what to do about an unknown name. Default: correct it, or create the object. ``reason`` says
        why there are no objects, and what to do, if the API could not list them."""
        self.noun = noun
        self._reason = reason
        self._advice = advice
        self.names: dict[str, str] = {}
        self._ids: dict[str, list[str]] = {}
        self._nearest: dict[str, str] = {}
        for identity, name in pairs:
            self.names[str(identity)] = name
            self._ids.setdefault(nfc(name), []).append(str(identity))

    def show(self, identity: str) -> Value:
        """Return an id as results show it: its name, or ``{id: ...}`` if the name is unknown or not unique."""
        name = self.names.get(identity)
        if name is None or len(self._ids[nfc(name)]) > 1:
            return {"id": int(identity) if identity.isdecimal() else identity}
        return name

    def entries(self, identities: t.Iterable[t.Any]) -> Entries:
        """Return facet entries for ids as the API returns them."""
        return {str(identity): self.show(str(identity)) for identity in identities}

    def resolve(
        self, items: t.Iterable[Value], place: str, problems: list[str], option: str = "", first: int = 0,
        absent: bool = False,
    ) -> Entries:
        """Return facet entries for names (a number is a name), ``{id: ...}`` and ``{name: ...}`` items.

        Add unknown and ambiguous names, unknown keys, and ids with another name to ``problems``, with similar names or
        the ids to choose from. ``option`` is the option that contains the items, ``first`` the position of the first
        item. ``absent`` is whether users should lose the objects.
        """
        entries: Entries = {}
        for number, item in enumerate(items, first):
            identity = self._known(item) or self.identify(
                item, place, problems, f"{option or plural(self.noun)}[{number}]", absent
            )
            if identity is not None:
                entries[identity] = self.show(identity)
        return entries

    def _known(self, item: Value) -> str | None:
        """Return the id of an item in its usual forms, a name or ``{id: ...}``, without what messages need.

        Return None for other items, and for unknown ones.
        """
        if isinstance(item, str):
            identities = self._ids.get(nfc(item), ())
            return identities[0] if len(identities) == 1 else None
        if isinstance(item, dict) and len(item) == 1 and item.get("id") is not None:
            identity = str(item["id"]).strip()
            return identity if identity in self.names else None
        return None

    def identify(
        self, item: Value, place: str, problems: list[str], where: str, absent: bool = False
    ) -> str | None:
        """Return the id of one item, or add a problem to ``problems`` and return None.

        ``where`` is its option. ``absent`` is whether users should lose the object, or a filter names it.
        """
        identity = self._known(item)
        if identity is not None:
            return identity

        def add(text: str, code: str) -> None:
            problems.append(Problem(text, code, place, where))

        return self._identity(item, where, add, absent)

    def _identity(
        self, item: Value, where: str, add: t.Callable[[str, str], None], absent: bool = False
    ) -> str | None:
        """Return the id of an item, or call ``add`` with a problem and return None."""
        if not isinstance(item, dict):
            return self._by_name(item, add, absent)
        unknown = sorted(str(key) for key in item if key not in ("id", "name"))
        if unknown:
            add(f"{where}: unknown key {', '.join(unknown)}. Specify a name, {{id: …}} or {{name: …}}.", "unknown_key")
            return None
        if item.get("id") is None:
            return self._by_name(item.get("name"), add, absent)
        identity, name = str(item["id"]).strip(), item.get("name")
        if identity not in self.names and identity.isdecimal():
            identity = str(int(identity))
        if identity not in self.names and not identity.isascii():  # an id can be a name
            identity = next((known for known in self.names if nfc(known) == nfc(identity)), identity)
        if identity not in self.names:
            advice = f": {self._reason}" if self._reason else ". Correct it, or specify the name"
            text = f"there is no {self.noun} with id {first_words(identity, _SHOWN)}{advice}."
            add(text, f"unknown_{self.noun.replace(' ', '_')}")
            return None
        if name is not None and nfc(str(name)) != nfc(self.names[identity]):
            add(
                f"{where}: id {identity} is the {self.noun} {self.names[identity]!r}, not {str(name)!r}. "
                "Specify only one of them.",
                "id_mismatch",
            )
            return None
        return identity

    def _by_name(self, name: Value, add: t.Callable[[str, str], None], absent: bool) -> str | None:
        if name is None or isinstance(name, (bool, float, dict, list)):
            add(f"the name of {_article(self.noun)} is missing. Specify a name or {{id: …}}.", "invalid_value")
            return None
        identities = self._ids.get(nfc(str(name)), [])
        if len(identities) == 1:
            return identities[0]
        if identities:
            add(
                f"{len(identities)} {plural(self.noun)} are named {_quoted(name)}. Specify one with {{id: "
                f"{' or '.join(identities)}}}.",
                "ambiguous_name",
            )
        else:
            add(
                f"there is no {self.noun} named {_quoted(name)}{self._near(str(name)) or self._advised(absent)}.",
                f"unknown_{self.noun.replace(' ', '_')}",
            )
        return None

    def resolve_desired(self, target: DesiredFacet, place: str, problems: list[str], option: str = "") -> None:
        """Resolve the desired items of a facet and its bounds: set ``entries`` and ``bounds``."""
        option = option or plural(self.noun)
        target.entries = self.resolve(target.items, place, problems, option, absent=target.mode == "absent")
        target.bounds = self.resolve(target.managed or (), place, problems, f"managed_{option}")

    def _near(self, name: str) -> str:
        """Return the part of a message about names that are similar to an unknown one, empty if there are none.

        The texts are cached: many users may have the same mistake, and the comparison of names is slow.
        """
        if self._reason:
            return f": {self._reason}"
        if name not in self._nearest:
            similar = near(name, self._ids)
            if name in self.names:
                self._nearest[name] = f", but one with this id. Write the id as {{id: {name}}}"
            elif similar:
                self._nearest[name] = f"; similar names: {', '.join(map(repr, similar))}{_unlike(name, similar[0])}"
            else:
                self._nearest[name] = ""
        return self._nearest[name]

    def _advised(self, absent: bool) -> str:
        """Return the part of a message about an unknown name without similar ones: what to do."""
        create = "" if absent else f", or create the {self.noun} first"
        return f"{self._number()}. {self._advice or f'Correct the name{create}'}"

    def _number(self) -> str:
        number = len(self.names)
        if number == 1:
            return f" (there is 1 {self.noun})"
        return f" (there are {number or 'no'} {plural(self.noun)})"


def _quoted(name: Value) -> str:
    text = str(name)
    return repr(text if len(text) <= _SHOWN else first_words(text, _SHOWN))


def _unlike(name: str, similar: str) -> str:
    """Return how a name differs from a similar one if both look the same, for example by a hyphen of another kind."""
    odd = {
        character for character in name
        if character not in similar and not character.isascii()
        and (has_lookalikes(character) or unicodedata.category(character) == "Pd")
    }
    shown = [f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip() for character in sorted(odd)]
    return f" (without {', '.join(shown)})" if shown else ""


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"
