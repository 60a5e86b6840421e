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
from scenarios import Scenario, Step

from simulator.harness import Simulator

PROVIDER = "kestra"
PASSWORD = "Canary-Pa55-%+word"
ADA = "Ada.Lovelace@Example.com"
ID = "/[0-9A-Za-z]{22}"
USERS = "/api/v1/users"
USER = USERS + ID
MAIN, OTHER = "/api/v1/main", "/api/v1/acme-eu"
ACCOUNTS = "/api/v1/service-accounts"
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
        {"tenant": "main", "user": ADA, "role": "Developer", "namespace": "company.data"}, {"tenant": "acme-eu", "user": ADA, "role": "Viewer"},
    )  # fmt: skip
    _put(simulator, "tokens", {"owner": ADA, "name": "laptop", "value": "canary-token-of-ada"})


def _owners(simulator: Simulator) -> None:
    """A second owner of the instance, so that one more can be demoted."""
    _put(simulator, "users", {"email": "sim-owner@example.com", "superAdmin": True})


def _owned(simulator: Simulator) -> None:
    _one(simulator)
    _owners(simulator)
    _put(simulator, "users", {"email": ADA, "superAdmin": True})


def _emails(state: dict[str, Any]) -> list[str]:
    return [user["email"] for user in state["users"]]


def _gone(state: dict[str, Any]) -> None:
    assert [email for email in _emails(state) if not email.startswith("sim-")] == []
    assert {row["user"]["id"] for row in state["bindings"] if row.get("user")} <= {user["id"] for user in state["users"]}


def _groups(outcome: Any, *expected: tuple[str, str]) -> None:
    assert [(group["tenant"], group["name"]) for group in outcome.result["user"]["groups"]] == list(expected)


NEW = {"user": "grace+ops/50%..é@example.com", "first_name": "Grace", "last_name": "Höpper 霍珀"}
HER = {"user": NEW["user"]}
QUEEN = {"user": "grace@example.com"}


def _user_life(version: str) -> Scenario:
    """One user from the first day to the last; the requests are the same for servers of all versions."""
    return Scenario(
        "kestra_user",
        [
            Step("create", {
                **NEW, "password": PASSWORD, "restricted": True, "groups": ["data", "2024", {"tenant": "acme-eu", "name": "2024"}],
                "roles": ["2024", {"role": "Developer", "namespace": "company.data"}],
            }, writes=[("POST", USERS, None), ("POST", MAIN + "/bindings", None), ("POST", MAIN + "/bindings", None)],
                expect=lambda outcome: _groups(outcome, ("acme-eu", "2024"), ("main", "2024"), ("main", "data"))),
            Step("unchanged in another case", {
                **NEW, "user": NEW["user"].upper(), "password": PASSWORD, "groups": [{"name": "2024", "tenant": "main"}], "roles": [{"role": "2024"}],
            }, changed=False),
            Step("change one field", {**HER, "last_name": "Murray"}, writes=[("PATCH", USER, {"lastName": "Murray"})]),
            Step("clear a field", {**HER, "first_name": ""}, writes=[("PATCH", USER, {"firstName": ""})]),
            Step("promote and release", {**HER, "instance_owner": True, "restricted": False}, writes=[
                ("PATCH", USER + "/superadmin", {"superAdmin": True}), ("PATCH", USER + "/restricted", {"restricted": False}),
            ], expect=lambda outcome: _privileged(outcome, True)),
            Step("demote", {**HER, "instance_owner": False}, writes=[("PATCH", USER + "/superadmin", {"superAdmin": False})]),
            Step("rename", {**QUEEN, "previous_users": ["nobody@example.com", NEW["user"]]}, writes=[("PATCH", USER, {"email": QUEEN["user"]})]),
            Step("managed groups", {
                **QUEEN, "groups": ["R&D + Ops / 50%"], "groups_state": "managed", "managed_groups": ["R&D + Ops / 50%", {"tenant": "main", "name": "2024"}],
            }, writes=[("PUT", MAIN + "/users" + ID + "/groups", None)],
                result={"unmanaged": {"groups": [{"tenant": "acme-eu", "name": "2024"}, {"tenant": "main", "name": "data"}]}}),
            Step("exact in one go", {
                **QUEEN, "tenants": ["main"], "tenants_state": "exact", "groups": ["data", "研究"], "groups_state": "exact",
            }, writes=[("PUT", USER, None)], expect=lambda outcome: _groups(outcome, ("main", "data"), ("main", "研究"))),
            Step("another tenant", {**QUEEN, "tenants": ["acme-eu"]}, writes=[("PUT", OTHER + "/tenant-access" + ID, None)]),
            Step("exact roles", {**QUEEN, "roles": [{"role": "2024", "tenant": "acme-eu"}], "roles_state": "exact"}, writes=[
                ("POST", OTHER + "/bindings", None), ("DELETE", MAIN + "/bindings" + ID, None), ("DELETE", MAIN + "/bindings" + ID, None),
            ]),
            Step("password always", {**QUEEN, "password": PASSWORD, "update_password": "always"}, kind="perform", writes=[
                ("PATCH", USER + "/password", None),
            ]),
            Step("disable", {**QUEEN, "enabled": False}, writes=[
                ("DELETE", USER + "/refresh-token", None), ("DELETE", OTHER + "/bindings" + ID, None), ("PUT", USER, None),
                ("DELETE", USER + "/auths" + ID, None),
            ]),
            Step("back again", {**QUEEN, "enabled": True, "groups": ["data"]}, writes=[
                ("PUT", MAIN + "/tenant-access" + ID, None), ("PUT", MAIN + "/users" + ID + "/groups", None),
            ]),
            Step("absent", {"user": "GRACE@example.com", "state": "absent"}, writes=[("DELETE", USER, None)]),
            Step("absent again", {**QUEEN, "state": "absent"}, changed=False),
        ],
        name=f"life {version}",
        prepare=_owners,
        after=_gone,
        secrets=(PASSWORD,),
        options={"kestra": {**STRICT, "version": version, "bound_users_linger": True}},
    )


def _privileged(outcome: Any, expected: bool) -> None:
    assert outcome.result["user"]["privileged"] is expected


def _nothing_left(state: dict[str, Any]) -> None:
    ada = next(user for user in state["users"] if user["email"] == ADA)
    assert (ada["tenants"], ada["groups"], ada["bindings"], ada["auths"], ada["sessions"], ada["superAdmin"]) == ([], [], [], [], 0, False)
    assert [token for token in state["tokens"] if token["name"] == "laptop"] == []


DISABLE = Scenario(
    "kestra_user",
    [
        Step("protected", {"user": ADA, "last_name": "Lovelace", "protect": ["ada*"]}, changed=False),
        Step("disable", {"user": ADA, "enabled": False}, writes=[
            ("DELETE", USER + "/api-tokens" + ID, None), ("DELETE", USER + "/refresh-token", None), ("DELETE", OTHER + "/bindings" + ID, None),
            ("DELETE", MAIN + "/bindings" + ID, None), ("PUT", USER, None), *[("DELETE", USER + "/auths" + ID, None)] * 3,
        ], expect=lambda outcome: _enabled(outcome, False)),
    ],
    name="disable",
    prepare=_owned,
    after=_nothing_left,
    options={"kestra": {**STRICT, "version": "2.0", "put_wipes_tenants": True}},
)


def _enabled(outcome: Any, expected: bool) -> None:
    assert outcome.result["user"]["enabled"] is expected
    assert outcome.result["diff"][0]["after"] == {"enabled": expected}


LAGGING = Scenario(
    "kestra_user",
    [
        Step("create while searches lag behind", {**NEW, "groups": ["data"]}, writes=[("POST", USERS, None)]),
    ],
    name="lagging",
    options={"kestra": {"version": "1.0", "consistency_searches": 2, "duplicate_status": 422, "unknown_status": 400}},
)

BASIC = Scenario(
    "kestra_user",
    [
        Step("found with a password for the way in", {"user": "ada.lovelace@example.com", "first_name": "Ada"}, changed=False),
        Step("and written", {"user": "ada.lovelace@example.com", "first_name": "Augusta"}, writes=[("PATCH", USER, {"firstName": "Augusta"})]),
    ],
    name="basic",
    prepare=_one,
    env={"KESTRA_API_TOKEN": "", "KESTRA_EXPECTED_ACCOUNT": "main"},
)

HER_GROUPS = MAIN + "/users" + ID + "/groups"


def _other_tenant_kept(state: dict[str, Any]) -> None:
    ada = next(user for user in state["users"] if user["email"] == ADA)
    names = {group["id"]: (group["tenant"], group["name"]) for group in state["groups"]}
    held = {names[group if isinstance(group, str) else group["id"]] for group in ada["groups"]}
    assert held == {("acme-eu", "data")}


GROUPS_LIFE = Scenario(
    "kestra_user_groups",
    [
        Step("present adds", {"user": "ada.lovelace@example.com", "groups": ["2024", "Finance", {"tenant": "acme-eu", "name": "sales"}]}, writes=[
            ("PUT", OTHER + "/users" + ID + "/groups", None), ("PUT", HER_GROUPS, None),
        ], expect=lambda outcome: _groups(outcome, ("acme-eu", "data"), ("acme-eu", "sales"), ("main", "2024"), ("main", "Finance"), ("main", "data"))),
        Step("order does not matter", {"user": ADA, "groups": ["data", "Finance", {"name": "2024"}]}, changed=False),
        Step("absent", {"user": ADA, "groups": ["Finance", "finance", {"tenant": "acme-eu", "name": "sales"}], "state": "absent"}, writes=[
            ("PUT", OTHER + "/users" + ID + "/groups", None), ("PUT", HER_GROUPS, None),
        ]),
        Step("absent again", {"user": ADA, "groups": ["Finance"], "state": "absent"}, changed=False),
        Step("exact in one tenant", {"user": ADA, "groups": ["Überprüfung"], "state": "exact"}, writes=[("PUT", HER_GROUPS, None)]),
        Step("exact and empty", {"user": ADA, "groups": [], "state": "exact"}, writes=[("PUT", HER_GROUPS, {"groupIds": []})]),
    ],
    prepare=_one,
    after=_other_tenant_kept,
    options={"kestra": STRICT},
)


def _nobody_in_other_tenant(simulator: Simulator) -> None:
    _put(simulator, "users", {"email": ADA, "firstName": "Ada", "lastName": "Lovelace", "tenants": ["main"]})


NEW_TENANT = Scenario(
    "kestra_user_groups",
    [
        Step("access comes first", {"user": ADA, "groups": [{"tenant": "acme-eu", "name": "2024"}]}, writes=[
            ("PUT", OTHER + "/tenant-access" + ID, None), ("PUT", OTHER + "/users" + ID + "/groups", None),
        ]),
        Step("the connection's tenant is another one", {"user": ADA, "tenant": "acme-eu", "groups": [], "state": "exact"}, writes=[
            ("PUT", OTHER + "/users" + ID + "/groups", {"groupIds": []}),
        ]),
    ],
    name="new tenant",
    prepare=_nobody_in_other_tenant,
    options={"kestra": {**STRICT, "version": "2.0"}},
)

BINDINGS = MAIN + "/bindings"
ROLES_LIFE = Scenario(
    "kestra_user_roles",
    [
        Step("present adds", {"user": "ada.lovelace@example.com", "roles": ["Viewer", {"role": "Developer", "namespace": "company.team"}]}, writes=[
            ("POST", BINDINGS, None), ("POST", BINDINGS, None),
        ]),
        Step("another namespace is another binding", {"user": ADA, "roles": [{"role": "Viewer", "namespace": "company"}]}, writes=[("POST", BINDINGS, None)]),
        Step("absent in this very namespace", {"user": ADA, "roles": ["Developer", {"role": "Viewer", "namespace": "company"}], "state": "absent"}, writes=[
            ("DELETE", BINDINGS + ID, None),
        ]),
        Step("absent again", {"user": ADA, "roles": ["Developer"], "state": "absent"}, changed=False),
        Step("exact", {"user": ADA, "roles": ["2024", "Ops + EU / 50%"], "state": "exact"}, writes=[
            ("POST", BINDINGS, None), ("POST", BINDINGS, None), *[("DELETE", BINDINGS + ID, None)] * 3,
        ]),
        Step("exact and empty", {"user": ADA, "roles": [], "state": "exact"}, writes=[("DELETE", BINDINGS + ID, None)] * 2),
    ],
    prepare=_one,
    after=lambda state: None if len([row for row in state["bindings"] if row["tenant"] == "acme-eu"]) == 1 else _fail("the other tenant's binding is gone"),
    options={"kestra": {**STRICT, "unique_bindings": True}},
)


def _fail(text: str) -> None:
    raise AssertionError(text)


AUTH_METHODS = Scenario(
    "kestra_user_auth_method",
    [
        Step("one by type", {"user": "ada.lovelace@example.com", "auth_methods": ["basic_auth"]}, writes=[("DELETE", USER + "/auths" + ID, None)]),
        Step("gone already", {"user": ADA, "auth_methods": ["BASIC_AUTH", "nothing"]}, changed=False),
        Step("one by name", {"user": ADA, "auth_methods": ["okta"]}, writes=[("DELETE", USER + "/auths" + ID, None)]),
        Step("all", {"user": ADA, "all": True}, writes=[("DELETE", USER + "/auths" + ID, None)]),
    ],
    prepare=_one,
    options={"kestra": {"unknown_auth_status": 500}},
)

SESSION = Scenario(
    "kestra_user_session",
    [Step("end", {"user": ADA}, kind="perform", writes=[("DELETE", USER + "/refresh-token", None)])],
    prepare=_one,
)

IMPERSONATION = Scenario(
    "kestra_user_impersonation",
    [
        Step("a session", {"user": ADA}, kind="perform", writes=[("POST", USER + "/impersonate", None)], registered=False, settles=False),
        Step("into a file", {"user": ADA, "dest": str(SECRETS / "session.token")}, kind="perform", settles=False, writes=[
            ("POST", USER + "/impersonate", None),
        ]),
    ],
    prepare=_one,
)

CURRENT_PASSWORD = Scenario(
    "kestra_current_user_password",
    [
        Step("mine", {"old_password": "{{ lookup('env', 'KESTRA_API_PASSWORD') }}", "new_password": "{{ lookup('env', 'KESTRA_API_PASSWORD') }}"},
             kind="perform", writes=[("PUT", "/api/v1/me/password", None)]),
    ],
)

DEPLOY = {"name": "rollcall-deploy"}
ACCOUNT_LIFE = Scenario(
    "kestra_service_account",
    [
        Step("create", {**DEPLOY, "description": "Deploys", "tenants": ["main"], "roles": [{"role": "Developer", "namespace": "company.data"}]}, writes=[
            ("POST", ACCOUNTS, {"name": "rollcall-deploy", "description": "Deploys", "tenants": ["main"]}), ("POST", BINDINGS, None),
        ]),
        Step("unchanged", {**DEPLOY, "description": "Deploys", "tenants": ["main"]}, changed=False),
        Step("change one field", {**DEPLOY, "description": "Deploys flows"}, writes=[
            ("PATCH", ACCOUNTS + ID, {"name": "rollcall-deploy", "description": "Deploys flows"}),
        ]),
        Step("clear a field", {**DEPLOY, "description": ""}, writes=[("PATCH", ACCOUNTS + ID, {"name": "rollcall-deploy", "description": ""})]),
        Step("promote", {**DEPLOY, "instance_owner": True}, writes=[("PATCH", ACCOUNTS + ID + "/superadmin", {"superAdmin": True})]),
        Step("exact tenants", {**DEPLOY, "tenants": ["acme-eu"], "tenants_state": "exact"}, writes=[
            ("PUT", OTHER + "/tenant-access" + ID, None), ("DELETE", MAIN + "/tenant-access" + ID, None),
        ]),
        Step("absent", {**DEPLOY, "state": "absent"}, writes=[("DELETE", ACCOUNTS + ID, None)]),
        Step("absent again", {**DEPLOY, "state": "absent"}, changed=False),
    ],
    options={"kestra": STRICT},
)

TENANT_ACCOUNT = {"name": "reports", "scope": "tenant", "tenant": "acme-eu"}
TENANT_ACCOUNT_LIFE = Scenario(
    "kestra_service_account",
    [
        Step("create", {**TENANT_ACCOUNT, "description": "Reports"}, writes=[
            ("POST", OTHER + "/service-accounts", {"name": "reports", "description": "Reports"}),
        ]),
        Step("change", {**TENANT_ACCOUNT, "description": "More reports"}, writes=[("PUT", OTHER + "/service-accounts" + ID, None)]),
        Step("a role", {**TENANT_ACCOUNT, "roles": ["Viewer"]}, writes=[("POST", OTHER + "/bindings", None)]),
        Step("absent", {**TENANT_ACCOUNT, "state": "absent"}, writes=[
            ("DELETE", OTHER + "/bindings" + ID, None), ("DELETE", OTHER + "/service-accounts" + ID, None),
        ]),
    ],
    name="of a tenant",
    options={"kestra": {**STRICT, "version": "2.0"}},
)


def _token_steps(owner: dict[str, Any], path: str) -> list[Step]:
    """The life of a family. What makes a token shows nothing, so the requests and the state at the end tell."""
    token = {**owner, "name": "ci"}
    return [
        Step("make", {**token, "max_age": "30d", "description": "for the pipeline", "extended": True}, registered=False, writes=[
            ("POST", path, {"name": "ci", "description": "for the pipeline", "maxAge": "P30D", "extended": True}),
        ]),
        Step("it will last", {**token, "rotate": "expired", "min_remaining": "7d"}, changed=False, registered=False),
        Step("replace", {**token, "rotate": "expired", "min_remaining": "40d", "max_age": "P60D", "overlap": "1d"}, registered=False, writes=[
            ("POST", path, {"name": "ci", "maxAge": "P60D"}),
        ]),
        Step("another name", {**owner, "name": "other", "state": "absent"}, changed=False),
        Step("absent", {**token, "state": "absent"}, writes=[("DELETE", path + ID, None)] * 2, expect=_revoked),
        Step("absent again", {**token, "state": "absent"}, changed=False),
    ]


def _revoked(outcome: Any) -> None:
    assert len(outcome.result["revoked"]) == 2
    assert outcome.result["made"] is False


def _known_tokens(simulator: Simulator) -> None:
    _one(simulator)
    backup = next(account["id"] for account in simulator.state(PROVIDER)["service_accounts"] if account["name"] == "backup")
    _put(simulator, "tokens", {"owner": backup, "name": "nightly", "value": "canary-token-of-backup", "maxAge": "P1D", "age": 90000})


def _token(name: str, expired: bool) -> Any:
    def check(outcome: Any) -> None:
        (token,) = outcome.result["tokens"]
        assert (token["name"], token["prefix"], token["expired"], token["own"]) == (name, "canary-t", expired, False)

    return check


TOKEN_INFO = Scenario(
    "kestra_api_token_info",
    [
        Step("of a user", {"user": "ada.lovelace@example.com"}, kind="gather", changed=False, expect=_token("laptop", False)),
        Step("of a service account", {"service_account": "backup", "name": "nightly"}, kind="gather", changed=False, expect=_token("nightly", True)),
        Step("of no such name", {"user": ADA, "name": "nothing"}, kind="gather", changed=False, result={"tokens": []}),
    ],
    prepare=_known_tokens,
    secrets=("canary-token-of-ada", "canary-token-of-backup"),
)


TOKENS = [
    Scenario("kestra_api_token", _token_steps({"user": "ada.lovelace@example.com"}, USER + "/api-tokens"), "of a user", prepare=_one,
             options={"kestra": {**STRICT, "version": "1.0"}}),
    Scenario("kestra_api_token", _token_steps({"service_account": "backup"}, ACCOUNTS + ID + "/api-tokens"), "of a service account",
             options={"kestra": STRICT}),
    Scenario("kestra_api_token", _token_steps({"service_account": "ci-deploy", "scope": "tenant"}, MAIN + "/service-accounts" + ID + "/api-tokens"),
             "of a tenant's service account", options={"kestra": {**STRICT, "version": "2.0"}}),
]  # fmt: skip


def _people(simulator: Simulator) -> None:
    _one(simulator)
    _put(simulator, "users", *({"email": f"user{number:03d}@example.com", "tenants": ["acme-eu"] if number < 10 else []} for number in range(120)))


def _count(outcome: Any, number: int) -> None:
    assert len(outcome.result["users"]) == number


def _ada(outcome: Any) -> None:
    (ada,) = outcome.result["users"]
    assert ada["tenants"] == ["acme-eu", "main"]
    assert ada["groups"] == [{"tenant": "acme-eu", "name": "data"}, {"tenant": "main", "name": "2024"}, {"tenant": "main", "name": "data"}]
    assert ada["roles"] == [
        {"tenant": "acme-eu", "role": "Viewer", "namespace": None}, {"tenant": "main", "role": "Developer", "namespace": "company.data"},
    ]  # fmt: skip
    assert (ada["enabled"], ada["privileged"], ada["mfa"], ada["last_name"], ada["restricted"]) == (True, False, "unknown", "Lovelace", False)
    assert sorted(method["type"] for method in ada["auth_methods"]) == ["BASIC_AUTH", "OIDC", "OIDC"]
    assert [token["name"] for token in ada["tokens"]] == ["laptop"]
    assert re.fullmatch(r"[0-9A-Za-z]{22}", ada["id"])


INFO = Scenario(
    "kestra_user_info",
    [
        Step("everyone", {}, kind="gather", changed=False, expect=lambda outcome: _count(outcome, 124)),
        Step("one", {"user": ADA.upper(), "gather": ["profile", "tenants", "groups", "roles", "tokens"]}, kind="gather", changed=False, expect=_ada),
        Step("searched", {"filters": {"search": "user00"}}, kind="gather", changed=False, expect=lambda outcome: _count(outcome, 10)),
        Step("of a tenant", {"filters": {"tenant": "acme-eu"}}, kind="gather", changed=False, expect=lambda outcome: _count(outcome, 11)),
        Step("searched in a tenant", {"filters": {"tenant": "acme-eu", "search": "user"}}, kind="gather", changed=False,
             expect=lambda outcome: _count(outcome, 10)),
        Step("nobody", {"filters": {"search": "nobody-at-all"}}, kind="gather", changed=False, result={"users": []}),
    ],
    prepare=_people,
    options={"kestra": {"version": "2.0"}},
)

USERS_LIFE = Scenario(
    "kestra_users",
    [
        Step("create three", {"users": [
            {**NEW, "groups": ["2024"]},
            {"user": "linus@example.com", "password": PASSWORD, "instance_owner": True},
            {"user": "ken@example.com", "roles": ["Viewer"]},
        ]}, writes=[
            ("POST", USERS, None), ("POST", USERS, None), ("POST", USERS, None), ("PUT", MAIN + "/tenant-access" + ID, None), ("POST", BINDINGS, None),
        ]),
        Step("one changes, one is renamed, one goes", {"users": [
            {**HER, "last_name": "", "groups": [], "groups_state": "exact"},
            {"user": "torvalds@example.com", "previous_users": ["linus@example.com"]},
            {"user": "ken@example.com", "state": "absent"},
        ]}, writes=[
            ("PATCH", USER, {"lastName": ""}), ("PUT", USER, None), ("PATCH", USER, {"email": "torvalds@example.com"}),
            ("DELETE", BINDINGS + ID, None), ("DELETE", USER, None),
        ]),
        Step("whoever is not listed", {
            "users": [{**HER}, {"user": "sim-admin@example.com"}, {"user": "sim-nobody@example.com"}], "unlisted": "disable", "protect": ["sim-manager*"],
        }, writes=[
            ("DELETE", USER + "/refresh-token", None), ("PUT", USER, None), ("DELETE", USER + "/auths" + ID, None),
        ], result={"spared": ["sim-manager@example.com"]}),
    ],
    secrets=(PASSWORD,),
    defaults={"max_concurrency": 1, "min_admins": 1},
    options={"kestra": {**STRICT, "version": "2.0"}},
)

SCENARIOS = [
    *map(_user_life, ("1.0", "1.3", "2.0")), DISABLE, LAGGING, BASIC, GROUPS_LIFE, NEW_TENANT, ROLES_LIFE, AUTH_METHODS, SESSION, IMPERSONATION,
    CURRENT_PASSWORD, ACCOUNT_LIFE, TENANT_ACCOUNT_LIFE, *TOKENS, TOKEN_INFO, INFO, USERS_LIFE,
]  # fmt: skip
