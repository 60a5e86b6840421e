# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life cycle of SCIM 2.0 accounts."""

from __future__ import annotations

import typing as t

from ..life import Life, ReviewFacts, Step, TokenLife, User
from ..people import Person, names_of


def _profile(person: Person, connection: t.Mapping[str, t.Any], new: bool) -> User:
    given, family = names_of(person)
    fields: User = {"given_name": given, "family_name": family, "email": person.email}
    if connection.get("user_key") == "emails":
        del fields["email"]  # it is the natural key
    if new:  # many servers show one of these, and some require them; people may change them later
        fields.update(display_name=person.whole_name, formatted_name=person.whole_name)
    if new and connection.get("user_key") in ("emails", "externalId"):
        fields["user_name"] = person.email
    return fields


def _also(connection: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    return () if connection.get("user_key") == "emails" else ("email",)


def _follows(connection: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    return ("user_name",) if connection.get("user_key") == "emails" else ()


def _can_block(connection: t.Any) -> bool:
    """Return whether a server lets its clients write ``active``. One without schemas may."""
    known = connection.attributes()
    return not known or ("active" in known and known["active"].mutability != "readOnly")


LIFE = Life(
    provider="scim",
    facets=("groups",),
    profile=_profile,
    how="native",
    blocked={"enabled": False},
    active={"enabled": True},
    new={"enabled": True},  # RFC 7643 does not define whether a user without C(active) may log in
    credentials=(
        "api_token", "api_user", "api_password", "client_id", "client_secret", "token_url", "scope", "header_name",
        "header_value",
    ),
    directory_options=("api_user", "api_token", "client_id", "header_value"),
    token=TokenLife(text=(
        "SCIM has no calls for tokens. Replace the credentials of this connection in the provider's administration."
    )),
    keys=({"user_key": "userName"}, {"user_key": "emails"}),
    key_fields={"userName": "user_name", "externalId": "external_id", "emails": "email"},
    facts=("external_id", "title", "department", "division", "organization", "cost_center", "employee_number"),
    manager="manager",
    also=_also,
    can_block=_can_block,
    follows=_follows,
    review=ReviewFacts(not_provided=("last_login", "mfa", "privileged", "tokens")),
    steps=(
        Step("block", "native", "user", {"enabled": False}, "the account is deactivated"),
        Step("sessions", "manual", text=(
            "SCIM has no call that ends sessions, and a provider need not end them when an account is deactivated. "
            "End them in the provider's administration."
        )),
        Step("tokens", "manual", text=(
            "SCIM has no calls for tokens. Revoke those that the person created or knows in the provider's "
            "administration."
        )),
        Step("grants", "native", "user_groups", {"groups": [], "state": "exact"}, holds=("groups",)),
        Step("delete", "native", "user", {"state": "absent"}, "the account is deleted"),
    ),
)
