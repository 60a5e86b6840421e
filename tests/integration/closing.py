# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of closing a review share: a review of one OneLogin, and looks at its files and its accounts."""

from __future__ import annotations

import datetime
import hashlib
import itertools
import json
import pathlib
from typing import Any

import pytest
from reviews import Reviews

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs import action
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review import revoke as revoke_module
from simulator.harness import Simulator

FILES = ["closed.json", "closed.csv", "closed.html", "closed-manifest.json"]


def prepare(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each row of a review be a role, since no app comes with one, and each look at the clock be a minute later.

    Nobody waits before grants are read again.
    """
    simulator.put(
        "roles", [{"id": role["id"], "apps": []} for role in simulator.state("onelogin")["roles"]], "onelogin"
    )
    begun, minutes = action.now(), itertools.count(1)
    monkeypatch.setattr(
        action, "moment", lambda: (begun + datetime.timedelta(minutes=next(minutes))).strftime("%Y-%m-%dT%H:%M:%SZ")
    )
    monkeypatch.setattr(revoke_module, "PROOF_WAIT", 0.0)


def put(simulator: Simulator, *users: tuple[str, list[str]], **more: Any) -> dict[str, str]:
    """Put users of OneLogin, name -> roles, and return their ids by their names."""
    names = {name for name, _roles in users}
    there = simulator.put_users(
        [
            {
                "username": name,
                "email": name,
                "firstname": name.title().partition("@")[0],
                "lastname": "x",
                "roles": roles,
                **more,
            }
            for name, roles in users
        ]
    )
    return {user["username"]: str(user["id"]) for user in there if user["username"] in names}


def small_review(simulator: Simulator, folder: pathlib.Path) -> Reviews:
    """Return a review of one OneLogin: ada with two roles, bob with one, and cyd without any."""
    put(simulator, ("ada@acme.com", ["Snowflake", "VPN"]), ("bob@acme.com", ["VPN"]), ("cyd@acme.com", []))
    people = [
        {"id": f"E{number}", "name": f"{name.title()} x", "email": f"{name}@acme.com", "entitlements": []}
        for number, name in enumerate(("ada", "bob", "cyd"), 1)
    ]
    return Reviews(simulator, folder, {"ol": {"provider": "onelogin"}}, {}, people)


def roles(simulator: Simulator) -> dict[str, list[str]]:
    """Return user of OneLogin -> names of roles."""
    state = simulator.state("onelogin")
    names = {str(role["id"]): role["name"] for role in listed(state["roles"])}
    users = {user["username"]: user.get("roles") or user.get("role_ids") or () for user in listed(state["users"])}
    return {name: sorted(names.get(str(role), str(role)) for role in some) for name, some in users.items()}


def listed(items: Any) -> list[dict[str, Any]]:
    """Return the items of a state, whether it has them by ids or as a list."""
    return list(items.values()) if isinstance(items, dict) else list(items)


def outcomes(review: Reviews) -> set[tuple[str, str, str]]:
    """Return (account, grant, outcome) of what was not simply kept."""
    return set(review.outcomes().values())


def content(review: Reviews) -> dict[str, bytes]:
    """Return the files of the evidence."""
    return {name: (review.dest / name).read_bytes() for name in FILES}


def refused(review: Reviews, **params: Any) -> list[str]:
    """Close a review that is refused and return the codes. Nothing was sent and nothing was written."""
    before = {path: path.read_bytes() for path in review.dest.rglob("*") if path.is_file()}
    with pytest.raises(InputError) as error:
        review.close(**params)
    assert review.calls == 0
    assert {path: path.read_bytes() for path in review.dest.rglob("*") if path.is_file()} == before
    return [problem.code for problem in error.value.problems]


def digest_of(path: pathlib.Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def put_role(simulator: Simulator, name: str, role: str, kind: str = "roles") -> None:
    """Give somebody of OneLogin one more role; with ``mapped_roles`` a mapping gives it, which the API cannot take
    away."""
    simulator.put_users([{"id": id_of(simulator, name), kind: [role]}])


def id_of(simulator: Simulator, name: str) -> int:
    """Return the id of a user of OneLogin."""
    identity: int = next(
        user["id"] for user in listed(simulator.state("onelogin")["users"]) if user["username"] == name
    )
    return identity


def edit(review: Reviews, change: Any) -> None:
    """Edit review.json, and the manifest so that nobody sees it."""
    document = review.document()
    change(document)
    (review.dest / "review.json").write_text(json.dumps(document), encoding="utf-8")
    manifest = review.document("manifest.json")
    manifest["files"]["review.json"] = digest_of(review.dest / "review.json")
    (review.dest / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
