# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file of a token: what it was before a new token is written to it, and its restoration."""

from __future__ import annotations

import contextlib
import os
import stat

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError

from ..files import write_bytes
from .model import OldFile


def old_file(path: str) -> OldFile:
    """Return the file at a path before a token is written there."""
    try:
        about = os.lstat(path)
    except OSError:
        return OldFile(exists=False)
    content = None
    if stat.S_ISREG(about.st_mode):  # the module refuses anything else
        try:
            with open(path, "rb") as file:
                content = file.read()
        except OSError:
            pass
    return OldFile(True, content, stat.S_IMODE(about.st_mode), (about.st_uid, about.st_gid))


def put_back(path: str, file: OldFile) -> tuple[bool, str]:
    """Restore a file. Return whether it has its earlier content, and its earlier owner if that could not be
    restored."""
    lost = ""
    try:
        if file.content is not None:
            write_bytes(path, file.content)
            lost = keep_owner(path, file)
            os.chmod(path, file.mode)
        elif not file.exists and os.path.lexists(path):
            os.unlink(path)
    except (InputError, OSError):
        return False, ""
    return file.content is not None or not file.exists, lost


def keep_owner(path: str, file: OldFile) -> str:
    """Give a file that was replaced its earlier user and group. If that is not possible, return them, such as
    1000:1000."""
    for user in (True, False):  # the group alone, if this process may not change the user
        about = os.lstat(path)
        if file.owner is None or (about.st_uid, about.st_gid) == file.owner:
            return ""
        with contextlib.suppress(OSError):
            os.chown(path, file.owner[0] if user else -1, file.owner[1], follow_symlinks=False)
    about = os.lstat(path)
    return "" if (about.st_uid, about.st_gid) == file.owner else ":".join(map(str, file.owner or ()))


def token_in(path: str) -> str:
    """Return the token in a file, or an empty text if it cannot be read."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except (OSError, UnicodeDecodeError):
        return ""
