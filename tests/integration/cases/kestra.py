# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra's case: the life of each module, with the requests that must be sent."""

from __future__ import annotations

import atexit
import pathlib
import re
import shutil
import tempfile
from typing import Any

from conformance import CANARY, Conformance
from playbooks import FRONT_ENDS
from scenarios import Scenario, Step

from simulator.harness import Simulator

PROVIDER = "kestra"
PASSWORD = "Canary-Pa55-%+word"
ADA = "Ada.Lovelace@Example.com"
BOB, CAT = "bob@example.com", "cat@example.com"
ID = "/[0-9A-Za-z]{22}"
USERS = "/api/v1/users"
USER = USERS + ID
REVOKE = ("DELETE", USER + "/api-tokens" + ID, None)
MAIN, OTHER = "/api/v1/main", "/api/v1/acme-eu"
ACCOUNTS = "/api/v1/service-accounts"
CREATE, REPLACE, DELETE = ("POST", USERS, None), ("PUT", USER, None), ("DELETE", USER, None)
ENTER, ENTER_OTHER = (("PUT", tenant + "/tenant-access" + ID, None) for tenant in (MAIN, OTHER))
SET_GROUPS, SET_OTHER_GROUPS = (("PUT", tenant + "/users" + ID + "/groups", None) for tenant in (MAIN, OTHER))
BIND, BIND_OTHER = (("POST", tenant + "/bindings", None) for tenant in (MAIN, OTHER))
UNBIND, UNBIND_OTHER = (("DELETE", tenant + "/bindings" + ID, None) for tenant in (MAIN, OTHER))
LOSE_METHOD, END_SESSIONS = ("DELETE", USER + "/auths" + ID, None), ("DELETE", USER + "/refresh-token", None)
STRICT = {"unknown_fields": "refuse"}
SECRETS = pathlib.Path(tempfile.mkdtemp(prefix="rollcall-"))
atexit.register(shutil.rmtree, SECRETS, True)

CONFORMANCE = Conformance(
    "kestra",
    new=lambda number: {"user": f"new+{number}/50%..é@example.com", "first_name": "New", "last_name": f"N{number}"},
    change={"last_name": "Registry"},
    clear={"first_name": ""},
    list="list_users",
    create="create_user",
    update="patch_user",
    facets=("tenants", "groups", "roles"),
    needs_protect=False,
    refused={"api_token": CANARY},
    options={"kestra": STRICT},
)


def _put(simulator: Simulator, kind: str, *items: dict[str, Any]) -> list[Any]:
    return simulator.put(kind, list(items), provider="kestra")


def _one(simulator: Simulator) -> None:
    """One user, who is spelled with capitals in the directory, with something in both tenants."""
    _put(simulator, "users", {
        "email": ADA, "firstName": "Ada", "lastName": "Lovelace", "password": "Ada-Passw0rd", "sessions": 2,
        "auths": [{"name": "okta", "type": "OIDC"}, {"name": "google", "type": "OIDC"}],
        "tenants": ["main", "acme-eu"], "groups": ["data", "2024", {"tenant": "acme-eu", "name": "data"}],
    })  # fmt: skip
    _put(
        simulator, "bindings",
        {"tenant": "main", "user": ADA, "role": "Developer", "namespace": "company.data"},
        {"tenant": "acme-eu", "user": ADA, "role": "Viewer"},
    )  # fmt: skip
    _put(simulator, "tokens", {"owner": ADA, "name": "laptop", "value": "canary-token-of-ada"})


def _owners(simulator: Simulator) -> None:
    """A second owner of the instance, so that one more can be demoted."""
    _put(simulator, "users", {"email": "sim-owner@example.com", "superAdmin": True})


def _owned(simulator: Simulator) -> None:
    _one(simulator)
    _owners(simulator)
    _put(simulator, "users", {"email": ADA, "superAdmin": True})
    for name in (BOB, CAT):
        _put(simulator, "users", {"email": name, "auths": [], "tenants": [], "groups": []})
        _put(simulator, "tokens", {"owner": name, "name": "ci"})


def _user(state: dict[str, Any], email: str) -> Any:
    return next(user for user in state["users"] if user["email"] == email)


def _gone(state: dict[str, Any]) -> None:
    assert [user["email"] for user in state["users"] if not user["email"].startswith("sim-")] == []
    assert {row["user"]["id"] for row in state["bindings"] if row.get("user")} <= {
        user["id"] for user in state["users"]
    }


def _her(**parts: Any) -> Any:
    """Return an assertion on parts of the user in a result; groups are written as ``tenant/name``, and None is a part
    that must not be there."""

    def check(outcome: Any) -> None:
        user = outcome.result["user"]
        found = {**user, "groups": [f"{group['tenant']}/{group['name']}" for group in user.get("groups", ())]}
        assert {name: found.get(name) for name in parts} == parts

    return check


NEW = {"user": "grace+ops/50%..é@example.com", "first_name": "Grace", "last_name": "Höpper 霍珀"}
HER = {"user": NEW["user"]}
QUEEN = {"user": "grace@example.com"}


def _user_life(version: str) -> Scenario:
    """One user from the first day to the last. The requests are the same for the oldest and the newest servers."""
    return Scenario(
        "kestra_user",
        [
            Step(
                "create",
                {
                    **NEW,
                    "password": PASSWORD,
                    "restricted": True,
                    "groups": ["data", "2024", {"tenant": "acme-eu", "name": "2024"}],
                    "roles": ["2024", {"role": "Developer", "namespace": "company.data"}],
                },
                writes=[CREATE, BIND, BIND],
                expect=_her(groups=["acme-eu/2024", "main/2024", "main/data"]),
            ),
            Step(
                "change, clear and promote, with the address in another case",
                {
                    "user": NEW["user"].upper(),
                    "password": PASSWORD,
                    "first_name": "",
                    "last_name": "Murray",
                    "restricted": False,
                    "instance_owner": True,
                    "groups": [{"name": "2024", "tenant": "main"}],
                    "roles": [{"role": "2024"}],
                },
                writes=[
                    ("PATCH", USER, {"firstName": "", "lastName": "Murray"}),
                    ("PATCH", USER + "/superadmin", {"superAdmin": True}),
                    ("PATCH", USER + "/restricted", {"restricted": False}),
                ],
                expect=_her(privileged=True),
            ),
            Step(
                "rename and demote",
                {**QUEEN, "previous_users": ["nobody@example.com", NEW["user"]], "instance_owner": False},
                writes=[
                    ("PATCH", USER, {"email": QUEEN["user"]}),
                    ("PATCH", USER + "/superadmin", {"superAdmin": False}),
                ],
            ),
            Step(
                "exact in one go",
                {
                    **QUEEN,
                    "tenants": ["main"],
                    "tenants_state": "exact",
                    "groups": ["data", "研究"],
                    "groups_state": "exact",
                    "roles": [],
                    "roles_state": "exact",
                },
                writes=[REPLACE, UNBIND, UNBIND],
                expect=_her(groups=["main/data", "main/研究"]),
            ),
            Step(
                "managed groups, and a role in another tenant",
                {
                    **QUEEN,
                    "groups": ["R&D + Ops / 50%"],
                    "groups_state": "managed",
                    "managed_groups": ["R&D + Ops / 50%", {"tenant": "main", "name": "研究"}],
                    "tenants": ["main"],
                    "roles": [{"role": "2024", "tenant": "acme-eu"}],
                },
                writes=[ENTER_OTHER, SET_GROUPS, BIND_OTHER],
                result={"unmanaged": {"groups": [{"tenant": "main", "name": "data"}]}},
                expect=_her(tenants=["acme-eu", "main"]),
            ),
            Step(
                "password always",
                {**QUEEN, "password": PASSWORD, "update_password": "always"},
                kind="perform",
                writes=[("PATCH", USER + "/password", None)],
            ),
            Step("absent", {"user": "GRACE@example.com", "state": "absent"}, writes=[UNBIND_OTHER, DELETE]),
        ],
        name=f"life {version}",
        prepare=_owners,
        after=_gone,
        secrets=(PASSWORD,),
        options={"kestra": {**STRICT, "version": version, "bound_users_linger": True}},
        front_ends=("worker",) if version == "1.0" else tuple(FRONT_ENDS),
    )


def _let_in_by_one_group(state: dict[str, Any]) -> None:
    ada = _user(state, ADA)
    assert (ada["tenants"], [group["name"] for group in ada["groups"]], ada["bindings"], ada["auths"]) == (
        ["main"],
        ["data"],
        [],
        [],
    )
    assert (ada["sessions"], ada["superAdmin"], [token for token in state["tokens"] if token["name"] == "laptop"]) == (
        0,
        False,
        [],
    )


DISABLE = Scenario(
    "kestra_user",
    [
        Step(
            "nothing to lose",
            {"user": "ada.lovelace@example.com", "first_name": "Ada", "protect": ["ada*"]},
            changed=False,
        ),
        Step(
            "disable",
            {"user": ADA, "enabled": False},
            writes=[
                *[LOSE_METHOD] * 3,
                END_SESSIONS,
                REVOKE,
                UNBIND_OTHER,
                UNBIND,
                REPLACE,
            ],
            expect=_her(enabled=False, instance_owner=False, auth_methods=[], tenants=None),
        ),
        Step(
            "back again",
            {"user": ADA, "enabled": True, "groups": ["data"]},
            writes=[ENTER, SET_GROUPS],
            expect=_her(enabled=True),
        ),
        # Her token would be good for whatever she is given again.
        Step(
            "a token is a way in",
            {"user": BOB, "enabled": False},
            writes=[END_SESSIONS, REVOKE],
            expect=_her(enabled=False),
        ),
        Step(
            "many, of whom one has a token",
            {"users": [{"user": name, "enabled": False} for name in (BOB, CAT)]},
            module="kestra_users",
            writes=[END_SESSIONS, REVOKE],
        ),
    ],
    name="disable",
    prepare=_owned,
    after=_let_in_by_one_group,
    env={"KESTRA_API_TOKEN": "", "KESTRA_EXPECTED_ACCOUNT": "main"},
    options={"kestra": STRICT},
)

LAGGING = Scenario(
    "kestra_user",
    [Step("create while searches lag behind", {**NEW, "groups": ["data"]}, writes=[CREATE])],
    name="lagging",
    options={"kestra": {"version": "1.0", "consistency_searches": 2, "duplicate_status": 422, "unknown_status": 400}},
)


def _in_main(simulator: Simulator) -> None:
    _put(
        simulator,
        "users",
        {"email": ADA, "firstName": "Ada", "lastName": "Lovelace", "tenants": ["main"], "groups": ["data"]},
    )


def _one_group_left(state: dict[str, Any]) -> None:
    ada = _user(state, ADA)
    assert ([(group["tenant"], group["name"]) for group in ada["groups"]], ada["tenants"]) == (
        [("main", "Überprüfung")],
        ["acme-eu", "main"],
    )


GROUPS = Scenario(
    "kestra_user_groups",
    [
        Step(
            "present adds, and access comes first",
            {
                "user": "ada.lovelace@example.com",
                "groups": [
                    "2024",
                    "Finance",
                    {"tenant": "acme-eu", "name": "sales"},
                    {"tenant": "acme-eu", "name": "data"},
                ],
            },
            writes=[ENTER_OTHER, SET_OTHER_GROUPS, SET_GROUPS],
            expect=_her(groups=["acme-eu/data", "acme-eu/sales", "main/2024", "main/Finance", "main/data"]),
        ),
        Step(
            "absent",
            {"user": ADA, "groups": ["Finance", "finance", {"tenant": "acme-eu", "name": "sales"}], "state": "absent"},
            writes=[SET_OTHER_GROUPS, SET_GROUPS],
        ),
        Step("exact in one tenant", {"user": ADA, "groups": ["Überprüfung"], "state": "exact"}, writes=[SET_GROUPS]),
        Step(
            "exact and empty in another",
            {"user": ADA, "tenant": "acme-eu", "groups": [], "state": "exact"},
            writes=[("PUT", OTHER + "/users" + ID + "/groups", {"groupIds": []})],
        ),
    ],
    prepare=_in_main,
    after=_one_group_left,
    options={"kestra": {**STRICT, "version": "2.0"}},
)


def _roles_stay(state: dict[str, Any]) -> None:
    held = sorted(
        (row["tenant"], row["role"]["name"]) for row in state["bindings"] if row.get("user", {}).get("username") == ADA
    )
    assert held == [("acme-eu", "Viewer"), ("main", "Developer")]


LAST_GROUP = Scenario(
    "kestra_user_groups",
    [
        Step(
            "the last group of a tenant goes alone",
            {"user": ADA, "groups": ["data"], "tenant": "acme-eu", "state": "absent"},
            writes=[SET_OTHER_GROUPS, ENTER_OTHER, BIND_OTHER],
        ),
        Step("all groups of another", {"user": ADA, "groups": [], "state": "exact"}, writes=[SET_GROUPS, ENTER, BIND]),
    ],
    name="last group",
    prepare=_one,
    after=_roles_stay,
    options={"kestra": {**STRICT, "version": "1.3"}},
)


def _other_binding_kept(state: dict[str, Any]) -> None:
    held = sorted(
        (row["tenant"], row["role"]["name"]) for row in state["bindings"] if row.get("user", {}).get("username") == ADA
    )
    assert held == [("acme-eu", "Viewer"), ("main", "2024"), ("main", "Ops + EU / 50%")]


ROLES = Scenario(
    "kestra_user_roles",
    [
        Step(
            "present adds, also the same in another namespace",
            {
                "user": "ada.lovelace@example.com",
                "roles": [
                    "Viewer",
                    {"role": "Viewer", "namespace": "company"},
                    {"role": "Developer", "namespace": "company.team"},
                ],
            },
            writes=[BIND] * 3,
        ),
        Step(
            "absent in this very namespace",
            {"user": ADA, "roles": ["Developer", {"role": "Viewer", "namespace": "company"}], "state": "absent"},
            writes=[UNBIND],
        ),
        Step(
            "exact",
            {"user": ADA, "roles": ["2024", "Ops + EU / 50%"], "state": "exact"},
            writes=[BIND, BIND, *[UNBIND] * 3],
        ),
    ],
    prepare=_one,
    after=_other_binding_kept,
    options={"kestra": {**STRICT, "unique_bindings": True}},
)

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
    prepare=_one,
)


def _expired_token(simulator: Simulator) -> None:
    backup = next(
        account["id"] for account in simulator.state(PROVIDER)["service_accounts"] if account["name"] == "backup"
    )
    _put(
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
    _one(simulator)
    old = {"owner": ADA, "age": 40 * DAY}
    _put(
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


def _people(simulator: Simulator) -> None:
    _one(simulator)
    _put(
        simulator,
        "users",
        *(
            {"email": f"user{number:03d}@example.com", "tenants": ["acme-eu"] if number < 10 else []}
            for number in range(20)
        ),
    )


def _count(outcome: Any, number: int) -> None:
    assert len(outcome.result["users"]) == number


def _ada(outcome: Any) -> None:
    (ada,) = outcome.result["users"]
    assert ada["tenants"] == ["acme-eu", "main"]
    assert ada["groups"] == [
        {"tenant": "acme-eu", "name": "data"},
        {"tenant": "main", "name": "2024"},
        {"tenant": "main", "name": "data"},
    ]
    assert ada["roles"] == [
        {"tenant": "acme-eu", "role": "Viewer", "namespace": None},
        {"tenant": "main", "role": "Developer", "namespace": "company.data"},
    ]  # fmt: skip
    assert (ada["enabled"], ada["privileged"], ada["mfa"], ada["last_name"], ada["restricted"]) == (
        True, False, None, "Lovelace", False,
    )
    assert sorted(method["type"] for method in ada["auth_methods"]) == ["BASIC_AUTH", "OIDC", "OIDC"]
    assert [token["name"] for token in ada["tokens"]] == ["laptop"]
    assert re.fullmatch(r"[0-9A-Za-z]{22}", ada["id"])


INFO = Scenario(
    "kestra_user_info",
    [
        Step(
            "one",
            {"user": ADA.upper(), "gather": ["profile", "tenants", "groups", "roles", "tokens"]},
            kind="gather",
            changed=False,
            expect=_ada,
        ),
        Step(
            "searched",
            {"filters": {"search": "user00"}},
            kind="gather",
            changed=False,
            expect=lambda outcome: _count(outcome, 10),
        ),
        Step("nobody", {"filters": {"search": "nobody-at-all"}}, kind="gather", changed=False, result={"users": []}),
        Step(
            "of a tenant",
            {"filters": {"tenant": "acme-eu"}},
            kind="gather",
            changed=False,
            expect=lambda outcome: _count(outcome, 11),
        ),
        Step(
            "searched in a tenant",
            {"filters": {"tenant": "acme-eu", "search": "user"}},
            kind="gather",
            changed=False,
            expect=lambda outcome: _count(outcome, 10),
        ),
    ],
    prepare=_people,
    options={"kestra": {"version": "2.0"}},
)


def _grantable(outcome: Any) -> None:
    (group,), (role,) = outcome.result["groups"], outcome.result["roles"]
    assert (group["tenant"], ADA in [member["user"] for member in group["members"]]) == ("main", True)
    assert (role["name"], role["members"]) == ("2024", [])


ROLE_INFO = Scenario(
    "kestra_role_info",
    [
        Step("all", {}, kind="gather", changed=False),
        Step(
            "members",
            {"name": "2024", "kinds": ["groups", "roles"], "members": True},
            kind="gather",
            changed=False,
            expect=_grantable,
        ),
        Step("who has access", {"kinds": ["tenants"], "members": True}, kind="gather", changed=False),
    ],
    prepare=_one,
)

USERS_LIFE = Scenario(
    "kestra_users",
    [
        Step(
            "create three",
            {
                "users": [
                    {**NEW, "groups": ["2024"]},
                    {"user": "linus@example.com", "password": PASSWORD, "instance_owner": True},
                    {"user": "ken@example.com", "roles": ["Viewer"]},
                ]
            },
            writes=[CREATE, CREATE, CREATE, ENTER, BIND],
        ),
        Step(
            "one changes, one is renamed, one goes",
            {
                "users": [
                    {**HER, "last_name": "", "groups": [], "groups_state": "exact"},
                    {"user": "torvalds@example.com", "previous_users": ["linus@example.com"]},
                    {"user": "ken@example.com", "state": "absent"},
                ]
            },
            writes=[
                ("PATCH", USER, {"lastName": ""}),
                REPLACE,
                ("PATCH", USER, {"email": "torvalds@example.com"}),
                UNBIND,
                DELETE,
            ],
        ),
        Step(
            "whoever is not listed",
            {
                "users": [{**HER}, {"user": "sim-admin@example.com"}, {"user": "sim-nobody@example.com"}],
                "unlisted": "disable",
                "protect": ["sim-manager*"],
            },
            writes=[LOSE_METHOD, END_SESSIONS, REPLACE],
            result={"spared": ["sim-manager@example.com"]},
        ),
    ],
    secrets=(PASSWORD,),
    defaults={"max_concurrency": 1, "min_admins": 1},
    options={"kestra": STRICT},
)

SCENARIOS = [
    _user_life("1.0"),
    _user_life("2.0"),
    DISABLE,
    LAGGING,
    GROUPS,
    LAST_GROUP,
    ROLES,
    LOGINS,
    SERVICE_ACCOUNTS,
    TOKENS,
    INFO,
    ROLE_INFO,
    USERS_LIFE,
]
