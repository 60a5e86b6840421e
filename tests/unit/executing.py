# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans that are executed, for the tests of the execution."""

from __future__ import annotations

from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.matching import find
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.plan import plan_all
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.execute import execute
from ansible_collections.rollcall.identity.tests.unit.fakes import SCHEMA, target

NEW = {"groups": target("exact", ["ops"]), "tags": target("present", ["t"]), "labels": target("present", {"a": "1"})}


def run(directory, *desired, stop=False):
    """Plan and execute; the log of the directory then holds what was asked and written."""
    snapshot = directory.listing()
    plan = plan_all(SCHEMA, [(user, *find(SCHEMA, user, snapshot)) for user in desired])
    directory.log.clear()
    return execute(directory, plan.changed, stop)


def held(directory, name):
    """Return the accounts with a name, as the server has them."""
    return [account for account in directory.people.values() if account.key == name]
