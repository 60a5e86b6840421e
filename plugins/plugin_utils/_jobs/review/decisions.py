# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the files of decisions that the pages of a review have saved.

All problems in all files are reported at once.
"""

from __future__ import annotations

import datetime
import os
import typing as t
from collections import Counter
from dataclasses import dataclass, field

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Notice, Problem
from ansible_collections.rollcall.identity.plugins.module_utils._core.names import filler, fold
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import agreed, counted

from ..html import is_blank, visible
from ..links import Memory
from ..people import LEFT, Person
from .decision_times import time_problems
from .documents import DECISIONS, Json, kind_problems, parsed, printable, regular_bytes, sha256, shape_problems
from .identities import Identities, Identity
from .model import CHANGE, CONNECTION, KEEP, PRIVILEGED, REVOKE, SCHEMA, VERDICTS, Decision, Review, Row, shown_row
from .opened import moment

DECISIONS_KIND = "access_review_decisions"
_OTHER = "Remove the file, or correct access_review_decisions or access_review_dest."
_LONGEST = 10_000
"""The maximum number of characters in a reason."""
_HEAD: dict[str, type] = {
    "schema": int, "kind": str, "review": str, "rows_digest": str, "reviewer": dict, "decisions": list,
}
_ENTRY: dict[str, type] = {"row": str, "verdict": str, "connection": str, "account_id": str, "grant_name": str}
_FACTS = ("connection", "account_id", "grant_name")
_WESTERNMOST = datetime.timedelta(hours=12)
"""How much later than in UTC a day ends in the westernmost time zone."""


@dataclass
class Decided:
    """The decisions of all files. ``by_row`` maps rows to decisions, ``names`` reviewers to their names, ``digests``
    the files to their SHA-256."""

    by_row: dict[str, Decision] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    for_others: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(person who decided, reviewer of the page) -> number of rows that the person decided instead of the reviewer."""


@dataclass
class _File:
    """A file of decisions. ``name`` is its name in messages."""

    name: str
    reviewer: str
    identity: Identity
    saved: str
    entries: list[Json]


class Reader:
    """Reads files of decisions about a review. ``rows`` are all of its rows by id."""

    def __init__(
        self,
        review: Review,
        rows: t.Mapping[str, Row],
        digest: str,
        people: t.Mapping[str, Person],
        memory: Memory,
        now: datetime.datetime,
    ) -> None:
        """``now`` is the current time, after which nobody can have decided."""
        self._review, self._rows, self._digest, self._people, self._now = review, rows, digest, people, now
        self._identities = Identities(people, memory, review.rows)
        self._by_row: dict[str, list[Decision]] = {}
        self._problems: list[Problem] = []

    def read(self, paths: t.Sequence[str]) -> tuple[Decided, list[Problem]]:
        """Return the decisions and all problems. If there are problems, no decision may be executed."""
        decided = Decided()
        names = _short_names(paths)
        for path in paths:
            content, wrong = regular_bytes(path, names[path])
            self._problems += wrong
            if wrong:
                continue
            name = names[path] if names[path] not in decided.digests else f"{names[path]} ({len(decided.digests) + 1})"
            decided.digests[name] = sha256(content)
            file = self._file(content, names[path], decided)
            if file is not None:
                self._entries(file)
        for row, decisions in self._by_row.items():
            verdicts = {decision.verdict for decision in decisions}
            if len(verdicts) > 1:
                texts = " and ".join(f"{entry.verdict} by {entry.reviewer} ({entry.place})" for entry in decisions)
                text = f"the decisions differ: {texts}. Let the reviewers agree, and remove the other decision."
                self._problems.append(Problem(text, "conflicting_decision", shown_row(self._rows[row]), DECISIONS))
            decided.by_row[row] = decisions[0]
            page = self._rows[row].reviewer
            if (
                self._review.by != CONNECTION
                and page in self._review.reviewers
                and not any(self._is_page_of(page, decision.reviewer, decided) for decision in decisions)
            ):
                decided.for_others[decisions[0].reviewer, page] += 1
        return decided, self._problems

    def _is_connection(self, reviewer: str) -> bool:
        """Return whether a reviewer's id is the name of a connection, and not the id of a person."""
        names = {fold(name) for name in (*self._review.coverage, *self._review.reviewers)}
        return fold(reviewer) in names and reviewer not in self._people

    def _is_page_of(self, page: str, reviewer: str, decided: Decided) -> bool:
        """Return whether the page of a reviewer is that of a person who decided, under any of their names."""
        return reviewer == page or page in self._identities.of(reviewer, decided.names.get(reviewer, "")).people

    def _file(self, content: bytes, name: str, decided: Decided) -> _File | None:
        """Return a file with a valid header, or None. Its problems are noted."""
        document, wrong = parsed(content, name, DECISIONS)
        wrong = wrong or kind_problems(document, DECISIONS_KIND, SCHEMA, name, DECISIONS, _OTHER)
        wrong = wrong or shape_problems(document, _HEAD, {"saved": str}, name)
        wrong = wrong or shape_problems(document["reviewer"], {"id": str}, {"name": str}, f"{name} reviewer")
        if wrong:
            self._problems += wrong
            return None
        reviewer = " ".join(document["reviewer"]["id"].split())
        if not reviewer.isprintable() or filler(reviewer):
            text = (
                f"the id of the reviewer, {reviewer[:80]!r}, contains invisible characters. Enter it again on the "
                "page and save."
            )
            wrong.append(Problem(text, "invisible_character", name, DECISIONS))
        elif not reviewer:
            wrong.append(
                Problem(
                    "the reviewer has no id, so the decisions do not count. Enter the id on the page and save again.",
                    "missing_field",
                    name,
                    DECISIONS,
                )
            )
        elif self._review.by == CONNECTION and self._is_connection(reviewer):
            text = (
                f"the id of the reviewer is the connection {reviewer}, so it is unknown who decided. Enter your own id "
                "and name on the page, and save again."
            )
            wrong.append(Problem(text, "no_reviewer", name, DECISIONS))
        if document["review"] != self._review.id:
            text = (
                f"the decisions are about the review {document['review'][:80]!r}, but this is {self._review.id!r}. "
                + _OTHER
            )
            wrong.append(Problem(text, "other_review", name, DECISIONS))
        elif document["rows_digest"] != self._digest:
            text = (
                "rows_digest is not that of review.json: the page was edited, or is older than the review. "
                "Decide on the page that the opening run wrote, and remove the file."
            )
            wrong.append(Problem(text, "older_page", name, DECISIONS))
        self._problems += wrong
        if wrong:
            return None
        full = visible(" ".join(str(document["reviewer"].get("name") or "").split()))
        decided.names.setdefault(reviewer, full)
        identity = self._identities.of(reviewer, full)
        return _File(name, reviewer, identity, document.get("saved", ""), document["decisions"])

    def _entries(self, file: _File) -> None:
        counts: dict[str, int] = {}
        times: list[tuple[str, str]] = []
        for number, entry in enumerate(file.entries):
            place = f"{file.name} decisions[{number}]"
            wrong = shape_problems(entry, _ENTRY, {"reason": str, "time": str}, place)
            self._problems += wrong
            if wrong:
                continue
            row = self._rows.get(entry["row"])
            if row is None:
                text = (
                    f"there is no row {entry['row'][:80]!r} in review.json. "
                    "Decide on the page that the opening run wrote."
                )
                self._problems.append(Problem(text, "unknown_row", place, DECISIONS))
                continue
            place = f"{file.name} decisions[{number}], {shown_row(row)}"
            if row.id in counts:
                text = f"the row was decided before, in decisions[{counts[row.id]}]. Keep one of the two."
                self._problems.append(Problem(text, "duplicate_decision", place, DECISIONS))
                continue
            counts[row.id] = number
            text = entry.get("reason", "")
            reason = "" if is_blank(text) else visible(text.replace("\r\n", "\n").strip(), "\t\n")
            decision = Decision(row.id, entry["verdict"], file.reviewer, reason, entry.get("time", ""), place)
            times.append((place, decision.time))
            wrong = self._decision_problems(row, decision, entry, file.identity)
            self._problems += wrong
            if not wrong:
                self._by_row.setdefault(row.id, []).append(decision)
        self._problems += time_problems(times, file.saved, file.name, self._review.opened, self._now)

    def _decision_problems(self, row: Row, decision: Decision, entry: Json, reviewer: Identity) -> list[Problem]:
        """Return the problems of a decision about an existing row."""
        problems = []

        def wrong(text: str, code: str) -> None:
            problems.append(Problem(text, code, decision.place, DECISIONS))

        for name in _FACTS:
            if entry[name] != getattr(row, name):
                wrong(
                    f"{name} is {entry[name][:80]!r}, but review.json has {getattr(row, name)!r}: the file was "
                    "edited. Save it again from the page.",
                    "decision_edited",
                )
        if decision.verdict not in VERDICTS:
            wrong(
                f"verdict is {decision.verdict[:80]!r}; use {', '.join(VERDICTS[:-1])} or {VERDICTS[-1]}.",
                "unknown_verdict",
            )
        elif not decision.reason and needs_reason(row, decision.verdict):
            rule = (
                "a change requires a reason that describes the change"
                if decision.verdict == CHANGE
                else "keeping a privileged grant requires a reason"
            )
            wrong(f"reason is empty, and {rule}. Enter it on the page and save again.", "missing_reason")
        if len(decision.reason) > _LONGEST:
            text = f"reason has {len(decision.reason)} characters; the maximum is {_LONGEST}."
            wrong(f"{text} Shorten it on the page and save again.", "invalid_value")
        problems += self._reviewer_problems(row, decision, reviewer)
        return problems

    def _reviewer_problems(self, row: Row, decision: Decision, reviewer: Identity) -> list[Problem]:
        """Return why this reviewer may not decide a row: it is their own, or they had left."""
        others = sorted(reviewer.people - {decision.reviewer})
        whom = f"{decision.reviewer} ({', '.join(others)})" if others else decision.reviewer
        advice = "Let another reviewer decide this row."
        if reviewer.by_name:
            advice = "Let another reviewer decide this row, or enter the ID of the person who decided on the page."
        problems = []
        if self._identities.is_subject(reviewer, row):
            text = f"{whom} decides about their own account. {advice}"
            problems.append(Problem(text, "self_review", decision.place, DECISIONS))
        if self._had_left(decision, reviewer):
            text = f"{whom} had left before this decision. {advice}"
            problems.append(Problem(text, "reviewer_left", decision.place, DECISIONS))
        return problems

    def _had_left(self, decision: Decision, reviewer: Identity) -> bool:
        """Return whether the reviewer is a person in the feed who had left when they decided. If several people have
        the reviewer's name, all of them had left."""
        people = [self._people[identity] for identity in reviewer.people if identity in self._people]
        return bool(people) and all(self._left(person, decision) for person in people)

    def _left(self, person: Person, decision: Decision) -> bool:
        """Return whether a person had left before a decision.

        A person who left without a last day counts unless the review was opened with a page for them, because they had
        not left at that time.
        """
        if not person.end:
            return person.status == LEFT and person.id not in self._review.reviewers
        try:
            decided = moment(decision.time) - _WESTERNMOST
        except (ValueError, OverflowError):  # without a time; the page always writes one
            decided = moment(self._review.opened) - _WESTERNMOST
        return decided.astimezone(datetime.timezone.utc).date().isoformat() > person.end


def needs_reason(row: Row, verdict: str) -> bool:
    """Return whether a verdict about a row requires a reason: keeping a privileged grant does, and each change."""
    return verdict == CHANGE or (verdict == KEEP and (PRIVILEGED in row.flags or row.privileged is True))


def _short_names(paths: t.Sequence[str]) -> dict[str, str]:
    """Return the name of each file in messages: the file name, or the path if another file has the same name."""
    names = [os.path.basename(path) for path in paths]
    return {path: printable(name if names.count(name) == 1 else path) for path, name in zip(paths, names, strict=True)}


def settled(rows: t.Iterable[Row], decided: Decided, undecided: str) -> tuple[dict[str, Decision], list[Problem]]:
    """Return the decision about each row in scope, and problems. ``undecided`` is what happens to rows without a
    decision: keep, revoke or fail."""
    decisions: dict[str, Decision] = {}
    problems: list[Problem] = []
    for row in rows:
        known = decided.by_row.get(row.id)
        if known is not None:
            decisions[row.id] = known
        elif undecided in (KEEP, REVOKE):
            decisions[row.id] = Decision(
                row.id, undecided, "", f"undecided: access_review_undecided is {undecided}",
                place="access_review_undecided",
            )
        else:
            text = "no reviewer has decided. Let the reviewer decide, or set access_review_undecided to keep or revoke."
            whom = f" of {row.reviewer}" if row.reviewer else ""
            problems.append(Problem(text, "undecided", f"{shown_row(row)}{whom}", "access_review_undecided"))
    return decisions, problems


def late_reviewers(rows: t.Sequence[Row], decided: Decided, reviewers: t.Mapping[str, str]) -> list[Notice]:
    """Return a warning for each reviewer whose rows are not all decided, whoever decided the others."""
    totals = Counter(row.reviewer for row in rows if row.reviewer in reviewers)
    decided_rows = Counter(row.reviewer for row in rows if row.id in decided.by_row)
    notices = []
    for reviewer, total in sorted(totals.items()):
        name, done = " ".join(dict.fromkeys((reviewer, reviewers[reviewer]))), decided_rows[reviewer]
        if done < total:
            text = f"Of the {counted(total, 'row')} of {name}, {done} {agreed(done, 'is')} decided."
            notices.append(Notice("missing_decisions", text, reviewer))
    return notices
