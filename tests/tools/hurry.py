# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module that a Python of ansible-test imports when it starts (sanity.py arranges this). It halves the time without
changing results.

The import test unloads the collection after each file, so the collection loader compiles all files again for the next
one, and dataclasses compile their methods again. Here, the same source is compiled only once. Frequent garbage
collection takes time, too.
"""

from __future__ import annotations
import __future__

import ast
import builtins
import gc
import sys
from typing import Any

INHERITED = 0
for name in __future__.all_feature_names:
    INHERITED |= getattr(__future__, name).compiler_flag

_compile: Any = builtins.compile
_exec: Any = builtins.exec
_known: dict[Any, Any] = {}


def compile_once(
    source: Any,
    filename: Any,
    mode: str,
    flags: int = 0,
    dont_inherit: bool = False,
    optimize: int = -1,
    **options: Any,
) -> Any:
    """Compile like the built-in function, but the same source only once.

    A syntax tree is always new, because callers may modify it.
    """
    if not dont_inherit:
        flags |= sys._getframe(1).f_code.co_flags & INHERITED
    if options or flags & ast.PyCF_ONLY_AST or not isinstance(source, (str, bytes)):
        return _compile(source, filename, mode, flags, True, optimize, **options)
    key = (source, filename, mode, flags, optimize)
    if key not in _known:
        _known[key] = _compile(source, filename, mode, flags, True, optimize)
    return _known[key]


def execute(source: Any, *namespaces: Any, **options: Any) -> None:
    """Execute like the built-in function, but compile the same source only once. A dataclass executes the same source
    each time."""
    caller = sys._getframe(1)
    if isinstance(source, (str, bytes)):
        flags = caller.f_code.co_flags & INHERITED
        source = compile_once(source, "<string>", "exec", flags, True)
    if not options and (not namespaces or namespaces[0] is None):
        namespaces = (caller.f_globals, namespaces[1] if len(namespaces) > 1 else caller.f_locals)
    _exec(source, *namespaces, **options)


gc.set_threshold(200_000, 20, 50)
builtins.compile = compile_once
builtins.exec = execute
