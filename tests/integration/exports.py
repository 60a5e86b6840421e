# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exports in this process, against the simulator over sockets, and a company to export."""

from __future__ import annotations

import pathlib
from typing import Any

from jobs import PROVIDERS, Access, arguments_of, plain, reset_odd_company, untagged

from ansible_collections.rollcall.identity.plugins.modules.identity_export import SPEC
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.export.job import run_export
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame
from simulator.harness import Simulator

HOSTILE = "{{ lookup('ansible.builtin.pipe', 'touch pwned') }}"
FORMULA = '=HYPERLINK("http://evil.example.com")'
ALL = {name: {"provider": provider} for name, provider in PROVIDERS.items()}


def put_odd_names(simulator: Simulator) -> None:
    """Put people whose names are templates and formulas, or the same word twice."""
    simulator.put_users(
        [
            {
                "username": "mallory", "email": "mallory@example.com", "firstname": HOSTILE, "lastname": FORMULA,
                "title": HOSTILE, "department": FORMULA,
            },
            {"username": "=1+1", "email": "sum@example.com", "firstname": "'=1", "lastname": "Anna  Lena"},
        ]
    )
    single = {"email": "single@example.com", "firstName": "Single", "lastName": "Single"}
    simulator.put_users([{**single, "permissions": [], "permissionGroups": []}], "sendauth")


def put_blocked(simulator: Simulator) -> None:
    """Put a blocked account into OneLogin, Kestra and Contabo."""
    mail = "blocked@example.com"
    names = {"firstName": "No", "lastName": "Way"}
    simulator.put_users(
        [
            {
                "username": "blocked", "email": mail, "firstname": "No", "lastname": "Way", "status": 2,
                "roles": ["Snowflake"],
            }
        ]
    )
    simulator.put_users([{"email": mail, **names, "auths": [], "tenants": [], "groups": []}], "kestra")
    simulator.put_users([{"email": mail, **names, "enabled": False, "roles": ["Snowflake"]}], "contabo")


def put_company(simulator: Simulator) -> None:
    """Put a company with names of all kinds, odd users, hostile ones, and a blocked account at each provider."""
    reset_odd_company(simulator, 4)
    put_odd_names(simulator)
    put_blocked(simulator)
    groups = ["data", {"tenant": "acme-eu", "name": "sales"}]
    simulator.put_users(
        [{"email": "data@example.com", "firstName": "Da", "lastName": "Ta", "groups": groups}], "kestra"
    )
    simulator.put(
        "bindings",
        [{"tenant": "main", "user": "data@example.com", "role": "Developer", "namespace": "company.data"}],
        "kestra",
    )


def export(folder: pathlib.Path, frame: dict[str, Any] | None = None, **params: Any) -> dict[str, Any]:
    """Run the job and return its result."""
    arguments = {"connections": ALL, "as_of": "2026-06-15", "dest": str(folder / "company"), **params}
    return plain(run_export(arguments_of(SPEC, arguments), Frame(**{"folder": str(folder), **(frame or {})})))


def loaded(folder: pathlib.Path, name: str) -> Any:
    """Return the content of a file of an export."""
    return untagged((folder / "company" / f"{name}.yml").read_text(encoding="utf-8"))


def access_to(simulator: Simulator, folder: pathlib.Path, connections: dict[str, Any] | None = None) -> Access:
    """Return the access job with the entitlements and the links of an export."""
    (folder / "links.yml").write_bytes((folder / "company" / "links.yml").read_bytes())
    return Access(simulator, folder, connections or ALL, loaded(folder, "entitlements")["identity_entitlements"])


def people_of(folder: pathlib.Path) -> dict[str, dict[str, Any]]:
    """Return the people of an export by their ids."""
    return {one["id"]: one for one in loaded(folder, "people")["identity_people"]}
