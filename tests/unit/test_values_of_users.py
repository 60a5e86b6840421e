# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of many users: most are accepted by a short test, which never accepts what the rules refuse."""

from __future__ import annotations

import importlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.module_utils._core.run import values
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.scalars import UnquotedDate

PROVIDERS = ("contabo", "kestra", "nextauth", "onelogin", "scim", "sendauth")


def drawn_value(option):
    """Return values for an option of an element of ``users``: usual ones, and ones that the rules refuse."""
    texts = st.sampled_from(["ada", "a b", "Ada Müller", "", " ", "..", "a\0", *(option.get("choices") or ())])
    scalars = texts | st.none() | st.booleans() | st.integers(0, 9) | st.just(UnquotedDate("2026-01-05"))
    if option.get("type") == "list":
        grants = st.dictionaries(st.sampled_from(["id", "name", "role", "tenant"]), scalars, min_size=1, max_size=2)
        return st.lists(scalars | grants, min_size=1, max_size=1)
    return scalars | st.dictionaries(texts, scalars, max_size=2)


@pytest.mark.parametrize("provider", PROVIDERS)
@given(data=st.data())
def test_a_user_whose_values_are_not_looked_at_has_no_problems(provider, data):
    task = importlib.import_module(f"ansible_collections.rollcall.identity.plugins.modules.{provider}_users").TASK
    options = task.options["users"]["options"]
    name = data.draw(st.sampled_from(["roles", "groups", "tittle", *options]))
    user = {name: data.draw(drawn_value(options.get(name, {})))}
    findings = values.Findings([], [])
    element = values._Mapping(options, task.kinds, findings, ignores_raw=True)
    passes = element.passes(user)
    element.check(user, "users[0]", "")
    assert not (passes and (findings.problems or findings.notices))
