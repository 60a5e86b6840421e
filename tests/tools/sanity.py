# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run `ansible-test sanity` on a copy of the collection, without containers and without exceptions.

    python tests/tools/sanity.py pylint | import | others | quick

ansible-test creates its own virtual environments below HOME, passes none of pip's variables to them, and downloads a
script that installs pip. So this script sets a separate HOME with pip's settings in a file. If the script cannot be
downloaded, it provides one that installs pip from the package index.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import pathlib
import re
import shutil
import sys
import urllib.request
from collections.abc import Sequence

from environment import ROOT, attempt, cache_home, only_one, pip_settings
from staging import staged

ANSIBLE_TEST = ("ansible-test", "sanity", "--local", "--color", "no")
SLOW = ("pylint", "import")
"""Each takes as long as all others together."""
QUICK = ("validate-modules", "ansible-doc", "pep8", "yamllint", "runtime-metadata", "action-plugin-docs")

SUBSTITUTE = '''\
"""Give an empty environment the pip of a wheel that lies beside this file.

It is unpacked and compiled once for all environments of a Python.
"""
import os, subprocess, sys, sysconfig, zipfile

here = os.path.dirname(os.path.abspath(__file__))
folder = os.path.join(here, "pip-%d.%d" % sys.version_info[:2])
if not os.path.isdir(folder):
    fresh = "%s.%d" % (folder, os.getpid())
    zipfile.ZipFile(os.path.join(here, {wheel!r})).extractall(fresh)
    try:
        os.rename(fresh, folder)
    except OSError:  # another process was faster
        pass
with open(os.path.join(sysconfig.get_path("purelib"), "rollcall_pip.pth"), "w") as handle:
    handle.write(folder + "\\n")
others = [word for word in sys.argv[1:] if not word.startswith(("-", "pip=="))]
if others:
    sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", "--disable-pip-version-check", *others]))
'''


def exceptions() -> list[str]:
    """Return the lines of ignore files. The collection must have none."""
    lines = []
    for path in sorted((ROOT / "tests" / "sanity").glob("ignore-*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                lines.append(f"{path.relative_to(ROOT)}: {line}")
    return lines


def write_pip_settings(home: pathlib.Path) -> None:
    """Write pip's settings, which may contain a password, to the file that pip reads below HOME."""
    folder = home / ".config" / "pip"
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["[global]"]
    for key, value in sorted(pip_settings().items()):
        if key in (
            "index-url",
            "extra-index-url",
            "find-links",
            "trusted-host",
            "cert",
            "client-cert",
            "proxy",
            "no-index",
            "timeout",
            "default-timeout",
        ):
            lines.append(f"{key} = " + "\n    ".join(value.split()))
    lines += ["[install]", "no-compile = true"]  # Python compiles only what it imports, which is less
    descriptor = os.open(folder / "pip.conf", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as handle:
        handle.write("\n".join(lines) + "\n")


def offer_pip(home: pathlib.Path) -> None:
    """Put the script that ansible-test would download into its cache."""
    spec = importlib.util.find_spec("ansible_test")
    assert spec is not None and spec.submodule_search_locations
    package = pathlib.Path(spec.submodule_search_locations[0])
    version = re.search(
        r"default_packages = dict\(\s*pip='([\d.]+)'",
        (package / "_internal" / "python_requirements.py").read_text(encoding="utf-8"),
    )
    address = re.search(
        r"url = '(\S+%s\S*)' %",
        (package / "_util" / "target" / "setup" / "requirements.py").read_text(encoding="utf-8"),
    )
    if not version or not address:
        return  # an unknown version of ansible-test: change nothing
    name = f"get_pip_{version[1].replace('.', '_')}.py"
    script = home / ".ansible" / "test" / "cache" / name
    if script.exists():
        return
    script.parent.mkdir(parents=True, exist_ok=True)
    known = pathlib.Path(os.path.expanduser("~/.ansible/test/cache")) / name
    if known.is_file():
        shutil.copy(known, script)
        return
    try:
        with urllib.request.urlopen(address[1] % version[1], timeout=10) as answer:
            script.write_bytes(answer.read())
        return
    except (OSError, ValueError):
        pass
    fetched = attempt(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", script.parent, f"pip=={version[1]}"]
    )
    wheels = sorted(script.parent.glob("pip-*.whl"))
    if not wheels:
        print(fetched[1])
        import ensurepip  # some systems do not have it

        bundled = sorted((pathlib.Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl"))
        wheels = [pathlib.Path(shutil.copy(bundled[-1], script.parent))]
    script.write_text(SUBSTITUTE.format(wheel=wheels[-1].name), encoding="utf-8")


def newest() -> str:
    """Return the newest installed Python that this ansible-core supports.

    The import test finds no more on older ones: the test ``compile`` and mypy reject what only newer Pythons support.
    """
    constants = importlib.import_module("ansible_test._util.target.common.constants")
    versions = [
        version for version in constants.CONTROLLER_PYTHON_VERSIONS if attempt([f"python{version}", "--version"])[0]
    ]
    return str(versions[-1])


def selection(variant: str) -> tuple[list[str], tuple[str, ...]]:
    """Return the options of a variant, and the tests that must have run."""
    if variant == "pylint":
        return ["--test", "pylint"], ("pylint",)
    if variant == "import":
        return ["--test", "import", "--python", newest()], ("import",)
    if variant == "quick":
        options = ["--python", f"{sys.version_info[0]}.{sys.version_info[1]}"]
        for test in QUICK:
            options += ["--test", test]
        return options, QUICK
    return ["--skip-test", "pylint", "--skip-test", "import"], (*QUICK, "compile")


def hurry(variant: str, options: Sequence[str], root: pathlib.Path, home: pathlib.Path) -> None:
    """Make the environments of ansible-test import hurry.py when they start. Those of a slow test are created first."""
    environments = home / ".ansible" / "test" / "venv"
    if variant in SLOW and not list(environments.glob(f"sanity.{variant}*/*/*/marker.txt")):
        attempt([*ANSIBLE_TEST, "--prime-venvs", *options], {**os.environ, "HOME": str(home)}, root)
    code = pathlib.Path(__file__).with_name("hurry.py").read_text(encoding="utf-8")
    for folder in environments.glob("sanity*/*/*/lib/python*/site-packages"):
        for name, text in (("rollcall_hurry.py", code), ("rollcall.pth", "import rollcall_hurry\n")):
            target, fresh = folder / name, folder / f"{name}.{os.getpid()}"
            if not target.is_file() or target.read_text(encoding="utf-8") != text:
                fresh.write_text(text, encoding="utf-8")
                fresh.replace(target)  # atomic, because another process may start now


def drop_tests(root: pathlib.Path) -> None:
    """Remove the tests, but not the simulator, from a copy: they take longer than all else, and ruff checks them."""
    names = (
        "awx",
        "benchmarks",
        "browser",
        "editors",
        "integration",
        "scim",
        "soak",
        "tools",
        "traffic",
        "unit",
        "simulator/tests",
    )
    for folder in (root / "tests" / name for name in names):
        shutil.rmtree(folder)


def choices_as_lists(text: str) -> str:
    """Return a module's documentation with choices as lists instead of mappings with descriptions."""
    lines: list[str] = []
    depth = -1  # indentation of `choices:` while inside it
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        if depth >= 0 and line.strip() and indent > depth:
            match = re.fullmatch(rf" {{{depth + 2}}}([^\s:-][^\s:]*):( .*)?", line)
            if match:
                lines.append(f"{' ' * (depth + 2)}- {match[1]}")
            elif line.lstrip().startswith("- "):  # already a list
                lines.append(line)
            continue
        depth = indent if line.strip() == "choices:" else -1
        lines.append(line)
    return "\n".join(lines) + "\n"


def suit_oldest(root: pathlib.Path) -> None:
    """Rewrite a copy's documentation as validate-modules of 2.16 requires it.

    ansible-doc of 2.16 shows the descriptions of choices, but its validate-modules only accepts a list.
    """
    if importlib.import_module("ansible.release").__version__.startswith("2.16."):
        for folder in ("modules", "doc_fragments"):
            for path in (root / "plugins" / folder).glob("*.py"):
                path.write_text(choices_as_lists(path.read_text(encoding="utf-8")), encoding="utf-8")


def passed(options: Sequence[str], root: pathlib.Path, home: pathlib.Path, expected: Sequence[str]) -> bool:
    """Run ansible-test in a folder. Return whether it found nothing and ran the expected tests."""
    worked, text = attempt([*ANSIBLE_TEST, *options], {**os.environ, "HOME": str(home)}, root)
    print(text)
    if not worked:
        return False
    if "All targets skipped" in text:
        print("ansible-test found nothing to test: that is no pass.")
        return False
    missing = [test for test in expected if f'Running sanity test "{test}"' not in text]
    if missing:
        print(f"ansible-test did not run: {', '.join(missing)}")
    return not missing


def main(arguments: Sequence[str]) -> int:
    """Run the variant `pylint`, `import`, `others` or `quick`."""
    variant = arguments[0]
    files = exceptions()
    if files:
        print("No ignore files: fix the finding instead of listing it.", *files, sep="\n")
        return 1
    options, expected = selection(variant)
    home = cache_home() / "ansible-test"
    home.mkdir(exist_ok=True)
    with only_one(home / "lock"):
        write_pip_settings(home)
        offer_pip(home)
    # Two runs at a time would create the same environments.
    with (
        only_one(home / f"lock-{variant if variant in SLOW else 'others'}"),
        staged() as (_folder, root),
    ):
        if variant == "pylint" or os.environ.get("ROLLCALL_TESTS") != "all":
            drop_tests(root)
        suit_oldest(root)
        hurry(variant, options, root, home)
        return 0 if passed(options, root, home, expected) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
