# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for every plan, whoever is there and whoever should be."""

from __future__ import annotations

import copy
import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import GuardError, RollcallError, require
from ansible_collections.rollcall.identity.plugins.module_utils._core.names import fold, skeleton
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.conflicts import collisions, duplicates
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.guards import check_plan
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.matching import Ambiguous, find
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Snapshot
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.plan import apply_plan, plan_all, plan_user
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import Policy
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.protect import matching
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.steps import HIDDEN, Plan
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.unlisted import plan_unlisted
from ansible_collections.rollcall.identity.tests.unit.fakes import SCHEMA, Memory, bulk, person, want
from ansible_collections.rollcall.identity.tests.unit.strategies import (
    MAPS,
    SETS,
    accounts,
    desires,
    lookalikes,
    swapped,
)

present = desires(states=("present",))


def planned(desired, account):
    return plan_user(SCHEMA, desired, account)


def set_values(entries):
    return {name: str(value) for name, value in entries.items() if value not in (None, "")}


def expected_set(target, actual):
    """What a set holds afterwards, by the words of the documentation."""
    wanted = set(target.entries)
    return {
        "present": actual | wanted,
        "absent": actual - wanted,
        "exact": wanted,
        "managed": (actual - set(target.bounds)) | wanted,
    }[target.mode]


def expected_map(target, actual):
    """What a map holds afterwards, as texts."""
    kept = {
        "present": set(actual) - set(target.entries),
        "absent": set(actual) - set(target.entries),
        "exact": set(),
        "managed": set(actual) - set(target.bounds) - set(target.entries),
    }[target.mode]
    wanted = {} if target.mode == "absent" else set_values(target.entries)
    return {**{name: actual[name] for name in kept}, **wanted}


@given(desires(), st.none() | accounts())
def test_nothing_is_left_to_do_after_a_plan(desired, account):
    after = apply_plan(SCHEMA, planned(desired, account))
    again = planned(desired, after)
    assert not again.changed
    assert not again.losses
    assert again.before == again.after == {}


@given(present, st.none() | accounts())
def test_facets_hold_afterwards_what_the_modes_promise(desired, account):
    after = apply_plan(SCHEMA, planned(desired, account))
    for name, target in desired.facets.items():
        actual = account.facets[name] if account else {}
        if name in SETS:
            assert set(after.facets[name]) == expected_set(target, set(actual))
        else:
            assert set_values(after.facets[name]) == expected_map(target, set_values(actual))


@given(desires(), accounts())
def test_order_and_case_make_no_difference(desired, account):
    after = apply_plan(SCHEMA, planned(desired, account))
    assert not planned(swapped(desired), after).changed


@given(desires(), accounts(deleted=False))
@example(
    want("ada", enabled=False, admin=False),
    person(1, "ada", {"groups": [], "tags": [], "labels": {}}, enabled=True, admin=True),
)
def test_every_loss_is_counted_and_nothing_else(desired, account):
    plan = planned(desired, account)
    after = apply_plan(SCHEMA, plan)
    expected = set()
    if desired.state != "present":
        assert after is None
        expected.add("deleted")
    else:
        for field, word in (("enabled", "disabled"), ("admin", "demoted")):
            if account.values[field] is True and desired.fields.get(field) is False:
                expected.add(word)
        for name in ("groups", "tags", "labels"):
            target = desired.facets.get(name)
            actual = account.facets[name]
            if target is None:
                continue
            held = set_values(actual) if name in MAPS else actual
            left = expected_map(target, held) if name in MAPS else expected_set(target, set(held))
            gone = [
                held_name if name in MAPS else str(actual[held_name]) for held_name in held if held_name not in left
            ]
            taken = [loss for loss in plan.losses if loss.facet == name]
            assert [(loss.code, sorted(loss.entries)) for loss in taken] == (
                [("facet_removed", sorted(gone))] if gone else []
            )
            expected.update(loss.code for loss in taken)
    assert {loss.code for loss in plan.losses} == expected


@given(present, accounts())
def test_managed_leaves_alone_and_reports_what_lies_outside(desired, account):
    plan = planned(desired, account)
    after = apply_plan(SCHEMA, plan)
    for name, target in desired.facets.items():
        held = set_values(account.facets[name]) if name in MAPS else account.facets[name]
        outside = {key: held[key] for key in held if key not in target.bounds and key not in target.entries}
        if target.mode != "managed":
            assert name not in plan.unmanaged
            continue
        assert set(outside) <= set(after.facets[name])
        if name in MAPS:
            assert set_values(plan.unmanaged.get(name, {})) == outside
        else:
            assert sorted(map(str, plan.unmanaged.get(name, []))) == sorted(map(str, outside.values()))


@given(present, accounts())
def test_steps_are_strict_differences(desired, account):
    for step in planned(desired, account).steps:
        if step.verb == "update":
            assert step.changes
            for name, (before, after) in step.changes.items():
                assert not SCHEMA.field(name).readable or not SCHEMA.field(name).equal(before, after)
        if step.verb != "facet":
            continue
        actual = account.facets[step.via]
        assert step.add or step.remove
        assert not set(step.add) & set(step.remove)
        assert set(step.remove) <= set(actual)
        if step.via in MAPS:
            assert all(str(actual.get(name)) != str(value) for name, value in step.add.items())
        else:
            assert not set(step.add) & set(actual)


@given(desires(), accounts())
def test_before_and_after_hold_the_differences_only(desired, account):
    plan = planned(desired, account)
    assert bool(plan.before or plan.after) == plan.changed
    if desired.state == "present":
        assert set(plan.before) == set(plan.after)
        assert all(repr(plan.before[name]) != repr(plan.after[name]) for name in plan.before)


@given(accounts(name="ada", deleted=False), desires(key="lovelace", states=("present",)))
def test_a_rename_keeps_the_account(account, desired):
    plan = planned(desired, account)
    after = apply_plan(SCHEMA, plan)
    assert plan.operation == "rename"
    assert {step.verb for step in plan.steps} <= {"update", "facet"}
    assert (after.id, after.key) == (account.id, "lovelace")
    assert (plan.before["name"], plan.after["name"]) == ("ada", "lovelace")


@st.composite
def directories(draw):
    """Pairs of desired users and accounts, each with its own name."""
    pairs = []
    for number, name in enumerate(
        draw(st.lists(st.sampled_from(["ada", "bob", "eve", "zoë"]), unique=True, max_size=4))
    ):
        account = draw(st.none() | accounts(identity=str(number), name=name))
        pairs.append((draw(desires(key=name, index=number)), account, []))
    return pairs


def digest(pairs):
    return plan_all(SCHEMA, pairs).digest()


@given(directories(), st.randoms())
def test_the_digest_does_not_depend_on_the_order_of_the_input(pairs, chance: random.Random):
    mixed = list(pairs)
    chance.shuffle(mixed)
    turned = []
    for desired, account, warnings in mixed:
        other = copy.deepcopy(desired)
        for name in SETS:
            if name in other.facets:
                other.facets[name].entries = dict(reversed(other.facets[name].entries.items()))
        other.fields = dict(reversed(other.fields.items()))
        turned.append((other, account, warnings))
    assert digest(turned) == digest(pairs)


def effect(plan):
    """What a plan does to a directory, secrets left out."""
    steps = [
        (
            step.verb,
            step.via,
            {name: SCHEMA.field(name).secret or value for name, value in step.values.items()},
            step.add,
            step.remove,
            step.facets,
        )
        for step in plan.steps
    ]
    return plan.operation, repr(steps)


@given(desires(key="ada"), desires(key="ada"), st.none() | accounts(name="ada"))
def test_the_digest_is_that_of_the_effect(one, other, account):
    plans = planned(one, account), planned(other, account)
    same = plans[0].changed == plans[1].changed and (not plans[0].changed or effect(plans[0]) == effect(plans[1]))
    assert (Plan([plans[0]]).digest() == Plan([plans[1]]).digest()) == same


@pytest.mark.parametrize("account", [None, "ada"])
def test_no_secret_is_in_the_differences_and_the_digest_is_without_it(account):
    held = Memory().writing(want("ada")).create(plan_user(SCHEMA, want("ada"), None).steps[0]) if account else None
    digests = set()
    for secret in ("hunter2", "swordfish"):
        plan = planned(want("ada", password=secret, always=frozenset({"password"})), held)
        assert plan.after["password"] == HIDDEN
        assert secret not in repr((plan.before, plan.after, plan.losses))
        digests.add(Plan([plan]).digest())
    assert len(digests) == 1


@given(directories(), st.sampled_from(["ignore", "report", "disable", "delete"]))
def test_planning_changes_nothing_that_it_is_given(pairs, unlisted):
    stranger = Memory().writing(want("stranger")).create(plan_user(SCHEMA, want("stranger"), None).steps[0])
    snapshot = Snapshot(
        [account for _desired, account, _warnings in pairs if account is not None and not account.deleted],
        complete=True,
    )
    snapshot.add(stranger)
    policy = Policy(bulk=True, unlisted=unlisted, loss_limit="100%", delete_limit=9, min_admins=0, bootstrap=True)
    before = copy.deepcopy((pairs, snapshot.accounts))
    plan = plan_all(SCHEMA, pairs)
    plan_unlisted(SCHEMA, policy, snapshot, plan, None, Memory().disabled)
    check_plan(SCHEMA, policy, snapshot, plan, "robot", 100)
    plan.digest()
    for user in plan.users:
        apply_plan(SCHEMA, user)
    assert (pairs, snapshot.accounts) == before


@given(desires(states=("absent", "destroyed")), accounts())
def test_who_is_to_be_absent_ends_absent(desired, account):
    plan = planned(desired, account)
    assert apply_plan(SCHEMA, plan) is None
    assert [step.verb for step in plan.steps] == ["delete"] * (not account.deleted) + ["destroy"] * (
        desired.state == "destroyed"
    )


@given(present)
def test_a_create_carries_all_that_is_wished(desired):
    plan = planned(desired, None)
    after = apply_plan(SCHEMA, plan)
    assert plan.steps[0].verb == "create"
    for name in ("email", "title", "badge", "enabled", "admin"):
        assert SCHEMA.field(name).equal(after.values.get(name), desired.fields.get(name))
    assert fold(after.key) == fold(desired.key)
    assert not plan.losses


# -- names that look alike -------------------------------------------------------------------------------------------


@given(lookalikes(), st.lists(lookalikes(), max_size=4, unique=True), st.sampled_from(["present", "absent"]))
def test_a_name_never_means_an_account_that_only_looks_alike(name, there, state):
    people = [person(number, key) for number, key in enumerate(there)]
    try:
        account, _warnings = find(SCHEMA, want(name, state), Snapshot(people, True))
    except Ambiguous as error:
        code = error.problem.code
        same = [key for key in there if fold(key) == fold(name)]
        assert (code, bool(same)) in (("lookalike_name", False), ("ambiguous_user", True))
        return
    if account is None:
        assert skeleton(name) not in map(skeleton, there)
    else:
        assert fold(account.key) == fold(name)


@given(lookalikes(), lookalikes())
def test_a_pattern_shields_whoever_looks_alike(pattern, name):
    assert bool(matching((pattern,), name)) == (skeleton(pattern) == skeleton(name))


@given(st.lists(lookalikes(), min_size=1, max_size=4), st.lists(lookalikes(), max_size=3, unique=True))
def test_no_two_users_of_a_plan_end_with_names_that_look_alike(names, there):
    directory = Memory([person(number, key) for number, key in enumerate(there)])
    try:
        bulk(directory, *map(want, names), unlisted="report")
    except RollcallError:
        assert not directory.writes
        return
    new = [account.key for account in directory.people.values() if account.key not in there]
    looks = list(map(skeleton, [*new, *there]))
    assert all(looks.count(skeleton(name)) == 1 for name in new)


# -- the order of the input and of the directory -----------------------------------------------------------------------


@st.composite
def tasks(draw):
    """People of a directory and desired users, some of them in conflict; and limits."""
    names = draw(st.lists(st.sampled_from(["ada", "bob", "eve", "zoe"]), unique=True, min_size=1))
    people = [draw(accounts(identity=str(number), name=name, deleted=False)) for number, name in enumerate(names)]
    wished = draw(st.lists(st.sampled_from(["ada", "bob", "eve", "new", "other"]), unique=True, min_size=1, max_size=5))
    desired = []
    for name in wished:
        user = draw(desires(key=name, states=("present", "present", "absent")))
        if draw(st.integers(0, 4)) == 0:
            user.id = draw(st.sampled_from(["0", "1"]))
        desired.append(user)
    limits = {
        name: draw(st.sampled_from([None, "0", "1", "50%"]))
        for name in ("create_limit", "rename_limit", "reopen_limit", "loss_limit")
    }
    policy = Policy(
        bulk=True,
        unlisted=draw(st.sampled_from(["ignore", "report", "disable", "delete"])),
        delete_limit=draw(st.integers(0, 2)),
        min_admins=draw(st.integers(0, 2)),
        protect=draw(st.sampled_from([(), ("a*",), ("bob", "zoe")])),
        bootstrap=True,
        **limits,
    )
    return people, desired, policy


def outcome(people, desired, policy):
    """What a task would do, or the code of why it would not."""
    snapshot = Snapshot(people, True)
    try:
        require(duplicates(desired))
        plan = plan_all(SCHEMA, [(user, *find(SCHEMA, user, snapshot)) for user in desired])
        require(collisions(SCHEMA, snapshot, plan))
        plan_unlisted(SCHEMA, policy, snapshot, plan, "robot", Memory().disabled)
        check_plan(SCHEMA, policy, snapshot, plan, "robot", len(people))
    except Ambiguous as error:
        return error.problem.code
    except GuardError as error:
        return error.code, sorted(error.users)
    except RollcallError as error:
        return type(error)
    return plan.digest(), sorted(plan.unlisted), sorted(plan.spared), plan.summary()


@given(tasks(), st.randoms())
def test_neither_the_plan_nor_its_refusal_depends_on_an_order(task, chance: random.Random):
    people, desired, policy = task
    before = outcome(people, desired, policy)
    others, users = list(people), list(desired)
    chance.shuffle(others)
    chance.shuffle(users)
    after = outcome(others, users, policy)
    if isinstance(before, str):
        assert isinstance(after, str)
    else:
        assert after == before


@given(tasks())
@example(([person(1, "root")], [want("root", title="chief")], Policy(bulk=True, protect=("root",), min_admins=0)))
def test_a_plan_that_passes_keeps_to_every_limit(task):
    people, desired, policy = task
    snapshot = Snapshot(people, True)
    try:
        plan = plan_all(SCHEMA, [(user, *find(SCHEMA, user, snapshot)) for user in desired])
        plan_unlisted(SCHEMA, policy, snapshot, plan, "robot", Memory().disabled)
        check_plan(SCHEMA, policy, snapshot, plan, "robot", len(people))
    except (Ambiguous, RollcallError):
        return
    counts = {
        "create_limit": sum(user.operation == "create" for user in plan.users),
        "rename_limit": sum(user.operation == "rename" for user in plan.users),
        "reopen_limit": sum(user.reopens for user in plan.users),
        "loss_limit": sum(bool(user.losses) for user in plan.users),
    }
    for name, count in counts.items():
        limit = getattr(policy, name)
        if limit is not None:
            assert count <= (len(people) // 2 if limit == "50%" else int(limit)), name
    assert sum(user.unlisted and user.operation == "delete" for user in plan.users) <= policy.delete_limit
    for user in plan.users:
        if user.account is not None and matching(policy.protect, user.account.key):
            assert user.losses == user.sensitive == []


@given(desires(), accounts())
def test_losses_have_codes_and_sentences_are_made_from_them(desired, account):
    plan = planned(desired, account)
    for loss in [*plan.losses, *plan.sensitive]:
        facts = loss.facts("ada")
        assert set(facts) == {"user", "code", "message", "entries"} | (
            {"facet"} if loss.code == "facet_removed" else set()
        )
        assert facts["message"] == f"ada {loss}"
        assert facts["entries"] == list(loss.entries)
    assert {loss.code for loss in plan.losses} <= {"deleted", "disabled", "demoted", "facet_removed"}
    assert {loss.code for loss in plan.sensitive} <= {"renamed", "password_changed", "value_cleared", "facet_removed"}
