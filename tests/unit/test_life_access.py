# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each connection should hold, and how the difference is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.plugin_utils._life import access
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.feed import feed_problems, read_csv, read_people
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.schema import PROVIDERS

DAY = "2026-06-15"
CONNECTIONS = {
    "ol": {"provider": "onelogin", "protect": ["svc-*"]}, "kes": {"provider": "kestra"}, "na": {"provider": "nextauth"}, "se": {"provider": "sendauth"},
}  # fmt: skip
ENTITLEMENTS = {
    "mail": {"grants": {"ol": {}}},
    "data": {"grants": {"ol": {"roles": ["Snowflake"]}, "kes": {"groups": [{"tenant": "main", "name": "data"}]}}},
    "ops": {"grants": {"ol": {"roles": ["VPN", "Snowflake"]}, "se": {"permissions": ["x"]}, "na": {}}},
}
BOUNDS = {"roles_state": "managed", "managed_roles": ["Snowflake", "VPN"]}


def wishes(people, directories=None, **more):
    """Return the wishes of all connections, which are empty if not given."""
    document = {"identity_connections": CONNECTIONS, "identity_entitlements": ENTITLEMENTS, "identity_people": people, **more}
    return access.desired(document, directories or {name: [] for name in CONNECTIONS}, DAY)


def ada(*entitlements, **more):
    """Return a person."""
    return {"id": "E1", "name": "Ada Lovelace", "email": "ada@acme.com", "entitlements": list(entitlements), **more}


def there(user="ada@acme.com", enabled=True):
    """Return directories that all have an account."""
    return {name: [{"user": user, "enabled": enabled}] for name in CONNECTIONS}


def test_who_is_new_gets_accounts_where_something_is_granted():
    found = wishes([ada("data", "ops")])
    assert found["ol"]["users"] == [
        {
            "user": "ada@acme.com", "firstname": "Ada", "lastname": "Lovelace", "email": "ada@acme.com", "roles": ["Snowflake", "VPN"], **BOUNDS,
            "enabled": True,  # without a password the account would not be activated
        }
    ]
    assert found["kes"]["users"] == [{
        "user": "ada@acme.com", "first_name": "Ada", "last_name": "Lovelace", "groups": [{"tenant": "main", "name": "data"}], "groups_state": "managed",
        "managed_groups": [{"tenant": "main", "name": "data"}],
    }]  # fmt: skip
    assert found["na"]["users"] == [{"user": "ada@acme.com"}]
    assert found["se"]["users"][0]["restore"] is True, "who comes back was deleted"
    assert {name: one["users"] for name, one in wishes([ada()]).items()} == {name: [] for name in CONNECTIONS}


def test_who_is_there_is_opened_only_where_the_login_may_be_blocked():
    assert "enabled" not in wishes([ada("mail")], there())["ol"]["users"][0]
    assert wishes([ada("mail")], there(enabled=False))["ol"]["users"][0]["enabled"] is True
    assert wishes([ada("ops")], there(enabled=None))["na"]["users"][0] == {"user": "ada@acme.com", "enabled": True}
    assert "first_name" not in wishes([ada("data")], there())["kes"]["users"][0], "the list of Kestra's users has no names to compare"


def test_who_is_not_entitled_any_more_keeps_an_account_without_what_is_managed():
    found = wishes([ada("ops")], there())
    assert found["kes"]["users"] == [
        {"user": "ada@acme.com", "groups": [], "groups_state": "managed", "managed_groups": [{"tenant": "main", "name": "data"}]}
    ]
    assert [(note["kind"], note["account"], note["person"]) for note in found["kes"]["notes"]] == [("extra", "ada@acme.com", "E1")]


@pytest.mark.parametrize("more", [{"status": "left"}, {"end": "2026-06-14"}, {"start": "2026-06-16"}])
def test_who_is_not_there_is_blocked_without_grants_and_never_made(more):
    assert all(one["users"] == [] for one in wishes([ada("ops", **more)]).values())
    found = wishes([ada("ops", **more)], there())
    assert found["ol"]["users"] == [{"user": "ada@acme.com", "enabled": False, "roles": [], **BOUNDS}]
    assert found["kes"]["users"] == [{"user": "ada@acme.com", "enabled": False}]
    assert found["se"]["users"] == [{"user": "ada@acme.com", "state": "absent"}]


def test_leave_keeps_grants():
    assert wishes([ada("ops", status="leave")], there())["ol"]["users"] == [{"user": "ada@acme.com", "enabled": False}]


def test_an_account_for_emergencies_is_protected_and_never_written():
    found = wishes([ada("ops", kind="break_glass", status="left")], there())["ol"]
    assert found["users"] == [] and found["protect"] == ["svc-*", "ada@acme.com"] and found["people"] == {"ada@acme.com": "E1"}


def test_renames():
    person = ada("ops", email="new@acme.com", previous_emails=["ada@acme.com"])
    found = wishes([person], there())
    assert found["ol"]["users"][0]["user"] == "new@acme.com" and found["ol"]["users"][0]["previous_users"] == ["ada@acme.com"]
    assert found["na"]["users"] == [{"user": "ada@acme.com"}] and "cannot rename" in found["na"]["notes"][0]["text"]
    assert "previous_users" not in wishes([person], there("NEW@acme.com"))["ol"]["users"][0]


def test_names_and_fields_of_one_connection():
    person = ada("ops", accounts={"ol": {"user": "alovelace", "title": "Countess", "firstname": "Augusta"}})
    user = wishes([person], there())["ol"]["users"][0]
    assert (user["user"], user["previous_users"], user["title"], user["firstname"]) == ("alovelace", ["ada@acme.com"], "Countess", "Augusta")


@pytest.mark.parametrize("more", [{}, {"previous_emails": ["ada@acme.com"], "email": "old@acme.com"}])
def test_an_address_that_was_given_again_belongs_to_who_has_it_now(more):
    left = {**ada("ops", status="left"), "id": "E0", **more}
    found = wishes([left, ada("mail")], there())
    assert [user.get("enabled") for user in found["ol"]["users"]] == [None]
    assert found["ol"]["people"] == {"ada@acme.com": "E1"}


# -- whose account it is ----------------------------------------------------------------------------------------------

BOB = {"id": "E2", "name": "Bob Bee", "email": "ada@acme.com", "entitlements": ["mail"]}
MOVED = ada("mail", email="king@acme.com", previous_emails=["ada@acme.com"])


def ol(people, *users):
    """Return the wishes for one connection, whose accounts are found by user names and addresses."""
    return wishes(people, {"ol": [{"enabled": True, **user} for user in users]})["ol"]


def test_the_only_account_of_an_address_that_went_to_somebody_else_is_nobodys_guess():
    found = ol([MOVED, BOB], {"id": 7, "user": "ada@acme.com", "email": "ada@acme.com"})
    assert found["users"] == []
    assert "may be that of E1, whose address this was, or that of E2" in found["problems"][0]
    assert "accounts.ol.id 7" in found["problems"][0] and "without E2" in found["problems"][0]


def test_an_address_beside_the_name_may_be_somebody_elses_by_now_as_well():
    found = ol([MOVED, BOB], {"id": 7, "user": "ada", "email": "ada@acme.com"})
    assert found["users"] == [] and "may be that of E1" in found["problems"][0]


def test_names_that_differ_in_case_alone_are_told_apart_by_their_spelling():
    twins = {"na": [{"id": name, "user": name, "enabled": True} for name in ("ADA@acme.com", "ada@acme.com")]}
    found = wishes([ada("ops")], twins)["na"]
    assert found["users"] == [{"user": "ada@acme.com", "id": "ada@acme.com"}]
    assert not found["problems"] and [note["account"] for note in found["notes"]] == ["ADA@acme.com"]


def test_what_tells_whose_account_it_is():
    account = {"id": 7, "user": "ada@acme.com", "email": "ada@acme.com"}
    his = ol([MOVED, {**BOB, "accounts": {"ol": {"id": 7}}}], account)
    assert [user["user"] for user in his["users"]] == ["king@acme.com", "ada@acme.com"] and his["people"] == {"ada@acme.com": "E2", "king@acme.com": "E1"}
    hers = ol([{**MOVED, "accounts": {"ol": {"id": 7}}}, BOB], account)
    assert [(user["user"], user["id"]) for user in hers["users"]] == [("king@acme.com", "7")]
    assert [(note["person"], note["kind"]) for note in hers["notes"]] == [("E2", "missing")], "the name is not free yet"
    both = ol([MOVED, BOB], account, {"id": 8, "user": "king@acme.com"})
    assert [user["user"] for user in both["users"]] == ["king@acme.com", "ada@acme.com"] and not both["problems"]
    alone = ol([ada("mail", previous_emails=["bob@acme.com"]), {**BOB, "email": "bob@acme.com"}])
    assert not alone["problems"], "there is no account to be mistaken"


def test_accounts_with_names_of_their_own_are_found_by_the_address_and_keep_the_name():
    account = {"id": 7, "user": "alovelace", "email": "Ada@acme.com"}
    assert ol([ada("mail")], account)["users"][0]["user"] == "alovelace"
    assert ol([ada("mail", status="left")], account)["users"][0] == {"user": "alovelace", "enabled": False, "roles": [], **BOUNDS}
    named = ol([ada("mail", accounts={"ol": {"user": "countess"}})], account)["users"][0]
    assert (named["user"], named["previous_users"]) == ("countess", ["alovelace"]), "where the file tells the name, it holds"
    other = ol([ada("mail"), {**BOB, "email": "bob@acme.com", "accounts": {"ol": {"user": "alovelace"}}}], account)
    assert other["people"] == {"alovelace": "E2", "ada@acme.com": "E1"}, "a name goes before an address"
    by_address = {**CONNECTIONS, "ol": {"provider": "onelogin", "user_key": "email"}}
    users = wishes([MOVED], {"ol": [{"id": 7, "user": "ada@acme.com", "username": "ada", "enabled": True}]}, identity_connections=by_address)["ol"]["users"]
    assert (users[0]["user"], users[0]["previous_users"]) == ("king@acme.com", ["ada@acme.com"])


def test_several_accounts_with_one_address_are_not_chosen_from():
    twins = [{"id": number, "user": f"ada{number}", "email": "ada@acme.com"} for number in (7, 8)]
    found = ol([ada("mail")], *twins)
    assert "E1 may be any of 2 accounts with the email ada@acme.com (ids 7, 8)" in found["problems"][0]
    assert [user["user"] for user in ol([ada("mail", accounts={"ol": {"id": 8}})], *twins)["users"]] == ["ada8"]
    assert {user["user"] for user in ol([ada("mail", status="left")], *twins)["users"]} == {"ada7", "ada8"}, "who has left is blocked in all"


@pytest.mark.parametrize("status", ["left", "leave"])
def test_all_accounts_of_who_is_not_there_are_blocked(status):
    old, new = ({"id": number, "user": name, "email": name} for number, name in ((7, "ada@acme.com"), (8, "king@acme.com")))
    assert [(user["user"], user["enabled"]) for user in ol([{**MOVED, "status": status}], old, new)["users"]] == [
        ("king@acme.com", False), ("ada@acme.com", False),
    ]  # fmt: skip
    found = ol([MOVED], old, new)
    assert [user["user"] for user in found["users"]] == ["king@acme.com"]
    assert [(note["account"], note["kind"]) for note in found["notes"]] == [("ada@acme.com", "extra")], "and told of who is"


def test_an_account_is_found_by_its_id():
    account = {"id": 100001, "user": "b@old.example", "email": "b@old.example"}
    left = ol([ada("mail", status="left", accounts={"ol": {"id": 100001}})], account)
    assert left["users"] == [{"user": "b@old.example", "id": "100001", "enabled": False, "roles": [], **BOUNDS}]
    nameless = ol([ada("mail", status="left", accounts={"ol": {"id": "100001"}})], {"id": 100001, "user": ""})
    assert nameless["users"] == [{"id": "100001", "enabled": False, "roles": [], **BOUNDS}]


@pytest.mark.parametrize("more", [{"status": "left"}, {"start": "2026-07-01"}])
def test_an_account_of_two_who_are_gone_is_written_once(more):
    found = ol([ada("mail", status="left"), {**BOB, **more}], {"id": 7, "user": "ada@acme.com"})
    assert [(user["user"], user["enabled"]) for user in found["users"]] == [("ada@acme.com", False)]


def test_a_blocked_account_that_goes_to_somebody_else_is_told():
    found = ol([ada("mail", status="left"), BOB], {"id": 7, "user": "ada@acme.com", "enabled": False})
    assert [note["person"] for note in found["notes"]] == ["E2"] and "was that of E1 too" in found["notes"][0]["text"]
    assert not ol([ada("mail", status="left"), BOB], {"id": 7, "user": "ada@acme.com"})["notes"]


def test_what_goes_with_a_login_is_told():
    user = {"user": "ada@acme.com", "enabled": True, "roles": ["Viewer"], "groups": [], "tenants": ["main"]}
    found = wishes([ada("data", status="left")], {"kes": [user]})["kes"]
    assert {(note["text"], str(note["before"])) for note in found["notes"]} == {("roles: Viewer", "['Viewer']"), ("tenants: main", "['main']")}
    assert not wishes([ada("data", status="left")], {"kes": [{**user, "enabled": False}]})["kes"]["notes"]
    document = {"identity_connections": CONNECTIONS, "identity_entitlements": ENTITLEMENTS}
    assert access.gathered(document, "kes") == ["groups", "roles", "tenants"] and access.gathered(document, "ol") == ["roles"]


def test_who_is_new_and_has_no_name_is_called_by_the_id():
    assert wishes([{"id": "S1", "accounts": {"ol": {"user": "svc-ci"}}, "entitlements": ["mail"]}])["ol"]["users"][0]["lastname"] == "S1"


def test_a_connection_that_could_not_be_read_is_left_out():
    assert set(wishes([ada("ops")], {"ol": []})) == {"ol"}


GRANTS = st.lists(st.sampled_from(["Snowflake", "VPN", "2024"]), unique=True)


@given(st.dictionaries(st.sampled_from("abc"), GRANTS), st.lists(st.sampled_from("abc"), unique=True))
def test_grants_are_the_union_and_their_bounds_all_that_is_named(bundles, held):
    entitlements = {name: {"grants": {"ol": {"roles": roles}}} for name, roles in bundles.items()}
    names = [name for name in held if name in bundles]
    found = wishes([ada(*names)], there(), identity_entitlements=entitlements)["ol"]["users"]
    bounds = {role for roles in bundles.values() for role in roles}
    if entitlements:
        assert set(found[0]["roles"]) == {role for name in names for role in bundles[name]}
        assert set(found[0]["managed_roles"]) == bounds
        assert len(found[0]["managed_roles"]) == len(bounds)


def test_a_digest_tells_plans_apart_and_failures_too():
    one = {"ol": {"plan_digest": "a"}, "kes": {"plan_digest": "b"}}
    assert access.digest(one) == access.digest(dict(reversed(one.items())))
    others = [{**one, "ol": {"plan_digest": "c"}}, {"ol": one["ol"]}, {**one, "kes": {"plan_digest": "b", "error": "x"}}]
    assert len({access.digest(plans) for plans in (one, *others)}) == 4


PLAN = {
    "plan_digest": "d", "summary": {"created": 1, "updated": 1, "disabled": 1, "unchanged": 3}, "mails": 2, "unlisted": ["stranger", "glass@acme.com"],
    "unmanaged": [{"user": "ada@acme.com", "roles": ["Other"]}],
    "changes": [
        {"before_header": "new@acme.com", "before": {}, "after": {"user": "new@acme.com"}},
        {"before_header": "ada@acme.com", "before": {"roles": ["a", "b"], "title": "x"}, "after": {"roles": ["b", {"id": 7}], "title": ""}},
        {"before_header": "bob@acme.com", "before": {"enabled": True}, "after": {"enabled": False}},
        {"before_header": "eve@acme.com", "before": {"user": "eve@acme.com", "roles": ["a"]}, "after": {}},
    ],
}  # fmt: skip


def test_drift_has_its_kinds():
    people = {"ada@acme.com": "E1", "glass@acme.com": "B1"}
    kept = {"code": "kept_by_server", "user": "ada@acme.com", "message": "ada@acme.com keeps the roles Mapped: a mapping in OneLogin gives them."}
    done = {**PLAN, "warning_details": [kept, {"code": "notice", "message": "another warning"}]}
    report = access.summary({"ol": {"people": people, "notes": []}}, {"ol": PLAN}, {"ol": done}, {"kes": "Could not reach it."}, DAY, "apply")
    found = [(entry["connection"], entry["account"], entry["kind"], entry["text"]) for entry in report["drift"]]
    assert found == [
        ("kes", None, "unreadable", "Could not reach it."),
        ("ol", "new@acme.com", "missing", "account"),
        ("ol", "ada@acme.com", "missing", "roles: 7"),
        ("ol", "ada@acme.com", "extra", "roles: a"),
        ("ol", "ada@acme.com", "attribute", "title"),
        ("ol", "bob@acme.com", "extra", "login"),
        ("ol", "eve@acme.com", "extra", "account"),
        ("ol", "ada@acme.com", "unmanaged", "roles: Other"),
        ("ol", "stranger", "unmanaged", "account that is nobody's"),
        ("ol", "ada@acme.com", "mapped", kept["message"]),
    ]
    assert [entry["account"] for entry in report["losses"]] == ["ada@acme.com", "bob@acme.com", "eve@acme.com"]
    assert report["totals"]["changed"] == 3 and report["totals"]["mails"] == 2
    assert report["failed"] == ["kes: Could not reach it."]
    assert "ol: 1 created, 1 updated, 1 disabled, 3 unchanged, 2 mails" in report["text"]
    assert "  ~ ol ada@acme.com: attribute: title: x -> nothing" in report["text"]


def test_every_provider_has_its_part():
    for provider in PROVIDERS:
        life = access.life_of(provider)
        assert life.provider == provider and life.facets and life.blocked
        assert life.how in ("native", "emulated")


# -- feeds -----------------------------------------------------------------------------------------------------------

CSV = """\ufeffid,name,email,previous_emails,entitlements,accounts.ol,end
E1, Ada Lovelace ,ada@acme.com,a@x.com; b@x.com,mail;ops until=2026-12-01 ticket=R-1,alovelace,

,,,,,,
"""
PEOPLE = [{
    "id": "E1", "name": "Ada Lovelace", "email": "ada@acme.com", "previous_emails": ["a@x.com", "b@x.com"],
    "entitlements": ["mail", {"name": "ops", "until": "2026-12-01", "ticket": "R-1"}], "accounts": {"ol": {"user": "alovelace"}},
}]  # fmt: skip


def test_csv():
    assert read_people(CSV, "People.CSV") == PEOPLE


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "heading of the CSV file is missing"),
        ("id,nmae\n", "heading of the CSV file is id, nmae"),
        ("id,id\n", "each once"),
        ("id,name\nE1\n", "Line 2 of the CSV file has 1 cells"),
        ("id,entitlements\nE1,ops untill=2026-12-01\n", "Line 2 of the CSV file: entitlement 'ops untill=2026-12-01'"),
        ('id,name\nE1,"Ada\n', "Line 2 of the CSV file cannot be read"),
    ],
)
def test_mistakes_in_csv(text, told):
    with pytest.raises(ValueError, match=told):
        read_csv(text)


def test_what_an_export_has_marked_as_no_template_is_a_text():
    assert read_people("- {id: E1, name: !unsafe '{{ x }}'}", "people.yml") == [{"id": "E1", "name": "{{ x }}"}]


@pytest.mark.parametrize("text", ["- {id: E1, start: 2026-01-05}", "identity_people: [{id: E1, start: 2026-01-05}]"])
def test_yaml_dates_are_texts(text):
    assert read_people(text, "people.yml") == [{"id": "E1", "start": "2026-01-05"}]


@pytest.mark.parametrize(("text", "path"), [("a: [", "people.yml"), ("people: []", "people.yml"), ("[", "people.json"), ("7", "people.json")])
def test_files_that_hold_no_people(text, path):
    with pytest.raises(ValueError, match=path):
        read_people(text, path)


@pytest.mark.parametrize(
    ("least", "age", "changed", "told", "problem"),
    [
        (1, "", None, "", ""),
        (2, "", None, "", "access_min_people is 2"),
        (1, "2d", 1_000_000.0 - 47 * 3600, "", ""),
        (1, "2d", 1_000_000.0 - 49 * 3600, "", "49.0 hours old"),
        (1, "1h", 1_000_000.0, "1970-01-12T12:00:00Z", "1.8 hours old"),
        (1, "2h", None, "1970-01-12T12:00:00", ""),
        (1, "soon", 1_000_000.0, "", "write it as 36h"),
        (1, "1h", None, "yesterday", "access_feed_time is 'yesterday'"),
        (1, "1h", None, "", "the age of the people is not known"),
    ],
)
def test_feeds_are_whole_and_fresh(least, age, changed, told, problem):
    found = feed_problems([{"id": "E1"}], least, age, changed, told, 1_000_000.0)
    assert len(found) == bool(problem)
    assert problem in "".join(found)
