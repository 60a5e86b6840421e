# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A OneLogin that is told what to say, and its forms of answers."""

from __future__ import annotations

import json

from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin.connection import OneLogin
from ansible_collections.rollcall.identity.tests.unit.fakes import FakeClock
from ansible_collections.rollcall.identity.tests.unit.web import by_path

SUCCESS = {"error": False, "code": 200, "type": "success", "message": "Success"}
ADA = {
    "id": 7,
    "username": "ada",
    "email": "ada@x.org",
    "state": 1,
    "status": 1,
    "custom_attributes": {"cost": "1", "empty": None},
}
USERS, USER, STATUS = "GET /api/1/users", "GET /api/1/users/7", "PUT /api/2/users/7"
CREATE, SALTED = "POST /api/1/users", "PUT /api/1/users/set_password_using_salt/7"
NEW = {"user": "ada", "email": "ada@x.org", "firstname": "Ada", "lastname": "L"}


def envelope(*rows, **more):
    """Return rows as version 1 wraps them."""
    return {"status": SUCCESS, "data": list(rows), **more}


def block(message, code=400, **more):
    """Return an error as version 1 has it."""
    return {"status": {"error": True, "code": code, "type": "bad request", "message": message, **more}}


def connect(serve, routes, **params):
    """Connect to a server with answers by method and path, a list for answers in order; the connection knows it as
    ``server``."""
    server = serve(by_path(routes))
    made = OneLogin({"api_url": server.url, "access_token": "given", **params}, Masker(), FakeClock())
    made.server = server
    return made


def asked(connection):
    """Return what the server was asked: method and target, and the body where there is one."""
    return [
        (f"{request.method} {request.target}", json.loads(request.body))
        if request.body
        else (f"{request.method} {request.target}", None)
        for request in connection.server.requests
    ]


def run(task, connection, **params):
    """Run a module's task on a connection and return its result."""
    defaults = {name: option.get("default") for name, option in task.options.items()}
    return task.run(Context({**defaults, **connection.params, **params}, False, False, connection.masker), connection)
