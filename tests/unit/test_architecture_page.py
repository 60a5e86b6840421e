# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of the architecture page, compared with the files that there are; and its example of a provider."""

from __future__ import annotations

import ast
import functools
import itertools
import json
import pathlib
import re
import textwrap

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.task import ConnectionPool, run_task
from ansible_collections.rollcall.identity.tests.unit.architecture import (
    CORE,
    JOBS,
    PREFIX,
    PROVIDERS,
    SHORT,
    code_lines,
    files,
    sources,
)
from ansible_collections.rollcall.identity.tests.unit.sources import ROOT, tree
from ansible_collections.rollcall.identity.tests.unit.web import Reply, Server

PAGE = ROOT / "docs" / "docsite" / "rst" / "architecture.rst"


# -- the page --------------------------------------------------------------------------------------------------------


def table(before):
    """Return the rows of the table that follows a text of the page: the cells of each, as texts."""
    text = PAGE.read_text(encoding="utf-8").split(before, 1)[1]
    lines = iter(text[text.index(".. list-table::"):].splitlines()[1:])
    rows = []
    for line in lines:
        if line and not line.startswith("   "):
            break
        if line.startswith("   * - "):
            rows.append([line[7:]])
        elif line.startswith("     - "):
            rows[-1].append(line[7:])
        elif rows and line.strip():
            rows[-1][-1] += f" {line.strip()}"
    return rows[1:]


def paths(cell):
    """Return the paths that a text of the page names, from the root of the checkout."""
    found = [
        path for path in re.findall(r"``([\w.<>*/-]+)``", cell)
        if "/" in path or path in ("galaxy.yml", "README.md", *SHORT)
    ]
    return [re.sub(r"^(_core|_providers|_jobs)(?=/|$)", lambda match: SHORT[match[0]], path) for path in found]


@functools.cache
def meant(pattern, provider):
    """Return what a pattern of the page means for a provider."""
    return re.compile(re.escape(pattern).replace("<name>", provider).replace(r"\*", "[^/]*"))


def fits(pattern, name, provider):
    """Return whether a path is what a pattern of the page means for a provider."""
    return meant(pattern, provider).fullmatch(name) is not None


EVERY, SOME, SHARED = (
    "Every provider has these files",
    "Some providers also have these files",
    "These files list all providers. ",
)
PLAYED, REAL = (
    "A provider in the simulator also has these files",
    "A provider that is tested against real servers has these files instead",
)
SHARED_PLAYED = "These files list all providers in the simulator"
SIMULATED = [provider for provider in PROVIDERS if f"tests/simulator/providers/{provider}/__init__.py" in files()]


def needed(provider):
    """Return the rows of what a provider must have: what all have, and how it is tested."""
    return [*table(EVERY), *table(PLAYED if provider in SIMULATED else REAL)]


def is_there(cell, provider):
    """Return whether a provider has what a cell names, or one of its alternatives: ``this`` or ``that``."""
    return any(
        all(any(fits(pattern, name, provider) for name in files()) for pattern in paths(alternative))
        for alternative in cell.split(" or ")
    )


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_provider_has_the_files_of_the_page(provider):
    rows = needed(provider)
    assert sum(len(paths(row[0])) for row in rows) > 20
    assert [row[0] for row in rows if not is_there(row[0], provider)] == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_page_knows_every_file_of_a_provider(provider):
    patterns = [path for row in (*needed(provider), *table(SOME)) for path in paths(row[0])]
    own = [name for name in files() if provider in name]
    assert [name for name in own if not any(fits(pattern, name, provider) for pattern in patterns)] == []


def test_a_provider_is_simulated_or_tested_against_real_servers():
    """Not half of each: none has a file that only the others need."""
    assert len(SIMULATED) >= 5 and set(SIMULATED) < set(PROVIDERS)
    own = {provider: {path for row in needed(provider) for path in paths(row[0])} for provider in PROVIDERS}
    others = [
        (provider, path)
        for provider in PROVIDERS
        for row in (*table(PLAYED), *table(REAL))
        for path in paths(row[0])
        if path not in own[provider]
    ]
    assert [(provider, path) for provider, path in others if any(fits(path, name, provider) for name in files())] == []


def test_the_size_of_the_last_provider_is_as_the_page_says():
    """Rounded, and up to a tenth more than that."""
    said = {
        paths(what)[0]: int(re.match(r"[\d,]+", size)[0].replace(",", ""))
        for what, size in table("the sixth provider, needed")
        if "lines" in size
    }
    assert len(said) == 3
    for name, number in said.items():
        code = "lines of code" in next(
            size for what, size in table("the sixth provider, needed") if paths(what) == [name]
        )
        lines = (
            sum(len(code_lines(source)) for source in sources(name))
            if code
            else (ROOT / name).read_text(encoding="utf-8").count("\n")
        )
        assert 0.9 * number <= lines <= 1.1 * number, (name, lines)


def test_all_lines_of_the_last_provider_are_as_the_page_says():
    """As ``git diff --stat`` counts them, up to a twentieth more or less."""
    folder, size = table("the sixth provider, needed")[0]
    number = int(re.search(r"([\d,]+) lines with", size)[1].replace(",", ""))
    lines = sum((ROOT / name).read_text(encoding="utf-8").count("\n") for name in sources(paths(folder)[0]))
    assert 0.95 * number <= lines <= 1.05 * number, lines


def test_what_the_last_provider_added_to_the_core_and_the_jobs_is_there():
    rows = table("the sixth provider, needed")[-2:]
    said = {paths(what)[0]: re.findall(r"``([\w.]+)``", size) for what, size in rows}
    assert list(said) == [CORE, JOBS]
    for folder, names in said.items():
        nodes = [node for name in sources(folder) for node in tree(name).body]
        known = {node.name for node in nodes if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
        classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
        known |= {f"{node.name}.{member}" for node in classes for member in members(node)}
        assert names and set(names) <= known


def test_what_only_some_providers_have_is_there():
    """But for changelog fragments, which go with each release."""
    patterns = [path for row in table(SOME) for path in paths(row[0]) if not path.startswith("changelogs/")]
    assert [
        pattern
        for pattern in patterns
        if not any(fits(pattern, name, provider) for name in files() for provider in PROVIDERS)
    ] == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_module_has_its_action(provider):
    assert [pathlib.Path(name).name for name in sources("plugins/action") if f"/{provider}_" in name] == [
        pathlib.Path(name).name for name in sources("plugins/modules") if f"/{provider}_" in name
    ]


@pytest.mark.parametrize(("before", "providers", "file"), [
    (SHARED, PROVIDERS, f"{JOBS}/schema.py"), (SHARED_PLAYED, SIMULATED, "tests/traffic/operations.yml"),
])  # fmt: skip
def test_shared_files_name_every_provider(before, providers, file):
    names = [path for row in table(before) for path in paths(row[0])]
    assert file in names
    texts = {name: (ROOT / name).read_text(encoding="utf-8").lower() for name in names}
    assert [(name, provider) for name, text in texts.items() for provider in providers if provider not in text] == []


def test_every_file_that_the_page_names_is_there():
    folders = {str(parent) for name in files() for parent in pathlib.PurePosixPath(name).parents}
    missing = []
    for path in paths(PAGE.read_text(encoding="utf-8").replace("<system>", "workday")):
        if not any(fits(path, name, provider) for name in (*files(), *folders) for provider in PROVIDERS):
            missing.append(path)
    assert missing == []


def defined(name, path):
    """Return whether a file defines a name; ``Class.method`` for a method."""
    body = tree(path).body
    for part in name.split("."):
        found = [
            node
            for node in body
            if (isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == part)
            or (
                isinstance(node, ast.Assign)
                and any(isinstance(target, ast.Name) and target.id == part for target in node.targets)
            )
        ]
        if not found:
            return False
        body = getattr(found[0], "body", [])
    return True


def test_the_way_of_a_task_is_that_of_the_code():
    rows = table("Follow one task")
    assert len(rows) > 10
    missing = [
        (path, name)
        for _what, file, names in rows
        for path in paths(file)
        for name in re.findall(r"``([\w.]+)``", names)
        if not defined(name, path)
    ]
    assert missing == []


HOOKS = {
    "Connection": f"{CORE}/run/connection.py", "Directory": f"{CORE}/run/directory.py",
    "Writing": f"{CORE}/run/writing.py",
}
"""The classes that a provider derives from."""


def members(node):
    """Return the public names that a class defines."""
    names = {
        target.id
        for item in node.body
        if isinstance(item, ast.Assign)
        for target in item.targets
        if isinstance(target, ast.Name)
    }
    names |= {
        item.target.id for item in node.body if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    }
    names |= {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
    return {name for name in names if not name.startswith("_")}


def test_the_contract_on_the_page_is_that_of_the_code():
    """What the page names is there, and what any provider overrides is named."""
    section = PAGE.read_text(encoding="utf-8").split("The contract of a provider\n---", 1)[1].split("\n---", 1)[0]
    contract = {
        name: next(node for node in tree(path).body if isinstance(node, ast.ClassDef) and node.name == name)
        for name, path in HOOKS.items()
    }
    named = re.findall(r"``(Connection|Directory|Writing)\.(\w+)``", section)
    assert named and [(base, name) for base, name in named if name not in members(contract[base])] == []
    missing = set()
    for name in sources(SHORT["_providers"]):
        for node in tree(name).body:
            for base in {base.id for base in getattr(node, "bases", ()) if isinstance(base, ast.Name)} & set(HOOKS):
                missing |= {
                    f"{base}.{member}"
                    for member in members(node) & members(contract[base])
                    if not re.search(rf"\b{member}\b", section)
                }
    assert missing == set()


# -- the example of a provider ---------------------------------------------------------------------------------------


@pytest.fixture
def acme():
    """Return the task of the page's provider, and a server that is its API: ``rows`` are its users."""
    text = PAGE.read_text(encoding="utf-8").split(".. code-block:: python\n", 1)[1]
    block = "\n".join(itertools.takewhile(lambda line: not line or line.startswith("   "), text.splitlines()))
    names = {"__name__": "acme", "__package__": f"{PREFIX}plugins.module_utils._providers.acme"}
    exec(compile(textwrap.dedent(block), "architecture.rst", "exec"), names)
    rows = [{"id": 1, "email": "root@example.com", "displayName": "Root", "enabled": True}]

    def answer(request):
        here = [row for row in rows if request.target.endswith(f"/{row['id']}")]
        if request.method == "GET":
            return Reply(body=rows) if request.target == "/users" else Reply(body=here[0]) if here else Reply(404)
        if request.method == "POST":
            rows.append({"id": len(rows) + 1, "enabled": True, **json.loads(request.body)})
            return Reply(201, rows[-1])
        if request.method == "PATCH":
            here[0].update(json.loads(request.body))
            return Reply(body=here[0])
        rows.remove(here[0])
        return Reply(204, b"")

    server = Server([answer])
    yield names["TASK"], server, rows
    server.stop()


def acme_run(acme, *users, check=False, **params):
    """Run the task, and return its result and the methods of the requests."""
    task, server, _rows = acme
    defaults = {name: option.get("default") for name, option in task.options.items()}
    given = {
        "api_url": server.url,
        "api_token": "canary-acme",
        "users": [{"state": "present", **user} for user in users],
        "protect": ["root@*"],
        **params,
    }
    del server.requests[:]
    result = run_task(task, {**defaults, **given}, check, True, ConnectionPool())
    assert "canary-acme" not in json.dumps(result)
    return result, [request.method for request in server.requests]


def test_the_example_of_a_provider_works(acme):
    ada = {"user": "ada@example.com", "name": "Ada"}
    planned, methods = acme_run(acme, ada, check=True)
    assert planned["changed"] and planned["summary"]["created"] == 1 and set(methods) == {"GET"}
    done, methods = acme_run(acme, ada)
    assert done["changed"] and done["plan_digest"] == planned["plan_digest"] and methods[-1] == "POST"
    assert acme_run(acme, ada)[0]["changed"] is False
    renamed, methods = acme_run(acme, {**ada, "name": "Ada L."})
    assert renamed["summary"]["updated"] == 1 and methods[-1] == "PATCH" and acme[2][1]["displayName"] == "Ada L."
    refused, methods = acme_run(acme, {"user": "root@example.com", "state": "absent"})
    assert refused["code"] == "protected" and set(methods) <= {"GET"}
    gone, methods = acme_run(acme, {"user": "ada@example.com", "state": "absent"}, loss_limit="1")
    assert gone["summary"]["deleted"] == 1 and methods.count("DELETE") == 1 and len(acme[2]) == 1
