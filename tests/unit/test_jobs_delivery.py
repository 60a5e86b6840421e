# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Task files that deliver nothing are refused before anything is written."""

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.action import deliver_problems
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.delivery import refusal_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame

TASK = "- name: Store it\n  ansible.builtin.debug:\n"
END = "- name: End\n  ansible.builtin.meta: end_play\n"


@pytest.mark.parametrize("content", ["", "\n", "---\n", "---\n# Nothing yet\n", "[]\n", "null\n"])
def test_a_file_without_tasks_would_lose_the_result(tmp_path: pathlib.Path, content: str) -> None:
    file = tmp_path / "deliver.yml"
    file.write_text(content, encoding="utf-8")
    assert refusal_of(str(file)) == "contains no tasks, so nothing would be delivered. Add a task."
    (problem,) = deliver_problems("deliver.yml", "", "access", Frame(folder=str(tmp_path)))
    assert str(problem).startswith(f"access_deliver: {file} contains no tasks")


@pytest.mark.parametrize("content", ["name: Store it\n", "text\n", "1\n"])
def test_a_file_must_be_a_list_of_tasks(tmp_path: pathlib.Path, content: str) -> None:
    file = tmp_path / "deliver.yml"
    file.write_text(content, encoding="utf-8")
    refusal = "is not a list of tasks. Specify a task file, whose content is a YAML list of tasks."
    assert refusal_of(str(file)) == refusal


@pytest.mark.parametrize(
    ("content", "action"),
    [
        (TASK + END, "end_play"),
        ("- meta: end_host\n", "end_host"),
        ("- block:\n    - meta: noop\n  rescue:\n    - meta: end_batch\n", "end_batch"),
    ],
)
def test_a_file_must_not_end_the_run(tmp_path: pathlib.Path, content: str, action: str) -> None:
    """The roles fail at their end, and only then test a token."""
    file = tmp_path / "deliver.yml"
    file.write_text(content, encoding="utf-8")
    assert refusal_of(str(file)) == (
        f"contains 'meta: {action}', which would end the run before its result is checked. Remove this task."
    )


@pytest.mark.parametrize(
    "content",
    [
        TASK,
        "- meta: clear_host_errors\n",
        "- name: [\n",
        "$ANSIBLE_VAULT;1.1;AES256\n6130\n",
        "- no_log: !unsafe x\n",
        "- a\n---\n- b\n",
    ],
)
def test_ansible_checks_the_rest(tmp_path: pathlib.Path, content: str) -> None:
    file = tmp_path / "deliver.yml"
    file.write_text(content, encoding="utf-8")
    assert (refusal_of(str(file)), refusal_of(str(tmp_path / "missing"))) == ("", "")
