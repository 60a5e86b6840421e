# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin's users: from the first day to the last, found by e-mail, in the bare form of answers, many at once."""

from __future__ import annotations

import hashlib
from typing import Any

from scenarios import Scenario, Step

from cases.onelogin.common import (
    ACTIVATE,
    FIRST,
    NEW,
    PASSWORD,
    SUSPEND,
    USER,
    attribute_change,
    is_suspended,
    no_users,
    put_ada,
    role_change,
    user_named,
)
from simulator.harness import Simulator

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
                attribute_change(badge="7"),
                role_change("add", "2024", "R&D + Ops / 50%"),
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
            writes=[REJECT, role_change("add", "2025"), role_change("remove", "2024")],
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
            writes=[SUSPEND, APPROVE, attribute_change(badge=""), role_change("remove", "2025", "R&D + Ops / 50%")],
            expect=is_suspended,
        ),
        Step("absent", {"user": "GRACE", "state": "absent"}, writes=[("DELETE", USER, None)]),
    ],
    after=no_users,
    secrets=(PASSWORD,),
)


def _password_state(state: dict[str, Any]) -> None:
    password = user_named(state)["password"]
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
    prepare=put_ada,
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
                role_change("add", "2024"),
            ],
        ),
        Step(
            "clear, without a list",
            {"id": FIRST, "comment": "", "roles": ["2025"], "roles_state": "exact", "enabled": False},
            writes=[
                ("PUT", USER, {"comment": ""}),
                SUSPEND,
                role_change("add", "2025"),
                role_change("remove", "2024"),
            ],
        ),
        Step("absent", {"user": NEW["user"], "state": "absent"}, writes=[("DELETE", USER, None)]),
    ],
    name="bare wire",
    after=no_users,
    options={"onelogin": {"wire": "bare"}},
    front_ends=("worker",),
)


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
                role_change("add", "2024"),
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
