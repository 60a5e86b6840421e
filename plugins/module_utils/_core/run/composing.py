# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Composes the names in the parameters of a task (NFC), at any depth. Secrets, free text and paths stay unchanged."""

from __future__ import annotations

import typing as t

from ..names import nfc
from .rules import GRANT, KEY, NAME, Kinds, Rule, Spec, rule_of

_NAMES = (KEY, NAME, GRANT)
"""The rules of names."""


def compose_names(options: Spec, kinds: Kinds, params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return parameters with composed names. ``params`` and the values in it are not changed.

    Composed are names and elements of lists of names, roles, groups and permissions, and the names of attributes and
    other mappings.
    """
    return {
        name: _composed(options.get(name), kinds, name, value) if isinstance(value, (str, list, dict)) else value
        for name, value in params.items()
    }


def _composed(option: t.Mapping[str, t.Any] | None, kinds: Kinds, name: str, value: t.Any) -> t.Any:
    """Return the value of an option with composed names."""
    if option is None:
        return value
    inner, kind = option.get("options"), option.get("type", "str")
    if inner:
        if isinstance(value, list):
            return [compose_names(inner, kinds, item) if isinstance(item, dict) else item for item in value]
        return compose_names(inner, kinds, value) if isinstance(value, dict) else value
    if isinstance(value, dict) and kind == "dict":
        return _with_composed_keys(value)
    rule: Rule = GRANT if "raw" in (kind, option.get("elements")) else rule_of(name, option, kinds)
    return _name(value) if rule in _NAMES else value


def _with_composed_keys(entries: t.Mapping[t.Any, t.Any]) -> dict[t.Any, t.Any]:
    return {nfc(key) if isinstance(key, str) else key: value for key, value in entries.items()}


def _name(value: t.Any) -> t.Any:
    """Return a name, a list of names, or a mapping such as ``{name: …}`` in composed form."""
    if isinstance(value, str):
        return value if value.isascii() else nfc(value)
    if isinstance(value, list):
        return [_name(item) for item in value]
    if isinstance(value, dict):
        return {key: _name(item) for key, item in value.items()}
    return value
