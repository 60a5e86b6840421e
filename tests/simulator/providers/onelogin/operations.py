# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OneLogin's operations table."""

from __future__ import annotations

from ...provider import Operation
from . import actions, auth, roles, users
from .auth import ANY, MANAGE, MANAGE_ALL, READ, READ_ROLES
from .filters import BARE_QUERY, V1_QUERY, V2_QUERY

_WRITE_QUERY = frozenset(("mappings", "validate_policy"))
_PAGES = frozenset(("limit", "page", "cursor"))
_CURSOR = frozenset(("limit", "after_cursor"))

# What the generated clients send on /api/1, where it is not what the documented v1 has.
BARE_QUERIES = {
    "list_users": BARE_QUERY,
    "create_user": _WRITE_QUERY,
    "update_user": _WRITE_QUERY,
    "get_user_apps": frozenset(("ignore_visibility",)),
}

_V1, _V2 = "/api/1/users", "/api/2/users"

OPERATIONS = [
    # A call that needs no credential requires no token. Its handler checks the credentials of the client.
    Operation("POST", "/auth/oauth2/v2/token", auth.generate_token, kind="auth"),
    Operation("POST", "/auth/oauth2/revoke", auth.revoke_tokens),
    Operation("GET", "/auth/rate_limit", auth.get_rate_limit, ANY),
    Operation("GET", _V1, users.list_users, READ, V1_QUERY),
    Operation("POST", _V1, users.create_user, MANAGE),
    Operation("GET", f"{_V1}/custom_attributes", actions.get_custom_attributes, READ),
    Operation("GET", f"{_V1}/{{user_id}}", users.get_user, READ, id="get_user_by_id"),
    Operation("PUT", f"{_V1}/{{user_id}}", users.update_user, MANAGE),
    Operation("DELETE", f"{_V1}/{{user_id}}", users.delete_user, MANAGE),
    Operation("GET", f"{_V1}/{{user_id}}/apps", users.get_user_apps, READ),
    Operation("GET", f"{_V1}/{{user_id}}/roles", actions.get_user_roles, READ_ROLES),
    Operation("PUT", f"{_V1}/{{user_id}}/add_roles", actions.add_roles, MANAGE, id="add_roles_to_user"),
    Operation("PUT", f"{_V1}/{{user_id}}/remove_roles", actions.remove_roles, MANAGE_ALL, id="remove_user_role"),
    Operation("PUT", f"{_V1}/{{user_id}}/lock_user", actions.lock_user, MANAGE_ALL, id="lock_account_user"),
    Operation("PUT", f"{_V1}/{{user_id}}/logout", actions.log_out, MANAGE, id="log_out_user"),
    Operation("PUT", f"{_V1}/{{user_id}}/set_state", actions.set_state, MANAGE_ALL, id="set_user_state"),
    Operation("PUT", f"{_V1}/{{user_id}}/set_custom_attributes", actions.set_custom_attributes, MANAGE),
    Operation(
        "PUT", f"{_V1}/set_password_clear_text/{{user_id}}", actions.set_password_clear_text, MANAGE_ALL,
        id="update_password_insecure",
    ),
    Operation(
        "PUT", f"{_V1}/set_password_using_salt/{{user_id}}", actions.set_password_using_salt, MANAGE_ALL,
        id="update_password_secure",
    ),
    Operation(
        "GET", "/api/1/roles", roles.list_roles_v1, READ_ROLES, _CURSOR | {"name", "id", "fields", "sort"},
        id="get_role_by_name",
    ),
    Operation("GET", "/api/1/roles/{role_id}", roles.get_role_v1, READ_ROLES, id="get_role_by_id"),
    Operation("GET", "/api/1/groups", roles.list_groups, READ_ROLES, _CURSOR, id="get_groups"),
    Operation("GET", "/api/1/groups/{group_id}", roles.get_group, READ_ROLES, id="get_group_by_id"),
    Operation("GET", _V2, users.list_users, READ, V2_QUERY, id="list_users2"),
    Operation("POST", _V2, users.create_user, MANAGE, _WRITE_QUERY, id="create_user2"),
    Operation("GET", f"{_V2}/custom_attributes", roles.list_attribute_fields, READ, id="list_custom_attributes2"),
    Operation("GET", f"{_V2}/{{user_id}}", users.get_user, READ, id="get_user2"),
    Operation("PUT", f"{_V2}/{{user_id}}", users.update_user, MANAGE, _WRITE_QUERY, id="update_user2"),
    Operation("DELETE", f"{_V2}/{{user_id}}", users.delete_user, MANAGE, id="delete_user2"),
    Operation("POST", f"{_V2}/{{user_id}}/unlock", actions.unlock_user, MANAGE_ALL, id="unlock_user2"),
    Operation("GET", f"{_V2}/{{user_id}}/apps", users.get_user_apps, READ, ("ignore_visibility",), id="get_user_apps2"),
    Operation(
        "GET", "/api/2/roles", roles.list_roles_v2, READ_ROLES, _PAGES | {"name", "app_id", "app_name", "fields"},
        id="list_roles",
    ),
    Operation("GET", "/api/2/roles/{role_id}", roles.get_role_v2, READ_ROLES, id="get_role"),
    Operation(
        "GET", "/api/2/roles/{role_id}/users", roles.list_role_users, READ_ROLES,
        _PAGES | {"name", "include_unassigned"}, id="get_role_users",
    ),
    Operation("POST", "/api/2/roles/{role_id}/users", roles.add_role_users, MANAGE_ALL),
    Operation("DELETE", "/api/2/roles/{role_id}/users", roles.remove_role_users, MANAGE_ALL),
]
