# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is there: as few calls as the task needs, and nothing taken away on half a list."""

from __future__ import annotations

import threading

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, RollcallError
from ansible_collections.rollcall.identity.plugins.module_utils._core.guards import Policy
from ansible_collections.rollcall.identity.plugins.module_utils._core.model import Snapshot
from ansible_collections.rollcall.identity.plugins.module_utils._core.paging import Listing
from ansible_collections.rollcall.identity.plugins.module_utils._core.progress import Progress
from ansible_collections.rollcall.identity.plugins.module_utils._core.reading import Reading
from ansible_collections.rollcall.identity.tests.unit.fakes import CROWD, Memory, bulk, person, want, wish


def read_for(directory, wanted, everyone=False):
    with Reading(Progress(), directory, len(wanted), Policy(unlisted="report" if everyone else "ignore")) as reading:
        return reading.result(wanted)


def read(directory, names, everyone=False):
    return read_for(directory, [want(name) for name in names], everyone)


def test_few_users_are_looked_up():
    directory = Memory(CROWD, lookups_up_to=5)
    snapshot, told = read(directory, [f"user{number:02}" for number in range(4)] + ["nobody"])
    assert directory.calls == {"lookup": 5}
    assert told == "0 pages, 5 look-ups"
    assert not snapshot.complete
    assert len(snapshot.accounts) == 4


def test_many_users_are_listed():
    directory = Memory(CROWD, page_size=10)
    snapshot, told = read(directory, [f"user{number:02}" for number in range(21)])
    assert directory.calls == {"list": 3}
    assert told == "3 pages of 10, 0 look-ups"
    assert snapshot.complete


def test_a_short_list_is_one_page():
    assert read(Memory(CROWD[:3], page_size=50, lookups_up_to=0), ["user00"])[1] == "1 page of 50, 0 look-ups"


@pytest.mark.parametrize("tells", [True, False])
def test_a_list_that_turns_out_too_long_is_left_for_look_ups(tells):
    directory = Memory([person(number, f"p{number:04}") for number in range(600)], page_size=10)
    directory.tells_total = tells
    wanted = [f"p{number:04}" for number in range(0, 575, 25)]
    snapshot, told = read(directory, wanted)
    assert not snapshot.complete
    assert told == "{list} page{} of 10, {lookup} look-ups".format("s" * (not tells), **directory.calls)
    assert {account.key for account in snapshot.accounts} >= set(wanted)
    assert directory.calls["list"] + directory.calls["lookup"] <= 2 * len(wanted)
    if tells:
        assert directory.calls["list"] == 1


def test_the_whole_list_is_read_where_everyone_matters():
    directory = Memory(CROWD, page_size=2)
    snapshot, _told = read(directory, ["user00"], everyone=True)
    assert directory.calls == {"list": 15}
    assert snapshot.complete


def test_ids_and_earlier_names_are_looked_up_as_far_as_needed():
    directory = Memory([person(1, "ada"), person(2, "old"), person(3, "bob")])
    wanted = [want("ada", id="1"), want("new", previous=("never", "old", "older")), want("", id="9"), want("bob", previous=("robert",))]
    snapshot, _told = read_for(directory, wanted)
    assert [account.key for account in snapshot.accounts] == ["ada", "old", "bob"]
    assert sorted(directory.log) == [("get", "1"), ("get", "9"), ("lookup", "bob"), ("lookup", "never"), ("lookup", "new"), ("lookup", "old")]


def test_what_the_list_leaves_out_is_read_only_where_it_is_compared():
    directory = Memory(CROWD, page_size=50, lookups_up_to=0)
    directory.lean = True
    wished = [want("user01", title="x"), want("user02", facets={"groups": wish("exact", ["ops"])}), want("user03", enabled=True), want("user04", "absent")]
    result = bulk(directory, *wished)
    assert sorted(who for call, who in directory.log if call == "load") == ["user01", "user02"]
    assert result["summary"]["unchanged"] == 2
    assert result["summary"]["deleted"] == 1


@pytest.mark.parametrize("unlisted", ["report", "disable", "delete"])
def test_an_incomplete_list_never_takes_anyone_away(unlisted):
    directory = Memory(CROWD)
    directory.truncated = True
    with pytest.raises(RollcallError, match="not complete"):
        bulk(directory, want("user00", title="x"), unlisted=unlisted)
    assert directory.writes == []


class Slow(Memory):
    """Its list and its names each wait for the other one to begin."""

    def __init__(self, people, problems=(), **params):
        super().__init__(people, lookups_up_to=0, max_concurrency=4, **params)
        self.listed, self.named = threading.Event(), threading.Event()
        self.problems = list(problems)

    def listing(self, stop=None):
        self.listed.set()
        assert self.named.wait(10)
        return super().listing(stop)

    def resolve(self, desired):
        self.named.set()
        assert self.listed.wait(10)
        return super().resolve(desired) + self.problems


def test_people_are_read_while_names_are_resolved():
    directory = Slow(CROWD, page_size=10)
    result = bulk(directory, want("user01", title="Lead"))
    assert result["summary"]["updated"] == 1


def test_a_wrong_name_ends_the_reading_that_is_under_way():
    class Endless(Slow):
        def listing(self, stop=None):
            self.listed.set()
            assert self.named.wait(10)
            while not stop(Listing(), None):
                self.clock.sleep(1)
            return Snapshot()

    directory = Endless(CROWD, problems=["there is no role named 'x'."])
    with pytest.raises(InputError, match="no role named"):
        bulk(directory, want("user01"), unlisted="report")


def test_what_is_read_once_is_read_by_one_thread():
    connection, calls, together = Memory().connection, [], threading.Barrier(4)

    def ask():
        together.wait(10)
        connection.once("roles", lambda: calls.append(1))

    threads = [threading.Thread(target=ask) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls == [1]
