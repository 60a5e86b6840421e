# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copy the collection's own files to a place that the tools of Ansible accept.

The tools require the path `ansible_collections/rollcall/identity`. Some reject links in this path, and some skip files
that a surrounding repository ignores. So it must be a copy outside the checkout.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

from environment import ROOT

NAMESPACE, NAME = "rollcall", "identity"

# For a checkout without git (an unpacked archive): the names in .gitignore.
JUNK = re.compile(
    r"(^|/)(\.git|\.cache|\.ansible|\.venv|venv|build|\.hypothesis|__pycache__|\.\w+_cache|[^/]*\.egg-info|\.idea"
    r"|\.vscode)/"
    r"|^tests/output/|\.py[co]$|\.swp$|~$|^rollcall-identity-[^/]*\.tar\.gz$|(^|/)\.coverage[^/]*$|(^|/)\.DS_Store$"
)


def own_files() -> list[str]:
    """Return the collection's files: those that git tracks or would track, and that exist."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):  # git is not installed, or this is not a repository
        listed = b""
    names = [os.fsdecode(name) for name in listed.split(b"\0") if name]
    if not names:
        names = [
            pathlib.Path(folder, name).relative_to(ROOT).as_posix()
            for folder, folders, files in os.walk(ROOT)  # ignores folders that another process removes meanwhile
            for name in (*files, *(name for name in folders if os.path.islink(os.path.join(folder, name))))
        ]
    return sorted({name for name in names if not JUNK.search(name) and os.path.lexists(ROOT / name)})


def copy_to(root: pathlib.Path) -> None:
    """Copy the collection's own files to a folder, which is created."""
    root.mkdir(parents=True)
    for name in own_files():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):  # the file was removed meanwhile
            shutil.copy2(ROOT / name, target, follow_symlinks=False)


@contextlib.contextmanager
def scratch() -> Iterator[pathlib.Path]:
    """Yield an empty folder without spaces in its path, and remove it afterwards."""
    parent = tempfile.gettempdir()
    if re.search(r"\s", parent):
        parent = "/tmp"
    with tempfile.TemporaryDirectory(prefix="rollcall-", dir=parent, ignore_cleanup_errors=True) as name:
        yield pathlib.Path(name).resolve()


@contextlib.contextmanager
def staged() -> Iterator[tuple[pathlib.Path, pathlib.Path]]:
    """Yield a temporary folder of collections and the root of the copy in it; ANSIBLE_COLLECTIONS_PATH points there."""
    with scratch() as folder:
        root = folder / "ansible_collections" / NAMESPACE / NAME
        copy_to(root)
        os.environ["ANSIBLE_COLLECTIONS_PATH"] = str(folder)
        yield folder, root
