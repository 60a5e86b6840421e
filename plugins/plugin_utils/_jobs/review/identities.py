# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds out who a reviewer is. A reviewer enters an id and a name, and a person has many: ids, e-mail addresses,
accounts in all connections, and a whole name."""

from __future__ import annotations

import re
import typing as t
import unicodedata
from dataclasses import dataclass

from ansible_collections.rollcall.identity.plugins.module_utils._core.names import skeleton

from ..links import Memory
from ..people import Person, names_of
from .model import Row

_BRACKETS = re.compile(r"[<(\[]([^<>()\[\]]*)[>)\]]")
_EDGES = " <>()[]\"',;:"
_MAILTO = re.compile(r"mailto:([^?]*).*", re.DOTALL)


@dataclass(frozen=True)
class Identity:
    """The people whom a reviewer's id and name mean: usually one, none if nobody is known by them.

    ``keys`` are the forms of the id in which it compares. ``by_name`` is whether only the whole name matches, which
    another person may share.
    """

    people: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    by_name: bool = False


class Identities:
    """The people of the feed, and those of the rows of a review, under all their names."""

    def __init__(self, people: t.Mapping[str, Person], memory: Memory, rows: t.Iterable[Row]) -> None:
        self._ids: dict[str, set[str]] = {}
        self._keys: dict[str, set[str]] = {}
        self._names: dict[str, set[str]] = {}
        for person in people.values():
            accounts = [str(account.get(name) or "") for account in person.accounts.values() for name in ("user", "id")]
            self._add(person.id, (person.email, *person.previous_emails, *accounts), person.whole_name)
            self._add(person.id, (), " ".join(dict.fromkeys(names_of(person))))
        for link in memory.links:
            self._add(link.person, (link.account, link.name), "")
        for identity, account, account_id, name in {
            (row.person, row.account, row.account_id, row.name) for row in rows if row.person
        }:
            self._add(identity, (account, account_id), name)

    def of(self, identity: str, name: str = "") -> Identity:
        """Return the people whom an id and a name mean. The id of a person decides, whatever the name."""
        forms = _forms(identity)
        keys = frozenset(map(_key, forms))
        same = self._ids.get(_key(identity))
        if same:
            return Identity(frozenset(same), keys)
        known = {person for key in keys for person in self._keys.get(key, ())}
        if not known:
            forms |= _forms(name)
            known = {person for form in forms for person in self._keys.get(_key(form), ())}
        named = {person for form in forms for person in self._names.get(_name_key(form), ())}
        return Identity(frozenset(known | named), keys, not known)

    def is_subject(self, reviewer: Identity, row: Row) -> bool:
        """Return whether a row is about the reviewer's own account."""
        if row.person:
            return row.person in reviewer.people
        account = _key(row.account)
        return account in reviewer.keys or bool(self._keys.get(account, set()) & reviewer.people)

    def _add(self, identity: str, names: t.Iterable[str], whole_name: str) -> None:
        self._ids.setdefault(_key(identity), set()).add(identity)
        for name in (identity, *names):
            if name:
                self._keys.setdefault(_key(name), set()).add(identity)
        for name in (whole_name, f"{identity} {whole_name}") if whole_name else ():
            self._names.setdefault(_name_key(name), set()).add(identity)


def _forms(text: str) -> set[str]:
    """Return the names that a text may contain: all of it, and what is inside and outside of brackets, such as the
    address in ``Ada Lovelace <ada@example.com>``, without ``mailto:``."""
    plain = unicodedata.normalize("NFKC", text)
    parts = (plain, _BRACKETS.sub(" ", plain), *_BRACKETS.findall(plain), *(w for w in plain.split() if "@" in w))
    return {form for part in parts for form in (_bare(part),) if form}


def _bare(text: str) -> str:
    """Return a name without punctuation around it and without ``mailto:``."""
    plain = text.strip(_EDGES)
    match = _MAILTO.fullmatch(plain.lower())
    return (match[1] if match else plain).strip(_EDGES)


def _key(text: str) -> str:
    """Return the form in which ids, accounts and addresses compare: look-alike letters are the same letter."""
    return "".join(skeleton(text).split())


def _name_key(text: str) -> str:
    """Return the form in which whole names compare, whichever order their words have."""
    return " ".join(sorted(skeleton(text).replace(",", " ").split()))
