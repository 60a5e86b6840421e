# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks the user's task files that deliver results and tokens, before anything is written."""

from __future__ import annotations

import typing as t

import yaml

_NULL = "tag:yaml.org,2002:null"
_META = ("meta", "ansible.builtin.meta", "ansible.legacy.meta")
_ENDS = ("end_batch", "end_host", "end_play", "end_role")


def refusal_of(path: str) -> str:
    """Return why a task file cannot deliver anything, or an empty text.

    A file that cannot be read as YAML is not refused here: the roles read their task files before they write, and then
    Ansible shows the line.
    """
    try:
        with open(path, encoding="utf-8") as file:
            root = yaml.compose(file.read())
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError):
        return ""
    if isinstance(root, yaml.ScalarNode) and str(root.value).startswith("$ANSIBLE_VAULT;"):
        return ""
    if root is None or root.tag == _NULL or (isinstance(root, yaml.SequenceNode) and not root.value):
        return "contains no tasks, so nothing would be delivered. Add a task."
    if not isinstance(root, yaml.SequenceNode):
        return "is not a list of tasks. Specify a task file, whose content is a YAML list of tasks."
    end = next(_ends(root), "")
    if not end:
        return ""
    return f"contains 'meta: {end}', which would end the run before its result is checked. Remove this task."


def _ends(node: yaml.Node) -> t.Iterator[str]:
    """Yield the ``meta`` actions of tasks and blocks that end the role or more."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _ends(item)
    elif isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value in _META and value.value in _ENDS:
                yield value.value
            elif name.value in ("block", "rescue", "always"):
                yield from _ends(value)
