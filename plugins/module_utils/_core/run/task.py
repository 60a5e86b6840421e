# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module without its front end: options, rules and a function. Both front ends run it in the same way."""

from __future__ import annotations

import functools
import json
import os
import typing as t
from dataclasses import dataclass, field

from ..errors import GuardError, InputError, Notice, Problem, RollcallError, Unexpected
from ..http.address import credentials_in, query_in
from ..http.masking import MASK, Masker
from ..plan.policy import limit_problems
from .composing import NameComposer
from .connection import Connection, out_of_range
from .options import Params, Spec
from .progress import Progress
from .report import Context, Result
from .rules import Kinds
from .scalars import converts
from .values import Findings, check_arguments, check_environment, check_selectors, prefer_specified

UNREPEATED = frozenset({"users"})
"""Options that results never repeat: they can hold thousands of users."""
NAMED = 2
"""Dicts of a result whose keys are the collection's own: itself, and those in it (a user, the summary).

A password may be such a word.
"""


@dataclass(frozen=True)
class Task:
    """A module's declaration.

    ``run`` gets the context and the connection and returns the result. ``connect`` makes the connection;
    ``connection_options`` are the options that distinguish two connections. ``rules`` are the keyword arguments of
    AnsibleModule such as ``required_one_of``. ``secret(params)`` returns whether the result contains a new secret.
    ``kinds`` are the rules of the provider's fields, at any depth. ``alternatives`` are groups of credentials: one
    group is enough. ``selectors`` are the options that choose users: without them, the task reads all users.
    """

    options: Spec
    run: t.Callable[[Context, Connection], Result]
    connect: t.Callable[[Params, Masker], Connection]
    connection_options: tuple[str, ...]
    rules: t.Mapping[str, t.Any] = field(default_factory=dict)
    secret: t.Callable[[Params], bool] = lambda params: False
    kinds: Kinds = field(default_factory=dict)
    alternatives: tuple[tuple[str, ...], ...] = ()
    selectors: tuple[str, ...] = ()

    @functools.cached_property
    def names(self) -> NameComposer:
        """What composes the names in the parameters."""
        return NameComposer(self.options, self.kinds)

    def check(self, arguments: Params) -> Findings:
        """Return the problems and warnings for arguments before Ansible converts them."""
        findings = check_arguments(self.options, self.kinds, arguments)
        findings.problems += check_selectors(self.selectors, arguments)
        wrong = {problem.option for problem in findings.problems}
        numbers = _numbers(self.options, {name: arguments[name] for name in arguments if name not in wrong})
        findings.problems += out_of_range(numbers)
        if findings.problems:  # otherwise, the plan reports wrong limits together with its other problems
            findings.problems += limit_problems(numbers)
        return findings

    def settle(self, params: dict[str, t.Any], arguments: Params, environment: t.Mapping[str, str]) -> list[Problem]:
        """Remove credentials of the environment from ``params`` if the task specifies an alternative.

        Return the problems of environment variables.
        """
        ignored = prefer_specified(params, arguments, self.alternatives)
        return check_environment(self.options, self.kinds, {**dict.fromkeys(ignored, ""), **arguments}, environment)

    def variables(self, arguments: Params, environment: t.Mapping[str, str]) -> dict[str, str]:
        """Return the options whose values come from the environment, each with its variable."""
        fallbacks = {
            name: option["fallback"][1][0]
            for name, option in self.options.items()
            if option.get("fallback") and arguments.get(name) is None
        }
        return {name: variable for name, variable in fallbacks.items() if environment.get(variable)}


def _numbers(options: Spec, arguments: Params) -> dict[str, t.Any]:
    """Return the whole numbers and the limits, which are texts, as Ansible converts them."""
    numbers: dict[str, t.Any] = {}
    for name, value in arguments.items():
        kind = options.get(name, {}).get("type")
        if kind == "int" and converts("int", str(value)):
            numbers[name] = int(str(value))
        elif kind == "str" and name.endswith("_limit") and value is not None:
            numbers[name] = str(value)
    return numbers


def refusal(task: Task, problems: t.Sequence[Problem], arguments: Params) -> Result:
    """Return the result of a task whose arguments are wrong: all problems at once, before any API call."""
    error = InputError(problems, " ")
    masker = Masker(secrets_of(task, arguments))
    result: Result = {
        "failed": True, "changed": False, "msg": error.message, "code": error.code, "errors": error.errors(),
    }
    return t.cast(Result, masker.value(result, NAMED))


def add_notices(result: Result, notices: t.Sequence[Notice]) -> None:
    """Add warnings to a result: texts for Ansible, and their codes in ``warning_details``."""
    if notices:
        result["warnings"] = [*result.get("warnings", ()), *(notice.text for notice in notices)]
        result["warning_details"] = [*result.get("warning_details", ()), *(notice.facts() for notice in notices)]


class ConnectionPool:
    """Connections that the items of a loop share, one for each set of connection options."""

    def __init__(self, remembers: bool = False) -> None:
        """With ``remembers``, tasks reuse accounts that earlier tasks have read or written."""
        self._connections: dict[str, Connection] = {}
        self._remembers = remembers

    def get(self, task: Task, params: Params, masker: Masker) -> Connection:
        """Return the connection for these options. The first call creates it."""
        key = json.dumps(
            [task.connect.__module__, {name: params.get(name) for name in task.connection_options}], sort_keys=True
        )
        connection = self._connections.get(key)
        if connection is None:
            connection = self._connections[key] = task.connect(params, masker)
            connection.known = {} if self._remembers else None
        return connection


def run_task(
    task: Task,
    params: dict[str, t.Any],
    check: bool,
    diff: bool,
    pool: ConnectionPool,
    folder: str = ".",
    show: t.Callable[[str], None] | None = None,
    variables: t.Mapping[str, str] | None = None,
) -> Result:
    """Run a module's function and return its result, with ``failed`` and ``msg`` after a failure.

    The result is masked, unless it contains a new secret. It includes ``warnings``. Relative paths start from
    ``folder``. ``show`` shows a line while a long task runs. ``variables`` maps the options whose values come from the
    environment to their variables.
    """
    params = task.names.compose(params)
    secrets = secrets_of(task, params)
    masker = Masker(secrets)
    for name, spec in task.options.items():
        if spec.get("type") == "path" and params.get(name) and not os.path.isabs(params[name]):
            params[name] = os.path.abspath(os.path.join(folder, params[name]))
    context = Context(params, check, diff, masker)

    def has_written() -> bool:
        return connection is not None and connection.transport.written + connection.transport.uncertain > 0

    connection: Connection | None = None
    try:
        connection = pool.get(task, params, masker)
        context.progress = Progress(show, connection.clock)
        connection.begin(context.progress.waits, context.progress.announce)
        context.masker = masker = connection.masker
        masker.add(*secrets)
        for text in connection.transport.warnings():
            context.warn(text)
        result = task.run(context, connection)
    except (InputError, GuardError) as error:
        if connection is None and isinstance(error, InputError):
            from .refusing import completed  # it imports this file

            error = completed(task, error, params, variables or {})
        result = _failed(error.naming(variables or {}), has_written())
    except RollcallError as error:
        result = _failed(error, has_written())
    except Exception as error:
        result = _failed(Unexpected.of_exception(error), has_written())
    shown = result if task.secret(params) and not result.get("failed") else masker.value(result, NAMED)
    shown["invocation"] = {"module_args": masker.value(_module_args(task.options, params), 1)}
    if context.notices:
        shown["warnings"] = [masker.text(notice.text) for notice in context.notices]
        shown["warning_details"] = [masker.value(notice.facts(), 1) for notice in context.notices]
    return t.cast(Result, shown)


def _failed(error: RollcallError, has_written: bool) -> Result:
    """Return the result of a failure. Writes that may have had an effect count as a change."""
    facts = {**error.more, **error.facts()}
    changed = has_written or facts.get("changed") is True
    return {
        **facts,
        "failed": True,
        "changed": changed,
        "msg": error.sentence(),
        "code": error.code,
        "errors": error.errors(),
    }


def secrets_of(task: Task, params: Params) -> list[str]:
    """Return all secrets among the options of a task: secret options, and credentials in the addresses of servers."""
    values = secret_values(task.options, params)
    for name in task.connection_options:
        if name.endswith("_url"):
            values += [*credentials_in(params.get(name)), *query_in(params.get(name))]
    return values


def secret_values(spec: Spec, params: Params) -> list[str]:
    """Return the values of all options that are marked as secret, at any depth."""
    values: list[str] = []
    for name, option in spec.items():
        value = params.get(name)
        if value is None:
            continue
        if option.get("no_log"):
            values += [str(item) for item in (value if isinstance(value, (list, tuple)) else [value])]
        elif option.get("options"):
            inner = {
                key: about for key, about in option["options"].items() if about.get("no_log") or about.get("options")
            }
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, dict):
                    values += secret_values(inner, item)
    return values


def _module_args(spec: Spec, params: Params) -> dict[str, t.Any]:
    """Return the parameters that a result may repeat."""
    module_args = {}
    for name, option in spec.items():
        if name not in UNREPEATED:
            value = params.get(name)
            module_args[name] = MASK if option.get("no_log") and value is not None else value
    return module_args
