# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connections of a job. Each is opened with the options of the provider's modules, and its directory is
read once."""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import importlib
import os
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    GuardError,
    InputError,
    Notice,
    Problem,
    RollcallError,
    Unexpected,
    first_words,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.names import fold, skeleton
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import (
    Account,
    Desired,
    Snapshot,
    document,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.composing import NameComposer
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.connection import Connection
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.directory import Directory
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.options import bulk_policy, desired_from
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.progress import Progress
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.reading import Known, read_whole
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context, Result
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import Prepared, carry_out, prepare
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.task import Task, secrets_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import validate

from .life import Life, address_of, binding_of, life_of
from .schema import PROVIDERS

Entry = t.Mapping[str, t.Any]
"""An entry of ``identity_connections``: provider, credentials, and options of the provider's bulk module."""
Item = t.TypeVar("Item")
Out = t.TypeVar("Out")

OURS = ("provider", "credentials")
"""Keys of an entry that are not options of the provider's modules."""
OWN_CREDENTIALS = (
    " This connection has credentials of its own, so it ignores those in the environment: set all of its credentials "
    "in the connection."
)
"""The text that follows the message about missing credentials."""


@dataclass(frozen=True)
class Frame:
    """The environment of a job.

    ``folder`` is where relative paths start, ``playbook_folder`` the folder of the playbook. ``awx`` is whether files
    are lost after the run, ``awx_job`` the id of the AWX job. ``defaults(module)`` returns the module_defaults of a
    module. ``show_line`` prints a line while the job runs.
    """

    check: bool = False
    diff: bool = False
    folder: str = "."
    playbook_folder: str = "."
    awx: bool = False
    awx_job: str = ""
    defaults: t.Callable[[str], t.Mapping[str, t.Any]] = lambda module: {}
    show_line: t.Callable[[str], None] | None = None


@dataclass(frozen=True)
class Listed:
    """An account as a job sees it. ``values`` is the user as the info module returns it; ``deleted`` marks an account
    that can be restored."""

    id: str
    name: str
    values: dict[str, t.Any]
    deleted: bool = False

    @property
    def enabled(self) -> bool | None:
        """Return whether the account can log in, or None if the API does not report it."""
        return False if self.deleted else t.cast("bool | None", self.values.get("enabled"))

    @property
    def label(self) -> str:
        """Return the name of the account in messages."""
        return self.name or f"id {self.id}"

    def grants(self, facet: str) -> list[t.Any]:
        """Return the grants of a facet; empty if the facet was not read."""
        return list(self.values.get(facet) or ())


@dataclass
class Session:
    """One connection of a job. ``read`` sets ``snapshot``, and ``plan`` sets ``prepared``."""

    name: str
    entry: Entry
    life: Life
    task: Task
    params: dict[str, t.Any]
    connection: Connection
    context: Context
    directory: Directory
    snapshot: Snapshot | None = None
    start: int = 0
    prepared: Prepared | None = None
    defaulted: frozenset[str] = frozenset()
    """The options that module_defaults specify."""
    variables: t.Mapping[str, str] = field(default_factory=dict)
    """The options whose values come from the environment, each with its variable."""
    revealed: str = ""
    """The directory that the API reports, if credentials alone do not show whether two connections lead to the same
    one."""
    _accounts: dict[str, Account] = field(default_factory=dict)
    _listed: dict[str, Listed] = field(default_factory=dict)

    @property
    def provider(self) -> str:
        """Return the name of the provider."""
        return self.life.provider

    @property
    def place(self) -> str:
        """Return the place of the connection in the input."""
        return f"identity_connections.{self.name}"

    @property
    def planned(self) -> Prepared:
        """Return the plan that ``plan`` has prepared."""
        if self.prepared is None:
            raise RuntimeError("plan comes first")
        return self.prepared

    @property
    def directory_key(self) -> str:
        """Return a key that is the same for all connections to one directory."""
        return "\0".join([self.provider, self.revealed or self.life.directory(self.params)])

    def read(self, facets: t.Collection[str]) -> None:
        """Read all accounts, and those that can be restored, with the fields that the lists contain.

        ``facets`` are those to be loaded later.
        """
        try:
            self.snapshot, self.start = read_whole(self.context.progress, self.directory, facets, deleted=True)
        except InputError as error:
            raise error.naming(self.variables) from None
        self._accounts = {
            account.id: account for account in (*self.snapshot.accounts, *self.snapshot.deleted_by_id.values())
        }
        self._listed = {
            identity: Listed(identity, account.key, self._document(account), account.deleted)
            for identity, account in self._accounts.items()
        }

    def load(self, identities: t.Collection[str], facets: t.Collection[str], fields: t.Collection[str] = ()) -> None:
        """Read the facets and fields of some accounts that the list omits.

        Of a deleted account, only the fields in the list can be read.
        """
        accounts = [self._accounts[identity] for identity in identities if identity in self._accounts]
        self.directory.load_many([account for account in accounts if not account.deleted], facets, fields)
        for account in accounts:
            self._listed[account.id].values.update(self._document(account))

    def load_each(self, identities: t.Collection[str], facets: t.Collection[str]) -> dict[str, RollcallError]:
        """Do what ``load`` does. Return the errors of individual accounts, which concern no other account, by id.

        Raises RollcallError: any other error, and the first one if the details of all or of many accounts cannot be
        read.
        """
        try:
            self.load(identities, facets)
            return {}
        except RollcallError as error:
            if not error.subject or error.final or error.code not in _OF_ONE_ACCOUNT:
                raise
        accounts = [self._accounts[identity] for identity in identities if identity in self._accounts]
        accounts = [account for account in accounts if not account.deleted]
        outcomes = self.directory.concurrently(
            lambda account: attempt(lambda: self.directory.load_many([account], facets))[1], accounts
        )
        errors = {account.id: failed for account, failed in zip(accounts, outcomes, strict=True) if failed is not None}
        most = min(most_failing(len(accounts)), max(1, len(accounts) - 1))
        for identity, failed in errors.items():
            if not is_about(failed, self._accounts[identity]) or len(errors) > most:
                raise failed
        self.load([identity for identity in identities if identity not in errors], facets)
        return errors

    def accounts(self) -> list[Listed]:
        """Return the accounts that were read, deleted ones last."""
        return list(self._listed.values())

    def _document(self, account: Account) -> dict[str, t.Any]:
        return document(self.directory.schema, account.id, account.values, account.facets)

    def plan(
        self,
        targets: t.Sequence[Target],
        defaults: t.Mapping[str, t.Any],
        spared: t.Sequence[str],
        settled: t.Mapping[str, t.Any],
        names: t.Mapping[str, str],
        fallback: t.Mapping[str, t.Any] | None = None,
        sets_aside: bool = False,
    ) -> None:
        """Prepare the plan that brings the accounts to their targets. ``spared`` are accounts that lose nothing. With
        ``sets_aside``, changes that protected accounts do not allow are left out, and ``prepared`` has them. Raises
        RollcallError; a refused plan stays in ``prepared``.

        The first of these that specifies a limit counts: ``settled``, the connection, ``defaults`` (what the user
        specifies for the job), module_defaults, ``fallback`` (the job's own default). ``names`` are the names in
        messages of options that are not those of the connection.
        """
        problems: list[str] = []
        desired = self._desired(targets, problems)
        own = {name: value for name, value in defaults.items() if self.entry.get(name) is None}
        others = {
            name: value
            for name, value in (fallback or {}).items()
            if self.entry.get(name) is None and name not in self.defaulted
        }
        params = {**self.params, **others, **own, **settled}
        limits = replace(
            bulk_policy(params, scope=f"{self.place}."),
            names=names,
            spared=frozenset(form for name in spared if name for form in (fold(name), skeleton(name))),
            sets_aside=sets_aside,
        )
        if self.snapshot is None:
            raise RuntimeError("read comes first")
        try:
            self.prepared = prepare(
                self.context, self.directory, desired, limits, problems, Known(self.snapshot, self.start)
            )
        except GuardError as error:
            self.prepared = error.stopped
            raise

    def _desired(self, targets: t.Sequence[Target], problems: list[str]) -> list[Desired]:
        schema = self.directory.schema
        names = NameComposer(self.task.options["users"]["options"], self.task.kinds)
        valid = self._validated([target.options for target in targets])
        desired = []
        for number, (target, options) in enumerate(zip(targets, valid, strict=True)):
            if isinstance(options, str):
                problems.append(Problem(options, "invalid_arguments", target.label, f"accounts.{self.name}"))
            else:
                desired.append(desired_from(schema, names.compose(options), problems, number, target.label))
        return desired

    def _validated(self, users: t.Sequence[t.Mapping[str, t.Any]]) -> list[dict[str, t.Any] | str]:
        """Return the users with defaults and converted types. Instead of an invalid user, the list has a text with the
        reason."""

        def validated(some: t.Sequence[t.Mapping[str, t.Any]]) -> list[dict[str, t.Any]] | str:
            spec = {"users": self.task.options["users"]}
            result = validate(spec, {}, {"users": [dict(user) for user in some]})
            return " ".join(result.error_messages) or t.cast(
                "list[dict[str, t.Any]]", result.validated_parameters["users"]
            )

        together = validated(users)
        if not isinstance(together, str):
            return list(together)
        alone = [validated([user]) for user in users]
        return [outcome if isinstance(outcome, str) else outcome[0] for outcome in alone]

    def apply(self) -> Result:
        """Execute the plan and return the result of the bulk module.

        Raises RollcallError; ``error.more`` contains the report.
        """
        return carry_out(self.context, self.planned)


@dataclass
class Target:
    """The desired state of one account: an element of ``users`` of the bulk module, and its owner.

    ``label`` is the person's name in messages.
    """

    person: str
    label: str
    options: dict[str, t.Any] = field(default_factory=dict)


_OF_ONE_ACCOUNT = {"conflict", "locked", "not_found", "rejected", "server_error", "unreadable_answer"}
"""Codes of errors after which the requests for other accounts may succeed."""
_FEW = 5
"""The number of people who may fail while a directory of any size is planned."""
_SHARE = 5
"""Of more than ``_FEW`` people, no more than one in this many may fail: otherwise, the cause is probably not theirs."""


def most_failing(size: int) -> int:
    """Return how many of some people may fail while a directory is planned."""
    return max(_FEW, size // _SHARE)


def is_about(error: RollcallError, account: Account) -> bool:
    """Return whether an error concerns the requests for one account, and not the connection or a list."""
    subjects = (first_words(account.key), f"with id {account.id}")
    return error.code in _OF_ONE_ACCOUNT and not error.final and error.subject in subjects


def credentials_of(entry: Entry) -> dict[str, t.Any]:
    """Return the credentials that a connection specifies. Null counts as not specified, as in a task."""
    return {name: value for name, value in (entry.get("credentials") or {}).items() if value is not None}


def has_own(entry: Entry) -> bool:
    """Return whether a connection has its own credentials, wherever it specifies them."""
    specified = {**entry, **credentials_of(entry)}
    return any(specified.get(name) is not None for name in life_of(entry["provider"]).credentials)


def not_inherited(entry: Entry) -> list[str]:
    """Return the environment variables that a connection ignores: if it has its own credentials, those for the
    provider's credentials and for expected_account; otherwise none.

    A mixture would combine credentials of different accounts. If the connection specifies no address, that of the
    environment counts.
    """
    if not has_own(entry):
        return []
    provider = entry["provider"]
    return [f"{provider}_{name}".upper() for name in (*life_of(provider).credentials, "expected_account")]


def arguments(
    entry: Entry, task: Task, options: t.Mapping[str, t.Any], defaults: t.Mapping[str, t.Any]
) -> dict[str, t.Any]:
    """Return the arguments of a module: ``defaults``, then those of the connection, then ``options``.

    Options of the connection that belong to other modules of the provider are left out.
    """
    specified = {name: value for name, value in entry.items() if name in task.options and name not in OURS}
    if has_own(entry):  # do not mix in other credentials
        defaults = {
            name: value for name, value in defaults.items() if name not in life_of(entry["provider"]).credentials
        }
    return {
        **{name: value for name, value in defaults.items() if name in task.options},
        **specified,
        **credentials_of(entry),
        **options,
    }


@contextlib.contextmanager
def hidden(names: t.Iterable[str]) -> t.Iterator[None]:
    """Remove variables from the environment while the context is active."""
    values = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(values)


def settled_params(
    module: str, task: Task, entry: Entry, options: t.Mapping[str, t.Any], frame: Frame
) -> dict[str, t.Any]:
    """Return the parameters of a module for a connection: validated, with defaults and values from the environment.

    Raises InputError with all problems. Not thread-safe: the function may hide environment variables for a moment.
    """
    with hidden(not_inherited(entry)):
        specified = arguments(entry, task, options, frame.defaults(module))
        problems: list[Problem] = list(task.check(specified).problems)
        if not problems:
            result = validate(task.options, task.rules, specified)
            problems = [Problem(text, "invalid_arguments") for text in result.error_messages]
            params: dict[str, t.Any] = result.validated_parameters
            problems += task.settle(params, specified, os.environ) if not problems else []
    if problems:
        raise InputError(problems)
    return params


def variables_of(module: str, task: Task, entry: Entry, frame: Frame) -> dict[str, str]:
    """Return the options of a connection whose values come from the environment, each with its variable."""
    ignored = not_inherited(entry)
    environment = {name: value for name, value in os.environ.items() if name not in ignored}
    return task.variables(arguments(entry, task, {}, frame.defaults(module)), environment)


def masker_of(connections: t.Any, defaults: t.Callable[[str], t.Mapping[str, t.Any]] = lambda module: {}) -> Masker:
    """Return a masker for the secrets of all connections: their own, and those of module_defaults and the environment.

    It never fails, even if the connections are invalid.
    """
    masker = Masker()
    for entry in connections.values() if isinstance(connections, dict) else ():
        provider = entry.get("provider") if isinstance(entry, dict) else None
        if provider not in PROVIDERS:
            continue
        module = f"{provider}_users"
        task, own = declared(module), entry.get("credentials")
        specified = {**defaults(module), **entry, **(own if isinstance(own, dict) else {})}
        for name, option in task.options.items():
            if option.get("no_log"):
                fallback = option["fallback"][1] if option.get("fallback") else ()
                masker.add(
                    *(
                        str(value)
                        for value in (specified.get(name), *map(os.environ.get, fallback))
                        if value not in (None, "")
                    )
                )
    return masker


def declared(module: str) -> Task:
    """Return the task that a module of the collection declares."""
    task: Task = importlib.import_module(f"ansible_collections.rollcall.identity.plugins.modules.{module}").TASK
    return task


def open_session(name: str, entry: Entry, frame: Frame) -> Session:
    """Return the session of a connection. Nothing is sent yet. Raises InputError."""
    provider = entry["provider"]
    module = f"{provider}_users"
    task = declared(module)
    params = settled_params(module, task, entry, {"users": []}, frame)
    masker, variables = Masker(secrets_of(task, params)), variables_of(module, task, entry, frame)
    try:
        connection = task.connect(params, masker)
    except InputError as error:
        if error.code == "missing_credentials" and has_own(entry):
            error.hint += OWN_CREDENTIALS
        raise error.naming(variables) from None
    progress = Progress(_named(name, frame.show_line), connection.clock)
    context = Context(params, frame.check, True, masker, progress=progress)
    connection.begin(progress.waits, progress.announce)
    for text in connection.transport.warnings():
        context.warn(text)
    defaulted = frozenset(option for option, value in frame.defaults(module).items() if value is not None)
    directory = binding_of(provider).directory(connection, params)
    return Session(
        name, entry, life_of(provider), task, params, connection, context, directory, defaulted=defaulted,
        variables=variables,
    )  # fmt: skip


def open_sessions(connections: t.Mapping[str, Entry], frame: Frame, reveal: bool = True) -> list[Session]:
    """Return the sessions of all connections. Raises InputError with the problems of all of them.

    Without ``reveal``, no API is asked for the directory of a connection: the input has other problems, so nothing will
    be read.
    """
    sessions: list[Session] = []
    problems: list[Problem] = []
    for name, entry in connections.items():
        try:
            sessions.append(open_session(name, entry, frame))
        except InputError as error:
            problems += [_placed(problem, name, error.hint) for problem in error.problems]
    problems += _unlike(sessions)
    if not problems and reveal:
        _reveal(sessions)
        problems += _unlike(sessions)
    if problems:
        raise InputError(problems)
    return sessions


def _reveal(sessions: t.Sequence[Session]) -> None:
    """Ask the API for the directory of each connection that shares its address with connections with other credentials.

    A connection that cannot be asked counts as a directory of its own. Reading it later reports the cause.
    """
    names = doubtful_names({session.name: (session.life, session.params) for session in sessions})
    doubtful = [session for session in sessions if session.name in names]
    for session, (revealed, _error) in zip(
        doubtful, at_once(lambda session: session.life.reveals(session.connection), doubtful), strict=True
    ):
        session.revealed = revealed_key(session.params, revealed)


def doubtful_names(connections: t.Mapping[str, tuple[Life, t.Mapping[str, t.Any]]]) -> list[str]:
    """Return the connections whose credentials alone do not show whether they lead to the same directory."""
    keys: dict[tuple[str, str], set[str]] = {}
    for life, params in connections.values():
        keys.setdefault((life.provider, address_of(params)), set()).add(life.directory(params))
    return [
        name
        for name, (life, params) in connections.items()
        if len(keys[life.provider, address_of(params)]) > 1
    ]


def revealed_key(params: t.Mapping[str, t.Any], revealed: str | None) -> str:
    """Return the key of the directory that the API reports, or an empty text if it reports none."""
    return "" if revealed is None else f"{address_of(params)}\0account {revealed}"


def _unlike(sessions: t.Sequence[Session]) -> list[Problem]:
    """Return a problem for each connection whose user_key differs from that of the first connection to its
    directory."""
    leaders = leaders_of(sessions)
    return [
        Problem(
            f"{session.place} leads to the same directory as {leaders[session.name].name}, with another user_key. "
            "Use one of them, or the same user_key in both.",
            "invalid_value",
            option=f"{session.place}.user_key",
        )
        for session in sessions
        if session.params.get("user_key") != leaders[session.name].params.get("user_key")
    ]


def _placed(problem: Problem, name: str, hint: str) -> Problem:
    return Problem(f"{problem.text} {hint}".strip(), problem.code, f"identity_connections.{name}", problem.option)


def leaders_of(sessions: t.Sequence[Session]) -> dict[str, Session]:
    """Return, for each connection, the first one to the same directory. That one reads and writes for all of them."""
    first: dict[str, Session] = {}
    return {session.name: first.setdefault(session.directory_key, session) for session in sessions}


def _named(name: str, show_line: t.Callable[[str], None] | None) -> t.Callable[[str], None] | None:
    return None if show_line is None else lambda line: show_line(f"{name}: {line}")


def attempt(work: t.Callable[[], Out]) -> tuple[Out | None, RollcallError | None]:
    """Return the result of ``work``, or the error that it raises. An unexpected exception becomes a RollcallError."""
    try:
        return work(), None
    except RollcallError as error:
        return None, error
    except Exception as error:
        return None, Unexpected.of_exception(error)


def at_once(work: t.Callable[[Item], Out], items: t.Sequence[Item]) -> list[tuple[Out | None, RollcallError | None]]:
    """Do independent work in parallel, and return the outcomes in the order of the items."""
    if len(items) < 2:
        return [attempt(functools.partial(work, item)) for item in items]
    with concurrent.futures.ThreadPoolExecutor(max_workers=len(items)) as pool:
        return list(pool.map(attempt, [functools.partial(work, item) for item in items]))


def notices_of(session: Session, masker: Masker) -> list[Notice]:
    """Return the warnings of a connection, each with the connection's name, without its secrets and those that
    ``masker`` knows."""
    named = [named_notice(session.name, notice.facts(), session.context.masker) for notice in session.context.notices]
    return [Notice(notice.code, masker.text(notice.text), masker.text(notice.user)) for notice in named]


def named_notice(connection: str, detail: t.Mapping[str, t.Any], masker: Masker) -> Notice:
    """Return a masked warning of a connection, with the connection's name. ``detail`` is the warning as results show
    it."""
    text = masker.text(f"{connection}: {detail['message']}")
    return Notice(detail["code"], text, masker.text(str(detail.get("user", ""))))
