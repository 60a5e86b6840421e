# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life cycle of Kestra EE accounts."""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.survey import (
    admin_roles,
    group_roles,
    service_accounts,
    tokens_of,
)
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.tokens import (
    ACCOUNT_TOKENS,
    check_name,
)
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.users import Users

from ..life import Inherited, Life, ReviewFacts, Step, Survey, TokenLife, User
from ..people import Person, names_of


def _profile(person: Person, connection: t.Mapping[str, t.Any], new: bool) -> User:
    # The list of users contains no names. Comparing them would take one call for each user.
    given, family = names_of(person)
    return {"first_name": given, "last_name": family} if new else {}


def _qualified(facet: str, grant: t.Any, params: t.Mapping[str, t.Any]) -> t.Any:
    """Return a group or role with the tenant of the connection, if the grant names no tenant."""
    if facet == "tenants":
        return grant
    name = {"groups": "name", "roles": "role"}[facet]
    known = dict(grant) if isinstance(grant, dict) else {name: grant}
    return known if known.get("tenant") else {"tenant": params.get("tenant"), **known}


def _entails(facet: str, grant: t.Any) -> list[tuple[str, t.Any]]:
    """Return the access to the tenant that a group or role requires."""
    tenant = grant.get("tenant") if isinstance(grant, dict) and facet != "tenants" else None
    return [("tenants", tenant)] if tenant else []


def _via(facet: str, grant: t.Any) -> str:
    return "binding" if facet == "roles" else "direct"


def _survey(directory: Users, accounts: t.Sequence[Account], details: bool) -> Survey:
    """Read the roles that groups grant, the roles that make administrators, service accounts, and with ``details`` the
    tokens."""
    bound = group_roles(directory, accounts)
    others = service_accounts(directory)
    own = {key for account in (*accounts, *others) for key in account.facets.get("roles", ())}
    admins = admin_roles(directory, sorted({*own, *(key for keys in bound.values() for key in keys)}))
    survey = Survey(others={account.id: ("service account", account) for account in others})
    if details:
        survey.tokens.update({**tokens_of(directory, accounts), **tokens_of(directory, others, ACCOUNT_TOKENS)})
    survey.admins.update({("roles", key): admin for key, admin in admins.items()})
    survey.admins.update({("groups", group): _any(admins[key] for key in keys) for group, keys in bound.items()})
    shares: collections.defaultdict[str, list[Inherited]] = collections.defaultdict(list)
    for account in accounts:
        for group, name in account.facets.get("groups", {}).items():
            for key in bound.get(group, ()):
                shares[account.id].append(
                    Inherited(
                        "roles", directory.shown("roles", key), "group", name, ("groups", group), admins[key], key=key
                    )
                )
    survey.inherited.update(shares)
    return survey


def _any(answers: t.Iterable[bool | None]) -> bool | None:
    """Return True if any answer is True; otherwise None if any answer is unknown."""
    known = list(answers)
    return True if True in known else None if None in known else False


LIFE = Life(
    provider="kestra",
    qualified=_qualified,
    entails=_entails,
    facets=("tenants", "groups", "roles"),
    profile=_profile,
    how="emulated",
    blocked={"enabled": False},
    active={},  # grants restore the access
    takes_all=True,
    new={},
    credentials=("api_token", "api_user", "api_password"),
    directory_options=(),
    reads=("profile",),
    review=ReviewFacts(
        not_provided=("last_login", "mfa"), via=_via, survey=_survey, detail_calls=2,
        only_details=("enabled", "tokens"),
    ),
    token=TokenLife(
        module="api_token",
        info="api_token_info",
        owners=("user", "service_account", "service_account_id"),
        options=("scope", "description", "extended"),
        check=check_name,
        credential="api_token",
    ),
    steps=(
        Step(
            "block",
            "emulated",
            "user",
            {"enabled": False},
            "tokens, sessions, roles, groups, tenants and login methods are removed",
        ),
        Step("sessions", "native", "user_session", {"state": "absent"}, "sessions are ended"),
        Step(
            "tokens", "native", "api_token", {"state": "absent"}, holds=("tokens",), gather=("tokens",), each="token_id"
        ),
        Step(
            "grants",
            "native",
            "user",
            {
                "tenants": [],
                "tenants_state": "exact",
                "groups": [],
                "groups_state": "exact",
                "roles": [],
                "roles_state": "exact",
                "instance_owner": False,
            },
            holds=("instance_owner", "tenants", "groups", "roles"),
        ),
        Step("delete", "native", "user", {"state": "absent"}, "the account is deleted"),
    ),
)
