# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How differences between what is and what should be are reported."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Notice, Problem
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.model import (
    AccessReport,
    Change,
    Finding,
    Part,
    Standing,
)
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.page import page
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.report import document, drift, lines
from ansible_collections.rollcall.identity.tests.unit.access import DAY

CHANGES = [
    Change("ol", "new@acme.com", "create", "E3", "E3 New", granted={"roles": ["a"]}),
    Change(
        "ol",
        "ada@acme.com",
        "update",
        "E1",
        "E1 Ada",
        granted={"roles": ["7"]},
        taken={"roles": ["a"]},
        fields={"title": ("x", "")},
    ),
    Change("ol", "bob@acme.com", "disable", "E2", "E2 Bob", blocked=True),
    Change("ol", "eve@acme.com", "delete", taken={"roles": ["a"]}, blocked=True),
    Change("ol", "cy@new.com", "rename", "E4", "E4 Cy", renamed_from="cy@acme.com", opened=True),
]


def test_accounts_of_one_person_in_two_connections_are_listed_with_their_connection():
    findings = [Finding("adopted", "is adopted", name, "E1", "E1 Ada", "ada@acme.com") for name in ("ol", "kes")]
    report = AccessReport(DAY, "apply", "applied", findings=findings)
    assert "Adopted: 2 (E1 ada@acme.com in ol, E1 ada@acme.com in kes)" in lines(report)


def test_drift_has_its_kinds():
    standing_state = Standing(["stranger"], {"ada@acme.com": {"roles": ["b"]}})
    report = AccessReport(
        DAY,
        "apply",
        "partly",
        changes=CHANGES,
        findings=[Finding("vanished", "is gone", "ol", "E9", "E9", "old@acme.com")],
        failed=[Problem("kes: Could not reach it.", "unreachable")],
        connections={
            "ol": Part(
                "onelogin",
                {"created": 1, "updated": 1, "disabled": 1, "unchanged": 3},
                mails=2,
                standing=standing_state,
            ),
            "kes": Part("kestra", error="Could not reach it.", code="unreachable"),
        },
    )
    found = [(entry["connection"], entry["account"], entry["kind"], entry["text"]) for entry in drift(report)]
    assert found == [
        ("ol", "new@acme.com", "missing", "account"),
        ("ol", "new@acme.com", "missing", "roles: a"),
        ("ol", "ada@acme.com", "missing", "roles: 7"),
        ("ol", "ada@acme.com", "extra", "roles: a"),
        ("ol", "ada@acme.com", "attribute", "title"),
        ("ol", "bob@acme.com", "extra", "login"),
        ("ol", "eve@acme.com", "extra", "account"),
        ("ol", "eve@acme.com", "extra", "roles: a"),
        ("ol", "cy@acme.com", "missing", "login"),
        ("ol", "cy@acme.com", "attribute", "user"),
        ("ol", "old@acme.com", "extra", "is gone"),
        ("ol", "ada@acme.com", "unmanaged", "roles: b"),
        ("ol", "stranger", "unmanaged", "account without a person"),
        ("kes", None, "unreadable", "Could not reach it."),
    ]
    published = document(report)
    assert (published["totals"]["changed"], published["totals"]["mails"], published["failed"]) == (
        3,
        2,
        ["kes: Could not reach it."],
    )
    text = lines(report)
    assert "ol: 1 created, 1 updated, 1 disabled, 3 unchanged, 2 e-mails" in text
    assert "  E1 Ada - ol: ada@acme.com; grant roles 7; revoke roles a; title: x -> nothing" in text
    assert "kes: Could not reach it." in text


def test_the_text_has_a_limited_number_of_warnings():
    notices = [Notice("unknown_manager", f"E{number}: manager E0 is not in the feed.") for number in range(40)]
    text = lines(AccessReport(DAY, "plan", notices=[*notices, Notice("no_links", "No links file is used.")]))
    first = text.index("Warnings (27):")
    assert text[first + 1] == "  E0: manager E0 is not in the feed."
    assert len(text) - first == 27
    assert lines(AccessReport(DAY, "plan")) == [f"Plan for {DAY}"]


@pytest.mark.parametrize(
    ("mode", "outcome", "check", "title"),
    [
        ("apply", "partly", True, "Check mode: plan"),
        ("apply", "applied", True, "Check mode: plan"),
        ("apply", "refused", True, "Refused, nothing was written"),
        ("plan", "planned", True, "Plan"),
        ("apply", "partly", False, "Applied in part"),
    ],
)
def test_the_title_never_says_that_check_mode_applied_something(mode, outcome, check, title):
    report = AccessReport(DAY, mode, outcome, check)
    assert lines(report)[0] == f"{title} for {DAY}"
    assert ("Check mode: nothing was written" in page(report)) == (title == "Check mode: plan")


@pytest.mark.parametrize(
    ("strangers", "text"),
    [
        (["a"], "ol: 1 account belongs to no person in the feed: a. Add its owner to the feed, or protect it. "),
        (["a", "b"], "ol: 2 accounts belong to no person in the feed: a, b. Add their owners to the feed, or protect "),
    ],
)
def test_accounts_without_a_person_have_advice_in_their_number(strangers, text):
    report = AccessReport(DAY, "plan", "planned", connections={"ol": Part("onelogin", standing=Standing(strangers))})
    assert any(line.startswith(text) for line in lines(report))
