# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How jobs call modules: each connection with its own credentials and nobody else's, and one that is wrong does not stop the others."""

from __future__ import annotations

from typing import Any

import pytest
from playbooks import Playbooks
from scenarios import assert_silent

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.calls import Caller, ModuleCall, error_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame
from simulator.harness import Simulator

ADA = "ada@example.com"


@pytest.fixture
def simulator(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """Three users everywhere; the credentials are those of the environment."""
    simulator.reset(seed_users=3)
    for name, value in simulator.env.items():
        monkeypatch.setenv(name, value)
    return simulator


def test_calls_of_connections(simulator: Simulator) -> None:
    own = {"client_id": simulator.env["ONELOGIN_CLIENT_ID"], "client_secret": simulator.env["ONELOGIN_CLIENT_SECRET"]}
    plain = {"provider": "onelogin", "api_retries": 0}
    connections: dict[str, dict[str, Any]] = {
        "environment": plain,
        "address": {**plain, "credentials": own},
        "half": {**plain, "credentials": {"client_id": own["client_id"]}},
        "top": {**plain, "client_id": own["client_id"], "credentials": {"client_secret": ""}},
        "wrong": {**plain, "credentials": {**own, "client_secret": "canary-wrong"}},
        "dead": {**plain, "api_url": "http://127.0.0.1:9"},
        "other": {"provider": "kestra"},
    }
    answers = dict(zip(connections, Caller(connections, Frame()).answers([ModuleCall(name, "user_info", {}) for name in connections]), strict=True))
    failed = {name for name, answer in answers.items() if error_of(answer)}
    assert failed == {"half", "top", "wrong", "dead"}
    assert [len(answers[name]["users"]) for name in ("environment", "address")] == [3, 3], "the address may be the environment's"
    for name in ("half", "top"):
        assert error_of(answers[name]).endswith("so those of the environment are ignored: specify all of them in the connection.")
    assert "Could not log in" in error_of(answers["wrong"])
    assert "canary" not in str(answers)
    assert own["client_secret"] not in str(answers)


def test_half_of_the_credentials_sends_nothing(simulator: Simulator) -> None:
    caller = Caller({"half": {"provider": "onelogin", "credentials": {"client_id": "theirs"}}}, Frame())
    assert caller.answer(ModuleCall("half", "user_info", {}))["code"] == "missing_credentials"
    assert simulator.requests(provider="onelogin") == []


def test_module_defaults_of_a_provider(simulator: Simulator) -> None:
    """They count for its modules, apart from credentials where the connection has its own."""
    own = {"client_id": simulator.env["ONELOGIN_CLIENT_ID"], "client_secret": simulator.env["ONELOGIN_CLIENT_SECRET"]}
    defaults = {"onelogin_user_info": {"user": "user0003", "access_token": "canary-of-defaults", "page_size": 7}}
    frame = Frame(defaults=lambda module: defaults.get(module, {}))
    caller = Caller({"own": {"provider": "onelogin", "credentials": own}, "none": {"provider": "onelogin", "api_retries": 0}}, frame)
    mine, theirs = caller.answers([ModuleCall(name, "user_info", {}) for name in ("own", "none")])
    assert [user["user"] for user in mine["users"]] == ["user0003"]
    assert theirs["failed"], "without credentials of its own, those of module_defaults count"
    assert "canary" not in str(theirs)


def test_calls_of_one_connection_log_in_once(simulator: Simulator) -> None:
    caller = Caller({"ol": {"provider": "onelogin"}}, Frame())
    for _time in range(2):
        assert not any(error_of(answer) for answer in caller.answers([ModuleCall("ol", "user_info", {}), ModuleCall("ol", "role_info", {})]))
    assert [request["operation"] for request in simulator.requests(provider="onelogin")].count("generate_token") == 1


def test_module_defaults_of_a_play(simulator: Simulator, playbooks: Playbooks) -> None:
    """The action takes them from groups and modules, and no result shows a secret of theirs."""
    simulator.put("users", [{"email": ADA}], provider="kestra")
    address = {"provider": "kestra", "api_url": simulator.env["KESTRA_API_URL"], "api_retries": 0}
    own = {**address, "credentials": {"api_token": simulator.env["KESTRA_API_TOKEN"]}}
    task = {
        "name": "plan",
        "rollcall.identity.identity_token_rotation": {
            "step": "plan", "connections": {"own": own, "none": address}, "dest": ".",
            "tokens": [{"connection": name, "user": ADA, "name": "ci", "rotate_after": "30d"} for name in ("own", "none")],
        },
    }
    defaults = {"rollcall.identity.kestra_api_token": {"api_token": "canary-of-defaults"}, "group/rollcall.identity.kestra": {"description": "ours"}}
    run = playbooks.run([{"name": "with defaults", "module_defaults": defaults, "block": [task]}], env={"KESTRA_API_TOKEN": ""})
    plan = {planned["connection"]: planned for planned in run["plan"].result["plan"]}
    assert {name: planned["action"] for name, planned in plan.items()} == {"own": "make", "none": "fail"}
    assert "401" in plan["none"]["detail"]
    assert run["plan"].given == ["step"]
    assert_silent(run, ("canary-of-defaults", simulator.env["KESTRA_API_TOKEN"]))
