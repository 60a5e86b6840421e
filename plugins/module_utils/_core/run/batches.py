# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Combines changes of several users at one place, such as a group, into one request."""

from __future__ import annotations

import collections
import threading
import typing as t
from dataclasses import dataclass

from ..errors import RollcallError, Unexpected


@dataclass(eq=False, kw_only=True)
class Change:
    """A change that waits until it is sent. ``error`` is the reason if this change or its batch was refused."""

    done: bool = False
    error: RollcallError | None = None


AnyChange = t.TypeVar("AnyChange", bound=Change)


class Batches(t.Generic[AnyChange]):
    """A queue of changes for each place.

    A thread adds its change to the queue of a place. The thread that holds the lock of the place sends the waiting
    changes, including those of other threads. ``together`` returns the waiting changes that can share one request, at
    least one. ``send`` sends them: an exception is the error of all changes, ``Change.error`` that of one change.
    """

    def __init__(
        self,
        together: t.Callable[[list[AnyChange]], list[AnyChange]],
        send: t.Callable[[str, list[AnyChange]], None],
    ) -> None:
        self._together = together
        self._send = send
        self._guard = threading.Lock()
        self._locks: collections.defaultdict[str, threading.Lock] = collections.defaultdict(threading.Lock)
        self.waiting: collections.defaultdict[str, list[AnyChange]] = collections.defaultdict(list)

    def add(self, place: str, change: AnyChange) -> None:
        """Add a change and wait until it was sent. Raises its error."""
        with self._guard:
            self.waiting[place].append(change)
            lock = self._locks[place]
        with lock:
            while not change.done:
                self._send_some(place)
        if change.error is not None:
            raise change.error.of("")

    def _send_some(self, place: str) -> None:
        with self._guard:
            batch = self._together(self.waiting[place])
            self.waiting[place] = [change for change in self.waiting[place] if change not in batch]
        try:
            self._send(place, batch)
        except BaseException as error:  # also for interrupts: waiting threads must not see a success
            for change in batch:
                change.error = error if isinstance(error, RollcallError) else Unexpected.of_exception(error)
        for change in batch:
            change.done = True
