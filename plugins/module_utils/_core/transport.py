# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP transport: one pooled session for a run, with retries of what is safe to repeat and errors that say what to do."""

from __future__ import annotations

import collections
import json as jsonlib
import threading
import typing as t
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit

from .api import Answer, AnswerReader, Json, Operation, Query
from .errors import RERUN, ApiError, InputError, RollcallError, UnclearAnswer, Unreachable, UnreadableAnswer
from .limiter import Limiter, seconds_from
from .masking import Masker

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
    from requests.cookies import RequestsCookieJar
    from urllib3.exceptions import HTTPError as Urllib3Error
    from urllib3.exceptions import NewConnectionError
    from urllib3.util.retry import Retry
except ImportError:  # the front ends report it with missing_required_lib
    HAS_REQUESTS = False
else:
    HAS_REQUESTS = True

MAX_ANSWER = 64 * 1024 * 1024
"""Bytes. An answer beyond this is refused: no listing page of these APIs comes near it."""
_REDIRECTS = (301, 302, 303, 307, 308)
_TRY_AGAIN = (502, 503, 504)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_GIVE_UP_AFTER = 3
"""Redirects that are followed within one request."""


class Authenticator(t.Protocol):
    """What the transport needs of an authentication strategy (see auth.py).

    ``sends_credentials`` says whether requests carry the credentials themselves, not a token that a log-in gave for them.
    """

    sends_credentials: bool

    def headers(self) -> dict[str, str]:
        """Return the headers that authenticate a request; logs in first where that is needed."""

    def renew(self, used: t.Mapping[str, str]) -> bool:
        """Return whether there are newer credentials than those used; fetches them once."""


@dataclass(frozen=True)
class Settings:
    """How to talk to a server; the connection options of every module. Times are seconds."""

    api_url: str
    validate_certs: bool = True
    ca_path: str | None = None
    timeout: float = 30.0
    retries: int = 3
    max_wait: float = 300.0
    rate_reserve: str = "20%"
    max_concurrency: int = 8
    user_agent: str = "rollcall.identity"


def check_url(url: str, option: str = "api_url") -> str:
    """Return a base URL without its last slash. Raises InputError where it cannot be one."""
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, a bracket that is not closed
        usable = False
    if not usable:
        raise InputError(f"{option} is {url!r}, which is not an http or https address.", "Give it as https://host, with a path where needed.")
    if parts.username or parts.password:
        raise InputError(f"{option} holds credentials.", "Give them with the options for credentials: an address is shown in messages.")
    if parts.query or parts.fragment:
        raise InputError(f"{option} has a query or a fragment.", "Give the address of the API alone.")
    return url.strip().rstrip("/")


class Transport:
    """Sends the operations of one API. Safe for use by several threads."""

    def __init__(
        self,
        settings: Settings,
        reader: AnswerReader,
        masker: Masker,
        limiter: Limiter | None = None,
    ) -> None:
        self.settings = settings
        self.base = check_url(settings.api_url)
        # Option -> address, of every server that is called; a provider adds those that are not under api_url.
        self.hosts = {"api_url": self.base}
        self.reader = reader
        self.masker = masker
        self.limiter = limiter or Limiter(settings.max_wait, reserve=settings.rate_reserve)
        self.auth: Authenticator | None = None
        self.calls: collections.Counter[str] = collections.Counter()
        self.last_request_id: str | None = None
        self.written = 0
        """Writes that the server has accepted; of parallel ones some may be missed, of any at least one counts."""
        self.uncertain = 0
        """Writes that the server may have done without saying so: the answer was lost, unusable or an error of the server's."""
        self._lock = threading.Lock()
        self._first = threading.RLock()
        self._accepted = False
        self._denied: ApiError | None = None
        self._session: t.Any = None
        self._proxies: dict[str, dict[str, t.Any]] = {}

    # -- the session ---------------------------------------------------------------------------------------------

    def _open(self) -> t.Any:
        with self._lock:
            if self._session is None:
                session = requests.Session()
                adapter = HTTPAdapter(pool_connections=4, pool_maxsize=self.settings.max_concurrency, max_retries=0, pool_block=True)
                session.mount("https://", adapter)
                session.mount("http://", adapter)
                # A cookie can outrank the Authorization header of later calls: none is kept.
                session.cookies = _NoCookies()
                self._session = session
            return self._session

    def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def warnings(self) -> list[str]:
        """Return what a user should know about the connection itself."""
        found = []
        for option, address in self.hosts.items():
            parts = urlsplit(address)
            if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
                found.append(f"{option} is plain http: credentials travel readable to {parts.hostname}. Use https.")
        if not self.settings.validate_certs:
            found.append("validate_certs is false: the server's identity is not checked.")
        return found

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
        Raises ApiError (refused), Unreachable (not sent), UnclearAnswer (perhaps taken), UnreadableAnswer, RateLimited.
        """
        url = (base or self.base) + operation.target(path, query)
        try:
            return self._once_accepted(operation, url, json, form, headers, subject, authenticate, base)
        except RollcallError as error:
            error.hint = error.hint.replace("api_url", self._option_of(base or self.base))
            raise

    def _option_of(self, base: str) -> str:
        """Return the option that holds an address, for hints."""
        return next((option for option, address in self.hosts.items() if address == base), "api_url")

    def _once_accepted(
        self,
        operation: Operation,
        url: str,
        json: Json,
        form: t.Mapping[str, str] | None,
        headers: t.Mapping[str, str] | None,
        subject: str,
        authenticate: bool,
        base: str | None,
    ) -> Answer:
        """Send a request; before the first answer that accepts the credentials that it carries, one at a time."""
        if self.auth is None or not authenticate or self._accepted or not self.auth.sends_credentials:
            return self._call(operation, url, json, form, headers, subject, self.auth if authenticate else None, base)
        # Credentials that nobody has accepted yet go out once, not once for each worker: wrong ones can lock an account.
        with self._first:
            if self._denied is not None:
                raise self._denied
            try:
                answer = self._call(operation, url, json, form, headers, subject, self.auth, base)
            except ApiError as error:
                if error.status == 401 and not self._accepted:
                    self._denied = error
                raise
            return answer

    def _call(
        self,
        operation: Operation,
        url: str,
        json: Json,
        form: t.Mapping[str, str] | None,
        headers: t.Mapping[str, str] | None,
        subject: str,
        auth: Authenticator | None,
        base: str | None,
    ) -> Answer:
        """Send a request until it has an answer that counts. See call()."""
        renewed = False
        attempt = 0
        while True:
            sent = dict(headers or {})
            credentials = auth.headers() if auth else {}
            sent.update(credentials)
            try:
                answer, status = self._in_turn(operation, url, json, form, sent)
            except _Lost as lost:
                attempt += 1
                if attempt <= self.settings.retries and lost.transient and (operation.safe or not lost.sent):
                    self.limiter.clock.sleep(_backoff(attempt))
                    continue
                if lost.sent and auth and not operation.is_read:
                    self.uncertain += 1
                raise self._lost(operation, lost, subject, base or self.base) from None
            if status == 429:
                continue  # the next turn comes when the limiter says so, if at all
            if auth and not self.reader.token_expired(answer):
                self._accepted = True
            if 200 <= status < 300:
                if auth and not operation.is_read:
                    self.written += 1
                if operation.reads == "json":
                    answer.parse()  # an unreadable body is an error here, where the operation is known
                return answer
            if status in operation.absent:
                answer.absent = True
                return answer
            if auth and not renewed and self.reader.token_expired(answer) and auth.renew(credentials):
                renewed = True
                continue
            if auth and not operation.is_read and status >= 500:
                self.uncertain += 1
            wait = self._pause(operation, answer, status, attempt)
            if wait is not None and attempt < self.settings.retries:
                attempt += 1
                if answer.headers.get("Retry-After"):
                    self.limiter.postpone(wait, f"{operation.name} met the rate limit ({status})")
                else:
                    self.limiter.clock.sleep(wait)
                continue
            if status in (502, 503, 504) and not operation.safe:
                raise UnclearAnswer(
                    f"The server answered {status} to {operation.name}{_of(subject)}: it may or may not have done it.",
                    RERUN,
                )
            raise self._refused(operation, answer, status, subject)

    def _pause(self, operation: Operation, answer: Answer, status: int, attempt: int) -> float | None:
        """Return the seconds to wait before this request is sent again, or None where it must not be."""
        if status not in _TRY_AGAIN:
            return None
        asked = seconds_from(answer.headers.get("Retry-After"), Retry().parse_retry_after)
        if not operation.safe and not (status == 503 and asked is not None):
            return None
        return _backoff(attempt + 1) if asked is None else asked

    def _in_turn(
        self, operation: Operation, url: str, json: Json, form: t.Mapping[str, str] | None, headers: dict[str, str]
    ) -> tuple[Answer, int]:
        """Send one request when the limiter allows, and return the answer with its status. Raises _Lost and RateLimited.

        An answer of 429 has told the limiter already how long to wait; how often that happens is bounded by max_wait alone.
        """
        self.limiter.acquire()
        passed = False
        try:
            answer = self._send(operation, url, json, form, headers)
            status = self.reader.status_of(answer)
            passed = status != 429
            if not passed:
                asked = seconds_from(answer.headers.get("Retry-After"), Retry().parse_retry_after)
                if asked is None:
                    asked = self.reader.budget(answer.headers)[2]
                self.limiter.refused(asked, f"{operation.name} met the rate limit (429)")
            return answer, status
        finally:
            self.limiter.release(passed)

    def _send(self, operation: Operation, url: str, json: Json, form: t.Mapping[str, str] | None, headers: dict[str, str]) -> Answer:
        """Send one request, following redirects of reads within the same origin. Raises _Lost."""
        for _hop in range(_GIVE_UP_AFTER + 1):
            answer, location = self._exchange(operation, url, json, form, headers)
            if answer.status not in _REDIRECTS:
                return answer
            goal = urljoin(url, location or "")
            if not location or not operation.is_read or _origin(goal) != _origin(url):
                where = urlsplit(goal)
                raise RollcallError(
                    f"The server redirects {operation.name} to {where.scheme}://{where.netloc}; credentials were not sent there.",
                    "If that is the right address, set api_url to it.",
                )
            url = goal
        raise RollcallError(f"The server redirects {operation.name} in a circle.", "Check api_url.")

    def _exchange(
        self, operation: Operation, url: str, json: Json, form: t.Mapping[str, str] | None, headers: dict[str, str]
    ) -> tuple[Answer, str | None]:
        session = self._open()
        body: bytes | None = None
        sent = {"Accept": "application/json", "User-Agent": self.settings.user_agent, "Accept-Encoding": "gzip, deflate"}
        if json is not None:
            body = jsonlib.dumps(json, ensure_ascii=False).encode("utf-8")
            sent["Content-Type"] = "application/json"
        elif form is not None:
            body = urlencode(form).encode("ascii")
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        sent.update(headers)
        request = requests.PreparedRequest()
        try:
            request.prepare(method=operation.method, url=self._origin_url(url), headers=sent, data=body)
            for value in sent.values():
                value.encode("latin-1")  # what a header can hold
        except (requests.exceptions.RequestException, ValueError) as error:
            raise InputError(f"{self._origin_url(url)} cannot be called: {error}", "Check api_url and the credentials.") from None
        request.url = url  # set after prepare(), which would decode and resolve segments such as %2E%2E
        with self._lock:
            self.calls[operation.name] += 1
        verify: bool | str = self.settings.ca_path or True
        if not self.settings.validate_certs:
            verify = False
            urllib3.disable_warnings()  # the task has a warning of its own
        environment = self._environment(session, url, verify)
        try:
            response = session.send(
                request, timeout=self.settings.timeout, stream=True, allow_redirects=False,
                verify=environment["verify"], cert=environment["cert"], proxies=environment["proxies"],
            )
            text = self._read(response, operation)
        except (requests.exceptions.RequestException, Urllib3Error, OSError) as error:
            raise _Lost.of(error) from None
        answer = Answer(operation, response.status_code, response.headers, text)
        if self.reader.request_id_header:
            answer.request_id = headers.get(self.reader.request_id_header) or response.headers.get(self.reader.request_id_header)
            self.last_request_id = answer.request_id
        self.limiter.observe(*self.reader.budget(response.headers))
        return answer, response.headers.get("Location")

    def _environment(self, session: t.Any, url: str, verify: bool | str) -> dict[str, t.Any]:
        """Return proxies and certificates as the environment has them, looked up once for each host."""
        origin = self._origin_url(url)
        if origin not in self._proxies:
            self._proxies[origin] = session.merge_environment_settings(origin, {}, True, verify, None)
        return self._proxies[origin]

    @staticmethod
    def _origin_url(url: str) -> str:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc}/"

    @staticmethod
    def _read(response: t.Any, operation: Operation) -> str:
        """Return the decoded body. Raises UnreadableAnswer beyond the size limit."""
        chunks = []
        size = 0
        for chunk in response.iter_content(65536):
            size += len(chunk)
            if size > MAX_ANSWER:
                response.close()
                raise UnreadableAnswer(
                    f"The answer to {operation.name} is larger than {MAX_ANSWER // 1048576} MiB.", "Check that api_url points to the API itself."
                )
            chunks.append(chunk)
        body = b"".join(chunks)
        stated = "charset=" in response.headers.get("Content-Type", "").lower()
        try:
            return body.decode(response.encoding if stated and response.encoding else "utf-8")
        except (UnicodeDecodeError, LookupError):
            # What is read here may be written back later: guessing would change it. In an error any text will do.
            if operation.is_read and response.status_code < 300:
                raise UnreadableAnswer(
                    f"The answer to {operation.name} is not in UTF-8 and does not say in what.",
                    "Its texts are not guessed: they could be written back changed. Report it to the provider.",
                ) from None
            return body.decode("utf-8", "replace")

    # -- errors --------------------------------------------------------------------------------------------------

    def _refused(self, operation: Operation, answer: Answer, status: int, subject: str) -> ApiError:
        message = self.reader.message_of(answer).rstrip(".")
        return ApiError(
            operation.name, operation.title + _of(subject), status, message,
            self.reader.hint_for(operation, status, message), answer.request_id,
        )

    def _lost(self, operation: Operation, lost: _Lost, subject: str, base: str) -> RollcallError:
        origin = self._origin_url(base)
        if not lost.sent:
            return Unreachable(f"Could not reach {origin} to {operation.title}{_of(subject)}: {lost.reason}.", lost.hint)
        if operation.safe:
            return Unreachable(f"The connection to {origin} broke while it was asked to {operation.title}{_of(subject)}: {lost.reason}.", lost.hint)
        return UnclearAnswer(
            f"The connection to {origin} broke before the answer to {operation.name}{_of(subject)} came: it may or may not have been done.",
            RERUN,
        )

    def count(self) -> int:
        """Return the number of requests sent so far, logins included."""
        return sum(self.calls.values())


class _Lost(Exception):
    """A request without an answer. ``sent`` is False where it certainly never reached the server."""

    def __init__(self, reason: str, sent: bool, transient: bool, hint: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent
        self.transient = transient
        self.hint = hint

    @classmethod
    def of(cls, error: Exception) -> _Lost:
        """Tell what a library's exception means."""
        chain = list(_causes(error))
        network = "Check api_url, the network and any proxy, then run it again: nothing that was done is repeated."
        if any(isinstance(cause, requests.exceptions.SSLError) for cause in chain):
            return cls(
                f"TLS failed ({_short(chain[-1])})", False, False,
                "Check api_url; for a private certificate authority set ca_path to its bundle.",
            )
        if any(isinstance(cause, requests.exceptions.ProxyError) for cause in chain):
            return cls(f"the proxy failed ({_short(chain[-1])})", False, True, "Check the proxy settings in the environment (https_proxy, no_proxy).")
        if any(isinstance(cause, requests.exceptions.ConnectTimeout) for cause in chain):
            return cls("no connection within api_timeout", False, True, network)
        if any(isinstance(cause, NewConnectionError) for cause in chain):
            return cls(_short(chain[-1]), False, True, network)
        if any(isinstance(cause, requests.exceptions.Timeout) for cause in chain):
            return cls("no answer within api_timeout", True, True, network)
        return cls(_short(chain[-1]), True, True, network)


def _causes(error: BaseException) -> t.Iterator[BaseException]:
    seen: set[int] = set()
    queue: list[BaseException] = [error]
    while queue:
        cause = queue.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        inner = [getattr(cause, "reason", None), cause.__cause__, cause.__context__, *cause.args]
        queue += [item for item in inner if isinstance(item, BaseException)]


def _short(error: BaseException) -> str:
    """Return the system's own words for an error, without the object names that libraries put around them."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    text = str(error).rpartition("Caused by")[2]
    return " ".join(text.replace("\n", " ").split())[:160] or type(error).__name__


def _backoff(attempt: int) -> float:
    return min(0.25 * float(2 ** (attempt - 1)), 8.0)


def _of(subject: str) -> str:
    return f" {subject}" if subject else ""


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


if HAS_REQUESTS:

    class _NoCookies(RequestsCookieJar):
        """A jar that stays empty."""

        def set_cookie(self, cookie: t.Any, *args: t.Any, **kwargs: t.Any) -> None:
            """Keep nothing."""
