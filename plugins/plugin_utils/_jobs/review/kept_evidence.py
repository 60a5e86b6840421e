# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps the evidence of an earlier close whose decisions differ, under names with the time of that close."""

from __future__ import annotations

import os
import re
import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError

from ..files import read_text
from .closed import LEFT_OUT, Earlier
from .documents import DEST, Json
from .evidence import FILES

_DECISION = ("decision", "reason", "decided_by")


def kept_evidence(earlier: Earlier, rows: t.Sequence[Json], folder: str) -> dict[str, str]:
    """Return the files of the earlier evidence, name -> text, if a row of it now has another decision. A name that
    another file already has gets a number."""
    if not any(_differs(earlier.rows.get(row["id"]), row) for row in rows):
        return {}
    moment = re.sub(r"[^0-9TZ]", "", str(earlier.document.get("closed") or ""))
    texts = {name: text for name in FILES for text in (_read(folder, name),) if text is not None}
    number = 1
    while True:
        suffix = f"-{moment}" if number == 1 else f"-{moment}-{number}"
        kept = {f"{stem}{suffix}{end}": text for name, text in texts.items() for stem, end in (os.path.splitext(name),)}
        if all(_read(folder, name) in (None, text) for name, text in kept.items()):
            return kept
        number += 1


def _read(folder: str, name: str) -> str | None:
    """Return the text of a file, or None if there is none that can be read."""
    try:
        return read_text(os.path.join(folder, name), DEST)
    except InputError:
        return None


def _differs(before: Json | None, row: Json) -> bool:
    """Return whether a row was closed before with another decision."""
    return (
        before is not None
        and before["outcome"] != LEFT_OUT
        and any(before[name] != row[name] for name in _DECISION)
    )
