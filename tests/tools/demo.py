# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: a company of 200 people (company.py), then each provider's playbook against the simulator.

The requests of each step are counted. demo_screen.py prints.

    make demo                      the company and all providers, each on one screen
    make demo PROVIDER=kestra      one of them (or company), with its full output
    make demo PROVIDER=scim        the same on a SCIM server of another project: scim2-server
    make demo V=1                  all of them, with their full output

For each provider there is a playbook, playbooks/demo_<provider>.yml, and a folder playbooks/vars/demo_<provider> with
three lists: people.yml (the desired users), mistakes.yml (an invalid list) and purge.yml (a list that would
remove too much). A provider with these files has a demo; nothing is added here.

It exits with 1 if a claim does not hold. It checks the results of the tasks, the requests that the simulator received,
and the state of the simulator afterwards.
"""

from __future__ import annotations

import contextlib
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
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from company import Company
from demo_screen import Screen, entries, plan, problems, tidy
from environment import ROOT
from gate import interrupt, run_to_end, while_read

sys.path.insert(0, str(ROOT / "tests"))
from simulator.harness import Simulator  # type: ignore[import-not-found]  # found through the line above
from simulator.providers import NAMES as SIMULATED  # type: ignore[import-not-found]  # the same

PLAYBOOKS = ROOT / "playbooks"
COMPANY = "company"
"""The name of the part that shows the roles."""
LISTS = ("people", "mistakes", "purge")
CALLBACKS = ROOT / "tests" / "integration" / "plugins" / "callback"
BRIEF = bool(os.environ.get("BRIEF"))
"""Run only the first steps, which are enough to show that the demo works in a place."""
LIMIT = 120
"""Seconds after which a playbook is stopped."""
VOLATILE = ("tokens", "rate")
"""The parts of a provider's state that reading changes: logins and counters."""


@dataclass
class Observed:
    """One run of the playbook: what it printed and returned, what was sent, and the state before and after.

    ``listed`` are the users of the list that the command line names.
    """

    listed: list[str]
    code: int
    output: str
    errors: str
    results: list[dict[str, Any]]
    requests: list[dict[str, Any]]
    before: dict[str, Any]
    after: dict[str, Any]

    def count(self, kind: str) -> int:
        """Return the number of requests of a kind: read, write or auth."""
        return sum(request["kind"] == kind for request in self.requests)

    def total(self, name: str) -> int:
        """Return the sum of a number in the summaries of all tasks, such as that of the created users."""
        return sum(result.get("summary", {}).get(name, 0) for result in self.results)

    @property
    def changed(self) -> bool:
        """Return whether a task reported a change."""
        return any(result.get("changed") for result in self.results)

    @property
    def refusal(self) -> str:
        """Return the message of the last task if it failed and stopped the run."""
        failed = self.code != 0 and bool(self.results) and self.results[-1]["failed"]
        return str(self.results[-1].get("msg", "")) if failed else ""

    @property
    def stopped(self) -> list[str]:
        """Return the users whose losses stopped a task."""
        return [user for result in self.results for user in result.get("stopped", ())]

    @property
    def plans(self) -> list[Any]:
        """Return the plan of each task, as its digest and its numbers."""
        return [(result.get("plan_digest"), result.get("summary")) for result in self.results]

    @property
    def grown(self) -> int:
        """Return by how many the number of users has grown."""
        return len(self.after["users"]) - len(self.before["users"])

    @property
    def announced(self) -> int:
        """Return the number of e-mails to users that the tasks reported."""
        return sum(result.get("mails", 0) for result in self.results)

    @property
    def mailed(self) -> int:
        """Return the number of e-mails that were sent to users."""
        return int(self.after.get("mails", 0)) - int(self.before.get("mails", 0))

    def summary(self) -> str:
        """Return the numbers of all tasks as text: "1 created, 2 updated"."""
        names = dict.fromkeys(name for result in self.results for name in result.get("summary", {}))
        return ", ".join(f"{self.total(name)} {name}" for name in names if self.total(name))


@dataclass(frozen=True)
class Claim:
    """A statement about a run, and whether it holds. ``detail`` is added if it does."""

    holds: bool
    text: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.text}: {self.detail}" if self.detail else self.text


@dataclass(frozen=True)
class Step:
    """One run of the playbook, and its claims. ``claims`` receives this run and the earlier ones."""

    name: str
    shows: str
    claims: Callable[[Observed, Sequence[Observed]], list[Claim]]
    arguments: tuple[str, ...] = ()
    people: str = ""
    writes: bool = False


def _untouched(now: Observed) -> Claim:
    return Claim(now.count("write") == 0 and now.after == now.before, "nothing was written")


def _check(now: Observed, before: Sequence[Observed]) -> list[Claim]:
    return [Claim(now.code == 0 and now.changed, "a plan", now.summary()), _untouched(now)]


def _apply(now: Observed, before: Sequence[Observed]) -> list[Claim]:
    writes = now.count("write")
    done = now.code == 0 and now.changed and writes > 0 and now.after != now.before
    right = now.grown == now.total("created") + now.total("restored") - now.total("deleted")
    claims = [
        Claim(done and right, "done", f"{writes} writes"),
        Claim(now.plans == before[0].plans, "exactly the plan of check mode"),
    ]
    if now.announced or now.mailed:
        claims.append(Claim(now.announced == now.mailed, "e-mails to users, as the task reported", str(now.mailed)))
    return claims


def _again(now: Observed, before: Sequence[Observed]) -> list[Claim]:
    return [Claim(now.code == 0 and not now.changed, "nothing to do", now.summary()), _untouched(now)]


def _mistakes(now: Observed, before: Sequence[Observed]) -> list[Claim]:
    heading = re.match(r"\d+ problems in the input", now.refusal)
    every = bool(now.listed) and all(user in now.refusal for user in now.listed)
    return [
        Claim(bool(heading) and every, "rejected, all mistakes in one message", heading[0] if heading else ""),
        _untouched(now),
    ]


def _purge(now: Observed, before: Sequence[Observed]) -> list[Claim]:
    right = bool(now.refusal and now.stopped) and not set(now.stopped) & set(now.listed)
    return [Claim(right, "stopped", now.refusal.partition(":")[0]), _untouched(now)]


STEPS = (
    Step(
        "check mode",
        "--check only plans, --diff shows the changes.",
        _check,
        ("--check", "--diff"),
    ),
    Step("apply", "The same command without --check writes the changes.", _apply, writes=True),
    Step("apply again", "The same command again changes nothing.", _again),
    Step(
        "mistakes",
        "A list with mistakes is rejected as a whole.",
        _mistakes,
        people="mistakes",
    ),
    Step(
        "purge",
        "A truncated list would disable or delete too many users: a limit stops the run.",
        _purge,
        people="purge",
    ),
)


def settings(simulator: Simulator, screen: Screen, record: pathlib.Path) -> dict[str, str]:
    """Return the environment of ansible-playbook: the simulator's credentials, and settings of the screen."""
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in ("ANSIBLE_FORCE_COLOR", "ANSIBLE_NOCOLOR", "ANSIBLE_VERBOSITY")
    }
    return {
        **env,
        **simulator.env,
        "ANSIBLE_FORCE_COLOR" if screen.colour else "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_RETRY_FILES_ENABLED": "false",
        # Records the results of the tasks for the claims.
        "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
        "ANSIBLE_CALLBACKS_ENABLED": "rollcall_record",
        "ROLLCALL_RECORD": str(record),
        "ROLLCALL_SIMULATOR": simulator.url,
    }


def credentials(simulator: Simulator) -> list[str]:
    """Return the secrets that must never be printed."""
    return [value for name, value in simulator.env.items() if re.search(r"SECRET|PASSWORD|TOKEN|KEY", name)]


@dataclass
class Demo:
    """Runs the steps for one provider. ``full`` shows the whole output of ansible-playbook; otherwise one screen is
    shown."""

    provider: str
    simulator: Simulator
    folder: pathlib.Path
    screen: Screen
    full: bool
    seen: list[Observed] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    password: str = field(default_factory=lambda: f"Demo-{secrets.token_hex(8)}")

    def run(self, place: str) -> None:
        """Run all steps. ``place`` is the position of the provider, such as " (1 of 5)", or empty."""
        say = self.screen.say
        program = f"rollcall.identity.demo_{self.provider}"
        for number, step in enumerate(STEPS[:2] if BRIEF else STEPS, 1):
            arguments = list(step.arguments)
            if step.people:
                path = PLAYBOOKS / "vars" / f"demo_{self.provider}" / f"{step.people}.yml"
                arguments += ["-e", f"@{path.relative_to(ROOT)}"]
            command = " ".join(["$ ansible-playbook", program, *arguments])
            if self.full:
                say()
                say(f"== {self.provider}{place}, step {number}: {step.shows}", "bold")
                if step.people:
                    say(entries(path), "dim")
                say(command, "dim")
            elif number == 1:
                say()
                say(f"== {self.provider}{place}: playbooks/vars/demo_{self.provider}/people.yml", "bold")
                say(command, "dim")
            now = self.play([program, *arguments], _users(path) if step.people else [])
            if self.full:
                say(tidy(now.output))
            elif number == 1:
                for line in plan(diff for result in now.results for diff in result.get("diff") or ()):
                    say(line)
                self.screen.columns()
            self.judge(number, step, now)
            self.seen.append(now)

    def play(self, arguments: Sequence[str], listed: list[str]) -> Observed:
        """Run the playbook, and return the observed run. ``listed`` are the users of the list among the arguments."""
        record = self.folder / f"{self.provider}{len(self.seen)}.jsonl"
        record.touch()
        mark, before = self.simulator.last, self.state()
        code, output, errors = run_to_end(
            ["ansible-playbook", *arguments], self.environment(record), LIMIT, subprocess.PIPE
        )
        results = []
        for line in record.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            results.append({**entry["result"], "failed": entry["failed"]})
        requests = self.simulator.requests(since=mark, provider=self.provider)
        return Observed(listed, code, output, errors, results, requests, before, self.state())

    def environment(self, record: pathlib.Path) -> dict[str, str]:
        """Return the environment of ansible-playbook."""
        return {**settings(self.simulator, self.screen, record), "DEMO_FIRST_PASSWORD": self.password}

    def state(self) -> dict[str, Any]:
        """Return the state of this provider in the simulator: users and all that belongs to them."""
        return {name: value for name, value in self.simulator.state(self.provider).items() if name not in VOLATILE}

    def judge(self, number: int, step: Step, now: Observed) -> None:
        """Print the result of this run, and record the claims that do not hold."""
        say = self.screen.say
        hidden = [self.password, *credentials(self.simulator)]
        claims = step.claims(now, self.seen)
        safe = Claim(not any(secret in now.output + now.errors for secret in hidden), "no secret was shown")
        good = "; ".join(str(claim) for claim in claims if claim.holds)
        bad = [claim.text for claim in (*claims, safe) if not claim.holds]
        if self.full and good:
            say(f"=> {good}.", "good")
        elif not self.full:
            self.screen.row(number, step.name, now.requests, good)
            for line in problems(now.refusal):
                say(line, "dim")
        for text in bad:
            say(f"=> NOT AS EXPECTED: {text}", "bad")
            self.broken.append(f"{self.provider}, {step.name}: {text}")
        for text in ("" if self.full else tidy(now.output), now.errors.strip()):
            if bad and text:
                say(text)


def table(screen: Screen, demos: Sequence[Demo]) -> None:
    """Print how many requests of each kind the server received."""
    screen.say()
    screen.say(f"== What {server_name([demo.provider for demo in demos])} received: logins, reads and writes", "bold")
    screen.say(" " * 16 + "".join(f"{demo.provider:>21}" for demo in demos))
    screen.say(" " * 16 + f"{'logins reads writes':>21}" * len(demos))
    for number, step in enumerate(STEPS[: len(demos[0].seen)], 1):
        runs = [demo.seen[number - 1] for demo in demos]
        cells = "".join(f"{now.count('auth'):>8}{now.count('read'):>6}{now.count('write'):>7}" for now in runs)
        screen.say(f" {number} {step.name:13}{cells}" + ("" if step.writes else "   expected: no writes"))


def introduce(screen: Screen, names: Sequence[str], full: bool) -> None:
    """Print what the demo is going to show."""
    name = names[0] if len(names) == 1 else "<provider>"
    screen.say(f"The modules, on {', '.join(names)}: {server_name(names)}, with a dozen people in each.", "bold")
    screen.say(f"playbooks/demo_{name}.yml makes the users match the list in playbooks/vars/demo_{name}/people.yml.")
    if full:
        return
    screen.say(f"The playbook of each provider runs {len(STEPS)} times:")
    for number, step in enumerate(STEPS, 1):
        screen.say(f" {number} {step.name:13} {step.shows}")


def show(screen: Screen, names: Sequence[str], full: bool, company: bool) -> bool:
    """Run the demos of these providers in sequence; return whether all claims held."""
    start = time.monotonic()
    broken: list[str] = []
    page: pathlib.Path | None = None
    if company:
        failed, page = show_company(screen, full, alone=names == [COMPANY])
        broken += failed
        screen.say()
    if names != [COMPANY]:
        broken += show_providers(screen, names, full)
        screen.say()
    if broken:
        screen.say(f"Unexpected results: {len(broken)}", "bad")
        for text in broken:
            screen.say(f"  {text}", "bad")
        return False
    seconds = f"{time.monotonic() - start:.0f} seconds"
    screen.say(f"All results are as expected, after {seconds}. No secret was shown.", "good")
    if not full:
        screen.say("To see the full output of ansible-playbook: make demo PROVIDER=kestra, or make demo V=1.")
    screen.say(
        "Playbooks and lists are in playbooks/; tests/simulator/README.md explains how to try your own playbook."
    )
    if page is not None:
        screen.say(f"To decide the access review of the company, open this page in a browser: {page}", "bold")
    return True


def show_providers(screen: Screen, names: Sequence[str], full: bool) -> list[str]:
    """Show the modules on each provider; return the claims that did not hold."""
    introduce(screen, names, full)
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rollcall-demo-")))
        servers = start_servers(names, stack)
        demos = [Demo(name, servers[name], folder, screen, full) for name in names]
        for number, demo in enumerate(demos, 1):
            demo.run(f" ({number} of {len(demos)})" if len(demos) > 1 else "")
    if full:
        table(screen, demos)
    return [text for demo in demos for text in demo.broken]


def show_company(screen: Screen, full: bool, alone: bool) -> tuple[list[str], pathlib.Path | None]:
    """Show the roles on a company; return the claims that did not hold, and the page of the access review.

    ``full`` shows the whole output of ansible-playbook, ``alone`` the whole plan and evidence.
    """
    with tempfile.TemporaryDirectory(prefix="rollcall-demo-") as folder, start_simulator("none") as simulator:
        shown = Company(
            simulator,
            pathlib.Path(folder),
            screen,
            lambda record: settings(simulator, screen, record),
            credentials(simulator),
            full,
            full or alone,
            BRIEF,
        )
        shown.run()
    return shown.broken, shown.page


def _users(path: pathlib.Path) -> list[str]:
    """Return the users in a list."""
    return re.findall(r"^ +- .*?\buser: \"?([^\s,\"}]+)", path.read_text(encoding="utf-8"), re.MULTILINE)


def providers() -> list[str]:
    """Return the providers that have a demo."""
    names = [path.stem.removeprefix("demo_") for path in sorted(PLAYBOOKS.glob("demo_*.yml"))]
    return [
        name
        for name in names
        if all((PLAYBOOKS / "vars" / f"demo_{name}" / f"{which}.yml").is_file() for which in LISTS)
    ]


def server_name(names: Sequence[str]) -> str:
    """Return the name of the servers against which the demos of these providers run."""
    simulated = [name for name in names if name in SIMULATED]
    if len(simulated) == len(names):
        return "the simulator"
    return "the simulator and scim2-server" if simulated else "scim2-server"


def start_servers(names: Sequence[str], stack: contextlib.ExitStack) -> dict[str, Simulator]:
    """Return the server of each provider, until the stack closes: the simulator, or a real server for SCIM."""
    servers: dict[str, Simulator] = {}
    if any(name in SIMULATED for name in names):
        simulator = stack.enter_context(start_simulator())
        servers = dict.fromkeys(SIMULATED, simulator)
    if any(name not in SIMULATED for name in names):
        from scim_demo import start_scim  # its requirements are installed for Python 3.11 and newer

        servers["scim"] = stack.enter_context(start_scim())
    return servers


def start_simulator(preset: str = "company") -> Simulator:
    """Start a simulator that Ctrl-C does not stop: it ends with this process, and so not before the playbook."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        return Simulator.start(preset=preset)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])


def main(arguments: Sequence[str]) -> int:
    """Run the demo of the provider that the command line or PROVIDER names, that of the company, or all."""
    known = providers()
    everything = [name for name in known if name in SIMULATED]
    names = list(arguments) or os.environ.get("PROVIDER", "").split() or everything
    unknown = [name for name in names if name not in known] if names != [COMPANY] else []
    if unknown or not known:
        print(
            f"no demo is named {' '.join(names)!r}; specify one of these: PROVIDER={'|'.join([*known, COMPANY])}",
            file=sys.stderr,
        )
        return 2
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    if any(name not in SIMULATED for name in names if name != COMPANY) and sys.version_info < (3, 11):
        print(
            "make demo PROVIDER=scim requires Python 3.11 or newer: make demo PROVIDER=scim PYTHON=python3.12",
            file=sys.stderr,
        )
        return 2
    if shutil.which("ansible-playbook") is None:
        print("ansible-playbook is not on the PATH: start the demo with `make demo`", file=sys.stderr)
        return 2
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    try:
        full = (len(names) == 1 and names != [COMPANY]) or os.environ.get("V", "") not in ("", "0")
        held = show(Screen(colour), names, full, company=names in (everything, [COMPANY]))
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(while_read(main))
