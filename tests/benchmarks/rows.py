# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured: one row for each comparison, as data. A further provider adds rows, playbooks and a bare script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from measure import Playbook, Script

from simulator.people import numbered

User = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One comparison.

    ``seeded`` and ``listed`` are the numbers of users in the directory and in the task, None for those of --users;
    ``start`` is the number of the first user of the task. ``minimum`` and ``bare_minimum`` tell the least calls for a number of users.
    ``aim`` is the ratio of the work's times to be reached, ours to the bare side's.
    """

    key: str
    provider: str
    title: str
    ours: Playbook
    bare: Script | Playbook
    bare_title: str
    user: Callable[[int], User]
    minimum: Callable[[int], int]
    bare_minimum: Callable[[int], int]
    calls: str
    aim: float
    seeded: int | None = None
    listed: int | None = None
    start: int = 1


# OneLogin ---------------------------------------------------------------------------------------------------------

_PAGE = 50
_ROLE_PAGES = 2


def profile(number: int) -> User:
    """Return the profile of a person of the simulator, as a task takes it."""
    person = numbered(number)
    return {"user": person.pop("key"), **{name: person[name] for name in ("email", "firstname", "lastname", "department", "title")}}


def with_role(number: int) -> User:
    """Return a profile with a role that everybody has."""
    return {**profile(number), "roles": ["Default"]}


def _pages(users: int) -> int:
    return -(-users // _PAGE)


ROWS = (
    Row(
        key="a",
        provider="onelogin",
        title="onelogin_users, {listed} users with a role, nothing to change",
        ours=Playbook("onelogin_bulk.yml"),
        bare=Script("onelogin.py", ("read",)),
        bare_title="script that reads the same pages",
        user=with_role,
        minimum=lambda users: 1 + _ROLE_PAGES + _pages(users),
        bare_minimum=lambda users: 1 + _ROLE_PAGES + _pages(users),
        calls="a log-in, the pages of roles, the pages of users",
        aim=1.5,
    ),
    Row(
        key="b",
        provider="onelogin",
        title="onelogin_users, {listed} users to create, 16 at a time",
        ours=Playbook("onelogin_bulk.yml", changes=True),
        bare=Script("onelogin.py", ("create", "{users}")),
        bare_title="script that posts them in 16 threads",
        user=profile,
        minimum=lambda users: 2 + users,
        bare_minimum=lambda users: 1 + users,
        calls="a log-in, one page to know who is there (the script does not ask), one call for each user",
        aim=1.5,
        seeded=0,
        listed=300,
    ),
    Row(
        key="c",
        provider="onelogin",
        title="loop of onelogin_user, {listed} users, nothing to change",
        ours=Playbook("onelogin_loop.yml"),
        bare=Playbook("onelogin_uri.yml"),
        bare_title="loop of ansible.builtin.uri, one GET each",
        user=profile,
        minimum=lambda users: 1 + users,
        bare_minimum=lambda users: 1 + users,
        calls="a log-in, one call for each user",
        aim=1 / 5,
        listed=30,
    ),
)
