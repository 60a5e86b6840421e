# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The access job and people who were offboarded: they stay out until the people data changes."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from jobs import Access, changes, findings, offboard, ok, person

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.model import AccessReport
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.run import AccessRun

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
