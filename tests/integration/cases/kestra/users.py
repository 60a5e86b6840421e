# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra's users: from the first day to the last, blocked ones, and many at once."""

from __future__ import annotations

from typing import Any

from playbooks import FRONT_ENDS
from scenarios import Scenario, Step

from cases.kestra.common import (
    ADA,
    BIND,
    BIND_OTHER,
    BOB,
    CAT,
    CREATE,
    DELETE,
    END_SESSIONS,
    ENTER,
    ENTER_OTHER,
    LOSE_METHOD,
    NEW,
    PASSWORD,
    REPLACE,
    REVOKE,
    SET_GROUPS,
    STRICT,
    UNBIND,
    UNBIND_OTHER,
    USER,
    her,
    put,
    put_ada,
    put_owners,
    user_of,
)
from simulator.harness import Simulator


def _owned(simulator: Simulator) -> None:
    put_ada(simulator)
    put_owners(simulator)
    put(simulator, "users", {"email": ADA, "superAdmin": True})
    for name in (BOB, CAT):
        put(simulator, "users", {"email": name, "auths": [], "tenants": [], "groups": []})
        put(simulator, "tokens", {"owner": name, "name": "ci"})


def _gone(state: dict[str, Any]) -> None:
    assert [user["email"] for user in state["users"] if not user["email"].startswith("sim-")] == []
    assert {row["user"]["id"] for row in state["bindings"] if row.get("user")} <= {
        user["id"] for user in state["users"]
    }


HER = {"user": NEW["user"]}
QUEEN = {"user": "grace@example.com"}


LIFE = [
    Step(
        "create",
        {
            **NEW,
            "password": PASSWORD,
            "restricted": True,
            "groups": ["data", "2024", {"tenant": "acme-eu", "name": "2024"}],
            "roles": ["2024", {"role": "Developer", "namespace": "company.data"}],
        },
        writes=[CREATE, BIND, BIND],
        expect=her(groups=["acme-eu/2024", "main/2024", "main/data"]),
    ),
    Step(
        "change, clear and promote, with the address in another case",
        {
            "user": NEW["user"].upper(),
            "password": PASSWORD,
            "first_name": "",
            "last_name": "Murray",
            "restricted": False,
            "instance_owner": True,
            "groups": [{"name": "2024", "tenant": "main"}],
            "roles": [{"role": "2024"}],
        },
        writes=[
            ("PATCH", USER, {"firstName": "", "lastName": "Murray"}),
            ("PATCH", USER + "/superadmin", {"superAdmin": True}),
            ("PATCH", USER + "/restricted", {"restricted": False}),
        ],
        expect=her(privileged=True),
    ),
    Step(
        "rename and demote",
        {**QUEEN, "previous_users": ["nobody@example.com", NEW["user"]], "instance_owner": False},
        writes=[
            ("PATCH", USER, {"email": QUEEN["user"]}),
            ("PATCH", USER + "/superadmin", {"superAdmin": False}),
        ],
    ),
    Step(
        "exact in one go",
        {
            **QUEEN,
            "tenants": ["main"],
            "tenants_state": "exact",
            "groups": ["data", "研究"],
            "groups_state": "exact",
            "roles": [],
            "roles_state": "exact",
        },
        writes=[REPLACE, UNBIND, UNBIND],
        expect=her(groups=["main/data", "main/研究"]),
    ),
    Step(
        "managed groups, and a role in another tenant",
        {
            **QUEEN,
            "groups": ["R&D + Ops / 50%"],
            "groups_state": "managed",
            "managed_groups": ["R&D + Ops / 50%", {"tenant": "main", "name": "研究"}],
            "tenants": ["main"],
            "roles": [{"role": "2024", "tenant": "acme-eu"}],
        },
        writes=[ENTER_OTHER, SET_GROUPS, BIND_OTHER],
        result={"unmanaged": {"groups": [{"tenant": "main", "name": "data"}]}},
        expect=her(tenants=["acme-eu", "main"]),
    ),
    Step(
        "password always",
        {**QUEEN, "password": PASSWORD, "update_password": "always"},
        kind="perform",
        writes=[("PATCH", USER + "/password", None)],
    ),
    Step("absent", {"user": "GRACE@example.com", "state": "absent"}, writes=[UNBIND_OTHER, DELETE]),
]


def user_life(version: str) -> Scenario:
    """One user from the first day to the last. The requests are the same for the oldest and the newest servers."""
    return Scenario(
        "kestra_user",
        LIFE,
        name=f"life {version}",
        prepare=put_owners,
        after=_gone,
        secrets=(PASSWORD,),
        options={"kestra": {**STRICT, "version": version, "bound_users_linger": True}},
        front_ends=("worker",) if version == "1.0" else tuple(FRONT_ENDS),
    )


def _let_in_by_one_group(state: dict[str, Any]) -> None:
    ada = user_of(state, ADA)
    assert (ada["tenants"], [group["name"] for group in ada["groups"]], ada["bindings"], ada["auths"]) == (
        ["main"],
        ["data"],
        [],
        [],
    )
    assert (ada["sessions"], ada["superAdmin"], [token for token in state["tokens"] if token["name"] == "laptop"]) == (
        0,
        False,
        [],
    )


DISABLE = Scenario(
    "kestra_user",
    [
        Step(
            "nothing to lose",
            {"user": "ada.lovelace@example.com", "first_name": "Ada", "protect": ["ada*"]},
            changed=False,
        ),
        Step(
            "disable",
            {"user": ADA, "enabled": False},
            writes=[
                *[LOSE_METHOD] * 3,
                END_SESSIONS,
                REVOKE,
                UNBIND_OTHER,
                UNBIND,
                REPLACE,
            ],
            expect=her(enabled=False, instance_owner=False, auth_methods=[], tenants=None),
        ),
        Step(
            "back again",
            {"user": ADA, "enabled": True, "groups": ["data"]},
            writes=[ENTER, SET_GROUPS],
            expect=her(enabled=True),
        ),
        # Her token would be good for whatever she is given again.
        Step(
            "a token is a way in",
            {"user": BOB, "enabled": False},
            writes=[END_SESSIONS, REVOKE],
            expect=her(enabled=False),
        ),
        Step(
            "many, of whom one has a token",
            {"users": [{"user": name, "enabled": False} for name in (BOB, CAT)]},
            module="kestra_users",
            writes=[END_SESSIONS, REVOKE],
        ),
    ],
    name="disable",
    prepare=_owned,
    after=_let_in_by_one_group,
    env={"KESTRA_API_TOKEN": "", "KESTRA_EXPECTED_ACCOUNT": "main"},
    options={"kestra": STRICT},
)

LAGGING = Scenario(
    "kestra_user",
    [Step("create while searches lag behind", {**NEW, "groups": ["data"]}, writes=[CREATE])],
    name="lagging",
    options={"kestra": {"version": "1.0", "consistency_searches": 2, "duplicate_status": 422, "unknown_status": 400}},
)

USERS_LIFE = Scenario(
    "kestra_users",
    [
        Step(
            "create three",
            {
                "users": [
                    {**NEW, "groups": ["2024"]},
                    {"user": "linus@example.com", "password": PASSWORD, "instance_owner": True},
                    {"user": "ken@example.com", "roles": ["Viewer"]},
                ]
            },
            writes=[CREATE, CREATE, CREATE, ENTER, BIND],
        ),
        Step(
            "one changes, one is renamed, one goes",
            {
                "users": [
                    {**HER, "last_name": "", "groups": [], "groups_state": "exact"},
                    {"user": "torvalds@example.com", "previous_users": ["linus@example.com"]},
                    {"user": "ken@example.com", "state": "absent"},
                ]
            },
            writes=[
                ("PATCH", USER, {"lastName": ""}),
                REPLACE,
                ("PATCH", USER, {"email": "torvalds@example.com"}),
                UNBIND,
                DELETE,
            ],
        ),
        Step(
            "whoever is not listed",
            {
                "users": [{**HER}, {"user": "sim-admin@example.com"}, {"user": "sim-nobody@example.com"}],
                "unlisted": "disable",
                "protect": ["sim-manager*"],
            },
            writes=[LOSE_METHOD, END_SESSIONS, REPLACE],
            result={"spared": ["sim-manager@example.com"]},
        ),
    ],
    secrets=(PASSWORD,),
    defaults={"max_concurrency": 1, "min_admins": 1},
    options={"kestra": STRICT},
)
