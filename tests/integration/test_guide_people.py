# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide of the people roles is a walk: every file is written and every command is run, in order, and prints what the page shows."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shlex
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playbooks import ROOT, Start

from simulator.harness import Simulator

PAGE = ROOT / "docs" / "docsite" / "rst" / "guide_people.rst"
PORT = "8900"
"""The port on the page; each run of the test has another one."""
_BLOCK = re.compile(r"^\.\. code-block:: (\w+)\n(?:    :caption: (.+)\n)?\n((?:    .*\n|\n)+)", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of the page: its language, the name of the file that it is (empty for none), its text and its line."""

    language: str
    file: str
    text: str
    line: int


def blocks() -> list[Block]:
    """Return the blocks of the page in their order."""
    page = PAGE.read_text(encoding="utf-8")
    found = []
    for match in _BLOCK.finditer(page):
        text = re.sub(r"(?m)^    ", "", match[3]).strip("\n") + "\n"
        found.append(Block(match[1], match[2] or "", text, page[: match.start()].count("\n") + 1))
    return found


def missing(expected: str, output: str) -> list[str]:
    """Return the lines of a text of the page that were not printed; three dots stand for anything."""
    lines = [line.strip() for line in expected.splitlines() if line.strip()]
    return [line for line in lines if not re.search(".*".join(map(re.escape, line.split("..."))), output)]


@pytest.fixture
def served() -> Iterator[tuple[str, dict[str, str]]]:
    """The simulator as the first command of the page starts it, with what it prints: its port and its variables."""
    command = next(block.text for block in blocks() if block.language == "shell")
    arguments = re.fullmatch(r'make simulator ARGS="(.*)"\n', command)
    assert arguments, command
    options = [option if option != PORT else "0" for option in shlex.split(arguments[1])]
    start = [sys.executable, "-m", "simulator", *options, "--watch-stdin"]
    with subprocess.Popen(start, cwd=ROOT / "tests", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            printed = []
            for line in process.stdout:
                if line.strip() == "READY":
                    break
                printed.append(line.strip())
            variables = dict(line.removeprefix("export ").split("=", 1) for line in printed if line.startswith("export "))
            port = re.search(r":(\d+)/", variables["ONELOGIN_API_URL"])
            assert port
            yield port[1], variables
        finally:
            process.stdin.close()
            process.wait(timeout=30)


def environment(settings: dict[str, str], start: Start, folder: pathlib.Path, port: str) -> dict[str, str]:
    """Return the environment of a shell whose ansible-playbook has begun already; it has no credentials yet."""
    programs = folder / "programs"
    programs.mkdir()
    playbook = programs / "ansible-playbook"
    real = pathlib.Path(sys.executable).parent
    playbook.write_text(f'#!/bin/sh\nexec {shlex.join([*start.ansible, str(real / "ansible-playbook")])} "$@"\n', encoding="utf-8")
    playbook.chmod(playbook.stat().st_mode | stat.S_IXUSR)
    providers = ("ONELOGIN_", "KESTRA_", "SENDAUTH_", "CONTABO_", "NEXTAUTH_")
    kept = {name: value for name, value in settings.items() if not name.startswith(providers)}
    path = os.pathsep.join((str(programs), str(real), kept.get("PATH", os.defpath)))
    return {**kept, "PATH": path, "ROLLCALL_RECORD": os.devnull, "ROLLCALL_SIMULATOR": f"http://127.0.0.1:{port}"}


def test_the_walk(served: tuple[str, dict[str, str]], settings: dict[str, str], start: Start, tmp_path: pathlib.Path) -> None:
    port, variables = served
    env = environment(settings, start, tmp_path, port)
    folder = tmp_path / "company"
    folder.mkdir()
    output, runs = "", 0
    for block in blocks()[1:]:
        text = block.text.replace(f":{PORT}/", f":{port}/")
        if block.file:
            (folder / block.file).write_text(text, encoding="utf-8")
        elif block.language == "shell" and text.startswith("export "):
            exported = dict(line.removeprefix("export ").split("=", 1) for line in text.splitlines())
            assert exported.items() <= variables.items(), "the page has the variables that the simulator prints"
            env.update(exported)
        elif block.language == "shell":
            done = subprocess.run(
                ["bash", "-e", "-c", text], cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                encoding="utf-8", timeout=300, check=False,
            )  # fmt: skip
            output = done.stdout
            runs += text.count("ansible-playbook ")
            assert done.returncode == 0, f"line {block.line}: {text}\n{output[-6000:]}"
        elif block.language == "text":
            assert missing(text, output) == [], f"line {block.line}, of what was printed:\n{output[-6000:]}"
    assert runs == 11
    report = json.loads((folder / "access.json").read_text(encoding="utf-8"))
    assert {name: part["strangers"] for name, part in report["connections"].items()} == {"ol": [], "kes": []}, "what is protected needs no person"
    users = Simulator(None, {}, f"http://127.0.0.1:{port}").state("onelogin")["users"]
    states = {user["username"]: user["status"] for user in users}
    assert {states[name] for name in ("alan.turing", "radia.perlman", "tove.noether")} == {2}, "who left is suspended"
    assert {states[name] for name in ("ada.lovelace", "zoe.garcon")} == {1}
    assert {path.name for path in (folder / "offboarded").iterdir()} == {"E1010.json", "E1010.txt", "E1010.html"}
    secrets = [value for name, value in variables.items() if name.endswith(("SECRET", "TOKEN", "PASSWORD"))]
    written = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file())
    assert not [value for value in secrets if value in written]
