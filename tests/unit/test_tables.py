# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of README, CONTRIBUTING and the roles say what the code has. Lists of modules, options, error codes, and
files of a provider are compared in test_documentation.py, test_codes.py and test_architecture_page.py, credential types
in tests/awx."""

from __future__ import annotations

import importlib
import pathlib
import re

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
SIMULATOR = ROOT / "tests" / "simulator" / "README.md"
PLUGINS = "ansible_collections.rollcall.identity.plugins."
TITLES = {
    "contabo": "Contabo",
    "kestra": "Kestra EE",
    "nextauth": "nextAuth",
    "onelogin": "OneLogin",
    "scim": "SCIM 2.0",
    "sendauth": "SendAuth",
}
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem != "__init__")
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())


def cells(line):
    """Return the cells of a row of a table."""
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def section(text, title):
    """Return the rows of the tables below a heading, up to the next heading of any level.

    The headings of columns are included, and a link by reference is written out.
    """
    targets = dict(re.findall(r"(?m)^\[([^\]]+)\]:\s*(\S+)", text))
    plain = re.sub(r"(?ms)^```.*?^```$", "", text)
    plain = re.sub(r"\]\[([^\]]+)\]", lambda match: f"]({targets[match[1]]})", plain)
    body = re.search(rf"(?ms)^#+ {re.escape(title)}$(.*?)(?=^#|\Z)", plain)[1]
    return [cells(line) for line in body.splitlines() if line.startswith("|") and not re.match(r"\|[ :|-]+$", line)]


def bound(path, package):
    """Return the lowest version that a file of requirements allows."""
    return re.search(rf"(?m)^{package}>=([\d.]+)$", (ROOT / path).read_text(encoding="utf-8"))[1]


def test_requirements():
    """Versions in the README are those of the files of requirements, of runtime.yml and of the matrix."""
    rows = {row[0]: row[1] for row in section(README, "Installation")}
    core = re.search(
        r"(?m)^ansible-core>=([\d.]+),<2\.(\d+)$",
        (ROOT / "tests" / "requirements" / "run.txt").read_text(encoding="utf-8"),
    )
    assert rows["ansible-core"] == f"{core[1]} to 2.{int(core[2]) - 1} are tested"
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert runtime["requires_ansible"] == f">={core[1]}.0"
    cores = [f"2.{minor}" for minor in range(int(core[1].split(".")[1]), int(core[2]))]
    assert sorted(path.stem for path in (ROOT / "tests" / "requirements").glob("core-*.txt")) == [
        f"core-{version}" for version in cores
    ]
    assert next(row for name, row in rows.items() if name.startswith("Python")) == "3.10 and newer"
    assert (
        next(row for name, row in rows.items() if "`requests`" in name)
        == f"{bound('requirements.txt', 'requests')} and newer"
    )
    folder = "extensions/execution-environment"
    assert (
        next(row for name, row in rows.items() if "`openpyxl`" in name)
        == f"{bound(f'{folder}/requirements.txt', 'openpyxl')} and newer"
    )
    assert f'"requests>={bound("requirements.txt", "requests")}"' in README
    for package in ("starlette", "uvicorn"):
        assert f'"{package}>={bound("tests/requirements/run.txt", package)}"' in README


def test_the_execution_environment_starts_from_what_is_supported():
    """It gets the collection, whose requirements.txt it brings along, and what only some jobs need."""
    definition = yaml.safe_load(
        (ROOT / "extensions" / "execution-environment" / "execution-environment.yml").read_text(encoding="utf-8")
    )
    dependencies = definition["dependencies"]
    assert {name for name in ("galaxy", "python", "system") if name in dependencies} == {"galaxy", "python", "system"}
    for name in ("galaxy", "python", "system"):
        assert (ROOT / "extensions" / "execution-environment" / dependencies[name]).is_file()
    core = re.search(r">=([\d.]+)", dependencies["ansible_core"]["package_pip"])[1]
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))[
        "requires_ansible"
    ].removeprefix(">=")
    assert tuple(map(int, core.split("."))) >= tuple(map(int, runtime.split(".")[:2]))


def test_jobs_are_the_roles():
    """Each role is in one of the two tables, and is a playbook of its name."""
    named = {name for row in section(README, "Four jobs") for name in re.findall(r"/roles/(\w+)/README\.md", row[1])}
    assert sorted(named) == ROLES
    assert [role for role in ROLES if not (ROOT / "playbooks" / f"{role}.yml").is_file()] == []


def test_presets_and_deliveries():
    """The README names each preset and each delivery of the collection."""
    text = next(some for some in re.split(r"\n\n", README) if "Workday" in some).lower()
    presets = sorted(
        path.stem for path in (ROOT / "plugins" / "plugin_utils" / "_jobs" / "feed" / "preset_files").glob("*.yml")
    )
    assert [name for name in presets if name not in text] == []
    row = next(row for row in map(cells, README.splitlines()) if "ServiceNow" in row[-1])
    deliveries = sorted(path.stem for path in (ROOT / "extensions" / "deliver").glob("*.yml"))
    assert sorted(re.findall(r"\w+", row[-1].rpartition(" to ")[2].replace(" and ", " ").lower())) == deliveries


def test_modules_are_below_their_provider():
    for prefix, title in {"identity": "Jobs", **TITLES}.items():
        listed = [row[0].strip("`") for row in section(README, title) if row[0].startswith("`")]
        assert listed == [name for name in MODULES if name.startswith(f"{prefix}_")], title


def providers():
    """Return the table of providers: name of a row -> title of a provider -> its cell."""
    head, *rows = section(README, "Providers")
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}


@pytest.mark.parametrize("provider", TITLES)
def test_providers(provider):
    """Each cell of the README's table of providers is what the code says about that provider."""
    table = {name: row[TITLES[provider]] for name, row in providers().items()}
    life = importlib.import_module(f"{PLUGINS}plugin_utils._jobs.providers.{provider}").LIFE
    user = importlib.import_module(f"{PLUGINS}modules.{provider}_user").TASK.options
    assert f"/guide_{provider}.rst" in table["Guide"]
    assert table["Users"] == "yes"
    grants = table["Grants"].split(", ")
    assert set(life.facets) <= set(grants)
    assert [name for name in grants if name not in user and f"{provider}_user_{name}" not in MODULES] == []
    assert table["Custom attributes"] == ("yes" if "attributes" in user else "no")
    assert (table["Block a login"] == "native") == (life.how == "native")
    assert table["End sessions"] == ("yes" if f"{provider}_user_session" in MODULES else "no")
    secrets = [name for name in MODULES if name in (f"{provider}_api_token", f"{provider}_client_secret")]
    assert (table["Tokens and secrets"] != "no") == bool(secrets)


def test_the_table_has_every_provider_and_no_other():
    found = {path.stem for path in (ROOT / "plugins" / "plugin_utils" / "_jobs" / "providers").glob("*.py")} - {
        "__init__"
    }
    assert set(TITLES) == found
    assert set(providers()["Users"]) == set(TITLES.values())


@pytest.mark.parametrize("role", ROLES)
def test_defaults_in_the_readmes_of_roles(role):
    """A default that the README of a role shows as code is that of the role, or the variable that it comes from."""
    text = (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")
    defaults = yaml.safe_load((ROOT / "roles" / role / "defaults" / "main.yml").read_text(encoding="utf-8"))
    wrong = {}
    for row in map(cells, re.findall(r"(?m)^\| `\w+` \|.*$", text)):
        name, shown = row[0].strip("`"), re.fullmatch(r"`([^`]*)`", row[1]) if len(row) == 3 else None
        default = re.sub(r"^\{\{ (\w+) \}\}$", r"\1", str(defaults.get(name)))
        if name not in defaults or not shown or "{{" in default:
            continue
        if shown[1] != default and yaml.safe_load(shown[1]) != defaults[name]:
            wrong[name] = (shown[1], defaults[name])
    assert wrong == {}


def test_targets():
    """Each target of the Makefile is in its help and in CONTRIBUTING, and these name no other."""
    targets = set(re.search(r"(?m)^\.PHONY: (.*)$", MAKEFILE)[1].split()) - {"help"}
    assert targets == set(re.findall(r"(?m)^(\w+):", MAKEFILE)) - {"help"}
    listed = {name for row in section(CONTRIBUTING, "Targets") for name in re.findall(r"make (\w+)", row[0])}
    helped = {name for line in re.findall(r"@echo 'make ([\w, ]+?)  ", MAKEFILE) for name in line.split(", ")}
    assert helped == targets
    assert listed == targets


def test_where_things_are():
    """Each path of the table in CONTRIBUTING exists, and each folder of the repository is in it."""
    paths = [path for row in section(CONTRIBUTING, "Where things are")[1:] for path in re.findall(r"`([^`]+)`", row[0])]
    assert paths and [path for path in paths if not (ROOT / path).exists()] == []
    folders = {
        f"tests/{path.name}"
        for path in (ROOT / "tests").iterdir()
        if path.is_dir() and path.name not in ("output", "__pycache__")
    }
    assert sorted(folders - set(paths)) == []


def test_examples_in_markdown_are_yaml():
    """Each YAML block of a README can be loaded."""
    blocks = [
        (path.relative_to(ROOT).as_posix(), block)
        for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("roles/*/README.md"), SIMULATOR)
        for block in re.findall(r"(?ms)^```ya?ml\n(.*?)^```", path.read_text(encoding="utf-8"))
    ]
    assert {"README.md", "roles/export/README.md"} <= {name for name, _block in blocks}
    for name, block in blocks:
        try:
            yaml.compose(block)
        except yaml.YAMLError as error:
            pytest.fail(f"{name}: {error}")
