# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routing on the raw path: split at the slashes first, decode each segment afterwards.

Ids can hold ``%2F``, so a path that is decoded as a whole has lost its structure. Trailing slashes are exact: they
are an empty last segment like any other literal.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

from .provider import Operation


class _Node:
    __slots__ = ("literals", "methods", "param")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.param: _Node | None = None
        self.methods: dict[str, tuple[Operation, tuple[str, ...]]] = {}


class Router:
    """Find the operation of a method and a raw path. Literal segments take precedence over parameters."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root = _Node()
        for operation in operations:
            self._add(operation)

    def _add(self, operation: Operation) -> None:
        node = self._root
        names: list[str] = []
        for segment in operation.path.split("/")[1:]:
            if segment.startswith("{") and segment.endswith("}"):
                names.append(segment[1:-1])
                if node.param is None:
                    node.param = _Node()
                node = node.param
            else:
                node = node.literals.setdefault(segment, _Node())
        if operation.method in node.methods:
            raise ValueError(f"two operations for {operation.method} {operation.path}")
        node.methods[operation.method] = (operation, tuple(names))

    def match(self, method: str, raw_path: str) -> tuple[Operation | None, dict[str, str], list[str]]:
        """Return ``(operation, path parameters, [])``, or ``(None, {}, methods that the path has)``."""
        try:
            segments = [unquote(part, errors="strict") if "%" in part else part for part in raw_path.split("/")[1:]]
        except UnicodeDecodeError:
            return None, {}, []
        allowed: set[str] = set()
        # Depth first, literal before parameter: DELETE /users/custom_attributes falls through to /users/{id}.
        stack: list[tuple[_Node, int, tuple[str, ...]]] = [(self._root, 0, ())]
        while stack:
            node, depth, values = stack.pop()
            if depth == len(segments):
                operations = node.methods.get(method)
                if operations:
                    return operations[0], dict(zip(operations[1], values, strict=True)), []
                allowed.update(node.methods)
                continue
            segment = segments[depth]
            if node.param is not None and segment:
                stack.append((node.param, depth + 1, (*values, segment)))
            literal = node.literals.get(segment)
            if literal is not None:
                stack.append((literal, depth + 1, values))
        return None, {}, sorted(allowed)
