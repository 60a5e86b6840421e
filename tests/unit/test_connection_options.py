# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A connection reports everything that is wrong with its options, and sends nothing."""

from __future__ import annotations

import importlib

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import ApiError, GuardError, InputError
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.values import (
    check_arguments,
    check_environment,
)
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.connection import Kestra
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin.connection import OneLogin
from ansible_collections.rollcall.identity.tests.unit.web import Reply


def refused(kind, **params):
    """Return the errors of a connection that cannot be made."""
    with pytest.raises(InputError) as caught:
        kind(params, Masker())
    return caught.value


@pytest.mark.parametrize(
    "kind, variables",
    [
        (OneLogin, ["ONELOGIN_API_URL", "ONELOGIN_CLIENT_ID and ONELOGIN_CLIENT_SECRET"]),
        (Kestra, ["KESTRA_API_URL", "KESTRA_API_TOKEN"]),
    ],
)
def test_a_missing_address_and_missing_credentials_are_reported_together(kind, variables):
    error = refused(kind)
    assert [entry["code"] for entry in error.errors()] == ["missing_option", "missing_credentials"]
    assert all(variable in entry["message"] for variable, entry in zip(variables, error.errors(), strict=True))


def test_a_missing_address_alone_keeps_its_code():
    error = refused(OneLogin, access_token="a-token-of-a-test")
    assert (error.code, error.errors()[0]["option"]) == ("missing_option", "api_url")
    assert "ONELOGIN_API_URL" in error.hint


def test_all_numbers_out_of_range_are_reported_together():
    error = refused(OneLogin, api_url="https://acme.onelogin.com", api_timeout=0, max_concurrency=5000)
    assert [str(problem) for problem in error.problems] == [
        "api_timeout is 0; the minimum is 1.",
        "max_concurrency is 5000; the maximum is 1000.",
    ]


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ({"api_timeout": 0}, "The value comes from ACME_API_TIMEOUT in the environment."),
        (
            {"api_timeout": 0, "max_concurrency": 5000},
            "The values come from ACME_API_TIMEOUT and ACME_MAX_CONCURRENCY in the environment.",
        ),
    ],
)
def test_wrong_values_of_the_environment_are_reported_with_their_variables(numbers, sentence):
    error = refused(OneLogin, api_url="https://acme.onelogin.com", **numbers)
    assert error.naming({name: f"ACME_{name.upper()}" for name in numbers}).message.endswith(f" {sentence}")


def test_a_guard_of_the_environment_is_reported_with_its_variable():
    guard = GuardError("ada would be deleted.", "Nothing was written.", code="protected", option="protect")
    sentence = "The value of protect comes from ACME_PROTECT in the environment."
    assert guard.naming({"api_url": "ACME_API_URL"}).message == "ada would be deleted."
    assert guard.naming({"protect": "ACME_PROTECT"}).message == f"ada would be deleted. {sentence}"


def task_of(provider):
    modules = "ansible_collections.rollcall.identity.plugins.modules"
    return importlib.import_module(f"{modules}.{provider}_user").TASK


CREDENTIALS = {
    "nextauth": ("api_key", "role_id"),
    "sendauth": ("api_user",),
    "kestra": ("api_token", "api_user"),
    "contabo": ("client_id", "client_secret", "api_user"),
    "onelogin": ("client_id", "client_secret", "access_token"),
    "scim": ("api_token", "api_user", "client_id", "client_secret", "header_value"),
}


@pytest.mark.parametrize(
    ("provider", "name"), [(provider, name) for provider, names in CREDENTIALS.items() for name in names]
)
@pytest.mark.parametrize(
    ("value", "where"), [(" canary", "begins"), ("canary\u00a0", "ends"), ("  canary ", "begins and ends")]
)
def test_a_credential_with_outer_blanks_is_refused_before_any_call(provider, name, value, where):
    task = task_of(provider)
    (problem,) = check_arguments(task.options, task.kinds, {name: value}).problems
    assert (problem.code, problem.option) == ("invalid_character", name)
    assert problem.startswith(f"{name} {where} with a blank. Remove it")
    assert "canary" not in problem
    variable = task.options[name]["fallback"][1][0]
    (problem,) = check_environment(task.options, task.kinds, {}, {variable: value})
    assert (problem.code, problem.option) == ("invalid_character", name)
    assert problem.startswith(f"{variable} in the environment {where} with a blank")
    assert check_arguments(task.options, task.kinds, {name: "can ary"}).problems == []


@pytest.mark.parametrize("provider", ["sendauth", "kestra", "contabo", "scim"])
def test_a_password_of_a_connection_can_have_outer_blanks(provider):
    task = task_of(provider)
    assert check_arguments(task.options, task.kinds, {"api_password": " canary "}).problems == []


REFUSED = "Check api_user and api_password, and that api_url is the address of this account."


@pytest.mark.parametrize(("password", "where"), [(" canary", "begins"), ("canary ", "ends"), ("can ary", None)])
def test_an_error_about_refused_credentials_mentions_the_outer_blanks_of_the_password(sendauth, password, where):
    connection = sendauth({"GET /api/v1/users": Reply(401, "")}, api_password=password)
    with pytest.raises(ApiError) as caught:
        connection.call("list_users")
    suspicion = f" api_password {where} with a blank: check whether this is part of the password."
    assert caught.value.hint == REFUSED + (suspicion if where else "")
    assert "canary" not in caught.value.sentence()
