# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of an access run that affect the desired state of a connection, and this state."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..links import Memory, row_digest
from ..people import LEFT, Person, standing
from ..session import Target
from .model import Finding


@dataclass(frozen=True)
class Settings:
    """The options of an access run that affect the desired state.

    ``adopt`` are confirmed account ids. ``adopt_limit`` is how many uncertain matches are adopted without confirmation
    (None: none are). ``release`` are people whose holds end, ``vanished`` is report or block. ``reserved`` are the
    folded addresses and ids of people whose rows could not be read. ``blind`` is whether some of these rows do not
    identify their person.
    """

    day: str
    lead_days: int = 0
    adopt: frozenset[str] = frozenset()
    adopt_limit: int | None = None
    release: frozenset[str] = frozenset()
    vanished: str = "report"
    reserved: frozenset[str] = frozenset()
    blind: bool = False


@dataclass
class Intent:
    """The desired state of a connection.

    - ``owners``: people by account id. ``names``: people by the folded names of accounts to create.
    - ``spared``: names of accounts that may lose nothing.
    - ``held_back``: ids of accounts without a target.
    - ``doubtful``: uncertain matches.
    - ``adopted``: ids of accounts that were matched by name and have more than the entitlements grant.
    - ``unsure``: ids of accounts that are blocked and linked to no person.
    """

    targets: list[Target] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    spared: list[str] = field(default_factory=list)
    held_back: set[str] = field(default_factory=set)
    owners: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    adopted: set[str] = field(default_factory=set)
    doubtful: list[Finding] = field(default_factory=list)
    entitlements: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)


def standing_of(person: Person, settings: Settings, memory: Memory) -> str:
    """Return a person's status on the day. An offboarded person counts as left until the feed changes after the
    offboarding, or the hold is released."""
    hold = memory.hold(person.id, person.email)
    if hold is not None and person.id not in settings.release and hold.feed in ("", row_digest(person)):
        return LEFT
    return standing(person, settings.day, settings.lead_days)


def confirmable(doubt: Finding) -> str:
    """Return an account with an uncertain owner as an approver needs it: the person, the name, and the ID."""
    name = doubt.account if doubt.account != doubt.account_id else ""
    identity = f"id {doubt.account_id}"
    return f"{doubt.label}: {f'{name} ({identity})' if name else identity}"


def adoptions(intent: Intent, connection: str) -> list[Finding]:
    """Return a finding for each adopted account of a connection that has a target."""
    text = "is adopted: the account was matched by name and has more than the entitlements grant"
    targets = {target.options.get("id"): target for target in intent.targets}
    findings = []
    for identity in sorted(intent.adopted & targets.keys()):
        target = targets[identity]
        name = str(target.options.get("user") or "")
        findings.append(
            Finding("adopted", text, connection, target.person, target.label, account=name, account_id=identity)
        )
    return findings
