# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Roles, groups and permissions with keys that nobody knows, and addresses that end with a part of the API's paths,
for all providers."""

from __future__ import annotations

import pytest

ADA, USER = "user0001@example.com", "user0001"
KNOWN = {
    ("sendauth", "permissions"): {"name": "VPN"},
    ("sendauth", "groups"): {"name": "Contractors"},
    ("kestra", "tenants"): {"id": "main"},
    ("kestra", "groups"): {"name": "data"},
    ("kestra", "roles"): {"role": "Viewer"},
    ("contabo", "roles"): {"name": "Snowflake"},
    ("onelogin", "roles"): {"name": "2024"},
}
MODULES = {
    ("sendauth", "permissions"): "sendauth_user_roles", ("sendauth", "groups"): "sendauth_user_roles",
    ("kestra", "groups"): "kestra_user_groups", ("kestra", "roles"): "kestra_user_roles",
    ("contabo", "roles"): "contabo_user_roles", ("onelogin", "roles"): "onelogin_user_roles",
}  # fmt: skip


def user_of(provider):
    return USER if provider == "onelogin" else ADA


@pytest.mark.parametrize("value", ["a", True, 7, ["x"], {"a": 1}, None])
@pytest.mark.parametrize(("provider", "facet"), KNOWN)
def test_an_unknown_key_is_named_with_its_place(bench, provider, facet, value):
    good = KNOWN[provider, facet]
    items, name = [good, {**good, "tenent": value}], user_of(provider)
    tasks = [
        (f"{provider}_user", {facet: items}, False),
        (f"{provider}_users", {"users": [{"user": "other"}, {"user": name, facet: items}]}, True),
    ]
    if (provider, facet) in MODULES:
        tasks.append((MODULES[provider, facet], {facet: items}, False))
    for module, params, listed in tasks:
        result = bench.run(module, params if listed else {"user": name, **params})
        errors = [error for error in result["errors"] if error["user"] != "other"]
        assert [(error["code"], error["user"], error["option"]) for error in errors] == [
            ("unknown_key", name, f"{facet}[1]")
        ], result["msg"]
        error = errors[0]
        assert error.get("index") == (1 if listed else None)
        assert "unknown key tenent" in error["message"]
        assert "{'" not in error["message"] and "True" not in error["message"]


@pytest.mark.parametrize(
    ("provider", "part"),
    [
        ("contabo", "/v1"),
        ("nextauth", "/servers"),
        ("sendauth", "/api/v1"),
        ("kestra", "/api/v1"),
        ("onelogin", "/api/2"),
    ],
)
@pytest.mark.parametrize("slash", ["", "/"])
def test_an_address_with_a_part_of_the_apis_own_paths_says_what_to_remove(bench, provider, part, slash):
    address = bench.simulator.env[f"{provider.upper()}_API_URL"] + part + slash
    for module, params in (
        (f"{provider}_user", {"user": user_of(provider), "state": "absent"}),
        (f"{provider}_user_info", {}),
    ):
        result = bench.run(module, {"api_url": address, **params})
        assert result["failed"] is True and result["changed"] is False
        said = (
            f"api_url ends with {part}, which the collection adds itself. Remove it.",
            f"Use api_url without {part}.",
        )
        assert any(text in result["msg"] for text in said), result["msg"]
        assert "login page" not in result["msg"]
