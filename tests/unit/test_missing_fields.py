# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server that leaves fields out of what it reports, or reports null: nothing is lost by a write that replaces what is
there.

Each field of each read of a task is missing once and, in the document of one user, null once. Then the task has done
what it says, or it has failed with a code, and in both cases nothing is lost apart from what the task takes away.
"""

from __future__ import annotations

import json
import re

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.http.transport import Transport
from selection import ALL
from simulator.faults import Fault
from soak.engine import difference, wrong
from soak.scenarios import Scenario

ADA, BO, USER = "user0001@example.com", "user0002@example.com", "user0001"
ABOUT_USERS = re.compile(r"user|account|access|member|binding|tag")
"""The reads that are about people. What the others list (roles, groups, tenants) is only compared by name."""
KEYS = ("email", "username", "userid", "userId", "name")


def one(module, put=(), **params):
    return Scenario(module, params, tuple(put))


MEMBER = {
    "email": ADA,
    "firstName": "Ada",
    "lastName": "Byron",
    "tenants": ["main", "acme-eu"],
    "groups": ["data"],
    "superAdmin": True,
    "restricted": True,
}
OWNERS = [{"email": f"owner{number}@example.com", "superAdmin": True, "tenants": ["main"]} for number in (1, 2)]
ROBOT = {
    "id": "robot0001",
    "name": "robot",
    "description": "Runs flows",
    "tenants": ["main"],
    "groups": ["data"],
    "superAdmin": True,
}
SCENARIOS = [
    one("nextauth_user_attributes", user=ADA, attributes={"badge": "7"}),
    one("nextauth_user_roles", user=ADA, permissions=["sessions"]),
    one("nextauth_users", users=[{"user": ADA, "attributes": {"badge": "7"}}, {"user": BO, "permissions": ["users"]}]),
    one("sendauth_user", user=ADA, first_name="Changed"),
    one("sendauth_user", user=ADA, state="absent"),
    one("sendauth_user_roles", user=ADA, groups=["Contractors"]),
    one("sendauth_user_tags", user=ADA, tags={"department": "Data"}),
    one("sendauth_users", users=[{"user": ADA, "permissions": ["VPN"]}, {"user": BO, "first_name": "Changed"}]),
    one("kestra_user", user=ADA, first_name="Changed"),
    one("kestra_user", user=ADA, groups=["platform"], groups_state="exact"),
    one("kestra_user_groups", user=ADA, groups=["platform"]),
    one("kestra_user", user=ADA, tenants=["main"], tenants_state="exact"),
    one("kestra_user", user=ADA, enabled=False),
    one("kestra_user", user=ADA, state="absent"),
    one("kestra_users", users=[{"user": ADA, "groups": ["platform"]}, {"user": BO, "roles": ["Viewer"]}]),
    one("kestra_service_account", name="robot-2", id="robot0001", scope="tenant"),
    one("kestra_service_account", name="backup", description="Changed"),
    one("contabo_user", user=ADA, first_name="Changed"),
    one("contabo_users", users=[{"user": ADA, "roles": ["Snowflake"]}, {"user": BO, "last_name": "Changed"}]),
    one("onelogin_user_attributes", user=USER, attributes={"cost_center": "CC-9"}),
    one("onelogin_users", users=[{"user": USER, "roles": ["Snowflake"]}, {"user": "user0002", "firstname": "Changed"}]),
]

CHOSEN = [scenario for scenario in SCENARIOS if ALL or scenario.module.endswith("_users")]
"""`make test` takes the modules that do most in one task."""


@pytest.fixture
def fields(monkeypatch, bench):
    """Return the fields of the rows of every answer, by operation, as a task reads them."""
    known = {}
    real = Transport.call

    def call(self, operation, **more):
        answer = real(self, operation, **more)
        if operation.is_read:
            rows = Fault(rows_without=["x"])._rows_of(
                json.loads(answer.text) if answer.text[:1] in ("{", "[") else None
            )
            known.setdefault(operation.name, set()).update(name for row in rows for name in row)
        return answer

    monkeypatch.setattr(Transport, "call", call)
    return known


def named(items):
    """Return dicts by their natural key, None for a list of anything else."""
    for key in KEYS:
        if items and all(isinstance(item, dict) and item.get(key) for item in items):
            return {item[key]: item for item in items}
    return None


def lost(before, wanted, after, place=""):
    """Return what is neither as it was nor as wished. What may change may be half done; all else is as it was."""
    if after in (before, wanted):
        return []
    if all(isinstance(item, list) for item in (before, wanted, after)):
        tables = [named(item) for item in (before, wanted, after)]
        if None not in tables:
            before, wanted, after = tables
        else:
            left = [item for item in before if item in wanted and item not in after]
            more = [item for item in after if item not in before and item not in wanted]
            return [f"{place}: lost {left}, new {more}"] if left or more else []
    if all(isinstance(item, dict) for item in (before, wanted, after)):
        names = sorted({*before, *wanted, *after}, key=str)
        return [
            text
            for name in names
            for text in lost(before.get(name), wanted.get(name), after.get(name), f"{place}.{name}")
        ]
    return [f"{place}: {before!r} became {after!r}"]


def prepare(bench, scenario):
    """Bring the directory to where a scenario begins: people who have something of everything, and no fault."""
    bench.reset()
    if scenario.provider == "kestra":
        bench.simulator.put("users", [MEMBER, *OWNERS], "kestra")
        bench.simulator.put("service_accounts", [ROBOT], "kestra")


@pytest.mark.parametrize("scenario", CHOSEN, ids=lambda scenario: f"{scenario.module}-{'-'.join(scenario.params)}")
def test_nothing_is_lost_where_a_field_is_missing_or_null(bench, fields, scenario):
    prepare(bench, scenario)
    before = bench.view(scenario.provider)
    result = bench.run(scenario.module, scenario.params)
    assert not result.get("failed"), result["msg"]
    wanted = bench.view(scenario.provider)
    assert result["changed"]
    assert wanted != before
    wrongs = []
    for operation, names in sorted(fields.copy().items()):
        if not ABOUT_USERS.search(operation):
            continue
        for name in sorted(names):
            edits = [{"rows_without": [name]}]
            edits += [] if "list" in operation else [{"rows": {name: None}}]  # of lists, one of the two is enough
            for edit in edits:
                prepare(bench, scenario)
                bench.simulator.faults([{"provider": scenario.provider, "operation": operation, "count": 0, **edit}])
                result = bench.run(scenario.module, scenario.params)
                after = bench.view(scenario.provider)
                problems = lost(before, wanted, after)
                if wrong(result):
                    problems.append(wrong(result))
                if not result.get("failed") and after != wanted:
                    problems.append(f"success (changed: {result['changed']}), but {difference(wanted, after)}")
                wrongs += [f"{operation} {edit}: {problem}" for problem in problems]
    assert not wrongs, "\n".join(wrongs)
