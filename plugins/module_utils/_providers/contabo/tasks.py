# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contabo: the tasks of its modules."""

from __future__ import annotations

import typing as t

from ..._core.errors import InputError, Problem, RollcallError, UnclearAnswer
from ..._core.http.address import check_link, credentials_in
from ..._core.http.paging import settled
from ..._core.plan.model import Account
from ..._core.run.connection import Connection
from ..._core.run.delivery import check_dest, deliver, dest_of, rehearse
from ..._core.run.options import Params, Spec, who_options
from ..._core.run.recipes import WHO, Binding, facet_task, info_task, user_task, users_task
from ..._core.run.report import Context, Result
from ..._core.run.role_info import Entry, member, role_info_task
from ..._core.run.run import gather, perform
from .connection import OPTIONS, Contabo
from .users import SCHEMA, Users


def _directory(connection: Connection, params: Params) -> Users:
    return Users(t.cast(Contabo, connection), bulk="users" in params)


BINDING = Binding(connect=Contabo, options=OPTIONS, schema=SCHEMA, directory=_directory)

USER = user_task(BINDING)
USERS = users_task(BINDING)
USER_ROLES = facet_task(BINDING, "roles")


def _request_id(connection: Connection) -> Result:
    """Return the field of the result that names the last request."""
    last = connection.transport.last_request_id
    return {"request_id": last} if last else {}


# -- info ----------------------------------------------------------------------------------------------------------

_FILTERS: Spec = {"email": {"type": "str"}, "enabled": {"type": "bool"}, "owner": {"type": "bool"}}


def _list(users: Users, filters: Params) -> list[Account]:
    if filters.get("email") == "":
        raise InputError(
            "filters.email is empty, which matches every user. Specify a value, or omit it. "
            "Check for an unset variable."
        )
    return users.search(filters) if filters else users.listing().accounts


def _password_set(users: Users, account: Account, gather_names: t.Collection[str]) -> dict[str, t.Any]:
    return {"password_set": users.password_set(account)} if "password_set" in gather_names else {}


USER_INFO = info_task(
    BINDING,
    ("roles",),
    ("password_set",),
    _FILTERS,
    _list,
    _password_set,
    lambda users, params: _request_id(users.connection),
)


# -- what can be granted -------------------------------------------------------------------------------------------

_ROLE = {"type": "type", "admin": "admin", "access_all_resources": "accessAllResources", "permissions": "permissions"}
"""Result -> name in the API."""
_PERMISSION = {"api_name": "apiName", "actions": "actions", "resources": "resources"}


def _permissions(rows: t.Any) -> list[dict[str, t.Any]]:
    """Return the permissions of a role, with the names that results use."""
    return (
        [{name: row.get(wire) for name, wire in _PERMISSION.items()} for row in rows if isinstance(row, dict)]
        if isinstance(rows, list)
        else []
    )


def _roles(users: Users, needs_members: t.Callable[[Entry], bool]) -> list[Entry]:
    """Return the roles with their members. The members come from the list of users, which has the roles of each."""
    entries = [
        {
            "id": str(row["roleId"]),
            "name": str(row.get("name", "")),
            **{name: row.get(wire) for name, wire in _ROLE.items()},
        }
        for row in users.connection.role_rows()
    ]
    for entry in entries:
        entry["permissions"] = _permissions(entry["permissions"])
    chosen = list(filter(needs_members, entries))
    if chosen:
        users.prepare(["roles"])
        accounts = settled(users.listing).accounts
        for entry in chosen:
            entry["members"] = [member(account) for account in accounts if entry["id"] in users.roles_of(account)]
    return entries


ROLE_INFO = role_info_task(BINDING, {"roles": _roles})


# -- mails ---------------------------------------------------------------------------------------------------------

_MAILS = {"verification": "resend_email_verification", "password_reset": "reset_password"}


def _mail(context: Context, connection: Connection) -> Result:
    params = context.params
    kind, redirect_url = params["type"], params.get("redirect_url")
    problems: list[str] = []
    if redirect_url is not None:
        connection.masker.add(*credentials_in(redirect_url))
        try:
            check_link(redirect_url, "redirect_url")
        except InputError as error:
            problems += error.advised()
    users = _directory(connection, params)

    def needed(account: Account) -> bool:
        if not params["only_if_needed"]:
            return True
        return (
            account.values.get("email_verified") is not True
            if kind == "verification"
            else not users.password_set(account)
        )

    def act(account: Account) -> Result:
        try:
            users.connection.call(
                _MAILS[kind], {"userId": account.id}, query={"redirectUrl": redirect_url}, subject=account.key
            )
        except UnclearAnswer as error:
            error.advise(
                "It is unknown whether the e-mail was sent. Run the task again if it does not arrive: "
                "that sends another one."
            )
            raise
        return {}

    return perform(context, users, act, needed, problems=problems)


USER_MAIL = BINDING.task(
    {
        **who_options(),
        "type": {"type": "str", "choices": list(_MAILS), "required": True},
        "redirect_url": {"type": "str"},
        "only_if_needed": {"type": "bool", "default": False},
    },
    _mail,
    WHO,
)


# -- the OAuth2 client ---------------------------------------------------------------------------------------------


def _client_info(context: Context, connection: Connection) -> Result:
    def read() -> Result:
        row = t.cast(Contabo, connection).client()
        names = {"id": "id", "client_id": "clientId", "tenant_id": "tenantId", "customer_id": "customerId"}
        return {"client": {name: row.get(wire) for name, wire in names.items()}, **_request_id(connection)}

    return gather(context, connection, read)


CLIENT_INFO = BINDING.task({}, _client_info)


def _client_secret(context: Context, connection: Connection) -> Result:
    login, params = t.cast(Contabo, connection), context.params
    if not params["confirm"]:
        text = "confirm is not true, and a new client secret invalidates the old one for every program that uses it."
        raise InputError(
            [Problem(text, "not_confirmed", option="confirm")],
            "Nothing was done. Set confirm: true once everything that uses the secret can get the new one.",
        )
    dest = dest_of(params)
    check_dest(dest)
    start = login.transport.count()
    login.verify()
    result: Result = {
        "changed": True, "made": True, "why": "every run creates another one", "token": None, "revoked": [],
        "client_id": params["client_id"],
        **({} if dest is None else {"dest": dest}),
    }  # fmt: skip
    if context.check:
        login.client()  # wrong credentials fail here as well
    else:
        rehearse(dest)
        secret = login.rotate_secret()
        result["token"] = {"id": None, "name": params["client_id"], "expires_at": None}
        try:
            result.update(deliver(context, secret)[0])
        except RollcallError as error:
            error.hint = f"The secret was rotated anyway: look it up in the customer panel. {error.hint}"
            raise
    return {**result, "api_calls": login.transport.count() - start, **_request_id(login)}


CLIENT_SECRET = BINDING.task(
    {"confirm": {"type": "bool", "default": False}, "dest": {"type": "path"}},
    _client_secret,
    secret=lambda params: bool(params.get("confirm")) and not params.get("dest"),
)
