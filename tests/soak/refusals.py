# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server refuses one write of a bulk run: the report is complete, the others are written or left alone,
and a rerun ends right."""

from __future__ import annotations

import random
from typing import Any

from cases import Case, directory, prepare, shown, smallest, wishes
from engine import Bench, Report, Result, difference, wrong
from worlds import WORLDS, Person

_LIMITS = {"min_admins": 0, "loss_limit": "1000", "max_concurrency": 1}


def run(bench: Bench, report: Report, chance: random.Random, share: float) -> None:
    """Refuse one write of a random case."""
    case = directory(chance)
    users = [
        {option: value for option, value in user.items() if option not in ("update_password", "previous_users", "id")}
        for user in wishes(chance, WORLDS[case["provider"]])
    ]
    case.update(
        module=f"{case['provider']}_users",
        params={"users": users, "on_error": chance.choice(("stop", "continue")), **_LIMITS},
    )
    case.update(at=chance.random(), status=chance.choice((400, 403, 422, 500)))
    problem = judge(bench, case, report)
    if problem:
        kind = problem.partition(":")[0]
        small = smallest(case, lambda smaller: judge(bench, smaller).partition(":")[0] == kind)
        report.fail(f"{judge(bench, small) or problem}\n  {shown(small)}")


def judge(bench: Bench, case: Case, report: Report | None = None) -> str:
    """Run a case undisturbed, with a refusal, and once more. Return what is wrong, its kind first, or an empty text."""
    provider, module, params, simulator = case["provider"], case["module"], case["params"], bench.simulator
    world = WORLDS[provider]
    prepare(bench, case)
    mark = simulator.last
    ideal = bench.run(module, params)
    writes = [item["operation"] for item in simulator.writes(since=mark, provider=provider)]
    if ideal.get("failed") or not writes:
        return ""
    wanted = bench.view(provider)
    chosen = int(case["at"] * len(writes))
    operation, nth = writes[chosen], writes[: chosen + 1].count(writes[chosen])
    prepare(bench, case)
    simulator.faults([{"provider": provider, "operation": operation, "nth": nth, "status": case["status"]}])
    mark = simulator.last
    result = bench.run(module, params)
    simulator.clear_faults()
    people = world.read(simulator.state(provider))
    place = f"{case['status']} for {operation} number {nth}"
    if report is not None:
        report.counts["refusals"] += 1
        report.counts["refusals that failed"] += bool(result.get("failed"))
    if wrong(result):
        return wrong(result)
    problem = _report(
        ideal,
        result,
        simulator.writes(since=mark, provider=provider),
        bench.view(provider) != wanted,
        params["on_error"],
    )
    if problem:
        return f"{problem}; {place}"
    again = bench.run(module, params)
    if again.get("failed"):
        return f"the rerun fails {[error.get('code') for error in again['errors']]}: {place}, {again['msg']}"
    if bench.view(provider) != wanted:
        return f"the rerun ends otherwise: {place}, {difference(wanted, bench.view(provider))}"
    return _left_alone(result, people, world.read(simulator.state(provider)), place)


def _report(ideal: Result, result: Result, writes: list[Any], differs: bool, on_error: str) -> str:
    """Return what is wrong with the report of a run of which a write was refused."""
    if not result.get("failed"):
        return f"success although the state is another: {result['summary']}" if differs else ""
    if "applied" not in result:
        return f"no report: {result['msg']}" if writes else ""
    applied, waiting = result["applied"], result["not_attempted"]
    failed = {error["user"] for error in result["errors"]}
    every = sorted([*applied, *waiting, *failed])
    changed = sorted(item["before_header"] for item in ideal["diff"])
    if every != changed:
        return f"applied, errors and not_attempted are not those to change: {every}, {changed}"
    if on_error == "continue" and waiting:
        return f"somebody was not attempted although on_error is continue: {waiting}"
    if on_error == "stop" and len(failed) > 1:
        return f"several failed although on_error is stop: {failed}"
    unclear = any(item["status"] == 500 for item in writes)  # it may have been done
    if not unclear and result["changed"] != bool(
        applied or any(item["status"] and item["status"] < 400 for item in writes)
    ):
        return f"changed is {result['changed']}: {applied} were written"
    return ""


def _left_alone(result: Result, between: list[Person], after: list[Person], place: str) -> str:
    """Return who was said to be written, and was written by the rerun."""
    left = {person.id: person for person in after}
    for person in between:
        now = left.get(person.id)
        if person.name in (result.get("applied") or ()) and (now is None or now.grants != person.grants):
            return f"somebody reported as written was not: {person.name}, {place}"
    return ""
