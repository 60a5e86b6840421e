# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Python's garbage collector, out of the way of a task."""

from __future__ import annotations

import contextlib
import gc
import typing as t


@contextlib.contextmanager
def collection_paused() -> t.Iterator[None]:
    """Let the garbage collector rest: it would walk over all users again and again, and the process ends soon.

    What was made meanwhile is left out of later sweeps, too.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()
            gc.enable()
