# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task from its input to its result: what is read, what is checked, what is told."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    RERUN,
    GuardError,
    InputError,
    NotFound,
    PartialFailure,
    Place,
    Problem,
    RateLimited,
    UnclearAnswer,
    Unreachable,
    place_in,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.losses import PASSWORD_CHANGED, Loss
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Field, Snapshot
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import Policy
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.recipes import Binding, facet_task, info_task
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import converge, gather, locate, perform
from ansible_collections.rollcall.identity.tests.unit.fakes import (
    BULK,
    CROWD,
    SCHEMA,
    Memory,
    bulk,
    context,
    person,
    refusal,
    single,
    target,
    want,
)
from ansible_collections.rollcall.identity.tests.unit.strategies import accounts, desires

RESERVED = {"failed", "results", "skipped", "items", "keys", "rc", "exception", "msg", "invocation"}


def state(directory):
    return {account.key: (account.values, account.facets) for account in directory.people.values()}


# -- check mode ------------------------------------------------------------------------------------------------------


@st.composite
def cases(draw):
    names = draw(st.lists(st.sampled_from(["ada", "bob", "eve", "zoë", "007"]), unique=True, min_size=1))
    people = [
        draw(accounts(identity=str(number), name=name, deleted=False))
        for number, name in enumerate(names)
        if draw(st.booleans())
    ]
    wished = [
        draw(desires(key=name, states=("present", "present", "absent"), index=index))
        for index, name in enumerate(names)
    ]
    return people, wished


def comparable(result, made=()):
    """Return a result without what a check cannot know: the ids of new users, and the calls that writing takes."""
    shown = {name: value for name, value in result.items() if name not in ("api_calls", "request_id")}
    shown["users"] = [{**user, "id": None} if user["user"] in made else user for user in result["users"]]
    return shown


@given(cases(), st.sampled_from(["ignore", "report", "disable", "delete"]), st.sampled_from([1, 3]))
def test_check_mode_tells_what_then_happens_and_a_second_run_changes_nothing(case, unlisted, workers):
    people, wished = case
    # else refused
    assume(unlisted not in ("disable", "delete") or any(desired.state == "present" for desired in wished))
    directory = Memory(people, max_concurrency=workers)
    before = state(directory)
    told = bulk(directory, *wished, check=True, unlisted=unlisted)
    assert directory.writes == []
    assert state(directory) == before
    made = {user["user"] for user in told["users"] if user["id"] is None}
    done = bulk(directory, *wished, unlisted=unlisted, plan_digest=told["plan_digest"])
    assert comparable(done, made) == comparable(told, made)
    assert done["changed"] == (bool(directory.writes))
    again = bulk(directory, *wished, unlisted=unlisted)
    assert (again["changed"], again["users"], again["diff"]) == (False, [], [])
    assert set(done) & RESERVED == set()


@given(desires(key="ada", states=("present", "absent")), st.none() | accounts(name="ada", deleted=False))
def test_the_same_for_one_user(desired, account):
    directory = Memory([account] if account else [])
    told, done = single(directory, desired, check=True), single(directory, desired)
    for result in (told, done):
        result.pop("api_calls")
        if account is None and result["user"]:
            result["user"].pop("id")
    assert done == told
    assert not single(directory, desired)["changed"]


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


@pytest.mark.parametrize("on_error", ["continue", "stop"])
def test_unlisted_users_are_left_alone_where_a_listed_one_failed(on_error):
    directory = Memory([person(1, "ada"), person(2, "leaver")])
    directory.fail("create", refusal())
    with pytest.raises(PartialFailure) as caught:
        bulk(directory, want("ada"), want("new"), unlisted="delete", on_error=on_error)
    assert sorted(directory.people) == ["1", "2"]
    assert caught.value.facts()["not_attempted"] == ["leaver"]
    assert ("left alone" in caught.value.message) == (
        on_error == "continue"
    ) or "were not attempted" in caught.value.message


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


@pytest.mark.parametrize(("name", "params", "after"), [
    ("groups", {"groups": ["ops"], "state": "present"}, {"groups": ["ops"]}),
    ("groups", {"groups": ["ops"], "state": "exact"}, {"groups": ["ops"]}),
    ("attributes", {"attributes": {"a": "1"}, "state": "present"}, {"attributes": {"a": "1"}}),
    ("groups", {"groups": ["ops"], "state": "absent"}, None),
])
def test_check_mode_of_a_part_of_somebody_who_does_not_exist_yet(name, params, after):
    directory = Memory()
    task = facet_task(Binding(None, {}, SCHEMA, lambda connection, params: directory), name)
    about = {"user": "ada", "protect": [], "names": None, **params}
    checked = context(True, **about)
    result = task.run(checked, directory.connection)
    assert result["changed"] is (after is not None)
    assert [(entry["before"][name], entry["after"]) for entry in result["diff"]] == (
        [(type(after[name])(), after)] if after else []
    )
    assert result["user"]["id"] is None
    assert [(notice.code, notice.user) for notice in checked.notices] == [("missing_in_check_mode", "ada")]
    assert directory.writes == []
    with pytest.raises(InputError, match="there is no such user") as caught:
        task.run(context(False, **about), directory.connection)
    assert caught.value.errors()[0]["user"] == "ada"
    assert caught.value.code == "user_not_found"


def test_check_mode_asks_nothing_of_somebody_who_does_not_exist_yet():
    directory = Memory([person(1, "boss", admin=True)])
    directory.complete = lambda desired, account: {}[account.id]
    checked = context(True)
    desired = want("ada", may_create=False, admin=False, facets={"groups": target("exact", ["ops"])})
    assert converge(checked, directory, [desired], Policy(min_admins=2, protect=("ada",)))["changed"] is True
    assert directory.calls["load"] == directory.calls["list"] == 0


def test_check_mode_of_an_action_on_somebody_who_does_not_exist_yet():
    checked = context(True, user="ada")
    result = perform(checked, Memory(), lambda account: pytest.fail("done"))
    assert (result["changed"], result["user"]) == (True, {"id": None, "user": "ada"})
    assert [notice.code for notice in checked.notices] == ["missing_in_check_mode"]


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


def test_nobody_found_says_so_and_no_more():
    with pytest.raises(NotFound) as caught:
        locate(Memory(CROWD), "x", None)
    assert caught.value.message == "There is no user 'x' in this account."
    assert "Create" not in caught.value.sentence()
    with pytest.raises(NotFound, match="There is no user with the id '99' in this account"):
        locate(Memory(CROWD), None, "99")


@pytest.mark.parametrize(
    ("hint", "said"),
    [
        ("", "Check the user before you run it again: every run repeats the action."),
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
    with pytest.raises(InputError, match="creating it requires surname"):
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


@pytest.mark.parametrize(
    "policy", [{"loss_limit": "0"}, {"min_admins": 1}, {"protect": ("ada",)}, {"plan_digest": "x"}, {"max_mails": 0}],
)
@pytest.mark.parametrize("check", [True, False])
def test_limits_stop_a_task_before_its_first_write_and_in_check_mode_too(policy, check):
    directory = Memory([person(1, "ada", admin=True)], lookups_up_to=0)
    directory.mails = lambda steps, desired: sum(step.verb == "create" for step in steps)
    with pytest.raises(GuardError) as caught:
        bulk(directory, want("ada", "absent"), want("new"), check=check, **policy)
    assert directory.writes == []
    assert [entry["before_header"] for entry in caught.value.more["diff"]] == ["ada", "new"]
    assert set(caught.value.more) & RESERVED == set()


def test_a_plan_that_was_stopped_can_be_approved_by_its_digest():
    directory = Memory(CROWD)
    with pytest.raises(GuardError) as caught:
        bulk(directory, want("user00", "absent"), loss_limit="0")
    assert bulk(directory, want("user00", "absent"), plan_digest=caught.value.more["plan_digest"])["changed"]


KEEPS = dataclasses.replace(SCHEMA, soft_deletes=True)


@pytest.mark.parametrize(
    ("state", "operation", "calls"),
    [
        ("present", "restored", ["restore", "update profile"]),
        ("absent", "unchanged", []),
        ("destroyed", "deleted", ["destroy"]),
    ],
)
def test_an_account_that_is_kept_after_its_deletion(state, operation, calls):
    directory = Memory([person(1, "Ada", deleted=True)], schema=KEEPS)
    desired = want("ada", state, schema=KEEPS, **({"title": "x"} if state == "present" else {}))
    desired.options["restore"] = True
    told, done = (bulk(directory, desired, check=check, loss_limit="1") for check in (True, False))
    assert comparable(done) == comparable(told)
    assert done["summary"][operation] == 1
    assert [call for call, _who in directory.writes] == calls


def test_an_account_is_brought_back_only_where_that_is_wished():
    directory = Memory([person(1, "ada", deleted=True)], schema=KEEPS)
    with pytest.raises(InputError, match="restore: true"):
        single(directory, want("ada", schema=KEEPS))
    assert directory.writes == []


@pytest.mark.parametrize("run", [single, bulk])
@pytest.mark.parametrize("more", [{"id": "1"}, {"previous": ("ada",)}])
def test_nobody_is_renamed_to_a_name_that_a_deleted_account_keeps(run, more):
    directory = Memory([person(1, "ada"), person(2, "Lovelace", deleted=True)], schema=KEEPS)
    with pytest.raises(InputError, match=r"a deleted user \(id 2\) still has this name") as caught:
        run(directory, want("lovelace", schema=KEEPS, **more), check=True)
    assert [(problem.code, problem.option) for problem in caught.value.problems] == [("duplicate_user", "user")]
    run(directory, want("byron", schema=KEEPS, **more))
    assert directory.people["1"].key == "byron"


def test_a_plan_over_the_rate_limit_is_not_begun():
    directory = Memory()
    directory.connection.transport.limiter.observe(5000, 2, 3600)
    with pytest.raises(RateLimited, match="needs 3 calls"):
        bulk(directory, want("ada"), want("bob"), want("eve"))
    assert directory.writes == []


def test_a_plan_on_many_users_leaves_the_reserve_and_one_on_a_single_user_may_use_it():
    directory = Memory(CROWD[:3], rate_reserve="10")
    directory.connection.transport.limiter.observe(100, 11, 3600)
    with pytest.raises(
        RateLimited, match=r"needs 2 calls; the server's rate limit leaves 11 calls .10 of them in reserve."
    ):
        bulk(directory, want("ada"), want("bob"))
    assert directory.writes == []
    single(directory, want("ada"))
    assert directory.writes == [("create", "ada")]
    bulk(directory, want("bob"))
    assert len(directory.writes) == 2


@pytest.mark.parametrize("many", [True, False])
def test_reading_many_users_leaves_the_reserve(many):
    directory = Memory()
    limiter = directory.connection.transport.limiter
    limiter.observe(100, 20, 3600)
    if many:
        with pytest.raises(RateLimited, match="20 of them in reserve"):
            gather(context(), directory.connection, lambda: limiter.acquire() or {}, bulk=True)
    else:
        gather(context(), directory.connection, lambda: limiter.acquire() or {})


@pytest.mark.parametrize(
    ("params", "sparing"),
    [({}, True), ({"filters": {"title": "x"}}, True), ({"user": "user00"}, False), ({"id": "1"}, False)],
)
def test_an_info_task_leaves_the_reserve_unless_it_asks_for_one_user(params, sparing):
    directory = Memory(CROWD[:3])
    binding = Binding(None, {}, SCHEMA, lambda connection, params: directory)
    task = info_task(
        binding,
        ["groups"],
        [],
        {},
        lambda memory, filters: memory.listing().accounts,
        lambda memory, params, accounts: {},
    )
    task.run(context(**{"gather": [], "filters": None, **params}), directory.connection)
    assert directory.connection.transport.limiter.keeps_reserve is sparing


def test_a_task_begins_without_the_reserve_of_the_one_before():
    directory = Memory()
    bulk(directory, want("ada"))
    directory.connection.begin()
    assert not directory.connection.transport.limiter.keeps_reserve


@pytest.mark.parametrize("reserve", ["most", "120%", "-1"])
def test_a_reserve_that_cannot_be_is_refused(reserve):
    with pytest.raises(InputError, match=r"rate_reserve is '.*'; specify a percentage"):
        Memory(rate_reserve=reserve)


def test_the_calling_identity_is_spared():
    directory = Memory(CROWD[:3])
    directory.connection.whoami = "user02"
    result = bulk(directory, want("user00"), unlisted="delete")
    assert (result["spared"], result["summary"]["deleted"]) == (["user02"], 1)


@pytest.mark.parametrize(
    ("actual", "said"),
    [("other", "expected_account is acme, and these credentials belong to account other"), (None, "cannot verify")],
)
def test_the_wrong_account_is_noticed_before_anything_is_read(actual, said):
    directory = Memory(CROWD, expected_account="acme")
    directory.connection.organisation = actual
    for act in (
        lambda: bulk(directory, want("ada")),
        lambda: perform(context(user="user00"), directory, lambda account: {}),
        lambda: gather(context(), directory.connection, lambda: pytest.fail("read")),
    ):
        with pytest.raises(InputError) as caught:
            act()
        assert said in caught.value.message
    assert directory.log == []


def test_the_right_account_passes_whatever_its_case():
    assert not bulk(Memory(CROWD, expected_account="ACME"), want("user00"))["changed"]


# -- actions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("check", "needed", "acts"), [(False, True, 1), (True, True, 0), (False, False, 0)])
def test_an_action_is_done_where_needed_and_only_announced_in_check_mode(check, needed, acts):
    done = []
    result = perform(
        context(check, user="USER00"),
        Memory(CROWD),
        lambda account: done.append(account.key) or {"more": 1},
        lambda account: needed,
    )
    assert len(done) == acts
    assert result["changed"] is needed
    assert result["user"] == {"id": "0", "user": "user00"}
    assert ("more" in result) == bool(acts)


@pytest.mark.parametrize("params", [{"user": "nobody"}, {"id": "99"}, {"user": "user01", "id": "2"}])
def test_an_action_on_nobody_is_an_error(params):
    with pytest.raises(InputError):
        perform(context(**params), Memory(CROWD), lambda account: pytest.fail("done"))


@pytest.mark.parametrize("admins", [2, 3])
def test_the_last_administrators_are_kept_in_tasks_on_one_user_too(admins):
    directory = Memory([person(number, f"admin{number}", admin=True) for number in range(admins)])
    want_gone = want("admin0", state="absent")
    if admins == 2:
        with pytest.raises(GuardError, match="would leave 1 privileged"):
            single(directory, want_gone, min_admins=2)
        assert len(directory.people) == 2
    else:
        assert single(directory, want_gone, min_admins=2)["changed"] is True


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


def test_a_login_that_is_open_again_is_counted_and_limited():
    directory = Memory([person(1, "ada", enabled=False), person(2, "bob")])
    desired = [want("ada", enabled=True), want("bob", title="x")]
    with pytest.raises(GuardError) as caught:
        bulk(directory, *desired, reopen_limit="0")
    assert (caught.value.code, caught.value.users, caught.value.more["summary"]["reopened"]) == (
        "reopen_limit",
        ["ada"],
        1,
    )
    result = bulk(directory, *desired, reopen_limit="1")
    assert (result["summary"]["reopened"], result["summary"]["updated"]) == (1, 1)
    assert result["diff"][0]["before"] == {"enabled": False}
    assert directory.people["1"].values["enabled"] is True


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


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(("protect", "caller"), [(["a*"], "robot"), ([], "ada"), ([], "1")])
def test_an_action_takes_nothing_from_a_protected_user(check, protect, caller):
    directory, acted = Memory([person(1, "ada")]), []
    directory.connection.whoami = caller
    task = context(check, user="ada", protect=protect)
    with pytest.raises(GuardError, match="gets a new password") as caught:
        perform(task, directory, lambda account: acted.append(account) or {}, losses=[Loss(PASSWORD_CHANGED)])
    assert (caught.value.code, caught.value.users, acted) == ("protected", ["ada"], [])
    assert perform(task, directory, lambda account: acted.append(account) or {})["changed"], (
        "an action that takes nothing"
    )
