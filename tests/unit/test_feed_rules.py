# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules give entitlements by what a person is."""

from __future__ import annotations

import typing as t
import unicodedata

import pytest

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed import rules
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.model import FeedOptions
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.read import from_list, read
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.people import Granted, Person, entitled, lapsed

NAMES = ("crm", "git", "staff")


def names(person: Person, *given: dict[str, t.Any]) -> list[str]:
    assert rules.problems(list(given), NAMES) == []
    return [granted.name for granted in rules.apply([person], list(given))[0].entitlements]


ADA = Person(id="E1", email="Ada@acme.com", attributes={"Department": "Sales [EU]", "Job Title": "Sales Engineer II"})


@pytest.mark.parametrize(
    ("when", "matches"),
    [
        ({"department": "sales [eu]"}, True),
        ({"department": "Sales"}, False),
        ({"department": "Sales*"}, True),
        ({"department": ["R&D", "Sales [EU]"]}, True),
        ({"department": "Sales [EU]", "kind": ["employee", "contractor"]}, True),
        ({"department": "Sales [EU]", "kind": "contractor"}, False),
        ({"job_title": "*engineer*"}, True),
        ({"attributes.Job Title": "*engineer*"}, True),
        ({"email": "*@acme.com"}, True),
        ({"id": "*"}, True),
        ({"id": "E?"}, True),
        ({"location": "Berlin"}, False),
        ({"location": "?*"}, False),
    ],
)
def test_when(when: dict[str, t.Any], matches: bool) -> None:
    assert names(ADA, {"when": when, "entitlements": "crm"}) == (["crm"] if matches else [])


def test_own_entitlements_come_first_and_none_is_there_twice() -> None:
    person = Person(id="E1", entitlements=(Granted("git", "", "R-1"), Granted("crm", "2026-01-01")))
    everybody = {"when": {"id": "*"}, "entitlements": ["staff", "git", "crm"]}
    with_rules = rules.apply([person], [everybody, everybody])[0]
    assert with_rules.entitlements == (
        Granted("git", "", "R-1"),
        Granted("crm", "2026-01-01"),
        Granted("staff"),
        Granted("crm"),
    )
    assert entitled(with_rules, "2026-06-15") == ["git", "staff", "crm"]
    assert lapsed(with_rules, "2026-06-15") == []
    assert lapsed(person, "2026-06-15") == ["crm"]


def test_everything_wrong_with_rules_at_once() -> None:
    blank = "Specify a value, or remove the key. Check for an unset variable."
    found = rules.problems(
        [
            {"when": {"department": "Sales"}, "entitlement": ["crm"]},
            {"entitlements": ["crm"]},
            {"when": {"kind": "intern", "department": {"a": 1}}, "entitlements": ["crmm"]},
            {"when": {"department": ["Sales", " "], "title": ""}, "entitlements": ["crm"]},
        ],
        NAMES,
    )
    assert [(problem.code, str(problem)) for problem in found] == [
        ("unknown_key", "identity_rules[0]: the key 'entitlement' is unknown; similar names: 'entitlements'."),
        ("missing_field", "identity_rules[0].entitlements must be a name or a list of names of entitlements."),
        (
            "missing_field",
            "identity_rules[1].when must map fields or attributes to values. For all people, use {id: '*'}.",
        ),
        (
            "invalid_value",
            "identity_rules[2].when.kind: 'intern' must be one of employee, contractor, service, shared, break_glass.",
        ),
        ("invalid_value", "identity_rules[2].when.department must be text or a list of texts."),
        (
            "unknown_entitlement",
            "identity_rules[2]: there is no entitlement named 'crmm' in identity_entitlements. Did you mean crm?",
        ),
        *(
            (
                "blank_value",
                f"identity_rules[3].when.{name} is blank. {blank}",
            )
            for name in ("department", "title")
        ),
    ]
    (found,) = rules.problems([{"when": {"id": "*"}, "entitlements": ["crm"], "if": "x"}], NAMES)
    assert str(found) == "identity_rules[0]: the key 'if' is unknown. The keys are 'when' and 'entitlements'."


def test_a_rule_for_a_column_that_is_gone_is_a_problem_of_a_table() -> None:
    rule = [{"when": {"departmnt": "Sales"}, "entitlements": ["crm"]}]
    feed = rules.applied(read(b"id,email,Department\nE1,ada@acme.com,Sales\n", "people.csv"), rule)
    assert [str(problem) for problem in feed.problems] == [
        "identity_rules[0].when.departmnt: there is no column 'departmnt'. Did you mean Department?"
    ]
    feed = rules.applied(from_list([{"id": "E1", "email": "ada@acme.com"}]), rule)
    assert feed.problems == []
    assert [notice.code for notice in feed.notices] == ["unknown_attribute"]


def test_a_table_without_attributes_has_no_column_either() -> None:
    rule = [{"when": {"department": "Sales"}, "entitlements": ["crm"]}]
    feed = rules.applied(read(b"id,email\nE1,ada@acme.com\n", "people.csv"), rule)
    assert [problem.option for problem in feed.problems] == ["identity_rules[0].when.department"]


def test_a_column_that_is_not_read_is_named_with_the_way_to_read_it() -> None:
    rule = [{"when": {"salary": "100"}, "entitlements": ["crm"]}]
    feed = rules.applied(read(b"id,email,Salary\nE1,ada@acme.com,100\n", "people.csv"), rule)
    assert [str(problem) for problem in feed.problems] == [
        (
            "identity_rules[0].when.salary: the column 'Salary' is not read, because its heading suggests confidential "
            "data. To use it in rules, map it: access_columns: {attributes.Salary: Salary}."
        )
    ]
    options = FeedOptions(columns={"attributes.Salary": "Salary"})
    feed = rules.applied(read(b"id,email,Salary\nE1,ada@acme.com,100\n", "people.csv", options), rule)
    assert (feed.problems, [granted.name for granted in feed.people[0].entitlements]) == ([], ["crm"])


def test_an_empty_column_is_no_problem() -> None:
    rule = [{"when": {"department": "Sales"}, "entitlements": ["crm"]}]
    feed = rules.applied(read(b"id,email,Department\nE1,ada@acme.com,\n", "people.csv"), rule)
    assert (feed.problems, [notice.code for notice in feed.notices]) == ([], ["unmatched_rule"])


def test_who_gets_an_entitlement_and_has_no_address_is_rejected() -> None:
    feed = read(b"id,email,department\nE1,,Sales\nE2,,R&D\nE3,ada@acme.com,Sales\n", "people.csv")
    assert [person.id for person in feed.people] == ["E1", "E2", "E3"]
    assert len(feed.notices) == 2
    feed = rules.applied(feed, [{"when": {"department": "Sales"}, "entitlements": ["crm"]}])
    assert [person.id for person in feed.people] == ["E2", "E3"]
    assert [(row.id, row.problems[0].code) for row in feed.rejected] == [("E1", "missing_field")]
    assert [notice.user for notice in feed.notices] == ["people.csv line 3 (E2)"]


@pytest.mark.parametrize("value", ["S.les", "[S]ales", "!Sales", "Sales|R&D", "Slaes"])
def test_a_rule_that_nobody_matches_is_a_notice(value: str) -> None:
    people = [{"id": "1", "email": "a@acme.com", "attributes": {"department": "Sales"}}]
    right = {"when": {"department": "sales"}, "entitlements": ["crm"]}
    wrong = {"when": {"department": [value], "kind": "employee"}, "entitlements": ["git"]}
    feed = rules.applied(from_list(people), [right, wrong])
    assert [notice.code for notice in feed.notices] == ["unmatched_rule"]
    assert feed.notices[0].text.startswith(
        f"identity_rules[1] matches no person (department: {value}, kind: employee)."
    )
    assert rules.applied(from_list([]), [wrong]).notices == []
    assert rules.applied(from_list([*people, {"id": "2", "email": "?"}]), [wrong]).notices == [], (
        "it may match whoever could not be read"
    )


def test_a_rule_names_an_entitlement_composed_or_decomposed() -> None:
    rule = [{"when": {"id": "E1"}, "entitlements": unicodedata.normalize("NFD", "prüfung")}]
    assert rules.problems(rule, {"prüfung": None}) == []
    feed = rules.applied(read(b"id,email\nE1,ada@acme.com\n", "people.csv"), rule)
    assert [granted.name for granted in feed.people[0].entitlements] == ["prüfung"]
