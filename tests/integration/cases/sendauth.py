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
            "email": "Ada.Lovelace@Example.com", "firstName": "Ada", "lastName": "Lovelace", "role": "admin",
            "company": "Example",
            "permissions": ["Snowflake", "2024"], "permissionGroups": ["Engineering"], **more,
        },
    )  # fmt: skip


def _admins(simulator: Simulator) -> None:
    """Administrators who stay."""
    _put(
        simulator,
        *(
            {"email": f"root{number}@example.com", "firstName": "Root", "lastName": "Admin", "role": "super_admin"}
            for number in (1, 2)
        ),
    )


def _user(state: dict[str, Any], email: str) -> dict[str, Any]:
    return next(user for user in state["users"] if user["email"] == email)


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
    prepare=_admins,
    after=_nobody,
    options={"sendauth": {"empty_lists": "null"}},
)


def _lost_restore(simulator: Simulator) -> None:
    """A deleted user with all there is to lose, and a server that restores her without its answer arriving."""
    _ada(simulator, deleted=True, passkeys=2)
    simulator.faults([{"provider": PROVIDER, "operation": "restore_user", "nth": 1, "drop": "after"}])


def _restored(outcome: Any) -> None:
    user = outcome.result["user"]
    assert (user["enabled"], user["has_passkeys"], user["permissions"], user["role"]) == (True, False, ["VPN"], "user")
    assert outcome.result["unmanaged"] == {"groups": ["Engineering"]}


def _clean(state: dict[str, Any]) -> None:
    ada = _user(state, "ada@example.com")
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


def _ada_whole(simulator: Simulator) -> None:
    """Ada with tags, passkeys, and a label that nobody has defined.

    An ID selects one of three groups with the same name.
    """
    simulator.put("permission_groups", [{"id": TWIN, "name": "Twice"}], PROVIDER)
    _admins(simulator)
    _ada(simulator, passkeys=2, tags={"department": "Data"}, permissions=["Snowflake", "2024", "Legacy label"])


def _in_all(permissions: list[str], groups: int) -> Any:
    def expect(outcome: Any) -> None:
        (put,) = outcome.writes
        assert (sorted(put["body"]["permissions"]), len(put["body"]["permissionGroups"])) == (permissions, groups)

    return expect


def _verified(outcome: Any) -> None:
    assert outcome.result["transaction"]["state"] == "verified"


def _parts(state: dict[str, Any]) -> None:
    ada = _user(state, "Ada.Lovelace@Example.com")
    assert (ada["role"], sorted(ada["permissions"]), ada["group_names"]) == ("super_admin", ["2024", "VPN"], ["Twice"])
    assert (ada["permissionGroups"], ada["tags"], ada["passkeys"]) == ([TWIN], {"site": "Zürich", "2024": "1"}, 0)


ROLES_LIFE = Scenario(
    "sendauth_user_roles",
    [
        Step(
            "present adds, in any order",
            {"user": ADA, "role": "user", "permissions": ["finance", "2024", 2025], "groups": ["研究", "Data"]},
            writes=[("PUT", USER, None)],
            expect=_in_all(["2024", "2025", "Legacy label", "Snowflake", "finance"], 3),
        ),
        Step(
            "absent",
            {"user": ADA, "permissions": ["2025", "Finance", "Legacy label"], "state": "absent"},
            writes=[("PUT", USER, None)],
            expect=_in_all(["2024", "Snowflake", "finance"], 3),
        ),
        Step(
            "exact",
            {
                "user": ADA,
                "role": "super_admin",
                "permissions": ["VPN", "2024"],
                "groups": [{"id": TWIN}],
                "state": "exact",
            },
            writes=[("PUT", USER, None)],
        ),
        Step(
            "tags",
            {"user": ADA, "tags": {"site": "Zürich", "2024": 1}},
            module="sendauth_user_tags",
            kind="perform",
            writes=[("PUT", USER + "/tags", {"tags": {"site": "Zürich", "2024": "1"}})],
        ),
        Step(
            "approve",
            {
                "user": ADA, "type": "authenticate", "text": "Rollout 7", "connectwise": "T-1", "wait": True,
                "wait_timeout": 300,
            },
            module="sendauth_user_transaction",
            kind="perform",
            writes=[("POST", USER + "/authenticate", {"message": "Rollout 7", "connectwise": "T-1"})],
            expect=_verified,
        ),
        Step(
            "remove passkeys",
            {"user": ADA},
            module="sendauth_user_passkey",
            writes=[("DELETE", USER + "/passkey", None)],
        ),
    ],
    name="parts of a user",
    prepare=_ada_whole,
    after=_parts,
    options={"sendauth": {"transaction_outcome": "verified"}},
)


def _grantable(outcome: Any) -> None:
    (group,), (label,) = outcome.result["groups"], outcome.result["permissions"]
    assert (label["name"], [member["user"] for member in label["members"]]) == ("2024", ["Ada.Lovelace@Example.com"])
    assert (group["name"], group["members"]) == ("2024", [])


ROLE_INFO = Scenario(
    "sendauth_role_info",
    [
        Step("groups", {"kinds": ["groups"]}, kind="gather", changed=False),
        Step("members", {"name": "2024", "members": True}, kind="gather", changed=False, expect=_grantable),
    ],
    prepare=_ada,
)

GONE = "0b1d7c5e-0d0b-4d1a-9a59-5f3f5d3a1b20"


def _people(simulator: Simulator) -> None:
    _ada(simulator, permissions=["Snowflake", "2024", "Legacy label"])
    _put(
        simulator,
        {
            "id": GONE, "email": "gone@example.com", "firstName": "Gone", "lastName": "Long", "role": "user",
            "company": "2024", "deleted": True,
        },
    )
    simulator.put(
        "transactions", [{"user": "Ada.Lovelace@Example.com", "type": "register"} for _number in range(3)], PROVIDER
    )


def _emails(outcome: Any, *emails: str) -> None:
    assert [user["email"] for user in outcome.result["users"]] == list(emails)


def _everyone(outcome: Any) -> None:
    _emails(outcome, "xada.lovelace@example.com", "Ada.Lovelace@Example.com")
    assert outcome.result["api_calls"] == 2  # the list, and the names of the groups


def _whole(outcome: Any) -> None:
    (ada,) = outcome.result["users"]
    assert (ada["permissions"], ada["groups"], ada["company"]["name"]) == (
        ["2024", "Legacy label", "Snowflake"],
        ["Engineering"],
        "Example",
    )
    assert (ada["enabled"], ada["privileged"], ada["mfa"]) == (True, True, False)
    assert [transaction["state"] for transaction in ada["transactions"]] == ["pending", "pending"]
    assert [audit["action"] for audit in ada["audits"]] == ["user.register", "user.register"]


def _gone(outcome: Any) -> None:
    _emails(outcome, "gone@example.com")
    assert (outcome.result["users"][0]["enabled"], outcome.result["users"][0]["state"]) == (False, "absent")


INFO = Scenario(
    "sendauth_user_info",
    [
        Step("everyone", {"gather": ["permissions", "groups"]}, kind="gather", changed=False, expect=_everyone),
        Step(
            "one",
            {"user": ADA, "gather": ["permissions", "groups", "audits", "transactions"], "limit": 2},
            kind="gather",
            changed=False,
            expect=_whole,
        ),
        Step(
            "filtered",
            {"filters": {"search": "lovelace", "permission": "Snowflake"}},
            kind="gather",
            changed=False,
            expect=lambda outcome: _emails(outcome, "Ada.Lovelace@Example.com"),
        ),
        Step(
            "nobody",
            {"deleted": True, "filters": {"search": "nobody@example.com"}},
            kind="gather",
            changed=False,
            result={"users": []},
        ),
        Step("one who is deleted", {"deleted": True, "id": GONE.upper()}, kind="gather", changed=False, expect=_gone),
        Step(
            "given back",
            {"users": "{{ result_0_real.users + result_4_real.users }}", "unlisted": "report"},
            module="sendauth_users",
            changed=False,
            result={"unlisted": []},
        ),
    ],
    prepare=_people,
)


def _service(simulator: Simulator) -> None:
    service = {"firstName": "Awx", "lastName": "Service", "role": "super_admin"}
    _put(simulator, {"email": "svc-awx@example.com", **service}, {"email": "svc-spare@example.com", **service})


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

SCENARIOS = [USER_LIFE, RESTORE, ROLES_LIFE, INFO, ROLE_INFO, USERS_LIFE]
