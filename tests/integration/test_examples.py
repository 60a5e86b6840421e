# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of every module run as they stand, and all of their tasks succeed.

Only what belongs to the place is adapted: addresses are those of the simulator, credentials come from its environment and from the
variables that examples name, and the directories hold the users, roles and groups that examples name.
"""

from __future__ import annotations

import importlib
import json
import pathlib
from typing import Any

import pytest
import yaml
from playbooks import ROOT, Playbooks

from simulator.harness import Simulator

MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem != "__init__")
PROVIDERS = ("contabo", "kestra", "nextauth", "onelogin", "sendauth")
PLACES = {
    "https://acme.onelogin.com": "ONELOGIN_API_URL", "https://kestra.acme.com": "KESTRA_API_URL", "https://nextauth.example.com": "NEXTAUTH_API_URL",
}  # fmt: skip
"""Address in examples -> variable of the simulator's environment."""
EXISTING: dict[str, list[tuple[str, list[dict[str, Any]]]]] = {
    "contabo": [("roles", [{"roleId": 5012, "name": "On site"}])],
    "kestra": [
        ("service_accounts", [{"id": "czC3kWZAww1WzuOb3oBZwY", "name": "pipelines", "tenants": ["acme-eu"]}, {"name": "reports", "tenants": ["acme-eu"]}]),
        ("tokens", [{"owner": "radia.perlman@example.com", "name": "own", "value": "own-token-of-radia"}]),
    ],
    "nextauth": [
        ("users", [{"userid": "svc-helpdesk", "permissions": []}, {"userid": "Ada.Lovelace"}]),
        ("accounts", [{"id": 79001, "description": "New phone"}]),
        ("sessions", [{"nonce": "nonce-of-the-app", "accountid": 79001}]),
    ],
    "onelogin": [
        ("roles", [{"id": 210012, "name": "On site"}]),
        ("users", [{"id": 100012, "username": "carol.shaw", "email": "carol.shaw@example.com"}, {"username": "alonzo.church", "email": "alonzo.church@example.com"}]),
    ],
    "sendauth": [("permission_groups", [{"id": "3e7b2a90-4a5d-4a43-8d38-9a8b6b1f7d02", "name": "On site"}])],
}
"""What the examples of a provider name beside the people and roles that the simulator has anyway."""
NAMES = {"contabo": "email", "kestra": "email", "nextauth": "userid", "onelogin": "username", "sendauth": "email"}
"""Provider -> the field of its state that names a user."""
BCRYPT = "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"


def variables(people: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the variables that examples name. Secrets of the simulator are looked up, as a vault's would be."""

    def look(name: str) -> str:
        return f"{{{{ lookup('ansible.builtin.env', '{name}') }}}}"

    return {
        "people": people, "contabo_client_id": look("CONTABO_CLIENT_ID"), "vault_contabo_client_secret": look("CONTABO_CLIENT_SECRET"),
        "vault_contabo_api_password": look("CONTABO_API_PASSWORD"),
        "kestra_token": look("KESTRA_API_TOKEN"), "tenant_admin_token": look("KESTRA_API_TOKEN"), "my_kestra_token": "own-token-of-radia",
        "vault_old_password": "Sim-Passw0rd", "vault_new_password": "An0ther-Passw0rd", "vault_first_password": "F1rst-Passw0rd",
        "nextauth_server_id": look("NEXTAUTH_SERVER_ID"), "vault_nextauth_api_key": look("NEXTAUTH_API_KEY"), "session_nonce": "nonce-of-the-app",
        "onelogin_client_id": look("ONELOGIN_CLIENT_ID"), "vault_onelogin_client_secret": look("ONELOGIN_CLIENT_SECRET"),
        "vault_ada_password": "Ada's-Passw0rd", "vault_ada_hash": BCRYPT, "vault_grace_hash": "5e" * 32, "vault_grace_salt": "salt",
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
    """Return who is in a directory, as a plan of all users lists them; Dennis has been deleted by the example before."""
    users = simulator.state(provider)["users"]
    names = [user[NAMES[provider]] for user in (users.values() if isinstance(users, dict) else users) if not user.get("deletedAt")]
    return [{"user": name} for name in names if not name.startswith("dennis")]


def flat(tasks: list[dict[str, Any]]) -> list[str]:
    """Return the names of tasks, those in blocks included."""
    return [name for task in tasks for name in (flat(task["block"]) if "block" in task else [task["name"]])]


def prepare(simulator: Simulator, provider: str, folder: pathlib.Path) -> dict[str, str]:
    """Bring the directory to where each play begins, and return the environment with which the callback repeats that."""
    calls: list[list[Any]] = [["POST", "reset", {"preset": "company", "sendauth": {"transaction_outcome": "verified"}}]]
    calls += [["POST", kind, {"provider": provider, kind: items}] for kind, items in EXISTING[provider]]
    for method, path, body in calls:
        simulator.control(method, path, body)
    between = folder / "between.json"
    between.write_text(json.dumps({"provider": provider, "calls": calls}), encoding="utf-8")
    return {"ROLLCALL_BETWEEN": str(between), "MY_KESTRA_TOKEN": simulator.env["KESTRA_API_TOKEN"], "ADA_PASSWORD": "Ada's-0ther-Passw0rd"}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_examples_of_modules(provider: str, simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    modules = [name for name in MODULES if name.startswith(f"{provider}_")]
    expected = {name: examples(name, simulator.env) for name in modules}
    env = prepare(simulator, provider, tmp_path)
    runs = playbooks.run_plays(expected, variables(everybody(simulator, provider)), env)
    failures = []
    for name, run in runs.items():
        failures += [f"{name}: {outcome.name}: {outcome.message}" for outcome in run.outcomes if outcome.failed]
        skipped = [task for task in flat(expected[name]) if task not in run.by_name]
        failures += [f"{name}: {task}: did not run" for task in skipped]
    assert not failures, "\n".join(failures)
