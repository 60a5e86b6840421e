# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose an account is: by its id, its name and its address, and where somebody confirmed a person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.desired import Desires
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.intent import Settings
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.entitlements import entitlements_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.life import life_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.links import Link, Memory
from ansible_collections.rollcall.identity.tests.unit.access import (
    BOUNDS,
    CONNECTIONS,
    DATA,
    DAY,
    LINKS,
    account,
    codes,
    intent,
    options,
    person,
)

# -- whose account it is ---------------------------------------------------------------------------------------------


BOB = person("mail", identity="E2", name="Bob Bee", email="ada@acme.com")
MOVED = person("mail", email="king@acme.com", previous_emails=("ada@acme.com",))


def test_an_address_that_went_to_somebody_else_is_decided_by_the_name_in_the_directory():
    hers, his, unclear = (
        intent([MOVED, BOB], [account(given=name, email="ada@acme.com")]) for name in ("Ada", "Bob", "Zoe")
    )
    assert ([(target["user"], target["id"]) for target in options(hers)], codes(hers)) == (
        [("king@acme.com", "7")],
        [("held_back", "E2")],
    )
    found = [(target.person, target.options["user"], target.options.get("id")) for target in his.targets]
    assert found == [("E1", "king@acme.com", None), ("E2", "ada@acme.com", "7")]
    assert (options(unclear), sorted(codes(unclear))) == ([], [("held_back", "E1"), ("held_back", "E2")])
    both = intent(
        [MOVED, BOB],
        [
            account(given="Zoe", email="ada@acme.com"),
            account(identity="8", user="king@acme.com", email="king@acme.com"),
        ],
    )
    assert {target.person: target.options["id"] for target in both.targets} == {"E1": "8", "E2": "7"}, (
        "who has an account has left the old address"
    )
    assert [
        target["user"]
        for target in options(
            intent([person("mail", previous_emails=("bob@acme.com",)), replace(BOB, email="bob@acme.com")])
        )
    ] == [
        "ada@acme.com",
        "bob@acme.com",
    ], "there is no account to be mistaken"


def test_an_address_beside_the_name_may_be_somebody_elses_by_now_as_well():
    found = intent([MOVED, BOB], [account(user="ada", email="ada@acme.com", given="Zoe")])
    assert options(found) == []
    assert sorted(codes(found)) == [("held_back", "E1"), ("held_back", "E2")]
    assert found.spared == ["ada"]


def test_names_that_differ_in_case_alone_are_told_apart_by_their_spelling():
    twins = [account("na", name, name) for name in ("ADA@acme.com", "ada@acme.com")]
    found = intent([person("ops")], twins, "na")
    assert options(found) == [{"user": "ada@acme.com", "id": "ada@acme.com"}]
    assert [(finding.code, finding.account) for finding in found.findings] == [("second_account", "ADA@acme.com")]


def test_ids_in_the_people_data_decide_before_names():
    here = account(email="ada@acme.com")
    his = intent([MOVED, person("mail", identity="E2", name="Bob Bee", accounts={"ol": {"id": 7}})], [here])
    assert {target.person: target.options["user"] for target in his.targets} == {
        "E1": "king@acme.com",
        "E2": "ada@acme.com",
    }
    hers = intent([person("mail", email="king@acme.com", accounts={"ol": {"id": "7"}}), BOB], [here])
    assert [(target["user"], target["id"]) for target in options(hers)] == [("king@acme.com", "7")]
    assert codes(hers) == [("held_back", "E2")], "the name is not free yet"
    left = intent([person("mail", status="left", accounts={"ol": {"id": 7}})], [account(user="b@old.example")])
    assert options(left) == [{"user": "b@old.example", "id": "7", "enabled": False, "roles": [], **BOUNDS}]
    nameless = intent([person("mail", status="left", accounts={"ol": {"id": 7}})], [account(user="")])
    assert options(nameless) == [{"id": "7", "enabled": False, "roles": [], **BOUNDS}]


def test_an_id_of_an_account_that_is_linked_to_somebody_else_does_not_count():
    thief = person("mail", identity="E2", name="Bob Bee", email="bob@acme.com", accounts={"ol": {"id": 7}})
    found = intent([person("mail"), thief], [account()], memory=LINKS)
    assert {target.person: target.options.get("id") for target in found.targets} == {"E1": "7"}
    assert codes(found) == [("held_back", "E2")]


def test_accounts_with_names_of_their_own_are_found_by_the_address_and_keep_the_name():
    here = account(user="alovelace", email="Ada@acme.com")
    assert options(intent([person("mail")], [here]))[0]["user"] == "alovelace"
    gone = options(intent([person("mail", status="left")], [here]))[0]
    assert (gone["user"], gone["enabled"], gone["roles"]) == ("alovelace", False, [])
    named = options(intent([person("mail", accounts={"ol": {"user": "countess"}})], [here]))[0]
    assert (named["user"], named["id"]) == ("countess", "7"), "where the people data has the name, it holds"
    bob = person("mail", identity="E2", name="Ada Bee", email="bob@acme.com", accounts={"ol": {"user": "alovelace"}})
    assert intent([person("mail"), bob], [here]).owners == {"7": "E2"}, "a name goes before an address"


def test_several_accounts_with_one_address_are_not_chosen_from():
    twins = [account(identity=str(number), user=f"ada{number}", email="ada@acme.com") for number in (7, 8)]
    found = intent([person("mail")], twins)
    assert (options(found), codes(found)) == ([], [("held_back", "E1")])
    assert "2 accounts have the email ada@acme.com (ids 7, 8)" in found.findings[0].text
    assert set(found.spared) == {"ada7", "ada8"}, "neither is taken for nobody's"
    assert [target["user"] for target in options(intent([person("mail", accounts={"ol": {"id": 8}})], twins))] == [
        "ada8"
    ]
    for status in ("left", "leave"):
        assert {target["user"] for target in options(intent([person("mail", status=status)], twins))} == {
            "ada7",
            "ada8",
        }, "who is gone is blocked in all"


@pytest.mark.parametrize("status", ["left", "leave"])
def test_all_accounts_of_who_is_not_there_are_blocked(status):
    old, new = (
        account(identity=identity, user=name, email=name)
        for identity, name in (("7", "ada@acme.com"), ("8", "king@acme.com"))
    )
    gone = person("mail", email="king@acme.com", previous_emails=("ada@acme.com",), status=status)
    assert [(target["user"], target["enabled"]) for target in options(intent([gone], [old, new]))] == [
        ("king@acme.com", False),
        ("ada@acme.com", False),
    ]
    found = intent([MOVED], [old, new])
    assert [target["user"] for target in options(found)] == ["king@acme.com"]
    assert [(finding.code, finding.account) for finding in found.findings] == [("second_account", "ada@acme.com")]


@pytest.mark.parametrize("more", [{"status": "left"}, {"start": "2026-07-01"}])
def test_an_account_of_two_who_are_gone_is_written_once(more):
    found = intent([person("mail", status="left"), person("mail", identity="E2", name="Ada Bee", **more)], [account()])
    assert [(target["user"], target["enabled"]) for target in options(found)] == [("ada@acme.com", False)]


def test_accounts_that_somebody_without_an_entitlement_may_have_are_spared():
    memory = Memory([Link("E9", "ol", "0", "ada@acme.com")], kept=True)
    assert intent([person()], [account()], memory=memory).spared == ["ada@acme.com"]


def test_grants_of_another_connection_to_the_same_directory_are_the_persons():
    entry = {"provider": "kestra", "tenant": "eu"}
    entitlements = {"main": {"grants": {"kes": {"groups": ["data"]}}}, "eu": {"grants": {"eu": {"groups": ["sales"]}}}}
    held = account("kes", given="Zoe", groups=[DATA], tenants=["main"])
    for siblings, targeted in (((), 0), ([("kes", CONNECTIONS["kes"])], 1)):
        about = ("eu", entry, life_of("kestra"), entry)
        desires = Desires(
            [person("main", "eu")], entitlements_of(entitlements), Memory(), Settings(DAY), about, [held], siblings
        )
        assert len(desires.intent().targets) == targeted


# -- accounts that somebody confirmed --------------------------------------------------------------------------------


def advice(found, identity):
    return next(
        finding.advice for finding in found.findings if finding.code == "held_back" and finding.person == identity
    )


def test_what_the_advice_says_gives_the_account_to_the_person():
    """Whichever way an account is disputed: what the report says does it, and never for a person of whom it does not.
    """
    here = account(given="Zoe", email="ada@acme.com")
    twins = [account(identity=str(number), user=f"ada{number}", email="ada@acme.com") for number in (7, 8)]
    reserved = {"reserved": frozenset({"ada@acme.com"})}
    named = Memory([Link("E9", "ol", "0", "ada@acme.com")], kept=True)
    linked = Memory([Link("E9", "ol", "7", "ada@acme.com")], kept=True)
    cases = (
        ([MOVED, BOB], [here], None, {}, "E2", "E1"),
        ([person("mail")], twins, None, {}, "E1", ""),
        ([person("mail")], [account()], None, reserved, "E1", ""),
        ([person("mail")], [account()], named, {}, "E1", ""),
        ([person("mail")], [account()], linked, {}, "E1", ""),
        ([person("mail"), person(identity="E9", status="left")], [account()], linked, {}, "E1", ""),
    )
    for people, accounts, memory, more, who, other in cases:
        held = intent(people, accounts, memory=memory, **more)
        assert "access_adopt: [7]" in advice(held, who)
        found = intent(people, accounts, memory=memory, adopt=frozenset({"7"}), **more)
        assert (found.owners["7"], "7" in found.adopted) == (who, True)
        assert [target.person for target in found.targets if target.options.get("id") == "7"] == [who]
        assert [finding for finding in found.findings if finding.code in ("held_back", "vanished")] == []
        if other:
            assert "accounts.ol.id: 7" in advice(held, other)
            assert "access_adopt" not in advice(held, other)
            people = [replace(one, accounts={"ol": {"id": "7"}}) if one.id == other else one for one in people]
            assert intent(people, accounts, memory=memory).owners["7"] == other


@pytest.mark.parametrize(
    ("who", "accounts"),
    [
        (person("mail", name="Bob Bee"), [account()]),  # another given name: an heir of the address
        (person("mail"), [account(deleted=True)]),
        (person("mail"), [account(given="")]),  # nothing shows that it is the same person
    ],
)
def test_a_confirmation_never_takes_a_linked_account_from_somebody_else(who, accounts):
    memory = Memory([Link("E9", "ol", "7", "ada@acme.com")], kept=True)
    for people in ([who], [who, person(identity="E9", email="nine@acme.com", status="left")]):
        found = intent(people, accounts, memory=memory, adopt=frozenset({"7"}))
        assert found.owners.get("7") != "E1"
        assert "change the person in its link (access_links)" in advice(found, "E1")


def test_a_confirmation_takes_no_account_from_a_linked_person_who_is_there():
    memory = Memory([Link("E9", "ol", "7", "ada@acme.com")], kept=True)
    for status in ("active", "leave"):
        found = intent(
            [person("mail"), person("mail", identity="E9", email="nine@acme.com", status=status)],
            [account()],
            memory=memory,
            adopt=frozenset("7"),
        )
        assert found.owners["7"] == "E9"
        assert "access_adopt" not in advice(found, "E1")
    own = Memory([Link("E1", "ol", "8", "old@acme.com")], kept=True)
    there = [
        account(given="Zoe", email="ada@acme.com"),
        account(identity="8", user="old@acme.com", email="old@acme.com"),
    ]
    found = intent([person("mail")], there, memory=own, adopt=frozenset("7"))
    assert found.owners == {"8": "E1"}, "who has a linked account gets no other one"


def test_people_who_swap_addresses_keep_their_accounts_and_no_address_is_written_that_another_account_has():
    memory = Memory([Link("E1", "ol", "7"), Link("E2", "ol", "8")], kept=True)
    people = [person("mail", email="bob@acme.com"), person("mail", identity="E2", name="Bob Bee", email="ada@acme.com")]
    there = [
        account(email="ada@acme.com"),
        account(identity="8", user="bob@acme.com", email="bob@acme.com", given="Bob"),
    ]
    found = intent(people, there, memory=memory)
    assert [(target["id"], target["user"], "email" in target) for target in options(found)] == [
        ("7", "ada@acme.com", False),
        ("8", "bob@acme.com", False),
    ]
    assert {finding.code for finding in found.findings} == {"name_taken"}
    assert all(
        "If two people swap addresses" in finding.advice and "offboard" not in finding.advice
        for finding in found.findings
    )
    named = [replace(one, email=f"x{one.email}") for one in people], [replace(one, name=f"n{one.id}") for one in there]
    assert [target["email"] for target in options(intent(*named, memory=memory))] == [
        "xbob@acme.com",
        "xada@acme.com",
    ], "free addresses are written"
    stranger = [there[0], account(identity="9", user="bob@acme.com", email="bob@acme.com", given="Zoe")]
    found = intent(people[:1], stranger, memory=memory)
    assert "email" not in options(found)[0]
    advice = "Rename or delete that account first (role offboard), or change the address of E1."
    assert found.findings[0].advice == advice
    by_id = [replace(people[0], accounts={"ol": {"id": "7"}})]
    finding = intent(by_id, stranger, memory=memory).findings[0]
    assert finding.advice.startswith("If that account is the person's, correct accounts.ol.id of E1. Otherwise, ")
    assert finding.text == "cannot be renamed to bob@acme.com yet: that is an account without a known owner"


def test_an_account_of_somebody_who_is_there_is_no_account_to_be_moved():
    memory = Memory([Link("E1", "na", "7", "ada@acme.com")], kept=True)
    people = [MOVED, person("ops", identity="E2", name="Bob Bee")]
    found = intent(people, [account("na")], "na", memory)
    assert advice(found, "E2") == (
        "It stays the account of E1. In the people data, correct the address or accounts.na.user of E2."
    )


def test_an_account_that_gets_another_address_in_this_run_is_free_in_the_next():
    memory = Memory([Link("E1", "ol", "7", "ada@acme.com")], kept=True)
    newcomer = person("mail", identity="E2", name="Bob Bee")
    found = intent([MOVED, newcomer], [account(email="ada@acme.com")], memory=memory)
    assert [(target["id"], target["user"]) for target in options(found)] == [("7", "king@acme.com")]
    assert advice(found, "E2") == "It stays the account of E1. Run the role again once E1 has the new address."
    stays = replace(MOVED, accounts={"ol": {"user": "ada@acme.com"}})
    found = intent([stays, newcomer], [account(email="king@acme.com")], memory=memory)
    assert advice(found, "E2") == (
        "It stays the account of E1. In the people data, correct the address or accounts.ol.user of E2."
    )


def test_a_name_that_its_owner_keeps_is_no_name_to_wait_for():
    memory = Memory([Link("E1", "ol", "7"), Link("E2", "ol", "8")], kept=True)
    people = [
        person("mail", identity=identity, email=f"{identity}@acme.com", accounts={"ol": {"user": "user0001"}})
        for identity in ("E1", "E2")
    ]
    there = [account(user="user0001", email="e1@acme.com"), account(identity="8", user="bob", email="e2@acme.com")]
    (finding,) = intent(people, there, memory=memory).findings
    assert (finding.code, finding.person, finding.advice) == (
        "name_taken", "E2",
        "E1 keeps this name. In the people data, correct the address or accounts.ol.user of E2.",
    )  # fmt: skip
    people[0] = replace(people[0], accounts={"ol": {"user": "ada"}})
    (finding,) = intent(people, there, memory=memory).findings
    assert finding.advice.startswith("Run the role again once E1 has the new name.")
