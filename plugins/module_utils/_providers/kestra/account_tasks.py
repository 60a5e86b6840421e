# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra EE: the tasks of its modules on service accounts and API tokens."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ..._core.errors import InputError, NotFound, Problem
from ..._core.names import compose
from ..._core.plan.model import Account
from ..._core.plan.policy import protection
from ..._core.run.connection import Connection
from ..._core.run.delivery import dest_of, dest_problems
from ..._core.run.options import Params, Spec, desired_from, facet_options, single_policy
from ..._core.run.pairing import warn_missing
from ..._core.run.recipes import Binding
from ..._core.run.report import Context, Result
from ..._core.run.run import converge_one, gather, locate
from ..._core.run.token_run import run_tokens
from ..._core.run.tokens import rotation_from, token_options
from .accounts import SCHEMA, ServiceAccounts, TenantServiceAccounts
from .connection import ALTERNATIVES, OPTIONS, Kestra
from .tokens import ACCOUNT_TOKENS, TENANT_TOKENS, USER_TOKENS, Tokens, check_name, shown
from .users import Users, users_schema

_SCOPE: Spec = {"scope": {"type": "str", "choices": ["instance", "tenant"], "default": "instance"}}


def _accounts(connection: Connection, params: Params) -> ServiceAccounts:
    kestra = t.cast(Kestra, connection)
    return TenantServiceAccounts(kestra) if params["scope"] == "tenant" else ServiceAccounts(kestra)


BINDING = Binding(
    connect=Kestra, options=OPTIONS, schema=SCHEMA, directory=_accounts, more=_SCOPE, alternatives=ALTERNATIVES
)


# -- service accounts --------------------------------------------------------------------------------------------


def _service_account(context: Context, connection: Connection) -> Result:
    problems: list[str] = []
    directory = _accounts(connection, context.params)
    name = compose(context.params.get("name") or "")
    if not name and context.params.get("id") is None:
        raise InputError(Problem("name is empty.", "blank_value", option="name"), "Specify name or id.")
    desired = desired_from(SCHEMA, {**context.params, "name": name or None, "user": name or None}, problems)
    return converge_one(context, directory, desired, problems)


SERVICE_ACCOUNT = BINDING.task(
    {
        **_SCOPE,
        "name": {"type": "str"},
        "id": {"type": "str"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "description": {"type": "str"},
        "instance_owner": {"type": "bool"},
        **{name: option for facet in SCHEMA.facets for name, option in facet_options(facet).items()},
    },
    _service_account,
    {"required_one_of": [["name", "id"]]},
)


# -- API tokens --------------------------------------------------------------------------------------------------

USERS_SCHEMA = users_schema()
_OWNER_OPTIONS = ("user", "id", "service_account", "service_account_id")
_OWNER: Spec = {**{option: {"type": "str"} for option in _OWNER_OPTIONS}, **_SCOPE}
_OWNER_RULES = {
    "required_one_of": [["user", "id", "service_account", "service_account_id"]],
    "mutually_exclusive": [
        [own, other] for own in ("user", "id") for other in ("service_account", "service_account_id")
    ],
}


def _tokens_of(connection: Connection, params: Params) -> Tokens:
    """Return the tokens of the specified owner. Raises InputError if it does not exist or the name is ambiguous."""
    kestra = t.cast(Kestra, connection)
    named = {option: params[option] for option in _OWNER_OPTIONS if params.get(option) is not None}
    if not named or any(not value.strip() for value in named.values()):
        option = next(iter(named), "user")
        problem = Problem("No owner is specified.", "blank_value", option=option)
        raise InputError([problem], "Specify user, id, service_account or service_account_id.")
    if "user" in named or "id" in named:
        owner = locate(Users(kestra), params.get("user"), params.get("id"))
        return Tokens(kestra, USER_TOKENS, owner, params)
    accounts = _accounts(connection, params)
    accounts.schema = replace(SCHEMA, key_option="service_account", id_option="service_account_id")
    owner = locate(accounts, params.get("service_account"), params.get("service_account_id"))
    return Tokens(kestra, TENANT_TOKENS if params["scope"] == "tenant" else ACCOUNT_TOKENS, owner, params)


def _named(owner: Account) -> Result:
    return {"user": {"id": owner.id, "user": owner.key}}


def _api_token(context: Context, connection: Connection) -> Result:
    params = context.params
    of_new = [*check_name(params.get("name")), *dest_problems(dest_of(params))]
    rules = rotation_from(params, of_new if params["state"] == "present" else ())
    start = connection.transport.count()
    connection.verify()
    with connection.alone(f"API token {params['name']}", context.check):
        try:
            keeper = _tokens_of(connection, params)
        except NotFound:
            if not _comes_later(context):
                raise
            return {**_foreseen(context), "api_calls": connection.transport.count() - start}
        tokens = keeper.tokens()
        shield = protection(single_policy(params), keeper.owner, None)
        result = run_tokens(context, keeper, rules, tokens, keeper.now(), keeper.owner.key, shield)
    return {**result, **_named(keeper.owner), "api_calls": connection.transport.count() - start}


def _comes_later(context: Context) -> bool:
    """Return whether a missing owner may be one that an earlier task creates: in check mode, if the task names it."""
    params = context.params
    by_name = params.get("id") is None and params.get("service_account_id") is None
    return context.check and by_name


def _foreseen(context: Context) -> Result:
    """Return the result of check mode for an owner who does not exist yet."""
    params = context.params
    owner = params.get("user") if params.get("user") is not None else params.get("service_account")
    schema = SCHEMA if params.get("user") is None else USERS_SCHEMA
    warn_missing(context, schema, str(owner))
    if params["state"] == "absent":  # an owner who is created later has no token to revoke
        user = {"id": None, "user": owner}
        return {"changed": False, "made": False, "why": "", "token": None, "revoked": [], "kept": [], "user": user}
    dest = dest_of(params)
    result: Result = {
        "changed": True, "made": True, "why": "none is valid", "token": None, "revoked": [], "kept": [],
        "user": {"id": None, "user": owner},
        **({} if dest is None else {"dest": dest}),
    }  # fmt: skip
    if context.diff:
        result["diff"] = [{"before": {"tokens": []}, "after": {"tokens": ["(new)"]}}]
    return result


API_TOKEN = BINDING.task(
    {
        **_OWNER,
        **token_options(),
        "description": {"type": "str"},
        "extended": {"type": "bool", "default": False},
    },
    _api_token,
    {**_OWNER_RULES, "required_if": [["state", "present", ["name"]], ["state", "absent", ["name", "token_id"], True]]},
    secret=lambda params: params.get("state") != "absent" and not params.get("dest"),
)


def _api_token_info(context: Context, connection: Connection) -> Result:
    def read() -> Result:
        keeper = _tokens_of(connection, context.params)
        name = context.params.get("name")
        rows = [shown(token) for token in keeper.tokens() if name in (None, token.name)]
        return {**_named(keeper.owner), "tokens": rows}

    return gather(context, connection, read)


API_TOKEN_INFO = BINDING.task({**_OWNER, "name": {"type": "str"}}, _api_token_info, _OWNER_RULES)
