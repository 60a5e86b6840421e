# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin's case: the life of each module, with the requests that must be sent."""

from __future__ import annotations

import hashlib
from typing import Any

from conformance import CANARY, Conformance
from scenarios import Request, Scenario, Step

from simulator.harness import Simulator
from simulator.masking import MASK

PROVIDER = "onelogin"
PASSWORD = "canary-Pa55-ünd/%+"
SALT = "canarysalt"
DIGEST = hashlib.sha256((PASSWORD + SALT).encode()).hexdigest()
BCRYPT = "$2b$12$" + "canaryBcrypt" * 4 + "abcde"
USER = r"/api/1/users/\d+"


def _one(simulator: Simulator, **more: Any) -> None:
    """One user, who is spelled with capitals in the directory."""
    simulator.put_users([{
        "username": "Ada.Lovelace", "email": "Ada.Lovelace@Example.com", "firstname": "Ada", "lastname": "Lovelace",
        "title": "Analyst", "custom_attributes": {"badge": "b-1", "cost_center": "CC-1"}, "roles": ["Default", "2024"],
        **more,
    }])  # fmt: skip


def _user(state: dict[str, Any], username: str = "Ada.Lovelace") -> dict[str, Any]:
    return next(user for user in state["users"] if user["username"] == username)


def _gone(state: dict[str, Any]) -> None:
    assert state["users"] == []


def _suspended(outcome: Any) -> None:
    user = outcome.result["user"]
    assert (user["enabled"], user["user_state"], user["status"]) == (False, "approved", "suspended")


CONFORMANCE = Conformance(
    "onelogin",
    new=lambda number: {
        "user": f"new+{number}/50%..é@example.com", "email": f"new{number}@example.com", "firstname": "New",
        "lastname": f"N{number}",
    },
    change={"department": "Registry"},
    clear={"department": ""},
    list="list_users",
    create="create_user",
    update="update_user",
    facets=("roles", "attributes"),
    refused={"client_secret": CANARY},
)

NEW = {
    "user": "grace+ops/50%..@example.com", "email": "grace@example.com", "firstname": "Grace",
    "lastname": "Höpper 霍珀", "title": "Admiral",
}

ROLES = {
    "Default": 410001, "2024": 410004, "2025": 410005, "R&D + Ops / 50%": 410006, "Überprüfung": 410007,
    "finance": 410010, "VPN": 410017,
}
"""Roles of every account of the simulator, and their ids."""
FIRST = "100001"
"""The id of the account's first user."""


def _roles(verb: str, *names: str) -> Request:
    """The request that adds or removes roles."""
    return ("PUT", f"{USER}/{verb}_roles", {"role_id_array": [ROLES[name] for name in names]})


def _attributes(**values: str) -> Request:
    """The request that sets custom attributes."""
    return ("PUT", USER + "/set_custom_attributes", {"custom_attributes": values})


SUSPEND, ACTIVATE = (("PUT", r"/api/2/users/\d+", {"status": status}) for status in (2, 1))
UNLICENSE, REJECT, APPROVE = (("PUT", USER + "/set_state", {"state": state}) for state in (3, 2, 1))

USER_LIFE = Scenario(
    "onelogin_user",
    [
        Step(
            "create",
            {
                **NEW,
                "comment": "first",
                "group_id": 310002,
                "manager_user_id": 17,
                "attributes": {"badge": 7},
                "roles": [2024, "R&D + Ops / 50%"],
                "password": PASSWORD,
                "enabled": False,
            },
            writes=[
                (
                    "POST",
                    "/api/1/users",
                    {
                        "username": NEW["user"], "email": "grace@example.com", "firstname": "Grace",
                        "lastname": "Höpper 霍珀", "title": "Admiral", "notes": "first", "group_id": 310002,
                        "manager_user_id": "17",
                    },
                ),
                ("PUT", r"/api/1/users/set_password_using_salt/\d+", None),
                SUSPEND,
                _attributes(badge="7"),
                _roles("add", "2024", "R&D + Ops / 50%"),
            ],
        ),
        Step(
            "found in another case, one field changed, others cleared",
            {
                "user": NEW["user"].upper(),
                "email": "GRACE@EXAMPLE.COM",
                "title": "Rear admiral",
                "comment": "",
                "group_id": "",
                "manager_user_id": "",
            },
            writes=[("PUT", USER, {"title": "Rear admiral", "notes": "", "group_id": None, "manager_user_id": ""})],
        ),
        Step(
            "rename and unlicense",
            {"user": "grace", "previous_users": ["nobody", NEW["user"]], "user_state": "unlicensed"},
            writes=[
                ("PUT", USER, {"username": "grace"}),
                UNLICENSE,
            ],
        ),
        Step(
            "enabling ends the suspension and approves", {"user": "grace", "enabled": True}, writes=[ACTIVATE, APPROVE]
        ),
        Step(
            "reject, with managed roles",
            {
                "user": "grace",
                "user_state": "rejected",
                "roles": ["2025"],
                "roles_state": "managed",
                "managed_roles": ["2024", "2025"],
            },
            writes=[REJECT, _roles("add", "2025"), _roles("remove", "2024")],
            result={"unmanaged": {"roles": ["R&D + Ops / 50%"]}},
        ),
        Step(
            "approved and suspended at once, with nothing left",
            {
                "user": "grace",
                "user_state": "approved",
                "enabled": False,
                "roles": [],
                "roles_state": "exact",
                "attributes": {},
                "attributes_state": "exact",
            },
            writes=[SUSPEND, APPROVE, _attributes(badge=""), _roles("remove", "2025", "R&D + Ops / 50%")],
            expect=_suspended,
        ),
        Step("absent", {"user": "GRACE", "state": "absent"}, writes=[("DELETE", USER, None)]),
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
        # The list keeps the attributes back, and the password of a user who exists is left alone.
        Step(
            "found by e-mail in another case",
            {
                "user": " ADA.lovelace@example.com ",
                "title": "Analyst",
                "attributes": {"badge": "b-1"},
                "enabled": True,
                "password": PASSWORD,
                "protect": ["ada*"],
            },
            changed=False,
        ),
        Step(
            "password always",
            {
                "user": "ada.lovelace@example.com", "password": PASSWORD, "update_password": "always",
                "password_method": "clear_text",
            },
            kind="perform",
            writes=[("PUT", r"/api/1/users/set_password_clear_text/\d+", None)],
        ),
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
        Step(
            "create",
            {**NEW, "comment": "first", "locale_code": "de", "roles": ["2024"]},
            writes=[
                (
                    "POST",
                    "/api/1/users",
                    {
                        "username": NEW["user"], "email": "grace@example.com", "firstname": "Grace",
                        "lastname": "Höpper 霍珀", "title": "Admiral", "comment": "first",
                        "preferred_locale_code": "de",
                    },
                ),
                _roles("add", "2024"),
            ],
        ),
        Step(
            "clear, without a list",
            {"id": FIRST, "comment": "", "roles": ["2025"], "roles_state": "exact", "enabled": False},
            writes=[
                ("PUT", USER, {"comment": ""}),
                SUSPEND,
                _roles("add", "2025"),
                _roles("remove", "2024"),
            ],
        ),
        Step("absent", {"user": NEW["user"], "state": "absent"}, writes=[("DELETE", USER, None)]),
    ],
    name="bare wire",
    after=_gone,
    options={"onelogin": {"wire": "bare"}},
    front_ends=("worker",),
)

ADA = {"user": "ada.lovelace"}

FACETS = Scenario(
    "onelogin_user_attributes",
    [
        Step(
            "set, change and clear",
            {**ADA, "attributes": {"badge": "b-2", "employee_id": 17, "cost_center": ""}},
            writes=[
                _attributes(badge="b-2", employee_id="17", cost_center=""),
            ],
        ),
        Step(
            "attributes absent",
            {
                "user": "ADA.lovelace",
                "state": "absent",
                "names": ["employee_id"],
                "attributes": {"cost_center": "whatever"},
            },
            writes=[
                _attributes(employee_id=""),
            ],
        ),
        Step("attributes exact", {**ADA, "attributes": {}, "state": "exact"}, writes=[_attributes(badge="")]),
        Step(
            "roles present",
            {**ADA, "roles": ["2024", 2025, "finance"]},
            writes=[_roles("add", "2025", "finance")],
            module="onelogin_user_roles",
        ),
        Step(
            "roles absent",
            {**ADA, "roles": ["2025", "team-40"], "state": "absent"},
            writes=[_roles("remove", "2025")],
            module="onelogin_user_roles",
        ),
        Step(
            "roles exact",
            {**ADA, "roles": ["Überprüfung", {"id": 410004}], "state": "exact"},
            writes=[
                _roles("add", "Überprüfung"),
                _roles("remove", "Default", "finance"),
            ],
            module="onelogin_user_roles",
        ),
    ],
    name="facets",
    prepare=_one,
)


def _mapped(simulator: Simulator) -> None:
    _one(simulator, roles=["Default"], mapped_roles=["VPN"])


MAPPED_ROLES = Scenario(
    "onelogin_user_roles",
    [
        # Whether a mapping keeps a role shows only when its removal is tried: check mode cannot know it.
        Step(
            "a mapped role stays",
            {**ADA, "roles": ["Default", "VPN"], "state": "absent"},
            settles=False,
            warns="VPN",
            writes=[
                _roles("remove", "Default", "VPN"),
            ],
        ),
        # The mapping runs between the two calls: the first change of roles is refused as a whole.
        Step(
            "a mapping is quicker",
            {**NEW, "department": "Ops", "roles": ["2024", "VPN"]},
            module="onelogin_user",
            writes=[
                ("POST", "/api/1/users", None),
                _roles("add", "2024", "VPN"),
                _roles("add", "2024"),
            ],
        ),
    ],
    name="mapped",
    prepare=_mapped,
    options={"onelogin": {"mappings": [{"field": "department", "value": "Ops", "role": "VPN"}], "mapping_delay": 0}},
)


def _salted(state: dict[str, Any]) -> None:
    ada = _user(state)
    assert ada["password"]["method"] == "salt+sha256"
    assert ada["password"]["hash"] == hashlib.sha256((SALT + PASSWORD).encode()).hexdigest()
    assert ada["logouts"] == 2


ACCESS = Scenario(
    "onelogin_user_lock",
    [
        Step("lock", {**ADA, "minutes": 60}, writes=[("PUT", USER + "/lock_user", {"locked_until": 60})]),
        Step("unlock", {**ADA, "state": "absent"}, writes=[("POST", r"/api/2/users/\d+/unlock", None)]),
        Step("log out", ADA, module="onelogin_user_session", kind="perform", writes=[("PUT", USER + "/logout", None)]),
        Step(
            "clear text",
            {**ADA, "password": PASSWORD, "method": "clear_text", "validate_policy": True},
            kind="perform",
            writes=[
                ("PUT", r"/api/1/users/set_password_clear_text/\d+", None),
            ],
            module="onelogin_user_password",
        ),
        Step(
            "salted",
            {**ADA, "password": PASSWORD, "salt": SALT},
            kind="perform",
            writes=[
                (
                    "PUT",
                    r"/api/1/users/set_password_using_salt/\d+",
                    {
                        "password": MASK, "password_confirmation": MASK, "password_algorithm": "salt+sha256",
                        "password_salt": MASK,
                    },
                ),
            ],
            module="onelogin_user_password",
        ),
        Step("a token", {}, module="onelogin_api_token", kind="gather", changed=False, registered=False),
    ],
    name="access",
    prepare=_one,
    after=_salted,
    secrets=(PASSWORD, SALT),
)


def _status(code: int) -> Request:
    """The request that sets a status."""
    return ("PUT", r"/api/2/users/\d+", {"status": code})


def _hash(algorithm: str, **salt: str) -> Request:
    """The request that sets a hash of another system; the simulator's record masks the hash and the salt."""
    return (
        "PUT",
        r"/api/2/users/\d+",
        {"password": MASK, "password_confirmation": MASK, "password_algorithm": algorithm, **salt},
    )


def _hashed(state: dict[str, Any]) -> None:
    grace = _user(state, NEW["user"])
    assert grace["password"] == {"method": "sha256+salt", "salt": SALT, "hash": DIGEST}


def _no_unlock(simulator: Simulator) -> None:
    """A server whose version 2 has no call that unlocks."""
    simulator.faults([{"provider": "onelogin", "operation": "unlock_user2", "status": 404, "count": 0}])


GRACE = {"user": NEW["user"]}

STATUS = Scenario(
    "onelogin_user",
    [
        Step(
            "create with a hash, which has to be changed",
            {
                **NEW,
                "password_hash": DIGEST,
                "password_salt": SALT,
                "password_algorithm": "sha256+salt",
                "status": "password_expired",
            },
            writes=[("POST", "/api/1/users", None), _hash("sha256+salt", salt=MASK), _status(4)],
        ),
        Step("suspended", {**GRACE, "status": "suspended"}, writes=[_status(2)], expect=_suspended),
        Step("security questions", {**GRACE, "status": "security_questions_required"}, writes=[_status(8)]),
        Step(
            "active", {**GRACE, "status": "active", "password_hash": DIGEST, "password_salt": SALT}, writes=[_status(1)]
        ),
        Step(
            "another hash",
            {**GRACE, "password_hash": BCRYPT, "password_algorithm": "bcrypt"},
            kind="perform",
            writes=[_hash("bcrypt")],
            module="onelogin_user_password",
        ),
        Step(
            "a hash and its salt",
            {**GRACE, "password_hash": DIGEST, "password_salt": SALT, "password_algorithm": "sha256+salt"},
            kind="perform",
            writes=[_hash("sha256+salt", salt=MASK)],
            module="onelogin_user_password",
        ),
        Step(
            "lock until unlocked",
            GRACE,
            writes=[("PUT", USER + "/lock_user", {"locked_until": 0})],
            module="onelogin_user_lock",
        ),
        Step(
            "unlock without the call",
            {**GRACE, "state": "absent"},
            writes=[("POST", r"/api/2/users/\d+/unlock", None), _status(1)],
            module="onelogin_user_lock",
        ),
    ],
    name="status and hashes",
    prepare=_no_unlock,
    after=_hashed,
    secrets=(PASSWORD, SALT, DIGEST, BCRYPT),
)


def _people(simulator: Simulator) -> None:
    _one(simulator)
    simulator.put_users(
        [
            {
                "username": f"user{number:03d}",
                "email": f"user{number:03d}@example.com",
                "firstname": "U",
                "lastname": str(number),
            }
            for number in range(12)
        ]
    )


def _count(outcome: Any, number: int) -> None:
    assert len(outcome.result["users"]) == number


def _ada(outcome: Any) -> None:
    (ada,) = outcome.result["users"]
    assert ada["roles"] == ["2024", "Default"]
    assert ada["attributes"] == {"badge": "b-1", "cost_center": "CC-1"}
    assert (ada["enabled"], ada["privileged"], ada["mfa"]) == (True, None, None)
    assert [app["name"] for app in ada["apps"]] == ["Jira"]
    assert outcome.result["attribute_names"] == ["employee_id", "cost_center", "badge"]


SINCE = "2000-01-01T00:00:00.000Z"
INFO = Scenario(
    "onelogin_user_info",
    [
        Step(
            "one",
            {"user": "ADA.LOVELACE", "gather": ["roles", "attributes", "apps"]},
            kind="gather",
            changed=False,
            expect=_ada,
        ),
        Step(
            "by pattern and time",
            {"filters": {"username": "user00*", "created_since": SINCE}},
            kind="gather",
            changed=False,
            expect=lambda outcome: _count(outcome, 10),
        ),
        Step(
            "by role",
            {"filters": {"role": "2024"}},
            kind="gather",
            changed=False,
            expect=lambda outcome: _count(outcome, 1),
        ),
        Step(
            "by what version 2 knows",
            {"filters": {"updated_since": SINCE, "user_ids": [FIRST, 100003], "custom_attributes": {"badge": "b-1"}}},
            kind="gather",
            changed=False,
            expect=lambda outcome: _count(outcome, 1),
        ),
        Step(
            "by what one version knows each",
            {"filters": {"role": "2024", "user_ids": [100002, FIRST]}},
            kind="gather",
            changed=False,
            expect=lambda outcome: _count(outcome, 1),
        ),
        Step("nobody", {"filters": {"created_until": SINCE}}, kind="gather", changed=False, result={"users": []}),
    ],
    prepare=_people,
)


def _grantable(outcome: Any) -> None:
    (role,) = outcome.result["roles"]
    assert (role["id"], [member["user"] for member in role["members"]]) == ("410004", ["Ada.Lovelace"])
    assert [(group["name"], group["members"]) for group in outcome.result["groups"]] == [("2024", [])]


ROLE_INFO = Scenario(
    "onelogin_role_info",
    [
        Step(
            "roles",
            {"kinds": ["roles"], "protect": ["ada*"]},
            kind="gather",
            changed=False,
            expect=lambda outcome: _names(outcome, "roles", set(ROLES)),
        ),
        Step(
            "groups",
            {"kinds": ["groups"]},
            kind="gather",
            changed=False,
            expect=lambda outcome: _names(outcome, "groups", {"Engineering"}),
        ),
        Step("members", {"name": "2024", "members": True}, kind="gather", changed=False, expect=_grantable),
    ],
    prepare=_one,
)


def _names(outcome: Any, kind: str, some: set[str]) -> None:
    assert some <= {entry["name"] for entry in outcome.result[kind]}


def _pattern(simulator: Simulator) -> None:
    """One user whose name OneLogin's search reads as a pattern."""
    simulator.put_users(
        [{"username": "wild*card", "email": "wild@example.com", "firstname": "Wild", "lastname": "Card"}]
    )


USERS_LIFE = Scenario(
    "onelogin_users",
    [
        Step(
            "create three",
            {
                "users": [
                    {**NEW, "roles": ["2024"]},
                    {
                        "user": "linus", "email": "linus@example.com", "firstname": "Linus", "lastname": "T",
                        "password": PASSWORD,
                    },
                    {"user": "ken", "email": "ken@example.com", "firstname": "Ken", "lastname": "T", "enabled": False},
                ]
            },
            writes=[
                ("POST", "/api/1/users", None),
                _roles("add", "2024"),
                ("POST", "/api/1/users", None),
                ("PUT", r"/api/1/users/set_password_using_salt/\d+", None),
                ("POST", "/api/1/users", None),
                SUSPEND,
            ],
        ),
        Step(
            "two change, one is renamed, one goes",
            {
                "users": [
                    {"user": NEW["user"], "title": ""},
                    {"user": "torvalds", "previous_users": ["linus"]},
                    {"user": "ken", "state": "absent"},
                    {"user": "wild*card", "id": FIRST, "title": "Joker"},
                ],
                "unlisted": "report",
            },
            writes=[
                ("PUT", USER, {"title": ""}),
                ("PUT", USER, {"username": "torvalds"}),
                ("PUT", USER, {"title": "Joker"}),
                ("DELETE", USER, None),
            ],
            result={"unlisted": []},
        ),
    ],
    prepare=_pattern,
    secrets=(PASSWORD,),
    defaults={"max_concurrency": 1},
)

SCENARIOS = [USER_LIFE, USER_BY_EMAIL, BARE_WIRE, FACETS, MAPPED_ROLES, ACCESS, STATUS, INFO, ROLE_INFO, USERS_LIFE]
