# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""identity_call runs a module with what a connection says, and with nobody else's credentials."""

from __future__ import annotations

from typing import Any

import pytest
from playbooks import FRONT_ENDS, Playbooks
from scenarios import assert_silent

from simulator.harness import Simulator

CALL = "rollcall.identity.identity_call"


def call(task: str, connection: Any, module: Any = "user_info", **more: Any) -> dict[str, Any]:
    """Return a task that may fail."""
    return {"name": task, CALL: {"connection": connection, "module": module, **more}, "ignore_errors": True}


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_a_module_runs_with_a_connection(front_end: str, simulator: Simulator, playbooks: Playbooks) -> None:
    simulator.reset(seed_users=3)
    own = {"client_id": simulator.env["ONELOGIN_CLIENT_ID"], "client_secret": simulator.env["ONELOGIN_CLIENT_SECRET"]}
    users = [{"user": "user0001", "title": "Countess"}, {"user": "user0002"}]
    plain = {"provider": "onelogin"}
    there = {**plain, "api_url": simulator.env["ONELOGIN_API_URL"]}
    mistaken = {**plain, "protekt": ["x"]}
    run = playbooks.run(
        [
            call("environment", plain, name="ol"),
            {**call("planned", plain, "users", options={"users": users}, changes=True), "check_mode": True},
            call("done", {**there, "credentials": own, "protect": ["x"]}, "users", options={"users": users}, changes=True),
            call("again", plain, "users", options={"users": users}, changes=True),
            call("half", {**there, "credentials": {"client_id": "theirs"}}),
            call("address", {**plain, "credentials": own}),
            call("wrong", {**there, "credentials": {**own, "client_secret": "canary-wrong"}}, on_error="report", name="bad"),
            {
                "name": "defaults", "module_defaults": {"rollcall.identity.onelogin_user_info": {"user": "user0003"}}, "block": [call("defaulted", plain)],
            },
            call("a token", plain, "api_token"),
            {**call("each", "{{ item }}", on_error="report"), "loop": [mistaken, plain]},
        ],
        front_end,
    )  # fmt: skip
    assert run["environment"].result["connection"] == "ol" and len(run["environment"].result["users"]) == 3
    planned, done = run["planned"].result, run["done"].result
    assert planned["changes"] == done["changes"] == [
        {"before_header": "user0001", "after_header": "user0001", "before": {"title": done["changes"][0]["before"]["title"]}, "after": {"title": "Countess"}}
    ]
    assert run["planned"].writes == [] and len(run["done"].writes) == 1
    assert run["again"].result["changed"] is False and run["again"].result["changes"] == []
    assert run["half"].failed, "the environment's secret does not go with somebody else's name"
    assert run["half"].requests == []
    assert run["half"].message.endswith("so those of the environment are ignored: specify all of them in the connection.")
    assert len(run["address"].result["users"]) == 3, "the address may be the environment's"
    wrong = run["wrong"]
    assert not wrong.failed and "Could not log in" in wrong.result["error"] and wrong.result["connection"] == "bad"
    assert [user["user"] for user in run["defaulted"].result["users"]] == ["user0003"]
    assert run["a token"].result["changed"] is False
    bad, good = run["each"].result["results"]
    assert "protekt is no option of onelogin's modules; near names: protect." in bad["error"] and not bad["failed"]
    assert len(good["users"]) == 3, "one wrong connection does not keep the others from their turn"
    assert_silent(run, ("canary-wrong", own["client_secret"]))


MISTAKES: list[tuple[Any, dict[str, Any], str]] = [
    ({"provider": "okta"}, {}, "'okta' is none of contabo"),
    ({}, {}, "connection.provider is missing"),
    ("ol", {}, "is not a mapping"),
    ({"provider": "onelogin", "api_urll": "x"}, {}, "api_urll is no option of onelogin's modules"),
    ({"provider": "onelogin", "credentials": {"api_key": "x"}}, {}, "credentials.api_key is no connection option"),
    ({"provider": "onelogin"}, {"module": "usr"}, "There is no module rollcall.identity.onelogin_usr"),
    ({"provider": "onelogin"}, {"tenant": "x"}, "Unsupported parameters"),
]


def test_mistakes(simulator: Simulator, playbooks: Playbooks) -> None:
    run = playbooks.run([call(f"mistake {number}", connection, **more) for number, (connection, more, _told) in enumerate(MISTAKES)])
    for number, (_connection, _more, told) in enumerate(MISTAKES):
        outcome = run[f"mistake {number}"]
        assert outcome.failed and outcome.requests == []
        assert told in outcome.message
