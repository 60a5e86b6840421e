# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendAuth's users: from the first day to the last, restored ones, many at once."""

from __future__ import annotations

from typing import Any

from scenarios import Scenario, Step

from cases.sendauth.common import ADA, DELETED, PROVIDER, USER, USERS, admins, put_ada, put_users, user_named
from simulator.harness import Simulator

NEW = {"user": "grace+ops/50%..@example.com", "first_name": "Grace", "last_name": "Höpper 霍珀"}
_NAMES = {"firstName": "Grace", "lastName": "Höpper 霍珀"}


def _one_put(outcome: Any) -> None:
    """Profile, role, permissions and groups travel together, and with everything that was there before."""
    (put,) = outcome.writes
    body = put["body"]
    assert {
        name: body[name] for name in ("email", "firstName", "lastName", "phone", "role", "messagingPreference")
    } == {
        "email": NEW["user"],
        "firstName": "Grace",
        "lastName": "Höpper 霍珀",
        "phone": "+1",
        "role": "admin",
        "messagingPreference": "both",
    }
    assert sorted(body["permissions"]) == ["2024", "2025", "R&D + Ops / 50%"]
    assert len(body["permissionGroups"]) == 2
    assert list(body["company"]) == ["id"]
    assert not {"id", "username", "hasPasskeys", "createdAt", "lastAuthenticated", "groupPermissions"} & set(body)


def _cleared(outcome: Any) -> None:
    (put,) = outcome.writes
    body = put["body"]
    assert (body["email"], body["phone"], body["role"], body["permissionGroups"]) == (
        "grace@example.com",
        "",
        "admin",
        [],
    )
    assert sorted(body["permissions"]) == ["R&D + Ops / 50%", "VPN"]
    assert "company" not in body


def _nobody(state: dict[str, Any]) -> None:
    assert [user for user in (*state["users"], *state["deleted_users"]) if "grace" in user["email"]] == []


USER_LIFE = Scenario(
    "sendauth_user",
    [
        Step(
            "create",
            {**NEW, "permissions": ["2024", "R&D + Ops / 50%"], "messaging_preference": "both"},
            writes=[
                (
                    "POST",
                    USERS,
                    {
                        "email": NEW["user"],
                        **_NAMES,
                        "messagingPreference": "both",
                        "permissions": ["2024", "R&D + Ops / 50%"],
                    },
                ),
            ],
        ),
        Step(
            "many parts at once, in another case",
            {
                "user": NEW["user"].upper(),
                "phone": "+1",
                "role": "admin",
                "company": 2024,
                "permissions": [2025],
                "groups": ["Überprüfung", "2024"],
            },
            writes=[("PUT", USER, None)],
            expect=_one_put,
        ),
        Step(
            "rename, clear, take away",
            {
                "user": "grace@example.com",
                "previous_users": ["nobody@example.com", f" {NEW['user']} "],
                "phone": "",
                "company": "",
                "role": "ADMIN",
                "permissions": ["VPN"],
                "permissions_state": "managed",
                "managed_permissions": ["2024", "2025", "VPN"],
                "groups": [],
                "groups_state": "exact",
            },
            writes=[("PUT", USER, None)],
            expect=_cleared,
            result={"unmanaged": {"permissions": ["R&D + Ops / 50%"]}},
        ),
        Step(
            "absent, whatever else is said",
            {"user": "GRACE@example.com", "state": "absent", "company": "no such company", "first_name": "G"},
            writes=[("DELETE", USER, None)],
        ),
        Step(
            "destroyed, who was deleted",
            {"user": "grace@example.com", "state": "destroyed"},
            writes=[("DELETE", DELETED, None)],
        ),
    ],
    prepare=admins,
    after=_nobody,
    options={"sendauth": {"empty_lists": "null"}},
)


def _lost_restore(simulator: Simulator) -> None:
    """A deleted user with all there is to lose, and a server that restores her without its answer arriving."""
    put_ada(simulator, deleted=True, passkeys=2)
    simulator.faults([{"provider": PROVIDER, "operation": "restore_user", "nth": 1, "drop": "after"}])


def _restored(outcome: Any) -> None:
    user = outcome.result["user"]
    assert (user["enabled"], user["has_passkeys"], user["permissions"], user["role"]) == (True, False, ["VPN"], "user")
    assert outcome.result["unmanaged"] == {"groups": ["Engineering"]}


def _clean(state: dict[str, Any]) -> None:
    ada = user_named(state, "ada@example.com")
    assert (ada["role"], ada["lastName"], ada["company"]["name"]) == ("user", "King", "Example")
    assert (ada["group_names"], ada["passkeys"]) == (["Data"], 0)
    assert not {"phone", "permissions"} & set(ada)
    assert [sent["kind"] for sent in state["sent"]] == ["register", "register"]


RESTORE = Scenario(
    "sendauth_user",
    [
        # The request that is lost and the one that asks again, which is answered with 404.
        Step(
            "restore",
            {
                "user": ADA,
                "first_name": "Ada",
                "last_name": "King",
                "role": "user",
                "permissions": ["VPN"],
                "restore": True,
                "protect": ["ada*"],
            },
            writes=[
                ("PUT", DELETED, None),
                ("PUT", DELETED, None),
                ("PUT", USER, None),
                ("DELETE", USER + "/passkey", None),
            ],
            expect=_restored,
        ),
        Step(
            "by ID",
            {
                "id": "{{ result_0_real.user.id | upper }}",
                "email": "ada@example.com",
                "phone": "+2",
                "groups": ["Data"],
                "groups_state": "exact",
            },
            writes=[("PUT", USER, None)],
        ),
        Step(
            "clear",
            {"user": "ada@example.com", "phone": "", "permissions": [], "permissions_state": "exact"},
            writes=[("PUT", USER, None)],
        ),
        Step(
            "register",
            {"user": "ada@example.com", "type": "register"},
            module="sendauth_user_transaction",
            kind="perform",
            writes=[("POST", USER + "/register", None)],
        ),
    ],
    name="restore, and a server that merges",
    prepare=_lost_restore,
    after=_clean,
    options={
        "sendauth": {
            "restore_drops": ["permissions"],
            "update": "merge",
            "empty_lists": "absent",
            "read_only_fields": "refused",
            "messaging_default": "absent",
        }
    },
)
TWIN = "6f1d7c5e-0d0b-4d1a-9a59-5f3f5d3a1b20"


def _service(simulator: Simulator) -> None:
    service = {"firstName": "Awx", "lastName": "Service", "role": "super_admin"}
    put_users(simulator, {"email": "svc-awx@example.com", **service}, {"email": "svc-spare@example.com", **service})


def _counted(outcome: Any) -> None:
    assert (outcome.result["mails"], outcome.result["summary"]["created"]) == (1, 2)


def _disabled(outcome: Any) -> None:
    assert (outcome.result["summary"]["disabled"], outcome.result["summary"]["deleted"]) == (1, 0)
    assert outcome.result["spared"] == ["svc-awx@example.com", "svc-spare@example.com"]


USERS_LIFE = Scenario(
    "sendauth_users",
    [
        Step(
            "create two",
            {
                "users": [
                    {**NEW, "permissions": ["2024"], "role": "admin"},
                    {"user": "linus@example.com", "first_name": "Linus", "last_name": "Torvalds"},
                ]
            },
            writes=[
                ("POST", USERS, {"email": NEW["user"], **_NAMES, "role": "admin", "permissions": ["2024"]}),
                ("POST", USERS, {"email": "linus@example.com", "firstName": "Linus", "lastName": "Torvalds"}),
            ],
            expect=_counted,
        ),
        Step(
            "one changes, one is renamed",
            {
                "users": [
                    {"user": NEW["user"], "role": "user", "permissions": ["VPN"], "permissions_state": "exact"},
                    {"user": "torvalds@example.com", "previous_users": ["linus@example.com"]},
                ]
            },
            writes=[("PUT", USER, None), ("PUT", USER, None)],
        ),
        Step(
            "the others are disabled",
            {"users": [{"user": NEW["user"]}], "unlisted": "disable", "protect": ["svc-*"]},
            writes=[("DELETE", USER, None)],
            expect=_disabled,
        ),
        Step(
            "one comes back, one is destroyed",
            {
                "users": [
                    {"user": "torvalds@example.com", "first_name": "Linus", "last_name": "Torvalds", "restore": True},
                    {"user": NEW["user"], "state": "destroyed"},
                ]
            },
            writes=[("PUT", DELETED, None), ("DELETE", USER, None), ("DELETE", DELETED, None)],
        ),
    ],
    prepare=_service,
    defaults={"max_concurrency": 1},
)
