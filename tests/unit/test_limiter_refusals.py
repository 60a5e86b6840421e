# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long the limiter waits after a refusal, and how requests begin again."""

from __future__ import annotations

import threading

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import RateLimited
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.limiter import Limiter
from ansible_collections.rollcall.identity.tests.unit.fakes import FakeClock


def refuse(limiter, asked=None, times=1):
    """Let requests leave together and be refused together."""
    for _request in range(times):
        limiter.acquire()
    for _request in range(times):
        limiter.refused(asked, "busy")
        limiter.release(passed=False)


def let_pass(limiter, times):
    """Let requests leave one after another and be answered."""
    for _request in range(times):
        limiter.acquire()
        limiter.release()


def test_refusals_that_tell_nothing_are_waited_for_longer_each_time(limiter):
    for _refusal in range(5):
        refuse(limiter)
    limiter.acquire()
    assert limiter.clock.slept == [0.25, 0.5, 1, 2, 4]
    limiter.release()
    refuse(limiter)
    limiter.acquire()
    assert limiter.clock.slept[5:] == [0.25]


@pytest.mark.parametrize("max_wait", [0.1, 1 / 3, 7.7, 100.1, 299.9])
def test_waiting_for_a_limit_that_lasts_ends_whatever_the_sums_are(max_wait):
    limiter = Limiter(max_wait, FakeClock())
    limiter.clock.time = 12345.678
    limiter.waited = max_wait / 7
    with pytest.raises(RateLimited):
        for _refusal in range(30):
            refuse(limiter)
    assert len(limiter.clock.slept) < 20
    assert all(limiter.clock.slept)


def test_requests_refused_together_are_waited_for_once(limiter):
    refuse(limiter, times=8)
    assert limiter.waited == 0.25
    let_pass(limiter, 20)
    refuse(limiter, 7, times=8)
    assert limiter.waited == 7.25


def test_the_last_wait_uses_what_is_left_of_max_wait():
    limiter = Limiter(1, FakeClock())
    refuse(limiter, times=2)
    refuse(limiter)
    limiter.acquire()
    limiter.refused(None, "busy")
    limiter.refused(None, "busy")  # of the same moment
    limiter.release(passed=False)
    limiter.acquire()
    assert limiter.clock.slept == [0.25, 0.5, 0.25]
    with pytest.raises(RateLimited) as caught:
        limiter.refused(None, "busy")
    assert caught.value.sentence() == (
        "busy, even after 1 s of waiting in this task. "
        "Run the task again later, or raise max_wait (now 1 s); completed changes are kept and not repeated."
    )


def together(limiter, requests, workers=4):
    """Let workers send requests, and return for each how many were under way when it left."""
    away, most, lock = [], [], threading.Lock()

    def worker():
        for _request in range(requests // workers):
            limiter.acquire()
            with lock:
                away.append(1)
                most.append(len(away))
            with lock:
                away.pop()
            limiter.release()

    threads = [threading.Thread(target=worker) for _worker in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return most


@pytest.mark.parametrize("passed", [0, 19])
def test_after_a_refusal_of_a_low_limit_requests_leave_one_at_a_time_until_enough_have_passed(limiter, passed):
    let_pass(limiter, passed)
    refuse(limiter, 2)
    assert together(limiter, 20) == [1] * 20
    limiter.acquire()
    limiter.acquire()  # together again


class Held(Exception):
    """The next request has to wait for one that is under way."""


def test_after_a_refusal_now_and_then_one_request_goes_first(limiter, monkeypatch):
    def hold():
        raise Held

    monkeypatch.setattr(limiter._lock, "wait", hold)
    for _time in range(3):
        let_pass(limiter, 20)
        limiter.acquire()
        refuse(limiter, 2, times=4)
        limiter.release()  # it had left before the refusal, so it tells nothing about what comes after
        limiter.acquire()
        with pytest.raises(Held):
            limiter.acquire()
        limiter.release()
        limiter.acquire()
        limiter.acquire()  # together again
        limiter.release()
        limiter.release()


def test_a_request_without_an_answer_lets_the_next_one_leave(limiter):
    refuse(limiter, 2)
    for _request in range(50):
        limiter.acquire()
        limiter.release(passed=False)
    assert limiter.clock.slept == [2]
