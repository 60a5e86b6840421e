# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action behind ``identity_call``: it runs another module of the collection with the options of one connection."""

from __future__ import annotations

import contextlib
import importlib
import os
import typing as t

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.rollcall.identity.plugins.module_utils._core.task import Task
from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.connection import (
    OURS,
    credentials_of,
    declared,
    has_own,
    not_inherited,
    option_problems,
)
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.life import life_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.schema import CONNECTION, PROVIDERS
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.validate import violations

_COLLECTION = "rollcall.identity"
OPTIONS = {"connection", "module", "options", "name", "on_error", "changes"}
_PLUGINS = f"ansible_collections.{_COLLECTION}.plugins"

# ansible-core imports an action before it forks: what is imported here is not imported again by the worker of each task of a role.
for _provider in PROVIDERS:
    for _noun in ("user", "users", "user_info"):
        importlib.import_module(f"{_PLUGINS}.modules.{_provider}_{_noun}")
    importlib.import_module(f"{_PLUGINS}.plugin_utils._life.providers.{_provider}")
for _part in ("access", "export_files", "offboard_report", "rotation"):
    importlib.import_module(f"{_PLUGINS}.plugin_utils._life.{_part}")


def arguments(connection: dict[str, t.Any], task: Task, options: dict[str, t.Any], defaults: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the arguments of a module: ``defaults``, then what the connection says of it, then what is given for this call.

    Options of a connection that other modules of the provider have are left out.
    """
    given = {name: value for name, value in connection.items() if name in task.options and name not in OURS}
    if has_own(connection):  # none of somebody else's
        defaults = {name: value for name, value in defaults.items() if name not in life_of(connection["provider"]).credentials}
    return {**{name: value for name, value in defaults.items() if name in task.options}, **given, **credentials_of(connection), **options}


@contextlib.contextmanager
def hidden(names: t.Iterable[str]) -> t.Iterator[None]:
    """Take variables out of the environment for a while."""
    held = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(held)


class CallAction(ActionBase):  # type: ignore[misc]  # ansible-core has no type information
    """Runs the module in place of itself; its result is that module's."""

    _supports_check_mode = True
    _supports_diff = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Return the module's result, with the name of the connection."""
        super().run(tmp, task_vars)
        given = plain(self._task.args)
        connection = given.get("connection")
        try:
            result = self._called(given, task_vars or {})
        except AnsibleError as error:
            # Raised out of a loop it would keep the other items from their turn.
            facts = {"code": "invalid_arguments", "message": error.message}
            result = {"failed": True, "changed": False, "msg": error.message, "code": facts["code"], "errors": [facts]}
        finally:
            # Credentials do not travel back to callbacks with the task.
            self._task.args = {"module": given.get("module"), "name": given.get("name")}
        result["connection"] = given.get("name") or (connection.get("provider") if isinstance(connection, dict) else None)
        if given.get("changes") and not self._task.diff:
            result["changes"] = result.pop("diff", [])
        elif given.get("changes"):
            result["changes"] = result.get("diff", [])
        if result.get("failed") and given.get("on_error") == "report":
            result["failed"] = False
            result["error"] = result.pop("msg", "")
        return result

    def _called(self, given: dict[str, t.Any], task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        """Return the result of the module that is meant. Raises AnsibleError for what is wrong with the call itself."""
        connection: t.Any = given.get("connection")
        module, options = given.get("module"), given.get("options") or {}
        unknown = sorted(set(given) - OPTIONS)
        if unknown:
            raise AnsibleError(f"Unsupported parameters for ({_COLLECTION}.identity_call) module: {', '.join(unknown)}.")
        if not isinstance(module, str) or not isinstance(options, dict):
            raise AnsibleError("Give module, such as user_info, and options as a mapping.")
        found = violations(CONNECTION, connection, "connection") or option_problems(connection, "connection")
        if found:
            raise AnsibleError(" ".join(found))
        name = f"{connection['provider']}_{module}"
        task = declared(name)
        if task is None:
            raise AnsibleError(f"There is no module {_COLLECTION}.{name}. Correct module, which is given without the provider's name.")
        foreign = not_inherited(connection)
        with hidden(foreign):
            result = self._dispatch(f"{_COLLECTION}.{name}", arguments(connection, task, options, self._defaults(name)), task_vars)
        if foreign and result.get("code") == "missing_credentials":
            result["msg"] += " The connection has credentials of its own, so those of the environment are ignored: specify all of them in the connection."
        return result

    def _defaults(self, module: str) -> dict[str, t.Any]:
        """Return what module_defaults say of a module, as core does where the task names it: its groups, then the module itself."""
        found: dict[str, t.Any] = {}
        groups = [f"group/{_COLLECTION}.all", f"group/{_COLLECTION}.{module.partition('_')[0]}"]
        for key in (*groups, f"{_COLLECTION}.{module}"):
            for defaults in self._task.module_defaults or ():
                found.update(plain(self._templar.template(defaults.get(key) or {})))
        return found

    def _dispatch(self, name: str, args: dict[str, t.Any], task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        task = self._task.copy()
        task.action, task.args = name, args
        task.diff = bool(self._task.diff or self._task.args.get("changes"))
        action = self._shared_loader_obj.action_loader.get(
            name, task=task, connection=self._connection, play_context=self._play_context, loader=self._loader, templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        result: dict[str, t.Any] = action.run(task_vars=task_vars)
        if task.no_log:
            self._task.no_log = True
        return result
