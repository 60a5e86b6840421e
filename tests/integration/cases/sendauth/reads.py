# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What SendAuth's info modules return."""

from __future__ import annotations

from typing import Any

from scenarios import Scenario, Step

from cases.sendauth.common import ADA, PROVIDER, put_ada, put_users
from simulator.harness import Simulator


def _grantable(outcome: Any) -> None:
    (group,), (label,) = outcome.result["groups"], outcome.result["permissions"]
    assert (label["name"], [member["user"] for member in label["members"]]) == ("2024", ["Ada.Lovelace@Example.com"])
    assert (group["name"], group["members"]) == ("2024", [])


ROLE_INFO = Scenario(
    "sendauth_role_info",
    [
        Step("groups", {"kinds": ["groups"]}, kind="gather", changed=False),
        Step("members", {"name": "2024", "members": True}, kind="gather", changed=False, expect=_grantable),
    ],
    prepare=put_ada,
)
GONE = "0b1d7c5e-0d0b-4d1a-9a59-5f3f5d3a1b20"


def _people(simulator: Simulator) -> None:
    put_ada(simulator, permissions=["Snowflake", "2024", "Legacy label"])
    put_users(
        simulator,
        {
            "id": GONE, "email": "gone@example.com", "firstName": "Gone", "lastName": "Long", "role": "user",
            "company": "2024", "deleted": True,
        },
    )
    simulator.put(
        "transactions", [{"user": "Ada.Lovelace@Example.com", "type": "register"} for _number in range(3)], PROVIDER
    )


def _emails(outcome: Any, *emails: str) -> None:
    assert [user["email"] for user in outcome.result["users"]] == list(emails)


def _everyone(outcome: Any) -> None:
    _emails(outcome, "xada.lovelace@example.com", "Ada.Lovelace@Example.com")
    assert outcome.result["api_calls"] == 2  # the list, and the names of the groups


def _whole(outcome: Any) -> None:
    (ada,) = outcome.result["users"]
    assert (ada["permissions"], ada["groups"], ada["company"]["name"]) == (
        ["2024", "Legacy label", "Snowflake"],
        ["Engineering"],
        "Example",
    )
    assert (ada["enabled"], ada["privileged"], ada["mfa"]) == (True, True, False)
    assert [transaction["state"] for transaction in ada["transactions"]] == ["pending", "pending"]
    assert [audit["action"] for audit in ada["audits"]] == ["user.register", "user.register"]


def _gone(outcome: Any) -> None:
    _emails(outcome, "gone@example.com")
    assert (outcome.result["users"][0]["enabled"], outcome.result["users"][0]["state"]) == (False, "absent")


INFO = Scenario(
    "sendauth_user_info",
    [
        Step("everyone", {"gather": ["permissions", "groups"]}, kind="gather", changed=False, expect=_everyone),
        Step(
            "one",
            {"user": ADA, "gather": ["permissions", "groups", "audits", "transactions"], "limit": 2},
            kind="gather",
            changed=False,
            expect=_whole,
        ),
        Step(
            "filtered",
            {"filters": {"search": "lovelace", "permission": "Snowflake"}},
            kind="gather",
            changed=False,
            expect=lambda outcome: _emails(outcome, "Ada.Lovelace@Example.com"),
        ),
        Step(
            "nobody",
            {"deleted": True, "filters": {"search": "nobody@example.com"}},
            kind="gather",
            changed=False,
            result={"users": []},
        ),
        Step("one who is deleted", {"deleted": True, "id": GONE.upper()}, kind="gather", changed=False, expect=_gone),
        Step(
            "given back",
            {"users": "{{ result_0_real.users + result_4_real.users }}", "unlisted": "report"},
            module="sendauth_users",
            changed=False,
            result={"unlisted": []},
        ),
    ],
    prepare=_people,
)
