# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendAuth: what is written of a user, and in how many calls."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    RollcallError,
    UnclearAnswer,
    UnreadableAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Desired
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import Policy
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import converge
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth.connection import OPERATIONS
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth.users import Users
from ansible_collections.rollcall.identity.tests.unit.sendauth import ADA, ID, ONE, echo, make, page, sent, target
from ansible_collections.rollcall.identity.tests.unit.web import Reply

# -- writing -------------------------------------------------------------------------------------------------------


def test_all_parts_of_a_user_travel_in_one_call_with_what_was_read(sendauth):
    connection = sendauth({f"PUT {ONE}": echo})
    desired = Desired("ada@x.org", fields={"phone": "", "role": "user", "company": ""}, facets={
        "permissions": target("exact", "2024"), "groups": target("present", "Data"),
    })  # fmt: skip
    result = make(connection, desired)
    assert result["changed"]
    assert sent(connection) == [(f"PUT {ONE}", {
        "email": "Ada@X.org", "firstName": "Ada", "lastName": "Lovelace", "phone": "", "role": "user",
        "messagingPreference": "email",
        "permissions": ["2024"], "permissionGroups": ["g1", "g2"],
    })]  # fmt: skip
    assert (result["user"]["permissions"], result["user"]["groups"], result["user"]["company"]) == (
        ["2024"],
        ["Data", "Engineering"],
        "",
    )


def test_what_a_list_leaves_out_is_read_before_it_is_sent_back(sendauth):
    thin = {name: ADA[name] for name in ("id", "email", "firstName", "lastName")}
    connection = sendauth({"GET /api/v1/users": page(thin), f"GET {ONE}": ADA, f"PUT {ONE}": echo})
    make(connection, Desired("ada@x.org", fields={"last_name": "King"}))
    ((_target, body),) = sent(connection)
    assert (body["permissions"], body["permissionGroups"], body["role"], body["lastName"]) == (
        ["VPN"],
        ["g1"],
        "admin",
        "King",
    )
    assert body["company"] == {"id": "c1", "orgID": "o1", "name": "Example"}


def test_what_others_have_changed_since_the_list_was_read_is_not_undone(sendauth):
    now = {**ADA, "phone": "+49 1", "permissions": ["Snowflake"]}
    connection = sendauth({f"GET {ONE}": now, f"PUT {ONE}": echo})
    desired = Desired("ada@x.org", fields={"last_name": "King"}, facets={"permissions": target("present", "2024")})
    converge(Context({}, False, True, Masker()), Users(connection), [desired], Policy(bulk=True))
    assert [line for line, _body in sent(connection, reads=True)][-2:] == [f"GET {ONE}", f"PUT {ONE}"]
    ((_target, body),) = sent(connection)
    assert (body["phone"], sorted(body["permissions"]), body["lastName"]) == ("+49 1", ["2024", "Snowflake"], "King")


def test_what_is_not_set_is_not_sent(sendauth):
    bare = {
        "id": ID, "email": None, "firstName": "Ada", "lastName": "Lovelace", "phone": "", "company": None,
        "permissions": None, "role": "user",
    }
    connection = sendauth({f"GET {ONE}": bare, f"PUT {ONE}": echo, "GET /api/v1/users": page(bare)})
    assert make(connection, Desired("", id=ID, fields={"last_name": "King"}))["user"]["user"] is None
    assert sent(connection)[0][1] == {"firstName": "Ada", "lastName": "King", "role": "user"}


def test_what_a_document_does_not_report_is_sent_as_the_list_has_it(sendauth):
    thin = {name: value for name, value in ADA.items() if name not in ("permissions", "phone", "email")} | {
        "permissionGroups": None
    }
    connection = sendauth({f"GET {ONE}": thin, f"PUT {ONE}": echo})
    make(connection, Desired("", id=ID, fields={"last_name": "King"}))
    ((_target, body),) = sent(connection)
    assert (body["permissions"], body["permissionGroups"], body["phone"], body["email"]) == (
        ["VPN"],
        ["g1"],
        "+1",
        "Ada@X.org",
    )


def test_a_row_that_shows_no_address_is_read_by_id(sendauth):
    ada = {**ADA, "role": "user"}
    hidden = {name: value for name, value in ada.items() if name != "email"}
    connection = sendauth({"GET /api/v1/users": page(hidden), f"GET {ONE}": ada, f"DELETE {ONE}": Reply(200, "")})
    assert make(connection, Desired("ada@x.org", state="absent"))["changed"]
    assert [line for line, _body in sent(connection)] == [f"DELETE {ONE}"]


def test_a_list_that_shows_no_addresses_is_no_reason_to_create(sendauth):
    hidden = {name: value for name, value in ADA.items() if name != "email"}
    with pytest.raises(UnreadableAnswer, match="shows no addresses"):
        Users(sendauth({"GET /api/v1/users": page(hidden), f"GET {ONE}": ADA})).listing()
    assert len(Users(sendauth({"GET /api/v1/users": page(hidden), f"GET {ONE}": hidden})).listing().accounts) == 1


def test_somebody_whom_no_list_shows_is_not_written_without_what_is_unknown(sendauth):
    connection = sendauth({f"GET {ONE}": {**ADA, "permissions": None}, "GET /api/v1/users": page()})
    with pytest.raises(RollcallError, match="does not report permissions") as caught:
        make(connection, Desired("", id=ID, fields={"last_name": "King"}))
    assert (caught.value.code, sent(connection)) == ("unreadable_answer", [])


@pytest.mark.parametrize(
    ("told", "what"),
    [
        ({"role": "admin"}, "role is admin"),
        ({"permissions": []}, "permissions is empty"),
        ({"company": ADA["company"]}, "company is c1"),
    ],
)
def test_a_change_that_is_accepted_and_not_made_is_an_error(sendauth, told, what):
    connection = sendauth({f"PUT {ONE}": lambda request: {**echo(request), **told}})
    desired = Desired(
        "ada@x.org", fields={"role": "user", "company": ""}, facets={"permissions": target("exact", "2024")}
    )
    with pytest.raises(RollcallError, match=what):
        make(connection, desired)


def test_all_changes_that_are_accepted_and_not_made_are_named(sendauth):
    after = {"role": "admin", "permissionGroups": ["g9"]}
    connection = sendauth({f"PUT {ONE}": lambda request: {**echo(request), **after}})
    desired = Desired("ada@x.org", fields={"role": "user"})
    with pytest.raises(RollcallError) as caught:
        make(connection, desired)
    assert caught.value.message == (
        "SendAuth accepted the change of Ada@X.org, but role is admin instead of user, and groups is g9 instead of g1."
    )
    assert "written" not in caught.value.hint and "run the task again" in caught.value.hint


@pytest.mark.parametrize(("fresh", "what"), [(["2024"], None), ([], "permissions is empty")])
def test_what_an_answer_leaves_out_of_a_change_is_read(sendauth, fresh, what):
    def thin(request):
        return {name: value for name, value in echo(request).items() if name != "permissions"}

    connection = sendauth({f"PUT {ONE}": thin, f"GET {ONE}": {**ADA, "permissions": fresh}})
    desired = Desired("ada@x.org", facets={"permissions": target("exact", "2024")})
    if what is None:
        assert make(connection, desired)["changed"]
    else:
        with pytest.raises(RollcallError, match=what):
            make(connection, desired)


@pytest.mark.parametrize(
    "company", [{}, {"id": "", "name": ""}, {"id": "00000000-0000-0000-0000-000000000000", "name": ""}]
)
def test_an_empty_company_is_none_and_is_not_sent_back(sendauth, company):
    connection = sendauth(
        {
            "GET /api/v1/users": page({**ADA, "company": company}),
            f"PUT {ONE}": lambda request: {**echo(request), "company": company},
        }
    )
    assert make(connection, Desired("ada@x.org", fields={"phone": "+2"}))["user"]["company"] is None
    assert "company" not in sent(connection)[0][1]


@pytest.mark.parametrize("answer", [{}, "null"])
def test_an_answer_that_tells_nothing_is_no_error(sendauth, answer):
    assert make(sendauth({f"PUT {ONE}": Reply(body=answer)}), Desired("ada@x.org", fields={"phone": "+2"}))["changed"]


@pytest.mark.parametrize("answer", [{}, "null", "[]"])
@pytest.mark.parametrize(("mode", "items"), [("present", ["Snowflake"]), ("exact", [])])
def test_permissions_are_read_after_an_answer_that_tells_nothing(sendauth, answer, mode, items):
    desired = Desired("ada@x.org", facets={"permissions": target(mode, *items)})
    with pytest.raises(RollcallError, match="SendAuth accepted the change of Ada@X"):
        make(sendauth({f"PUT {ONE}": Reply(body=answer)}), desired)
    after = {**ADA, "permissions": [*ADA["permissions"], "Snowflake"] if items else []}
    assert make(sendauth({f"PUT {ONE}": Reply(body=answer), f"GET {ONE}": [ADA, after]}), desired)["changed"]


def test_a_company_compares_by_its_id(sendauth):
    nameless = {**ADA, "company": {"id": "c1"}}
    assert not make(
        sendauth({"GET /api/v1/users": page(nameless)}), Desired("ada@x.org", fields={"company": "Example"})
    )["changed"]
    assert not make(sendauth(), Desired("ada@x.org", fields={"company": {"id": "c1", "name": "Example"}}))["changed"]


PASSKEYS = Desired("ada@x.org", may_create=False, fields={"has_passkeys": False})


def test_no_passkeys_may_be_a_404(sendauth):
    bare = {**ADA, "hasPasskeys": False}
    connection = sendauth({f"DELETE {ONE}/passkey": Reply(404, ""), f"GET {ONE}": bare})
    assert make(connection, PASSKEYS)["diff"][0]["after"] == {"has_passkeys": False}
    assert not make(sendauth({"GET /api/v1/users": page(bare)}), PASSKEYS)["changed"]


def test_a_404_does_not_prove_that_passkeys_are_removed(sendauth):
    connection = sendauth({f"DELETE {ONE}/passkey": Reply(404, "gone")})
    with pytest.raises(ApiError, match="404: gone") as caught:
        make(connection, PASSKEYS)
    assert caught.value.hint.startswith("The user still has passkeys. Check api_url and any proxy")
    connection = sendauth({f"DELETE {ONE}/passkey": Reply(404, ""), f"GET {ONE}": Reply(404, "")})
    with pytest.raises(RollcallError) as caught:
        make(connection, PASSKEYS)
    assert caught.value.code == "user_not_found"


def test_a_server_may_leave_out_that_there_are_no_passkeys(sendauth):
    bare = {name: value for name, value in ADA.items() if name != "hasPasskeys"}
    connection = sendauth({f"GET {ONE}": bare})
    assert not make(connection, Desired("", id=ID.upper(), may_create=False, fields={"has_passkeys": False}))["changed"]
    assert sent(connection) == []


# -- tags and roles ------------------------------------------------------------------------------------------------


def test_one_user_is_read_again_right_before_the_write(sendauth):
    """An update replaces the document: what others have changed since the plan was made is sent back as it is now."""
    now = {**ADA, "phone": "+49 1", "permissions": ["VPN", "Snowflake"], "role": "super_admin"}
    connection = sendauth({f"GET {ONE}": now, f"PUT {ONE}": echo})
    context = Context({}, False, True, Masker())
    desired = Desired(
        "ada@x.org", fields={"last_name": "King", "role": "admin"}, facets={"permissions": target("exact", "2024")}
    )
    converge(context, Users(connection), [desired], Policy(min_admins=0))
    ((_target, body),) = sent(connection)
    assert (body["phone"], body["lastName"]) == ("+49 1", "King")
    assert sorted(body["permissions"]) == ["2024", "Snowflake"], "the plan took VPN away, and did not know of Snowflake"
    assert body["role"] == "super_admin", "the plan did not demote"
    assert [notice.text for notice in context.notices] == [
        (
            "ada@x.org: Snowflake in permissions was granted outside this task in the meantime and was left alone. "
            "Run the task again to include it."
        )
    ]


@pytest.mark.parametrize(
    "odd",
    [
        {"permissions": "VPN"}, {"permissions": [None]}, {"permissions": {"VPN": True}},
        {"permissionGroups": [{"id": "g1"}]}, {"permissionGroups": [1]},
        {"company": "Example"}, {"company": [1]}, {"role": 3}, {"role": ["admin"]}, {"email": {"x": 1}},
        {"firstName": []},
        {"hasPasskeys": "false"}, {"id": {"a": 1}}, {"id": 7},
    ],
)  # fmt: skip
def test_a_user_of_another_form_is_an_error_and_nothing_is_written(sendauth, odd):
    for routes in ({"GET /api/v1/users": page({**ADA, **odd})}, {f"GET {ONE}": {**ADA, **odd}}):
        connection = sendauth({f"PUT {ONE}": echo, **routes})
        with pytest.raises(RollcallError) as caught:
            make(
                connection,
                Desired("", id=ID, fields={"phone": "+2"})
                if f"GET {ONE}" in routes
                else Desired("ada@x.org", fields={"phone": "+2"}),
            )
        assert caught.value.code == "unreadable_answer"
        assert sent(connection) == []


# -- what can be granted -------------------------------------------------------------------------------------------


PARAMETERS = {"user_id": ID, "tx_id": "t1"}


@pytest.mark.parametrize("name", sorted(name for name, operation in OPERATIONS.items() if not operation.is_read))
def test_a_page_of_a_proxy_is_no_success_of_a_write(sendauth, name):
    operation = OPERATIONS[name]
    sign_in = Reply(200, b"<!DOCTYPE html><html>Sign in</html>", {"Content-Type": "text/html"})
    connection = sendauth({f"{operation.method} {operation.target(PARAMETERS, None)}": sign_in})
    with pytest.raises(UnclearAnswer):
        connection.call(name, PARAMETERS, subject="ada")


def test_passkeys_that_a_proxy_seemed_to_remove_are_removed_by_the_next_run(sendauth):
    sign_in = Reply(200, b"<html>Sign in</html>", {"Content-Type": "text/html"})
    connection = sendauth({f"DELETE {ONE}/passkey": [sign_in, sign_in, sign_in, Reply(body="")]})
    desired = Desired("ada@x.org", may_create=False, fields={"has_passkeys": False})
    with pytest.raises(RollcallError):
        make(connection, desired)
    assert make(connection, desired)["changed"] is True
