# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the result of a task has, also where it fails."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    RERUN,
    NotFound,
    PartialFailure,
    RateLimited,
    UnclearAnswer,
    Unreachable,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Snapshot
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import Policy
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import converge, locate, perform
from ansible_collections.rollcall.identity.tests.unit.fakes import (
    BULK,
    CROWD,
    RESERVED,
    Memory,
    bulk,
    context,
    person,
    refusal,
    single,
    target,
    want,
)

# -- results ---------------------------------------------------------------------------------------------------------


def test_the_result_of_many_users():
    directory = Memory(
        [
            person(1, "ada"),
            person(2, "bob"),
            person(3, "old"),
            person(4, "eve"),
            person(5, "carl"),
            person(6, "dora", admin=True),
        ]
    )
    wished = [
        want("new"),
        want("ada", title="x"),
        want("bob"),
        want("ren", previous=("old",)),
        want("eve", enabled=False),
        want("carl", "absent"),
    ]
    result = bulk(directory, *wished, unlisted="report")
    assert result["summary"] == {
        "created": 1, "updated": 1, "renamed": 1, "disabled": 1, "deleted": 1, "restored": 0, "reopened": 0,
        "unchanged": 1, "failed": 0,
    }
    assert [user["user"] for user in result["users"]] == ["new", "ada", "ren", "eve", "carl"]
    assert [entry["before_header"] for entry in result["diff"]] == ["new", "ada", "ren", "eve", "carl"]
    assert result["users"][4] == {"user": "carl", "id": "5", "state": "absent"}
    assert result["users"][0]["id"] == next(account.id for account in directory.people.values() if account.key == "new")
    assert (result["unlisted"], result["spared"], result["mails"]) == (["dora"], [], 0)
    assert result["losses"] == [
        {"user": "eve", "code": "disabled", "message": "eve is disabled", "entries": []},
        {"user": "carl", "code": "deleted", "message": "carl is deleted", "entries": []},
    ]
    assert result["api_calls"] == len(directory.log)


def test_the_result_of_one_user_who_is_not_there_and_should_not_be():
    result = single(Memory(), want("ada", "absent"))
    assert (result["changed"], result["user"], result["diff"]) == (False, None, [])


def test_calls_are_counted_for_each_task():
    directory = Memory([person(1, "ada")])
    assert [single(directory, want("ada"))["api_calls"] for _time in range(2)] == [1, 1]


def test_what_lies_outside_the_bounds_is_told_in_both_forms():
    outside = {"groups": target("managed", ["dev"], ["dev"])}
    directory = Memory(CROWD[:2])
    assert bulk(directory, want("user00", facets=outside))["unmanaged"] == [{"user": "user00", "groups": ["ops"]}]
    assert single(directory, want("user01", facets=outside))["unmanaged"] == {"groups": ["ops"]}


def test_entries_that_stay_are_a_warning_and_no_change():
    directory = Memory(CROWD[:1])
    directory.sticky = {"ops"}
    task = context()
    result = converge(task, directory, [want("user00", facets={"groups": target("exact", [])})], Policy())
    assert (result["changed"], result["user"]["groups"]) == (False, ["ops"])
    assert "ops could not be removed" in task.notices[0].text


def test_no_secret_is_in_a_result():
    result = bulk(
        Memory([person(1, "bob")]),
        want("ada", password="hunter2"),
        want("bob", password="hunter2", always=frozenset({"password"})),
    )
    assert result["summary"]["updated"] == 1
    assert "hunter2" not in repr(result)


# -- failures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("on_error", "waiting"), [("continue", []), ("stop", ["carl"])])
def test_a_failure_half_way_tells_who_is_done(on_error, waiting):
    directory = Memory()
    directory.fail("create", refusal(422, "bad name"), skip=1)
    with pytest.raises(PartialFailure) as caught:
        bulk(directory, want("ada"), want("bob"), want("carl"), on_error=on_error)
    facts = caught.value.facts()
    assert facts["applied"] == [name for name in ("ada", "carl") if name not in waiting]
    assert facts["not_attempted"] == waiting
    assert [(error["user"], error["operation"]) for error in facts["errors"]] == [("bob", "create")]
    assert "the server answered 422: bad name" in facts["errors"][0]["message"]
    assert (facts["summary"]["failed"], facts["summary"]["created"]) == (1, len(facts["applied"]))
    assert [user["user"] for user in facts["users"]] == facts["applied"]
    assert facts["changed"] is True
    assert set(facts) & RESERVED == set()
    assert caught.value.message.startswith("1 of 3 users could not be changed")


def test_the_errors_of_many_say_who_and_what_and_the_message_stays_short():
    directory = Memory()
    for number in range(60):
        directory.fail("create", refusal(400 if number < 30 else 422, "x" * 3000))
    with pytest.raises(PartialFailure) as caught:
        bulk(directory, *(want(f"user{number:02}") for number in range(60)))
    facts = caught.value.facts()
    expected = {
        "code": "rejected", "user": "user07", "index": 7, "operation": "create", "call": "some_call", "status": 400,
    }
    assert {name: value for name, value in facts["errors"][7].items() if name != "message"} == expected
    assert len(facts["errors"]) == 60
    assert len(caught.value.message) < 4000
    assert caught.value.message.startswith("60 of 60 users could not be changed. The first is user00: ")
    assert "(29 more failed in the same way.) Another is user30: " in caught.value.message
    assert caught.value.message.count("user00") == caught.value.message.count("user30") == 1


@pytest.mark.parametrize(
    ("on_error", "said"),
    [("continue", "1 unlisted user is unchanged, because"), ("stop", "1 was not attempted")],
)
def test_unlisted_users_are_left_alone_where_a_listed_one_failed(on_error, said):
    directory = Memory([person(1, "ada"), person(2, "leaver")])
    directory.fail("create", refusal())
    with pytest.raises(PartialFailure) as caught:
        bulk(directory, want("ada"), want("new"), unlisted="delete", on_error=on_error)
    assert sorted(directory.people) == ["1", "2"]
    assert caught.value.facts()["not_attempted"] == ["leaver"]
    assert said in caught.value.message


def test_the_report_survives_whatever_happens():
    directory = Memory([person(1, "eve", facets={"groups": ["a"]})])
    directory.sticky = {"a"}
    directory.kept_warning = lambda *_about: 1 // 0
    directory.fail("create", ZeroDivisionError(), skip=1)
    task = context()
    with pytest.raises(PartialFailure) as caught:
        desired = [want("ada"), want("bob"), want("eve", facets={"groups": target("exact", [])})]
        converge(task, directory, desired, dataclasses.replace(BULK, on_error="continue"))
    facts = caught.value.facts()
    assert (facts["applied"], facts["errors"][0]["code"], facts["errors"][0]["user"]) == (
        ["ada", "eve"],
        "unexpected",
        "bob",
    )
    assert [notice.code for notice in task.notices] == ["unexpected"]
    assert facts["changed"] is True


def test_an_unclear_write_is_a_change_in_a_failure():
    directory = Memory([person(1, "ada")])
    for _number in range(3):
        directory.fail("update profile", UnclearAnswer("Lost."))
    with pytest.raises(PartialFailure) as caught:
        bulk(directory, want("ada", title="x"))
    assert caught.value.facts()["changed"] is True


def test_somebody_taken_over_counts_as_what_was_done():
    directory = Memory()
    directory.listing = lambda stop=None: Snapshot([], True, 1)
    directory.lookup, found = (lambda key: []), directory.lookup
    directory.people["1"] = person(1, "ada", title="x")
    directory.people["2"] = person(2, "bob")
    task = context()

    def meet(_who):
        directory.lookup = found

    directory.meet = meet
    result = converge(task, directory, [want("ada", title="x"), want("bob", title="y")], BULK)
    assert (result["summary"]["created"], result["summary"]["unchanged"], result["summary"]["updated"]) == (0, 1, 1)
    assert [user["id"] for user in result["users"]] == ["2"]
    assert {notice.code for notice in task.notices} == {"adopted"}


def test_what_others_have_given_meanwhile_is_shown_and_told():
    directory = Memory([person(1, "ada", facets={"groups": ["old"]})], lookups_up_to=0)
    directory.replaces = frozenset({"groups"})
    whole = directory.get

    def give(identity):
        directory.people["1"].facets["groups"].update({"qa": "qa"})
        return whole(identity)

    directory.get = give
    task = context()
    desired = want("ada", index=0, facets={"groups": target("managed", ["ops"], ["old", "ops"])})
    result = converge(task, directory, [desired], BULK)
    assert result["users"][0]["groups"] == sorted(directory.people["1"].facets["groups"]) == ["ops", "qa"]
    assert result["diff"][0]["after"]["groups"] == ["ops", "qa"]
    assert [(notice.code, notice.user) for notice in task.notices] == [("given_meanwhile", "ada")]


def test_a_user_of_a_single_task_is_named_in_every_error():
    for call, desired in (("create", want("ada")), ("lookup", want("ada"))):
        directory = Memory()
        directory.fail(call, Unreachable("Could not reach it.", "Check."))
        with pytest.raises(Unreachable) as caught:
            single(directory, desired)
        assert caught.value.sentence() == "ada: Could not reach it. Check."


# -- check mode of somebody who does not exist yet -------------------------------------------------------------------


def test_nobody_found_says_so_and_no_more():
    with pytest.raises(NotFound) as caught:
        locate(Memory(CROWD), "x", None)
    assert caught.value.message == "There is no user 'x' in this directory."
    assert "Create" not in caught.value.sentence()
    with pytest.raises(NotFound, match="There is no user with the id '99' in this directory"):
        locate(Memory(CROWD), None, "99")


@pytest.mark.parametrize(
    ("hint", "said"),
    [
        ("", "Check the user before you run the task again: every run repeats the action."),
        ("See the mails.", "See the mails."),
        (RERUN, RERUN),
    ],
)
def test_an_action_whose_answer_is_lost_is_looked_at_first(hint, said):
    directory = Memory(CROWD)

    def act(account):
        raise UnclearAnswer("Lost.", hint)

    with pytest.raises(UnclearAnswer) as caught:
        perform(context(user="user01"), directory, act)
    assert caught.value.sentence() == f"user01: Lost. {said}"


def test_nobody_else_is_tried_once_no_call_is_left():
    directory = Memory()
    directory.fail(
        "create", RateLimited("This task has used all its calls.", "Run it again after the reset."), skip=1
    )
    with pytest.raises(PartialFailure) as caught:
        bulk(directory, *(want(f"user{number}") for number in range(9)), on_error="continue")
    facts = caught.value.facts()
    assert (len(facts["applied"]), len(facts["errors"]), len(facts["not_attempted"])) == (1, 1, 7)
    assert directory.calls["create"] == 2


def test_a_failure_that_wrote_nothing_says_so():
    directory = Memory()
    directory.fail("create", refusal())
    with pytest.raises(PartialFailure) as caught:
        bulk(directory, want("ada"))
    assert caught.value.facts()["changed"] is False


def test_an_answer_lost_for_good_fails_the_user():
    directory = Memory()
    for _time in range(3):
        directory.fail("create", UnclearAnswer("Lost."))
    with pytest.raises(UnclearAnswer):
        single(directory, want("ada"))
