# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contabo's operations table; ``needs`` is the API name that a role must give the right to."""

from __future__ import annotations

from ...provider import Operation
from . import auth, roles, users

_PAGES = ("page", "size", "orderBy")

_USERS, _ONE, _ROLES = "/v1/users", "/v1/users/{userId}", "/v1/roles"

OPERATIONS = [
    Operation("POST", auth.TOKEN_PATH, auth.get_token, kind="auth"),
    Operation("GET", _USERS, users.retrieve_user_list, _USERS, (*_PAGES, "email", "enabled", "owner")),
    Operation("POST", _USERS, users.create_user, _USERS),
    Operation("GET", _ONE, users.retrieve_user, _USERS),
    Operation("PATCH", _ONE, users.update_user, _USERS),
    Operation("DELETE", _ONE, users.delete_user, _USERS),
    Operation("POST", f"{_ONE}/resend-email-verification", users.resend_email_verification, _USERS, ("redirectUrl",)),
    Operation("POST", f"{_ONE}/reset-password", users.reset_password, _USERS, ("redirectUrl",)),
    Operation("GET", f"{_USERS}/is-password-set", users.retrieve_user_is_password_set, _USERS, ("userId",)),
    Operation(
        "GET", f"{_USERS}/audits", users.retrieve_user_audits_list, f"{_USERS}/audits",
        (*_PAGES, "userId", "requestId", "changedBy", "startDate", "endDate"),
    ),
    Operation("GET", f"{_USERS}/client", users.retrieve_user_client, f"{_USERS}/client"),
    Operation("PUT", f"{_USERS}/client/secret", users.generate_client_secret, f"{_USERS}/client"),
    Operation("GET", _ROLES, roles.retrieve_role_list, _ROLES, (*_PAGES, "name", "apiName", "tagName", "type")),
    Operation("POST", _ROLES, roles.create_role, _ROLES),
    Operation("GET", f"{_ROLES}/api-permissions", roles.retrieve_api_permissions_list, _ROLES, (*_PAGES, "apiName")),
    Operation("GET", f"{_ROLES}/{{roleId}}", roles.retrieve_role, _ROLES),
    Operation("PUT", f"{_ROLES}/{{roleId}}", roles.update_role, _ROLES),
    Operation("DELETE", f"{_ROLES}/{{roleId}}", roles.delete_role, _ROLES),
]
