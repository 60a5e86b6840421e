# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Leavers whose own rows cannot be used: they lose access nevertheless, if the row says who has left."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from jobs import Access, changes, findings, offboarded, ok, person

pytestmark = pytest.mark.in_process(users=3)

HEAD = "id,name,email,status,end\n"
REST = "E4,Given4 Family4,e4@acme.com,,\n"
LEFT = {
    "without an id": ",Given3 Family3,e3@acme.com,left,\n",
    "twice without an id": ",Given3 Family3,e3@acme.com,left,\n,Given3 Family3,e3@acme.com,left,2026-01-01\n",
    "with a rounded id": "1.04E+11,Given3 Family3,e3@acme.com,left,\n",
    "in two rows": "E3,Given3 Family3,e3@acme.com,left,2026-01-01\nE3,Given3 Family3,e3@acme.com,left,2026-02-02\n",
    "under two addresses": "E3,Given3 Family3,old@acme.com,left,\nE3,Given3 Family3,e3@acme.com,left,\n",
    "with an error for a name": "E3,#N/A,e3@acme.com,left,\n",
}
UNCLEAR = {
    "active under an id": ",Given3 Family3,e3@acme.com,left,\nE3,Given3 Family3,e3@acme.com,,\n",
    "active without an id": ",Given3 Family3,e3@acme.com,left,\n,Given3 Family3,e3@acme.com,,\n",
    "another row that cannot be read": ",Given3 Family3,e3@acme.com,left,\nE3,Given3 Family3,e3@acme.com,gone,\n",
    "both": "E3,Given3 Family3,e3@acme.com,left,\nE3,Given3 Family3,e3@acme.com,,\n",
}


@pytest.fixture(params=["links", "no links"])
def company(request: pytest.FixtureRequest, access: Access) -> Access:
    """Two people with an account, with and without the links that the first run wrote."""
    access.connections["ol"]["loss_limit"] = "50%"
    ok(access([person(3, "mail"), person(4, "mail")]))
    if request.param == "no links":
        access.file.unlink()
    return access


def feed(access: Access, rows: str, name: str = "people.csv") -> str:
    """Write a file of people and return its path."""
    path: pathlib.Path = access.folder / name
    path.write_text(rows, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("rows", LEFT.values(), ids=LEFT.keys())
def test_a_leaver_is_blocked_whatever_is_wrong_with_the_row(company: Access, rows: str) -> None:
    path = feed(company, HEAD + rows + REST)
    planned, done = company([], "plan", people_file=path), company([], people_file=path)
    assert done["report"]["rejected"]
    assert done["failed"], "the row has to be corrected"
    assert [change[1:] for change in changes(done) if change[0] != "E4"] == [("ol", "disable")]
    assert changes(planned) == changes(done)
    assert company.users()["e3@acme.com"]["status"] == 2
    assert company.users()["e4@acme.com"]["status"] == 1
    again = company([], people_file=path)
    assert (again["changed"], company.sent) == (False, [])


@pytest.mark.parametrize("rows", UNCLEAR.values(), ids=UNCLEAR.keys())
def test_who_is_active_in_another_row_is_not_blocked(company: Access, rows: str) -> None:
    done = company([], people_file=feed(company, HEAD + rows + REST))
    assert ("E3", "ol", "disable") not in changes(done)
    assert company.users()["e3@acme.com"]["status"] == 1


@pytest.mark.parametrize(("name", "rows"), [
    ("people.yml", "- {id: E3, email: e3@acme.com, status: left, status: active}\n- {id: E4, email: e4@acme.com}\n"),
    ("people.json", '[{"id": "E3", "email": "e3@acme.com", "status": "active", "status": "left"}, {"id": "E4"}]'),
])  # fmt: skip
def test_a_status_that_occurs_twice_is_unknown(company: Access, name: str, rows: str) -> None:
    done = company([], people_file=feed(company, rows, name))
    assert [row["person"] for row in done["report"]["rejected"]] == ["E3"]
    assert company.users()["e3@acme.com"]["status"] == 1


def test_an_address_that_a_leaver_had_is_not_that_of_its_new_owner(access: Access) -> None:
    """The links know E3 under the address, and E3 is in the feed: the row without an id is somebody else's."""
    ok(access([person(3, "mail"), person(4, "mail")]))
    rows = ",Someone Else,e3@acme.com,left,\nE3,Given3 Family3,new3@acme.com,,\n" + REST
    done = access([], people_file=feed(access, HEAD + rows))
    assert changes(done) == []
    assert access.users()["e3@acme.com"]["status"] == 1


@pytest.mark.parametrize("status", ["left", "", "gone"])
def test_an_offboarding_by_address_finds_the_person_of_the_links(access: Access, status: str) -> None:
    ok(access([person(3, "mail"), person(4, "mail")]))
    path = feed(access, f"{HEAD},Given3 Family3,e3@acme.com,{status},\n{REST}")
    done = ok(offboarded(access, [], "E3@acme.com", people_file=path))
    assert done["evidence"]["person"]["id"] == "E3"
    assert access.holds() == ["E3"]
    assert access.users()["e3@acme.com"]["status"] == 2
    assert any("id is empty. Specify the ID of the person." in note for note in done["evidence"]["notes"])


@pytest.mark.parametrize(("name", "rows"), [
    ("a joiner", "E3,Given3 Family3,{0},,\n"),
    ("a leaver", "E3,Given3 Family3,{0},left,\n"),
    ("somebody on leave", "E3,Given3 Family3,{0},leave,\n"),
])  # fmt: skip
def test_a_look_alike_address_is_held_back_and_keeps_no_leaver_in(access: Access, name: str, rows: str) -> None:
    """The plan of the whole directory was refused, or nobody noticed that the leaver keeps the account."""
    ok(access([person(3, "mail"), person(4, "mail")]))
    access.file.unlink()
    leaver = "E4,Given4 Family4,e4@acme.com,left,\n"
    path = feed(access, HEAD + rows.format("\uff453@acme.com") + leaver)
    rules = [{"when": {"id": "*"}, "entitlements": ["mail"]}]
    planned, done = access([], "plan", people_file=path, rules=rules), ok(access([], people_file=path, rules=rules))
    assert changes(planned) == changes(done) == [("E4", "ol", "disable")], name
    assert ("held_back", "E3") in findings(done)
    held = next(finding for finding in done["report"]["findings"] if finding["code"] == "held_back")
    assert "'e3@acme.com' looks like '\\uff453@acme.com', but some characters differ" in held["text"]
    assert "accounts.ol.id" in held["advice"]
    again = ok(access([], people_file=path, rules=rules))
    assert (again["changed"], access.sent) == (False, [])


def test_two_people_whose_addresses_look_the_same_keep_no_leaver_in(access: Access) -> None:
    ok(access([person(4, "mail")]))
    rows = "E1,Ann Bee,ann@acme.com,,\nE2,Ann Cee,\uff41nn@acme.com,,\nE4,Given4 Family4,e4@acme.com,left,\n"
    rules = [{"when": {"id": "*"}, "entitlements": ["mail"]}]
    done = access([], people_file=feed(access, HEAD + rows), rules=rules)
    assert changes(done) == [("E4", "ol", "disable")]
    assert "because their addresses look the same: 'ann@acme.com' and '\\uff41nn@acme.com'" in done["msg"]


def test_a_rename_to_a_look_alike_of_another_account_keeps_no_leaver_in(access: Access) -> None:
    ok(access([person(1, "mail"), person(2, "mail"), person(4, "mail")]))
    rows = "E1,Given1 Family1,\uff452@acme.com,,\nE4,Given4 Family4,e4@acme.com,left,\n"
    rules = [{"when": {"id": "*"}, "entitlements": ["mail"]}]
    done = ok(access([], people_file=feed(access, HEAD + rows), rules=rules))
    assert changes(done) == [("E4", "ol", "disable")]
    assert ("name_taken", "E1") in findings(done)


@pytest.mark.parametrize("column", ["status", "On Leave,status"])
def test_a_forgotten_status_grants_nothing(access: Access, column: str) -> None:
    """A merged cell of a CSV file has its word in the first row only: the others lost their end, and became active."""
    ok(access([person(3, "mail", status="left"), person(4, "mail")]))
    head, more = f"id,name,email,entitlements,{column}\n", "No," * column.count(",")
    rows = f"E2,Given2 Family2,e2@acme.com,mail,{more}\nE4,Given4 Family4,e4@acme.com,mail,{more}active\n"
    params: dict[str, Any] = {"people_file": feed(access, head + rows)}
    if more:
        params |= {
            "columns": {"status": ["status", "On Leave"]}, "values": {"On Leave": {True: "leave", False: ""}},
        }
    text = (
        f"{params['people_file']} line 2 (E2): status is empty, but other rows say active. "
        "Specify one of active, leave, left."
        " To give an empty cell a meaning, map '' with access_values.status."
    )
    planned, rehearsed, done = access([], "plan", **params), access([], check=True, **params), access([], **params)
    for run in (planned, rehearsed, done):
        assert (run["failed"], run["errors"][0]["code"]) == (True, "missing_field")
        assert run["errors"][0]["message"].endswith(text.rpartition("/")[2])
        assert (changes(run), access.sent) == ([], [])
    values = {**params.get("values", {}), "status": {"": "active"}}
    assert changes(ok(access([], "plan", **{**params, "values": values}))) == [("E2", "ol", "create")]


@pytest.mark.parametrize("rows", ["E2,,e2@acme.com,mail,\nE4,,e4@acme.com,mail,left\n", "E2,,e2@acme.com,mail,\n"])
def test_a_feed_that_states_no_active_status_means_it_by_an_empty_cell(access: Access, rows: str) -> None:
    done = ok(access([], people_file=feed(access, f"id,name,email,entitlements,status\n{rows}")))
    assert changes(done) == [("E2", "ol", "create")]


def test_a_person_without_the_key_is_active(access: Access) -> None:
    people = [person(2, "mail"), person(4, "mail", status="active")]
    assert len(changes(ok(access(people)))) == 2


def test_a_heading_of_a_field_that_accounts_do_not_have_is_not_a_connection(access: Access) -> None:
    rows = "id,name,email,entitlements,accounts.ol.state,accounts.ol.titel\nE2,,e2@acme.com,mail,absent,x\n"
    done = access([], people_file=feed(access, rows))
    assert "accounts.ol: state is not a field of an account of onelogin" in done["msg"]
    assert "accounts.ol: titel is not a field of an account of onelogin; similar names: title." in done["msg"]
    assert "no such connection" not in done["msg"]
