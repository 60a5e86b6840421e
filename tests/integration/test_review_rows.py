# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes a row of an access review: grants that accounts show, and those that they do not show."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from jobs import ok
from reviews import decisions_about, loaded, open_review, rows_of

from simulator.harness import Simulator

pytestmark = pytest.mark.in_process(users=6)


def _first_user(simulator: Simulator) -> int:
    """Return the id of user0001 at OneLogin."""
    return next(user["id"] for user in simulator.state("onelogin")["users"] if user["username"] == "user0001")


def test_every_grant_of_every_account_is_a_row(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    result = ok(open_review(tmp_path))
    assert simulator.writes() == []
    document = loaded(tmp_path)
    covered = {
        name: (about["accounts"], about["total"], about["organisation"]) for name, about in document["coverage"].items()
    }
    assert covered["ol"] == (6, None, "88123"), "OneLogin does not report how long its list is"
    assert covered["kes"][0] == covered["kes"][1] == len(simulator.state("kestra")["users"])
    assert [
        name for name, about in document["coverage"].items() if about["rows"] != len(rows_of(tmp_path, connection=name))
    ] == []
    # What an API does not report is null, and said so beside it.
    assert {row["mfa"] for row in rows_of(tmp_path, connection="ol")} == {None}
    assert {row["last_login"] for row in rows_of(tmp_path, connection="kes")} == {None}
    assert document["coverage"]["ol"]["not_provided"] == ["privileged", "mfa", "tokens", "via"]
    roles = {row["grant_name"] for row in rows_of(tmp_path, connection="ol", account="user0001", facet="roles")}
    held = {role["name"] for role in simulator.state("onelogin")["roles"] if _first_user(simulator) in role["users"]}
    assert roles == held
    assert result["review"]["rows"] == len(document["rows"])
    assert result["review"]["flags"]["orphan_account"] == len(document["rows"]), "nobody is in the feed"
    owner = rows_of(tmp_path, connection="co", account="owner@example.com")
    assert [(row["facet"], row["privileged"], "privileged" in row["flags"]) for row in owner] == [("login", True, True)]


@pytest.fixture
def kestra(simulator: Simulator) -> dict[str, Any]:
    """Two tenants of one Kestra: groups with bound roles, a namespaced one, and tokens with and without an expiry."""
    groups = ["data", {"tenant": "acme-eu", "name": "sales"}]
    simulator.put_users([{"email": "ada@acme.com", "firstName": "Ada", "lastName": "Bee", "groups": groups}], "kestra")
    simulator.put("bindings", [
        {"tenant": "main", "group": "data", "role": "Developer", "namespace": "company.data"},
        {"tenant": "acme-eu", "group": "sales", "role": "Admin"},
        {"tenant": "main", "user": "ada@acme.com", "role": "Viewer"},
    ], "kestra")  # fmt: skip
    simulator.put(
        "tokens",
        [{"owner": "ada@acme.com", "name": "cli"}, {"owner": "ada@acme.com", "name": "ci", "maxAge": "P30D"}],
        "kestra",
    )
    return {
        "connections": {
            "main": {"provider": "kestra", "tenant": "main"},
            "eu": {"provider": "kestra", "tenant": "acme-eu"},
        }
    }


def test_roles_that_come_with_a_group_are_rows_that_name_it(
    simulator: Simulator, kestra: dict[str, Any], tmp_path: pathlib.Path
) -> None:
    ok(open_review(tmp_path, **kestra))
    rows = rows_of(tmp_path, account="ada@acme.com")
    shown = {
        (row["facet"], row["grant_name"], row["via"], row["via_name"], row["revocable"], row["privileged"])
        for row in rows
    }
    assert shown == {
        ("tenants", "acme-eu", "direct", "", True, False), ("tenants", "main", "direct", "", True, False),
        ("groups", "main/data", "direct", "", True, False), ("groups", "acme-eu/sales", "direct", "", True, True),
        ("roles", "main/Viewer", "binding", "", True, False),
        ("roles", "main/Developer in company.data", "group", "main/data", False, False),
        ("roles", "acme-eu/Admin", "group", "acme-eu/sales", False, True),
    }  # fmt: skip
    tokens = {token["name"]: token["expires"] for token in rows[0]["tokens"]}
    assert tokens["cli"] == "never"
    assert tokens["ci"].endswith("Z")
    assert all("token_without_expiry" in row["flags"] for row in rows)


def test_service_accounts_are_rows_that_no_job_writes(
    simulator: Simulator, kestra: dict[str, Any], tmp_path: pathlib.Path
) -> None:
    (made,) = simulator.put("service_accounts", [{"name": "svc-awx", "tenants": ["main"]}], "kestra")
    simulator.put("bindings", [{"tenant": "main", "user": made["id"], "role": "Admin"}], "kestra")
    simulator.put("tokens", [{"owner": made["id"], "name": "awx"}], "kestra")
    people = [{"id": "S1", "name": "AWX", "kind": "service", "owner": "E9", "accounts": {"main": {"user": "svc-awx"}}}]
    ok(open_review(tmp_path, **kestra, people=people))
    rows = rows_of(tmp_path, account="svc-awx")
    shown = {
        (row["facet"], row["grant_name"], row["via"], row["via_name"], row["revocable"], row["privileged"])
        for row in rows
    }
    assert shown == {
        ("tenants", "main", "direct", "service account svc-awx", False, False),
        ("roles", "main/Admin", "binding", "service account svc-awx", False, True),
    }  # fmt: skip
    assert {(row["person"], row["account_id"], row["tokens"][0]["name"]) for row in rows} == {("S1", made["id"], "awx")}
    assert all({"no_active_owner", "token_without_expiry"} <= set(row["flags"]) for row in rows)
    document = loaded(tmp_path)
    assert document["coverage"]["main"]["accounts"] == document["coverage"]["main"]["total"], (
        "service accounts are no part of the list of users"
    )
    # close leaves it to a person, and never takes it for gone.
    ids = {row["id"] for row in rows}
    decisions = decisions_about(document, lambda row: "revoke" if row["id"] in ids else "", "E1")
    (tmp_path / "review" / "decisions").mkdir()
    (tmp_path / "review" / "decisions" / "all.json").write_text(json.dumps(decisions))
    ok(open_review(tmp_path, **kestra, people=people, state="close", undecided="keep"))
    closed = loaded(tmp_path, "closed.json")["rows"]
    assert {(row["outcome"], row["code"]) for row in closed if row["account"] == "svc-awx"} == {("manual", "no_user")}
    assert simulator.writes() == []


def test_apps_that_come_with_a_role_are_rows_that_name_it(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    simulator.put_users(
        [
            {
                "username": "ada",
                "email": "ada@acme.com",
                "firstname": "Ada",
                "lastname": "Bee",
                "roles": ["Snowflake", "Default"],
            }
        ],
        "onelogin",
    )
    mark = simulator.last
    ok(open_review(tmp_path, connections={"ol": {"provider": "onelogin"}}))
    state = simulator.state("onelogin")
    names = {app["id"]: app["name"] for app in state["apps"]}
    expected = {
        (role["name"], names[app])
        for role in state["roles"]
        if role["name"] in ("Snowflake", "Default")
        for app in role["apps"]
    }
    rows = rows_of(tmp_path, account="ada", facet="apps")
    assert expected
    assert {(row["via_name"], row["grant_name"]) for row in rows} == expected
    assert {(row["via"], row["revocable"], row["privileged"]) for row in rows} == {("group", False, None)}
    assert len([one for one in simulator.requests(since=mark) if one["operation"] == "get_user_apps"]) <= 3, (
        "some users have all apps together"
    )
    ids = {row["id"] for row in rows}
    # Without their names they are the same rows; without the right to read them there are none.
    ok(open_review(tmp_path, connections={"ol": {"provider": "onelogin"}}, details=False))
    assert {row["id"] for row in rows_of(tmp_path, account="ada", facet="apps")} == ids
    assert all(row["grant_name"].startswith("app ") for row in rows_of(tmp_path, account="ada", facet="apps"))
    simulator.faults([{"provider": "onelogin", "operation": "list_roles", "status": 403, "count": 0}])
    ok(open_review(tmp_path, connections={"ol": {"provider": "onelogin"}}))
    assert rows_of(tmp_path, facet="apps") == []


def test_what_credentials_may_not_read_is_unknown_and_not_no(
    simulator: Simulator, kestra: dict[str, Any], tmp_path: pathlib.Path
) -> None:
    simulator.faults(
        [
            {"provider": "kestra", "operation": operation, "status": 403, "count": 0}
            for operation in ("get_role", "list_api_tokens1", "list_service_accounts")
        ]
    )
    ok(open_review(tmp_path, **kestra))
    rows = {row["grant_name"]: row for row in rows_of(tmp_path, account="ada@acme.com")}
    assert {
        name: row["privileged"] for name, row in rows.items() if row["facet"] == "roles" or name == "acme-eu/sales"
    } == dict.fromkeys(["main/Viewer", "main/Developer in company.data", "acme-eu/Admin", "acme-eu/sales"])
    assert {row["tokens"] is None for row in rows.values()} == {True}
    assert not [row for row in loaded(tmp_path)["rows"] if "service account" in row["via_name"]]
    owner = rows_of(tmp_path, account="sim-admin@example.com")
    assert {row["privileged"] for row in owner} == {True}, "who owns the instance is privileged in any case"


def test_permissions_that_administer_nextauth_are_privileged(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    simulator.put_users([{"userid": "ada@acme.com", "permissions": ["root", "vpn"], "accounts": ["Phone"]}], "nextauth")
    ok(open_review(tmp_path, connections={"na": {"provider": "nextauth"}}))
    rows = rows_of(tmp_path, account="ada@acme.com")
    assert {row["grant_name"]: (row["privileged"], "privileged" in row["flags"]) for row in rows} == {
        "root": (True, True),
        "vpn": (None, False),
    }
    assert {row["enabled"] for row in rows} == {True}
    ok(open_review(tmp_path, connections={"na": {"provider": "nextauth"}}, details=False))
    rows = rows_of(tmp_path, account="ada@acme.com")
    assert {(row["grant_name"], row["enabled"]) for row in rows} == {("root", None), ("vpn", None)}, (
        "grants are read in any case"
    )


def test_two_connections_to_one_directory_give_each_row_once(
    simulator: Simulator, kestra: dict[str, Any], tmp_path: pathlib.Path
) -> None:
    ok(open_review(tmp_path, **kestra))
    document = loaded(tmp_path)
    assert {row["connection"] for row in document["rows"]} == {"main"}
    assert len({row["id"] for row in document["rows"]}) == len(document["rows"])
    assert (document["coverage"]["eu"]["shared_with"], document["coverage"]["eu"]["rows"]) == ("main", 0)


def test_an_entitlement_of_either_tenant_gives_the_grant_and_what_comes_with_it(
    simulator: Simulator, kestra: dict[str, Any], tmp_path: pathlib.Path
) -> None:
    entitlements = {
        "data": {"grants": {"main": {"groups": ["data"]}}},
        "sales": {"grants": {"eu": {"groups": ["sales"]}}},
    }
    people = [
        {
            "id": "E1",
            "name": "Ada Bee",
            "email": "ada@acme.com",
            "entitlements": ["data", {"name": "sales", "until": "2026-06-14", "ticket": "REQ-7"}],
        }
    ]
    ok(open_review(tmp_path, **kestra, entitlements=entitlements, people=people))
    account = {"token_without_expiry", "privileged"}
    rows = {
        row["grant_name"]: (row["entitlement"], row["ticket"], sorted(set(row["flags"]) - account))
        for row in rows_of(tmp_path, person="E1")
    }
    assert rows == {
        "main": ("data", "", []), "main/data": ("data", "", []), "main/Developer in company.data": ("data", "", []),
        "acme-eu": ("", "REQ-7", ["expired_grant"]), "acme-eu/sales": ("", "REQ-7", ["expired_grant"]),
        "acme-eu/Admin": ("", "REQ-7", ["expired_grant"]),
        "main/Viewer": ("", "", ["unmanaged_grant"]),
    }  # fmt: skip


def test_details_false_makes_no_call_for_a_single_user(
    simulator: Simulator, kestra: dict[str, Any], tmp_path: pathlib.Path
) -> None:
    lines: list[str] = []
    ok(open_review(tmp_path, {"show_line": lines.append}, **kestra))
    assert [line for line in lines if "more calls. access_review_details: false" in line]
    mark = simulator.last
    ok(open_review(tmp_path, **kestra, details=False, id="short"))
    operations = {request["operation"] for request in simulator.requests(since=mark)}
    assert not operations & {"get_user", "list_api_tokens1"}, operations
    rows = rows_of(tmp_path, account="ada@acme.com")
    assert {row["via_name"] for row in rows} == {"", "main/data", "acme-eu/sales"}
    assert {(row["tokens"], "token_without_expiry" in row["flags"]) for row in rows} == {(None, False)}
    assert {"enabled", "tokens"} <= set(loaded(tmp_path)["coverage"]["main"]["not_provided"])
    assert loaded(tmp_path)["filters"]["details"] is False


def test_a_person_whose_status_cannot_be_read_is_not_active(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text(
        "id,name,email,status\nE1,User One,user0001@example.com,gone\nE2,User Two,user0002@example.com,active\n",
        encoding="utf-8",
    )
    ok(open_review(tmp_path, people_file=str(people)))
    statuses = {row["person"]: row["status"] for row in rows_of(tmp_path, connection="ol") if row["person"]}
    assert statuses == {"E1": "unknown", "E2": "active"}
