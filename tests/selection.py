# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tests that `make test` runs. It leaves some out to take at most six minutes on two cores; `make test ALL=1` runs
every test, and so do the pipeline, `make matrix`, and the targets of a single folder (`make integration`)."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable

import pytest

ALL = os.environ.get("ROLLCALL_TESTS") == "all"
"""Whether every test runs."""


def is_everything(config: pytest.Config, items: list[pytest.Item]) -> bool:
    """Return whether nothing is left out: every test runs, or the command line names files, tests or keywords."""
    names = {item.path.name for item in items}
    return ALL or bool(config.option.keyword) or any(name in argument for argument in config.args for name in names)


def deselect(
    config: pytest.Config, items: list[pytest.Item], folder: pathlib.Path, is_extra: Callable[[str], object]
) -> None:
    """Leave out the tests of a folder whose names are extra, unless everything runs."""
    if is_everything(config, items):
        return
    left_out = {item for item in items if item.path.parent == folder and is_extra(item.name)}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]
