# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the accounts of a task with the fewest calls, in parallel with other work."""

from __future__ import annotations

import concurrent.futures
import threading
import typing as t

from ..errors import RollcallError, Unexpected
from ..http.paging import Listing, settled
from ..names import fold, spellings
from ..plan.model import Account, Desired, Snapshot
from ..plan.policy import Policy
from ..wording import counted
from .directory import Directory
from .progress import Progress


class Source(t.Protocol):
    """Where a plan gets its accounts: from a reading that it begins, or from an earlier one."""

    start: int

    def __enter__(self) -> Source:
        """Begin."""

    def __exit__(self, *_error: object) -> None:
        """Cancel a reading that is in progress."""

    def verify(self) -> None:
        """Verify the account once. Further calls raise the same error again."""

    def begin(self, desired: list[Desired]) -> None:
        """Begin to read, if that has not begun yet."""

    def result(self, desired: list[Desired]) -> tuple[Snapshot, str]:
        """Return the accounts, and a text such as ``3 pages of 100, 2 look-ups``."""


class Known:
    """A whole directory that was read before, for a job that plans with accounts that it has matched already.

    ``start`` is the number of calls before the reading.
    """

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
        return self._snapshot, counted(self._snapshot.pages, "page")


def read_whole(
    progress: Progress, directory: Directory, facets: t.Collection[str], deleted: bool = False
) -> tuple[Snapshot, int]:
    """Return all accounts as the list shows them, and the number of calls before the reading.

    ``facets`` are those that the caller needs: the list includes them if it can. With ``deleted``, also read the
    soft-deleted accounts, if the provider keeps them. Raises RollcallError.
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
    """One reading of a directory. A bulk task reads in a thread if it may send several requests at a time.

    ``size`` is the number of users that the task names. If the task fails meanwhile, the reading ends after the current
    page. ``start`` is the number of calls before the reading.
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
        """Verify the account once. Further calls raise the same error again."""
        if self._verified is False:
            try:
                self._directory.connection.verify()
                self._verified = True
            except RollcallError as error:
                self._verified = error
        if isinstance(self._verified, RollcallError):
            raise self._verified

    def begin_early(self, facets: t.Collection[str]) -> None:
        """Begin to read the list before the desired users are known. ``facets`` are those that the task will need.

        Look-ups must wait for the desired users. A later call of ``verify`` reports a wrong account.
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
        """Return the accounts, and a text about what was read. Raises what the reading raised."""
        if self._looking is not None:
            return self._looking.result()
        if self._listing is not None:
            return self._complete(self._listing.result(), desired)
        return self._complete(self._list() if self._lists else None, desired)

    def _submit(self, work: t.Callable[[], t.Any]) -> concurrent.futures.Future[t.Any]:
        self._pool = concurrent.futures.ThreadPoolExecutor(max_workers=1)
        return self._pool.submit(work)

    def _list(self) -> Snapshot:
        """Read the list, but stop when look-ups would take fewer calls."""

        def too_long(listing: Listing, total: int | None) -> bool:
            self._progress.reached(len(listing.rows), total)
            if self._cancelled.is_set():
                return True
            if self._everyone:
                return False
            if total is not None and listing.rows:
                return -(-total // max(1, len(listing.rows) // listing.pages)) > self._size + listing.pages
            # If the list does not report its length, read one page for few users. For many users, read as many pages
            # as look-ups would take calls.
            return listing.pages >= (self._size if self._size > self._directory.lookups_up_to else 1)

        return settled(lambda: self._directory.listing(too_long))

    def _complete(self, snapshot: Snapshot | None, desired: list[Desired]) -> tuple[Snapshot, str]:
        """Look up the users that the list does not contain, or all users if the list was not read."""
        directory = self._directory
        if snapshot is None:
            snapshot = Snapshot()
            return snapshot, f"0 pages, {counted(look_up(directory, snapshot, desired), 'look-up')}"
        looked_up = 0
        if not snapshot.complete and not self._cancelled.is_set():
            looked_up = look_up(directory, snapshot, [user for user in desired if not _certain(snapshot, user)])
        pages = snapshot.pages
        return snapshot, f"{counted(pages, 'page')} of {directory.page_size}, {counted(looked_up, 'look-up')}"


class about:  # it is used like the functions of contextlib
    """Add the user to every error that the block raises, and turn unexpected exceptions into such errors.

    An error that applies to all users, such as rejected credentials, does not name one. Bulk tasks enter it for each
    user, and a generator would take several times as long.
    """

    __slots__ = ("_user",)

    def __init__(self, user: str) -> None:
        self._user = user

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        """Raise the error of the block as one that is about the user."""
        if isinstance(error, RollcallError):
            if not (error.final or error.user):
                raise error.of(self._user) from error
        elif isinstance(error, Exception):
            raise Unexpected.of_exception(error).of(self._user) from error


def is_known(snapshot: Snapshot, user: Desired) -> bool:
    """Return whether an account has the id of a desired user or, if the user has no id, the natural key."""
    if user.id is not None:
        return user.id in snapshot.by_id
    return bool(snapshot.named(user.key))


def _certain(snapshot: Snapshot, user: Desired) -> bool:
    """Return whether the pages that were read determine the account of a desired user.

    A name in another spelling does not: an account with the exact spelling may be on a page that was not read.
    """
    if user.id is not None:
        account = snapshot.by_id.get(user.id)
        return account is not None and (not user.key or fold(account.key) == fold(user.key))
    return not _all_names(user) and any(account.key == user.key for account in snapshot.named(user.key))


def _all_names(user: Desired) -> bool:
    """Return whether the earlier names of a user count even if an account has the current name.

    They do for deletions: otherwise two runs would delete two accounts.
    """
    return user.state != "present" and bool(user.previous)


def look_up(directory: Directory, snapshot: Snapshot, desired: t.Sequence[Desired], fresh: bool = False) -> int:
    """Look up users concurrently, add their accounts to the snapshot, and return the number of calls.

    An account that an earlier task of the connection has remembered is not read again by its id, unless ``fresh``.
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
            # Look up all earlier names: if several exist, it is unknown which account was renamed.
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
