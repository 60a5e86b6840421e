# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules that assign entitlements by fields and attributes of people, so that an HR file needs no column for them.

::

    identity_rules:
      - when: {department: Sales, kind: [employee, contractor]}
        entitlements: [crm]
      - when: {job title: "*Engineer*"}
        entitlements: [git, ci]

A person must match all keys of ``when``: fields of a person, or attributes, whose names are compared like headings. A
value is a text or a list of alternatives; ``*`` matches any number of characters, ``?`` matches one. Case is ignored.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Notice, Problem
from ansible_collections.rollcall.identity.plugins.module_utils._core.names import nfc

from ..people import LEFT, Granted, Person
from .model import COLUMNS, DAYS, RULES, TEXTS, WORDS, Feed, Rejected
from .text import folded, hint, key, near, shown, unknown_key
from .words import forms

_FIELDS = {key(name): name for name in (*TEXTS, *WORDS, *DAYS)}
_EXAMPLE = "{when: {department: Sales}, entitlements: [crm]}"


@dataclass(frozen=True)
class _Test:
    """One key of ``when``: the name of a field, or the key of an attribute, and the patterns that it must match."""

    field: str
    attribute: str
    words: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]

    def matches(self, person: Person, attributes: t.Mapping[str, str]) -> bool:
        value = folded(getattr(person, self.field) if self.field else attributes.get(self.attribute, ""))
        return value in self.words or any(pattern.fullmatch(value) for pattern in self.patterns)


def _as_list(value: t.Any) -> list[t.Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _test(name: str, value: t.Any) -> _Test:
    field = _FIELDS.get(key(name), "")
    words: list[str] = []
    patterns: list[re.Pattern[str]] = []
    for item in _as_list(value):
        for word in forms(item):
            if "*" in word or "?" in word:
                patterns.append(re.compile(re.escape(word).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL))
            else:
                words.append(word)
    return _Test(field, key(name.removeprefix("attributes.")), frozenset(words), tuple(patterns))


def problems(rules: t.Any, entitlements: t.Container[str]) -> list[Problem]:
    """Return the problems of rules, without people. ``entitlements`` are the existing names."""
    if not isinstance(rules, (list, tuple)):
        return [Problem(f"{RULES} must be a list of rules such as {_EXAMPLE}.", "invalid_value", option=RULES)]
    rule_problems: list[Problem] = []
    for number, rule in enumerate(rules):
        rule_problems += _rule_problems(rule, f"{RULES}[{number}]", entitlements)
    return rule_problems


def _rule_problems(rule: t.Any, place: str, entitlements: t.Container[str]) -> t.Iterator[Problem]:
    if not isinstance(rule, t.Mapping):
        yield Problem(f"{place} must be a rule such as {_EXAMPLE}.", "invalid_value", option=place)
        return
    for name in rule:
        if name not in ("when", "entitlements"):
            yield Problem(
                f"{place}: {unknown_key(str(name), ('when', 'entitlements'))}", "unknown_key", option=place
            )
    when, names = rule.get("when"), rule.get("entitlements")
    if not isinstance(when, t.Mapping) or not when:
        text = f"{place}.when must map fields or attributes to values. For all people, use {{id: '*'}}."
        yield Problem(text, "missing_field" if not when else "invalid_value", option=f"{place}.when")
    else:
        yield from _when_problems(when, f"{place}.when")
    if not names or not all(isinstance(name, str) and name.strip() for name in _as_list(names)):
        yield Problem(
            f"{place}.entitlements must be a name or a list of names of entitlements.",
            "missing_field" if not names else "invalid_value",
            option=place,
        )
        return
    known = sorted(entitlements) if isinstance(entitlements, t.Iterable) else []
    for name in _as_list(names):
        if nfc(name) not in entitlements:
            advice = hint(name, known, "entitlement")
            text = f"{place}: there is no entitlement named {shown(name)} in identity_entitlements. {advice}"
            yield Problem(text, "unknown_entitlement", option=f"{place}.entitlements")


def _when_problems(when: t.Mapping[t.Any, t.Any], place: str) -> t.Iterator[Problem]:
    for name, value in when.items():
        option = f"{place}.{name}"
        values = _as_list(value)
        if (
            not key(str(name))
            or not values
            or any(item is None or isinstance(item, (t.Mapping, list)) for item in values)
        ):
            yield Problem(f"{option} must be text or a list of texts.", "invalid_value", option=option)
        elif any(isinstance(item, str) and not folded(item) for item in values):
            # It would match all people without a value.
            text = f"{option} is blank. Specify a value, or remove the key. Check for an unset variable."
            yield Problem(text, "blank_value", option=option)
        elif key(str(name)) in map(key, WORDS):
            field = _FIELDS[key(str(name))]
            for item in values:
                if isinstance(item, str) and not set("*?") & set(item) and folded(item) not in WORDS[field]:
                    yield Problem(
                        f"{option}: {shown(item)} must be one of {', '.join(WORDS[field])}.",
                        "invalid_value",
                        option=option,
                    )


def apply(people: t.Iterable[Person], rules: t.Sequence[t.Mapping[str, t.Any]]) -> list[Person]:
    """Return the people with the entitlements that rules assign, after their own.

    The rules must have no problems.
    """
    compiled = [
        (
            [_test(str(name), value) for name, value in rule["when"].items()],
            list(map(nfc, _as_list(rule["entitlements"]))),
        )
        for rule in rules
    ]
    return [_with(person, compiled) for person in people]


def _with(person: Person, rules: t.Sequence[tuple[list[_Test], list[str]]]) -> Person:
    attributes = {key(name): value for name, value in person.attributes.items()}
    # If a person has an entitlement until a day, and a rule assigns it, the person has it permanently.
    present = {granted.name for granted in person.entitlements if not granted.until}
    added: dict[str, Granted] = {}
    for tests, names in rules:
        if all(test.matches(person, attributes) for test in tests):
            added.update({name: Granted(name, ruled=True) for name in names if name not in present})
    return dataclasses.replace(person, entitlements=(*person.entitlements, *added.values())) if added else person


def applied(feed: Feed, rules: t.Sequence[t.Mapping[str, t.Any]]) -> Feed:
    """Return a feed whose people have the entitlements of rules. People who then have an entitlement but neither an
    address nor an account are rejected.

    A rule for a column that a table does not have is a problem: all people would lose what the rule assigns. If people
    may have different attributes, it is a notice.
    """
    own = sorted({name for person in feed.people for name in person.attributes})
    known = set(map(key, (*(feed.headings or ()), *own)))
    result = dataclasses.replace(feed, notices=list(feed.notices), problems=list(feed.problems))
    unknown: set[int] = set()
    for number, rule in enumerate(rules):
        for test, name in ((_test(str(name), value), str(name)) for name, value in rule["when"].items()):
            if test.field or test.attribute in known or not feed.people:
                continue
            unknown.add(number)
            option = f"{RULES}[{number}].when.{name}"
            if feed.headings is not None:
                text = f"{option}: {_without_column(name, feed.headings, feed.unread)}"
                result.problems.append(Problem(text, "unknown_attribute", option=option))
            else:
                text = f"{option}: no person has the attribute {shown(name)}. Check its spelling."
                result.notices.append(Notice("unknown_attribute", text))
    if not (result.problems or feed.rejected):
        result.notices += _unmatched(
            feed.people, {number: rule for number, rule in enumerate(rules) if number not in unknown}
        )
    return with_addresses(dataclasses.replace(result, people=apply(feed.people, rules)))


def _without_column(name: str, headings: t.Sequence[str], unread: t.Sequence[str]) -> str:
    """Return why a table has no attribute of this name, and what to do."""
    column = next((heading for heading in unread if key(heading) == key(name)), None)
    if column is None:
        return f"there is no column {shown(name)}. {_hint_columns(name, headings)}"
    return (
        f"the column {shown(column)} is not read, because its heading suggests confidential data. To use it in rules, "
        f"map it: {COLUMNS}: {{attributes.{column}: {column}}}."
    )


def _hint_columns(name: str, names: t.Sequence[str]) -> str:
    """Return the sentence after an unknown name: similar columns and fields, or all of them if none is similar."""
    own = [field for field in _FIELDS.values() if key(field) not in set(map(key, names))]
    if near(name, [*names, *own]):
        return hint(name, [*names, *own], "column")
    columns = f"{hint(name, names, 'column')} " if names else ""
    return f"{columns}{hint(name, list(_FIELDS.values()), 'field')}"


def _unmatched(people: t.Sequence[Person], rules: t.Mapping[int, t.Mapping[str, t.Any]]) -> t.Iterator[Notice]:
    """Yield a notice for each rule that matches no person: after a typo, all people lose what the rule assigned."""
    if not people:
        return
    attributes = [{key(name): value for name, value in person.attributes.items()} for person in people]
    for number, rule in rules.items():
        tests = [_test(str(name), value) for name, value in rule["when"].items()]
        if not any(
            all(test.matches(person, own) for test in tests) for person, own in zip(people, attributes, strict=True)
        ):
            when = ", ".join(
                f"{name}: {' or '.join(map(str, _as_list(value)))}" for name, value in rule["when"].items()
            )
            text = (
                f"{RULES}[{number}] matches no person ({when}). Values are texts in which * and ? "
                "stand for any characters."
            )
            yield Notice("unmatched_rule", text)


def with_addresses(feed: Feed) -> Feed:
    """Return a feed without the people who have an entitlement but neither an address nor an account."""
    people, rejected, notices = [], list(feed.rejected), list(feed.notices)
    for person in feed.people:
        if person.email or person.accounts:
            people.append(person)
            continue
        where = f"{person.place} ({person.id})"
        if person.status == LEFT or not person.entitlements:
            people.append(person)
            reason = "the person has left" if person.status == LEFT else "the person has no entitlements"
            notices.append(
                Notice(
                    "no_address",
                    f"{where}: there is neither an email nor an account. This has no effect, because {reason}.",
                    where,
                )
            )
        else:
            text = "there is neither an email nor an account. Add email, or accounts.<connection> with the name."
            rejected.append(
                Rejected(
                    person.place,
                    person.id,
                    "",
                    person.status,
                    (Problem(text, "missing_field", where, "email"),),
                    person,
                )
            )
            notices = [notice for notice in notices if notice.code != "no_address" or notice.user != where]
    return dataclasses.replace(feed, people=people, rejected=rejected, notices=list(dict.fromkeys(notices)))
