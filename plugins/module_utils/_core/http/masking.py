# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Masking: no secret leaves a task in a result, a diff, an error or a log line, and everything else stays unchanged.

How far a secret is masked depends on its kind, because a password can be a word of the result (``user``, ``100``,
``active``):

* a **word** (shorter than 8 characters, or shorter than 16 and all letters or all digits) is masked if it is
  a whole value, and as a whole word in messages;
* a **phrase** (any other secret shorter than 16 characters) is also masked within values and messages;
* a **token** (16 characters and more) is masked everywhere, also in names of users, ids and keys from a server.

Words and phrases are never masked in keys, ids, names of users and the collection's own words (NAMES).

The run time is linear in the length of the text, regardless of the number of secrets and of common prefixes: tables
find a secret by its first characters and its length. (The masking of ansible-core tries every secret on every string.)
"""

from __future__ import annotations

import base64
import json
import typing as t
from urllib.parse import quote, quote_plus

MASK = "********"
_SHORTEST = 3
"""Secrets shorter than this would mask every text; they are masked only where they are the whole value."""
_PHRASE, _TOKEN = 8, 16
"""Lengths from which a secret is not a common word, and from which it is not a name."""

WORDS, PHRASES, TOKENS = 1, 2, 3
"""Kinds of secrets, by how far they are masked."""

NAMES = frozenset({
    # who and what
    "id", "user", "username", "userid", "email", "name", "owner", "previous_users", "applied", "not_attempted",
    "unlisted", "spared", "stopped", "before_header", "after_header", "role", "roles", "group", "groups", "permission",
    "permissions", "tenant", "tenants", "namespace", "request_id", "plan_digest", "service_account", "protect", "facet",
    "entries",
    # words and numbers of the collection
    "state", "status", "user_state", "operation", "code", "option", "type", "mode", "locale", "on_error",
    "update_password", "password_method", "user_key", "rotate", "scope", "gather", "messaging_preference", "changed",
    "failed", "reads", "api_calls", "mails", "created", "updated", "renamed", "disabled", "deleted", "restored",
    "reopened", "unchanged",
})
"""Keys of names, ids, choices and counts, in addition to all keys that end with one of ``_NAME_ENDS``."""
_NAME_ENDS = ("_id", "_ids", "_state", "_limit")
MAPS = frozenset({"attributes", "tags", "labels"})
"""Keys of mappings whose own keys come from a server: there, ``name`` can have any value."""
MESSAGES = frozenset({"msg", "message", "warnings", "hint"})
"""Keys of messages, which may quote a server."""


def kind_of(secret: str) -> int:
    """Return the kind of a secret: WORDS, PHRASES or TOKENS."""
    if len(secret) < _PHRASE or (len(secret) < _TOKEN and (secret.isalpha() or secret.isdigit())):
        return WORDS
    return PHRASES if len(secret) < _TOKEN else TOKENS


class Masker:
    """Replaces known secrets in texts and nested values. Secrets can be added while a task runs (tokens)."""

    def __init__(self, secrets: t.Iterable[str | None] = ()) -> None:
        self._whole: set[str] = set()
        self._forms: dict[str, int] = {}  # form of a secret -> its kind
        # first characters -> lengths of the forms that begin so, longest first
        self._lengths: dict[str, list[int]] = {}
        self.add(*secrets)

    def add(self, *secrets: str | None) -> None:
        """Add secrets, in each form in which a server or a library may repeat them."""
        for secret in secrets:
            if not secret or secret in self._whole:
                continue
            self._whole.add(secret)
            if len(secret) < _SHORTEST:
                continue
            encoded = base64.b64encode(secret.encode("utf-8", "surrogatepass")).decode("ascii")
            self._learn(encoded, max(PHRASES, kind_of(secret)))
            for form in (
                secret,
                json.dumps(secret)[1:-1],
                json.dumps(secret, ensure_ascii=False)[1:-1],
                quote(secret, safe="", errors="surrogatepass"),
                quote_plus(secret, errors="surrogatepass"),
                repr(secret)[1:-1],
            ):
                self._learn(form, kind_of(secret))

    def _learn(self, form: str, kind: int) -> None:
        self._forms[form] = max(kind, self._forms.get(form, 0))
        lengths = self._lengths.setdefault(form[:_SHORTEST], [])
        if len(form) not in lengths:
            lengths.append(len(form))
            lengths.sort(reverse=True)

    def text(self, text: str) -> str:
        """Return a message with every secret replaced by ``********``; but words only as whole words."""
        return MASK if text in self._whole else self._replace(text, WORDS)

    def _replace(self, text: str, least: int) -> str:
        """Return a text without the secrets of a kind and the kinds above it."""
        forms, begins = self._forms, self._lengths
        if not forms or len(text) < _SHORTEST:
            return text
        pieces: list[str] = []
        done = covered = 0
        for position in range(len(text) - _SHORTEST + 1):
            lengths = begins.get(text[position:position + _SHORTEST])
            if not lengths:
                continue
            size = 0
            for length in lengths:
                kind = forms.get(text[position:position + length], 0)
                if kind >= least and (kind > WORDS or _alone(text, position, position + length)):
                    size = length
                    break
            if not size:
                continue
            if position >= covered:  # else it overlaps with the previous secret, whose mask covers both
                pieces += (text[done:position], MASK)
            covered = max(covered, position + size)
            done = covered
        if not pieces:
            return text
        return "".join((*pieces, text[done:]))

    def value(self, value: t.Any, named: int = 0) -> t.Any:
        """Return a copy of nested dicts and lists with every text masked.

        The keys of the outermost ``named`` levels of dicts stay: they are words of the collection, not of a server.
        """
        return self._value(value, named, "") if self._whole else value

    def _value(self, value: t.Any, named: int, key: str) -> t.Any:
        if isinstance(value, str):
            return self._leaf(value, key)
        if isinstance(value, dict):
            below = max(0, named - 1)
            return {
                self._replace(name, TOKENS) if isinstance(name, str) and not named else name: self._value(
                    item, below, "" if key in MAPS else str(name)
                )
                for name, item in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self._value(item, named, key) for item in value]
        if (
            isinstance(value, (int, float))
            and not isinstance(value, bool)
            and str(value) in self._whole
            and not _is_name(key)
        ):
            return MASK
        return value

    def _leaf(self, text: str, key: str) -> str:
        if key in MESSAGES:
            return self.text(text)
        if _is_name(key):
            return self._replace(text, TOKENS)
        return MASK if text in self._whole else self._replace(text, PHRASES)


def _is_name(key: str) -> bool:
    """Return whether the value of a key is a name, an id or a word of the collection."""
    return key in NAMES or key.endswith(_NAME_ENDS)


def _alone(text: str, start: int, end: int) -> bool:
    """Return whether a part of a text is not part of a longer word."""
    return not (start and text[start - 1].isalnum() and text[start].isalnum()) and not (
        end < len(text) and text[end].isalnum() and text[end - 1].isalnum()
    )
