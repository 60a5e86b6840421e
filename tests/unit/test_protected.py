# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A protected user loses nothing: every module that writes to one user, with ``protect`` and without."""

from __future__ import annotations

import pathlib

import pytest

from simulator.providers import NAMES
from soak.scenarios import _SESSION, _token

ADA, USER = "user0001@example.com", "user0001"
MODULES = pathlib.Path(__file__).resolve().parents[2] / "plugins" / "modules"
DEVICES = ("accounts", [{"id": 71000, "userid": ADA, "description": "Phone", "blocked": False}])
MEMBER = ("users", [{"email": ADA, "tenants": ["main"], "groups": ["data"]}])

TAKES = [
    ("nextauth_user", {"user": ADA, "state": "absent"}, ()),
    ("nextauth_user_accounts", {"user": ADA, "all": True, "state": "blocked"}, (DEVICES,)),
    ("nextauth_user_accounts", {"user": ADA, "all": True, "state": "absent"}, (DEVICES,)),
    ("nextauth_user_attributes", {"user": ADA, "attributes": {}, "state": "exact"}, ()),
    (
        "nextauth_user_roles",
        {"user": ADA, "permissions": [], "state": "exact"},
        (("users", [{"userid": ADA, "permissions": ["accounts"]}]),),
    ),
    ("sendauth_user", {"user": ADA, "state": "absent"}, ()),
    ("sendauth_user_passkey", {"user": ADA}, ()),
    ("sendauth_user_roles", {"user": ADA, "permissions": [], "state": "exact"}, ()),
    ("sendauth_user_tags", {"user": ADA, "tags": {}}, ()),
    ("sendauth_user_tags", {"user": ADA, "tags": {"department": "Data"}}, ()),
    ("kestra_user", {"user": ADA, "state": "absent"}, ()),
    ("kestra_user", {"user": ADA, "enabled": False}, ()),
    ("kestra_user_auth_method", {"user": ADA, "all": True}, ()),
    ("kestra_user_groups", {"user": ADA, "groups": [], "state": "exact"}, (MEMBER,)),
    (
        "kestra_user_roles",
        {"user": ADA, "roles": [], "state": "exact"},
        (("bindings", [{"tenant": "main", "user": ADA, "role": "Viewer"}]),),
    ),
    ("kestra_user_session", {"user": ADA}, ()),
    ("kestra_api_token", {"user": ADA, "name": "old", "state": "absent"}, _token(ADA)),
    ("kestra_service_account", {"name": "backup", "state": "absent"}, ()),
    ("contabo_user", {"user": ADA, "state": "absent"}, ()),
    ("contabo_user", {"user": ADA, "enabled": False}, ()),
    ("contabo_user_roles", {"user": ADA, "roles": [], "state": "exact"}, ()),
    ("onelogin_user", {"user": USER, "state": "absent"}, ()),
    ("onelogin_user", {"user": USER, "enabled": False}, ()),
    ("onelogin_user_attributes", {"user": USER, "attributes": {}, "state": "exact"}, ()),
    ("onelogin_user_lock", {"user": USER}, ()),
    ("onelogin_user_password", {"user": USER, "password": "Another-Pass-1"}, ()),
    ("onelogin_user_roles", {"user": USER, "roles": [], "state": "exact"}, ()),
    ("onelogin_user_session", {"user": USER}, ()),
]
"""Module, options, what the simulator gets before: each takes something from a user."""
GIVES = [
    ("nextauth_user_registration", {"user": ADA, "nonce": "a-nonce-of-a-page"}, _SESSION),
    ("sendauth_user_transaction", {"user": ADA, "type": "authenticate"}, ()),
    ("kestra_api_token", {"user": ADA, "name": "new"}, ()),
    ("kestra_user_impersonation", {"user": ADA}, ()),
    ("contabo_user_mail", {"user": ADA, "type": "password_reset"}, ()),
    ("contabo_user_mail", {"user": ADA, "type": "verification"}, ()),
]
"""What a protected user may get: a device, a question, a token, a mail by which the user may choose a password."""
OWN = {"kestra_current_user_password", "nextauth_api_token", "onelogin_api_token", "contabo_client_secret"}
"""Modules on the task's own credentials."""


def begin(bench, module, put):
    bench.reset()
    for kind, items in put:
        bench.simulator.put(kind, items, module.split("_")[0])


def name_of(case):
    return f"{case[0]} {sorted(case[1].items())}"


def test_the_table_holds_every_module_that_writes_to_one_user():
    """Of the providers that the simulator plays; the others have tests of their own."""
    others = ("_info", "_users")
    written = {
        path.stem
        for path in MODULES.glob("*_*.py")
        if path.stem.split("_")[0] in NAMES and not path.stem.endswith(others)
    }
    assert {module for module, _params, _put in (*TAKES, *GIVES)} == written - OWN


@pytest.mark.parametrize("case", TAKES, ids=name_of)
def test_a_protected_user_loses_nothing(bench, case):
    module, params, put = case
    name = params.get("user") or params["name"]
    for check in (True, False):
        begin(bench, module, put)
        before = bench.view(module.split("_")[0])
        result = bench.run(module, {**params, "protect": ["*"]}, check=check)
        assert (result.get("failed"), result.get("code"), result["changed"]) == (True, "protected", False), result.get(
            "msg"
        )
        assert [(error["code"], error["user"], error["option"]) for error in result["errors"]] == [
            ("protected", name, "protect")
        ]
        assert result["stopped"] == [name]
        assert "{" not in result["msg"]
        assert bench.view(module.split("_")[0]) == before
    assert bench.run(module, {**params, "protect": ["svc-*"]})["changed"] is True, "others are written"


@pytest.mark.parametrize("case", GIVES, ids=name_of)
def test_a_protected_user_may_be_given_something(bench, case):
    module, params, put = case
    begin(bench, module, put)
    result = bench.run(module, {**params, "protect": ["*"]})
    assert result["changed"] is True, result.get("msg")


@pytest.mark.parametrize(
    ("protect", "refused"), [(["*"], True), (["USER0001@*"], True), (["svc-*"], False), ([], False)]
)
def test_the_caller_keeps_the_password_if_protect_names_the_caller(bench, protect, refused):
    begin(bench, "kestra_current_user_password", _token(ADA))
    passwords = {
        "old_password": "Sim-Passw0rd", "new_password": "A-Canary-Passw0rd1", "api_token": "a-canary-of-a-token",
    }
    result = bench.run("kestra_current_user_password", {**passwords, "protect": protect})
    assert (result.get("code") == "protected") is refused, result.get("msg")
    assert bench.sent["update_current_user_password"] == (0 if refused else 1)
