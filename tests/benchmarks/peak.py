# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a command and writes the peak of its memory into a file: that of it and all that it started, together.

    python peak.py FILE COMMAND...

Summed is the share of each process (Pss of Linux): a page that processes have in common, as after a fork, counts once.
It is looked at many times a second, so a peak that is shorter than that is not seen.
"""

from __future__ import annotations

import contextlib
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))

from gate import descendants

PAUSE = 0.02


def share(pid: int) -> int:
    """Return the bytes of a process, or 0 if it is gone."""
    with contextlib.suppress(OSError):
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    process = subprocess.Popen(sys.argv[2:])
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(share, [process.pid, *descendants(process.pid)])))
        time.sleep(PAUSE)
    pathlib.Path(sys.argv[1]).write_text(str(peak), encoding="utf-8")
    sys.exit(process.returncode)
