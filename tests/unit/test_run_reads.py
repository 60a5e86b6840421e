# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is there: as few calls as the task needs, and nothing taken away on half a list."""

from __future__ import annotations

import threading
import unicodedata

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    InputError,
    RateLimited,
    RollcallError,
    UnreadableAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.paging import (
    ListChanged,
    Listing,
    Page,
    numbered_pages,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account, Snapshot
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import Policy
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.options import desired_from
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.progress import Progress
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.reading import Reading
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import converge
from ansible_collections.rollcall.identity.tests.unit.fakes import (
    CROWD,
    SCHEMA,
    Memory,
    bulk,
    context,
    lazily,
    person,
    refusal,
    single,
    target,
    want,
)


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


def page_first(people, **params):
    """Return a directory whose first page tells how long its list is."""
    directory = Memory(people, **params)
    directory.page_first = True
    return directory


MANY = [person(number, f"p{number:04}") for number in range(400)]


@pytest.mark.parametrize("size", [9, 10, 11, 30, 200, 210, 220, 400])
@pytest.mark.parametrize("wanted", [2, 3, 20, 21, 40])
def test_a_first_page_costs_one_call_at_most(size, wanted):
    directory = page_first(MANY[:size], page_size=10)
    wished = [f"p{number * 7 % 400:04}" for number in range(wanted)]
    snapshot, told = read(directory, wished)
    pages = -(-size // 10)
    assert sum(directory.calls.values()) <= min(pages, wanted) + 1
    lookups = directory.calls.get("lookup", 0)
    assert told == "{list} page{} of 10, {} look-up{}".format(
        "s" * (directory.calls["list"] > 1), lookups, "" if lookups == 1 else "s", list=directory.calls["list"]
    )
    assert {account.key for account in snapshot.accounts} >= {account.key for account in MANY[:size]} & set(wished)


def test_a_directory_of_one_page_is_one_call_for_a_few_users_and_for_one_a_look_up():
    directory = page_first(MANY[:60], page_size=100)
    assert read(directory, [f"p{number:04}" for number in range(20)])[1] == "1 page of 100, 0 look-ups"
    assert read(directory, ["p0000"])[1] == "0 pages, 1 look-up"


def test_a_first_page_that_does_not_tell_the_length_is_followed_by_look_ups():
    directory = page_first(MANY, page_size=100)
    directory.tells_total = False
    assert read(directory, ["p0000", "p0150", "p0250"])[1] == "1 page of 100, 2 look-ups"
    assert read(directory, [f"p{number:04}" for number in range(0, 400, 19)])[1] == "4 pages of 100, 0 look-ups"


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
    wanted = [
        want("ada", id="1"),
        want("new", previous=("never", "old", "older")),
        want("", id="9"),
        want("bob", previous=("robert",)),
    ]
    snapshot, _told = read_for(directory, wanted)
    assert [account.key for account in snapshot.accounts] == ["ada", "old", "bob"]
    looked_up = ["bob", "never", "new", "old", "older"]
    assert sorted(directory.log) == [("get", "1"), ("get", "9"), *(("lookup", name) for name in looked_up)]


def test_two_earlier_names_that_exist_are_ambiguous_whether_listed_or_looked_up():
    for limit in (0, 20):
        directory = Memory([person(1, "old"), person(2, "older")], lookups_up_to=limit)
        with pytest.raises(InputError, match="2 of the previous names exist") as caught:
            bulk(directory, want("new", previous=("old", "older")))
        assert caught.value.code == "ambiguous_user"
        assert directory.writes == []


class Exact(Memory):
    """A directory whose server compares names by their characters."""

    def lookup(self, key):
        return [account for account in super().lookup(key) if account.key == key]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("kept", ["NFC", "NFD"])
def test_composed_and_decomposed_names_are_one_user(form, kept):
    wanted, stored = (unicodedata.normalize(shape, "jürgen") for shape in (form, kept))
    directory = Exact([person(1, stored)])
    assert single(directory, want(wanted))["changed"] is False
    assert directory.writes == []


def test_names_are_sent_composed():
    directory = Exact([])
    single(directory, want(unicodedata.normalize("NFD", "jürgen")))
    assert directory.log[0] == ("lookup", "jürgen")


NAMESAKES = [person(1, "BOB"), *(person(number, f"p{number:04}") for number in range(2, 400)), person(400, "bob")]


class Spelled(Memory):
    """A directory that knows names exactly, and finds other spellings only where nobody has this one."""

    def lookup(self, key):
        found = super().lookup(key)
        return [account for account in found if account.key == key] or found


@pytest.mark.parametrize(("key", "kept"), [("bob", "BOB"), ("BOB", "bob")])
@pytest.mark.parametrize("kind", [Memory, Spelled])
@pytest.mark.parametrize("others", [24, 398])
def test_who_is_spelled_exactly_so_is_meant_and_no_namesake_on_the_pages_that_were_read(kind, key, kept, others):
    directory = kind(NAMESAKES, page_size=3, lookups_up_to=0)
    result = bulk(directory, want(key, "absent"), *(want(f"p{number:04}") for number in range(2, 2 + others)))
    assert [user["user"] for user in result["users"]] == [key]
    assert kept in {account.key for account in directory.people.values()}
    assert directory.writes == [("delete", key)]


@pytest.mark.parametrize("key", ["Bob", "bob"])
def test_somebody_who_is_spelled_otherwise_on_the_pages_that_were_read_is_looked_up(key):
    directory = Spelled(NAMESAKES[:-1], page_size=3, lookups_up_to=0)
    result = bulk(directory, want(key, "absent"), *(want(f"p{number:04}") for number in range(300, 324)))
    assert ("lookup", key) in directory.log
    assert [user["id"] for user in result["users"]] == ["1"]


def test_several_who_are_spelled_otherwise_are_ambiguous():
    directory = Memory(NAMESAKES, page_size=3, lookups_up_to=0)
    with pytest.raises(InputError, match=r"matches 2 users \(ids 1, 400\)"):
        bulk(directory, want("Bob", "absent"))
    assert directory.writes == []


def test_a_name_that_an_id_is_to_get_is_looked_up_as_well():
    directory = Memory([*NAMESAKES[:-1], person(400, "taken")], page_size=3, lookups_up_to=0)
    with pytest.raises(InputError, match="id 1 belongs to another user; taken has id 400"):
        bulk(directory, want("taken", id="1"), *(want(f"p{number:04}") for number in range(300, 324)))


def test_a_name_that_an_id_is_to_get_is_looked_up_where_it_is_given_as_a_field():
    directory = Memory([person(1, "ada"), person(400, "taken")])
    problems = []
    desired = desired_from(SCHEMA, {"id": "1", "name": "taken"}, problems)
    with pytest.raises(InputError) as caught:
        bulk(directory, desired)
    assert (problems, caught.value.code, directory.writes) == ([], "id_mismatch", [])


def test_what_the_list_leaves_out_is_read_only_where_it_is_compared():
    directory = Memory(CROWD, page_size=50, lookups_up_to=0)
    directory.lean = True
    wished = [
        want("user01", title="x"),
        want("user02", facets={"groups": target("exact", ["ops"])}),
        want("user03", enabled=True),
        want("user04", "absent"),
    ]
    result = bulk(directory, *wished)
    assert sorted(who for call, who in directory.log if call == "load") == ["user01", "user02"]
    assert result["summary"]["unchanged"] == 2
    assert result["summary"]["deleted"] == 1


class Busy(Memory):
    """Somebody else changes it in the midst of the first readings of its list, as many times as ``changes`` says."""

    changes = 1

    def listing(self, stop=None):
        if self.changes:
            self.changes -= 1
            super().listing(stop)
            raise ListChanged("The list of users changed while it was read.", "Run it again.")
        return super().listing(stop)


def test_a_list_that_changed_is_read_once_more():
    directory = Busy(CROWD, page_size=10, lookups_up_to=0)
    snapshot, _told = read(directory, [account.key for account in CROWD])
    assert snapshot.complete
    assert directory.calls == {"list": 6}


def test_a_list_that_changed_twice_is_an_error_before_any_write():
    directory = Busy(CROWD, page_size=10, lookups_up_to=0)
    directory.changes = 2
    with pytest.raises(ListChanged):
        bulk(directory, want("new"), unlisted="report")
    assert directory.writes == []


def test_administrators_are_counted_in_a_list_that_fits():
    directory = Busy([person(1, "ada", admin=True), person(2, "bob", admin=True)])
    single(directory, want("ada", admin=False))
    assert directory.calls["list"] == 2


@pytest.mark.parametrize("unlisted", ["report", "disable", "delete"])
def test_an_incomplete_list_never_takes_anyone_away(unlisted):
    directory = Memory(CROWD)
    directory.truncated = True
    with pytest.raises(RollcallError, match="incomplete"):
        bulk(directory, want("user00", title="x"), unlisted=unlisted)
    assert directory.writes == []


class Searching(Memory):
    """A directory whose look-up of somebody who is not there takes a search as well."""

    def lookup(self, key):
        return super().lookup(key) or self.serve("search", key, list)


@pytest.mark.parametrize("workers", [1, 4])
def test_what_was_read_is_told_in_calls(workers):
    assert read(Searching(CROWD, max_concurrency=workers), ["user00", "nobody", "neither"])[1] == "0 pages, 5 look-ups"
    directory = Memory(CROWD, page_size=10, lookups_up_to=0, max_concurrency=workers)
    directory.lean = True
    wished = [want(account.key, title="x") for account in CROWD]
    assert bulk(directory, *wished, check=True)["reads"] == "3 pages of 10, 0 look-ups, 30 detail reads"
    assert bulk(directory, wished[0], check=True)["reads"].endswith(", 1 detail read")
    assert bulk(directory, want("user01"), check=True)["reads"] == "1 page of 10, 0 look-ups"


def crowded(left, loads=1):
    """Return a directory whose list leaves much out, and of whose calls so many are left.

    The details of a user take ``loads`` calls; 0 stands for one call that tells those of all users.
    """

    class Lean(Memory):
        def load(self, account, facets, fields):
            for _number in range(loads or not self.calls["load"]):
                self.serve("load", account.key, lambda: None)
            account.values["title"] = "old"

    directory = Lean(CROWD, page_size=50, lookups_up_to=0, rate_reserve="20")
    directory.lean = True
    directory.connection.transport.limiter.observe(300, left, 3000)
    return directory


@pytest.mark.parametrize(("left", "loads"), [(47, 1), (75, 2)])
def test_details_that_the_rate_limit_leaves_no_calls_for_are_not_begun(left, loads):
    directory = crowded(left, loads)
    with pytest.raises(RateLimited) as caught:
        bulk(directory, *[want(account.key, title="x") for account in CROWD])
    said = (
        f"The details of 28 more users need about {28 * loads} calls; "
        f"the server's rate limit leaves {left} calls (20 of them in reserve)"
    )
    assert caught.value.message == f"{said} and resets in 3000 s."
    assert caught.value.hint.startswith("Nothing was written. Run the task after the reset, split it, raise max_wait")
    assert directory.calls["load"] == 2 * loads
    assert directory.writes == []


@pytest.mark.parametrize(("left", "loads"), [(48, 1), (76, 2), (21, 0)])
def test_details_that_fit_the_rate_limit_are_read(left, loads):
    directory = crowded(left, loads)
    bulk(directory, *[want(account.key, title="x") for account in CROWD], check=True)
    assert directory.calls["load"] == (30 * loads or 1)


def test_the_details_of_one_user_may_take_the_last_call():
    directory = crowded(0)
    assert single(directory, want("user01", title="x"), check=True)["changed"]


class Slow(Memory):
    """Its list and its names each wait for the other one to begin."""

    def __init__(self, people, problems=(), **params):
        super().__init__(people, lookups_up_to=0, max_concurrency=4, **params)
        self.listed, self.named = threading.Event(), threading.Event()
        self.problems = list(problems)

    def listing(self, stop=None):
        self.listed.set()
        assert self.named.wait(60)
        return super().listing(stop)

    def resolve(self, desired):
        self.named.set()
        assert self.listed.wait(60)
        return super().resolve(desired) + self.problems


def test_people_are_read_while_names_are_resolved():
    directory = Slow(CROWD, page_size=10)
    result = bulk(directory, want("user01", title="Lead"))
    assert result["summary"]["updated"] == 1


def test_a_wrong_name_is_reported_together_with_what_the_accounts_show():
    directory = Slow(CROWD, problems=["there is no role named 'x'."])
    with pytest.raises(InputError) as caught:
        bulk(directory, want("user01"), want("ghost", may_create=False), want("other", may_create=False))
    assert [problem.code for problem in caught.value.problems] == ["invalid_value", "user_not_found"]
    assert "users[1] (ghost), users[2] (other): there is no such user" in caught.value.message


def test_a_wrong_name_is_reported_where_nobody_can_be_read():
    directory = Memory(lookups_up_to=0)
    directory.resolve = lambda desired: ["there is no role named 'x'."]
    directory.fail("list", refusal(500))
    with pytest.raises(InputError, match="no role named"):
        bulk(directory, want("user01"), unlisted="report")


def test_a_wrong_option_ends_the_reading_that_is_under_way():
    class Endless(Slow):
        def listing(self, stop=None):
            self.listed.set()
            while not stop(Listing(), None):
                self.clock.sleep(1)
            return Snapshot()

    directory = Endless(CROWD)
    with Reading(Progress(), directory, 1000, Policy(bulk=True)) as reading:
        reading.begin_early([])
        with pytest.raises(InputError, match="was found before"):
            converge(context(), directory, [want("user01")], Policy(bulk=True), ["That was found before."], reading)


@pytest.mark.parametrize(
    "fault", [TypeError("'NoneType' object is not iterable"), ZeroDivisionError("no"), refusal(500, "down")]
)
def test_an_error_in_the_details_of_one_user_names_the_user(fault):
    directory = Memory(CROWD, lookups_up_to=0)
    directory.lean = True
    directory.fail("load", fault, skip=1)
    with pytest.raises(RollcallError) as caught:
        bulk(directory, want("user01", title="x"), want("user02", title="x"))
    assert "user02" in caught.value.sentence()
    assert caught.value.errors()[0]["user"] == "user02"


@pytest.mark.parametrize("row", [{"id": None}, {"id": ["1"]}, {"id": 7}, {"key": None}, {"id": ""}])
def test_an_account_without_a_usable_id_or_name_is_an_unreadable_answer(row):
    class Odd(Memory):
        def listing(self, stop=None):
            self.connection.counter.operation = "list_users"
            return Snapshot([Account(**{"id": "1", "key": "ada", "values": {}, **row})], True, 1)

    with pytest.raises(UnreadableAnswer, match="The answer to list_users has a row that does not match the docu"):
        bulk(Odd(lookups_up_to=0), want("ada"), unlisted="report")


@pytest.mark.parametrize(
    "read", [lambda row: row["id"]["x"], lambda row: row["roles"], lambda row: row["id"].lower(), lambda row: int("x")]
)
def test_a_row_of_another_form_is_an_unreadable_answer(read):
    class Odd(Memory):
        def lookup(self, key):
            return [read({"id": 7})]

        def get(self, identity):
            return read({"id": 7})

    for desired in (want("ada"), want("", id="7")):
        with pytest.raises(UnreadableAnswer) as caught:
            single(Odd(), desired)
        assert "test_run_reads.py:" in caught.value.message
        assert caught.value.user == desired.name


def test_pages_that_nobody_wants_any_more_are_not_read(monkeypatch):
    lazily(monkeypatch)
    asked, readings, second = [], [], threading.Event()

    class Paged(Memory):
        def listing(self, stop=None):
            def fetch(number):
                asked.append(number)
                if number > 1:
                    second.set()
                assert number == 1 or readings[0]._given_up.wait(60)
                return Page([{"id": 100 * number + row} for row in range(100)], 10_000)

            listing = numbered_pages(fetch, "users", workers=self.connection.workers, stop=stop)
            return Snapshot([], listing.complete, listing.pages)

    directory = Paged(max_concurrency=4, lookups_up_to=0)
    with Reading(Progress(), directory, 1000, Policy(bulk=True)) as reading:
        readings.append(reading)
        reading.begin([want(f"p{number}") for number in range(1000)])
        assert second.wait(60)
    assert asked == [1, 2]


def test_what_is_read_once_is_read_by_one_thread():
    connection, calls, together = Memory().connection, [], threading.Barrier(4)

    def ask():
        together.wait(60)
        connection.cached("roles", lambda: calls.append(1))

    threads = [threading.Thread(target=ask) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls == [1]
