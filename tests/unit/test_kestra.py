# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra: answers of all versions, errors of every form, waiting for searches, names, tokens and times."""

from __future__ import annotations

import json
import urllib.parse

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    GuardError,
    InputError,
    RollcallError,
    UnclearAnswer,
    UnreadableAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.api import Answer
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account, Desired, DesiredFacet
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import Policy
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.steps import Step
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import converge, locate
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.tokens import plan_absent
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra import account_tasks, tasks, tokens
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.access import by_tenant
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.accounts import (
    ServiceAccounts,
    TenantServiceAccounts,
)
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.connection import (
    OPERATIONS,
    WAITS,
    Kestra,
    KestraReader,
    is_owner,
    page_of,
)
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.methods import LoginMethods
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.users import Users
from ansible_collections.rollcall.identity.tests.unit.fakes import FakeClock, bulk, single
from ansible_collections.rollcall.identity.tests.unit.web import Reply

ROW = {
    "id": "u1",
    "username": "Ada@x.org",
    "displayName": "Ada",
    "restricted": False,
    "tenants": [{"id": "main"}],
    "auths": [],
    "superAdmin": False,
}
WHOLE = {**ROW, "email": "Ada@x.org", "firstName": "Ada", "groups": [{"id": "g1", "tenantId": "main"}]}
TENANTS = {
    "results": [
        {"id": "main", "name": "Main", "deleted": False},
        {"id": "eu", "name": "EU"},
        {"id": "old", "deleted": True},
    ],
    "total": 3,
}
GROUPS = {"results": [{"id": "g1", "name": "data"}, {"id": "g2", "name": "2024"}], "total": 2}


def rows(*found):
    """Return one page that is all there is."""
    return {"results": list(found), "total": len(found)}


@pytest.fixture
def kestra(serve):
    """Return a function that connects to a Kestra with answers by method and path, a list for answers in order."""

    def connect(routes, **params):
        def route(request):
            reply = routes[f"{request.method} {request.target.split('?')[0].removeprefix('/api/v1')}"]
            if isinstance(reply, list):
                reply = reply.pop(0)
            return reply if isinstance(reply, Reply) else Reply(body=reply)

        server = serve(route)
        made = Kestra(
            {"api_url": server.url, "api_token": "given-token", "api_retries": 0, **params}, Masker(), FakeClock()
        )
        made.server = server
        return made

    return connect


def asked(connection):
    """Return what the server was asked: method and path below the version."""
    return [
        f"{request.method} {request.target.split('?')[0].removeprefix('/api/v1')}"
        for request in connection.server.requests
    ]


def answer(body, status=200, operation="get_user"):
    return Answer(OPERATIONS[operation], status, {}, body if isinstance(body, str) else json.dumps(body))


# -- answers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            {
                "message": "Conflict",
                "_links": {"self": {}},
                "_embedded": {"errors": [{"message": "is taken", "path": "email"}]},
            },
            "email: is taken",
        ),
        ({"message": "Not Found", "_links": {}}, "Not Found"),
        ("", ""),
        ("<html>Bad gateway</html>", "an HTML page"),
        ("plain\nwords", "plain words"),
    ],
)
def test_errors_of_every_form(body, said):
    message = KestraReader().message_of(answer(body, 422))
    assert said in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("operation", "status", "said"),
    [
        ("list_users", 401, "not retried"),
        ("list_users", 403, "instance owner"),
        ("search_groups", 403, "permission"),
        ("update_current_user_password", 401, "old_password"),
        ("update_user_groups", 404, "access to the tenant"),
        ("create_user", 404, "A tenant or a group"),
        ("list_service_accounts_for_tenant", 404, "the tenant"),
        ("create_user", 500, "server error"),
    ],
)
def test_what_to_do_about_it(operation, status, said):
    assert said in KestraReader().hint_for(OPERATIONS[operation], status, "")


def test_the_flag_has_two_names():
    assert is_owner({"superAdmin": True}) is True
    assert is_owner({"instanceOwner": False, "superAdmin": True}) is False
    assert is_owner({}) is None


@pytest.mark.parametrize(
    ("body", "number", "total"), [(rows(ROW), 1, 1), ([ROW, ROW], 2, None), ({"results": [], "total": 0}, 0, 0)]
)
def test_pages(body, number, total):
    page = page_of(answer(body, operation="list_users"))
    assert (len(page.rows), page.total) == (number, total)


@pytest.mark.parametrize("body", [{"rows": []}, "5", ""])
def test_a_page_that_is_none(body):
    with pytest.raises(RollcallError, match="no list of results"):
        page_of(answer(body, operation="list_users"))


# -- the connection --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({}, "api_token is missing"),
        ({"api_user": "a@x.org"}, "api_password is missing"),
        ({"api_password": "secret"}, "api_user is missing"),
    ],
)
def test_credentials_that_are_missing(params, said):
    with pytest.raises(InputError, match=said):
        Kestra({"api_url": "http://127.0.0.1:1", **params}, Masker(), FakeClock())


def test_a_token_wins_over_a_password(kestra):
    both = kestra({"GET /users/u1": WHOLE}, api_user="a@x.org", api_password="secret")
    Users(both).get("u1")
    assert both.server.requests[0].headers["authorization"] == "Bearer given-token"
    basic = kestra({"GET /users/u1": WHOLE}, api_token=None, api_user="a@x.org", api_password="secret")
    Users(basic).get("u1")
    assert basic.server.requests[0].headers["authorization"].startswith("Basic ")


def test_wrong_credentials_are_sent_once(kestra):
    connection = kestra({"GET /users": Reply(401, "")})
    users = Users(connection)
    for _time in range(3):
        with pytest.raises(ApiError, match="401"):
            users.concurrently(users.lookup, [f"u{number}@x.org" for number in range(20)])
    assert len(connection.server.requests) == 1


def test_the_expected_tenant(kestra):
    kestra({"GET /tenants/main": {"id": "main"}}, expected_account="main").verify()
    with pytest.raises(InputError, match="expected_account is MAIN, and these credentials belong to account main"):
        kestra({"GET /tenants/main": {"id": "main"}}, expected_account="MAIN").verify()
    with pytest.raises(InputError, match="expected_account is eu, and these credentials belong to account main"):
        kestra({"GET /tenants/main": {"id": "main"}}, expected_account="eu").verify()
    with pytest.raises(InputError, match="there is no tenant main on this server"):
        kestra({"GET /tenants/main": Reply(404, "")}, expected_account="main").verify()


@pytest.mark.parametrize(("reply", "caller"), [({"id": "u9"}, "u9"), (Reply(403, ""), None), ({}, None)])
def test_the_caller_is_asked_once(kestra, reply, caller):
    connection = kestra({"GET /me": reply})
    assert (connection.caller(), connection.caller()) == (caller, caller)
    assert asked(connection) == ["GET /me"]


@pytest.mark.parametrize(
    ("prefix", "own"),
    [
        ("given", True),
        ("given-token", True),
        ("given***", True),
        ("other", False),
        ("", None),
        (None, None),
        ("***", None),
        (7, None),
    ],
)
def test_the_own_token_is_known_by_its_prefix(kestra, prefix, own):
    assert kestra({}).owns(prefix) is own


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


@pytest.mark.parametrize("flag", [{}, {"superAdmin": None}, {"instanceOwner": None}, {"superAdmin": "true"}])
@pytest.mark.parametrize(
    "change", [{"state": "absent"}, {"fields": {"instance_owner": False}}, {"fields": {"enabled": False}}]
)
def test_who_may_be_an_owner_is_kept_as_one(kestra, flag, change):
    owner = {
        "id": "me",
        "username": "me@x.org",
        "email": "me@x.org",
        "auths": [],
        "tenants": [],
        "groups": [],
        "superAdmin": True,
    }
    other = {name: value for name, value in WHOLE.items() if name != "superAdmin"} | flag
    routes = {
        "GET /users": rows(owner, other), "GET /users/u1": other, "GET /users/me": owner, "GET /me": {"id": "me"},
        "GET /tenants/search": TENANTS, "GET /main/groups/search": GROUPS,
    }
    connection = kestra(routes, max_concurrency=1)
    with pytest.raises(GuardError, match="did not report whether") as caught:
        bulk(Users(connection), Desired("ada@x.org", **change), min_admins=2, protect=())
    assert caught.value.code == "min_admins"
    assert not [request for request in connection.server.requests if request.method != "GET"]


def test_a_flag_that_is_not_reported_is_not_overwritten(kestra):
    unknown = {name: value for name, value in WHOLE.items() if name != "superAdmin"}
    routes = {
        "GET /users/u1": unknown, "GET /main/bindings/search": rows(), "PUT /main/users/u1/groups": Reply(204, ""),
        "GET /main/tenant-access/u1": {"userId": "u1"},
    }
    connection = kestra(routes)
    users = Users(connection)
    desired = Desired("ada@x.org", facets={"groups": DesiredFacet("exact", [])})
    users.writing(desired, users.account(unknown)).write(Step("facet", "groups", remove={"main/g1": {}}))
    assert "PUT /users/u1" not in asked(connection)


BOUND = {
    "id": "b1",
    "type": "USER",
    "role": {"id": "r1", "name": "Viewer"},
    "user": {"id": "u1"},
    "namespace": "company.data",
}


@pytest.mark.parametrize(("status", "bound"), [(404, 1), (200, 0)])
def test_the_last_group_takes_no_roles_along(kestra, status, bound):
    routes = {
        "GET /main/bindings/search": rows(BOUND),
        "PUT /main/users/u1/groups": Reply(204, ""),
        "GET /main/tenant-access/u1": Reply(status, "{}"),
        "PUT /main/tenant-access/u1": Reply(201, ""),
        "POST /main/bindings": {"id": "b2"},
    }
    connection = kestra(routes)
    users = Users(connection)
    account = users.account(WHOLE)
    account.details["bindings"] = {"main/r1/company.data": ["b1"]}
    desired = Desired("ada@x.org", facets={"groups": DesiredFacet("absent", ["data"])})
    writing = users.writing(desired, account)
    writing.write(Step("facet", "groups", remove={"main/g1": {}}))
    after = writing.account
    assert asked(connection).count("POST /main/bindings") == bound
    assert after.details["bindings"] == {"main/r1/company.data": ["b2" if bound else "b1"]}


def test_a_tenant_that_is_to_go_is_not_given_again(kestra):
    connection = kestra({"PUT /main/users/u1/groups": Reply(204, "")})
    users = Users(connection)
    tenants = DesiredFacet("absent", ["main"], entries={"main": "main"})
    desired = Desired("ada@x.org", facets={"groups": DesiredFacet("absent", ["data"]), "tenants": tenants})
    users.writing(desired, users.account(WHOLE)).write(Step("facet", "groups", remove={"main/g1": {}}))
    assert asked(connection) == ["PUT /main/users/u1/groups"]


def test_roles_that_are_lost_with_a_group_are_named(kestra):
    routes = {
        "GET /main/bindings/search": rows(BOUND),
        "GET /main/roles/search": rows({"id": "r1", "name": "Viewer"}),
        "PUT /main/users/u1/groups": Reply(204, ""),
        "GET /main/tenant-access/u1": Reply(404, ""),
        "PUT /main/tenant-access/u1": Reply(201, ""),
        "POST /main/bindings": Reply(403, ""),
    }
    users = Users(kestra(routes))
    desired = Desired("ada@x.org", facets={"groups": DesiredFacet("absent", ["data"])})
    with pytest.raises(ApiError) as caught:
        users.writing(desired, users.account(WHOLE)).write(Step("facet", "groups", remove={"main/g1": {}}))
    assert "Viewer" in caught.value.hint


def test_the_door_is_closed_before_sessions_and_tokens_end(kestra):
    whole = {**WHOLE, "auths": [{"id": "a1"}], "tenants": [], "groups": []}
    token = {"id": "t1", "name": "ci", "prefix": "abc", "iat": "2026-01-01T00:00:00Z", "expired": False}
    connection = kestra(
        {
            "GET /users/u1": whole,
            "DELETE /users/u1/auths/a1": whole,
            "DELETE /users/u1/refresh-token": Reply(204, ""),
            "GET /tenants/search": rows(),
            "GET /users/u1/api-tokens": {"results": [token]},
            "DELETE /users/u1/api-tokens/t1": Reply(204, ""),
        }
    )
    users = Users(connection)
    users.writing(Desired("ada"), users.account(whole)).update("enabled", {"enabled": False})
    writes = [line for line in asked(connection) if line.startswith("DELETE")]
    assert writes == ["DELETE /users/u1/auths/a1", "DELETE /users/u1/refresh-token", "DELETE /users/u1/api-tokens/t1"]


@pytest.mark.parametrize(("facet", "item"), [("groups", "data"), ("roles", "Viewer")])
@pytest.mark.parametrize(("mode", "tenants"), [("exact", []), ("absent", ["main"])])
def test_access_without_its_tenant_is_refused_before_any_write(kestra, facet, item, mode, tenants):
    users = Users(
        kestra(
            {
                "GET /tenants/search": TENANTS,
                "GET /main/groups/search": GROUPS,
                "GET /main/roles/search": rows({"id": "r1", "name": "Viewer"}),
            }
        )
    )
    desired = Desired(
        "ada@x.org", facets={"tenants": DesiredFacet(mode, tenants), facet: DesiredFacet("present", [item])}
    )
    assert [problem.code for problem in users.resolve([desired])] == ["contradiction"]


@pytest.mark.parametrize("managed", [[], ["eu"], None])
def test_roles_bring_the_access_to_tenants_that_are_not_managed(kestra, managed):
    connection = kestra({"PUT /main/tenant-access/u1": Reply(201, ""), "POST /main/bindings": {"id": "b1"}})
    users = Users(connection)
    mode = "present" if managed is None else "managed"
    tenants = DesiredFacet(mode, [], managed, bounds=dict.fromkeys(managed or ()))
    desired = Desired("ada@x.org", facets={"tenants": tenants, "roles": DesiredFacet("present", ["Viewer"])})
    users.writing(desired, users.account({**ROW, "tenants": []})).write(Step("facet", "roles", add={"main/r1/": {}}))
    assert asked(connection) == ["PUT /main/tenant-access/u1", "POST /main/bindings"]


def test_a_way_in_for_somebody_who_is_blocked_counts_as_reopening(kestra):
    blocked = {**WHOLE, "tenants": [], "groups": []}
    connection = kestra(
        {
            "GET /users": rows({**ROW, "tenants": []}),
            "GET /users/u1": blocked,
            "GET /tenants/search": TENANTS,
            "GET /main/groups/search": GROUPS,
            "GET /me": {"id": "me"},
        },
        max_concurrency=1,
    )
    with pytest.raises(GuardError) as caught:
        bulk(
            Users(connection),
            Desired("ada@x.org", facets={"groups": DesiredFacet("present", ["data"])}),
            reopen_limit="0",
        )
    assert caught.value.code == "reopen_limit"


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


def test_login_methods_that_a_row_does_not_tell_are_read(kestra):
    users = LoginMethods(kestra({"GET /users/u1": {**WHOLE, "auths": [{"id": "a1", "name": "okta", "type": "OIDC"}]}}))
    account = users.account({"id": "u1", "username": "Ada@x.org"}, whole=False)
    assert "auth_methods" not in account.facets
    users.load(account, ("auth_methods",), ())
    assert list(account.facets["auth_methods"]) == ["a1"]


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


def resolve(connection, facet, *items, mode="present", everywhere=True):
    desired = Desired("ada@x.org", facets={facet: DesiredFacet(mode, list(items))})
    users = Users(connection, everywhere=everywhere)
    problems = users.resolve([desired])
    return users, desired.facets[facet].entries, problems


@pytest.mark.parametrize("many", [True, False])
def test_groups_that_others_give_before_the_write_stay(kestra, many):
    later = {**WHOLE, "groups": [{"id": "g1", "tenantId": "main"}, {"id": "g3", "tenantId": "main"}]}
    groups = rows({"id": "g1", "name": "data"}, {"id": "g2", "name": "2024"}, {"id": "g3", "name": "late"})
    routes = {
        "GET /tenants/search": TENANTS, "GET /main/groups/search": groups, "GET /users": rows(ROW),
        "GET /users/u1": [WHOLE, later], "PUT /main/users/u1/groups": Reply(204, ""),
    }
    connection = kestra(routes, max_concurrency=1)
    desired = Desired("ada@x.org", facets={"groups": DesiredFacet("present", ["2024"])})
    directory = Users(connection)
    result = (bulk if many else single)(directory, desired)
    body = json.loads(connection.server.requests[-1].body)
    assert body == {"groupIds": ["g1", "g2", "g3"] if many else ["g1", "g2"]}  # who is alone was read right before
    assert asked(connection).count("GET /users/u1") == (2 if many else 1)
    [user] = result["users"] if many else [result["user"]]
    assert [group["name"] for group in user["groups"]] == (["2024", "data", "late"] if many else ["2024", "data"])


def test_groups_carry_their_tenant(kestra):
    routes = {
        "GET /tenants/search": TENANTS,
        "GET /main/groups/search": GROUPS,
        "GET /eu/groups/search": rows({"id": "g9", "name": "data"}),
    }
    users, entries, problems = resolve(
        kestra(routes), "groups", "data", 2024, {"tenant": "eu", "name": "data"}, {"id": "g2"}, everywhere=False
    )
    assert problems == []
    assert sorted(entries) == ["eu/g9", "main/g1", "main/g2"]
    assert entries["eu/g9"] == {"tenant": "eu", "name": "data"}
    assert users.scope == {"eu", "main"}
    assert by_tenant(entries) == {"main": ["g1", "g2"], "eu": ["g9"]}


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("dta", "similar names: 'data'"),
        ({"tenant": "old", "name": "data"}, "there is no tenant named 'old'"),
        ({"name": "data", "namespace": "x"}, "unknown key namespace"),
        ({"tenant": "main"}, "neither a name nor an id"),
        ({"tenant": "", "name": "data"}, "tenant is blank"),
        ({"tenant": ["main"], "name": "data"}, "not text"),
        ({"id": "g1", "name": "2024"}, "groups[0]: id g1 is the group 'data', not '2024'"),
        (["data"], "is not a group"),
    ],
)
def test_groups_that_are_none(kestra, item, said):
    routes = {"GET /tenants/search": TENANTS, "GET /main/groups/search": GROUPS}
    assert said in resolve(kestra(routes), "groups", item)[2][0]


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({"role": "Viewer", "namespace": ""}, "blank_value"),
        ({"role": "Viewer", "namespace": ["a"]}, "invalid_value"),
        ({"name": "Viewer"}, "unknown_key"),
        ({"namespace": "a"}, "missing_field"),
        ({"id": "r1", "role": "Admin"}, "id_mismatch"),
        ({"role": "Viewer", "tenant": "nowhere"}, "unknown_tenant"),
        (["Viewer"], "invalid_value"),
    ],
)
def test_roles_that_are_none(kestra, item, code):
    routes = {
        "GET /tenants/search": TENANTS,
        "GET /main/roles/search": rows({"id": "r1", "name": "Viewer"}, {"id": "r2", "name": "Admin"}),
    }
    _users, entries, problems = resolve(kestra(routes), "roles", "Viewer", item)
    assert list(entries) == ["main/r1/"]
    assert [(problem.code, problem.option) for problem in problems] == [(code, "roles[1]")]


def test_roles_carry_tenant_and_namespace(kestra):
    routes = {"GET /tenants/search": TENANTS, "GET /main/roles/search": rows({"id": "r1", "name": "Viewer"})}
    entries = resolve(kestra(routes), "roles", "Viewer", {"role": "Viewer", "namespace": "a.b"})[1]
    assert entries == {
        "main/r1/": {"tenant": "main", "role": "Viewer", "namespace": None},
        "main/r1/a.b": {"tenant": "main", "role": "Viewer", "namespace": "a.b"},
    }


def test_an_empty_list_speaks_of_the_connections_tenant(kestra):
    assert resolve(kestra({}), "groups", mode="exact", everywhere=False)[0].scope == {"main"}
    assert resolve(kestra({}), "groups", mode="exact")[0].scope is None


def target(fields, facets=(), enabled=None, held=(), always=()):
    """Return a wish of a user with groups, and the account it is for (None: nobody is there)."""
    wishes = {"groups": DesiredFacet("present", list(facets), entries={key: {} for key in facets})} if facets else {}
    account = (
        None
        if enabled is None
        else Account(
            "u1", "ada@x.org", {"enabled": enabled}, {"tenants": {"main": "main"}, "groups": {key: {} for key in held}}
        )
    )
    return Desired("ada@x.org", fields=fields, facets=wishes, always=frozenset(always)), account


@pytest.mark.parametrize(
    ("wished", "said"),
    [
        (target({"enabled": False}, ["main/g1"], True), "groups would let the user log in"),
        (target({"enabled": False}, ["main/g1"], True, held=["main/g1"]), "groups would let the user log in"),
        (target({"enabled": False}, ["main/g1"], False), "groups would let the user log in"),
        (target({"enabled": False, "password": "x"}), "password would let the user log in"),
        (
            target({"enabled": False, "password": "x"}, (), False, always=["password"]),
            "password would let the user log in",
        ),
        (target({"enabled": False, "instance_owner": True}, (), True), "instance_owner would let the user log in"),
        (target({"enabled": False, "instance_owner": True}, (), False), "instance_owner would let the user log in"),
        (target({"enabled": True}, (), False), "the user cannot log in"),
        (target({"enabled": True}), "the user cannot log in"),
        (target({"enabled": True, "password": "x"}, (), False), "the user cannot log in"),
    ],
)
def test_wishes_for_a_login_that_nothing_could_make_so(kestra, wished, said):
    with pytest.raises(InputError, match=said) as caught:
        Users(kestra({})).complete(*wished)
    assert caught.value.problems[0].code == "contradiction"
    assert caught.value.problems[0].option == "enabled"


@pytest.mark.parametrize(
    ("wished", "fields"),
    [
        (target({"enabled": True}, ["main/g1"]), {}),
        (target({"enabled": True}, ["main/g1"], False), {"enabled": True}),
        (target({"enabled": True}, (), True), {}),
        (target({"enabled": False}, ["main/g1"], False, held=["main/g1"]), {}),
        (target({"enabled": False}, (), True), {"enabled": False}),
        (target({"enabled": False, "password": "x"}, (), True), {"enabled": False, "password": "x"}),
        (target({}, ["main/g1"], True), {}),
        (target({}, ["main/g1"], False), {"enabled": True}),
    ],
)
def test_what_is_left_of_a_wish_for_a_login(kestra, wished, fields):
    assert Users(kestra({})).complete(*wished).fields == fields


@pytest.mark.parametrize(
    ("mode", "left", "bounds", "methods", "owner", "refused"),
    [
        ("exact", [], [], [], None, True),
        ("exact", [], [], ["BASIC_AUTH"], None, False),
        ("exact", [], [], None, None, False),
        ("managed", [], ["main"], [], None, True),
        ("managed", [], ["eu"], [], None, False),
        ("present", [], [], [], False, False),
        ("exact", ["main"], [], [], None, False),
        ("exact", [], [], [], True, False),
    ],
)
def test_a_login_that_is_wished_for_keeps_a_way_in(kestra, mode, left, bounds, methods, owner, refused):
    values = {"enabled": True, "instance_owner": False, **({} if methods is None else {"auth_methods": methods})}
    account = Account("u1", "ada@x.org", values, {"tenants": {"main": "main"}})
    tenants = DesiredFacet(mode, left, bounds, dict.fromkeys(left), dict.fromkeys(bounds))
    fields = {"enabled": True, **({} if owner is None else {"instance_owner": owner})}
    desired = Desired("ada@x.org", fields=fields, facets={"tenants": tenants})
    if not refused:
        assert "enabled" not in Users(kestra({})).complete(desired, account).fields
        return
    with pytest.raises(InputError, match="would keep no login method") as caught:
        Users(kestra({})).complete(desired, account)
    assert caught.value.problems[0].code == "contradiction"


def test_a_way_in_for_somebody_who_may_be_blocked_counts_as_reopening(kestra):
    unknown = {**{name: value for name, value in WHOLE.items() if name != "superAdmin"}, "tenants": [], "groups": []}
    connection = kestra(
        {
            "GET /users": rows({**unknown, "groups": None}),
            "GET /users/u1": unknown,
            "GET /tenants/search": TENANTS,
            "GET /main/groups/search": GROUPS,
            "GET /me": {"id": "me"},
        },
        max_concurrency=1,
    )
    with pytest.raises(GuardError) as caught:
        bulk(
            Users(connection),
            Desired("ada@x.org", facets={"groups": DesiredFacet("present", ["data"])}),
            reopen_limit="0",
        )
    assert caught.value.code == "reopen_limit"


def test_a_user_who_is_to_go_is_not_asked_for_ways_in(kestra):
    desired, account = target({"enabled": True}, (), False)
    desired.state = "absent"
    assert Users(kestra({})).complete(desired, account) is desired


def test_tenants_that_groups_bring_along_show_in_the_plan(kestra):
    routes = {"GET /tenants/search": TENANTS, "GET /eu/groups/search": rows({"id": "g9", "name": "data"})}
    desired = Desired(
        "ada@x.org",
        facets={
            "tenants": DesiredFacet("present", ["main"]),
            "groups": DesiredFacet("present", [{"tenant": "eu", "name": "data"}]),
        },
    )
    assert Users(kestra(routes)).resolve([desired]) == []
    assert sorted(desired.facets["tenants"].entries) == ["eu", "main"]


@pytest.mark.parametrize(
    ("status", "left", "fails"), [(500, [], False), (404, [], False), (422, [{"id": "a1"}], True), (403, [], True)]
)
def test_a_login_method_that_is_gone(kestra, status, left, fails):
    users = LoginMethods(
        kestra({"DELETE /users/u1/auths/a1": Reply(status, ""), "GET /users/u1": {**WHOLE, "auths": left}})
    )
    account = Account("u1", "ada@x.org", {})
    if fails:
        with pytest.raises(ApiError):
            users.writing(Desired("ada"), account).remove_method("a1")
    else:
        users.writing(Desired("ada"), account).remove_method("a1")


def test_a_field_that_the_server_did_not_take(kestra):
    users = Users(kestra({"PATCH /users/u1": WHOLE}))
    with pytest.raises(RollcallError, match=r"first_name of ada@x\.org should be ''"):
        users.writing(Desired("ada"), Account("u1", "ada@x.org", {})).update("profile", {"first_name": ""})


def test_a_lost_binding_is_waited_for(kestra):
    bound = {"id": "b1", "type": "USER", "role": {"id": "r1", "name": "Viewer"}, "user": {"id": "u1"}}
    routes = {
        "GET /tenants/search": rows({"id": "main"}), "GET /main/roles/search": rows({"id": "r1", "name": "Viewer"}),
        "POST /main/bindings": Reply(drop=True),
        "GET /main/bindings/search": [rows(), rows({**bound, "user": {"id": "other"}, "id": "b0"}), rows(bound)],
    }  # fmt: skip
    users = Users(kestra(routes))
    account = Account("u1", "ada@x.org", {})
    with pytest.raises(UnclearAnswer):
        users.writing(Desired("ada"), account).write_roles(account, ["main/r1/"], ())
    assert list(users.roles_of(account)) == ["main/r1/"]
    assert account.details["bindings"] == {"main/r1/": ["b1"]}


def test_a_binding_that_is_there_already_is_no_error(kestra):
    connection = kestra({"POST /main/bindings": Reply(409, {"message": "Conflict"})})
    account = Account("u1", "ada@x.org", {})
    Users(connection).writing(Desired("ada"), account).write_roles(account, ["main/r1/"], ())
    assert asked(connection) == ["POST /main/bindings"]


@pytest.mark.parametrize(("left", "fails"), [(Reply(404, ""), False), ({"id": "s1", "name": "ci"}, True)])
def test_a_service_account_that_does_not_go(kestra, left, fails):
    routes = {
        "GET /tenants/search": rows(),
        "DELETE /service-accounts/s1": Reply(400, {"message": "in use"}),
        "GET /service-accounts/s1": left,
    }
    accounts = ServiceAccounts(kestra(routes))
    if fails:
        with pytest.raises(ApiError, match=r"delete service account ci .*in use"):
            accounts.writing(Desired("ada"), Account("s1", "ci", {})).delete()
    else:
        accounts.writing(Desired("ada"), Account("s1", "ci", {})).delete()


def test_a_tenants_service_account_that_is_gone_is_not_replaced(kestra):
    connection = kestra({"GET /main/service-accounts/s1": Reply(404, "")})
    with pytest.raises(RollcallError, match="can no longer be found"):
        TenantServiceAccounts(connection).writing(Desired("ada"), Account("s1", "ci", {"name": "ci"})).update(
            "profile", {"description": "x"}
        )
    assert asked(connection) == ["GET /main/service-accounts/s1"]


def test_a_tenants_service_account_has_no_other_tenants(kestra):
    desired = Desired("ci", facets={"tenants": DesiredFacet("present", ["acme-eu"])})
    [problem] = TenantServiceAccounts(kestra({})).check(desired)
    assert problem.option == "tenants"
    assert "only in tenant main." in problem.text


# -- sessions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "cookie"),
    [
        ({"access_token": "in-the.body"}, "csrf=x; Path=/, JWT=canary.jwt; Max-Age=3600; HTTPOnly"),
        ("not JSON", 'JWT="canary.jwt"'),
        ({"jwt": "canary.jwt"}, ""),
        ('"canary.jwt"', "csrf=x"),
        ("canary.jwt\n", ""),
    ],
)
def test_the_token_of_a_session(body, cookie):
    text = body if isinstance(body, str) else json.dumps(body)
    assert tasks._session(Answer(OPERATIONS["impersonate"], 200, {"Set-Cookie": cookie}, text)) == "canary.jwt"


@pytest.mark.parametrize("body", ["", "{}", "<html>canary</html>", '{"access_token": "canary', "5"])
def test_an_answer_without_a_session(body):
    with pytest.raises(UnclearAnswer) as caught:
        tasks._session(Answer(OPERATIONS["impersonate"], 200, {}, body))
    assert "canary" not in caught.value.sentence()


# -- tokens ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ci", "a-b-c", "0", "x" * 63])
def test_names_that_kestra_takes(name):
    assert tokens.check_name(name) == []


@pytest.mark.parametrize("name", ["", "CI", "a--b", "-a", "a-", "a_b", "x" * 64, "ci\n"])
def test_names_that_it_does_not_take(name):
    assert tokens.check_name(name)


def test_an_ambiguous_service_account_is_told_with_its_ids(kestra):
    accounts = ServiceAccounts(
        kestra(
            {
                "GET /service-accounts": rows(
                    {"id": "s1", "name": "ci"}, {"id": "s2", "name": "ci"}, {"id": "s3", "name": "ci-2"}
                )
            }
        )
    )
    with pytest.raises(InputError, match=r"matches 2 service accounts \(ids s1, s2\)"):
        locate(accounts, "ci", None)


def test_the_own_token_is_never_revoked(kestra):
    listed = {"results": [{"id": "t1", "name": "ci", "prefix": "given-t", "iat": "2026-01-01T00:00:00Z"}]}
    keeper = tokens.Tokens(
        kestra({"GET /service-accounts/s1/api-tokens": listed}), tokens.ACCOUNT_TOKENS, Account("s1", "ci", {})
    )
    with pytest.raises(InputError, match="This task uses token t1") as caught:
        plan_absent(keeper.tokens())
    assert caught.value.code == "own_token"


def test_a_token_without_its_secret_is_unclear(kestra):
    connection = kestra({"POST /users/u1/api-tokens": {"id": "t1", "name": "ci"}})
    with pytest.raises(UnclearAnswer):
        tokens.Tokens(connection, tokens.USER_TOKENS, Account("u1", "ada@x.org", {}), {"name": "ci"}).make()


@pytest.mark.parametrize("family", [tokens.USER_TOKENS, tokens.ACCOUNT_TOKENS, tokens.TENANT_TOKENS])
def test_half_a_token_is_not_shown(kestra, family):
    half = Reply(200, '{"id": "t1", "name": "ci", "fullToken": "canary-of')
    paths = ("/users/u1/api-tokens", "/service-accounts/u1/api-tokens", "/main/service-accounts/u1/api-tokens")
    connection = kestra({f"POST {path}": half for path in paths})
    with pytest.raises(UnclearAnswer) as caught:
        tokens.Tokens(connection, family, Account("u1", "ci", {}), {"name": "ci"}).make()
    assert "canary" not in caught.value.sentence()


def test_which_service_account_is_said_with_the_option_that_there_is(kestra):
    connection = kestra({"GET /service-accounts": rows({"id": "s1", "name": "ci"}, {"id": "s2", "name": "ci"})})
    with pytest.raises(InputError, match="Specify service_account_id"):
        account_tasks._tokens_of(connection, {"service_account": "ci", "scope": "instance"})
    with pytest.raises(InputError, match="No owner is specified"):
        account_tasks._tokens_of(connection, {"user": "", "scope": "instance"})


def test_all_tokens_but_the_own_one_are_revoked(kestra):
    listed = {
        "results": [
            {"id": "t1", "name": "a", "prefix": "given", "iat": "x"},
            {"id": "t2", "name": "b", "prefix": "other", "iat": "x"},
        ]
    }
    connection = kestra({"GET /users/u1/api-tokens": listed, "DELETE /users/u1/api-tokens/t2": Reply(204, "")})
    tokens.Tokens(connection, tokens.USER_TOKENS, Account("u1", "ada@x.org", {})).revoke_all()
    assert asked(connection) == ["GET /users/u1/api-tokens", "DELETE /users/u1/api-tokens/t2"]


@pytest.mark.parametrize(
    ("params", "body"),
    [
        ({"name": "ci"}, {"name": "ci"}),
        (
            {"name": "ci", "max_age": "30d", "extended": True, "description": "d"},
            {"name": "ci", "maxAge": "P30D", "extended": True, "description": "d"},
        ),
        ({"name": "ci", "max_age": "PT12H"}, {"name": "ci", "maxAge": "PT12H"}),
        ({"name": "ci", "max_age": "2w"}, {"name": "ci", "maxAge": "P14D"}),
    ],
)
def test_what_a_token_is_made_from(kestra, params, body):
    assert tokens.Tokens(kestra({}), tokens.USER_TOKENS, Account("u1", "", {}), params).body() == body


# -- names that are not unique, rows that say too little ---------------------------------------------------------------


@pytest.mark.parametrize("others", [[], ["s2"], ["s2", "s3"]])
def test_service_accounts_of_one_name_that_are_made_at_once_are_an_error(kestra, others):
    mine = {"id": "s1", "name": "ci", "superAdmin": False}
    found = rows(mine, *({**mine, "id": other} for other in others))
    connection = kestra({"POST /service-accounts": Reply(200, mine), "GET /service-accounts": [rows(), found]})
    accounts = ServiceAccounts(connection)
    desired, step = Desired("ci"), Step("create", changes={"name": (None, "ci")})
    if not others:
        assert accounts.writing(desired).create(step).id == "s1"
        return
    with pytest.raises(RollcallError, match="ci: s1, which this task has just created, and s2") as caught:
        accounts.writing(desired).create(step)
    assert caught.value.code == "ambiguous_name"


def test_a_service_account_that_no_search_shows_is_warned_of(kestra):
    mine = {"id": "s1", "name": "ci", "superAdmin": False}
    connection = kestra({"POST /service-accounts": Reply(200, mine), "GET /service-accounts": rows()})
    context = Context({}, False, True, Masker())
    result = converge(
        context, ServiceAccounts(connection), [Desired("ci", fields={"name": "ci"})], Policy(min_admins=0)
    )
    assert result["changed"]
    assert [(notice.code, notice.user) for notice in context.notices] == [("unconfirmed", "ci")]


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
    with pytest.raises(UnreadableAnswer, match=r"without names.*x9"):
        directory.lookup("ci@x.org")
    with pytest.raises(UnreadableAnswer, match=r"without names.*x9"):
        directory.listing()


@pytest.mark.parametrize("lacking", ["user", "role"])
@pytest.mark.parametrize("many", [True, False])
def test_a_binding_that_does_not_say_whom_it_is_for_is_no_reason_to_bind_again(kestra, lacking, many):
    row = {**BOUND, lacking: None}
    users = Users(kestra({"GET /tenants/search": rows({"id": "main"}), "GET /main/bindings/search": rows(row)}))
    users.many = many
    with pytest.raises(UnreadableAnswer, match="without a user, a role or an id"):
        users.load(Account("u1", "ada@x.org", {}), {"roles"}, ())


def test_what_can_be_granted_and_who_has_it(kestra):
    connection = kestra(
        {
            "GET /tenants/search": TENANTS,
            "GET /main/groups/search": GROUPS,
            "GET /main/groups/g1/members": rows({"id": "u1", "username": "ada@x.org"}),
            "GET /main/roles/search": rows({"id": "r1", "name": "data", "isManaged": True}),
            "GET /main/bindings/search": rows(BOUND),
        }
    )
    params = {"kinds": ["groups", "roles"], "name": "Data", "members": True}
    result = tasks.ROLE_INFO.run(Context(params, False, False, connection.masker), connection)
    group = {
        "id": "g1",
        "name": "data",
        "tenant": "main",
        "description": None,
        "members": [{"id": "u1", "user": "ada@x.org"}],
    }
    role = {
        "id": "r1",
        "name": "data",
        "tenant": "main",
        "default": None,
        "managed": True,
        "members": [{"id": "u1", "user": ""}],
    }
    assert (result["groups"], result["roles"], "tenants" in result) == ([group], [role], False)


# -- what a document does not report ----------------------------------------------------------------------------------


@pytest.mark.parametrize("without", [{"groups"}, {"groups", "tenants"}, {"firstName"}, {"restricted"}])
@pytest.mark.parametrize("null", [True, False])
def test_a_replacing_write_repeats_what_the_document_does_not_report(kestra, without, null):
    member = {
        **WHOLE,
        "lastName": "Byron",
        "displayName": "Ada Byron",
        "groups": [{"id": "g1", "tenantId": "main"}, {"id": "g9", "tenantId": "eu"}],
        "tenants": [{"id": "main"}, {"id": "eu"}],
    }
    known = {name: value for name, value in member.items() if name not in without} | (
        dict.fromkeys(without) if null else {}
    )
    connection = kestra({
        "GET /users/u1": known, "GET /tenants/search": TENANTS,
        "GET /main/tenant-access/u1": {"groups": [{"id": "g1"}]}, "GET /me": {"id": "me"},
        "GET /eu/tenant-access/u1": {"userId": "u1"},
        "GET /eu/groups/search": rows({"id": "g8", "name": "ops"}, {"id": "g9", "name": "data"}),
        "GET /eu/groups/g8/members": rows({"id": "u2"}), "GET /eu/groups/g9/members": rows({"id": "u1"}),
        "GET /main/groups/search": GROUPS,
        "GET /main/bindings/search": rows(), "GET /eu/bindings/search": rows(), "GET /users": rows(ROW),
        "PUT /users/u1": member, "PUT /main/users/u1/groups": Reply(204, ""),
        "PUT /main/tenant-access/u1": Reply(409, ""),
        "PUT /eu/users/u1/groups": Reply(204, ""),
    })  # fmt: skip
    target = DesiredFacet("exact", ["2024", {"tenant": "eu", "name": "data"}])
    single(Users(connection), Desired("", id="u1", facets={"groups": target}))
    whole = [
        json.loads(request.body)
        for request in connection.server.requests
        if request.method == "PUT" and request.target.endswith("/users/u1")
    ]
    if without & {"firstName", "restricted"}:
        assert not whole
        assert "PUT /eu/users/u1/groups" not in asked(connection)
    else:
        assert [(body["tenants"], body["groups"], body["restricted"], body["firstName"]) for body in whole] == [
            (["eu", "main"], ["g2", "g9"], False, "Ada")
        ]


def test_a_group_without_its_tenant_could_be_of_any(kestra):
    unclear = {**WHOLE, "groups": [{"id": "g1"}]}
    connection = kestra(
        {
            "GET /users/u1": unclear,
            "GET /main/tenant-access/u1": {"groups": [{"id": "g2", "name": "2024"}]},
            "GET /main/groups/search": GROUPS,
        }
    )
    users = Users(connection)
    users.prepare(["groups"])
    account = users.account(ROW, whole=False)
    users.load(account, ("groups",), ())
    assert list(account.facets["groups"]) == ["main/g2"]


@pytest.mark.parametrize(
    ("row", "enabled"), [({}, True), ({"auths": []}, False), ({"auths": [{"id": "a1"}]}, True), ({"auths": None}, None)]
)
def test_who_can_log_in_is_read_from_the_list_where_the_document_does_not_report_it(kestra, row, enabled):
    base = {"id": "u1", "username": "Ada@x.org", "superAdmin": False}
    tenants = [{"id": "main"}] if enabled and not row else []
    connection = kestra({"GET /users/u1": {**base, "tenants": tenants}, "GET /users": rows({**base, **row})})
    users = Users(connection)
    account = users.account(base, whole=False)
    users.load(account, (), ("enabled",))
    assert account.values["enabled"] is enabled


def test_nobody_is_blocked_while_login_methods_are_unknown(kestra):
    unknown = {**WHOLE, "auths": None}
    connection = kestra({"GET /users/u1": unknown, "GET /users": rows({**ROW, "auths": None})})
    users = Users(connection)
    with pytest.raises(UnreadableAnswer, match=r"Ada@x\.org .*login methods \(auths\)") as caught:
        users.writing(Desired("ada"), users.account(unknown)).update("enabled", {"enabled": False})
    assert caught.value.code == "unreadable_answer"
    assert all(line.startswith("GET") for line in asked(connection))


def test_blocking_sends_no_flag_that_is_not_reported(kestra):
    unknown = {**{name: value for name, value in WHOLE.items() if name != "restricted"}, "superAdmin": True}
    connection = kestra(
        {
            "GET /users/u1": unknown,
            "DELETE /users/u1/refresh-token": Reply(204, ""),
            "GET /users/u1/api-tokens": rows(),
            "GET /tenants/search": rows(),
            "PATCH /users/u1/superadmin": {},
            "PUT /main/users/u1/groups": Reply(204, ""),
            "DELETE /main/tenant-access/u1": Reply(204, ""),
        }
    )
    users = Users(connection)
    users.writing(Desired("ada"), users.account(unknown)).update("enabled", {"enabled": False})
    writes = [line for line in asked(connection) if not line.startswith("GET")]
    assert writes == [
        "DELETE /users/u1/refresh-token", "PATCH /users/u1/superadmin", "PUT /main/users/u1/groups",
        "DELETE /main/tenant-access/u1",
    ]


def test_login_methods_that_nobody_reports_are_an_error(kestra):
    connection = kestra({"GET /users/u1": {**WHOLE, "auths": None}, "GET /users": rows({**ROW, "auths": None})})
    users = LoginMethods(connection)
    with pytest.raises(UnreadableAnswer, match="login methods"):
        users.load(users.account({"id": "u1", "username": "Ada@x.org"}, whole=False), ("auth_methods",), ())


def test_a_row_with_a_display_name_alone_may_be_anybody(kestra):
    users = Users(kestra({"GET /users": rows({"id": "u1", "displayName": "Ada Byron"})}))
    for read in (users.listing, lambda: users.lookup("ada@x.org")):
        with pytest.raises(UnreadableAnswer, match="without names"):
            read()


# -- credentials of a tenant ------------------------------------------------------------------------------------------


def informed(connection, **params):
    """Return the users of an info module."""
    return tasks.USER_INFO.run(
        Context({"user": None, "id": None, "gather": [], **params}, False, False, Masker()), connection
    )["users"]


MEMBER_ROW = {"id": "u1", "username": "Ada@x.org", "groups": [{"id": "g1", "name": "data"}], "auths": []}


def test_credentials_of_a_tenant_are_shown_what_the_tenant_lists(kestra):
    connection = kestra(
        {
            "GET /main/tenant-access": rows(MEMBER_ROW, {**MEMBER_ROW, "id": "u2", "username": "bo@x.org"}),
            "GET /users/u1": Reply(403, ""),
            "GET /main/bindings/search": rows(BOUND),
            "GET /main/roles/search": rows({"id": "r1", "name": "Viewer"}),
        },
        max_concurrency=1,
    )
    users = informed(connection, filters={"tenant": "main", "search": None}, gather=["groups", "roles"])
    assert [(user["user"], user["enabled"], user["groups"], user["groups_state"]) for user in users] == [
        ("Ada@x.org", True, [{"tenant": "main", "name": "data"}], "present"),
        ("bo@x.org", True, [{"tenant": "main", "name": "data"}], "present"),
    ]
    assert (users[0]["roles"], users[0]["roles_state"]) == (
        [{"tenant": "main", "role": "Viewer", "namespace": "company.data"}],
        "present",
    )
    assert asked(connection).count("GET /users/u1") == 1


def test_a_search_in_a_tenant_reads_all_pages(kestra):
    found = [{**MEMBER_ROW, "id": f"u{number}", "username": f"u{number}@x.org"} for number in range(120)]
    connection = kestra({
        "GET /main/tenant-access": [{"results": found[:100], "total": 120}, {"results": found[100:], "total": 120}],
        "POST /main/tenant-access/autocomplete": [[MEMBER_ROW]],
    }, max_concurrency=1)
    users = informed(connection, filters={"tenant": "main", "search": "x.org"})
    assert len({user["id"] for user in users}) == 120


def test_members_of_roles_are_never_guessed(kestra):
    connection = kestra(
        {
            "GET /main/roles/search": rows({"id": "r1", "name": "Viewer"}),
            "GET /main/bindings/search": rows({**BOUND, "user": None}),
        }
    )
    with pytest.raises(UnreadableAnswer, match="without a user"):
        tasks._roles(Users(connection), {"names": None}, True)
