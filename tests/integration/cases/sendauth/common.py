# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the parts of SendAuth's case share: names, users, and looks at them."""

from __future__ import annotations

from typing import Any

from simulator.harness import Simulator

PROVIDER = "sendauth"
USERS = "/api/v1/users"
UUID = r"[0-9a-f-]{36}"
USER = rf"{USERS}/{UUID}"
DELETED = rf"{USERS}/deleted/{UUID}"
ADA = "ada.lovelace@example.com"


def put_users(simulator: Simulator, *users: dict[str, Any]) -> None:
    simulator.put_users(list(users), PROVIDER)


def put_ada(simulator: Simulator, **more: Any) -> None:
    """One user, who is spelled with capitals in the directory, and another whose address holds hers."""
    put_users(
        simulator,
        {"email": "xada.lovelace@example.com", "firstName": "Xada", "lastName": "Other", "role": "user"},
        {
            "email": "Ada.Lovelace@Example.com", "firstName": "Ada", "lastName": "Lovelace", "role": "admin",
            "company": "Example",
            "permissions": ["Snowflake", "2024"], "permissionGroups": ["Engineering"], **more,
        },
    )  # fmt: skip


def admins(simulator: Simulator) -> None:
    """Administrators who stay."""
    put_users(
        simulator,
        *(
            {"email": f"root{number}@example.com", "firstName": "Root", "lastName": "Admin", "role": "super_admin"}
            for number in (1, 2)
        ),
    )


def user_named(state: dict[str, Any], email: str) -> dict[str, Any]:
    return next(user for user in state["users"] if user["email"] == email)
