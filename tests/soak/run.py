# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The long test: faults, random directories, runs at once, killed runs, odd answers and odd arguments, against the
simulator.

    python tests/soak/run.py [--short] [--minutes 10] [--seed N] [--part NAME [--turn N]]

It prints its seed, what it ran and what failed; the exit status is 1 if something did. A failure shows the options that
repeat the turn which failed.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import random
import sys
import time
from dataclasses import dataclass
from types import ModuleType

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / ".cache" / "collections"), str(ROOT / "tests")]

import answers  # noqa: E402  # the same
import arguments  # noqa: E402  # the collection has to be on the path first
import directories  # noqa: E402  # the same
import kills  # noqa: E402  # the same
import pairs  # noqa: E402  # the same
import refusals  # noqa: E402  # the same
from engine import Bench, Report  # noqa: E402  # the same

import matrix  # noqa: E402  # the same
from simulator.harness import Simulator  # noqa: E402  # the same


@dataclass(frozen=True)
class Part:
    """A part of the test: ``weight`` is its part of the time, ``turns`` how often the short form runs it."""

    module: ModuleType
    weight: float
    turns: int = 1

    @property
    def name(self) -> str:
        """Return the name that ``--part`` takes."""
        return self.module.__name__


PARTS = (
    Part(arguments, 1),
    Part(answers, 2),
    Part(matrix, 3),
    Part(directories, 2, 50),
    Part(refusals, 1, 12),
    Part(pairs, 1.5, 16),
    Part(kills, 1.5, 16),
)
LIMIT = 60
"""Seconds after which the short form ends in any case."""


def run_part(bench: Bench, report: Report, part: Part, options: argparse.Namespace) -> None:
    """Run the turns of a part, each with a seed of its own, until its time is up."""
    turn = options.turn or 0
    last = turn if options.turn is not None else part.turns - 1 if options.short else 10**9
    while turn <= last and not report.over:
        report.again = f"--seed {report.seed} --part {part.name} --turn {turn}{' --short' if options.short else ''}"
        part.module.run(bench, report, random.Random(f"{report.seed} {turn} {part.name}"), 0.05 if options.short else 1)
        turn += 1


def main() -> int:
    """Run the parts, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--short", action="store_true", help="a random share of each part, as the gate does it")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--part", choices=[part.name for part in PARTS], help="this part alone")
    parser.add_argument("--turn", type=int, help="this turn of the part alone")
    options = parser.parse_args()
    if options.turn is not None and options.part is None:
        parser.error("--turn requires --part")
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    parts = [part for part in PARTS if options.part in (None, part.name)]
    seconds = LIMIT if options.short else 60 * options.minutes
    began = time.monotonic()
    report = Report(seed, began + seconds)
    with Simulator.start() as simulator:
        os.environ.update(simulator.env)
        bench = Bench(simulator)
        done = 0.0
        for part in parts:
            done += part.weight
            report.until = began + seconds * done / sum(part.weight for part in parts)
            run_part(bench, report, part, options)
    print(
        f"seed {seed}: {', '.join(f'{number} {name}' for name, number in sorted(report.counts.items()))}; "
        f"{len(report.failures)} failures"
    )
    return 1 if report.failures or not report.counts else 0


if __name__ == "__main__":
    sys.exit(main())
