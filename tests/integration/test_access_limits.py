# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The access job where it writes less than it planned: limits and the options that messages name, and accounts that
another run has created in the meantime."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from jobs import Access, changes, ok, person, warned

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.run import AccessRun
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.links import Link, Memory
from simulator.harness import Simulator

pytestmark = pytest.mark.in_process(users=5)
OL = {"provider": "onelogin", "user_key": "email"}
PROTECT = {"protect": ["nobody@acme.com"]}


@pytest.mark.parametrize(
    ("own", "params", "texts"),
    [
        ({}, {"create_limit": "1"}, ["raise access_create_limit."]),
        ({"create_limit": "1"}, {"create_limit": "9"}, ["raise identity_connections.ol.create_limit."]),
        (
            {}, {"unlisted": "disable"},
            ["access_unlisted is disable", "In identity_connections.ol.protect, list those"],
        ),
        (
            {"unlisted": "disable"}, {"unlisted": "ignore"},
            ["identity_connections.ol.unlisted is disable"],
        ),
        (
            PROTECT, {"unlisted": "disable"},
            ["set identity_connections.ol.bootstrap: true, or use access_unlisted: ignore instead of disable"],
        ),
        (
            {**PROTECT, "unlisted": "delete", "bootstrap": True}, {},
            [
                "unlisted users would be deleted, and identity_connections.ol.delete_limit is 0",
                "Nothing was written to this connection. Add their people to the feed, add them to ",
                "add them to identity_connections.ol.protect, or raise identity_connections.ol.delete_limit if they",
            ],
        ),
    ],
)  # fmt: skip
def test_a_message_names_the_option_that_counts(
    access: Access, own: dict[str, Any], params: dict[str, Any], texts: list[str]
) -> None:
    access.connections["ol"] = {**OL, **own}
    refused = access([person(1, "mail"), person(2, "mail")], **params)
    assert access.sent == []
    for text in texts:
        assert text in refused["msg"]
    assert "Add them to users" not in refused["msg"]


def test_a_shared_directory_names_the_connection_with_the_strictest_limit(access: Access) -> None:
    access.connections = {"ol": {**OL, "create_limit": "9"}, "eu": {**OL, "create_limit": "1"}}
    refused = access([person(1, "mail"), person(2, "mail")])
    assert "raise identity_connections.eu.create_limit." in refused["msg"]


def test_a_run_that_wrote_nothing_failed(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    access = Access(simulator, tmp_path, {"ol": OL, "co": {"provider": "contabo"}})
    ok(access([person(1, "base")], unlisted="ignore"))
    access.connections = {name: {**entry, "create_limit": "0"} for name, entry in access.connections.items()}
    people = [person(1, "base"), person(2, "base")]
    failed = access(people, on_error="continue")
    assert (access.sent, failed["changed"], failed["report"]["outcome"]) == ([], False, "failed")
    assert failed["report"]["text"][0].startswith("Failed, nothing was written for ")
    assert "Failed: nothing was written" in failed["html"]
    assert failed["msg"].endswith("Fix the cause and run the role again.")
    access.connections["ol"].pop("create_limit")
    partly = access(people, on_error="continue")
    assert (partly["changed"], partly["report"]["outcome"]) == (True, "partly")
    assert "Nothing was written to this connection." in partly["report"]["connections"]["co"]["error"]
    assert "Nothing was written." not in partly["msg"]


def raced(access: Access, people: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, first: Any) -> dict[str, Any]:
    """Return the result of a run that does something else, ``first``, between its plan and its first write."""
    plan = AccessRun._plan

    def meanwhile(self: AccessRun) -> None:
        plan(self)
        with monkeypatch.context() as inner:
            inner.setattr(AccessRun, "_plan", plan)
            first()

    with monkeypatch.context() as patch:
        patch.setattr(AccessRun, "_plan", meanwhile)
        return access(people)


def test_a_run_that_lost_a_race_reports_no_creation(
    simulator: Simulator, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = Access(simulator, tmp_path, {"co": {"provider": "contabo"}})
    people = [person(number, "base") for number in (1, 2, 3)]
    won: list[dict[str, Any]] = []
    lost = ok(raced(access, people, monkeypatch, lambda: won.append(ok(access(people)))))
    assert (won[0]["changed"], won[0]["report"]["totals"]["mails"]) == (True, 3)
    totals = lost["report"]["totals"]
    assert (lost["changed"], totals["created"], totals["unchanged"], totals["mails"]) == (False, 0, 3, 0)
    assert changes(lost) == [(f"E{number}", "co", "unchanged") for number in (1, 2, 3)]
    for change in lost["report"]["changes"]:
        assert (change["done"], change["adopted"], change["granted"], change["opened"]) == (False, True, {}, False)
    assert {detail["code"] for detail in lost["warning_details"]} == {"adopted", "missing_links"}
    assert set(access.links()) == {(f"E{number}", "co") for number in (1, 2, 3)}
    assert ok(access(people))["changed"] is False


def test_a_run_that_lost_a_race_reports_what_it_added(
    simulator: Simulator, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = Access(simulator, tmp_path, {"co": {"provider": "contabo"}})
    lost = ok(raced(access, [person(1, "base", "cloud")], monkeypatch, lambda: ok(access([person(1, "base")]))))
    (change,) = lost["report"]["changes"]
    assert (change["operation"], change["done"], change["adopted"]) == ("update", True, True)
    assert (change["granted"], change["fields"]) == ({"roles": ["Snowflake"]}, {})
    assert (lost["changed"], lost["report"]["totals"]["mails"], lost["report"]["totals"]["updated"]) == (True, 0, 1)
    assert set(access.links()) == {("E1", "co")}


def test_a_run_that_lost_a_race_for_the_links_names_one_option_and_the_next_step(
    access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [person(1, "mail"), person(2, "mail")]
    ok(access(people))
    ids = {name: str(access.users()[name]["id"]) for name in ("e1@acme.com", "e2@acme.com")}
    access.file.unlink()
    other = Memory([Link("E8", "ol", ids["e1@acme.com"]), Link("E9", "ol", ids["e2@acme.com"])])
    lost = raced(access, people, monkeypatch, lambda: access.file.write_text(other.text(), encoding="utf-8"))
    (error,) = lost["errors"]
    assert (error["code"], error["option"]) == ("links_conflict", "access_links")
    beside = access.folder / "links.unmerged.yml"
    assert error["message"] == (
        "access_links: not everything was saved. Another run has linked 2 accounts to other people: account "
        f"{ids['e1@acme.com']} of ol to E8, and this run to E1; account {ids['e2@acme.com']} of ol to E9, and this run "
        f"to E2. {access.file} keeps the links of the other run for these accounts, and all other links of both runs. "
        f"The new links are in {beside}. For each account above, decide who owns it and correct its link in "
        f"{access.file}; then delete {beside}."
    )


def test_an_approver_sees_patterns_that_protect_nobody(access: Access) -> None:
    access.connections["ol"] = {**OL, "protect": ["svc-awxx"]}
    planned = ok(access([person(1, "mail")], "plan"))
    ((code, text),) = [(code, text) for code, text in warned(planned) if "svc-awxx" in text]
    assert code == "unmatched_pattern"
    assert f"  {text}" in planned["report"]["text"]
    assert text in planned["html"].replace("&#39;", "'")


def test_a_protected_leaver_keeps_no_other_leaver_in(access: Access) -> None:
    people = [person(number, "mail") for number in (1, 2, 3)]
    ok(access(people))
    access.connections["ol"] = {**OL, "protect": ["e2@*"], "loss_limit": "2"}
    leavers = [{**one, "status": "left"} for one in people]
    before = access.users()["e2@acme.com"]
    planned, rehearsed = access(leavers, "plan"), access(leavers, check=True)
    assert access.sent == []
    applied = access(leavers, plan_digest=planned["report"]["digest"])
    assert access.sent == [("onelogin", "update_user2")] * 2
    assert access.users()["e2@acme.com"] == before
    assert [run["report"]["outcome"] for run in (planned, rehearsed, applied)] == ["planned", "partly", "partly"]
    why = (
        "E2 Given2 Family2 - ol: e2@acme.com (protected by 'e2@*' in protect) would be disabled. The account is "
        "unchanged. Remove the pattern from identity_connections.ol.protect, or change the account manually."
    )
    for run in (planned, rehearsed, applied):
        assert (run["failed"], run["msg"].splitlines()[0]) == (True, why)
        assert [(error["code"], error["message"]) for error in run["errors"]] == [("protected", why)]
        totals = run["report"]["totals"]
        assert {name: number for name, number in totals.items() if number} == {"disabled": 2, "failed": 1, "changed": 2}
        assert [change["code"] for change in run["report"]["changes"]] == ["", "protected", ""]
        assert len(run["report"]["losses"]) == 2
    assert [change["done"] for change in applied["report"]["changes"]] == [True, False, True]
    again = access(leavers)
    assert (access.sent, again["changed"], again["report"]["outcome"], again["msg"].splitlines()[0]) == (
        [], False, "failed", why,
    )
    rehearsed = access(leavers, check=True)
    assert (rehearsed["changed"], rehearsed["report"]["outcome"]) == (False, "failed")


def test_a_protected_leaver_is_no_account_without_a_person(access: Access) -> None:
    """Blocking these accounts does not mistake it for one of them, even if it is all that the feed has."""
    ok(access([person(1, "mail")]))
    access.connections["ol"] = {**OL, "protect": ["e1@*"], "loss_limit": "100%"}
    failed = access([person(1, "mail", status="left")], unlisted="disable")
    assert [error["code"] for error in failed["errors"]] == ["protected"]
    assert failed["report"]["totals"]["disabled"] == 5
    assert access.users()["e1@acme.com"]["status"] == 1
