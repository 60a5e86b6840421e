# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ansible-lint finds mistakes in the arguments of our modules in users' playbooks, and nothing in tasks
that are right."""

from __future__ import annotations

import json
import pathlib
import subprocess

import pytest
import yaml

TYPOS = {
    "an unknown option": ("onelogin_user", {"user": "ada", "emial": "ada@acme.com"}, "emial"),
    "an unknown choice": ("kestra_user", {"user": "ada@acme.com", "state": "gone"}, "got: gone"),
    "an unknown option of an element": (
        "contabo_users",
        {"users": [{"user": "ada@acme.com", "titel": "x"}]},
        "users.titel",
    ),
    "a wrong type": ("nextauth_users", {"users": [{"user": "ada"}], "delete_limit": "many"}, "delete_limit"),
    "an unknown filter": ("sendauth_user_info", {"usr": "ada@acme.com"}, "usr"),
    "an unknown option of a job": (
        "identity_offboard",
        {"person": "E1", "connections": "{{ identity_connections }}", "levl": "delete"},
        "levl",
    ),
    "a wrong type of an option of an element": (
        "kestra_users",
        {"users": [{"user": "ada@acme.com", "enabled": "perhaps"}]},
        "enabled",
    ),
    "a mapping in the place of a list": ("onelogin_users", {"users": {"user": "ada"}}, "users"),
    "a number in the place of a list": ("onelogin_users", {"users": 5}, "users"),
    "an unknown choice of an element": (
        "contabo_users",
        {"users": [{"user": "ada@acme.com", "state": "gone"}]},
        "got: gone",
    ),
    "a required option that is missing": ("kestra_user_groups", {"groups": ["platform"]}, "required: user, id"),
    "a required option of an element that is missing": (
        "sendauth_users",
        {"users": [{"user": "a@acme.com"}, {"roles": []}]},
        "required: user, id",
    ),
    "an unknown option of one facet": (
        "kestra_user_groups",
        {"user": "a@acme.com", "groups": [], "gruops": ["x"]},
        "gruops",
    ),
    "an unknown option of a list of roles": ("onelogin_role_info", {"nam": "x"}, "nam"),
    "an unknown option beside templates": ("kestra_users", {"users": "{{ people }}", "unlistd": "report"}, "unlistd"),
}
RIGHT = [
    ("onelogin_users", {"users": "{{ people }}", "min_admins": "{{ least }}", "unlisted": "report"}),
    (
        "contabo_users",
        {"users": [{"user": "{{ name }}", "enabled": "{{ able }}", "roles": "{{ roles }}"}, "{{ more }}"]},
    ),
    (
        "identity_access",
        {"connections": "{{ identity_connections }}", "people_file": "people.csv", "mode": "{{ mode }}"},
    ),
]


def _task(number: int, module: str, arguments: dict[str, object]) -> dict[str, object]:
    return {"name": f"Task {number}", f"rollcall.identity.{module}": arguments}


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> dict[int, str]:
    """The number of each task of a playbook that ansible-lint complains of, and what it says."""
    folder = tmp_path_factory.mktemp("project")
    tasks = [_task(number, module, arguments) for number, (module, arguments, _word) in enumerate(TYPOS.values())]
    tasks += [_task(len(TYPOS) + number, module, arguments) for number, (module, arguments) in enumerate(RIGHT)]
    play = [{"name": "Play", "hosts": "localhost", "gather_facts": False, "tasks": tasks}]
    text = "---\n" + yaml.safe_dump(play, sort_keys=False)
    (folder / "site.yml").write_text(text, encoding="utf-8")
    command = ["ansible-lint", "--offline", "--nocolor", "--format", "json", "site.yml"]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, encoding="utf-8", errors="replace", stdin=subprocess.DEVNULL,
        check=False,
    )
    if "Ignored exception" in done.stderr:
        pytest.fail(done.stderr)
    lines = text.splitlines()
    found = {}
    for entry in json.loads(done.stdout):
        if entry["check_name"] != "args[module]":
            continue
        place = entry["location"]
        line = place["lines"]["begin"] if "lines" in place else place["positions"]["begin"]["line"]
        name = next(text for text in reversed(lines[:line]) if "name: Task" in text)
        found[int(name.split()[-1])] = entry.get("content", {}).get("body", "") + entry["description"]
    return found


@pytest.mark.parametrize("number", range(len(TYPOS)), ids=TYPOS)
def test_mistakes_are_reported(findings: dict[int, str], number: int) -> None:
    assert list(TYPOS.values())[number][2] in findings.get(number, "")


def test_tasks_that_are_right_pass(findings: dict[int, str]) -> None:
    assert {number for number in findings if number >= len(TYPOS)} == set()


def test_every_action_has_main(request: pytest.FixtureRequest) -> None:
    folder = pathlib.Path(request.config.rootpath) / "plugins" / "action"
    paths = sorted(folder.glob("[!_]*.py"))
    assert len(paths) > 40
    assert [path.stem for path in paths if "def main() -> None:" not in path.read_text(encoding="utf-8")] == []
