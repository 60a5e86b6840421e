# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files and functions of plugins, roles and tests are short. Blank lines, comments and docstrings do not count."""

from __future__ import annotations

import ast

from ansible_collections.rollcall.identity.tests.unit.architecture import code_lines, sources
from ansible_collections.rollcall.identity.tests.unit.sources import nodes_of, text_of

LONGEST_FILE, LONGEST_FUNCTION = 400, 50
# Documentation fragments hold no code.
DOCUMENTATION = "plugins/doc_fragments/"
EXCEPTIONS = {
    "tests/simulator/control.py: control_app": "the routes of one application, as functions within it",
    "tests/simulator/tests/test_kestra_tokens.py: tour": "one call after the other",
    "tests/simulator/tests/test_nextauth.py: test_every_operation_fits_its_document": "one call after the other",
    "tests/simulator/tests/test_validate.py: tour": "one call after the other",
    "tests/tools/company.py: run": "one step after the other",
}
"""What may be longer, and why."""


def too_long(name):
    """Return what is too long in a file: nothing, the file itself, and its functions."""
    functions = [
        node for node in nodes_of(name)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and node.end_lineno - node.lineno >= LONGEST_FUNCTION
    ]
    if not functions and text_of(name).count("\n") <= LONGEST_FILE:
        return {}  # short with all its comments
    lines = code_lines(name)
    sizes = {
        f"{name}: {node.name}": len(lines & set(range(node.lineno, node.end_lineno + 1))) for node in functions
    }
    long = {place: size for place, size in sizes.items() if size > LONGEST_FUNCTION}
    return long | ({name: len(lines)} if len(lines) > LONGEST_FILE else {})


def test_files_and_functions_are_short():
    names = [
        name for folder in ("plugins", "roles", "tests") for name in sources(folder)
        if not name.startswith(DOCUMENTATION)
    ]
    assert len(names) > 300
    long = {place: size for name in names for place, size in too_long(name).items()}
    assert {place: size for place, size in long.items() if place not in EXCEPTIONS} == {}
    assert set(EXCEPTIONS) <= set(long), "an exception that is short by now"
