# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Search indexes: what the lists show, which may lag behind what a read by id shows."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from ...web import dumps


class Row:
    """One row of a list, frozen when it was indexed.

    ``value`` is the row with the flag under its name of 1.x; ``words`` is the text that a search looks through;
    ``fields`` holds what filters may ask for.
    """

    __slots__ = ("_flag", "_text", "fields", "value", "words")

    def __init__(self, value: dict[str, Any], words: str, fields: dict[str, str]) -> None:
        self.value = value
        self.words = words.casefold()
        self.fields = fields
        self._flag = ""
        self._text = b""

    def shown(self, flag: str) -> dict[str, Any]:
        """The row as this version of the server shows it; ``flag`` is superAdmin or instanceOwner."""
        if flag == "superAdmin" or "superAdmin" not in self.value:
            return self.value
        return {flag if name == "superAdmin" else name: item for name, item in self.value.items()}

    def text(self, flag: str) -> bytes:
        """The same as JSON, rendered once: lists of thousands are read over and over."""
        if self._flag != flag:
            self._flag, self._text = flag, dumps(self.shown(flag))
        return self._text


class Rows(list[Row]):
    """The rows that a search reads. Do not change them: the text that makes searches fast is built only once."""

    __slots__ = ("_starts", "_text")

    def __init__(self, rows: Iterable[Row]) -> None:
        super().__init__(rows)
        self._text: str | None = None
        self._starts: list[int] = []

    def containing(self, word: str) -> list[Row]:
        """The rows with ``word``, folded and without white space, somewhere in their words."""
        if self._text is None:
            self._text = "\n".join(row.words for row in self)
            self._starts = [0, *accumulate(len(row.words) + 1 for row in self)]
        matches = []
        at = self._text.find(word)
        while at >= 0:
            number = bisect_right(self._starts, at) - 1
            matches.append(self[number])
            at = self._text.find(word, self._starts[number + 1])
        return matches


@dataclass(slots=True)
class _Pending:
    due: float
    left: int
    key: str
    row: Row | None


class Index:
    """Rows by key in order of their first appearance, and the changes that searches do not show yet."""

    __slots__ = ("_listed", "_pending", "_rows")

    def __init__(self) -> None:
        self._listed: Rows | None = None
        self._rows: dict[str, Row] = {}
        self._pending: deque[_Pending] = deque()

    def _apply(self, key: str, row: Row | None) -> None:
        self._listed = None
        if row is None:
            self._rows.pop(key, None)
        else:
            self._rows[key] = row

    def change(self, key: str, row: Row | None, due: float, searches: int, now: float) -> None:
        """Show ``row`` (None: take it away) from the moment ``due`` and after that many searches."""
        if not self._pending and due <= now and searches <= 0:
            self._apply(key, row)
        else:
            self._pending.append(_Pending(due, searches, key, row))

    def search(self, now: float) -> Rows:
        """The rows that a search sees now; each call counts as one search."""
        pending = self._pending
        while pending and pending[0].due <= now and pending[0].left <= 0:
            item = pending.popleft()
            self._apply(item.key, item.row)
        for item in pending:
            item.left -= 1
        if self._listed is None:
            self._listed = Rows(self._rows.values())
        return self._listed


class Indexes:
    """All indexes by name, such as ``users`` or ``groups main``. ``lag`` gives seconds and searches of delay."""

    def __init__(self, now: Callable[[], float], lag: Callable[[], tuple[float, int]]) -> None:
        self._now = now
        self._lag = lag
        self._all: dict[str, Index] = {}
        # True while state is put in directly: that shows at once.
        self.immediate = False

    def change(self, name: str, key: str, row: Row | None) -> None:
        now = self._now()
        seconds, searches = (0.0, 0) if self.immediate else self._lag()
        index = self._all.get(name)
        if index is None:
            index = self._all[name] = Index()
        index.change(key, row, now + seconds, searches, now)

    def search(self, name: str, now: float) -> Rows:
        index = self._all.get(name)
        return index.search(now) if index else Rows(())
