# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra EE in the life of an account."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.tokens import check_name

from ..life import Life, Step, TokenLife, User, directory_of_address
from ..people import Person, names_of


def _profile(person: Person, connection: t.Mapping[str, t.Any], new: bool) -> User:
    # The list of users has no names: to compare them would take a call for each user.
    given, family = names_of(person)
    return {"first_name": given, "last_name": family} if new else {}


def _qualified(facet: str, grant: t.Any, params: t.Mapping[str, t.Any]) -> t.Any:
    """Return a group or role with the tenant that the connection names, where the grant names none."""
    if facet == "tenants":
        return grant
    name = {"groups": "name", "roles": "role"}[facet]
    known = dict(grant) if isinstance(grant, dict) else {name: grant}
    return known if known.get("tenant") else {"tenant": params.get("tenant"), **known}


def _entails(facet: str, grant: t.Any) -> list[tuple[str, t.Any]]:
    """Return the access to the tenant that a group or role requires."""
    tenant = grant.get("tenant") if isinstance(grant, dict) and facet != "tenants" else None
    return [("tenants", tenant)] if tenant else []


LIFE = Life(
    provider="kestra",
    directory=directory_of_address,
    qualified=_qualified,
    entails=_entails,
    facets=("tenants", "groups", "roles"),
    profile=_profile,
    how="emulated",
    blocked={"enabled": False},
    active={},  # what is granted is the way back in
    takes_all=True,
    new={},
    credentials=("api_token", "api_user", "api_password"),
    reads=("profile",),
    token=TokenLife(
        module="api_token",
        info="api_token_info",
        owners=("user", "service_account", "service_account_id"),
        options=("scope", "description", "extended"),
        check=check_name,
        credential="api_token",
    ),
    steps=(
        Step("block", "emulated", "user", {"enabled": False}, "tokens, sessions, roles, groups, tenants and login methods are taken away"),
        Step("sessions", "native", "user_session", {"state": "absent"}, "sessions are ended"),
        Step("tokens", "native", "api_token", {"state": "absent"}, holds=("tokens",), gather=("tokens",), each="token_id"),
        Step(
            "grants", "native", "user",
            {"tenants": [], "tenants_state": "exact", "groups": [], "groups_state": "exact", "roles": [], "roles_state": "exact", "instance_owner": False},
            holds=("instance_owner", "tenants", "groups", "roles"),
        ),
        Step("delete", "native", "user", {"state": "absent"}, "the account is deleted"),
    ),
)
