# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paging of OneLogin's lists: cursors in the body (v1), cursors or pages in headers (v2 and the bare form)."""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from zlib import crc32

from ...web import Call, Refused, dumps, loads

USERS_LIMIT = 50
ROLES_LIMIT_V2 = 650
BAD_CURSOR = "Invalid pagination cursor"
BOTH_TEXT = "Requests can only have cursor xor pagination arguments"


@dataclass
class Page:
    """A stretch of a list. ``start`` counts from 0; ``limit`` is the page size in force."""

    ids: Sequence[int]
    start: int
    limit: int
    total: int

    @property
    def more(self) -> bool:
        return self.start + len(self.ids) < self.total


def _encode(value: list[Any]) -> str:
    raw = dumps(value)
    return base64.urlsafe_b64encode(b"%08x" % crc32(raw) + raw).decode("ascii").rstrip("=")


def _decode(cursor: str, style: str | None) -> list[Any]:
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        if raw[:8] == b"%08x" % crc32(raw[8:]):
            value: list[Any] = loads(raw[8:])
            return value
    except (ValueError, binascii.Error):
        pass
    raise Refused(400, BAD_CURSOR if style == "status" else "Cursor is invalid", attribute="cursor", style=style)


def whole(args: dict[str, str], name: str, default: int, most: int) -> int:
    """A positive whole number of the query; larger ones than ``most`` are taken as that. Raises Refused 400."""
    text = args.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise Refused(400, "must be a positive integer", attribute=name)
    return min(int(text), most)


def _digest(kind: str, args: dict[str, str]) -> str:
    """Ties a cursor to its list: the next page is the same query with the cursor added."""
    rest = sorted(
        (name, value)
        for name, value in args.items()
        if name not in ("after_cursor", "before_cursor", "cursor", "limit", "page", "fields")
    )
    return f"{crc32(dumps([kind, rest])):08x}"


def _position(ids: Sequence[int], item: int, offset: int, ordered: bool, after: bool) -> int:
    """Index of the first element after ``item`` (or of ``item`` itself), also when that was deleted meanwhile."""
    if ordered:
        return bisect_right(ids, item) if after else bisect_left(ids, item)
    try:
        return ids.index(item) + (1 if after else 0)
    except ValueError:
        return min(offset, len(ids))


def v1_page(call: Call, kind: str, ids: Sequence[int], *, ordered: bool = True) -> tuple[Page, dict[str, Any]]:
    """The page of a v1 list and its ``pagination`` block.

    ``ordered``: the ids ascend, so positions are found quickly.
    """
    args = call.args
    limit = whole(args, "limit", USERS_LIMIT, USERS_LIMIT)
    digest = _digest(kind, args)
    start = 0
    if "after_cursor" in args and "before_cursor" in args:
        raise Refused(400, "after_cursor and before_cursor exclude each other")
    for name in ("after_cursor", "before_cursor"):
        if name in args:
            sent = _decode(args[name], None)
            if sent[:2] != [digest, name]:
                raise Refused(400, "Cursor is invalid")
            start = _position(ids, sent[2], sent[3], ordered, after=name == "after_cursor")
            if name == "before_cursor":
                start = max(0, start - limit)
    page = Page(ids[start:start + limit], start, limit, len(ids))
    after = _encode([digest, "after_cursor", page.ids[-1], start + len(page.ids)]) if page.more and page.ids else None
    before = _encode([digest, "before_cursor", page.ids[0], start]) if start and page.ids else None

    def link(name: str, cursor: str | None) -> str | None:
        if cursor is None:
            return None
        rest = [(key, value) for key, value in call.query if key not in ("after_cursor", "before_cursor")]
        return f"{call.base_url}{call.raw_path}?{urlencode([*rest, (name, cursor)])}"

    pagination = {
        "before_cursor": before,
        "after_cursor": after,
        "previous_link": link("before_cursor", before),
        "next_link": link("after_cursor", after),
    }
    return page, pagination


def header_page(
    call: Call, kind: str, ids: Sequence[int], most: int, *, ordered: bool = True
) -> tuple[Page, list[tuple[str, str]]]:
    """The page of a v2 (or bare) list and its headers. A cursor holds its page size, for it excludes ``limit``."""
    args = call.args
    digest = _digest(kind, args)
    if "cursor" in args:
        if "limit" in args or "page" in args:
            raise Refused(400, BOTH_TEXT, style="status")
        sent = _decode(args["cursor"], "status")
        if sent[0] != digest:
            raise Refused(400, BAD_CURSOR, style="status")
        limit, start = sent[1], _position(ids, sent[2], sent[3], ordered, after=sent[4])
        if not sent[4]:
            start = max(0, start - limit)
    else:
        limit = whole(args, "limit", USERS_LIMIT, most)
        start = (whole(args, "page", 1, 10**9) - 1) * limit
    page = Page(ids[start:start + limit], start, limit, len(ids))
    number = start // limit + 1
    pages = max(1, -(-page.total // limit))
    headers = [
        ("Current-Page", str(number)),
        ("Page-Items", str(limit)),
        ("Total-Count", str(page.total)),
        ("Total-Pages", str(pages)),
    ]
    rest = [(key, value) for key, value in call.query if key not in ("cursor", "page", "limit")]
    steps = {"first": 1, "prev": number - 1, "next": number + 1, "last": pages}
    links = [
        f'<{call.base_url}{call.raw_path}?{urlencode([*rest, ("limit", limit), ("page", step)])}>; rel="{name}"'
        for name, step in steps.items()
        if 1 <= step <= pages
    ]
    headers.append(("Link", ", ".join(links)))
    if page.ids and start:
        headers.append(("Before-Cursor", _encode([digest, limit, page.ids[0], start, False])))
    if page.ids and page.more:
        headers.append(("After-Cursor", _encode([digest, limit, page.ids[-1], start + len(page.ids), True])))
    return page, headers
