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
from .model import COLUMNS, DAYS, RULES, TEXTS, WORDS, Feed, Rejected, as_list
from .text import folded, hint, key, near, shown, unknown_key
from .words import forms

_FIELDS = {key(name): name for name in (*TEXTS, *WORDS, *DAYS)}


@dataclass(frozen=True)
class _Test:
    """One key of ``when`` (``name``): the name of a field, or the key of an attribute, and the patterns that it must
    match."""

    name: str
    field: str
    attribute: str
    words: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]

    def matches(self, person: Person, attributes: t.Mapping[str, str]) -> bool:
        value = folded(getattr(person, self.field) if self.field else attributes.get(self.attribute, ""))
        return value in self.words or any(pattern.fullmatch(value) for pattern in self.patterns)


@dataclass(frozen=True)
class _Rule:
    """A rule without problems: its tests, and the entitlements that it assigns."""

    tests: list[_Test]
    entitlements: list[str]

    def matches(self, person: Person, attributes: t.Mapping[str, str]) -> bool:
        return all(test.matches(person, attributes) for test in self.tests)


def _compiled(rules: t.Iterable[t.Mapping[str, t.Any]]) -> list[_Rule]:
    return [
        _Rule(
            [_test(str(name), value) for name, value in rule["when"].items()],
            list(map(nfc, as_list(rule["entitlements"]))),
        )
        for rule in rules
    ]


def _test(name: str, value: t.Any) -> _Test:
    field = _FIELDS.get(key(name), "")
    words: list[str] = []
    patterns: list[re.Pattern[str]] = []
    for item in as_list(value):
        for word in forms(item):
            if "*" in word or "?" in word:
                patterns.append(re.compile(re.escape(word).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL))
            else:
                words.append(word)
    return _Test(name, field, key(name.removeprefix("attributes.")), frozenset(words), tuple(patterns))


def problems(rules: t.Sequence[t.Mapping[t.Any, t.Any]], entitlements: t.Collection[str]) -> list[Problem]:
    """Return the problems of rules, without people. ``entitlements`` are the existing names."""
    return [
        problem for number, rule in enumerate(rules)
        for problem in _rule_problems(rule, f"{RULES}[{number}]", entitlements)
    ]


def _rule_problems(
    rule: t.Mapping[t.Any, t.Any], place: str, entitlements: t.Collection[str]
) -> t.Iterator[Problem]:
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
    if not names or not all(isinstance(name, str) and name.strip() for name in as_list(names)):
        yield Problem(
            f"{place}.entitlements must be a name or a list of names of entitlements.",
            "missing_field" if not names else "invalid_value",
            option=place,
        )
        return
    for name in as_list(names):
        if nfc(name) not in entitlements:
            advice = hint(name, sorted(entitlements), "entitlement")
            text = f"{place}: there is no entitlement named {shown(name)} in identity_entitlements. {advice}"
            yield Problem(text, "unknown_entitlement", option=f"{place}.entitlements")


def _when_problems(when: t.Mapping[t.Any, t.Any], place: str) -> t.Iterator[Problem]:
    for name, value in when.items():
        option = f"{place}.{name}"
        values = as_list(value)
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
    compiled = _compiled(rules)
    return [_with(person, compiled) for person in people]


def _attributes(person: Person) -> dict[str, str]:
    return {key(name): value for name, value in person.attributes.items()}


def _with(person: Person, rules: t.Iterable[_Rule]) -> Person:
    attributes = _attributes(person)
    # If a person has an entitlement until a day, and a rule assigns it, the person has it permanently.
    present = {granted.name for granted in person.entitlements if not granted.until}
    added: dict[str, Granted] = {}
    for rule in rules:
        if rule.matches(person, attributes):
            added.update({name: Granted(name, ruled=True) for name in rule.entitlements if name not in present})
    return dataclasses.replace(person, entitlements=(*person.entitlements, *added.values())) if added else person


def applied(feed: Feed, rules: t.Sequence[t.Mapping[str, t.Any]]) -> Feed:
    """Return a feed whose people have the entitlements of rules. People who then have an entitlement but neither an
    address nor an account are rejected.

    A rule for a column that a table does not have is a problem: all people would lose what the rule assigns. If people
    may have different attributes, it is a notice.
    """
    own = sorted({name for person in feed.people for name in person.attributes})
    known = set(map(key, (*(feed.headings or ()), *own)))
    compiled = _compiled(rules)
    result = dataclasses.replace(feed, notices=list(feed.notices), problems=list(feed.problems))
    unknown: set[int] = set()
    for number, rule in enumerate(compiled):
        for test in rule.tests:
            if test.field or test.attribute in known or not feed.people:
                continue
            unknown.add(number)
            option = f"{RULES}[{number}].when.{test.name}"
            if feed.headings is not None:
                text = f"{option}: {_without_column(test.name, feed.headings, feed.unread)}"
                result.problems.append(Problem(text, "unknown_attribute", option=option))
            else:
                text = f"{option}: no person has the attribute {shown(test.name)}. Check its spelling."
                result.notices.append(Notice("unknown_attribute", text))
    if feed.people and not (result.problems or feed.rejected):
        attributes = [_attributes(person) for person in feed.people]
        result.notices += [
            _unmatched(rules[number]["when"], number) for number, rule in enumerate(compiled)
            if number not in unknown and not any(map(rule.matches, feed.people, attributes))
        ]
    return with_addresses(dataclasses.replace(result, people=[_with(person, compiled) for person in feed.people]))


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


def _unmatched(when: t.Mapping[str, t.Any], number: int) -> Notice:
    """Return the notice for a rule that matches no person: after a typo, all people lose what the rule assigned."""
    conditions = ", ".join(f"{name}: {' or '.join(map(str, as_list(value)))}" for name, value in when.items())
    text = (
        f"{RULES}[{number}] matches no person ({conditions}). Values are texts in which * and ? "
        "stand for any characters."
    )
    return Notice("unmatched_rule", text)


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
                    f"{where}: there is neither an email nor an account. The problem has no effect, because {reason}.",
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
