# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors, problems and warnings of the collection.

Each has a code. Codes are part of the interface: the documentation lists them, and results contain them. Decisions
depend on the code, never on the text.
"""

from __future__ import annotations

import contextlib
import os
import typing as t
from dataclasses import dataclass

from .wording import counted, separator

NOTHING_WRITTEN = "Nothing was written."
RERUN = "Run the task again: it reads first and does not repeat completed changes."
"""The default hint for an unclear answer. It is true for every task that reads before it plans."""

_PLACES = 10
"""The number of places that a problem of many users lists."""
_LONGEST = 10_000
"""The maximum length of a message, in characters."""


class Place(str):
    """The position of a user in the input, such as ``users[3] (ada@acme.com)``.

    The text is for messages, ``user`` and ``position`` are for programs. ``position`` is None if there is not exactly
    one.
    """

    __slots__ = ("position", "user")  # thousands of users have a place
    user: str
    position: int | None

    def __new__(cls, text: str, user: str, position: int | None) -> Place:
        place = super().__new__(cls, text)
        place.user, place.position = user, position
        return place


def place_in(place: str, part: str) -> str:
    """Return a place followed by a part of the user, such as a tenant."""
    text = f"{place}, {part}"
    return Place(text, place.user, place.position) if isinstance(place, Place) else Place(text, str(place), None)


def place_facts(place: str) -> dict[str, t.Any]:
    """Return a place as results show it: ``user`` and, for an item of a list, ``index``."""
    if not isinstance(place, Place):
        return {"user": str(place)} if place else {}
    facts: dict[str, t.Any] = {"user": place.user} if place.user else {}
    return facts if place.position is None else {**facts, "index": place.position}


class Problem(str):
    """One fault in the input: a sentence, with its code and its place.

    ``place`` is the user, such as ``users[3] (ada@acme.com)``; messages begin with it. ``option`` is the option, such
    as ``roles[1]``. As a text, a problem is the whole message, so a list can contain both plain texts and problems.
    """

    code: str
    place: str
    option: str
    text: str

    def __new__(cls, text: str, code: str = "invalid_value", place: str = "", option: str = "") -> Problem:
        problem = super().__new__(cls, f"{place}: {text}" if place else text)
        problem.text, problem.code, problem.place, problem.option = text, code, place, option
        return problem

    def facts(self) -> dict[str, t.Any]:
        """Return the problem as results show it, in ``errors``."""
        facts: dict[str, t.Any] = {"code": self.code, "message": str(self)}
        facts.update(place_facts(self.place))
        if self.option:
            facts["option"] = self.option
        return facts


@dataclass(frozen=True)
class Notice:
    """A warning: its code, its sentence and, if it is about a user, that user."""

    code: str
    text: str
    user: str = ""

    def facts(self) -> dict[str, t.Any]:
        """Return the warning as results show it, in ``warning_details``."""
        return {"code": self.code, "message": self.text, **place_facts(self.user)}


AnyError = t.TypeVar("AnyError", bound="RollcallError")


class RollcallError(Exception):
    """The base class of all errors that a task reports.

    ``message`` says what is wrong and where, ``hint`` what to do about it. ``code`` names the kind of error. ``user``
    is the user that the error is about, empty if there is none. ``subject`` is the user or object of the failed call.
    An error with ``final`` applies to every user of the task, so the task attempts no further user. Neither text is
    masked: the front end masks everything that leaves the task.
    """

    code = "error"
    user = ""
    subject = ""
    final = False

    def __init__(self, message: str, hint: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or type(self).code
        self.more: dict[str, t.Any] = {}
        """Further fields of the failed result, such as the refused plan or the created user."""

    def sentence(self) -> str:
        """Return message and hint as one text that names the user, without repeating that nothing was written."""
        message = self.message if self.user in self.message else f"{self.user}: {self.message}"
        hint = self.hint.replace(NOTHING_WRITTEN, "").strip() if NOTHING_WRITTEN in self.message else self.hint
        return shortened(" ".join(part for part in (message, hint) if part), _LONGEST)

    def of(self: AnyError, user: str, hint: str = "") -> AnyError:
        """Return a copy of the error that is about ``user``, unless the error already names a user.

        The error itself does not change, because one error can apply to many users.
        """
        error = type(self).__new__(type(self))
        error.__dict__.update(self.__dict__)
        error.args = self.args
        error.user = self.user or user
        error.hint = hint or self.hint
        error.more = dict(self.more)
        return error

    def facts(self) -> dict[str, t.Any]:
        """Return the fields that a failed result has in addition to ``msg``, ``code`` and ``errors``."""
        return {}

    def errors(self) -> list[dict[str, t.Any]]:
        """Return the error as results list it: one entry for each problem, each with ``code`` and ``message``."""
        return [{"code": self.code, "message": self.sentence(), **({"user": self.user} if self.user else {})}]


class Unexpected(RollcallError):
    """An unexpected exception: a bug in the collection. The task reports it like any other error."""

    code = "unexpected"
    place = "an unknown place"

    @classmethod
    def of_exception(cls, error: BaseException) -> Unexpected:
        """Return the error for an exception, with the place where it was raised."""
        trace = error.__traceback__
        place = cls.place
        while trace is not None:
            code = trace.tb_frame.f_code
            place = f"{os.path.basename(code.co_filename)}:{trace.tb_lineno} ({code.co_name})"
            trace = trace.tb_next
        text = shortened(" ".join(str(error).split()), 500)
        unexpected = cls(
            f"Unexpected {type(error).__name__} at {place}: {text}.",
            "This is a bug in the collection: please report it with this line.",
        )
        unexpected.place = place
        return unexpected


def shortened(text: str, most: int) -> str:
    """Return a text of about ``most`` characters at most: the beginning and the end of a longer text."""
    if len(text) <= most:
        return text
    return f"{text[:most * 2 // 3]} ... ({counted(len(text) - most, 'character')} omitted) ... {text[-(most // 3):]}"


def first_words(text: str, most: int = 200) -> str:
    """Return the beginning of a text as one line, to quote a value or a server's text in a message.

    Mask secrets before: a shortened secret would no longer be recognized.
    """
    line = " ".join(text[: 20 * most].split())
    return line if len(line) <= most and len(text) <= 20 * most else f"{line[:most]}... ({len(text)} characters)"


def _listed(names: t.Sequence[str]) -> str:
    more = f" and {len(names) - _PLACES} more" if len(names) > _PLACES else ""
    return separator(names[:_PLACES]).join(names[:_PLACES]) + more


def merge_problems(problems: t.Iterable[str]) -> list[Problem]:
    """Return each problem once. Merge problems that differ only in their position in a list into one problem, which
    lists the first places."""
    merged: dict[tuple[str, str, str, str], list[str]] = {}
    for problem in dict.fromkeys(problems):
        known = problem if isinstance(problem, Problem) else Problem(problem)
        listed = isinstance(known.place, Place) and known.place.position is not None
        merged.setdefault((known.text, known.code, known.option, "" if listed else known.place), []).append(known.place)
    merged_problems = []
    for (text, code, option, _place), places in merged.items():
        if len(places) == 1:
            merged_problems.append(Problem(text, code, places[0], option))
            continue
        users = [str(place_facts(place).get("user", place)) for place in places]
        merged_problems.append(Problem(text, code, Place(_listed(places), _listed(users), None), option))
    return merged_problems


class InputError(RollcallError):
    """The input is wrong. ``problems`` has an entry for each fault, so that users can fix all of them at once.

    The parameters ``code`` and ``option`` apply to problems that are plain texts. ``code`` is also the error's own.
    """

    code = "invalid_input"

    def __init__(self, problems: str | t.Sequence[str], hint: str = "", code: str = "", option: str = "") -> None:
        listed = [problems] if isinstance(problems, str) else problems
        self.problems = merge_problems(
            problem if isinstance(problem, Problem) else Problem(problem, code or "invalid_value", "", option)
            for problem in listed
        )
        if len(self.problems) == 1:
            message = str(self.problems[0])
            code = code or self.problems[0].code
        else:
            message = f"{len(self.problems)} problems in the input: " + " ".join(
                f"({number}) {problem}" for number, problem in enumerate(self.problems, 1)
            )
        super().__init__(message, hint or NOTHING_WRITTEN, code)

    def errors(self) -> list[dict[str, t.Any]]:
        """Return an entry for each problem."""
        return [problem.facts() for problem in self.problems]

    def advised(self) -> list[Problem]:
        """Return the problems, each with the hint, for an error that becomes part of another error."""
        hint = "" if self.hint == NOTHING_WRITTEN else f" {self.hint}"
        return [
            Problem(f"{problem.text}{hint}", problem.code, problem.place, problem.option) for problem in self.problems
        ]

    def naming(self, variables: t.Mapping[str, str]) -> InputError:
        """Return the error with a sentence that names the environment variables from which wrong values come.

        ``variables`` maps options to environment variables.
        """
        named = sorted({variables[problem.option] for problem in self.problems if problem.option in variables})
        missing = [variable for variable in named if variable not in self.message + self.hint]
        if not missing:
            return self
        error = self.of("")
        source = "The value comes" if len(missing) == 1 else "The values come"
        error.message = f"{self.message} {source} from {' and '.join(missing)} in the environment."
        if len(error.problems) == 1:
            known = error.problems[0]
            error.problems = [
                Problem(
                    f"{known.text} The value comes from {missing[0]} in the environment.", known.code, known.place,
                    known.option,
                )
            ]
        return error


class NotFound(InputError):
    """No user has the name or the id of the task. Unlike an unreachable server, this is certain."""

    code = "user_not_found"

    def facts(self) -> dict[str, t.Any]:
        return {"found": False}


class GuardError(RollcallError):
    """A plan would do more than the limits of the task allow; nothing was written.

    ``users`` are the affected users; the parameter maps each to a sentence that says what would happen. ``option`` is
    the limit.
    """

    code = "guard"

    def __init__(
        self, message: str, hint: str, users: t.Mapping[str, str] | None = None, code: str = "", option: str = ""
    ) -> None:
        super().__init__(message, hint, code)
        self.users = list(users or ())
        self.option = option
        self._reasons = dict(users or {})
        self._others: list[GuardError] = []
        self.stopped: t.Any = None
        """The refused plan, for callers that show it."""

    @classmethod
    def of_all(cls, errors: t.Sequence[GuardError], hint: str) -> GuardError:
        """Return one error for several exceeded limits. Its code and option are those of the first."""
        first, *others = errors
        whole = cls("\n".join(error.message for error in errors), hint, first._reasons, first.code, first.option)
        whole.users = list(dict.fromkeys(user for error in errors for user in error.users))
        whole._others = others
        return whole

    def naming(self, variables: t.Mapping[str, str]) -> GuardError:
        """Return the error with a sentence that names the environment variable from which its option comes.

        ``variables`` maps options to environment variables.
        """
        if self.option in variables:
            source = f"The value of {self.option} comes from {variables[self.option]} in the environment."
            self.message = f"{self.message} {source}"
        return self

    def facts(self) -> dict[str, t.Any]:
        return {"stopped": self.users} if self.users else {}

    def errors(self) -> list[dict[str, t.Any]]:
        """Return an entry for each limit and affected user. An error about no user has one entry without a user."""
        option = {"option": self.option} if self.option else {}
        entries = [{"code": self.code, "message": text, "user": user, **option} for user, text in self._reasons.items()]
        others = [entry for error in self._others for entry in error.errors()]
        return [*(entries or [{**super().errors()[0], **option}]), *others]


class Unreachable(RollcallError):
    """There is no connection to the server: the server did not receive the request."""

    code = "unreachable"


class UnclearAnswer(RollcallError):
    """The request was sent, but no usable answer arrived: the request may or may not have had its effect.

    ``operation`` is the name of the API call. ``status`` is the HTTP status of an answer that does not reveal the
    effect, 0 without an answer.
    """

    code = "unclear_answer"

    def __init__(self, message: str, hint: str = "", code: str = "", operation: str = "", status: int = 0) -> None:
        super().__init__(message, hint or RERUN, code)
        self.is_general = not hint
        """Whether ``hint`` is the default hint, because there is none for this operation."""
        self.operation = operation
        self.status = status

    def advise(self, hint: str) -> None:
        """Replace the hint with one for this operation."""
        self.hint, self.is_general = hint, False

    def facts(self) -> dict[str, t.Any]:
        facts: dict[str, t.Any] = {"operation": self.operation} if self.operation else {}
        if self.status:
            facts["status"] = self.status
        return facts

    def errors(self) -> list[dict[str, t.Any]]:
        """Return the error with the operation and the HTTP status."""
        return [{**super().errors()[0], **self.facts()}]


class UnreadableAnswer(RollcallError):
    """The server answered with something that its documentation does not describe."""

    code = "unreadable_answer"


class RateLimited(RollcallError):
    """Waiting for the rate limit would take longer than ``max_wait`` allows.

    ``left`` describes the remaining budget of calls. It is empty unless ``Limiter.afford`` raised the error.
    """

    code = "rate_limited"
    final = True

    def __init__(self, message: str, hint: str, left: str = "") -> None:
        super().__init__(message, hint)
        self.left = left


_STATUS_CODES = {
    400: "rejected", 401: "not_authenticated", 402: "plan_required", 403: "not_permitted", 404: "not_found",
    405: "not_supported", 409: "conflict", 410: "not_found", 415: "rejected", 422: "rejected", 423: "locked",
    429: "rate_limited",
}
"""HTTP status -> code of an ApiError. Other statuses mean ``server_error`` from 500 on, and ``rejected`` below 500."""


class ApiError(RollcallError):
    """The server refused a request.

    ``operation`` is the name of the API call, ``status`` the HTTP status, ``answer`` the server's own words.
    """

    code = "rejected"

    def __init__(
        self,
        operation: str,
        title: str,
        status: int,
        answer: str,
        hint: str = "",
        request_id: str | None = None,
    ) -> None:
        self.operation = operation
        self.status = status
        self.answer = answer
        self.request_id = request_id
        reason = f": {answer}" if answer else " without a reason"
        identified = f" [request {request_id}]" if request_id else ""
        code = _STATUS_CODES.get(status, "server_error" if status >= 500 else "rejected")
        self.final = status == 401
        super().__init__(
            f"Could not {title} ({operation}): the server answered {status}{reason}{identified}.", hint, code
        )

    def facts(self) -> dict[str, t.Any]:
        facts: dict[str, t.Any] = {"operation": self.operation, "status": self.status}
        if self.request_id:
            facts["request_id"] = self.request_id
        return facts

    def errors(self) -> list[dict[str, t.Any]]:
        """Return the error with the operation and the HTTP status."""
        return [{**super().errors()[0], **self.facts()}]


class PartialFailure(RollcallError):
    """Some users of a task were written and others were not; ``report`` is the result, with ``errors`` of its own."""

    code = "partial_failure"

    def __init__(self, message: str, hint: str, report: dict[str, t.Any]) -> None:
        super().__init__(message, hint)
        self.report = report

    def facts(self) -> dict[str, t.Any]:
        return self.report

    def errors(self) -> list[dict[str, t.Any]]:
        """Return the errors of all users that failed."""
        return list(self.report.get("errors", ()))


@contextlib.contextmanager
def concerning(subject: str) -> t.Iterator[None]:
    """Let the errors of all calls in the context be about a user, although the calls do not name the user."""
    try:
        yield
    except RollcallError as error:
        error.subject = first_words(subject)
        raise


def require(problems: t.Sequence[str]) -> None:
    """Raise InputError if there are problems."""
    if problems:
        raise InputError(problems)
