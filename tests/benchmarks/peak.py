# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command and write its peak of memory into a file, including all processes that it starts.

    python peak.py FILE COMMAND...

The peak is the sum of the proportional shares of the processes (Pss of Linux): a page that processes share, such as
after a fork, counts once. The memory is sampled many times a second, so a shorter peak is missed.
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
    """Return the bytes of a process, or 0 if it has ended."""
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
