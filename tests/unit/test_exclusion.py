# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Locks between processes: who waits for whom, for how long, and what happens where locks are impossible."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.run import exclusion
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.exclusion import alone, lock_path
from ansible_collections.rollcall.identity.tests.unit.fakes import FakeClock

CHILD = f"""
import sys
from {exclusion.__name__} import alone
from {FakeClock.__module__} import FakeClock
from {exclusion.Clock.__module__} import Clock
print("begun", flush=True)
with alone(sys.argv[1:2], sys.argv[2] or None, Clock() if sys.argv[3] else FakeClock(), 9):
    print("taken", flush=True)
    sys.stdin.read()
"""
SERVER = ("https://a/", "secret")


@pytest.fixture(autouse=True)
def fresh(monkeypatch, tmp_path):
    """Give each test a file of its own."""
    monkeypatch.setattr(exclusion.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(exclusion, "_LOCKS", exclusion._Locks())


@pytest.fixture
def other(tmp_path):
    """Return a function that takes a lock in another process. It holds it until the end of the test.

    A process that waits does so in real time.
    """
    children = []

    def start(server, name, waits=False):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD.replace("sys.argv[1:2]", repr(server)), "", name or "", "waits" * waits],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)},
        )  # fmt: skip
        children.append(child)
        assert child.stdout.readline() == "begun\n"
        assert waits or child.stdout.readline() == "taken\n"
        return child

    yield start
    for child in children:
        child.communicate("")


def waited(name, server=SERVER, longest=5.0):
    """Return the seconds that taking a lock took."""
    clock = FakeClock()
    start = clock.now()
    with alone(server, name, clock, longest):
        return clock.now() - start


@pytest.mark.parametrize(
    ("theirs", "mine", "excludes"),
    [
        ("ada", "ada", True),
        ("ada", "ADA", True),
        ("ada", "bo", False),
        ("ada", None, True),
        (None, "ada", True),
        (None, None, True),
    ],
)
def test_who_waits_for_another_process(other, theirs, mine, excludes):
    other(SERVER, theirs)
    assert waited(mine) == pytest.approx(900.0 if excludes else 0.0, abs=0.1), "then it continues without the lock"
    if excludes:
        assert waited(mine, longest=0.0) == pytest.approx(900.0, abs=0.1), "max_wait is about the rate limit"
        assert waited(mine, longest=1000.0) == pytest.approx(1000.0, abs=0.1)
    assert waited(mine, ("https://a/", "other secret")) == 0.0
    assert waited(mine, ("https://b/", "secret")) == 0.0


def test_a_task_that_begins_later_does_not_overtake_a_task_on_all_users(other):
    child = other(SERVER, "ada")
    clock = FakeClock()
    sleep, later = clock.sleep, []

    def begin(seconds):
        if not later:
            later.append(other(SERVER, "bo", waits=True))
            time.sleep(0.3)
            child.communicate("")
        sleep(seconds)

    clock.sleep = begin
    with alone(SERVER, None, clock, 300):
        assert clock.now() < FakeClock().now() + 1
        assert waited("bo") == 0.0
    assert later[0].stdout.readline() == "taken\n"


@pytest.mark.parametrize(("longest", "lines"), [(3.0, 0), (300.0, 1)])
def test_a_long_wait_shows_one_line(other, monkeypatch, longest, lines):
    monkeypatch.setattr(exclusion, "_LONGEST", 0.0)
    other(SERVER, None)
    shown = []
    with alone(SERVER, "ada", FakeClock(), longest, shown.append):
        pass
    assert shown == ["waiting for another task on this machine, which writes users of this server"] * lines


def test_a_lock_ends_with_its_process(other):
    child = other(SERVER, "ada")
    child.kill()
    child.wait()
    assert waited("ada") == 0.0


def test_a_process_that_waits_continues_when_the_other_one_has_ended(other):
    child = other(SERVER, "ada")
    clock = FakeClock()
    sleep = clock.sleep

    def end(seconds):
        child.communicate("")
        sleep(seconds)

    clock.sleep = end
    with alone(SERVER, "ada", clock, 300):
        assert clock.now() == pytest.approx(FakeClock().now() + 0.02)


def test_threads_share_the_locks_of_their_process(other):
    inside = threading.Event()
    leave = threading.Event()

    def hold():
        with alone(SERVER, "ada", FakeClock(), 5):
            inside.set()
            leave.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    inside.wait()
    assert waited("ada") == 0.0
    assert waited(None) == 0.0
    taken = subprocess.run(
        [sys.executable, "-c", "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'r+'), fcntl.LOCK_EX | fcntl.LOCK_NB)",
         lock_path()], check=False, capture_output=True,
    )  # fmt: skip
    assert taken.returncode, "the thread still has its locks"
    leave.set()
    thread.join()
    other(SERVER, "ada")


@pytest.mark.parametrize("obstacle", ["folder", "link"])
def test_without_a_file_nothing_is_locked_and_nothing_fails(tmp_path, obstacle):
    path = tmp_path / os.path.basename(lock_path())
    if obstacle == "folder":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / "elsewhere")
    assert waited("ada") == 0.0
    assert not (tmp_path / "elsewhere").exists()
