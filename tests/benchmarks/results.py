# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Saves samples to a file, so that the page can be written again from an earlier run with other notes."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import report
from kinds import Job, Memory, Planning
from measure import Held, Planned, Sample
from outcomes import Footprint, Growth, Measured, Outcome, Ran
from rows import ROWS

_MINIMUM = "All calls are the minimum."


def wrapped(line: str) -> str:
    """Return a paragraph or an element of a list in lines of at most 120 characters. A row of a table is unchanged."""
    if line.startswith("|"):
        return line
    indent = "  " if line.startswith("- ") else ""
    return textwrap.fill(line, 120, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


@dataclass
class Run:
    """The measurements of a run and their conditions. ``left_out`` is why rows are missing."""

    machine: str
    versions: dict[str, str]
    repeat: int
    latency: float
    left_out: list[str] = field(default_factory=list)
    done: list[Outcome] = field(default_factory=list)

    @property
    def heading(self) -> str:
        """Return where, when and with what the run was measured."""
        return f"{self.machine}; {', '.join(f'{name} {version}' for name, version in self.versions.items())}"

    def wrong_calls(self) -> list[str]:
        """Return the problems of the numbers of calls."""
        return [text for outcome in self.done for text in outcome.wrong_calls]

    def right_calls(self) -> str:
        """Return the sentence for a run without unnecessary calls."""
        again = [outcome.row.key for outcome in self.done if isinstance(outcome, Ran) and outcome.row.again]
        return f"All calls are the minimum, except the repeated reads of {', '.join(again)}." if again else _MINIMUM

    def page(self, others: Sequence[Run]) -> str:
        """Return the page. Of the ``others``, which ran on other versions of ansible-core, it contains the loops."""
        lines = [
            *report.HEADER,
            "# Measurements",
            "",
            "`make bench` writes this page (`tests/benchmarks/run.py`, option `--markdown`). Do not edit it.",
            "",
            f"{self.heading}. Repeats: {self.repeat}; long rows have fewer, short rows more.",
            "",
            "## Aims",
            "",
            *report.aims(self.done),
            "## Times and calls",
            "",
            *(f"- {text}".format(latency=self.latency) for text in report.LEGEND),
            "",
            *report.times(self.done),
            *([f"- {text}." for text in self.wrong_calls()] or [self.right_calls()]),
            "",
            *report.cores([(run.versions, run.done) for run in (self, *others)]),
            *report.memory(self.done),
            *report.notes(self.done, self.left_out),
        ]
        return "\n".join(map(wrapped, lines))

    def save(self, path: pathlib.Path) -> None:
        """Write the samples as JSON."""
        values = {one.name: getattr(self, one.name) for one in dataclasses.fields(self)}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            json.dumps({**values, "done": [_plain(outcome) for outcome in self.done]}, indent=1), encoding="utf-8"
        )

    @classmethod
    def load(cls, path: pathlib.Path) -> Run:
        """Return the run in a file."""
        document = json.loads(path.read_text(encoding="utf-8"))
        return cls(**{**document, "done": [_outcome(entry) for entry in document["done"]]})


def _plain(outcome: Outcome) -> dict[str, Any]:
    lists = {one.name: getattr(outcome, one.name) for one in dataclasses.fields(outcome) if one.name != "row"}
    return {
        "row": outcome.row.key,
        **{name: [dataclasses.asdict(one) for one in samples] for name, samples in lists.items()},
    }


def _outcome(entry: dict[str, Any]) -> Outcome:
    row = next(row for row in ROWS if row.key == entry["row"])
    if isinstance(row, Planning):
        return Growth(row, [Planned(**one) for one in entry["plans"]])
    if isinstance(row, Memory):
        return Footprint(row, [Held(**one) for one in entry["held"]])
    if isinstance(row, Job):
        return Ran(row, *([Sample(**one) for one in entry.get(name, ())] for name in ("samples", "held")))
    return Measured(row, *([Sample(**one) for one in entry[side]] for side in ("ours", "bare")))
