# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of an access review against the simulator: what it writes, what it refuses, and what goes wrong."""

from __future__ import annotations

import csv
import hashlib
import pathlib
import time
from typing import Any

import pytest
import yaml
from jobs import ok, warned
from reviews import ALL, loaded, open_review, rows_of
from scenarios import secrets_of

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, RollcallError
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.links import Link, Memory
from simulator.harness import Simulator

HOSTILE = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://evil.example.com")'

pytestmark = pytest.mark.in_process(users=6)


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
    result = ok(open_review(tmp_path, **COMPANY, by="manager"))
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
    result = ok(open_review(tmp_path, **COMPANY, by="owner"))
    assert not result["review"]["incomplete"]
    assert {row["reviewer"] for row in rows_of(tmp_path, person="E1", connection="ol")} == {"E3"}
    assert sorted(path.name for path in (tmp_path / "review").glob("*.html")) == [
        "review-e2.html", "review-e3.html", "review.html",
    ]
    ok(open_review(tmp_path, **COMPANY))
    assert [path.name for path in (tmp_path / "review").glob("*.html")] == ["review.html"]
    ok(open_review(tmp_path, **COMPANY, by="connection"))
    assert sorted(path.name for path in (tmp_path / "review").glob("*.html")) == [
        "review-co.html", "review-ol.html", "review.html",
    ]


def test_warnings_have_the_codes_of_their_causes(company: Simulator, tmp_path: pathlib.Path) -> None:
    """Those of the feed come first, then those of the entitlements in each connection."""
    assert warned(ok(open_review(tmp_path, **{**COMPANY, "people": COMPANY["people"][:4]}))) == []
    grants = {"ol": {"roles": ["Snowflake", "Snowflak"]}}
    entitlements = {"data": {"grants": grants, "owner": "E9"}}
    result = ok(open_review(tmp_path, **{**COMPANY, "entitlements": entitlements}))
    assert [(code, text.partition(",")[0]) for code, text in warned(result)] == [
        ("owner_left", "S1 Robot: the owner E4 has left. Specify another owner"),
        ("unknown_owner", "identity_entitlements.data: the owner E9 is not in the feed. Add this person to the feed"),
        ("unknown_role", "ol: entitlement data (ol): there is no role named 'Snowflak'; similar names: 'Snowflake'."),
    ]
    assert [detail.get("user") for detail in result["warning_details"]] == ["S1", None, None]


def test_links_that_are_missing_or_of_another_company_are_noticed(company: Simulator, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "links.yml"
    people = [
        *COMPANY["people"][:3],
        *({"id": f"E{number}", "name": f"New{number} x", "email": f"new{number}@acme.com"} for number in (7, 8)),
    ]
    params = {**COMPANY, "people": people, "links": str(file)}
    missing = (
        f"access_review_links: {file} does not exist, so accounts are matched by ID and by name only. The roles export "
        "and access create the file. If the links are in another file, correct the path."
    )
    assert warned(ok(open_review(tmp_path, **params))) == [("missing_links", missing)]
    file.write_text(
        Memory(Link(person["id"], "ol", f"foreign-{person['id']}") for person in people).text(), encoding="utf-8"
    )
    ((code, text),) = warned(ok(open_review(tmp_path, **params)))
    assert code == "foreign_links"
    assert text.startswith("ol: of the 5 people in the feed with accounts in access_review_links, none has such an ")


def test_hostile_names_stay_texts(company: Simulator, tmp_path: pathlib.Path) -> None:
    ok(open_review(tmp_path, **COMPANY, by="manager"))
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
    first = ok(open_review(tmp_path, {"awx_job": "41"}, **COMPANY, by="manager"))
    files = {path.name: path.read_bytes() for path in (tmp_path / "review").iterdir()}
    assert sorted(files) == sorted(first["files"])
    again = ok(open_review(tmp_path, {"awx_job": "42"}, **COMPANY, by="manager"))
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
    third = ok(open_review(tmp_path, **COMPANY, by="manager"))
    assert third["changed"]
    assert loaded(tmp_path)["opened"] == "2026-06-15T03:00:00Z"


def test_check_mode_writes_nothing(company: Simulator, tmp_path: pathlib.Path) -> None:
    result = ok(open_review(tmp_path, {"check": True}, **COMPANY))
    assert (result["changed"], sorted(result["files"])) == (
        True,
        ["manifest.json", "review.csv", "review.html", "review.json"],
    )
    assert not (tmp_path / "review").exists()
    assert company.writes() == []


def test_a_review_that_is_decided_is_not_replaced(company: Simulator, tmp_path: pathlib.Path) -> None:
    ok(open_review(tmp_path, **COMPANY))
    before = (tmp_path / "review" / "review.json").read_bytes()
    (tmp_path / "review" / "decisions").mkdir()
    (tmp_path / "review" / "decisions" / "decisions-x.json").write_text("{}")
    mark = company.last
    for identity in ("2026-06-15", "another"):
        with pytest.raises(InputError) as raised:
            open_review(tmp_path, **COMPANY, id=identity)
        assert [problem.code for problem in raised.value.problems] == ["review_decided"]
    assert company.last == mark, "no call was made"
    assert (tmp_path / "review" / "review.json").read_bytes() == before


def test_since_the_last_review(company: Simulator, tmp_path: pathlib.Path) -> None:
    ok(open_review(tmp_path, **COMPANY, dest=str(tmp_path / "q1"), id="q1"))
    company.put_users(
        [{"username": "new", "email": "new@acme.com", "firstname": "N", "lastname": "W", "roles": ["Snowflake"]}],
        "onelogin",
    )
    (user,) = (user for user in company.state("contabo")["users"] if user["email"] == "ada@acme.com")
    company.put_users([{"userId": user["userId"], "roles": ["Snowflake"]}], "contabo")
    result = ok(open_review(tmp_path, **COMPANY, id="q2", previous=str(tmp_path / "q1")))
    document = loaded(tmp_path)
    assert document["previous"] == "q1"
    assert [(one["account"], one["grant_name"]) for one in document["gone"]] == [("ada@acme.com", "Administrator")]
    assert {(row["account"], row["grant_name"]) for row in rows_of(tmp_path, new=True)} == {
        ("new", "Snowflake"), ("ada@acme.com", "Snowflake"),
    }  # fmt: skip
    assert [line for line in result["review"]["text"] if line.startswith("since review q1")]
    for path in ("q1", "q1/review.json"):
        with pytest.raises(InputError, match="access_review_previous is access_review_dest"):
            open_review(tmp_path, **COMPANY, id="q2", previous=str(tmp_path / path), dest=str(tmp_path / "q1"))


# -- what goes wrong -----------------------------------------------------------------------------------------------


def test_a_connection_that_cannot_be_read_makes_the_review_incomplete(
    company: Simulator, tmp_path: pathlib.Path
) -> None:
    company.faults([{"provider": "contabo", "operation": "retrieve_user_list", "status": 500, "count": 0}])
    connections = {name: {**entry, "api_retries": 0} for name, entry in COMPANY["connections"].items()}
    result = open_review(tmp_path, **{**COMPANY, "connections": connections})
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
    reported = ok(open_review(tmp_path, **{**COMPANY, "connections": connections}, on_missing="report"))
    assert reported["review"]["incomplete"] == ["co"]
    with pytest.raises(RollcallError, match="No connection could be read"):
        open_review(tmp_path, **{**COMPANY, "connections": {"co": connections["co"]}, "entitlements": {}}, id="other")


def test_everything_that_is_wrong_is_reported_before_any_call(company: Simulator, tmp_path: pathlib.Path) -> None:
    (tmp_path / "links.yml").write_text("schema: 9\n")
    mark = company.last
    with pytest.raises(InputError) as raised:
        open_review(
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
        open_review(
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
    result = ok(open_review(tmp_path, {"awx_job": "41"}, connections=ALL, only="ol", people_file=str(people)))
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
    ok(open_review(tmp_path))
    secrets = secrets_of(company)
    for path in (tmp_path / "review").iterdir():
        text = path.read_text(encoding="utf-8")
        assert not [secret for secret in secrets if secret in text], path.name
