# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""API calls (Operation), answers (Answer), and how a provider interprets its own answers (AnswerReader)."""

from __future__ import annotations

import functools
import json
import math
import re
import typing as t
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from ..errors import InputError, RollcallError, UnclearAnswer, UnreadableAnswer, first_words
from .address import elsewhere, surplus_hint

Json = t.Any
Query = t.Mapping[str, t.Any]
MAX_VALUES = 1_000_000
"""The maximum number of commas in the text of an answer.

Each small value takes some hundred bytes of memory, but only 1 to 3 bytes of text.
"""
_BODILESS = (204, 205)
"""Statuses that have no body, whatever the operation documents."""
_INCOMPLETE = (202, 206, 207)
"""Statuses of a pending or partial success. No API of this collection documents one."""
_PAGES = ("text/html", "application/xhtml+xml", "text/xml", "application/xml")
_WORDS = 20_000
"""The number of characters of an error body that are processed. Messages are shortened after masking."""
_DEEPEST = 20
_PLAUSIBLE = 1e9
"""The largest plausible number in a rate-limit header."""


@dataclass(frozen=True)
class Operation:
    """One call of an API.

    ``path`` is a template; its parameters are percent-encoded as one segment each. ``title`` completes "Could not ...".
    ``repeatable`` is True if the call can safely be sent twice; by default, GET, HEAD, PUT and DELETE are, as in HTTP,
    and calls without an effect. ``absent`` are the statuses that mean "there is no such object" rather than a failure.
    ``reads`` is the documented body of a success: ``json``; ``text``; or ``none``, if the body is not needed: JSON,
    plain text and an empty body are then accepted. Anything else, such as an HTML page, is not a success (see
    Answer.check). ``effect`` is False for a search or a login that is sent by POST. ``secret`` is True if the answer
    contains a secret: messages then never quote it. ``empty`` is True if some versions of the server send a success
    without a body. ``rechecks`` is True if the body contains another password, to which a 401 may refer.
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
    rechecks: bool = False
    empty: bool = False

    @property
    def safe(self) -> bool:
        """Return whether the call may be sent again if its answer is lost."""
        if self.repeatable is not None:
            return self.repeatable
        return self.method in ("GET", "HEAD", "PUT", "DELETE") or not self.effect

    @property
    def is_read(self) -> bool:
        """Return whether the call changes nothing."""
        return self.method in ("GET", "HEAD") or not self.effect

    @property
    def creates(self) -> bool:
        """Return whether the call creates an object."""
        return self.method == "POST" and self.name.startswith(("create", "register"))

    def target(self, parameters: t.Mapping[str, t.Any] | None, query: Query | None) -> str:
        """Return path and query, encoded. A list in the query repeats its name, None leaves it out."""
        segments = []
        for segment in self.path.split("/"):
            if segment.startswith("{") and segment.endswith("}"):
                value = str((parameters or {})[segment[1:-1]])
                check_text(value, segment[1:-1])
                segment = encode_segment(value)
            segments.append(segment)
        target = "/".join(segments)
        pairs = [(name, value) for name, value in (query or {}).items() if value is not None]
        check_text(dict(pairs))
        if pairs:
            target += "?" + urlencode(
                [(name, _query_text(value)) for name, value in pairs], quote_via=quote, safe="", doseq=True
            )
        return target


def _query_text(value: t.Any) -> t.Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def check_text(value: Json, place: str = "") -> None:
    """Raise InputError if a text in nested values cannot be sent, because it contains half of a surrogate pair."""
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise InputError(
                f"{first_words(place) or 'A text'} contains half of a surrogate pair, which is not a valid character.",
                "Nothing was sent. Correct the encoding of the file it comes from.", "invalid_character",
            ) from None
    elif isinstance(value, dict):
        for name, item in value.items():
            check_text(name, f"the name of an entry of {place}" if place else "the name of an entry")
            check_text(item, f"{place}.{name}" if place else str(name))
    elif isinstance(value, (list, tuple)):
        for number, item in enumerate(value):
            check_text(item, f"{place}[{number}]")


def encode_segment(text: str) -> str:
    """Percent-encode a text as one path segment, so that ``/``, ``+``, ``%`` and ``..`` in a name stay in the name."""
    if text.strip(".") == "":
        return "%2E" * len(text)
    return quote(text, safe="")


def parse_json(text: str) -> Json:
    """Parse a JSON text. Raises ValueError if it is not JSON, or not plausible as an answer of an API."""
    if text.count(",") > MAX_VALUES:
        raise ValueError(f"it contains more than {MAX_VALUES} values")
    try:
        return json.loads(text.lstrip("\ufeff"), parse_constant=_no_number, parse_float=_finite)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except ValueError:
        raise ValueError("it is not JSON") from None


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is too large for a number")
    return number


def _no_number(name: str) -> t.NoReturn:
    raise ValueError(f"{name} is not a JSON number")


@dataclass
class Answer:
    """An answer of a server. ``headers`` has case-insensitive names; ``text`` is the decoded body.

    Errors need ``subject``, the user of the call; ``option``, the option with the address; ``surplus``, the end of that
    address that repeats the API's own paths; and ``mask``, which masks secrets in quoted texts.
    """

    operation: Operation
    status: int
    headers: t.Mapping[str, str]
    text: str
    request_id: str | None = None
    absent: bool = False
    subject: str = ""
    option: str = "api_url"
    mask: t.Callable[[str], str] = str
    surplus: str = ""

    @functools.cached_property
    def body(self) -> Json:
        """Return the parsed JSON body, None for an empty one.

        Raises UnreadableAnswer, or UnclearAnswer if the request may have had an effect.
        """
        if not self.text.strip():
            return None
        try:
            return parse_json(self.text)
        except ValueError as error:
            raise self.unreadable(str(error)) from None

    @property
    def json_object(self) -> dict[str, Json]:
        """The body if it is a JSON object, empty otherwise: errors may be plain text, or the page of a proxy."""
        try:
            body = self.body
        except RollcallError:
            return {}
        return body if isinstance(body, dict) else {}

    @property
    def kind(self) -> str:
        """The content type without its parameters, in lower case; empty if there is none."""
        return (self.headers.get("Content-Type") or "").split(";")[0].strip().lower()

    @property
    def is_page(self) -> bool:
        """Whether this is an HTML or XML page, such as that of a proxy or a login, and not an answer of the API."""
        return self.text.lstrip("\ufeff \t\r\n").startswith("<") or (self.kind in _PAGES and not self._is_json())

    def _is_json(self) -> bool:
        try:
            parse_json(self.text)
        except ValueError:
            return False
        return True

    def check(self) -> None:
        """Raise what ``unreadable`` returns if the body is not the documented one of a success."""
        operation = self.operation
        if self.status in _INCOMPLETE:
            raise self.unreadable("its status marks it as incomplete")
        if not self.text.strip():
            if operation.reads == "json" and not operation.empty and self.status not in _BODILESS:
                raise self.unreadable("it is empty")
        elif operation.reads == "json":
            if _reports_error(self.body) and not operation.is_read:
                raise self.unreadable("it reports an error")
        elif self.is_page:
            raise self.unreadable("it is an HTML page")
        elif operation.reads == "none":
            if self.kind in ("", "text/plain") and self.text.lstrip()[0] not in "{[":
                return
            if _reports_error(self.body):
                raise self.unreadable("it reports an error")

    def check_id(self, noun: str, identity: object, requested: str) -> None:
        """Raise what ``unreadable`` returns if the answer is about another object: its roles and fields would count.

        Users may specify UUIDs in capitals.
        """
        if str(identity).lower() != requested.lower():
            raise self.unreadable(f"it contains the {noun} with id {identity}, not {requested}")

    def unreadable(self, why: str) -> RollcallError:
        """Return the error for an answer that does not match the documentation of the API."""
        error = self._unreadable(why)
        error.subject = self.subject
        return error

    def _unreadable(self, why: str) -> RollcallError:
        about = f" {first_words(self.subject)}" if self.subject else ""
        begin = first_words(self.mask(self.text[:_WORDS]), 120)
        quoted = "" if self.operation.secret or not begin else f" It begins with: {begin!r}."
        message = (
            f"The answer to {self.operation.name}{about} ({self.status}, {self.kind or 'no content type'}) cannot be "
            f"used: {why}.{quoted}"
        )
        own = (self.kind.endswith("json") and not self.is_page) or self._is_json()
        if not self.operation.is_read:
            where = "" if own else f" {elsewhere(self.option)}"
            return UnclearAnswer(
                f"{message} The call may or may not have taken effect.{where}",
                operation=self.operation.name, status=self.status,
            )
        if self.surplus:
            return UnreadableAnswer(message, surplus_hint(self.option, self.surplus))
        if own and self.status != 404:
            return UnreadableAnswer(
                message,
                f"Run the task again. If this persists, report this answer to the provider, or check {self.option}.",
            )
        where = "" if own else f"{elsewhere(self.option)} "
        role = "the address of the API" if self.option == "api_url" else "the address of the login"
        return UnreadableAnswer(message, f"{where}Check that {self.option} is {role}.")


def _reports_error(body: Json) -> bool:
    """Return whether the body of a success reports an error."""
    return isinstance(body, dict) and bool(body.get("error") or body.get("errors") or body.get("success") is False)


HTML_PAGE = "an HTML page instead of an API answer"


class AnswerReader:
    """Interprets answers. The methods have the usual behaviour; a provider overrides what differs."""

    request_id_header: str | None = None
    suspicion = ""
    """What may be wrong with the credentials, for the error after the server has refused them."""
    paths: t.Collection[str] = ()
    """The paths of the API. An address that ends with a part of them is wrong."""

    def status_of(self, answer: Answer) -> int:
        """Return the true status, for servers that hide an error in a 200."""
        return answer.status

    def message_of(self, answer: Answer) -> str:
        """Return the server's own words from an error body of any form, as one line."""
        text = answer.text.strip()
        if not text:
            return ""
        if answer.is_page:
            return HTML_PAGE
        try:
            body = parse_json(text)
        except ValueError:
            return " ".join(text[:_WORDS].split())
        return one_line(body)

    def is_final(self, answer: Answer, status: int) -> bool:
        """Return whether a refusal ends the use of these credentials, because further calls could lock their
        account."""
        return status == 423 or (status == 401 and not answer.operation.rechecks and self.token_expired(answer))

    def hint_for(self, operation: Operation, status: int, message: str) -> str:
        """Return what to do about an error."""
        values = "Check the values specified for this user."
        if operation.is_read:
            values = "Check the options of the task, such as filters."
        hints = {
            400: values,
            401: "Check the credentials, whether they have expired, and that api_url is the address of this account.",
            402: "The subscription of this account does not include this function. Change the subscription, "
            "or remove what requires it from the task.",
            403: "Grant these credentials the required permission.",
            404: _GONE if "{" in operation.path else "",
            405: "Check api_url. If it is correct, this server does not support the call.",
            409: _conflict(operation),
            413: values,
            422: values,
            423: "Unlock the account of these credentials, and correct the credentials, before you run the task again.",
            429: "Run the task again later, or lower max_concurrency.",
        }
        if status >= 500:
            return "This is a server error: run the task again later; completed changes are not repeated."
        return hints.get(status, "Check api_url and any proxy.")

    def token_expired(self, answer: Answer) -> bool:
        """Return whether a new token may make the same request succeed."""
        return answer.status == 401

    def budget(self, headers: t.Mapping[str, str]) -> tuple[int | None, int | None, float | None]:
        """Return (limit, remaining, seconds to the reset) from the rate-limit headers, each None if absent."""
        reset = _number(headers.get("X-RateLimit-Reset"))
        return _integer(headers.get("X-RateLimit-Limit")), _integer(headers.get("X-RateLimit-Remaining")), reset


_GONE = "The object no longer exists: run the task again. If the task specifies an id, check the id."


def _conflict(operation: Operation) -> str:
    """Return what to do if an object is in the way of a call, or was changed during it."""
    if operation.creates:
        return "An object with this name already exists. Run the task again to compare."
    if operation.method == "DELETE":
        return "The object may have been changed at the same time. Run the task again."
    return (
        "Another object may have the specified name, or the object was changed at the same time. Check the name, or "
        "run the task again."
    )


def _number(text: str | None) -> float | None:
    """Return a plausible count or time, None for anything else, such as infinity or a negative number."""
    try:
        number = float(text) if text else -1.0
    except ValueError:
        return None
    return number if 0 <= number <= _PLAUSIBLE else None


def _integer(text: str | None) -> int | None:
    number = _number(text)
    return None if number is None else int(number)


def one_line(body: Json, depth: int = 0) -> str:
    """Return the text of an error body: the body itself, or the texts under the usual names, at any depth."""
    if body is None or depth > _DEEPEST:
        return ""
    if isinstance(body, (str, int, float)):
        return " ".join(str(body)[:_WORDS].split())
    if isinstance(body, list):
        return "; ".join(part for part in (one_line(item, depth + 1) for item in body[:10]) if part)
    if not isinstance(body, dict):
        return ""
    texts = []
    for name in (
        "error_description", "message", "description", "detail", "details", "error", "errors", "_embedded", "status",
    ):
        value = body.get(name)
        if value in (None, "", True, False) or isinstance(value, (int, float)):
            continue
        text = one_line(value, depth + 1)
        if text and text not in texts:
            texts.append(text)
    for name in ("attribute", "field", "path"):
        value = body.get(name)
        if isinstance(value, str) and value and texts:
            texts[0] = f"{value}: {texts[0]}"
            break
    return ": ".join(texts) if texts or depth else " ".join(json.dumps(body)[:_WORDS].split())


_TOKEN_LIKE = re.compile(r"(?=[^\s\"']*[0-9])[^\s\"',;:]{16,}")
_MESSAGE_NAMES = ("error_description", "message", "description", "error")


def public_words(answer: Answer) -> str:
    """Return the error text of an answer that may contain a secret: texts under the names of errors, without tokens."""
    try:
        body = parse_json(answer.text)
    except ValueError:
        return HTML_PAGE if answer.is_page else ""
    block = body.get("status") if isinstance(body, dict) and isinstance(body.get("status"), dict) else body
    texts = (
        [block[name] for name in _MESSAGE_NAMES if isinstance(block.get(name), str)] if isinstance(block, dict) else []
    )
    return _TOKEN_LIKE.sub("...", ": ".join(dict.fromkeys(texts)))
