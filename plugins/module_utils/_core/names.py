# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How names compare, and which characters they may contain.

Two names are the same if their composed forms (NFC) are equal in simple lower case. Full case folding would merge two
people into one: ``weiß`` is not ``weiss``. A name with look-alike characters (Kelvin sign, ligatures, full-width
letters) is never the same as a name in another spelling.
"""

from __future__ import annotations

import re
import typing as t
import unicodedata

_FILLERS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
)
"""Invisible characters that Unicode classifies as letters or marks: fillers, variation selectors, non-characters."""
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_BIDI_OR_CONTROL = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of invisible characters: control, format, surrogates, line and paragraph separators."""


def compose(text: str) -> str:
    """Return a text in composed form (NFC), without outer blanks. A text with look-alike characters is not composed."""
    return nfc(text.strip())


def nfc(text: str) -> str:
    """Return a text in composed form (NFC), with outer blanks. A text with look-alike characters is not composed."""
    return text if text.isascii() or has_lookalikes(text) else unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Return the form in which names compare: composed and in simple lower case.

    A text with look-alike characters keeps its case and form, so that it matches only the same spelling.
    """
    text = text.strip()
    if text.isascii():
        return text.lower()
    return text if has_lookalikes(text) else unicodedata.normalize("NFC", text).lower()


def skeleton(text: str) -> str:
    """Return the form that look-alike names share. Use it to find such pairs, never to match people."""
    text = text.strip()
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower()


def looks_like(name: str, other: str) -> bool:
    """Return whether two names are the same or look alike. Look-ups keep both, so that the planner can refuse names
    that merely look alike."""
    return fold(name) == fold(other) or skeleton(name) == skeleton(other)


def near(name: str, known: t.Iterable[str], most: int = 3, cutoff: float = 0.6) -> list[str]:
    """Return the known names that a misspelt name may mean, the most similar first. Case does not matter."""
    import difflib

    folded: dict[str, str] = {}
    for other in known:
        folded.setdefault(fold(other), other)
    return [folded[match] for match in difflib.get_close_matches(fold(name), list(folded), most, cutoff)]


def has_lookalikes(text: str) -> bool:
    """Return whether a text contains a character that compatibility normalisation changes beyond composition."""
    return lookalike(text) is not None


def lookalike(text: str) -> str | None:
    """Return the first such character of a text, or None."""
    return None if text.isascii() else next(filter(_is_lookalike, text), None)


def spellings(text: str) -> list[str]:
    """Return other spellings under which an account may exist: the plain form of a look-alike name, the decomposed
    form (NFD) of other names.

    A server that compares names exactly finds an account with a decomposed name only in this form.
    """
    text = text.strip()
    if text.isascii():
        return []
    other = unicodedata.normalize("NFKC" if has_lookalikes(text) else "NFD", text)
    return [other] if other != text else []


def is_address(text: str) -> bool:
    """Return whether a text has the form of an e-mail address: one ``@`` between two parts without blanks."""
    return _ADDRESS.fullmatch(text.strip()) is not None


def _is_lookalike(character: str) -> bool:
    if character.isascii():
        return False
    composed = unicodedata.normalize("NFC", character)
    # If NFC replaces one character with another one (Kelvin sign -> K), that is another spelling, not a composition.
    return unicodedata.normalize("NFKC", character) != composed or (len(composed) == 1 and composed != character)


def invisible(text: str) -> str | None:
    """Return the first control or format character of a text, such as ``U+200B ZERO WIDTH SPACE``, or None."""
    if text.isascii() and text.isprintable():
        return None
    for character in text:
        if unicodedata.category(character) in _BIDI_OR_CONTROL:
            name = unicodedata.name(character, "")
            return f"U+{ord(character):04X} {name}".strip()
    return None


def filler(text: str) -> str | None:
    """Return the first character of a name that has no width or looks like a blank, such as ``U+3164 HANGUL FILLER``,
    or None."""
    match = None if text.isascii() else _FILLERS.search(text)
    return f"U+{ord(match[0]):04X} {unicodedata.name(match[0], '')}".strip() if match else None
