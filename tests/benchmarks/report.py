# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Formats outcomes for the screen and for the page."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import pathlib
import platform
from collections.abc import Sequence

from notes import NOTES
from outcomes import Footprint, Measured, Outcome

LEGEND = (
    (
        "work: the seconds of the measured task, from its start to its result, including templating, the fork of the "
        "worker and the login; for a script, the seconds after its imports."
    ),
    "process: the seconds of the whole command, including the start of Python or ansible-playbook.",
    "calls: the API calls. minimum: the fewest calls with which the work can be done.",
    "Values are medians. Brackets contain the range of the ratios of the pairs, or of the times of the runs.",
    (
        "The collection and the script or module that it is compared with run in pairs, one after the other, against "
        "one simulator, which waits {latency:.0f} ms before each answer unless a row says otherwise; scim2-server "
        "answers without a wait."
    ),
    (
        "Loops are compared by the time for each user, because the loop of the other module has fewer users. Before it "
        "is measured, the other module makes one call, which builds the archive of the module and is included in the "
        "calls."
    ),
)
"""The meaning of the columns and the numbers."""

PEAK = (
    "The peak memory of ansible-playbook with all its processes, measured 50 times a second, without latency. Shared "
    "pages count once"
)
"""The meaning of the memory numbers."""

HEADER = (
    "<!--",
    *(line[2:] for line in pathlib.Path(__file__).read_text(encoding="utf-8").splitlines()[:3]),
    "-->",
    "",
)
"""The licence header of this file, for a page."""

TEXT_HEADING = f"  {'':72}{'work':>9}{'process':>11}{'calls':>8}{'minimum':>9}"


def versions() -> dict[str, str]:
    """Return the versions of the programs in use."""
    return {
        "Python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in ("ansible-core", "requests", "uvicorn")},
    }


def machine() -> str:
    """Return the date and the size of this machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    today = datetime.datetime.now(datetime.timezone.utc).date()
    machine = f"{platform.system()} {platform.machine()}, {cores} cores, {memory:.0f} GB"
    return f"{today}, {machine}, load {os.getloadavg()[0]:.1f}"


def text_table(outcome: Outcome) -> str:
    """Return a row for the screen."""
    lines = [
        f"  {what:72}{work:>9}{process:>11}{calls:>8}{least:>9}"
        for what, work, process, calls, least in outcome.cells()
    ]
    return "\n".join([f"{outcome.row.key}:", *(lines or [f"  {outcome.title}"]), f"  => {outcome.result()}"])


def table(heading: Sequence[str], right: int, rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a table whose last ``right`` columns are numbers."""
    rules = ["---"] * (len(heading) - right) + ["---:"] * right
    return [f"| {' | '.join(cells)} |" for cells in (heading, rules, *rows)] + [""]


def aims(done: Sequence[Outcome]) -> list[str]:
    """Return the table of aims and results."""
    rows = []
    for outcome in done:
        for number, finding in enumerate(outcome.findings):
            rows.append(
                (
                    "" if number else outcome.row.key,
                    "" if number else outcome.title,
                    finding.value,
                    finding.aim,
                    finding.verdict,
                )
            )
    return table(("row", "what", "result", "aim", ""), 0, rows)


def times(done: Sequence[Outcome]) -> list[str]:
    """Return the table of times and calls, and a sentence for each row."""
    rows = [
        ("" if number else outcome.row.key, *cells) for outcome in done for number, cells in enumerate(outcome.cells())
    ]
    sentences = [f"- {outcome.row.key}: {outcome.result()}." for outcome in done if not isinstance(outcome, Footprint)]
    return [*table(("row", "what", "work", "process", "calls", "minimum"), 4, rows), *sentences, ""]


def memory(done: Sequence[Outcome]) -> list[str]:
    """Return the table of memory."""
    lines = []
    for outcome in done:
        if isinstance(outcome, Footprint):
            heading = ("row", "what", *(f"{one.size:,} users" for one in outcome.held), "for each additional user")
            for number, (_side, title) in enumerate(outcome.row.sides):
                peaks = (f"{one.peaks[number] / 2**20:.0f} MB" for one in outcome.held)
                lines.append(
                    ("" if number else outcome.row.key, title, *peaks, f"{outcome.slopes[number] / 1024:.1f} KB")
                )
            lines.append(
                ("", "the result of the first, as JSON", *(f"{one.result:,} bytes" for one in outcome.held), "")
            )
            return ["## Memory", "", f"{PEAK}.", "", *table(heading, len(heading) - 2, lines)]
    return []


def cores(runs: Sequence[tuple[dict[str, str], Sequence[Outcome]]]) -> list[str]:
    """Return the table of OneLogin's loops with other versions of ansible-core, from the rows c and f of each run."""
    rows = []
    for found, done in runs:
        loops = {outcome.row.key: outcome for outcome in done if isinstance(outcome, Measured)}
        if {"c", "f"} <= set(loops):
            cells = []
            for key in ("c", "f"):
                ours, bare = loops[key].each
                cells += [f"{ours:.1f} ms", f"{bare:.1f} ms", f"{1 / loops[key].ratio:.1f}"]
            rows.append((found["ansible-core"], found["Python"], *cells))
    if len(rows) < 2:
        return []
    rows.sort(key=lambda row: [[int(part) for part in text.split(".")] for text in row[:2]])
    heading = ("ansible-core", "Python", "c: ours", "uri", "times faster", "f: ours", "uri", "times faster")
    return [
        "## Loops with other versions of ansible-core",
        "",
        "Milliseconds for each user, in the rows c and f. Each version of ansible-core was measured in its own run.",
        "",
        *table(heading, 6, rows),
    ]


def notes(done: Sequence[Outcome], left_out: Sequence[str]) -> list[str]:
    """Return the notes on these rows."""
    keys = [outcome.row.key for outcome in done]
    found = [
        f"- {', '.join(key for key in keys if key in about)}: {text}" for about, text in NOTES if set(keys) & set(about)
    ]
    found += [f"- {text}" for text in left_out]
    return ["## Notes", "", *found, ""] if found else []
