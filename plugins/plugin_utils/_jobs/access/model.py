# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data of an access report. The result, the text in the log and the HTML page are made from it."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Notice, Problem

PLANNED, APPLIED, REFUSED = "planned", "applied", "refused"
PARTLY, FAILED, INVALID = "partly", "failed", "invalid"
"""Outcomes: nothing was to be written; everything was written; a guard or an unreadable connection stopped the run
before the first write; a part failed; all changes failed, and nothing was written; the input is invalid, and nothing
was read."""


@dataclass
class Change:
    """What happens to one account. ``granted`` and ``taken`` are names by facet, ``fields`` is name -> (before, after).

    ``operation`` is create, update, rename, disable, reopen, restore or delete, or unchanged if nothing was left to
    write. ``error`` is why it failed, or empty, and ``code`` its code. ``done`` is whether it was written. ``adopted``
    is whether the account was matched by name, or created by someone else in the meantime.
    """

    connection: str
    account: str
    operation: str
    person: str = ""
    label: str = ""
    account_id: str = ""
    granted: dict[str, list[str]] = field(default_factory=dict)
    taken: dict[str, list[str]] = field(default_factory=dict)
    fields: dict[str, tuple[t.Any, t.Any]] = field(default_factory=dict)
    renamed_from: str = ""
    opened: bool = False
    blocked: bool = False
    adopted: bool = False
    privileged: bool | None = None
    entitlements: tuple[str, ...] = ()
    done: bool = False
    error: str = ""
    code: str = ""


@dataclass(frozen=True)
class Finding:
    """Something that is not a change and needs a person's attention.

    ``code`` is its kind: held_back (the match is not safe), offboarded (the person has a hold), vanished (no longer in
    the feed), no_entitlement, second_account, cannot_rename, cannot_block, name_taken, grants_gone (blocking removes
    them), may_be_same_person, adopted, rejected_row.
    """

    code: str
    text: str
    connection: str = ""
    person: str = ""
    label: str = ""
    account: str = ""
    account_id: str = ""
    advice: str = ""
    before: t.Any = None


@dataclass
class Standing:
    """What exists and stays unchanged: accounts that belong to no person, and grants that no entitlement names."""

    strangers: list[str] = field(default_factory=list)
    unmanaged: dict[str, dict[str, list[t.Any]]] = field(default_factory=dict)
    """Account -> facet -> grants."""


@dataclass
class Part:
    """One connection of the report: the counts, digest, mails and error of the bulk module."""

    provider: str
    counts: dict[str, int] = field(default_factory=dict)
    mails: int = 0
    digest: str = ""
    error: str = ""
    code: str = ""
    shared_with: str = ""
    api_calls: int = 0
    accounts: int = 0
    standing: Standing = field(default_factory=Standing)


@dataclass
class AccessReport:
    """The whole run. ``rejected`` are rows of the feed that could not be used, ``failed`` has one sentence for each
    failure, ``notices`` are warnings. ``people`` and ``rows`` are the numbers of people and rows in the feed."""

    day: str
    mode: str
    outcome: str = PLANNED
    check: bool = False
    digest: str = ""
    begun: str = ""
    ended: str = ""
    feed: str = ""
    people: int = 0
    rows: int = 0
    connections: dict[str, Part] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    rejected: list[Finding] = field(default_factory=list)
    losses: list[dict[str, t.Any]] = field(default_factory=list)
    failed: list[Problem] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
