# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that the jobs derive or compare."""

from __future__ import annotations


def is_pattern(key: str) -> bool:
    """Return whether some APIs treat a name as a pattern when they search for it. Such an account also needs its id."""
    return "*" in key or key.strip().startswith("!")
