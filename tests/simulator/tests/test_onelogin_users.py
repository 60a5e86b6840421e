# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OneLogin: users on /api/1 in both forms, lists and paging."""

from __future__ import annotations

import re
from typing import Any

import pytest

from simulator.harness import Simulator
from simulator.tests.rawclient import Client

NEW = {"firstname": "Ada", "lastname": "Lovelace", "email": "Ada@Example.com", "username": "ada"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def test_v1_life_of_a_user(sim: Simulator, api: Client) -> None:
    reply = api.post("/api/1/users", {**NEW, "notes": "n", "locale_code": "en"})
    assert reply.status == 200
    assert reply.json["status"] == {"error": False, "code": 200, "type": "success", "message": "Success"}
    user = reply.data[0]
    assert (user["status"], user["state"], user["role_id"], user["comment"], user["locale_code"]) == (
        0,
        1,
        [],
        "n",
        "en",
    )
    assert TIME.fullmatch(user["created_at"])
    path = f"/api/1/users/{user['id']}"
    assert api.get(path).data == [user]
    sim.clock(5)
    changed = api.put(path, {"lastname": "King", "title": "Countess", "comment": None}).data[0]
    assert (changed["firstname"], changed["lastname"], changed["title"]) == ("Ada", "King", "Countess")
    assert changed["comment"] is None
    assert changed["updated_at"] > user["updated_at"]
    assert api.put(path, {"title": ""}).data[0]["title"] is None
    reply = api.delete(path)
    assert (reply.status, reply.json["status"]["type"]) == (200, "success")
    assert api.get(path).status == api.delete(path).status == api.put(path, {"title": "x"}).status == 404


def test_bare_life_of_a_user(sim: Simulator, bare: Client) -> None:
    reply = bare.post(
        "/api/1/users",
        {**NEW, "preferred_locale_code": "en", "role_ids": [410002], "custom_attributes": {"badge": "7"}},
    )
    assert reply.status == 201
    user = reply.json
    assert (user["status"], user["role_ids"], user["custom_attributes"], user["preferred_locale_code"]) == (
        7,
        [410002],
        {"badge": "7"},
        "en",
    )
    path = f"/api/1/users/{user['id']}"
    assert bare.get(path).json == user
    assert bare.get("/api/1/users").json == [user]
    assert bare.put(path, {"status": 1}).json["status"] == 1
    reply = bare.delete(path)
    assert (reply.status, reply.body) == (204, b"")
    reply = bare.get(path)
    assert (reply.status, reply.json["code"], reply.json["message"]) == (404, 404, "User not found")


@pytest.mark.parametrize(
    ("body", "attribute"),
    [
        ({**NEW, "firstname": ""}, "firstname"),
        ({key: value for key, value in NEW.items() if key != "email"}, "email"),
        ({**NEW, "password": "x"}, "password"),
        ({**NEW, "status": 1}, "status"),
        ({**NEW, "state": 1}, "state"),
        ({**NEW, "role_ids": [1]}, "role_ids"),
        ({**NEW, "role_id": [1]}, "role_id"),
        ({**NEW, "custom_attributes": {}}, "custom_attributes"),
        ({**NEW, "title": 5}, "title"),
        ({**NEW, "group_id": "310001"}, "group_id"),
        ({**NEW, "group_id": 5}, "group_id"),
        ({**NEW, "group_id": True}, "group_id"),
        ({**NEW, "nonsense": 1}, "nonsense"),
        ({**NEW, "created_at": "x"}, "created_at"),
        ({**NEW, "email": "nobody"}, "email"),
        ({**NEW, "preferred_locale_code": "en"}, "preferred_locale_code"),
    ],
)
def test_v1_create_refusals(sim: Simulator, api: Client, body: dict[str, Any], attribute: str) -> None:
    reply = api.post("/api/1/users", body)
    assert (reply.status, reply.message["attribute"]) == (400, attribute)
    assert sim.state("onelogin")["users"] == []


def test_bodies_that_are_no_objects(sim: Simulator, api: Client) -> None:
    headers = {"Authorization": f"bearer {api.token}", "Content-Type": "application/json"}
    for body in (b"", b"[]", b"{", b'{"a": NaN}', b"\xff"):
        assert api.raw("POST", "/api/1/users", body, headers).status == 400
    assert api.raw("POST", "/api/1/users", b"{}", {**headers, "Content-Type": "text/plain"}).status == 400


@pytest.mark.parametrize("status", [400, 422])
def test_duplicates(sim: Simulator, api: Client, status: int) -> None:
    sim.options(onelogin={"taken_status": status})
    api.post("/api/1/users", NEW)
    for change in (
        {"email": "other@example.com", "username": "ADA"},
        {"email": "ADA@example.COM", "username": "other"},
    ):
        reply = api.post("/api/1/users", {**NEW, **change})
        assert reply.status == status
        assert "unique" in reply.message["description"]
    other = api.post("/api/1/users", {**NEW, "email": "b@example.com", "username": "b"}).data[0]
    assert api.put(f"/api/1/users/{other['id']}", {"email": "ada@example.com"}).status == status
    assert api.put(f"/api/1/users/{other['id']}", {"email": "B@example.com"}).data[0]["email"] == "B@example.com"


def test_update_refusals(sim: Simulator, api: Client) -> None:
    user = sim.put_users([{**NEW, "state": 3}])[0]
    path = f"/api/1/users/{user['id']}"
    for body in (
        {"status": 6},
        {"status": "1"},
        {"state": 1},
        {"username": None},
        {"email": ""},
        {"id": 5},
        {"custom_attributes": {"badge": "1"}},
    ):
        assert api.put(path, body).status == 400, body
    assert api.put("/api/1/users/abc", {}).message == {"attribute": "id", "description": "ID is incorrect"}
    assert api.put("/api/2/users/abc", {}).json["message"] == "ID is incorrect"
    assert api.get("/api/1/users/-1").status == 400


def test_directory_users_keep_their_profile(sim: Simulator, api: Client) -> None:
    user = sim.put_users([{**NEW, "directory_id": 7}])[0]
    path = f"/api/1/users/{user['id']}"
    reply = api.put(path, {"lastname": "King"})
    assert (reply.status, reply.message["attribute"]) == (400, "lastname")
    assert api.put(path, {"lastname": "Lovelace", "comment": "x", "status": 2}).status == 200
    assert api.put(path.replace("/1/", "/2/"), {"lastname": "King"}).status == 422


def test_empty_fields_as_null_and_lists_without_custom_attributes(sim: Simulator, api: Client) -> None:
    sim.put_users([NEW])
    listed = api.get("/api/1/users").data[0]
    assert listed["title"] is listed["locked_until"] is None
    sim.options(onelogin={"empty_fields": "absent", "list_custom_attributes": False})
    listed = api.get("/api/1/users").data[0]
    assert "title" not in listed
    assert "custom_attributes" not in listed
    assert api.get(f"/api/1/users/{listed['id']}").data[0]["custom_attributes"] == {}


# Lists ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "sizes"), [(0, [0]), (1, [1]), (49, [49]), (50, [50]), (51, [50, 1]), (101, [50, 50, 1])]
)
def test_v1_paging(sim: Simulator, api: Client, count: int, sizes: list[int]) -> None:
    sim.reset(seed_users=count)
    path: str | None = "/api/1/users"
    pages = []
    while path:
        value = api.get(path).json
        pages.append(value["data"])
        after = value["pagination"]["after_cursor"]
        assert (value["pagination"]["before_cursor"] is None) is (len(pages) == 1)
        path = f"/api/1/users?after_cursor={after}" if after else None
    assert [len(page) for page in pages] == sizes
    ids = [user["id"] for page in pages for user in page]
    assert len(ids) == len(set(ids)) == count


@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 101])
@pytest.mark.parametrize("by", ["cursor", "page"])
def test_header_paging(sim: Simulator, bare: Client, count: int, by: str) -> None:
    sim.reset(seed_users=count, onelogin={"wire": "bare"})
    ids: list[int] = []
    query, number = "?limit=50", 1
    while True:
        reply = bare.get(f"/api/1/users{query}")
        ids += [user["id"] for user in reply.json]
        assert reply.headers["total-count"] == str(count)
        assert reply.headers["current-page"] == str(number)
        assert ("before-cursor" in reply.headers) is (number > 1)
        if "after-cursor" not in reply.headers:
            break
        number += 1
        query = f"?cursor={reply.headers['after-cursor']}" if by == "cursor" else f"?limit=50&page={number}"
    assert len(ids) == len(set(ids)) == count
    assert bare.get("/api/1/users?page=99").json == []


def test_going_back_and_deleting_in_between(sim: Simulator, api: Client) -> None:
    sim.reset(seed_users=9)
    first = api.get("/api/1/users?limit=3").json
    second = api.get(f"/api/1/users?limit=3&after_cursor={first['pagination']['after_cursor']}").json
    back = api.get(f"/api/1/users?limit=3&before_cursor={second['pagination']['before_cursor']}").json
    assert back["data"] == first["data"]
    assert api.get(second["pagination"]["next_link"].split("/onelogin")[1]).data[0]["username"] == "user0007"
    api.delete(f"/api/1/users/{first['data'][-1]['id']}")
    again = api.get(f"/api/1/users?limit=3&after_cursor={first['pagination']['after_cursor']}").json
    assert again["data"] == second["data"]


def test_wrong_cursors_and_limits(sim: Simulator, api: Client) -> None:
    sim.reset(seed_users=60)
    after = api.get("/api/1/users").json["pagination"]["after_cursor"]
    for query in (
        "after_cursor=x", f"after_cursor={after}x", f"email=*&after_cursor={after}", f"before_cursor={after}",
        "limit=0", "limit=x", "limit=-1",
    ):
        assert api.get(f"/api/1/users?{query}").status == 400, query
    assert api.get(f"/api/1/roles?after_cursor={after}").status == 400
    assert len(api.get("/api/1/users?limit=500").data) == 50


def test_v2_cursor_excludes_pages(sim: Simulator, api: Client) -> None:
    sim.reset(seed_users=60)
    after = api.get("/api/2/users?limit=20").headers["after-cursor"]
    assert len(api.get(f"/api/2/users?cursor={after}").json) == 20
    for extra in ("limit=20", "page=2"):
        reply = api.get(f"/api/2/users?cursor={after}&{extra}")
        assert (reply.status, reply.json["description"]) == (
            400,
            "Requests can only have cursor xor pagination arguments",
        )
    assert api.get("/api/2/users?cursor=nonsense").status == 400


PEOPLE: list[dict[str, Any]] = [
    {**NEW, "department": "Data", "external_id": "x1", "custom_attributes": {"badge": "7"}},
    {
        "username": "ada2",
        "email": "ADA@example.com",
        "firstname": "Ada",
        "lastname": "Zwei",
        "directory_id": 9,
        "roles": ["Snowflake"],
    },
    {
        "username": "bob",
        "email": "bob@example.org",
        "firstname": "Bob",
        "lastname": "Ross",
        "roles": ["Snowflake", "2024"],
    },
]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("email=ada@example.com", ["ada", "ada2"]),
        ("username=ADA", ["ada"]),
        ("username=ad", []),
        ("username=ada*", ["ada", "ada2"]),
        ("email=*@example.org", ["bob"]),
        ("username=!ada", ["ada2", "bob"]),
        ("email=!*.org", ["ada", "ada2"]),
        ("firstname=ada&lastname=z*", ["ada2"]),
        ("directory_id=9", ["ada2"]),
        ("external_id=x1", ["ada"]),
        ("role_id=410002", ["ada2", "bob"]),
        ("role_id=410004&email=bob*", ["bob"]),
        ("role_id=1", []),
        ("id=100001", ["ada"]),
        ("sort=-id", ["bob", "ada2", "ada"]),
        ("sort=%2Blastname", ["ada", "bob", "ada2"]),
        ("sort=+username", ["ada", "ada2", "bob"]),
        ("since=2000-01-01", ["ada", "ada2", "bob"]),
        ("until=2000-01-01T00:00:00.000Z", []),
    ],
)
def test_v1_filters(sim: Simulator, api: Client, query: str, names: list[str]) -> None:
    sim.put_users(PEOPLE)
    assert [user["username"] for user in api.get(f"/api/1/users?{query}").data] == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("user_ids=100001,100003,5", ["ada", "bob"]),
        ("custom_attributes.badge=7", ["ada"]),
        ("created_since=2000-01-01", ["ada", "ada2", "bob"]),
        ("last_login_since=2000-01-01", []),
        ("updated_until=2000-01-01", []),
        ("app_id=510001", ["ada2", "bob"]),
        ("sort=-username", ["bob", "ada2", "ada"]),
        ("email=ADA@EXAMPLE.COM", ["ada", "ada2"]),
    ],
)
def test_v2_filters(sim: Simulator, api: Client, query: str, names: list[str]) -> None:
    sim.put_users(PEOPLE)
    assert [user["username"] for user in api.get(f"/api/2/users?{query}").json] == names


def test_fields(sim: Simulator, api: Client) -> None:
    sim.put_users([NEW])
    assert api.get("/api/1/users?fields=username,role_id").data == [{"id": 100001, "username": "ada", "role_id": []}]
    assert api.get("/api/2/users?fields=username,role_ids").json == [{"id": 100001, "username": "ada", "role_ids": []}]
    assert api.get("/api/1/users?fields=username,%20role_id%20").data == [
        {"id": 100001, "username": "ada", "role_id": []}
    ]
    assert api.get("/api/2/users?fields=username,+role_ids").json == [{"id": 100001, "username": "ada", "role_ids": []}]
    assert api.get("/api/1/users?fields=role_ids").status == 400


def test_what_v1_documents_as_text(sim: Simulator, api: Client) -> None:
    """The documentation of version 1 types group and directory as texts, though its samples show numbers."""
    path = f"/api/1/users/{sim.put_users([NEW])[0]['id']}"
    assert api.put(path, {"group_id": 310001}).data[0]["group_id"] == 310001
    for kind, shown in (("string", "310002"), ("string_input", 310002)):
        sim.options(onelogin={"v1_id_type": kind})
        refused = api.put(path, {"group_id": 310002})
        assert (refused.status, refused.message) == (
            400,
            {"attribute": "group_id", "description": "has incorrect data type. It should be -> String"},
        )
        assert api.put(path, {"group_id": "310002"}).data[0]["group_id"] == shown
    assert api.put(path.replace("/1/", "/2/"), {"group_id": 310001}).status == 200


@pytest.mark.parametrize(("mode", "taken", "refused"), [("null", None, ""), ("empty", "", None)])
def test_what_clears_a_text(sim: Simulator, api: Client, mode: str, taken: Any, refused: Any) -> None:
    sim.options(onelogin={"clears_with": mode})
    path = f"/api/1/users/{sim.put_users([{**NEW, 'title': 'x'}])[0]['id']}"
    assert api.put(path, {"title": refused}).status == 400
    assert api.put(path, {"title": taken}).data[0]["title"] is None


@pytest.mark.parametrize(
    "query",
    [
        "nonsense=1", "email=a&email=b", "page=1", "cursor=x", "user_ids=1", "app_id=1", "id=x", "since=yesterday",
        "sort=nonsense",
    ],
)
def test_v1_query_refusals(sim: Simulator, api: Client, query: str) -> None:
    assert api.get(f"/api/1/users?{query}").status == 400


def test_query_refusals_elsewhere(sim: Simulator, api: Client) -> None:
    assert api.get("/api/2/users?after_cursor=x").status == 400
    wrong = {"status": 400, "error": "BadRequestError", "description": "Invalid pagination cursor"}
    assert api.get("/api/2/users?cursor=x").json == wrong
    assert api.get("/api/2/users?custom_attributes.nonsense=1").status == 400
    assert api.get("/api/2/users?user_ids=1,x").status == 400
    assert api.post("/api/1/users?mappings=sync", NEW).status == 400
    assert api.get("/api/1/users/1/apps?ignore_visibility=true").status == 400
    assert api.post("/api/2/users?mappings=later", NEW).status == 400
    assert api.post("/api/2/users?validate_policy=maybe", NEW).status == 400


def test_company(sim: Simulator, api: Client) -> None:
    sim.reset(preset="company")
    users = {user["username"]: user for user in api.get("/api/1/users").data}
    assert len(users) == 12
    assert users["ada.lovelace"]["email"] == "Ada.Lovelace@Example.com"
    assert users["alan.turing"]["status"] == 2
    assert users["katherine.johnson"]["status"] == 3
    assert users["edsger.dijkstra"]["directory_id"] == 7001
    sources = next(user for user in sim.state("onelogin")["users"] if user["username"] == "barbara.liskov")[
        "role_sources"
    ]
    assert sorted(sources.values()) == ["manual", "manual", "mapping"]
