# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Translates the words of a file, such as Terminated, to valid words.

``access_values`` maps a field to its words::

    access_values:
      status: {Terminated: left, Long-term leave: leave}
      kind: {FTE: employee, "*": contractor}
      "On Leave": {true: leave, false: ""}

A key that is not a field is the heading of a column: its words apply only to that column, and override those of its
field. Words are compared without case and outer spaces. ``Terminated*`` matches all words with this beginning, ``*``
any other word, ``""`` an empty cell. A word that is translated to an empty text counts as an empty cell. ``true`` and
``false``, as YAML reads an unquoted Yes or No, match all words with this meaning, such as Yes, TRUE and 1.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Problem

from .model import ACCOUNTS, ATTRIBUTES, FIELDS, VALUES, WORDS
from .text import folded, hint, key, near, shown

_MOST = 30
"""The number of columns that a message lists."""
_YES, _NO = ("true", "yes", "1", "on", "y", "t"), ("false", "no", "0", "off", "n", "f")
_MEANING = {**dict.fromkeys(_YES, _YES), **dict.fromkeys(_NO, _NO)}
_OWN = {name: {key(word): word for word in words} for name, words in WORDS.items()}


class Words:
    """The words of one field. ``translate`` returns the valid word for that of a cell, or the cell's word if it is
    unknown."""

    def __init__(self, words: t.Mapping[str, str], own: t.Mapping[str, str]) -> None:
        """``own`` are the valid words of the field, by ``key``."""
        self._words = words
        self._others = words.get("*")
        self._patterns = [(_pattern(word), ours) for word, ours in words.items() if "*" in word and word != "*"]
        self._own = own

    def find(self, word: str) -> str | None:
        """Return the valid word, or None if the word is unknown."""
        folded_word = folded(word)
        for form in (folded_word, *_MEANING.get(folded_word, ())):
            if form in self._words:
                return self._words[form]
        own = self._own.get(key(word)) if word else ""
        if own is None and self._patterns:
            own = next((ours for pattern, ours in self._patterns if pattern.fullmatch(folded_word)), None)
        return self._others if own is None else own

    def translate(self, word: str) -> str:
        """Return the valid word. An unknown word is returned unchanged."""
        match = self.find(word)
        return word if match is None else match


def _pattern(word: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, word.split("*"))), re.DOTALL)


def words_of(field: str, layers: t.Iterable[t.Mapping[str, t.Any]]) -> Words:
    """Return the words of a field. Later layers, such as the user's after those of a preset, override single words."""
    return Words(_merged(layer.get(field) for layer in layers), _OWN.get(field, {}))


def words_of_columns(headings: t.Sequence[str], layers: t.Iterable[t.Mapping[str, t.Any]]) -> dict[int, Words]:
    """Return the words of columns, by column number. Of several spellings of a heading, a layer's first one counts."""
    by_heading = [
        {key(str(name)): words for name, words in reversed(list(layer.items())) if not is_field(str(name))}
        for layer in layers
    ]
    return {
        number: Words(_merged(layer.get(key(heading)) for layer in by_heading), {})
        for number, heading in enumerate(headings)
        if any(key(heading) in layer for layer in by_heading)
    }


def _merged(layers: t.Iterable[t.Mapping[t.Any, t.Any] | None]) -> dict[str, str]:
    """Return words by the form in which they are compared; later layers override earlier ones."""
    return {
        form: "" if ours is None else str(ours).strip()
        for layer in layers
        for word, ours in (layer or {}).items()
        for form in forms(word)
    }


def is_field(name: str) -> bool:
    """Return whether a key of ``access_values`` is a field."""
    return name in FIELDS or name.startswith((ACCOUNTS, ATTRIBUTES))


def headings_problems(values: t.Mapping[str, t.Any], headings: t.Sequence[str], file: str) -> list[Problem]:
    """Return a problem for each key of ``access_values`` that is neither a field nor a heading of the file."""
    known = set(map(key, headings))
    problems = []
    for name in values:
        if not is_field(str(name)) and key(str(name)) not in known:
            columns = list(filter(key, headings))
            advice = (
                hint(str(name), [*FIELDS, *columns], "field")
                if near(str(name), [*FIELDS, *columns])
                else f"The fields are {', '.join(FIELDS)}; the columns of {file} are {', '.join(columns[:_MOST])}"
                f"{f' and {len(columns) - _MOST} more' if len(columns) > _MOST else ''}."
            )
            text = f"{VALUES}.{name}: there is no field or column {shown(name)}. {advice}"
            problems.append(Problem(text, "unknown_column", file, f"{VALUES}.{name}"))
    return problems


def forms(word: t.Any) -> tuple[str, ...]:
    """Return the forms of an option's word for comparison: true and false represent all words with their meaning."""
    if isinstance(word, bool):
        return _YES if word else _NO
    return (folded("" if word is None else str(word)),)


def values_problems(values: t.Any, option: str = VALUES) -> list[Problem]:
    """Return the problems of a mapping of values, before any file is read."""
    if not isinstance(values, t.Mapping):
        text = f"{option} must map a field to its words, such as {{status: {{Terminated: left}}}}."
        return [Problem(text, "invalid_value", option=option)]
    problems: list[Problem] = []
    for name, words in values.items():
        place = f"{option}.{name}"
        if words is not None and not isinstance(words, t.Mapping):
            text = f"{place} must map words of the file to words of the collection, such as {{Terminated: left}}."
            problems.append(Problem(text, "invalid_value", option=place))
            continue
        known = WORDS.get(str(name))
        for word, ours in (words or {}).items():
            if isinstance(ours, (t.Mapping, list, tuple)) or (
                known and ours is not None and str(ours) not in ("", *known)
            ):
                expected = f"Map it to {', '.join(known)}, or ''." if known else "Map it to a text."
                text = f"{place}: {shown(word)} is mapped to {shown(ours)}. {expected}"
                problems.append(Problem(text, "invalid_value", option=place))
    return problems
