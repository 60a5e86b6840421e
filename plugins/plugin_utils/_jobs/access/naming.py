# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names that the people data gives to accounts, and advice about names that other accounts have."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.rollcall.identity.plugins.module_utils._core.names import fold

from ..feed.text import clean
from ..life import Life
from ..people import LEFT, Person, account_id, account_names
from ..session import Listed
from .advice import KEEPS, OTHER_ID, OWN_OTHER, RENAME_FIRST, SWAP
from .matching import Matching


def owned(owner: str | None) -> str:
    """Return whose account it is. Without a known owner, it may be the person's own."""
    return f"the account of {owner}" if owner else "an account without a known owner"


@dataclass(frozen=True)
class Naming:
    """The names in one connection. ``also`` are fields with addresses that accounts have in addition to their names.
    ``entitled`` returns whether a run writes the data of a person to the person's account."""

    connection: str
    life: Life
    also: t.Sequence[str]
    matching: Matching
    people: t.Sequence[Person]
    entitled: t.Callable[[Person], bool]

    def rename_first(self, person: Person, account: Listed, owner: str | None, name: str) -> str:
        """Return what a user can do if another account has a name or address that a person's account should have."""
        if owner == person.id:
            return OWN_OTHER.format(connection=self.connection)
        if owner is None and account_id(person, self.connection):
            return OTHER_ID.format(connection=self.connection, person=person.id)
        if self.matching.stands(owner) == LEFT:
            return RENAME_FIRST.format(person=person.id)
        text = SWAP if self.gives_up(owner, account, {fold(name)}) else KEEPS
        return text.format(other=owner, person=person.id, connection=self.connection)

    def gives_up(self, owner: str | None, account: Listed, names: t.Collection[str]) -> bool:
        """Return whether the people data gives an account of another person other names and addresses than these."""
        other = next((candidate for candidate in self.people if candidate.id == owner), None)
        is_named = fold(account.name) in names
        is_addressed = any(fold(str(account.values.get(name) or "")) in names for name in self.also)
        if other is None or not self.entitled(other) or not (is_named or is_addressed):
            return False
        if is_named and (not self.life.renames or fold(self.target_name(other, account)) in names):
            return False
        return not is_addressed or fold(other.email) not in names

    def target_name(self, person: Person, account: Listed) -> str:
        """Return the name that the people data gives an account, whether or not it can be renamed.

        An account that the people data identifies by its id keeps a name with invisible characters: the people data
        can only contain the rest of the name.
        """
        names, current = account_names(person, self.connection), account.name
        visible = clean(current)[0]
        if (
            visible != current.strip() and account_id(person, self.connection) == account.id
            and fold(visible) in ("", fold(names.key))
        ):
            return current
        specified = bool((person.accounts.get(self.connection) or {}).get("user"))
        if self.also and not specified and current and fold(current) not in self.known_names(person, account):
            return current  # if accounts have both names and addresses, an address does not determine the name
        return names.key or current

    def known_names(self, person: Person, account: Listed) -> list[str]:
        """Return the names of an account that follow the person's address: known addresses, and the account's own
        address."""
        own = [fold(str(account.values[name])) for name in self.also if account.values.get(name)]
        return [*account_names(person, self.connection).all(), *own]
