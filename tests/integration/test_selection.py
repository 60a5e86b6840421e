# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make test` leaves no test out that the page of security promises names."""

from __future__ import annotations

import re

from conftest import EXTRA
from playbooks import ROOT


def test_the_tests_of_promises_always_run() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    names = set(re.findall(r"tests/integration/\w+\.py::(\w+)", page))
    assert names
    assert [name for name in names if EXTRA.match(name)] == []
