# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole state of the server (providers, clock, faults, log, latency), and its reset."""

from __future__ import annotations

import copy
from typing import IO, Any

from .clock import Clock
from .faults import FaultBook
from .journal import Journal
from .provider import Provider
from .providers import provider_classes
from .router import Router
from .web import Answer

# Options at the top level that go to each provider as they are.
COMMON = ("seed_users", "preset")


class World:
    """The simulator's whole state. ``start`` holds the options of the command line, to which a reset returns."""

    def __init__(
        self, start: dict[str, Any] | None = None, record: IO[bytes] | None = None, faults: list[Any] | None = None
    ) -> None:
        self.clock = Clock()
        self.faults = FaultBook()
        self.journal = Journal(record)
        self.latency = 0.0
        # Whether to resolve dot segments of paths, encoded ones too, as some proxies do.
        self.normalise_paths = False
        self.providers: dict[str, Provider] = {}
        self.routers: dict[str, Router] = {}
        # The last answer with status 200 of each GET operation, for the fault that repeats a page.
        self.pages: dict[tuple[str, str], Answer] = {}
        for cls in provider_classes():
            self.providers[cls.name] = cls(self.clock)
            self.routers[cls.name] = Router(cls.operations)
        self._start = start or {}
        self.reset({})
        if faults:
            self.faults.add(faults)

    def change(self, changes: dict[str, Any], *, from_defaults: bool = False) -> None:
        """Change options without touching any state. Raises ValueError or TypeError before the first change.

        ``changes``: ``{"latency": seconds, "normalise_paths": bool, "seed_users": n, "preset": name, "<provider>":
        {...}}``.
        """
        changes = copy.deepcopy(changes)
        latency = changes.pop("latency", 0.0 if from_defaults else self.latency)
        if isinstance(latency, bool) or not isinstance(latency, (int, float)) or latency < 0:
            raise ValueError("latency must be a number of seconds")
        normalise = changes.pop("normalise_paths", False if from_defaults else self.normalise_paths)
        if not isinstance(normalise, bool):
            raise ValueError("normalise_paths must be true or false")
        common = {name: changes.pop(name) for name in COMMON if name in changes}
        unknown = sorted(set(changes) - set(self.providers))
        if unknown:
            raise ValueError(
                f"unknown options {unknown}; known: latency, normalise_paths, {', '.join(COMMON)}, "
                f"{', '.join(self.providers)}"
            )
        new = {}
        for name, provider in self.providers.items():
            own = changes.get(name) or {}
            if not isinstance(own, dict):
                raise TypeError(f"the options of {name} must be an object")
            base = provider.options_class() if from_defaults else provider.options
            new[name] = base.changed({**common, **own})
        self.latency = float(latency)
        self.normalise_paths = normalise
        for name, options in new.items():
            self.providers[name].options = options
            self.providers[name].options_changed()

    def reset(self, changes: dict[str, Any]) -> None:
        """Restore the options of the start, updated with ``changes``, and reset state, log, faults and clock."""
        merged = copy.deepcopy(self._start)
        for name, value in changes.items():
            if isinstance(value, dict) and isinstance(merged.get(name), dict):
                merged[name].update(value)
            else:
                merged[name] = value
        self.change(merged, from_defaults=True)
        self.clock.reset()
        self.faults.clear()
        self.journal.clear()
        self.pages.clear()
        for provider in self.providers.values():
            provider.reset()
