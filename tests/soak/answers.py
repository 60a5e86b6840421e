# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Odd answers to every read of every scenario: a right result or a clear error, and the next run ends right.

Nothing is lost and nobody else is touched while the answers are odd, unless they are a credible untruth.
"""

from __future__ import annotations

import random
from typing import Any

from engine import Bench, Report, difference, wrong
from scenarios import SCENARIOS, Scenario
from states import between

from matrix import Clean, look, prepare, rerun, undisturbed

BODIES: tuple[Any, ...] = (
    None, [], {}, "text", 5, True, [[]], [None], [5], ["a"], [{}], {"data": None}, {"data": {}}, {"data": [None]},
    {"results": None},
    {"results": [{}], "total": 1},
    {"rows": "x"}, {"total": -1}, {"total": 10**9, "results": []}, {"error": {}}, {"status": {}},
)  # fmt: skip
VALUES: tuple[Any, ...] = (None, "", 0, -1, True, [], {}, [None], {"a": []}, "x" * 2000, 10**30, 1.5)
FIELDS = (
    "id", "email", "username", "userid", "userId", "name", "roles", "role", "groups", "permissions", "superAdmin",
    "instanceOwner", "enabled", "admin", "owner", "state", "status", "custom_attributes", "tenants", "prefix",
    "authMethods", "roleId", "type", "companies", "accounts",
)  # fmt: skip


_CREDIBLE: tuple[Any, ...] = ([], {}, True, 0, "")
"""Values that some field may have: an empty list of roles is a fact to whoever reads it."""


def credible(operation: str, fault: dict[str, Any]) -> bool:
    """Return whether an answer may be true: nobody can see that it is not.

    Any object may be the attributes of a user of nextAuth.
    """
    if operation == "get_user_attributes" and isinstance(fault.get("body"), dict):
        return True
    if "rows" in fault:
        return any(value in _CREDIBLE for value in fault["rows"].values())
    return "body" in fault and fault["body"] in ([], {}, {"data": {}}, {"total": 10**9, "results": []})


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
        clean = undisturbed(bench, report, scenario)
        if clean is None:
            continue
        kinds = {
            item["operation"]: item["kind"] for item in bench.simulator.requests(since=mark, provider=scenario.provider)
        }
        for operation in sorted(operation for operation, kind in kinds.items() if kind == "read"):
            for _time in range(max(1, round(12 * share))):
                if report.over:
                    return
                strike(bench, report, scenario, clean, operation, odd(chance))


def strike(
    bench: Bench, report: Report, scenario: Scenario, clean: Clean, operation: str, fault: dict[str, Any]
) -> None:
    """Run a scenario while a read gets odd answers, then without."""
    place = f"{scenario.title}; {operation}: {ascii(fault)[:300]}"
    before, params = prepare(bench, scenario)
    bench.simulator.faults([{"provider": scenario.provider, "operation": operation, "count": 0, **fault}])
    result = bench.run(scenario.module, params)
    bench.simulator.clear_faults()
    after = look(bench, scenario)
    report.counts["odd answers"] += 1
    text = wrong(result)
    if text:
        report.fail(f"{place}: {text}")
    if after != before and not result.get("changed"):
        report.fail(f"{place}: the state changed and the result says that it did not")
    if not credible(operation, fault):
        if not result.get("failed") and after != clean.wanted:
            report.fail(f"{place}: success, but {difference(clean.wanted, after)}")
        text = between(before, clean.wanted, after)
        if text:
            report.fail(f"{place}: {text}")
    for problem in rerun(bench, scenario, clean, params, after):
        report.fail(f"{place}: {problem}")
