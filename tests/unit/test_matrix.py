# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which combinations `make matrix` runs, what it says of them, and what ansible-core 2.16 gets to see."""

from __future__ import annotations

import pathlib

import pytest

TOOLS = pathlib.Path(__file__).resolve().parents[1] / "tools"
SHOWN = """\
options:
  state:
    choices:
      present: There. O(id)
        is needed.
      sha256+salt: 'Two: words.'
    default: present
  locale:
    choices: [de, en]
  kind:
    choices:
      - a
      - b
    type: str
"""
LISTED = """\
options:
  state:
    choices:
      - present
      - sha256+salt
    default: present
  locale:
    choices: [de, en]
  kind:
    choices:
      - a
      - b
    type: str
"""


@pytest.fixture
def tools(monkeypatch):
    """Return the modules of the tools."""
    monkeypatch.syspath_prepend(str(TOOLS))
    import matrix
    import sanity

    return matrix, sanity


def run_of(entries):
    return [(entry.core, entry.python) for entry in entries if not entry.reason]


def test_the_oldest_and_the_newest_python_of_each_core(tools):
    matrix, _sanity = tools
    entries = matrix.combinations(["2.16", "2.21"], [], ["3.10", "3.11", "3.12", "3.13"])
    assert run_of(entries) == [("2.16", "3.10"), ("2.16", "3.12"), ("2.21", "3.12"), ("2.21", "3.13")]
    assert [entry.newest for entry in entries if not entry.reason] == [False, True, False, True]
    reasons = {(entry.core, entry.python): entry.reason for entry in entries if entry.reason}
    assert set(reasons) == {("2.16", "3.11"), ("2.21", "3.14")}
    assert reasons["2.21", "3.14"] == "no python3.14 here"


def test_pythons_that_are_named_and_those_that_are_not_there(tools):
    matrix, _sanity = tools
    assert run_of(matrix.combinations(["2.18"], ["3.12"], ["3.11", "3.12", "3.13"])) == [("2.18", "3.12")]
    assert run_of(matrix.combinations(["2.18"], [], ["3.12"])) == [("2.18", "3.12")]
    assert run_of(matrix.combinations(["2.18"], [], [])) == []
    assert all(entry.reason for entry in matrix.combinations(list(matrix.CORES), [], []))


def test_nothing_that_runs_is_a_failure(tools, monkeypatch, capsys):
    matrix, _sanity = tools
    monkeypatch.setattr(matrix, "pythons", dict)
    monkeypatch.setattr(matrix.signal, "signal", lambda *_given: None)
    assert matrix.main([]) == 1
    assert "0 passed, 0 failed, 18 skipped" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("passed", "output", "word"),
    [
        (True, "....\n===== 5 passed, 1 warning in 2.00s =====", "5 passed, 1 warning"),
        (False, "1 failed, 4 passed in 2.00s\n", "FAILED (1 failed, 4 passed)"),
        (False, "cannot install", "FAILED"),
        (True, "Running sanity test", "ok"),
    ],
)
def test_what_a_line_says(tools, passed, output, word):
    matrix, _sanity = tools
    assert matrix.outcome(passed, output) == word


def test_choices_with_descriptions_become_lists(tools):
    _matrix, sanity = tools
    assert sanity.choices_as_lists(SHOWN) == LISTED
    assert sanity.choices_as_lists(LISTED) == LISTED
