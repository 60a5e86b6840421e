# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists: filter, search as in SQL, sort, and pages by an offset."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from ...web import Answer, Call, Refused, json_answer
from .auth import whole

if TYPE_CHECKING:
    from . import NextAuth

Item = TypeVar("Item")


def like(provider: NextAuth, text: str) -> Callable[[str], bool]:
    """``LIKE '%text%'``: percent and underscore of the text are wildcards too, unless the option says otherwise."""
    options = provider.options
    if options.like_wildcards:
        pattern = "".join({"%": ".*", "_": "."}.get(char) or re.escape(char) for char in text)
    else:
        pattern = re.escape(text)
    flags = re.DOTALL if options.like_case == "sensitive" else re.DOTALL | re.IGNORECASE
    search = re.compile(pattern, flags).search
    return lambda value: search(value) is not None


def filter_test(call: Call) -> tuple[str, set[str]] | None:
    """``name=value`` or ``name=in:v1,v2`` as the name and the values that fit. Raises Refused 400."""
    text = call.args.get("filter")
    if text is None:
        return None
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise Refused(400, "filter must be attribute=value or attribute=in:value,value")
    return name, set(value[3:].split(",")) if value.startswith("in:") else {value}


def ordered(call: Call, items: Sequence[Item], columns: Mapping[str, Callable[[Item], Any]]) -> Sequence[Item]:
    """``sort=column:asc,column:desc``. Raises Refused 400."""
    text = call.args.get("sort")
    if text is None:
        return items
    rows = list(items)
    for term in reversed(text.split(",")):
        name, _colon, direction = term.partition(":")
        if name not in columns or direction not in ("", "asc", "desc"):
            raise Refused(400, "sort must be column[:asc|:desc] with columns of the list")
        rows.sort(key=columns[name], reverse=direction == "desc")
    return rows


def page(
    provider: NextAuth, call: Call, name: str, items: Sequence[Item], render: Callable[[Item], dict[str, Any]]
) -> Answer:
    """``{name: [...], totalnumber: n}`` from ``marker`` on, at most ``limit`` rows."""
    options = provider.options
    limit = min(whole(call, "limit", options.default_limit, 1), options.max_limit)
    marker = whole(call, "marker", 0, 0)
    if options.unsorted == "changing" and "sort" not in call.args:
        # Every other request goes through the table from its other end.
        provider.turn = not provider.turn
        items = items[::-1] if provider.turn else items
    value: dict[str, Any] = {name: [render(item) for item in items[marker:marker + limit]]}
    if options.totalnumber == "present":
        value["totalnumber"] = len(items)
    return json_answer(200, value)
