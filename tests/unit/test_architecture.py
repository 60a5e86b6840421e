# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of the architecture page, checked on the code."""

from __future__ import annotations

import ast
import functools
import pathlib
import re
import sys

import pytest

from ansible_collections.rollcall.identity.tests.unit.architecture import (
    CORE,
    DOCUMENTATION,
    JOBS,
    PREFIX,
    PROVIDERS,
    SHORT,
    sources,
)
from ansible_collections.rollcall.identity.tests.unit.sources import ROOT, nodes_of, tree

NAMED = re.compile("|".join(PROVIDERS))
NO_IO = {
    "asyncio", "concurrent", "datetime", "http", "io", "multiprocessing", "os", "pathlib", "random", "requests",
    "secrets", "shutil", "signal", "socket", "ssl", "subprocess", "sys", "tempfile", "threading", "time", "urllib",
    "urllib3", "uuid",
}
"""What a pure module has no use for: files, network, clocks, threads, chance."""


@functools.cache
def imports(name):
    """Return what a file imports, wherever it does so: dotted modules, those of the collection from its root."""
    package = name.removesuffix(".py").split("/")[:-1]
    found = set()
    for node in nodes_of(name):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            found |= {".".join([*base, *([node.module] if node.module else [alias.name])]) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {
                f"{node.module}.{alias.name}" if node.module.startswith("ansible") else node.module
                for alias in node.names
            }
    return {module.removeprefix(PREFIX) for module in found}


def within(module, *packages):
    """Return whether a dotted module is one of these packages, or in one."""
    return any(f"{module}.".startswith(f"{package}.") for package in packages)


def ours(name):
    """Return what a file imports of this collection."""
    return {module for module in imports(name) if within(module, "plugins", "tests")}


def dotted(path):
    """Return a path as a package."""
    return path.replace("/", ".")


def strangers(folder, *allowed):
    """Return imports of files below a folder that lead to another part of the collection than the allowed ones,
    as ``file: module``."""
    return [f"{name}: {module}" for name in sources(folder) for module in ours(name) if not within(module, *allowed)]


BASE = tuple(dotted(name.removesuffix(".py")) for name in sources(CORE) if name.count("/") == CORE.count("/") + 1)


# -- imports ---------------------------------------------------------------------------------------------------------


def test_the_parts_are_there():
    assert {
        name.removeprefix(f"{CORE}/").split("/")[0] for name in sources(CORE) if name.count("/") > CORE.count("/") + 1
    } == {"http", "plan", "run"}
    assert len(PROVIDERS) >= 5
    assert imports("plugins/module_utils/_core/run/task.py") >= {
        "plugins.module_utils._core.errors", "plugins.module_utils._core.http.masking", "json",
    }


@pytest.mark.parametrize(("part", "others"), [("http", ()), ("plan", ()), ("run", ("http", "plan"))])
def test_imports_of_the_core_run_one_way(part, others):
    assert strangers(f"{CORE}/{part}", *BASE, *(dotted(f"{CORE}/{other}") for other in (part, *others))) == []


def test_the_base_imports_only_itself():
    assert [
        (name, module)
        for name in sources(CORE)
        if dotted(name.removesuffix(".py")) in BASE
        for module in ours(name)
        if module not in BASE
    ] == []


def test_a_provider_imports_the_core_and_itself():
    for provider in PROVIDERS:
        folder = f"{SHORT['_providers']}/{provider}"
        assert strangers(folder, dotted(CORE), dotted(folder)) == []


def test_modules_import_their_own_provider_and_the_core():
    for name in sources("plugins/modules"):
        allowed = [
            dotted(f"{SHORT['_providers']}/{provider}")
            for provider in PROVIDERS
            if pathlib.Path(name).name.startswith(f"{provider}_")
        ]
        assert [module for module in ours(name) if not within(module, f"{dotted(CORE)}.run", *allowed)] == [], name


def test_the_plan_is_pure():
    """No file, no network, no clock, no thread."""
    assert [
        (name, module) for name in sources(f"{CORE}/plan") for module in imports(name) if within(module, *NO_IO)
    ] == []


def test_only_the_front_ends_know_ansible():
    module = [
        name
        for name in sources("plugins")
        if any(within(found, "ansible.module_utils.basic") for found in imports(name))
    ]
    jobs = [name for name in sources("plugins/modules") if "/identity_" in name]
    assert module == [f"{CORE}/run/front_module.py", *jobs, "plugins/plugin_utils/_lint.py"]
    action = [name for name in sources("plugins") if any(within(found, "ansible.plugins") for found in imports(name))]
    assert action == [f"{JOBS}/action.py", "plugins/plugin_utils/_worker.py"]


def test_requests_is_the_only_package_that_modules_need():
    packages = {
        module.partition(".")[0] for name in (*sources("plugins/module_utils"), *sources("plugins/modules"))
        for module in imports(name) if not within(module, "plugins")
    }
    assert packages - set(sys.stdlib_module_names) == {"ansible", "requests", "urllib3"}


def test_the_simulator_knows_nothing_of_the_collection():
    assert [
        (name, module)
        for name in sources("tests/simulator")
        if "/tests/" not in name
        for module in imports(name)
        if "plugins" in module
    ] == []


# -- names of providers ----------------------------------------------------------------------------------------------


def test_the_core_names_no_provider():
    assert [name for name in sources(CORE) if NAMED.search((ROOT / name).read_text(encoding="utf-8").lower())] == []


def test_plugins_name_a_provider_in_its_own_files_only():
    """In code: what a documentation shows is an example. The jobs have one list of the providers."""
    found = []
    for name in sources("plugins"):
        texts = [
            node.value
            for node in nodes_of(name)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 200
        ]
        names = [node.id for node in nodes_of(name) if isinstance(node, ast.Name)]
        if not NAMED.search(name) and any(NAMED.search(text.lower()) for text in (*texts, *names)):
            found.append(name)
    assert found == [f"{JOBS}/schema.py"]


def test_jobs_know_a_provider_by_its_declaration_only():
    """Other files of the jobs load tasks by the name that a connection has."""
    found = [
        name
        for name in sources(JOBS)
        if not name.startswith(f"{JOBS}/providers/")
        and any(
            within(module, dotted(SHORT["_providers"]), "plugins.modules", f"{dotted(JOBS)}.providers")
            for module in ours(name)
        )
    ]
    assert found == []
    for provider in PROVIDERS:
        others = [name for name in PROVIDERS if name != provider]
        assert [
            module for module in ours(f"{JOBS}/providers/{provider}.py") if set(others) & set(module.split("."))
        ] == []


# -- sizes -----------------------------------------------------------------------------------------------------------


def names_of(node):
    """Return what a statement of a module defines."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def test_what_plugins_define_is_used():
    """By the same file, or by another one of plugins. Tests do not count."""
    own, elsewhere = {}, set()
    for name in sources("plugins"):
        nodes = nodes_of(name)
        own[name] = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        elsewhere |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        elsewhere |= {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    known = DOCUMENTATION | {"ActionModule", "ModuleDocFragment", "main", "__all__"}
    """What Ansible and its linters look for by name, and Python."""
    unused = [
        f"{name}: {word}" for name in sources("plugins") for node in tree(name).body for word in names_of(node)
        if word not in own[name] | elsewhere | known
    ]
    assert unused == []
