# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an API call is, what an answer is, and how a provider reads its own answers."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from .errors import UnclearAnswer, UnreadableAnswer

Json = t.Any
Query = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Operation:
    """One call of an API.

    ``path`` is a template; its parameters are percent-encoded as one segment each. ``title`` completes "Could not ...".
    ``repeatable`` says whether a second sending does no harm; by default GET, PUT and DELETE are, as HTTP has it.
    ``absent`` are the statuses that mean "there is no such thing" rather than a failure.
    ``reads`` is the form of the body: json, text or none (whatever comes is ignored). ``effect`` is False for a search
    that is sent by POST. ``secret`` is True where the answer holds one: it is then never quoted.
    """

    name: str
    method: str
    path: str
    title: str
    repeatable: bool | None = None
    absent: tuple[int, ...] = ()
    reads: str = "json"
    effect: bool = True
    secret: bool = False

    @property
    def safe(self) -> bool:
        """Return whether the call may be sent again when its answer was lost."""
        if self.repeatable is not None:
            return self.repeatable
        return self.method in ("GET", "HEAD", "PUT", "DELETE") or not self.effect

    @property
    def is_read(self) -> bool:
        """Return whether the call changes nothing."""
        return self.method in ("GET", "HEAD") or not self.effect

    def target(self, parameters: t.Mapping[str, t.Any] | None, query: Query | None) -> str:
        """Return path and query, encoded. A list in the query repeats its name, None leaves it out."""
        segments = []
        for segment in self.path.split("/"):
            if segment.startswith("{") and segment.endswith("}"):
                segment = encode_segment(str((parameters or {})[segment[1:-1]]))
            segments.append(segment)
        target = "/".join(segments)
        pairs = [(name, value) for name, value in (query or {}).items() if value is not None]
        if pairs:
            target += "?" + urlencode(
                [(name, _query_text(value)) for name, value in pairs], quote_via=quote, safe="", doseq=True
            )
        return target


def _query_text(value: t.Any) -> t.Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def encode_segment(text: str) -> str:
    """Percent-encode a text as one path segment, so that ``/``, ``+``, ``%`` and ``..`` in a name stay in the name."""
    if text.strip(".") == "":
        return "%2E" * len(text)
    return quote(text, safe="")


@dataclass
class Answer:
    """An answer of a server. ``headers`` has case-insensitive names; ``text`` is the decoded body."""

    operation: Operation
    status: int
    headers: t.Mapping[str, str]
    text: str
    request_id: str | None = None
    absent: bool = False
    _parsed: list[Json] = field(default_factory=list)

    @property
    def body(self) -> Json:
        """Return the parsed JSON body, None for an empty one.

        Raises UnreadableAnswer, or UnclearAnswer where the request may have had an effect that must be read again.
        """
        if not self._parsed:
            if not self.text.strip():
                self._parsed.append(None)
            else:
                try:
                    self._parsed.append(json.loads(self.text))
                except ValueError:
                    raise self.unreadable("it is not JSON") from None
        return self._parsed[0]

    def parse(self) -> None:
        """Read the body now. Raises what ``body`` raises."""
        _body = self.body

    def unreadable(self, why: str) -> Exception:
        """Return the error for an answer that is not what the API promises."""
        kind = (self.headers.get("Content-Type") or "no content type").split(";")[0]
        begin = " ".join(self.text[:120].split())
        quoted = "" if self.operation.secret else f" It begins with: {begin!r}."
        error = UnreadableAnswer if self.operation.safe else UnclearAnswer
        return error(
            f"The answer to {self.operation.name} ({self.status}, {kind}) cannot be used: {why}.{quoted}",
            "Check that api_url points to the API itself, not to a sign-in page or a proxy.",
        )


class AnswerReader:
    """How a provider says things. Every method has the usual behaviour; a provider overrides what differs."""

    request_id_header: str | None = None

    def status_of(self, answer: Answer) -> int:
        """Return the true status, for servers that hide an error in a 200."""
        return answer.status

    def message_of(self, answer: Answer) -> str:
        """Return the server's own words from an error body of any form, as one line."""
        text = answer.text.strip()
        if not text:
            return ""
        try:
            body = json.loads(text)
        except ValueError:
            if text.startswith("<"):
                return "an HTML page instead of an API answer"
            return " ".join(text[:300].split())
        return one_line(body)

    def hint_for(self, operation: Operation, status: int, message: str) -> str:
        """Return what to do about an error."""
        hints = {
            400: "Check the values given for this user.",
            401: "Check the credentials and that they have not expired.",
            402: "The plan of this account does not include it.",
            403: "Give the credentials the permission for it.",
            404: "Check api_url and the id.",
            409: "Something with this name exists already: read it again and compare.",
            422: "Check the values given for this user.",
            429: "Run it again later, or lower max_concurrency.",
        }
        if status >= 500:
            return "The fault is on the server's side: run it again later; what was done is not repeated."
        return hints.get(status, "")

    def token_expired(self, answer: Answer) -> bool:
        """Return whether a new token may make the same request succeed."""
        return answer.status == 401

    def budget(self, headers: t.Mapping[str, str]) -> tuple[int | None, int | None, float | None]:
        """Return (limit, remaining, seconds to the reset) from the rate-limit headers, each None where absent."""
        reset = _number(headers.get("X-RateLimit-Reset"))
        return _integer(headers.get("X-RateLimit-Limit")), _integer(headers.get("X-RateLimit-Remaining")), reset


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _integer(text: str | None) -> int | None:
    number = _number(text)
    return None if number is None else int(number)


def one_line(body: Json) -> str:
    """Return the words of an error body: a text, or the texts under the usual names, wherever they are nested."""
    if body is None:
        return ""
    if isinstance(body, (str, int, float)):
        return " ".join(str(body)[:500].split())
    if isinstance(body, list):
        return "; ".join(part for part in map(one_line, body[:10]) if part)
    texts = []
    for name in ("error_description", "message", "description", "detail", "details", "error", "errors", "_embedded", "status"):
        value = body.get(name)
        if value in (None, "", True, False) or isinstance(value, (int, float)):
            continue
        text = one_line(value)
        if text and text not in texts:
            texts.append(text)
    for name in ("attribute", "field", "path"):
        value = body.get(name)
        if isinstance(value, str) and value and texts:
            texts[0] = f"{value}: {texts[0]}"
            break
    return ": ".join(texts) if texts else " ".join(json.dumps(body)[:300].split())
