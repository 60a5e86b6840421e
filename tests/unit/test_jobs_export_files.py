# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Export: what is in the files, and which files are replaced."""

from __future__ import annotations

import csv
import io

import pytest
import yaml

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.data import load
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.export.files import (
    dumped,
    edited,
    names_of_files,
    people_csv,
)
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.export.job import unusable
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.read import read
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.people import Granted
from ansible_collections.rollcall.identity.tests.unit.export import export, files_of, user


def test_files_hold_what_modules_take_and_no_secret():
    secrets = {"tokens": [{"name": "ci", "token": "canary"}], "password": "canary", "auth_methods": ["canary"]}
    there = user("kestra", "ada@x.org", tenants=["main"], last_login=None, **secrets)
    made = files_of({"kes": [there]}, {"ol": "Could not log in."})
    assert list(made["files"]) == ["people.yml", "entitlements.yml", "links.yml", "connections/kes.yml", "people.csv"]
    text = "".join(made["files"].values())
    assert "canary" not in text
    assert yaml.safe_load(made["files"]["connections/kes.yml"]) == {"users": [{
        "user": "ada@x.org", "first_name": "Ada", "last_name": "Lovelace", "enabled": True, "tenants": ["main"],
        "tenants_state": "exact",
        "groups": [], "groups_state": "exact", "roles": [], "roles_state": "exact",
    }]}  # fmt: skip
    assert text.count("NOT INCLUDED, because it could not be read: ol.") == 2
    assert made["result"]["unreadable"] == {"ol": "Could not log in."}
    assert made["result"]["text"][0] == "1 person with 1 account and 1 entitlement"


def test_links_know_every_account_by_its_id():
    made = export({"ol": [user("onelogin", "ada", 7)], "kes": [user("kestra", "ada@x.org", "k1")]})
    assert {(link.person, link.connection, link.account, link.name) for link in made.links} == {
        ("ada", "ol", "7", "ada"), ("ada", "kes", "k1", "ada@x.org"),
    }  # fmt: skip
    text = files_of({"ol": [user("onelogin", "ada", 7)]})["files"]["links.yml"]
    assert yaml.safe_load(text)["count"] == 1


def test_a_table_shields_formulas_and_has_columns_for_what_differs():
    hostile = '=HYPERLINK("http://evil")'
    accounts = {"ol": {"user": "@ada", "enabled": False, "title": None}}
    people = [
        {"id": "E1", "name": hostile, "email": "+ada@x.org", "entitlements": ["-x", "y"], "accounts": accounts},
        {"id": "E2", "name": "'=twice", "email": "bob@x.org", "entitlements": []},
    ]  # fmt: skip
    text = people_csv(people, ["ol"])
    assert text.splitlines()[0] == "id,name,email,entitlements,accounts.ol.enabled,accounts.ol.title,accounts.ol.user"
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    one, other = read(text.encode(), "people.csv").people
    assert (one.name, one.email, one.entitlements) == (hostile, "+ada@x.org", (Granted("-x"), Granted("y")))
    assert one.accounts == {"ol": {"user": "@ada", "enabled": False, "title": None}}
    assert (other.name, other.accounts) == ("'=twice", {})


def test_a_text_that_looks_like_a_template_is_marked():
    assert dumped({"a": "{{ lookup('pipe', 'id') }}", "b": ["#jinja2: x\n[[ 1 ]]"], "c": "100%"}) == (
        "a: !unsafe \"{{ lookup('pipe', 'id') }}\"\nb:\n- !unsafe \"#jinja2: x\\n[[ 1 ]]\"\nc: 100%\n"
    )


def export_into(folder):
    """Write what an export makes of one user, or return why it must not be written."""
    refused = edited(str(folder), names_of_files(["ol"]))
    if not refused:
        for name, text in files_of({"ol": [user("onelogin", "ada")]})["files"].items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    return refused


def test_files_that_are_as_they_were_written_are_replaced(tmp_path):
    assert export_into(tmp_path) == export_into(tmp_path) == []
    for name in ("people.yml", "people.csv", "links.yml"):
        path = tmp_path / name
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert export_into(tmp_path) == [], "a checkout may change line ends, an editor may add a mark"


@pytest.mark.parametrize(
    ("name", "change", "why"),
    [
        ("people.yml", lambda text: text.replace("id: ada", "id: E1042"), "was changed after an export wrote it"),
        ("people.csv", lambda text: text.replace("ada,", "E1042,"), "was changed after an export wrote it"),
        ("entitlements.yml", lambda text: text + "# mine\n", "was changed after an export wrote it"),
        (
            "links.yml",
            lambda text: text.replace("holds: []", "holds: [{person: ada}]"),
            "was changed after an export wrote it",
        ),
        ("connections/ol.yml", lambda text: text[: len(text) // 2], "was changed after an export wrote it"),
        ("links.yml", lambda text: "# mine\n" + text.partition("\n")[2], "was not written by an export"),
        ("people.yml", lambda text: "", "was not written by an export"),
    ],
)
def test_files_that_somebody_has_changed_are_not_replaced(tmp_path, name, change, why):
    export_into(tmp_path)
    path = tmp_path / name
    mine = change(path.read_text(encoding="utf-8"))
    path.write_text(mine, encoding="utf-8")
    (tmp_path / "connections" / "other.yml").write_text("mine", encoding="utf-8")
    assert f"{path} {why}, and would be overwritten." in export_into(tmp_path)
    assert path.read_text(encoding="utf-8") == mine


def test_a_table_without_its_people_is_somebodys(tmp_path):
    export_into(tmp_path)
    (tmp_path / "people.yml").unlink()
    assert export_into(tmp_path) == [
        f"{tmp_path / 'people.csv'} was not written by an export, and would be overwritten."
    ]


US_DATES = """Employee ID,First Name,Last Name,Work Email,Worker Status,Hire Date,Termination Date
E1,Ada,Bee,ada@acme.com,Active,01/15/2024,
E2,Bob,Cee,bob@acme.com,Terminated,01/02/2024,01/31/2025
"""


def loaded(tmp_path, **options):
    """Return the data of an export with this HR file."""
    path = tmp_path / "workday.csv"
    path.write_text(US_DATES, encoding="utf-8")
    return load({"preset": "workday", **options}, str(path), "2026-06-15", "export_people_file", [], entitled=False)


def test_an_hr_file_without_a_usable_row_is_an_error_that_names_the_options_of_the_role(tmp_path):
    first, *rows = unusable(loaded(tmp_path))
    assert (first.code, first.option) == ("unusable_feed", "export_people_file")
    assert {row.option for row in rows} == {"export_date_format"}
    assert all("export_date_format" in row and "access_" not in row for row in rows)


def test_an_hr_file_with_the_format_of_its_dates_is_usable(tmp_path):
    data = loaded(tmp_path, date_format=["%m/%d/%Y"])
    assert (unusable(data), len(data.people)) == ([], 2)
