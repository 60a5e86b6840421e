# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of every module run as they stand, and all of their tasks succeed.

Only what belongs to the place is adapted: addresses are those of the simulator, credentials come from its environment
and from the variables that examples name, and the directories hold the users, roles and groups that examples name.
"""

from __future__ import annotations

import importlib
import json
import pathlib
import re
import shlex
from typing import Any

import pytest
import yaml
from playbooks import ROOT, Playbooks, Run, task_names

from simulator.harness import Simulator

MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem != "__init__")
PROVIDERS = ("contabo", "kestra", "nextauth", "onelogin", "sendauth")
PLACES = {
    "https://acme.onelogin.com": "ONELOGIN_API_URL", "https://kestra.acme.com": "KESTRA_API_URL",
    "https://nextauth.example.com": "NEXTAUTH_API_URL",
}  # fmt: skip
"""Address in examples -> variable of the simulator's environment."""
EXISTING: dict[str, list[tuple[str, list[dict[str, Any]]]]] = {
    "contabo": [("roles", [{"roleId": 5012, "name": "On site"}])],
    "kestra": [
        (
            "service_accounts",
            [
                {"id": "czC3kWZAww1WzuOb3oBZwY", "name": "ci-deploy-eu", "tenants": ["acme-eu"]},
                {"name": "reports", "tenants": ["acme-eu"]},
            ],
        ),
        ("tokens", [{"owner": "radia.perlman@example.com", "name": "own", "value": "own-token-of-radia"}]),
    ],
    "nextauth": [
        ("users", [{"userid": "svc-helpdesk", "permissions": []}, {"userid": "Ada.Lovelace"}]),
        ("accounts", [{"id": 79001, "description": "New phone"}]),
        ("sessions", [{"nonce": "nonce-of-the-app", "accountid": 79001}]),
    ],
    "onelogin": [
        ("roles", [{"id": 210012, "name": "On site"}]),
        (
            "users",
            [
                {"id": 100012, "username": "carol.shaw", "email": "carol@example.com"},
                {"username": "alonzo.church", "email": "alonzo@example.com"},
            ],
        ),
    ],
    "sendauth": [("permission_groups", [{"id": "3e7b2a90-4a5d-4a43-8d38-9a8b6b1f7d02", "name": "On site"}])],
}
"""What the examples of a provider name beside the people and roles that the simulator has anyway."""
NAMES = {"contabo": "email", "kestra": "email", "nextauth": "userid", "onelogin": "username", "sendauth": "email"}
"""Provider -> the field of its state that names a user."""
CONNECTIONS = {"ol": "onelogin", "kes": "kestra"}
FILES = {
    "people.csv": "id,name,email,manager,entitlements\nE1042,Ada Lovelace,ada.lovelace@example.com,E0001,staff\n"
    "E0001,Grace Hopper,grace.hopper@example.com,,data-engineer\n",
    "workday.csv": "Employee ID,First Name,Last Name,Work Email,Worker Status,Worker Type,Hire Date,Manager ID,"
    "Department\n"
    "E1042,Ada,Lovelace,ada.lovelace@example.com,Active,Employee,01/15/2024,E0001,Data\n"
    "E0001,Grace,Hopper,grace.hopper@example.com,Active,Employee,01/15/2024,,Engineering\n",
    "to_vault.yml": (
        "- name: Take the token\n  ansible.builtin.assert:\n    that: identity_delivery.token | length > 0\n"
    ),
}
"""Files that examples of jobs name, in the folder in which Ansible starts."""
PEOPLE = [{"id": "E0001", "name": "Grace Hopper", "email": "grace.hopper@example.com"}]
BCRYPT = "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"


def variables(people: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the variables that examples name. Secrets of the simulator are looked up, as a vault's would be."""

    def look(name: str) -> str:
        return f"{{{{ lookup('ansible.builtin.env', '{name}') }}}}"

    return {
        "people": people, "contabo_client_id": look("CONTABO_CLIENT_ID"),
        "vault_contabo_client_secret": look("CONTABO_CLIENT_SECRET"),
        "vault_contabo_api_password": look("CONTABO_API_PASSWORD"),
        "kestra_token": look("KESTRA_API_TOKEN"), "tenant_admin_token": look("KESTRA_API_TOKEN"),
        "my_kestra_token": "own-token-of-radia",
        "vault_old_password": "Sim-Passw0rd", "vault_new_password": "An0ther-Passw0rd",
        "vault_first_password": "F1rst-Passw0rd",
        "nextauth_server_id": look("NEXTAUTH_SERVER_ID"), "vault_nextauth_api_key": look("NEXTAUTH_API_KEY"),
        "session_nonce": "nonce-of-the-app",
        "onelogin_client_id": look("ONELOGIN_CLIENT_ID"),
        "vault_onelogin_client_secret": look("ONELOGIN_CLIENT_SECRET"),
        "vault_ada_password": "Ada's-Passw0rd", "vault_ada_hash": BCRYPT, "vault_grace_hash": "5e" * 32,
        "vault_grace_salt": "salt",
        "sendauth_api_user": look("SENDAUTH_API_USER"), "vault_sendauth_api_password": look("SENDAUTH_API_PASSWORD"),
    }  # fmt: skip


def examples(module: str, env: dict[str, str]) -> list[dict[str, Any]]:
    """Return the tasks of a module's examples, with the simulator's addresses."""
    text = importlib.import_module(f"ansible_collections.rollcall.identity.plugins.modules.{module}").EXAMPLES
    for address, variable in PLACES.items():
        text = text.replace(address, env[variable])
    tasks: list[dict[str, Any]] = yaml.safe_load(text)
    return tasks


def everybody(simulator: Simulator, provider: str) -> list[dict[str, Any]]:
    """Return who is in a directory, as a plan of all users lists them; Dennis has been deleted by the example before.
    """
    users = simulator.state(provider)["users"]
    names = [
        user[NAMES[provider]]
        for user in (users.values() if isinstance(users, dict) else users)
        if not user.get("deletedAt")
    ]
    return [{"user": name} for name in names if not name.startswith("dennis")]


def prepare(simulator: Simulator, folder: pathlib.Path, *providers: str) -> dict[str, str]:
    """Bring the directory to where each play begins, and return the environment with which the callback repeats that.
    """
    calls: list[list[Any]] = [["POST", "reset", {"preset": "company", "sendauth": {"transaction_outcome": "verified"}}]]
    calls += [
        ["POST", kind, {"provider": provider, kind: items}]
        for provider in providers
        for kind, items in EXISTING[provider]
    ]
    for method, path, body in calls:
        simulator.control(method, path, body)
    between = folder / "between.json"
    between.write_text(json.dumps({"provider": providers[0], "calls": calls}), encoding="utf-8")
    return {
        "ROLLCALL_BETWEEN": str(between),
        "MY_KESTRA_TOKEN": simulator.env["KESTRA_API_TOKEN"],
        "ADA_PASSWORD": "Ada's-0ther-Passw0rd",
    }


@pytest.mark.parametrize("provider", PROVIDERS)
def test_examples_of_modules(provider: str, simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    modules = [name for name in MODULES if name.startswith(f"{provider}_")]
    expected = {name: examples(name, simulator.env) for name in modules}
    env = prepare(simulator, tmp_path, provider)
    runs = playbooks.run_plays(expected, variables(everybody(simulator, provider)), env)
    assert_succeeded(expected, runs)


def assert_succeeded(expected: dict[str, list[dict[str, Any]]], runs: dict[str, Run]) -> None:
    """All tasks ran, and none failed. A task that was skipped did not run."""
    failures = []
    for name, run in runs.items():
        failures += [f"{name}: {outcome.name}: {outcome.message}" for outcome in run.outcomes if outcome.failed]
        failures += [f"{name}: {task}: did not run" for task in task_names(expected[name]) if task not in run.by_name]
    assert not failures, "\n".join(failures)


def test_an_example_that_is_skipped_fails(simulator: Simulator, playbooks: Playbooks) -> None:
    tasks = [{"name": "Never", "ansible.builtin.debug": {"msg": "no"}, "when": False}]
    expected = {"first": tasks, "second": [{"name": "Parent", "block": tasks}]}
    runs = playbooks.run_plays(expected, {}, {})
    with pytest.raises(AssertionError, match=r"first: Never: did not run\s+second: Never: did not run"):
        assert_succeeded(expected, runs)


def test_examples_of_jobs(simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    expected = {name: examples(name, simulator.env) for name in MODULES if name.startswith("identity_")}
    connections = {
        name: {"provider": provider, "api_url": simulator.env[f"{provider.upper()}_API_URL"]}
        for name, provider in CONNECTIONS.items()
    }
    connections["ol"]["user_key"] = "email"
    grants = {"staff": {"grants": {"ol": {}}}, "data-engineer": {"grants": {"ol": {"roles": ["Snowflake"]}}}}
    runs = playbooks.run_plays(
        expected, {"identity_connections": connections, "identity_entitlements": grants},
        prepare(simulator, tmp_path, *CONNECTIONS.values()), FILES,
    )  # fmt: skip
    assert_succeeded(expected, runs)


def decide(folder: pathlib.Path) -> dict[str, Any]:
    """Return a play that saves a file of decisions as the page of a reviewer does: everybody keeps everything."""
    names = ("connection", "account_id", "grant_name")
    entry = ", ".join(
        [
            "'row': row.id",
            "'verdict': 'keep'",
            "'reason': 'as agreed'",
            "'time': review.opened",
            *(f"'{name}': row.{name}" for name in names),
        ]
    )
    head = (
        "'schema': 1, 'kind': 'access_review_decisions', 'review': review.id, 'rows_digest': "
        "review.rows_digest, 'saved': review.opened"
    )
    content = (
        f"{{% set found = [] %}}{{% for row in review.rows %}}{{{{ found.append({{{entry}}}) or '' }}}}{{% endfor %}}"
        f"{{{{ {{{head}, 'reviewer': {{'id': 'AUD', 'name': 'Audrey Tor'}}, 'decisions': found}} | to_json }}}}"
    )
    save = {"dest": f"{folder}/decisions/all.json", "content": content, "mode": "0600"}
    review = f"{{{{ lookup('ansible.builtin.file', '{folder}/review.json') | from_json }}}}"
    return {
        "name": "Reviewers decide",
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {"review": review},
        "tasks": [
            {
                "name": "Make the folder",
                "ansible.builtin.file": {"path": f"{folder}/decisions", "state": "directory", "mode": "0700"},
            },
            {"name": "Save decisions", "ansible.builtin.copy": save},
        ],
    }


def blocks(text: str) -> list[tuple[str, str]]:
    """Return (language, text) of the blocks of code of a README."""
    return re.findall(r"(?ms)^```(yaml|console)\n(.*?)^```", text)


def variables_of(command: str, files: dict[str, str], folder: pathlib.Path) -> dict[str, Any]:
    """Return the variables that a command sets with ``-e``, those of files included.

    The plan of the play before is the approved one.
    """
    found: dict[str, Any] = {}
    for argument in shlex.split(command, comments=True)[1:]:
        if argument.removeprefix("@") in files:
            found.update(yaml.safe_load(files[argument.removeprefix("@")]))
        elif argument.startswith("@export/"):
            name = pathlib.PurePath(argument).stem
            found[f"identity_{name}"] = (
                f"{{{{ (lookup('ansible.builtin.file', '{folder}/{argument[1:]}') | from_yaml).identity_{name} }}}}"
            )
        elif "=" in argument:
            name, _equals, value = argument.partition("=")
            found[name] = "{{ access_result.digest }}" if value.startswith("<") else value
    return found


def plays_of(role: str, env: dict[str, str], files: dict[str, str], folder: pathlib.Path) -> list[dict[str, Any]]:
    """Return the plays and commands of a role's README as plays, and add the files that it shows to ``files``."""
    text = (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")
    text = text.replace("<digest of the approved plan>", "'<digest>'").replace("/etc/reports/", f"{folder}/")
    for address, variable in PLACES.items():
        text = text.replace(address, env[variable])
    plays: list[dict[str, Any]] = []
    for language, content in blocks(text):
        if language == "console":
            lines = content.replace("\\\n", " ").splitlines()
            commands = [
                line.removeprefix("$ ") for line in lines if "ansible-playbook" in line and "--check" not in line
            ]
            for command in commands:
                playbook = shlex.split(command, comments=True)[1]
                if "access_review_state=close" in command:
                    plays.append(decide(folder / "reviews" / "2026-q4"))
                plays.append(
                    {"name": command, "import_playbook": playbook, "vars": variables_of(command, files, folder)}
                )
        elif name := re.match(r"# (\S+\.yml)\n", content):
            files.setdefault(name[1], content)
        else:
            plays += yaml.safe_load(content)
    return plays


def test_readmes_of_roles(simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    prepare(simulator, tmp_path, *CONNECTIONS.values())
    simulator.put("users", [{"email": "ada@acme.com", "tenants": ["main"]}], "kestra")
    files, folder = dict(FILES), playbooks.next_folder
    plays = []
    for role in ("access", "offboard", "access_review", "export", "token_rotation"):
        plays += plays_of(role, simulator.env, files, folder)
        files.setdefault("my_company.yml", files["company.yml"] + yaml.safe_dump({"identity_people": PEOPLE}))
    tokens = dict.fromkeys(("kestra_token", "vault_kestra_token"), simulator.env["KESTRA_API_TOKEN"])
    runs = playbooks.run_playbook(plays, tokens, files)
    (unchanged,) = [run for play, run in zip(plays, runs, strict=True) if "plans no changes" in play["name"]]
    assert {line.split()[-1] for line in unchanged["Show the report"].result["msg"][2:]} == {"unchanged"}
