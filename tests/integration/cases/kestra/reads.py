# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is read from Kestra: its users and its roles."""

from __future__ import annotations

import re
from typing import Any

from scenarios import Scenario, Step, expect_users

from cases.kestra.common import ADA, put, put_ada
from simulator.harness import Simulator


def _people(simulator: Simulator) -> None:
    put_ada(simulator)
    put(
        simulator,
        "users",
        *(
            {"email": f"user{number:03d}@example.com", "tenants": ["acme-eu"] if number < 10 else []}
            for number in range(20)
        ),
    )


def _ada(outcome: Any) -> None:
    (ada,) = outcome.result["users"]
    assert ada["tenants"] == ["acme-eu", "main"]
    assert ada["groups"] == [
        {"tenant": "acme-eu", "name": "data"},
        {"tenant": "main", "name": "2024"},
        {"tenant": "main", "name": "data"},
    ]
    assert ada["roles"] == [
        {"tenant": "acme-eu", "role": "Viewer", "namespace": None},
        {"tenant": "main", "role": "Developer", "namespace": "company.data"},
    ]  # fmt: skip
    assert (ada["enabled"], ada["privileged"], ada["mfa"], ada["last_name"], ada["restricted"]) == (
        True, False, None, "Lovelace", False,
    )
    assert sorted(method["type"] for method in ada["auth_methods"]) == ["BASIC_AUTH", "OIDC", "OIDC"]
    assert [token["name"] for token in ada["tokens"]] == ["laptop"]
    assert re.fullmatch(r"[0-9A-Za-z]{22}", ada["id"])


INFO = Scenario(
    "kestra_user_info",
    [
        Step(
            "one",
            {"user": ADA.upper(), "gather": ["profile", "tenants", "groups", "roles", "tokens"]},
            kind="gather",
            changed=False,
            expect=_ada,
        ),
        Step(
            "searched",
            {"filters": {"search": "user00"}},
            kind="gather",
            changed=False,
            expect=expect_users(10),
        ),
        Step("nobody", {"filters": {"search": "nobody-at-all"}}, kind="gather", changed=False, result={"users": []}),
        Step(
            "of a tenant",
            {"filters": {"tenant": "acme-eu"}},
            kind="gather",
            changed=False,
            expect=expect_users(11),
        ),
        Step(
            "searched in a tenant",
            {"filters": {"tenant": "acme-eu", "search": "user"}},
            kind="gather",
            changed=False,
            expect=expect_users(10),
        ),
    ],
    prepare=_people,
    options={"kestra": {"version": "2.0"}},
)


def _grantable(outcome: Any) -> None:
    (group,), (role,) = outcome.result["groups"], outcome.result["roles"]
    assert (group["tenant"], ADA in [member["user"] for member in group["members"]]) == ("main", True)
    assert (role["name"], role["members"]) == ("2024", [])


ROLE_INFO = Scenario(
    "kestra_role_info",
    [
        Step("all", {}, kind="gather", changed=False),
        Step(
            "members",
            {"name": "2024", "kinds": ["groups", "roles"], "members": True},
            kind="gather",
            changed=False,
            expect=_grantable,
        ),
        Step("who has access", {"kinds": ["tenants"], "members": True}, kind="gather", changed=False),
    ],
    prepare=put_ada,
)
