# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contabo: logins and errors of every form, ids of requests, lists, planning, and what is read again after a write."""

from __future__ import annotations

import base64
import json
import re
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    GuardError,
    InputError,
    PartialFailure,
    RollcallError,
    UnclearAnswer,
    Unreachable,
    UnreadableAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.api import Answer
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import MASK, Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Desired, DesiredFacet
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.plan import plan_user
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import Policy
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import converge, locate
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.task import ConnectionPool, run_task
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo import tasks
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo.connection import Contabo
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo.users import SCHEMA, Users
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo.wire import (
    OPERATIONS,
    ContaboReader,
    claims_of,
)
from ansible_collections.rollcall.identity.tests.unit.fakes import FakeClock
from ansible_collections.rollcall.identity.tests.unit.web import Reply

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TOKEN = "POST /auth/realms/contabo/protocol/openid-connect/token"
USERS, ROLES, CLIENT, ROTATE = "GET /v1/users", "GET /v1/roles", "GET /v1/users/client", "PUT /v1/users/client/secret"
ADA_ID = "4f2c2a3e-5d0b-4d0a-9a39-0c6a1d7e0b11"
ONE_USER = f"/v1/users/{ADA_ID}"
CREDENTIALS = {
    "client_id": "cid", "client_secret": "canary-old-secret", "api_user": "Svc@Example.com",
    "api_password": "canary-password",
}
NAMES = {1: "Administrator", 2: "Reader", 3: "Twice", 4: "Twice"}


def jwt(**claims):
    """Return a token with these claims and a signature that nobody looks at."""
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJub25lIn0.{part}.c2ln"


def login(number=1, **more):
    """Return what the login server answers."""
    token = jwt(customerId="123", preferred_username="svc@example.com", number=number)
    return {"access_token": token, "refresh_token": f"canary-refresh-{number}", "expires_in": 300, **more}


def role(number):
    """Return a role as users have it."""
    return {"roleId": number, "name": NAMES[number], "admin": number == 1}


def user(**more):
    """Return a user as the API shows it."""
    return {
        "userId": ADA_ID, "email": "ada@x.org", "firstName": "Ada", "lastName": "", "enabled": True, "totp": False,
        "locale": "en",
        "emailVerified": True, "owner": False, "tenantId": "INT", "customerId": "123", "roles": [role(2)], **more,
    }  # fmt: skip


def data(*rows, total=None):
    """Return rows as the API wraps them."""
    found = {"data": list(rows), "_links": {}}
    return (
        found
        if total is None
        else {**found, "_pagination": {"page": 1, "size": 100, "totalElements": total, "totalPages": -(-total // 100)}}
    )


def error(status, message, **more):
    """Return a refusal as the API has it."""
    return Reply(status, {"statusCode": status, "message": message, **more})


def connect(serve, routes, **params):
    """Connect to servers with answers by method and path, a list for answers in order; one is the login server."""
    routes = {TOKEN: login(), ROLES: data(*map(role, NAMES), total=4), **routes}

    def route(request):
        reply = routes[f"{request.method} {request.target.split('?')[0]}"]
        if isinstance(reply, list):
            reply = reply.pop(0) if len(reply) > 1 else reply[0]
        return reply if isinstance(reply, Reply) else Reply(body=reply)

    api, auth = serve(route), serve(route)
    made = Contabo({"api_url": api.url, "auth_url": auth.url, **CREDENTIALS, **params}, Masker(), FakeClock())
    made.server, made.login_server = api, auth
    return made


def asked(connection):
    """Return what the API was asked: method, target and body."""
    return [
        (f"{request.method} {request.target}", json.loads(request.body) if request.body else None)
        for request in connection.server.requests
    ]


def grants(connection):
    """Return the forms that the login server got."""
    return [dict(parse_qsl(request.body.decode())) for request in connection.login_server.requests]


def single(connection, desired, check=False, **policy):
    """Run a task on one user."""
    return converge(Context({}, check, True, connection.masker), Users(connection), [desired], Policy(**policy))


def want(key="ada@x.org", roles=None, mode="present", **fields):
    """Return a desired user."""
    facets = {} if roles is None else {"roles": DesiredFacet(mode, roles)}
    return Desired(key, fields={"email": key, **fields}, facets=facets)


# -- logins ----------------------------------------------------------------------------------------------------------


def test_the_login_goes_to_its_own_host_as_a_form(serve):
    connection = connect(serve, {"GET " + ONE_USER: data(user())})
    assert Users(connection).get(ADA_ID).key == "ada@x.org"
    (form,) = grants(connection)
    assert form == {
        "client_id": "cid", "client_secret": "canary-old-secret", "grant_type": "password",
        "username": "Svc@Example.com", "password": "canary-password",
    }  # fmt: skip
    (request,) = connection.login_server.requests
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert "x-request-id" not in request.headers
    assert connection.server.requests[0].headers["authorization"].startswith("Bearer ey")


def test_claims_tell_account_and_caller(serve):
    connection = connect(serve, {})
    assert (connection.account(), connection.caller()) == ("123", "svc@example.com")
    plain = connect(serve, {TOKEN: {"access_token": "opaque"}})
    assert (plain.account(), plain.caller()) == (None, "svc@example.com")
    assert MASK in connection.masker.text(f"the token is {login()['access_token']}")


@pytest.mark.parametrize("token", ["", "opaque", "a.b", "a.%%%.c", "a.W10.c", "a.bm8.c", "a.//79.c"])
def test_a_token_without_claims(token):
    assert claims_of(token) == {}


def test_another_account_is_refused_before_anything_is_read(serve):
    connection = connect(serve, {}, expected_account="999")
    with pytest.raises(InputError, match="expected_account is 999, and these credentials belong to account 123"):
        single(connection, want())
    assert asked(connection) == []


def test_a_token_is_refreshed_and_then_asked_for_again(serve):
    connection = connect(
        serve,
        {
            TOKEN: [
                login(1),
                login(2),
                Reply(400, {"error": "invalid_grant", "error_description": "Token is not active"}),
                login(3),
            ],
            "GET " + ONE_USER: data(user()),
        },
    )
    users = Users(connection)
    for _time in range(3):
        users.get(ADA_ID)
        connection.clock.time += 290
    assert [form["grant_type"] for form in grants(connection)] == [
        "password", "refresh_token", "refresh_token", "password",
    ]
    assert [form.get("refresh_token") for form in grants(connection)[1:3]] == ["canary-refresh-1", "canary-refresh-2"]
    assert MASK in connection.masker.text("canary-refresh-2")


def test_a_refused_token_is_renewed_once(serve):
    connection = connect(
        serve, {TOKEN: [login(1), login(2)], "GET " + ONE_USER: [error(401, "Unauthorized"), data(user())]}
    )
    assert Users(connection).get(ADA_ID) is not None
    other = connect(serve, {TOKEN: [login(1), login(2), login(3)], "GET " + ONE_USER: error(401, "Unauthorized")})
    with pytest.raises(ApiError) as caught:
        Users(other).get(ADA_ID)
    assert caught.value.status == 401
    assert len(asked(other)) == 2


@pytest.mark.parametrize(
    ("status", "body", "texts"),
    [
        (
            401,
            {"error": "invalid_grant", "error_description": "Invalid user credentials"},
            ("Invalid user credentials", "Check api_user and api_password"),
        ),
        (
            401,
            {"error": "unauthorized_client", "error_description": "Invalid client secret"},
            ("Invalid client secret", "Check client_id and client_secret"),
        ),
        (401, {"error": "invalid_client"}, ("invalid_client", "Check client_id and client_secret")),
        (400, {"error": "invalid_grant", "error_description": "Account disabled"}, ("Account disabled", "api_user")),
        (404, "<html>no</html>", ("Check auth_url",)),
        (200, "<html>sign in</html>", ("it is an HTML page", "auth_url may point to a proxy")),
        (200, '{"access_token": "canary-cut', ("it is not JSON", "auth_url may point")),
        (200, ["x"], ("contains no usable access_token", "auth_url may point")),
        (200, {"access_token": "two\nlines"}, ("contains no usable access_token", "auth_url may point")),
        (500, "oops", ("the server answered 500",)),
    ],
)
def test_a_login_that_fails(serve, status, body, texts):
    connection = connect(serve, {TOKEN: Reply(status, body)}, api_retries=0)
    with pytest.raises(RollcallError) as caught:
        Users(connection).get(ADA_ID)
    for text in texts:
        assert text in caught.value.sentence()
    assert "canary" not in caught.value.sentence()
    assert len(grants(connection)) == 1


def test_a_login_server_that_is_not_there_is_named(serve):
    connection = connect(serve, {}, auth_url="http://127.0.0.1:1/base", api_retries=0)
    with pytest.raises(Unreachable) as caught:
        Users(connection).get(ADA_ID)
    assert "Could not reach http://127.0.0.1:1/ to log in" in caught.value.sentence()
    assert "Check auth_url" in caught.value.sentence()


@pytest.mark.parametrize(
    ("params", "text"),
    [
        (
            {"client_id": None, "api_password": ""},
            "client_id and api_password are missing. .* CONTABO_CLIENT_ID and CONTABO_API_PASSWORD",
        ),
        ({"auth_url": "auth.contabo.com"}, "auth_url is 'auth.contabo.com'"),
        ({"trace_id": "a\nb"}, "trace_id"),
        ({"trace_id": "ä"}, "trace_id"),
    ],
)
def test_bad_connection_options(params, text):
    with pytest.raises(InputError) as caught:
        Contabo({**CREDENTIALS, **params}, Masker(), FakeClock())
    assert re.search(text, caught.value.sentence())


def test_default_addresses():
    connection = Contabo(CREDENTIALS, Masker(), FakeClock())
    assert connection.transport.hosts == {"api_url": "https://api.contabo.com", "auth_url": "https://auth.contabo.com"}
    plain = Contabo({**CREDENTIALS, "auth_url": "http://login.example.com"}, Masker(), FakeClock())
    assert any("auth_url is plain http" in text for text in plain.transport.warnings())


# -- ids of requests, errors -----------------------------------------------------------------------------------------


def test_every_request_has_an_id_of_its_own_even_when_it_is_sent_again(serve):
    replies = [Reply(503, "busy"), Reply(drop=True), error(429, "slow down"), error(401, "Unauthorized"), data(user())]
    connection = connect(
        serve, {TOKEN: [login(1), login(2)], "GET " + ONE_USER: replies}, api_retries=5, trace_id="job 7"
    )
    Users(connection).get(ADA_ID)
    sent = [request.headers["x-request-id"] for request in connection.server.requests]
    assert len(sent) == len(set(sent)) == 5
    assert all(UUID4.fullmatch(one) for one in sent)
    assert {request.headers["x-trace-id"] for request in connection.server.requests} == {"job 7"}
    assert connection.transport.last_request_id == sent[-1]


@pytest.mark.parametrize(("headers", "waited"), [({}, 10.0), ({"Retry-After": "3"}, 3.0)])
def test_a_rate_limit_is_waited_for(serve, headers, waited):
    connection = connect(
        serve,
        {"GET " + ONE_USER: [Reply(429, {"statusCode": 429, "message": "wait for some time"}, headers), data(user())]},
    )
    assert Users(connection).get(ADA_ID) is not None
    assert sum(connection.clock.slept) == waited


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error(403, "no"), ApiError),
        (Reply(drop=True), Unreachable),
        (Reply(body="<html>"), UnreadableAnswer),
        (Reply(body={"data": 1}), UnreadableAnswer),
        (Reply(body=data()), UnreadableAnswer),
        (Reply(body=data(user(), user())), UnreadableAnswer),
        (Reply(404, "<html>nginx</html>"), UnreadableAnswer),
    ],
)
def test_every_error_names_its_request(serve, reply, kind):
    connection = connect(serve, {"GET " + ONE_USER: reply}, api_retries=0)
    with pytest.raises(kind) as caught:
        Users(connection).get(ADA_ID)
    sent = connection.server.requests[0].headers["x-request-id"]
    assert caught.value.sentence().count(f"[request {sent}]") == 1


@pytest.mark.parametrize(
    ("status", "body", "said", "advice"),
    [
        (
            400,
            {"statusCode": 400, "message": ["email must be an email", "locale must be one of"]},
            "email must be an email; locale must be one of",
            "Check",
        ),
        (402, {"statusCode": 402, "message": "Payment Required"}, "Payment Required", "customer panel"),
        (403, {"statusCode": 403, "message": "Forbidden"}, "Forbidden", "a role with UPDATE on /v1/users"),
        (409, {"statusCode": 409, "message": "violation of unique constraints"}, "unique", "only one user"),
        (500, "<html>", "an HTML page", "server error"),
        (500, "", "", "server error"),
    ],
)
def test_errors_of_every_form(status, body, said, advice):
    answer = Answer(OPERATIONS["update_user"], status, {}, body if isinstance(body, str) else json.dumps(body))
    message = ContaboReader().message_of(answer)
    assert said in message
    assert advice in ContaboReader().hint_for(OPERATIONS["update_user"], status, message)


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
    assert "Check that api_url" in caught.value.hint
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
    with pytest.raises(RollcallError, match="does not report the roles"):
        single(silent, want(roles=["Reader"], mode="exact"))


# -- input and plans -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("desired", "text"),
    [
        (Desired("", id="client"), "UUIDs"),
        (Desired("", id=f"{ADA_ID}/../client"), "UUIDs"),
        (Desired("", id=ADA_ID.upper(), state="absent"), "UUIDs in lower case"),
        (Desired("", id=ADA_ID, fields={"email": ""}), "email is empty"),
        (Desired("ada", fields={"email": "ada"}), "'ada' is not an e-mail address"),
        (Desired("ada@x.org", previous=("a" * 300 + "@x.org",)), "is not an e-mail address"),
        (Desired("ada@x.org", fields={"first_name": "x" * 256}), "first_name is longer"),
    ],
)
def test_input_that_cannot_be(serve, desired, text):
    connection = connect(serve, {})
    with pytest.raises(InputError, match=text):
        single(connection, desired)
    assert [target for target, _body in asked(connection) if "/users" in target] == []


def test_an_id_that_is_none_never_leads_to_another_call(serve):
    connection = connect(serve, {})
    with pytest.raises(InputError, match="UUIDs"):
        locate(Users(connection), None, "client")
    assert asked(connection) == []


def test_a_name_cannot_be_cleared(serve):
    connection = connect(serve, {USERS: data(user(), total=1)})
    with pytest.raises(InputError, match="first_name is empty, and Contabo cannot clear it"):
        single(connection, want(first_name="", totp=True))
    assert single(connection, want(last_name=""))["changed"] is False


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        (["Twice"], "2 roles are named 'Twice'. Specify one with {id: 3 or 4}"),
        (["Reeder"], "similar names: 'Reader'"),
        ([{"id": 9}], "id 9"),
    ],
)
def test_roles_that_are_none_or_several(serve, target, problem):
    with pytest.raises(InputError) as caught:
        single(connect(serve, {}), want(roles=target))
    assert problem in caught.value.sentence()


def test_taking_the_last_admin_role_is_a_demotion(serve):
    users = Users(connect(serve, {}))
    users.prepare(["roles"])
    desired = want(roles=["Administrator"], mode="absent")
    users.resolve([desired])
    account = users.account(user(roles=[role(1), role(2)]))
    plan = plan_user(SCHEMA, users.complete(desired, account), account)
    assert list(map(str, plan.losses)) == ["is demoted", "loses role Administrator"]
    assert (plan.before, plan.after) == (
        {"privileged": True, "roles": ["Administrator", "Reader"]}, {"privileged": False, "roles": ["Reader"]},
    )
    assert sum(map(users.cost, plan.steps)) == 2


def test_what_a_user_tells_of_a_role_outweighs_the_list_of_roles(serve):
    hidden = {"roleId": 9, "name": "Hidden", "admin": True}
    connection = connect(serve, {USERS: data(user(roles=[hidden, role(2)]), total=1)})
    result = single(connection, want(roles=["Reader"]))
    assert (result["changed"], result["user"]["privileged"]) == (False, True)


@pytest.mark.parametrize("owner", [True, None, "no"])
@pytest.mark.parametrize("target", [{"enabled": False}, {"roles": ["Reader"], "mode": "absent"}, {"state": "absent"}])
def test_the_owner_never_loses_anything_nor_who_may_be_it(serve, target, owner):
    connection = connect(serve, {USERS: data(user(owner=owner), total=1)})
    desired = want(**{name: value for name, value in target.items() if name != "state"})
    desired.state = target.get("state", "present")
    with pytest.raises(GuardError, match="the owner of the account"):
        single(connection, desired)


def test_the_caller_never_loses_anything(serve):
    connection = connect(serve, {USERS: data(user(email="SVC@example.com"), total=1)})
    with pytest.raises(GuardError, match="the user of these credentials"):
        single(connection, want("svc@example.com", enabled=False))


# -- writing ---------------------------------------------------------------------------------------------------------


def test_a_create_has_what_the_api_wants_and_is_read_again(serve):
    connection = connect(serve, {
        USERS: data(total=0),
        "POST /v1/users": Reply(201, data({"userId": ADA_ID, "tenantId": "INT", "customerId": "123"})),
        "GET " + ONE_USER: data(user(firstName="")),
    })  # fmt: skip
    result = single(connection, want(roles=["Reader"]))
    assert (
        "POST /v1/users",
        {"email": "ada@x.org", "enabled": True, "totp": False, "locale": "en", "roles": [2]},
    ) in asked(connection)
    assert asked(connection)[-1] == ("GET " + ONE_USER, None)
    assert (result["user"]["id"], result["user"]["privileged"], result["user"]["roles"]) == (ADA_ID, False, ["Reader"])
    assert result["request_id"] == connection.server.requests[-1].headers["x-request-id"]


def test_a_change_that_was_not_taken_is_an_error(serve):
    connection = connect(
        serve, {USERS: data(user(), total=1), "PATCH " + ONE_USER: {"_links": {}}, "GET " + ONE_USER: data(user())}
    )
    with pytest.raises(RollcallError, match="reading the user again shows: totp is False and not True") as caught:
        single(connection, want(totp=True))
    assert f"[request {connection.server.requests[-1].headers['x-request-id']}]" in caught.value.sentence()
    assert sum(connection.clock.slept) == 3.5


def test_a_role_that_somebody_else_adds_meanwhile_is_no_failure(serve):
    reads = [data(user()), data(user(roles=[role(1), role(3)]))]
    connection = connect(
        serve, {USERS: data(user(), total=1), "PATCH " + ONE_USER: {"_links": {}}, "GET " + ONE_USER: reads}
    )
    assert single(connection, want(roles=["Administrator"], mode="exact"))["changed"] is True
    assert connection.clock.slept == []


def test_a_read_that_fails_after_a_write_tells_what_was_written(serve):
    made = Reply(201, data({"userId": ADA_ID}))
    routes = {"POST /v1/users": made, "PATCH " + ONE_USER: {"_links": {}}, "GET " + ONE_USER: error(500, "oops")}
    with pytest.raises(ApiError) as caught:
        single(connect(serve, {USERS: data(total=0), **routes}), want())
    assert caught.value.message.startswith(
        f"ada@x.org was created (id {ADA_ID}), but the user could not be read again. Could not read user"
    )
    with pytest.raises(ApiError) as caught:
        single(connect(serve, {USERS: data(user(), total=1), **routes}), want(totp=True))
    assert caught.value.message.startswith(
        "Contabo accepted the change of ada@x.org, but the user could not be read again. Could not read user"
    )


@pytest.mark.parametrize("gone", [error(404, "The user does not exist"), Reply(404, ""), Reply(204, "")])
def test_who_is_gone_already_is_deleted(serve, gone):
    connection = connect(
        serve,
        {
            USERS: data(user(), total=1),
            "DELETE " + ONE_USER: gone,
            "GET " + ONE_USER: error(404, "The user does not exist"),
        },
    )
    assert single(connection, Desired("ada@x.org", state="absent"))["changed"] is True


def test_who_cannot_be_deleted_because_there_is_nobody_and_is_shown_all_the_same(serve):
    connection = connect(
        serve,
        {
            USERS: data(user(), total=1),
            "DELETE " + ONE_USER: error(404, "No such route"),
            "GET " + ONE_USER: data(user()),
        },
    )
    with pytest.raises(RollcallError, match="still lists this user") as caught:
        single(connection, Desired("ada@x.org", state="absent"))
    assert caught.value.code == "not_applied"


def test_a_404_of_a_proxy_is_no_deletion(serve):
    connection = connect(serve, {USERS: data(user(), total=1), "DELETE " + ONE_USER: Reply(404, "<html>nginx</html>")})
    with pytest.raises(RollcallError):
        single(connection, Desired("ada@x.org", state="absent"))


def test_a_change_that_shows_late_is_waited_for(serve):
    connection = connect(serve, {
        USERS: data(user(), total=1), "PATCH " + ONE_USER: {"_links": {}},
        "GET " + ONE_USER: [data(user()), error(404, "x"), data(user(totp=True))],
    })  # fmt: skip
    assert single(connection, want(totp=True))["changed"] is True


@pytest.mark.parametrize("bulk", [False, True])
def test_an_empty_list_of_roles_that_clears_nothing_is_an_error(serve, bulk):
    connection = connect(
        serve, {USERS: data(user(), total=1), "PATCH " + ONE_USER: {"_links": {}}, "GET " + ONE_USER: data(user())}
    )
    desired = want(roles=[], mode="exact")
    with pytest.raises(RollcallError, match="role Reader is still there"):
        converge(
            Context({}, False, True, connection.masker),
            Users(connection, bulk=bulk),
            [desired],
            Policy(bulk=bulk, loss_limit="1"),
        )
    refused = connect(
        serve,
        {
            USERS: data(user(), total=1),
            "PATCH " + ONE_USER: error(400, "roles must not be empty"),
            "GET " + ONE_USER: data(user()),
        },
    )
    with pytest.raises(RollcallError) as caught:
        converge(
            Context({}, False, True, connection.masker),
            Users(refused, bulk=bulk),
            [want(roles=[], mode="exact")],
            Policy(bulk=bulk, loss_limit="1"),
        )
    assert "may reject an empty list of roles" in caught.value.sentence()


def many(connection, *desired):
    """Converge as the module for many users does."""
    return converge(
        Context({}, False, True, connection.masker), Users(connection, bulk=True), list(desired), Policy(bulk=True)
    )


def test_many_are_written_in_one_call_each_and_not_read_again(serve):
    connection = connect(
        serve, {USERS: data(user(), total=1), "PATCH " + ONE_USER: {"_links": {}}, "GET " + ONE_USER: data(user())}
    )
    many(connection, want(totp=True, roles=["Administrator", {"id": 2}], mode="exact"))
    sent = [target.split("?")[0] for target, _body in asked(connection)]
    assert sorted(sent[:2]) == [ROLES, USERS]  # side by side
    assert sent[2:] == [f"GET {ONE_USER}", f"PATCH {ONE_USER}"], (
        "the list of roles is written whole, so it is read right before"
    )
    assert asked(connection)[-1][1] == {"totp": True, "roles": [1, 2]}


def test_roles_that_others_have_changed_since_the_list_was_read_are_not_undone(serve):
    meanwhile = {**user(), "roles": [{"roleId": 3, "name": "Other", "admin": False}]}
    connection = connect(
        serve, {USERS: data(user(), total=1), "GET " + ONE_USER: data(meanwhile), "PATCH " + ONE_USER: {"_links": {}}}
    )
    many(connection, want(totp=True, roles=["Administrator"]))
    assert asked(connection)[-1] == (f"PATCH {ONE_USER}", {"totp": True, "roles": [1, 3]})


@pytest.mark.parametrize("one", [False, True])
def test_a_role_that_somebody_else_gives_meanwhile_is_kept_under_exact(serve, one):
    """The limits were checked without it. The warning shows it, and the next run takes it away."""
    meanwhile = [role(1), role(2), role(3)]
    routes = {USERS: data(user(roles=[role(1), role(2)]), total=1), "PATCH " + ONE_USER: {"_links": {}}}
    connection = connect(
        serve, {**routes, "GET " + ONE_USER: [data(user(roles=meanwhile)), data(user(roles=[role(1), role(3)]))]}
    )
    context = Context({}, False, True, connection.masker)
    converge(
        context, Users(connection, bulk=not one), [want(roles=["Administrator"], mode="exact")], Policy(bulk=not one)
    )
    assert ("PATCH " + ONE_USER, {"roles": [1, 3]}) in asked(connection)
    (notice,) = context.notices
    assert (notice.code, "{'id': 3} in roles was granted outside this task in the meantime" in notice.text) == (
        "given_meanwhile",
        True,
    )


@pytest.mark.parametrize("roles", [None, "missing", {}, "Reader"])
@pytest.mark.parametrize("bulk", [False, True])
def test_roles_are_never_written_from_a_list_that_is_not_told(serve, roles, bulk):
    silent = user(roles=roles)
    if roles == "missing":
        del silent["roles"]
    for reads in ([data(silent)], [data(user()), data(silent)]):
        listed = data(silent, total=1) if len(reads) == 2 else data(user(), total=1)
        connection = connect(serve, {USERS: listed, "GET " + ONE_USER: reads, "PATCH " + ONE_USER: {"_links": {}}})
        context = Context({}, False, True, connection.masker)
        with pytest.raises((UnreadableAnswer, PartialFailure), match="does not report the roles of ada"):
            converge(
                context, Users(connection, bulk=bulk), [want(totp=True, roles=["Administrator"])], Policy(bulk=bulk)
            )
        assert not any(target.startswith("PATCH") for target, _body in asked(connection))


def test_a_new_address_is_not_verified(serve):
    renamed = data(user(email="new@x.org", emailVerified=False))
    for check in (True, False):
        desired = Desired("new@x.org", previous=("ada@x.org",), fields={"email": "new@x.org"})
        routes = {
            USERS: [data(total=0), data(user(), total=1)],
            "GET " + ONE_USER: renamed,
            "PATCH " + ONE_USER: {"_links": {}},
        }
        assert single(connect(serve, routes), desired, check)["user"]["email_verified"] is False
    same = connect(
        serve,
        {USERS: data(user(), total=1), "GET " + ONE_USER: data(user(totp=True)), "PATCH " + ONE_USER: {"_links": {}}},
    )
    assert single(same, want(totp=True))["user"]["email_verified"] is True


@pytest.mark.parametrize(
    ("operation", "status", "is_duplicate"),
    [("create_user", 409, True), ("create_user", 400, False), ("update_user", 409, False)],
)
def test_who_is_there_already(serve, operation, status, is_duplicate):
    assert Users(connect(serve, {})).is_duplicate(ApiError(operation, "do it", status, "words")) is is_duplicate


def test_an_empty_list_of_roles_is_written_by_itself(serve):
    # Whether it is taken is not documented, and who is to be blocked is blocked before.
    connection = connect(
        serve,
        {
            USERS: data(user(), total=1),
            "GET " + ONE_USER: data(user()),
            "PATCH " + ONE_USER: [{"_links": {}}, error(422, "roles")],
        },
    )
    with pytest.raises(PartialFailure, match="may reject an empty list"):
        many(connection, want(enabled=False, roles=[], mode="exact"))
    assert [body for target, body in asked(connection) if target.startswith("PATCH")] == [
        {"enabled": False},
        {"roles": []},
    ]


@pytest.mark.parametrize("body", [data({}), {}, "cut {"])
def test_a_create_without_an_id_in_its_answer_is_looked_up(serve, body):
    connection = connect(
        serve,
        {USERS: [data(total=0), data(user(), total=1)], "POST /v1/users": [Reply(201, body), error(409, "twice")]},
    )
    result = single(connection, want())
    assert result["user"]["id"] == ADA_ID
    assert [target for target, _body in asked(connection) if target.startswith("POST")] == ["POST /v1/users"]


# -- mails and the client --------------------------------------------------------------------------------------------


def run(task, connection, check=False, **params):
    """Run a module's task on a connection and return its result."""
    given = {name: option.get("default") for name, option in task.options.items()}
    given.update(connection.params, **params)
    pool = ConnectionPool()
    pool.get = lambda *_arguments: connection
    return run_task(task, given, check, False, pool)


def test_a_mail_whose_answer_is_lost_is_not_sent_again(serve):
    connection = connect(serve, {USERS: data(user(), total=1), f"POST {ONE_USER}/reset-password": Reply(drop=True)})
    result = run(
        tasks.USER_MAIL, connection, user="ada@x.org", type="password_reset", redirect_url="https://x.org/?a=b&c"
    )
    assert result["failed"] is True
    assert "It is unknown whether the mail was sent" in result["msg"]
    assert UUID4.search(result["msg"])
    assert [target for target, _body in asked(connection)][1:] == [
        f"POST {ONE_USER}/reset-password?redirectUrl=https%3A%2F%2Fx.org%2F%3Fa%3Db%26c"
    ]


def test_the_module_on_roles_takes_all_of_them_away(serve):
    connection = connect(
        serve,
        {
            USERS: data(user(), total=1),
            "PATCH " + ONE_USER: {"_links": {}},
            "GET " + ONE_USER: [data(user()), data(user(roles=[]))],
        },
    )
    assert run(tasks.USER_ROLES, connection, user="ada@x.org", roles=[], state="exact")["user"]["roles"] == []
    assert ("PATCH " + ONE_USER, {"roles": []}) in asked(connection)


@pytest.mark.parametrize(
    ("kind", "more", "sent"),
    [
        ({"type": "verification"}, {"emailVerified": True}, True),
        ({"type": "verification", "only_if_needed": True}, {"emailVerified": True}, False),
        ({"type": "verification", "only_if_needed": True}, {"emailVerified": False}, True),
        ({"type": "password_reset"}, {}, True),
        ({"type": "password_reset", "only_if_needed": True}, {"password": True}, False),
        ({"type": "password_reset", "only_if_needed": True}, {"password": False}, True),
    ],
)
def test_when_a_mail_is_sent(serve, kind, more, sent):
    path = f"POST {ONE_USER}/" + ("resend-email-verification" if kind["type"] == "verification" else "reset-password")
    asks = data({"isPasswordSet": more.get("password")})
    connection = connect(
        serve, {USERS: data(user(**more), total=1), "GET /v1/users/is-password-set": asks, path: Reply(204, "")}
    )
    for check in (True, False):
        assert run(tasks.USER_MAIL, connection, check, user="ada@x.org", **kind)["changed"] is sent
    assert [target for target, _body in asked(connection) if target.startswith("POST")] == [path] * sent


@pytest.mark.parametrize("status", [400, 409])
def test_a_verification_that_is_refused_says_what_to_do(serve, status):
    connection = connect(
        serve,
        {USERS: data(user(), total=1), f"POST {ONE_USER}/resend-email-verification": error(status, "verified already")},
    )
    assert (
        "With only_if_needed: true, the task then sends no mail"
        in run(tasks.USER_MAIL, connection, user="ada@x.org", type="verification")["msg"]
    )


@pytest.mark.parametrize(("email", "text"), [("nobody@", None), ("", "filters.email is empty")])
def test_filters(serve, email, text):
    connection = connect(serve, {USERS: [error(404, "No results"), data(user(), total=1)]})
    result = run(tasks.USER_INFO, connection, filters={"email": email, "enabled": None, "owner": None})
    if text is None:
        assert result["users"] == []
    else:
        assert text in result["msg"]
        assert asked(connection) == []


def test_a_redirect_that_is_no_address_is_refused(serve):
    connection = connect(serve, {})
    assert (
        "redirect_url is 'x.org'"
        in run(tasks.USER_MAIL, connection, user="ada@x.org", type="verification", redirect_url="x.org")["msg"]
    )


def client(secret):
    """Return the OAuth2 client."""
    return data({"id": "7", "clientId": "cid", "tenantId": "INT", "customerId": "123", "secret": secret})


def test_the_client_is_told_without_its_secret(serve):
    connection = connect(serve, {CLIENT: client("canary-told")})
    result = run(tasks.CLIENT_INFO, connection)
    assert result["client"] == {"id": "7", "client_id": "cid", "tenant_id": "INT", "customer_id": "123"}
    assert "canary" not in json.dumps(result)
    assert connection.masker.text("canary-told") == MASK
    broken = connect(serve, {CLIENT: '{"data": [{"secret": "canary-cut'})
    assert "canary" not in run(tasks.CLIENT_INFO, broken)["msg"]
    twice = connect(serve, {CLIENT: data({"secret": "canary-one"}, {"secret": "canary-two"})})
    message = run(tasks.CLIENT_INFO, twice)["msg"]
    assert "2 objects instead of one" in message
    assert "canary" not in message


def test_a_rotation_needs_a_confirmation(serve):
    connection = connect(serve, {})
    for check in (True, False):
        assert "confirm is not true" in run(tasks.CLIENT_SECRET, connection, check)["msg"]
    assert asked(connection) == grants(connection) == []


def test_check_mode_rotates_nothing(serve):
    connection = connect(serve, {CLIENT: client("canary-old-secret")})
    result = run(tasks.CLIENT_SECRET, connection, True, confirm=True)
    assert (result["changed"], "secret" in result) == (True, False)
    assert asked(connection) == [(CLIENT, None)]


def test_after_a_rotation_the_connection_works_on_with_the_new_secret(serve):
    logins = [login(1), Reply(400, {"error": "invalid_grant"}), login(2)]
    connection = connect(serve, {ROTATE: data({"secret": "canary-new"}), TOKEN: logins, CLIENT: client("canary-new")})
    result = run(tasks.CLIENT_SECRET, connection, confirm=True)
    assert (result["changed"], result["secret"], result["client_id"]) == (True, "canary-new", "cid")
    assert UUID4.fullmatch(result["request_id"])
    assert connection.masker.text("canary-new") == MASK
    connection.clock.time += 1000
    connection.client()
    assert [form["client_secret"] for form in grants(connection)] == ["canary-old-secret", "canary-new", "canary-new"]


@pytest.mark.parametrize(
    "lost",
    [
        Reply(drop=True),
        Reply(502, "<html>"),
        error(500, "oops"),
        Reply(body="{cut canary"),
        Reply(body=data()),
        Reply(body=data({})),
    ],
)
def test_a_rotation_whose_answer_is_lost_is_looked_up(serve, lost):
    connection = connect(serve, {ROTATE: lost, CLIENT: client("canary-made")})
    assert connection.rotate_secret() == connection.client_secret == "canary-made"
    targets = [target for target, _body in asked(connection)]
    assert targets == [ROTATE, *[CLIENT] * (len(targets) - 1)]


def test_a_rotation_that_did_not_happen_is_tried_once_more(serve):
    clients = [*[client("canary-old-secret")] * 4, client("canary-second")]
    connection = connect(serve, {ROTATE: [Reply(drop=True), data({"secret": "canary-second"})], CLIENT: clients})
    assert connection.rotate_secret() == "canary-second"
    refused = connect(serve, {ROTATE: error(403, "no"), CLIENT: client("canary-other")})
    with pytest.raises(ApiError) as denied:
        refused.rotate_secret()
    assert "a role with UPDATE on /v1/users/client, or on /v1/users" in denied.value.hint
    assert len(asked(refused)) == 1
    never = connect(serve, {ROTATE: Reply(drop=True), CLIENT: client("canary-old-secret")})
    with pytest.raises(UnclearAnswer, match="may or may not have taken effect"):
        never.rotate_secret()
    blind = connect(serve, {ROTATE: Reply(drop=True), CLIENT: error(403, "no")})
    with pytest.raises(UnclearAnswer) as caught:
        blind.rotate_secret()
    assert "look it up in the customer panel" in caught.value.sentence()
    assert len(asked(blind)) == 2


def test_a_secret_that_cannot_be_written_is_refused_before_it_is_made(serve, tmp_path):
    connection = connect(serve, {ROTATE: data({"secret": "canary-new"})})
    result = run(tasks.CLIENT_SECRET, connection, confirm=True, dest=str(tmp_path / "no" / "file"))
    assert "cannot be written" in result["msg"]
    assert asked(connection) == []
    file = tmp_path / "secret"
    assert run(tasks.CLIENT_SECRET, connection, confirm=True, dest=str(file))["dest"] == str(file)
    assert (file.read_text(encoding="utf-8"), file.stat().st_mode & 0o777) == ("canary-new\n", 0o600)


class Rotating:
    """A Contabo whose client secret changes by rotations whose answers are lost and whose effects come late.

    ``steps`` are (status, effect) for each rotation: a status, or None for a connection that breaks; the seconds until
    the effect, None for none.
    """

    def __init__(self, connection, steps, readable=True):
        self.clock, self.steps, self.readable = connection.clock, list(steps), readable
        self.secrets = [(0.0, "canary-old-secret")]
        self.made = 0

    @property
    def secret(self):
        return max((entry for entry in self.secrets if entry[0] <= self.clock.time), key=lambda entry: entry[0])[1]

    def rotate(self):
        status, effect = self.steps.pop(0) if self.steps else (200, 0.0)
        self.made += 1
        made = f"canary-made-{self.made}"
        if effect is not None:
            self.secrets.append((self.clock.time + effect + self.made * 1e-6, made))
        self.clock.time += 1e-3
        return (
            Reply(drop=True)
            if status is None
            else Reply(status, data({"secret": made}) if status == 200 else {"message": "oops"})
        )

    def read(self):
        return Reply(body=client(self.secret)) if self.readable else error(403, "no")

    def log_in(self, request):
        right = dict(parse_qsl(request.body.decode()))["client_secret"] == self.secret
        return (
            Reply(body=login())
            if right
            else Reply(401, {"error": "unauthorized_client", "error_description": "Invalid client secret"})
        )


@pytest.fixture
def rotating(serve):
    """Return a function that connects to such a server."""

    def start(*steps, readable=True):
        worlds = []

        def api(request):
            return worlds[0].rotate() if request.method == "PUT" else worlds[0].read()

        def log_in(request):
            return worlds[0].log_in(request)

        urls = [serve(api).url, serve(log_in).url]
        connection = Contabo(
            {"api_url": urls[0], "auth_url": urls[1], **CREDENTIALS, "api_retries": 0}, Masker(), FakeClock()
        )
        worlds.append(Rotating(connection, steps, readable))
        return connection, worlds[0]

    return start


@pytest.mark.parametrize("readable", [True, False])
@pytest.mark.parametrize(
    "steps",
    [
        [(200, 0.0)], [(None, 0.0)], [(500, 0.0)], [(None, 1.0)], [(500, 3.4)], [(None, None)], [(502, None)],
        [(None, 4.0)], [(None, 5.0)],
        [(200, None)],
    ],
)  # fmt: skip
def test_a_dead_secret_is_never_handed_out(rotating, steps, readable):
    connection, world = rotating(*steps, readable=readable)
    result = run(tasks.CLIENT_SECRET, connection, confirm=True)
    if result.get("failed"):
        assert result["code"] == "unclear_answer"
        assert "look it up in the customer panel" in result["msg"]
        assert "secret" not in result
        assert not readable or steps == [(200, None)]
    else:
        assert result["secret"] == world.secret != "canary-old-secret"
        assert (result["made"], result["revoked"], result["token"]["name"]) == (True, [], "cid")


def test_a_secret_that_somebody_else_has_rotated_since(rotating):
    connection, world = rotating((200, 0.0))
    world.secrets.append((world.clock.time + 1e-3, "canary-of-another"))
    assert run(tasks.CLIENT_SECRET, connection, confirm=True)["secret"] == "canary-of-another" == world.secret


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


WRITES = sorted(name for name, operation in OPERATIONS.items() if not operation.is_read)


@pytest.mark.parametrize("name", WRITES)
def test_a_page_of_a_proxy_is_no_success_of_a_write(serve, name):
    operation, parameters = OPERATIONS[name], {"userId": ADA_ID}
    page = Reply(200, b"<!DOCTYPE html><html>Sign in</html>", {"Content-Type": "text/html"})
    connection = connect(serve, {f"{operation.method} {operation.target(parameters, None)}": page})
    with pytest.raises(UnclearAnswer):
        connection.call(name, parameters, subject="ada")
