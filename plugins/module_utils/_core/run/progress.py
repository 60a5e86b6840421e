# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Progress of a long task: a line from time to time. A short task shows nothing."""

from __future__ import annotations

import threading
import typing as t

from ..http.limiter import Clock

QUIET = 4.0
"""Seconds from the start during which no progress is shown."""
EVERY = 5.0
"""Seconds between two lines."""


class Progress:
    """Shows lines with ``show``, or nothing if ``show`` is None. Safe for use by several threads."""

    def __init__(self, show: t.Callable[[str], None] | None = None, clock: Clock | None = None) -> None:
        self._show_line = show
        self._clock = clock or Clock()
        self._lock = threading.Lock()
        self._next = self._clock.now() + QUIET
        self._began = self._clock.now()
        self._label = ""
        self._done = 0
        self._total: int | None = None

    def begin(self, label: str, total: int | None = None) -> None:
        """Begin a part of the work, such as ``users written`` with a total of 300."""
        with self._lock:
            self._label, self._total, self._done, self._began = label, total, 0, self._clock.now()

    def reached(self, done: int, total: int | None = None) -> None:
        """Set how many items of the part are done."""
        with self._lock:
            self._done = done
            self._total = total if total is not None else self._total
            self._show()

    def step(self) -> None:
        """Count one more item as done."""
        with self._lock:
            self._done += 1
            self._show()

    def waits(self, seconds: float, why: str) -> None:
        """Show at once that the task waits, unless the wait is shorter than a second."""
        if seconds >= 1:
            self.announce(f"waiting {_time(seconds)}: {why}")

    def _show(self) -> None:
        now = self._clock.now()
        if self._show_line is None or now < self._next or self._done == self._total:
            return
        self._next = now + EVERY
        self.announce(self._line(now - self._began))

    def announce(self, line: str) -> None:
        """Show a line at once. If that fails, such as on a closed terminal, show no further lines, and do not fail."""
        try:
            if self._show_line is not None:
                self._show_line(line)
        except Exception:
            self._show_line = None

    def _line(self, passed: float) -> str:
        rate = self._done / passed if passed > 0 else 0.0
        if self._total is None:
            return f"{self._done:,} {self._label}, {rate:.0f}/s"
        line = f"{self._done:,} of {self._total:,} {self._label}, {rate:.0f}/s"
        return f"{line}, about {_time((self._total - self._done) / rate)} left" if rate > 0 else line


def _time(seconds: float) -> str:
    """Return a time as text: in seconds below two minutes, else in minutes."""
    whole = max(1, round(seconds))
    return f"{whole} s" if whole < 120 else f"{round(whole / 60)} min"
