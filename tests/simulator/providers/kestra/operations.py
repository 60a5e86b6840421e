# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kestra's operations table: what the vendor's Users API has, and the neighbours that a client needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ...provider import Operation
from ...web import Answer, Call
from . import accounts, groups, tokens, users

_PAGES = ("page", "size", "sort", "filters[*")
_SEARCH = (*_PAGES, "q")

Need = str | tuple[str, str]


def _row(
    name: str,
    method: str,
    path: str,
    handler: Callable[[Any, Call], Answer],
    need: Need,
    query: Iterable[str] = (),
    kind: str = "",
) -> Operation:
    """Return an operation. ``need`` is the permission that it requires.

    It is "me" (any caller who is logged in), "super" (administrators of the instance), or a resource and an action in
    the tenant.
    """
    return Operation(
        name, method, f"/api/v1{path}", handler, frozenset(query), kind, frozenset(("sort",)), {"need": need}
    )


_T = "/{tenant}"
_USER, _ACCOUNT, _TENANT_ACCOUNT = "/users/{id}", "/service-accounts/{id}", "/{tenant}/service-accounts/{id}"
_GROUP, _ACCESS = "/{tenant}/groups/{id}", "/{tenant}/tenant-access/{userId}"

OPERATIONS = [
    # The Users API.
    _row(
        "autocomplete_users", "POST", f"{_T}/tenant-access/autocomplete", groups.autocomplete_users,
        ("TENANT_ACCESS", "LIST"), kind="read",
    ),
    _row("create_api_tokens_for_user", "POST", f"{_ACCOUNT}/api-tokens", tokens.create_for_account, "super"),
    _row("create_api_tokens_for_user1", "POST", f"{_USER}/api-tokens", tokens.create_for_user, "super"),
    _row(
        "create_api_tokens_for_user_with_tenant", "POST", f"{_TENANT_ACCOUNT}/api-tokens", tokens.create_for_account,
        ("SERVICE_ACCOUNT", "UPDATE"),
    ),
    _row("create_user", "POST", "/users", users.create_user, "super"),
    _row("delete_api_token", "DELETE", f"{_ACCOUNT}/api-tokens/{{tokenId}}", tokens.delete_of_account, "super"),
    _row("delete_api_token1", "DELETE", f"{_USER}/api-tokens/{{tokenId}}", tokens.delete_of_user, "super"),
    _row(
        "delete_api_token_with_tenant", "DELETE", f"{_TENANT_ACCOUNT}/api-tokens/{{tokenId}}", tokens.delete_of_account,
        ("SERVICE_ACCOUNT", "UPDATE"),
    ),
    _row("delete_refresh_token", "DELETE", f"{_USER}/refresh-token", users.delete_refresh_token, "super"),
    _row("delete_user", "DELETE", _USER, users.delete_user, "super"),
    _row("delete_user_auth_method", "DELETE", f"{_USER}/auths/{{auth}}", users.delete_auth, "super"),
    _row("get_user", "GET", _USER, users.get_user, "super"),
    _row("impersonate", "POST", f"{_USER}/impersonate", users.impersonate, "super"),
    _row("list_api_tokens", "GET", f"{_ACCOUNT}/api-tokens", tokens.list_of_account, "super"),
    _row("list_api_tokens1", "GET", f"{_USER}/api-tokens", tokens.list_of_user, "super"),
    _row(
        "list_api_tokens_with_tenant", "GET", f"{_TENANT_ACCOUNT}/api-tokens", tokens.list_of_account,
        ("SERVICE_ACCOUNT", "VIEW"),
    ),
    _row("list_users", "GET", "/users", users.list_users, "super", _SEARCH),
    _row("patch_user", "PATCH", _USER, users.patch_user, "super"),
    _row("patch_user_demo", "PATCH", f"{_USER}/restricted", users.patch_restricted, "super"),
    _row("patch_user_password", "PATCH", f"{_USER}/password", users.patch_password, "super"),
    _row("patch_user_super_admin", "PATCH", f"{_USER}/superadmin", users.patch_super_admin, "super"),
    _row("update_current_user_password", "PUT", "/me/password", users.update_own_password, "me"),
    _row("update_user", "PUT", _USER, users.update_user, "super"),
    _row(
        "update_user_groups", "PUT", f"{_T}/users/{{id}}/groups", groups.update_user_groups, ("GROUP", "MANAGE_MEMBERS")
    ),
    # The caller.
    _row("get_current_user", "GET", "/me", users.get_me, "me"),
    _row("list_api_tokens_for_current_user", "GET", "/me/api-tokens", tokens.list_own, "me"),
    _row("create_api_token_for_current_user", "POST", "/me/api-tokens", tokens.create_own, "me"),
    _row("delete_api_token_for_current_user", "DELETE", "/me/api-tokens/{tokenId}", tokens.delete_own, "me"),
    # Tenants.
    _row("find", "GET", "/tenants/search", accounts.search_tenants, "super", _SEARCH),
    _row("get_3", "GET", "/tenants/{id}", accounts.get_tenant, "super"),
    # Groups and members.
    _row("search_groups", "GET", f"{_T}/groups/search", groups.search_groups, ("GROUP", "LIST"), _SEARCH),
    _row(
        "autocomplete_groups",
        "POST",
        f"{_T}/groups/autocomplete",
        groups.autocomplete_groups,
        ("GROUP", "LIST"),
        ("filters[*",),
        "read",
    ),
    _row("list_group_ids", "POST", f"{_T}/groups/ids", groups.list_group_ids, ("GROUP", "LIST"), kind="read"),
    _row("create_group", "POST", f"{_T}/groups", groups.create_group, ("GROUP", "CREATE")),
    _row("get_group", "GET", _GROUP, groups.get_group, ("GROUP", "VIEW")),
    _row("update_group", "PUT", _GROUP, groups.update_group, ("GROUP", "UPDATE")),
    _row("delete_group", "DELETE", _GROUP, groups.delete_group, ("GROUP", "DELETE")),
    _row("search_group_members", "GET", f"{_GROUP}/members", groups.search_members, ("GROUP", "VIEW"), _SEARCH),
    _row("add_user_to_group", "PUT", f"{_GROUP}/members/{{userId}}", groups.add_member, ("GROUP", "MANAGE_MEMBERS")),
    _row(
        "delete_user_from_group", "DELETE", f"{_GROUP}/members/{{userId}}", groups.remove_member,
        ("GROUP", "MANAGE_MEMBERS"),
    ),
    _row(
        "set_user_membership_for_group", "PUT", f"{_GROUP}/members/membership/{{userId}}", groups.set_membership,
        ("GROUP", "MANAGE_MEMBERS"), ("membership",),
    ),
    # Roles and bindings.
    _row("search_roles", "GET", f"{_T}/roles/search", accounts.search_roles, ("ROLE", "LIST"), _SEARCH),
    _row(
        "autocomplete_roles", "POST", f"{_T}/roles/autocomplete", accounts.autocomplete_roles, ("ROLE", "LIST"),
        kind="read",
    ),
    _row("get_role", "GET", f"{_T}/roles/{{id}}", accounts.get_role, ("ROLE", "VIEW")),
    _row("create_binding", "POST", f"{_T}/bindings", accounts.create_binding, ("BINDING", "CREATE")),
    _row(
        "search_bindings",
        "GET",
        f"{_T}/bindings/search",
        accounts.search_bindings,
        ("BINDING", "LIST"),
        (*_SEARCH, "type", "id", "namespace"),
    ),
    _row("get_binding", "GET", f"{_T}/bindings/{{id}}", accounts.get_binding, ("BINDING", "VIEW")),
    _row("delete_binding", "DELETE", f"{_T}/bindings/{{id}}", accounts.delete_binding, ("BINDING", "DELETE")),
    # Access to a tenant.
    _row("list_tenant_access", "GET", f"{_T}/tenant-access", groups.list_access, ("TENANT_ACCESS", "LIST"), _SEARCH),
    _row(
        "create_tenant_access", "POST", f"{_T}/tenant-access", groups.create_access_by_email,
        ("TENANT_ACCESS", "CREATE"),
    ),
    _row("get_tenant_access", "GET", _ACCESS, groups.get_access, ("TENANT_ACCESS", "VIEW")),
    _row("create_tenant_access_1", "PUT", _ACCESS, groups.create_access, ("TENANT_ACCESS", "CREATE")),
    _row("delete_tenant_access", "DELETE", _ACCESS, groups.delete_access, ("TENANT_ACCESS", "DELETE")),
    # Service accounts.
    _row("list_service_accounts", "GET", "/service-accounts", accounts.list_accounts, "super", _SEARCH),
    _row("create_service_account", "POST", "/service-accounts", accounts.create_account, "super"),
    _row("get_service_account", "GET", _ACCOUNT, accounts.get_account, "super"),
    _row("patch_service_account_details", "PATCH", _ACCOUNT, accounts.patch_account, "super"),
    _row("delete_service_account", "DELETE", _ACCOUNT, accounts.delete_account, "super"),
    _row(
        "patch_service_account_super_admin", "PATCH", f"{_ACCOUNT}/superadmin", accounts.patch_account_super_admin,
        "super",
    ),
    _row(
        "list_service_accounts_for_tenant", "GET", f"{_T}/service-accounts", accounts.list_tenant_accounts,
        ("SERVICE_ACCOUNT", "LIST"), _PAGES,
    ),
    _row(
        "create_service_account_for_tenant", "POST", f"{_T}/service-accounts", accounts.create_tenant_account,
        ("SERVICE_ACCOUNT", "CREATE"),
    ),
    _row(
        "get_service_account_for_tenant", "GET", _TENANT_ACCOUNT, accounts.get_tenant_account,
        ("SERVICE_ACCOUNT", "VIEW"),
    ),
    _row(
        "update_service_account", "PUT", _TENANT_ACCOUNT, accounts.update_tenant_account, ("SERVICE_ACCOUNT", "UPDATE")
    ),
    _row(
        "delete_service_account_for_tenant", "DELETE", _TENANT_ACCOUNT, accounts.delete_tenant_account,
        ("SERVICE_ACCOUNT", "DELETE"),
    ),
]
