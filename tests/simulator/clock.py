# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated clock: the real one plus an offset that tests move, so that no test sleeps."""

from __future__ import annotations

import time


class Clock:
    """Seconds since the epoch; ``advance`` moves it forward."""

    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> float:
        return time.time() + self.offset

    def advance(self, seconds: float) -> float:
        """Move forward by ``seconds`` (negative values are refused with ValueError); returns the new offset."""
        if seconds < 0:
            raise ValueError("the clock only moves forward")
        self.offset += seconds
        return self.offset

    def reset(self) -> None:
        self.offset = 0.0


def iso_millis(moment: float) -> str:
    """``1700000000.5`` -> ``2023-11-14T22:13:20.500Z``."""
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(moment))}.{int(moment % 1 * 1000):03d}Z"
