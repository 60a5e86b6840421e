# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first steps, as the page has them: the first run changes something, the second nothing."""

from __future__ import annotations

import pathlib

from guides import GUIDES, environment, walk
from playbooks import Start

from simulator.harness import Simulator

PAGE = GUIDES / "guide_start.rst"


def test_the_first_steps(simulator: Simulator, settings: dict[str, str], start: Start, tmp_path: pathlib.Path) -> None:
    simulator.reset(preset="company")
    folder = tmp_path / "first"
    folder.mkdir()
    port = simulator.url.rpartition(":")[2].strip("/")
    assert walk(PAGE, port, simulator.env, environment(settings, start, tmp_path, port), folder) == 4
    assert [request["operation"] for request in simulator.writes()][-1] == "delete_user"
    assert "mary.jackson" not in {user["username"] for user in simulator.state("onelogin")["users"]}
