# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM 2.0: the server's schemas, and values compared by them."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..._core.durations import instant
from ..._core.names import fold
from ..._core.plan.model import Value
from .shapes import CORE, SERVER, empty

Rows = t.Sequence[t.Any]


@dataclass(frozen=True)
class Attribute:
    """One attribute of a schema (RFC 7643, 7): ``path`` as it is written, ``parts`` the sub-attributes of a complex one by name."""

    path: str
    type: str = "string"
    many: bool = False
    exact: bool = False
    mutability: str = "readWrite"
    returned: str = "default"
    parts: t.Mapping[str, Attribute] | None = None


def read_schemas(schemas: Rows, types: Rows) -> dict[str, Attribute]:
    """Return the attributes of users, and the sub-attributes of complex ones, by their paths in small letters.

    ``types`` say which schemas a user has; without them it is every schema whose name ends as those of users do.
    """
    user = next((row for row in types if isinstance(row, dict) and row.get("endpoint") == "/Users"), None)
    extensions = [item.get("schema") for item in user.get("schemaExtensions") or ()] if user else None
    known: dict[str, Attribute] = {}
    for schema in schemas:
        name = schema.get("id") if isinstance(schema, dict) else None
        if not isinstance(name, str) or not (name in (CORE, *extensions) if extensions is not None else name.endswith(":User")):
            continue
        for declared in schema.get("attributes") or ():
            attribute = _attribute(declared, "" if name == CORE else f"{name}:")
            if attribute.path not in SERVER:
                known[attribute.path.lower()] = attribute
                if attribute.parts and not attribute.many:
                    known.update({part.path.lower(): part for part in attribute.parts.values()})
    return known


def _attribute(declared: t.Mapping[str, t.Any], before: str) -> Attribute:
    path = f"{before}{declared['name']}"
    parts = [_attribute(part, f"{path}.") for part in declared.get("subAttributes") or ()]
    return Attribute(
        path, str(declared.get("type") or "string"), declared.get("multiValued") is True, declared.get("caseExact") is True,
        str(declared.get("mutability") or "readWrite"), str(declared.get("returned") or "default"),
        {part.path.rpartition(".")[2]: part for part in parts} if parts else None,
    )


def fault(attribute: Attribute, value: Value) -> str | None:
    """Return what an attribute takes instead of a value, None where the value is one of its type."""
    if empty(value):
        return None
    if attribute.many:
        return None if isinstance(value, list) else "a list"
    if attribute.type == "complex":
        return None if isinstance(value, dict) else "a mapping"
    if isinstance(value, (list, dict)):
        return f"a {attribute.type}"
    if attribute.type == "boolean":
        return None if isinstance(value, bool) else "a boolean (true or false)"
    if attribute.type in ("integer", "decimal"):
        return None if isinstance(converted(attribute, value), (int, float)) and not isinstance(value, bool) else "a number"
    return "a text: quote it" if isinstance(value, (bool, float)) else None


def converted(attribute: Attribute, value: Value) -> Value:
    """Return a value in the type of its attribute: numbers may come as texts, and texts as numbers."""
    if isinstance(value, bool) or empty(value) or isinstance(value, (list, dict)):
        return value
    if attribute.type in ("integer", "decimal"):
        try:
            return int(value) if attribute.type == "integer" else float(value)
        except ValueError:
            return value
    return str(value)


def equal(attribute: Attribute | None, one: Value, other: Value) -> bool:
    """Return whether two values are the same to the server's schema; lists are sets (RFC 7643, 2.4)."""
    if empty(one) or empty(other):
        return empty(one) and empty(other)
    if isinstance(one, list) and isinstance(other, list):
        left = list(other)
        for item in one:
            match = next((there for there in left if _same(attribute, item, there)), None)
            if match is None:
                return False
            left.remove(match)
        return not left
    return _same(attribute, one, other)


def _same(attribute: Attribute | None, one: Value, other: Value) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        parts = attribute.parts if attribute is not None and attribute.parts else {}
        names = {*one, *other} - {name for name, part in parts.items() if part.mutability == "readOnly"} - {"$ref"}
        return all(equal(parts.get(name), one.get(name), other.get(name)) for name in names)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if not (isinstance(one, str) and isinstance(other, str)):
        return bool(one == other) or str(one) == str(other)
    if attribute is not None and attribute.type == "dateTime":
        return one == other or (instant(one) is not None and instant(one) == instant(other))
    exact = attribute is None or attribute.exact or attribute.type in ("binary", "reference")
    return one == other if exact else fold(one) == fold(other)
