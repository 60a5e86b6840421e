# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One limiter for all workers: it waits when told, as long as allowed, and knows what is left."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, RateLimited
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.limiter import Limiter, Reserve
from ansible_collections.rollcall.identity.tests.unit.fakes import FakeClock, sparing


def test_nobody_waits_without_a_reason(limiter):
    for _request in range(1000):
        limiter.acquire()
    assert limiter.clock.slept == []


def test_a_request_waits_as_long_as_the_server_asked(limiter):
    limiter.postpone(30, "busy")
    limiter.clock.sleep(12)
    limiter.acquire()
    assert limiter.clock.slept == [12, 18]


def test_a_limit_of_no_calls_at_all_is_not_believed(limiter):
    limiter.keeps_reserve = True
    limiter.observe(0, 0, 0.0)
    limiter.acquire()
    limiter.afford(100)
    assert limiter.clock.slept == []


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
        limiter.postpone(1, "list_users was rate limited (429)")
    assert caught.value.message.startswith(
        "list_users was rate limited (429): the server requests a wait of 1 s, and this task has already waited 100 s"
    )


def test_a_plan_within_the_budget_is_afforded(limiter):
    limiter.afford(10_000)
    limiter.observe(5000, 40, 1800)
    limiter.afford(40)
    assert limiter.clock.slept == []


def test_a_plan_over_the_budget_says_what_is_needed_and_when(limiter):
    limiter.observe(5000, 40, 1800)
    limiter.clock.sleep(300)
    with pytest.raises(RateLimited) as caught:
        limiter.afford(41)
    assert "needs 41 calls" in caught.value.message
    assert "leaves 40 calls and resets in 1500 s" in caught.value.message
    assert (
        caught.value.hint
        == "Nothing was written. Run the task after the reset, split it, or raise max_wait (now 100 s, 1501 s needed)."
    )


def test_a_plan_over_the_budget_is_afforded_where_the_reset_is_near(limiter):
    limiter.observe(5000, 40, 90)
    limiter.afford(5040)
    with pytest.raises(RateLimited):
        limiter.afford(5041)


def test_a_server_that_does_not_tell_when_the_budget_is_full_again(limiter):
    limiter.observe(5000, 0, None)
    with pytest.raises(RateLimited, match="at an unknown time"):
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


def test_a_budget_whose_reset_has_passed_is_a_new_one(limiter):
    limiter.observe(5000, 0, 60)
    limiter.clock.sleep(62)
    limiter.afford(5000)
    assert limiter.clock.slept == [62]


# -- the reserve -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("20%", 5000, 1000),
        (" 20 % ", 5000, 1000),
        ("12.5%", 5000, 625),
        ("20%", 7, 2),
        ("0%", 5000, 0),
        ("100%", 5000, 5000),
        ("0", 5000, 0),
        ("250", 5000, 250),
        ("9000", 5000, 5000),
    ],
)
def test_a_reserve_is_a_percentage_of_the_limit_or_a_number(text, limit, kept):
    assert Reserve(text).of(limit) == kept


@pytest.mark.parametrize(
    "text", ["", "%", "some", "-1", "-5%", "100.1%", "101%", "0.2", "1e2", "nan%", "20%%", "9" * 5000]
)
def test_a_reserve_that_is_neither_is_refused(text):
    with pytest.raises(InputError, match=r"rate_reserve is .* from 0% to 100%, or a number of calls"):
        Reserve(text)


def test_a_plan_may_use_what_is_left_beyond_the_reserve():
    limiter = sparing()
    limiter.observe(5000, 1040, 1800)
    limiter.afford(40)
    with pytest.raises(RateLimited) as caught:
        limiter.afford(41)
    assert caught.value.message == (
        "This plan needs 41 calls; the server's rate limit leaves 1040 calls (1000 of them in reserve) "
        "and resets in 1800 s."
    )
    assert caught.value.hint == (
        "Nothing was written. Run the task after the reset, split it, raise max_wait (now 100 s, 1801 s needed), "
        "or lower rate_reserve (now 20%)."
    )


def test_a_lower_reserve_is_not_advised_where_it_does_not_help():
    limiter = sparing()
    limiter.observe(5000, 1040, 1800)
    with pytest.raises(RateLimited) as caught:
        limiter.afford(1041)
    assert caught.value.hint == (
        "Nothing was written. Run the task after the reset, split it, or raise max_wait (now 100 s, 1801 s needed)."
    )


def test_a_reserve_that_others_have_begun_to_use():
    limiter = sparing()
    limiter.observe(5000, 600, 1800)
    with pytest.raises(RateLimited, match=r"leaves 600 calls \(600 of them in reserve\) "):
        limiter.afford(1)


def test_a_task_on_one_user_may_use_the_reserve(limiter):
    limiter = Limiter(100, FakeClock(), "100%")
    limiter.observe(5000, 2, 1800)
    limiter.afford(2)
    limiter.acquire()
    limiter.acquire()
    assert limiter.clock.slept == []


def test_each_window_gives_the_limit_without_the_reserve():
    limiter = sparing(max_wait=90 + 1 + 3600)
    limiter.observe(5000, 1040, 90)
    limiter.afford(40 + 4000 + 4000)
    with pytest.raises(RateLimited) as caught:
        limiter.afford(40 + 4000 + 4000 + 1)
    # After the reset it is still too much for one window.
    assert caught.value.hint.startswith("Nothing was written. Split the task, raise max_wait (now 3691 s, 7291 s need")


def test_what_was_waited_before_counts():
    limiter = sparing(max_wait=100)
    limiter.observe(5000, 1000, 60)
    limiter.postpone(40, "busy")
    with pytest.raises(RateLimited, match="needs 1 call;") as caught:
        limiter.afford(1)
    assert "now 100 s, 101 s needed" in caught.value.hint


def test_a_reserve_of_everything_leaves_no_window_to_wait_for():
    limiter = sparing("100%", max_wait=1_000_000)
    limiter.observe(5000, 4999, 60)
    with pytest.raises(RateLimited) as caught:
        limiter.afford(1)
    assert (
        caught.value.hint
        == "Nothing was written. Lower rate_reserve (now 100%): "
        "it leaves this task none of the 5000 calls that the server allows."
    )


def test_a_server_that_tells_no_budget_has_no_reserve():
    limiter = sparing("100%")
    limiter.observe(None, None, None)
    limiter.afford(10_000)
    for _request in range(100):
        limiter.acquire()
    assert limiter.clock.slept == []


def test_a_server_that_tells_no_limit_has_no_reserve():
    limiter = sparing("500")
    limiter.observe(None, 40, 1800)
    limiter.afford(40)
    with pytest.raises(RateLimited, match="leaves 40 calls and resets"):
        limiter.afford(41)


def test_requests_wait_for_the_reset_before_they_touch_the_reserve():
    limiter = sparing()
    told = []
    limiter.notice = lambda seconds, why: told.append((seconds, why))
    limiter.observe(10, 5, 60)
    for _request in range(3):
        limiter.acquire()
    assert (limiter.clock.slept, limiter.remaining) == ([], 2)
    limiter.acquire()
    # Servers tell whole seconds, so one more is waited; the new window then holds the limit, of which one is taken.
    assert (limiter.clock.slept, limiter.waited, limiter.remaining) == ([61], 61, 9)
    assert told == [(61, "the server's rate limit leaves 2 calls (2 of them in reserve) and resets in 60 s")]


def test_without_a_reserve_requests_wait_once_no_call_is_left():
    limiter = sparing("0")
    limiter.observe(10, 1, 60)
    limiter.acquire()
    assert limiter.clock.slept == []
    limiter.acquire()
    assert limiter.clock.slept == [61]


def test_a_plan_of_several_windows_never_goes_below_the_reserve():
    limiter = sparing(max_wait=10_000)
    limiter.observe(10, 10, 3600)
    limiter.afford(20)
    left, window_ends = 10, limiter.clock.now() + 3600
    for _request in range(20):
        limiter.acquire()
        if limiter.clock.now() >= window_ends:
            left, window_ends = 10, limiter.clock.now() + 3600
        left -= 1
        assert left >= 2
        limiter.observe(10, left, window_ends - limiter.clock.now())
    assert limiter.waited == 2 * 3601


def test_a_reset_beyond_max_wait_is_an_error_that_says_what_to_do():
    limiter = sparing()
    limiter.observe(10, 2, 600)
    with pytest.raises(RateLimited) as caught:
        limiter.acquire()
    assert caught.value.message == (
        "This task has used all the calls that it may make, and has already waited 0 s: "
        "the server's rate limit leaves 2 calls (2 of them in reserve) and resets in 600 s."
    )
    assert "max_wait (now 100 s), or lower rate_reserve (now 20%)" in caught.value.hint
    assert limiter.clock.slept == []


def test_a_server_that_tells_no_reset_is_asked():
    limiter = sparing()
    limiter.observe(10, 1, None)
    limiter.acquire()
    assert limiter.clock.slept == []


# -- a new window ----------------------------------------------------------------------------------------------------


def test_a_reset_much_later_than_the_one_told_before_begins_a_new_window(limiter):
    limiter.observe(500, 1, 1)
    limiter.clock.sleep(0.9)  # the server has rounded up: its window is over, and this side does not know it yet
    limiter.observe(500, 499, 20)
    assert limiter.remaining == 499
    limiter.clock.sleep(0.2)
    limiter.observe(500, 498, 20)
    assert (limiter.remaining, limiter.reset_in()) == (498, 20)


@pytest.mark.parametrize("later", [0.0, 1.0, 2.0])
def test_a_reset_that_is_rounded_otherwise_is_the_same_one(limiter, later):
    limiter.observe(500, 10, 20)
    limiter.observe(500, 12, 20 + later)
    assert limiter.remaining == 10


def test_a_late_answer_of_the_old_window_does_harm_only_until_the_next_one(limiter):
    for remaining, reset_in in ((1, 1), (499, 20), (0, 1), (498, 20)):
        limiter.observe(500, remaining, reset_in)
    assert limiter.remaining == 498
