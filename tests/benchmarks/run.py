# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmarks: the collection beside what one would use instead, against the simulator, as ratios in one run.

    make bench
    make bench ARGS="--only a,c --repeat 5"
    make bench ARGS="--users 10000 --only a --markdown build/benchmarks.md"
    make bench ARGS="--large 10000 --keep build/bench.json --markdown docs/benchmarks.md"
    make bench ARGS="--from build/bench.json --markdown docs/benchmarks.md"

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
from measure import Failure, Sample, run, run_planning  # noqa: E402
from results import Run  # noqa: E402
from rows import ROWS, Planning, Row  # noqa: E402

from simulator.harness import Simulator  # noqa: E402

UNLIMITED = 1_000_000
"""Calls per window: what a rate limit does to the times is not measured here."""


def measure(row: Row, size: int, repeat: int, latency: float, simulator: Simulator, folder: pathlib.Path) -> report.Measured:
    """Run both sides of a row in turns. ``size`` is the number of users where the row has none, ``latency`` the same in milliseconds."""
    listed = size if row.listed is None else row.listed
    seeded = max(size, listed) if row.seeded is None else row.seeded
    users = [row.user(number) for number in range(row.start, row.start + listed)]
    wait = (latency if row.latency is None else row.latency) / 1000
    # The simulator limits nobody else unless it is told to.
    limit = {row.provider: {"rate_limit": UNLIMITED}} if row.provider == "onelogin" else {}
    samples: dict[str, list[Sample]] = {"ours": [], "bare": []}
    for turn in range(min(repeat, row.most or repeat)):
        # Who begins changes from turn to turn, so that a machine that grows slower favours nobody.
        for name in ("ours", "bare") if turn % 2 == 0 else ("bare", "ours"):
            simulator.reset(seed_users=seeded, latency=wait, **limit)
            if name == "ours":
                simulator.faults(row.faults(listed))
            samples[name].append(run(row.ours if name == "ours" else row.bare, users, row.provider, simulator, folder))
    return report.Measured(row, listed, samples["ours"], samples["bare"])


def measure_all(options: argparse.Namespace, simulator: Simulator, folder: pathlib.Path, result: Run) -> None:
    """Measure the rows that the command line names, and show each as soon as it is done."""
    chosen = [row for row in ROWS if row.key in options.only]
    for row in chosen:
        if isinstance(row, Planning):
            done: report.Measured | report.Growth = report.Growth(row, [run_planning(size, turns) for size, turns in zip(row.sizes, row.turns, strict=True)])
        else:
            done = measure(row, options.users, options.repeat, options.latency, simulator, folder)
        result.done.append(done)
        print(report.text_table(done), flush=True)
    for row in chosen if options.large else ():
        if isinstance(row, Row) and row.scales:
            result.large.append(measure(row, options.large, 1, options.latency, simulator, folder))
            print(report.text_table(result.large[-1]), flush=True)


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
    parser.add_argument("--large", type=int, default=0, metavar="USERS", help="measure the rows a once more, with so many users")
    parser.add_argument("--markdown", metavar="FILE", help="write the table there, too")
    parser.add_argument("--keep", metavar="FILE", help="write all samples there, as JSON")
    parser.add_argument("--from", dest="kept", metavar="FILE", help="measure nothing: write --markdown anew from kept samples")
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
    if options.kept:
        result = Run.load(pathlib.Path(options.kept))
        print("\n".join(report.text_table(measured) for measured in (*result.done, *result.large)))
        return finish(result, options)
    if shutil.which("ansible-playbook") is None:
        print("ansible-playbook is not on the path: start this with `make bench`", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    result = Run(report.machine(), options.repeat, options.latency)
    legend = "\n".join(report.LEGEND).format(latency=options.latency)
    print(f"{result.machine}\n{options.repeat} repeats. {legend}\n\n{report.TEXT_HEADING}", flush=True)
    try:
        with tempfile.TemporaryDirectory(prefix="rollcall-bench-") as folder, start_simulator() as simulator:
            measure_all(options, simulator, pathlib.Path(folder), result)
    except Failure as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    return finish(result, options)


def finish(result: Run, options: argparse.Namespace) -> int:
    """Write the files that were asked for, and tell of calls that were not needed."""
    if options.keep:
        result.save(pathlib.Path(options.keep))
    if options.markdown:
        result.write_page(pathlib.Path(options.markdown))
    wrong = [text for measured in (*result.done, *result.large) for text in measured.wrong_calls]
    print("\n".join(wrong) if wrong else "All calls are the minimum.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
