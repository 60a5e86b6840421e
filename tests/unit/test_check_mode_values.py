# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wrong values of all providers with the simulator: check mode and the real run fail in the same way, before any write,
and say which option to correct."""

from __future__ import annotations

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from simulator.harness import Simulator
from soak.engine import Bench

ADA, NEW, LONG = "user0001@example.com", "new.person@example.com", "x" * 3000
USERS = {"onelogin": "user0001", "nextauth": ADA, "sendauth": ADA, "kestra": ADA, "contabo": ADA}
NEEDED = {
    "sendauth": {"first_name": "New", "last_name": "Person"},
    "onelogin": {"email": "new@example.com", "firstname": "New", "lastname": "Person"},
}
WRONG = [
    ("sendauth", {"role": "admn"}, "unknown_role", "role", "similar names: 'admin'"),
    ("sendauth", {"role": "adm\u0456n"}, "unknown_role", "role", "similar names: 'admin'"),
    ("sendauth", {"role": LONG}, "unknown_role", "role", "SendAuth documents"),
    ("sendauth", {"permissions": ["VPNN"]}, "unknown_permission", "permissions[0]", "'VPN'"),
    ("sendauth", {"permissions": [LONG]}, "unknown_permission", "permissions[0]", "(3000 characters)"),
    ("sendauth", {"groups": ["contractors"]}, "unknown_permission_group", "groups[0]", "'Contractors'"),
    ("sendauth", {"groups": [{"id": "5"}]}, "unknown_permission_group", "groups[0]", "with id 5"),
    ("sendauth", {"company": "Exmple"}, "unknown_company", "company", "'Example'"),
    ("sendauth", {"first_name": "x" * 51}, "invalid_value", "first_name", "2 to 50"),
    ("onelogin", {"group_id": "999999"}, "unknown_group", "group_id", "Use one of: 310001 (Default), "),
    ("onelogin", {"group_id": "0"}, "unknown_group", "group_id", "Use one of: 310001 (Default), "),
    ("onelogin", {"group_id": "9" * 5000}, "invalid_value", "group_id", "at most 18 digits"),
    ("onelogin", {"directory_id": "acme"}, "invalid_value", "directory_id", "OneLogin ids are numbers"),
    ("onelogin", {"email": "nomail"}, "invalid_value", "email", "not an e-mail address"),
    ("onelogin", {"email": "a b@c.org"}, "invalid_value", "email", "not an e-mail address"),
    ("onelogin", {"email": "user0002@example.com"}, "duplicate_user", "email", "the user user0002 (id 100002)"),
    ("onelogin", {"roles": ["2023"]}, "unknown_role", "roles[0]", "'2024'"),
    ("onelogin", {"user_state": "aproved"}, "invalid_value", "user_state", "Did you mean approved?"),
    ("onelogin", {"attributes": {"cost_cnter": "x"}}, "unknown_attribute", "attributes.cost_cnter", "cost_center"),
    ("nextauth", {"permissions": ["user"]}, "unknown_permission", "permissions[0]", "'users'"),
    ("nextauth", {"permissions": ["users", "Root"]}, "unknown_permission", "permissions[1]", "'root'"),
    ("nextauth", {"permissions": [LONG]}, "unknown_permission", "permissions[0]", "known: users, accounts"),
    ("kestra", {"tenants": ["man"]}, "unknown_tenant", "tenants[0]", "'main'"),
    ("kestra", {"groups": [{"tenant": "nope", "name": "data"}]}, "unknown_tenant", "groups[0]", "'nope'"),
    ("kestra", {"roles": ["Vewer"]}, "unknown_role", "roles[0]", "'Viewer'"),
    ("contabo", {"roles": ["Snowflak"]}, "unknown_role", "roles[0]", "'Snowflake'"),
    ("contabo", {"locale": "en_US"}, "invalid_value", "locale", "en-US"),
    ("contabo", {"first_name": "x" * 256}, "invalid_value", "first_name", "255"),
]


@pytest.fixture(scope="module")
def bench():
    """Return a bench with a simulator of its own."""
    with Simulator.start() as simulator:
        yield Bench(simulator)


@pytest.fixture(autouse=True)
def environment(monkeypatch, bench):
    for variable, value in bench.simulator.env.items():
        monkeypatch.setenv(variable, value)
    bench.reset()


def refused(bench, module, params):
    """Run a task in check mode and for real. Return its errors, which are the same, and check that nothing is written.
    """
    results = [bench.run(module, params, check=check) for check in (True, False)]
    assert [result.get("failed") for result in results] == [True, True], results
    assert results[0]["changed"] is results[1]["changed"] is False
    # After a refusal of the server, the error is that of check mode, but not one of the input.
    assert [error["code"] for error in results[0]["errors"]] == [error["code"] for error in results[1]["errors"]]
    assert bench.simulator.writes() == [] or results[0]["code"] == "duplicate_user"
    return results


@pytest.mark.parametrize(("provider", "values", "code", "option", "said"), WRONG)
@pytest.mark.parametrize("user", ["an existing user", "a new user"])
def test_a_wrong_value_fails_alike_in_check_mode_and_in_the_real_run(
    bench, provider, values, code, option, said, user
):
    new = user == "a new user"
    params = {"user": NEW if new else USERS[provider], **(NEEDED.get(provider, {}) if new else {}), **values}
    for module, arguments in ((f"{provider}_user", params), (f"{provider}_users", {"users": [params]})):
        planned, real = refused(bench, module, arguments)
        (error,) = planned["errors"]
        assert (error["code"], error["option"]) == (code, option)
        assert all(said in result["msg"] and len(result["msg"]) < 600 for result in (planned, real)), planned["msg"]


@pytest.mark.parametrize("user", ["user0001", "new.person"])
@pytest.mark.parametrize("key", ["username", "email"])
def test_a_name_or_address_of_another_user_ends_a_list_before_its_first_write(bench, user, key):
    """The server would refuse it when the first user has been written. The two searches take place at the same time."""
    names = {"firstname": "New", "lastname": "Person"}
    first = {"username": "other", "email": "other@example.com", **names}
    taken = {"username": user, "email": "user0002@example.com", **names}
    if key == "email":
        taken = {"username": "user0002", "email": f"{user}@example.com", **names}
    rows = [{"user": row[key], **row} for row in (first, taken)]
    results = refused(bench, "onelogin_users", {"users": rows, "user_key": key})
    assert bench.simulator.writes() == []
    assert results[0]["errors"] == results[1]["errors"]
    assert results[0]["errors"][0]["code"] == "duplicate_user"


@pytest.mark.parametrize("provider", ["sendauth", "kestra", "contabo"])
@pytest.mark.parametrize("address", ["a b@c.org", "a@b@c.org", "a.b@", "@b.org"])
def test_a_malformed_address_of_a_new_or_renamed_user_fails_alike(bench, provider, address):
    for previous in ([], [ADA]):
        params = {"user": address, "previous_users": previous, **NEEDED.get(provider, {})}
        for result in refused(bench, f"{provider}_user", params):
            assert result["errors"][0]["option"] == "user"
            assert f"user: '{address}' is not an e-mail address. Correct it." in result["msg"]


@pytest.mark.parametrize("provider", ["sendauth", "kestra", "contabo"])
@pytest.mark.parametrize(("letter", "usual"), [("\u212a", "K"), ("\u017f", "s"), ("\uff41", "a")])
def test_a_new_address_with_a_letter_that_looks_like_another_one_is_refused(bench, provider, letter, usual):
    """Contabo stores addresses in lower case: with a Kelvin sign, every run renamed the user."""
    address = f"{letter}da@example.com"
    state = bench.simulator.state(provider)["users"]
    account = next(user for user in state if user["email"] == ADA)
    for params in ({}, {"previous_users": [ADA]}, {"id": str(account.get("userId") or account["id"])}):
        for result in refused(bench, f"{provider}_user", {"user": address, **NEEDED.get(provider, {}), **params}):
            assert (result["code"], result["errors"][0]["option"]) == ("lookalike_name", "user")
            assert f"which looks like '{usual}'. Write '{usual}' instead." in result["msg"]
    assert bench.simulator.writes() == []


@pytest.mark.parametrize(
    ("module", "params", "code"),
    [
        ("sendauth_user_roles", {"role": "admn"}, "unknown_role"),
        ("sendauth_user_roles", {"role": "admn", "state": "exact"}, "unknown_role"),
        ("nextauth_user_roles", {"permissions": ["acounts"]}, "unknown_permission"),
        ("nextauth_user_roles", {"permissions": ["acounts"], "state": "exact"}, "unknown_permission"),
        ("kestra_user_roles", {"roles": [], "state": "exact", "tenant": "nope"}, "unknown_tenant"),
        ("kestra_user_groups", {"groups": [], "state": "exact", "tenant": "nope"}, "unknown_tenant"),
        ("sendauth_user_tags", {"tags": {"sites": "london"}}, "unknown_tag"),
        ("onelogin_user_lock", {"user": "user0001", "minutes": 10**20}, "invalid_value"),
    ],
)
def test_a_wrong_value_of_a_facet_fails_alike(bench, module, params, code):
    for result in refused(bench, module, {"user": ADA, **params}):
        assert result["code"] == code


NAMELESS = {
    "kestra_user_auth_method": {"auth_methods": ["BASIC_AUTH"]},
    "kestra_user_groups": {"groups": ["data"]},
    "kestra_user_roles": {"roles": ["Viewer"]},
    "kestra_user_session": {},
    "contabo_user_mail": {"type": "verification"},
    "contabo_user_roles": {"roles": ["Snowflake"]},
    "nextauth_user_accounts": {"all": True, "state": "blocked"},
    "nextauth_user_attributes": {"attributes": {"office": "x"}},
    "nextauth_user_roles": {"permissions": ["users"]},
    "onelogin_user_attributes": {"attributes": {"cost_center": "x"}},
    "onelogin_user_lock": {},
    "onelogin_user_roles": {"roles": ["2024"]},
    "onelogin_user_session": {},
    "sendauth_user_passkey": {},
    "sendauth_user_roles": {"role": "admin"},
    "sendauth_user_tags": {"tags": {"site": "london"}},
    "sendauth_user_transaction": {"type": "register"},
}
"""Module on a part of a user -> its other options."""


@pytest.mark.parametrize("who", [{"user": None}, {"id": None}, {"user": None, "id": None}])
@pytest.mark.parametrize("module", NAMELESS)
def test_a_user_without_a_name_is_refused_before_any_call(bench, module, who):
    for result in refused(bench, module, {**NAMELESS[module], **who}):
        (error,) = result["errors"]
        assert (error["code"], error["option"]) == ("blank_value", "user")
        assert error["message"] == "user is empty. Specify user or id."
    assert bench.simulator.requests() == []


@pytest.mark.skipif(
    bool(ArgumentSpecValidator({"text": {"type": "str", "required": True}}).validate({"text": None}).error_messages),
    reason="this ansible-core refuses null for a required text itself",
)
@pytest.mark.parametrize("blank", [["user"], ["nonce"], ["user", "nonce"]])
def test_a_registration_without_a_user_or_a_nonce_is_refused(bench, blank):
    params = {"user": ADA, "nonce": "abc", **dict.fromkeys(blank)}
    for result in refused(bench, "nextauth_user_registration", params):
        assert [(error["code"], error["option"]) for error in result["errors"]] == [
            ("blank_value", name) for name in blank
        ]


def test_login_methods_are_listed_or_all(bench):
    for params in ({}, {"auth_methods": None}, {"all": False}):
        for result in refused(bench, "kestra_user_auth_method", {"user": ADA, **params}):
            (error,) = result["errors"]
            assert (error["code"], error["option"]) == ("missing_option", "auth_methods")
            text = "all is false and auth_methods is not specified. List the methods, or set all: true."
            assert error["message"] == text


@pytest.mark.parametrize("params", [{"user": "ada lovelace"}, {"user": "ada"}])
def test_a_user_name_instead_of_an_address_is_reported_first(bench, params):
    for result in refused(bench, "onelogin_user", {**params, "user_key": "email"}):
        (error,) = result["errors"]
        assert (error["code"], error["option"]) == ("invalid_value", "user")
        assert error["message"].endswith(f"user: '{params['user']}' is not an e-mail address. Correct it.")


@pytest.mark.parametrize(
    ("module", "params", "option", "noun"),
    [
        ("kestra_service_account", {"id": "nobody"}, "id", "service account"),
        ("kestra_api_token", {"service_account": "nobody", "name": "ci"}, "service_account", "service account"),
        ("kestra_api_token", {"service_account_id": "nobody", "name": "ci"}, "service_account_id", "service account"),
        ("kestra_api_token", {"user": "nobody@acme.com", "name": "ci"}, "user", "user"),
        ("kestra_api_token", {"id": "nobody", "name": "ci"}, "id", "user"),
        ("kestra_user_session", {"user": "nobody@acme.com"}, "user", "user"),
    ],
)
def test_an_unknown_owner_names_the_option_that_was_specified(bench, module, params, option, noun):
    result = bench.run(module, params)
    (error,) = result["errors"]
    assert (error["code"], error["option"]) == ("user_not_found", option)
    assert f"o {noun} " in error["message"]
    word = "id" if option.endswith("id") else "name"
    assert "kestra_service_account" in module or result["msg"].endswith(f" in this directory. Correct the {word}.")


def test_service_accounts_of_one_name_name_the_options_of_the_module(bench):
    for _number in range(2):
        bench.simulator.put("service_accounts", [{"name": "ci"}], "kestra")
    for module, params, option, identity in (
        ("kestra_service_account", {"name": "ci", "state": "absent"}, "name", "the id"),
        ("kestra_api_token", {"service_account": "ci", "name": "ci"}, "service_account", "service_account_id"),
    ):
        (error,) = bench.run(module, params)["errors"]
        assert (error["code"], error["option"]) == ("ambiguous_user", option)
        assert f"Specify {identity}." in error["message"]


def test_the_id_of_an_account_is_written_as_one(bench):
    user = bench.run("nextauth_user_info", {"user": ADA, "gather": ["accounts"]})["users"][0]
    identity = user["accounts"][0]["id"]
    for name, said in (
        (str(identity), f"but one with this id. Write the id as {{id: {identity}}}."),
        ("Zebra", "Specify the description of an account, or {id: …}."),
    ):
        for result in refused(bench, "nextauth_user_accounts", {"user": ADA, "accounts": [name], "state": "blocked"}):
            assert result["errors"][0]["code"] == "unknown_account"
            assert said in result["msg"]


RESTORE = "Correct the name. If the user was deleted, restore it with sendauth_user and restore: true."


@pytest.mark.parametrize(
    ("module", "params", "advice"),
    [
        ("sendauth_user_info", {}, "Correct the name. If the user was deleted, set deleted: true."),
        ("sendauth_user_tags", {"tags": {"site": "london"}}, RESTORE),
        ("sendauth_user_transaction", {"type": "register"}, RESTORE),
    ],
)
def test_a_deleted_user_may_be_meant(bench, module, params, advice):
    bench.run("sendauth_user", {"user": ADA, "state": "absent"})
    result = bench.run(module, {"user": ADA, **params})
    assert (result["code"], result["errors"][0]["option"]) == ("user_not_found", "user")
    assert advice in result["msg"]


def test_the_roles_of_a_deleted_user_name_an_option_of_the_module(bench):
    bench.run("sendauth_user", {"user": ADA, "state": "absent"})
    (error,) = bench.run("sendauth_user_roles", {"user": ADA, "role": "user"})["errors"]
    assert (error["code"], error["option"]) == ("user_deleted", "user")
    assert "is kept by SendAuth" in error["message"]
    assert bench.run("sendauth_user", {"user": ADA, "first_name": "Eve"})["errors"][0]["option"] == "restore"


def test_an_existing_user_may_be_meant_among_the_deleted_ones(bench):
    result = bench.run("sendauth_user_info", {"user": ADA, "deleted": True})
    assert result["msg"].endswith("Only deleted users were searched: if the user exists, set deleted: false.")


def test_a_user_is_not_destroyed_and_restored(bench):
    for result in refused(bench, "sendauth_user", {"user": ADA, "state": "destroyed", "restore": True}):
        (error,) = result["errors"]
        assert (error["code"], error["option"]) == ("contradiction", "restore")
    assert bench.run("sendauth_user", {"user": ADA, "state": "absent", "restore": True})["changed"]


@pytest.mark.parametrize("version", ["1.0", "1.3", "2.0"])
@pytest.mark.parametrize(
    ("params", "option"),
    [
        ({"filters": {"tenant": "nope"}}, "filters.tenant"),
        ({"filters": {"tenant": "nope", "search": "ada"}, "gather": ["groups", "roles"]}, "filters.tenant"),
        ({"tenant": "nope", "gather": ["groups"]}, "tenant"),
        ({"tenant": "nope", "gather": ["roles"], "user": ADA}, "tenant"),
    ],
)
def test_reading_the_users_of_an_unknown_tenant_names_the_option(bench, version, params, option):
    bench.reset(kestra={"version": version})
    result = bench.run("kestra_user_info", params)
    (error,) = result["errors"]
    assert (error["code"], error["option"]) == ("unknown_tenant", option)
    assert result["msg"].startswith(f"{option}: there is no tenant named 'nope'")


def test_an_existing_user_with_a_malformed_address_can_be_deleted(bench):
    bench.simulator.put("users", [{"email": "a@b@c.org", "firstName": "Odd", "lastName": "Address"}], "sendauth")
    assert bench.run("sendauth_user", {"user": "a@b@c.org", "state": "absent"})["changed"]


def test_a_state_that_onelogin_refuses_has_an_advice(bench):
    result = bench.run("onelogin_user", {"user": "user0001", "user_state": "unapproved"})
    assert "OneLogin accepts only some changes of the state" in result["msg"]


def test_the_reason_of_kestra_is_not_repeated(bench):
    result = bench.run("kestra_user", {"user": NEW, "password": "short"})
    assert result["msg"].count("must have 8 characters or more") == 1


def test_a_permission_of_another_role_can_be_granted(bench):
    """A server may know permissions that the documentation does not name."""
    bench.reset(nextauth={"unknown_permission": "stored"})
    params = {"user": ADA, "permissions": ["reports"]}
    assert bench.run("nextauth_user_roles", params)["code"] == "unknown_permission"
    bench.simulator.put("users", [{"userid": "other", "permissions": ["reports"]}], "nextauth")
    assert bench.run("nextauth_user_roles", params)["changed"]


@pytest.mark.parametrize("key", ["password", "password_hash"])
def test_a_password_that_is_always_set_is_missed_if_no_user_of_the_task_has_one(bench, key):
    """A variable without a value would otherwise leave the old passwords. Rows without a password are usual."""
    always = {"user": "user0001", "update_password": "always"}
    other = {"user": "user0002", "update_password": "always", key: f"$2b$12${'a' * 53}"}
    if key == "password_hash":
        other["password_algorithm"] = "bcrypt"
    tasks = [("user", always), ("users", {"users": [always, {**other, "state": "absent"}]})]
    for module, params in tasks:
        result = bench.run(f"onelogin_{module}", params, check=True)
        assert [notice["code"] for notice in result["warning_details"]] == ["no_effect"], result
    result = bench.run("onelogin_users", {"users": [always, other]}, check=True)
    assert (result["changed"], result.get("warnings")) == (True, None), result


@pytest.mark.parametrize("version", ["1.0", "1.3", "2.0"])
@pytest.mark.parametrize("status", [200, 204])
def test_access_that_the_server_accepts_and_does_not_grant_fails_and_is_repaired(bench, version, status):
    """Otherwise, a rerun would find the roles bound, and nobody would see that the user cannot use them."""
    bench.reset(kestra={"version": version})
    bench.simulator.faults([{"operation": "create_tenant_access_1", "status": status, "body": ""}])
    params = {"user": ADA, "roles": [{"role": "Viewer", "tenant": "acme-eu"}]}
    result = bench.run("kestra_user_roles", params)
    assert (result["failed"], result["code"]) == (True, "not_applied"), result
    assert bench.run("kestra_user_roles", params)["changed"]
    user = next(user for user in bench.simulator.state("kestra")["users"] if user["email"] == ADA)
    assert "acme-eu" in str(user["tenants"])
