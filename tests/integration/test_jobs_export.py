# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The export job in this process: what it writes, that access has nothing to do with it, and what it refuses."""

from __future__ import annotations

import csv
import pathlib
import stat
from dataclasses import replace
from typing import Any

import pytest
import yaml
from exports import ALL, FORMULA, HOSTILE, access_to, export, loaded, people_of, put_company
from jobs import Access, changes, findings, ok, warned

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, RollcallError
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.links import Hold, Memory, read_links
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Session
from simulator.harness import Simulator

pytestmark = pytest.mark.in_process(users=3)


@pytest.fixture
def company(simulator: Simulator) -> Simulator:
    """A company with names of all kinds, odd users, hostile ones, and a blocked account at each provider."""
    put_company(simulator)
    return simulator


def test_access_has_nothing_to_do_with_what_an_export_writes(company: Simulator, tmp_path: pathlib.Path) -> None:
    made = ok(export(tmp_path))
    assert company.writes() == []
    assert made["changed"]
    folder = tmp_path / "company"
    assert sorted(made["files"]) == sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()
    )
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "connections")} == {0o700}
    people = people_of(tmp_path)
    assert people["mallory"]["given_name"] == HOSTILE
    assert {name: people["mallory"]["attributes"][name] for name in ("title", "department")} == {
        "title": HOSTILE,
        "department": FORMULA,
    }
    assert people["blocked"]["accounts"] == {
        "ol": {"user": "blocked", "enabled": False},
        "kes": {"enabled": False},
        "co": {"enabled": False},
    }
    assert people["alan.turing"]["accounts"]["na"]["enabled"] is False
    access = access_to(company, tmp_path)
    lists: list[tuple[list[dict[str, Any]], dict[str, Any]]] = [
        ([], {"people_file": str(folder / "people.csv")}),
        (list(people.values()), {}),
    ]
    for given, more in lists:
        for links in (str(tmp_path / "links.yml"), None):
            planned = ok(access(given, "plan", links=links, unlisted="report", **more))
            assert planned["report"]["changes"] == [], planned["report"]["text"]
            assert [
                finding
                for finding in planned["report"]["findings"]
                if finding["code"] in ("held_back", "vanished", "rejected_row")
            ] == []
            assert planned["changed"] is False
    applied = ok(access([], people_file=str(folder / "people.csv")))
    assert (applied["changed"], access.sent) == (False, [])
    assert ok(export(tmp_path, dest=str(tmp_path / "again")))["content"] == made["content"], "the same bytes"
    assert not list(tmp_path.rglob("pwned"))
    with (folder / "people.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))], "no formula"


def test_users_who_cannot_log_in_yet_are_not_suspended(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    """To block the login of a OneLogin user who was never activated is to suspend the user."""
    simulator.put_users([
        {"username": f"s{status}", "email": f"s{status}@acme.com", "firstname": "S", "lastname": str(status),
         "status": status}
        for status in (0, 1, 2, 3, 4, 5, 7, 8)
    ])
    ol = {"ol": {"provider": "onelogin"}}
    ok(export(tmp_path, connections=ol))
    accounts = {name: person["accounts"]["ol"] for name, person in people_of(tmp_path).items()}
    assert (accounts["s0"], accounts["s2"]) == ({"user": "s0", "enabled": None}, {"user": "s2", "enabled": False})
    access = access_to(simulator, tmp_path, ol)
    for links in (str(tmp_path / "links.yml"), None):
        planned = ok(access([], "plan", links=links, people_file=str(tmp_path / "company" / "people.csv")))
        assert (planned["report"]["changes"], findings(planned)) == ([], [])
    left = [{**person, "status": "left"} for person in people_of(tmp_path).values() if person["id"] == "s0"]
    assert changes(ok(access(left, "plan"))) == [("s0", "ol", "disable")], "a leaver is suspended nevertheless"


def test_each_exported_entitlement_can_be_given_alone(company: Simulator, tmp_path: pathlib.Path) -> None:
    ok(export(tmp_path))
    access = access_to(company, tmp_path)
    known = list(people_of(tmp_path).values())
    assert {"kes-group-main-data", "kes-group-acme-eu-sales", "kes-role-main-developer-company.data"} <= set(
        access.entitlements
    )
    joiners = [
        {"id": f"J{number}", "name": "Jo Iner", "email": f"joiner{number}@acme.com", "entitlements": [name]}
        for number, name in enumerate(access.entitlements)
    ]
    result = ok(access([*known, *joiners], create_limit="1000"))
    created = {change["person"] for change in result["report"]["changes"] if change["operation"] == "create"}
    assert created == {joiner["id"] for joiner in joiners}
    assert ok(access([*known, *joiners]))["changed"] is False


def test_connections_to_one_directory_are_exported_and_planned_together(
    company: Simulator, tmp_path: pathlib.Path
) -> None:
    connections = {
        "main": {"provider": "kestra", "tenant": "main"}, "eu": {"provider": "kestra", "tenant": "acme-eu"},
        "ol": {"provider": "onelogin"}, "ol2": {"provider": "onelogin", "user_key": "username"},
    }  # fmt: skip
    ok(export(tmp_path, connections=connections))
    access = access_to(company, tmp_path, connections)
    for links in (str(tmp_path / "links.yml"), None):
        planned = ok(
            access([], "plan", people_file=str(tmp_path / "company" / "people.csv"), links=links, unlisted="report")
        )
        assert planned["report"]["changes"] == [], planned["report"]["text"]
        assert [finding for finding in planned["report"]["findings"] if finding["code"] != "no_entitlement"] == []
    mark = company.last
    access.connections = {**connections, "ol2": {"provider": "onelogin", "user_key": "email"}}
    refused = access([], "plan", people_file=str(tmp_path / "company" / "people.csv"))
    assert "leads to the same directory as ol, with another user_key" in refused["msg"]
    assert refused["report"]["outcome"] == "invalid"
    assert company.requests(since=mark) == []


def hr_file_and_accounts(simulator: Simulator, folder: pathlib.Path) -> pathlib.Path:
    """Put accounts of Ada and a service, and return an HR file with Ada, Bob and a row that is wrong."""
    simulator.put_users(
        [
            {
                "username": "alove",
                "email": "ada@acme.com",
                "firstname": "Ada",
                "lastname": "Lovelace",
                "roles": ["Snowflake"],
                "external_id": "0042",
                "department": "Sales",
                "title": "Analyst",
            },
            {
                "username": "svc-backup", "email": "backup@acme.com", "firstname": "Back", "lastname": "Up",
                "external_id": "0043",
            },
        ]
    )
    simulator.put_users(
        [{"email": "ada@old.com", "firstName": "Ada", "lastName": "Lovelace", "groups": ["data"]}], "kestra"
    )
    file = folder / "hr.csv"
    file.write_text(
        "id,name,email,previous_emails,status,kind,employee number,department\nE42,Ada "
        "Lovelace,ADA@acme.com,ada@old.com,leave,employee,0042,R&D\n"
        "E43,Bob Bee,bob@acme.com,,left,employee,0099,\nE44,Bad Row,no address,,active,employee,0044,\n",
        encoding="utf-8",
    )
    return file


def test_a_warning_says_how_many_problems_of_rows_it_leaves_out(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    file = hr_file_and_accounts(simulator, tmp_path)
    with file.open("a", encoding="utf-8") as rows:
        rows.writelines(f"X{number},Bad Row,no address,,active,employee,,\n" for number in range(6))
    ((_code, text),) = warned(ok(export(tmp_path, connections={"ol": ALL["ol"]}, people_file=str(file))))
    assert (text.count("no address"), text.endswith(" There are 2 more problems.")) == (5, True)


def test_accounts_are_joined_to_an_hr_file(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    file = hr_file_and_accounts(simulator, tmp_path)
    connections = {name: ALL[name] for name in ("ol", "kes")}
    made = ok(export(tmp_path, connections=connections, people_file=str(file)))
    people = people_of(tmp_path)
    assert list(people) == ["E42", "E43"]
    assert (people["E42"]["status"], people["E43"]["status"]) == ("leave", "left")
    assert people["E42"]["attributes"] == {
        "employee number": "0042", "department": "R&D", "title": "Analyst", "external_id": "0042",
    }
    assert people["E42"]["entitlements"] == ["kes-group-main-data", "kes-tenant-main", "ol-snowflake"]
    assert {(link["person"], link["connection"], link["name"]) for link in loaded(tmp_path, "links")["links"]} == {
        ("E42", "ol", "alove"), ("E42", "kes", "ada@old.com"),
    }  # fmt: skip
    assert "ol: svc-backup" in made["export"]["strangers"]
    assert any("accounts belong to no person in the HR file" in line for line in made["export"]["text"])
    assert any("not joined" in line and "E44" in line for line in made["export"]["text"])
    ((code, text),) = warned(made)
    assert code == "incomplete_feed"
    assert text.startswith("hr.csv: 1 of 3 rows cannot be used, so the accounts of this person are exported without")

    by_number = ok(
        export(

            tmp_path,
            connections=connections,
            people_file=str(file),
            join="employee_number",
            dest=str(tmp_path / "number"),
        )
    )
    assert [link["person"] for link in yaml.safe_load(by_number["content"]["links.yml"])["links"]] == ["E42"]
    mark = simulator.last
    with pytest.raises(InputError) as caught:
        export(

            tmp_path,
            connections=connections,
            people_file=str(file),
            join="employe_numbr",
            dest=str(tmp_path / "typo"),
        )
    text = "export_join: no row of hr.csv has a value in employe_numbr; similar names: employee number."
    assert text in str(caught.value)
    assert simulator.requests(since=mark) == []


def test_a_connection_that_fails_is_missing_and_said_to_be(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    secret = "canary-secret-of-another-connection"
    away = {"provider": "kestra", "api_url": f"http://127.0.0.1:9/{secret}", "api_retries": 0}
    half = {"provider": "onelogin", "credentials": {"client_secret": secret}}
    connections = {"co": ALL["co"], "away": away, "half": half}
    result = export(tmp_path, connections=connections)
    assert result["failed"]
    assert "away, half could not be read" in result["msg"]
    assert [(entry["code"], entry["message"].split(":")[0]) for entry in result["errors"]] == [
        ("unreachable", "away"), ("missing_credentials", "half")
    ]
    assert "credentials of its own" in result["msg"], (
        "the environment's client_id does not go with somebody else's secret"
    )
    assert secret not in str(result), "neither in the text of another connection"
    assert "NOT INCLUDED, because it could not be read: away, half." in (tmp_path / "company" / "people.yml").read_text(
        encoding="utf-8"
    )
    assert not ok(export(tmp_path, connections=connections, on_missing="report"))["changed"]
    assert ok(export(tmp_path, connections={"co": ALL["co"]}))["changed"], (
        "files that nobody changed are replaced"
    )
    with pytest.raises(RollcallError, match="No connection could be read") as caught:
        export(tmp_path, connections={"away": away}, dest=str(tmp_path / "nothing"))
    assert caught.value.code == "unreachable"
    assert not (tmp_path / "nothing").exists()


def test_what_is_unexpected_in_one_connection_costs_that_one(
    simulator: Simulator, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, secret = Session.read, simulator.env["ONELOGIN_CLIENT_SECRET"]

    def broken(self: Session, facets: Any) -> None:
        if self.name == "co":
            raise KeyError(secret)
        read(self, facets)

    monkeypatch.setattr(Session, "read", broken)
    result = export(tmp_path)
    assert result["failed"]
    assert "co: Unexpected KeyError" in result["msg"]
    assert secret not in str(result)
    assert sorted(result["export"]["connections"]) == ["kes", "na", "ol", "se"]


@pytest.mark.parametrize("name", ["people.yml", "people.csv", "links.yml", "entitlements.yml", "connections/co.yml"])
def test_a_file_that_somebody_changed_is_kept(simulator: Simulator, tmp_path: pathlib.Path, name: str) -> None:
    connections = {"co": ALL["co"]}
    ok(export(tmp_path, connections=connections))
    path = tmp_path / "company" / name
    mine = path.read_bytes() + b"# mine\n"
    path.write_bytes(mine)
    mark = simulator.last
    with pytest.raises(InputError) as caught:
        export(tmp_path, connections=connections)
    assert caught.value.problems == [f"{path} was changed after an export wrote it, and would be overwritten."]
    assert caught.value.hint.startswith("Specify another export_dest and compare the files, ")
    assert caught.value.sentence().count("Nothing was") == 1
    assert simulator.requests(since=mark) == []
    assert path.read_bytes() == mine
    assert ok(export(tmp_path, connections=connections, overwrite=True))["files"] == [name]


def test_what_links_remember_outlives_another_export(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    connections = {name: ALL[name] for name in ("co", "na")}
    ok(export(tmp_path, connections=connections))
    path = tmp_path / "company" / "links.yml"
    memory = read_links(str(path), "links")
    old = Memory(
        [replace(link, linked="2026-01-01T00:00:00Z") for link in memory.links],
        [Hold("user0001", "2026-01-02T00:00:00Z")],
        kept=True,
    )
    path.write_text(old.text(), encoding="utf-8")
    assert ok(export(tmp_path, connections={"co": ALL["co"]}))["changed"], (
        "a file that a role wrote is no foreign one"
    )
    again = read_links(str(path), "links")
    assert [hold.person for hold in again.holds] == ["user0001"], "who was offboarded stays out"
    assert {(link.connection, link.linked) for link in again.links} == {
        ("co", "2026-01-01T00:00:00Z"),
        ("na", "2026-01-01T00:00:00Z"),
    }
    path.write_text("schema: 2\nlinks: []\n", encoding="utf-8")
    with pytest.raises(InputError, match="reads schema 1"):
        export(tmp_path, connections=connections, overwrite=True)
    assert path.read_text(encoding="utf-8").startswith("schema: 2")


def test_check_and_diff_mode(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    connections = {"co": ALL["co"]}
    planned = ok(export(tmp_path, {"check": True, "diff": True}, connections=connections))
    assert planned["changed"]
    assert not (tmp_path / "company").exists()
    assert planned["diff"][0]["before"] == ""
    assert "user0001@example.com" in planned["diff"][0]["after"]
    done = ok(export(tmp_path, {"diff": True}, connections=connections))
    assert (done["files"], done["diff"]) == (planned["files"], planned["diff"])
    again = ok(export(tmp_path, {"diff": True}, connections=connections))
    assert (again["changed"], again["files"], again["diff"]) == (False, [], [])
    (tmp_path / "company" / "people.csv").write_bytes(b"\xff")
    assert (
        ok(export(tmp_path, {"diff": True}, connections=connections, overwrite=True))["diff"][0]["before"]
        == ""
    )


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"only": ["x"]}, "export_connections: there is no connection x"),
        ({"connections": {"a/b": {"provider": "contabo"}}}, "the name cannot be used as a file name"),
        ({"connections": {}}, "There are no connections"),
        ({"dest": None}, "Set export_dest, a folder for the files, or export_deliver"),
        ({"dest": None, "deliver": "nowhere.yml"}, "export_deliver: there is no file"),
        ({"bundle_min": 1}, "export_bundle_min is 1"),
        ({"join": "number"}, "export_join is number, but export_people_file, the HR file"),
        ({"people_file": "nowhere.csv"}, "export_people_file: there is no file"),
        ({"dest": "a file/company"}, "is not a folder"),
    ],
)
def test_what_is_wrong_is_reported_before_any_call(
    simulator: Simulator, tmp_path: pathlib.Path, params: dict[str, Any], words: str
) -> None:
    (tmp_path / "a file").write_text("", encoding="utf-8")
    mark = simulator.last
    with pytest.raises(InputError) as caught:
        export(tmp_path, **params)
    assert words in str(caught.value)
    assert simulator.requests(since=mark) == []


def test_options_of_a_file_that_is_not_there_are_reported(company: Simulator, tmp_path: pathlib.Path) -> None:
    result = export(tmp_path, columns={"id": "Number"}, date_format="%m/%d/%Y")
    text = (
        "export_columns and export_date_format have no effect without export_people_file. Set export_people_file, or "
        "remove them."
    )
    assert [detail["message"] for detail in result["warning_details"] if detail["code"] == "no_effect"] == [text]


def test_findings_are_of_one_kind(company: Simulator, tmp_path: pathlib.Path) -> None:
    """Whom an export leaves out is found by access as nobody's, and nothing is taken from them."""
    made = ok(export(tmp_path))
    assert [note for note in made["export"]["left_out"] if "'..'" in note]
    access = access_to(company, tmp_path)
    planned = ok(access([], "plan", people_file=str(tmp_path / "company" / "people.csv"), unlisted="report"))
    assert [finding for finding in planned["report"]["findings"] if finding["code"] != "no_entitlement"] == []


def test_accounts_whose_names_no_file_can_contain_keep_them(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    """A file of people never contains characters that reading it removes, and the ids of the accounts tell the rest."""
    odd = ["li\nne", "ta\tb", "c\rr", "e\x1b[31m", "z\u200bw", "n\0ul", "\u200b", "f\u3164x"]
    simulator.put_users([
        {"username": name, "email": f"x{number}@acme.com", "firstname": f"Gi{name}", "lastname": "Fa\u202em"}
        for number, name in enumerate(odd)
    ])
    connections = {"ol": ALL["ol"]}
    ok(export(tmp_path, connections=connections))
    file = tmp_path / "company" / "people.csv"
    assert all(line.isprintable() for line in file.read_text(encoding="utf-8").split("\n"))
    access = access_to(simulator, tmp_path, connections)
    people = list(people_of(tmp_path).values())
    for links in (str(access.file), None):
        for planned in (
            ok(access(people, "plan", links=links)), ok(access([], "plan", links=links, people_file=str(file))),
        ):
            assert (changes(planned), findings(planned)) == ([], [])
            assert {code for code, _text in warned(planned["report"])} <= {"no_links"}


def test_an_export_beside_the_links_that_access_writes(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    connections = {"co": ALL["co"]}
    ok(export(tmp_path, connections=connections))
    folder = tmp_path / "company"
    access = Access(simulator, tmp_path, connections, loaded(tmp_path, "entitlements")["identity_entitlements"])
    known = [{**one, "id": "E1042" if one["id"] == "user0001" else one["id"]} for one in people_of(tmp_path).values()]
    text = (folder / "links.yml").read_text(encoding="utf-8").split("\n", 1)[1].replace('"user0001"', '"E1042"')
    (folder / "links.yml").write_text(text, encoding="utf-8")
    joiner = {"id": "J1", "name": "Jo Iner", "email": "jo@acme.com", "entitlements": ["co"]}
    access.entitlements = {**access.entitlements, "co": {"grants": {"co": {}}}}
    ok(access([*known, joiner], links=str(folder / "links.yml"), create_limit="5"))
    again = ok(export(tmp_path, connections=connections))
    assert "people.yml" in again["files"]
    assert {"E1042", "J1"} <= set(people_of(tmp_path)), "people keep the ids that the links have"
    assert not {"user0001", "jo"} & set(people_of(tmp_path))
    assert {link.person for link in read_links(str(folder / "links.yml"), "links").links} >= {"E1042", "J1"}
    assert ok(export(tmp_path, connections=connections))["changed"] is False


def test_links_that_another_run_writes_meanwhile_are_kept(
    simulator: Simulator, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections = {"co": ALL["co"]}
    ok(export(tmp_path, connections=connections))
    path = tmp_path / "company" / "links.yml"
    read = Session.read
    theirs = Memory(read_links(str(path), "links").links, [Hold("user0002", "2026-01-02T00:00:00Z")]).text()

    def written(self: Session, facets: Any) -> None:
        read(self, facets)
        path.write_text(theirs, encoding="utf-8")

    monkeypatch.setattr(Session, "read", written)
    simulator.put_users([{"email": "new@acme.com"}], "contabo")
    with pytest.raises(InputError) as caught:
        export(tmp_path, connections=connections)
    assert caught.value.problems[0].code == "links_conflict"  # type: ignore[union-attr]
    assert path.read_text(encoding="utf-8") == theirs
    assert ok(export(tmp_path, connections=connections))["changed"]
    assert [hold.person for hold in read_links(str(path), "links").holds] == ["user0002"]
