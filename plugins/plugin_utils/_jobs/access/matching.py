# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose is which account: the accounts of one directory are matched with people, by links first and names last."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.rollcall.identity.plugins.module_utils._core.names import fold

from ..life import Life
from ..links import Memory
from ..people import ACTIVE, LEAVE, LEFT, Person, account_id, account_names, names_of, writable
from ..session import Entry, Listed

BY_LINK, BY_ID, BY_ADOPTION, BY_NAME = "link", "id", "adoption", "name"
_GIVEN, _FAMILY = "\0given", "\0family"
"""Texts that no field of a user has by chance."""


@dataclass
class Match:
    """What one person has in a directory: accounts, the person's own first, and how the first one was matched.

    ``disputed`` are accounts of the person's name that may be somebody else's; ``rivals`` are the people who may have
    them.
    """

    accounts: list[Listed] = field(default_factory=list)
    how: str = ""
    disputed: list[tuple[Listed, str, str]] = field(default_factory=list)
    """Account, code and reason of each account that was not assigned to the person."""
    unsure: set[str] = field(default_factory=set)
    """Ids of accounts that may as well be those of somebody else who is gone: they are blocked,
    and linked to nobody."""

    @property
    def account(self) -> Listed | None:
        """Return the person's own account."""
        return self.accounts[0] if self.accounts else None


class AccountNames:
    """The given and family name of accounts, from the fields in which a provider keeps them."""

    def __init__(self, life: Life, entry: Entry) -> None:
        fields = life.profile(Person("", given_name=_GIVEN, family_name=_FAMILY), entry, True)
        by_text = {value: name for name, value in fields.items()}
        self._fields = by_text.get(_GIVEN, ""), by_text.get(_FAMILY, "")

    def of(self, account: Listed) -> tuple[str, str]:
        """Return both names, empty where the provider does not report them."""
        given, family = (str(account.values.get(name) or "").strip() for name in self._fields)
        return given, family

    def agree(self, person: Person, account: Listed) -> bool | None:
        """Return whether an account carries the person's given name; None where either is unknown.

        The given name decides: a family name changes with a marriage, and is what relatives have in common.
        """
        given, _family = self.of(account)
        if not given or not (person.name or person.given_name):
            return None
        return fold(given) == fold(names_of(person)[0])


class Matching:
    """The accounts of each person. Each account is one person's at most.

    A link decides before everything else, then an id in the people data. Only what nobody is linked to is matched by
    name: by the names that people have today, then by earlier ones, and then by addresses that accounts have beside
    their names (``also``). ``standings`` are those of the people on the day. ``reserved`` are names of people whose
    rows could not be read. ``confirmed`` are ids of accounts that somebody confirmed to be those of the people with the
    same name.
    """

    def __init__(
        self,
        people: t.Sequence[Person],
        connection: str,
        accounts: t.Sequence[Listed],
        memory: Memory,
        names: AccountNames,
        also: t.Sequence[str],
        standings: t.Mapping[str, str],
        reserved: t.Collection[str] = (),
        confirmed: t.Collection[str] = (),
    ) -> None:
        self._connection = connection
        self._memory = memory
        self._names = names
        self._standings = standings
        self._reserved = set(reserved)
        self._matches: dict[str, Match] = {person.id: Match() for person in people}
        self._owner: dict[str, str] = {}
        self._by = {name: _index(accounts, name) for name in ("id", "user", *also)}
        self._by_id = {account.id: account for account in accounts}
        self._also = also
        self._people = {person.id: person for person in people}
        self._present_by_name = self._named_today(people)
        for identity in confirmed:
            self._adopt(identity)
        for person in people:
            self._follow(person)
        present = [person for person in people if standings[person.id] in (ACTIVE, LEAVE) or not writable(person)]
        present_ids = {person.id for person in present}
        gone = [person for person in people if person.id not in present_ids]
        self._there = present_ids
        self._holders = _holders(people, connection)
        for group in (present, gone):
            for fields, earlier in ((("user",), False), (("user",), True), (also, False), (also, True)):
                for person in group:
                    self._claim(person, fields, earlier)
        for person in people:
            self._matches[person.id].accounts.sort(key=lambda account, person=person: self._rank(person, account, also))  # type: ignore[misc]

    def _rank(self, person: Person, account: Listed, also: t.Sequence[str]) -> tuple[bool, bool, int, bool]:
        """Return how an account comes among several of a person, the person's own first: what the people data says,
        what has the person's name today, what is open. The order does not depend on how they were found, so that it is
        the same in the next run."""
        key = fold(account_names(person, self._connection).key)
        address = any(fold(str(account.values.get(name) or "")) == key for name in also)
        name = 0 if fold(account.name) == key else 1 if address else 2
        return account.deleted, account.id != account_id(person, self._connection), name, account.enabled is False

    def of(self, person: Person) -> Match:
        """Return what a person has here."""
        return self._matches[person.id]

    def owner(self, account: Listed) -> str | None:
        """Return the person who has an account, linked people who are not in the feed included."""
        return self._owner.get(account.id) or self._memory.owner(self._connection, account.id)

    def holder(self, name: str, field_name: str = "user") -> tuple[Listed, str | None] | None:
        """Return the account that is called so, or has the address in a field, and whose it is."""
        for account in self._by[field_name].get(fold(name), ()):
            return account, self.owner(account)
        return None

    def stands(self, person: str | None) -> str:
        """Return what somebody is on the day; who is not in the feed any more has left."""
        return self._standings.get(person or "", LEFT)

    def _named_today(self, people: t.Iterable[Person]) -> dict[str, list[Person]]:
        """Return the names that people who are there have today -> the people."""
        names: dict[str, list[Person]] = {}
        for person in people:
            name = fold(account_names(person, self._connection).key)
            if name and writable(person) and self._standings[person.id] == ACTIVE:
                names.setdefault(name, []).append(person)
        return names

    def adoptable(self, person: Person, account: Listed) -> bool:
        """Return whether a confirmation assigns an account to a person: the only one who is there and has its name
        today.

        Who has a linked account gets no other one. An account that is linked to somebody else is the person's only if
        that one has left or is not in the feed any more, and the account carries the person's given name: then it is
        the same person under another id.
        """
        names = {fold(str(account.values.get(name) or "")) for name in self._also} | {fold(account.name)}
        people = {candidate.id: candidate for name in names for candidate in self._present_by_name.get(name, ())}
        if set(people) != {person.id}:
            return False
        if any(
            link.account in self._by_id
            for link in self._memory.of(person.id, self._connection)
            if link.account != account.id
        ):
            return False
        linked = self._memory.owner(self._connection, account.id)
        if linked is None or linked == person.id:
            return True
        gone = self._standings.get(linked, LEFT) == LEFT
        return gone and not account.deleted and self._names.agree(person, account) is True

    def _adopt(self, identity: str) -> None:
        """Assign a confirmed account to the person who has its name today, unless a link or the match by name does
        that."""
        account = self._by_id.get(identity)
        if account is None or account.deleted or identity in self._owner:
            return
        names = (account.name, *(str(account.values.get(name) or "") for name in self._also))
        for person in (candidate for name in names for candidate in self._present_by_name.get(fold(name), ())):
            match = self._matches[person.id]
            if (
                match.account is None
                and self._memory.owner(self._connection, identity) != person.id
                and self.adoptable(person, account)
            ):
                self._owner[identity] = person.id
                match.accounts.append(account)
                match.how = BY_ADOPTION
                return

    def _follow(self, person: Person) -> None:
        """Assign the accounts of the links and of the id in the people data to a person."""
        match = self._matches[person.id]
        linked = [link.account for link in self._memory.of(person.id, self._connection)]
        specified = account_id(person, self._connection)
        for identity, how in (
            *((candidate, BY_LINK) for candidate in linked),
            *(((specified, BY_ID),) if specified else ()),
        ):
            account = self._by_id.get(identity)
            if account is None:
                continue
            other = self._memory.owner(self._connection, identity)
            if how == BY_ID and other not in (None, person.id):
                match.disputed.append(
                    (
                        account,
                        "linked_to_another",
                        f"accounts.{self._connection}.id names an account that is linked to {other}",
                    )
                )
                continue
            if self._owner.get(identity, person.id) != person.id:
                continue
            self._owner[identity] = person.id
            if account not in match.accounts:
                match.accounts.append(account)
                match.how = match.how or how

    def _claim(self, person: Person, fields: t.Sequence[str], earlier: bool) -> None:
        """Assign the accounts that have one of the person's names in one of the fields to a person without a link.

        Who is gone and has a link loses other accounts of the present name as well, unless they carry another person's
        name; an account that merely has the address, as those of services have, has to carry the person's.
        """
        match = self._matches[person.id]
        linked = match.how in (BY_LINK, BY_ID, BY_ADOPTION)
        if linked and (earlier or self._standings[person.id] != LEFT):
            return
        names = account_names(person, self._connection)
        for field_name in fields:
            for name in map(fold, filter(None, names.earlier if earlier else (names.key,))):
                accounts = _spelled_first(self._by[field_name].get(name, ()), (names.key, *names.earlier))
                open_ones = [
                    account
                    for account in accounts
                    if not account.deleted and self._owner.get(account.id) in (None, person.id)
                ]
                several = (
                    len(open_ones) > 1
                    and match.account is None
                    and open_ones[0].name not in (names.key, *names.earlier)
                )
                if several and self._standings[person.id] not in (LEAVE, LEFT):  # who is gone is blocked in all of them
                    ids = ", ".join(account.id for account in open_ones)
                    reason = (
                        f"{len(open_ones)} accounts have the {field_name} {name} (ids {ids}), "
                        "and nothing shows which is the person's"
                    )
                    match.disputed += [(account, "ambiguous_name", reason) for account in open_ones]
                    continue
                for account in accounts:
                    agrees = self._names.agree(person, account)
                    if not linked or agrees or (agrees is None and field_name == "user"):
                        self._consider(person, match, account, name, earlier)

    def _consider(self, person: Person, match: Match, account: Listed, name: str, earlier: bool) -> None:
        """Assign an account to a person, unless it is or may be somebody else's. What has an earlier name of the person
        and is certainly somebody else's is none of the person's business."""
        if self._owner.get(account.id) == person.id or any(
            account is other for other, _code, _reason in match.disputed
        ):
            return
        code, reason = self._rival(person, account, name)
        if code in ("linked_to_another", "matched_to_another") and earlier:
            return
        if code:
            match.disputed.append((account, code, reason))
        elif account.id not in self._owner:
            self._owner[account.id] = person.id
            match.accounts.append(account)
            match.how = match.how or BY_NAME
            alike = [
                other
                for other in self._holders.get(name, ())
                if other != person.id and {other, person.id}.isdisjoint(self._there)
            ]
            if alike and self._names.agree(person, account) is not True:
                match.unsure.add(account.id)

    def _rival(self, person: Person, account: Listed, name: str) -> tuple[str, str]:
        """Return why an account may be somebody else's, as code and reason; both empty where it is not."""
        linked = self._memory.owner(self._connection, account.id)
        if linked is not None and linked != person.id:
            return "linked_to_another", f"it is linked to {linked}"
        owner = self._owner.get(account.id)
        if owner is not None and owner != person.id:
            return "matched_to_another", f"it is the account of {owner}"
        if name in self._reserved:
            return "row_not_read", "the row of the person with this address could not be read"
        last = [other for other in self._memory.last_named(self._connection, account.name) if other != person.id]
        if last:
            return "named_like_another", f"the account of {last[0]} had this name in an earlier run"
        for rival in self._rivals(person, account, name):
            mine, theirs = self._names.agree(person, account), self._names.agree(self._people[rival], account)
            if theirs and not mine:
                return "named_like_another", f"it has the name of {rival}, who has or had the same address"
            if not (mine and not theirs):
                return (
                    "shared_address",
                    f"{rival} has or had the same address, and the account does not show who owns it",
                )
        return "", ""

    def _rivals(self, person: Person, account: Listed, name: str) -> list[str]:
        """Return the other people who have or had a name, without those who had it once and have another account by
        now, unless the account carries their name.

        Of two people who are gone, the one whose name the account carries has it; otherwise it does not matter: it is
        blocked.
        """
        rivals = []
        mine = self._names.agree(person, account) is True
        for other in self._holders.get(name, ()):
            key = fold(account_names(self._people[other], self._connection).key)
            fields = (accounts for field_name, accounts in self._by.items() if field_name != "id")
            settled = self._matches[other].accounts or any(
                candidate is not account and not candidate.deleted
                for accounts in fields
                for candidate in accounts.get(key, ())
            )
            theirs = self._names.agree(self._people[other], account) is True
            if {other, person.id}.isdisjoint(self._there) and (mine or not theirs):
                continue
            if other != person.id and (key == name or not settled or theirs):
                rivals.append(other)
        return rivals


def _index(accounts: t.Iterable[Listed], name: str) -> dict[str, list[Listed]]:
    index: dict[str, list[Listed]] = {}
    for account in accounts:
        value = account.id if name == "id" else account.name if name == "user" else account.values.get(name)
        if value not in (None, ""):
            index.setdefault(fold(str(value)), []).append(account)
    return index


def _holders(people: t.Iterable[Person], connection: str) -> dict[str, list[str]]:
    """Return the names that people have and had -> the people."""
    holders: dict[str, list[str]] = {}
    for person in people:
        for name in dict.fromkeys(account_names(person, connection).all()):
            holders.setdefault(name, []).append(person.id)
    return holders


def _spelled_first(accounts: t.Sequence[Listed], names: t.Collection[str]) -> t.Sequence[Listed]:
    """Return accounts, those first that are spelled as the person's: some providers have names
    that differ in case alone."""
    return (
        sorted(accounts, key=lambda account: (account.deleted, account.name not in names))
        if len(accounts) > 1
        else accounts
    )
