# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several writers at once, groups inside of groups, and values of any depth, on a real server."""

from __future__ import annotations

import concurrent.futures
from typing import Any

import pytest
from proxy import World
from test_behaviour import attempt, run, with_badges  # noqa: F401  # a fixture


@pytest.mark.parametrize("features", [{}, {"patch": False}])
def test_two_tasks_that_change_one_group_at_once_lose_nobody(features: dict[str, bool], scim2: World) -> None:
    scim2.reset(seed_users=24, scim={"features": features})
    names = list(scim2.rows)
    scim2.put("groups", [{"displayName": "Staff", "members": names[:8]}], "scim")
    halves = [
        [{"user": name, "groups": [], "groups_state": "exact"} for name in names[:4]]
        + [{"user": name, "groups": ["Staff"]} for name in names[8:16]],
        [{"user": name, "groups": ["Staff"]} for name in names[16:]],
    ]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda users: attempt(scim2, "scim_users", users=users, loss_limit="100%"), halves))
    for users in halves:  # who was refused because of the other one succeeds now
        assert not attempt(scim2, "scim_users", users=users, loss_limit="100%").get("failed"), results
    assert sorted(scim2.members["Staff"]) == sorted(names[4:])


def test_a_group_stays_in_its_group(scim2: World) -> None:
    scim2.reset(seed_users=2, scim={"features": {"patch": False}})
    first, second = scim2.rows
    inner = scim2.server.call("POST", "/Groups", {"displayName": "Inner"})
    member = {"value": inner["id"], "type": "Group"}
    outer = scim2.server.call("POST", "/Groups", {"displayName": "Outer", "members": [member]})
    for users in (
        [{"user": first, "groups": ["Outer"]}, {"user": second, "groups": ["Outer"]}],
        [{"user": first, "groups": [], "groups_state": "exact"}],
    ):
        assert run(scim2, "scim_users", users=users, loss_limit="100%")["changed"] is True
    members = scim2.server.call("GET", f"/Groups/{outer['id']}")["members"]
    assert [item["value"] for item in members] == [inner["id"], scim2.rows[second]["id"]]


def test_nested_values_are_written_in_their_types(with_badges: World) -> None:  # noqa: F811  # the fixture
    world = with_badges
    world.put_users([{"userName": "ada@example.com", "active": True}], "scim")
    badge: str = next(
        row["schema"]
        for kind in world.server.call("GET", "/ResourceTypes")["Resources"]
        for row in kind.get("schemaExtensions", ())
        if "enterprise" not in row["schema"]
    )
    values: dict[str, Any] = {
        f"{badge}:site": {"city": "Bern", "floor": "3"},
        f"{badge}:keys": [{"value": 7, "type": "door"}, {"value": "8"}],
        f"{badge}:remote": "False",
    }
    assert run(world, "scim_user", user="ada@example.com", attributes=values)["changed"] is True
    row = world.rows["ada@example.com"][badge]
    assert (row["site"], row["remote"]) == ({"city": "Bern", "floor": 3}, False)
    assert [key["value"] for key in row["keys"]] == ["7", "8"]
    assert run(world, "scim_user", user="ada@example.com", attributes=values)["changed"] is False
    wrong = attempt(world, "scim_user", user="ada@example.com", attributes={f"{badge}:keys": [{"value": True}]})
    assert wrong["failed"] and wrong["errors"][0]["option"] == f"attributes.{badge}:keys"
    # The last attribute takes the extension along, also where the whole document is sent.
    world.reset(scim={"features": {"patch": False}})
    world.put_users([{"userName": "ada@example.com", "active": True, badge: {"colour": "red"}}], "scim")
    assert run(world, "scim_user", user="ada@example.com", attributes={f"{badge}:colour": None})["changed"] is True
    assert badge not in world.rows["ada@example.com"]
