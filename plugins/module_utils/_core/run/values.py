# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the values of options may be: one rule for each kind of option, for all modules and at any depth.

The rules look at arguments as the playbook has them, before Ansible converts anything: a conversion would hide that
YAML has read ``no`` as a boolean or ``0100`` as the number 64. Every problem is reported with its place.
"""

from __future__ import annotations

import difflib
import typing as t
from dataclasses import dataclass

from ..errors import Notice, Place, Problem
from ..names import escaped, filler, invisible

Spec = t.Mapping[str, t.Mapping[str, t.Any]]
Given = t.Mapping[str, t.Any]
Kinds = t.Mapping[str, "Rule"]
"""Names of options, at any depth -> their rules, as a provider declares its fields."""

_SHOWN = 80
"""Characters of a value that a message repeats."""
_OPTIONS = 40
"""Options that a message lists."""


class UnquotedDate(str):
    """The text of a date that YAML has read from an unquoted value."""


class UnquotedBoolean(str):
    """The text of a boolean that YAML has read from an unquoted key of a mapping, such as ``no``."""


@dataclass(frozen=True)
class Rule:
    """What a text option accepts.

    ``blank``: whether an empty text has a meaning (it clears the field). ``lines``: whether line breaks, tabs and format
    characters are allowed. ``integer``: what happens to a number: ``accept`` and ``warn`` take its decimal text, ``refuse`` is an
    error. ``segment``: whether the value may become a segment of a path, so that ``.`` and ``..`` are refused. ``secret``: whether
    messages must not repeat it. ``header``: whether it is sent in a header, which carries Latin-1 alone.
    """

    blank: bool = False
    lines: bool = False
    integer: str = "accept"
    segment: bool = True
    secret: bool = False
    header: bool = False


KEY = Rule(integer="refuse")
"""Natural keys of users, service accounts and tokens: YAML drops zeros and signs of numbers, so that another one would be meant."""
NAME = Rule()
"""Names of roles, groups, tenants and the like, and ids."""
GRANT = Rule(segment=False)
"""Roles, groups and permissions, which are looked up in lists: one may be named ``..``, and info modules return it so.
"""
SECRET = Rule(integer="refuse", segment=False, secret=True)
HEADER = Rule(integer="refuse", segment=False, secret=True, header=True)
QUANTITY = Rule(segment=False)
"""Durations, percentages and limits, which may be written as numbers."""
PLAIN = Rule(integer="refuse", segment=False)
"""Addresses, paths and patterns."""
TEXT = Rule(blank=True, lines=True, integer="warn", segment=False)
"""Profile fields and values of attributes: an empty text clears them."""
REQUIRED_TEXT = Rule(lines=True, integer="warn", segment=False)
CLEARABLE = Rule(blank=True)
"""Ids in profile fields: an empty text clears them."""

KINDS: dict[str, Rule] = {
    "user": KEY, "previous_users": KEY, "api_user": KEY, "service_account": KEY, "name": KEY,
    "protect": PLAIN, "api_url": PLAIN, "auth_url": PLAIN, "redirect_url": PLAIN,
    "loss_limit": QUANTITY, "create_limit": QUANTITY, "reopen_limit": QUANTITY, "rename_limit": QUANTITY, "rate_reserve": QUANTITY,
    "min_remaining": QUANTITY, "rotate_after": QUANTITY, "overlap": QUANTITY, "max_age": QUANTITY,
}
"""Options by name, where the kind is not ``NAME``. Profile fields are declared by the provider (Task.kinds)."""


_IN_HEADERS = frozenset({"api_token", "api_key", "access_token"})


@dataclass
class Findings:
    """What is wrong with arguments, and what was accepted with a warning."""

    problems: list[Problem]
    notices: list[Notice]


def check_arguments(options: Spec, kinds: Kinds, given: Given) -> Findings:
    """Return what is wrong with the arguments of a task.

    ``kinds`` are the rules of the provider's fields. Keys that begin with ``_ansible`` are Ansible's own.
    """
    findings = Findings([], [])
    own = {name: value for name, value in given.items() if not str(name).startswith("_ansible")}
    _Mapping(options, kinds, findings).check(own, "", "")
    return findings


def check_environment(options: Spec, kinds: Kinds, given: Given, environment: t.Mapping[str, str]) -> list[Problem]:
    """Return what is wrong with variables of the environment that stand in for options which are not given."""
    findings = Findings([], [])
    for name, option in options.items():
        if "fallback" not in option or given.get(name) is not None:
            continue
        variable, kind = option["fallback"][1]
        text = environment.get(variable)
        if not text:
            continue
        if not converts(kind, text):
            shown = "" if option.get("no_log") else f"{_short(text)}, "
            findings.problems.append(Problem(f"{variable} in the environment is {shown}not {_ARTICLES[kind]}. Correct or unset it.",
                                             "invalid_value", "", name))
        elif kind in ("str", "path", "list"):
            for part in text.split(",") if kind == "list" else [text]:
                problem = _text_problem(f"{variable} in the environment", rule_of(name, option, kinds), part)
                if problem is not None:
                    findings.problems.append(Problem(str(problem), problem.code, "", name))
    return findings.problems


def prefer_given(params: dict[str, t.Any], given: Given, alternatives: t.Sequence[t.Collection[str]]) -> set[str]:
    """Drop credentials of the environment where the task specifies an alternative, and return their options."""
    chosen = {name for group in alternatives if any(given.get(name) is not None for name in group) for name in group}
    ignored = {name for group in alternatives for name in group if name not in chosen} if chosen else set()
    params.update(dict.fromkeys(ignored))
    return ignored


_ARTICLES = {"int": "a whole number", "bool": "a boolean (true or false)"}


def converts(kind: str, text: str) -> bool:
    """Return whether Ansible can convert a text to the type of an option."""
    text = text.strip()
    if kind == "int":
        return text.lstrip("+-").isascii() and text.lstrip("+-").isdigit()
    if kind == "bool":
        return text.lower() in _BOOLEANS
    return True


_BOOLEANS = frozenset({"yes", "on", "1", "true", "t", "y", "1.0", "no", "off", "0", "false", "f", "n", "0.0"})


def rule_of(name: str, option: t.Mapping[str, t.Any], kinds: Kinds) -> Rule:
    """Return the rule of a text option."""
    if option.get("no_log"):
        return HEADER if name in _IN_HEADERS else SECRET
    if option.get("type") == "path":
        return PLAIN
    rule = kinds.get(name) or KINDS.get(name, NAME)
    return REQUIRED_TEXT if rule is TEXT and option.get("required") else rule


class _Mapping:
    """The checks of a mapping of options: the arguments of a task, or one element of a list such as ``users``."""

    def __init__(self, options: Spec, kinds: Kinds, findings: Findings, ignores_raw: bool = False) -> None:
        self._options = options
        self._findings = findings
        self._ignores_raw = ignores_raw
        self._rules = {name: rule_of(name, option, kinds) for name, option in options.items()}
        self._plain = {name for name, option in options.items() if option.get("type", "str") == "str" and not option.get("choices")}
        self._skipped = {name for name, option in options.items() if option.get("type") == "raw"}
        self._elements = {
            name: _Mapping(option["options"], kinds, findings, option.get("type") == "list")
            for name, option in options.items() if option.get("options")
        }

    def check(self, values: Given, place: str, prefix: str) -> None:
        """Add what is wrong with these values. ``place`` is the user they describe, ``prefix`` stands before option names."""
        for name, value in values.items():
            if value is None:
                continue
            if name in self._plain and isinstance(value, str) and _is_simple(value) and not isinstance(value, UnquotedDate):
                continue
            if name not in self._options:
                self._unknown(str(name), place, prefix)
            elif name not in self._skipped:
                self._value(self._options[name], name, value, place, prefix)
            elif not self._ignores_raw and prefix:
                _Grant(self._findings, place).check(value, prefix + name)

    def _unknown(self, name: str, place: str, prefix: str) -> None:
        listed = [known for known, option in self._options.items() if not (self._ignores_raw and option.get("type") == "raw")]
        near = difflib.get_close_matches(name.lower(), listed, 3)
        if near:
            instead = f"Did you mean {' or '.join(near)}?"
        else:
            shown = sorted(listed)
            instead = f"Supported: {', '.join(shown[:_OPTIONS])}{', …' if len(shown) > _OPTIONS else ''}."
        self._add(f"unknown option. {instead}", "unknown_option", place, prefix + _shown_name(name))

    def _value(self, option: t.Mapping[str, t.Any], name: str, value: t.Any, place: str, prefix: str) -> None:
        kind, label = option.get("type", "str"), prefix + name
        if kind == "list":
            self._list(option, name, value, place, label)
        elif kind == "dict":
            self._dict(option, name, value, place, label)
        elif kind in ("int", "bool"):
            accepted = converts(kind, str(value)) and (not isinstance(value, bool) or kind == "bool") and isinstance(value, (str, int, float))
            if not accepted:
                self._add(f"is {_described(value)}, not {_ARTICLES[kind]}.", "invalid_value", place, label)
        else:
            self._text(option, self._rules[name], value, place, label)

    def _text(self, option: t.Mapping[str, t.Any], rule: Rule, value: t.Any, place: str, label: str) -> None:
        problem = _scalar_problem(label, rule, value)
        if problem is None and option.get("choices") and str(value) not in option["choices"]:
            near = difflib.get_close_matches(str(value).lower(), option["choices"], 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            problem = Problem(f"{label} is {_short(str(value))}. Use one of: {', '.join(option['choices'])}.{hint}", "invalid_value")
        if problem is not None:
            self._findings.problems.append(Problem(str(problem), problem.code, place, label))
        elif isinstance(value, int) and rule.integer == "warn":
            self._warn(label, value, place)

    def _warn(self, label: str, value: int, place: str) -> None:
        user = f"{place}: " if place else ""
        self._findings.notices.append(Notice(
            "coerced_value", f"{user}{label} is the number {value} and is written as the text '{value}'. Quote it if zeros or a sign must stay.", place,
        ))

    def _list(self, option: t.Mapping[str, t.Any], name: str, value: t.Any, place: str, label: str) -> None:
        if isinstance(value, dict):
            self._add("is a mapping, not a list.", "invalid_value", place, label)
            return
        separated = isinstance(value, str) and not isinstance(value, UnquotedDate)
        items = value.split(",") if separated else value if isinstance(value, (list, tuple)) else [value]
        elements, inner = option.get("elements", "raw"), self._elements.get(name)
        for number, item in enumerate(items):
            where = f"{label}[{number}]"
            if inner is not None:
                self._element(inner, item, where, number)
            elif item is None:
                self._add("is null. Remove the element, or give it a value.", "blank_value", place, where)
            elif elements == "raw":
                _Grant(self._findings, place).check(item, where)
            elif elements in ("str", "path"):
                self._text(option, self._rules[name], item, place, where)

    def _element(self, inner: _Mapping, item: t.Any, where: str, number: int) -> None:
        if not isinstance(item, dict):
            self._findings.problems.append(Problem(
                f"{where} is {_described(item)}, not a mapping. Write it as {{user: …}}.", "invalid_value", "", where,
            ))
            return
        name = item.get("user") if item.get("user") not in (None, "") else item.get("id")
        shown = "" if name in (None, "") else _plain(name)
        inner.check(item, Place(f"{where} ({shown})" if shown else where, shown, number), "")

    def _dict(self, option: t.Mapping[str, t.Any], name: str, value: t.Any, place: str, label: str) -> None:
        inner = self._elements.get(name)
        if isinstance(value, str) and not value.strip():
            self._add("is empty. Specify a mapping, or omit the option.", "blank_value", place, label)
        elif isinstance(value, str) and value.isprintable() and ("=" in value or value.strip().startswith("{")):
            return  # Ansible reads JSON and key=value
        elif not isinstance(value, dict):
            self._add(f"is {_described(value)}, not a mapping.", "invalid_value", place, label)
        elif inner is not None:
            inner.check(value, place, f"{label}.")
        else:
            self._entries(value, place, label)

    def _entries(self, entries: Given, place: str, label: str) -> None:
        """Check a mapping of names to values, such as attributes. An empty text or null clears a value."""
        for key, value in entries.items():
            where = f"{label}.{_plain(key)}"
            problem = _scalar_problem(f"{label}: the name {_short(str(key))}", NAME, key)
            if problem is None and not isinstance(value, (list, dict, tuple, type(None))):
                problem = _scalar_problem(where, TEXT, value)
                if problem is None and isinstance(value, int):
                    self._warn(where, value, place)
            if problem is not None:
                self._findings.problems.append(Problem(str(problem), problem.code, place, where))

    def _add(self, text: str, code: str, place: str, label: str) -> None:
        self._findings.problems.append(Problem(f"{label}: {text}" if code == "unknown_option" else f"{label} {text}", code, place, label))


_NAMING = ("name", "id", "role")
_BESIDE = frozenset({*_NAMING, "tenant", "namespace"})
"""Keys of a mapping that say which role, group or permission is meant, and those beside them. The provider reports unknown ones."""


class _Grant:
    """The checks of a role, group or permission: a name, a number as its decimal text, or a mapping of names."""

    def __init__(self, findings: Findings, place: str) -> None:
        self._findings = findings
        self._place = place

    def check(self, item: t.Any, where: str) -> None:
        """Add what is wrong with one entry."""
        if isinstance(item, dict):
            if _BESIDE.issuperset(item) and all(item.get(key) is None for key in _NAMING):
                self._add(f"{where} names nothing. Specify a name or an id. A variable may not be set.", "blank_value", where)
            for key, value in item.items():
                if value is not None and key in _BESIDE:
                    self._scalar(value, f"{where}.{_plain(key)}")
        else:
            self._scalar(item, where)

    def _scalar(self, value: t.Any, where: str) -> None:
        problem = _scalar_problem(where, GRANT, value)
        if problem is not None:
            self._add(str(problem), problem.code, where)

    def _add(self, text: str, code: str, where: str) -> None:
        self._findings.problems.append(Problem(text, code, self._place, where))


def _is_simple(text: str) -> bool:
    """Return whether a text passes every rule: printable ASCII that is neither blank nor dots."""
    return text.isascii() and text.isprintable() and text.strip(" ") not in ("", ".", "..")


def _scalar_problem(label: str, rule: Rule, value: t.Any) -> Problem | None:
    """Return what is wrong with a value that should be text."""
    if isinstance(value, UnquotedDate):
        return Problem(f"{label} is a date, not text. Quote it: '{value}'.", "unquoted_value")
    if isinstance(value, UnquotedBoolean):
        return Problem(f"{label} is a boolean, not text. Quote the name as you wrote it.", "unquoted_value")
    if isinstance(value, str):
        return _text_problem(label, rule, value)
    if isinstance(value, bool):
        forms = "'yes', 'on' or 'true'" if value else "'no', 'off' or 'false'"
        return Problem(f"{label} is the boolean {str(value).lower()}, not text. Quote the value as you wrote it: {forms}.", "unquoted_value")
    if isinstance(value, int) and rule.integer != "refuse":
        return None
    if isinstance(value, (int, float)):
        shown = "a number" if rule.secret else f"the number {value}"
        example = "" if rule.secret else f", for example {' or '.join(map(repr, _written(value)))}"
        return Problem(
            f"{label} is {shown}, not text. YAML drops leading zeros and signs of numbers: quote the value as you wrote it{example}.", "unquoted_value",
        )
    return Problem(f"{label} is {_described(value)}, not text.", "invalid_value")


def _written(number: float) -> list[str]:
    """Return the forms in which a playbook may have had a number: decimal, octal (0100), with a sign, as a time (12:30)."""
    forms = [str(number)]
    if isinstance(number, int) and number > 7:
        forms.append(f"0{number:o}")
        if number > 99_999:
            forms.append(f"+{number}")
        elif 60 <= number < 6000:
            forms.append(f"{number // 60}:{number % 60:02}")
    return forms


def _text_problem(label: str, rule: Rule, text: str) -> Problem | None:
    """Return what is wrong with a text."""
    if not text.strip():
        if text == "" and rule.blank:
            return None
        state = "is empty" if text == "" else "holds only blanks"
        return Problem(f"{label} {state}. Specify a value, or omit the option. A variable may not be set.", "blank_value")
    if rule.header and any(ord(character) > 255 for character in text):
        return Problem(f"{label} holds a character that no HTTP header can carry. Copy the credential again.", "invalid_character")
    if text.isascii() and text.isprintable():
        dots = rule.segment and text.strip() in (".", "..")
        return Problem(f"{label} is '{text}', which servers take for a step in a path. Use another name.", "invalid_value") if dots else None
    character = _unwanted(text) if rule.lines else invisible(text) or (filler(text) if rule.segment else None)
    if character is None:
        return None
    if text.endswith(("\n", "\r")):
        return Problem(f"{label} ends with a line break. Remove it, for example with the filter trim.", "invisible_character")
    shown = "" if rule.secret else f" in {_short(text)}"
    line = "a line break" if character.startswith(("U+000A", "U+000D")) else character
    return Problem(f"{label} holds {line}{shown}. Remove it.", "invisible_character")


def _unwanted(text: str) -> str | None:
    """Return the first character that not even free text may hold: control characters, a byte order mark, surrogates."""
    for character in text:
        if character in "\t\n\r" or character.isprintable():
            continue
        if ord(character) < 32 or 0x7F <= ord(character) < 0xA0 or character in "\ufeff\u200b" or 0xD800 <= ord(character) <= 0xDFFF:
            return invisible(character)
    return None


def _described(value: t.Any) -> str:
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, str):
        return _short(value)
    if isinstance(value, (int, float)):
        return f"the number {value}"
    return "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, (list, tuple)) else f"a {type(value).__name__}"


def _short(text: str) -> str:
    """Return a text for messages: quoted, with invisible characters as escapes, and not longer than a line."""
    shown = text if len(text) <= _SHOWN else text[:_SHOWN]
    quoted = repr(shown) if shown.isprintable() else escaped(shown)
    return quoted if len(text) <= _SHOWN else f"{quoted[:-1]}…{quoted[-1]}"


def _plain(name: t.Any) -> str:
    text = str(name)
    shown = text if text.isprintable() else escaped(text)[1:-1]
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


def _shown_name(name: str) -> str:
    return _plain(name) or "''"
