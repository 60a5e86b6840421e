# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM 2.0: the fields of a user, their paths in a document, and the form of changes in requests."""

from __future__ import annotations

import functools
import typing as t

from ..._core.names import fold
from ..._core.plan.losses import DISABLED, when_false
from ..._core.plan.model import PASSWORD, Facet, Field, Schema, Value

Document = dict[str, Value]
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
USER_KEYS = {"userName": "user_name", "externalId": "external_id", "emails": "email"}
"""The values of ``user_key`` -> the field that ``user`` refers to."""
LISTS = {"emails": "email", "phoneNumbers": "phone"}
"""Multi-valued attributes for which an option has one value -> the option."""
SERVER = frozenset({"schemas", "id", "meta", "groups"})
"""Attributes that only the server writes, whatever its schema says."""


def empty(value: Value) -> bool:
    """Return whether a value means "not set": null, an empty text, list or mapping are the same (RFC 7643, 2.5)."""
    return value is None or value == "" or value == [] or value == {}


@functools.lru_cache(1000)
def split(path: str) -> tuple[str, str, str]:
    """Return the schema of an extension (or nothing), the attribute and the sub-attribute (or nothing) of a path."""
    schema, _colon, rest = path.rpartition(":")
    name, _dot, part = rest.partition(".")
    return schema, name, part


def look(document: t.Mapping[str, Value], path: str) -> Value:
    """Return the value at a path, None if there is none."""
    schema, name, part = split(path)
    holder = document.get(schema) if schema else document
    value = holder.get(name) if isinstance(holder, dict) else None
    return (value.get(part) if isinstance(value, dict) else None) if part else value


def place(document: Document, path: str, value: Value) -> None:
    """Set the value at a path, or remove it if it is empty."""
    schema, name, part = split(path)
    holder = document
    if schema:
        holder = document[schema] = dict(document.get(schema) or {})
    if part:
        inner = holder.get(name)
        parts = {**(inner if isinstance(inner, dict) else {}), part: value}
        value = {key: item for key, item in parts.items() if not empty(item)}
    if empty(value):
        holder.pop(name, None)
    else:
        holder[name] = value
    if schema and not holder:
        del document[schema]


def overlaid(document: t.Mapping[str, Value], changes: t.Mapping[str, Value]) -> Document:
    """Return a document with changed values at their paths. ``schemas`` lists the extensions of the document."""
    whole = dict(document)
    for path, value in changes.items():
        place(whole, path, value)
    extensions = [name for name in whole if name.lower().startswith("urn:")]
    gone = document.keys() - whole.keys()
    names = [name for name in document.get("schemas") or [CORE] if name not in gone]
    whole["schemas"] = list(dict.fromkeys([*names, *extensions]))
    return whole


def operations(document: t.Mapping[str, Value], changes: t.Mapping[str, Value]) -> Document:
    """Return the body of a PATCH: one operation for each path (RFC 7644, 3.5.2)."""
    steps: list[Document] = []
    for path, value in changes.items():
        if empty(value):
            steps.append({"op": "remove", "path": path})
        else:
            steps.append({"op": "add" if empty(look(document, path)) else "replace", "path": path, "value": value})
    return {"schemas": [PATCH_OP], "Operations": steps}


# -- one of several values -----------------------------------------------------------------------------------------


def _chosen(items: Value) -> Document | None:
    """Return the entry of a list that an option refers to: the primary one, else the one for work, else the first."""
    entries = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return next(
        (item for item in entries if boolean(item.get("primary")) is True),
        next((item for item in entries if item.get("type") == "work"), entries[0] if entries else None),
    )


def one_value(items: Value) -> Value:
    """Return the value that an option shows of a list such as ``emails``."""
    entry = _chosen(items)
    return None if entry is None else entry.get("value")


def clears(items: Value) -> bool:
    """Return whether an empty option removes an entry: not if the entry only replaces the primary or work one."""
    entry = _chosen(items)
    if entry is None or boolean(entry.get("primary")) is True or entry.get("type") == "work":
        return True
    return len(items) == 1 and not entry.get("type")


def with_value(items: Value, value: str, parts: t.Container[str] | None = None) -> list[Value]:
    """Return a list such as ``emails`` with a new value in the entry of an option, or without the entry.

    An empty value removes the entry. The other entries stay. ``parts`` are the sub-attributes that the server supports.
    """
    entry = _chosen(items)
    if entry is None:
        new = {"value": value, "type": "work", "primary": True}
        return [{name: part for name, part in new.items() if parts is None or name in parts}] if value else []
    changed = {**{name: part for name, part in entry.items() if name != "display"}, "value": value}
    return [changed if item is entry else item for item in items if item is not entry or value]


# -- what a user is ------------------------------------------------------------------------------------------------


def boolean(value: Value) -> Value:
    """Return a boolean, even if a server returns it as a text (Entra's client sends texts, and servers return them)."""
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else value


def _manager(value: Value) -> Value:
    return value.get("value") if isinstance(value, dict) else value


def users_schema(
    user_key: str = "userName", exact: t.Callable[[str], bool] = lambda path: False, keeps_deleted: bool = False
) -> Schema:
    """Return the declaration of a user. ``user`` refers to ``user_key``. ``exact``: the key is case-sensitive.

    ``keeps_deleted``: a deleted user stays, and is disabled.
    """

    def same_name(name: Value, other: Value) -> bool:
        return name == other or (fold(str(name)) == fold(str(other)) and not exact("userName"))

    names = ("given_name", "family_name", "middle_name", "honorific_prefix", "honorific_suffix")
    company = ("employee_number", "cost_center", "organization", "division", "department")
    return Schema(
        provider="scim", product="SCIM", noun="user", key=USER_KEYS[user_key],
        fields=(
            Field("user_name", wire="userName", fold=True, same=same_name, required=True),
            Field("external_id", wire="externalId"),
            *(Field(name, wire=_camel(name)) for name in ("display_name", "nick_name", "title", "user_type")),
            *(Field(name, wire=_camel(name)) for name in ("preferred_language", "locale", "timezone", "profile_url")),
            Field("formatted_name", wire="name.formatted"),
            *(Field(name, wire=f"name.{_camel(name)}") for name in names),
            Field("email", wire="emails", fold=True, loose=True, read=one_value),
            Field("phone", wire="phoneNumbers", read=one_value),
            *(Field(name, wire=f"{ENTERPRISE}:{_camel(name)}") for name in company),
            Field("manager", wire=f"{ENTERPRISE}:manager", loose=True, read=_manager),
            Field(PASSWORD, readable=False, secret=True),
            Field("enabled", type="bool", wire="active", read=boolean, loses=when_false(DISABLED)),
        ),
        facets=(
            Facet("attributes", "attribute", "map", loss=False, in_create=True, typed=True), Facet("groups", "group"),
        ),
        is_gone=lambda values: keeps_deleted and values.get("enabled") is False,
    )


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


_OPTIONS = {field.on_wire.lower(): field.name for field in users_schema().fields}
_NAMES = (*(split(field.on_wire)[1] for field in users_schema().fields), *SERVER, ENTERPRISE)
CANONICAL = {name.lower(): name for name in _NAMES}
"""Names of core attributes and the enterprise extension, the same in any case (RFC 7643, 2.1), as written here."""


def option_of(path: str) -> str:
    """Return the option for the attribute at a path, empty if there is none, as for whole lists."""
    return "" if path in LISTS else _OPTIONS.get(path.lower().removesuffix(".value"), "")


COMMON = frozenset({"externalId"})
"""Attributes of all resources that schemas need not list. They are case-sensitive (RFC 7643, 3.1)."""
