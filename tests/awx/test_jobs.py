# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Job templates as AWX runs them, through ansible-runner, with what credentials, surveys and earlier nodes of a
workflow give them."""

from __future__ import annotations

import datetime
import json
import pathlib
import shutil
import subprocess
from typing import Any

import pytest
import yaml
from controller import KIT, Controller, Job
from reviews import decisions_about

from simulator.harness import Simulator

COMPANY: dict[str, Any] = {
    "identity_connections": {
        "ol": {"provider": "onelogin", "user_key": "email"},
        "ol_two": {"provider": "onelogin", "user_key": "email", "credentials": "{{ identity_onelogin_2 | from_json }}"},
        "kes": {"provider": "kestra"},
        "co": {"provider": "contabo"},
        "na": {"provider": "nextauth"},
        "se": {"provider": "sendauth"},
    },
    "identity_entitlements": {
        "staff": {"grants": {name: {} for name in ("ol", "kes", "co", "na", "se")}},
        "data": {"grants": {"ol_two": {"roles": ["Snowflake"]}, "kes": {"groups": ["platform"]}}},
    },
    "identity_people": [
        {
            "id": f"E{number}",
            "name": f"Given{number} Family{number}",
            "email": f"e{number}@acme.com",
            "manager": "E1",
            "entitlements": ["staff", "data"],
        }
        for number in (1, 2)
    ],
    "access_unlisted": "ignore",
    "offboard_proof_wait": 0,
}
STORE = {"name": "Store", "ansible.builtin.copy": {
    "content": "{{ identity_delivery.content | to_json }}", "dest": "{{ identity_store }}", "mode": "0600",
}}  # fmt: skip
SECRET = ("secret", "password", "api_key", "api_token")


def credentials(simulator: Simulator) -> list[tuple[str, dict[str, str]]]:
    """Return the credentials that a user fills in for the simulator; what is not required stays blank."""
    titles = {
        "onelogin": "OneLogin", "kestra": "Kestra EE", "contabo": "Contabo", "nextauth": "nextAuth",
        "sendauth": "SendAuth",
    }
    found = []
    for provider, title in titles.items():
        start = f"{provider.upper()}_"
        values = {
            name.removeprefix(start).lower(): value for name, value in simulator.env.items() if name.startswith(start)
        }
        fields = {one["id"] for one in Controller(KIT, KIT, {}).types[f"Identity: {title}"]["inputs"]["fields"]}
        found.append((f"Identity: {title}", {name: value for name, value in values.items() if name in fields}))
    more = {
        "api_url": simulator.env["ONELOGIN_API_URL"], "client_id": "sim-manage-users-id",
        "client_secret": "sim-manage-users-secret",
    }
    return [*found, ("Identity: OneLogin (connection 2)", more)]


@pytest.fixture
def controller(simulator: Simulator, settings: dict[str, str], tmp_path: pathlib.Path) -> Controller:
    """A controller whose project has the data of a company with six connections."""
    simulator.reset(seed_users=2)
    project = tmp_path / "repository"
    shutil.copytree(KIT / "project", project)
    (project / "group_vars" / "all" / "test_company.yml").write_text(yaml.safe_dump(COMPANY), encoding="utf-8")
    return Controller(project, tmp_path / "jobs", settings, credentials(simulator))


def quiet(job: Job, controller: Controller) -> None:
    """No secret of a credential is in the output of a job or in what it hands over."""
    secrets = [
        value
        for _name, values in controller.credentials
        for name, value in values.items()
        if any(word in name for word in SECRET)
    ]
    assert secrets
    text = job.output + json.dumps(job.events, default=str) + json.dumps(job.artifacts)
    assert not [secret for secret in secrets if secret in text]


def test_plan_approval_apply_and_no_drift(controller: Controller, simulator: Simulator) -> None:
    mark = simulator.last
    plan = controller.launch("Identity: access plan")
    assert plan.status == "successful", plan.output
    assert simulator.writes(since=mark) == []
    assert set(plan.artifacts) == {"access_plan_digest", "access_plan_totals"}
    drift = controller.launch("Identity: access drift")
    assert (drift.status, int(drift.artifacts["access_drift"]) > 0) == ("failed", True), "the alarm"
    assert "accounts would change" in drift.output
    assert simulator.writes(since=mark) == []

    applied = controller.launch("Identity: access apply", plan.artifacts)
    assert applied.status == "successful", applied.output
    assert "e1@acme.com" in {user["email"] for user in simulator.state("onelogin")["users"]}
    refused = controller.launch("Identity: access apply")
    assert (refused.status, "access_plan_digest is missing" in refused.output) == ("failed", True)
    mark = simulator.last
    again = controller.launch("Identity: access apply", plan.artifacts)
    assert again.status == "successful", again.output
    assert simulator.writes(since=mark) == []
    for job in (plan, drift, applied, again):
        quiet(job, controller)


@pytest.mark.parametrize(
    ("template", "prompts"),
    [
        ("Identity: access plan", {"access_mode": "apply"}),
        ("Identity: access plan", {"access_plan_digest": "a" * 64}),
        ("Identity: access drift", {"access_mode": "apply"}),
        ("Identity: access apply", {"access_mode": "plan", "access_plan_digest": "a" * 64}),
    ],
)
def test_what_a_launch_specifies_does_not_get_around_the_approval(
    controller: Controller, simulator: Simulator, template: str, prompts: dict[str, str]
) -> None:
    """A workflow takes variables at its launch, and those win over what playbooks set and nodes hand over."""
    mark = simulator.last
    job = controller.launch(template, prompts=prompts)
    assert job.status == "failed"
    assert "Launch it without access_mode" in " ".join(job.output.split())
    assert simulator.last == mark, "refused before any call"


def test_offboarding_by_a_survey(controller: Controller, simulator: Simulator) -> None:
    simulator.put_users(
        [{"username": "e1@acme.com", "email": "e1@acme.com", "firstname": "Given1", "lastname": "Family1", "status": 1}]
    )
    there = next(user for user in simulator.state("onelogin")["users"] if user["email"] == "e1@acme.com")
    ids = json.dumps({"ol": [str(there["id"])]})
    job = controller.launch(
        "Identity: offboard", offboard_person="E1", offboard_ids=ids, offboard_connections="ol, kes",
        offboard_ticket="R-1",
    )
    assert job.status == "successful", job.output
    assert next(user for user in simulator.state("onelogin")["users"] if user["email"] == "e1@acme.com")["status"] == 2
    assert (job.artifacts["offboard_person"], job.artifacts["offboard_ticket"]) == ("E1", "R-1")
    assert job.artifacts["offboard_complete"] in (True, "True")
    quiet(job, controller)


def test_a_review_is_opened_decided_and_closed(
    controller: Controller, simulator: Simulator, tmp_path: pathlib.Path
) -> None:
    given = {"firstname": "Given2", "lastname": "Family2", "roles": ["Snowflake"]}
    simulator.put_users([{"username": "e2", "email": "e2@acme.com", **given}])
    store = tmp_path / "store.json"
    reviews_are_stored_in(store, controller)

    before = datetime.datetime.now(datetime.timezone.utc)
    opened = controller.launch("Identity: review open")
    assert opened.status == "successful", opened.output
    name = opened.artifacts["identity_review"]
    # The job has run before or after the midnight that there may have been.
    now = datetime.datetime.now(datetime.timezone.utc)
    assert name in {f"{moment.year}-q{(moment.month + 2) // 3}" for moment in (before, now)}

    commit_decisions(store, controller.project / "reviews" / f"access-review-{name}")
    mark = simulator.last
    closed = controller.launch("Identity: review close", opened.artifacts, access_review_undecided="keep")
    assert closed.status == "successful", closed.output
    assert [item["operation"] for item in simulator.writes(since=mark)] == ["remove_user_role"]
    assert "closed.json" in json.loads(store.read_text(encoding="utf-8"))
    quiet(opened, controller)
    quiet(closed, controller)


def reviews_are_stored_in(store: pathlib.Path, controller: Controller) -> None:
    """Let the project deliver the files of its reviews to a file."""
    (controller.project / "deliver" / "store.yml").write_text(yaml.safe_dump([STORE]), encoding="utf-8")
    more = {
        "access_review_deliver": "deliver/store.yml",
        "identity_store": str(store),
        "access_review_by": "manager",
        "access_review_connections": "ol",
    }
    (controller.project / "group_vars" / "all" / "test_review.yml").write_text(yaml.safe_dump(more), encoding="utf-8")


def commit_decisions(store: pathlib.Path, folder: pathlib.Path) -> None:
    """Bring what the job has stored into the repository, as it is when the next one starts, with decisions: the role
    of E2 is revoked."""
    (folder / "decisions").mkdir(parents=True)
    for path, text in json.loads(store.read_text(encoding="utf-8")).items():
        (folder / path).write_text(text, encoding="utf-8")
    document = json.loads((folder / "review.json").read_text(encoding="utf-8"))
    revoked = ("E2", "Snowflake")
    decisions = decisions_about(
        document,
        lambda row: "revoke" if (row["person"], row["grant_name"]) == revoked else "",
        "E1",
    )
    (folder / "decisions" / "e1.json").write_text(json.dumps(decisions), encoding="utf-8")


def _first_commit(folder: pathlib.Path) -> pathlib.Path:
    """Return a repository with one commit on the branch main."""
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", folder], check=True)
    subprocess.run(
        [
            "git", "-c", "user.name=t", "-c", "user.email=t@t", "-C", folder, "commit", "--quiet", "--allow-empty",
            "-m", "first",
        ],
        check=True,
    )
    return folder


def sliced(
    controller: Controller, template: str, slices: list[list[str]], artifacts: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Launch a sliced job template and return what AWX hands to the next node: equal names of a later slice replace
    those of an earlier one."""
    handed: dict[str, Any] = {}
    for hosts in slices:
        job = controller.launch(template, artifacts, limit=hosts)
        assert job.status == "successful", job.output
        handed.update(job.artifacts)
    return {**(artifacts or {}), **handed}


SLICES = ["kes", "co"]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_slices_and_their_merge(controller: Controller, simulator: Simulator, tmp_path: pathlib.Path) -> None:
    """Each slice works on its own connections, the merge fails if one is missing, and all results are stored."""
    repository = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", _first_commit(tmp_path / "first"), repository], check=True)
    describe_slices(controller, repository)
    mark = simulator.last

    handed = sliced(controller, "Identity: sliced access plan", [["kes"], ["co"]])
    assert simulator.writes(since=mark) == []
    lost = {name: value for name, value in handed.items() if value["connection"] != "co"}
    missing = controller.launch("Identity: merge plans", lost)
    assert missing.status == "failed"
    assert "There is no result of co." in " ".join(missing.output.split())
    merged = controller.launch("Identity: merge plans", handed)
    assert (merged.status, int(merged.artifacts["access_sliced_changes"])) == ("successful", 4), merged.output

    applied = sliced(controller, "Identity: sliced access apply", [SLICES], handed)
    results = [value["outcome"] for name, value in applied.items() if name.startswith("access_apply_")]
    assert results == ["applied", "applied"]
    assert {item["provider"] for item in simulator.writes(since=mark)} == {"kestra", "contabo"}
    stored = files_in(repository)
    assert {name for name in stored if name.startswith("links")} == {f"links/{name}.yml" for name in SLICES}
    assert {name.rpartition("-")[2] for name in stored if name.endswith(".json")} == {f"{name}.json" for name in SLICES}


def describe_slices(controller: Controller, repository: pathlib.Path) -> None:
    """Let the inventory have a host for each connection, and the project deliver to a repository."""
    here = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    slices = {"vars": here, "hosts": dict.fromkeys(SLICES)}
    everyone = {"hosts": {"localhost": {"ansible_connection": "local"}}, "children": {"identity_slices": slices}}
    data = {
        "identity_connections": {name: COMPANY["identity_connections"][name] for name in SLICES},
        "identity_entitlements": {
            "staff": {"grants": {name: {} for name in SLICES}},
            "data": {"grants": {"kes": {"groups": ["platform"]}}},
        },
        "deliver_git_repository": f"file://{repository}",
        "access_deliver": "rollcall.identity.git",
        "identity_links_folder": "links",
    }
    project = controller.project
    (project / "inventory" / "hosts.yml").write_text(yaml.safe_dump({"all": everyone}), encoding="utf-8")
    (project / "group_vars" / "all" / "test_slices.yml").write_text(yaml.safe_dump(data), encoding="utf-8")


def files_in(repository: pathlib.Path) -> list[str]:
    """Return the files on the branch main of a repository."""
    command = ["git", "-C", repository, "ls-tree", "-r", "--name-only", "main"]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout.split()
