# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The access job with people whose values the provider's rules refuse while a connection is planned: only the changes
of these people fail."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from jobs import Access, changes, everywhere, ok, person, warned

from simulator.harness import Simulator

pytestmark = pytest.mark.in_process(users=5)
BAD = {"ol": {"group_id": "x"}}
WRONG = "accounts.ol: group_id is 'x'; OneLogin ids are numbers with at most 18 digits."
WHY = f"E1 Given1 Family1 - ol: {WRONG} The account is unchanged."


def bad_and_leaver() -> list[dict[str, Any]]:
    """E1 with an invalid value, E2 who joins, E3 who has left."""
    return [person(1, "mail", accounts=BAD), person(2, "mail"), person(3, "mail", status="left")]


def some(result: dict[str, Any]) -> dict[str, int]:
    """Return the totals of a run that are not zero."""
    return {name: number for name, number in result["report"]["totals"].items() if number}


def test_one_invalid_value_keeps_no_leaver_in(access: Access) -> None:
    ok(access([person(1, "mail"), person(3, "mail")]))
    before, linked = access.users()["e1@acme.com"], access.links()
    people = bad_and_leaver()
    planned = access(people, "plan", on_bad_rows="continue")
    rehearsed = access(people, check=True, on_bad_rows="continue")
    assert access.sent == []
    applied = access(people, on_bad_rows="continue", plan_digest=planned["report"]["digest"])
    assert sorted(access.sent) == [("onelogin", "create_user"), *[("onelogin", "update_user2")] * 2]
    assert access.users()["e1@acme.com"] == before
    assert access.users()["e3@acme.com"]["status"] == 2
    assert [run["report"]["outcome"] for run in (planned, rehearsed, applied)] == ["planned", "partly", "partly"]
    for run in (planned, rehearsed, applied):
        assert (run["failed"], run["msg"].splitlines()[0]) == (True, WHY)
        assert [(error["code"], error["message"]) for error in run["errors"]] == [("invalid_value", WHY)]
        assert some(run) == {"created": 1, "disabled": 1, "failed": 1, "changed": 2}
        assert changes(run) == [("E1", "ol", "update"), ("E2", "ol", "create"), ("E3", "ol", "disable")]
        assert [change["code"] for change in run["report"]["changes"]] == ["invalid_value", "", ""]
        line = f"  E1 Given1 Family1 - ol: e1@acme.com; FAILED: {WRONG} The account is unchanged."
        assert line in run["report"]["text"]
        assert run["report"]["digest"] == planned["report"]["digest"]
        assert run["report"]["losses"] == planned["report"]["losses"]
    assert [change["done"] for change in applied["report"]["changes"]] == [False, True, True]
    assert access.links().items() >= linked.items()
    again = access(people, on_bad_rows="continue")
    assert (access.sent, again["changed"], again["report"]["outcome"], again["msg"].splitlines()[0]) == (
        [], False, "failed", WHY,
    )
    assert some(again) == {"unchanged": 2, "failed": 1}
    ok(access([person(1, "mail"), *people[1:]]))
    assert access.sent == []


def test_a_run_that_stops_at_invalid_rows_stops_at_invalid_values(access: Access) -> None:
    """This is the default for people in a variable."""
    ok(access([person(1, "mail"), person(3, "mail")]))
    refused = access(bad_and_leaver())
    assert (access.sent, refused["report"]["outcome"], refused["code"]) == ([], "refused", "connection_failed")
    assert WRONG.removeprefix("accounts.ol: ") in refused["msg"]
    assert 'To change the accounts of all other people, set access_on_bad_rows to "continue".' in refused["msg"]
    feed = access.folder / "people.yml"
    feed.write_text(str(bad_and_leaver()), encoding="utf-8")
    applied = access([], people_file=str(feed))
    assert (applied["msg"].splitlines()[0], len(access.sent)) == (WHY, 3)


def test_every_provider_leaves_out_the_same_person(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    access = everywhere(simulator, tmp_path)
    ok(access([person(1, "base"), person(3, "base")]))
    accounts = {
        "ol": {"group_id": 99999}, "kes": {"user": "given1"}, "co": {"first_name": "x" * 300},
        "na": {"attributes": {"badge": []}}, "se": {"role": "nope"},
    }
    people = [person(1, "base", accounts=accounts), person(2, "base"), person(3, "base", status="left")]
    before = {name: access.users(name)["e1@acme.com"] for name in accounts}
    applied = access(people, on_bad_rows="continue")
    assert {name: access.users(name)["e1@acme.com"] for name in accounts} == before
    assert {error["code"] for error in applied["errors"]} == {"unknown_group", "invalid_value", "unknown_role"}
    failed = {change["connection"] for change in applied["report"]["changes"] if change["error"]}
    assert failed == set(accounts)
    assert {change["person"] for change in applied["report"]["changes"] if change["error"]} == {"E1"}
    assert all(f"accounts.{name}: " in applied["msg"] for name in accounts)
    assert all("e2@acme.com" in access.users(name) for name in accounts)
    assert access.users()["e3@acme.com"]["status"] == 2
    assert access.users("co")["e3@acme.com"]["enabled"] is False
    again = access(people, on_bad_rows="continue")
    assert (access.sent, again["changed"], len(again["errors"])) == ([], False, 5)


def test_an_account_that_is_left_out_is_no_account_without_a_person(access: Access) -> None:
    """Nothing shows whose the other accounts are, so they are only reported."""
    access.connections["ol"]["protect"] = ["nobody@acme.com"]
    ok(access([person(1, "mail")]))
    applied = access([person(1, "mail", accounts=BAD), person(2, "mail")], unlisted="disable", on_bad_rows="continue")
    assert access.sent == [("onelogin", "create_user"), ("onelogin", "update_user2")]
    assert [code for code, text in warned(applied["report"]) if "are only reported" in text] == ["incomplete_feed"]
    assert "e1@acme.com" not in applied["report"]["connections"]["ol"]["strangers"]
    assert len(applied["report"]["connections"]["ol"]["strangers"]) == 5


@pytest.mark.parametrize("address", ["E1@acme.com", "\uff45\uff11@acme.com"])
def test_nobody_else_gets_the_address_of_a_person_who_is_left_out(access: Access, address: str) -> None:
    access.connections["ol"] = {"provider": "onelogin"}
    people = [
        person(1, "mail", accounts={"ol": {"group_id": 99999}}),
        person(2, "mail", accounts={"ol": {"email": address}}),
        person(3, "mail"),
    ]
    planned = access(people, "plan", on_bad_rows="continue")
    assert [change["code"] for change in planned["report"]["changes"]] == ["unknown_group", "duplicate_user", ""]
    assert "Keep one of them. No account was created." in planned["errors"][1]["message"]


def test_of_two_people_who_would_get_the_same_address_nobody_gets_it(access: Access) -> None:
    access.connections["ol"] = {"provider": "onelogin"}
    people = [person(1, "mail"), person(2, "mail", accounts={"ol": {"email": "E1@acme.com"}}), person(3, "mail")]
    planned = access(people, "plan", on_bad_rows="continue")
    assert [change["code"] for change in planned["report"]["changes"]] == ["duplicate_user", "duplicate_user", ""]


def test_a_pattern_for_a_person_who_is_left_out_is_not_misspelt(access: Access) -> None:
    access.connections["ol"]["protect"] = ["e1@*", "svc-*"]
    planned = access([person(1, "mail", accounts=BAD)], "plan", on_bad_rows="continue")
    assert [text.partition("'")[2][:5] for code, text in warned(planned) if code == "unmatched_pattern"] == ["svc-*"]


def test_a_wrong_entitlement_still_refuses_the_connection(access: Access) -> None:
    access.entitlements = {"mail": {"grants": {"ol": {"roles": ["Nope"]}}}}
    refused = access(bad_and_leaver(), on_bad_rows="continue")
    assert (access.sent, refused["report"]["outcome"], refused["report"]["changes"]) == ([], "refused", [])
    assert "there is no role named 'Nope'" in refused["msg"]
    assert "group_id is 'x'" in refused["msg"]


def test_too_many_invalid_values_refuse_the_connection(access: Access) -> None:
    """The cause is then probably not in the rows."""
    people = [person(number, "mail", accounts=BAD) for number in range(1, 7)]
    planned = access([*people[:5], person(7, "mail")], "plan", on_bad_rows="continue")
    assert some(planned) == {"created": 1, "failed": 5, "changed": 1}
    refused = access([*people, person(7, "mail")], on_bad_rows="continue")
    assert (access.sent, refused["report"]["outcome"]) == ([], "refused")
    assert "E3 Given3 Family3 (e3@acme.com) and 3 more: accounts.ol: group_id is 'x'" in refused["msg"]
    assert "without the changes of at most 5 people in this directory" in refused["msg"]


def test_a_refused_plan_shows_who_is_left_out(access: Access) -> None:
    access.connections["ol"]["create_limit"] = "0"
    refused = access(bad_and_leaver(), on_bad_rows="continue")
    assert (access.sent, refused["report"]["outcome"]) == ([], "refused")
    assert [change["code"] for change in refused["report"]["changes"]] == ["invalid_value", ""]


def test_connections_to_one_directory_name_the_one_with_the_value(access: Access) -> None:
    access.connections["eu"] = access.connections["ol"]
    access.entitlements = {"mail": {"grants": {"ol": {}, "eu": {}}}}
    one = person(1, "mail", accounts={"eu": {"group_id": 99999}})
    planned = access([one, person(2, "mail")], "plan", on_bad_rows="continue")
    assert planned["msg"].startswith("E1 Given1 Family1 - ol: accounts.eu: group_id: there is no group with id 99999.")
    assert some(planned) == {"created": 1, "failed": 1, "changed": 1}


def test_a_deleted_account_of_a_person_who_is_left_out_stays_deleted(
    simulator: Simulator, tmp_path: pathlib.Path
) -> None:
    access = Access(simulator, tmp_path, {"se": {"provider": "sendauth"}})
    ok(access([person(1, "base"), person(2, "base")]))
    ok(access([person(1, "base", status="left"), person(2, "base")]))
    back = [person(1, "base", accounts={"se": {"role": "nope"}}), person(2, "base", status="left")]
    applied = access(back, on_bad_rows="continue")
    assert some(applied) == {"deleted": 1, "failed": 1, "changed": 1}
    assert changes(applied) == [("E1", "se", "restore"), ("E2", "se", "delete")]


def test_a_leaver_who_cannot_be_blocked_is_reported(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    access = Access(simulator, tmp_path, {"kes": {"provider": "kestra"}})
    ok(access([person(1, "data"), person(2, "data")]))
    (user,) = [one for one in simulator.state("kestra")["users"] if one["email"] == "e1@acme.com"]
    simulator.put_users([{"id": user["id"], "email": "given1"}], "kestra")
    leavers = [person(number, "data", status="left") for number in (1, 2)]
    blocked = access(leavers, on_bad_rows="continue")
    assert [(change["person"], change["operation"], change["done"]) for change in blocked["report"]["changes"]] == [
        ("E1", "disable", False), ("E2", "disable", True),
    ]
    assert "given1; block the login; FAILED: user: 'given1' is not an e-mail address." in str(blocked["report"]["text"])
    assert blocked["msg"].startswith("E1 Given1 Family1 - kes: user: 'given1' is not an e-mail address.")
