# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of the jobs with blank or wrongly typed values, named as the variables of the roles."""

from __future__ import annotations

import datetime
import importlib
import pathlib

import pytest
import yaml

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.variables import (
    argument_problems,
    specified,
    texts_of,
    variable_of,
)

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROLES = {
    "access": "access", "access_review": "review", "export": "export", "offboard": "offboard",
    "token_rotation": "token_rotation",
}
"""Role -> the module that it runs, without the prefix."""
UNSET = "Check for an unset variable."
VALUE = f"Specify a value, or omit the option. {UNSET}"
ONE = f"Specify one, or omit the option. {UNSET}"


def spec_of(role):
    """Return the options of the module of a role."""
    name = f"ansible_collections.rollcall.identity.plugins.modules.identity_{ROLES[role]}"
    return importlib.import_module(name).SPEC


def problems(role, **arguments):
    """Return the problems of arguments, beside a connection and what else the module requires."""
    needed = {"connections": {}, "person": "E1", "step": "check"}
    needed = {name: value for name, value in needed.items() if name in spec_of(role)}
    return argument_problems(spec_of(role), specified(plain({**needed, **arguments})), role)


def test_an_unknown_option_is_reported_before_what_is_missing():
    unknown, missing = problems("export", conections={}, connections=None)
    assert (str(unknown), unknown.code) == ("conections: unknown option. Did you mean connections?", "unknown_option")
    assert str(missing) == "identity_connections is missing. Set it."


@pytest.mark.parametrize(
    ("role", "arguments", "message"),
    [
        ("access", {"min_people": ""}, f"access_min_people is '', not a whole number such as 5. {ONE}"),
        ("access", {"min_people": True}, "access_min_people is the boolean true, not a whole number such as 5."),
        ("access", {"lead_days": [1]}, "access_lead_days is a list, not a whole number such as 5."),
        ("access", {"entitlements": []}, "identity_entitlements is not a mapping. Write it as {name: value}."),
        ("access", {"entitlements": ""}, "identity_entitlements is empty. Specify a mapping, or omit the option."),
        ("access", {"columns": "id"}, "access_columns is not a mapping. Write it as {name: value}."),
        ("access", {"rules": ""}, "identity_rules is not a list of mappings. Write it as [{name: value}]."),
        ("access", {"plan_digest": " "}, f"access_plan_digest contains only whitespace. {VALUE}"),
        ("access", {"plan_digest": ""}, f"access_plan_digest is empty. {VALUE}"),
        ("access", {"plan_digest": []}, "access_plan_digest is a list, not text. Specify a single text."),
        ("access", {"max_feed_age": ""}, f"access_max_feed_age is empty. {VALUE}"),
        ("access", {"create_limit": True}, "access_create_limit is the boolean true, not text."),
        ("access", {"timezone": ""}, f"identity_timezone is empty. {VALUE}"),
        ("access", {"people_file": "", "dest": " "}, f"access_people_file is empty. {VALUE}"),
        ("access", {"date_format": ["%d.%m.%Y", ""]}, "access_date_format[1] is empty. Remove the element, or"),
        ("access", {"mode": "aply"}, "access_mode is 'aply'. Use one of: plan, apply. Did you mean apply?"),
        ("offboard", {"delete_after": ""}, f"offboard_delete_after is empty. {VALUE}"),
        ("offboard", {"proof_wait": "soon"}, "offboard_proof_wait is 'soon', not a whole number such as 5."),
        ("export", {"overwrite": ""}, f"export_overwrite is '', not a boolean (true or false). {ONE}"),
        ("export", {"bundles": "maybe"}, "export_bundles is 'maybe', not a boolean (true or false)."),
        ("export", {"connections": None}, "identity_connections is missing. Set it."),
        ("access_review", {"dormant_days": ""}, "access_review_dormant_days is '', not a whole number such as 5."),
        ("access_review", {"digest": ""}, f"access_review_digest is empty. {VALUE}"),
        ("access_review", {"max_age": ""}, f"access_review_max_age is empty. {VALUE}"),
        ("access_review", {"digest": "\t"}, f"access_review_digest contains only whitespace. {VALUE}"),
        ("token_rotation", {"overlap": ""}, f"token_rotation_overlap is empty. {VALUE}"),
        ("token_rotation", {"made": "canary"}, "made is not a mapping. Write it as {name: value}."),
        ("token_rotation", {"planned": []}, "planned is not a mapping. Write it as {name: value}."),
    ],
)  # fmt: skip
def test_a_wrong_value_is_reported_with_its_variable_and_the_next_step(role, arguments, message):
    problem = problems(role, **arguments)[0]
    assert str(problem).startswith(message)
    assert problem.option.partition("[")[0] == message.split()[0].partition("[")[0]
    assert problem.code in ("blank_value", "invalid_value", "unquoted_value", "missing_option")


@pytest.mark.parametrize("role", ROLES)
def test_nothing_and_the_defaults_are_accepted(role):
    """A blank answer of a survey is null, or the text that is documented as the default."""
    spec = spec_of(role)
    optional = {name: option for name, option in spec.items() if not option.get("required")}
    assert problems(role, **dict.fromkeys(optional)) == []
    assert problems(role, **{name: option.get("default") for name, option in optional.items()}) == []


@pytest.mark.parametrize("role", ROLES)
def test_messages_name_variables_that_the_role_has(role):
    defaults = yaml.safe_load((ROOT / "roles" / role / "defaults" / "main.yml").read_text(encoding="utf-8"))
    steps = {"step", "planned", "made", "broken", "plan", "outcomes"} if role == "token_rotation" else set()
    left_out = {"export": {"identity_entitlements", "identity_people", "identity_rules", "export_links"}}
    left_out["offboard"] = {"identity_rules"}
    names = {variable_of(name, role) for name in spec_of(role)} - steps - left_out.get(role, set())
    assert names <= set(defaults)


def test_surveys_change_the_types_of_answers():
    assert problems("offboard", left_on=datetime.date(2026, 12, 31), person=1042, proof_wait="7") == []


@pytest.mark.parametrize(
    ("value", "place"),
    [(" ", "x"), ([""], "x[0]"), (["a", " "], "x[1]"), ("a,", "x[1]"), (",a", "x[0]")],
)
def test_a_blank_element_of_a_list_never_means_all(value, place):
    with pytest.raises(InputError) as error:
        texts_of(value, "x")
    (problem,) = error.value.problems
    assert str(problem) == f"{place} is empty. Specify a value, or remove it. {UNSET}"
    assert (problem.code, problem.option) == ("blank_value", "x")


def test_lists_may_be_texts_with_commas():
    assert texts_of("a, b,a", "x") == texts_of(["a", "b"], "x") == ["a", "b"]
    assert texts_of(None, "x") == texts_of("", "x") == texts_of([], "x") == []
