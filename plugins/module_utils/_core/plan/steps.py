# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans: steps, the plan of a user, and the plan of a task with its digest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

from ..names import fold
from .losses import Loss
from .model import Account, Desired, Entries, Value

NONE = "none"
SUMMARY = {
    "create": "created",
    "update": "updated",
    "rename": "renamed",
    "disable": "disabled",
    "delete": "deleted",
    "restore": "restored",
    "reopen": "reopened",
    NONE: "unchanged",
}
"""Operation of a user's plan -> its name in the summary."""
HIDDEN = "********"


@dataclass(slots=True)
class Step:
    """One write. ``verb`` is create, update (one write group), facet, delete, destroy or restore.

    ``changes`` maps field -> (before, after). ``add``, ``remove`` and ``final`` are entries of the facet ``via``.
    """

    verb: str
    via: str = ""
    changes: dict[str, tuple[Value, Value]] = field(default_factory=dict)
    add: Entries = field(default_factory=dict)
    remove: Entries = field(default_factory=dict)
    final: Entries = field(default_factory=dict)
    facets: dict[str, Entries] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Value]:
        """Return field -> new value."""
        return {name: after for name, (_before, after) in self.changes.items()}


@dataclass(slots=True)
class UserPlan:
    """What happens to one user. ``before`` and ``after`` contain only the differences, as a diff shows them.

    ``losses`` count towards the limits. ``sensitive`` are further changes that are refused for protected users: a
    rename, a new password, a cleared value. If ``reopens`` is True, a blocked or deleted user can log in afterwards.
    """

    key: str
    operation: str = NONE
    account: Account | None = None
    desired: Desired | None = None
    steps: list[Step] = field(default_factory=list)
    before: dict[str, Value] = field(default_factory=dict)
    after: dict[str, Value] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)
    sensitive: list[Loss] = field(default_factory=list)
    reopens: bool = False
    warnings: list[str] = field(default_factory=list)
    unmanaged: dict[str, Value] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Return whether the plan has steps."""
        return bool(self.steps)

    @property
    def unlisted(self) -> bool:
        """Return whether the user is not named in the input."""
        return self.desired is None or self.desired.index == UNLISTED


UNLISTED = -1
"""The index of a Desired that was created for a user that the input does not name."""


@dataclass
class Plan:
    """The plans of all users, in the order of the input, then of the directory."""

    users: list[UserPlan] = field(default_factory=list)
    spared: list[str] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)

    @property
    def changed(self) -> list[UserPlan]:
        """Return the plans of users that have steps."""
        return [user for user in self.users if user.steps]

    def summary(self) -> dict[str, int]:
        """Return the number of users for each name of SUMMARY."""
        counts = dict.fromkeys(SUMMARY.values(), 0)
        for user in self.users:
            counts[SUMMARY[user.operation]] += 1
        return counts

    def digest(self) -> str:
        """Return the SHA-256 of all changes, for approval. It does not depend on secrets."""
        lines = [
            [
                fold(user.key),
                user.account.id if user.account else None,
                [step.verb for step in user.steps],
                user.operation,
                user.before,
                user.after,
            ]
            for user in self.changed
        ]
        lines.sort(key=lambda line: (str(line[0]), str(line[1])))
        return hashlib.sha256(json.dumps(lines, sort_keys=True, default=str).encode()).hexdigest()
