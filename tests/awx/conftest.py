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

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from simulator.harness import Simulator

OURS = ("ONELOGIN_", "KESTRA_", "SENDAUTH_", "CONTABO_", "NEXTAUTH_", "SCIM_")


@pytest.fixture(scope="session")
def simulator_process() -> Iterator[Simulator]:
    """A simulator for all tests."""
    with Simulator.start() as simulator:
        yield simulator


@pytest.fixture
def simulator(simulator_process: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """The simulator as it is when it starts; the user's own credentials are not in the environment."""
    for name in os.environ:
        if name.startswith(OURS):
            monkeypatch.delenv(name)
    simulator_process.reset()
    return simulator_process
