# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever stands in the files of a review: it is refused with a sentence, and never a traceback."""

from __future__ import annotations

import copy
import hashlib
import json
import pathlib
import tempfile

from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.closed import (
    Closed,
    body_digest,
    read_earlier,
    row_document,
)
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.evidence import document_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.model import Decision
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.opened import read_opened
from ansible_collections.rollcall.identity.tests.unit.review_files import ROWS, decision, decisions, read, save, write

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.text(max_size=5)
    | st.sampled_from(["keep", "2026-13-01", "../x", ROWS[0].id]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def places(value, path=()):
    """Return the paths of all values inside a document."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found += places(item, (*path, key))
    return found


def changed(document, data):
    """Return a copy of a document in which one value is another one, or is missing."""
    document = copy.deepcopy(document)
    *path, last = data.draw(st.sampled_from(places(document)))
    inner = document
    for key in path:
        inner = inner[key]
    if data.draw(st.booleans()):
        inner[last] = data.draw(JSON)
    else:
        del inner[last]
    return document


@settings(max_examples=25)
@given(st.data())
def test_decisions(data):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        review = write(folder)
        before = decisions(review, decision(ROWS[0], "revoke", "x"), decision(ROWS[2]))
        path = save(folder / "a.json", changed(before, data))
        decided, problems = read(review, path)
        assert all(problem.code and str(problem) for problem in problems)
        assert problems or set(decided.by_row) <= {row.id for row in ROWS}


@settings(max_examples=25)
@given(st.data())
def test_reviews(data):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        review = write(folder, by="manager", reviewers={"E7": "x"})
        files = {
            name: json.loads((folder / name).read_text(encoding="utf-8")) for name in ("review.json", "manifest.json")
        }
        which = data.draw(st.sampled_from(sorted(files)))
        (folder / which).write_text(json.dumps(changed(files[which], data)), encoding="utf-8")
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if which == "review.json":  # whoever edits it may edit the manifest as well
            manifest["files"]["review.json"] = hashlib.sha256((folder / "review.json").read_bytes()).hexdigest()
            (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        problems = []
        opened = read_opened(str(folder), "", "", problems)
        assert (opened is None) == bool(problems)
        assert opened is None or opened.review.rows == review.rows, "who edits a row is found out"


@settings(max_examples=25)
@given(st.data(), st.booleans())
def test_evidence(data, sealed):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        review = write(folder)
        rows = [
            row_document(row, Decision(row.id, "revoke", "AUD"), Closed("removed", time="2026-06-20T08:00:00Z"), {})
            for row in ROWS
        ]
        head = {
            "review": "q2",
            "day": "",
            "opened": "",
            "closed": "",
            "version": "",
            "job": "",
            "incomplete": [],
            "left_out": [],
            "read": {},
        }
        document = changed(document_of(head, rows), data)
        if sealed and "digest" in document:
            document["digest"] = body_digest(document)
        (folder / "closed.json").write_text(json.dumps(document), encoding="utf-8")
        problems = []
        earlier = read_earlier(str(folder), review, {row.id: row for row in ROWS}, problems)
        assert bool(earlier.document) != bool(problems)
        assert set(earlier.outcomes()) == set(earlier.rows)
