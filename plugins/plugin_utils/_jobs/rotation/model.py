# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rotation of tokens: the entries of the list, what happens to each of them, and its outcome.

An Ansible task runs between two steps of a rotation, so entries, steps and outcomes become plain data and return from
it. None of them holds a token.
"""

from __future__ import annotations

import typing as t
from dataclasses import asdict, dataclass, field, fields

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, Problem

Document = t.Mapping[str, t.Any]

MAKE, REVOKE, KEEP, FAIL, LOOK = "make", "revoke", "keep", "fail", "look"
"""Actions of a step: make a token, revoke older ones, leave all as it is, nothing because something failed,
read all tokens first."""
MADE, REVOKED, KEPT, FAILED = "made", "revoked", "kept", "failed"
"""Outcomes."""


@dataclass(frozen=True)
class Entry:
    """An entry of ``token_rotation_tokens``, with the modules and options that are called for it.

    ``module`` and ``info`` (without the provider's prefix) make and list tokens; ``credential`` is the connection
    option that takes a token. ``who`` are the options that name the owner. ``present`` shows what is due; ``make``
    makes a token and revokes none. ``deliver`` and ``dest`` are absolute paths, or empty. ``number`` is the position in
    the list, ``key`` the label.
    """

    number: int
    connection: str
    owner: str
    name: str
    key: str
    deliver: str
    dest: str
    module: str
    info: str
    credential: str
    who: dict[str, t.Any]
    present: dict[str, t.Any]
    make: dict[str, t.Any]


@dataclass(frozen=True)
class Step:
    """What happens to the token of an entry. ``token_id`` is the current one, ``revoke`` are the ids of older ones."""

    action: str
    detail: str = ""
    token_id: str | None = None
    revoke: tuple[str, ...] = ()


@dataclass(frozen=True)
class Planned:
    """An entry with its step."""

    entry: Entry
    step: Step

    def document(self) -> dict[str, t.Any]:
        """Return the fields of both as plain data."""
        return {**asdict(self.entry), **asdict(self.step), "revoke": list(self.step.revoke)}

    @classmethod
    def of(cls, document: t.Any) -> Planned:
        """Return what ``document`` returned. Raises InputError for anything else."""
        names = {field.name for field in (*fields(Entry), *fields(Step))}
        if not isinstance(document, dict) or set(document) != names:
            text = "planned and plan: specify what the step plan returned, unchanged."
            raise InputError([Problem(text, "invalid_value", option="planned")])
        entry = Entry(**{field.name: document[field.name] for field in fields(Entry)})
        step = {field.name: document[field.name] for field in fields(Step)}
        return cls(entry, Step(**{**step, "revoke": tuple(step["revoke"])}))


@dataclass(frozen=True)
class OldFile:
    """The file of a token before a new one is written to it. ``content`` is None where it cannot be read."""

    exists: bool
    content: bytes | None = field(default=None, repr=False)
    mode: int = 0o600


@dataclass(frozen=True)
class NewToken:
    """A new token, or why none could be made. ``secret`` is empty where it cannot be read from the file."""

    token_id: str = ""
    secret: str = field(default="", repr=False)
    error: str = ""
    file: OldFile | None = None


@dataclass(frozen=True)
class Proof:
    """What came of a new token after it was made.

    ``broken`` is the task of the delivery that failed. ``refused`` says that the server does not know the token,
    ``unclear`` why it is not known whether it works. ``stays`` is why the new token could not be revoked; ``restored``
    says whether the file is as it was before.
    """

    broken: str = ""
    refused: bool = False
    unclear: str = ""
    stays: str = ""
    restored: bool = False

    @property
    def is_good(self) -> bool:
        """Return whether the token arrived and works."""
        return not (self.broken or self.refused or self.unclear)


@dataclass(frozen=True)
class Outcome:
    """The outcome of an entry. ``token_id`` is the token that is current."""

    outcome: str
    token_id: str | None
    detail: str

    def line(self, entry: Entry) -> dict[str, t.Any]:
        """Return the outcome as ``token_rotation_result`` has it."""
        return {"connection": entry.connection, "owner": entry.owner, "name": entry.name, **asdict(self)}
