# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON types: unlike Python's, a boolean is no number."""

from __future__ import annotations

from typing import Any


def is_a(value: Any, kind: type | tuple[type, ...]) -> bool:
    """Whether a JSON value is of that type itself: ``True`` is no ``int``."""
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
