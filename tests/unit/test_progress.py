# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a long task is: nothing of a short one, a line now and then of a long one."""

from __future__ import annotations

from ansible_collections.rollcall.identity.plugins.module_utils._core.progress import EVERY, QUIET, Progress
from ansible_collections.rollcall.identity.tests.unit.fakes import FakeClock


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


def test_nobody_is_told_where_nobody_watches():
    clock = FakeClock()
    progress = Progress(None, clock)
    clock.sleep(60)
    progress.waits(20, "x")
    progress.step()
