# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What OneLogin's info modules return."""

from __future__ import annotations

from typing import Any

from scenarios import Scenario, Step, expect_users

from cases.onelogin.common import FIRST, ROLES, put_ada
from simulator.harness import Simulator


def _people(simulator: Simulator) -> None:
    put_ada(simulator)
    simulator.put_users(
        [
            {
                "username": f"user{number:03d}",
                "email": f"user{number:03d}@example.com",
                "firstname": "U",
                "lastname": str(number),
            }
            for number in range(12)
        ]
    )


def _ada(outcome: Any) -> None:
    (ada,) = outcome.result["users"]
    assert ada["roles"] == ["2024", "Default"]
    assert ada["attributes"] == {"badge": "b-1", "cost_center": "CC-1"}
    assert (ada["enabled"], ada["privileged"], ada["mfa"]) == (True, None, None)
    assert [app["name"] for app in ada["apps"]] == ["Jira"]
    assert outcome.result["attribute_names"] == ["employee_id", "cost_center", "badge"]


SINCE = "2000-01-01T00:00:00.000Z"

INFO = Scenario(
    "onelogin_user_info",
    [
        Step(
            "one",
            {"user": "ADA.LOVELACE", "gather": ["roles", "attributes", "apps"]},
            kind="gather",
            changed=False,
            expect=_ada,
        ),
        Step(
            "by pattern and time",
            {"filters": {"username": "user00*", "created_since": SINCE}},
            kind="gather",
            changed=False,
            expect=expect_users(10),
        ),
        Step(
            "by role",
            {"filters": {"role": "2024"}},
            kind="gather",
            changed=False,
            expect=expect_users(1),
        ),
        Step(
            "by what version 2 knows",
            {"filters": {"updated_since": SINCE, "user_ids": [FIRST, 100003], "custom_attributes": {"badge": "b-1"}}},
            kind="gather",
            changed=False,
            expect=expect_users(1),
        ),
        Step(
            "by what one version knows each",
            {"filters": {"role": "2024", "user_ids": [100002, FIRST]}},
            kind="gather",
            changed=False,
            expect=expect_users(1),
        ),
        Step("nobody", {"filters": {"created_until": SINCE}}, kind="gather", changed=False, result={"users": []}),
    ],
    prepare=_people,
)


def _grantable(outcome: Any) -> None:
    (role,) = outcome.result["roles"]
    assert (role["id"], [member["user"] for member in role["members"]]) == ("410004", ["Ada.Lovelace"])
    assert [(group["name"], group["members"]) for group in outcome.result["groups"]] == [("2024", [])]


ROLE_INFO = Scenario(
    "onelogin_role_info",
    [
        Step(
            "roles",
            {"kinds": ["roles"], "protect": ["ada*"]},
            kind="gather",
            changed=False,
            expect=lambda outcome: _names(outcome, "roles", set(ROLES)),
        ),
        Step(
            "groups",
            {"kinds": ["groups"]},
            kind="gather",
            changed=False,
            expect=lambda outcome: _names(outcome, "groups", {"Engineering"}),
        ),
        Step("members", {"name": "2024", "members": True}, kind="gather", changed=False, expect=_grantable),
    ],
    prepare=put_ada,
)


def _names(outcome: Any, kind: str, some: set[str]) -> None:
    assert some <= {entry["name"] for entry in outcome.result[kind]}
