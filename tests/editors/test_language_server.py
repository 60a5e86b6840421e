# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an editor shows for the modules: every option completes and is documented, by ansible-language-server itself."""

from __future__ import annotations

import importlib
import os
import pathlib
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from lsp import LanguageServer

COLLECTION = "rollcall.identity"
PACKAGE = "@ansible/ansible-language-server@1.2.3"
MODULES = [
    "contabo_users", "kestra_user", "nextauth_user", "onelogin_user", "sendauth_user_info", "identity_access",
    "kestra_role_info",
]
PLAYBOOK = """---
- name: Play
  hosts: localhost
  tasks:
    - name: Task
      {module}:
        {option}: x
"""
LINE, COLUMN = 6, 8


def _installed() -> pathlib.Path:
    """Return the server's command, installed on first use into the folder of the test environment."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("ansible-language-server needs node and npm, which are not on this machine")
    folder = (
        pathlib.Path(os.environ["VIRTUAL_ENV"]) / "node"
        if os.environ.get("VIRTUAL_ENV")
        else pathlib.Path.home() / ".cache" / "rollcall-node"
    )
    command = folder / "node_modules" / ".bin" / "ansible-language-server"
    if not command.exists():
        install = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(folder), PACKAGE]
        done = subprocess.run(install, capture_output=True, encoding="utf-8", errors="replace", check=False)
        if done.returncode or not command.exists():
            pytest.skip(f"npm cannot install {PACKAGE}: {done.stderr.strip()[-300:]}")
    return command


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    """A language server for an empty project."""
    command = _installed()
    folder = tmp_path_factory.mktemp("project")
    (folder / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")
    with LanguageServer([str(command), "--stdio"], folder, dict(os.environ)) as client:
        yield client


def declared(module: str) -> list[str]:
    """Return the options that a module declares, its aliases included."""
    loaded = importlib.import_module(f"ansible_collections.{COLLECTION}.plugins.modules.{module}")
    spec = loaded.SPEC if hasattr(loaded, "SPEC") else loaded.TASK.options
    return sorted({name for option, about in spec.items() for name in (option, *about.get("aliases", ()))})


@pytest.mark.parametrize("module", MODULES)
def test_all_options_complete(server: LanguageServer, module: str) -> None:
    uri = server.open(
        f"{module}_completion.yml", PLAYBOOK.format(module=f"{COLLECTION}.{module}", option="a").replace("a: x", "")
    )
    offered = {item["label"] for item in server.completion(uri, LINE, COLUMN)}
    assert offered == set(declared(module))


@pytest.mark.parametrize("module", MODULES)
def test_hover_documents_an_option(server: LanguageServer, module: str) -> None:
    for option in declared(module)[:3]:
        uri = server.open(f"{module}_{option}.yml", PLAYBOOK.format(module=f"{COLLECTION}.{module}", option=option))
        assert len(server.hover(uri, LINE, COLUMN + 1)) > 20, option


def test_options_of_elements_complete(server: LanguageServer) -> None:
    text = PLAYBOOK.format(module=f"{COLLECTION}.onelogin_users", option="users").replace(": x", ":\n          - ")
    uri = server.open("users.yml", text)
    users = importlib.import_module(f"ansible_collections.{COLLECTION}.plugins.modules.onelogin_users").TASK.options[
        "users"
    ]["options"]
    assert {item["label"] for item in server.completion(uri, LINE + 1, 12)} == set(users)
