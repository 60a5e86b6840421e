# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of the checkout as Python reads them, each of them once for all tests."""

from __future__ import annotations

import ast
import functools
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]


@functools.cache
def text_of(name):
    """Return the text of a file; ``name`` is its path from the root of the checkout."""
    return (ROOT / name).read_text(encoding="utf-8")


@functools.cache
def tree(name):
    """Return a file of Python as a syntax tree."""
    return ast.parse(text_of(name), name)


@functools.cache
def nodes_of(name):
    """Return all nodes of the syntax tree of a file, in one list."""
    return list(ast.walk(tree(name)))
