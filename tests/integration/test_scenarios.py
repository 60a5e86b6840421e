# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module of every provider, through both front ends: check mode, real run, second run, requests, secrets."""

from __future__ import annotations

import importlib
import pathlib
import pkgutil

import cases
import pytest
from playbooks import FRONT_ENDS, ROOT, Playbooks
from scenarios import Scenario, assert_documented, play

CASES = [importlib.import_module(f"cases.{module.name}") for module in pkgutil.iter_modules(cases.__path__)]
ALL = [
    pytest.param(case.PROVIDER, scenario, id=f"{scenario.module}-{scenario.name}".replace(" ", "_"))
    for case in CASES
    for scenario in case.SCENARIOS
]


@pytest.mark.parametrize(("provider", "scenario"), ALL)
def test_life(provider: str, scenario: Scenario, playbooks: Playbooks) -> None:
    assert_documented(scenario, play(scenario, playbooks, provider))


def test_every_module_has_a_scenario() -> None:
    # The jobs run on the controller alone: test_role_*.py and test_jobs*.py. SCIM's scenarios run
    # against real servers: tests/scim.
    modules = {
        path.stem
        for path in pathlib.Path(ROOT, "plugins", "modules").glob("*.py")
        if not path.stem.startswith(("identity_", "scim_"))
    }
    assert modules
    both = [scenario for case in CASES for scenario in case.SCENARIOS if set(scenario.front_ends) == set(FRONT_ENDS)]
    assert modules == {step.module or scenario.module for scenario in both for step in scenario.steps}
