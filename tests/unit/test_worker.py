# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The front end in the worker: arguments become what AnsibleModule would make of them, only quicker."""

from __future__ import annotations

import datetime
import json

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.ajson import AnsibleJSONEncoder
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin.tasks import USERS
from ansible_collections.rollcall.identity.plugins.plugin_utils._worker import lean, plain


class Text(str):
    """A text with something attached to it, as ansible-core has them."""


class Number(int):
    """A number likewise."""


LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.text().map(Text) | st.integers().map(Number) | st.dates()
KEYS = st.text() | st.text().map(Text)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=20)


@given(VALUES)
def test_arguments_become_what_json_makes_of_them(value):
    through_json = json.loads(json.dumps(value, cls=AnsibleJSONEncoder, vault_to_text=True, preprocess_unsafe=False))
    assert plain(value) == through_json
    assert json.dumps(plain(value)) == json.dumps(through_json)
    assert types(plain(value)) == types(through_json)


def types(value):
    """Return the types within a value: nothing of a subclass may be left."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [type(value), *(types(item) for item in inner)]


def test_keys_that_are_no_texts():
    assert plain({1: "a", False: datetime.date(2026, 1, 2), None: [2.5]}) == {"1": "a", "false": "2026-01-02", "null": [2.5]}


USER = st.fixed_dictionaries(
    {},
    optional={
        "user": st.sampled_from(["ada", "bob", 7]),
        "email": st.just("a@example.com"),
        "enabled": st.sampled_from([True, "no", "perhaps"]),
        "roles": st.sampled_from([["a"], "a,b", [], 5]),
        "state": st.sampled_from(["present", "absent", "gone"]),
        "attributes": st.sampled_from([{}, {"badge": 1}, "x"]),
        "tittle": st.just("unknown"),
        "group_id": st.sampled_from([1, "1"]),
    },
)


@given(st.lists(USER | st.just("no mapping"), max_size=4))
def test_a_lean_specification_judges_alike(users):
    def validated(spec):
        return ArgumentSpecValidator(spec).validate({"users": [dict(user) if isinstance(user, dict) else user for user in users]})

    options = {"users": USERS.options["users"]}
    short, whole = validated(lean(options, {"users": users})), validated(options)
    assert bool(short.error_messages) == bool(whole.error_messages)
    if not whole.error_messages:
        told = [{name: value for name, value in user.items() if value is not None} for user in whole.validated_parameters["users"]]
        assert [{name: value for name, value in user.items() if value is not None} for user in short.validated_parameters["users"]] == told


@pytest.mark.parametrize("given_users", [None, "text", {"user": "ada"}])
def test_what_is_no_list_is_left_to_the_whole_specification(given_users):
    assert lean(USERS.options, {"users": given_users})["users"] == USERS.options["users"]
