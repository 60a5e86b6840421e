# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data of a closed review: the decision about each row, and its outcome."""

from __future__ import annotations

import os
import typing as t
from dataclasses import dataclass, field

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Problem

from ..files import read_bytes
from .documents import DECISIONS, DEST, Json, attempted, kind_problems, parsed, sha256, whole
from .model import REVOKE, SCHEMA, Decision, Review, Row, shown_row
from .output import dumped

CLOSED, CLOSED_KIND = "closed.json", "access_review_closed"
KEPT, REMOVED, ALREADY, FAILED = "kept", "removed", "already_removed", "failed"
FOLLOW_UP, MANUAL, RETURNED, LEFT_OUT = "follow_up", "manual", "returned", "left_out"
OUTCOMES = (FAILED, RETURNED, MANUAL, FOLLOW_UP, REMOVED, ALREADY, KEPT, LEFT_OUT)
"""The outcomes of rows, those that need attention first."""
_OTHER = "Restore the file as the last closing run wrote it, or correct access_review_dest."
INTERRUPTED = "interrupted"
"""The code of a row that an interrupted run may have removed."""
DONE = (REMOVED, ALREADY, RETURNED)
"""Outcomes after which a grant is removed again only by a new review."""
_FACTS = (
    "id", "connection", "provider", "account", "account_id", "facet", "grant", "grant_name", "person", "name", "kind",
    "privileged", "flags", "via", "via_name", "grant_id", "via_id", "reviewer",
)  # fmt: skip
"""The fields of a row that the closed evidence repeats."""
_RESULT = ("outcome", "code", "detail", "time", "attempted", "given_again_by", "advice")
_DECIDED = ("decision", "reason", "decided_by", "decided_by_name", "decided", "undecided")


@dataclass(frozen=True)
class Closed:
    """The outcome of one row. ``time`` is when a grant was removed, or first seen to be missing; ``attempted`` is when
    its removal was sent without proof. ``detail`` is the reason, ``code`` its kind. ``given_again_by`` names the
    entitlement that would grant it again, ``advice`` is how to prevent it."""

    outcome: str
    detail: str = ""
    code: str = ""
    time: str = ""
    attempted: str = ""
    given_again_by: str = ""
    advice: str = ""


def row_document(row: Row, decision: Decision | None, closed: Closed, names: t.Mapping[str, str]) -> Json:
    """Return a row in the form of the closed evidence."""
    facts = row.document()
    document = {name: facts[name] for name in _FACTS}
    document["flags"] = list(row.flags)
    decided = decision or Decision(row.id, "", "")
    document.update(
        decision=decided.verdict,
        reason=decided.reason,
        decided_by=decided.reviewer,
        decided_by_name=names.get(decided.reviewer, ""),
        decided=decided.time,
        undecided=not decided.reviewer,
    )
    document.update({name: whole(getattr(closed, name)) for name in _RESULT})
    return document


@dataclass
class Earlier:
    """The closed evidence of an earlier run, if there is one: ``document`` is its content, ``rows`` are its rows by
    id."""

    document: Json = field(default_factory=dict)
    rows: dict[str, Json] = field(default_factory=dict)

    def outcomes(self) -> dict[str, Closed]:
        """Return the outcomes of rows by their ids, except those that were left out."""
        return {
            identity: Closed(**{name: str(row.get(name) or "") for name in _RESULT})
            for identity, row in self.rows.items()
            if row["outcome"] != LEFT_OUT
        }


def body_digest(document: Json) -> str:
    """Return the SHA-256 of the closed evidence without its own ``digest``."""
    return sha256(dumped({name: value for name, value in document.items() if name != "digest"}))


def read_earlier(folder: str, review: Review, rows: t.Mapping[str, Row], problems: list[Problem]) -> Earlier:
    """Return the closed evidence of an earlier run, empty if there is none. Add its problems to ``problems``."""
    content = attempted(lambda: read_bytes(os.path.join(folder, CLOSED), DEST), problems)
    if content is None:
        return Earlier()
    document, wrong = parsed(content, CLOSED, DEST)
    wrong = wrong or kind_problems(document, CLOSED_KIND, SCHEMA, CLOSED, DEST, _OTHER)
    if not wrong and document.get("review") != review.id:
        text = (
            f"it is the evidence of the review {document.get('review')!r}, but this is {review.id!r}. "
            "Correct access_review_dest."
        )
        wrong = [Problem(text, "other_review", CLOSED, DEST)]
    if not wrong and (document.get("digest") != body_digest(document) or not _fits(document, rows)):
        text = (
            "it was edited after it was written. Restore it. If you cannot, move it away: the times of removals are "
            "then lost."
        )
        wrong = [Problem(text, "review_edited", CLOSED, DEST)]
    problems += wrong
    return Earlier() if wrong else Earlier(document, {row["id"]: row for row in document["rows"]})


def _fits(document: Json, rows: t.Mapping[str, Row]) -> bool:
    """Return whether the rows of the evidence have a valid structure."""
    listed = document.get("rows")
    keys = {*_FACTS, *_RESULT, *_DECIDED}
    texts = keys - {"grant", "privileged", "flags", "undecided"}
    return isinstance(listed, list) and all(
        isinstance(row, dict)
        and set(row) == keys
        and all(isinstance(row[name], str) for name in texts)
        and isinstance(row["flags"], list)
        and row["id"] in rows
        and row["outcome"] in OUTCOMES
        for row in listed
    )


def changed_decisions(
    earlier: Earlier, decisions: t.Mapping[str, Decision], rows: t.Mapping[str, Row]
) -> list[Problem]:
    """Return a problem for each row whose revocation was executed, and whose decision has changed since then."""
    problems = []
    for identity, decision in decisions.items():
        before = earlier.rows.get(identity)
        if (
            before is not None
            and before["decision"] == REVOKE
            and before["outcome"] in DONE
            and decision.verdict != REVOKE
        ):
            text = (
                f"the grant was revoked and removed ({before['time']}), but the decision is now {decision.verdict!r}. "
                "Open a new review to decide again."
            )
            place = decision.place if decision.reviewer else f"{decision.place}, {shown_row(rows[identity])}"
            problems.append(Problem(text, "decision_changed", place, DECISIONS))
    return problems
