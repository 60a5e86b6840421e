# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Conformance: every provider's modules on users, one list of checks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conformance import Conformance, every
from playbooks import Playbooks
from test_scenarios import CASES


@pytest.mark.parametrize(("check", "case"), every([case.CONFORMANCE for case in CASES]))
def test_conformance(check: Callable[[Conformance, Playbooks], None], case: Conformance, playbooks: Playbooks) -> None:
    check(case, playbooks)
