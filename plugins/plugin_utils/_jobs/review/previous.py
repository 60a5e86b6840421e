# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The previous review: its rows and decisions."""

from __future__ import annotations

import json
import os
import typing as t
from dataclasses import dataclass, field

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, Problem

from ..files import read_text
from .closed import CLOSED, CLOSED_KIND
from .model import SCHEMA, VERDICTS, Row
from .output import DATA, REVIEW_KIND

_OPTION = "access_review_previous"
_FILES, _KINDS = (CLOSED, DATA), (CLOSED_KIND, REVIEW_KIND)
"""The files of a review, the one with decisions first."""
_ADVICE = "Specify the file or folder of the last review."
_DAMAGED = "Restore the file as this collection wrote it, or remove access_review_previous."
_VERSION = "Use a version of the collection that reads this schema, or remove access_review_previous."


@dataclass(frozen=True)
class Before:
    """The previous decision about a row. All fields are empty if there was none."""

    verdict: str = ""
    reason: str = ""
    review: str = ""


_NOTHING = Before()


@dataclass
class Previous:
    """The rows of the previous review by id. ``known`` is False if there was no previous review."""

    review: str = ""
    rows: dict[str, dict[str, t.Any]] = field(default_factory=dict)
    known: bool = False

    def of(self, row: str) -> Before:
        """Return the previous decision about a row."""
        about = self.rows.get(row, {})
        verdict = _verdict(about)
        return Before(verdict, str(about.get("reason") or ""), self.review) if verdict else _NOTHING

    def lacks(self, row: str) -> bool:
        """Return whether the previous review did not contain a row."""
        return self.known and row not in self.rows

    def missing_rows(self, rows: t.Iterable[Row], connections: t.Collection[str]) -> list[dict[str, t.Any]]:
        """Return the rows of these connections that no longer exist. The connections must have been read."""
        present = {row.id for row in rows}
        names = ("id", "connection", "account", "account_id", "person", "name", "facet", "grant_name")
        missing = [
            {**{name: about.get(name, "") for name in names}, "verdict": _verdict(about)}
            for identity, about in self.rows.items()
            if identity not in present and about.get("connection") in connections
        ]
        order = ("connection", "account", "facet", "grant_name", "id")
        return sorted(missing, key=lambda row: [str(row[name]) for name in order])


def _verdict(row: t.Mapping[str, t.Any]) -> str:
    """Return the decision about a row of closed.json, or an empty text if there is none, as in review.json."""
    decision = row.get("decision")
    return str(decision) if decision in VERDICTS else ""


def read_previous(path: str) -> Previous:
    """Return the review in a file or folder, or an empty one without a path. Raises InputError if it is not a
    review."""
    if not path:
        return Previous()
    names = [os.path.join(path, name) for name in _FILES] if os.path.isdir(path) else [path]
    for name in names:
        text = read_text(name, _OPTION)
        if text is not None:
            return _previous(text, name)
    raise InputError(Problem(f"{_OPTION}: there is no {' or '.join(names)}.", "no_file", option=_OPTION), _ADVICE)


def _previous(text: str, path: str) -> Previous:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise _bad(path, f"it is not JSON ({error})", _DAMAGED) from None
    if not isinstance(document, dict) or document.get("kind") not in _KINDS:
        reason = "it is not a review: a file named review.json or closed.json that this collection wrote"
        raise _bad(path, reason, _ADVICE)
    if document.get("schema") != SCHEMA:
        raise _bad(path, f"its schema is {document.get('schema')!r}, and this version reads schema {SCHEMA}", _VERSION)
    rows = document.get("rows")
    if not isinstance(rows, list) or not all(isinstance(row, dict) and isinstance(row.get("id"), str) for row in rows):
        raise _bad(path, "its rows are not those of a review", _DAMAGED)
    identity = str(document.get("review") or document.get("id") or "")  # closed.json, review.json
    return Previous(identity, {row["id"]: row for row in rows}, known=True)


def _bad(path: str, reason: str, advice: str) -> InputError:
    return InputError(Problem(f"{_OPTION}: {path} is not used: {reason}.", "bad_review", option=_OPTION), advice)
