# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people read and edit has lines of at most 120 characters: pages, documentation in modules, roles
and playbooks, and the files of the review's page."""

from __future__ import annotations

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
WIDTH = 120
PATTERNS = (
    "*.md", "docs/**/*.md", "docs/**/*.rst", "docs/**/*.yml", "roles/**/*.md", "roles/**/*.yml", "tests/simulator/*.md",
    "playbooks/**/*.yml", "extensions/**/*.yml", "changelogs/fragments/*.yml", "meta/*.yml", "galaxy.yml",
    "plugins/modules/*.py", "plugins/doc_fragments/*.py", "plugins/plugin_utils/_jobs/review/page_files/*",
)  # fmt: skip
GENERATED = {"extensions/awx/credential_types.yml"}
"""Files that a tool writes from longer texts."""
PATHS = sorted({path.relative_to(ROOT).as_posix() for pattern in PATTERNS for path in ROOT.glob(pattern)} - GENERATED)


def too_long(text: str, kind: str) -> list[int]:
    """Return the numbers of lines that are too long and could be shorter.

    Rows of Markdown tables, single addresses, and what a program printed cannot be broken.
    """
    output: tuple[str, str] | None = None
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        start = re.match(r"( *)(?:\.\. code-block:: text|```text)", line) if output is None else None
        if output and line.strip() and not line.startswith(output[0]):
            output = None
        if start:
            output = (start[1] + " " if kind == "rst" else "", line)
        words = len(line.split()) > 2 or not re.search(r"https?://", line)
        if len(line) > WIDTH and output is None and words and not (kind == "md" and line.startswith("|")):
            found.append(number)
        if kind == "md" and output and line == "```":
            output = None
    return found


def test_there_are_files():
    """The test below is made from a listing, which must not be empty."""
    assert {
        "README.md", "docs/docsite/rst/guide_people.rst", "roles/access/README.md", "plugins/modules/kestra_user.py",
    } <= set(PATHS)


def test_long_lines_are_found():
    long = "word " * 30
    assert too_long(f"{long}\n| {long} |\n[a]: https://{'x' * 200}\n", "md") == [1]
    assert too_long(f".. code-block:: text\n\n    {long}\n\n{long}\n", "rst") == [5]
    assert too_long(f"```text\n{long}\n```\n{long}\n", "md") == [4]
    assert too_long(f"- a: {long}\n", "yml") == [1]


@pytest.mark.parametrize("name", PATHS)
def test_lines_are_short(name):
    path = ROOT / name
    assert too_long(path.read_text(encoding="utf-8"), path.suffix[1:]) == []
