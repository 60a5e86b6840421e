# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first part of the demo: a company of 200 people on five providers, from one file.

Plan, approval, apply, a mover, a leaver, and the access review, whose page is kept.

Data is in playbooks/vars/demo_company: company.yml (connections and entitlements) and people.csv.
"""

from __future__ import annotations

import json
import pathlib
import re
import shlex
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from demo_screen import Screen, cut
from environment import ROOT
from gate import run_to_end

FOLDER = ROOT / "playbooks" / "vars" / "demo_company"
LIMIT = 180
"""Seconds after which a playbook is ended."""
MOVER, LEAVER = "E0013", "E0025"
REVIEW = ROOT / ".cache" / "demo" / "review"
"""Where the access review stays after the demo."""


@dataclass(frozen=True)
class Observed:
    """One run of a playbook: how it ended, what it printed, the facts that the role set, and the requests."""

    code: int
    output: str
    facts: dict[str, Any]
    requests: list[dict[str, Any]]

    @property
    def writes(self) -> int:
        """Return the number of writes."""
        return sum(request["kind"] == "write" for request in self.requests)

    @property
    def summary(self) -> dict[str, Any]:
        """Return the summary of role access."""
        result: dict[str, Any] = self.facts.get("access_result") or {}
        return result

    @property
    def evidence(self) -> list[dict[str, Any]]:
        """Return the steps of role offboard."""
        result: list[dict[str, Any]] = (self.facts.get("offboard_result") or {}).get("steps") or []
        return result

    @property
    def review(self) -> dict[str, Any]:
        """Return the result of role access_review."""
        result: dict[str, Any] = self.facts.get("access_review_result") or {}
        return result

    def counts(self) -> str:
        """Return the totals in words."""
        totals = self.summary.get("totals") or {}
        names = {name: "e-mails" if name == "mails" else name for name in totals}
        return ", ".join(
            f"{number} {names[name].removesuffix('s') if number == 1 else names[name]}"
            for name, number in totals.items()
            if number and name != "changed"
        )


@dataclass
class Company:
    """Runs the steps, if ``brief`` the first one.

    ``environment(record)`` returns that of ansible-playbook, ``secrets`` are what must never be printed. ``full``
    shows all that ansible-playbook prints, ``long`` the whole plan and evidence; without them it is one screen.
    """

    simulator: Any
    folder: pathlib.Path
    screen: Screen
    environment: Callable[[pathlib.Path], dict[str, str]]
    secrets: list[str]
    full: bool
    long: bool
    brief: bool
    broken: list[str] = field(default_factory=list)
    count: int = 0
    page: pathlib.Path | None = None
    """The page of the access review, once there is one."""

    def run(self) -> None:
        """Run all steps."""
        say = self.screen.say
        people = FOLDER / "people.csv"
        say()
        say("== The roles, on a company of 200 people and five providers: playbooks/vars/demo_company", "bold")
        for line in people.read_text(encoding="utf-8").splitlines()[:2]:
            say(f"  | {line}", "dim")
        say(
            "  | ... 200 people in people.csv. company.yml: the grants of each entitlement in the connections",
            "dim",
        )
        say("  | ol (OneLogin), kes (Kestra EE), co (Contabo), na (nextAuth), se (SendAuth)", "dim")

        planned = self.play("access", people)
        self.show_plan(planned.summary.get("text", ()))
        if not self.long:
            self.screen.columns()
        digest = str(planned.summary.get("digest"))
        there = bool(planned.summary.get("totals", {}).get("created"))
        self.claim(
            "plan",
            planned,
            planned.code == 0 and planned.writes == 0 and there,
            f"a plan: {planned.counts()}",
        )

        refused = self.play("access", people, "access_mode=apply", f"access_plan_digest={'0' * 64}")
        passed = refused.code != 0 and refused.writes == 0 and refused.summary.get("outcome") == "refused"
        self.claim("not approved", refused, passed, "rejected: not the digest of the plan")

        if self.brief:
            return
        done = self.play("access", people, "access_mode=apply", f"access_plan_digest={digest}")
        same = done.summary.get("totals") == planned.summary.get("totals")
        passed = done.code == 0 and same and done.writes > 0
        self.claim(
            "approved",
            done,
            passed,
            f"exactly the approved plan: {done.counts()}",
        )

        again = self.play("access", people, "access_mode=apply")
        self.claim(
            "again",
            again,
            again.code == 0 and again.writes == 0 and again.summary["totals"]["changed"] == 0,
            f"nothing to do: {again.counts()}",
        )

        moved = self.move(people)
        mover = self.play("access", moved, "access_mode=apply")
        self.show((line for line in mover.summary.get("text", ()) if line.startswith(" ")), most=1)
        only = {entry["person"] for entry in mover.summary.get("drift", ()) if entry["kind"] != "unmanaged"} == {MOVER}
        self.claim(
            "a mover",
            mover,
            mover.code == 0 and only and mover.writes > 0,
            f"{MOVER} has a new job and other grants: {mover.counts()}",
        )

        self.leave(moved)
        self.open_review(moved)

    def leave(self, people: pathlib.Path) -> None:
        """Offboard somebody, twice, and show the evidence."""
        gone = self.play(
            "offboard", people, f"offboard_person={LEAVER}", f"offboard_dest={self.folder / 'evidence'}"
        )
        self.show((_line(step) for step in gone.evidence), most=0)
        outcomes = {step["outcome"] for step in gone.evidence}
        kept = list((self.folder / "evidence").glob("*"))
        passed = gone.code == 0 and "done" in outcomes and "failed" not in outcomes and bool(kept)
        self.claim("a leaver", gone, passed, f"{LEAVER} cannot log in and has no grants; {_outcomes(gone)}")
        again = self.play(
            "offboard", people, f"offboard_person={LEAVER}", f"offboard_dest={self.folder / 'evidence'}"
        )
        outcomes = {step["outcome"] for step in again.evidence}
        self.claim(
            "leaver again",
            again,
            again.code == 0 and again.writes == 0 and outcomes <= {"already", "manual"},
            f"nothing to do in {_outcomes(again)}",
        )

    def open_review(self, people: pathlib.Path) -> None:
        """Open the access review of everybody, and keep its page."""
        shutil.rmtree(REVIEW, ignore_errors=True)
        opened = self.play(
            "access_review",
            people,
            f"access_review_dest={REVIEW}",
            "access_review_by=manager",
            "access_review_id=demo",
        )
        page = REVIEW / "review.html"
        passed = opened.code == 0 and opened.writes == 0 and page.is_file() and bool(opened.review.get("rows"))
        flags = ", ".join(
            f"{name.replace('_', ' ')} {number}" for name, number in opened.review.get("flags", {}).items()
        )
        self.claim("a review", opened, passed, f"{opened.review.get('rows')} rows to decide; flags: {flags}")
        self.page = page if passed else None

    def move(self, people: pathlib.Path) -> pathlib.Path:
        """Return a copy of the file in which a person has a new job."""
        text = people.read_text(encoding="utf-8")
        (old,) = re.findall(rf"(?m)^{MOVER},.*$", text)
        new = re.sub(r"staff; \w+", "staff; cloud", old)
        self.show([f"- {old}", f"+ {new}"], most=0)
        copied = self.folder / "people.csv"
        copied.write_text(text.replace(old, new), encoding="utf-8")
        return copied

    def show_plan(self, lines: Sequence[str]) -> None:
        """Print the plan of role access: the totals, and some of the people."""
        if self.long:
            self.show(lines)
            return
        people = [line for line in lines if re.match(r"  E\d+ ", line)]
        totals = [line for line in lines if re.match(r"\w+: \d+ created", line)]
        remarks = [line for line in lines[2:] if line not in (*people, *totals) and not line.endswith(":")]
        for line in lines[:2]:
            self.screen.say(f"   {line}")
        self.screen.say(f"   {'; '.join(totals)}")
        self.screen.some((f"   {line.strip()}" for line in people), 3, "people")
        self.screen.some((f"   {line.strip()}" for line in remarks), 2, "remarks")

    def show(self, lines: Iterable[str], most: int | None = None) -> None:
        """Print lines of a role, on one screen at most this many."""
        every = list(lines)
        for line in every if self.long or most is None else every[:most]:
            self.screen.say(f"   {line}" if self.long else cut(f"     {line.strip()}"))

    def play(self, role: str, people: pathlib.Path, *variables: str) -> Observed:
        """Run a playbook of the collection, and return the observed run."""
        self.count += 1
        record = self.folder / f"company{self.count}.jsonl"
        record.touch()
        arguments = [f"rollcall.identity.{role}", "-e", f"@{FOLDER.relative_to(ROOT) / 'company.yml'}"]
        for variable in (f"{role}_people_file={people}", *variables):
            name, _equals, value = variable.partition("=")
            # Ansible splits key=value at blanks, and a path may hold some.
            arguments += [
                "-e",
                variable if re.fullmatch(r"[\w./:@+-]+", value, re.ASCII) else json.dumps({name: value}),
            ]
        command = " ".join(["$ ansible-playbook", *map(shlex.quote, arguments)])
        if self.long or self.count == 1:
            self.screen.say(command.replace(f"{ROOT}/", "").replace(f"{self.folder}/", ""), "dim")
        mark = self.simulator.last
        code, output, _errors = run_to_end(["ansible-playbook", *arguments], self.environment(record), LIMIT)
        facts: dict[str, Any] = {}
        for line in record.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            facts.update(entry["result"].get("ansible_facts") or {})
        if self.full:
            self.screen.say(output)
        return Observed(code, output, facts, self.simulator.requests(since=mark))

    def claim(self, name: str, now: Observed, holds: bool, text: str) -> None:
        """Print what a run has shown, and keep the claims that do not hold."""
        if any(secret in now.output for secret in self.secrets):
            holds, text = False, "no secret was shown"
        if not holds:
            self.screen.say(f"=> {name:13} NOT AS EXPECTED: {text}", "bad")
        elif self.long:
            self.screen.say(f"=> {name:13} {text}; {now.writes} writes.", "good")
        else:
            self.screen.row(self.count, name, now.requests, text)
        if not holds:
            self.broken.append(f"company, {name}: {text}")
            if not self.full:
                self.screen.say(now.output[-4000:])


def _line(step: dict[str, Any]) -> str:
    """Return a step of the evidence as a line of the screen."""
    text = f"{step['connection']:4} {step['step']:9} {step['how']:9} {step['outcome']:8} {step.get('detail') or ''}"
    return text[:150]


def _outcomes(run: Observed) -> str:
    """Return how many steps of an offboarding ended in which way."""
    counts = Counter("already done" if step["outcome"] == "already" else step["outcome"] for step in run.evidence)
    return f"{len(run.evidence)} steps ({', '.join(f'{number} {name}' for name, number in counts.items())})"
