# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module of every provider, through both front ends: check mode, real run, second run, requests, secrets."""

from __future__ import annotations

import functools
import importlib
import pathlib
import pkgutil
from typing import Any

import cases
import pytest
import yaml
from playbooks import FRONT_ENDS, ROOT, Playbooks, Run
from scenarios import Scenario, play

CASES = [importlib.import_module(f"cases.{module.name}") for module in pkgutil.iter_modules(cases.__path__)]
ALL = [
    pytest.param(case.PROVIDER, scenario, id=f"{scenario.module}-{scenario.name}".replace(" ", "_"))
    for case in CASES
    for scenario in case.SCENARIOS
]
OF_CORE = {"changed", "failed", "invocation", "warnings", "warning_details", "diff", "censored", "deprecations"}
"""Keys that every result may have, documented by Ansible itself."""
RESERVED = {"results", "skipped", "items", "keys", "rc", "exception", "ansible_facts", "stdout", "stderr"}


@pytest.mark.parametrize(("provider", "scenario"), ALL)
def test_life(provider: str, scenario: Scenario, playbooks: Playbooks) -> None:
    _assert_documented(scenario, play(scenario, playbooks, provider))


def _assert_documented(scenario: Scenario, run: Run) -> None:
    """The result's keys are those of the RETURN documentation, and none is one of core's own."""
    for outcome in run.outcomes:
        if outcome.name == "registered":
            continue
        step = next(step for step in scenario.steps if outcome.name.startswith(step.name + ": "))
        shown = {key for key in outcome.result if not key.startswith("_ansible")} - OF_CORE
        assert shown <= returned(step.module or scenario.module), outcome.name
        assert not shown & RESERVED, outcome.name
        if "censored" not in outcome.result:
            assert promised(step.module or scenario.module) <= shown | OF_CORE, outcome.name


@functools.cache
def documented(module: str) -> dict[str, Any]:
    """Return the RETURN documentation of a module."""
    loaded = importlib.import_module(f"ansible_collections.rollcall.identity.plugins.modules.{module}")
    return yaml.safe_load(loaded.RETURN) or {}


def returned(module: str) -> set[str]:
    """Return all keys that a module's documentation names."""
    return set(documented(module))


def promised(module: str) -> set[str]:
    """Return the keys that it promises for every success."""
    return {name for name, about in documented(module).items() if about["returned"] in ("always", "success")}


def test_every_module_has_a_scenario() -> None:
    # The jobs run on the controller alone: test_role_*.py and test_jobs*.py.
    modules = {
        path.stem
        for path in pathlib.Path(ROOT, "plugins", "modules").glob("*.py")
        if not path.stem.startswith("identity_")
    }
    assert modules
    both = [scenario for case in CASES for scenario in case.SCENARIOS if set(scenario.front_ends) == set(FRONT_ENDS)]
    assert modules == {step.module or scenario.module for scenario in both for step in scenario.steps}
