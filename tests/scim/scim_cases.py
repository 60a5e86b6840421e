# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM's cases: what a user of each server looks like, and the life of each module on scim2-server."""

from __future__ import annotations

import dataclasses
from typing import Any

from conformance import CANARY, Conformance
from scenarios import Scenario, Step
from servers import ENTERPRISE

from simulator.harness import Simulator

PROVIDER = "scim"
USER, GROUP = "/Users/[0-9a-f]+", "/Groups/[0-9a-f]+"
IDS = r"[0-9a-f]{32}|W/\"\d+\"|/t\d+/v2|\b[0-9a-f]{64}\b"
"""What scim2-server draws at random, and the digest of a plan, which covers ids."""
ADA = "ada.lovelace@example.com"
"""Her name, of which the directory has another spelling."""


def _new(number: int) -> dict[str, Any]:
    return {
        "user": f"new+{number}/50%..é@example.com",
        "given_name": "New",
        "family_name": f"霍珀 N{number}",
        "email": f"new{number}@example.com",
    }


def _whole(number: int) -> dict[str, Any]:
    return {**_new(number), "user": f"new{number}@example.com", "formatted_name": f"New N{number}", "enabled": True}


_COMMON: dict[str, Any] = {
    "change": {"title": "Registrar"},
    "clear": {"title": ""},
    "list": "list_users",
    "create": "create_user",
    "update": "patch_user",
    "facets": ("groups", "attributes"),
}
_PAGES: dict[str, Any] = {"scim": {"config": {"filter": {"maxResults": 50}}}}
"""Short pages, so that there is more than one."""
CONFORMANCE = {
    "scim2": Conformance(PROVIDER, new=_new, refused={"api_token": CANARY}, options=_PAGES, **_COMMON),
    # Names are unchangeable. It lists everybody at once, so that no page can repeat.
    "canaille": Conformance(
        PROVIDER, new=_whole, refused={"client_secret": CANARY}, rename=False, repeats_pages=False, **_COMMON
    ),
    "scimmy": Conformance(PROVIDER, new=_new, refused={"api_token": CANARY}, options=_PAGES, **_COMMON),
}
"""Server -> its case."""

NEW = {
    "user": "grace+ops/50%..@example.com",
    "given_name": "Grace",
    "family_name": "Höpper 霍珀",
    "email": "grace@example.com",
    "employee_number": "7",
    "department": "R&D",
}


def _ada(simulator: Simulator, **more: Any) -> None:
    """Ada, spelled with capitals in the directory, with two e-mails; another whose name holds hers; two groups."""
    simulator.put_users(
        [
            {"userName": "xada.lovelace@example.com", "active": True},
            {
                "userName": "Ada.Lovelace@Example.com",
                "externalId": "E1",
                "active": True,
                "title": "Analyst",
                "nickName": "Countess",
                "name": {"givenName": "Ada", "familyName": "Lovelace"},
                "phoneNumbers": [{"value": "+44 1", "type": "work"}],
                "emails": [
                    {"value": "ada@example.com", "type": "work", "primary": True},
                    {"value": "ada@home.example", "type": "home"},
                ],
                ENTERPRISE: {"costCenter": "CC-1", "department": "Data"},
                **more,
            },
        ],
        PROVIDER,
    )
    groups: list[dict[str, Any]] = [
        {"displayName": "Data", "members": ["Ada.Lovelace@Example.com"]},
        {"displayName": 'R&D "Ops"'},
        {"displayName": "2024"},
    ]
    simulator.put("groups", groups, PROVIDER)


def _user(state: dict[str, Any], name: str = "Ada.Lovelace@Example.com") -> dict[str, Any]:
    return next(user for user in state["users"] if user["userName"] == name)


def _groups(state: dict[str, Any], name: str = "Ada.Lovelace@Example.com") -> list[str]:
    identity = _user(state, name)["id"]
    return sorted(
        group["displayName"]
        for group in state["groups"]
        if identity in [member["value"] for member in group.get("members") or ()]
    )


def _gone(state: dict[str, Any]) -> None:
    assert state["users"] == []


USER_LIFE = Scenario(
    "scim_user",
    [
        Step("create", {**NEW, "password": "canary-Pa55-ünd/%+"}, writes=[("POST", "/Users", None)]),
        Step("unchanged in another case", {**NEW, "user": NEW["user"].upper()}, changed=False),
        Step(
            "password is set again",
            {"user": NEW["user"], "password": "canary-Pa55-ünd/%+", "update_password": "always"},
            settles=False,
            kind="perform",
            writes=[("PATCH", USER, None)],
        ),
        Step(
            "fields of three places",
            {
                "user": NEW["user"],
                "title": "Admiral",
                "family_name": "Hopper",
                "cost_center": "CC-9",
                "email": "g@example.com",
            },
            writes=[("PATCH", USER, None)],
        ),
        Step("clear", {"user": NEW["user"], "title": "", "department": ""}, writes=[("PATCH", USER, None)]),
        Step("block", {"user": NEW["user"], "enabled": False}, writes=[("PATCH", USER, None)]),
        Step("rename", {"user": "hopper@example.com", "previous_users": [NEW["user"]]}, writes=[("PATCH", USER, None)]),
        Step("delete", {"user": "hopper@example.com", "state": "absent"}, writes=[("DELETE", USER, None)]),
        Step("absent already", {"user": "hopper@example.com", "state": "absent"}, changed=False),
    ],
    after=_gone,
    secrets=("canary-Pa55-ünd/%+",),
)


def _parts(state: dict[str, Any]) -> None:
    ada = _user(state)
    assert _groups(state) == ['2024', 'R&D "Ops"']
    assert [(mail["value"], mail.get("type")) for mail in ada["emails"]] == [
        ("ada@example.com", "work"),
        ("ada@home.example", "home"),
    ]
    assert ada["phoneNumbers"] == [{"value": "+44 1", "type": "work"}]
    assert ada["nickName"] == "Ada"
    assert ada[ENTERPRISE]["costCenter"] == "CC-2"
    assert ada["name"] == {"givenName": "Ada", "familyName": "Lovelace", "honorificSuffix": "II"}
    assert "title" not in ada


PARTS_LIFE = Scenario(
    "scim_user_groups",
    [
        Step(
            "present",
            {"user": ADA, "groups": ["2024", 'R&D "Ops"']},
            writes=[("PATCH", GROUP, None), ("PATCH", GROUP, None)],
        ),
        Step("absent", {"user": ADA, "groups": ["Data"], "state": "absent"}, writes=[("PATCH", GROUP, None)]),
        Step("exact", {"user": ADA, "groups": ["Data"], "state": "exact"}, writes=None),
        Step("back", {"user": ADA, "groups": [{"name": "2024"}, 'R&D "Ops"'], "state": "exact"}, writes=None),
        Step(
            "attributes",
            {
                "user": ADA,
                "attributes": {
                    f"{ENTERPRISE}:costCenter": "CC-2",
                    "nickName": "Ada",
                    "name.honorificSuffix": "II",
                },
            },
            module="scim_user_attributes",
            writes=[("PATCH", USER, None)],
        ),
        Step(
            "attributes go",
            {"user": ADA, "attributes": {"title": None}, "state": "absent"},
            module="scim_user_attributes",
            writes=[("PATCH", USER, None)],
        ),
    ],
    name="parts of a user",
    prepare=_ada,
    after=_parts,
    defaults={"max_concurrency": 1},
)


def _listed(outcome: Any) -> None:
    data, *_others = sorted(outcome.result["groups"], key=lambda group: group["name"] != "Data")
    assert [member["user"] for member in data["members"]] == ["Ada.Lovelace@Example.com"]


ROLE_INFO = Scenario(
    "scim_role_info",
    [
        Step("groups", {}, kind="gather", changed=False),
        Step("members", {"members": True}, kind="gather", changed=False, expect=_listed),
    ],
    prepare=_ada,
)


def _described(outcome: Any) -> None:
    (ada,) = outcome.result["users"]
    assert (ada["user"], ada["email"], ada["department"], ada["cost_center"], ada["enabled"]) == (
        "Ada.Lovelace@Example.com", "ada@example.com", "Data", "CC-1", True,
    )  # fmt: skip
    assert [group if isinstance(group, str) else group["name"] for group in ada["groups"]] == ["Data"]
    assert ada["privileged"] is ada["mfa"] is ada["last_login"] is None


INFO = Scenario(
    "scim_user_info",
    [
        Step("everyone", {"gather": ["groups", "attributes"]}, kind="gather", changed=False),
        Step("one", {"user": ADA, "gather": ["groups"]}, kind="gather", changed=False, expect=_described),
        Step(
            "filtered",
            {"filters": {"expression": 'title eq "Analyst"'}, "gather": ["groups"]},
            kind="gather",
            changed=False,
            expect=_described,
        ),
        Step(
            "given back",
            {"users": "{{ result_0_real.users }}", "unlisted": "report"},
            module="scim_users",
            changed=False,
            result={"unlisted": []},
        ),
    ],
    prepare=_ada,
)


def _service(simulator: Simulator) -> None:
    simulator.put_users(
        [{"userName": "svc-awx@example.com", "active": True}, {"userName": "svc-spare@example.com", "active": True}],
        PROVIDER,
    )
    simulator.put("groups", [{"displayName": "2024"}], PROVIDER)


def _disabled(outcome: Any) -> None:
    assert (outcome.result["summary"]["disabled"], outcome.result["summary"]["deleted"]) == (1, 0)
    assert sorted(outcome.result["spared"]) == ["svc-awx@example.com", "svc-spare@example.com"]


USERS_LIFE = Scenario(
    "scim_users",
    [
        Step(
            "create two",
            {
                "users": [
                    {**NEW, "groups": ["2024"]},
                    {"user": "linus@example.com", "family_name": "Torvalds", "enabled": True},
                ]
            },
            writes=[
                ("POST", "/Users", None),
                ("PATCH", GROUP, None),
                ("POST", "/Users", None),
            ],
        ),
        Step(
            "one changes, one is renamed",
            {
                "users": [
                    {"user": NEW["user"], "title": "Admiral"},
                    {"user": "torvalds@example.com", "previous_users": ["linus@example.com"]},
                ]
            },
            writes=[("PATCH", USER, None), ("PATCH", USER, None)],
        ),
        Step(
            "the others are disabled",
            {"users": [{"user": NEW["user"]}], "unlisted": "disable", "protect": ["svc-*"], "loss_limit": "100%"},
            writes=[("PATCH", USER, None)],
            expect=_disabled,
        ),
        Step(
            "the others are deleted",
            {
                "users": [{"user": NEW["user"]}],
                "unlisted": "delete",
                "protect": ["svc-*"],
                "loss_limit": "100%",
                "delete_limit": 1,
            },
            writes=[("DELETE", USER, None)],
        ),
    ],
    prepare=_service,
    defaults={"max_concurrency": 1},
)

SCENARIOS = [
    dataclasses.replace(scenario, ids=IDS) for scenario in (USER_LIFE, PARTS_LIFE, ROLE_INFO, INFO, USERS_LIFE)
]
