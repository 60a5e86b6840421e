# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action of all modules of the collection (see meta/runtime.yml). Its name is that of a module, as sanity tests ask."""

from __future__ import annotations

from ansible_collections.rollcall.identity.plugins.module_utils._core.front_action import WorkerAction


class ActionModule(WorkerAction):
    """Runs the module that the task names."""
