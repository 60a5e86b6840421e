# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the collection's archive and use it as a user does: `python tests/tools/package.py import | install`."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
from collections.abc import Mapping, Sequence

from environment import attempt
from staging import NAME, NAMESPACE, scratch, staged

# The names that are allowed at the top of the archive.
EXPECTED_TOP = {
    "CHANGELOG.rst",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "FILES.json",
    "LICENSE",
    "LICENSES",
    "MANIFEST.json",
    "README.md",
    "REUSE.toml",
    "SECURITY.md",
    "changelogs",
    "docs",
    "extensions",
    "meta",
    "playbooks",
    "plugins",
    "requirements.txt",
    "roles",
    "tests",
}
EXPECTED_TESTS = {"config.yml", "simulator"}
JUNK = re.compile(r"(^|/)(\.[^/]+|__pycache__|[^/]+\.py[co]|[^/]+~|[^/]+\.log|[^/]+\.tar\.gz)(/|$)")
LARGEST = 1_000_000
"""The maximum size of the archive in bytes. The plugins take 580,000 of them, and the simulator, which the README uses
first, 130,000."""
# Files that tools and editors leave in a checkout. They are created before the build to check that galaxy.yml excludes
# them.
PLANTED = (
    ".cache/collections/x",
    ".venv/bin/python",
    ".pytest_cache/x",
    ".ruff_cache/x",
    ".mypy_cache/x",
    ".ansible/x",
    ".hypothesis/x",
    ".coverage",
    "build/docs/index.html",
    "plugins/modules/__pycache__/x.cpython-311.pyc",
    "rollcall-identity-0.0.1.tar.gz",
    "tests/output/x.txt",
    "tests/simulator/__pycache__/x.cpython-311.pyc",
    "venv/bin/python",
)


def run(command: Sequence[str], cwd: pathlib.Path, env: Mapping[str, str]) -> tuple[bool, str]:
    """Run a command with further variables; return whether it succeeded, and its output, which is also printed."""
    worked, text = attempt(command, {**os.environ, **env}, cwd)
    print(text)
    return worked, text


def build(root: pathlib.Path, folder: pathlib.Path) -> pathlib.Path | None:
    """Build the archive from a copy of the collection with junk files; return its path."""
    for name in PLANTED:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x\n", encoding="utf-8")
    for path in root.rglob("*"):  # as in an export of a tag: fractions of seconds would make the archive larger
        second = int(path.lstat().st_mtime)
        os.utime(path, (second, second), follow_symlinks=False)
    worked, _text = run(["ansible-galaxy", "collection", "build", "--output-path", str(folder)], root, {})
    archives = sorted(folder.glob(f"{NAMESPACE}-{NAME}-*.tar.gz"))
    return archives[0] if worked and archives else None


def unexpected(archive: pathlib.Path) -> list[str]:
    """Return the names in the archive that do not belong there."""
    with tarfile.open(archive) as tar:
        names = [member.name for member in tar.getmembers()]
    surplus = []
    for name in names:
        parts = name.split("/")
        if (
            parts[0] not in EXPECTED_TOP
            or JUNK.search(name)
            or (parts[0] == "tests" and len(parts) > 1 and parts[1] not in EXPECTED_TESTS)
        ):
            surplus.append(name)
    return surplus


def absent(archive: pathlib.Path, root: pathlib.Path) -> list[str]:
    """Return the files of extensions, playbooks, plugins and roles that are missing from the archive.

    Presets and defaults are not Python files, so no import test would notice.
    """
    with tarfile.open(archive) as tar:
        names = {member.name for member in tar.getmembers()}
    files = [
        path.relative_to(root).as_posix()
        for folder in ("extensions", "playbooks", "plugins", "roles")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file()
    ]
    return [name for name in files if name not in names and not JUNK.search(name)]


def run_import() -> bool:
    """Run the Galaxy importer on the archive. Its warnings are failures, too."""
    with scratch() as folder, staged() as (_collections, root):
        archive = build(root, folder)
        if archive is None:
            return False
        junk = unexpected(archive)
        if junk:
            print("The archive holds what it should not:", *junk, sep="\n  ")
        left_out = absent(archive, root)
        if left_out:
            print("The archive lacks:", *left_out, sep="\n  ")
        size = archive.stat().st_size
        print(f"The archive has {size} bytes.")
        if size > LARGEST:
            print(f"That is more than {LARGEST}: name what a user does not need in build_ignore of galaxy.yml.")
        # A stage of its own runs the same linter with a stricter profile.
        worked, text = run(
            [sys.executable, "-m", "galaxy_importer.main", archive.name],
            folder,
            {"GALAXY_IMPORTER_RUN_ANSIBLE_LINT": "0"},
        )
        complaints = [line for line in text.splitlines() if re.match(r"(WARNING|ERROR|CRITICAL)\b", line)]
        return (
            worked
            and not junk
            and not left_out
            and size <= LARGEST
            and not complaints
            and "Importer processing completed successfully" in text
        )


def documented(kind: str, names: Sequence[str], folder: pathlib.Path) -> bool:
    """Check that ansible-doc prints documentation for each name: it also exits with 0 for a missing one."""
    if not names:
        return True
    done = subprocess.run(
        ["ansible-doc", "--type", kind, "--json", *names],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    try:
        documents = json.loads(done.stdout)
    except ValueError:
        documents = {}
    good = True
    for name in names:
        entry = documents.get(name) or {}
        if kind == "role":
            spec = (entry.get("entry_points") or {}).get("main") or {}
            complete = bool(spec.get("short_description"))
        else:
            doc = entry.get("doc") or {}
            complete = bool(
                doc.get("short_description") and doc.get("options") and entry.get("examples") and entry.get("return")
            )
            complete = complete and f"{doc.get('collection')}.{doc.get('plugin_name', '').rpartition('.')[2]}" == name
        if not complete:
            print(f"ansible-doc says nothing, or not enough, about the {kind} {name}")
            good = False
    if not good or done.returncode:
        print(done.stdout[:2000], done.stderr)
    else:
        print(f"ansible-doc: {len(names)} of kind {kind}")
    return good and done.returncode == 0


def run_install() -> bool:
    """Install the archive where no collection is, and run ansible-doc for every module and role of the checkout."""
    with scratch() as folder, staged() as (_collections, root):
        archive = build(root, folder)
        if archive is None:
            return False
        modules = sorted(
            f"{NAMESPACE}.{NAME}.{path.stem}"
            for path in (root / "plugins" / "modules").glob("*.py")
            if path.stem != "__init__"
        )
        roles = sorted(
            f"{NAMESPACE}.{NAME}.{path.parent.parent.name}"
            for path in (root / "roles").glob("*/meta/argument_specs.y*ml")
        )
        target = folder / "installed"
        here = {"ANSIBLE_COLLECTIONS_PATH": str(target)}
        worked, text = run(
            ["ansible-galaxy", "collection", "install", "--offline", "--collections-path", str(target), str(archive)],
            folder,
            here,
        )
        installed = target / "ansible_collections" / NAMESPACE / NAME
        if not worked or "was installed successfully" not in text or not (installed / "MANIFEST.json").is_file():
            return False
        where = ["--collections-path", str(target), f"{NAMESPACE}.{NAME}"]
        worked, text = run(["ansible-galaxy", "collection", "verify", "--offline", *where], folder, here)
        if not worked or "Successfully verified" not in text:
            return False
        os.environ.update(here)
        if not modules:
            print("The collection has no modules.")
            return False
        return all([documented("module", modules, folder), documented("role", roles, folder)])


if __name__ == "__main__":
    sys.exit(0 if {"import": run_import, "install": run_install}[sys.argv[1]]() else 1)
