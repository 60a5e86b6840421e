# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendAuth: how its answers are read, what is written of a user and in how many calls, and the transactions."""

from __future__ import annotations

import base64
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
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Desired, DesiredFacet, document
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import Policy
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.steps import Step
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import converge
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth import tasks
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth.connection import (
    OPERATIONS,
    SendAuth,
)
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth.users import SCHEMA, Users
from ansible_collections.rollcall.identity.tests.unit.fakes import FakeClock
from ansible_collections.rollcall.identity.tests.unit.web import Reply

ID, OTHER = "1c6dc9a4-9a5c-4d3b-8f7a-2f5b7f0f3c11", "2c6dc9a4-9a5c-4d3b-8f7a-2f5b7f0f3c11"
ONE = f"/api/v1/users/{ID}"
ADA = {
    "id": ID, "email": "Ada@X.org", "firstName": "Ada", "lastName": "Lovelace", "phone": "+1", "role": "admin",
    "username": "Ada L",
    "permissions": ["VPN"], "permissionGroups": ["g1"], "groupPermissions": ["x"], "messagingPreference": "email",
    "hasPasskeys": True,
    "company": {"id": "c1", "orgID": "o1", "name": "Example", "createdAt": "2026-01-05T08:00:00Z"},
    "createdAt": "2026-01-05T08:00:00Z",
}  # fmt: skip
LABELS = {"permissions": [{"name": name} for name in ("VPN", "Snowflake", "2024")]}
GROUPS = {"groups": [{"id": "g1", "name": "Engineering"}, {"id": "g2", "name": "Data"}]}
COMPANIES = [{"id": "c1", "name": "Example"}, {"id": "c2", "name": "Twice"}, {"id": "c3", "name": "Twice"}]
CATALOGUES = {
    "GET /api/v1/permissions": LABELS, "GET /api/v1/permission-groups": GROUPS, "GET /api/v1/companies": COMPANIES,
}


def page(*rows, **more):
    """Return a list as SendAuth has it."""
    return {"rows": list(rows), "total": len(rows), **more}


@pytest.fixture
def sendauth(serve):
    """Return a function that connects to a SendAuth with answers by method and path, a list for answers in order."""

    def connect(routes=None, **params):
        known = {**CATALOGUES, "GET /api/v1/users": page(ADA), "GET /api/v1/users/deleted": page(), **(routes or {})}
        # A user is read again before it is written, and is by default as the list has it.
        listed = known["GET /api/v1/users"]
        rows = listed.get("rows") if isinstance(listed, dict) else None
        known.setdefault(
            f"GET {ONE}", next((row for row in rows or () if isinstance(row, dict) and row.get("id") == ID), ADA)
        )

        def route(request):
            reply = known[f"{request.method} {request.target.split('?')[0]}"]
            if callable(reply):
                reply = reply(request)
            if (
                isinstance(reply, list)
                and reply
                and isinstance(reply[0], (Reply, dict))
                and "companies" not in request.target
            ):
                reply = reply.pop(0) if len(reply) > 1 else reply[0]
            return reply if isinstance(reply, Reply) else Reply(body=reply)

        server = serve(route)
        given = {
            "api_url": server.url,
            "api_user": "me",
            "api_password": "canary",
            "api_retries": 0,
            "max_concurrency": 1,
            **params,
        }
        made = SendAuth(given, Masker(), FakeClock())
        made.server = server
        return made

    return connect


def sent(connection, reads=False):
    """Return method, path and body of what was written, or of all."""
    return [
        (f"{request.method} {request.target}", json.loads(request.body) if request.body else None)
        for request in connection.server.requests if reads or request.method != "GET"
    ]


def echo(request):
    """Answer an update as a server that replaces."""
    return {**{name: ADA[name] for name in ("id", "username", "hasPasskeys", "createdAt")}, **json.loads(request.body)}


def make(connection, desired, check=False, protect=()):
    """Converge one user and return the result."""
    return converge(
        Context({}, check, True, Masker()), Users(connection), [desired], Policy(protect=protect, min_admins=0)
    )


def target(mode, *items, managed=None):
    return DesiredFacet(mode, list(items), managed)


# -- answers -------------------------------------------------------------------------------------------------------


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
        ("delete_user", 403, "delete itself"), ("get_user_audits", 403, "Admin"), ("create_user", 403, "Registrar"),
        ("register_user", 406, "sendauth_user_passkey"), ("authenticate_user", 406, "type: register"),
        ("create_user", 422, "a deleted one"), ("set_user_tags", 422, "tag"), ("list_users", 500, "later"),
        ("update_user", 409, "already exists"),
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


# -- what a user is ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "privileged"),
    [
        ("super_admin", True), ("Admin", True), ("Registrar", True), ("Authenticator", False), ("user", False),
        ("None", False), ("owner", None), (None, None),
    ],
)
def test_who_is_privileged(role, privileged):
    assert document(SCHEMA, ID, {"role": role}, {})["privileged"] == privileged


@pytest.mark.parametrize(
    ("before", "after", "loss"),
    [
        ("admin", "user", True), ("user", "admin", False), ("Admin", "super_admin", False), ("Registrar", "None", True),
        ("admin", "owner", True), ("owner", "user", True),
    ],
)
def test_a_lower_role_is_a_loss_and_so_is_one_that_nobody_knows(before, after, loss):
    assert bool(SCHEMA.field("role").loses(before, after)) is loss


@pytest.mark.parametrize(
    ("given", "mails"),
    [({"role": "admin"}, 1), ({"role": "owner"}, 1), ({"role": "user"}, 0), ({"role": "None"}, 0), ({}, 0)],
)
def test_mails_for_those_who_are_created_with_rights(sendauth, given, mails):
    changes = {name: (None, value) for name, value in {"email": "a@x.org", **given}.items()}
    users = Users(sendauth())
    assert users.mails([Step("create", changes=changes)], None) == mails
    assert users.mails([Step("update", "profile", changes)], None) == 0


@pytest.mark.parametrize(
    ("desired", "faults"),
    [
        (Desired("ada@x.org", fields={"first_name": "Ada", "phone": ""}), 0),
        (Desired("ada"), 1),
        (Desired("ada@x.org", previous=("old",)), 1),
        (Desired("", id="7"), 1),
        (Desired("", id=ID), 0),
        (Desired("", id=ID, fields={"email": ""}), 1),
        (Desired("ada@x.org", fields={"first_name": "A", "last_name": "x" * 51, "phone": "1" * 21, "role": ""}), 4),
        (Desired("ada@x.org", state="absent", fields={"first_name": "A"}), 0),
    ],
)
def test_input_that_sendauth_would_refuse(sendauth, desired, faults):
    assert len(Users(sendauth()).check(desired)) == faults


def test_a_length_is_told_as_a_number(sendauth):
    (problem,) = Users(sendauth()).check(Desired("ada@x.org", fields={"first_name": "A"}))
    assert problem == "ada@x.org: the length of first_name is 1; SendAuth accepts 2 to 50 characters."


def test_empty_texts_that_cannot_be_set_are_none(sendauth):
    empty = {"email": "", "firstName": "", "lastName": "", "role": "", "messagingPreference": ""}
    values = Users(sendauth()).account({**ADA, **empty}).values
    assert [values[name] for name in ("email", "first_name", "last_name", "role", "messaging_preference")] == [None] * 5


def test_a_label_that_nobody_has_defined_and_somebody_has(sendauth):
    held = {**ADA, "permissions": ["VPN", "Legacy"]}
    connection = sendauth({"GET /api/v1/users": page(held), f"PUT {ONE}": echo})
    assert not make(connection, Desired("ada@x.org", facets={"permissions": target("exact", "Legacy", "VPN")}))[
        "changed"
    ]
    make(connection, Desired("ada@x.org", facets={"permissions": target("absent", "Legacy")}))
    assert sent(connection)[0][1]["permissions"] == ["VPN"]
    with pytest.raises(InputError, match="no permission named 'Legac'; similar names: 'Legacy'"):
        make(connection, Desired("ada@x.org", facets={"permissions": target("present", "Legac", "Legacy")}))


def test_somebody_whose_name_looks_alike_is_seen_by_a_look_up(sendauth):
    """The server takes the Kelvin sign for a k; the planner does not, and creates nobody beside that user."""
    connection = sendauth(
        {"GET /api/v1/users": page({**ADA, "email": "\u212aim@x.org"}), "POST /api/v1/users": Reply(500, "")}
    )
    with pytest.raises(InputError) as caught:
        make(connection, Desired("kim@x.org", fields={"email": "kim@x.org", "first_name": "Kim", "last_name": "Kay"}))
    assert (caught.value.code, sent(connection)) == ("lookalike_name", [])


def test_a_user_without_an_address_is_named_by_id(sendauth):
    account = Users(sendauth()).account({**ADA, "email": ""})
    assert (account.key, account.values["email"]) == (f"id {ID}", None)


def test_unknown_names_are_reported_at_once_with_near_ones(sendauth):
    facets = {"permissions": target("exact", "Snowflak"), "groups": target("present", "Dat", {"id": "g9"})}
    desired = Desired("ada@x.org", fields={"company": "Twice"}, facets=facets)
    problems = Users(sendauth()).resolve([desired])
    assert len(problems) == 4
    assert all(
        text in " ".join(problems)
        for text in ("similar names: 'Snowflake'", "similar names: 'Data'", "id g9", "2 companies are named 'Twice'")
    )


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
    converge(Context({}, False, True, Masker()), Users(connection, bulk=True), [desired], Policy(bulk=True))
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


def test_no_passkeys_may_be_a_404(sendauth):
    desired = Desired("ada@x.org", may_create=False, fields={"has_passkeys": False})
    connection = sendauth({f"DELETE {ONE}/passkey": Reply(404, "")})
    assert make(connection, desired)["diff"][0]["after"] == {"has_passkeys": False}
    assert not make(sendauth({"GET /api/v1/users": page({**ADA, "hasPasskeys": False})}), desired)["changed"]


def test_a_server_may_leave_out_that_there_are_no_passkeys(sendauth):
    bare = {name: value for name, value in ADA.items() if name != "hasPasskeys"}
    connection = sendauth({f"GET {ONE}": bare})
    assert not make(connection, Desired("", id=ID.upper(), may_create=False, fields={"has_passkeys": False}))["changed"]
    assert sent(connection) == []


# -- deleted users -------------------------------------------------------------------------------------------------

GONE = {"GET /api/v1/users": page(), "GET /api/v1/users/deleted": page(ADA)}


def back(**facets):
    return Desired(
        "ada@x.org", fields={"first_name": "Ada", "last_name": "Lovelace"}, facets=facets, options={"restore": True}
    )


def test_a_deleted_user_is_brought_back_with_what_is_wished_alone(sendauth):
    connection = sendauth({
        **GONE, f"PUT /api/v1/users/deleted/{ID}": Reply(body=""), f"GET {ONE}": ADA, f"PUT {ONE}": echo,
        f"DELETE {ONE}/passkey": Reply(body=""),
    })  # fmt: skip
    # Nothing is taken from somebody who is deleted, so a protected user can come back with less.
    told, done = (
        make(connection, back(permissions=target("present", "2024")), check, ("ada*",)) for check in (True, False)
    )
    assert told["diff"] == done["diff"]
    assert [target for target, _body in sent(connection)] == [
        f"PUT /api/v1/users/deleted/{ID}", f"PUT {ONE}", f"DELETE {ONE}/passkey",
    ]
    assert sent(connection)[1][1]["permissions"] == ["2024"]
    assert (done["user"]["has_passkeys"], done["user"]["enabled"], done["unmanaged"]) == (
        False,
        True,
        {"groups": ["Engineering"]},
    )


def test_what_a_restore_lost_is_written_although_the_plan_did_not_know(sendauth):
    connection = sendauth({
        **GONE, f"PUT /api/v1/users/deleted/{ID}": Reply(body=""),
        f"GET {ONE}": {**ADA, "permissions": None, "hasPasskeys": False}, f"PUT {ONE}": echo,
    })  # fmt: skip
    make(connection, back(permissions=target("present", "VPN")))
    assert sent(connection)[1][1]["permissions"] == ["VPN"]


def test_a_restore_that_fails_half_way_is_taken_back(sendauth):
    connection = sendauth({
        **GONE, f"PUT /api/v1/users/deleted/{ID}": Reply(body=""), f"GET {ONE}": ADA,
        f"PUT {ONE}": Reply(422, {"error": "no"}),
        f"DELETE {ONE}": Reply(body=""),
    })  # fmt: skip
    with pytest.raises(ApiError) as caught:
        make(connection, back(permissions=target("present", "2024")))
    assert "deleted again" in caught.value.hint
    assert sent(connection)[-1] == (f"DELETE {ONE}", None)


RESTORED, AGAIN = f"PUT /api/v1/users/deleted/{ID}", f"DELETE {ONE}"


def test_a_restore_whose_answer_was_lost_is_completed(sendauth):
    connection = sendauth({
        **GONE, RESTORED: [Reply(drop=True), Reply(404, "")], f"GET {ONE}": ADA, f"PUT {ONE}": echo,
        f"{AGAIN}/passkey": Reply(body=""),
    }, api_retries=1)  # fmt: skip
    make(connection, back(permissions=target("present", "2024")))
    assert [target for target, _body in sent(connection)] == [RESTORED, RESTORED, f"PUT {ONE}", f"{AGAIN}/passkey"]


@pytest.mark.parametrize(
    ("reply", "taken_back", "text"),
    [
        (Reply(drop=True), True, "may have been restored, and was deleted again"),
        (Reply(502, ""), True, "may have been restored, and was deleted again"),
        (Reply(403, ""), False, "Registrar"),
        (Reply(404, ""), False, "no longer exists"),
    ],
)
def test_a_restore_that_is_unclear_is_taken_back_and_one_that_was_refused_is_not(sendauth, reply, taken_back, text):
    connection = sendauth({**GONE, RESTORED: reply, f"GET {ONE}": Reply(404, ""), AGAIN: Reply(404, "")})
    with pytest.raises(RollcallError) as caught:
        make(connection, back())
    assert text in caught.value.sentence()
    assert [target for target, _body in sent(connection)] == [RESTORED, *([AGAIN] if taken_back else [])]


def test_what_else_is_said_of_somebody_who_goes_is_not_looked_at(sendauth):
    connection = sendauth({AGAIN: Reply(body="")})
    assert make(connection, Desired("ada@x.org", state="absent", fields={"company": "no such", "first_name": "A"}))[
        "changed"
    ]
    assert not any("companies" in request.target for request in connection.server.requests)


@pytest.mark.parametrize(
    ("desired", "live", "deleted", "writes"),
    [
        (Desired("ada@x.org", state="destroyed"), [ADA], [], [f"DELETE {ONE}", f"DELETE /api/v1/users/deleted/{ID}"]),
        (Desired("ada@x.org", state="destroyed"), [], [ADA], [f"DELETE /api/v1/users/deleted/{ID}"]),
        (Desired("", id=ID, state="destroyed"), [], [ADA], [f"DELETE /api/v1/users/deleted/{ID}"]),
        (Desired("ada@x.org", state="destroyed"), [], [], []),
        (Desired("ada@x.org", state="absent"), [], [ADA], []),
        (Desired("ada@x.org", state="destroyed"), [ADA], [{**ADA, "id": OTHER}], None),
        (Desired("ada@x.org", state="destroyed"), [], [ADA, {**ADA, "id": OTHER}], None),
        (Desired("ada@x.org", fields={"first_name": "Ada", "last_name": "L."}), [], [ADA], None),
    ],
)
def test_those_who_are_deleted(sendauth, desired, live, deleted, writes):
    gone = Reply(body="")
    connection = sendauth({
        "GET /api/v1/users": page(*live), "GET /api/v1/users/deleted": page(*deleted),
        f"GET {ONE}": ADA if live else Reply(404, ""),
        f"DELETE {ONE}": gone, f"DELETE /api/v1/users/deleted/{ID}": gone,
    })  # fmt: skip
    if writes is None:
        with pytest.raises(InputError, match="id"):
            make(connection, desired)
        writes = []
    else:
        assert make(connection, desired)["changed"] is bool(writes)
    assert [target for target, _body in sent(connection)] == writes


def test_not_found_while_destroying_is_looked_at_again(sendauth):
    routes = {**GONE, f"DELETE /api/v1/users/deleted/{ID}": Reply(404, "")}
    with pytest.raises(RollcallError, match="cannot find"):
        make(sendauth(routes), Desired("ada@x.org", state="destroyed"))
    assert make(
        sendauth({**routes, "GET /api/v1/users/deleted": [page(ADA), page()]}), Desired("ada@x.org", state="destroyed")
    )["changed"]


# -- transactions --------------------------------------------------------------------------------------------------


def transact(connection, check=False, **params):
    given = {"user": "ada@x.org", "type": "authenticate", "wait": True, "wait_timeout": 60, **params}
    return tasks.USER_TRANSACTION.run(Context(given, check, False, Masker()), connection)


START = f"POST {ONE}/authenticate"
CHECK = "GET /api/v1/transactions/t1/check"


def states(*names):
    return {START: Reply(201, {"tx": "t1"}), CHECK: [{"state": name} for name in names]}


def test_waiting_until_the_user_has_answered(sendauth):
    connection = sendauth(states("pending", "pending", "pending", "verified"))
    assert transact(connection, text="Rollout")["transaction"] == {
        "id": "t1", "type": "authenticate", "state": "verified",
    }
    assert connection.clock.slept == [1.0, 1.5, 2.25]
    assert sent(connection) == [(START, {"message": "Rollout"})]


@pytest.mark.parametrize(
    ("state", "text"),
    [("denied", "denied it"), ("cancelled", "cancelled before"), ("expired", "in time"), ("odd", "not documented")],
)
def test_an_outcome_that_is_bad(sendauth, state, text):
    with pytest.raises(RollcallError, match=text) as caught:
        transact(sendauth(states("pending", state)))
    assert caught.value.more["transaction"]["state"] == state


def test_a_deadline(sendauth):
    connection = sendauth(states("pending"))
    with pytest.raises(RollcallError, match="still pending after 60 s"):
        transact(connection)
    assert sum(connection.clock.slept) == 60
    assert max(connection.clock.slept) == 10


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("kind", "has", "advice"), [("register", True, "sendauth_user_passkey"), ("authenticate", False, "type: register")]
)
def test_what_is_not_possible_is_told_before_it_is_tried(sendauth, kind, has, advice, check):
    connection = sendauth({"GET /api/v1/users": page({**ADA, "hasPasskeys": has})})
    with pytest.raises(InputError, match=advice):
        transact(connection, check, type=kind)
    assert sent(connection) == []


def test_a_406_where_it_was_not_known_before(sendauth):
    unknown = {name: value for name, value in ADA.items() if name != "hasPasskeys"}
    with pytest.raises(ApiError, match="406") as caught:
        transact(sendauth({"GET /api/v1/users": page(unknown), START: Reply(406, "")}))
    assert "no passkeys" in caught.value.hint


@pytest.mark.parametrize(
    "reply", [Reply(drop=True), Reply(201, {}), Reply(201, "[]"), Reply(201, "odd"), Reply(502, "")]
)
def test_a_lost_answer_asks_nobody_twice(sendauth, reply):
    connection = sendauth({START: reply})
    with pytest.raises(UnclearAnswer) as caught:
        transact(connection)
    assert "gather: [transactions]" in caught.value.hint
    assert len(sent(connection)) == 1


@pytest.mark.parametrize(
    "params", [{"type": "register", "text": "x"}, {"text": "x" * 1025}, {"connectwise": "x" * 65}, {"wait_timeout": 0}]
)
def test_options_that_do_not_fit(sendauth, params):
    connection = sendauth()
    with pytest.raises(InputError):
        transact(connection, **params)
    assert connection.server.requests == []


# -- tags and roles ------------------------------------------------------------------------------------------------


def run(task, connection, **params):
    defaults = {name: spec.get("default") for name, spec in task.options.items()}
    return task.run(Context({**defaults, **params}, False, True, Masker()), connection)


def test_tags_are_sent_as_texts(sendauth):
    connection = sendauth({f"PUT {ONE}/tags": Reply(body="")})
    assert run(tasks.USER_TAGS, connection, user="ada@x.org", tags={"site": "london", "floor": 4})["changed"]
    assert sent(connection) == [(f"PUT {ONE}/tags", {"tags": {"site": "london", "floor": "4"}})]


@pytest.mark.parametrize("value", [None, "", True, [], {}])
def test_tags_without_a_value_are_refused(sendauth, value):
    with pytest.raises(InputError, match="omit the name"):
        run(tasks.USER_TAGS, sendauth(), user="ada@x.org", tags={"site": value})


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"role": "user", "state": "absent"}, "every user has a role"),
        ({"permissions": [], "state": "absent"}, "is empty"),
        ({"groups": []}, "state is present"),
    ],
)
def test_roles_that_make_no_sense(sendauth, params, text):
    with pytest.raises(InputError, match=text):
        run(tasks.USER_ROLES, sendauth(), user="ada@x.org", **params)


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


@pytest.mark.parametrize("keep", [False, True])
def test_a_restore_can_keep_the_passkeys(sendauth, keep):
    connection = sendauth(
        {**GONE, RESTORED: Reply(body=""), f"GET {ONE}": ADA, f"PUT {ONE}": echo, f"{AGAIN}/passkey": Reply(body="")}
    )
    desired = back(permissions=target("present", "VPN"))
    desired.options["keep_passkeys"] = keep
    told = make(connection, desired, check=True)["user"]["has_passkeys"]
    result = make(connection, desired)
    assert (f"{AGAIN}/passkey" in [target for target, _body in sent(connection)]) is not keep
    assert result["user"]["has_passkeys"] is told is keep


def test_passkeys_are_kept_by_a_restore_alone(sendauth):
    (problem,) = Users(sendauth()).check(Desired("ada@x.org", options={"keep_passkeys": True, "restore": False}))
    assert (problem.code, problem.option) == ("missing_field", "keep_passkeys")


def test_who_may_not_read_the_labels_can_give_them(sendauth):
    connection = sendauth({"GET /api/v1/permissions": Reply(403, ""), f"PUT {ONE}": echo})
    make(connection, Desired("ada@x.org", facets={"permissions": target("present", "Snowflake", {"name": "2024"})}))
    ((_target, body),) = sent(connection)
    assert sorted(body["permissions"]) == ["2024", "Snowflake", "VPN"]
    ignored = sendauth(
        {
            "GET /api/v1/permissions": Reply(403, ""),
            f"PUT {ONE}": lambda request: {**echo(request), "permissions": ["VPN"]},
        }
    )
    with pytest.raises(RollcallError, match="permissions is"):
        make(ignored, Desired("ada@x.org", facets={"permissions": target("present", "Misspelt")}))
    with pytest.raises(ApiError):
        make(
            sendauth({"GET /api/v1/permissions": Reply(500, "")}),
            Desired("ada@x.org", facets={"permissions": target("present", "VPN")}),
        )


def test_labels_are_not_read_where_none_is_named(sendauth):
    connection = sendauth({"GET /api/v1/permissions": Reply(500, ""), f"PUT {ONE}": echo})
    make(connection, Desired("ada@x.org", facets={"permissions": target("exact")}))
    assert not any(request.target.startswith("/api/v1/permissions") for request in connection.server.requests)


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


def staff(*roles):
    """Return users with these roles."""
    return [
        {**ADA, "id": ID[:-2] + f"{number:02}", "email": f"u{number}@x.org", "role": role}
        for number, role in enumerate(roles)
    ]


@pytest.mark.parametrize(
    ("roles", "go", "allowed"),
    [
        (["super_admin", "super_admin", "super_admin"], [0], True),
        (["super_admin", "super_admin", "user"], [0], False),
        (["admin", "Registrar", "super_admin"], [0], True),
        (["admin", "super_admin", "authenticator", "user"], [2, 3], True),
        (["super_admin", "super_admin"], [0, 1], False),
    ],
)
def test_the_last_administrators_stay(sendauth, roles, go, allowed):
    people = staff(*roles)
    routes = {f"DELETE /api/v1/users/{row['id']}": Reply(body="") for row in people}
    connection = sendauth({"GET /api/v1/users": page(*people), **routes})
    absent = [Desired(f"u{number}@x.org", state="absent", index=index) for index, number in enumerate(go)]

    def run_many():
        return converge(
            Context({}, False, True, Masker()),
            Users(connection, bulk=True),
            absent,
            Policy(bulk=True, loss_limit="100%"),
        )

    if allowed:
        assert run_many()["summary"]["deleted"] == len(go)
    else:
        with pytest.raises(GuardError, match="min_admins is 2"):
            run_many()
        assert sent(connection) == []


@pytest.mark.parametrize(("min_admins", "allowed"), [(2, False), (1, False), (0, True)])
def test_the_last_super_admin_stays_however_many_others_there_are(sendauth, min_admins, allowed):
    people = staff("super_admin", "admin", "admin", "admin", "super_admin")
    routes = {f"DELETE /api/v1/users/{row['id']}": Reply(body="") for row in people}
    connection = sendauth({"GET /api/v1/users": page(*people), **routes})
    policy = Policy(bulk=True, loss_limit="100%", min_admins=min_admins)
    context = Context({}, False, True, Masker())
    assert (
        converge(context, Users(connection, bulk=True), [Desired("u0@x.org", state="absent", index=0)], policy)[
            "summary"
        ]["deleted"]
        == 1
    )
    both = [Desired(f"u{number}@x.org", state="absent", index=index) for index, number in enumerate((0, 4))]
    if allowed:
        assert converge(context, Users(connection, bulk=True), both, policy)["summary"]["deleted"] == 2
    else:
        with pytest.raises(GuardError, match="no user with the highest role: u0@x"):
            converge(context, Users(connection, bulk=True), both, policy)


def test_who_is_there_already(sendauth):
    users = Users(sendauth())
    assert [
        users.is_duplicate(ApiError("create_user", "create user", status, "")) for status in (422, 409, 403, 500)
    ] == [True, True, False, False]
    assert not users.is_duplicate(ApiError("update_user", "update user", 422, ""))


# -- what can be granted -------------------------------------------------------------------------------------------


def granting(connection, **params):
    """List what can be granted."""
    every = {"kinds": ["permissions", "groups"], "name": None, "members": False, **params}
    return tasks.ROLE_INFO.run(Context(every, False, False, connection.masker), connection)


def test_labels_and_groups_are_listed(sendauth):
    groups = {
        "groups": [{"id": "g1", "name": "Engineering", "permissions": ["VPN", "GitHub"]}, {"id": "g2", "name": "Data"}]
    }
    connection = sendauth({"GET /api/v1/permission-groups": groups})
    assert granting(connection) == {
        "changed": False, "api_calls": 2,
        "permissions": [{"id": name, "name": name, "members": None} for name in ("2024", "Snowflake", "VPN")],
        "groups": [
            {"id": "g2", "name": "Data", "members": None},
            {"id": "g1", "name": "Engineering", "permissions": ["GitHub", "VPN"], "members": None},
        ],
    }  # fmt: skip


def test_members_are_read_once_for_both_kinds(sendauth):
    connection = sendauth()
    result = granting(connection, members=True)
    ada = [{"id": ID, "user": "Ada@X.org"}]
    assert {entry["name"]: entry["members"] for kind in ("permissions", "groups") for entry in result[kind]} == {
        "2024": [], "Snowflake": [], "VPN": ada, "Data": [], "Engineering": ada,
    }  # fmt: skip
    assert [request.target.split("?")[0] for request in connection.server.requests].count("/api/v1/users") == 1


def test_a_list_without_labels_is_completed_by_each_user(sendauth):
    thin = {name: ADA[name] for name in ("id", "email", "firstName", "lastName")}
    connection = sendauth({"GET /api/v1/users": page(thin), f"GET {ONE}": ADA})
    assert granting(connection, kinds=["permissions"], name="vpn", members=True)["permissions"][0]["members"] == [
        {"id": ID, "user": "Ada@X.org"}
    ]


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
