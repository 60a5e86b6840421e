# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SendAuth's operations table. ``rank`` is the least rank of a caller: 4 admin, 2 registrar, 1 authenticator."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ...provider import Operation
from ...web import Answer, Call
from . import actions, catalogue, users

_PAGES = ("page", "perPage", "q")


def _row(
    name: str, method: str, path: str, handler: Callable[[Any, Call], Answer], rank: int, query: Iterable[str] = ()
) -> Operation:
    return Operation(name, method, f"/api/v1{path}", handler, frozenset(query), meta={"rank": rank})


_USER = "/users/{userID}"

OPERATIONS = [
    _row("list_users", "GET", "/users", users.list_users, 1, (*_PAGES, "permission", "sortBy", "sortDir")),
    _row("create_user", "POST", "/users", users.create_user, 2),
    _row("list_deleted_users", "GET", "/users/deleted", users.list_deleted_users, 1, (*_PAGES, "permission")),
    _row("restore_user", "PUT", "/users/deleted/{userID}", users.restore_user, 2),
    _row("destroy_user", "DELETE", "/users/deleted/{userID}", users.destroy_user, 2),
    _row("get_user", "GET", _USER, users.get_user, 1),
    _row("update_user", "PUT", _USER, users.update_user, 2),
    _row("delete_user", "DELETE", _USER, users.delete_user, 2),
    _row("set_user_tags", "PUT", f"{_USER}/tags", actions.set_user_tags, 2),
    _row("remove_user_passkey", "DELETE", f"{_USER}/passkey", actions.remove_user_passkey, 2),
    _row("register_user", "POST", f"{_USER}/register", actions.register_user, 2),
    _row("authenticate_user", "POST", f"{_USER}/authenticate", actions.authenticate_user, 1),
    _row("get_user_transactions", "GET", f"{_USER}/transactions", actions.get_user_transactions, 1, _PAGES),
    _row("get_user_audits", "GET", f"{_USER}/audits", actions.get_user_audits, 4, _PAGES),
    _row("check_transaction_status", "GET", "/transactions/{txID}/check", actions.check_transaction_status, 1),
    _row("get_transaction_history", "GET", "/transactions/{txID}/history", actions.get_transaction_history, 1),
    _row("cancel_transaction", "DELETE", "/transactions/{txID}/cancel", actions.cancel_transaction, 1),
    _row("list_tags", "GET", "/tags", catalogue.list_tags, 1),
    _row("create_tag", "POST", "/tags", catalogue.create_tag, 4),
    _row("update_tag", "PUT", "/tags/{tagName}", catalogue.update_tag, 4),
    _row("delete_tag", "DELETE", "/tags/{tagName}", catalogue.delete_tag, 4),
    _row("list_permissions", "GET", "/permissions", catalogue.list_permissions, 4),
    _row("create_permission", "POST", "/permissions", catalogue.create_permission, 4),
    _row("list_permission_groups", "GET", "/permission-groups", catalogue.list_permission_groups, 1),
    _row("create_permission_group", "POST", "/permission-groups", catalogue.create_permission_group, 4),
    _row(
        "set_permission_group_permissions", "PUT", "/permission-groups/{id}/permissions",
        catalogue.set_permission_group_permissions, 4,
    ),
    _row("list_companies", "GET", "/companies", catalogue.list_companies, 1),
    _row("create_company", "POST", "/companies", catalogue.create_company, 4),
    _row("list_auth_groups", "GET", "/approval-groups", catalogue.list_auth_groups, 1),
    _row("get_auth_group", "GET", "/approval-groups/{id}", catalogue.get_auth_group, 1),
    _row("add_user_to_auth_group", "POST", "/approval-groups/{id}/users/{userID}", catalogue.add_user_to_auth_group, 2),
    _row(
        "remove_user_from_auth_group", "DELETE", "/approval-groups/{id}/users/{userID}",
        catalogue.remove_user_from_auth_group, 2,
    ),
]
