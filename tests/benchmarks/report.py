# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From samples to the table: medians, ratios, calls, and what was reached."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from measure import Sample
from rows import Row

LEGEND = (
    "work: the seconds of the measured task, from its start to its result, with templating, the worker's fork and the log-in; of a script, those",
    "after its imports. process: the whole command, with the start of Python or of ansible-playbook. Medians; in brackets the range of the",
    "ratios of single pairs. Both sides take turns, against one simulator that waits {latency:.0f} ms before each answer.",
)


@dataclass(frozen=True)
class Measured:
    """The samples of a row, in pairs."""

    row: Row
    listed: int
    ours: Sequence[Sample]
    bare: Sequence[Sample]

    @property
    def ratio(self) -> float:
        """Return how much longer our work takes, by medians."""
        return statistics.median(sample.work for sample in self.ours) / statistics.median(sample.work for sample in self.bare)

    @property
    def process_ratio(self) -> float:
        """Return the same of the whole commands."""
        return statistics.median(sample.process for sample in self.ours) / statistics.median(sample.process for sample in self.bare)

    @property
    def pairs(self) -> list[float]:
        """Return the ratios of the single pairs, smallest first."""
        return sorted(ours.work / bare.work for ours, bare in zip(self.ours, self.bare, strict=True))

    @property
    def wrong_calls(self) -> list[str]:
        """Return what is wrong with the numbers of calls."""
        found = []
        for name, samples, least in (
            ("the collection", self.ours, self.row.minimum(self.listed)),
            ("the other side", self.bare, self.row.bare_minimum(self.listed)),
        ):
            made = sorted({sample.calls for sample in samples})
            if made != [least]:
                found.append(f"row {self.row.key}: {name} made {' or '.join(map(str, made))} calls, and {least} are the minimum")
        return found

    @property
    def verdict(self) -> str:
        """Return whether the aim was reached, and by how much it was missed."""
        aim, ratio = self.row.aim, self.ratio
        if aim < 1:
            text = f"{1 / ratio:.1f} times quicker"
            return f"{text}, aim {1 / aim:.0f}: " + ("reached" if ratio <= aim else f"missed by {1 - aim / ratio:.0%}")
        return f"{ratio:.2f} times as long, aim {aim:.1f}: " + ("reached" if ratio <= aim else f"missed by {ratio / aim - 1:.0%}")

    def cells(self) -> list[tuple[str, str, str, str, str]]:
        """Return two lines of the table: what, work, process, calls, minimum."""
        lines = []
        for title, samples, least in (
            (self.row.title.format(listed=f"{self.listed:,}"), self.ours, self.row.minimum(self.listed)),
            (self.row.bare_title, self.bare, self.row.bare_minimum(self.listed)),
        ):
            work = statistics.median(sample.work for sample in samples)
            process = statistics.median(sample.process for sample in samples)
            calls = " or ".join(map(str, sorted({sample.calls for sample in samples})))
            lines.append((title, f"{work:.2f} s", f"{process:.2f} s", calls, str(least)))
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


def text_table(measured: Measured) -> str:
    """Return a row for the screen."""
    lines = [f"  {what:64}{work:>9}{process:>11}{calls:>8}{least:>9}" for what, work, process, calls, least in measured.cells()]
    return "\n".join([*lines, f"  => {measured.result()}"])


TEXT_HEADING = f"  {'':64}{'work':>9}{'process':>11}{'calls':>8}{'minimum':>9}"


def markdown(all_measured: Sequence[Measured], machine_text: str, repeat: int, latency: float) -> str:
    """Return the table as a page of its own."""
    lines = [
        "# Measurements",
        "",
        f"{machine_text}. {repeat} repeats.",
        "",
        " ".join(LEGEND).format(latency=latency * 1000),
        "",
        "| | | work | process | calls | minimum |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for measured in all_measured:
        ours, bare = measured.cells()
        lines += [f"| {measured.row.key} | {' | '.join(ours)} |", f"| | {' | '.join(bare)} |"]
    lines += ["", *(f"- {measured.row.key}: {measured.result()}." for measured in all_measured), ""]
    return "\n".join(lines)
