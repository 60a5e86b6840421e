# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One person leaves: accounts that are linked, rows of people that cannot be used, and accounts that two connections
show."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.links import Link, Memory
from ansible_collections.rollcall.identity.tests.unit.offboard import (
    ADA,
    OL,
    World,
    account,
    outcomes,
    rows,
    run,
    settings,
    started,
)

# -- links ---------------------------------------------------------------------------------------------------------


LINKED = Memory([Link("E1", "ol", "100001", "ada@acme.com"), Link("E2", "ol", "2", "bob@acme.com")], kept=True)


def ids(document):
    return [one["id"] for one in document["accounts"]]


def test_a_link_is_followed_when_the_address_has_changed():
    users = [
        account("onelogin", id="100001", user="ada.cee@acme.com"),
        account("onelogin", id="3", user="ada@acme.com"),
    ]
    world = World(OL, {"ol": users})
    found = run(settings(OL, memory=LINKED), world)
    assert ids(found) == ["100001"]
    assert found["complete"]
    assert [options for _name, module, options in world.made if module == "user_info" and "user" in options] == [], (
        "no name is looked for"
    )


@pytest.mark.parametrize("gone", ["not there", "deleted"])
def test_where_a_link_leads_nowhere_names_are_looked_for(gone):
    deleted = [account("sendauth", id="100001", state="absent", enabled=False)] if gone == "deleted" else []
    connections = {"ol": {"provider": "sendauth"}}
    world = World(connections, {"ol": [*deleted, account("sendauth", id="4")]})
    found = run(settings(connections, memory=LINKED), world)
    assert "4" in ids(found), "made anew by hand, under the same name"
    assert found["complete"]
    again = run(settings(connections, memory=LINKED, earlier=found), world)
    assert outcomes(again) <= {"already", "manual"}


def test_an_account_that_is_linked_to_somebody_else_is_left_alone():
    world = World(OL, {"ol": [account("onelogin", id="2")]})
    memory = Memory([Link("E2", "ol", "2", "bob@acme.com")], kept=True)
    found = run(settings(OL, memory=memory), world)
    assert rows(found) == [("ol", "find", "manual")]
    assert {module for _name, module, _options in world.made} == {"user_info"}
    work, problems = started(settings(OL, memory=memory, ids={"ol": ["2"]}))
    assert work is None
    assert problems == ["offboard_ids.ol: 2 is the account of E2. Specify the id of an account of E1."]


def test_a_link_whose_account_is_gone_explains_that_nobody_is_found():
    assert run(settings(OL, memory=LINKED), World(OL, {"ol": []}))["complete"]
    person = [{**ADA, "accounts": {"ol": {"id": 7}}}]
    assert not run(settings(OL, people=person), World(OL, {"ol": []}))["complete"], "an id of the feed may be wrong"
    first = run(settings(OL, level="delete"), world := World(OL, {"ol": [account("onelogin")]}))
    assert world.users["ol"] == []
    assert run(settings(OL, level="delete", earlier=first), world)["complete"], "earlier evidence knows the account"


@pytest.mark.parametrize("person", ["E1", "ADA@acme.com"])
def test_somebody_who_is_in_the_links_alone_leaves(person):
    found = run(
        settings(OL, people=[], person=person, memory=LINKED),
        World(OL, {"ol": [account("onelogin", id="100001", user="ada.cee@acme.com")]}),
    )
    assert found["person"]["id"] == "E1"
    assert ids(found) == ["100001"]
    assert "not in the feed" in found["notes"][0]


def test_an_address_that_links_give_to_several_people_is_refused():
    memory = Memory([Link("E1", "ol", "1", "ada@acme.com"), Link("E2", "kes", "2", "ada@acme.com")], kept=True)
    problems = started(settings(OL, people=[], person="ada@acme.com", memory=memory))[1]
    assert problems == [
        "offboard_person: ada@acme.com is the address of E1 and E2. Specify the id of the person who leaves."
    ]


# -- rows that cannot be used ----------------------------------------------------------------------------------------


def test_rows_of_others_that_are_wrong_stop_nothing():
    people = [
        ADA,
        {"id": "E8", "email": "no address"},
        {"email": "nobody@acme.com"},
        {"id": "E9", "email": "ivy@acme.com", "start": "never"},
    ]
    found = run(settings(OL, people=people), World(OL, {"ol": [account("onelogin")]}))
    assert found["complete"] and ids(found) == ["1"]


def test_a_row_of_the_person_that_is_wrong_stops_nothing_either():
    person = {**ADA, "end": "soon", "accounts": {"ol": {"user": "al"}}, "manager": "E77"}
    world = World(OL, {"ol": [account("onelogin", user="al")]})
    found = run(settings(OL, people=[person]), world)
    assert ids(found) == ["1"], "the name of the account is known, although the row is wrong"
    assert found["complete"]
    assert any("Not all of the feed" in note and "end" in note for note in found["notes"])
    assert not any("has not left" in note for note in found["notes"]), "that is not known"


def test_whose_an_account_is_that_two_rows_claim_is_not_guessed():
    people = [{**ADA, "end": "2027-01-01"}, {"id": "E2", "name": "Bob Bee", "email": "ada@acme.com"}]
    world = World(OL, {"ol": [account("onelogin")]})
    found = run(settings(OL, people=people), world)
    assert rows(found) == [("ol", "find", "manual")]
    assert {module for _name, module, _options in world.made} == {"user_info"}


# -- two connections to one directory ----------------------------------------------------------------------------------


@pytest.mark.parametrize("protect", ["", "main", "eu"])
def test_one_account_that_two_connections_show_is_one(protect):
    connections = {
        name: {"provider": "kestra", "protect": ["ada@*"] if protect == name else []} for name in ("main", "eu")
    }
    user = account("kestra")
    world = World(connections, {"main": [user], "eu": [user]}, stopped=[protect] if protect else [])
    found = run(settings(connections, directories=dict.fromkeys(connections, "one")), world)
    assert len(found["accounts"]) == 1
    assert found["complete"] is not bool(protect), "protected by one of them is protected"
    other = "eu" if protect != "eu" else "main"
    assert (other, "find", "already") in rows(found)
    assert {name for name, module, _options in world.made if module != "user_info"} == {protect or "main"}
