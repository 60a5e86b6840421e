# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How names compare, and which characters they may hold.

Two names are the same when their composed forms (NFC) are equal in simple lower case. Full case folding would make
two people one: ``weiß`` is not ``weiss``. A name with look-alike characters (Kelvin sign, ligatures, full-width
letters) is never the same as a name in another spelling.
"""

from __future__ import annotations

import re
import typing as t
import unicodedata

_FILLERS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
)
"""Characters that nobody sees although Unicode counts them as letters or marks: fillers, variation selectors,
non-characters."""
_BIDI_OR_CONTROL = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of characters that nobody sees: control, format, surrogates, line and paragraph separators."""


def compose(text: str) -> str:
    """Return a text in composed form (NFC), without outer blanks. Look-alike characters stay as they are."""
    text = text.strip()
    if text.isascii():
        return text
    return text if has_lookalikes(text) else unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Return the form in which names compare: composed and in simple lower case.

    A text with look-alike characters is its own form, so that it matches only the same spelling.
    """
    text = text.strip()
    if text.isascii():
        return text.lower()
    return text if has_lookalikes(text) else unicodedata.normalize("NFC", text).lower()


def skeleton(text: str) -> str:
    """Return the form that two names share when they look alike, for finding such pairs; never for matching people."""
    text = text.strip()
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower()


def looks_like(name: str, other: str) -> bool:
    """Return whether two names are the same or look alike: what a look-up keeps, so that the planner can refuse the
    latter."""
    return fold(name) == fold(other) or skeleton(name) == skeleton(other)


def near(name: str, known: t.Iterable[str], most: int = 3, cutoff: float = 0.6) -> list[str]:
    """Return the known names that a misspelt one may mean, the nearest first: case is no difference."""
    import difflib

    folded: dict[str, str] = {}
    for other in known:
        folded.setdefault(fold(other), other)
    return [folded[match] for match in difflib.get_close_matches(fold(name), list(folded), most, cutoff)]


def has_lookalikes(text: str) -> bool:
    """Return whether a text holds a character that compatibility normalisation changes beyond composition."""
    return not text.isascii() and any(_is_lookalike(character) for character in text)


def spellings(text: str) -> list[str]:
    """Return the further spellings under which an account may exist: the plain one of a look-alike, the decomposed one
    of other names.

    Servers that compare exactly know an account that was made with a decomposed name (NFD) under that form alone.
    """
    text = text.strip()
    if text.isascii():
        return []
    other = unicodedata.normalize("NFKC" if has_lookalikes(text) else "NFD", text)
    return [other] if other != text else []


def _is_lookalike(character: str) -> bool:
    if character.isascii():
        return False
    composed = unicodedata.normalize("NFC", character)
    # A single other character (Kelvin sign -> K) is another spelling, not a composition.
    return unicodedata.normalize("NFKC", character) != composed or (len(composed) == 1 and composed != character)


def invisible(text: str) -> str | None:
    """Return the first control or format character of a text as ``U+200B ZERO WIDTH SPACE``, None
    where there is none."""
    if text.isascii() and text.isprintable():
        return None
    for character in text:
        if unicodedata.category(character) in _BIDI_OR_CONTROL:
            name = unicodedata.name(character, "")
            return f"U+{ord(character):04X} {name}".strip()
    return None


def filler(text: str) -> str | None:
    """Return the first character of a name that takes no room or looks like a blank, as ``U+3164 HANGUL FILLER``, None
    where there is none."""
    match = None if text.isascii() else _FILLERS.search(text)
    return f"U+{ord(match[0]):04X} {unicodedata.name(match[0], '')}".strip() if match else None


def escaped(text: str) -> str:
    """Return a text for messages, quoted, with everything outside printable ASCII written as an escape."""
    return ascii(text)
