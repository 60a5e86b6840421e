# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin's attributes, roles, locks, passwords, statuses and tokens."""

from __future__ import annotations

import hashlib
from typing import Any

from scenarios import Request, Scenario, Step

from cases.onelogin.common import NEW, PASSWORD, USER, attribute_change, is_suspended, put_ada, role_change, user_named
from simulator.harness import Simulator
from simulator.masking import MASK

SALT = "canarysalt"
DIGEST = hashlib.sha256((PASSWORD + SALT).encode()).hexdigest()
BCRYPT = "$2b$12$" + "canaryBcrypt" * 4 + "abcde"
ADA = {"user": "ada.lovelace"}

FACETS = Scenario(
    "onelogin_user_attributes",
    [
        Step(
            "set, change and clear",
            {**ADA, "attributes": {"badge": "b-2", "employee_id": 17, "cost_center": ""}},
            writes=[
                attribute_change(badge="b-2", employee_id="17", cost_center=""),
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
                attribute_change(employee_id=""),
            ],
        ),
        Step("attributes exact", {**ADA, "attributes": {}, "state": "exact"}, writes=[attribute_change(badge="")]),
        Step(
            "roles present",
            {**ADA, "roles": ["2024", 2025, "finance"]},
            writes=[role_change("add", "2025", "finance")],
            module="onelogin_user_roles",
        ),
        Step(
            "roles absent",
            {**ADA, "roles": ["2025", "team-40"], "state": "absent"},
            writes=[role_change("remove", "2025")],
            module="onelogin_user_roles",
        ),
        Step(
            "roles exact",
            {**ADA, "roles": ["Überprüfung", {"id": 410004}], "state": "exact"},
            writes=[
                role_change("add", "Überprüfung"),
                role_change("remove", "Default", "finance"),
            ],
            module="onelogin_user_roles",
        ),
    ],
    name="facets",
    prepare=put_ada,
)


def _mapped(simulator: Simulator) -> None:
    put_ada(simulator, roles=["Default"], mapped_roles=["VPN"])


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
                role_change("remove", "Default", "VPN"),
            ],
        ),
        # The mapping runs between the two calls: the first change of roles is refused as a whole.
        Step(
            "a mapping is quicker",
            {**NEW, "department": "Ops", "roles": ["2024", "VPN"]},
            module="onelogin_user",
            writes=[
                ("POST", "/api/1/users", None),
                role_change("add", "2024", "VPN"),
                role_change("add", "2024"),
            ],
        ),
    ],
    name="mapped",
    prepare=_mapped,
    options={"onelogin": {"mappings": [{"field": "department", "value": "Ops", "role": "VPN"}], "mapping_delay": 0}},
)


def _salted(state: dict[str, Any]) -> None:
    ada = user_named(state)
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
    prepare=put_ada,
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
    grace = user_named(state, NEW["user"])
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
        Step("suspended", {**GRACE, "status": "suspended"}, writes=[_status(2)], expect=is_suspended),
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
