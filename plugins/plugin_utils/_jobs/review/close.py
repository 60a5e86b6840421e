# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Closes a review: checks the decisions, removes what was revoked, and writes the evidence."""

from __future__ import annotations

import os
import typing as t
from collections import Counter
from dataclasses import dataclass, replace

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, Notice, Problem
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.task import add_notices
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import counted

from .. import action
from ..check import limit_problems
from ..data import Data, load
from ..feed.messages import limited
from ..files import make_folder, problem_of_folder, problems_of_files, write_text
from ..links import Memory, read_links
from ..links_warnings import CREATED_ELSEWHERE, missing_file
from ..people import Person
from ..session import Entry, Frame
from ..variables import texts_of
from .closed import (
    ALREADY,
    FAILED,
    FOLLOW_UP,
    KEPT,
    LEFT_OUT,
    MANUAL,
    REMOVED,
    RETURNED,
    Closed,
    Earlier,
    changed_decisions,
    read_earlier,
    row_document,
)
from .decision_files import FOLDER, files_in
from .decisions import Decided, Reader, late_reviewers, settled
from .documents import DECISIONS, DEST, LINKS, Json, attempted, sha256
from .evidence import CLOSED_MANIFEST, FILES, alike, document_of, files_of, lines, noun_of, plain
from .folder import Folder
from .given_again import Again
from .kept_evidence import kept_evidence
from .model import CHANGE, REVOKE, Decision, Row
from .opened import Opened, age_problems, read_opened
from .presence import People
from .progress import CLOSING, Progress
from .provenance import collection_version
from .revoke import Parents, Revocation, RevocationSettings

_LIMITS = ("loss_limit", "min_admins")
_UNREACHED = Closed(FAILED, "the removal was not attempted. Close the review again.", "unexpected")
_AGAIN = "Fix that and close the review again: completed changes are not repeated."
_SHOWN = 25
"""The maximum number of lines about rows in the message of a failure, and of warnings about rows."""
_NAMED = 100
"""The number of problems of a code that are reported by name."""


@dataclass
class _Work:
    """The input of a close after all checks. ``rows`` are those in scope."""

    dest: str
    opened: Opened
    rows: list[Row]
    decided: Decided
    decisions: dict[str, Decision]
    earlier: Earlier
    data: Data
    everybody: dict[str, Person]
    memory: Memory
    connections: dict[str, Entry]
    day: str
    progress: Progress
    noted: list[Notice]
    """A warning for each reviewer whose rows are not all decided, and for files that were not read."""


def run_close(params: t.Mapping[str, t.Any], frame: Frame) -> dict[str, t.Any]:
    """Return the result of closing a review: ``review``, ``content`` (file name -> text), ``files``, ``changed``, and
    after a failure ``failed`` and ``msg``.

    Raises InputError with all problems of the review, the decisions and the options; in that case, no connection was
    read and nothing was written.
    """
    problems: list[Problem] = []
    work = _checked(params, frame, problems)
    if problems or work is None:
        raise InputError(_first(problems))
    revoked = [row for row in work.rows if work.decisions[row.id].verdict == REVOKE]
    limits = {name: params[name] for name in _LIMITS if params.get(name) not in (None, "")}
    settings = RevocationSettings(work.day, limits, params["on_error"] == "stop", params["rules"])
    people = People(work.everybody, work.memory, work.opened.review.opened)
    reviewed: dict[str, dict[str, set[tuple[str, str]]]] = {}
    for row in work.rows:
        if row.revocable:  # each user has such a row, a service account has none
            reviewed.setdefault(row.connection, {}).setdefault(row.account_id, set()).add((row.facet, row.grant_id))
    revocation = Revocation(
        settings, revoked, work.progress.taken_up(work.earlier.outcomes()), people, work.opened.review.coverage,
        reviewed, work.connections, frame, work.progress,
    )
    revocation.run()
    return _result(work, revocation, frame, bool(params.get("deliver")))


def _first(problems: t.Sequence[Problem]) -> list[Problem]:
    """Return the first problems of each code, and how many more there are: thousands of rows may be undecided.

    Each problem names its row.
    """
    counts = Counter(problem.code for problem in problems)
    occurrences: Counter[str] = Counter()
    shown = []
    for problem in problems:
        occurrences[problem.code] += 1
        if occurrences[problem.code] <= _NAMED:
            shown.append(problem)
        elif occurrences[problem.code] == _NAMED + 1:
            text = f"In all, {counts[problem.code]} problems have the code {problem.code}."
            shown.append(Problem(f"{text} Only the first {_NAMED} are reported.", problem.code))
    return shown


# -- checks ------------------------------------------------------------------------------------------------------------


def _checked(params: t.Mapping[str, t.Any], frame: Frame, problems: list[Problem]) -> _Work | None:
    """Return the input of a close. Add all problems to ``problems``."""
    day = action.today(params.get("as_of"), params.get("timezone") or "")
    paths = {name: action.path_of(params.get(name), frame.folder) for name in ("people_file", "links", "dest")}
    data = load(params, paths["people_file"], day, "access_review_people_file", problems)
    memory = attempted(lambda: read_links(paths["links"], LINKS), problems) or Memory()
    chosen = attempted(lambda: texts_of(params.get("only"), "access_review_connections"), problems) or []
    unread: list[Problem] = []
    files = attempted(lambda: texts_of(params.get("decisions"), DECISIONS), unread) or []
    problems += unread
    problems += limit_problems(params, ("loss_limit",), "access_review_")
    problems += action.deliver_problems(params.get("deliver"), paths["dest"], "access_review", frame)
    if not paths["dest"]:
        text = "Set access_review_dest, the folder in which the review was opened."
        problems.append(Problem(text, "missing_option", option=DEST))
        return None
    problems += problem_of_folder(paths["dest"], DEST) + problems_of_files(paths["dest"], (*FILES, CLOSING), DEST)
    opened = read_opened(paths["dest"], params["id"], params.get("digest") or "", problems)
    if opened is None:
        return None
    problems += age_problems(opened.review, params["max_age"], action.now(), str(params.get("as_of") or ""))
    noted: list[Notice] = []
    named, default = [action.path_of(path, frame.folder) for path in files], os.path.join(paths["dest"], FOLDER)
    decision_files = files_in(named, default, unread, noted)
    everybody = _everybody(data)
    reader = Reader(opened.review, opened.rows, opened.rows_digest, everybody, memory, action.now())
    decided, wrong = reader.read(decision_files)
    unread += wrong
    problems += [problem for problem in unread if problem not in problems]
    problems += _missing_people(opened.review.people, bool(decided.by_row), everybody)
    noted += missing_file(memory, paths["links"], LINKS, CREATED_ELSEWHERE)
    connections = _connections(opened, data, chosen, problems)
    rows = [row for row in opened.review.rows if row.connection in connections]
    decisions, undecided = settled(rows, decided, params["undecided"])
    late = late_reviewers(rows, decided, opened.review.reviewers)
    if undecided and not unread:  # otherwise the decision may be in a file that was not read
        problems += _undecided(undecided, late, decision_files, default)
    earlier = read_earlier(paths["dest"], opened.review, opened.rows, problems)
    problems += changed_decisions(earlier, decisions, opened.rows)
    progress = Progress(paths["dest"], opened.review.id, opened.rows_digest)
    progress.read(problems)
    return _Work(
        paths["dest"], opened, rows, decided, decisions, earlier, data, everybody, memory, connections, day, progress,
        noted + late,
    )


def _undecided(rows: list[Problem], late: t.Sequence[Notice], files: t.Sequence[str], folder: str) -> list[Problem]:
    """Return the problems of ``rows`` without decisions. If there are no files of decisions, that is the problem, and
    not each row. ``folder`` is the folder that was read without access_review_decisions."""
    reviewers = [Problem(notice.text, notice.code, option=DECISIONS) for notice in late]
    if files:
        return reviewers + rows
    text = (
        f"{DECISIONS}: there is no decision file (*.json) in {folder}. Decide on the review pages, and copy to this "
        "folder the files that they save, or set access_review_undecided to keep or revoke."
    )
    return [Problem(text, "no_decisions", option=DECISIONS), *reviewers]


def _missing_people(people: int, decided: bool, everybody: t.Collection[str]) -> list[Problem]:
    """Return a problem if a review was opened with people, but is closed without any: who decided is then unknown."""
    if everybody or not people or not decided:
        return []
    text = (
        f"The review was opened with {counted(people, 'person')}, but there are no people now, so it is not known "
        "whether the reviewers had left. Set identity_people or access_review_people_file."
    )
    return [Problem(text, "no_people", option="identity_people")]


def _everybody(data: Data) -> dict[str, Person]:
    """Return the people of the feed by id, also those whose rows cannot be used, with the fields that could be read:
    emergency accounts must be recognized."""
    people = {person.id: person for row in data.rejected for person in (row.somebody(),) if person.id}
    return {**people, **{person.id: person for person in data.people}}


def _connections(opened: Opened, data: Data, chosen: t.Sequence[str], problems: list[Problem]) -> dict[str, Entry]:
    """Return the connections to close, by name: those of the review, or those that the user chose."""
    review = opened.review
    reviewed = list(dict.fromkeys([*review.coverage, *(row.connection for row in review.rows)]))
    option = "access_review_connections"
    for name in chosen:
        if name not in reviewed:
            text = f"{option}: the review has no connection {name}, only {', '.join(reviewed)}. Correct the name."
            problems.append(Problem(text, "unknown_connection", option=option))
    connections: dict[str, Entry] = {}
    leave = f", or list only the other connections in {option}" if len(reviewed) > 1 else ""
    for name in [name for name in reviewed if not chosen or name in chosen]:
        if name in review.incomplete:
            text = (
                f"{name} could not be read when the review was opened ({review.coverage[name].error}), "
                f"so it was not reviewed completely. Open a new review{leave}."
            )
            problems.append(Problem(text, "incomplete_connection", option=option))
        elif data.connections and name not in data.connections:
            text = f"The review has the connection {name}, but identity_connections does not. Add it{leave}."
            problems.append(Problem(text, "unknown_connection", option="identity_connections"))
        elif data.connections:
            provider = data.connections[name]["provider"]
            reviewed_as = {row.provider for row in review.rows if row.connection == name}
            if reviewed_as and provider not in reviewed_as:
                text = (
                    f"identity_connections.{name} is a connection to {provider}, but the review covers "
                    f"{', '.join(sorted(reviewed_as))}. Correct this connection{leave}."
                )
                problems.append(Problem(text, "unknown_connection", option=f"identity_connections.{name}"))
            connections[name] = data.connections[name]
    return connections


# -- the result --------------------------------------------------------------------------------------------------------


def _outcomes(work: _Work, revocation: Revocation) -> dict[str, Closed]:
    """Return the outcome of each row in scope."""
    again, before = revocation.given_again(work.data), work.earlier.outcomes()
    outcomes: dict[str, Closed] = {}
    parents = Parents(row for row in work.rows if work.decisions[row.id].verdict == REVOKE)
    for row in work.rows:
        decision = work.decisions[row.id]
        if decision.verdict == REVOKE:
            closed = revocation.closed.get(row.id, _UNREACHED)
            last = before.get(row.id, Closed(""))  # its advice remains if the row could not be read
            about = again.get(row.id) or Again(last.given_again_by, last.advice)
            outcomes[row.id] = replace(closed, given_again_by=about.by, advice=about.advice)
            continue
        parent = parents.of(row)
        gone = revocation.closed.get(parent.id) if parent is not None else None
        if parent is not None and gone is not None and gone.outcome in (REMOVED, ALREADY):
            text = f"because it comes with the {noun_of(parent.facet)} {row.via_name}, which is revoked."
            outcomes[row.id] = Closed(gone.outcome, text, "comes_with_another", gone.time)
        else:
            outcomes[row.id] = Closed(FOLLOW_UP if decision.verdict == CHANGE else KEPT)
    return outcomes


def _documents(work: _Work, outcomes: t.Mapping[str, Closed]) -> list[Json]:
    """Return all rows of the review in the form of the evidence.

    For connections that are left out, the results of an earlier run remain.
    """
    documents = []
    for row in work.opened.review.rows:
        if row.id in outcomes:
            documents.append(row_document(row, work.decisions[row.id], outcomes[row.id], work.decided.names))
        else:
            documents.append(
                work.earlier.rows.get(row.id)
                or row_document(row, work.decided.by_row.get(row.id), Closed(LEFT_OUT), work.decided.names)
            )
    return documents


def _evidence(work: _Work, outcomes: t.Mapping[str, Closed], frame: Frame) -> Json:
    """Return the closed evidence. If nothing has changed since the last run, it is byte for byte the same."""
    review = work.opened.review
    rows = _documents(work, outcomes)
    head: Json = {
        "review": review.id,
        "day": review.day,
        "opened": review.opened,
        "rows_digest": work.opened.rows_digest,
        "incomplete": review.incomplete,
        "left_out": sorted({row["connection"] for row in rows if row["outcome"] == LEFT_OUT}),
        "read": {
            **work.opened.digests, **{f"decisions: {name}": digest for name, digest in work.decided.digests.items()},
        },
    }
    moments = ("closed", "version", "job")
    earlier = work.earlier.document
    if all(isinstance(earlier.get(name), str) for name in moments):
        same = document_of({**head, **{name: earlier[name] for name in moments}}, rows)
        if same == earlier:
            return same
    return document_of({**head, "closed": action.moment(), "version": collection_version(), "job": frame.awx_job}, rows)


def _result(work: _Work, revocation: Revocation, frame: Frame, keep: bool) -> dict[str, t.Any]:
    """Write the evidence and return the result. With ``keep``, the result contains the files, so that tasks can store
    them elsewhere."""
    outcomes = _outcomes(work, revocation)
    document = _evidence(work, outcomes, frame)
    replaced = kept_evidence(work.earlier, document["rows"], work.dest)
    content = {**replaced, **files_of(document)}  # the earlier evidence is written first
    failures = {name: revocation.masked(name, revocation.failures[name].sentence()) for name in revocation.failures}
    problems: list[str] = []
    errors: list[Json] = []
    files: list[str] = []
    try:
        files = _write(content, work.dest, frame.check)
        if not frame.check:
            work.progress.done()
    except InputError as error:  # the result still contains what was done
        stored = "the role passes them to" if keep else "the role passes them on only with"
        problems.append(
            f"The evidence in {work.dest} is incomplete: {error.sentence()} The files are in content of the module's "
            f"result; {stored} access_review_deliver."
        )
        errors.append({"code": error.code, "message": problems[0]})
    result: dict[str, t.Any] = {
        "review": _review(work, document, content, frame, failures), "content": content if keep or problems else {},
        "files": files, "changed": revocation.changed or bool(files),
    }
    add_notices(result, _notices(work, revocation, document["rows"]) + _about_replaced(replaced, frame.check))
    failed = [
        row for row in document["rows"]
        if row["outcome"] == FAILED and row["connection"] not in failures and row["connection"] in work.connections
    ]
    problems += [f"{name}: {text}" for name, text in failures.items()]
    texts = alike(failed)
    problems += texts[:_SHOWN] + ([f"and {len(texts) - _SHOWN} more, see review.text."] if len(texts) > _SHOWN else [])
    if problems:
        errors += [
            {"code": revocation.failures[name].code, "message": f"{name}: {text}"} for name, text in failures.items()
        ]
        errors += [
            {
                "code": row["code"], "message": f"{row['connection']}: {row['detail']}", "user": row["account"],
                "row": row["id"],
            } for row in failed[:100]
        ]
        result.update(failed=True, msg="\n".join([*problems, _AGAIN]), errors=errors)
    return result


def _about_replaced(replaced: t.Mapping[str, str], check: bool) -> list[Notice]:
    """Return a warning if this close replaces evidence with other decisions."""
    if not replaced:
        return []
    kept = "would be kept" if check else "is kept"
    text = f"An earlier close had other decisions. Its evidence {kept} as {', '.join(replaced)}."
    return [Notice("replaced_evidence", text)]


def _notices(work: _Work, revocation: Revocation, rows: t.Sequence[Json]) -> list[Notice]:
    """Return the warnings of a close that do not concern single rows."""
    notices = revocation.notices() + work.data.notices
    problems = limited([problem for row in work.data.rejected for problem in row.problems])
    notices += [Notice(problem.code, str(problem), problem.place) for problem in problems]
    for (reviewer, page), number in work.decided.for_others.items():
        text = f"{reviewer} has decided {counted(number, 'row')} of the page of {page}."
        notices.append(Notice("other_page", text))
    notices += work.noted
    unchecked = bool(work.decided.by_row) and not work.everybody
    revokes = any(decision.verdict == REVOKE for decision in work.decisions.values())
    if unchecked or (revokes and not work.data.people):
        left = "whether the reviewers had left, and " if unchecked else ""
        text = f"There are no people, so it is not known {left}what the role access would give again."
        notices.append(Notice("no_people", f"{text} Set identity_people or access_review_people_file."))
    returned = [row for row in rows if row["outcome"] == RETURNED]
    for line in alike(returned)[:_SHOWN]:
        notices.append(Notice("returned", plain(line)))
    for name in work.opened.missing:
        text = f"{name} is listed in manifest.json, but no longer exists. Restore the file if auditors need it."
        notices.append(Notice("no_file", text))
    return notices


def _review(
    work: _Work, document: Json, content: t.Mapping[str, str], frame: Frame, failures: t.Mapping[str, str]
) -> dict[str, t.Any]:
    """Return what the result contains about the review."""
    rows = document["rows"]

    def some(outcome: str) -> list[Json]:
        return [row for row in rows if row["outcome"] == outcome]

    return {
        "id": document["review"], "day": document["day"], "opened": document["opened"], "closed": document["closed"],
        "rows": len(rows), "outcomes": document["outcomes"], "incomplete": document["incomplete"],
        "left_out": document["left_out"], "failures": dict(failures), "failed": some(FAILED),
        "returned": some(RETURNED), "manual": some(MANUAL), "follow_up": some(FOLLOW_UP), "removed": some(REMOVED),
        "given_again": [row for row in rows if row["given_again_by"]],
        "manifest_digest": sha256(content[CLOSED_MANIFEST]),
        "text": lines(document, frame.check, work.earlier.rows, failures),
    }


def _write(content: t.Mapping[str, str], dest: str, check: bool) -> list[str]:
    """Write the files that differ from those in the folder, and return their names."""
    differing = Folder(dest).new(content)
    if differing and not check:
        make_folder(dest)
        for name in differing:
            write_text(os.path.join(dest, name), content[name])
    return differing
