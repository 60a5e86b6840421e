# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The jobs where names cannot be changed, where another attribute is the name, and after an export."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from typing import Any

import pytest
from jobs import Access, arguments_of, changes, ok, person, untagged
from proxy import World

from ansible_collections.rollcall.identity.plugins.modules.identity_export import SPEC as EXPORT
from ansible_collections.rollcall.identity.plugins.modules.identity_offboard import SPEC as OFFBOARD
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.export.job import run_export
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.offboard.job import run_offboard
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame

ENTITLEMENTS = {"base": {"grants": {"dir": {}}}, "data": {"grants": {"dir": {"groups": ["data", "on-call"]}}}}


@pytest.fixture
def directory(monkeypatch: pytest.MonkeyPatch, open_world: Callable[..., World]) -> Callable[[str], World]:
    """Return a function that starts a server with two groups and an account of nobody.

    The credentials are those of the environment.
    """

    def start(name: str) -> World:
        there = open_world(name)
        there.put_users([{"userName": "svc-awx@example.com", "active": True}], "scim")
        there.put(
            "groups",
            [{"displayName": group, "members": ["svc-awx@example.com"]} for group in ("data", "on-call")],
            "scim",
        )
        for variable, value in there.env.items():
            monkeypatch.setenv(variable, value)
        return there

    return start


def run(job: Callable[..., Any], spec: Any, folder: pathlib.Path, *more: Any, **params: Any) -> dict[str, Any]:
    """Run a job and return its result."""
    return ok(job(arguments_of(spec, {"as_of": "2026-06-15", **params}), Frame(folder=str(folder)), *more))


def groups_of(there: World, name: str) -> list[str]:
    """Return the groups that show somebody as a member."""
    return sorted(group for group, members in there.members.items() if name in members)


def test_joining_moving_leaving_and_offboarding_where_names_stay(
    directory: Callable[[str], World], tmp_path: pathlib.Path
) -> None:
    there = directory("canaille")
    access = Access(there, tmp_path, {"dir": {"provider": "scim"}}, ENTITLEMENTS)
    planned = ok(access([person(1, "base", "data"), person(2, "base")], "plan"))
    assert access.sent == []
    joined = ok(access([person(1, "base", "data"), person(2, "base")], plan_digest=planned["report"]["digest"]))
    assert changes(joined) == [("E1", "dir", "create"), ("E2", "dir", "create")]
    assert there.rows["e1@acme.com"]["name"]["familyName"] == "Family1"
    assert (groups_of(there, "e1@acme.com"), groups_of(there, "e2@acme.com")) == (["data", "on-call"], [])
    assert ok(access([person(1, "base", "data"), person(2, "base")]))["changed"] is False
    moved = ok(access([person(1, "base"), person(2, "base", "data")]))
    assert moved["changed"] is True
    assert (groups_of(there, "e1@acme.com"), groups_of(there, "e2@acme.com")) == ([], ["data", "on-call"])
    left = [person(1, "base", status="left"), person(2, "base", "data")]
    ok(access(left))
    assert (there.rows["e1@acme.com"]["active"], there.rows["e2@acme.com"]["active"]) == (False, True)
    again = ok(access(left))
    assert (again["changed"], access.sent) == (False, [])
    arguments = {
        "connections": access.connections,
        "people": [person(2, "base", "data", end="2026-06-01")],
        "person": "E2",
        "proof_wait": 0,
        "links": str(access.file),
        "dest": str(tmp_path / "evidence"),
    }
    done = run(run_offboard, OFFBOARD, tmp_path, lambda seconds: None, **arguments)
    outcomes = {entry["step"]: entry["outcome"] for entry in done["evidence"]["steps"]}
    assert outcomes == {"block": "done", "sessions": "manual", "tokens": "manual", "grants": "done", "proof": "done"}
    assert (there.rows["e2@acme.com"]["active"], groups_of(there, "e2@acme.com")) == (False, [])
    mark = there.last
    again = run(run_offboard, OFFBOARD, tmp_path, lambda seconds: None, **arguments)
    assert (again["changed"], there.writes(since=mark)) == (False, [])


@pytest.mark.parametrize("key", ["externalId", "emails"])
def test_another_attribute_names_the_accounts(
    key: str, directory: Callable[[str], World], tmp_path: pathlib.Path
) -> None:
    there = directory("scim2")
    access = Access(there, tmp_path, {"dir": {"provider": "scim", "user_key": key}}, ENTITLEMENTS)
    one = person(1, "base", accounts={"dir": {"user": "E-1"}} if key == "externalId" else {})
    ok(access([one]))
    row = there.rows["e1@acme.com"]
    assert (row.get("externalId"), row["emails"][0]["value"]) == ("E-1" if key == "externalId" else None, "e1@acme.com")
    assert ok(access([one]))["changed"] is False
    other = {**one, "email": "new1@acme.com"}
    ok(access([other]))
    assert (
        next(iter(there.rows[name]["emails"][0]["value"] for name in there.rows if "1@acme.com" in name))
        == "new1@acme.com"
    )
    assert ok(access([other]))["changed"] is False


def test_job_access_has_nothing_to_do_with_what_an_export_writes(
    directory: Callable[[str], World], tmp_path: pathlib.Path
) -> None:
    there = directory("scim2")
    there.put_users(
        [
            {
                "userName": "ada@acme.com",
                "active": True,
                "externalId": "E7",
                "title": "Lead",
                "name": {"givenName": "Ada", "familyName": "Bee"},
                "emails": [{"value": "ada.bee@acme.com", "primary": True}],
            }
        ],
        "scim",
    )
    access = Access(there, tmp_path, {"dir": {"provider": "scim"}}, ENTITLEMENTS)
    ok(access([person(1, "base", "data")]))
    mark = there.last
    folder = tmp_path / "company"
    run(run_export, EXPORT, tmp_path, connections=access.connections, dest=str(folder))
    files = {name: untagged((folder / f"{name}.yml").read_text("utf-8")) for name in ("people", "entitlements")}
    people = {one["id"]: one for one in files["people"]["identity_people"]}
    assert people["ada.bee"]["attributes"] == {"title": "Lead", "external_id": "E7"}
    assert people["ada.bee"]["accounts"] == {"dir": {"user": "ada@acme.com"}}
    access.entitlements = files["entitlements"]["identity_entitlements"]
    access.file.write_bytes((folder / "links.yml").read_bytes())
    planned = ok(access(list(people.values()), "plan", unlisted="report"))
    assert (planned["report"]["changes"], planned["changed"]) == ([], False), planned["report"]["text"]
    assert there.writes(since=mark) == []
