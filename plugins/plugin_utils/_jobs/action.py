# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Base class and helpers of the jobs' actions: arguments, module_defaults, time and paths. No credential is returned to
callbacks."""

from __future__ import annotations

import contextlib
import datetime
import os
import sys
import typing as t
import zoneinfo

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    InputError,
    PartialFailure,
    Problem,
    RollcallError,
    Unexpected,
    require,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.collector import collection_paused
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import agreed
from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain, validate

from .delivery import refusal_of
from .feed.messages import limited
from .life import life_of
from .schema import PROVIDERS
from .session import Frame, declared, masker_of
from .several_hosts import second_host
from .variables import argument_problems, specified

COLLECTION = "rollcall.identity"
_SHIPPED = os.path.join(os.path.abspath(__file__).rsplit(os.sep, 4)[0], "extensions", "deliver")
"""The folder of the task files that come with the collection, such as ``rollcall.identity.git``."""
_TERMINAL = sys.stdout.isatty()
"""Read before the fork: a worker has no standard output of its own."""

# ansible-core imports an action before it forks, so the worker does not repeat these imports.
for _provider in PROVIDERS:
    for _noun in ("user", "users", "user_info"):
        declared(f"{_provider}_{_noun}")
    life_of(_provider)


class JobAction(ActionBase):  # type: ignore[misc]  # ansible-core has no type information
    """Runs a job in the worker on the controller. A subclass sets ``spec`` and ``role``, and overrides ``job``."""

    spec: t.ClassVar[dict[str, dict[str, t.Any]]]
    role: t.ClassVar[str]
    """The role whose variables messages name."""
    public_options: t.ClassVar[tuple[str, ...]] = ()
    """Options that callbacks may see: they contain neither personal data nor credentials."""
    files: t.ClassVar[tuple[str, ...] | None] = ()
    """Options that identify the files in ``dest``: two hosts may write to the same folder if one of these differs. None
    if the job itself decides about a play with several hosts."""
    _supports_check_mode = True
    _supports_diff = True
    _supports_async = False

    def job(self, params: dict[str, t.Any], frame: Frame) -> dict[str, t.Any]:
        """Run the job and return its result. Raises RollcallError; in that case, nothing was written."""
        raise NotImplementedError

    def refuse(self, arguments: dict[str, t.Any], frame: Frame, problems: t.Sequence[Problem]) -> dict[str, t.Any]:
        """Return the result of arguments that have the wrong form. Raises InputError with all problems."""
        raise InputError(problems)

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Return the result of the job, or a failure that lists all problems."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        result.pop("invocation", None)
        with _added(self._variables()):
            result.update(self._result(task_vars or {}))
        return result

    def _variables(self) -> dict[str, str]:
        """Return the environment variables that the task, its role and its play specify (``environment``)."""
        values: dict[str, t.Any] = {}
        if any(self._task.environment or ()):
            self._compute_environment_string(values)
        return {name: "" if value is None else str(value) for name, value in values.items()}

    def _result(self, task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        result: dict[str, t.Any] = {}
        arguments = plain(self._task.args)
        masker = Masker()
        try:
            masker = masker_of(arguments.get("connections"), self._defaults)
            with collection_paused():
                result.update(coded(self._run(arguments, task_vars)))
        except RollcallError as error:
            result.update(masker.value(failure(error), 1))
        except Exception as error:
            result.update(masker.value(failure(Unexpected.of_exception(error)), 1))
        finally:
            self._task.args = {name: value for name, value in arguments.items() if name in self.public_options}
        return result

    def _run(self, arguments: dict[str, t.Any], task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        arguments = specified(arguments)
        job = next((str(task_vars[name]) for name in ("awx_job_id", "tower_job_id") if task_vars.get(name)), "")
        frame = Frame(
            check=bool(self._task.check_mode),
            diff=bool(self._task.diff),
            folder=start_folder(),
            playbook_folder=self._loader.get_basedir(),
            awx="awx_job_id" in task_vars or "tower_job_id" in task_vars,
            awx_job=job,
            defaults=self._defaults,
            show_line=self._teller(),
        )
        problems = argument_problems(self.spec, arguments, self.role)
        if problems:
            return self.refuse(arguments, frame, problems)
        validated = validate(self.spec, {}, arguments)
        if validated.error_messages:
            problems = [Problem(text, "invalid_arguments") for text in validated.error_messages]
            return self.refuse(arguments, frame, problems)
        params = validated.validated_parameters
        require(self._second_host(params, frame, task_vars))
        return self.job(params, frame)

    def _second_host(
        self, params: t.Mapping[str, t.Any], frame: Frame, task_vars: t.Mapping[str, t.Any]
    ) -> list[Problem]:
        """Return a problem if another host of the play already writes the files of this job."""
        if self.files is None or self._task.run_once:
            return []
        key = [str(params.get(name) or "") for name in self.files]
        return second_host(
            constants.DEFAULT_LOCAL_TMP, task_vars, path_of(params.get("dest"), frame.folder), self.role, key
        )

    def _defaults(self, module: str) -> dict[str, t.Any]:
        """Return the module_defaults of a module: those of its groups, then its own, as ansible-core merges them."""
        defaults: dict[str, t.Any] = {}
        groups = [f"group/{COLLECTION}.all", f"group/{COLLECTION}.{module.partition('_')[0]}"]
        for key in (*groups, f"{COLLECTION}.{module}"):
            for entry in self._task.module_defaults or ():
                defaults.update(plain(self._templar.template(entry.get(key) or {})))
        return defaults

    def _teller(self) -> t.Callable[[str], None] | None:
        display = Display()
        if not (_TERMINAL or display.verbosity > 0):
            return None
        return t.cast("t.Callable[[str], None]", display.display)


@contextlib.contextmanager
def _added(variables: t.Mapping[str, str]) -> t.Iterator[None]:
    """Set environment variables while the context is active."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def failure(error: RollcallError) -> dict[str, t.Any]:
    """Return the result of a job that could not begin: every problem, but at most about 25 of each kind."""
    message = error.sentence()
    if isinstance(error, InputError) and error.problems:
        message = "\n".join([*map(str, limited(error.problems)), *([error.hint] if error.hint else [])])
    return {"failed": True, "changed": False, "msg": message, "code": error.code, "errors": error.errors()[:100]}


def coded(result: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return a result. If it failed, it has the code of its failure."""
    if not result.get("failed"):
        return result
    return {"code": common_code(entry["code"] for entry in result.get("errors") or ()), **result}


def common_code(codes: t.Iterable[str]) -> str:
    """Return the code that all failures share, or the code of a partial failure if they differ."""
    different = set(codes)
    return different.pop() if len(different) == 1 else PartialFailure.code


def start_folder() -> str:
    """Return the folder in which ansible-playbook was started, as the shell names it.

    A program that starts ansible-playbook in another folder may not update ``PWD``.
    """
    shell = os.environ.get("PWD", "")
    try:
        return shell if shell and os.path.samefile(shell, os.curdir) else os.getcwd()
    except OSError:
        return os.getcwd()


def now() -> datetime.datetime:
    """Return the time in UTC."""
    return datetime.datetime.now(datetime.timezone.utc)


def moment() -> str:
    """Return the current time in UTC, such as 2026-12-31T08:00:00Z."""
    return now().strftime("%Y-%m-%dT%H:%M:%SZ")


def today(as_of: t.Any, timezone: str) -> str:
    """Return the day with which dates are compared: ``as_of``, or today in a time zone such as Europe/Berlin.

    Raises InputError.
    """
    try:
        zone = zoneinfo.ZoneInfo(timezone) if timezone and timezone.upper() != "UTC" else datetime.timezone.utc
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(
            Problem(
                f"identity_timezone: {timezone!r} is not a time zone. Use a name such as Europe/Berlin.",
                "invalid_value",
                option="identity_timezone",
            )
        ) from None
    return str(as_of) if as_of not in (None, "") else now().astimezone(zone).date().isoformat()


def path_of(text: str | None, folder: str) -> str:
    """Return an absolute path, or an empty text if there is none. A relative path starts where ansible-playbook was
    started."""
    return os.path.abspath(os.path.join(folder, os.path.expanduser(text))) if text else ""


def shipped_file(deliver: str) -> str:
    """Return the path of a task file of the collection, such as ``rollcall.identity.git``, or an empty text if there is
    no such file."""
    name = deliver.removeprefix(f"{COLLECTION}.")
    path = os.path.join(_SHIPPED, f"{name}.yml")
    return path if name != deliver and os.path.isfile(path) else ""


def deliver_problems(
    deliver: str | None, dest: str | None, role: str, frame: Frame, links: str = ""
) -> list[Problem]:
    """Return problems with the destination of a result: a missing task file, one that delivers nothing, or files that
    AWX would lose. ``links`` is the links file if the job writes it."""
    option = f"{role}_deliver"
    places = [path_of(deliver, frame.folder), os.path.join(frame.playbook_folder, deliver)] if deliver else []
    # The roles search the same places.
    file = next(filter(os.path.isfile, places), shipped_file(deliver or ""))
    problems: list[Problem] = []
    refusal = refusal_of(file) if file else ""
    if refusal:
        problems.append(Problem(f"{option}: {file} {refusal}", "invalid_value", option=option))
    if places and not file:
        text = (
            f"{option}: there is no file {places[0]}, and no such file in the folder of the playbook. "
            "Specify the path of a task file."
        )
        problems.append(Problem(text, "no_file", option=option))
    lost = [name for name, path in ((f"{role}_dest", dest), (f"{role}_links", links)) if path]
    if lost and not file and frame.awx:
        text = (
            f"{' and '.join(lost)} {agreed(len(lost), 'is')} lost with the container on AWX. Set {option}, a task file "
            "that stores the result elsewhere."
        )
        problems.append(Problem(text, "missing_option", option=option))
    return problems
