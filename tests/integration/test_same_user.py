# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hosts of a play that run a task at the same time: no host undoes the grant of another one, or creates twice."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from playbooks import Playbooks

from simulator.harness import Simulator

HOSTS = ("a", "b", "c")
ADA = "user0001@example.com"
GRANTS: dict[str, tuple[str, tuple[str, str, str]]] = {
    "nextauth": ("permissions", ("sessions", "users", "accounts")),
    "sendauth": ("permissions", ("AWS prod", "GitHub", "On-call")),
    "kestra": ("groups", ("platform", "security", "team-01")),
    "contabo": ("roles", ("Snowflake", "data-analyst", "On-call")),
    "onelogin": ("roles", ("AWS dev", "GitHub", "Jira")),
}
NAMES = {"onelogin": "user0001"}
IDS = {"sendauth": "ed27deb5-9cd8-48be-af69-0ad5fd04d297", "contabo": "884dcc2c-d567-4031-857e-ec5dde210b94"}
"""IDs of the user: one of the hosts does not specify the name."""


@pytest.mark.parametrize("module", ["user", "users"])
def test_every_host_grants_what_it_should(playbooks: Playbooks, simulator: Simulator, module: str) -> None:
    simulator.reset(seed_users=2, latency=0.05)
    tasks = []
    for provider, (facet, _names) in GRANTS.items():
        user: dict[str, Any] = {
            "user": NAMES.get(provider, ADA),
            facet: [f"{{{{ granted[inventory_hostname].{provider} }}}}"],
        }
        if provider in IDS and module == "user":
            by_id = "inventory_hostname == 'c'"
            user["user"] = f"{{{{ omit if {by_id} else '{ADA}' }}}}"
            user["id"] = f"{{{{ '{IDS[provider]}' if {by_id} else omit }}}}"
        arguments = user if module == "user" else {"users": [user]}
        tasks.append({"name": provider, f"rollcall.identity.{provider}_{module}": arguments})
    tasks += [
        {"name": "account", "rollcall.identity.kestra_service_account": {"name": "robot", "tenants": ["main"]}},
        {"name": "token", "rollcall.identity.kestra_api_token": {"user": ADA, "name": "ci", "rotate": "never"}},
        {"name": "key", "rollcall.identity.nextauth_api_token": {"name": "ci"}},
    ]
    granted = {
        host: {provider: names[number] for provider, (_facet, names) in GRANTS.items()}
        for number, host in enumerate(HOSTS)
    }
    for first in (True, False):  # a lost grant would be a change of the second run
        run = playbooks.run(
            tasks, play={"hosts": ":".join(HOSTS)}, arguments=("-i", ",".join(HOSTS) + ","),
            variables={"granted": granted}, defaults={"max_wait": 0},
        )  # fmt: skip
        changed = Counter(outcome.name for outcome in run.outcomes if outcome.result["changed"])
        once = dict.fromkeys(("account", "token", "key"), 1)
        assert changed == ({**dict.fromkeys(GRANTS, len(HOSTS)), **once} if first else {})
        assert len(run.outcomes) == len(tasks) * len(HOSTS)
