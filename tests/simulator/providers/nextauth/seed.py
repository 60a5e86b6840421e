# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the nextAuth installation has at its start, and state that the control API adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...people import COMPANY, LONG_AGO, numbered
from .accounts import account_value
from .store import GLOBAL, MAIN_SERVER, OTHER_SERVER, ROOT_ROLE, Account, Key, Server, Session, User

if TYPE_CHECKING:
    from . import NextAuth

# Key name -> server of its permissions -> permissions. The key itself is sim-NAME-key.
KEYS: dict[str, tuple[str, tuple[str, ...]]] = {
    "root": (GLOBAL, ("root",)),
    "users": (MAIN_SERVER, ("users",)),
    "accounts": (MAIN_SERVER, ("accounts",)),
    "sessions": (MAIN_SERVER, ("sessions",)),
    "servers": (GLOBAL, ("servers",)),
    "setrid": (GLOBAL, ("setrid",)),
    "other": (OTHER_SERVER, ("users", "accounts")),
    "nothing": (MAIN_SERVER, ()),
}
ODD_USERS = (
    "1042", "a+b/c%d", "..", "100%_sure", "100-sure", "研究", "Ünal ü", "o'neil+50%/..@example.com", "twin@example.com",
    "twin@example.com.au",
)
ATTRIBUTES = ("email", "firstname", "lastname", "department", "title", "employee_id")


def build(provider: NextAuth) -> None:
    """Create two servers and the keys, and the users of the first server that the options specify."""
    store, options = provider.store, provider.options
    for server_id, name in ((MAIN_SERVER, "Main"), (OTHER_SERVER, "Other")):
        store.servers[server_id] = Server(server_id, name)
        store.acls[server_id] = {}
    for name, (server_id, permissions) in KEYS.items():
        role = ROOT_ROLE if name == "root" else store.new_role()
        store.roles[role] = None
        store.keys[f"sim-{name}-key"] = Key(f"sim-{name}-key", role, name)
        if permissions:
            store.acls[server_id][role] = list(permissions)
    server = store.servers[MAIN_SERVER]
    if options.preset == "company":
        _company(provider, server)
    if options.odd_users:
        for userid in ODD_USERS:
            server.users[userid] = User(userid, {"odd + key / 50%": userid, "研究": "ü", "1042": "2024"})
    for count in range(1, options.seed_users + 1):
        person = numbered(count)
        server.users[person["email"]] = User(person["email"], {name: person[name] for name in ATTRIBUTES})
        _account(provider, server, person["email"], "Phone")


def _account(provider: NextAuth, server: Server, userid: str, description: str, *, blocked: bool = False) -> None:
    number = provider.store.number("account")
    seen = LONG_AGO + 86400 * (1 + number % 300)
    server.add_account(
        Account(number, userid, description, blocked, created=LONG_AGO, lastlogin=seen, lastprovoke=seen)
    )


def _company(provider: NextAuth, server: Server) -> None:
    """Ada has two accounts, Radia none, Alan's is blocked; Grace and Margaret have roles with permissions."""
    store = provider.store
    acls = {"grace.hopper": ["users", "accounts"], "margaret.hamilton": ["servers"], "barbara.liskov": []}
    for number, person in enumerate(COMPANY, 1):
        key, userid = person["key"], person["email"]
        user = User(
            userid, {name: person[name] for name in ATTRIBUTES if name in person} | {"employee_id": f"E{1000 + number}"}
        )
        server.users[userid] = user
        if key in acls:
            user.role = store.new_role()
            if acls[key]:
                store.acls[server.id][user.role] = acls[key]
        if key != "radia.perlman":
            _account(provider, server, userid, "Phone", blocked=key == "alan.turing")
        if key == "ada.lovelace":
            _account(provider, server, userid, "Tablet / Büro")


# State from the control API --------------------------------------------------------------------------------------


def _put_user(provider: NextAuth, server: Server, item: dict[str, Any]) -> dict[str, Any]:
    """``{userid, attributes, permissions, accounts}``: with permissions a role is made, accounts are descriptions."""
    unknown = sorted(set(item) - {"userid", "attributes", "permissions", "accounts"})
    if unknown:
        raise ValueError(f"unknown fields {unknown}")
    user = server.users.setdefault(item["userid"], User(item["userid"]))
    user.attributes = dict(item.get("attributes", user.attributes))
    if "permissions" in item:
        user.role = user.role or provider.store.new_role()
        provider.store.acls[server.id][user.role] = list(item["permissions"])
    for description in item.get("accounts", ()):
        _account(provider, server, user.userid, description)
    return provider.user_state(server, user)


def _put_account(provider: NextAuth, server: Server, item: dict[str, Any]) -> dict[str, Any]:
    """Create an account from fields of the API, or change the account with this ``id``.

    A new account without ``userid`` is an app that no user has registered.
    """
    known = server.accounts.get(item.get("id", 0))
    sessions = [session for session in server.sessions.values() if known is not None and session.account == known.id]
    if known is not None:
        server.remove_account(known)
    account_id = item.get("id") or provider.store.number("account")
    provider.store.reserve("account", account_id)
    account = known or Account(account_id, None, "Phone", created=provider.clock.now())
    for name in ("userid", "description", "blocked", "created", "lastlogin", "lastprovoke"):
        if name in item:
            setattr(account, name, item[name])
    server.add_account(account)
    for session in sessions:
        session.account = account.id
    return account_value(provider, account)


def _put_session(provider: NextAuth, server: Server, item: dict[str, Any]) -> dict[str, Any]:
    """Create a session from ``{nonce, accountid or userid, expires_in}``.

    Without an account, no user has logged in. Raises ValueError if the account is unknown.
    """
    account = item.get("accountid")
    if account is None and "userid" in item:
        account = server.accounts_of(item["userid"])[0].id
    if account is not None and account not in server.accounts:
        raise ValueError(f"no account {account}")
    expires = provider.clock.now() + item["expires_in"] if "expires_in" in item else None
    server.sessions[item["nonce"]] = session = Session(item["nonce"], account, expires)
    return provider.session_state(session)


def _put_permission(provider: NextAuth, server: Server, item: dict[str, Any]) -> dict[str, Any]:
    """Set the permissions of a role from ``{role, acl: [...], global}``. Without ``role``, create a role."""
    role = item.get("role") or provider.store.new_role()
    provider.store.roles[role] = None
    provider.store.acls[GLOBAL if item.get("global") else server.id][role] = list(item["acl"])
    return {"role": role, "acl": item["acl"]}


def _put_key(provider: NextAuth, server: Server, item: dict[str, Any]) -> dict[str, Any]:
    """``{apikey, role, description}``; without ``role`` it is that of the exported key."""
    role = item.get("role", ROOT_ROLE)
    if role not in provider.store.roles:
        raise ValueError(f"no role {role!r}")
    provider.store.keys[item["apikey"]] = key = Key(item["apikey"], role, item.get("description", ""))
    return provider.key_state(key)


MAKERS = {
    "users": _put_user,
    "accounts": _put_account,
    "sessions": _put_session,
    "permissions": _put_permission,
    "apikeys": _put_key,
}
