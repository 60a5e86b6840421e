# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The front end in the controller's worker process: it runs a module's task without starting another process.

Each module has an action plugin of the same name that derives from WorkerAction. (With one plugin for all modules, by
plugin_routing, ansible-core up to 2.17 treats each task as a call of the module that has the plugin's name.)
ansible-core imports the action plugin of a task before it forks, so workers do not import these modules again.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import typing as t

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Problem
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.collector import collection_paused
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.refusing import refused
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.task import (
    UNREPEATED,
    ConnectionPool,
    Task,
    add_notices,
    refusal,
    run_task,
)
from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import is_long, plain, rendered, validate

_POOL = ConnectionPool()
"""Connections that all items of a loop share: they run in one worker process. The connections end with it."""
_TERMINAL = sys.stdout.isatty()
"""Determined before the fork, because a worker has no standard output of its own."""


class WorkerAction(ActionBase):  # type: ignore[misc]  # ansible-core has no type information
    """Runs the task that a module declares. Subclasses set ``module`` and ``declared``."""

    module: str
    declared: Task
    _supports_check_mode = True
    _supports_diff = True
    _supports_async = True

    @classmethod
    def finalize_task_arg(cls, name: str, value: t.Any, templar: t.Any, context: t.Any) -> t.Any:
        """Render an argument (ansible-core 2.19 and later), without ansible-core's slow walk through plain users."""
        if name not in UNREPEATED or not hasattr(templar, "resolve_to_container"):
            return super().finalize_task_arg(name, value, templar, context)
        with collection_paused():
            container = templar.resolve_to_container(value)
            return rendered(container, templar.template) if is_long(container) else templar.template(container)

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Return the task's result."""
        # A retry creates another action plugin for the same task.
        arguments = self._task.args = getattr(self._task, "rollcall_args", self._task.args)
        try:
            return self._run(tmp, task_vars or {})
        finally:
            # The worker sends the task and its arguments back, for callbacks. Leave out users, which can be many.
            if UNREPEATED & set(arguments):
                self._task.rollcall_args = arguments
                self._task.args = {name: value for name, value in arguments.items() if name not in UNREPEATED}

    def _run(self, tmp: str | None, task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        result.pop("invocation", None)
        name, task = self.module, self.declared
        arguments = plain(self._task.args)
        findings = task.check(arguments)
        if findings.problems:
            environment = None if self._has_environment() else os.environ
            return {**result, **refused(task, list(map(self._sourced, findings.problems)), arguments, environment)}
        delivers, hidden = task.secret(self._task.args), self._task.no_log
        if delivers:
            if self._task.async_val:
                text = f"{name} returns a secret, but async stores results in a file. Specify dest, or remove async."
                return {**result, **refusal(task, [Problem(text, "not_supported", option="dest")], arguments)}
            self._task.no_log = True
        if self._elsewhere(task_vars):
            result.update(self._execute_module(module_name=name, task_vars=task_vars, wrap_async=self._task.async_val))
        else:
            with collection_paused():
                result.update(self._run_in_process(task, arguments, task_vars))
        add_notices(result, findings.notices)
        if delivers:
            # A failure contains no secret, and the user must see its message.
            self._task.no_log = hidden if result.get("failed") else True
            result["_ansible_no_log"] = self._task.no_log
        return result

    def _sourced(self, problem: Problem) -> Problem:
        """Return the problem of an unknown option with its source, if that is ``module_defaults``."""
        collection, _dot, noun = self.module.rpartition(".")
        names = (self.module, f"group/{collection}.{noun.partition('_')[0]}", f"group/{collection}.all")
        if problem.code == "unknown_option" and not problem.place:
            entries = {name: entry for entries in self._task.module_defaults or () for name, entry in entries.items()}
            for name in names:
                entry = entries.get(name)
                if isinstance(entry, dict) and problem.option in entry:
                    text = f"{problem.text} It comes from module_defaults of {name}."
                    return Problem(text, problem.code, problem.place, problem.option)
        return problem

    def _elsewhere(self, task_vars: dict[str, t.Any]) -> bool:
        """Return whether the module needs a process of its own, such as on another host or with another Python."""
        if self._has_environment() or self._task.async_val or sys.platform == "darwin":
            return True
        setting = self._variable("rollcall_in_process", task_vars)
        if setting is not None and not boolean(setting, strict=False):
            return True
        interpreter = self._variable("ansible_python_interpreter", task_vars)
        named = interpreter not in (None, "") and not str(interpreter).startswith("auto")
        if named and os.path.abspath(str(interpreter)) != os.path.abspath(sys.executable):
            return True
        return importlib.util.find_spec("requests") is None

    def _has_environment(self) -> bool:
        """Return whether the environment of the module is another one than that of this process."""
        return (
            self._connection.transport != "local"
            or getattr(self._connection, "become", None) is not None
            or any(self._task.environment or ())
        )

    def _variable(self, name: str, task_vars: dict[str, t.Any]) -> t.Any:
        delegated = task_vars.get("ansible_delegated_vars", {}).get(self._task.delegate_to, {})
        return self._templar.template(delegated.get(name, task_vars.get(name)))

    def _teller(self) -> t.Callable[[str], None] | None:
        """Return a function that shows a line while the task runs, or None without a terminal and without ``-v``."""
        display = Display()
        if not (_TERMINAL or display.verbosity > 0):
            return None
        return lambda text: display.display(f"{self.module}: {text}")

    def _run_in_process(self, task: Task, arguments: dict[str, t.Any], task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        """Validate the arguments as AnsibleModule does and run the task in this process."""
        validated = validate(task.options, task.rules, arguments)
        params = validated.validated_parameters
        # The checks of values do not cover options that exclude or require each other.
        if validated.error_messages or task.settle(params, arguments, os.environ):
            return refused(task, [], arguments, os.environ)
        variables = task.variables(arguments, os.environ)
        check, diff, folder = bool(self._task.check_mode), bool(self._task.diff), self._loader.get_basedir()
        result = run_task(task, params, check, diff, _POOL, folder, self._teller(), variables)
        if not _shows_invocation(task_vars):
            result.pop("invocation", None)
        notes = [f"Both option {note['option']} and its alias {note['alias']} are set." for note in validated._warnings]
        if notes:
            result["warnings"] = [*result.get("warnings", ()), *notes]
        for note in validated._deprecations:
            result.setdefault("deprecations", []).append(note)
        return result


def _shows_invocation(task_vars: dict[str, t.Any]) -> bool:
    """Return whether results carry ``invocation``: always up to ansible-core 2.20, later if configured so."""
    try:
        return bool(C.config.get_config_value("INJECT_INVOCATION", variables=task_vars))
    except AnsibleError:
        return True
