# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random arguments of every module, in check mode: each is accepted or refused with a code, and nothing is written."""

from __future__ import annotations

import copy
import importlib
import pathlib
import random
from collections.abc import Mapping
from typing import Any

from engine import _MODULES, Bench, Report, wrong
from scenarios import SCENARIOS, Scenario

PLUGINS = pathlib.Path(__file__).resolve().parents[2] / "plugins"
MODULES = sorted(
    path.stem for path in (PLUGINS / "modules").glob("*_*.py") if not path.stem.startswith(("identity_", "__"))
)
USER = "user0001@example.com"
TEXTS = (
    "",
    " ",
    "x",
    USER,
    "user0002",
    "USER0001@EXAMPLE.COM",
    "0",
    "007",
    "..",
    "a/b",
    "a\nb",
    "\ufeff",
    "K\u212a",
    "weiß",
    "2024",
    "30d",
    "P1D",
    "5%",
    "*",
    "x" * 3000,
    "\ud800",
    "présent",
    "present",
    "absent",
)
ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 10**20, 1.5, [], {}, [[]], [None], [{}], {"name": "x"}, {"id": 1},
    {"id": "1", "name": "2024"}, ["2024", "2024"],
)  # fmt: skip


def value(chance: random.Random, option: Mapping[str, Any]) -> Any:
    """Return a value for an option: mostly one that its type accepts."""
    if chance.random() < 0.15:
        return chance.choice(ODD)
    if option.get("choices") and chance.random() < 0.8:
        choice = chance.choice(option["choices"])
        return [choice] if option["type"] == "list" else choice
    kind = option.get("type", "str")
    if kind == "bool":
        return chance.choice((True, False, "yes", "maybe"))
    if kind == "int":
        return chance.choice((0, 1, 5, 100, -1, "7", "x"))
    if kind == "dict":
        inner = option.get("options")
        return arguments(chance, inner, 3) if inner else {chance.choice(TEXTS): chance.choice((*TEXTS, 5, None, True))}
    if kind == "list":
        inner = option.get("options")
        if inner:
            return [
                {"user": chance.choice((USER, "new@example.com", *TEXTS)), **arguments(chance, inner, 3)}
                for _number in range(chance.randrange(3))
            ]
        return [chance.choice((*TEXTS, *ODD)) for _number in range(chance.randrange(3))]
    return chance.choice(TEXTS)


def arguments(chance: random.Random, options: Mapping[str, Mapping[str, Any]], most: int) -> dict[str, Any]:
    """Return values for some of the options."""
    names = [name for name in options if "fallback" not in options[name] or chance.random() < 0.05]
    return {
        name: value(chance, options[name]) for name in chance.sample(names, min(len(names), chance.randrange(most + 1)))
    }


def changed(chance: random.Random, scenario: Scenario, options: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the arguments of a scenario with one or two of them changed, added or left out, at any depth of a list of
    users."""
    params = copy.deepcopy(scenario.params)
    for _number in range(chance.randrange(1, 3)):
        place, known = params, options
        if params.get("users") and isinstance(params["users"], list) and chance.random() < 0.8:
            place, known = chance.choice(params["users"]), options["users"]["options"]
        if not isinstance(place, dict):  # the other change has made it something else
            continue
        names = [name for name in known if "fallback" not in known[name]]
        name = chance.choice(sorted(place)) if place and chance.random() < 0.5 else chance.choice(names)
        if name in place and chance.random() < 0.1:
            del place[name]
        elif name in known:
            place[name] = value(chance, known[name])
    return params


def run(bench: Bench, report: Report, chance: random.Random, share: float) -> None:
    """Run every module with random arguments, and with those of a scenario of which some are random,
    some times each."""
    bench.reset()
    for module in MODULES:
        options = importlib.import_module(_MODULES + module).TASK.options
        for _time in range(max(1, round(20 * share))):
            if report.over:
                return
            scenarios = [scenario for scenario in SCENARIOS if scenario.module == module]
            if scenarios and chance.random() < 0.6:
                params = changed(chance, chance.choice(scenarios), options)
            else:
                params = arguments(chance, options, 6)
                if "user" in options and chance.random() < 0.7:
                    params["user"] = USER
            mark = bench.simulator.last
            try:
                text = wrong(bench.run(module, params, check=True))
            except Exception as error:  # what leaves a module otherwise is a traceback
                text = f"{type(error).__name__}: {error}"
            report.counts["arguments"] += 1
            if text or bench.simulator.writes(since=mark):
                report.fail(f"{module} {ascii(params)[:600]}: {text or 'check mode has written'}")
