# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What others write between a plan and its execution."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.plan import plan_all
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.execute import execute
from ansible_collections.rollcall.identity.tests.unit.executing import NEW, held, run
from ansible_collections.rollcall.identity.tests.unit.fakes import (
    SCHEMA,
    Memory,
    MemoryWriting,
    entries,
    person,
    refusal,
    target,
    want,
)


@pytest.mark.parametrize("error", [refusal(409, "taken"), refusal(422, "in use")])
def test_somebody_whom_another_run_has_created_meanwhile_is_taken_over(error):
    directory = Memory()
    directory.is_duplicate = lambda refused: refused.status in (409, 422)
    plan = plan_all(SCHEMA, [(want(
        "ada", title="x", email="", enabled=False, password="pw", always=frozenset({"password"}),
        facets={**NEW, "groups": target("exact", ["ops"]), "attributes": target("present", {"b": "", "c": "2"})},
    ), None, [])])
    directory.people["7"] = person(
        7, "ada", title="old", email="a@x", facets={"groups": ["qa"], "labels": {"z": "1"}, "attributes": {"b": "1"}}
    )
    directory.fail("create", error)
    [done] = execute(directory, plan.changed, False)
    assert done.error is None
    [account] = held(directory, "ada")
    # what somebody else has given was not looked at by any limit
    assert account.facets["groups"] == entries("ops", "qa")
    assert account.facets["labels"] == {"a": "1", "z": "1"}
    assert account.facets["attributes"] == {"b": "1", "c": "2"}
    assert (account.values["title"], account.values["enabled"], account.values["email"]) == ("x", True, "a@x")
    assert directory.calls["update password"] == 0
    assert [(notice.code, notice.user) for notice in done.notices] == [("adopted", "ada")]
    assert (done.adopted_plan.operation, done.adopted_plan.before["title"], done.adopted_plan.after["title"]) == (
        "update", "old", "x",
    )


@pytest.mark.parametrize(("status", "there"), [(400, 1), (409, 0), (409, 2)])
def test_a_refusal_that_does_not_mean_one_user_who_is_there_is_an_error(status, there):
    directory = Memory()
    directory.lookup = lambda key: [person(number, "ada") for number in range(1, there + 1)]
    directory.fail("create", refusal(status, "no"))
    [done] = run(directory, want("ada"))
    assert done.error.status == status
    assert directory.writes == [("create", "ada")]


def test_a_refusal_is_reported_where_the_look_up_after_it_fails():
    """OneLogin refuses wrong values and names that are taken alike: what is wrong with the value must not get lost."""
    directory = Memory()
    directory.is_duplicate = lambda refused: refused.status == 422
    directory.fail("create", refusal(422, "the title is too long"))
    directory.fail("lookup", refusal(500, "out of order"))
    [done] = run(directory, want("ada"))
    assert (done.error.status, done.error.answer) == (422, "the title is too long")
    assert "too long" in done.error.message, (done.error.message, done.error.__cause__)


@pytest.mark.parametrize(
    ("mode", "left"), [("present", ["dev", "old", "ops", "qa"]), ("managed", ["dev", "ops", "qa"])]
)
def test_what_others_give_between_plan_and_replacing_write_stays(mode, left):
    directory = Memory([person(1, "ada", facets={"groups": ["old", "dev"]})])
    directory.replaces = frozenset({"groups"})
    desired = want("ada", facets={"groups": target(mode, ["ops"], ["old", "ops", "qa"] if mode == "managed" else None)})
    plan = plan_all(SCHEMA, [(desired, directory.get("1"), [])])
    directory.people["1"].facets["groups"].update(entries("qa"))
    directory.log.clear()
    [done] = execute(directory, plan.changed, False)
    assert done.error is None
    assert sorted(directory.people["1"].facets["groups"]) == left  # qa was given after the limits were checked
    assert [call for call, _who in directory.log] == ["get", "facet groups"]
    assert done.others_entries == {"groups": entries("qa")}


def test_what_is_exact_is_replaced_without_another_look():
    directory = Memory([person(1, "ada", facets={"groups": ["old"]})])
    directory.replaces = frozenset({"groups"})
    run(directory, want("ada", facets={"groups": target("exact", ["ops"])}))
    assert [call for call, _who in directory.log] == ["facet groups"]


@pytest.mark.parametrize(("age", "looks"), [(None, 1), (0, 0), (2, 0), (3, 1)])
def test_who_was_read_a_moment_ago_is_not_read_again(age, looks):
    directory = Memory([person(1, "ada", facets={"groups": ["old"]})])
    directory.replaces = frozenset({"groups"})
    plan = plan_all(SCHEMA, [(want("ada", facets={"groups": target("present", ["ops"])}), directory.get("1"), [])])
    directory.log.clear()
    execute(directory, plan.changed, False, age=age)
    assert directory.calls["get"] == looks
    assert sorted(directory.people["1"].facets["groups"]) == ["old", "ops"]


def test_what_travels_in_one_call_is_read_once_and_written_first():
    """Profile and groups are one document here: what others give meanwhile stays, exact or not,
    and one call writes both."""
    directory = Memory([person(1, "ada", title="old", facets={"groups": ["old"]})])
    directory.replaces = directory.joined = frozenset({"profile", "groups"})
    directory.reads_first = True
    written = []

    class Together(MemoryWriting):
        def joined(self, steps):
            written.append({step.via: step.values or sorted(step.final) for step in steps})

    directory.writing = lambda *who: Together(directory, *who)
    desired = want("ada", title="new", admin=True, facets={"groups": target("exact", ["ops"])})
    plan = plan_all(SCHEMA, [(desired, directory.get("1"), [])])
    directory.people["1"].facets["groups"].update(entries("qa"))
    directory.log.clear()
    [done] = execute(directory, plan.changed, False, age=0)
    assert (done.error, done.steps_written, done.others_entries) == (None, 3, {"groups": entries("qa")})
    assert written == [{"profile": {"title": "new"}, "groups": ["ops", "qa"]}]
    assert [call for call, _who in directory.log] == ["get", "update power"]


def test_what_is_so_by_now_is_not_written():
    directory = Memory([person(1, "ada")])
    directory.replaces = frozenset({"groups"})
    plan = plan_all(SCHEMA, [(want("ada", facets={"groups": target("present", ["ops"])}), directory.get("1"), [])])
    directory.people["1"].facets["groups"].update(entries("ops"))
    [done] = execute(directory, plan.changed, False)
    assert directory.writes == []
    assert done.error is None


def test_two_runs_at_once_lose_nothing():
    directory = Memory(
        [person(number, f"user{number}", facets={"groups": ["old"]}) for number in range(4)], max_concurrency=2
    )
    directory.replaces = frozenset({"groups"})
    plans = [
        plan_all(
            SCHEMA,
            [
                (want(f"user{number}", facets={"groups": target("present", [name])}), directory.get(str(number)), [])
                for number in range(4)
            ],
        )
        for name in ("one", "two")
    ]
    for plan in plans:  # both were planned before either is executed
        assert [done.error for done in execute(directory, plan.changed, False)] == [None] * 4
    assert {tuple(sorted(account.facets["groups"])) for account in directory.people.values()} == {("old", "one", "two")}
