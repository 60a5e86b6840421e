# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the parts of OneLogin's case share: names, users, requests, and looks at them."""

from __future__ import annotations

from typing import Any

from scenarios import Request

from simulator.harness import Simulator

PROVIDER = "onelogin"
PASSWORD = "canary-Pa55-ünd/%+"
USER = r"/api/1/users/\d+"


def put_ada(simulator: Simulator, **more: Any) -> None:
    """One user, who is spelled with capitals in the directory."""
    simulator.put_users([{
        "username": "Ada.Lovelace", "email": "Ada.Lovelace@Example.com", "firstname": "Ada", "lastname": "Lovelace",
        "title": "Analyst", "custom_attributes": {"badge": "b-1", "cost_center": "CC-1"}, "roles": ["Default", "2024"],
        **more,
    }])  # fmt: skip


def user_named(state: dict[str, Any], username: str = "Ada.Lovelace") -> dict[str, Any]:
    return next(user for user in state["users"] if user["username"] == username)


def no_users(state: dict[str, Any]) -> None:
    assert state["users"] == []


def is_suspended(outcome: Any) -> None:
    user = outcome.result["user"]
    assert (user["enabled"], user["user_state"], user["status"]) == (False, "approved", "suspended")


NEW = {
    "user": "grace+ops/50%..@example.com", "email": "grace@example.com", "firstname": "Grace",
    "lastname": "Höpper 霍珀", "title": "Admiral",
}

ROLES = {
    "Default": 410001, "2024": 410004, "2025": 410005, "R&D + Ops / 50%": 410006, "Überprüfung": 410007,
    "finance": 410010, "VPN": 410017,
}
"""Roles of every account of the simulator, and their ids."""

FIRST = "100001"
"""The id of the account's first user."""


def role_change(verb: str, *names: str) -> Request:
    """The request that adds or removes roles."""
    return ("PUT", f"{USER}/{verb}_roles", {"role_id_array": [ROLES[name] for name in names]})


def attribute_change(**values: str) -> Request:
    """The request that sets custom attributes."""
    return ("PUT", USER + "/set_custom_attributes", {"custom_attributes": values})


SUSPEND, ACTIVATE = (("PUT", r"/api/2/users/\d+", {"status": status}) for status in (2, 1))
