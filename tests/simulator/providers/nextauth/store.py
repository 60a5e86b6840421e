# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of a nextAuth installation: virtual servers with users, accounts and sessions; roles and API keys."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

from ...counters import Numbers

# Permissions that hold on every server are kept under this id.
GLOBAL = ""
ROOT_ROLE = "Root/role+000A=="
MAIN_SERVER = "sim+main/server+/id01A=="
OTHER_SERVER = "sim+other/server/id002A="
PERMISSIONS = ("users", "accounts", "sessions", "servers", "createserver", "setrid", "root")


@dataclass
class Account:
    """An app instance. ``userid`` None: no user has registered it yet. Times are Unix seconds, 0 for never."""

    id: int
    userid: str | None
    description: str
    blocked: bool = False
    version: str = "4.2.1"
    created: float = 0.0
    lastlogin: float = 0.0
    lastprovoke: float = 0.0


@dataclass
class User:
    userid: str
    attributes: dict[str, Any] = field(default_factory=dict)
    role: str | None = None


@dataclass
class Session:
    """A browser session. ``account`` None: no user has logged in. ``expires`` None: it does not expire."""

    nonce: str
    account: int | None = None
    expires: float | None = None


@dataclass
class Key:
    value: str
    role: str
    description: str


class Server:
    """A virtual server with its own users, accounts and sessions."""

    def __init__(self, server_id: str, name: str) -> None:
        self.id = server_id
        self.name = name
        self.attributes: dict[str, Any] = {}
        self.users: dict[str, User] = {}
        self.accounts: dict[int, Account] = {}
        self.sessions: dict[str, Session] = {}
        # User name -> its accounts, also of a name that is no user any more.
        self.owned: dict[str, dict[int, Account]] = {}

    def add_account(self, account: Account) -> None:
        self.accounts[account.id] = account
        if account.userid is not None:
            self.owned.setdefault(account.userid, {})[account.id] = account

    def remove_account(self, account: Account) -> None:
        del self.accounts[account.id]
        if account.userid is not None:
            self.owned[account.userid].pop(account.id)
        for session in self.sessions.values():
            if session.account == account.id:
                session.account = None

    def move_account(self, account: Account, userid: str) -> None:
        if account.userid is not None:
            self.owned[account.userid].pop(account.id)
        account.userid = userid
        self.owned.setdefault(userid, {})[account.id] = account

    def accounts_of(self, userid: str) -> list[Account]:
        return list(self.owned.get(userid, {}).values())

    def session(self, nonce: str, now: float) -> Session | None:
        """The live session of a nonce."""
        session = self.sessions.get(nonce)
        return None if session is None or (session.expires is not None and session.expires <= now) else session


class Store(Numbers):
    """All of the installation."""

    def __init__(self) -> None:
        super().__init__(account=70000)
        self.servers: dict[str, Server] = {}
        # Server id (or GLOBAL) -> role -> permissions in the order in which they were given.
        self.acls: dict[str, dict[str, list[str]]] = {GLOBAL: {}}
        self.roles: dict[str, None] = {}
        self.keys: dict[str, Key] = {}
        self.provoked: list[dict[str, Any]] = []

    def new_role(self) -> str:
        digest = hashlib.sha256(f"nextauth role {self.number('role')}".encode()).digest()
        # The first six bits are those of a plus sign, the next those of a slash: ids that have to be encoded.
        role = base64.b64encode(bytes([0xFB, 0xF0 | digest[0] & 0x0F]) + digest[1:11]).decode("ascii")
        self.roles[role] = None
        return role

    def permissions(self, role: str, server_id: str) -> set[str]:
        """What a role may do on a server, global permissions included."""
        return {*self.acls[GLOBAL].get(role, ()), *self.acls.get(server_id, {}).get(role, ())}
