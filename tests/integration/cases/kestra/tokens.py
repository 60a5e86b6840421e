# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ways to log in to Kestra: auth methods, sessions, service accounts and tokens."""

from __future__ import annotations

from typing import Any

from scenarios import Scenario, Step

from cases.kestra.common import (
    ACCOUNTS,
    ADA,
    BIND,
    BIND_OTHER,
    END_SESSIONS,
    ENTER_OTHER,
    ID,
    LOSE_METHOD,
    MAIN,
    OTHER,
    PROVIDER,
    SECRETS,
    STRICT,
    UNBIND_OTHER,
    USER,
    put,
    put_ada,
)
from simulator.harness import Simulator

LOGINS = Scenario(
    "kestra_user_auth_method",
    [
        Step(
            "by type and name",
            {"user": "ada.lovelace@example.com", "auth_methods": ["basic_auth", "okta", "nothing"]},
            writes=[LOSE_METHOD, LOSE_METHOD],
        ),
        Step("all", {"user": ADA, "all": True}, writes=[LOSE_METHOD]),
        Step("end the sessions", {"user": ADA}, module="kestra_user_session", kind="perform", writes=[END_SESSIONS]),
        Step(
            "a session",
            {"user": ADA},
            module="kestra_user_impersonation",
            kind="perform",
            registered=False,
            settles=False,
            writes=[("POST", USER + "/impersonate", None)],
        ),
        Step(
            "a session into a file",
            {"user": ADA, "dest": str(SECRETS / "session.token")},
            module="kestra_user_impersonation",
            kind="perform",
            settles=False,
            writes=[("POST", USER + "/impersonate", None)],
        ),
        Step(
            "my password",
            {
                "old_password": "{{ lookup('env', 'KESTRA_API_PASSWORD') }}",
                "new_password": "{{ lookup('env', 'KESTRA_API_PASSWORD') }}",
            },
            module="kestra_current_user_password",
            kind="perform",
            writes=[("PUT", "/api/v1/me/password", None)],
        ),
    ],
    name="logins",
    prepare=put_ada,
)


def _expired_token(simulator: Simulator) -> None:
    backup = next(
        account["id"] for account in simulator.state(PROVIDER)["service_accounts"] if account["name"] == "backup"
    )
    put(
        simulator,
        "tokens",
        {"owner": backup, "name": "nightly", "value": "canary-token-of-backup", "maxAge": "P1D", "age": 90000},
    )


def _token(name: str, expired: bool) -> Any:
    def check(outcome: Any) -> None:
        (token,) = outcome.result["tokens"]
        assert (token["name"], token["prefix"], token["expired"], token["own"]) == (name, "canary-t", expired, False)

    return check


DEPLOY = {"name": "rollcall-deploy"}
DEPLOYER = {"name": "rollcall-deployer"}
HIS_TOKEN = {"service_account": "rollcall-deploy", "name": "ci"}
HIS_TOKENS = ACCOUNTS + ID + "/api-tokens"
REPORTS = {"name": "reports", "scope": "tenant", "tenant": "acme-eu"}
REPORTS_TOKEN = {"service_account": "reports", "scope": "tenant", "tenant": "acme-eu", "name": "ci"}
REPORTS_TOKENS = OTHER + "/service-accounts" + ID + "/api-tokens"
SERVICE_ACCOUNTS = Scenario(
    "kestra_service_account",
    [
        Step(
            "create",
            {
                **DEPLOY,
                "description": "Deploys",
                "tenants": ["main"],
                "roles": [{"role": "Developer", "namespace": "company.data"}],
            },
            writes=[
                ("POST", ACCOUNTS, {"name": "rollcall-deploy", "description": "Deploys", "tenants": ["main"]}),
                BIND,
            ],
        ),
        Step(
            "make a token",
            {**HIS_TOKEN, "max_age": "PT12H"},
            module="kestra_api_token",
            registered=False,
            writes=[("POST", HIS_TOKENS, {"name": "ci", "maxAge": "PT12H"})],
        ),
        Step(
            "revoke it",
            {**HIS_TOKEN, "state": "absent"},
            module="kestra_api_token",
            writes=[("DELETE", HIS_TOKENS + ID, None)],
        ),
        Step(
            "read one that has expired",
            {"service_account": "backup"},
            module="kestra_api_token_info",
            kind="gather",
            changed=False,
            expect=_token("nightly", True),
        ),
        Step(
            "rename, change and promote",
            {"id": "{{ result_0_real.user.id }}", **DEPLOYER, "description": "Deploys flows", "instance_owner": True},
            writes=[
                ("PATCH", ACCOUNTS + ID, {"name": "rollcall-deployer", "description": "Deploys flows"}),
                ("PATCH", ACCOUNTS + ID + "/superadmin", {"superAdmin": True}),
            ],
        ),
        Step(
            "clear, demote and move",
            {**DEPLOYER, "description": "", "instance_owner": False, "tenants": ["acme-eu"], "tenants_state": "exact"},
            writes=[
                ("PATCH", ACCOUNTS + ID, {"name": "rollcall-deployer", "description": ""}),
                ("PATCH", ACCOUNTS + ID + "/superadmin", {"superAdmin": False}),
                ENTER_OTHER,
                ("DELETE", MAIN + "/tenant-access" + ID, None),
            ],
        ),
        Step("absent", {**DEPLOYER, "state": "absent"}, writes=[("DELETE", ACCOUNTS + ID, None)]),
        Step(
            "create in a tenant",
            {**REPORTS, "description": "Reports"},
            writes=[("POST", OTHER + "/service-accounts", {"name": "reports", "description": "Reports"})],
        ),
        Step(
            "make a token in a tenant",
            REPORTS_TOKEN,
            module="kestra_api_token",
            registered=False,
            writes=[("POST", REPORTS_TOKENS, {"name": "ci"})],
        ),
        Step(
            "revoke it in a tenant",
            {**REPORTS_TOKEN, "state": "absent"},
            module="kestra_api_token",
            writes=[("DELETE", REPORTS_TOKENS + ID, None)],
        ),
        Step(
            "change in a tenant",
            {**REPORTS, "description": "More reports", "roles": ["Viewer"]},
            writes=[
                (
                    "PUT",
                    OTHER + "/service-accounts" + ID,
                    {"name": "reports", "description": "More reports", "groups": [], "superAdmin": False},
                ),
                BIND_OTHER,
            ],
        ),
        Step(
            "absent in a tenant",
            {**REPORTS, "state": "absent"},
            writes=[UNBIND_OTHER, ("DELETE", OTHER + "/service-accounts" + ID, None)],
        ),
    ],
    prepare=_expired_token,
    secrets=("canary-token-of-backup",),
    options={"kestra": {**STRICT, "version": "2.0"}},
)

DAY = 86400
HER_TOKENS = USER + "/api-tokens"


def _families(simulator: Simulator) -> None:
    """Tokens of one name each: one that is old, two of which the newer is in use, two of which it is not.

    One answer will be lost.
    """
    put_ada(simulator)
    old = {"owner": ADA, "age": 40 * DAY}
    put(
        simulator,
        "tokens",
        {**old, "name": "old"},
        {**old, "name": "moved"},
        {"owner": ADA, "name": "moved", "age": 2 * DAY, "lastUsed": 60},
        {**old, "name": "idle"},
        {"owner": ADA, "name": "idle", "age": 2 * DAY},
    )
    simulator.faults([{"provider": PROVIDER, "operation": "create_api_tokens_for_user1", "nth": 1, "drop": "after"}])


def _revoked(outcome: Any) -> None:
    assert len(outcome.result["revoked"]) == 2
    assert outcome.result["made"] is False


def _filed(outcome: Any) -> None:
    assert "secret" not in outcome.result
    assert (SECRETS / "weekly.token").stat().st_mode & 0o777 == 0o600


def _in_use(state: dict[str, Any]) -> None:
    left = sorted(token["name"] for token in state["tokens"] if token["owner_name"] == ADA)
    assert left == ["idle", "idle", "laptop", "moved", "old", "old", "weekly", "weekly"]


# Tasks that create tokens show nothing, so the requests and the final state are compared.
TOKENS = Scenario(
    "kestra_api_token",
    [
        Step(
            "make although the answer is lost",
            {
                "user": "ada.lovelace@example.com", "name": "ci", "max_age": "30d", "description": "for the pipeline",
                "extended": True, "rotate": "expired", "min_remaining": "7d",
            },
            registered=False,
            writes=[
                ("POST", HER_TOKENS, None),
                ("DELETE", HER_TOKENS + ID, None),
                (
                    "POST",
                    HER_TOKENS,
                    {"name": "ci", "description": "for the pipeline", "maxAge": "P30D", "extended": True},
                ),
            ],
        ),
        Step(
            "replace in time",
            {
                "user": ADA, "name": "ci", "rotate": "expired", "min_remaining": "40d", "max_age": "P60D",
                "overlap": "1d",
            },
            registered=False,
            writes=[("POST", HER_TOKENS, {"name": "ci", "maxAge": "P60D"})],
        ),
        Step(
            "replace at an age",
            {"user": ADA, "name": "old", "rotate": "expired", "rotate_after": "30d"},
            registered=False,
            writes=[("POST", HER_TOKENS, {"name": "old"})],
        ),
        Step(
            "the new one is used",
            {"user": ADA, "name": "moved", "overlap": "1d"},
            registered=False,
            writes=[("DELETE", HER_TOKENS + ID, None)],
        ),
        Step(
            "the new one is not",
            {"user": ADA, "name": "idle", "overlap": "1d", "dest": str(SECRETS / "idle.token")},
            changed=False,
            warns="has not been used yet",
        ),
        Step(
            "always, into a file",
            {"user": ADA, "name": "weekly", "rotate": "always", "dest": str(SECRETS / "weekly.token")},
            kind="perform",
            writes=[("POST", HER_TOKENS, {"name": "weekly"})],
            expect=_filed,
        ),
        Step(
            "absent",
            {"user": ADA, "name": "ci", "state": "absent"},
            writes=[("DELETE", HER_TOKENS + ID, None)] * 2,
            expect=_revoked,
        ),
        Step(
            "read",
            {"user": ADA, "name": "laptop"},
            module="kestra_api_token_info",
            kind="gather",
            changed=False,
            expect=_token("laptop", False),
        ),
    ],
    prepare=_families,
    after=_in_use,
    secrets=("canary-token-of-ada",),
    options={"kestra": {**STRICT, "version": "1.0"}},
)
