# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbers and lists of names in messages."""

from __future__ import annotations

import typing as t

_SHOWN = 20
"""Names that a message lists before it says how many more there are."""
_PLURALS = {
    "belongs": "belong", "exists": "exist", "has": "have", "holds": "hold", "is": "are", "stays": "stay",
    "uses": "use", "was": "were", "it": "them", "its": "their", "this": "these", "person": "people",
}  # fmt: skip
"""Words with an irregular plural. Verbs are in the third person."""


def plural(words: str) -> str:
    """Return words of which the last one is in the plural."""
    before, space, last = words.rpartition(" ")
    ending = f"{last[:-1]}ies" if last.endswith("y") and last[-2:-1] not in "aeiou" else f"{last}s"
    return f"{before}{space}{_PLURALS.get(last, ending)}"


def agreed(number: int, word: str) -> str:
    """Return a noun, or a verb in the third person, as it is after a number: ``1, "is"`` -> is, ``2, "is"`` -> are.

    In several words, only the last one changes: ``2, "unlisted user"`` -> unlisted users.
    """
    return word if number == 1 else plural(word)


def counted(number: int, noun: str, verb: str = "") -> str:
    """Return a number with its noun, and the verb if there is one: ``2, "user", "is"`` -> 2 users are."""
    words = f"{number} {agreed(number, noun)}"
    return f"{words} {agreed(number, verb)}" if verb else words


def listed(names: t.Sequence[str]) -> str:
    """Return names with semicolons between them, of which a long list shows only the first."""
    more = len(names) - _SHOWN
    return "; ".join(names[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")


def separator(names: t.Iterable[str]) -> str:
    """Return what separates names in a list. If a name contains a comma, commas do not show where it ends."""
    return "; " if any(", " in name for name in names) else ", "


def joined(words: t.Sequence[str], last: str = "and") -> str:
    """Return words as a list in a sentence: ``a, b and c``. ``last`` is the word before the last one."""
    return f" {last} ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
