# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ids that are handed out one after the other, and calls that are counted against a limit."""

from __future__ import annotations

import hashlib
import uuid


class Numbers:
    """The base of a store: numbers of each kind, upwards from the ``last`` one. They are the same at each start."""

    def __init__(self, **last: int) -> None:
        self._last = last

    def number(self, kind: str) -> int:
        self._last[kind] = self._last.get(kind, 0) + 1
        return self._last[kind]

    def reserve(self, kind: str, value: int) -> None:
        """Never hand out ``value`` again."""
        self._last[kind] = max(self._last[kind], value)


def stable_uuid(text: str) -> str:
    """Return a UUID, always the same for one text."""
    return str(uuid.UUID(bytes=hashlib.md5(text.encode(), usedforsecurity=False).digest(), version=4))


class RateWindow:
    """The calls of one window of time. It begins with the first call after the end of the last one."""

    def __init__(self) -> None:
        self._start: float | None = None
        self.used = 0

    def left(self, now: float, length: float) -> int:
        """Return the seconds until the window ends, and begin a new one if the last is over."""
        if self._start is None or now >= self._start + length:
            self._start, self.used = now, 0
        return max(1, int(self._start + length - now + 0.999))

    def count(self, now: float, length: float, limit: int) -> int:
        """Count a call and return 0. If the limit (0: none) is reached, only return the seconds until the end."""
        left = self.left(now, length)
        if limit and self.used >= limit:
            return left
        self.used += 1
        return 0
