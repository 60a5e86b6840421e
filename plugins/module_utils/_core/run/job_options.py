# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that the modules of the jobs share."""

from __future__ import annotations

import typing as t

Spec = dict[str, dict[str, t.Any]]

SHARED: Spec = {
    "connections": {"type": "dict", "required": True},
    "entitlements": {"type": "dict", "default": {}},
    "people": {"type": "raw", "default": []},
    "people_file": {"type": "path"},
    "only": {"type": "raw", "default": []},
    "as_of": {"type": "raw"},
    "timezone": {"type": "str", "default": "UTC"},
    "links": {"type": "path"},
    "deliver": {"type": "str", "default": ""},
}
"""People, entitlements, connections, the day, and the memory of who is who."""

FEED: Spec = {
    "columns": {"type": "dict", "default": {}},
    "values": {"type": "dict", "default": {}},
    "preset": {"type": "str", "default": ""},
    "sheet": {"type": "str", "default": ""},
    "date_format": {"type": "list", "elements": "str", "default": []},
    "rules": {"type": "list", "elements": "dict", "default": []},
}
"""How a file of people is read, and which entitlements follow from attributes."""
