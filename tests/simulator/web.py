# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP interface of a provider: the call, the answer, the refusal."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from .provider import Operation

JSON_TYPE = "application/json; charset=utf-8"
MAX_DEPTH = 100
_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_SQUARE = bytes.maketrans(b"{}", b"[]")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def dumps(value: Any) -> bytes:
    return _encode(value).encode("utf-8")


def is_a(value: Any, kind: type | tuple[type, ...]) -> bool:
    """Return whether a JSON value is of that type itself. Unlike in Python, a boolean is no number."""
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def whole_number(text: str, least: int = 0, digits: int = 9) -> int | None:
    """Return a number from its decimal digits; None for another text, and for a number that is too small or long."""
    if not text.isascii() or not text.isdigit() or len(text) > digits or int(text) < least:
        return None
    return int(text)


def basic_credentials(header: str) -> tuple[str, str] | None:
    """Return name and password from an Authorization header; None if it is not valid HTTP Basic."""
    scheme, _space, rest = header.strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _colon, password = base64.b64decode(rest.strip(), validate=True).decode("utf-8").partition(":")
    except ValueError:  # not base64, or not UTF-8
        return None
    return name, password


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _is_deep(raw: bytes) -> bool:
    """Return whether arrays and objects of a JSON text are nested more than MAX_DEPTH levels deep.

    Each round removes the innermost level.
    """
    brackets = _TEXTS.sub(b"", raw).translate(_SQUARE, _NO_BRACKETS)
    for _level in range(MAX_DEPTH):
        rest = brackets.replace(b"[]", b"")
        if len(rest) == len(brackets):
            return len(rest) > MAX_DEPTH  # nothing is left, or the text is not JSON
        brackets = rest
    return bool(brackets)


def loads(raw: bytes) -> Any:
    """Parse JSON strictly. Raises ValueError.

    NaN, Infinity and more than MAX_DEPTH levels are errors, as in real parsers.
    """
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and _is_deep(raw):
        raise ValueError("nested too deeply")
    return json.loads(raw.decode("utf-8"), parse_constant=_no_constant)


@dataclass
class Answer:
    """One HTTP answer. ``content_type`` None sends no such header (204, or 200 without a body)."""

    status: int
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)
    content_type: str | None = None


def json_answer(status: int, value: Any, headers: Sequence[tuple[str, str]] = ()) -> Answer:
    return Answer(status, dumps(value), list(headers), JSON_TYPE)


class Refused(Exception):
    """A request that the provider refuses. The provider's ``error`` method turns it into an answer.

    ``attribute`` names the invalid field; ``errors`` is a list of texts if there are several; ``style`` lets a
    provider with more than one error shape choose.
    """

    def __init__(
        self,
        status: int,
        text: str = "",
        *,
        attribute: str | None = None,
        errors: Sequence[str] = (),
        style: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.attribute = attribute
        self.errors = list(errors)
        self.style = style
        self.headers = list(headers)


@dataclass(slots=True)
class Call:
    """One request to a provider.

    ``raw_path`` has no provider prefix and is still percent-encoded; ``params`` are the decoded path parameters;
    ``query`` is the decoded query as a list of pairs; ``headers`` has lower-case names. ``arrived`` is when the request
    came in, ``now`` when it is handled, after any latency.
    """

    method: str
    raw_path: str
    raw_query: str
    headers: dict[str, str]
    body: bytes
    now: float
    base_url: str
    operation: Operation | None = None
    params: dict[str, str] = field(default_factory=dict)
    query: list[tuple[str, str]] = field(init=False)
    args: dict[str, str] = field(init=False)
    arrived: float = field(init=False)

    def __post_init__(self) -> None:
        self.query = parse_qsl(self.raw_query, keep_blank_values=True)
        self.args = dict(self.query)
        self.arrived = self.now

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").split(";", 1)[0].strip().lower()

    def json(self, *, optional: bool = False) -> Any:
        """Return the body as JSON. Raises Refused 400 for another content type, invalid JSON, or no body.

        With ``optional``, return None if there is no body.
        """
        if not self.body:
            if optional:
                return None
            raise Refused(400, "The request body is missing")
        if self.content_type != "application/json":
            raise Refused(400, "The content type must be application/json")
        try:
            return loads(self.body)
        except ValueError:
            raise Refused(400, "The request body is not valid JSON") from None

    def json_object(self, *, optional: bool = False) -> dict[str, Any]:
        value = self.json(optional=optional)
        if value is None and optional:
            return {}
        if not isinstance(value, dict):
            raise Refused(400, "The request body must be a JSON object")
        return value

    def form(self) -> dict[str, str]:
        """Return the body as form fields. Raises Refused 400 for another content type or an invalid form."""
        if self.content_type != "application/x-www-form-urlencoded":
            raise Refused(400, "The content type must be application/x-www-form-urlencoded")
        try:
            pairs = parse_qsl(self.body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(self.body))
        except ValueError:
            raise Refused(400, "The form cannot be read") from None
        fields = dict(pairs)
        if len(fields) != len(pairs):
            raise Refused(400, "A form field is given twice")
        return fields
