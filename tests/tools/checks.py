# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The static checks of the gate, one function each: `python tests/tools/checks.py NAME`.

A check prints the output of its tool, and returns whether the tool succeeded. Checks that need more than a call are
separate scripts: sanity.py, package.py.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import runpy
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence

from changelog import main as write_changelog
from environment import ROOT
from staging import scratch, staged

SERVER = ROOT / "tests" / "integration" / "warm_python.py"
"""A server that forks an already started Python for each client."""

SPELLED = (
    "plugins", "roles", "playbooks", "extensions", "docs", "meta", "tests/tools", "tests/simulator", "changelogs",
    "README.md", "CONTRIBUTING.md", "SECURITY.md", "Makefile",
)
"""The paths whose spelling is checked. Tests are left out, because their input is misspelled on purpose. pyproject.toml
has exceptions."""


def call(command: Sequence[str], cwd: pathlib.Path, env: Mapping[str, str] | None = None) -> bool:
    """Run a tool; return whether it succeeded."""
    sys.stdout.flush()
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL, check=False)
    return done.returncode == 0


STARTER = """\
#!/bin/sh
if mkdir {folder}/begun 2>/dev/null; then
    {python} {server} {folder}/warm.sock warm_ansible </dev/null >/dev/null 2>&1 &
    echo $! >{folder}/pid
fi
if [ -S {folder}/warm.sock ]; then exec {python} -I -S {folder}/client.py {folder}/warm.sock {program} "$@"; fi
exec {program} "$@"
"""
"""The first ansible-playbook starts a server with its own environment. Later ones use it instead of starting Ansible:
checking the syntax of thirty playbooks takes little time, but thirty starts take long."""


@contextlib.contextmanager
def quick_playbooks() -> Iterator[dict[str, str]]:
    """Yield an environment in which every ansible-playbook but the first runs in an already started Python."""
    program = shutil.which("ansible-playbook")
    assert program
    with scratch() as folder:
        starter = folder / "ansible-playbook"
        (folder / "client.py").write_text(runpy.run_path(str(SERVER))["CLIENT"], encoding="utf-8")
        places = {"folder": folder, "python": sys.executable, "program": program}
        quoted = {name: shlex.quote(str(value)) for name, value in places.items()}
        starter.write_text(STARTER.format(server=shlex.quote(str(SERVER)), **quoted), encoding="utf-8")
        starter.chmod(0o755)
        try:
            yield {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
        finally:
            with contextlib.suppress(OSError, ValueError):
                os.kill(int((folder / "pid").read_text(encoding="utf-8")), signal.SIGTERM)


def lint_playbooks() -> bool:
    """Run ansible-lint with its strictest profile on the roles, the playbooks and the metadata."""
    with staged() as (_folder, root), quick_playbooks() as env:
        return call(["ansible-lint", "--profile", "production", "--offline", "--strict", "--nocolor"], root, env)


def ruff() -> bool:
    """Check the style of all Python, and the spelling of all texts."""
    style = call(["ruff", "check", "plugins", "tests"], ROOT)
    return call(["codespell", *SPELLED], ROOT) and style


def types() -> bool:
    """Check the types of the plugins (under their import names), of these tools and of the long test."""
    options = ["--config-file", str(ROOT / "pyproject.toml"), "--no-color-output"]
    cache = ROOT / ".cache" / "mypy"
    with staged() as (folder, root):
        plugins = call(
            ["mypy", *options, "--cache-dir", str(cache / "plugins"), str((root / "plugins").relative_to(folder))],
            folder,
        )
        # Its imports are checked above, or belong to the simulator.
        soak = ["mypy", *options, "--cache-dir", str(cache / "soak"), "--follow-imports", "silent", "."]
        long = call(soak, root / "tests" / "soak", {"MYPYPATH": os.pathsep.join((str(folder), str(root / "tests")))})
    tools = call(["mypy", *options, "--cache-dir", str(cache / "tools"), "."], ROOT / "tests" / "tools")
    return plugins and long and tools


def documentation() -> bool:
    """Check the documentation of the plugins and the guides, with all references between them."""
    with staged() as (_folder, root):
        return call(
            [
                sys.executable,
                str(ROOT / "tests" / "tools" / "lint_docs.py"),
                "lint-collection-docs",
                "--plugin-docs",
                "--validate-collection-refs",
                "self",
                "--check-extra-docs-refs",
                ".",
            ],
            root,
        )


def changelog() -> bool:
    """Check the fragments, and that CHANGELOG.rst is up to date."""
    with staged() as (_folder, root):
        lint = call(["antsibull-changelog", "lint"], root)
    return lint and write_changelog(["--check"]) == 0


def licences() -> bool:
    """Check that every file states its copyright and licence."""
    with staged() as (_folder, root):
        return call(["reuse", "lint"], root)


def dependencies() -> bool:
    """Check that ansible-builder reads the requirements of the collection, and creates the build context of the
    execution environment with ansible-core in it."""
    with staged() as (folder, root):
        done = subprocess.run(
            ["ansible-builder", "introspect", str(folder)],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        print(done.stdout, done.stderr)
        definition = root / "extensions" / "execution-environment"
        context = folder / "context"
        created = call(
            ["ansible-builder", "create", "--context", str(context), "--output-filename", "Containerfile"], definition
        )
        complete = created and "ansible-core>=2.16" in (context / "Containerfile").read_text(encoding="utf-8")
    return done.returncode == 0 and "requests" in done.stdout and complete


CHECKS: dict[str, Callable[[], bool]] = {
    "ansible-lint": lint_playbooks,
    "ruff": ruff,
    "mypy": types,
    "docs": documentation,
    "changelog": changelog,
    "reuse": licences,
    "builder": dependencies,
}


if __name__ == "__main__":
    sys.exit(0 if CHECKS[sys.argv[1]]() else 1)
