# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin: the tasks of its modules."""

from __future__ import annotations

import datetime
import typing as t
from dataclasses import replace

from ..._core.durations import moment
from ..._core.errors import InputError, Problem, RollcallError, require
from ..._core.http.auth import Token
from ..._core.http.paging import settled
from ..._core.plan.losses import PASSWORD_CHANGED, SESSIONS_ENDED, Loss
from ..._core.plan.model import PASSWORD, Account
from ..._core.run.connection import Connection
from ..._core.run.delivery import content, deliver, dest_of, dest_problems, rehearse
from ..._core.run.options import Params, who_options
from ..._core.run.recipes import WHO, Binding, action_task, facet_task, info_task, user_task, users_task
from ..._core.run.report import Context, Result
from ..._core.run.role_info import Entry, member, role_info_task
from ..._core.run.run import converge_one, existing_user, gather
from ..._core.run.task import Task
from ..._core.run.token_run import looks, unclear
from ..._core.run.tokens import ineffective, length_of
from ..._core.wording import agreed
from .connection import OPERATIONS, OPTIONS, OneLogin, data_of
from .filters import FILTERS, list_users
from .passwords import hash_problems, salt_problem, set_clear_text, set_hash, set_salted
from .shapes import ALGORITHMS, number_text, users_schema
from .users import Users


def _directory(connection: Connection, params: Params) -> Users:
    takes_unlisted = params.get("unlisted") in ("disable", "delete")
    return Users(
        t.cast(OneLogin, connection), params.get("user_key") or "username", params.get("minutes") or 0, takes_unlisted
    )


BINDING = Binding(
    connect=OneLogin,
    options=OPTIONS,
    schema=users_schema("username"),
    directory=_directory,
    alternatives=(("client_id", "client_secret"), ("access_token",)),
    more={"user_key": {"type": "str", "choices": ["username", "email"], "default": "username"}},
)

USER = user_task(BINDING)
USERS = users_task(BINDING)
USER_ATTRIBUTES = facet_task(BINDING, "attributes")
USER_ROLES = facet_task(BINDING, "roles")


# -- lock, session, password ---------------------------------------------------------------------------------------


_MOST_MINUTES = 2**31 - 1
"""The largest number that every server can store."""


def _lock(context: Context, connection: Connection) -> Result:
    params = context.params
    minutes = params["minutes"]
    problems: list[str] = []
    if minutes and params["state"] == "absent":
        problems.append(Problem("minutes has no effect with state: absent. Remove it.", "no_effect", "", "minutes"))
    elif not 0 <= minutes <= _MOST_MINUTES:
        text = (
            f"minutes is {minutes}; specify 0 for the period of the user's policy, or a number of minutes up to "
            f"{_MOST_MINUTES}."
        )
        problems.append(Problem(text, option="minutes"))
    directory = _directory(connection, params)
    fields = {"locked": params["state"] == "present"}
    desired = existing_user(directory.schema, params.get("user"), params.get("id"), fields=fields)
    return converge_one(context, directory, desired, problems)


USER_LOCK = BINDING.task(
    {
        **BINDING.more,
        **who_options(),
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "minutes": {"type": "int", "default": 0},
    },
    _lock,
    WHO,
)


def _log_out(context: Context, users: Users, account: Account) -> Result:
    users.connection.call("log_out_user", {"user_id": account.id}, subject=account.key)
    return {}


USER_SESSION = action_task(
    BINDING,
    {"state": {"type": "str", "choices": ["absent"], "default": "absent"}},
    _log_out,
    losses=[Loss(SESSIONS_ENDED)],
)


def _set_password(context: Context, users: Users, account: Account) -> Result:
    params, connection = context.params, users.connection
    salt = params.get("salt") or params.get("password_salt")
    if params.get("password_hash") is not None:
        set_hash(connection, account, params["password_hash"], salt, params["password_algorithm"])
    elif params["method"] == "clear_text":
        set_clear_text(connection, account, params[PASSWORD], params["validate_policy"])
    else:
        set_salted(connection, account, params[PASSWORD], salt)
    return {}


def _check_password(params: Params) -> None:
    """Refuse contradictory parameters. Raises InputError with all of them."""
    salt, other = params.get("salt"), params.get("password_salt")
    digest, password, clear = params.get("password_hash"), params.get(PASSWORD), params["method"] == "clear_text"
    problems: list[str] = []
    if (digest is None) is (password is None):
        problems.append(Problem("Specify either password or password_hash.", "missing_field", option=PASSWORD))
    if password == "":
        problems.append(Problem("password is empty.", "blank_value", option=PASSWORD))
    if salt is not None and other is not None:
        problems.append(
            Problem("salt and password_salt have the same meaning. Remove one of them.", "contradiction", option="salt")
        )
    if params["validate_policy"] and (digest is not None or not clear):
        text = "validate_policy requires method: clear_text, because OneLogin cannot check the policy on a hash."
        problems.append(Problem(text, "contradiction", option="validate_policy"))
    option, salt = ("password_salt", other) if other is not None else ("salt", salt)
    if digest is not None:
        problems += hash_problems(digest, salt, params["password_algorithm"], salt_option=option)
    elif salt is not None and clear:
        problems.append(Problem(f"{option} requires method: salted.", "contradiction", option=option))
    else:
        problem = salt_problem(salt, option)
        problems += [problem] if problem else []
    require(problems)


USER_PASSWORD = action_task(
    BINDING,
    {
        PASSWORD: {"type": "str", "no_log": True},
        "method": {"type": "str", "choices": ["salted", "clear_text"], "default": "salted"},
        "salt": {"type": "str", "no_log": True},
        "password_hash": {"type": "str", "no_log": True},
        "password_salt": {"type": "str", "no_log": True},
        "password_algorithm": {"type": "str", "choices": list(ALGORITHMS), "default": ALGORITHMS[0], "no_log": False},
        "validate_policy": {"type": "bool", "default": False},
    },
    _set_password,
    check=_check_password,
    losses=[Loss(PASSWORD_CHANGED)],
)


# -- info ----------------------------------------------------------------------------------------------------------

def _apps(users: Users, account: Account, gather_names: t.Collection[str]) -> dict[str, t.Any]:
    if "apps" not in gather_names:
        return {}
    answer = users.connection.call("get_user_apps", {"user_id": account.id}, subject=account.key)
    apps = data_of(answer)
    if not all(isinstance(app, dict) and "id" in app for app in apps):
        raise answer.unreadable("an app has no id")
    return {"apps": [{"name": None, "provisioning_state": None, **app, "id": str(app["id"])} for app in apps]}


def _names(users: Users, params: Params) -> Result:
    return {"attribute_names": users.connection.attribute_names()} if "attributes" in params["gather"] else {}


USER_INFO = info_task(BINDING, ("roles", "attributes"), ("apps",), FILTERS, list_users, _apps, _names)


# -- what can be granted -------------------------------------------------------------------------------------------


def _roles(users: Users, needs_members: t.Callable[[Entry], bool]) -> list[Entry]:
    """Return the roles, each with the users who have it. The list of users can be filtered by role."""
    entries = [{**row, "id": number_text(row["id"])} for row in users.connection.rows("get_role_by_name", "roles")]
    chosen = list(filter(needs_members, entries))

    def read(entry: Entry) -> list[Entry]:
        rows = users.connection.rows("list_users", "users", {"role_id": entry["id"]})
        return list(map(member, users.listed(rows)))

    for entry, members in zip(chosen, users.concurrently(read, chosen, "roles read"), strict=True):
        entry["members"] = members
    return entries


def _groups(users: Users, needs_members: t.Callable[[Entry], bool]) -> list[Entry]:
    """Return the groups. The API has no filter by group, so the members require the list of all users."""
    entries = [{**row, "id": number_text(row["id"])} for row in users.connection.rows("get_groups", "groups")]
    chosen = list(filter(needs_members, entries))
    if chosen:
        accounts = settled(users.listing).accounts
        for entry in chosen:
            holders = [account for account in accounts if account.values.get("group_id") == entry["id"]]
            entry["members"] = list(map(member, holders))
    return entries


ROLE_INFO = role_info_task(BINDING, {"roles": _roles, "groups": _groups})


# -- the access token ----------------------------------------------------------------------------------------------


def _api_token(context: Context, connection: Connection) -> Result:
    params, login = context.params, t.cast(OneLogin, connection)
    problems: list[str] = [*ineffective(params)]
    if params["state"] == "absent":
        require(problems)
        return _revoke(context, login)
    least = length_of(params, "min_remaining", problems) or 0.0
    require([*problems, *dest_problems(dest_of(params))])
    if login.oauth is None:
        text = "Creating a token requires client_id and client_secret; access_token is specified instead."
        raise InputError(
            [Problem(text, "no_effect", option="access_token")],
            "Remove access_token, and ONELOGIN_ACCESS_TOKEN from the environment.",
        )
    return gather(context, login, lambda: _present(context, login, least))


def _present(context: Context, login: OneLogin, least: float) -> Result:
    """Return a token that is valid for ``least`` seconds. A login changes nothing that this collection manages."""
    params, dest = context.params, dest_of(context.params)
    token = login.log_in()
    short = token.lifetime is not None and token.lifetime < least
    why = _why(params["rotate"], token, short, least)
    if not context.check and (why or (dest is not None and content(dest) != token.value)):
        rehearse(dest)
    if why and not context.check:
        token = _replaced(login, token)
    claims = token.claims
    account = None if claims.get("account_id") is None else str(claims["account_id"])
    about = {
        "id": None, "name": None, "account_id": account, "token_type": claims.get("token_type"),
        "expires_in": token.lifetime,
        "expires_at": _ends(claims),
    }  # fmt: skip
    delivered, filed = deliver(context, token.value)
    planned = bool(why) and context.check
    return {
        "changed": bool(why) or filed, "made": bool(why), "why": why, "token": None if planned else about,
        "account_id": account,
        **({} if planned and dest is None else delivered),
    }  # fmt: skip


def _why(rotate: str, token: Token, short: bool, least: float) -> str:
    """Return why the token is replaced, empty if it is not. Raises InputError if a new token would not last longer."""
    why = "rotate is always" if rotate == "always" else ""
    if rotate == "expired" and short:
        why = "less than min_remaining is left"
    lasts = token.claims.get("expires_in")
    if why and short and isinstance(lasts, (int, float)) and lasts < least:
        text = f"min_remaining is {least:.0f} s, but a new token of OneLogin is only valid for {lasts} s. Lower it."
        raise InputError([Problem(text, "invalid_duration", option="min_remaining")], "Nothing was revoked.")
    return why


def _replaced(login: OneLogin, old: Token) -> Token:
    """Revoke a token, and return the next one: until then, OneLogin returns the same token.

    An expired token is never returned.
    """
    lost: RollcallError | None = None
    try:
        _send_revoke(login, old.value)
    except RollcallError as error:
        if not unclear(error):
            raise
        lost, error.code = error, "unclear_answer"
    for _look in looks(login.clock.sleep):
        if login.oauth is not None:
            login.oauth.forget()
        token = login.log_in()
        if token.value != old.value:
            return token
    if lost is not None:
        raise lost
    raise RollcallError(
        "OneLogin accepted the revocation of the access token, but still returns the same one.",
        "Run the task again later: the token may expire at any time.",
        "unclear_answer",
    )


def _ends(claims: Params) -> str | None:
    """Return when a token expires, in UTC; None if its answer shows no time of creation or no lifetime."""
    created = moment(claims.get("created_at"))
    if created is None:
        return None
    try:
        end = created.astimezone(datetime.timezone.utc) + datetime.timedelta(
            seconds=float(str(claims.get("expires_in")))
        )
    except (ValueError, OverflowError):
        return None
    return end.strftime("%Y-%m-%dT%H:%M:%SZ")


def _revoke(context: Context, login: OneLogin) -> Result:
    params = context.params
    token = params.get("access_token")
    missing = [name for name in ("access_token", "client_id", "client_secret") if not params.get(name)]
    if missing:
        text = (
            f"{' and '.join(missing)} {agreed(len(missing), 'is')} missing: revoking a token requires "
            "access_token (the token), client_id and client_secret."
        )
        raise InputError([Problem(text, "missing_option", option=missing[0])])
    start = login.transport.count()
    expected = params.get("expected_account")
    if expected and str(login.log_in().claims.get("account_id")) != expected:
        text = f"expected_account is {expected}, and these credentials belong to another account."
        raise InputError(
            [Problem(text, "wrong_account", option="expected_account")],
            "Use the credentials of the right account, or correct expected_account. Nothing was revoked.",
        )
    answer = login.call("get_rate_limit")
    # A token without the scope for this call is as valid as a token with it.
    valid = not answer.absent or not login.transport.reader.token_expired(answer)
    if valid and not context.check:
        _send_revoke(login, str(token))
    return {"changed": valid, "api_calls": login.transport.count() - start}


def _send_revoke(login: OneLogin, token: str) -> None:
    login.transport.call(
        OPERATIONS["revoke_tokens"],
        json={"access_token": token},
        headers={"Authorization": login.client_authorization()},
        authenticate=False,
    )


class _TokenTask(Task):
    """The task on the token itself. A revocation requires the token and the credentials that created it."""

    def settle(self, params: dict[str, t.Any], arguments: Params, environment: t.Mapping[str, str]) -> list[Problem]:
        """Let the task's credentials take precedence over alternative ones from the environment."""
        task = replace(self, alternatives=()) if params.get("state") == "absent" else self
        return Task.settle(task, params, arguments, environment)


_API_TOKEN = BINDING.task(
    {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "rotate": {"type": "str", "choices": ["never", "expired", "always"], "default": "never"},
        "min_remaining": {"type": "str"},
        "dest": {"type": "path"},
    },
    _api_token,
    secret=lambda params: params.get("state") != "absent" and not params.get("dest"),
)
API_TOKEN = _TokenTask(**vars(_API_TOKEN))
