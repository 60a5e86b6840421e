# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The envelope of every answer, pages, filters and checks of bodies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from ...web import JSON_TYPE, Answer, Call, Refused, dumps, is_a, json_answer, whole_number

if TYPE_CHECKING:
    from . import Contabo

Item = TypeVar("Item")


def single(status: int, value: dict[str, Any], self_path: str) -> Answer:
    """One object, in an array all the same."""
    return json_answer(status, {"data": [value], "_links": {"self": self_path}})


def links_only(self_path: str) -> Answer:
    return json_answer(200, {"_links": {"self": self_path}})


def number(args: dict[str, str], name: str, default: int) -> int:
    """A positive whole number of the query. Raises Refused 400."""
    value = whole_number(args[name], 1) if name in args else default
    if value is None:
        raise Refused(400, errors=[f"{name} must be a positive integer number"])
    return value


def boolean(args: dict[str, str], name: str) -> bool | None:
    text = args.get(name)
    if text not in (None, "true", "false"):
        raise Refused(400, errors=[f"{name} must be a boolean value"])
    return None if text is None else text == "true"


def ordered(call: Call, items: Sequence[Item], keys: Mapping[str, Callable[[Item], Any]]) -> list[Item]:
    """``orderBy=field:ASC``, several of them with commas or repeated. Raises Refused 400."""
    rows = list(items)
    terms = [term for name, value in call.query if name == "orderBy" for term in value.split(",")]
    for term in reversed(terms):
        name, _colon, direction = term.partition(":")
        if name not in keys or direction.upper() not in ("", "ASC", "DESC"):
            raise Refused(400, errors=["orderBy must be a list of field:ASC or field:DESC"])
        rows.sort(key=keys[name], reverse=direction.upper() == "DESC")
    return rows


def listed(
    provider: Contabo,
    call: Call,
    items: Sequence[Item],
    render: Callable[[Item], bytes],
    *,
    filtered: bool,
    paged: bool = True,
) -> Answer:
    """A page of a list. Without any result it may be a 404, as the option ``empty_list`` says."""
    options, args = provider.options, call.args
    page, size = number(args, "page", 1), number(args, "size", options.default_size)
    if size > options.max_size:
        if options.size_over == "refused":
            raise Refused(400, errors=[f"size must not be greater than {options.max_size}"])
        size = options.max_size
    if not items and (options.empty_list == "404" or (filtered and options.empty_list == "404_when_filtered")):
        raise Refused(404, "No results")
    pages = max(1, -(-len(items) // size))
    rest = [(name, value) for name, value in call.query if name not in ("page", "size")]

    def link(to: int) -> str:
        return f"{call.raw_path}?{urlencode([*rest, ('page', to), ('size', size)])}"

    links = {"first": link(1), "self": link(page), "last": link(pages)}
    if page > 1:
        links["previous"] = link(min(page - 1, pages))
    if page < pages:
        links["next"] = link(page + 1)
    texts = [render(item) for item in items[(page - 1) * size:page * size]]
    body = b'{"data":[' + b",".join(texts) + b'],"_links":' + dumps(links)
    if paged:
        body += b',"_pagination":' + dumps(
            {"page": page, "size": size, "totalElements": len(items), "totalPages": pages}
        )
    return Answer(200, body + b"}", [], JSON_TYPE)


# Bodies ----------------------------------------------------------------------------------------------------------


def check(body: dict[str, Any], rules: Mapping[str, Callable[[Any], str | None]], required: Sequence[str] = ()) -> None:
    """Hold a body against rules, which return what is wrong. Raises Refused 400 with all problems at once."""
    problems = [f"{name} should not be empty" for name in required if name not in body]
    for name, value in body.items():
        if name not in rules:
            problems.append(f"property {name} should not exist")
        elif (problem := rules[name](value)) is not None:
            problems.append(f"{name} {problem}")
    if problems:
        raise Refused(400, errors=problems)


def is_text(value: Any) -> str | None:
    return None if isinstance(value, str) and 1 <= len(value) <= 255 else "must be a string with 1 to 255 characters"


def is_boolean(value: Any) -> str | None:
    return None if isinstance(value, bool) else "must be a boolean value"


def is_numbers(value: Any) -> str | None:
    good = isinstance(value, list) and all(is_a(item, int) for item in value)
    return None if good else "must be an array of integer numbers"
