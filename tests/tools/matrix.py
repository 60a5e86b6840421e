# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test with every ansible-core that the README promises, each on the oldest and the newest installed Python.

    python3 tests/tools/matrix.py                                everything: takes hours on two cores
    python3 tests/tools/matrix.py --core 2.16 --core 2.21        some versions of ansible-core
    python3 tests/tools/matrix.py --only units,sanity            some of units, sanity and integration
    python3 tests/tools/matrix.py -k onelogin                    the rest goes to pytest, for integration
    python3 tests/tools/matrix.py --list                         what would run, and what is skipped

It prints one line for each combination. Pythons come from pyenv and PATH. A combination without its Python is skipped,
and the line gives the reason. Each has its own environment outside the checkout, with
tests/requirements/core-<version>.txt. Integration tests run both front ends; a deprecation warning of ansible-core
fails them, see tests/integration/playbooks.py.

It exits with 1 if anything failed, or nothing ran. Only the standard library may be used here.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from environment import interpreter_folders, path_folders
from gate import interrupt, run_to_end

CORES = {
    "2.16": ("3.10", "3.11", "3.12"),
    "2.17": ("3.10", "3.11", "3.12"),
    "2.18": ("3.11", "3.12", "3.13"),
    "2.19": ("3.11", "3.12", "3.13"),
    "2.20": ("3.12", "3.13", "3.14"),
    "2.21": ("3.12", "3.13", "3.14"),
}
"""ansible-core -> the Pythons that its controller supports, oldest first."""
KINDS = ("units", "sanity", "integration")
PYTEST = ("python", "-m", "pytest", "--quiet", "--color=no", "-n", "2", "--dist", "worksteal")
LIMIT = 7200
"""Seconds after which a command is stopped."""


@dataclass(frozen=True)
class Combination:
    """A combination of ansible-core and Python. ``reason`` is why it is skipped, or empty."""

    core: str
    python: str
    reason: str
    newest: bool
    """Whether this is the newest Python for this ansible-core."""

    def __str__(self) -> str:
        return f"ansible-core {self.core}, Python {self.python}"


def pythons() -> dict[str, str]:
    """Return the installed Pythons: version such as 3.12 -> path of the interpreter."""
    path = os.pathsep.join([*interpreter_folders(), *path_folders()])
    versions = dict.fromkeys(version for some in CORES.values() for version in some)
    found = {version: shutil.which(f"python{version}", path=path) for version in versions}
    return {version: program for version, program in found.items() if program}


def combinations(cores: Sequence[str], versions: Sequence[str], available: Sequence[str]) -> list[Combination]:
    """Return every combination of these cores, with those that are skipped.

    ``versions`` are Pythons by version; without any, the oldest and the newest of the available ones are used.
    """
    entries = []
    for core in cores:
        usable = [version for version in CORES[core] if version in available]
        for version in CORES[core]:
            reason = ""
            if version not in available:
                reason = f"no python{version} here"
            elif versions and version not in versions:
                reason = "not named by --python"
            elif not versions and version not in (usable[0], usable[-1]):
                reason = "neither the oldest nor the newest Python here; --python selects it"
            entries.append(Combination(core, version, reason, version == (usable or [""])[-1]))
    return entries


def commands(kind: str, combination: Combination, arguments: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the commands of a kind of tests. The slowest sanity test runs only on the newest Python."""
    if kind == "units":
        return [(*PYTEST, "tests/unit")]
    if kind == "integration":
        return [(*PYTEST, "tests/integration", *arguments)]
    variants = ("others", "import", "pylint") if combination.newest else ("others", "import")
    return [("python", "tests/tools/sanity.py", variant) for variant in variants]


def run(combination: Combination, program: str, command: Sequence[str]) -> tuple[bool, str]:
    """Run a command in the environment of a combination; return whether it passed, and its output."""
    script = str(pathlib.Path(__file__).with_name("environment.py"))
    # The caller may run in another environment.
    env = {name: value for name, value in os.environ.items() if name not in ("ROLLCALL_VENV", "VIRTUAL_ENV")}
    env.update(ROLLCALL_TESTS="all")
    try:
        code, output, _errors = run_to_end([program, script, f"core-{combination.core}", "--", *command], env, LIMIT)
    except subprocess.TimeoutExpired:
        return False, f"ended after {LIMIT} seconds"
    return code == 0, output


def outcome(passed: bool, output: str) -> str:
    """Return the counts in the last summary of pytest, or "ok" without one. After a failure, return them as
    "FAILED (...)", or "FAILED"."""
    counts = re.findall(
        r"(?m)^=*\s*((?:\d+ (?:passed|failed|errors?|skipped|deselected|xfailed|warnings?),? ?)+)", output
    )
    word = counts[-1].strip().rstrip(",") if counts else "ok"
    return word if passed else f"FAILED ({word})" if counts else "FAILED"


def test(combination: Combination, program: str, kinds: Sequence[str], arguments: Sequence[str]) -> bool:
    """Run the tests of a combination and print its line, with the output of failed tests; return whether all passed."""
    start = time.monotonic()
    words, failures = [], []
    for kind in kinds:
        results = [(command, *run(combination, program, command)) for command in commands(kind, combination, arguments)]
        failed = [(command, text) for command, passed, text in results if not passed]
        words.append(f"{kind} {outcome(not failed, failed[-1][1] if failed else results[-1][2])}")
        failures += failed
    mark = "FAILED" if failures else "ok"
    print(f"{mark:8}{combination!s:32} {'; '.join(words)} ({time.monotonic() - start:.0f} s)", flush=True)
    for command, text in failures:
        print(f"---- {combination}: {' '.join(command)}\n{text.rstrip()}\n----", flush=True)
    return not failures


def parse(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """Return the options, and the remaining arguments for pytest."""
    parser = argparse.ArgumentParser(prog="make matrix ARGS=...", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--core", action="append", choices=CORES, help="an ansible-core; all of them by default")
    parser.add_argument("--python", action="append", help="a Python such as 3.12; the oldest and the newest by default")
    parser.add_argument("--only", default=",".join(KINDS), help=f"some of {','.join(KINDS)}")
    parser.add_argument("--list", action="store_true", help="run nothing")
    options, rest = parser.parse_known_args(arguments)
    options.only = [kind for kind in options.only.split(",") if kind]
    unknown = [kind for kind in options.only if kind not in KINDS]
    if unknown or not options.only:
        parser.error(f"--only takes some of {','.join(KINDS)}, not {','.join(unknown) or 'none'}")
    return options, rest


def main(arguments: Sequence[str]) -> int:
    """Run the combinations that the command line names."""
    options, rest = parse(arguments)
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    available = pythons()
    passed: list[bool] = []
    skipped = 0
    for combination in combinations(options.core or list(CORES), options.python or [], list(available)):
        if combination.reason:
            skipped += 1
            print(f"skipped {combination!s:32} {combination.reason}", flush=True)
        elif options.list:
            print(f"would   {combination!s:32} {available[combination.python]}", flush=True)
        else:
            passed.append(test(combination, available[combination.python], options.only, rest))
    if options.list:
        return 0
    print(f"\n{sum(passed)} passed, {len(passed) - sum(passed)} failed, {skipped} skipped")
    return 0 if passed and all(passed) else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
