# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs in a play with several hosts, which would replace one another's files."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from jobs import person
from playbooks import Playbooks, Run, include_role

from simulator.harness import Simulator

BOTH = {"hosts": "localhost:localhost2"}
OL = {"ol": {"provider": "onelogin", "user_key": "email"}}
PEOPLE = [person(number, "mail") for number in (1, 2)]
COMPANY: dict[str, Any] = {
    "connections": OL, "people": PEOPLE, "as_of": "2026-06-15",
}  # fmt: skip
ENTITLEMENTS = {"mail": {"grants": {"ol": {}}}}
ACCESS = {**COMPANY, "entitlements": ENTITLEMENTS, "mode": "apply", "links": "links.yml", "dest": "report.json"}
OFFBOARD = {**COMPANY, "dest": "evidence", "proof_wait": 0, "links": "links.yml"}


@pytest.fixture
def simulator(simulator: Simulator) -> Simulator:
    """Some users at OneLogin, who are nobody's."""
    simulator.reset(seed_users=5)
    return simulator


def task(name: str, module: str, arguments: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, f"rollcall.identity.identity_{module}": arguments, "ignore_errors": True, **more}


def results(run: Run, name: str) -> list[dict[str, Any]]:
    """Return the results of a task, those that failed last."""
    return [
        outcome.result for outcome in sorted(run.outcomes, key=lambda outcome: outcome.failed) if outcome.name == name
    ]


def test_the_second_host_does_not_replace_the_files_of_the_first(playbooks: Playbooks) -> None:
    run = playbooks.run(
        [
            task("access", "access", ACCESS),
            task("export", "export", {"connections": OL, "dest": "export"}),
            task("review", "review", {**COMPANY, "state": "open", "dest": "review"}),
            task("offboard", "offboard", {**OFFBOARD, "person": "E1"}),
        ],
        play=BOTH,
    )
    for name in ("access", "export", "review", "offboard"):
        done, refused = results(run, name)
        assert done["changed"] is True, name
        assert (refused["code"], refused["changed"]) == ("several_hosts", False)
    message = results(run, "export")[1]["msg"]
    assert message in {
        f"export_dest: the host {other} of this play runs the role with the same export_dest, and each host would "
        f"replace the files of the other, so the role does not run for the host {host}. Set run_once: true, use a play "
        "with one host, such as hosts: localhost, or specify another export_dest for each host.\nNothing was written."
        for host, other in (("localhost", "localhost2"), ("localhost2", "localhost"))
    }
    report = json.loads((run.folder / "report.json").read_text(encoding="utf-8"))
    assert (report["outcome"], len(report["changes"])) == ("applied", 2), "the report of the host that worked"


def test_one_host_or_different_files_are_fine(playbooks: Playbooks) -> None:
    own = {"dest": "{{ inventory_hostname }}.json"}
    run = playbooks.run(
        [
            task("plan", "access", {**ACCESS, "mode": "plan"}, run_once=True, delegate_to="localhost"),
            task("apply", "access", ACCESS, run_once=True),
            task("one of them", "access", ACCESS, when="inventory_hostname == 'localhost'"),
            task("own files", "access", {**ACCESS, **own}),
            task("own people", "offboard", {
                **OFFBOARD, "person": "{{ 'E1' if inventory_hostname == 'localhost' else 'E2' }}",
            }),
            task("no files", "access", {name: value for name, value in ACCESS.items() if name != "dest"}),
            include_role("access", "the role", run_once=True, vars={
                "identity_connections": OL, "identity_entitlements": ENTITLEMENTS, "identity_people": PEOPLE,
                "identity_links": "links.yml", "access_dest": "role.json",
            }),
        ],
        play=BOTH,
    )
    numbers = {"plan": 1, "apply": 1, "one of them": 1, "own files": 2, "own people": 2, "no files": 2}
    for name, number in numbers.items():
        outcomes = [outcome for outcome in run.outcomes if outcome.name == name]
        assert len(outcomes) == number
        assert not any(outcome.failed for outcome in outcomes), outcomes[-1].message
    evidence: set[str] = {path.name for path in pathlib.Path(run.folder / "evidence").glob("*.json")}
    assert evidence == {"E1.json", "E2.json"}
    assert (run.folder / "role.json").exists()
    delegated = playbooks.run([task("delegated", "access", ACCESS, delegate_to="localhost2")])
    assert not delegated["delegated"].failed


def test_a_host_may_follow_itself(playbooks: Playbooks) -> None:
    """A plan and its approved application write the same report."""
    only = {"when": "inventory_hostname == 'localhost2'"}
    run = playbooks.run(
        [
            task("plan", "access", {**ACCESS, "mode": "plan"}, register="plan", **only),
            task("apply", "access", {**ACCESS, "plan_digest": "{{ plan.report.digest | default(omit) }}"}, **only),
        ],
        play=BOTH,
    )
    assert [outcome.failed for outcome in run.outcomes] == [False] * 2
