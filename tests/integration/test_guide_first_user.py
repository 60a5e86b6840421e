# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide of each provider begins with a playbook that works: it creates a user; a second run changes nothing."""

from __future__ import annotations

import pathlib

import pytest
from guides import GUIDES, environment, walk
from playbooks import Start

from simulator.harness import Simulator


@pytest.mark.parametrize("provider", ["contabo", "kestra", "nextauth", "onelogin", "sendauth"])
def test_the_first_user(
    provider: str, simulator: Simulator, settings: dict[str, str], start: Start, tmp_path: pathlib.Path
) -> None:
    simulator.reset()
    head, mark, text = (GUIDES / f"guide_{provider}.rst").read_text(encoding="utf-8").partition("The first user\n-----")
    assert mark
    assert "code-block" not in head
    page = tmp_path / "first_user.rst"
    page.write_text(text.partition("changed=0 ...\n")[0] + "changed=0 ...\n", encoding="utf-8")
    folder = tmp_path / "first"
    folder.mkdir()
    port = simulator.url.rpartition(":")[2].strip("/")
    assert walk(page, port, simulator.env, environment(settings, start, tmp_path, port), folder) == 2
    assert any(request["operation"].startswith(("create_", "set_", "add_")) for request in simulator.writes())
