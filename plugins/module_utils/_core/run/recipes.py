# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recipes: create the tasks that every provider has from its binding."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ..errors import InputError
from ..http.paging import settled
from ..names import compose
from ..plan.losses import Loss
from ..plan.model import Account, Desired, DesiredFacet, Schema, document
from .connection import Connection
from .directory import Directory
from .options import (
    Params,
    Spec,
    bulk_options,
    bulk_policy,
    desired_from,
    protect_options,
    user_options,
    who_options,
)
from .reading import Reading, about
from .report import Context, Result
from .rules import CLEARABLE, KEY, TEXT, TYPED, Kinds
from .run import converge, converge_one, existing_user, gather, locate, pass_notices, perform
from .task import Task

_LONG = 1000
"""From this number of users on, the directory is read while the input is still being checked. In shorter lists,
problems are reported without any call."""

WHO = {"required_one_of": [["user", "id"]]}


@dataclass(frozen=True)
class Binding:
    """What the recipes need from a provider.

    ``options`` are its connection options, ``more`` further options of all its user modules. ``directory`` creates the
    directory of a task. ``schema`` is the declaration from which options are derived. ``alternatives`` are groups of
    credentials: one group is enough.
    """

    connect: t.Callable[..., Connection]
    options: Spec
    schema: Schema
    directory: t.Callable[[Connection, Params], Directory]
    more: Spec = field(default_factory=dict)
    alternatives: tuple[tuple[str, ...], ...] = ()

    def task(
        self,
        options: Spec,
        run: t.Callable[[Context, Connection], Result],
        rules: t.Mapping[str, t.Any] | None = None,
        secret: t.Callable[[Params], bool] = lambda params: False,
        kinds: Kinds | None = None,
    ) -> Task:
        """Return a task with the provider's connection options.

        ``kinds`` are rules of options that differ from those of the fields.
        """
        spec = {**self.options, **protect_options(self.schema.provider), **options}
        fields = {
            **dict.fromkeys(self.schema.texts(), TEXT),
            **dict.fromkeys(self.schema.ids(), CLEARABLE),
            self.schema.key: KEY,
            **{facet.name: TYPED for facet in self.schema.facets if facet.typed},
        }
        return Task(
            spec,
            run,
            self.connect,
            tuple(self.options),
            rules or {},
            secret,
            {**fields, **(kinds or {})},
            self.alternatives,
        )


def user_task(binding: Binding) -> Task:
    """Return the task of ``<provider>_user``: one user, whole."""

    def run(context: Context, connection: Connection) -> Result:
        directory = binding.directory(connection, context.params)
        problems: list[str] = []
        desired = desired_from(directory.schema, context.params, problems)
        return converge_one(context, directory, desired, problems)

    return binding.task({**binding.more, **user_options(binding.schema)}, run, WHO)


def users_task(binding: Binding) -> Task:
    """Return the task of ``<provider>_users``: many users, with limits on what may be lost."""

    def run(context: Context, connection: Connection) -> Result:
        directory = binding.directory(connection, context.params)
        users, policy = context.params["users"], bulk_policy(context.params)
        problems: list[str] = []
        with Reading(context.progress, directory, len(users), policy) as reading:
            if len(users) >= _LONG:
                reading.begin_early(
                    [
                        facet.name
                        for facet in directory.schema.facets
                        if any(user.get(facet.name) is not None for user in users)
                    ]
                )
            desired = [desired_from(directory.schema, user, problems, index) for index, user in enumerate(users)]
            return converge(context, directory, desired, policy, problems, reading)

    return binding.task({**binding.more, **bulk_options(binding.schema)}, run)


def facet_task(binding: Binding, name: str) -> Task:
    """Return the task of a module on one facet of a user: present, absent, exact."""
    facet = binding.schema.facet(name)
    options: Spec = {
        **binding.more,
        **who_options(),
        name: {"type": "dict"} if facet.is_map else {"type": "list", "elements": "raw"},
        "state": {"type": "str", "choices": ["present", "absent", "exact"], "default": "present"},
    }
    if facet.is_map:
        options["names"] = {"type": "list", "elements": "str"}
        rules = {
            **WHO,
            "required_if": [
                ["state", "present", [name]],
                ["state", "exact", [name]],
                ["state", "absent", [name, "names"], True],
            ],
        }
    else:
        options[name]["required"] = True
        rules = dict(WHO)

    def run(context: Context, connection: Connection) -> Result:
        params = context.params
        directory = binding.directory(connection, params)
        desired = existing_user(binding.schema, params.get("user"), params.get("id"))
        problems: list[str] = []
        try:
            desired.facets[name] = _desired_of_module(binding, name, params, desired)
        except InputError as error:
            problems += error.problems
        return converge_one(context, directory, desired, problems)

    return binding.task(options, run, rules)


def _desired_of_module(binding: Binding, name: str, params: Params, desired: Desired) -> DesiredFacet:
    facet, state, items = binding.schema.facet(name), params["state"], params.get(name)
    if state != "absent":
        if params.get("names"):
            text = f"names requires state: absent. Specify {name} instead."
            raise InputError(desired.problem(text, "invalid_value", "names"))
        if items is None:
            raise InputError(desired.problem(f"{name} is missing. Specify {name}.", "missing_field", name))
        if not items and state == "present":
            text = f"{name} is empty and state is present, so nothing would be added. To remove all, use state: exact."
            raise InputError(desired.problem(text, "blank_value", name))
        return DesiredFacet(state, items)
    if facet.is_map:  # only the names matter, not the values
        items = dict.fromkeys([*(items or ()), *(params.get("names") or ())])
    if not items:
        text = (
            f"state is absent and no {facet.noun} is specified. Specify what to remove, or use state: exact with "
            f"{facet.empty} to remove all."
        )
        raise InputError(desired.problem(text, "blank_value", name))
    return DesiredFacet("absent", items, names=tuple(params.get("names") or ()))


def action_task(
    binding: Binding,
    options: Spec,
    act: t.Callable[[Context, t.Any, Account], Result],
    check: t.Callable[[Params], None] = lambda params: None,
    secret: t.Callable[[Params], bool] = lambda params: False,
    losses: t.Sequence[Loss] = (),
) -> Task:
    """Return the task of an action on one user that is not a state, such as ending sessions.

    ``check`` validates parameters before any call. ``losses`` are what the user loses by the action.
    """

    def run(context: Context, connection: Connection) -> Result:
        directory = binding.directory(connection, context.params)
        problems: list[str] = []
        try:
            check(context.params)
        except InputError as error:
            problems += error.advised()
        return perform(
            context, directory, lambda account: act(context, directory, account), losses=losses, problems=problems
        )

    return binding.task({**binding.more, **who_options(), **options}, run, WHO, secret)


_Enrich = t.Callable[[t.Any, Account, t.Collection[str]], dict[str, t.Any]]
"""``(directory, account, gather) -> fields``"""


def _nothing_more(directory: Directory, account: Account, gather_names: t.Collection[str]) -> dict[str, t.Any]:
    return {}


def info_task(
    binding: Binding,
    facets: t.Sequence[str],
    others: t.Sequence[str],
    filters: Spec,
    read: t.Callable[[t.Any, Params], list[Account]],
    enrich: _Enrich = _nothing_more,
    more: t.Callable[[t.Any, Params], Result] = lambda directory, params: {},
) -> Task:
    """Return the task of ``<provider>_user_info``.

    ``facets`` and ``others`` are the choices of ``gather``; ``read(directory, filters)`` lists accounts, ``enrich``
    returns the fields that ``others`` add to one user, ``more`` further fields of the result.
    """
    options: Spec = {
        **binding.more,
        **who_options(),
        "filters": {"type": "dict", "options": filters},
        "gather": {"type": "list", "elements": "str", "choices": [*others, *facets], "default": []},
    }

    def run(context: Context, connection: Connection) -> Result:
        params = context.params
        directory = binding.directory(connection, params)
        gather_names = params["gather"]
        selected = [name for name in facets if name in gather_names]
        single = bool(params.get("user") or params.get("id"))
        directory.progress = context.progress

        def collect() -> Result:
            directory.prepare(selected)
            if single:
                accounts = [locate(directory, params.get("user"), params.get("id"), fresh=True)]
            else:
                filters = {
                    name: compose(value) if isinstance(value, str) else value
                    for name, value in (params["filters"] or {}).items()
                    if value is not None
                }
                accounts = settled(lambda: read(directory, filters))
                further = [name for name in gather_names if name not in facets]
                directory.load_listed([(account, _missing(account, selected), further) for account in accounts])
            label = f"{directory.schema.noun}s read in detail" if gather_names else ""
            shown = directory.concurrently(
                lambda account: _user_info(directory, account, selected, gather_names, enrich), accounts, label
            )
            _warn_unread(context, shown, selected)
            return {"users": shown, **more(directory, params)}

        result = gather(context, connection, collect, bulk=not single)
        pass_notices(context, directory)
        return result

    task = binding.task(options, run, {"mutually_exclusive": [["user", "id", "filters"]]})
    return replace(task, selectors=("user", "id", "filters"))


def _warn_unread(context: Context, shown: t.Sequence[Result], facets: t.Sequence[str]) -> None:
    for user in shown:
        unread = [name for name in facets if user[name] is None]
        if unread:
            name = str(user["user"] or f"id {user['id']}")
            text = f"{name}: could not read {', '.join(unread)}; the result has null instead."
            context.warn(text, "details_not_read", name)


def _missing(account: Account, facets: t.Sequence[str]) -> list[str]:
    return [name for name in facets if name not in account.facets]


def _user_info(
    directory: Directory, account: Account, facets: t.Sequence[str], gather_names: t.Collection[str], enrich: _Enrich
) -> dict[str, t.Any]:
    """Return one user as an info module shows it.

    The user includes ``<facet>_state: exact``, so that ``<provider>_users`` accepts it unchanged.
    """
    with about(account.name), directory.connection.odd_rows():
        missing = _missing(account, facets)
        if missing:
            directory.load(account, missing, ())
        known = {name: account.facets[name] for name in facets if name in account.facets}
        shown = document(directory.schema, account.id, account.values, known)
        shown.update({f"{name}_state": "exact" for name in known})
        shown.update(dict.fromkeys(_missing(account, facets)))
        shown.update(enrich(directory, account, gather_names))
        return shown
