# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Kestra's users are given: groups and roles, in several tenants."""

from __future__ import annotations

from typing import Any

from scenarios import Scenario, Step

from cases.kestra.common import (
    ADA,
    BIND,
    BIND_OTHER,
    ENTER,
    ENTER_OTHER,
    ID,
    OTHER,
    SET_GROUPS,
    SET_OTHER_GROUPS,
    STRICT,
    UNBIND,
    her,
    put,
    put_ada,
    user_of,
)
from simulator.harness import Simulator


def _in_main(simulator: Simulator) -> None:
    put(
        simulator,
        "users",
        {"email": ADA, "firstName": "Ada", "lastName": "Lovelace", "tenants": ["main"], "groups": ["data"]},
    )


def _one_group_left(state: dict[str, Any]) -> None:
    ada = user_of(state, ADA)
    assert ([(group["tenant"], group["name"]) for group in ada["groups"]], ada["tenants"]) == (
        [("main", "Überprüfung")],
        ["acme-eu", "main"],
    )


GROUPS = Scenario(
    "kestra_user_groups",
    [
        Step(
            "present adds, and access comes first",
            {
                "user": "ada.lovelace@example.com",
                "groups": [
                    "2024",
                    "Finance",
                    {"tenant": "acme-eu", "name": "sales"},
                    {"tenant": "acme-eu", "name": "data"},
                ],
            },
            writes=[ENTER_OTHER, SET_OTHER_GROUPS, SET_GROUPS],
            expect=her(groups=["acme-eu/data", "acme-eu/sales", "main/2024", "main/Finance", "main/data"]),
        ),
        Step(
            "absent",
            {"user": ADA, "groups": ["Finance", "finance", {"tenant": "acme-eu", "name": "sales"}], "state": "absent"},
            writes=[SET_OTHER_GROUPS, SET_GROUPS],
        ),
        Step("exact in one tenant", {"user": ADA, "groups": ["Überprüfung"], "state": "exact"}, writes=[SET_GROUPS]),
        Step(
            "exact and empty in another",
            {"user": ADA, "tenant": "acme-eu", "groups": [], "state": "exact"},
            writes=[("PUT", OTHER + "/users" + ID + "/groups", {"groupIds": []})],
        ),
    ],
    prepare=_in_main,
    after=_one_group_left,
    options={"kestra": {**STRICT, "version": "2.0"}},
)


def _roles_stay(state: dict[str, Any]) -> None:
    held = sorted(
        (row["tenant"], row["role"]["name"]) for row in state["bindings"] if row.get("user", {}).get("username") == ADA
    )
    assert held == [("acme-eu", "Viewer"), ("main", "Developer")]


LAST_GROUP = Scenario(
    "kestra_user_groups",
    [
        Step(
            "the last group of a tenant goes alone",
            {"user": ADA, "groups": ["data"], "tenant": "acme-eu", "state": "absent"},
            writes=[SET_OTHER_GROUPS, ENTER_OTHER, BIND_OTHER],
        ),
        Step("all groups of another", {"user": ADA, "groups": [], "state": "exact"}, writes=[SET_GROUPS, ENTER, BIND]),
    ],
    name="last group",
    prepare=put_ada,
    after=_roles_stay,
    options={"kestra": {**STRICT, "version": "1.3"}},
)


def _other_binding_kept(state: dict[str, Any]) -> None:
    held = sorted(
        (row["tenant"], row["role"]["name"]) for row in state["bindings"] if row.get("user", {}).get("username") == ADA
    )
    assert held == [("acme-eu", "Viewer"), ("main", "2024"), ("main", "Ops + EU / 50%")]


ROLES = Scenario(
    "kestra_user_roles",
    [
        Step(
            "present adds, also the same in another namespace",
            {
                "user": "ada.lovelace@example.com",
                "roles": [
                    "Viewer",
                    {"role": "Viewer", "namespace": "company"},
                    {"role": "Developer", "namespace": "company.team"},
                ],
            },
            writes=[BIND] * 3,
        ),
        Step(
            "absent in this very namespace",
            {"user": ADA, "roles": ["Developer", {"role": "Viewer", "namespace": "company"}], "state": "absent"},
            writes=[UNBIND],
        ),
        Step(
            "exact",
            {"user": ADA, "roles": ["2024", "Ops + EU / 50%"], "state": "exact"},
            writes=[BIND, BIND, *[UNBIND] * 3],
        ),
    ],
    prepare=put_ada,
    after=_other_binding_kept,
    options={"kestra": {**STRICT, "unique_bindings": True}},
)
