# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many users in one task: pages, limits, approval, faults on the way, and reading given back as input."""

from __future__ import annotations

from typing import Any

import pytest
from playbooks import FRONT_ENDS, Outcome, Playbooks, Run

from simulator.harness import Simulator

MODULE = "rollcall.identity.onelogin_users"


def task(name: str, **args: Any) -> dict[str, Any]:
    """Return a task that is allowed to fail, with its diff."""
    more = {key: args.pop(key) for key in ("check_mode", "register") if key in args}
    return {"name": name, MODULE: args, "diff": True, "ignore_errors": True, **more}


def listed(simulator: Simulator, number: int, **changes: Any) -> list[dict[str, Any]]:
    """Return the input for seeded users: as they are, apart from ``changes``."""
    users = sorted(simulator.state("onelogin")["users"], key=lambda user: user["id"])[:number]
    return [{"user": user["username"], "title": user["title"], **changes} for user in users]


def refused(outcome: Outcome, *texts: str) -> None:
    """Assert that a task failed before its first write, with these texts in its message."""
    assert outcome.failed, outcome.result
    assert outcome.writes == []
    for text in texts:
        assert text in outcome.message
    assert "Traceback" not in outcome.message


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_pages_and_giving_back(front_end: str, simulator: Simulator, playbooks: Playbooks) -> None:
    simulator.reset(seed_users=120)
    run = playbooks.run(
        [
            {
                "name": "read",
                "rollcall.identity.onelogin_user_info": {"gather": ["roles", "attributes"]},
                "register": "read",
            },
            task("give back", users="{{ read.users }}", unlisted="report"),
            task(
                "change all",
                users="{{ read.users | map('combine', {'department': 'Registry'}) | list }}",
                unlisted="report",
            ),
            task(
                "change all again",
                users="{{ read.users | map('combine', {'department': 'Registry'}) | list }}",
                unlisted="report",
            ),
        ],
        front_end,
    )
    back = run["give back"]
    assert back.result["changed"] is False
    assert back.result["users"] == []
    assert back.result["summary"]["unchanged"] == 120
    assert back.writes == []
    assert sum(item["operation"] == "list_users" for item in back.requests) == 3, "120 users are three pages"
    assert back.result["reads"] == "3 pages of 50, 0 look-ups"
    changed = run["change all"]
    assert changed.result["summary"] == {
        "created": 0,
        "updated": 120,
        "renamed": 0,
        "disabled": 0,
        "deleted": 0,
        "restored": 0,
        "reopened": 0,
        "unchanged": 0,
        "failed": 0,
    }
    assert len(changed.writes) == 120
    assert {str(item["body"]) for item in changed.writes} == {"{'department': 'Registry'}"}
    assert run["change all again"].writes == []


def test_few_users_are_looked_up(simulator: Simulator, playbooks: Playbooks) -> None:
    simulator.reset(seed_users=300)
    run = playbooks.run([task("three", users=listed(simulator, 3)), task("thirty", users=listed(simulator, 30))])
    assert run["three"].result["reads"] == "0 pages, 3 look-ups"
    assert run["thirty"].result["changed"] is False
    assert sum(item["operation"] == "list_users" for item in run["thirty"].requests) <= 7


@pytest.fixture
def directory(simulator: Simulator) -> Simulator:
    """Forty users; the last ones are svc-awx and svc-ci."""
    simulator.reset(seed_users=38)
    simulator.put_users(
        [
            {
                "username": f"svc-{name}",
                "email": f"svc-{name}@example.com",
                "firstname": "Service",
                "lastname": name,
                "title": "-",
            }
            for name in ("awx", "ci")
        ]
    )
    return simulator


PROTECT = ["SVC-*"]


def test_limits(directory: Simulator, playbooks: Playbooks) -> None:
    first30 = listed(directory, 30)
    disable: dict[str, Any] = {"users": first30, "unlisted": "disable", "protect": PROTECT}
    elsewhere = {"firstname": "A", "lastname": "B"}
    others = [
        {**user, **elsewhere, "user": f"other-{user['user']}", "email": f"{number}@x.org"}
        for number, user in enumerate(first30)
    ]
    run = playbooks.run(
        [
            task("nobody listed", users=[], unlisted="delete", protect=PROTECT, delete_limit=100, loss_limit="100%"),
            task("no protect", users=first30, unlisted="disable"),
            task("delete limit", users=first30, unlisted="delete", protect=PROTECT, loss_limit="100%"),
            task("loss limit", **disable),
            task("loss limit as a percentage", **disable, loss_limit="10%"),
            task("bad loss limit", users=first30, loss_limit="some"),
            task("wrong tenant", users=others, unlisted="disable", protect=PROTECT, loss_limit="100%"),
            task("protected", users=[{"user": "SVC-awx", "state": "absent"}], protect=PROTECT),
            task("losses of listed users", users=[{"user": user["user"], "enabled": False} for user in first30[:6]]),
        ]
    )
    refused(run["nobody listed"], "users is empty")
    refused(run["no protect"], "protect")
    refused(run["delete limit"], "8 unlisted users would be deleted", "delete_limit is 0", "user0031")
    refused(run["loss limit"], "8 users would lose access or data", "at most 5 may", "raise loss_limit")
    assert sorted(run["loss limit"].result["stopped"]) == [f"user00{number}" for number in range(31, 39)]
    refused(run["loss limit as a percentage"], "at most 4 may")
    refused(run["bad loss limit"], "loss_limit is 'some'")
    refused(run["wrong tenant"], "Only 0 of the 30 listed users exist", "bootstrap")
    refused(run["protected"], "svc-awx", "protect")
    refused(run["losses of listed users"], "6 users would lose access or data")
    assert len(directory.state("onelogin")["users"]) == 40


def test_within_the_limits(directory: Simulator, playbooks: Playbooks) -> None:
    first30, everyone = listed(directory, 30), listed(directory, 40)
    disable: dict[str, Any] = {"users": first30, "unlisted": "disable", "protect": PROTECT}
    run = playbooks.run(
        [
            task("report", users=first30, unlisted="report"),
            task("check", **disable, loss_limit="8", check_mode=True),
            task("disable", **disable, loss_limit="8"),
            task("again", **disable, loss_limit="0"),
            task("delete two", users=everyone[:36], unlisted="delete", protect=PROTECT, delete_limit=2),
        ]
    )
    assert len(run["report"].result["unlisted"]) == 10
    assert run["report"].writes == run["check"].writes == []
    check, real = run["check"].result, run["disable"].result
    for name in ("changed", "summary", "diff", "plan_digest", "users", "spared", "unlisted", "mails"):
        assert check[name] == real[name], name
    assert real["summary"]["disabled"] == 8
    assert sorted(real["spared"]) == ["svc-awx", "svc-ci"]
    assert {str(item["body"]) for item in run["disable"].writes} == {"{'status': 2}"}
    assert run["again"].result["changed"] is False
    assert run["delete two"].result["summary"]["deleted"] == 2
    assert len(directory.state("onelogin")["users"]) == 38


def test_nothing_is_deleted_when_the_list_is_cut(directory: Simulator, playbooks: Playbooks) -> None:
    directory.reset(seed_users=120)
    directory.faults([{"provider": "onelogin", "operation": "list_users", "nth": 2, "count": 9, "repeat_page": True}])
    users = listed(directory, 100)
    run = playbooks.run(
        [task("repeated page", users=users, unlisted="delete", protect=["svc-*"], delete_limit=100, loss_limit="100%")]
    )
    refused(run["repeated page"], "repeats itself")
    directory.clear_faults()
    directory.faults([{"provider": "onelogin", "operation": "list_users", "nth": 2, "count": 9, "truncate": "json"}])
    run = playbooks.run(
        [task("cut page", users=users, unlisted="delete", protect=["svc-*"], delete_limit=100, loss_limit="100%")]
    )
    refused(run["cut page"], "not JSON")


def test_approval(directory: Simulator, playbooks: Playbooks) -> None:
    users = listed(directory, 2, company="Approved")
    run = playbooks.run(
        [
            task("plan", users=users, check_mode=True, register="plan"),
            task(
                "another plan",
                users=[{**users[0], "title": "Sneaked in"}, users[1]],
                plan_digest="{{ plan.plan_digest }}",
            ),
            task("the approved plan", users=users, plan_digest="{{ plan.plan_digest }}"),
            task("once more", users=users, plan_digest="{{ plan.plan_digest }}"),
        ]
    )
    refused(run["another plan"], "no longer the approved one")
    assert run["the approved plan"].result["summary"]["updated"] == 2
    assert run["the approved plan"].result["plan_digest"] == run["plan"].result["plan_digest"]
    assert run["once more"].result["changed"] is False


def new(number: int, **more: Any) -> dict[str, Any]:
    """Return a user who does not exist yet."""
    return {
        "user": f"new{number:02d}",
        "email": f"new{number:02d}@example.com",
        "firstname": "New",
        "lastname": str(number),
        **more,
    }


def test_a_user_that_fails(directory: Simulator, playbooks: Playbooks) -> None:
    # The directory refuses the second one, in both tasks.
    refusal = {"message": "Validation failed: title is not allowed", "statusCode": 422, "name": "UnprocessableEntity"}
    directory.faults([{"operation": "create_user", "nth": 2, "count": 2, "status": 422, "body": refusal}])
    users = [new(number) for number in range(3)]
    run = playbooks.run([
        task("stop", users=users, on_error="stop", max_concurrency=1),
        task("continue", users=users, max_concurrency=1),
    ])  # fmt: skip
    stop = run["stop"]
    assert stop.failed
    assert stop.result["applied"] == ["new00"]
    assert stop.result["not_attempted"] == ["new02"]
    assert [(error["user"], error["operation"]) for error in stop.result["errors"]] == [("new01", "create")]
    assert stop.result["summary"]["failed"] == 1
    assert stop.result["changed"] is True
    go_on = run["continue"]
    assert go_on.failed
    assert go_on.result["applied"] == ["new02"]
    assert go_on.result["not_attempted"] == []
    assert "title is not allowed" in go_on.message.lower()
    names = [user["username"] for user in directory.state("onelogin")["users"]]
    assert names.count("new00") == names.count("new02") == 1
    assert "new01" not in names


def test_an_address_that_another_user_has(directory: Simulator, playbooks: Playbooks) -> None:
    users = [new(0), new(1, email="user0001@example.com"), new(2)]
    for check in (True, False):
        run = playbooks.run([task("create", users=users, on_error="continue", check_mode=check)])
        refused(run["create"], "users[1] (new01): email: 'user0001@example.com' cannot be used")


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_lost_answer_creates_nothing_twice(drop: str, directory: Simulator, playbooks: Playbooks) -> None:
    directory.faults([{"provider": "onelogin", "operation": "create_user", "nth": 1, "count": 2, "drop": drop}])
    users = [new(number, roles=["2024"], password="canary-lost-answer") for number in range(3)]
    run = playbooks.run([task("create", users=users, max_concurrency=1), task("again", users=users)])
    created = run["create"]
    assert not created.failed, created.message
    assert created.result["summary"]["created"] == 3
    assert run["again"].result["changed"] is False
    people = [user for user in directory.state("onelogin")["users"] if user["username"].startswith("new")]
    assert len(people) == 3
    assert all(user["password"] for user in people), "a password that was to be set on creation is not lost"


def test_a_lost_role_change_is_read_again(directory: Simulator, playbooks: Playbooks) -> None:
    for operation in ("add_roles_to_user", "remove_user_role"):
        directory.faults([{"provider": "onelogin", "operation": operation, "nth": 1, "drop": "after"}])
    users = [{"user": "svc-ci", "roles": ["2024", "2025"]}]
    run = playbooks.run(
        [task("add", users=users), task("remove", users=[{**users[0], "roles": ["2025"], "roles_state": "exact"}])]
    )
    assert [outcome.failed for outcome in run.outcomes] == [False, False]
    assert sum(item["operation"] == "add_roles_to_user" for item in run["add"].requests) == 1
    assert sum(item["operation"] == "remove_user_role" for item in run["remove"].requests) == 1


def test_busy_and_limited_servers(directory: Simulator, playbooks: Playbooks) -> None:
    directory.faults([
        {"provider": "onelogin", "operation": "list_users", "nth": 1, "status": 503},
        {"provider": "onelogin", "operation": "create_user", "nth": 1, "status": 429, "headers": {"Retry-After": "0"}},
        {"provider": "onelogin", "operation": "update_user", "nth": 1, "status": 502},
    ])  # fmt: skip
    run = playbooks.run([task("create", users=[new(0)]), task("update", users=[new(0, title="x")])])
    assert [outcome.failed for outcome in run.outcomes] == [False, False], run.output[-3000:]
    assert directory.state("onelogin")["users"][-1]["title"] == "x"


def test_the_budget_is_asked_before_the_first_write(directory: Simulator, playbooks: Playbooks) -> None:
    directory.reset(onelogin={"rate_limit": 20})
    run = playbooks.run([task("too many", users=[new(number) for number in range(30)], max_wait=5)])
    refused(
        run["too many"],
        "needs 30 calls",
        "4 of them in reserve",
        "Split the task, or raise max_wait (now 5 s",
    )
    assert directory.state("onelogin")["users"] == []


def test_a_task_on_many_users_leaves_the_reserve(directory: Simulator, playbooks: Playbooks) -> None:
    directory.reset(onelogin={"rate_limit": 40})
    users = [new(number) for number in range(35)]
    run = playbooks.run([
        task("no reserve at all", users=users, rate_reserve="most of it"),
        task("leave the reserve", users=users),
        task("use the reserve", users=users, rate_reserve="0"),
    ])  # fmt: skip
    refused(run["no reserve at all"], "rate_reserve is 'most of it'", "from 0% to 100%")
    refused(run["leave the reserve"], "needs 35 calls", "8 of them in reserve")
    assert run["use the reserve"].result["summary"]["created"] == 35
    assert not [item for item in run["use the reserve"].requests if item["status"] == 429]


def test_a_token_that_expires_on_the_way(directory: Simulator, playbooks: Playbooks) -> None:
    directory.faults([{"provider": "onelogin", "operation": "create_user", "nth": 2, "status": 401, "body": {"status": {
        "error": True, "code": 401, "type": "Unauthorized", "message": "Authentication Failure"}}}])  # fmt: skip
    directory.options(onelogin={"token_lifetime": 36000})
    run: Run = playbooks.run(
        [task("create", users=[new(number) for number in range(3)], max_concurrency=1)], may_fail=True
    )
    # The same token comes again, so it is not sent a third time, and nobody else is attempted; with a new one the work
    # goes on (see the unit tests).
    assert run["create"].result["applied"] == ["new00"]
    assert [error["user"] for error in run["create"].result["errors"]] == ["new01"]
    assert run["create"].result["not_attempted"] == ["new02"]
    assert sum(item["operation"] == "generate_token" for item in run["create"].requests) == 2


def test_an_interrupted_task_is_completed_by_the_next_one(directory: Simulator, playbooks: Playbooks) -> None:
    directory.reset(latency=0.05)
    # However slow this machine is, the task does not end before it is interrupted: from some user on it is asked to
    # wait.
    directory.faults(
        [{"operation": "create_user", "nth": 40, "count": 0, "status": 429, "headers": {"Retry-After": "60"}}]
    )
    users = [new(number) for number in range(60)]
    output = playbooks.interrupt(
        [task("create", users=users, max_concurrency=2)], lambda: len(directory.state("onelogin")["users"]) >= 5
    )
    assert "Traceback" not in output
    directory.options(latency=0)
    directory.clear_faults()
    run = playbooks.run([task("the rest", users=users), task("again", users=users)])
    assert 0 < run["the rest"].result["summary"]["created"] < 60
    assert run["again"].result["changed"] is False
    assert len(directory.state("onelogin")["users"]) == 60
