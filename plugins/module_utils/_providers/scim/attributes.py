# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM 2.0: the server's schemas, and values compared by them."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ..._core.durations import instant
from ..._core.names import fold
from ..._core.plan.model import Value
from .shapes import SERVER, boolean, empty

Rows = t.Sequence[t.Mapping[str, t.Any]]
CORE = "urn:ietf:params:scim:schemas:core:2.0:"
_TEXTS = ("string", "dateTime", "reference", "binary")
"""Types of attributes whose values are texts in JSON."""


@dataclass(frozen=True)
class Attribute:
    """One attribute of a schema (RFC 7643, 7): ``path`` as it is written, ``parts`` its sub-attributes by name."""

    path: str
    type: str = "string"
    many: bool = False
    exact: bool = False
    required: bool = False
    mutability: str = "readWrite"
    returned: str = "default"
    parts: t.Mapping[str, Attribute] | None = None


def read_schemas(schemas: Rows, types: Rows, kind: str) -> dict[str, Attribute]:
    """Return the attributes of a kind of resource, and the parts of single ones, by their paths in small letters.

    ``types`` say which extensions a ``kind`` (User or Group) has; without them, all schemas of the server's own are.
    """
    core = f"{CORE}{kind}"
    known = next((row for row in types if row.get("schema") == core), None)
    extensions = [item.get("schema") for item in known.get("schemaExtensions") or ()] if known else None
    attributes: dict[str, Attribute] = {}
    for schema in schemas:
        name = str(schema.get("id"))
        if name != core and (name not in extensions if extensions is not None else name.startswith(CORE)):
            continue
        for declared in schema.get("attributes") or ():
            attribute = _attribute(declared, "" if name == core else f"{name}:")
            if attribute.path not in SERVER:
                attributes[attribute.path.lower()] = attribute
                if attribute.parts and not attribute.many:
                    attributes.update({part.path.lower(): part for part in attribute.parts.values()})
    return attributes


def _attribute(declared: t.Mapping[str, t.Any], before: str) -> Attribute:
    path = f"{before}{declared['name']}"
    parts = [_attribute(part, f"{path}.") for part in declared.get("subAttributes") or ()]
    return Attribute(
        path, str(declared.get("type") or "string"),
        declared.get("multiValued") is True, declared.get("caseExact") is True, declared.get("required") is True,
        str(declared.get("mutability") or "readWrite"), str(declared.get("returned") or "default"),
        {part.path.rpartition(".")[2]: part for part in parts} if parts else None,
    )


def fault(attribute: Attribute, value: Value) -> str | None:
    """Return what an attribute takes instead of a value, None where the value is one of its type, at any depth."""
    if empty(value):
        return None
    if not attribute.many:
        return _fault_of_one(attribute, value)
    if not isinstance(value, list):
        return "a list"
    faults = ("one value each" if empty(item) else _fault_of_one(attribute, item) for item in value)
    return next((f"a list, each of it {takes}" for takes in faults if takes), None)


def _fault_of_one(attribute: Attribute, value: Value) -> str | None:
    if attribute.type == "complex":
        parts = attribute.parts or {}
        if not isinstance(value, dict):
            return "a mapping"
        if parts and value.keys() - parts.keys():
            return f"a mapping of {', '.join(parts)}"
        faults = ((name, fault(parts[name], item)) for name, item in value.items() if parts)
        return next((f"a mapping with {name}, which is {takes}" for name, takes in faults if takes), None)
    if isinstance(value, (dict, list)):
        return f"one value ({attribute.type})"
    if attribute.type == "boolean":
        return None if isinstance(boolean(value), bool) else "a boolean (true or false)"
    if attribute.type in ("integer", "decimal"):
        number = None if isinstance(value, bool) else _NUMBERS[attribute.type].fullmatch(str(value))
        return None if number else "a whole number" if attribute.type == "integer" else "a number"
    return "a text: quote it" if isinstance(value, (bool, float)) else None


_NUMBERS = {
    "integer": re.compile(r"[+-]?[0-9]+"), "decimal": re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?")
}


def converted(attribute: Attribute | None, value: Value) -> Value:
    """Return a value in the type of its attribute: numbers and booleans may come as texts, and texts as numbers."""
    if empty(value):
        return None
    if attribute is None:
        return value
    if isinstance(value, list):
        return [converted(attribute, item) for item in value]
    if isinstance(value, dict):
        parts = attribute.parts or {}
        return {name: converted(parts.get(name), item) for name, item in value.items() if not empty(item)}
    if attribute.type == "boolean":
        return boolean(value)
    if attribute.type in ("integer", "decimal"):
        return int(value) if attribute.type == "integer" else float(value)
    return value if isinstance(value, bool) else str(value)


def as_texts(attribute: Attribute | None, value: Value) -> t.Iterator[int]:
    """Return the numbers in a value that are written as texts."""
    if isinstance(value, dict):
        parts = attribute.parts if attribute is not None and attribute.parts else {}
        for name, item in value.items():
            yield from as_texts(parts.get(name), item)
    elif isinstance(value, list):
        for item in value:
            yield from as_texts(attribute, item)
    elif isinstance(value, bool) or attribute is None:
        return
    elif isinstance(value, int) and attribute.type in _TEXTS:
        yield value


def equal(attribute: Attribute | None, value: Value, other: Value) -> bool:
    """Return whether two values are the same to the server's schema; lists are sets (RFC 7643, 2.4)."""
    if empty(value) or empty(other):
        return empty(value) and empty(other)
    if isinstance(value, list) and isinstance(other, list):
        left = list(other)
        for item in value:
            match = next((there for there in left if _same(attribute, item, there)), None)
            if match is None:
                return False
            left.remove(match)
        return not left
    return _same(attribute, value, other)


def _same(attribute: Attribute | None, value: Value, other: Value) -> bool:
    if isinstance(value, dict) and isinstance(other, dict):
        parts = attribute.parts if attribute is not None and attribute.parts else {}
        kept = {name for name, part in parts.items() if part.mutability == "readOnly"} | {"$ref"}  # by the server
        kept |= {"display"} - (value.keys() & other.keys())
        # false is the same as missing (RFC 7643, 2.4)
        if bool(boolean(value.get("primary"))) is not bool(boolean(other.get("primary"))):
            return False
        names = {*value, *other} - kept - {"primary"}
        return all(equal(parts.get(name), value.get(name), other.get(name)) for name in names)
    if isinstance(value, bool) or isinstance(other, bool):
        typed = attribute is not None and attribute.type == "boolean"
        return boolean(value) is boolean(other) if typed else value is other
    if not (isinstance(value, str) and isinstance(other, str)):
        return bool(value == other) or str(value) == str(other)
    if attribute is not None and attribute.type == "dateTime":
        return value == other or (instant(value) is not None and instant(value) == instant(other))
    exact = attribute is None or attribute.exact or attribute.type in ("binary", "reference")
    return value == other if exact else fold(value) == fold(other)
