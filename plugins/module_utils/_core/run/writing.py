# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The unit of writing: one user's difference, step by step."""

from __future__ import annotations

import typing as t

from ..errors import RollcallError
from ..plan.model import PROFILE, Account, Desired, Entries, Value
from ..plan.steps import Step

if t.TYPE_CHECKING:
    from .directory import Directory


class Writing:
    """One user's difference while it is written.

    The executor makes one for each user with ``Directory.writing``, and another one for what is left after the answer
    to a step was unclear. It decides which step comes next, and reads the account again before a write that could undo
    what others have changed. A writing writes the step. What it has to know between two steps is kept in it, not in the
    account.

    A provider implements the hooks for the kinds of steps that its schema allows. ``desired`` is what the step at hand
    was planned from, ``along`` are the write groups and facets that an earlier step has written as well: their own
    steps need no call.
    """

    def __init__(self, directory: Directory, desired: Desired, account: Account | None = None) -> None:
        self.directory = directory
        self.connection = directory.connection
        self.schema = directory.schema
        self.desired = desired
        self.along: set[str] = set()
        self._account = account

    @property
    def account(self) -> Account:
        """The account as it is known: as it was read, with what was written since.

        Raises RollcallError before it is created.
        """
        if self._account is None:
            raise RollcallError(f"{self.desired.name} was not created, so nothing else was written.")
        return self._account

    @account.setter
    def account(self, account: Account) -> None:
        self._account = account

    # -- hooks ---------------------------------------------------------------------------------------------------

    def create(self, step: Step) -> Account:
        """Create the user with ``step.values`` and ``step.facets`` and return the account, with what the answer
        reports."""
        raise NotImplementedError

    def update(self, via: str, values: dict[str, Value]) -> None:
        """Write the changed fields of one write group."""
        raise NotImplementedError

    def facet(self, step: Step) -> Entries:
        """Write the difference of one facet. Return the entries that the user keeps against the plan."""
        raise NotImplementedError

    def joined(self, steps: t.Sequence[Step]) -> None:
        """Write the steps of ``Directory.joined`` in one call."""
        raise NotImplementedError

    def restore(self) -> None:
        """Bring a soft-deleted user back."""
        raise NotImplementedError

    def delete(self) -> None:
        """Delete the user; one who is gone already is no error."""
        raise NotImplementedError

    def destroy(self) -> None:
        """Remove a soft-deleted user for good."""
        raise NotImplementedError

    # -- for the executor ----------------------------------------------------------------------------------------

    def write(self, step: Step) -> Entries:
        """Write one step and adopt it in the account. Return the entries of a facet that the user keeps against the
        plan.

        Raises what the hooks raise.
        """
        kept: Entries = {}
        if step.verb == "create":
            account = self.create(step)
            account.facets.update(step.facets)
            self.account = account
        elif step.verb == "restore":
            self.restore()
            self.account.deleted = False
        elif step.verb == "delete":
            self.delete()
            self._check_gone()
        elif step.verb == "destroy":
            self.destroy()
        else:
            if step.via not in self.along:
                if step.verb == "facet":
                    kept = self.facet(step)
                else:
                    self.update(step.via or PROFILE, step.values)
            self.adopt(step, kept)
        return kept

    def write_together(self, steps: t.Sequence[Step]) -> None:
        """Write steps that travel in one call, and adopt them in the account."""
        left = [step for step in steps if step.via not in self.along]
        if left:
            self.joined(left)
        for step in steps:
            self.adopt(step, {})

    def adopt(self, step: Step, kept: Entries) -> None:
        """Note in the account what a step has written."""
        if step.verb == "facet":
            self.account.facets[step.via] = {**step.final, **kept}
        self.account.values.update(
            {name: value for name, value in step.values.items() if self.schema.field(name).readable}
        )

    def _check_gone(self) -> None:
        """Raise RollcallError where the server has not found whom it was to delete, and shows this user still."""
        account = self.account
        if not self.connection.counter.absent:
            return
        current = self.directory.get(account.id)
        if current is not None and not current.deleted:
            raise RollcallError(
                f"The server reports that {account.key} (id {account.id}) does not exist, but still lists this user.",
                "Check that no proxy in front of the API blocks DELETE requests, then run it again.",
                "not_applied",
            )
