# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Composes the names in the parameters of a task (NFC), at any depth. Secrets, free text and paths stay unchanged."""

from __future__ import annotations

import typing as t

from ..names import nfc
from .rules import GRANT, KEY, NAME, Kinds, Spec, rule_of

_NAMES = (KEY, NAME, GRANT)
"""The rules of names."""


class NameComposer:
    """Composes the names in the values of validated options.

    These are names and elements of lists of names, roles, groups and permissions, and the names of attributes and other
    mappings. Which options contain names is computed once, for the thousands of users of a task.
    """

    def __init__(self, options: Spec, kinds: Kinds) -> None:
        functions = {name: _function(name, option, kinds) for name, option in options.items()}
        self._functions = {name: function for name, function in functions.items() if function is not None}

    def compose(self, params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """Return a copy of parameters with composed names. ``params`` and the values in it are not changed."""
        composed = dict(params)
        for name, function in self._functions.items():
            value = composed.get(name)
            if value and not (isinstance(value, str) and value.isascii()):
                composed[name] = function(value)
        return composed


def _function(name: str, option: t.Mapping[str, t.Any], kinds: Kinds) -> t.Callable[[t.Any], t.Any] | None:
    """Return the function that composes the names in the values of an option, None if these contain no names."""
    kind = option.get("type", "str")
    if option.get("options"):
        compose = NameComposer(option["options"], kinds).compose
        return (lambda items: [compose(item) for item in items]) if kind == "list" else compose
    if kind == "dict":
        return _with_composed_keys
    if kind in ("int", "bool") or option.get("choices"):
        return None
    is_grant = "raw" in (kind, option.get("elements"))
    return _name if is_grant or rule_of(name, option, kinds) in _NAMES else None


def _with_composed_keys(entries: t.Mapping[t.Any, t.Any]) -> dict[t.Any, t.Any]:
    return {nfc(key) if isinstance(key, str) else key: value for key, value in entries.items()}


def _name(value: t.Any) -> t.Any:
    """Return a name, a list of names, or a mapping such as ``{name: …}`` in composed form."""
    if isinstance(value, str):
        return nfc(value)
    if isinstance(value, list):
        return [_name(item) for item in value]
    if isinstance(value, dict):
        return {key: _name(item) for key, item in value.items()}
    return value
