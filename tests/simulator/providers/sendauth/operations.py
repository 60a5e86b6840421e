# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SendAuth's operations table. ``needs`` is the least rank of a caller: 4 admin, 2 registrar, 1 authenticator."""

from __future__ import annotations

from ...provider import Operation
from . import actions, catalogue, users

_PAGES = ("page", "perPage", "q")

_USER = "/api/v1/users/{userID}"

OPERATIONS = [
    Operation("GET", "/api/v1/users", users.list_users, 1, (*_PAGES, "permission", "sortBy", "sortDir")),
    Operation("POST", "/api/v1/users", users.create_user, 2),
    Operation("GET", "/api/v1/users/deleted", users.list_deleted_users, 1, (*_PAGES, "permission")),
    Operation("PUT", "/api/v1/users/deleted/{userID}", users.restore_user, 2),
    Operation("DELETE", "/api/v1/users/deleted/{userID}", users.destroy_user, 2),
    Operation("GET", _USER, users.get_user, 1),
    Operation("PUT", _USER, users.update_user, 2),
    Operation("DELETE", _USER, users.delete_user, 2),
    Operation("PUT", f"{_USER}/tags", actions.set_user_tags, 2),
    Operation("DELETE", f"{_USER}/passkey", actions.remove_user_passkey, 2),
    Operation("POST", f"{_USER}/register", actions.register_user, 2),
    Operation("POST", f"{_USER}/authenticate", actions.authenticate_user, 1),
    Operation("GET", f"{_USER}/transactions", actions.get_user_transactions, 1, _PAGES),
    Operation("GET", f"{_USER}/audits", actions.get_user_audits, 4, _PAGES),
    Operation("GET", "/api/v1/transactions/{txID}/check", actions.check_transaction_status, 1),
    Operation("GET", "/api/v1/transactions/{txID}/history", actions.get_transaction_history, 1),
    Operation("DELETE", "/api/v1/transactions/{txID}/cancel", actions.cancel_transaction, 1),
    Operation("GET", "/api/v1/tags", catalogue.list_tags, 1),
    Operation("POST", "/api/v1/tags", catalogue.create_tag, 4),
    Operation("PUT", "/api/v1/tags/{tagName}", catalogue.update_tag, 4),
    Operation("DELETE", "/api/v1/tags/{tagName}", catalogue.delete_tag, 4),
    Operation("GET", "/api/v1/permissions", catalogue.list_permissions, 4),
    Operation("POST", "/api/v1/permissions", catalogue.create_permission, 4),
    Operation("GET", "/api/v1/permission-groups", catalogue.list_permission_groups, 1),
    Operation("POST", "/api/v1/permission-groups", catalogue.create_permission_group, 4),
    Operation("PUT", "/api/v1/permission-groups/{id}/permissions", catalogue.set_permission_group_permissions, 4),
    Operation("GET", "/api/v1/companies", catalogue.list_companies, 1),
    Operation("POST", "/api/v1/companies", catalogue.create_company, 4),
    Operation("GET", "/api/v1/approval-groups", catalogue.list_auth_groups, 1),
    Operation("GET", "/api/v1/approval-groups/{id}", catalogue.get_auth_group, 1),
    Operation("POST", "/api/v1/approval-groups/{id}/users/{userID}", catalogue.add_user_to_auth_group, 2),
    Operation("DELETE", "/api/v1/approval-groups/{id}/users/{userID}", catalogue.remove_user_from_auth_group, 2),
]
