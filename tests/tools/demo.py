# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: a provider's playbook against the simulator, with what was sent counted at the end.

    make demo
    make demo PROVIDER=onelogin

For each provider there is a playbook, playbooks/demo_<provider>.yml, and a folder playbooks/vars/demo_<provider> with
three lists: people.yml (what should be), mistakes.yml (a list that cannot be right) and purge.yml (a list that would
take too much away). A provider with these files has a demo; nothing is added here.

It ends with 1 if anything that it says does not hold, going by the results of the tasks and by the requests that
the simulator received.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from environment import ROOT
from gate import end

sys.path.insert(0, str(ROOT / "tests"))
from simulator.harness import Simulator  # type: ignore[import-not-found]  # found through the line above

PLAYBOOKS = ROOT / "playbooks"
LISTS = ("people", "mistakes", "purge")
CALLBACKS = ROOT / "tests" / "integration" / "plugins" / "callback"
LIMIT = 120
"""Seconds after which a playbook is ended."""


@dataclass
class Observed:
    """One run of the playbook: what it printed and returned, and what reached the simulator."""

    code: int
    output: str
    errors: str
    results: list[dict[str, Any]]
    requests: list[dict[str, Any]]
    people_same: bool

    def count(self, kind: str) -> int:
        """Return the number of requests of a kind: read, write or auth."""
        return sum(request["kind"] == kind for request in self.requests)

    @property
    def changed(self) -> bool:
        """Return whether a task reported a change."""
        return any(result.get("changed") for result in self.results)

    @property
    def refused(self) -> bool:
        """Return whether the last task failed, and the run with it."""
        return self.code != 0 and bool(self.results) and self.results[-1]["failed"]

    @property
    def stopped(self) -> list[str]:
        """Return the users whose losses stopped a task."""
        return [user for result in self.results for user in result.get("stopped", ())]

    @property
    def plans(self) -> list[Any]:
        """Return the plan of each task, as its digest and its numbers."""
        return [(result.get("plan_digest"), result.get("summary")) for result in self.results]

    def summary(self) -> str:
        """Return the numbers of all tasks in words: "1 created, 2 updated"."""
        total: dict[str, int] = {}
        for result in self.results:
            for name, number in result.get("summary", {}).items():
                total[name] = total.get(name, 0) + number
        return ", ".join(f"{number} {name}" for name, number in total.items() if number)


@dataclass(frozen=True)
class Claim:
    """Something that is said of a run, and whether it holds. ``detail`` is added where it does."""

    holds: bool
    text: str
    detail: str = ""


@dataclass(frozen=True)
class Step:
    """One run of the playbook, and what is claimed of it. ``claims`` sees this run and those before."""

    name: str
    shows: str
    claims: Callable[[Observed, Sequence[Observed]], list[Claim]]
    arguments: tuple[str, ...] = ()
    people: str = ""
    writes: bool = False


def _untouched(now: Observed) -> list[Claim]:
    return [Claim(now.count("write") == 0, "no write was sent"), Claim(now.people_same, "everybody there is as before")]


def _check(now: Observed, before: Sequence[Observed]) -> list[Claim]:
    return [Claim(now.code == 0 and now.changed, "there is a plan", now.summary()), *_untouched(now)]


def _apply(now: Observed, before: Sequence[Observed]) -> list[Claim]:
    done = now.code == 0 and now.changed and now.count("write") > 0 and not now.people_same
    return [Claim(done, "it was done", now.summary()), Claim(now.plans == before[0].plans, "the plan is the one that check mode showed")]


def _again(now: Observed, before: Sequence[Observed]) -> list[Claim]:
    return [Claim(now.code == 0 and not now.changed, "nothing changed", now.summary()), *_untouched(now)]


def _mistakes(now: Observed, before: Sequence[Observed]) -> list[Claim]:
    return [Claim(now.refused and not now.stopped, "refused, with all mistakes at once"), *_untouched(now)]


def _purge(now: Observed, before: Sequence[Observed]) -> list[Claim]:
    return [Claim(now.refused and bool(now.stopped), "stopped before anybody lost anything", f"{len(now.stopped)} people"), *_untouched(now)]


STEPS = (
    Step("check mode", "What would change? --check asks, --diff shows it; nothing is written.", _check, ("--check", "--diff")),
    Step("apply", "The same without --check: now it is done.", _apply, writes=True),
    Step("apply again", "Once more: everything is as the list says, so only reads are sent.", _again),
    Step("mistakes", "A list with mistakes: refused as a whole, before anything is written.", _mistakes, people="mistakes"),
    Step("purge", "Half a list, and whoever is not in it is to be deleted: the limit on losses stops it.", _purge, people="purge"),
)


@dataclass
class Demo:
    """Runs the steps for one provider. ``colour`` says whether the screen takes it."""

    provider: str
    simulator: Simulator
    folder: pathlib.Path
    colour: bool
    seen: list[Observed] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    password: str = field(default_factory=lambda: f"Demo-{secrets.token_hex(8)}")

    def say(self, text: str = "", style: str = "") -> None:
        """Print a line of the demo's own at once."""
        codes = {"bold": "1", "good": "32", "bad": "1;31", "dim": "2"}
        print(f"\033[{codes[style]}m{text}\033[0m" if style and self.colour else text, flush=True)

    def run(self, steps: Sequence[Step]) -> bool:
        """Run all steps and the summary; return whether everything held."""
        start = time.monotonic()
        program = f"rollcall.identity.demo_{self.provider}"
        self.say(f"rollcall.identity, shown on {self.provider}: a simulator on this machine with a company of a dozen people in it,")
        self.say(f"and playbooks/demo_{self.provider}.yml, which makes it agree with playbooks/vars/demo_{self.provider}/people.yml.")
        for number, step in enumerate(steps, 1):
            arguments = list(step.arguments)
            if step.people:
                path = PLAYBOOKS / "vars" / f"demo_{self.provider}" / f"{step.people}.yml"
                arguments += ["-e", f"@{path.relative_to(ROOT)}"]
            self.say()
            self.say(f"== {number} of {len(steps)}: {step.shows}", "bold")
            if step.people:
                self.say(_entries(path), "dim")
            self.say(" ".join(["$ ansible-playbook", program, *arguments]), "dim")
            now = self.play([program, *arguments])
            self.say(_tidy(now.output))
            self.judge(step, now)
            self.seen.append(now)
        self.table(steps)
        self.say()
        if self.broken:
            self.say(f"It is not as it should be. {len(self.broken)} of the claims do not hold:", "bad")
            for text in self.broken:
                self.say(f"  {text}", "bad")
            return False
        self.say(f"All of it held. It took {time.monotonic() - start:.0f} seconds, and no secret was shown.", "good")
        self.say("Playbook and lists are in playbooks/; tests/simulator/README.md tells how to try a playbook of your own.")
        return True

    def play(self, arguments: Sequence[str]) -> Observed:
        """Run the playbook, and return what came of it."""
        record = self.folder / f"record{len(self.seen)}.jsonl"
        record.touch()
        mark, people = self.simulator.last, self.people()
        process = subprocess.Popen(
            ["ansible-playbook", *arguments],
            cwd=ROOT,
            env=self.environment(record),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            output, errors = (text.decode("utf-8", "replace") for text in process.communicate(timeout=LIMIT))
        finally:
            end([process])
        results = []
        for line in record.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            results.append({**entry["result"], "failed": entry["failed"]})
        requests = self.simulator.requests(since=mark, provider=self.provider)
        return Observed(process.returncode, output, errors, results, requests, self.people() == people)

    def environment(self, record: pathlib.Path) -> dict[str, str]:
        """Return the environment of ansible-playbook: the simulator's credentials, and settings that only concern the screen."""
        env = {name: value for name, value in os.environ.items() if name not in ("ANSIBLE_FORCE_COLOR", "ANSIBLE_NOCOLOR", "ANSIBLE_VERBOSITY")}
        return {
            **env,
            **self.simulator.env,
            "DEMO_FIRST_PASSWORD": self.password,
            "ANSIBLE_FORCE_COLOR" if self.colour else "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_RETRY_FILES_ENABLED": "false",
            # Writes down what each task returned, for the claims.
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
            "ANSIBLE_CALLBACKS_ENABLED": "rollcall_record",
            "ROLLCALL_RECORD": str(record),
            "ROLLCALL_SIMULATOR": self.simulator.url,
        }

    def people(self) -> Any:
        """Return the users that the simulator holds."""
        return self.simulator.state(self.provider)["users"]

    def judge(self, step: Step, now: Observed) -> None:
        """Say what this run has shown, and keep what did not hold."""
        told = [self.password, *(value for name, value in self.simulator.env.items() if re.search(r"SECRET|PASSWORD|TOKEN|KEY", name))]
        claims = step.claims(now, self.seen)
        safe = Claim(not any(secret in now.output + now.errors for secret in told), "no secret was shown")
        good = "; ".join(f"{claim.text} ({claim.detail})" if claim.detail else claim.text for claim in claims if claim.holds)
        bad = [claim.text for claim in (*claims, safe) if not claim.holds]
        if good:
            self.say(f"=> {good}.", "good")
        for text in bad:
            self.say(f"=> DOES NOT HOLD: {text}", "bad")
            self.broken.append(f"{step.name}: {text}")
        if bad and now.errors.strip():
            self.say(now.errors.strip())

    def table(self, steps: Sequence[Step]) -> None:
        """Print how many requests of each kind the simulator received."""
        self.say()
        self.say("== What the simulator received", "bold")
        self.say(f"   {'':14}{'log-ins':>9}{'reads':>9}{'writes':>9}")
        for number, (step, now) in enumerate(zip(steps, self.seen, strict=True), 1):
            note = "" if step.writes else "   must be 0"
            self.say(f" {number} {step.name:14}{now.count('auth'):>9}{now.count('read'):>9}{now.count('write'):>9}{note}")


def _entries(path: pathlib.Path) -> str:
    """Return a list as it is written, without the licence, indented."""
    text = path.read_text(encoding="utf-8").partition("---\n")[2].rstrip()
    return "\n".join(f"  | {line}".rstrip() for line in text.splitlines() if line.strip())


def _tidy(text: str) -> str:
    """Return what ansible-playbook printed, without empty lines, the padding of headings, and an error's first telling.

    From 2.19 on, ansible-core tells each error twice, first with the playbook's source.
    """
    text = re.sub(r"(?ms)^(\033\[[\d;]*m)?\[ERROR\]: .*?(?=^(\033\[[\d;]*m)?fatal: )", "", text)
    lines = [re.sub(r" \*{8,}", " ***", line).rstrip() for line in text.splitlines()]
    return "\n".join(line for line in lines if re.sub(r"\033\[[\d;]*m", "", line).strip())


def providers() -> list[str]:
    """Return the providers that have a demo."""
    names = [path.stem.removeprefix("demo_") for path in sorted(PLAYBOOKS.glob("demo_*.yml"))]
    return [name for name in names if all((PLAYBOOKS / "vars" / f"demo_{name}" / f"{which}.yml").is_file() for which in LISTS)]


def start_simulator() -> Simulator:
    """Start a simulator that Ctrl-C does not reach: it ends with this process, and not before the playbook."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        return Simulator.start(preset="company")
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])


def interrupt(_number: int, _frame: types.FrameType | None) -> None:
    """Treat a request to end like Ctrl-C."""
    raise KeyboardInterrupt


def main(arguments: Sequence[str]) -> int:
    """Run the demo of the provider that the command line or PROVIDER names."""
    known = providers()
    provider = arguments[0] if arguments else os.environ.get("PROVIDER") or "onelogin"
    if len(arguments) > 1 or provider not in known:
        print(f"usage: make demo PROVIDER=NAME, with one of: {', '.join(known)}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    if shutil.which("ansible-playbook") is None:
        print("ansible-playbook is not on the path: start this with `make demo`", file=sys.stderr)
        return 2
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    try:
        with tempfile.TemporaryDirectory(prefix="rollcall-demo-") as folder, start_simulator() as simulator:
            held = Demo(provider, simulator, pathlib.Path(folder), colour).run(STEPS)
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
