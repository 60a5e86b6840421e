# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists: page and size, sort, the text filter of 1.x and the filters of 1.3 and later."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from ...web import JSON_TYPE, Answer, Call, Refused
from .body import AUTOCOMPLETE, Fields, Invalid, read
from .indexes import Row, Rows

if TYPE_CHECKING:
    from . import Kestra

FILTER = re.compile(r"filters\[(.*?)\]\[(.*?)\](?:\[(.+)\])?")
# All filter fields of the server. Each list supports a few of them.
KNOWN = frozenset((
    "q", "scope", "namespace", "kind", "POLICY_SCOPE", "ENFORCEMENT", "labels", "tags", "metadata", "flowId",
    "flowRevision", "id", "assetId", "type", "action", "created", "updated", "startDate", "endDate", "expirationDate",
    "state", "status", "email", "timeRange", "parentId", "triggerExecutionId", "triggerId", "triggerState",
    "executionId", "taskId", "taskRunId", "attemptNumber", "childFilter", "workerId", "existingOnly", "userId",
    "resources", "details", "level", "path", "parentPath", "version", "enabled", "username", "name", "groupList",
    "external_id", "expired_at", "super_admin", "source", "locked", "lastTriggeredDate", "nextExecutionDate",
    "artifactId",
))
_TESTS: dict[str, Callable[[str, str], bool]] = {
    "EQUALS": lambda own, value: own == value,
    "NOT_EQUALS": lambda own, value: own != value,
    "STARTS_WITH": lambda own, value: own.startswith(value),
    "ENDS_WITH": lambda own, value: own.endswith(value),
    "CONTAINS": lambda own, value: value in own,
    "REGEX": lambda own, value: re.search(value, own) is not None,
    "PREFIX": lambda own, value: own == value or own.startswith(f"{value}."),
}
_LISTS = ("IN", "NOT_IN")
_ORDERS = ("GREATER_THAN", "LESS_THAN", "GREATER_THAN_OR_EQUAL_TO", "LESS_THAN_OR_EQUAL_TO")
OPERATORS = (*_TESTS, *_LISTS, *_ORDERS)

# What a condition leaves of the rows.
Pick = Callable[[list[Row]], list[Row]]


def where(test: Callable[[Row], bool]) -> Pick:
    return lambda rows: [row for row in rows if test(row)]


def _with_text(value: str) -> Pick:
    """The text search: every word occurs somewhere in the row's words, whatever the case."""

    def pick(rows: list[Row]) -> list[Row]:
        for word in value.casefold().split():
            rows = rows.containing(word) if isinstance(rows, Rows) else [row for row in rows if word in row.words]
        return rows

    return pick


def _without_text(value: str) -> Pick:
    def pick(rows: list[Row]) -> list[Row]:
        matches = {id(row) for row in _with_text(value)(rows)}
        return [row for row in rows if id(row) not in matches]

    return pick


def _by_field(field: str, operator: str, value: str) -> Pick:
    if operator in _LISTS:
        # The server decodes the values of a list once more, and drops brackets.
        values = set(re.sub(r"[\[\]]", "", unquote_plus(value)).split(","))
        return where(lambda row: (row.fields[field] in values) is (operator == "IN"))
    if operator == "REGEX":
        try:
            re.compile(value)
        except re.error:
            raise Refused(400, "Invalid query filters: the expression cannot be read") from None
    test = _TESTS[operator]
    return where(lambda row: test(row.fields[field], value))


def _filters(call: Call, fields: tuple[str, ...]) -> list[Pick]:
    """The filters of the query. Raises Refused 400 for what the list does not support; other forms are overlooked."""
    picks: list[Pick] = []
    for name, value in call.args.items():
        match = FILTER.fullmatch(name) if name.startswith("filters[") else None
        if match is None:
            continue
        field, operator = match.group(1), match.group(2)
        if field not in KNOWN or operator not in OPERATORS:
            raise Refused(400, f"Invalid query filters: unknown field or operation in {name}")
        if field not in ("q", *fields) or match.group(3):
            raise Refused(400, f"Invalid query filters: field {field} is not supported for this resource")
        if operator in _ORDERS or (field == "q" and operator not in ("EQUALS", "NOT_EQUALS")):
            raise Refused(400, f"Invalid query filters: operation {operator} is not supported for field {field}")
        if field == "q":
            picks.append(_with_text(value) if operator == "EQUALS" else _without_text(value))
        else:
            picks.append(_by_field(field, operator, value))
    return picks


def _number(call: Call, name: str, default: int, most: int = 2**31 - 1) -> int:
    """A page number or size. Raises Invalid 422."""
    text = call.args.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[-+]?[0-9]{1,10}", text) or int(text) > most:
        raise Invalid([(name, f"{text!r} is not an int")])
    if int(text) < 1:
        raise Invalid([(name, "must be greater than or equal to 1")])
    return int(text)


def _sorts(call: Call, allowed: tuple[str, ...]) -> list[tuple[str, bool]]:
    """``[(field, descending)]``. Raises Refused: 422 for a malformed one, 500 for a column that the tables lack."""
    orders = []
    for text in [part for name, value in call.query if name == "sort" for part in value.split(",")]:
        parts = text.split(":")
        if len(parts) != 2:
            raise Refused(422, "Unprocessable Entity: Invalid sort parameter")
        if parts[0] not in allowed:
            raise Refused(500, f'Internal server error: SQL [select ... order by "{parts[0]}"]; column does not exist')
        orders.append((parts[0], parts[1] != "asc"))
    return orders


def search(
    provider: Kestra,
    call: Call,
    index: str,
    fields: tuple[str, ...] = (),
    sorts: tuple[str, ...] = (),
    picks: tuple[Pick, ...] = (),
    has_q: bool = True,
) -> Answer:
    """One page of an index, such as "users" or "groups {tenant}" with a parameter of the path.

    ``fields`` can be filtered by, ``sorts`` can be sorted by; another column is an error of the server's database.
    ``picks`` are further conditions. ``has_q``: whether the list has the text search of 1.x.
    """
    page = _number(call, "page", 1)
    size = _number(call, "size", provider.options.default_size, most=provider.options.max_size or 2**31 - 1)
    orders = _sorts(call, sorts)
    conditions = list(picks)
    if provider.options.version != "1.0":
        conditions += _filters(call, fields)
    if not provider.is_2 and has_q and call.args.get("q"):
        conditions.append(_with_text(call.args["q"]))
    matches: list[Row] = provider.indexes.search(index.format(**call.params), call.now)
    for condition in conditions:
        matches = condition(matches)
    for field, descending in reversed(orders):
        matches = sorted(matches, key=lambda row, name=field: row.fields[name], reverse=descending)  # type: ignore[misc]
    start = (page - 1) * size
    texts = [row.text(provider.flag) for row in matches[start:start + size]]
    return Answer(
        200, b'{"results":[' + b",".join(texts) + b'],"total":' + str(len(matches)).encode() + b"}", [], JSON_TYPE
    )


def autocomplete(provider: Kestra, call: Call, index: str, schema: Fields | None = None) -> Answer:
    """A bare array: the rows of ``ids`` in any case, then what fits the text."""
    body = read(provider, call, schema or AUTOCOMPLETE)
    requested = list(dict.fromkeys(body.get("ids", ())))
    rows = provider.indexes.search(index.format(**call.params), call.now)
    by_id = {row.value["id"]: row for row in rows}
    others = [row for row in rows if row.value["id"] not in requested]
    if body.get("q"):
        others = _with_text(body["q"])(others)
    if body.get("username"):
        others = [row for row in others if row.fields["username"].casefold() == body["username"].casefold()]
    limit = provider.options.autocomplete_limit
    matches = [by_id[item] for item in requested if item in by_id] + (others[:limit] if limit else others)
    return Answer(200, b"[" + b",".join(row.text(provider.flag) for row in matches) + b"]", [], JSON_TYPE)
