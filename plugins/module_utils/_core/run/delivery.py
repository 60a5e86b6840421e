# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Delivers a secret that a task has created: in the registered result, or in a file that only its owner can read.

A secret that cannot be written is lost, so the file is tested before the secret is created: ``check_dest`` only looks,
``rehearse`` writes a temporary file next to it. The path must be that of a regular file or of no file.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import tempfile
import time
import typing as t

from ..errors import InputError, Problem, RollcallError

if t.TYPE_CHECKING:
    from .report import Context, Result

_ROOM = 16384
"""Bytes of the temporary file that tests a path: more than any secret of these APIs."""
_STALE = 3600.0
"""Seconds after which a temporary file is considered the remainder of a killed run."""
_KINDS = (
    (stat.S_ISLNK, "a symbolic link; specify the path of the file itself"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)
_HINT = "dest must be a new or regular file in an existing, writable folder."


def deliver(context: Context, secret: str) -> tuple[Result, bool]:
    """Return the result field for a secret (``secret`` or, if the task specifies it, ``dest``), and whether a file
    changes.

    The file is replaced atomically, with mode 0600. A file that already contains the secret is unchanged. In check
    mode, nothing is written. Raises RollcallError if the file cannot be written.
    """
    dest = dest_of(context.params)
    if dest is None:
        return {"secret": secret}, False
    changes = not _holds(dest, secret)
    if changes and not context.check:
        write_private(dest, secret)
    return {"dest": dest}, changes


def dest_of(params: t.Mapping[str, t.Any]) -> str | None:
    """Return the absolute path of the option ``dest``, None if it is not specified."""
    dest = params.get("dest")
    return None if dest is None else os.path.join(os.getcwd(), dest)


def content(path: str) -> str | None:
    """Return the secret in a file, None if the file is missing, empty, unreadable or not a regular file."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return None
        with open(path, encoding="utf-8") as file:
            return file.read(_ROOM).rstrip("\r\n") or None
    except (OSError, ValueError):
        return None


def _holds(path: str, text: str) -> bool:
    try:
        return content(path) == text and stat.S_IMODE(os.lstat(path).st_mode) == 0o600
    except (OSError, ValueError):
        return False


def check_dest(path: str | None) -> None:
    """Raise InputError if a secret could not be written to this path. Write nothing, so check mode can call it, too."""
    why = "" if path is None else _why_not(path)
    if path is not None and why:
        raise _refusal(path, why)


def dest_problems(path: str | None) -> list[Problem]:
    """Return what ``check_dest`` reports, for messages with the problems of other options."""
    why = "" if path is None else _why_not(path)
    if path is None or not why:
        return []
    return [Problem(f"{_refused(path, why)} {_HINT}", "invalid_dest", option="dest")]


def _refusal(path: str, why: str) -> InputError:
    return InputError(_refused(path, why), f"{_HINT} Nothing was created.", "invalid_dest", "dest")


def _refused(path: str, why: str) -> str:
    shown = path if path.strip() and path.isprintable() else ascii(path)
    return f"dest: the secret cannot be written to {shown[:300]}: {why}."


def _why_not(path: str) -> str:
    """Return why a secret cannot be written to a path, empty if no obstacle is visible. Write nothing."""
    if not path.strip():
        return "it is empty"
    if any(ord(char) < 32 or ord(char) == 127 for char in path):
        return "it contains a control character"
    folder, base = os.path.split(path)
    folder = folder or "."
    if base in ("", ".", ".."):
        return "it is a folder"
    try:
        os.fsencode(path)
        there = os.stat(folder)
        if not stat.S_ISDIR(there.st_mode):
            return f"{folder} is not a folder"
        if not os.access(folder, os.W_OK | os.X_OK):
            return f"{folder} is not writable"
        return _why_not_replaced(os.lstat(path), there)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return "" if os.path.isdir(folder) else f"there is no folder {folder}"
        return (error.strerror or type(error).__name__).lower()
    except ValueError:  # not a path, such as a text with half of a surrogate pair
        return "it is not a valid path"


def _why_not_replaced(there: os.stat_result, folder: os.stat_result) -> str:
    """Return why a file cannot replace what exists at the path, empty if it can."""
    for is_kind, name in _KINDS:
        if is_kind(there.st_mode):
            return f"it is {name}"
    if not stat.S_ISREG(there.st_mode):
        return "it is not a regular file"
    if folder.st_mode & stat.S_ISVTX and os.geteuid() not in (0, there.st_uid, folder.st_uid):
        return "the file belongs to another user, and only its owner can replace it in this folder (sticky bit)"
    return ""


def rehearse(path: str | None) -> None:
    """Write a temporary file next to ``path`` and remove it. Call this right before a secret is created.

    Raises InputError if this fails.
    """
    if path is None:
        return
    check_dest(path)
    try:
        temporary = _temporary(path, "\0" * _ROOM)
        os.unlink(temporary)
    except OSError as error:
        raise _refusal(path, (error.strerror or type(error).__name__).lower()) from None


def write_private(path: str, text: str) -> None:
    """Write a file of mode 0600 atomically: a reader sees the old file or the new one, never a part of it.

    Raises RollcallError if this fails, or if the path is not that of a regular file.
    """
    why = _why_not(path)
    if why:
        raise _refusal(path, why)
    try:
        temporary = _temporary(path, text + "\n")
        try:
            os.replace(temporary, path)
        except BaseException:
            _remove(temporary)
            raise
        _settle(os.path.dirname(path) or ".")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RollcallError(
            f"dest: the secret could not be written to {path}: {reason}.",
            "Check the folder and its permissions.",
            "invalid_dest",
        ) from None


def _temporary(path: str, text: str) -> str:
    """Write a temporary file of mode 0600 next to a path, flush it to the disk, and return its path. Raises OSError.

    Also remove temporary files of killed runs.
    """
    folder = os.path.dirname(path) or "."
    prefix = f".rollcall-{hashlib.sha256(os.path.basename(path).encode('utf-8', 'surrogateescape')).hexdigest()[:12]}-"
    _sweep(folder, prefix)
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=prefix)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        _remove(temporary)
        raise
    return temporary


def _sweep(folder: str, prefix: str) -> None:
    """Remove temporary files of killed runs for this path, because they may contain a secret."""
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            stale = entry.name.startswith(prefix) and entry.is_file(follow_symlinks=False)
            if stale and time.time() - entry.stat(follow_symlinks=False).st_mtime > _STALE:
                _remove(entry.path)


def _remove(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)


def _settle(folder: str) -> None:
    """Flush a folder to the disk. Ignore errors, because the file exists already."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
