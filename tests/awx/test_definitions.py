# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data of the kit against the argument specs of awx.awx, and against each other.

The specs are those in facts.json, because the package that holds awx.awx is large. Where it is installed, or
ROLLCALL_AWX names a folder with ansible_collections/awx/awx, facts.json is compared with it.
"""

from __future__ import annotations

import functools
import json
import pathlib
import re
import sys
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from controller import KIT, ROOT, Loader, read
from packages import awx_folder

sys.path.insert(0, str(ROOT / "tests" / "tools"))

import awx  # the folder has to be on the path first

FACTS = json.loads((ROOT / "tests" / "awx" / "facts.json").read_text(encoding="utf-8"))["modules"]
FILES = {
    "controller_credential_types": ("credential_types.yml", "credential_type"),
    "controller_execution_environments": ("project.yml", "execution_environment"),
    "controller_projects": ("project.yml", "project"),
    "controller_inventories": ("project.yml", "inventory"),
    "controller_inventory_sources": ("project.yml", "inventory_source"),
    "controller_templates": ("job_templates.yml", "job_template"),
    "controller_workflows": ("workflows.yml", "workflow_job_template"),
    "controller_schedules": ("schedules.yml", "schedule"),
}
SETTINGS = {
    **read("settings.yml"), "identity_awx_project_url": "https://git.example.com/identity.git",
    "identity_awx_image": "quay.io/acme/identity:1",
    "identity_awx_credentials": ["onelogin"], "identity_awx_notify": ["on-call"],
    "identity_awx_project_credential": "git",
}  # fmt: skip
TYPES = {"str": str, "bool": bool, "int": int, "dict": dict, "list": list}


@functools.cache
def entries(variable: str) -> list[dict[str, Any]]:
    """Return the entries of a variable, with the settings filled in."""
    content = yaml.safe_load(re.sub("!unsafe ", "", (KIT / FILES[variable][0]).read_text(encoding="utf-8")))
    if variable == "controller_credential_types":
        found: list[dict[str, Any]] = content[variable]
        return found
    return list(Templar(loader=DataLoader(), variables={**SETTINGS, **content}).template(trusted(content[variable])))


def trusted(value: Any) -> Any:
    """Return a value whose templates core 2.19 and later fill in; older ones do so with any."""
    try:
        from ansible.template import trust_as_template
    except ImportError:
        return value
    if isinstance(value, dict):
        return {name: trusted(item) for name, item in value.items()}
    if isinstance(value, list):
        return [trusted(item) for item in value]
    return trust_as_template(value) if isinstance(value, str) else value


def wrong(spec: dict[str, Any], entry: dict[str, Any]) -> list[str]:
    """Return what the module of awx.awx would refuse."""
    known = {name: about for option, about in spec.items() for name in (option, *about.get("aliases", ()))}
    found = [f"{name} is unknown" for name in entry if name not in known]
    found += [f"{name} is missing" for name, about in spec.items() if about.get("required") and name not in entry]
    for name in set(entry) & set(known):
        about, value = known[name], entry[name]
        kind = TYPES[about.get("type", "str")]
        if isinstance(value, bool) and kind is not bool:
            found.append(f"{name} is a boolean")
        elif not isinstance(value, kind) and not (kind is int and str(value).isdigit()):
            found.append(f"{name} is not of type {kind.__name__}")
        if about.get("choices") and value not in about["choices"]:
            found.append(f"{name} is none of {about['choices']}")
    return found


@pytest.mark.parametrize("variable", FILES)
def test_awx_awx_accepts_the_data(variable: str) -> None:
    given = entries(variable)
    assert given
    for entry in given:
        plain = {name: value for name, value in entry.items() if name != "simplified_workflow_nodes"}
        assert wrong(FACTS[FILES[variable][1]], plain) == [], entry["name"]
        for node in entry.get("simplified_workflow_nodes", ()):
            assert wrong(FACTS["workflow_job_template_node"], {"workflow_job_template": entry["name"], **node}) == []


def test_the_check_finds_what_is_wrong() -> None:
    found = wrong(
        FACTS["job_template"], {"nam": "x", "job_type": "walk", "forks": "many", "ask_limit": "yes", "labels": "x"}
    )
    assert sorted(found) == [
        "ask_limit is not of type bool", "forks is not of type int", "job_type is none of ['run', 'check']",
        "labels is not of type list", "nam is unknown", "name is missing",
    ]  # fmt: skip


def test_facts_are_those_of_the_package() -> None:
    found = awx_folder()
    if found is None:
        pytest.skip("The package ansible, which holds awx.awx, is not installed: the facts are taken as they are.")
    assert awx.facts_of(found)["modules"] == FACTS


def test_names_refer_to_what_there_is() -> None:
    templates = {entry["name"]: entry for entry in entries("controller_templates")}
    workflows = {entry["name"]: entry for entry in entries("controller_workflows")}
    for entry in templates.values():
        assert (KIT / "project" / entry["playbook"]).is_file()
        assert entry["project"] in {one["name"] for one in entries("controller_projects")}
        assert entry["inventory"] in {one["name"] for one in entries("controller_inventories")}
    for entry in workflows.values():
        nodes = {node["identifier"]: node for node in entry["simplified_workflow_nodes"]}
        for node in nodes.values():
            assert ("approval_node" in node) != (node.get("unified_job_template") in templates)
            assert {*node.get("success_nodes", ()), *node.get("always_nodes", ())} <= set(nodes)
    for entry in entries("controller_schedules"):
        assert entry["unified_job_template"] in templates or entry["unified_job_template"] in workflows
        assert re.fullmatch(r"DTSTART;TZID=\S+:\d{8}T\d{6} RRULE:FREQ=[A-Z]+;INTERVAL=\d+[\w;=]*", entry["rrule"])
        assert entry["enabled"] is False
    source = entries("controller_inventory_sources")[0]
    assert (KIT / "project" / source["source_path"]).is_file()


def test_every_write_of_access_waits_for_an_approval() -> None:
    """In a workflow every path to a job that writes access leads through an approval."""
    writing = {
        entry["name"]
        for entry in entries("controller_templates")
        if entry["playbook"] in ("access_apply.yml", "access_review_close.yml")
    }
    writing |= {
        entry["name"]
        for entry in entries("controller_templates")
        if entry.get("extra_vars") == {"access_mode": "apply"} and "sliced" in entry["name"]
    }
    assert len(writing) == 3
    reached = set()
    for entry in entries("controller_workflows"):
        nodes = {node["identifier"]: node for node in entry["simplified_workflow_nodes"]}
        for node in nodes.values():
            for following in (nodes[name] for name in (*node.get("success_nodes", ()), *node.get("always_nodes", ()))):
                if following.get("unified_job_template") in writing:
                    assert "approval_node" in node
                    reached.add(following["unified_job_template"])
    assert reached == writing


def test_only_one_job_of_a_template_runs_at_a_time() -> None:
    """AWX lets the slices of one launch run together by itself.

    Two launches that write at the same time would not know of one another.
    """
    for variable in ("controller_templates", "controller_workflows"):
        assert entries(variable)
        assert not [entry["name"] for entry in entries(variable) if entry.get("allow_simultaneous")]


def test_awx_refuses_a_blank_answer_of_a_required_question() -> None:
    """Only the length does, where the job is launched without a browser."""
    specs = [entry.get("survey_spec", {}).get("spec", ()) for entry in entries("controller_templates")]
    texts = [question for spec in specs for question in spec if question["type"] in ("text", "textarea")]
    assert {question["required"] for question in texts} == {True, False}
    for question in texts:
        assert (question["min"] > 0) == question["required"], question["variable"]
        assert len(question["default"]) >= question["min"] or question["required"]


def test_the_inventory_is_not_beside_the_data() -> None:
    """AWX reads the inventory with the variables that are beside it: it would copy people and connections,
    and fail with files of ansible-vault."""
    sources = entries("controller_inventory_sources")
    assert sources
    for source in sources:
        folder = (KIT / "project" / source["source_path"]).parent
        assert not [path.name for path in folder.iterdir() if path.name in ("group_vars", "host_vars")]


def test_surveys_ask_for_variables_of_the_roles() -> None:
    own = {"offboard_ticket", "identity_review"}
    for entry in entries("controller_templates"):
        names = {question["variable"] for question in entry.get("survey_spec", {}).get("spec", ())} - own
        playbook = (KIT / "project" / entry["playbook"]).read_text(encoding="utf-8")
        role = re.search(r"rollcall\.identity\.(\w+)", playbook)
        if role is None:
            assert names == set()
        else:
            specs = yaml.load(
                (ROOT / "roles" / role[1] / "meta" / "argument_specs.yml").read_text(encoding="utf-8"), Loader=Loader
            )
            options = specs["argument_specs"]["main"]["options"]
            assert names <= set(options)
            for question in entry.get("survey_spec", {}).get("spec", ()):
                choices = options.get(question["variable"], {}).get("choices")
                assert not choices or set(question.get("choices", ())) == set(choices), question["variable"]


def test_the_settings_have_every_variable() -> None:
    used = {
        name
        for path in KIT.glob("*.yml")
        for name in re.findall(r"\bidentity_awx_\w+", path.read_text(encoding="utf-8"))
    }
    assert used - {"identity_awx_environment"} == set(read("settings.yml"))


def test_the_setup_loads_all_of_the_data() -> None:
    """Every entry of every file is loaded, with all of its options, by a module that has them."""
    play = yaml.safe_load((ROOT / "playbooks" / "awx_setup.yml").read_text(encoding="utf-8"))[0]
    assert {pathlib.Path(path).name for path in play["vars_files"]} == {path.name for path in KIT.glob("*.yml")}
    loaded: dict[str, set[str]] = {}
    for task in play["tasks"]:
        module = next((name for name in task if name.startswith("awx.awx.")), "")
        if not module:
            continue
        arguments = task[module]
        assert set(arguments) <= set(FACTS[module.removeprefix("awx.awx.")]), task["name"]
        variable = re.search(r"controller_\w+", task["loop"])
        assert variable
        key = variable[0] + (" nodes" if "subelements" in task["loop"] else "")
        loaded.setdefault(key, set()).update(name for name, value in arguments.items() if re.search(r"\bitem\.", value))
    for variable in FILES:
        for entry in entries(variable):
            assert set(entry) - {"simplified_workflow_nodes"} <= loaded[variable]
            for node in entry.get("simplified_workflow_nodes", ()):
                assert set(node) <= loaded[f"{variable} nodes"]
