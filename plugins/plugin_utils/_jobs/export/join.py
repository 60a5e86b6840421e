# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Joins accounts to the people of an HR file, by address or by a column of the file."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.rollcall.identity.plugins.module_utils._core.names import fold

from ..feed.text import key
from ..life import User
from ..links import Memory
from ..people import Person, account_id, account_names

_KEYS = ("user", "email", "username", "external_id", "samaccountname", "userprincipalname")
"""Fields of an account that may contain the person's identifier in the HR file."""


@dataclass
class Account:
    """An account that people.yml can name. ``address`` is the folded e-mail address, or empty."""

    connection: str
    key: str
    address: str
    user: User

    @property
    def blocked(self) -> bool:
        """Return whether the login is known to be blocked."""
        return self.user.get("enabled") is False


class Join:
    """Finds the accounts of people. Each account belongs to at most one person. ``problems`` are uncertain matches.

    If several people match an account, it belongs to the person with the strongest match: the id, the current address,
    then an earlier one. If that does not decide, the account belongs to no person: a wrong guess would give one
    person's access to another.
    """

    def __init__(
        self, accounts: t.Sequence[Account], by: str, people: t.Sequence[Person], memory: Memory
    ) -> None:
        self.problems: list[str] = []
        self._by, self._memory = by, memory
        self._index: dict[tuple[str, str], list[Account]] = {}
        self._ids = {(account.connection, str(account.user.get("id"))): account for account in accounts}
        for account in accounts:
            for value in dict.fromkeys(fold(str(account.user.get(name) or "")) for name in _KEYS):
                if value:
                    self._index.setdefault((account.connection, value), []).append(account)
        self._joined: dict[str, dict[str, Account]] = {person.id: {} for person in people}
        for connection in dict.fromkeys(account.connection for account in accounts):
            self._join(connection, people)

    def of(self, person: Person) -> dict[str, Account]:
        """Return the person's accounts by connection."""
        return self._joined[person.id]

    def _join(self, connection: str, people: t.Sequence[Person]) -> None:
        """Assign each account of a connection to a person."""
        claims: dict[int, list[tuple[int, str, Account]]] = {}
        for person in people:
            claim = self._claim(person, connection)
            if claim is not None:
                rank, account = claim
                claims.setdefault(id(account), []).append((rank, person.id, account))
        for some in claims.values():
            some.sort(key=lambda claim: claim[0])
            best = [claim for claim in some if claim[0] == some[0][0]]
            account, names = some[0][2], " and ".join(identity for _rank, identity, _account in some)
            if len(best) > 1:
                text = (
                    f"{connection}: {account.key} may be the account of {names}, and was not joined. "
                    f"Set accounts.{connection}.id of one of these people."
                )
                self.problems.append(text)
                continue
            self._joined[best[0][1]][connection] = account
            if len(some) > 1:
                self.problems.append(
                    f"{connection}: {account.key} may be the account of {names}, and was joined to {best[0][1]}, "
                    f"the best match. If that is wrong, set accounts.{connection}.id of the right person."
                )

    def _claim(self, person: Person, connection: str) -> tuple[int, Account] | None:
        """Return the rank of a person's best match (0 is the strongest) and its account, or None without a match."""
        linked = [link.account for link in self._memory.of(person.id, connection)]
        for identity in (*linked, account_id(person, connection)):
            if (connection, identity) in self._ids:
                return 0, self._ids[connection, identity]
        for rank, value in enumerate(self._values(person, connection), 1):
            accounts = [
                account for account in self._index.get((connection, value), [])
                # a linked account belongs to the linked person
                if self._memory.owner(connection, str(account.user.get("id"))) is None
            ]
            own = [account for account in accounts if fold(account.key) == value] if len(accounts) > 1 else accounts
            if len(own) == 1:
                return rank, own[0]
            if accounts:
                names = ", ".join(account.key for account in accounts)
                self.problems.append(
                    f"{connection}: {person.id} may have any of {len(accounts)} accounts ({names}). "
                    f"Set accounts.{connection}.id of this person."
                )
                return None
        return None

    def _values(self, person: Person, connection: str) -> list[str]:
        """Return the values that may identify the person's accounts, the most reliable first."""
        if self._by == "email":
            return account_names(person, connection).all()
        specified = str((person.accounts.get(connection) or {}).get("user") or "")
        return list(dict.fromkeys(fold(text) for text in (specified, value_of(person, self._by)) if text))


def value_of(person: Person, name: str) -> str:
    """Return a field or a further column of a person, or an empty text."""
    columns = {key(column): value for column, value in person.attributes.items()}
    value = columns.get(key(name)) or getattr(person, name, "")
    return value if isinstance(value, str) else ""
