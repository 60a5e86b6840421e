# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""nextAuth's case: the life of each module, with the requests that must be sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from conformance import CANARY, Conformance
from scenarios import Request, Scenario, Step

from simulator.harness import Simulator

PROVIDER = "nextauth"
SERVER = "/servers/sim%2Bmain%2Fserver%2B%2Fid01A%3D%3D"
NONCE = "canary-nonce-4711"
KEY_SECRET = "canary-listed-key"
ROOT = "Root/role+000A=="
"""The role that the simulator's own key belongs to."""

CONFORMANCE = Conformance(
    "nextauth",
    new=lambda number: {
        "user": f"new+{number}/50%..é@example.com",
        "attributes": {"department": "Data", "employee_id": f"E{number}"},
    },
    change={"attributes": {"department": "Registry"}},
    clear={"attributes": {"department": ""}},
    list="get_users",
    create="set_user_attributes",
    update="update_user_attributes",
    facets=("attributes", "permissions"),
    rename=False,
    refused={"api_key": CANARY},
)

NEW = "Grace+ops/50%..é@example.com"
ON_WIRE = SERVER + "/users/Grace%2Bops%2F50%25\\.\\.%C3%A9%40example\\.com"
ADA = SERVER + "/users/Ada%2FLovelace"
ACCOUNT = ("PUT", SERVER + r"/accounts/\d+/", None)
ROLE = SERVER + r"/permissions/[A-Za-z0-9%]+"


def _one(simulator: Simulator, **more: Any) -> None:
    """One user, who is spelled with capitals in the directory, with two devices."""
    user = {
        "userid": "Ada/Lovelace",
        "attributes": {"badge": "b-1", "cost/center": "CC-1"},
        "accounts": ["Phone", "2024"],
        **more,
    }
    simulator.put_users([user], provider=PROVIDER)


def _user(state: dict[str, Any], userid: str) -> dict[str, Any]:
    return next(user for user in state["users"] if user["userid"] == userid)


def _gone(state: dict[str, Any]) -> None:
    assert state["users"] == state["accounts"] == []


def _sent(name: str, *expected: str) -> Callable[[Any], None]:
    """Return an assertion on one query parameter of all writes that have it."""

    def check(outcome: Any) -> None:
        assert [value for item in outcome.writes for value in parse_qs(item["query"]).get(name, [])] == list(expected)

    return check


WHO = {"user": NEW}
USER_LIFE = Scenario(
    "nextauth_user",
    [
        Step("create", {
            **WHO, "enabled": True, "attributes": {"department": "Data", "vip": "true", "1042": 7},
            "permissions": ["sessions", "accounts"],
        }, writes=[
            ("POST", ON_WIRE + "/attributes/", {"department": "Data", "vip": "true", "1042": "7"}),
            ("POST", ON_WIRE + "/role/", None),
            ("POST", ROLE, ["accounts", "sessions"]),
        ]),
        Step("present and managed", {
            **WHO, "attributes": {"department": "Navy", "vip": "", "1042": 7}, "enabled": False,
            "permissions": ["users"], "permissions_state": "managed", "managed_permissions": ["users", "accounts"],
        }, writes=[
            ("PUT", ON_WIRE + "/attributes/", {"department": "Navy"}),
            ("DELETE", ON_WIRE + "/attributes/vip", None),
            ("POST", ROLE, ["sessions", "users"]),
        ], result={"unmanaged": {"permissions": ["sessions"]}}),
        Step("exact, in another case", {
            "user": NEW.upper(), "attributes": {"1042": "8"}, "attributes_state": "exact", "permissions": [],
            "permissions_state": "exact",
        }, writes=[
            ("POST", ON_WIRE + "/attributes/", {"1042": "8"}), ("DELETE", ROLE, None),
        ]),
        # The search that finds another spelling also reports that there are no accounts to delete.
        Step("absent", {"user": NEW.lower(), "state": "absent"}, writes=[("DELETE", ON_WIRE + "/", None)]),
        Step("without anything", {"user": "...", "expected_account": "sim+main/server+/id01A=="}, writes=[
            ("POST", SERVER + "/users/%2E%2E%2E/attributes/", {}),
        ]),
        Step("by its ID", {"id": "...", "state": "absent"}, writes=[
            ("DELETE", SERVER + "/users/%2E%2E%2E/accounts", None), ("DELETE", SERVER + "/users/%2E%2E%2E/", None),
        ]),
    ],
    after=_gone,
)  # fmt: skip


def _lost(simulator: Simulator) -> None:
    """The answer to the first deletion of an attribute is lost, so it is sent again, and the attribute is gone."""
    _one(simulator)
    simulator.put("apikeys", [{"apikey": KEY_SECRET, "role": ROOT, "description": "there"}], provider=PROVIDER)
    simulator.faults([{"provider": PROVIDER, "operation": "delete_user_attribute", "nth": 1, "drop": "after"}])


def _made(state: dict[str, Any]) -> None:
    assert [item["description"] for item in state["apikeys"] if item["role"] == ROOT] == [
        "root", "there", "report / job 50%",
    ]


def _permissions(name: str, names: list[str], state: str, *writes: Request) -> Step:
    args = {"user": "ada/lovelace", "permissions": names, "state": state}
    return Step(f"permissions: {name}", args, module="nextauth_user_roles", writes=list(writes))


# The key may do nothing but work as another role, and does. API keys belong to a role, too.
FACETS_LIFE = Scenario(
    "nextauth_user_attributes",
    [
        Step(
            "present",
            {
                "user": "ada/lovelace",
                "attributes": {"badge": "b-2", "employee_id": 17, "vip": "true", "cost/center": ""},
            },
            writes=[
                ("PUT", ADA + "/attributes/", {"badge": "b-2", "employee_id": "17", "vip": "true"}),
                *[("DELETE", ADA + "/attributes/cost%2Fcenter", None)] * 2,
            ],
        ),
        Step(
            "absent",
            {"id": "Ada/Lovelace", "state": "absent", "names": ["employee_id"], "attributes": {"vip": "whatever"}},
            writes=[
                ("DELETE", ADA + "/attributes/employee_id", None),
                ("DELETE", ADA + "/attributes/vip", None),
            ],
        ),
        Step(
            "exact and only more",
            {"user": "ADA/lovelace", "attributes": {"badge": "b-2", "研究": "ü"}, "state": "exact"},
            writes=[
                ("PUT", ADA + "/attributes/", {"研究": "ü"}),
            ],
        ),
        Step(
            "exact",
            {"user": "ada/lovelace", "attributes": {"cost/center": "CC-9"}, "state": "exact"},
            writes=[
                ("POST", ADA + "/attributes/", {"cost/center": "CC-9"}),
            ],
        ),
        Step(
            "exact and empty",
            {"user": "ada/lovelace", "attributes": {}, "state": "exact"},
            writes=[("DELETE", ADA + "/attributes/", None)],
        ),
        _permissions(
            "present makes the role",
            ["users", "sessions"],
            "present",
            ("POST", ADA + "/role/", None),
            ("POST", ROLE, ["sessions", "users"]),
        ),
        _permissions(
            "present keeps the others", ["accounts"], "present", ("POST", ROLE, ["accounts", "sessions", "users"])
        ),
        _permissions("absent", ["users", "servers"], "absent", ("POST", ROLE, ["accounts", "sessions"])),
        _permissions("exact", ["users", "sessions"], "exact", ("POST", ROLE, ["sessions", "users"])),
        _permissions("exact and empty", [], "exact", ("DELETE", ROLE, None)),
        Step(
            "API key: present",
            {"name": "report / job 50%"},
            module="nextauth_api_token",
            writes=[("POST", "/apikeys/", None)],
            registered=False,
        ),
        Step("API key: absent", {"name": "nobody", "state": "absent"}, module="nextauth_api_token", changed=False),
    ],
    prepare=_lost,
    after=_made,
    env={"NEXTAUTH_API_KEY": "sim-setrid-key", "NEXTAUTH_ROLE_ID": ROOT},
    secrets=("sim-setrid-key", KEY_SECRET),
    options={
        "nextauth": {
            "attributes_form": "string", "empty_attributes": "nothing", "unknown_key_status": 404,
            "slashes": "redirect", "empty_acl": "entry",
        }
    },
)


def _devices(*expected: tuple[str, bool]) -> Callable[[Any], None]:
    def check(outcome: Any) -> None:
        assert sorted((item["description"], item["blocked"]) for item in outcome.result["accounts"]) == sorted(expected)
        assert outcome.result["user"] == {"id": "Ada/Lovelace", "user": "Ada/Lovelace"}

    return check


def _session(simulator: Simulator) -> None:
    """An app that nobody has registered has logged in on a session."""
    _one(simulator)
    simulator.put("accounts", [{"id": 70500}], provider=PROVIDER)
    simulator.put("sessions", [{"nonce": NONCE, "accountid": 70500}], provider=PROVIDER)


def _registered(state: dict[str, Any]) -> None:
    assert [item["id"] for item in _user(state, "Ada/Lovelace")["accounts"]] == [70500]


ACCOUNTS_LIFE = Scenario(
    "nextauth_user_accounts",
    [
        Step(
            "block all",
            {"user": "ada/lovelace", "all": True, "state": "blocked"},
            writes=[ACCOUNT, ACCOUNT],
            expect=_devices(("Phone", True), ("2024", True)),
        ),
        Step(
            "unblock one",
            {"user": "ada/lovelace", "accounts": [2024], "state": "unblocked", "protect": ["ada*"]},
            writes=[ACCOUNT],
            expect=_devices(("Phone", True), ("2024", False)),
        ),
        Step(
            "disable",
            {"user": "ada/lovelace", "enabled": False},
            module="nextauth_user",
            writes=[ACCOUNT],
            expect=_sent("blocked", "true"),
        ),
        Step(
            "enable",
            {"user": "ada/lovelace", "enabled": "yes"},
            module="nextauth_user",
            writes=[ACCOUNT, ACCOUNT],
            expect=_sent("blocked", "false", "false"),
        ),
        Step(
            "delete one",
            {"user": "ada/lovelace", "accounts": ["Phone", {"id": 1}], "state": "absent"},
            writes=[("DELETE", SERVER + r"/accounts/\d+/", None)],
            expect=_devices(("2024", False)),
        ),
        Step(
            "delete all",
            {"user": "ada/lovelace", "all": True, "state": "absent"},
            writes=[("DELETE", ADA + "/accounts", None)],
            expect=_devices(),
        ),
        Step(
            "register",
            {"user": "Ada/Lovelace", "nonce": NONCE},
            kind="perform",
            module="nextauth_user_registration",
            writes=[("POST", SERVER + "/sessions/registeruser", None)],
            expect=_sent("userid", "Ada/Lovelace"),
        ),
    ],
    prepare=_session,
    after=_registered,
    secrets=(NONCE,),
    options={"nextauth": {"attributes_form": "list", "totalnumber": "absent", "error_bodies": "empty"}},
)


def _people(simulator: Simulator) -> None:
    simulator.reset(seed_users=120)
    _one(simulator, permissions=["users", "accounts"])


def _everyone(outcome: Any) -> None:
    assert len(outcome.result["users"]) == 121
    assert {user["enabled"] for user in outcome.result["users"]} == {True}
    assert len(outcome.requests) == 4, "two pages of users, two of accounts"


def _ada(outcome: Any) -> None:
    (ada,) = outcome.result["users"]
    assert (ada["permissions"], ada["attributes"]) == (["accounts", "users"], {"badge": "b-1", "cost/center": "CC-1"})
    assert (ada["enabled"], ada["privileged"], ada["mfa"], ada["number_accounts"]) == (True, None, None, 2)
    assert [item["description"] for item in ada["accounts"]] == ["2024", "Phone"]


def _filtered(outcome: Any) -> None:
    assert [user["user"] for user in outcome.result["users"]] == ["user0001@example.com", "user0002@example.com"]


INFO = Scenario(
    "nextauth_user_info",
    [
        Step("everyone", {"gather": ["accounts"]}, kind="gather", changed=False, expect=_everyone),
        Step(
            "one",
            {"user": "ADA/LOVELACE", "gather": ["accounts", "attributes", "permissions"]},
            kind="gather",
            changed=False,
            expect=_ada,
        ),
        Step(
            "both filters",
            {"filters": {"search": "user000", "attributes": {"employee_id": ["E00001", "E00002", "E00012", "none"]}}},
            kind="gather",
            changed=False,
            expect=_filtered,
        ),
        # The badge is Ada's.
        Step(
            "nobody",
            {"filters": {"search": "user000", "attributes": {"badge": "b-1"}}},
            kind="gather",
            changed=False,
            result={"users": []},
        ),
    ],
    prepare=_people,
)


def _of_ada(outcome: Any) -> None:
    """Of the roles with permissions, one is Ada's; those of API keys are nobody's."""
    (role,) = [role for role in outcome.result["roles"] if role["members"]]
    assert (role["permissions"], role["members"]) == (
        ["accounts", "users"],
        [{"id": "Ada/Lovelace", "user": "Ada/Lovelace"}],
    )


def _ada_and_rights(simulator: Simulator) -> None:
    _one(simulator, permissions=["users", "accounts"])


ROLE_INFO = Scenario(
    "nextauth_role_info",
    [
        Step("roles", {}, kind="gather", changed=False),
        Step("members", {"members": True}, kind="gather", changed=False, expect=_of_ada),
        Step("no such role", {"name": "nobody"}, kind="gather", changed=False, result={"roles": []}),
    ],
    prepare=_ada_and_rights,
)


def _unlisted(outcome: Any) -> None:
    assert outcome.result["unlisted"] == ["Ada/Lovelace", "svc-awx"]
    assert outcome.result["spared"] == ["svc-awx"]


def _three(simulator: Simulator) -> None:
    _one(simulator)
    simulator.put_users([{"userid": "svc-awx", "accounts": ["Runner"]}], provider=PROVIDER)


def _all_blocked(state: dict[str, Any]) -> None:
    assert [item["blocked"] for item in _user(state, "Ada/Lovelace")["accounts"]] == [True, True]
    assert [item["blocked"] for item in _user(state, "svc-awx")["accounts"]] == [False]


USERS_LIFE = Scenario(
    "nextauth_users",
    [
        Step(
            "create two",
            {
                "users": [
                    {"user": NEW, "attributes": {"department": "Data"}},
                    {"user": "linus", "permissions": ["users"]},
                ]
            },
            writes=[
                ("POST", ON_WIRE + "/attributes/", {"department": "Data"}),
                ("POST", SERVER + "/users/linus/attributes/", {}),
                ("POST", SERVER + "/users/linus/role/", None),
                ("POST", ROLE, ["users"]),
            ],
        ),
        Step(
            "one changes, one goes",
            {"users": [{"user": NEW, "attributes": {"department": ""}}, {"user": "linus", "state": "absent"}]},
            writes=[
                # The list reports that linus has no accounts.
                ("DELETE", ON_WIRE + "/attributes/department", None),
                ("DELETE", SERVER + "/users/linus/", None),
            ],
        ),
        Step(
            "the others are blocked",
            {"users": [{"user": NEW, "enabled": None}], "unlisted": "disable", "protect": ["svc-*"]},
            writes=[ACCOUNT, ACCOUNT],
            expect=_unlisted,
        ),
    ],
    prepare=_three,
    after=_all_blocked,
    defaults={"max_concurrency": 1},
)


SCENARIOS = [USER_LIFE, FACETS_LIFE, ACCOUNTS_LIFE, INFO, ROLE_INFO, USERS_LIFE]
