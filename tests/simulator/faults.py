# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults: what goes wrong between a client and a provider, armed by tests through ``POST /_sim/faults``."""

from __future__ import annotations

import base64
import binascii
from dataclasses import asdict, dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any

from .web import JSON_TYPE, Answer, Call, dumps, is_a, loads

HTML_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Gateway</title></head><body><h1>The service cannot be "
    b"reached</h1></body></html>\n"
)
WHEN = (None, "before", "after")
TRUNCATES = (None, "length", "json")
_KINDS = (
    "drop", "hang", "truncate", "repeat_page", "redirect", "html", "status", "body", "base64", "rows", "rows_without",
    "trickle", "advance", "delay", "delay_after",
)
# Where lists of rows are in an answer that is an object.
_LISTS = ("data", "results", "users", "accounts", "rows")


@dataclass
class Fault:
    """A fault: the requests that it matches (``provider`` to ``count``), and what happens to them (the other fields).

    ``nth`` is the first match that is hit (from 1), ``count`` how many are hit from there on (0: all). ``effect``:
    the request is carried out before its answer is replaced; without it a replaced answer means that nothing happened.
    """

    provider: str | None = None
    operation: str | None = None
    method: str | None = None
    path: str | None = None
    nth: int = 1
    count: int = 1
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    base64: str | None = None
    html: bool = False
    redirect: str | None = None
    advance: float = 0.0
    delay: float = 0.0
    delay_after: float = 0.0
    trickle: float = 0.0
    drop: str | None = None
    hang: str | None = None
    rows: dict[str, Any] | None = None
    rows_without: list[str] = field(default_factory=list)
    rows_in: str | None = None
    truncate: str | None = None
    repeat_page: bool = False
    effect: bool = False
    seen: int = 0
    used: int = 0

    @classmethod
    def parse(cls, raw: Any) -> Fault:
        """Return a fault from JSON. Raises ValueError or TypeError if the JSON describes no valid fault."""
        if not isinstance(raw, dict):
            raise TypeError("a fault must be an object")
        known = {item.name for item in fields(cls)} - {"seen", "used"}
        unknown = sorted(set(raw) - known)
        if unknown:
            raise ValueError(f"unknown fault keys {unknown}; known: {sorted(known)}")
        fault = cls(**raw)
        fault._check_types()
        if fault.nth < 1 or fault.count < 0:
            raise ValueError("nth starts at 1, count at 0")
        if fault.status is not None and (not is_a(fault.status, int) or not 200 <= fault.status <= 599):
            raise ValueError("status must be an HTTP status from 200 to 599")
        if fault.kind == "none":
            raise ValueError(f"a fault must say what happens: one of {', '.join(_KINDS)}")
        return fault

    def _check_types(self) -> None:
        """Raise ValueError if a value has a wrong type or is not one of the choices."""
        if self.drop not in WHEN or self.hang not in WHEN or self.truncate not in TRUNCATES:
            raise ValueError("drop and hang must be before or after, truncate must be length or json")
        for name, requested in (
            ("nth", int), ("count", int), ("headers", dict), ("html", bool), ("repeat_page", bool), ("effect", bool),
        ):
            if not is_a(getattr(self, name), requested):
                raise ValueError(f"{name} must be {requested.__name__}")
        for name in ("advance", "delay", "delay_after", "trickle"):
            if not is_a(getattr(self, name), (int, float)) or getattr(self, name) < 0:
                raise ValueError(f"{name} must be a number of seconds")
        if self.rows is not None and not isinstance(self.rows, dict):
            raise ValueError("rows must be an object: the fields that each row gets")
        if not isinstance(self.rows_without, list) or not all(isinstance(name, str) for name in self.rows_without):
            raise ValueError("rows_without must be a list of field names")
        try:
            base64.b64decode(self.base64 or "", validate=True)
        except (binascii.Error, TypeError, ValueError):
            raise ValueError("base64 must be the bytes of a body in base64") from None

    @property
    def kind(self) -> str:
        """Return the name of the first effect, for the log; "none" if the fault has no effect."""
        return next((name for name in _KINDS if getattr(self, name) not in (None, False, 0, 0.0, [])), "none")

    @property
    def replaces(self) -> bool:
        """Return whether the fault replaces the provider's answer."""
        return self.html or any(value is not None for value in (self.status, self.redirect, self.body, self.base64))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def matches(self, provider: str, call: Call) -> bool:
        operation = call.operation.id if call.operation else None
        return (
            (self.provider is None or self.provider == provider)
            and (self.operation is None or self.operation == operation)
            and (self.method is None or self.method.upper() == call.method)
            and (self.path is None or fnmatchcase(call.raw_path, self.path))
        )

    def answer(self) -> Answer:
        """Return the answer that replaces the provider's own."""
        headers = [(str(name), str(value)) for name, value in self.headers.items()]
        content_type = next((value for name, value in headers if name.lower() == "content-type"), None)
        headers = [pair for pair in headers if pair[0].lower() != "content-type"]
        if self.redirect is not None:
            return Answer(self.status or 302, b"", [*headers, ("Location", self.redirect)])
        if self.html:
            return Answer(self.status or 502, HTML_PAGE, headers, content_type or "text/html; charset=utf-8")
        body, default_type = b"", None
        if self.base64 is not None:
            body, default_type = base64.b64decode(self.base64), JSON_TYPE
        elif isinstance(self.body, str):
            body, default_type = self.body.encode("utf-8"), "text/plain; charset=utf-8"
        elif self.body is not None:
            body, default_type = dumps(self.body), JSON_TYPE
        return Answer(self.status or 200, body, headers, content_type or default_type)

    def edited(self, answer: Answer) -> Answer:
        """Return the provider's answer with ``rows`` and ``rows_without`` applied to each row.

        An answer that is not JSON is unchanged.
        """
        if self.rows is None and not self.rows_without:
            return answer
        try:
            value = loads(answer.body)
        except ValueError:
            return answer
        for row in self._rows_of(value):
            for name in self.rows_without:
                row.pop(name, None)
            row.update(self.rows or {})
        return Answer(answer.status, dumps(value), answer.headers, answer.content_type)

    def _rows_of(self, value: Any) -> list[dict[str, Any]]:
        """Return the rows of a list. An object without a list of rows is itself a row."""
        if isinstance(value, dict):
            names = (self.rows_in,) if self.rows_in else _LISTS
            lists = [value[name] for name in names if isinstance(value.get(name), (list, dict))]
            value = lists[0] if lists else value
        rows = value if isinstance(value, list) else [value]
        return [row for row in rows if isinstance(row, dict)]


class FaultBook:
    """The armed faults, in the order in which they were added."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def add(self, raw: Any) -> None:
        """Arm a list of faults. If one is invalid, arm none and raise ValueError or TypeError."""
        if not isinstance(raw, list):
            raise TypeError("faults must be a list")
        self.faults.extend([Fault.parse(item) for item in raw])

    def clear(self) -> None:
        self.faults.clear()

    def take(self, provider: str, call: Call) -> Fault | None:
        """Return the fault for this request, or None. All matching faults count it; the first due one is used."""
        chosen = None
        for fault in self.faults:
            if not fault.matches(provider, call):
                continue
            fault.seen += 1
            if chosen is None and fault.seen >= fault.nth and (not fault.count or fault.used < fault.count):
                fault.used += 1
                chosen = fault
        return chosen
