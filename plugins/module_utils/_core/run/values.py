# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Validates the values of options: one rule for each kind of option, for all modules and at any depth.

The rules check arguments before Ansible converts them: a conversion would hide that YAML has parsed ``no`` as a boolean
or ``0100`` as the number 64. Each problem includes its place.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ..errors import Notice, Place, Problem
from ..names import compose, near
from .rules import GRANT, NAME, REQUIRED_TEXT, TEXT, Kinds, Rule, Spec, rule_of
from .scalars import (
    ARTICLES,
    UnquotedDate,
    converts,
    described,
    is_simple,
    kind_of,
    plain,
    scalar_problem,
    short,
    shown_name,
    text_problem,
)

Arguments = t.Mapping[str, t.Any]
_TEXT = frozenset({str})
"""The type of texts that need no further check. Dates and other values that YAML converted are subclasses of it."""
_NUMBER = frozenset({int})
"""The type of whole numbers, without booleans."""
_OPTIONS = 40
"""The number of options that a message lists."""
_NAMING = ("name", "id", "role")
_BESIDE = frozenset({*_NAMING, "tenant", "namespace"})
"""Keys of a mapping that identify a role, group or permission, and all keys that are checked here.

The provider reports unknown keys.
"""


@dataclass
class Findings:
    """The problems of arguments, and warnings about accepted values."""

    problems: list[Problem] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def add(self, problem: Problem | None, place: str, option: str) -> bool:
        """Add a problem, if there is one, with its user and its option. Return whether there is one."""
        if problem is not None:
            self.problems.append(Problem(problem.text, problem.code, place, option))
        return problem is not None


def check_arguments(options: Spec, kinds: Kinds, arguments: Arguments) -> Findings:
    """Return the problems and warnings for the arguments of a task.

    ``kinds`` are the rules of the provider's fields. Keys that begin with ``_ansible`` are Ansible's own.
    """
    findings = Findings()
    own = {name: value for name, value in arguments.items() if not str(name).startswith("_ansible")}
    _Mapping(options, kinds, findings).check(own, "", "")
    return findings


def check_selectors(selectors: t.Sequence[str], arguments: Arguments) -> list[Problem]:
    """Return problems if options that choose users are specified but all null, which would choose every user."""
    values: dict[str, t.Any] = {}
    for name in selectors:
        value = arguments.get(name)
        if isinstance(value, dict):
            values.update((f"{name}.{plain(key)}", item) for key, item in value.items())
        elif name in arguments:
            values[name] = value
    if not values or any(value is not None for value in values.values()):
        return []
    text = "is null, so every user would be returned. Specify a value, or omit the option. Check for an unset variable."
    return [Problem(f"{name} {text}", "blank_value", "", name) for name in values]


def check_environment(
    options: Spec, kinds: Kinds, arguments: Arguments, environment: t.Mapping[str, str]
) -> list[Problem]:
    """Return the problems of environment variables that replace unspecified options."""
    findings = Findings()
    for name, option in options.items():
        if "fallback" not in option or arguments.get(name) is not None:
            continue
        variable, kind = option["fallback"][1]
        text = environment.get(variable)
        if not text:
            continue
        if not converts(kind, text):
            shown = "" if option.get("no_log") else f"{short(text)}, "
            message = f"{variable} in the environment is {shown}not {ARTICLES[kind]}. Correct or unset it."
            findings.add(Problem(message), "", name)
        elif option.get("choices") and text not in option["choices"]:
            choices = ", ".join(option["choices"])
            message = f"{variable} in the environment is {short(text)}. Set it to one of {choices}, or unset it."
            findings.add(Problem(message), "", name)
        elif kind in ("str", "path", "list"):
            for part in text.split(",") if kind == "list" else [text]:
                rule, label = rule_of(name, option, kinds), f"{variable} in the environment"
                problem = text_problem(label, rule, part, "variable")
                if problem is not None and problem.code == "blank_value" and kind == "list":
                    problem = Problem(f"{label} contains an empty element. Correct or unset it.", problem.code)
                findings.add(problem, "", name)
    return findings.problems


def prefer_specified(
    params: dict[str, t.Any], arguments: Arguments, alternatives: t.Sequence[t.Collection[str]]
) -> set[str]:
    """Remove credentials of the environment if the task specifies an alternative. Return the removed options."""
    chosen = {
        name for group in alternatives if any(arguments.get(name) is not None for name in group) for name in group
    }
    ignored = {name for group in alternatives for name in group if name not in chosen} if chosen else set()
    params.update(dict.fromkeys(ignored))
    return ignored


class _Mapping:
    """The checks of a mapping of options: the arguments of a task, or one element of a list such as ``users``."""

    def __init__(self, options: Spec, kinds: Kinds, findings: Findings, ignores_raw: bool = False) -> None:
        self._options = options
        self._findings = findings
        self._ignores_raw = ignores_raw
        self._rules = {name: rule_of(name, option, kinds) for name, option in options.items()}
        self._plain = {
            name
            for name, option in options.items()
            if option.get("type", "str") == "str" and not option.get("choices") and not self._rules[name].trimmed
        }
        # Ansible takes null as "not specified" only for options without a default that are not required.
        self._never_null = {
            name
            for name, option in options.items()
            if (option.get("required") or option.get("default") is not None) and option.get("type") != "raw"
        }
        self._skipped = {name for name, option in options.items() if option.get("type") == "raw"}
        self._harmless = {
            name: harmless
            for name, option in options.items() if (harmless := _harmless(option, ignores_raw)) is not None
        }
        self._elements = {
            name: _Mapping(option["options"], kinds, findings, option.get("type") == "list")
            for name, option in options.items() if option.get("options")
        }

    def passes(self, values: Arguments) -> bool:
        """Return whether values certainly have neither problems nor warnings: ``check`` need not look at them.

        Most of thousands of users are like that, and ``check`` with the places for messages takes longer.
        """
        for name, value in values.items():
            if name in self._plain and type(value) in _TEXT:
                if not is_simple(value):
                    return False
            elif value is None:
                if name in self._never_null:
                    return False
            else:
                harmless = self._harmless.get(name)
                if harmless is None or not harmless(value):
                    return False
        return True

    def check(self, values: Arguments, place: str, prefix: str) -> None:
        """Add the problems of these values.

        ``place`` is the user that they describe, ``prefix`` the prefix of option names.
        """
        for name, value in values.items():
            if value is None:
                if name in self._never_null:
                    self._null(self._options[name], place, prefix + name)
                continue
            if name in self._plain and type(value) in _TEXT and is_simple(value):
                continue
            if name not in self._options:
                self._unknown(str(name), place, prefix)
            elif name not in self._skipped:
                self._value(self._options[name], name, value, place, prefix)
            elif not self._ignores_raw and prefix:
                self._grant(value, place, prefix + name)

    def _null(self, option: t.Mapping[str, t.Any], place: str, label: str) -> None:
        advice = "Specify a value." if option.get("required") else "Specify a value, or omit the option."
        self._add(f"is null. {advice} Check for an unset variable.", "blank_value", place, label)

    def _unknown(self, name: str, place: str, prefix: str) -> None:
        listed = [
            known for known, option in self._options.items() if not (self._ignores_raw and option.get("type") == "raw")
        ]
        similar = near(name, listed)
        if similar:
            instead = f"Did you mean {' or '.join(similar)}?"
        else:
            shown = sorted(listed)
            instead = f"Supported: {', '.join(shown[:_OPTIONS])}{', …' if len(shown) > _OPTIONS else ''}."
        label = prefix + shown_name(name)
        self._findings.add(Problem(f"{label}: unknown option. {instead}", "unknown_option"), place, label)

    def _value(self, option: t.Mapping[str, t.Any], name: str, value: t.Any, place: str, prefix: str) -> None:
        kind, label = option.get("type", "str"), prefix + name
        if kind == "list":
            self._list(option, name, value, place, label)
        elif kind == "dict":
            self._dict(option, name, value, place, label)
        elif kind in ("int", "bool"):
            accepted = (
                converts(kind, str(value))
                and (not isinstance(value, bool) or kind == "bool")
                and isinstance(value, (str, int, float))
            )
            if not accepted:
                blank = isinstance(value, str) and not value.strip()
                advice = " Specify one, or omit the option. Check for an unset variable." if blank else ""
                self._add(f"is {described(value)}, not {ARTICLES[kind]}.{advice}", "invalid_value", place, label)
        else:
            self._text(option, self._rules[name], value, place, label)

    def _text(
        self, option: t.Mapping[str, t.Any], rule: Rule, value: t.Any, place: str, label: str, part: str = "option"
    ) -> None:
        problem = scalar_problem(label, rule, value, part)
        if problem is None and option.get("choices") and str(value) not in option["choices"]:
            instead = _choice_instead(str(value), option["choices"])
            problem = Problem(f"{label} is {short(str(value))}. {instead}", "invalid_value")
        if not self._findings.add(problem, place, label) and isinstance(value, int) and rule.integer == "warn":
            self._warn(label, value, place)

    def _warn(self, label: str, value: int, place: str) -> None:
        user = f"{place}: " if place else ""
        self._findings.notices.append(
            Notice(
                "coerced_value",
                f"{user}{label} is the number {value} and is written as the text '{value}'. "
                "Quote it if leading zeros or a sign matter.",
                place,
            )
        )

    def _list(self, option: t.Mapping[str, t.Any], name: str, value: t.Any, place: str, label: str) -> None:
        if isinstance(value, dict):
            text = "is a mapping, not a list. Write it as a list, each element after a dash."
            self._add(text, "invalid_value", place, label)
            return
        if isinstance(value, str) and self._elements.get(name) is not None:
            text = "is text, not a list. Write it as a list, for example: - user: ada.lovelace."
            if not value.strip():
                text = "is empty, not a list. Specify a list. Check for an unset variable."
            self._add(text, "invalid_value" if value.strip() else "blank_value", place, label)
            return
        separated = isinstance(value, str) and not isinstance(value, UnquotedDate)
        items = value.split(",") if separated else value if isinstance(value, (list, tuple)) else [value]
        elements, inner = option.get("elements", "raw"), self._elements.get(name)
        for number, item in enumerate(items):
            where = f"{label}[{number}]"
            if inner is not None:
                self._element(inner, item, where, number)
            elif item is None:
                self._add("is null. Remove the element, or specify a value.", "blank_value", place, where)
            elif elements == "raw":
                self._grant(item, place, where)
            elif elements in ("str", "path"):
                self._text(option, self._rules[name], item, place, where, "element")

    def _element(self, inner: _Mapping, item: t.Any, where: str, number: int) -> None:
        if not isinstance(item, dict):
            self._add(f"is {kind_of(item)}, not a mapping. Write it as {{user: …}}.", "invalid_value", "", where)
            return
        if inner.passes(item):
            return
        name = item.get("user") if item.get("user") not in (None, "") else item.get("id")
        shown = "" if name in (None, "") else plain(name)
        inner.check(item, Place(f"{where} ({shown})" if shown else where, shown, number), "")

    def _dict(self, option: t.Mapping[str, t.Any], name: str, value: t.Any, place: str, label: str) -> None:
        inner = self._elements.get(name)
        if isinstance(value, str) and not value.strip():
            self._add("is empty. Specify a mapping, or omit the option.", "blank_value", place, label)
            return
        if isinstance(value, str) and value.isprintable() and ("=" in value or value.strip().startswith("{")):
            value = _mapping_in(value)
            if value is None:
                return  # Ansible reports this error
        if not isinstance(value, dict):
            text = f"is {kind_of(value)}, not a mapping. Write it as {{name: value}}."
            self._add(text, "invalid_value", place, label)
        elif inner is not None:
            inner.check(value, place, f"{label}.")
        else:
            self._entries(value, place, label, self._rules[name].typed)

    def _entries(self, entries: Arguments, place: str, label: str, typed: bool) -> None:
        """Check a mapping of names to values, such as attributes. An empty text or null clears a value.

        With ``typed``, numbers are accepted as numbers.
        """
        untouched = (list, dict, tuple, type(None), *((int, float) if typed else ()))
        names: dict[str, t.Any] = {}
        for key, value in entries.items():
            where = f"{label}.{plain(key)}"
            other = names.setdefault(compose(str(key)), key)
            if other is not key:
                self._add(
                    f"has {short(str(other))} and {short(str(key))}, which are the same name. Remove one of them.",
                    "duplicate_key", place, label,
                )  # fmt: skip
            problem = scalar_problem(f"{label}: the name {short(str(key))}", NAME, key, "name")
            if problem is None and not isinstance(value, untouched):
                problem = scalar_problem(where, TEXT, value)
                if problem is None and isinstance(value, int):
                    self._warn(where, value, place)
            if not self._findings.add(problem, place, where) and isinstance(value, (list, tuple, dict)):
                self._nested(value, place, where)

    def _nested(self, value: t.Any, place: str, where: str) -> None:
        """Check the texts and names in a list or a mapping. Only a mapping may contain an empty text."""
        named = isinstance(value, dict)
        for key, item in value.items() if named else enumerate(value):
            inner, part = (f"{where}.{plain(key)}", "option") if named else (f"{where}[{key}]", "element")
            problem = scalar_problem(f"{where}: the name {short(str(key))}", NAME, key, "name") if named else None
            if isinstance(item, str) and problem is None:
                problem = scalar_problem(inner, TEXT if named else REQUIRED_TEXT, item, part)
            if not self._findings.add(problem, place, inner) and isinstance(item, (list, tuple, dict)):
                self._nested(item, place, inner)

    def _grant(self, item: t.Any, place: str, where: str) -> None:
        """Check a role, group or permission: a name, a number as its decimal text, or a mapping of names."""
        if not isinstance(item, dict):
            part = "element" if where.endswith("]") else "option"
            self._findings.add(scalar_problem(where, GRANT, item, part), place, where)
            return
        if _BESIDE.issuperset(item) and all(item.get(key) is None for key in _NAMING):
            text = "has neither a name nor an id. Specify one. Check for an unset variable."
            self._add(text, "blank_value", place, where)
        for key, value in item.items():
            if value is not None and key in _BESIDE:
                inner = f"{where}.{key}"
                self._findings.add(scalar_problem(inner, GRANT, value), place, inner)

    def _add(self, text: str, code: str, place: str, label: str) -> None:
        """Add a problem. ``text`` is the rest of a sentence that begins with the option."""
        self._findings.add(Problem(f"{label} {text}", code), place, label)


_REMOVING = frozenset({"absent", "delete", "destroyed", "disable", "exact"})
"""Choices that remove something. No message suggests them: a misspelt word may mean less."""


def _choice_instead(value: str, choices: t.Sequence[str]) -> str:
    """Return what to write instead of a value that is none of the choices."""
    if len(choices) == 1:
        return f"The only possible value is {choices[0]}."
    similar = [choice for choice in near(value, choices, 1) if choice not in _REMOVING]
    return f"Use one of: {', '.join(choices)}.{f' Did you mean {similar[0]}?' if similar else ''}"


def _harmless(option: t.Mapping[str, t.Any], ignores_raw: bool) -> t.Callable[[t.Any], bool] | None:
    """Return a function that returns True for most values without problems, None if there is none for the option."""
    kind, choices, elements = option.get("type", "str"), option.get("choices"), option.get("elements", "raw")
    if kind == "raw":
        return (lambda value: True) if ignores_raw else None
    if kind == "bool":
        return lambda value: value is True or value is False
    if kind == "str" and choices:
        return lambda value: type(value) in _TEXT and value in choices and is_simple(value)
    if kind != "list" or choices or option.get("options") or elements not in ("raw", "str"):
        return None
    item_type = _is_simple_grant if elements == "raw" else _is_simple_text
    return lambda value: isinstance(value, list) and all(map(item_type, value))


def _is_simple_text(value: t.Any) -> bool:
    return type(value) in _TEXT and is_simple(value)


def _is_simple_grant(value: t.Any) -> bool:
    """Return whether a role, group or permission is a name, or a mapping with an id or a name and nothing special."""
    if isinstance(value, dict):
        return ("id" in value or "name" in value) and all(
            type(item) in _NUMBER or _is_simple_text(item) for item in value.values()
        )
    return _is_simple_text(value)


def _mapping_in(text: str) -> dict[str, t.Any] | None:
    """Return the mapping that Ansible reads from JSON or ``key=value``, None if the text is neither."""
    from ansible.module_utils.common.validation import check_type_dict

    try:
        return dict(check_type_dict(text))
    except TypeError:
        return None
