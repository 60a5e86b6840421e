# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contabo's operations table; each call but the one for a token needs the right to an API name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ...provider import Operation
from ...web import Answer, Call
from . import auth, roles, users

_PAGES = ("page", "size", "orderBy")


def _row(
    name: str, method: str, path: str, handler: Callable[[Any, Call], Answer], api: str, query: Iterable[str] = ()
) -> Operation:
    return Operation(name, method, path, handler, frozenset(query), repeats=frozenset(("orderBy",)), meta={"api": api})


_USERS, _ONE, _ROLES = "/v1/users", "/v1/users/{userId}", "/v1/roles"

OPERATIONS = [
    Operation("get_token", "POST", auth.TOKEN_PATH, auth.get_token, kind="auth"),
    _row("retrieve_user_list", "GET", _USERS, users.list_users, _USERS, (*_PAGES, "email", "enabled", "owner")),
    _row("create_user", "POST", _USERS, users.create_user, _USERS),
    _row("retrieve_user", "GET", _ONE, users.get_user, _USERS),
    _row("update_user", "PATCH", _ONE, users.update_user, _USERS),
    _row("delete_user", "DELETE", _ONE, users.delete_user, _USERS),
    _row(
        "resend_email_verification", "POST", f"{_ONE}/resend-email-verification", users.resend_email_verification,
        _USERS, ("redirectUrl",),
    ),
    _row("reset_password", "POST", f"{_ONE}/reset-password", users.reset_password, _USERS, ("redirectUrl",)),
    _row(
        "retrieve_user_is_password_set", "GET", f"{_USERS}/is-password-set", users.is_password_set, _USERS, ("userId",)
    ),
    _row(
        "retrieve_user_audits_list",
        "GET",
        f"{_USERS}/audits",
        users.list_audits,
        f"{_USERS}/audits",
        (*_PAGES, "userId", "requestId", "changedBy", "startDate", "endDate"),
    ),
    _row("retrieve_user_client", "GET", f"{_USERS}/client", users.get_client, f"{_USERS}/client"),
    _row("generate_client_secret", "PUT", f"{_USERS}/client/secret", users.generate_client_secret, f"{_USERS}/client"),
    _row(
        "retrieve_role_list", "GET", _ROLES, roles.list_roles, _ROLES, (*_PAGES, "name", "apiName", "tagName", "type")
    ),
    _row("create_role", "POST", _ROLES, roles.create_role, _ROLES),
    _row(
        "retrieve_api_permissions_list",
        "GET",
        f"{_ROLES}/api-permissions",
        roles.list_api_permissions,
        _ROLES,
        (*_PAGES, "apiName"),
    ),
    _row("retrieve_role", "GET", f"{_ROLES}/{{roleId}}", roles.get_role, _ROLES),
    _row("update_role", "PUT", f"{_ROLES}/{{roleId}}", roles.update_role, _ROLES),
    _row("delete_role", "DELETE", f"{_ROLES}/{{roleId}}", roles.delete_role, _ROLES),
]
