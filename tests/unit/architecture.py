# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of the checkout, what they import, and their lines of code."""

from __future__ import annotations

import ast
import functools
import io
import tokenize

from ansible_collections.rollcall.identity.tests.unit.sources import ROOT, nodes_of, text_of

PREFIX = "ansible_collections.rollcall.identity."
SHORT = {
    "_core": "plugins/module_utils/_core", "_providers": "plugins/module_utils/_providers",
    "_jobs": "plugins/plugin_utils/_jobs",
}
"""Folders that the page calls by a short name."""
CORE, JOBS = SHORT["_core"], SHORT["_jobs"]
PROVIDERS = sorted(path.name for path in (ROOT / SHORT["_providers"]).iterdir() if (path / "__init__.py").exists())
FOLDERS = (".ci", "changelogs", "docs", "meta", "playbooks", "plugins", "roles", "tests")
"""Folders of the checkout: others hold what tools leave."""
DOCUMENTATION = {"DOCUMENTATION", "EXAMPLES", "RETURN"}


@functools.cache
def files():
    """Return the paths of all files of the collection, from its root."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    return sorted(
        path.relative_to(ROOT).as_posix() for path in (*ROOT.iterdir(), *found)
        if path.is_file() and not {"__pycache__", "output"} & set(path.relative_to(ROOT).parts)
    )


def sources(folder):
    """Return the Python files below a folder."""
    return [name for name in files() if name.startswith(f"{folder}/") and name.endswith(".py")]


def code_lines(name):
    """Return the numbers of the lines of a file that hold code: no blanks, comments, docstrings,
    documentation of modules."""
    words = {"COMMENT", "NL", "NEWLINE", "INDENT", "DEDENT", "ENDMARKER"}
    tokens = [
        token
        for token in tokenize.generate_tokens(io.StringIO(text_of(name)).readline)
        if tokenize.tok_name[token.type] not in words
    ]
    lines = {number for token in tokens for number in range(token.start[0], token.end[0] + 1)}
    for node in nodes_of(name):
        alone = (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        )
        about = (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and node.targets[0].id in DOCUMENTATION
        )
        if alone or about:
            lines -= set(range(node.lineno, node.end_lineno + 1))
    return lines
