# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin of the module of the same name."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Problem
from ansible_collections.rollcall.identity.plugins.modules.identity_access import SPEC
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.job import refuse_access, run_access
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.action import JobAction
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame, masker_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._lint import check_arguments


class ActionModule(JobAction):
    """Plans or applies access."""

    spec = SPEC
    role = "access"
    public_options = ("mode", "plan_digest", "dest", "only", "people_file", "links")

    def job(self, params: dict[str, t.Any], frame: Frame) -> dict[str, t.Any]:
        """Return the result of the access job."""
        return run_access(params, frame)

    def refuse(self, arguments: dict[str, t.Any], frame: Frame, problems: t.Sequence[Problem]) -> dict[str, t.Any]:
        """Return the result of arguments that have the wrong form, with the report."""
        return refuse_access(arguments, frame, problems, masker_of(arguments.get("connections"), frame.defaults))


def main() -> None:
    """Validate the arguments of a task, for ansible-lint."""
    check_arguments(SPEC)
