# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendAuth's case: the life of each module, with the requests that must be sent."""

from __future__ import annotations

from typing import Any

from conformance import CANARY, Conformance
from scenarios import Scenario, Step

from simulator.harness import Simulator

PROVIDER = "sendauth"
USERS = "/api/v1/users"
UUID = r"[0-9a-f-]{36}"
USER = rf"{USERS}/{UUID}"
DELETED = rf"{USERS}/deleted/{UUID}"
ADA = "ada.lovelace@example.com"

CONFORMANCE = Conformance(
    "sendauth",
    new=lambda number: {"user": f"new+{number}/50%..@example.com", "first_name": "Nëw", "last_name": f"霍珀 N{number}"},
    change={"phone": "+44 20 7946 0000"},
    clear={"phone": ""},
    list="list_users",
    create="create_user",
    update="update_user",
    facets=("permissions", "groups"),
    refused={"api_password": CANARY},
)


def _put(simulator: Simulator, *users: dict[str, Any]) -> None:
    simulator.put_users(list(users), PROVIDER)


def _ada(simulator: Simulator, **more: Any) -> None:
    """One user, who is spelled with capitals in the directory, and another whose address holds hers."""
    _put(
        simulator,
        {"email": "xada.lovelace@example.com", "firstName": "Xada", "lastName": "Other", "role": "user"},
        {
            "email": "Ada.Lovelace@Example.com", "firstName": "Ada", "lastName": "Lovelace", "role": "admin", "company": "Example",
            "permissions": ["Snowflake", "2024"], "permissionGroups": ["Engineering"], **more,
        },
    )  # fmt: skip


def _user(state: dict[str, Any], email: str = "Ada.Lovelace@Example.com") -> dict[str, Any]:
    return next(user for user in state["users"] if user["email"] == email)


NEW = {"user": "grace+ops/50%..@example.com", "first_name": "Grace", "last_name": "Höpper 霍珀"}
_NAMES = {"firstName": "Grace", "lastName": "Höpper 霍珀"}


def _one_put(outcome: Any) -> None:
    """Profile, role, permissions and groups travel together, and with everything that was there before."""
    (put,) = outcome.writes
    body = put["body"]
    assert {name: body[name] for name in ("email", "firstName", "lastName", "phone", "role")} == {
        "email": NEW["user"], "firstName": "Grace", "lastName": "Höpper 霍珀", "phone": "+1", "role": "admin",
    }  # fmt: skip
    assert sorted(body["permissions"]) == ["2024", "2025", "R&D + Ops / 50%"]
    assert len(body["permissionGroups"]) == 2
    assert body["company"]["id"]
    assert not {"id", "username", "hasPasskeys", "createdAt", "lastAuthenticated", "groupPermissions"} & set(body)


def _nobody(state: dict[str, Any]) -> None:
    assert [user for user in state["users"] if "grace" in user["email"]] == []


USER_LIFE = Scenario(
    "sendauth_user",
    [
        Step("create", {**NEW, "permissions": ["2024", "R&D + Ops / 50%"], "messaging_preference": "both"}, writes=[
            ("POST", USERS, {"email": NEW["user"], **_NAMES, "messagingPreference": "both", "permissions": ["2024", "R&D + Ops / 50%"]}),
        ]),
        Step("unchanged in another case", {**NEW, "user": NEW["user"].upper(), "role": "USER"}, changed=False),
        Step("company by name", {"user": NEW["user"], "company": "R&D + Ops / 50%"}, writes=[("PUT", USER, None)]),
        Step("many parts at once", {
            "user": NEW["user"], "phone": "+1", "role": "admin", "permissions": ["2025"], "groups": ["Überprüfung", "2024"],
        }, writes=[("PUT", USER, None)], expect=_one_put),
        Step("clear two fields", {"user": NEW["user"], "phone": "", "company": ""}, writes=[("PUT", USER, None)]),
        Step("rename", {"user": "grace@example.com", "previous_users": ["nobody@example.com", NEW["user"]]}, writes=[("PUT", USER, None)]),
        Step("managed permissions", {
            "user": "grace@example.com", "permissions": ["VPN"], "permissions_state": "managed", "managed_permissions": ["2024", "2025", "VPN"],
        }, writes=[("PUT", USER, None)], result={"unmanaged": {"permissions": ["R&D + Ops / 50%"]}}),
        Step("exact and empty", {
            "user": "grace@example.com", "permissions": [], "permissions_state": "exact", "groups": [], "groups_state": "exact",
        }, writes=[("PUT", USER, None)]),
        Step("absent", {"user": "GRACE@example.com", "state": "absent"}, writes=[("DELETE", USER, None)]),
        Step("absent again", {"user": "grace@example.com", "state": "absent"}, changed=False),
        Step("destroyed, who was deleted", {"user": "grace@example.com", "state": "destroyed"}, writes=[("DELETE", DELETED, None)]),
    ],
    after=_nobody,
)  # fmt: skip


def _two_lives(simulator: Simulator) -> None:
    _ada(simulator, deleted=True, passkeys=2)
    _put(simulator, {"email": "linus@example.com", "firstName": "Linus", "lastName": "Torvalds", "role": "user"})


def _restored(outcome: Any) -> None:
    user = outcome.result["user"]
    assert (user["enabled"], user["has_passkeys"], user["permissions"], user["role"]) == (True, False, ["VPN"], "user")
    assert outcome.result["unmanaged"] == {"groups": ["Engineering"]}


def _clean(state: dict[str, Any]) -> None:
    ada = _user(state)
    assert (ada["permissions"], ada["role"]) == (["VPN"], "user")
    assert [user for user in state["users"] if user["email"] == "linus@example.com"] == []


RESTORE = Scenario(
    "sendauth_user",
    [
        Step("restore", {
            "user": ADA, "first_name": "Ada", "last_name": "King", "role": "user", "permissions": ["VPN"], "restore": True, "protect": ["ada*"],
        }, writes=[("PUT", DELETED, None), ("PUT", USER, None), ("DELETE", USER + "/passkey", None)], expect=_restored),
        Step("destroy who is there", {"user": "linus@example.com", "state": "destroyed"}, writes=[("DELETE", USER, None), ("DELETE", DELETED, None)]),
    ],
    name="restore",
    prepare=_two_lives,
    after=_clean,
    options={"sendauth": {"restore_drops": ["permissions"], "empty_lists": "absent"}},
)  # fmt: skip

MERGES = Scenario(
    "sendauth_user",
    [
        Step("change", {"user": ADA, "phone": "+2", "groups": ["Data"], "groups_state": "exact"}, writes=[("PUT", USER, None)]),
        Step("by ID", {"id": "{{ result_0_real.user.id }}", "email": "ada@example.com"}, writes=[("PUT", USER, None)]),
        Step("clear", {"user": "ada@example.com", "phone": "", "permissions": [], "permissions_state": "exact"}, writes=[("PUT", USER, None)]),
    ],
    name="a server that merges",
    prepare=_ada,
    options={"sendauth": {"update": "merge", "empty_lists": "null", "read_only_fields": "refused", "messaging_default": "absent"}},
)

ROLES_LIFE = Scenario(
    "sendauth_user_roles",
    [
        Step("present adds", {"user": ADA, "role": "user", "permissions": ["2025", "finance"], "groups": ["Data"]}, writes=[("PUT", USER, None)]),
        Step("order does not matter", {"user": ADA, "permissions": ["finance", "2024", "2025"], "groups": ["Data", "Engineering"]}, changed=False),
        Step("absent", {"user": ADA, "permissions": ["2025", "Finance"], "groups": ["Data"], "state": "absent"}, writes=[("PUT", USER, None)]),
        Step("absent again", {"user": ADA, "permissions": ["2025"], "state": "absent"}, changed=False),
        Step("exact", {"user": ADA, "permissions": ["..", "2024"], "groups": ["研究", "2024"], "state": "exact"}, writes=[("PUT", USER, None)]),
        Step("exact and empty", {"user": ADA, "permissions": [], "groups": [], "state": "exact"}, writes=[("PUT", USER, None)]),
        Step("role alone", {"user": ADA, "role": "super_admin", "state": "exact"}, writes=[("PUT", USER, None)]),
    ],
    prepare=_ada,
)

TAGS = Scenario(
    "sendauth_user_tags",
    [Step("set", {"user": ADA, "tags": {}}, kind="perform", writes=[("PUT", USER + "/tags", {"tags": {}})])],
    prepare=_ada,
)


def _with_passkeys(simulator: Simulator) -> None:
    _ada(simulator, passkeys=2)


PASSKEY = Scenario(
    "sendauth_user_passkey",
    [
        Step("remove", {"user": ADA}, writes=[("DELETE", USER + "/passkey", None)]),
        Step("remove again", {"user": ADA, "state": "absent"}, changed=False),
    ],
    prepare=_with_passkeys,
)

REGISTER = Scenario(
    "sendauth_user_transaction",
    [Step("register", {"user": ADA, "type": "register"}, kind="perform", writes=[("POST", USER + "/register", None)])],
    name="register",
    prepare=_ada,
)


def _verified(outcome: Any) -> None:
    assert outcome.result["transaction"]["state"] == "verified"


AUTHENTICATE = Scenario(
    "sendauth_user_transaction",
    [
        Step("authenticate", {"user": ADA, "type": "authenticate"}, kind="perform", writes=[("POST", USER + "/authenticate", None)]),
        Step("approve", {"user": ADA, "type": "authenticate", "text": "Rollout 7", "connectwise": "T-1", "wait": True, "wait_timeout": 20},
             kind="perform", writes=[("POST", USER + "/authenticate", {"message": "Rollout 7", "connectwise": "T-1"})], expect=_verified),
    ],
    name="authenticate",
    prepare=_with_passkeys,
    options={"sendauth": {"transaction_outcome": "verified"}},
)  # fmt: skip


def _people(simulator: Simulator) -> None:
    _ada(simulator)
    _put(simulator, *({"email": f"user{number:03d}@example.com", "firstName": "Us", "lastName": f"N{number:03d}"} for number in range(120)))
    _put(simulator, {"email": "gone@example.com", "firstName": "Gone", "lastName": "Long", "role": "user", "deleted": True})
    simulator.put("transactions", [{"user": "Ada.Lovelace@Example.com", "type": "register"} for _number in range(3)], PROVIDER)


def _emails(outcome: Any, *emails: str) -> None:
    assert [user["email"] for user in outcome.result["users"]] == list(emails)


def _everyone(outcome: Any) -> None:
    emails = {user["email"] for user in outcome.result["users"]}
    assert {"Ada.Lovelace@Example.com", "xada.lovelace@example.com", "user119@example.com"} <= emails
    assert "gone@example.com" not in emails
    assert outcome.result["api_calls"] == 2


def _whole(outcome: Any) -> None:
    (ada,) = outcome.result["users"]
    assert (ada["permissions"], ada["groups"], ada["company"]["name"]) == (["2024", "Snowflake"], ["Engineering"], "Example")
    assert (ada["enabled"], ada["privileged"], ada["mfa"]) == (True, True, False)
    assert [transaction["state"] for transaction in ada["transactions"]] == ["pending", "pending"]
    assert isinstance(ada["audits"], list)


def _gone(outcome: Any) -> None:
    _emails(outcome, "gone@example.com")
    assert (outcome.result["users"][0]["enabled"], outcome.result["users"][0]["state"]) == (False, "absent")


INFO = Scenario(
    "sendauth_user_info",
    [
        Step("everyone", {}, kind="gather", changed=False, expect=_everyone),
        Step("one", {"user": ADA, "gather": ["permissions", "groups", "audits", "transactions"], "limit": 2}, kind="gather", changed=False, expect=_whole),
        Step("by ID", {"id": "{{ result_1_real.users[0].id }}"}, kind="gather", changed=False,
             expect=lambda outcome: _emails(outcome, "Ada.Lovelace@Example.com")),
        Step("filtered", {"filters": {"search": "lovelace", "permission": "Snowflake"}}, kind="gather", changed=False,
             expect=lambda outcome: _emails(outcome, "Ada.Lovelace@Example.com")),
        Step("nobody", {"filters": {"search": "nobody@example.com"}}, kind="gather", changed=False, result={"users": []}),
        Step("deleted", {"deleted": True}, kind="gather", changed=False, expect=_gone),
        Step("one who is deleted", {"deleted": True, "user": "GONE@example.com"}, kind="gather", changed=False, expect=_gone),
        Step("deleted ones given back", {"users": "{{ result_5_real.users }}"}, module="sendauth_users", changed=False),
    ],
    prepare=_people,
)  # fmt: skip


def _service(simulator: Simulator) -> None:
    _put(simulator, {"email": "svc-awx@example.com", "firstName": "Awx", "lastName": "Service", "role": "super_admin"})


def _counted(outcome: Any) -> None:
    assert (outcome.result["mails"], outcome.result["summary"]["created"]) == (1, 2)


def _disabled(outcome: Any) -> None:
    assert (outcome.result["summary"]["disabled"], outcome.result["summary"]["deleted"]) == (1, 0)
    assert outcome.result["spared"] == ["svc-awx@example.com"]


USERS_LIFE = Scenario(
    "sendauth_users",
    [
        Step("create two", {"users": [
            {**NEW, "permissions": ["2024"], "role": "admin"},
            {"user": "linus@example.com", "first_name": "Linus", "last_name": "Torvalds"},
        ]}, writes=[
            ("POST", USERS, {"email": NEW["user"], **_NAMES, "role": "admin", "permissions": ["2024"]}),
            ("POST", USERS, {"email": "linus@example.com", "firstName": "Linus", "lastName": "Torvalds"}),
        ], expect=_counted),
        Step("one changes, one is renamed", {"users": [
            {"user": NEW["user"], "role": "user", "permissions": ["VPN"], "permissions_state": "exact"},
            {"user": "torvalds@example.com", "previous_users": ["linus@example.com"]},
        ]}, writes=[("PUT", USER, None), ("PUT", USER, None)]),
        Step("the others are disabled", {"users": [{"user": NEW["user"]}], "unlisted": "disable", "protect": ["svc-*"]}, writes=[("DELETE", USER, None)],
             expect=_disabled),
        Step("one comes back, one is destroyed", {"users": [
            {"user": "torvalds@example.com", "first_name": "Linus", "last_name": "Torvalds", "restore": True},
            {"user": NEW["user"], "state": "destroyed"},
        ]}, writes=[("PUT", DELETED, None), ("DELETE", USER, None), ("DELETE", DELETED, None)]),
    ],
    prepare=_service,
    defaults={"max_concurrency": 1},
)  # fmt: skip

SCENARIOS = [USER_LIFE, RESTORE, MERGES, ROLES_LIFE, TAGS, PASSKEY, REGISTER, AUTHENTICATE, INFO, USERS_LIFE]
