# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may decide: nobody about their own accounts, and nobody after they have left, under whichever name."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.links import Link, Memory
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.people import Person
from ansible_collections.rollcall.identity.tests.unit.review_files import (
    ROWS,
    decision,
    decisions,
    problems_of,
    read,
    row,
    save,
    write,
)

ADA = Person("E1", name="Ada Lovelace", email="ada@acme.com", previous_emails=("ada@old.example",))


@pytest.mark.parametrize(
    ("reviewer", "name"),
    [
        *((reviewer, "Audrey Tor") for reviewer in (
            "E1", "e1", " E1 ", "ADA@acme.com", "ada@old.example", "e1@acme.com",
            "ada.lovelace", "id-ada.lovelace", "a.byron", "lovelace-hr", "id-e1@acme.com",
            "Ada Lovelace", "Lovelace, Ada", "Ada  LOVELACE", "E1 Ada Lovelace", "Ada Lovelace (E1)",
            "Ada Lovelace <ada@acme.com>", "<ada@acme.com>", "mailto:ada@acme.com",
            "<mailto:Ada@old.example?subject=x>", "\uff25\uff11", "\uff41\uff44\uff41\uff20acme.com",
        )),
        ("auditor", "Ada Lovelace"), ("auditor", "Ms <ada@acme.com>"), ("auditor", "Name of E1"),
    ],
)  # fmt: skip
def test_nobody_decides_about_accounts_of_their_own(tmp_path, reviewer, name):
    """Under none of their names: ids, addresses, accounts of all connections and links, and the whole name."""
    other = row("E1", "Admins", connection="kes", account="ada.lovelace")
    ada = dataclasses.replace(ADA, accounts={"co": {"user": "lovelace-hr"}})
    memory = Memory([Link("E1", "sa", "17", "a.byron")])
    review = write(tmp_path, rows=(*ROWS, other))
    head = {"reviewer": reviewer, "name": name}
    path = save(tmp_path / "0.json", decisions(review, decision(ROWS[0]), decision(ROWS[2]), **head))
    problems = read(review, path, people=[ada], memory=memory)[1]
    assert [problem.code for problem in problems] == ["self_review"]
    assert ROWS[0].id in str(problems[0])


@pytest.mark.parametrize(("reviewer", "name"), [("E2", "Ada Lovelace"), ("ada2@acme.com", "Ada Lovelace"), ("AUD", "")])
def test_another_person_of_the_same_name_decides(tmp_path, reviewer, name):
    namesake = Person("E2", name="Ada Lovelace", email="ada2@acme.com")
    head = {"reviewer": reviewer, "name": name}
    make = [lambda review: decisions(review, decision(ROWS[0]), **head)]
    assert problems_of(tmp_path, *make, people=[ADA, namesake]) == []


def test_a_reviewer_who_is_only_known_by_name_can_enter_an_id(tmp_path):
    found = problems_of(
        tmp_path, lambda review: decisions(review, decision(ROWS[0]), reviewer="Ada Lovelace"), people=[ADA]
    )
    assert "Ada Lovelace (E1) decides about their own account. Let another reviewer decide this row, or" in found[0][1]


@pytest.mark.parametrize(
    ("reviewer", "person", "refused"),
    [
        ("E7", {"end": "2026-06-15"}, False),
        ("E7", {"end": "2026-06-14"}, True),
        ("e7", {"end": "2026-06-14"}, True),
        ("grace@acme.com", {"end": "2026-06-14"}, True),
        ("g.hopper@old.example", {"end": "2026-06-14"}, True),
        ("ghopper", {"status": "left"}, True),
        ("Grace Hopper", {"status": "left"}, True),
        ("Grace Hopper <grace@acme.com>", {"status": "left"}, True),
        ("E7", {"status": "left"}, True),
        ("E7", {"status": "left", "end": "2026-06-30"}, False),
        ("E7", {"end": "2026-12-31"}, False),
        ("E8", {"status": "left"}, False),
    ],
)
def test_nobody_decides_after_they_have_left(tmp_path, reviewer, person, refused):
    names = {"previous_emails": ("g.hopper@old.example",), "accounts": {"kes": {"user": "ghopper"}}}
    grace = Person("E7", name="Grace Hopper", email="grace@acme.com", **names, **person)
    problems = problems_of(
        tmp_path, lambda review: decisions(review, decision(ROWS[0]), reviewer=reviewer), people=[ADA, grace]
    )
    assert [code for code, _text in problems] == ["reviewer_left"] * refused
    assert all("had left before this decision. Let another reviewer decide" in text for _code, text in problems)


def test_a_decision_without_a_time_counts_as_made_when_the_review_was_opened(tmp_path):
    grace = Person("E7", name="Grace Hopper", end="2026-06-13")
    problems = problems_of(
        tmp_path, lambda review: decisions(review, decision(ROWS[0], time=""), reviewer="E7"), people=[grace]
    )
    assert [code for code, _text in problems] == ["reviewer_left"]


@pytest.mark.parametrize(
    ("time", "why"),
    [
        ("2026-06-14T07:59:59Z", "is before the review was opened (2026-06-15T08:00:00Z)."),
        ("2001-01-01T00:00:00Z", "is before the review was opened"),
        ("0001-01-01T00:00:00+14:00", "is before the review was opened"),
        ("2026-06-21T00:00:01Z", "is in the future."), ("2099-01-01T00:00:00Z", "is in the future."),
        ("rubbish", "is not a time such as"), ("29.11.2026", "is not a time such as"),
        ("2026-06-14T08:00:00Z", ""), ("2026-06-14", "is before"), ("2026-06-15", ""), ("2026-06-21T00:00:00Z", ""),
    ],
)  # fmt: skip
def test_nobody_has_decided_before_the_opening_or_in_the_future(tmp_path, time, why):
    """A false time would hide that a reviewer had left. The clocks may differ by a day."""
    found = problems_of(
        tmp_path,
        lambda review: decisions(review, decision(ROWS[0], time=time), decision(ROWS[2], time=time), saved=time),
    )
    assert [code for code, _text in found] == ["invalid_time"] * (2 if why else 0)
    assert all(why in text for _code, text in found)
    if why:
        assert found[0][1].startswith(f"0.json decisions[0], row {ROWS[0].id} (ol, e1@acme.com, VPN): time '{time}' is")
        assert "The same is true of 1 more decision in the file. Decide them again on the page" in found[0][1]
        assert found[1][1].startswith(f"0.json: saved '{time}' is ") and "Save the file again" in found[1][1]


def test_a_reviewer_with_a_page_who_has_left_since_without_a_last_day_has_decided_in_time(tmp_path):
    grace = Person("E7", name="Grace Hopper", status="left")
    problems = problems_of(
        tmp_path,
        lambda review: decisions(review, decision(ROWS[0]), reviewer="E7"),
        people=[grace],
        reviewers={"E7": "Grace Hopper"},
    )
    assert problems == []


@pytest.mark.parametrize("reviewer", ["ol", "OL", " ol "])
def test_a_connection_decides_nothing(tmp_path, reviewer):
    """Otherwise, nobody would check who decided, and so whether they decided about their own account."""
    def make(review):
        return decisions(review, decision(ROWS[0]), reviewer=reviewer)

    found = problems_of(tmp_path, make, by="connection")
    assert [code for code, _text in found] == ["no_reviewer"]
    assert "Enter your own id and name on the page, and save again." in found[0][1]
    assert problems_of(tmp_path, make, by="connection", people=[Person(reviewer.strip())]) == []
    assert problems_of(tmp_path, make, by="manager") == []


def test_who_decides_rows_of_another_page_is_noted(tmp_path):
    rows = (row("E1", reviewer="E7"), row("E2", reviewer="E8"), row("E3"))
    reviewers = {"E7": "Grace", "E8": "Hedy"}
    review = write(tmp_path, rows=rows, by="manager", reviewers=reviewers)
    every = save(tmp_path / "a.json", decisions(review, *map(decision, rows), reviewer="AUD"))
    assert read(review, every)[0].for_others == {("AUD", "E7"): 1, ("AUD", "E8"): 1}
    grace = Person("E7", name="Grace Hopper", email="grace@acme.com")
    for name in ("E7", "e7", "Grace@acme.com", "Grace Hopper"):
        second = save(tmp_path / "b.json", decisions(review, decision(rows[0]), reviewer=name))
        both, problems = read(review, every, second, people=[grace])
        assert (both.for_others, problems) == ({("AUD", "E8"): 1}, []), name
    review = write(tmp_path, rows=[row("E1", reviewer="ol")], by="connection", reviewers={"ol": "ol"})
    one = save(tmp_path / "a.json", decisions(review, decision(review.rows[0])))
    assert read(review, one)[0].for_others == {}, "a connection decides nothing itself"
