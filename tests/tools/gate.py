# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate: all tests and checks of the collection, several at a time, with one line of result at the end.

    python tests/tools/gate.py all             what a change must pass
    python tests/tools/gate.py lint            the quick static checks
    python tests/tools/gate.py sanity mypy     some of the stages

The output of a stage is shown if it failed, or with V=1. ROLLCALL_JOBS sets how many stages run at a time.
The gate leaves out some tests, so that it takes six minutes on two cores. ROLLCALL_TESTS=all (`make test ALL=1`) runs
them, too.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import types
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence

from environment import ROOT
from staging import scratch

EVERYTHING = os.environ.get("ROLLCALL_TESTS") == "all"
PYTHON = sys.executable
PYTEST = [PYTHON, "-m", "pytest", "--quiet", "--color=no"]


@dataclasses.dataclass
class Stage:
    """One step of the gate: a command, how to read its result, and the stage that must end before it.

    An extra stage runs only if it is named, or if everything runs. ``may_lack`` is for a stage that needs a program
    that pip cannot install: the beginning of the reason with which its tests skip themselves without that program. The
    stage is skipped then. Any other stage whose tests are all skipped fails.
    """

    name: str
    command: list[str]
    is_pytest: bool = False
    limit: float = 600
    after: str = ""
    is_extra: bool = False
    may_lack: str = ""


@dataclasses.dataclass
class Outcome:
    """The outcome of a stage. ``reasons`` are those of the skipped tests. ``lacks`` is one of them if it says which
    program this machine lacks."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    note: str = ""
    lacks: str = ""
    reasons: list[str] = dataclasses.field(default_factory=list)

    @property
    def word(self) -> str:
        """Return the outcome in a word."""
        if self.failed:
            return "FAILED"
        return "SKIPPED" if self.lacks else "ok"


@dataclasses.dataclass
class Running:
    """A running stage, with its output and report in files."""

    stage: Stage
    process: subprocess.Popen[bytes]
    output: pathlib.Path
    report: pathlib.Path
    start: float
    cpu: float = 0.0

    def poll(self) -> int | None:
        """Return the exit code if the stage has ended, and record the processor time that it took."""
        if self.process.returncode is None:
            pid, status, usage = os.wait4(self.process.pid, os.WNOHANG)
            if pid:
                self.process.returncode = os.waitstatus_to_exitcode(status)
                self.cpu = usage.ru_utime + usage.ru_stime
        return self.process.returncode


def tool(script: str, *arguments: str) -> list[str]:
    """Return the command that runs a script beside this one."""
    return [PYTHON, str(pathlib.Path(__file__).parent / script), *arguments]


def check(name: str) -> Stage:
    """Return a stage of checks.py."""
    return Stage(name, tool("checks.py", name))


# The longest stages come first, so that the last ones to end are short.
STAGES = [
    Stage("integration", [*PYTEST, "-n", "2", "--dist", "worksteal", "tests/integration"], is_pytest=True, limit=4000),
    Stage("traffic", [*PYTEST, "-n", "2", "tests/traffic"], is_pytest=True, after="integration"),
    Stage("pylint", tool("sanity.py", "pylint"), is_extra=True),
    Stage("sanity-import", tool("sanity.py", "import"), is_extra=True),
    Stage("sanity", tool("sanity.py", "others")),
    Stage("unit", [*PYTEST, "tests/unit"], is_pytest=True),
    Stage("scim", [*PYTEST, "tests/scim"], is_pytest=True, limit=4000),
    Stage("browser", [*PYTEST, "tests/browser"], is_pytest=True, may_lack="Chromium is not installed"),
    Stage("import", tool("package.py", "import"), is_extra=True),
    Stage("editors", [*PYTEST, "tests/editors"], is_pytest=True),
    Stage("awx", [*PYTEST, "tests/awx"], is_pytest=True),
    Stage("simulator", [*PYTEST, "tests/simulator/tests"], is_pytest=True),
    Stage("soak", [PYTHON, "tests/soak/run.py", "--short", "--seed", "1"]),
    Stage("elsewhere", tool("elsewhere.py")),
    Stage("install", tool("package.py", "install")),
    *(check(name) for name in ("ansible-lint", "docs", "mypy", "changelog", "reuse", "builder", "ruff")),
]
QUICK = [
    Stage("sanity", tool("sanity.py", "quick")),
    *(check(name) for name in ("ansible-lint", "docs", "mypy", "changelog", "reuse", "ruff")),
]


def say(text: str) -> None:
    """Print a line without buffering."""
    print(text, flush=True)


def read_report(running: Running, code: int) -> Outcome:
    """Count the tests of a pytest stage. A stage without tests fails, unless they need what this machine may lack."""
    outcome = Outcome()
    with contextlib.suppress(OSError, ET.ParseError):
        for suite in ET.parse(running.report).iter("testsuite"):
            counts = {key: int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")}
            outcome.failed += counts["failures"] + counts["errors"]
            outcome.skipped += counts["skipped"]
            outcome.passed += counts["tests"] - counts["failures"] - counts["errors"] - counts["skipped"]
            reasons = [" ".join(skipped.get("message", "").split()) for skipped in suite.iter("skipped")]
            outcome.reasons += dict.fromkeys(reasons)
    outcome.passed = max(outcome.passed, 0)
    if outcome.failed:
        return outcome
    lack = running.stage.may_lack
    lacking = [reason for reason in outcome.reasons if lack and reason.startswith(lack)]
    if code or not (outcome.passed or (lacking and lacking == outcome.reasons)):
        outcome.failed = 1
        outcome.note = "no test ran" if code in (0, 5) else f"pytest ended with {code}"
    elif lacking:
        outcome.note = outcome.lacks = lacking[0]
    return outcome


def judge(running: Running, code: int) -> Outcome:
    """Return the outcome of a stage that has ended."""
    if running.stage.is_pytest:
        return read_report(running, code)
    return Outcome(passed=1) if code == 0 else Outcome(failed=1)


def descendants(root: int) -> list[int]:
    """Return the descendants of a process, if the system lists them (Linux): some of Ansible's leave their process
    group."""
    children: dict[int, list[int]] = {}
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            parent = int(path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(path.parent.name))
    found, waiting = [], [root]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Terminate processes and their descendants. Kill those that do not end."""
    below = [pid for process in processes for pid in descendants(process.pid)]
    for how, patience in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 1.0)):
        for process in processes:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, how)
        for pid in below:
            with contextlib.suppress(OSError):
                os.kill(pid, how)
        until = time.monotonic() + patience
        while time.monotonic() < until and any(process.poll() is None for process in processes):
            time.sleep(0.05)


def run_to_end(
    command: Sequence[str], env: Mapping[str, str], limit: float, errors: int = subprocess.STDOUT
) -> tuple[int, str, str]:
    """Run a command in the checkout, and end all its processes. Return its exit code, its output, and its errors, which
    are part of the output by default.

    Raises subprocess.TimeoutExpired if it takes longer than ``limit`` seconds.
    """
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        start_new_session=True,
    )
    try:
        output, apart = process.communicate(timeout=limit)
    finally:
        end([process])
    return process.returncode, output.decode("utf-8", "replace"), (apart or b"").decode("utf-8", "replace")


class Gate:
    """Runs stages, a few at a time."""

    def __init__(self, stages: Sequence[Stage], jobs: int, verbose: bool, folder: pathlib.Path) -> None:
        """Set up the stages to run."""
        self.waiting = list(stages)
        self.running: list[Running] = []
        self.jobs = jobs
        self.verbose = verbose
        self.folder = folder
        self.total = Outcome()
        self.skips: list[str] = []

    def next(self) -> Stage | None:
        """Remove and return the first stage that does not wait for another one."""
        unfinished = {stage.name for stage in (*self.waiting, *(running.stage for running in self.running))}
        for stage in self.waiting:
            if stage.after not in unfinished:
                self.waiting.remove(stage)
                return stage
        return None

    def start(self, stage: Stage) -> None:
        """Start a stage in a process group of its own."""
        output, report = self.folder / f"{stage.name}.txt", self.folder / f"{stage.name}.xml"
        command = stage.command + ([f"--junit-xml={report}"] if stage.is_pytest else [])
        # Removing the folder removes all that the stage leaves there.
        environment = {**os.environ, "TMPDIR": str(self.folder), "ROLLCALL_ARCHIVES": str(self.folder / "archives")}
        if not EVERYTHING:
            # A fixed seed makes results repeatable: the order of sets affects which examples are drawn.
            environment.setdefault("PYTHONHASHSEED", "0")
        with open(output, "wb") as handle:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=handle,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running.append(Running(stage, process, output, report, time.monotonic()))

    def finish(self, running: Running, code: int) -> None:
        """Report a stage that has ended."""
        self.running.remove(running)
        end([running.process])  # its remaining processes
        outcome = judge(running, code)
        self.total.passed += outcome.passed
        self.total.failed += outcome.failed
        self.total.skipped += outcome.skipped
        if outcome.skipped and not outcome.lacks:
            others = f" (other reasons: {len(outcome.reasons) - 1})" if len(outcome.reasons) > 1 else ""
            self.skips.append(f"  {running.stage.name:14} {outcome.skipped:3}  {outcome.reasons[0]}{others}")
        details = [outcome.note] if outcome.note else []
        if running.stage.is_pytest:
            details.insert(
                0,
                f"{outcome.passed} passed, {outcome.failed} failed"
                + (f", {outcome.skipped} skipped" if outcome.skipped else ""),
            )
        if code < 0:
            details.append(f"ended by signal {-code}")
        seconds = time.monotonic() - running.start
        times = f"{seconds:6.1f} s {running.cpu:6.1f} s CPU"
        say(f"{outcome.word:7} {running.stage.name:14} {times}   {'; '.join(details)}".rstrip())
        if outcome.failed or self.verbose:
            text = running.output.read_text(encoding="utf-8", errors="replace").rstrip()
            text = re.sub(r"(?m)^[.sxXFE]+ *\[ *\d+%\]\n", "", text)  # the progress of pytest
            # Only the last line of the gate may look like its result.
            text = re.sub(r"(?m)^(\d+ passed, \d+ failed.*)$", r"> \1", text)
            say(f"---- {running.stage.name}\n{text}\n----")

    def run(self) -> Outcome:
        """Run all stages; return the sum of their outcomes."""
        try:
            while self.waiting or self.running:
                while len(self.running) < self.jobs and (stage := self.next()):
                    self.start(stage)
                time.sleep(0.05)
                for running in list(self.running):
                    code = running.poll()
                    if code is not None:
                        self.finish(running, code)
                    elif time.monotonic() - running.start > running.stage.limit:
                        say(f"{running.stage.name} takes longer than {running.stage.limit:.0f} s: ended")
                        end([running.process])
        finally:
            end([running.process for running in self.running])
        return self.total


def interrupt(_number: int, _frame: types.FrameType | None) -> None:
    """Treat a termination request like Ctrl-C."""
    raise KeyboardInterrupt


def main(arguments: Sequence[str]) -> int:
    """Run the stages that the command line names."""
    by_name = {stage.name: stage for stage in STAGES}
    if list(arguments) == ["lint"]:
        stages = QUICK
    elif list(arguments) in ([], ["all"]):
        stages = [stage for stage in STAGES if EVERYTHING or not stage.is_extra]
    else:
        wanted = [name for name in arguments if name != "all"]
        unknown = [name for name in wanted if name not in by_name]
        if unknown:
            print(f"no stage is named {', '.join(unknown)}; the stages are: {', '.join(by_name)}", file=sys.stderr)
            return 2
        stages = [by_name[name] for name in wanted]
    number = os.environ.get("ROLLCALL_JOBS") or "4"
    if not re.fullmatch("0*[1-9][0-9]{0,2}", number):
        print(f"ROLLCALL_JOBS is {number!r}: set it to the number of stages to run at a time", file=sys.stderr)
        return 2
    jobs = int(number)
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    start = time.monotonic()
    several = "stage" if len(stages) == 1 else "stages"
    duration = " They take about six minutes on two cores." if len(stages) > len(QUICK) and not EVERYTHING else ""
    say(f"{len(stages)} {several}, at most {jobs} at a time. Each prints a line at its end.{duration}")
    try:
        with scratch() as folder:
            gate = Gate(stages, jobs, bool(os.environ.get("V")), folder)
            total = gate.run()
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    if gate.skips:
        say("\n".join(["Skipped tests, and why:", *sorted(gate.skips)]))
    say(f"{len(stages)} {several} in {time.monotonic() - start:.0f} s\n")
    say(f"{total.passed} passed, {total.failed} failed" + (f", {total.skipped} skipped" if total.skipped else ""))
    return 1 if total.failed or not total.passed else 0


def while_read(program: Callable[[Sequence[str]], int]) -> int:
    """Run a program with the arguments of the command line. End it without a traceback if its output is closed."""
    try:
        return program(sys.argv[1:])
    except BrokenPipeError:
        print("stopped, because the output was closed", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python would fail again when it ends
        return 141


if __name__ == "__main__":
    sys.exit(while_read(main))
