# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users and plans for the tests of the guards."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import GuardError
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.guards import check_plan
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.matching import find
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Snapshot
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.plan import plan_all
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import Policy
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.unlisted import plan_unlisted
from ansible_collections.rollcall.identity.tests.unit.fakes import SCHEMA, Memory, person

ROOT, SECOND = person(90, "root", admin=True), person(91, "second", admin=True)
CROWD = [person(number, f"user{number}", facets={"groups": ["ops"]}) for number in range(10)]
FREE = {"loss_limit": "100%", "delete_limit": 1000}


def check(
    desired, people=(*CROWD, ROOT, SECOND), caller="robot", size=None, complete=True, schema=SCHEMA, mails=0, **policy
):
    """Plan as the run does, check the plan and return it."""
    rules = Policy(**{"bulk": True, **policy})
    snapshot = Snapshot(people, complete)
    plan = plan_all(schema, [(user, *find(schema, user, snapshot)) for user in desired])
    plan_unlisted(schema, rules, snapshot, plan, caller, Memory().disabled)
    check_plan(schema, rules, snapshot, plan, caller, len(people) if size is None else size, mails=mails)
    return plan


def refused(*arguments, **options):
    """Return what a refused plan is answered with."""
    with pytest.raises(GuardError) as caught:
        check(*arguments, **options)
    assert "Nothing was written" in caught.value.hint, caught.value.hint
    return caught.value
