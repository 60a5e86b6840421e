# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads an open review from its folder, and checks that it was not edited since it was opened."""

from __future__ import annotations

import dataclasses
import datetime
import os
import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core import durations
from ansible_collections.rollcall.identity.plugins.module_utils._core.durations import seconds
from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, Problem
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import counted

from ..files import read_bytes
from ..validate import is_day
from .documents import DEST, Json, kind_problems, parsed, sha256
from .model import SCHEMA, Coverage, Review, Row, Token, row_id, rows_digest
from .output import DATA, MANIFEST, MANIFEST_KIND, REVIEW_KIND

_ADVICE = "Restore the folder as the opening run wrote it, or open a new review."
_OTHER = "Restore the folder as the opening run wrote it, or correct access_review_dest."
_UNITS = (("day", 86400, "hour", 3600), ("hour", 3600, "minute", 60), ("minute", 60, "second", 1))
_NULLABLE = {"enabled": bool, "privileged": bool, "mfa": bool, "last_login": str}


@dataclasses.dataclass
class Opened:
    """A review that was read. ``digests`` maps its files to their SHA-256. ``missing`` are files of the manifest that
    no longer exist."""

    review: Review
    rows_digest: str
    digests: dict[str, str]
    missing: list[str]
    rows: dict[str, Row]


class _Edited(Exception):
    """A file of the review was edited."""


def read_opened(folder: str, expected_id: str, digest: str, problems: list[Problem]) -> Opened | None:
    """Return the review in a folder, or None if it is unreliable; add its problems to ``problems``.

    ``expected_id`` is the required id, ``digest`` the required SHA-256 of the manifest. Empty texts accept any.
    """
    contents = _contents(folder, problems)
    if contents is None:
        return None
    manifest_bytes, review_bytes = contents
    if digest and sha256(manifest_bytes) != digest.strip().lower():
        actual = sha256(manifest_bytes)
        text = (
            f"access_review_digest is {digest}, but manifest.json has the digest {actual}: the option is wrong, or the "
            "folder is not the opened review. Correct access_review_digest, restore the folder as the opening run "
            "wrote it, or open a new review."
        )
        problems.append(Problem(text, "review_edited", option="access_review_digest"))
        return None
    manifest, wrong = parsed(manifest_bytes, MANIFEST, DEST)
    wrong = wrong or kind_problems(manifest, MANIFEST_KIND, SCHEMA, MANIFEST, DEST, _OTHER)
    document, unusable = parsed(review_bytes, DATA, DEST)
    wrong += unusable or kind_problems(document, REVIEW_KIND, SCHEMA, DATA, DEST, _OTHER)
    if wrong:
        problems += wrong
        return None
    missing: list[str] = []
    edited = _edited_files(folder, manifest, missing)
    review: Review | None = None
    try:
        review = _review(document)
        edited += _contradictions(manifest, document, review)
    except _Edited as error:
        edited.append(f"review.json: {error}")
    if edited or review is None:
        problems += [Problem(f"{text} {_ADVICE}", "review_edited", option=DEST) for text in edited]
        return None
    if expected_id and review.id != expected_id:
        text = (
            f"access_review_id is {expected_id}, and {folder} contains the review {review.id}. "
            "Correct access_review_id or access_review_dest."
        )
        problems.append(Problem(text, "other_review", option="access_review_id"))
    digests = {MANIFEST: sha256(manifest_bytes), DATA: sha256(review_bytes)}
    return Opened(review, str(manifest["rows_digest"]), digests, missing, {row.id: row for row in review.rows})


def _contents(folder: str, problems: list[Problem]) -> tuple[bytes, bytes] | None:
    """Return the contents of manifest.json and review.json, or None with the problems. A folder without both has no
    review, which is one problem."""
    wrong: list[Problem] = []
    manifest, review = (_content(folder, name, wrong) for name in (MANIFEST, DATA))
    if manifest is not None and review is not None:
        return manifest, review
    if [problem.code for problem in wrong] == ["no_file", "no_file"]:
        text = (
            f"{DEST}: there is no review in {folder}. Open it first (access_review_state: open), or specify the "
            "folder in which it was opened."
        )
        wrong = [Problem(text, "no_file", option=DEST)]
    problems += wrong
    return None


def _content(folder: str, name: str, problems: list[Problem]) -> bytes | None:
    """Return the content of a file that every review has."""
    path = os.path.join(folder, name)
    try:
        content = read_bytes(path, DEST)
    except InputError as error:
        problems += error.advised()
        return None
    if content is None:
        text = f"{DEST}: there is no file {path}. {_ADVICE}"
        problems.append(Problem(text, "no_file", option=DEST))
    return content


def _edited_files(folder: str, manifest: Json, missing: list[str]) -> list[str]:
    """Return a sentence for each file that differs from the manifest. Add files that do not exist to ``missing``."""
    files = manifest.get("files")
    if not isinstance(files, dict) or DATA not in files:
        return ["manifest.json: files does not list review.json."]
    edited = []
    for name, digest in files.items():
        if name != os.path.basename(name) or name in ("", ".", ".."):
            edited.append(f"manifest.json: {name!r} is not the name of a file in the folder.")
            continue
        try:
            content = read_bytes(os.path.join(folder, name), DEST)
        except InputError as error:
            edited.append(error.sentence())
            continue
        if content is None:
            missing.append(name)
        elif sha256(content) != digest:
            edited.append(f"{name} was edited: its SHA-256 is {sha256(content)}, but manifest.json has {digest}.")
    return edited


def _contradictions(manifest: Json, document: Json, review: Review) -> list[str]:
    """Return a sentence for each contradiction between the manifest, the header and the rows of a review."""
    digest = rows_digest(review.rows)
    wrong = [
        f"{name}: rows_digest does not match the rows of review.json."
        for name, part in ((MANIFEST, manifest), (DATA, document))
        if part.get("rows_digest") != digest
    ]
    if manifest.get("review") != review.id:
        wrong.append(f"manifest.json belongs to the review {manifest.get('review')!r}, review.json to {review.id!r}.")
    if manifest.get("opened") != review.opened:
        wrong.append("manifest.json and review.json have different opening times.")
    incomplete = manifest.get("incomplete")
    if not isinstance(incomplete, list) or sorted(map(str, incomplete)) != sorted(review.incomplete):
        wrong.append("manifest.json and review.json disagree about which connections could not be read.")
    ids: set[str] = set()
    for row in review.rows:
        if row.id in ids:
            wrong.append(f"review.json has the row {row.id} twice.")
        elif row.id != row_id(row.connection, row.account_id, row.facet, row.grant):
            wrong.append(f"review.json: the id of row {row.id} does not match its connection, account and grant.")
        ids.add(row.id)
    return wrong


def _review(document: Json) -> Review:
    """Return the review of a document. Raises _Edited if its structure is invalid."""
    texts = ("id", "day", "opened")
    if not all(isinstance(document.get(name), str) and document[name] for name in texts):
        raise _Edited("id, day and opened must be text.")
    try:
        moment(document["opened"])
    except ValueError:
        raise _Edited(f"opened is {document['opened']!r}, which is not a time.") from None
    parts: dict[str, type] = {"rows": list, "coverage": dict, "reviewers": dict, "incomplete": list}
    for name, kind in parts.items():
        if not isinstance(document.get(name, kind()), kind):
            raise _Edited(f"{name} has an unexpected form.")
    review = Review(
        document["id"],
        document["day"],
        document["opened"],
        by=str(document.get("by") or "none"),
        previous=str(document.get("previous") or ""),
        people=document["people"] if isinstance(document.get("people"), int) else 0,
    )
    review.rows = [_row(number, row) for number, row in enumerate(document.get("rows", []))]
    review.coverage = {str(name): _coverage(name, about) for name, about in document.get("coverage", {}).items()}
    for name in document.get("incomplete", ()):
        if name not in review.incomplete:
            raise _Edited(f"incomplete names {name!r}, but coverage does not give the reason.")
    review.reviewers = {str(identity): str(name) for identity, name in document.get("reviewers", {}).items()}
    return review


def _coverage(name: t.Any, about: t.Any) -> Coverage:
    if not isinstance(about, dict) or not isinstance(about.get("provider"), str):
        raise _Edited(f"coverage of {name!r} has an unexpected form.")
    return Coverage(
        about["provider"], organisation=str(about.get("organisation") or ""), error=str(about.get("error") or "")
    )


def _row(number: int, document: t.Any) -> Row:
    """Return a row of a document. Raises _Edited if its structure is invalid."""
    fields = {field.name: field for field in dataclasses.fields(Row)}
    if not isinstance(document, dict) or set(document) != set(fields):
        raise _Edited(f"rows[{number}] does not have the keys of a row.")
    values = dict(document)
    for name, value in values.items():
        if name in _NULLABLE:
            fits = value is None or isinstance(value, _NULLABLE[name])
        elif name in ("tokens", "flags"):
            fits = isinstance(value, list) or (value is None and name == "tokens")
        elif name in ("revocable", "new"):
            fits = isinstance(value, bool)
        else:
            fits = name == "grant" or isinstance(value, str)
        if not fits:
            raise _Edited(f"rows[{number}].{name} has an unexpected form.")
    values["flags"] = tuple(map(str, values["flags"]))
    if values["tokens"] is not None:
        try:
            values["tokens"] = tuple(Token(**token) for token in values["tokens"])
        except TypeError:
            raise _Edited(f"rows[{number}].tokens has an unexpected form.") from None
    return Row(**values)


def moment(text: str) -> datetime.datetime:
    """Return a time such as 2026-12-31T08:00:00Z. Raises ValueError."""
    when = durations.moment(text)
    if when is None:
        raise ValueError(f"{text!r} is not a time")
    return when


def _span(length: float) -> str:
    """Return a number of seconds in words, rounded down, such as ``42 seconds`` or ``2 days 3 hours``."""
    for unit, size, part, part_size in _UNITS:
        if length >= 2 * size or (length >= size and length % size == 0):
            whole, rest = divmod(int(length), size)
            more = rest // part_size
            return f"{counted(whole, unit)} {counted(more, part)}" if more else counted(whole, unit)
    return counted(int(length), "second")


def age_problems(review: Review, max_age: str, now: datetime.datetime, as_of: str = "") -> list[Problem]:
    """Return a problem if a review is too old to execute its decisions.

    ``max_age`` is a duration such as 90d. With ``as_of``, the age is the number of days from the day of the review to
    this day.
    """
    try:
        longest = seconds(max_age, "access_review_max_age")
    except InputError as error:
        return [Problem(error.sentence(), "invalid_duration", option="access_review_max_age")]
    begin, end = (review.day, as_of) if is_day(as_of) and is_day(review.day) else (review.opened, now.isoformat())
    age = (moment(end) - moment(begin)).total_seconds()
    if age <= longest:
        return []
    ago, limit = _span(age), _span(longest)
    if ago == limit:
        ago, limit = counted(int(age), "second"), counted(int(longest), "second")
    text = (
        f"The review {review.id} was opened {ago} ago, and access_review_max_age is {limit}. "
        "Open a new review, or raise access_review_max_age."
    )
    return [Problem(text, "review_stale", option="access_review_max_age")]
