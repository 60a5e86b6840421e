# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Kestra with answers by method and path, and its forms of users, groups and tenants."""

from __future__ import annotations

from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.connection import Kestra
from ansible_collections.rollcall.identity.tests.unit.fakes import FakeClock
from ansible_collections.rollcall.identity.tests.unit.web import by_path

ROW = {
    "id": "u1",
    "username": "Ada@x.org",
    "displayName": "Ada",
    "restricted": False,
    "tenants": [{"id": "main"}],
    "auths": [],
    "superAdmin": False,
}
WHOLE = {**ROW, "email": "Ada@x.org", "firstName": "Ada", "groups": [{"id": "g1", "tenantId": "main"}]}
TENANTS = {
    "results": [
        {"id": "main", "name": "Main", "deleted": False},
        {"id": "eu", "name": "EU"},
        {"id": "old", "deleted": True},
    ],
    "total": 3,
}
GROUPS = {"results": [{"id": "g1", "name": "data"}, {"id": "g2", "name": "2024"}], "total": 2}


def rows(*found):
    """Return one page that is all there is."""
    return {"results": list(found), "total": len(found)}


def connect(serve, routes, **params):
    """Connect to a server with answers by method and path, a list for answers in order; the connection knows it as
    ``server``."""
    server = serve(by_path(routes, below="/api/v1"))
    made = Kestra(
        {"api_url": server.url, "api_token": "given-token", "api_retries": 0, **params}, Masker(), FakeClock()
    )
    made.server = server
    return made


def asked(connection):
    """Return what the server was asked: method and path below the version."""
    return [
        f"{request.method} {request.target.split('?')[0].removeprefix('/api/v1')}"
        for request in connection.server.requests
    ]


BOUND = {
    "id": "b1",
    "type": "USER",
    "role": {"id": "r1", "name": "Viewer"},
    "user": {"id": "u1"},
    "namespace": "company.data",
}
