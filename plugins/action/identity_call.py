# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action of the module of the same name."""

from __future__ import annotations

from ansible_collections.rollcall.identity.plugins.plugin_utils._call import CallAction


class ActionModule(CallAction):
    """Runs another module of the collection."""
