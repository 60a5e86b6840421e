# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One person leaves: who is meant, which accounts are found, and what is refused before any call."""

from __future__ import annotations

import copy

import pytest

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.offboard.begin import file_name
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.offboard.evidence import text
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.offboard.steps import advance
from ansible_collections.rollcall.identity.tests.unit.offboard import (
    ADA,
    ALL,
    KESTRA,
    OL,
    World,
    account,
    rows,
    run,
    settings,
    started,
)


def looked_for(**changes):
    """Return the names by which somebody is looked for in Kestra, and the offboarding."""
    work, problems = started(settings({"kes": {"provider": "kestra"}}, **changes))
    assert problems == []
    return [call.options.get("user") or call.options["id"] for call in work.calls], work


BOB = {"id": "E2", "name": "Bob Bee", "email": "bob@acme.com"}


def test_people_are_found_by_id_by_address_and_without_the_list():
    names = ["ada@acme.com", "ada@old.com"]
    assert looked_for()[0] == looked_for(person="ADA@acme.com")[0] == looked_for(person="ada@old.com")[0] == names
    assert looked_for(person="ada@old.com")[1].person.id == "E1"
    assert looked_for(previous_emails=["a@b"])[0] == [*names, "a@b"]
    found, work = looked_for(person="eve@acme.com", previous_emails=["eve@old.com"])
    assert found == ["eve@acme.com", "eve@old.com"]
    assert "is not in the feed" in work.notes[0]
    assert looked_for(ids={"kes": ["k1", 2]})[0] == ["k1", "2"]
    assert file_name("Eve/../E 1@x") == "Eve%2F..%2FE%201@x"


def test_an_account_that_somebody_else_has_now_is_left_alone():
    heir = {**BOB, "email": "ADA@acme.com"}
    names = looked_for(people=[ADA, heir])[0]
    assert names == ["ada@old.com"]
    found = run(settings({"kes": KESTRA}, people=[ADA, heir]), World({"kes": KESTRA}, {"kes": [account("kestra")]}))
    assert (
        rows(found) == [("kes", "find", "manual")]
        and "E2" in found["manual"][0]
        and "offboard_ids.kes" in found["manual"][0]
    )
    assert looked_for(people=[ADA, {**heir, "status": "left"}])[0] == ["ada@acme.com", "ada@old.com"]
    assert "Specify the id" in started(settings(ALL, people=[ADA, heir], person="ada@acme.com"))[1][0]


BO = {"id": "E3", "email": "bo@acme.com", "status": "left"}


def asked(**changes):
    """Return what OneLogin is asked for."""
    connections = {"ol": {"provider": "onelogin"}}
    calls = started(settings(connections, person="E3", **changes))[0].calls
    return list(dict.fromkeys(call.options.get("id") or call.options["user"] for call in calls))


def test_accounts_are_found_by_the_id_that_people_have():
    assert asked(people=[{**BO, "accounts": {"ol": {"id": 100001}}}]) == ["100001", "bo@acme.com"]
    assert asked(people=[{"id": "E3", "status": "left", "accounts": {"ol": {"id": 100001}}}]) == ["100001"]
    assert asked(people=[{**BO, "accounts": {"ol": {"id": "100001", "user": "bo"}}}]) == ["100001", "bo", "bo@acme.com"]
    assert asked(people=[{**BO, "accounts": {"ol": {"id": 100001, "user": "b*"}}}]) == ["100001", "bo@acme.com"], (
        "a pattern cannot be looked for"
    )
    assert asked(people=[{**BO, "accounts": {"ol": {"id": 100001}}}], ids={"ol": [7]}) == ["7"]
    connections = {"ol": {"provider": "onelogin"}}
    users = [account("onelogin", id="100001", user="bob"), account("onelogin", id="2", user="bo@acme.com")]
    people = [{**BO, "accounts": {"ol": {"id": 100001}}}]
    found = run(settings(connections, person="E3", people=people), World(connections, {"ol": copy.deepcopy(users)}))
    assert [one["id"] for one in found["accounts"]] == ["100001", "2"] and found["complete"]


def test_an_account_that_is_somebody_elses_by_its_id_is_left_alone():
    connections = {"ol": {"provider": "onelogin"}}
    heir = {**BOB, "accounts": {"ol": {"id": 2}}}
    world = World(connections, {"ol": [account("onelogin", id="2", user="bo@acme.com")]})
    found = run(settings(connections, person="E3", people=[BO, heir]), world)
    assert rows(found) == [("ol", "find", "manual")] and "bo@acme.com (id 2) is the account of E2" in found["manual"][0]
    assert {module for _name, module, _options in world.made} == {"user_info"}
    people = [{**BO, "accounts": {"ol": {"id": 1}}}, {**BOB, "email": "bo@acme.com"}]
    assert asked(people=people) == ["1"]


def test_an_ambiguous_account_is_reported_with_the_option_that_helps():
    work, _problems = started(settings({"ol": {"provider": "onelogin"}}))
    answer = {"failed": True, "msg": "ada matches 2 users (ids 1, 2).", "code": "ambiguous_user"}
    advance(work, [answer] * len(work.calls), "2026-06-15T10:00:00Z")
    (entry,) = work.entries
    assert entry.outcome == "failed"
    assert "offboard_ids.ol" in entry.detail


def test_that_nobody_was_found_is_a_failure_unless_it_may_be():
    connections = {"ol": {"provider": "onelogin"}, "kes": KESTRA}
    nobody = {"ol": [], "kes": []}
    found = run(settings(connections, ids={"kes": ["k7"]}), World(connections, nobody))
    missing, failed = found["failed"]
    assert not found["complete"]
    assert missing == "kes: find: There is no account with the id k7. Correct it in offboard_ids.kes, or remove it."
    assert "No account was found in ol, so nothing was done. Looked for: ada@acme.com, ada@old.com (in ol)" in failed
    assert "offboard_none_found: ok" in failed
    fine = run(settings(connections, none_found="ok"), World(connections, nobody))
    assert fine["complete"]
    assert "Result: no account was found" in text(fine) and "everything is done" not in text(fine)
    dead = run(settings(connections), World(connections, nobody, broken=["kes"]))
    assert "No account was found in ol" in dead["notes"][0] and "failed, see below" in text(dead)
    assert run(settings(connections), World(connections, {"ol": [account("onelogin")], "kes": []}))["notes"] == []


def test_an_id_that_is_not_there_is_a_failure_unless_an_earlier_run_knew_it():
    given = settings(OL, ids={"ol": ["1", "2"]}, level="delete")
    world = World(OL, {"ol": [account("onelogin")]})
    first = run(given, world)
    assert first["failed"] == [
        "ol: find: There is no account with the id 2. Correct it in offboard_ids.ol, or remove it."
    ]
    assert world.users["ol"] == [], "the other one is off nevertheless"
    again = run({**given, "ids": {"ol": ["1"]}, "earlier": first}, world)
    assert again["complete"]


def test_grants_are_shown_without_what_is_not_set():
    role = {"tenant": "main", "role": "Viewer", "namespace": None}
    world = World({"kes": KESTRA}, {"kes": [account("kestra", enabled=False, tokens=[], roles=[role])]})
    found = run(settings({"kes": KESTRA}), world)
    assert any(entry["detail"].endswith("roles: main/Viewer") for entry in found["steps"])
    assert "None" not in text(found)


def test_onelogin_is_asked_by_both_names():
    calls = started(settings({"ol": {"provider": "onelogin", "user_key": "email"}}))[0].calls
    assert [(call.options["user_key"], call.options["user"]) for call in calls[:2]] == [
        ("username", "ada@acme.com"),
        ("email", "ada@acme.com"),
    ]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"person": ""}, "offboard_person is empty"),
        ({"person": "E9"}, "the feed has no person with the id E9"),
        ({"people": [{**ADA, "kind": "break_glass"}]}, "never written"),
        ({"only": ["x"]}, "offboard_connections: there is no connection x"),
        ({"ids": {"kestra": "k"}}, "offboard_ids.kestra: specify a list"),
        ({"ids": {"kestra": [True]}}, "offboard_ids.kestra: specify a list"),
        ({"ids": '{"kestra": "k"}'}, "offboard_ids.kestra: specify a list"),
        ({"ids": "kestra=k"}, "offboard_ids: specify a mapping"),
        ({"ids": '{"kestra": ["k"]'}, "offboard_ids: specify a mapping"),
        ({"ids": ["k"]}, "offboard_ids: specify a mapping"),
        ({"previous_emails": {"a@b": 1}}, "offboard_previous_emails: specify a list of texts, or one text with commas"),
        ({"previous_emails": "[a@b"}, "offboard_previous_emails: specify a list"),
        ({"previous_emails": [["a@b"]]}, "offboard_previous_emails: specify a list"),
        (
            {"previous_emails": "alan"},
            "offboard_previous_emails: 'alan' is not an e-mail address. Specify one such as ada@example.com.",
        ),
        ({"only": 7}, "offboard_connections: specify a list"),
        ({"only": "ol, kestra"}, "offboard_connections: there is no connection ol"),
        ({"left_on": "soon"}, "'soon' is not a day"),
        ({"delete_after": "a month"}, "offboard_delete_after is 'a month'"),
        ({"delete_after": "9999999w"}, "too long"),
        ({"proof_wait": -1}, "-1 is not a number of seconds"),
        ({"connections": {}}, "There are no connections"),
        ({"as_of": "today"}, "today"),
        ({"people": [{**ADA, "end": "2027-01-01"}], "level": "delete"}, "E1 has not left"),
    ],
)
def test_what_is_wrong_is_reported_before_any_call(changes, words):
    work, problems = started(settings(ALL, **changes))
    assert any(words in problem for problem in problems), problems
    assert work is None


def test_everything_that_is_wrong_is_reported_at_once():
    assert len(started(settings(ALL, person="E9", only=["x"]))[1]) == 2
    problems = started(settings(ALL, person="E9", delete_after="a month", left_on="soon", previous_emails="alan"))[1]
    for words in ("with the id E9", "delete_after is 'a month'", "'soon' is not a day", "'alan' is not an e-mail"):
        assert any(words in problem for problem in problems), problems


def test_somebody_who_has_not_left_is_noted():
    (note,) = looked_for(people=[{**ADA, "end": "2027-01-01"}])[1].notes
    assert "the role access keeps the person out until the person's row changes" in note
    assert looked_for()[1].notes == []


def test_lists_and_ids_may_be_texts_as_surveys_give_them():
    assert looked_for(previous_emails="eve@acme.com")[0][2:] == ["eve@acme.com"]
    assert looked_for(previous_emails=" eve@acme.com ,eve@old.com")[0][2:] == ["eve@acme.com", "eve@old.com"]
    assert looked_for(previous_emails='["eve@acme.com"]')[0][2:] == ["eve@acme.com"]
    for nothing in ("", None, []):
        assert len(looked_for(previous_emails=nothing, ids=nothing, only=nothing)[0]) == 2
    assert looked_for(ids='{"kes": ["k1", 2]}')[0] == ["k1", "2"]
    assert list(started(settings(ALL, only="contabo,kestra"))[0].searches) == ["contabo", "kestra"]
