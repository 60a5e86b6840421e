# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendAuth's roles, permissions and permission groups of users."""

from __future__ import annotations

from typing import Any

from scenarios import Scenario, Step

from cases.sendauth.common import ADA, PROVIDER, USER, admins, put_ada, user_named
from cases.sendauth.users import TWIN
from simulator.harness import Simulator


def _ada_whole(simulator: Simulator) -> None:
    """Ada with tags, passkeys, and a label that nobody has defined.

    An ID selects one of three groups with the same name.
    """
    simulator.put("permission_groups", [{"id": TWIN, "name": "Twice"}], PROVIDER)
    admins(simulator)
    put_ada(simulator, passkeys=2, tags={"department": "Data"}, permissions=["Snowflake", "2024", "Legacy label"])


def _in_all(permissions: list[str], groups: int) -> Any:
    def expect(outcome: Any) -> None:
        (put,) = outcome.writes
        assert (sorted(put["body"]["permissions"]), len(put["body"]["permissionGroups"])) == (permissions, groups)

    return expect


def _verified(outcome: Any) -> None:
    assert outcome.result["transaction"]["state"] == "verified"


def _parts(state: dict[str, Any]) -> None:
    ada = user_named(state, "Ada.Lovelace@Example.com")
    assert (ada["role"], sorted(ada["permissions"]), ada["group_names"]) == ("super_admin", ["2024", "VPN"], ["Twice"])
    assert (ada["permissionGroups"], ada["tags"], ada["passkeys"]) == ([TWIN], {"site": "Zürich", "2024": "1"}, 0)


ROLES_LIFE = Scenario(
    "sendauth_user_roles",
    [
        Step(
            "present adds, in any order",
            {"user": ADA, "role": "user", "permissions": ["finance", "2024", 2025], "groups": ["研究", "Data"]},
            writes=[("PUT", USER, None)],
            expect=_in_all(["2024", "2025", "Legacy label", "Snowflake", "finance"], 3),
        ),
        Step(
            "absent",
            {"user": ADA, "permissions": ["2025", "Finance", "Legacy label"], "state": "absent"},
            writes=[("PUT", USER, None)],
            expect=_in_all(["2024", "Snowflake", "finance"], 3),
        ),
        Step(
            "exact",
            {
                "user": ADA,
                "role": "super_admin",
                "permissions": ["VPN", "2024"],
                "groups": [{"id": TWIN}],
                "state": "exact",
            },
            writes=[("PUT", USER, None)],
        ),
        Step(
            "tags",
            {"user": ADA, "tags": {"site": "Zürich", "2024": 1}},
            module="sendauth_user_tags",
            kind="perform",
            writes=[("PUT", USER + "/tags", {"tags": {"site": "Zürich", "2024": "1"}})],
        ),
        Step(
            "approve",
            {
                "user": ADA, "type": "authenticate", "text": "Rollout 7", "connectwise": "T-1", "wait": True,
                "wait_timeout": 300,
            },
            module="sendauth_user_transaction",
            kind="perform",
            writes=[("POST", USER + "/authenticate", {"message": "Rollout 7", "connectwise": "T-1"})],
            expect=_verified,
        ),
        Step(
            "remove passkeys",
            {"user": ADA},
            module="sendauth_user_passkey",
            writes=[("DELETE", USER + "/passkey", None)],
        ),
    ],
    name="parts of a user",
    prepare=_ada_whole,
    after=_parts,
    options={"sendauth": {"transaction_outcome": "verified"}},
)
