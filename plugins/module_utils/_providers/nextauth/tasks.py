# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""nextAuth: the tasks of its modules."""

from __future__ import annotations

import typing as t

from ..._core.errors import InputError, Problem, UnclearAnswer, require
from ..._core.http.paging import settled
from ..._core.plan.model import Account, Desired
from ..._core.run.connection import Connection
from ..._core.run.options import Params, Spec, who_options
from ..._core.run.recipes import Binding, facet_task, info_task, user_task, users_task
from ..._core.run.report import Context, Result
from ..._core.run.role_info import Entry, member, role_info_task
from .accounts import run_accounts
from .connection import OPTIONS, NextAuth
from .keys import run_api_token
from .users import SCHEMA, Users
from .wire import text_of


def _directory(connection: Connection, params: Params) -> Users:
    everyone = params.get("unlisted") == "disable" or "accounts" in (params.get("gather") or ())
    return Users(t.cast(NextAuth, connection), everyone)


BINDING = Binding(connect=NextAuth, options=OPTIONS, schema=SCHEMA, directory=_directory)

USER = user_task(BINDING)
USERS = users_task(BINDING)
USER_ATTRIBUTES = facet_task(BINDING, "attributes")
USER_ROLES = facet_task(BINDING, "permissions")


# -- accounts ------------------------------------------------------------------------------------------------------

USER_ACCOUNTS = BINDING.task(
    {
        **who_options(),
        "accounts": {"type": "list", "elements": "raw"},
        "all": {"type": "bool"},
        "state": {"type": "str", "choices": ["blocked", "unblocked", "absent"], "required": True},
    },
    run_accounts,
    {"required_one_of": [["user", "id"], ["accounts", "all"]], "mutually_exclusive": [["accounts", "all"]]},
)


# -- registration --------------------------------------------------------------------------------------------------


def _register(context: Context, connection: Connection) -> Result:
    """Assign a user to the account that is logged in on a session. The user need not exist, so there is no look-up."""
    params, login = context.params, t.cast(NextAuth, connection)
    user, nonce = (params["user"] or "").strip(), params["nonce"]
    blank = [name for name, value in (("user", user), ("nonce", nonce)) if not value]
    require([Problem(f"{name} is empty. Specify a value.", "blank_value", option=name) for name in blank])
    require(_directory(login, params).check(Desired(user)))
    start = login.transport.count()
    login.verify()
    if not context.check:
        try:
            login.call("register_user", query={"userid": user}, headers={"X-nonce": nonce}, subject=user)
        except UnclearAnswer as error:  # no call shows which app the session belongs to
            error.advise(
                f"Before you run the task again, check with nextauth_user_info and gather: [accounts] whether {user} "
                "has the account."
            )
            raise
    return {"changed": True, "user": {"id": user, "user": user}, "api_calls": login.transport.count() - start}


USER_REGISTRATION = BINDING.task(
    {"user": {"type": "str", "required": True}, "nonce": {"type": "str", "required": True, "no_log": True}}, _register
)


# -- info ----------------------------------------------------------------------------------------------------------

_FILTERS: Spec = {"search": {"type": "str"}, "attributes": {"type": "dict"}}


def _list(users: Users, filters: Params) -> list[Account]:
    accounts = users.search({"search": filters.get("search"), "filter": attribute_filter(filters.get("attributes"))})
    if users.everyone and len(accounts) > users.lookups_up_to:
        users.read_all_accounts(accounts)
    return accounts


def attribute_filter(attributes: t.Mapping[str, t.Any] | None) -> str | None:
    """Return the filter on one attribute: ``name=value``, or ``name=in:v1,v2``.

    Raises InputError if this syntax cannot express it.
    """
    if attributes is None:
        return None
    if len(attributes) != 1:
        message = f"filters.attributes has {len(attributes)} attributes; nextAuth filters by only one."
        raise InputError(message, "Specify one, and filter the result by the others.", option="filters.attributes")
    name, value = next(iter(attributes.items()))
    listed = isinstance(value, list)
    items = value if listed else [value]
    values = [text_of(item) for item in items]
    if not values or any(item is not None and not text.strip() for item, text in zip(items, values, strict=True)):
        option = f"filters.attributes.{name}"
        text = f"{option} is empty. Specify a value, or omit it. Check for an unset variable."
        raise InputError(Problem(text, "blank_value", option=option))
    if (
        not str(name)
        or "=" in str(name)
        or any(item is None or isinstance(item, (bool, float, dict, list)) for item in items)
        or any("," in item if listed else item.startswith("in:") for item in values)
    ):
        raise InputError(
            f"filters.attributes.{name} cannot be sent as a filter of nextAuth.",
            "The name must not be empty or contain =. Values must be text: quote numbers and booleans. A value in a "
            "list must not contain a comma, and a single value must not begin with in:.",
            option=f"filters.attributes.{name}",
        )
    return f"{name}=in:{','.join(values)}" if listed else f"{name}={values[0]}"


def _more_of(users: Users, account: Account, gather_names: t.Collection[str]) -> dict[str, t.Any]:
    """Return what a look-up left out, so that one user looks as in the list of all, and the accounts where they are
    wanted.
    """
    if "last_login" not in account.values:
        users.read_row(account)
    more: dict[str, t.Any] = {name: account.values.get(name) for name in ("last_login", "number_accounts")}
    if "accounts" in gather_names:
        more["accounts"] = users.accounts_of(account)
        more.update((name, account.values[name]) for name in ("enabled", "number_accounts"))
    return more


USER_INFO = info_task(BINDING, ("attributes", "permissions"), ("accounts",), _FILTERS, _list, _more_of)


# -- what can be granted -------------------------------------------------------------------------------------------


def _roles(users: Users, needs_members: t.Callable[[Entry], bool]) -> list[Entry]:
    """Return the roles that have permissions on this server. Only the role of each user shows who has it."""
    entries = users.all_roles()
    chosen = {entry["id"]: entry for entry in entries if needs_members(entry)}
    if chosen:
        accounts = settled(users.listing).accounts
        for entry in chosen.values():
            entry["members"] = []
        for account, role in zip(accounts, users.concurrently(users.role_of, accounts, "roles read"), strict=True):
            if role in chosen:
                chosen[role]["members"].append(member(account))
    return entries


ROLE_INFO = role_info_task(BINDING, {"roles": _roles})


# -- API keys ------------------------------------------------------------------------------------------------------

API_TOKEN = BINDING.task(
    {
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "rotate": {"type": "str", "choices": ["never", "always"], "default": "never"},
        "dest": {"type": "path"},
    },
    run_api_token,
    secret=lambda params: params.get("state") != "absent" and not params.get("dest"),
)
