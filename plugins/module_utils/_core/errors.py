# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors of the collection: each is one sentence on what happened and one on what to do."""

from __future__ import annotations

import typing as t

_NAMED = 10
"""Users whom a problem names that many have."""
RERUN = "Run the task again: it reads first and repeats nothing that was done."
"""The hint of an unclear answer, true for whatever is planned from what was read."""


class RollcallError(Exception):
    """The root of all errors that a task reports.

    ``message`` says what happened, ``hint`` what to do about it. Neither is masked here: the front end masks
    everything that leaves the task.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.more: dict[str, t.Any] = {}
        """What the failed result carries beside that: the plan that was stopped, the user who was created."""

    def sentence(self) -> str:
        """Return message and hint as one text."""
        return " ".join(part for part in (self.message, self.hint) if part)

    def facts(self) -> dict[str, t.Any]:
        """Return what a failed result carries beside ``msg``."""
        return {}


def gathered(problems: t.Iterable[str]) -> list[str]:
    """Return each problem once; what is wrong with many users in the same way is one problem that names the first of them."""
    places: dict[str, list[str]] = {}
    for problem in dict.fromkeys(problems):
        place, colon, text = problem.partition(": ")
        if not (colon and place.startswith("users[")):
            place, colon, text = "", "", problem
        places.setdefault(f"{colon}{text}", []).append(place)
    return [", ".join(found[:_NAMED]) + (f" and {len(found) - _NAMED} more" if len(found) > _NAMED else "") + text for text, found in places.items()]


class InputError(RollcallError):
    """The input is wrong. ``problems`` holds one text for each fault, so that all are mended in one go."""

    def __init__(self, problems: str | t.Sequence[str], hint: str = "") -> None:
        self.problems = [problems] if isinstance(problems, str) else gathered(problems)
        if len(self.problems) == 1:
            message = self.problems[0]
        else:
            message = f"{len(self.problems)} problems in the input: " + " ".join(
                f"({number}) {problem}" for number, problem in enumerate(self.problems, 1)
            )
        super().__init__(message, hint or "Nothing was written.")


class NotFound(InputError):
    """Nobody has the name or the id that a task is about. That is told apart from a server that could not be asked."""

    def facts(self) -> dict[str, t.Any]:
        return {"found": False}


class GuardError(RollcallError):
    """A plan would do more than the limits of the task allow; nothing was written."""

    def __init__(self, message: str, hint: str, users: t.Sequence[str] = ()) -> None:
        super().__init__(message, hint)
        self.users = list(users)

    def facts(self) -> dict[str, t.Any]:
        return {"stopped": self.users} if self.users else {}


class Unreachable(RollcallError):
    """No connection to the server came about: the request was never taken."""


class UnclearAnswer(RollcallError):
    """The request left, and no usable answer came: it may or may not have had its effect."""


class UnreadableAnswer(RollcallError):
    """The server answered with something that is not what its documentation promises."""


class RateLimited(RollcallError):
    """Waiting for the rate limit would take longer than ``max_wait`` allows."""


class ApiError(RollcallError):
    """The server refused a request.

    ``operation`` is the name of the API call, ``status`` the HTTP status, ``answer`` the server's own words.
    """

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
        said = f": {answer}" if answer else " without a reason"
        identified = f" [request {request_id}]" if request_id else ""
        super().__init__(f"Could not {title} ({operation}): the server answered {status}{said}{identified}.", hint)

    def facts(self) -> dict[str, t.Any]:
        facts: dict[str, t.Any] = {"operation": self.operation, "status": self.status}
        if self.request_id:
            facts["request_id"] = self.request_id
        return facts


class PartialFailure(RollcallError):
    """Some users of a task were written and others were not; ``report`` says which."""

    def __init__(self, message: str, hint: str, report: dict[str, t.Any]) -> None:
        super().__init__(message, hint)
        self.report = report

    def facts(self) -> dict[str, t.Any]:
        return self.report
