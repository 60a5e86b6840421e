# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM: what the standard and the server's schemas exclude or require is checked before any write."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.tests.unit.scim import CORE, ENTERPRISE, Service, attribute, listed, user
from ansible_collections.rollcall.identity.tests.unit.web import Reply

ADA = user("ada")
NO_URI = {"value": "no url"}


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("params", "option", "said"),
    [
        ({"profile_url": "not a url"}, "profile_url", "profile_url contains 'not a url', which is not a URI."),
        ({"attributes": {"photos": [NO_URI]}}, "attributes.photos", "contains 'no url', which is not a URI. Correct"),
        (
            {"attributes": {"photos": [{"value": "a", "primary": True}, {"value": "b", "primary": "true"}]}},
            "attributes.photos",
            "has several elements with primary: true. Keep one of them.",
        ),
    ],
)
def test_what_the_standard_excludes_is_refused_before_any_write(serve, check, params, option, said):
    service = Service(serve, {"GET /Users": listed(ADA)})
    for name in ("ada", "new"):
        result = service.run("USER", check=check, user=name, **params)
        (problem,) = result["errors"]
        assert (problem["code"], problem["option"]) == ("invalid_value", option)
        assert said in result["msg"]


REQUIRED = listed({
    "id": CORE,
    "attributes": [
        attribute("userName", required=True), attribute("active", "boolean", required=True),
        attribute("name", "complex", required=True, parts=[
            {"name": "formatted", "required": True}, {"name": "givenName"},
        ]),
        attribute("emails", "complex", True, required=True, parts=[{"name": "value", "required": True}]),
        attribute("stamp", required=True, mutability="readOnly"), attribute("badge", required=True),
    ],
}, {"id": ENTERPRISE, "attributes": [attribute("division", required=True), attribute("department")]})  # fmt: skip
COMPLETE = {"formatted_name": "New", "email": "new@x.org", "attributes": {"badge": "7"}}


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("params", "options"),
    [
        ({}, ["formatted_name", "email", "attributes.badge"]),
        ({**COMPLETE, "formatted_name": None, "given_name": "New"}, ["formatted_name"]),
        ({**COMPLETE, "department": "R"}, ["division"]),
        ({**COMPLETE, "attributes": {"badge": "7", "emails": [{"value": "new@x.org"}]}, "email": None}, []),
        (COMPLETE, []),
    ],
)
def test_a_new_user_has_what_the_schemas_require(serve, check, params, options):
    routes = {"GET /Schemas": REQUIRED, "GET /Users": listed(), "POST /Users": Reply(201, user("new"))}
    service = Service(serve, routes)
    result = service.run("USER", check=check, user="new", **params)
    assert [error["option"] for error in result.get("errors", ())] == options
    assert all(error["code"] == "missing_field" for error in result.get("errors", ()))
    assert bool(options) is result.get("failed", False) is not result["changed"]
    assert bool(service.sent("POST")) is not (check or bool(options))


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("task", "params", "option", "said"),
    [
        ("USER", {"formatted_name": ""}, "formatted_name", "formatted_name cannot be cleared: this server"),
        ("USER", {"attributes": {"badge": ""}}, "attributes.badge", "attributes.badge cannot be removed: this server"),
        ("USER_ATTRIBUTES", {"names": ["badge"], "state": "absent"}, "attributes.badge", "cannot be removed"),
        ("USER_ATTRIBUTES", {"attributes": {}, "state": "exact"}, "attributes.badge", "cannot be removed"),
    ],
)
def test_what_the_schemas_require_stays(serve, check, task, params, option, said):
    ada = {**ADA, "name": {"formatted": "Ada"}, "badge": "7"}
    service = Service(serve, {"GET /Schemas": REQUIRED, "GET /Users": listed(ada), "GET /Users/id-ada": ada})
    result = service.run(task, check=check, user="ada", **params)
    assert [error["option"] for error in result["errors"]] == [option]
    assert said in result["msg"]
    assert service.calls("PATCH", "PUT") == []


def test_an_existing_user_may_lack_what_the_schemas_require(serve):
    service = Service(serve, {"GET /Schemas": REQUIRED, "GET /Users": listed(ADA)})
    assert service.run("USER", check=True, user="ada", given_name="Ada")["changed"]
    assert not service.run("USER", user="nobody", state="absent")["changed"]


def test_a_current_value_that_the_standard_excludes_can_stay(serve):
    odd = {**ADA, "profileUrl": "not a url", "photos": [NO_URI]}
    service = Service(serve, {"GET /Users": listed(odd)})
    same = {"profile_url": "not a url", "attributes": {"photos": [NO_URI]}}
    assert not service.run("USER", user="ada", **same)["changed"]
