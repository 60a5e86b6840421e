# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How jobs call modules: each connection with its own credentials and nobody else's, and one
that is wrong does not stop the others."""

from __future__ import annotations

import collections
import pathlib
from typing import Any

import pytest
from jobs import arguments_of, ok
from playbooks import Playbooks
from scenarios import assert_silent

from ansible_collections.rollcall.identity.plugins.modules.identity_offboard import SPEC
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.calls import Caller, ModuleCall, error_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.offboard.job import run_offboard
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame
from simulator.harness import Simulator

ADA = "ada@example.com"

pytestmark = pytest.mark.in_process(users=3)


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
    answers = dict(
        zip(
            connections,
            Caller(connections, Frame()).answers([ModuleCall(name, "user_info", {}) for name in connections]),
            strict=True,
        )
    )
    failed = {name for name, answer in answers.items() if error_of(answer)}
    assert failed == {"half", "top", "wrong", "dead"}
    assert [len(answers[name]["users"]) for name in ("environment", "address")] == [3, 3], (
        "the address may be the environment's"
    )
    assert error_of(answers["half"]).endswith(
        "so it ignores those in the environment: set all of its credentials in the connection."
    )
    assert error_of(answers["top"]).startswith("client_secret is empty."), "it never stands for the environment"
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
    caller = Caller(
        {"own": {"provider": "onelogin", "credentials": own}, "none": {"provider": "onelogin", "api_retries": 0}}, frame
    )
    mine, theirs = caller.answers([ModuleCall(name, "user_info", {}) for name in ("own", "none")])
    assert [user["user"] for user in mine["users"]] == ["user0003"]
    assert theirs["failed"], "without credentials of its own, those of module_defaults count"
    assert "canary" not in str(theirs)


def test_calls_of_one_connection_log_in_once(simulator: Simulator) -> None:
    caller = Caller({"ol": {"provider": "onelogin"}}, Frame())
    for _time in range(2):
        assert not any(
            error_of(answer)
            for answer in caller.answers([ModuleCall("ol", "user_info", {}), ModuleCall("ol", "role_info", {})])
        )
    assert [request["operation"] for request in simulator.requests(provider="onelogin")].count("generate_token") == 1


def test_module_defaults_of_a_play(simulator: Simulator, playbooks: Playbooks) -> None:
    """The action takes them from groups and modules, and no result shows a secret of theirs."""
    simulator.put("users", [{"email": ADA}], provider="kestra")
    address = {"provider": "kestra", "api_url": simulator.env["KESTRA_API_URL"], "api_retries": 0}
    own = {**address, "credentials": {"api_token": simulator.env["KESTRA_API_TOKEN"]}}
    task = {
        "name": "plan",
        "rollcall.identity.identity_token_rotation": {
            "step": "plan",
            "connections": {"own": own, "none": address},
            "dest": ".",
            "tokens": [
                {"connection": name, "user": ADA, "name": "ci", "rotate_after": "30d"} for name in ("own", "none")
            ],
        },
    }
    defaults = {
        "rollcall.identity.kestra_api_token": {"api_token": "canary-of-defaults"},
        "group/rollcall.identity.kestra": {"description": "ours"},
    }
    run = playbooks.run(
        [{"name": "with defaults", "module_defaults": defaults, "block": [task]}], env={"KESTRA_API_TOKEN": ""}
    )
    plan = {planned["connection"]: planned for planned in run["plan"].result["plan"]}
    assert {name: planned["action"] for name, planned in plan.items()} == {"own": "make", "none": "fail"}
    assert "401" in plan["none"]["detail"]
    assert run["plan"].given == ["step"]
    assert_silent(run, ("canary-of-defaults", simulator.env["KESTRA_API_TOKEN"]))


OFFBOARDING = {
    # Found by both of its names, with the names of roles; blocked, logged out, roles taken, a look whether a mapping
    # keeps one; read as proof.
    "onelogin": {
        "generate_token": 1, "list_users": 2, "get_role_by_name": 2, "update_user2": 1, "log_out_user": 1,
        "remove_user_role": 1, "get_user_roles": 1, "get_user_by_id": 1,
    },
    # Found with everything; what a block takes away is read right before; sessions before and after, read as proof with
    # grants and tokens.
    "kestra": {
        "list_users": 1,
        "get_user": 1 + 1 + 1,
        "search_groups": 2,
        "find": 1,
        "search_bindings": 2 + 2 + 2,
        "list_api_tokens1": 1 + 1 + 1,
        "get_current_user": 1,
        "delete_refresh_token": 2,
        "delete_api_token1": 1,
        "update_user": 1,
    },
    # Found; blocked, and a look whether that came true; roles read, as they are replaced, taken, and a look; read as
    # proof.
    "contabo": {
        "get_token": 1,
        "retrieve_user_list": 1,
        "retrieve_role_list": 1,
        "update_user": 2,
        "retrieve_user": 1 + 2 + 1,
    },
}


def offboard(simulator: Simulator, folder: pathlib.Path) -> dict[str, collections.Counter[str]]:
    """Offboard Ada in three connections and return the calls of each provider."""
    arguments = {
        "connections": {
            "ol": {"provider": "onelogin", "user_key": "email"},
            "kes": {"provider": "kestra"},
            "co": {"provider": "contabo"},
        },
        "people": [{"id": "E1", "name": "Ada Lovelace", "email": ADA, "status": "left"}],
        "person": "E1",
        "proof_wait": 0,
        "dest": str(folder),
    }
    mark = simulator.last
    ok(run_offboard(arguments_of(SPEC, arguments), Frame(folder=str(folder)), lambda seconds: None))
    return {
        name: collections.Counter(request["operation"] for request in simulator.requests(provider=name, since=mark))
        for name in OFFBOARDING
    }


def test_an_offboarding_reads_nothing_twice_for_nothing(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    simulator.put_users(
        [{"username": ADA, "email": ADA, "firstname": "Ada", "lastname": "Lovelace", "roles": ["Snowflake"]}]
    )
    simulator.put_users(
        [{"email": ADA, "groups": ["data", {"tenant": "acme-eu", "name": "sales"}], "sessions": 1}], "kestra"
    )
    simulator.put("tokens", [{"owner": ADA, "name": "ci", "value": "canary-token-of-ada"}], "kestra")
    simulator.put_users([{"email": ADA, "enabled": True, "roles": ["Snowflake"]}], "contabo")
    assert offboard(simulator, tmp_path) == OFFBOARDING
    again = offboard(simulator, tmp_path)
    assert again["onelogin"] == {"generate_token": 1, "list_users": 2, "get_role_by_name": 2}
    assert again["contabo"] == {"get_token": 1, "retrieve_user_list": 1, "retrieve_role_list": 1}


def test_a_call_takes_an_account_as_the_calls_before_it_left_it(simulator: Simulator) -> None:
    simulator.put_users(
        [{"username": ADA, "email": ADA, "firstname": "Ada", "lastname": "Lovelace", "roles": ["Snowflake"]}]
    )
    for remembers in (True, False):
        caller = Caller({"ol": {"provider": "onelogin"}}, Frame(), remembers=remembers)
        (user,) = caller.answer(ModuleCall("ol", "user_info", {"user": ADA, "gather": ["roles"]}))["users"]
        who = {"id": user["id"]}
        given = caller.answer(ModuleCall("ol", "user_roles", {**who, "roles": ["GitHub"], "state": "present"}))
        assert not error_of(given), given
        mark = simulator.last
        cleared = caller.answer(ModuleCall("ol", "user_roles", {**who, "roles": [], "state": "exact"}))
        assert cleared["user"]["roles"] == []
        removed = [request for request in simulator.writes(since=mark) if request["operation"] == "remove_user_role"]
        assert len(removed) == 1
        reads = [request["operation"] for request in simulator.requests(provider="onelogin", since=mark)].count(
            "get_user_by_id"
        )
        assert reads == (0 if remembers else 1)
        assert caller.answer(ModuleCall("ol", "user_info", {**who, "gather": ["roles"]}))["users"][0]["roles"] == [], (
            "what is shown is read"
        )
        assert not error_of(caller.answer(ModuleCall("ol", "user_roles", {**who, "roles": ["Snowflake"]})))


def test_an_account_whose_write_failed_is_read_again(simulator: Simulator) -> None:
    simulator.put_users([{"username": ADA, "email": ADA, "firstname": "Ada", "lastname": "Lovelace"}])
    caller = Caller({"ol": {"provider": "onelogin", "api_retries": 0}}, Frame(), remembers=True)
    (user,) = caller.answer(ModuleCall("ol", "user_info", {"user": ADA}))["users"]
    simulator.faults([{"provider": "onelogin", "operation": "update_user", "count": 1, "status": 422}])
    assert error_of(caller.answer(ModuleCall("ol", "user", {"id": user["id"], "title": "Lead"})))
    mark = simulator.last
    assert not error_of(caller.answer(ModuleCall("ol", "user", {"id": user["id"], "title": "Lead"})))
    assert [request["operation"] for request in simulator.requests(provider="onelogin", since=mark)] == [
        "get_user_by_id",
        "update_user",
    ]
