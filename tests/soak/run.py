# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The long test: faults, random directories, odd answers and odd arguments, against the simulator.

    python tests/soak/run.py [--short] [--minutes 10] [--seed N]

It prints its seed, what it ran and what failed; the exit status is 1 if something did.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import random
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / ".cache" / "collections"), str(ROOT / "tests")]

import answers  # noqa: E402  # the same
import arguments  # noqa: E402  # the collection has to be on the path first
import matrix  # noqa: E402  # the same
from engine import Bench, Report  # noqa: E402  # the same

from simulator.harness import Simulator  # noqa: E402  # the same


def main() -> int:
    """Run all parts for as long as there is time, each with a seed of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--short", action="store_true", help="a random share of each part, as the gate does it")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int)
    options = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    report = Report(seed, time.monotonic() + 60 * (1 if options.short else options.minutes))
    with Simulator.start() as simulator:
        os.environ.update(simulator.env)
        bench = Bench(simulator)
        parts = (arguments, answers, matrix)
        turn = 0
        while not report.over and (turn == 0 or not options.short):
            for part in parts:
                part.run(bench, report, random.Random(f"{seed} {turn} {part.__name__}"), 0.05 if options.short else 1)
            turn += 1
    print(f"seed {seed}: {', '.join(f'{number} {name}' for name, number in sorted(report.counts.items()))}; {len(report.failures)} failures")
    return 1 if report.failures or not report.counts else 0


if __name__ == "__main__":
    sys.exit(main())
