# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose is which account: the accounts of one directory are matched with people, by ids and names."""

from __future__ import annotations

import typing as t

from .life import User
from .people import ACTIVE, LEAVE, Person, account_id, account_names, fold, standing, written


class Match(t.NamedTuple):
    """What one person has in a directory: the account, and further ones that are called like the person, too."""

    account: User | None
    others: tuple[User, ...] = ()

    def all(self) -> list[User]:
        """Return all of them."""
        return [] if self.account is None else [self.account, *self.others]


def name_of(account: User) -> str:
    """Return how an account is told apart for people."""
    return str(account.get("user") or f"with the id {account.get('id')}")


def _mark(account: User) -> str:
    return str(account.get("id") or account.get("user"))


class Matching:
    """Accounts by the ids of their people. Each account is one person's at most.

    Whom an id names has the account in any case. Then come the names that people have today, then earlier ones, and then the
    addresses that accounts have beside their names (``also`` are the fields). Who is there goes before those who are gone: an
    address that was given again is that of who has it now. ``problems`` is what cannot be told.
    """

    def __init__(self, people: t.Sequence[Person], connection: str, users: t.Sequence[User], also: t.Sequence[str], day: str) -> None:
        self.problems: list[str] = []
        self._connection = connection
        self._users = users
        self._by = {field: self._index(field) for field in ("id", "user", *also)}
        self._owner: dict[str, str] = {}
        self._found: dict[str, list[User]] = {}
        self._sure: set[str] = set()
        present = [person for person in people if standing(person, day) in (ACTIVE, LEAVE) or not written(person)]
        there = {person["id"] for person in present}
        gone = [person for person in people if person["id"] not in there]
        self._former = {name: person["id"] for person in gone for name in account_names(person, connection).all()[:1]}
        self._active = {person["id"] for person in present if written(person) and standing(person, day) == ACTIVE}
        # An address that somebody has today is that person's, whoever had it before.
        self._taken = {name: person["id"] for person in present for name in account_names(person, connection).all()[:1]}
        for person in people:
            self._claim(person, ("id",), False)
        for group in (present, gone):
            for fields, earlier in ((("user",), False), (("user",), True), (also, False), (also, True)):
                for person in group:
                    self._claim(person, fields, earlier)

    def _index(self, field: str) -> dict[str, list[User]]:
        found: dict[str, list[User]] = {}
        for user in self._users:
            if user.get(field) not in (None, ""):
                found.setdefault(fold(str(user[field])), []).append(user)
        return found

    def _claim(self, person: Person, fields: t.Sequence[str], earlier: bool) -> None:
        """Give a person the accounts that have one of the person's names in one of the fields."""
        identity = person["id"]
        for field in fields:
            for name in self._names(person, field, earlier):
                mine = [user for user in self._by[field].get(name, ()) if self._owner.setdefault(_mark(user), identity) == identity]
                held = self._found.setdefault(identity, [])
                fresh = self._as_spelled(person, field, [user for user in mine if user not in held])
                if len(fresh) > 1 and not self._is_spelled(person, field, fresh[0]) and not held and identity in self._active:
                    ids = ", ".join(_mark(user) for user in fresh)
                    self.problems.append(
                        f"{identity} may be any of {len(fresh)} accounts with the {field} {name} (ids {ids}). Say which one in accounts.{self._connection}.id."
                    )
                held += fresh
                if field == "id":
                    self._sure.update(map(_mark, fresh))

    def _names(self, person: Person, field: str, earlier: bool) -> list[str]:
        if field == "id":
            return [fold(identity) for identity in (account_id(person, self._connection),) if identity]
        names = account_names(person, self._connection)
        own = [name for name in map(fold, names.earlier if earlier else (names.key,)) if name]
        return [name for name in own if self._taken.get(name, person["id"]) == person["id"]]

    def _is_spelled(self, person: Person, field: str, account: User) -> bool:
        names = account_names(person, self._connection)
        return field == "user" and account["user"] in (names.key, *names.earlier)

    def _as_spelled(self, person: Person, field: str, accounts: list[User]) -> list[User]:
        """Return accounts, the one first whose name is spelled as the person's: some providers have names that differ in case alone."""
        return sorted(accounts, key=lambda account: not self._is_spelled(person, field, account)) if len(accounts) > 1 else accounts

    def of(self, person: Person) -> Match:
        """Return what a person has here."""
        held = self._found.get(person["id"])
        return Match(held[0], tuple(held[1:])) if held else Match(None)

    def holder(self, name: str, also: bool = False) -> tuple[User, str] | None:
        """Return the account that is called so, and the id of its person. With ``also`` it may be one that has this address."""
        for field in [one for one in self._by if one != "id"] if also else ["user"]:
            for user in self._by[field].get(fold(name), ()):
                if _mark(user) in self._owner:
                    return user, self._owner[_mark(user)]
        return None

    def former(self, name: str) -> str | None:
        """Return the id of somebody who is gone and was called so."""
        return self._former.get(fold(name))

    def given_again(self, person: Person) -> str | None:
        """Return a problem where the only account of somebody who is to be given one has the address of somebody else by now."""
        if self.of(person).account is not None:
            return None
        names = account_names(person, self._connection)
        for name in map(fold, names.earlier):
            other, account = self._taken.get(name, person["id"]), self.holder(name, also=True)
            if other != person["id"] and account is not None and account[1] == other and _mark(account[0]) not in self._sure:
                return (
                    f"the account {name} may be that of {person['id']}, whose address this was, or that of {other}, whose address it is. "
                    f"If it is {other}'s, give {other} accounts.{self._connection}.id {account[0].get('id')}. If it is {person['id']}'s, run it "
                    f"once without {other}, so that it is renamed to {names.key}."
                )
        return None
