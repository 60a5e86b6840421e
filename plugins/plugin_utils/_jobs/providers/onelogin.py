# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life cycle of OneLogin accounts."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin.survey import (
    apps_of_roles,
    names_of_apps,
)
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin.users import Users

from ..life import Inherited, Life, ReviewFacts, Step, Survey, TokenLife, User
from ..people import Person, names_of


def _profile(person: Person, connection: t.Mapping[str, t.Any], new: bool) -> User:
    given, family = names_of(person)
    fields: User = {"firstname": given, "lastname": family, "email": person.email}
    if connection.get("user_key") == "email":
        del fields["email"]  # it is the natural key
        if new:
            fields["username"] = person.email
    return fields


def _also(connection: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    return () if connection.get("user_key") == "email" else ("email",)


def _follows(connection: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    return ("username",) if connection.get("user_key") == "email" else ()


def _survey(directory: Users, accounts: t.Sequence[Account], details: bool) -> Survey:
    """Read which apps the roles grant, and with ``details`` their names."""
    apps = apps_of_roles(directory) or {}
    names = names_of_apps(directory, accounts, apps) if details and any(apps.values()) else {}
    survey = Survey()
    for account in accounts:
        inherited = [
            Inherited(
                "apps", {"id": app}, "group", role, ("roles", key), name=names.get(app, f"app {app}"), key=str(app)
            )
            for key, role in account.facets.get("roles", {}).items()
            for app in apps.get(key, ())
        ]
        if inherited:
            survey.inherited[account.id] = inherited
    return survey


LIFE = Life(
    provider="onelogin",
    facets=("roles",),
    profile=_profile,
    # Two pairs of credentials may belong to one account.
    reveals=lambda connection: t.cast("str | None", connection.account()),
    how="native",
    blocked={"enabled": False},
    active={"enabled": True},
    pending=lambda user: user.get("status") == "unactivated" and user.get("user_state") in (None, "approved"),
    new={"enabled": True},  # OneLogin does not activate a user who is created without a password
    credentials=("client_id", "client_secret", "access_token"),
    directory_options=("client_id", "access_token"),
    token=TokenLife(
        text="A pair of client credentials has one access token, shared by everything that uses the pair, and the "
        "API cannot create client credentials. Use onelogin_api_token to replace a token at once; create new "
        "credentials in OneLogin manually."
    ),
    keys=({"user_key": "username"}, {"user_key": "email"}),
    facts=("company", "department", "title", "external_id"),
    manager="manager_user_id",
    also=_also,
    follows=_follows,
    # The API does not show whether a mapping granted a role.
    review=ReviewFacts(
        not_provided=("privileged", "mfa", "tokens", "via"), via=lambda facet, grant: "unknown", survey=_survey
    ),
    steps=(
        Step("block", "native", "user", {"enabled": False}, "the account is suspended"),
        Step(
            "sessions",
            "native",
            "user_session",
            {"state": "absent"},
            "OneLogin's sessions are ended; those of an application end when the application decides",
        ),
        Step(
            "tokens",
            "manual",
            text=(
                "OneLogin's API cannot list or delete API credentials. In the administration (Developers, API "
                "Credentials), delete those that the person created or knows. Credentials stop working when the user "
                "who created them is deleted: first replace those that are still in use."
            ),
        ),
        Step("grants", "native", "user_roles", {"roles": [], "state": "exact"}, holds=("roles",)),
        Step("delete", "native", "user", {"state": "absent"}, "the account is deleted"),
    ),
)
