# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contabo's case: the life of each module, with the requests that must be sent."""

from __future__ import annotations

import re
from typing import Any

from conformance import CANARY, Conformance
from scenarios import Scenario, Step

from simulator.harness import Simulator

PROVIDER = "contabo"
USER = r"/v1/users/[0-9a-f-]{36}"
ADA = "Ada.Lovelace@Example.com"
_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

CONFORMANCE = Conformance(
    "contabo",
    new=lambda number: {"user": f"new+{number}/50%..é@example.com", "first_name": "New", "last_name": f"N{number}"},
    change={"last_name": "Registry"},
    list="retrieve_user_list",
    create="create_user",
    update="update_user",
    facets=("roles",),
    needs_protect=False,
    refused={"client_secret": CANARY},
    unreachable={"auth_url": "http://127.0.0.1:1"},
)


def _one(simulator: Simulator, **more: Any) -> None:
    """One user, who is spelled with capitals in the directory."""
    simulator.options(contabo={"lower_case_emails": False})
    simulator.put_users(
        [{"email": ADA, "firstName": "Ada", "lastName": "Lovelace", "roles": ["Snowflake", "2024"], **more}],
        provider="contabo",
    )


def _emails(state: dict[str, Any]) -> list[str]:
    return [user["email"] for user in state["users"]]


def _dorothy(state: dict[str, Any]) -> None:
    assert _emails(state) == ["owner@example.com", "svc-awx@example.com", "Dorothy@Example.com"]
    assert [row["action"] for row in state["audits"] if row["traceId"] == "job 1"] == ["UPDATED", "UPDATED"]


def _request(outcome: Any) -> None:
    assert _UUID4.fullmatch(outcome.result["request_id"])


def _privileged(expected: bool) -> Any:
    def check(outcome: Any) -> None:
        _request(outcome)
        assert outcome.result["user"]["privileged"] is expected

    return check


NEW = {"user": "grace+ops/50%..é@example.com", "first_name": "Grace", "last_name": "Höpper 霍珀", "locale": "de"}
KEY = {"user": NEW["user"]}

# The conformance scenario has the usual answers, this one has the others that are possible.
USER_LIFE = Scenario(
    "contabo_user",
    [
        Step(
            "create",
            {**NEW, "totp": True, "roles": ["2024", "R&D + Ops / 50%"]},
            writes=[
                (
                    "POST",
                    "/v1/users",
                    {
                        "email": NEW["user"],
                        "firstName": "Grace",
                        "lastName": "Höpper 霍珀",
                        "enabled": True,
                        "totp": True,
                        "locale": "de",
                        "roles": [5009, 5011],
                    },
                ),
            ],
            expect=_privileged(False),
        ),
        Step(
            "disable",
            {**NEW, "user": NEW["user"].upper(), "enabled": False, "totp": False, "roles": ["2024"]},
            writes=[
                ("PATCH", USER, {"enabled": False, "totp": False}),
            ],
        ),
        Step(
            "enable and make an administrator",
            {**KEY, "enabled": True, "roles": ["Administrator"]},
            writes=[
                ("PATCH", USER, {"enabled": True, "roles": [5001, 5009, 5011]}),
            ],
            expect=_privileged(True),
        ),
        Step(
            "managed roles",
            {**KEY, "roles": ["2025"], "roles_state": "managed", "managed_roles": ["2024", "2025", {"id": 5001}]},
            writes=[
                ("PATCH", USER, {"roles": [5010, 5011]}),
            ],
            result={"unmanaged": {"roles": ["R&D + Ops / 50%"]}},
            expect=_privileged(False),
        ),
        Step(
            "rename and take all roles",
            {
                "user": "Grace@Example.com",
                "previous_users": ["nobody@example.com", NEW["user"].upper()],
                "roles": [],
                "roles_state": "exact",
                "trace_id": "job 1",
            },
            writes=[("PATCH", USER, {"email": "Grace@Example.com"}), ("PATCH", USER, {"roles": []})],
        ),
        Step("absent", {"user": "GRACE@example.com", "state": "absent"}, writes=[("DELETE", USER, None)]),
        Step(
            "somebody without names",
            {"user": "Dorothy@Example.com", "last_name": ""},
            writes=[
                ("POST", "/v1/users", {"email": "Dorothy@Example.com", "enabled": True, "totp": False, "locale": "en"}),
            ],
        ),
    ],
    after=_dorothy,
    options={
        "contabo": {
            "lower_case_emails": False, "empty_names": "absent", "empty_list": "200", "refresh": False,
            "email_change": "kept", "message_form": "text", "max_size": 10, "size_over": "refused",
        }
    },
)

ROLES_LIFE = Scenario(
    "contabo_user_roles",
    [
        Step(
            "present adds",
            {"user": ADA.lower(), "roles": [2025, "finance", "2024"]},
            writes=[("PATCH", USER, {"roles": [5004, 5009, 5010, 5015]})],
        ),
        Step(
            "absent",
            {"user": ADA.upper(), "roles": ["2025", "vault-admin"], "state": "absent"},
            writes=[("PATCH", USER, {"roles": [5004, 5009, 5015]})],
        ),
        Step(
            "exact",
            {"user": ADA, "roles": ["Überprüfung", {"id": 5018}, ".."], "state": "exact"},
            writes=[("PATCH", USER, {"roles": [5012, 5016, 5018]})],
        ),
    ],
    prepare=_one,
)


def _two(simulator: Simulator) -> None:
    """One user who has done everything, and one who has done nothing yet."""
    _one(simulator, emailVerified=True, password_set=True)
    simulator.put_users(
        [{"email": "alan@example.com", "emailVerified": False, "password_set": False}], provider="contabo"
    )


def _mailed(state: dict[str, Any]) -> None:
    assert [(mail["kind"], mail["redirect"]) for mail in state["sent"]] == [("verification", None)] * 2 + [
        ("password_reset", REDIRECT)
    ] * 2


REDIRECT = "https://example.com/a?b=c&d=%2F"
VERIFY, RESET = ("POST", USER + "/resend-email-verification", None), ("POST", USER + "/reset-password", None)
MAIL = Scenario(
    "contabo_user_mail",
    [
        Step(
            "verification",
            {"user": "alan@example.com", "type": "verification", "only_if_needed": True},
            kind="perform",
            writes=[VERIFY],
            expect=_request,
        ),
        Step(
            "password",
            {"user": ADA, "type": "password_reset", "redirect_url": REDIRECT},
            kind="perform",
            writes=[RESET],
        ),
        Step(
            "password not needed",
            {"user": ADA, "type": "password_reset", "only_if_needed": True},
            kind="perform",
            changed=False,
        ),
    ],
    prepare=_two,
    after=_mailed,
)


def _people(simulator: Simulator) -> None:
    _two(simulator)
    simulator.put_users(
        [
            {"email": f"user{number:03d}@example.com", "firstName": "U", "lastName": str(number)}
            for number in range(120)
        ],
        provider="contabo",
    )


def _count(number: int) -> Any:
    def check(outcome: Any) -> None:
        _request(outcome)
        assert len(outcome.result["users"]) == number

    return check


def _ada(outcome: Any) -> None:
    (ada,) = outcome.result["users"]
    assert ada["roles"] == ["2024", "Snowflake"]
    assert (ada["roles_state"], ada["password_set"]) == ("exact", True)
    assert (ada["enabled"], ada["privileged"], ada["mfa"], ada["last_login"]) == (True, False, False, None)
    assert (ada["tenant_id"], ada["customer_id"], ada["email_verified"], ada["owner"]) == (
        "INT", "12345678", True, False,
    )


def _owner(outcome: Any) -> None:
    _request(outcome)
    (owner,) = outcome.result["users"]
    assert (owner["user"], owner["owner"], owner["privileged"]) == ("owner@example.com", True, True)
    assert "roles" not in owner


INFO = Scenario(
    "contabo_user_info",
    [
        Step("everyone", {}, kind="gather", changed=False, expect=_count(124)),
        Step(
            "one", {"user": ADA.upper(), "gather": ["roles", "password_set"]}, kind="gather", changed=False, expect=_ada
        ),
        Step(
            "filtered",
            {"filters": {"email": "@EXAMPLE", "enabled": True, "owner": True}},
            kind="gather",
            changed=False,
            expect=_owner,
        ),
    ],
    prepare=_people,
    defaults={"expected_account": "12345678"},
)


def _left(state: dict[str, Any]) -> None:
    assert _emails(state)[2:] == [NEW["user"]]


USERS_LIFE = Scenario(
    "contabo_users",
    [
        Step(
            "create three",
            {
                "users": [
                    {**NEW, "roles": ["2024"]},
                    {"user": "linus@example.com", "first_name": "Linus", "roles": ["Administrator"]},
                    {"user": "ken@example.com", "enabled": False},
                ]
            },
            writes=[
                (
                    "POST",
                    "/v1/users",
                    {
                        "email": NEW["user"],
                        "firstName": "Grace",
                        "lastName": "Höpper 霍珀",
                        "enabled": True,
                        "totp": False,
                        "locale": "de",
                        "roles": [5009],
                    },
                ),
                (
                    "POST",
                    "/v1/users",
                    {
                        "email": "linus@example.com",
                        "firstName": "Linus",
                        "enabled": True,
                        "totp": False,
                        "locale": "en",
                        "roles": [5001],
                    },
                ),
                ("POST", "/v1/users", {"email": "ken@example.com", "enabled": False, "totp": False, "locale": "en"}),
            ],
            result={"mails": 3},
            expect=_request,
        ),
        Step(
            "one changes, one is renamed, one goes",
            {
                "users": [
                    {**KEY, "totp": True, "roles": [], "roles_state": "exact"},
                    {
                        "user": "torvalds@example.com",
                        "previous_users": ["linus@example.com"],
                        "roles": ["2025"],
                        "roles_state": "exact",
                    },
                    {"user": "ken@example.com", "state": "absent"},
                ]
            },
            writes=[
                ("PATCH", USER, {"totp": True}),
                ("PATCH", USER, {"roles": []}),
                ("PATCH", USER, {"email": "torvalds@example.com", "roles": [5010]}),
                ("DELETE", USER, None),
            ],
            result={"mails": 1},
        ),
        Step(
            "the rest goes, but neither the owner nor the caller",
            {"users": [KEY], "unlisted": "delete", "delete_limit": 1, "min_admins": 2},
            writes=[
                ("DELETE", USER, None),
            ],
            result={
                "spared": ["owner@example.com", "svc-awx@example.com"],
                "unlisted": ["owner@example.com", "svc-awx@example.com", "torvalds@example.com"],
            },
        ),
    ],
    after=_left,
    defaults={"max_concurrency": 1},
)


def _client(outcome: Any) -> None:
    _request(outcome)
    assert set(outcome.result["client"]) == {"id", "client_id", "tenant_id", "customer_id"}
    assert (outcome.result["client"]["client_id"], outcome.result["client"]["customer_id"]) == (
        "sim-client-id",
        "12345678",
    )


CLIENT_INFO = Scenario("contabo_client_info", [Step("read", {}, kind="gather", changed=False, expect=_client)])

# The second run logs in with what the first one has made.
_MADE = "{{ (result_0_real | default({})).secret | default(lookup('env', 'CONTABO_CLIENT_SECRET'), true) }}"
CLIENT_SECRET = Scenario(
    "contabo_client_secret",
    [
        Step(
            "rotate",
            {"confirm": True, "client_secret": _MADE},
            kind="perform",
            writes=[("PUT", "/v1/users/client/secret", None)],
            registered=False,
        ),
    ],
)


def _grantable(outcome: Any) -> None:
    (role,) = outcome.result["roles"]
    assert (role["name"], role["admin"], [member["user"] for member in role["members"]]) == ("2024", False, [ADA])


ROLE_INFO = Scenario(
    "contabo_role_info",
    [
        Step("roles", {}, kind="gather", changed=False),
        Step("members", {"name": "2024", "members": True}, kind="gather", changed=False, expect=_grantable),
    ],
    prepare=_one,
)


SCENARIOS = [USER_LIFE, ROLES_LIFE, MAIL, INFO, USERS_LIFE, CLIENT_INFO, CLIENT_SECRET, ROLE_INFO]
