# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OneLogin: roles of users, custom attributes, state, lock, logout, passwords."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from simulator.harness import Simulator
from simulator.tests.rawclient import Client

SALTED = {"password_algorithm": "salt+sha256", "password_salt": "pepper"}


@pytest.fixture
def ada(sim: Simulator) -> dict[str, Any]:
    return sim.put_users([{"username": "ada", "email": "ada@example.com", "firstname": "Ada", "lastname": "Lovelace"}])[
        0
    ]


def state_of(sim: Simulator, user: dict[str, Any]) -> dict[str, Any]:
    return next(item for item in sim.state("onelogin")["users"] if item["id"] == user["id"])


def test_role_deltas_are_strict(sim: Simulator, api: Client, ada: dict[str, Any]) -> None:
    path = f"/api/1/users/{ada['id']}"
    assert api.get(f"{path}/roles").data == [[]]
    reply = api.put(f"{path}/add_roles", {"role_id_array": [410001, 410004]})
    assert (reply.status, reply.json["status"]["type"]) == (200, "success")
    assert api.get(f"{path}/roles").data == [[410001, 410004]]
    assert "already included as user roles" in api.put(f"{path}/add_roles", {"role_id_array": [410002, 410001]}).message
    assert (
        "is not included as user roles" in api.put(f"{path}/remove_roles", {"role_id_array": [410001, 410002]}).message
    )
    assert state_of(sim, ada)["role_names"] == ["2024", "Default"]
    for ids in ([], [5], ["410002"], [True], "410002", None, [-1]):
        assert api.put(f"{path}/add_roles", {"role_id_array": ids}).status == 400, ids
    assert "should be a subset of" in api.put(f"{path}/add_roles", {"role_id_array": [5]}).message
    assert api.put(f"{path}/add_roles", {}).status == 400
    assert api.put(f"{path}/remove_roles", {"role_id_array": [410001]}).status == 200
    assert api.get(f"{path}/roles").data == [[410004]]
    assert api.get(path).data[0]["role_id"] == [410004]


def test_bare_roles_are_flat(sim: Simulator, bare: Client) -> None:
    user = sim.put_users([{"username": "ada", "roles": ["2024"]}])[0]
    assert bare.get(f"/api/1/users/{user['id']}/roles").data == [410004]
    reply = bare.put(f"/api/1/users/{user['id']}/remove_roles", {"role_id_array": [410004]})
    assert reply.json == {"error": False, "code": 200, "type": "success", "message": "Success"}
    reply = bare.put(f"/api/1/users/{user['id']}/remove_roles", {"role_id_array": [410004]})
    assert (reply.status, sorted(reply.json)) == (400, ["code", "error", "message", "type"])


def test_mapped_roles_survive(sim: Simulator, api: Client) -> None:
    user = sim.put_users([{"username": "ada", "roles": ["Default"], "mapped_roles": ["Snowflake"]}])[0]
    assert api.put(f"/api/1/users/{user['id']}/remove_roles", {"role_id_array": [410001, 410002]}).status == 200
    assert api.get(f"/api/1/users/{user['id']}/roles").data == [[410002]]
    assert api.delete("/api/2/roles/410002/users", [user["id"]]).status == 204
    assert state_of(sim, user)["role_sources"] == {"410002": "mapping"}


def test_mappings_run_after_the_answer(sim: Simulator, api: Client) -> None:
    sim.options(
        onelogin={"mappings": [{"field": "department", "value": "Data", "role": "Snowflake"}], "mapping_delay": 60}
    )
    new = {"email": "x@example.com", "department": "Data"}
    late = api.post("/api/2/users", new).json
    assert late["role_ids"] == []
    assert api.get(f"/api/2/users/{late['id']}").json["role_ids"] == []
    sim.clock(61)
    assert api.get(f"/api/2/users/{late['id']}").json["role_ids"] == [410002]
    assert api.post("/api/2/users?mappings=sync", {**new, "email": "y@example.com"}).json["role_ids"] == [410002]
    never = api.post("/api/2/users?mappings=disabled", {**new, "email": "z@example.com"}).json
    sim.clock(61)
    assert api.get(f"/api/2/users/{never['id']}").json["role_ids"] == []


def test_custom_attributes(sim: Simulator, api: Client, ada: dict[str, Any]) -> None:
    path = f"/api/1/users/{ada['id']}"
    assert api.get("/api/1/users/custom_attributes").data == [["employee_id", "cost_center", "badge"]]
    assert (
        api.put(f"{path}/set_custom_attributes", {"custom_attributes": {"badge": "1", "cost_center": "2"}}).status
        == 200
    )
    assert (
        api.put(f"{path}/set_custom_attributes", {"custom_attributes": {"badge": "", "employee_id": "E1"}}).status
        == 200
    )
    assert api.get(path).data[0]["custom_attributes"] == {"cost_center": "2", "employee_id": "E1"}
    reply = api.put(f"{path}/set_custom_attributes", {"custom_attributes": {"nonsense": "1", "badge": "9"}})
    assert reply.status == 400
    assert (
        reply.message["description"] == "nonsense not found. Valid custom attributes: badge, cost_center, employee_id"
    )
    wrong: tuple[Any, ...] = ({}, {"badge": 1}, {"badge": None}, [], None)
    for value in wrong:
        assert api.put(f"{path}/set_custom_attributes", {"custom_attributes": value}).status == 400, value
    assert state_of(sim, ada)["custom_attributes"] == {"cost_center": "2", "employee_id": "E1"}


@pytest.mark.parametrize(("mode", "left"), [("replace", {"badge": "1"}), ("merge", {"badge": "1", "cost_center": "2"})])
def test_v2_custom_attributes(sim: Simulator, api: Client, mode: str, left: dict[str, str]) -> None:
    sim.options(onelogin={"v2_custom_attributes": mode})
    user = sim.put_users([{"username": "ada", "custom_attributes": {"cost_center": "2"}}])[0]
    assert (
        api.put(f"/api/2/users/{user['id']}", {"custom_attributes": {"badge": "1"}}).json["custom_attributes"] == left
    )
    assert api.put(f"/api/2/users/{user['id']}", {"title": "x"}).json["custom_attributes"] == left
    assert api.put(f"/api/2/users/{user['id']}", {"custom_attributes": {"nonsense": "1"}}).status == 400


def test_set_state(sim: Simulator, api: Client, ada: dict[str, Any]) -> None:
    path = f"/api/1/users/{ada['id']}/set_state"
    assert api.put(path, {"state": 1}).message == "user is already in this state"
    assert api.put(path, {"state": 3}).status == 200
    assert api.put(f"/api/1/users/{ada['id']}", {"state": 1}).status == 400
    for state in (2, 0, 4, "1", None, True):
        assert "state is invalid" in str(api.put(path, {"state": state}).message), state
    assert api.put(path, {"state": 1}).status == 200
    assert api.put(path, {"state": 0}).status == 400
    assert state_of(sim, ada)["state"] == 1


def test_lock(sim: Simulator, api: Client, ada: dict[str, Any]) -> None:
    path = f"/api/1/users/{ada['id']}"
    assert api.put(f"{path}/lock_user", {"locked_until": 5}).status == 200
    locked = api.get(path).data[0]
    assert locked["status"] == 3
    sim.clock(29 * 60)
    assert api.get(path).data[0]["status"] == 3
    sim.clock(61)
    free = api.get(path).data[0]
    assert (free["status"], free["locked_until"]) == (1, None)
    api.put(f"{path}/lock_user", {"locked_until": 600})
    assert api.put(path, {"status": 1}).data[0]["status"] == 1
    sim.options(onelogin={"lock_policy_minutes": 0})
    api.put(f"{path}/lock_user", {"locked_until": 0})
    sim.clock(10**7)
    api.get_token()
    assert state_of(sim, ada)["status"] == 3
    for value in (-1, "5", None, 1.5):
        assert api.put(f"{path}/lock_user", {"locked_until": value}, ).status in (400, 401)


def test_unlock(sim: Simulator, api: Client, ada: dict[str, Any]) -> None:
    path = f"/api/2/users/{ada['id']}/unlock"
    assert (api.post(path).status, api.post(path).json["message"]) == (422, "User cannot be unlocked")
    api.put(f"/api/1/users/{ada['id']}/lock_user", {"locked_until": 600})
    reply = api.post(path)
    assert (reply.status, reply.json) == (200, {"messsage": "User unlocked"})
    assert state_of(sim, ada)["status"] == 1
    assert api.post("/api/2/users/5/unlock").status == 404


def test_a_lock_gives_the_old_status_back(sim: Simulator, api: Client) -> None:
    user = sim.put_users([{"username": "ada", "status": 2}])[0]
    api.put(f"/api/1/users/{user['id']}/lock_user", {"locked_until": 60})
    sim.clock(3601)
    assert state_of(sim, user)["status"] == 2


def test_logout(sim: Simulator, api: Client, ada: dict[str, Any]) -> None:
    assert api.put(f"/api/1/users/{ada['id']}/logout").status == 200
    assert api.put(f"/api/1/users/{ada['id']}/logout", {}).status == 200
    assert api.put(f"/api/1/users/{ada['id']}/logout", []).status == 400
    assert state_of(sim, ada)["logouts"] == 2


def test_clear_text_password(sim: Simulator, api: Client) -> None:
    user = sim.put_users([{"username": "ada", "status": 7}])[0]
    path = f"/api/1/users/set_password_clear_text/{user['id']}"
    good = {"password": "correct horse", "password_confirmation": "correct horse"}
    for body in (
        {**good, "password_confirmation": "x"},
        {"password": "x"},
        {**good, "validate_policy": "no"},
        {"password": "", "password_confirmation": ""},
        {"password": "short", "password_confirmation": "short", "validate_policy": True},
        {**good, "nonsense": 1},
    ):
        assert api.put(path, body).status == 400, body
    assert state_of(sim, user)["password"] is None
    assert api.put(path, {**good, "validate_policy": True}).status == 200
    after = state_of(sim, user)
    assert after["password"] == {
        "method": "clear_text",
        "salt": None,
        "sha256": hashlib.sha256(b"correct horse").hexdigest(),
    }
    assert (after["status"], "password_changed_at" in after) == (1, True)
    assert api.put("/api/1/users/set_password_clear_text/5", good).status == 404


def test_salted_password(sim: Simulator, api: Client, ada: dict[str, Any]) -> None:
    path = f"/api/1/users/set_password_using_salt/{ada['id']}"
    value = hashlib.sha256(b"pepper" + b"correct horse").hexdigest()
    good = {"password": value, "password_confirmation": value, **SALTED}
    upper = {"password": value.upper(), "password_confirmation": value.upper()}
    plain = {"password": "correct horse", "password_confirmation": "correct horse"}
    for change in (
        {"password_algorithm": "bcrypt"},
        {"password_algorithm": None},
        {"password_salt": "x" * 41},
        {"password_salt": 5},
        upper,
        plain,
        {"password_confirmation": "0" * 64},
    ):
        assert api.put(path, {**good, **change}).status == 400, change
    assert api.put(path, good).status == 200
    assert state_of(sim, ada)["password"] == {"method": "salt+sha256", "salt": "pepper", "hash": value}


def test_apps(sim: Simulator, api: Client) -> None:
    user = sim.put_users([{"username": "ada", "roles": ["Snowflake", "GitHub"]}])[0]
    assert [app["name"] for app in api.get(f"/api/1/users/{user['id']}/apps").data] == ["Snowflake", "GitHub"]
    assert [app["name"] for app in api.get(f"/api/2/users/{user['id']}/apps?ignore_visibility=true").json] == [
        "Snowflake",
        "GitHub",
    ]
