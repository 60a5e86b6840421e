# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task from its input to its result: check mode, accounts that are kept, and actions."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import Policy
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.recipes import Binding, facet_task
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import converge, perform
from ansible_collections.rollcall.identity.tests.unit.fakes import (
    CROWD,
    RESERVED,
    SCHEMA,
    Memory,
    bulk,
    context,
    person,
    single,
    target,
    want,
)
from ansible_collections.rollcall.identity.tests.unit.strategies import accounts, desires


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


# -- input -----------------------------------------------------------------------------------------------------------


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
