# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refuses wrong arguments with all their problems: the task plans with the correct options and rows, without any call.
"""

from __future__ import annotations

import re
import typing as t

from ..errors import InputError, Place, Problem, RollcallError
from ..http.exchange import HAS_REQUESTS
from ..http.masking import Masker
from .options import Params, Spec
from .report import Context, Result
from .scalars import plain
from .task import Task, refusal, secrets_of

_ROWS = "users"
_HARMLESS = frozenset({"unlisted", "on_error"})
"""Options with choices on which the meaning of other options does not depend."""
_Faults = dict["int | None", set[str]]
"""The wrong options of each row and, under None, those of the task."""


def refused(task: Task, problems: t.Sequence[Problem], arguments: Params, environment: t.Mapping[str, str]) -> Result:
    """Return the result of wrong arguments. ``problems`` are those that ``Task.check`` returns."""
    from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
    from ansible.module_utils.errors import MutuallyExclusiveError, RequiredIfError, RequiredOneOfError

    faults = _faults(problems)
    wrong = faults.setdefault(None, set())
    if _ROWS in task.options and not isinstance(arguments.get(_ROWS, []), list):
        wrong.add(_ROWS)
    rules = dict(task.rules)
    if "state" in wrong:
        rules.pop("required_if", None)
    present = {name: _stand_in(task.options[name]) for name in wrong if name in task.options}
    correct = {**_correct(task.options, arguments, wrong), **present}
    if _ROWS in correct and isinstance(arguments.get(_ROWS), list):
        correct[_ROWS] = [
            _correct_row(task.options[_ROWS]["options"], row, faults.get(number, set()), number)
            for number, row in enumerate(arguments[_ROWS])
        ]
    validated = ArgumentSpecValidator(task.options, **rules).validate(correct)
    params = validated.validated_parameters
    every = [*problems, *(Problem(text, "invalid_arguments") for text in validated.error_messages)]
    optional = [name for name in present if not task.options[name].get("required")]
    params.update({name: task.options[name].get("default") for name in optional})
    every += task.settle(params, arguments, environment)
    lacking = [error for error in validated.errors.errors if isinstance(error, (RequiredIfError, RequiredOneOfError))]
    others = [error for error in validated.errors.errors if not isinstance(error, MutuallyExclusiveError)]
    decisive = [name for name in wrong - _HARMLESS if task.options.get(name, {}).get("choices")]
    if len(others) == len(lacking) and not (set(decisive) - set(task.connection_options)):
        if lacking:
            required = [*rules.get("required_one_of", ()), *(rule[2] for rule in rules.get("required_if", ()))]
            wrong.update(name for names in required if all(params.get(key) is None for key in names) for name in names)
        partial = _ROWS not in task.options and bool(wrong - set(task.connection_options))
        every += [
            problem
            for problem in _planned(task, params)
            if not (_follows(task, problem, faults) or (partial and _lacks(task, problem, arguments)))
        ]
    specified = {name: value for name, value in arguments.items() if value is not None}
    return refusal(task, every, {**params, **specified})


def _faults(problems: t.Sequence[Problem]) -> _Faults:
    faults: _Faults = {}
    for problem in problems:
        name, number, _rest = re.fullmatch(r"([^.\[]*)(?:\[(\d+)\])?(.*)", problem.option, re.DOTALL).groups()  # type: ignore[union-attr]
        position = problem.place.position if isinstance(problem.place, Place) else None
        if name == _ROWS and number is not None and position is None:  # a row that is no mapping
            position, name = int(number), "user"
            faults.setdefault(None, set()).add("")
        faults.setdefault(position, set()).add(name)
    return faults


def _correct(options: Spec, values: Params, wrong: t.Collection[str]) -> dict[str, t.Any]:
    """Return the correct options. A facet counts as one option."""
    bases = {name.removeprefix("managed_").removesuffix("_state") for name in wrong}
    left_out = {*wrong, *(form for base in bases if f"managed_{base}" in options for form in _forms(base))}
    return {name: value for name, value in values.items() if name in options and name not in left_out}


def _forms(facet: str) -> tuple[str, str, str]:
    return facet, f"{facet}_state", f"managed_{facet}"


def _correct_row(options: Spec, row: t.Any, wrong: set[str], number: int) -> dict[str, t.Any]:
    """Return the correct options of a row. A row without a usable name has another one, and its problems follow."""
    values = _correct(options, row, wrong) if isinstance(row, dict) else {}
    if "user" in wrong:
        name = row.get("user") if isinstance(row, dict) else None
        values["user"] = plain(name) if isinstance(name, (str, int, float)) and str(name).strip() else ""
    if wrong & {"user", "id"} and not values.get("user") and values.get("id") is None:
        wrong.add("state")
    if "state" in wrong:
        return {"user": values.get("user") or f"users-{number}@row.invalid"}
    return values


def _stand_in(option: t.Mapping[str, t.Any]) -> t.Any:
    """Return a value that Ansible accepts for an option, so that the option counts as specified."""
    if option.get("choices") and option.get("type", "str") == "str":
        return option["choices"][0]
    return {"bool": False, "int": 1, "list": [], "dict": {}}.get(option.get("type", "str"), "x")


def _lacks(task: Task, problem: Problem, arguments: Params) -> bool:
    """Return whether a problem is that an option is missing for which a removed one may stand."""
    name = re.split(r"[.\[]", problem.option)[0]
    specified = any(arguments.get(form) is not None for form in (name, f"{name}_state"))
    return bool(name) and not specified and name not in task.connection_options


def _follows(task: Task, problem: Problem, faults: _Faults) -> bool:
    """Return whether a problem may exist only because wrong options were removed."""
    wrong = faults.get(problem.place.position if isinstance(problem.place, Place) else None)
    if not wrong:
        return False
    if "state" in wrong:
        return problem.code != "duplicate_user"
    if problem.code == "missing_credentials":
        return any(name in wrong and task.options[name].get("default") is None for name in task.connection_options)
    return problem.code == "missing_field" or re.split(r"[.\[]", problem.option)[0] in wrong


def _planned(task: Task, params: dict[str, t.Any]) -> list[Problem]:
    """Return the problems that a task reports before its first call.

    It does not see paths, because it may belong on another host.
    """
    if not HAS_REQUESTS:
        return []
    paths = [name for name, option in task.options.items() if option.get("type") == "path"]
    params = {**task.names.compose(params), **dict.fromkeys(paths)}
    context = Context(params, True, False, Masker(secrets_of(task, params)))
    problems: list[Problem] = []
    filled: t.Collection[str] = ()
    missing = {
        name: "https://row.invalid" if name.endswith("_url") else "x"
        for name in task.connection_options
        if task.options[name]["type"] == "str" and params.get(name) is None and name != "expected_account"
    }
    try:
        try:
            connection = task.connect(params, context.masker)
        except InputError as error:
            problems += error.advised()
            connection = task.connect({**params, **missing}, context.masker)
            filled = missing
        connection.transport.offline = True
        connection.begin()
        task.run(context, connection)
    except InputError as error:
        problems += [
            problem for problem in error.advised() if problem not in problems and problem.option not in filled
        ]
    except RollcallError:
        pass  # the first call
    except Exception:
        pass  # what the task assumes about its options may be untrue now, and the problems so far are certain
    return problems
