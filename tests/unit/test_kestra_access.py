# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra: groups, roles and tenants: how their names are resolved, what is written, and what is lost."""

from __future__ import annotations

import contextlib
import json

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    GuardError,
    InputError,
    RollcallError,
    UnclearAnswer,
    UnreadableAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account, Desired, DesiredFacet
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.steps import Step
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra import tasks
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.access import by_tenant
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.users import Users
from ansible_collections.rollcall.identity.tests.unit.fakes import bulk, single
from ansible_collections.rollcall.identity.tests.unit.kestra import BOUND, GROUPS, ROW, TENANTS, WHOLE, asked, rows
from ansible_collections.rollcall.identity.tests.unit.web import Reply

# -- reading ---------------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("groups", "entered", "error"),
    [
        (Reply(500, ""), [Reply(201, "")], UnclearAnswer),
        (Reply(204, ""), [Reply(500, ""), Reply(201, "")], None),
        (Reply(204, ""), [Reply(500, ""), Reply(500, "")], RollcallError),
    ],
)
def test_what_the_last_group_took_along_is_given_again_after_an_unclear_answer(kestra, groups, entered, error):
    routes = {
        "GET /main/bindings/search": rows(BOUND),
        "GET /main/roles/search": rows({"id": "r1", "name": "Viewer"}),
        "PUT /main/users/u1/groups": groups,
        "GET /main/tenant-access/u1": Reply(404, ""),
        "PUT /main/tenant-access/u1": list(entered),
        "POST /main/bindings": {"id": "b2"},
    }
    connection = kestra(routes)
    users = Users(connection)
    desired = Desired("ada@x.org", facets={"groups": DesiredFacet("absent", ["data"])})
    writing = users.writing(desired, users.account(WHOLE))
    lost = error is RollcallError
    with pytest.raises(error) if error else contextlib.nullcontext() as caught:
        writing.write(Step("facet", "groups", remove={"main/g1": {}}))
    assert asked(connection).count("PUT /main/tenant-access/u1") == len(entered)
    assert asked(connection).count("POST /main/bindings") == (0 if lost else 1)
    if lost:
        assert type(caught.value) is RollcallError, "an unclear error would be followed by an attempt that sees no loss"
        assert caught.value.hint == (
            "A rerun does not restore this: check the access of Ada@x.org to tenant main, and grant again what is "
            "missing. Roles there: Viewer (namespace company.data)."
        )


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
    assert caught.value.hint == (
        "Grant these credentials the required permission. A rerun does not restore this: Ada@x.org has lost roles with "
        "the last group of tenant main. Grant them again: Viewer (namespace company.data)."
    )


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


def test_an_unknown_tenant_of_the_connection_is_one_problem_of_the_connection(kestra):
    routes = {"GET /tenants/search": TENANTS, "GET /main/groups/search": GROUPS}
    connection = kestra(routes, tenant="nope")
    (problem,) = resolve(connection, "groups", "data", {"tenant": "nope", "name": "2024"})[2]
    assert (problem.option, problem.place, problem.text[:45]) == (
        "tenant", "", "tenant: there is no tenant named 'nope' (ther",
    )


def test_nobody_has_to_create_the_tenant_of_a_filter(kestra):
    with pytest.raises(InputError) as caught:
        kestra({"GET /tenants/search": TENANTS}).require_tenant("zz", "filters.tenant")
    assert str(caught.value).endswith("Correct the name.")


@pytest.mark.parametrize(("mode", "creates"), [("present", True), ("absent", False)])
def test_nobody_has_to_create_a_group_or_tenant_that_users_should_leave(kestra, mode, creates):
    routes = {"GET /tenants/search": TENANTS, "GET /main/groups/search": GROUPS}
    problems = resolve(kestra(routes), "groups", "zz", {"tenant": "old", "name": "data"}, mode=mode)[2]
    assert [f"create the {noun}" in text for noun, text in zip(("group", "tenant"), problems, strict=True)] == [
        creates, creates,
    ]


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


def test_an_unknown_tenant_of_the_connection_names_its_option(kestra):
    problems = resolve(kestra({"GET /tenants/search": TENANTS}, tenant="mian"), "groups", "data")[2]
    assert [(problem.code, problem.option, problem.text) for problem in problems] == [
        ("unknown_tenant", "tenant", "tenant: there is no tenant named 'mian'; similar names: 'main'."),
    ]


def test_roles_carry_tenant_and_namespace(kestra):
    routes = {"GET /tenants/search": TENANTS, "GET /main/roles/search": rows({"id": "r1", "name": "Viewer"})}
    entries = resolve(kestra(routes), "roles", "Viewer", {"role": "Viewer", "namespace": "a.b"})[1]
    assert entries == {
        "main/r1/": {"tenant": "main", "role": "Viewer", "namespace": None},
        "main/r1/a.b": {"tenant": "main", "role": "Viewer", "namespace": "a.b"},
    }


def test_an_empty_list_speaks_of_the_connections_tenant(kestra):
    listed = {"GET /tenants/search": TENANTS}
    assert resolve(kestra(listed), "groups", mode="exact", everywhere=False)[0].scope == {"main"}
    assert resolve(kestra({}), "groups", mode="exact")[0].scope is None
    with pytest.raises(InputError, match="tenant: there is no tenant named 'mian'; similar names: 'main'") as caught:
        resolve(kestra(listed, tenant="mian"), "groups", mode="exact", everywhere=False)
    assert (caught.value.code, caught.value.problems[0].option) == ("unknown_tenant", "tenant")
    hidden = kestra({"GET /tenants/search": Reply(403, b"")}, tenant="mian")
    assert resolve(hidden, "groups", mode="exact", everywhere=False)[0].scope == {"mian"}


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


# -- names that are not unique, rows that say too little ---------------------------------------------------------------


@pytest.mark.parametrize("lacking", ["user", "role"])
@pytest.mark.parametrize("many", [True, False])
def test_a_binding_that_does_not_say_whom_it_is_for_is_no_reason_to_bind_again(kestra, lacking, many):
    row = {**BOUND, lacking: None}
    users = Users(kestra({"GET /tenants/search": rows({"id": "main"}), "GET /main/bindings/search": rows(row)}))
    users.many = many
    with pytest.raises(UnreadableAnswer, match="without a user, a role or an id"):
        users.load(Account("u1", "ada@x.org", {}), {"roles"}, ())


def test_an_error_of_the_search_for_the_bindings_of_one_user_is_about_that_user(kestra):
    routes = {"GET /tenants/search": rows({"id": "main"}), "GET /main/bindings/search": Reply(500, {"message": "no"})}
    with pytest.raises(ApiError) as caught:
        Users(kestra(routes)).load(Account("u1", "ada@x.org", {}), {"roles"}, ())
    assert (caught.value.code, caught.value.subject) == ("server_error", "ada@x.org")


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
