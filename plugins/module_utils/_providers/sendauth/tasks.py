# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendAuth: the tasks of its modules."""

from __future__ import annotations

import dataclasses
import typing as t

from ..._core.errors import ApiError, InputError, Notice, Problem, RollcallError, UnclearAnswer, require
from ..._core.http.paging import Row
from ..._core.plan.model import Account, DesiredFacet
from ..._core.run.connection import Connection
from ..._core.run.options import Params, desired_facet, who_options
from ..._core.run.recipes import WHO, Binding, info_task, user_task, users_task
from ..._core.run.report import Context, Result
from ..._core.run.role_info import Entry, Lister, member, role_info_task
from ..._core.run.run import converge_one, existing_user, perform
from .connection import HAS_PASSKEYS, NO_PASSKEYS, OPTIONS, SendAuth
from .schema import SCHEMA
from .tags import set_tags
from .users import Users

_ELSEWHERE = {
    False: "If the user was deleted, set deleted: true.",
    True: "Only deleted users were searched: if the user exists, set deleted: false.",
}
"""Whether the deleted users are read -> where else a user may be."""


def _directory(connection: Connection, params: Params) -> Users:
    limit = params.get("limit")
    if limit is not None and limit < 1:
        raise InputError(f"limit is {limit}; the minimum is 1.", option="limit")
    users = Users(t.cast(SendAuth, connection), bool(params.get("deleted")), limit)
    if "deleted" in params:
        users.missing_advice = _ELSEWHERE[users.among_deleted]
    return users


BINDING = Binding(connect=SendAuth, options=OPTIONS, schema=SCHEMA, directory=_directory)

USER = user_task(BINDING)
USERS = users_task(BINDING)

# -- role, permissions, permission groups --------------------------------------------------------------------------

_GRANTS = ("permissions", "groups")


def _roles(context: Context, connection: Connection) -> Result:
    params, state = context.params, context.params["state"]
    desired = existing_user(SCHEMA, params.get("user"), params.get("id"))
    problems: list[str] = []
    if params.get("role") is not None:
        desired.fields["role"] = params["role"]
        if state == "absent":
            text = (
                "every user has a role, so state: absent is not possible. Specify a role without permissions, such as "
                "user, with state: present."
            )
            problems.append(desired.problem(text, "contradiction", "role"))
    for name in _GRANTS:
        if params.get(name) is None:
            continue
        target: DesiredFacet | None = DesiredFacet("absent", params[name])
        if state != "absent":
            target = desired_facet(
                SCHEMA.facet(name), {name: params[name], f"{name}_state": state}, desired, problems, "state"
            )
        elif not params[name]:
            text = f"state is absent and {name} is empty. Specify what to remove, or use state: exact to remove all."
            problems.append(desired.problem(text, "blank_value", name))
        if target is not None:
            desired.facets[name] = target
    return converge_one(context, _directory(connection, params), desired, problems)


USER_ROLES = BINDING.task(
    {
        **who_options(),
        "role": {"type": "str"},
        **{name: {"type": "list", "elements": "raw"} for name in _GRANTS},
        "state": {"type": "str", "choices": ["present", "absent", "exact"], "default": "present"},
    },
    _roles,
    {"required_one_of": [*WHO["required_one_of"], ["role", *_GRANTS]]},
)

# -- tags and passkeys ---------------------------------------------------------------------------------------------


USER_TAGS = BINDING.task(
    {**who_options(), "tags": {"type": "dict", "required": True}},
    lambda context, connection: set_tags(context, _directory(connection, context.params)),
    WHO,
)


def _passkey(context: Context, connection: Connection) -> Result:
    params = context.params
    desired = existing_user(SCHEMA, params.get("user"), params.get("id"), fields={"has_passkeys": False})
    return converge_one(context, _directory(connection, params), desired)


USER_PASSKEY = BINDING.task(
    {**who_options(), "state": {"type": "str", "choices": ["absent"], "default": "absent"}}, _passkey, WHO
)

# -- transactions --------------------------------------------------------------------------------------------------

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 10.0
"""Seconds between two reads of the outcome of a transaction. Each pause is 1.5 times the previous one."""
_OUTCOMES = {
    "denied": "The user denied it.",
    "cancelled": "It was cancelled before the user answered.",
    "expired": "The user did not answer in time.",
}
_TEXTS = {"text": ("message", 1024), "connectwise": ("connectwise", 64)}
"""Option of an authentication -> its name in the API and its maximum length. Ansible reserves ``message``."""


_WAIT_TIMEOUT = 300
"""The default of wait_timeout in seconds."""


def _transaction(context: Context, connection: Connection) -> Result:
    params = context.params
    kind = params["type"]
    texts = {name: params[name] for name in _TEXTS if params.get(name)}
    problems = [
        Problem(f"{name} has no effect with type: register. Remove it.", "no_effect", option=name)
        for name in texts
        if kind == "register"
    ]
    for name, text in texts.items():
        most = _TEXTS[name][1]
        if len(text) > most:
            problem = f"The length of {name} is {len(text)}; SendAuth accepts at most {most} characters."
            problems.append(Problem(problem, option=name))
    if params["wait_timeout"] != _WAIT_TIMEOUT and not params["wait"]:
        text = "wait_timeout has no effect without wait: true. Add wait: true, or remove wait_timeout."
        problems.append(Problem(text, "no_effect", option="wait_timeout"))
    elif params["wait_timeout"] < 1:
        problems.append(Problem(f"wait_timeout is {params['wait_timeout']}; the minimum is 1.", option="wait_timeout"))
    users = _directory(connection, params)

    def possible(account: Account) -> bool:
        """Refuse what SendAuth would refuse with 406, so that check mode reports it, too."""
        has = account.values.get("has_passkeys")
        if (kind == "register" and has is True) or (kind == "authenticate" and has is False):
            label = "A registration" if kind == "register" else "An authentication"
            raise InputError(
                f"{label} of {account.key} is not possible. {HAS_PASSKEYS if has else NO_PASSKEYS}",
                "Nothing was sent to the user.",
            )
        return True

    def act(account: Account) -> Result:
        body = {_TEXTS[name][0]: text for name, text in texts.items()}
        transaction = {"id": _start(users, account, kind, body), "type": kind, "state": "pending"}
        if params["wait"]:
            _await(users.connection, account, transaction, params["wait_timeout"])
        return {"transaction": transaction}

    return perform(context, users, act, possible, problems=problems)


def _start(users: Users, account: Account, kind: str, body: dict[str, str]) -> str:
    """Start a transaction, which sends a message to the user, and return its id."""
    try:
        answer = users.connection.call(f"{kind}_user", {"user_id": account.id}, json=body or None, subject=account.key)
        identity = answer.json_object.get("tx")
        if not identity:
            raise answer.unreadable("it contains no transaction")
    except UnclearAnswer as error:
        error.advise(
            "Before you run the task again, check with sendauth_user_info and gather: [transactions] whether the "
            "transaction was started."
        )
        raise
    return str(identity)


def _await(connection: SendAuth, account: Account, transaction: dict[str, t.Any], timeout: float) -> None:
    """Read the outcome with growing pauses until there is one. Raises RollcallError if it is not "verified"."""
    deadline = connection.clock.now() + timeout
    pause = _FIRST_PAUSE
    try:
        while True:
            answer = connection.call("check_transaction_status", {"tx_id": transaction["id"]}, subject=account.key)
            transaction["state"] = answer.json_object.get("state")
            if transaction["state"] == "verified":
                return
            label = f"The {transaction['type']} transaction of {account.key} ({transaction['id']})"
            if transaction["state"] != "pending":
                outcome = _OUTCOMES.get(str(transaction["state"]), "The meaning of this state is not documented.")
                raise RollcallError(
                    f"{label} ended as {transaction['state']}. {outcome}", "Run the task again to ask the user again."
                )
            left = deadline - connection.clock.now()
            if left <= 0:
                raise RollcallError(
                    f"{label} is still pending after {timeout:.0f} s.",
                    "The user can still answer. Ask the user, or raise wait_timeout.",
                )
            connection.clock.sleep(min(pause, left))
            pause = min(pause * 1.5, _LONGEST_PAUSE)
    except RollcallError as error:
        error.more = {"transaction": transaction}
        raise


USER_TRANSACTION = BINDING.task(
    {
        **who_options(),
        "type": {"type": "str", "choices": ["register", "authenticate"], "required": True},
        **{name: {"type": "str"} for name in _TEXTS},
        "wait": {"type": "bool", "default": False},
        "wait_timeout": {"type": "int", "default": _WAIT_TIMEOUT},
    },
    _transaction,
    WHO,
)

# -- info ----------------------------------------------------------------------------------------------------------

_FILTERS = {"search": "q", "permission": "permission"}
_HISTORIES: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {
    "audits": ("get_user_audits", {
        **{name: (name,) for name in ("subject", "name", "type", "actor", "action", "extras")},
        "created_at": ("created_at", "createdAt"),
    }),
    "transactions": ("get_user_transactions", {
        "id": ("id",), "subject": ("subject",), "subject_name": ("subjectName",), "state": ("state",),
        "requestor": ("requestor",),
        "context": ("context",), "message": ("message",), "user_message": ("userMessage",),
        "created_at": ("createdAt", "created_at"),
        "completed_at": ("completedAt",), "expires_at": ("expiresAt",),
    }),
}  # fmt: skip
"""What to gather -> its operation, and result -> alternative names in the API, in the order of precedence."""


def _list(users: Users, filters: Params) -> list[Account]:
    accounts = users.search({_FILTERS[name]: value for name, value in filters.items()}, users.connection.workers)
    if not accounts and "permission" in filters:
        _require_permission(users, filters["permission"])
    return accounts


def _require_permission(users: Users, label: str) -> None:
    """Raise InputError (unknown_permission) if there is no such permission label. Add a warning if the credentials may
    not list the labels."""
    problems: list[str] = []
    try:
        users.connection.permissions().identify(label, "", problems, "filters.permission", absent=True)
    except ApiError as error:
        if error.status != 403:
            raise
        text = (
            f"filters.permission: no user has the permission {label!r}. It was not checked whether SendAuth has this "
            "permission, because only an Admin may list permissions. Check its spelling."
        )
        users.notices.append(Notice("unverified_permission", text))
    require([
        Problem(f"filters.permission: {problem.text}", problem.code, option="filters.permission")
        for problem in problems if isinstance(problem, Problem)
    ])  # fmt: skip


def _shown(row: Row, names: t.Mapping[str, tuple[str, ...]]) -> Row:
    return {name: next((row[wire] for wire in wires if wire in row), None) for name, wires in names.items()}


def _enrich(users: Users, account: Account, gather_names: t.Collection[str]) -> dict[str, t.Any]:
    details: dict[str, t.Any] = {"state": "absent"} if users.among_deleted else {}
    for name, (operation, names) in _HISTORIES.items():
        if name in gather_names:
            rows = users.connection.history(operation, f"{name} of {account.key}", account.id, account.key, users.limit)
            details[name] = [_shown(row, names) for row in rows]
    return details


USER_INFO = info_task(
    dataclasses.replace(BINDING, more={"deleted": {"type": "bool", "default": False}, "limit": {"type": "int"}}),
    _GRANTS, tuple(_HISTORIES), {name: {"type": "str"} for name in _FILTERS}, _list, _enrich,
)  # fmt: skip

# -- what can be granted -------------------------------------------------------------------------------------------


def _inside(row: Row) -> dict[str, t.Any]:
    """Return the content of a permission group; a permission has none."""
    return {"permissions": sorted(map(str, row["permissions"] or ()))} if "permissions" in row else {}


def _lister(facet: str, read: t.Callable[[SendAuth], list[Row]], key: str) -> Lister:
    """Return the function that lists permissions or groups. The members come from the list of users.

    ``key`` is the field that users refer to: the id of a group, the label of a permission.
    """

    def lister(users: Users, needs_members: t.Callable[[Entry], bool]) -> list[Entry]:
        rows = read(users.connection)
        entries = [{**_inside(row), "id": str(row[key]), "name": str(row.get("name", ""))} for row in rows]
        chosen = list(filter(needs_members, entries))
        if chosen:
            granted = [(account, users.granted(account, facet)) for account in users.everybody()]
            for entry in chosen:
                entry["members"] = [member(account) for account, ids in granted if entry["id"] in ids]
        return entries

    return lister


ROLE_INFO = role_info_task(
    BINDING,
    {
        "permissions": _lister("permissions", SendAuth.permission_rows, "name"),
        "groups": _lister("groups", SendAuth.group_rows, "id"),
    },
)
