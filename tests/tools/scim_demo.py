# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the server of `make demo PROVIDER=scim`: scim2-server with the company's people."""

from __future__ import annotations

import contextlib
import pathlib
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from environment import ROOT

sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "scim")]
from proxy import World, world  # type: ignore[import-not-found]  # noqa: E402  # found through the line above
from servers import ENTERPRISE, USER, scim2  # type: ignore[import-not-found]  # noqa: E402  # the same

from simulator.people import COMPANY  # type: ignore[import-not-found]  # noqa: E402  # the same

GROUPS = {
    "data": ("ada.lovelace", "katherine.johnson"),
    "2024": ("ada.lovelace",),
    "platform": ("grace.hopper", "alan.turing", "edsger.dijkstra"),
    "on-call": ("radia.perlman",),
    "finance": ("tove.noether",),
    "people": ("zoe.garcon",),
}
"""Group -> its members, by the keys of the company's people."""
BLOCKED = ("alan.turing",)


def user_of(person: dict[str, Any]) -> dict[str, Any]:
    """Return a person as a SCIM user."""
    return {
        "schemas": [USER, ENTERPRISE],
        "userName": person["email"],
        "active": person["key"] not in BLOCKED,
        "title": person["title"],
        "displayName": f"{person['firstname']} {person['lastname']}",
        "name": {"givenName": person["firstname"], "familyName": person["lastname"]},
        "emails": [{"value": person["email"], "type": "work", "primary": True}],
        ENTERPRISE: {"department": person["department"]},
    }


@contextlib.contextmanager
def start_scim() -> Iterator[World]:
    """Yield a server with the company's people and groups. It counts requests like the simulator."""
    names = {person["key"]: person["email"] for person in COMPANY}
    with (
        tempfile.TemporaryDirectory(prefix="rollcall-scim-") as folder,
        scim2(pathlib.Path(folder)) as server,
        world(server) as there,
    ):
        there.proxy.put("users", [user_of(person) for person in COMPANY])
        there.proxy.put(
            "groups",
            [{"displayName": name, "members": [names[key] for key in members]} for name, members in GROUPS.items()],
        )
        yield there
