# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM: what is sent to create and change users."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.tests.unit.scim import (
    BADGE,
    CORE,
    ENTERPRISE,
    NOBODY,
    Service,
    error,
    listed,
    user,
)
from ansible_collections.rollcall.identity.tests.unit.web import Reply

PUT = ("filter",)
NOTHING = Reply(204, "")
ADA = user(
    "ada",
    title="Dr",
    name={"givenName": "Ada", "familyName": "L"},
    meta={"version": 'W/"1"', "resourceType": "User"},
    emails=[
        {"value": "home@x.org", "type": "home"},
        {"value": "ada@x.org", "type": "work", "primary": True, "display": "A"},
    ],
    **{
        ENTERPRISE: {"costCenter": "1", "manager": {"value": "m1", "displayName": "M"}},
        BADGE: {"badge": "B7", "tags": ["a", "b"], "score": 3},
    },
)


def patched(service):
    """Return the operations of the only PATCH."""
    (body,) = service.sent("PATCH")
    assert body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]
    return body["Operations"]


# -- PATCH -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "operations"),
    [
        ({"title": "Prof"}, [{"op": "replace", "path": "title", "value": "Prof"}]),
        ({"title": ""}, [{"op": "remove", "path": "title"}]),
        ({"display_name": "A"}, [{"op": "add", "path": "displayName", "value": "A"}]),
        ({"given_name": "A"}, [{"op": "replace", "path": "name.givenName", "value": "A"}]),
        ({"formatted_name": "A L"}, [{"op": "add", "path": "name.formatted", "value": "A L"}]),
        ({"enabled": False}, [{"op": "replace", "path": "active", "value": False}]),
        ({"cost_center": "2"}, [{"op": "replace", "path": f"{ENTERPRISE}:costCenter", "value": "2"}]),
        ({"department": "R"}, [{"op": "add", "path": f"{ENTERPRISE}:department", "value": "R"}]),
        ({"manager": "m2"}, [{"op": "replace", "path": f"{ENTERPRISE}:manager", "value": {"value": "m2"}}]),
        ({"manager": ""}, [{"op": "remove", "path": f"{ENTERPRISE}:manager"}]),
        (
            {"password": "Pass-word-1", "update_password": "always"},
            [{"op": "add", "path": "password", "value": "Pass-word-1"}],
        ),
        (
            {"email": "new@x.org"},
            [
                {
                    "op": "replace",
                    "path": "emails",
                    "value": [
                        {"value": "home@x.org", "type": "home"},
                        {"value": "new@x.org", "type": "work", "primary": True},
                    ],
                }
            ],
        ),
        ({"phone": "+1"}, [{"op": "add", "path": "phoneNumbers", "value": [{"value": "+1", "type": "work"}]}]),
        (
            {"attributes": {"addresses": [{"type": "work", "locality": "Bern"}]}},
            [{"op": "add", "path": "addresses", "value": [{"type": "work", "locality": "Bern"}]}],
        ),
        (
            {"attributes": {f"{BADGE}:badge": "B8", f"{BADGE}:tags": None}},
            [{"op": "replace", "path": f"{BADGE}:badge", "value": "B8"}, {"op": "remove", "path": f"{BADGE}:tags"}],
        ),
        (
            {"attributes": {f"{BADGE}:level": "7", f"{BADGE}:remote": True}},
            [
                {"op": "add", "path": f"{BADGE}:level", "value": 7},
                {"op": "add", "path": f"{BADGE}:remote", "value": True},
            ],
        ),
        (
            {"attributes": {}, "attributes_state": "exact"},
            [{"op": "remove", "path": f"{BADGE}:badge"}, {"op": "remove", "path": f"{BADGE}:tags"}],
        ),
        (
            {
                "attributes": {f"{BADGE}:tags": ["c"]},
                "attributes_state": "managed",
                "managed_attributes": [f"{BADGE}:tags", f"{BADGE}:badge"],
            },
            [{"op": "replace", "path": f"{BADGE}:tags", "value": ["c"]}, {"op": "remove", "path": f"{BADGE}:badge"}],
        ),
        # Attributes that are options are these options, in whatever form they are written.
        (
            {"attributes": {"nickname": "N", f"{ENTERPRISE}:costcenter": "2", f"{CORE}:title": None}},
            [
                {"op": "add", "path": "nickName", "value": "N"},
                {"op": "replace", "path": f"{ENTERPRISE}:costCenter", "value": "2"},
                {"op": "remove", "path": "title"},
            ],
        ),
        (
            {"attributes": {"emails": [{"value": "only@x.org"}]}},
            [{"op": "replace", "path": "emails", "value": [{"value": "only@x.org"}]}],
        ),
        (
            {"attributes": {f"{BADGE}:site.city": "Bern"}},
            [{"op": "add", "path": f"{BADGE}:site.city", "value": "Bern"}],
        ),
        (
            {"title": "Prof", "attributes": {f"{BADGE}:badge": "B8"}},
            [
                {"op": "replace", "path": "title", "value": "Prof"},
                {"op": "replace", "path": f"{BADGE}:badge", "value": "B8"},
            ],
        ),
    ],
)
def test_a_patch_has_one_operation_for_each_path(serve, wanted, operations):
    inactive = {**ADA, "active": False}
    service = Service(serve, {"GET /Users": listed(ADA), "PATCH /Users/id-ada": NOTHING, "GET /Users/id-ada": inactive})
    result = service.run("USER", user="ada", **wanted)
    assert result["changed"], result
    assert sorted(patched(service), key=str) == sorted(operations, key=str)


def test_nothing_is_sent_where_values_mean_the_same(serve):
    row = {**ADA, "active": "True", "meta": {}}
    service = Service(serve, {"GET /Users": listed(row)})
    result = service.run(
        "USER", user="ADA", enabled=True, email="ADA@x.org", manager="m1", groups=[], groups_state="exact",
        attributes={f"{BADGE}:tags": ["b", "a"], f"{BADGE}:badge": "B7"}, attributes_state="exact",
    )  # fmt: skip
    assert (result["changed"], result["user"]["enabled"]) == (False, True), result


def test_what_info_returns_changes_nothing(serve):
    service = Service(serve, {"GET /Users": listed(ADA, user("bob"))})
    users = service.run("USER_INFO", gather=["attributes", "groups"])["users"]
    assert users[0]["attributes"] == {f"{BADGE}:badge": "B7", f"{BADGE}:tags": ["a", "b"]}, (
        "neither options nor what is read-only"
    )
    result = service.run("USERS", users=users)
    assert (result["changed"], result["summary"]["unchanged"]) == (False, 2)


@pytest.mark.parametrize(
    ("attributes", "about"),
    [
        ({f"{BADGE}:level": "x"}, "a whole number"),
        ({f"{BADGE}:tags": "a"}, "a list"),
        ({f"{BADGE}:badge": True}, "text (quote it)"),
        ({f"{BADGE}:remote": "yes"}, "a boolean"),
        ({f"{BADGE}:site": {"town": "x"}}, "a mapping with no other keys than city, floor"),
        ({"addresses": [{"street": "x"}]}, "a mapping with no other keys than type, locality"),
        ({"addresses": ["x"]}, "a list in which each element is a mapping"),
        ({f"{BADGE}:badge": {"a": 1}}, "a single value"),
        ({f"{BADGE}:score": 1}, "read-only"),
        ({f"{BADGE}:pin": "1"}, "never returned"),
        ({f"{BADGE}:bagde": "1"}, f"{BADGE}:badge"),
        ({"password": "x"}, "option password"),
        ({"meta": {"version": "1"}}, "only the server sets it"),
        ({"userName": None}, "cannot be cleared"),
        ({"active": ""}, "cannot be cleared"),
        ({"active": "yes"}, "a boolean"),
        ({"nickName": ["x"]}, "a single value"),
    ],
)
def test_values_that_the_schemas_refuse_are_problems_of_the_input(serve, attributes, about):
    service = Service(serve, {"GET /Users": listed(ADA)})
    result = service.run("USER_ATTRIBUTES", user="ada", attributes=attributes)
    assert result["failed"] and about in result["msg"] and result["errors"][0]["option"].startswith("attributes.")
    assert service.calls("PATCH", "PUT", "POST") == []


def test_a_number_for_a_text_is_written_as_one_with_a_warning(serve):
    service = Service(serve, {"GET /Users": listed(ADA), "PATCH /Users/id-ada": NOTHING})
    result = service.run(
        "USER_ATTRIBUTES", user="ada", attributes={f"{BADGE}:badge": 64, "nickName": 7, f"{BADGE}:level": 8}
    )
    assert [detail["code"] for detail in result["warning_details"]] == ["coerced_value"] * 2
    assert sorted(map(str, (step["value"] for step in patched(service)))) == ["64", "7", "8"]
    assert {type(step["value"]) for step in patched(service) if step["path"].endswith("level")} == {int}


def test_an_attribute_and_the_option_for_it_must_agree(serve):
    service = Service(serve, {"GET /Users": listed(ADA)})
    for wanted in (
        {"nick_name": "A", "attributes": {"nickName": "B"}},
        {"email": "a@x.org", "attributes": {"emails": [{"value": "b@x.org"}]}},
    ):
        assert service.run("USER", user="ada", **wanted)["errors"][0]["code"] == "contradiction"


def test_an_attribute_that_contradicts_the_user_of_the_task_names_that_option(serve):
    service = Service(serve, {"GET /Users": listed(ADA)})
    result = service.run("USER", user="ada", attributes={"userName": "x"})
    assert result["errors"][0]["message"].endswith(
        "attributes.userName is 'x', and user, which is the same attribute, is 'ada'. Remove it from attributes."
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("userName", "names: userName cannot be cleared. Remove it from the task."),
        ("meta", "names: meta is read-only: only the server sets it. Remove it."),
    ],
)
def test_a_mistake_in_names_names_that_option(serve, name, message):
    service = Service(serve, {"GET /Users": listed(ADA)})
    (error,) = service.run("USER_ATTRIBUTES", user="ada", state="absent", names=[name])["errors"]
    assert error["option"] == "names" and error["message"].endswith(message)


def test_a_mistake_in_managed_attributes_names_that_option(serve):
    service = Service(serve, {"GET /Users": listed(ADA)})
    (error,) = service.run(
        "USER", user="ada", attributes={"title": "x"}, attributes_state="managed", managed_attributes=["title", "meta"]
    )["errors"]
    assert error["option"] == "managed_attributes"
    assert error["message"].endswith("managed_attributes: meta is read-only: only the server sets it. Remove it.")


def test_names_of_attributes_are_taken_away_by_state_absent(serve):
    service = Service(serve, {"GET /Users": listed(ADA), "PATCH /Users/id-ada": NOTHING})
    assert service.run("USER_ATTRIBUTES", user="ada", state="absent", names=["title", f"{BADGE}:badge", "displayName"])[
        "changed"
    ]
    assert patched(service) == [{"op": "remove", "path": "title"}, {"op": "remove", "path": f"{BADGE}:badge"}]


def test_a_part_of_a_complex_attribute_leaves_the_others_alone(serve):
    row = {**ADA, BADGE: {"site": {"city": "Bern", "floor": "3"}}}
    service = Service(serve, {"GET /Users": listed(row), "PATCH /Users/id-ada": NOTHING})
    assert service.run("USER_ATTRIBUTES", user="ada", state="absent", names=[f"{BADGE}:site.floor"])["changed"]
    assert patched(service) == [{"op": "remove", "path": f"{BADGE}:site.floor"}]


def test_what_is_immutable_is_set_once(serve):
    service = Service(serve, {"GET /Users": listed({**ADA, BADGE: {"grade": "1"}})})
    assert not service.run("USER_ATTRIBUTES", user="ada", attributes={f"{BADGE}:grade": "1"})["changed"]
    result = service.run("USER_ATTRIBUTES", user="ada", attributes={f"{BADGE}:grade": "2"})
    assert result["failed"] and "immutable" in result["msg"]


# -- PUT -------------------------------------------------------------------------------------------------------------


def test_a_put_is_the_document_read_right_before_with_the_changes(serve):
    now = {**ADA, "unknown": {"kept": [1]}, "groups": [{"value": "g"}], "title": "somebody else's", "locale": "de"}
    service = Service(
        serve, {"GET /Users": listed(ADA), "GET /Users/id-ada": now, "PUT /Users/id-ada": {**now, "nickName": "A"}}, PUT
    )
    assert service.run("USER", user="ada", nick_name="A", email="", department="R")["changed"]
    (body,) = service.sent("PUT")
    assert body == {
        "schemas": [CORE, ENTERPRISE, BADGE],
        "userName": "ada",
        "active": True,
        "title": "somebody else's",
        "locale": "de",
        "nickName": "A",
        "name": {"givenName": "Ada", "familyName": "L"},
        "emails": [{"value": "home@x.org", "type": "home"}],
        "unknown": {"kept": [1]},
        ENTERPRISE: {"costCenter": "1", "manager": {"value": "m1", "displayName": "M"}, "department": "R"},
        BADGE: {"badge": "B7", "tags": ["a", "b"]},
    }
    assert "if-match" not in service.server.requests[-1].headers


def test_okta_like_servers_are_written_with_put(serve):
    service = Service(
        serve, {"GET /Users": listed(ADA), "GET /Users/id-ada": ADA, "PUT /Users/id-ada": ADA}, server_profile="okta"
    )
    service.run("USER", user="ada", nick_name="A")
    assert [call.partition("?")[0] for call in service.calls()] == [
        "GET /Users",
        "GET /Users/id-ada",
        "PUT /Users/id-ada",
    ]


# -- ETag ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("features", "method"), [(("patch", "filter", "etag"), "PATCH"), (("filter", "etag"), "PUT")])
def test_a_change_of_somebody_else_is_read_before_it_is_written_again(serve, features, method):
    other = {**ADA, "meta": {"version": 'W/"2"'}, "emails": [{"value": "their@x.org", "primary": True}]}
    versions = []

    def write(request):
        versions.append(request.headers["if-match"])
        return (
            error(412, "version")
            if len(versions) == 1
            else {**other, "emails": [{"value": "new@x.org", "primary": True}]}
        )

    reads = [other] if method == "PATCH" else [ADA, other]
    service = Service(
        serve, {"GET /Users": listed(ADA), "GET /Users/id-ada": reads, f"{method} /Users/id-ada": write}, features
    )
    assert service.run("USER", user="ada", email="new@x.org")["changed"]
    assert versions == ['W/"1"', 'W/"2"']
    last = service.sent(method)[-1]
    emails = last["emails"] if method == "PUT" else last["Operations"][0]["value"]
    assert emails == [{"value": "new@x.org", "primary": True}], "made from what is there now"


def test_a_second_conflict_is_an_error(serve):
    service = Service(
        serve,
        {"GET /Users": listed(ADA), "GET /Users/id-ada": ADA, "PATCH /Users/id-ada": error(412, "version")},
        ("patch", "filter", "etag"),
    )
    result = service.run("USER", user="ada", title="Prof")
    assert result["failed"] and "Run the task again" in result["msg"] and len(service.calls("PATCH")) == 2


# -- what the server makes of it -------------------------------------------------------------------------------------


@pytest.mark.parametrize("reply", [{**ADA, "active": True}, NOTHING])
def test_a_login_that_stays_open_is_an_error(serve, reply):
    service = Service(serve, {"GET /Users": listed(ADA), "PATCH /Users/id-ada": reply, "GET /Users/id-ada": ADA})
    result = service.run("USER", user="ada", enabled=False)
    assert (result["failed"], result["code"]) == (True, "not_applied")


def test_a_server_without_active_never_counts_as_blocked(serve):
    row = {name: value for name, value in ADA.items() if name != "active"}
    service = Service(
        serve,
        {"GET /Users": listed(row), "PATCH /Users/id-ada": row, "GET /Users/id-ada": row, "GET /Schemas": error(404)},
    )
    assert service.run("USER_INFO", user="ada")["users"][0]["enabled"] is None
    assert service.run("USER", user="ada", enabled=False)["code"] == "not_applied"


def test_where_nobody_can_be_blocked_an_open_login_is_no_change(serve):
    row = {name: value for name, value in ADA.items() if name != "active"}
    schemas = listed({"id": CORE, "attributes": [{"name": name, "type": "string"} for name in ("userName", "title")]})
    service = Service(
        serve, {"GET /Users": listed(row), "GET /Schemas": schemas, "POST /Users": Reply(201, user("eve"))}
    )
    assert service.run("USER", user="ada", enabled=True)["changed"] is False
    assert service.run("USER", user="eve", enabled=True)["changed"] is True
    assert "active" not in service.sent("POST")[0] and service.sent("PATCH") == []
    refused = service.run("USER", user="ada", enabled=False)
    assert (refused["failed"], refused["code"]) == (True, "unknown_attribute")


def test_a_value_that_the_server_does_not_keep_is_a_warning(serve):
    service = Service(serve, {"GET /Users": listed(ADA), "PATCH /Users/id-ada": ADA})
    result = service.run("USER", user="ada", title="Prof")
    assert [(detail["code"], "title" in detail["message"]) for detail in result["warning_details"]] == [
        ("not_applied", True)
    ]


# -- create ----------------------------------------------------------------------------------------------------------


def test_a_user_is_created_whole_in_one_request(serve):
    service = Service(serve, {"GET /Users": NOBODY, "POST /Users": lambda request: Reply(201, user("eve"))})
    wanted = {"email": "e@x.org", "given_name": "E", "manager": "m1", "enabled": True, "password": "Pass-word-1"}
    assert service.run(
        "USER", user="eve", attributes={f"{BADGE}:badge": "7", "addresses": [{"locality": "Bern"}]}, **wanted
    )["changed"]
    assert service.sent("POST") == [
        {
            "schemas": [CORE, ENTERPRISE, BADGE],
            "userName": "eve",
            "name": {"givenName": "E"},
            "active": True,
            "password": "Pass-word-1",
            "emails": [{"value": "e@x.org", "type": "work", "primary": True}],
            ENTERPRISE: {"manager": {"value": "m1"}},
            BADGE: {"badge": "7"},
            "addresses": [{"locality": "Bern"}],
        }
    ]


def test_only_parts_that_the_schema_has_are_sent(serve):
    emails = {
        "name": "emails",
        "type": "complex",
        "multiValued": True,
        "subAttributes": [{"name": "value", "type": "string"}],
    }
    schemas = listed({"id": CORE, "attributes": [{"name": "userName", "type": "string"}, emails]})
    service = Service(serve, {"GET /Users": NOBODY, "POST /Users": Reply(201, user("eve")), "GET /Schemas": schemas})
    service.run("USER", user="eve", email="e@x.org")
    assert service.sent("POST")[0]["emails"] == [{"value": "e@x.org"}]


def test_a_new_login_that_must_not_be_open_is_closed(serve):
    service = Service(serve, {
        "GET /Users": NOBODY, "POST /Users": Reply(201, user("eve")), "PATCH /Users/id-eve": user("eve", active=False),
    })  # fmt: skip
    assert service.run("USER", user="eve", enabled=False)["user"]["enabled"] is False
    assert patched(service) == [{"op": "replace", "path": "active", "value": False}]


@pytest.mark.parametrize("refusal", [error(409, "taken", "uniqueness"), error(400, "taken", "uniqueness")])
def test_somebody_whom_another_has_just_created_is_adopted(serve, refusal):
    service = Service(
        serve, {"GET /Users": [NOBODY, listed(ADA)], "POST /Users": refusal, "PATCH /Users/id-ada": NOTHING}
    )
    result = service.run("USER", user="ada", nick_name="A")
    assert [detail["code"] for detail in result["warning_details"]] == ["adopted"]
    assert patched(service) == [{"op": "add", "path": "nickName", "value": "A"}]


def test_a_name_that_is_taken_and_that_no_filter_finds_is_looked_for_in_the_list(serve):
    """A filter that finds nobody, of a server that has somebody."""
    service = Service(
        serve,
        {
            "GET /Users": lambda request: NOBODY if "filter" in request.target else listed(user("1042")),
            "POST /Users": error(409, "taken", "uniqueness"),
        },
    )
    result = service.run("USER", user="1042")
    assert result["user"]["id"] == "id-1042" and [detail["code"] for detail in result["warning_details"]] == ["adopted"]


def test_a_create_whose_answer_is_lost_is_read_again(serve):
    service = Service(serve, {"GET /Users": [NOBODY, listed(user("eve"))], "POST /Users": Reply(500, "<html>")})
    result = service.run("USER", user="eve")
    assert (result["changed"], result["user"]["id"], len(service.sent("POST"))) == (True, "id-eve", 1)


def test_who_is_gone_is_absent(serve):
    service = Service(
        serve, {"GET /Users": listed(ADA), "DELETE /Users/id-ada": error(404), "GET /Users/id-ada": error(404)}
    )
    assert service.run("USER", user="ada", state="absent")["changed"]
