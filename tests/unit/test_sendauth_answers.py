# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendAuth: how its answers are read: errors, lists, catalogues and histories."""

from __future__ import annotations

import base64
import json
import urllib.parse

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    InputError,
    UnreadableAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth.connection import SendAuth
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth.users import Users
from ansible_collections.rollcall.identity.tests.unit.sendauth import ADA, ID, ONE, page, sent
from ansible_collections.rollcall.identity.tests.unit.web import Reply


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            {"error": "validation failed", "details": ["firstName is short", "phone is long"]},
            "validation failed (firstName is short; phone is long)",
        ),
        ({"error": "validation failed", "details": None}, "validation failed"),
        ({"error": "is short", "field": "firstName", "value": "A"}, "firstName: is short"),
        ({"message": "other words"}, "other words"),
        ("plain words", "plain words"),
        ("", "without a reason"),
        ("<html>a proxy</html>", "an HTML page"),
    ],
)
def test_every_form_of_an_error(sendauth, body, text):
    connection = sendauth({f"GET {ONE}": Reply(422, body)})
    with pytest.raises(ApiError) as caught:
        connection.call("get_user", {"user_id": ID}, subject="ada")
    assert text in caught.value.message


@pytest.mark.parametrize(
    ("name", "status", "advice"),
    [
        ("list_users", 401, "api_password"), ("list_users", 404, "without /api/v1"),
        ("update_user", 404, "no longer exists"),
        ("delete_user", 403, "use the credentials of another account to delete it"),
        ("update_user", 403, "at least the role of the user that is written"),
        ("get_user_audits", 403, "Admin"), ("create_user", 403, "Registrar"),
        ("register_user", 406, "sendauth_user_passkey"), ("authenticate_user", 406, "type: register"),
        ("create_user", 422, "a deleted one"), ("set_user_tags", 422, "tag"), ("list_users", 500, "later"),
        ("update_user", 409, "may have the specified name"), ("create_user", 409, "already exists"),
        ("list_users", 401, "api_url is the address of this account"),
        ("check_transaction_status", 404, "gather: [transactions]"), ("get_user_audits", 404, "deleted: true"),
    ],
)  # fmt: skip
def test_what_to_do_about_an_error(sendauth, name, status, advice):
    connection = sendauth()
    assert advice in connection.reader().hint_for(connection.operations[name], status, "")


def test_credentials(sendauth):
    connection = sendauth()
    connection.call("list_users")
    (request,) = connection.server.requests
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"me:canary").decode()
    assert connection.masker.text("the canary sings") == "the ******** sings"
    with pytest.raises(InputError, match="api_password is missing"):
        SendAuth({"api_url": "http://127.0.0.1", "api_user": "me"}, Masker())


@pytest.mark.parametrize(
    "body",
    [
        {"error": "odd"},
        [],
        {"rows": "none"},
        {"rows": [1]},
        {"total": 1},
        {"rows": [], "total": "many"},
        "<html>sign in</html>",
    ],
)
def test_a_list_that_is_none_is_no_empty_list(sendauth, body):
    with pytest.raises(UnreadableAnswer):
        Users(
            sendauth({"GET /api/v1/users": Reply(body=json.dumps(body) if not isinstance(body, str) else body)})
        ).listing()


@pytest.mark.parametrize("body", [{"rows": None, "total": 0}, {"rows": []}, {"total": 0}, {"rows": None, "total": "0"}])
def test_an_empty_list_may_be_null_or_left_out(sendauth, body):
    assert Users(sendauth({"GET /api/v1/users": body})).listing().complete


@pytest.mark.parametrize(
    "body", [{"error": "odd"}, {"permissions": "VPN"}, {"permissions": [{"label": "VPN"}]}, {"permissions": ["VPN"]}]
)
def test_a_catalogue_that_is_none_is_no_empty_one(sendauth, body):
    with pytest.raises(UnreadableAnswer, match="list_permissions"):
        sendauth({"GET /api/v1/permissions": body}).permissions()


@pytest.mark.parametrize("body", [{}, {"permissions": None}, {"permissions": []}])
def test_an_empty_catalogue(sendauth, body):
    assert sendauth({"GET /api/v1/permissions": body}).permissions().names == {}


def test_a_search_is_read_to_its_end_and_compared(sendauth):
    others = [{"id": str(number), "email": f"{number}ada@x.org"} for number in range(100)]

    def pages(request):
        query = dict(urllib.parse.parse_qsl(request.target.split("?")[1]))
        assert (query["q"], query["perPage"]) == ("ADA@x.org", "100")
        return page(*(others if query["page"] == "1" else [ADA]), total=101)

    (account,) = Users(sendauth({"GET /api/v1/users": pages})).lookup("ADA@x.org")
    assert (account.id, account.key) == (ID, "Ada@X.org")


def test_equal_entries_of_a_history_stay_and_an_equal_page_is_refused(sendauth):
    entry = {"action": "login", "created_at": "2026-01-05T08:00:00Z"}
    rows = [{"action": str(number)} for number in range(98)]
    path = f"GET {ONE}/audits"
    first = page(*rows, entry, entry, total=102)
    assert (
        len(
            sendauth({path: [first, page(entry, {"action": "98"}, total=102)]}).history(
                "get_user_audits", "audits", ID, "ada", None
            )
        )
        == 102
    )
    with pytest.raises(UnreadableAnswer, match="repeats itself"):
        sendauth({path: first}).history("get_user_audits", "audits", ID, "ada", None)
    connection = sendauth({path: first})
    assert connection.history("get_user_audits", "audits", ID, "ada", 7) == [
        {"action": str(number)} for number in range(7)
    ]
    assert [target for target, _body in sent(connection, reads=True)] == [f"GET {ONE}/audits?page=1&perPage=7"]
