# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paging. Each strategy stops at a repeated page, fails for a truncated list, and marks complete listings."""

from __future__ import annotations

import collections
import concurrent.futures
import typing as t
from dataclasses import dataclass, field

from ..errors import UnreadableAnswer
from ..wording import counted

MAX_ROWS = 5_000_000
"""The maximum number of rows of a list. A longer list probably has no end, or does not fit into the memory."""
_AHEAD = 2
"""For each worker, the number of pages that are requested before they are processed."""

Row = dict[str, t.Any]
Stop = t.Callable[["Listing", "int | None"], bool]
"""Called after each page, with the total number of rows if the server reports it; True ends the reading early."""
Out = t.TypeVar("Out")
Take = t.Callable[[list[Row]], None]
"""Called with the new rows of each page, in their order, while later pages are requested."""


@dataclass
class Page:
    """One page as a provider reads it. ``total`` is the total number of rows, if the server reports it.

    ``next`` is the cursor of the next page, None at the end; only cursor paging uses it.
    """

    rows: list[Row]
    total: int | None = None
    next: str | None = None


@dataclass
class Listing:
    """The result of a listing. Only a complete one may be the basis of removals."""

    rows: list[Row] = field(default_factory=list)
    complete: bool = False
    pages: int = 0
    total: int | None = None
    """The total number of rows that the server reports."""


def is_id(value: t.Any) -> bool:
    """Return whether a value can be an id: a text that is not blank, or an integer."""
    return bool(value.strip()) if isinstance(value, str) else isinstance(value, int) and not isinstance(value, bool)


def name_fault(row: Row, names: t.Iterable[str]) -> str | None:
    """Return a fault if a name of a user in a row is neither text nor null, else None."""
    for name in names:
        if not isinstance(row.get(name), (str, type(None))):
            return f"{name} of {row.get('id')} is not text"
    return None


def _odd(noun: str, reason: str) -> UnreadableAnswer:
    return UnreadableAnswer(
        f"The list of {noun} cannot be used: {reason}.",
        "Nothing was removed based on it. The answer does not match the API's documentation: report it to the "
        "provider.",
    )


class ListChanged(UnreadableAnswer):
    """The pages are inconsistent: rows were added or removed while the pages were read."""


def settled(read: t.Callable[[], Out]) -> Out:
    """Return what ``read`` returns. If a list changed meanwhile, call ``read`` once more; raises a second ListChanged.
    """
    try:
        return read()
    except ListChanged:
        return read()


class _Collector:
    """Adds pages to a listing, and refuses pages that repeat earlier ones."""

    def __init__(self, noun: str, key: str, take: Take | None) -> None:
        self.noun = noun
        self.key = key
        self.listing = Listing()
        self.take = take
        self._seen: set[str] = set()
        self._delivered = 0
        self._totals: set[int] = set()

    def hand_over(self) -> None:
        """Pass the rows that were added since the last call to the callback."""
        if self.take is not None:
            rows = self.listing.rows[self._delivered :]
            self._delivered += len(rows)
            self.take(rows)

    def add(self, page: Page) -> None:
        """Add the rows of a page. Raises UnreadableAnswer if the page contains no new row, or is invalid."""
        self.listing.pages += 1
        self.note(page)
        fresh = 0
        if len(self.listing.rows) + len(page.rows) > MAX_ROWS:
            raise _odd(self.noun, f"it has more than {MAX_ROWS} rows")
        here: dict[str, Row] = {}
        for number, row in enumerate(page.rows, 1):
            identity = self._identity(row, number)
            other = here.setdefault(identity, row)
            if other is not row and other != row:
                raise _odd(
                    self.noun, f"row {number} of page {self.listing.pages} has the same {self.key!r} as another one"
                )
            if identity not in self._seen:
                self._seen.add(identity)
                self.listing.rows.append(row)
                fresh += 1
        # One row that moved from page to page while we read is normal; a page without any new row is not.
        if page.rows and not fresh:
            if len(self._totals) > 1:  # a row moved to an earlier page because another one was deleted
                self.fits()
            raise UnreadableAnswer(
                f"The list of {self.noun} repeats itself at page {self.listing.pages}, "
                f"after {counted(len(self.listing.rows), 'row')}.",
                "Nothing was written based on it. Run the task again; if this persists, report it to the provider.",
            )

    def _identity(self, row: Row, number: int) -> str:
        """Return the id of a row as text. Raises UnreadableAnswer for a row without a valid id."""
        identity = row.get(self.key) if isinstance(row, dict) else None
        if is_id(identity):
            return str(identity)
        place = f"row {number} of page {self.listing.pages}"
        if not isinstance(row, dict):
            raise _odd(self.noun, f"{place} is not an object")
        if identity in (None, "", [], {}):
            raise _odd(self.noun, f"{place} has no {self.key!r}")
        raise _odd(self.noun, f"{place} has {self.key!r}, which is neither text nor a number")

    def note(self, page: Page) -> None:
        """Record the total that a page reports.

        Ignore a total of 0 on an empty page: some servers report it for pages beyond the end.
        """
        if page.total is not None and (page.rows or page.total):
            self._totals.add(page.total)
            self.listing.total = page.total

    def fits(self) -> None:
        """Raise ListChanged if the pages report different totals, or a total other than the number of rows."""
        rows = len(self.listing.rows)
        if len(self._totals) > 1:
            raise ListChanged(
                f"The list of {self.noun} changed while it was read: it reported {min(self._totals)} to "
                f"{counted(max(self._totals), 'row')} and returned {rows}.",
                "Nothing was written based on it. Run the task again while no other process adds or removes "
                f"{self.noun}.",
            )
        if self._totals and self._totals != {rows}:
            raise ListChanged(*self._short(min(self._totals)))

    def _short(self, total: int) -> tuple[str, str]:
        return (
            f"The list of {self.noun} ended after {len(self.listing.rows)} of {counted(total, 'row')}.",
            f"Nothing was written based on it. Run the task again while no other process adds or removes {self.noun}.",
        )

    def finish(self, total: int | None = None) -> Listing:
        """Return the complete listing. Raises UnreadableAnswer if it has fewer rows than ``total``."""
        if total is not None and len(self.listing.rows) < total:
            raise UnreadableAnswer(*self._short(total))
        self.hand_over()
        self.listing.complete = True
        return self.listing

    def end_early(self) -> Listing:
        """Return the incomplete listing."""
        self.hand_over()
        return self.listing


def cursor_pages(
    fetch: t.Callable[[str | None], Page],
    noun: str,
    key: str = "id",
    stop: Stop | None = None,
    take: Take | None = None,
) -> Listing:
    """Read pages that each name the next page. ``fetch`` finds the name in the body or in a header.

    ``stop(listing, total)`` may end the reading early; the listing is then not complete. While ``take`` processes the
    rows of a page, the next page is requested.
    """
    collector = _Collector(noun, key, take)
    seen: set[str] = set()
    total: int | None = None
    page = fetch(None)
    with concurrent.futures.ThreadPoolExecutor(max_workers=1) as pool:
        while True:
            collector.add(page)
            total = page.total if page.total is not None else total
            if not page.next:
                return collector.finish(total)
            if page.next in seen:
                raise UnreadableAnswer(
                    f"The list of {noun} links to the same next page twice, "
                    f"after {counted(len(collector.listing.rows), 'row')}.",
                    "Nothing was written based on it. Run the task again; if this persists, report it to the provider.",
                )
            seen.add(page.next)
            if stop is not None and stop(collector.listing, total):
                return collector.end_early()
            if take is None:
                page = fetch(page.next)
            else:
                later = pool.submit(fetch, page.next)
                collector.hand_over()
                page = later.result()


def numbered_pages(
    fetch: t.Callable[[int], Page],
    noun: str,
    key: str = "id",
    workers: int = 1,
    stop: Stop | None = None,
    take: Take | None = None,
) -> Listing:
    """Read pages by number, from 1 on. If the first page reports the total, read the others concurrently.

    Rows that are added or removed meanwhile move others from page to page. If totals and rows do not match, all pages
    are read once more. With ``take``, the caller must do this (with ``settled``): ListChanged is raised.
    """
    return _counted(fetch, noun, workers, lambda index, rows: 1 + index, stop, take, key)


def offset_pages(
    fetch: t.Callable[[int], Page],
    noun: str,
    key: str = "id",
    workers: int = 1,
    stop: Stop | None = None,
    take: Take | None = None,
) -> Listing:
    """Read pages by the number of preceding rows, otherwise like ``numbered_pages``."""
    return _counted(fetch, noun, workers, lambda index, rows: rows, stop, take, key)


def _counted(
    fetch: t.Callable[[int], Page],
    noun: str,
    workers: int,
    position: t.Callable[[int, int], int],
    stop: Stop | None,
    take: Take | None,
    key: str,
) -> Listing:
    def read() -> Listing:
        collector = _Collector(noun, key, take)
        if not _read_counted(fetch, workers, position, stop, collector):
            return collector.end_early()
        collector.fits()
        return collector.finish()

    return settled(read) if take is None else read()


def _read_counted(
    fetch: t.Callable[[int], Page],
    workers: int,
    position: t.Callable[[int, int], int],
    stop: Stop | None,
    collector: _Collector,
) -> bool:
    """Read all pages and return True, or return False as soon as ``stop`` returns True."""
    page = fetch(position(0, 0))
    collector.add(page)
    total = page.total
    # A server may return fewer rows than requested: its own page size then counts.
    size = len(page.rows)
    if not size or (total is not None and size >= total):
        return True
    if stop is not None and stop(collector.listing, total):
        return False
    if total is not None:
        pages = -(-total // size)
        if workers > 1 and pages > 2:
            positions = (position(index, index * size) for index in range(1, pages))
            return _read_concurrently(fetch, workers, positions, total, stop, collector)
    index, received = 1, size
    while True:
        page = fetch(position(index, received))
        total = page.total if page.total is not None else total
        if page.rows:
            collector.add(page)
        else:
            collector.note(page)
        index += 1
        received += len(page.rows)
        # Without a total, only an empty page is the end: a short page may be the largest that the server returns.
        if not page.rows or (total is not None and received >= total):
            return True
        if stop is not None and stop(collector.listing, total):
            return False


def _read_concurrently(
    fetch: t.Callable[[int], Page],
    workers: int,
    positions: t.Iterator[int],
    total: int,
    stop: Stop | None,
    collector: _Collector,
) -> bool:
    """Read the pages at these positions concurrently, a few ahead of the processed ones. Return False if ``stop`` ends
    the reading.

    If the reading ends early, at a failed or an empty page or by ``stop``, pages that were not requested are skipped.
    """
    waiting: collections.deque[concurrent.futures.Future[Page]] = collections.deque()
    with concurrent.futures.ThreadPoolExecutor(max_workers=workers) as pool:

        def fill() -> None:
            while len(waiting) < _AHEAD * workers:
                position = next(positions, None)
                if position is None:
                    return
                waiting.append(pool.submit(fetch, position))

        try:
            fill()
            collector.hand_over()
            while waiting:
                page = waiting.popleft().result()
                if not page.rows:
                    collector.note(page)
                    return True  # the caller compares the number of rows with the total
                fill()
                collector.add(page)
                collector.hand_over()
                if waiting and stop is not None and stop(collector.listing, total):
                    return False
        finally:
            for later in waiting:
                later.cancel()
    return True
