# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From declarations to module options, and from options to desired users."""

from __future__ import annotations

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from hypothesis import given

from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import document
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.plan import apply_plan, plan_user
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import Policy
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.directory import Directory
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.options import (
    NORMALISED,
    bulk_options,
    bulk_policy,
    connection_options,
    desired_from,
    listed_options,
    single_policy,
    user_options,
)
from ansible_collections.rollcall.identity.tests.unit.fakes import SCHEMA
from ansible_collections.rollcall.identity.tests.unit.strategies import accounts, desires

WRITABLE = {field.name for field in SCHEMA.fields if field.writable}


def desired(index=None, **params):
    """Return what options describe, and the problems found."""
    problems = []
    return desired_from(SCHEMA, params, problems, index), problems


def validated(spec, given):
    """Return parameters as Ansible's own validation leaves them."""
    result = ArgumentSpecValidator(spec).validate(given)
    assert result.error_messages == []
    return result.validated_parameters


def test_every_writable_field_and_facet_is_an_option():
    options = user_options(SCHEMA)
    assert set(options) >= WRITABLE
    assert "created_at" not in options
    assert options["password"]["no_log"] is True
    assert options["groups_state"]["choices"] == ["present", "exact", "managed"]
    assert (options["groups"]["type"], options["attributes"]["type"]) == ("list", "dict")


def test_listed_users_accept_what_an_info_module_returns():
    options = listed_options(SCHEMA)
    assert set(options) >= {"created_at", *NORMALISED}
    assert set(options) >= set(user_options(SCHEMA))


def test_every_connection_option_falls_back_to_the_environment(monkeypatch):
    options = connection_options("memory", {"api_key": {"type": "str", "no_log": True}})
    assert all(spec["fallback"][1] == [f"MEMORY_{name.upper()}", spec["type"]] for name, spec in options.items())
    monkeypatch.setenv("MEMORY_API_KEY", "k")
    monkeypatch.setenv("MEMORY_MAX_WAIT", "7")
    params = validated(options, {})
    assert (params["api_key"], params["max_wait"], params["api_timeout"], params["validate_certs"]) == (
        "k", 7, 30, True,
    )


def test_no_option_has_the_name_of_a_keyword_of_tasks():
    names = set(bulk_options(SCHEMA)) | set(user_options(SCHEMA)) | set(connection_options("memory", {}))
    assert not names & {
        "timeout", "retries", "loop", "when", "register", "become", "async", "poll", "until", "delay", "port",
    }


def test_the_policy_has_the_documented_defaults():
    params = validated(bulk_options(SCHEMA), {"users": []})
    assert bulk_policy(params) == Policy(bulk=True)
    assert single_policy({"protect": ["a"], "loss_limit": "0"}) == Policy(protect=("a",))


def test_only_what_is_given_is_wished_for():
    wished, problems = desired(user=" ada ", title=None, email="", enabled=False)
    assert problems == []
    assert wished.fields == {"name": "ada", "email": "", "enabled": False}
    assert wished.facets == {}
    assert wished.always == frozenset()


def test_a_password_is_for_new_users_unless_always_is_said():
    assert desired(user="ada", password="pw", update_password="on_create")[0].always == frozenset()
    assert desired(user="ada", password="pw", update_password="always")[0].always == {"password"}


def test_facets_of_someone_who_is_to_be_absent_are_nobodys_business():
    wished, problems = desired(user="ada", state="absent", groups=[], groups_state="present")
    assert (wished.facets, problems) == ({}, [])


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({}, "user is missing. Specify user or id."),
        ({"index": 4}, "users[4] has neither user nor id."),
        ({"index": 4, "user": "  "}, "users[4] has neither user nor id."),
        ({"user": "ada", "name": "bob"}, "ada: name is 'bob', and user, which sets the same field, is 'ada'"),
        ({"user": "ada", "name": "bob"}, "Remove name. To rename the user, specify the new name as user, and the old"),
        ({"user": "ada", "name": "bob", "id": "7"}, "Remove name, or make them equal."),
        ({"user": "ada", "groups": []}, "groups is empty and groups_state is present, so nothing would be added"),
        ({"user": "ada", "attributes": {}}, "attributes is empty"),
        (
            {"user": "ada", "groups_state": "exact"},
            "groups_state is exact and groups is missing. Specify groups; an empty list ([]) removes all.",
        ),
        (
            {"user": "ada", "attributes_state": "exact"},
            "attributes is missing. Specify attributes; an empty mapping ({}) removes all.",
        ),
        (
            {"user": "ada", "groups_state": "managed", "managed_groups": ["a"]},
            "Specify groups; an empty list ([]) removes those in managed_groups.",
        ),
        (
            {"user": "ada", "groups": ["a"], "groups_state": "managed"},
            "managed_groups is missing. In managed_groups, list the groups that the task may add or remove, including",
        ),
        ({"user": "ada", "managed_groups": ["a"]}, "managed_groups has no effect without groups"),
        (
            {"user": "ada", "groups": ["a"], "managed_groups": ["a"]},
            "managed_groups has no effect with groups_state: present",
        ),
    ],
)
def test_faults_of_the_input(params, said):
    problems = desired(**params)[1]
    assert len(problems) == 1
    assert said in problems[0]
    assert problems[0].option
    assert problems[0].code in {"missing_option", "contradiction", "blank_value", "no_effect"}


def test_all_faults_are_found():
    assert (
        len(
            desired(
                user="ada",
                name="bob",
                groups=[],
                tags_state="exact",
                attributes={},
                labels={"a": 1},
                labels_state="managed",
            )[1]
        )
        == 5
    )


@pytest.mark.parametrize("value", [[], {}])
def test_an_empty_facet_clears_under_exact(value):
    name = "attributes" if value == {} else "groups"
    wished, problems = desired(user="ada", **{name: value, f"{name}_state": "exact"})
    assert problems == []
    assert (wished.facets[name].mode, wished.facets[name].items) == ("exact", value)


def test_the_key_may_be_given_as_its_field_too():
    wished, problems = desired(user="ada", name="ADA")
    assert (problems, wished.fields["name"]) == ([], "ada")


def test_a_new_key_beside_an_id_is_the_name_to_look_for():
    assert desired(id="7", name=" ada ")[0].key == "ada"
    assert desired(id="7", name="ada", state="absent")[0].key == ""
    assert desired(id="7", email="a@x")[0].key == ""


def test_blanks_around_a_name_or_an_id_do_not_count():
    user, problems = desired(user=" ada ", id=" 7 ", previous_users=["bob "])
    assert problems == []
    assert (user.key, user.id, user.previous) == ("ada", "7", ("bob",))


def test_a_number_is_a_name():
    params = validated(user_options(SCHEMA), {"user": 7, "groups": [5, "5"]})
    wished, problems = desired(**params)
    Directory(None, SCHEMA).resolve([wished])
    assert (problems, wished.key, list(wished.facets["groups"].entries)) == ([], "7", ["5"])


@given(desires(states=("present",)), accounts(deleted=False))
def test_what_is_shown_can_be_given_back_and_changes_nothing(made, account):
    account = apply_plan(SCHEMA, plan_user(SCHEMA, made, account))
    shown = document(SCHEMA, account.id, account.values, account.facets)
    shown.update({f"{facet.name}_state": "exact" for facet in SCHEMA.facets})
    params = validated({"users": bulk_options(SCHEMA)["users"]}, {"users": [shown]})["users"][0]
    wished, problems = desired(0, **params)
    Directory(None, SCHEMA).resolve([wished])
    assert problems == []
    assert not plan_user(SCHEMA, wished, account).changed
