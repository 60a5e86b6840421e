# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each fault on each write: the right state or a clear error, and one more run ends right. Nobody is there twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from conftest import Open
from engine import wrong
from proxy import World
from test_behaviour import attempt, person, run

FAULTS: dict[str, dict[str, Any]] = {
    "lost before": {"drop": "before"},
    "lost after": {"drop": "after"},
    "500 before": {"status": 500, "body": {"status": "500", "detail": "oops"}},
    "500 after": {"status": 500, "body": {"status": "500", "detail": "oops"}, "effect": True},
    "429 with Retry-After": {"status": 429, "headers": {"Retry-After": "2"}},
    "429 without": {"status": 429, "count": 2},
    "503": {"status": 503},
    "cut short": {"truncate": "length"},
    "half a document": {"truncate": "json"},
    "page of a proxy before": {"html": True, "status": 200},
    "page of a proxy after": {"html": True, "status": 200, "effect": True},
    "412": {"status": 412, "body": {"status": "412", "detail": "changed on the server"}},
    "409": {"status": 409, "body": {"status": "409", "scimType": "uniqueness", "detail": "in use"}},
    "400": {"status": 400, "body": {"status": "400", "scimType": "invalidValue", "detail": "no"}},
    "404": {"status": 404, "body": {"status": "404", "detail": "not found"}},
}


@dataclass(frozen=True)
class Write:
    """One kind of write: the operation that a fault hits, the run that makes it, and whether all is right then."""

    operation: str
    params: dict[str, Any]
    right: Callable[[World], bool]
    module: str = "scim_users"
    scim: dict[str, Any] | None = None


def _titled(world: World) -> bool:
    return world.rows["user00001@example.com"].get("title") == "T"


WRITES = {
    "create": Write(
        "create_user",
        {"users": [person(1, title="T"), person(2)]},
        lambda world: {"p1@example.com", "p2@example.com"} <= world.rows.keys(),
    ),
    "create with a group": Write(
        "create_user",
        {"users": [person(1, groups=["Staff"])]},
        lambda world: world.members["Staff"] == ["p1@example.com", "user00001@example.com"],
    ),
    "patch": Write(
        "patch_user", {"users": [{"user": "user00001@example.com", "title": "T", "department": "D"}]}, _titled
    ),
    "put": Write(
        "put_user",
        {"users": [{"user": "user00001@example.com", "title": "T"}]},
        _titled,
        scim={"features": {"patch": False}},
    ),
    "block": Write(
        "patch_user",
        {"user": "user00001@example.com", "enabled": False},
        lambda world: world.rows["user00001@example.com"]["active"] is False,
        "scim_user",
    ),
    "delete": Write(
        "delete_user",
        {"user": "user00001@example.com", "state": "absent"},
        lambda world: "user00001@example.com" not in world.rows,
        "scim_user",
    ),
    "join": Write(
        "patch_group",
        {"users": [{"user": f"user0000{number}@example.com", "groups": ["Staff"]} for number in (2, 3)]},
        lambda world: len(world.members["Staff"]) == 3,
    ),
    "leave": Write(
        "patch_group",
        {"user": "user00001@example.com", "groups": ["Staff"], "state": "absent"},
        lambda world: world.members["Staff"] == [],
        "scim_user_groups",
    ),
    "join by PUT": Write(
        "put_group",
        {"user": "user00002@example.com", "groups": ["Staff"]},
        lambda world: len(world.members["Staff"]) == 2,
        "scim_user_groups",
        {"features": {"patch": False}},
    ),
}
READS = ("list_users", "list_groups", "service_provider_config", "schemas")


def prepare(world: World, write: Write, fault: dict[str, Any], operation: str = "") -> None:
    """Bring a world to three users, one of them in a group, with a fault."""
    world.reset(seed_users=3, scim=write.scim)
    world.put("groups", [{"displayName": "Staff", "members": ["user00001@example.com"]}], "scim")
    world.faults([{"operation": operation or write.operation, **fault}])


def judge(world: World, write: Write, first: dict[str, Any]) -> None:
    """Assert that a run was right or failed clearly, and that the next ones end it."""
    assert wrong(first) == "", first
    if not first.get("failed"):
        assert write.right(world), first
    world.clear_faults()
    second = attempt(world, write.module, **write.params)
    assert not second.get("failed"), (first, second)
    assert write.right(world)
    names = [row["userName"] for row in world.server.rows("Users")]
    assert len(names) == len(set(names))
    mark = world.last
    assert run(world, write.module, **write.params)["changed"] is False
    assert world.writes(since=mark) == []


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", WRITES)
def test_fault_of_a_write(name: str, fault: str, scim2: World) -> None:
    write = WRITES[name]
    prepare(scim2, write, FAULTS[fault])
    first = attempt(scim2, write.module, **write.params)
    assert any(item["fault"] for item in scim2.requests()), "the fault hit nothing"
    judge(scim2, write, first)
    if fault in ("lost before", "429 with Retry-After", "429 without", "503") and write.operation != "create_user":
        assert not first.get("failed"), "what is safe to repeat was not repeated"


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("operation", READS)
def test_fault_of_a_read(operation: str, fault: str, scim2: World) -> None:
    write = WRITES["create with a group"]
    prepare(scim2, write, FAULTS[fault], operation)
    judge(scim2, write, attempt(scim2, write.module, **write.params))


@pytest.mark.parametrize("server", ["canaille", "scimmy"])
@pytest.mark.parametrize("fault", ["lost before", "lost after", "500 after", "503", "page of a proxy after", "412"])
def test_fault_of_a_write_on_other_servers(server: str, fault: str, open_world: Open) -> None:
    world = open_world(server)
    more = {"formatted_name": "Given"}
    for name, params in (
        ("create with a group", {"users": [person(1, groups=["Staff"], **more)]}),
        ("patch", WRITES["patch"].params),
        ("leave", None),
    ):
        write = WRITES[name]
        write = Write(write.operation, params or write.params, write.right, write.module)
        prepare(world, write, FAULTS[fault])
        judge(world, write, attempt(world, write.module, **write.params))


def test_filter_that_is_refused_is_replaced_by_the_list(scim2: World) -> None:
    for status, kind in ((400, "invalidFilter"), (501, None), (400, None), (403, None)):
        scim2.reset(seed_users=3)
        scim2.faults(
            [
                {
                    "operation": "list_users",
                    "status": status,
                    "body": {"status": str(status), "scimType": kind, "detail": "no filters"},
                }
            ]
        )
        assert run(scim2, "scim_user", user="USER00002@example.com", title="T")["changed"] is True
        assert scim2.rows["user00002@example.com"]["title"] == "T"


def test_somebody_else_changes_the_user_at_the_same_time(scim2: World) -> None:
    """If-Match fails, the user is read again, and the change of the other stays."""
    scim2.reset(seed_users=1)
    before = scim2.server.rows("Users")[0]
    scim2.faults([{"operation": "patch_user", "status": 412, "body": {"status": "412"}}])
    scim2.server.call("PUT", f"/Users/{before['id']}", {**before, "nickName": "Other"})
    assert run(scim2, "scim_user", user="user00001@example.com", title="T")["changed"] is True
    row = scim2.rows["user00001@example.com"]
    assert (row["title"], row["nickName"]) == ("T", "Other")


def test_refused_credentials_stop_at_once(scim2: World) -> None:
    scim2.reset(seed_users=3)
    mark = scim2.last
    result = attempt(scim2, "scim_users", users=[person(number) for number in range(20)], api_token="canary-wrong")
    assert (result["failed"], result["code"]) == (True, "not_authenticated")
    assert "canary-wrong" not in str(result)
    assert len(scim2.requests(since=mark)) <= 4
    assert len(scim2.rows) == 3
