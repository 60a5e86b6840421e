# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The access review, from its parameters to its result. It is ``identity_review`` without Ansible."""

from __future__ import annotations

import contextlib
import os
import typing as t

from ..action import path_of
from ..files import locked
from ..session import Frame
from .close import run_close
from .open import run_open
from .output import MANIFEST


def run_review(params: t.Mapping[str, t.Any], frame: Frame) -> dict[str, t.Any]:
    """Return the result of opening or closing a review. Raises InputError with all problems of the input, or if another
    run in the same folder does not end."""
    work = run_close if params["state"] == "close" else run_open
    dest = path_of(params.get("dest"), frame.folder)
    alone = locked(os.path.join(dest, MANIFEST)) if dest and not frame.check else contextlib.nullcontext()
    with alone:
        return work(params, frame)
