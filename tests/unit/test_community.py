# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The README as Galaxy shows it, what a community needs beside it, and the page of environment variables."""

from __future__ import annotations

import ast
import os
import pathlib
import re
import subprocess
import sys

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = ("README.md", "CODE_OF_CONDUCT.md", "SECURITY.md", "docs/security.md")
"""Pages that are read outside the repository."""
LINK = re.compile(r"\]\(([^)\s]+)|<(?:a|img)[^>]*(?:href|src)=[\"']([^\"']+)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)


def links(text):
    """Return the targets of all links of a Markdown page, those in code left out."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return ["".join(groups) for groups in LINK.findall(text)]


def blocks(text, language):
    """Return the code blocks of a Markdown page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", SHOWN)
def test_links_work_outside_the_repository(name):
    """Galaxy resolves no relative link. What leads to the repository leads to a file that exists."""
    targets = links((ROOT / name).read_text(encoding="utf-8"))
    assert targets
    assert [target for target in targets if not target.startswith("https://")] == []
    own = re.compile(re.escape(GALAXY["repository"]) + r"/(?:blob|tree)/main/([^#]+)")
    paths = [match[1] for match in map(own.match, targets) if match]
    assert [path for path in paths if not (ROOT / path).exists()] == []
    elsewhere = {target for target in targets if target.startswith("https://github.com/")}
    assert all(target.startswith(GALAXY["repository"] + "/") for target in elsewhere)


def test_links_of_links_are_recognised():
    text = "[a](b.md) <img src='c.png'> ![d](https://e)\n[f]: g.md\n```\n[h](i.md)\n```\n"
    assert links(text) == ["b.md", "c.png", "https://e", "g.md"]


def test_readme_has_what_inclusion_requires():
    sections = re.findall(r"^## (.+)$", README, re.MULTILINE)
    assert sections[0] == "Installation"
    required = {
        "Installation", "Modules", "Support", "Versioning and deprecation", "Release notes", "Communication",
        "Code of Conduct", "Contributing", "Licence",
    }
    assert required <= set(sections)
    assert "https://docs.ansible.com/ansible/devel/community/code_of_conduct.html" in README
    assert "https://semver.org/" in README
    assert "https://forum.ansible.com/" in README
    assert not [
        line for line in README.splitlines() if len(line) > 120 and not line.startswith("|") and "https://" not in line
    ]


def test_the_pin_of_the_readme_allows_this_version():
    """The pin in requirements.yml installs the version of galaxy.yml, from a first release on,
    and no later major version."""
    pins = [yaml.safe_load(block) for block in blocks(README, "yaml") if "collections:" in block]
    pin = pins[0]["collections"][0]["version"]
    match = re.fullmatch(r">=(\d+)\.(\d+)\.(\d+),<(\d+)\.0\.0", pin)
    assert match
    project = ROOT / "extensions" / "awx" / "project" / "collections" / "requirements.yml"
    assert yaml.safe_load(project.read_text(encoding="utf-8"))["collections"][0]["version"] == pin
    version = tuple(map(int, GALAXY["version"].split("-")[0].split(".")))
    lowest, end = tuple(map(int, match.groups()[:3])), (int(match[4]), 0, 0)
    assert lowest <= version < end
    # A release changes galaxy.yml and the changelog alone: before 1.0.0 the pin reaches into that major version.
    assert end[0] == max(version[0], 1) + 1


def test_the_execution_environment_has_lower_bounds_only():
    folder = ROOT / "extensions" / "execution-environment"
    collections = yaml.safe_load((folder / "requirements.yml").read_text(encoding="utf-8"))["collections"]
    definition = yaml.safe_load((folder / "execution-environment.yml").read_text(encoding="utf-8"))["dependencies"]
    packages = [definition[name]["package_pip"] for name in ("ansible_core", "ansible_runner")]
    packages += [
        line
        for line in (folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
        if line and line[0] != "#"
    ]
    bounds = [collection["version"] for collection in collections] + [
        re.sub(r"^[\w.-]+", "", package) for package in packages
    ]
    assert all(re.fullmatch(r">=[\d.]+", bound) for bound in bounds), bounds


def test_readme_and_guide_show_the_same_first_playbook():
    page = (ROOT / "docs" / "docsite" / "rst" / "guide_start.rst").read_text(encoding="utf-8")
    indented = re.search(r"\.\. code-block:: yaml\n    :caption: first\.yml\n\n((?:    .*\n|\n)+)", page)[1]
    playbook = re.sub(r"(?m)^    ", "", indented).strip("\n")
    assert playbook in README
    assert [
        line.strip()
        for line in re.findall(r"^    (?:export|ansible-playbook).*$", page, re.MULTILINE)
        if line.strip() not in README
    ] == []


def test_the_page_of_environment_variables_is_that_of_the_specs():
    """docs/docsite/rst/guide_environment.rst is up to date; make pages writes it."""
    page = ROOT / "docs" / "docsite" / "rst" / "guide_environment.rst"
    fresh = tool("import variables_page; print(variables_page.page(), end='')")
    assert page.read_text(encoding="utf-8") == fresh
    assert fresh.count("   * - ``") > 60


def tool(code):
    """Run Python beside the tools of the checkout; return what it prints."""
    env = {**os.environ, "PYTHONPATH": str(ROOT / "tests" / "tools"), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, encoding="utf-8", check=True
    ).stdout


def test_the_site_has_the_readme_of_a_role():
    page = tool("import site_pages; print(site_pages.readme('access'))")
    assert page.startswith(".. _ansible_collections.rollcall.identity.docsite.role_access:\n")
    assert ".. code-block:: yaml\n\n    # company.yml\n" in page
    assert "   * - ``access_mode``\n     - ``plan``\n" in page
    assert ":doc:`guide <guide_people>`" in page
    assert "](" not in page


def test_links_that_lead_nowhere_are_found(tmp_path):
    (tmp_path / "a.html").write_text(
        '<a href="b.html#x">1</a><a href="b.html#y">2</a><a href="c.html">3</a><a href="https://d">4</a>',
        encoding="utf-8",
    )
    (tmp_path / "b.html").write_text('<p id="x"><img src="e.png"></p>', encoding="utf-8")
    found = tool(
        f"import pathlib, site_pages; print(*site_pages.broken_links(pathlib.Path({str(tmp_path)!r})), sep='|')"
    )
    assert found.strip().split("|") == ["a.html: b.html#y", "a.html: c.html", "b.html: e.png"]


def test_workflows_test_every_core_that_is_supported():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    cores = {entry["core"] for entry in workflow["jobs"]["tests"]["strategy"]["matrix"]["include"]}
    assert cores == {f"2.{minor}" for minor in range(16, 22)}
    assert all(f"2.{minor}" in README for minor in (16, 21))
    lowest = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["requires_ansible"]
    assert lowest == ">=2.16.0"


SECURITY = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def test_the_page_about_security_names_tests_that_exist():
    """A promise without a test is no line of the page, and a test that was renamed is renamed there as well."""
    names = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", SECURITY)
    assert len(names) > 50
    defined = {
        path: {
            node.name
            for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
            if isinstance(node, ast.FunctionDef)
        }
        for path in {path for path, _name in names}
    }
    assert [
        f"{path}::{name}" for path, name in names if name not in defined[path] or not name.startswith("test_")
    ] == []
    for section in re.findall(r"(?ms)^## .*?(?=^## |\Z)", SECURITY):
        rows = [line for line in section.splitlines() if line.startswith("| ") and "---" not in line]
        if rows and rows[0] == "| Promise | Test |":
            assert [row for row in rows[1:] if "::test_" not in row] == []


def test_every_make_target_of_the_page_about_security_exists():
    targets = re.findall(r"`make (\w+)", SECURITY)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert targets and [name for name in targets if f"\n{name}:" not in makefile] == []


PAGES = sorted((ROOT / "docs" / "docsite" / "rst").glob("*.rst"))
MARKDOWN = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "roles").glob("*/README.md"),
        ROOT / "tests" / "simulator" / "README.md",
    ]
)
LABEL = "ansible_collections.rollcall.identity.docsite."


def anchors(text):
    """Return the anchors of a Markdown page, as GitHub makes them of its headings."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_within_the_repository(path):
    """A relative link leads to a file, and to a heading in it.

    A link by name has an address, and every address a link.
    """
    text = path.read_text(encoding="utf-8")
    for target in links(text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _hash, anchor = target.partition("#")
        there = (path.parent / name).resolve() if name else path
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there.read_text(encoding="utf-8")), target
    defined = re.findall(r"^\[([^\]]+)\]: ", text, re.MULTILINE)
    used = re.findall(
        r"\][ \n]?\[([\w-]+)\]",
        re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)),
    )
    assert sorted(defined) == sorted(set(used))


def test_links_are_recognized():
    assert len([target for path in MARKDOWN for target in links(path.read_text(encoding="utf-8"))]) > 50
    guides = "".join(path.read_text(encoding="utf-8") for path in PAGES)
    assert len(re.findall(r":ref:`[^`<]*<([^>]+)>`", guides)) > 10


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_links_of_guides(path):
    """What a guide refers to is there: labels, pages, pictures, its own headings, and files that are named by their
    path.

    The references to modules and options are checked by antsibull-docs; building the site (`make docs`) checks every
    anchor.
    """
    text = path.read_text(encoding="utf-8")
    labels = set(
        re.findall(r"^\.\. _([^:\n]+):$", "\n".join(page.read_text(encoding="utf-8") for page in PAGES), re.MULTILINE)
    )
    labels |= {f"{LABEL}role_{role.name}" for role in (ROOT / "roles").iterdir()}
    for target in re.findall(r":ref:`[^`<]*<([^>]+)>`", text) + re.findall(r":ref:`([^`<>]+)`", text):
        assert target in labels, target
    for target in re.findall(r":doc:`[^`<]*<([^>]+)>`", text):
        assert (path.parent / f"{target}.rst").exists() or target.startswith("role_"), target
    for target in re.findall(r"^\.\. (?:image|figure):: (\S+)", text, re.MULTILINE):
        assert (path.parent / target).exists() or (path.parent.parent / target).exists(), target
    headings = set(re.findall(r"^(\S.*)\n[=\-~^]{3,}$", text, re.MULTILINE))
    for target in re.findall(r"`([^`<>:]+)`_(?!_)", text):
        assert " ".join(target.split()) in headings, target
    for target in re.findall(re.escape(GALAXY["repository"]) + r"/(?:blob|tree)/main/([^#>\s`]+)", text):
        assert (ROOT / target).exists(), target


def test_texts_of_modules_refer_to_guides_that_exist():
    """R(text,label) in the documentation of modules and roles names a page of the site."""
    stems = {f"{LABEL}{path.stem}" for path in PAGES}
    sources = [*(ROOT / "plugins").glob("*/*.py"), *(ROOT / "roles").glob("*/meta/argument_specs.yml")]
    named = {
        label for path in sources for label in re.findall(r"R\([^,()]+,\s*([\w.]+)\)", path.read_text(encoding="utf-8"))
    }
    assert named
    assert named <= stems
