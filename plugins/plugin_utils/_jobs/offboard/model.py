# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data of an offboarding: the person who leaves, the person's accounts, the next calls, and the steps that are
done."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Problem

from ..calls import ModuleCall
from ..life import Life, Step, User, life_of
from ..people import Person

DONE, ALREADY, FAILED, MANUAL = "done", "already", "failed", "manual"
PHASES = ("find", "names", "block", "steps", "proof", "again", "delete", "gone", "end")
"""Find accounts; find them by name if no link matches; block logins; end sessions, revoke tokens and remove grants;
read the accounts as proof, and again; delete accounts that are due; read these again."""
SEARCHES = ("find", "names")
"""The phases before the first write."""


@dataclass(frozen=True)
class OffboardOptions:
    """The options of an offboarding. ``ids`` maps connections to ids of the person's accounts. ``wait`` is the number
    of seconds before the second reading. ``lenient`` is whether a missing account is accepted."""

    person: str
    level: str
    delete_after: str
    left_on: str
    previous_emails: tuple[str, ...]
    only: tuple[str, ...]
    ids: t.Mapping[str, tuple[str, ...]]
    sessions: str
    wait: int
    lenient: bool


@dataclass
class Search:
    """How to find a person in one connection. ``key`` is the field that names accounts there, ``protect`` its patterns.

    - ``linked``: ids from the links, which are searched for first. ``later``: names to search for if all linked
      accounts are missing or deleted.
    - ``others``: people by the ids of their accounts. ``taken``: sentences about accounts that resemble the person's
      but belong to other people.
    - ``failed``: why the search failed.
    - ``required``: ids that were specified for this run.
    """

    provider: str
    key: str
    protect: tuple[str, ...]
    ids: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    others: dict[str, str] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)
    linked: tuple[str, ...] = ()
    later: list[str] = field(default_factory=list)
    required: tuple[str, ...] = ()
    failed: list[Problem] = field(default_factory=list)

    @property
    def searched(self) -> str:
        """Return the ids and names to search for, as a text. It is empty if none are known."""
        return ", ".join([*(f"id {identity}" for identity in self.ids), *self.names])


@dataclass
class Leaving:
    """An account of the person. ``now`` is the user as last read. ``shield`` is the pattern that protects it. ``kept``
    are grants that the provider itself restores. ``pending`` is whether it must be read again. ``refused`` is the name
    of the step that a limit or ``protect`` refused, ``refusal_code`` the code of its error."""

    connection: str
    provider: str
    id: str
    user: str
    now: User
    shield: str
    refused: str = ""
    refusal_code: str = ""
    blocked_now: bool = False
    touched: bool = False
    pending: bool = False
    kept: dict[str, t.Any] = field(default_factory=dict)

    @property
    def life(self) -> Life:
        """Return the declaration of the provider."""
        return life_of(self.provider)

    @property
    def is_deleted(self) -> bool:
        """Return whether the account is deleted but can be restored: nothing can be removed from it."""
        return bool(self.now.get("state") == "absent")

    @property
    def able(self) -> bool:
        """Return whether the account may be able to log in."""
        return not self.is_deleted and self.life.able(self.now)


@dataclass(frozen=True)
class Entry:
    """One line of the evidence.

    For sessions, ``after_block`` is whether the login was blocked when they were ended. ``code`` is the code of a
    failure.
    """

    connection: str
    provider: str
    account: str
    id: str
    step: str
    how: str
    outcome: str
    detail: str
    time: str
    request_id: str | None = None
    after_block: bool | None = None
    code: str = ""

    def document(self) -> dict[str, t.Any]:
        """Return the entry as in the evidence."""
        entries: dict[str, t.Any] = {
            "connection": self.connection,
            "provider": self.provider,
            "account": self.account or None,
            "id": self.id or None,
            "step": self.step,
            "how": self.how,
            "outcome": self.outcome,
            "detail": self.detail,
            "request_id": self.request_id,
            "time": self.time,
        }
        return entries if self.after_block is None else {**entries, "after_block": self.after_block}


@dataclass
class Call(ModuleCall):
    """A call of an offboarding. ``account`` is None for a search. ``grants`` is what the call removes."""

    step: Step
    account: Leaving | None = None
    grants: dict[str, t.Any] = field(default_factory=dict)


@dataclass
class Offboarding:
    """An offboarding. ``earlier`` is the evidence of an earlier run; ``unreadable`` is the path of a file with damaged
    evidence, or empty. ``pause`` is the number of seconds to wait before the next calls. ``directories`` maps
    connections to keys, which are equal for connections to the same directory."""

    options: OffboardOptions
    person: Person
    day: str
    check: bool
    begun: str
    time: str
    left_on: str | None = None
    delete_on: str | None = None
    due: bool = False
    searches: dict[str, Search] = field(default_factory=dict)
    directories: dict[str, str] = field(default_factory=dict)
    accounts: list[Leaving] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    earlier: dict[str, t.Any] = field(default_factory=dict)
    unreadable: str = ""
    phase: str = "find"
    calls: list[Call] = field(default_factory=list)
    pause: int = 0

    @property
    def earlier_steps(self) -> list[dict[str, t.Any]]:
        """Return the entries of the evidence of earlier runs, oldest first."""
        return [*self.earlier.get("earlier", ()), *self.earlier.get("steps", ())]

    def enter(
        self,
        account: Leaving,
        step: Step,
        outcome: str,
        detail: str,
        answer: t.Mapping[str, t.Any] | None = None,
        after_block: bool | None = None,
        code: str = "",
    ) -> None:
        """Add the outcome of an account's step to the evidence. ``code`` is that of a failure without an answer."""
        request = (answer or {}).get("request_id")
        code = str((answer or {}).get("code") or code)
        place = (account.connection, account.provider, account.user, account.id)
        self.entries.append(Entry(*place, step.name, step.how, outcome, detail, self.time, request, after_block, code))
        if outcome in (DONE, FAILED):
            account.touched = True

    def enter_place(self, connection: str, step: Step, outcome: str, detail: str, code: str = "") -> None:
        """Add to the evidence the outcome of a step that concerns a connection as a whole."""
        provider = self.searches[connection].provider
        self.entries.append(
            Entry(connection, provider, "", "", step.name, step.how, outcome, detail, self.time, code=code)
        )

    def of(self, account: Leaving) -> list[Entry]:
        """Return the entries about an account."""
        return [entry for entry in self.entries if (entry.connection, entry.id) == (account.connection, account.id)]
