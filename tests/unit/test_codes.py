# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page on codes lists every code that the plugins use."""

from __future__ import annotations

import ast
import functools
import re

from ansible_collections.rollcall.identity.plugins.module_utils._core import errors
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan import losses
from ansible_collections.rollcall.identity.tests.unit.sources import ROOT, nodes_of

PAGE = ROOT / "docs" / "docsite" / "rst" / "guide_errors.rst"
CODE = re.compile(r"[a-z]+(_[a-z]+)*")
POSITIONS = {
    "Problem": {1}, "problem": {1}, "InputError": {2}, "NotFound": {2}, "RollcallError": {2}, "GuardError": {3},
    "warn": {1}, "Notice": {0}, "UnreadableAnswer": {2}, "UnclearAnswer": {2}, "Unreachable": {2}, "RateLimited": {2},
    "Loss": {0}, "_add": {1}, "add": {1, 2}, "wrong": {1}, "Closed": {2}, "State": {2},
}  # fmt: skip
"""Calls that take a code -> its possible positions."""
OTHER = {"permissions"}
"""Arguments at these positions that are no codes."""


def text(node):
    """Return the text of a constant, None for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def codes_in(name):
    """Return the codes that a file of Python uses."""
    found = set()
    for node in nodes_of(name):
        if isinstance(node, ast.Call):
            callee = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            places = POSITIONS.get(callee, ())
            found |= {text(keyword.value) for keyword in node.keywords if keyword.arg == "code"}
            found |= {text(argument) for place, argument in enumerate(node.args) if place in places}
        elif isinstance(node, ast.ClassDef):
            found |= {
                text(item.value)
                for item in node.body
                if isinstance(item, ast.Assign) and getattr(item.targets[0], "id", "") == "code"
            }
    return {code for code in found if code and CODE.fullmatch(code)} - OTHER


@functools.cache
def used():
    """Return the codes of all plugins."""
    names = [path.relative_to(ROOT).as_posix() for path in (ROOT / "plugins").rglob("*.py")]
    constants = {
        value
        for name, value in vars(losses).items()
        if name.isupper() and isinstance(value, str) and CODE.fullmatch(value)
    }
    return set().union(*map(codes_in, names)) | set(errors._STATUS_CODES.values()) | constants


def documented():
    """Return the codes in the first column of the page's tables."""
    cells = re.findall(r"^   \* - (``.*(?:\n       ``.*)*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {code for cell in cells for code in re.findall(r"``([a-z_]+)``", cell)}


def test_every_code_is_documented():
    assert used() - documented() == set()


def test_codes_that_nothing_uses_are_not_documented():
    # Codes that are composed: unknown_<noun>, and the losses that fields of providers name.
    composed = {code for code in documented() if code.startswith("unknown_")} | {
        "locked", "restricted", "left_without_passkeys", "token_in_use", "unused_successor", "notice",
        "create_limit", "rename_limit", "reopen_limit", "server_error",
    }  # fmt: skip
    fields = {"code", "errors", "warning_details", "losses"}
    assert documented() - used() - composed - fields == set()
