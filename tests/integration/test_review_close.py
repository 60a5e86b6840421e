# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Closing a review: what was revoked is taken away within all limits, proven by reading again, and never done twice."""

from __future__ import annotations

import csv
import datetime
import hashlib
import itertools
import json
import pathlib
from typing import Any

import pytest
from jobs import PROVIDERS, Access, person
from playbooks import Playbooks
from reviews import Reviews, Row, revoke
from scenarios import assert_silent

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs import action
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review import revoke as revoke_module
from simulator.harness import Simulator

FILES = ["closed.json", "closed.csv", "closed.html", "closed-manifest.json"]


@pytest.fixture
def simulator(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """The simulator without people; the credentials are those of the environment.

    Each look at the clock is a minute later.
    """
    simulator.reset()
    for name, value in simulator.env.items():
        monkeypatch.setenv(name, value)
    # No app comes with a role, so that each row is a role.
    simulator.put(
        "roles", [{"id": role["id"], "apps": []} for role in simulator.state("onelogin")["roles"]], "onelogin"
    )
    begun, minutes = action.now(), itertools.count(1)
    monkeypatch.setattr(
        action, "moment", lambda: (begun + datetime.timedelta(minutes=next(minutes))).strftime("%Y-%m-%dT%H:%M:%SZ")
    )
    monkeypatch.setattr(revoke_module, "PROOF_WAIT", 0.0)
    return simulator


def put(simulator: Simulator, *users: tuple[str, list[str]], **more: Any) -> dict[str, str]:
    """Put users of OneLogin, name -> roles, and return their ids by their names."""
    names = {name for name, _roles in users}
    there = simulator.put_users(
        [
            {
                "username": name,
                "email": name,
                "firstname": name.title().partition("@")[0],
                "lastname": "x",
                "roles": roles,
                **more,
            }
            for name, roles in users
        ]
    )
    return {user["username"]: str(user["id"]) for user in there if user["username"] in names}


@pytest.fixture
def review(simulator: Simulator, tmp_path: pathlib.Path) -> Reviews:
    """A review of one OneLogin: ada with two roles, bob with one, and cyd without any."""
    put(simulator, ("ada@acme.com", ["Snowflake", "VPN"]), ("bob@acme.com", ["VPN"]), ("cyd@acme.com", []))
    people = [
        {"id": f"E{number}", "name": f"{name.title()} x", "email": f"{name}@acme.com", "entitlements": []}
        for number, name in enumerate(("ada", "bob", "cyd"), 1)
    ]
    return Reviews(simulator, tmp_path, {"ol": {"provider": "onelogin"}}, {}, people)


def roles(simulator: Simulator) -> dict[str, list[str]]:
    """Return user of OneLogin -> names of roles."""
    state = simulator.state("onelogin")
    names = {str(role["id"]): role["name"] for role in listed(state["roles"])}
    users = {user["username"]: user.get("roles") or user.get("role_ids") or () for user in listed(state["users"])}
    return {name: sorted(names.get(str(role), str(role)) for role in some) for name, some in users.items()}


def listed(items: Any) -> list[dict[str, Any]]:
    """Return the items of a state, whether it has them by ids or as a list."""
    return list(items.values()) if isinstance(items, dict) else list(items)


def ok(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result that is no failure."""
    assert not result.get("failed"), result["msg"]
    return result


def outcomes(review: Reviews) -> set[tuple[str, str, str]]:
    """Return (account, grant, outcome) of what was not simply kept."""
    return set(review.outcomes().values())


def content(review: Reviews) -> dict[str, bytes]:
    """Return the files of the evidence."""
    return {name: (review.dest / name).read_bytes() for name in FILES}


def refused(review: Reviews, **params: Any) -> list[str]:
    """Close a review that is refused and return the codes. Nothing was sent and nothing was written."""
    before = {path: path.read_bytes() for path in review.dest.rglob("*") if path.is_file()}
    with pytest.raises(InputError) as error:
        review.close(**params)
    assert review.calls == 0
    assert {path: path.read_bytes() for path in review.dest.rglob("*") if path.is_file()} == before
    return [problem.code for problem in error.value.problems]


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
    simulator.reset(
        seed_users=6,
        preset="company",
        contabo={"odd_users": True},
        nextauth={"odd_users": True},
        sendauth={"odd_users": True},
    )
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


def test_the_evidence_says_who_decided_what_and_when_it_was_done(simulator: Simulator, review: Reviews) -> None:
    ok(review.open())
    review.decide(
        lambda row: (
            "revoke" if row["grant_name"] == "Snowflake" else "change" if row["account"] == "bob@acme.com" else "keep"
        )
    )
    result = ok(review.close())
    document = review.document("closed.json")
    assert (
        document["kind"],
        document["review"],
        document["outcomes"]["removed"],
        document["outcomes"]["follow_up"],
    ) == ("access_review_closed", "q2", 1, 1)
    row = next(row for row in document["rows"] if row["outcome"] == "removed")
    assert (row["decided_by"], row["decided_by_name"], row["reason"], row["decided"]) == (
        "AUD", "Audrey Tor", "as agreed", "2026-06-16T08:00:00Z",
    )
    assert document["opened"] < row["time"] <= document["closed"]
    assert set(document["read"]) == {"manifest.json", "review.json", "decisions: decisions.json"}
    assert [(row["account"], row["reason"]) for row in result["review"]["follow_up"]] == [("bob@acme.com", "as agreed")]
    assert roles(simulator)["bob@acme.com"] == ["VPN"], "a change is not written"
    manifest = review.document("closed-manifest.json")
    assert manifest["files"] == {name: digest_of(review.dest / name) for name in FILES[:3]}
    rows = list(csv.DictReader((review.dest / "closed.csv").open(encoding="utf-8")))
    assert [one["outcome"] for one in rows] == [one["outcome"] for one in document["rows"]]
    assert "Audrey Tor" in (review.dest / "closed.html").read_text(encoding="utf-8")


def digest_of(path: pathlib.Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


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


def put_role(simulator: Simulator, name: str, role: str, kind: str = "roles") -> None:
    """Give somebody of OneLogin one more role; with ``mapped_roles`` a mapping gives it, which the API cannot take
    away."""
    simulator.put_users([{"id": id_of(simulator, name), kind: [role]}])


def id_of(simulator: Simulator, name: str) -> int:
    """Return the id of a user of OneLogin."""
    identity: int = next(
        user["id"] for user in listed(simulator.state("onelogin")["users"]) if user["username"] == name
    )
    return identity


def test_row_without_a_decision_follows_the_option_within_the_limits(simulator: Simulator, review: Reviews) -> None:
    ok(review.open())
    assert refused(review) == ["undecided"] * 4
    limited = review.close(undecided="revoke", loss_limit="1")
    assert "at most 1 may" in limited["msg"]
    assert [error["code"] for error in limited["errors"]] == ["loss_limit"]
    assert (review.sent, limited["review"]["outcomes"]["failed"]) == ([], 4)
    ok(review.close(undecided="revoke", loss_limit="3"))
    assert {outcome for _account, _grant, outcome in outcomes(review)} == {"removed"}
    document = review.document("closed.json")
    assert {(row["undecided"], row["decided_by"]) for row in document["rows"]} == {(True, "")}
    assert roles(simulator)["ada@acme.com"] == []


def test_undecided_rows_may_be_kept(simulator: Simulator, review: Reviews) -> None:
    ok(review.open())
    result = ok(review.close(undecided="keep"))
    assert (review.sent, result["review"]["outcomes"]["kept"]) == ([], 4)


# -- what is not done --------------------------------------------------------------------------------------------------


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
    assert "'ada@*' in protect" in failed["msg"]
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


# -- what has happened meanwhile -------------------------------------------------------------------------------------


def test_a_grant_that_came_back_is_reported_and_left_alone(simulator: Simulator, review: Reviews) -> None:
    ok(review.open())
    review.decide(revoke(("bob@acme.com", "VPN")))
    ok(review.close())
    first = next(row for row in review.document("closed.json")["rows"] if row["outcome"] == "removed")
    put_role(simulator, "bob@acme.com", "VPN")
    returned = ok(review.close())
    assert (review.sent, outcomes(review)) == ([], {("bob@acme.com", "VPN", "returned")})
    assert [row["time"] for row in returned["review"]["returned"]] == [first["time"]]
    assert any("returned" in line for line in returned["review"]["text"])
    before = content(review)
    assert ok(review.close())["changed"] is False
    assert content(review) == before


def test_accounts_are_known_by_their_ids(simulator: Simulator, review: Reviews) -> None:
    put(simulator, ("dan@acme.com", ["VPN"]), ("eve@acme.com", ["VPN"]), ("fay@acme.com", ["VPN"]))
    review.people += [
        {"id": "E4", "name": "Dan x", "email": "dan@acme.com", "entitlements": []},
        {"id": "E5", "name": "Eve x", "email": "eve@acme.com", "entitlements": []},
    ]
    ok(review.open())
    review.decide(lambda row: "revoke" if row["account"][0] in "bdef" else "keep")
    simulator.put_users([
        {"id": id_of(simulator, "bob@acme.com"), "username": "robert@acme.com", "email": "robert@acme.com"},
        {"id": id_of(simulator, "dan@acme.com"), "username": "new@acme.com", "firstname": "Zoe"},
        {"id": id_of(simulator, "eve@acme.com"), "username": "grace@acme.com"},
        {"id": id_of(simulator, "fay@acme.com"), "username": "faye@acme.com"},
    ])
    review.people.append({"id": "E9", "name": "Grace x", "email": "grace@acme.com", "entitlements": []})
    failed = review.close()
    assert outcomes(review) == {
        ("bob@acme.com", "VPN", "removed"),
        ("dan@acme.com", "VPN", "failed"),
        ("eve@acme.com", "VPN", "failed"),
        ("fay@acme.com", "VPN", "removed"),
    }
    assert {error["code"] for error in failed["errors"]} == {"id_reused"}
    assert "it has another name than E4" in failed["msg"]
    assert "it has the name of E9" in failed["msg"]
    assert (
        roles(simulator)["new@acme.com"],
        roles(simulator)["grace@acme.com"],
        roles(simulator)["robert@acme.com"],
    ) == (["VPN"], ["VPN"], [])


def test_what_is_gone_already_is_no_work(simulator: Simulator, review: Reviews, tmp_path: pathlib.Path) -> None:
    ok(review.open())
    review.decide(lambda row: "revoke")
    first = Reviews(simulator, tmp_path / "first", review.connections, {}, review.people)
    ok(first.open())
    first.decide(revoke(("bob@acme.com", "VPN"), ("cyd@acme.com", "")))
    ok(first.close())
    ok(review.close())
    assert {(account, outcome) for account, _grant, outcome in outcomes(review)} == {
        ("ada@acme.com", "removed"), ("bob@acme.com", "already_removed"), ("cyd@acme.com", "already_removed"),
    }


def test_credentials_of_another_account_would_make_everything_look_removed(
    simulator: Simulator, review: Reviews
) -> None:
    ok(review.open())
    edit(review, lambda document: document["coverage"]["ol"].update(organisation="4711"))
    review.decide(lambda row: "revoke")
    failed = review.close()
    assert [error["code"] for error in failed["errors"]] == ["wrong_account"]
    assert {outcome for _account, _grant, outcome in outcomes(review)} == {"failed"}
    assert review.sent == []


def test_a_directory_without_the_accounts_that_were_reviewed_is_another_one(
    simulator: Simulator, review: Reviews
) -> None:
    put(simulator, ("dan@acme.com", ["VPN"]), ("eve@acme.com", ["VPN"]))
    ok(review.open())
    review.decide(lambda row: "revoke")
    simulator.reset()
    put(simulator, ("zoe@acme.com", ["VPN"]))
    failed = review.close()
    assert {error["code"] for error in failed["errors"]} == {"wrong_directory"}
    assert {outcome for _account, _grant, outcome in outcomes(review)} == {"failed"}


def edit(review: Reviews, change: Any) -> None:
    """Edit review.json, and the manifest so that nobody sees it."""
    document = review.document()
    change(document)
    (review.dest / "review.json").write_text(json.dumps(document), encoding="utf-8")
    manifest = review.document("manifest.json")
    manifest["files"]["review.json"] = digest_of(review.dest / "review.json")
    (review.dest / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


# -- grants that hang together ---------------------------------------------------------------------------------------


@pytest.fixture
def kestra(simulator: Simulator, tmp_path: pathlib.Path) -> Reviews:
    """A review of Kestra: kim is in a group that gives a role, and has a role of her own."""
    simulator.put("bindings", [{"group": "platform", "role": "Developer"}], "kestra")
    simulator.put_users(
        [{"email": "kim@acme.com", "firstName": "Kim", "lastName": "x", "tenants": ["main"], "groups": ["platform"]}],
        "kestra",
    )
    simulator.put("bindings", [{"user": "kim@acme.com", "role": "Viewer"}], "kestra")
    return Reviews(simulator, tmp_path, {"kes": {"provider": "kestra"}})


def kim(row: Row) -> bool:
    """Return whether a row is one of kim."""
    return row["account"] == "kim@acme.com"


def test_a_role_that_comes_with_a_group_goes_with_the_group(kestra: Reviews) -> None:
    ok(kestra.open())
    assert [row["grant_name"] for row in kestra.rows() if kim(row) and not row["revocable"]] == ["main/Developer"]
    kestra.decide(lambda row: "revoke" if kim(row) and row["grant_name"] == "main/Developer" else "keep")
    result = ok(kestra.close())
    assert (kestra.sent, outcomes(kestra)) == ([], {("kim@acme.com", "main/Developer", "manual")})
    assert "main/Developer comes with main/platform" in result["review"]["manual"][0]["detail"]
    kestra.decide(lambda row: "revoke" if kim(row) and row["facet"] == "groups" else "keep")
    ok(kestra.close(check=True))
    ok(kestra.close())
    assert outcomes(kestra) == {
        ("kim@acme.com", "main/platform", "removed"),
        ("kim@acme.com", "main/Developer", "removed"),
    }
    row = next(row for row in kestra.document("closed.json")["rows"] if row["grant_name"] == "main/Developer")
    assert (row["decision"], "removed with main/platform" in row["detail"]) == ("keep", True), (
        "the evidence says so, although nobody revoked it"
    )
    assert ok(kestra.close())["changed"] is False


def test_a_role_and_the_group_that_gives_it_are_revoked_together(kestra: Reviews) -> None:
    ok(kestra.open())
    kestra.decide(
        lambda row: "revoke" if kim(row) and row["grant_name"] in ("main/Developer", "main/platform") else "keep"
    )
    planned = ok(kestra.close(check=True))
    ok(kestra.close())
    assert outcomes(kestra) == {
        ("kim@acme.com", "main/platform", "removed"),
        ("kim@acme.com", "main/Developer", "removed"),
    }
    assert {row["grant_name"] for row in planned["review"]["removed"]} == {"main/platform", "main/Developer"}


def test_what_was_kept_does_not_go_along(kestra: Reviews) -> None:
    ok(kestra.open())
    kestra.decide(lambda row: "revoke" if kim(row) and row["facet"] == "tenants" else "keep")
    failed = kestra.close()
    assert (kestra.sent, outcomes(kestra)) == ([], {("kim@acme.com", "main", "failed")})
    assert "removing main would also remove main/platform, main/Viewer" in failed["msg"]
    kestra.decide(lambda row: "revoke" if kim(row) and row["revocable"] else "keep")
    ok(kestra.close())
    assert outcomes(kestra) == {
        ("kim@acme.com", name, "removed") for name in ("main", "main/platform", "main/Viewer", "main/Developer")
    }


def test_two_connections_to_one_directory_are_closed_together_within_the_limits_of_both(
    simulator: Simulator, review: Reviews
) -> None:
    review.connections["two"] = {"provider": "onelogin", "protect": ["bob@*"]}
    ok(review.open())
    assert {row["connection"] for row in review.rows()} == {"ol"}
    review.decide(lambda row: "revoke" if row["grant_name"] == "VPN" else "keep")
    failed = review.close()
    assert outcomes(review) == {("ada@acme.com", "VPN", "removed"), ("bob@acme.com", "VPN", "failed")}
    assert [error["code"] for error in failed["errors"]] == ["protected"]


def test_the_last_administrators_stay(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    simulator.put("roles", [{"name": "Chiefs", "admin": True}], "contabo")
    people = [
        {"email": f"{name}@acme.com", "firstName": name, "lastName": "x", "roles": ["Chiefs"] if name == "eve" else []}
        for name in ("eve", "fay")
    ]
    simulator.put_users(people, "contabo")
    review = Reviews(simulator, tmp_path, {"co": {"provider": "contabo"}})
    ok(review.open())
    review.decide(lambda row: "revoke" if row["account"] in ("eve@acme.com", "fay@acme.com") else "keep")
    failed = review.close(min_admins=5)
    assert ({error["code"] for error in failed["errors"]}, review.sent) == ({"min_admins"}, [])
    review.connections["co"]["min_admins"] = 1
    ok(review.close(min_admins=5))
    assert {outcome for _account, _grant, outcome in outcomes(review)} == {"removed"}


# -- what would come back --------------------------------------------------------------------------------------------


def test_what_an_entitlement_would_give_again_is_reported_with_the_place_in_the_data(
    simulator: Simulator, review: Reviews
) -> None:
    review.entitlements = {
        "crm": {"grants": {"ol": {"roles": ["VPN"]}}},
        "all": {"grants": {"ol": {"roles": ["Snowflake"]}}},
        "old": {"grants": {"ol": {"roles": ["VPN"]}}},
    }
    file = review.folder / "people.csv"
    file.write_text(
        "id,name,email,status,entitlements,department\nE1,Ada x,ada@acme.com,active,crm,Sales\nE2,Bob "
        "x,bob@acme.com,left,crm,Sales\nE3,Cyd x,cyd@acme.com,active,,IT\n",
        encoding="utf-8",
    )
    rules = [{"when": {"id": "x"}, "entitlements": "old"}, {"when": {"department": "Sales"}, "entitlements": ["all"]}]
    feed: dict[str, Any] = {"people": None, "people_file": str(file), "rules": rules}
    ok(review.open(**feed))
    review.decide(lambda row: "revoke")
    result = ok(review.close(**feed))
    again = {
        (row["account"], row["grant_name"]): (row["given_again_by"], row["advice"])
        for row in result["review"]["given_again"]
    }
    assert set(again) == {("ada@acme.com", "VPN"), ("ada@acme.com", "Snowflake")}, (
        "who has left gets nothing again, nor who is entitled to nothing"
    )
    assert again["ada@acme.com", "VPN"][0] == "entitlement crm of E1 (people.csv line 2)"
    assert again["ada@acme.com", "VPN"][1].startswith(
        "Remove the entitlement crm of E1 in people.csv line 2; or remove VPN from identity_entitlements.crm"
    )
    assert again["ada@acme.com", "Snowflake"][0] == "entitlement all of E1 by identity_rules[1] (people.csv line 2)"
    assert again["ada@acme.com", "Snowflake"][1].startswith(
        "Change identity_rules[1], or the data of E1 in people.csv line 2"
    )
    assert sum("would give again" in line for line in result["review"]["text"]) == 2
    assert "would give again" not in "".join(ok(review.close(**feed))["review"]["text"]), "once is enough"
    simulator.faults(
        [{"provider": "onelogin", "operation": "list_users", "count": 0, "status": 403, "body": {"message": "no"}}]
    )
    failed = review.close(**feed)
    assert (failed["changed"], len(failed["review"]["given_again"])) == (False, 2), (
        "what cannot be read has not changed"
    )


# -- bad input -------------------------------------------------------------------------------------------------------


def test_evidence_that_was_edited_and_decisions_that_changed_are_refused(review: Reviews) -> None:
    ok(review.open())
    review.decide(revoke(("bob@acme.com", "VPN")))
    ok(review.close())
    review.decide(lambda row: "keep")
    assert refused(review) == ["decision_changed"]
    review.decide(revoke(("bob@acme.com", "VPN"), ("ada@acme.com", "VPN")))
    ok(review.close())
    assert ("ada@acme.com", "VPN", "removed") in outcomes(review), "what was kept may be revoked later"
    closed = review.dest / "closed.json"
    text = closed.read_text(encoding="utf-8")
    edited = text.replace("bob@acme.com", "bib@acme.com")
    for wrong, code in (
        (edited, "review_edited"),
        (text.replace('"q2"', '"q1"'), "other_review"),
        ("{", "unreadable_file"),
    ):
        closed.write_text(wrong, encoding="utf-8")
        assert refused(review) == [code]
    closed.write_text(text, encoding="utf-8")
    (review.dest / "closed.csv").unlink()
    (review.dest / "closed.html").write_text("edited", encoding="utf-8")
    assert ok(review.close())["files"] == ["closed.csv", "closed.html"], "the others are made again"


def test_an_incomplete_connection_is_left_out_on_purpose_alone(simulator: Simulator, review: Reviews) -> None:
    review.connections["co"] = {"provider": "contabo"}
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
    ok(review.open(on_missing="report"))
    review.decide(revoke(("bob@acme.com", "VPN")))
    assert refused(review) == ["incomplete_connection"]
    result = ok(review.close(only=["ol"]))
    assert "INCOMPLETE: could not be read when the review was opened: co" in result["review"]["text"]
    assert review.document("closed.json")["incomplete"] == ["co"]
    assert "INCOMPLETE" in (review.dest / "closed.html").read_text(encoding="utf-8")


def test_connections_may_be_closed_one_after_the_other(simulator: Simulator, review: Reviews) -> None:
    review.connections["co"] = {"provider": "contabo"}
    simulator.put_users(
        [{"email": "eve@acme.com", "firstName": "Eve", "lastName": "x", "roles": ["Snowflake"]}], "contabo"
    )
    ok(review.open())
    review.decide(lambda row: "revoke" if row["account"] in ("bob@acme.com", "eve@acme.com") else "keep")
    result = ok(review.close(only=["ol"]))
    assert "INCOMPLETE: left out when it was closed: co" in result["review"]["text"]
    assert (outcomes(review), review.document("closed.json")["left_out"]) == (
        {("bob@acme.com", "VPN", "removed")},
        ["co"],
    )
    ok(review.close(only="co"))
    assert review.document("closed.json")["left_out"] == []
    assert outcomes(review) == {("bob@acme.com", "VPN", "removed"), ("eve@acme.com", "Snowflake", "removed")}
    assert ok(review.close())["changed"] is False


def test_evidence_that_cannot_be_written_is_in_the_result(review: Reviews, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review import close as close_module

    def full(path: str, text: str) -> None:
        raise InputError(f"{path} cannot be written: No space left on device.")

    ok(review.open())
    review.decide(revoke(("bob@acme.com", "VPN")))
    monkeypatch.setattr(close_module, "write_text", full)
    failed = review.close()
    assert "is incomplete" in failed["msg"]
    assert json.loads(failed["content"]["closed.json"])["outcomes"]["removed"] == 1
    assert failed["changed"] is True


def test_names_of_people_are_no_markup_and_no_formula(simulator: Simulator, review: Reviews) -> None:
    simulator.put("roles", [{"name": "=cmd|' /C calc'!A0"}])
    put(simulator, ("<script>alert(1)</script>", ["=cmd|' /C calc'!A0"]))
    ok(review.open())
    review.decide(
        revoke(("<script>alert(1)</script>", "=cmd|' /C calc'!A0")),
        entry=lambda entry: {**entry, "reason": "\x1b[31m@SUM(1)<img src=x>"},
    )
    result = ok(review.close())
    html = (review.dest / "closed.html").read_text(encoding="utf-8")
    assert "<script" not in html
    assert "<img" not in html
    rows = list(csv.DictReader((review.dest / "closed.csv").open(encoding="utf-8")))
    cells = [value for row in rows for value in row.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert "\x1b" not in "".join(result["review"]["text"])


# -- through Ansible -------------------------------------------------------------------------------------------------


def test_the_role_closes_a_review_and_fails_at_its_end_only(
    simulator: Simulator, review: Reviews, playbooks: Playbooks
) -> None:
    (review.folder / "store.yml").write_text(
        "- name: Store\n  ansible.builtin.debug:\n    msg: \"{{ identity_delivery.kind }} {{ "
        "identity_delivery.content.keys() | sort | join(' ') }}\"\n",
        encoding="utf-8",
    )
    secret = simulator.env["ONELOGIN_CLIENT_SECRET"]
    credentials = {"client_id": simulator.env["ONELOGIN_CLIENT_ID"], "client_secret": secret}
    connection = {"provider": "onelogin", "api_url": simulator.env["ONELOGIN_API_URL"], "credentials": credentials}
    variables = {
        "identity_connections": {"ol": connection},
        "identity_people": review.people,
        "identity_as_of": "2026-06-15",
        "access_review_dest": str(review.dest),
        "access_review_deliver": str(review.folder / "store.yml"),
    }
    role = {"ansible.builtin.include_role": {"name": "rollcall.identity.access_review"}}
    opened = playbooks.run(
        [{"name": "open", **role, "vars": {"access_review_id": "q2"}}], "worker", variables=variables
    )
    digest = opened["Keep the result"].result["ansible_facts"]["access_review_result"]["manifest_digest"]
    review.decide(revoke(("bob@acme.com", "VPN")))
    close = {"access_review_state": "close", "access_review_digest": digest}
    tasks = [
        {
            "name": "check",
            "ansible.builtin.include_role": {"name": "rollcall.identity.access_review", "apply": {"check_mode": True}},
            "vars": close,
        },
        {"name": "close", **role, "vars": close},
        {"name": "again", **role, "vars": close},
    ]
    run = playbooks.run(tasks, "worker", variables=variables)
    steps = [outcome for outcome in run.outcomes if outcome.name == "Open or close the review"]
    assert [(step.result["changed"], len(step.writes)) for step in steps] == [(True, 0), (True, 1), (False, 0)]
    assert "access_review_close closed-manifest.json closed.csv closed.html closed.json" in run.output
    assert outcomes(review) == {("bob@acme.com", "VPN", "removed")}
    assert_silent(run, (secret,))
    assert not [path for path in review.dest.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]

    review.decide(lambda row: "keep")
    failed = playbooks.run([{"name": "close", **role, "vars": close}], "worker", variables=variables, may_fail=True)
    assert failed.code != 0
    step = failed["Open or close the review"]
    assert [error["code"] for error in step.result["errors"]] == ["decision_changed"]
    assert "Open a new review to decide again" in failed["Fail if something failed"].message
