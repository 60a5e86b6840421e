# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of the jobs: read as a whole, and replaced as a whole, so that a fault leaves the old one."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import tempfile
import time
import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, Problem


def read_bytes(path: str, option: str) -> bytes | None:
    """Return the content of a file, None where there is none. Raises InputError where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(
            Problem(f"{option}: {path} cannot be read: {error.strerror}.", "unreadable_file", option=option),
            "Correct the path or its permissions.",
        ) from None


def read_text(path: str, option: str) -> str | None:
    """Return the content of a UTF-8 file, None where there is none. Raises InputError where it cannot be read."""
    content = read_bytes(path, option)
    try:
        return None if content is None else content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            Problem(f"{option}: {path} is not UTF-8 text (byte {error.start}).", "unreadable_file", option=option),
            "Save it as UTF-8.",
        ) from None


def write_text(path: str, text: str, mode: int = 0o600) -> None:
    """Replace a file by a UTF-8 text, as ``write_bytes`` does."""
    write_bytes(path, text.encode("utf-8", "surrogatepass"), mode)


def write_bytes(path: str, content: bytes, mode: int = 0o600) -> None:
    """Replace a file atomically; a symbolic link keeps leading to it. Raises InputError where that is not possible."""
    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(target)}.", dir=folder)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        raise InputError(
            Problem(f"{path} cannot be written: {error.strerror}.", "unwritable_file"),
            "Check that its folder exists and is writable.",
        ) from None


_PAUSE, _PAUSES = 0.1, 300
"""Seconds between looks whether a lock is free, and how many looks there are."""


@contextlib.contextmanager
def locked(path: str, sleep: t.Callable[[float], None] = time.sleep) -> t.Iterator[None]:
    """Keep other runs from replacing a file meanwhile. Raises InputError (links_locked) where one of them does not end.

    The lock is on the folder, so that it leaves no file; on a file beside it where the file system has no such locks.
    """
    target = os.path.realpath(path)
    handle = _lock(os.path.dirname(target), os.O_RDONLY, sleep)
    if handle is None:
        handle = _lock(
            os.path.join(os.path.dirname(target), f".{os.path.basename(target)}.lock"), os.O_RDWR | os.O_CREAT, sleep
        )
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _lock(path: str, flags: int, sleep: t.Callable[[float], None]) -> int | None:
    """Return the handle that holds a lock until it is closed, None where locks are not possible."""
    try:
        handle = os.open(path, flags, 0o600)
    except OSError:
        return None  # what is wrong with the folder is reported by whoever writes there
    for _look in range(_PAUSES):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                os.close(handle)
                return None
            sleep(_PAUSE)
        else:
            return handle
    os.close(handle)
    raise InputError(
        Problem(f"{path} has been locked by another run for {_PAUSE * _PAUSES:.0f} seconds.", "links_locked"),
        "Wait until that run has finished, then run it again.",
    )


def make_folder(path: str) -> None:
    """Make a folder for files of people, with those above it that are missing, for its owner alone.

    Raises InputError where that is not possible.
    """
    if os.path.isdir(path):
        return
    above = os.path.dirname(path)
    if above not in ("", path):
        make_folder(above)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        if not os.path.isdir(path):  # else another run was faster
            raise InputError(
                Problem(f"{path} is not a folder.", "no_folder"), "Specify the path of a folder."
            ) from None
    except OSError as error:
        raise InputError(
            Problem(f"The folder {path} cannot be created: {error.strerror}.", "unwritable_file"),
            "Check its path and permissions.",
        ) from None


def make_folder_of(path: str) -> None:
    """Make the folder of a file, and of what a symbolic link leads to. Raises InputError where that is not possible."""
    for form in dict.fromkeys((path, os.path.realpath(path))):
        make_folder(os.path.dirname(form))


def problem_of_folder(path: str, option: str) -> list[Problem]:
    """Return what would keep files from being written into a folder that may not be there yet, before any API call."""
    if not path:
        return []
    there = path
    while not os.path.lexists(there) and os.path.dirname(there) != there:
        there = os.path.dirname(there)
    if not os.path.isdir(there):
        return [
            Problem(f"{option}: {there} is not a folder. Specify the path of a folder.", "no_folder", option=option)
        ]
    if not os.access(there, os.W_OK | os.X_OK):
        return [
            Problem(
                f"{option}: {there} is not writable. Change its permissions, or specify another path.",
                "unwritable_file",
                option=option,
            )
        ]
    return []


def problems_of_files(folder: str, names: t.Iterable[str], option: str) -> list[Problem]:
    """Return what is in a folder under the name of a file that is to be written there, and is none:
    a folder or a device."""
    paths = [os.path.join(folder, name) for name in names] if folder else []
    return [
        Problem(
            f"{option}: {path} is not a regular file, and would be overwritten. Remove it, or specify another folder.",
            "not_a_file",
            option=option,
        )
        for path in paths
        if os.path.exists(path) and not os.path.isfile(path)
    ]


def problem_of_target(path: str, option: str, create: bool = False) -> list[Problem]:
    """Return what would keep a file from being written, before any API call.

    With ``create`` its folder may be missing.
    """
    if not path:
        return []
    folder = os.path.dirname(os.path.realpath(path))
    if create and not os.path.isdir(folder):
        return problem_of_folder(folder, option)
    if not os.path.isdir(folder):
        return [
            Problem(
                f"{option}: there is no folder {folder}. Create it, or specify another path.", "no_folder",
                option=option,
            )
        ]
    if os.path.isdir(path) or (os.path.exists(path) and not os.path.isfile(path)):
        return [
            Problem(f"{option}: {path} is not a regular file. Specify the path of a file.", "not_a_file", option=option)
        ]
    if not os.access(folder, os.W_OK):
        return [
            Problem(
                f"{option}: {folder} is not writable. Change its permissions, or specify another path.",
                "unwritable_file",
                option=option,
            )
        ]
    return []
