# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data of a token rotation: the entries of the list, what happens to each of them, and its outcome.

An Ansible task runs between two steps of a rotation. So entries, steps and outcomes are converted to plain data and
back. None of them contains a token.
"""

from __future__ import annotations

import base64
import typing as t
from dataclasses import asdict, dataclass, field, fields

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, Problem

Document = t.Mapping[str, t.Any]

MAKE, REVOKE, KEEP, FAIL, LOOK = "make", "revoke", "keep", "fail", "look"
"""Actions of a step: create a token, revoke older ones, change nothing, change nothing because something failed, read
all tokens first."""
MADE, REVOKED, KEPT, FAILED = "made", "revoked", "kept", "failed"
"""Outcomes."""


@dataclass(frozen=True)
class Entry:
    """An entry of ``token_rotation_tokens``, with the modules and options of its calls.

    ``module`` and ``info`` (without the provider's prefix) create and list tokens; ``credential`` is the connection
    option that accepts a token. ``who`` are the options that name the owner. ``present`` are the options that show what
    is due; ``make`` are those that create a token and revoke none. ``deliver`` and ``dest`` are absolute paths, or
    empty. ``number`` is the position in the list, ``key`` the label.
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
    """What happens to the token of an entry. ``token_id`` is the current token, ``revoke`` are the ids of older ones,
    and ``busy`` those of older ones that something still uses."""

    action: str
    detail: str = ""
    token_id: str | None = None
    revoke: tuple[str, ...] = ()
    busy: tuple[str, ...] = ()


@dataclass(frozen=True)
class Planned:
    """An entry with its step."""

    entry: Entry
    step: Step

    def document(self) -> dict[str, t.Any]:
        """Return the fields of both as plain data."""
        revoke, busy = list(self.step.revoke), list(self.step.busy)
        return {**asdict(self.entry), **asdict(self.step), "revoke": revoke, "busy": busy}

    @classmethod
    def of(cls, document: t.Any) -> Planned:
        """Return what ``document`` returned. Raises InputError for anything else."""
        names = {field.name for field in (*fields(Entry), *fields(Step))}
        if not isinstance(document, dict) or set(document) != names:
            text = "planned and plan: specify what the step plan returned, unchanged."
            raise InputError([Problem(text, "invalid_value", option="planned")])
        entry = Entry(**{field.name: document[field.name] for field in fields(Entry)})
        step = {field.name: document[field.name] for field in fields(Step)}
        return cls(entry, Step(**{**step, "revoke": tuple(step["revoke"]), "busy": tuple(step["busy"])}))


@dataclass(frozen=True)
class OldFile:
    """The file of a token before a new one is written to it. ``content`` is None if it cannot be read. ``owner`` are
    the numbers of its user and group, None if unknown."""

    exists: bool
    content: bytes | None = field(default=None, repr=False)
    mode: int = 0o600
    owner: tuple[int, int] | None = None


@dataclass(frozen=True)
class NewToken:
    """A new token, or why none could be created. ``secret`` is empty if it cannot be read from the file."""

    token_id: str = ""
    secret: str = field(default="", repr=False)
    error: str = ""
    file: OldFile | None = None

    def document(self) -> dict[str, t.Any]:
        """Return the new token as plain data, as in the result of ``make``."""
        file = None
        if self.file is not None:
            content = self.file.content
            file = {
                "exists": self.file.exists, "mode": f"{self.file.mode:04o}",
                "content": None if content is None else base64.b64encode(content).decode("ascii"),
                "owner": self.file.owner,
            }
        return {"token_id": self.token_id, "secret": self.secret, "error": self.error, "file": file}

    @classmethod
    def of(cls, document: t.Any) -> NewToken:
        """Return what ``document`` returned. Raises InputError without repeating any of it."""
        try:
            file, old = document["file"], None
            if file is not None:
                content = file["content"]
                owner = file["owner"] and (int(file["owner"][0]), int(file["owner"][1]))
                data = None if content is None else base64.b64decode(content)
                old = OldFile(bool(file["exists"]), data, int(file["mode"], 8), owner)
            return cls(str(document["token_id"]), str(document["secret"]), str(document["error"]), old)
        except (KeyError, IndexError, TypeError, ValueError):
            text = "made: specify the result of step=make, unchanged."
            raise InputError([Problem(text, "invalid_value", option="made")]) from None


@dataclass(frozen=True)
class Proof:
    """The result of checking a new token.

    ``broken`` is the task of the delivery that failed, ``unreadable`` is whether the token could not be read from its
    file. ``refused`` is whether the server rejects the token, ``unclear`` is why it is unknown whether the token works.
    ``stays`` is why the new token could not be revoked; ``restored`` is whether the file has its earlier content.
    ``owner`` is its earlier user and group, such as 1000:1000, if these could not be restored.
    """

    broken: str = ""
    unreadable: bool = False
    refused: bool = False
    unclear: str = ""
    stays: str = ""
    restored: bool = False
    owner: str = ""

    @property
    def is_good(self) -> bool:
        """Return whether the token arrived and works."""
        return not (self.is_useless or self.unclear)

    @property
    def is_useless(self) -> bool:
        """Return whether it is certain that the token did not arrive or does not work."""
        return bool(self.broken or self.unreadable or self.refused)


@dataclass(frozen=True)
class Outcome:
    """The outcome of an entry. ``token_id`` is the current token."""

    outcome: str
    token_id: str | None
    detail: str

    def line(self, entry: Entry) -> dict[str, t.Any]:
        """Return the outcome as in ``token_rotation_result``."""
        return {"connection": entry.connection, "owner": entry.owner, "name": entry.name, **asdict(self)}
