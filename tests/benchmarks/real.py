# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""scim2-server behind the proxy of tests/scim, which counts the calls.

Its threads run in the process of the benchmarks, which only waits meanwhile. There is no latency: the server needs more
time than that for a page of many users.
"""

from __future__ import annotations

import contextlib
import pathlib
import sys
from typing import Any

from measure import Failure
from proxy import world
from servers import scim2


class RealServer:
    """A server with numbered users. ``env`` contains its credentials."""

    def __init__(self, folder: pathlib.Path) -> None:
        if sys.version_info < (3, 11):
            raise Failure("scim2-server needs Python 3.11")
        self._stack = contextlib.ExitStack()
        self._seeded = -1
        own = folder / "scim2"
        own.mkdir(exist_ok=True)
        self._world = self._stack.enter_context(world(self._stack.enter_context(scim2(own))))
        self.env: dict[str, str] = self._world.env

    def seed(self, users: int) -> None:
        """Create this number of users on the server, unless it still has them."""
        if users != self._seeded or self._world.writes():
            self._world.reset(seed_users=users)
            self._seeded = users

    @property
    def last(self) -> int:
        """Return the number of the latest call."""
        return self._world.last

    def requests(self, since: int | None = None, provider: str | None = None) -> list[dict[str, Any]]:
        """Return the calls after that number."""
        return self._world.requests(since, provider)

    def close(self) -> None:
        """Stop the server."""
        self._stack.close()
