# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault matrix: every write of every scenario meets every fault, and one more run ends right."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from engine import Bench, Report, difference, wrong
from scenarios import SCENARIOS, Scenario

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
    "HTML 502": {"html": True},
    "HTML 502 after": {"html": True, "effect": True},
    # A server that says 200 and does nothing is not in the table: some writes are answered with nothing at all when they work.
    "empty 200": {"status": 200, "effect": True},
    "401": {"status": 401},
    "undecodable": {"base64": "/w==", "effect": True},
    "no gzip": {"body": "x", "headers": {"Content-Encoding": "gzip"}, "effect": True},
}


def prepare(bench: Bench, scenario: Scenario) -> Any:
    """Return the state before a scenario."""
    bench.reset(**scenario.options)
    for kind, items in scenario.put:
        bench.simulator.put(kind, items, scenario.provider)
    return bench.view(scenario.provider)


def writes_of(bench: Bench, report: Report, scenario: Scenario) -> tuple[Any, list[str]]:
    """Run a scenario without faults; return the state afterwards and the operations that wrote."""
    prepare(bench, scenario)
    mark = bench.simulator.last
    result = bench.run(scenario.module, scenario.params)
    operations = [item["operation"] for item in bench.simulator.writes(since=mark, provider=scenario.provider)]
    if result.get("failed") or not operations:
        report.fail(f"{scenario.title}: without faults it {'fails: ' + str(result['msg']) if result.get('failed') else 'writes nothing'}")
        return None, []
    after = bench.view(scenario.provider)
    if scenario.repeatable:
        mark = bench.simulator.last
        second = bench.run(scenario.module, scenario.params)
        if second.get("failed") or second["changed"] or bench.simulator.writes(since=mark, provider=scenario.provider):
            report.fail(f"{scenario.title}: a second run is not quiet: {second.get('msg', '')}")
    return after, list(dict.fromkeys(operations))


def strike(bench: Bench, report: Report, scenario: Scenario, wanted: Any, operation: str, fault: str, nth: int) -> None:
    """Run a scenario with a fault at one operation, then without."""
    place = f"{scenario.title}; {operation} number {nth}: {fault}"
    before = prepare(bench, scenario)
    bench.simulator.faults([{"provider": scenario.provider, "operation": operation, "nth": nth, **FAULTS[fault]}])
    result = bench.run(scenario.module, scenario.params, timeout=0.3 if "time-out" in fault else 5)
    bench.simulator.clear_faults()
    after = bench.view(scenario.provider)
    report.counts["faults"] += 1
    text = wrong(result)
    if text:
        report.fail(f"{place}: {text}")
    if not result.get("failed") and after != wanted:
        report.fail(f"{place}: success, but {difference(wanted, after)}")
    if after != before and not result.get("changed"):
        report.fail(f"{place}: the state changed and the result says that it did not")
    again = bench.run(scenario.module, scenario.params)
    if again.get("failed"):
        report.fail(f"{place}: the second run fails: {again['msg']}")
    elif bench.view(scenario.provider) != wanted:
        report.fail(f"{place}: after the second run {difference(wanted, bench.view(scenario.provider))}")


def cases(bench: Bench, report: Report, chance: random.Random) -> Iterator[tuple[Scenario, Any, str, str]]:
    """Give each scenario with each write and each fault, scenarios in a random order."""
    scenarios = list(SCENARIOS)
    chance.shuffle(scenarios)
    for scenario in scenarios:
        wanted, operations = writes_of(bench, report, scenario)
        for operation in operations:
            for fault in FAULTS:
                yield scenario, wanted, operation, fault


def run(bench: Bench, report: Report, chance: random.Random, share: float) -> None:
    """Run the matrix, or a random share of it."""
    for scenario, wanted, operation, fault in cases(bench, report, chance):
        if report.over:
            return
        if chance.random() < share:
            strike(bench, report, scenario, wanted, operation, fault, 1)
