# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The JSON files of a review: strict parsing that returns problems, and digests."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, Problem

Json = dict[str, t.Any]
DEST, DECISIONS, LINKS = "access_review_dest", "access_review_decisions", "access_review_links"
"""The options that messages about the files name."""
_Out = t.TypeVar("_Out")
MAX_DECISIONS = 64 * 1024 * 1024
"""The maximum size of a file of decisions in bytes. A file with 60,000 rows has a third of it."""
_TYPES = {str: "a text", dict: "an object", list: "a list", int: "a whole number", bool: "true or false"}
_SAVE_AGAIN = "Save the file again from the page."


class Repeated(ValueError):
    """A JSON object contains a key twice. A tolerant parser would only return the last value."""


def printable(text: str) -> str:
    """Return the name of a file for messages and evidence. Characters that are not printable or not UTF-8 are
    escaped."""
    return (
        text
        if text.isprintable()
        else "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
    )


def whole(value: t.Any) -> t.Any:
    """Return a value whose texts can be written to a file: a lone surrogate, which an API may send in JSON, becomes a
    question mark."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    return {name: whole(item) for name, item in value.items()} if isinstance(value, dict) else value


def attempted(read: t.Callable[[], _Out], problems: list[Problem]) -> _Out | None:
    """Return the result of ``read``, or None if it raises InputError; add its problems to ``problems``."""
    try:
        return read()
    except InputError as error:
        problems += error.advised()
        return None


def sha256(content: str | bytes) -> str:
    """Return the SHA-256 of a file or of its text, as ``sha256sum`` shows it."""
    return hashlib.sha256(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content).hexdigest()


def regular_bytes(path: str, place: str) -> tuple[bytes, list[Problem]]:
    """Return the content of a file of decisions. For anything else (a link, a device), and for a file that is too
    large, return a problem."""

    def wrong(text: str, code: str) -> tuple[bytes, list[Problem]]:
        return b"", [Problem(text, code, place, DECISIONS)]

    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if os.path.islink(path):
            return wrong(
                "the file is a symbolic link. Replace it with a copy of the file that it leads to.", "symbolic_link"
            )
        if isinstance(error, FileNotFoundError):
            return wrong(f"there is no file {printable(path)}. Correct {DECISIONS}.", "no_file")
        return wrong(f"the file cannot be read: {error.strerror}. Correct its permissions.", "unreadable_file")
    about = os.fstat(handle)
    if not stat.S_ISREG(about.st_mode):
        os.close(handle)
        return wrong("this is not a regular file. Specify the path of a file.", "not_a_file")
    with os.fdopen(handle, "rb") as file:
        if about.st_size > MAX_DECISIONS:
            text = (
                f"the file has {about.st_size} bytes, and at most {MAX_DECISIONS} are read: "
                "it does not come from the page of a review. Remove it."
            )
            return wrong(text, "file_too_large")
        try:
            return file.read(MAX_DECISIONS), []
        except OSError as error:
            return wrong(f"the file cannot be read: {error.strerror}. Copy it again.", "unreadable_file")


def parsed(content: bytes, place: str, option: str) -> tuple[Json, list[Problem]]:
    """Return the JSON object in a file, or a problem if there is none."""

    def unique_keys(pairs: list[tuple[str, t.Any]]) -> Json:
        names = dict(pairs)
        if len(names) < len(pairs):
            twice = next(name for name, _value in pairs if sum(name == other for other, _other_value in pairs) > 1)
            raise Repeated(f"the key {twice!r} occurs twice in one object")
        return names

    try:
        document = json.loads(content.decode("utf-8-sig"), object_pairs_hook=unique_keys)
        if b"\\ud" in content.lower():
            json.dumps(document, ensure_ascii=False).encode("utf-8")  # a lone surrogate is not a text
    except (ValueError, RecursionError) as error:  # UnicodeError is a ValueError
        why = (
            str(error)
            if isinstance(error, Repeated)
            else f"it is not JSON in UTF-8 ({' '.join(str(error).split())[:200]})"
        )
        text = f"the file cannot be used: {why}. Copy it again from its source."
        return {}, [Problem(text, "unreadable_file", place, option)]
    if not isinstance(document, dict):
        text = "the file does not contain a JSON object. Copy it again from its source."
        return {}, [Problem(text, "unreadable_file", place, option)]
    return document, []


def kind_problems(
    document: Json, kind: str, schema: int, place: str, option: str, advice: str
) -> list[Problem]:
    """Return the problems of a file's kind and version. After such a problem, its content is unreliable.

    ``advice`` is the next step if the file is of another kind.
    """
    if document.get("kind") != kind:
        shown = f"its kind is {document['kind']!r}"[:80] if document.get("kind") is not None else "it has no kind"
        text = f"this is the wrong file: {shown} instead of {kind!r}. {advice}"
        return [Problem(text, "other_file", place, option)]
    if document.get("schema") != schema or isinstance(document.get("schema"), bool):
        shown = repr(document.get("schema"))[:80]
        text = (
            f"schema is {shown}, and this version of the collection reads {schema}. Use the version that created "
            "the review."
        )
        return [Problem(text, "other_version", place, option)]
    return []


def shape_problems(
    document: t.Any, required: t.Mapping[str, type], optional: t.Mapping[str, type], place: str
) -> list[Problem]:
    """Return the problems of the structure of an object in a file of decisions: unknown and missing keys, values of the
    wrong type."""
    if not isinstance(document, dict):
        return [Problem(f"this is not an object. {_SAVE_AGAIN}", "invalid_value", place, DECISIONS)]
    known = {**required, **optional}
    problems = [
        Problem(
            f"{str(name)[:80]!r} is unknown. The page of a review writes {', '.join(known)}. {_SAVE_AGAIN}",
            "unknown_key", place, DECISIONS,
        )
        for name in document
        if name not in known
    ]
    problems += [
        Problem(f"{name} is missing. {_SAVE_AGAIN}", "missing_field", place, DECISIONS)
        for name in required
        if name not in document
    ]
    problems += [
        Problem(f"{name} is not {_TYPES[kind]}. {_SAVE_AGAIN}", "invalid_value", place, DECISIONS)
        for name, kind in known.items()
        if name in document
        and (not isinstance(document[name], kind) or (kind is int and isinstance(document[name], bool)))
    ]
    return problems
