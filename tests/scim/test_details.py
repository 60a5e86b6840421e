# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Odd names, unknown states, references and lists, on each server as it is."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Open
from proxy import World
from scim_cases import CONFORMANCE
from servers import ENTERPRISE
from test_behaviour import attempt, person, run

ODD = (
    'o"neil@example.com',
    "back\\slash@example.com",
    "per%cent&amp=1+2@example.com",
    "Ümlaut ß@example.com",
    "it's@example.com",
    "a/b?c#d@example.com",
)
"""Names that a filter, an address or a path may take for something else."""


def whole(**user: Any) -> dict[str, Any]:
    """Return a user that every server accepts."""
    return {"family_name": "F", "formatted_name": "G F", "enabled": True, **user}


@pytest.mark.parametrize("server", CONFORMANCE)
def test_odd_names(server: str, open_world: Open) -> None:
    world = open_world(server)
    users = [whole(user=name) for name in ODD]
    assert run(world, "scim_users", users=users)["summary"]["created"] == len(ODD)
    for name in ODD:
        assert run(world, "scim_user", **whole(user=name))["changed"] is False, name
        assert run(world, "scim_user", user=name, title="T")["changed"] is True, name
        assert world.rows[name]["title"] == "T"
        assert run(world, "scim_user", user=name, state="absent")["changed"] is True, name
        assert run(world, "scim_user", user=name, state="absent")["changed"] is False, name
    assert world.rows == {}


@pytest.mark.parametrize("server", CONFORMANCE)
def test_a_user_in_another_case_is_the_same_user(server: str, open_world: Open) -> None:
    world = open_world(server)
    world.put_users(
        [
            {"userName": "Ada.Lovelace@Example.com", "active": True, "title": "A"},
            {"userName": "bob@example.com", "active": True},
        ],
        "scim",
    )
    assert run(world, "scim_user", user="ada.lovelace@example.com", title="A")["changed"] is False
    assert (
        run(world, "scim_user", user="ADA.LOVELACE@EXAMPLE.COM", state="absent", protect=["svc-*"])["changed"] is True
    )
    assert run(world, "scim_user", user="BOB@example.com", title="B")["changed"] is True
    assert [(name, row["title"]) for name, row in world.rows.items()] == [("bob@example.com", "B")]


def test_unknown_is_not_blocked_and_can_be_blocked(scim2: World) -> None:
    scim2.put_users([{"userName": "quiet@example.com"}, {"userName": "ada@example.com", "active": True}], "scim")
    users = {user["user"]: user["enabled"] for user in run(scim2, "scim_user_info")["users"]}
    assert users == {"quiet@example.com": None, "ada@example.com": True}
    ada_alone: dict[str, Any] = {
        "users": [{"user": "ada@example.com"}], "unlisted": "disable", "protect": ["ada@*"], "loss_limit": "100%",
    }
    many = run(scim2, "scim_users", **ada_alone)
    assert many["summary"]["disabled"] == 1
    assert scim2.rows["quiet@example.com"]["active"] is False
    assert run(scim2, "scim_users", **ada_alone)["changed"] is False


PROFILE = {
    "employee_number": "7", "cost_center": "C", "organization": "O", "division": "V", "phone": "+44 1", "title": "T",
    "display_name": "D", "nick_name": "N", "user_type": "Employee", "preferred_language": "en", "locale": "en-GB",
    "timezone": "Europe/London", "profile_url": "https://example.com/p", "external_id": "X1", "middle_name": "M",
    "honorific_prefix": "Dr", "honorific_suffix": "II", "formatted_name": "Dr G M F II",
}  # fmt: skip


def put_whole_user(world: World) -> dict[str, Any]:
    """Create a user with a manager and with every other field, and return the options of the user."""
    boss = world.put_users([{"userName": "boss@example.com", "active": True}], "scim")[0]["id"]
    user = person(1, manager=boss, **PROFILE)
    assert run(world, "scim_user", **user)["changed"] is True
    assert world.rows[user["user"]][ENTERPRISE]["manager"]["value"] == boss
    return user


@pytest.mark.parametrize("server", ["scim2", "scimmy"])
def test_references_and_lists(server: str, open_world: Open) -> None:
    world = open_world(server)
    user = put_whole_user(world)
    assert run(world, "scim_user", **user)["changed"] is False
    (read,) = run(world, "scim_user_info", user=user["user"], gather=["attributes", "groups"])["users"]
    assert {name: read[name] for name in user} == user
    assert run(world, "scim_users", users=[read])["changed"] is False
    add_others(world, user["user"])
    assert run(world, "scim_user", **{**user, "email": "new@example.com", "phone": "+44 2"})["changed"] is True
    row = world.rows[user["user"]]
    assert sorted(mail["value"] for mail in row["emails"]) == ["home@example.com", "new@example.com"]
    assert sorted(phone["value"] for phone in row["phoneNumbers"]) == ["+44 2", "+44 9"]


@pytest.mark.parametrize("server", ["scim2", "scimmy"])
def test_every_option_that_can_be_empty_is_cleared_and_nothing_else(server: str, open_world: Open) -> None:
    world = open_world(server)
    user = put_whole_user(world)
    add_others(world, user["user"])
    cleared = {name: "" for name in user if name not in ("user", "enabled", "email", "phone")}
    assert run(world, "scim_user", user=user["user"], **cleared)["changed"] is True
    assert run(world, "scim_user", user=user["user"], **cleared)["changed"] is False
    row = world.rows[user["user"]]
    assert not row.get(ENTERPRISE) and not row.get("name"), row
    assert not {"title", "nickName", "externalId", "locale", "timezone", "profileUrl"} & row.keys()
    assert len(row["emails"]) == len(row["phoneNumbers"]) == 2


def add_others(world: World, name: str) -> None:
    """Add an e-mail address and a phone number of kinds that no task names: they stay."""
    row = world.rows[name]
    others = {
        "emails": {"value": "home@example.com", "type": "home"},
        "phoneNumbers": {"value": "+44 9", "type": "fax"},
    }
    more = {field: [*row[field], other] for field, other in others.items()}
    world.server.call("PUT", f"/Users/{row['id']}", {**row, **more})


def test_groups_of_one_name_are_ambiguous(scim2: World) -> None:
    scim2.reset(seed_users=1)
    scim2.put("groups", [{"displayName": "Twice"}, {"displayName": "Twice"}, {"displayName": "Once"}], "scim")
    result = attempt(scim2, "scim_user_groups", user="user00001@example.com", groups=["Twice"])
    assert (result.get("failed"), result.get("code")) == (True, "ambiguous_name"), result
    identity = scim2.server.rows("Groups")[0]["id"]
    run(scim2, "scim_user_groups", user="user00001@example.com", groups=[{"id": identity}])
    run(scim2, "scim_user_groups", user="user00001@example.com", groups=[{"id": identity}, "Once"], state="exact")
    assert sum("user00001@example.com" in members for members in scim2.members.values()) >= 1
    unknown = attempt(scim2, "scim_user_groups", user="user00001@example.com", groups=["once"])
    assert (unknown.get("failed"), unknown.get("code")) == (True, "unknown_group"), unknown


@pytest.mark.parametrize("server", CONFORMANCE)
def test_two_users_of_one_name_are_never_made(server: str, open_world: Open) -> None:
    """Somebody creates the user between the look-up and the request: it is found, and taken as it is."""
    world = open_world(server)
    world.put_users([{"userName": "p1@example.com", "active": True, "title": "Old"}], "scim")
    world.faults([{"operation": "list_users", "count": 1, "body": {"totalResults": 0, "Resources": []}}])
    user = {**person(1), "formatted_name": "G F", "title": "New"}
    first = attempt(world, "scim_user", **user)
    second = run(world, "scim_user", **user)
    assert first.get("failed") or second["changed"] is False
    assert [(name, row["title"]) for name, row in world.rows.items()] == [("p1@example.com", "New")]
    assert len(world.server.rows("Users")) == 1


@pytest.mark.parametrize("server", CONFORMANCE)
def test_directory_is_read_whole(server: str, open_world: Open) -> None:
    world = open_world(server)
    world.reset(seed_users=230)
    world.put(
        "groups",
        [{"displayName": f"G{number}", "members": [f"user{number + 1:05d}@example.com"]} for number in range(25)],
        "scim",
    )
    read = run(world, "scim_user_info", gather=["groups"])["users"]
    assert len(read) == len({user["id"] for user in read}) == 230
    assert sum(len(user["groups"]) for user in read) == 25
    assert len(run(world, "scim_role_info")["groups"]) == 25


def test_a_deleted_user_who_is_only_deactivated_is_absent(scim2: World) -> None:
    """As with Slack: the profile knows that the server keeps users."""
    scim2.reset(seed_users=4, scim={"deactivates": True})
    first, second, third, _fourth = scim2.rows
    slack: dict[str, Any] = {"server_profile": "slack"}
    foreseen = run(scim2, "scim_user", check=True, user=first, state="absent", **slack)
    real = run(scim2, "scim_user", user=first, state="absent", **slack)
    assert (foreseen["changed"], foreseen["diff"], foreseen["user"]) == (True, real["diff"], real["user"])
    assert scim2.rows[first]["active"] is False
    mark = scim2.last
    again = run(scim2, "scim_user", user=first, state="absent", **slack)
    assert (again["changed"], again["user"], scim2.writes(since=mark)) == (False, real["user"], [])
    users = [{"user": first, "state": "absent"}, {"user": second, "state": "absent"}, {"user": third}]
    options: dict[str, Any] = {
        "users": users, "unlisted": "delete", "protect": [third], "delete_limit": 2, "loss_limit": "100%", **slack
    }  # fmt: skip
    assert run(scim2, "scim_users", **options)["summary"]["deleted"] == 2
    mark = scim2.last
    again = run(scim2, "scim_users", **options)
    assert (again["changed"], scim2.writes(since=mark)) == (False, [])
    assert [row["active"] for row in scim2.rows.values()] == [False, False, True, False]
    # The lost answer to a delete is no failure either, and who is wanted again comes back.
    assert run(scim2, "scim_user", user=first, enabled=True, **slack)["changed"] is True
    scim2.faults([{"operation": "delete_user", "drop": "after"}])
    assert run(scim2, "scim_user", user=first, state="absent", **slack)["changed"] is True
    # The absent user may leave groups, and joins none.
    scim2.put("groups", [{"displayName": "Staff", "members": [first]}, {"displayName": "Data"}], "scim")
    for check in (True, False):
        mark = scim2.last
        joins = attempt(scim2, "scim_user_groups", check=check, user=first, groups=["Data"], **slack)
        assert (joins["code"], scim2.writes(since=mark)) == ("user_not_found", [])
        assert "deactivated and counts as absent. First activate the user with enabled: true." in joins["msg"]
    assert run(scim2, "scim_user_groups", user=first, groups=["Staff"], **slack)["changed"] is False
    leaves = run(scim2, "scim_user_groups", check=True, user=first, groups=[], state="exact", **slack)
    assert leaves["changed"] is True
    # Without the profile a blocked user is there, and is deleted.
    assert run(scim2, "scim_user", check=True, user=first, state="absent")["changed"] is True
