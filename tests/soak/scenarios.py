# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written: for each provider, the modules that write and arguments by which each of their API calls is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ADA, BO, NEW = "user0001@example.com", "user0002@example.com", "new.person@example.com"


@dataclass(frozen=True)
class Scenario:
    """One task. ``put`` is state that the simulator gets before: (kind, items). A task that is not ``repeatable`` acts each time."""

    module: str
    params: dict[str, Any]
    put: tuple[tuple[str, list[dict[str, Any]]], ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    repeatable: bool = True

    @property
    def provider(self) -> str:
        """Return the provider of the module."""
        return self.module.split("_")[0]

    @property
    def title(self) -> str:
        """Return the module and what tells the scenario from others."""
        return f"{self.module} {self.params}"


def _s(module: str, repeatable: bool = True, put: tuple[tuple[str, list[dict[str, Any]]], ...] = (), **params: Any) -> Scenario:
    return Scenario(module, params, put, repeatable=repeatable)


_PERSON = {"first_name": "New", "last_name": "Person"}
_NAMES = {"firstname": "New", "lastname": "Person"}
USER, OTHER = "user0001", "user0002"
SCENARIOS = [
    # nextAuth
    _s("nextauth_user", user=ADA, state="absent"),
    _s("nextauth_user", user=ADA, enabled=False),
    _s("nextauth_user", user=ADA, attributes={"department": "X", "badge": "7"}, attributes_state="exact"),
    _s("nextauth_user_attributes", user=ADA, attributes={"department": "X", "badge": "7"}),
    _s("nextauth_user_attributes", user=ADA, names=["department"], state="absent"),
    _s("nextauth_user_roles", user=ADA, permissions=["sessions", "users"]),
    _s("nextauth_user_accounts", user=ADA, all=True, state="blocked"),
    _s("nextauth_user_accounts", user=ADA, all=True, state="absent"),
    _s("nextauth_users", users=[{"user": ADA, "attributes": {"department": "X"}}, {"user": BO, "state": "absent"}]),
    # SendAuth
    _s("sendauth_user", user=NEW, **_PERSON, permissions=["VPN"], role="admin"),
    _s("sendauth_user", user=ADA, first_name="Changed"),
    _s("sendauth_user", user=ADA, state="absent"),
    _s("sendauth_user_roles", user=ADA, permissions=["VPN"], groups=["Contractors"], state="exact"),
    _s("sendauth_user_roles", user=ADA, role="admin"),
    _s("sendauth_user_tags", repeatable=False, user=ADA, tags={"department": "Data"}),
    _s("sendauth_user_passkey", user=ADA, state="absent"),
    _s("sendauth_users", users=[{"user": NEW, **_PERSON}, {"user": ADA, "permissions": ["VPN"]}, {"user": BO, "state": "absent"}]),
    # Kestra
    _s("kestra_user", user=NEW, **_PERSON, tenants=["main"], groups=["data"], roles=["Viewer"]),
    _s("kestra_user", user=ADA, first_name="Changed", instance_owner=True),
    _s("kestra_user", user=ADA, enabled=False),
    _s("kestra_user", user=ADA, state="absent"),
    _s("kestra_user_roles", user=ADA, roles=["Viewer", {"role": "Developer", "namespace": "company.data"}]),
    _s("kestra_user_groups", user=ADA, groups=["platform"], state="exact"),
    _s("kestra_user_auth_method", user=ADA, all=True),
    _s("kestra_user_session", repeatable=False, user=ADA),
    _s("kestra_service_account", name="fresh", tenants=["main"], roles=["Viewer"]),
    _s("kestra_service_account", name="backup", state="absent"),
    _s("kestra_api_token", user=ADA, name="ci"),
    _s("kestra_users", users=[{"user": NEW, **_PERSON, "groups": ["data"]}, {"user": ADA, "groups": ["platform"]}, {"user": BO, "state": "absent"}]),
    # Contabo
    _s("contabo_user", user=NEW, **_PERSON, roles=["Snowflake"], locale="en"),
    _s("contabo_user", user=ADA, first_name="Changed", enabled=False),
    _s("contabo_user", user=ADA, state="absent"),
    _s("contabo_user_roles", user=ADA, roles=["Snowflake"], state="exact"),
    _s("contabo_users", users=[{"user": NEW, **_PERSON, "locale": "en"}, {"user": ADA, "roles": ["Snowflake"]}, {"user": BO, "state": "absent"}]),
    # OneLogin
    _s("onelogin_user", user="new.person", email=NEW, **_NAMES, roles=["Snowflake"], attributes={"badge": "7"}),
    _s("onelogin_user", user=USER, firstname="Changed", enabled=False),
    _s("onelogin_user", user=USER, state="absent"),
    _s("onelogin_user_roles", user=USER, roles=["Snowflake"], state="exact"),
    _s("onelogin_user_attributes", user=USER, attributes={"cost_center": "CC-9"}),
    _s("onelogin_user_lock", user=USER, minutes=60),
    _s("onelogin_user_password", repeatable=False, user=USER, password="A-Canary-Passw0rd"),
    _s("onelogin_user_session", repeatable=False, user=USER),
    _s("onelogin_users", users=[{"user": "new.person", "email": NEW, **_NAMES}, {"user": USER, "roles": ["Snowflake"]}, {"user": OTHER, "state": "absent"}]),
]
