# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Export: people are joined, what they hold stays exactly that, and the role access has nothing to do with what comes out."""

from __future__ import annotations

import collections
import random

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.plugin_utils._life.access import desired
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.bundles import propose
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.check import problems
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.export import Export, canonical, declared, unique
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.export_files import documents, dumped
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.export_files import problems as call_problems
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.life import life_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.people import fold

DAY = "2026-06-15"
CONNECTIONS = {
    "ol": {"provider": "onelogin"},
    "ol2": {"provider": "onelogin", "user_key": "email"},
    "kes": {"provider": "kestra"},
    "con": {"provider": "contabo"},
    "na": {"provider": "nextauth"},
    "sa": {"provider": "sendauth"},
}


def user(provider, key, number="1", **more):
    """Return a user as the info module of a provider tells it."""
    told = {"id": str(number), "user": key, "enabled": True}
    told.update({facet: [] for facet in life_of(provider).facets})
    if provider == "onelogin":
        told.update(username=key, email=f"{key}@x.org", firstname="Ada", lastname="Lovelace")
    elif provider != "nextauth":
        told.update(email=key, first_name="Ada", last_name="Lovelace")
    return {**told, **more}


def export(directories, least=0):
    return Export(CONNECTIONS, directories, least)


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
    holdings = [{f"department-{number % 50}", f"share-{number % 50}", "mail", f"extra-{chance.randrange(100)}"} for number in range(3000)]
    bundles, left = propose(holdings, 20)
    assert [expanded(bundles, some) for some in left] == holdings
    assert {len(names) for names in bundles[:50]} == {3}


# -- everything together -------------------------------------------------------------------------------------------

KEYS = st.sampled_from(["ada@x.org", "Ada@X.org", "bob@x.org", "ada@y.org", "ada", "Bob", "*ada", "1042", "ada@x.org.au", " eve ", "ada-x.org"])
ADDRESSES = st.sampled_from(["ada@x.org", "ADA@x.org", "bob@x.org", "ada@y.org", "eve@x.org", "no address", "", None])
NAMES = st.sampled_from(["Ada", "Guido van", "Rossum", "van Rossum", "{{ 7 }}", "", None])
GRANTS = {
    "roles": st.sampled_from(["Finance", "finance", "2024", "..", "Ops / 50%", {"id": 5018}]),
    "tenants": st.sampled_from(["main", "eu"]),
    "groups": st.sampled_from(["Data", "data", {"id": "2c96"}]),
    "permissions": st.sampled_from(["users", "Snowflake"]),
}
KESTRA_GRANTS = {
    "tenants": GRANTS["tenants"],
    "groups": st.builds(lambda tenant, name: {"tenant": tenant, "name": name}, GRANTS["tenants"], st.sampled_from(["data", "Data", "2024"])),
    "roles": st.builds(
        lambda tenant, role, namespace: {"tenant": tenant, **role, "namespace": namespace},
        GRANTS["tenants"], st.sampled_from([{"role": "Admin"}, {"id": "4by6"}]), st.sampled_from([None, "company.data"]),
    ),
}  # fmt: skip


@st.composite
def directory(draw, name):
    """Return the users of a connection, with everything that may be wrong with them."""
    about = CONNECTIONS[name]
    provider, by_address = about["provider"], about["provider"] in ("kestra", "contabo", "sendauth")
    users = []
    for number in range(draw(st.integers(0, 4))):
        key = draw(KEYS)
        if by_address or about.get("user_key") == "email":
            key = key if "@" in key else None if provider == "sendauth" else f"{number}@z.org"
        # A directory without regard to case has no two of the same name; nextAuth may.
        if key is not None and provider != "nextauth" and fold(key) in {fold(one["user"] or "") for one in users}:
            continue
        grants = KESTRA_GRANTS if provider == "kestra" else GRANTS
        more = {facet: draw(st.lists(grants[facet], max_size=3, unique_by=canonical)) for facet in life_of(provider).facets}
        given_name, family_name = draw(NAMES), draw(NAMES)
        if provider == "onelogin":
            more.update(email=key if about.get("user_key") == "email" else draw(ADDRESSES), firstname=given_name, lastname=family_name)
        elif provider != "nextauth":
            more.update(email=key, first_name=given_name, last_name=family_name)
        more["enabled"] = draw(st.sampled_from({"sendauth": [True], "nextauth": [True, False, None]}.get(provider, [True, False])))
        users.append(user(provider, key, number + 1, **more))
    return users


DIRECTORIES = st.fixed_dictionaries({}, optional={name: directory(name) for name in CONNECTIONS})


def holding(document, one, connection):
    """Return what a person's entitlements grant in a connection, None where none of them is about it."""
    found = None
    for name in one["entitlements"]:
        grants = document["identity_entitlements"][name]["grants"].get(connection)
        if grants is not None:
            found = found or collections.defaultdict(set)
            for facet, some in grants.items():
                found[facet] |= {canonical(grant) for grant in some}
    return found


def wished(wish, users):
    """Return the account that a wish is about: by id, otherwise the only one that is called so."""
    if "id" in wish:
        return next(one for one in users if one["id"] == wish["id"])
    (found,) = [one for one in users if one["user"] and fold(one["user"]) == fold(wish["user"])]
    return found


@settings(deadline=None)
@given(DIRECTORIES, st.sampled_from([0, 2, 3]))
@example({"ol": [user("onelogin", "ada@x.org", email="al@x.org")], "kes": [user("kestra", "ada@x.org")]}, 0)
@example({"na": [user("nextauth", "Ada@x.org", 1), user("nextauth", "ada@x.org", 2, permissions=["users"])], "kes": [user("kestra", "ada@x.org")]}, 0)
def test_access_has_nothing_to_do_after_an_export(directories, least):
    made = export(directories, least)
    document = {"identity_people": made.people, "identity_entitlements": made.entitlements, "identity_connections": CONNECTIONS}
    assert problems(document, DAY) == []
    for name, told in desired(document, directories, DAY).items():
        schema = declared(CONNECTIONS[name]["provider"])
        seen = []
        for wish in told["users"]:
            account = wished(wish, directories[name])
            seen.append(account["id"])
            for entry, value in wish.items():
                if entry in life_of(schema.provider).facets:
                    bounds = {canonical(grant) for grant in wish[f"managed_{entry}"]}
                    assert {canonical(grant) for grant in value} == {canonical(grant) for grant in account[entry]} & bounds
                elif entry == "enabled":
                    assert account[entry] in (value, None)
                elif entry in schema.index and value is not None and entry != "email":
                    assert schema.field(entry).equal(account[entry], value)
                elif entry == "email" and value is not None:
                    assert schema.field(entry).equal(account.get("email"), value)
            assert "previous_users" not in wish
        assert len(seen) == len(set(seen)), "one account has one person"
        assert not told["notes"]
        # Everybody who can be found is there, with everything.
        assert made.accounts[name] == len(seen)
        assert len(directories[name]) == len(seen) or made.left_out
        assert sum(bool(holding(document, one, name) is not None) for one in made.people) == len(seen)


@settings(deadline=None)
@given(DIRECTORIES, st.randoms(use_true_random=False))
def test_the_same_directories_make_the_same_files(directories, chance):
    shuffled = {name: chance.sample([dict(reversed(one.items())) for one in users], len(users)) for name, users in directories.items()}
    one, other = documents(CONNECTIONS, directories, {}, 2), documents(CONNECTIONS, shuffled, {}, 2)
    assert other == one
    plain = documents(CONNECTIONS, directories, {}, 0)
    loaded = Untagged.load(plain["files"]["people.yml"])["identity_people"]
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
            "id": "ada.lovelace", "name": "Ada Lovelace", "email": "Ada.Lovelace@x.org", "entitlements": ["kes-group-main-data", "na", "ol-snowflake"],
            "accounts": {"ol": {"user": "alove"}, "na": {"enabled": False}},
        },
        {"id": "bob", "name": "Bob Bee", "email": "bob@x.org", "entitlements": ["con"], "accounts": {"con": {"enabled": False}}},
    ]  # fmt: skip
    assert made.entitlements == {
        "con": {"grants": {"con": {}}},
        "kes-group-main-data": {"grants": {"kes": {"groups": [{"tenant": "main", "name": "data"}]}}},
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


def test_a_second_account_with_an_address_is_somebody_else():
    made = export({
        "ol": [user("onelogin", "ada-admin", 1, email="ada@x.org", enabled=False), user("onelogin", "ada", 2, email="ada@x.org")],
        "kes": [user("kestra", "ada@x.org")],
    })  # fmt: skip
    assert person(made, "ada")["accounts"] == {"ol": {"user": "ada"}}
    assert person(made, "ada")["entitlements"] == ["kes", "ol"]
    assert person(made, "ada-admin") == {
        "id": "ada-admin", "name": "Ada Lovelace", "entitlements": ["ol"], "accounts": {"ol": {"user": "ada-admin", "enabled": False}},
    }  # fmt: skip


def test_a_user_name_that_is_an_address_elsewhere_joins():
    made = export({"ol": [user("onelogin", "ada@x.org", email="al@x.org")], "kes": [user("kestra", "ada@x.org")]})
    assert [(one["id"], one["email"], one["accounts"]) for one in made.people] == [("ada", "ada@x.org", {"ol": {"email": "al@x.org"}})]


def test_an_address_goes_that_is_the_name_of_somebody_elses_account():
    made = export({
        "ol": [user("onelogin", "ada@x.org", 1, email="eve@x.org")],
        "kes": [user("kestra", "ada@x.org", 1), user("kestra", "eve@x.org", 2)],
    })  # fmt: skip
    assert person(made, "eve")["accounts"] == {"ol": {"user": "ada@x.org"}}
    assert "email" not in person(made, "ada")
    assert person(made, "ada")["accounts"] == {"kes": {"user": "ada@x.org"}}
    assert made.left_out == ["ada@x.org: not as an e-mail address, because ol has an account of that name that is somebody else's."]


def test_what_access_could_not_find_is_left_out_and_told():
    made = export({"sa": [user("sendauth", None, 7)], "na": [user("nextauth", "Ada", "Ada"), user("nextauth", "ada", "ada")]})
    assert made.people == []
    assert made.left_out == [
        "na: 2 accounts are called Ada but for capitals and blanks (ids Ada, ada). Rename all but one.",
        "sa: the account with the id 7 has neither address nor name, so access could not find it.",
    ]
    # The lists have them, with the id.
    assert [one.get("id") for one in made.lists["na"] + made.lists["sa"]] == ["Ada", "ada", "7"]


def test_ids_are_readable_and_do_not_depend_on_the_others_order():
    addresses = ("ada@x.org", "ada@y.org", "zoë@x.org", "+++@x.org")
    made = export({"kes": [user("kestra", address, number) for number, address in enumerate(addresses)], "na": [user("nextauth", "7")]})
    assert [one["id"] for one in made.people] == ["7", "ada-x.org", "ada-y.org", "person-7c26", "zoë"]
    assert unique([("a", "a", "1"), ("a", "a", "2"), ("b", "b", "3")], reserved=["B"]) == ["a-6b86", "a-d473", "b-4e07"]


def test_names_of_entitlements():
    made = export({
        "con": [user("contabo", "ada@x.org", roles=["Finance", "finance", {"id": 5018}, ".."])],
        "kes": [user("kestra", "ada@x.org", tenants=["main"], roles=[{"tenant": "main", "role": "Developer", "namespace": None}])],
    })  # fmt: skip
    assert list(made.entitlements) == ["con-5018", "con-finance-0522", "con-finance-838c", "con-x", "kes-role-main-developer", "kes-tenant-main"]
    assert made.entitlements["kes-role-main-developer"]["grants"] == {"kes": {"roles": [{"tenant": "main", "role": "Developer"}]}}


def test_bundles_reach_over_connections():
    names = [f"u{number}@x.org" for number in range(4)]
    made = export({
        "con": [user("contabo", name, number, roles=["Data"]) for number, name in enumerate(names)],
        "kes": [user("kestra", name, number, tenants=["main"]) for number, name in enumerate(names[:3])],
        "sa": [user("sendauth", name, number) for number, name in enumerate(names[:3])],
    }, 3)  # fmt: skip
    assert [one["entitlements"] for one in made.people] == [["bundle-01"]] * 3 + [["con-data"]]
    assert made.entitlements == {
        "bundle-01": {"description": "3 people hold all of this.", "grants": {"con": {"roles": ["Data"]}, "kes": {"tenants": ["main"]}, "sa": {}}},
        "con-data": {"grants": {"con": {"roles": ["Data"]}}},
    }


# -- files ---------------------------------------------------------------------------------------------------------


def test_files_hold_what_modules_take_and_no_secret():
    secrets = {"tokens": [{"name": "ci", "token": "canary"}], "password": "canary", "auth_methods": ["canary"]}
    told = user("kestra", "ada@x.org", tenants=["main"], last_login=None, **secrets)
    made = documents(CONNECTIONS, {"kes": [told]}, {"ol": "Could not log in."}, 0)
    assert list(made["files"]) == ["people.yml", "entitlements.yml", "connections/kes.yml"]
    text = "".join(made["files"].values())
    assert "canary" not in text
    assert yaml.safe_load(made["files"]["connections/kes.yml"]) == {"users": [{
        "user": "ada@x.org", "first_name": "Ada", "last_name": "Lovelace", "enabled": True, "tenants": ["main"], "tenants_state": "exact",
        "groups": [], "groups_state": "exact", "roles": [], "roles_state": "exact",
    }]}  # fmt: skip
    assert text.count("NOT IN HERE, because it could not be read: ol.") == 2
    assert made["result"]["unreadable"] == {"ol": "Could not log in."}
    assert made["result"]["text"][0] == "1 people with 1 accounts and 1 entitlements"


def test_a_text_that_looks_like_a_template_is_marked():
    assert dumped({"a": "{{ lookup('pipe', 'id') }}", "b": ["#jinja2: x\n[[ 1 ]]"], "c": "100%"}) == (
        "a: !unsafe \"{{ lookup('pipe', 'id') }}\"\nb:\n- !unsafe \"#jinja2: x\\n[[ 1 ]]\"\nc: 100%\n"
    )


CALL = {
    "connections": ["ol"], "chosen": [], "dest": "/srv", "folder": "/srv/nowhere", "overwrite": False, "deliver": "", "deliver_file": "", "awx": False,
    "least": 3,
}  # fmt: skip


@pytest.mark.parametrize(
    ("given_more", "told"),
    [
        ({}, []),
        ({"connections": []}, ["There are no connections. Set identity_connections."]),
        ({"chosen": ["x"]}, ["export_connections: there is no connection x in identity_connections."]),
        ({"chosen": ["ol", "ol"]}, ["export_connections names ol more than once."]),
        ({"connections": ["a/b"]}, ["identity_connections.a/b: the name cannot be that of a file. Rename the connection."]),
        ({"dest": ""}, ["Give export_dest, a folder for the files, or export_deliver, a task file of yours that takes them."]),
        ({"awx": True}, ["export_dest is gone with the container on AWX. Give export_deliver, a task file of yours that takes the files somewhere."]),
        ({"awx": True, "deliver": "keep.yml", "deliver_file": "/play/keep.yml", "dest": ""}, []),
        (
            {"deliver": "keep.yml"},
            ["export_deliver: there is no file keep.yml, neither where it is started nor in the playbook's folder. Give the path of a task file."],
        ),
        ({"least": 1}, ["export_bundle_min is 1; at least 2 people make a bundle."]),
    ],
)
def test_how_the_role_is_called(given_more, told):
    assert call_problems({**CALL, **given_more}) == told


def export_into(folder, **more):
    """Write what an export makes of one user, or return why it must not be written."""
    refused = call_problems({**CALL, "dest": "out", "folder": str(folder), **more})
    if not refused:
        for name, text in documents(CONNECTIONS, {"ol": [user("onelogin", "ada")]}, {}, 0)["files"].items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    return refused


def test_files_that_are_as_they_were_written_are_replaced(tmp_path):
    assert export_into(tmp_path) == export_into(tmp_path) == []
    people = tmp_path / "people.yml"
    people.write_bytes(people.read_bytes().replace(b"\n", b"\r\n"))
    assert export_into(tmp_path) == [], "a checkout may change the ends of lines"


@pytest.mark.parametrize(
    ("name", "change", "why"),
    [
        ("people.yml", lambda text: text.replace("id: ada", "id: E1042"), "was changed after an export wrote it"),
        ("entitlements.yml", lambda text: text + "# mine\n", "was changed after an export wrote it"),
        ("connections/ol.yml", lambda text: text[: len(text) // 2], "was changed after an export wrote it"),
        ("people.yml", lambda text: text.partition("\n")[2], "was not written by an export"),
        ("people.yml", lambda text: "", "was not written by an export"),
    ],
)
def test_files_that_somebody_has_changed_are_not_replaced(tmp_path, name, change, why):
    export_into(tmp_path)
    path = tmp_path / name
    mine = change(path.read_text(encoding="utf-8"))
    path.write_text(mine, encoding="utf-8")
    (tmp_path / "connections" / "other.yml").write_text("mine", encoding="utf-8")
    told, what_to_do = export_into(tmp_path)
    assert told == f"{path} {why}, and would be overwritten."
    assert all(text in what_to_do for text in ("another export_dest", "move what you need away", "export_overwrite"))
    assert path.read_text(encoding="utf-8") == mine
    assert export_into(tmp_path, dest="") == ["Give export_dest, a folder for the files, or export_deliver, a task file of yours that takes them."]
    assert export_into(tmp_path, overwrite=True) == []
    assert export_into(tmp_path) == []
