# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Export: accounts are joined to people, by addresses, links and an HR file."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.export.export import unique
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.export.files import people_csv
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.read import from_list, read
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.links import Link, Memory
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.people import Person
from ansible_collections.rollcall.identity.tests.unit.export import export, user


def person(made, identity):
    return next(one for one in made.people if one["id"] == identity)


# -- people --------------------------------------------------------------------------------------------------------


def test_people_are_joined_by_their_addresses():
    made = export({
        "ol": [user("onelogin", "alove", email="Ada.Lovelace@x.org", roles=["Snowflake"])],
        "kes": [user("kestra", "ada.lovelace@X.org", groups=[{"tenant": "main", "name": "data"}])],
        "na": [user("nextauth", "ada.lovelace@x.org", enabled=False)],
        "con": [user("contabo", "bob@x.org", first_name="Bob", last_name="Bee", enabled=False)],
    })  # fmt: skip
    assert made.people == [
        {
            "id": "ada.lovelace",
            "name": "Ada Lovelace",
            "email": "Ada.Lovelace@x.org",
            "entitlements": ["kes-group-main-data", "na", "ol-snowflake"],
            "accounts": {"ol": {"user": "alove"}, "na": {"enabled": False}},
        },
        {
            "id": "bob",
            "name": "Bob Bee",
            "email": "bob@x.org",
            "entitlements": ["con"],
            "accounts": {"con": {"enabled": False}},
        },
    ]
    assert made.entitlements == {
        "con": {"grants": {"con": {}}},
        "kes-group-main-data": {
            "grants": {"kes": {"groups": [{"tenant": "main", "name": "data"}], "tenants": ["main"]}}
        },
        "na": {"grants": {"na": {}}},
        "ol-snowflake": {"grants": {"ol": {"roles": ["Snowflake"]}}},
    }
    assert made.left_out == []


def test_what_an_account_has_otherwise_stands_with_it():
    made = export({
        "ol": [user("onelogin", "guido", email="guido@x.org", firstname="Guido", lastname="van Rossum")],
        "con": [user("contabo", "guido@x.org", first_name="Guido", last_name="Rossum")],
        "sa": [user("sendauth", "guido@x.org", first_name="Guido", last_name=None)],
    })  # fmt: skip
    (one,) = made.people
    assert (one["name"], one["given_name"], one["family_name"]) == ("Guido van Rossum", "Guido", "van Rossum")
    assert one["accounts"] == {"ol": {"user": "guido"}, "con": {"last_name": "Rossum"}, "sa": {"last_name": None}}


def test_what_a_directory_says_of_people_is_exported():
    made = export(
        {
            "ol": [
                user(
                    "onelogin",
                    "ada",
                    1,
                    email="ada@x.org",
                    department="Sales",
                    title="Lead\u200b  of R&D",
                    company="",
                    external_id=1042,
                    manager_user_id="2",
                ),
                user("onelogin", "bob", 2, email="bob@x.org", title=None, manager_user_id="2"),
            ],
            "sa": [
                user("sendauth", "ada@x.org", company={"id": "7", "name": "Acme"}),
                user("sendauth", "bob@x.org", company=None),
            ],
        }
    )
    assert person(made, "ada")["attributes"] == {
        "department": "Sales", "title": "Lead of R&D", "external_id": "1042", "company": "Acme",
    }
    assert person(made, "ada")["manager"] == "bob"
    assert not {"attributes", "manager"} & set(person(made, "bob")), "nobody is the own manager"


def test_what_the_hr_file_says_of_people_stays():
    text = (
        "id,name,email,department,Cost Center,manager,accounts.kes,accounts.na.id,accounts.ol.title\n"
        "E1,Ada Lovelace,ada@x.org,R&D,=0042,E2,ada@old.org,17,Boss\nE2,Bob Bee,bob@x.org,,,,,,\n"
    )
    feed = read(text.encode(), "hr.csv").people
    users = [
        user("onelogin", "ada@x.org", 1, email="ada@x.org", department="Sales", title="Lead", manager_user_id="3"),
        user("onelogin", "bob@x.org", 2, email="bob@x.org", department="Sales"),
        user("onelogin", "eve@x.org", 3, email="eve@x.org"),
    ]  # fmt: skip
    made = export({"ol": users}, feed=feed)
    assert [one.get("attributes") for one in made.people] == [
        {"department": "R&D", "Cost Center": "=0042", "title": "Lead"},
        {"department": "Sales"},
    ]
    assert person(made, "E1")["manager"] == "E2"
    assert person(made, "E1")["accounts"] == {"kes": {"user": "ada@old.org"}, "na": {"id": "17"}}, (
        "the connections that are not exported stay as they were"
    )
    for again in (from_list(made.people), read(people_csv(made.people, ["ol"]).encode(), "people.csv")):
        assert [one.attributes for one in again.people] == [one.get("attributes") for one in made.people]
        assert again.people[0].accounts == {"kes": {"user": "ada@old.org"}, "na": {"id": "17"}}


def test_links_say_whose_an_account_is():
    links = Memory([Link("E1", "ol", "1"), Link("E9", "ol", "2")], kept=True)
    users = [
        user("onelogin", "ada@x.org", 1, email="ada@x.org"),
        user("onelogin", "bob@x.org", 2, email="bob@x.org"),
        user("onelogin", "eve", 3),
    ]
    assert [one["id"] for one in export({"ol": users}, memory=links).people] == ["E1", "E9", "eve"]
    feed = [Person("E1", email="new@x.org"), Person("E2", email="bob@x.org")]
    made = export({"ol": users}, feed=feed, memory=links)
    assert [(link.person, link.account) for link in made.links] == [("E1", "1")], (
        "the account of somebody who left is nobody else's"
    )
    assert {account.key for account in made.strangers} == {"bob@x.org", "eve"}


def test_an_attribute_has_one_name_for_everybody():
    feed = [Person("E1", email="ada@x.org", attributes={"Department": "R&D"}), Person("E2", email="bob@x.org")]
    made = export(
        {
            "ol": [
                user("onelogin", f"{name}@x.org", name, email=f"{name}@x.org", department="Sales")
                for name in ("ada", "bob")
            ]
        },
        feed=feed,
    )
    assert [one["attributes"] for one in made.people] == [{"Department": "R&D"}, {"Department": "Sales"}]


def test_a_second_account_with_an_address_is_somebody_else():
    made = export(
        {
            "ol": [
                user("onelogin", "ada-admin", 1, email="ada@x.org", enabled=False),
                user("onelogin", "ada", 2, email="ada@x.org"),
            ],
            "kes": [user("kestra", "ada@x.org")],
        }
    )
    assert person(made, "ada")["accounts"] == {"ol": {"user": "ada"}}
    assert person(made, "ada")["entitlements"] == ["kes", "ol"]
    assert person(made, "ada-admin") == {
        "id": "ada-admin", "name": "Ada Lovelace", "entitlements": ["ol"],
        "accounts": {"ol": {"user": "ada-admin", "enabled": False}},
    }


def test_a_user_name_that_is_an_address_elsewhere_joins():
    made = export({"ol": [user("onelogin", "ada@x.org", email="al@x.org")], "kes": [user("kestra", "ada@x.org")]})
    assert [(one["id"], one["email"], one["accounts"]) for one in made.people] == [
        ("ada", "ada@x.org", {"ol": {"email": "al@x.org"}})
    ]


def test_an_address_goes_that_is_the_name_of_somebody_elses_account():
    made = export({
        "ol": [user("onelogin", "ada@x.org", 1, email="eve@x.org")],
        "kes": [user("kestra", "ada@x.org", 1), user("kestra", "eve@x.org", 2)],
    })  # fmt: skip
    assert person(made, "eve")["accounts"] == {"ol": {"user": "ada@x.org"}}
    assert "email" not in person(made, "ada")
    assert person(made, "ada")["accounts"] == {"kes": {"user": "ada@x.org"}}
    assert made.left_out == [
        (
            "ada@x.org: the e-mail address of this person, because it is the name of another person's account in ol. "
            "Correct the address or the name at the provider."
        )
    ]


def test_what_access_could_not_find_is_left_out_and_told():
    made = export(
        {"sa": [user("sendauth", None, 7)], "na": [user("nextauth", "Ada", "Ada"), user("nextauth", "ada", "ada")]}
    )
    assert made.people == []
    assert made.left_out == [
        "na: 2 accounts are named Ada and differ only in case or blanks (ids Ada, ada). Rename all but one.",
        (
            "sa: the account with the id 7 has neither address nor name, so the role access could not find it."
            " Add one of them at the provider."
        ),
    ]
    # The lists have them, with the id.
    assert [one.get("id") for one in made.lists["na"] + made.lists["sa"]] == ["Ada", "ada", "7"]


def test_ids_are_readable_and_do_not_depend_on_the_others_order():
    addresses = ("ada@x.org", "ada@y.org", "zoë@x.org", "+++@x.org")
    made = export(
        {
            "kes": [user("kestra", address, number) for number, address in enumerate(addresses)],
            "na": [user("nextauth", "7")],
        }
    )
    assert [one["id"] for one in made.people] == ["7", "ada-x.org", "ada-y.org", "person-7c26", "zoë"]
    assert unique([("a", "a", "1"), ("a", "a", "2"), ("b", "b", "3")], reserved=["B"]) == ["a-6b86", "a-d473", "b-4e07"]


def test_names_of_entitlements():
    made = export(
        {
            "con": [user("contabo", "ada@x.org", roles=["Finance", "finance", {"id": 5018}, ".."])],
            "kes": [
                user(
                    "kestra",
                    "ada@x.org",
                    tenants=["main"],
                    roles=[{"tenant": "main", "role": "Developer", "namespace": None}],
                )
            ],
        }
    )
    assert list(made.entitlements) == [
        "con-5018", "con-finance-0522", "con-finance-838c", "con-x", "kes-role-main-developer", "kes-tenant-main",
    ]
    assert made.entitlements["kes-role-main-developer"]["grants"] == {
        "kes": {"roles": [{"tenant": "main", "role": "Developer"}], "tenants": ["main"]}
    }


def test_bundles_reach_over_connections():
    names = [f"u{number}@x.org" for number in range(4)]
    made = export({
        "con": [user("contabo", name, number, roles=["Data"]) for number, name in enumerate(names)],
        "kes": [user("kestra", name, number, tenants=["main"]) for number, name in enumerate(names[:3])],
        "sa": [user("sendauth", name, number) for number, name in enumerate(names[:3])],
    }, 3)  # fmt: skip
    assert [one["entitlements"] for one in made.people] == [["bundle-01"]] * 3 + [["con-data"]]
    assert made.entitlements == {
        "bundle-01": {
            "description": "3 people hold all of this.",
            "grants": {"con": {"roles": ["Data"]}, "kes": {"tenants": ["main"]}, "sa": {}},
        },
        "con-data": {"grants": {"con": {"roles": ["Data"]}}},
    }


# -- an HR file ------------------------------------------------------------------------------------------------------


def hr(*people):
    return [Person(identity, name="Ada Lovelace", **more) for identity, more in people]


def owners(made):
    return {(link.connection, link.account): link.person for link in made.links}


def test_accounts_are_joined_to_an_hr_file_by_its_addresses():
    made = export(
        {
            "ol": [user("onelogin", "alove", 1, email="ada@x.org"), user("onelogin", "svc", 2, email="svc@x.org")],
            "kes": [user("kestra", "ada@old.org", "k1")],
        },
        feed=hr(
            ("E1", {"email": "Ada@x.org", "previous_emails": ("ada@old.org",), "status": "leave"}),
            ("E2", {"email": "new@x.org", "status": "left"}),
        ),
    )
    assert owners(made) == {("ol", "1"): "E1", ("kes", "k1"): "E1"}
    assert [account.key for account in made.strangers] == ["svc"]
    assert [(one["id"], one.get("status"), one["entitlements"]) for one in made.people] == [
        ("E1", "leave", ["kes", "ol"]),
        ("E2", "left", []),
    ]
    assert person(made, "E1")["accounts"] == {"ol": {"user": "alove"}, "kes": {"user": "ada@old.org"}}


def test_accounts_are_joined_by_a_column():
    directories = {"ol": [user("onelogin", "1042", 1), user("onelogin", "x", 2, external_id="0007")]}
    people = hr(
        ("E1", {"attributes": {"Employee Number": "1042"}}),
        ("E2", {"attributes": {"Employee Number": "0007"}}),
        ("E3", {"email": "x@x.org"}),
    )
    made = export(directories, feed=people, join="employee_number")
    assert owners(made) == {("ol", "1"): "E1", ("ol", "2"): "E2"}


def test_an_account_that_two_people_may_have_is_nobodys():
    people = hr(("E1", {"attributes": {"number": "1042"}}), ("E2", {"attributes": {"number": "1042"}}))
    made = export({"ol": [user("onelogin", "1042", 1)]}, feed=people, join="number")
    assert owners(made) == {}
    assert [account.key for account in made.strangers] == ["1042"]
    text = "ol: 1042 may be the account of E1 and E2, and was not joined. Set accounts.ol.id of one of these people."
    assert made.left_out == [text]


@pytest.mark.parametrize("order", [1, -1])
def test_a_current_address_names_an_account_better_than_an_earlier_one(order):
    people = hr(("E1", {"email": "ada.new@x.org", "previous_emails": ("ada@x.org",)}), ("E2", {"email": "ada@x.org"}))[
        ::order
    ]
    made = export({"kes": [user("kestra", "ada@x.org", "k1")]}, feed=people)
    assert owners(made) == {("kes", "k1"): "E2"}
    assert "the best match" in made.left_out[0]


def test_of_several_accounts_with_an_address_the_one_of_that_name_is_the_persons():
    users = [user("onelogin", "ada-admin", 1, email="ada@x.org"), user("onelogin", "ada@x.org", 2, email="al@x.org")]
    made = export({"ol": users}, feed=hr(("E1", {"email": "ada@x.org"})))
    assert owners(made) == {("ol", "2"): "E1"}
    unclear = [user("onelogin", "ada-admin", 1, email="ada@x.org"), user("onelogin", "ada", 2, email="ada@x.org")]
    made = export({"ol": unclear}, feed=hr(("E1", {"email": "ada@x.org"})))
    assert (owners(made), len(made.strangers)) == ({}, 2)
    assert "any of 2 accounts" in made.left_out[0]
