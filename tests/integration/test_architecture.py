# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command with which the architecture page begins does what the page says.

Its tables are checked by tests/unit/test_architecture_page.py.
"""

from __future__ import annotations

import pathlib
import re
import subprocess

from simulator.harness import Simulator

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "docsite" / "rst" / "architecture.rst"


def test_the_first_task_of_the_architecture_page_sends_what_the_page_says():
    section = PAGE.read_text(encoding="utf-8").split("\nFollow one task\n", 1)[1].split(".. list-table::", 1)[0]
    command = re.search(r"-- (ansible localhost .*?)\n\n", section, re.DOTALL)[1]
    requests = re.findall(r"``(\w+)``", section.split("The task sends three requests:", 1)[1])
    with Simulator.start() as simulator:
        command = command.replace("http://127.0.0.1:8900", simulator.url)
        done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
        sent = [request["operation"] for request in simulator.requests()]
    assert done.returncode == 0 and "CHANGED" in done.stdout, done.stdout + done.stderr
    assert sent == requests
    assert len(sent) == 3
