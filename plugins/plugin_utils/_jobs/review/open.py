# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Opens a review: reads the directories, creates the rows, and writes the files. It writes to no connection."""

from __future__ import annotations

import os
import re
import typing as t
from collections import Counter

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    InputError,
    Notice,
    Problem,
    RollcallError,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.task import add_notices
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import agreed, counted

from ..action import common_code, deliver_problems, moment, path_of, today
from ..check import unknown_connections
from ..data import Data, load
from ..files import make_folder, problem_of_folder, problems_of_files, write_text
from ..links import Memory, read_links
from ..links_warnings import CREATED_ELSEWHERE, foreign_links, missing_file
from ..session import Frame, Session, masker_of, notices_of, open_sessions
from ..variables import texts_of
from .directories import Reading, Standings, match, read_all, standings_of
from .documents import DEST, LINKS, attempted, sha256
from .flags import count_rows
from .folder import Folder
from .model import Coverage, Review, Row
from .output import FILES, MANIFEST, review_files
from .previous import Previous, read_previous
from .provenance import collection_version, digest_of_people
from .reviewers import Reviewers
from .rows import Rows, RowSettings

ROLE = "access_review"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SHOWN = 25
"""The maximum number of rows that cannot be used in the text for the log, and of warnings."""


def run_open(params: t.Mapping[str, t.Any], frame: Frame) -> dict[str, t.Any]:
    """Return the result of opening a review: ``review``, ``files``, ``changed``, ``content``, and ``failed`` and
    ``msg`` if a connection is missing.

    Raises InputError with all problems of the input; in that case, nothing was read. Raises RollcallError if no
    connection could be read.
    """
    problems: list[Problem] = []
    day = today(params.get("as_of"), params.get("timezone") or "")
    paths = {name: path_of(params.get(name), frame.folder) for name in ("people_file", "links", "dest", "previous")}
    data = load(params, paths["people_file"], day, f"{ROLE}_people_file", problems)
    names = _names(params, data, problems)
    memory = attempted(lambda: read_links(paths["links"], LINKS), problems) or Memory()
    previous = attempted(lambda: read_previous(paths["previous"]), problems) or Previous()
    identity = _identity(params.get("id") or day, problems)
    problems += _problems(params, paths, frame)
    folder = Folder(paths["dest"])
    if not problems:
        problems += folder.problems(identity)
    data.connections = {name: data.connections[name] for name in names}
    sessions = attempted(lambda: open_sessions(data.connections, frame, reveal=not problems), problems)
    if problems or sessions is None:
        raise InputError(problems)
    data.notices[:0] = missing_file(memory, paths["links"], LINKS, CREATED_ELSEWHERE)
    opening = _Opening(params, frame, data, memory, previous, day, identity)
    review = opening.review(sessions)
    return opening.result(review, review_files(review, folder.earlier), folder)


def _names(params: t.Mapping[str, t.Any], data: Data, problems: list[Problem]) -> list[str]:
    """Return the connections to review, in their order."""
    option = f"{ROLE}_connections"
    chosen = attempted(lambda: texts_of(params.get("only"), option), problems) or []
    if params["connections"]:
        problems += unknown_connections(option, chosen, params["connections"])
    return [name for name in chosen or data.connections if name in data.connections]


def _identity(text: t.Any, problems: list[Problem]) -> str:
    if not _ID.fullmatch(str(text)):
        wrong = (
            f"{ROLE}_id is {str(text)[:80]!r}; it names files, so specify at most 100 letters (A to Z), digits, dots, "
            "underscores and hyphens, beginning with a letter or a digit, such as 2026-q4."
        )
        problems.append(Problem(wrong, "invalid_value", option=f"{ROLE}_id"))
    return str(text)


def _problems(params: t.Mapping[str, t.Any], paths: t.Mapping[str, str], frame: Frame) -> list[Problem]:
    """Return the problems of the review's options, except those of people and connections."""
    problems = problem_of_folder(paths["dest"], DEST) + problems_of_files(paths["dest"], FILES, DEST)
    problems += deliver_problems(params.get("deliver"), paths["dest"], ROLE, frame)
    if not paths["dest"] and not params.get("deliver"):
        text = f"Set {ROLE}_dest, a folder for the files, or {ROLE}_deliver, a task file that stores them."
        problems.append(Problem(text, "missing_option", option=DEST))
    previous = paths["previous"] if not paths["previous"].endswith(".json") else os.path.dirname(paths["previous"])
    if previous and paths["dest"] and os.path.realpath(previous) == os.path.realpath(paths["dest"]):
        text = (
            f"{ROLE}_previous is {ROLE}_dest, which this review is written to. Specify another folder for one of them."
        )
        problems.append(Problem(text, "invalid_value", option=f"{ROLE}_previous"))
    if params["dormant_days"] < 1:
        text = f"{ROLE}_dormant_days is {params['dormant_days']}; the minimum is 1. Raise it."
        problems.append(Problem(text, "invalid_value", option=f"{ROLE}_dormant_days"))
    return problems


class _Opening:
    """Opens one review."""

    def __init__(
        self,
        params: t.Mapping[str, t.Any],
        frame: Frame,
        data: Data,
        memory: Memory,
        previous: Previous,
        day: str,
        identity: str,
    ) -> None:
        self._params, self._frame, self._data, self._memory = params, frame, data, memory
        self._previous, self._day, self._identity = previous, day, identity
        self._masker = masker_of(data.connections, frame.defaults)
        self._notices: list[Notice] = list(data.notices)
        self._accounts = 0
        self._others: dict[str, list[str]] = {}
        """Connection -> the kinds of accounts that are not users, such as service accounts."""
        self._codes: dict[str, str] = {}

    def review(self, sessions: t.Sequence[Session]) -> Review:
        """Return the review. Raises RollcallError if no connection could be read."""
        params, data = self._params, self._data
        readings = read_all(sessions, params["details"])
        if all(reading.error is not None for reading in readings):
            reasons = [f"{reading.leader.name}: {self._error(reading)}" for reading in readings]
            code = common_code(reading.error.code for reading in readings if reading.error is not None)
            raise RollcallError("No connection could be read, so nothing was written.", "\n".join(reasons), code)
        self._memory.share([member.name for member in reading.members] for reading in readings)
        standings = standings_of(data, self._memory, self._day)
        reviewers = Reviewers(params["by"], standings, data.entitlements)
        rows = [
            row for reading in readings if reading.error is None for row in self._rows(reading, standings, reviewers)
        ]
        rows.sort(key=lambda row: (row.person, row.account, row.connection, row.facet, row.grant_name, row.id))
        for session in sessions:
            self._notices += notices_of(session, self._masker)
        for reading in readings:
            if reading.error is None:
                self._notices += foreign_links(self._memory, reading.leader, data.people, LINKS)
        review = Review(
            self._identity,
            self._day,
            moment(),
            rows,
            self._coverage(readings, rows),
            people=len(data.people),
            feed=data.feed,
            people_digest=digest_of_people(path_of(params.get("people_file"), self._frame.folder), data),
            version=collection_version(),
            job=self._frame.awx_job,
            filters=self._filters(),
            by=params["by"],
            reviewers=dict(sorted(reviewers.names.items())),
            previous=self._previous.review,
        )
        read = {name for name, coverage in review.coverage.items() if not coverage.error}
        review.gone = self._previous.missing_rows(rows, read)
        return review

    def _rows(self, reading: Reading, standings: Standings, reviewers: Reviewers) -> list[Row]:
        match(reading, self._memory, standings)
        settings = RowSettings(self._day, self._params["dormant_days"], bool(self._data.entitlements))
        maker = Rows(reading, standings, self._data.entitlements, settings, reviewers, self._previous)
        for notice in maker.notices:
            text = reading.leader.context.masker.text(f"{reading.leader.name}: {notice.text}")
            self._notices.append(Notice(notice.code, self._masker.text(text)))
        self._accounts += len(reading.accounts()) + len(reading.others())
        self._others[reading.leader.name] = [noun for noun, _account in reading.survey.others.values()]
        return maker.all()

    def _error(self, reading: Reading) -> str:
        text = reading.error.sentence() if reading.error is not None else ""
        return self._masker.text(reading.leader.context.masker.text(text))

    def _coverage(self, readings: t.Sequence[Reading], rows: t.Sequence[Row]) -> dict[str, Coverage]:
        """Return what was read of each connection, in the order of the connections."""
        counts = Counter(row.connection for row in rows)
        covered: dict[str, Coverage] = {}
        for reading in readings:
            for session in reading.members:
                shared = reading.leader.name if session is not reading.leader else ""
                missing = session.life.review.not_provided + (
                    session.life.review.only_details if not self._params["details"] else ()
                )
                about = Coverage(
                    session.provider, reading.organisation, not_provided=missing, shared_with=shared,
                    error=self._error(reading),
                )
                if not shared and reading.error is None:
                    about.accounts, about.total = len(reading.accounts()), reading.total
                    about.rows = counts[session.name]
                covered[session.name] = about
                self._codes[session.name] = reading.error.code if reading.error is not None else ""
        return {name: covered[name] for name in self._data.connections}

    def _filters(self) -> dict[str, t.Any]:
        """Return the options that limit the review."""
        only = texts_of(self._params.get("only"), f"{ROLE}_connections")
        filters: dict[str, t.Any] = {"connections": only} if only else {}
        filters["dormant_days"] = self._params["dormant_days"]
        if not self._params["details"]:
            filters["details"] = False
        return filters

    # -- the result --------------------------------------------------------------------------------------------------

    def result(self, review: Review, files: t.Mapping[str, str], folder: Folder) -> dict[str, t.Any]:
        """Write the files that differ, and return the result."""
        params = self._params
        names = folder.new(files) if folder.path else []
        obsolete = folder.left_over(files) if folder.path else []
        if (names or obsolete) and not self._frame.check:
            make_folder(folder.path)
            for name in obsolete:
                folder.remove(name)
            # The manifest is last: without it, the folder contains no review.
            for name in sorted(names, key=lambda file: file == MANIFEST):
                write_text(os.path.join(folder.path, name), files[name])
        about = {
            "id": review.id,
            "day": review.day,
            "rows": len(review.rows),
            "accounts": self._accounts,
            "people": review.people,
            "flags": count_rows(review.rows),
            "incomplete": review.incomplete,
            "pages": [name for name in files if name.endswith(".html")],
            "manifest_digest": sha256(files[MANIFEST]),
        }
        result: dict[str, t.Any] = {
            "review": {**about, "text": self._text(review, about)},
            "files": names,
            "changed": bool(names or obsolete),
        }
        result["content"] = dict(files) if params.get("deliver") or not folder.path else {}
        add_notices(result, self._notices[:_SHOWN])
        if review.incomplete and params["on_missing"] == "fail":
            texts = "\n".join(f"{name}: {review.coverage[name].error}" for name in review.incomplete)
            result.update(
                failed=True,
                msg=f"{', '.join(review.incomplete)} could not be read, and the review is INCOMPLETE without "
                f"{agreed(len(review.incomplete), 'it')}.\n"
                f"{texts}\n"
                f"Fix that and open the review again, or set {ROLE}_on_missing: report.",
                errors=[
                    {"code": self._codes[name], "message": f"{name}: {review.coverage[name].error}"}
                    for name in review.incomplete
                ],
            )
        return result

    def _text(self, review: Review, about: t.Mapping[str, t.Any]) -> list[str]:
        """Return the result as lines for a log."""
        rows, accounts = counted(about["rows"], "row"), counted(about["accounts"], "account")
        people = counted(review.people, "person")
        lines = [f"Review {review.id} of {review.day}: {rows} of {accounts}, {people} in the feed"]
        lines += [f"INCOMPLETE: {name} could not be read: {review.coverage[name].error}" for name in review.incomplete]
        lines += [
            _covered(name, coverage, self._others.get(name, ()))
            for name, coverage in review.coverage.items() if not coverage.error
        ]
        lines += [f"{counted(count, 'row')}: {flag.replace('_', ' ')}" for flag, count in about["flags"].items()]
        if review.by != "none":
            alone = sum(not row.reviewer for row in review.rows)
            without = f"{counted(alone, 'row', 'has')} none and {agreed(alone, 'stays')} with the auditor"
            lines.append(f"{counted(len(review.reviewers), 'reviewer')}; {without}")
        if review.previous:
            new = sum(row.new for row in review.rows)
            lines.append(f"since review {review.previous}, new rows: {new}, rows that are gone: {len(review.gone)}")
        if not self._memory.kept:
            lines.append("no links file is used (access_review_links), so accounts are matched by name")
        rejected = [str(problem) for row in self._data.rejected for problem in row.problems]
        return lines + [f"row of the feed that cannot be used: {text}" for text in rejected[:_SHOWN]]


def _covered(name: str, coverage: Coverage, others: t.Sequence[str]) -> str:
    """Return what was read of a connection. ``others`` are the kinds of accounts that the API does not count."""
    if coverage.shared_with:
        return f"{name}: the same directory as {coverage.shared_with}, which has the rows of both"
    of = f" of {coverage.total} that the API reports" if coverage.total is not None else ""
    more = "".join(f", {counted(number, noun)}" for noun, number in Counter(others).items())
    return f"{name}: {counted(coverage.accounts, 'account')}{of}{more}, {counted(coverage.rows, 'row')}"
