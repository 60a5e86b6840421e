# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin of the module of the same name."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.modules.identity_offboard import SPEC
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.action import JobAction
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.offboard.job import run_offboard
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame
from ansible_collections.rollcall.identity.plugins.plugin_utils._lint import check_arguments


class ActionModule(JobAction):
    """Takes all access from one person."""

    spec = SPEC
    role = "offboard"
    files = ("person",)
    public_options = ("person", "level", "dest", "only", "people_file", "links")

    def job(self, params: dict[str, t.Any], frame: Frame) -> dict[str, t.Any]:
        """Return the result of the offboarding."""
        return run_offboard(params, frame)


def main() -> None:
    """Validate the arguments of a task, for ansible-lint."""
    check_arguments(SPEC)
