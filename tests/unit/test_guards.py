# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plan may not do: losses, unlisted users, administrators, and the wrong directory."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import GuardError
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.conflicts import duplicates
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.guards import check_digest
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import (
    Policy,
    allowed_losses,
    check_policy,
    protection,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.steps import Plan
from ansible_collections.rollcall.identity.tests.unit.fakes import SCHEMA, person, target, want
from ansible_collections.rollcall.identity.tests.unit.guards import CROWD, FREE, ROOT, SECOND, check, refused

DISCREET = dataclasses.replace(SCHEMA, knows_privileged=False, knows_caller=False)


def losing(number):
    """Return that many users who lose a group."""
    return [want(account.key, facets={"groups": target("exact", [])}) for account in CROWD[:number]]


@pytest.mark.parametrize(
    ("limit", "size", "allowed"),
    [
        (None, 0, 5), (None, 299, 5), (None, 300, 6), (None, 10_000, 200),
        ("0", 100, 0), ("12", 1, 12), (" 3 ", 9, 3), ("10%", 99, 9), ("0%", 50, 0), ("100%", 7, 7), ("2.5 %", 1000, 25),
    ],
)
def test_allowed_losses(limit, size, allowed):
    assert allowed_losses(limit, size) == allowed


@given(st.integers(0, 1_000_000))
def test_the_default_limit_is_two_percent_in_whole_users(size):
    assert allowed_losses(None, size) == max(5, size * 2 // 100)


@pytest.mark.parametrize(
    "limit",
    [
        "",
        "many",
        "-1",
        "-5%",
        "101%",
        "nan%",
        "inf%",
        "5.5",
        "%",
        "1e2%",
        "1e1",
        "\uff15",
        "\uff15%",
        "+5",
        "1_0",
        ".5%",
        "5%%",
    ],
)
def test_a_loss_limit_that_is_none_is_refused(limit):
    problems = check_policy(SCHEMA, Policy(bulk=True, loss_limit=limit), [want("ada")])
    assert [(problem.code, problem.option) for problem in problems] == [("invalid_value", "loss_limit")]


@pytest.mark.parametrize("limit", [None, "5", "45%"])
def test_as_many_losses_as_allowed(limit):
    assert len(check(losing(5), loss_limit=limit).changed) == 5
    assert refused(losing(6), loss_limit=limit).users == [account.key for account in CROWD[:6]]


@pytest.mark.parametrize(
    "desired",
    [
        want("user0", "absent"),
        want("user0", enabled=False),
        want("root", admin=False),
        want("user0", facets={"groups": target("managed", [], ["ops"])}),
        want("user0", facets={"groups": target("absent", ["OPS"])}),
    ],
)
def test_every_kind_of_loss_counts_against_the_limit(desired):
    assert "would lose access or data" in refused([desired], loss_limit="0", min_admins=0).message


def test_what_is_no_loss_needs_no_limit():
    desired = [
        want("new", facets={"groups": target("exact", ["ops"])}),
        want("user0", title="x", facets={"groups": target("present", ["dev"]), "attributes": target("exact", {})}),
        want("user1", admin=True),
    ]
    assert len(check(desired, loss_limit="0").changed) == 3


def test_tasks_on_one_user_have_no_loss_limit():
    assert check(losing(10), bulk=False).changed


@pytest.mark.parametrize("names", [3, 30])
def test_the_message_lists_who_would_lose_what(names):
    people = [person(number, f"person{number:02}", facets={"groups": ["ops"]}) for number in range(names)]
    error = refused([want(account.key, "absent") for account in people], people, loss_limit="1")
    assert "person00 would be deleted" in error.message
    assert ("and 10 more" in error.message) == (names == 30)
    assert len(error.users) == names


def test_unlisted_users_are_deleted_within_their_own_limit():
    policy = {**FREE, "unlisted": "delete", "protect": ("root", "second")}
    listed = [want(account.key) for account in CROWD[:8]]
    assert [user.key for user in check(listed, **{**policy, "delete_limit": 2}).changed] == ["user8", "user9"]
    assert refused(listed, **{**policy, "delete_limit": 1}).users == ["user8", "user9"]
    assert "delete_limit is 0" in refused(listed, **{**policy, "delete_limit": 0}).message


def test_the_delete_limit_is_not_for_users_who_are_listed_as_absent():
    assert len(check([want("user0", "absent")], delete_limit=0).changed) == 1


@pytest.mark.parametrize(("unlisted", "touched"), [("ignore", 0), ("report", 0), ("disable", 11), ("delete", 11)])
def test_what_becomes_of_unlisted_users(unlisted, touched):
    plan = check([want("user0")], unlisted=unlisted, min_admins=0, **FREE)
    assert len(plan.changed) == touched
    assert len(plan.unlisted) == 11
    assert not plan.spared


def test_who_is_disabled_already_is_left_alone():
    people = [person(1, "ada"), person(2, "bob", enabled=False)]
    assert not check([want("ada")], people, unlisted="disable").changed


def test_shielded_users_are_spared_among_the_unlisted_and_named():
    people = [*CROWD, person(50, "boss", owner=True)]
    plan = check([want("user0")], people, caller="3", unlisted="delete", protect=("*8",), **FREE)
    assert sorted(plan.spared) == ["boss", "user3", "user8"]
    assert set(plan.spared) <= set(plan.unlisted)
    assert not {"boss", "user3", "user8"} & {user.key for user in plan.changed}


def test_shielded_users_without_names_are_named_by_their_ids():
    nameless = [person(number, "", facets={"groups": ["ops"]}) for number in (50, 51)]
    plan = check([want("user0")], [*CROWD, *nameless], unlisted="disable", protect=("*",), **FREE)
    assert {"id 50", "id 51"} <= set(plan.spared)
    error = refused([want("", "absent", id="50"), want("", "absent", id="51")], nameless, protect=("*",), **FREE)
    assert {entry["user"] for entry in error.errors()} == {"id 50", "id 51"}
    assert "id 50 (protected by '*' in protect) would be deleted" in error.message


@pytest.mark.parametrize(
    ("account", "caller", "protect", "why"),
    [
        (person(1, "Svc-AWX@acme.com"), None, ("svc-*@ACME.com",), "svc-*@ACME.com"),
        (person(1, "ada"), None, ("a[!d]a", "adam", "?da"), "?da"),
        (person(1, "ada", owner=True), None, (), "owner"),
        (person(1, "Ada"), "ada", (), "the user of these credentials"),
        (person(1, "Ada"), "1", (), "the user of these credentials"),
        (person(1, "ada"), "2", ("bob", "ad"), None),
    ],
)
def test_who_is_shielded(account, caller, protect, why):
    told = protection(Policy(protect=protect), account, caller)
    assert (told is None) if why is None else (why in told)


@pytest.mark.parametrize("bulk", [True, False])
@pytest.mark.parametrize(
    "desired", [want("ada", "absent"), want("ada", enabled=False), want("ada", facets={"groups": target("exact", [])})]
)
def test_a_loss_of_a_shielded_user_stops_the_task(desired, bulk):
    people = [person(1, "ada", facets={"groups": ["ops"]})]
    error = refused([desired], people, bulk=bulk, protect=("A*",))
    assert "ada (protected by 'A*' in protect)" in error.message
    assert check([desired], people, bulk=bulk, protect=("b*",)).changed


def test_a_shielded_user_may_be_given_something():
    assert check(
        [want("ada", title="x", facets={"groups": target("present", ["ops"])})],
        [person(1, "ada", owner=True)],
        protect=("*",),
    ).changed


@pytest.mark.parametrize("desired", [want("root", "absent"), want("root", enabled=False), want("root", admin=False)])
def test_the_last_admins_stay(desired):
    error = refused([desired])
    assert "leave 1 privileged user, and min_admins is 2" in error.message
    assert error.users == ["root"]
    assert check([desired], min_admins=1).changed


@pytest.mark.parametrize("unlisted", ["disable", "delete"])
def test_unlisted_is_named_as_the_reason_for_too_few_admins(unlisted):
    everyone = [want(account.key) for account in CROWD]
    error = refused([*everyone, want("second")], unlisted=unlisted)
    assert error.message.endswith(f": root would be deleted, disabled or demoted, because unlisted is {unlisted}.")
    assert error.hint == (
        "Nothing was written. List root in users or in protect. If this loss is intended, add privileged users first, "
        "or lower min_admins."
    )
    assert ". List them in users" in refused(everyone, unlisted=unlisted).hint
    scoped = refused(everyone, unlisted=unlisted, scope="identity_connections.ol.")
    assert ". Add their people to the feed, or them to identity_connections.ol.protect. If" in scoped.hint
    assert "because identity_connections.ol.unlisted is" in scoped.message
    error = refused([*everyone, want("root", "absent")], unlisted=unlisted)
    assert "because" not in error.message and "List" not in error.hint, "one of them is listed"


def test_an_admin_who_cannot_log_in_does_not_count_as_one():
    people = [ROOT, SECOND, person(92, "third", admin=True, enabled=False)]
    refused([want("root", "absent")], people)
    assert check([want("third", "absent")], people).changed


UNKNOWN_ADMIN = dataclasses.replace(
    SCHEMA, normalise=lambda values: {"enabled": values.get("enabled"), "privileged": values.get("admin")}
)


@pytest.mark.parametrize("desired", [want("user0", "absent"), want("user0", enabled=False), want("user0", "destroyed")])
@pytest.mark.parametrize("known", [{}, {"admin": None}])
def test_somebody_who_may_be_privileged_counts_when_lost_and_not_when_left(desired, known):
    people = [person(0, "user0", **known), person(1, "user1", **known), person(2, "user2", admin=False), ROOT]
    error = refused([desired], people, schema=UNKNOWN_ADMIN)
    assert (error.code, error.users) == ("min_admins", ["user0"])
    assert "did not report whether they are privileged" in error.message
    assert "Only 1 user is certain" in error.message
    assert check([desired], people, schema=UNKNOWN_ADMIN, min_admins=1).changed
    assert check([desired], [*people, SECOND], schema=UNKNOWN_ADMIN).changed
    assert check([want("user2", "absent")], people, schema=UNKNOWN_ADMIN).changed, (
        "of whom it is known that they are not privileged"
    )


def test_privileged_users_of_whom_the_rest_is_unknown_are_kept_too():
    assert refused([want("root", "absent")], [ROOT, person(1, "user1")], schema=UNKNOWN_ADMIN).users == ["root"]


@pytest.mark.parametrize("bulk", [True, False])
def test_nobody_loses_the_login_where_the_caller_is_unknown_and_nobody_is_protected(bulk):
    error = refused([want("user0", "absent"), want("user1", title="x")], caller=None, bulk=bulk)
    assert (error.code, error.users) == ("unknown_caller", ["user0"])
    assert check([want("user0", "absent")], caller=None, bulk=bulk, protect=("svc-awx",)).changed
    assert check(losing(2), caller=None, bulk=bulk).changed
    assert check([want("user0", "absent")], caller=None, bulk=bulk, schema=DISCREET).changed


def test_fewer_admins_than_wanted_stop_nothing_else():
    assert check([want("user0", "absent")], [*CROWD, ROOT]).changed


@pytest.mark.parametrize(("known", "new", "stopped"), [(2, 2, False), (2, 3, True), (0, 1, True), (1, 0, False)])
@pytest.mark.parametrize("unlisted", ["disable", "delete"])
def test_the_wrong_directory_is_noticed(known, new, stopped, unlisted):
    listed = [want(f"user{number}") for number in range(known)] + [want(f"new{number}") for number in range(new)]
    options = {"unlisted": unlisted, "min_admins": 0, **FREE}
    if stopped:
        text = f"Only {known} of the {known + new} listed users exist in"
        if new == 1:
            text = "The only listed user does not exist in"
        assert text in refused(listed, **options).message
    else:
        check(listed, **options)
    assert check(listed, bootstrap=True, **options).changed
    assert check(listed, [], **options) is not None
    check(listed, unlisted="report")


@pytest.mark.parametrize("unlisted", ["disable", "delete"])
def test_an_empty_list_never_takes_everyone_away(unlisted):
    assert "users is empty" in check_policy(SCHEMA, Policy(bulk=True, unlisted=unlisted, bootstrap=True), [])[0]


@pytest.mark.parametrize(
    ("knows_privileged", "unknown"),
    [
        (False, "which users are administrators or which one these credentials belong to."),
        (True, "which user these credentials belong to."),
    ],
)
def test_a_missing_protect_names_what_the_api_does_not_report(knows_privileged, unknown):
    schema = dataclasses.replace(DISCREET, knows_privileged=knows_privileged)
    (problem,) = check_policy(schema, Policy(bulk=True, unlisted="disable"), [want("ada")])
    assert problem.code == "missing_protect"
    assert f"{schema.provider} does not report {unknown} In protect, list" in problem


@pytest.mark.parametrize("unlisted", ["ignore", "report"])
def test_an_empty_list_is_fine_where_nothing_is_taken(unlisted):
    assert check_policy(DISCREET, Policy(bulk=True, unlisted=unlisted), []) == []


def test_where_the_provider_does_not_tell_who_matters_protect_must_be_given():
    policy = Policy(bulk=True, unlisted="delete")
    assert check_policy(SCHEMA, policy, [want("ada")]) == []
    assert "protect" in check_policy(DISCREET, policy, [want("ada")])[0]
    assert check_policy(DISCREET, dataclasses.replace(policy, protect=("svc",)), [want("ada")]) == []


@pytest.mark.parametrize("unlisted", ["disable", "delete"])
def test_a_required_protect_that_matches_nobody_stops_the_plan(unlisted):
    rules = {**FREE, "unlisted": unlisted, "schema": DISCREET, "bootstrap": True}
    kept = [want(account.key) for account in CROWD[:5]]
    error = refused(kept, CROWD, protect=("svc-*", "usr0"), **rules)
    assert (error.code, error.option) == ("unmatched_pattern", "protect")
    assert error.message == (
        f"5 unlisted users would be {unlisted}d, and protect matches no user of this directory: 'svc-*', 'usr0'."
    )
    for protect in (("svc-*", "user9"), ("svc-*", "user0")):
        assert check(kept, CROWD, protect=protect, **rules).changed, "one pattern matches"
    assert not check([want(account.key) for account in CROWD], CROWD, protect=("svc-*",), **rules).changed
    assert check(kept, [], protect=("svc-*",), **rules).changed, "an empty directory"
    assert check(kept, CROWD, protect=("svc-*",), **{**rules, "schema": SCHEMA}).changed, "protect is not required"


def test_all_faults_of_the_options_are_told_at_once():
    schema = dataclasses.replace(DISCREET, disable_is="manual")
    problems = check_policy(schema, Policy(bulk=True, unlisted="disable", loss_limit="lots"), [])
    assert len(problems) == 4


def test_only_the_approved_plan_is_executed():
    plan = check([want("ada")])
    check_digest(Policy(), plan)
    check_digest(Policy(plan_digest=plan.digest()), plan)
    with pytest.raises(GuardError) as caught:
        check_digest(Policy(plan_digest="0" * 64), plan)
    assert plan.digest() in caught.value.message


def test_a_part_of_the_digest_is_not_called_another_plan():
    plan = check([want("ada")])
    with pytest.raises(GuardError) as caught:
        check_digest(Policy(plan_digest=plan.digest()[:8]), plan)
    assert (caught.value.code, caught.value.option) == ("plan_digest", "plan_digest")
    assert "does not have the 64 hexadecimal digits of a digest" in caught.value.message


def test_a_plan_without_changes_needs_no_approval():
    plan = Plan()
    assert plan.digest() != "0" * 64
    check_digest(Policy(plan_digest="0" * 64), plan)


def test_mails_are_limited():
    check([], max_mails=3, mails=3)
    assert "4 e-mails" in refused([], max_mails=3, mails=4).message


@pytest.mark.parametrize(
    ("users", "said"),
    [
        ([want("ada"), want("bob")], None),
        (
            [want("ada", index=0), want(" ADA", index=1)],
            "users[1] (ADA): users[0] (ada) is the same user (ada)",
        ),
        ([want("straße"), want("STRASSE")], None),
        ([want("straße"), want("STRAßE")], "(straße)"),
        ([want("ada", id="1"), want("bob", id="1")], "(id 1)"),
        ([want("", id="1"), want("", id="2")], None),
        ([want("ada", previous=("bob",)), want("Bob")], "(bob)"),
        ([want("ada", previous=("carl",)), want("bob", previous=("CARL",))], "(carl)"),
        ([want("ada", previous=("Ada", "ada"))], None),
    ],
)
def test_the_same_user_twice(users, said):
    problems = duplicates(users)
    assert (problems == []) if said is None else (len(problems) == 1 and said in problems[0])


def test_every_double_is_told():
    assert len(duplicates([want("ada"), want("ADA"), want("Ada"), want("bob"), want("BOB")])) == 3


def test_who_has_an_id_is_known_by_it_alone():
    assert duplicates([want("ada", id="1"), want("Ada", id="2")]) == []
    assert len(duplicates([want("ada", id="1"), want("bob", id="1")])) == 1
