# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pauses Python's garbage collector during a task."""

from __future__ import annotations

import contextlib
import gc
import typing as t


@contextlib.contextmanager
def collection_paused() -> t.Iterator[None]:
    """Pause the garbage collector: it would traverse all users again and again, and the process ends soon.

    Later collections also skip the objects that exist at the end of the pause.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()
            gc.enable()
