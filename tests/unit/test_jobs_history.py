# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever HR does with rows and addresses: with links, no account ever goes to another person,
and each run settles."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.module_utils._core.names import fold
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.desired import Desires
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.intent import Settings
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.entitlements import entitlements_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.life import life_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.links import Memory
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.people import Granted, Person
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Listed

DAY = "2026-06-15"
ENTITLEMENTS = entitlements_of({"staff": {"grants": {"ol": {}}}, "data": {"grants": {"ol": {"roles": ["Snowflake"]}}}})
ENTRY = {"provider": "onelogin", "user_key": "email"}
ADDRESSES = [f"{name}@acme.com" for name in "abcd"]


@dataclass
class Directory:
    """A directory with unique names. ``owner`` is whose an account really is: of whoever it was made for."""

    accounts: dict[str, dict] = field(default_factory=dict)
    memory: Memory = field(default_factory=lambda: Memory(kept=True))
    names_shown: bool = True

    def listed(self):
        hidden = {} if self.names_shown else {"firstname": "", "lastname": ""}
        return [
            Listed(identity, about["user"], {"id": identity, **about, **hidden})
            for identity, about in self.accounts.items()
        ]

    def run(self, people, **settings):
        """Apply access once, as far as the API allows it; return whether anything changed."""
        connection = ("ol", ENTRY, life_of("onelogin"), ENTRY)
        intent = Desires(
            people, ENTITLEMENTS, self.memory, Settings(DAY, **settings), connection, self.listed()
        ).intent()
        changed = False
        there = {person.id: person for person in people}
        for target in intent.targets:
            identity = target.options.get("id")
            taken = {about["user"]: other for other, about in self.accounts.items()}
            if identity is None:
                assert target.options["user"] not in taken, "the API would refuse a second account of the name"
                identity = str(len(self.accounts) + 1)
                self.accounts[identity] = {"owner": target.person, "enabled": True, "roles": []}
                self.memory.link(target.person, "ol", identity, target.options["user"], "")
            about = self.accounts[identity]
            assert about["owner"] == target.person or identity in intent.unsure, (
                f"{about} would be the account of {target.person}"
            )
            new = {
                **about,
                **{
                    name: target.options[name]
                    for name in ("user", "firstname", "lastname", "enabled", "roles")
                    if name in target.options
                },
            }
            if taken.get(new["user"], identity) != identity:
                continue  # the API refuses
            changed = changed or new != about
            self.accounts[identity] = new
        held = {(finding.account_id, finding.person) for finding in intent.findings if finding.code == "held_back"}
        for identity, who in intent.owners.items():
            if (identity, who) not in held and identity not in intent.unsure:
                assert self.accounts[identity]["owner"] == who, f"{self.accounts[identity]} is linked to {who}"
                self.memory.link(who, "ol", identity, self.accounts[identity]["user"], "")
        for about in self.accounts.values():
            owner = there.get(about["owner"])
            assert owner is None or owner.status == "active" or not about["enabled"], (
                f"{about} is open and its person is not there"
            )
        return changed


PEOPLE = st.lists(
    st.builds(
        lambda number, email, status, names, earlier: Person(
            f"E{number}",
            name=f"Given{number} Family{number}",
            email=email,
            status=status,
            entitlements=tuple(map(Granted, names)),
            previous_emails=earlier,
        ),
        st.integers(1, 4),
        st.sampled_from(ADDRESSES),
        st.sampled_from(["active", "active", "left", "leave"]),
        st.sampled_from([(), ("staff",), ("staff", "data")]),
        st.lists(st.sampled_from(ADDRESSES), max_size=1).map(tuple),
    ),
    max_size=4,
    unique_by=lambda person: person.id,
)


def valid(people):
    """Return the people without those whom the checks refuse: two who are there have no address in common."""
    seen: set[str] = set()
    kept = []
    for person in people:
        if person.status != "left":
            if fold(person.email) in seen:
                continue
            seen.add(fold(person.email))
        kept.append(
            replace(person, previous_emails=tuple(name for name in person.previous_emails if name != person.email))
        )
    return kept


@pytest.mark.parametrize(
    "options", [{}, {"vanished": "block"}, {"adopt_limit": 10}, {"adopt": frozenset("123456"), "vanished": "block"}]
)
@given(st.lists(PEOPLE, min_size=1, max_size=6), st.booleans())
def test_no_history_of_rows_hands_an_account_to_another_person(options, history, names_shown):
    directory = Directory(names_shown=names_shown)
    for people in map(valid, history):
        for _run in range(5):
            if not directory.run(people, **options):
                break
        else:
            raise AssertionError("the runs do not settle")


@given(PEOPLE, st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.booleans(), st.booleans()), max_size=4))
def test_accounts_without_links_go_to_nobody_whose_name_they_do_not_carry(rows, there):
    people = valid(rows)
    directory = Directory()
    for number, earlier, enabled, granted in there:
        if number >= len(people):
            continue
        person = people[number]
        user = person.previous_emails[0] if earlier and person.previous_emails else person.email
        if user in {about["user"] for about in directory.accounts.values()}:
            continue
        directory.accounts[str(len(directory.accounts) + 1)] = {
            "owner": person.id,
            "user": user,
            "enabled": enabled,
            "roles": ["Administrators"] if granted else [],
            "firstname": f"Given{person.id[1:]}",
            "lastname": f"Family{person.id[1:]}",
        }
    for _run in range(5):
        if not directory.run(people):
            break
    else:
        raise AssertionError("the runs do not settle")
