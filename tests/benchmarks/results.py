# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples as a file, so that the page can be written anew, with other notes, from the run that was."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from measure import Planned, Sample
from report import Growth, Measured, markdown
from rows import ROWS, Planning, Row


@dataclass
class Run:
    """All that a run has measured, and under which conditions. ``large`` are the rows of --large."""

    machine: str
    repeat: int
    latency: float
    done: list[Measured | Growth] = field(default_factory=list)
    large: list[Measured] = field(default_factory=list)

    def write_page(self, path: pathlib.Path) -> None:
        """Write the tables as Markdown."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(markdown(self.done, self.large, self.machine, self.repeat, self.latency / 1000), encoding="utf-8")

    def save(self, path: pathlib.Path) -> None:
        """Write the samples as JSON."""
        told = {name: getattr(self, name) for name in ("machine", "repeat", "latency")}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({**told, "done": _plain(self.done), "large": _plain(self.large)}, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, path: pathlib.Path) -> Run:
        """Return the run that a file holds."""
        told = json.loads(path.read_text(encoding="utf-8"))
        done = [_measured(entry) for entry in told["done"]]
        large = [one for one in map(_measured, told["large"]) if isinstance(one, Measured)]
        return cls(told["machine"], told["repeat"], told["latency"], done, large)


def _plain(measured: Sequence[Measured | Growth]) -> list[dict[str, Any]]:
    return [{**dataclasses.asdict(dataclasses.replace(one, row=None)), "row": one.row.key} for one in measured]  # type: ignore[arg-type]


def _measured(entry: dict[str, Any]) -> Measured | Growth:
    row: Row | Planning = next(row for row in ROWS if row.key == entry["row"])
    if isinstance(row, Planning):
        return Growth(row, [Planned(**one) for one in entry["plans"]])
    return Measured(row, entry["listed"], [Sample(**one) for one in entry["ours"]], [Sample(**one) for one in entry["bare"]])
