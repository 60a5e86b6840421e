# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of options: every option of every module meets every odd value, and the outcome is an error that names the
option or a documented meaning."""

from __future__ import annotations

import datetime
import importlib
import pathlib

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core import names
from ansible_collections.rollcall.identity.plugins.module_utils._core.run import values
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.recipes import Binding, user_task
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.rules import rule_of
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.scalars import UnquotedDate
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.values import (
    check_arguments,
    check_environment,
    prefer_specified,
)
from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain
from ansible_collections.rollcall.identity.tests.unit.fakes import SCHEMA

PLUGINS = pathlib.Path(__file__).resolve().parents[2] / "plugins"
PACKAGE = "ansible_collections.rollcall.identity.plugins."
MODULES = sorted(
    path.stem for path in (PLUGINS / "modules").glob("*_*.py") if not path.stem.startswith(("identity_", "__"))
)


def task_of(module):
    """Return the task that a module declares."""
    return importlib.import_module(f"{PACKAGE}modules.{module}").TASK


def options_of(spec, prefix=(), listed=False):
    """Return (path, option, inside a list of users) for each option at any depth."""
    for name, option in spec.items():
        yield (*prefix, name), option, listed
        if option.get("options"):
            yield from options_of(option["options"], (*prefix, name), option["type"] == "list")


def nested(spec, path, value):
    """Return arguments in which the option at a path has a value; a list of users has one element."""
    name, *rest = path
    if not rest:
        return {name: value}
    inner = nested(spec[name]["options"], rest, value)
    return {name: [{"user": "ada", **inner}] if spec[name]["type"] == "list" else inner}


def problems_of(task, path, value):
    """Return what is wrong with one value of one option, beside what is missing."""
    return check_arguments(task.options, task.kinds, nested(task.options, path, value)).problems


def failures(check, module, kinds=()):
    """Run a check on each option of a module, or on those of some types, and return what failed by the option's path.

    A test for each option would spend more time between the tests than in them.
    """
    failed = {}
    for path, option, listed in options_of(task_of(module).options):
        if not kinds or option.get("type") in kinds:
            try:
                check(task_of(module), path, option, listed)
            except (AssertionError, ValueError) as error:
                failed[".".join(path)] = error
    return failed


SCALARS = ("blank", "only whitespace", "control", "boolean", "number", "float", "date", "mapping")
ODD = {
    "blank": "",
    "only whitespace": "  ",
    "control": "a\x00b",
    "boolean": True,
    "number": 64,
    "float": 1.5,
    "date": UnquotedDate("2026-01-05"),
    "mapping": {"a": "b"},
}


def accepts(task, path, option, kind):
    """Return whether an option documents a meaning for a kind of odd value."""
    rule = values.rule_of(path[-1], option, task.kinds)
    what = option.get("type", "str")
    if what == "bool":
        return kind == "boolean"
    if what == "int":
        return kind == "number"
    if what == "dict":
        return kind == "mapping" and not option.get("options")
    if kind == "number" and option.get("elements") == "dict":
        return False
    if option.get("choices"):
        return False
    if kind == "blank":
        return rule.blank
    return kind == "number" and rule.integer != "refuse"


def option_meets_odd_values(task, path, option, listed):
    if option["type"] == "raw" and (listed or len(path) == 1):
        return  # the provider reads it, or it is ignored
    label = path[-1]
    for kind in SCALARS:
        if option["type"] in ("list", "raw") and kind == "mapping":
            continue  # below
        problems = problems_of(task, path, ODD[kind])
        if accepts(task, path, option, kind):
            assert not problems, (kind, problems)
            continue
        if option["type"] == "list" and option.get("options"):
            assert problems, kind
            continue
        assert problems, kind
        assert all(label in problem for problem in problems), (kind, problems)
        assert all(problem.code != "invalid_value" or problem.option for problem in problems)
        if listed:
            assert all(problem.place.startswith("users[0]") for problem in problems), problems
        if option.get("no_log"):
            assert not any("1.5" in problem or "64" in problem for problem in problems), problems


def test_an_id_that_a_field_declares_is_cleared_with_an_empty_text():
    task = user_task(
        Binding(
            connect=lambda params, masker: None, options={}, schema=SCHEMA, directory=lambda connection, params: None
        )
    )
    assert task.check({"user": "ada", "badge": ""}).problems == []
    assert [problem.option for problem in task.check({"user": "ada", "badge": "..", "id": ""}).problems] == [
        "badge",
        "id",
    ]


@pytest.mark.parametrize("module", MODULES)
def test_every_option_meets_every_odd_value(module):
    assert failures(option_meets_odd_values, module) == {}


def list_meets_odd_elements(task, path, option, _listed):
    elements = option.get("elements", "raw")
    if elements == "dict":
        for element in ("", "ada", 5, None, ["ada"], True):
            (problem,) = problems_of(task, path, [element])
            assert f"{path[-1]}[0]" in problem
        return
    for kind, element in {**ODD, "null": None}.items():
        if (kind == "mapping" and elements == "raw") or accepts(task, path, option, kind):
            assert problems_of(task, path, [element]) == []
            continue
        problems = problems_of(task, path, ["fine" if not option.get("choices") else option["choices"][0], element])
        assert len(problems) == 1 and f"{path[-1]}[1]" in problems[0], (kind, problems)
    assert problems_of(task, path, []) == []
    if elements == "raw":
        assert problems_of(task, path, [{"name": ".."}, ".."]) == [], "looked up in a list, never a part of a path"
        for inner in ("", " ", True, 1.5, "a\u200bb"):
            (problem,) = problems_of(task, path, [{"name": inner}])
            assert f"{path[-1]}[0].name" in problem


@pytest.mark.parametrize("module", MODULES)
def test_every_list_meets_odd_elements(module):
    assert failures(list_meets_odd_elements, module, ["list"]) == {}


def mapping_meets_odd_values(task, path, option, _listed):
    if option.get("options"):
        (problem,) = problems_of(task, path, {"titel": "x"})
        assert "titel" in problem and problem.code == "unknown_option"
        return
    typed = rule_of(path[-1], option, task.kinds).typed
    assert not typed or problems_of(task, path, {"badge": True, "height": 1.5}) == []
    for kind in ("date", "control", "only whitespace", *(() if typed else ("boolean", "float"))):
        (problem,) = problems_of(task, path, {"badge": ODD[kind]})
        assert f"{path[-1]}.badge" in problem
    for key in ("", " ", "a\nb", "\u200b"):
        assert len(problems_of(task, path, {key: "x"})) == 1
    findings = check_arguments(
        task.options, task.kinds, nested(task.options, path, {"badge": 7, "empty": "", "gone": None})
    )
    assert findings.problems == []
    assert [notice.code for notice in findings.notices] == ([] if typed else ["coerced_value"])


@pytest.mark.parametrize("module", MODULES)
def test_every_mapping_meets_odd_values(module):
    assert failures(mapping_meets_odd_values, module, ["dict"]) == {}


@pytest.mark.parametrize("module", [module for module in MODULES if module.endswith("_users")])
def test_an_unknown_option_of_a_user_is_reported_with_its_place(module):
    task = task_of(module)
    findings = check_arguments(
        task.options, task.kinds, {"users": [{"user": "ada"}, {"user": "bob@x.org", "stat": "absent"}]}
    )
    (problem,) = findings.problems
    assert (problem.place, problem.option, problem.code) == ("users[1] (bob@x.org)", "stat", "unknown_option")
    assert "Did you mean state" in problem
    (problem,) = check_arguments(task.options, task.kinds, {"users": [{"user": "ada", "zzzzz": 1}]}).problems
    assert "Supported: " in problem and "last_login" not in problem  # read-only: accepted, not offered


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        ("\ufeffada", "invisible_character", "U+FEFF ZERO WIDTH NO-BREAK SPACE in '\\ufeffada'"),
        ("ada\n", "invisible_character", "ends with a line break"),
        ("a\nda", "invisible_character", "contains a line break"),
        ("a\ud800", "invisible_character", "U+D800"),
        ("..", "invalid_value", "'..', which servers read as part of a path"),
        (".", "invalid_value", "'.'"),
        (64, "unquoted_value", "the number 64"),
        (False, "unquoted_value", "'no', 'off' or 'false'"),
        (["ada"], "invalid_value", "is a list, not text"),
        ("x" * 5000 + "\n", "invisible_character", "ends with a line break"),
    ],
)
def test_messages_say_what_is_wrong(value, code, text):
    task = task_of("nextauth_user")
    (problem,) = problems_of(task, ("user",), value)
    assert problem.code == code and text in problem and problem.startswith("user ") and len(problem) < 300


@pytest.mark.parametrize(("option", "value"), [("enabled", ""), ("api_timeout", " ")])
def test_a_blank_for_a_boolean_or_a_number_points_to_the_variable(option, value):
    (problem,) = problems_of(task_of("onelogin_user"), (option,), value)
    assert problem.startswith(f"{option} is '{value}', not a ")
    assert problem.endswith(". Specify one, or omit the option. Check for an unset variable.")


def test_secrets_are_not_repeated():
    task = task_of("kestra_user")
    for value in ("hunter2\n", "hun\x00ter2", "hunter\u200b2"):
        (problem,) = problems_of(task, ("password",), value)
        assert "hunter" not in problem and problem.startswith("password ")
    (problem,) = problems_of(task, ("api_token",), 123456)
    assert "123456" not in problem


def test_free_text_keeps_lines_and_joiners():
    task = task_of("onelogin_user")
    for text in ("two\nlines", "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc", "a\tb", ""):
        assert problems_of(task, ("comment",), text) == []
    for text in ("a\x00b", "\ufeffx", "   ", "\ud800"):
        assert len(problems_of(task, ("comment",), text)) == 1


def test_all_problems_at_once_with_their_places():
    task = task_of("kestra_users")
    findings = check_arguments(
        task.options,
        task.kinds,
        {
            "users": [
                {"user": "a@x.org", "roles": [{"role": "Viewer", "namespace": ""}]},
                {"user": "b@x.org", "groups": [True, {"name": "x", "tenant": " "}]},
            ],
            "plan_digest": "",
            "delete_limit": True,
            "protect": "a,,b",
            "on_eror": "stop",
        },
    )
    assert [(problem.place, problem.option) for problem in findings.problems] == [
        ("users[0] (a@x.org)", "roles[0].namespace"), ("users[1] (b@x.org)", "groups[0]"),
        ("users[1] (b@x.org)", "groups[1].tenant"),
        ("", "plan_digest"), ("", "delete_limit"), ("", "protect[1]"), ("", "on_eror"),
    ]


# -- the environment -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES)
def test_variables_of_the_environment_are_named(module):
    task = task_of(module)
    variables = {name: option["fallback"][1] for name, option in task.options.items() if "fallback" in option}
    assert variables
    for name, (variable, kind) in variables.items():
        assert check_environment(task.options, task.kinds, {}, {variable: ""}) == []
        blanks = check_environment(task.options, task.kinds, {}, {variable: "  "})
        assert len(blanks) == 1
        assert f"{variable} in the environment" in blanks[0] and "unset it." in blanks[0]
        bad = {"int": "thirty", "bool": "maybe"}.get(kind, "a\nb")
        (problem,) = check_environment(task.options, task.kinds, {}, {variable: bad})
        assert variable in problem and problem.option == name
        if task.options[name].get("no_log"):
            assert bad not in problem
        assert check_environment(task.options, task.kinds, {name: "given"}, {variable: bad}) == []


def test_a_variable_that_is_not_one_of_the_choices_is_named():
    task = task_of("scim_user")
    (problem,) = check_environment(task.options, task.kinds, {}, {"SCIM_SERVER_PROFILE": "azure"})
    assert problem.startswith("SCIM_SERVER_PROFILE in the environment is 'azure'. Set it to one of none, entra, ")


@pytest.mark.parametrize("provider", ["kestra", "onelogin"])
def test_what_the_task_says_wins_over_the_environment(provider):
    task = task_of(f"{provider}_user")
    for chosen in task.alternatives:
        for other in task.alternatives:
            params = {name: "environment" for group in task.alternatives for name in group}
            ignored = prefer_specified(params, {chosen[0]: "task"}, task.alternatives)
            assert ignored == {name for group in task.alternatives if group is not chosen for name in group}
            assert all((params[name] is None) is (other is not chosen) for name in other)
    params = {name: "environment" for group in task.alternatives for name in group}
    assert prefer_specified(params, {}, task.alternatives) == set() and all(params.values())


# -- names ---------------------------------------------------------------------------------------------------------


def test_names_compare_composed_and_in_lower_case():
    assert names.fold("JU\u0308RGEN ") == names.fold("jürgen")
    assert names.fold("m.weiß") != names.fold("m.weiss") and names.fold("STRASSE") != names.fold("straße")
    assert (
        names.fold("\u212a") != names.fold("k")
        and names.fold("ſ") != names.fold("s")
        and names.fold("ﬁ") != names.fold("fi")
    )
    assert names.fold("\uff41da") != names.fold("ada")


@pytest.mark.parametrize(
    ("text", "alike"), [("\u212a", "k"), ("ﬁn", "fin"), ("\uff21da", "ada"), ("\u212bsa", "åsa"), ("ſam", "sam")]
)
def test_look_alikes(text, alike):
    assert names.has_lookalikes(text) and not names.has_lookalikes(alike)
    assert names.skeleton(text) == names.skeleton(alike)


@pytest.mark.parametrize("text", ["jürgen", "ju\u0308rgen", "weiß", "李", "Ελένη", "имя", "o'neil+x@y.org"])
def test_ordinary_names_are_no_look_alikes(text):
    assert not names.has_lookalikes(text) and names.invisible(text) is None


def test_dates_keep_their_mark():
    assert isinstance(plain({"users": [{"user": datetime.date(2026, 1, 5)}]})["users"][0]["user"], UnquotedDate)


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"id": None},
        {"name": None, "id": None},
        {"role": None, "namespace": "a"},
        [],
        ["a"],
        {"name": ["a"]},
        {"name": {}},
    ],
)
def test_a_grant_that_names_nothing_is_refused_before_any_call(item):
    task = task_of("kestra_user_roles")
    found = problems_of(task, ("roles",), ["a", item])
    assert found
    assert all(problem.option.startswith("roles[1]") and "None" not in problem for problem in found)


def test_a_grant_with_only_a_place_is_not_called_blank():
    (problem,) = problems_of(task_of("kestra_user_roles"), ("roles",), [{"namespace": "company"}])
    assert "has neither a name nor an id. Specify one." in problem


@pytest.mark.parametrize("text", ["..", " .. ", " .", ". "])
def test_dots_with_blanks_around_them_are_steps_in_a_path_as_well(text):
    assert problems_of(task_of("nextauth_user"), ("user",), text)[0].option == "user"


@pytest.mark.parametrize(
    ("value", "form"),
    [(64, "'0100'"), (5349, "'012345'"), (4917012345, "'+4917012345'"), (750, "'12:30'"), (64, "'64'")],
)
def test_a_number_for_a_name_shows_the_forms_to_quote(value, form):
    assert form in problems_of(task_of("nextauth_user"), ("user",), value)[0]


NATURAL_KEYS = {"user", "previous_users", "api_user", "service_account", "name", "username", "email"}


@pytest.mark.parametrize("module", MODULES)
def test_a_natural_key_is_never_a_number(module):
    task = task_of(module)
    keys = [
        path
        for path, option, _listed in options_of(task.options)
        if path[-1] in NATURAL_KEYS and option.get("type", "str") in ("str", "list")
    ]
    wrong = {
        path: problems_of(task, path, 64)
        for path in keys
        if path[-1] not in ("username", "email") or path[-1] == keys_of(module)
    }
    listed = {path for path in wrong if module.endswith("_role_info") and path == ("name",)}
    assert {
        path for path, problems in wrong.items() if [problem.code for problem in problems] != ["unquoted_value"]
    } == listed, "a filter on roles"


def keys_of(module):
    """Return the profile field that names a user of a provider."""
    return {"onelogin": "username", "sendauth": "email", "contabo": "email"}.get(module.split("_")[0], "")


@pytest.mark.parametrize("character", ["\u3164", "\u2800", "\ufe0f", "\u034f", "\ufffe", "\U000e0100"])
def test_fillers_that_nobody_sees_are_refused_in_names_and_allowed_in_grants(character):
    assert problems_of(task_of("nextauth_user"), ("user",), f"a{character}b")[0].code == "invisible_character"
    assert problems_of(task_of("onelogin_user_roles"), ("roles",), [f"a{character}b"]) == []


def test_a_credential_that_no_header_carries_names_its_option():
    problem = problems_of(task_of("kestra_user"), ("api_token",), "t€ken")[0]
    assert (problem.option, problem.code) == ("api_token", "invalid_character")
    assert "t€ken" not in problem


@pytest.mark.parametrize("key", [False, True, datetime.date(2026, 1, 5)])
def test_a_name_in_a_mapping_that_yaml_reads_otherwise_is_refused(key):
    given = plain({"user": "ada", "attributes": {key: "x"}})
    task = task_of("nextauth_user")
    (problem,) = check_arguments(task.options, task.kinds, given).problems
    assert problem.code == "unquoted_value"
    assert "attributes" in problem


def test_a_number_as_a_name_in_a_mapping_is_its_text():
    assert plain({"attributes": {2024: "x"}}) == {"attributes": {"2024": "x"}}


@pytest.mark.parametrize(
    ("module", "path", "text", "code"),
    [
        ("kestra_user_info", ("filters",), "search=", "blank_value"),
        ("kestra_user_info", ("filters",), '{"search": " "}', "blank_value"),
        ("nextauth_user_info", ("filters",), '{"serch": "x"}', "unknown_option"),
        ("sendauth_user_tags", ("tags",), '{"": "x"}', "blank_value"),
        ("onelogin_user_attributes", ("attributes",), '{"badge": " "}', "blank_value"),
        ("nextauth_users", ("users", "attributes"), '{"badge": true}', "unquoted_value"),
    ],
)
def test_a_mapping_written_as_json_or_in_pairs_has_the_same_rules(module, path, text, code):
    (problem,) = problems_of(task_of(module), path, text)
    assert problem.code == code


def test_a_mapping_that_ansible_reads_is_accepted_and_one_that_it_cannot_read_is_left_to_it():
    for text in ("badge=7 floor=2", '{"badge": "7"}', '{"badge": 0100}'):
        assert problems_of(task_of("nextauth_user_attributes"), ("attributes",), text) == []


def test_null_is_called_null():
    for params in ({"users": [None]}, {"users": [{"user": "ada", "attributes": {None: "x"}}]}):
        task = task_of("nextauth_users")
        (problem,) = check_arguments(task.options, task.kinds, params).problems
        assert "is null" in problem


BULK = [module for module in MODULES if module.endswith("_users")]


@pytest.mark.parametrize("module", BULK)
def test_users_that_nobody_parsed_are_not_repeated_with_their_passwords(module):
    task = task_of(module)
    (problem,) = task.check({"users": ["{user: ada, password: A"]}).problems
    assert str(problem) == "users[0] is text, not a mapping. Write it as {user: …}."
    for users in ("- user: ada\n  password: A", "user=ada password=A", "ada.lovelace", "ada, bob"):
        (problem,) = task.check({"users": users}).problems
        assert (problem.code, problem.option) == ("invalid_value", "users")
        assert str(problem) == (
            "users is text, not a list. Write it as a list, for example: - user: ada.lovelace."
        )
    (problem,) = task.check({"users": " "}).problems
    assert (problem.code, problem.option) == ("blank_value", "users")


INFO = [module for module in MODULES if module.endswith("_user_info")]


@pytest.mark.parametrize("module", INFO)
def test_a_choice_of_users_that_is_null_is_not_everybody(module):
    task = task_of(module)
    first = next(iter(task.options["filters"]["options"]))
    for given, option in (
        ({"user": None}, "user"),
        ({"id": None}, "id"),
        ({"user": None, "filters": None}, "user"),
        ({"filters": {first: None}}, f"filters.{first}"),
    ):
        problem = task.check(given).problems[0]
        assert (problem.code, problem.option) == ("blank_value", option)
    for given in ({}, {"gather": []}, {"filters": {}}, {"user": None, "id": "7"}, {"user": "ada", "id": None}):
        assert task.check(given).problems == []


@pytest.mark.parametrize("names", [("café", "cafe\u0301"), ("badge", "badge ")])
def test_two_names_in_a_mapping_that_are_the_same_are_refused(names):
    (problem,) = problems_of(task_of("nextauth_user_attributes"), ("attributes",), dict.fromkeys(names, "x"))
    assert problem.code == "duplicate_key"


def test_errors_name_the_user_and_the_position():
    task = task_of("kestra_users")
    (problem,) = check_arguments(
        task.options, task.kinds, {"users": [{"user": "ada"}, {"user": "bob", "first_name": "a\0"}]}
    ).problems
    assert problem.facts()["user"] == "bob"
    assert problem.facts()["index"] == 1
    assert problem.startswith("users[1] (bob): ")
