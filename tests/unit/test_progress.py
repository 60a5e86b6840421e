# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a long task is: nothing of a short one, a line now and then of a long one."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.http.paging import Page, numbered_pages
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Snapshot
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.progress import EVERY, QUIET, Progress
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import converge
from ansible_collections.rollcall.identity.tests.unit.fakes import (
    BULK,
    CROWD,
    FakeClock,
    Memory,
    context,
    groups_info,
    target,
    want,
)


def watched():
    clock, lines = FakeClock(), []
    return Progress(lines.append, clock), clock, lines


def test_a_short_task_shows_nothing():
    progress, clock, lines = watched()
    progress.begin("users written", 10)
    for _number in range(10):
        clock.sleep((QUIET - 1) / 10)
        progress.step()
    assert lines == []


def test_a_long_task_shows_done_total_rate_and_remaining():
    progress, clock, lines = watched()
    progress.begin("users written", 1000)
    for _number in range(1000):
        clock.sleep(0.0625)
        progress.step()
    assert lines[0] == "64 of 1,000 users written, 16/s, about 58 s left"
    assert 62.5 / EVERY - 2 <= len(lines) <= 62.5 / EVERY
    assert "1,000 of 1,000" not in "".join(lines)  # the result says it


def test_a_list_of_unknown_length():
    progress, clock, lines = watched()
    progress.begin("users read")
    clock.sleep(10)
    progress.reached(500)
    assert lines == ["500 users read, 50/s"]


def test_a_total_that_is_told_on_the_way():
    progress, clock, lines = watched()
    progress.begin("users read")
    clock.sleep(10)
    progress.reached(500, 100000)
    assert lines == ["500 of 100,000 users read, 50/s, about 33 min left"]


def test_waiting_is_said_at_once():
    progress, _clock, lines = watched()
    progress.waits(0.4, "the rate limit (429)")
    progress.waits(20, "the rate limit (429)")
    assert lines == ["waiting 20 s: the rate limit (429)"]


def test_a_line_that_cannot_be_shown_stops_no_work():
    tried = []

    def closed(line):
        tried.append(line)
        raise BrokenPipeError

    progress = Progress(closed, FakeClock())
    progress.waits(20, "the rate limit (429)")
    progress.waits(20, "the rate limit (429)")
    assert tried == ["waiting 20 s: the rate limit (429)"], "nothing more is shown after it"


def test_nobody_is_told_where_nobody_watches():
    clock = FakeClock()
    progress = Progress(None, clock)
    clock.sleep(60)
    progress.waits(20, "x")
    progress.step()


# -- the reading of a task -------------------------------------------------------------------------------------------


class Slow(Memory):
    """A directory whose every call takes six seconds. Its pages have numbers, and are read concurrently."""

    def serve(self, call, who, effect):
        self.clock.sleep(6)
        return super().serve(call, who, effect)

    def listing(self, stop=None):
        def fetch(number):
            start = (number - 1) * self.page_size
            held = list(self.people)[start : start + self.page_size]
            self.serve("list", number, lambda: None)
            return Page([{"id": identity} for identity in held], len(self.people))

        listing = numbered_pages(fetch, "users", workers=self.connection.workers, stop=stop)
        accounts = self.there(lambda account: any(row["id"] == account.id for row in listing.rows))
        for account in accounts:
            del account.facets["groups"]
        return Snapshot(accounts, listing.complete, listing.pages)


def told_by(directory, run):
    """Return the lines of a task, without what depends on which thread was first: the rate and what is left."""
    lines = []
    told = context(gather=["groups"], filters=None)
    told.progress = Progress(lines.append, directory.clock)
    run(told)
    return [line.split(",")[0] for line in lines]


@pytest.mark.parametrize("workers", [1, 4])
def test_look_ups_are_told(workers):
    directory = Slow(CROWD, max_concurrency=workers)
    wished = [want(account.key) for account in CROWD[:9]]
    lines = told_by(directory, lambda told: converge(told, directory, wished, BULK))
    expected = [f"{number} of 9 users looked up" for number in range(1, 9)]
    assert lines == expected if workers == 1 else set(lines) <= set(expected) and lines


@pytest.mark.parametrize("workers", [1, 4])
def test_each_page_of_many_is_told(workers):
    directory = Slow(CROWD, page_size=3, lookups_up_to=0, max_concurrency=workers)
    wished = [want(account.key, facets={"groups": target("exact", ["ops"])}) for account in CROWD]
    lines = told_by(directory, lambda told: converge(told, directory, wished, BULK))
    assert set(lines) <= {f"{number} of 30 users {what}" for what in ("read", "read in detail") for number in range(30)}
    pages, details = [[line for line in lines if line.endswith(word)] for word in ("users read", "in detail")]
    assert len(pages) > 1
    assert details
    if workers == 1:
        assert pages[:8] == [f"{number} of 30 users read" for number in range(3, 27, 3)]
        assert details[0] == "1 of 30 users read in detail"


@pytest.mark.parametrize("workers", [1, 4])
def test_the_details_of_an_info_module_are_told(workers):
    directory = Slow(CROWD, page_size=30, max_concurrency=workers)
    task = groups_info(directory)
    lines = told_by(directory, lambda told: task.run(told, directory.connection))
    assert set(lines) <= {f"{number} of 30 users read in detail" for number in range(1, 30)}
    assert len(lines) > 3
    if workers == 1:
        assert "15 of 30 users read in detail" in lines
