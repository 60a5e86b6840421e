# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task refuses before it writes: input that is wrong, names that look alike, and double users."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, Place, Problem, place_in
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Field
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import Policy
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.recipes import Binding, facet_task
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import converge, perform
from ansible_collections.rollcall.identity.tests.unit.fakes import (
    CROWD,
    SCHEMA,
    Memory,
    bulk,
    context,
    person,
    single,
    target,
    want,
)

# -- check mode of somebody who does not exist yet -------------------------------------------------------------------


@pytest.mark.parametrize("params", [{"user": "", "id": None}, {"user": None, "id": ""}, {"user": " "}])
def test_an_empty_name_is_refused_before_any_call(params):
    directory = Memory(CROWD)
    option = "id" if params.get("id") == "" else "user"
    facet = facet_task(Binding(None, {}, SCHEMA, lambda connection, params: directory), "groups")
    for act in (
        lambda: perform(context(**params), directory, lambda account: pytest.fail("done")),
        lambda: facet.run(context(**params, protect=[], groups=["ops"], state="present"), directory.connection),
    ):
        with pytest.raises(InputError) as caught:
            act()
        assert (caught.value.message, caught.value.code) == (f"{option} is empty. Specify user or id.", "blank_value")
    assert directory.log == []


# -- input -----------------------------------------------------------------------------------------------------------


def test_all_faults_are_told_at_once_and_nothing_is_read():
    directory = Memory(CROWD)
    directory.check = lambda user: [f"{user.place} is odd."] if user.key == "odd" else []
    with pytest.raises(InputError) as caught:
        converge(
            context(),
            directory,
            [want("ada"), want("ADA"), want("odd")],
            Policy(bulk=True, loss_limit="lots"),
            ["Found before."],
        )
    assert len(caught.value.problems) == 4
    assert caught.value.message.startswith("4 problems in the input: (1) Found before. (2) ")
    assert directory.log == []


def test_what_is_wrong_with_many_in_the_same_way_is_told_once():
    same = [
        Problem(
            "there is no role named 'x'.", "unknown_role", Place(f"users[{number}] (u{number})", f"u{number}", number)
        )
        for number in range(13)
    ]
    error = InputError([*same, same[0], "users[3] (u3) is odd.", "users[4] (u4) is odd.", "More: of this."])
    assert error.problems == [
        ", ".join(f"users[{number}] (u{number})" for number in range(10)) + " and 3 more: there is no role named 'x'.",
        "users[3] (u3) is odd.", "users[4] (u4) is odd.", "More: of this.",
    ]  # fmt: skip


def test_places_that_contain_a_comma_are_separated_by_semicolons():
    places = [Place(f"users[{number}] (u{number}), tenant main", f"u{number}", number) for number in range(2)]
    error = InputError([Problem("there is no group named 'x'.", "unknown_group", place) for place in places])
    assert error.problems == [
        "users[0] (u0), tenant main; users[1] (u1), tenant main: there is no group named 'x'."
    ]


def test_many_with_one_problem_are_listed_by_name():
    places = [Place(f"users[{number}] (u{number})", f"u{number}", number) for number in range(2)]
    several = InputError([Problem("it is odd.", "odd", place) for place in places]).errors()
    assert several == [{"code": "odd", "message": "users[0] (u0), users[1] (u1): it is odd.", "user": "u0, u1"}]
    one = InputError([Problem("it is odd.", "odd", place_in(places[1], "tenant main"))]).errors()
    assert one == [{"code": "odd", "message": "users[1] (u1), tenant main: it is odd.", "user": "u1", "index": 1}]


def test_faults_that_need_reading_are_told_together_too():
    directory = Memory([person(1, "ada"), person(2, "EVE"), person(3, "Eve")])
    with pytest.raises(InputError) as caught:
        bulk(directory, want("eve"), want("x", id="9"), want("ghost", may_create=False), want("ada"), want("", id="1"))
    problems = " ".join(caught.value.problems)
    assert len(caught.value.problems) == 4
    assert all(
        said in problems
        for said in (
            "matches 2 users", "no user has the id 9", "there is no such user", "the same user as users[3] (ada)",
        )
    )
    assert [problem.code for problem in caught.value.problems] == [
        "ambiguous_user", "user_not_found", "user_not_found", "duplicate_user",
    ]
    assert directory.writes == []


def test_who_wishes_for_more_than_the_bounds_is_told():
    outside = {
        "groups": target("managed", ["OPS", "dev", "qa"], ["ops"]),
        "labels": target("managed", {"a": 1, "b": 2}, ["b"]),
    }
    with pytest.raises(InputError) as caught:
        bulk(Memory(), want("ada", facets=outside))
    assert [problem.partition(" Add ")[0] for problem in caught.value.problems] == [
        "users[0] (ada): groups contains dev, qa, which managed_groups does not.",
        "users[0] (ada): labels contains a, which managed_labels does not.",
    ]


def test_what_a_new_user_needs():
    schema = dataclasses.replace(
        SCHEMA, fields=(*SCHEMA.fields, Field("surname", required=True), Field("language", required=True, default="en"))
    )
    directory = Memory([person(1, "bob")], schema=schema)
    text = "creating it requires surname: specify it, or correct the name if the user should exist."
    with pytest.raises(InputError, match=text):
        bulk(directory, want("ada", schema=schema))
    result = bulk(directory, want("ada", schema=schema, surname="L"), want("bob", schema=schema))
    assert result["summary"]["created"] == result["summary"]["unchanged"] == 1


@pytest.mark.parametrize("run", [single, bulk])
@pytest.mark.parametrize("params", [{}, {"lookups_up_to": 0}, {"lookups_up_to": 0, "page_size": 1}])
def test_an_earlier_name_that_exists_as_well_is_never_deleted_by_a_second_run(run, params):
    people = [person(number, name) for number, name in enumerate(["ada", "bob", "eve", "lovelace", "mia"], 1)]
    directory = Memory(people, **params)
    with pytest.raises(InputError) as caught:
        run(directory, want("ada", "absent", previous=("byron", "lovelace")))
    assert [problem.code for problem in caught.value.problems] == ["ambiguous_user"]
    assert len(directory.people) == len(people)
    run(directory, want("ada", "absent", previous=("byron",)))
    assert [account.key for account in directory.people.values()] == ["bob", "eve", "lovelace", "mia"]


@pytest.mark.parametrize("desired", [want("new", id="1"), want("new", previous=("ada",)), want("", id="1", name="new")])
def test_a_rename_that_the_provider_cannot_do_is_an_error(desired):
    directory = Memory([person(1, "ada")], schema=dataclasses.replace(SCHEMA, can_rename=False))
    with pytest.raises(InputError, match="cannot rename ada"):
        single(directory, desired)
    assert directory.writes == []


# -- names, protection and limits in a whole task --------------------------------------------------------------------


KELVIN = "mi\u212ae"
"""Looks like mike, with a Kelvin sign."""


@pytest.mark.parametrize(("there", "user"), [("mike", KELVIN), (KELVIN, "mike")])
@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("count", [1, 9])
def test_a_name_that_looks_like_another_one_is_never_written(there, user, state, count):
    """In a list that is read whole; a plain name that is looked up cannot find all that look like it."""
    directory = Memory([person(99, there), *CROWD[:9]])
    others = [want(account.key) for account in CROWD[:count - 1]]
    with pytest.raises(InputError) as caught:
        bulk(directory, want(user, state), *others, unlisted="report")
    assert [entry["code"] for entry in caught.value.errors()] == ["lookalike_name"]
    assert not directory.writes


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_name_that_looks_like_another_one_is_looked_up_in_both_spellings(state):
    directory = Memory([person(1, "mike")])
    with pytest.raises(InputError) as caught:
        single(directory, want(KELVIN, state))
    assert caught.value.code == "lookalike_name"
    assert "'mi\\u212ae' looks like 'mike' (id 1)" in caught.value.message
    assert directory.log == [("lookup", KELVIN), ("lookup", "miKe")]
    assert single(Memory([person(1, KELVIN)]), want(KELVIN, title="x"))["changed"]


@pytest.mark.parametrize(("unlisted", "warned"), [("ignore", False), ("report", True), ("disable", True)])
def test_a_pattern_that_matches_nobody_is_reported_where_all_were_read(unlisted, warned):
    task, directory = context(), Memory(CROWD[:9])
    desired = [want(account.key, index=index) for index, account in enumerate(CROWD[:9])]
    converge(task, directory, desired, Policy(bulk=True, unlisted=unlisted, protect=("user0*", "usr01")))
    assert [notice.code for notice in task.notices] == ["unmatched_pattern"] * warned
    assert all("'usr01' matches no user" in notice.text for notice in task.notices)


@pytest.mark.parametrize(
    "desired",
    [
        [want("ada", id="5"), want("ada")],
        [want("ada", id="5"), want("ada", id="6")],
        [want("ada", id="5"), want("zoe", previous=("bob",)), want("ada", previous=("eve",))],
        [want("", id="5", name="eve")],
        [want("zoe", previous=("bob",)), want("", id="5")],
    ],
)
def test_two_wishes_for_one_user_or_one_name_are_refused_before_the_first_write(desired):
    directory = Memory([person(5, "bob"), person(6, "eve"), *CROWD[10:17]])
    with pytest.raises(InputError):
        bulk(directory, *desired, want("new"), unlisted="report")
    assert not directory.writes
