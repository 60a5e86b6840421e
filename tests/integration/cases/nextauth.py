# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""nextAuth's case: the life of each module, with the requests that must be sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from conformance import CANARY, Conformance
from scenarios import Scenario, Step

from simulator.harness import Simulator

PROVIDER = "nextauth"
SERVER = "/servers/sim%2Bmain%2Fserver%2B%2Fid01A%3D%3D"
NONCE = "canary-nonce-4711"
KEY_SECRET = "canary-listed-key"

CONFORMANCE = Conformance(
    "nextauth",
    new=lambda number: {"user": f"new+{number}/50%..é@example.com", "attributes": {"department": "Data", "employee_id": f"E{number}"}},
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
    """One user, who is spelled with capitals in the directory, with two devices of which one is blocked."""
    user = {"userid": "Ada/Lovelace", "attributes": {"badge": "b-1", "cost/center": "CC-1"}, "accounts": ["Phone", "2024"], **more}
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
        Step("create", {**WHO, "enabled": True, "attributes": {"department": "Data", "vip": True, "1042": 7}, "permissions": ["sessions", "accounts"]}, writes=[
            ("POST", ON_WIRE + "/attributes/", {"department": "Data", "vip": "true", "1042": "7"}),
            ("POST", ON_WIRE + "/role/", None),
            ("POST", ROLE, ["accounts", "sessions"]),
        ]),
        Step("unchanged in another case", {
            "user": NEW.upper(), "enabled": False, "attributes": {"vip": True, "1042": "7"}, "permissions": ["accounts"],
        }, changed=False),
        Step("change one attribute", {**WHO, "attributes": {"department": "Navy", "vip": "true"}}, writes=[
            ("PUT", ON_WIRE + "/attributes/", {"department": "Navy"}),
        ]),
        Step("clear an attribute", {**WHO, "attributes": {"department": ""}}, writes=[("DELETE", ON_WIRE + "/attributes/department", None)]),
        Step("managed", {**WHO, "permissions": ["users"], "permissions_state": "managed", "managed_permissions": ["users", "accounts"]}, writes=[
            ("POST", ROLE, ["sessions", "users"]),
        ], result={"unmanaged": {"permissions": ["sessions"]}}),
        Step("exact attributes", {**WHO, "attributes": {"1042": "8"}, "attributes_state": "exact"}, writes=[
            ("POST", ON_WIRE + "/attributes/", {"1042": "8"}),
        ]),
        Step("exact and empty", {**WHO, "permissions": [], "permissions_state": "exact", "attributes": {}, "attributes_state": "exact"}, writes=[
            ("DELETE", ON_WIRE + "/attributes/", None), ("DELETE", ROLE, None),
        ]),
        # The row of the search by which another spelling is found tells that there are no accounts to delete.
        Step("absent", {"user": NEW.lower(), "state": "absent"}, writes=[("DELETE", ON_WIRE + "/", None)]),
        Step("absent again", {**WHO, "state": "absent"}, changed=False),
        Step("without anything", {"user": "..", "expected_account": "sim+main/server+/id01A=="}, writes=[
            ("POST", SERVER + "/users/%2E%2E/attributes/", {}),
        ]),
        Step("by its ID", {"id": "..", "state": "absent"}, writes=[
            ("DELETE", SERVER + "/users/%2E%2E/accounts", None), ("DELETE", SERVER + "/users/%2E%2E/", None),
        ]),
    ],
    after=_gone,
)  # fmt: skip


def _all_blocked(state: dict[str, Any]) -> None:
    assert [item["blocked"] for item in _user(state, "Ada/Lovelace")["accounts"]] == [True, True]


ENABLED = Scenario(
    "nextauth_user",
    [
        Step("disable", {"user": "ada/lovelace", "enabled": False}, writes=[ACCOUNT, ACCOUNT], expect=_sent("blocked", "true", "true")),
        Step("enable", {"user": "ada/lovelace", "enabled": "yes"}, writes=[ACCOUNT, ACCOUNT], expect=_sent("blocked", "false", "false")),
        Step("one is blocked", {"user": "ada/lovelace", "accounts": ["Phone"], "state": "blocked"}, module="nextauth_user_accounts", writes=[ACCOUNT]),
        Step("enabled by the other", {"user": "ada/lovelace", "enabled": True}, changed=False),
        Step("disable the other", {"user": "ada/lovelace", "enabled": False}, writes=[ACCOUNT]),
    ],
    name="enabled",
    prepare=_one,
    after=_all_blocked,
    options={"nextauth": {"attributes_form": "list", "totalnumber": "absent", "error_bodies": "empty"}},
)

ATTRIBUTES_LIFE = Scenario(
    "nextauth_user_attributes",
    [
        Step("present", {"user": "ada/lovelace", "attributes": {"badge": "b-2", "employee_id": 17}}, writes=[
            ("PUT", ADA + "/attributes/", {"badge": "b-2", "employee_id": "17"}),
        ]),
        Step("change one", {"user": "Ada/Lovelace", "attributes": {"badge": "b-3"}}, writes=[("PUT", ADA + "/attributes/", {"badge": "b-3"})]),
        Step("clear one", {"id": "Ada/Lovelace", "attributes": {"cost/center": ""}}, writes=[("DELETE", ADA + "/attributes/cost%2Fcenter", None)]),
        Step("absent", {"user": "ADA/lovelace", "state": "absent", "names": ["employee_id"]}, writes=[("DELETE", ADA + "/attributes/employee_id", None)]),
        Step("absent again", {"user": "ada/lovelace", "state": "absent", "attributes": {"employee_id": "whatever"}}, changed=False),
        Step("exact and only more", {"user": "ada/lovelace", "attributes": {"badge": "b-3", "研究": "ü"}, "state": "exact"}, writes=[
            ("PUT", ADA + "/attributes/", {"研究": "ü"}),
        ]),
        Step("exact", {"user": "ada/lovelace", "attributes": {"cost/center": "CC-9"}, "state": "exact"}, writes=[
            ("POST", ADA + "/attributes/", {"cost/center": "CC-9"}),
        ]),
        Step("exact and empty", {"user": "ada/lovelace", "attributes": {}, "state": "exact"}, writes=[("DELETE", ADA + "/attributes/", None)]),
        Step("anew", {"user": "ada/lovelace", "attributes": {"badge": "b-1"}}, writes=[("PUT", ADA + "/attributes/", {"badge": "b-1"})]),
    ],
    prepare=_one,
    options={"nextauth": {"attributes_form": "string", "empty_attributes": "nothing", "unknown_key_status": 404, "slashes": "redirect"}},
)

ROLES_LIFE = Scenario(
    "nextauth_user_roles",
    [
        Step("nothing to take", {"user": "ada/lovelace", "permissions": ["users"], "state": "absent"}, changed=False),
        Step("present makes the role", {"user": "ada/lovelace", "permissions": ["users", "sessions"]}, writes=[
            ("POST", ADA + "/role/", None), ("POST", ROLE, ["sessions", "users"]),
        ]),
        Step("order does not matter", {"user": "ada/lovelace", "permissions": ["sessions", "users"], "state": "exact"}, changed=False),
        Step("present keeps the others", {"user": "ada/lovelace", "permissions": ["accounts"]}, writes=[("POST", ROLE, ["accounts", "sessions", "users"])]),
        Step("absent", {"user": "ada/lovelace", "permissions": ["users", "servers"], "state": "absent"}, writes=[("POST", ROLE, ["accounts", "sessions"])]),
        Step("exact", {"user": "ada/lovelace", "permissions": ["users"], "state": "exact"}, writes=[("POST", ROLE, ["users"])]),
        Step("exact and empty", {"user": "ada/lovelace", "permissions": [], "state": "exact"}, writes=[("DELETE", ROLE, None)]),
        Step("once more", {"user": "ada/lovelace", "permissions": ["users"]}, writes=[("POST", ROLE, ["users"])]),
    ],
    prepare=_one,
    options={"nextauth": {"empty_acl": "entry"}},
)


def _devices(*expected: tuple[str, bool]) -> Callable[[Any], None]:
    def check(outcome: Any) -> None:
        assert sorted((item["description"], item["blocked"]) for item in outcome.result["accounts"]) == sorted(expected)
        assert outcome.result["user"] == {"id": "Ada/Lovelace", "user": "Ada/Lovelace"}

    return check


ACCOUNTS_LIFE = Scenario(
    "nextauth_user_accounts",
    [
        Step("block one", {"user": "ada/lovelace", "accounts": [2024], "state": "blocked"}, writes=[ACCOUNT],
             expect=_devices(("Phone", False), ("2024", True))),
        Step("block all", {"user": "ada/lovelace", "all": True, "state": "blocked"}, writes=[ACCOUNT],
             expect=_sent("blocked", "true")),
        Step("unblock one", {"user": "ada/lovelace", "accounts": ["Phone"], "state": "unblocked", "protect": ["ada*"]}, writes=[ACCOUNT],
             expect=_devices(("Phone", False), ("2024", True))),
        Step("delete one", {"user": "ada/lovelace", "accounts": ["Phone", {"id": 1}], "state": "absent"}, writes=[("DELETE", SERVER + r"/accounts/\d+/", None)],
             expect=_devices(("2024", True))),
        Step("delete all", {"user": "ada/lovelace", "all": True, "state": "absent"}, writes=[("DELETE", ADA + "/accounts", None)], expect=_devices()),
        Step("nothing to unblock", {"user": "ada/lovelace", "all": True, "state": "unblocked"}, changed=False),
    ],
    prepare=_one,
)  # fmt: skip


def _session(simulator: Simulator) -> None:
    """An app that nobody has registered has logged in on a session."""
    _one(simulator)
    simulator.put("accounts", [{"id": 70500}], provider=PROVIDER)
    simulator.put("sessions", [{"nonce": NONCE, "accountid": 70500}], provider=PROVIDER)


def _registered(state: dict[str, Any]) -> None:
    assert 70500 in [item["id"] for item in _user(state, "Ada/Lovelace")["accounts"]]


REGISTRATION = Scenario(
    "nextauth_user_registration",
    [
        Step("register", {"user": "Ada/Lovelace", "nonce": NONCE}, kind="perform", writes=[("POST", SERVER + "/sessions/registeruser", None)],
             expect=_sent("userid", "Ada/Lovelace")),
    ],
    prepare=_session,
    after=_registered,
    secrets=(NONCE,),
)


def _people(simulator: Simulator) -> None:
    simulator.reset(seed_users=120)
    _one(simulator, permissions=["users", "accounts"])


def _count(number: int) -> Callable[[Any], None]:
    def check(outcome: Any) -> None:
        assert len(outcome.result["users"]) == number

    return check


def _everyone(outcome: Any) -> None:
    assert len(outcome.result["users"]) == 121
    assert {user["enabled"] for user in outcome.result["users"]} == {True}
    assert len(outcome.requests) == 4, "two pages of users, two of accounts"


def _ada(outcome: Any) -> None:
    (ada,) = outcome.result["users"]
    assert (ada["permissions"], ada["attributes"]) == (["accounts", "users"], {"badge": "b-1", "cost/center": "CC-1"})
    assert (ada["enabled"], ada["privileged"], ada["mfa"], ada["number_accounts"]) == (True, "unknown", "unknown", 2)
    assert [item["description"] for item in ada["accounts"]] == ["2024", "Phone"]


INFO = Scenario(
    "nextauth_user_info",
    [
        Step("everyone", {"gather": ["accounts"]}, kind="gather", changed=False, expect=_everyone),
        Step("one", {"user": "ADA/LOVELACE", "gather": ["accounts", "attributes", "permissions"]}, kind="gather", changed=False, expect=_ada),
        Step("search", {"filters": {"search": "user000"}}, kind="gather", changed=False, expect=_count(9)),
        Step("by attribute", {"filters": {"attributes": {"badge": "b-1"}}}, kind="gather", changed=False, expect=_count(1)),
        Step("by values", {"filters": {"attributes": {"employee_id": ["E00001", "E00002", "none"]}}}, kind="gather", changed=False, expect=_count(2)),
        Step("nobody", {"filters": {"search": "nobody"}}, kind="gather", changed=False, result={"users": []}),
    ],
    prepare=_people,
)


def _unlisted(outcome: Any) -> None:
    assert outcome.result["unlisted"] == ["Ada/Lovelace", "svc-awx"]
    assert outcome.result["spared"] == ["svc-awx"]


def _three(simulator: Simulator) -> None:
    _one(simulator)
    simulator.put_users([{"userid": "svc-awx", "accounts": ["Runner"]}], provider=PROVIDER)


USERS_LIFE = Scenario(
    "nextauth_users",
    [
        Step("create two", {"users": [{"user": NEW, "attributes": {"department": "Data"}}, {"user": "linus", "permissions": ["users"]}]}, writes=[
            ("POST", ON_WIRE + "/attributes/", {"department": "Data"}), ("POST", SERVER + "/users/linus/attributes/", {}),
            ("POST", SERVER + "/users/linus/role/", None), ("POST", ROLE, ["users"]),
        ]),
        Step("one changes, one goes", {"users": [{"user": NEW, "attributes": {"department": ""}}, {"user": "linus", "state": "absent"}]}, writes=[
            ("DELETE", ON_WIRE + "/attributes/department", None),
            ("DELETE", SERVER + "/users/linus/accounts", None), ("DELETE", SERVER + "/users/linus/", None),
        ]),
        Step("the others are blocked", {"users": [{"user": NEW, "enabled": "unknown"}], "unlisted": "disable", "protect": ["svc-*"]}, writes=[ACCOUNT, ACCOUNT],
             expect=_unlisted),
    ],
    prepare=_three,
    after=_all_blocked,
    defaults={"max_concurrency": 1},
)  # fmt: skip


def _keys(simulator: Simulator) -> None:
    simulator.put("apikeys", [{"apikey": KEY_SECRET, "role": "Root/role+000A==", "description": "there"}], provider=PROVIDER)


def _made(state: dict[str, Any]) -> None:
    assert [item["description"] for item in state["apikeys"]].count("report / job 50%") == 1


API_TOKEN = Scenario(
    "nextauth_api_token",
    [
        Step("it is there", {"name": "there"}, changed=False, registered=False),
        Step("it is made", {"name": "report / job 50%"}, writes=[("POST", "/apikeys/", None)], registered=False),
        Step("nothing to delete", {"name": "nobody", "state": "absent"}, changed=False),
    ],
    prepare=_keys,
    after=_made,
    secrets=(KEY_SECRET,),
)

SCENARIOS = [
    USER_LIFE, ENABLED, ATTRIBUTES_LIFE, ROLES_LIFE, ACCOUNTS_LIFE, REGISTRATION, INFO, USERS_LIFE, API_TOKEN,
]
