# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Closing a review: what was revoked is taken away within all limits, proven by reading again, and never done twice."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from closing import (
    FILES,
    content,
    id_of,
    listed,
    outcomes,
    put,
    put_role,
    roles,
)
from jobs import PROVIDERS, UNREADABLE, Access, ok, person, reset_odd_company, warned
from reviews import Reviews, revoke

from simulator.harness import Simulator

pytestmark = [pytest.mark.in_process(users=0), pytest.mark.usefixtures("closing")]


# -- what is done ------------------------------------------------------------------------------------------------------


def test_revocations_in_all_providers_are_done_proven_and_never_repeated(
    simulator: Simulator, tmp_path: pathlib.Path
) -> None:
    people = [person(1, "base", "data", "cloud"), person(2, "base")]
    access = Access(simulator, tmp_path, {name: {"provider": provider} for name, provider in PROVIDERS.items()})
    ok(access(people))
    review = Reviews(simulator, tmp_path, access.connections, access.entitlements, people)
    ok(review.open())
    others = [row for row in review.rows() if row["person"] not in ("E1", "E2")]
    review.decide(lambda row: "revoke" if row["person"] in ("E1", "E2") else "keep")
    planned = ok(review.close(check=True))
    assert (review.sent, planned["changed"], planned["files"]) == ([], True, FILES)
    assert not (review.dest / "closed.json").exists()

    closed = ok(review.close())
    found = {
        (row["connection"], row["account"], row["facet"]): row["outcome"]
        for row in review.document("closed.json")["rows"]
        if row["decision"] == "revoke"
    }
    assert {key for key, outcome in found.items() if outcome == "already_removed"} == {
        ("kes", "e2@acme.com", "login"), ("na", "e1@acme.com", "login"), ("na", "e2@acme.com", "login"),
    }, "who has no way in is blocked already"
    assert set(found.values()) == {"removed", "already_removed"}
    assert {provider for provider, _operation in review.sent} == {"onelogin", "kestra", "contabo", "sendauth"}
    assert [row["outcome"] for row in planned["review"]["removed"]] == [
        row["outcome"] for row in closed["review"]["removed"]
    ]
    assert {row["id"] for row in planned["review"]["removed"]} == {row["id"] for row in closed["review"]["removed"]}
    assert all(
        planned["review"]["closed"] < row["time"] <= closed["review"]["closed"] for row in closed["review"]["removed"]
    )
    assert (closed["files"], closed["review"]["outcomes"]["kept"]) == (FILES, len(others))

    before = content(review)
    again = ok(review.close())
    assert (review.sent, again["changed"], again["files"], content(review)) == ([], False, [], before)
    assert again["review"]["text"] == closed["review"]["text"][:1], "nothing is new"
    reopened = Reviews(simulator, tmp_path / "next", access.connections, access.entitlements, people)
    ok(reopened.open(id="q3", previous=str(review.dest)))
    there = {row["id"] for row in reopened.rows()}
    assert {row["id"] for row in others} <= there, "nothing else was touched"
    assert not {row["id"] for row in closed["review"]["removed"] if row["facet"] != "login"} & there
    logins = [row for row in reopened.rows() if row["person"] in ("E1", "E2") and row["facet"] == "login"]
    assert {row["connection"]: row["enabled"] for row in logins if row["connection"] in ("ol", "co")} == {
        "ol": False,
        "co": False,
    }


def test_a_whole_company_is_revoked_but_for_what_is_protected(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    reset_odd_company(simulator, 6)
    limits = {"loss_limit": "100%", "min_admins": 0, "protect": ["svc-*"]}
    connections = {name: {"provider": provider, **limits} for name, provider in PROVIDERS.items()}
    connections["eu"] = {"provider": "kestra", "tenant": "acme-eu", **limits}  # the same instance
    review = Reviews(simulator, tmp_path, connections)
    ok(review.open())
    failed = review.close(undecided="revoke")
    assert failed["review"]["failures"] == {}
    assert {(row["code"], row["account"].partition("@")[0]) for row in failed["review"]["failed"]} == {
        ("protected", "owner"), ("protected", "sim-admin"), ("protected", "svc-awx"), ("not_applied", "barbara.liskov"),
    }, "the owner, the caller, what protect names, and what a mapping gives"
    assert {row["code"] for row in failed["review"]["manual"]} <= {"no_user"}
    left = Reviews(simulator, tmp_path / "next", connections)
    ok(left.open())
    names = {row["account"].partition("@")[0] for row in left.rows() if row["facet"] != "login" and row["revocable"]}
    assert names == {"svc-awx", "barbara.liskov"}
    logins = [
        row
        for row in left.rows()
        if row["facet"] == "login" and row["connection"] in ("co", "ol") and not row["account"].startswith("owner")
    ]
    assert {row["enabled"] for row in logins} == {True, False}, "who had grants keeps the login"


def test_a_close_without_the_links_file_says_so(review: Reviews) -> None:
    ok(review.open())
    review.decide(lambda row: "keep")
    missing = str(review.folder / "link.yml")
    assert [(code, missing in text) for code, text in warned(ok(review.close(links=missing)))] == [
        ("missing_links", True)
    ]


def test_an_account_without_grants_is_blocked_unless_it_has_been_given_something(
    simulator: Simulator, review: Reviews
) -> None:
    ok(review.open())
    review.decide(revoke(("cyd@acme.com", ""), ("bob@acme.com", "VPN")))
    put_role(simulator, "cyd@acme.com", "Snowflake")
    failed = review.close()
    assert ("cyd@acme.com", "login", "failed") in outcomes(review)
    assert "it now has Snowflake" in failed["msg"]
    assert [error["code"] for error in failed["errors"]] == ["changed_since"]
    assert roles(simulator)["bob@acme.com"] == [], "that stops nobody else"


# -- what is not done --------------------------------------------------------------------------------------------------


def test_protected_accounts_without_names_are_reported_by_their_ids(simulator: Simulator, review: Reviews) -> None:
    nameless = {name: id_of(simulator, name) for name in ("ada@acme.com", "bob@acme.com")}
    simulator.put_users([{"id": identity, "username": None} for identity in nameless.values()])
    ok(review.open())
    review.connections["ol"]["protect"] = ["*"]
    review.decide(lambda row: "keep" if row["account"] == "cyd@acme.com" else "revoke")
    failed = review.close()
    assert (failed["review"]["failures"], review.sent) == ({}, []), "they are refused, not their directory"
    assert {error["code"] for error in failed["errors"]} == {"protected"}
    for identity in nameless.values():
        assert f"failed, id {identity} is protected by '*', so its grants stay." in failed["msg"]


def test_accounts_that_the_connection_protects_fail_alone(simulator: Simulator, review: Reviews) -> None:
    ok(review.open())
    review.connections["ol"]["protect"] = ["ada@*"]
    review.decide(lambda row: "revoke")
    failed = review.close()
    assert len({row["time"] for row in review.document("closed.json")["rows"] if row["outcome"] == "removed"}) == 2, (
        "each account has its own time"
    )
    assert outcomes(review) == {
        ("ada@acme.com", "Snowflake", "failed"),
        ("ada@acme.com", "VPN", "failed"),
        ("bob@acme.com", "VPN", "removed"),
        ("cyd@acme.com", "login", "removed"),
    }
    assert {error["code"] for error in failed["errors"]} == {"protected"}
    why = "is protected by 'ada@*', so its grants stay. Decide to keep them, or change identity_connections.ol.protect."
    assert f"ada@acme.com {why}" in failed["msg"]
    assert roles(simulator)["ada@acme.com"] == ["Snowflake", "VPN"]
    check = review.close(check=True)
    assert [row["outcome"] for row in check["review"]["failed"]] == ["failed", "failed"]
    del review.connections["ol"]["protect"]
    before = {row["id"]: row["time"] for row in review.document("closed.json")["rows"] if row["outcome"] == "removed"}
    ok(review.close())
    after = {row["id"]: row["time"] for row in review.document("closed.json")["rows"] if row["outcome"] == "removed"}
    assert len(after) == 4
    assert {identity: after[identity] for identity in before} == before, (
        "what was removed first stays removed at that time"
    )


def test_limits_of_the_connection_go_before_those_of_the_job(simulator: Simulator, review: Reviews) -> None:
    ok(review.open())
    review.decide(lambda row: "revoke")
    review.connections["ol"].update(loss_limit="0", unlisted="disable", protect=["nobody*"])
    assert [error["code"] for error in review.close(loss_limit="50%")["errors"]] == ["loss_limit"]
    review.connections["ol"]["loss_limit"] = "3"
    ok(review.close(loss_limit="0"))
    assert {
        user["status"] for user in listed(simulator.state("onelogin")["users"]) if user["username"] != "cyd@acme.com"
    } == {1}, "unlisted has no part in it"


@pytest.mark.parametrize("more", [{}, {"entitlements": ["unknown"]}])
def test_accounts_for_emergencies_are_revoked_by_hand(
    simulator: Simulator, review: Reviews, more: dict[str, Any]
) -> None:
    ok(review.open())
    review.people[0] = {**review.people[0], "kind": "break_glass", **more}
    review.decide(lambda row: "revoke")
    result = ok(review.close())
    assert {(account, outcome) for account, _grant, outcome in outcomes(review)} == {
        ("ada@acme.com", "manual"), ("bob@acme.com", "removed"), ("cyd@acme.com", "removed"),
    }
    assert roles(simulator)["ada@acme.com"] == ["Snowflake", "VPN"]
    assert len(result["review"]["manual"]) == 2
    assert any("Revoke VPN at onelogin as a manual step" in line for line in result["review"]["text"])


def test_an_account_without_a_name_is_not_that_of_a_person_without_an_address(
    simulator: Simulator, review: Reviews
) -> None:
    """An account for emergencies whose name nobody knows does not protect others."""
    (user,) = [
        user for user in simulator.put_users([{"username": None, "email": "x@acme.com", "roles": ["VPN"]}])
        if user["email"] == "x@acme.com"
    ]
    review.people.append({"id": "E9", "name": "Emergency", "kind": "break_glass", "owner": "E1"})
    ok(review.open())
    review.decide(lambda row: "revoke" if row["account_id"] == str(user["id"]) else "keep")
    ok(review.close())
    assert {(account, outcome) for account, _grant, outcome in outcomes(review)} == {
        (f"id {user['id']}", "removed")
    }


def test_a_failed_write_fails_alone_and_the_next_run_does_the_rest(simulator: Simulator, review: Reviews) -> None:
    ok(review.open())
    review.decide(lambda row: "revoke")
    ada = id_of(simulator, "ada@acme.com")
    simulator.faults(
        [{"provider": "onelogin", "operation": "remove_user_role", "path": f"*{ada}*", "count": 0, "status": 500}]
    )
    failed = review.close()
    assert ("ada@acme.com", "VPN", "failed") in outcomes(review)
    assert {("bob@acme.com", "VPN", "removed"), ("cyd@acme.com", "login", "removed")} <= outcomes(review)
    assert (failed["changed"], {error["user"] for error in failed["errors"]}) == (True, {"ada@acme.com"})
    before = {row["id"]: row["time"] for row in review.document("closed.json")["rows"] if row["outcome"] == "removed"}
    simulator.clear_faults()
    ok(review.close())
    assert set(review.sent) == {("onelogin", "remove_user_role")}
    rows = {row["id"]: row for row in review.document("closed.json")["rows"]}
    assert {row["outcome"] for row in rows.values()} == {"removed"}
    assert {identity: rows[identity]["time"] for identity in before} == before


@pytest.mark.parametrize("fault", [{"status": 500, "effect": True}, {"drop": "after"}, {"status": 500}])
def test_the_proof_decides_whatever_the_answer_was(
    simulator: Simulator, review: Reviews, fault: dict[str, Any]
) -> None:
    ok(review.open())
    review.decide(revoke(("bob@acme.com", "VPN")))
    simulator.faults([{"provider": "onelogin", "operation": "remove_user_role", **fault}])
    ok(review.close())
    assert outcomes(review) == {("bob@acme.com", "VPN", "removed")}
    assert roles(simulator)["bob@acme.com"] == []


@pytest.mark.parametrize(("on_error", "other"), [("continue", "removed"), ("stop", "failed")])
def test_a_connection_that_cannot_be_read_is_named(
    simulator: Simulator, review: Reviews, on_error: str, other: str
) -> None:
    review.connections["co"] = {"provider": "contabo"}
    ok(review.open())
    review.decide(lambda row: "revoke" if row["account"] in ("ada@acme.com", "bob@acme.com") else "keep")
    simulator.put_users(
        [{"email": "eve@acme.com", "firstName": "Eve", "lastName": "x", "roles": ["Snowflake"]}], "contabo"
    )
    chosen = review.document()
    assert not [row for row in chosen["rows"] if row["account"] == "eve@acme.com"]
    (review.dest / "decisions" / "decisions.json").unlink()
    for name in [path.name for path in review.dest.iterdir() if path.is_file()]:
        (review.dest / name).unlink()
    ok(review.open())
    review.decide(lambda row: "revoke" if row["account"] in ("ada@acme.com", "eve@acme.com") else "keep")
    simulator.faults(UNREADABLE)
    failed = review.close(on_error=on_error)
    assert failed["msg"].startswith("co: ")
    assert set(failed["review"]["failures"]) == {"co"}
    assert outcomes(review) == {
        ("ada@acme.com", "VPN", other),
        ("ada@acme.com", "Snowflake", other),
        ("eve@acme.com", "Snowflake", "failed"),
    }
    assert bool(review.sent) is (on_error == "continue")
    simulator.clear_faults()
    ok(review.close(on_error=on_error))
    assert {outcome for _account, _grant, outcome in outcomes(review)} == {"removed"}


def test_what_cannot_be_read_again_is_not_called_removed_before_it_is_proven(
    simulator: Simulator, review: Reviews
) -> None:
    ok(review.open())
    review.decide(revoke(("bob@acme.com", "VPN")))
    simulator.faults(
        [
            {
                "provider": "onelogin",
                "operation": "list_users",
                "nth": 2,
                "count": 0,
                "status": 403,
                "body": {"message": "no"},
            }
        ]
    )
    failed = review.close()
    row = next(row for row in review.document("closed.json")["rows"] if row["decision"] == "revoke")
    assert (row["outcome"], row["time"], bool(row["attempted"])) == ("failed", "", True)
    assert "could not be read again" in failed["msg"]
    assert failed["changed"] is True
    simulator.clear_faults()
    ok(review.close())
    proven = next(row for row in review.document("closed.json")["rows"] if row["decision"] == "revoke")
    assert (review.sent, proven["outcome"], proven["time"]) == ([], "removed", row["attempted"])


def test_credentials_that_end_in_the_middle_stop_the_rest_and_are_named_once(
    simulator: Simulator, review: Reviews
) -> None:
    put(simulator, *[(f"u{number}@acme.com", ["VPN"]) for number in range(12)])
    review.connections["ol"].update(loss_limit="100%", max_concurrency=1)
    ok(review.open())
    review.decide(lambda row: "revoke")
    refusal = {"provider": "onelogin", "count": 0, "status": 401, "body": {"message": "no"}}
    simulator.faults(
        [{"operation": "remove_user_role", "nth": 4, **refusal}, {"operation": "list_users", "nth": 2, **refusal}]
    )
    failed = review.close()
    assert {error["code"] for error in failed["errors"]} == {"not_authenticated", "not_attempted"}
    assert len(failed["msg"].splitlines()) == 4, "one line for each reason"
    rows = review.document("closed.json")["rows"]
    assert sum(bool(row["attempted"]) for row in rows) == 3
    simulator.clear_faults()
    ok(review.close())
    assert {row["outcome"] for row in review.document("closed.json")["rows"]} == {"removed"}


def test_a_grant_that_the_server_keeps_is_a_failure(simulator: Simulator, review: Reviews) -> None:
    put_role(simulator, "bob@acme.com", "2024", "mapped_roles")
    ok(review.open())
    review.decide(revoke(("bob@acme.com", "2024"), ("bob@acme.com", "VPN")))
    failed = review.close()
    assert outcomes(review) == {("bob@acme.com", "2024", "failed"), ("bob@acme.com", "VPN", "removed")}
    assert [error["code"] for error in failed["errors"]] == ["not_applied"]
    assert "mapping" in failed["msg"]
