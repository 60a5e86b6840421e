# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The front end in the worker: arguments become what ansible-core would make of them, only quicker."""

from __future__ import annotations

import datetime
import json

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.ajson import AnsibleJSONEncoder
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.scalars import UnquotedDate
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin.tasks import USERS
from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain, rendered, validate


class Text(str):
    """A text with something attached to it, as ansible-core has them."""


class Number(int):
    """A number likewise."""


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.text().map(Text)
    | st.integers().map(Number)
    | st.dates()
)
KEYS = st.text() | st.text().map(Text)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=20)


@given(VALUES)
def test_arguments_become_what_json_makes_of_them(value):
    through_json = json.loads(json.dumps(value, cls=AnsibleJSONEncoder, vault_to_text=True, preprocess_unsafe=False))
    assert plain(value) == through_json
    assert json.dumps(plain(value)) == json.dumps(through_json)
    assert types(plain(value)) == types(through_json)


def types(value):
    """Return the types within a value: nothing of a subclass may be left, apart from the mark of a date."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [str if type(value) is UnquotedDate else type(value), *(types(item) for item in inner)]


def test_keys_that_are_no_texts():
    assert plain({1: "a", False: datetime.date(2026, 1, 2), None: [2.5]}) == {
        "1": "a",
        "false": "2026-01-02",
        "null": [2.5],
    }


USER = st.fixed_dictionaries(
    {},
    optional={
        "user": st.sampled_from(["ada", "bob", 7, None]),
        "email": st.just("a@example.com"),
        "enabled": st.sampled_from([True, "no", "perhaps", None]),
        "roles": st.sampled_from([["a"], "a,b", [], 5, [{"id": 1}], None]),
        "previous_users": st.sampled_from([["a"], "a,b", [], [5], None]),
        "state": st.sampled_from(["present", "absent", "gone", None]),
        "attributes": st.sampled_from([{}, {"badge": 1}, "x", None]),
        "tittle": st.just("unknown"),
        "group_id": st.sampled_from([1, "1", 1.5]),
        "password": st.just("s3cret"),
        "last_login": st.sampled_from(["2026-01-01", 5, {"a": []}]),
    },
)
EASY = st.fixed_dictionaries(
    {"user": st.sampled_from(["ada", "bob"])},
    optional={"roles": st.just(["a"]), "state": st.just("absent"), "enabled": st.booleans(), "title": st.just("")},
)


def given_values(user):
    """Return an element without the options that nobody gave."""
    return {name: value for name, value in user.items() if value is not None}


@given(st.lists(USER | EASY | EASY | st.just("no mapping"), max_size=5))
def test_elements_are_judged_and_converted_as_ansible_core_does_it(users):
    options = {"users": USERS.options["users"]}
    copied = json.loads(json.dumps(users))
    ours = validate(options, {}, {"users": users})
    assert users == copied
    theirs = ArgumentSpecValidator(options).validate({"users": copied})
    assert ours.error_messages == theirs.error_messages
    if not theirs.error_messages:
        assert list(map(given_values, ours.validated_parameters["users"])) == list(
            map(given_values, theirs.validated_parameters["users"])
        )


DEFAULTS = {
    "users": {
        "type": "list",
        "elements": "dict",
        "options": {
            "user": {"type": "str", "required": True},
            "tags": {"type": "list", "elements": "str", "default": ["x"]},
            "size": {"type": "int", "default": 1},
        },
    }
}


def test_defaults_are_no_shared_lists():
    users = validate(DEFAULTS, {}, {"users": [{"user": "ada"}, {"user": "bob"}]}).validated_parameters["users"]
    assert users == [{"user": "ada", "tags": ["x"], "size": 1}, {"user": "bob", "tags": ["x"], "size": 1}]
    users[0]["tags"].append("y")
    assert users[1]["tags"] == ["x"]


def test_what_is_required_is_missed_in_the_midst_of_good_elements():
    wrong = [{"user": "ada"}, {"size": 3}, {"user": "bob"}]
    assert (
        validate(DEFAULTS, {}, {"users": wrong}).error_messages
        == ArgumentSpecValidator(DEFAULTS).validate({"users": wrong}).error_messages
        != []
    )


@pytest.mark.parametrize(
    "extra",
    [{"aliases": ["name"]}, {"fallback": (str, ())}, {"deprecated_aliases": []}, {"type": "float"}, {"type": "json"}],
)
def test_options_with_more_to_them_are_left_to_ansible_core(extra):
    options = {"users": {**DEFAULTS["users"], "options": {"user": {"type": "str"}, "size": {"type": "str", **extra}}}}
    users = [{"user": "ada", "size": 1}, {"user": "bob", "name": "2"}]
    ours, theirs = validate(options, {}, {"users": users}), ArgumentSpecValidator(options).validate({"users": users})
    assert ours.error_messages == theirs.error_messages
    if not theirs.error_messages:
        assert list(map(given_values, ours.validated_parameters["users"])) == list(
            map(given_values, theirs.validated_parameters["users"])
        )


@pytest.mark.parametrize("given_users", [None, "text", {"user": "ada"}, []])
def test_what_is_no_list_of_users_is_left_to_ansible_core(given_users):
    options = {"users": USERS.options["users"]}
    ours, theirs = (
        validate(options, {}, {"users": given_users}),
        ArgumentSpecValidator(options).validate({"users": given_users}),
    )
    assert ours.error_messages == theirs.error_messages
    if not theirs.error_messages:
        assert ours.validated_parameters == theirs.validated_parameters


class Lazy(dict):
    """A mapping that renders what is asked of it."""

    def _non_lazy_copy(self):
        raise AssertionError("it is core's to copy it")


@pytest.mark.parametrize(
    "element",
    [
        {"user": "{{ name }}"},
        {"{% if a %}b{% endif %}": 1},
        {"roles": ["a", "{# nothing #}"]},
        {"attributes": {"a": {"b": "{{ c }}"}}},
        {"user": "#jinja2: variable_start_string:'[['\n[[ name ]]"},
        {"start": datetime.date(2026, 1, 2)},
        {"inner": Lazy()},
        Lazy(user="ada"),
    ],
)
def test_elements_with_something_to_render_are_rendered_by_ansible_core(element):
    simple = {"user": Text("ada"), "roles": [], "enabled": True, "size": 1, "title": None}
    assert rendered([simple, element], lambda value: ("rendered", value)) == [simple, ("rendered", element)]


@pytest.mark.parametrize("element", [{"user": "ada", "tags": None}, {"user": "ada", "size": None}])
def test_null_is_judged_as_ansible_core_does_it_for_an_option_with_a_default(element):
    ours = validate(DEFAULTS, {}, {"users": [dict(element)]})
    theirs = ArgumentSpecValidator(DEFAULTS).validate({"users": [dict(element)]})
    assert ours.error_messages == theirs.error_messages != []
