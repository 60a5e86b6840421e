# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM's cases: what a user of each server looks like, and the life of each module on each of them."""

from __future__ import annotations

import dataclasses
from typing import Any

from conformance import CANARY, Conformance
from scenarios import Scenario, Step
from servers import ENTERPRISE

from simulator.harness import Simulator

PROVIDER = "scim"
USER, GROUP = "/Users/[0-9a-f-]+", "/Groups/[0-9a-f-]+"
IDS = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|W/\"\w+\"|/t\d+/v2|\b[0-9a-f]{64}\b"
"""What servers draw at random, and the digest of a plan, which covers ids."""
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
    "formatted_name": "Grace Höpper",
    "email": "grace@example.com",
    "employee_number": "7",
    "department": "R&D",
    "enabled": True,
}


@dataclasses.dataclass(frozen=True)
class Kind:
    """What a server can do that the lives show. ``company`` is a field of the enterprise extension that it has.

    ``attributes`` are some without an option of their own, as they are written and as a document has them.
    """

    renames: bool = True
    filters: bool = True
    requires_members: bool = False
    company: str = "cost_center"
    attributes: tuple[dict[str, Any], dict[str, Any]] = (
        {"name.honorificSuffix": "II", "entitlements": [{"value": "lab"}]},
        {"name": {"givenName": "Ada", "familyName": "Lovelace", "honorificSuffix": "II"},
         "entitlements": [{"value": "lab"}]},
    )  # fmt: skip


KINDS = {
    "scim2": Kind(),
    "canaille": Kind(
        renames=False,
        filters=False,
        requires_members=True,
        company="organization",
        attributes=(
            {"addresses": [{"locality": "London", "region": "Marylebone"}]},
            {"addresses": [{"locality": "London", "region": "Marylebone"}]},
        ),
    ),
    "scimmy": Kind(),
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
                ENTERPRISE: {"costCenter": "CC-1", "organization": "O", "department": "Data"},
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
    names = {_user(state, name)["id"], name}  # canaille's members are named by userName
    return sorted(
        group["displayName"]
        for group in state["groups"]
        if names & {member["value"] for member in group.get("members") or ()}
    )


def _gone(state: dict[str, Any]) -> None:
    assert state["users"] == []


def user_life(kind: Kind) -> Scenario:
    """Return the life of one user."""
    key = {"user": NEW["user"]}
    patch = [("PATCH", USER, None)]
    steps = [
        Step("create", {**NEW, "password": "canary-Pa55-ünd/%+"}, writes=[("POST", "/Users", None)]),
        Step("unchanged in another case", {**NEW, "user": NEW["user"].upper()}, changed=False),
        Step(
            "password is set again",
            {**key, "password": "canary-Pa55-ünd/%+", "update_password": "always"},
            settles=False,
            kind="perform",
            writes=patch,
        ),
        Step(
            "fields of three places",
            {**key, "title": "Admiral", "family_name": "Hopper", kind.company: "CC-9", "email": "g@example.com"},
            writes=patch,
        ),
        Step("clear", {**key, "title": "", "department": ""}, writes=patch),
        Step("block", {**key, "enabled": False}, writes=patch),
    ]
    if kind.renames:
        key = {"user": "hopper@example.com"}
        steps.append(Step("rename", {**key, "previous_users": [NEW["user"]]}, writes=patch))
    steps += [
        Step("delete", {**key, "state": "absent"}, writes=[("DELETE", USER, None)]),
        Step("absent already", {**key, "state": "absent"}, changed=False),
    ]
    return Scenario("scim_user", steps, after=_gone, secrets=("canary-Pa55-ünd/%+",))


def parts_life(kind: Kind) -> Scenario:
    """Return the life of a user's groups and attributes."""

    def parts(state: dict[str, Any]) -> None:
        ada = _user(state)
        assert _groups(state) == ['2024', 'R&D "Ops"']
        # What no task names is as it was.
        assert [mail["value"] for mail in ada["emails"]] == ["ada@example.com", "ada@home.example"]
        assert [phone["value"] for phone in ada["phoneNumbers"]] == ["+44 1"]
        assert (ada[ENTERPRISE]["department"], ada["name"]["familyName"]) == ("Data", "Lovelace")
        assert ada[ENTERPRISE][CAMEL[kind.company]] == "CC-2"
        assert {name: ada[name] for name in kind.attributes[1]} == kind.attributes[1]
        assert "title" not in ada

    # Where a group must have a member, the last one leaves with a PUT, and an empty group is not there for PATCH.
    patch: Any = None if kind.requires_members else [("PATCH", GROUP, None)]
    patches: Any = None if kind.requires_members else [("PATCH", GROUP, None)] * 2
    attributes = {f"{ENTERPRISE}:{CAMEL[kind.company]}": "CC-2", **kind.attributes[0]}
    steps = [
        Step("present", {"user": ADA, "groups": ["2024", 'R&D "Ops"']}, writes=patches),
        Step("absent", {"user": ADA, "groups": ["Data"], "state": "absent"}, writes=patch),
        Step("exact", {"user": ADA, "groups": ["Data"], "state": "exact"}, writes=None),
        Step("back", {"user": ADA, "groups": [{"name": "2024"}, 'R&D "Ops"'], "state": "exact"}, writes=None),
        Step(
            "attributes",
            {"user": ADA, "attributes": attributes},
            module="scim_user_attributes",
            writes=[("PATCH", USER, None)],
        ),
        Step(
            "attributes go",
            {"user": ADA, "attributes": {"title": None}, "state": "absent"},
            module="scim_user_attributes",
            writes=[("PATCH", USER, None)],
        ),
    ]
    return Scenario(
        "scim_user_groups", steps, "parts of a user", prepare=_ada, after=parts, defaults={"max_concurrency": 1}
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


def info_life(kind: Kind) -> Scenario:
    """Return what is read of users, and given back."""

    def described(outcome: Any) -> None:
        (ada,) = outcome.result["users"]
        assert (ada["user"], ada["email"], ada["department"], ada["enabled"]) == (
            "Ada.Lovelace@Example.com", "ada@example.com", "Data", True,
        )  # fmt: skip
        assert ada[kind.company]
        assert [group if isinstance(group, str) else group["name"] for group in ada["groups"]] == ["Data"]
        assert ada["privileged"] is ada["mfa"] is ada["last_login"] is None

    steps = [
        Step("everyone", {"gather": ["groups", "attributes"]}, kind="gather", changed=False),
        Step("one", {"user": ADA, "gather": ["groups"]}, kind="gather", changed=False, expect=described),
        Step(
            "given back",
            {"users": "{{ result_0_real.users }}", "unlisted": "report"},
            module="scim_users",
            changed=False,
            result={"unlisted": []},
        ),
    ]
    if kind.filters:
        options = {"filters": {"expression": 'title eq "Analyst"'}, "gather": ["groups"]}
        steps.append(Step("filtered", options, kind="gather", changed=False, expect=described))
    return Scenario("scim_user_info", steps, prepare=_ada)


def _service(simulator: Simulator) -> None:
    simulator.put_users(
        [{"userName": "svc-awx@example.com", "active": True}, {"userName": "svc-spare@example.com", "active": True}],
        PROVIDER,
    )
    simulator.put("groups", [{"displayName": "2024"}], PROVIDER)


def _disabled(outcome: Any) -> None:
    assert (outcome.result["summary"]["disabled"], outcome.result["summary"]["deleted"]) == (1, 0)
    assert sorted(outcome.result["spared"]) == ["svc-awx@example.com", "svc-spare@example.com"]


def users_life(kind: Kind) -> Scenario:
    """Return the life of several users."""
    linus = {"user": "linus@example.com", "family_name": "Torvalds", "formatted_name": "Linus T", "enabled": True}
    other = {"user": linus["user"], "title": "Author"}
    if kind.renames:
        other = {"user": "torvalds@example.com", "previous_users": [linus["user"]]}
    limits = {"protect": ["svc-*"], "loss_limit": "100%"}
    steps = [
        Step(
            "create two",
            {"users": [{**NEW, "groups": ["2024"]}, linus]},
            writes=[("POST", "/Users", None), ("PATCH", GROUP, None), ("POST", "/Users", None)],
        ),
        Step(
            "both change",
            {"users": [{"user": NEW["user"], "title": "Admiral"}, other]},
            writes=[("PATCH", USER, None), ("PATCH", USER, None)],
        ),
        Step(
            "the others are disabled",
            {"users": [{"user": NEW["user"]}], "unlisted": "disable", **limits},
            writes=[("PATCH", USER, None)],
            expect=_disabled,
        ),
        Step(
            "the others are deleted",
            {"users": [{"user": NEW["user"]}], "unlisted": "delete", "delete_limit": 1, **limits},
            writes=[("DELETE", USER, None)],
        ),
    ]
    return Scenario("scim_users", steps, prepare=_service, defaults={"max_concurrency": 1})


CAMEL = {"cost_center": "costCenter", "organization": "organization"}
LIVES = {
    server: [
        dataclasses.replace(scenario, ids=IDS)
        for scenario in (user_life(kind), parts_life(kind), ROLE_INFO, info_life(kind), users_life(kind))
    ]
    for server, kind in KINDS.items()
}
"""Server -> its scenarios."""
