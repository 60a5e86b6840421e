# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide of the people roles is a walk: every file is written and every command is run, in order,
and prints what the page shows."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterator

import pytest
from guides import GUIDES, environment, served, walk
from playbooks import Start

from simulator.harness import Simulator

PAGE = GUIDES / "guide_people.rst"


@pytest.fixture
def company() -> Iterator[tuple[str, dict[str, str]]]:
    """The simulator as the page starts it: its port and its variables."""
    with served(PAGE) as found:
        yield found


def test_the_walk(
    company: tuple[str, dict[str, str]], settings: dict[str, str], start: Start, tmp_path: pathlib.Path
) -> None:
    port, variables = company
    env = environment(settings, start, tmp_path, port)
    folder = tmp_path / "company"
    folder.mkdir()
    assert walk(PAGE, port, variables, env, folder) == 11
    report = json.loads((folder / "access.json").read_text(encoding="utf-8"))
    assert {name: part["strangers"] for name, part in report["connections"].items()} == {"ol": [], "kes": []}, (
        "what is protected needs no person"
    )
    users = Simulator(None, {}, f"http://127.0.0.1:{port}").state("onelogin")["users"]
    states = {user["username"]: user["status"] for user in users}
    assert {states[name] for name in ("alan.turing", "radia.perlman", "tove.noether")} == {2}, "who left is suspended"
    assert {states[name] for name in ("ada.lovelace", "zoe.garcon")} == {1}
    assert {path.name for path in (folder / "offboarded").iterdir()} == {"E1010.json", "E1010.txt", "E1010.html"}
    secrets = [value for name, value in variables.items() if name.endswith(("SECRET", "TOKEN", "PASSWORD"))]
    written = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file())
    assert not [value for value in secrets if value in written]
