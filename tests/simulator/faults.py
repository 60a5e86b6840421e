# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults: what goes wrong between a client and a provider, armed by tests through ``POST /_sim/faults``."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any

from .kinds import is_a
from .web import JSON_TYPE, Answer, Call, dumps

HTML_PAGE = b"<!DOCTYPE html>\n<html><head><title>Gateway</title></head><body><h1>The service cannot be reached</h1></body></html>\n"
DROPS = (None, "before", "after")
TRUNCATES = (None, "length", "json")
_KINDS = ("drop", "truncate", "repeat_page", "redirect", "html", "status", "body", "advance", "delay")


@dataclass
class Fault:
    """Which requests it hits (``provider`` to ``count``), and what happens to them (the rest).

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
    html: bool = False
    redirect: str | None = None
    advance: float = 0.0
    delay: float = 0.0
    drop: str | None = None
    truncate: str | None = None
    repeat_page: bool = False
    effect: bool = False
    seen: int = 0
    used: int = 0

    @classmethod
    def parse(cls, raw: Any) -> Fault:
        """A fault from JSON. Raises ValueError or TypeError that says what is wrong with it."""
        if not isinstance(raw, dict):
            raise TypeError("a fault must be an object")
        known = {item.name for item in fields(cls)} - {"seen", "used"}
        unknown = sorted(set(raw) - known)
        if unknown:
            raise ValueError(f"unknown fault keys {unknown}; known: {sorted(known)}")
        fault = cls(**raw)
        if fault.drop not in DROPS or fault.truncate not in TRUNCATES:
            raise ValueError("drop must be before or after, truncate must be length or json")
        for name, wanted in (("nth", int), ("count", int), ("headers", dict), ("html", bool), ("repeat_page", bool), ("effect", bool)):
            if not is_a(getattr(fault, name), wanted):
                raise ValueError(f"{name} must be {wanted.__name__}")
        if fault.nth < 1 or fault.count < 0:
            raise ValueError("nth starts at 1, count at 0")
        if fault.status is not None and (not is_a(fault.status, int) or not 200 <= fault.status <= 599):
            raise ValueError("status must be an HTTP status from 200 to 599")
        for name in ("advance", "delay"):
            if not is_a(getattr(fault, name), (int, float)) or getattr(fault, name) < 0:
                raise ValueError(f"{name} must be a number of seconds")
        if fault.kind == "none":
            raise ValueError(f"a fault must say what happens: one of {', '.join(_KINDS)}")
        return fault

    @property
    def kind(self) -> str:
        """The first thing that happens, for the log."""
        return next((name for name in _KINDS if getattr(self, name) not in (None, False, 0, 0.0)), "none")

    @property
    def replaces(self) -> bool:
        """True when the answer is not the provider's own."""
        return self.status is not None or self.html or self.redirect is not None or self.body is not None

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
        """The answer that replaces the provider's own."""
        headers = [(str(name), str(value)) for name, value in self.headers.items()]
        content_type = next((value for name, value in headers if name.lower() == "content-type"), None)
        headers = [pair for pair in headers if pair[0].lower() != "content-type"]
        if self.redirect is not None:
            return Answer(self.status or 302, b"", [*headers, ("Location", self.redirect)])
        if self.html:
            return Answer(self.status or 502, HTML_PAGE, headers, content_type or "text/html; charset=utf-8")
        if isinstance(self.body, str):
            return Answer(self.status or 200, self.body.encode("utf-8"), headers, content_type or "text/plain; charset=utf-8")
        if self.body is None:
            return Answer(self.status or 200, b"", headers, content_type)
        return Answer(self.status or 200, dumps(self.body), headers, content_type or JSON_TYPE)


class FaultBook:
    """The armed faults, in the order in which they came."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def add(self, raw: Any) -> None:
        """Arm a list of faults: all of them or, when ValueError or TypeError is raised, none."""
        if not isinstance(raw, list):
            raise TypeError("faults must be a list")
        self.faults.extend([Fault.parse(item) for item in raw])

    def clear(self) -> None:
        self.faults.clear()

    def take(self, provider: str, call: Call) -> Fault | None:
        """The fault that hits this request. Each matching fault counts it, the first that is due is used."""
        chosen = None
        for fault in self.faults:
            if not fault.matches(provider, call):
                continue
            fault.seen += 1
            if chosen is None and fault.seen >= fault.nth and (not fault.count or fault.used < fault.count):
                fault.used += 1
                chosen = fault
        return chosen
