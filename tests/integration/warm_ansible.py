# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imported by the interpreter that has begun already: what every run of a playbook imports and reads that is Ansible's own."""

from __future__ import annotations

import functools
import importlib
import pathlib

import ansible.cli.playbook  # and what it imports
import ansible.executor.module_common
from ansible.plugins.loader import callback_loader, filter_loader, test_loader
from ansible.utils.collection_loader import _collection_finder

PLUGINS = (
    "action.debug", "action.normal", "action.set_fact", "connection.local", "filter.core", "filter.encryption", "filter.mathstuff",
    "filter.urls", "filter.urlsplit", "inventory.host_list", "shell.sh", "strategy.linear", "test.core", "test.files",
    "test.mathstuff", "test.uri", "vars.host_group_vars",
)  # fmt: skip

for name in PLUGINS:
    importlib.import_module(f"ansible.plugins.{name}")
for loader in (callback_loader, filter_loader, test_loader):
    for _plugin in loader.all(class_only=True):
        pass  # the loader keeps each class and its options; otherwise each process of a task would load the filters for itself

# The redirections of ansible.builtin are a long file: each run finds it read.
ROUTING = pathlib.Path(ansible.__file__).parent / "config" / "ansible_builtin_runtime.yml"
_collection_finder._meta_yml_to_dict = functools.cache(_collection_finder._meta_yml_to_dict)
if ROUTING.is_file():
    _collection_finder._meta_yml_to_dict(ROUTING.read_bytes(), ("ansible.builtin", "runtime.yml"))
