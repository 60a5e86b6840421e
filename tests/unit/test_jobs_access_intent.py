# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each account should have in each provider."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.entitlements import (
    entitlements_of,
    facets_to_read,
)
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.life import life_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.people import Granted, Person
from ansible_collections.rollcall.identity.tests.unit.access import (
    BOUNDS,
    CONNECTIONS,
    DATA,
    ENTITLEMENTS,
    LINKS,
    account,
    codes,
    intent,
    options,
    person,
)

# -- what each account should have -------------------------------------------------------------------------------------


def test_who_is_new_gets_accounts_where_something_is_granted():
    ada = person("data", "ops")
    assert options(intent([ada])) == [
        {
            "user": "ada@acme.com",
            "firstname": "Ada",
            "lastname": "Lovelace",
            "email": "ada@acme.com",
            "roles": ["Snowflake", "VPN"],
            **BOUNDS,
            "enabled": True,  # without a password the account would not be activated
        }
    ]
    assert options(intent([ada], connection="kes")) == [
        {
            "user": "ada@acme.com",
            "first_name": "Ada",
            "last_name": "Lovelace",
            "groups": [DATA],
            "groups_state": "managed",
            "managed_groups": [DATA],
        }
    ]
    assert options(intent([ada], connection="na")) == [{"user": "ada@acme.com"}]
    assert "restore" not in options(intent([ada], connection="se"))[0], (
        "nobody's deleted account is brought back by its name"
    )
    assert [options(intent([person()], connection=name)) for name in CONNECTIONS] == [[]] * 4


def test_who_is_there_is_opened_only_where_the_login_may_be_blocked():
    assert "enabled" not in options(intent([person("mail")], [account()]))[0]
    assert options(intent([person("mail")], [account(enabled=False)], memory=LINKS))[0]["enabled"] is True
    assert options(intent([person("ops")], [account("na", enabled=None)], "na"))[0] == {
        "user": "ada@acme.com", "id": "7", "enabled": True,
    }
    assert "first_name" not in options(intent([person("data")], [account("kes")], "kes"))[0], (
        "Kestra's list of users has no names to compare"
    )


def test_who_is_not_entitled_any_more_keeps_an_account_without_what_is_managed():
    found = intent([person("ops")], [account("kes")], "kes")
    assert options(found) == [
        {"user": "ada@acme.com", "id": "7", "groups": [], "groups_state": "managed", "managed_groups": [DATA]}
    ]
    assert codes(found) == [("no_entitlement", "E1")]


@pytest.mark.parametrize("more", [{"status": "left"}, {"end": "2026-06-14"}, {"start": "2026-06-16"}])
def test_who_is_not_there_is_blocked_without_grants_and_never_made(more):
    gone = person("data", "ops", **more)
    assert [options(intent([gone], connection=name)) for name in CONNECTIONS] == [[]] * 4
    assert options(intent([gone], [account()])) == [
        {"user": "ada@acme.com", "id": "7", "enabled": False, "roles": [], **BOUNDS}
    ]
    assert options(intent([gone], [account("kes")], "kes")) == [{"user": "ada@acme.com", "id": "7", "enabled": False}]
    assert options(intent([gone], [account("se")], "se")) == [{"user": "ada@acme.com", "id": "7", "state": "absent"}]
    assert options(intent([gone], [account("se", deleted=True)], "se")) == []


def test_leave_keeps_grants():
    assert options(intent([person("ops", status="leave")], [account()])) == [
        {"user": "ada@acme.com", "id": "7", "enabled": False}
    ]


def test_names_and_fields_of_one_connection():
    ada = person("ops", accounts={"ol": {"user": "alovelace", "title": "Countess", "firstname": "Augusta"}})
    user = options(intent([ada], [account()]))[0]
    assert (user["user"], user["id"], user["title"], user["firstname"]) == ("alovelace", "7", "Countess", "Augusta")


def test_where_accounts_cannot_be_renamed_the_name_stays_and_is_reported():
    found = intent([person("ops", email="new@acme.com", previous_emails=("ada@acme.com",))], [account("na")], "na")
    assert (options(found), codes(found)) == ([{"user": "ada@acme.com", "id": "7"}], [("cannot_rename", "E1")])


def test_a_username_that_is_the_address_follows_it():
    entry = {"provider": "onelogin", "user_key": "email"}
    moved = person("mail", email="king@acme.com", previous_emails=("ada@acme.com",))
    same = options(intent([moved], [account(username="ADA@acme.com")], entry=entry))[0]
    assert (same["user"], same["username"]) == ("king@acme.com", "king@acme.com")
    own = options(intent([moved], [account(username="alovelace")], entry=entry))[0]
    assert (own["user"], "username" in own) == ("king@acme.com", False)


def test_who_is_new_and_has_no_name_is_called_by_the_id():
    service = Person("S1", kind="service", entitlements=(Granted("mail"),), accounts={"ol": {"user": "svc-ci"}})
    assert options(intent([service]))[0]["lastname"] == "S1"


def test_what_a_block_takes_along_is_reported():
    grants = {"roles": ["Viewer"], "groups": [], "tenants": ["main"]}
    found = intent([person("data", status="left")], [account("kes", **grants)], "kes")
    assert {(finding.code, str(finding.before)) for finding in found.findings} == {
        ("grants_gone", "['Viewer']"),
        ("grants_gone", "['main']"),
    }
    assert not intent([person("data", status="left")], [account("kes", enabled=False, **grants)], "kes").findings
    entitlements = entitlements_of(ENTITLEMENTS)
    assert facets_to_read(entitlements, "kes", life_of("kestra"), CONNECTIONS["kes"]) == ["groups", "roles", "tenants"]
    assert facets_to_read(entitlements, "ol", life_of("onelogin"), CONNECTIONS["ol"]) == ["roles"]


# -- accounts that somebody confirmed --------------------------------------------------------------------------------


GRANTS = st.lists(st.sampled_from(["Snowflake", "VPN", "2024"]), unique=True)


@given(st.dictionaries(st.sampled_from("abc"), GRANTS), st.lists(st.sampled_from("abc"), unique=True))
def test_grants_are_the_union_and_their_bounds_all_that_is_named(bundles, held):
    entitlements = {name: {"grants": {"ol": {"roles": roles}}} for name, roles in bundles.items()}
    names = [name for name in held if name in bundles]
    found = options(intent([person(*names)], [account()], entitlements=entitlements))
    bounds = {role for roles in bundles.values() for role in roles}
    if entitlements:
        assert set(found[0]["roles"]) == {role for name in names for role in bundles[name]}
        assert set(found[0]["managed_roles"]) == bounds
        assert len(found[0]["managed_roles"]) == len(bounds)
