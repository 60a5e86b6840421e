# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin of the module of the same name."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.modules.identity_token_rotation import SPEC
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.action import JobAction
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.life import life_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.rotation.job import run_rotation
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.rotation.play import Play
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.schema import PROVIDERS
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame, declared
from ansible_collections.rollcall.identity.plugins.plugin_utils._lint import check_arguments

# Import these modules before the fork, so that the worker of each task does not have to.
for _provider in PROVIDERS:
    for _module in filter(None, (life_of(_provider).token.module, life_of(_provider).token.info)):
        declared(f"{_provider}_{_module}")


class ActionModule(JobAction):
    """Runs one step of a rotation."""

    spec = SPEC
    role = "token_rotation"
    files = None
    public_options = ("step",)

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Return the result of the step. Ansible does not show a result that contains a token."""
        self._play = Play.of(task_vars or {})
        hidden, self._task.no_log = self._task.no_log, True
        result = super().run(tmp, task_vars)
        self._task.no_log = hidden or bool(result.get("secret") or result.get("file"))
        result["_ansible_no_log"] = self._task.no_log
        return result

    def job(self, params: dict[str, t.Any], frame: Frame) -> dict[str, t.Any]:
        """Return the result of a step of the rotation."""
        return run_rotation(params, frame, self._play)


def main() -> None:
    """Validate the arguments of a task, for ansible-lint."""
    check_arguments(SPEC)
