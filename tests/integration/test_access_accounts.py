# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The access job and accounts: whose an account is, and who gets which one."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from jobs import PROVIDERS, Access, changes, everywhere, findings, ok, person, warned

from simulator.harness import Simulator

pytestmark = pytest.mark.in_process(users=5)


def test_uncertain_matches_are_held_back_until_somebody_confirms_them(access: Access, simulator: Simulator) -> None:
    names = {f"e{number}@acme.com": f"Given{number}" for number in (1, 2)}
    there = simulator.put_users(
        [
            {"username": name, "email": name, "firstname": given, "lastname": "x", "status": 2}
            for name, given in names.items()
        ]
    )
    ids = [str(user["id"]) for user in there if user.get("email") in names][-2:]
    people = [person(1, "mail"), person(2, "mail")]
    held = ok(access(people))
    assert findings(held) == [("held_back", "E1"), ("held_back", "E2")]
    assert ids[0] in held["report"]["findings"][0]["advice"]
    assert (access.sent, access.links()) == ([], {})
    limited = access(people, adopt_limit="1")
    assert "2 accounts with an uncertain owner would be adopted" in limited["msg"]
    listed = "; ".join(
        f"E{number} Given{number} Family{number}: e{number}@acme.com (id {identity})"
        for number, identity in enumerate(ids, 1)
    )
    assert f"access_adopt_limit is 1: {listed}." in limited["msg"]
    assert f"Confirm individual accounts by their IDs, such as access_adopt: [{ids[0]}], or raise" in limited["msg"]
    assert access.sent == []
    confirmed = ok(access(people, adopt=[ids[0]]))
    assert [(change["person"], change["adopted"], change["opened"]) for change in confirmed["report"]["changes"]] == [
        ("E1", True, True)
    ]
    assert access.links() == {("E1", "ol"): "e1@acme.com"}
    ok(access(people, adopt_limit="1"))
    assert {name: access.users()[name]["status"] for name in names} == dict.fromkeys(names, 1)
    assert set(access.links()) == {("E1", "ol"), ("E2", "ol")}


def test_an_account_that_a_killed_run_created_is_completed(access: Access, simulator: Simulator) -> None:
    simulator.put_users(
        [{"username": "e1@acme.com", "email": "e1@acme.com", "firstname": "Given1", "lastname": "x", "status": 0}]
    )
    done = ok(access([person(1, "mail")]))
    assert findings(done) == []
    assert [user["status"] for name, user in access.users().items() if name == "e1@acme.com"] == [1]
    assert access.links() == {("E1", "ol"): "e1@acme.com"}
    ok(access([person(1, "mail")]))
    assert access.sent == []


def test_accounts_of_people_are_never_blocked_as_those_of_nobody(access: Access, simulator: Simulator) -> None:
    twins = [
        {"username": f"x{number}", "email": "e4@acme.com", "firstname": "Given4", "lastname": "Family4"}
        for number in (1, 2)
    ]
    simulator.put_users(
        [
            *twins,
            {
                "username": "e3@acme.com",
                "email": "e3@acme.com",
                "firstname": "Zoe",
                "lastname": "x",
                "roles": ["Snowflake"],
            },
        ]
    )
    access.connections = {"ol": {"provider": "onelogin", "loss_limit": "100%", "protect": ["user0001"]}}
    ok(access([person(1, "mail"), person(2, "mail")]))
    people = [person(number, "mail") for number in (1, 3, 4)]
    result = ok(access(people, unlisted="disable"))
    blocked = {change["account"] for change in result["report"]["changes"] if change["blocked"]}
    assert blocked == {f"user{number:04d}" for number in range(2, 6)}, (
        "neither E2 (vanished), E3 (held back) nor E4 (two accounts)"
    )
    assert sorted(findings(result)) == [("held_back", "E3"), ("held_back", "E4"), ("vanished", "E2")]


def test_an_address_is_free_again_once_its_person_was_renamed(access: Access) -> None:
    ok(access([person(1, "mail")]))
    people = [person(2, "mail", email="e1@acme.com"), person(1, "mail", email="new1@acme.com")]
    first = ok(access(people))
    assert changes(first) == [("E1", "ol", "rename")]
    assert findings(first) == [("held_back", "E2")]
    assert changes(ok(access(people))) == [("E2", "ol", "create")]
    assert access.links() == {("E1", "ol"): "new1@acme.com", ("E2", "ol"): "e1@acme.com"}
    assert ok(access(people))["changed"] is False


def test_an_account_that_was_deleted_by_hand_is_made_again_and_linked(access: Access, simulator: Simulator) -> None:
    ok(access([person(1, "mail")]))
    simulator.reset(seed_users=5)
    assert changes(ok(access([person(1, "mail")]))) == [("E1", "ol", "create")]
    assert ok(access([person(1, "mail")]))["changed"] is False


@pytest.mark.parametrize("connection", ["ol", "kes"])
def test_ids_that_two_people_swapped_by_mistake_hold_both_accounts_back(access: Access, connection: str) -> None:
    """The links decide whose an account is. With each other's id, each person would get the grants of the other one.
    Kestra does not report names."""
    access.connections = {"ol": {"provider": "onelogin", "user_key": "email"}, "kes": {"provider": "kestra"}}
    access.connections = {connection: access.connections[connection]}
    access.entitlements = {
        "mail": {"grants": {"ol": {}, "kes": {}}},
        "data": {"grants": {"ol": {"roles": ["Snowflake"]}, "kes": {"groups": ["platform"]}}},
    }
    ok(access([person(1, "mail"), person(2, "mail", "data")]))
    links = access.links()
    swapped = [{**person(1, "mail"), "id": "E2"}, {**person(2, "mail", "data"), "id": "E1"}]
    result = ok(access(swapped))
    assert (access.sent, sorted(findings(result))) == ([], [("held_back", "E1"), ("held_back", "E2")])
    assert "their ids may be mixed up" in result["report"]["findings"][0]["text"]
    assert access.links() == links
    assert ok(access([person(1, "mail"), person(2, "mail", "data")]))["changed"] is False
    # With a confirmation, the links count: the addresses were swapped, and not the ids.
    confirmed = access(swapped, adopt=[finding["account_id"] for finding in result["report"]["findings"]])
    assert "held_back" not in {code for code, _person in findings(confirmed)}


def test_a_real_swap_of_addresses_follows_the_links(access: Access) -> None:
    ok(access([person(1, "mail"), person(2, "mail")]))
    people = [person(1, "mail", "data", email="e2@acme.com"), person(2, "mail", email="e1@acme.com")]
    result = ok(access(people))
    assert sorted(findings(result)) == [("name_taken", "E1"), ("name_taken", "E2")]
    assert [(change["account"], change["granted"]) for change in result["report"]["changes"]] == [
        ("e1@acme.com", {"roles": ["Snowflake"]})
    ]


def test_a_new_id_for_everybody_blocks_nobody(access: Access) -> None:
    """If HR migrates to another system, everybody seems to have vanished, and somebody with the same name joins."""
    ok(access([person(number, "mail") for number in (1, 2, 3)]))
    migrated = [{**person(number, "mail"), "id": f"N{number}"} for number in (1, 2)]
    result = ok(access(migrated, vanished="block"))
    assert [(change["person"], change["blocked"]) for change in result["report"]["changes"]] == [("E3", True)]
    texts = {finding["person"]: finding["text"] for finding in result["report"]["findings"]}
    assert "may be N1 Given1 Family1 under another id: the account is unchanged" in texts["E1"]
    ids = [finding["account_id"] for finding in result["report"]["findings"] if finding["person"] in ("N1", "N2")]
    ok(access(migrated, vanished="block", adopt=ids))
    assert {owner for owner, _connection in access.links()} == {"N1", "N2", "E3"}


def test_the_second_account_of_a_person_is_not_that_of_another(access: Access, simulator: Simulator) -> None:
    ok(access([person(1, "mail")]))
    simulator.put_users([{"username": "adm@acme.com", "email": "adm@acme.com", "firstname": "Given1"}])
    identity = str(access.users()["adm@acme.com"]["id"])
    result = ok(access([person(1, "mail", accounts={"ol": {"id": identity}})]))
    (advice,) = [item["advice"] for item in result["report"]["findings"] if item["code"] == "name_taken"]
    assert advice.startswith("It is the person's second account: rename or delete it")


def test_an_adopted_account_is_reported_with_its_connection(access: Access, simulator: Simulator) -> None:
    simulator.put_users([{"username": "e1@acme.com", "email": "e1@acme.com", "firstname": "Given1", "roles": ["VPN"]}])
    report = ok(access([person(1, "mail")]))["report"]
    (adopted,) = [item for item in report["findings"] if item["code"] == "adopted"]
    assert (adopted["connection"], adopted["person"], adopted["account"]) == ("ol", "E1", "e1@acme.com")
    assert "Adopted: 1 (E1 e1@acme.com in ol)" in report["text"]


def test_somebody_with_a_new_person_id_gets_the_account_once_that_is_confirmed(
    access: Access, simulator: Simulator
) -> None:
    ok(access([person(1, "mail", kind="contractor", end="2026-12-31")]))
    employee = {**person(1, "mail", "data"), "id": "E100"}
    held = ok(access([employee]))
    assert sorted(findings(held)) == [("held_back", "E100"), ("vanished", "E1")]
    identity = held["report"]["findings"][0]["account_id"] or held["report"]["findings"][1]["account_id"]
    advice = next(finding["advice"] for finding in held["report"]["findings"] if finding["code"] == "held_back")
    assert advice == f"If E1 is the same person, confirm that with access_adopt: [{identity}]."
    left = person(1, "mail", kind="contractor", end="2026-06-14")
    moved = ok(access([left, employee], adopt=[identity]))
    assert [(change["person"], change["adopted"], change["granted"]) for change in moved["report"]["changes"]] == [
        ("E100", True, {"roles": ["Snowflake"]})
    ]
    assert access.links() == {("E100", "ol"): "e1@acme.com"}
    again = ok(access([left, employee]))
    assert (again["changed"], [code for code, _who in findings(again) if code != "adopted"]) == (False, [])
    assert access.users()["e1@acme.com"]["status"] == 1


def test_a_confirmed_account_goes_to_the_new_id_of_its_person_in_every_connection_to_its_directory(
    simulator: Simulator, tmp_path: pathlib.Path
) -> None:
    tenants = {"kes": {"provider": "kestra", "tenant": "main"}, "eu": {"provider": "kestra", "tenant": "acme-eu"}}
    entitlements = {
        "main": {"grants": {"kes": {"groups": ["platform"]}}},
        "eu": {"grants": {"eu": {"groups": [{"tenant": "acme-eu", "name": "sales"}]}}},
    }
    access = Access(simulator, tmp_path, tenants, entitlements)
    ok(access([person(1, "main", "eu")]))
    for other, name in (
        (person(1, "main", "eu"), "Given1 Family1"),
        (person(1, "main", "eu", name="Zoe Family1"), "Zoe Family1"),
    ):
        heir = {**other, "id": f"E-{name}"}
        held = ok(access([heir], "plan"))
        finding = next(one for one in held["report"]["findings"] if one["code"] == "held_back")
        assert ("access_adopt" in finding["advice"]) is (name == "Given1 Family1"), (
            "the list of users has no names, and they count nevertheless"
        )
        moved = ok(access([heir], "plan", adopt=[finding["account_id"]]))
        codes = {code for code, _who in findings(moved) if code in ("held_back", "vanished")}
        assert codes == (set() if name == "Given1 Family1" else {"held_back", "vanished"})
    heir = {**person(1, "main", "eu"), "id": "E100"}
    ok(access([heir], adopt=[finding["account_id"]]))
    assert set(access.links()) == {("E100", "kes"), ("E100", "eu")}
    assert ok(access([heir]))["changed"] is False


def test_accounts_without_links_are_linked_where_the_match_is_certain(access: Access, simulator: Simulator) -> None:
    simulator.put_users(
        [{"username": "e1@acme.com", "email": "e1@acme.com", "firstname": "Given1", "lastname": "Family1"}]
    )
    assert ok(access([person(1, "mail")]))["report"]["totals"]["changed"] == 0
    assert access.links() == {("E1", "ol"): "e1@acme.com"}
    assert changes(ok(access([person(1, "mail", email="new1@acme.com")]))) == [("E1", "ol", "rename")]


def test_without_a_links_file_the_job_works_and_says_so(access: Access) -> None:
    result = ok(access([person(1, "mail")], links=None))
    assert changes(result) == [("E1", "ol", "create")]
    assert [(code, "access_links" in text) for code, text in warned(result["report"])] == [("no_links", True)]
    assert result["links"] == ""
    assert ok(access([person(1, "mail")], links=None))["changed"] is False


def test_a_links_file_that_does_not_exist_is_reported_until_it_is_created(access: Access) -> None:
    people = [person(1, "mail")]
    text = (
        f"access_links: {access.file} does not exist, so accounts are matched by ID and by name only. On a first "
        "run, that is expected: the first run that writes creates it. If the links are in another file, correct the "
        "path."
    )
    for mode, check in (("plan", False), ("apply", True)):
        report = ok(access(people, mode, check=check))["report"]
        assert warned(report) == [("missing_links", text)]
        assert not access.file.exists()
    assert warned(ok(access(people))["report"]) == [("missing_links", text)]
    assert warned(ok(access(people))["report"]) == []


def test_links_of_another_company_are_noticed(access: Access, simulator: Simulator) -> None:
    """Links of people who left do not count: their accounts may have been deleted long ago."""
    access.connections["ol"]["max_concurrency"] = 1  # accounts that are created again get the same IDs as before
    people = [person(number, "mail") for number in range(1, 10)]
    ok(access(people))
    simulator.reset(seed_users=5)
    left = [{**one, "status": "left"} for one in people[:5]]
    assert warned(ok(access([*left, *people[5:]], "plan"))["report"]) == []
    ((code, text),) = warned(ok(access(people, "plan"))["report"])
    assert code == "foreign_links"
    assert text == (
        "ol: of the 9 people in the feed with accounts in access_links, none has such an account in this directory. "
        "The links or the credentials may be those of another company or another instance. Check access_links and "
        "identity_connections.ol."
    )
    for _recreated in range(2):  # the accounts are created again and linked, and the old links remain
        ok(access(people))
        assert warned(ok(access(people))["report"]) == []
        simulator.reset(seed_users=5)
    ok(access(people[:2]))
    assert "of the 9 people in the feed with accounts in access_links, only 2 have such an account" in str(
        warned(ok(access(people, "plan"))["report"])
    )


def test_of_several_accounts_of_a_person_the_same_one_is_used_in_every_run(
    access: Access, simulator: Simulator
) -> None:
    simulator.put_users(
        [
            {"username": name, "email": name, "firstname": "Given1", "lastname": "Family1"}
            for name in ("old1@acme.com", "e1@acme.com")
        ]
    )
    people = [person(1, "data", previous_emails=["old1@acme.com"])]
    first = ok(access(people))
    assert [(change["account"], change["granted"]) for change in first["report"]["changes"]] == [
        ("e1@acme.com", {"roles": ["Snowflake"]})
    ]
    again = ok(access(people))
    assert (again["changed"], findings(again)) == (False, [("second_account", "E1")])
    gone = ok(access([{**people[0], "status": "left"}]))
    assert sorted(change["account"] for change in gone["report"]["changes"]) == ["e1@acme.com", "old1@acme.com"]


def test_a_leaver_loses_an_account_of_the_same_name_that_nobody_linked(access: Access, simulator: Simulator) -> None:
    access.connections["ol"] = {"provider": "onelogin"}
    ok(access([person(1, "mail", accounts={"ol": {"user": "alovelace"}})]))
    simulator.put_users([
        {"username": "e1@acme.com", "email": "e1@acme.com", "firstname": "Given1", "lastname": "x"},
        {"username": "e1", "email": "e1@acme.com", "firstname": "Zoe", "lastname": "x"},
        {"username": "svc-ci", "email": "e1@acme.com", "firstname": "", "lastname": "svc-ci"},
    ])
    gone = ok(access([person(1, "mail", status="left")]))
    assert sorted(change["account"] for change in gone["report"]["changes"]) == ["alovelace", "e1@acme.com"]


def test_an_account_that_one_person_has_and_another_does_not_get_is_linked(
    access: Access, simulator: Simulator
) -> None:
    simulator.put_users(
        [{"username": "e1@acme.com", "email": "e1@acme.com", "firstname": "Given1", "lastname": "Family1"}]
    )
    result = ok(access([person(1, "mail", status="left"), person(2, "mail", email="e1@acme.com")]))
    assert (changes(result), findings(result)) == ([("E1", "ol", "disable")], [("held_back", "E2")])
    assert access.links() == {("E1", "ol"): "e1@acme.com"}


def test_an_account_of_two_who_are_gone_is_blocked_and_linked_to_nobody(access: Access, simulator: Simulator) -> None:
    simulator.put_users([{"username": "e1@acme.com", "email": "e1@acme.com", "firstname": "Zoe", "lastname": "x"}])
    result = ok(access([person(1, "mail", status="left"), person(2, "mail", email="e1@acme.com", status="left")]))
    assert ([operation for _who, _name, operation in changes(result)], access.links()) == (["disable"], {})


@pytest.mark.parametrize("fault", [{"drop": "after"}, {"status": 500, "effect": True}, {"hang": "after"}])
def test_an_account_whose_creation_nobody_answered_is_found_and_linked(
    access: Access, simulator: Simulator, fault: dict[str, Any]
) -> None:
    access.connections["ol"].update(api_retries=0, api_timeout=2)
    simulator.faults([{"provider": "onelogin", "operation": "create_user", **fault}])
    first = access([person(1, "mail"), person(2, "mail")])
    simulator.clear_faults()
    access.connections["ol"].update(api_timeout=60)
    second = ok(access([person(1, "mail"), person(2, "mail")]))
    assert not findings(second), findings(first)
    assert set(access.links()) == {("E1", "ol"), ("E2", "ol")}
    assert {user["status"] for name, user in access.users().items() if name.startswith("e")} == {1}
    assert ok(access([person(1, "mail"), person(2, "mail")]))["changed"] is False


def test_blocking_accounts_of_nobody_requires_protect_whomever_the_job_itself_spares(
    simulator: Simulator, tmp_path: pathlib.Path
) -> None:
    glass = person(6, "base", kind="break_glass")
    for name in ("se", "na"):
        access = Access(simulator, tmp_path, {name: {"provider": PROVIDERS[name]}})
        result = access([person(1, "base"), glass], unlisted="disable")
        assert (access.sent, "protect" in result["msg"]) == ([], True), result.get("msg")
        assert f"identity_connections.{name}.protect" in result["msg"]
    simulator.put_users([{"email": "e6@acme.com", "firstName": "Eve", "lastName": "Sixth"}], "sendauth")
    misspelt = Access(simulator, tmp_path, {"se": {"provider": "sendauth", "protect": ["rooot"]}})
    ok(misspelt([person(1, "base")]))
    result = misspelt([person(1, "base"), glass], unlisted="disable")
    assert "protect matches no user of this directory: 'rooot'" in result["msg"]
    assert misspelt.sent == []
    access = Access(simulator, tmp_path, {"ol": {"provider": "onelogin", "protect": ["user*"]}})
    result = access([person(6, "mail", kind="break_glass")], unlisted="disable")
    assert "no person is entitled to an account and access_unlisted is disable" in result["msg"]
    assert not any("e6@acme.com" in text for text in ok(access([person(1, "mail"), glass]))["report"]["warnings"]), (
        "nobody specified that pattern"
    )


def test_fields_of_an_account_that_may_be_in_the_people_data(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    access = everywhere(simulator, tmp_path)
    accounts = {
        "ol": {"title": "Countess", "enabled": None},
        "se": {"state": "absent"},
        "kes": {"first_name": "Ada"},
        "co": {"enabled": True},
    }
    feed = tmp_path / "people.json"
    feed.write_text(json.dumps([person(1, "mail", accounts=accounts)]))
    ok(access([], "plan", people_file=str(feed)))


def test_an_account_for_emergencies_is_not_blocked_with_its_row(access: Access, simulator: Simulator) -> None:
    simulator.put_users(
        [{"username": "e9@acme.com", "email": "e9@acme.com", "firstname": "Given9", "lastname": "Family9"}]
    )
    ok(access([person(1, "mail"), person(9, "mail", kind="break_glass")]))
    assert set(access.links()) == {("E1", "ol")}
    result = ok(access([person(1, "mail")], vanished="block"))
    assert changes(result) == []
    assert access.users()["e9@acme.com"]["status"] == 1


@pytest.mark.parametrize("status", [{"status": "left"}, {"status": "leave"}, {"start": "2027-01-01"}])
@pytest.mark.parametrize("both", [False, True], ids=["one id", "both ids"])
def test_the_id_of_a_person_who_is_not_there_never_blocks_the_account_of_another(
    access: Access, status: dict[str, str], both: bool
) -> None:
    """The account of the active person was blocked, and linked to the leaver."""
    ok(access([person(2, "mail")]))
    access.file.unlink()
    before = access.users()
    specified = {"accounts": {"ol": {"id": str(before["e2@acme.com"]["id"])}}}
    people = [person(1, "mail", **specified, **status), person(2, "mail", **(specified if both else {}))]
    if both and status == {"status": "leave"}:
        refused = access(people)
        assert [error["code"] for error in refused["errors"]] == ["shared_address"] * 2
        return
    later = both and "start" in status  # the active person has the account until then
    for run in (access(people, "plan"), access(people, check=True), access(people), access(people)):
        assert (changes(ok(run)), access.sent, access.users()) == ([], [], before)
        assert findings(run) == ([] if later else [("held_back", "E1"), ("held_back", "E2")])
    assert access.links() == ({("E2", "ol"): "e2@acme.com"} if later else {})
    if not later:
        first, second = run["report"]["findings"]
        names = "of {} names it, too" if both else "names it, but it looks like that of {}"
        assert first["text"] == f"was not blocked: accounts.ol.id {names.format('E2 Given2 Family2')}"
        assert first["advice"].startswith("Correct accounts.ol.id of E1 in the people data.")
        assert "accounts.ol.id of E1 names it" in second["text"] or "accounts.ol.id of E1 Given1" in second["text"]
        confirmed = ok(access(people, "plan", adopt=[specified["accounts"]["ol"]["id"]]))
        assert ("held_back", "E2") not in findings(confirmed)
        people[0]["accounts"] = {}
        assert findings(ok(access(people))) == []
        assert access.links() == {("E2", "ol"): "e2@acme.com"}


def test_the_id_of_a_leaver_whose_address_somebody_else_has_now_blocks_the_account(access: Access) -> None:
    ok(access([person(1, "mail")]))
    access.file.unlink()
    specified = {"accounts": {"ol": {"id": str(access.users()["e1@acme.com"]["id"])}}}
    left = person(1, "mail", status="left", **specified)
    people = [{**left, "email": ""}, person(2, "mail", email="e1@acme.com")]
    done = ok(access(people))
    assert (changes(done), findings(done)) == ([("E1", "ol", "disable")], [("held_back", "E2")])
