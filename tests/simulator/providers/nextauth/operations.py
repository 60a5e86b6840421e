# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nextAuth's operations table. Trailing slashes are part of the paths, and not all paths have one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ...provider import Operation
from ...web import Answer, Call
from . import accounts, management, users

_PAGES = ("limit", "marker")


def _row(
    name: str,
    method: str,
    path: str,
    handler: Callable[[Any, Call], Answer],
    needs: str,
    query: Iterable[str] = (),
    *,
    everywhere: bool = False,
) -> Operation:
    """Return an operation. It requires one of the permissions ``needs``; a global one if ``everywhere``."""
    return Operation(
        name, method, path, handler, frozenset(query), meta={"needs": tuple(needs.split()), "global": everywhere}
    )


_SERVER = "/servers/{serverid}"
_USER = f"{_SERVER}/users/{{userid}}"
_ACCOUNT = f"{_SERVER}/accounts/{{accountid}}"
_ROLE = f"{_SERVER}/permissions/{{roleid}}"

OPERATIONS = [
    _row("get_users", "GET", f"{_SERVER}/users/", users.get_users, "users", (*_PAGES, "filter", "search", "sort")),
    _row("delete_user", "DELETE", f"{_USER}/", users.delete_user, "users"),
    _row("get_user_attributes", "GET", f"{_USER}/attributes/", users.get_user_attributes, "sessions users"),
    _row("set_user_attributes", "POST", f"{_USER}/attributes/", users.set_user_attributes, "users"),
    _row("update_user_attributes", "PUT", f"{_USER}/attributes/", users.update_user_attributes, "users"),
    _row("delete_user_attributes", "DELETE", f"{_USER}/attributes/", users.delete_user_attributes, "users"),
    _row(
        "delete_user_attribute", "DELETE", f"{_USER}/attributes/{{attributekey}}", users.delete_user_attribute, "users"
    ),
    _row("get_user_role", "GET", f"{_USER}/role/", users.get_user_role, "users"),
    _row("get_or_create_user_role", "POST", f"{_USER}/role/", users.get_or_create_user_role, "users"),
    _row("get_user", "GET", f"{_USER}/accounts", accounts.get_user, "sessions users", (*_PAGES, "sort")),
    _row("delete_user_accounts", "DELETE", f"{_USER}/accounts", accounts.delete_user_accounts, "accounts users"),
    _row("provoke_login_on_user", "POST", f"{_USER}/provokelogin", accounts.provoke_login_on_user, "sessions users"),
    _row(
        "get_all_accounts",
        "GET",
        f"{_SERVER}/accounts/",
        accounts.get_all_accounts,
        "accounts",
        (*_PAGES, "filter", "sort"),
    ),
    _row("get_account", "GET", f"{_ACCOUNT}/", accounts.get_account, "sessions accounts"),
    _row("update_account", "PUT", f"{_ACCOUNT}/", accounts.update_account, "accounts", ("blocked",)),
    _row("delete_account", "DELETE", f"{_ACCOUNT}/", accounts.delete_account, "accounts"),
    _row("update_account_user", "PUT", f"{_ACCOUNT}/user", accounts.update_account_user, "accounts", ("userid",)),
    _row("register_user", "POST", f"{_SERVER}/sessions/registeruser", accounts.register_user, "users", ("userid",)),
    _row("get_session", "GET", f"{_SERVER}/sessions/", accounts.get_session, "sessions"),
    _row("logout", "POST", f"{_SERVER}/sessions/logout", accounts.logout, "sessions"),
    _row("get_all_permissions", "GET", f"{_SERVER}/permissions/", management.get_all_permissions, "servers"),
    _row("get_permissions", "GET", _ROLE, management.get_permissions, "servers"),
    _row("grant_permissions", "POST", _ROLE, management.grant_permissions, "root"),
    _row("revoke_permissions", "DELETE", _ROLE, management.revoke_permissions, "root"),
    _row("get_server", "GET", f"{_SERVER}/", management.get_server, "servers createserver"),
    _row("delete_server", "DELETE", f"{_SERVER}/", management.delete_server, "servers", everywhere=True),
    _row("get_server_attributes", "GET", f"{_SERVER}/attributes/", management.get_server_attributes, "servers"),
    _row("set_server_attributes", "POST", f"{_SERVER}/attributes/", management.set_server_attributes, "servers"),
    _row("update_server_attributes", "PUT", f"{_SERVER}/attributes/", management.set_server_attributes, "servers"),
    _row(
        "delete_server_attributes", "DELETE", f"{_SERVER}/attributes/", management.delete_server_attributes, "servers"
    ),
    _row("get_servers", "GET", "/servers/", management.get_servers, "servers", _PAGES, everywhere=True),
    _row("get_api_keys", "GET", "/apikeys/", management.get_api_keys, "servers", everywhere=True),
    _row(
        "create_api_key", "POST", "/apikeys/", management.create_api_key, "servers", ("description",), everywhere=True
    ),
]
