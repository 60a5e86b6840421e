# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists: all rows once, and an error rather than a list that is not whole."""

from __future__ import annotations

import itertools
import threading

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import UnreadableAnswer
from ansible_collections.rollcall.identity.plugins.module_utils._core.http import paging
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.paging import (
    ListChanged,
    Page,
    cursor_pages,
    numbered_pages,
    offset_pages,
    settled,
)
from ansible_collections.rollcall.identity.tests.unit.fakes import lazily

SIZE = 10
SIZES = pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 20, 25, 100])


def rows(count, start=0):
    return [{"id": number} for number in range(start, start + count)]


class Shelf:
    """A list on a server, read by cursor, by number or by offset."""

    def __init__(self, count, reports_total=True, size=SIZE):
        self.rows = rows(count)
        self.total = count if reports_total else None
        self.size = size
        self.asked = []

    def after(self, cursor):
        self.asked.append(cursor)
        start = int(cursor or 0)
        end = start + self.size
        return Page(self.rows[start:end], self.total, str(end) if end < len(self.rows) else None)

    def numbered(self, number):
        return self.offset((number - 1) * self.size)

    def offset(self, start):
        self.asked.append(start)
        return Page(self.rows[start:start + self.size], self.total)


def read_cursor(shelf, **options):
    return cursor_pages(shelf.after, "users", **options)


def read_numbered(shelf, **options):
    return numbered_pages(shelf.numbered, "users", **options)


def read_offset(shelf, **options):
    return offset_pages(shelf.offset, "users", **options)


def everyone(shelf):
    return sorted(shelf.rows, key=lambda row: row["id"])


@SIZES
@pytest.mark.parametrize("reports_total", [True, False])
@pytest.mark.parametrize(
    "read",
    [
        read_cursor, read_numbered, read_offset,
        lambda shelf: read_numbered(shelf, workers=4),
        lambda shelf: read_offset(shelf, workers=4),
    ],
)
def test_every_row_comes_once_and_in_order(read, reports_total, count):
    shelf = Shelf(count, reports_total)
    listing = read(shelf)
    assert listing.rows == everyone(shelf)
    assert listing.complete
    assert listing.pages <= count // SIZE + 1
    assert len(shelf.asked) == len(set(shelf.asked))


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("read", [read_numbered, read_offset])
def test_a_server_whose_pages_are_shorter_than_asked_for(read, workers):
    shelf = Shelf(25, size=4)
    listing = read(shelf, workers=workers)
    assert listing.rows == everyone(shelf)
    assert listing.complete
    assert len(shelf.asked) == 7


def test_pages_are_read_at_the_same_time_within_the_number_of_workers():
    shelf = Shelf(90)
    meeting = threading.Barrier(4)
    fetched = []

    def fetch(number):
        if number > 1:
            meeting.wait(60)
            fetched.append(number)
        return shelf.numbered(number)

    assert numbered_pages(fetch, "users", workers=4).rows == everyone(shelf)
    assert sorted(fetched) == list(range(2, 10))


def pages(*given):
    """Return a fetch function that gives these pages in order, whatever is asked for, and then again from the first."""
    left = itertools.cycle(given)
    return lambda _position: next(left)


@pytest.mark.parametrize(
    "read",
    [
        lambda: cursor_pages(pages(Page(rows(10), next="a"), Page(rows(10), next="b")), "users"),
        lambda: numbered_pages(pages(Page(rows(10)), Page(rows(10))), "users"),
        lambda: offset_pages(pages(Page(rows(10), 30), Page(rows(10), 30)), "users"),
        lambda: numbered_pages(lambda _number: Page(rows(10), 30), "users", workers=3),
    ],
)
def test_a_page_that_comes_again_is_an_error(read):
    with pytest.raises(UnreadableAnswer, match="repeats itself"):
        read()


@pytest.mark.parametrize("second", [{"id": 1, "name": "bob"}, {"id": "1", "name": "ada"}])
def test_two_different_rows_of_one_id_in_a_page_are_an_error(second):
    with pytest.raises(UnreadableAnswer, match="row 2 of page 1 has the same 'id' as another one"):
        cursor_pages(pages(Page([{"id": 1, "name": "ada"}, second])), "users")


def test_a_row_that_comes_twice_counts_once():
    page = Page([{"id": 1, "name": "ada"}, {"id": 1, "name": "ada"}], next="a")
    moved = Page([{"id": "1", "name": "ada", "seen": True}, {"id": 2}])
    assert [row["id"] for row in cursor_pages(pages(page, moved), "users").rows] == [1, 2]


@pytest.mark.parametrize("cursors", [("a", "a"), ("a", "b", "a")])
def test_a_cursor_that_comes_again_is_an_error(cursors):
    given = [Page(rows(2, number * 2), next=cursor) for number, cursor in enumerate(cursors)]
    with pytest.raises(UnreadableAnswer, match="same next page"):
        cursor_pages(pages(*given), "users")


@pytest.mark.parametrize(
    "read",
    [
        lambda: cursor_pages(pages(Page(rows(10), 12, "a"), Page([], 12)), "users"),
        lambda: cursor_pages(pages(Page([], 1)), "users"),
        lambda: numbered_pages(pages(Page([], 3)), "users"),
        lambda: numbered_pages(
            pages(Page(rows(10), 25), Page(rows(10, 10), 25), Page([], 25)), "users"
        ),
        lambda: offset_pages(pages(Page(rows(10), 12), Page([], 12)), "users", workers=2),
        lambda: numbered_pages(
            lambda number: Page(rows(10) if number == 1 else [], 40), "users", workers=3
        ),
    ],
)
def test_a_list_that_ends_before_its_total_is_an_error(read):
    with pytest.raises(UnreadableAnswer, match="ended after"):
        read()


def test_a_total_that_grows_while_we_read_is_noticed():
    with pytest.raises(UnreadableAnswer, match="changed while it was read: it reported 30 to 31 rows and returned 30"):
        numbered_pages(lambda number: Page(rows(10, 10 * number), 30 + number // 3), "users", workers=2)


class Busy(Shelf):
    """A list that somebody else changes before each request that ``changes`` names by its number, from nought."""

    def __init__(self, count, changes, reports_total=True):
        super().__init__(count, reports_total)
        self.reports_total, self.changes, self.lock = reports_total, dict(changes), threading.Lock()

    def offset(self, start):
        with self.lock:
            self.changes.pop(len(self.asked), lambda rows: None)(self.rows)
            self.total = len(self.rows) if self.reports_total else None
            return super().offset(start)


def goes(place):
    return lambda rows: rows.pop(place)


def comes(rows):
    rows.append({"id": 1000 + len(rows)})


CHANGES = [
    {2: goes(0)},
    {2: goes(15)},
    {1: goes(-1)},
    {3: comes},
    {1: comes, 2: comes},
    {3: goes(0), 7: lambda rows: None},
]


@pytest.mark.parametrize("changes", CHANGES)
@pytest.mark.parametrize("count", [30, 31, 35, 21])
@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("read", [read_numbered, read_offset])
def test_a_list_that_changes_while_it_is_read_is_read_once_more(read, workers, count, changes):
    shelf = Busy(count, changes)
    listing = read(shelf, workers=workers)
    assert listing.complete
    assert sorted(row["id"] for row in listing.rows) == sorted(row["id"] for row in shelf.rows)


def test_a_row_that_moves_to_a_page_that_is_read_later_is_a_change():
    """The last page is read before a row is deleted, and the page before it afterwards."""
    firsts = []

    def fetch(number):
        if number == 1:
            firsts.append(number)
        before, after = ([{"id": row} for row in range(first, 31)] for first in (0, 1))
        if len(firsts) > 1 or number == 3:
            return Page(after[(number - 1) * SIZE : number * SIZE], 30)
        return Page(before[(number - 1) * SIZE : number * SIZE], 31)

    listing = numbered_pages(fetch, "users", workers=4)
    assert listing.complete
    assert [row["id"] for row in listing.rows] == list(range(1, 31))
    assert len(firsts) == 2


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("read", [read_numbered, read_offset])
def test_a_list_that_changes_again_is_an_error_that_says_what_to_do(read, workers):
    shelf = Busy(50, {2: goes(0), 7: goes(0)})
    with pytest.raises(ListChanged, match="changed while it was read: it reported 48 to 49 rows") as caught:
        read(shelf, workers=workers)
    assert "Run the task again while no other process" in caught.value.hint
    assert len(shelf.asked) == 10


@pytest.mark.parametrize("workers", [1, 4])
def test_rows_that_were_handed_over_are_not_mixed_with_those_of_a_second_reading(workers):
    shelf, readings = Busy(50, {2: goes(0)}), []

    def read():
        readings.append([])
        return read_numbered(shelf, workers=workers, take=readings[-1].extend)

    assert settled(read).rows == readings[-1] == shelf.rows
    assert len(readings) == 2


def test_nobody_beyond_the_end_is_no_change():
    given = pages(Page(rows(10)), Page([], 0))
    assert numbered_pages(given, "users").complete


def test_nothing_is_read_after_a_page_that_came_again(monkeypatch):
    lazily(monkeypatch)
    asked = []

    def fetch(number):
        asked.append(number)
        return Page(rows(10, 10 * min(number, 2)), 600)

    with pytest.raises(UnreadableAnswer, match="repeats itself at page 3"):
        numbered_pages(fetch, "users", workers=4)
    assert asked == [1, 2, 3]


@pytest.mark.parametrize("read", [read_numbered, read_offset])
def test_every_page_of_a_concurrent_reading_is_reported_and_may_be_the_last(monkeypatch, read):
    lazily(monkeypatch)
    shelf, totals, taken = Shelf(600), [], []

    def stop(listing, total):
        totals.append((len(listing.rows), total))
        return listing.pages == 4

    listing = read(shelf, workers=4, stop=stop, take=taken.extend)
    assert totals == [(10, 600), (20, 600), (30, 600), (40, 600)]
    assert len(shelf.asked) == 4
    assert not listing.complete
    assert taken == listing.rows == rows(40)


def test_a_row_that_moved_between_pages_counts_once():
    listing = cursor_pages(pages(Page(rows(10), next="a"), Page(rows(10, 9))), "users")
    assert listing.rows == rows(19)
    assert listing.complete


def test_a_row_that_moved_and_hid_another_is_noticed_by_the_total():
    with pytest.raises(UnreadableAnswer, match="19 of 20"):
        numbered_pages(pages(Page(rows(10), 20), Page(rows(10, 9), 20)), "users")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"name": "ada"}, "no 'id'"),
        ({"id": None}, "no 'id'"),
        ({"id": ""}, "no 'id'"),
        ("ada", "not an object"),
        (None, "not an object"),
        ({"id": [1]}, "neither text nor a number"),
        ({"id": {"a": 1}}, "neither"),
        ({"id": True}, "neither"),
        ({"id": 1.5}, "neither"),
    ],
)
def test_a_row_that_is_no_user_is_an_error(row, why):
    with pytest.raises(UnreadableAnswer, match=f"^The list of users cannot be used: row 2 of page 1 (is|has) .*{why}"):
        cursor_pages(pages(Page([{"id": 7}, row])), "users")


# -- lists that do not end -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("read", [read_numbered, read_offset])
def test_a_total_beyond_all_bounds_is_not_believed_past_the_end(read, workers):
    shelf = Shelf(45)
    shelf.total = 10**9
    with pytest.raises(ListChanged, match="ended after 45 of 1000000000 rows"):
        read(shelf, workers=workers)
    assert len(shelf.asked) <= 2 * (5 + 1 + 3 * workers)


def test_a_page_that_fails_ends_the_reading(monkeypatch):
    lazily(monkeypatch)
    asked = []

    def fetch(number):
        asked.append(number)
        if number == 21:
            raise UnreadableAnswer("no")
        return Page(rows(1, number), 10**9)

    with pytest.raises(UnreadableAnswer, match="no"):
        numbered_pages(fetch, "users", workers=8)
    assert asked == list(range(1, 22))


def test_about_twice_the_workers_are_in_flight():
    submitted, taken, lock = [], [], threading.Lock()

    def fetch(number):
        with lock:
            submitted.append(number)
            assert number - 1 - len(taken) <= 2 * 4 + 1
        return Page(rows(1, number), 200)

    numbered_pages(fetch, "users", workers=4, take=lambda found: taken.append(len(found)))
    assert sorted(submitted) == list(range(1, 201))


def test_a_list_without_an_end_is_given_up(monkeypatch):
    monkeypatch.setattr(paging, "MAX_ROWS", 100)
    for read in (cursor_pages, numbered_pages, offset_pages):
        count = itertools.count()
        with pytest.raises(UnreadableAnswer, match="more than 100 rows"):
            read(lambda _place, count=count: Page(rows(10, 10 * next(count)), next=str(next(count))), "users")


@pytest.mark.parametrize(
    ("read", "reports_total"),
    [(read_cursor, True), (read_cursor, False), (read_numbered, True), (read_numbered, False), (read_offset, False)],
)
def test_a_list_that_was_left_early_is_not_complete(read, reports_total):
    shelf = Shelf(45, reports_total)
    asked = []
    listing = read(shelf, stop=lambda found, total: asked.append((len(found.rows), total)) or True)
    assert not listing.complete
    assert len(listing.rows) == SIZE
    assert asked == [(SIZE, 45 if reports_total else None)]


@pytest.mark.parametrize("read", [read_cursor, read_numbered, read_offset])
def test_nobody_asks_whether_to_leave_a_list_that_is_over(read):
    listing = read(Shelf(7), stop=lambda found, total: pytest.fail("asked"))
    assert listing.complete


@SIZES
@pytest.mark.parametrize("read", [read_cursor, read_numbered, read_offset])
@pytest.mark.parametrize("reports_total", [True, False])
def test_rows_are_handed_over_once_and_in_their_order(read, count, reports_total):
    taken = []
    shelf = Shelf(count, reports_total)
    listing = read(shelf, take=taken.extend, **({"workers": 4} if read is not read_cursor else {}))
    assert taken == listing.rows == rows(count)


@pytest.mark.parametrize("read", [read_cursor, read_numbered, read_offset])
def test_rows_of_a_reading_that_ends_early_are_handed_over_too(read):
    taken = []
    listing = read(Shelf(50), take=taken.extend, stop=lambda found, total: found.pages == 2)
    assert not listing.complete
    assert taken == listing.rows == rows(20 if read is read_cursor else len(taken))
    assert taken


def test_the_next_page_is_under_way_while_rows_are_taken():
    shelf, second = Shelf(20), threading.Event()

    def fetch(cursor):
        if cursor is not None:
            second.set()
        return shelf.after(cursor)

    under_way = []
    cursor_pages(fetch, "users", take=lambda found: under_way.append(second.wait(60)))
    assert under_way == [True, True]


def test_no_page_is_asked_for_in_vain():
    shelf = Shelf(50)
    cursor_pages(
        shelf.after, "users", take=lambda found: None, stop=lambda found, total: found.pages == 2
    )
    assert len(shelf.asked) == 2
