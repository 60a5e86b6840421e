# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The front end for hosts: AnsibleModule."""

from __future__ import annotations

import os
import typing as t

from ..zipped import import_once

if t.TYPE_CHECKING:
    from .task import Task

import_once(__spec__.loader)  # what a module imports after this file is compiled once


def serve(task: Task) -> None:
    """Run a task as a module process and exit."""
    from ansible.module_utils.basic import AnsibleModule, missing_required_lib

    from ..http.exchange import HAS_REQUESTS
    from .collector import collection_paused
    from .refusing import refused
    from .task import ConnectionPool, run_task

    class Module(AnsibleModule):  # type: ignore[misc]  # ansible-core has no type information
        """Keeps the arguments as they are before Ansible converts them and adds defaults and variables of the
        environment."""

        def _load_params(self) -> None:
            super()._load_params()
            self.arguments = dict(self.params)

        def fail_json(self, msg: str, **facts: t.Any) -> t.NoReturn:
            """Fail. What AnsibleModule itself refuses, such as options that exclude each other, is reported together
            with all other problems."""
            validated = getattr(self, "validation_result", None)
            if validated is not None and validated.error_messages:
                facts = refused(task, task.check(self.arguments).problems, self.arguments, os.environ)
                msg = facts.pop("msg")
                self.no_log_values: set[str] = set()  # the result is masked already
            facts.setdefault("invocation", {})  # otherwise, AnsibleModule adds all parameters
            facts.setdefault("code", "invalid_arguments")
            facts.setdefault("errors", [{"code": facts["code"], "message": msg}])
            super().fail_json(msg, **facts)
            raise SystemExit(1)  # not reached

    module: t.Any = Module(argument_spec=task.options, supports_check_mode=True, **task.rules)
    if not HAS_REQUESTS:
        module.fail_json(msg=missing_required_lib("requests"), code="missing_library")
    problems = task.check(module.arguments).problems
    if problems or task.settle(module.params, module.arguments, os.environ):
        result = refused(task, problems, module.arguments, os.environ)
    else:
        with collection_paused():
            variables = task.variables(module.arguments, os.environ)
            result = run_task(
                task, module.params, module.check_mode, module._diff, ConnectionPool(), variables=variables
            )
    for text in result.pop("warnings", ()):
        module.warn(text)
    # The result is masked already; core's own masking takes minutes for thousands of passwords.
    module.no_log_values = set()
    # A result with dest would get the file's owner, mode and size from core, which the worker's front end does not add.
    module.add_path_info = lambda result: result
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
