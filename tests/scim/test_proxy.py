# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The servers and the proxy before them do what the other tests take for granted."""

from __future__ import annotations

import http.client
import json
import urllib.parse
from typing import Any

import pytest
from conftest import Open
from proxy import World, numbered
from servers import START


def ask(world: World, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Return status and document of an answer through the proxy, 0 where the connection ended without a whole one."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(world.url).netloc, timeout=60)
    headers = {"Authorization": f"Bearer {world.server.token}", "Content-Type": "application/scim+json"}
    try:
        connection.request(method, "/scim/v2" + path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
    except (OSError, http.client.HTTPException):
        return 0, None
    finally:
        connection.close()
    try:
        return answer.status, json.loads(text) if text else None
    except ValueError:
        return answer.status, text


@pytest.mark.parametrize("name", START)
def test_server_is_emptied_filled_and_recorded(name: str, open_world: Open) -> None:
    world = open_world(name)
    world.reset(seed_users=30)
    assert sorted(world.rows) == [f"user{number:05d}@example.com" for number in range(1, 31)]
    world.put_users([{"userName": "ada@example.com", "emails": [{"value": "ada@example.com", "type": "work"}]}], "scim")
    world.put("groups", [{"displayName": "Team", "members": ["ada@example.com"]}], "scim")
    assert world.members == {"Team": ["ada@example.com"]}
    mark = world.last
    document = world.server.fit({**numbered(99), "password": "Secret-password-1"})
    status, user = ask(world, "POST", "/Users", document)
    assert status == 201, user
    assert ask(world, "DELETE", f"/Users/{user['id']}")[0] == 204
    assert [(item["operation"], item["kind"], item["status"]) for item in world.writes(since=mark)] == [
        ("create_user", "write", 201), ("delete_user", "write", 204),
    ]  # fmt: skip
    assert "Secret" not in str(world.writes(since=mark))
    assert len(world.state("scim")["users"]) == 31
    world.reset()
    assert world.rows == world.members == {}


def test_faults(scim2: World) -> None:
    user = numbered(1)
    for fault, status, there in (
        ({"drop": "before"}, 0, False),
        ({"drop": "after"}, 0, True),
        ({"status": 500}, 500, False),
        ({"status": 500, "effect": True}, 500, True),
        ({"truncate": "length"}, 0, True),
        ({"truncate": "json"}, 201, True),
        ({"html": True, "status": 200}, 200, False),
        ({"status": 429, "headers": {"Retry-After": "1"}}, 429, False),
    ):  # fmt: skip
        scim2.reset()
        scim2.faults([{"operation": "create_user", **fault}])
        assert ask(scim2, "POST", "/Users", user)[0] == status, fault
        assert bool(scim2.rows) is there, fault
        assert (ask(scim2, "POST", "/Users", user)[0] == 201) is not there, fault


def test_features_are_hidden(scim2: World) -> None:
    scim2.reset(scim={"without": ["schemas"], "features": {"patch": False}})
    assert ask(scim2, "GET", "/Schemas")[0] == 404
    config = ask(scim2, "GET", "/ServiceProviderConfig")[1]
    assert (config["patch"]["supported"], config["filter"]["supported"]) == (False, True)
    scim2.reset(seed_users=60)
    assert ask(scim2, "GET", "/Schemas")[0] == 200
    scim2.faults([{"operation": "list_users", "nth": 2, "repeat_page": True}])
    first, second = (ask(scim2, "GET", f"/Users?startIndex={start}&count=50")[1] for start in (1, 51))
    assert first == second
