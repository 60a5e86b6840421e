# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM: how values of attributes compare by their schema."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._providers.scim.attributes import Attribute, equal
from ansible_collections.rollcall.identity.plugins.module_utils._providers.scim.shapes import (
    one_value,
    overlaid,
    with_value,
)
from ansible_collections.rollcall.identity.tests.unit.scim import BADGE, CORE


@pytest.mark.parametrize(
    ("kind", "one", "other", "same"),
    [
        (Attribute("a"), "X", "x", True),
        (Attribute("a", exact=True), "X", "x", False),
        (None, "X", "x", False),
        (Attribute("a"), 7, "7", True),
        (Attribute("a", "boolean"), True, True, True),
        (Attribute("a", "boolean"), True, "True", True),
        (None, True, "True", False),
        (Attribute("a", "integer"), 7, 7.0, True),
        (Attribute("a", "dateTime"), "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", True),
        (Attribute("a", "reference"), "X", "x", False),
        (Attribute("a", "dateTime"), "x", "y", False),
        (Attribute("a", many=True), ["a", "B"], ["b", "A"], True),
        (Attribute("a", many=True), ["a", "a"], ["a", "b"], False),
        (Attribute("a", many=True), ["a"], ["a", "b"], False),
        (Attribute("a"), None, "", True),
        (Attribute("a"), [], None, True),
        (Attribute("a"), {}, "x", False),
        (Attribute("a"), ["x"], "x", False),
        (None, {"b": 1, "$ref": "x"}, {"b": 1}, True),
        (None, {"b": 1}, {"b": 2}, False),
        (None, {"a": 1, "b": None}, {"a": 1}, True),
        (None, {"a": 1, "primary": False, "display": "x"}, {"a": 1}, True),
        (None, {"a": 1, "primary": True}, {"a": 1}, False),
        (
            Attribute("a", "complex", parts={"v": Attribute("v"), "d": Attribute("d", mutability="readOnly")}),
            {"v": "X", "d": "y"},
            {"v": "x"},
            True,
        ),
    ],
)
def test_values_compare_by_their_schema(kind, one, other, same):
    assert equal(kind, one, other) is same and equal(kind, other, one) is same


def test_one_of_several_values_is_changed_and_the_others_stay():
    lists = (
        None,
        [],
        "x",
        [{"value": "a"}, {"value": "b", "type": "work"}],
        [{"value": "a"}, {"value": "b", "primary": "True"}],
    )
    assert [one_value(items) for items in lists] == [None, None, None, "b", "b"]
    assert with_value([{"value": "a", "type": "home"}], "b") == [{"value": "b", "type": "home"}]
    assert with_value([{"value": "a"}, {"value": "b", "primary": True}], "") == [{"value": "a"}]
    assert (with_value([], ""), with_value(None, "c", {"value"})) == ([], [{"value": "c"}])


def test_an_overlay_names_the_extensions_that_are_there():
    assert overlaid(
        {"schemas": [CORE, "urn:x"], BADGE: {"badge": "1"}}, {f"{BADGE}:badge": "", "name.formatted": "x"}
    ) == {
        "schemas": [CORE, "urn:x"],
        "name": {"formatted": "x"},
    }
