# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The second half of a provider: a directory of users.

Every hook has a default; a provider overrides what differs.
"""

from __future__ import annotations

import concurrent.futures
import functools
import typing as t
from dataclasses import replace

from ..errors import ApiError, Notice, RollcallError
from ..http.paging import Stop, settled
from ..names import fold
from ..plan.guards import able_admins
from ..plan.model import Account, Desired, Schema, Snapshot
from ..plan.steps import Step
from ..wording import agreed
from .connection import Connection
from .progress import Progress
from .writing import Writing

Item = t.TypeVar("Item")
Out = t.TypeVar("Out")
Need = tuple[Account, t.Collection[str], t.Collection[str]]
"""An account, and the facets and fields to read of it."""


def _guarded(read: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
    """Return a method that reads accounts, and raises UnreadableAnswer for invalid rows and accounts without an id."""

    @functools.wraps(read)
    def guarded(self: Directory, *args: t.Any, **kwargs: t.Any) -> t.Any:
        with self.connection.odd_rows():
            result = read(self, *args, **kwargs)
            accounts = (
                result.accounts if isinstance(result, Snapshot) else result if isinstance(result, list) else [result]
            )
            for account in accounts:
                if isinstance(account, Account) and not (
                    isinstance(account.id, str) and account.id and isinstance(account.key, str)
                ):
                    raise ValueError(f"a {self.schema.noun} has the id {account.id!r} and the name {account.key!r}")
            return result

    return guarded


class Directory:
    """Reads and writes the users of one provider, or objects with the same life cycle."""

    schema: Schema
    writer: type[Writing] = Writing
    """Writes the difference of one user."""
    page_size = 100
    lookups_up_to = 20
    """Up to this number, users are looked up one by one if the API does not report the length of its list."""
    replaces: frozenset[str] = frozenset()
    """Write groups and facets whose write replaces a whole list or document, not only the differences.

    The executor reads the account again right before such a write (``read_again``) and computes the difference again,
    unless the account was read at most two calls ago. So grants that others have added meanwhile stay. See
    ``at_stake``.
    """
    reads_first = False
    """Whether to read the account before every such write, even of an exact facet, and however recent the last reading
    is, because the write sends back the whole list or document, and a list of users may lack parts of it."""
    missing_advice = ""
    """Where a user may be who is not found, as a sentence of messages."""
    joined: frozenset[str] = frozenset()
    """Write groups and facets that share one call, which comes before all other steps (``Writing.joined``)."""
    page_first = False
    """Whether the reading of more than one user begins with a page of the list, which reports the list's length.

    The other pages are read only if there are not more of them than users. So the reading takes at most one call more
    than the better choice of look-ups, with one call each, and the whole list.
    """

    def __init_subclass__(cls, **kwargs: t.Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in (
            "lookup", "get", "listing", "load", "load_many", "load_listed", "deleted", "all_deleted", "read_again",
        ):
            if name in cls.__dict__:
                setattr(cls, name, _guarded(cls.__dict__[name]))

    def __init__(self, connection: Connection, schema: Schema) -> None:
        self.connection = connection
        self.schema = schema
        self.progress = Progress()
        self.needed: frozenset[str] = frozenset()
        """The facets that the task needs: results show the ids in them by name."""
        self.foresees = False
        """Whether to find out before any write what the server would refuse: check mode cannot try, and a task on
        several users would fail halfway."""
        self.notices: list[Notice] = []
        """Warnings about writes, for the result."""
        self.on_written: t.Callable[[str], None] = lambda identity: None
        """Called with the id of an account after each written step, so that a caller can record the time. Several
        threads may call it."""

    # -- reading -------------------------------------------------------------------------------------------------

    def lookup(self, key: str) -> list[Account]:
        """Return the accounts with this natural key (without case), in a list that may be empty.

        If the server returns an account whose name looks alike (``looks_like``), include it: the planner refuses it.
        """
        raise NotImplementedError

    def get(self, identity: str) -> Account | None:
        """Return the account with this id, None if there is none."""
        raise NotImplementedError

    def listing(self, stop: Stop | None = None) -> Snapshot:
        """Return all accounts. ``stop(listing, total)`` may end it early; it is then not complete."""
        raise NotImplementedError

    def load(self, account: Account, facets: t.Collection[str], fields: t.Collection[str]) -> None:
        """Read what a list or look-up left out: fill ``account.facets`` and ``account.values`` in place."""

    def load_many(
        self, accounts: t.Sequence[Account], facets: t.Collection[str], fields: t.Collection[str] = ()
    ) -> None:
        """Read what a list left out of many accounts, with the fewest calls; by default account by account."""

        def load(account: Account) -> None:
            missing = [name for name in facets if name not in account.facets]
            unread = [name for name in fields if name not in account.values]
            if missing or unread:
                self.load(account, missing, unread)

        self.concurrently(load, accounts, f"{self.schema.noun}s read in detail")

    def all_deleted(self) -> list[Account]:
        """Return all soft-deleted accounts that can be restored."""
        return []

    def admins(self, snapshot: Snapshot) -> list[Account]:
        """Return all privileged accounts that can log in. Only plans that may remove one of them call this."""
        return able_admins(self.schema, (snapshot if snapshot.complete else settled(self.listing)).accounts)

    def remember(self, account: Account) -> None:
        """Remember the current account for later tasks, if the connection remembers accounts."""
        if self.connection.known is not None and not account.deleted:
            self.connection.known[(self.schema.noun, account.id)] = account

    def forget(self, identity: str) -> None:
        """Forget an account, so that later tasks of the connection read it again."""
        if self.connection.known is not None:
            self.connection.known.pop((self.schema.noun, identity), None)

    def recall(self, identity: str) -> Account | None:
        """Return a copy of the account that an earlier task has remembered, None if it must be read."""
        account = (self.connection.known or {}).get((self.schema.noun, identity))
        key = account.values.get(self.schema.key) if account is not None else None
        # the natural key of the earlier task may have been another field
        if account is None or not isinstance(key, str) or not key:
            return None
        return replace(account.copy(), key=key)

    def prepare(self, facets: t.Collection[str]) -> None:
        """Record the facets that the task will need, before anything is read. Send nothing."""
        self.needed = frozenset(facets)

    def load_listed(self, needs: t.Sequence[Need]) -> None:
        """Fill facets of many accounts from lists that cover all users, if that takes fewer calls than ``load`` for
        each account.

        ``load`` then reads the missing facets. By default, these are all.
        """

    def concurrently(self, work: t.Callable[[Item], Out], items: t.Sequence[Item], label: str = "") -> list[Out]:
        """Return the results of independent reads, made concurrently within ``max_concurrency``, in their order.

        ``label`` is the text for ``progress``, such as ``users looked up``. Without it, no progress is reported.
        """

        def counted(item: Item) -> Out:
            result = work(item)
            self.progress.step()
            return result

        if label and items:
            self.progress.begin(label, len(items))
        call = counted if label else work
        if len(items) < 2 or self.connection.workers == 1:
            return [call(item) for item in items]
        with concurrent.futures.ThreadPoolExecutor(max_workers=self.connection.workers) as pool:
            return list(pool.map(call, items))

    def deleted(self, keys: t.Collection[str], ids: t.Collection[str]) -> list[Account]:
        """Return soft-deleted accounts with one of these (folded) natural keys or ids."""
        return []

    def resolve(self, desired: t.Sequence[Desired]) -> list[str]:
        """Fill ``entries`` and ``bounds`` of all desired facets.

        Return a problem for every unknown or ambiguous name.
        """
        for user in desired:
            for name, target in user.facets.items():
                if self.schema.facet(name).is_map:
                    target.entries = dict(target.items or {})
                    target.bounds = dict.fromkeys(target.managed or ())
                else:
                    target.entries = {fold(str(item)): item for item in target.items or ()}
                    target.bounds = {fold(str(item)): item for item in target.managed or ()}
        return []

    # -- input ---------------------------------------------------------------------------------------------------

    def check(self, desired: Desired) -> list[str]:
        """Return the problems of a desired user that can be found without reading."""
        return []

    def fresh(self, account: Account) -> Account:
        """Return the current account, for an API whose writes replace the whole document.

        Raises RollcallError if it does not exist any more.
        """
        current = self.get(account.id)
        if current is None:
            raise self.gone(account)
        return current

    def gone(self, account: Account) -> RollcallError:
        """Return the error for an account that existed when the plan was made, and does not exist any more."""
        return RollcallError(
            f"{account.key} (id {account.id}) no longer exists.",
            f"The {self.schema.noun} was deleted outside this task. Run the task again.", "user_not_found",
        )

    def at_stake(self, step: Step, desired: Desired) -> bool:
        """Return whether a write could undo what others have changed since the account was read.

        This is the case for ``replaces``. Without ``reads_first``, a facet in mode ``exact`` is an exception.
        """
        if step.via not in self.replaces:
            return False
        return self.reads_first or step.verb != "facet" or desired.facets[step.via].mode != "exact"

    def read_again(self, account: Account, step: Step) -> Account:
        """Return the current account, with at least the data that ``step`` replaces. The caller keeps other data."""
        fresh = self.fresh(account)
        if step.verb == "facet" and step.via not in fresh.facets:
            self.load(fresh, {step.via}, ())
        return fresh

    def unreliable_fields(self, desired: Desired, account: Account) -> set[str]:
        """Return fields whose values in a list are not reliable enough for the desired state: to be read in detail."""
        return set()

    def complete(self, desired: Desired, account: Account | None) -> Desired:
        """Return the desired user with further values that its values imply for this account.

        Raises InputError for values that this account cannot have; those of all users are reported together.
        """
        return desired

    def foresee(self, users: t.Sequence[tuple[Desired, Account | None]]) -> None:
        """Read concurrently what ``complete`` will need of these users."""

    def late_problems(self, desired: t.Sequence[Desired]) -> list[str]:
        """Return the problems that otherwise only ``complete`` finds. The planner calls this method if the input has
        other problems, so that all are reported together."""
        return []

    def disabled(self, account: Account) -> Desired:
        """Return the desired form of an account whose login is blocked."""
        return Desired(account.key, id=account.id, fields={"enabled": False})

    # -- writing -------------------------------------------------------------------------------------------------

    def writing(self, desired: Desired, account: Account | None = None) -> Writing:
        """Return the Writing for one user; ``account`` is None for a user to be created."""
        return self.writer(self, desired, account)

    def is_duplicate(self, error: ApiError) -> bool:
        """Return whether the refusal of a create means that the user exists already. The account is then adopted."""
        return error.status == 409

    def cost(self, step: Step) -> int:
        """Return the number of API calls that a step takes."""
        return 1

    def mails(self, steps: t.Sequence[Step], desired: Desired | None) -> int:
        """Return the number of mails that the provider sends to a user because of these steps."""
        return 0

    def kept_warning(self, name: str, via: str, kept: list[str]) -> str:
        """Return the warning for entries that the server did not remove."""
        them = agreed(len(kept), "it")
        return f"{name}: {', '.join(kept)} could not be removed from {via}; the server kept {them}."
