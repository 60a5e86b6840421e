# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of every SCIM module, and those of the guide, run as they stand.

The server has an extension of its own.
"""

from __future__ import annotations

import importlib
import json
import pathlib
import re
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from playbooks import ROOT, Playbooks, task_names
from proxy import World
from servers import ENTERPRISE, TOKEN

ADDRESS = "https://id.example.com/scim/v2"
EXTENSION = "urn:example:2.0:User"
"""A schema that examples name."""
GUIDE = "guide"
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("scim_*.py"))
PEOPLE = ("ada.lovelace", "alan.turing", "dennis.ritchie", "svc-awx", "grace.hopper")
GROUPS = {
    "data": ("ada.lovelace",),
    "staff": (),
    "platform": ("ada.lovelace", "grace.hopper"),
    "on-call": ("ada.lovelace",),
}


@pytest.fixture(scope="session")
def described(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """Return arguments with which scim2-server has one schema more: its own files with an extension of users."""
    resources = importlib.import_module("importlib.resources").files(pytest.importorskip("scim2_server")) / "resources"
    schemas, types = (
        json.loads((resources / f"default-{name}.json").read_text(encoding="utf-8"))
        for name in ("schemas", "resource-types")
    )
    badge = {
        "name": "badge",
        "type": "string",
        "multiValued": False,
        "description": "Number of the badge",
        "required": False,
        "caseExact": True,
    }
    schemas.append(
        {
            "id": EXTENSION,
            "name": "Badge",
            "description": "The badge",
            "attributes": [{**badge, "mutability": "readWrite", "returned": "default"}],
        }
    )
    user = next(one for one in types if one["endpoint"] == "/Users")
    user.setdefault("schemaExtensions", []).append({"schema": EXTENSION, "required": False})
    folder = tmp_path_factory.mktemp("described")
    for name, content in (("schemas", schemas), ("types", types)):
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return ("--schema", str(folder / "schemas.json"), "--resource-type", str(folder / "types.json"))


def calls() -> list[tuple[str, str, Any]]:
    """Return what brings the server to where each play begins."""
    users = [
        {
            "userName": f"{key}@example.com",
            "active": True,
            "title": "Analyst",
            "emails": [{"value": f"{key}@example.com", "type": "work", "primary": True}],
        }
        for key in PEOPLE
    ]
    users[0].update(
        {
            "externalId": "E1042",
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", EXTENSION],
            EXTENSION: {"badge": "B-6"},
        }
    )
    groups = [
        {"displayName": name, "members": [f"{key}@example.com" for key in members]} for name, members in GROUPS.items()
    ]
    return [("POST", "reset", {}), ("POST", "users", {"users": users}), ("POST", "groups", {"groups": groups})]


def here(tasks: Any, address: str) -> Any:
    """Return tasks with the address of the server in the place of that of the examples."""
    return yaml.safe_load(yaml.safe_dump(tasks, sort_keys=False).replace(ADDRESS, address))


def guide() -> Iterator[dict[str, Any]]:
    """Yield the tasks of the guide's blocks; those of a play that logs in elsewhere are left out."""
    text = (ROOT / "docs" / "docsite" / "rst" / "guide_scim.rst").read_text(encoding="utf-8")
    for block in re.findall(r"(?m)^\.\. code-block:: yaml\n\n((?:(?:    .*)?\n)+)", text):
        content = yaml.safe_load(textwrap.dedent(block))
        for entry in content if isinstance(content, list) else ():
            if "hosts" not in entry:
                yield entry
            elif "module_defaults" not in entry:
                yield from entry["tasks"]


def test_examples(
    open_world: Callable[..., World],
    described: tuple[str, ...],
    play_on: Callable[[World], Playbooks],
    tmp_path: pathlib.Path,
) -> None:
    there = open_world("scim2", *described)
    for method, path, body in calls():
        there.control(method, path, body)
    between = tmp_path / "between.json"
    between.write_text(json.dumps({"provider": "scim", "calls": calls()}), encoding="utf-8")
    examples = {
        name: yaml.safe_load(
            importlib.import_module(f"ansible_collections.rollcall.identity.plugins.modules.{name}").EXAMPLES
        )
        for name in MODULES
    }
    examples[GUIDE] = list(guide())
    assert len(MODULES) == 6 and len(examples[GUIDE]) > 6
    plays = {name: here(tasks, there.env["SCIM_API_URL"]) for name, tasks in examples.items()}
    people = [{"user": f"{key}@example.com"} for key in PEOPLE if not key.startswith("dennis")]
    variables = {"people": people, "vault_scim_token": TOKEN}
    runs = play_on(there).run_plays(plays, variables, {"ROLLCALL_BETWEEN": str(between)})
    failures = []
    for name, run in runs.items():
        failures += [f"{name}: {outcome.name}: {outcome.message}" for outcome in run.outcomes if outcome.failed]
        failures += [f"{name}: {task}: did not run" for task in task_names(plays[name]) if task not in run.by_name]
    assert failures == []
    ada = there.rows["ada.lovelace@example.com"]
    assert (ada[ENTERPRISE]["costCenter"], ada[EXTENSION]["badge"]) == ("CC-200", "B-7")
