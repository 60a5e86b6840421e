# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One exchange with a server: a request leaves, and its whole answer arrives within a bounded time, or it is lost.

The timeouts of requests are those of single reads: a server that sends a byte now and then would never end. So all that
is read of an answer (status line, headers, interim answers, body) passes a reader that knows when the exchange ends.
"""

from __future__ import annotations

import http.client
import io
import json as jsonlib
import sys
import threading
import typing as t
from dataclasses import dataclass, field
from urllib.parse import urlencode

from ..errors import InputError, RollcallError, UnreadableAnswer
from .address import credentials_in, origin
from .api import Answer, Json, Operation, check_text
from .decoding import ACCEPTED, decoded
from .limiter import Clock
from .lost import Lost, lost
from .masking import Masker

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.exceptions import HTTPError as Urllib3Error
except ImportError:  # the front ends report it with missing_required_lib
    HAS_REQUESTS = False
else:
    HAS_REQUESTS = True

MAX_ANSWER = 64 * 1024 * 1024
"""The maximum size of an answer in bytes, which is far above that of any list page of these APIs."""
_BODILESS = (204, 205, 304)
"""Statuses that have no body, whatever length they state."""
_INTERIM = (102, 103)
"""Statuses of interim responses before the answer, in addition to 100."""
_DIGITS = 18
"""The maximum number of digits of a Content-Length."""
WHOLE = 4
"""How many times ``api_timeout`` a whole exchange may take, from the connection to the last byte of the answer."""


@dataclass(frozen=True)
class Settings:
    """The settings of a connection, from the connection options of every module. Times are in seconds."""

    api_url: str
    validate_certs: bool = True
    ca_path: str | None = None
    timeout: float = 30.0
    retries: int = 3
    max_concurrency: int = 8


@dataclass(frozen=True)
class Request:
    """A request. ``option`` is the option with the address ``base``, ``subject`` the user in errors."""

    operation: Operation
    base: str
    url: str
    option: str
    subject: str = ""
    body: bytes | None = None
    headers: t.Mapping[str, str] = field(default_factory=dict)

    @property
    def about(self) -> str:
        """The operation and the user, for messages."""
        return f"{self.operation.name} {self.subject}".strip()


def encoded(json: Json, form: t.Mapping[str, str] | None) -> tuple[bytes | None, dict[str, str]]:
    """Return a body and its headers. Raises InputError for text that contains half of a surrogate pair."""
    if json is not None:
        check_text(json)
        return jsonlib.dumps(json, ensure_ascii=False).encode("utf-8"), {"Content-Type": "application/json"}
    if form is not None:
        check_text(dict(form))
        return urlencode(form).encode("ascii"), {"Content-Type": "application/x-www-form-urlencoded"}
    return None, {}


class _State(threading.local):
    """The current exchange of a thread: when it must end, whether it was sent, and whether its time is over."""

    until = float("inf")
    now: t.Callable[[], float] = Clock().now
    sent = False
    expired = False


_STATE = _State()


class Exchanges:
    """Sends requests over one pool of connections.

    Safe for use by several threads. ``clock`` measures how long exchanges take. Raises RollcallError if the library
    requests is missing.
    """

    def __init__(self, settings: Settings, masker: Masker) -> None:
        if not HAS_REQUESTS:  # modules report this before they begin, jobs do not
            raise RollcallError(
                f"The Python library requests cannot be imported by {sys.executable}.",
                "Install it for this Python, for example with pip.", "missing_library",
            )
        self.settings = settings
        self.masker = masker
        self.clock = Clock()
        self._adapter = _Adapter(
            pool_connections=4, pool_maxsize=settings.max_concurrency, max_retries=0, pool_block=True
        )
        self._proxies: dict[str, dict[str, t.Any]] = {}

    def send(self, request: Request, url: str, credentials: t.Mapping[str, str]) -> tuple[Answer, str | None]:
        """Send a request once and return its answer with the address that it redirects to.

        Raises Lost if there is no answer, InputError for a request that cannot be sent, and UnreadableAnswer for a body
        that is not text or too large.
        """
        prepared = self._prepared(request, url, credentials)
        _STATE.now = self.clock.now
        _STATE.until = self.clock.now() + WHOLE * self.settings.timeout
        _STATE.sent = _STATE.expired = False
        try:
            return self._answer(request, self._response(prepared, url))
        except (
            requests.exceptions.RequestException, Urllib3Error, http.client.HTTPException, OSError, ValueError
        ) as error:
            if _STATE.expired:
                seconds = WHOLE * self.settings.timeout
                reason = f"the answer was not complete within {seconds:g} s ({WHOLE} x api_timeout)"
                hint = f"Check {request.option}, the network and any proxy, or raise api_timeout."
                raise Lost(reason, _STATE.sent, False, hint) from None
            raise lost(error, _STATE.sent, request.option, url.startswith("http://")) from None
        finally:
            _STATE.until = float("inf")

    def _prepared(self, request: Request, url: str, credentials: t.Mapping[str, str]) -> t.Any:
        headers = {"Accept": "application/json", "User-Agent": "rollcall.identity", "Accept-Encoding": ACCEPTED}
        headers.update(request.headers)
        headers.update(credentials)
        prepared = requests.PreparedRequest()
        try:
            prepared.prepare(method=request.operation.method, url=origin(url), headers=headers, data=request.body)
            for value in headers.values():
                value.encode("latin-1")  # what a header can hold
        except (requests.exceptions.InvalidHeader, UnicodeError):
            raise InputError(
                "The credentials contain a character that is not allowed in an HTTP header, such as a line break.",
                "Nothing was sent. Check the options for credentials.",
                "invalid_character",
            ) from None
        except (requests.exceptions.RequestException, ValueError):
            raise InputError(
                f"{request.option}: {origin(url)} cannot be called.", f"Nothing was sent. Check {request.option}.",
                "invalid_url",
            ) from None
        prepared.url = url  # set after prepare(), which would decode and resolve segments such as %2E%2E
        return prepared

    def _response(self, prepared: t.Any, url: str) -> t.Any:
        # Do not use a session: it would process redirects even if they are disabled, and keep cookies, which can take
        # precedence over credentials.
        environment = self._environment(url)
        return self._adapter.send(
            prepared, stream=True, timeout=self.settings.timeout,
            verify=environment["verify"], cert=environment["cert"], proxies=environment["proxies"],
        )

    def _environment(self, url: str) -> dict[str, t.Any]:
        """Return proxies and certificates from the environment. They are read once for each host."""
        server = origin(url)
        if server not in self._proxies:
            verify: bool | str = self.settings.ca_path or True
            if not self.settings.validate_certs:
                verify = False
                urllib3.disable_warnings()  # the task shows its own warning
            session: t.Any = requests.Session()
            environment = session.merge_environment_settings(server, {}, True, verify, None)
            for proxy in environment["proxies"].values():
                self.masker.add(*credentials_in(proxy))
            self._proxies[server] = environment
        return self._proxies[server]

    def _answer(self, request: Request, response: t.Any) -> tuple[Answer, str | None]:
        """Return the answer with its whole body, and the Location header. The connection is free afterwards."""
        try:
            answer = Answer(
                request.operation, response.status_code, response.headers, "",
                subject=request.subject, option=request.option, mask=self.masker.text,
            )
            answer.text = self._text(response, answer)
            return answer, response.headers.get("Location")
        except BaseException:
            response.close()
            raise

    @staticmethod
    def _text(response: t.Any, answer: Answer) -> str:
        """Return the decoded body. Raises UnreadableAnswer if it is too large or not text."""
        chunks = []
        size = 0
        packed = response.raw.stream(65536, decode_content=False)
        for chunk in decoded(packed, response.headers.get("Content-Encoding", "")):
            size += len(chunk)
            if size > MAX_ANSWER:
                raise answer.unreadable(f"it is larger than {MAX_ANSWER // 1048576} MiB")
            chunks.append(chunk)
        missing = _missing(response)
        if missing > 0:  # urllib3 before 2.0 does not notice this
            raise http.client.IncompleteRead(b"", missing)
        body = b"".join(chunks)
        stated = "charset=" in response.headers.get("Content-Type", "").lower()
        try:
            return body.decode(response.encoding if stated and response.encoding else "utf-8")
        except (ValueError, LookupError):
            # Do not guess the encoding: a value may be written back later, and would then be damaged. For an error, an
            # approximate text is enough.
            if 200 <= response.status_code < 300:
                if not answer.operation.is_read:
                    raise answer.unreadable("it is not text") from None
                raise UnreadableAnswer(
                    f"The answer to {answer.operation.name} {answer.subject}".rstrip()
                    + " is not UTF-8 and does not declare its encoding.",
                    "The collection does not guess the encoding, because it could then write damaged values. "
                    "Report it to the provider.",
                ) from None
            return body.decode("utf-8", "replace")


def _missing(response: t.Any) -> int:
    """Return the number of bytes by which a body is shorter than its Content-Length."""
    length = response.headers.get("Content-Length", "")
    if response.status_code in _BODILESS or not length.isdecimal() or len(length) > _DIGITS:
        return 0
    return int(length) - t.cast(int, response.raw.tell())


class _Bounded(io.RawIOBase):
    """Reads from a connection until the exchange must end. No read waits longer than the remaining time."""

    def __init__(self, raw: t.Any, connection: t.Any) -> None:
        self._raw = raw
        self._connection = connection
        self._timeout = connection.gettimeout()
        self._until, self._now = _STATE.until, _STATE.now

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: t.Any) -> int | None:
        """Read available bytes. Raises TimeoutError when the time is over."""
        left = self._until - self._now()
        if left <= 0:
            _STATE.expired = True
            raise TimeoutError("timed out")
        if left < float("inf"):
            self._connection.settimeout(left if self._timeout is None else min(left, self._timeout))
        try:
            return t.cast("int | None", self._raw.readinto(buffer))
        except TimeoutError:
            _STATE.expired = _STATE.expired or self._now() >= self._until
            raise

    def close(self) -> None:
        """Close the connection's file."""
        if not self.closed:
            self._raw.close()
            super().close()


class _Response(http.client.HTTPResponse):
    """A response that reads through _Bounded, from its first byte."""

    def __init__(self, connection: t.Any, *args: t.Any, **kwargs: t.Any) -> None:
        super().__init__(connection, *args, **kwargs)
        if hasattr(self.fp, "detach"):
            self.fp = io.BufferedReader(_Bounded(self.fp.detach(), connection))

    def _read_status(self) -> t.Any:
        """Read the status line of the answer.

        The library skips only status 100, and treats 102 and 103 as the answer itself.
        """
        while True:
            line: t.Any = super()._read_status()  # type: ignore[misc]
            if line[1] not in _INTERIM:
                return line
            http.client.parse_headers(self.fp)


if HAS_REQUESTS:

    class _Noted:
        """A connection that records when a part of a request is sent. The CONNECT request to a proxy does not count."""

        response_class: t.Any = _Response
        sock: t.Any = None
        _opening = False

        def connect(self) -> None:
            self._opening = True
            try:
                super().connect()  # type: ignore[misc]
            finally:
                self._opening = False

        def send(self, data: t.Any) -> None:
            if self.sock is None:
                self.connect()
            if not self._opening:
                _STATE.sent = True
            super().send(data)  # type: ignore[misc]

    class _Connection(_Noted, HTTPConnection):
        """Plain http."""

    class _SecureConnection(_Noted, HTTPSConnection):
        """https."""

    class _Waiting:
        """A pool in which a request waits for a free connection no longer than two exchanges take."""

        def _get_conn(self, timeout: float | None = None) -> t.Any:
            longest = 2 * (_STATE.until - _STATE.now())
            if timeout is None and longest < float("inf"):
                timeout = max(longest, 0.01)
            return super()._get_conn(timeout)  # type: ignore[misc]

    class _Pool(_Waiting, urllib3.HTTPConnectionPool):
        ConnectionCls = _Connection

    class _SecurePool(_Waiting, urllib3.HTTPSConnectionPool):
        ConnectionCls = _SecureConnection

    _POOLS = {"http": _Pool, "https": _SecurePool}

    class _Adapter(HTTPAdapter):
        """Opens the connections of this module, directly and through proxies."""

        def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            self.poolmanager.pool_classes_by_scheme = _POOLS

        def proxy_manager_for(self, proxy: str, **kwargs: t.Any) -> t.Any:
            manager = super().proxy_manager_for(proxy, **kwargs)
            if not proxy.lower().startswith("socks"):
                manager.pool_classes_by_scheme = _POOLS
            return manager
