# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folder of a review: which files it contains, which differ, and which must not be replaced."""

from __future__ import annotations

import json
import os
import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, Problem

from ..files import read_bytes
from .closed import CLOSED
from .decision_files import FOLDER, decided_in
from .documents import DEST
from .output import DATA, MANIFEST, MANIFEST_KIND, REVIEW_KIND, head_of
from .progress import CLOSING


class Folder:
    """The folder of a review, or an empty one if the files are delivered elsewhere. It is read once."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._texts: dict[str, str | None] = {}

    def problems(self, identity: str) -> list[Problem]:
        """Return why a review with this id may not be written here: the folder contains a review with decisions, or a
        file that does not belong to a review."""
        if not self.path or not os.path.isdir(self.path):
            return []
        try:
            content = self._text(DATA)
            decided = self._decided()
        except InputError as error:
            return error.advised()
        current = head_of(content or "")
        if content is not None and current.get("kind") != REVIEW_KIND:
            text = (
                f"{DEST}: {os.path.join(self.path, DATA)} was not written by a review, and would be overwritten. "
                "Specify another folder."
            )
            return [Problem(text, "file_exists", option=DEST)]
        if not decided:
            return []
        review = f"the review {current.get('id')}" if current else "a review without review.json"
        state = "is closed" if decided == CLOSED else "already has decisions"
        step = "Close it with access_review_state: close" if current else "Restore review.json"
        advice = f"Specify another folder for {identity}."
        if decided != CLOSED:
            advice = f"{step}, or specify another folder for {identity}."
        text = f"{DEST}: {self.path} contains {review}, which {state} ({decided}). {advice}"
        return [Problem(text, "review_decided", option=DEST)]

    def _decided(self) -> str:
        """Return the evidence that a person has made decisions, or an empty text."""
        for name in (CLOSED, CLOSING):
            if os.path.lexists(os.path.join(self.path, name)):
                return name
        name = decided_in(os.path.join(self.path, FOLDER))
        return f"{FOLDER}/{name}" if name else ""

    def _text(self, name: str) -> str | None:
        """Return the content of a file, or None if it does not exist."""
        if name not in self._texts:
            content = read_bytes(os.path.join(self.path, name), DEST)
            self._texts[name] = None if content is None else content.decode("utf-8", "replace")
        return self._texts[name]

    @property
    def earlier(self) -> str:
        """Return the content of the existing review.json, or an empty text."""
        return (self._text(DATA) or "") if self.path else ""

    def new(self, files: t.Mapping[str, str]) -> list[str]:
        """Return the names of the files that the folder does not contain, or contains with other content."""
        return [name for name, text in files.items() if self._there(name) != text.encode("utf-8", "surrogatepass")]

    def left_over(self, files: t.Mapping[str, str]) -> list[str]:
        """Return the pages of an earlier opening that this one does not have. Their rows no longer exist."""
        try:
            document = json.loads(self._text(MANIFEST) or "")
        except ValueError:
            return []
        if (
            not isinstance(document, dict)
            or document.get("kind") != MANIFEST_KIND
            or not isinstance(document.get("files"), dict)
        ):
            return []
        pages = [
            name
            for name in document["files"]
            if name.startswith("review-") and name.endswith(".html") and os.path.basename(name) == name
        ]
        return [name for name in pages if name not in files and os.path.isfile(os.path.join(self.path, name))]

    def remove(self, name: str) -> None:
        """Delete a page of an earlier opening. Raises InputError if that is not possible."""
        try:
            os.unlink(os.path.join(self.path, name))
        except OSError as error:
            text = f"{DEST}: {os.path.join(self.path, name)} is out of date and cannot be deleted: {error.strerror}."
            raise InputError(
                Problem(text, "unwritable_file", option=DEST), "Check the permissions of the folder."
            ) from None

    def _there(self, name: str) -> bytes | None:
        try:
            return read_bytes(os.path.join(self.path, name), DEST)
        except InputError:
            return None  # writing it reports the error
