# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OneLogin: /api/2 users, and the roles and groups of both versions."""

from __future__ import annotations

import hashlib

from simulator.harness import Simulator
from simulator.tests.rawclient import Client


def test_v2_life_of_a_user(sim: Simulator, api: Client) -> None:
    reply = api.post(
        "/api/2/users", {"username": "ada", "password": "correct horse", "password_confirmation": "correct horse"}
    )
    assert reply.status == 201
    user = reply.json
    assert (user["status"], user["username"]) == (1, "ada")
    assert "password" not in user
    kept = sim.state("onelogin")["users"][0]["password"]
    assert kept["sha256"] == hashlib.sha256(b"correct horse").hexdigest()
    path = f"/api/2/users/{user['id']}"
    assert api.put(path, {"status": 2, "role_ids": [410001, 410002]}).json["role_ids"] == [410001, 410002]
    changed = api.put(path, {"role_ids": [410003]}).json
    assert (changed["role_ids"], changed["status"]) == ([410003], 2)
    assert api.put(path, {"role_ids": [5]}).status == 422
    assert api.put(path, {"status": 3}).json["status"] == 3
    reply = api.delete(path)
    assert (reply.status, reply.body) == (204, b"")
    reply = api.get(path)
    assert (reply.status, reply.json) == (
        404,
        {"statusCode": 404, "name": "NotFoundError", "message": "User not found"},
    )


def test_v2_create_refusals(sim: Simulator, api: Client) -> None:
    reply = api.post("/api/2/users", {"firstname": "Ada"})
    assert (reply.status, len(reply.json["errors"])) == (422, 2)
    api.post("/api/2/users", {"username": "ada"})
    sim.options(onelogin={"taken_status": 422})
    reply = api.post("/api/2/users", {"username": "Ada"})
    assert (reply.status, reply.json["field"]) == (422, "username")
    for body in (
        {"password": "x"},
        {"password": "x", "password_confirmation": "y"},
        {"password": 5},
        {"salt": "s", "password": "x", "password_confirmation": "x"},
        {"password": "x", "password_confirmation": "x", "password_algorithm": "rot13"},
        {"openid_name": "x"},
        {"notes": "x"},
        {"group_id": 5},
    ):
        assert api.post("/api/2/users", {"username": "bob", **body}).status in (400, 422), body
    short = {"username": "bob", "password": "x", "password_confirmation": "x"}
    assert api.post("/api/2/users?validate_policy=true", short).status == 400
    assert api.post("/api/2/users", short).status == 400, "version 2 validates unless it is sent false"
    assert api.post("/api/2/users?validate_policy=false", {**short, "username": "cem"}).status == 201
    salted = {"password": "0" * 64, "password_confirmation": "0" * 64, "password_algorithm": "salt+sha256", "salt": "s"}
    assert api.post("/api/2/users", {"username": "bob", **salted}).status == 201


def test_role_lists(sim: Simulator, api: Client) -> None:
    first = api.get("/api/1/roles").json
    assert len(first["data"]) == 50
    second = api.get(f"/api/1/roles?after_cursor={first['pagination']['after_cursor']}").json
    assert second["pagination"]["after_cursor"] is None
    names = [role["name"] for role in first["data"] + second["data"]]
    assert len(names) == 61
    assert {"2024", "R&D + Ops / 50%", "研究", "Finance", "finance"} <= set(names)
    assert names.count("Twice") == 2
    assert [
        len(api.get(f"/api/2/roles{query}").json) for query in ("", "?limit=650", "?limit=9999", "?limit=50&page=2")
    ] == [50, 61, 61, 11]
    after = api.get("/api/2/roles").headers["after-cursor"]
    assert len(api.get(f"/api/2/roles?cursor={after}").json) == 11


def test_roles_by_name(sim: Simulator, api: Client) -> None:
    for name, count in (
        ("2024", 1),
        ("R%26D%20%2B%20Ops%20%2F%2050%25", 1),
        ("finance", 2),
        ("Twice", 2),
        ("team-*", 40),
        ("nobody", 0),
    ):
        assert len(api.get(f"/api/1/roles?name={name}").data) == count, name
        assert len(api.get(f"/api/2/roles?name={name}").json) == count, name
    assert api.get("/api/1/roles?id=410004").data == [{"id": 410004, "name": "2024"}]
    assert api.get("/api/1/roles?sort=-name&limit=1").data[0]["name"] == "研究"
    assert api.get("/api/1/roles?fields=nonsense").status == 400
    assert api.get("/api/2/roles?role_name=2024").status == 400


def test_role_details(sim: Simulator, api: Client) -> None:
    user = sim.put_users([{"username": "ada", "roles": ["Snowflake"]}])[0]
    assert api.get("/api/1/roles/410002").data == [{"id": 410002, "name": "Snowflake"}]
    assert api.get("/api/2/roles/410002").json == {
        "id": 410002,
        "name": "Snowflake",
        "apps": [510001],
        "users": [user["id"]],
        "admins": [],
    }
    assert api.get("/api/2/roles?name=Snowflake&fields=users,apps").json == [
        {"id": 410002, "name": "Snowflake", "users": [user["id"]], "apps": [510001]}
    ]
    assert [
        len(api.get(f"/api/2/roles?{query}").json) for query in ("app_id=510001", "app_name=snow*", "fields=users")
    ] == [1, 1, 50]
    assert api.get("/api/2/roles?fields=name").status == 400
    assert api.get("/api/1/roles/5").status == api.get("/api/2/roles/5").status == 404


def test_role_users(sim: Simulator, api: Client) -> None:
    ids = [
        user["id"] for user in sim.put_users([{"username": name, "firstname": name} for name in ("ada", "bob", "cem")])
    ]
    path = "/api/2/roles/410004/users"
    assert api.post(path, ids[:2]).json == [{"id": ids[0]}, {"id": ids[1]}]
    assert [user["username"] for user in api.get(path).json] == ["ada", "bob"]
    assert [user["assigned"] for user in api.get(f"{path}?include_unassigned=true").json] == [True, True, False]
    assert [user["username"] for user in api.get(f"{path}?name=b*").json] == ["bob"]
    reply = api.delete(path, {"users": ids})
    assert (reply.status, reply.json["description"]) == (400, "Expected array in request")
    assert api.post(path, {"users": ids}).status == 400
    assert api.post(path, [5]).status == 422
    assert api.post(path, ["5"]).status == 400
    assert api.delete(path, ids[:1]).status == 204
    assert api.get(f"/api/1/users/{ids[0]}/roles").data == [[]]
    assert api.get(f"/api/1/users/{ids[1]}/roles").data == [[410004]]
    assert api.post("/api/2/roles/5/users", ids).status == 404
    # A user who is gone is gone from the role too.
    api.delete(f"/api/1/users/{ids[1]}")
    assert api.get(path).json == []


def test_groups(sim: Simulator, api: Client) -> None:
    assert [group["name"] for group in api.get("/api/1/groups").data] == [
        "Default", "Engineering", "Contractors", "2024", "Ops / EU + UK",
    ]
    page = api.get("/api/1/groups?limit=2").json
    assert [
        group["id"]
        for group in api.get(f"/api/1/groups?limit=2&after_cursor={page['pagination']['after_cursor']}").data
    ] == [310003, 310004]
    assert api.get("/api/1/groups/310002").data[0]["name"] == "Engineering"
    assert api.get("/api/1/groups/5").status == 404


def test_attribute_fields(sim: Simulator, api: Client) -> None:
    fields = api.get("/api/2/users/custom_attributes").json
    assert fields[0] == {"id": 1, "name": "Employee ID", "shortname": "employee_id", "position": 0}


def test_put_other_state(sim: Simulator, api: Client) -> None:
    role = sim.put("roles", [{"name": "Twice"}])[0]
    assert len(api.get("/api/1/roles?name=Twice").data) == 3
    group = sim.put("groups", [{"name": "New"}])[0]
    sim.put("custom_attributes", [{"shortname": "shoe_size"}])
    user = sim.put_users(
        [
            {
                "username": "a",
                "email": "same@example.com",
                "roles": [role["id"]],
                "group_id": group["id"],
                "locked_for": 60,
            }
        ]
    )[0]
    sim.put_users([{"username": "b", "email": "same@example.com", "custom_attributes": {"hat": "7"}}])
    assert [item["id"] for item in api.get("/api/1/users?email=same@example.com").data] == [user["id"], user["id"] + 1]
    assert user["status"] == 3
    sim.put_users([{"id": user["id"], "username": "renamed"}])
    assert api.get("/api/1/users?username=a").data == []
    assert api.get("/api/1/users?username=renamed").data[0]["role_id"] == [role["id"]]
    assert api.get("/api/1/users/custom_attributes").data[0][-2:] == ["shoe_size", "hat"]
