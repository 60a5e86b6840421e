# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guides that are walks: every file is written and every command is run, in order, and prints what the page shows."""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import shlex
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from playbooks import ROOT, Start

GUIDES = ROOT / "docs" / "docsite" / "rst"
PORT = "8900"
"""The port on the pages; each run of a test has another one."""
_BLOCK = re.compile(r"^\.\. code-block:: (\w+)\n(?:    :caption: (.+)\n)?\n((?:    .*\n|\n)+)", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of a page: its language, the name of the file that it is (empty for none), its text and its line."""

    language: str
    file: str
    text: str
    line: int


def blocks(page: pathlib.Path) -> list[Block]:
    """Return the blocks of a page in their order."""
    content = page.read_text(encoding="utf-8")
    found = []
    for match in _BLOCK.finditer(content):
        text = re.sub(r"(?m)^    ", "", match[3]).strip("\n") + "\n"
        found.append(Block(match[1], match[2] or "", text, content[: match.start()].count("\n") + 1))
    return found


def missing(expected: str, output: str) -> list[str]:
    """Return the lines of a text of the page that were not printed; three dots stand for anything."""
    lines = [line.strip() for line in expected.splitlines() if line.strip()]
    return [line for line in lines if not re.search(".*".join(map(re.escape, line.split("..."))), output)]


@contextlib.contextmanager
def served(page: pathlib.Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Run the simulator as the first command of a page starts it, with what it prints: its port and its variables."""
    command = next(block.text for block in blocks(page) if block.language == "shell")
    arguments = re.fullmatch(r'make simulator ARGS="(.*)"\n', command)
    assert arguments, command
    options = [option if option != PORT else "0" for option in shlex.split(arguments[1])]
    start = [sys.executable, "-m", "simulator", *options, "--watch-stdin"]
    with subprocess.Popen(
        start, cwd=ROOT / "tests", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            printed = []
            for line in process.stdout:
                if line.strip() == "READY":
                    break
                printed.append(line.strip())
            variables = dict(
                line.removeprefix("export ").split("=", 1) for line in printed if line.startswith("export ")
            )
            port = re.search(r":(\d+)/", variables["ONELOGIN_API_URL"])
            assert port
            yield port[1], variables
        finally:
            process.stdin.close()
            process.wait(timeout=120)


def environment(settings: dict[str, str], start: Start, folder: pathlib.Path, port: str) -> dict[str, str]:
    """Return the environment of a shell whose ansible-playbook has begun already; it has no credentials yet."""
    programs = folder / "programs"
    programs.mkdir()
    playbook = programs / "ansible-playbook"
    real = pathlib.Path(sys.executable).parent
    playbook.write_text(
        f'#!/bin/sh\nexec {shlex.join([*start.ansible, str(real / "ansible-playbook")])} "$@"\n', encoding="utf-8"
    )
    playbook.chmod(playbook.stat().st_mode | stat.S_IXUSR)
    providers = ("ONELOGIN_", "KESTRA_", "SENDAUTH_", "CONTABO_", "NEXTAUTH_", "SCIM_")
    kept = {name: value for name, value in settings.items() if not name.startswith(providers)}
    path = os.pathsep.join((str(programs), str(real), kept.get("PATH", os.defpath)))
    return {**kept, "PATH": path, "ROLLCALL_RECORD": os.devnull, "ROLLCALL_SIMULATOR": f"http://127.0.0.1:{port}"}


def walk(
    page: pathlib.Path,
    port: str,
    variables: dict[str, str],
    env: dict[str, str],
    folder: pathlib.Path,
    before: Callable[[Block], None] = lambda block: None,
) -> int:
    """Do what a page says in a folder, and return how often it runs ansible-playbook.

    ``before`` is called with each command before it is run.
    """
    output, runs = "", 0
    for block in blocks(page)[1:]:
        text = block.text.replace(f":{PORT}/", f":{port}/")
        if block.file:
            (folder / block.file).write_text(text, encoding="utf-8")
        elif block.language == "shell" and text.startswith("export "):
            exported = dict(line.removeprefix("export ").split("=", 1) for line in text.splitlines())
            assert exported.items() <= variables.items(), "the page has the variables that the simulator prints"
            env.update(exported)
        elif block.language == "shell":
            before(block)
            done = subprocess.run(
                ["bash", "-e", "-c", text], cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8", timeout=300, check=False,
            )  # fmt: skip
            output = done.stdout
            runs += text.count("ansible-playbook ")
            assert done.returncode == 0, f"line {block.line}: {text}\n{output[-6000:]}"
        elif block.language == "text" and not text.startswith("0 6 "):  # a crontab is no output
            assert missing(text, output) == [], f"line {block.line}, of what was printed:\n{output[-6000:]}"
    return runs
