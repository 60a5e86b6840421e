# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads and replaces whole files. Replacing is atomic: after a fault, the old file is still there."""

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
    """Return the content of a file, or None if it does not exist. Raises InputError if it cannot be read."""
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
    """Return the content of a UTF-8 file, or None if it does not exist. Raises InputError if it cannot be read."""
    content = read_bytes(path, option)
    try:
        return None if content is None else content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            Problem(f"{option}: {path} is not UTF-8 text (byte {error.start}).", "unreadable_file", option=option),
            "Save it as UTF-8.",
        ) from None


def write_text(path: str, text: str) -> None:
    """Replace a file with a UTF-8 text. See ``write_bytes``."""
    write_bytes(path, text.encode("utf-8", "surrogatepass"))


def write_bytes(path: str, content: bytes, mode: int = 0o600) -> None:
    """Replace a file atomically. If the path is a symbolic link, replace its target and keep the link.

    Raises InputError if the file cannot be written.
    """
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
"""Seconds between two attempts to get a lock, and the number of attempts."""


@contextlib.contextmanager
def locked(path: str) -> t.Iterator[None]:
    """Hold a lock, so that no other run replaces the file. Raises InputError (links_locked) if another run keeps the
    lock.

    The lock is on the folder, so it creates no file. If the file system cannot lock folders, it is on a file beside it.
    """
    folder, name = os.path.split(os.path.realpath(path))
    handle = _lock(folder, os.O_RDONLY)
    if handle is None:
        handle = _lock(os.path.join(folder, f".{name}.lock"), os.O_RDWR | os.O_CREAT)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _lock(path: str, flags: int) -> int | None:
    """Return a file descriptor that holds a lock until it is closed, or None if locks are not possible."""
    try:
        handle = os.open(path, flags, 0o600)
    except OSError:
        return None  # writing the file reports the problem of the folder
    for _look in range(_PAUSES):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                os.close(handle)
                return None
            time.sleep(_PAUSE)
        else:
            return handle
    os.close(handle)
    raise InputError(
        Problem(f"{path} has been locked by another run for {_PAUSE * _PAUSES:.0f} seconds.", "links_locked"),
        "Wait until that run has finished, then run the role again.",
    )


def make_folder(path: str) -> None:
    """Create a folder and its missing parents, accessible only to their owner.

    Raises InputError if that is not possible.
    """
    if os.path.isdir(path):
        return
    above = os.path.dirname(path)
    if above not in ("", path):
        make_folder(above)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        if not os.path.isdir(path):  # another run may have created it
            raise InputError(
                Problem(f"{path} is not a folder.", "no_folder"), "Move it away, or specify another folder."
            ) from None
    except OSError as error:
        raise InputError(
            Problem(f"The folder {path} cannot be created: {error.strerror}.", "unwritable_file"),
            "Check its path and permissions.",
        ) from None


def make_folder_of(path: str) -> None:
    """Create the folder of a file and that of its symbolic link's target. Raises InputError if that is not possible."""
    for form in dict.fromkeys((path, os.path.realpath(path))):
        make_folder(os.path.dirname(form))


def problem_of_folder(path: str, option: str) -> list[Problem]:
    """Return what prevents files from being written into a folder, before any API call. The folder may not
    exist yet."""
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
    """Return a problem for each file name that is already used by something else in the folder, such as a folder or a
    device."""
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
    """Return the problem that prevents a file from being written, before any API call.

    With ``create``, its folder may be missing.
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
    if os.path.exists(path) and not os.path.isfile(path):
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
