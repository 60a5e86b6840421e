# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with people, entitlements and feeds, and how it is reported."""

from __future__ import annotations

import copy

import pytest

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.check import reference_notices
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.data import Data, age_problems, load
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.entitlements import Entitlement
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.people import Person
from ansible_collections.rollcall.identity.tests.unit.access import CONNECTIONS, DATA, DAY, ENTITLEMENTS, problems

GOOD = {
    "connections": {
        "ol": {
            "provider": "onelogin",
            "api_url": "https://acme.onelogin.com",
            "credentials": {"client_id": "a", "client_secret": "b"},
            "protect": ["svc-*"],
        },
        "kes": {"provider": "kestra", "tenant": "main"},
    },
    "entitlements": {
        "data": {"owner": "E1", "grants": {"ol": {"roles": ["Snowflake"]}, "kes": {"groups": [DATA]}}},
        "mail": {"grants": {"ol": {}}},
    },
    "people": [
        {
            "id": "E1",
            "name": "Ada Lovelace",
            "email": "ada@acme.com",
            "entitlements": ["data", {"name": "mail", "until": "2026-12-01", "ticket": "R-1"}],
        },
        {
            "id": "E2", "kind": "contractor", "name": "Bob Bee", "email": "bob@acme.com", "start": "2026-01-05",
            "end": "2026-12-31", "manager": "E1",
        },
        {
            "id": "S1",
            "kind": "service",
            "owner": "E1",
            "accounts": {"ol": {"user": "svc-ci"}},
            "entitlements": ["mail"],
        },
        {"id": "B1", "kind": "break_glass", "email": "glass@acme.com"},
    ],
}


ACCEPTED = (
    "A connection accepts the connection options of kestra's modules, and bootstrap, create_limit, delete_limit, "
    "loss_limit, max_mails, min_admins, on_error, plan_digest, protect, rename_limit, reopen_limit, unlisted."
)


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
    assert problems(GOOD) == ([], [])


PERSON = ("people", 0)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ((*PERSON, "entitlements"), ["date"], "entitlement date is not in identity_entitlements; similar names: data."),
        (
            (*PERSON, "accounts"),
            {"old": {"user": "x"}},
            "accounts.old: there is no such connection in identity_connections",
        ),
        (("people", 1, "end"), "2025-01-01", "end 2025-01-01 is before start 2026-01-05. Correct one of them."),
        (
            ("people", 1, "email"), "ADA@acme.com",
            "E1 and E2 would have the same account in ol, because both have the address ada@acme.com.",
        ),
        (
            ("people", 2, "entitlements"),
            ["data"],
            "grants something in kes, where the account has no name. Add email, or accounts.kes.user.",
        ),
        (("connections", "ol", "provider"), "okta", "identity_connections.ol.provider: 'okta' is not one of contabo"),
        (
            ("connections", "ol", "credentials"),
            ["s3cret"],
            "identity_connections.ol.credentials is a list, not a mapping.",
        ),
        (
            ("connections", "ol", "credentials"),
            "s3cret",
            "identity_connections.ol.credentials is text, not a mapping. Write it as {name: value}.",
        ),
        (
            ("connections", "ol"),
            "client_secret=s3cret",
            "identity_connections.ol is text, not a mapping. Write it as {name: value}.",
        ),
        (
            ("connections", "ol"),
            ...,
            "identity_entitlements.mail.grants.ol: there is no such connection in identity_connections",
        ),
        (
            ("connections", "kes", "protekt"),
            ["a"],
            "identity_connections.kes.protekt is not an option of kestra's modules; similar names: protect.",
        ),
        (
            ("connections", "kes", "q"),
            1,
            "identity_connections.kes.q is not an option of kestra's modules. Correct it, or remove it.",
        ),
        *(
            (
                ("connections", "kes", name),
                value,
                f"identity_connections.kes.{name} has no effect, because it describes users. Remove it. {ACCEPTED}",
            )
            for name, value in (("state", "absent"), ("groups", ["a"]), ("first_name", "a"), ("users", []))
        ),
        (
            ("connections", "kes", "credentials"),
            {"api_tokn": "s3cret"},
            "kes.credentials.api_tokn is not a connection option of kestra's modules; similar",
        ),
        (
            ("connections", "kes", "credentials"),
            {"client_id": "a"},
            "kes.credentials.client_id is not a connection option of kestra's modules",
        ),
        (
            ("connections", "kes", "credentials"),
            {"protect": "a"},
            "kes.credentials.protect is not a connection option of kestra's modules",
        ),
        (
            ("connections", "ol", "tenant"), "main",
            "identity_connections.ol.tenant is not an option of onelogin's modules",
        ),
        (("connections",), {}, "There are no connections. Set identity_connections."),
        (("connections",), [], "identity_connections is not a mapping"),
        (("entitlements",), [1], "identity_entitlements is not a mapping"),
        (("entitlements", "mail", "grants"), ..., "identity_entitlements.mail.grants is missing."),
        (
            ("entitlements", "mail", "grants", "ol"),
            {"groups": ["x"]},
            "identity_entitlements.mail.grants.ol.groups: groups is not a kind of grant of onelogin. Use roles.",
        ),
        (
            ("entitlements", "data", "grants", "kes", "super_admin"),
            True,
            ".kes.super_admin: super_admin is not a kind of grant of kestra. Use tenants, groups or roles.",
        ),
        (
            ("entitlements", "data", "grants", "kes", "groups"),
            [{"team": "x"}],
            "identity_entitlements.data.grants.kes.groups[0]: the key 'team' is unknown",
        ),
    ],
)
def test_each_mistake_names_its_place(path, value, words):
    texts, _notices = problems(changed(path, value))
    assert any(words in text for text in texts), texts
    assert "s3cret" not in " ".join(texts)


@pytest.mark.parametrize("name", [7, True, 1.5])
@pytest.mark.parametrize("where", ["entitlements", "connections"])
def test_names_that_are_no_texts_are_refused(name, where):
    data = copy.deepcopy(GOOD)
    data[where][name] = next(iter(data[where].values()))
    data["people"][0]["entitlements"] = ["7"]
    assert any(
        text == f"identity_{where}: the name {name} is not text. Quote it."
        for text in problems(data)[0]
    )


def test_an_entitlement_that_is_wrong_is_not_said_to_be_missing():
    texts, _notices = problems(changed(("entitlements", "mail", "retired"), "soon"))
    assert texts == ["identity_entitlements.mail.retired is 'soon', not true or false."]


def test_owners_who_are_gone_are_warnings():
    data, place = changed(("entitlements", "data", "owner"), "E9"), "identity_entitlements"
    data["entitlements"]["mail"]["owner"] = "E1"
    data["people"][0]["status"] = "left"
    texts, notices = problems(data)
    assert texts == []
    text = f"{place}.data: the owner E9 is not in the feed. Add this person to the feed, or specify another owner."
    assert ("unknown_owner", "", text) in notices
    assert ("owner_left", "", f"{place}.mail: the owner E1 has left. Specify another owner.") in notices
    assert [text.partition(".")[0] for code, user, text in notices if (code, user) == ("owner_left", "S1")] == [
        "S1: the owner E1 has left"
    ]


@pytest.mark.parametrize("fault", [{"colour": "red"}, {"entitlements": ["unknown"]}])
def test_an_owner_in_a_row_that_cannot_be_used_is_in_the_feed(fault):
    """Whether the feed or the check of all data together rejects the row."""
    data = copy.deepcopy(GOOD)
    data["people"][0].update(fault)
    text = "identity_entitlements.data: the row of the owner E1 in the feed could not be used. Correct that row."
    assert [notice for notice in problems(data)[1] if notice[0] == "unknown_owner"] == [("unknown_owner", "", text)]


def test_a_row_without_an_id_is_not_the_owner_of_an_entitlement_without_an_owner():
    assert reference_notices([], {"mail": Entitlement("mail")}, DAY, {""}) == []


@pytest.mark.parametrize("people", [[], None, "Ada"])
def test_without_people_no_owner_is_missing(people):
    data = copy.deepcopy(GOOD)
    data["people"] = people
    assert problems(data)[1] == []


def test_one_mistake_hides_no_other():
    data = changed((*PERSON, "entitlements"), ["daata"])
    data["people"][1]["accounts"] = {"old": {"user": "x"}}
    data["connections"]["ol"].update(api_urll="x", credentials={"client_idd": "a", "client_secret": "b"})
    data["connections"]["kes"]["protekt"] = ["x"]
    data["people"].append("Ada")
    texts, _notices = problems(data, "soon")
    for words in ("api_urll", "client_idd", "protekt", "'soon' is not a day", "identity_people[4]"):
        assert any(words in text for text in texts), texts
    del (
        data["connections"]["ol"]["api_urll"],
        data["connections"]["kes"]["protekt"],
        data["connections"]["ol"]["credentials"],
    )
    texts, _notices = problems(data)
    for words in ("daata", "accounts.old", "identity_people[4]"):
        assert any(words in text for text in texts), texts


def test_an_address_may_be_given_again_once_its_owner_has_left():
    data = changed(("people", 1, "email"), "ada@acme.com")
    data["people"][0]["status"] = "left"
    assert problems(data)[0] == []


def test_rows_of_one_person_that_contradict_each_other_block_nobody(tmp_path):
    feed = tmp_path / "people.csv"
    data = {**GOOD, "rules": []}

    def standings(*statuses):
        feed.write_text(
            "id,name,email,status,end\n" + "".join(f"E1,Ada,ada@acme.com,{status},{end}\n" for status, end in statuses)
        )
        wrong = []
        loaded = load(data, str(feed), DAY, "access_people_file", wrong)
        assert wrong == []
        assert len(loaded.rejected) == len(statuses)
        return [(person.id, person.status) for person in loaded.people]

    assert standings(("left", "2020-01-31"), ("active", "")) == []
    assert standings(("left", "2020-01-31"), ("hired", "")) == []
    assert standings(("left", "2020-01-31"), ("left", "2025-01-31")) == [("E1", "left")]


@pytest.mark.parametrize("lead", [0, 20])
def test_who_comes_later_may_have_the_address_of_somebody_who_leaves_before(lead):
    data = changed(("people", 1), {"id": "E2", "name": "Bob Bee", "email": "ada@acme.com", "start": "2026-07-01"})
    data["people"][0]["end"] = "2026-06-30"
    data["lead_days"] = lead
    texts, _notices = problems(data)
    assert bool(texts) is bool(lead), texts
    data["people"].append({"id": "E3", "name": "Cy", "email": "ada@acme.com", "start": "2026-08-01"})
    assert any("both have the address" in text for text in problems(data)[0])


def test_two_people_do_not_have_one_account_by_its_name():
    data = changed((*PERSON, "accounts"), {"ol": {"user": "bo"}})
    data["people"][1]["accounts"] = {"ol": {"user": "bo"}}
    both = (
        "because both have the name bo there (accounts.ol.user of E1 and E2). "
        "Correct accounts.ol.user or the address of one of them."
    )
    assert any(both in text for text in problems(data)[0])


def test_two_people_do_not_have_one_account_by_its_id():
    data = changed((*PERSON, "accounts"), {"ol": {"id": 7}})
    data["people"][1]["accounts"] = {"ol": {"id": "7"}, "kes": {"id": "7"}}
    both = (
        "E1 and E2 would have the same account in ol, because both have the account id 7. "
        "Correct the account id of one of them."
    )
    assert any(both in text for text in problems(data)[0])
    data["people"][0]["status"] = "left"
    assert problems(data)[0] == []


@pytest.mark.parametrize(
    ("least", "age", "written", "feed_time", "words"),
    [
        (1, None, None, "", ""),
        (1, None, None, "yesterday", "access_feed_time is 'yesterday'"),
        (2, None, None, "", "access_min_people is 2"),
        (1, "2d", 1_000_000.0 - 47 * 3600, "", ""),
        (1, "2d", 1_000_000.0 - 49 * 3600, "", "49.0 hours old"),
        (1, "1h", 1_000_000.0, "1970-01-12T12:00:00Z", "1.8 hours old"),
        (1, "1h", 1_000_000.0 - 3601, "", "1.0003 hours old"),
        (1, "  ", 1_000_000.0, "", "access_max_feed_age is '  ', which is not a duration"),
        (1, "2h", None, "1970-01-12T12:00:00", ""),
        (1, "2h", 1_000_000.0 + 23 * 3600, "", ""),
        (1, "2h", None, "1971-01-12T12:00:00", "hours in the future"),
        (1, "soon", 1_000_000.0, "", "not a duration"),
        (1, "1h", None, "yesterday", "access_feed_time is 'yesterday'"),
        (1, "1h", None, "", "the age of the people data is unknown"),
    ],
)
def test_feeds_are_whole_and_fresh(least, age, written, feed_time, words):
    texts = age_problems(Data(people=[Person("E1")], written=written), least, age, feed_time, 1_000_000.0)
    assert len(texts) == bool(words)
    assert words in "".join(texts)


def test_without_people_and_file_the_message_names_the_variables():
    """A feed that is empty may be truncated; a variable that is not set is not."""
    (unset,) = age_problems(Data(), 1, None, "", 0.0)
    assert str(unset) == "There are no people. Set access_people_file or identity_people."
    (empty,) = age_problems(Data(feed="people.csv"), 1, None, "", 0.0)
    assert str(empty).startswith("There are 0 people, and access_min_people is 1: is the feed truncated?")


def test_messages_about_a_file_name_the_options_of_the_role(tmp_path):
    feed = tmp_path / "people.csv"
    feed.write_text("id,email,end,kind\nE1,ada@acme.com,soon,FTE\n", encoding="utf-8")
    params = {"connections": CONNECTIONS, "entitlements": ENTITLEMENTS, "people": []}
    texts = {}
    for role in ("access", "offboard"):
        data = load(params, str(feed), DAY, f"{role}_people_file", [])
        texts[role] = " ".join(str(problem) for row in data.rejected for problem in row.problems)
    assert "Map it with access_values.kind (or access_people_values.kind) to one of" in texts["access"]
    assert "Map it with offboard_values.kind to one of" in texts["offboard"]
    assert "Set offboard_date_format" in texts["offboard"]
    assert "access_" not in texts["offboard"]
