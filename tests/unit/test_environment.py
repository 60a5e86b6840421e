# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the targets of make do on machines and for users with unusual settings, before they start a command."""

from __future__ import annotations

import ast
import os
import pathlib
import subprocess
import sys

import pytest

TOOLS = pathlib.Path(__file__).resolve().parents[1] / "tools"
SCRIPT = TOOLS / "environment.py"


@pytest.fixture
def environment(monkeypatch):
    """Return the module."""
    monkeypatch.syspath_prepend(str(TOOLS))
    import environment

    return environment


def python(code, **env):
    """Run code beside the module in a new Python; return its exit code, output and errors."""
    code = f"import pathlib, sys; sys.path.insert(0, {str(TOOLS)!r})\n{code}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**kept, **env}, capture_output=True, encoding="utf-8", check=False
    )
    return done.returncode, done.stdout.strip(), done.stderr.strip()


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 9, 18)])
def test_python_that_is_too_old(version):
    code, shown, errors = python(f"sys.version_info = {version}; sys.version = 'old one'; import environment")
    assert (code, shown) == (1, "")
    assert errors.startswith("rollcall.identity: Python 3.10 or newer is needed")
    assert errors.endswith("Specify another one: make PYTHON=python3.12")


def test_python_that_is_too_old_reaches_the_check_of_its_version():
    body = ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 6)).body
    place = next(number for number, node in enumerate(body) if isinstance(node, ast.If))
    assert "OLDEST_PYTHON" in ast.dump(body[place].test)
    assert all(isinstance(node, (ast.Import, ast.ImportFrom, ast.Assign, ast.Expr)) for node in body[:place])
    modules = [node.module for node in body[:place] if isinstance(node, ast.ImportFrom)]
    assert modules == ["collections.abc"], "Python 3.6 does not have annotations in __future__"


@pytest.mark.parametrize(
    ("locales", "result"),
    [
        ({"LC_ALL": "C.UTF-8"}, "C.UTF-8"),
        ({"LC_CTYPE": "C.UTF-8"}, "None"),
        ({"LC_ALL": "POSIX"}, "C.UTF-8"),
        ({"LC_ALL": "xx_XX.UTF-8"}, "C.UTF-8"),
        ({"LC_ALL": "C", "PYTHONUTF8": "1"}, "C.UTF-8"),
    ],
)
def test_locale_in_which_ansible_starts(locales, result):
    code = "import environment; print(environment.variables(pathlib.Path('/v')).get('LC_ALL'))"
    assert python(code, **locales) == (0, result, "")


@pytest.mark.parametrize("is_there", [True, False])
def test_home_that_cannot_be_used_is_replaced(environment, monkeypatch, tmp_path, is_there):
    home = str(tmp_path if is_there else tmp_path / "absent")
    monkeypatch.setenv("HOME", home)
    monkeypatch.setattr(environment, "cache_home", lambda: tmp_path)
    env = environment.variables(tmp_path)
    assert env["HOME"] == (home if is_there else str(tmp_path / "home"))
    assert os.path.isdir(env["HOME"])


def test_variables_that_change_how_python_runs_are_removed(environment, monkeypatch, tmp_path):
    names = ("PYTHONPATH", "PYTHONSAFEPATH", "PYTHONOPTIMIZE", "ANSIBLE_CONFIG", "ONELOGIN_CLIENT_SECRET")
    for name in (*names, "PYTHONUTF8"):
        monkeypatch.setenv(name, "1")
    env = environment.variables(tmp_path)
    assert "1" not in {env.get(name) for name in names}
    assert env["PYTHONUTF8"] == "1"


def test_pip_installs_nowhere_else_and_reads_all_its_files(environment, monkeypatch, tmp_path):
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = https://pip.example.com/simple\n", encoding="utf-8")
    for name, value in {"CONFIG_FILE": str(tmp_path / "pip.conf"), "USER": "1", "TARGET": "/x", "PREFIX": "/y"}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    env = environment.pip_variables()
    assert env["PIP_USER"] == "0" and not {"PIP_TARGET", "PIP_PREFIX"} & set(env)
    pip = [sys.executable, "-m", "pip"]
    assert environment.uv_variables(pip)["UV_DEFAULT_INDEX"] == "https://pip.example.com/simple"


@pytest.mark.parametrize("home", ["usable", "a file", "relative"])
def test_uv_has_a_cache_even_if_the_home_cannot_be_used(environment, monkeypatch, tmp_path, home):
    (tmp_path / "file").write_text("", encoding="utf-8")
    paths = {"usable": str(tmp_path / "home"), "a file": str(tmp_path / "file"), "relative": "home"}
    monkeypatch.setenv("XDG_CACHE_HOME", paths[home])
    monkeypatch.delenv("UV_CACHE_DIR", raising=False)
    monkeypatch.setattr(environment, "cache_home", lambda: tmp_path / "other")
    monkeypatch.chdir(tmp_path)
    expected = None if home == "usable" else str(tmp_path / "other" / "uv")
    assert environment.uv_variables(["false"]).get("UV_CACHE_DIR") == expected
    assert ("home" in os.listdir(tmp_path)) == (home == "usable")


@pytest.mark.parametrize(
    ("chosen", "folder"),
    [("", "/tmp"), ("/var/tmp", "/var/tmp"), ("/home/a b", "/tmp"), ("/" + "x" * 30, "/tmp")],
)
def test_temporary_files_of_tests_have_short_paths_without_spaces(environment, monkeypatch, chosen, folder):
    monkeypatch.setenv("TMPDIR", chosen)
    assert environment.temporary_folder() == folder


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "set TMPDIR"),
        ("ERROR: No matching distribution found for uv", "`pip config list`"),
    ],
)
def test_advice_after_a_failed_installation(environment, text, advice):
    assert advice in environment.advice(text)


def test_checkout_that_is_not_writable(environment, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setattr(environment, "COLLECTIONS", tmp_path / "file" / "collections")
    with pytest.raises(environment.Problem, match="Clone the repository into a folder"):
        environment.link_collection()


def test_pyenv_that_cannot_be_read(environment, monkeypatch):
    monkeypatch.setenv("PYENV_ROOT", "/" + "x" * 5000)
    assert environment.interpreter_folders() == []


def test_checkout_without_git_has_the_same_files(environment, monkeypatch):
    import staging

    tracked = set(staging.own_files())
    monkeypatch.setenv("PATH", "")
    files = set(staging.own_files())
    assert {"Makefile", "plugins/modules/kestra_user.py"} <= tracked <= files
    assert not [name for name in files if name.startswith((".git/", ".cache/")) or "__pycache__" in name]
