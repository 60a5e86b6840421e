# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the integration tests: one simulator for each worker, and playbooks that run against it."""

from __future__ import annotations

import gc
import pathlib
import re
import sys
from collections.abc import Iterator

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from closing import prepare, small_review  # noqa: E402  # the folder has to be on the path first
from jobs import Access  # noqa: E402  # the same
from playbooks import ROOT, Playbooks, Start, settings_of  # noqa: E402  # the same
from reviews import Reviews  # noqa: E402  # the same
from warm_python import warm_interpreters  # noqa: E402  # the same

from selection import deselect  # noqa: E402  # the same
from simulator.harness import Simulator  # noqa: E402  # the same

gc.set_threshold(50_000, 20, 20)  # looking for garbage so often takes time

COLLECTIONS = ROOT / ".cache" / "collections" / "ansible_collections"
TRAFFIC = HERE.parents[1] / "tests" / "output" / "traffic"


EXTRA = re.compile(
    # Variants: test_scenarios has the lives of users, test_bulk the limits, and the soak test lost answers.
    r"test_conformance\[\w+-(life|limits|lost_answers)\]|test_conformance\[(?!kestra)\w+-giving_back\]"
    r"|test_pages_and_giving_back\[module|test_the_lists_give_what_single_reads_give\[[123]-"
    r"|test_life\[kestra_user-life_1\.0\]|test_rows_that_do_not_report\w+\[missing1|test_loop\[module\]"
    r"|test_a_tenant_whose_list_is_refused\[404|test_roles_that_do_not_clear\[ignored|test_defaults_of_two\w+\[module"
    r"|test_lists_of_users_with_templates\[module|test_vaulted_arguments\[module|test_faults_in_the_middle\[.+-list_bind"
    # AWX's tests deliver to git, and run slices.
    r"|test_roles_commit_what_differs|test_git_pushes_until|test_servicenow_has|test_every_connection_is_planned_once"
    # Slow, and far from what changes every day: walks through guides, deliveries, delegation.
    r"|test_async|test_delegation|test_readmes_of_roles|test_ten_connections|test_s3_takes|test_examples_of"
    r"|test_the_walk|test_mail_arrives"
)
"""Tests that `make test` leaves out."""


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark that the simulator's fixture reads."""
    config.addinivalue_line("markers", "in_process(users): runs jobs in this process, over directories with users")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that only `make integration` runs."""
    deselect(config, items, HERE, EXTRA.match)


@pytest.fixture(scope="session")
def simulator_process(worker_id: str) -> Iterator[Simulator]:
    """A simulator that records its traffic for tests/traffic."""
    TRAFFIC.mkdir(parents=True, exist_ok=True)
    record = TRAFFIC / f"{worker_id}.jsonl"
    record.unlink(missing_ok=True)
    with Simulator.start(record=record) as simulator:
        yield simulator


@pytest.fixture
def simulator(
    simulator_process: Simulator, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Simulator:
    """The simulator as it is when it starts.

    For tests that are marked ``in_process(users=3)``, each directory has three users, who belong to nobody, and the
    credentials are those of the environment.
    """
    in_process = request.node.get_closest_marker("in_process")
    if in_process is None:
        simulator_process.reset()
        return simulator_process
    simulator_process.reset(seed_users=in_process.kwargs["users"])
    for name, value in simulator_process.env.items():
        monkeypatch.setenv(name, value)
    return simulator_process


@pytest.fixture
def access(simulator: Simulator, tmp_path: pathlib.Path) -> Access:
    """The access job over one OneLogin, whose users are known by their addresses."""
    return Access(simulator, tmp_path, {"ol": {"provider": "onelogin", "user_key": "email"}})


@pytest.fixture
def closing(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """What tests of closing a review need: roles without apps, and a clock that moves on at each look."""
    prepare(simulator, monkeypatch)


@pytest.fixture
def review(simulator: Simulator, closing: None, tmp_path: pathlib.Path) -> Reviews:
    """A review of one OneLogin: ada with two roles, bob with one, and cyd without any."""
    return small_review(simulator, tmp_path)


@pytest.fixture(scope="session")
def settings(simulator_process: Simulator, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of all runs of Ansible."""
    return settings_of(simulator_process, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def warm(settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Interpreters for ansible-playbook and for modules that have begun already."""
    with warm_interpreters(settings, tmp_path_factory.mktemp, [ROOT / "plugins"], [COLLECTIONS]) as (python, ansible):
        yield Start(python, (ansible,))


@pytest.fixture
def start(warm: Start) -> Start:
    """How programs are started; a file of tests may replace it."""
    return warm


@pytest.fixture
def playbooks(simulator: Simulator, settings: dict[str, str], tmp_path: pathlib.Path, start: Start) -> Playbooks:
    """Run tasks against the simulator."""
    return Playbooks(simulator, tmp_path, settings, start)
