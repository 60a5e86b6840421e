# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calls that need the next window are spread evenly over this one."""

from __future__ import annotations

import itertools
import math

import pytest

from ansible_collections.rollcall.identity.tests.unit.fakes import sparing


class Account:
    """A server with a budget; ``left`` holds the seconds after the start at which its requests came."""

    def __init__(self, limiter, limit, window, used=0, latency=0.0):
        self.limiter, self.clock, self.limit, self.window, self.latency = limiter, limiter.clock, limit, window, latency
        self.start = self.begin = self.clock.now()
        self.used = used
        self.left = []
        self.tell()

    def tell(self):
        while self.clock.now() >= self.begin + self.window:
            self.begin, self.used = self.begin + self.window, 0
        self.limiter.observe(self.limit, self.limit - self.used, math.ceil(self.begin + self.window - self.clock.now()))

    def ask(self, calls):
        for _call in range(calls):
            self.limiter.acquire()
            self.left.append(round(self.clock.now() - self.start, 2))
            self.tell()
            assert self.used < self.limit
            self.used += 1
            self.clock.time += self.latency
            self.tell()
            self.limiter.release()
        return self.clock.now() - self.start


def steps(moments):
    """Return the seconds between moments."""
    return [round(after - before, 1) for before, after in itertools.pairwise(moments)]


def test_calls_that_need_the_next_window_are_spread_evenly_over_this_one():
    limiter = sparing("0", max_wait=1000)
    told = []
    limiter.notice = lambda seconds, why: told.append((seconds, why))
    account = Account(limiter, limit=100, window=61, used=91)
    limiter.afford(14)
    account.ask(14)
    # Nine leave before the reset, a tenth of the time after each other, and the five that are left all at once after
    # it.
    assert steps(account.left)[:8] == [6.0] * 8
    assert account.left[9:] == [62] * 5
    assert limiter.waited == 62
    assert [why for _seconds, why in told] == [
        "between calls, to spread them evenly; the server's rate limit leaves 9 calls and resets in 61 s",
        "the server's rate limit leaves 0 calls and resets in 7 s",
    ]
    assert told[0][0] == 6


@pytest.mark.parametrize("calls", [1, 9])
def test_calls_that_fit_are_not_slowed(calls):
    limiter = sparing("0", max_wait=1000)
    account = Account(limiter, limit=100, window=61, used=91)
    limiter.afford(calls)
    assert account.ask(calls) == 0
    assert limiter.clock.slept == []


@pytest.mark.parametrize("latency", [0.0, 0.05, 0.3])
@pytest.mark.parametrize(("calls", "window"), [(150, 20), (500, 60), (1010, 3600)])
def test_an_even_pace_takes_no_longer_than_haste(calls, window, latency):
    def seconds(planned):
        limiter = sparing("20%", max_wait=1_000_000)
        account = Account(limiter, 100, window, used=10, latency=latency)
        if planned:
            limiter.afford(calls)
        return account.ask(calls), limiter.waited

    (even, waited), (haste, _waited) = seconds(True), seconds(False)
    assert even <= haste + 2
    assert waited <= even


def test_an_assumed_reset_is_none_to_spread_calls_up_to():
    limiter = sparing("0", max_wait=100_000)
    account = Account(limiter, limit=10, window=20)
    limiter.afford(35)
    # After each reset the next one is unknown until an answer tells: an hour between two calls would be the guess.
    assert account.ask(35) < 70


def test_where_the_reset_is_not_waited_for_nobody_waits_for_a_turn():
    limiter = sparing("0")
    limiter.observe(100, 9, 60)
    limiter.afford(14)
    limiter.observe(100, 9, 3000)
    limiter.acquire()
    assert limiter.clock.slept == []


def test_a_task_on_one_user_and_the_next_task_keep_no_pace():
    limiter = sparing("0")
    limiter.observe(100, 9, 60)
    limiter.afford(14)
    limiter.keeps_reserve = True
    limiter.acquire()
    limiter.keeps_reserve = False
    limiter.afford(14)
    limiter.acquire()
    assert limiter.clock.slept == []
