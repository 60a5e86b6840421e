# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A SendAuth with answers by method and path, and its forms of users and lists."""

from __future__ import annotations

import json

from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import DesiredFacet
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import Policy
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import converge
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth.connection import SendAuth
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth.users import Users
from ansible_collections.rollcall.identity.tests.unit.fakes import FakeClock
from ansible_collections.rollcall.identity.tests.unit.web import Reply

ID, OTHER = "1c6dc9a4-9a5c-4d3b-8f7a-2f5b7f0f3c11", "2c6dc9a4-9a5c-4d3b-8f7a-2f5b7f0f3c11"
ONE = f"/api/v1/users/{ID}"
ADA = {
    "id": ID, "email": "Ada@X.org", "firstName": "Ada", "lastName": "Lovelace", "phone": "+1", "role": "admin",
    "username": "Ada L",
    "permissions": ["VPN"], "permissionGroups": ["g1"], "groupPermissions": ["x"], "messagingPreference": "email",
    "hasPasskeys": True,
    "company": {"id": "c1", "orgID": "o1", "name": "Example", "createdAt": "2026-01-05T08:00:00Z"},
    "createdAt": "2026-01-05T08:00:00Z",
}  # fmt: skip
LABELS = {"permissions": [{"name": name} for name in ("VPN", "Snowflake", "2024")]}
GROUPS = {"groups": [{"id": "g1", "name": "Engineering"}, {"id": "g2", "name": "Data"}]}
COMPANIES = [{"id": "c1", "name": "Example"}, {"id": "c2", "name": "Twice"}, {"id": "c3", "name": "Twice"}]
TAGS = {"tags": [
    {"id": "t1", "name": "site", "enabled": True, "values": ["london", "aarhus"]},
    {"id": "t2", "name": "floor", "enabled": True, "values": ["4"]},
    {"id": "t3", "name": "old", "enabled": False, "values": ["x"]},
    {"id": "t4", "name": "free"},
]}  # fmt: skip
CATALOGUES = {
    "GET /api/v1/tags": TAGS,
    "GET /api/v1/permissions": LABELS, "GET /api/v1/permission-groups": GROUPS, "GET /api/v1/companies": COMPANIES,
}


def page(*rows, **more):
    """Return a list as SendAuth has it."""
    return {"rows": list(rows), "total": len(rows), **more}


def connect(serve, routes=None, **params):
    """Connect to a server with answers by method and path, a list for answers in order; the connection knows it as
    ``server``."""
    known = {**CATALOGUES, "GET /api/v1/users": page(ADA), "GET /api/v1/users/deleted": page(), **(routes or {})}
    # A user is read again before it is written, and is by default as the list has it.
    listed = known["GET /api/v1/users"]
    rows = listed.get("rows") if isinstance(listed, dict) else None
    known.setdefault(
        f"GET {ONE}", next((row for row in rows or () if isinstance(row, dict) and row.get("id") == ID), ADA)
    )

    def route(request):
        reply = known[f"{request.method} {request.target.split('?')[0]}"]
        if callable(reply):
            reply = reply(request)
        if (
            isinstance(reply, list)
            and reply
            and isinstance(reply[0], (Reply, dict))
            and "companies" not in request.target
        ):
            reply = reply.pop(0) if len(reply) > 1 else reply[0]
        return reply if isinstance(reply, Reply) else Reply(body=reply)

    server = serve(route)
    given = {
        "api_url": server.url,
        "api_user": "me",
        "api_password": "canary",
        "api_retries": 0,
        "max_concurrency": 1,
        **params,
    }
    made = SendAuth(given, Masker(), FakeClock())
    made.server = server
    return made


def sent(connection, reads=False):
    """Return method, path and body of what was written, or of all."""
    return [
        (f"{request.method} {request.target}", json.loads(request.body) if request.body else None)
        for request in connection.server.requests if reads or request.method != "GET"
    ]


def echo(request):
    """Answer an update as a server that replaces."""
    return {**{name: ADA[name] for name in ("id", "username", "hasPasskeys", "createdAt")}, **json.loads(request.body)}


def make(connection, desired, check=False, protect=()):
    """Converge one user and return the result."""
    return converge(
        Context({}, check, True, Masker()), Users(connection), [desired], Policy(protect=protect, min_admins=0)
    )


def target(mode, *items, managed=None):
    return DesiredFacet(mode, list(items), managed)
