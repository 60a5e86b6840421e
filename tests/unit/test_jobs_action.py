# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the actions of the jobs share."""

from __future__ import annotations

import os
import pathlib

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.action import (
    coded,
    start_folder,
    today,
)


def test_relative_paths_start_where_the_shell_is(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the name that the shell has for it; a program that starts Ansible in another folder leaves PWD as it was."""
    folder, other, link = tmp_path / "folder", tmp_path / "other", tmp_path / "link"
    folder.mkdir()
    other.mkdir()
    link.symlink_to(folder)
    monkeypatch.chdir(folder)
    for shell, start in ((folder, folder), (link, link), (other, folder), (tmp_path / "gone", folder)):
        monkeypatch.setenv("PWD", str(shell))
        assert start_folder() == str(start)
    monkeypatch.delenv("PWD")
    assert start_folder() == os.getcwd()


@pytest.mark.parametrize(
    ("codes", "code"),
    [(["locked"], "locked"), (["locked", "locked"], "locked"), (["locked", "conflict"], "partial_failure")],
)
def test_a_job_that_fails_has_one_code(codes: list[str], code: str) -> None:
    """That of all its errors, or one that says that they differ. A success has none."""
    errors = [{"code": entry, "message": "no"} for entry in codes]
    assert coded({"failed": True, "errors": errors}) == {"failed": True, "errors": errors, "code": code}
    assert coded({"changed": True}) == {"changed": True}


@pytest.mark.parametrize("as_of", ["2026-06-15", "", None])
def test_a_time_zone_is_checked_with_and_without_a_day(as_of: str | None) -> None:
    with pytest.raises(InputError, match="identity_timezone: 'Europe/Kopenhagen' is not a time zone"):
        today(as_of, "Europe/Kopenhagen")
    assert today("2026-06-15", "Europe/Copenhagen") == "2026-06-15"
