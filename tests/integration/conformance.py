# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every provider's modules on users must do, written once. A provider's case says how its users look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from playbooks import Outcome, Playbooks, Run, comparable
from scenarios import Scenario, Step, assert_silent, play

from simulator.harness import Simulator

CANARY = "canary-conformance"


@dataclass(frozen=True)
class Conformance:
    """How a provider's users look.

    ``new(number)`` are the options of a user who does not exist, with all that creating one needs. ``change`` changes
    one field, ``clear`` clears it; ``rename`` is False where the API cannot. ``list``, ``create`` and ``update`` are
    the operations that do so. ``facets`` are all that the info module can gather and a task can give back.
    ``needs_protect`` is False if the API reports who is privileged and who is calling. ``refused`` are options with
    which the provider refuses the credentials, ``unreachable`` what beside ``api_url`` leads to nowhere. ``folds`` says
    that keys compare without case.
    """

    provider: str
    new: Callable[[int], dict[str, Any]]
    change: dict[str, Any]
    list: str
    create: str
    update: str
    refused: dict[str, Any]
    clear: dict[str, Any] = field(default_factory=dict)
    facets: tuple[str, ...] = ()
    rename: bool = True
    folds: bool = True
    needs_protect: bool = True
    disable: bool = True
    options: dict[str, Any] = field(default_factory=dict)
    protect: tuple[str, ...] = ("*svc-*",)
    repeats_pages: bool = True
    unreachable: dict[str, Any] = field(default_factory=dict)

    def module(self, noun: str) -> str:
        """Return the name of a module."""
        return f"{self.provider}_{noun}"

    def task(self, name: str, noun: str = "users", **args: Any) -> dict[str, Any]:
        """Return a task that may fail, with its diff."""
        more = {key: args.pop(key) for key in ("check_mode", "register") if key in args}
        return {
            "name": name,
            f"rollcall.identity.{self.module(noun)}": args,
            "diff": True,
            "ignore_errors": True,
            **more,
        }

    def scenario(self) -> Scenario:
        """Return the life of one user."""
        user = self.new(1)
        key = {"user": user["user"]}
        steps = [Step("create", user, writes=None)]
        if self.folds:
            steps.append(Step("unchanged in another case", {**user, "user": user["user"].upper()}, changed=False))
        steps.append(Step("change one field", {**key, **self.change}, writes=None))
        if self.clear:
            steps.append(Step("clear a field", {**key, **self.clear}, writes=None))
        if self.rename:
            key = {"user": self.new(2)["user"]}
            steps.append(Step("rename", {**key, "previous_users": [user["user"]]}, writes=None))
        steps += [
            Step("absent", {**key, "state": "absent"}, writes=None),
            Step("absent again", {**key, "state": "absent"}, changed=False),
        ]
        # Each provider's own life of a user runs through both front ends, and a test sees to it.
        return Scenario(self.module("user"), steps, "conformance", options=self.options, front_ends=("worker",))


def reset(simulator: Simulator, case: Conformance, users: int) -> None:
    """Bring the simulator to a directory of that many numbered users."""
    simulator.reset(seed_users=users, **case.options)


def stopped(outcome: Outcome, *texts: str) -> None:
    """Assert that a task failed before its first write, with these texts in its message."""
    assert outcome.failed, outcome.result
    assert outcome.writes == [], outcome.sent
    for text in texts:
        assert text in outcome.message, outcome.message
    assert "Traceback" not in outcome.message


def check_life(case: Conformance, playbooks: Playbooks) -> None:
    """One user from the first day to the last."""
    play(case.scenario(), playbooks, case.provider)


def check_giving_back(case: Conformance, playbooks: Playbooks) -> None:
    """More users than a page: what is read can be given back and changes nothing; a change of all is found
    and settles."""
    reset(playbooks.simulator, case, 120)
    changed = "{{ read.users | map('combine', change) | list }}"
    run = playbooks.run(
        [
            {
                "name": "read",
                f"rollcall.identity.{case.module('user_info')}": {"gather": list(case.facets)},
                "register": "read",
            },
            case.task("give back", users="{{ read.users }}", unlisted="report"),
            case.task("change: check", users=changed, check_mode=True),
            case.task("change", users=changed),
            case.task("change again", users=changed),
        ],
        variables={"change": case.change},
        verbosity=0,
    )
    number = len(run["read"].result["users"])
    assert number >= 120
    assert not run["give back"].failed, run["give back"].message
    assert run["give back"].result["changed"] is False, run["give back"].result.get("diff")
    assert not run["give back"].failed, run["give back"].message
    assert run["give back"].writes == []
    assert run["give back"].result["unlisted"] == []
    real = run["change"].result
    assert not run["change"].failed, real
    assert real["summary"]["updated"] >= 120
    _same_plan(run["change: check"], run["change"])
    assert run["change again"].result["changed"] is False
    assert run["change again"].writes == []


def _same_plan(check: Outcome, real: Outcome) -> None:
    assert check.writes == []
    for name in ("changed", "summary", "diff", "plan_digest", "mails"):
        assert comparable(check.result[name]) == comparable(real.result[name]), name


def check_limits(case: Conformance, playbooks: Playbooks) -> None:
    """A mistake costs nothing: every limit stops the task before its first write, and says which and what to do."""
    reset(playbooks.simulator, case, 40)
    protect = {"protect": list(case.protect)}
    some, none_of_them = (
        (
            "{{ read.users[:20] | map('dict2items') | map('selectattr', 'key', 'in', "
            "['user']) | map('items2dict') | list }}"
        ),
        [case.new(number) for number in range(100, 120)],
    )
    how = "disable" if case.disable else "delete"
    limits = {**protect, "delete_limit": 1000}
    run: Run = playbooks.run(
        [
            {"name": "read", f"rollcall.identity.{case.module('user_info')}": {}, "register": "read"},
            case.task("nobody listed", users=[], unlisted="delete", loss_limit="100%", **limits),
            case.task("no protect", users=some, unlisted=how, delete_limit=1000),
            case.task("delete limit", users=some, unlisted="delete", loss_limit="100%", **protect),
            case.task("loss limit", users=some, unlisted=how, **limits),
            case.task("wrong tenant", users=none_of_them, unlisted=how, loss_limit="100%", **limits),
            case.task(
                "twice",
                users=[
                    case.new(1),
                    {**case.new(1), "user": case.new(1)["user"].upper() if case.folds else case.new(1)["user"]},
                ],
            ),
            case.task("report", users=some, unlisted="report"),
        ],
        verbosity=0,
    )
    stopped(run["nobody listed"], "users is empty")
    if case.needs_protect:
        stopped(run["no protect"], "protect")
    stopped(run["delete limit"], "would be deleted", "delete_limit is 0")
    stopped(run["loss limit"], "would lose access or data", "at most 5 may", "raise loss_limit")
    stopped(run["wrong tenant"], "Only 0 of the 20", "bootstrap")
    stopped(run["twice"], "is the same user")
    assert not run["report"].failed, run["report"].message
    assert run["report"].writes == []
    assert len(run["report"].result["unlisted"]) >= 20


def check_lost_answers(case: Conformance, playbooks: Playbooks) -> None:
    """An answer that is lost before or after its effect creates nobody twice; a busy server is asked again."""
    simulator = playbooks.simulator
    for drop in ("before", "after"):
        reset(simulator, case, 5)
        simulator.faults(
            [
                {"provider": case.provider, "operation": case.create, "nth": 1, "drop": drop},
                {"provider": case.provider, "operation": case.list, "nth": 1, "status": 503},
                {
                    "provider": case.provider,
                    "operation": case.create,
                    "nth": 3,
                    "status": 429,
                    "headers": {"Retry-After": "0"},
                },
            ]
        )
        users = [case.new(number) for number in range(1, 5)]
        run = playbooks.run(
            [case.task("create", users=users, max_concurrency=1), case.task("again", users=users)], verbosity=0
        )
        assert not run["create"].failed, run["create"].message
        assert run["create"].result["summary"]["created"] == 4
        assert run["again"].result["changed"] is False, run["again"].result.get("diff")
        assert run["again"].result["summary"]["unchanged"] == 4


def check_bad_days(case: Conformance, playbooks: Playbooks) -> None:
    """Whatever is wrong on the way: one sentence that says what to do, no traceback, nothing written, no secret."""
    simulator = playbooks.simulator
    reset(simulator, case, 120)
    secret = "{{ lookup('env', 'CANARY') }}"
    refused = {name: secret if value is CANARY else value for name, value in case.refused.items()}
    user = case.new(1)
    tasks = [
        case.task("refused", "user", **user, **refused),
        case.task("unreachable", "user", **user, api_url="http://127.0.0.1:1", api_retries=0, **case.unreachable),
        case.task("unknown option", "user", **user, tittle="x"),
        case.task("nobody", "user"),
    ]  # fmt: skip
    run = playbooks.run(tasks, env={"CANARY": CANARY})
    stopped(run["refused"])
    stopped(run["unreachable"], "Could not reach http://127.0.0.1:1/")
    stopped(run["unknown option"], "tittle")
    stopped(run["nobody"], "user")
    assert_silent(run, (CANARY,))
    users = [case.new(number) for number in range(100)]
    faults: dict[str, dict[str, Any]] = {"a page of a proxy": {"html": True, "status": 200, "count": 0}}
    if case.repeats_pages:
        faults["a page that repeats"] = {"nth": 2, "count": 50, "repeat_page": True}
    for name, fault in faults.items():
        simulator.clear_faults()
        simulator.faults([{"provider": case.provider, "operation": case.list, **fault}])
        purge = {
            "unlisted": "delete",
            "delete_limit": 1000,
            "loss_limit": "100%",
            "protect": list(case.protect),
            "bootstrap": True,
        }
        run = playbooks.run([case.task(name, users=users, **purge)], verbosity=0)
        stopped(run[name])


CHECKS = {
    check.__name__.removeprefix("check_"): check
    for check in (check_life, check_giving_back, check_limits, check_lost_answers, check_bad_days)
}


def every(cases: list[Conformance]) -> list[Any]:
    """Return a pytest parameter for each provider and check."""
    return [pytest.param(check, case, id=f"{case.provider}-{name}") for case in cases for name, check in CHECKS.items()]
