# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is meant, and what happens to them: the cases of the planner one by one."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.matching import Ambiguous, find
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import (
    Field,
    Schema,
    Snapshot,
    document,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.plan import plan_user
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.steps import HIDDEN, Plan
from ansible_collections.rollcall.identity.tests.unit.fakes import SCHEMA, person, target, want

ADA, BOB, OLD = person(1, "Ada"), person(2, "bob"), person(3, "lovelace")
TWINS = (person(4, "Eve"), person(5, "eve"))
SNAPSHOT = Snapshot([ADA, BOB, OLD, *TWINS], complete=True)


@pytest.mark.parametrize(
    ("desired", "account"),
    [
        (want("ada"), ADA),
        (want(" ADA "), ADA),
        (want("carl"), None),
        (want("", id="2"), BOB),
        (want("bob", id="2"), BOB),
        (want("new name", id="2"), BOB),
        (want("carl", previous=("nobody", "LOVELACE")), OLD),
        (want("carl", previous=("nobody",)), None),
        (want("ada", previous=("Ada",)), ADA),
        (want("eve", id="5"), TWINS[1]),
        (want("eve"), next(account for account in TWINS if account.key == "eve")),
        (want("carl", "absent", id="9"), None),
        (want("carl", "absent", previous=("lovelace",)), OLD),
    ],
)
def test_who_is_meant(desired, account):
    found, warnings = find(SCHEMA, desired, SNAPSHOT)
    assert found is account
    assert warnings == []


def test_messages_name_the_options_of_the_module():
    schema = dataclasses.replace(SCHEMA, key_option="service_account", id_option="service_account_id")
    for desired, option in ((want("EVE"), "service_account"), (want("carl", id="9"), "service_account_id")):
        with pytest.raises(Ambiguous) as caught:
            find(schema, desired, SNAPSHOT)
        assert caught.value.problem.option == option
    with pytest.raises(Ambiguous, match="Specify service_account_id"):
        find(schema, want("EVE"), SNAPSHOT)


@pytest.mark.parametrize(
    ("desired", "said"),
    [
        (want("carl", id="9"), "no user has the id 9. Check the id, or omit it to find or create the user by name."),
        (want("carl", id="9", may_create=False), "Check the id, or omit it to find the user by name."),
        (want("ada", id="2"), "id 2 belongs to another user; ada has id 1"),
        (want("EVE"), "EVE: the name matches 2 users (ids 4, 5). Specify the id."),
        (
            want("carl", previous=("ada", "bob")),
            "2 of the previous names exist (Ada has id 1, bob has id 2). Specify the id.",
        ),
        (
            want("carl", previous=("EVE",), index=3),
            "users[3] (carl): 2 of the previous names exist (Eve has id 4, eve has id 5)",
        ),
    ],
)
def test_who_is_meant_cannot_be_told(desired, said):
    with pytest.raises(Ambiguous) as caught:
        find(SCHEMA, desired, SNAPSHOT)
    assert said in str(caught.value)


def test_old_and_new_name_both_exist():
    account, warnings = find(SCHEMA, want("ada", previous=("lovelace", "bob")), SNAPSHOT)
    assert account is ADA
    assert warnings == ["bob, lovelace also exist, under previous names of ada. The task changes only ada."]
    assert find(SCHEMA, want("ada", previous=("bob",)), SNAPSHOT)[1] == [
        "bob also exists, under a previous name of ada. The task changes only ada."
    ]


@pytest.mark.parametrize("state", ["absent", "destroyed"])
def test_old_and_new_name_both_exist_and_one_is_to_go(state):
    with pytest.raises(Ambiguous) as caught:
        find(SCHEMA, want("ada", previous=("bob",), state=state), SNAPSHOT)
    assert (caught.value.problem.code, caught.value.problem.option) == ("ambiguous_user", "previous_users")
    assert "Ada has id 1, bob has id 2" in str(caught.value)


KELVIN = "mi\u212ae"
"""Looks like mike, with a Kelvin sign."""


@pytest.mark.parametrize(
    ("desired", "names"),
    [
        (want(KELVIN), ["mike"]),
        (want(KELVIN, "absent"), ["MIKE"]),
        (want("mike"), [KELVIN]),
        (want("MIKE", "absent"), [KELVIN]),
        (want("\uff4dike"), [KELVIN]),
        (want("\ufb01nn"), ["finn"]),
        (want("carl", previous=(KELVIN,)), ["mike"]),
        (want("mike", previous=("old",)), ["old", KELVIN]),
        (want(KELVIN, id="9"), ["mike", "nine"]),
    ],
)
def test_a_name_that_only_looks_alike_is_refused_with_both_spellings(desired, names):
    people = [person(9 if name == "nine" else number, name) for number, name in enumerate(names)]
    with pytest.raises(Ambiguous) as caught:
        find(SCHEMA, desired, Snapshot(people))
    problem = caught.value.problem
    assert problem.code == "lookalike_name"
    assert problem.text.isascii()
    assert "looks like" in problem
    assert "\\u212a" in problem or "\\ufb01" in problem


@pytest.mark.parametrize(
    ("desired", "names", "account"),
    [
        (want(KELVIN), ["mike", KELVIN], 1),
        (want("mike"), ["mike", KELVIN], 0),
        (want("MIKE"), [KELVIN, "mike"], 1),
        (want(KELVIN, id="0"), ["mike"], 0),
        (want("mike", id="0"), [KELVIN], 0),
        (want("m.wei\u00df"), ["m.weiss"], None),
        (want("J\u00dcRGEN"), ["ju\u0308rgen"], 0),
    ],
)
def test_the_exact_spelling_is_meant(desired, names, account):
    people = [person(number, name) for number, name in enumerate(names)]
    assert find(SCHEMA, desired, Snapshot(people))[0] is (None if account is None else people[account])


def steps(desired, account, **options):
    plan = plan_user(SCHEMA, desired, account, **options)
    return plan.operation, [f"{step.verb} {step.via}".strip() for step in plan.steps], list(map(str, plan.losses))


FULL = {
    "groups": target("exact", ["ops"]),
    "tags": target("present", ["t"]),
    "attributes": target("managed", {"a": 1}, ["a"]),
}
GONE = person(7, "gone", deleted=True)


@pytest.mark.parametrize(
    ("desired", "account", "expected"),
    [
        (want("ada"), None, ("create", ["create"], [])),
        (
            want("ada", facets=FULL, title="x", admin=True, password="pw", enabled=False),
            None,
            (
                "create",
                ["create", "update password", "update access", "update power", "facet groups", "facet attributes"],
                [],
            ),
        ),
        (want("ada", title="", badge=None, password=""), None, ("create", ["create"], [])),
        (
            want("ada", facets={"groups": target("absent", ["ops"]), "labels": target("exact", {"a": ""})}),
            None,
            ("create", ["create"], []),
        ),
        (want("ada"), ADA, ("none", [], [])),
        (want("ada", title="x"), ADA, ("update", ["update profile"], [])),
        (want("ada", enabled=False), ADA, ("disable", ["update access"], ["is disabled"])),
        (want("ada", enabled=True), person(1, "ada", enabled=False), ("reopen", ["update access"], [])),
        (want("ada", admin=False), person(1, "ada", admin=True), ("update", ["update power"], ["is demoted"])),
        (want("countess", id="1"), ADA, ("rename", ["update profile"], [])),
        (
            want("countess", id="1", enabled=False),
            ADA,
            ("rename", ["update profile", "update access"], ["is disabled"]),
        ),
        (want("ada", "absent"), ADA, ("delete", ["delete"], ["is deleted"])),
        (want("ada", "absent"), None, ("none", [], [])),
        (want("ada", "destroyed"), ADA, ("delete", ["delete", "destroy"], ["is deleted"])),
        (want("gone", "destroyed"), GONE, ("delete", ["destroy"], ["is deleted"])),
        (want("gone", "absent"), GONE, ("none", [], [])),
        (want("gone"), GONE, ("restore", ["restore"], [])),
        (want("gone", title="x"), GONE, ("restore", ["restore", "update profile"], [])),
        (want("ada", password="pw"), ADA, ("none", [], [])),
        (want("ada", password="pw", always=frozenset({"password"})), ADA, ("update", ["update password"], [])),
    ],
)
def test_what_happens(desired, account, expected):
    assert steps(desired, account) == expected


def test_a_login_that_is_open_again_is_told_apart_from_other_updates():
    blocked = person(1, "ada", enabled=False)
    plan = plan_user(SCHEMA, want("ada", enabled=True, title="x"), blocked)
    assert (plan.operation, plan.reopens, plan.losses) == ("reopen", True, [])
    assert (plan.before["enabled"], plan.after["enabled"]) == (False, True)
    assert Plan([plan]).summary()["reopened"] == 1
    assert not plan_user(SCHEMA, want("ada", title="x"), blocked).reopens
    renamed = plan_user(SCHEMA, want("lovelace", id="1", enabled=True), blocked)
    assert (renamed.operation, renamed.reopens) == ("rename", True)
    assert plan_user(SCHEMA, want("gone"), GONE).reopens
    assert not plan_user(SCHEMA, want("gone", "absent"), GONE).reopens


def test_a_login_that_another_field_opens_is_reopened_too():
    def derive(before, after):
        after["enabled"] = after.get("title") == "approved"

    schema = dataclasses.replace(SCHEMA, derive=derive)
    plan = plan_user(schema, want("ada", title="approved"), person(1, "ada", enabled=False))
    assert plan.operation == "reopen"
    assert (plan.before, plan.after) == ({"title": None, "enabled": False}, {"title": "approved", "enabled": True})


@pytest.mark.parametrize(
    ("desired", "codes", "said"),
    [
        (want("countess", id="1"), ["renamed"], "is renamed to countess"),
        (want("ada", password="pw", always=frozenset({"password"})), ["password_changed"], "gets a new password"),
        (want("ada", password="pw"), [], ""),
        (want("ada", title=""), ["value_cleared"], "loses title"),
        (want("ada", title="y"), [], ""),
        (want("ada", facets={"attributes": target("present", {"a": ""})}), ["facet_removed"], "loses attribute a"),
        (want("ada", facets={"attributes": target("exact", {})}), ["facet_removed"], "loses attribute a"),
        (want("ada", facets={"attributes": target("present", {"a": "2"})}), [], ""),
    ],
)
def test_what_only_protected_users_are_spared(desired, codes, said):
    plan = plan_user(SCHEMA, desired, person(1, "ada", title="x", facets={"attributes": {"a": "1"}}))
    assert [loss.code for loss in plan.sensitive] == codes
    assert " and ".join(map(str, plan.sensitive)) == said
    assert plan.losses == []


def test_two_fields_that_say_the_same_loss_count_once():
    def blocks(before, after):
        return "disabled" if after is False else None

    schema = dataclasses.replace(SCHEMA, fields=(*SCHEMA.fields, Field("open", type="bool", loses=blocks)))
    plan = plan_user(
        schema, want("ada", schema=schema, enabled=False, open=False), person(1, "ada", enabled=True, open=True)
    )
    assert [loss.code for loss in plan.losses] == ["disabled"]


def test_a_password_that_was_to_be_set_on_create_is_still_due_on_an_account_just_created():
    assert steps(want("ada", password="pw"), ADA, created=True) == ("update", ["update password"], [])


def test_the_differences_of_a_create_hide_the_password_and_name_the_user():
    plan = plan_user(
        SCHEMA, want("Ada", title="x", password="pw", facets={"groups": target("present", ["b", "a"])}), None
    )
    assert plan.before == {}
    assert plan.after == {"user": "Ada", "name": "Ada", "title": "x", "password": HIDDEN, "groups": ["a", "b"]}


def test_the_differences_of_a_deletion_are_the_whole_user():
    plan = plan_user(
        SCHEMA, want("ada", "absent"), person(1, "Ada", title="x", created_at="1815", facets={"groups": ["ops"]})
    )
    assert plan.before == {"user": "Ada", "id": "1", "name": "Ada", "title": "x", "enabled": True, "groups": ["ops"]}
    assert plan.after == {}


@pytest.mark.parametrize(
    ("before", "after"),
    [("ada", "ADA"), ("", None)],
)
def test_a_change_of_case_or_of_nothing_is_no_change(before, after):
    assert steps(want("ada", email=after), person(1, "ada", email=before))[1] == []


def test_ids_compare_as_texts_and_other_fields_as_they_are():
    held = person(1, "ada", badge=7, title="7")
    assert steps(want("ada", badge="7"), held)[1] == []
    assert steps(want("ada", title=7), held)[1] == ["update profile"]


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("310003", "0310003", True),
        (310003, " 310003 ", True),
        (0, "00", True),
        ("A01", "a01", False),
        ("01a", "1a", False),
        (None, "0", False),
        ("\uff11", "1", False),
    ],
)
def test_decimal_ids_compare_by_their_number(before, after, same):
    assert SCHEMA.field("badge").equal(before, after) is same
    assert SCHEMA.field("badge").equal(after, before) is same


@pytest.mark.parametrize(
    ("current", "desired", "same"),
    [
        ("1", 1, True),
        (1.5, "1.5", True),
        (True, True, True),
        ("True", True, False),
        ("true", True, False),
        (1, True, False),
        (False, 0, False),
        (["1", {"a": 2}], [1, {"a": "2"}], True),
        (["1"], ["1", "2"], False),
        ({"a": 1}, {"b": 1}, False),
        ([True], ["True"], False),
    ],
)
def test_when_two_values_of_a_map_are_the_same(current, desired, same):
    account = person(1, "ada", facets={"attributes": {"a": current}})
    assert (
        plan_user(SCHEMA, want("ada", facets={"attributes": target("present", {"a": desired})}), account).changed
        is not same
    )


def test_equal_values_of_a_map_are_no_change_whatever_their_order():
    held = person(1, "ada", facets={"attributes": {"place": {"x": 1, "y": 2}}})
    assert steps(want("ada", facets={"attributes": target("present", {"place": {"y": 2, "x": 1}})}), held)[1] == []


def test_an_empty_value_takes_an_entry_of_a_map_away():
    held = person(1, "ada", facets={"labels": {"a": "1", "b": "2"}})
    plan = plan_user(SCHEMA, want("ada", facets={"labels": target("present", {"a": "", "c": None})}), held)
    assert plan.after["labels"] == {"b": "2"}
    assert [loss.facts("ada") for loss in plan.losses] == [
        {"user": "ada", "code": "facet_removed", "facet": "labels", "message": "ada loses label a", "entries": ["a"]}
    ]
    assert (plan.steps[0].add, plan.steps[0].remove) == ({}, {"a": "1"})


def test_a_server_default_is_sent_on_create_and_left_alone_later():
    schema = dataclasses.replace(SCHEMA, fields=(*SCHEMA.fields, Field("language", required=True, default="en")))
    created = plan_user(schema, want("ada", schema=schema), None)
    assert created.steps[0].values == {"name": "ada", "language": "en"}
    assert not plan_user(schema, want("ada", schema=schema), person(1, "ada", language="fr")).changed


def test_destroying_has_another_digest_than_deleting():
    deleting, destroying = (
        Plan([plan_user(SCHEMA, want("ada", state), ADA)]).digest() for state in ("absent", "destroyed")
    )
    assert deleting != destroying


def test_summary_counts_each_user_once():
    users = [
        plan_user(SCHEMA, desired, account)
        for desired, account in [
            (want("new"), None),
            (want("ada", title="x"), ADA),
            (want("bob"), BOB),
            (want("eve", "absent"), TWINS[0]),
        ]
    ]
    counts = Plan(users).summary()
    assert {name: count for name, count in counts.items() if count} == {
        "created": 1, "updated": 1, "unchanged": 1, "deleted": 1,
    }


def test_a_user_is_shown_with_the_normalised_fields_and_what_was_read():
    schema = Schema("memory", "user", "name", (Field("name"), Field("password", readable=False)), SCHEMA.facets)
    shown = document(
        schema,
        "1",
        {"name": "ada", "password": "never"},
        {"groups": {"b": "b", "a": "a"}, "labels": {"z": "", "y": "1"}},
    )
    assert shown == {
        "id": "1", "user": "ada", "name": "ada", "groups": ["a", "b"], "labels": {"y": "1"},
        "enabled": None, "privileged": None, "last_login": None, "mfa": None,
    }


def test_wire_names_and_conversions():
    schema = Schema(
        "memory",
        "user",
        "name",
        (
            Field("name", wire="loginName"),
            Field("badge", read=str, write=int),
            Field("title"),
            Field("secret", readable=False),
        ),
    )
    assert schema.read({"loginName": "ada", "badge": 7, "secret": "x", "other": 1}) == {"name": "ada", "badge": "7"}
    assert schema.write({"name": "ada", "badge": "7", "title": ""}) == {"loginName": "ada", "badge": 7, "title": None}
