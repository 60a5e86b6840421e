# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The access review against the simulator: what it reads, what it writes, and what it refuses."""

from __future__ import annotations

import csv
import hashlib
import json
import pathlib
import time
from typing import Any

import pytest
import yaml
from jobs import PROVIDERS

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, RollcallError
from ansible_collections.rollcall.identity.plugins.modules.identity_review import SPEC
from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import validate
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.job import run_review
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame
from simulator.harness import Simulator

ALL: dict[str, Any] = {name: {"provider": provider} for name, provider in PROVIDERS.items()}
HOSTILE = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://evil.example.com")'


@pytest.fixture
def simulator(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """Six users everywhere; the credentials are those of the environment."""
    simulator.reset(seed_users=6)
    for name, value in simulator.env.items():
        monkeypatch.setenv(name, value)
    return simulator


def review(folder: pathlib.Path, frame: dict[str, Any] | None = None, **params: Any) -> dict[str, Any]:
    """Run the job and return its result."""
    arguments = {"connections": ALL, "as_of": "2026-06-15", "dest": str(folder / "review"), **params}
    validated = validate(SPEC, {}, {name: value for name, value in arguments.items() if value is not None})
    assert not validated.error_messages, validated.error_messages
    return run_review(validated.validated_parameters, Frame(**{"folder": str(folder), **(frame or {})}))


def ok(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result that is no failure."""
    assert not result.get("failed"), result.get("msg")
    return result


def loaded(folder: pathlib.Path, name: str = "review.json") -> Any:
    """Return the content of a file of the review."""
    return json.loads((folder / "review" / name).read_text(encoding="utf-8"))


def rows_of(folder: pathlib.Path, **wanted: Any) -> list[dict[str, Any]]:
    """Return the rows that have these values."""
    return [row for row in loaded(folder)["rows"] if all(row[name] == value for name, value in wanted.items())]


def _first_user(simulator: Simulator) -> int:
    """Return the id of user0001 at OneLogin."""
    return next(user["id"] for user in simulator.state("onelogin")["users"] if user["username"] == "user0001")


def test_every_grant_of_every_account_is_a_row(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    result = ok(review(tmp_path))
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


# -- what accounts do not show -------------------------------------------------------------------------------------


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
    ok(review(tmp_path, **kestra))
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
    ok(review(tmp_path, **kestra, people=people))
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
    decisions = {
        "schema": 1, "kind": "access_review_decisions", "review": "2026-06-15", "rows_digest": document["rows_digest"],
        "reviewer": {"id": "E1", "name": "Ada"},
        "saved": document["opened"],
        "decisions": [
            {
                "row": row["id"], "verdict": "revoke", "reason": "no owner", "connection": "main",
                "account_id": row["account_id"], "grant_name": row["grant_name"], "time": document["opened"],
            }
            for row in rows
        ],
    }  # fmt: skip
    (tmp_path / "review" / "decisions").mkdir()
    (tmp_path / "review" / "decisions" / "all.json").write_text(json.dumps(decisions))
    ok(review(tmp_path, **kestra, people=people, state="close", undecided="keep"))
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
    ok(review(tmp_path, connections={"ol": {"provider": "onelogin"}}))
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
    ok(review(tmp_path, connections={"ol": {"provider": "onelogin"}}, details=False))
    assert {row["id"] for row in rows_of(tmp_path, account="ada", facet="apps")} == ids
    assert all(row["grant_name"].startswith("app ") for row in rows_of(tmp_path, account="ada", facet="apps"))
    simulator.faults([{"provider": "onelogin", "operation": "list_roles", "status": 403, "count": 0}])
    ok(review(tmp_path, connections={"ol": {"provider": "onelogin"}}))
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
    ok(review(tmp_path, **kestra))
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
    ok(review(tmp_path, connections={"na": {"provider": "nextauth"}}))
    rows = rows_of(tmp_path, account="ada@acme.com")
    assert {row["grant_name"]: (row["privileged"], "privileged" in row["flags"]) for row in rows} == {
        "root": (True, True),
        "vpn": (None, False),
    }
    assert {row["enabled"] for row in rows} == {True}
    ok(review(tmp_path, connections={"na": {"provider": "nextauth"}}, details=False))
    rows = rows_of(tmp_path, account="ada@acme.com")
    assert {(row["grant_name"], row["enabled"]) for row in rows} == {("root", None), ("vpn", None)}, (
        "grants are read in any case"
    )


def test_two_connections_to_one_directory_give_each_row_once(
    simulator: Simulator, kestra: dict[str, Any], tmp_path: pathlib.Path
) -> None:
    ok(review(tmp_path, **kestra))
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
    ok(review(tmp_path, **kestra, entitlements=entitlements, people=people))
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
    ok(review(tmp_path, {"show_line": lines.append}, **kestra))
    assert [line for line in lines if "more calls. access_review_details: false" in line]
    mark = simulator.last
    ok(review(tmp_path, **kestra, details=False, id="short"))
    operations = {request["operation"] for request in simulator.requests(since=mark)}
    assert not operations & {"get_user", "list_api_tokens1"}, operations
    rows = rows_of(tmp_path, account="ada@acme.com")
    assert {row["via_name"] for row in rows} == {"", "main/data", "acme-eu/sales"}
    assert {(row["tokens"], "token_without_expiry" in row["flags"]) for row in rows} == {(None, False)}
    assert {"enabled", "tokens"} <= set(loaded(tmp_path)["coverage"]["main"]["not_provided"])
    assert loaded(tmp_path)["filters"]["details"] is False


# -- files ---------------------------------------------------------------------------------------------------------

COMPANY: dict[str, Any] = {
    "connections": {"ol": {"provider": "onelogin"}, "co": {"provider": "contabo"}},
    "entitlements": {"data": {"grants": {"ol": {"roles": ["Snowflake"]}, "co": {}}, "owner": "E3"}},
    "people": [
        {"id": "E1", "name": "Ada Bee", "email": "ada@acme.com", "manager": "E2", "entitlements": ["data"]},
        {"id": "E2", "name": "Grace Hopper", "email": "grace@acme.com", "manager": "E2"},
        {"id": "E3", "name": "Olive Owner", "email": "olive@acme.com"},
        {"id": "E4", "name": "Left", "email": "left@acme.com", "status": "left", "manager": "E2"},
        {"id": "S1", "name": "Robot", "email": "robot@acme.com", "kind": "service", "owner": "E4"},
    ],
}  # fmt: skip


@pytest.fixture
def company(simulator: Simulator) -> Simulator:
    """Some people at OneLogin and Contabo, hostile names among them."""
    simulator.put_users(
        [
            {
                "username": name,
                "email": f"{name}@acme.com",
                "firstname": first,
                "lastname": "Bee",
                "roles": ["Snowflake"],
            }
            for name, first in (
                ("ada", HOSTILE),
                ("grace", FORMULA),
                ("left", "Left"),
                ("robot", "+1"),
                ("=1+1", "@x"),
                (HOSTILE, "-"),
            )
        ],
        "onelogin",
    )
    simulator.put_users(
        [{"email": "ada@acme.com", "firstName": "Ada", "lastName": "Bee", "roles": ["Administrator"]}], "contabo"
    )
    return simulator


def test_a_page_for_each_reviewer_and_the_rest_stays_with_the_auditor(
    company: Simulator, tmp_path: pathlib.Path
) -> None:
    result = ok(review(tmp_path, **COMPANY, by="manager"))
    assert result["review"]["pages"] == ["review.html", "review-e2.html"]
    assert {row["person"] for row in rows_of(tmp_path, reviewer="E2")} == {"E1", "E4"}, (
        "nobody reviews themselves, and who has left reviews nobody"
    )
    assert loaded(tmp_path)["reviewers"] == {"E2": "Grace Hopper"}
    flags = {row["person"]: set(row["flags"]) for row in rows_of(tmp_path, connection="ol") if row["person"]}
    assert flags["E4"] >= {"active_leaver", "unmanaged_grant"}
    assert "no_active_owner" in flags["S1"]
    assert rows_of(tmp_path, person="E1", connection="co")[0]["privileged"] is True
    # By the owners of entitlements, the page of the manager goes.
    result = ok(review(tmp_path, **COMPANY, by="owner"))
    assert not result["review"]["incomplete"]
    assert {row["reviewer"] for row in rows_of(tmp_path, person="E1", connection="ol")} == {"E3"}
    assert sorted(path.name for path in (tmp_path / "review").glob("*.html")) == [
        "review-e2.html", "review-e3.html", "review.html",
    ]
    ok(review(tmp_path, **COMPANY))
    assert [path.name for path in (tmp_path / "review").glob("*.html")] == ["review.html"]
    ok(review(tmp_path, **COMPANY, by="connection"))
    assert sorted(path.name for path in (tmp_path / "review").glob("*.html")) == [
        "review-co.html", "review-ol.html", "review.html",
    ]


def test_hostile_names_stay_texts(company: Simulator, tmp_path: pathlib.Path) -> None:
    ok(review(tmp_path, **COMPANY, by="manager"))
    for page in (tmp_path / "review").glob("*.html"):
        assert "<script>alert(1)</script>" not in page.read_text(encoding="utf-8")
    with (tmp_path / "review" / "review.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert HOSTILE in cells
    assert "not provided by the API" in cells


def test_a_second_opening_changes_nothing(
    company: Simulator, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter(f"2026-06-15T0{number}:00:00Z" for number in range(1, 10))
    monkeypatch.setattr(
        "ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.open.moment", lambda: next(times)
    )
    first = ok(review(tmp_path, {"awx_job": "41"}, **COMPANY, by="manager"))
    files = {path.name: path.read_bytes() for path in (tmp_path / "review").iterdir()}
    assert sorted(files) == sorted(first["files"])
    again = ok(review(tmp_path, {"awx_job": "42"}, **COMPANY, by="manager"))
    assert (again["changed"], again["files"], again["review"]["manifest_digest"]) == (
        False,
        [],
        first["review"]["manifest_digest"],
    )
    assert {path.name: path.read_bytes() for path in (tmp_path / "review").iterdir()} == files
    document = loaded(tmp_path)
    assert (document["opened"], document["job"]) == ("2026-06-15T01:00:00Z", "41")
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    assert loaded(tmp_path, "manifest.json")["files"] == {
        name: digest for name, digest in digests.items() if name != "manifest.json"
    }
    assert first["review"]["manifest_digest"] == digests["manifest.json"]
    # Another grant is another review, opened now.
    company.put_users(
        [{"username": "new", "email": "new@acme.com", "firstname": "N", "lastname": "W", "roles": ["Snowflake"]}],
        "onelogin",
    )
    third = ok(review(tmp_path, **COMPANY, by="manager"))
    assert third["changed"]
    assert loaded(tmp_path)["opened"] == "2026-06-15T03:00:00Z"


def test_check_mode_writes_nothing(company: Simulator, tmp_path: pathlib.Path) -> None:
    result = ok(review(tmp_path, {"check": True}, **COMPANY))
    assert (result["changed"], sorted(result["files"])) == (
        True,
        ["manifest.json", "review.csv", "review.html", "review.json"],
    )
    assert not (tmp_path / "review").exists()
    assert company.writes() == []


def test_a_review_that_is_decided_is_not_replaced(company: Simulator, tmp_path: pathlib.Path) -> None:
    ok(review(tmp_path, **COMPANY))
    before = (tmp_path / "review" / "review.json").read_bytes()
    (tmp_path / "review" / "decisions").mkdir()
    (tmp_path / "review" / "decisions" / "decisions-x.json").write_text("{}")
    mark = company.last
    for identity in ("2026-06-15", "another"):
        with pytest.raises(InputError) as raised:
            review(tmp_path, **COMPANY, id=identity)
        assert [problem.code for problem in raised.value.problems] == ["review_decided"]
    assert company.last == mark, "no call was made"
    assert (tmp_path / "review" / "review.json").read_bytes() == before


def test_since_the_last_review(company: Simulator, tmp_path: pathlib.Path) -> None:
    ok(review(tmp_path, **COMPANY, dest=str(tmp_path / "q1"), id="q1"))
    company.put_users(
        [{"username": "new", "email": "new@acme.com", "firstname": "N", "lastname": "W", "roles": ["Snowflake"]}],
        "onelogin",
    )
    (user,) = (user for user in company.state("contabo")["users"] if user["email"] == "ada@acme.com")
    company.put_users([{"userId": user["userId"], "roles": ["Snowflake"]}], "contabo")
    result = ok(review(tmp_path, **COMPANY, id="q2", previous=str(tmp_path / "q1")))
    document = loaded(tmp_path)
    assert document["previous"] == "q1"
    assert [(one["account"], one["grant_name"]) for one in document["gone"]] == [("ada@acme.com", "Administrator")]
    assert {(row["account"], row["grant_name"]) for row in rows_of(tmp_path, new=True)} == {
        ("new", "Snowflake"), ("ada@acme.com", "Snowflake"),
    }  # fmt: skip
    assert [line for line in result["review"]["text"] if line.startswith("since review q1")]
    for path in ("q1", "q1/review.json"):
        with pytest.raises(InputError, match="access_review_previous is access_review_dest"):
            review(tmp_path, **COMPANY, id="q2", previous=str(tmp_path / path), dest=str(tmp_path / "q1"))


# -- what goes wrong -----------------------------------------------------------------------------------------------


def test_a_connection_that_cannot_be_read_makes_the_review_incomplete(
    company: Simulator, tmp_path: pathlib.Path
) -> None:
    company.faults([{"provider": "contabo", "operation": "retrieve_user_list", "status": 500, "count": 0}])
    connections = {name: {**entry, "api_retries": 0} for name, entry in COMPANY["connections"].items()}
    result = review(tmp_path, **{**COMPANY, "connections": connections})
    assert result["failed"]
    assert (
        result["review"]["incomplete"]
        == loaded(tmp_path)["incomplete"]
        == loaded(tmp_path, "manifest.json")["incomplete"]
        == ["co"]
    )
    assert [(entry["code"], entry["message"][:4]) for entry in result["errors"]] == [("server_error", "co: ")]
    assert "INCOMPLETE" in (tmp_path / "review" / "review.html").read_text(encoding="utf-8")
    assert loaded(tmp_path)["coverage"]["co"]["error"]
    assert {row["connection"] for row in loaded(tmp_path)["rows"]} == {"ol"}
    reported = ok(review(tmp_path, **{**COMPANY, "connections": connections}, on_missing="report"))
    assert reported["review"]["incomplete"] == ["co"]
    with pytest.raises(RollcallError, match="No connection could be read"):
        review(tmp_path, **{**COMPANY, "connections": {"co": connections["co"]}, "entitlements": {}}, id="other")


def test_everything_that_is_wrong_is_reported_before_any_call(company: Simulator, tmp_path: pathlib.Path) -> None:
    (tmp_path / "links.yml").write_text("schema: 9\n")
    mark = company.last
    with pytest.raises(InputError) as raised:
        review(
            tmp_path, connections={"ol": {"provider": "onelogin", "api_timeout": 0}}, dest="", id="../x",
            dormant_days=0, only=["nowhere", "ol"],
            links=str(tmp_path / "links.yml"),
            previous=str(tmp_path / "none"), people_file=str(tmp_path / "none.csv"),
        )  # fmt: skip
    codes = [problem.code for problem in raised.value.problems]
    assert sorted(codes) == [
        "bad_links",
        *["invalid_value"] * 3,
        "missing_option",
        "no_file",
        "no_file",
        "unknown_connection",
    ]
    with pytest.raises(InputError) as raised:
        review(
            tmp_path,
            connections={
                "ol": {"provider": "onelogin", "api_url": "ftp://x"},
                "co": {"provider": "contabo", "api_timeout": 0},
            },
        )
    assert len(raised.value.problems) == 2
    assert company.last == mark, "no call was made"


def test_what_the_cover_shows(company: Simulator, tmp_path: pathlib.Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("id,name,email\nE1,Ada Bee,ada@acme.com\n,Nobody,\n", encoding="utf-8")
    result = ok(review(tmp_path, {"awx_job": "41"}, connections=ALL, only="ol", people_file=str(people)))
    document = loaded(tmp_path)
    assert document["people_digest"] == hashlib.sha256(people.read_bytes()).hexdigest()
    galaxy = yaml.safe_load((pathlib.Path(__file__).parents[2] / "galaxy.yml").read_text(encoding="utf-8"))
    assert (document["feed"], document["people"], document["job"], document["version"]) == (
        "people.csv", 1, "41", galaxy["version"],
    )
    assert document["filters"] == {"connections": ["ol"], "dormant_days": 90}
    assert list(document["coverage"]) == ["ol"]
    assert time.strptime(document["opened"], "%Y-%m-%dT%H:%M:%SZ")
    assert [line for line in result["review"]["text"] if "cannot be used" in line]


def test_secrets_are_in_no_file(company: Simulator, tmp_path: pathlib.Path) -> None:
    ok(review(tmp_path))
    secrets = [
        value for name, value in company.env.items() if name.endswith(("_SECRET", "_TOKEN", "_PASSWORD", "_KEY"))
    ]
    for path in (tmp_path / "review").iterdir():
        text = path.read_text(encoding="utf-8")
        assert not [secret for secret in secrets if secret in text], path.name
