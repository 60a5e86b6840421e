# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks data against a JSON schema. It supports the part of the language that schema.py uses, so that controllers need
no further package."""

from __future__ import annotations

import datetime
import re
import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.names import near as near_names

from .names import key_is_unknown

_TYPES: dict[str, t.Callable[[t.Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}
_NAMES = {
    "object": "a mapping", "array": "a list", "string": "text", "integer": "a whole number",
    "boolean": "true or false", "null": "null",
}
_EXAMPLES = {"object": "{name: value}", "array": "[first, second]", "integer": "a number without quotes"}


def violations(schema: t.Mapping[str, t.Any], value: t.Any, place: str = "") -> list[str]:
    """Return a sentence with its place for each part of plain data that violates a schema."""
    kinds = schema.get("type")
    if value is None and (instead := _instead_of_null(schema)):
        return [f"{place} is empty (null). Omit it, or specify {instead}."]
    if kinds is not None:
        types = [kinds] if isinstance(kinds, str) else kinds
        if not any(_TYPES[kind](value) for kind in types):
            return [_wrong_type(types, value, place)]
    if "enum" in schema and not any(value == choice and isinstance(value, type(choice)) for choice in schema["enum"]):
        return [f"{place}: {_shown(value)} is not one of {', '.join(map(str, schema['enum']))}."]
    if "anyOf" in schema:
        tried = [violations(alternative, value, place) for alternative in schema["anyOf"]]
        if all(tried):
            # If an alternative has the right type, report its violations. Otherwise list what each alternative
            # requires.
            close = [
                messages
                for alternative, messages in zip(schema["anyOf"], tried, strict=True)
                if _TYPES[alternative["type"]](value)
            ]
            return close[0] if close else [_wrong_type([each["type"] for each in schema["anyOf"]], value, place)]
    if isinstance(value, str):
        return _text(schema, value, place)
    if isinstance(value, list):
        items = schema.get("items", {})
        return [
            _whose(items, item) + text
            for number, item in enumerate(value)
            for text in violations(items, item, f"{place}[{number}]")
        ]
    if isinstance(value, dict):
        return _mapping(schema, value, place)
    return []


def _wrong_type(types: t.Sequence[str], value: t.Any, place: str) -> str:
    """Return the sentence about a value of the wrong type, with what to write instead."""
    # A text in place of a mapping may be credentials.
    shown = "text" if isinstance(value, str) and "object" in types else _shown(value)
    text = f"{place} is {shown}, not {' or '.join(_NAMES[kind] for kind in types)}."
    if "string" in types and isinstance(value, (int, float)):
        return f"{text} Quote it."
    if isinstance(value, str) and types[0] in ("array", "object") and value.lstrip()[:1] in ("[", "{"):
        return f"{text} Write it without quotes. On the command line, use JSON: -e '{{\"name\": value}}'."
    example = _EXAMPLES.get(types[0])
    return f"{text} Write it as {example}." if example else text


def _instead_of_null(schema: t.Mapping[str, t.Any]) -> str:
    """Return what the schema requires instead of null, or an empty text if it accepts null."""
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    kinds = (
        [alternative["type"] for alternative in schema["anyOf"]] if "anyOf" in schema else schema.get("type", "null")
    )
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return "" if "null" in kinds else " or ".join(_NAMES[kind] for kind in kinds)


def _whose(schema: t.Mapping[str, t.Any], item: t.Any) -> str:
    """Return the beginning of a sentence about an element: its id, because a position such as 1042 is hard to find."""
    identity = item.get("id") if "id" in schema.get("required", ()) and isinstance(item, dict) else None
    return f"{identity}: " if isinstance(identity, str) and identity and identity.isprintable() else ""


def _shown(value: t.Any) -> str:
    # A mapping or list may contain a misplaced secret.
    return (
        repr(value)
        if isinstance(value, (str, int, float, bool)) or value is None
        else _NAMES["object" if isinstance(value, dict) else "array"]
    )


def _text(schema: t.Mapping[str, t.Any], value: str, place: str) -> list[str]:
    # Surrogates represent bytes that are not UTF-8.
    if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
        return [f"{place}: {value!r} is not UTF-8 text. Save the file it comes from as UTF-8."]
    if len(value) < schema.get("minLength", 0):
        return [f"{place} is empty. Specify a value."]
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return [f"{place}: {value!r} does not have the required form."]
    if schema.get("format") == "date" and not is_day(value):
        return [f"{place}: {value!r} is not a day in the form YYYY-MM-DD, such as 2026-12-31."]
    return []


def _mapping(schema: t.Mapping[str, t.Any], value: dict[t.Any, t.Any], place: str) -> list[str]:
    begin = f"{place}." if place else ""
    known, others, needed = (
        schema.get("properties", {}),
        schema.get("additionalProperties", True),
        schema.get("required", ()),
    )
    messages = [f"{begin}{name} is missing." for name in needed if name not in value]
    for name, item in value.items():
        if name in known:
            wrong = violations(known[name], item, f"{begin}{name}")
            messages += [f"{begin}{name} is missing."] if wrong and item is None and name in needed else wrong
        elif others is False:
            text = key_is_unknown(str(name), near_names(str(name), known), known)
            messages.append(f"{place}: {text}" if place else f"{text[0].upper()}{text[1:]}")
        elif others is not True:
            messages += violations(others, item, f"{begin}{name}")
    return messages


def is_day(value: str) -> bool:
    """Return whether a text is a calendar day such as 2026-12-31."""
    try:
        return datetime.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
