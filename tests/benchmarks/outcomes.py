# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evaluates samples: medians, ratios, numbers of calls, and whether aims were reached."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from kinds import Job, Memory, Planning, Row
from measure import Held, Planned, Sample

Cells = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Finding:
    """The result of one aim: the value, the aim, and whether it was reached, each as text."""

    value: str
    aim: str
    verdict: str

    def __str__(self) -> str:
        return f"{self.value}, aim {self.aim}: {self.verdict}" if self.verdict else f"{self.value}, {self.aim}"


def judged(text: str, value: float, aim: float, shown: str) -> Finding:
    """Return the finding for a value that should be at most the aim."""
    return Finding(text, shown, "reached" if value <= aim else f"missed by {value / aim - 1:.0%}")


@dataclass(frozen=True)
class Measured:
    """The samples of a row, in pairs."""

    row: Row
    ours: Sequence[Sample]
    bare: Sequence[Sample]

    @property
    def bare_listed(self) -> int:
        """Return the number of users of the other side."""
        return self.row.bare_listed or self.row.listed

    @property
    def goals(self) -> list[float]:
        """Return the seconds of the other side for the same number of users, for each pair, plus the seconds for which
        the server made our side wait."""
        share = self.row.listed / self.bare_listed
        return [
            bare.work * share + self.row.wait * ours.refused for ours, bare in zip(self.ours, self.bare, strict=True)
        ]

    @property
    def ratio(self) -> float:
        """Return the ratio of our median working time to the other side's."""
        return statistics.median(sample.work for sample in self.ours) / statistics.median(self.goals)

    @property
    def pairs(self) -> list[float]:
        """Return the ratios of the single pairs, smallest first."""
        return sorted(ours.work / goal for ours, goal in zip(self.ours, self.goals, strict=True))

    @property
    def each(self) -> tuple[float, float]:
        """Return the milliseconds per user, ours and the other side's."""
        return (
            1000 * statistics.median(sample.work for sample in self.ours) / self.row.listed,
            1000 * statistics.median(sample.work for sample in self.bare) / self.bare_listed,
        )

    @property
    def title(self) -> str:
        """Return what our side does."""
        return self.row.title.format(listed=f"{self.row.listed:,}")

    @property
    def sides(self) -> tuple[tuple[str, str, Sequence[Sample], int], ...]:
        """Return for each side its name, its title, its samples and the minimum number of calls, without
        refused calls."""
        return (
            ("the collection", self.title, self.ours, self.row.minimum(self.row.listed)),
            (
                "the other side",
                self.row.bare_title.format(listed=f"{self.bare_listed:,}"),
                self.bare,
                self.row.bare_minimum(self.bare_listed),
            ),
        )

    @property
    def wrong_calls(self) -> list[str]:
        """Return the problems of the numbers of calls. A call that a fault refused must be repeated."""
        found = []
        for name, _title, samples, least in self.sides:
            made = sorted({sample.calls - sample.refused for sample in samples})
            if made != [least]:
                found.append(
                    f"row {self.row.key}: {name} made {' or '.join(map(str, made))} calls, and {least} are the minimum"
                )
        return found

    @property
    def findings(self) -> list[Finding]:
        """Return the findings for the comparison."""
        aim, ratio = self.row.aim, self.ratio
        if aim is not None and aim < 1:
            verdict = "reached" if ratio <= aim else f"missed by {1 - aim / ratio:.0%}"
            scale = " for each user" if self.row.listed > 1 else ""
            return [Finding(f"{1 / ratio:.1f} times faster{scale}", f"{1 / aim:.0f} times", verdict)]
        text = f"{ratio:.2f} times as long"
        if self.row.wait:
            waits = statistics.median(sample.refused for sample in self.ours) * self.row.wait
            text += f" as the script and the {waits:.0f} s that the server requires"
        return [Finding(text, "no aim", "") if aim is None else judged(text, ratio, aim, f"{aim:.4g}")]

    def cells(self) -> list[Cells]:
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
        quicker = self.row.aim is not None and self.row.aim < 1
        pairs = sorted(1 / pair for pair in self.pairs) if quicker else self.pairs
        text = str(self.findings[0]) + (
            f" [{pairs[0]:.2f} to {pairs[-1]:.2f} in {len(pairs)} pairs]" if len(pairs) > 1 else " [once]"
        )
        if self.row.bare_listed:
            ours, bare = self.each
            text += f"; for each user {ours:.1f} ms and {bare:.1f} ms"
        else:
            whole = statistics.median(sample.process for sample in self.ours) / statistics.median(
                sample.process for sample in self.bare
            )
            text += f"; whole process {whole:.2f} times as long"
        return f"{text}; calls: {self.row.calls}"


@dataclass(frozen=True)
class Growth:
    """The plans of all sizes of a row."""

    row: Planning
    plans: Sequence[Planned]

    @property
    def title(self) -> str:
        """Return what was measured."""
        return self.row.title.format(size=" / ".join(f"{one.size:,}" for one in self.plans))

    @property
    def wrong_calls(self) -> list[str]:
        """Return an empty list: planning makes no calls."""
        return []

    @property
    def findings(self) -> list[Finding]:
        """Return the findings for the growth, the time of the largest size, and the memory."""
        row, first, last = self.row, self.plans[0], self.plans[-1]
        growth = math.log(last.seconds / first.seconds) / math.log(last.size / first.size)
        memory = max(one.peak / one.size for one in self.plans)
        return [
            judged(
                f"the time grows with the number of users to the power of {growth:.2f}",
                growth,
                row.growth,
                f"{row.growth:.2f}",
            ),
            judged(f"{last.size:,} users in {last.seconds:.2f} s", last.seconds, row.seconds, f"{row.seconds:.0f} s"),
            judged(
                f"at most {memory / 1024:.1f} KB for each user in addition to the input",
                memory,
                row.memory,
                f"{row.memory / 1024:.0f} KB",
            ),
        ]

    def cells(self) -> list[Cells]:
        """Return a line of the table for each size."""
        return [
            (self.row.title.format(size=f"{one.size:,}"), f"{one.seconds:.2f} s", f"{one.process:.2f} s", "0", "0")
            for one in self.plans
        ]

    def result(self) -> str:
        """Return the sentence below the lines."""
        return "; ".join(map(str, self.findings))


@dataclass(frozen=True)
class Footprint:
    """The memory of some tasks with the same list, for all sizes of a row."""

    row: Memory
    held: Sequence[Held]

    @property
    def title(self) -> str:
        """Return what was measured."""
        return self.row.title

    @property
    def wrong_calls(self) -> list[str]:
        """Return an empty list: the rows a compare the calls of the same task."""
        return []

    @property
    def slopes(self) -> list[float]:
        """Return the bytes for each further user, for each side."""
        first, last = self.held[0], self.held[-1]
        return [(end - start) / (last.size - first.size) for start, end in zip(first.peaks, last.peaks, strict=True)]

    @property
    def findings(self) -> list[Finding]:
        """Return the findings for the memory of a further user, and for the size of the result."""
        ours, *others = (f"{slope / 1024:.1f} KB" for slope in self.slopes)
        last = self.held[-1]
        beside = " and ".join(
            f"{slope} with {title}" for slope, (_side, title) in zip(others, self.row.sides[1:], strict=True)
        )
        return [
            Finding(f"{ours} for each additional user, compared with {beside}", "no aim", ""),
            # A summary has the same size for any number of users.
            judged(
                f"the result of {last.size:,} unchanged users has {last.result:,} bytes as JSON",
                last.result,
                1.1 * self.held[0].result,
                "no growth",
            ),
        ]

    def cells(self) -> list[Cells]:
        """Return an empty list: the row has no times and calls."""
        return []

    def result(self) -> str:
        """Return the result as a sentence."""
        return "; ".join(map(str, self.findings))


@dataclass(frozen=True)
class Ran:
    """The samples of a job. ``held`` are those of the runs in which only the memory was measured."""

    row: Job
    samples: Sequence[Sample]
    held: Sequence[Sample] = ()

    @property
    def title(self) -> str:
        """Return what was measured."""
        return self.row.title

    @property
    def wrong_calls(self) -> list[str]:
        """Return the problems of the number of calls."""
        made = sorted({sample.calls - self.row.again for sample in self.samples})
        if made == [self.row.minimum]:
            return []
        beside = f" beside {self.row.again} that read again" if self.row.again else ""
        return [
            (
                f"row {self.row.key}: the job made {' or '.join(map(str, made))} calls{beside}, "
                f"and {self.row.minimum} are the minimum"
            )
        ]

    @property
    def work(self) -> float:
        """Return the median seconds of the job itself."""
        return statistics.median(sample.work for sample in self.samples)

    @property
    def findings(self) -> list[Finding]:
        """Return the findings for the duration, and for the time until the page can be used."""
        text, aim = f"{self.work:.1f} s", self.row.seconds
        findings = [Finding(text, "no aim", "") if aim is None else judged(text, self.work, aim, f"{aim:.0f} s")]
        ready = statistics.median(sample.ready for sample in self.samples)
        if ready:
            findings.append(
                judged(
                    f"{self.row.page} can be used {ready:.1f} s after Chromium opens it",
                    ready,
                    self.row.ready,
                    f"{self.row.ready:.0f} s",
                )
            )
        return findings

    def cells(self) -> list[Cells]:
        """Return a line of the table."""
        process = statistics.median(sample.process for sample in self.samples)
        calls = " or ".join(map(str, sorted({sample.calls for sample in self.samples})))
        return [(self.title, f"{self.work:.2f} s", f"{process:.2f} s", calls, str(self.row.minimum))]

    def result(self) -> str:
        """Return the sentence below the line."""
        works = sorted(sample.work for sample in self.samples)
        spread = f"{works[0]:.1f} to {works[-1]:.1f} s in {len(works)} runs" if len(works) > 1 else "once"
        cpu = statistics.median(sample.cpu for sample in self.samples)
        peak = (
            f"; {max(sample.peak for sample in self.held) / 2**20:.0f} MiB of memory at the peak" if self.held else ""
        )
        page = f"; the size of {self.row.page} is {self.samples[0].page / 1e6:.1f} MB" if self.row.page else ""
        ready = "".join(f"; {finding}" for finding in self.findings[1:])
        return (
            f"{self.findings[0]} [{spread}]; the whole process took {cpu:.1f} s of CPU{peak}{page}{ready}; calls: "
            f"{self.row.calls}"
        )


Outcome = Measured | Growth | Footprint | Ran
