# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a row of the benchmarks is: a comparison, a job, the planner by itself, or the memory of a task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import firm
from measure import Playbook, Script

from simulator.harness import Simulator

User = dict[str, Any]
Fault = dict[str, Any]


def no_faults(_users: int) -> list[Fault]:
    """Arm nothing."""
    return []


@dataclass(frozen=True)
class Row:
    """One comparison.

    ``listed`` are the users of the task, ``seeded`` those of the directory, None for the usual number;
    ``bare_listed`` are fewer for the other side of a loop, where the time for each user is compared. ``minimum`` and
    ``bare_minimum`` return the minimum number of calls for a number of users. ``aim`` is the ratio of the work's
    times to be reached, ours to the other side's; None means no aim. ``latency`` (milliseconds) stands for that of
    the command line, ``most`` bounds the repeats of a long row, and a short one does as many as ``times`` says for
    each. ``faults`` are armed for our side only, and each of them requires a wait of ``asked`` seconds, which is
    added to the other side's time. ``peer``: the other side is a module of another collection.
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
    aim: float | None
    listed: int = 1000
    seeded: int | None = None
    bare_listed: int | None = None
    latency: float | None = None
    most: int | None = None
    times: int = 1
    faults: Callable[[int], list[Fault]] = no_faults
    asked: float = 0
    peer: bool = False


@dataclass(frozen=True)
class Planning:
    """The planner by itself, without a provider, in a process of its own.

    ``sizes`` are the numbers of users, ``turns`` how often each is planned. The aims: the exponent by which time grows,
    the seconds for the largest size, and the bytes for each user at the peak, over the input.
    """

    key: str
    title: str
    sizes: tuple[int, ...]
    turns: tuple[int, ...]
    growth: float
    seconds: float
    memory: int


@dataclass(frozen=True)
class Memory:
    """The memory of a whole ansible-playbook at some numbers of unchanged users, beside others that are given the same
    list.

    ``sides`` are playbooks and their titles, ours first.
    """

    key: str
    provider: str
    title: str
    sides: tuple[tuple[Playbook, str], ...]
    user: Callable[[int], User]
    sizes: tuple[int, ...]


@dataclass(frozen=True)
class Firm:
    """What a job works on: ``put`` puts it into the simulator, ``people`` are those of the file.

    The default is that of ``firm.py``.
    """

    put: Callable[[Simulator], None] = firm.yesterday
    people: Callable[[], list[dict[str, Any]]] = firm.today


@dataclass(frozen=True)
class Job:
    """A job for the firm of ``firm.py`` on its three directories, without latency and beside nothing.

    ``variables`` are those of the playbook beside the firm's own, ``firm`` is what is there before, and the people of
    the file. ``minimum`` are the least calls; ``again`` are those that are made beside them on purpose, to read once
    more what may have changed. ``seconds`` is the aim for the measured task, None for none. It is run ``times`` times
    at most. With ``page``, a file that it writes, the size of that is measured, the seconds until Chromium can show it,
    whose aim is ``ready``, and the memory in a further run.
    """

    key: str
    title: str
    playbook: Playbook
    variables: Mapping[str, Any]
    minimum: int
    calls: str
    seconds: float | None = None
    again: int = 0
    times: int = 3
    firm: Firm = Firm()
    page: str = ""
    ready: float = 3


AnyRow = Row | Planning | Memory | Job
