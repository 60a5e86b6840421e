# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A secret that a task has made goes where it was asked for, and nowhere else."""

from __future__ import annotations

import os
import socket
import stat

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, RollcallError
from ansible_collections.rollcall.identity.plugins.module_utils._core.run import delivery
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.delivery import (
    check_dest,
    content,
    deliver,
    rehearse,
    write_private,
)
from ansible_collections.rollcall.identity.tests.unit.fakes import context


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_without_dest_the_secret_is_in_the_result():
    assert deliver(context(), "s3cret") == ({"secret": "s3cret"}, False)


def test_with_dest_it_is_in_a_file_that_only_its_owner_reads(tmp_path):
    dest = tmp_path / "token"
    before = os.umask(0)
    try:
        assert deliver(context(dest=str(dest)), "s3cret-ü") == ({"dest": str(dest)}, True)
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
    assert deliver(context(check=True, dest=str(dest)), "s3cret") == ({"dest": str(dest)}, True)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "permissions", "changes"),
    [("s3cret\n", 0o600, False), ("s3cret\n", 0o640, True), ("other\n", 0o600, True)],
)
@pytest.mark.parametrize("check", [True, False])
def test_a_file_that_holds_the_secret_already_is_left_alone(tmp_path, text, permissions, changes, check):
    dest = tmp_path / "token"
    dest.write_text(text)
    dest.chmod(permissions)
    before = dest.stat().st_ino
    assert deliver(context(check, dest=str(dest)), "s3cret")[1] is changes
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
    assert os.listdir(tmp_path) == [], "it is only looked at"


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


# -- what may be at dest ---------------------------------------------------------------------------------------------


def _fifo(path):
    os.mkfifo(path)


def _socket(path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


def _link(path):
    path.with_name("elsewhere").write_text("elsewhere\n")
    path.symlink_to("elsewhere")


def _dangling(path):
    path.symlink_to("nothing")


def _device(path):
    try:
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("devices are made by root")


ODD = {
    "a folder": (lambda path: path.mkdir(), "is a folder"),
    "a pipe": (_fifo, "is a named pipe"),
    "a socket": (_socket, "is a socket"),
    "a link": (_link, "is a symbolic link"),
    "a link to nothing": (_dangling, "is a symbolic link"),
    "a device": (_device, "is a device"),
}


@pytest.mark.parametrize("kind", ODD)
def test_only_a_regular_file_is_replaced(tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)  # the address of a socket is short
    make, text = ODD[kind]
    dest = tmp_path / "token"
    make(dest if kind != "a socket" else dest.relative_to(tmp_path))
    before = os.lstat(dest)
    for act in (
        check_dest,
        rehearse,
        lambda path: write_private(path, "s3cret"),
        lambda path: deliver(context(dest=path), "s3cret"),
    ):
        with pytest.raises(InputError) as caught:
            act(str(dest))
        assert text in caught.value.sentence()
        assert (caught.value.code, caught.value.problems[0].option) == ("invalid_dest", "dest")
    assert os.lstat(dest)[:2] == before[:2], "it is what it was"
    assert content(str(dest)) is None, "a pipe is not opened either"
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".rollcall")]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("", "is empty"), (" ", "is empty"), ("a\0b", "control character"), ("a\nb", "control character"),
        ("a\x7f", "control character"),
        ("sub/", "is a folder"),
        ("..", "is a folder"), ("no/file", "there is no folder"), ("file/token", "is not a folder"),
        ("x" * 300, "file name too long"),
        ("\ud800", "not a valid path"),
        # Only root may create files in this folder.
        ("/dev/null", "is a device" if os.access("/dev", os.W_OK) else "/dev is not writable"),
        ("/dev/stdout", "is a symbolic link" if os.access("/dev", os.W_OK) else "/dev is not writable"),
    ],
)  # fmt: skip
def test_a_path_that_takes_no_secret(tmp_path, monkeypatch, path, text):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError) as caught:
        check_dest(path)
    assert text in caught.value.sentence()
    assert "Nothing was created" in caught.value.sentence()
    assert caught.value.message.isprintable()
    assert os.listdir(tmp_path) == ["file"]


def test_a_folder_that_cannot_be_written_to(tmp_path, monkeypatch):
    monkeypatch.setattr(delivery.os, "access", lambda _path, _mode: False)
    with pytest.raises(InputError, match="is not writable"):
        check_dest(str(tmp_path / "token"))


@pytest.mark.parametrize(("user", "replaced"), [(0, True), (10, True), (20, True), (30, False)])
def test_a_file_of_somebody_else_in_a_shared_folder(monkeypatch, user, replaced):
    monkeypatch.setattr(delivery.os, "geteuid", lambda: user)
    folder = os.stat_result((stat.S_IFDIR | stat.S_ISVTX | 0o777, 0, 0, 0, 20, 0, 0, 0, 0, 0))
    file = os.stat_result((stat.S_IFREG | 0o600, 0, 0, 0, 10, 0, 0, 0, 0, 0))
    assert (delivery._why_not_replaced(file, folder) == "") is replaced


def test_room_is_tried_before_a_secret_is_made(tmp_path, monkeypatch):
    dest = str(tmp_path / "token")
    rehearse(None)
    rehearse(dest)
    assert os.listdir(tmp_path) == []

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(delivery.os, "fsync", full)
    with pytest.raises(InputError, match="no space left on device"):
        rehearse(dest)
    assert os.listdir(tmp_path) == []


def test_what_killed_runs_left_is_removed(tmp_path):
    dest = tmp_path / "token"
    rest, fresh, other = (delivery._temporary(str(path), "canary") for path in (dest, dest, tmp_path / "another"))
    for path in (rest, other):
        os.utime(path, (1, 1))
    write_private(str(dest), "s3cret")
    assert sorted(os.listdir(tmp_path)) == sorted(["token", os.path.basename(fresh), os.path.basename(other)])
    assert mode(fresh) == 0o600


def test_the_path_in_the_result_is_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert deliver(context(dest="token"), "s3cret") == ({"dest": str(tmp_path / "token")}, True)


@pytest.mark.parametrize(
    ("raw", "text"), [(b"s3cret\n", "s3cret"), (b"s3cret", "s3cret"), (b"", None), (b"\n", None), (b"\xff\xfe", None)]
)
def test_what_a_file_holds(tmp_path, raw, text):
    dest = tmp_path / "token"
    assert content(str(dest)) is None
    dest.write_bytes(raw)
    assert content(str(dest)) == text
