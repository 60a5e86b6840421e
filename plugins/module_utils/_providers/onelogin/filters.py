# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin: the filters of its two lists of users.

Version 1 filters by roles, version 2 by logins, changes, ids and attributes.
"""

from __future__ import annotations

import datetime
import re
import typing as t

from ..._core.durations import moment
from ..._core.errors import Problem, require
from ..._core.http.paging import Row
from ..._core.plan.model import Account, Desired
from ..._core.run.options import Params, Spec
from ..._core.run.scalars import described
from .shapes import is_number, number_text
from .users import Users

_TEXTS = ("username", "email", "firstname", "lastname", "samaccountname", "external_id")
_ONLY_V1 = {name: name for name in ("manager_ad_id", "userprincipalname")}
_TIMES_V1 = {"created_since": "since", "created_until": "until"}
_TIMES = (*_TIMES_V1, "updated_since", "updated_until", "last_login_since", "last_login_until")
_MOST_IDS = 500
"""Ids in one request, so that its address is short enough for proxies."""

FILTERS: Spec = {
    **{name: {"type": "str"} for name in (*_TEXTS, *_ONLY_V1, "directory_id", *_TIMES)},
    "app_id": {"type": "str"},
    "user_ids": {"type": "list", "elements": "str"},
    "custom_attributes": {"type": "dict"},
    "role": {"type": "raw"},
    "fields": {"type": "list", "elements": "str"},
    "sort": {"type": "str"},
    "limit": {"type": "int"},
}


def list_users(users: Users, filters: Params) -> list[Account]:
    """Return the users that match all filters. Raises InputError for values that a server would misread.

    If the filters need both versions, two lists are read, and the users in both are returned.
    """
    problems: list[str] = []
    # An unset variable must not turn a search into a list of all users.
    problems += [
        Problem(
            f"filters.{name} is empty. Specify a value, or omit it. Check for an unset variable.", "blank_value",
            option=f"filters.{name}",
        )
        for name, value in filters.items()
        if value in ("", [], {})
    ]
    require(problems)
    both = {name: filters[name] for name in _TEXTS if name in filters}
    both.update(
        {name: number for name in ("directory_id",) if (number := _number(filters, name, problems)) is not None}
    )
    times = {name: _moment(filters, name, problems) for name in _TIMES if name in filters}
    fields, sort = _fields(users, filters, problems), _sort(users, filters, problems)
    second = _second(users, filters, problems)
    second.update({name: value for name, value in times.items() if name not in _TIMES_V1})
    first: dict[str, t.Any] = {name: filters[name] for name in _ONLY_V1 if name in filters}
    if filters.get("limit") is not None and filters["limit"] < 1:
        problems.append(
            Problem(f"filters.limit is {filters['limit']}. Specify 1 or more.", "invalid_value", option="filters.limit")
        )
    if filters.get("role") is not None:
        roles = users.connection.roles()
        first["role_id"] = roles.identify(filters["role"], "filters", problems, "filters.role", absent=True)
    require(problems)
    most = filters.get("limit")
    rows = _read(users, both, first, second, times, {"sort": sort}, fields, most)
    return users.listed(rows)[:most]


def _read(
    users: Users,
    both: Params,
    first: Params,
    second: Params,
    times: Params,
    order: Params,
    fields: list[str],
    most: int | None,
) -> list[Row]:
    """Return the rows of one list, or those that are in both lists.

    Only as many rows are read as ``most`` requires.
    """
    since = {_TIMES_V1[name]: value for name, value in times.items() if name in _TIMES_V1}
    if not second:
        query = {**both, **first, **since, **order, "fields": _wire(fields, users.connection.bare)}
        return users.connection.rows("list_users", "users", query, most)
    created = {name: value for name, value in times.items() if name in _TIMES_V1}
    query = {**both, **second, **created, **order, "fields": _wire(fields, True)}
    rows = users.connection.rows("list_users2", "users", query, None if first else most)
    if not first:
        return rows
    matching = {
        number_text(row["id"]) for row in users.connection.rows("list_users", "users", {**both, **first, **since})
    }
    return [row for row in rows if number_text(row["id"]) in matching]


def _second(users: Users, filters: Params, problems: list[str]) -> dict[str, t.Any]:
    """Return the filters that only version 2 supports, except times."""
    query: dict[str, t.Any] = {}
    number = _number(filters, "app_id", problems)
    if number is not None:
        query["app_id"] = number
    identities = filters.get("user_ids")
    if identities is not None:
        wrong = [identity for identity in identities if not is_number(identity)]
        for identity in wrong:
            problems.append(
                Problem(
                    f"filters.user_ids: {identity!r} is not an id; OneLogin ids are numbers.", "invalid_value",
                    option="filters.user_ids",
                )
            )
        if len(identities) > _MOST_IDS:
            text = f"filters.user_ids contains {len(identities)} ids; one list accepts {_MOST_IDS}. Split it."
            problems.append(Problem(text, "invalid_value", option="filters.user_ids"))
        if not wrong:
            query["user_ids"] = ",".join(map(number_text, identities))
    attributes = filters.get("custom_attributes") or {}
    if attributes:
        problems += users.unknown_attributes(
            Desired("filters"), {str(name): f"filters.custom_attributes.{name}" for name in attributes}
        )
        for name, value in attributes.items():
            if value is None or isinstance(value, (bool, float, dict, list)) or str(value) == "":
                text = f"filters.custom_attributes.{name} is {described(value)}. Specify text in quotes, not empty."
                problems.append(Problem(text, "unquoted_value", option=f"filters.custom_attributes.{name}"))
            query[f"custom_attributes.{name}"] = str(value)
    return query


def _number(filters: Params, name: str, problems: list[str]) -> str | None:
    value = filters.get(name)
    if value is None:
        return None
    if not is_number(value):
        problems.append(
            Problem(
                f"filters.{name} is {value!r}; OneLogin ids are numbers.", "invalid_value", option=f"filters.{name}"
            )
        )
        return None
    return number_text(value)


def _moment(filters: Params, name: str, problems: list[str]) -> str:
    """Return a time in the only documented form, in UTC."""
    when = moment(filters[name])
    if when is None:
        text = f"filters.{name} is {filters[name]!r}, not a time. Specify one such as 2026-01-31T12:00:00Z, or a date."
        problems.append(Problem(text, "invalid_value", option=f"filters.{name}"))
        return ""
    return when.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"


def _known(users: Users) -> list[str]:
    return ["id", *(field.name for field in users.schema.fields if field.readable)]


def _sort(users: Users, filters: Params, problems: list[str]) -> str | None:
    text = filters.get("sort")
    if text is None:
        return None
    match = re.fullmatch(r"\s*([+-]?)\s*(\w+)\s*", text)
    field = match.group(2) if match else ""
    if match is None or field not in _known(users) or field in ("enabled", "locked"):
        problems.append(
            Problem(
                f"filters.sort is {text!r}. Specify a field that OneLogin stores; a leading - reverses the order, "
                "such as -last_login.",
                "invalid_value",
                option="filters.sort",
            )
        )
        return None
    return (match.group(1) or "+") + _names(field)[0]


def _fields(users: Users, filters: Params, problems: list[str]) -> list[str]:
    names = filters.get("fields")
    if names is None:
        return []
    known = _known(users)
    for name in names:
        if name not in known:
            text = f"filters.fields: a user has no field {name!r}. Use some of: {', '.join(known)}."
            problems.append(Problem(text, "invalid_value", option="filters.fields"))
    return list(dict.fromkeys(["id", users.schema.key, *names]))


def _names(field: str) -> list[str]:
    """Return the fields of the API that make up a field of this collection."""
    return {"user_state": ["state"], "enabled": ["state", "status"], "locked": ["status", "locked_until"]}.get(
        field, [field]
    )


def _wire(fields: list[str], bare: bool) -> str | None:
    """Return the names of fields for the query, None for all."""
    names = [name for field in fields for name in _names(field)]
    renamed = ["preferred_locale_code" if bare and name == "locale_code" else name for name in names]
    return ",".join(dict.fromkeys(renamed)) or None
