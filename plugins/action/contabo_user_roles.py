# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin of the module of the same name. It runs the task in the controller's worker if possible."""

from __future__ import annotations

from ansible_collections.rollcall.identity.plugins.modules.contabo_user_roles import TASK
from ansible_collections.rollcall.identity.plugins.plugin_utils._lint import check_arguments
from ansible_collections.rollcall.identity.plugins.plugin_utils._worker import WorkerAction


class ActionModule(WorkerAction):
    """Runs the module's task."""

    module = "rollcall.identity.contabo_user_roles"
    declared = TASK


def main() -> None:
    """Validate the arguments of a task, for ansible-lint."""
    check_arguments(TASK.options, TASK.rules)
