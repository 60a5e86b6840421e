# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The access job over SCIM servers: one that cannot block logins, and one that requires more than others."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.modules.identity_access import SPEC
from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import validate
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.job import run_access
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame
from ansible_collections.rollcall.identity.tests.unit.scim import (
    CORE,
    Service,
    attribute,
    error,
    group,
    listed,
    query_of,
    text_parts,
    user,
)
from ansible_collections.rollcall.identity.tests.unit.web import Reply

PEOPLE = [
    {"id": "E1", "name": "Ada Bee", "email": "ada@acme.com", "entitlements": ["staff"], "status": "left"},
    {"id": "E2", "name": "Bob Cee", "email": "bob@acme.com", "entitlements": ["staff"]},
]


def company(serve, *active):
    """Return a server with two members of a group, and with the attributes of its users."""
    ada, bob = (
        user(
            f"{given}@acme.com".lower(), name={"givenName": given, "familyName": family},
            emails=[{"value": f"{given}@acme.com".lower(), "primary": True}],
        )
        for given, family in (("Ada", "Bee"), ("Bob", "Cee"))
    )
    if not active:
        del ada["active"], bob["active"]
    members = ["id-ada@acme.com", "id-bob@acme.com"]

    def remove(request):
        """Let the first member leave the group."""
        members.remove("id-ada@acme.com")
        return Reply(204, "")

    mail = attribute("emails", "complex", True, parts=text_parts("value", "type", "primary"))
    name = attribute("name", "complex", parts=text_parts("givenName", "familyName", "formatted"))
    schemas = listed({"id": CORE, "attributes": [attribute("userName"), *active, mail, name]})
    return Service(serve, {
        "GET /Schemas": schemas, "GET /Users": listed(ada, bob), "PATCH /Groups/g-Staff": remove,
        "GET /Groups": lambda request: Reply(body=listed(group("Staff", *members))),
    })  # fmt: skip


def access(service, folder, people=PEOPLE, mode="apply", check=False):
    """Run the job over the server, and return the result, which is a success."""
    result = run(service, folder, people, mode=mode, check=check)
    assert not result.get("failed"), result["msg"]
    return result


def run(service, folder, people, on_bad_rows="stop", mode="apply", check=False):
    """Run the job over the server, and return the result."""
    arguments = {
        "connections": {"dir": {"provider": "scim", "api_url": service.server.url, "api_token": "token-of-the-test"}},
        "entitlements": {"staff": {"grants": {"dir": {"groups": ["Staff"]}}}}, "people": people, "mode": mode,
        "as_of": "2026-06-15", "links": str(folder / "links.yml"), "on_bad_rows": on_bad_rows,
    }
    validated = validate(SPEC, {}, arguments)
    assert not validated.error_messages
    return run_access(validated.validated_parameters, Frame(check=check, folder=str(folder)))


@pytest.mark.parametrize("active", [(), (attribute("active", "boolean", mutability="readOnly"),)])
def test_a_leaver_who_cannot_be_blocked_loses_the_grants_and_is_reported(serve, tmp_path, active):
    """Every run failed, and the leaver kept the grants."""
    service = company(serve, *active)
    planned = access(service, tmp_path, mode="plan")
    rehearsed = access(service, tmp_path, check=True)
    assert service.calls("PATCH", "PUT", "DELETE") == []
    done = access(service, tmp_path)
    assert service.calls("PATCH", "PUT", "DELETE") == ["PATCH /Groups/g-Staff"]
    for run in (planned, rehearsed, done):
        assert [(each["person"], each["operation"], each["taken"]) for each in run["report"]["changes"]] == [
            ("E1", "update", {"groups": ["Staff"]})
        ]
        (finding,) = run["report"]["findings"]
        assert (finding["code"], finding["person"], finding["text"]) == (
            "cannot_block", "E1", "can still log in: the API cannot block logins",
        )
        assert run["report"]["digest"] == planned["report"]["digest"]
    again = access(service, tmp_path)
    assert (again["changed"], [each["code"] for each in again["report"]["findings"]]) == (False, ["cannot_block"])


def test_a_person_on_leave_who_cannot_be_blocked_keeps_the_grants(serve, tmp_path):
    people = [{**PEOPLE[0], "status": "leave"}, PEOPLE[1]]
    done = access(company(serve), tmp_path, people)
    assert (done["report"]["changes"], [each["code"] for each in done["report"]["findings"]]) == ([], ["cannot_block"])


@pytest.mark.parametrize("broken", ["id-ada@acme.com", "id-"])
def test_a_search_for_the_groups_of_one_user_that_fails_concerns_no_other_user(serve, tmp_path, broken):
    service = company(serve, attribute("active", "boolean"))
    listing = service.routes["GET /Groups"]
    service.routes["GET /Groups"] = lambda request: (
        error(500, "broken") if broken in query_of(request).get("filter", "") else listing(request)
    )
    result = run(service, tmp_path, [PEOPLE[0], {**PEOPLE[1], "status": "left"}], mode="plan")
    changes = [(each["person"], each["operation"], each["code"]) for each in result["report"]["changes"]]
    if broken == "id-":
        assert (result["code"], result["report"]["outcome"], changes) == ("server_error", "refused", [])
    else:
        assert sorted(changes) == [("E1", "disable", "server_error"), ("E2", "disable", "")]


@pytest.mark.parametrize("on_bad_rows", ["stop", "continue"])
def test_what_a_server_requires_is_named_as_the_people_data_has_it(serve, tmp_path, on_bad_rows):
    service = company(serve, attribute("title", required=True), attribute("displayName"))
    joiner = {**PEOPLE[0], "id": "E3", "email": "eve@acme.com", "status": "active"}
    result = run(service, tmp_path, [joiner], on_bad_rows)
    text = "requires title to create it. Specify title. In the people data, that is accounts.dir.title."
    assert text in result["msg"]
    described = {**joiner, "accounts": {"dir": {"title": "Engineer"}}}
    assert access(service, tmp_path, [described], mode="plan")["report"]["totals"]["created"] == 1


def test_a_field_that_the_role_writes_and_a_server_lacks_can_be_left_out(serve, tmp_path):
    service = company(serve)
    joiner = {**PEOPLE[0], "id": "E3", "email": "eve@acme.com", "status": "active"}
    result = run(service, tmp_path, [joiner])
    assert "The role writes it unless accounts.dir.display_name is null in the people data." in result["msg"]
    described = {**joiner, "accounts": {"dir": {"display_name": None}}}
    assert access(service, tmp_path, [described], mode="plan")["report"]["totals"]["created"] == 1
