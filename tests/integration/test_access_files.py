# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of the access job: links that are damaged or cannot be written, reports, and wrong input."""

from __future__ import annotations

import json
import os
import pathlib
import stat
from typing import Any

import pytest
from jobs import Access, changes, ok, person

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.model import AccessReport
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.run import AccessRun
from simulator.harness import Simulator

pytestmark = pytest.mark.in_process(users=5)


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        ("schema: 1\ncount: 7\nlinks: []\nholds: []\n", "Restore the file"),
        ("schema: 2\nlinks: []\n", "Restore the file"),
        ("{", "Restore the file"),
        ("\ud83d", "Save it as UTF-8"),
    ],
)
def test_a_damaged_links_file_is_refused_before_any_call_and_left_as_it_is(
    access: Access, simulator: Simulator, content: str, advice: str
) -> None:
    data = content.encode("utf-8", "surrogatepass")
    access.file.write_bytes(data)
    mark = simulator.last
    result = access([person(1, "mail")])
    assert "access_links" in result["msg"]
    assert advice in result["msg"]
    assert result["report"]["outcome"] == "invalid"
    assert {error["code"] for error in result["errors"]} <= {"bad_links", "unreadable_file"}
    assert access.file.read_bytes() == data
    assert simulator.last == mark


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
    access.connections["ol"].update(loss_limit="many", min_admins=-1, max_mails="x")
    result = access(
        [person(1, "male")], as_of="", timezone="Mars/Base", adopt=[{}], create_limit="some", lead_days=-1,
        max_feed_age="soon", feed_time="noon",
    )
    for words in (
        "identity_timezone: 'Mars/Base'", "access_adopt", "access_create_limit", "access_lead_days",
        "identity_connections.ol.loss_limit is 'many'",
        "identity_connections.ol.min_admins is -1; specify a whole number of at least 0.",
        "identity_connections.ol.max_mails is 'x'; specify", "access_max_feed_age is 'soon'",
        "access_feed_time is 'noon'",
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
    assert "people.json line 1: E1: accounts.ol" in result["msg"]
    assert words in result["msg"]
    assert sorted(changes(result)) == [("E2", "ol", "disable"), ("E3", "ol", "create")]
    assert access.users()["e1@acme.com"]["status"] == 1


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
    assert "See identity_entitlements: vpn." in result["msg"]
    assert "and 12 more" in result["msg"]
    assert "E16 " not in result["msg"]


def test_a_grant_that_nobody_would_get_is_a_problem_of_the_entitlement(access: Access) -> None:
    access.entitlements = {"vpn": {"grants": {"ol": {"roles": ["Vpnn"]}}}, "mail": {"grants": {"ol": {}}}}
    people = [person(1, "mail"), person(2, "mail")]
    checked, result = access(people, check=True), access(people)
    text = "ol: identity_entitlements.vpn.grants.ol.roles[0]: there is no role named 'Vpnn'"
    assert (result["msg"].count(text), "E1 " in result["msg"]) == (1, False)
    assert (checked["msg"], checked["changed"], result["changed"]) == (result["msg"], False, False)


def test_a_retired_grant_that_no_longer_exists_can_be_removed(access: Access) -> None:
    old = {"grants": {"ol": {"roles": ["Vpnn"]}}, "retired": True}
    access.entitlements = {"vpn": old, "mail": {"grants": {"ol": {}}}}
    result = access([person(1, "mail")])
    assert "If it no longer exists, remove it from this retired entitlement." in result["msg"]
    access.entitlements["vpn"] = {**old, "retired": False}
    assert "retired" not in access([person(1, "mail")])["msg"]


def test_wrong_grants_of_kestra_name_their_entitlement_once(access: Access) -> None:
    """A grant of a wrong form has its place; one that does not exist has the people and the entitlement."""
    access.connections = {"kes": {"provider": "kestra", "tenant": "main"}}
    grants = {"groups": ["datta"], "roles": ["Viewer", {"name": "Admin"}]}
    access.entitlements = {"staff": {"grants": {"kes": grants}}}
    message = access([person(1, "staff"), person(2, "staff")])["msg"]
    assert "tenant main: there is no group named 'datta'" in message
    assert "See identity_entitlements: staff." in message
    assert message.count("identity_entitlements.staff.grants.kes.roles[1]: unknown key name. Specify a name, ") == 1
    assert message.count("unknown key name") == 1
    assert "managed_" not in message
