# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the files of decisions in folders. A file that is not read is reported: it may contain revocations."""

from __future__ import annotations

import os
import re
import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Notice, Problem
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import agreed

from .decisions import DECISIONS_KIND
from .documents import DECISIONS, printable

FOLDER = "decisions"
"""The folder for files of decisions in that of the review."""
_ENDING = ".json"
_OURS = re.compile(r"(manifest|closed)[^/]*\.(json|csv|html)|review[^/]*\.(json|html)|closing\.jsonl")
"""The files of a review and of its evidence. A copy of review.csv may be somebody's decisions."""
_HEAD = 4096
"""The number of bytes of a file in which its kind is searched for."""
_SHOWN = 10


def files_in(
    paths: t.Sequence[str], default: str, problems: list[Problem], notices: list[Notice]
) -> list[str]:
    """Return the files of decisions: ``paths`` themselves, and ``*.json`` in those that are folders.

    Without ``paths``, return those in ``default``. Folders in ``paths`` without a decision file are a problem, because
    a wrong path would otherwise mean that nobody has decided. So is ``default`` if it only contains other files, and a
    file of decisions that is not read because of its name or its subfolder; any other file is a warning in ``notices``.
    """
    noted = len(notices)
    files: list[str] = []
    for path in paths or [default]:
        if os.path.isdir(path):
            files += _files_of(path, problems, notices)
        elif paths:
            files.append(path)
    if not files and not problems and (paths or notices[noted:]):
        unread = " ".join(notice.text for notice in notices[noted:])
        text = (
            f"{DECISIONS}: there is no decision file (*.json) in {' or '.join(paths or [default])}. "
            f"{'Correct the path, or copy' if paths else 'Decide on the review pages, and copy'} to this folder the "
            f"files that the pages {'saved' if paths else 'save. Remove other files'}. {unread}"
        )
        problems.append(Problem(text.rstrip(), "no_decisions", option=DECISIONS))
    return list(dict.fromkeys(files))


def decided_in(folder: str) -> str:
    """Return the name of a file below a folder that may contain decisions, or an empty text if there is none."""
    return next(
        (
            name for name in _names(folder, [])
            if name.lower().endswith(_ENDING) or _may_decide(os.path.join(folder, name))
        ),
        "",
    )


def _files_of(folder: str, problems: list[Problem], notices: list[Notice]) -> list[str]:
    """Return the files of decisions in a folder. Report all other files."""
    names = _names(folder, problems)
    read = [name for name in names if name.endswith(_ENDING) and os.sep not in name]
    unread = [name for name in names if name not in read and not _OURS.fullmatch(os.path.basename(name))]
    missed = [name for name in unread if name.lower().endswith(_ENDING) or _may_decide(os.path.join(folder, name))]
    if missed:
        text = (
            f"{DECISIONS}: {_few(missed)} in {folder} {agreed(len(missed), 'is')} not read, only *{_ENDING} directly "
            f"in this folder. Rename or move {agreed(len(missed), 'it')}, or remove {agreed(len(missed), 'it')}."
        )
        problems.append(Problem(text, "unread_file", option=DECISIONS))
    others = [name for name in unread if name not in missed]
    if others:
        text = (
            f"{_few(others)} in {folder} {agreed(len(others), 'is')} no decision {agreed(len(others), 'file')} "
            f"(*{_ENDING}), and {agreed(len(others), 'was')} not read. If a page saved {agreed(len(others), 'it')}, "
            f"let the name end in {_ENDING}."
        )
        notices.append(Notice("unread_file", text))
    return [os.path.join(folder, name) for name in read]


def _may_decide(path: str) -> bool:
    """Return whether a path leads to a folder, or to a file that a page saved. A mail program may add ``.txt``."""
    if os.path.isdir(path) or not os.path.isfile(path):
        return os.path.isdir(path)
    try:
        with open(path, "rb") as file:
            return DECISIONS_KIND.encode() in file.read(_HEAD).replace(b"\0", b"")  # also in UTF-16
    except OSError:
        return False


def _names(folder: str, problems: list[Problem]) -> list[str]:
    """Return the paths of all files below a folder, relative to it, without hidden ones. Links to folders count as
    files: they are not followed."""
    names: list[str] = []

    def unreadable(error: OSError) -> None:
        text = f"{DECISIONS}: {error.filename} cannot be read: {error.strerror}. Correct its permissions."
        problems.append(Problem(text, "unreadable_file", option=DECISIONS))

    for root, folders, files in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links = [name for name in folders if os.path.islink(os.path.join(root, name))]
        names += [
            os.path.relpath(os.path.join(root, name), folder)
            for name in (*sorted(files), *links) if not name.startswith(".")
        ]
    return names


def _few(names: t.Sequence[str]) -> str:
    """Return the first names for a message."""
    more = len(names) - _SHOWN
    return ", ".join(map(printable, names[:_SHOWN])) + (f" and {more} more" if more > 0 else "")
