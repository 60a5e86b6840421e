# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module is killed at its n-th request, before or after the request's effect: one more run ends right.

The module runs in a process of its own, which SIGKILL ends once the simulator holds that request: nothing waits for
real time.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import random
import signal
import tempfile
from collections.abc import Iterator
from typing import Any

from cases import Case, directory, facet_options, prepare, shown, smallest, wish
from engine import Bench, Report, difference, wrong
from scenarios import SCENARIOS, Scenario
from worlds import NAMES, WORLDS, World, entries, fold

from matrix import prepare as prepare_scenario

_TOKENS = (
    Scenario("kestra_api_token", {"user": "user0001@example.com", "name": "ci", "rotate": "expired"}),
    Scenario("kestra_api_token", {"user": "user0001@example.com", "name": "ci", "max_age": "P30D"}),
    Scenario("kestra_api_token", {"service_account": "backup", "name": "ci"}),
    Scenario("kestra_service_account", {"name": "fresh", "tenants": ["main", "acme-eu"], "roles": ["Viewer", "2024"]}),
)
"""Scenarios besides those of the fault matrix: tokens, and an account whose access takes several calls."""
_FILES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("kestra_api_token", {"user": "user0001@example.com", "name": "ci", "rotate": "expired"}),
    ("kestra_api_token", {"service_account": "backup", "name": "ci", "rotate": "expired", "max_age": "P30D"}),
    ("kestra_api_token", {"user": "user0001@example.com", "name": "ci"}),
    ("nextauth_api_token", {"name": "ci"}),
    ("onelogin_api_token", {}),
)
"""Modules that write the secret of a token to a file."""


def run(bench: Bench, report: Report, chance: random.Random, share: float) -> None:
    """Kill one random task."""
    scenarios = [scenario for scenario in (*SCENARIOS, *_TOKENS) if scenario.repeatable]
    kind = chance.random()
    if kind < 0.15:
        _file(bench, report, chance, *chance.choice(_FILES))
        return
    if kind < 0.5:
        _scenario(bench, report, chance, chance.choice(scenarios))
        return
    case = directory(chance)
    world = WORLDS[case["provider"]]
    names = chance.sample(NAMES, chance.randrange(1, 5))
    users = [_wish(chance, world, name) for name in names]
    case.update(module=f"{case['provider']}_users", params={"users": users, "min_admins": 0, "loss_limit": "1000"})
    case["workers"], case["at"], case["moment"] = (
        chance.choice((1, 1, 3)),
        chance.random(),
        chance.choice(("before", "after")),
    )
    problem = judge(bench, case, report)
    if problem:
        first = problem.partition(":")[0]
        small = smallest(case, lambda smaller: judge(bench, smaller).partition(":")[0] == first)
        report.fail(f"{judge(bench, small) or problem}\n  {shown(small)}")


def _wish(chance: random.Random, world: World, name: str) -> dict[str, Any]:
    """Return an element of ``users`` with at least one facet: several calls for each user.

    Nobody is restored: what comes back with an account is removed by further calls, and a run that is killed between
    them leaves an account that looks like any other.
    """
    user = wish(chance, world, name, set(NAMES))
    if user.get("state", "present") == "present":
        facet = chance.choice(sorted(world.facets))
        if facet not in user and entries(chance, world, facet):
            user.update(facet_options(chance, world, facet))
    return {
        option: value for option, value in user.items() if option not in ("update_password", "restore", "keep_passkeys")
    }


def _scenario(bench: Bench, report: Report, chance: random.Random, scenario: Scenario) -> None:
    """Kill a scenario at one of its requests."""
    prepare_scenario(bench, scenario)
    mark, params = bench.simulator.last, {**scenario.params, "max_concurrency": 1}
    bench.run(scenario.module, params)
    requests = len(bench.simulator.requests(since=mark))
    wanted = bench.view(scenario.provider)
    number, moment = chance.randrange(1, requests + 1), chance.choice(("before", "after"))
    prepare_scenario(bench, scenario)
    if not killed(bench, scenario.module, params, number, moment):
        report.fail(f"{scenario.title}: it ended before request {number}")
        return
    report.counts["kills"] += 1
    result = bench.run(scenario.module, params)
    place = f"{scenario.title}; killed {moment} request {number}"
    if result.get("failed"):
        report.fail(f"{place}: the rerun fails: {result['msg']}")
    elif bench.view(scenario.provider) != wanted:
        report.fail(f"{place}: after the rerun {difference(wanted, bench.view(scenario.provider))}")


def _file(bench: Bench, report: Report, chance: random.Random, module: str, params: dict[str, Any]) -> None:
    """Kill a module that writes a secret to a file: the rerun leaves a valid secret there, or warns that it is lost."""
    with tempfile.TemporaryDirectory() as folder:
        dest = pathlib.Path(folder, "secret")
        given = {**params, "dest": str(dest)}
        bench.reset()
        mark = bench.simulator.last
        bench.run(module, given)
        requests = len(bench.simulator.requests(since=mark))
        dest.unlink()
        bench.reset()
        number, moment = chance.randrange(1, requests + 1), chance.choice(("before", "after"))
        place = f"{module} {params}; killed {moment} request {number} of {requests}"
        if not killed(bench, module, given, number, moment):
            report.fail(f"{place}: it ended before")
            return
        report.counts["kills"] += 1
        result = bench.run(module, given)
        lost = any(notice["code"] == "lost_secret" for notice in result.get("warning_details") or ())
        secret = dest.read_text(encoding="utf-8").strip() if dest.exists() else ""
        if result.get("failed"):
            report.fail(f"{place}: the rerun fails: {result['msg']}")
        elif not lost and not _valid(bench, module, secret):
            report.fail(f"{place}: the file holds no valid secret")
        elif set(os.listdir(folder)) - {"secret"}:
            report.fail(f"{place}: files are left: {os.listdir(folder)}")
        elif bench.run(module, given).get("changed"):
            report.fail(f"{place}: a second rerun is not quiet")


def _valid(bench: Bench, module: str, secret: str) -> bool:
    """Return whether a secret is that of a token of the name, of which there are no more than the lost one besides."""
    state = bench.simulator.state(module.split("_")[0])
    digest = hashlib.sha256(secret.encode()).hexdigest()
    if module == "onelogin_api_token":
        return bool(secret)
    rows = [
        row
        for row in (*state.get("tokens", ()), *state.get("apikeys", ()))
        if "ci" in (row.get("name"), row.get("description"))
    ]
    return len(rows) <= 2 and any(digest.startswith(row.get("sha256_prefix") or row["apikey_sha256"]) for row in rows)


def judge(bench: Bench, case: Case, report: Report | None = None) -> str:
    """Run a case undisturbed; then kill it, and run it again.

    Return what is wrong, its kind first, or an empty text.
    """
    module, provider = case["module"], case["provider"]
    params = {**case["params"], "max_concurrency": case.get("workers", 1)}
    prepare(bench, case)
    mark = bench.simulator.last
    if bench.run(module, params).get("failed"):
        return ""
    requests = len(bench.simulator.requests(since=mark))
    wanted = bench.view(provider)
    number = 1 + int(case.get("at", 0.5) * requests)
    prepare(bench, case)
    if not killed(bench, module, params, min(number, requests), case.get("moment", "before")):
        return "" if case.get("workers", 1) > 1 else "the run has fewer requests than before: it ended"
    if report is not None:
        report.counts["kills"] += 1
    result = bench.run(module, params)
    place = f"{case.get('moment')} request {number} of {requests}"
    if wrong(result) or result.get("failed"):
        return (
            f"the rerun fails {[error.get('code') for error in result.get('errors') or ()]}: {place}, {result['msg']}"
        )
    after = bench.view(provider)
    people = WORLDS[provider].read(bench.simulator.state(provider))
    twice = list(_twice(people))
    if twice:
        return f"something is there twice: {place}, {twice}"
    if after != wanted:
        return f"the rerun ends otherwise: {place}, {difference(wanted, after)}"
    mark = bench.simulator.last
    second = bench.run(module, params)
    if second.get("failed") or second["changed"]:
        return f"a second rerun is not quiet: {place}, {second.get('msg') or second.get('diff')}"
    return ""


def _twice(people: list[Any]) -> Iterator[str]:
    """Give the names and bindings that are there twice."""
    names = [fold(person.name) for person in people if not person.deleted]
    yield from {name for name in names if names.count(name) > 1}
    for person in people:
        bindings = person.document.get("held", [])
        yield from {binding for binding in bindings if bindings.count(binding) > 1}


def killed(bench: Bench, module: str, params: dict[str, Any], number: int, moment: str) -> bool:
    """Run a module in a process and kill it at its n-th request. Return whether it got as far as that.

    ``moment`` says whether that request still has its effect. Later ones, of other threads, have none.
    """
    simulator = bench.simulator
    faults = [{"nth": number, "count": 1, "hang": moment}, {"nth": number, "count": 0, "hang": "before"}]
    simulator.clear_faults()
    simulator.faults(faults)
    child = os.fork()
    if child == 0:
        try:
            bench.run(module, params, timeout=60)
        finally:
            os._exit(0)
    reached = False
    while not reached:
        if os.waitpid(child, os.WNOHANG)[0]:
            break
        reached = any(fault["used"] for fault in simulator.control("GET", "faults")["faults"])
    if reached:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    simulator.clear_faults()
    return reached
