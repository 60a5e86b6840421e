# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nextAuth's operations table. Trailing slashes are part of the paths, and not all paths have one.

An operation needs one of its permissions, on the server of its path or, with the word "global", on all servers.
"""

from __future__ import annotations

from ...provider import Operation
from . import accounts, management, users

_PAGES = ("limit", "marker")

_SERVER = "/servers/{serverid}"
_USER = f"{_SERVER}/users/{{userid}}"
_ACCOUNT = f"{_SERVER}/accounts/{{accountid}}"
_ROLE = f"{_SERVER}/permissions/{{roleid}}"

OPERATIONS = [
    Operation("GET", f"{_SERVER}/users/", users.get_users, "users", (*_PAGES, "filter", "search", "sort")),
    Operation("DELETE", f"{_USER}/", users.delete_user, "users"),
    Operation("GET", f"{_USER}/attributes/", users.get_user_attributes, "sessions users"),
    Operation("POST", f"{_USER}/attributes/", users.set_user_attributes, "users"),
    Operation("PUT", f"{_USER}/attributes/", users.update_user_attributes, "users"),
    Operation("DELETE", f"{_USER}/attributes/", users.delete_user_attributes, "users"),
    Operation("DELETE", f"{_USER}/attributes/{{attributekey}}", users.delete_user_attribute, "users"),
    Operation("GET", f"{_USER}/role/", users.get_user_role, "users"),
    Operation("POST", f"{_USER}/role/", users.get_or_create_user_role, "users"),
    Operation("GET", f"{_USER}/accounts", accounts.get_user, "sessions users", (*_PAGES, "sort")),
    Operation("DELETE", f"{_USER}/accounts", accounts.delete_user_accounts, "accounts users"),
    Operation("POST", f"{_USER}/provokelogin", accounts.provoke_login_on_user, "sessions users"),
    Operation("GET", f"{_SERVER}/accounts/", accounts.get_all_accounts, "accounts", (*_PAGES, "filter", "sort")),
    Operation("GET", f"{_ACCOUNT}/", accounts.get_account, "sessions accounts"),
    Operation("PUT", f"{_ACCOUNT}/", accounts.update_account, "accounts", ("blocked",)),
    Operation("DELETE", f"{_ACCOUNT}/", accounts.delete_account, "accounts"),
    Operation("PUT", f"{_ACCOUNT}/user", accounts.update_account_user, "accounts", ("userid",)),
    Operation("POST", f"{_SERVER}/sessions/registeruser", accounts.register_user, "users", ("userid",)),
    Operation("GET", f"{_SERVER}/sessions/", accounts.get_session, "sessions"),
    Operation("POST", f"{_SERVER}/sessions/logout", accounts.logout, "sessions"),
    Operation("GET", f"{_SERVER}/permissions/", management.get_all_permissions, "servers"),
    Operation("GET", _ROLE, management.get_permissions, "servers"),
    Operation("POST", _ROLE, management.grant_permissions, "root"),
    Operation("DELETE", _ROLE, management.revoke_permissions, "root"),
    Operation("GET", f"{_SERVER}/", management.get_server, "servers createserver"),
    Operation("DELETE", f"{_SERVER}/", management.delete_server, "global servers"),
    Operation("GET", f"{_SERVER}/attributes/", management.get_server_attributes, "servers"),
    Operation("POST", f"{_SERVER}/attributes/", management.set_server_attributes, "servers"),
    Operation(
        "PUT", f"{_SERVER}/attributes/", management.set_server_attributes, "servers", id="update_server_attributes"
    ),
    Operation("DELETE", f"{_SERVER}/attributes/", management.delete_server_attributes, "servers"),
    Operation("GET", "/servers/", management.get_servers, "servers", _PAGES),
    Operation("GET", "/apikeys/", management.get_api_keys, "servers"),
    Operation("POST", "/apikeys/", management.create_api_key, "servers", ("description",)),
]
