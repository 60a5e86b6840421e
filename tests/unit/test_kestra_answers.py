# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra: errors of every form, pages, credentials, and sessions."""

from __future__ import annotations

import json

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    InputError,
    RollcallError,
    UnclearAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.api import Answer
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra import tasks
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.connection import (
    OPERATIONS,
    Kestra,
    KestraReader,
    completions_of,
    is_owner,
    page_of,
)
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.users import Users
from ansible_collections.rollcall.identity.tests.unit.fakes import FakeClock
from ansible_collections.rollcall.identity.tests.unit.kestra import ROW, WHOLE, asked, rows
from ansible_collections.rollcall.identity.tests.unit.web import Reply


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
        ("list_users", 401, "and that api_url is the address of this server"),
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
    ("body", "number", "total"), [(rows(ROW), 1, 1), ({"results": [ROW]}, 1, None), ({"results": [], "total": 0}, 0, 0)]
)
def test_pages(body, number, total):
    page = page_of(answer(body, operation="list_users"))
    assert (len(page.rows), page.total) == (number, total)


@pytest.mark.parametrize("body", [{"rows": []}, "5", "", [], [ROW]])
def test_a_page_that_is_none(body):
    with pytest.raises(RollcallError, match="no list of results"):
        page_of(answer(body, operation="list_users"))


def test_a_completion_is_an_array():
    assert completions_of(answer([ROW], operation="autocomplete_users")) == [ROW]
    with pytest.raises(RollcallError, match="no list of results"):
        completions_of(answer(rows(ROW), operation="autocomplete_users"))


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
    with pytest.raises(InputError, match="expected_account is MAIN, and tenant is main"):
        kestra({"GET /tenants/main": {"id": "main"}}, expected_account="MAIN").verify()
    with pytest.raises(InputError, match="expected_account is eu, and tenant is main"):
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
