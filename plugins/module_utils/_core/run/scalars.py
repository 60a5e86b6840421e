# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the problem of one value in a playbook, with a message that says what to write instead."""

from __future__ import annotations

import re
import typing as t

from ..errors import Problem
from ..names import filler, invisible
from .rules import Rule

_SHOWN = 80
"""The number of characters of a value that a message quotes."""
ARTICLES = {"int": "a whole number such as 5", "bool": "a boolean (true or false)"}
_WHOLE = re.compile(r"[+-]?[0-9]{1,300}")
_BOOLEANS = frozenset({"yes", "on", "1", "true", "t", "y", "1.0", "no", "off", "0", "false", "f", "n", "0.0"})


class UnquotedDate(str):
    """The text of a date that YAML parsed from an unquoted value."""


class UnquotedBoolean(str):
    """The text of a boolean that YAML parsed from an unquoted key of a mapping, such as ``no``."""


def converts(kind: str, text: str) -> bool:
    """Return whether Ansible can convert a text to the type of an option."""
    text = text.strip()
    if kind == "int":
        return _WHOLE.fullmatch(text) is not None
    if kind == "bool":
        return text.lower() in _BOOLEANS
    return True


def is_simple(text: str) -> bool:
    """Return whether a text passes every rule: printable ASCII that is more than blanks and dots."""
    return text.isascii() and text.isprintable() and text.strip(" .") != ""


def scalar_problem(label: str, rule: Rule, value: t.Any, part: str = "option") -> Problem | None:
    """Return the problem of a value that should be text, or None.

    ``part`` is what has the value: an option, an element of a list, a name (a key of a mapping), or a variable of the
    environment.
    """
    if isinstance(value, UnquotedDate):
        return Problem(f"{label} is a date, not text. Quote it: '{value}'.", "unquoted_value")
    if isinstance(value, UnquotedBoolean):
        return Problem(f"{label} is a boolean, not text. Quote the name as you wrote it.", "unquoted_value")
    if isinstance(value, str):
        return text_problem(label, rule, value, part)
    if isinstance(value, bool):
        forms = "'yes', 'on' or 'true'" if value else "'no', 'off' or 'false'"
        return Problem(
            f"{label} is the boolean {str(value).lower()}, not text. Quote the value as you wrote it: {forms}.",
            "unquoted_value",
        )
    if isinstance(value, int) and rule.integer != "refuse":
        return None
    if isinstance(value, (int, float)):
        shown = "a number" if rule.secret else f"the number {value}"
        example = "" if rule.secret else f", for example {' or '.join(map(repr, _written(value)))}"
        return Problem(
            f"{label} is {shown}, not text. YAML drops leading zeros and signs of numbers: "
            f"quote the value as you wrote it{example}.",
            "unquoted_value",
        )
    return Problem(f"{label} is {described(value)}, not text. Specify a single text.", "invalid_value")


def _written(number: float) -> list[str]:
    """Return the forms that YAML parses as a number: decimal, octal (0100), with a sign, as a time (12:30)."""
    forms = [str(number)]
    if isinstance(number, int) and number > 7:
        forms.append(f"0{number:o}")
        if number > 99_999:
            forms.append(f"+{number}")
        elif 60 <= number < 6000:
            forms.append(f"{number // 60}:{number % 60:02}")
    return forms


_WITHOUT_BLANK = {
    "option": "Specify a value, or omit the option. Check for an unset variable.",
    "element": "Remove the element, or specify a value. Check for an unset variable.",
    "name": "Specify a name, or remove the entry. Check for an unset variable.",
    "variable": "Correct or unset it.",
}
"""What has a blank value -> what to do."""


def text_problem(label: str, rule: Rule, text: str, part: str = "option") -> Problem | None:
    """Return the problem of a text, or None. ``part`` is that of ``scalar_problem``."""
    remove = "Remove it where the variable is set."
    if part != "variable":
        remove = "Remove it, for example with the trim filter."
    if not text.strip():
        if text == "" and rule.blank:
            return None
        state = "is empty" if text == "" else "contains only whitespace"
        return Problem(f"{label} {state}. {_WITHOUT_BLANK[part]}", "blank_value")
    outer = outer_blanks(text) if rule.trimmed else ""
    if outer:
        return Problem(f"{label} {outer}. {remove}", "invalid_character")
    if rule.header and any(ord(character) > 255 for character in text):
        return Problem(
            f"{label} contains a character that is not allowed in an HTTP header. Copy the credential again.",
            "invalid_character",
        )
    if text.isascii() and text.isprintable():
        if not rule.segment or text.strip() not in (".", ".."):
            return None
        return Problem(f"{label} is '{text}', which servers read as part of a path. Use another name.", "invalid_value")
    has_width = rule.segment or rule.visible
    character = _unwanted(text) if rule.lines else invisible(text) or (filler(text) if has_width else None)
    if character is None:
        return None
    if text.endswith(("\n", "\r")):
        return Problem(f"{label} ends with a line break. {remove}", "invisible_character")
    shown = "" if rule.secret else f" in {short(text)}"
    line = "a line break" if character.startswith(("U+000A", "U+000D")) else character
    return Problem(f"{label} contains {line}{shown}. Remove it.", "invisible_character")


def outer_blanks(text: str) -> str:
    """Return where a text has blanks around it, for messages; empty if it has none. Line breaks are no blanks."""
    places = [verb for verb, end in (("begins", text[:1]), ("ends", text[-1:])) if end.isspace() and not invisible(end)]
    return f"{' and '.join(places)} with a blank" if places else ""


def _unwanted(text: str) -> str | None:
    """Return the first character that not even free text may contain: a control character, a byte order mark, a
    zero-width space or a surrogate."""
    for character in text:
        if character in "\t\n\r" or character.isprintable():
            continue
        if (
            ord(character) < 32
            or 0x7F <= ord(character) < 0xA0
            or character in "\ufeff\u200b"
            or 0xD800 <= ord(character) <= 0xDFFF
        ):
            return invisible(character)
    return None


def described(value: t.Any) -> str:
    """Return what a value is, for messages: its kind, and the value if it is text, a number or a boolean."""
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, str):
        return short(value)
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    return "null" if value is None else f"a {type(value).__name__}"


def kind_of(value: t.Any) -> str:
    """Return what a value is, without the value if it is text.

    For what should be a mapping: the text may be a file of users with their passwords that was not parsed.
    """
    return "text" if isinstance(value, str) else described(value)


def short(text: str) -> str:
    """Return a text for messages: quoted, with invisible characters as escapes, and shortened to fit in a line."""
    shown = text if len(text) <= _SHOWN else text[:_SHOWN]
    quoted = repr(shown) if shown.isprintable() else ascii(shown)
    return quoted if len(text) <= _SHOWN else f"{quoted[:-1]}…{quoted[-1]}"


def plain(name: t.Any) -> str:
    """Return a name for messages without quotes, otherwise like ``short``."""
    text = str(name)
    shown = text if text.isprintable() else ascii(text)[1:-1]
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


def shown_name(name: str) -> str:
    """Return a name for messages without quotes, but two quotes for an empty one."""
    return plain(name) or "''"
