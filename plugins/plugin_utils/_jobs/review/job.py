# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The access review from its parameters to its result: what ``identity_review`` does, without Ansible."""

from __future__ import annotations

import typing as t

from ..session import Frame
from .close import run_close
from .open import run_open


def run_review(params: t.Mapping[str, t.Any], frame: Frame) -> dict[str, t.Any]:
    """Return the result of opening or closing a review. Raises InputError with everything that is wrong with the input."""
    if params["state"] == "close":
        return run_close(params, frame)
    return run_open(params, frame)
