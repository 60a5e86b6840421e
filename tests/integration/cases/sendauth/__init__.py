# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendAuth's case: the life of each module, with the requests that must be sent."""

from __future__ import annotations

from conformance import CANARY, Conformance

from cases.sendauth.access import ROLES_LIFE
from cases.sendauth.common import PROVIDER
from cases.sendauth.reads import INFO, ROLE_INFO
from cases.sendauth.users import RESTORE, USER_LIFE, USERS_LIFE

__all__ = ["CONFORMANCE", "PROVIDER", "SCENARIOS"]

CONFORMANCE = Conformance(
    "sendauth",
    new=lambda number: {"user": f"new+{number}/50%..@example.com", "first_name": "Nëw", "last_name": f"霍珀 N{number}"},
    change={"phone": "+44 20 7946 0000"},
    clear={"phone": ""},
    list="list_users",
    create="create_user",
    update="update_user",
    facets=("permissions", "groups"),
    refused={"api_password": CANARY},
)

SCENARIOS = [USER_LIFE, RESTORE, ROLES_LIFE, INFO, ROLE_INFO, USERS_LIFE]
