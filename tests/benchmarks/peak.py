# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a command and writes the peak of its memory into a file: of the largest process among it and all that it started.

    python peak.py FILE COMMAND...

A process of its own, because the system only tells the largest child that a process has ever had.
"""

from __future__ import annotations

import pathlib
import resource
import subprocess
import sys

if __name__ == "__main__":
    code = subprocess.run(sys.argv[2:], check=False).returncode
    unit = 1 if sys.platform == "darwin" else 1024
    pathlib.Path(sys.argv[1]).write_text(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit), encoding="utf-8")
    sys.exit(code)
