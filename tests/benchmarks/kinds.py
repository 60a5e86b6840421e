# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of benchmark rows: a comparison, a job, the planner alone, and the memory of a task."""

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
    """Return no faults."""
    return []


@dataclass(frozen=True)
class Row:
    """One comparison.

    - ``listed``: the users of the task. ``seeded``: those of the directory, or None for the usual number.
      ``bare_listed``: a smaller number for the other side of a loop, if the time per user is compared.
    - ``minimum``, ``bare_minimum``: return the minimum number of calls for a number of users.
    - ``aim``: the maximum ratio of our working time to the other side's; None means no aim.
    - ``latency``: milliseconds, instead of those of the command line.
    - ``most``: the maximum number of repeats of a long row. ``times``: the factor by which a short row is repeated more
      often.
    - ``faults``: faults for our side only. Each requires a wait of ``wait`` seconds, which is added to the other side's
      time.
    - ``peer``: whether the other side is a module of another collection.
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
    wait: float = 0
    peer: bool = False


@dataclass(frozen=True)
class Planning:
    """The planner alone, without a provider, in a separate process.

    ``sizes`` are the numbers of users, ``turns`` is how often each is planned. The aims are the exponent by which time
    grows, the seconds for the largest size, and the bytes per user at the peak, in addition to the input.
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
    """The memory of a whole ansible-playbook at some numbers of unchanged users, compared with others that get the same
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
    """The data of a job: ``put`` puts it into the simulator, ``people`` are those of the file.

    The default is that of ``firm.py``.
    """

    put: Callable[[Simulator], None] = firm.yesterday
    people: Callable[[], list[dict[str, Any]]] = firm.today


@dataclass(frozen=True)
class Job:
    """A job for the firm of ``firm.py`` on its three directories, without latency and without another side.

    - ``variables``: variables of the playbook, in addition to the firm's own.
    - ``firm``: the directories before the run, and the people of the file.
    - ``minimum``: the minimum number of calls. ``again``: the number of further calls, which read again on purpose what
      may have changed.
    - ``seconds``: the aim for the measured task, or None.
    - ``times``: the maximum number of runs.
    - ``page``: a file that the job writes. Its size is measured, the seconds until Chromium can show it (aim:
      ``ready``), and in a further run the memory.
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
