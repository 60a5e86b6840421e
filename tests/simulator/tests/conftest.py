# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One simulator for the whole run, reset before each test; and a small client."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.harness import Simulator
from simulator.tests.rawclient import Client

ROOT = Path(__file__).resolve().parents[3]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The test of the whole run's record comes last."""
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "last: runs after all other tests of this folder")


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("record") / "traffic.jsonl"


@pytest.fixture(scope="session")
def running(record: Path) -> Iterator[Simulator]:
    for name in ("starlette", "uvicorn"):
        pytest.importorskip(name, reason=f"the simulator needs {name}")
    with Simulator.start(record=record) as simulator:
        yield simulator


@pytest.fixture
def sim(running: Simulator) -> Simulator:
    running.reset()
    return running


@pytest.fixture
def api(sim: Simulator) -> Iterator[Client]:
    """A client with the credential that may do everything; the wire is v1."""
    with Client(sim) as client:
        yield client


@pytest.fixture
def bare(sim: Simulator) -> Iterator[Client]:
    """The same on the bare wire."""
    sim.reset(onelogin={"wire": "bare"})
    with Client(sim) as client:
        yield client


@pytest.fixture(scope="session")
def facts() -> Path:
    """The folder with the OpenAPI documents, which are no part of this repository."""
    given = os.environ.get("ROLLCALL_API_FACTS")
    folder = Path(given) if given else ROOT.parent / "shared" / "apis"
    if not (folder / "onelogin.yaml").is_file():
        pytest.skip(f"no OpenAPI document at {folder / 'onelogin.yaml'}; ROLLCALL_API_FACTS can name its folder")
    pytest.importorskip("openapi_core", reason="validation needs openapi-core")
    return folder
