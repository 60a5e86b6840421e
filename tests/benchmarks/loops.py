# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The loops over unchanged users: each provider's module compared with ``ansible.builtin.uri``, and OneLogin's with
``keycloak_user``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kinds import Row, User
from measure import Playbook
from people import contabo_user, kestra_user, nextauth_user, profile, sendauth_user

_LOOPS: tuple[tuple[str, Callable[[int], User], int], ...] = (
    ("onelogin", profile, 1),
    ("kestra", kestra_user, 0),
    ("sendauth", sendauth_user, 0),
    ("contabo", contabo_user, 1),
    ("nextauth", nextauth_user, 0),
)
"""Provider, its users, and the number of calls of a login."""


def _both(row: Row) -> tuple[Row, Row]:
    """Return a loop with latency and one without, in which the difference of the work itself is visible."""
    quick = f"f{row.key[1:]}"
    return row, replace(
        row, key=quick, title=f"{row.title}, 0 ms", bare_title=f"{row.bare_title}, 0 ms", latency=0, aim=1 / 30
    )


def _loop(provider: str, user: Callable[[int], User], login: int) -> tuple[Row, Row]:
    return _both(
        Row(
            key="c" if provider == "onelogin" else f"c-{provider}",
            provider=provider,
            title=f"loop of {provider}_user, {{listed}} users, nothing to change",
            ours=Playbook(f"{provider}_loop.yml"),
            bare=Playbook(f"{provider}_uri.yml"),
            bare_title="loop of ansible.builtin.uri, {listed} users, one GET each",
            user=user,
            minimum=lambda users: login + users,
            bare_minimum=lambda users: login + 1 + users,
            calls=("a login, " if login else "") + "one call for each user",
            aim=1 / 6,
            listed=100,
            bare_listed=6,
            most=None if provider == "onelogin" else 2,
        )
    )


ROWS: tuple[Row, ...] = (
    *(row for loop in _LOOPS for row in _loop(*loop)),
    *_both(
        Row(
            key="c-keycloak",
            provider="onelogin",
            title="loop of onelogin_user, {listed} users, nothing to change",
            ours=Playbook("onelogin_loop.yml"),
            bare=Playbook("keycloak_loop.playbook"),  # no .yml: ansible-lint requires all modules of such a file
            bare_title="loop of community.general.keycloak_user, {listed} users, nothing to change",
            user=profile,
            minimum=lambda users: 1 + users,
            bare_minimum=lambda users: 1 + 2 * (1 + users),
            calls=(
                "a login, one call for each user; with keycloak_user, the search for each user and the groups, "
                "which it always reads"
            ),
            aim=1 / 6,
            listed=100,
            bare_listed=6,
            most=2,
            peer=True,
        )
    ),
)
