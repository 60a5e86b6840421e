# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts (app instances of users) and the browser sessions in which they log in."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from ...web import Answer, Call, Refused, json_answer, whole_number
from .auth import needed, nonce_of, server_of
from .listing import filter_test, ordered, page
from .store import Account, Server, User

if TYPE_CHECKING:
    from . import NextAuth

COLUMNS: dict[str, Callable[[Account], Any]] = {
    "userid": lambda account: account.userid or "",
    **{name: attrgetter(name) for name in ("id", "description", "blocked", "created", "lastlogin", "lastprovoke")},
}


def account_value(provider: NextAuth, account: Account) -> dict[str, Any]:
    value: dict[str, Any] = {"id": account.id}
    if account.userid is not None:
        value["userid"] = account.userid
    return {
        **value,
        "description": account.description,
        "blocked": account.blocked,
        "clientVersion": account.version,
        "created": provider.moment(account.created),
        "lastlogin": provider.moment(account.lastlogin),
        "lastprovoke": provider.moment(account.lastprovoke),
    }


def _known_user(provider: NextAuth, server: Server, call: Call) -> None:
    if call.params["userid"] not in server.users and provider.options.unknown_user_accounts == 404:
        raise Refused(404, "user not found")


def get_user(provider: NextAuth, call: Call) -> Answer:
    """The accounts of a user, whatever the name of the operation says."""
    server = server_of(provider, call)
    _known_user(provider, server, call)
    accounts = ordered(call, server.accounts_of(call.params["userid"]), COLUMNS)
    return page(provider, call, "accounts", accounts, lambda account: account_value(provider, account))


def delete_user_accounts(provider: NextAuth, call: Call) -> Answer:
    """All accounts; the user stays."""
    server = server_of(provider, call)
    _known_user(provider, server, call)
    provider.no_body(call)
    for account in server.accounts_of(call.params["userid"]):
        server.remove_account(account)
    return Answer(200)


def get_all_accounts(provider: NextAuth, call: Call) -> Answer:
    accounts = list(server_of(provider, call).accounts.values())
    sent = filter_test(call)
    if sent is not None:
        name, values = sent
        if name not in COLUMNS:
            raise Refused(400, "filter names no column of accounts")
        accounts = [account for account in accounts if _text(COLUMNS[name](account)) in values]
    return page(
        provider, call, "accounts", ordered(call, accounts, COLUMNS), lambda account: account_value(provider, account)
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _account_of(provider: NextAuth, call: Call) -> tuple[Server, Account]:
    server, account_id = server_of(provider, call), whole_number(call.params["accountid"], digits=18)
    if account_id is None:
        raise Refused(400, "the account id must be a whole number")
    account = server.accounts.get(account_id)
    if account is None:
        raise Refused(404, "account not found")
    return server, account


def get_account(provider: NextAuth, call: Call) -> Answer:
    return json_answer(200, account_value(provider, _account_of(provider, call)[1]))


def update_account(provider: NextAuth, call: Call) -> Answer:
    """``?blocked=true`` or false: all that can be changed."""
    _server, account = _account_of(provider, call)
    provider.no_body(call)
    value = needed(call, "blocked")
    if value not in ("true", "false"):
        raise Refused(400, "blocked must be true or false")
    account.blocked = value == "true"
    return json_answer(200, account_value(provider, account))


def delete_account(provider: NextAuth, call: Call) -> Answer:
    server, account = _account_of(provider, call)
    provider.no_body(call)
    server.remove_account(account)
    return Answer(200)


def update_account_user(provider: NextAuth, call: Call) -> Answer:
    """Moves an account to another user."""
    server, account = _account_of(provider, call)
    provider.no_body(call)
    userid = needed(call, "userid")
    if userid not in server.users:
        if provider.options.move_to_unknown == "refused":
            raise Refused(403, "Invalid user name")
        server.users[userid] = User(userid)
    server.move_account(account, userid)
    return json_answer(200, account_value(provider, account))


# Sessions --------------------------------------------------------------------------------------------------------


def _logged_in(provider: NextAuth, server: Server, nonce: str, now: float) -> Account | None:
    session = server.session(nonce, now)
    account = server.accounts.get(session.account) if session is not None and session.account is not None else None
    return None if account is None or account.blocked else account


def register_user(provider: NextAuth, call: Call) -> Answer:
    """Gives the account that has logged in to the session a user name; the user is made where there is none."""
    server, nonce, userid = server_of(provider, call), nonce_of(call), needed(call, "userid")
    provider.no_body(call)
    account = _logged_in(provider, server, nonce, call.now)
    if account is None:
        raise Refused(provider.options.no_login_status, "nobody is logged in")
    if account.userid not in (None, userid):
        raise Refused(403, "the account has another user name")
    server.users.setdefault(userid, User(userid))
    server.move_account(account, userid)
    return Answer(200)


def get_session(provider: NextAuth, call: Call) -> Answer:
    server, nonce = server_of(provider, call), nonce_of(call)
    account = _logged_in(provider, server, nonce, call.now)
    if account is None:
        return json_answer(
            200, {"loggedin": False, "canprovoke": False, "loginqrdata": f"nextauth://login/{len(nonce)}"}
        )
    value: dict[str, Any] = {"loggedin": True, "accountid": account.id, "canprovoke": True}
    if account.userid is not None:
        value["userid"] = account.userid
    return json_answer(200, value)


def logout(provider: NextAuth, call: Call) -> Answer:
    session = server_of(provider, call).session(nonce_of(call), call.now)
    provider.no_body(call)
    if session is not None:
        session.account = None
    return Answer(200)


def provoke_login_on_user(provider: NextAuth, call: Call) -> Answer:
    """Asks the apps of a user to log in to a session."""
    server, userid = server_of(provider, call), call.params["userid"]
    nonce_of(call)
    body = call.json_object(optional=True)
    unknown = [name for name in body if name not in ("announceinfo", "sessioninfo")]
    if unknown or not all(isinstance(item, dict) for item in body.values()):
        raise Refused(400, "announceinfo and sessioninfo are objects, and nothing else is known")
    if userid not in server.users:
        raise Refused(404, "user not found")
    for account in server.accounts_of(userid):
        if not account.blocked:
            account.lastprovoke = call.now
            provider.store.provoked.append({"server": server.id, "userid": userid, "accountid": account.id})
    return Answer(200)
