# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decodes, cleans and compares the texts of a feed."""

from __future__ import annotations

import codecs
import functools
import re
import typing as t
import unicodedata

from ansible_collections.rollcall.identity.plugins.module_utils._core.names import compose, invisible
from ansible_collections.rollcall.identity.plugins.module_utils._core.names import near as near_names
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import plural

from ..names import key_is_unknown
from .model import Unreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks. The one of UTF-32 begins like that of UTF-16."""
_BLANKS = frozenset("\t\n\r\v\f\x85")
_SHOWN = 60
"""The number of characters of a value that a message repeats."""
_LISTED = 30
"""The number of names that a message lists."""
_WHOLE = re.compile(r"(\d+)\.0+", re.ASCII)


def decoded(data: bytes, file: str) -> str:
    """Return the text of a file: UTF-8, or the encoding of its byte order mark. Raises Unreadable with the line."""
    encoding = "utf-8"
    for mark, name in _MARKS:
        if data.startswith(mark):
            data, encoding = data[len(mark) :], name
            break
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        line = before.count(b"\n") + 1
        raise Unreadable(
            f"the text is not {encoding.upper()}. Save the file as UTF-8; Excel calls that CSV UTF-8.",
            place=f"{file} line {line}",
        ) from None
    if "\0" in text:
        raise Unreadable("the file is not text. Save it as CSV, JSON or YAML in UTF-8.", place=file)
    return text.rstrip("\x1a")  # the end-of-file character of DOS


def clean(text: str) -> tuple[str, str]:
    """Return a text in composed form (NFC), without invisible characters and extra spaces, and what was removed.

    Line breaks, tabs and special spaces become a space, and runs of spaces become one. Control and format characters
    (zero-width characters, soft hyphens, direction marks) are removed; the first one is named, such as ``U+200B ZERO
    WIDTH SPACE``.
    """
    if text.isascii() and text.isprintable():
        return (" ".join(text.split()) if "  " in text else text.strip()), ""
    letters: list[str] = []
    removed = ""
    for letter in text:
        category = unicodedata.category(letter)
        if letter in _BLANKS or category in ("Zs", "Zl", "Zp"):
            letters.append(" ")
        elif category in ("Cc", "Cf", "Cs"):
            removed = removed or invisible(letter) or ""
        else:
            letters.append(letter)
    return compose(" ".join("".join(letters).split())), removed


@functools.lru_cache(maxsize=4096)
def key(heading: str) -> str:
    """Return the form in which headings and names of attributes are compared: without case, spaces, ``_`` and ``-``."""
    return re.sub("[ _-]", "", clean(heading)[0].casefold())


def folded(word: str) -> str:
    """Return the form in which words of a column are compared: without case and outer spaces."""
    return clean(word)[0].casefold()


def shown(value: t.Any) -> str:
    """Return a value for a message: quoted and shortened; of a list or mapping, only its type."""
    if isinstance(value, str):
        return repr(value if len(value) <= _SHOWN else f"{value[:_SHOWN]}...")
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, float)) else "a mapping" if isinstance(value, dict) else "a list"


def near(name: str, names: t.Iterable[str], cutoff: float = 0.6) -> list[str]:
    """Return at most three names that resemble a misspelt one, the most similar first."""
    known = {key(known): known for known in names}
    return [known[match] for match in near_names(key(name), known, cutoff=cutoff)]


def unknown_key(name: str, known: t.Sequence[str]) -> str:
    """Return the sentences about an unknown key of a mapping."""
    return key_is_unknown(name, near(name, known), known)


def hint(name: str, names: t.Sequence[str], noun: str) -> str:
    """Return the sentence after an unknown name of a ``noun``: similar names, or all names if none is similar."""
    close = near(name, names)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    if len(names) == 1:
        return f"The only {noun} is {names[0]}."
    return f"The {plural(noun)} are {', '.join(names[:_LISTED])}{more}." if names else f"There are no {plural(noun)}."


def parts_of(cell: str) -> list[str]:
    """Return the elements of a cell. If semicolons or line breaks separate them, a comma is part of a name."""
    return re.split(r"[;\r\n]" if re.search(r"[;\r\n]", cell.strip()) else ",", cell)


def without_fraction(text: str) -> str:
    """Return a whole number that a spreadsheet shows as 1042.0 without its fraction, and any other text unchanged."""
    whole = _WHOLE.fullmatch(text)
    return whole[1] if whole else text


def number_text(value: t.Any) -> str:
    """Return a number, true or false as text. A whole number has no fraction."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
