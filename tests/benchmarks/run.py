# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmarks: the collection beside what one would use instead, against the simulator, as ratios in one run.

    make bench
    make bench ARGS="--only a,c --repeat 5"
    make bench ARGS="--users 10000 --only a --markdown build/benchmarks.md"

Ends with 1 where more calls are made than needed. Times are reported and never a reason to fail: they depend on the machine.
"""

from __future__ import annotations

import argparse
import pathlib
import shutil
import signal
import sys
import tempfile
import types
from collections.abc import Sequence

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "tools")]

import report  # noqa: E402
from measure import Failure, Sample, run  # noqa: E402
from rows import ROWS, Row  # noqa: E402

from simulator.harness import Simulator  # noqa: E402

UNLIMITED = 1_000_000
"""Calls per window: what a rate limit does to the times is not measured here."""


def measure(row: Row, options: argparse.Namespace, simulator: Simulator, folder: pathlib.Path) -> report.Measured:
    """Run both sides of a row in turns."""
    listed = options.users if row.listed is None else row.listed
    seeded = max(options.users, listed) if row.seeded is None else row.seeded
    users = [row.user(number) for number in range(row.start, row.start + listed)]
    samples: dict[str, list[Sample]] = {"ours": [], "bare": []}
    for turn in range(options.repeat):
        # Who begins changes from turn to turn, so that a machine that grows slower favours nobody.
        for name in ("ours", "bare") if turn % 2 == 0 else ("bare", "ours"):
            simulator.reset(seed_users=seeded, latency=options.latency / 1000, **{row.provider: {"rate_limit": UNLIMITED}})
            samples[name].append(run(row.ours if name == "ours" else row.bare, users, row.provider, simulator, folder))
    return report.Measured(row, listed, samples["ours"], samples["bare"])


def interrupt(_number: int, _frame: types.FrameType | None) -> None:
    """Treat a request to end like Ctrl-C."""
    raise KeyboardInterrupt


def start_simulator() -> Simulator:
    """Start a simulator that Ctrl-C does not reach: it ends with this process."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        return Simulator.start()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure the collection against the simulator.")
    keys = [row.key for row in ROWS]
    parser.add_argument("--repeat", type=int, default=3, help="runs of each side (default 3)")
    parser.add_argument("--only", default=",".join(keys), metavar="KEYS", help=f"some of the rows: {', '.join(keys)}")
    parser.add_argument("--users", type=int, default=1000, help="size of the directory, and of the bulk task (default 1000)")
    parser.add_argument("--latency", type=float, default=40, help="milliseconds before each answer (default 40)")
    parser.add_argument("--markdown", metavar="FILE", help="write the table there, too")
    options = parser.parse_args(arguments)
    options.only = options.only.split(",")
    unknown = sorted(set(options.only) - set(keys))
    if unknown:
        parser.error(f"there is no row {', '.join(unknown)}; there are {', '.join(keys)}")
    if options.repeat < 1 or options.users < 1:
        parser.error("--repeat and --users are numbers from 1")
    return options


def main(arguments: Sequence[str]) -> int:
    """Measure the rows that the command line names."""
    options = parse(arguments)
    if shutil.which("ansible-playbook") is None:
        print("ansible-playbook is not on the path: start this with `make bench`", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    done: list[report.Measured] = []
    machine = report.machine()
    print(f"{machine}\n{options.repeat} repeats. " + "\n".join(report.LEGEND).format(latency=options.latency) + f"\n\n{report.TEXT_HEADING}", flush=True)
    try:
        with tempfile.TemporaryDirectory(prefix="rollcall-bench-") as folder, start_simulator() as simulator:
            for row in ROWS:
                if row.key in options.only:
                    done.append(measure(row, options, simulator, pathlib.Path(folder)))
                    print(f"{row.key}{report.text_table(done[-1])[1:]}", flush=True)
    except Failure as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    if options.markdown:
        path = pathlib.Path(options.markdown)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(report.markdown(done, machine, options.repeat, options.latency / 1000), encoding="utf-8")
    wrong = [text for measured in done for text in measured.wrong_calls]
    print("\n".join(wrong) if wrong else "All calls are the minimum.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
