# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin's case: the life of each module, with the requests that must be sent."""

from __future__ import annotations

from conformance import CANARY, Conformance

from cases.onelogin.access import ACCESS, FACETS, MAPPED_ROLES, STATUS
from cases.onelogin.common import PROVIDER
from cases.onelogin.reads import INFO, ROLE_INFO
from cases.onelogin.users import BARE_WIRE, USER_BY_EMAIL, USER_LIFE, USERS_LIFE

__all__ = ["CONFORMANCE", "PROVIDER", "SCENARIOS"]

CONFORMANCE = Conformance(
    "onelogin",
    new=lambda number: {
        "user": f"new+{number}/50%..é@example.com", "email": f"new{number}@example.com", "firstname": "New",
        "lastname": f"N{number}",
    },
    change={"department": "Registry"},
    clear={"department": ""},
    list="list_users",
    create="create_user",
    update="update_user",
    facets=("roles", "attributes"),
    refused={"client_secret": CANARY},
)

SCENARIOS = [USER_LIFE, USER_BY_EMAIL, BARE_WIRE, FACETS, MAPPED_ROLES, ACCESS, STATUS, INFO, ROLE_INFO, USERS_LIFE]
