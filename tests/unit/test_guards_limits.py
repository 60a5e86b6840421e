# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plan may not do: limits of what it gives, protected users, lists of leavers, and two users of one name."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import GuardError, UnreadableAnswer
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan import losses
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.conflicts import collisions, duplicates
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.guards import check_plan
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Desired, DesiredFacet, Snapshot
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.plan import plan_all
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import (
    Policy,
    check_policy,
    limit_of,
    protection,
    unmatched_patterns,
)
from ansible_collections.rollcall.identity.tests.unit.fakes import SCHEMA, person, target, want
from ansible_collections.rollcall.identity.tests.unit.guards import CROWD, FREE, ROOT, SECOND, check, refused

# -- limits of what is given ---------------------------------------------------------------------------------------


BLOCKED = [person(number, f"blocked{number}", enabled=False) for number in range(4)]
GIVEN = {
    "create_limit": [want(f"new{number}") for number in range(4)],
    "rename_limit": [want(f"new{number}", id=str(number)) for number in range(4)],
    "reopen_limit": [want(account.key, enabled=True) for account in BLOCKED],
}


@pytest.mark.parametrize("name", GIVEN)
@pytest.mark.parametrize(
    ("limit", "allowed"), [(None, 4), ("4", 4), ("3", 3), ("0", 0), ("100%", 4), ("75%", 3), ("50.5%", 2)]
)
def test_what_is_given_has_limits(name, limit, allowed):
    for number in range(5):
        if number > allowed:
            error = refused(GIVEN[name][:number], BLOCKED, **{name: limit})
            assert (error.code, len(error.users)) == (name, number)
            assert f"at most {allowed} may be ({name} {limit})" in error.message
        else:
            check(GIVEN[name][:number], BLOCKED, **{name: limit})


def test_a_limit_of_renames_names_both_names():
    error = refused([want("new", id="1")], BLOCKED, rename_limit="0")
    assert error.message.endswith("(rename_limit 0): blocked1 (to new).")
    assert [entry["message"] for entry in error.errors()] == ["blocked1 (to new) would be renamed."]


def test_who_is_brought_back_counts_as_reopened():
    gone = person(1, "ada", deleted=True)
    snapshot = Snapshot([gone, *CROWD], True)
    plan = plan_all(SCHEMA, [(want("ada"), gone, [])])
    with pytest.raises(GuardError) as caught:
        check_plan(SCHEMA, Policy(bulk=True, reopen_limit="0"), snapshot, plan, "robot", 11)
    assert (caught.value.code, caught.value.users) == ("reopen_limit", ["ada"])


@given(st.integers(0, 10**6), st.integers(0, 10**9))
def test_a_number_is_a_limit_as_it_is(number, size):
    assert limit_of(str(number), size) == number


@given(st.integers(0, 100), st.integers(0, 10**6))
def test_a_percentage_is_a_limit_in_whole_users(share, size):
    assert limit_of(f"{share}%", size) == size * share // 100


@given(st.integers(0, 999), st.integers(0, 10**6))
@example(646, 500)
def test_a_percentage_with_decimals_is_exact(tenths, size):
    assert limit_of(f"{tenths / 10}%", size) == size * tenths // 1000


@given(st.text(max_size=6))
@example("7")
@example(" 10%")
def test_a_limit_is_ascii_digits_or_nothing(text):
    try:
        limit_of(text, 100)
    except ValueError:
        return
    assert set(text.strip()) <= set("0123456789.% ")


@pytest.mark.parametrize("name", ["loss_limit", "create_limit", "reopen_limit", "rename_limit"])
@pytest.mark.parametrize("limit", ["", "1e2%", "\uff11\uff10", "-1", "101%"])
def test_every_limit_is_read_alike(name, limit):
    problems = check_policy(SCHEMA, Policy(bulk=True, **{name: limit}), [want("ada")])
    assert [(problem.code, problem.option) for problem in problems] == [("invalid_value", name)]


@pytest.mark.parametrize("name", ["delete_limit", "min_admins", "max_mails"])
def test_a_limit_is_not_below_zero(name):
    problems = check_policy(SCHEMA, Policy(bulk=True, **{name: -5}), [want("ada")])
    assert problems == [f"{name} is -5; the minimum is 0."]
    assert check_policy(SCHEMA, Policy(bulk=True, **{name: 0}), [want("ada")]) == []


# -- protect ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("svc[awx]", "svc[awx]"),
        ("svc[awx]", "svca"),
        ("SVC[AWX]*", "svc[awx]-1"),
        ("ju\u0308rgen", "j\u00fcrgen"),
        ("j\u00dcrgen", "ju\u0308rgen"),
        ("mike", "mi\u212ae"),
        ("mi\u212ae", "mike"),
        ("\uff53vc-*", "svc-awx"),
        ("a*b", "a*b"),
        ("a?", "a?"),
        ("[x", "[X"),
    ],
)
def test_a_pattern_shields_one_too_many_rather_than_one_too_few(pattern, name):
    assert protection(Policy(protect=(pattern,)), person(1, name), None) == f"protected by {pattern!r} in protect"


@pytest.mark.parametrize(
    ("pattern", "name"), [("svc[awx]", "svc"), ("m.weiss", "m.wei\u00df"), ("a?", "abc"), ("mike", "mick")]
)
def test_a_pattern_does_not_shield_others(pattern, name):
    assert protection(Policy(protect=(pattern,)), person(1, name), None) is None


@pytest.mark.parametrize(
    ("complete", "patterns", "unmatched"),
    [
        (True, ("user1", "usr1", "new*"), ["usr1"]),
        (False, ("usr1",), []),
        (True, (), []),
        (True, ("usr1", "usr1", "*"), ["usr1"]),
    ],
)
def test_patterns_without_a_match(complete, patterns, unmatched):
    assert (
        unmatched_patterns(Policy(bulk=True, protect=patterns), Snapshot(CROWD, complete), [want("new1")]) == unmatched
    )


SHIELDED = [
    want("countess", id="1"),
    want("ada", password="pw", always=frozenset({"password"})),
    want("ada", title=""),
    want("ada", facets={"attributes": target("present", {"a": ""})}),
]


@pytest.mark.parametrize("bulk", [True, False])
@pytest.mark.parametrize("desired", SHIELDED)
@pytest.mark.parametrize("shield", [{"protect": ("ada",)}, {"caller": "1"}, {"caller": "ada"}])
def test_a_protected_user_loses_nothing_at_all(desired, bulk, shield):
    people = [person(1, "ada", title="x", facets={"attributes": {"a": "1"}})]
    assert refused([desired], people, bulk=bulk, **shield).code == "protected"
    assert check([desired], people, bulk=bulk, protect=("bob",), loss_limit="0").changed, "which counts for no limit"


PATTERN = ", or the pattern from protect."


@pytest.mark.parametrize(
    ("shield", "users", "hint"),
    [
        ({"protect": ("a*",)}, "a protected user: ada (protected by 'a*' in protect) would be", PATTERN),
        ({"protect": ("*",)}, "protected users: ada (protected by '*' in protect) would be", PATTERN),
        ({"caller": "ada"}, "a protected user: ada (the user of these credentials) would be", "."),
        ({"protect": ("a*",), "caller": "ada"}, "a protected user: ada (the user of these credentials) would be", "."),
        ({"protect": ("b*",), "caller": "ada"}, "protected users: ada (the user of these credentials) would be", "."),
    ],
)
def test_what_to_do_about_a_protected_user(shield, users, hint):
    error = refused([want("ada", "absent"), want("bob", "absent")], [person(1, "ada"), person(2, "bob")], **shield)
    assert error.message.startswith(f"The plan contains changes that are not allowed for {users} deleted")
    assert error.hint == f"Nothing was written. Remove the change from the input{hint}"


def test_every_user_whom_a_guard_stops_at_is_an_error_of_its_own():
    error = refused(
        [want("ada", state="absent"), want("bob", enabled=False)],
        [person(1, "ada"), person(2, "bob", enabled=True)],
        bulk=True,
        loss_limit="1",
    )
    assert [(entry["code"], entry["user"], entry["option"], entry["message"]) for entry in error.errors()] == [
        ("loss_limit", "ada", "loss_limit", "ada would be deleted."),
        ("loss_limit", "bob", "loss_limit", "bob would be disabled."),
    ]
    error = refused([], mails=1, max_mails=0)
    assert "send 1 e-mail to" in error.message
    assert [(entry["code"], entry["option"]) for entry in error.errors()] == [("max_mails", "max_mails")]


def test_all_exceeded_limits_are_reported_at_once():
    """Otherwise, each run would report the next limit."""
    desired = [want("eve"), want("zoe"), want("ada", state="absent"), want("bob", enabled=False)]
    people = [person(1, "ada"), person(2, "bob", enabled=True), person(3, "user3"), ROOT]
    limits = {"create_limit": "1", "loss_limit": "1", "max_mails": 1, "delete_limit": 0}
    error = refused(desired, people, mails=2, **limits)
    assert error.message.splitlines() == [
        "2 users would be created, and at most 1 may be (create_limit 1): eve; zoe.",
        (
            "2 users would lose access or data, and at most 1 may (loss_limit 1): "
            "ada would be deleted; bob would be disabled."
        ),
        "The plan would send 2 e-mails to users, and max_mails is 1.",
    ]
    assert error.hint == (
        "Nothing was written. Check the input; if it is right, raise create_limit, loss_limit and max_mails."
    )
    assert (error.code, error.option, error.users) == ("create_limit", "create_limit", ["eve", "zoe", "ada", "bob"])
    assert [(entry["code"], entry.get("user")) for entry in error.errors()] == [
        ("create_limit", "eve"), ("create_limit", "zoe"), ("loss_limit", "ada"), ("loss_limit", "bob"),
        ("max_mails", None),
    ]
    error = refused(desired, people, mails=0, unlisted="delete", protect=("root",), bootstrap=True, **limits)
    assert error.hint == (
        "Nothing was written. Add them to users, or raise delete_limit if they should be deleted. "
        "Check the input; if it is right, raise create_limit and loss_limit."
    )


def test_one_user_is_one_user():
    assert (
        "1 user would lose access or data"
        in refused([want("ada", state="absent")], [person(1, "ada")], bulk=True, loss_limit="0").message
    )


@pytest.mark.parametrize(
    ("entry", "label"),
    [
        ({"id": "a1", "name": "Company SSO", "type": "OIDC"}, "Company SSO"),
        ({"id": "a1", "name": None, "type": "BASIC"}, "BASIC"),
        ({"id": "7", "description": "Phone", "blocked": False}, "Phone"),
        ({"id": "7", "description": "", "blocked": False}, "7"),
        ({"tenant": "main", "role": "Admin"}, "Admin (tenant main)"),
        ({"tenant": "main", "name": "data"}, "data (tenant main)"),
        ({"tenant": "main", "role": "Admin", "namespace": "a.b"}, "Admin (tenant main, namespace a.b)"),
    ],
)
def test_what_is_lost_is_shown_by_its_name(entry, label):
    people = [person(1, "ada")]
    people[0].facets["groups"] = {"x": entry}
    desired = Desired("ada", fields={"name": "ada"}, facets={"groups": DesiredFacet("exact", [])}, may_create=False)
    error = refused([desired], people, protect=("ada",))
    assert error.message.startswith(
        "The plan contains changes that are not allowed for a protected user: "
        f"ada (protected by 'ada' in protect) would lose group {label}."
    )


@pytest.mark.parametrize(
    ("loss", "ending"),
    [
        (losses.Loss(losses.DELETED), "be deleted"),
        (losses.loss_of("left without passkeys"), "be left without passkeys"),
        (losses.Loss(losses.FACET_REMOVED, "roles", "role", ("Admin", "Ops")), "lose roles Admin, Ops"),
        (losses.Loss(losses.VALUE_CLEARED, entries=("title",)), "lose title"),
        (losses.Loss(losses.RENAMED, entries=("eve",)), "be renamed to eve"),
        (losses.Loss(losses.PASSWORD_CHANGED), "get a new password"),
        (losses.Loss(losses.SESSIONS_ENDED), "be logged out"),
        (losses.Loss(losses.TAGS_REPLACED), "lose the tags that are not listed"),
    ],
)
def test_a_refused_loss_has_not_happened(loss, ending):
    assert losses.forecast("ada", [loss, loss]) == f"ada would {ending} and {ending}"


# -- the wrong list --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unlisted", ["disable", "delete"])
@pytest.mark.parametrize("bootstrap", [True, False])
def test_a_list_of_leavers_alone_never_takes_everyone_away(unlisted, bootstrap):
    policy = Policy(bulk=True, unlisted=unlisted, bootstrap=bootstrap)
    problems = check_policy(SCHEMA, policy, [want("ada", "absent"), want("bob", "destroyed")])
    assert [problem.code for problem in problems] == ["empty_list"]
    assert "no element of users has state: present" in problems[0]
    assert check_policy(SCHEMA, dataclasses.replace(policy, unlisted="report"), [want("ada", "absent")]) == []


@pytest.mark.parametrize("unlisted", ["disable", "delete"])
@pytest.mark.parametrize("name", [None, ""])
def test_a_row_without_a_name_may_be_a_listed_user(unlisted, name):
    nameless = person(50, "")
    nameless.values["name"] = name
    with pytest.raises(UnreadableAnswer) as caught:
        check([want("user0")], [*CROWD, nameless], unlisted=unlisted, **FREE)
    assert "(id 50)" in caught.value.message
    check([want("user0")], [*CROWD, nameless], unlisted="report")
    check(
        [want("user0"), want("", id="50")],
        [*CROWD, ROOT, SECOND, nameless],
        unlisted=unlisted,
        protect=("root", "second"),
        **FREE,
    )


# -- two users of one name -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "users",
    [
        [want("ada", id="5"), want("ada")],
        [want("ada"), want("ADA", id="5")],
        [want("ada", id="5"), want("bob", previous=("ada",))],
        [want("bob", id="5", previous=("ada",)), want("ada")],
    ],
)
def test_an_id_does_not_hide_the_name(users):
    assert [problem.code for problem in duplicates(users)] == ["duplicate_user"]


@pytest.mark.parametrize(
    ("desired", "code"),
    [
        ([want("ada", id="1"), want("ADA", id="2")], "duplicate_user"),
        ([want("ada", previous=("user1",)), want("ADA", id="2")], "duplicate_user"),
        ([want("ada"), want("ada", id="2")], "duplicate_user"),
        ([want("mike"), want("mi\u212ae")], "lookalike_name"),
        ([want("", id="1", name="user2")], "duplicate_user"),
        ([want("", id="1", name="USER2"), want("user2", "absent")], "duplicate_user"),
        ([want("ada", id="1"), want("bob", id="2"), want("user1", id="3")], "duplicate_user"),
        ([want("user1", id="1"), want("user2", id="2")], None),
        ([want("User1", id="1")], None),
    ],
)
def test_two_users_never_end_with_one_name(desired, code):
    """A name that is free only after another change of the same task is not free."""
    snapshot = Snapshot([account for account in CROWD if account.key != "user3"] + [person(3, "carl")], True)
    pairs = [(user, snapshot.by_id.get(user.id) or next(iter(snapshot.named(user.key)), None), []) for user in desired]
    problems = collisions(SCHEMA, snapshot, plan_all(SCHEMA, pairs))
    assert [problem.code for problem in problems] == ([code] if code else [])
