# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The jobs over a SCIM server, in this process: access, offboarding, export and review."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from conftest import Open
from jobs import Access, arguments_of, ok, person
from proxy import World
from reviews import Reviews, revoke

from ansible_collections.rollcall.identity.plugins.modules import identity_export, identity_offboard
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.export.job import run_export
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.offboard.job import run_offboard
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame

CONNECTION = {"id": {"provider": "scim"}}
ENTITLEMENTS: dict[str, Any] = {
    "base": {"grants": {"id": {"groups": ["Staff"]}}},
    "data": {"grants": {"id": {"groups": ["Data"]}}},
}
SERVERS = ["scim2", "scimmy"]
"""Canaille cannot rename users: test_scim_jobs.py has a life without that."""


@pytest.fixture
def company(request: pytest.FixtureRequest, open_world: Open, monkeypatch: pytest.MonkeyPatch) -> World:
    """A server with two groups and an account that nobody owns; the credentials are those of the environment."""
    world = open_world(getattr(request, "param", "scim2"))
    for name, value in world.env.items():
        monkeypatch.setenv(name, value)
    world.put_users([{"userName": "svc-awx@acme.com", "active": True}], "scim")
    world.put("groups", [{"displayName": "Staff"}, {"displayName": "Data"}], "scim")
    return world


def run(
    module: Any, function: Any, folder: pathlib.Path, *more: Any, check: bool = False, **params: Any
) -> dict[str, Any]:
    """Run a job and return its result, which must be a success."""
    return ok(function(arguments_of(module.SPEC, params), Frame(check=check, folder=str(folder)), *more))


def planned(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the changes of a run without what only a real one knows."""
    return [
        {name: value for name, value in change.items() if name not in ("account_id", "done")}
        for change in result["report"]["changes"]
    ]


@pytest.mark.parametrize("company", SERVERS, indirect=True)
def test_job_access(company: World, tmp_path: pathlib.Path) -> None:
    access = Access(company, tmp_path, CONNECTION, ENTITLEMENTS)
    people = [person(1, "base", "data"), person(2, "base")]
    foreseen = access(people, check=True)
    assert (access.sent, list(company.rows)) == ([], ["svc-awx@acme.com"])
    real = access(people)
    assert not real.get("failed"), real.get("msg")
    assert planned(foreseen) == planned(real)
    assert company.members == {"Staff": ["e1@acme.com", "e2@acme.com"], "Data": ["e1@acme.com"]}
    one = company.rows["e1@acme.com"]
    assert (one["active"], one["name"]["givenName"], one["emails"][0]["value"]) == (True, "Given1", "e1@acme.com")
    again = access(people)
    assert (again["changed"], access.sent) == (False, [])
    # Somebody moves, somebody leaves, somebody gets another address.
    moved = [{**person(1, "base"), "email": "new1@acme.com"}, person(2, end="2026-06-01")]
    result = access(moved)
    assert not result.get("failed"), result.get("msg")
    assert company.members["Data"] == []
    assert company.rows["e2@acme.com"]["active"] is False
    assert set(company.rows) == {"svc-awx@acme.com", "new1@acme.com", "e2@acme.com"}
    assert access(moved)["changed"] is False
    assert access.sent == []


@pytest.mark.parametrize("company", SERVERS, indirect=True)
def test_job_offboard(company: World, tmp_path: pathlib.Path) -> None:
    company.put_users(
        [{"userName": "ada@acme.com", "active": True, "emails": [{"value": "ada@acme.com", "primary": True}]}], "scim"
    )
    company.put("groups", [{"displayName": "Finance", "members": ["ada@acme.com"]}], "scim")
    ada = {"id": "E1", "name": "Ada Lovelace", "email": "ada@acme.com", "end": "2026-06-01"}
    arguments = {
        "connections": CONNECTION,
        "people": [ada],
        "as_of": "2026-06-15",
        "person": "E1",
        "proof_wait": 0,
        "links": str(tmp_path / "links.yml"),
        "dest": str(tmp_path / "evidence"),
    }
    foreseen = run(identity_offboard, run_offboard, tmp_path, lambda seconds: None, check=True, **arguments)
    assert (foreseen["changed"], company.writes()) == (True, [])
    done = run(identity_offboard, run_offboard, tmp_path, lambda seconds: None, **arguments)
    outcomes = {entry["step"]: entry["outcome"] for entry in done["evidence"]["steps"]}
    assert (outcomes["block"], outcomes["grants"], outcomes["sessions"], outcomes["proof"]) == (
        "done",
        "done",
        "manual",
        "done",
    )
    assert company.rows["ada@acme.com"]["active"] is False
    assert company.members["Finance"] == []
    mark = company.last
    assert run(identity_offboard, run_offboard, tmp_path, lambda seconds: None, **arguments)["changed"] is False
    assert company.writes(since=mark) == []


@pytest.mark.parametrize("company", SERVERS, indirect=True)
def test_job_export_is_what_access_accepts(company: World, tmp_path: pathlib.Path) -> None:
    company.proxy.put(
        "users",
        [
            {
                "userName": f"p{number}@acme.com",
                "active": number != 2,
                "emails": [{"value": f"p{number}@acme.com", "primary": True}],
                "name": {"givenName": f"Given{number}", "familyName": f"Family{number}"},
            }
            for number in range(4)
        ],
    )
    company.put("groups", [{"displayName": "Finance", "members": ["p0@acme.com", "p1@acme.com"]}], "scim")
    arguments = {"connections": CONNECTION, "as_of": "2026-06-15", "dest": str(tmp_path / "company")}
    made = run(identity_export, run_export, tmp_path, **arguments)
    assert (made["changed"], company.writes()) == (True, [])
    files = {
        path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "company").rglob("*") if path.is_file()
    }
    assert "p3@acme.com" in files["people.yml"]
    assert "Finance" in files["entitlements.yml"]
    assert company.server.token not in "".join(files.values())


def test_job_review(company: World, tmp_path: pathlib.Path) -> None:
    company.put_users([{"userName": f"p{number}@acme.com", "active": True} for number in (1, 2)], "scim")
    company.put("groups", [{"displayName": "Finance", "members": ["p1@acme.com", "p2@acme.com"]}], "scim")
    people = [{"id": "AUD", "name": "Audrey Tor", "email": "aud@acme.com"}]
    people += [
        {"id": f"E{number}", "name": f"P{number} Q{number}", "email": f"p{number}@acme.com", "manager": "AUD"}
        for number in (1, 2)
    ]
    reviews = Reviews(company, tmp_path, CONNECTION, ENTITLEMENTS, people)
    reviews.open()
    assert company.writes() == []
    grants = {(row["account"], row["grant_name"]) for row in reviews.rows()}
    assert {("p1@acme.com", "Finance"), ("p2@acme.com", "Finance")} <= grants
    reviews.decide(revoke(("p1@acme.com", "Finance")))
    closed = reviews.close()
    assert not closed.get("failed"), closed.get("msg")
    assert company.members["Finance"] == ["p2@acme.com"]
