# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Computes the desired state of one connection from people, entitlements and accounts: a target for each account, and
findings."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.rollcall.identity.plugins.module_utils._core.names import fold
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import agreed

from ..entitlements import Catalogue, Entitlement, shown
from ..life import Life
from ..links import Memory
from ..people import ACTIVE, EARLY, LEAVE, LEFT, Person, account_id, account_names, names_of, standing, writable
from ..session import Entry, Listed, Target
from . import advice as texts
from .intent import Intent, Settings, standing_of
from .matching import BY_ADOPTION, BY_LINK, BY_NAME, AccountNames, Dispute, Match, Matching
from .model import Finding
from .naming import Naming, owned


class Desires:
    """Computes the intent of one connection."""

    def __init__(
        self, people: t.Sequence[Person], entitlements: t.Mapping[str, Entitlement], memory: Memory, settings: Settings,
        connection: tuple[str, Entry, Life, t.Mapping[str, t.Any]], accounts: t.Sequence[Listed],
        siblings: t.Sequence[tuple[str, t.Mapping[str, t.Any]]] = (), can_block: t.Callable[[], bool] = lambda: True,
    ) -> None:
        """``siblings`` are the names and parameters of the other connections to the same directory. ``can_block``
        returns whether the API can block logins."""
        self._name, self._entry, self._life, params = connection
        self._people, self._memory, self._settings = people, memory, settings
        self._catalogue = Catalogue(entitlements, self._name, self._life, params)
        self.granting = self._catalogue.granting
        self._everything = [
            self._catalogue, *(Catalogue(entitlements, name, self._life, about) for name, about in siblings),
        ]
        self._accounts, self._can_block = accounts, can_block
        self._standings = {person.id: standing_of(person, settings, memory) for person in people}
        self._account_names = AccountNames(self._life, self._entry)
        self._also = self._life.also(self._entry)
        self._matching = Matching(
            people, self._name, accounts, memory, self._account_names, self._also, self._standings, settings.reserved,
            settings.adopt,
        )
        self._naming = Naming(self._name, self._life, self._also, self._matching, people, self._is_entitled)
        self._unowned: dict[str, list[Listed]] | None = None
        self._intent = Intent()

    def _is_entitled(self, person: Person) -> bool:
        """Return whether this run writes what the people data says about a person to the person's account."""
        return (
            writable(person) and self._standings[person.id] == ACTIVE
            and bool(self._catalogue.of(person, self._settings.day))
        )

    def matched(self) -> set[str]:
        """Return the ids of the accounts that people have or may have. Their grants must be read."""
        known = {account.id for person in self._people for account in self._matching.of(person).accounts}
        return known | {
            account.id for account in self._accounts if self._memory.owner(self._name, account.id) is not None
        }

    def intent(self) -> Intent:
        """Return the desired state: first the people who lose access, then those who keep or get it."""
        intent = self._intent
        leavers: list[tuple[Person, Match]] = []
        staying: list[tuple[Person, Match]] = []
        for person in self._people:
            match = self._matching.of(person)
            for account in match.accounts:
                intent.owners[account.id] = person.id
            intent.unsure |= match.unsure
            if not writable(person):
                intent.spared += [
                    *filter(None, (account_names(person, self._name).key,)),
                    *(account.name for account in match.accounts if account.name),
                ]
                continue
            (staying if self._standings[person.id] in (ACTIVE, EARLY) else leavers).append((person, match))
        for person, match in leavers:
            self._leave(person, match)
        self._vanish()
        for person, match in staying:
            self._stay(person, match)
        self._spare()
        return intent

    # -- who loses access --------------------------------------------------------------------------------------------

    def _leave(self, person: Person, match: Match) -> None:
        """Block the accounts of a person who is on leave or has left."""
        stands = self._standings[person.id]
        if stands == LEFT and standing(person, self._settings.day, self._settings.lead_days) != LEFT:
            hold = self._memory.hold(person.id, person.email)
            since = f" on {hold.since[:10]}" if hold is not None and hold.since else ""
            self._find(
                "offboarded", person, None,
                f"was offboarded{since} and is still {person.status} in the feed: stays blocked",
                f"To let the person in again, change the feed, or set access_release: [{person.id}].",
            )
        for account in match.accounts:
            self._block(person, account, keeps=stands == LEAVE)
        self._note_unblocked(person, match)

    def _note_unblocked(self, person: Person, match: Match) -> None:
        """Report accounts that may belong to a person who is not there, and were not blocked."""
        for account, code, reason in match.disputed:
            if code in ("shared_address", "lookalike_name", "id_of_another"):
                self._note_held_back(person, account, f"was not blocked: {reason}")

    def _block(self, person: Person, account: Listed, keeps: bool) -> None:
        life = self._life
        if account.deleted:
            return
        if life.takes_all and account.enabled is not False:
            for facet in life.facets:
                if account.grants(facet):
                    text = f"loses {facet} with the block: {', '.join(map(shown, account.grants(facet)))}"
                    self._find("grants_gone", person, account, text, before=account.grants(facet))
        options = {**self._who(account), **life.blocked, **({} if keeps or life.takes_all else self._facets([]))}
        if account.enabled is not False and not self._can_block():
            options = {name: value for name, value in options.items() if name not in life.blocked}
            self._find("cannot_block", person, account, "can still log in: the API cannot block logins", texts.DELETE)
        self._target(person, options)

    def _vanish(self) -> None:
        """Report people who have links but are missing from the feed. Block their accounts if ``vanished`` is block,
        unless the feed is ``blind``."""
        known = {person.id for person in self._people}
        for account in self._accounts:
            person = self._memory.owner(self._name, account.id)
            if person is None or person in known or account.deleted or self._matching.owner(account) != person:
                continue
            self._intent.owners[account.id] = person
            given, family = self._account_names.of(account)  # the name is no longer in the feed
            leaver = Person(person, status=LEFT, given_name=given, family_name=family, place="links")
            same = self._matching.successor(account)
            if person in self._settings.reserved or fold(account.name) in self._settings.reserved:
                self._intent.held_back.add(account.id)
            elif same is not None:
                self._intent.held_back.add(account.id)
                text = f"is no longer in the feed, and may be {same.label} under another id: the account is unchanged"
                self._find("vanished", leaver, account, text, texts.SAME_ID.format(id=account.id, other=person))
            elif self._settings.vanished == "block" and not self._settings.blind:
                self._find("vanished", leaver, account, "is no longer in the feed, so the account is blocked")
                self._block(leaver, account, keeps=False)
            else:
                self._intent.held_back.add(account.id)
                if account.enabled is not False:
                    blocks = self._settings.vanished == "block"
                    other = "correct the rows without an ID" if blocks else "set access_vanished: block"
                    self._find(
                        "vanished",
                        leaver,
                        account,
                        "is no longer in the feed and keeps the account",
                        f"Add {person} to the feed with status: left, run the role offboard, or {other}.",
                    )

    # -- who keeps or gets access ------------------------------------------------------------------------------------

    def _stay(self, person: Person, match: Match) -> None:
        """Add the targets of a person who is active, or block the accounts of a person who has not started yet."""
        if self._standings[person.id] == EARLY:
            for early in match.accounts:
                self._block(person, early, keeps=False)
            self._note_unblocked(person, match)
            return
        names = self._catalogue.of(person, self._settings.day)
        account: Listed | None = self._own(person, match, names)
        for other in match.accounts:
            if other is not account and not other.deleted:
                self._find(
                    "second_account", person, other,
                    f"has a second account, {other.label}, beside {account.label if account else 'none'}",
                )
        if account is not None and not names:
            self._find("no_entitlement", person, account, "has an account, and no entitlement that grants one")
            if not account.deleted:
                self._target(person, {**self._who(account), **self._facets([])})
        elif names:
            self._active(person, account, match, names)
        else:
            self._intent.held_back.update(dispute.account.id for dispute in match.disputed)

    def _own(self, person: Person, match: Match, names: t.Sequence[str]) -> Listed | None:
        """Return the person's account, or None if there is none.

        An uncertain match is a finding. The account is then only returned if there is an ``adopt_limit``.
        """
        account = match.account
        if account is None or (account.deleted and match.how == BY_NAME and not names):
            return None  # nothing is granted, so the owner of a deleted account does not matter
        confirmed = account.id in self._settings.adopt
        other = self._matching.namesake(person, account) if match.how == BY_LINK and not confirmed else None
        if other is not None:
            self._hold_back(match, account, "it has another name")
            text = (
                f"the account {account.label} (id {account.id}) is linked to this person, but has the name or the "
                f"address of {other.label}: their ids may be mixed up"
            )
            self._find("held_back", person, account, text, texts.MIXED_UP.format(id=account.id))
            return None
        if confirmed and match.how in (BY_NAME, BY_ADOPTION):
            self._intent.adopted.add(account.id)
        if confirmed or match.how != BY_NAME:
            return account
        beyond = self._beyond(person, account)
        doubt = self._why_uncertain(person, account, beyond)
        if doubt:
            finding = self._doubt(person, account, doubt)
            if self._settings.adopt_limit is None:
                self._intent.findings.append(finding)
                self._hold_back(match, account, doubt)
                return None
            self._intent.doubtful.append(finding)
            self._intent.adopted.add(account.id)
        elif beyond:
            self._intent.adopted.add(account.id)
        return account

    def _why_uncertain(self, person: Person, account: Listed, beyond: t.Sequence[str]) -> str:
        """Return why an account with the person's name may not be the person's, or an empty text. ``beyond`` are its
        grants that no entitlement grants."""
        specified = person.accounts.get(self._name) or {}
        # a null leaves the field unchanged
        stays_blocked = all(
            name in specified and specified[name] in (None, value) for name, value in self._life.blocked.items()
        )
        if account.enabled is False and not stays_blocked and not self._may_open(person, account, beyond):
            return "it is deleted and can be restored" if account.deleted else "its login is blocked"
        if beyond and self._account_names.agree(person, account) is False:
            name = " ".join(self._account_names.of(account))
            return f"it has another name ({name}) and has {_listed(beyond)}, which no entitlement grants"
        return ""

    def _hold_back(self, match: Match, account: Listed, reason: str) -> None:
        """Hold an account back: it is not written, and no second account is created."""
        self._intent.held_back.add(account.id)
        match.disputed.append(Dispute(account, "doubtful", reason))
        match.accounts.clear()

    def _may_open(self, person: Person, account: Listed, beyond: t.Sequence[str]) -> bool:
        """Return whether a blocked account with the person's name looks like that of a person who was on leave, or was
        never activated, such as one that a killed run created. After a leave, it has exactly the grants of the
        entitlements. The account of an offboarded person has no grants left, and somebody has blocked it."""
        granted = self._granted(person)
        expected = {(facet, fold(shown(grant))) for facet, grants in granted.items() for grant in grants}
        actual = {(facet, fold(shown(grant))) for facet in granted for grant in account.grants(facet)}
        if account.deleted or beyond or self._account_names.agree(person, account) is not True:
            return False
        return self._life.pending(account.values) or (bool(expected) and expected == actual)

    def _doubt(self, person: Person, account: Listed, reason: str) -> Finding:
        text = (
            f"the account {account.label} (id {account.id}) has the person's name or address and is not linked to a "
            f"person; {reason}"
        )
        confirm = texts.CONFIRM.format(id=account.id, connection=self._name)
        return self._finding("held_back", person, account, text, confirm)

    def _granted(self, person: Person) -> dict[str, list[t.Any]]:
        """Return all that the person is entitled to in the directory, through any connection."""
        granted: dict[str, list[t.Any]] = {}
        for catalogue in self._everything:
            for facet, grants in catalogue.granted(catalogue.of(person, self._settings.day)).items():
                granted[facet] = [*granted.get(facet, ()), *grants]
        return granted

    def _beyond(self, person: Person, account: Listed) -> list[str]:
        """Return the grants that were read and that no entitlement of the person grants."""
        granted = self._granted(person)
        beyond = []
        entailed = [
            pair for facet, grants in granted.items() for grant in grants for pair in self._life.entails(facet, grant)
        ]
        for facet in self._life.facets:
            entitled = {fold(shown(grant)) for grant in granted.get(facet, ())} | {
                fold(shown(grant)) for name, grant in entailed if name == facet
            }
            beyond += [shown(grant) for grant in account.grants(facet) if fold(shown(grant)) not in entitled]
        return beyond

    def _active(self, person: Person, account: Listed | None, match: Match, names: t.Sequence[str]) -> None:
        """Add a target for the account of a person who has an entitlement in this connection."""
        life, key = self._life, account_names(person, self._name).key
        specified = person.accounts.get(self._name) or {}
        differing = {name: value for name, value in specified.items() if name not in ("user", "id")}
        # If the feed has no name, an existing account keeps its name. A new account needs one.
        named = self._named(person, account)
        profile = {
            name: value for name, value in life.profile(named, self._entry, account is None).items()
            if value not in (None, "")
        }
        options: dict[str, t.Any] = {"user": key, **profile, **self._facets(names)}
        if account is None:
            if self._blocked_by_another(person, key, match):
                return
            options.update({name: value for name, value in life.new.items() if name != "restore"})
            self._intent.names[fold(key)] = person.id
            self._resembling(person)
        else:
            options.update(self._who(account))
            options["user"] = self._name_for(person, account)
            self._free_addresses(person, account, options)
            if fold(options["user"]) != fold(account.name):
                alike = [
                    name for name in life.follows(self._entry)
                    if fold(str(account.values.get(name) or "")) == fold(account.name)
                ]
                options.update(dict.fromkeys(alike, options["user"]))
            if account.deleted:
                options.update({name: value for name, value in life.new.items() if name == "restore"})
            elif account.enabled is not True:
                options.update(life.active)
        self._intent.entitlements[person.id] = tuple(names)
        self._target(person, {**options, **differing})

    def _named(self, person: Person, account: Listed | None) -> Person:
        """Return the person with the names to write.

        If the account has the same whole name, it keeps its given and family names.
        """
        if account is None:
            return person if person.name or person.given_name or person.family_name else replace(person, name=person.id)
        given, family = self._account_names.of(account)
        if not (person.given_name or person.family_name) and given and family:
            whole = fold(" ".join(f"{given} {family}".split()))
            parted = fold(" ".join(" ".join(names_of(person)).split()))
            if whole in (fold(" ".join(person.name.split())), parted):
                return replace(person, given_name=given, family_name=family)
        return person

    def _blocked_by_another(self, person: Person, key: str, match: Match) -> bool:
        """Return whether another account prevents the creation of an account, and add a finding if so."""
        for disputed, code, reason in match.disputed:
            if code == "ambiguous_name":
                self._note_held_back(person, disputed, f"no account was created: {reason}")
            elif code != "doubtful":
                self._note_held_back(
                    person, disputed,
                    f"no account was created: {disputed.label} (id {disputed.id}) exists, and {reason}",
                )
        if match.disputed:
            return True
        holder = self._matching.holder(key)
        if holder is None:
            return False
        account, owner = holder
        text = f"no account was created: {account.label} is {owned(owner)}"
        self._find("name_taken", person, account, text, self._naming.rename_first(person, account, owner, key))
        return True

    def _free_addresses(self, person: Person, account: Listed, options: dict[str, t.Any]) -> None:
        """Leave out addresses that other accounts still have: the API refuses them, or one account would match two
        people."""
        for name in self._also:
            holder = self._matching.holder(str(options.get(name) or ""), name)
            if (
                holder is None or holder[0].id == account.id or holder[0].deleted
                or fold(str(account.values.get(name) or "")) == fold(str(options[name]))
            ):
                continue
            taken = str(options.pop(name))
            text = f"{name} cannot become {taken} yet: {holder[0].label}, {owned(holder[1])}, has it"
            advice = self._naming.rename_first(person, holder[0], holder[1], taken)
            self._find("name_taken", person, account, text, advice)

    def _name_for(self, person: Person, account: Listed) -> str:
        """Return the desired name of an account: that of the people data, if it specifies one and the provider can
        rename."""
        current, name = account.name, self._naming.target_name(person, account)
        if fold(current) == fold(name):
            return current
        holder = self._matching.holder(name)
        if holder is not None and holder[0].id != account.id:
            text = f"cannot be renamed to {name} yet: that is {owned(holder[1])}"
            advice = self._naming.rename_first(person, holder[0], holder[1], name)
            self._find("name_taken", person, account, text, advice)
            return current
        if not self._life.renames:
            text = f"should be named {name}, but the API cannot rename accounts"
            self._find(
                "cannot_rename", person, account, text, "Create the new account, then delete the old one."
            )
            return current
        return name

    def _resembling(self, person: Person) -> None:
        """Report accounts without an owner that may be the person's under an earlier address, before a second one is
        created."""
        if self._unowned is None:
            self._unowned = {}
            for account in self._accounts:
                given = fold(self._account_names.of(account)[0])
                if (
                    given and not account.deleted and account.enabled is not False
                    and self._matching.owner(account) is None
                ):
                    self._unowned.setdefault(given, []).append(account)
        alike = [
            account for account in self._unowned.get(fold(names_of(person)[0]), ())
            if self._account_names.agree(person, account)
        ]
        if 0 < len(alike) < 4:
            names = ", ".join(
                f"{account.label} ({' '.join(filter(None, self._account_names.of(account)))})" for account in alike
            )
            self._find(
                "may_be_same_person", person, alike[0],
                f"gets a new account; {names} {agreed(len(alike), 'is')} not assigned to a person and may belong to "
                "this one",
                texts.MAY_BE_OWN.format(connection=self._name, id=" or ".join(account.id for account in alike)),
            )

    # -- parts -------------------------------------------------------------------------------------------------------

    def _who(self, account: Listed) -> dict[str, t.Any]:
        return {**({"user": account.name} if account.name else {}), "id": account.id}

    def _facets(self, names: t.Sequence[str]) -> dict[str, t.Any]:
        """Return the managed facets and the grants in each."""
        options: dict[str, t.Any] = {}
        for facet, grants in self._catalogue.granted(names).items():
            options[facet] = list(grants)
            options[f"{facet}_state"] = "managed"
            options[f"managed_{facet}"] = self._catalogue.managed[facet]
        return options

    def _target(self, person: Person, options: dict[str, t.Any]) -> None:
        self._intent.targets.append(
            Target(person.id, f"{person.label} ({options.get('user') or options.get('id')})", options)
        )

    def _note_held_back(self, person: Person, account: Listed, text: str) -> None:
        """Hold an account back. If several accounts have the same text, report it once."""
        self._intent.held_back.add(account.id)
        if not any(finding.person == person.id and finding.text == text for finding in self._intent.findings[-20:]):
            self._find("held_back", person, account, text, self._advice(person, account))

    def _advice(self, person: Person, account: Listed) -> str:
        """Return how a user can assign an account that is held back to the person, if it is the person's."""
        linked = self._memory.owner(self._name, account.id)
        adoptable = self._matching.adoptable(person, account)
        if linked is None and account.id == account_id(person, self._name):
            text = texts.WRONG_ID
        elif linked in (None, person.id):
            text = texts.CONFIRM if adoptable else texts.SPECIFY_ID
        else:
            names = set(map(fold, account_names(person, self._name).all()))
            stays = texts.MOVING if self._naming.gives_up(linked, account, names) else texts.OTHER_NAME
            change = texts.CHANGE_LINK if self._matching.stands(linked) == LEFT else stays
            text = texts.SAME_PERSON if adoptable else change
        return text.format(id=account.id, connection=self._name, other=linked, person=person.id)

    def _spare(self) -> None:
        """Prevent accounts that are held back, and those of people whose rows could not be read, from being blocked as
        accounts without an owner."""
        targeted = {target.options.get("id") for target in self._intent.targets}
        for account in self._accounts:
            unread = (
                not self._settings.reserved.isdisjoint(self._matching.all_names(account))
                and account.id not in self._intent.owners
            )
            if unread or (account.id in self._intent.held_back and account.id not in targeted):
                self._intent.spared.append(account.name)

    def _find(
        self, code: str, person: Person, account: Listed | None, text: str, advice: str = "", before: t.Any = None
    ) -> None:
        self._intent.findings.append(self._finding(code, person, account, text, advice, before))

    def _finding(
        self, code: str, person: Person, account: Listed | None, text: str, advice: str = "", before: t.Any = None
    ) -> Finding:
        name, identity = (account.label, account.id) if account is not None else ("", "")
        return Finding(code, text, self._name, person.id, person.label, name, identity, advice, before)


def _listed(names: t.Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
