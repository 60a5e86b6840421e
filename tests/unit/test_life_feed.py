# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Feeds of people as spreadsheets save them, and how what is wrong with people is told."""

from __future__ import annotations

import importlib
import json
import pathlib
import sys

import pytest

from ansible_collections.rollcall.identity.plugins.filter.access_data import access_data
from ansible_collections.rollcall.identity.plugins.plugin_utils._life import schema
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.feed import read_csv, read_people
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.validate import violations

DAY = "2026-06-15"
TOOLS = pathlib.Path(__file__).resolve().parents[1] / "tools"
CELLS = [
    ["id", "name", "email", "entitlements"],
    ["E1", "Lovelace, Ada", "ada@x.org", "mail;ops until=2026-12-01"],
    ["E2", "Bée", "bob@x.org", ""],
]
PEOPLE = [
    {"id": "E1", "name": "Lovelace, Ada", "email": "ada@x.org", "entitlements": ["mail", {"name": "ops", "until": "2026-12-01"}]},
    {"id": "E2", "name": "Bée", "email": "bob@x.org"},
]


def written(separator, end):
    """Return the cells as a spreadsheet saves them, with cells in quotes that hold the separator."""
    return end.join(separator.join(f'"{cell}"' if separator in cell else cell for cell in row) for row in CELLS) + end


def mistakes(text, path="people.csv"):
    """Return the sentences with which people are refused."""
    with pytest.raises(ValueError, match=r".") as found:
        read_people(text, path)
    return str(found.value).split("\n")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_as_spreadsheets_save_it(separator, end, mark):
    text = mark + written(separator, end)
    assert read_people(text, "people.csv") == PEOPLE
    assert read_people(text + end + separator * 3 + end * 2, "people.csv") == PEOPLE
    assert read_people(text.rstrip(), "people.csv") == PEOPLE, "a reader may take the blanks at the end away"
    assert read_people(text.replace("id", '"id"', 1), "people.csv") == PEOPLE


@pytest.mark.parametrize("path", ["people.json", "people.yml"])
def test_a_byte_order_mark_is_no_part_of_the_text(path):
    assert read_people("\ufeff" + json.dumps(PEOPLE), path) == PEOPLE


@pytest.mark.parametrize("path", ["people.csv", "people.json", "people.yml"])
def test_bytes_that_are_no_utf_8_are_refused_with_their_lines(path):
    text = written(";", "\r\n") if path.endswith("csv") else json.dumps(PEOPLE, ensure_ascii=False, indent=1)
    # So the file is read, where it is that of a spreadsheet in Western Europe.
    (told,) = mistakes(text.encode("cp1252").decode("utf-8", "surrogateescape"), path)
    line = 3 if path.endswith("csv") else 16
    assert told == f"{path} is no UTF-8 text: line {line}. Save it as UTF-8; Excel calls that CSV UTF-8."
    assert mistakes("\udce9\n" * 30)[0].count(",") == 19


def test_everything_that_is_wrong_with_the_shape_is_told_at_once():
    text = 'id,nmae,email,accounts,name,name,entitlements\nE1,x\nE2,,,,,,ops untill=x\n\nE3,,,,,,,,too,much\nE4,"x\n'
    heading, *lines = mistakes(text)
    assert "nmae is unknown; near names: name; accounts is to be accounts.<connection>; name is there 2 times." in heading
    assert [line.split(" of ")[0] for line in lines] == ["Line 2", "Line 3", "Line 5", "Line 6"]
    assert lines[2].endswith("has 10 cells, and its heading has 7. Put a cell that holds a comma into quotes.")
    assert "a column has no name" in mistakes("id,\nE1,\n")[0]
    many = mistakes("id,name\n" + "E1\n" * 30)
    assert (len(many), many[-1]) == (21, "The CSV file has 10 more mistakes of such kinds.")


def test_a_list_in_a_file_with_semicolons_is_in_quotes():
    assert "Put a cell that holds a semicolon into quotes." in mistakes("id;entitlements\nE1;mail;ops\n")[0]
    with pytest.raises(ValueError, match="Columns are id"):
        read_csv("id|name\nE1|Ada\n")


def test_of_people_that_cannot_be_read_nothing_more_is_said():
    document = {"identity_connections": {"ol": {"provider": "onelogin"}}, "identity_entitlements": {"mail": {"owner": "E1", "grants": {"old": {}}}}}
    told = access_data({**document, "people_file": "people.csv", "people_text": "id\nE1,x\nE2,y\n"}, DAY)
    assert [text.split(" ")[:2] for text in told["problems"]] == [["Line", "2"], ["Line", "3"], ["identity_entitlements.mail:", "grants.old:"]]
    assert told["read"] is False
    assert told["document"]["identity_people"] == []
    assert told["document"]["identity_entitlements"] == document["identity_entitlements"]
    assert access_data({**document, "people_file": "people.csv", "people_text": "id,email\nE1,ada@x.org\n"}, DAY)["read"] is True


# -- how it is told ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "told"),
    [
        ({"emial": "a@x.org"}, "E1042: identity_people[0].emial is unknown; near names: email."),
        ({"Start": DAY}, "E1042: identity_people[0].Start is unknown; near names: start"),
        ({"xyz": 1}, "E1042: identity_people[0].xyz is unknown; there are id, kind,"),
        ({"email": None}, "E1042: identity_people[0].email is empty (null). Leave it out, or give a text."),
        ({"status": None}, "E1042: identity_people[0].status is empty (null). Leave it out, or give one of active, leave, left."),
        ({"entitlements": [None]}, "E1042: identity_people[0].entitlements[0] is empty (null). Leave it out, or give a text or a mapping."),
        ({"entitlements": [{"name": None}]}, "E1042: identity_people[0].entitlements[0].name is missing."),
        ({"id": None}, "identity_people[0].id is missing."),
        ({"id": "E\udce9", "name": "Ren\udce9"}, "identity_people[0].id: 'E\\udce9' is no UTF-8 text. Save the file that it comes from as UTF-8."),
    ],
)
def test_mistakes_in_a_person_are_told_with_the_id_and_what_to_do(person, told):
    found = violations(schema.SCHEMA, {"identity_people": [{"id": "E1042", **person}]})
    assert found[0].startswith(told), found
    assert all(text.isprintable() for text in found)


def test_only_people_are_known_by_their_id():
    grants = {"ol": {"roles": [{"id": "5018", "team": "x"}]}}
    found = violations(schema.SCHEMA, {"identity_entitlements": {"mail": {"grants": grants}}})
    assert found == ["identity_entitlements.mail.grants.ol.roles[0].team is unknown; near names: tenant."]


def test_what_is_made_from_the_schema_is_up_to_date(monkeypatch):
    monkeypatch.syspath_prepend(str(TOOLS))
    monkeypatch.delitem(sys.modules, "schema", raising=False)
    tool = importlib.import_module("schema")
    monkeypatch.delitem(sys.modules, "schema")
    made = tool.pages(schema)
    assert {path.parts[-3] for path in made if path.suffix == ".yml"} >= {"access", "offboard"}
    assert [path for path, text in made.items() if path.read_text(encoding="utf-8") != text] == []
