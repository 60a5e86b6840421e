# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to say of single rows below the tables."""

from __future__ import annotations

NOTES: tuple[tuple[tuple[str, ...], str], ...] = ()
