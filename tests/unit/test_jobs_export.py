# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Export: people are joined, what they hold stays exactly that, and the role access has nothing to do with what comes
out."""

from __future__ import annotations

import collections
import csv
import io
import random

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.desired import Desires, Settings
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.check import entitlement_problems, person_problems
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.entitlements import entitlements_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.export.bundles import propose
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.export.export import (
    Export,
    canonical,
    declared,
    unique,
)
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.export.files import (
    documents,
    dumped,
    edited,
    names_of_files,
    people_csv,
)
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.read import from_list, read
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.life import life_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.links import Link, Memory
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.people import Granted, Person, fold
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Listed

DAY = "2026-06-15"
CONNECTIONS = {
    "ol": {"provider": "onelogin"},
    "ol2": {"provider": "onelogin", "user_key": "email"},
    "kes": {"provider": "kestra"},
    "con": {"provider": "contabo"},
    "na": {"provider": "nextauth"},
    "sa": {"provider": "sendauth"},
    "sc": {"provider": "scim", "user_key": "emails"},
}


def user(provider, key, number="1", **more):
    """Return a user as the info module of a provider tells it."""
    told = {"id": str(number), "user": key, "enabled": True}
    told.update({facet: [] for facet in life_of(provider).facets})
    if provider == "onelogin":
        told.update(username=key, email=f"{key}@x.org", firstname="Ada", lastname="Lovelace")
    elif provider == "scim":
        told.update(user_name=key, email=key, given_name="Ada", family_name="Lovelace")
    elif provider != "nextauth":
        told.update(email=key, first_name="Ada", last_name="Lovelace")
    return {**told, **more}


def export(directories, least=0, **more):
    return Export(CONNECTIONS, directories, least, **more)


def files_of(directories, errors=None, least=0):
    """Return the files of an export and its result."""
    return documents(export(directories, least), CONNECTIONS, errors or {})


def person(made, identity):
    return next(one for one in made.people if one["id"] == identity)


# -- bundles -------------------------------------------------------------------------------------------------------

HOLDINGS = st.lists(st.frozensets(st.sampled_from("abcdefgh"), max_size=6), max_size=14)


def expanded(bundles, left):
    """Return the names that are behind names and numbers of bundles; none may come twice."""
    names = [name for one in left for name in (bundles[one] if isinstance(one, int) else [one])]
    assert len(names) == len(set(names))
    return set(names)


@given(HOLDINGS, st.integers(2, 4))
def test_bundling_changes_nothing_that_anybody_holds(holdings, least):
    bundles, left = propose(holdings, least)
    assert [expanded(bundles, some) for some in left] == holdings
    users = collections.Counter(one for some in left for one in some if isinstance(one, int))
    assert all(users[number] >= least for number in range(len(bundles)))
    assert all(len(names) > 1 for names in bundles)
    # The people in another order get the same.
    again, others = propose(list(reversed(holdings)), least)
    assert (again, others[::-1]) == (bundles, left)


def test_the_biggest_saving_comes_first():
    holdings = [{"mail", "vpn", "git"}] * 4 + [{"mail", "vpn"}] * 3 + [{"git", "ci"}] * 2 + [{"mail"}]
    bundles, left = propose(holdings, 3)
    # Three for four people saves eight mentions, two for all seven saves seven.
    assert bundles == [("git", "mail", "vpn"), ("mail", "vpn")]
    assert [left[number] for number in (0, 4, 7, 9)] == [[0], [1], ["ci", "git"], ["mail"]]


def test_thousands_of_people_are_bundled_in_a_moment():
    chance = random.Random(7)
    holdings = [
        {f"department-{number % 50}", f"share-{number % 50}", "mail", f"extra-{chance.randrange(100)}"}
        for number in range(3000)
    ]
    bundles, left = propose(holdings, 20)
    assert [expanded(bundles, some) for some in left] == holdings
    assert {len(names) for names in bundles[:50]} == {3}


# -- everything together -------------------------------------------------------------------------------------------

KEYS = st.sampled_from(
    [
        "ada@x.org", "Ada@X.org", "bob@x.org", "ada@y.org", "ada", "Bob", "*ada", "1042", "ada@x.org.au", " eve ",
        "ada-x.org",
    ]
)
ADDRESSES = st.sampled_from(["ada@x.org", "ADA@x.org", "bob@x.org", "ada@y.org", "eve@x.org", "no address", "", None])
NAMES = st.sampled_from(
    [
        "Ada",
        "Guido van",
        "Rossum",
        "van Rossum",
        "{{ 7 }}",
        "=1+1",
        "'=1",
        "-",
        "Null",
        "Bob\u200b",
        "Anna  Lena",
        "",
        None,
    ]
)
GRANTS = {
    "roles": st.sampled_from(["Finance", "finance", "2024", "..", "Ops / 50%", {"id": 5018}]),
    "tenants": st.sampled_from(["main", "eu"]),
    "groups": st.sampled_from(["Data", "data", {"id": "2c96"}]),
    "permissions": st.sampled_from(["users", "Snowflake"]),
}
KESTRA_GRANTS = {
    "tenants": GRANTS["tenants"],
    "groups": st.builds(
        lambda tenant, name: {"tenant": tenant, "name": name},
        GRANTS["tenants"],
        st.sampled_from(["data", "Data", "2024"]),
    ),
    "roles": st.builds(
        lambda tenant, role, namespace: {"tenant": tenant, **role, "namespace": namespace},
        GRANTS["tenants"],
        st.sampled_from([{"role": "Admin"}, {"id": "4by6"}]),
        st.sampled_from([None, "company.data"]),
    ),
}


@st.composite
def directory(draw, name):
    """Return the users of a connection, with everything that may be wrong with them."""
    about = CONNECTIONS[name]
    provider, by_address = about["provider"], about["provider"] in ("kestra", "contabo", "sendauth")
    users = []
    for number in range(draw(st.integers(0, 4))):
        key = draw(KEYS)
        if by_address or about.get("user_key") in ("email", "emails"):
            key = key if "@" in key else None if provider == "sendauth" else f"{number}@z.org"
        # A directory without regard to case has no two of the same name; nextAuth may.
        if key is not None and provider != "nextauth" and fold(key) in {fold(one["user"] or "") for one in users}:
            continue
        grants = KESTRA_GRANTS if provider == "kestra" else GRANTS
        more = {
            facet: draw(st.lists(grants[facet], max_size=3, unique_by=canonical)) for facet in life_of(provider).facets
        }
        if provider == "kestra":  # groups and roles are those of tenants that the user may enter
            more["tenants"] = sorted(
                {*more["tenants"], *(grant["tenant"] for grant in (*more["groups"], *more["roles"]))}
            )
        given_name, family_name = draw(NAMES), draw(NAMES)
        if provider == "onelogin":
            more.update(
                email=key if about.get("user_key") == "email" else draw(ADDRESSES),
                firstname=given_name,
                lastname=family_name,
            )
            more.update(
                department=draw(NAMES), title=draw(NAMES), manager_user_id=draw(st.sampled_from(["1", "2", "9", None]))
            )
        elif provider == "scim":
            more.update(email=key, user_name=draw(ADDRESSES), given_name=given_name, family_name=family_name)
            more.update(department=draw(NAMES), title=draw(NAMES), manager=draw(st.sampled_from(["1", "2", "9", None])))
        elif provider != "nextauth":
            more.update(email=key, first_name=given_name, last_name=family_name)
        more["enabled"] = draw(
            st.sampled_from({"sendauth": [True], "nextauth": [True, False, None]}.get(provider, [True, False]))
        )
        users.append(user(provider, key, number + 1, **more))
    return users


DIRECTORIES = st.fixed_dictionaries({}, optional={name: directory(name) for name in CONNECTIONS})


def holding(made, one, connection):
    """Return what a person's entitlements grant in a connection, None where none of them is about it."""
    found = None
    for name in one["entitlements"]:
        grants = made.entitlements[name]["grants"].get(connection)
        if grants is not None:
            found = found or collections.defaultdict(set)
            for facet, some in grants.items():
                found[facet] |= {canonical(grant) for grant in some}
    return found


def intents(people, made, directories, memory):
    """Return what access makes of people, by connection."""
    entitlements = entitlements_of(made.entitlements)
    found = {}
    for name, users in directories.items():
        entry, life = CONNECTIONS[name], life_of(CONNECTIONS[name]["provider"])
        accounts = [Listed(one["id"], one["user"] or "", one) for one in users]
        found[name] = Desires(
            people, entitlements, memory, Settings(DAY), (name, entry, life, {**entry, "tenant": "main"}), accounts
        ).intent()
    return found


def assert_same(options, account, schema):
    """Check that what access desires of an account is what it has."""
    for entry, value in options.items():
        if entry in life_of(schema.provider).facets:
            bounds = {canonical(grant) for grant in options[f"managed_{entry}"]}
            assert {canonical(grant) for grant in value} == {canonical(grant) for grant in account[entry]} & bounds
        elif entry == "enabled":
            assert account[entry] in (value, None)
        elif entry == "user":
            assert fold(value) == fold(account["user"])
        elif entry in (*schema.index, "email") and entry != "id" and value is not None:
            assert schema.field(entry).equal(account.get(entry), value), entry


@settings(deadline=None)
@given(DIRECTORIES, st.sampled_from([0, 2, 3]))
@example({"ol": [user("onelogin", "ada@x.org", email="al@x.org")], "kes": [user("kestra", "ada@x.org")]}, 0)
@example(
    {
        "na": [user("nextauth", "Ada@x.org", 1), user("nextauth", "ada@x.org", 2, permissions=["users"])],
        "kes": [user("kestra", "ada@x.org")],
    },
    0,
)
@example(
    {
        "sa": [user("sendauth", "ada@x.org", first_name="Ada", last_name=None)],
        "con": [user("contabo", "ada@x.org", enabled=False)],
    },
    0,
)
def test_access_has_nothing_to_do_after_an_export(directories, least):
    made = export(directories, least)
    assert entitlement_problems(made.entitlements, CONNECTIONS) == []
    feeds = {
        "list": from_list(made.people),
        "table": read(people_csv(made.people, list(directories)).encode(), "people.csv"),
    }
    for feed in feeds.values() if made.people else ():
        assert (feed.problems, feed.rejected, len(feed.people)) == ([], [], len(made.people))
        assert person_problems(feed.people, entitlements_of(made.entitlements), CONNECTIONS, DAY) == {}
        assert [(one.attributes, one.manager) for one in feed.people] == [
            (one.get("attributes", {}), one.get("manager", "")) for one in made.people
        ]
        for memory in (Memory(), Memory(made.links, kept=True)):
            for name, intent in intents(feed.people, made, directories, memory).items():
                users = {one["id"]: one for one in directories[name]}
                assert [finding for finding in intent.findings if finding.code != "no_entitlement"] == []
                seen = [target.options["id"] for target in intent.targets]
                assert len(seen) == len(set(seen)), "one account has one person"
                for target in intent.targets:
                    assert_same(target.options, users[target.options["id"]], declared(CONNECTIONS[name]["provider"]))
                # Everybody who can be found is there, with everything.
                assert made.accounts[name] == len(seen)
                assert len(directories[name]) == len(seen) or made.left_out
                assert sum(bool(holding(made, one, name) is not None) for one in made.people) == len(seen)


@settings(deadline=None)
@given(DIRECTORIES, st.randoms(use_true_random=False))
def test_the_same_directories_make_the_same_files(directories, chance):
    shuffled = {
        name: chance.sample([dict(reversed(one.items())) for one in users], len(users))
        for name, users in directories.items()
    }
    assert files_of(shuffled, least=2) == files_of(directories, least=2)
    loaded = Untagged.load(files_of(directories)["files"]["people.yml"])["identity_people"]
    assert loaded == export(directories).people


class Untagged(yaml.SafeLoader):
    """Reads a text that is marked as no template as the text that it is."""

    @classmethod
    def load(cls, text):
        return yaml.load(text, Loader=cls)  # a safe loader


Untagged.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


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
        "ada@x.org: not as an e-mail address, because ol has an account of that name that belongs to another person."
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


# -- files ---------------------------------------------------------------------------------------------------------


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
    assert made["result"]["text"][0] == "1 people with 1 accounts and 1 entitlements"


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
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert export_into(tmp_path) == [], "a checkout may change the ends of lines"


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
    assert made.left_out == [
        "ol: 1042 may be the account of E1 and E2, and was not joined. Set accounts.ol.id of one of them."
    ]


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
