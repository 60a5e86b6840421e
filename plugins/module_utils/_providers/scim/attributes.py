# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM 2.0: the server's schemas, and the comparison of values by them."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ..._core.durations import instant
from ..._core.errors import first_words
from ..._core.names import fold
from ..._core.plan.model import Value
from .shapes import SERVER, Document, boolean, empty, look, split

Rows = t.Sequence[t.Mapping[str, t.Any]]
CORE = "urn:ietf:params:scim:schemas:core:2.0:"


@dataclass(frozen=True)
class Attribute:
    """One attribute of a schema (RFC 7643, 7).

    ``path`` is its path in requests, ``parts`` its sub-attributes by name.
    """

    path: str
    type: str = "string"
    many: bool = False
    exact: bool = False
    required: bool = False
    mutability: str = "readWrite"
    returned: str = "default"
    parts: t.Mapping[str, Attribute] | None = None


def read_schemas(schemas: Rows, types: Rows, kind: str) -> dict[str, Attribute]:
    """Return the attributes of a kind of resource, and their sub-attributes, by their paths in lower case.

    ``types`` list the extensions of a ``kind`` (User or Group). Without them, all schemas of the server's own are
    extensions.
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


def typed(attribute: Attribute | None, value: Value, numbers: list[int]) -> Value:
    """Return a value in the type of its attribute.

    Numbers and booleans may be texts, and texts may be numbers. Numbers that become texts are added to ``numbers``.
    Raises ValueError with what the attribute accepts.
    """
    if empty(value):
        return None
    if attribute is None:
        return value
    if not attribute.many:
        return _typed_one(attribute, value, numbers)
    if not isinstance(value, list):
        raise ValueError("a list")
    try:
        return [_typed_one(attribute, item, numbers) for item in value]
    except ValueError as takes:
        raise ValueError(f"a list in which each element is {takes}") from None


def _typed_one(attribute: Attribute, value: Value, numbers: list[int]) -> Value:
    if empty(value):
        raise ValueError("a value that is not empty")
    if attribute.type == "complex":
        return _typed_parts(attribute.parts or {}, value, numbers)
    if isinstance(value, (dict, list)):
        raise ValueError(f"a single value ({attribute.type})")
    if attribute.type == "boolean":
        if not isinstance(boolean(value), bool):
            raise ValueError("a boolean (true or false)")
        return boolean(value)
    if attribute.type in _NUMBERS:
        form, number, about = _NUMBERS[attribute.type]
        if isinstance(value, bool) or not form.fullmatch(str(value)):
            raise ValueError(about)
        return number(value)
    if isinstance(value, (bool, float)):
        raise ValueError("text (quote it)")
    numbers += [value] if isinstance(value, int) else []
    return str(value)


def _typed_parts(parts: t.Mapping[str, Attribute], value: Value, numbers: list[int]) -> Value:
    if not isinstance(value, dict):
        raise ValueError("a mapping")
    if parts and value.keys() - parts.keys():
        raise ValueError(f"a mapping with no other keys than {', '.join(parts)}")
    mapping: dict[str, Value] = {}
    for name, item in value.items():
        try:
            mapping[name] = typed(parts.get(name), item, numbers)
        except ValueError as takes:
            raise ValueError(f"a mapping in which {name} is {takes}") from None
    return {name: item for name, item in mapping.items() if not empty(item)}


_NUMBERS: dict[str, tuple[re.Pattern[str], type[int] | type[float], str]] = {
    "integer": (re.compile(r"[+-]?[0-9]+"), int, "a whole number"),
    "decimal": (re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?"), float, "a number"),
}
"""Type -> how it is written, its type in Python, and what to call it."""


_NO_URI = re.compile(r"[\s<>\"{}|\\^`]")
"""A character that no URI contains (RFC 3986, 2)."""


def fault(attribute: Attribute, value: Value) -> str:
    """Return what is wrong with a value of the right type, empty if nothing is (RFC 7643, 2.3.7 and 2.4)."""
    items = value if isinstance(value, list) else [value]
    if attribute.many and sum(isinstance(item, dict) and boolean(item.get("primary")) is True for item in items) > 1:
        return "has several elements with primary: true. Keep one of them."
    for item in items:
        if attribute.type == "reference" and isinstance(item, str) and _NO_URI.search(item):
            return f"contains {first_words(item, 80)!r}, which is not a URI. Correct it."
        for name, inner in item.items() if isinstance(item, dict) else ():
            part = (attribute.parts or {}).get(name)
            text = fault(part, inner) if part is not None else ""
            if text:
                return text
    return ""


def missing(known: t.Mapping[str, Attribute], document: Document) -> list[str]:
    """Return the paths of required attributes that a new user lacks (RFC 7643, 7).

    A sub-attribute is required if its attribute is specified, and an attribute of an extension if the extension is. A
    boolean is not: servers have a default for it.
    """
    paths: list[str] = []
    for attribute in known.values():
        schema, name, part = split(attribute.path)
        holder = look(document, f"{schema}:{name}" if schema else name) if part else document.get(schema, document)
        if (
            attribute.required
            and attribute.type != "boolean"
            and attribute.mutability != "readOnly"
            and isinstance(holder, dict)
            and (not schema or schema in document)
            and empty(look(document, attribute.path))
        ):
            paths.append(attribute.path)
    return paths


def read_only_part(attribute: Attribute, value: Value) -> str:
    """Return a sub-attribute of a value that only the server writes; empty if there is none."""
    names = [name for name, part in (attribute.parts or {}).items() if part.mutability == "readOnly"]
    items = [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]
    return next((name for name in names for item in items if not empty(item.get(name))), "")


def equal(attribute: Attribute | None, value: Value, other: Value) -> bool:
    """Return whether two values are the same by the server's schema. Lists are sets (RFC 7643, 2.4)."""
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
        # false is equal to missing (RFC 7643, 2.4)
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
