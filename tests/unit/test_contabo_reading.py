# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contabo: how users and roles are read, and what can be granted."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    RollcallError,
    UnreadableAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Desired
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import Policy
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import converge
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo import tasks
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo.users import SCHEMA, Users
from ansible_collections.rollcall.identity.tests.unit.contabo import (
    ADA_ID,
    NAMES,
    ONE_USER,
    ROLES,
    USERS,
    asked,
    connect,
    data,
    error,
    role,
    single,
    user,
    want,
)
from ansible_collections.rollcall.identity.tests.unit.web import Reply

# -- reading ---------------------------------------------------------------------------------------------------------


def test_a_look_up_compares_exactly_and_without_case(serve):
    near = user(userId="4f2c2a3e-5d0b-4d0a-9a39-0c6a1d7e0b12", email="not-ada@x.org")
    connection = connect(serve, {USERS: data(near, user(email="Ada@X.org"), total=2)})
    (account,) = Users(connection).lookup("ADA@x.ORG")
    assert account.id == ADA_ID
    (request,) = connection.server.requests
    assert parse_qs(urlsplit(request.target).query) == {"email": ["ada@x.org"], "page": ["1"], "size": ["100"]}


def test_a_look_up_keeps_whose_address_looks_alike(serve):
    connection = connect(serve, {USERS: data(user(email="\u212aim@x.org"), total=1)})
    assert [account.id for account in Users(connection).lookup("kim@x.org")] == [ADA_ID]


@pytest.mark.parametrize("nobody", [error(404, "No results"), data(total=0)])
def test_a_filtered_list_of_nobody_is_empty(serve, nobody):
    connection = connect(serve, {USERS: nobody})
    connection.roles()
    assert Users(connection).lookup("Ada@x.org") == []
    sent = [parse_qs(urlsplit(request.target).query) for request in connection.server.requests[1:]]
    assert [query["email"] for query in sent] == [["ada@x.org"], ["Ada@x.org"]]


@pytest.mark.parametrize("reply", [error(404, "No results"), Reply(404, ""), data(total=0)])
def test_a_list_of_all_users_without_any_is_not_an_empty_account(serve, reply):
    connection = connect(serve, {USERS: reply})
    with pytest.raises(UnreadableAnswer, match="it contains no users"):
        Users(connection).listing()


@pytest.mark.parametrize("desired", [Desired("ada@x.org", state="absent"), Desired("", id=ADA_ID, state="absent")])
def test_nobody_counts_as_gone_behind_a_wrong_address(serve, desired):
    nowhere = error(404, "Cannot GET /v1/v1/users")
    wrong = connect(serve, {USERS: nowhere, "GET " + ONE_USER: nowhere})
    with pytest.raises(UnreadableAnswer, match="it contains no users") as caught:
        single(wrong, desired)
    assert caught.value.hint == "Check that api_url is the address of the API."
    empty = error(404, "No results")
    right = connect(
        serve,
        {
            USERS: data(user(email="other@x.org"), total=1) if desired.id else [empty, data(user(), total=1), empty],
            "GET " + ONE_USER: empty,
        },
    )
    for calls in (2, 3):
        assert single(right, desired)["changed"] is False
        assert len(asked(right)) == calls, "it is asked for once"


def test_a_page_size_that_is_refused_is_lowered(serve):
    everybody = [
        user(userId=f"{number:08d}-5d0b-4d0a-9a39-0c6a1d7e0b11", email=f"u{number}@x.org") for number in range(25)
    ]

    def page(request):
        query = parse_qs(urlsplit(request.target).query)
        number, size = int(query["page"][0]), int(query["size"][0])
        return (
            Reply(body=data(*everybody[(number - 1) * size : number * size], total=25))
            if size <= 10
            else error(400, ["size must not be greater than 10"])
        )

    connection = connect(serve, {})
    connection.server.replies = [page]
    assert len(Users(connection).listing().accounts) == 25
    sizes = [parse_qs(urlsplit(request.target).query)["size"] for request in connection.server.requests]
    assert sizes == [["100"], ["50"], ["20"], ["10"], ["10"], ["10"]]
    other = connect(serve, {USERS: [error(400, "email must be an email"), error(400, "whatever")]})
    with pytest.raises(ApiError, match="must be an email"):
        Users(other).lookup("ada@x.org")


@pytest.mark.parametrize("most", [100, 30, 10, 3, 1])
def test_users_and_roles_are_read_at_once_from_a_server_with_smaller_pages(serve, most):
    """Each reading has one page size, its own: what the other one finds out meanwhile changes nothing."""
    people = [
        user(userId=f"{number:08d}-5d0b-4d0a-9a39-0c6a1d7e0b11", email=f"u{number}@x.org", roles=[role(1 + number % 4)])
        for number in range(23)
    ]
    limits = {"/v1/users": most, "/v1/roles": max(1, most // 2)}
    rows = {"/v1/users": people, "/v1/roles": [role(number) for number in NAMES]}

    def page(request):
        path, query = request.target.split("?")[0], parse_qs(urlsplit(request.target).query)
        number, size = int(query["page"][0]), int(query["size"][0])
        if size > limits[path]:
            return error(422, "no")
        return Reply(body=data(*rows[path][(number - 1) * size:number * size], total=len(rows[path])))

    connection = connect(serve, {})
    connection.server.replies = [page]
    wanted = [want(f"u{number}@x.org", roles=[{"id": 1 + number % 4}]) for number in range(23)]
    result = converge(
        Context({}, False, True, connection.masker),
        Users(connection, bulk=True),
        wanted,
        Policy(bulk=True, unlisted="report"),
    )
    assert (result["changed"], result["unlisted"], result["summary"]["unchanged"]) == (False, [], 23)


def test_a_404_of_a_proxy_is_not_an_empty_list(serve):
    connection = connect(serve, {USERS: Reply(404, "<html>")})
    with pytest.raises(UnreadableAnswer, match="not an answer of the API"):
        Users(connection).lookup("ada@x.org")


def test_all_pages_are_read(serve):
    everybody = [
        user(userId=f"{number:08d}-5d0b-4d0a-9a39-0c6a1d7e0b11", email=f"u{number}@x.org") for number in range(25)
    ]

    def page(request):
        number = int(parse_qs(urlsplit(request.target).query)["page"][0])
        return Reply(body=data(*everybody[(number - 1) * 10:number * 10], total=25))

    connection = connect(serve, {})
    connection.server.replies = [page]
    snapshot = Users(connection).listing()
    assert (len(snapshot.accounts), snapshot.complete, snapshot.pages) == (25, True, 3)


@pytest.mark.parametrize("rest", [data(total=2), error(404, "No results")])
def test_a_truncated_list_is_an_error(serve, rest):
    for read in (lambda users: users.listing(), lambda users: users.search({"enabled": True})):
        users = Users(connect(serve, {USERS: [data(user(), total=2), rest] * 2}))
        with pytest.raises(UnreadableAnswer, match="ended after 1 of 2") as caught:
            read(users)
        assert f"[request {users.connection.server.requests[-1].headers['x-request-id']}]" in caught.value.sentence()


def test_a_list_without_a_total_ends_at_an_empty_page(serve):
    connection = connect(serve, {USERS: [data(user()), error(404, "No results")]})
    assert Users(connection).listing().complete is True


@pytest.mark.parametrize(
    ("more", "privileged", "owner"),
    [
        ({}, False, False),
        ({"roles": [role(1)]}, True, False),
        ({"roles": [1]}, True, False),
        ({"roles": [2]}, False, False),
        ({"roles": [{"roleId": 1, "name": "Administrator"}]}, True, False),
        ({"roles": [], "owner": True}, True, True),
        ({"roles": None}, None, False),
        ({"roles": "Administrator"}, None, False),
        ({"roles": None, "owner": True}, True, True),
        ({"owner": None}, None, None),
        ({"owner": "yes", "roles": [role(1)]}, True, None),
        ({"roles": [{"roleId": 2, "admin": None}]}, False, False),
        ({"roles": [{"roleId": 9, "admin": None}]}, None, False),
        ({"roles": [9]}, None, False),
    ],
)
def test_who_is_privileged(serve, more, privileged, owner):
    account = Users(connect(serve, {})).account(user(**more))
    assert (SCHEMA.normalise(account.values)["privileged"], account.owner) == (privileged, owner)


@pytest.mark.parametrize("roles", [[None], [{}], [{"roleId": None}], [[]], [{"roleId": ""}], [True]])
def test_a_role_without_an_id_is_an_error(serve, roles):
    with pytest.raises(UnreadableAnswer, match="role without roleId"):
        Users(connect(serve, {})).account(user(roles=roles))


@pytest.mark.parametrize("more", [{"userId": None}, {"email": None}, {"userId": 7}])
def test_a_user_without_id_or_address_is_an_error(serve, more):
    connection = connect(serve, {"GET " + ONE_USER: data(user(**more))})
    with pytest.raises(RollcallError, match="without userId or email") as caught:
        Users(connection).get(ADA_ID)
    sent = connection.server.requests[0].headers["x-request-id"]
    assert caught.value.message.endswith(f"[request {sent}]")
    assert caught.value.more == {"request_id": sent}


def test_roles_that_a_list_leaves_out_are_read(serve):
    listed = user()
    del listed["roles"]
    connection = connect(serve, {USERS: data(listed, total=1), "GET " + ONE_USER: data(user())})
    assert single(connection, want(roles=["Reader"], mode="exact"))["changed"] is False
    silent = connect(serve, {USERS: data(listed, total=1), "GET " + ONE_USER: data(listed)})
    with pytest.raises(RollcallError, match="does not report the roles") as caught:
        single(silent, want(roles=["Reader"], mode="exact"))
    assert caught.value.subject == "ada@x.org"


# -- what can be granted ---------------------------------------------------------------------------------------------


def granting(connection, **params):
    """List what can be granted."""
    every = {"kinds": ["roles"], "name": None, "members": False, **params}
    return tasks.ROLE_INFO.run(Context(every, False, False, connection.masker), connection)


def test_roles_are_listed_with_what_they_allow(serve):
    rights = {"apiName": "/v1/users", "actions": ["READ"], "resources": []}
    rows = [{**role(2), "type": "custom", "accessAllResources": False, "permissions": [rights]}, role(1)]
    connection = connect(serve, {ROLES: data(*rows, total=2)})
    bare = {"type": None, "access_all_resources": None, "permissions": [], "members": None}
    assert granting(connection)["roles"] == [
        {"id": "1", "name": "Administrator", "admin": True, **bare},
        {"id": "2", "name": "Reader", "admin": False, **bare, "type": "custom", "access_all_resources": False,
         "permissions": [{"api_name": "/v1/users", "actions": ["READ"], "resources": []}]},
    ]  # fmt: skip
    assert [target.split("?")[0] for target, _body in asked(connection)] == [ROLES]


def test_members_of_roles_come_from_the_list_of_users(serve):
    connection = connect(serve, {USERS: data(user(), total=1)})
    assert granting(connection, name="reader", members=True)["roles"][0]["members"] == [
        {"id": ADA_ID, "user": "ada@x.org"}
    ]
    assert granting(connect(serve, {}), name="nobody", members=True)["roles"] == []
    with pytest.raises(UnreadableAnswer, match="does not report the roles"):
        granting(connect(serve, {USERS: data(user(roles=None), total=1)}), members=True)
