# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes one user's difference, step by step."""

from __future__ import annotations

import typing as t

from ..errors import RollcallError
from ..plan.model import Account, Desired, Entries, Value
from ..plan.steps import Step

if t.TYPE_CHECKING:
    from .directory import Directory


class Writing:
    """Writes the steps of one user.

    The executor creates a Writing for each user with ``Directory.writing``, and another one for the remaining steps
    after an unclear answer. The executor chooses the next step, and reads the account again before a write that could
    undo changes of others. The Writing writes the step. It keeps its state between two steps in itself, not in the
    account.

    A provider implements the hooks for the kinds of steps that its schema allows. ``desired`` is the desired user from
    which the current step was planned. ``along`` are the write groups and facets that an earlier step has also
    written: their own steps need no call.
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
        """The account as it was read, with the values written since.

        Raises RollcallError if the account was not created.
        """
        if self._account is None:
            raise RollcallError(f"{self.desired.name} was not created, so nothing else was written.")
        return self._account

    @account.setter
    def account(self, account: Account) -> None:
        self._account = account

    # -- hooks ---------------------------------------------------------------------------------------------------

    def create(self, step: Step) -> Account:
        """Create the user with ``step.values`` and ``step.facets``. Return the account with the values of the answer.
        """
        raise NotImplementedError

    def update(self, via: str, values: dict[str, Value]) -> None:
        """Write the changed fields of one write group."""
        raise NotImplementedError

    def facet(self, step: Step) -> Entries:
        """Write the difference of one facet. Return entries that the server keeps although the plan removes them."""
        raise NotImplementedError

    def joined(self, steps: t.Sequence[Step]) -> None:
        """Write the steps of ``Directory.joined`` in one call."""
        raise NotImplementedError

    def restore(self) -> None:
        """Restore a soft-deleted user."""
        raise NotImplementedError

    def delete(self) -> None:
        """Delete the user. A user that does not exist any more is not an error."""
        raise NotImplementedError

    def destroy(self) -> None:
        """Delete a soft-deleted user permanently."""
        raise NotImplementedError

    # -- for the executor ----------------------------------------------------------------------------------------

    def write(self, step: Step) -> Entries:
        """Write one step and update the account. Return facet entries that the server keeps although the plan removes
        them.

        Raises what the hooks raise, and RollcallError if the server still shows a deleted user.
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
                    self.update(step.via, step.values)
            self.note_written(step, kept)
        return kept

    def write_together(self, steps: t.Sequence[Step]) -> None:
        """Write steps that share one call, and update the account."""
        left = [step for step in steps if step.via not in self.along]
        if left:
            self.joined(left)
        for step in steps:
            self.note_written(step, {})

    def note_written(self, step: Step, kept: Entries) -> None:
        """Update the account with the values that a step has written."""
        if step.verb == "facet":
            self.account.facets[step.via] = {**step.final, **kept}
        self.account.values.update(
            {name: value for name, value in step.values.items() if self.schema.field(name).readable}
        )

    def _check_gone(self) -> None:
        """Raise RollcallError if the server did not find the user to delete, but still shows this user."""
        account = self.account
        if not self.connection.counter.absent:
            return
        current = self.directory.get(account.id)
        if current is not None and not current.deleted:
            raise RollcallError(
                f"The server reports that {account.key} (id {account.id}) does not exist, but still lists this user.",
                "Check that no proxy in front of the API blocks DELETE requests, then run the task again.",
                "not_applied",
            )
