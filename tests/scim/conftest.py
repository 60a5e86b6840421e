# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real SCIM servers, each behind a proxy, and playbooks that run against them."""

from __future__ import annotations

import contextlib
import pathlib
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

HERE = pathlib.Path(__file__).resolve().parent
INTEGRATION = HERE.parent / "integration"
sys.path[:0] = [str(HERE), str(INTEGRATION)]

from playbooks import ROOT, Playbooks, Start, settings_of  # noqa: E402  # the folder has to be on the path first
from proxy import World, world  # noqa: E402  # the same
from servers import START  # noqa: E402  # the same
from warm_python import warm_interpreters  # noqa: E402  # the same

from selection import deselect  # noqa: E402  # the same

Open = Callable[..., World]
FOREMOST = re.compile(
    r"test_conformance\[scim2-limits\]|test_life\[scim2-scim_user-|test_every_module|test_members_who_wait"
    r"|test_a_user_of_a_chunk|test_groups_on_every_server\[scim|test_server_with_less|test_attribute"
    r"|test_user_key\[scim2|test_a_user_in_another\w+\[sc|test_job"
    r"|test_fault_of_a_write\[[\w ]+-(lost after|500 after|page of a proxy after|412)\]|test_refused"
    r"|test_somebody_else|test_filter_that"
)
"""Tests that every change runs."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that only `make scim` runs."""
    deselect(config, items, HERE, lambda name: not FOREMOST.match(name))


@pytest.fixture(scope="session")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """Return a function that returns a server by its name and arguments, behind its proxy, started once."""
    worlds: dict[tuple[str, ...], World] = {}
    with contextlib.ExitStack() as stack:

        def start(name: str, *arguments: str) -> World:
            key = (name, *arguments)
            if key not in worlds:
                server = stack.enter_context(START[name](tmp_path_factory.mktemp(name), *arguments))
                worlds[key] = stack.enter_context(world(server))
            worlds[key].reset()
            return worlds[key]

        yield start


@pytest.fixture
def scim2(open_world: Open) -> World:
    """An empty scim2-server."""
    return open_world("scim2")


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Ansible's folder."""
    return tmp_path_factory.mktemp("home")


class Nowhere:
    """Stands for a server in the environment of what starts before there is one."""

    env: dict[str, str] = {}
    url = "http://127.0.0.1:1"


@pytest.fixture(scope="session")
def warm(home: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Interpreters for ansible-playbook and for modules that have begun already."""
    nowhere: Any = Nowhere()
    settings = settings_of(nowhere, home)
    with warm_interpreters(settings, tmp_path_factory.mktemp, [ROOT / "plugins"]) as (python, ansible):
        yield Start(python, (ansible,))


@pytest.fixture
def play_on(home: pathlib.Path, tmp_path: pathlib.Path, warm: Start) -> Callable[[World], Playbooks]:
    """Return a function that makes playbooks for a world."""
    return lambda there: Playbooks(there, tmp_path, settings_of(there, home), warm)


@pytest.fixture
def playbooks(scim2: World, play_on: Callable[[World], Playbooks]) -> Playbooks:
    """Run tasks against scim2-server."""
    return play_on(scim2)
