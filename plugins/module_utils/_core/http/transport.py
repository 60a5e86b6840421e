# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP transport: repeats calls that are safe to repeat, stops when credentials are refused, and raises errors that
say what to do."""

from __future__ import annotations

import collections
import contextlib
import os
import ssl
import threading
import typing as t
from dataclasses import dataclass

from ..errors import ApiError, InputError, RollcallError, UnclearAnswer, Unreachable, UnreadableAnswer, first_words
from .address import (
    check_url,
    connection_warnings,
    credentials_in,
    elsewhere,
    follow,
    origin,
    same_origin,
    same_path,
    surplus_hint,
    surplus_path,
)
from .api import Answer, AnswerReader, Json, Operation, Query, public_words
from .exchange import Exchanges, Request, Settings, encoded
from .limiter import Limiter
from .lost import Lost
from .masking import Masker

with contextlib.suppress(ImportError):  # the front ends report it with missing_required_lib
    from urllib3.util.retry import Retry

_REDIRECTS = (301, 302, 303, 307, 308)
_MAY_FOLLOW = (301, 302, 303)
"""Redirects that a server may also send after a call has had its effect."""
_GIVE_UP_AFTER = 3
"""The maximum number of redirects that one request follows."""
_WORDS = 400
"""The maximum number of characters of a server's text that an error quotes."""
_TRY_AGAIN = (408, 425, 502, 503, 504)
"""Statuses after which the same request may succeed."""
_REFUSED = (401, 403, 423, 429)
"""Statuses that an earlier attempt of the same request cannot have caused."""
_FOREVER = 1e9
"""The longest wait that a server can request, in seconds. Sums of such numbers are still exact enough."""


class Authenticator(t.Protocol):
    """What the transport requires of an authentication strategy (see auth.py).

    ``sends_credentials`` is True if requests contain the credentials themselves, not a token that a login has returned.
    """

    sends_credentials: bool

    def headers(self) -> dict[str, str]:
        """Return the headers that authenticate a request. Log in first if necessary."""

    def renew(self, used: t.Mapping[str, str]) -> bool:
        """Return whether there are newer credentials than those used. Fetch them, once."""


@dataclass
class _Attempts:
    """The state of one request over all its attempts.

    ``retries`` counts the repeated attempts, ``lost`` the last attempts in a row that had no answer. ``doubtful`` is
    True as soon as the write may have had its effect, although no answer confirmed it. ``renewed`` is True after a new
    login for this request.
    """

    retries: int = 0
    lost: int = 0
    doubtful: bool = False
    renewed: bool = False


class Transport:
    """Sends the operations of one API. Safe for use by several threads.

    ``stopped`` is the error that ended the use of these credentials: a final 401 or a locked account. From then on,
    every call with them raises a copy of it, and nothing is sent. ``written`` counts the writes that had their effect,
    ``uncertain`` those that may have had it. With parallel writes, both may be too low, but are 0 only without any.
    If ``offline``, every call raises RollcallError.
    """

    def __init__(self, settings: Settings, reader: AnswerReader, masker: Masker, limiter: Limiter) -> None:
        self.settings = settings
        masker.add(*credentials_in(settings.api_url))
        self.base = check_url(settings.api_url)
        check_bundle(settings.ca_path)
        # Option -> address of a server. A provider adds the servers that are not below api_url.
        self.hosts = {"api_url": self.base}
        self.reader = reader
        self.masker = masker
        self.limiter = limiter
        self.exchanges = Exchanges(settings, masker)
        self.auth: Authenticator | None = None
        self.calls: collections.Counter[str] = collections.Counter()
        self.last_request_id: str | None = None
        self.written = 0
        self.uncertain = 0
        self.stopped: RollcallError | None = None
        self.offline = False
        self._lock = threading.Lock()
        self._first = threading.RLock()
        self._accepted = False

    def warnings(self) -> list[str]:
        """Return what a user should know about the connection itself."""
        return connection_warnings(self.hosts, self.settings.validate_certs)

    def count(self) -> int:
        """Return the number of requests sent so far, logins included."""
        return sum(self.calls.values())

    # -- calling -------------------------------------------------------------------------------------------------

    def call(
        self,
        operation: Operation,
        path: t.Mapping[str, t.Any] | None = None,
        query: Query | None = None,
        json: Json = None,
        form: t.Mapping[str, str] | None = None,
        headers: t.Mapping[str, str] | None = None,
        subject: str = "",
        authenticate: bool = True,
        base: str | None = None,
    ) -> Answer:
        """Send an operation and return its successful answer.

        ``subject`` names the user in errors. Statuses in ``operation.absent`` return an answer with ``absent`` set.
        Raises ApiError (refused), Unreachable (not sent), UnclearAnswer (perhaps done), UnreadableAnswer, RateLimited,
        and InputError for text that cannot be sent.
        """
        if self.offline:
            raise RollcallError(f"{operation.name} is not sent.")
        address = base or self.base
        option = next((name for name, host in self.hosts.items() if host == address), "api_url")
        body, about = encoded(json, form)
        request = Request(
            operation,
            address,
            address + operation.target(path, query),
            option,
            first_words(subject),
            body,
            {**about, **(headers or {})},
        )
        auth = self.auth if authenticate else None
        if auth is None or self._accepted or not auth.sends_credentials:
            return self._call(request, auth)
        # Until the server has accepted the credentials, one worker at a time sends them: wrong credentials can lock an
        # account.
        with self._first:
            return self._call(request, auth)

    def _call(self, request: Request, auth: Authenticator | None) -> Answer:
        """Send a request until it has a final answer. See call()."""
        attempts = _Attempts()
        try:
            while True:
                answer = self._attempt(request, auth, attempts)
                if answer is not None:
                    if attempts.doubtful or not (request.operation.is_read or answer.absent):
                        self.written += 1
                    return answer
        except RollcallError as error:
            error.subject = request.subject
            if attempts.doubtful or isinstance(error, UnclearAnswer):
                self.uncertain += 1
            if isinstance(error, ApiError) and error.final and auth is not None and self.stopped is None:
                self.stopped = error.of("")
            raise

    def _attempt(self, request: Request, auth: Authenticator | None, attempts: _Attempts) -> Answer | None:
        """Send a request once and return the final answer, or None if it must be sent again."""
        operation = request.operation
        self._check_stopped(auth)
        credentials = auth.headers() if auth else {}
        try:
            answer, status = self._in_turn(request, credentials, auth)
        except Lost as error:
            attempts.lost += 1
            attempts.doubtful = attempts.doubtful or (error.sent and not operation.is_read)
            if not error.transient or attempts.retries >= self.settings.retries or (error.sent and not operation.safe):
                raise self._lost(request, error, attempts) from None
            attempts.retries += 1
            self.limiter.clock.sleep(_backoff(attempts.retries))
            return None
        attempts.lost = 0
        if status == 429:
            return None  # the limiter decides when the next attempt may leave
        if 200 <= status < 300:
            answer.check()
            self._accepted = self._accepted or auth is not None
            return answer
        if auth and 300 <= status < 500 and not self.reader.token_expired(answer):
            self._accepted = True
        if status in operation.absent:
            if answer.is_page:
                raise answer.unreadable("it is an HTML page, not an answer of the API")
            answer.absent = True
            return answer
        if auth and not attempts.renewed and self.reader.token_expired(answer) and auth.renew(credentials):
            attempts.renewed = True
            return None
        if not self._wait_again(request, answer, status, attempts):
            raise self._refused(request, answer, status, attempts)
        return None

    def _check_stopped(self, auth: Authenticator | None) -> None:
        """Raise the error that ended the use of the credentials, if there is one and the request needs them."""
        if auth is not None and self.stopped is not None:
            raise self.stopped.of("")

    def _wait_again(self, request: Request, answer: Answer, status: int, attempts: _Attempts) -> bool:
        """Wait for the next attempt and return True, or return False if there must be none."""
        operation = request.operation
        wait = _retry_after(answer)
        refused = status == 425 or (status == 503 and wait is not None)  # the server has not processed the request
        attempts.doubtful = attempts.doubtful or (_leaves_open(status) and not refused and not operation.is_read)
        if status not in _TRY_AGAIN or not (operation.safe or refused) or attempts.retries >= self.settings.retries:
            return False
        attempts.retries += 1
        if wait is None:
            self.limiter.clock.sleep(_backoff(attempts.retries))
        else:
            self.limiter.postpone(wait, f"{request.about} was rate limited ({status})")
        return True

    def _in_turn(
        self, request: Request, credentials: t.Mapping[str, str], auth: Authenticator | None
    ) -> tuple[Answer, int]:
        """Send one request when the limiter allows, and return the answer with its status. Raises Lost and RateLimited.

        After a 429, the limiter waits; only ``max_wait`` limits how often.
        """
        self.limiter.acquire()
        passed = False
        try:
            self._check_stopped(auth)  # another request may have ended their use in the meantime
            answer = self._send(request, credentials)
            status = self.reader.status_of(answer)
            passed = status != 429
            if not passed:
                seconds_asked = _retry_after(answer)
                if seconds_asked is None:
                    _limit, _remaining, seconds_asked = self.reader.budget(answer.headers)
                self.limiter.refused(seconds_asked, f"{request.about} was rate limited (429)")
            return answer, status
        finally:
            self.limiter.release(passed)

    def _send(self, request: Request, credentials: t.Mapping[str, str]) -> Answer:
        """Send one request, following redirects of GET within the same origin. Raises Lost."""
        operation, url = request.operation, request.url
        for _hop in range(_GIVE_UP_AFTER + 1):
            answer, location = self._exchange(request, url, credentials)
            if answer.status not in _REDIRECTS:
                if answer.status in operation.absent and not same_path(url, request.url):
                    raise _redirected(request, f"{first_words(url.split('?')[0])}, which does not exist", None)
                return answer
            goal = follow(url, location)
            if goal is None or operation.method not in ("GET", "HEAD") or not same_origin(goal, url):
                where = first_words(origin(goal)) if goal else "an invalid address"
                if not operation.is_read and answer.status in _MAY_FOLLOW:
                    raise UnclearAnswer(
                        f"The server redirects {request.about} to {where}, which was not followed. "
                        f"The call may or may not have taken effect. {_change_server(request, goal)}",
                        code="redirected",
                        operation=operation.name,
                        status=answer.status,
                    )
                raise _redirected(request, f"{where}; credentials were not sent there", goal)
            url = goal
        raise RollcallError(
            f"The server redirects {request.about} in a loop.", f"Check {request.option}.", "redirected"
        )

    def _exchange(self, request: Request, url: str, credentials: t.Mapping[str, str]) -> tuple[Answer, str | None]:
        with self._lock:
            self.calls[request.operation.name] += 1
        answer, location = self.exchanges.send(request, url, credentials)
        if answer.status == 404:
            answer.surplus = surplus_path(request.base, self.reader.paths)
        name = self.reader.request_id_header
        if name:
            answer.request_id = credentials.get(name) or request.headers.get(name) or answer.headers.get(name)
            self.last_request_id = answer.request_id
        self.limiter.observe(*self.reader.budget(answer.headers))
        return answer, location

    # -- errors --------------------------------------------------------------------------------------------------

    def _refused(self, request: Request, answer: Answer, status: int, attempts: _Attempts) -> RollcallError:
        """Return the error for an unsuccessful answer. See call()."""
        operation = request.operation
        words = public_words(answer) if operation.secret else self.reader.message_of(answer)
        message = first_words(self.masker.text(words), _WORDS).rstrip(".")
        if operation.is_read and status < 200:
            return UnreadableAnswer(f"The server answered {status} to {request.about}.", f"Check {request.option}.")
        if attempts.doubtful and status not in _REFUSED:
            explanation = f": {message}" if message else ""
            before = "" if _leaves_open(status) else " on a retry, after the answer to an earlier attempt was lost"
            return UnclearAnswer(
                f"The server answered {status} to {request.about}{before}{explanation}. "
                "The call may or may not have taken effect.",
                operation=operation.name,
                status=status,
            )
        hint = self.reader.hint_for(operation, status, message)
        if status == 401 and not operation.rechecks:
            hint = f"{hint} {self.reader.suspicion}".strip()
        surplus = surplus_path(request.base, self.reader.paths) if status == 404 else ""
        if status == 404 and "{" not in operation.path:
            hint = _nothing_there(request, hint, surplus)
        elif surplus:
            hint = f"{hint} {surplus_hint(request.option, surplus)}".strip()
        if answer.is_page:
            hint = f"{elsewhere(request.option)} {hint}"
        title = f"{operation.title} {request.subject}".strip()
        error = ApiError(operation.name, title, status, message, hint.strip(), answer.request_id)
        error.final = self.reader.is_final(answer, status)
        if status == 401 and not self.reader.token_expired(answer):
            error.code = "not_permitted"
        return error

    def _lost(self, request: Request, lost: Lost, attempts: _Attempts) -> RollcallError:
        server, operation = origin(request.base), request.operation
        doing = f"{operation.title} {request.subject}".strip()
        reason = lost.text(attempts.lost, self.settings.timeout)
        if attempts.doubtful:
            return UnclearAnswer(
                f"The connection to {server} broke before the answer to {request.about} arrived ({reason}): "
                "the call may or may not have taken effect.",
                operation=operation.name,
            )
        if not lost.sent:
            return Unreachable(f"Could not reach {server} to {doing}: {reason}.", lost.hint)
        return Unreachable(f"The connection to {server} broke during the request to {doing}: {reason}.", lost.hint)


def check_bundle(path: str | None) -> None:
    """Raise InputError if ``ca_path`` contains no certificates. The libraries would fail only at the first call."""
    if path is None:
        return
    try:
        known = os.path.isdir(path) or os.path.isfile(path)
        if known and not os.path.isdir(path):
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except (OSError, ValueError):  # SSLError and PermissionError are kinds of OSError
        raise InputError(
            f"ca_path: {first_words(path)} does not contain readable certificates.",
            "Nothing was sent. Specify a readable file in PEM format.", option="ca_path",
        ) from None
    if not known:
        raise InputError(
            f"ca_path: no such file: {first_words(path)}.",
            "Nothing was sent. Specify a file with certificates in PEM format.", option="ca_path",
        )


def _redirected(request: Request, where: str, goal: str | None) -> RollcallError:
    return RollcallError(
        f"The server redirects {request.about} to {where}.", _change_server(request, goal), "redirected"
    )


def _change_server(request: Request, goal: str | None) -> str:
    """Return what to do about a redirect. Messages do not show its path."""
    if goal is None or same_origin(goal, request.url):
        return f"Check {request.option}."
    return f"If that is the right server, change {request.option} to it, and keep the path of {request.option}."


def _leaves_open(status: int) -> bool:
    """Return whether a write may have had its effect in spite of this status."""
    return status >= 500 or status < 200 or status == 408


def _nothing_there(request: Request, hint: str, surplus: str) -> str:
    """Return the hint for a 404 at a fixed address. ``hint`` is the provider's own."""
    where = f"Nothing was found at {request.url.split('?')[0]}."
    if surplus:
        return f"{where} Use {request.option} without {surplus}."
    if where in hint:
        return hint
    return f"{where} {hint or f'Check {request.option}.'}"


def _retry_after(answer: Answer) -> float | None:
    """Return the seconds of a Retry-After header, None if it is missing or invalid."""
    value = answer.headers.get("Retry-After")
    if not value:
        return None
    try:
        return min(max(0.0, float(Retry().parse_retry_after(value))), _FOREVER)
    except OverflowError:
        return _FOREVER
    except Exception:  # urllib3 raises its own InvalidHeader; an invalid header is ignored
        return None


def _backoff(attempt: int) -> float:
    """Return the seconds to wait after an attempt that failed. The first one is number 1."""
    return min(0.25 * float(2 ** (attempt - 1)), 8.0)
