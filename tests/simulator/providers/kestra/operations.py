# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kestra's operations table: what the vendor's Users API has, and the neighbours that a client needs.

An operation needs "me" (any caller who is logged in), "super" (an administrator of the instance), or a resource and an
action in the tenant. The server ignores unknown query parameters, so none are listed.
"""

from __future__ import annotations

from functools import partial

from ...provider import Operation
from . import accounts, groups, tokens, users
from .body import USER_AUTOCOMPLETE
from .listing import autocomplete, search

_T = "/api/v1/{tenant}"
_USER, _ACCOUNT = "/api/v1/users/{id}", "/api/v1/service-accounts/{id}"
_GROUP, _ACCESS = f"{_T}/groups/{{id}}", f"{_T}/tenant-access/{{userId}}"
_TENANT_ACCOUNT = f"{_T}/service-accounts/{{id}}"
# The fields by which lists can be filtered.
_NAMED = ("id", "name")
_USER_FIELDS = ("username", "email", "super_admin")
_ACCESS_FIELDS = ("username", "email")
_ACCOUNT_FIELDS = ("name", "username")

OPERATIONS = [
    # The Users API.
    Operation(
        "POST", f"{_T}/tenant-access/autocomplete",
        partial(autocomplete, index="access {tenant}", schema=USER_AUTOCOMPLETE), ("TENANT_ACCESS", "LIST"),
        id="autocomplete_users", kind="read",
    ),
    Operation("POST", f"{_ACCOUNT}/api-tokens", tokens.create_token, "super", id="create_api_tokens_for_user"),
    Operation("POST", f"{_USER}/api-tokens", tokens.create_token, "super", id="create_api_tokens_for_user1"),
    Operation(
        "POST", f"{_TENANT_ACCOUNT}/api-tokens", tokens.create_token, ("SERVICE_ACCOUNT", "UPDATE"),
        id="create_api_tokens_for_user_with_tenant",
    ),
    Operation("POST", "/api/v1/users", users.create_user, "super"),
    Operation("DELETE", f"{_ACCOUNT}/api-tokens/{{tokenId}}", tokens.delete_token, "super", id="delete_api_token"),
    Operation("DELETE", f"{_USER}/api-tokens/{{tokenId}}", tokens.delete_token, "super", id="delete_api_token1"),
    Operation(
        "DELETE", f"{_TENANT_ACCOUNT}/api-tokens/{{tokenId}}", tokens.delete_token, ("SERVICE_ACCOUNT", "UPDATE"),
        id="delete_api_token_with_tenant",
    ),
    Operation("DELETE", f"{_USER}/refresh-token", users.delete_refresh_token, "super"),
    Operation("DELETE", _USER, users.delete_user, "super"),
    Operation("DELETE", f"{_USER}/auths/{{auth}}", users.delete_user_auth_method, "super"),
    Operation("GET", _USER, users.get_user, "super"),
    Operation("POST", f"{_USER}/impersonate", users.impersonate, "super"),
    Operation("GET", f"{_ACCOUNT}/api-tokens", tokens.list_tokens, "super", id="list_api_tokens"),
    Operation("GET", f"{_USER}/api-tokens", tokens.list_tokens, "super", id="list_api_tokens1"),
    Operation(
        "GET", f"{_TENANT_ACCOUNT}/api-tokens", tokens.list_tokens, ("SERVICE_ACCOUNT", "VIEW"),
        id="list_api_tokens_with_tenant",
    ),
    Operation("GET", "/api/v1/users", partial(search, index="users", fields=_USER_FIELDS), "super", id="list_users"),
    Operation("PATCH", _USER, users.patch_user, "super"),
    Operation("PATCH", f"{_USER}/restricted", users.patch_user_demo, "super"),
    Operation("PATCH", f"{_USER}/password", users.patch_user_password, "super"),
    Operation("PATCH", f"{_USER}/superadmin", users.patch_user_super_admin, "super"),
    Operation("PUT", "/api/v1/me/password", users.update_current_user_password, "me"),
    Operation("PUT", _USER, users.update_user, "super"),
    Operation("PUT", f"{_T}/users/{{id}}/groups", groups.update_user_groups, ("GROUP", "MANAGE_MEMBERS")),
    # The caller.
    Operation("GET", "/api/v1/me", users.get_current_user, "me"),
    Operation("GET", "/api/v1/me/api-tokens", tokens.list_tokens, "me", id="list_api_tokens_for_current_user"),
    Operation("POST", "/api/v1/me/api-tokens", tokens.create_token, "me", id="create_api_token_for_current_user"),
    Operation(
        "DELETE", "/api/v1/me/api-tokens/{tokenId}", tokens.delete_token, "me", id="delete_api_token_for_current_user"
    ),
    # Tenants.
    Operation(
        "GET", "/api/v1/tenants/search", partial(search, index="tenants", fields=_NAMED, sorts=_NAMED), "super",
        id="find",
    ),
    Operation("GET", "/api/v1/tenants/{id}", accounts.get_tenant, "super", id="get_3"),
    # Groups and members.
    Operation(
        "GET", f"{_T}/groups/search", partial(search, index="groups {tenant}", fields=_NAMED, sorts=_NAMED),
        ("GROUP", "LIST"), id="search_groups",
    ),
    Operation(
        "POST", f"{_T}/groups/autocomplete", partial(autocomplete, index="groups {tenant}"), ("GROUP", "LIST"),
        id="autocomplete_groups", kind="read",
    ),
    Operation("POST", f"{_T}/groups/ids", groups.list_group_ids, ("GROUP", "LIST"), kind="read"),
    Operation("POST", f"{_T}/groups", groups.create_group, ("GROUP", "CREATE")),
    Operation("GET", _GROUP, groups.get_group, ("GROUP", "VIEW")),
    Operation("PUT", _GROUP, groups.update_group, ("GROUP", "UPDATE")),
    Operation("DELETE", _GROUP, groups.delete_group, ("GROUP", "DELETE")),
    Operation("GET", f"{_GROUP}/members", groups.search_group_members, ("GROUP", "VIEW")),
    Operation("PUT", f"{_GROUP}/members/{{userId}}", groups.add_user_to_group, ("GROUP", "MANAGE_MEMBERS")),
    Operation("DELETE", f"{_GROUP}/members/{{userId}}", groups.delete_user_from_group, ("GROUP", "MANAGE_MEMBERS")),
    Operation(
        "PUT", f"{_GROUP}/members/membership/{{userId}}", groups.set_user_membership_for_group,
        ("GROUP", "MANAGE_MEMBERS"),
    ),
    # Roles and bindings.
    Operation(
        "GET", f"{_T}/roles/search", partial(search, index="roles {tenant}", fields=_NAMED, sorts=_NAMED),
        ("ROLE", "LIST"), id="search_roles",
    ),
    Operation(
        "POST", f"{_T}/roles/autocomplete", partial(autocomplete, index="roles {tenant}"), ("ROLE", "LIST"),
        id="autocomplete_roles", kind="read",
    ),
    Operation("GET", f"{_T}/roles/{{id}}", accounts.get_role, ("ROLE", "VIEW")),
    Operation("POST", f"{_T}/bindings", accounts.create_binding, ("BINDING", "CREATE")),
    Operation("GET", f"{_T}/bindings/search", accounts.search_bindings, ("BINDING", "LIST")),
    Operation("GET", f"{_T}/bindings/{{id}}", accounts.get_binding, ("BINDING", "VIEW")),
    Operation("DELETE", f"{_T}/bindings/{{id}}", accounts.delete_binding, ("BINDING", "DELETE")),
    # Access to a tenant.
    Operation(
        "GET", f"{_T}/tenant-access", partial(search, index="access {tenant}", fields=_ACCESS_FIELDS),
        ("TENANT_ACCESS", "LIST"), id="list_tenant_access",
    ),
    Operation("POST", f"{_T}/tenant-access", groups.create_tenant_access, ("TENANT_ACCESS", "CREATE")),
    Operation("GET", _ACCESS, groups.get_tenant_access, ("TENANT_ACCESS", "VIEW")),
    Operation("PUT", _ACCESS, groups.create_tenant_access_1, ("TENANT_ACCESS", "CREATE")),
    Operation("DELETE", _ACCESS, groups.delete_tenant_access, ("TENANT_ACCESS", "DELETE")),
    # Service accounts.
    Operation(
        "GET", "/api/v1/service-accounts", partial(search, index="accounts", fields=_ACCOUNT_FIELDS, sorts=("name",)),
        "super", id="list_service_accounts",
    ),
    Operation("POST", "/api/v1/service-accounts", accounts.create_service_account, "super"),
    Operation("GET", _ACCOUNT, accounts.get_service_account, "super"),
    Operation("PATCH", _ACCOUNT, accounts.patch_service_account_details, "super"),
    Operation("DELETE", _ACCOUNT, accounts.delete_service_account, "super"),
    Operation("PATCH", f"{_ACCOUNT}/superadmin", accounts.patch_service_account_super_admin, "super"),
    Operation(
        "GET", f"{_T}/service-accounts",
        partial(search, index="accounts {tenant}", fields=_ACCOUNT_FIELDS, has_q=False), ("SERVICE_ACCOUNT", "LIST"),
        id="list_service_accounts_for_tenant",
    ),
    Operation(
        "POST", f"{_T}/service-accounts", accounts.create_service_account_for_tenant, ("SERVICE_ACCOUNT", "CREATE")
    ),
    Operation("GET", _TENANT_ACCOUNT, accounts.get_service_account_for_tenant, ("SERVICE_ACCOUNT", "VIEW")),
    Operation("PUT", _TENANT_ACCOUNT, accounts.update_service_account, ("SERVICE_ACCOUNT", "UPDATE")),
    Operation("DELETE", _TENANT_ACCOUNT, accounts.delete_service_account_for_tenant, ("SERVICE_ACCOUNT", "DELETE")),
]
