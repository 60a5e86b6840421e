# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the demo and some unit tests in a copy of the checkout whose path contains a space and an umlaut.

Run it as `python tests/tools/elsewhere.py`.

The temporary folder of the demo has such a path, too. The virtual environments do not move, because a shebang may not
contain a space.
"""

from __future__ import annotations

import os
import subprocess
import sys

from staging import copy_to, scratch

FOLDER = "mein Gerüst"
EVERYTHING = os.environ.get("ROLLCALL_TESTS") == "all"
DEMOS = ("company", *(("scim",) if EVERYTHING and sys.version_info >= (3, 11) else ()))
"""The demo with a real server needs a Python that the server supports."""
TESTS = ("tests/unit/test_zipped.py", "tests/unit/test_arguments.py")


def main() -> int:
    """Run everything; return 1 if something failed."""
    with scratch() as folder:
        root = folder / FOLDER / "rollcall"  # not a repository
        copy_to(root)
        temporary = folder / FOLDER / "tmp"
        temporary.mkdir()
        env = {**os.environ, "TMPDIR": str(temporary)}
        make = os.environ.get("MAKE", "make")
        # These commands use the Python of this script, which has Ansible: they test the path, not the installation.
        # They must not inherit the variables of `make test ARGS=elsewhere`.
        variables = ("ARGS=", "PYTHON=python3", "BRIEF=1")
        commands = [[make, "--no-print-directory", "demo", *variables, f"PROVIDER={name}"] for name in DEMOS]
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
