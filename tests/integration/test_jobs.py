# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The access job through many runs with a links file: what it does, what it holds back, and what it reports."""

from __future__ import annotations

import json
import pathlib
import re
from typing import Any

import pytest
from jobs import PROVIDERS, Access, changes, everywhere, findings, offboard, ok, person, warned

from simulator.harness import Simulator

pytestmark = pytest.mark.in_process(users=5)


@pytest.mark.parametrize("mode", ["plan", "apply"])
def test_a_digest_of_a_wrong_form_is_refused_before_any_call(access: Access, simulator: Simulator, mode: str) -> None:
    planned = ok(access([person(1, "mail")], mode))
    for digest in ("approved", planned["report"]["digest"][:12]):
        mark = simulator.last
        wrong = access([person(1, "mail")], mode, plan_digest=digest)
        assert "which does not have the 64 hexadecimal digits of a digest" in wrong["msg"]
        assert [(each["code"], each["option"]) for each in wrong["errors"]] == [("plan_digest", "access_plan_digest")]
        assert (wrong["report"]["outcome"], simulator.last) == ("invalid", mark)
    useless = ok(access([person(1, "mail")], mode, plan_digest=planned["report"]["digest"]))
    text = "access_plan_digest has no effect with access_mode: plan. Set access_mode: apply."
    assert (("no_effect", text) in warned(useless)) is (mode == "plan")


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
        "The accounts belong to E1 Given1 Family1; E2 Given2 Family2; E3 Given3 Family3; E4 Given4 Family4."
        in result["msg"]
    )
    assert access.file.read_bytes() == before
    for name in ("report.json", "report.txt", "report.html"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert "identity_connections.ol.loss_limit" in text
        assert "Given4 Family4" in text, "who is concerned"
    access.connections["ol"]["loss_limit"] = "0"
    assert "The account belongs to E4 Given4 Family4." in access([*people[:3], {**people[3], "status": "left"}])["msg"]


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
    (text,) = [text for code, text in warned(result["report"]) if code == "incomplete_feed"]
    assert text.startswith("ol: unassigned accounts are only reported")


def test_names_in_a_directory_make_no_lines_of_a_log(access: Access, simulator: Simulator) -> None:
    names = {
        "username": "x\nFailed: y",
        "email": "z\r\nApplied@acme.com",
        "firstname": "\x1b[31mGiven1\u2028",
        "lastname": "<script>x</script>",
    }
    backwards = {"username": "a\u202ecba\u3164", "email": "back@acme.com", "firstname": "B", "lastname": "x"}
    simulator.put_users([
        names, backwards, {**names, "username": "e1@acme.com", "email": "e1@acme.com", "roles": ["Snowflake"]},
    ])
    result = ok(access([person(1, "mail"), person(2, "mail", name="Ada <b>{{ 7 }}</b>")], unlisted="report"))
    assert all(line.isprintable() for line in result["report"]["text"])
    assert all(line.isprintable() for line in (access.folder / "report.txt").read_text(encoding="utf-8").split("\n"))
    assert "<script>x" not in result["html"]
    assert "&lt;b&gt;{{ 7 }}&lt;/b&gt;" in result["html"]
    access.connections["ol"].pop("user_key")
    page = ok(access([person(1, "mail")], "plan"))["html"]
    assert "a[U+202E]cba[U+3164]" in page, "it cannot look like another name"
    assert not re.search("[\u202e\u3164\x1b]", page)


@pytest.mark.parametrize(("there", "warns"), [(3, True), (26, False), (30, False)])
def test_a_feed_that_is_much_shorter_than_the_links_is_said_to_be(access: Access, there: int, warns: bool) -> None:
    people = [person(number, "mail") for number in range(1, 31)]
    ok(access(people))
    result = ok(access(people[:there]))
    words = f"{30 - there} people who have accounts are no longer in the feed, which contains {there} people: is the"
    texts = [text for code, text in warned(result["report"]) if code == "feed_too_short"]
    assert [words in text for text in texts] == ([True] if warns else [])


def test_what_has_no_effect_is_a_warning(access: Access) -> None:
    people = [person(1, "mail")]
    ok(access(people))
    offboard(access, people, "E1")
    access.file.write_text(access.file.read_text().replace('"connection": "ol"', '"connection": "old"'))
    result = access(people, "plan", release=["E1", "E7"], adopt=["100001", "7"])
    renamed = (
        "access_links: 1 link belongs to the connection old, which is not in identity_connections. If it was renamed, "
        "change its name in the link."
    )
    nobody = (
        "access_adopt: no account in ol has the ID 7. Specify the ID that the report shows for "
        "the held-back account, or remove 7 from the option."
    )
    assert warned(result["report"]) == [
        ("no_effect", "access_release: E7 is not held by an offboarding. Remove the ID."),
        ("user_not_found", nobody),
        ("unknown_connection", renamed),
    ]
    assert json.loads((access.folder / "report.json").read_text(encoding="utf-8")) == result["report"]
    page = (access.folder / "report.html").read_text(encoding="utf-8")
    assert "<li>access_release: E7 is not held by an offboarding. Remove the ID.</li>" in page
    # The log and the text that people approve have them, and Ansible prints those of the result.
    assert result["warnings"] == [text for _code, text in warned(result["report"])]
    lines = (access.folder / "report.txt").read_text(encoding="utf-8").splitlines()
    first = lines.index("Warnings (3):")
    assert lines[first + 1 : first + 4] == [f"  {text}" for text in result["warnings"]]
    without = access(people, "plan", release=["E1"], links="")
    assert ("no_effect", "access_release has no effect without access_links, which records who is held.") in warned(
        without["report"]
    )
