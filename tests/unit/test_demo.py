# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the demo prints in its short form. That its claims hold is for the demo itself to check."""

from __future__ import annotations

import pathlib

import pytest

TOOLS = pathlib.Path(__file__).resolve().parents[1] / "tools"


@pytest.fixture
def screen(monkeypatch):
    """Return the module that prints, with a screen of 120 columns."""
    monkeypatch.syspath_prepend(str(TOOLS))
    monkeypatch.setenv("COLUMNS", "120")
    import demo_screen

    return demo_screen


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ({}, {"user": "ada", "roles": ["a", "b"], "enabled": True}, "create with roles a, b"),
        ({}, {"user": "ada", "password": "********"}, "create"),
        ({"user": "ada"}, {}, "delete"),
        ({"enabled": True}, {"enabled": False}, "enabled: true -> false"),
        ({"phone": None}, {"phone": "1"}, "phone: set to 1"),
        ({"phone": "1"}, {}, "delete"),
        ({"phone": "1", "title": "x"}, {"title": "x"}, "phone: clear"),
        ({"roles": ["a", "b"]}, {"roles": ["b", "c"]}, "roles: add c, remove a"),
        (
            {"attributes": {"a": "1", "b": "2"}},
            {"attributes": {"a": "1", "b": "3", "c": "4"}},
            "b: 2 -> 3; c: set to 4",
        ),
        ({"groups": []}, {"groups": [{"tenant": "main", "name": "data"}]}, "groups: add data (main)"),
    ],
)
def test_a_user_of_the_plan_is_one_line(screen, before, after, text):
    (line,) = screen.plan([{"after_header": "ada", "before": before, "after": after}])
    assert line.split(None, 1) == ["ada", text]


def test_a_long_line_is_cut(screen):
    (line,) = screen.plan(
        [{"after_header": "ada", "before": {}, "after": {"roles": [f"role{number}" for number in range(50)]}}]
    )
    assert len(line) <= screen.WIDTH and line.endswith(" ...")


def test_each_problem_of_a_message_has_a_line(screen):
    text = (
        "2 problems in the input: (1) users[0] (ada): 2 roles (of 3) are named 'x'. (2) users[1]: y. "
        "Nothing was written."
    )
    assert screen.problems(text) == ["     (1) users[0] (ada): 2 roles (of 3) are named 'x'.", "     (2) users[1]: y."]
    assert screen.problems("6 users would lose access or data") == screen.problems("") == []
