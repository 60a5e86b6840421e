# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many connections, one host for each: forks work on connections at the same time, and each is read once."""

from __future__ import annotations

import json
import pathlib
import shutil
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
import yaml
from playbooks import ROOT, Start

from simulator.harness import Simulator

CONNECTIONS = 12


@pytest.fixture
def project(tmp_path: pathlib.Path) -> pathlib.Path:
    """The project of the AWX kit with many connections."""
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "extensions" / "awx" / "project", folder)
    names = [f"se-{number}" for number in range(1, CONNECTIONS + 1)]
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    slices = {"vars": local, "hosts": dict.fromkeys(names)}
    inventory = {"all": {"hosts": {"localhost": local}, "children": {"identity_slices": slices}}}
    (folder / "inventory" / "hosts.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    data: dict[str, Any] = {
        "identity_connections": {name: {"provider": "sendauth"} for name in names},
        "identity_entitlements": {"staff": {"grants": {name: {} for name in names}}},
        "identity_people": [{"id": "E1", "name": "Ada Bee", "email": "ada@acme.com", "entitlements": ["staff"]}],
        "access_deliver": "",
    }
    (folder / "group_vars" / "all" / "test.yml").write_text(yaml.safe_dump(data), encoding="utf-8")
    return folder


def run(
    project: pathlib.Path, settings: dict[str, str], start: Start, playbook: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run a playbook of the project."""
    command = [
        *start.ansible,
        str(pathlib.Path(sys.executable).parent / "ansible-playbook"),
        "-i",
        "inventory/hosts.yml",
        playbook,
        "-e",
        "access_mode=plan",
        *arguments,
    ]
    env = {**settings, "ROLLCALL_RECORD": "/dev/null", "ANSIBLE_SHOW_CUSTOM_STATS": "true"}
    return subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False)


def handed(output: str) -> dict[str, Any]:
    """Return what set_stats has handed over."""
    line = next(line for line in output.splitlines() if line.strip().startswith("RUN: "))
    found: dict[str, Any] = json.loads(line.partition("RUN: ")[2])
    return found


def test_every_connection_is_planned_once_and_all_are_merged(
    simulator: Simulator, settings: dict[str, str], start: Start, project: pathlib.Path
) -> None:
    simulator.reset(seed_users=1)
    mark = simulator.last
    done = run(project, settings, start, "access_sliced.yml", "--limit", "se-1")
    assert done.returncode == 0, done.stdout + done.stderr
    single = Counter(item["operation"] for item in simulator.requests(since=mark))
    mark = simulator.last
    done = run(project, settings, start, "access_sliced.yml", "--forks", "10")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    together = Counter(item["operation"] for item in simulator.requests(since=mark))
    assert together == {operation: count * CONNECTIONS for operation, count in single.items()}, (
        "what one connection costs, for each of them"
    )
    results = handed(done.stdout)
    assert {value["connection"] for value in results.values()} == {
        f"se-{number}" for number in range(1, CONNECTIONS + 1)
    }
    assert {value["changes"] for value in results.values()} == {1}
    (project / "results.json").write_text(json.dumps(results), encoding="utf-8")
    merged = run(project, settings, start, "access_merge.yml", "-e", "@results.json")
    assert merged.returncode == 0, merged.stdout
    assert int(handed(merged.stdout)["access_sliced_changes"]) == CONNECTIONS
