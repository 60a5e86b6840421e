# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra: how users are searched for and read, and how they are created."""

from __future__ import annotations

import json
import urllib.parse

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    RollcallError,
    UnreadableAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account, Desired, DesiredFacet
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import Policy
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.steps import Step
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import converge
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.accounts import ServiceAccounts
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.connection import WAITS
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.users import Users
from ansible_collections.rollcall.identity.tests.unit.fakes import bulk, single
from ansible_collections.rollcall.identity.tests.unit.kestra import ROW, WHOLE, asked, rows
from ansible_collections.rollcall.identity.tests.unit.web import Reply

# -- reading ---------------------------------------------------------------------------------------------------------


def test_a_search_is_sent_in_both_forms_and_compared(kestra):
    connection = kestra({"GET /users": rows({**ROW, "id": "u0", "username": "xada@x.org"}, ROW)})
    assert [account.id for account in Users(connection).lookup("ADA@x.org")] == ["u1"]
    query = dict(urllib.parse.parse_qsl(connection.server.requests[0].target.split("?")[1]))
    assert (query["q"], query["filters[q][EQUALS]"]) == ("ADA@x.org", "ADA@x.org")
    assert "sort" not in query


def test_a_look_up_keeps_whose_name_looks_alike(kestra):
    connection = kestra({"GET /users": rows({**ROW, "username": "\u212aim@x.org"})})
    assert [account.id for account in Users(connection).lookup("kim@x.org")] == ["u1"]


@pytest.mark.parametrize("status", [400, 404])
def test_an_unknown_id(kestra, status):
    assert Users(kestra({"GET /users/a%2Fb": Reply(status, "")})).get("a/b") is None


@pytest.mark.parametrize(
    ("more", "enabled"),
    [
        ({}, True),
        ({"tenants": []}, False),
        ({"tenants": [], "superAdmin": True}, True),
        ({"tenants": [], "auths": [{"id": "a"}]}, True),
        ({"tenants": [], "auths": None}, None),
        ({"auths": None}, True),
    ],
)
def test_who_has_nothing_to_come_in_with(kestra, more, enabled):
    assert Users(kestra({})).account({**ROW, **more}, whole=False).values.get("enabled") is enabled


def test_what_a_row_does_not_tell_is_read_by_id(kestra):
    bare = {"id": "u1", "username": "a@x.org"}
    users = Users(
        kestra(
            {
                "GET /users/u1": bare,
                "GET /users": rows(bare),
                "GET /tenants/search": rows({"id": "main"}),
                "GET /main/tenant-access/u1": Reply(404, ""),
                "GET /main/tenant-access": rows(),
            }
        )
    )
    account = users.account({"id": "u1", "username": "a@x.org", "auths": []}, whole=False)
    assert not {"enabled", "instance_owner"} & set(account.values)
    users.load(account, (), ("enabled",))
    # Both documents leave out what is empty. Without the flag it is unknown whether somebody owns the instance.
    assert (account.values["enabled"], account.values["instance_owner"], account.values["auth_methods"]) == (
        None,
        None,
        [],
    )


def test_a_read_of_names_reads_no_groups(kestra):
    connection = kestra({"GET /users/u1": WHOLE})
    users = Users(connection)
    users.load(users.account(ROW, whole=False), (), ("first_name",))
    assert asked(connection) == ["GET /users/u1"]


def test_a_few_users_of_a_small_directory_are_one_page_and_their_details(kestra):
    people = [{**ROW, "id": f"u{number}", "username": f"u{number}@x.org"} for number in range(60)]
    whole = {
        f"GET /users/u{number}": {**WHOLE, "id": f"u{number}", "email": f"u{number}@x.org"} for number in range(20)
    }
    connection = kestra({"GET /users": rows(*people), **whole})
    result = bulk(
        Users(connection),
        *[Desired(f"u{number}@x.org", fields={"first_name": "Ada"} if number < 5 else {}) for number in range(20)],
    )
    assert (result["changed"], result["reads"], result["api_calls"]) == (
        False, "1 page of 100, 0 look-ups, 5 detail reads", 6,
    )


@pytest.mark.parametrize(
    ("desired", "option"),
    [(Desired("ada"), "user"), (Desired("ada@x.org", previous=("ada",)), "previous_users")],
)
def test_what_is_no_address_is_named_with_its_option(kestra, desired, option):
    (problem,) = Users(kestra({})).check(desired)
    assert problem.endswith(
        f"{option}: 'ada' is not an e-mail address. Kestra identifies users by e-mail address: specify it."
    )
    assert problem.option == option


# -- creating --------------------------------------------------------------------------------------------------------


def create(users, facets=None, **more):
    desired = Desired("ada@x.org", fields={"email": "ada@x.org", **more})
    return users.writing(desired).create(Step("create", changes={"email": (None, "ada@x.org")}, facets=facets or {}))


def test_an_answer_without_the_user_is_followed_by_searches_and_a_read_by_id(kestra):
    connection = kestra(
        {"POST /users": Reply(201, ""), "GET /users": [rows(), rows(), rows(ROW)], "GET /users/u1": WHOLE}
    )
    account = create(Users(connection), password="Secret-1")
    assert (account.id, account.values["first_name"]) == ("u1", "Ada")
    assert asked(connection) == ["POST /users", "GET /users", "GET /users", "GET /users", "GET /users/u1"]


def test_the_wait_for_a_search_is_bounded(kestra):
    connection = kestra({"POST /users": Reply(201, ""), "GET /users": rows()})
    with pytest.raises(RollcallError, match="search does not show"):
        create(Users(connection))
    assert len(asked(connection)) == 2 + len(WAITS)


@pytest.mark.parametrize(("status", "message"), [(409, ""), (422, "e-mail already in use")])
@pytest.mark.parametrize("always", [(), ("password",)])
def test_somebody_who_was_there_is_taken_over(kestra, status, message, always):
    connection = kestra(
        {
            "POST /users": Reply(status, {"message": message}),
            "GET /users": [rows(), rows(), rows(ROW)],
            "GET /users/u1": {**WHOLE, "lastName": "Byron"},
            "PATCH /users/u1": {**WHOLE, "firstName": "Ada K."},
        }
    )
    desired = Desired(
        "ada@x.org",
        fields={"email": "ada@x.org", "first_name": "Ada K.", "password": "Secret-1"},
        always=frozenset(always),
    )
    context = Context({}, False, True, Masker())
    result = converge(context, Users(connection), [desired], Policy(min_admins=0))
    assert result["user"]["first_name"] == "Ada K."
    assert [notice.code for notice in context.notices] == ["adopted"]
    assert not [line for line in asked(connection) if line.endswith("/password")]


@pytest.mark.parametrize(
    ("status", "message", "looks"), [(409, "taken", 1 + len(WAITS)), (422, "password: too short", 1)]
)
def test_a_refusal_to_create_is_reported_where_nobody_is_there(kestra, status, message, looks):
    connection = kestra({"POST /users": Reply(status, {"message": message}), "GET /users": rows()})
    with pytest.raises(ApiError, match=message):
        single(Users(connection), Desired("ada@x.org", fields={"email": "ada@x.org"}))
    assert asked(connection).count("GET /users") == looks + 1  # the first is that of the plan


@pytest.mark.parametrize("status", [404, 405])
def test_access_that_an_old_server_cannot_give_alone(kestra, status):
    connection = kestra({"PUT /eu/tenant-access/u1": Reply(status, "")})
    users, step = Users(connection), Step("facet", "tenants", add={"eu": "eu"}, final={"eu": "eu"})
    desired = Desired("ada@x.org", facets={"tenants": DesiredFacet("present", ["eu"], entries={"eu": "eu"})})
    with pytest.raises(ApiError, match="grant access to the tenant to Ada"):
        users.writing(desired, users.account(ROW)).write(step)
    # With a group of the tenant it comes along there.
    desired.facets["groups"] = DesiredFacet("present", [], entries={"eu/g9": {}})
    users.writing(desired, users.account(ROW)).write(step)
    assert asked(connection) == ["PUT /eu/tenant-access/u1"] * 2


def test_an_owner_stays_one_when_the_user_is_replaced(kestra):
    owner = {**WHOLE, "lastName": "Byron", "superAdmin": True}
    connection = kestra(
        {
            "GET /users/u1": owner,
            "PUT /users/u1": {**owner, "superAdmin": False, "groups": []},
            "PATCH /users/u1/superadmin": {},
            "GET /main/bindings/search": rows(),
        }
    )
    users = Users(connection)
    desired = Desired("ada@x.org", facets={"groups": DesiredFacet("exact", [])})
    users.writing(desired, users.account(owner)).write(Step("facet", "groups", remove={"main/g1": {}}))
    assert asked(connection) == [
        "GET /users/u1", "GET /main/bindings/search", "PUT /users/u1", "PATCH /users/u1/superadmin",
    ]
    assert json.loads(connection.server.requests[2].body) == {
        "email": "Ada@x.org",
        "firstName": "Ada",
        "lastName": "Byron",
        "superAdmin": True,
        "restricted": False,
        "tenants": ["main"],
        "groups": [],
    }
    assert json.loads(connection.server.requests[3].body) == {"superAdmin": True}


def test_what_a_create_left_out_is_given_afterwards(kestra):
    bare = {**WHOLE, "tenants": [], "groups": []}
    connection = kestra(
        {"POST /users": bare, "PUT /main/tenant-access/u1": Reply(409, ""), "PUT /main/users/u1/groups": Reply(204, "")}
    )
    create(Users(connection), {"groups": {"main/g1": {}}})
    assert asked(connection) == ["POST /users", "PUT /main/tenant-access/u1", "PUT /main/users/u1/groups"]


# -- names, wishes ---------------------------------------------------------------------------------------------------


def test_a_field_that_the_server_did_not_take(kestra):
    users = Users(kestra({"PATCH /users/u1": WHOLE}))
    with pytest.raises(RollcallError, match=r"first_name of ada@x\.org should be ''"):
        users.writing(Desired("ada"), Account("u1", "ada@x.org", {})).update("profile", {"first_name": ""})


# -- names that are not unique, rows that say too little ---------------------------------------------------------------


@pytest.mark.parametrize("more", [
    {"username": {"a": 1}}, {"username": True}, {"email": 1.5}, {"auths": [None]}, {"tenants": [None]},
    {"tenants": [{"name": "main"}]}, {"groups": ["data"]},
])  # fmt: skip
def test_rows_and_documents_of_other_forms_are_refused(kestra, more):
    row = {"id": "x9", "username": "ada@x.org", "superAdmin": False, **more}
    users = Users(kestra({"GET /users": rows(row), "GET /users/x9": row}))
    for read in (users.listing, lambda: users.get("x9")):
        with pytest.raises(UnreadableAnswer, match="of x9"):
            read()


@pytest.mark.parametrize("name", [None, "", " "])
@pytest.mark.parametrize("family", ["users", "service-accounts"])
def test_a_row_without_a_name_is_no_reason_to_create(kestra, family, name):
    connection = kestra({f"GET /{family}": rows({"id": "x9", "username": name, "superAdmin": False})})
    directory = Users(connection) if family == "users" else ServiceAccounts(connection)
    with pytest.raises(UnreadableAnswer, match=r"Kestra reports 1 .* without a name \(id x9\)\.") as searched:
        directory.lookup("ci@x.org")
    assert searched.value.hint == "Add the name in Kestra, or specify ids."
    with pytest.raises(UnreadableAnswer, match=r"without a name \(id x9\)\.") as listed:
        directory.listing()
    assert listed.value.hint == "Add the name in Kestra."
