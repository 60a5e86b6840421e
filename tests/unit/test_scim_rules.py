# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM: values at any depth, what is returned on request alone, endpoints, two writers at once, and the login."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.values import check_arguments
from ansible_collections.rollcall.identity.plugins.module_utils._providers.scim.attributes import Attribute, typed
from ansible_collections.rollcall.identity.plugins.module_utils._providers.scim.shapes import overlaid
from ansible_collections.rollcall.identity.plugins.module_utils._providers.scim.tasks import USER, USER_ATTRIBUTES
from ansible_collections.rollcall.identity.tests.unit.scim import (
    BADGE,
    CORE,
    ENTERPRISE,
    SCHEMAS,
    TYPES,
    Service,
    attribute,
    error,
    group,
    listed,
    query_of,
    user,
)
from ansible_collections.rollcall.identity.tests.unit.web import Reply

NOTHING = Reply(204, "")
ADA = user("ada")


# -- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "where", "code"),
    [
        ({"locality": "Be\u0000rn"}, ".locality", "invisible_character"),
        ([{"locality": "Be\u200brn"}], "[0].locality", "invisible_character"),
        (["a", " "], "[1]", "blank_value"),
        (["a", ""], "[1]", "blank_value"),
        ({"parts": {"a\u0000": 1}}, ".parts.a\\x00", "invisible_character"),
        ([["\ufeffa"]], "[0][0]", "invisible_character"),
    ],
)
def test_texts_inside_of_lists_and_mappings_follow_the_rules_of_all_texts(value, where, code):
    findings = check_arguments(USER.options, USER.kinds, {"user": "ada", "attributes": {"addresses": value}})
    assert [(problem.code, problem.option) for problem in findings.problems] == [(code, f"attributes.addresses{where}")]


def test_line_breaks_and_empty_parts_are_values():
    attributes = {"addresses": [{"formatted": "Street 1\nBern", "region": "", "primary": True}], "x": [1, 2.5, None]}
    assert (
        check_arguments(
            USER_ATTRIBUTES.options, USER_ATTRIBUTES.kinds, {"user": "ada", "attributes": attributes}
        ).problems
        == []
    )


SITE = Attribute(
    "site",
    "complex",
    parts={"city": Attribute("city"), "floor": Attribute("floor", "integer"), "main": Attribute("main", "boolean")},
)
SITES = Attribute("sites", "complex", True, parts=SITE.parts)


@pytest.mark.parametrize(
    ("kind", "value", "about"),
    [
        (SITE, {"city": True}, "a mapping in which city is text"),
        (SITE, {"city": 1.5}, "a mapping in which city is text"),
        (SITE, {"floor": "x"}, "a whole number"),
        (SITE, {"city": ["x"]}, "a single value"),
        (SITE, {"main": "maybe"}, "a boolean"),
        (SITE, [{"city": "x"}], "a mapping"),
        (SITES, [{"city": "a"}, {"city": True}], "a mapping in which city is text"),
        (SITES, [None], "a value that is not empty"),
        (SITES, [{"town": "a"}], "a mapping with no other keys than city, floor, main"),
        (Attribute("a", many=True), ["x", True], r"text \(quote it\)"),
        (Attribute("a", many=True), [{"a": 1}], "a single value"),
        (Attribute("a", many=True), [["x"]], "a single value"),
        (Attribute("a", "integer"), 3.5, "a whole number"),
        (Attribute("a", "integer"), "1_0", "a whole number"),
        (Attribute("a", "decimal"), "nan", "a number"),
        (Attribute("a", "decimal"), "1e999", "a number"),
        (Attribute("a", "boolean", True), [1], "a boolean"),
    ],
)
def test_a_value_is_checked_at_any_depth(kind, value, about):
    with pytest.raises(ValueError, match=about):
        typed(kind, value, [])


@pytest.mark.parametrize(
    ("kind", "value", "sent"),
    [
        (SITES, [{"city": 7, "floor": "3", "main": "True"}], [{"city": "7", "floor": 3, "main": True}]),
        (SITE, {"city": "x", "floor": ""}, {"city": "x"}),
        (Attribute("a", many=True), [7, "x"], ["7", "x"]),
        (Attribute("a", "boolean"), "false", False),
        (Attribute("a", "decimal"), "-1.5e2", -150.0),
    ],
)
def test_values_are_written_in_the_types_of_the_schema(kind, value, sent):
    assert typed(kind, value, []) == sent


def test_a_number_inside_of_a_value_is_written_as_a_text_with_a_warning(serve):
    service = Service(serve, {"GET /Users": listed(ADA), "PATCH /Users/id-ada": NOTHING})
    result = service.run("USER_ATTRIBUTES", user="ada", attributes={"addresses": [{"locality": 3000}]})
    assert result["changed"] and "number 3000" in str(result["warnings"])
    assert service.sent("PATCH")[0]["Operations"][0]["value"] == [{"locality": "3000"}]


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({f"{BADGE}:badge": "1", f"{BADGE.upper()}:BADGE": "2"}, "contradiction"),
        ({f"{BADGE}:site.city": "a", f"{BADGE}:site": {"city": "b"}}, "contradiction"),
        ({"ID": "1"}, "invalid_value"),
        ({"Meta.version": "1"}, "invalid_value"),
    ],
)
def test_paths_are_the_same_in_any_case(serve, attributes, code):
    service = Service(serve, {"GET /Users": listed(ADA)})
    result = service.run("USER_ATTRIBUTES", user="ada", attributes=attributes)
    assert (result["failed"], result["code"]) == (True, code), result


def with_attributes(*more):
    """Return schemas in which the extension has more attributes."""
    rows = [
        {**row, "attributes": [*row["attributes"], *more]} if row["id"] == BADGE else row
        for row in SCHEMAS["Resources"]
    ]
    return listed(*rows)


def test_an_attribute_of_an_extension_may_be_named_like_one_of_the_server(serve):
    routes = {
        "GET /Schemas": with_attributes(attribute("groups")),
        "GET /Users": listed(ADA),
        "PATCH /Users/id-ada": NOTHING,
    }
    assert Service(serve, routes).run("USER_ATTRIBUTES", user="ada", attributes={f"{BADGE}:groups": "x"})["changed"]


def test_what_info_returns_is_accepted_where_documents_hold_more_than_the_schemas(serve):
    row = user("ada", vendorThing="x", **{"urn:other:1.0:User": {"a": 1}, BADGE: {"badge": "B7"}})
    service = Service(serve, {"GET /Users": listed(row)})
    users = service.run("USER_INFO", gather=["attributes"])["users"]
    assert users[0]["attributes"] == {f"{BADGE}:badge": "B7"}
    assert service.run("USERS", users=users)["changed"] is False


def test_an_extension_in_another_case_is_the_same(serve):
    service = Service(serve, {"GET /Users": listed(user("ada", **{ENTERPRISE.lower(): {"costCenter": "1"}}))})
    assert service.run("USER", user="ada", cost_center="1")["changed"] is False


# -- what is returned on request, or never -----------------------------------------------------------------------------


def on_request(now):
    """Return what answers for a user who has an attribute that is returned on request alone."""

    def answer(request):
        wanted = query_of(request).get("attributes", "")
        return {"id": "id-ada", "userName": "ada", **(now if "secretColour" in wanted or "title" in wanted else {})}

    return answer


@pytest.mark.parametrize(("value", "changed"), [("red", False), ("blue", True)])
def test_an_attribute_that_is_returned_on_request_is_requested(serve, value, changed):
    service = Service(
        serve,
        {
            "GET /Schemas": with_attributes(attribute("secretColour", returned="request")),
            "GET /Users": listed(ADA),
            "PATCH /Users/id-ada": NOTHING,
            "GET /Users/id-ada": on_request({BADGE: {"secretColour": "red"}}),
        },
    )
    result = service.run("USER_ATTRIBUTES", user="ada", attributes={f"{BADGE}:secretColour": value})
    assert result["changed"] is changed, result
    operations = [operation["op"] for body in service.sent("PATCH") for operation in body["Operations"]]
    assert operations == (["replace"] if changed else [])


@pytest.mark.parametrize("returned", ["request", "never"])
def test_an_option_is_written_only_where_it_can_be_compared(serve, returned):
    core = {**SCHEMAS["Resources"][0], "attributes": [attribute("userName"), attribute("title", returned=returned)]}
    service = Service(
        serve,
        {"GET /Schemas": listed(core), "GET /Users": listed(ADA), "GET /Users/id-ada": on_request({"title": "Dr"})},
    )
    result = service.run("USER", user="ada", title="Dr")
    assert result.get("failed", False) is (returned == "never") and not result["changed"]
    assert service.calls("PATCH", "POST", "PUT") == []


# -- one of several values ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("emails", "left"),
    [
        (
            [{"value": "a@x.org", "primary": "True"}, {"value": "b@x.org", "type": "home"}],
            [{"value": "b@x.org", "type": "home"}],
        ),
        ([{"value": "b@x.org", "type": "home"}], None),
        ([{"value": "a@x.org"}, {"value": "b@x.org"}], None),
        ([{"value": "a@x.org"}], []),
    ],
)
def test_a_second_run_does_not_clear_what_took_the_place_of_another(serve, emails, left):
    row = user("ada", emails=emails)
    service = Service(serve, {"GET /Users": listed(row), "GET /Users/id-ada": row, "PATCH /Users/id-ada": NOTHING})
    assert service.run("USER", user="ada", email="")["changed"] is (left is not None)
    values = [operation.get("value", []) for body in service.sent("PATCH") for operation in body["Operations"]]
    assert values == ([] if left is None else [left])


@pytest.mark.parametrize("features", [("patch", "filter"), ("patch", "filter", "etag")])
def test_an_address_that_somebody_adds_meanwhile_stays(serve, features):
    before = user("ada", emails=[{"value": "a@x.org", "primary": True}], meta={"version": "1"})
    after = {**before, "emails": [*before["emails"], {"value": "b@x.org", "type": "home"}], "meta": {"version": "2"}}
    service = Service(serve, {
        "GET /Users": listed(before), "GET /Users/id-ada": after,
        "PATCH /Users/id-ada": lambda request: error(412) if request.headers.get("if-match") == "1" else NOTHING,
    }, features)  # fmt: skip
    assert service.run("USER", user="ada", email="new@x.org")["changed"]
    values = [address["value"] for address in service.sent("PATCH")[-1]["Operations"][0]["value"]]
    assert values == ["new@x.org", "b@x.org"]


def test_the_last_attribute_of_an_extension_takes_its_schema_along():
    document = {"schemas": [CORE, BADGE], "userName": "a", BADGE: {"badge": "1"}}
    assert overlaid(document, {f"{BADGE}:badge": None}) == {"schemas": [CORE], "userName": "a"}


# -- endpoints ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("endpoint", "path"),
    [
        ("/People", "/People"),
        ("People", "/People"),
        ("v2/People/", "/v2/People"),
        ("{base}/People", "/People"),
        ("https://other.example.com/People", "/Users"),
        ("//other.example.com/People", "/Users"),
        ("/../People", "/Users"),
        ("/People?x=1", "/Users"),
        ("", "/Users"),
        (None, "/Users"),
        (7, "/7"),
        ("{id}", "/Users"),
    ],
)
def test_users_are_where_the_server_says_below_the_base(serve, endpoint, path):
    service = Service(serve, {f"GET {path}": listed(ADA), f"PATCH {path}/id-ada": NOTHING})
    named = endpoint.replace("{base}", service.server.url) if isinstance(endpoint, str) else endpoint
    service.routes["GET /ResourceTypes"] = listed({**TYPES["Resources"][0], "endpoint": named})
    assert service.run("USER", user="ada", title="Dr")["changed"]
    assert service.calls("PATCH") == [f"PATCH {path}/id-ada"]


def test_a_location_is_never_followed(serve):
    row = user("ada", meta={"location": "https://other.example.com/Users/id-eve"})
    service = Service(serve, {"GET /Users": listed(row), "PATCH /Users/id-ada": NOTHING})
    assert service.run("USER", user="ada", title="Dr")["changed"]


# -- groups ------------------------------------------------------------------------------------------------------------


class Board:
    """A group with versions that another client changes before the first writes arrive."""

    def __init__(self, others):
        self.row, self.version, self.others = {**group("Board", "id-bob"), "costCode": "7"}, 1, others
        self.row["members"].append({"value": "g-Inner", "type": "Group"})

    def get(self, request):
        """Answer with the group as it is."""
        return {**self.row, "meta": {"version": f'W/"{self.version}"'}}

    def put(self, request):
        """Replace the group, unless another client was faster."""
        if self.others:
            self.row["members"].append({"value": self.others.pop()})
            self.version += 1
        if request.headers.get("if-match") != f'W/"{self.version}"':
            return error(412)
        self.row, self.version = json.loads(request.body), self.version + 1
        return self.get(request)


@pytest.mark.parametrize(
    ("others", "fails"), [(["id-eve"], False), (["id-eve", "id-dan"], False), (list("abcd"), True)]
)
def test_two_clients_that_put_a_group_lose_no_member(serve, others, fails):
    board = Board(list(others))
    routes = {
        "GET /Users": listed(ADA),
        "GET /Groups": lambda request: listed(board.get(request)),
        "GET /Groups/g-Board": board.get,
    }
    service = Service(serve, {**routes, "PUT /Groups/g-Board": board.put}, ("filter", "etag"))
    result = service.run("USER_GROUPS", user="ada", groups=["Board"])
    assert result.get("failed", False) is fails, result
    members = [member["value"] for member in board.row["members"]]
    assert set(others) - set(board.others) <= set(members) and {"id-bob", "g-Inner"} <= set(members)
    assert ("id-ada" in members) is not fails and board.row["costCode"] == "7"


def test_a_group_that_does_not_take_the_announced_patch_is_put(serve):
    board = Board([])
    routes = {
        "GET /Users": listed(ADA),
        "GET /Groups": lambda request: listed(board.get(request)),
        "GET /Groups/g-Board": board.get,
    }
    service = Service(
        serve,
        {**routes, "PATCH /Groups/g-Board": error(501), "PUT /Groups/g-Board": board.put},
        ("patch", "filter", "etag"),
    )
    assert service.run("USER_GROUPS", user="ada", groups=["Board"])["changed"]
    assert service.run("USER_GROUPS", user="ada", groups=[], state="exact")["changed"]
    assert service.calls("PATCH", "PUT") == ["PATCH /Groups/g-Board", "PUT /Groups/g-Board", "PUT /Groups/g-Board"]


@pytest.mark.parametrize("features", [("patch", "filter"), ("filter",)])
def test_nobody_has_to_leave_a_group_that_is_gone(serve, features):
    board = group("Board", "id-ada")
    routes = {
        "GET /Users": listed(ADA),
        "GET /Groups": listed(board),
        "PATCH /Groups/g-Board": error(404),
        "GET /Groups/g-Board": error(404),
    }
    service = Service(serve, routes, features)
    assert service.run("USER_GROUPS", user="ada", groups=[], state="exact")["changed"]
    joined = Service(serve, {**routes, "GET /Groups": listed({**board, "members": []})}, features).run(
        "USER_GROUPS", user="ada", groups=["Board"]
    )
    assert joined["failed"] and joined["errors"][0]["code"] == "unknown_group"


# -- the login ---------------------------------------------------------------------------------------------------


OAUTH = {"api_token": None, "client_id": "me", "client_secret": "s3cr3t/+%", "scope": "scim"}


def issuer(takes):
    """Return a token endpoint that takes the client in the header or in the body."""

    def answer(request):
        body = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        way = "body" if "client_secret" in body else "header"
        right = way == "header" or (body["client_id"], body["client_secret"]) == ("me", "s3cr3t/+%")
        if way != takes or not right or ("authorization" in request.headers) is not (way == "header"):
            return Reply(401, {"error": "invalid_client", "error_description": "no such client"})
        return {"access_token": "a-token-of-the-test", "token_type": "Bearer", "expires_in": "3600"}

    return answer


@pytest.mark.parametrize(("takes", "requests"), [("header", 1), ("body", 2), ("nothing", 2)])
def test_a_client_logs_in_with_the_header_or_else_with_the_body(serve, takes, requests):
    service = Service(serve, {"GET /Users": listed(ADA), "POST /token": issuer(takes)}, **OAUTH)
    service.params["token_url"] = f"{service.server.url}/token"
    result = service.run("USER", user="ada")
    assert result.get("failed", False) is (takes == "nothing")
    assert len(service.calls("POST")) == requests and "s3cr3t" not in str(result)
    if takes == "nothing":
        assert result["code"] == "not_authenticated" and "client_secret" in result["msg"]


def test_a_token_that_is_refused_is_renewed_once(serve):
    tokens = iter(["first", "second", "third"])
    service = Service(
        serve,
        {
            "POST /token": lambda request: {"access_token": next(tokens)},
            "GET /Users": lambda request: (
                error(401) if request.headers["authorization"] == "Bearer first" else listed(ADA)
            ),
        },
        **OAUTH,
    )
    service.params["token_url"] = f"{service.server.url}/token"
    assert not service.run("USER", user="ada").get("failed")
    assert len(service.calls("POST")) == 2


def test_two_users_with_one_address_are_ambiguous(serve):
    rows = [user(name, emails=[{"value": "a@x.org"}]) for name in ("ada", "bob")]
    service = Service(serve, {"GET /Users": listed(*rows)}, user_key="emails")
    result = service.run("USER", user="a@x.org", title="Dr")
    assert result["failed"] and result["errors"][0]["code"] == "ambiguous_user"
    assert service.calls("PATCH") == [] and "id-bob" in result["msg"]


PARTS = [{"name": "locality"}, {"name": "country", "mutability": "readOnly"}]


@pytest.mark.parametrize("users", [[], [user("ada", addresses=[{"locality": "Bern", "country": "CH"}])]])
def test_a_part_of_a_value_that_only_the_server_writes_is_refused_before_any_write(serve, users):
    described = [attribute("userName"), attribute("addresses", "complex", True, PARTS)]
    schemas = listed({"id": CORE, "attributes": described})
    service = Service(serve, {"GET /Users": listed(*users), "GET /Schemas": schemas, "PATCH /Users/id-ada": NOTHING})
    result = service.run("USER", user="ada", attributes={"addresses": [{"locality": "Rom", "country": "IT"}]})
    assert result["failed"] and "addresses contains country, which is read-only" in result["msg"]
    assert service.calls("PATCH", "POST") == []
    for address in ({"locality": "Bern", "country": "CH"}, {"locality": "Bern"}) if users else ():
        assert not service.run("USER", user="ada", attributes={"addresses": [address]})["changed"]
