# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module's result is what its function returned, without secrets, and with every name that plays are written against.
"""

from __future__ import annotations

import importlib

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    InputError,
    PartialFailure,
    RollcallError,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import MASK
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.task import ConnectionPool, Task, run_task
from ansible_collections.rollcall.identity.tests.unit.fakes import MemoryConnection

OPTIONS = {
    "users": {"type": "list", "elements": "dict", "options": {"password": {"type": "str", "no_log": True}}},
    "state": {"type": "str"},
}
REPORT = {
    "changed": True,
    "users": [{"user": "ada", "attributes": {"k": "v"}}],
    "summary": {"created": 1, "failed": 1},
    "applied": ["ada"],
}
WORDS = [
    "failed", "changed", "user", "users", "summary", "created", "msg", "invocation", "module_args", "state", "applied",
]


def run(password, act):
    """Run a task whose user has a password, and return its result."""
    task = Task(OPTIONS, lambda context, connection: act(), MemoryConnection, ())
    return run_task(task, {"users": [{"password": password}], "state": "present"}, False, False, ConnectionPool())


def fails():
    """Be what a bulk task ends with after some of its writes."""
    raise PartialFailure("1 of 2 failed.", "Run it again.", dict(REPORT))


@pytest.mark.parametrize("password", WORDS)
def test_a_password_that_is_a_word_of_the_result_renames_nothing(password):
    failed, passed = run(password, fails), run(password, lambda: dict(REPORT))
    assert (failed["failed"], failed["changed"]) == (True, True)  # the report knows of writes
    assert "failed" not in passed
    assert passed["changed"] is True
    for result in (failed, passed):
        assert set(REPORT) <= set(result)
        assert set(result["summary"]) == {"created", "failed"}
        assert set(result["users"][0]) == {"user", "attributes"}
        assert set(result["invocation"]["module_args"]) == {"state"}


def test_an_unexpected_exception_is_a_failure_with_a_code():
    def act():
        raise ZeroDivisionError("no")

    result = run("pw", act)
    assert (result["failed"], result["code"], result["errors"][0]["code"]) == (True, "unexpected", "unexpected")
    assert "Unexpected ZeroDivisionError at test_task.py:" in result["msg"]


@pytest.mark.parametrize("counter", ["written", "uncertain"])
def test_a_failure_after_what_may_have_been_written_is_a_change(counter):
    def run_function(context, connection):
        setattr(connection.transport, counter, 1)
        raise RollcallError("It failed.")

    task = Task(OPTIONS, run_function, MemoryConnection, ())
    assert run_task(task, {"users": []}, False, False, ConnectionPool())["changed"] is True


def test_a_message_has_a_bounded_length_and_says_once_that_nothing_was_written():
    def act():
        raise InputError([f"{'x' * 5_000} {number}. Nothing was written." for number in range(100)])

    message = run("pw", act)["msg"]
    assert len(message) < 11_000
    assert message.startswith("100 problems in the input: (1) xxx")
    assert "characters omitted" in message


def test_a_key_of_a_server_is_masked():
    secret = "canary-0123456789"
    assert run(secret, lambda: {"changed": False, "user": {"attributes": {f"a {secret}": secret}}})["user"] == {
        "attributes": {f"a {MASK}": MASK}
    }


SERVER = "https://me:canary-1@one.example"
ADDRESSES = [
    # The task fails at the first address, so no connection has seen the second one.
    ("scim_user_info", {"user": "ada", "api_url": "nowhere", "token_url": SERVER}),
    ("contabo_user_info", {"user": "ada@example.com", "api_url": "nowhere", "auth_url": SERVER}),
    (
        "scim_user_info",
        {
            "user": "ada", "api_url": "http://127.0.0.1:1", "client_id": "a", "client_secret": "b",
            "token_url": SERVER,
        },
    ),
    ("onelogin_user_info", {"user": "ada", "api_url": "https://one.example/?key=canary-1"}),
    ("onelogin_user_info", {"user": "ada", "api_url": "https://one.example/#canary-1"}),
    ("onelogin_user_info", {"user": "ada", "api_url": "one.example?canary-1"}),
    ("onelogin_user_info", {"user": "ada", "api_url": "https://one.example/?k=" + "x" * 100_000 + "canary-1"}),
]


@pytest.mark.parametrize(("module", "params"), ADDRESSES)
def test_credentials_in_the_addresses_of_servers_are_not_shown(module, params):
    task = importlib.import_module(f"ansible_collections.rollcall.identity.plugins.modules.{module}").TASK
    result = run_task(task, params, False, False, ConnectionPool())
    assert "invalid_url" in {error["code"] for error in result["errors"]}
    assert result["changed"] is False
    assert "canary" not in repr(result)
    assert len(result["msg"]) < 600


def test_an_address_that_people_open_may_have_a_query():
    page = "https://people.example/ada?tab=1"
    task = Task(
        {"profile_url": {"type": "str"}}, lambda context, connection: {"user": dict(context.params)},
        MemoryConnection, (),
    )
    result = run_task(task, {"profile_url": page}, False, False, ConnectionPool())
    assert result["user"]["profile_url"] == result["invocation"]["module_args"]["profile_url"] == page


@pytest.mark.parametrize(
    ("folder", "path"), [(".", "sub/../token"), ("{here}", "token"), ("elsewhere", "{here}/token")]
)
def test_paths_are_absolute_in_both_front_ends(tmp_path, monkeypatch, folder, path):
    monkeypatch.chdir(tmp_path)
    task = Task(
        {"dest": {"type": "path"}}, lambda context, connection: {"dest": context.params["dest"]}, MemoryConnection, ()
    )
    folder, path = (text.replace("{here}", str(tmp_path)) for text in (folder, path))
    result = run_task(task, {"dest": path}, False, False, ConnectionPool(), folder)
    assert result["dest"] == result["invocation"]["module_args"]["dest"] == str(tmp_path / "token")


def test_a_value_of_the_environment_is_reported_with_its_variable():
    options = {**OPTIONS, "max_wait": {"type": "int", "fallback": (None, ["MEMORY_MAX_WAIT", "int"])}}
    task = Task(options, lambda context, connection: {}, MemoryConnection, ())
    variables = task.variables({}, {"MEMORY_MAX_WAIT": "-1"})
    result = run_task(task, {"max_wait": -1}, False, False, ConnectionPool(), variables=variables)
    assert (result["errors"][0]["option"], result["errors"][0]["code"]) == ("max_wait", "invalid_value")
    assert "MEMORY_MAX_WAIT" in result["msg"]
    assert "MEMORY_MAX_WAIT" in result["errors"][0]["message"]
    assert task.variables({"max_wait": 3}, {"MEMORY_MAX_WAIT": "-1"}) == {}


@pytest.mark.parametrize(
    ("option", "value"),
    [("api_timeout", 0), ("api_timeout", 10**14), ("api_retries", -1), ("max_concurrency", 0), ("max_wait", 10**20)],
)
def test_a_number_out_of_its_range_names_the_option(option, value):
    task = Task(OPTIONS, lambda context, connection: {}, MemoryConnection, ())
    result = run_task(task, {option: value}, False, False, ConnectionPool())
    assert (result["code"], result["errors"][0]["option"]) == ("invalid_value", option)


def test_the_code_of_an_error_is_the_code_of_its_only_problem():
    error = InputError("api_url is odd.", code="invalid_url", option="api_url")
    assert error.errors() == [{"code": "invalid_url", "message": "api_url is odd.", "option": "api_url"}]
