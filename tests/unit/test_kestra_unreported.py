# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra: what rows and documents do not report, and what a tenant's credentials see."""

from __future__ import annotations

import json

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, UnreadableAnswer
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Desired, DesiredFacet
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.steps import Step
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra import tasks
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.login_methods import LoginMethods
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.users import Users
from ansible_collections.rollcall.identity.tests.unit.fakes import single
from ansible_collections.rollcall.identity.tests.unit.kestra import BOUND, GROUPS, ROW, TENANTS, WHOLE, asked, rows
from ansible_collections.rollcall.identity.tests.unit.web import Reply

# -- reading ---------------------------------------------------------------------------------------------------------


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
        with pytest.raises(UnreadableAnswer, match="without a name"):
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


@pytest.mark.parametrize("answer", [rows(), Reply(404, "")])
def test_a_filter_with_an_unknown_tenant_is_an_error(kestra, answer):
    routes = {"GET /tenants/search": TENANTS, "GET /mian/tenant-access": answer, "GET /eu/tenant-access": rows()}
    with pytest.raises(InputError, match="there is no tenant named 'mian'; similar names: 'main'") as caught:
        informed(kestra(routes), filters={"tenant": "mian"})
    assert [(problem.code, problem.option) for problem in caught.value.problems] == [
        ("unknown_tenant", "filters.tenant")
    ]
    assert informed(kestra(routes), filters={"tenant": "eu"}) == []
    hidden = {**routes, "GET /tenants/search": Reply(403, "")}
    assert informed(kestra(hidden), filters={"tenant": "eu"}) == [], "it may exist"


def test_members_of_roles_are_never_guessed(kestra):
    connection = kestra(
        {
            "GET /main/roles/search": rows({"id": "r1", "name": "Viewer"}),
            "GET /main/bindings/search": rows({**BOUND, "user": None}),
        }
    )
    with pytest.raises(UnreadableAnswer, match="without a user"):
        tasks._roles(Users(connection), lambda entry: True)
