# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The published schema of the jobs' data, and what does not fit it."""

from __future__ import annotations

import json
import pathlib

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.read import from_list
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.schema import SCHEMA
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.validate import violations
from ansible_collections.rollcall.identity.tests.unit.access import problems

ROOT = pathlib.Path(__file__).resolve().parents[2]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(0, 3)
    | st.sampled_from(["", "a", "onelogin", "2026-12-31", "2026-13-01", "left", "a@b", "data"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id", "name", "email", "provider", "credentials", "grants", "roles", "until", "start", "accounts",
                    "ol", "entitlements", "user", "x",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "identity_people": st.lists(VALUES, max_size=2),
            "identity_connections": VALUES,
            "identity_entitlements": VALUES,
        },
    )
)
def test_what_is_allowed_is_what_the_schema_says(data):
    checker = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker(["date"]))
    assert bool(violations(SCHEMA, data)) == (not checker.is_valid(data))


RULES = st.lists(st.dictionaries(st.sampled_from(["when", "entitlements", "x"]), VALUES, max_size=3), max_size=2)
"""A list of mappings: ``argument_problems`` refuses everything else."""


@given(
    st.fixed_dictionaries(
        {}, optional={"people": VALUES, "connections": VALUES, "entitlements": VALUES, "rules": RULES}
    )
)
def test_no_form_is_too_odd(data):
    problems(data)


@given(st.lists(VALUES, max_size=3))
@example([{"id": "E1", "name": "Ada Bee", "email": "ada@acme.com"}, {"id": "E2"}])
def test_people_that_are_read_are_as_the_schema_says_or_are_rejected_with_a_reason(people):
    feed = from_list(people)
    assert all(row.problems for row in feed.rejected)
    assert all(isinstance(one.id, str) and one.id for one in feed.people)


def test_the_published_schema_is_this_one():
    """docs/identity.schema.json is up to date; python tests/tools/schema.py writes it."""
    assert json.loads((ROOT / "docs" / "identity.schema.json").read_text(encoding="utf-8")) == SCHEMA


@pytest.mark.parametrize(
    ("where", "words"),
    [
        (
            {"grants": {"ol": {"roles": [{"id": "5018", "team": "x"}]}}},
            "identity_entitlements.mail.grants.ol.roles[0]: the key 'team' is unknown; similar names: 'tenant'.",
        ),
        ({"grants": None}, "identity_entitlements.mail.grants is missing."),
        (
            {"grants": {}, "owner": None},
            "identity_entitlements.mail.owner is empty (null). Omit it, or specify text.",
        ),
        ({"grants": {}, "owner": "E\udce9"}, "identity_entitlements.mail.owner: 'E\\udce9' is not UTF-8 text."),
        (
            {"grants": {}, "ownr": "E1"},
            "identity_entitlements.mail: the key 'ownr' is unknown; similar names: 'owner'.",
        ),
    ],
)
def test_violations_name_the_place_and_what_to_do(where, words):
    found = violations(SCHEMA, {"identity_entitlements": {"mail": where}})
    assert found[0].startswith(words), found
    assert all(text.isprintable() for text in found)
