# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The output of the demo: lines, the plan of a task with one line per user, and a table row for each step.

This module checks nothing; demo.py and company.py check and pass their results.
"""

from __future__ import annotations

import pathlib
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

COLOURS = re.compile(r"\033\[[\d;]*m")
KINDS = {"auth": "logins", "read": "reads", "write": "writes"}
"""The kinds of requests that the simulator counts, and the headings of their columns."""
WIDTH = 118
"""The longest line of the short form, in characters."""


@dataclass(frozen=True)
class Screen:
    """Prints lines. ``colour`` is whether the terminal supports colours."""

    colour: bool

    def say(self, text: str = "", style: str = "") -> None:
        """Print a line of the demo itself, without buffering."""
        codes = {"bold": "1", "good": "32", "bad": "1;31", "dim": "2"}
        print(f"\033[{codes[style]}m{text}\033[0m" if style and self.colour else text, flush=True)

    def some(self, lines: Iterable[str], most: int, rest: str) -> None:
        """Print at most this many lines, cut to the width, and how many of ``rest`` are left out."""
        every = list(lines)
        for line in every[:most]:
            self.say(cut(line))
        if len(every) > most:
            self.say(f"   ... and {len(every) - most} more {rest}", "dim")

    def columns(self) -> None:
        """Print the heading of the rows."""
        self.say(f"   {'step':14}" + "".join(f"{name:>8}" for name in KINDS.values()) + "  outcome", "dim")

    def row(self, number: int, name: str, requests: Sequence[Mapping[str, Any]], text: str) -> None:
        """Print the result of a step, after the number of its requests of each kind."""
        numbers = "".join(f"{sum(request['kind'] == kind for request in requests):>8}" for kind in KINDS)
        self.say(f" {number} {name:14}{numbers}  {text}", "good")


def cut(line: str) -> str:
    """Return a line that is no wider than the screen, nor than ``WIDTH``."""
    width = min(WIDTH, max(40, shutil.get_terminal_size((WIDTH, 24)).columns))
    return line if len(line) <= width else line[: width - 4].rstrip() + " ..."


def entries(path: pathlib.Path) -> str:
    """Return the text of a list, indented and without the licence."""
    text = path.read_text(encoding="utf-8").partition("---\n")[2].rstrip()
    return "\n".join(f"  | {line}".rstrip() for line in text.splitlines() if line.strip())


def tidy(text: str) -> str:
    """Return the output of ansible-playbook without empty lines, padding of headings, and repeated errors.

    From 2.19 on, ansible-core prints each error twice, first with the playbook's source.
    """
    text = re.sub(r"(?ms)^(\033\[[\d;]*m)?\[ERROR\]: .*?(?=^(\033\[[\d;]*m)?fatal: )", "", text)
    lines = [re.sub(r" \*{8,}", " ***", line).rstrip() for line in text.splitlines()]
    return "\n".join(line for line in lines if COLOURS.sub("", line).strip())


def plan(diffs: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return one line for each user that a task would change, from the ``diff`` of its result."""
    return [cut(f"   {diff['after_header']:30} {_change(diff['before'] or {}, diff['after'] or {})}") for diff in diffs]


def _change(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    if not after:
        return "delete"
    if not before:
        lists = [f"{name} {', '.join(map(_entry, value))}" for name, value in after.items() if isinstance(value, list)]
        return f"create with {'; '.join(lists)}" if lists else "create"
    names = list(dict.fromkeys((*before, *after)))
    return "; ".join(
        _field(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    )


def _field(name: str, old: Any, new: Any) -> str:
    """Return how a field changes: what is added to and removed from a list, or the old and the new value."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        keys = [key for key in dict.fromkeys((*old, *new)) if old.get(key) != new.get(key)]
        return "; ".join(_field(key, old.get(key), new.get(key)) for key in keys)
    if isinstance(old, list) or isinstance(new, list):
        earlier, later = old or [], new or []
        added = [f"add {_entry(entry)}" for entry in later if entry not in earlier]
        removed = [f"remove {_entry(entry)}" for entry in earlier if entry not in later]
        return f"{name}: {', '.join(added + removed)}"
    if old is None or new is None:
        return f"{name}: set to {_entry(new)}" if old is None else f"{name}: clear"
    return f"{name}: {_entry(old)} -> {_entry(new)}"


def _entry(value: Any) -> str:
    """Return an element of a list or a value of a field. Of a mapping, return the values, the name first."""
    if isinstance(value, Mapping):
        first, *others = sorted(value.items(), key=lambda item: item[0] not in ("name", "role"))
        return f"{first[1]} ({', '.join(str(other) for _key, other in others)})" if others else str(first[1])
    return str(value).lower() if isinstance(value, bool) else str(value)


def problems(message: str) -> list[str]:
    """Return the problems of an error message that lists several, one per line."""
    heading, _colon, rest = message.removesuffix(" Nothing was written.").partition(" problems in the input: ")
    return (
        [cut(f"     {text.strip()}") for text in re.split(r"(?<!\S)(?=\(\d+\) )", rest) if text.strip()]
        if heading.isdigit()
        else []
    )
