# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The feed: files of all forms become people; rows that cannot be used are rejected one by one."""

from __future__ import annotations

import codecs
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.model import Feed, FeedOptions
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.read import from_list, read
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.people import Granted, Person
from ansible_collections.rollcall.identity.tests.unit.feed import ADA, BOB, HEAD, csv, reasons, texts


def only(feed: Feed) -> Person:
    assert feed.problems == []
    assert feed.rejected == []
    assert len(feed.people) == 1
    return feed.people[0]


# Tables


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends(separator: str, end: str) -> None:
    text = "id,name,email,entitlements\nE1,Ada Bee,ada@acme.com,staff\n"
    person = only(read(text.replace(",", separator).replace("\n", end).encode(), "people.csv"))
    assert (person.id, person.name, person.email, person.place) == (
        "E1",
        "Ada Bee",
        "ada@acme.com",
        "people.csv line 2",
    )
    assert person.entitlements == (Granted("staff"),)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
def test_encodings(mark: bytes, encoding: str) -> None:
    data = mark + "id;name;email\nE1;Jürgen Groß;jürgen@acme.com\n".encode(encoding)
    assert only(read(data, "people.csv")).name == "Jürgen Groß"


def test_bytes_that_are_no_utf8_name_the_line() -> None:
    feed = read("id,name\nE1,Ada\nE2,Jürgen\n".encode("latin-1"), "people.csv")
    assert str(feed.problems[0]) == (
        "people.csv line 3: the text is not UTF-8. Save the file as UTF-8; Excel calls that CSV UTF-8."
    )
    assert feed.problems[0].code == "unreadable_feed"


def test_excel_separator_line_and_blank_lines_keep_the_numbers() -> None:
    person = only(csv("sep=|\n\nid|name|email\nE1|Ada, Bee|ada@acme.com\n"))
    assert (person.name, person.place) == ("Ada, Bee", "people.csv line 4")


def test_empty_last_column() -> None:
    feed = csv("id;name;email;entitlements;\nE1;Ada Bee;ada@acme.com;staff;\nE2;Bob Cee;bob@acme.com;staff\n")
    assert [person.id for person in feed.people] == ["E1", "E2"]


def test_line_break_in_a_cell_is_a_blank_and_lines_are_counted() -> None:
    feed = csv(HEAD + 'E1,"Ada\nBee",ada@acme.com,,,staff\nE2,Bob Cee,bob@acme.com,gone,,staff\n')
    assert feed.people[0].name == "Ada Bee"
    assert reasons(feed) == [
        (
            "people.csv line 4 (E2): status: 'gone' is unknown."
            " Map it with access_values.status (or access_people_values.status) to one of active, leave, left."
        )
    ]
    assert feed.rejected[0].problems[0].option == "access_values.status"
    assert feed.rejected[0].email == "bob@acme.com"
    assert feed.rows == 2


def test_headings_compare_without_case_blanks_and_signs() -> None:
    person = only(csv("\ufeffID,Given Name,family-name,E-Mail,Department\nE1,Ada,Bee,ada@acme.com,R&D\n"))
    assert (person.given_name, person.family_name, person.email) == ("Ada", "Bee", "ada@acme.com")
    assert person.attributes == {"Department": "R&D"}


def test_a_column_near_a_field_is_a_notice() -> None:
    feed = csv("id,email,entitlments\nE1,ada@acme.com,staff\n")
    assert only(feed).attributes == {"entitlments": "staff"}
    assert texts(feed) == [
        (
            "people.csv: these headings resemble fields, but are not mapped to any: entitlments (entitlements?)."
            " Map them with access_columns."
        )
    ]


def test_passwords_are_no_attributes() -> None:
    assert only(csv("id,email,Initial Password,pass_word\nE1,ada@acme.com,hunter2,hunter3\n")).attributes == {}


def test_rows_of_another_length_are_rejected_and_the_others_read() -> None:
    feed = csv(HEAD + ADA + "E2,Bob,Cee,bob@acme.com,,,staff\nE3,Cy\n" + "E4,Di Eff,di@acme.com,,,staff\n")
    assert [person.id for person in feed.people] == ["E1", "E4"]
    assert reasons(feed) == [
        (
            "people.csv line 3 (E2): the row has 7 cells, and the heading has 6."
            " Put a cell that contains a comma into quotation marks."
        ),
        (
            "people.csv line 4 (E3): the row has 2 cells, and the heading has 6. "
            "Add the missing cells, or export the file again if it is truncated."
        ),
    ]


@pytest.mark.parametrize(
    "line", ['E9,"Bob "Cee" Dee",bob@acme.com,,,\n', 'E9,"Bob Cee,bob@acme.com,,,\n', 'E9,Bob Cee,"bob@acme.com,,,\n']
)
def test_a_broken_quotation_mark_costs_one_line(line: str) -> None:
    feed = csv(HEAD + ADA + line + BOB + 'E3,"Cy Dee",cy@acme.com,left,,\n')
    assert [(person.id, person.place) for person in feed.people] == [
        ("E1", "people.csv line 2"),
        ("E2", "people.csv line 4"),
        ("E3", "people.csv line 5"),
    ]
    assert [row.place for row in feed.rejected] == ["people.csv line 3"]
    assert feed.rejected[0].problems[0].code == "bad_row"


def test_a_file_of_broken_lines_is_unreadable() -> None:
    feed = csv(HEAD + 'x"y,"a"b\n' * 500)
    assert feed.people == []
    assert feed.problems[0].code == "unreadable_feed"


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "people.csv", "the file is empty. Export the people again."),
        (b"\n \n", "people.yml", "the file is empty"),
        (b"<!DOCTYPE html><p>Log in", "people.csv", "HTML"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "people.xls", "Save it as XLSX"),
        (b"$ANSIBLE_VAULT;1.1;AES256\n3133\n", "people.yml", "Ansible Vault"),
        (b"i\0d\0,\0", "people.csv", "not text"),
        (b'"id,name\nE1,A\n', "people.csv", "line 1: the heading cannot be read: unexpected end of data. Close each"),
        (b"[1, 2", "people.json", "line 1: the JSON cannot be read"),
        (b"[]]", "people.json", "something follows the end of the document. Write all people into one list."),
        (b'{"id": "E1"}\n{"id": "E2"}\n', "people.json", "people.json line 2: the JSON cannot be read"),
        (b"id,name\rE1,A\rE2,J\xfcrgen\r", "people.csv", "people.csv line 3: the text is not UTF-8."),
        (b'{"a": 1}', "people.json", "no list of people"),
        (b"a: 1\n", "people.yml", "no list of people"),
        (b"- {id: E1\n- {id: E2}\n", "people.yml", "line 2: the YAML cannot be read"),
        (b'[{"id": NaN}]', "people.json", "NaN"),
        (b"[" * 100_000, "people.json", "too deeply"),
    ],
)
def test_unreadable_files(data: bytes, name: str, words: str) -> None:
    feed = read(data, name)
    assert feed.people == []
    assert [problem.code for problem in feed.problems] == ["unreadable_feed"]
    assert words in str(feed.problems[0])
    assert str(feed.problems[0]).startswith(name)


def test_a_heading_alone_is_nobody() -> None:
    feed = csv(HEAD)
    assert (feed.people, feed.rejected, feed.problems, feed.rows) == ([], [], [], 0)


def test_the_content_counts_before_the_name() -> None:
    assert only(read(b"id;email\nE1;ada@acme.com\n", "people.xlsx")).id == "E1"
    assert only(read(b'[{"id": "E1", "email": "ada@acme.com"}]', "export")).id == "E1"
    assert only(read(b"- id: E1\n  email: ada@acme.com\n", "export")).id == "E1"


# Documents


def test_yaml_keeps_what_is_written() -> None:
    person = "{id: 0100, name: No, email: ada@acme.com, end: 2026-12-31, accounts: {kc: {id: 007, admin: yes}}}"
    text = f"identity_people:\n- {person}\n"
    person = only(read(text.encode(), "people.yml"))
    assert (person.id, person.name, person.end) == ("0100", "No", "2026-12-31")
    assert person.accounts == {"kc": {"id": "007", "admin": True}}
    assert person.place == "people.yml line 2"


def test_yaml_of_an_export_with_unsafe_texts_and_anchors() -> None:
    text = "- &a {id: E1, name: !unsafe '{{ x }}', email: ada@acme.com}\n- {<<: *a, id: E2, email: bob@acme.com}\n"
    feed = read(text.encode(), "people.yml")
    assert [(person.id, person.name) for person in feed.people] == [("E1", "{{ x }}"), ("E2", "{{ x }}")]


def test_yaml_problems_reject_one_person_and_name_the_line() -> None:
    text = (
        "- id: E1\n  email: ada@acme.com\n"
        "- id: E2\n  email: bob@acme.com\n  email: bob2@acme.com\n"
        "- {id: E3, email: cy@acme.com, end: 2026-02-30}\n"
        "- id: E4\n  email: !vault x\n"
        "- E5\n"
    )
    feed = read(text.encode(), "people.yml")
    assert [person.id for person in feed.people] == ["E1"]
    assert reasons(feed) == [
        "people.yml line 5 (E2): the key 'email' occurs twice. Keep one of them.",
        "people.yml line 6 (E3): end: '2026-02-30' is not a calendar day. Correct it.",
        "people.yml line 8 (E4): !vault cannot be used in a file of people. Replace it with the decrypted value.",
        "people.yml line 9: a person must be a mapping, such as {id: E1}, not 'E5'.",
    ]
    assert [row.problems[0].code for row in feed.rejected] == [
        "duplicate_key",
        "invalid_day",
        "invalid_value",
        "bad_row",
    ]


def test_yaml_key_twice_at_the_top_is_a_problem_of_the_file() -> None:
    feed = read(b"identity_people: []\nidentity_people: []\n", "people.yml")
    assert [str(problem) for problem in feed.problems] == [
        "people.yml line 2: the key 'identity_people' occurs twice. Keep one of them."
    ]


def test_yaml_that_holds_itself() -> None:
    feed = read(b"- &a {id: E1, email: ada@acme.com, loop: *a}\n", "people.yml")
    assert [person.id for person in feed.people] == ["E1"]


def test_json_numbers_null_lines_and_nesting() -> None:
    document = {
        "next": None,
        "value": [
            {"id": 7, "email": "ada@acme.com", "end": None, "profile": {"department": "R&D", "floor": 3.0}},
            {"id": 8, "email": True},
        ],
    }
    feed = read(json.dumps(document, indent=1).encode(), "people.json")
    assert (feed.people[0].id, feed.people[0].place) == ("7", "people.json line 4")
    assert feed.people[0].attributes == {"profile.department": "R&D", "profile.floor": "3"}
    assert reasons(feed) == ["people.json line 13 (8): email is true, not text. Specify a single text."]


def test_json_key_twice_rejects_its_person() -> None:
    feed = read(b'[{"id": "E1", "email": "a@b.c", "id": "E2"},\n{"id": "E3", "email": "c@d.e"}]', "people.json")
    assert [person.id for person in feed.people] == ["E3"]
    assert feed.rejected[0].problems[0].code == "duplicate_key"


def test_people_of_a_playbook() -> None:
    feed = from_list(
        [
            {
                "id": "E1",
                "email": "ada@acme.com",
                "attributes": {"department": "Sales"},
                "entitlements": ["staff"],
                "accounts": {"ol": {"user": "ada", "id": 5}},
            },
            {"id": 2, "email": "bob@acme.com", "status": "gone"},
            {"id": "E3", "email": "cy@acme.com", "entitlement": ["staff"]},
            "E4",
            {"id": "E5", "email": "di@acme.com", "entitlements": [{"name": "staff", "til": "2026-01-01"}]},
        ]
    )
    assert [person.id for person in feed.people] == ["E1"]
    assert feed.people[0].accounts == {"ol": {"user": "ada", "id": "5"}}
    assert feed.people[0].attributes == {"department": "Sales"}
    assert reasons(feed) == [
        "identity_people[1] (2): status: 'gone' is unknown. It must be one of active, leave, left.",
        (
            "identity_people[2] (E3): the key 'entitlement' is unknown; similar names: 'entitlements'."
            " Put other data under attributes."
        ),
        "identity_people[3]: a person must be a mapping, such as {id: E1}, not 'E4'.",
        "identity_people[4] (E5): entitlements: the key 'til' is unknown; similar names: 'until'.",
    ]
    (reason,) = reasons(from_list([{"id": "E1", "email": "ada@acme.com", "end": "soon"}]))
    assert reason == (
        "identity_people[0] (E1): end: it is not clear which day 'soon' is. Write the day as YYYY-MM-DD, such as "
        "2026-12-31."
    ), "access_date_format applies to files only"
    assert from_list({"id": "E1"}).problems[0].code == "invalid_value"


# Cells


@pytest.mark.parametrize("character", ["\u200b", "\ufeff", "\u00ad", "\u202e", "\u2060", "\x7f"])
def test_invisible_characters_are_removed_with_a_notice(character: str) -> None:
    feed = csv(HEAD + f"E1,Ada Bee,ada@acme.com{character},,,staff;data\n")
    assert only(feed).email == "ada@acme.com"
    assert [notice.code for notice in feed.notices] == ["invisible_character"]
    assert "people.csv line 2 (E1): U+" in feed.notices[0].text


def test_blanks_and_composed_letters() -> None:
    feed = csv(HEAD + " E1\u00a0,  Ada \u2003 Bee ,ju\u0308rgen@Acme.com,,,staff\n")
    person = only(feed)
    assert (person.id, person.name, person.email) == ("E1", "Ada Bee", "jürgen@Acme.com")
    assert feed.notices == []


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("staff;data", ["staff", "data"]),
        ("staff, data", ["staff", "data"]),
        ("staff\ndata\n", ["staff", "data"]),
        ("Data Team", ["Data Team"]),
        ("acrobat dc, all apps; staff;", ["acrobat dc, all apps", "staff"]),
        ("staff;staff", ["staff"]),
    ],
)
def test_lists_in_cells(cell: str, names: list[str]) -> None:
    person = only(csv(HEAD + f'E1,Ada Bee,ada@acme.com,,,"{cell}"\n'))
    assert [granted.name for granted in person.entitlements] == names


def test_entitlements_for_a_time() -> None:
    feed = csv(HEAD + "E1,Ada,ada@acme.com,,,Data Team until=31.12.2026 ticket=R-1; staff ticket=R-2\n")
    assert only(feed).entitlements == (Granted("Data Team", "2026-12-31", "R-1"), Granted("staff", "", "R-2"))
    feed = csv(HEAD + "E1,Ada,ada@acme.com,,,staff untill=2026-12-31\nE2,Bob,bob@acme.com,,,staff until=soon\n")
    assert [problem.code for row in feed.rejected for problem in row.problems] == ["invalid_value", "invalid_day"]


def test_accounts_of_columns() -> None:
    text = "id,email,accounts.ol,Accounts.acme-eu.id,accounts.acme-eu.user\nE1,ada@acme.com,ada,77,ada.b\n"
    assert only(csv(text)).accounts == {"ol": {"user": "ada"}, "acme-eu": {"id": "77", "user": "ada.b"}}
    assert reasons(csv("id,accounts\nE1,ada\n")) == [
        "people.csv line 2 (E1): accounts must be a mapping, such as {crm: {user: ada}}, or a column accounts.crm."
    ]


# Whatever a file holds


PIECES = st.sampled_from(
    [
        "id",
        "email",
        "status",
        "accounts",
        "accounts.ol",
        "attributes",
        "E1",
        "ada@acme.com",
        "left",
        "2026-02-30",
        "\u200b",
        "\x00",
        "\x85",
        ",",
        ";",
        "\t",
        "|",
        "\n",
        "\r\n",
        '"',
        "'",
        "- ",
        "{",
        "}",
        "[",
        "]",
        ": ",
        " ",
        "#",
        "null",
        "%",
        "1e999",
        "!vault ",
        "&a ",
        "*a",
        "<<: ",
        "staff until=2026",
        "sep=;\n",
        "---\n",
        "id,email\n",
        "- id: ",
        '[{"id": ',
    ]
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    pieces=st.lists(PIECES | st.text(max_size=3), max_size=30),
    name=st.sampled_from(["f.csv", "f.json", "f.yml", "f", "f.xlsx"]),
)
@example(pieces=["id,name,email,status\n", "E1,Ada Bee,ada@acme.com,left\n", "E2,Bob Cee,nowhere,gone\n"], name="f.csv")
def test_no_file_is_unexpected(pieces: list[str], name: str) -> None:
    feed = read("".join(pieces).encode("utf-8", "replace"), name, FeedOptions(values={"status": {True: "left"}}))
    assert all(person.id and person.status in ("active", "leave", "left") for person in feed.people)
    assert all(row.problems for row in feed.rejected)
    assert feed.problems == [] or feed.people == []


# What spreadsheets and broken exports make of cells


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_heading_with_a_line_break_shows_what_separates_cells(separator: str) -> None:
    text = '"id\n";"name, whole";"email"\nE1;Ada;ada@acme.com\n'.replace(";", separator)
    person = only(csv(text, columns={"name": "name, whole"}))
    assert (person.id, person.name) == ("E1", "Ada")


def test_the_last_line_of_a_file_that_was_cut_off_is_no_person() -> None:
    whole = "id\tname\temail\tstatus\nE1\tAda Bee\tada@acme.com\nE2\tBob Cee\tbob@acme.com\tleft\n"
    assert len(csv(whole).people) == 2, "tabs at the end of a line may be missing"
    feed = csv(whole.rpartition("\t")[0])
    assert [person.id for person in feed.people] == ["E1"]
    text = (
        "people.csv line 3 (E2): the row has 3 cells, and the heading has 4. "
        "Add the missing cells, or export the file again if it is truncated."
    )
    assert reasons(feed) == [text]


def test_numbers_of_a_spreadsheet_are_the_ids_that_they_were() -> None:
    feed = csv(
        "id,email,manager,accounts.ol.id\n1042.0,a@acme.com,1043.0,100001.00\n1043,b@acme.com,,\n1.5,c@acme.com,,\n"
    )
    assert [(person.id, person.manager) for person in feed.people] == [("1042", "1043"), ("1043", ""), ("1.5", "")]
    assert feed.people[0].accounts == {"ol": {"id": "100001"}}
    assert feed.notices == []


@pytest.mark.parametrize("identity", ["1.04E+11", "1,04E+11", "1e+12"])
def test_an_id_that_lost_its_digits_is_refused(identity: str) -> None:
    feed = csv(f"id;email\n{identity};a@acme.com\n")
    assert reasons(feed) == [f"people.csv line 2: id: {identity!r} is a rounded number. Export the column as text."]


def test_errors_of_a_spreadsheet_are_no_values() -> None:
    text = (
        "id,name,email,status,manager,team\n"
        "1,#N/A,a@acme.com,,,x\n2,Bob,b@acme.com,left,#REF!,#N/A\n3,Cy,c@acme.com,,,#VALUE!\n"
    )
    feed = csv(text)
    assert [(person.id, person.status) for person in feed.people] == [("2", "left")], (
        "a leaver is one, whatever else is wrong"
    )
    assert reasons(feed) == [
        "people.csv line 2 (1): name: the cell contains the error #N/A. Correct it in the source.",
        "people.csv line 4 (3): attributes.team: the cell contains the error #VALUE!. Correct it in the source.",
    ]
    mapped = csv(text, values={"name": {"#N/A": ""}, "attributes.team": {"#VALUE!": ""}})
    assert len(mapped.people) == 3


@pytest.mark.parametrize("value", ["1900-01-01", "1899-12-30", "1970-01-01"])
def test_a_last_day_that_stands_for_none_puts_nobody_out(value: str) -> None:
    text = f"id,email,end,start\n1,a@acme.com,{value},1900-01-01\n"
    assert reasons(csv(text)) == [
        (
            f"people.csv line 2 (1): end: {value!r} is not a plausible last day. If it means no day, map it with "
            "access_values.end to an empty text."
        )
    ]
    assert only(csv(text, values={"end": {value: ""}})).end == ""
    assert "Omit it" in reasons(from_list([{"id": "1", "email": "a@acme.com", "end": value}]))[0]


@pytest.mark.parametrize(
    "email",
    ["a@acme.com;", "mailto:a@acme.com", "'a@acme.com'", "<a@acme.com>", "a@acme.com.", "a@acme.com,b", "a@acme.com/"],
)
def test_what_is_more_than_an_address_is_refused(email: str) -> None:
    feed = csv(f'id,email\n1,"{email}"\n2,o\'brien+x@acme.com\n')
    assert ([person.id for person in feed.people], [row.id for row in feed.rejected]) == (["2"], ["1"])


def test_words_may_be_named_by_their_beginning() -> None:
    values = {
        "status": {"Terminated*": "left", "Terminated - Rehired": "active", "*leave*": "leave", "Active*": "active"}
    }
    words = [
        "Terminated", "terminated - Voluntary", "Terminated - Rehired", "On leave (paid)", "Active - Full Time", "left",
        "Leave",
    ]
    feed = csv("id,status\n" + "".join(f"{number},{word}\n" for number, word in enumerate(words)), values=values)
    assert [person.status for person in feed.people] == ["left", "left", "active", "leave", "active", "left", "leave"]
    assert "unknown" in reasons(csv("id,status\n1,Not Active\n", values=values))[0]


def test_a_title_above_the_heading_is_named() -> None:
    feed = csv("Employee report\n\nid,email\n1,a@acme.com\n")
    assert "If that is a title, remove the lines above the heading." in str(feed.problems[0])


def test_the_end_of_a_file_in_dos_is_no_row() -> None:
    assert only(csv("id,email\n1,a@acme.com\n\x1a")).id == "1"
