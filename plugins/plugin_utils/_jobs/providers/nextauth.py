# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life cycle of nextAuth accounts."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account

from ..life import Life, ReviewFacts, Step, Survey, TokenLife, User, enabled
from ..people import Person


def _profile(person: Person, connection: t.Mapping[str, t.Any], new: bool) -> User:
    return {}  # a user has only a name and accounts


def _able(user: User) -> bool:
    # Users log in with devices, which are accounts of the user: without one, there is nothing to block.
    return enabled(user) and user.get("number_accounts") != 0


_ADMINISTERS = ("root", "setrid", "users")
"""Permissions that let their holders change access, according to the API documentation.

Applications define the effect of all other permissions.
"""


def _survey(directory: t.Any, accounts: t.Sequence[Account], details: bool) -> Survey:
    """Return which permissions make administrators, and the accounts whose last login the list does not report: it is
    unknown, not never."""
    unknown = {(account.id, fact) for account in accounts for fact in account.raw.get("unreported", ())}
    return Survey(admins={("permissions", name): True for name in _ADMINISTERS}, unknown=unknown)


LIFE = Life(
    provider="nextauth",
    facets=("permissions",),
    profile=_profile,
    how="native",
    blocked={"enabled": False},
    active={"enabled": True},
    new={},
    credentials=("api_key",),
    directory_options=("api_key",),
    reads=("accounts",),
    renames=False,
    token=TokenLife(
        text="Its API can neither delete an API key nor set when it expires. Create a key with another name "
        "with nextauth_api_token, distribute it, and delete the old one in nextAuth manually."
    ),
    able=_able,
    review=ReviewFacts(
        not_provided=("privileged", "mfa", "tokens"), survey=_survey, calls=2, detail_calls=1, only_details=("enabled",)
    ),
    steps=(
        Step(
            "block", "native", "user_accounts", {"state": "blocked", "all": True}, "all devices of the user are blocked"
        ),
        Step(
            "sessions",
            "manual",
            text=(
                "nextAuth has no call that ends the sessions of a user. Applications consult it only at login: "
                "end the person's sessions in each of them."
            ),
        ),
        Step(
            "tokens",
            "manual",
            text=(
                "nextAuth's API cannot delete API keys. In its administration, delete those that the person created "
                "or knows, and create others."
            ),
        ),
        Step("grants", "native", "user_roles", {"permissions": [], "state": "exact"}, holds=("permissions",)),
        Step("delete", "native", "user", {"state": "absent"}, "the user and all devices are deleted"),
    ),
)
