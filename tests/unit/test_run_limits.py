# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keeps a task within its limits: of changes, of calls, of the account, and of who must stay."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import GuardError, InputError, RateLimited
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.losses import PASSWORD_CHANGED, Loss
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import gather, perform
from ansible_collections.rollcall.identity.tests.unit.fakes import (
    CROWD,
    RESERVED,
    Memory,
    bulk,
    context,
    groups_info,
    person,
    single,
    want,
)

# -- input -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "policy", [{"loss_limit": "0"}, {"min_admins": 1}, {"protect": ("ada",)}, {"plan_digest": "x"}, {"max_mails": 0}],
)
@pytest.mark.parametrize("check", [True, False])
def test_limits_stop_a_task_before_its_first_write_and_in_check_mode_too(policy, check):
    directory = Memory([person(1, "ada", admin=True)], lookups_up_to=0)
    directory.mails = lambda steps, desired: sum(step.verb == "create" for step in steps)
    with pytest.raises(GuardError) as caught:
        bulk(directory, want("ada", "absent"), want("new"), check=check, **policy)
    assert directory.writes == []
    assert [entry["before_header"] for entry in caught.value.more["diff"]] == ["ada", "new"]
    assert set(caught.value.more) & RESERVED == set()


def test_a_plan_that_was_stopped_can_be_approved_by_its_digest():
    directory = Memory(CROWD)
    with pytest.raises(GuardError) as caught:
        bulk(directory, want("user00", "absent"), loss_limit="0")
    assert bulk(directory, want("user00", "absent"), plan_digest=caught.value.more["plan_digest"])["changed"]


def test_a_plan_over_the_rate_limit_is_not_begun():
    directory = Memory()
    directory.connection.transport.limiter.observe(5000, 2, 3600)
    with pytest.raises(RateLimited, match="needs 3 calls"):
        bulk(directory, want("ada"), want("bob"), want("eve"))
    assert directory.writes == []


def test_a_plan_on_many_users_leaves_the_reserve_and_one_on_a_single_user_may_use_it():
    directory = Memory(CROWD[:3], rate_reserve="10")
    directory.connection.transport.limiter.observe(100, 11, 3600)
    with pytest.raises(
        RateLimited, match=r"needs 2 calls; the server's rate limit leaves 11 calls .10 of them in reserve."
    ):
        bulk(directory, want("ada"), want("bob"))
    assert directory.writes == []
    single(directory, want("ada"))
    assert directory.writes == [("create", "ada")]
    bulk(directory, want("bob"))
    assert len(directory.writes) == 2


@pytest.mark.parametrize("many", [True, False])
def test_reading_many_users_leaves_the_reserve(many):
    directory = Memory()
    limiter = directory.connection.transport.limiter
    limiter.observe(100, 20, 3600)
    if many:
        with pytest.raises(RateLimited, match="20 of them in reserve"):
            gather(context(), directory.connection, lambda: limiter.acquire() or {}, bulk=True)
    else:
        gather(context(), directory.connection, lambda: limiter.acquire() or {})


@pytest.mark.parametrize(
    ("params", "sparing"),
    [({}, True), ({"filters": {"title": "x"}}, True), ({"user": "user00"}, False), ({"id": "1"}, False)],
)
def test_an_info_task_leaves_the_reserve_unless_it_asks_for_one_user(params, sparing):
    directory = Memory(CROWD[:3])
    task = groups_info(directory)
    task.run(context(**{"gather": [], "filters": None, **params}), directory.connection)
    assert directory.connection.transport.limiter.keeps_reserve is sparing


def test_a_task_begins_without_the_reserve_of_the_one_before():
    directory = Memory()
    bulk(directory, want("ada"))
    directory.connection.begin()
    assert not directory.connection.transport.limiter.keeps_reserve


@pytest.mark.parametrize("reserve", ["most", "120%", "-1"])
def test_a_reserve_that_cannot_be_is_refused(reserve):
    with pytest.raises(InputError, match=r"rate_reserve is '.*'; specify a percentage"):
        Memory(rate_reserve=reserve)


def test_the_calling_identity_is_spared():
    directory = Memory(CROWD[:3])
    directory.connection.whoami = "user02"
    result = bulk(directory, want("user00"), unlisted="delete")
    assert (result["spared"], result["summary"]["deleted"]) == (["user02"], 1)


@pytest.mark.parametrize(
    ("actual", "said"),
    [
        ("other", "expected_account is acme, and these credentials belong to account other"),
        (None, "cannot verify acme"),
    ],
)
def test_the_wrong_account_is_noticed_before_anything_is_read(actual, said):
    directory = Memory(CROWD, expected_account="acme")
    directory.connection.organisation = actual
    for act in (
        lambda: bulk(directory, want("ada")),
        lambda: perform(context(user="user00"), directory, lambda account: {}),
        lambda: gather(context(), directory.connection, lambda: pytest.fail("read")),
    ):
        with pytest.raises(InputError) as caught:
            act()
        assert said in caught.value.message
    assert directory.log == []


def test_the_right_account_passes_whatever_its_case():
    assert not bulk(Memory(CROWD, expected_account="ACME"), want("user00"))["changed"]


# -- actions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("admins", [2, 3])
def test_the_last_administrators_are_kept_in_tasks_on_one_user_too(admins):
    directory = Memory([person(number, f"admin{number}", admin=True) for number in range(admins)])
    want_gone = want("admin0", state="absent")
    if admins == 2:
        with pytest.raises(GuardError, match="would leave 1 privileged"):
            single(directory, want_gone, min_admins=2)
        assert len(directory.people) == 2
    else:
        assert single(directory, want_gone, min_admins=2)["changed"] is True


# -- names, protection and limits in a whole task --------------------------------------------------------------------


def test_a_login_that_is_open_again_is_counted_and_limited():
    directory = Memory([person(1, "ada", enabled=False), person(2, "bob")])
    desired = [want("ada", enabled=True), want("bob", title="x")]
    with pytest.raises(GuardError) as caught:
        bulk(directory, *desired, reopen_limit="0")
    assert (caught.value.code, caught.value.users, caught.value.more["summary"]["reopened"]) == (
        "reopen_limit",
        ["ada"],
        1,
    )
    result = bulk(directory, *desired, reopen_limit="1")
    assert (result["summary"]["reopened"], result["summary"]["updated"]) == (1, 1)
    assert result["diff"][0]["before"] == {"enabled": False}
    assert directory.people["1"].values["enabled"] is True


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(("protect", "caller"), [(["a*"], "robot"), ([], "ada"), ([], "1")])
def test_an_action_takes_nothing_from_a_protected_user(check, protect, caller):
    directory, acted = Memory([person(1, "ada")]), []
    directory.connection.whoami = caller
    task = context(check, user="ada", protect=protect)
    with pytest.raises(GuardError, match="would get a new password") as caught:
        perform(task, directory, lambda account: acted.append(account) or {}, losses=[Loss(PASSWORD_CHANGED)])
    assert (caught.value.code, caught.value.users, acted) == ("protected", ["ada"], [])
    assert perform(task, directory, lambda account: acted.append(account) or {})["changed"], (
        "an action that takes nothing"
    )
