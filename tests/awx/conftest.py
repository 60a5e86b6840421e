# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tests of the AWX kit import the helpers beside them, and have a simulator."""

from __future__ import annotations

import os
import pathlib
import sys
from collections.abc import Iterator

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from controller import ROOT, settings_of, settings_of_runner
from warm_python import warm_interpreters

from selection import deselect
from simulator.harness import Simulator

OURS = ("ONELOGIN_", "KESTRA_", "SENDAUTH_", "CONTABO_", "NEXTAUTH_", "SCIM_")


@pytest.fixture(scope="session")
def simulator_process() -> Iterator[Simulator]:
    """A simulator for all tests."""
    with Simulator.start() as simulator:
        yield simulator


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the slowest test, unless everything runs: one job for each of many connections."""
    deselect(config, items, pathlib.Path(__file__).parent, lambda name: name.startswith("test_slices"))


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The settings of Ansible for all jobs. The first ansible-playbook on the path has begun already.

    The modules of a job run in ``ansible_playbook_python``, which has begun already, too.
    """
    settings = settings_of(tmp_path_factory.mktemp("home"))
    folder = tmp_path_factory.mktemp("bin")
    program = pathlib.Path(sys.executable).parent / "ansible-playbook"
    env = {
        **os.environ,
        **settings_of_runner(settings, tmp_path_factory.mktemp("runner")),
        "ROLLCALL_LOAD_LATER": "callback",
    }
    with warm_interpreters(env, tmp_path_factory.mktemp, [ROOT / "plugins"]) as (_python, ansible):
        starter = folder / "ansible-playbook"
        starter.write_text(f'#!/bin/sh\nexec {ansible} {program} "$@"\n', encoding="utf-8")
        starter.chmod(0o755)
        yield {**settings, "PATH": f"{folder}:{os.environ['PATH']}"}


@pytest.fixture
def simulator(simulator_process: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """The simulator as it is when it starts; the user's own credentials are not in the environment."""
    for name in os.environ:
        if name.startswith(OURS):
            monkeypatch.delenv(name)
    simulator_process.reset()
    return simulator_process
