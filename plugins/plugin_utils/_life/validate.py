# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks data against a JSON schema: the part of the language that schema.py uses, so that controllers need no further package."""

from __future__ import annotations

import datetime
import re
import typing as t

_TYPES: dict[str, t.Callable[[t.Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}
_NAMES = {"object": "a mapping", "array": "a list", "string": "a text", "integer": "a whole number", "boolean": "true or false", "null": "null"}


def violations(schema: t.Mapping[str, t.Any], value: t.Any, place: str = "") -> list[str]:
    """Return a sentence for everything in plain data that a schema does not allow, each with its place."""
    kinds = schema.get("type")
    if kinds is not None:
        wanted = [kinds] if isinstance(kinds, str) else kinds
        if not any(_TYPES[kind](value) for kind in wanted):
            return [f"{place}: {_shown(value)} is not {' or '.join(_NAMES[kind] for kind in wanted)}."]
    if "enum" in schema and not any(value == choice and isinstance(value, type(choice)) for choice in schema["enum"]):
        return [f"{place}: {_shown(value)} is none of {', '.join(map(str, schema['enum']))}."]
    if "anyOf" in schema:
        tried = [violations(one, value, place) for one in schema["anyOf"]]
        if all(tried):
            # What is of the right type tells most; otherwise each alternative says what it wants.
            close = [found for one, found in zip(schema["anyOf"], tried, strict=True) if _TYPES[one["type"]](value)]
            return close[0] if close else [f"{place}: {_shown(value)} is not {' or '.join(_NAMES[one['type']] for one in schema['anyOf'])}."]
    if isinstance(value, str):
        return _text(schema, value, place)
    if isinstance(value, list):
        return [text for number, item in enumerate(value) for text in violations(schema.get("items", {}), item, f"{place}[{number}]")]
    if isinstance(value, dict):
        return _mapping(schema, value, place)
    return []


def _shown(value: t.Any) -> str:
    # A mapping or list may hold a secret that was put into the wrong place.
    return repr(value) if isinstance(value, (str, int, float, bool)) or value is None else _NAMES["object" if isinstance(value, dict) else "array"]


def _text(schema: t.Mapping[str, t.Any], value: str, place: str) -> list[str]:
    if len(value) < schema.get("minLength", 0):
        return [f"{place} is empty."]
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return [f"{place}: {value!r} is not of the form that is wanted here."]
    if schema.get("format") == "date" and not is_day(value):
        return [f"{place}: {value!r} is no day; write it as 2026-12-31."]
    return []


def _mapping(schema: t.Mapping[str, t.Any], value: dict[t.Any, t.Any], place: str) -> list[str]:
    begin = f"{place}." if place else ""
    known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    found = [f"{begin}{name} is missing." for name in schema.get("required", ()) if name not in value]
    for name, item in value.items():
        if name in known:
            found += violations(known[name], item, f"{begin}{name}")
        elif others is False:
            found.append(f"{begin}{name} is unknown; there are {', '.join(known)}.")
        elif others is not True:
            found += violations(others, item, f"{begin}{name}")
    return found


def is_day(value: str) -> bool:
    """Return whether a text is a calendar day as 2026-12-31."""
    try:
        return datetime.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
