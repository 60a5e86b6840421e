# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files as HR systems and directories write them, read with a preset or a few lines of mapping."""

from __future__ import annotations

import typing as t

import pytest
import yaml

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed import presets
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.columns import headings_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.model import FIELDS, WORDS, Feed, FeedOptions
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.read import from_list, read
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.text import key
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.people import names_of

ADA = {"names": ("Ada", "Bee"), "email": "ada@acme.com", "status": "active", "kind": "employee"}
LEFT = {**ADA, "status": "left"}

FILES: list[tuple[str, str, str, dict[str, t.Any]]] = [
    (
        "onelogin",
        (
            "firstname,lastname,email,username,phone,company,department,group,role,password,title,status,delete\n"
            "Ada,Bee,ada@acme.com,ada,,,R&D,,,secret,,1,\n"
        ),
        "preset: onelogin",
        {**ADA, "id": "ada", "attributes": {"department": "R&D"}},
    ),
    (
        "onelogin-deleted",
        "firstname,lastname,email,username,status,delete\nAda,Bee,ada@acme.com,ada,1,TRUE\n",
        "preset: onelogin",
        LEFT,
    ),
    (
        "entra-bulk",
        (
            "Name [displayName] Required,User name [userPrincipalName] Required,"
            "Initial password [passwordProfile] Required,Block sign in (Yes/No) [accountEnabled] Required,"
            "First name [givenName],Last name [surname]\n"
            "Ada Bee,ada@acme.com,x,No,Ada,Bee\n"
        ),
        "preset: entra",
        {**ADA, "id": "ada@acme.com", "attributes": {}},
    ),
    (
        "entra-bulk-blocked",
        (
            "Name [displayName] Required,User name [userPrincipalName] Required,"
            "Block sign in (Yes/No) [accountEnabled] Required\nAda Bee,ada@acme.com,Yes\n"
        ),
        "preset: entra",
        LEFT,
    ),
    (
        "entra-download",
        (
            "userPrincipalName,displayName,surname,mail,givenName,id,userType,jobTitle,department,accountEnabled\n"
            "ada@acme.com,Ada Bee,Bee,ada@acme.com,Ada,8f1c,Member,Engineer,R&D,False\n"
        ),
        "preset: entra",
        {**LEFT, "id": "8f1c"},
    ),
    (
        "entra-inbound",
        (
            "WorkerID,WorkerStatus,WorkerType,UserID,FirstName,LastName,FullName,ManagerID,HireDate,OnLeave,Department\n"
            "1,Active,Employee,EMP1,Ada,Bee,Ada Bee,,2020-01-01,False,R&D\n"
        ),
        "{preset: entra, columns: {accounts.ol: UserID}}",
        {**ADA, "id": "1", "email": "", "accounts": {"ol": {"user": "EMP1"}}, "start": "2020-01-01"},
    ),
    (
        "workday-on-leave",
        (
            "Employee ID,Worker,Worker Status,On Leave,Worker Type,Primary Work Email,Hire Date,Termination Date\n"
            "1,Ada Bee,Active,Yes,Employee,ada@acme.com,2020-01-01,\n"
        ),
        "preset: workday",
        {**ADA, "status": "leave"},
    ),
    (
        "workday-terminated-on-leave",
        (
            "Employee_ID,Worker,Worker_Status,On_Leave,Worker_Type,Work_Email,Termination_Date\n"
            "1,Ada Bee,Terminated,1,Contingent Worker,ada@acme.com,2020-01-01-08:00\n"
        ),
        "preset: workday",
        {**LEFT, "kind": "contractor", "end": "2020-01-01"},
    ),
    (
        "google",
        (
            "First Name [Required],Last Name [Required],Email Address [Required],Status [READ ONLY],Department\n"
            "Ada,Bee,ada@acme.com,Active,R&D\n"
        ),
        "preset: google",
        {**ADA, "attributes": {"department": "R&D"}},
    ),
    (
        "google-empty-ids",
        (
            "First Name [Required],Last Name [Required],Email Address [Required],Employee ID,Status [READ ONLY]\n"
            "Ada,Bee,ada@acme.com,,Suspended\n"
        ),
        "preset: google",
        {**ADA, "id": "ada@acme.com", "status": "leave"},
    ),
    (
        "gam",
        "primaryEmail,name.givenName,name.familyName,name.fullName,suspended\nada@acme.com,Ada,Bee,Ada Bee,False\n",
        "preset: google",
        ADA,
    ),
    (
        "ad",
        (
            "SamAccountName,GivenName,Surname,Name,Enabled,mail,Manager,EmployeeID\n"
            "adab,Ada,Bee,Ada Bee,TRUE,ada@acme.com,,1\n"
        ),
        "preset: entra",
        {**ADA, "id": "1"},
    ),
    (
        "atlassian",
        "group_name,username,full_name,email,active,created\nstaff,adab,Ada Bee,ada@acme.com,Yes,21 Mar 2016\n",
        (
            "{columns: {id: username, name: full_name, status: active, entitlements: group_name},"
            " values: {status: {yes: active, no: left}}}"
        ),
        {**ADA, "id": "adab", "entitlements": ["staff"]},
    ),
    (
        "midpoint",
        "empnum,firstname,surname,emptype,job,status\n1,Ada,Bee,FTE,100#CEO,Former employee\n",
        (
            "{columns: {id: empnum, given_name: firstname, family_name: surname, kind: emptype},"
            " values: {kind: {FTE: employee, '*': contractor},"
            " status: {Former employee: left, Long-term leave: leave}}}"
        ),
        {**LEFT, "id": "1", "email": ""},
    ),
    (
        "hrdataset",
        'Employee_Name,EmpID,DateofHire,DateofTermination,EmploymentStatus,ManagerID\n"Bee, Ada",1,07/05/11,,Active,\n',
        (
            "{columns: {id: EmpID, name: Employee_Name, start: DateofHire, end: DateofTermination,"
            " status: EmploymentStatus,"
            " manager: ManagerID}, values: {status: {Voluntarily Terminated: left, Terminated for Cause: left}},"
            " date_format: ['%m/%d/%y']}"
        ),
        {**ADA, "id": "1", "email": "", "start": "2011-07-05"},
    ),
    (
        "jml",
        "employee_id,name,department,start_date,end_date,status\n1,Ada Bee,R&D,2021-05-01,,Active\n",
        "columns: {id: employee_id, start: start_date, end: end_date}",
        {**ADA, "email": "", "start": "2021-05-01", "end": ""},
    ),
    (
        "jml-joiners",
        (
            "EmployeeId,UPN,DisplayName,Department,StartDate,EmploymentType,ManagerId\n"
            "E1,ada@acme.com,Ada Bee,R&D,2026-05-01,Employee,\n"
        ),
        "preset: entra",
        {**ADA, "id": "E1", "start": "2026-05-01"},
    ),
    (
        "german",
        "Personalnummer;Vorname;Nachname;Email;Eintritt;Austritt\n1;Ada;Bee;ada@acme.com;01.05.2021;\n",
        "preset: personio",
        {**ADA, "id": "1", "start": "2021-05-01"},
    ),
    (
        "bamboohr",
        (
            'Employee #,"Last Name, First Name",Work Email,Status,Hire Date,Termination Date,Supervisor EID\n'
            '1,"Bee, Ada",ada@acme.com,Inactive,07/05/2011,0000-00-00,\n'
        ),
        "{preset: bamboohr, date_format: ['%m/%d/%Y']}",
        {**LEFT, "start": "2011-07-05", "end": ""},
    ),
    (
        "adp",
        (
            "Associate ID,Payroll Name,Position Status,Hire Date,"
            "Termination Date,Work Contact: Work Email,Worker Category\n"
            '1,"Bee, Ada",L,07/05/2011,,ada@acme.com,F\n'
        ),
        "preset: adp",
        {**ADA, "status": "leave", "start": "2011-07-05"},
    ),
    (
        "okta.json",
        (
            '[{"id": "00u1", "status": "DEPROVISIONED", "profile": {"firstName": "Ada", "lastName": "Bee",'
            ' "email": "ada@acme.com", "login": "ada@acme.com", "department": "R&D"}}]'
        ),
        "preset: okta",
        {**LEFT, "id": "00u1", "attributes": {"profile.department": "R&D"}},
    ),
    (
        "personio.json",
        (
            '{"success": true, "data": [{"type": "Employee", "attributes": {"id": {"label": "ID", "value": 1},'
            ' "first_name": {"value": "Ada"}, "last_name": {"value": "Bee"}, "email": {"value": "ada@acme.com"},'
            ' "status": {"value": "active"}, "hire_date": {"value": "2020-07-23T00:00:00+02:00"},'
            ' "termination_date": {"value": null}, "employment_type": {"value": "external"},'
            ' "contract_end_date": {"value": "2030-12-31T00:00:00+01:00"}, "supervisor": {"value": null}}}]}'
        ),
        "preset: personio",
        {**ADA, "id": "1", "kind": "contractor", "start": "2020-07-23", "end": "2030-12-31"},
    ),
    (
        "join-and-constants",
        "No,First,Middle,Last,Mail,Role,Apps\n1,Ada,,Bee,ada@acme.com,staff,crm; git\n",
        (
            "columns: {id: 'No', name: {join: [First, Middle, Last], with: ' '}, email: Mail, kind: {value: shared},"
            " owner: {value: '1'}, entitlements: [Role, Apps], attributes.site: {value: Berlin}}"
        ),
        {**ADA, "kind": "shared", "entitlements": ["staff", "crm", "git"], "attributes": {"site": "Berlin"}},
    ),
]


def options(text: str) -> FeedOptions:
    return FeedOptions(**yaml.safe_load(text))


@pytest.mark.parametrize(("name", "text", "mapping", "expected"), FILES, ids=[file[0] for file in FILES])
def test_files_of_hr_systems(name: str, text: str, mapping: str, expected: dict[str, t.Any]) -> None:
    feed = read(text.encode(), name if "." in name else f"{name}.csv", options(mapping))
    assert (feed.problems, feed.rejected) == ([], [])
    person = feed.people[0]
    actual: dict[str, t.Any] = {
        "names": names_of(person),
        "entitlements": [granted.name for granted in person.entitlements],
        **{
            name: getattr(person, name)
            for name in ("id", "email", "status", "kind", "start", "end", "accounts", "attributes")
        },
    }
    assert {name: actual[name] for name in expected} == expected


@pytest.mark.parametrize("name", presets.names())
def test_presets_are_right_and_no_word_or_heading_is_there_twice(name: str) -> None:
    preset, problems = presets.load(name)
    assert problems == []
    assert preset.columns
    with open(f"{presets.FOLDER}/{name}.yml", encoding="utf-8") as file:
        assert file.readline() == "---\n"
    for source in preset.columns.values():
        keys = [key(heading) for heading in headings_of(source)]
        assert len(keys) == len(set(keys))
    for words in (preset.values.get(field, {}) for field in WORDS):
        assert not any(isinstance(word, bool) for word in words), "columns of true and false have words of their own"


def test_the_presets_of_the_documentation() -> None:
    assert presets.names() == ("adp", "bamboohr", "entra", "google", "okta", "onelogin", "personio", "workday")


def test_a_preset_of_ones_own(tmp_path: t.Any) -> None:
    path = tmp_path / "ours.yml"
    path.write_text("columns: {id: Nr, email: Mail}\nvalues: {status: {weg: left}}\n")
    feed = read(b"Nr,Mail,status\n1,ada@acme.com,weg\n", "people.csv", FeedOptions(preset=str(path)))
    assert (feed.people[0].id, feed.people[0].status) == ("1", "left")
    path.write_text("column: {id: Nr}\nvalues: {status: {weg: gone}}\n")
    feed = read(b"Nr\n1\n", "people.csv", FeedOptions(preset=str(path)))
    assert [problem.code for problem in feed.problems] == ["unknown_key", "invalid_value"]
    assert "the key 'column' is unknown; similar names: 'columns'." in str(feed.problems[0])


def refusals(text: str, **given: t.Any) -> list[str]:
    feed = read(text.encode(), "people.csv", FeedOptions(**given))
    assert feed.people == []
    return [str(problem) for problem in feed.problems]


def test_no_id_names_the_option_and_the_preset_that_fits() -> None:
    assert refusals("Vorname;Nachname;Personalnummer\nAda;Bee;1\n") == [
        (
            "people.csv: no column contains the id of a person. "
            "Specify it with access_columns (or access_people_columns), "
            "such as {id: Personalnummer}. The headings match access_preset: personio. "
            "The columns are Vorname, Nachname, Personalnummer."
        )
    ]


def test_everything_wrong_in_the_options_at_once() -> None:
    assert refusals(
        "Nr,Mail\n1,ada@acme.com\n",
        preset="workdy",
        columns={"Nr": "id", "emial": "email", "mail": "Mail", "kind": {"constant": "employee"}, "name": []},
        values={"status": {"weg": "gone"}, "kind": ["x"]},
        date_format=("%d/%m",),
    ) == [
        "access_preset: there is no preset named 'workdy'. Did you mean workday? Specify your own by its path.",
        "access_columns.Nr: there is no field named 'Nr'. If it is a heading, write the field first: {id: Nr}.",
        (
            "access_columns.emial: there is no field named 'emial'. If it is a heading, write the field first: "
            "{email: emial}. Did you mean email?"
        ),
        "access_columns.mail: there is no field named 'mail'. Did you mean email?",
        (
            "access_columns.kind: a mapping is not a source."
            " It must be a heading, a list of headings, {value: text} or {join: [headings], with: text}."
        ),
        (
            "access_columns.name: a list is not a source."
            " It must be a heading, a list of headings, {value: text} or {join: [headings], with: text}."
        ),
        "access_values.status: 'weg' is mapped to 'gone'. Map it to active, leave, left, or ''.",
        "access_values.kind must map words of the file to words of the collection, such as {Terminated: left}.",
        (
            "access_date_format: '%d/%m' is not a format of a day. Write day, month and year as strptime codes, such "
            "as '%d/%m/%Y'."
        ),
    ]


def test_columns_that_are_not_there_or_there_twice() -> None:
    assert refusals("Nr,Mail,Mail\n1,a@b.c,d@e.f\n", columns={"id": "Nummer", "email": "Mail"}) == [
        "people.csv: access_columns.id: there is no column 'Nummer'. The columns are Nr, Mail, Mail.",
        (
            "people.csv: 2 columns have the heading 'Mail'. Rename one of them, or map email to a heading that occurs "
            "once."
        ),
    ]
    assert refusals("id,Email,email\n1,a@b.c,d@e.f\n") == [
        (
            "people.csv: 2 columns have the heading 'email'. Rename all but one of them, or set access_columns.email "
            "to another heading."
        ),
    ]
    for headings, columns in (("id,id", {}), ("id,id", {"id": "id"}), ("id,email", {"email": "mial"})):
        feed = read(f"{headings}\nE1,E2\n".encode(), "people.csv", FeedOptions(columns=columns))
        assert feed.problems and not feed.notices, "no notice contradicts the error"
    assert [str(problem) for problem in from_list([{"id": "E1", "ID": "E2"}]).problems] == [
        "identity_people: 2 columns have the heading 'id'. Remove all but one of them."
    ]
    assert refusals("id,email\n1,a@b.c\n", values={"Zweck": {"x": "left"}}) == [
        (
            "people.csv: access_values.Zweck: there is no field or column 'Zweck'. "
            f"The fields are {', '.join(FIELDS)}; the columns of people.csv are id, email."
        )
    ]
    assert refusals("id,email\n1,a@b.c\n", values={"Stat": {"x": "left"}})[0].startswith(
        "people.csv: access_values.Stat: there is no field or column 'Stat'. Did you mean st"
    )


def feed_of(text: str, **given: t.Any) -> Feed:
    return read(text.encode(), "people.csv", FeedOptions(**given))


def test_an_empty_source_ignores_the_column_of_that_name() -> None:
    feed = feed_of("id,email,manager,kind\nE1,ada@acme.com,Bob Cee,FTE\n", columns={"manager": "", "kind": None})
    assert (feed.people[0].manager, feed.people[0].kind) == ("", "employee")
    assert feed.people[0].attributes == {"manager": "Bob Cee", "kind": "FTE"}


def test_the_users_words_and_columns_win_over_the_preset() -> None:
    text = "Employee ID,Worker Status,Work Email,Alt Mail\n1,Terminated,a@acme.com,b@acme.com\n"
    feed = feed_of(text, preset="workday", columns={"email": "Alt Mail"}, values={"status": {"terminated": "leave"}})
    assert (feed.people[0].email, feed.people[0].status) == ("b@acme.com", "leave")


def test_words_of_columns_stars_and_empty_cells() -> None:
    feed = feed_of(
        "id,email,State,Blocked\n1,a@acme.com,works,0\n2,b@acme.com,else,no\n3,c@acme.com,,n\n4,d@acme.com,works,X\n",
        columns={"status": ["State", "Blocked"]},
        values={"status": {"works": "active", "*": "leave", "": "left"}, "Blocked": {False: "active", "x": "left"}},
    )
    assert [person.status for person in feed.people] == ["active", "leave", "left", "left"]


def test_all_columns_of_a_status_must_exist() -> None:
    """With a misspelt column, people on leave would be active. Of several addresses, one is enough."""
    text = "id,Mail,Worker Status,On Leave\n1,a@acme.com,Active,Yes\n"
    status = {"status": ["Worker Status", "On Laeve"]}
    assert refusals(text, columns={**status, "email": ["Mail", "Home Mail"]}) == [
        "people.csv: access_columns.status: there is no column 'On Laeve'. Did you mean On Leave?"
    ]
    (refusal,) = refusals(text, columns={"email": "Mail", "entitlements": ["Groups", "Mail"]})
    assert refusal.startswith("people.csv: access_columns.entitlements: there is no column 'Groups'.")


def test_a_guest_of_entra_is_not_an_employee() -> None:
    text = "id,displayName,mail,userType\n1,Ada,ada@acme.com,Member\n2,Eve,eve@x.com,Guest\n"
    feed = feed_of(text, preset="entra")
    assert [(one.id, one.kind) for one in feed.people] == [("1", "employee")]
    assert "kind: 'Guest' is unknown" in str(feed.rejected[0].problems[0])
    feed = feed_of(text, preset="entra", values={"kind": {"Guest": "shared"}}, columns={"owner": {"value": "1"}})
    assert [one.kind for one in feed.people] == ["employee", "shared"]


def test_unknown_kind_names_the_words() -> None:
    feed = feed_of("id,email,kind\n1,a@acme.com,FTE\n2,b@acme.com,Break-Glass\n")
    assert str(feed.rejected[0].problems[0]) == (
        "people.csv line 2 (1): kind: 'FTE' is unknown. Map it with access_values.kind (or access_people_values.kind) "
        "to one of employee, contractor, service, shared, break_glass."
    )
    assert feed.people[0].kind == "break_glass"


def test_the_day_on_which_notice_was_given_is_no_last_day() -> None:
    text = (
        "Personalnummer;E-Mail-Adresse;Einstellungsdatum;Kündigungsdatum;Austrittsdatum\n"
        "7;a@acme.com;01.08.2026;01.03.2026;31.12.2026\n"
    )
    person = read(text.encode(), "people.csv", FeedOptions(preset="personio")).people[0]
    assert (person.start, person.end) == ("2026-08-01", "2026-12-31")
    feed = read(text.replace("31.12.2026", "").encode(), "people.csv", FeedOptions(preset="personio"))
    assert feed.people[0].end == ""


@pytest.mark.parametrize(
    "heading", ["Monthly Salary", "Bruttogehalt", "Tax ID", "PIN", "Passport No", "API Token", "Social Security Number"]
)
def test_secrets_of_people_are_no_attributes(heading: str) -> None:
    feed = read(f"id,email,{heading},Shipping\n1,a@acme.com,777,x\n".encode(), "people.csv")
    assert feed.people[0].attributes == {"Shipping": "x"}
