# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Task files that cannot deliver end a role before it writes."""

from __future__ import annotations

import pytest
from playbooks import Playbooks

from simulator.harness import Simulator

ADA = {"id": "E1", "name": "Ada Bee", "email": "ada@acme.com", "entitlements": ["staff"]}
VARIABLES = {
    "identity_as_of": "2026-06-15",
    "identity_connections": {"ol": {"provider": "onelogin", "user_key": "email"}},
    "identity_entitlements": {"staff": {"grants": {"ol": {}}}},
    "identity_people": [ADA, {**ADA, "id": "E2", "email": "bob@acme.com"}],
    "access_mode": "apply",
    "access_dest": "results/access.json",
    "offboard_person": "E1",
    "offboard_dest": "results/offboard",
    "export_dest": "results/export",
    "access_review_dest": "results/review",
}


@pytest.mark.parametrize("role", ["access", "offboard", "export", "access_review"])
def test_a_task_file_that_ansible_cannot_read(simulator: Simulator, playbooks: Playbooks, role: str) -> None:
    simulator.put_users([{"username": "ada", "email": "ada@acme.com", "firstname": "Ada", "lastname": "Bee"}])
    playbooks.put_files({"deliver.yml": "- name: Store it\n  no_such_module_anywhere:\n"})
    run = playbooks.run(
        [{"name": "role", "ansible.builtin.include_role": {"name": f"rollcall.identity.{role}"}}],
        variables={**VARIABLES, f"{role}_deliver": "deliver.yml"},
        may_fail=True,
    )
    assert run.code
    assert "no_such_module_anywhere" in run.output
    assert (simulator.requests(), list(run.folder.glob("results*"))) == ([], [])
