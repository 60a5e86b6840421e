# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks the options of a job before Ansible converts them. Messages name the variables of the role."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.validation import check_type_dict

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, Problem
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.rules import Rule, Spec
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.scalars import UnquotedDate
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.values import check_arguments

_SHARED = ("connections", "entitlements", "people", "rules", "as_of", "timezone")
"""Options that all roles set from a variable with the prefix ``identity_``."""
_STEPS = ("step", "planned", "made", "broken", "plan", "outcomes")
"""Options of a step of a rotation, which the role sets from earlier results."""
_EMPTY = ("person",)
"""Options with a message of their own for an empty text."""
_OPTIONAL = Rule(blank=True, segment=False)
_REQUIRED = Rule(segment=False)


def variable_of(option: str, role: str) -> str:
    """Return the variable from which a role sets an option of its module."""
    if option in _STEPS:
        return option
    if option in _SHARED:
        return f"identity_{option}"
    return f"{role}_connections" if option == "only" else f"{role}_{option}"


def specified(arguments: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return arguments without nulls, which count as not specified: AWX passes null for a blank answer of a survey."""
    return {
        name: str(value) if isinstance(value, UnquotedDate) else value
        for name, value in arguments.items()
        if value is not None
    }


def argument_problems(spec: Spec, arguments: t.Mapping[str, t.Any], role: str) -> list[Problem]:
    """Return the problems of the arguments of a job, as far as its module's declaration shows them.

    An empty text is a problem, unless it is the default of the option: then the documentation says what it means.
    """
    options: dict[str, t.Mapping[str, t.Any]] = {}
    kinds: dict[str, Rule] = {}
    values: dict[str, t.Any] = {}
    problems = check_arguments(spec, {}, {name: "" for name in arguments if name not in spec}).problems
    for name, option in spec.items():
        variable, value = variable_of(name, role), arguments.get(name)
        if value is None:
            if option.get("required"):
                problems.append(Problem(f"{variable} is missing. Set it.", "missing_option", option=variable))
        elif option["type"] == "dict":
            problems += _mapping_problems(variable, value)
        elif option.get("elements") == "dict":
            if not (isinstance(value, list) and all(isinstance(element, dict) for element in value)):
                text = f"{variable} is not a list of mappings. Write it as [{{name: value}}]."
                problems.append(Problem(text, "invalid_value", option=variable))
        else:
            options[variable], values[variable] = option, value
            kinds[variable] = _OPTIONAL if option.get("default") == "" or name in _EMPTY else _REQUIRED
    return problems + check_arguments(options, kinds, values).problems


def _mapping_problems(variable: str, value: t.Any) -> list[Problem]:
    """Return a problem if a value is neither a mapping nor the text of one. The job checks what a mapping contains.

    The message does not show the value, because connections and results contain secrets.
    """
    if isinstance(value, str) and not value.strip():
        text = f"{variable} is empty. Specify a mapping, or omit the option. Check for an unset variable."
        return [Problem(text, "blank_value", option=variable)]
    try:
        check_type_dict(value)
    except TypeError:
        text = f"{variable} is not a mapping. Write it as {{name: value}}."
        return [Problem(text, "invalid_value", option=variable)]
    return []


def texts_of(value: t.Any, option: str) -> list[str]:
    """Return a list of texts. One text with commas is also a list: ``-e name=value`` and surveys pass lists that way.

    Without a value, the list is empty. Raises InputError, also for an empty element, such as a variable that is not
    set.
    """
    if value in (None, ""):
        return []
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list) or not all(
        isinstance(item, (str, int)) and not isinstance(item, bool) for item in items
    ):
        raise InputError(
            Problem(f"{option}: specify a list of texts, or one text with commas.", "invalid_value", option=option)
        )
    texts = [str(item).strip() for item in items]
    if not all(texts):
        place = f"{option}[{texts.index('')}]" if len(texts) > 1 or isinstance(value, list) else option
        text = f"{place} is empty. Specify a value, or remove it. Check for an unset variable."
        raise InputError(Problem(text, "blank_value", option=option))
    return list(dict.fromkeys(texts))
