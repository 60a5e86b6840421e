# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the parts of Kestra's case share: requests, users, and looks at them."""

from __future__ import annotations

import atexit
import pathlib
import shutil
import tempfile
from typing import Any

from simulator.harness import Simulator

PROVIDER = "kestra"
PASSWORD = "Canary-Pa55-%+word"
ADA = "Ada.Lovelace@Example.com"
BOB, CAT = "bob@example.com", "cat@example.com"
ID = "/[0-9A-Za-z]{22}"
USERS = "/api/v1/users"
USER = USERS + ID
REVOKE = ("DELETE", USER + "/api-tokens" + ID, None)
MAIN, OTHER = "/api/v1/main", "/api/v1/acme-eu"
ACCOUNTS = "/api/v1/service-accounts"
CREATE, REPLACE, DELETE = ("POST", USERS, None), ("PUT", USER, None), ("DELETE", USER, None)
ENTER, ENTER_OTHER = (("PUT", tenant + "/tenant-access" + ID, None) for tenant in (MAIN, OTHER))
SET_GROUPS, SET_OTHER_GROUPS = (("PUT", tenant + "/users" + ID + "/groups", None) for tenant in (MAIN, OTHER))
BIND, BIND_OTHER = (("POST", tenant + "/bindings", None) for tenant in (MAIN, OTHER))
UNBIND, UNBIND_OTHER = (("DELETE", tenant + "/bindings" + ID, None) for tenant in (MAIN, OTHER))
LOSE_METHOD, END_SESSIONS = ("DELETE", USER + "/auths" + ID, None), ("DELETE", USER + "/refresh-token", None)
STRICT = {"unknown_fields": "refuse"}
SECRETS = pathlib.Path(tempfile.mkdtemp(prefix="rollcall-"))
atexit.register(shutil.rmtree, SECRETS, True)


def put(simulator: Simulator, kind: str, *items: dict[str, Any]) -> list[Any]:
    return simulator.put(kind, list(items), provider="kestra")


def put_ada(simulator: Simulator) -> None:
    """One user, who is spelled with capitals in the directory, with something in both tenants."""
    put(simulator, "users", {
        "email": ADA, "firstName": "Ada", "lastName": "Lovelace", "password": "Ada-Passw0rd", "sessions": 2,
        "auths": [{"name": "okta", "type": "OIDC"}, {"name": "google", "type": "OIDC"}],
        "tenants": ["main", "acme-eu"], "groups": ["data", "2024", {"tenant": "acme-eu", "name": "data"}],
    })  # fmt: skip
    put(
        simulator, "bindings",
        {"tenant": "main", "user": ADA, "role": "Developer", "namespace": "company.data"},
        {"tenant": "acme-eu", "user": ADA, "role": "Viewer"},
    )  # fmt: skip
    put(simulator, "tokens", {"owner": ADA, "name": "laptop", "value": "canary-token-of-ada"})


def put_owners(simulator: Simulator) -> None:
    """A second owner of the instance, so that one more can be demoted."""
    put(simulator, "users", {"email": "sim-owner@example.com", "superAdmin": True})


def user_of(state: dict[str, Any], email: str) -> Any:
    return next(user for user in state["users"] if user["email"] == email)


def her(**parts: Any) -> Any:
    """Return an assertion on parts of the user in a result; groups are written as ``tenant/name``, and None is a part
    that must not be there."""

    def check(outcome: Any) -> None:
        user = outcome.result["user"]
        found = {**user, "groups": [f"{group['tenant']}/{group['name']}" for group in user.get("groups", ())]}
        assert {name: found.get(name) for name in parts} == parts

    return check


NEW = {"user": "grace+ops/50%..é@example.com", "first_name": "Grace", "last_name": "Höpper 霍珀"}
