# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of several providers share: a client of Kestra, its users, and the validation of a tour."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simulator.harness import Simulator
from simulator.tests.rawclient import Client

VERSIONS = ("1.0", "1.3", "2.0")


def client(sim: Simulator, version: str = "1.3", token: str | None = None, **options: Any) -> Client:
    """A client of a fresh instance of a version, as its administrator unless a token is given."""
    sim.reset(kestra={"version": version, "preset": "company", **options})
    return Client(sim, prefix="/kestra/api/v1", authorization=f"Bearer {token or sim.env['KESTRA_API_TOKEN']}")


def stored(sim: Simulator, email: str) -> Any:
    """Return a user as the simulator holds it."""
    return next(user for user in sim.state("kestra")["users"] if user["email"] == email)


def user_id(sim: Simulator, email: str) -> str:
    """Return the id of a user."""
    identity: str = stored(sim, email)["id"]
    return identity


@contextlib.contextmanager
def documented(provider: str, facts: Path, record: Path, **options: Any) -> Iterator[Simulator]:
    """Start a simulator whose traffic must fit the OpenAPI document of a provider and use every operation."""
    from simulator.validate import validate_record  # it takes long to import

    with Simulator.start(record=record, **options) as simulator:
        yield simulator
        operations = {item["operation"] for item in simulator.operations() if item["provider"] == provider}
    report = validate_record(record, facts, strict=True, thin=True)
    assert report.problems == []
    assert set(report.operations) == operations
    assert set(report.skipped) <= {"like another one before"}
    assert not report.tolerated
