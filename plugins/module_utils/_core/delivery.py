# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Handing out a secret that a task has made: in the registered result, or into a file that only its owner reads."""

from __future__ import annotations

import os
import tempfile
import typing as t

from .errors import RollcallError

if t.TYPE_CHECKING:
    from .run import Context, Result


def deliver(context: Context, name: str, secret: str) -> tuple[Result, bool]:
    """Return the result's part for a secret, and whether a file changes: the secret itself, or with ``dest`` the file.

    The file is replaced at once and whole, with mode 0600; one that holds the secret already is left alone. In check
    mode nothing is written.
    """
    dest = context.params.get("dest")
    if not dest:
        return {name: secret}, False
    changes = not _holds(dest, secret)
    if changes and not context.check:
        write_private(dest, secret)
    return {"dest": dest}, changes


def _holds(path: str, text: str) -> bool:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read() == text + "\n" and os.stat(path).st_mode & 0o777 == 0o600
    except (OSError, ValueError):
        return False


def check_dest(path: str | None) -> None:
    """Raise RollcallError where a secret could not be written to this path: asked before the secret is made."""
    if not path:
        return
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path) or not os.path.isdir(folder) or not os.access(folder, os.W_OK):
        raise RollcallError(f"The secret cannot be written to {path}.", "dest must be a file in a folder that exists and can be written to. Nothing was made.")


def write_private(path: str, text: str) -> None:
    """Write a file of mode 0600 atomically: a reader sees the old one or the new one, never a part."""
    folder = os.path.dirname(path) or "."
    try:
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".rollcall-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, 0o600)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise RollcallError(f"The secret could not be written to {path}: {error.strerror}.", "Check the folder and its permissions.") from None
