# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wrong arguments are refused with all their problems at once, from both front ends, and nothing is sent."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.refusing import refused

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
    ("onelogin_user_roles", {"user": 7, "roles": []}, ["user"]),
    ("onelogin_user_roles", {"user": "ada", "roles": [], "state": "gone"}, ["state"]),
    ("onelogin_user_roles", {"user": "ada", "roles": [], "max_wait": "x"}, ["max_wait", "roles"]),
    ("onelogin_user_roles", {"roles": [], "max_wait": "x"}, ["max_wait", None]),
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
