# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A delivery that fails after the writes: the role says what was not stored and what to do, and nothing is lost."""

from __future__ import annotations

import functools
import json
from typing import Any

import pytest
from playbooks import Playbooks, Run, include_role
from test_role_access_review import VARIABLES, decide, put_hostile_ada

from simulator.harness import Simulator

REPORT = "Report that the delivery failed"
STORE = {"name": "Store it", "ansible.builtin.fail": {"msg": "The store is full."}}
PEOPLE = {
    "identity_connections": {"ol": {"provider": "onelogin"}}, "identity_as_of": "2026-06-15",
    "identity_people": [{"id": "E1", "name": "Ada Bee", "email": "ada@acme.com", "entitlements": ["staff"]}],
    "identity_entitlements": {"staff": {"grants": {"ol": {}}}}, "identity_links": "links.yml",
}  # fmt: skip


@pytest.fixture
def run(playbooks: Playbooks) -> Any:
    """Run a role whose delivery fails."""
    (playbooks.folder / "deliver.yml").write_text(json.dumps([STORE]), encoding="utf-8")

    def run(role: str, *, may_fail: bool = True, **variables: Any) -> Run:
        variables = {f"{role}_deliver": "../deliver.yml", **variables}
        done = playbooks.run([include_role(role, role)], variables=variables, may_fail=may_fail)
        assert bool(done.code) == may_fail
        return done

    return run


def test_access_reports_what_was_not_stored(simulator: Simulator, run: Any) -> None:
    simulator.reset(seed_users=0)
    failed = run("access", **PEOPLE, access_mode="apply", awx_job_id=7)
    assert failed[REPORT].message == (
        "access_deliver: the task 'Store it' failed, so the report shown above was not delivered, nor the links file. "
        "Fix the task, and run the role again: completed changes are not repeated."
    )
    mark = simulator.last
    run("access", **PEOPLE, access_mode="apply", access_deliver="", may_fail=False)
    assert [item for item in simulator.writes(since=mark) if item["operation"] != "generate_token"] == []


def test_a_task_without_a_name_is_named_by_its_module(simulator: Simulator, playbooks: Playbooks, run: Any) -> None:
    simulator.reset(seed_users=0)
    unnamed = {key: value for key, value in STORE.items() if key != "name"}
    (playbooks.folder / "deliver.yml").write_text(json.dumps([unnamed]), encoding="utf-8")
    failed = run("access", **PEOPLE, access_mode="apply", awx_job_id=7)
    assert failed[REPORT].message.startswith("access_deliver: the task 'ansible.builtin.fail' failed, so the report")


@pytest.mark.parametrize("links", ["links.yml", ""])
def test_offboard_reports_that_the_hold_was_not_stored(simulator: Simulator, run: Any, links: str) -> None:
    put_hostile_ada(simulator)
    variables = {**PEOPLE, "identity_links": links, "offboard_person": "E1", "offboard_proof_wait": 0, "awx_job_id": 7}
    hold = ", nor the links file, which records that the person stays blocked" if links else ""
    assert run("offboard", **variables)[REPORT].message == (
        f"offboard_deliver: the task 'Store it' failed, so the evidence shown above was not delivered{hold}. "
        "Fix the task, and run the role again: completed changes are not repeated."
    )


@pytest.mark.parametrize("awx", [{}, {"awx_job_id": 7}])
def test_the_output_of_a_job_on_awx_contains_the_evidence_of_a_review(
    simulator: Simulator, playbooks: Playbooks, run: Any, awx: dict[str, Any]
) -> None:
    put_hostile_ada(simulator)
    review = functools.partial(run, "access_review", **{**VARIABLES, **awx, "access_review_dest": "../q2"})
    opened = review()
    assert opened[REPORT].message == (
        "access_review_deliver: the task 'Store it' failed, so the files of this review were not delivered. "
        "Fix the task, and run the role again."
    )
    decide(playbooks.folder / "q2")
    close = functools.partial(
        review, access_review_state="close", access_review_undecided="keep", access_review_loss_limit="5"
    )
    closed = close()
    shown = [outcome for outcome in closed.outcomes if outcome.name == "Show the files, which AWX does not keep"]
    if awx:
        assert "job output shows its files: store them, and fix the task." in closed[REPORT].message
        assert "closed.json" in shown[0].result["msg"]
    else:
        assert closed[REPORT].message == opened[REPORT].message
        assert not shown
        again = close(access_review_deliver="", may_fail=False)
        assert again["Open or close the review"].result["changed"] is False
