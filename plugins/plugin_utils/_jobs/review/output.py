# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a review as texts: JSON, CSV, the pages, and the manifest with their digests."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
import typing as t

from ..html import visible
from .documents import sha256
from .model import NOT_PROVIDED, SCHEMA, Review, Row, Token, rows_digest
from .page import page

REVIEW_KIND, MANIFEST_KIND = "access_review", "access_review_manifest"
PAGE, DATA, TABLE, MANIFEST = "review.html", "review.json", "review.csv", "manifest.json"
FILES = (PAGE, DATA, TABLE, MANIFEST)
"""The files of every open review."""
_FORMULA = re.compile("'*[=+\\-@\t\r\n]")
"""Beginnings of texts that a spreadsheet would treat as a formula."""
_COLUMNS = (
    "person", "name", "kind", "status", "manager", "end", "connection", "provider", "account", "account_id", "enabled",
    "facet", "grant_name", "grant_id", "entitlement", "via", "via_name", "via_id", "revocable", "privileged",
    "last_login", "mfa", "tokens", "ticket", "until", "flags", "reviewer", "previous", "previous_reason",
    "previous_review", "new", "id",
)
MULTILINE = {"reason": "\t\n", "previous_reason": "\t\n"}
"""Column -> characters that its cells may contain although they are invisible: a reason has several lines."""
_REPORTED = ("enabled", "privileged", "mfa", "last_login", "tokens")
"""Columns of facts that an API may not report."""


def review_files(review: Review, earlier: str = "") -> dict[str, str]:
    """Return name -> text of all files.

    ``earlier`` is the text of the existing review.json. If its content is otherwise equal, ``review`` gets its time and
    job.
    """
    digest = rows_digest(review.rows)
    lists = ",\n".join([_list("gone", review.gone), _list("rows", (row.document() for row in review.rows))])
    known = head_of(earlier)
    if all(isinstance(known.get(name), str) for name in _MOVING):
        again = dataclasses.replace(review, opened=known["opened"], job=known["job"])
        if _data(again, digest, lists) == earlier:
            review.opened, review.job = again.opened, again.job
    files = {DATA: _data(review, digest, lists), TABLE: table(review.rows), **pages(review, digest)}
    return {**files, MANIFEST: manifest(review, digest, files)}


def _data(review: Review, digest: str, lists: str) -> str:
    """Return review.json: each fact on a line, then the lists with each item on a line, so that versions can be
    compared."""
    about = {
        entry.name: getattr(review, entry.name)
        for entry in dataclasses.fields(review)
        if entry.name not in ("rows", "coverage", "gone")
    }
    head = {
        "schema": SCHEMA,
        "kind": REVIEW_KIND,
        **about,
        "incomplete": review.incomplete,
        "coverage": {name: _plain(dataclasses.asdict(coverage)) for name, coverage in review.coverage.items()},
        "rows_digest": digest,
    }
    return f"{{\n{_lines(head)},\n{lists}\n}}\n"


def dumped(document: t.Mapping[str, t.Any]) -> str:
    """Return a document as JSON: each entry on a line, and each item of a list of objects."""
    return f"{{\n{_lines(document)}\n}}\n"


def _lines(document: t.Mapping[str, t.Any]) -> str:
    def line(name: str, value: t.Any) -> str:
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            return _list(name, value)
        return f"  {_json(name)}: {_json(value)}"

    return ",\n".join(line(name, value) for name, value in document.items())


def head_of(text: str) -> dict[str, t.Any]:
    """Return the facts of a review.json without its rows, which may be very many; empty if the text is
    something else."""
    head, mark, _lists = text.partition(_LISTS)
    try:
        document = json.loads(head + "\n}" if mark else text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


_MOVING = ("opened", "job")
"""Facts that differ each time a review is opened."""
_LISTS = ',\n  "gone": ['
"""The text with which the lists of review.json begin."""


def _list(name: str, items: t.Iterable[t.Mapping[str, t.Any]]) -> str:
    """Return a list of a file with each item on a line."""
    lines = ",\n".join(f"    {_json(item)}" for item in items)
    return f"  {_json(name)}: [\n{lines}\n  ]" if lines else f"  {_json(name)}: []"


def _plain(about: dict[str, t.Any]) -> dict[str, t.Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in about.items()}


_json = json.JSONEncoder(ensure_ascii=False).encode


# -- CSV -----------------------------------------------------------------------------------------------------------


def table(rows: t.Iterable[Row]) -> str:
    """Return the rows as CSV. A text that a spreadsheet would treat as a formula begins with an apostrophe."""
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in rows:
        writer.writerow([cell(getattr(row, name), name in _REPORTED, MULTILINE.get(name, "")) for name in _COLUMNS])
    return output.getvalue()


def cell(value: t.Any, reported: bool = False, kept: str = "") -> str:
    """Return a cell, with invisible characters written out: a spreadsheet hides them, or begins a new line. The
    characters in ``kept`` stay. With ``reported``, a missing value is one that the API does not report."""
    if value is None:
        return NOT_PROVIDED if reported else ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        if reported and not value:
            return "none"
        value = "; ".join(
            f"{token.name} ({_expiry(token)})" if isinstance(token, Token) else str(token) for token in value
        )
    text = visible(value, kept)
    return f"'{text}" if _FORMULA.match(text) else text


def _expiry(token: Token) -> str:
    if token.expires is None:
        return f"expires: {NOT_PROVIDED}"
    return "never expires" if token.expires == "never" else f"expires {token.expires}"


# -- pages ---------------------------------------------------------------------------------------------------------


def pages(review: Review, digest: str) -> dict[str, str]:
    """Return the page of the auditor, and one page for each reviewer with only their rows."""
    files = {PAGE: page(review, review.rows, None, digest)}
    by_reviewer: dict[str, list[Row]] = {}
    for row in review.rows:
        if row.reviewer:
            by_reviewer.setdefault(row.reviewer, []).append(row)
    for reviewer, name in names_of_pages(by_reviewer).items():
        files[name] = page(review, by_reviewer[reviewer], reviewer, digest)
    return files


def names_of_pages(reviewers: t.Iterable[str]) -> dict[str, str]:
    """Return reviewer -> file name of the page, in the order of the ids. No two names differ only in case."""
    names: dict[str, str] = {}
    used: set[str] = set()
    for reviewer in sorted(reviewers):
        slug = re.sub(r"[^A-Za-z0-9._-]+", "-", reviewer).strip("-.")[:60].lower() or "reviewer"
        number, name = 1, slug
        while name in used:
            number += 1
            name = f"{slug}-{number}"
        used.add(name)
        names[reviewer] = f"review-{name}.html"
    return names


# -- manifest ------------------------------------------------------------------------------------------------------


def manifest(review: Review, digest: str, files: t.Mapping[str, str]) -> str:
    """Return the manifest: the SHA-256 of each file."""
    document = {
        "schema": SCHEMA,
        "kind": MANIFEST_KIND,
        "review": review.id,
        "opened": review.opened,
        "rows_digest": digest,
        "rows": len(review.rows),
        "incomplete": review.incomplete,
        "files": {name: sha256(text) for name, text in files.items()},
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
