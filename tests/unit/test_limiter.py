# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One limiter for all workers: it waits when told, as long as allowed, and knows what is left."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import RateLimited
from ansible_collections.rollcall.identity.plugins.module_utils._core.limiter import Limiter
from ansible_collections.rollcall.identity.tests.unit.fakes import FakeClock


@pytest.fixture
def limiter():
    return Limiter(100, FakeClock())


def test_nobody_waits_without_a_reason(limiter):
    for _request in range(1000):
        limiter.acquire()
    assert limiter.clock.slept == []


def test_a_request_waits_as_long_as_the_server_asked(limiter):
    limiter.postpone(30, "busy")
    limiter.clock.sleep(12)
    limiter.acquire()
    assert limiter.clock.slept == [12, 18]


def test_workers_who_wait_for_the_same_moment_wait_once(limiter):
    for _worker in range(8):
        limiter.postpone(60, "busy")
    assert limiter.waited == 60
    limiter.postpone(70, "busy")
    assert limiter.waited == 70


def test_a_shorter_wait_does_not_end_a_longer_one(limiter):
    limiter.postpone(60, "busy")
    limiter.postpone(5, "busy")
    limiter.acquire()
    assert sum(limiter.clock.slept) == 60


def test_waits_add_up_to_the_limit_of_the_task(limiter):
    limiter.postpone(60, "busy")
    limiter.acquire()
    limiter.postpone(40, "busy")
    limiter.acquire()
    with pytest.raises(RateLimited) as caught:
        limiter.postpone(1, "list_users met the rate limit (429)")
    assert caught.value.message.startswith("list_users met the rate limit (429): the server asks to wait 1 s, after 100 s")


def test_a_plan_within_the_budget_is_afforded(limiter):
    limiter.afford(10_000)
    limiter.observe(5000, 40, 1800)
    limiter.afford(40)


def test_a_plan_over_the_budget_says_what_is_needed_and_when(limiter):
    limiter.observe(5000, 40, 1800)
    limiter.clock.sleep(300)
    with pytest.raises(RateLimited) as caught:
        limiter.afford(41)
    assert "needs 41 calls" in caught.value.message
    assert "leaves 40 and is full again in 1500 s" in caught.value.message
    assert "1500 s needed" in caught.value.hint


def test_a_plan_over_the_budget_is_afforded_where_the_reset_is_near(limiter):
    limiter.observe(5000, 40, 90)
    limiter.afford(5040)
    with pytest.raises(RateLimited):
        limiter.afford(5041)


def test_a_server_that_does_not_tell_when_the_budget_is_full_again(limiter):
    limiter.observe(5000, 0, None)
    with pytest.raises(RateLimited, match="at a time it does not tell"):
        limiter.afford(1)


def test_requests_use_the_budget_up(limiter):
    limiter.observe(5000, 3, 600)
    for _request in range(5):
        limiter.acquire()
    assert limiter.remaining == 0


def test_late_answers_do_not_give_the_budget_back(limiter):
    for remaining in (40, 38, 39, None):
        limiter.observe(5000, remaining, 600)
    assert limiter.remaining == 38


def test_after_the_reset_the_budget_is_a_new_one(limiter):
    limiter.observe(5000, 2, 60)
    limiter.clock.sleep(61)
    limiter.observe(5000, 4999, 3600)
    assert limiter.remaining == 4999
    assert limiter.reset_in() == 3600
