# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What messages about wrong values advise: where to correct the value, and which choice was meant."""

from __future__ import annotations

import importlib

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.values import (
    check_arguments,
    check_environment,
)
from ansible_collections.rollcall.identity.tests.unit.sources import ROOT

PACKAGE = "ansible_collections.rollcall.identity.plugins.modules"
MODULES = sorted(
    path.stem for path in (ROOT / "plugins" / "modules").glob("*_*.py") if not path.stem.startswith(("identity_", "__"))
)


def task_of(module):
    """Return the task that a module declares."""
    return importlib.import_module(f"{PACKAGE}.{module}").TASK


@pytest.mark.parametrize("module", MODULES)
def test_no_message_suggests_a_choice_that_removes_something(module):
    task = task_of(module)
    options = {**task.options, **task.options.get("users", {}).get("options", {})}
    for name in {"state", "unlisted"} & set(options):
        for value in ("deleted", "destroy", "absen", "delet", "disabled", "removed", "exakt"):
            params = {name: value} if name in task.options else {"users": [{name: value}]}
            (problem,) = check_arguments(task.options, task.kinds, params).problems
            assert "Did you mean" not in problem, problem


def test_a_single_choice_is_no_question():
    task = task_of("kestra_user_auth_method")
    (problem,) = check_arguments(task.options, task.kinds, {"state": "present"}).problems
    assert problem == "state is 'present'. The only possible value is absent."


@pytest.mark.parametrize("pattern", ["\u3164", "svc\u2800", "\u200b"])
def test_a_pattern_without_visible_characters_protects_nobody(pattern):
    task = task_of("onelogin_users")
    (problem,) = check_arguments(task.options, task.kinds, {"protect": ["svc-*", pattern]}).problems
    assert (problem.code, problem.option) == ("invisible_character", "protect[1]")
    (problem,) = check_environment(task.options, task.kinds, {}, {"ONELOGIN_PROTECT": f"svc-*,{pattern}"})
    assert (problem.code, problem.option) == ("invisible_character", "protect")
    assert "ONELOGIN_PROTECT in the environment" in problem


def test_what_to_do_depends_on_where_the_value_is():
    task = task_of("onelogin_users")
    said = check_environment(task.options, task.kinds, {}, {"ONELOGIN_CLIENT_SECRET": "abc "})
    assert said == [
        "ONELOGIN_CLIENT_SECRET in the environment ends with a blank. Remove it where the variable is set."
    ]
    params = {"users": [{"user": "ada", "roles": ["a", ""], "attributes": {"": "x"}}]}
    assert [problem.text for problem in check_arguments(task.options, task.kinds, params).problems] == [
        "roles[1] is empty. Remove the element, or specify a value. Check for an unset variable.",
        "attributes: the name '' is empty. Specify a name, or remove the entry. Check for an unset variable.",
    ]


@pytest.mark.parametrize("module", MODULES)
def test_null_is_an_error_if_ansible_cannot_read_it_as_not_specified(module):
    task = task_of(module)
    for name, option in task.options.items():
        problems = check_arguments(task.options, task.kinds, {name: None}).problems
        if option.get("default") is None and not option.get("required"):
            assert problems == [], name
        else:
            (problem,) = problems
            assert (problem.code, problem.option) == ("blank_value", name)
            assert problem.startswith(f"{name} is null. Specify a value")
            assert ("omit the option" in problem) == (not option.get("required"))


def test_null_in_a_user_names_the_user():
    task = task_of("onelogin_users")
    users = [{"user": "ada", "title": None}, {"user": "bob", "state": None}]
    (problem,) = check_arguments(task.options, task.kinds, {"users": users}).problems
    assert (problem.code, problem.place) == ("blank_value", "users[1] (bob)")
    assert problem.text == "state is null. Specify a value, or omit the option. Check for an unset variable."


def test_types_ranges_and_limits_are_reported_at_once():
    task = task_of("onelogin_users")
    wrong = {
        "api_retries": 2.5, "max_concurrency": 0, "max_wait": "-1", "loss_limit": "200%", "create_limit": 5,
        "delete_limit": "--3", "max_mails": -1, "api_timeout": None,
    }  # fmt: skip
    problems = task.check({"users": [{"user": "ada", "enabled": "perhaps"}], **wrong}).problems
    assert sorted(problem.option for problem in problems) == [
        "api_retries", "api_timeout", "delete_limit", "enabled", "loss_limit", "max_concurrency", "max_mails",
        "max_wait",
    ]  # fmt: skip
