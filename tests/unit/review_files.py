# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Open reviews for tests: written into a folder as the opening run writes them, without any connection."""

from __future__ import annotations

import datetime
import json

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.links import Memory
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.decisions import Reader
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.model import (
    PRIVILEGED,
    Coverage,
    Review,
    Row,
    row_id,
    rows_digest,
)
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.output import review_files

OPENED = "2026-06-15T08:00:00Z"
NOW = datetime.datetime(2026, 6, 20, tzinfo=datetime.timezone.utc)


def row(person="E1", grant="VPN", connection="ol", account=None, facet="roles", **more):
    """Return a row: a grant of the account that a person has."""
    account = account or f"{person.lower()}@acme.com"
    identity = more.pop("account_id", f"id-{account}")
    return Row(
        row_id(connection, identity, facet, grant),
        connection,
        more.pop("provider", "onelogin"),
        account,
        identity,
        facet,
        grant,
        str(grant or ""),
        person=person,
        **{"name": f"Name of {person}", **more},
    )


ROWS = (row("E1", "VPN"), row("E1", "Admin", privileged=True, flags=(PRIVILEGED,)), row("E2", "VPN", reviewer="E7"))


def write(folder, rows=ROWS, **about):
    """Write an open review into a folder and return it."""
    coverage = {name: Coverage("onelogin") for name in dict.fromkeys(one.connection for one in rows)}
    review = Review(
        about.pop("id", "q2"),
        "2026-06-15",
        about.pop("opened", OPENED),
        list(rows),
        {**coverage, **about.pop("coverage", {})},
        **about,
    )
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in review_files(review).items():
        (folder / name).write_text(text, encoding="utf-8")
    return review


def decision(one, verdict="keep", reason="", **more):
    """Return an entry about a row as the page makes it."""
    return {
        "row": one.id, "verdict": verdict, "reason": reason, "connection": one.connection, "account_id": one.account_id,
        "grant_name": one.grant_name,
        "time": "2026-06-16T08:00:00Z", **more,
    }


def decisions(opened, /, *entries, reviewer="AUD", name="Audrey Tor", **head):
    """Return a file of decisions as the page makes it."""
    return {
        "schema": 1,
        "kind": "access_review_decisions",
        "review": opened.id,
        "rows_digest": rows_digest(opened.rows),
        "reviewer": {"id": reviewer, "name": name},
        "saved": "2026-06-16T08:00:00Z",
        "decisions": list(entries),
        **head,
    }


def save(path, document):
    """Write a file of decisions and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def read(review, *paths, people=(), memory=None):
    """Return the decisions in files, and what is wrong with them."""
    rows, known = {one.id: one for one in review.rows}, {person.id: person for person in people}
    reader = Reader(review, rows, rows_digest(review.rows), known, memory or Memory(), NOW)
    return reader.read([str(path) for path in paths])


def problems_of(tmp_path, *documents, people=(), **about):
    """Return (code, message) of what is wrong with files of decisions about a review of ROWS."""
    review = write(tmp_path, **about)
    paths = [save(tmp_path / f"{number}.json", make(review)) for number, make in enumerate(documents)]
    return [(problem.code, str(problem)) for problem in read(review, *paths, people=people)[1]]
