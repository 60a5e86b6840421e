# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The conformance checks and scenarios of the other providers, against real servers."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from typing import Any

import pytest
from conformance import CHECKS
from conftest import Open
from playbooks import FRONT_ENDS, ROOT, Playbooks
from proxy import World
from scenarios import Scenario, assert_documented, play
from scim_cases import CONFORMANCE, LIVES, PROVIDER


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("server", CONFORMANCE)
def test_conformance(server: str, check: str, open_world: Open, play_on: Callable[[World], Playbooks]) -> None:
    CHECKS[check](CONFORMANCE[server], play_on(open_world(server)))


@pytest.mark.parametrize(
    ("server", "scenario"),
    [
        pytest.param(server, life, id=f"{server}-{life.module}-{life.name}".replace(" ", "_"))
        for server, lives in LIVES.items()
        for life in lives
    ],
)
def test_life(server: str, scenario: Scenario, open_world: Open, play_on: Callable[[World], Playbooks]) -> None:
    assert_documented(scenario, play(scenario, play_on(open_world(server)), PROVIDER))


@pytest.mark.parametrize("server", LIVES)
def test_every_module_has_a_scenario(server: str) -> None:
    modules = {path.stem for path in pathlib.Path(ROOT, "plugins", "modules").glob("scim_*.py")}
    lives = LIVES[server]
    assert all(set(scenario.front_ends) == set(FRONT_ENDS) for scenario in lives)
    assert modules == {step.module or scenario.module for scenario in lives for step in scenario.steps}


def test_what_canaille_cannot_do_is_a_clear_error(open_world: Open, play_on: Callable[[World], Playbooks]) -> None:
    """In both front ends, before anything is written."""
    ada = {"user": "ada@example.com"}
    impossible: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
        "another name": (
            "scim_user", {"user": "king@example.com", "previous_users": [ada["user"]]},
            ("user_name cannot be changed", "immutable"),
        ),
        "a field that it does not have": ("scim_user", {**ada, "cost_center": "C"}, ("costCenter", "Remove")),
        "an attribute that it does not have": (
            "scim_user_attributes", {**ada, "attributes": {"urn:example:2.0:User:badge": "7"}},
            ("badge", "not in the server's schemas"),
        ),
        "a part that it keeps": (
            "scim_user_attributes", {**ada, "attributes": {"addresses": [{"locality": "London", "country": "GB"}]}},
            ("attributes.addresses contains country", "read-only"),
        ),
        "a filter": (
            "scim_user_info", {"filters": {"expression": "title pr"}}, ("does not support filters", "Remove it"),
        ),
    }  # fmt: skip
    tasks = [
        {"name": name, f"rollcall.identity.{module}": args, "ignore_errors": True}
        for name, (module, args, _texts) in impossible.items()
    ]

    def prepare(world: Any) -> None:
        world.reset()
        world.put_users([{"userName": ada["user"], "active": True}], PROVIDER)

    runs = play_on(open_world("canaille")).run_both(dict.fromkeys(FRONT_ENDS, tasks), prepare, PROVIDER)
    for run in runs.values():
        for name, (_module, _args, texts) in impossible.items():
            assert run[name].failed and run[name].writes == [], name
            assert [text for text in texts if text not in run[name].message] == [], run[name].message
