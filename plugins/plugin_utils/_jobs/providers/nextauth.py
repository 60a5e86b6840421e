# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""nextAuth in the life of an account."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account

from ..life import Life, ReviewFacts, Step, Survey, TokenLife, User, enabled
from ..people import Person


def _profile(person: Person, connection: t.Mapping[str, t.Any], new: bool) -> User:
    return {}  # a user is a name with accounts


def _able(user: User) -> bool:
    # Who logs in is a device of the user: without one there is nothing to block.
    return enabled(user) and user.get("number_accounts") != 0


_ADMINISTERS = ("root", "setrid", "users")
"""Permissions that let their holders change who has access, as the API documents them.

What others do is up to applications.
"""


def _survey(directory: t.Any, accounts: t.Sequence[Account], details: bool) -> Survey:
    """Return which permissions make administrators, and whose last login the list does not report:
    that is not never."""
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
