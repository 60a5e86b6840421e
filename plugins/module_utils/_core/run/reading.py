# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading the accounts that a task is about, with the fewest calls, beside whatever else there is to do."""

from __future__ import annotations

import concurrent.futures
import contextlib
import threading
import typing as t

from ..errors import RollcallError, Unexpected
from ..http.paging import Listing, settled
from ..names import fold, spellings
from ..plan.model import Account, Desired, Snapshot
from ..plan.policy import Policy
from .directory import Directory
from .progress import Progress


class Source(t.Protocol):
    """Where a plan takes the accounts from: a reading that it begins, or one that was made before."""

    start: int

    def __enter__(self) -> Source:
        """Begin."""

    def __exit__(self, *_error: object) -> None:
        """Give up what is under way."""

    def verify(self) -> None:
        """Check the account once, and raise each time what that raised."""

    def begin(self, desired: list[Desired]) -> None:
        """Begin to read, if that has not begun yet."""

    def result(self, desired: list[Desired]) -> tuple[Snapshot, str]:
        """Return the accounts and what was read in words."""


class Known:
    """A whole directory that was read before, for a job that plans with what it has matched. ``start`` is the number
    of calls before it was read."""

    def __init__(self, snapshot: Snapshot, start: int) -> None:
        self._snapshot = snapshot
        self.start = start

    def __enter__(self) -> Known:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def verify(self) -> None:
        """Do nothing: ``read_whole`` has verified the account."""

    def begin(self, desired: list[Desired]) -> None:
        """Do nothing: everything was read."""

    def result(self, desired: list[Desired]) -> tuple[Snapshot, str]:
        """Return the accounts."""
        pages = self._snapshot.pages
        return self._snapshot, f"{pages} page{'s' if pages != 1 else ''}"


def read_whole(
    progress: Progress, directory: Directory, facets: t.Collection[str], deleted: bool = False
) -> tuple[Snapshot, int]:
    """Return all accounts as the list has them, and the number of calls before.

    ``facets`` are those that will be asked for: a list that can has them. ``deleted`` reads the soft-deleted accounts,
    too, where the provider keeps them. Raises RollcallError.
    """
    connection = directory.connection
    connection.transport.limiter.keeps_reserve = True
    start = connection.transport.count()
    connection.verify()
    directory.progress = progress
    progress.begin(f"{directory.schema.noun}s read")
    directory.prepare(facets)
    snapshot = settled(directory.listing)
    if deleted and directory.schema.soft_deletes:
        for account in directory.all_deleted():
            snapshot.add(account)
        snapshot.knows_deleted = True
    return snapshot, start


class Reading:
    """One reading of a directory. A bulk task reads in a thread, where several requests may be under way.

    ``wanted`` is how many users the task names. What is read for nothing, because something turns out to be wrong, ends
    after the page that is under way. ``start`` is the number of calls made before.
    """

    def __init__(self, progress: Progress, directory: Directory, size: int, policy: Policy) -> None:
        self._directory = directory
        self._size = size
        self._everyone = policy.unlisted != "ignore"
        self._lists = self._everyone or size > (1 if directory.page_first else directory.lookups_up_to)
        self._beside = policy.bulk and directory.connection.workers > 1
        self._cancelled = threading.Event()
        self._progress = directory.progress = progress
        self._progress.begin(f"{directory.schema.noun}s read")
        self._verified: RollcallError | bool = False
        self._pool: concurrent.futures.ThreadPoolExecutor | None = None
        self._listing: concurrent.futures.Future[Snapshot] | None = None
        self._looking: concurrent.futures.Future[tuple[Snapshot, str]] | None = None
        directory.connection.transport.limiter.keeps_reserve = policy.bulk
        self.start = directory.connection.transport.count()

    def __enter__(self) -> Reading:
        return self

    def __exit__(self, *_error: object) -> None:
        self._cancelled.set()
        if self._pool is not None:
            self._pool.shutdown()

    def verify(self) -> None:
        """Check the account once, and raise each time what that raised."""
        if self._verified is False:
            try:
                self._directory.connection.verify()
                self._verified = True
            except RollcallError as error:
                self._verified = error
        if isinstance(self._verified, RollcallError):
            raise self._verified

    def begin_early(self, facets: t.Collection[str]) -> None:
        """Begin to read the list, of which ``facets`` will be asked for, before the desired users are known.

        Look-ups have to wait for that. A wrong account is reported by ``verify``, in its turn.
        """
        if not (self._beside and self._lists):
            return
        self._directory.prepare(facets)
        try:
            self.verify()
        except RollcallError:
            return
        self._listing = self._submit(self._list)

    def begin(self, desired: list[Desired]) -> None:
        """Begin to read, if that has not begun yet."""
        if self._beside and self._listing is None and self._looking is None:
            if self._lists:
                self._listing = self._submit(self._list)
            else:
                self._looking = self._submit(lambda: self._complete(None, desired))

    def result(self, desired: list[Desired]) -> tuple[Snapshot, str]:
        """Return who was found and what was read in words. Raises what the reading raised."""
        if self._looking is not None:
            return self._looking.result()
        if self._listing is not None:
            return self._complete(self._listing.result(), desired)
        return self._complete(self._list() if self._lists else None, desired)

    def _submit(self, work: t.Callable[[], t.Any]) -> concurrent.futures.Future[t.Any]:
        self._pool = concurrent.futures.ThreadPoolExecutor(max_workers=1)
        return self._pool.submit(work)

    def _watch(self, listing: Listing | None, total: int | None) -> bool:
        if listing is not None:
            self._progress.reached(len(listing.rows), total)
        return self._cancelled.is_set()

    def _list(self) -> Snapshot:
        """Read the list, as long as that takes fewer calls than look-ups."""

        def too_long(listing: Listing, total: int | None) -> bool:
            if self._watch(listing, total):
                return True
            if self._everyone:
                return False
            if total is not None and listing.rows:
                return -(-total // max(1, len(listing.rows) // listing.pages)) > self._size + listing.pages
            # Of a list that does not report its length, few users are worth one page, and many as many pages as
            # look-ups.
            return listing.pages >= (self._size if self._size > self._directory.lookups_up_to else 1)

        return settled(lambda: self._directory.listing(too_long))

    def _complete(self, snapshot: Snapshot | None, desired: list[Desired]) -> tuple[Snapshot, str]:
        """Look those up whom the list, if it was read, does not hold."""
        directory = self._directory
        if snapshot is None:
            snapshot = Snapshot()
            return snapshot, f"0 pages, {look_up(directory, snapshot, desired)} look-ups"
        looked_up = 0
        if not snapshot.complete and not self._watch(None, None):
            looked_up = look_up(directory, snapshot, [user for user in desired if not _certain(snapshot, user)])
        pages = snapshot.pages
        return snapshot, f"{pages} page{'s' if pages != 1 else ''} of {directory.page_size}, {looked_up} look-ups"


@contextlib.contextmanager
def about(user: str) -> t.Iterator[None]:
    """Let every error of what is read or done for one user name the user, unexpected exceptions too.

    An error that holds for all (credentials that are not accepted) is about nobody in particular.
    """
    try:
        yield
    except RollcallError as error:
        if error.final or error.user:
            raise
        raise error.of(user) from error
    except Exception as error:
        raise Unexpected.of_exception(error).of(user) from error


def is_known(snapshot: Snapshot, user: Desired) -> bool:
    """Return whether somebody has the id of a desired user or, without one, the natural key."""
    if user.id is not None:
        return user.id in snapshot.by_id
    return bool(snapshot.named(user.key))


def _certain(snapshot: Snapshot, user: Desired) -> bool:
    """Return whether the pages that were read settle who is meant.

    A name in another spelling does not: whose name is spelled exactly so may stand on a page that nobody read.
    """
    if user.id is not None:
        account = snapshot.by_id.get(user.id)
        return account is not None and (not user.key or fold(account.key) == fold(user.key))
    return not _all_names(user) and any(account.key == user.key for account in snapshot.named(user.key))


def _all_names(user: Desired) -> bool:
    """Return whether the earlier names of a user count even if somebody has the name: not both of two users are
    deleted."""
    return user.state != "present" and bool(user.previous)


def look_up(directory: Directory, snapshot: Snapshot, desired: t.Sequence[Desired], fresh: bool = False) -> int:
    """Look users up concurrently, add them to the snapshot and return the calls that this took.

    Whom an earlier task of the connection knows by the id is not read again, unless ``fresh`` says so.
    """
    counter = directory.connection.counter

    def search(user: Desired) -> list[Account]:
        if user.id is not None:
            account = (None if fresh else directory.recall(user.id)) or directory.get(user.id)
            if account is None or not user.key or fold(account.key) == fold(user.key):
                return [account] if account is not None else []
            return [account, *(other for key in (user.key, *spellings(user.key)) for other in directory.lookup(key))]
        accounts = named(user.key)
        if _all_names(user) or not any(fold(account.key) == fold(user.key) for account in accounts):
            # All of the earlier names: where several exist, nobody knows whose name changed.
            accounts += [account for key in user.previous for account in named(key)]
        return accounts

    def named(key: str) -> list[Account]:
        accounts = list(directory.lookup(key))
        return accounts or [account for form in spellings(key) for account in directory.lookup(form)]

    def look_up_user(user: Desired) -> tuple[list[Account], int]:
        before = counter.calls
        with about(user.name):
            return search(user), counter.calls - before

    looked_up = 0
    for accounts, calls in directory.concurrently(look_up_user, desired, f"{directory.schema.noun}s looked up"):
        looked_up += calls
        for account in accounts:
            snapshot.add(account)
    return looked_up
