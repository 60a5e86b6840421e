# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Masking: no secret leaves a task in a result, a diff, an error or a log line.

The work is linear in the text that is masked, however many secrets there are and however alike they begin: a secret is
found by its first few characters and its length in tables. (The masking of ansible-core tries every secret on every string.)
"""

from __future__ import annotations

import base64
import json
import typing as t
from urllib.parse import quote, quote_plus

MASK = "********"
_SHORTEST = 3
"""Secrets shorter than this would mask every text; they are masked only where they are the whole value."""


class Masker:
    """Replaces known secrets in texts and nested values. Secrets can be added while a task runs (tokens)."""

    def __init__(self, secrets: t.Iterable[str | None] = ()) -> None:
        self._whole: set[str] = set()
        self._forms: set[str] = set()
        self._lengths: dict[str, list[int]] = {}  # first characters -> lengths of the forms that begin so, longest first
        self.add(*secrets)

    def add(self, *secrets: str | None) -> None:
        """Learn secrets, in each form in which a server or a library may repeat them."""
        for secret in secrets:
            if not secret or secret in self._whole:
                continue
            self._whole.add(secret)
            if len(secret) < _SHORTEST:
                continue
            forms = {
                secret,
                json.dumps(secret)[1:-1],
                json.dumps(secret, ensure_ascii=False)[1:-1],
                quote(secret, safe="", errors="surrogatepass"),
                quote_plus(secret, errors="surrogatepass"),
                repr(secret)[1:-1],
                base64.b64encode(secret.encode("utf-8", "surrogatepass")).decode("ascii"),
            }
            for form in forms:
                self._forms.add(form)
                lengths = self._lengths.setdefault(form[:_SHORTEST], [])
                if len(form) not in lengths:
                    lengths.append(len(form))
                    lengths.sort(reverse=True)

    def text(self, text: str) -> str:
        """Return the text with every secret replaced by ``********``."""
        if not self._whole:
            return text
        if text in self._whole:
            return MASK
        forms, begins = self._forms, self._lengths
        if not forms or len(text) < _SHORTEST:
            return text
        pieces: list[str] = []
        done = covered = 0
        for position in range(len(text) - _SHORTEST + 1):
            lengths = begins.get(text[position:position + _SHORTEST])
            found = next((length for length in lengths if text[position:position + length] in forms), 0) if lengths else 0
            if not found:
                continue
            if position >= covered:  # else it overlaps with the one before and lengthens that mask
                pieces += (text[done:position], MASK)
            covered = max(covered, position + found)
            done = covered
        if not pieces:
            return text
        return "".join((*pieces, text[done:]))

    def value(self, value: t.Any, named: int = 0) -> t.Any:
        """Return a copy of nested dicts and lists with every text masked, keys included.

        The keys of the outermost ``named`` dicts stay: they are words of the collection, not a server's.
        """
        if not self._whole:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            below = max(0, named - 1)
            return {self.text(key) if isinstance(key, str) and not named else key: self.value(item, below) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(item, named) for item in value]
        if isinstance(value, (int, float)) and not isinstance(value, bool) and str(value) in self._whole:
            return MASK
        return value
