# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""nextAuth: the forms that its documentation leaves open. Pure."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, UnreadableAnswer
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.api import Answer
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth.connection import (
    OPERATIONS,
    NextAuthReader,
    rows_of,
)
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth.tasks import attribute_filter
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth.wire import (
    acl_of,
    attributes_of,
    device,
    is_path_step,
    moment,
    text_of,
)

SITE = {"site": "Köln", "42": "x"}


def said(text, status=200, operation="get_user_attributes"):
    """Return an answer with this body."""
    return Answer(OPERATIONS[operation], status, {"Content-Type": "text/plain"}, text)


@pytest.mark.parametrize(
    "body",
    [
        SITE,
        {"attributes": SITE},
        {"attributes": [{"key": "site", "value": "Köln"}, {"key": "42", "value": "x"}], "totalnumber": 2},
        {"userid": "ada", "attributes": SITE},
        [{"key": "site", "value": "Köln"}, {"key": "42", "value": "x"}],
        [{"name": "site", "value": "Köln", "type": "string"}, {"name": "42", "value": "x"}],
        [{"attributekey": "site", "value": "Köln"}, {"attributekey": 42, "value": "x"}],
        [{"site": "Köln"}, {"42": "x"}],
        [["site", "Köln"], [42, "x"]],
    ],
)
def test_every_plausible_form_of_attributes(body):
    text = json.dumps(body, ensure_ascii=False)
    for form in (text, f"\n {text} ", json.dumps(text), json.dumps(json.dumps(body))):
        assert attributes_of(said(form), "ada") == SITE


@pytest.mark.parametrize("text", ["", "  \n", "null", "{}", "[]", '""', '"{}"', '{"attributes": []}'])
def test_no_attributes(text):
    assert attributes_of(said(text), "ada") == {}


def test_values_are_texts():
    body = {"a": True, "b": 7, "c": 1.5, "d": None, "e": ["x", 1], "f": {"b": 1, "a": "ü"}, "attributes": "plain"}
    expected = {
        "a": "true",
        "b": "7",
        "c": "1.5",
        "d": "",
        "e": '["x", 1]',
        "f": '{"a": "ü", "b": 1}',
        "attributes": "plain",
    }
    assert attributes_of(said(json.dumps(body)), "ada") == expected
    assert text_of(False) == "false"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("site=Köln; 42=x", "not JSON"),
        ("<html>Sign in</html>", "not JSON"),
        ('{"site": "Kö', "not JSON"),
        ('"site=Köln"', "not JSON"),
        ("12", "neither an object nor a list"),
        ("true", "neither an object nor a list"),
        ('["site", "Köln"]', "not an attribute"),
        ('[{"key": "site"}]', "not an attribute"),
        ('[{"attribute": "site"}]', "not an attribute"),
        ('[[true, "x"]]', "not an attribute"),
        ('[{"a": 1, "b": 2}]', "not an attribute"),
        ('[{"key": "a", "value": 1}, {"key": "a", "value": 2}]', "two values for 'a'"),
        (json.dumps(json.dumps(json.dumps('{"a": 1}'))), "encoded twice"),
    ],
)
def test_what_cannot_be_read_is_an_error_and_never_empty(text, why):
    with pytest.raises(UnreadableAnswer) as caught:
        attributes_of(said(text), "ada")
    assert why in caught.value.message and "of ada" in caught.value.message
    assert " ".join(text.split())[:20] in caught.value.message.replace("\\\\", "\\"), "the raw text is shown"
    assert caught.value.hint == "Check that api_url points to the API itself; if it does, report this text."


@settings(max_examples=200)
@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_what_is_written_is_read_again(entries):
    assert attributes_of(said(json.dumps(entries)), "ada") == entries


def test_permissions_are_a_text_of_the_role_on_this_server():
    rows = [
        {"server": "a+b/c=", "role": "r/1==", "acl": "users, accounts,,sessions "},
        {"server": "other", "role": "r/1==", "acl": "root"},
        {"server": "a+b/c=", "role": "r/2==", "acl": "root"},
    ]
    assert sorted(acl_of(rows, "a+b/c=", "r/1==")) == ["accounts", "sessions", "users"]
    assert sorted(acl_of([{"acl": ["users"]}, {"server": "a-b_c", "acl": "x"}, {"acl": ""}], "a+b/c=", "r")) == [
        "users",
        "x",
    ]
    assert acl_of([], "a+b/c=", "r") == acl_of([{"acl": ""}], "a+b/c=", "r") == {}


def test_permissions_of_others_alone_are_not_none():
    for row in ({"server": "other", "role": "r", "acl": "users"}, {"server": "a+b/c=", "role": "7", "acl": "users"}):
        with pytest.raises(ValueError, match="none of its permissions"):
            acl_of([row], "a+b/c=", "r")


@pytest.mark.parametrize("row", [{}, {"acl": None}, {"acl": {}}, {"acl": 7}, {"acl": ["users", None]}])
def test_permissions_that_are_not_told_are_not_none(row):
    with pytest.raises(ValueError, match="no readable acl"):
        acl_of([{"acl": "users"}, row], "a+b/c=", "r")


@pytest.mark.parametrize("blocked", ["true", None, 1, [], {}])
def test_an_account_that_may_be_blocked_is_not_open(blocked):
    with pytest.raises(UnreadableAnswer, match="has an unclear state"):
        device({"id": 1, "blocked": blocked})


@pytest.mark.parametrize(
    "text", [".", "..", "%2e", "%2E%2E", ".%2e", "%252E%252e", "a/../b", "a%2F..", "..\\x", "..;x", " .. ", "./a"]
)
def test_texts_that_a_hop_could_resolve(text):
    assert is_path_step(text)


@pytest.mark.parametrize(
    "text", ["...", "a..b", ".a", "a.", "50%", "50%..é", "a/b", "%2F", "ada.lovelace@example.com", "", "c2VydmVyIDE="]
)
def test_texts_that_no_hop_resolves(text):
    assert not is_path_step(text)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1767600000, "2026-01-05T08:00:00Z"), (1767600000000, "2026-01-05T08:00:00Z"),
        (1767600000000000, "2026-01-05T08:00:00Z"),
        ("1767600000", "2026-01-05T08:00:00Z"), (0, None), (None, None), ("2026-01-05", "2026-01-05"),
        (10**40, "2286-11-20T17:46:40Z"),
        ("Infinity", "Infinity"), (float("-inf"), "-inf"),
    ],
)  # fmt: skip
def test_times_of_any_unit(value, shown):
    assert moment(value) == shown


def test_an_account_without_the_fields_that_are_false():
    assert device({"id": 7, "description": "Phone"}) == {
        "id": "7", "description": "Phone", "blocked": False, "client_version": None, "created": None,
        "last_login": None, "last_provoke": None,
    }


def test_lists():
    assert rows_of(said('{"users": [{"userid": "a"}], "totalnumber": 3}', operation="get_users"), "users") == (
        [{"userid": "a"}],
        3,
    )
    assert rows_of(said('{"users": null, "totalnumber": true}', operation="get_users"), "users") == ([], None)
    assert rows_of(said("[]", operation="get_users"), "users") == ([], None)
    for text in ("", "{}", '{"accounts": []}', '{"users": ["a"]}', '{"users": {"a": 1}}', '{"users": [["a"]]}'):
        with pytest.raises(UnreadableAnswer):
            rows_of(said(text, operation="get_users"), "users")


@pytest.mark.parametrize(
    "text", ['{"error": "no such role"}', '{"message": "no such role"}', "no such role", '"no such role"']
)
def test_errors_of_any_form(text):
    assert NextAuthReader().message_of(said(text, 403)) == "no such role"
    assert NextAuthReader().message_of(said("", 403)) == ""


SERVER = "Check server_id (base64, as nextAuth shows it) and api_url"


@pytest.mark.parametrize(
    ("operation", "status", "part"),
    [
        ("update_account", 403, "permission accounts"), ("get_users", 403, "permission users"),
        ("grant_permissions", 403, "permission root"),
        ("get_users", 401, "api_key"), ("get_users", 401, "api_url"), ("register_user", 409, "nonce"),
        ("register_user", 404, "nonce"),
        ("register_user", 403, "nonce"), ("register_user", 403, "permission users"),
        ("get_users", 500, "server error"),
    ],
)  # fmt: skip
def test_hints(operation, status, part):
    assert part in NextAuthReader().hint_for(OPERATIONS[operation], status, "")


@pytest.mark.parametrize(
    ("operation", "hint"),
    [
        ("get_api_keys", ""),
        ("get_users", f"{SERVER}."),
        ("update_user_attributes", f"{SERVER}, and that the user was not deleted in the meantime."),
        ("update_account", f"{SERVER}, and that the account was not deleted in the meantime."),
        ("grant_permissions", f"{SERVER}, and that the role was not deleted in the meantime."),
    ],
)
def test_the_hint_about_a_404_names_what_the_call_is_about(operation, hint):
    assert NextAuthReader().hint_for(OPERATIONS[operation], 404, "") == hint


@pytest.mark.parametrize(
    ("wanted", "said_as"),
    [
        (None, None), ({"site": "Köln"}, "site=Köln"), ({"n": 7}, "n=7"), ({"site": ["a", "b"]}, "site=in:a,b"),
        ({"site": "a,b=c"}, "site=a,b=c"),
        ({"vip": "true"}, "vip=true"), ({"vip": ["false", "x"]}, "vip=in:false,x"),
    ],
)  # fmt: skip
def test_filters(wanted, said_as):
    assert attribute_filter(wanted) == said_as


@pytest.mark.parametrize(
    "wanted",
    [
        {}, {"a": 1, "b": 2}, {"a": []}, {"a=b": "c"}, {"a": "in:b"}, {"a": ["b,c"]}, {"": "x"}, {"a": None},
        {"a": {"b": 1}}, {"a": True}, {"a": ["x", 1.5]}, {"a": ""}, {"a": ["x", " "]},
    ],
)  # fmt: skip
def test_filters_that_cannot_be_said(wanted):
    with pytest.raises(InputError):
        attribute_filter(wanted)
