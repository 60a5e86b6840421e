# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose account is whose, what each account should have, and what is held back."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.desired import Desires
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.intent import Settings
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.entitlements import entitlements_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.life import life_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.links import Hold, Link, Memory, row_digest
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.people import Granted, Person
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Listed
from ansible_collections.rollcall.identity.tests.unit.access import options

DAY = "2026-06-15"
ENTITLEMENTS = entitlements_of(
    {
        "staff": {"grants": {"ol": {}}},
        "data": {"grants": {"ol": {"roles": ["Snowflake"]}}},
        "old": {"grants": {"ol": {"roles": ["FTP"]}}, "retired": True},
    }
)


def person(identity="E1", given="Ada", family="Bee", email="ada@acme.com", entitlements=("staff",), **more):
    return Person(
        identity, name=f"{given} {family}", email=email, entitlements=tuple(map(Granted, entitlements)), **more
    )


def account(
    identity="1",
    name="ada@acme.com",
    given="Ada",
    family="Bee",
    enabled=True,
    roles=(),
    deleted=False,
    provider="onelogin",
    **more,
):
    names = ("firstname", "lastname") if provider == "onelogin" else ("first_name", "last_name")
    values = {
        "id": identity,
        "user": name,
        "email": name,
        names[0]: given,
        names[1]: family,
        "enabled": enabled,
        "roles": list(roles),
        **more,
    }
    return Listed(identity, name, values, deleted)


def intent(people, accounts, memory=None, entry=None, **settings):
    entry = entry or {"provider": "onelogin", "user_key": "email"}
    connection = ("ol", entry, life_of(entry["provider"]), entry)
    return Desires(people, ENTITLEMENTS, memory or Memory(), Settings(DAY, **settings), connection, accounts).intent()


def codes(found):
    return [finding.code for finding in found.findings]


def test_a_joiner_gets_an_account():
    found = intent([person()], [])
    assert [target["user"] for target in options(found)] == ["ada@acme.com"]
    assert found.names == {"ada@acme.com": "E1"}


def test_an_account_that_agrees_is_matched_by_name_and_told_by_its_id():
    found = intent([person()], [account()])
    assert [(target["user"], target["id"]) for target in options(found)] == [("ada@acme.com", "1")]
    assert found.owners == {"1": "E1"}


@pytest.mark.parametrize("how", ["blocked", "deleted", "other name with grants"])
def test_a_match_that_is_not_certain_is_held_back(how):
    one = {
        "blocked": account(enabled=False), "deleted": account(deleted=True),
        "other name with grants": account(given="John", roles=["Administrators"]),
    }[how]
    found = intent([person()], [one])
    assert found.targets == []
    assert codes(found) == ["held_back"]
    assert "access_adopt: [1]" in found.findings[0].advice
    assert found.spared == ["ada@acme.com"], "and it is not taken for nobody's"


@pytest.mark.parametrize(
    ("more", "held"),
    [
        ({}, False),
        ({"roles": ["Snowflake"]}, False),
        ({"roles": ["Administrators"]}, True),
        ({"given": "John"}, True),
        ({"given": ""}, True),
        ({"user_state": "unapproved"}, True),
        ({"deleted": True}, True),
        ({"status": "suspended"}, True),
    ],
)
def test_an_account_that_a_killed_run_created_is_completed_and_no_other_is_opened(more, held):
    blocked = {"enabled": False, "status": "unactivated", "user_state": "approved", **more}
    found = intent([person(entitlements=("data",))], [account(**blocked)])
    assert codes(found) == (["held_back"] if held else [])
    assert [target["enabled"] for target in options(found)] == ([] if held else [True])


@pytest.mark.parametrize("settings", [{"adopt": frozenset({"1"})}, {"adopt_limit": 1}])
def test_it_is_adopted_where_that_is_confirmed_or_allowed(settings):
    found = intent([person()], [account(enabled=False)], **settings)
    assert options(found)[0]["enabled"] is True
    assert found.adopted == {"1"}


def test_a_link_opens_the_account_of_the_same_person():
    found = intent(
        [person()], [account(enabled=False, given="Other")], Memory([Link("E1", "ol", "1", "ada@acme.com")], kept=True)
    )
    assert options(found)[0]["enabled"] is True
    assert codes(found) == []


def test_a_new_address_of_a_linked_person_is_a_rename():
    found = intent(
        [person(email="ada.cee@acme.com")], [account()], Memory([Link("E1", "ol", "1", "ada@acme.com")], kept=True)
    )
    assert [(target["user"], target["id"]) for target in options(found)] == [("ada.cee@acme.com", "1")]


def test_an_address_that_is_given_again_never_hands_over_the_account():
    memory = Memory([Link("E1", "ol", "1", "ada@acme.com")], kept=True)
    people = [person(status="left"), person("E2", "Jane", "Doe")]
    found = intent(people, [account(roles=["Snowflake"])], memory)
    assert [(target["id"], target["enabled"]) for target in options(found)] == [("1", False)], (
        "the leaver is blocked, and nothing else happens"
    )
    assert codes(found) == ["held_back"]
    assert found.findings[0].person == "E2"


@pytest.mark.parametrize(("given", "targets"), [("Ada", [("E1", False)]), ("Jane", [("E2", None)]), ("Zoe", [])])
def test_without_links_the_name_in_the_directory_decides_or_nobody_gets_it(given, targets):
    people = [person(status="left"), person("E2", "Jane", "Doe")]
    found = intent(people, [account(given=given)])
    assert [(target.person, target.options.get("enabled")) for target in found.targets] == targets
    assert ("held_back" in codes(found)) is (given != "Jane")


def test_an_account_whose_person_left_the_feed_is_nobody_elses():
    memory = Memory([Link("E9", "ol", "1", "ada@acme.com")], kept=True)
    found = intent([person()], [account()], memory)
    assert sorted(codes(found)) == ["held_back", "vanished"]
    assert {finding.label for finding in found.findings if finding.code == "vanished"} == {"E9 Ada Bee"}, (
        "the name is that of the account"
    )
    assert found.targets == []
    blocked = intent([], [account(roles=["Snowflake"])], memory, vanished="block")
    assert [(target["id"], target["enabled"], target["roles"]) for target in options(blocked)] == [("1", False, [])]


@pytest.mark.parametrize(
    ("vanished", "step"), [("report", "set access_vanished: block"), ("block", "correct the rows without an ID")]
)
def test_a_step_is_not_to_set_what_is_set(vanished, step):
    memory = Memory([Link("E9", "ol", "1", "ada@acme.com")], kept=True)
    (finding,) = intent([], [account()], memory, vanished=vanished, blind=True).findings
    assert finding.advice == f"Add E9 to the feed with status: left, run the role offboard, or {step}."


def test_a_new_account_is_not_taken_for_that_of_somebody_who_was_named_so_last():
    memory = Memory([Link("E9", "ol", "0", "ada@acme.com")], kept=True)
    found = intent([person()], [account()], memory)
    assert codes(found) == ["held_back"]


def test_who_was_offboarded_stays_out_until_the_feed_changes():
    ada = person()
    memory = Memory(
        [Link("E1", "ol", "1", "ada@acme.com")], [Hold("E1", "2026-06-14T10:00:00Z", row_digest(ada))], kept=True
    )
    held = intent([ada], [account(enabled=False)], memory)
    assert [target["enabled"] for target in options(held)] == [False]
    assert codes(held) == ["offboarded"]
    assert options(intent([ada], [account(enabled=False)], memory, release=frozenset({"E1"})))[0]["enabled"] is True
    assert (
        options(intent([person(entitlements=("staff", "data"))], [account(enabled=False)], memory))[0]["enabled"]
        is True
    )


def test_a_retired_entitlement_takes_its_grants_away():
    found = intent([person(entitlements=("staff", "old"))], [account(roles=["FTP"])])
    assert options(found)[0]["roles"] == []
    assert "FTP" in options(found)[0]["managed_roles"]


def test_access_begins_so_many_days_before_the_start():
    early = person(start="2026-06-20")
    assert intent([early], []).targets == []
    assert len(intent([early], [], lead_days=5).targets) == 1


def test_leavers_come_first():
    people = [person(), person("E2", "Bob", "Cee", "bob@acme.com", status="left")]
    found = intent(people, [account(), account("2", "bob@acme.com", "Bob", "Cee")])
    assert [target.person for target in found.targets] == ["E2", "E1"]


def test_accounts_of_people_whose_rows_could_not_be_read_are_left_alone():
    found = intent([], [account()], reserved=frozenset({"ada@acme.com"}))
    assert found.spared == ["ada@acme.com"]


def test_people_who_swap_addresses_swap_neither_accounts_nor_grants():
    memory = Memory([Link("E1", "ol", "1", "ada@acme.com"), Link("E2", "ol", "2", "bob@acme.com")], kept=True)
    people = [person(email="bob@acme.com"), person("E2", "Bob", "Cee", "ada@acme.com")]
    found = intent(people, [account(), account("2", "bob@acme.com", "Bob", "Cee")], memory)
    assert [(target["id"], target["user"]) for target in options(found)] == [
        ("1", "ada@acme.com"),
        ("2", "bob@acme.com"),
    ]
    assert codes(found) == ["name_taken", "name_taken"]


def test_a_second_account_may_be_the_same_person():
    found = intent([person(family="Cee", email="ada.cee@acme.com")], [account()])
    assert codes(found) == ["may_be_same_person"]
    assert found.findings[0].advice == (
        "If so, add its address to previous_emails, or set accounts.ol.id: 1 in the people data."
    )
    renamed = intent([person(family="Cee", email="ada.cee@acme.com", previous_emails=("ada@acme.com",))], [account()])
    assert [(target["user"], target["id"]) for target in options(renamed)] == [("ada.cee@acme.com", "1")]


def test_people_for_emergencies_are_never_written():
    found = intent([person(kind="break_glass", status="left")], [account()])
    assert found.targets == []
    assert set(found.spared) == {"ada@acme.com"}


def test_sendauth_restores_a_deleted_account_for_the_same_person_only():
    entry = {"provider": "sendauth"}
    gone = account(deleted=True, provider="sendauth")
    held = intent([person()], [gone], entry=entry)
    assert codes(held) == ["held_back"]
    back = intent([person()], [gone], Memory([Link("E1", "ol", "1", "ada@acme.com")], kept=True), entry=entry)
    assert (options(back)[0]["id"], options(back)[0]["restore"]) == ("1", True)


def test_a_deleted_account_is_no_question_for_somebody_who_is_entitled_to_nothing():
    found = intent([person(entitlements=())], [account(deleted=True)])
    assert (found.findings, found.targets) == ([], [])
