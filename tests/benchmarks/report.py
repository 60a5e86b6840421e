# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From samples to the table: medians, ratios, calls, and what was reached."""

from __future__ import annotations

import datetime
import importlib.metadata
import math
import os
import pathlib
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from measure import Planned, Sample
from notes import NOTES
from rows import Planning, Row

LEGEND = (
    "work: the seconds of the measured task, from its start to its result, with templating, the worker's fork and the log-in; of a script, those",
    "after its imports. process: the whole command, with the start of Python or of ansible-playbook. Medians; in brackets the range of the",
    "ratios of single pairs. Both sides take turns, against one simulator that waits {latency:.0f} ms before each answer, where a row says nothing else.",
)

HEADER = ("<!--", *(line[2:] for line in pathlib.Path(__file__).read_text(encoding="utf-8").splitlines()[:3]), "-->", "")
"""The header of this file, as that of a page."""


@dataclass(frozen=True)
class Measured:
    """The samples of a row, in pairs."""

    row: Row
    listed: int
    ours: Sequence[Sample]
    bare: Sequence[Sample]

    @property
    def goals(self) -> list[float]:
        """Return the seconds of the other side, in each pair with those for which the server made our side wait."""
        return [bare.work + self.row.asked * ours.refused for ours, bare in zip(self.ours, self.bare, strict=True)]

    @property
    def ratio(self) -> float:
        """Return how much longer our work takes, by medians."""
        return statistics.median(sample.work for sample in self.ours) / statistics.median(self.goals)

    @property
    def process_ratio(self) -> float:
        """Return the same of the whole commands."""
        return statistics.median(sample.process for sample in self.ours) / statistics.median(sample.process for sample in self.bare)

    @property
    def pairs(self) -> list[float]:
        """Return the ratios of the single pairs, smallest first."""
        return sorted(ours.work / goal for ours, goal in zip(self.ours, self.goals, strict=True))

    @property
    def sides(self) -> tuple[tuple[str, str, Sequence[Sample], int], ...]:
        """Return for each side how it is called, its title, its samples and the least calls, those refused not counted."""
        return (
            ("the collection", self.row.title.format(listed=f"{self.listed:,}"), self.ours, self.row.minimum(self.listed)),
            ("the other side", self.row.bare_title, self.bare, self.row.bare_minimum(self.listed)),
        )

    @property
    def wrong_calls(self) -> list[str]:
        """Return what is wrong with the numbers of calls. One that a fault refused has to be made again."""
        found = []
        for name, _title, samples, least in self.sides:
            made = sorted({sample.calls - sample.refused for sample in samples})
            if made != [least]:
                listed = f"row {self.row.key}, {self.listed:,} users"
                found.append(f"{listed}: {name} made {' or '.join(map(str, made))} calls, and {least} are the minimum")
        return found

    @property
    def verdict(self) -> str:
        """Return whether the aim was reached, and by how much it was missed."""
        aim, ratio = self.row.aim, self.ratio
        if aim < 1:
            text = f"{1 / ratio:.1f} times quicker"
            return f"{text}, aim {1 / aim:.0f}: " + ("reached" if ratio <= aim else f"missed by {1 - aim / ratio:.0%}")
        text = f"{ratio:.2f} times as long"
        if self.row.asked:
            waits = statistics.median(sample.refused for sample in self.ours) * self.row.asked
            text += f" as the script and the {waits:.0f} s for which the server asked"
        return f"{text}, {_verdict(ratio, aim, f'{aim:.1f}')}"

    def cells(self) -> list[tuple[str, str, str, str, str]]:
        """Return two lines of the table: what, work, process, calls, minimum."""
        lines = []
        for _name, title, samples, least in self.sides:
            work = statistics.median(sample.work for sample in samples)
            process = statistics.median(sample.process for sample in samples)
            calls = " or ".join(map(str, sorted({sample.calls for sample in samples})))
            needed = " or ".join(map(str, sorted({least + sample.refused for sample in samples})))
            lines.append((title, f"{work:.2f} s", f"{process:.2f} s", calls, needed))
        return lines

    def result(self) -> str:
        """Return the sentence below the two lines."""
        pairs = self.pairs
        low, high = (1 / pairs[-1], 1 / pairs[0]) if self.row.aim < 1 else (pairs[0], pairs[-1])
        if self.process_ratio < 1:
            whole = f"{1 / self.process_ratio:.1f} times quicker"
        else:
            whole = f"{self.process_ratio:.2f} times as long"
        return f"work: {self.verdict} [{low:.2f} to {high:.2f}]; whole process: {whole}; calls: {self.row.calls}"


@dataclass(frozen=True)
class Growth:
    """The plans of all sizes of a row."""

    row: Planning
    plans: Sequence[Planned]

    @property
    def wrong_calls(self) -> list[str]:
        """Return nothing: planning calls nobody."""
        return []

    def cells(self) -> list[tuple[str, str, str, str, str]]:
        """Return a line of the table for each size."""
        return [(self.row.title.format(size=f"{one.size:,}"), f"{one.seconds:.2f} s", f"{one.process:.2f} s", "0", "0") for one in self.plans]

    def result(self) -> str:
        """Return the sentence below the lines."""
        first, last = self.plans[0], self.plans[-1]
        growth = math.log(last.seconds / first.seconds) / math.log(last.size / first.size)
        memory = max(one.peak / one.size for one in self.plans)
        return (
            f"time grows with the users to the power of {growth:.2f}, {_verdict(growth, self.row.growth, f'{self.row.growth:.2f}')}; "
            f"{last.size:,} users in {last.seconds:.2f} s, {_verdict(last.seconds, self.row.seconds, f'{self.row.seconds:.0f} s')}; "
            f"at most {memory / 1024:.1f} KB for each user over the input, {_verdict(memory, self.row.memory, f'{self.row.memory / 1024:.0f} KB')}"
        )


def _verdict(value: float, aim: float, shown: str) -> str:
    """Return whether something reached its aim, where less is better."""
    return f"aim {shown}: " + ("reached" if value <= aim else f"missed by {value / aim - 1:.0%}")


def machine() -> str:
    """Return the size of this machine, its software and the date."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("ansible-core", "requests", "uvicorn"))
    load = os.getloadavg()[0]
    today = datetime.datetime.now(datetime.timezone.utc).date()
    return (
        f"{today}, {platform.system()} {platform.machine()}, {cores} cores, {memory:.0f} GB, load {load:.1f}; "
        f"Python {platform.python_version()}, {versions}"
    )


def text_table(measured: Measured | Growth) -> str:
    """Return a row for the screen."""
    cells = measured.cells()
    lines = [f"  {what:72}{work:>9}{process:>11}{calls:>8}{least:>9}" for what, work, process, calls, least in cells]
    key = measured.row.key
    return "\n".join([f"{key}:", *lines, f"  => {measured.result()}"])


TEXT_HEADING = f"  {'':72}{'work':>9}{'process':>11}{'calls':>8}{'minimum':>9}"


def _table(all_measured: Sequence[Measured | Growth]) -> list[str]:
    lines = ["| | | work | process | calls | minimum |", "| --- | --- | ---: | ---: | ---: | ---: |"]
    for measured in all_measured:
        for number, cells in enumerate(measured.cells()):
            lines.append(f"| {'' if number else measured.row.key} | {' | '.join(cells)} |")
    return [*lines, "", *(f"- {measured.row.key}: {measured.result()}." for measured in all_measured), ""]


def markdown(done: Sequence[Measured | Growth], large: Sequence[Measured], machine_text: str, repeat: int, latency: float) -> str:
    """Return the tables as a page of its own."""
    lines = [
        *HEADER,
        "# Measurements",
        "",
        "Written by `make bench` (`tests/benchmarks/run.py`, option `--markdown`), not by hand.",
        "",
        f"{machine_text}. {repeat} repeats at most; long rows have fewer.",
        "",
        " ".join(LEGEND).format(latency=latency * 1000),
        "",
        *_table(done),
    ]
    if large:
        lines += ["## Large directories", "", "The same with more users, once.", "", *_table(large)]
    wrong = [text for measured in (*done, *large) for text in measured.wrong_calls]
    lines += ["## Calls", "", *([f"- {text}." for text in wrong] or ["All calls are the minimum."]), ""]
    keys = {measured.row.key for measured in (*done, *large)}
    noted = [f"- {', '.join(sorted(keys.intersection(about)))}: {text}" for about, text in NOTES if keys.intersection(about)]
    if noted:
        lines += ["## Notes", "", *noted, ""]
    return "\n".join(lines)
