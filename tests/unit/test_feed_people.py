# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person of a feed must be, and how messages about many rows are limited."""

from __future__ import annotations

import json

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Notice, Problem
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.messages import limited, limited_notices
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.read import read
from ansible_collections.rollcall.identity.tests.unit.feed import ADA, BOB, HEAD, csv, reasons, texts

# What a person must be


def test_what_is_missing() -> None:
    feed = csv(
        "id,email,kind,status,owner,start,end,entitlements\n"
        ",ada@acme.com,,,,,,staff\n"
        "E2,con@acme.com,contractor,,,,,staff\n"
        "E3,con3@acme.com,contractor,leave,,,,staff\n"
        "E4,svc@acme.com,service,,,,,staff\n"
        "E5,di@acme,,,,2026-05-02,2026-05-01,staff\n"
        "E6,di at acme,,,,,,staff\n"
        "E7,,,,,,,staff\n"
        "E8,,,,,,,\n"
        "E9,,,left,,,,staff\n"
    )
    assert [person.id for person in feed.people] == ["E3", "E8", "E9"]
    assert reasons(feed) == [
        "people.csv line 2: id is empty. Specify the ID of the person.",
        "people.csv line 3 (E2): a contractor requires end, the last day.",
        "people.csv line 5 (E4): a service account requires owner, the id of the person responsible for it.",
        "people.csv line 6 (E5): end 2026-05-01 is before start 2026-05-02. Correct one of them.",
        "people.csv line 7 (E6): email: 'di at acme' is not an address such as ada@example.com.",
        (
            "people.csv line 8 (E7): there is neither an email nor an account."
            " Add email, or accounts.<connection> with the name."
        ),
    ]
    assert texts(feed) == [
        (
            "people.csv line 9 (E8): there is neither an email nor an account."
            " The problem has no effect, because the person has no entitlements."
        ),
        (
            "people.csv line 10 (E9): there is neither an email nor an account."
            " The problem has no effect, because the person has left."
        ),
    ]


@pytest.mark.parametrize(("headings", "suspects"), [
    ("id,E-Mail (work),entitlements", "E-Mail (work) (email?)"),
    ("id,Mailing Address,entitlements", None),
    ("id,email,Email of the manager,entitlements", None),
])  # fmt: skip
def test_a_heading_may_be_that_of_the_address(headings: str, suspects: str | None) -> None:
    row = "E1,ada@acme.com,staff" if headings.count(",") == 2 else "E1,ada@acme.com,boss@acme.com,staff"
    said = [text for text in texts(csv(f"{headings}\n{row}\n")) if "resemble fields" in text]
    assert [suspects in text for text in said] == ([True] if suspects else [])


@pytest.mark.parametrize(("heading", "field"), [
    ("Employment Status", "status"), ("Lifecycle status", "status"), ("internal.lifecycleStatus", "status"),
    ("EMPLOYEE_STATUS_CODE", "status"), ("Statut", "status"), ("Situación", "status"), ("在籍状況", "status"),
    ("Marital Status", None), ("Status of the laptop", None),
    ("Termination Date", "end"), ("work.terminationDate", "end"), ("DATE_TERMINATED", "end"),
    ("COMPANYEXITDATE", "end"), ("Last Day of Work", "end"), ("Austritt", "end"), ("Letzter Arbeitstag", "end"),
    ("Date de sortie", "end"), ("Fecha de baja", "end"), ("退職日", "end"),
    ("Termination Reason", None), ("Austrittsgrund", None), ("Kündigungsdatum", None),
])  # fmt: skip
def test_a_heading_may_say_who_has_left(heading: str, field: str | None) -> None:
    """Without its status and its last day, a leaver is active."""
    suspect = f"{heading} ({field}?)"
    said = [text for text in texts(csv(f"id,email,{heading}\nE1,ada@acme.com,x\n")) if "resemble fields" in text]
    assert [suspect in text for text in said] == ([True] if field else [])
    if field:
        ignored = csv(f"id,email,{heading}\nE1,ada@acme.com,x\n", columns={field: ""})
        assert texts(ignored) == [], "it is known that the column is not the field"


def test_a_last_day_of_unknown_century_puts_nobody_out() -> None:
    """Systems show 31.12.9999, which means no last day, as 31.12.99."""
    text = "id,email,status,end\n1,a@acme.com,,31.12.99\n2,b@acme.com,,31.12.26\n3,c@acme.com,left,31.12.99\n"
    feed = csv(f"{text}4,d@acme.com,,31.12.1999\n", date_format=("%d.%m.%y", "%d.%m.%Y"))
    assert [(person.id, person.end) for person in feed.people] == [("2", "2026-12-31"), ("3", ""), ("4", "1999-12-31")]
    assert reasons(feed) == [
        (
            "people.csv line 2 (1): end: '31.12.99' is not a plausible last day. It is read as 1999-12-31. Export "
            "years with four digits. If it means no day, map it with access_values.end to an empty text."
        )
    ]


def test_a_leaver_is_read_whatever_else_is_wrong() -> None:
    feed = csv(
        "id,email,kind,status,start,end,manager,entitlements\n"
        "E1,ada@acme.com,intern,left,30.02.2020,soon,E77,staff until=never\n"
        "E2,con@acme.com,contractor,,,,,staff\n"
    )
    assert [(person.id, person.status, person.kind) for person in feed.people] == [("E1", "left", "employee")]
    assert [row.id for row in feed.rejected] == ["E2"]
    assert [notice.code for notice in feed.notices] == [
        "unknown_kind",
        "invalid_day",
        "invalid_day",
        "invalid_day",
        "unknown_manager",
    ]


def test_references_are_notices_and_addresses_become_ids() -> None:
    feed = csv(
        "id,email,kind,owner,manager\nE1,ada@acme.com,,,E77\nE2,bob@acme.com,,,ADA@acme.com\n"
        "S1,svc@acme.com,service,gone@acme.com,\n"
    )
    assert [(person.manager, person.owner) for person in feed.people] == [
        ("E77", ""),
        ("E1", ""),
        ("", "gone@acme.com"),
    ]
    assert texts(feed) == [
        "people.csv line 2 (E1): manager E77 is not in the feed. Correct it, or add that person.",
        "people.csv line 4 (S1): owner gone@acme.com is not in the feed. Correct it, or add that person.",
    ]


def test_an_address_of_several_people_or_of_an_unusable_row_is_no_unknown_one() -> None:
    feed = csv(
        "id,email,manager,start\nE1,boss@acme.com,,\nE2,boss@acme.com,,\nE3,cy@acme.com,BOSS@acme.com,\n"
        "E4,dan@acme.com,,nonsense\nE5,eve@acme.com,dan@acme.com,\n"
    )
    assert texts(feed) == [
        (
            "people.csv line 4 (E3): manager BOSS@acme.com is the address of several people in the feed. "
            "Specify the id of one of them."
        ),
        "people.csv line 6 (E5): manager dan@acme.com is the address in a row that cannot be used. Correct that row.",
    ]


def test_rows_with_the_same_id() -> None:
    feed = csv(
        HEAD
        + ADA
        + BOB
        + ADA
        + "E2,Bob Cee,bob2@acme.com,left,,staff\nE3,Cy,cy@acme.com,,,\nE3,Cy,cy@acme.com,gone,,\n"
    )
    assert [(person.id, person.place) for person in feed.people] == [("E1", "people.csv line 2")]
    assert texts(feed) == [
        "people.csv line 2 (E1): the same person is also in people.csv line 4. The first row is used."
    ]
    assert sorted((row.place, row.id, row.problems[0].code) for row in feed.rejected) == [
        ("people.csv line 3", "E2", "duplicate_person"),
        ("people.csv line 5", "E2", "duplicate_person"),
        ("people.csv line 6", "E3", "duplicate_person"),
        ("people.csv line 7", "E3", "unknown_status"),
    ]


# Messages


def test_messages_are_limited() -> None:
    same = [Problem("wrong.", "bad_row", f"people.csv line {number}") for number in range(2, 202)]
    assert [str(problem) for problem in limited(same)] == [
        "people.csv line 2, people.csv line 3, people.csv line 4 and 197 more: wrong."
    ]
    here = [Problem("wrong.", "bad_row", f"E{number} Ada, tenant main") for number in range(2)]
    assert [str(problem) for problem in limited(here)] == ["E0 Ada, tenant main; E1 Ada, tenant main: wrong."]
    many = [Problem(f"{number} is wrong.", "bad_row", "people.csv line 2") for number in range(40)]
    shown = limited([*many, Problem("other.", "unknown_status")])
    assert len(shown) == 27
    assert (str(shown[25]), str(shown[26])) == ("and 15 more of this kind.", "other.")
    notices = [Notice("invisible_character", str(number)) for number in range(30)]
    assert [notice.text for notice in limited_notices(notices)][24:] == ["24", "and 5 more of this kind."]


def test_a_wrong_column_is_a_few_lines() -> None:
    rows = "".join(f"E{number},Ada,a{number}@acme.com,Aktiv,,staff\n" for number in range(2000))
    feed = csv(HEAD + rows)
    problems = limited([problem for row in feed.rejected for problem in row.problems])
    assert [problem.code for problem in problems] == ["unknown_status"]
    assert "and 1997 more: status: 'Aktiv' is unknown." in problems[0]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (
            "people.yml", "- id: E1\n- id: 'E2\n  name: Bob\n- id: E3\n",
            "line 4: the YAML cannot be read: found unexpected end of stream, in the item that begins in line 2.{}",
        ),
        ("people.yml", "- id: [E1\n\n", "line 1: the YAML cannot be read: "),
        (
            "people.json", '[{"id": "E1"},\n {"id": "E2"},\n]\n',
            "the JSON cannot be read: {}. Correct this line, or export the file again if it is truncated.",
        ),
        ("people.json", '[{"id": "E1"},\n', "line 1: the JSON cannot be read: "),
    ],
)
def test_the_line_of_a_broken_document_exists_and_its_open_item_is_named(name: str, text: str, words: str) -> None:
    (problem,) = read(text.encode(), name).problems
    begin, _hole, end = words.partition("{}")
    assert begin in str(problem)
    assert str(problem).endswith(end or ".")
    assert problem.place.startswith(f"{name} line ")
    assert int(problem.place.rpartition(" ")[2]) <= len(text.rstrip().splitlines())


@pytest.mark.parametrize("key", ["identity_poeple", "identity_rules"])
@pytest.mark.parametrize("name", ["people.yml", "people.json"])
def test_the_list_of_another_variable_is_not_read_as_people(key: str, name: str) -> None:
    feed = read(json.dumps({key: [{"id": "E1", "email": "ada@acme.com"}]}).encode(), name)
    assert feed.people == []
    assert [str(problem) for problem in feed.problems] == [
        f"{name}: there is no list of people, only {key}. Rename the key to identity_people if it contains people."
    ]


@pytest.mark.parametrize("quoted", [False, True])
def test_a_formula_that_keeps_a_text_is_that_text(quoted: bool) -> None:
    """Some exports write ="0042" into a CSV, so that a spreadsheet does not show 42."""
    cells = ['="0042"', '="ada@acme.com"', ' ="left" ', '=""', "'=\"0042\""]
    if quoted:
        cells = ['"' + cell.replace('"', '""') + '"' for cell in cells]
    feed = csv(f'="id",email,status,end,note\n{",".join(cells)}\n')
    assert reasons(feed) == []
    person = feed.people[0]
    assert (person.id, person.email, person.status, person.end) == ("0042", "ada@acme.com", "left", "")
    assert person.attributes == {"note": '="0042"'}, "an escaped formula is no formula"
