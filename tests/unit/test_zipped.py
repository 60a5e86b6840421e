# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a module starts on a host: from a zip, each file compiled once, and nothing imported that it does not need."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import zipfile

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core import zipped

PROVIDERS = ("contabo", "kestra", "nextauth", "onelogin", "sendauth")
COUNT = """
import collections, json, sys, zipimport
compiled, real = collections.Counter(), zipimport._compile_source
def counted(path, source):
    compiled[path.split(".zip/")[-1]] += 1
    return real(path, source)
zipimport._compile_source = counted
sys.path.insert(0, sys.argv[1])
import first
if sys.argv[2] == "once":
    first.zipped.import_once(first.__loader__)
compiled.clear()
import parent.child, parent.inner.leaf, second
try:
    second.fail()
except ZeroDivisionError as error:
    import traceback
    line = traceback.extract_tb(error.__traceback__)[-1].line
files = [parent.__file__, parent.child.__file__, parent.inner.leaf.__file__, second.__file__]
print(json.dumps({"compiled": compiled, "files": files, "line": line}))
"""


def run(code: str, *arguments: str) -> dict[str, object]:
    """Run code in a new interpreter and return the JSON that it prints."""
    environment = {**os.environ, "PYTHONPATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=environment,
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.fixture
def archive(tmp_path: pathlib.Path) -> pathlib.Path:
    """A zip with modules and packages, as a module's payload is one."""
    path = tmp_path / "payload.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.write(zipped.__file__, "zipped.py")
        for name, text in {
            "first.py": "import zipped\n", "second.py": "def fail():\n    return 1 / 0  # here\n",
            "parent/__init__.py": "",
            "parent/child.py": "import second\n", "parent/inner/__init__.py": "",
            "parent/inner/leaf.py": "from .. import child\n",
        }.items():  # fmt: skip
            file.writestr(name, text)
    return path


def test_each_module_is_compiled_once_and_is_otherwise_the_same(archive: pathlib.Path) -> None:
    plain, once = run(COUNT, str(archive), "plain"), run(COUNT, str(archive), "once")
    modules = ["parent/child.py", "parent/inner/leaf.py", "second.py"]
    assert {name: once["compiled"][name] for name in modules} == dict.fromkeys(modules, 1)
    assert (once["files"], once["line"]) == (plain["files"], plain["line"])
    assert once["line"] == "return 1 / 0  # here"


def test_what_is_imported_from_folders_is_left_alone() -> None:
    before = list(sys.path_hooks)
    zipped.import_once(__loader__)
    assert sys.path_hooks == before


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_module_imports_its_own_provider_and_nothing_heavy(provider: str) -> None:
    folder = pathlib.Path(zipped.__file__).parents[6]
    code = (
        "import importlib, json, sys; sys.path.insert(0, sys.argv[1]); importlib.import_module(sys.argv[2]); "
        "print(json.dumps(sorted(sys.modules)))"
    )
    loaded = run(code, str(folder), f"ansible_collections.rollcall.identity.plugins.modules.{provider}_user")
    others = [name for name in loaded for other in PROVIDERS if other != provider and f"._providers.{other}" in name]
    assert others == []
    assert {"asyncio", "xml", "unittest", "yaml", "jinja2", "ansible.module_utils.basic", "ansible.plugins"}.isdisjoint(
        loaded
    )
