# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans are executed once, in order, and read again where an answer was unclear."""

from __future__ import annotations

import copy
import math
import threading

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    RateLimited,
    RollcallError,
    UnclearAnswer,
    Unreachable,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.plan import plan_all
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.steps import UNLISTED
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.execute import execute
from ansible_collections.rollcall.identity.tests.unit.executing import NEW, held, run
from ansible_collections.rollcall.identity.tests.unit.fakes import (
    CREATE,
    SCHEMA,
    Memory,
    MemoryWriting,
    entries,
    person,
    refusal,
    target,
    want,
)
from ansible_collections.rollcall.identity.tests.unit.web import Reply

UNCLEAR = UnclearAnswer("The connection broke.", "Run it again.")
both = pytest.mark.parametrize("after", [False, True], ids=["lost before its effect", "lost after its effect"])


@both
def test_an_unclear_create_is_looked_up_and_nothing_is_made_twice(after):
    directory = Memory()
    directory.fail("create", UNCLEAR, after)
    [done] = run(directory, want("ada", title="x", password="pw", enabled=True, facets=NEW))
    assert done.error is None
    [account] = held(directory, "ada")
    assert done.account.id == account.id
    assert account.values["title"] == "x"
    assert account.facets == {"groups": entries("ops"), "tags": entries("t"), "attributes": {}, "labels": {"a": "1"}}
    assert directory.calls["create"] == (1 if after else 2)
    assert directory.calls["lookup"] == 1
    assert directory.calls["update password"] == 1


def test_a_create_whose_answers_are_all_lost_is_not_tried_for_ever():
    directory = Memory()
    for _time in range(5):
        directory.fail("create", UNCLEAR)
    [done] = run(directory, want("ada"))
    assert isinstance(done.error, UnclearAnswer)
    assert directory.calls["create"] == 3
    assert held(directory, "ada") == []


def test_two_accounts_after_an_unclear_create_are_reported():
    directory = Memory()
    directory.lookup = lambda key: [person(1, "ada"), person(2, "ada")]
    directory.fail("create", UNCLEAR, after=True)
    [done] = run(directory, want("ada"))
    assert "users are now named" in done.error.message
    assert directory.calls["create"] == 1


def test_a_failed_look_up_after_an_unclear_create_does_not_hide_that_the_user_may_exist():
    directory = Memory()

    def lookup(key):
        raise Unreachable("Could not list users: no answer.", "Check api_url.")

    directory.lookup = lookup
    directory.fail("create", UNCLEAR, after=True)
    [done] = run(directory, want("ada"))
    assert done.error.message == (
        "The connection broke. The request may have had its effect, and reading the user to find out failed: "
        "Could not list users: no answer."
    )
    assert (type(done.error), done.error.hint, done.uncertain) == (Unreachable, "Check api_url.", True)
    assert directory.calls["create"] == 1


@both
def test_an_unclear_difference_of_a_facet_is_read_again_and_only_the_rest_is_sent(after):
    directory = Memory([person(1, "ada", facets={"groups": ["old"]})])
    directory.fail("facet groups", UNCLEAR, after)
    [done] = run(
        directory,
        want("ada", title="x", facets={"groups": target("exact", ["ops"]), "labels": target("exact", {"a": "1"})}),
    )
    assert done.error is None
    assert held(directory, "ada")[0].facets["groups"] == entries("ops")
    assert held(directory, "ada")[0].facets["labels"] == {"a": "1"}
    assert directory.calls == {"update profile": 1, "facet groups": 1 if after else 2, "get": 1, "facet labels": 1}


def test_a_user_who_is_gone_after_an_unclear_answer_is_not_created():
    directory = Memory([person(1, "ada")])
    directory.fail("facet groups", UNCLEAR)
    directory.get = lambda identity: None
    [done] = run(directory, want("ada", facets={"groups": target("present", ["ops"])}))
    assert isinstance(done.error, RollcallError)
    assert directory.calls["create"] == 0


def test_a_user_just_created_who_cannot_be_read_yet_is_not_created_again():
    directory = Memory()
    directory.fail("facet groups", UNCLEAR)
    directory.get = lambda identity: None
    [done] = run(directory, want("ada", facets=NEW))
    assert isinstance(done.error, RollcallError)
    assert directory.calls["create"] == 1


def test_what_the_look_up_leaves_out_is_loaded_before_it_is_compared():
    directory = Memory()
    plain = directory.lookup

    def lean(key):
        found = plain(key)
        for account in found:
            del account.facets["groups"]
            del account.values["title"]
        return found

    directory.lookup = lean
    directory.fail("create", UNCLEAR, after=True)
    [done] = run(directory, want("ada", title="x", facets={"groups": target("exact", [])}))
    assert done.error is None
    assert directory.calls == {"create": 1, "lookup": 1, "load": 1}


@pytest.mark.parametrize("error", [refusal(400, "too weak"), Unreachable("Could not reach it.", "Check."), UNCLEAR])
def test_an_error_after_the_create_says_how_to_go_on(error):
    directory = Memory()
    for _time in range(3):
        directory.fail("update password", error)
    [done] = run(directory, want("ada", password="pw"))
    assert held(directory, "ada")
    assert "was created before that" in done.error.hint
    assert "update_password: always" in done.error.hint
    assert done.steps_written == 1


def test_an_error_of_the_create_itself_does_not_say_so():
    directory = Memory()
    directory.fail("create", refusal())
    [done] = run(directory, want("ada", password="pw"))
    assert "was created" not in done.error.hint
    assert (done.account, done.steps_written) == (None, 0)


@pytest.mark.parametrize(("stop", "attempted"), [(False, [True] * 3), (True, [True, False, False])])
def test_an_error_stops_the_others_only_where_that_is_wished(stop, attempted):
    directory = Memory()
    directory.fail("create", refusal())
    done = run(directory, want("ada"), want("bob"), want("eve"), stop=stop)
    assert [one.attempted for one in done] == attempted
    assert isinstance(done[0].error, ApiError)
    assert [one.error for one in done[1:]] == [None, None]
    assert sorted(account.key for account in directory.people.values()) == ([] if stop else ["bob", "eve"])


@pytest.mark.parametrize("stop", [False, True])
def test_outcomes_keep_the_order_of_the_plans_and_losses_come_last(stop):
    directory = Memory([person(1, "leaver"), person(2, "blocked"), person(3, "old")], max_concurrency=3)
    wished = [want("leaver", "absent"), want("new"), want("blocked", enabled=False), want("renamed", id="3")]
    done = run(directory, *wished, stop=stop)
    assert [one.plan.key for one in done] == ["leaver", "new", "blocked", "renamed"]
    calls = [call for call, _who in directory.log]
    assert set(calls[:2]) == {"create", "update profile"}
    assert set(calls[2:]) == {"delete", "update access"}


def test_nobody_loses_anything_after_an_error_where_that_stops():
    directory = Memory([person(1, "leaver")])
    directory.fail("create", refusal())
    done = run(directory, want("leaver", "absent"), want("new"), stop=True)
    assert "1" in directory.people
    assert [one.attempted for one in done] == [False, True]


def test_steps_of_a_user_come_in_their_order():
    directory = Memory()
    run(directory, want("ada", password="pw", enabled=False, facets=NEW))
    assert [call for call, _who in directory.log] == [
        "create", "update password", "update access", "facet groups", "facet labels",
    ]


def test_a_state_that_a_new_account_has_already_is_not_written():
    directory = Memory()
    run(directory, want("ada", enabled=True))
    assert [call for call, _who in directory.log] == ["create"]


def test_entries_that_the_server_keeps_are_reported():
    directory = Memory([person(1, "ada", facets={"groups": ["ops", "mapped"]})])
    directory.sticky = {"mapped"}
    [done] = run(directory, want("ada", facets={"groups": target("exact", [])}))
    assert done.kept == {"groups": entries("mapped")}
    assert done.account.facets["groups"] == entries("mapped")
    assert done.error is None


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_as_many_users_as_allowed_are_written_at_the_same_time(workers):
    directory = Memory(max_concurrency=workers)
    meeting, lock, busy = threading.Barrier(workers), threading.Lock(), []

    def meet(_who):
        with lock:
            busy.append(1)
            assert len(busy) <= workers
        meeting.wait(60)
        with lock:
            busy.pop()

    directory.meet = meet
    done = run(directory, *(want(f"user{number}") for number in range(8)))
    assert [one.error for one in done] == [None] * 8
    assert len(directory.people) == 8


@pytest.mark.parametrize(
    "fault",
    [
        ZeroDivisionError("no"),
        KeyError("x"),
        UnicodeEncodeError("utf-8", "\udc80", 0, 1, "surrogates"),
        RecursionError(),
    ],
)
@pytest.mark.parametrize("workers", [1, 2])
def test_a_fault_of_the_program_is_the_error_of_one_user(fault, workers):
    directory = Memory(max_concurrency=workers)
    directory.fail("create", fault)
    done = run(directory, want("ada"), want("bob"), want("eve"))
    [failed] = [one for one in done if one.error is not None]
    assert (failed.error.code, failed.error.user) == ("unexpected", failed.plan.key)
    assert f"Unexpected {type(fault).__name__} at fakes.py:" in failed.error.sentence()
    assert len(directory.people) == 2


def test_a_fault_of_the_program_stops_where_errors_do():
    directory = Memory()
    directory.fail("create", ZeroDivisionError())
    assert [one.attempted for one in run(directory, want("ada"), want("bob"), stop=True)] == [True, False]


@pytest.mark.parametrize("workers", [1, 2])
def test_one_error_that_meets_many_users_stays_as_it_is(workers):
    directory, shared = Memory(max_concurrency=workers), refusal(500, "down")
    for _number in range(200):
        directory.fail("update password", shared)
    done = run(directory, *(want(f"user{number:03}", password="pw") for number in range(200)))
    assert (shared.hint, shared.user) == ("", "")
    assert {one.error.hint.count("was created before that") for one in done} == {1}
    assert max(len(one.error.sentence()) for one in done) < 400
    assert all(one.plan.key in one.error.sentence() for one in done)


@pytest.mark.parametrize("error", [refusal(401, "expired"), RateLimited("No call is left.", "Run it later.")])
def test_nobody_else_is_attempted_after_an_error_that_holds_for_all(error):
    directory = Memory()
    directory.fail("create", error, skip=1)
    done = run(directory, *(want(f"user{number}") for number in range(9)))
    assert directory.calls["create"] == 2
    assert [one.attempted for one in done] == [True, True] + [False] * 7
    assert [one.error is None for one in done] == [True, False] + [True] * 7


def test_credentials_that_have_failed_are_not_sent_by_the_other_workers():
    directory = Memory(max_concurrency=4)
    meeting, ended = threading.Barrier(4), threading.Event()

    class Meeting(MemoryWriting):
        def create(self, step):
            account = super().create(step)
            meeting.wait(60)
            if self.desired.key == "user0":
                raise refusal(401, "locked")
            assert ended.wait(60)
            return account

    plan = plan_all(SCHEMA, [(want(f"user{number}", password="pw"), None, []) for number in range(4)])
    directory.writing = lambda *who: Meeting(directory, *who)
    done = execute(directory, plan.changed, False, ended.set)
    assert directory.calls["update password"] == 0
    assert [one.steps_written for one in done] == [0, 1, 1, 1]
    assert {one.error.status for one in done} == {401}
    assert "user3 was created before that" in done[3].error.hint


def meanwhile(directory, identity, *groups):
    """Let somebody give groups to a user right before the next write."""
    def give(_who):
        directory.meet = None
        directory.people[identity].facets["groups"].update(entries(*groups))

    directory.meet = give


def test_an_unclear_answer_takes_away_no_more_than_the_plan_did():
    directory = Memory([person(1, "ada", facets={"groups": ["old"]})])
    directory.fail("facet groups", UNCLEAR)
    meanwhile(directory, "1", "new")
    [done] = run(directory, want("ada", facets={"groups": target("exact", ["ops"])}))
    assert done.error is None
    assert sorted(directory.people["1"].facets["groups"]) == ["new", "ops"]


def test_unlisted_users_lose_nothing_after_a_listed_one_failed():
    directory = Memory([person(1, "leaver"), person(2, "unlisted")])
    directory.fail("create", refusal())
    gone = want("unlisted", "absent", index=UNLISTED, id="2")
    done = run(directory, want("new"), want("leaver", "absent"), gone)
    assert [one.attempted for one in done] == [True, True, False]
    assert "could not be written" in done[2].reason
    assert list(directory.people) == ["2"]


def test_an_account_is_restored_and_a_deleted_one_destroyed():
    calls = []
    directory = Memory()

    class Noting(MemoryWriting):
        def restore(self):
            calls.append(f"restore {self.account.key}")

        def delete(self):
            calls.append(f"delete {self.account.key}")

        def destroy(self):
            calls.append(f"destroy {self.account.key}")

    directory.writing = lambda *who: Noting(directory, *who)
    pairs = [(want("gone"), person(1, "gone", deleted=True), []), (want("eve", "destroyed"), person(2, "eve"), [])]
    restored, _destroyed = execute(directory, plan_all(SCHEMA, pairs).changed, False)
    assert calls == ["restore gone", "delete eve", "destroy eve"]
    assert not restored.account.deleted


def test_execution_leaves_the_plan_as_it_was_made():
    directory = Memory([person(1, "ada", title="old", facets={"groups": ["a"], "labels": {"x": "1"}})])
    directory.fail("facet groups", UNCLEAR, after=True)
    desired = want("ada", title="new", facets={"groups": target("exact", ["b"]), "labels": target("exact", {"y": "2"})})
    plan = plan_all(SCHEMA, [(desired, directory.get("1"), [])])
    before = copy.deepcopy(plan)
    execute(directory, plan.changed, False)
    assert plan == before


# -- the rate limit --------------------------------------------------------------------------------------------------


class Limited:
    """A server that takes so many requests in so many seconds, or in all, and counts those that it refuses."""

    def __init__(self, calls, seconds=math.inf, tells=False):
        self.calls, self.seconds, self.tells = calls, seconds, tells
        self.clock, self.begin, self.used, self.refused = None, 0.0, 0, 0
        self._lock = threading.Lock()

    def __call__(self, request):
        with self._lock:
            now = self.clock.now()
            if now >= self.begin + self.seconds:
                self.begin, self.used = now, 0
            self.used += 1
            if self.used <= self.calls:
                return Reply(201)
            self.refused += 1
            return Reply(429, headers={"Retry-After": math.ceil(self.begin + self.seconds - now)} if self.tells else {})


def over_the_wire(serve, limited, users, workers, **params):
    """Create users, with a request for each, and return the directory and what became of them."""
    directory = Memory(max_concurrency=workers, api_url=serve(limited).url, **params)
    limited.clock = directory.clock
    directory.meet = lambda who: directory.connection.transport.call(CREATE, json={}, subject=who)
    return directory, run(directory, *(want(f"user{number:02}") for number in range(users)))


@pytest.mark.parametrize(("tells", "most"), [(True, 15), (False, 60)])
@pytest.mark.parametrize("workers", [1, 8])
def test_a_low_rate_limit_takes_time_and_starves_nobody(serve, workers, tells, most):
    limited = Limited(4, 2, tells)
    directory, done = over_the_wire(serve, limited, 60, workers, api_retries=3, max_wait=300)
    assert [one.error for one in done] == [None] * 60
    assert len(directory.people) == 60
    # of one window only the first request that is too many, but for those under way together
    assert limited.refused <= most + workers


@pytest.mark.parametrize("workers", [1, 4])
def test_a_rate_limit_that_lasts_ends_the_task_and_says_who_was_not_begun(serve, workers):
    limited = Limited(9)
    directory, done = over_the_wire(serve, limited, 40, workers, max_wait=100)
    assert len(directory.people) == 9
    errors = [one.error for one in done if one.error]
    assert {type(error) for error in errors} == {RateLimited}
    assert errors[0].message.startswith("create_thing user")
    assert "was rate limited (429)" in errors[0].message
    assert "completed changes are kept" in errors[0].hint
    assert 1 <= len(errors) <= workers
    assert sum(not one.attempted for one in done) == 31 - len(errors)
    assert limited.refused < 12 + 2 * workers
    assert directory.connection.transport.limiter.waited == 100


def test_what_a_step_has_written_along_needs_no_call_and_a_fresh_writing_knows_nothing_of_it():
    """What a writing remembers ends with it: after an unclear answer everything is compared with what was read."""
    directory, made = Memory([person(1, "ada", title="old")]), []

    class Whole(MemoryWriting):
        def update(self, via, values):
            super().update(via, values)
            self.along.add("groups")

    def writing(*who):
        made.append(Whole(directory, *who))
        return made[-1]

    directory.writing = writing
    desired = want(
        "ada", title="new", facets={"groups": target("exact", ["ops"]), "labels": target("exact", {"a": "1"})}
    )
    directory.fail("facet labels", UNCLEAR)
    [done] = run(directory, desired)
    assert (done.error, done.steps_written, len(made)) == (None, 4, 2)
    assert [call for call, _who in directory.log] == [
        "update profile", "facet labels", "get", "facet groups", "facet labels",
    ]
