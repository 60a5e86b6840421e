# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What changes between the opening and the close of a review: names of grants, whose ids stay, and runs
that are killed."""

from __future__ import annotations

import fcntl
import json
import os
import pathlib
from collections.abc import Callable
from typing import Any

import pytest
from reviews import Reviews, Row, revoke

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs import files
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review import revoke as revoke_module
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.progress import CLOSING, Progress
from simulator.harness import Simulator

MAIL = "ada@acme.com"
pytestmark = [pytest.mark.in_process(users=0), pytest.mark.usefixtures("closing")]


def onelogin(simulator: Simulator) -> Callable[[str], None]:
    """Put an account with a role, and return what renames the role."""
    simulator.put_users([{"username": MAIL, "email": MAIL, "firstname": "Ada", "lastname": "x", "roles": ["VPN"]}])
    identity = next(role["id"] for role in simulator.state("onelogin")["roles"] if role["name"] == "VPN")
    return lambda name: simulator.put("roles", [{"id": identity, "name": name}], "onelogin") and None


def kestra(simulator: Simulator) -> Callable[[str], None]:
    """The same for a group of Kestra, which gives a role."""
    group = simulator.put("groups", [{"tenant": "main", "name": "VPN"}], "kestra")[0]
    simulator.put("bindings", [{"group": "VPN", "role": "Developer"}], "kestra")
    simulator.put_users(
        [{"email": MAIL, "firstName": "Ada", "lastName": "x", "tenants": ["main"], "groups": ["VPN"]}], "kestra"
    )
    return lambda name: (
        simulator.put("groups", [{"id": group["id"], "tenant": "main", "name": name}], "kestra") and None
    )


def contabo(simulator: Simulator) -> Callable[[str], None]:
    """The same for a role of Contabo."""
    role = simulator.put("roles", [{"name": "VPN"}], "contabo")[0]
    simulator.put_users([{"email": MAIL, "firstName": "Ada", "lastName": "x", "roles": ["VPN"]}], "contabo")
    return lambda name: simulator.put("roles", [{"roleId": role["roleId"], "name": name}], "contabo") and None


def is_vpn(row: Row) -> bool:
    """Return whether a row is the grant that is revoked here."""
    return row["account"] == MAIL and row["grant_name"].endswith("VPN")


@pytest.mark.parametrize("put", [onelogin, kestra, contabo])
def test_a_grant_with_another_name_is_followed_by_its_id(
    simulator: Simulator, tmp_path: pathlib.Path, put: Callable[[Simulator], Any]
) -> None:
    rename = put(simulator)
    review = Reviews(simulator, tmp_path, {"c": {"provider": put.__name__}})
    review.open()
    row = next(row for row in review.rows() if is_vpn(row))
    assert row["grant_id"], row
    rename("Remote access")
    review.decide(lambda row: "revoke" if is_vpn(row) else "keep")
    planned = review.close(check=True)
    assert [row["grant_name"] for row in planned["review"]["removed"]][:1] == [row["grant_name"]], planned["review"][
        "text"
    ]
    result = review.close()
    assert not result.get("failed"), result["msg"]
    (removed,) = [one for one in review.document("closed.json")["rows"] if one["id"] == row["id"]]
    assert (removed["outcome"], "Remote access" in removed["detail"]) == ("removed", True), (
        "the account had it, under another name"
    )
    assert review.sent
    assert review.close()["changed"] is False
    reopened = Reviews(simulator, tmp_path / "next", review.connections)
    reopened.open(id="q3")
    assert row["grant_id"] not in {one["grant_id"] for one in reopened.rows() if one["account"] == MAIL}


def test_another_grant_of_the_name_was_not_reviewed(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    rename = onelogin(simulator)
    review = Reviews(simulator, tmp_path, {"ol": {"provider": "onelogin"}})
    review.open()
    rename("VPN of old")
    other = Reviews(simulator, tmp_path / "other", review.connections)
    other.open()
    other.decide(revoke((MAIL, "VPN of old")))
    assert not other.close().get("failed")
    user = next(user for user in simulator.state("onelogin")["users"] if user["username"] == MAIL)
    simulator.put_users([{"id": user["id"], "roles": [simulator.put("roles", [{"name": "VPN"}], "onelogin")[0]["id"]]}])
    review.decide(revoke((MAIL, "VPN")))
    result = review.close()
    assert [error["code"] for error in result["errors"]] == ["changed_since"]
    assert "its id is" in result["msg"] and review.sent == []


def test_two_grants_of_one_name_are_two_rows(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    onelogin(simulator)
    role = simulator.put("roles", [{"name": "VPN"}], "onelogin")[0]
    user = next(user for user in simulator.state("onelogin")["users"] if user["username"] == MAIL)
    simulator.put_users([{"id": user["id"], "roles": ["VPN", role["id"]]}])
    review = Reviews(simulator, tmp_path, {"ol": {"provider": "onelogin"}})
    review.open()
    mine = [row for row in review.rows() if row["account"] == MAIL]
    assert len({row["id"] for row in mine}) == len({row["grant_id"] for row in mine}) == 2
    review.decide(lambda row: "revoke" if row["grant_id"] == str(role["id"]) else "keep")
    result = review.close()
    assert not result.get("failed"), result["msg"]
    assert {(row["grant_id"], row["outcome"]) for row in result["review"]["removed"]} == {(str(role["id"]), "removed")}
    assert review.close()["changed"] is False


# -- a run that is killed --------------------------------------------------------------------------------------------


@pytest.fixture
def review(simulator: Simulator, tmp_path: pathlib.Path) -> Reviews:
    """A review of OneLogin in which the roles of two accounts are revoked."""
    for name in ("ada", "bob"):
        mail = f"{name}@acme.com"
        simulator.put_users(
            [{"username": mail, "email": mail, "firstname": name.title(), "lastname": "x", "roles": ["VPN"]}]
        )
    review = Reviews(simulator, tmp_path, {"ol": {"provider": "onelogin"}})
    review.open()
    review.decide(revoke((MAIL, "VPN"), ("bob@acme.com", "VPN")))
    return review


def killed(review: Reviews, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """Close a review in a run that ends without a word when it comes to a method of the revocation."""

    def end(*_arguments: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(revoke_module.Revocation, place, end)
        with pytest.raises(KeyboardInterrupt):
            review.close()


def test_a_run_that_was_killed_before_the_evidence_is_taken_up(
    review: Reviews, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(review, monkeypatch, "_prove")
    assert not (review.dest / "closed.json").exists()
    entries = [json.loads(line) for line in (review.dest / CLOSING).read_text(encoding="utf-8").splitlines()]
    times = {row: entry["time"] for entry in entries if entry.get("state") == "written" for row in entry["rows"]}
    assert [entry.get("state") for entry in entries] == [None, "begun", "written", "written"]
    with pytest.raises(InputError, match=CLOSING):
        (review.dest / "decisions" / "decisions.json").rename(review.folder / "decisions.json")
        review.open()
    (review.folder / "decisions.json").rename(review.dest / "decisions" / "decisions.json")
    result = review.close(check=True)
    assert (review.dest / CLOSING).exists(), "check mode leaves it"
    result = review.close()
    assert not result.get("failed"), result["msg"]
    assert [operation for provider, operation in review.sent if operation == "remove_user_role"] == [], (
        "it is not done again"
    )
    rows = {row["id"]: row for row in result["review"]["removed"]}
    assert {row: rows[row]["time"] for row in times} == times, "they were removed when the killed run wrote them"
    assert not (review.dest / CLOSING).exists()
    assert review.close()["changed"] is False


def test_what_a_killed_run_may_have_done_is_not_claimed(review: Reviews, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Progress, "note_written", lambda *_arguments: None)
    killed(review, monkeypatch, "_prove")
    with open(review.dest / CLOSING, "ab") as file:
        file.write(b'{"state": "written", "time": "2026-')  # a line that was cut off
    result = review.close()
    rows = [row for row in review.document("closed.json")["rows"] if row["decision"] == "revoke"]
    assert {row["outcome"] for row in rows} == {"already_removed"}
    assert all("was interrupted" in row["detail"] for row in rows)
    assert not result.get("failed")


def test_what_another_review_has_begun_counts_for_nothing(review: Reviews, monkeypatch: pytest.MonkeyPatch) -> None:
    killed(review, monkeypatch, "_write")
    text = (review.dest / CLOSING).read_text(encoding="utf-8")
    (review.dest / CLOSING).write_text(text.replace('"q2"', '"q1"').replace("begun", "written"), encoding="utf-8")
    result = review.close()
    assert {row["outcome"] for row in result["review"]["removed"]} == {"removed"}
    assert len([operation for provider, operation in review.sent if operation == "remove_user_role"]) == 2


@pytest.mark.parametrize("name", ["closed.json", "closed.html", "closed-manifest.json", CLOSING])
def test_a_folder_in_the_place_of_the_evidence_is_found_before_anything_is_sent(review: Reviews, name: str) -> None:
    (review.dest / name).mkdir()
    with pytest.raises(InputError, match=f"{name} is not a regular file"):
        review.close()
    assert review.calls == 0


def test_a_folder_in_the_place_of_a_page_is_found_before_anything_is_read(
    simulator: Simulator, tmp_path: pathlib.Path
) -> None:
    review = Reviews(simulator, tmp_path, {"ol": {"provider": "onelogin"}})
    (review.dest / "review.html").mkdir(parents=True)
    with pytest.raises(InputError, match=r"review\.html is not a regular file"):
        review.open()
    assert review.calls == 0


def test_two_runs_do_not_work_in_one_folder(review: Reviews, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_PAUSES", 1)
    handle = os.open(review.dest, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="locked by another run"):
            review.close()
        assert review.calls == 0
        assert review.close(check=True)["changed"] is True, "check mode writes nothing there"
    finally:
        os.close(handle)
    assert not review.close().get("failed")


def test_names_of_decision_files_may_be_any(review: Reviews) -> None:
    folder = os.fsencode(review.dest / "decisions")
    odd = b"\xff\x1b[2J.json"
    os.rename(os.path.join(folder, b"decisions.json"), os.path.join(folder, odd))
    assert not review.close().get("failed")
    assert r"decisions: \udcff\x1b[2J.json" in review.document("closed.json")["read"]
    assert review.close()["changed"] is False, "the evidence can be read again"
    with open(os.path.join(folder, odd), "ab") as file:
        file.write(b"x")
    with pytest.raises(InputError) as error:
        review.close()
    assert all(str(problem).isprintable() for problem in error.value.problems)
