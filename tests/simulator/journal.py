# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request log and the record file."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import IO, Any

from .masking import COMMON_HEADERS, COMMON_NAMES, MASK, mask_body, mask_headers, mask_query, mask_value
from .provider import Provider
from .web import Answer, Call, dumps, loads

# Enough for the largest benchmark; older entries fall out so that a long demo does not eat the memory.
KEEP = 200_000


@dataclass(slots=True)
class Entry:
    """One request. It is masked only when the log is read, because masking can cost more than the handler."""

    n: int
    provider: Provider
    call: Call
    status: int | None = None
    fault: str | None = None

    @property
    def secret_names(self) -> frozenset[str]:
        return COMMON_NAMES | {name.lower() for name in self.provider.secret_names}

    def as_json(self) -> dict[str, Any]:
        """``{n, provider, operation, kind, method, path, query, status, body, at, fault}``; status None: no answer."""
        call, names = self.call, self.secret_names
        return {
            "n": self.n,
            "provider": self.provider.name,
            "operation": call.operation.id if call.operation else None,
            "kind": call.operation.kind if call.operation else None,
            "method": call.method,
            "path": f"/{self.provider.name}{call.raw_path}",
            "query": mask_query(call.raw_query, names),
            "status": self.status,
            "body": mask_body(call.body, call.content_type, names),
            "at": round(call.now, 3),
            "fault": self.fault,
        }


class Journal:
    """The latest requests to providers (at most KEEP), and the optional record file."""

    def __init__(self, record: IO[bytes] | None = None) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEEP)
        self.last = 0
        self._record = record

    def open_entry(self, provider: Provider, call: Call) -> Entry:
        self.last += 1
        entry = Entry(self.last, provider, call)
        self._entries.append(entry)
        return entry

    def clear(self) -> None:
        """Remove all entries. The numbering continues, so that a client's ``since`` stays valid."""
        self._entries.clear()

    def entries(self, since: int = 0, provider: str | None = None) -> list[dict[str, Any]]:
        """Return the entries with a number above ``since``, oldest first."""
        selected: list[Entry] = []
        for entry in reversed(self._entries):
            if entry.n <= since:
                break
            if provider is None or entry.provider.name == provider:
                selected.append(entry)
        return [entry.as_json() for entry in reversed(selected)]

    def record(self, entry: Entry, answer: Answer | None) -> None:
        """Write one exchange as a JSON line; ``answer`` None: the client got no answer (a drop or a hang)."""
        if self._record is None:
            return
        call, names = entry.call, entry.secret_names
        header_names = COMMON_HEADERS | entry.provider.secret_headers
        line: dict[str, Any] = {
            "n": entry.n,
            "provider": entry.provider.name,
            "operation": call.operation.id if call.operation else None,
            "method": call.method,
            "path": call.raw_path,
            "query": mask_query(call.raw_query, names),
            "request_headers": mask_headers(call.headers.items(), header_names),
            "request_body": _masked_text(call.body, call.content_type, names),
            "fault": entry.fault,
            "status": None,
        }
        if answer is not None:
            content_type = answer.content_type or ""
            headers = list(answer.headers)
            if content_type:
                headers.append(("content-type", content_type))
            line.update(
                status=answer.status,
                response_headers=mask_headers(headers, header_names),
                response_body=_masked_text(answer.body, content_type, names),
            )
        self._record.write(dumps(line) + b"\n")
        self._record.flush()


def _may_hold(text: str, names: frozenset[str]) -> bool:
    """Return whether a JSON text may have a key with a secret name. An escape sequence may hide one."""
    low = text.lower()
    return "\\u" in low or any(f'"{name}"' in low for name in names)


def _masked_text(raw: bytes, content_type: str, names: frozenset[str]) -> str:
    """Return a body as text in its own format, with the secrets replaced."""
    if not raw:
        return ""
    if "x-www-form-urlencoded" in content_type:
        return mask_query(raw.decode("utf-8", "replace"), names)
    try:
        value = loads(raw)
        text = raw.decode("utf-8")
        if not _may_hold(text, names):
            return text  # without a secret, a long list is not serialized again
        return dumps(mask_value(value, names)).decode("utf-8")
    except ValueError:
        # Not JSON, or truncated: a secret may be anywhere, so the text is discarded.
        return f"{MASK} ({len(raw)} bytes that are not JSON)"
