# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Matches the accounts of one directory with people: first by links, last by names."""

from __future__ import annotations

import functools
import typing as t
from dataclasses import dataclass, field

from ansible_collections.rollcall.identity.plugins.module_utils._core.names import fold, has_lookalikes, skeleton

from ..life import Life
from ..links import Memory
from ..people import ACTIVE, EARLY, LEAVE, LEFT, Person, account_id, account_names, names_of, writable
from ..session import Entry, Listed

BY_LINK, BY_ID, BY_ADOPTION, BY_NAME = "link", "id", "adoption", "name"
_GIVEN, _FAMILY = "\0given", "\0family"
"""Texts that do not occur in a user's fields."""


class Dispute(t.NamedTuple):
    """An account with a person's name that may belong to another person, with a code and a sentence that say why."""

    account: Listed
    code: str
    reason: str


@dataclass
class Match:
    """The accounts of one person in a directory, the main account first.

    ``how`` is how the first account was matched: link, id, adoption or name; or empty. ``disputed`` are accounts that
    were not assigned to the person.
    """

    accounts: list[Listed] = field(default_factory=list)
    how: str = ""
    disputed: list[Dispute] = field(default_factory=list)
    unsure: set[str] = field(default_factory=set)
    """Ids of accounts that may belong to another person who has left: they are blocked, and linked to no person."""

    @property
    def account(self) -> Listed | None:
        """Return the person's main account."""
        return self.accounts[0] if self.accounts else None


class AccountNames:
    """The given and family names of accounts, from the fields in which a provider stores them."""

    def __init__(self, life: Life, entry: Entry) -> None:
        fields = life.profile(Person("", given_name=_GIVEN, family_name=_FAMILY), entry, True)
        by_text = {value: name for name, value in fields.items()}
        self._fields = by_text.get(_GIVEN, ""), by_text.get(_FAMILY, "")
        self.known = any(self._fields)
        """Whether the provider has names at all."""

    def of(self, account: Listed) -> tuple[str, str]:
        """Return both names. A name that the provider does not report is empty."""
        given, family = (str(account.values.get(name) or "").strip() for name in self._fields)
        return given, family

    def agree(self, person: Person, account: Listed) -> bool | None:
        """Return whether an account has the person's given name, or None if either is unknown.

        The given name decides: a family name may change with a marriage, and relatives share it.
        """
        given, _family = self.of(account)
        if not given or not (person.name or person.given_name):
            return None
        return fold(given) == fold(names_of(person)[0])


class Matching:
    """The accounts of each person. Each account belongs to at most one person.

    A link has priority, then an id in the people data. Only accounts without a link are matched by name: by the
    people's current names, then by earlier ones, and then by the addresses that accounts have in addition to their
    names (``also``).

    ``standings`` are the statuses of the people on the day. ``reserved`` are names of people whose rows could not be
    read. ``confirmed`` are ids of accounts: a user confirmed that they belong to the people with the same names.
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
        reserved: t.Collection[str],
        confirmed: t.Collection[str] = (),
    ) -> None:
        self._connection = connection
        self._memory = memory
        self._names = names
        self._standings = standings
        self._reserved = set(reserved)
        self._matches: dict[str, Match] = {person.id: Match() for person in people}
        self._owner: dict[str, str] = {}
        self._by = {name: _index(accounts, name) for name in ("user", *also)}
        self._by_id = {account.id: account for account in accounts}
        self._lookalikes: dict[str, list[Listed]] = {}
        for account in accounts:
            if has_lookalikes(account.name):
                self._lookalikes.setdefault(skeleton(account.name), []).append(account)
        self._also = also
        self._people = {person.id: person for person in people}
        self._present_by_name = self._named_today(people)
        self._holders = _holders(people, connection)
        self._contested: dict[str, str] = {}
        """Accounts whose ids the people data has for a person who is not there, with this person. They may be another
        person's."""
        self._by_specified: dict[str, list[Person]] = {}
        for person in people:
            self._by_specified.setdefault(account_id(person, connection), []).append(person)
        for identity in confirmed:
            self._adopt(identity)
        for person in people:
            self._follow(person)
        present = [person for person in people if standings[person.id] in (ACTIVE, LEAVE) or not writable(person)]
        present_ids = {person.id for person in present}
        gone = [person for person in people if person.id not in present_ids]
        self._present_ids = present_ids
        for group in (present, gone):
            for fields, earlier in ((("user",), False), (("user",), True), (also, False), (also, True)):
                for person in group:
                    self._claim(person, fields, earlier)
        for person in people:
            self._suspect(person)
            self._matches[person.id].accounts.sort(key=functools.partial(self._rank, person))

    def _rank(self, person: Person, account: Listed) -> tuple[bool, bool, int, bool]:
        """Return the sort key of an account among several of a person, the main account first: the account in the
        people data, one with the person's current name, one that is not blocked. The order does not depend on how the
        accounts were matched, so the next run has the same order."""
        key = self._key(person)
        address = any(fold(str(account.values.get(name) or "")) == key for name in self._also)
        name = 0 if fold(account.name) == key else 1 if address else 2
        return account.deleted, account.id != account_id(person, self._connection), name, account.enabled is False

    def of(self, person: Person) -> Match:
        """Return the accounts of a person in this directory."""
        return self._matches[person.id]

    def owner(self, account: Listed) -> str | None:
        """Return the owner of an account, or None. The owner may be a linked person who is not in the feed."""
        return self._owner.get(account.id) or self._memory.owner(self._connection, account.id)

    def holder(self, name: str, field_name: str = "user") -> tuple[Listed, str | None] | None:
        """Return the account that has a name or address in a field, with its owner, or None."""
        similar = self._similar(name) if field_name == "user" else ()
        for account in (*self._by[field_name].get(fold(name), ()), *similar):
            return account, self.owner(account)
        return None

    def _similar(self, name: str) -> list[Listed]:
        """Return the accounts whose names look like a name, but differ from it."""
        looks = skeleton(name)
        plain = self._by["user"].get(looks, ()) if has_lookalikes(name) else ()
        return [account for account in (*plain, *self._lookalikes.get(looks, ())) if fold(account.name) != fold(name)]

    def _suspect(self, person: Person) -> None:
        """Dispute the accounts whose names look like the name of a person without an account: the plan of the whole
        directory would be refused, and nobody would notice that a leaver keeps one of them."""
        match, key = self._matches[person.id], account_names(person, self._connection).key
        if match.account is None and key:
            match.disputed += [
                Dispute(account, "lookalike_name", f"{account.name!a} looks like {key!a}, but some characters differ")
                for account in self._similar(key)
            ]

    def stands(self, person: str | None) -> str:
        """Return a person's status on the day. A person who is missing from the feed has left."""
        return self._standings.get(person or "", LEFT)

    def _named_today(self, people: t.Iterable[Person]) -> dict[str, list[Person]]:
        """Return the active people by their current names, without emergency accounts."""
        names: dict[str, list[Person]] = {}
        for person in people:
            name = self._key(person)
            if name and writable(person) and self._standings[person.id] == ACTIVE:
                names.setdefault(name, []).append(person)
        return names

    def adoptable(self, person: Person, account: Listed) -> bool:
        """Return whether a confirmation assigns an account to a person. The account must have the current name of this
        person, and of no other active person.

        A person who has a linked account gets no other one. An account that is linked to another person is assigned
        only if that person has left or is missing from the feed, and the account has the new owner's given name: then
        both are the same person under two ids.
        """
        names = self.all_names(account)
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
        return self.stands(linked) == LEFT and not account.deleted and self._names.agree(person, account) is True

    def namesake(self, person: Person, account: Listed) -> Person | None:
        """Return another person whose name and address an account has, although it is linked to this person, who has
        neither. Then the two people may have each other's id in the feed.

        If the directory does not report names, each of the two people must have the other's address.
        """
        mine, names = self._key(person), self.all_names(account)
        agrees = self._names.agree(person, account)
        if mine in names or agrees or not self._names.known:
            return None
        others = [self._people[other] for name in sorted(names) for other in self._holders.get(name, ())]
        for other in others:
            theirs = self._names.agree(other, account)
            if self._key(other) not in names or theirs is not (None if agrees is None else True):
                continue
            owned = (self._by_id[identity] for identity, owner in self._owner.items() if owner == other.id)
            if agrees is False or any(mine in self.all_names(known) for known in owned):
                return other
        return None

    def _key(self, person: Person) -> str:
        """Return the folded current name of a person's account."""
        return fold(account_names(person, self._connection).key)

    def all_names(self, account: Listed) -> set[str]:
        """Return the folded name and addresses of an account."""
        names = (account.name, *(str(account.values.get(name) or "") for name in self._also))
        return {fold(name) for name in names if name}

    def successor(self, account: Listed) -> Person | None:
        """Return the active person who may be the owner of an account, under a new id. A confirmation would assign the
        account to this person."""
        candidates = [person for name in self.all_names(account) for person in self._present_by_name.get(name, ())]
        return next((person for person in candidates if self.adoptable(person, account)), None)

    def _adopt(self, identity: str) -> None:
        """Assign a confirmed account to the person who has its name now, unless a link or a match by name
        assigns it."""
        account = self._by_id.get(identity)
        if account is None or account.deleted or identity in self._owner:
            return
        names = self.all_names(account)
        for person in (candidate for name in names for candidate in self._present_by_name.get(name, ())):
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
        """Assign to a person the accounts of the links and that of the id in the people data."""
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
                reason = f"accounts.{self._connection}.id names an account that is linked to {other}"
                match.disputed.append(Dispute(account, "linked_to_another", reason))
                continue
            if self._owner.get(identity, person.id) != person.id:
                continue
            specified_only = how == BY_ID and other is None and identity not in self._owner
            if specified_only and self._is_contested(person, account):
                continue
            self._owner[identity] = person.id
            if account not in match.accounts:
                match.accounts.append(account)
                match.how = match.how or how

    def _is_contested(self, person: Person, account: Listed) -> bool:
        """Return whether an account whose id the people data has for a person may be that of another one. If so, add a
        dispute, unless the person has not started yet, and the other one has the account until then.

        The account of an active person would be blocked as that of a leaver if the id is that of both, or if the
        account shows more of the name and address of the active person.
        """
        stands, option = self._standings[person.id], f"accounts.{self._connection}.id"
        sharing = {self._standings[other.id]: other for other in self._by_specified[account.id] if other is not person}
        rival, reason = sharing.get(LEFT if stands == ACTIVE else ACTIVE), f"{option} of {{}} names it, too"
        if stands != ACTIVE and rival is None:
            rival, reason = self._better_owner(person, account), f"{option} names it, but it looks like that of {{}}"
        if rival is None or not writable(person):
            return False
        if stands != EARLY or rival not in sharing.values():
            self._contested[account.id] = rival.id if stands == ACTIVE else person.id
            dispute = Dispute(account, "id_of_another", reason.format(rival.label))
            self._matches[person.id].disputed.append(dispute)
        return True

    def _better_owner(self, person: Person, account: Listed) -> Person | None:
        """Return the active person of whom an account shows more than of a person: the name, and the address."""

        def resemblance(candidate: Person) -> int:
            return (self._key(candidate) in names) + (self._names.agree(candidate, account) is True)

        names = self.all_names(account)
        active = [other for name in sorted(names) for other in self._present_by_name.get(name, ())]
        return next((other for other in active if resemblance(other) > resemblance(person)), None)

    def _claim(self, person: Person, fields: t.Sequence[str], earlier: bool) -> None:
        """Assign the accounts that have one of the person's names in one of the fields to a person without a link.

        A person who has left and has a link also loses other accounts with the current name, unless these have another
        person's name. Of the accounts that only have the person's address, such as those of services, the person only
        loses those with the person's given name.
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
                # all accounts of a person who is on leave or has left are blocked
                if several and self._standings[person.id] not in (LEAVE, LEFT):
                    ids = ", ".join(account.id for account in open_ones)
                    reason = (
                        f"{len(open_ones)} accounts have the {field_name} {name} (ids {ids}), "
                        "and nothing shows which is the person's"
                    )
                    match.disputed += [Dispute(account, "ambiguous_name", reason) for account in open_ones]
                    continue
                for account in accounts:
                    agrees = self._names.agree(person, account)
                    if not linked or agrees or (agrees is None and field_name == "user"):
                        self._consider(person, match, account, name, earlier)

    def _consider(self, person: Person, match: Match, account: Listed, name: str, earlier: bool) -> None:
        """Assign an account to a person, unless it is or may be another person's. An account with an earlier name of
        the person that certainly belongs to another person is ignored."""
        if self._owner.get(account.id) == person.id or any(account is dispute.account for dispute in match.disputed):
            return
        code, reason = self._rival(person, account, name)
        if code in ("linked_to_another", "matched_to_another") and earlier:
            return
        if code:
            match.disputed.append(Dispute(account, code, reason))
        elif account.id not in self._owner:
            self._owner[account.id] = person.id
            match.accounts.append(account)
            match.how = match.how or BY_NAME
            alike = [
                other
                for other in self._holders.get(name, ())
                if other != person.id and {other, person.id}.isdisjoint(self._present_ids)
            ]
            if alike and self._names.agree(person, account) is not True:
                match.unsure.add(account.id)

    def _rival(self, person: Person, account: Listed, name: str) -> tuple[str, str]:
        """Return why an account may be another person's, as code and reason. Both are empty if it is not."""
        linked = self._memory.owner(self._connection, account.id)
        if linked is not None and linked != person.id:
            return "linked_to_another", f"it is linked to {linked}"
        owner = self._owner.get(account.id)
        if owner is not None and owner != person.id:
            return "matched_to_another", f"it is the account of {owner}"
        contested = self._contested.get(account.id)
        if contested is not None:
            return "id_of_another", f"accounts.{self._connection}.id of {contested} names it"
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
        """Return the other people who have or had a name. This excludes those who had it earlier and now have another
        account, unless the account has their name.

        Of two people who have left, the account belongs to the one whose name it has. Otherwise the owner does not
        matter, because the account is blocked.
        """
        rivals = []
        mine = self._names.agree(person, account) is True
        for other in self._holders.get(name, ()):
            key = self._key(self._people[other])
            settled = self._matches[other].accounts or any(
                candidate is not account and not candidate.deleted
                for accounts in self._by.values()
                for candidate in accounts.get(key, ())
            )
            theirs = self._names.agree(self._people[other], account) is True
            if {other, person.id}.isdisjoint(self._present_ids) and (mine or not theirs):
                continue
            if other != person.id and (key == name or not settled or theirs):
                rivals.append(other)
        return rivals


def _index(accounts: t.Iterable[Listed], name: str) -> dict[str, list[Listed]]:
    """Return accounts by their folded values of a field."""
    index: dict[str, list[Listed]] = {}
    for account in accounts:
        value = account.name if name == "user" else account.values.get(name)
        if value not in (None, ""):
            index.setdefault(fold(str(value)), []).append(account)
    return index


def _holders(people: t.Iterable[Person], connection: str) -> dict[str, list[str]]:
    """Return people by their current and earlier names."""
    holders: dict[str, list[str]] = {}
    for person in people:
        for name in dict.fromkeys(account_names(person, connection).all()):
            holders.setdefault(name, []).append(person.id)
    return holders


def _spelled_first(accounts: t.Sequence[Listed], names: t.Collection[str]) -> t.Sequence[Listed]:
    """Return accounts, those with the person's exact spelling first: some providers have names that differ only in
    case."""
    return sorted(accounts, key=lambda account: (account.deleted, account.name not in names))
