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
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.model import WORDS
from ansible_collections.rollcall.identity.tests.unit.sources import ROOT, nodes_of

PAGE = ROOT / "docs" / "docsite" / "rst" / "guide_errors.rst"
CODE = re.compile(r"[a-z]+(_[a-z]+)*")
POSITIONS = {
    "Problem": {1}, "problem": {1}, "InputError": {2}, "NotFound": {2}, "RollcallError": {2}, "GuardError": {3},
    "warn": {1}, "Notice": {0}, "UnreadableAnswer": {2}, "UnclearAnswer": {2}, "Unreachable": {2},
    "Loss": {0}, "_add": {1}, "add": {1, 2}, "wrong": {1}, "Closed": {2}, "State": {2},
    "Unreadable": {1}, "_problem": {1},
}  # fmt: skip
"""Calls that take a code -> its possible positions."""
CATALOGUES = ("Catalogue", "_catalogue", "_named")
"""Calls that take the noun of the objects in a list: the code for a wrong name is ``unknown_<noun>``."""
OTHER = {"permissions"}
"""Arguments at these positions that are no codes."""


def text(node):
    """Return the text of a constant, None for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def name_of(call):
    """Return the name of the function that is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def files():
    """Return the names of all files of the plugins."""
    return [path.relative_to(ROOT).as_posix() for path in (ROOT / "plugins").rglob("*.py")]


@functools.cache
def composed():
    """Return the form of each code that is composed -> its codes."""
    nouns = {
        text(node.args[0])
        for name in files()
        for node in nodes_of(name)
        if isinstance(node, ast.Call) and name_of(node) in CATALOGUES and node.args
    } - {None}
    return {
        "unknown_{self.noun.replace(' ', '_')}": {f"unknown_{noun.replace(' ', '_')}" for noun in nouns},
        "unknown_{field}": {f"unknown_{field}" for field in WORDS},
        "unknown_{role}": {"unknown_manager", "unknown_owner"},
    }


def codes_of(node):
    """Return the codes that an expression can have. A composed code must be one of ``composed``."""
    if isinstance(node, ast.IfExp):
        return codes_of(node.body) | codes_of(node.orelse)
    if isinstance(node, ast.JoinedStr) and len(node.values) == 2 and CODE.fullmatch(f"{text(node.values[0])}x"):
        return composed()[f"{text(node.values[0])}{{{ast.unparse(node.values[1].value)}}}"]
    return {text(node)}


def codes_in(name):
    """Return the codes that a file of Python uses."""
    found = set()
    for node in nodes_of(name):
        expressions = []
        if isinstance(node, ast.Call):
            places = POSITIONS.get(name_of(node), ())
            expressions += [keyword.value for keyword in node.keywords if keyword.arg == "code"]
            expressions += [argument for place, argument in enumerate(node.args) if place in places]
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "code":
            expressions.append(node.value)
        elif isinstance(node, ast.arguments):
            with_default = (*node.posonlyargs, *node.args)[-len(node.defaults):] if node.defaults else ()
            expressions += [
                default for argument, default in zip(with_default, node.defaults, strict=True) if argument.arg == "code"
            ]
        found = found.union(*map(codes_of, expressions))
    return {code for code in found if code and CODE.fullmatch(code)} - OTHER


@functools.cache
def used():
    """Return the codes of all plugins."""
    constants = {
        value
        for name, value in vars(losses).items()
        if name.isupper() and isinstance(value, str) and CODE.fullmatch(value)
    }
    return set().union(*map(codes_in, files())) | set(errors._STATUS_CODES.values()) | constants


def documented():
    """Return the codes in the first column of the page's tables."""
    cells = re.findall(r"^   \* - (``.*(?:\n       ``.*)*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {code for cell in cells for code in re.findall(r"``([a-z_]+)``", cell)}


def test_every_code_is_documented():
    assert used() - documented() == set()


def test_codes_that_nothing_uses_are_not_documented():
    # Codes that variables pass on, such as the losses that fields of providers name.
    passed_on = {
        "locked", "restricted", "left_without_passkeys", "token_in_use", "unused_successor", "notice",
        "create_limit", "loss_limit", "max_mails", "rename_limit", "reopen_limit", "server_error",
    }  # fmt: skip
    fields = {"code", "errors", "warning_details", "losses"}
    assert documented() - used() - passed_on - fields == set()


def test_codes_of_all_forms_are_seen():
    assert {"unreadable_feed", "unknown_sheet", "missing_package", "unknown_status", "unknown_kind"} <= used()
