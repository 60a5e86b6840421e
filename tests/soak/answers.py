# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Odd answers to every read of every scenario: a right result or a clear error, and the next run ends right."""

from __future__ import annotations

import random
from typing import Any

from engine import Bench, Report, difference, wrong
from matrix import prepare, writes_of
from scenarios import SCENARIOS

BODIES: tuple[Any, ...] = (
    None, [], {}, "text", 5, True, [[]], [None], [5], ["a"], [{}], {"data": None}, {"data": {}}, {"data": [None]}, {"results": None},
    {"results": [{}], "total": 1},
    {"rows": "x"}, {"total": -1}, {"total": 10**9, "results": []}, {"error": {}}, {"status": {}},
)  # fmt: skip
VALUES: tuple[Any, ...] = (None, "", 0, -1, True, [], {}, [None], {"a": []}, "x" * 2000, 10**30, 1.5)
FIELDS = (
    "id", "email", "username", "userid", "userId", "name", "roles", "role", "groups", "permissions", "superAdmin", "instanceOwner", "enabled", "admin", "owner",
    "state", "status", "custom_attributes", "tenants", "prefix", "authMethods", "roleId", "type", "companies", "accounts",
)  # fmt: skip


def odd(chance: random.Random) -> dict[str, Any]:
    """Return a fault that changes the body of an answer, or the fields of its rows."""
    kind = chance.randrange(3)
    if kind == 0:
        return {"body": chance.choice(BODIES), "status": 200}
    if kind == 1:
        return {"rows_without": chance.sample(FIELDS, 2)}
    return {"rows": {name: chance.choice(VALUES) for name in chance.sample(FIELDS, 2)}}


def run(bench: Bench, report: Report, chance: random.Random, share: float) -> None:
    """Give each read of each scenario some odd answers."""
    scenarios = list(SCENARIOS)
    chance.shuffle(scenarios)
    for scenario in scenarios[: max(3, round(len(scenarios) * share * 3))]:
        mark = bench.simulator.last
        wanted, _operations = writes_of(bench, report, scenario)
        kinds = {item["operation"]: item["kind"] for item in bench.simulator.requests(since=mark, provider=scenario.provider)}
        reads = sorted(operation for operation, kind in kinds.items() if kind == "read")
        for operation in reads:
            for _time in range(max(1, round(12 * share))):
                if report.over:
                    return
                fault = odd(chance)
                place = f"{scenario.title}; {operation}: {ascii(fault)[:300]}"
                prepare(bench, scenario)
                bench.simulator.faults([{"provider": scenario.provider, "operation": operation, "count": 0, **fault}])
                result = bench.run(scenario.module, scenario.params)
                bench.simulator.clear_faults()
                report.counts["odd answers"] += 1
                text = wrong(result)
                if text:
                    report.fail(f"{place}: {text}")
                again = bench.run(scenario.module, scenario.params)
                if again.get("failed"):
                    report.fail(f"{place}: the second run fails: {again['msg']}")
                elif bench.view(scenario.provider) != wanted and scenario.repeatable:
                    report.fail(f"{place}: after the second run {difference(wanted, bench.view(scenario.provider))}")
