# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""nextAuth: the possible forms of answers that its documentation does not specify. Pure functions."""

from __future__ import annotations

import datetime
import json
import math
import re
import typing as t
from urllib.parse import unquote

from ..._core.errors import UnreadableAnswer
from ..._core.http.api import Answer, parse_json
from ..._core.plan.model import Entries, Value

_SHOWN = 300
"""Characters of an unreadable text that an error repeats."""
_WRAPPED = 3
"""The maximum depth of JSON texts within JSON texts."""
_ABOUT = {"attributes", "userid", "totalnumber"}
"""The fields that an object may have besides its attributes, as in a row of a list."""
_DOTS = (".", "..")
_LABELS = ("key", "name", "attributekey", "attribute")
"""The keys that may contain the name of an attribute in a list of pairs."""


def is_path_step(text: str) -> bool:
    """Return whether a hop on the way to the server could read a text as a step in the path, encoded or not.

    Such a hop resolves ``%2E%2E``, and may decode ``%2F`` and a second layer of escapes. The request would then reach
    another resource, up to the whole server.
    """
    while True:
        if any(part.split(";")[0].strip() in _DOTS for part in re.split(r"[/\\]", text)):
            return True
        decoded = unquote(text)
        if decoded == text:
            return False
        text = decoded


def text_of(value: Value) -> str:
    """Return an attribute's value as text, the only type that is sent. Booleans are in lower case, as in JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def attributes_of(answer: Answer, userid: str) -> Entries:
    """Return the attributes that a ``text/plain`` answer holds, as name -> text.

    The documentation calls the body "array of attributes" and shows none. An object, a list of pairs, either of them
    under ``attributes``, each as JSON or as JSON within a JSON text, and nothing at all are read. Anything else is an
    error: taken for empty, it would make a task write what is there already, or wipe what it cannot see.
    """
    try:
        return _entries(_decoded(answer.text))
    except ValueError as error:
        shown = " ".join(answer.text[:_SHOWN].split())
        raise UnreadableAnswer(
            f"The attributes of {userid} cannot be read from the answer to get_user_attributes: {error}. The text is: "
            f"{shown!r}.",
            "Check that api_url points to the API itself; if it does, report this text.",
        ) from None


def _decoded(text: str) -> Value:
    """Return the JSON value of a text. Raises ValueError."""
    value: Value = text
    for _layer in range(_WRAPPED):
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            value = parse_json(value)
        except ValueError:
            raise ValueError("it is not JSON") from None
    if isinstance(value, str):
        raise ValueError("it is encoded twice")
    return value


def _entries(value: Value) -> Entries:
    if isinstance(value, dict) and set(value) <= _ABOUT and isinstance(value.get("attributes"), (dict, list)):
        value = value["attributes"]
    if value is None:
        return {}
    if isinstance(value, dict):
        return {str(name): text_of(item) for name, item in value.items()}
    if not isinstance(value, list):
        raise ValueError("it contains neither an object nor a list")
    entries: Entries = {}
    for item in value:
        name, text = _pair(item)
        if entries.setdefault(name, text) != text:
            raise ValueError(f"it has two values for {name!r}")
    return entries


def _pair(item: Value) -> tuple[str, str]:
    """Return name and text of one element: ``{key, value}``, ``{name, value}``, ``[name, value]`` or ``{name:
    value}``."""
    if isinstance(item, dict):
        for label in _LABELS:
            if _is_name(item.get(label)) and "value" in item:
                return str(item[label]), text_of(item["value"])
        if len(item) == 1 and not {*_LABELS, "value"}.intersection(item):
            name, value = next(iter(item.items()))
            return str(name), text_of(value)
    elif isinstance(item, list) and len(item) == 2 and _is_name(item[0]):
        return str(item[0]), text_of(item[1])
    raise ValueError("it contains an element that is not an attribute")


def _is_name(value: Value) -> bool:
    """Return whether a value can be a name: a text, or a number, which is a name of digits."""
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def acl_of(rows: t.Sequence[t.Mapping[str, Value]], server: str, role: str) -> Entries:
    """Return the permissions of a role on a server. They are read as a comma-separated text and written as a list.

    Raises ValueError if all rows are about other servers: if the permissions counted as none, the next grant would
    remove the existing ones.
    """
    reference = {"server": server, "role": role}
    matches = [row for row in rows if all(same_id(row.get(name), value) for name, value in reference.items())]
    if rows and not matches:
        raise ValueError("none of its permissions are of this role on this server")
    entries: Entries = {}
    for row in matches:
        acl = row.get("acl")
        names = acl.split(",") if isinstance(acl, str) else acl
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ValueError("a row of its permissions has no readable acl")
        entries.update((name.strip(), name.strip()) for name in names if name.strip())
    return entries


def same_id(reported: Value, requested: str) -> bool:
    """Return whether an id is the requested one, in either alphabet of base64. A missing id counts as equal."""
    return reported in (None, "") or _plain(str(reported)) == _plain(requested)


def _plain(text: str) -> str:
    return text.replace("-", "+").replace("_", "/").rstrip("=")


def moment(value: Value) -> Value:
    """Return a time stamp as text in UTC, None for one that is not set.

    Its unit is not documented. Each unit puts today into a range of its own, so seconds, milli-, micro- and nanoseconds
    are distinguished by size: seconds beyond 10^11 would be the year 5138.
    """
    if value in (None, 0, "", "0"):
        return None
    try:
        number = float(value)
        while 1e11 <= abs(number) < math.inf:
            number /= 1000
        when = datetime.datetime.fromtimestamp(number, datetime.timezone.utc)
    except (TypeError, ValueError, OverflowError, OSError):  # a text that is probably a date already
        return str(value)
    return f"{when.isoformat()[:19]}Z"


def device(row: t.Mapping[str, Value]) -> dict[str, Value]:
    """Return an account as results show it. A server may leave ``blocked`` out if it is false.

    Raises UnreadableAnswer if ``blocked`` is neither true nor false: if it counted as false, the login would count as
    unblocked.
    """
    if not isinstance(row.get("blocked", False), bool):
        raise UnreadableAnswer(
            f"The account {row['id']} has an unclear state: blocked is {row['blocked']!r}.",
            "Report this answer of nextAuth to its vendor.",
        )
    return {
        "id": str(row["id"]),
        "description": str(row.get("description") or ""),
        "blocked": row.get("blocked") is True,
        "client_version": row.get("clientVersion"),
        "created": moment(row.get("created")),
        "last_login": moment(row.get("lastlogin")),
        "last_provoke": moment(row.get("lastprovoke")),
    }


def role_in(answer: Answer) -> str:
    """Return the id of the role in an answer. Raises UnreadableAnswer for an empty id.

    A missing role is a 404, so this role may have permissions.
    """
    role = answer.json_object.get("role")
    if not isinstance(role, str) or not role.strip():
        raise answer.unreadable("it contains no role")
    return role
