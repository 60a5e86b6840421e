# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Export: what people hold stays exactly that, and the role access has nothing to do with what comes out."""

from __future__ import annotations

import collections
import random

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.desired import Desires
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.intent import Settings
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.check import entitlement_problems, person_problems
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.entitlements import entitlements_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.export.bundles import propose
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.export.export import canonical
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.export.files import people_csv
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.read import from_list, read
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.life import binding_of, life_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.links import Memory
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.people import fold
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Listed
from ansible_collections.rollcall.identity.tests.unit.export import CONNECTIONS, export, files_of, user

DAY = "2026-06-15"


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
                schema = binding_of(CONNECTIONS[name]["provider"]).schema
                for target in intent.targets:
                    assert_same(target.options, users[target.options["id"]], schema)
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
