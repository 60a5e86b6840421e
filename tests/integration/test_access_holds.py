# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The access job and people who were offboarded: they stay out until the people data changes."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import pytest
from jobs import Access, changes, findings, offboard, offboarded, ok, person

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.model import AccessReport
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.run import AccessRun
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.offboard import job
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Session

pytestmark = pytest.mark.in_process(users=5)


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
    assert changes(again) == [("E1", "ol", "reopen")], "and may hire the person again, with the same row"
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


def test_who_was_being_offboarded_when_the_run_was_killed_stays_out(
    access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    access.connections["kes"] = {"provider": "kestra"}
    people = [person(1, "base", "data")]
    ok(access(people))
    advance, left = job.advance, []

    def kill(work: Any, answers: Any, moment: str) -> None:
        if work.phase == "block":
            left.append(access.file.read_bytes())
            raise KeyboardInterrupt
        advance(work, answers, moment)

    with monkeypatch.context() as patch:
        patch.setattr(job, "advance", kill)
        with pytest.raises(KeyboardInterrupt):
            offboard(access, people, "E1")
    access.file.write_bytes(left[0])  # a process that is killed writes nothing afterwards
    assert access.users()["e1@acme.com"]["status"] == 2, "the login is blocked"
    assert (access.holds(), set(access.links())) == (["E1"], {("E1", "ol"), ("E1", "kes")})
    again = ok(access(people))
    assert {code for code, _person in findings(again)} >= {"offboarded"}
    assert [(change["opened"], change["granted"]) for change in again["report"]["changes"]] == [
        (False, {}) for _change in again["report"]["changes"]
    ]
    assert access.users()["e1@acme.com"]["status"] == 2
    offboard(access, people, "E1")
    assert access.users("kes")["e1@acme.com"]["tenants"] == []


def test_without_a_hold_an_offboarding_writes_nothing(access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [person(1, "mail")]
    ok(access(people))
    mark, replace = access.simulator.last, os.replace

    def full(source: Any, target: Any) -> None:
        if pathlib.Path(target) == access.file:
            raise OSError(28, "No space left on device")
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        failed = offboarded(access, people, "E1")
    message = (
        f"offboard_links: nothing was written, because {access.file} cannot record that E1 stays blocked. "
        f"{access.file} cannot be written: No space left on device. Check that its folder exists and is writable. "
        "If the offboarding cannot wait for that, specify another path."
    )
    assert failed["errors"] == [{"code": "unwritable_file", "message": message, "option": "offboard_links"}]
    assert (failed["failed"], failed["changed"], failed["evidence"]["failed"]) == (True, False, [message])
    assert access.simulator.writes(since=mark) == []
    assert sorted(path.name for path in access.folder.glob("links*")) == ["links.yml"], "nothing is beside the links"
    offboard(access, people, "E1")
    assert access.holds() == ["E1"]


LEAVE = {"status": "leave"}


@pytest.mark.parametrize(
    ("before", "now", "text"),
    [
        ([person(1, "mail", **LEAVE)], person(1, "mail"), "the account is unchanged"),
        ([person(1, "mail")], person(1, "mail", "data"), "the account is unchanged"),
        ([], person(1, "mail"), "no account was created"),
    ],
    ids=["unblock", "grant", "create"],
)
def test_who_is_offboarded_before_the_first_write_gets_nothing(
    access: Access, monkeypatch: pytest.MonkeyPatch, before: list[dict[str, Any]], now: dict[str, Any], text: str
) -> None:
    if before:
        ok(access([person(1, "mail")]))
        ok(access(before))
    plan = AccessRun._plan

    def meanwhile(self: AccessRun) -> None:
        plan(self)
        offboard(access, [now], "E1", none_found="ok")

    with monkeypatch.context() as patch:
        patch.setattr(AccessRun, "_plan", meanwhile)
        result = ok(access([now, person(2, "mail")]))
    assert changes(result) == [("E2", "ol", "create")]
    (finding,) = result["report"]["findings"]
    assert (finding["code"], finding["person"], finding["connection"]) == ("offboarded", "E1", "ol")
    assert finding["text"] == f"was offboarded while this run was working: {text}"
    assert result["report"]["totals"]["created"] == 1
    user = access.users().get("e1@acme.com", {"status": 2, "role_ids": []})
    assert (user["status"], user["role_ids"]) == (2, [])
    assert access.holds() == ["E1"]
    assert "E1" not in {who for who, _connection, _operation in changes(ok(access([now, person(2, "mail")])))}


def test_who_is_offboarded_while_an_account_is_written_is_reported(
    access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [person(1, "mail"), person(2, "mail")]
    apply = Session.apply

    def meanwhile(self: Session) -> Any:
        offboard(access, people, "E1", none_found="ok")
        return apply(self)

    with monkeypatch.context() as patch:
        patch.setattr(Session, "apply", meanwhile)
        result = access(people)
    (error,) = result["report"]["errors"]
    assert error["code"] == "offboarded_meanwhile"
    assert error["message"] == (
        "E1 Given1 Family1 - ol: e1@acme.com was changed while the person was offboarded, and may have access again. "
        "Run the role offboard for E1 again."
    )
    assert (result["report"]["outcome"], access.holds()) == ("partly", ["E1"])


def test_links_that_are_damaged_meanwhile_stop_the_writing(access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    ok(access([person(1, "mail")]))
    plan = AccessRun._plan

    def meanwhile(self: AccessRun) -> None:
        plan(self)
        access.file.write_text("schema: 9", encoding="utf-8")

    with monkeypatch.context() as patch:
        patch.setattr(AccessRun, "_plan", meanwhile)
        result = access([person(1, "mail"), person(2, "mail")])
    assert access.sent == [], "it is unknown who was offboarded"
    assert "its schema is '9'" in result["msg"]
