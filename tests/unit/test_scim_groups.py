# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM: who is in which group, and how that is changed."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import ApiError
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._providers.scim.connection import Scim
from ansible_collections.rollcall.identity.plugins.module_utils._providers.scim.groups import Memberships
from ansible_collections.rollcall.identity.tests.unit.scim import (
    Service,
    attribute,
    config,
    error,
    group,
    listed,
    query_of,
    user,
)
from ansible_collections.rollcall.identity.tests.unit.web import Reply

NOTHING = Reply(204, "")
ADA, BOB = user("ada"), user("bob")
STAFF, BOARD = group("Staff", "id-ada", "id-bob"), group("Board", "id-eve")


def groups(*rows, knows_filter=True):
    """Return a list of groups that answers a filter for a member, and leaves members out where it is told to."""

    def answer(request):
        query = query_of(request)
        chosen = rows
        if "filter" in query and knows_filter:
            wanted = query["filter"].partition('"')[2].rstrip('"')
            chosen = [row for row in rows if any(member["value"] == wanted for member in row.get("members", ()))]
        if query.get("excludedAttributes") == "members":
            chosen = [{name: value for name, value in row.items() if name != "members"} for row in chosen]
        return listed(*chosen)

    return answer


# -- reading ---------------------------------------------------------------------------------------------------------


def shown(service, *users):
    """Return the groups of users, as the info module has them."""
    chosen = {"user": users[0]} if len(users) == 1 else {}
    return [entry["groups"] for entry in service.run("USER_INFO", gather=["groups"], **chosen)["users"]]


def test_one_user_is_searched_for_in_the_groups(serve):
    service = Service(serve, {"GET /Users": listed(ADA), "GET /Groups": groups(STAFF, BOARD)})
    assert shown(service, "ada") == [["Staff"]]
    asked = [query_of(request) for request in service.server.requests if "/Groups" in request.target]
    assert {
        "filter": 'members.value eq "id-ada"',
        "attributes": "displayName,members",
        "startIndex": "1",
        "count": "200",
    } in asked


def test_many_users_take_one_list_of_groups(serve):
    service = Service(serve, {"GET /Users": listed(ADA, BOB, user("eve")), "GET /Groups": groups(STAFF, BOARD)})
    assert shown(service) == [["Staff"], ["Staff"], ["Board"]]
    assert len([call for call in service.calls() if "/Groups" in call]) == 2, "once with members, once for the names"


@pytest.mark.parametrize(
    "routes",
    [
        {"GET /Groups": groups(STAFF, BOARD, knows_filter=False)},
        {
            "GET /Groups": lambda request: (
                error(400, "", "invalidFilter") if "filter" in request.target else groups(STAFF, BOARD)(request)
            )
        },
        {"GET /Groups": lambda request: listed() if "filter" in request.target else groups(STAFF, BOARD)(request)},
    ],
)
def test_a_filter_for_members_that_does_not_work_is_noticed(serve, routes):
    row = user("ada", groups=[{"value": "g-Staff", "type": "direct"}, {"value": "g-All", "type": "indirect"}])
    service = Service(serve, {"GET /Users": listed(row), **routes})
    assert shown(service, "ada") == [["Staff"]]


def test_groups_whose_list_leaves_members_out_are_read_one_by_one(serve):
    bare = groups(*({"id": row["id"], "displayName": row["displayName"]} for row in (STAFF, BOARD)))
    service = Service(serve, {
        "GET /Users": listed(ADA), "GET /Groups": bare, "GET /Groups/g-Staff": STAFF, "GET /Groups/g-Board": BOARD,
    }, server_profile="slack")  # fmt: skip
    assert shown(service, "ada") == [["Staff"]]


def test_the_document_of_the_user_counts_where_groups_show_no_members(serve):
    row = user("ada", groups=[{"value": "g-Staff", "display": "Staff"}, {"value": "g-All", "type": "indirect"}])
    bare = {"id": "g-Staff", "displayName": "Staff"}
    service = Service(serve, {"GET /Users": listed(row), "GET /Groups": listed(bare), "GET /Groups/g-Staff": bare})
    assert shown(service, "ada") == [["Staff"]]


def test_groups_that_are_members_are_not_taken_for_users(serve):
    nested = {**group("Outer"), "members": [{"value": "id-ada", "type": "Group"}, {"value": "id-bob", "type": "User"}]}
    service = Service(serve, {"GET /Users": listed(ADA, BOB), "GET /Groups": groups(nested)})
    assert shown(service) == [[], ["Outer"]]


@pytest.mark.parametrize("status", [404, 501])
def test_a_server_without_groups_has_none(serve, status):
    service = Service(serve, {"GET /Users": listed(ADA), "GET /Groups": error(status)})
    assert shown(service, "ada") == [[]]
    reason = (
        f"the server answered {status} to the list of groups. Check api_url: it is the base address of the SCIM "
        "service, such as https://id.example.com/scim/v2. If the address is right, this server has no groups"
    )
    for wanted, name in (("Staff", "named 'Staff'"), ({"id": "g-Staff"}, "with id g-Staff")):
        result = service.run("USER_GROUPS", user="ada", groups=[wanted])
        assert result["code"] == "unknown_group"
        assert f"there is no group {name}: {reason}: specify none." in result["msg"]
    result = service.run("ROLE_INFO")
    assert (result["groups"], result["warnings"]) == ([], [f"There are no groups: {reason}."])
    assert result["warning_details"][0]["code"] == "no_groups"
    for who in ({"user": "ada"}, {}):
        assert service.run("USER_INFO", gather=["groups"], **who)["warnings"] == result["warnings"]
    assert "warnings" not in service.run("USER_INFO", user="ada", gather=["attributes"])


def test_an_empty_list_of_groups_is_no_reason_to_doubt_the_address(serve):
    service = Service(serve, {"GET /Users": listed(ADA), "GET /Groups": listed()})
    assert service.run("ROLE_INFO").get("warnings", []) == []
    assert "(there are no groups). Correct" in service.run("USER_GROUPS", user="ada", groups=["Staff"])["msg"]


def test_role_info_lists_groups_and_names_their_members(serve):
    service = Service(
        serve,
        {"GET /Users": listed(ADA, BOB), "GET /Groups": groups({**STAFF, "externalId": "x", "costCode": "7"}, BOARD)},
    )
    assert service.run("ROLE_INFO")["groups"] == [
        {"id": "g-Board", "name": "Board", "external_id": None, "members": None},
        {"id": "g-Staff", "name": "Staff", "external_id": "x", "cost_code": "7", "members": None},
    ]
    (staff,) = service.run("ROLE_INFO", name="staff", members=True)["groups"]
    assert staff["members"] == [{"id": "id-ada", "user": "ada"}, {"id": "id-bob", "user": "bob"}]


def test_groups_that_never_name_members_are_searched_for_each_user(serve):
    bare = {"id": "g-Staff", "displayName": "Staff"}
    service = Service(
        serve,
        {
            "GET /Users": listed(ADA, BOB),
            "GET /Groups": lambda request: listed() if "bob" in request.target else listed(bare),
            "PATCH /Groups/g-Staff": NOTHING,
        },
        server_profile="entra",
    )
    assert shown(service) == [["Staff"], []]
    assert service.run("USER_GROUPS", user="ada", groups=[], state="exact")["changed"]
    assert service.run("ROLE_INFO", members=True)["groups"][0]["members"] == [{"id": "id-ada", "user": "ada"}]


# -- writing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "path"),
    [
        ("none", 'members[value eq "id-ada"]'),
        ("github", 'members[value eq "id-ada"]'),
        ("okta", 'members[value eq "id-ada"]'),
        ("slack", "members[value eq id-ada]"),
    ],
)
def test_members_are_added_and_removed_with_a_patch_of_the_group(serve, profile, path):
    removal = {"op": "remove", "path": path}
    service = Service(
        serve,
        {
            "GET /Users": listed(ADA),
            "GET /Groups": groups(STAFF, BOARD),
            "PATCH /Groups/g-Staff": NOTHING,
            "PATCH /Groups/g-Board": NOTHING,
        },
        server_profile=profile,
    )
    assert service.run("USER", user="ada", groups=[{"name": "Board"}], groups_state="exact")["user"]["groups"] == [
        "Board"
    ]
    assert [body["Operations"] for body in service.sent("PATCH")] == [
        [{"op": "add", "path": "members", "value": [{"value": "id-ada"}]}],
        [removal],
    ]
    assert service.calls("PATCH") == ["PATCH /Groups/g-Board", "PATCH /Groups/g-Staff"]


def test_a_group_is_put_only_where_there_is_no_patch(serve):
    now = {**STAFF, "meta": {"version": "7"}, "other": 1, "members": [*STAFF["members"], {"value": "id-new"}]}
    service = Service(
        serve,
        {
            "GET /Users": listed(ADA),
            "GET /Groups": groups(STAFF),
            "GET /Groups/g-Staff": now,
            "PUT /Groups/g-Staff": now,
        },
        ("filter", "etag"),
    )
    assert service.run("USER_GROUPS", user="ada", groups=["Staff"], state="absent")["changed"]
    assert service.sent("PUT") == [
        {"id": "g-Staff", "displayName": "Staff", "other": 1, "members": [{"value": "id-bob"}, {"value": "id-new"}]}
    ]
    assert service.server.requests[-1].headers["if-match"] == "7"


@pytest.mark.parametrize(("members", "method"), [(["id-ada"], "PUT"), (["id-ada", "id-bob"], "PATCH")])
def test_the_last_member_leaves_with_a_put_where_the_schema_requires_members(serve, members, method):
    schemas = listed(
        {
            "id": "urn:ietf:params:scim:schemas:core:2.0:Group",
            "attributes": [attribute("members", "complex", True, required=True)],
        }
    )
    staff = group("Staff", *members)
    service = Service(serve, {
        "GET /Schemas": schemas, "GET /Users": listed(ADA), "GET /Groups": groups(staff), "GET /Groups/g-Staff": staff,
        f"{method} /Groups/g-Staff": NOTHING,
    })  # fmt: skip
    assert service.run("USER_GROUPS", user="ada", groups=["Staff"], state="absent")["changed"]
    assert service.sent("PUT") == ([{**staff, "members": []}] if method == "PUT" else [])


def test_a_member_who_goes_by_the_user_name_is_removed_by_that_name(serve):
    """One reference is the address of the user, the other one is missing.

    A number is an id, and not a name that looks like it.
    """
    staff = {
        **group("Staff"),
        "members": [{"value": "ada", "$ref": "https://x/Users/id-ada"}, {"value": "bob"}, {"value": "7"}],
    }
    service = Service(serve, {
        "GET /Users": listed(ADA, BOB, user("7")), "GET /Groups": groups(staff), "PATCH /Groups/g-Staff": NOTHING,
    })  # fmt: skip
    assert shown(service) == [["Staff"], ["Staff"], []]
    users = [{"user": name, "groups": [], "groups_state": "exact"} for name in ("ada", "bob")]
    assert service.run("USERS", users=users, max_concurrency=1)["changed"]
    assert [body["Operations"][0]["path"] for body in service.sent("PATCH")] == [
        'members[value eq "ada"]',
        'members[value eq "bob"]',
    ]


def test_someone_who_has_left_meanwhile_is_no_error(serve):
    service = Service(serve, {
        "GET /Users": listed(ADA), "GET /Groups": groups(STAFF), "PATCH /Groups/g-Staff": error(400, "", "noTarget"),
        "GET /Groups/g-Staff": group("Staff", "id-bob"),
    })  # fmt: skip
    assert service.run("USER_GROUPS", user="ada", groups=["Staff"], state="absent")["changed"]
    refused = service.run("USER_GROUPS", user="ada", groups=["Staff"])
    assert not refused.get("failed"), "who is a member already needs nothing"


def test_a_group_that_is_gone_is_an_error_of_the_user(serve):
    service = Service(
        serve,
        {
            "GET /Users": listed(ADA),
            "GET /Groups": groups(BOARD),
            "PATCH /Groups/g-Board": error(404),
            "GET /Groups/g-Board": error(404),
        },
    )
    result = service.run("USER_GROUPS", user="ada", groups=["Board"])
    assert result["failed"] and "group Board" in result["msg"]


# -- several users of one group --------------------------------------------------------------------------------------


class Commits:
    """Several users who join one group at once: the first request is held until all others wait."""

    def __init__(self, serve, replies, users, most, joins):
        self.held, self.waiting, self.bodies, self.errors = threading.Event(), threading.Event(), [], {}
        self.replies, self.joins = replies, joins
        server = serve(self._answer)
        self.connection = Scim({"api_url": server.url, "api_token": "t"}, Masker())
        self.connection.deviations = replace(self.connection.deviations, joins=most, leaves=most)
        self.connection.cache["config"] = config("patch")
        memberships = Memberships(self.connection)
        threads = [threading.Thread(target=self._join, args=(memberships, name)) for name in users]
        threads[0].start()
        self.held.wait()
        for thread in threads[1:]:
            thread.start()
        while len(memberships.batches.waiting["g"]) < len(users) - 1:
            self.waiting.wait(0.001)
        self.waiting.set()
        for thread in threads:
            thread.join()

    def _join(self, memberships, name):
        try:
            memberships.change("g", name, self.joins)
        except ApiError as failure:
            self.errors[name] = failure.status

    def _answer(self, request):
        if request.method == "GET":
            return Reply(body=group("x", "there", id="g") if "/Groups/" in request.target else listed())
        operations = json.loads(request.body)["Operations"]
        joined = (
            [member["value"] for member in operations[0]["value"]]
            if self.joins
            else [step["path"].split('"')[1] for step in operations]
        )
        self.bodies.append(joined)
        if len(self.bodies) == 1:
            self.held.set()
            self.waiting.wait()
        return self.replies(joined)


@pytest.fixture
def commits(serve):
    """Return a function that lets users join a group at once."""

    def start(replies, users, most=100, joins=True):
        return Commits(serve, replies, users, most, joins)

    return start


def test_those_who_wait_for_a_group_travel_in_one_request(commits):
    made = commits(lambda joined: NOTHING, ["a", "b", "c", "d"])
    assert (
        made.bodies[0] == ["a"]
        and sorted(made.bodies[1]) == ["b", "c", "d"]
        and len(made.bodies) == 2
        and made.errors == {}
    )


def test_a_request_has_no_more_members_than_the_server_takes(commits):
    made = commits(lambda joined: NOTHING, ["a", "b", "c", "d"], most=2)
    assert [len(body) for body in made.bodies] == [1, 2, 1] and made.errors == {}


def test_those_who_leave_travel_in_one_request_too(commits):
    made = commits(lambda joined: NOTHING, ["a", "b", "c"], joins=False)
    assert made.bodies[0] == ["a"] and sorted(made.bodies[1]) == ["b", "c"] and made.errors == {}


def test_a_refused_request_is_sent_one_by_one_so_that_each_gets_its_own_error(commits):
    made = commits(
        lambda joined: error(400, "no such member") if "bad" in joined else NOTHING, ["a", "bad", "c", "there"]
    )
    assert made.errors == {"bad": 400}
    assert sorted(made.bodies[1]) == ["bad", "c", "there"] and sorted(map(tuple, made.bodies[2:])) == [
        ("bad",),
        ("c",),
    ], "who is there is not sent again"
