# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra's case: the life of each module, with the requests that must be sent."""

from __future__ import annotations

from conformance import CANARY, Conformance

from cases.kestra.common import PROVIDER, STRICT
from cases.kestra.grants import GROUPS, LAST_GROUP, ROLES
from cases.kestra.reads import INFO, ROLE_INFO
from cases.kestra.tokens import LOGINS, SERVICE_ACCOUNTS, TOKENS
from cases.kestra.users import DISABLE, LAGGING, USERS_LIFE, user_life

CONFORMANCE = Conformance(
    PROVIDER,
    new=lambda number: {"user": f"new+{number}/50%..é@example.com", "first_name": "New", "last_name": f"N{number}"},
    change={"last_name": "Registry"},
    clear={"first_name": ""},
    list="list_users",
    create="create_user",
    update="patch_user",
    facets=("tenants", "groups", "roles"),
    needs_protect=False,
    refused={"api_token": CANARY},
    options={"kestra": STRICT},
)

__all__ = ["CONFORMANCE", "PROVIDER", "SCENARIOS"]

SCENARIOS = [
    user_life("1.0"),
    user_life("2.0"),
    DISABLE,
    LAGGING,
    GROUPS,
    LAST_GROUP,
    ROLES,
    LOGINS,
    SERVICE_ACCOUNTS,
    TOKENS,
    INFO,
    ROLE_INFO,
    USERS_LIFE,
]
