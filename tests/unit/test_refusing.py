# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wrong arguments are refused with all their problems at once, from both front ends, and nothing is sent."""

from __future__ import annotations

import importlib
import json
import operator
import os
import random
import re
import subprocess
import sys

import pytest
import requests

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.refusing import refused
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.task import ConnectionPool, run_task
from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import validate

LOGIN = {"api_url": "http://127.0.0.1:9", "client_id": "i", "client_secret": "s"}
OTHERS = [
    {"user": "bob", "enabled": True, "roles": []},
    {"user": "eve", "username": "adam"},
    {"user": "EVE"},
    {"user": "c*"},
    {"user": "dan", "roles_state": "exact"},
    {"title": "x"},
]
LATE = [
    ("blank_value", "roles"), ("contradiction", "username"), ("missing_option", "roles"), ("missing_option", "user"),
    ("duplicate_user", None), ("invalid_value", "user"),
]  # fmt: skip


def module(name):
    """Return the module of a name."""
    return importlib.import_module(f"ansible_collections.rollcall.identity.plugins.modules.{name}")


def refusal(name, arguments, environment=None):
    """Return the result of a task with wrong arguments, as the front ends call it."""
    task = module(name).TASK
    return refused(task, task.check(arguments).problems, arguments, environment or {})


def codes(result):
    """Return code and option of every problem."""
    return [(error["code"], error.get("option")) for error in result["errors"]]


@pytest.mark.parametrize("early", [
    ({"user": "ada", "status": "maybe"}, [("invalid_value", "status")]),
    ({"user": "ada", "attributes": [1]}, [("invalid_value", "attributes")]),
    ({"user": 7}, [("unquoted_value", "user")]),
    ("ada", [("invalid_value", "users[6]")]),
    ({"user": "ada", "tittle": "x"}, [("unknown_option", "tittle")]),
    ({"user": "ada", "state": "gone"}, [("invalid_value", "state")]),
    ({"user": ""}, [("blank_value", "user")]),
    ({"user": {}}, [("invalid_value", "user")]),
])  # fmt: skip
def test_a_wrong_type_hides_no_problem_of_other_rows(early):
    row, problems = early
    result = refusal("onelogin_users", {**LOGIN, "users": [*OTHERS, row], "user_key": "username"})
    assert codes(result) == [*problems, *LATE], result["msg"]
    alone = refusal("onelogin_users", {**LOGIN, "users": [row]})
    assert [code for code, _option in codes(alone)] == [code for code, _option in problems], alone["msg"]


def test_a_row_with_a_wrong_option_shows_its_other_problems_and_none_that_follows():
    rows = [
        {"user": "ada", "roles": 5.5, "roles_state": "exact", "attributes": {}},
        {"user": "Ada", "roles": [], "roles_state": "exat"},
        {"user": 64, "username": "64"},
        {"user": "bob", "roles": ["a"], "managed_roles": [{}], "roles_state": "managed"},
    ]
    result = refusal("onelogin_users", {**LOGIN, "users": rows})
    assert [(error.get("index"), error.get("option")) for error in result["errors"]] == [
        (0, "roles[0]"), (1, "roles_state"), (2, "user"), (3, "managed_roles[0]"), (0, "attributes"), (1, None),
    ], result["msg"]  # fmt: skip


def test_options_of_the_task_and_credentials_come_along():
    arguments = {"users": [{"user": "c*"}], "unlisted": "delete", "loss_limit": "many", "max_wait": "soon"}
    result = refusal("onelogin_users", arguments, {"ONELOGIN_API_TIMEOUT": "long"})
    assert sorted(codes(result)) == [
        ("invalid_value", "api_timeout"), ("invalid_value", "loss_limit"), ("invalid_value", "max_wait"),
        ("invalid_value", "user"), ("missing_credentials", "client_id"), ("missing_option", "api_url"),
        ("missing_protect", "protect"),
    ], result["msg"]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "expected"), [
    ("onelogin_users", {"users": [{"user": "ada", "username": "bob"}], "user_key": "mail"}, ["user_key"]),
    ("onelogin_users", {"users": {"user": "ada"}, "unlisted": "delete", "protect": ["x"]}, ["users"]),
    ("onelogin_user_roles", {"user": 7, "roles": []}, ["user", "roles"]),
    ("onelogin_user_roles", {"user": "ada", "roles": [], "state": "gone"}, ["state"]),
    ("onelogin_user_roles", {"user": "ada", "roles": [], "max_wait": "x"}, ["max_wait", "roles"]),
    ("onelogin_user_roles", {"roles": [], "max_wait": "x"}, ["max_wait", "roles", None]),
    ("onelogin_user", {"user": "a*", "roles": [], "api_url": True}, ["api_url", "roles", "user"]),
    ("onelogin_user_attributes", {"user": "a*", "attributes": {"x": True}}, ["attributes.x", "user"]),
    ("onelogin_user", {"user": "ada", "user_state": "aproved"}, ["user_state"]),
    ("onelogin_users", {"users": 1.5}, ["users[0]"]),
    ("onelogin_user_attributes", {"user": "ada", "names": [1.5], "state": "absent"}, ["names[0]"]),
    ("onelogin_api_token", {"client_id": 1.5}, ["client_id"]),
    ("kestra_service_account", {"id": 1.5, "api_token": "t"}, ["id"]),
    ("kestra_user_auth_method", {"user": "a@x.org", "all": "zz", "api_token": "t"}, ["all"]),
    ("kestra_user_auth_method", {"user": "a@x.org", "all": "zz"}, ["all", "api_token"]),
    ("nextauth_user", {"user": "a@x.org", "api_key": 1.5, "server_id": "s", "role_id": "r"}, ["api_key"]),
    ("onelogin_user_roles", {"user": "a*", "roles": True}, ["roles[0]", "user"]),
    ("sendauth_user_tags", {"user": "ada", "tags": [], "api_user": "a", "api_password": "p"}, ["tags", "user"]),
])  # fmt: skip
def test_no_problem_follows_from_another(name, arguments, expected):
    login = {key: value for key, value in LOGIN.items() if key in module(name).TASK.options}
    result = refusal(name, {**login, **arguments})
    options = [error.get("option") for error in result["errors"]]
    assert (options[:1], sorted(options[1:], key=str)) == (expected[:1], sorted(expected[1:], key=str)), result["msg"]


KESTRA, SENDAUTH = {"api_url": LOGIN["api_url"], "api_token": "t"}, {"api_user": "a", "api_password": "p"}
CONTABO = {**LOGIN, **SENDAUTH, "auth_url": LOGIN["api_url"]}


@pytest.mark.parametrize(("name", "arguments", "expected"), [
    ("onelogin_user_roles", {**LOGIN, "user": "a*", "roles": []}, ["roles", "user"]),
    ("onelogin_user_lock", {**LOGIN, "user": "a*", "minutes": -1}, ["minutes", "user"]),
    ("onelogin_user_password", {**LOGIN, "user": "a*", "password": "p", "salt": "s" * 41}, ["salt", "user"]),
    ("kestra_user", {**KESTRA, "user": "ada", "roles": []}, ["roles", "user"]),
    ("kestra_user_auth_method", {**KESTRA, "user": "ada", "auth_methods": []}, ["auth_methods", "user"]),
    ("kestra_service_account", {**KESTRA, "name": "A b", "roles": []}, ["roles", "name"]),
    ("sendauth_user_roles", {**LOGIN, **SENDAUTH, "user": "ada", "permissions": []}, ["permissions", "user"]),
    ("sendauth_user_tags", {**LOGIN, **SENDAUTH, "user": "ada", "tags": {"a": []}}, ["tags.a", "user"]),
    ("sendauth_user_transaction", {**SENDAUTH, "user": "ada", "type": "register", "text": "x"}, ["text", "user"]),
    ("contabo_user_mail", {**CONTABO, "user": "ada", "type": "verification", "redirect_url": "x"}, [
        "redirect_url", "user",
    ]),
])  # fmt: skip
def test_modules_for_one_user_report_all_problems_at_once(name, arguments, expected):
    known = {key: value for key, value in arguments.items() if key in module(name).TASK.options}
    result = refusal(name, {"api_url": LOGIN["api_url"], **known, "max_wait": "soon"})
    assert [error.get("option") for error in result["errors"]] == ["max_wait", *expected], result["msg"]


@pytest.mark.parametrize(("name", "arguments"), [
    ("onelogin_users", {**LOGIN, "users": [*OTHERS, {"user": "ada", "enabled": "maybe", "password": "canary"}]}),
    ("onelogin_user_roles", {**LOGIN, "roles": [], "user": "a*", "max_wait": 0.5}),
    ("onelogin_user_info", {**LOGIN, "user": "ada", "id": "1", "gather": ["nothing"]}),
])  # fmt: skip
def test_a_module_without_its_action_plugin_reports_the_same(name, arguments):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ONELOGIN_")}
    done = subprocess.run(
        [sys.executable, "-m", module(name).__name__], input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}),
        env={**environment, "PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True, text=True, check=False,
    )
    result, expected = json.loads(done.stdout), refusal(name, arguments)
    assert {key: result[key] for key in expected} == expected
    assert len(expected["errors"]) > 1
    assert "canary" not in done.stdout


@pytest.mark.parametrize("name", [
    "contabo_user", "kestra_user", "nextauth_user", "onelogin_user", "scim_user", "sendauth_user", "kestra_users",
])  # fmt: skip
@pytest.mark.parametrize("specified", [{}, {"api_user": "x"}, {"api_token": "x"}, {"api_url": "nope"}])
def test_no_credential_is_missing_if_the_environment_of_the_module_is_not_known(name, specified, monkeypatch):
    monkeypatch.setenv(f"{name.partition('_')[0].upper()}_API_URL", "not of the module")
    task = module(name).TASK
    arguments = {key: value for key, value in specified.items() if key in task.options}
    user = {"user": "ada@example.com", "id": ""}
    arguments |= {"users": [user]} if "users" in task.options else user
    result = refused(task, task.check(arguments).problems, arguments, None)
    urls = [("invalid_url", "api_url")] if "api_url" in specified else []
    assert codes(result) == [("blank_value", "id"), *urls]


def outcome(name, arguments, environment):
    """Return the result of a task in check mode, as the action plugin runs it."""
    task = module(name).TASK
    problems = task.check(arguments).problems
    validated = validate(task.options, task.rules, arguments)
    params = validated.validated_parameters
    if problems or validated.error_messages or task.settle(params, arguments, environment):
        return refused(task, problems, arguments, environment)
    return run_task(task, params, True, False, ConnectionPool(), variables=task.variables(arguments, environment))


def problems_of(result):
    """Return code, option, row and sentence of every problem."""
    return {
        (
            error["code"], error.get("option"), error.get("index"),
            re.sub(r"^users\[\d+\]( \(.*?\))?: ", "", error["message"]).partition(". ")[0].strip("."),
        )
        for error in result["errors"]
    }


def faults_of(provider):
    """Return faults that do not depend on each other: each changes the arguments and the environment."""
    task = module(f"{provider}_users").TASK
    facet = next(name.removeprefix("managed_") for name in task.options["users"]["options"] if "managed_" in name)
    secret = next(name for name in task.connection_options if task.options[name].get("no_log"))
    return [
        lambda arguments, environment: arguments["users"][0].update(state=["present"]),
        lambda arguments, environment: arguments["users"][1].update(tittle="x"),
        lambda arguments, environment: arguments["users"][2].update({facet: [], f"{facet}_state": "managed"}),
        lambda arguments, environment: arguments["users"][3].update(user=""),
        lambda arguments, environment: arguments["users"][3].update({f"{facet}_state": "exact"}),
        lambda arguments, environment: arguments["users"][5].update(user="USER4@x.org"),
        lambda arguments, environment: operator.setitem(arguments["users"], 6, 7),
        lambda arguments, environment: arguments.update(bogus=1),
        lambda arguments, environment: arguments.update(loss_limit="many"),
        lambda arguments, environment: arguments.update(max_wait={}),
        lambda arguments, environment: arguments.update(unlisted="remove"),
        lambda arguments, environment: arguments.update(rate_reserve="some"),
        lambda arguments, environment: environment.update({f"{provider}_MAX_CONCURRENCY".upper(): "-1"}),
        lambda arguments, environment: environment.update({f"{provider}_API_TIMEOUT".upper(): " "}),
        lambda arguments, environment: environment.pop(f"{provider}_{secret}".upper()),
    ]


EARLY = {0, 1, 3, 6, 7, 9, 10, 13}
"""Numbers of the faults with which no task starts. The others may read the names of roles."""


@pytest.mark.parametrize("provider", ["nextauth", "sendauth", "kestra", "contabo", "onelogin", "scim"])
def test_several_faults_are_reported_like_each_alone(monkeypatch, provider):
    task = module(f"{provider}_users").TASK
    others = {name for group in task.alternatives[1:] for name in group} - {*task.alternatives[:1]}
    faults, chance = faults_of(provider), random.Random(provider)
    sent = []

    def send(self, request, **options):
        sent.append(request.url)
        raise requests.ConnectionError

    monkeypatch.setattr("requests.adapters.HTTPAdapter.send", send)

    def problems_with(chosen):
        arguments = {"users": [{"user": f"user{number}@x.org"} for number in range(7)], "api_retries": 0}
        environment = {
            f"{provider}_{name}".upper(): "https://127.0.0.1:9" if name.endswith("_url") else "a-canary-1"
            for name in task.connection_options
            if task.options[name]["type"] == "str" and task.options[name].get("default") is None
            and name not in {*others, "expected_account"}
        }  # fmt: skip
        for fault in chosen:
            fault(arguments, environment)
        for variable in [name for name in os.environ if name.startswith(f"{provider.upper()}_")]:
            monkeypatch.delenv(variable)
        for variable, text in environment.items():
            monkeypatch.setenv(variable, text)
        result = outcome(f"{provider}_users", arguments, environment)
        assert result["failed"] and not result["changed"] and result["code"]
        assert "canary" not in json.dumps([result["msg"], result["errors"]])
        return problems_of(result)

    alone = [problems_with([fault]) for fault in faults]
    assert all(alone)
    for _case in range(25):
        chosen = sorted(chance.sample(range(len(faults)), chance.randint(2, 4)))
        sent.clear()
        every = problems_with([faults[number] for number in chosen])
        assert not sent or not EARLY & {*chosen}
        assert every == set().union(*(alone[number] for number in chosen)), chosen
