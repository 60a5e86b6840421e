# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the unit tests."""

from __future__ import annotations

import functools
import gc
import os

import pytest
from hypothesis import settings

from ansible_collections.rollcall.identity.plugins.module_utils._core.http.limiter import Limiter
from ansible_collections.rollcall.identity.tests.unit.fakes import FakeClock
from ansible_collections.rollcall.identity.tests.unit.kestra import connect as connect_kestra
from ansible_collections.rollcall.identity.tests.unit.nextauth import connect as connect_nextauth
from ansible_collections.rollcall.identity.tests.unit.onelogin import connect as connect_onelogin
from ansible_collections.rollcall.identity.tests.unit.sendauth import connect as connect_sendauth
from ansible_collections.rollcall.identity.tests.unit.tokens import run_against
from ansible_collections.rollcall.identity.tests.unit.web import Server
from selection import ALL

settings.register_profile("unit", max_examples=40 if ALL else 20, deadline=None, database=None, derandomize=True)
settings.load_profile("unit")

gc.set_threshold(50_000, 20, 20)  # thousands of small tests: looking for garbage so often takes a tenth of the time

# Proxies, certificates and credentials of the person at the keyboard stay out of the tests.
_FOREIGN = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "netrc", "requests_ca_bundle", "curl_ca_bundle")
for _name in _FOREIGN:
    os.environ.pop(_name, None)
    os.environ.pop(_name.upper(), None)


@pytest.fixture
def serve():
    """Return a function that starts a server on this machine with the answers to give; all are stopped at the end."""
    started = []

    def start(*replies, **options):
        started.append(Server(replies, **options))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def kestra(serve):
    """Return a function that connects to a Kestra with the answers to give."""
    return functools.partial(connect_kestra, serve)


@pytest.fixture
def nextauth(serve):
    """Return a function that connects to a nextAuth with the answers to give."""
    return functools.partial(connect_nextauth, serve)


@pytest.fixture
def onelogin(serve):
    """Return a function that connects to a OneLogin with the answers to give."""
    return functools.partial(connect_onelogin, serve)


@pytest.fixture
def sendauth(serve):
    """Return a function that connects to a SendAuth with the answers to give."""
    return functools.partial(connect_sendauth, serve)


@pytest.fixture
def limiter():
    """Return a limiter that waits 100 seconds at most."""
    return Limiter(100, FakeClock())


@pytest.fixture(scope="session")
def started_bench():
    """Return a bench with a simulator of its own, for the few tests that need one."""
    from simulator.harness import Simulator
    from soak.engine import Bench

    with Simulator.start() as simulator:
        yield Bench(simulator)


@pytest.fixture
def bench(monkeypatch, started_bench):
    """Return a bench with fresh directories, whose credentials are in the environment."""
    for variable, value in started_bench.simulator.env.items():
        monkeypatch.setenv(variable, value)
    started_bench.reset()
    return started_bench


@pytest.fixture
def ask(serve):
    """Return a function that runs a task on tokens of Kestra against a server."""
    return functools.partial(run_against, serve)
