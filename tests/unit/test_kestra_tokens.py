# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra: service accounts and API tokens."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    InputError,
    RollcallError,
    UnclearAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account, Desired, DesiredFacet
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import Policy
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.steps import Step
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import converge, locate
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.tokens import plan_absent
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra import account_tasks, tokens
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.accounts import (
    ServiceAccounts,
    TenantServiceAccounts,
)
from ansible_collections.rollcall.identity.tests.unit.kestra import asked, rows
from ansible_collections.rollcall.identity.tests.unit.web import Reply

# -- names, wishes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("left", "fails"), [(Reply(404, ""), False), ({"id": "s1", "name": "ci"}, True)])
def test_a_service_account_that_does_not_go(kestra, left, fails):
    routes = {
        "GET /tenants/search": rows(),
        "DELETE /service-accounts/s1": Reply(400, {"message": "in use"}),
        "GET /service-accounts/s1": left,
    }
    accounts = ServiceAccounts(kestra(routes))
    if fails:
        with pytest.raises(ApiError, match=r"delete service account ci .*in use"):
            accounts.writing(Desired("ada"), Account("s1", "ci", {})).delete()
    else:
        accounts.writing(Desired("ada"), Account("s1", "ci", {})).delete()


def test_a_tenants_service_account_that_is_gone_is_not_replaced(kestra):
    connection = kestra({"GET /main/service-accounts/s1": Reply(404, "")})
    with pytest.raises(RollcallError, match="can no longer be found"):
        TenantServiceAccounts(connection).writing(Desired("ada"), Account("s1", "ci", {"name": "ci"})).update(
            "profile", {"description": "x"}
        )
    assert asked(connection) == ["GET /main/service-accounts/s1"]


def test_a_tenants_service_account_has_no_other_tenants(kestra):
    desired = Desired("ci", facets={"tenants": DesiredFacet("present", ["acme-eu"])})
    [problem] = TenantServiceAccounts(kestra({})).check(desired)
    assert problem.option == "tenants"
    assert "only in tenant main." in problem.text


# -- tokens ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ci", "a-b-c", "0", "x" * 63])
def test_names_that_kestra_takes(name):
    assert tokens.check_name(name) == []


@pytest.mark.parametrize("name", ["", "CI", "a--b", "-a", "a-", "a_b", "x" * 64, "ci\n"])
def test_names_that_it_does_not_take(name):
    assert tokens.check_name(name)


def test_an_ambiguous_service_account_is_told_with_its_ids(kestra):
    accounts = ServiceAccounts(
        kestra(
            {
                "GET /service-accounts": rows(
                    {"id": "s1", "name": "ci"}, {"id": "s2", "name": "ci"}, {"id": "s3", "name": "ci-2"}
                )
            }
        )
    )
    with pytest.raises(InputError, match=r"matches 2 service accounts \(ids s1, s2\)"):
        locate(accounts, "ci", None)


def test_the_own_token_is_never_revoked(kestra):
    listed = {"results": [{"id": "t1", "name": "ci", "prefix": "given-t", "iat": "2026-01-01T00:00:00Z"}]}
    keeper = tokens.Tokens(
        kestra({"GET /service-accounts/s1/api-tokens": listed}), tokens.ACCOUNT_TOKENS, Account("s1", "ci", {})
    )
    with pytest.raises(InputError, match="This task uses token t1") as caught:
        plan_absent(keeper.tokens())
    assert caught.value.code == "own_token"


def test_a_token_without_its_secret_is_unclear(kestra):
    connection = kestra({"POST /users/u1/api-tokens": {"id": "t1", "name": "ci"}})
    with pytest.raises(UnclearAnswer):
        tokens.Tokens(connection, tokens.USER_TOKENS, Account("u1", "ada@x.org", {}), {"name": "ci"}).make()


@pytest.mark.parametrize("family", [tokens.USER_TOKENS, tokens.ACCOUNT_TOKENS, tokens.TENANT_TOKENS])
def test_half_a_token_is_not_shown(kestra, family):
    half = Reply(200, '{"id": "t1", "name": "ci", "fullToken": "canary-of')
    paths = ("/users/u1/api-tokens", "/service-accounts/u1/api-tokens", "/main/service-accounts/u1/api-tokens")
    connection = kestra({f"POST {path}": half for path in paths})
    with pytest.raises(UnclearAnswer) as caught:
        tokens.Tokens(connection, family, Account("u1", "ci", {}), {"name": "ci"}).make()
    assert "canary" not in caught.value.sentence()


def test_which_service_account_is_said_with_the_option_that_there_is(kestra):
    connection = kestra({"GET /service-accounts": rows({"id": "s1", "name": "ci"}, {"id": "s2", "name": "ci"})})
    with pytest.raises(InputError, match="Specify service_account_id"):
        account_tasks._tokens_of(connection, {"service_account": "ci", "scope": "instance"})
    with pytest.raises(InputError, match="No owner is specified"):
        account_tasks._tokens_of(connection, {"user": "", "scope": "instance"})


def test_all_tokens_but_the_own_one_are_revoked(kestra):
    listed = {
        "results": [
            {"id": "t1", "name": "a", "prefix": "given", "iat": "x"},
            {"id": "t2", "name": "b", "prefix": "other", "iat": "x"},
        ]
    }
    connection = kestra({"GET /users/u1/api-tokens": listed, "DELETE /users/u1/api-tokens/t2": Reply(204, "")})
    tokens.Tokens(connection, tokens.USER_TOKENS, Account("u1", "ada@x.org", {})).revoke_all()
    assert asked(connection) == ["GET /users/u1/api-tokens", "DELETE /users/u1/api-tokens/t2"]


@pytest.mark.parametrize(
    ("params", "body"),
    [
        ({"name": "ci"}, {"name": "ci"}),
        (
            {"name": "ci", "max_age": "30d", "extended": True, "description": "d"},
            {"name": "ci", "maxAge": "P30D", "extended": True, "description": "d"},
        ),
        ({"name": "ci", "max_age": "PT12H"}, {"name": "ci", "maxAge": "PT12H"}),
        ({"name": "ci", "max_age": "2w"}, {"name": "ci", "maxAge": "P14D"}),
    ],
)
def test_what_a_token_is_made_from(kestra, params, body):
    assert tokens.Tokens(kestra({}), tokens.USER_TOKENS, Account("u1", "", {}), params).body() == body


# -- names that are not unique, rows that say too little ---------------------------------------------------------------


@pytest.mark.parametrize("others", [[], ["s2"], ["s2", "s3"]])
def test_service_accounts_of_one_name_that_are_made_at_once_are_an_error(kestra, others):
    mine = {"id": "s1", "name": "ci", "superAdmin": False}
    found = rows(mine, *({**mine, "id": other} for other in others))
    connection = kestra({"POST /service-accounts": Reply(200, mine), "GET /service-accounts": [rows(), found]})
    accounts = ServiceAccounts(connection)
    desired, step = Desired("ci"), Step("create", changes={"name": (None, "ci")})
    if not others:
        assert accounts.writing(desired).create(step).id == "s1"
        return
    with pytest.raises(RollcallError, match="ci: s1, which this task has just created, and s2") as caught:
        accounts.writing(desired).create(step)
    assert caught.value.code == "ambiguous_name"


def test_blanks_around_the_name_of_a_service_account_do_not_count(kestra):
    mine = {"id": "s1", "name": "ci", "superAdmin": False}
    connection = kestra({"GET /service-accounts": rows(mine)})
    task = account_tasks.SERVICE_ACCOUNT
    params = {name: option.get("default") for name, option in task.options.items()} | {"name": "ci "}
    result = task.run(Context(params, True, False, Masker()), connection)
    assert result["changed"] is False
    with pytest.raises(InputError) as caught:
        task.run(Context({**params, "name": None}, True, False, Masker()), connection)
    assert (caught.value.code, caught.value.problems[0].option) == ("blank_value", "name")


def test_a_service_account_that_no_search_shows_is_warned_of(kestra):
    mine = {"id": "s1", "name": "ci", "superAdmin": False}
    connection = kestra({"POST /service-accounts": Reply(200, mine), "GET /service-accounts": rows()})
    context = Context({}, False, True, Masker())
    result = converge(
        context, ServiceAccounts(connection), [Desired("ci", fields={"name": "ci"})], Policy(min_admins=0)
    )
    assert result["changed"]
    assert [(notice.code, notice.user) for notice in context.notices] == [("unconfirmed", "ci")]
