# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One rate limiter for all workers of a run: it waits when the server requires it, and tracks the remaining budget."""

from __future__ import annotations

import math
import re
import threading
import time
import typing as t

from ..errors import InputError, RateLimited
from ..wording import counted

_WINDOW = 3600.0
"""The assumed length of a window in seconds. Servers report the time of the reset, but not the length of a window."""
_ROUNDING = 1.0
"""Seconds. Servers round the reset to whole seconds: a request at that moment might still count for the old window."""
_NEW = 2.0
"""Seconds. A reset that is this much later than the previous one belongs to another window. Rounding and slow answers
explain smaller differences."""
_CALM = 20
"""Requests. After a refusal, one request leaves alone first. If fewer than this number passed since the previous
refusal, the limit is low, so this number of requests leaves one at a time."""
_SHORTEST, _LONGEST = 0.25, 30.0
"""Seconds to wait after a refusal that names no time: the first and the longest wait. Each wait doubles."""
_TICK = 0.001
"""The shortest wait in seconds, and the tolerance for sums of waits."""


class Clock:
    """Real time. Tests pass an object with the same two methods."""

    def now(self) -> float:
        """Return a monotonic time in seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait for a number of seconds."""
        time.sleep(seconds)


class Reserve:
    """The calls of an account that tasks on many users leave to other tasks.

    Raises InputError if the text is neither a percentage nor a number.
    """

    def __init__(self, text: str) -> None:
        match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?%|([0-9]{1,9})", str(text).strip())
        if match is None or (match[1] is not None and float(match[1]) > 100):
            message = (
                f"rate_reserve is {text!r}; specify a percentage of the server's limit from 0% to 100%, "
                "or a number of calls such as 500."
            )
            raise InputError(message, option="rate_reserve")
        self.text = match[0]
        self._share = None if match[1] is None else float(match[1])
        self._calls = int(match[2] or 0)

    def of(self, limit: int) -> int:
        """Return the number of calls to reserve out of ``limit``, rounded up."""
        return min(limit, self._calls) if self._share is None else math.ceil(limit * self._share / 100)


class Limiter:
    """The rate limiter that all requests of a run share. Call ``acquire`` before each request and ``release`` after it.

    All times are in seconds. ``max_wait`` limits the total wait for rate limits, not the wait per request or worker:
    the wait of several workers until the same moment counts once. ``reserve`` is the part of the budget that a task
    leaves while ``keeps_reserve`` is set. Tasks on many users set it; a task on a single user may use the last call.
    ``notice`` is called before every wait, with the seconds and the reason.
    """

    def __init__(self, max_wait: float, clock: Clock | None = None, reserve: str = "0") -> None:
        self.clock = clock or Clock()
        self.max_wait = max_wait
        self.reserve = Reserve(reserve)
        self._keeps_reserve = False
        self.notice: t.Callable[[float, str], None] | None = None
        self.waited = 0.0
        self.limit: int | None = None
        self.remaining: int | None = None
        self._reset_at: float | None = None
        self._reset_known = False
        self._not_before = 0.0
        self._needed = 0
        self._left_at = self.clock.now()
        self._spread_until = 0.0
        self._under_way = 0
        self._passed = 0
        self._careful = 0
        self._refusals = 0
        self._refused_until = 0.0
        self._lock = threading.Condition()

    @property
    def keeps_reserve(self) -> bool:
        """Whether the task does not use the reserve.

        Each task sets this when it begins, which also resets the number of calls that an earlier task planned.
        """
        return self._keeps_reserve

    @keeps_reserve.setter
    def keeps_reserve(self, value: bool) -> None:
        self._keeps_reserve = value
        self._needed = 0

    def acquire(self) -> None:
        """Wait until the next request may leave. Raises RateLimited if the total wait would exceed ``max_wait``.

        A task that keeps the reserve waits for the reset when its calls are used up. If its plan needs more calls, they
        are spread evenly over the time until the reset. If the server reports no reset, the request leaves, and an
        answer of 429 may say more. After such an answer, requests leave one at a time at first.
        """
        while True:
            with self._lock:
                self._renew()
                if self.keeps_reserve and self.remaining is not None and self._reset_at is not None:
                    if self.remaining <= self._in_reserve():
                        self._await_reset(self.remaining, self._reset_at)
                    else:
                        self._await_turn(self.remaining, self._reset_at)
                pause = self._not_before - self.clock.now()
                if pause <= 0 and self._careful and self._under_way:
                    self._lock.wait()
                    continue
                if pause <= 0:
                    self._under_way += 1
                    self._left_at = self.clock.now()
                    self._needed = max(0, self._needed - 1)
                    if self.remaining is not None and self.remaining > 0:
                        self.remaining -= 1
                    return
            self.clock.sleep(pause)

    def release(self, passed: bool = True) -> None:
        """Mark the end of a request that ``acquire`` let leave.

        ``passed`` is True if an answer arrived that was not a refusal by the rate limit.
        """
        with self._lock:
            self._under_way -= 1
            if passed:
                self._refusals = 0
                self._passed += 1
                if self._careful and self.clock.now() >= self._refused_until:  # else it left before the refusal
                    self._careful -= 1
            self._lock.notify_all()

    def refused(self, seconds_asked: float | None, reason: str) -> None:
        """Let no request leave for the time that a refusal requests. Call this before ``release``. Raises RateLimited
        when ``max_wait`` is used up.

        If the refusal requests no time, or less than the waits that have not helped, each wait is longer than the last.
        """
        with self._lock:
            now = self.clock.now()
            if now >= self._refused_until:  # else this request left before the refusal that began the wait
                self._refusals += 1
                self._careful = 1 if self._passed >= _CALM else _CALM
                self._passed = 0
            own = min(_SHORTEST * 2.0 ** min(self._refusals - 1, 10), _LONGEST)
            if seconds_asked is not None and seconds_asked >= own:
                self._postpone(seconds_asked, reason)
                self._refused_until = self._not_before
                return
            moment = min(now + own, max(now, self._not_before) + self.max_wait - self.waited)
            if moment - now < _TICK:
                raise RateLimited(
                    f"{reason}, even after {self.waited:.0f} s of waiting in this task.",
                    f"Run the task again later, or raise max_wait (now {self.max_wait:.0f} s); "
                    "completed changes are kept and not repeated.",
                )
            self._put_off(moment, reason)
            self._refused_until = self._not_before

    def postpone(self, seconds: float, reason: str) -> None:
        """Let no request leave for that time. Raises RateLimited if the total wait would exceed ``max_wait``."""
        with self._lock:
            self._postpone(seconds, reason)

    def observe(self, limit: int | None, remaining: int | None, reset_in: float | None) -> None:
        """Record the rate-limit headers of an answer.

        Ignore a limit of 0: the server has just answered a call.
        """
        if limit == 0:
            return
        with self._lock:
            if limit is not None:
                self.limit = limit
            now = self.clock.now()
            if remaining is not None:
                # Answers of parallel requests arrive in any order: within a window, the smallest count is correct.
                fresh = (
                    self._reset_at is None
                    or now >= self._reset_at
                    or (reset_in is not None and now + reset_in > self._reset_at + _NEW)
                )
                if fresh or self.remaining is None or remaining < self.remaining:
                    self.remaining = remaining
            if reset_in is not None:
                self._reset_at = now + reset_in
                self._reset_known = True

    def reset_in(self) -> float | None:
        """Return the seconds until the server's budget is full again, None if the server does not report this."""
        if self._reset_at is None:
            return None
        return max(0.0, self._reset_at - self.clock.now())

    def afford(self, calls: int) -> None:
        """Check that the calls of a plan fit the budget without the reserve, or that ``max_wait`` covers the resets.

        Call this before the first write. Raises RateLimited with the numbers of calls that are needed, left and in
        reserve, and the time of the reset. Calls that need several windows are spread evenly (see ``acquire``).
        """
        with self._lock:
            self._needed = calls
            self._renew()
            kept = self._in_reserve()
            wait = self._wait_for(calls, kept)
            if self.remaining is None or wait <= self.max_wait:
                return
            hint = (
                f"Lower rate_reserve (now {self.reserve.text}): it leaves this task none of the "
                f"{counted(self.limit or 0, 'call')} that the server allows."
            )
            if wait < math.inf:
                fits = not self.limit or calls <= self.limit - kept
                ways = [
                    *(["run the task after the reset", "split it"] if fits else ["split the task"]),
                    f"raise max_wait (now {self.max_wait:.0f} s, {wait:.0f} s needed)",
                ]
                if self._wait_for(calls, 0) <= self.max_wait:
                    ways.append(f"lower rate_reserve (now {self.reserve.text})")
                hint = f"{', '.join(ways[:-1])}, or {ways[-1]}."
                hint = hint[0].upper() + hint[1:]
            left = self._budget(self.remaining)
            text = f"This plan needs {counted(calls, 'call')}; {left}."
            raise RateLimited(text, f"Nothing was written. {hint}", left=left)

    # -- with the lock held --------------------------------------------------------------------------------------

    def _wait_for(self, calls: int, kept: int) -> float:
        """Return how many seconds this task waits in all if the plan makes these calls, with ``kept`` in reserve. It is
        0 if the budget is enough, infinite if the reserve leaves no call of a window."""
        if self.remaining is None or calls <= self.remaining - kept:
            return 0.0
        missing = calls - max(0, self.remaining - kept)
        window = self.limit - kept if self.limit else missing
        if window <= 0:
            return math.inf
        reset = self.reset_in()
        first = _WINDOW if reset is None else reset + _ROUNDING
        return self.waited + first + (-(-missing // window) - 1) * _WINDOW

    def _renew(self) -> None:
        """Begin a new window after the reset, with the full limit until an answer corrects it."""
        if self._reset_at is not None and self.clock.now() >= self._reset_at + _ROUNDING:
            self.remaining = self.limit
            self._reset_at = self.clock.now() + _WINDOW
            self._reset_known = False

    def _in_reserve(self) -> int:
        """Return the number of calls that this task leaves to others, 0 if the server reports no limit."""
        return self.reserve.of(self.limit) if self.keeps_reserve and self.limit else 0

    def _budget(self, remaining: int) -> str:
        """Return a phrase about the remaining budget."""
        reset, kept = self.reset_in(), min(remaining, self._in_reserve())
        when = f"in {reset:.0f} s" if reset is not None else "at an unknown time"
        reserve = f" ({'in reserve' if remaining == 1 else f'{kept} of them in reserve'})" if kept else ""
        return f"the server's rate limit leaves {counted(remaining, 'call')}{reserve} and resets {when}"

    def _put_off(self, moment: float, why: str) -> bool:
        """Let no request leave before a moment.

        Return False, and change nothing, if that exceeds ``max_wait``. Without ``why``, do not call ``notice``.
        """
        begin = max(self.clock.now(), self._not_before)
        extra = max(0.0, moment - begin)
        if self.waited + extra > self.max_wait + _TICK:
            return False
        self.waited += extra
        self._not_before = begin + extra
        if self.notice is not None and extra and why:
            self.notice(extra, why)
        return True

    def _postpone(self, seconds: float, reason: str) -> None:
        if not self._put_off(self.clock.now() + seconds, reason):
            raise RateLimited(
                f"{reason}: the server requests a wait of {seconds:.0f} s, and this task has already waited "
                f"{self.waited:.0f} s.",
                f"Run the task again in {seconds:.0f} s or later, or raise max_wait (now {self.max_wait:.0f} s); "
                "completed changes are kept and not repeated.",
            )

    def _await_turn(self, remaining: int, reset_at: float) -> None:
        """Delay the next request if the plan needs more calls than may leave before the reset.

        These delays are parts of the wait for the reset, and count against ``max_wait``. There is no delay if
        ``max_wait`` ends before the reset: the task then ends there in any case.
        """
        usable, now = remaining - self._in_reserve(), self.clock.now()
        if self._needed <= usable or not self._reset_known:
            return
        if self.waited + max(0.0, reset_at + _ROUNDING - max(now, self._not_before)) > self.max_wait:
            return
        # Servers round the reset up: for a later request, the rest of the old budget could be gone.
        turn = self._left_at + (reset_at - _ROUNDING - self._left_at) / (usable + 1)
        if turn - now < _TICK:
            return
        announced = now < self._spread_until
        self._spread_until = reset_at
        self._put_off(turn, "" if announced else f"between calls, to spread them evenly; {self._budget(remaining)}")

    def _await_reset(self, remaining: int, reset_at: float) -> None:
        """Let no request leave before the reset. Raises RateLimited if ``max_wait`` ends earlier."""
        if self._put_off(reset_at + _ROUNDING, self._budget(remaining)):
            return
        ways = f"raise max_wait (now {self.max_wait:.0f} s)"
        ways = f"{ways}, or lower rate_reserve (now {self.reserve.text})" if self._in_reserve() else f"or {ways}"
        raise RateLimited(
            f"This task has used all the calls that it may make, and has already waited {self.waited:.0f} s: "
            f"{self._budget(remaining)}.",
            f"Run the task again after the reset, split it, {ways}; completed changes are kept and not repeated.",
        )
