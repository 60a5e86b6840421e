# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Use a copy of the checkout whose path holds a space and an umlaut: the demo and some unit tests.

Run it as `python tests/tools/elsewhere.py`.

The demo's own folder is there, too. The environments stay where they are: no shebang may hold a space.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys

from environment import ROOT
from staging import own_files, scratch

FOLDER = "mein Gerüst"
EVERYTHING = os.environ.get("ROLLCALL_TESTS") == "all"
DEMOS = ("company", *(("scim",) if EVERYTHING and sys.version_info >= (3, 11) else ()))
"""A demo with a real server needs the Python that the server needs."""
TESTS = ("tests/unit/test_zipped.py", "tests/unit/test_arguments.py")


def copied(folder: pathlib.Path) -> pathlib.Path:
    """Copy the checkout below a folder; return its root there, which is no repository."""
    root = folder / FOLDER / "rollcall"
    for name in own_files():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target, follow_symlinks=False)
    (folder / FOLDER / "tmp").mkdir()
    return root


def main() -> int:
    """Run everything; return 1 where something failed."""
    with scratch() as folder:
        root = copied(folder)
        env = {**os.environ, "TMPDIR": str(root.parent / "tmp")}
        make = os.environ.get("MAKE", "make")
        # The Python that runs this one has Ansible and all else: what is tried here is the path, not the installation.
        commands = [[make, "--no-print-directory", "demo", "BRIEF=1", f"PROVIDER={name}"] for name in DEMOS]
        commands.append([sys.executable, "-m", "pytest", "--quiet", *TESTS])
        failed = [
            command
            for command in commands
            if subprocess.run(command, cwd=root, env=env, stdin=subprocess.DEVNULL, check=False).returncode
        ]
    for command in failed:
        print(f"failed in a folder named {FOLDER!r}: {' '.join(command)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
