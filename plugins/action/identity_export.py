# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin of the module of the same name."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.modules.identity_export import SPEC
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.action import JobAction
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.export.job import run_export
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame
from ansible_collections.rollcall.identity.plugins.plugin_utils._lint import check_arguments


class ActionModule(JobAction):
    """Writes live directories as files."""

    spec = SPEC
    role = "export"
    public_options = ("dest", "only", "people_file")

    def job(self, params: dict[str, t.Any], frame: Frame) -> dict[str, t.Any]:
        """Return the result of the export."""
        return run_export(params, frame)


def main() -> None:
    """Validate the arguments of a task, for ansible-lint."""
    check_arguments(SPEC)
