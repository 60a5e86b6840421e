# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imported by the interpreter that has begun already: what every run of a playbook imports and reads
that is Ansible's own."""

from __future__ import annotations

import ast
import collections
import copy
import functools
import glob
import importlib
import os
import pathlib
import sys
import threading
import time
import types
from typing import Any

import ansible.cli.playbook  # and what it imports
import ansible.executor.module_common
import ansible.plugins.strategy
from ansible.plugins import loader as loaders
from ansible.utils.collection_loader import _collection_finder

ROOT = pathlib.Path(__file__).resolve().parents[2]

PLUGINS = (
    "action.debug", "action.normal", "action.set_fact", "connection.local", "filter.core", "filter.encryption",
    "filter.mathstuff", "filter.urls", "filter.urlsplit", "inventory.host_list", "shell.sh", "strategy.linear",
    "test.core", "test.files", "test.mathstuff", "test.uri", "vars.host_group_vars",
)

for name in PLUGINS:
    importlib.import_module(f"ansible.plugins.{name}")
# The loader keeps each class and its options. Otherwise each run, or even each process of a task, would read them for
# itself. Not the plugins for variables: Ansible enables those that it is the first to load. ROLLCALL_LOAD_LATER names
# kinds with a plugin that reads the environment when it is loaded.
for name in ("become", "cache", "callback", "connection", "filter", "inventory", "shell", "strategy", "test"):
    if name not in os.environ.get("ROLLCALL_LOAD_LATER", "").split(","):
        for _plugin in getattr(loaders, f"{name}_loader").all(class_only=True):
            pass

# The redirections of ansible.builtin are a long file: each run finds it read, and the collection's own.
_collection_finder._meta_yml_to_dict = functools.cache(_collection_finder._meta_yml_to_dict)
for name, routing in (
    ("ansible.builtin", pathlib.Path(ansible.__file__).parent / "config" / "ansible_builtin_runtime.yml"),
    ("rollcall.identity", ROOT / "meta" / "runtime.yml"),
):
    if routing.is_file():
        _collection_finder._meta_yml_to_dict(routing.read_bytes(), (name, "runtime.yml"))

# The collection's own code is imported as Ansible does it.
_collection_finder._AnsibleCollectionFinder([str(ROOT / ".cache" / "collections")], scan_sys_paths=False)._install()
for path in sorted((ROOT / "plugins").glob("*_utils/**/*.py")):
    place = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    importlib.import_module(f"ansible_collections.rollcall.identity.{place}")
# Each play resolves all modules of a group of defaults: it looks for the same files again and again.
vars(loaders)["glob"] = types.SimpleNamespace(iglob=functools.cache(glob.glob), glob=glob.glob)
for path in (ROOT / "plugins" / "modules").glob("*.py"):
    for loader in (loaders.module_loader, loaders.action_loader):
        loader.find_plugin_with_context(f"rollcall.identity.{path.stem}")
_collection_finder._AnsibleCollectionFinder._remove()

# Each file of a role is copied after it was read. A text with its tags cannot be changed: a copy of it is the text
# itself.
for name in ("Str", "Int", "Float"):
    # since 2.19
    kind = getattr(sys.modules.get("ansible.module_utils._internal._datatag"), f"_AnsibleTagged{name}", None)
    if kind is not None:
        vars(copy)["_deepcopy_dispatch"][kind] = vars(copy)["_deepcopy_dispatch"][str]


def imports(source: bytes) -> ast.AST:
    """Return the syntax tree of a file with nothing but what the builder of a module's archive looks at: imports
    and assignments."""
    tree = ast.parse(source)
    lines = source.splitlines()
    for place, node in enumerate(tree.body):
        if not isinstance(node, ast.Assign) and b"import" not in b" ".join(lines[node.lineno - 1 : node.end_lineno]):
            tree.body[place] = ast.Pass()
    return tree


FILES = [*(ROOT / "plugins" / "modules").glob("*.py"), *(ROOT / "plugins" / "module_utils").rglob("*.py")]
LOADED = [
    getattr(module, "__file__", None)
    for name, module in list(sys.modules.items())
    if name.startswith("ansible.module_utils.")
]
FILES += [pathlib.Path(name) for name in LOADED if name]
TREES = {source: imports(source) for source in {path.read_bytes() for path in FILES if path.suffix == ".py"}}


def compile_file(source: Any, filename: str, mode: str, flags: int = 0, *arguments: Any, **options: Any) -> Any:
    """Compile as the built-in function does; where the syntax tree of a file is wanted, it is there already."""
    tree = TREES.get(source) if flags == ast.PyCF_ONLY_AST else None
    return tree or compile(source, filename, mode, flags, *arguments, **options)


vars(ansible.executor.module_common)["compile"] = compile_file


class Settings:
    """Ansible's constants, except that the archives of modules stay for the next run: no source changes meanwhile."""

    DEFAULT_LOCAL_TMP = os.environ.get("ROLLCALL_ARCHIVES")

    def __getattr__(self, name: str) -> Any:
        """Return the constant."""
        return getattr(ansible.constants, name)


if Settings.DEFAULT_LOCAL_TMP:
    vars(ansible.executor.module_common)["C"] = Settings()


class Results(collections.deque[Any]):
    """The results of tasks that have come in: whoever waits for one wakes up."""

    def append(self, result: Any) -> None:
        super().append(result)
        ARRIVED.set()


def sleep(seconds: float) -> None:
    """Sleep, or wait for a result where Ansible looks for one a thousand times in a second."""
    if seconds != ansible.constants.DEFAULT_INTERNAL_POLL_INTERVAL:
        time.sleep(seconds)
    elif ARRIVED.wait(0.1):
        ARRIVED.clear()


ARRIVED = threading.Event()
vars(ansible.plugins.strategy).update(deque=Results, time=types.SimpleNamespace(**{**vars(time), "sleep": sleep}))
