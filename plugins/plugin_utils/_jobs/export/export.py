# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Converts the users of live directories into people, entitlements, and a list for each connection."""

from __future__ import annotations

import collections
import hashlib
import itertools
import json
import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.rollcall.identity.plugins.module_utils._core.names import fold, is_address
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import UNKNOWN
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import counted

from ..feed.text import clean, key
from ..life import Life, User, binding_of, life_of
from ..links import Link, Memory
from ..names import is_pattern
from ..people import Person, account_names, names_of
from .bundles import propose
from .join import Account, Join

Connections = t.Mapping[str, t.Mapping[str, t.Any]]
Directories = t.Mapping[str, "list[User]"]
PersonDocument = dict[str, t.Any]
"""A person as in ``identity_people``."""
Item = tuple[str, str, str]
"""A holding: connection, facet, and grant as text. An account without grants has an empty facet and grant."""
_GRANT = ("tenant", "name", "role", "id", "namespace")
"""The keys of a grant that is a mapping, in the order in which its entitlement is named."""
_GIVEN, _FAMILY = "\0given", "\0family"
"""Texts that do not occur in a user's fields."""
_REFUSED = (".", "..")
"""Names that no module accepts."""


@dataclass
class Holder:
    """A person under construction: the folded address, the accounts by connection, and the person of the HR file."""

    address: str
    accounts: dict[str, Account] = field(default_factory=dict)
    person: Person | None = None


class Export:
    """The content of an export.

    ``people`` and ``entitlements`` are the input of the roles, ``lists`` the users of each connection as its bulk
    module accepts them. ``left_out`` has a sentence for everything that is in a directory but not in ``people``.
    ``bundles`` is the number of proposed bundles. ``connections`` are those that were read, ``memory`` the links before
    this export. If connections spell a name or address differently, the first connection counts.
    """

    def __init__(
        self,
        connections: Connections,
        directories: Directories,
        least: int,
        feed: t.Sequence[Person],
        join: str,
        memory: Memory,
    ) -> None:
        """``least`` is how many people must hold a bundle for it to be proposed; 0 proposes none.

        With a ``feed``, the people are those of an HR file. Accounts are joined to them by ``join``: email, or a field
        or further column of the file. ``strangers`` are then the accounts without an owner. An account that is linked
        in ``memory`` belongs to the linked person.
        """
        self.left_out: list[str] = []
        self.strangers: list[Account] = []
        self.memory = memory
        self.connections = {name: about for name, about in connections.items() if name in directories}
        self._lives: dict[str, Life] = {name: life_of(about["provider"]) for name, about in self.connections.items()}
        self._schemas = {name: binding_of(life.provider).schema for name, life in self._lives.items()}
        self._taken = {
            name: {fold(str(user["user"])) for user in directories[name] if user.get("user")}
            for name in self.connections
        }
        accounts = [account for name in self.connections for account in self._accounts(name, directories[name])]
        everybody = self._with_feed(accounts, feed, join) if feed else self._joined(accounts)
        self.accounts = {name: sum(name in holder.accounts for holder in everybody) for name in self.connections}
        self.entitlements, given, self.bundles = entitle(
            [self._items_of(holder) for holder in everybody], self._lives, least
        )
        ids = identities(everybody, [self._linked(holder) for holder in everybody])
        self.links = [
            Link(identity, account.connection, str(account.user["id"]), account.key)
            for holder, identity in zip(everybody, ids, strict=True) for account in holder.accounts.values()
        ]
        self._owners = {(link.connection, link.account): link.person for link in self.links}
        people = [
            self._person(holder, identity, names) for holder, identity, names in zip(everybody, ids, given, strict=True)
        ]
        self.people = with_one_spelling(sorted(people, key=lambda person: fold(person["id"])))
        self.lists = {name: self._listed(name, directories[name]) for name in self.connections}

    # -- accounts and people -------------------------------------------------------------------------------------

    def _nameless(self, name: str, user: User) -> str:
        """Return why the access role could not find an account of a connection, as it has no value for its key."""
        key = self.connections[name].get("user_key")
        lacks, advice = "neither address nor name", "Add one of them at the provider."
        if key:
            lacks, advice = f"no {key}, which user_key names", "Add it at the provider, or use another user_key."
        return (
            f"{name}: the account with the id {user.get('id')} has {lacks}, so the role access could not find it. "
            f"{advice}"
        )

    def _accounts(self, name: str, users: list[User]) -> list[Account]:
        """Return the accounts of a connection that the access role can find, sorted."""
        users_by_key: dict[str, list[User]] = {}
        for user in sorted(users, key=_order):
            called = str(user.get("user") or "")
            if called.strip() in _REFUSED:
                self.left_out.append(
                    f"{name}: the account named {called!r} is left out: "
                    "servers and proxies read that name as part of a path. Rename the account."
                )
            elif called.strip():
                users_by_key.setdefault(fold(called), []).append(user)
            else:
                self.left_out.append(self._nameless(name, user))
        accounts = []
        for same in users_by_key.values():
            if len(same) > 1:
                ids = ", ".join(str(user.get("id")) for user in same)
                self.left_out.append(
                    f"{name}: {len(same)} accounts are named {same[0]['user']} and differ only in case or blanks "
                    f"(ids {ids}). Rename all but one."
                )
                continue
            user = same[0]
            address = str(user.get("email") or "") if "email" in user else str(user["user"])
            usable = is_address(address) and is_clean(address)
            accounts.append(Account(name, str(user["user"]), fold(address) if usable else "", user))
        return accounts

    def _joined(self, accounts: t.Sequence[Account]) -> list[Holder]:
        """Return people, joined across connections by their addresses. A person has at most one account in a
        connection."""
        joined: dict[str, Holder] = {}
        others: list[Holder] = []
        # Of several accounts with one address, the person's own is the one whose name is the address, or one that can
        # log in.
        for account in sorted(accounts, key=lambda account: (fold(account.key) != account.address, account.blocked)):
            holder = joined.setdefault(account.address, Holder(account.address)) if account.address else Holder("")
            if account.connection in holder.accounts:
                holder = Holder("")
            if not holder.address:
                others.append(holder)
            holder.accounts[account.connection] = account
        everybody = sorted([*joined.values(), *others], key=_first)
        self._settle(everybody)
        return [holder for holder in everybody if holder.accounts]

    def _with_feed(self, accounts: t.Sequence[Account], feed: t.Sequence[Person], join: str) -> list[Holder]:
        """Return the people of an HR file with their accounts. Accounts without an owner go to ``strangers``."""
        joined = Join(accounts, join, feed, self.memory)
        everybody = [Holder(fold(person.email), joined.of(person), person) for person in feed]
        self.left_out += joined.problems
        taken = {id(account) for holder in everybody for account in holder.accounts.values()}
        self.strangers = [account for account in accounts if id(account) not in taken]
        return sorted(everybody, key=lambda whose: fold(whose.person.id if whose.person else ""))

    def _linked(self, holder: Holder) -> str:
        """Return the person to whom the accounts are linked, or an empty text if there is no such person or several."""
        owners = {
            self.memory.owner(account.connection, str(account.user["id"])) for account in holder.accounts.values()
        } - {None}
        return str(owners.pop()) if len(owners) == 1 else ""

    def _settle(self, everybody: list[Holder]) -> None:
        """Ensure that no person's address is the name of another person's account, because the access role would assign
        that account to the first person.

        Usually both are one person, whose user name is the address in other directories. Otherwise the address is
        removed.
        """
        owners = {
            (name, fold(account.key)): holder for holder in everybody for name, account in holder.accounts.items()
        }
        for holder in everybody:
            for name in self.connections:
                if not holder.address or name in holder.accounts or holder.address not in self._taken[name]:
                    continue
                other = owners.get((name, holder.address))
                if other is not None and not set(other.accounts) & set(holder.accounts):
                    holder.accounts.update(other.accounts)
                    owners.update(((name, fold(account.key)), holder) for name, account in other.accounts.items())
                    other.accounts, other.address = {}, ""
                else:
                    self.left_out.append(
                        f"{holder.address}: the e-mail address of this person, because it is the name of another "
                        f"person's account in {name}. Correct the address or the name at the provider."
                    )
                    holder.address = ""

    def _person(self, holder: Holder, identity: str, entitlements: list[str]) -> PersonDocument:
        """Return a person's entry, with the fields of accounts that differ from what the access role would write."""
        person: PersonDocument = _hr_document(holder.person) if holder.person is not None else {"id": identity}
        mine = [holder.accounts[name] for name in self.connections if name in holder.accounts]
        if not (person.get("name") or person.get("given_name")):
            self._add_names(person, mine)
        if holder.address and not person.get("email"):
            spelled = (str(text) for account in mine for text in (account.user.get("email"), account.key) if text)
            person["email"] = next(text.strip() for text in spelled if fold(text) == holder.address)
        self._add_facts(person, mine)
        person["entitlements"] = entitlements
        accounts = {account.connection: entry for account in mine if (entry := self._differing(person, account))}
        for name, about in holder.person.accounts.items() if holder.person is not None else ():
            if about and name not in holder.accounts:
                accounts[name] = dict(about)
        if accounts:
            person["accounts"] = accounts
        return person

    def _add_names(self, person: PersonDocument, mine: t.Sequence[Account]) -> None:
        """Add the names of the first account that has any."""
        given, family = next((names for names in map(self._names, mine) if any(names)), ("", ""))
        given, family = clean(given)[0], clean(family)[0]
        whole = " ".join(filter(None, (given, family)))
        if whole:
            person["name"] = whole
        if given and family and names_of(Person(person["id"], name=whole)) != (given, family):
            person.update(given_name=given, family_name=family)

    def _add_facts(self, person: PersonDocument, mine: t.Sequence[Account]) -> None:
        """Add the facts that accounts contain about the person, if the HR file does not contain them."""
        attributes: dict[str, str] = person.pop("attributes", {})
        known = {*map(key, attributes)}
        for account in mine:
            life = self._lives[account.connection]
            for name in life.facts:
                text = fact_text(account.user.get(name))
                if text and key(name) not in known:
                    attributes[name] = text
                    known.add(key(name))
            manager = (
                self._owners.get((account.connection, str(account.user.get(life.manager)))) if life.manager else None
            )
            if manager and manager != person["id"]:
                person.setdefault("manager", manager)
        if attributes:
            person["attributes"] = attributes

    def _names(self, account: Account) -> tuple[str, str]:
        """Return the given and the family name of an account, from the fields in which the provider stores them."""
        placeholder = Person("", given_name=_GIVEN, family_name=_FAMILY)
        fields = self._lives[account.connection].profile(placeholder, self.connections[account.connection], True)
        by_text = {value: name for name, value in fields.items()}
        given, family = (str(account.user.get(by_text.get(text, "")) or "").strip() for text in (_GIVEN, _FAMILY))
        return given, family

    def _differing(self, person: PersonDocument, account: Account) -> User:
        """Return an account's entry in ``accounts``: what differs from what the access role would look for or write."""
        name, user, life = account.connection, account.user, self._lives[account.connection]
        differences: User = {}
        somebody = Person(
            **{part: value for part, value in person.items() if part not in ("entitlements", "accounts", "attributes")}
        )
        called = clean(account.key)[0]
        if called and fold(account_names(somebody, name).key) != fold(called):
            differences["user"] = called
        if is_pattern(account.key) or not is_clean(account.key):
            differences["id"] = user["id"]  # a file of people cannot contain every name
        for entry, value in life.profile(somebody, self.connections[name], False).items():
            actual = user.get(entry)
            if value not in (None, "") and not self._schemas[name].field(entry).equal(actual, value):
                # null leaves the field unchanged
                differences[entry] = actual if actual != "" and is_clean(actual) else None
        if account.blocked:
            differences.update(dict.fromkeys(life.blocked) if life.pending(user) else life.blocked)
        return differences

    # -- what they hold ------------------------------------------------------------------------------------------

    def _items_of(self, holder: Holder) -> set[Item]:
        items: set[Item] = set()
        for name, account in holder.accounts.items():
            grants = {
                (name, facet, canonical(grant))
                for facet in self._lives[name].facets
                for grant in account.user.get(facet) or ()
            }
            items |= grants or {(name, "", "")}
        return items

    def _listed(self, name: str, users: list[User]) -> list[User]:
        """Return users as the bulk module accepts them: the writable fields in a fixed order, without what the server
        maintains."""
        schema = self._schemas[name]
        key_field = self._lives[name].key_field(self.connections[name], schema.key)
        fields = [
            field.name
            for field in schema.fields
            if field.writable and field.readable and not field.secret and field.name != key_field
        ]
        counts = collections.Counter(fold(str(user.get("user") or "")) for user in users)
        listed = []
        for user in sorted(users, key=_order):
            called = str(user.get("user") or "")
            if called.strip() in _REFUSED:
                continue
            shown: User = {"user": called} if called else {}
            if not called.strip() or counts[fold(called)] > 1 or is_pattern(called):
                shown["id"] = user.get("id")
            shown.update({name: user[name] for name in fields if user.get(name) not in (None, "", UNKNOWN)})
            for facet in schema.facets:
                if user.get(facet.name) is not None and facet.name in self._lives[name].facets:
                    shown[facet.name] = sorted((json.loads(canonical(grant)) for grant in user[facet.name]), key=_shown)
                    shown[f"{facet.name}_state"] = "exact"
            listed.append(shown)
        return listed


def _hr_document(person: Person) -> PersonDocument:
    """Return a person of an HR file as in ``identity_people``, without what the accounts contain."""
    names = (
        "id", "kind", "status", "name", "given_name", "family_name", "email", "previous_emails", "manager", "owner",
        "start", "end",
    )
    defaults = Person("")
    document: PersonDocument = {
        name: getattr(person, name) for name in names if getattr(person, name) != getattr(defaults, name)
    }
    if "previous_emails" in document:
        document["previous_emails"] = list(document["previous_emails"])
    return {**document, "attributes": dict(person.attributes)} if person.attributes else document


def fact_text(value: t.Any) -> str:
    """Return a fact of an account as text for the feed. If the fact has a name, return the name.

    Return an empty text if the fact is empty, true, false or a list.
    """
    value = value.get("name") if isinstance(value, dict) else value
    return "" if value is None or isinstance(value, (bool, list, dict)) else clean(str(value))[0]


def with_one_spelling(people: list[PersonDocument]) -> list[PersonDocument]:
    """Return people whose attributes have the spelling of the first person who has them: a table has one column for
    each."""
    spelled: dict[str, str] = {}
    for person in people:
        if "attributes" in person:
            person["attributes"] = {
                spelled.setdefault(key(name), name): text for name, text in person["attributes"].items()
            }
    return people


def is_clean(value: t.Any) -> bool:
    """Return whether a file of people can contain a text unchanged: reading it removes outer spaces and invisible
    characters."""
    return not isinstance(value, str) or clean(value)[0] == value.strip()


def canonical(grant: t.Any) -> str:
    """Return a grant as text for comparison. Keys of a mapping that are not set are left out."""
    if isinstance(grant, dict):
        grant = {name: grant[name] for name in _GRANT if grant.get(name) is not None}
    return json.dumps(grant, ensure_ascii=False)


def _shown(grant: t.Any) -> tuple[str, str]:
    words = " ".join(str(value) for value in grant.values()) if isinstance(grant, dict) else str(grant)
    return fold(words), words


def _order(user: User) -> tuple[str, str]:
    return fold(str(user.get("user") or "")), str(user.get("id") or "")


def _first(holder: Holder) -> tuple[str, str, str]:
    account = next(iter(holder.accounts.values()))
    return holder.address or fold(account.key), holder.address, account.connection


# -- names ---------------------------------------------------------------------------------------------------------


def in_order(names: t.Iterable[str]) -> list[str]:
    """Return names sorted without regard to case."""
    return sorted(names, key=lambda name: (fold(name), name))


def slug(text: str) -> str:
    """Return a text as part of a name: lowercase letters, digits and dots."""
    return re.sub(r"[^\w.]+", "-", fold(text)).strip("-._")


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def unique(requests: t.Sequence[tuple[str, str, str]], reserved: t.Collection[str] = ()) -> list[str]:
    """Return a unique name for each request.

    A request is the preferred name, a longer name, and a text that no other request has.

    If several requests prefer the same name, each gets the longer one. If that is not unique either, each gets the
    preferred name with a suffix derived from the text. So the names do not depend on the order.
    """
    reserved_names = set(map(fold, reserved))
    short = collections.Counter(fold(name) for name, _longer, _text in requests)
    alone = {name for name, count in short.items() if count == 1 and name not in reserved_names}
    long = collections.Counter(fold(longer) for name, longer, _text in requests if fold(name) not in alone)
    taken = reserved_names | alone | {name for name, count in long.items() if count == 1}
    names = []
    for name, longer, text in requests:
        if fold(name) in alone:
            names.append(name)
        elif long[fold(longer)] == 1 and fold(longer) not in reserved_names | alone:
            names.append(longer)
        else:
            digits = itertools.count(4, 2)
            chosen = next(
                candidate
                for candidate in (f"{name}-{_short(text)[:number]}" for number in digits)
                if fold(candidate) not in taken
            )
            taken.add(fold(chosen))
            names.append(chosen)
    return names


def identities(everybody: t.Sequence[Holder], linked: t.Sequence[str]) -> list[str]:
    """Return an id for each person: that of the HR file, the linked one, the local part of the address, or the name of
    the account."""
    if everybody and everybody[0].person is not None:
        return [holder.person.id if holder.person is not None else "" for holder in everybody]
    counts = collections.Counter(linked)
    known = {number: name for number, name in enumerate(linked) if name and counts[name] == 1}
    requests = []
    for holder in (holder for number, holder in enumerate(everybody) if number not in known):
        account = next(iter(holder.accounts.values()))
        name = holder.address or account.key
        before, _at, domain = name.rpartition("@")
        text = holder.address or json.dumps([account.connection, account.key])
        called = slug(before or domain) or f"person-{_short(text)[:4]}"
        requests.append((called, f"{called}-{slug(domain if before else account.connection)}", text))
    others = iter(unique(requests, reserved=[name for name in linked if name]))
    return [known[number] if number in known else next(others) for number in range(len(everybody))]


# -- entitlements --------------------------------------------------------------------------------------------------


def entitle(
    holdings: t.Sequence[t.Collection[Item]], lives: t.Mapping[str, Life], least: int
) -> tuple[dict[str, t.Any], list[list[str]], int]:
    """Return entitlements for what people hold, the names of each person's entitlements, and the number of bundles."""
    items = sorted({item for some in holdings for item in some})
    plain = [item for item in items if not item[1]]
    granted = [item for item in items if item[1]]
    labels = [_called(item, lives[item[0]]) for item in granted]
    names = unique([(name, name, "\n".join(item)) for name, item in zip(labels, granted, strict=True)], reserved=lives)
    name_of = {**{item: item[0] for item in plain}, **dict(zip(granted, names, strict=True))}
    item_of = {name: item for item, name in name_of.items()}
    names_by_person: list[list[str]] = [[name_of[item] for item in some] for some in holdings]
    entitlements: dict[str, t.Any] = {name: {"grants": _grants([item], lives)} for name, item in item_of.items()}
    bundles: list[tuple[str, ...]] = []
    if least:
        bundles, left = propose(names_by_person, least)
        width = max(2, len(str(len(bundles))))
        requests = [(f"bundle-{number:0{width}}", names) for number, names in enumerate(bundles, 1)]
        called = unique([(name, name, "\n".join(some)) for name, some in requests], reserved=name_of.values())
        names_by_person = [[called[entry] if isinstance(entry, int) else entry for entry in some] for some in left]
        people = collections.Counter(name for some in names_by_person for name in some)
        entitlements = {name: about for name, about in entitlements.items() if name in people}
        for name, some in zip(called, bundles, strict=True):
            entitlements[name] = {
                "description": f"{counted(people[name], 'person', 'holds')} all of this.",
                "grants": _grants([item_of[entry] for entry in some], lives),
            }
    return (
        {name: entitlements[name] for name in in_order(entitlements)},
        list(map(in_order, names_by_person)),
        len(bundles),
    )


def _called(item: Item, life: Life) -> str:
    connection, facet, text = item
    grant = json.loads(text)
    words = [str(value) for value in grant.values()] if isinstance(grant, dict) else [str(grant)]
    parts = [connection, *([facet.removesuffix("s")] if len(life.facets) > 1 else []), *map(slug, words)]
    return "-".join(part or "x" for part in parts)


def _grants(items: t.Iterable[Item], lives: t.Mapping[str, Life]) -> dict[str, dict[str, list[t.Any]]]:
    """Return the grants of items, with further grants that the provider requires. So each entitlement can be assigned
    alone."""
    grants_by_connection: dict[str, dict[str, list[t.Any]]] = {}

    def add(connection: str, facet: str, grant: t.Any) -> None:
        grants = grants_by_connection[connection].setdefault(facet, [])
        if grant not in grants:
            grants.append(grant)

    for connection, facet, text in sorted(items):
        grants_by_connection.setdefault(connection, {})
        if facet:
            grant = json.loads(text)
            add(connection, facet, grant)
            for other, required in lives[connection].entails(facet, grant):
                add(connection, other, required)
    return {
        name: {facet: sorted(grants, key=_shown) for facet, grants in facets.items()}
        for name, facets in grants_by_connection.items()
    }
