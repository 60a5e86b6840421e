# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation fragments are literal texts, which editors read without running them, and as new as their sources."""

from __future__ import annotations

import ast
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FRAGMENTS = sorted((ROOT / "plugins" / "doc_fragments").glob("*.py"))


@pytest.mark.parametrize("path", FRAGMENTS, ids=lambda path: path.stem)
def test_fragments_are_literals(path: pathlib.Path) -> None:
    holder = next(node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef))
    values = [node.value for node in holder.body if isinstance(node, ast.Assign)]
    assert values
    assert all(isinstance(value, ast.Constant) for value in values)


def test_fragments_are_as_new_as_their_sources() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "tools" / "write_fragments.py"), "--check"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stdout == ""
    assert done.returncode == 0
