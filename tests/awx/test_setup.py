# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""awx_setup with the real awx.awx against a server that stands in for AWX: everything is loaded,
and a second run changes nothing."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
from typing import Any

import pytest
from controller import ROOT, read
from packages import awx_folder
from standin import AWX

KITS = {
    "credential_types": ("credential_types.yml", "controller_credential_types"),
    "job_templates": ("job_templates.yml", "controller_templates"),
    "workflow_job_templates": ("workflows.yml", "controller_workflows"),
    "schedules": ("schedules.yml", "controller_schedules"),
}
"""Kind of AWX -> the file of the kit, and its variable."""


def test_everything_is_loaded_once(tmp_path: pathlib.Path) -> None:
    folder = awx_folder()
    if folder is None:
        pytest.skip(
            "The package ansible, which holds awx.awx, is not installed. ROLLCALL_AWX can name a folder with it."
        )
    awx = AWX()
    server = awx.serve()
    env = {
        **os.environ, "CONTROLLER_HOST": f"http://127.0.0.1:{server.server_port}",
        "CONTROLLER_OAUTH_TOKEN": "canary-token", "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join((str(ROOT / ".cache" / "collections"), str(folder))),
        "ANSIBLE_LOCALHOST_WARNING": "false",
    }  # fmt: skip
    names = {
        "identity_awx_credentials": ["onelogin"],
        "identity_awx_notify": ["on-call"],
        "identity_awx_notify_approvals": ["on-call"],
    }
    image = {"identity_awx_image": "quay.io/acme/identity:1"}
    assert set_up(tmp_path, env, {**names, **image}) > 0
    mark = len(awx.writes)
    # The second run has no names: what is set in AWX stays.
    assert set_up(tmp_path, env, image) == 0
    assert awx.writes[mark:] == []
    server.shutdown()
    for kind, (file, variable) in KITS.items():
        assert [one["name"] for one in awx.objects[kind]] == [entry["name"] for entry in read(file)[variable]]
    assert_templates_are_loaded_as_they_are(awx)
    assert_the_workflow_is_linked(awx)


def set_up(folder: pathlib.Path, env: dict[str, str], variables: dict[str, Any]) -> int:
    """Run the playbook awx_setup and return how many tasks changed something."""
    command = [
        str(pathlib.Path(sys.executable).parent / "ansible-playbook"), "rollcall.identity.awx_setup",
        "-e", "identity_awx_project_url=https://git.example.com/i.git",
        "-e", "ansible_python_interpreter={{ ansible_playbook_python }}", "-e", json.dumps(variables),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    assert "canary-token" not in done.stdout
    count = re.search(r"changed=(\d+)", done.stdout)
    assert count
    return int(count[1])


def named(awx: AWX, kind: str, name: str) -> dict[str, Any]:
    """Return an object of AWX by its name."""
    return next(one for one in awx.objects[kind] if one["name"] == name)


def assert_templates_are_loaded_as_they_are(awx: AWX) -> None:
    """Ansible renders no template that is meant for AWX, and surveys keep their order."""
    types = {entry["name"]: entry for entry in read("credential_types.yml")["controller_credential_types"]}
    kestra = named(awx, "credential_types", "Identity: Kestra EE")
    assert kestra["injectors"] == types["Identity: Kestra EE"]["injectors"]
    offboard = named(awx, "job_templates", "Identity: offboard")
    assert [question["variable"] for question in awx.surveys[offboard["id"]]["spec"]][:3] == [
        "offboard_person", "offboard_level", "offboard_ticket",
    ]


def assert_the_workflow_is_linked(awx: AWX) -> None:
    """The approval follows the plan, and failures and approvals are notified."""
    workflow = named(awx, "workflow_job_templates", "Identity: access")
    for kind in ("notification_templates_error", "notification_templates_approvals"):
        assert awx.links["workflow_job_templates", workflow["id"], kind] == [
            awx.objects["notification_templates"][0]["id"]
        ]
    plan, approve = (
        next(node for node in awx.objects["workflow_job_template_nodes"] if node["identifier"] == name)
        for name in ("plan", "approve")
    )
    assert awx.links["workflow_job_template_nodes", plan["id"], "success_nodes"] == [approve["id"]]
