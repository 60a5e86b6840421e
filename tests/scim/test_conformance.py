# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The conformance checks and scenarios of the other providers, against real servers."""

from __future__ import annotations

import pathlib
from collections.abc import Callable

import pytest
from conformance import CHECKS
from conftest import Open
from playbooks import FRONT_ENDS, ROOT, Playbooks
from proxy import World
from scenarios import Scenario, assert_documented, play
from scim_cases import CONFORMANCE, PROVIDER, SCENARIOS


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("server", CONFORMANCE)
def test_conformance(server: str, check: str, open_world: Open, play_on: Callable[[World], Playbooks]) -> None:
    CHECKS[check](CONFORMANCE[server], play_on(open_world(server)))


@pytest.mark.parametrize(
    "scenario", SCENARIOS, ids=lambda scenario: f"{scenario.module}-{scenario.name}".replace(" ", "_")
)
def test_life(scenario: Scenario, playbooks: Playbooks) -> None:
    assert_documented(scenario, play(scenario, playbooks, PROVIDER))


def test_every_module_has_a_scenario() -> None:
    modules = {path.stem for path in pathlib.Path(ROOT, "plugins", "modules").glob("scim_*.py")}
    assert all(set(scenario.front_ends) == set(FRONT_ENDS) for scenario in SCENARIOS)
    assert modules == {step.module or scenario.module for scenario in SCENARIOS for step in scenario.steps}
