# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contabo: how the login works, ids of requests, and errors of every form."""

from __future__ import annotations

import json
import re

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    InputError,
    RollcallError,
    Unreachable,
    UnreadableAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.api import Answer
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import MASK, Masker
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo.connection import Contabo
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo.users import Users
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo.wire import (
    OPERATIONS,
    ContaboReader,
    claims_of,
)
from ansible_collections.rollcall.identity.tests.unit.contabo import (
    ADA_ID,
    CREDENTIALS,
    ONE_USER,
    TOKEN,
    UUID4,
    asked,
    connect,
    data,
    error,
    grants,
    login,
    single,
    user,
    want,
)
from ansible_collections.rollcall.identity.tests.unit.fakes import FakeClock
from ansible_collections.rollcall.identity.tests.unit.web import Reply

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
            ("Invalid user credentials", "Check api_user and api_password, and that auth_url is"),
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
        (200, '{"access_token": "canary-cut', ("it is not JSON", "or check auth_url")),
        (200, ["x"], ("contains no usable access_token", "or check auth_url")),
        (200, {"access_token": "two\nlines"}, ("contains no usable access_token", "or check auth_url")),
        (405, "", ("Check auth_url",)),
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
        (
            dict.fromkeys(("client_id", "client_secret", "api_password")),
            "client_id, client_secret and api_password are missing. .* CONTABO_CLIENT_SECRET and CONTABO_API_PASSWORD",
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
