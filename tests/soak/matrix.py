# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault matrix: every write of every scenario meets every fault, and one more run ends right.

A fault hits the n-th request of a write operation, all of them, or every request from the first write on. Afterwards
nothing is lost and nobody else is touched; the rerun reports a change exactly if there was one, and what the
undisturbed run reports.
"""

from __future__ import annotations

import importlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from engine import PROVIDERS, Bench, Report, Result, difference, wrong
from scenarios import NOT_SENT, SCENARIOS, Scenario
from states import between, plain

FAULTS: dict[str, dict[str, Any]] = {
    "lost before": {"drop": "before"},
    "lost after": {"drop": "after"},
    "500 before": {"status": 500},
    "500 after": {"status": 500, "effect": True},
    "503": {"status": 503},
    "429": {"status": 429},
    "429 with a time": {"status": 429, "headers": {"Retry-After": "2"}},
    "time-out after": {"hang": "after"},
    "cut body": {"truncate": "length"},
    "cut JSON": {"truncate": "json"},
    "no JSON": {"body": "sorry", "effect": True},
    "HTML 200": {"html": True, "status": 200, "effect": True},
    "HTML 200 before": {"html": True, "status": 200},
    "HTML 502": {"html": True},
    "HTML 502 after": {"html": True, "effect": True},
    "empty 200": {"status": 200, "effect": True},
    "empty 200 before": {"status": 200},
    "{} before": {"status": 200, "body": {}},
    "401": {"status": 401},
    "undecodable": {"base64": "/w==", "effect": True},
    "no gzip": {"body": "x", "headers": {"Content-Encoding": "gzip"}, "effect": True},
}
_PRETENDS = frozenset({"empty 200 before", "{} before"})
"""Faults by which a server says that it did what it did not do: where the answer to a write need not say more,
nobody can see that."""
_NOTICES = frozenset({"warnings", "warning_details", "user"})
_MODULES = "ansible_collections.rollcall.identity.plugins.module_utils._providers."


@dataclass
class Clean:
    """What a scenario does without faults: ``quiet`` is the result of one more run.

    ``writes`` are operations in the order of their requests; ``start`` is the number of the first.
    """

    before: Any
    wanted: Any
    result: Result
    quiet: Result
    writes: list[str] = field(default_factory=list)
    start: int = 1
    sent: frozenset[str] = frozenset()


def prepare(bench: Bench, scenario: Scenario) -> tuple[Any, dict[str, Any]]:
    """Return the state before a scenario, and its arguments."""
    bench.reset(**scenario.options)
    for kind, items in scenario.put:
        bench.simulator.put(kind, items, scenario.provider)
    params = dict(scenario.params)
    if scenario.first is not None:
        module, options, option = scenario.first
        secret = bench.run(module, options)["secret"]
        params.update({option: secret} if option else {})
    bench.know(scenario.provider)
    return look(bench, scenario), params


def look(bench: Bench, scenario: Scenario) -> Any:
    """Return the state by which a scenario is judged."""
    state = bench.view(scenario.provider, *scenario.parts)
    if scenario.grows:
        items = state[scenario.grows]
        state[scenario.grows] = [item for number, item in enumerate(items) if item not in items[:number]]
    return state


def undisturbed(bench: Bench, report: Report, scenario: Scenario) -> Clean | None:
    """Run a scenario without faults, and once more; return what it does, or None if that is not right already."""
    before, params = prepare(bench, scenario)
    mark = bench.simulator.last
    result = bench.run(scenario.module, params)
    sent = frozenset(bench.sent)
    numbers = {item["n"] for item in bench.simulator.writes(since=mark, provider=scenario.provider)}
    requests = bench.simulator.requests(since=mark, provider=scenario.provider)
    writes = [item["operation"] for item in requests if item["n"] in numbers]
    if result.get("failed") or not writes:
        report.fail(
            f"{scenario.title}: without faults it "
            f"{'fails: ' + str(result['msg']) if result.get('failed') else 'writes nothing'}"
        )
        return None
    start = next(number for number, item in enumerate(requests, 1) if item["n"] in numbers)
    wanted = look(bench, scenario)
    mark = bench.simulator.last
    second = bench.run(scenario.module, params)
    if scenario.repeatable and (
        second.get("failed") or second["changed"] or bench.simulator.writes(since=mark, provider=scenario.provider)
    ):
        report.fail(f"{scenario.title}: a second run is not quiet: {second.get('msg', '')}")
    return Clean(before, wanted, result, second if scenario.repeatable else result, writes, start, sent)


def strike(
    bench: Bench, report: Report, scenario: Scenario, clean: Clean, operation: str, fault: str, when: str
) -> None:
    """Run a scenario with a fault, then without.

    ``when`` is the number of the request of the operation, ``all`` or ``all from there``.
    """
    place = f"{scenario.title}; {operation} {when}: {fault}"
    before, params = prepare(bench, scenario)
    hit: dict[str, Any] = {"provider": scenario.provider, **FAULTS[fault]}
    if when == "all from there":
        hit.update(nth=clean.start, count=0)
    else:
        hit.update(operation=operation, **({"count": 0} if when == "all" else {"nth": int(when)}))
    bench.simulator.faults([hit])
    # Where no answer comes, the time is up soon: should it ever be too short for another answer, that one is lost too.
    result = bench.run(scenario.module, params, timeout=1 if "time-out" in fault else 60)
    bench.simulator.clear_faults()
    after = look(bench, scenario)
    report.counts["faults"] += 1
    for problem in _after(clean, before, after, result, fault):
        report.fail(f"{place}: {problem}")
    vain = (scenario.unseen and fault in _PRETENDS) or (not scenario.undone and result.get("failed"))
    if vain and after not in (before, clean.wanted):
        report.counts["faults that leave something"] += 1
        return
    for problem in rerun(bench, scenario, clean, params, after):
        report.fail(f"{place}: {problem}")


def _after(clean: Clean, before: Any, after: Any, result: Result, fault: str) -> Iterator[str]:
    """Give what is wrong after a run that a fault has hit."""
    if before != clean.before:
        yield f"the state before differs from run to run: {difference(clean.before, before)}"
    text = wrong(result)
    if text:
        yield text
    if not result.get("failed") and after != clean.wanted and fault not in _PRETENDS:
        yield f"success, but {difference(clean.wanted, after)}"
    if after != before and not result.get("changed"):
        yield "the state changed and the result says that it did not"
    text = between(before, clean.wanted, after)
    if text:
        yield f"halfway, {text}"


def rerun(bench: Bench, scenario: Scenario, clean: Clean, params: dict[str, Any], halfway: Any) -> Iterator[str]:
    """Run a scenario again; give what is wrong with its end and with its result."""
    again = bench.run(scenario.module, params)
    after = look(bench, scenario)
    spent = again.get("code") in scenario.spent and halfway == clean.wanted
    if again.get("failed"):
        if not spent or wrong(again):
            yield f"the second run fails: {again['msg']}"
        return
    if after != clean.wanted:
        yield f"after the second run {difference(clean.wanted, after)}"
    if scenario.repeatable and again["changed"] != (after != halfway):
        states = "differ" if after != halfway else "are equal"
        yield f"the second run reports changed: {again['changed']}, the states before and after it {states}"
    right = clean.result if again["changed"] else clean.quiet
    if again.keys() - _NOTICES != right.keys() - _NOTICES:
        yield f"the second run returns {sorted(again.keys() ^ right.keys())} besides or without"
    reported, listed = (_listed(scenario, result) for result in (again, clean.result))
    if reported != listed:
        yield f"the second run reports another user: {difference(listed, reported)}"


def _listed(scenario: Scenario, result: Result) -> Any:
    """Return of the user of a result what the scenario lists: the rest is as it was before the run,
    or what a server has just computed."""
    user = result.get("user")
    return (
        {name: plain(user.get(name)) for name in scenario.params}
        if isinstance(user, dict) and user.get("state") != "absent"
        else None
    )


def unsent(sent: dict[str, set[str]]) -> Iterator[str]:
    """Give the write operations that no scenario sends, apart from those with a reason."""
    for provider in PROVIDERS:
        operations = importlib.import_module(f"{_MODULES}{provider}.connection").OPERATIONS
        for name, operation in operations.items():
            writes = operation.method != "GET" and operation.effect
            if writes and (name in sent[provider]) == (f"{provider} {name}" in NOT_SENT):
                advice = "a scenario sends it: remove it from NOT_SENT"
                yield f"{provider} {name}: {advice if name in sent[provider] else 'no scenario sends it'}"


def cases(clean: Clean) -> Iterator[tuple[str, str, str]]:
    """Give each write of a scenario with each fault and each time at which it hits."""
    for operation in dict.fromkeys(clean.writes):
        times = [str(number) for number in range(1, clean.writes.count(operation) + 1)]
        for when in (*times, "all"):
            for fault in FAULTS:
                yield operation, fault, when
    for fault in FAULTS:
        yield clean.writes[0], fault, "all from there"


def run(bench: Bench, report: Report, chance: random.Random, share: float) -> None:
    """Run the matrix in a random order, or a share of it: some faults of some scenarios."""
    scenarios = list(SCENARIOS)
    chance.shuffle(scenarios)
    number = len(scenarios) if share == 1 else max(3, round(len(scenarios) * share * 3))
    sent: dict[str, set[str]] = {provider: set() for provider in PROVIDERS}
    plans = []
    for scenario in scenarios[:number]:
        clean = undisturbed(bench, report, scenario)
        if clean is not None:
            sent[scenario.provider] |= clean.sent
            plans += [(scenario, clean, *case) for case in cases(clean)]
    chance.shuffle(plans)
    if share < 1:
        del plans[number * 4 :]
    for plan in plans if share < 1 else ():
        if not report.over:
            strike(bench, report, *plan)
    for scenario in scenarios[number:]:
        if report.over:
            return
        _before, params = prepare(bench, scenario)
        bench.run(scenario.module, params)
        sent[scenario.provider] |= set(bench.sent)
    for text in unsent(sent):
        report.fail(text)
    for plan in plans if share == 1 else ():
        if not report.over:
            strike(bench, report, *plan)
