# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many users, groups, attributes of extensions, and servers with less than everything.

The modules run in this process, over sockets.
"""

from __future__ import annotations

import json
import pathlib
import time
from typing import Any

import pytest
from conftest import Open
from engine import Bench, wrong
from proxy import Request, World
from scim_cases import CONFORMANCE
from servers import ENTERPRISE, USER

from ansible_collections.rollcall.identity.plugins.module_utils._providers.scim.groups import Memberships

BADGE = "urn:example:2.0:User"
FEATURES: dict[str, dict[str, Any]] = {
    "everything": {},
    "no PATCH": {"features": {"patch": False}},
    "no filter": {"features": {"filter": False}},
    "no ETag": {"features": {"etag": False}},
    "nothing": {"features": {"patch": False, "filter": False, "etag": False, "sort": False, "bulk": False}},
    "no ServiceProviderConfig": {"without": ["service_provider_config"]},
    "no Schemas": {"without": ["schemas"]},
    "no ResourceTypes": {"without": ["resource_types"]},
    "no discovery": {"without": ["service_provider_config", "schemas", "resource_types"]},
}


def person(number: int, **more: Any) -> dict[str, Any]:
    """Return a user as a task has it."""
    return {
        "user": f"p{number}@example.com",
        "given_name": "Given",
        "family_name": f"Family{number}",
        "email": f"p{number}@example.com",
        "department": f"D{number % 5}",
        "enabled": True,
        **more,
    }


def attempt(world: World, module: str, *, check: bool = False, **params: Any) -> dict[str, Any]:
    """Run a module and return its result."""
    options = {name.removeprefix("SCIM_").lower(): value for name, value in world.env.items()}
    return Bench(world).run(module, {**options, **params}, check=check, timeout=60)


def run(world: World, module: str, *, check: bool = False, **params: Any) -> dict[str, Any]:
    """Run a module and return its result, which must be a success."""
    result = attempt(world, module, check=check, **params)
    assert not result.get("failed"), result
    return result


def kinds(world: World, mark: int) -> list[str]:
    """Return the operations of the writes since a mark."""
    return [item["operation"] for item in world.writes(since=mark)]


def test_300_users_from_the_first_to_the_last_run(scim2: World) -> None:
    scim2.put("groups", [{"displayName": "Staff"}, {"displayName": "Data"}], "scim")
    users = [person(number, groups=["Staff", "Data"] if number % 2 else ["Staff"]) for number in range(300)]
    foreseen = run(scim2, "scim_users", check=True, users=users)
    assert scim2.writes() == []
    mark = scim2.last
    real = run(scim2, "scim_users", users=users)
    assert (real["summary"]["created"], foreseen["summary"], foreseen["diff"]) == (300, real["summary"], real["diff"])
    sent = kinds(scim2, mark)
    assert sent.count("create_user") == 300
    assert set(sent) == {"create_user", "patch_group"}
    assert [len(scim2.members[name]) for name in ("Staff", "Data")] == [300, 150]
    mark = scim2.last
    again = run(scim2, "scim_users", users=users)
    read = run(scim2, "scim_user_info", gather=["groups", "attributes"])
    given_back = run(scim2, "scim_users", users=read["users"], unlisted="report")
    assert (again["changed"], given_back["changed"], given_back["unlisted"]) == (False, False, [])
    assert scim2.writes(since=mark) == []
    # Nobody's other values are lost by a change, and half of the users go.
    changed = [{"user": user["user"], "title": "T", "groups": [], "groups_state": "exact"} for user in users[:150]]
    mark = scim2.last
    gone = run(
        scim2, "scim_users", users=changed, unlisted="delete", protect=["p29?@*"], delete_limit=140, loss_limit="100%"
    )
    assert (gone["summary"]["updated"], gone["summary"]["deleted"], len(gone["spared"])) == (150, 140, 10)
    assert "put_group" not in kinds(scim2, mark)
    assert len(scim2.rows) == 160
    assert all(row["name"]["givenName"] == "Given" and row[ENTERPRISE]["department"] for row in scim2.rows.values())
    assert not set(scim2.members["Staff"]) & {user["user"] for user in users[:150]}


def test_members_who_wait_for_a_group_travel_together(scim2: World, monkeypatch: pytest.MonkeyPatch) -> None:
    scim2.reset(seed_users=60)
    scim2.put("groups", [{"displayName": "Staff", "members": ["user00001@example.com"]}], "scim")

    write, batches = Memberships._write, []

    def after_the_others(memberships: Memberships, group: str, batch: list[Any]) -> None:
        """Send the first request once all other workers wait for the group."""
        batches.append(len(batch))
        for _pause in range(100_000 if len(batches) == 1 else 0):
            if len(memberships.batches.waiting[group]) == 7:
                break
            time.sleep(0.001)
        write(memberships, group, batch)

    monkeypatch.setattr(Memberships, "_write", after_the_others)
    users = [{"user": name, "groups": ["Staff"]} for name in scim2.rows]
    mark = scim2.last
    result = attempt(scim2, "scim_users", users=users, max_concurrency=8)
    assert not result.get("failed"), result
    requests = scim2.writes(since=mark)
    added = [value for item in requests for change in item["body"]["Operations"] for value in change["value"]]
    assert {item["operation"] for item in requests} == {"patch_group"}
    assert len(added) == 59
    assert batches[0] == 1 and batches[1] >= 7  # the sender of the first one may be back already
    assert len(requests) == len(batches) < 59
    assert len(scim2.members["Staff"]) == 60


def test_a_user_of_a_chunk_who_is_refused_gets_an_error_alone(scim2: World) -> None:
    scim2.put("groups", [{"displayName": "Staff"}], "scim")
    scim2.faults(
        [
            {
                "operation": "patch_group",
                "status": 400,
                "body": {"status": "400", "scimType": "invalidValue", "detail": "not this one"},
            }
        ]
    )
    users = [person(number, groups=["Staff"]) for number in range(6)]
    result = attempt(scim2, "scim_users", users=users)
    again = run(scim2, "scim_users", users=users)
    assert wrong(result) == ""
    assert len(result.get("errors") or ()) <= 1
    assert len(scim2.rows) == len(scim2.members["Staff"]) == 6
    assert len(again["diff"]) <= 1


@pytest.mark.parametrize("server", CONFORMANCE)
def test_groups_on_every_server(server: str, open_world: Open) -> None:
    world = open_world(server)
    world.reset(seed_users=3)
    world.put(
        "groups",
        [
            {"displayName": "Staff", "members": ["user00001@example.com"]},
            {"displayName": "Data", "members": ["user00002@example.com"]},
        ],
        "scim",
    )
    users = [
        {"user": "user00001@example.com", "groups": ["Data"], "groups_state": "exact"},
        {"user": "user00002@example.com", "groups": ["Staff", "Data"]},
        {"user": "user00003@example.com", "title": "T"},
    ]
    foreseen = run(world, "scim_users", check=True, users=users)
    real = run(world, "scim_users", users=users)
    assert foreseen["diff"] == real["diff"]
    assert world.members == {
        "Data": ["user00001@example.com", "user00002@example.com"],
        "Staff": ["user00002@example.com"],
    }
    assert run(world, "scim_users", users=users)["changed"] is False
    # The last member leaves.
    run(world, "scim_user_groups", user="user00002@example.com", groups=["Staff"], state="absent")
    assert world.members["Staff"] == []
    listed = run(world, "scim_role_info", members=True)["groups"]
    assert {group["name"]: sorted(member["user"] for member in group["members"]) for group in listed} == world.members


@pytest.mark.parametrize("features", FEATURES)
def test_server_with_less(features: str, scim2: World) -> None:
    scim2.reset(scim=FEATURES[features])
    _uses_only(_life(scim2), features)


def test_server_with_less_in_fact(scim2: World, open_world: Open, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The server is started without the features, and refuses them."""
    config = scim2.server.call("GET", "/ServiceProviderConfig")
    off = {name: {**config[name], "supported": False} for name in ("patch", "bulk", "filter", "sort", "etag")}
    path = tmp_path_factory.mktemp("config") / "config.json"
    path.write_text(json.dumps({**config, **off, "authenticationSchemes": []}), encoding="utf-8")
    world = open_world("scim2", "--service-provider-config", str(path))
    _uses_only(_life(world), "nothing")


def test_server_with_cursors_alone(scim2: World, open_world: Open, tmp_path_factory: pytest.TempPathFactory) -> None:
    """It pages by cursors (RFC 9865) and refuses startIndex."""
    pages = {"filter": {"supported": True, "maxResults": 50}, "pagination": {"cursor": True, "index": False}}
    config = {**scim2.server.call("GET", "/ServiceProviderConfig"), **pages, "authenticationSchemes": []}
    path = tmp_path_factory.mktemp("config") / "config.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    world = open_world("scim2", "--service-provider-config", str(path))
    world.put_users([{"userName": f"p{number}@example.com", "active": True} for number in range(130)], "scim")
    users = [user["user"] for user in run(world, "scim_user_info")["users"]]
    assert len(users) == len(set(users)) == 130
    assert run(world, "scim_user", user="P7@example.com", title="T")["changed"] is True
    changed = [{"user": name, "title": "U"} for name in users]
    assert run(world, "scim_users", users=changed)["summary"]["updated"] == 130
    assert run(world, "scim_users", users=changed)["changed"] is False
    assert not [request.query for request in world.proxy.requests if "startIndex" in request.query]


def _life(scim2: World) -> list[Request]:
    """Let users come, change, join groups and go; return the requests."""
    mark = len(scim2.proxy.requests)
    scim2.put_users(
        [
            {
                "userName": "Ada@Example.com",
                "nickName": "Countess",
                "title": "Analyst",
                "emails": [
                    {"value": "a@home.example", "type": "home"},
                    {"value": "a@work.example", "type": "work", "primary": True},
                ],
                ENTERPRISE: {"costCenter": "C1", "division": "X"},
                "active": True,
            }
        ],
        "scim",
    )
    scim2.put("groups", [{"displayName": "Staff", "members": ["Ada@Example.com"]}, {"displayName": "Data"}], "scim")
    people = [
        {
            "user": "ada@example.com",
            "title": "Countess",
            "department": "Data",
            "email": "ada@example.com",
            "groups": ["Data"],
            "groups_state": "exact",
        },
        person(1, groups=["Staff"]),
        person(2),
    ]
    foreseen = run(scim2, "scim_users", check=True, users=people, loss_limit="100%")
    real = run(scim2, "scim_users", users=people, loss_limit="100%")
    assert foreseen["diff"] == real["diff"]
    assert run(scim2, "scim_users", users=people)["changed"] is False
    ada = scim2.rows["Ada@Example.com"]
    assert (ada["nickName"], ada["title"]) == ("Countess", "Countess")
    assert ada[ENTERPRISE] == {"costCenter": "C1", "division": "X", "department": "Data"}
    assert sorted(mail["value"] for mail in ada["emails"]) == ["a@home.example", "ada@example.com"]
    assert scim2.members == {"Staff": ["p1@example.com"], "Data": ["Ada@Example.com"]}
    run(scim2, "scim_user", user="ada@example.com", enabled=False, title="")
    run(scim2, "scim_user", user="p2@example.com", state="absent")
    assert "title" not in scim2.rows["Ada@Example.com"]
    assert scim2.rows["Ada@Example.com"]["active"] is False
    assert sorted(scim2.rows) == ["Ada@Example.com", "p1@example.com"]
    return scim2.proxy.requests[mark:]


def _uses_only(sent: list[Request], features: str) -> None:
    """No request uses what the server does not announce."""
    missing = features in ("nothing", "no ServiceProviderConfig", "no discovery")
    if missing or features == "no PATCH":
        assert "PATCH" not in [request.method for request in sent]
    if missing or features == "no filter":
        assert not [request.query for request in sent if "filter=" in request.query]
    if missing or features == "no ETag":
        assert not [request for request in sent if "if-match" in request.headers]
    if features == "everything":
        assert not [request for request in sent if request.method == "PUT"]


@pytest.fixture
def with_badges(open_world: Open, scim2: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A server whose users have an extension of their own."""
    folder = pathlib.Path(tmp_path_factory.getbasetemp()) / "badges"
    folder.mkdir(exist_ok=True)

    def attribute(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
        plain = {
            "multiValued": False,
            "required": False,
            "caseExact": False,
            "mutability": "readWrite",
            "returned": "default",
            "uniqueness": "none",
        }
        return {"name": name, "type": kind, "description": name, **plain, **more}

    extension = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": BADGE,
        "name": "Badge",
        "description": "Badges",
        "attributes": [
            attribute("badge", caseExact=True),
            attribute("colour"),
            attribute("level", "integer"),
            attribute("remote", "boolean"),
            attribute("tags", multiValued=True),
            attribute("pin", mutability="writeOnly", returned="never"),
            attribute("site", "complex", subAttributes=[attribute("city"), attribute("floor", "integer")]),
            attribute("keys", "complex", multiValued=True, subAttributes=[attribute("value"), attribute("type")]),
        ],
    }
    schemas = scim2.server.call("GET", "/Schemas")["Resources"]
    types = scim2.server.call("GET", "/ResourceTypes")["Resources"]
    for row in types:
        if row["schema"] == USER:
            row["schemaExtensions"].append({"schema": BADGE, "required": False})
    files = {"schemas.json": [*schemas, extension], "types.json": types}
    for name, document in files.items():
        (folder / name).write_text(json.dumps(document), encoding="utf-8")
    return open_world("scim2", "--schema", str(folder / "schemas.json"), "--resource-type", str(folder / "types.json"))


BADGES = {
    f"{BADGE}:badge": "B-7",
    f"{BADGE}:colour": "Red",
    f"{BADGE}:level": 3,
    f"{BADGE}:remote": True,
    f"{BADGE}:tags": ["a", "b"],
    f"{BADGE}:site.city": "Zürich",
    f"{BADGE}:keys": [{"value": "k1", "type": "door"}, {"value": "k2"}],
    f"{ENTERPRISE}:costCenter": "C1",
    "nickName": "N",
}


def test_attributes_of_an_extension(with_badges: World) -> None:
    world, user = with_badges, person(1, attributes=BADGES)
    assert run(world, "scim_user", **user)["changed"] is True
    assert world.rows[user["user"]][BADGE] == {
        "badge": "B-7", "colour": "Red", "level": 3, "remote": True, "tags": ["a", "b"], "site": {"city": "Zürich"},
        "keys": [{"value": "k1", "type": "door"}, {"value": "k2"}],
    }  # fmt: skip
    mark = world.last
    same = {
        **BADGES,
        f"{BADGE}:colour": "RED",
        f"{BADGE}:tags": ["b", "a"],
        f"{BADGE}:keys": [{"value": "k2"}, {"value": "k1", "type": "door"}],
        f"{BADGE}:level": "3",
    }
    assert run(world, "scim_user", **{**user, "attributes": same})["changed"] is False
    assert world.writes(since=mark) == []
    (read,) = run(world, "scim_user_info", user=user["user"], gather=["attributes"])["users"]
    assert run(world, "scim_users", users=[read])["changed"] is False


def test_attributes_of_an_extension_are_changed_and_removed(with_badges: World) -> None:
    world, user = with_badges, person(1, attributes=BADGES)["user"]
    run(world, "scim_user", **person(1, attributes=BADGES))
    other = {f"{BADGE}:badge": "b-7", f"{BADGE}:level": 4, f"{BADGE}:remote": False, f"{BADGE}:tags": []}
    foreseen = run(world, "scim_user_attributes", check=True, user=user, attributes=other)
    real = run(world, "scim_user_attributes", user=user, attributes=other)
    assert foreseen["diff"] == real["diff"]
    assert run(world, "scim_user_attributes", user=user, attributes=other)["changed"] is False
    kept = {"colour": "Red", "site": {"city": "Zürich"}, "keys": [{"value": "k1", "type": "door"}, {"value": "k2"}]}
    badges = {name: value for name, value in world.rows[user][BADGE].items() if value != []}
    assert badges == {"badge": "b-7", "level": 4, "remote": False, **kept}
    names = [f"{BADGE}:badge", f"{BADGE}:site.city", f"{BADGE}:keys"]
    assert run(world, "scim_user_attributes", user=user, names=names, state="absent")["changed"] is True
    assert world.rows[user][BADGE] == {"colour": "Red", "level": 4, "remote": False}
    assert run(world, "scim_user_attributes", user=user, names=names[:1], state="absent")["changed"] is False


def test_attribute_that_the_server_does_not_have_is_refused_before_any_write(with_badges: World) -> None:
    user = person(1)
    run(with_badges, "scim_user", **user)
    mark = with_badges.last
    refused = (
        {f"{BADGE}:bogus": "x"},
        {"urn:example:none:1.0:User:x": "y"},
        {f"{BADGE}:level": "high"},
        {f"{BADGE}:tags": "a"},
        {"meta.version": "1"},
    )
    for attributes in refused:
        result = attempt(with_badges, "scim_user_attributes", user=user["user"], attributes=attributes)
        assert result.get("failed"), attributes
        assert next(iter(attributes)).rpartition(":")[2].split(".")[0] in result["msg"], result["msg"]
    assert with_badges.writes(since=mark) == []


@pytest.mark.parametrize("key", ["externalId", "emails"])
@pytest.mark.parametrize("server", ["scim2", "scimmy"])
def test_user_key(server: str, key: str, open_world: Open) -> None:
    world = open_world(server)
    world.put_users(
        [
            {
                "userName": "login-1",
                "externalId": "E1",
                "emails": [{"value": "one@example.com", "primary": True, "type": "work"}],
                "active": True,
            },
            {"userName": "login-2", "active": True},
        ],
        "scim",
    )
    name = "E1" if key == "externalId" else "one@example.com"
    new = "E9" if key == "externalId" else "nine@example.com"
    result = run(
        world,
        "scim_users",
        user_key=key,
        users=[{"user": name, "title": "T"}, {"user": new, "user_name": "login-9", "family_name": "Nine"}],
    )
    assert result["summary"]["created"] == result["summary"]["updated"] == 1
    assert world.rows["login-1"]["title"] == "T"
    nine = world.rows["login-9"]
    assert (nine.get("externalId") if key == "externalId" else nine["emails"][0]["value"]) == new
    again = run(
        world, "scim_users", user_key=key, users=[{"user": name, "title": "T"}, {"user": new, "user_name": "login-9"}]
    )
    assert again["changed"] is False
