# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation of each module says is what the module is. ansible-test checks the form;
this checks the content."""

from __future__ import annotations

import functools
import importlib
import pathlib
import re

import pytest
import yaml

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.model import AccessReport
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.report import document as access_document
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.export.files import documents
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.columns import columns_problems
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.days import format_problems
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.presets import names as preset_names
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.rules import problems as rule_problems
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.words import values_problems
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.offboard.evidence import evidence
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.offboard.model import Offboarding, OffboardOptions
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.people import Person
from ansible_collections.rollcall.identity.tests.unit.export import export

ROOT = pathlib.Path(__file__).resolve().parents[2]
COLLECTION = "rollcall.identity"
PACKAGE = "ansible_collections.rollcall.identity.plugins."
JOBS = ("identity_access", "identity_export", "identity_offboard", "identity_review", "identity_token_rotation")
"""Modules that work on the connections of all providers."""
NAMES = sorted(
    path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem not in ("__init__", *JOBS)
)
ROLES = {path.name for path in (ROOT / "roles").glob("*")}
RUNTIME = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))

# Top-level keys of a result that ansible-core gives a meaning of its own, in the task executor or in callbacks.
RESERVED = {
    "_ansible_no_log", "add_group", "add_host", "ansible_facts", "ansible_job_id", "attempts", "delta", "deprecations",
    "end", "exception", "failed", "failures", "finished", "include", "include_args", "invocation", "items", "keys",
    "module_stderr", "module_stdout", "rc", "results", "skipped", "start", "started", "stderr", "stderr_lines",
    "stdout", "stdout_lines", "unreachable", "values", "warnings",
}
# What a task may have beside its module, in an example.
KEYWORDS = {
    "name", "register", "when", "loop", "loop_control", "vars", "check_mode", "diff", "no_log", "delegate_to",
    "run_once", "tags", "ignore_errors",
}
MARKUP = re.compile(r"\b(O|RV)\(([^()=]+)")


def load(name):
    """Return a module of the collection as Python has it."""
    return importlib.import_module(f"{PACKAGE}modules.{name}")


def spec_of(name):
    """Return the argument specification of a module."""
    return load(name).SPEC if name in JOBS else load(name).TASK.options


@functools.cache
def parsed(text):
    """Return a YAML text as data, which callers leave as it is."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def fragment(name):
    """Return a fragment by the name that modules give it, ``rollcall.identity.<file>[.<part>]``."""
    parts = name.removeprefix(f"{COLLECTION}.").split(".")
    holder = importlib.import_module(f"{PACKAGE}doc_fragments.{parts[0]}").ModuleDocFragment
    return parsed(getattr(holder, parts[1].upper() if len(parts) > 1 else "DOCUMENTATION"))


def documentation(name):
    """Return the documentation of a module with its fragments merged in, as ansible-core does."""
    own = parsed(load(name).DOCUMENTATION)
    merged = {"options": {}, "attributes": {}}
    for part in own.get("extends_documentation_fragment", ()):
        found = fragment(part)
        for key in merged:
            merged[key].update(found.get(key, {}))
    for key in merged:
        merged[key].update(own.get(key, {}))
    return {**own, **merged}


def tasks_of(examples):
    """Return the tasks of examples, those in blocks included."""
    found = []
    for task in examples:
        if "block" in task:
            assert set(task) <= {"block", "rescue", "module_defaults", *KEYWORDS}, task
            for group in task.get("module_defaults", {}):
                assert group.removeprefix("group/") in {f"{COLLECTION}.{name}" for name in RUNTIME["action_groups"]}, (
                    group
                )
            found += tasks_of(task["block"]) + tasks_of(task.get("rescue", []))
        else:
            found.append(task)
    return found


def texts_of(description):
    """Return a description as one text."""
    return description if isinstance(description, str) else " ".join(description)


def compare(documented, spec, place=""):
    """Return how documented options differ from an argument specification."""
    problems = [f"{place}{name} is not an option" for name in sorted(set(documented) - set(spec))]
    problems += [f"{place}{name} is not documented" for name in sorted(set(spec) - set(documented))]
    for name in sorted(set(spec) & set(documented)):
        doc, option = documented[name], spec[name]
        if not texts_of(doc.get("description", "")).strip():
            problems.append(f"{place}{name} has no description")
        for key, default in (("type", "str"), ("elements", None), ("default", None), ("required", False)):
            if doc.get(key, default) != option.get(key, default):
                problems.append(
                    f"{place}{name}: {key} is {option.get(key, default)!r}, documented as {doc.get(key, default)!r}"
                )
        # Documented choices are a list, or a mapping to what they mean.
        if list(doc.get("choices", ())) != list(option.get("choices", ())):
            problems.append(
                f"{place}{name}: the choices are {option.get('choices')}, documented are {list(doc.get('choices', ()))}"
            )
        if doc.get("aliases", []) != option.get("aliases", []):
            problems.append(f"{place}{name}: the aliases differ")
        for variable in option.get("fallback", (None, []))[1][:1]:
            if f"E({variable})" not in texts_of(doc["description"]):
                problems.append(f"{place}{name}: {variable} is not named")
        if "options" in option or "suboptions" in doc:
            problems += compare(doc.get("suboptions", {}), option.get("options", {}), f"{place}{name}.")
    return problems


def unknown_arguments(arguments, spec, place):
    """Return what an example gives that the specification does not take."""
    problems = []
    for name, value in arguments.items():
        option = spec.get(name)
        if option is None:
            problems.append(f"{place}.{name}")
            continue
        if option.get("choices") and not str(value).startswith("{{"):
            problems += [
                f"{place}.{name}={item}"
                for item in (value if isinstance(value, list) else [value])
                if item not in option["choices"]
            ]
        if option.get("options"):
            inner = value if isinstance(value, list) else [value]
            problems += [
                found
                for item in inner
                if isinstance(item, dict)
                for found in unknown_arguments(item, option["options"], f"{place}.{name}")
            ]
    return problems


def test_there_are_modules():
    """The tests below are made from a listing, which must not be empty."""
    assert NAMES


@pytest.mark.parametrize("name", [*NAMES, *JOBS])
def test_options_are_those_of_the_task(name):
    """Names, types, defaults, choices, suboptions and environment variables are as the module has them."""
    assert compare(documentation(name)["options"], spec_of(name)) == []


@pytest.mark.parametrize("name", [*NAMES, *JOBS])
def test_head(name):
    """The module is named as its file, and has what every module has."""
    found = documentation(name)
    assert found["module"] == name
    assert found["short_description"] and not found["short_description"].endswith(".")
    assert re.fullmatch(r"\d+\.\d+\.\d+", found["version_added"])
    assert found["author"]
    # Jobs are in no action group: their defaults would be those of a provider's modules.
    attributes = (
        {"action", "check_mode", "diff_mode"}
        if name in JOBS
        else {"action", "action_group", "async", "check_mode", "diff_mode", "platform"}
    )
    assert attributes <= set(found["attributes"])


@pytest.mark.parametrize("name", [*NAMES, *JOBS])
def test_examples(name):
    """Examples are tasks with names, by full module names, with options that exist. At least one is of this module."""
    tasks = tasks_of(parsed(load(name).EXAMPLES))
    used = []
    for task in tasks:
        modules = set(task) - KEYWORDS
        assert task.get("name") and len(modules) == 1, task
        module = modules.pop()
        assert module.count(".") >= 2, f"{module} is not a full name"
        used.append(module)
        if module.startswith(f"{COLLECTION}."):
            spec = spec_of(module.rsplit(".", 1)[1])
            assert unknown_arguments(task[module] or {}, spec, module) == []
    assert f"{COLLECTION}.{name}" in used


@pytest.mark.parametrize("name", [*NAMES, *JOBS])
def test_secrets_in_examples_are_not_written_out(name):
    """What is secret comes from a variable in every example."""
    for task in tasks_of(parsed(load(name).EXAMPLES)):
        for module in set(task) - KEYWORDS:
            if module.startswith(f"{COLLECTION}."):
                for option, spec in spec_of(module.rsplit(".", 1)[1]).items():
                    if spec.get("no_log") and option in (task[module] or {}):
                        assert str(task[module][option]).startswith("{{"), task


@pytest.mark.parametrize("name", [*NAMES, *JOBS])
def test_results(name):
    """Return values have a type and say when they come, and none has a name that ansible-core uses."""

    def check(values, place):
        for key, value in values.items():
            assert texts_of(value.get("description", "")).strip(), f"{place}{key}"
            assert value.get("type"), f"{place}{key}"
            assert value.get("returned"), f"{place}{key}"
            if value["type"] == "list":
                assert value.get("elements"), f"{place}{key}"
            check(value.get("contains", {}), f"{place}{key}.")

    found = parsed(load(name).RETURN)
    assert found
    assert not set(found) & RESERVED
    check(found, "")


def shown_user(name):
    """Return the documented fields of the users that a module returns."""
    found = parsed(load(name).RETURN)
    user = found.get("user", found.get("users", {}))
    first = f"{name.partition('_')[0]}_user"
    refers = f"All other fields are those of RV({COLLECTION}.{first}#module:user)." in texts_of(
        user.get("description", "")
    )
    return {**(shown_user(first) if refers else {}), **user.get("contains", {})}


@pytest.mark.parametrize("name", [name for name in NAMES if "enabled" in shown_user(name)])
def test_users_in_results_have_the_fields_of_the_schema(name):
    """Where a whole user is returned, all the provider's readable fields are documented, and no others."""
    shown, schema = shown_user(name), load(name).tasks.BINDING.schema
    expected = {"id", "user", "enabled", "privileged", "last_login", "mfa"}
    expected |= {field.name for field in schema.fields if field.readable}
    expected |= {facet.name for facet in schema.facets}
    further = {"state", *(f"{facet.name}_state" for facet in schema.facets)}
    assert expected <= set(shown)
    extra = set(shown) - expected - further
    choices = load(name).TASK.options.get("gather", {}).get("choices", ())
    assert extra <= set(choices), extra


@pytest.mark.parametrize("name", NAMES)
def test_registered_in_runtime(name):
    """The module is in its provider's action group and in `all`, says so, and has an action plugin of its own."""
    provider = name.split("_")[0]
    groups = RUNTIME["action_groups"]
    assert name in groups[provider]
    extended = [
        group for entry in groups["all"] if isinstance(entry, dict) for group in entry["metadata"]["extend_group"]
    ]
    assert name in groups["all"] or f"{COLLECTION}.{provider}" in extended
    assert set(documentation(name)["attributes"]["action_group"]["membership"]) == {
        f"{COLLECTION}.{provider}",
        f"{COLLECTION}.all",
    }
    action = importlib.import_module(f"ansible_collections.{COLLECTION}.plugins.action.{name}").ActionModule
    assert (action.module, action.declared) == (f"{COLLECTION}.{name}", load(name).TASK)


def test_runtime_names_no_module_that_is_not_there():
    """Groups are of modules that exist, and so are action plugins."""
    named = {entry for entries in RUNTIME["action_groups"].values() for entry in entries if isinstance(entry, str)}
    assert named == set(NAMES)
    assert {path.stem for path in (ROOT / "plugins" / "action").glob("*.py")} == {*NAMES, *JOBS}


@pytest.mark.parametrize("name", [*NAMES, *JOBS])
def test_markup_refers_to_what_is_there(name):
    """Every O() and RV() of the texts names an option or a result of the module."""
    found = documentation(name)
    results = parsed(load(name).RETURN)
    own = parsed(load(name).DOCUMENTATION)
    notes = [note for part in own.get("extends_documentation_fragment", ()) for note in fragment(part).get("notes", ())]
    whole = yaml.safe_dump([found, results, notes], width=10**6)

    def there(values, path, inner):
        for step in path.replace("[]", "").split("."):
            if step not in values:
                return False
            values = values[step].get(inner) or {}
        return True

    for kind, reference in MARKUP.findall(whole):
        if reference.startswith("ignore:") or "#" in reference:
            continue
        values, inner = (found["options"], "suboptions") if kind == "O" else (results, "contains")
        assert there(values, reference, inner), f"{kind}({reference})"


def test_fragments_repeat_no_option():
    """An option that two fragments of one module define would be documented by whichever comes last."""
    for name in (*NAMES, *JOBS):
        seen = {}
        for part in parsed(load(name).DOCUMENTATION).get("extends_documentation_fragment", ()):
            for option in fragment(part).get("options", {}):
                assert option not in seen, f"{name}: {option} in {seen[option]} and {part}"
                seen[option] = part


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "docsite" / "rst").glob("*.rst")), ids=lambda path: path.stem)
def test_guides(path):
    """A guide is listed once, has its label, and its YAML can be parsed and names modules that exist."""
    text = path.read_text(encoding="utf-8")
    sections = yaml.safe_load((ROOT / "docs" / "docsite" / "extra-docs.yml").read_text(encoding="utf-8"))["sections"]
    assert [entry for section in sections for entry in section["toctree"]].count(path.stem) == 1
    assert f".. _ansible_collections.{COLLECTION}.docsite.{path.stem}:" in text
    for block in re.findall(r"^\.\. code-block:: yaml\n\n((?:    .*\n|\n)+)", text, re.MULTILINE):
        assert yaml.safe_load(block)
    for name in re.findall(r"rollcall\.identity\.((?:[a-z]+_)+[a-z]+)\b", text):
        assert name in {*NAMES, *JOBS, *ROLES, *(playbook.stem for playbook in (ROOT / "playbooks").glob("*.yml"))}, (
            name
        )


def test_readme_lists_every_module():
    """The table of the README has all modules and no others."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == sorted({*NAMES, *JOBS})


@pytest.mark.parametrize("role", sorted(ROLES))
def test_roles_document_their_variables(role):
    """The argument specification of a role has its variables and no others, with the defaults that they have."""
    spec = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))[
        "argument_specs"
    ]["main"]
    defaults = yaml.safe_load((ROOT / "roles" / role / "defaults" / "main.yml").read_text(encoding="utf-8"))
    assert set(spec["options"]) == set(defaults)
    for name, option in spec["options"].items():
        assert texts_of(option["description"]).strip(), name
        if not str(defaults[name]).startswith("{{") and not option.get("required"):
            assert option.get("default") == defaults[name], name


@pytest.mark.parametrize("role", sorted(ROLES))
def test_readmes_of_roles_name_their_variables(role):
    """The table of variables in the README of a role is complete, and names no variable that is not there."""
    text = (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")
    defaults = yaml.safe_load((ROOT / "roles" / role / "defaults" / "main.yml").read_text(encoding="utf-8"))
    listed = [
        name
        for row in re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", text, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    ]
    shared = ("identity_", f"{role}_")
    assert sorted(name for name in listed if name.startswith(shared)) == sorted(defaults)


@pytest.mark.parametrize("role", ["access", "access_review", "export", "offboard"])
def test_roles_pass_everything_on(role):
    """The task of a role sets every option of its module, by a variable."""
    tasks = yaml.safe_load((ROOT / "roles" / role / "tasks" / "main.yml").read_text(encoding="utf-8"))
    module = f"identity_{role.removeprefix('access_')}"
    (arguments,) = (task[f"{COLLECTION}.{module}"] for task in tasks if f"{COLLECTION}.{module}" in task)
    left_out = {"offboard": {"rules"}, "export": {"rules", "entitlements", "people", "links"}}.get(role, set())
    assert set(arguments) == set(load(module).SPEC) - left_out


def test_mappings_and_presets_of_the_guide():
    """What the guide shows of columns, values and rules is right, and it lists every preset."""
    text = (ROOT / "docs" / "docsite" / "rst" / "guide_people.rst").read_text(encoding="utf-8")
    shown = {}
    for block in re.findall(
        r"^\.\. code-block:: yaml\n(?:    :caption: .+\n)?\n((?:    .*\n|\n)+)", text, re.MULTILINE
    ):
        shown.update(yaml.safe_load(block))
    assert columns_problems(shown["access_columns"]) == []
    assert values_problems(shown["access_values"]) == []
    assert format_problems(shown["access_date_format"]) == []
    assert rule_problems(shown["identity_rules"], {"crm", "git", "ci"}) == []
    assert re.findall(r"^   \* - ``(\w+)``\n     - ", text, re.MULTILINE)[-len(preset_names()) :] == list(
        preset_names()
    )
    for role in ("access", "access_review", "offboard", "export"):
        spec = (ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
        described = re.search(rf"{role}_preset:.*?type: str", spec, re.DOTALL)
        assert set(re.findall(r"V\((\w+)\)", described[0])) == set(preset_names())


def test_results_of_the_jobs_are_documented():
    """The documents that the jobs return have the keys that their documentation names."""

    def contained(name, key):
        return set(parsed(load(name).RETURN)[key]["contains"])

    report = AccessReport("2026-06-15", "plan")
    assert contained("identity_access", "report") == set(access_document(report))
    options = OffboardOptions("E1", "disable", "30d", "", (), (), {}, "unproven", 5, False)
    work = Offboarding(options, Person("E1"), "2026-06-15", False, "", "")
    assert contained("identity_offboard", "evidence") == set(evidence(work, "", ()))
    assert contained("identity_export", "export") == set(documents(export({}), {})["result"])
