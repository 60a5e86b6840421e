# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmarks: the collection is compared with scripts and other modules, in the same run against the simulator.

    make bench
    make bench ARGS="--only a,c --repeat 5"
    make bench ARGS="--peers FOLDER --keep build/bench.json --markdown docs/benchmarks.md"
    make bench PYTHON=python3.12 ARGS="--only c,f --keep build/bench-3.12.json"
    make bench ARGS="--from build/bench.json --also build/bench-3.12.json --markdown docs/benchmarks.md"

The exit code is 1 if more calls are made than needed. Slow runs do not fail, because times depend on the machine.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import types
from collections.abc import Sequence

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "tools"), str(TESTS / "scim")]

import firm  # noqa: E402
import report  # noqa: E402
from keycloak import Keycloak  # noqa: E402
from kinds import AnyRow, Job, Memory, Planning, Row  # noqa: E402
from measure import Failure, Held, Sample, run, run_job, run_planning  # noqa: E402
from outcomes import Footprint, Growth, Measured, Outcome, Ran  # noqa: E402
from real import RealServer  # noqa: E402
from results import Run, wrapped  # noqa: E402
from rows import ROWS  # noqa: E402

from simulator.harness import Simulator  # noqa: E402

UNLIMITED = 1_000_000
"""Calls per window. The effect of a rate limit on times is not measured here."""
DIRECTORY = 1000
"""The number of users in a directory, unless a row specifies it or lists more."""
GENERAL = pathlib.Path("ansible_collections", "community", "general")


class Bench:
    """Measures rows against a simulator, and against a Keycloak if its collection is installed."""

    def __init__(
        self, options: argparse.Namespace, simulator: Simulator, peer: Keycloak | None, folder: pathlib.Path
    ) -> None:
        self.options, self.simulator, self.peer, self.folder = options, simulator, peer, folder
        self.real: RealServer | None = None

    def outcome(self, row: AnyRow) -> Outcome:
        """Measure a row."""
        if isinstance(row, Planning):
            return Growth(row, [run_planning(size, turns) for size, turns in zip(row.sizes, row.turns, strict=True)])
        if isinstance(row, Memory):
            return Footprint(row, [self._held(row, size) for size in row.sizes])
        if isinstance(row, Job):
            return self._ran(row)
        return self._compared(row)

    def _ran(self, row: Job) -> Ran:
        """Run a job several times, each time with the same directories."""
        watched = pathlib.Path("/proc/self/smaps_rollup").exists()
        samples, held = [], []
        for turn in range(min(self.options.repeat, row.times) + bool(row.page and watched)):
            row.firm.put(self.simulator)
            peak = turn == min(self.options.repeat, row.times)  # sampling the memory takes time
            variables = {**firm.VARIABLES, **row.variables}
            sample = run_job(row.playbook, variables, row.firm.people(), self.simulator, self.folder, row.page, peak)
            (held if peak else samples).append(sample)
        return Ran(row, samples, held)

    def _reset(self, provider: str, seeded: int, latency: float) -> None:
        # By default, the simulator does not limit other providers.
        limit = {provider: {"rate_limit": UNLIMITED}} if provider == "onelogin" else {}
        self.simulator.reset(seed_users=seeded, latency=latency, **limit)
        if self.peer:
            self.peer.wait(latency)

    def close(self) -> None:
        """Stop all servers that were started."""
        if self.real is not None:
            self.real.close()

    def _scim(self, seeded: int) -> RealServer:
        """Return the SCIM server with this number of users. It is started on first use."""
        if self.real is None:
            self.real = RealServer(self.folder)
        self.real.seed(seeded)
        return self.real

    def _compared(self, row: Row) -> Measured:
        """Run both sides of a row in turns."""
        seeded = max(DIRECTORY, row.listed) if row.seeded is None else row.seeded
        users = [row.user(number) for number in range(1, row.listed + 1)]
        latency = (self.options.latency if row.latency is None else row.latency) / 1000
        other = self.peer if row.peer and self.peer else self.simulator
        samples: dict[str, list[Sample]] = {"ours": [], "bare": []}
        repeats: int = self.options.repeat
        for turn in range(row.times * min(repeats, row.most or repeats)):
            # The order alternates, so that a machine that becomes slower favours neither side.
            for name in ("ours", "bare") if turn % 2 == 0 else ("bare", "ours"):
                if row.provider == "scim":
                    side, given = (row.ours, users) if name == "ours" else (row.bare, users[: row.bare_listed])
                    samples[name].append(run(side, given, row.provider, self._scim(seeded), self.folder))
                    continue
                self._reset(row.provider, seeded, latency)
                if name == "ours":
                    self.simulator.faults(row.faults(row.listed))
                    samples[name].append(run(row.ours, users, row.provider, self.simulator, self.folder))
                else:
                    samples[name].append(run(row.bare, users[: row.bare_listed], row.provider, other, self.folder))
        return Measured(row, samples["ours"], samples["bare"])

    def _held(self, row: Memory, size: int) -> Held:
        """Run all sides with this number of users, and measure their memory."""
        users = [row.user(number) for number in range(1, size + 1)]
        self._reset(row.provider, size, 0)
        samples = [run(side, users, row.provider, self.simulator, self.folder, peak=True) for side, _title in row.sides]
        return Held(size, [sample.peak for sample in samples], samples[0].result)


def measure_all(bench: Bench, result: Run) -> None:
    """Measure the rows of the command line, and show each as soon as it is done."""
    for row in ROWS:
        if row.key not in bench.options.only:
            continue
        if isinstance(row, Row) and row.peer and bench.peer is None:
            result.left_out.append(
                f"{row.key} was left out: community.general is not installed. Set --peers to a folder that contains it."
            )
            print(result.left_out[-1], flush=True)
            continue
        if isinstance(row, Memory) and not pathlib.Path("/proc/self/smaps_rollup").exists():
            result.left_out.append(f"{row.key} was left out: only Linux reports it.")
            print(result.left_out[-1], flush=True)
            continue
        result.done.append(bench.outcome(row))
        print(report.text_table(result.done[-1]), flush=True)


def find_peers(folder: str | None) -> pathlib.Path | None:
    """Return the folder that contains community.general: ``folder``, or one of Python's."""
    for path in [folder] if folder else sys.path:
        if (pathlib.Path(path) / GENERAL / "plugins" / "modules" / "keycloak_user.py").is_file():
            return pathlib.Path(path).resolve()
    return None


def start_peer(folder: pathlib.Path, result: Run) -> Keycloak:
    """Start a Keycloak for the collection in that folder, and note its version."""
    manifest = json.loads((folder / GENERAL / "MANIFEST.json").read_text(encoding="utf-8"))
    result.versions["community.general"] = manifest["collection_info"]["version"]
    return Keycloak(os.pathsep.join([os.environ["ANSIBLE_COLLECTIONS_PATH"], str(folder)]))


def interrupt(_number: int, _frame: types.FrameType | None) -> None:
    """Treat a termination request like Ctrl-C."""
    raise KeyboardInterrupt


def start_simulator() -> Simulator:
    """Start a simulator that Ctrl-C does not stop: it ends with this process."""
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
    parser.add_argument("--latency", type=float, default=40, help="milliseconds before each answer (default 40)")
    parser.add_argument(
        "--peers", metavar="FOLDER",
        help="the folder that contains ansible_collections/community/general (default: where Python finds it)",
    )
    parser.add_argument("--markdown", metavar="FILE", help="also write the page to this file")
    parser.add_argument("--keep", metavar="FILE", help="write all samples to this file, as JSON")
    parser.add_argument(
        "--from", dest="kept", metavar="FILE", help="do not measure; write --markdown again from these samples"
    )
    parser.add_argument(
        "--also",
        nargs="+",
        default=[],
        metavar="FILE",
        help="samples from other versions of ansible-core, whose loops are also on the page",
    )
    options = parser.parse_args(arguments)
    options.only = options.only.split(",")
    unknown = sorted(set(options.only) - set(keys))
    if unknown:
        parser.error(f"there is no row {', '.join(unknown)}; the rows are {', '.join(keys)}")
    if options.repeat < 1:
        parser.error("--repeat must be at least 1")
    if options.peers and not find_peers(options.peers):
        parser.error(f"there is no {GENERAL} in {options.peers}")
    return options


def main(arguments: Sequence[str]) -> int:
    """Measure the rows of the command line."""
    options = parse(arguments)
    if options.kept:
        result = Run.load(pathlib.Path(options.kept))
        print("\n".join(report.text_table(outcome) for outcome in result.done))
        return finish(result, options)
    if shutil.which("ansible-playbook") is None:
        print("ansible-playbook is not on the path: run `make bench`", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    result = Run(report.machine(), report.versions(), options.repeat, options.latency)
    peers = find_peers(options.peers)
    try:
        with contextlib.ExitStack() as stack:
            folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rollcall-bench-")))
            simulator = stack.enter_context(start_simulator())
            peer = stack.enter_context(start_peer(peers, result)) if peers else None
            legend = "\n".join(wrapped(f"- {text}") for text in report.LEGEND).format(latency=options.latency)
            print(f"{result.heading}\nRepeats: {options.repeat}.\n{legend}\n\n{report.TEXT_HEADING}", flush=True)
            bench = Bench(options, simulator, peer, folder)
            stack.callback(bench.close)
            measure_all(bench, result)
    except Failure as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    return finish(result, options)


def finish(result: Run, options: argparse.Namespace) -> int:
    """Write the requested files, and report unnecessary calls."""
    if options.keep:
        result.save(pathlib.Path(options.keep))
    if options.markdown:
        path = pathlib.Path(options.markdown)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(result.page([Run.load(pathlib.Path(other)) for other in options.also]), encoding="utf-8")
    wrong = result.wrong_calls()
    print("\n".join(wrong) if wrong else result.right_calls())
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
