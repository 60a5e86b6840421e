# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Closing a review after directories have changed, and where grants hang together."""

from __future__ import annotations

import pathlib

import pytest
from closing import (
    content,
    edit,
    id_of,
    outcomes,
    put,
    put_role,
    roles,
)
from jobs import ok
from reviews import Reviews, Row, revoke

from simulator.harness import Simulator

pytestmark = [pytest.mark.in_process(users=0), pytest.mark.usefixtures("closing")]


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
    why = f"it was removed at {first['time']}, and exists again. Open a new review to decide about it."
    assert f"ol: VPN of bob@acme.com (E2 Bob x): returned, {why}" in " ".join(returned["warnings"])
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
    why = "because it comes with the group main/platform, which is revoked."
    assert (row["decision"], row["detail"]) == ("keep", why), "the evidence says so, although nobody revoked it"
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
