# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A secret that a task has made goes where it was asked for, and nowhere else."""

from __future__ import annotations

import os
import stat

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core import delivery
from ansible_collections.rollcall.identity.plugins.module_utils._core.delivery import check_dest, deliver, write_private
from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import RollcallError
from ansible_collections.rollcall.identity.tests.unit.fakes import context


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_without_dest_the_secret_is_in_the_result():
    assert deliver(context(), "token", "s3cret") == ({"token": "s3cret"}, False)


def test_with_dest_it_is_in_a_file_that_only_its_owner_reads(tmp_path):
    dest = tmp_path / "token"
    before = os.umask(0)
    try:
        assert deliver(context(dest=str(dest)), "token", "s3cret-ü") == ({"dest": str(dest)}, True)
    finally:
        os.umask(before)
    assert dest.read_text(encoding="utf-8") == "s3cret-ü\n"
    assert mode(dest) == 0o600
    assert os.listdir(tmp_path) == ["token"]


def test_a_file_that_is_there_is_replaced_whole_and_made_private(tmp_path):
    dest = tmp_path / "token"
    dest.write_text("an older and much longer secret\n")
    dest.chmod(0o644)
    reader = dest.open()
    write_private(str(dest), "new")
    assert (dest.read_text(), mode(dest)) == ("new\n", 0o600)
    assert reader.read() == "an older and much longer secret\n"
    reader.close()


def test_check_mode_writes_nothing(tmp_path):
    dest = tmp_path / "token"
    assert deliver(context(check=True, dest=str(dest)), "token", "s3cret") == ({"dest": str(dest)}, True)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(("text", "permissions", "changes"), [("s3cret\n", 0o600, False), ("s3cret\n", 0o640, True), ("other\n", 0o600, True)])
@pytest.mark.parametrize("check", [True, False])
def test_a_file_that_holds_the_secret_already_is_left_alone(tmp_path, text, permissions, changes, check):
    dest = tmp_path / "token"
    dest.write_text(text)
    dest.chmod(permissions)
    before = dest.stat().st_ino
    assert deliver(context(check, dest=str(dest)), "token", "s3cret")[1] is changes
    assert (dest.stat().st_ino == before) == (check or not changes)


@pytest.mark.parametrize("place", ["", "missing/token"])
def test_a_bad_place_is_told_before_and_while_writing(tmp_path, place):
    path = os.path.join(str(tmp_path), place)
    for act in (lambda: check_dest(path), lambda: write_private(path.rstrip("/"), "s3cret")):
        with pytest.raises(RollcallError) as caught:
            act()
        assert str(tmp_path) in caught.value.message
        assert "s3cret" not in caught.value.sentence()
    assert os.listdir(tmp_path) == []


def test_a_good_place_passes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_dest(None)
    check_dest("token")
    check_dest(str(tmp_path / "token"))


def test_nothing_is_left_behind_where_writing_fails(tmp_path, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    dest = tmp_path / "token"
    dest.write_text("old\n")
    monkeypatch.setattr(delivery.os, "fsync", full)
    with pytest.raises(RollcallError, match="No space left on device"):
        write_private(str(dest), "new")
    assert dest.read_text() == "old\n"
    assert os.listdir(tmp_path) == ["token"]
