# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Warnings about a links file that may be the wrong one: its path leads to no file, or its accounts do not exist."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Notice
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import agreed

from .links import Memory
from .people import LEFT, Person
from .session import Session

CREATED_ELSEWHERE = "The roles export and access create the file."
"""The ``next_step`` of a role that only reads the file."""
_FEW = 5
"""The minimum number of people with links for the warning that most of their accounts do not exist."""


def missing_file(memory: Memory, path: str, option: str, next_step: str) -> list[Notice]:
    """Return a warning if ``option`` specifies a links file that does not exist.

    ``memory`` is what was read, before this run has saved it. ``next_step`` is a sentence about who creates the file.
    """
    if not memory.kept or memory.source is not None:
        return []
    text = (
        f"{option}: {path} does not exist, so accounts are matched by ID and by name only. {next_step} If the links "
        "are in another file, correct the path."
    )
    return [Notice("missing_links", text)]


def foreign_links(memory: Memory, session: Session, people: t.Iterable[Person], option: str) -> list[Notice]:
    """Return a warning if the linked accounts of most people do not exist in a directory that was read: the links or
    the credentials may be those of another company.

    Only people in the feed who have not left count: the accounts of others may have been deleted since.
    """
    if session.snapshot is None or not session.snapshot.complete:
        return []
    present = {person.id for person in people if person.status != LEFT}
    account_ids = {account.id for account in session.accounts()}
    owners = memory.owners(session.name)
    linked = present.intersection(owners.values())
    known = {person for account, person in owners.items() if account in account_ids} & linked
    if len(linked) < _FEW or len(known) * 2 >= len(linked):
        return []
    how_many = f"only {len(known)} {agreed(len(known), 'has')}" if known else "none has"
    text = (
        f"{session.name}: of the {len(linked)} people in the feed with accounts in {option}, {how_many} such an "
        "account in this directory. The links or the credentials may be those of another company or another instance. "
        f"Check {option} and {session.place}."
    )
    return [Notice("foreign_links", text)]
