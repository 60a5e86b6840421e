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
    """One task. ``put`` is state that the simulator gets before: (kind, items). A task that is not ``repeatable`` acts
    each time.

    ``options`` are those of the simulator. ``first`` is a task that runs before, and the option that gets its secret,
    if any. ``spent`` are the codes with which one more run may fail once the task has had its effect, because what it
    is given is no longer valid.
    """

    module: str
    params: dict[str, Any]
    put: tuple[tuple[str, list[dict[str, Any]]], ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    repeatable: bool = True
    first: tuple[str, dict[str, Any], str] | None = None
    spent: tuple[str, ...] = ()
    grows: str = ""
    """A part of the state to which each run adds something that looks like what an earlier run added."""
    unseen: bool = False
    """Whether it writes something that the API does not show afterwards, so that no later run can see
    that it is missing."""
    undone: bool = True
    """Whether a run that is cut off undoes what it has begun.

    Who is restored cannot be deleted again without a connection: the error says so.
    """

    @property
    def provider(self) -> str:
        """Return the provider of the module."""
        return self.module.split("_")[0]

    @property
    def title(self) -> str:
        """Return the module and the parameters that identify the scenario."""
        return f"{self.module} {self.params}"

    @property
    def parts(self) -> tuple[str, ...]:
        """Return parts of the state that only this scenario is judged by: who logs in has a token."""
        return ("tokens",) if self.module == "onelogin_api_token" else ()


def _s(
    module: str, repeatable: bool = True, put: tuple[tuple[str, list[dict[str, Any]]], ...] = (), **params: Any
) -> Scenario:
    return Scenario(module, params, put, repeatable=repeatable)


def _put(kind: str, **item: Any) -> tuple[tuple[str, list[dict[str, Any]]], ...]:
    return ((kind, [item]),)


def _token(owner: str) -> tuple[tuple[str, list[dict[str, Any]]], ...]:
    return _put("tokens", owner=owner, name="old", value="a-canary-of-a-token")


_PERSON: dict[str, Any] = {"first_name": "New", "last_name": "Person"}
_NAMES: dict[str, Any] = {"firstname": "New", "lastname": "Person"}
USER, OTHER = "user0001", "user0002"
_CI, _BACKUP = "czC3kWZAww1WzuOb3oBZwY", "99qOTZtDVzzXvCdnc7v5WL"
_SENDAUTH, _CONTABO = "ed27deb5-9cd8-48be-af69-0ad5fd04d297", "884dcc2c-d567-4031-857e-ec5dde210b94"
"""IDs of the first user, who is the same at each start."""
_HASH = "$2b$10$" + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ."[:53]
_SESSION = (*_put("accounts", id=71000), *_put("sessions", nonce="a-nonce-of-a-page", accountid=71000))
_KESTRA2 = {"kestra": {"version": "2.0"}}
SCENARIOS = [
    # nextAuth
    _s("nextauth_user", user=ADA, state="absent"),
    _s("nextauth_user", user=ADA, enabled=False),
    _s("nextauth_user", user=ADA, attributes={"department": "X", "badge": "7"}, attributes_state="exact"),
    _s("nextauth_user", user=NEW, attributes={"department": "X", "badge": "7"}, permissions=["users"]),
    _s("nextauth_user_attributes", user=ADA, attributes={"department": "X", "badge": "7"}),
    _s("nextauth_user_attributes", user=ADA, attributes={}, state="exact"),
    _s("nextauth_user_attributes", user=ADA, names=["department"], state="absent"),
    _s("nextauth_user_roles", user=ADA, permissions=["sessions", "users"]),
    _s(
        "nextauth_user_roles",
        put=_put("users", userid=ADA, permissions=["accounts"]),
        user=ADA,
        permissions=["accounts"],
        state="absent",
    ),
    _s("nextauth_user_accounts", user=ADA, all=True, state="blocked"),
    _s("nextauth_user_accounts", user=ADA, accounts=["Phone"], state="absent"),
    _s("nextauth_api_token", name="report-job"),
    _s("nextauth_user_registration", repeatable=False, put=_SESSION, user=ADA, nonce="a-nonce-of-a-page"),
    _s("nextauth_user_accounts", user=ADA, all=True, state="absent"),
    _s("nextauth_users", users=[{"user": ADA, "attributes": {"department": "X"}}, {"user": BO, "state": "absent"}]),
    # SendAuth
    _s("sendauth_user", user=NEW, **_PERSON, permissions=["VPN"], role="admin"),
    _s("sendauth_user", user=ADA, first_name="Changed"),
    _s("sendauth_user", user=ADA, state="absent"),
    _s("sendauth_user", user=ADA, state="destroyed"),
    Scenario(
        "sendauth_user",
        {"user": ADA, "restore": True, "permissions": ["VPN"]},
        _put("users", id=_SENDAUTH, deleted=True),
        undone=False,
        unseen=True,
    ),
    _s(
        "sendauth_user",
        put=_put("users", id=_SENDAUTH, deleted=True, passkeys=1),
        user=ADA,
        restore=True,
        keep_passkeys=True,
    ),
    _s("sendauth_user_roles", user=ADA, permissions=["VPN"], groups=["Contractors"], state="exact"),
    _s("sendauth_user_roles", user=ADA, role="admin"),
    _s("sendauth_user_tags", repeatable=False, user=ADA, tags={"department": "Data"}),
    _s("sendauth_user_passkey", user=ADA, state="absent"),
    _s(
        "sendauth_user_transaction",
        repeatable=False,
        put=_put("users", id=_SENDAUTH, passkeys=0),
        user=ADA,
        type="register",
    ),
    _s(
        "sendauth_user_transaction",
        repeatable=False,
        put=_put("users", id=_SENDAUTH, passkeys=1),
        user=ADA,
        type="authenticate",
        text="Release 7",
    ),
    _s(
        "sendauth_users",
        users=[{"user": NEW, **_PERSON}, {"user": ADA, "permissions": ["VPN"]}, {"user": BO, "state": "absent"}],
    ),
    # Kestra
    _s("kestra_user", user=NEW, **_PERSON, tenants=["main"], groups=["data"], roles=["Viewer"]),
    _s("kestra_user", user=ADA, first_name="Changed", instance_owner=True),
    _s(
        "kestra_user", user=ADA, restricted=True, password="A-Canary-Passw0rd", update_password="always",
        repeatable=False,
    ),
    _s("kestra_user", user=ADA, tenants=["acme-eu"], tenants_state="exact"),
    Scenario("kestra_user", {"user": ADA, "enabled": False}, unseen=True),
    _s("kestra_user", user=ADA, state="absent"),
    _s("kestra_user_roles", user=ADA, roles=["Viewer", {"role": "Developer", "namespace": "company.data"}]),
    _s("kestra_user_groups", user=ADA, groups=["platform"], state="exact"),
    Scenario("kestra_user_groups", {"user": ADA, "groups": [{"tenant": "acme-eu", "name": "data"}]}, options=_KESTRA2),
    Scenario("kestra_user", {"user": ADA, "tenants": [], "tenants_state": "exact"}, options=_KESTRA2),
    _s("kestra_user_auth_method", user=ADA, all=True),
    _s("kestra_user_session", repeatable=False, user=ADA),
    _s("kestra_user_impersonation", repeatable=False, user=ADA),
    Scenario(
        "kestra_current_user_password",
        {"old_password": "Sim-Passw0rd", "new_password": "A-Canary-Passw0rd1", "api_token": "a-canary-of-a-token"},
        _token(ADA),
        repeatable=False,
        spent=("rejected",),
    ),
    _s(
        "kestra_user_roles",
        put=_put("bindings", tenant="main", user=ADA, role="Viewer"),
        user=ADA,
        roles=["Viewer"],
        state="absent",
    ),
    _s("kestra_service_account", name="fresh", tenants=["main"], roles=["Viewer"]),
    _s("kestra_service_account", name="backup", description="Changed", instance_owner=False),
    _s("kestra_service_account", name="backup", state="absent"),
    _s("kestra_service_account", name="fresh", scope="tenant", description="New", roles=["Viewer"]),
    _s("kestra_service_account", name="ci-deploy", scope="tenant", description="Changed"),
    _s("kestra_service_account", name="ci-deploy", scope="tenant", state="absent"),
    _s("kestra_service_account", id=_CI, tenants=["acme-eu"], tenants_state="exact"),
    _s("kestra_api_token", user=ADA, name="ci"),
    Scenario(
        "kestra_api_token",
        {"user": ADA, "name": "old", "rotate": "always"},
        _token(ADA),
        repeatable=False,
        grows="tokens",
    ),
    _s("kestra_api_token", put=_token(ADA), user=ADA, name="old", state="absent"),
    _s("kestra_api_token", service_account="backup", name="ci"),
    _s("kestra_api_token", put=_token(_BACKUP), service_account="backup", name="old", state="absent"),
    _s("kestra_api_token", service_account="ci-deploy", scope="tenant", name="ci"),
    _s("kestra_api_token", put=_token(_CI), service_account="ci-deploy", scope="tenant", name="old", state="absent"),
    _s(
        "kestra_users",
        users=[
            {"user": NEW, **_PERSON, "groups": ["data"]},
            {"user": ADA, "groups": ["platform"]},
            {"user": BO, "state": "absent"},
        ],
    ),
    # Contabo
    _s("contabo_user", user=NEW, **_PERSON, roles=["Snowflake"], locale="en"),
    _s("contabo_user", user=ADA, first_name="Changed", enabled=False),
    _s("contabo_user", user=ADA, state="absent"),
    _s("contabo_user_mail", repeatable=False, user=ADA, type="password_reset"),
    _s(
        "contabo_user_mail",
        put=_put("users", userId=_CONTABO, emailVerified=False),
        repeatable=False,
        user=ADA,
        type="verification",
    ),
    Scenario("contabo_client_secret", {"confirm": True}, repeatable=False, spent=("not_authenticated",)),
    _s("contabo_user_roles", user=ADA, roles=["Snowflake"], state="exact"),
    _s(
        "contabo_users",
        users=[
            {"user": NEW, **_PERSON, "locale": "en"},
            {"user": ADA, "roles": ["Snowflake"]},
            {"user": BO, "state": "absent"},
        ],
    ),
    # OneLogin
    _s("onelogin_user", user="new.person", email=NEW, **_NAMES, roles=["Snowflake"], attributes={"badge": "7"}),
    _s("onelogin_user", user=USER, firstname="Changed", enabled=False),
    _s("onelogin_user", user=USER, status="suspended"),
    _s("onelogin_user", user=USER, user_state="rejected"),
    _s("onelogin_user", user=USER, state="absent"),
    _s(
        "onelogin_user", user=USER, password_hash=_HASH, password_algorithm="bcrypt", update_password="always",
        repeatable=False,
    ),
    _s("onelogin_user_roles", user=USER, roles=["Snowflake"], state="exact"),
    _s("onelogin_user_attributes", user=USER, attributes={"cost_center": "CC-9"}),
    _s("onelogin_user_roles", user=USER, roles=["team-02"], state="absent"),
    _s("onelogin_user_lock", user=USER, minutes=60),
    _s("onelogin_user_lock", put=_put("users", id=100001, locked_for=3600), user=USER, state="absent"),
    _s("onelogin_user_password", repeatable=False, user=USER, password="A-Canary-Passw0rd"),
    _s("onelogin_user_password", repeatable=False, user=USER, password="A-Canary-Passw0rd", method="clear_text"),
    Scenario("onelogin_api_token", {"rotate": "always"}, repeatable=False, first=("onelogin_api_token", {}, "")),
    Scenario(
        "onelogin_api_token", {"state": "absent"}, repeatable=False, first=("onelogin_api_token", {}, "access_token")
    ),
    _s("onelogin_user_session", repeatable=False, user=USER),
    _s(
        "onelogin_users",
        users=[
            {"user": "new.person", "email": NEW, **_NAMES},
            {"user": USER, "roles": ["Snowflake"]},
            {"user": OTHER, "state": "absent"},
        ],
    ),
]
NOT_SENT: dict[str, str] = {}
"""Write operations that no scenario sends, as ``provider operation`` -> the reason."""
