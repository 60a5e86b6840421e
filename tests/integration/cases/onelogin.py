# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin's case: the life of each module, with the requests that must be sent."""

from __future__ import annotations

import hashlib
from typing import Any

from conformance import CANARY, Conformance
from scenarios import Scenario, Step

from simulator.harness import Simulator

PROVIDER = "onelogin"
PASSWORD = "canary-Pa55-ünd/%+"
SALT = "canarysalt"
USER = r"/api/1/users/\d+"


def _one(simulator: Simulator, **more: Any) -> None:
    """One user, who is spelled with capitals in the directory."""
    simulator.put_users([{
        "username": "Ada.Lovelace", "email": "Ada.Lovelace@Example.com", "firstname": "Ada", "lastname": "Lovelace",
        "title": "Analyst", "custom_attributes": {"badge": "b-1", "cost_center": "CC-1"}, "roles": ["Default", "2024"], **more,
    }])  # fmt: skip


def _user(state: dict[str, Any], username: str = "Ada.Lovelace") -> dict[str, Any]:
    return next(user for user in state["users"] if user["username"] == username)


def _gone(state: dict[str, Any]) -> None:
    assert state["users"] == []


CONFORMANCE = Conformance(
    "onelogin",
    new=lambda number: {"user": f"new+{number}/50%..é@example.com", "email": f"new{number}@example.com", "firstname": "New", "lastname": f"N{number}"},
    change={"department": "Registry"},
    clear={"department": ""},
    list="list_users",
    create="create_user",
    update="update_user",
    facets=("roles", "attributes"),
    refused={"client_secret": CANARY},
)

NEW = {"user": "grace+ops/50%..@example.com", "email": "grace@example.com", "firstname": "Grace", "lastname": "Höpper 霍珀", "title": "Admiral"}

USER_LIFE = Scenario(
    "onelogin_user",
    [
        Step("create", {
            **NEW, "comment": "first", "attributes": {"badge": "b-7"}, "roles": ["2024", "R&D + Ops / 50%"],
            "password": PASSWORD, "password_method": "salted",
        }, writes=[
            ("POST", "/api/1/users", {
                "username": NEW["user"], "email": "grace@example.com", "firstname": "Grace", "lastname": "Höpper 霍珀", "title": "Admiral", "notes": "first",
            }),
            ("PUT", r"/api/1/users/set_password_using_salt/\d+", None),
            ("PUT", USER + "/set_custom_attributes", {"custom_attributes": {"badge": "b-7"}}),
            ("PUT", USER + "/add_roles", None),
        ]),
        Step("unchanged in another case", {**NEW, "user": NEW["user"].upper(), "email": "GRACE@EXAMPLE.COM"}, changed=False),
        Step("change one field", {"user": NEW["user"], "title": "Rear admiral"}, writes=[("PUT", USER, {"title": "Rear admiral"})]),
        Step("clear a field", {"user": NEW["user"], "comment": "", "title": ""}, writes=[("PUT", USER, {"notes": None, "title": None})]),
        Step("suspend", {"user": NEW["user"], "enabled": False}, writes=[("PUT", r"/api/2/users/\d+", {"status": 2})]),
        Step("reactivate", {"user": NEW["user"], "enabled": True}, writes=[("PUT", r"/api/2/users/\d+", {"status": 1})]),
        Step("unlicense", {"user": NEW["user"], "user_state": "unlicensed"}, writes=[("PUT", USER + "/set_state", {"state": 3})]),
        Step("approve by enabling", {"user": NEW["user"], "enabled": True}, writes=[("PUT", USER + "/set_state", {"state": 1})]),
        Step("rename", {"user": "grace", "previous_users": ["nobody", NEW["user"]]}, writes=[("PUT", USER, {"username": "grace"})]),
        Step("managed roles", {"user": "grace", "roles": ["2025"], "roles_state": "managed", "managed_roles": ["2024", "2025"]}, writes=[
            ("PUT", USER + "/add_roles", None), ("PUT", USER + "/remove_roles", None),
        ], result={"unmanaged": {"roles": ["R&D + Ops / 50%"]}}),
        Step("exact and empty", {"user": "grace", "roles": [], "roles_state": "exact", "attributes": {}, "attributes_state": "exact"}, writes=[
            ("PUT", USER + "/set_custom_attributes", {"custom_attributes": {"badge": ""}}), ("PUT", USER + "/remove_roles", None),
        ]),
        Step("absent", {"user": "GRACE", "state": "absent"}, writes=[("DELETE", USER, None)]),
        Step("absent again", {"user": "grace", "state": "absent"}, changed=False),
    ],
    after=_gone,
    secrets=(PASSWORD,),
)


def _password_state(state: dict[str, Any]) -> None:
    password = _user(state)["password"]
    assert password["method"] == "clear_text"
    assert password["sha256"] == hashlib.sha256(PASSWORD.encode()).hexdigest()


USER_BY_EMAIL = Scenario(
    "onelogin_user",
    [
        Step("found by e-mail in another case", {"user": "ADA.lovelace@example.com", "title": "Analyst"}, changed=False),
        Step("password for a user who exists", {"user": "ada.lovelace@example.com", "password": PASSWORD}, changed=False),
        Step("password always", {
            "user": "ada.lovelace@example.com", "password": PASSWORD, "update_password": "always", "password_method": "clear_text",
        }, kind="perform", writes=[("PUT", r"/api/1/users/set_password_clear_text/\d+", None)]),
        Step("protected", {"user": "ada.lovelace@example.com", "state": "present", "enabled": True, "protect": ["ada*"]}, changed=False),
    ],
    name="by e-mail",
    prepare=_one,
    after=_password_state,
    secrets=(PASSWORD,),
    defaults={"user_key": "email"},
    options={"onelogin": {"empty_fields": "null", "list_custom_attributes": False}},
)

BARE_WIRE = Scenario(
    "onelogin_user",
    [
        Step("create", {**NEW, "comment": "first", "locale_code": "de", "roles": ["2024"]}, writes=[
            ("POST", "/api/1/users", {
                "username": NEW["user"], "email": "grace@example.com", "firstname": "Grace", "lastname": "Höpper 霍珀", "title": "Admiral",
                "comment": "first", "preferred_locale_code": "de",
            }),
            ("PUT", USER + "/add_roles", None),
        ]),
        Step("clear", {"user": NEW["user"], "comment": ""}, writes=[("PUT", USER, {"comment": None})]),
        Step("exact roles", {"user": NEW["user"], "roles": ["2025"], "roles_state": "exact"}, writes=[
            ("PUT", USER + "/add_roles", None), ("PUT", USER + "/remove_roles", None),
        ]),
        Step("absent", {"user": NEW["user"], "state": "absent"}, writes=[("DELETE", USER, None)]),
    ],
    name="bare wire",
    after=_gone,
    options={"onelogin": {"wire": "bare"}},
)

ATTRIBUTES_LIFE = Scenario(
    "onelogin_user_attributes",
    [
        Step("present", {"user": "ada.lovelace", "attributes": {"badge": "b-2", "employee_id": 17}}, writes=[
            ("PUT", USER + "/set_custom_attributes", {"custom_attributes": {"badge": "b-2", "employee_id": "17"}}),
        ]),
        Step("change one", {"user": "ada.lovelace", "attributes": {"badge": "b-3"}}, writes=[
            ("PUT", USER + "/set_custom_attributes", {"custom_attributes": {"badge": "b-3"}}),
        ]),
        Step("clear one", {"user": "ada.lovelace", "attributes": {"cost_center": ""}}, writes=[
            ("PUT", USER + "/set_custom_attributes", {"custom_attributes": {"cost_center": ""}}),
        ]),
        Step("absent", {"user": "ADA.lovelace", "state": "absent", "names": ["employee_id"]}, writes=[
            ("PUT", USER + "/set_custom_attributes", {"custom_attributes": {"employee_id": ""}}),
        ]),
        Step("absent again", {"user": "ada.lovelace", "state": "absent", "attributes": {"employee_id": "whatever"}}, changed=False),
        Step("exact", {"user": "ada.lovelace", "attributes": {"cost_center": "CC-9"}, "state": "exact"}, writes=[
            ("PUT", USER + "/set_custom_attributes", {"custom_attributes": {"cost_center": "CC-9", "badge": ""}}),
        ]),
        Step("exact and empty", {"user": "ada.lovelace", "attributes": {}, "state": "exact"}, writes=[
            ("PUT", USER + "/set_custom_attributes", {"custom_attributes": {"cost_center": ""}}),
        ]),
    ],
    prepare=_one,
)

ROLES_LIFE = Scenario(
    "onelogin_user_roles",
    [
        Step("present adds", {"user": "ada.lovelace", "roles": ["2024", "2025", "finance"]}, writes=[("PUT", USER + "/add_roles", None)]),
        Step("order does not matter", {"user": "ada.lovelace", "roles": ["finance", "2025", "2024"]}, changed=False),
        Step("absent", {"user": "ada.lovelace", "roles": ["2025", "team-40"], "state": "absent"}, writes=[("PUT", USER + "/remove_roles", None)]),
        Step("absent again", {"user": "ada.lovelace", "roles": ["2025"], "state": "absent"}, changed=False),
        Step("exact", {"user": "ada.lovelace", "roles": ["Überprüfung", "2024"], "state": "exact"}, writes=[
            ("PUT", USER + "/add_roles", None), ("PUT", USER + "/remove_roles", None),
        ]),
        Step("exact and empty", {"user": "ada.lovelace", "roles": [], "state": "exact"}, writes=[("PUT", USER + "/remove_roles", None)]),
    ],
    prepare=_one,
)


def _mapped(simulator: Simulator) -> None:
    _one(simulator, roles=["Default"], mapped_roles=["VPN"])


MAPPED_ROLES = Scenario(
    "onelogin_user_roles",
    [
        # Whether a mapping keeps a role shows only when its removal is tried: check mode cannot know it.
        Step("a mapped role stays", {"user": "ada.lovelace", "roles": ["Default", "VPN"], "state": "absent"}, settles=False, warns="VPN", writes=[
            ("PUT", USER + "/remove_roles", None),
        ]),
    ],
    name="mapped",
    prepare=_mapped,
)

LOCK_LIFE = Scenario(
    "onelogin_user_lock",
    [
        Step("lock", {"user": "ada.lovelace", "minutes": 60}, writes=[("PUT", USER + "/lock_user", {"locked_until": 60})]),
        Step("unlock", {"user": "ada.lovelace", "state": "absent"}, writes=[("PUT", r"/api/2/users/\d+", {"status": 1})]),
        Step("unlock again", {"user": "ada.lovelace", "state": "absent"}, changed=False),
    ],
    prepare=_one,
)

SESSION = Scenario(
    "onelogin_user_session",
    [Step("log out", {"user": "ada.lovelace"}, kind="perform", writes=[("PUT", USER + "/logout", None)])],
    prepare=_one,
)


def _salted(state: dict[str, Any]) -> None:
    password = _user(state)["password"]
    assert password["method"] == "salt+sha256"
    assert password["hash"] == hashlib.sha256((SALT + PASSWORD).encode()).hexdigest()


PASSWORDS = Scenario(
    "onelogin_user_password",
    [
        Step("clear text", {"user": "ada.lovelace", "password": PASSWORD, "method": "clear_text"}, kind="perform", writes=[
            ("PUT", r"/api/1/users/set_password_clear_text/\d+", None),
        ]),
        Step("salted", {"user": "ada.lovelace", "password": PASSWORD, "salt": SALT}, kind="perform", writes=[
            ("PUT", r"/api/1/users/set_password_using_salt/\d+", None),
        ]),
    ],
    prepare=_one,
    after=_salted,
    secrets=(PASSWORD, SALT),
)


def _people(simulator: Simulator) -> None:
    _one(simulator)
    simulator.put_users([{"username": f"user{number:03d}", "email": f"user{number:03d}@example.com", "firstname": "U", "lastname": str(number)}
                         for number in range(120)])


def _count(outcome: Any, number: int) -> None:
    assert len(outcome.result["users"]) == number


def _ada(outcome: Any) -> None:
    (ada,) = outcome.result["users"]
    assert ada["roles"] == ["2024", "Default"]
    assert ada["attributes"] == {"badge": "b-1", "cost_center": "CC-1"}
    assert (ada["enabled"], ada["privileged"], ada["mfa"]) == (True, "unknown", "unknown")
    assert [app["name"] for app in ada["apps"]] == ["Jira"]
    assert outcome.result["attribute_names"] == ["employee_id", "cost_center", "badge"]


INFO = Scenario(
    "onelogin_user_info",
    [
        Step("everyone", {}, kind="gather", changed=False, expect=lambda outcome: _count(outcome, 121)),
        Step("one", {"user": "ADA.LOVELACE", "gather": ["roles", "attributes", "apps"]}, kind="gather", changed=False, expect=_ada),
        Step("filtered", {"filters": {"username": "user00*"}}, kind="gather", changed=False, expect=lambda outcome: _count(outcome, 10)),
        Step("by role", {"filters": {"role": "2024"}}, kind="gather", changed=False, expect=lambda outcome: _count(outcome, 1)),
        Step("nobody", {"filters": {"email": "nobody@example.com"}}, kind="gather", changed=False, result={"users": []}),
    ],
    prepare=_people,
)


USERS_LIFE = Scenario(
    "onelogin_users",
    [
        Step("create three", {"users": [
            {**NEW, "roles": ["2024"]},
            {"user": "linus", "email": "linus@example.com", "firstname": "Linus", "lastname": "T", "password": PASSWORD},
            {"user": "ken", "email": "ken@example.com", "firstname": "Ken", "lastname": "T", "enabled": False},
        ]}, writes=[
            ("POST", "/api/1/users", None), ("PUT", USER + "/add_roles", None), ("POST", "/api/1/users", None),
            ("PUT", r"/api/1/users/set_password_using_salt/\d+", None), ("POST", "/api/1/users", None), ("PUT", r"/api/2/users/\d+", {"status": 2}),
        ]),
        Step("one changes, one is renamed, one goes", {"users": [
            {"user": NEW["user"], "title": ""},
            {"user": "torvalds", "previous_users": ["linus"]},
            {"user": "ken", "state": "absent"},
        ]}, writes=[("PUT", USER, {"title": None}), ("PUT", USER, {"username": "torvalds"}), ("DELETE", USER, None)]),
        Step("the rest goes", {"users": [{"user": NEW["user"]}, {"user": "torvalds", "state": "absent"}], "unlisted": "report"}, writes=[
            ("DELETE", USER, None),
        ]),
    ],
    secrets=(PASSWORD,),
    defaults={"max_concurrency": 1},
)

API_TOKEN = Scenario(
    "onelogin_api_token",
    [Step("a token", {}, kind="gather", changed=False, registered=False)],
)

SCENARIOS = [
    USER_LIFE, USER_BY_EMAIL, BARE_WIRE, ATTRIBUTES_LIFE, ROLES_LIFE, MAPPED_ROLES, LOCK_LIFE, SESSION, PASSWORDS, INFO, USERS_LIFE, API_TOKEN,
]
