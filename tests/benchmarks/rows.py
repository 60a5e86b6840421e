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
from simulator.providers.sendauth.seed import LABELS

User = dict[str, Any]
Fault = dict[str, Any]


def no_faults(_users: int) -> list[Fault]:
    """Arm nothing."""
    return []


@dataclass(frozen=True)
class Row:
    """One comparison.

    ``seeded`` and ``listed`` are the numbers of users in the directory and in the task, None for those of --users;
    ``start`` is the number of the first user of the task. ``minimum`` and ``bare_minimum`` tell the least calls for a number of users.
    ``aim`` is the ratio of the work's times to be reached, ours to the bare side's. ``latency`` (milliseconds) stands for that of the
    command line, ``most`` bounds the repeats of a long row. ``faults`` are armed for our side only, and each one that hits asks for a wait of
    ``asked`` seconds, which is added to the other side's time. ``scales`` is for rows that --large measures again.
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
    latency: float | None = None
    most: int | None = None
    faults: Callable[[int], list[Fault]] = no_faults
    asked: float = 0
    scales: bool = False


@dataclass(frozen=True)
class Planning:
    """The planner by itself, without a provider, in a process of its own.

    ``sizes`` are the numbers of users, ``turns`` how often each is planned. The aims: the exponent by which time grows, the seconds for the
    largest size, and the bytes for each user at the peak, over the input.
    """

    key: str
    title: str
    sizes: tuple[int, ...]
    turns: tuple[int, ...]
    growth: float
    seconds: float
    memory: int


# OneLogin ---------------------------------------------------------------------------------------------------------

_PAGE = 50
_ROLE_PAGES = 2
_TASKS = 8
"""Tasks of the playbooks onelogin_module.yml and empty_module.yml."""


def profile(number: int) -> User:
    """Return the profile of a person of the simulator, as a task takes it."""
    person = numbered(number)
    return {"user": person.pop("key"), **{name: person[name] for name in ("email", "firstname", "lastname", "department", "title")}}


def with_role(number: int) -> User:
    """Return a profile with a role that everybody has."""
    return {**profile(number), "roles": ["Default"]}


def with_title(number: int) -> User:
    """Return a user with a title that nobody has."""
    return {"user": profile(number)["user"], "title": "Changed"}


def every_50th(users: int) -> list[Fault]:
    """Refuse every 50th call that creates somebody, those sent again counted, for a second."""
    return [
        {"provider": "onelogin", "operation": "create_user", "nth": nth, "status": 429, "headers": {"Retry-After": "1"}}
        for nth in range(50, users + users // 49 + 1, 50)
    ]


def _pages(users: int) -> int:
    return -(-users // _PAGE)


# The others: pages of 100, all at once after the first ------------------------------------------------------------


def _mail(number: int) -> User:
    person = numbered(number)
    return {"user": person["email"], "first_name": person["firstname"], "last_name": person["lastname"]}


def kestra_user(number: int) -> User:
    """Return what Kestra's list shows of a person: neither names nor groups."""
    return {"user": _mail(number)["user"], "instance_owner": False, "tenants": ["main"]}


def sendauth_user(number: int) -> User:
    """Return a person with phone number and permission."""
    return {**_mail(number), "phone": f"+4520{number:06d}", "permissions": [LABELS[number % len(LABELS)]]}


def contabo_user(number: int) -> User:
    """Return a person with a role, by its id because two have the same name."""
    return {**_mail(number), "enabled": True, "roles": [{"id": 5004 + number % 16}]}


def nextauth_user(number: int) -> User:
    """Return what nextAuth's list shows of a person: the name alone."""
    return {"user": _mail(number)["user"]}


def _no_op(provider: str, user: Callable[[int], User], minimum: Callable[[int], int], what: str, calls: str) -> Row:
    return Row(
        key=f"a-{provider}",
        provider=provider,
        title=f"{provider}_users, {{listed}} users{what}, nothing to change",
        ours=Playbook(f"{provider}_bulk.yml"),
        bare=Script(f"{provider}.py", ()),
        bare_title="script that reads the same pages in 16 threads",
        user=user,
        minimum=minimum,
        bare_minimum=minimum,
        calls=calls,
        aim=1.5,
        scales=True,
    )


def _hundreds(users: int) -> int:
    return -(-users // 100)


ROWS: tuple[Row | Planning, ...] = (
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
        scales=True,
    ),
    # Besides those of the task, the simulator has three users of Kestra and two of Contabo.
    _no_op("kestra", kestra_user, lambda users: 1 + _hundreds(users + 3), " with a tenant", "a page of tenants, the pages of users"),
    _no_op("sendauth", sendauth_user, lambda users: 1 + _hundreds(users), " with a permission", "the list of permissions, the pages of users"),
    _no_op("contabo", contabo_user, lambda users: 2 + _hundreds(users + 2), " with a role", "a log-in, a page of roles, the pages of users"),
    _no_op("nextauth", nextauth_user, _hundreds, "", "the pages of users"),
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
        most=2,
    ),
    Row(
        key="d",
        provider="onelogin",
        title="onelogin_users, {listed} users to create with a role, 16 at a time",
        ours=Playbook("onelogin_bulk.yml", changes=True),
        bare=Script("onelogin.py", ("grant", "{users}")),
        bare_title="script that does it in 16 threads",
        user=with_role,
        minimum=lambda users: 2 + _ROLE_PAGES + 2 * users,
        bare_minimum=lambda users: 1 + 2 * users,
        calls="a log-in, the pages of roles, one page to know who is there (the script knows both), two calls for each user",
        aim=1.5,
        seeded=0,
    ),
    Row(
        key="e",
        provider="onelogin",
        title="onelogin_users, {listed} users to change in one field, 16 at a time",
        ours=Playbook("onelogin_bulk.yml", changes=True),
        bare=Script("onelogin.py", ("update", "{users}")),
        bare_title="script that does it in 16 threads",
        user=with_title,
        minimum=lambda users: 1 + _pages(users) + users,
        bare_minimum=lambda users: 1 + _pages(users) + users,
        calls="a log-in, the pages of users, one call for each user",
        aim=1.5,
    ),
    Row(
        key="f",
        provider="onelogin",
        title="loop of onelogin_user, {listed} users, nothing to change, 0 ms",
        ours=Playbook("onelogin_loop.yml"),
        bare=Playbook("onelogin_uri.yml"),
        bare_title="loop of ansible.builtin.uri, one GET each, 0 ms",
        user=profile,
        minimum=lambda users: 1 + users,
        bare_minimum=lambda users: 1 + users,
        calls="a log-in, one call for each user",
        aim=1 / 5,
        listed=100,
        latency=0,
        most=1,
    ),
    Row(
        key="g",
        provider="onelogin",
        title="onelogin_user as a module of its own process, one task, 0 ms",
        ours=Playbook("onelogin_module.yml", tasks=_TASKS),
        bare=Playbook("empty_module.yml", tasks=_TASKS),
        bare_title="empty module that imports requests, one task",
        user=profile,
        minimum=lambda users: 2 * _TASKS,
        bare_minimum=lambda users: 0,
        calls=f"a log-in and a look-up for each of {_TASKS} tasks",
        aim=1.5,
        listed=1,
        latency=0,
    ),
    Planning(
        key="h",
        title="planning and digest of {size} users, no provider",
        sizes=(1_000, 10_000, 100_000),
        turns=(15, 5, 3),
        growth=1.05,
        seconds=3.0,
        memory=4096,
    ),
    Row(
        key="i",
        provider="onelogin",
        title="onelogin_users, {listed} users to create, a 429 at every 50th call",
        ours=Playbook("onelogin_bulk.yml", changes=True),
        bare=Script("onelogin.py", ("create", "{users}")),
        bare_title="script that posts them in 16 threads and meets no 429",
        user=profile,
        minimum=lambda users: 2 + users,
        bare_minimum=lambda users: 1 + users,
        calls="a log-in, one page to know who is there, one call for each user and each 429",
        aim=1.3,
        seeded=0,
        most=1,
        faults=every_50th,
        asked=1,
    ),
)
