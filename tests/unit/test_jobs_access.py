# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each account should have in each provider, what is wrong with the data of the jobs, and how differences are
reported."""

from __future__ import annotations

import copy
import json
import os
import pathlib
import subprocess
import sys
from dataclasses import replace

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Problem
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.desired import (
    Desires,
    Settings,
    facets_to_read,
)
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.model import (
    AccessReport,
    Change,
    Finding,
    Part,
    Standing,
)
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.report import document, drift, lines
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.check import connection_problems
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.data import Data, age_problems, load
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.entitlements import entitlements_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.read import from_list
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.life import life_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.links import Link, Memory
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.people import (
    Granted,
    Person,
    account_names,
    entitled,
    names_of,
    standing,
)
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.schema import PROVIDERS, SCHEMA
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Listed, declared, not_inherited
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.validate import violations

ROOT = pathlib.Path(__file__).resolve().parents[2]
DAY = "2026-06-15"

# -- what each account should have -------------------------------------------------------------------------------------

CONNECTIONS = {
    "ol": {"provider": "onelogin"},
    "kes": {"provider": "kestra", "tenant": "main"},
    "na": {"provider": "nextauth"},
    "se": {"provider": "sendauth"},
}
DATA = {"tenant": "main", "name": "data"}
ENTITLEMENTS = {
    "mail": {"grants": {"ol": {}}},
    "data": {"grants": {"ol": {"roles": ["Snowflake"]}, "kes": {"groups": ["data"]}}},
    "ops": {"grants": {"ol": {"roles": ["VPN", "Snowflake"]}, "se": {"permissions": ["x"]}, "na": {}}},
}
BOUNDS = {"roles_state": "managed", "managed_roles": ["Snowflake", "VPN"]}
LINKS = Memory([Link("E1", name, "7") for name in CONNECTIONS], kept=True)
NAMES = {
    "ol": ("firstname", "lastname"), "kes": ("first_name", "last_name"), "na": ("x", "y"),
    "se": ("first_name", "last_name"),
}


def person(*entitlements, identity="E1", name="Ada Lovelace", email="ada@acme.com", **more):
    more["accounts"] = {connection: dict(about) for connection, about in more.get("accounts", {}).items()}
    return Person(identity, name=name, email=email, entitlements=tuple(map(Granted, entitlements)), **more)


def account(
    connection="ol",
    identity="7",
    user="ada@acme.com",
    enabled=True,
    given="Ada",
    family="Lovelace",
    deleted=False,
    **more,
):
    values = {
        "id": identity,
        "user": user,
        "enabled": enabled,
        NAMES[connection][0]: given,
        NAMES[connection][1]: family,
        **more,
    }
    return Listed(identity, user, values, deleted)


def intent(people, accounts=(), connection="ol", memory=None, entry=None, entitlements=ENTITLEMENTS, **settings):
    entry = entry or CONNECTIONS[connection]
    about = (connection, entry, life_of(entry["provider"]), entry)
    return Desires(
        people, entitlements_of(entitlements), memory or Memory(), Settings(DAY, **settings), about, accounts
    ).intent()


def options(found):
    return [target.options for target in found.targets]


def codes(found):
    return [(finding.code, finding.person) for finding in found.findings]


def test_who_is_new_gets_accounts_where_something_is_granted():
    ada = person("data", "ops")
    assert options(intent([ada])) == [
        {
            "user": "ada@acme.com",
            "firstname": "Ada",
            "lastname": "Lovelace",
            "email": "ada@acme.com",
            "roles": ["Snowflake", "VPN"],
            **BOUNDS,
            "enabled": True,  # without a password the account would not be activated
        }
    ]
    assert options(intent([ada], connection="kes")) == [
        {
            "user": "ada@acme.com",
            "first_name": "Ada",
            "last_name": "Lovelace",
            "groups": [DATA],
            "groups_state": "managed",
            "managed_groups": [DATA],
        }
    ]
    assert options(intent([ada], connection="na")) == [{"user": "ada@acme.com"}]
    assert "restore" not in options(intent([ada], connection="se"))[0], (
        "nobody's deleted account is brought back by its name"
    )
    assert [options(intent([person()], connection=name)) for name in CONNECTIONS] == [[]] * 4


def test_who_is_there_is_opened_only_where_the_login_may_be_blocked():
    assert "enabled" not in options(intent([person("mail")], [account()]))[0]
    assert options(intent([person("mail")], [account(enabled=False)], memory=LINKS))[0]["enabled"] is True
    assert options(intent([person("ops")], [account("na", enabled=None)], "na"))[0] == {
        "user": "ada@acme.com", "id": "7", "enabled": True,
    }
    assert "first_name" not in options(intent([person("data")], [account("kes")], "kes"))[0], (
        "Kestra's list of users has no names to compare"
    )


def test_who_is_not_entitled_any_more_keeps_an_account_without_what_is_managed():
    found = intent([person("ops")], [account("kes")], "kes")
    assert options(found) == [
        {"user": "ada@acme.com", "id": "7", "groups": [], "groups_state": "managed", "managed_groups": [DATA]}
    ]
    assert codes(found) == [("no_entitlement", "E1")]


@pytest.mark.parametrize("more", [{"status": "left"}, {"end": "2026-06-14"}, {"start": "2026-06-16"}])
def test_who_is_not_there_is_blocked_without_grants_and_never_made(more):
    gone = person("data", "ops", **more)
    assert [options(intent([gone], connection=name)) for name in CONNECTIONS] == [[]] * 4
    assert options(intent([gone], [account()])) == [
        {"user": "ada@acme.com", "id": "7", "enabled": False, "roles": [], **BOUNDS}
    ]
    assert options(intent([gone], [account("kes")], "kes")) == [{"user": "ada@acme.com", "id": "7", "enabled": False}]
    assert options(intent([gone], [account("se")], "se")) == [{"user": "ada@acme.com", "id": "7", "state": "absent"}]
    assert options(intent([gone], [account("se", deleted=True)], "se")) == []


def test_leave_keeps_grants():
    assert options(intent([person("ops", status="leave")], [account()])) == [
        {"user": "ada@acme.com", "id": "7", "enabled": False}
    ]


def test_names_and_fields_of_one_connection():
    ada = person("ops", accounts={"ol": {"user": "alovelace", "title": "Countess", "firstname": "Augusta"}})
    user = options(intent([ada], [account()]))[0]
    assert (user["user"], user["id"], user["title"], user["firstname"]) == ("alovelace", "7", "Countess", "Augusta")


def test_where_accounts_cannot_be_renamed_the_name_stays_and_is_reported():
    found = intent([person("ops", email="new@acme.com", previous_emails=("ada@acme.com",))], [account("na")], "na")
    assert (options(found), codes(found)) == ([{"user": "ada@acme.com", "id": "7"}], [("cannot_rename", "E1")])


def test_a_username_that_is_the_address_follows_it():
    entry = {"provider": "onelogin", "user_key": "email"}
    moved = person("mail", email="king@acme.com", previous_emails=("ada@acme.com",))
    same = options(intent([moved], [account(username="ADA@acme.com")], entry=entry))[0]
    assert (same["user"], same["username"]) == ("king@acme.com", "king@acme.com")
    own = options(intent([moved], [account(username="alovelace")], entry=entry))[0]
    assert (own["user"], "username" in own) == ("king@acme.com", False)


def test_who_is_new_and_has_no_name_is_called_by_the_id():
    service = Person("S1", kind="service", entitlements=(Granted("mail"),), accounts={"ol": {"user": "svc-ci"}})
    assert options(intent([service]))[0]["lastname"] == "S1"


def test_what_a_block_takes_along_is_reported():
    grants = {"roles": ["Viewer"], "groups": [], "tenants": ["main"]}
    found = intent([person("data", status="left")], [account("kes", **grants)], "kes")
    assert {(finding.code, str(finding.before)) for finding in found.findings} == {
        ("grants_gone", "['Viewer']"),
        ("grants_gone", "['main']"),
    }
    assert not intent([person("data", status="left")], [account("kes", enabled=False, **grants)], "kes").findings
    entitlements = entitlements_of(ENTITLEMENTS)
    assert facets_to_read(entitlements, "kes", life_of("kestra"), CONNECTIONS["kes"]) == ["groups", "roles", "tenants"]
    assert facets_to_read(entitlements, "ol", life_of("onelogin"), CONNECTIONS["ol"]) == ["roles"]


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
    assert "Rename or delete that account first" in found.findings[0].advice


def test_an_account_of_somebody_who_is_there_is_no_account_to_be_moved():
    memory = Memory([Link("E1", "na", "7", "ada@acme.com")], kept=True)
    people = [MOVED, person("ops", identity="E2", name="Bob Bee")]
    found = intent(people, [account("na")], "na", memory)
    assert advice(found, "E2").startswith("It stays the account of E1. Set accounts.na.user")


GRANTS = st.lists(st.sampled_from(["Snowflake", "VPN", "2024"]), unique=True)


@given(st.dictionaries(st.sampled_from("abc"), GRANTS), st.lists(st.sampled_from("abc"), unique=True))
def test_grants_are_the_union_and_their_bounds_all_that_is_named(bundles, held):
    entitlements = {name: {"grants": {"ol": {"roles": roles}}} for name, roles in bundles.items()}
    names = [name for name in held if name in bundles]
    found = options(intent([person(*names)], [account()], entitlements=entitlements))
    bounds = {role for roles in bundles.values() for role in roles}
    if entitlements:
        assert set(found[0]["roles"]) == {role for name in names for role in bundles[name]}
        assert set(found[0]["managed_roles"]) == bounds
        assert len(found[0]["managed_roles"]) == len(bounds)


# -- what is wrong with the data -------------------------------------------------------------------------------------

GOOD = {
    "connections": {
        "ol": {
            "provider": "onelogin",
            "api_url": "https://acme.onelogin.com",
            "credentials": {"client_id": "a", "client_secret": "b"},
            "protect": ["svc-*"],
        },
        "kes": {"provider": "kestra", "tenant": "main"},
    },
    "entitlements": {
        "data": {"owner": "E1", "grants": {"ol": {"roles": ["Snowflake"]}, "kes": {"groups": [DATA]}}},
        "mail": {"grants": {"ol": {}}},
    },
    "people": [
        {
            "id": "E1",
            "name": "Ada Lovelace",
            "email": "ada@acme.com",
            "entitlements": ["data", {"name": "mail", "until": "2026-12-01", "ticket": "R-1"}],
        },
        {
            "id": "E2", "kind": "contractor", "name": "Bob Bee", "email": "bob@acme.com", "start": "2026-01-05",
            "end": "2026-12-31", "manager": "E1",
        },
        {
            "id": "S1",
            "kind": "service",
            "owner": "E1",
            "accounts": {"ol": {"user": "svc-ci"}},
            "entitlements": ["mail"],
        },
        {"id": "B1", "kind": "break_glass", "email": "glass@acme.com"},
    ],
}


def changed(path, value):
    """Return the good data with one place changed, or taken away where the value is Ellipsis."""
    data = copy.deepcopy(GOOD)
    *parents, last = path
    inner = data
    for key in parents:
        inner = inner[key]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return data


def problems(data, day=DAY):
    """Return what is wrong with data, and the warnings."""
    wrong = []
    loaded = load(data, "", day, "access_people_file", wrong)
    return [
        str(one) for one in [*wrong, *(problem for row in loaded.rejected for problem in row.problems)]
    ], loaded.notices


def test_good_data_has_no_problems():
    assert problems(GOOD) == ([], [])


PERSON = ("people", 0)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ((*PERSON, "entitlements"), ["date"], "entitlement date is not in identity_entitlements; similar names: data."),
        (
            (*PERSON, "accounts"),
            {"old": {"user": "x"}},
            "accounts.old: there is no such connection in identity_connections",
        ),
        (("people", 1, "end"), "2025-01-01", "end 2025-01-01 is before start 2026-01-05."),
        (
            ("people", 1, "email"), "ADA@acme.com",
            "E1 and E2 have the same address ada@acme.com in ol. Correct one of them.",
        ),
        (
            ("people", 2, "entitlements"),
            ["data"],
            "grants something in kes, where the account has no name. Add email, or accounts.kes.user.",
        ),
        (("connections", "ol", "provider"), "okta", "identity_connections.ol.provider: 'okta' is not one of contabo"),
        (
            ("connections", "ol", "credentials"),
            ["s3cret"],
            "identity_connections.ol.credentials: a list is not a mapping.",
        ),
        (
            ("connections", "ol"),
            ...,
            "identity_entitlements.mail.grants.ol: there is no such connection in identity_connections",
        ),
        (
            ("connections", "kes", "protekt"),
            ["a"],
            "identity_connections.kes.protekt is not an option of kestra's modules; similar names: protect.",
        ),
        (
            ("connections", "kes", "q"),
            1,
            "identity_connections.kes.q is not an option of kestra's modules. Correct it, or remove it.",
        ),
        (
            ("connections", "kes", "credentials"),
            {"api_tokn": "s3cret"},
            "kes.credentials.api_tokn is not a connection option of kestra's modules; similar",
        ),
        (
            ("connections", "kes", "credentials"),
            {"client_id": "a"},
            "kes.credentials.client_id is not a connection option of kestra's modules",
        ),
        (
            ("connections", "kes", "credentials"),
            {"protect": "a"},
            "kes.credentials.protect is not a connection option of kestra's modules",
        ),
        (
            ("connections", "ol", "tenant"), "main",
            "identity_connections.ol.tenant is not an option of onelogin's modules",
        ),
        (("connections",), {}, "There are no connections. Set identity_connections."),
        (("connections",), [], "identity_connections is not a mapping"),
        (("entitlements",), [1], "identity_entitlements is not a mapping"),
        (("entitlements", "mail", "grants"), ..., "identity_entitlements.mail.grants is missing."),
        (
            ("entitlements", "mail", "grants", "ol"),
            {"groups": ["x"]},
            "identity_entitlements.mail.grants.ol.groups: onelogin only has roles.",
        ),
        (
            ("entitlements", "data", "grants", "kes", "groups"),
            [{"team": "x"}],
            "identity_entitlements.data.grants.kes.groups[0].team is unknown",
        ),
    ],
)
def test_each_mistake_names_its_place(path, value, words):
    texts, _notices = problems(changed(path, value))
    assert any(words in text for text in texts), texts
    assert "s3cret" not in " ".join(texts)


@pytest.mark.parametrize("name", [7, True, 1.5])
@pytest.mark.parametrize("where", ["entitlements", "connections"])
def test_names_that_are_no_texts_are_refused(name, where):
    data = copy.deepcopy(GOOD)
    data[where][name] = next(iter(data[where].values()))
    data["people"][0]["entitlements"] = ["7"]
    assert any(
        text == f"identity_{where}: the name {name} is not text. Quote it."
        for text in problems(data)[0]
    )


def test_an_entitlement_that_is_wrong_is_not_said_to_be_missing():
    texts, _notices = problems(changed(("entitlements", "mail", "retired"), "soon"))
    assert texts == ["identity_entitlements.mail.retired: 'soon' is not true or false."]


def test_owners_who_are_gone_are_warnings():
    data = changed(("entitlements", "data", "owner"), "E9")
    data["people"][0]["status"] = "left"
    texts, notices = problems(data)
    assert texts == []
    assert "identity_entitlements.data: the owner E9 is not in the feed. Specify another owner." in notices
    assert any("S1: the owner E1 has left" in text for text in notices), notices


def test_one_mistake_hides_no_other():
    data = changed((*PERSON, "entitlements"), ["daata"])
    data["people"][1]["accounts"] = {"old": {"user": "x"}}
    data["connections"]["ol"].update(api_urll="x", credentials={"client_idd": "a", "client_secret": "b"})
    data["connections"]["kes"]["protekt"] = ["x"]
    data["people"].append("Ada")
    texts, _notices = problems(data, "soon")
    for words in ("api_urll", "client_idd", "protekt", "'soon' is not a day", "identity_people[4]"):
        assert any(words in text for text in texts), texts
    del (
        data["connections"]["ol"]["api_urll"],
        data["connections"]["kes"]["protekt"],
        data["connections"]["ol"]["credentials"],
    )
    texts, _notices = problems(data)
    for words in ("daata", "accounts.old", "identity_people[4]"):
        assert any(words in text for text in texts), texts


def test_an_address_may_be_given_again_once_its_owner_has_left():
    data = changed(("people", 1, "email"), "ada@acme.com")
    data["people"][0]["status"] = "left"
    assert problems(data)[0] == []


def test_rows_of_one_person_that_contradict_each_other_block_nobody(tmp_path):
    feed = tmp_path / "people.csv"
    data = {**GOOD, "rules": []}

    def standings(*statuses):
        feed.write_text(
            "id,name,email,status,end\n" + "".join(f"E1,Ada,ada@acme.com,{status},{end}\n" for status, end in statuses)
        )
        wrong = []
        loaded = load(data, str(feed), DAY, "access_people_file", wrong)
        assert wrong == []
        assert len(loaded.rejected) == len(statuses)
        return [(person.id, person.status) for person in loaded.people]

    assert standings(("left", "2020-01-31"), ("active", "")) == []
    assert standings(("left", "2020-01-31"), ("hired", "")) == []
    assert standings(("left", "2020-01-31"), ("left", "2025-01-31")) == [("E1", "left")]


@pytest.mark.parametrize("lead", [0, 20])
def test_who_comes_later_may_have_the_address_of_somebody_who_leaves_before(lead):
    data = changed(("people", 1), {"id": "E2", "name": "Bob Bee", "email": "ada@acme.com", "start": "2026-07-01"})
    data["people"][0]["end"] = "2026-06-30"
    data["lead_days"] = lead
    texts, _notices = problems(data)
    assert bool(texts) is bool(lead), texts
    data["people"].append({"id": "E3", "name": "Cy", "email": "ada@acme.com", "start": "2026-08-01"})
    assert any("have the same address" in text for text in problems(data)[0])


def test_two_people_do_not_have_one_account_by_its_id():
    data = changed((*PERSON, "accounts"), {"ol": {"id": 7}})
    data["people"][1]["accounts"] = {"ol": {"id": "7"}, "kes": {"id": "7"}}
    assert any("E1 and E2 have the same account id 7 in ol. Correct one of them." in text for text in problems(data)[0])
    data["people"][0]["status"] = "left"
    assert problems(data)[0] == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_all_that_a_connection_may_have_is_known(provider):
    credentials = dict.fromkeys(declared(f"{provider}_users").connection_options, "x")
    assert (
        connection_problems(
            {
                "here": {
                    "provider": provider,
                    "credentials": credentials,
                    **credentials,
                    "protect": ["a"],
                    "min_admins": 1,
                }
            }
        )
        == []
    )
    life = life_of(provider)
    assert (life.provider, bool(life.facets and life.blocked), life.how in ("native", "emulated")) == (
        provider, True, True,
    )


def test_options_are_checked_where_requests_is_missing():
    # The names of packages that are to be missing are taken by None.
    code = (
        "import sys; sys.modules['requests'] = None\n"
        "from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.check import connection_problems\n"
        f"print(len(connection_problems({{name: {{'provider': name, 'x-y': 1}} for name in {PROVIDERS!r}}})))"
    )
    paths = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == f"{len(PROVIDERS)}\n", done.stderr


OWN = {"provider": "contabo", "credentials": {"client_id": "theirs"}}


@pytest.mark.parametrize(
    ("connection", "hidden", "kept"),
    [
        ({"provider": "onelogin"}, set(), {"ONELOGIN_API_URL", "ONELOGIN_CLIENT_ID"}),
        (
            {"provider": "onelogin", "credentials": {"client_id": "", "client_secret": None}},
            set(),
            {"ONELOGIN_API_URL", "ONELOGIN_CLIENT_ID"},
        ),
        (
            {"provider": "contabo", "credentials": {"auth_url": "https://x"}},
            set(),
            {"CONTABO_API_URL", "CONTABO_CLIENT_ID"},
        ),
        (
            OWN,
            {"CONTABO_CLIENT_SECRET", "CONTABO_API_USER", "CONTABO_EXPECTED_ACCOUNT"},
            {"CONTABO_API_URL", "CONTABO_AUTH_URL", "CONTABO_CA_PATH"},
        ),
        (
            {"provider": "kestra", "api_token": "theirs"},
            {"KESTRA_API_USER", "KESTRA_API_PASSWORD"},
            {"KESTRA_API_URL", "KESTRA_TENANT"},
        ),
    ],
)
def test_a_connection_with_credentials_of_its_own_inherits_no_others(connection, hidden, kept):
    names = set(not_inherited(connection))
    assert hidden <= names
    assert not kept & names
    assert bool(names) is bool(hidden)


@pytest.mark.parametrize(
    ("least", "age", "written", "feed_time", "words"),
    [
        (1, "", None, "", ""),
        (2, "", None, "", "access_min_people is 2"),
        (1, "2d", 1_000_000.0 - 47 * 3600, "", ""),
        (1, "2d", 1_000_000.0 - 49 * 3600, "", "49.0 hours old"),
        (1, "1h", 1_000_000.0, "1970-01-12T12:00:00Z", "1.8 hours old"),
        (1, "2h", None, "1970-01-12T12:00:00", ""),
        (1, "2h", 1_000_000.0 + 23 * 3600, "", ""),
        (1, "2h", None, "1971-01-12T12:00:00", "hours in the future"),
        (1, "soon", 1_000_000.0, "", "not a duration"),
        (1, "1h", None, "yesterday", "access_feed_time is 'yesterday'"),
        (1, "1h", None, "", "the age of the people data is unknown"),
    ],
)
def test_feeds_are_whole_and_fresh(least, age, written, feed_time, words):
    texts = age_problems(Data(people=[Person("E1")], written=written), least, age, feed_time, 1_000_000.0)
    assert len(texts) == bool(words)
    assert words in "".join(texts)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(0, 3)
    | st.sampled_from(["", "a", "onelogin", "2026-12-31", "2026-13-01", "left", "a@b", "data"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id", "name", "email", "provider", "credentials", "grants", "roles", "until", "start", "accounts",
                    "ol", "entitlements", "user", "x",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "identity_people": st.lists(VALUES, max_size=2),
            "identity_connections": VALUES,
            "identity_entitlements": VALUES,
        },
    )
)
def test_what_is_allowed_is_what_the_schema_says(data):
    checker = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker(["date"]))
    assert bool(violations(SCHEMA, data)) == (not checker.is_valid(data))


@given(
    st.fixed_dictionaries(
        {}, optional={"people": VALUES, "connections": VALUES, "entitlements": VALUES, "rules": VALUES}
    )
)
def test_no_form_is_too_odd(data):
    problems(data)


@given(st.lists(VALUES, max_size=3))
def test_people_that_are_read_are_as_the_schema_says_or_are_rejected_with_a_reason(people):
    feed = from_list(people)
    assert all(row.problems for row in feed.rejected)
    assert all(isinstance(one.id, str) and one.id for one in feed.people)


def test_the_published_schema_is_this_one():
    assert json.loads((ROOT / "docs" / "identity.schema.json").read_text(encoding="utf-8")) == SCHEMA


@pytest.mark.parametrize(
    ("where", "words"),
    [
        (
            {"grants": {"ol": {"roles": [{"id": "5018", "team": "x"}]}}},
            "identity_entitlements.mail.grants.ol.roles[0].team is unknown; similar names: tenant.",
        ),
        ({"grants": None}, "identity_entitlements.mail.grants is missing."),
        (
            {"grants": {}, "owner": None},
            "identity_entitlements.mail.owner is empty (null). Omit it, or specify text.",
        ),
        ({"grants": {}, "owner": "E\udce9"}, "identity_entitlements.mail.owner: 'E\\udce9' is not UTF-8 text."),
        ({"grants": {}, "ownr": "E1"}, "identity_entitlements.mail.ownr is unknown; similar names: owner."),
    ],
)
def test_violations_name_the_place_and_what_to_do(where, words):
    found = violations(SCHEMA, {"identity_entitlements": {"mail": where}})
    assert found[0].startswith(words), found
    assert all(text.isprintable() for text in found)


# -- people ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "active"),
        ({"start": DAY, "end": DAY}, "active"),
        ({"start": "2026-06-16"}, "early"),
        ({"end": "2026-06-14"}, "left"),
        ({"status": "left", "start": "2027-01-01"}, "left"),
        ({"status": "leave"}, "leave"),
        ({"status": "leave", "end": "2026-06-14"}, "left"),
        ({"status": "leave", "start": "2026-06-16"}, "early"),
    ],
)
def test_days_and_status_decide_who_is_there(more, expected):
    assert standing(Person("E1", **more), DAY) == expected


def test_entitlements_end_with_their_last_day():
    ada = Person("E1", entitlements=(Granted("a"), Granted("b", DAY), Granted("c", "2026-06-14"), Granted("a")))
    assert entitled(ada, DAY) == ["a", "b"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"name": "Ada Lovelace"}, ("Ada", "Lovelace")),
        ({"name": "Lovelace, Ada"}, ("Ada", "Lovelace")),
        ({"name": "Mary Ann van Dyke"}, ("Mary Ann van", "Dyke")),
        ({"name": "Mary Ann van Dyke", "given_name": "Mary Ann", "family_name": "van Dyke"}, ("Mary Ann", "van Dyke")),
        ({"name": "Cher"}, ("Cher", "Cher")),
        ({}, ("", "")),
    ],
)
def test_names(more, expected):
    assert names_of(Person("E1", **more)) == expected


def test_names_of_accounts():
    ada = Person(
        "E1",
        email="ada@new.com",
        previous_emails=("ada@old.com",),
        accounts={"ol": {"user": "alovelace"}, "kes": {"user": "ADA@new.com"}},
    )
    assert account_names(ada, "ol").all() == ["alovelace", "ada@new.com", "ada@old.com"]
    assert account_names(ada, "kes").all() == ["ada@new.com", "ada@old.com"]
    assert account_names(ada, "co").all() == ["ada@new.com", "ada@old.com"]
    assert account_names(Person("E1"), "co").key == ""


# -- how it is reported ----------------------------------------------------------------------------------------------


def test_drift_has_its_kinds():
    changes = [
        Change("ol", "new@acme.com", "create", "E3", "E3 New", granted={"roles": ["a"]}),
        Change(
            "ol",
            "ada@acme.com",
            "update",
            "E1",
            "E1 Ada",
            granted={"roles": ["7"]},
            taken={"roles": ["a"]},
            fields={"title": ("x", "")},
        ),
        Change("ol", "bob@acme.com", "disable", "E2", "E2 Bob", blocked=True),
        Change("ol", "eve@acme.com", "delete", taken={"roles": ["a"]}, blocked=True),
        Change("ol", "cy@new.com", "rename", "E4", "E4 Cy", renamed_from="cy@acme.com", opened=True),
    ]
    standing_state = Standing(["stranger"], {"ada@acme.com": {"roles": ["b"]}})
    report = AccessReport(
        DAY,
        "apply",
        "partly",
        changes=changes,
        findings=[Finding("vanished", "is gone", "ol", "E9", "E9", "old@acme.com")],
        failed=[Problem("kes: Could not reach it.", "unreachable")],
        connections={
            "ol": Part(
                "onelogin",
                {"created": 1, "updated": 1, "disabled": 1, "unchanged": 3},
                mails=2,
                standing=standing_state,
            ),
            "kes": Part("kestra", error="Could not reach it.", code="unreachable"),
        },
    )
    found = [(entry["connection"], entry["account"], entry["kind"], entry["text"]) for entry in drift(report)]
    assert found == [
        ("ol", "new@acme.com", "missing", "account"),
        ("ol", "new@acme.com", "missing", "roles: a"),
        ("ol", "ada@acme.com", "missing", "roles: 7"),
        ("ol", "ada@acme.com", "extra", "roles: a"),
        ("ol", "ada@acme.com", "attribute", "title"),
        ("ol", "bob@acme.com", "extra", "login"),
        ("ol", "eve@acme.com", "extra", "account"),
        ("ol", "eve@acme.com", "extra", "roles: a"),
        ("ol", "cy@acme.com", "missing", "login"),
        ("ol", "cy@acme.com", "attribute", "user"),
        ("ol", "old@acme.com", "extra", "is gone"),
        ("ol", "ada@acme.com", "unmanaged", "roles: b"),
        ("ol", "stranger", "unmanaged", "account without a person"),
        ("kes", None, "unreadable", "Could not reach it."),
    ]
    published = document(report)
    assert (published["totals"]["changed"], published["totals"]["mails"], published["failed"]) == (
        3,
        2,
        ["kes: Could not reach it."],
    )
    text = lines(report)
    assert "ol: 1 created, 1 updated, 1 disabled, 3 unchanged, 2 mails" in text
    assert "  E1 Ada - ol: ada@acme.com; grant roles 7; revoke roles a; title: x -> nothing" in text
    assert "kes: Could not reach it." in text
