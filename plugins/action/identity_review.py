# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin of the module of the same name."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.modules.identity_review import SPEC
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.action import JobAction
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.job import run_review
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame
from ansible_collections.rollcall.identity.plugins.plugin_utils._lint import check_arguments


class ActionModule(JobAction):
    """Opens and closes access reviews."""

    spec = SPEC
    role = "access_review"
    files = ("state",)
    public_options = ("state", "id", "dest", "by", "previous", "only", "people_file", "decisions", "undecided")

    def job(self, params: dict[str, t.Any], frame: Frame) -> dict[str, t.Any]:
        """Return the result of the review."""
        return run_review(params, frame)


def main() -> None:
    """Validate the arguments of a task, for ansible-lint."""
    check_arguments(SPEC)
