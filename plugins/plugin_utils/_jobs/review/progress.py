# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a close has written so far, in a file beside the review. If a run is killed before it writes the evidence, the
next run continues from this file."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, Problem

from ..files import read_bytes
from .closed import DONE, FAILED, INTERRUPTED, Closed
from .documents import DEST, attempted
from .model import SCHEMA

CLOSING, CLOSING_KIND = "closing.jsonl", "access_review_closing"
_MAYBE = "a run that began at {time} was interrupted, and may have removed this grant."


class Progress:
    """The file of one review. ``begun`` maps rows that a run was about to revoke to the time, ``written`` the rows
    whose account it wrote.

    Each line is on disk before the next write is sent. An incomplete last line is ignored.
    """

    def __init__(self, folder: str, review: str, rows_digest: str) -> None:
        self._path = os.path.join(folder, CLOSING)
        self._head = {"schema": SCHEMA, "kind": CLOSING_KIND, "review": review, "rows_digest": rows_digest}
        self._lock = threading.Lock()
        self.begun: dict[str, str] = {}
        self.written: dict[str, str] = {}

    def read(self, problems: list[Problem]) -> None:
        """Read what an interrupted run has left, and add problems to ``problems``. A file of another review is
        ignored."""
        content = attempted(lambda: read_bytes(self._path, DEST), problems)
        lines = (content or b"").decode("utf-8", "replace").splitlines()
        entries = [entry for entry in map(_entry, lines) if entry is not None]
        if not entries or entries[0] != self._head:
            return
        for entry in entries[1:]:
            known = {"begun": self.begun, "written": self.written}.get(str(entry.get("state")))
            rows, time = entry.get("rows"), entry.get("time")
            if known is not None and isinstance(rows, list) and isinstance(time, str):
                known.update({row: time for row in rows if isinstance(row, str)})

    def taken_up(self, before: t.Mapping[str, Closed]) -> dict[str, Closed]:
        """Return the outcomes of rows in earlier runs, including an interrupted one."""
        known = dict(before)
        for row in self.begun:
            if row in known and known[row].outcome in DONE:
                continue
            time = self.written.get(row, "")
            maybe = Closed(FAILED, _MAYBE.format(time=self.begun[row]), INTERRUPTED)
            known[row] = Closed(FAILED, attempted=time) if time else known.get(row, maybe)
        return known

    def begin(self, rows: t.Iterable[str], time: str) -> None:
        """Note which rows are about to be revoked.

        Raises InputError if the file cannot be written; in that case, nothing was sent.
        """
        try:
            if not (self.begun or self.written):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(self._path)  # from another review, or incomplete
                self._add(self._head)
            self._add({"state": "begun", "time": time, "rows": sorted(rows)})
        except OSError as error:
            text = (
                f"{DEST}: {self._path} cannot be written: {error.strerror}. Without this record of its writes, an "
                "interrupted run cannot be continued."
            )
            raise InputError(
                Problem(text, "unwritable_file", option=DEST),
                "Nothing was written. Check the permissions of the folder and the free disk space.",
            ) from None

    def note_written(self, rows: t.Iterable[str], time: str) -> None:
        """Note that the account of some rows was written.

        A full disk does not stop the run here: ``begin`` has already noted the rows.
        """
        with contextlib.suppress(OSError):
            self._add({"state": "written", "time": time, "rows": sorted(rows)})

    def done(self) -> None:
        """Remove the file, because the evidence contains all of it."""
        with contextlib.suppress(OSError):
            os.unlink(self._path)

    def _add(self, entry: t.Mapping[str, t.Any]) -> None:
        with self._lock:
            handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                os.write(handle, f"{json.dumps(entry)}\n".encode())
                os.fsync(handle)
            finally:
                os.close(handle)


def _entry(line: str) -> dict[str, t.Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None
