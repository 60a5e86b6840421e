# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One half of what a provider is: an authenticated connection.

Every hook has a default; a provider overrides what differs.
"""

from __future__ import annotations

import collections
import contextlib
import threading
import typing as t

from ..errors import ApiError, InputError, Problem, Unexpected, UnreadableAnswer, require
from ..http.api import Answer, AnswerReader, Json, Operation, Query
from ..http.exchange import Settings
from ..http.limiter import Clock, Limiter
from ..http.masking import Masker
from ..http.transport import Transport
from ..names import fold
from ..plan.model import Account
from ..wording import joined
from .exclusion import alone
from .scalars import outer_blanks

Params = t.Mapping[str, t.Any]
Out = t.TypeVar("Out")


class _Counter(threading.local):
    """What each thread has done: its number of calls, its last operation, and whether that found nothing."""

    calls = 0
    operation = ""
    absent = False


_RANGES = (
    ("api_timeout", 1, 86_400),
    ("api_retries", 0, 1000),
    ("max_wait", 0, 31_536_000),
    ("max_concurrency", 1, 1000),
)
"""Options of connections with minimum and maximum. The longest times are a day and a year, in seconds."""
_PASSWORD = "api_password"
"""The only credential that can begin or end with a blank."""
_NO_URL = "https://api-url.invalid"
"""Replaces a missing address while the credentials are checked. Nothing is sent to it."""


def out_of_range(params: Params) -> list[Problem]:
    """Return a problem for each option that is below its minimum or above its maximum."""
    problems = []
    for name, low, high in _RANGES:
        value = params.get(name, low)
        if not low <= value <= high:
            bound = f"the minimum is {low}" if value < low else f"the maximum is {high}"
            problems.append(Problem(f"{name} is {value}; {bound}.", option=name))
    return problems


class Connection:
    """One authenticated connection, kept for all items of a loop. A provider sets ``operations`` and ``authenticate``.

    ``secrets`` are the options that contain secrets. ``headers`` are additional headers of each request, such as
    another media type.
    """

    provider = ""
    operations: t.Mapping[str, Operation] = {}
    default_url: str | None = None
    secrets: tuple[str, ...] = ()
    headers: t.Mapping[str, str] = {}
    reader: t.Callable[[], AnswerReader] = AnswerReader
    """Returns how answers are read."""
    account_option = ""
    """The option that selects the account that ``account`` returns. Empty if the credentials belong to it."""
    account_advice = "Remove expected_account, or use credentials that reveal it."
    """The next step if ``account`` returns None."""

    def __init__(self, params: Params, masker: Masker, clock: Clock | None = None) -> None:
        self.params = params
        self.masker = masker
        self.clock = clock or Clock()
        masker.add(*(params.get(name) for name in self.secrets))
        url = params.get("api_url") or self.default_url
        require(out_of_range(params))
        settings = Settings(
            api_url=url or _NO_URL,
            validate_certs=params.get("validate_certs", True),
            ca_path=params.get("ca_path"),
            timeout=float(params.get("api_timeout", 30)),
            retries=params.get("api_retries", 3),
            max_concurrency=params.get("max_concurrency", 8),
        )
        reader = self.reader()
        outer = outer_blanks(str(params.get(_PASSWORD) or ""))
        reader.suspicion = f"{_PASSWORD} {outer}: check whether this is part of the password." if outer else ""
        reader.paths = {operation.path for operation in self.operations.values()}
        limiter = Limiter(float(params.get("max_wait", 300)), self.clock, params.get("rate_reserve", "20%"))
        self.transport = Transport(settings, reader, masker, limiter)
        self._verified = False
        self.cache: dict[str, t.Any] = {}
        self.counter = _Counter()
        self.known: dict[tuple[str, str], Account] | None = None
        """Accounts as last read or written, by noun and id, for later tasks on this connection. None if each task must
        read for itself. Accounts that a task shows are always read."""
        self.announce: t.Callable[[str], None] = lambda line: None
        self.operation = ""
        """The last operation that any thread called. ``counter`` has that of each thread."""
        self._locks: collections.defaultdict[str, threading.Lock] = collections.defaultdict(threading.Lock)
        if not url:
            raise self._without_url()
        self.authenticate()

    def _without_url(self) -> InputError:
        """Return the error for a missing address, which also reports missing credentials."""
        missing = InputError(
            "api_url is missing.", f"Set the option, or {self.provider.upper()}_API_URL in the environment.",
            "missing_option", "api_url",
        )
        try:
            self.authenticate()
        except InputError as error:
            return InputError([*missing.advised(), *error.advised()])
        return missing

    # -- hooks ---------------------------------------------------------------------------------------------------

    def authenticate(self) -> None:
        """Set ``transport.auth``, without sending anything. Raises InputError if credentials are missing."""

    def account(self) -> str | None:
        """Return the provider's id of the organisation that the credentials belong to, None if
        the API does not reveal it."""
        return None

    def same_account(self, actual: str, expected: str) -> bool:
        """Return whether two ids mean the same organisation; by default without case."""
        return fold(actual) == fold(expected)

    def caller(self) -> str | None:
        """Return the id or folded natural key of the user that the credentials belong to, None if the
        API does not reveal it."""
        return None

    # -- for everyone --------------------------------------------------------------------------------------------

    def alone(self, name: str | None, check: bool) -> t.ContextManager[None]:
        """Exclude other processes that use these credentials from a user, or with None from all users.

        Nothing is excluded in check mode.
        """
        if check:
            return contextlib.nullcontext()
        server = [self.transport.base, *(str(self.params.get(secret)) for secret in self.secrets)]
        return alone(server, name, self.clock, self.transport.limiter.max_wait, self.announce)

    @property
    def workers(self) -> int:
        """Return the maximum number of parallel requests."""
        return self.transport.settings.max_concurrency

    def call(
        self,
        name: str,
        path: t.Mapping[str, t.Any] | None = None,
        query: Query | None = None,
        json: Json = None,
        subject: str = "",
        headers: t.Mapping[str, str] | None = None,
    ) -> Answer:
        """Send an operation by its name. See Transport.call for what it raises."""
        self.counter.calls += 1
        self.counter.operation = self.operation = name
        answer = self.transport.call(
            self.operations[name],
            path=path,
            query=query,
            json=json,
            subject=subject,
            headers={**self.headers, **(headers or {})},
        )
        self.counter.absent = answer.absent
        return answer

    def refusal(self, answer: Answer, subject: str, hint: str) -> ApiError:
        """Return the error for an answer that is usually accepted, such as "not found", and is wrong this time."""
        operation, message = answer.operation, self.transport.reader.message_of(answer)
        return ApiError(operation.name, f"{operation.title} {subject}".strip(), answer.status, message, hint)

    def require_credentials(self, *names: str, alternative: str = "") -> None:
        """Raise InputError (missing_credentials) if one of these options is not set.

        ``alternative`` completes the hint.
        """
        missing = [name for name in names if not self.params.get(name)]
        if missing:
            variables = joined([f"{self.provider}_{name}".upper() for name in missing])
            raise InputError(
                f"{joined(missing)} {'is' if len(missing) == 1 else 'are'} missing.",
                f"Set the option{'s' if len(missing) > 1 else ''}, or {variables} in the environment{alternative}.",
                "missing_credentials", missing[0],
            )

    def cached(self, name: str, read: t.Callable[[], Out]) -> Out:
        """Return what ``read`` returns. It is called once for each connection, by the first thread that needs it."""
        if name not in self.cache:
            with self._locks[name]:
                if name not in self.cache:
                    self.cache[name] = read()
        return t.cast(Out, self.cache[name])

    @contextlib.contextmanager
    def odd_rows(self) -> t.Iterator[None]:
        """Turn exceptions in the processing of an answer's rows into UnreadableAnswer, which names the operation.

        A row that does not match the documentation (a null, a text instead of an object) is the server's fault, and
        must not cause a traceback.
        """
        try:
            yield
        except UnicodeError:
            raise
        except (TypeError, KeyError, AttributeError, ValueError, IndexError) as error:
            operation = self.counter.operation or self.operation or "the server"
            at = Unexpected.of_exception(error)
            raise UnreadableAnswer(
                f"The answer to {operation} has a row that does not match the documentation ({type(error).__name__} at "
                f"{at.place}: {error}).",
                "Check that api_url points to the API itself; if it does, report this line.",
            ) from error

    def begin(
        self, waits: t.Callable[[float, str], None] | None = None,
        announce: t.Callable[[str], None] = lambda line: None,
    ) -> None:
        """Start a task on this connection: reset what is counted for each task.

        ``waits`` is called before every wait for the server, with its seconds and the reason. ``announce`` shows a
        line.
        """
        self.announce = announce
        self.transport.limiter.notice = waits
        self.transport.limiter.waited = 0.0
        self.transport.limiter.keeps_reserve = False
        self.transport.written = self.transport.uncertain = 0
        self.transport.last_request_id = None

    def verify(self) -> None:
        """Check ``expected_account``, once. Raises InputError if the account differs or the API does not reveal it."""
        expected = self.params.get("expected_account")
        if expected in (None, "") or self._verified:
            return
        actual = self.account()
        if actual is None:
            raise InputError(
                f"expected_account: cannot verify {expected}, because these credentials do not reveal their "
                "account.",
                f"{self.account_advice} Nothing was written.", "wrong_account", "expected_account",
            )
        if not self.same_account(str(actual), str(expected)):
            option = self.account_option
            raise InputError(
                f"expected_account is {expected}, and "
                f"{f'{option} is' if option else 'these credentials belong to account'} {actual}.",
                f"{f'Correct {option}' if option else 'Use the credentials of the right account'}, or correct "
                "expected_account. Nothing was written.",
                "wrong_account", "expected_account",
            )
        self._verified = True
