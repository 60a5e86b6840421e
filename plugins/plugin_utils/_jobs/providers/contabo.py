# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life cycle of Contabo accounts."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo.users import Users

from ..life import Life, ReviewFacts, Step, Survey, TokenLife, User
from ..people import Person, names_of


def _profile(person: Person, connection: t.Mapping[str, t.Any], new: bool) -> User:
    given, family = names_of(person)
    return {"first_name": given, "last_name": family}


def _survey(directory: Users, accounts: t.Sequence[Account], details: bool) -> Survey:
    """Return which roles make administrators, from the list of roles that was read with the accounts."""
    roles = {key for account in accounts for key in account.facets.get("roles", ())}
    return Survey(admins={("roles", role): directory.connection.makes_admin(role) for role in roles})


LIFE = Life(
    provider="contabo",
    facets=("roles",),
    profile=_profile,
    # Two pairs of credentials may belong to one account.
    reveals=lambda connection: t.cast("str | None", connection.account()),
    how="native",
    blocked={"enabled": False},
    active={"enabled": True},
    new={},
    review=ReviewFacts(not_provided=("last_login", "tokens"), survey=_survey),
    credentials=("client_id", "client_secret", "api_user", "api_password"),
    directory_options=("client_id", "api_user"),
    token=TokenLife(
        text="The account has one client secret, and a new one invalidates the old one at once, so a rotation "
        "without downtime is not possible. Use contabo_client_secret with confirm in a playbook that stops and starts "
        "whatever uses it."
    ),
    steps=(
        Step("block", "native", "user", {"enabled": False}, "the account is disabled"),
        Step(
            "sessions",
            "manual",
            text=(
                "Contabo has no call that ends sessions. They end with their access tokens; "
                "how long these last is not documented."
            ),
        ),
        Step(
            "tokens",
            "manual",
            text=(
                "All API users share the customer's client secret, and the person may know it. Replace it with "
                "contabo_client_secret once everything that uses it can get the new one. In the customer "
                "panel, replace the keys of object storage that the person may know."
            ),
        ),
        Step("grants", "native", "user_roles", {"roles": [], "state": "exact"}, holds=("roles",)),
        Step("delete", "native", "user", {"state": "absent"}, "the account is deleted"),
    ),
)
