# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The quarterly playbook of the guide to access reviews names the previous quarter correctly."""

from __future__ import annotations

import datetime
import re

import jinja2
import jinja2.nativetypes
import pytest
import yaml

from ansible_collections.rollcall.identity.tests.unit.sources import ROOT

GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_access_reviews.rst"
# Up to ansible-core 2.18, templates return text by default; from 2.19 on, they return numbers.
ENVIRONMENTS = (jinja2.Environment, jinja2.nativetypes.NativeEnvironment)
QUARTERS = {1: ("1", "2025-q4"), 3: ("1", "2025-q4"), 4: ("2", "2026-q1"), 9: ("3", "2026-q2"), 12: ("4", "2026-q3")}
"""Month of 2026 -> its quarter, and the name of the previous one."""


def variables():
    """Return the variables of the guide's quarter.yml."""
    block = re.search(r":caption: quarter\.yml\n\n((?:    .*\n|\n)+)", GUIDE.read_text(encoding="utf-8"))
    return yaml.safe_load(block[1])[0]["vars"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("month", QUARTERS)
def test_the_previous_quarter_is_named_with_its_year(environment, month):
    context = {"now": lambda utc: datetime.date(2026, month, 15)}
    for name in ("year", "quarter", "last"):
        context[name] = environment().from_string(variables()[name]).render(context)
    assert (str(context["quarter"]), context["last"]) == QUARTERS[month]
