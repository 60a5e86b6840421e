# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin: answers of either form, errors of every form, logins and lists."""

from __future__ import annotations

import base64
import json

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    InputError,
    RollcallError,
    UnreadableAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.api import Answer
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Desired
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin import tasks
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin.connection import (
    OPERATIONS,
    OneLogin,
    OneLoginReader,
    data_of,
)
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin.shapes import flat
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin.users import Users
from ansible_collections.rollcall.identity.tests.unit.onelogin import ADA, SUCCESS, asked, block, envelope
from ansible_collections.rollcall.identity.tests.unit.web import Reply


def answer(body, status=200, operation="get_user_by_id", headers=None):
    return Answer(OPERATIONS[operation], status, headers or {}, body if isinstance(body, str) else json.dumps(body))


# -- the reader ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status", "true_status", "said"),
    [
        (block("wrong"), 400, 400, "wrong"),
        (block({"attribute": "email", "description": "is taken"}), 422, 422, "email: is taken"),
        (block("Authentication Failure", 401), 200, 401, "Authentication Failure"),
        (block("no code", "oops"), 200, 400, "no code"),
        (
            {"statusCode": 400, "name": "BadRequest", "message": "must be a number", "field": "group_id"},
            400,
            400,
            "group_id: must be a number",
        ),
        (
            {"statusCode": 422, "name": "Invalid", "errors": [{"message": "one"}, {"message": "two"}]},
            422,
            422,
            "one; two",
        ),
        (
            {"status": 400, "error": "Bad Request", "description": "cursor xor pagination"},
            400,
            400,
            "cursor xor pagination",
        ),
        ({"code": 404, "message": "not here", "error": True, "type": "x"}, 404, 404, "not here"),
        ({"code": 404, "message": "not here", "error": True, "type": "x"}, 200, 404, "not here"),
        ({"code": 200, "message": "Success", "error": False, "type": "success"}, 200, 200, None),
        ("<html>Bad gateway</html>", 502, 502, "an HTML page instead of an API answer"),
        ("plain\nwords", 500, 500, "plain words"),
        ("", 500, 500, ""),
        (envelope(ADA), 200, 200, None),
        ([ADA], 200, 200, None),
        ({**ADA, "status": 1}, 200, 200, None),
        ("{cut", 200, 200, None),
    ],
)
def test_errors_of_every_form(body, status, true_status, said):
    given = answer(body, status)
    assert OneLoginReader().status_of(given) == true_status
    if said is not None:
        message = OneLoginReader().message_of(given)
        assert said in message
        assert "\n" not in message


@pytest.mark.parametrize(
    ("status", "message", "renewable"),
    [
        (401, "Authentication Failure", True),
        (401, "Insufficient Permission", False),
        (400, "Authorization Information is incorrect", False),
        (403, "x", False),
    ],
)
def test_a_new_token_helps_only_where_the_token_is_at_fault(status, message, renewable):
    assert OneLoginReader().token_expired(answer(block(message, status), status)) is renewable
    assert OneLoginReader().token_expired(answer(block(message, status), 200)) is renewable


@pytest.mark.parametrize(
    ("operation", "status", "message", "said"),
    [
        ("add_roles_to_user", 401, "Insufficient Permission", "lacks a scope"),
        ("generate_token", 401, "Authentication Failure", "Check client_id and client_secret"),
        ("generate_token", 500, "oops", "the creator of the API credential was deleted"),
        ("generate_token", 503, "oops", "This is a server error: run the task again later"),
        ("list_users", 401, "Authentication Failure", "the access token that it issued for client_id"),
        ("create_user", 422, "email is taken", "Check the values"),
        ("revoke_tokens", 404, "The token was not found", "with the credential that created it"),
    ],
)
def test_what_to_do_about_it(operation, status, message, said):
    assert said in OneLoginReader().hint_for(OPERATIONS[operation], status, message)


def test_only_who_specified_a_token_is_asked_to_replace_it():
    hints = [
        OneLoginReader(has_token=has_token).hint_for(OPERATIONS["list_users"], 401, "Authentication Failure")
        for has_token in (True, False)
    ]
    assert ["Replace access_token" in hint for hint in hints] == [True, False]


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        (envelope(ADA), [ADA]),
        (envelope(), []),
        ([ADA, ADA], [ADA, ADA]),
        (ADA, [ADA]),
        ({"data": [[1, 2]]}, [[1, 2]]),
    ],
)
def test_rows_come_wrapped_or_bare(body, rows):
    assert data_of(answer(body)) == rows


@pytest.mark.parametrize("body", ["5", '"text"', "true", "null", ""])
def test_an_answer_that_is_neither(body):
    with pytest.raises(RollcallError, match="neither an object nor a list"):
        data_of(answer(body))


@pytest.mark.parametrize(
    "body",
    [{"status": SUCCESS}, {"status": SUCCESS, "data": None}, {"data": 5}, {"status": SUCCESS, "data": {"id": 7}}],
)
def test_an_envelope_without_its_data_is_not_an_empty_list(body):
    with pytest.raises(UnreadableAnswer, match="its envelope contains no list of data"):
        data_of(answer(body))


@pytest.mark.parametrize(
    ("rows", "expected"), [([[1, 2]], [1, 2]), ([[]], []), ([1, 2], [1, 2]), ([], []), ([[1], 2], [1, 2])]
)
def test_ids_come_wrapped_or_bare(rows, expected):
    assert flat(rows) == expected


# -- logging in --------------------------------------------------------------------------------------------------------

LOGIN = {"access_token": "made", "expires_in": 36000, "account_id": 88123, "token_type": "bearer"}
CREDENTIALS = {"access_token": None, "client_id": "me", "client_secret": "s3cret"}
TOKEN = "POST /auth/oauth2/v2/token"


def test_a_login_is_http_basic_and_tells_the_account(onelogin):
    connection = onelogin({TOKEN: LOGIN, "GET /api/1/users/7": envelope(ADA)}, **CREDENTIALS)
    connection.call("get_user_by_id", {"user_id": 7})
    first, second = connection.server.requests
    assert base64.b64decode(first.headers["authorization"].removeprefix("Basic ")) == b"me:s3cret"
    assert json.loads(first.body) == {"grant_type": "client_credentials"}
    assert second.headers["authorization"].lower() == "bearer made"
    assert connection.account() == "88123"
    assert len(connection.server.requests) == 2


@pytest.mark.parametrize(
    "reply", [block("Authentication Failure", 401), Reply(401, block("Authentication Failure", 401)), Reply(500)]
)
def test_a_refused_login_is_tried_once(onelogin, reply):
    connection = onelogin({TOKEN: reply}, **CREDENTIALS)
    with pytest.raises(ApiError):
        connection.call("list_users")
    assert len(connection.server.requests) == 1


def test_a_login_without_a_token_is_an_error(onelogin):
    with pytest.raises(RollcallError, match="no usable access_token"):
        onelogin({TOKEN: {"token_type": "bearer"}}, **CREDENTIALS).call("list_users")


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"access_token": ""}, "client_id and client_secret are missing"),
        ({"access_token": None, "client_id": "me"}, "client_secret is missing"),
    ],
)
def test_credentials_that_are_missing(onelogin, params, said):
    with pytest.raises(InputError) as caught:
        onelogin({}, **params)
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("path", "status", "body", "said"),
    [
        ("/api/2", 404, "", "/api/2/auth/oauth2/v2/token. Use api_url without /api/2."),
        ("", 404, block("Not found", 404), "/auth/oauth2/v2/token. Check api_url"),
        ("", 403, "<html>Sign in</html>", "api_url may point to a proxy or a login page"),
        ("", 200, "<html>Sign in</html>", "api_url may point to a proxy or a login page"),
        ("", 502, "<html>Bad gateway</html>", "This is a server error: run the task again later"),
    ],
)
def test_a_login_at_the_wrong_address(onelogin, path, status, body, said):
    connection = onelogin({f"POST {path}/auth/oauth2/v2/token": Reply(status, body)}, **CREDENTIALS)
    if path:
        connection = OneLogin(
            {**connection.params, "api_url": connection.params["api_url"] + path}, connection.masker, connection.clock
        )
    with pytest.raises(RollcallError) as caught:
        connection.call("list_users")
    assert said in caught.value.hint
    assert caught.value.hint.count("Nothing was found") <= 1
    assert caught.value.hint.count("login page") == ("<html>" in body)


def test_a_token_that_was_given_does_not_tell_the_account(onelogin):
    assert onelogin({}).account() is None


# -- lists -----------------------------------------------------------------------------------------------------------


def people(*numbers):
    return [
        {"id": number, "username": f"user{number}", "email": f"u{number}@x.org", "state": 1, "status": 1}
        for number in numbers
    ]


def test_pages_that_name_the_next_one_in_the_body(onelogin):
    pages = [
        envelope(*people(1, 2), pagination={"after_cursor": "a+b="}),
        envelope(*people(3), pagination={"after_cursor": None}),
    ]
    connection = onelogin({"GET /api/1/users": pages})
    snapshot = Users(connection).listing()
    assert [account.key for account in snapshot.accounts] == ["user1", "user2", "user3"]
    assert snapshot.complete
    assert [target for target, _body in asked(connection)] == [
        "GET /api/1/users",
        "GET /api/1/users?after_cursor=a%2Bb%3D",
    ]
    assert not connection.bare


def test_pages_that_name_the_next_one_in_a_header(onelogin):
    pages = [
        Reply(body=people(1, 2), headers={"After-Cursor": "c2", "Total-Count": "3"}),
        Reply(body=people(3), headers={"Total-Count": "3"}),
    ]
    connection = onelogin({"GET /api/1/users": pages})
    assert len(Users(connection).listing().accounts) == 3
    assert [target for target, _body in asked(connection)] == ["GET /api/1/users", "GET /api/1/users?cursor=c2"]
    assert connection.bare


@pytest.mark.parametrize(
    "pages",
    [
        [envelope(*people(1, 2), pagination={"after_cursor": "c2"}), Reply(body=[])],
        [Reply(body=people(1, 2), headers={"After-Cursor": "c2"}), envelope()],
    ],
)
def test_a_page_in_another_form_than_the_one_before_is_not_the_end(onelogin, pages):
    with pytest.raises(UnreadableAnswer, match="another form than the previous page"):
        Users(onelogin({"GET /api/1/users": pages})).listing()


@pytest.mark.parametrize(("reply", "bare"), [(envelope(ADA), False), (ADA, True), ({"data": [ADA]}, False)])
def test_the_form_is_learned_from_one_user(onelogin, reply, bare):
    connection = onelogin({"GET /api/1/users/7": reply, "PUT /api/1/users/7": reply})
    users = Users(connection)
    users.writing(Desired("ada"), users.get("7")).update("profile", {"comment": "", "locale_code": "de"})
    assert asked(connection)[1][1] == (
        {"comment": "", "preferred_locale_code": "de"} if bare else {"notes": "", "locale_code": "de"}
    )


def test_a_list_of_roles_in_another_form_changes_nothing_for_users(onelogin):
    pages = [Reply(body=people(1), headers={"After-Cursor": "c2"}), Reply(body=people(2))]
    connection = onelogin({"GET /api/1/roles": envelope({"id": 1, "name": "Ops"}), "GET /api/1/users": pages})
    users = Users(connection)
    first = connection.page("list_users", {}, None)
    connection.roles()
    assert connection.bare
    assert users.connection.page("list_users", {}, first.next).rows == people(2)
    assert asked(connection)[-1][0] == "GET /api/1/users?cursor=c2"


def test_a_list_without_a_body_is_not_an_empty_one(onelogin):
    with pytest.raises(RollcallError, match="it is empty"):
        Users(onelogin({"GET /api/1/users": Reply(body="")})).listing()


def test_attributes_that_a_list_shows_as_null_are_unknown(onelogin):
    connection = onelogin(
        {
            "GET /api/1/users": envelope({"id": 7, "username": "ada", "custom_attributes": None}),
            "GET /api/1/users/7": envelope(ADA),
        }
    )
    users = Users(connection)
    (ada,) = users.lookup("ada")
    assert "attributes" not in ada.facets
    users.load(ada, ["attributes"], [])
    assert ada.facets["attributes"] == {"cost": "1"}


@pytest.mark.parametrize("key", ["a*", "!ada", " !ada"])
def test_a_pattern_is_never_searched_for(onelogin, key):
    connection = onelogin({})
    assert Users(connection).lookup(key) == []
    assert asked(connection) == []


def test_a_key_is_looked_up_exactly_and_compared_again(onelogin):
    replies = [envelope(), envelope({"id": 1, "username": "adam"}, {"id": 2, "username": "Ada"})]
    connection = onelogin({"GET /api/1/users": replies})
    assert [account.id for account in Users(connection).lookup("ADA")] == ["2"]
    assert [target for target, _body in asked(connection)] == [
        "GET /api/1/users?username=ADA",
        "GET /api/1/users?username=ada",
    ]


def test_a_look_up_keeps_whose_name_looks_alike(onelogin):
    connection = onelogin({"GET /api/1/users": envelope({"id": 2, "username": "\u212aim"})})
    assert [account.id for account in Users(connection).lookup("kim")] == ["2"]


def test_the_key_may_be_the_mail(onelogin):
    connection = onelogin({"GET /api/1/users": envelope(ADA)})
    assert Users(connection, "email").lookup("ada@x.org")[0].key == "ada@x.org"
    assert asked(connection)[0][0] == "GET /api/1/users?email=ada%40x.org"


def test_a_field_that_a_list_shows_for_others_is_empty_and_one_that_it_never_shows_is_unknown(onelogin):
    connection = onelogin(
        {"GET /api/1/users": envelope({"id": 1, "username": "ada", "title": "x"}, {"id": 2, "username": "bob"})}
    )
    ada, bob = Users(connection).listing().accounts
    assert (ada.values["title"], bob.values["title"]) == ("x", None)
    assert "phone" not in bob.values
    assert "enabled" not in bob.values
    assert "attributes" not in bob.facets


def test_a_whole_user_has_every_field(onelogin):
    account = Users(onelogin({})).account(ADA)
    assert account.values["phone"] is None
    assert account.facets == {"attributes": {"cost": "1"}}


# -- tasks -------------------------------------------------------------------------------------------------------------

REVOKE = "POST /auth/oauth2/revoke"
KEEP = {"state": "present", "rotate": "never", "min_remaining": None, "dest": None}


def run(task, connection, **params):
    return task.run(Context({**connection.params, **params}, False, False, connection.masker), connection)


def test_a_token_that_can_never_last_long_enough_is_not_revoked(onelogin):
    connection = onelogin({TOKEN: LOGIN}, **CREDENTIALS)
    with pytest.raises(InputError, match="only valid for 36000 s"):
        run(tasks.API_TOKEN, connection, **{**KEEP, "rotate": "expired", "min_remaining": "36001"})
    assert [target for target, _body in asked(connection)] == [TOKEN]


def test_a_rotated_token_is_used_from_then_on(onelogin):
    logins = [{**LOGIN, "access_token": name} for name in ("old", "old", "new", "new")]
    connection = onelogin(
        {TOKEN: logins, REVOKE: {"status": SUCCESS}, "GET /api/1/users/7": envelope(ADA)}, **CREDENTIALS
    )
    assert connection.account() == "88123"
    assert run(tasks.API_TOKEN, connection, **{**KEEP, "rotate": "always"})["secret"] == "new"
    connection.call("get_user_by_id", {"user_id": 7})
    assert connection.server.requests[-1].headers["authorization"].lower() == "bearer new"
    assert connection.masker.text("old new") == "******** ********"


@pytest.mark.parametrize(("said", "changed"), [("Authentication Failure", False), ("Insufficient Permission", True)])
def test_a_token_without_scopes_is_revoked_like_any_other(onelogin, said, changed):
    refused = Reply(401, block(said, 401))
    connection = onelogin(
        {"GET /auth/rate_limit": refused, REVOKE: {"status": SUCCESS}, TOKEN: LOGIN},
        client_id="me",
        client_secret="s3cret",
    )
    result = run(tasks.API_TOKEN, connection, **{**KEEP, "state": "absent", "expected_account": "88123"})
    assert result == {"changed": changed, "api_calls": 2 + changed}


def test_a_filter_that_is_empty_does_not_mean_everybody(onelogin):
    connection = onelogin({})
    with pytest.raises(InputError, match=r"filters\.email is empty"):
        run(tasks.USER_INFO, connection, gather=[], filters={"email": "", "role": None})
    assert asked(connection) == []


# -- the token of the credentials ------------------------------------------------------------------------------------


def tokens(*names, **more):
    """Return what logins answer, one after the other."""
    return [{**LOGIN, "access_token": name, **more} for name in names]


@pytest.mark.parametrize("least", ["3600", "1h", "PT1H", "60m"])
def test_min_remaining_has_the_forms_of_every_duration(onelogin, least):
    short = {**LOGIN, "access_token": "old", "created_at": "2026-03-01T00:00:00Z"}
    dated = Reply(body=short, headers={"Date": "Sun, 01 Mar 2026 09:30:00 GMT"})
    connection = onelogin({TOKEN: [dated, dated, *tokens("new", "new")], REVOKE: {"status": SUCCESS}}, **CREDENTIALS)
    context = Context(
        {**connection.params, **KEEP, "rotate": "expired", "min_remaining": least}, False, False, connection.masker
    )
    result = tasks.API_TOKEN.run(context, connection)
    assert (result["changed"], result["made"], result["secret"], context.notices) == (True, True, "new", [])


def test_a_token_that_is_kept_shows_when_it_ends(onelogin):
    dated = Reply(
        body={**LOGIN, "created_at": "2026-03-01T00:00:00Z"}, headers={"Date": "Sun, 01 Mar 2026 09:30:00 GMT"}
    )
    connection = onelogin({TOKEN: [dated, dated]}, **CREDENTIALS)
    result = run(tasks.API_TOKEN, connection, **{**KEEP, "rotate": "expired", "min_remaining": "10m"})
    assert (result["made"], result["token"]["expires_at"]) == (False, "2026-03-01T10:00:00Z")


@pytest.mark.parametrize(
    ("params", "option"),
    [
        ({"min_remaining": "1h"}, "min_remaining"), ({"min_remaining": "1h", "rotate": "always"}, "min_remaining"),
        ({"state": "absent", "dest": "/nonexistent/t"}, "dest"), ({"state": "absent", "rotate": "always"}, "rotate"),
        ({"state": "absent", "min_remaining": "1h"}, "min_remaining"),
    ],
)
def test_an_option_without_effect_is_an_error(onelogin, params, option):
    connection = onelogin(
        {TOKEN: LOGIN, REVOKE: {"status": SUCCESS}}, client_id="me", client_secret="s3cret", access_token="t"
    )
    with pytest.raises(InputError) as caught:
        run(tasks.API_TOKEN, connection, **{**KEEP, **params})
    assert [(problem.code, problem.option) for problem in caught.value.problems] == [("no_effect", option)]
    assert asked(connection) == []


@pytest.mark.parametrize("least", ["", "soon", "1.5h", "-1"])
def test_a_least_time_that_is_none(onelogin, least):
    connection = onelogin({TOKEN: LOGIN}, **CREDENTIALS)
    with pytest.raises(InputError) as caught:
        run(tasks.API_TOKEN, connection, **{**KEEP, "rotate": "expired", "min_remaining": least})
    assert (caught.value.code, caught.value.problems[0].option) == ("invalid_duration", "min_remaining")
    assert asked(connection) == []


def test_what_is_planned_has_no_secret(onelogin):
    connection = onelogin({TOKEN: LOGIN}, **CREDENTIALS)
    result = tasks.API_TOKEN.run(
        Context({**connection.params, **KEEP, "rotate": "always"}, True, False, connection.masker), connection
    )
    assert (result["changed"], result["made"], result["token"], "secret" in result) == (True, True, None, False)


@pytest.mark.parametrize("revoked", [Reply(drop=True), Reply(502, "<html>"), Reply(body={"status": SUCCESS})])
@pytest.mark.parametrize("late", [0, 2])
def test_a_revoked_token_is_not_handed_out(onelogin, revoked, late):
    connection = onelogin({TOKEN: tokens("old", *["old"] * late, "new", "new"), REVOKE: revoked}, **CREDENTIALS)
    assert run(tasks.API_TOKEN, connection, **{**KEEP, "rotate": "always"})["secret"] == "new"


@pytest.mark.parametrize(
    ("revoked", "text"),
    [(Reply(drop=True), "may or may not"), (Reply(body={"status": SUCCESS}), "still returns the same one")],
)
def test_a_token_that_stays_the_same_is_an_error(onelogin, revoked, text):
    connection = onelogin({TOKEN: tokens(*["old"] * 9), REVOKE: revoked}, **CREDENTIALS)
    with pytest.raises(RollcallError) as caught:
        run(tasks.API_TOKEN, connection, **{**KEEP, "rotate": "always"})
    assert (caught.value.code, text in caught.value.message) == ("unclear_answer", True)


def test_a_file_that_cannot_be_written_is_known_before_anything_is_revoked(onelogin, tmp_path):
    connection = onelogin({TOKEN: LOGIN}, **CREDENTIALS)
    for place in (tmp_path, tmp_path / "no" / "file", "/dev/null"):
        with pytest.raises(InputError) as caught:
            run(tasks.API_TOKEN, connection, **{**KEEP, "rotate": "always", "dest": str(place)})
        assert caught.value.code == "invalid_dest"
    assert asked(connection) == []


@pytest.mark.parametrize(("state", "client"), [("absent", "me"), ("present", None)])
def test_who_revokes_a_token_may_be_in_the_environment(state, client):
    params = {"state": state, "access_token": "leaked", "client_id": "me", "client_secret": "s3cret"}
    tasks.API_TOKEN.settle(params, {"state": state, "access_token": "leaked"}, {})
    assert (params["access_token"], params["client_id"]) == ("leaked", client)
