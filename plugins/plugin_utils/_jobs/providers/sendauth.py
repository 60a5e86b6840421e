# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life cycle of SendAuth accounts."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth.schema import normalise
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth.users import Users

from ..life import Inherited, Life, ReviewFacts, Step, Survey, TokenLife, User
from ..people import Person, names_of


def _profile(person: Person, connection: t.Mapping[str, t.Any], new: bool) -> User:
    given, family = names_of(person)
    return {"first_name": given, "last_name": family}


def _survey(directory: Users, accounts: t.Sequence[Account], details: bool) -> Survey:
    """Read the permissions that groups grant. One list contains all groups."""
    groups = directory.connection.group_rows() if any(account.facets.get("groups") for account in accounts) else []
    labels = {str(row["id"]): list(dict.fromkeys(map(str, row.get("permissions") or ()))) for row in groups}
    survey = Survey()
    for account in accounts:
        # permissions are labels: the role of the account makes an administrator
        admin = normalise(account.values).get("privileged")
        inherited = [
            Inherited("permissions", label, "group", name, ("groups", key), admin, key=label)
            for key, name in account.facets.get("groups", {}).items() for label in labels.get(key, ())
        ]
        known = {entry.grant for entry in inherited}
        others = [
            label
            for label in dict.fromkeys(map(str, account.values.get("group_permissions") or ()))
            if label not in known
        ]
        inherited += [
            Inherited("permissions", label, "group", _UNNAMED, ("groups", ""), admin, key=label) for label in others
        ]
        if inherited:
            survey.inherited[account.id] = inherited
    return survey


_UNNAMED = "a group that the API does not name"

LIFE = Life(
    provider="sendauth",
    facets=("permissions", "groups"),
    profile=_profile,
    how="emulated",
    blocked={"state": "absent"},  # restore can undo this deletion
    active={},
    takes_all=True,
    new={"restore": True},
    credentials=("api_user", "api_password"),
    directory_options=("api_user",),
    token=TokenLife(text="Its API has no tokens. Change the password of the API user in SendAuth manually."),
    facts=("company",),
    places=({}, {"deleted": True}),
    review=ReviewFacts(not_provided=("tokens",), survey=_survey),
    steps=(
        # These cannot be removed from a deleted user, and a restore would bring them back.
        Step("tokens", "native", "user_passkey", {"state": "absent"}, holds=("has_passkeys",), before=True),
        Step(
            "grants",
            "native",
            "user_roles",
            {"permissions": [], "groups": [], "state": "exact"},
            holds=("permissions", "groups"),
            before=True,
        ),
        Step("block", "emulated", "user", {"state": "absent"}, "the account is deleted, and can be restored"),
        Step(
            "sessions",
            "manual",
            text=(
                "SendAuth has no call that ends sessions. End the person's sessions in the applications that use it."
            ),
        ),
        Step(
            "tokens",
            "manual",
            text=(
                "SendAuth's API has no calls for API keys. In its administration, replace those that the person "
                "created or knows."
            ),
        ),
        Step("delete", "native", "user", {"state": "destroyed"}, "the account is destroyed"),
    ),
)
