# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Contabo and its login server with answers by method and path, and its forms of answers."""

from __future__ import annotations

import base64
import json
import re
from urllib.parse import parse_qsl

from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Desired, DesiredFacet
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import Policy
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import converge
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo.connection import Contabo
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo.users import Users
from ansible_collections.rollcall.identity.tests.unit.fakes import FakeClock
from ansible_collections.rollcall.identity.tests.unit.web import Reply, by_path

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TOKEN = "POST /auth/realms/contabo/protocol/openid-connect/token"
USERS, ROLES, CLIENT, ROTATE = "GET /v1/users", "GET /v1/roles", "GET /v1/users/client", "PUT /v1/users/client/secret"
ADA_ID = "4f2c2a3e-5d0b-4d0a-9a39-0c6a1d7e0b11"
ONE_USER = f"/v1/users/{ADA_ID}"
CREDENTIALS = {
    "client_id": "cid", "client_secret": "canary-old-secret", "api_user": "Svc@Example.com",
    "api_password": "canary-password",
}
NAMES = {1: "Administrator", 2: "Reader", 3: "Twice", 4: "Twice"}


def jwt(**claims):
    """Return a token with these claims and a signature that nobody looks at."""
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJub25lIn0.{part}.c2ln"


def login(number=1, **more):
    """Return what the login server answers."""
    token = jwt(customerId="123", preferred_username="svc@example.com", number=number)
    return {"access_token": token, "refresh_token": f"canary-refresh-{number}", "expires_in": 300, **more}


def role(number):
    """Return a role as users have it."""
    return {"roleId": number, "name": NAMES[number], "admin": number == 1}


def user(**more):
    """Return a user as the API shows it."""
    return {
        "userId": ADA_ID, "email": "ada@x.org", "firstName": "Ada", "lastName": "", "enabled": True, "totp": False,
        "locale": "en",
        "emailVerified": True, "owner": False, "tenantId": "INT", "customerId": "123", "roles": [role(2)], **more,
    }  # fmt: skip


def data(*rows, total=None):
    """Return rows as the API wraps them."""
    found = {"data": list(rows), "_links": {}}
    return (
        found
        if total is None
        else {**found, "_pagination": {"page": 1, "size": 100, "totalElements": total, "totalPages": -(-total // 100)}}
    )


def error(status, message, **more):
    """Return a refusal as the API has it."""
    return Reply(status, {"statusCode": status, "message": message, **more})


def connect(serve, routes, **params):
    """Connect to servers with answers by method and path, a list for answers in order; one is the login server."""
    routes = {TOKEN: login(), ROLES: data(*map(role, NAMES), total=4), **routes}
    answer = by_path(routes, repeats=True)
    api, auth = serve(answer), serve(answer)
    made = Contabo({"api_url": api.url, "auth_url": auth.url, **CREDENTIALS, **params}, Masker(), FakeClock())
    made.server, made.login_server = api, auth
    return made


def asked(connection):
    """Return what the API was asked: method, target and body."""
    return [
        (f"{request.method} {request.target}", json.loads(request.body) if request.body else None)
        for request in connection.server.requests
    ]


def grants(connection):
    """Return the forms that the login server got."""
    return [dict(parse_qsl(request.body.decode())) for request in connection.login_server.requests]


def single(connection, desired, check=False, **policy):
    """Run a task on one user."""
    return converge(Context({}, check, True, connection.masker), Users(connection), [desired], Policy(**policy))


def want(key="ada@x.org", roles=None, mode="present", **fields):
    """Return a desired user."""
    facets = {} if roles is None else {"roles": DesiredFacet(mode, roles)}
    return Desired(key, fields={"email": key, **fields}, facets=facets)
