# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option of every module that can take something away from a user."""

from __future__ import annotations


class ModuleDocFragment:
    """Shielding users from losses."""

    DOCUMENTATION = r"""
options:
  protect:
    description:
      - Users from whom nothing may be taken, as glob patterns (V(*), V(?), V([seq])) on the user, compared without case.
      - A change that deletes, disables or locks such a user, or takes a grant such as a role away, fails the task before its
        first write. Other changes are made.
    type: list
    elements: str
    default: []
"""
