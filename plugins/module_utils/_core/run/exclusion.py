# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lets tasks of this machine write one user one after the other.

The hosts of a play run the same task at the same time, each in a process of its own. Between a read and the write that
replaces a list, another process could have granted something. Locks on ranges of one file prevent this: each user has a
byte, and so has each server. Processes on other machines, and other accounts of this machine, are not affected.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import stat
import tempfile
import threading
import typing as t

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

from ..http.limiter import Clock
from ..names import fold

_STEP = 0.02
"""Seconds between two attempts to take a lock. A lock that waited by itself could not end in time."""
_LONGEST = 900.0
"""Seconds to wait for a lock, even if ``max_wait`` is less: other tasks that write are no reason to lose a grant."""
_QUIET = 4.0
"""Seconds of waiting that are not shown."""
_BUSY = {errno.EACCES, errno.EAGAIN}
_NOFOLLOW: int = getattr(os, "O_NOFOLLOW", 0)


def lock_path() -> str:
    """Return the path of the file whose ranges are locked. It is empty, and one for each account of the machine."""
    return os.path.join(tempfile.gettempdir(), f"rollcall-identity-{os.geteuid()}.lock")


class _Locks:
    """The locks of this process. Its threads do not exclude each other: no two of them write one user."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._process = 0
        self._file: int | None = None
        self._holders: dict[int, int] = {}

    def _open(self) -> int | None:
        """Return the file, opened once in each process. None if it cannot be opened: then nothing is locked.

        It is never closed: that would release all locks of the process.
        """
        if self._process != os.getpid():
            self._process, self._file = os.getpid(), None
            self._holders.clear()
            with contextlib.suppress(OSError):
                number = os.open(lock_path(), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | _NOFOLLOW, 0o600)
                about = os.fstat(number)
                if stat.S_ISREG(about.st_mode) and about.st_uid == os.geteuid():
                    self._file = number
                else:
                    os.close(number)
        return self._file

    def take(self, place: int, exclusive: bool) -> bool:
        """Take a lock, and return False if another process has it. Raises OSError if locks are impossible."""
        with self._guard:
            number = self._open()
            if number is not None and (exclusive or place not in self._holders):
                try:
                    fcntl.lockf(number, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB, 1, place)
                except OSError as error:
                    if error.errno in _BUSY:
                        return False
                    raise
            self._holders[place] = self._holders.get(place, 0) + 1
            return True

    def release(self, place: int) -> None:
        """Release a lock after its last use in this process."""
        with self._guard:
            left = self._holders.pop(place, 1) - 1
            if left:
                self._holders[place] = left
            elif self._file is not None:
                with contextlib.suppress(OSError):
                    fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place)


_LOCKS = _Locks()


def _place(*parts: str) -> int:
    """Return the offset of the byte for a server or user."""
    digest = hashlib.sha256(json.dumps(parts).encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:7], "big")


class _Waiting:
    """The waits of one task: together at most ``longest`` seconds, and one line if they are long."""

    def __init__(self, clock: Clock, longest: float, show: t.Callable[[str], None]) -> None:
        self._clock, self._show = clock, show
        self._began = clock.now()
        self._until = self._began + longest
        self._shown = False

    def take(self, place: int, exclusive: bool) -> bool:
        """Take a lock, and return False if another process still has it at the end."""
        while not _LOCKS.take(place, exclusive):
            now = self._clock.now()
            if now >= self._until:
                return False
            if now >= self._began + _QUIET and not self._shown:
                self._shown = True
                self._show("waiting for another task on this machine, which writes users of this server")
            self._clock.sleep(_STEP)
        return True


@contextlib.contextmanager
def alone(
    server: t.Sequence[str], name: str | None, clock: Clock, longest: float,
    show: t.Callable[[str], None] = lambda line: None,
) -> t.Iterator[None]:
    """Exclude other processes from a user of a server, or with ``name`` None from all its users.

    ``server`` are its address and credentials. Wait for at most ``longest`` seconds or 15 minutes, and then continue
    without the lock: another task that waits for its rate limit must not stop this one for ever. ``show`` shows a line.
    """
    waiting = _Waiting(clock, max(longest, _LONGEST), show)
    taken: list[int] = []
    everyone = _place(*server)
    door = everyone + 1  # who waits for all users holds it, so that no other task begins meanwhile
    try:
        if fcntl is not None:
            with contextlib.suppress(OSError):
                for place in (door, everyone):
                    if waiting.take(place, name is None):
                        taken.append(place)
                if door in taken:
                    taken.remove(door)
                    _LOCKS.release(door)
                if name is not None and waiting.take(place := _place(*server, fold(name)), True):
                    taken.append(place)
        yield
    finally:
        for place in reversed(taken):
            _LOCKS.release(place)
