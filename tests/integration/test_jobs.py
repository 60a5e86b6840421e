# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The access job through many runs with a links file: whose an account is, what is held back, and what is written."""

from __future__ import annotations

import json
import os
import pathlib
import stat
from typing import Any

import pytest
from jobs import PROVIDERS, Access, changes, findings, person

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import RateLimited
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.limiter import Limiter
from ansible_collections.rollcall.identity.plugins.modules.identity_offboard import SPEC as OFFBOARD
from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import validate
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.model import AccessReport
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.run import AccessRun
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.offboard.job import run_offboard
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame
from simulator.harness import Simulator


@pytest.fixture
def simulator(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """Five users everywhere, who belong to nobody; the credentials are those of the environment."""
    simulator.reset(seed_users=5)
    for name, value in simulator.env.items():
        monkeypatch.setenv(name, value)
    return simulator


@pytest.fixture
def access(simulator: Simulator, tmp_path: pathlib.Path) -> Access:
    """The job over one OneLogin, whose users are known by their addresses."""
    return Access(simulator, tmp_path, {"ol": {"provider": "onelogin", "user_key": "email"}})


def everywhere(simulator: Simulator, folder: pathlib.Path) -> Access:
    """Return the job over all five providers."""
    return Access(simulator, folder, {name: {"provider": provider} for name, provider in PROVIDERS.items()})


def ok(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result that is no failure."""
    assert not result.get("failed"), result["msg"]
    return result


def test_all_providers_through_joining_moving_leave_return_and_leaving(
    simulator: Simulator, tmp_path: pathlib.Path
) -> None:
    access = everywhere(simulator, tmp_path)
    joiner = person(1, "base", "data", "cloud")
    planned = ok(access([joiner], "plan"))
    assert access.sent == []
    assert not access.file.exists(), "a plan remembers nothing"
    joined = ok(access([joiner], plan_digest=planned["report"]["digest"]))
    assert {(who, name) for who, name, operation in changes(joined) if operation == "create"} == {
        ("E1", name) for name in PROVIDERS
    }
    assert access.links() == {("E1", name): "e1@acme.com" for name in PROVIDERS}
    assert ok(access([joiner]))["changed"] is False
    assert ok(access([joiner], plan_digest=planned["report"]["digest"]))["changed"] is False
    assert access.sent == []

    moved = ok(access([person(1, "base", "cloud", email="new1@acme.com")]))
    assert {name for _who, name, operation in changes(moved) if operation == "rename"} == {"ol", "kes", "co", "se"}
    assert ("cannot_rename", "E1") in findings(moved), "nextAuth"
    assert next(change for change in moved["report"]["changes"] if change["connection"] == "ol")["taken"] == {
        "roles": ["Snowflake"]
    }
    assert access.links() == {("E1", name): "e1@acme.com" if name == "na" else "new1@acme.com" for name in PROVIDERS}

    back = person(1, "base", "data", "cloud", email="new1@acme.com")
    on_leave = ok(access([{**back, "status": "leave"}]))
    assert {name for _who, name, _operation in changes(on_leave)} >= {"ol", "co", "se"}
    assert "new1@acme.com" not in {name for name, user in access.users("co").items() if user["enabled"]}
    again = ok(access([{**back, "status": "leave"}]))
    assert (again["changed"], access.sent) == (False, [])
    returned = ok(access([back]))
    assert not [code for code, _person in findings(returned) if code == "held_back"], (
        "a link knows whose the blocked account is"
    )
    assert access.users("co")["new1@acme.com"]["enabled"]
    assert "new1@acme.com" in access.users("se")
    assert ok(access([back]))["changed"] is False

    ok(access([{**back, "status": "left"}]))
    assert access.users()["new1@acme.com"]["status"] == 2
    assert not access.users("co")["new1@acme.com"]["enabled"]
    assert ok(access([{**back, "status": "left"}]))["changed"] is False
    assert access.sent == []


def test_an_address_that_somebody_else_gets_never_hands_over_the_account(access: Access) -> None:
    ok(access([person(1, "mail")]))
    leaver = person(1, "mail", status="left")
    heir = person(2, "mail", email="e1@acme.com")
    result = ok(access([heir, leaver]))
    assert changes(result) == [("E1", "ol", "disable")]
    assert ("held_back", "E2") in findings(result)
    assert access.links() == {("E1", "ol"): "e1@acme.com"}
    alone = ok(access([heir]))
    assert changes(alone) == [], "nor once the leaver's row is gone"
    assert access.links() == {("E1", "ol"): "e1@acme.com"}


def test_people_whose_rows_are_gone_are_named_and_blocked_where_that_is_desired(access: Access) -> None:
    people = [person(1, "mail"), person(2, "mail")]
    ok(access(people))
    reported = ok(
        access(
            people[:1],
            unlisted="disable",
            connections={"ol": {**access.connections["ol"], "protect": ["user*"], "loss_limit": "50%"}},
        )
    )
    assert findings(reported) == [("vanished", "E2")]
    assert changes(reported) == [], "unlisted does not decide about people who were linked"
    blocked = ok(access(people[:1], vanished="block"))
    assert changes(blocked) == [("E2", "ol", "disable")]
    assert changes(ok(access(people[:1], vanished="block"))) == []
    assert changes(ok(access(people)))[0][:2] == ("E2", "ol"), "and back again, by the link"
    assert access.users()["e2@acme.com"]["status"] == 1


def test_a_retired_entitlement_is_taken_from_everybody_who_has_it(access: Access) -> None:
    people = [person(1, "mail", "data"), person(2, "mail")]
    ok(access(people))
    access.entitlements = {**access.entitlements, "data": {**access.entitlements["data"], "retired": True}}
    retired = ok(access(people))
    assert [(change["person"], change["taken"]) for change in retired["report"]["changes"]] == [
        ("E1", {"roles": ["Snowflake"]})
    ]
    assert ok(access(people))["changed"] is False


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
    assert "access_adopt_limit" in limited["msg"]
    assert access.sent == []
    confirmed = ok(access(people, adopt=[ids[0]]))
    assert [(change["person"], change["adopted"], change["opened"]) for change in confirmed["report"]["changes"]] == [
        ("E1", True, True)
    ]
    assert access.links() == {("E1", "ol"): "e1@acme.com"}
    assert ("E2", "ol", "update") in changes(ok(access(people, adopt_limit="1"))) or access.users()["e2@acme.com"][
        "status"
    ] == 1
    assert set(access.links()) == {("E1", "ol"), ("E2", "ol")}


@pytest.mark.parametrize(
    "content", ["schema: 1\ncount: 7\nlinks: []\nholds: []\n", "schema: 2\nlinks: []\n", "{", "\ud83d"]
)
def test_a_damaged_links_file_is_refused_before_any_call_and_left_as_it_is(
    access: Access, simulator: Simulator, content: str
) -> None:
    data = content.encode("utf-8", "surrogatepass")
    access.file.write_bytes(data)
    mark = simulator.last
    result = access([person(1, "mail")])
    assert "access_links" in result["msg"]
    assert "Restore the file" in result["msg"] or "Save it as UTF-8" in result["msg"], "and what to do"
    assert result["report"]["outcome"] == "invalid"
    assert {error["code"] for error in result["errors"]} <= {"bad_links", "unreadable_file"}
    assert access.file.read_bytes() == data
    assert simulator.last == mark


@pytest.mark.parametrize(
    ("entry", "option", "defaults", "limit"),
    [
        ({}, None, {}, None), ({}, None, {"create_limit": "3"}, "3"), ({}, "2", {"create_limit": "3"}, "2"),
        ({"create_limit": "1"}, "2", {"create_limit": "3"}, "1"),
        ({"create_limit": "9"}, None, {"create_limit": "3"}, None),
    ],
)  # fmt: skip
def test_which_limit_counts(
    access: Access, entry: dict[str, Any], option: str | None, defaults: dict[str, Any], limit: str | None
) -> None:
    """That of the connection, else that of the job, else that of module_defaults, else the job's own:
    none in a small directory."""
    access.connections = {"ol": {**access.connections["ol"], **entry}}
    access.defaults = {"onelogin_users": defaults}
    planned = access([person(number, "mail") for number in range(1, 5)], "plan", create_limit=option)
    assert bool(planned.get("failed")) is bool(limit)
    if limit:
        assert f"at most {limit} may be (create_limit {limit})" in planned["msg"]


MORE = {"client_id": "sim-manage-users-id", "client_secret": "sim-manage-users-secret"}
"""Other credentials of the same account of OneLogin."""


def test_two_pairs_of_credentials_of_one_account_are_one_directory(
    simulator: Simulator, tmp_path: pathlib.Path
) -> None:
    first: dict[str, Any] = {"provider": "onelogin", "user_key": "email"}
    pairs = {"ol": first, "more": {**first, "credentials": MORE}}
    entitlements = {"mail": {"grants": {"ol": {}}}, "data": {"grants": {"more": {"roles": ["Snowflake"]}}}}
    access = Access(simulator, tmp_path, pairs, entitlements)
    joined = ok(access([person(1, "mail", "data")]))
    assert changes(joined) == [("E1", "ol", "create")]
    assert joined["report"]["connections"]["more"]["shared_with"] == "ol"
    assert [operation for _provider, operation in access.sent].count("create_user") == 1
    assert set(access.links()) == {("E1", "ol"), ("E1", "more")}
    assert ok(access([person(1, "mail", "data")]))["changed"] is False
    access.connections = {**pairs, "more": {**pairs["more"], "user_key": "username"}}
    mark = simulator.last
    assert "leads to the same directory as ol, with another user_key" in access([person(1, "mail", "data")])["msg"]
    assert {request["operation"] for request in simulator.requests(since=mark)} == {"generate_token"}
    access.connections = {**pairs, "more": {**pairs["more"], "credentials": {**MORE, "client_secret": "canary"}}}
    failed = access([person(1, "mail", "data")])
    assert "more: Could not log in" in failed["msg"]
    assert "canary" not in str(failed)


def test_folders_of_the_report_are_made_for_their_owner_alone(
    access: Access, simulator: Simulator, tmp_path: pathlib.Path
) -> None:
    dest = tmp_path / "reports" / "2026" / "access.json"
    ok(access([person(1, "mail")], "plan", dest=str(dest)))
    assert sorted(path.name for path in dest.parent.iterdir()) == ["access.html", "access.json", "access.txt"]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (dest.parent, dest.parent.parent)} == {0o700}
    mark = simulator.last
    for wrong, words in ((dest / "below.json", "is not a folder"), (dest.parent, "is not a regular file")):
        assert words in access([person(1, "mail")], dest=str(wrong))["msg"]
    assert simulator.last == mark


def test_two_tenants_of_one_kestra_are_one_directory(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    tenants = {"kes": {"provider": "kestra", "tenant": "main"}, "eu": {"provider": "kestra", "tenant": "acme-eu"}}
    entitlements = {
        "main": {"grants": {"kes": {"groups": ["platform"]}}},
        "eu": {"grants": {"eu": {"groups": [{"tenant": "acme-eu", "name": "sales"}]}}},
    }
    access = Access(simulator, tmp_path, tenants, entitlements)
    joined = ok(access([person(1, "main", "eu"), person(2, "eu")]))
    assert sorted(changes(joined)) == [("E1", "kes", "create"), ("E2", "kes", "create")]
    assert joined["report"]["connections"]["eu"]["shared_with"] == "kes"
    assert set(access.links()) == {(who, name) for who in ("E1", "E2") for name in tenants}
    assert ok(access([person(1, "main", "eu"), person(2, "eu")]))["changed"] is False
    mover = ok(access([person(1, "eu"), person(2, "main")]))
    assert {
        (change["person"], *change["granted"].get("groups", ()), *change["taken"].get("groups", ()))
        for change in mover["report"]["changes"]
    } == {
        ("E1", "main/platform"),
        ("E2", "main/platform", "acme-eu/sales"),
    }
    assert findings(mover) == []
    ok(access([person(1, "eu", status="left"), person(2, "main", status="leave")]))
    back = ok(access([person(1, "eu", status="left"), person(2, "main")]))
    assert ("E2", "kes") in {change[:2] for change in changes(back)}
    assert not any(code == "held_back" for code, _who in findings(back))
    assert ok(access([person(1, "eu", status="left"), person(2, "main")]))["changed"] is False


def three(simulator: Simulator, folder: pathlib.Path) -> Access:
    """Return the job over three providers, where one failed request is one failure."""
    return Access(
        simulator, folder, {name: {"provider": PROVIDERS[name], "api_retries": 0} for name in ("ol", "kes", "co")}
    )


def test_what_fails_half_way_is_named_and_what_was_done_is_remembered(
    simulator: Simulator, tmp_path: pathlib.Path
) -> None:
    access = three(simulator, tmp_path)
    people = [person(number, "base") for number in (1, 2, 3)]
    simulator.faults(
        [
            {
                "provider": "contabo",
                "operation": "create_user",
                "nth": 2,
                "count": 0,
                "status": 403,
                "body": {"message": "no"},
            }
        ]
    )
    result = access(people)
    report = result["report"]
    assert report["outcome"] == "partly"
    assert result["failed"] is True
    assert "co: " in result["msg"]
    failed = {change["person"] for change in report["changes"] if change["error"]}
    assert len(failed) == 2
    for who in failed:
        assert f"Given{who[1:]} Family{who[1:]}" in result["msg"], "all failures are named, not the first alone"
    assert all(not change["done"] for change in report["changes"] if change["error"])
    assert set(access.links()) == {(one["id"], name) for one in people for name in access.connections} - {
        (who, "co") for who in failed
    }
    for name in ("report.json", "report.txt", "report.html"):
        assert sorted(failed)[0] in (tmp_path / name).read_text(encoding="utf-8")
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["failed"]
    simulator.clear_faults()
    again = ok(access(people))
    assert sorted(changes(again)) == sorted((who, "co", "create") for who in failed)


def test_a_directory_that_cannot_be_read_stops_all_or_is_left_out(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    access = three(simulator, tmp_path)
    simulator.faults(
        [
            {
                "provider": "contabo",
                "operation": "retrieve_user_list",
                "count": 0,
                "status": 403,
                "body": {"message": "no"},
            }
        ]
    )
    stopped = access([person(1, "base")])
    assert (access.sent, stopped["report"]["outcome"]) == ([], "refused")
    assert not access.file.exists()
    assert "access_on_error: continue" in stopped["msg"]
    assert [entry["code"] for entry in stopped["errors"]] == ["connection_failed", "not_permitted"]
    assert stopped["report"]["errors"] == stopped["errors"]
    assert stopped["code"] == "connection_failed"
    partly = access([person(1, "base")], on_error="continue")
    assert partly["report"]["outcome"] == "partly"
    assert set(access.links()) == {("E1", "ol"), ("E1", "kes")}
    assert partly["changed"] is True


def test_what_was_never_begun_is_not_done(
    simulator: Simulator, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = three(simulator, tmp_path)

    def refuse(self: Limiter, calls: int) -> None:
        raise RateLimited("The budget of today is used up.", "Run it again tomorrow.")

    monkeypatch.setattr(Limiter, "afford", refuse)
    result = access([person(1, "base")])
    assert access.sent == []
    assert result["changed"] is False
    assert result["report"]["totals"]["created"] == 0
    assert [(change["done"], change["code"]) for change in result["report"]["changes"]] == [(False, "rate_limited")] * 3
    assert all(change["error"] for change in result["report"]["changes"])
    assert access.links() == {}


def test_check_mode_reports_and_remembers_nothing(access: Access, tmp_path: pathlib.Path) -> None:
    result = ok(access([person(1, "mail")], check=True))
    assert (access.sent, access.file.exists(), result["changed"]) == ([], False, True)
    assert result["report"]["check_mode"] is True
    assert "create e1@acme.com" in (tmp_path / "report.txt").read_text(encoding="utf-8")
    assert all(not change["done"] for change in result["report"]["changes"])
    ok(access([person(1, "mail")]))
    before = access.file.read_bytes()
    assert ok(access([person(1, "mail")], check=True))["changed"] is False
    ok(access([person(1, "mail", email="new1@acme.com")], check=True))
    assert access.file.read_bytes() == before


def test_a_guard_names_the_place_of_its_limit_and_the_reports_are_there(access: Access, tmp_path: pathlib.Path) -> None:
    people = [person(number, "mail", "data") for number in range(1, 5)]
    ok(access(people))
    before = access.file.read_bytes()
    access.connections["ol"]["loss_limit"] = "2"
    result = access([{**one, "status": "left"} for one in people])
    assert (access.sent, result["report"]["outcome"]) == ([], "refused")
    assert "identity_connections.ol.loss_limit" in result["msg"]
    assert "loss_limit" in {entry["code"] for entry in result["errors"]}
    assert (
        "They are accounts of E1 Given1 Family1; E2 Given2 Family2; E3 Given3 Family3; E4 Given4 Family4."
        in result["msg"]
    )
    assert access.file.read_bytes() == before
    for name in ("report.json", "report.txt", "report.html"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert "identity_connections.ol.loss_limit" in text
        assert "Given4 Family4" in text, "who is concerned"


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


@pytest.mark.parametrize("row", ["E2,Given2 Family2,e2@acme.com,,soon,mail", ",Given2 Family2,,,,mail", "E2,Given2"])
def test_as_long_as_rows_cannot_be_read_nobody_is_missing(access: Access, tmp_path: pathlib.Path, row: str) -> None:
    access.connections["ol"].update(loss_limit="100%", protect=["user0001"])
    ok(access([person(1, "mail"), person(2, "mail"), person(3, "mail")]))
    feed = tmp_path / "people.csv"
    feed.write_text(
        f"id,name,email,status,start,entitlements\nE1,Given1 Family1,e1@acme.com,,,mail\n{row}\nE3,Given3 "
        "Family3,e3@acme.com,left,,\n"
    )
    result = access([], people_file=str(feed), unlisted="disable", vanished="block")
    assert "line 3" in result["msg"]
    assert changes(result) == [("E3", "ol", "disable")], "a leaver is blocked, and nobody else"
    assert any("unassigned accounts are only reported" in text for text in result["report"]["warnings"])


# -- holds -----------------------------------------------------------------------------------------------------------


def offboard(access: Access, people: list[dict[str, Any]], who: str, **params: Any) -> None:
    """Run the offboarding of somebody with the same links file."""
    entitlements = {"mail": {"grants": {"ol": {}}}, "data": {"grants": {"ol": {"roles": ["Snowflake"]}}}}
    arguments = {
        "person": who,
        "connections": access.connections,
        "entitlements": entitlements,
        "people": people,
        "as_of": "2026-06-15",
        "links": str(access.file),
        "dest": str(access.folder / "evidence"),
        "proof_wait": 0,
        **params,
    }
    validated = validate(OFFBOARD, {}, arguments)
    assert not validated.error_messages, validated.error_messages
    ok(run_offboard(validated.validated_parameters, Frame(folder=str(access.folder)), lambda seconds: None))


def test_who_was_offboarded_stays_out_until_the_feed_changes_whatever_rules_and_columns_say(
    access: Access, tmp_path: pathlib.Path
) -> None:
    def feed(exported: str, status: str = "active") -> dict[str, Any]:
        path = tmp_path / "people.csv"
        path.write_text(
            "id,name,email,status,department,exported,entitlements\nE1,Given1 "
            f"Family1,e1@acme.com,{status},Sales,{exported},mail\n"
        )
        return {"people_file": str(path)}

    rules = [{"when": {"department": "Sales"}, "entitlements": ["data"]}]
    ok(access([], **feed("2026-06-14"), rules=rules))
    offboard(access, [], "E1", **feed("2026-06-14"))
    assert access.holds() == ["E1"]
    held = ok(access([], **feed("2026-06-15"), rules=rules))
    assert (changes(held), findings(held)) == ([], [("offboarded", "E1")]), (
        "neither a rule nor a column of the export is a decision of HR"
    )
    assert access.holds() == ["E1"]
    ok(access([], **feed("2026-06-16", "left"), rules=rules))
    assert access.holds() == [], "HR says so itself by now"
    again = ok(access([], **feed("2026-06-17"), rules=rules))
    assert changes(again) == [("E1", "ol", "reopen")] or changes(again)[0][:2] == ("E1", "ol"), (
        "and may hire the person again, with the same row"
    )
    assert access.users()["e1@acme.com"]["status"] == 1


def test_a_hold_ends_with_access_release(access: Access) -> None:
    people = [person(1, "mail")]
    ok(access(people))
    offboard(access, people, "E1")
    assert changes(ok(access(people))) == []
    ok(access(people, release="E1"))
    assert (access.users()["e1@acme.com"]["status"], access.holds()) == (1, [])
    assert ok(access(people))["changed"] is False


def test_who_is_offboarded_while_access_runs_stays_out(access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [person(1, "mail")]
    ok(access(people))
    run = AccessRun.run

    def meanwhile(self: AccessRun, report: AccessReport) -> AccessReport:
        done = run(self, report)
        offboard(access, people, "E1")
        return done

    with monkeypatch.context() as patch:
        patch.setattr(AccessRun, "run", meanwhile)
        ok(access([*people, person(2, "mail")]))
    assert access.holds() == ["E1"]
    assert set(access.links()) == {("E1", "ol"), ("E2", "ol")}
    assert findings(ok(access([*people, person(2, "mail")]))) == [("offboarded", "E1")]


# -- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["links.yml", "report.html"])
def test_a_file_that_cannot_be_written_at_the_end_fails_the_run_and_loses_no_report(
    access: Access, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    replace = os.replace

    def refuse(source: str, target: str) -> None:
        if target.endswith(name):
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    result = access([person(1, "mail")])
    assert (result["failed"], result["changed"], result["report"]["totals"]["created"]) == (True, True, 1)
    assert "No space left on device" in result["msg"]
    assert ("access_links" if name == "links.yml" else "access_dest") in result["msg"]
    assert "e1@acme.com" in result["links"], "whoever delivers the links elsewhere has them"


# -- accounts ----------------------------------------------------------------------------------------------------------


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
    assert sum("access_links" in text for text in result["report"]["warnings"]) == 1
    assert result["links"] == ""
    assert ok(access([person(1, "mail")], links=None))["changed"] is False


def test_a_second_tenant_knows_the_accounts_of_the_first(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    kestra = {"provider": "kestra", "tenant": "main"}
    entitlements = {
        "main": {"grants": {"kes": {"groups": ["platform"]}}},
        "eu": {"grants": {"eu": {"groups": [{"tenant": "acme-eu", "name": "sales"}]}}},
    }
    access = Access(simulator, tmp_path, {"kes": kestra}, entitlements)
    ok(access([person(1, "main")]))
    access.connections = {"kes": kestra, "eu": {"provider": "kestra", "tenant": "acme-eu"}}
    renamed = ok(access([person(1, "main", "eu", name="Other Name", email="new1@acme.com")]))
    assert changes(renamed) == [("E1", "kes", "rename")]
    assert findings(renamed) == []
    assert set(access.links()) == {("E1", "kes"), ("E1", "eu")}


def test_ten_connections_to_one_directory_are_one(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    names = [f"ol{number}" for number in range(10)]
    own = {"client_id": simulator.env["ONELOGIN_CLIENT_ID"], "client_secret": simulator.env["ONELOGIN_CLIENT_SECRET"]}
    access = Access(simulator, tmp_path, {name: {"provider": "onelogin", "credentials": own} for name in names})
    access.entitlements = {"all": {"grants": {name: {} for name in names}}}
    people = [person(1, "all"), person(2, "all")]
    joined = ok(access(people))
    assert sorted(changes(joined)) == [("E1", "ol0", "create"), ("E2", "ol0", "create")]
    assert [part["shared_with"] for name, part in joined["report"]["connections"].items() if name != "ol0"] == [
        "ol0"
    ] * 9
    assert len(access.links()) == 20
    mark = simulator.last
    assert ok(access(people))["changed"] is False
    assert sum(request["operation"] == "list_users" for request in simulator.requests(since=mark)) == 1


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


def test_connections_to_one_directory_protect_and_limit_together(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    tenants: dict[str, dict[str, Any]] = {
        "kes": {"provider": "kestra", "tenant": "main", "loss_limit": "50%"},
        "eu": {"provider": "kestra", "tenant": "acme-eu", "protect": ["e1@*"], "loss_limit": "100%"},
    }
    entitlements = {"main": {"grants": {"kes": {"groups": ["platform"]}}}}
    access = Access(simulator, tmp_path, tenants, entitlements)
    ok(access([person(number, "main") for number in (1, 2)]))
    refused = access([person(number, "main", status="left") for number in (1, 2)])
    assert "protected by 'e1@*'" in refused["msg"]
    assert access.sent == []
    del tenants["eu"]["protect"]
    tenants["eu"]["loss_limit"] = "1"
    assert "loss_limit" in access([person(number, "main", status="left") for number in (1, 2)])["msg"]
    assert access.sent == []


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
    access = Access(simulator, tmp_path, {"ol": {"provider": "onelogin", "protect": ["user*"]}})
    result = access([person(6, "mail", kind="break_glass")], unlisted="disable")
    assert "no person is entitled to an account and identity_connections.ol.unlisted is disable" in result["msg"]
    assert not any("e6@acme.com" in text for text in ok(access([person(1, "mail"), glass]))["report"]["warnings"]), (
        "nobody specified that pattern"
    )


# -- reports -----------------------------------------------------------------------------------------------------------


def test_names_in_a_directory_make_no_lines_of_a_log(access: Access, simulator: Simulator) -> None:
    names = {
        "username": "x\nFailed: y",
        "email": "z\r\nApplied@acme.com",
        "firstname": "\x1b[31mGiven1\u2028",
        "lastname": "<script>x</script>",
    }
    simulator.put_users([names, {**names, "username": "e1@acme.com", "email": "e1@acme.com", "roles": ["Snowflake"]}])
    result = ok(access([person(1, "mail"), person(2, "mail", name="Ada <b>{{ 7 }}</b>")], unlisted="report"))
    assert all(line.isprintable() for line in result["report"]["text"])
    assert all(line.isprintable() for line in (access.folder / "report.txt").read_text(encoding="utf-8").split("\n"))
    assert "<script>x" not in result["html"]
    assert "&lt;b&gt;{{ 7 }}&lt;/b&gt;" in result["html"]


@pytest.mark.parametrize("form", ["json", "txt", "html"])
@pytest.mark.parametrize("option", ["links", "people_file"])
def test_a_report_never_replaces_the_links_or_the_people(access: Access, option: str, form: str) -> None:
    other = access.folder / f"report.{form}"
    content = (
        "schema: 1\nlinks: []\nholds: []\n"
        if option == "links"
        else "id,name,email,entitlements\nE1,A,e1@acme.com,mail\n"
    )
    other.write_text(content)
    result = access([] if option == "people_file" else [person(1, "mail")], **{option: str(other)})
    assert f"which is access_{option}. Specify another path." in result["msg"]
    assert (other.read_text(), access.sent, result["files"]) == (content, [], {})


def test_every_wrong_option_is_reported_together_in_files(access: Access) -> None:
    result = access([person(1, "male")], as_of="", timezone="Mars/Base", adopt=[{}], create_limit="some", lead_days=-1)
    for words in (
        "identity_timezone: 'Mars/Base'", "entitlement male", "access_adopt", "access_create_limit", "access_lead_days",
    ):
        assert words in result["msg"]
    assert all(pathlib.Path(path).exists() for path in result["files"].values())
    assert len(result["files"]) == 3


def test_a_defect_after_the_last_write_loses_neither_report_nor_links(
    access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = access.simulator.env["ONELOGIN_CLIENT_SECRET"]

    def broken(self: AccessRun, report: AccessReport) -> None:
        raise KeyError(f"nobody expected {secret}")

    monkeypatch.setattr(AccessRun, "_remember", broken)
    result = access([person(1, "mail")])
    assert (result["failed"], result["changed"], result["report"]["outcome"]) == (True, True, "partly")
    assert "nobody expected" in result["msg"]
    texts = [
        str(result),
        *((access.folder / f"report.{form}").read_text(encoding="utf-8") for form in ("json", "txt", "html")),
    ]
    assert not any(secret in text for text in texts)
    assert "e1@acme.com" in texts[1]


@pytest.mark.parametrize(("there", "warns"), [(3, True), (26, False), (30, False)])
def test_a_feed_that_is_much_shorter_than_the_links_is_said_to_be(access: Access, there: int, warns: bool) -> None:
    people = [person(number, "mail") for number in range(1, 31)]
    ok(access(people))
    result = ok(access(people[:there]))
    words = f"{30 - there} people who have accounts are no longer in the feed, which contains {there} people: is the"
    assert any(words in text for text in result["report"]["warnings"]) is warns


def test_what_has_no_effect_is_a_warning(access: Access) -> None:
    people = [person(1, "mail")]
    ok(access(people))
    offboard(access, people, "E1")
    access.file.write_text(access.file.read_text().replace('"connection": "ol"', '"connection": "old"'))
    result = access(people, "plan", release=["E1", "E7"], adopt=["100001", "7"])
    texts = result["report"]["warnings"]
    assert [text for text in texts if text.startswith("access_release")] == [
        "access_release: E7 is not held by an offboarding. Remove the ID."
    ]
    assert [text for text in texts if text.startswith("access_adopt")] == [
        "access_adopt: there is no account with the ID 7 in any connection."
    ]
    assert [text for text in texts if "belong to the connection old, which is not in identity_connections" in text]


# -- one row, one mistake ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"titel": "x"}, "titel is not a field of an account of onelogin; similar names: title."),
        ({"enabled": "perhaps"}, "The value 'perhaps' is not a valid boolean"),
        ({"username": ""}, "username is '', and user, which sets the same field, is 'e1@acme.com'."),
        ({"state": "absent"}, "state is not a field of an account of onelogin"),
        ({"roles": ["Snowflake"]}, "roles are granted by entitlements. Remove them here."),
        ({"managed_roles": ["Snowflake"]}, "managed_roles is not a field"),
    ],
)
def test_a_mistake_in_the_account_of_one_person_stops_nobody_else(
    access: Access, tmp_path: pathlib.Path, about: dict[str, Any], words: str
) -> None:
    ok(access([person(1, "mail"), person(2, "mail")]))
    feed = tmp_path / "people.json"
    feed.write_text(
        json.dumps([person(1, "mail", accounts={"ol": about}), person(2, status="left"), person(3, "mail")])
    )
    result = access([], people_file=str(feed))
    assert f"people.json line 1: E1: accounts.ol: {words}" in result["msg"] or (
        words in result["msg"] and "E1: accounts.ol" in result["msg"]
    )
    assert sorted(changes(result)) == [("E2", "ol", "disable"), ("E3", "ol", "create")]
    assert access.users()["e1@acme.com"]["status"] == 1


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


def test_a_grant_that_is_wrong_names_the_entitlement_and_not_everybody(access: Access) -> None:
    access.entitlements = {"vpn": {"grants": {"ol": {"roles": ["Vpnn"]}}}, "mail": {"grants": {"ol": {}}}}
    result = access(
        [
            *(person(number, "mail", "vpn") for number in range(1, 16)),
            *(person(number, "mail") for number in range(16, 20)),
        ],
        create_limit="100",
    )
    assert result["msg"].count("there is no role named 'Vpnn'") == 1
    assert "See identity_entitlements: mail, vpn." in result["msg"]
    assert "and 12 more" in result["msg"]
    assert "E16 " not in result["msg"]


def test_an_account_for_emergencies_is_not_blocked_with_its_row(access: Access, simulator: Simulator) -> None:
    simulator.put_users(
        [{"username": "e9@acme.com", "email": "e9@acme.com", "firstname": "Given9", "lastname": "Family9"}]
    )
    ok(access([person(1, "mail"), person(9, "mail", kind="break_glass")]))
    assert set(access.links()) == {("E1", "ol")}
    result = ok(access([person(1, "mail")], vanished="block"))
    assert changes(result) == []
    assert access.users()["e9@acme.com"]["status"] == 1
