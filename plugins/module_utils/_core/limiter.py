# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One limiter for all workers of a run: it waits when the server asks for it and knows the budget that is left."""

from __future__ import annotations

import threading
import time
import typing as t

from .errors import RateLimited


class Clock:
    """Real time. Tests give an object with the same two methods."""

    def now(self) -> float:
        """Return seconds that only ever grow."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait that many seconds."""
        time.sleep(seconds)


class Limiter:
    """Shared by all requests of a run. All times are seconds.

    ``max_wait`` bounds the waiting for rate limits in all (not per request and not per worker): workers that wait
    for the same moment wait once.
    """

    def __init__(self, max_wait: float, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.max_wait = max_wait
        self.waited = 0.0
        self.limit: int | None = None
        self.remaining: int | None = None
        self._reset_at: float | None = None
        self._not_before = 0.0
        self._lock = threading.Lock()

    def acquire(self) -> None:
        """Wait until the next request may leave."""
        while True:
            with self._lock:
                pause = self._not_before - self.clock.now()
                if pause <= 0:
                    if self.remaining is not None and self.remaining > 0:
                        self.remaining -= 1
                    return
            self.clock.sleep(pause)

    def postpone(self, seconds: float, reason: str) -> None:
        """Let no request leave for that long. Raises RateLimited once that exceeds ``max_wait`` in all."""
        with self._lock:
            now = self.clock.now()
            begin = max(now, self._not_before)
            extra = max(0.0, now + seconds - begin)
            if self.waited + extra > self.max_wait:
                raise RateLimited(
                    f"{reason}: the server asks to wait {seconds:.0f} s, after {self.waited:.0f} s of waiting in this task.",
                    f"Run it again in {seconds:.0f} s or later, or raise max_wait (now {self.max_wait:.0f} s); "
                    "what was done stays done and is not repeated.",
                )
            self.waited += extra
            self._not_before = begin + extra

    def observe(self, limit: int | None, remaining: int | None, reset_in: float | None) -> None:
        """Take note of the rate-limit headers of an answer."""
        with self._lock:
            if limit is not None:
                self.limit = limit
            now = self.clock.now()
            if remaining is not None:
                # Answers of parallel requests arrive in any order: within a window the smallest count is the true one.
                fresh = self._reset_at is None or now >= self._reset_at
                if fresh or self.remaining is None or remaining < self.remaining:
                    self.remaining = remaining
            if reset_in is not None:
                self._reset_at = now + reset_in

    def reset_in(self) -> float | None:
        """Return the seconds until the server's budget is full again, where it tells."""
        if self._reset_at is None:
            return None
        return max(0.0, self._reset_at - self.clock.now())

    def afford(self, calls: int) -> None:
        """Check before the first write that the calls of a plan fit the budget and ``max_wait``.

        Raises RateLimited with the calls needed, the calls left and the time of the reset.
        """
        if self.remaining is None or calls <= self.remaining:
            return
        windows = 1
        if self.limit:
            windows = -(-(calls - self.remaining) // self.limit)
        reset = self.reset_in()
        hour = 3600.0
        wait = (reset if reset is not None else hour) + (windows - 1) * hour
        if wait <= self.max_wait - self.waited:
            return
        when = f"in {reset:.0f} s" if reset is not None else "at a time it does not tell"
        raise RateLimited(
            f"This plan needs {calls} calls; the server's rate limit leaves {self.remaining} and is full again {when}.",
            f"Nothing was written. Run it after the reset, split it, or raise max_wait (now {self.max_wait:.0f} s, {wait:.0f} s needed).",
        )


def seconds_from(value: str | None, parse: t.Callable[[str], float | None]) -> float | None:
    """Read a Retry-After header with ``parse`` and return seconds, or None where there is none or it is unreadable."""
    if not value:
        return None
    try:
        seconds = parse(value)
    except Exception:  # urllib3 raises its own InvalidHeader; an unreadable header is the same as none
        return None
    return None if seconds is None else max(0.0, seconds)
