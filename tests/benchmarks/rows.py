# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of the benchmarks as data, one for each comparison.

A further provider needs rows, people, playbooks and a bare script.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import jobs
import loops
from kinds import AnyRow, Fault, Memory, Planning, Row, User
from measure import Playbook, Script
from people import contabo_user, kestra_user, nextauth_user, profile, scim_user, sendauth_user, with_role, with_title

_PAGE = 50
_ROLE_PAGES = 2
_TASKS = 4
"""The number of tasks in the playbooks onelogin_module.yml and empty_module.yml."""


def every_50th(users: int) -> list[Fault]:
    """Refuse every 50th call that creates a user, with a wait of one second. Repeated calls count, too."""
    return [
        {"provider": "onelogin", "operation": "create_user", "nth": nth, "status": 429, "headers": {"Retry-After": "1"}}
        for nth in range(50, users + users // 49 + 1, 50)
    ]


def _pages(users: int) -> int:
    return -(-users // _PAGE)


def _hundreds(users: int) -> int:
    return -(-users // 100)


def _no_op(provider: str, user: Callable[[int], User], minimum: Callable[[int], int], what: str, calls: str) -> Row:
    """Return the row of a provider whose list has pages of 100. After the first page, all others can be read in
    parallel."""
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
        aim=1.2,
        listed=10_000,
    )


_NO_OPS = (
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
        calls="a login, the pages of roles, the pages of users",
        aim=1.2,
        listed=10_000,
    ),
    # In addition to the users of the task, the simulator has three users of Kestra and two of Contabo.
    _no_op(
        "kestra",
        kestra_user,
        lambda users: 1 + _hundreds(users + 3),
        " with a tenant",
        "a page of tenants, the pages of users",
    ),
    _no_op(
        "sendauth",
        sendauth_user,
        lambda users: 1 + _hundreds(users),
        " with a permission",
        "the list of permissions, the pages of users",
    ),
    _no_op(
        "contabo",
        contabo_user,
        lambda users: 2 + _hundreds(users + 2),
        " with a role",
        "a login, a page of roles, the pages of users",
    ),
    _no_op("nextauth", nextauth_user, _hundreds, "", "the pages of users"),
    replace(
        _no_op(
            "scim",
            scim_user,
            lambda users: 2 + -(-users // 200),
            " of scim2-server",
            "the capabilities and endpoints of the server, the pages of users",
        ),
        ours=Playbook("scim_many.yml"),
        bare=Script("scim.py", ("read",)),
        bare_minimum=lambda users: -(-users // 200),
    ),
)

_CONNECTIONS = 20
"""The number of hosts in the playbooks slices_*.yml."""
_SLICE = 3
"""The minimum number of calls for each of these connections."""

ROWS: tuple[AnyRow, ...] = (
    Row(
        key="s",
        provider="sendauth",
        title=(
            f"access of {_CONNECTIONS} connections planned on hosts of their own, 5 forks, 200 ms: "
            "the time until half of them are done"
        ),
        ours=Playbook("slices_forks.yml", tasks=_CONNECTIONS),
        bare=Playbook("slices_one.yml", tasks=_CONNECTIONS),
        bare_title="the same, one after the other",
        user=sendauth_user,
        minimum=lambda users: _SLICE * _CONNECTIONS,
        bare_minimum=lambda users: _SLICE * _CONNECTIONS,
        calls="the permission groups, a page of users and one of deleted users for each connection",
        aim=0.5,
        listed=1,
        seeded=1,
        latency=200,
        most=2,
    ),
    *_NO_OPS,
    *(replace(row, key=f"a1{row.key[1:]}", listed=1000, aim=None, most=2) for row in _NO_OPS),
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
        calls=(
            "a login, the pages of roles, one page to find existing users (the script knows both), "
            "two calls for each user"
        ),
        aim=1.2,
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
        calls="a login, the pages of users, one call for each user",
        aim=1.2,
    ),
    Row(
        key="d-scim",
        provider="scim",
        title="scim_users, {listed} users of scim2-server to create, 16 at a time",
        ours=Playbook("scim_many.yml", changes=True),
        bare=Script("scim.py", ("create", "{users}")),
        bare_title="script that does it in 16 threads",
        user=scim_user,
        minimum=lambda users: 4 + users,
        bare_minimum=lambda users: users,
        calls=(
            "the capabilities, schemas and resource types of the server, a page to find existing users, one call for "
            "each user"
        ),
        aim=1.2,
        seeded=0,
    ),
    *loops.ROWS,
    Row(
        key="g",
        provider="onelogin",
        title="onelogin_user in a process of its own, one task, 0 ms",
        ours=Playbook("onelogin_module.yml", tasks=_TASKS),
        bare=Playbook("empty_module.yml", tasks=_TASKS),
        bare_title="empty module that imports requests, one task",
        user=profile,
        minimum=lambda users: 2 * _TASKS,
        bare_minimum=lambda users: 0,
        calls=f"a login and a look-up for each of {_TASKS} tasks",
        aim=1.15,
        listed=1,
        times=3,
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
        bare_title="script that posts them in 16 threads and gets no 429",
        user=profile,
        minimum=lambda users: 2 + users,
        bare_minimum=lambda users: 1 + users,
        calls="a login, one page to find existing users, one call for each user and each 429",
        aim=1.3,
        seeded=0,
        most=1,
        faults=every_50th,
        wait=1,
    ),
    *jobs.ROWS,
    Memory(
        key="m",
        provider="onelogin",
        title="memory of ansible-playbook and its worker",
        sides=(
            (Playbook("onelogin_bulk.yml"), "onelogin_users, users with a role, nothing to change"),
            (Playbook("set_fact.yml"), "ansible.builtin.set_fact with the same list"),
            (Playbook("debug.yml"), "ansible.builtin.debug, which does not look at the list"),
        ),
        user=with_role,
        sizes=(1_000, 10_000),
    ),
)
