# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""People, entitlements and connections: everything that is wrong is told at once."""

from __future__ import annotations

import copy
import json
import os
import pathlib
import subprocess
import sys

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.plugin_utils._life.check import problems
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.connection import declared, not_inherited, option_problems
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.people import account_names, entitled, names_of, standing
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.schema import PROVIDERS, SCHEMA
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.validate import violations

ROOT = pathlib.Path(__file__).resolve().parents[2]
DAY = "2026-06-15"
GOOD = {
    "identity_connections": {
        "ol": {"provider": "onelogin", "api_url": "https://acme.onelogin.com", "credentials": {"client_id": "a", "client_secret": "b"}, "protect": ["svc-*"]},
        "kes": {"provider": "kestra", "tenant": "main"},
    },
    "identity_entitlements": {
        "data": {"owner": "E1", "grants": {"ol": {"roles": ["Snowflake"]}, "kes": {"groups": [{"tenant": "main", "name": "data"}]}}},
        "mail": {"grants": {"ol": {}}},
    },
    "identity_people": [
        {"id": "E1", "name": "Ada Lovelace", "email": "ada@acme.com", "entitlements": ["data", {"name": "mail", "until": "2026-12-01", "ticket": "R-1"}]},
        {"id": "E2", "kind": "contractor", "name": "Bob Bee", "email": "bob@acme.com", "start": "2026-01-05", "end": "2026-12-31", "manager": "E1"},
        {"id": "S1", "kind": "service", "owner": "E1", "accounts": {"ol": {"user": "svc-ci"}}, "entitlements": ["mail"]},
        {"id": "B1", "kind": "break_glass", "email": "glass@acme.com"},
    ],
}


def changed(path, value):
    """Return the good data with one place changed, or taken away where the value is Ellipsis."""
    data = copy.deepcopy(GOOD)
    *parents, last = path
    inner = data
    for key in parents:
        inner = inner[key]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return data


def test_good_data_has_no_problems():
    assert problems(GOOD, DAY) == []


PERSON = ("identity_people", 0)


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ((*PERSON, "id"), ..., "identity_people[0].id is missing."),
        ((*PERSON, "id"), 7, "identity_people[0].id: 7 is not a text."),
        ((*PERSON, "staus"), "left", "identity_people[0].staus is unknown"),
        ((*PERSON, "status"), "gone", "identity_people[0].status: 'gone' is none of active, leave, left."),
        ((*PERSON, "start"), "2026-2-3", "identity_people[0].start: '2026-2-3' is no day"),
        ((*PERSON, "email"), "ada", "identity_people[0].email: 'ada' is not of the form"),
        ((*PERSON, "entitlements"), ["date"], "identity_people[0] (E1): entitlement date is not in identity_entitlements."),
        ((*PERSON, "entitlements"), [{"until": DAY}], "identity_people[0].entitlements[0].name is missing."),
        ((*PERSON, "entitlements"), [7], "identity_people[0].entitlements[0]: 7 is not a text or a mapping."),
        ((*PERSON, "accounts"), {"old": {}}, "identity_people[0] (E1): accounts.old: there is no such connection"),
        (("identity_people", 1, "end"), ..., "a contractor needs end"),
        (("identity_people", 1, "end"), "2025-01-01", "end 2025-01-01 is before start 2026-01-05."),
        (("identity_people", 1, "manager"), "E9", "manager E9 is nobody in identity_people."),
        (("identity_people", 1, "id"), "E1", "identity_people[1] and identity_people[0] have the same id E1."),
        (("identity_people", 1, "email"), "ADA@acme.com", "E2 and E1 have the same account ada@acme.com in ol."),
        (("identity_people", 2, "owner"), ..., "a service account needs owner"),
        (("identity_people", 2, "entitlements"), ["data"], "grants something in kes, where the account has no name"),
        (("identity_people", 3, "email"), ..., "give email, or accounts with the name in each connection."),
        (("identity_connections", "ol", "provider"), "okta", "identity_connections.ol.provider: 'okta' is none of contabo"),
        (("identity_connections", "ol", "credentials"), ["s3cret"], "identity_connections.ol.credentials: a list is not a mapping."),
        (("identity_connections", "ol"), ..., "identity_entitlements.mail: grants.ol: there is no such connection"),
        (("identity_connections", "kes", "protekt"), ["a"], "identity_connections.kes.protekt is no option of kestra's modules; near names: protect."),
        (("identity_connections", "kes", "q"), 1, "identity_connections.kes.q is no option of kestra's modules. Correct it, or take it out."),
        (("identity_connections", "kes", "credentials"), {"api_tokn": "s3cret"}, "kes.credentials.api_tokn is no connection option of kestra's modules; near"),
        (("identity_connections", "kes", "credentials"), {"client_id": "a"}, "kes.credentials.client_id is no connection option of kestra's modules"),
        (("identity_connections", "kes", "credentials"), {"protect": "a"}, "kes.credentials.protect is no connection option of kestra's modules"),
        (("identity_connections", "ol", "tenant"), "main", "identity_connections.ol.tenant is no option of onelogin's modules"),
        (("identity_entitlements", "mail", "grants"), ..., "identity_entitlements.mail.grants is missing."),
        (("identity_entitlements", "mail", "grants", "ol"), {"groups": ["x"]}, "grants.ol.groups: onelogin has roles."),
        (("identity_entitlements", "data", "owner"), "E9", "identity_entitlements.data: owner E9 is nobody"),
        (("identity_entitlements", "data", "grants", "kes", "groups"), [{"team": "x"}], "identity_entitlements.data.grants.kes.groups[0].team is unknown"),
    ],
)
def test_each_mistake_is_told_with_its_place(path, value, told):
    found = problems(changed(path, value), DAY)
    assert any(told in text for text in found), found
    assert "s3cret" not in " ".join(found)


def test_all_mistakes_are_told_at_once():
    data = changed((*PERSON, "manager"), "E9")
    data["identity_people"][1]["owner"] = "E8"
    data["identity_people"][2].pop("owner")
    data["identity_connections"]["ol"].update(api_urll="x", credentials={"client_idd": "a", "client_secret": "b"})
    data["identity_connections"]["kes"]["protekt"] = ["x"]
    assert len(problems(data, DAY)) == 6
    assert "'soon' is no day" in problems(GOOD, "soon")[0]


def test_an_address_may_be_given_again_once_its_owner_has_left():
    data = changed(("identity_people", 1, "email"), "ada@acme.com")
    data["identity_people"][0]["status"] = "left"
    assert problems(data, DAY) == []


def test_two_people_do_not_have_one_account_by_its_id():
    data = changed((*PERSON, "accounts"), {"ol": {"id": 7}})
    data["identity_people"][1]["accounts"] = {"ol": {"id": "7"}, "kes": {"id": "7"}}
    assert problems(data, DAY) == ["E2 and E1 have the same account id 7 in ol."]
    data["identity_people"][0]["status"] = "left"
    assert problems(data, DAY) == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_all_that_a_connection_may_have_is_known(provider):
    task = declared(f"{provider}_users")
    credentials = dict.fromkeys(task.connection_options, "x")
    assert option_problems({"provider": provider, "credentials": credentials, **credentials, "protect": ["a"], "min_admins": 1}, "here") == []


def test_options_are_checked_where_requests_is_missing():
    # The names of packages that are to be missing are taken by None.
    code = (
        "import sys; sys.modules['requests'] = None\n"
        "from ansible_collections.rollcall.identity.plugins.plugin_utils._life.check import problems\n"
        f"data = {{name: {{'provider': name, 'x-y': 1}} for name in {PROVIDERS!r}}}\n"
        "print(len(problems({'identity_connections': data}, '2026-06-15')))"
    )
    paths = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False)
    assert done.stdout == f"{len(PROVIDERS)}\n", done.stderr


OWN = {"provider": "contabo", "credentials": {"client_id": "theirs"}}


@pytest.mark.parametrize(
    ("connection", "hidden", "kept"),
    [
        ({"provider": "onelogin"}, set(), {"ONELOGIN_API_URL", "ONELOGIN_CLIENT_ID"}),
        ({"provider": "onelogin", "credentials": {"client_id": "", "client_secret": None}}, set(), {"ONELOGIN_API_URL", "ONELOGIN_CLIENT_ID"}),
        ({"provider": "contabo", "credentials": {"auth_url": "https://x"}}, set(), {"CONTABO_API_URL", "CONTABO_CLIENT_ID"}),
        (OWN, {"CONTABO_CLIENT_SECRET", "CONTABO_API_USER", "CONTABO_EXPECTED_ACCOUNT"}, {"CONTABO_API_URL", "CONTABO_AUTH_URL", "CONTABO_CA_PATH"}),
        ({"provider": "kestra", "api_token": "theirs"}, {"KESTRA_API_USER", "KESTRA_API_PASSWORD"}, {"KESTRA_API_URL", "KESTRA_TENANT"}),
    ],
)
def test_a_connection_with_credentials_of_its_own_inherits_no_others(connection, hidden, kept):
    found = set(not_inherited(connection))
    assert hidden <= found and not kept & found and bool(found) is bool(hidden)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "a", "onelogin", "2026-12-31", "2026-13-01", "left", "a@b", "data"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "name", "email", "provider", "credentials", "grants", "roles", "until", "start", "accounts", "ol", "entitlements", "user", "x"]),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)


@given(st.fixed_dictionaries({}, optional={"identity_people": st.lists(VALUES, max_size=2), "identity_connections": VALUES, "identity_entitlements": VALUES}))
def test_what_is_allowed_is_what_the_schema_says(data):
    checker = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker(["date"]))
    assert bool(violations(SCHEMA, data)) == (not checker.is_valid(data))


def test_the_published_schema_is_this_one():
    assert json.loads((ROOT / "docs" / "identity.schema.json").read_text(encoding="utf-8")) == SCHEMA


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        ({}, "active"),
        ({"start": DAY, "end": DAY}, "active"),
        ({"start": "2026-06-16"}, "early"),
        ({"end": "2026-06-14"}, "left"),
        ({"status": "left", "start": "2027-01-01"}, "left"),
        ({"status": "leave"}, "leave"),
        ({"status": "leave", "end": "2026-06-14"}, "left"),
        ({"status": "leave", "start": "2026-06-16"}, "early"),
    ],
)
def test_days_and_status_decide_who_is_there(person, expected):
    assert standing(person, DAY) == expected


def test_entitlements_end_with_their_last_day():
    person = {"entitlements": ["a", {"name": "b", "until": DAY}, {"name": "c", "until": "2026-06-14"}, "a"]}
    assert entitled(person, DAY) == ["a", "b"]


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        ({"name": "Ada Lovelace"}, ("Ada", "Lovelace")),
        ({"name": "Mary Ann van Dyke"}, ("Mary Ann van", "Dyke")),
        ({"name": "Mary Ann van Dyke", "given_name": "Mary Ann", "family_name": "van Dyke"}, ("Mary Ann", "van Dyke")),
        ({"name": "Cher"}, ("Cher", "Cher")),
        ({}, ("", "")),
    ],
)
def test_names(person, expected):
    assert names_of(person) == expected


def test_names_of_accounts():
    person = {"email": "ada@new.com", "previous_emails": ["ada@old.com"], "accounts": {"ol": {"user": "alovelace"}, "kes": {"user": "ADA@new.com"}}}
    assert account_names(person, "ol").all() == ["alovelace", "ada@new.com", "ada@old.com"]
    assert account_names(person, "kes").all() == ["ada@new.com", "ada@old.com"]
    assert account_names(person, "co").all() == ["ada@new.com", "ada@old.com"]
    assert account_names({}, "co").key == ""


def test_one_mistake_hides_no_other():
    data = changed((*PERSON, "staus"), "left")
    data["identity_people"][1].pop("end")
    data["identity_people"] += [{"id": "E2", "email": "x@acme.com", "entitlements": ["daata"], "manager": "E1"}]
    data["identity_connections"]["kes"]["provider"] = "okta"
    found = problems(data, DAY)
    for told in ("staus is unknown", "'okta' is none of", "a contractor needs end", "entitlement daata is not", "the same id E2"):
        assert any(told in text for text in found), found
    assert len(found) == 5


@given(st.fixed_dictionaries({}, optional={"identity_people": VALUES, "identity_connections": VALUES, "identity_entitlements": VALUES}))
def test_no_form_is_too_odd(data):
    problems(data, DAY)
