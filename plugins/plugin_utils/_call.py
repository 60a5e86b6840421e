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
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.life import life_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.schema import CONNECTION, PROVIDERS
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.validate import violations

_COLLECTION = "rollcall.identity"
OPTIONS = {"connection", "module", "options", "name", "on_error", "changes"}
_OURS = ("provider", "credentials")
"""Entries of a connection that are no options of the provider's modules."""
_PLUGINS = f"ansible_collections.{_COLLECTION}.plugins"

# ansible-core imports an action before it forks: what is imported here is not imported again by the worker of each task of a role.
for _provider in PROVIDERS:
    for _noun in ("user", "users", "user_info"):
        importlib.import_module(f"{_PLUGINS}.modules.{_provider}_{_noun}")
    importlib.import_module(f"{_PLUGINS}.plugin_utils._life.providers.{_provider}")
for _part in ("access", "export_files", "offboard_report", "rotation"):
    importlib.import_module(f"{_PLUGINS}.plugin_utils._life.{_part}")


def declared(module: str) -> Task:
    """Return the task that a module of the collection declares. Raises AnsibleError where there is no such module."""
    try:
        found: Task = importlib.import_module(f"{_PLUGINS}.modules.{module}").TASK
    except (ImportError, AttributeError):
        raise AnsibleError(f"There is no module {_COLLECTION}.{module}. Correct module, which is given without the provider's name.") from None
    return found


def arguments(
    connection: dict[str, t.Any], module: str, task: Task, options: dict[str, t.Any], defaults: t.Mapping[str, t.Any]
) -> dict[str, t.Any]:
    """Return the arguments of a module: ``defaults``, then what the connection says of it, then what is given for this call.

    Options of a connection that other modules of the provider have are left out. Raises AnsibleError for those that none has.
    """
    provider = connection["provider"]
    known = {name for other in ("user", "users") for name in declared(f"{provider}_{other}").options}
    unknown = sorted(set(connection) - known - set(_OURS))
    if unknown:
        raise AnsibleError(f"connection: {', '.join(unknown)} is no option of {provider}'s modules. Correct it, or take it out.")
    credentials = {name: value for name, value in (connection.get("credentials") or {}).items() if value not in (None, "")}
    wrong = sorted(set(credentials) - set(task.connection_options))
    if wrong:
        raise AnsibleError(f"connection: credentials.{', '.join(wrong)} is no connection option of {provider}'s modules. Correct it, or take it out.")
    given = {name: value for name, value in connection.items() if name in task.options and name not in _OURS}
    if credentials:  # none of somebody else's
        defaults = {name: value for name, value in defaults.items() if name not in life_of(provider).credentials}
    return {**{name: value for name, value in defaults.items() if name in task.options}, **given, **credentials, **options}


@contextlib.contextmanager
def own_credentials(connection: dict[str, t.Any]) -> t.Iterator[None]:
    """Hide the environment's credentials from a connection that has its own: half of each would be somebody else's."""
    names = [f"{connection['provider']}_{name}".upper() for name in life_of(connection["provider"]).credentials] if connection.get("credentials") else []
    hidden = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)


class CallAction(ActionBase):  # type: ignore[misc]  # ansible-core has no type information
    """Runs the module in place of itself; its result is that module's."""

    _supports_check_mode = True
    _supports_diff = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Return the module's result, with the name of the connection."""
        super().run(tmp, task_vars)
        given = plain(self._task.args)
        connection, module, options = given.get("connection"), given.get("module"), given.get("options") or {}
        unknown = sorted(set(given) - OPTIONS)
        if unknown:
            raise AnsibleError(f"Unsupported parameters for ({_COLLECTION}.identity_call) module: {', '.join(unknown)}.")
        if not isinstance(module, str) or not isinstance(options, dict):
            raise AnsibleError("Give module, such as user_info, and options as a mapping.")
        found = violations(CONNECTION, connection, "connection")
        if found:
            raise AnsibleError(" ".join(found))
        name = f"{connection['provider']}_{module}"
        task = declared(name)
        try:
            with own_credentials(connection):
                result = self._dispatch(f"{_COLLECTION}.{name}", arguments(connection, name, task, options, self._defaults(name)), task_vars or {})
        finally:
            # Credentials do not travel back to callbacks with the task.
            self._task.args = {"module": module, "name": given.get("name")}
        result["connection"] = given.get("name") or connection["provider"]
        if given.get("changes") and not self._task.diff:
            result["changes"] = result.pop("diff", [])
        elif given.get("changes"):
            result["changes"] = result.get("diff", [])
        if result.get("failed") and given.get("on_error") == "report":
            result["failed"] = False
            result["error"] = result.pop("msg", "")
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
