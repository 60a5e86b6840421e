# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OneLogin's operations table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ...provider import Operation
from ...web import Answer, Call
from . import actions, auth, roles, users
from .auth import ANY, MANAGE, MANAGE_ALL, READ, READ_ROLES
from .filters import V2_QUERY

_WRITE_QUERY = frozenset(("mappings", "validate_policy"))
_PAGES = frozenset(("limit", "page", "cursor"))
_CURSOR = frozenset(("limit", "after_cursor"))

# The generated clients have these on /api/1 as well; the documented v1 does not.
BARE_EXTRA_QUERY = {
    "create_user": _WRITE_QUERY,
    "update_user": _WRITE_QUERY,
    "get_user_apps": frozenset(("ignore_visibility",)),
}


def _row(
    name: str,
    method: str,
    path: str,
    handler: Callable[[Any, Call], Answer],
    scopes: frozenset[str] | None,
    query: Iterable[str] = (),
    kind: str = "",
) -> Operation:
    return Operation(name, method, path, handler, frozenset(query), kind, meta={"scopes": scopes})


_V1, _V2 = "/api/1/users", "/api/2/users"

OPERATIONS = [
    # Scopes None: the call requires no token. Its handler checks the credentials of the client.
    _row("generate_token", "POST", "/auth/oauth2/v2/token", auth.generate_token, None, kind="auth"),
    _row("revoke_tokens", "POST", "/auth/oauth2/revoke", auth.revoke_tokens, None),
    _row("get_rate_limit", "GET", "/auth/rate_limit", auth.get_rate_limit, ANY),
    _row("list_users", "GET", _V1, users.list_users, READ),
    _row("create_user", "POST", _V1, users.create_user, MANAGE),
    _row("get_custom_attributes", "GET", f"{_V1}/custom_attributes", actions.get_custom_attributes, READ),
    _row("get_user_by_id", "GET", f"{_V1}/{{user_id}}", users.get_user, READ),
    _row("update_user", "PUT", f"{_V1}/{{user_id}}", users.update_user, MANAGE),
    _row("delete_user", "DELETE", f"{_V1}/{{user_id}}", users.delete_user, MANAGE),
    _row("get_user_apps", "GET", f"{_V1}/{{user_id}}/apps", users.get_user_apps, READ),
    _row("get_user_roles", "GET", f"{_V1}/{{user_id}}/roles", actions.get_user_roles, READ_ROLES),
    _row("add_roles_to_user", "PUT", f"{_V1}/{{user_id}}/add_roles", actions.add_roles, MANAGE),
    _row("remove_user_role", "PUT", f"{_V1}/{{user_id}}/remove_roles", actions.remove_roles, MANAGE_ALL),
    _row("lock_account_user", "PUT", f"{_V1}/{{user_id}}/lock_user", actions.lock_user, MANAGE_ALL),
    _row("log_out_user", "PUT", f"{_V1}/{{user_id}}/logout", actions.log_out, MANAGE),
    _row("set_user_state", "PUT", f"{_V1}/{{user_id}}/set_state", actions.set_state, MANAGE_ALL),
    _row(
        "set_custom_attributes", "PUT", f"{_V1}/{{user_id}}/set_custom_attributes", actions.set_custom_attributes,
        MANAGE,
    ),
    _row(
        "update_password_insecure", "PUT", f"{_V1}/set_password_clear_text/{{user_id}}",
        actions.set_password_clear_text, MANAGE_ALL,
    ),
    _row(
        "update_password_secure", "PUT", f"{_V1}/set_password_using_salt/{{user_id}}", actions.set_password_using_salt,
        MANAGE_ALL,
    ),
    _row(
        "get_role_by_name",
        "GET",
        "/api/1/roles",
        roles.list_roles_v1,
        READ_ROLES,
        _CURSOR | {"name", "id", "fields", "sort"},
    ),
    _row("get_role_by_id", "GET", "/api/1/roles/{role_id}", roles.get_role_v1, READ_ROLES),
    _row("get_groups", "GET", "/api/1/groups", roles.list_groups, READ_ROLES, _CURSOR),
    _row("get_group_by_id", "GET", "/api/1/groups/{group_id}", roles.get_group, READ_ROLES),
    _row("list_users2", "GET", _V2, users.list_users, READ, V2_QUERY),
    _row("create_user2", "POST", _V2, users.create_user, MANAGE, _WRITE_QUERY),
    _row("list_custom_attributes2", "GET", f"{_V2}/custom_attributes", roles.list_attribute_fields, READ),
    _row("get_user2", "GET", f"{_V2}/{{user_id}}", users.get_user, READ),
    _row("update_user2", "PUT", f"{_V2}/{{user_id}}", users.update_user, MANAGE, _WRITE_QUERY),
    _row("delete_user2", "DELETE", f"{_V2}/{{user_id}}", users.delete_user, MANAGE),
    _row("unlock_user2", "POST", f"{_V2}/{{user_id}}/unlock", actions.unlock_user, MANAGE_ALL),
    _row("get_user_apps2", "GET", f"{_V2}/{{user_id}}/apps", users.get_user_apps, READ, ("ignore_visibility",)),
    _row(
        "list_roles",
        "GET",
        "/api/2/roles",
        roles.list_roles_v2,
        READ_ROLES,
        _PAGES | {"name", "app_id", "app_name", "fields"},
    ),
    _row("get_role", "GET", "/api/2/roles/{role_id}", roles.get_role_v2, READ_ROLES),
    _row(
        "get_role_users",
        "GET",
        "/api/2/roles/{role_id}/users",
        roles.list_role_users,
        READ_ROLES,
        _PAGES | {"name", "include_unassigned"},
    ),
    _row("add_role_users", "POST", "/api/2/roles/{role_id}/users", roles.add_role_users, MANAGE_ALL),
    _row("remove_role_users", "DELETE", "/api/2/roles/{role_id}/users", roles.remove_role_users, MANAGE_ALL),
]
