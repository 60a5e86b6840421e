# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folder of a review: what is there already, what differs, and what must not be replaced."""

from __future__ import annotations

import json
import os
import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, Problem

from ..files import read_bytes
from .model import Review
from .output import DATA, KIND, MANIFEST, MANIFEST_KIND, sha256

OPTION = "access_review_dest"
DECISIONS = "decisions"
"""The folder in that of a review where decision files are."""
_CLOSED = "closed.json"


class Folder:
    """The folder of a review, empty where the files are delivered elsewhere. It is read once."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._documents: dict[str, t.Any] = {}

    def problems(self, identity: str) -> list[Problem]:
        """Return why a review of this id may not be written here: there is one that somebody decided, or a file that is no review."""
        if not self.path or not os.path.isdir(self.path):
            return []
        try:
            current = self._document(DATA)
            decided = self._decided()
        except InputError as error:
            return [problem for problem in error.problems if isinstance(problem, Problem)]
        if current is not None and not (isinstance(current, dict) and current.get("kind") == KIND):
            text = f"{OPTION}: {os.path.join(self.path, DATA)} was not written by a review, and would be overwritten. Specify another folder."
            return [Problem(text, "file_exists", option=OPTION)]
        if current is not None and decided:
            text = (
                f"{OPTION}: {self.path} has the review {current.get('id')}, and somebody has decided it ({decided}). Close it with state: close, "
                f"or specify another folder for {identity}."
            )
            return [Problem(text, "review_decided", option=OPTION)]
        return []

    def _decided(self) -> str:
        """Return what shows that somebody has decided, empty where nothing does."""
        if os.path.lexists(os.path.join(self.path, _CLOSED)):
            return _CLOSED
        try:
            names = sorted(name for name in os.listdir(os.path.join(self.path, DECISIONS)) if name.endswith(".json"))
        except OSError:
            names = []
        return f"{DECISIONS}/{names[0]}" if names else ""

    def _document(self, name: str) -> t.Any:
        """Return what a file holds, None where there is none, an empty text where it is no JSON."""
        if name not in self._documents:
            content = read_bytes(os.path.join(self.path, name), OPTION)
            try:
                self._documents[name] = None if content is None else json.loads(content)
            except ValueError:
                self._documents[name] = ""
        return self._documents[name]

    def earlier(self, review: Review) -> dict[str, t.Any] | None:
        """Return review.json as it is there, None where it is that of another review."""
        document = self._document(DATA) if self.path else None
        return document if isinstance(document, dict) and document.get("id") == review.id else None

    def new(self, files: t.Mapping[str, str]) -> list[str]:
        """Return the names of those files that are not there with just that content."""
        return [name for name, text in files.items() if self._there(name) != text.encode("utf-8", "surrogatepass")]

    def left_over(self, files: t.Mapping[str, str]) -> list[str]:
        """Return the pages of an earlier opening that this one does not have: their rows are none any more."""
        document = self._document(MANIFEST)
        if not isinstance(document, dict) or document.get("kind") != MANIFEST_KIND or not isinstance(document.get("files"), dict):
            return []
        pages = [name for name in document["files"] if name.startswith("review-") and name.endswith(".html") and os.path.basename(name) == name]
        return [name for name in pages if name not in files and os.path.isfile(os.path.join(self.path, name))]

    def remove(self, name: str) -> None:
        """Delete a page of an earlier opening. Raises InputError where that is not possible."""
        try:
            os.unlink(os.path.join(self.path, name))
        except OSError as error:
            text = f"{OPTION}: {os.path.join(self.path, name)} is out of date and cannot be deleted: {error.strerror}."
            raise InputError(Problem(text, "unwritable_file", option=OPTION), "Check the permissions of the folder.") from None

    @staticmethod
    def digest(text: str) -> str:
        """Return the SHA-256 of a file."""
        return sha256(text)

    def _there(self, name: str) -> bytes | None:
        try:
            return read_bytes(os.path.join(self.path, name), OPTION)
        except InputError:
            return None  # whatever is wrong with it, writing it reports that
