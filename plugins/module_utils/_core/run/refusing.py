# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refuses wrong arguments with all their problems: the task plans with the correct options and rows, without any call.
"""

from __future__ import annotations

import itertools
import re
import typing as t

from ..errors import InputError, Place, Problem, RollcallError
from ..http.exchange import HAS_REQUESTS
from ..http.masking import Masker
from .connection import Connection
from .options import Params, Spec
from .report import Context, Result
from .scalars import plain
from .task import Task, refusal, secrets_of

_ROWS = "users"
_HARMLESS = frozenset({"unlisted", "on_error"})
"""Options with choices on which the meaning of other options does not depend."""
_ATTEMPTS = 9
"""How often a connection is made, each time without the options that were wrong."""
_INVALID = ".invalid"
_NOBODY = f"@row{_INVALID}"
"""The end of the name that a row without a usable name has here."""
_Faults = dict["int | None", set[str]]
"""The wrong options of each row and, under None, those of the task."""


def refused(
    task: Task, problems: t.Sequence[Problem], arguments: Params, environment: t.Mapping[str, str] | None
) -> Result:
    """Return the result of wrong arguments. ``problems`` are those that ``Task.check`` returns.

    ``environment`` is None if it is not known, because the module runs elsewhere.
    """
    from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
    from ansible.module_utils.errors import MutuallyExclusiveError, RequiredIfError, RequiredOneOfError

    faults = _faults(problems)
    wrong = faults.setdefault(None, set())
    if _ROWS in task.options and not isinstance(arguments.get(_ROWS, []), list):
        wrong.add(_ROWS)
    if environment is None:  # any option that a variable may set
        wrong.update(name for name in task.connection_options if arguments.get(name) is None)
        environment = {}
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
    every = [*problems, *(Problem(text, "invalid_arguments") for text in validated.error_messages)]
    omitted = {
        name: _stand_in(option)
        for name, option in task.options.items() if option.get("required") and correct.get(name) is None
    }
    if omitted:
        wrong.update(omitted)
        present.update(omitted)
        validated = ArgumentSpecValidator(task.options, **rules).validate({**correct, **omitted})
    params = validated.validated_parameters
    optional = [name for name in present if not task.options[name].get("required")]
    params.update({name: _unset(task, name) for name in optional})
    every += task.settle(params, arguments, environment)
    lacking = [error for error in validated.errors.errors if isinstance(error, (RequiredIfError, RequiredOneOfError))]
    others = [error for error in validated.errors.errors if not isinstance(error, MutuallyExclusiveError)]
    if len(others) == len(lacking):
        if lacking:
            required = [*rules.get("required_one_of", ()), *(rule[2] for rule in rules.get("required_if", ()))]
            wrong.update(name for names in required if all(params.get(key) is None for key in names) for name in names)
        every += _certain(task, params, arguments, faults, task.variables(arguments, environment))
    specified = {name: value for name, value in arguments.items() if value is not None}
    return refusal(task, every, {**params, **specified})


def _certain(
    task: Task, params: dict[str, t.Any], arguments: Params, faults: _Faults, variables: t.Mapping[str, str]
) -> list[Problem]:
    """Return the problems of a plan that exist whatever the wrong options should be."""
    wrong, logins = faults[None], {*task.connection_options}
    if wrong & {"user", "id"} and params.get("user") is params.get("id") is None and "user" in task.options:
        params["user"] = f"user{_NOBODY}"
    if wrong & logins:
        params["expected_account"] = None
    first, *others = [_planned(task, variant, variables) for variant in _variants(task, params, faults)]
    partial = _ROWS not in task.options and not wrong <= logins | {"protect"}
    return [
        _without_name(problem)
        for problem in first
        if all(problem in planned for planned in others)
        and not (_follows(task, problem, faults) or (partial and _lacks(task, problem, arguments)))
    ]


def completed(task: Task, error: InputError, params: Params, variables: t.Mapping[str, str]) -> InputError:
    """Return the error of a connection that could not be made, with the problems of all other options."""
    known = [problem.text for problem in error.problems]
    more = [
        problem
        for problem in _planned(task, dict(params), variables)
        if not any(problem.text.startswith(text) for text in known)
    ]
    return InputError([*error.naming(variables).advised(), *more]) if more else error


def _faults(problems: t.Sequence[Problem]) -> _Faults:
    faults: _Faults = {}
    for problem in problems:
        name, row = re.split(r"[.\[]", problem.option)[0], re.match(rf"{_ROWS}\[(\d+)\]", problem.option)
        position = problem.place.position if isinstance(problem.place, Place) else None
        if row is not None and position is None:  # a row that is no mapping
            position, name = int(row[1]), "user"
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
    """Return the correct options of a row. A row without a usable name gets another one."""
    values = _correct(options, row, wrong) if isinstance(row, dict) else {}
    if "user" in wrong:
        name = row.get("user") if isinstance(row, dict) else None
        values["user"] = plain(name) if isinstance(name, (str, int, float)) and str(name).strip() else ""
    if wrong & {"user", "id"} and not values.get("user") and values.get("id") is None:
        wrong.add("user")
        values["user"] = f"users-{number}{_NOBODY}"
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


def _unset(task: Task, name: str) -> t.Any:
    """Return what a wrong option is while the task plans. Without credentials, it would report missing ones."""
    option = task.options[name]
    if name in task.connection_options and option["type"] == "str" and option.get("default") is None:
        return f"https://row{_INVALID}" if name.endswith("_url") else "x"
    return option.get("default")


def _variants(task: Task, params: dict[str, t.Any], faults: _Faults) -> t.Iterator[dict[str, t.Any]]:
    """Return the parameters with each choice of the wrong options on which the meaning of other options depends."""
    free = [
        name
        for name in sorted(faults[None] - _HARMLESS - {*task.connection_options})
        if task.options.get(name, {}).get("choices") and f"managed_{name.removesuffix('_state')}" not in task.options
    ]
    rows = {number for number, names in faults.items() if number is not None and "state" in names}
    states = task.options[_ROWS]["options"]["state"]["choices"] if rows else [None]
    for state, *chosen in itertools.product(states, *(task.options[name]["choices"] for name in free)):
        variant = {**params, **dict(zip(free, chosen, strict=True))}
        if rows:
            variant[_ROWS] = [
                {**row, "state": state} if number in rows else row for number, row in enumerate(params[_ROWS])
            ]
        yield variant


def _follows(task: Task, problem: Problem, faults: _Faults) -> bool:
    """Return whether a problem may exist only because wrong options were removed."""
    wrong = faults.get(problem.place.position if isinstance(problem.place, Place) else None)
    if not wrong:
        return False
    return (
        (problem.code == "missing_field" and not wrong <= {*task.connection_options, "protect"})
        or re.split(r"[.\[]", problem.option)[0] in wrong
        or _NOBODY in problem.text
    )


def _without_name(problem: Problem) -> Problem:
    """Return a problem without the name that a row has here only."""
    place = problem.place
    if _NOBODY in place:
        position = place.position if isinstance(place, Place) else None
        place = "" if position is None else Place(f"{_ROWS}[{position}]", "", position)
    return Problem(problem.text, problem.code, place, problem.option)


def _planned(task: Task, params: dict[str, t.Any], variables: t.Mapping[str, str]) -> list[Problem]:
    """Return the problems that a task reports before its first call.

    It does not see paths, because it may belong on another host.
    """
    if not HAS_REQUESTS:
        return []
    paths = [name for name, option in task.options.items() if option.get("type") == "path"]
    params = {**task.names.compose(params), **dict.fromkeys(paths)}
    context = Context(params, True, False, Masker(secrets_of(task, params)))
    problems: list[Problem] = []
    try:
        connection = _connected(task, params, context.masker, variables, problems)
        connection.transport.offline = True
        connection.begin()
        task.run(context, connection)
    except InputError as error:
        problems += [problem for problem in error.naming(variables).advised() if problem not in problems]
    except RollcallError:
        pass  # the first call
    except Exception:
        pass  # what the task assumes about its options may be untrue now, and the problems so far are certain
    return problems


def _connected(
    task: Task, params: Params, masker: Masker, variables: t.Mapping[str, str], problems: list[Problem]
) -> Connection:
    """Return a connection. Add the problems of its options, and make it without them."""
    for _attempt in range(_ATTEMPTS):
        try:
            return task.connect(params, masker)
        except InputError as error:
            known = {problem.code for problem in problems}
            problems += [
                problem
                for problem in error.naming(variables).advised()
                if problem.code != "missing_credentials" or problem.code not in known
            ]
            wrong = [problem.option for problem in error.problems if problem.option in task.connection_options]
            params = {**params, **{name: _unset(task, name) for name in wrong}, "expected_account": None}
            if any(name in group for group in task.alternatives for name in wrong):
                others = {name: None for group in task.alternatives[1:] for name in group}
                params = {**params, **others, **{name: _unset(task, name) for name in task.alternatives[0]}}
    return task.connect(params, masker)
