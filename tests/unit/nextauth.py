# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A nextAuth with answers by method and path, and its forms of users."""

from __future__ import annotations

from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Desired, DesiredFacet
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth.connection import NextAuth
from ansible_collections.rollcall.identity.tests.unit.fakes import FakeClock
from ansible_collections.rollcall.identity.tests.unit.web import Reply, by_path

BASE = "/servers/s%2B1%2F%3D"
ADA = BASE + "/users/ada"
NOBODY = Reply(404, b"")


def connect(serve, routes, **params):
    """Connect to a server with answers by method and path, a list for answers in order; the connection knows it as
    ``server``."""
    server = serve(by_path(routes, repeats=True, otherwise=NOBODY))
    made = NextAuth(
        {"api_url": server.url, "api_key": "canary-key", "server_id": "s+1/=", **params}, Masker(), FakeClock()
    )
    made.server = server
    return made


def asked(connection, start=0):
    """Return what the server was asked: method and target, with the body where there is one."""
    return [
        f"{request.method} {request.target}{' ' + request.body.decode() if request.body else ''}"
        for request in connection.server.requests[start:]
    ]


def users(*names, total=None):
    """Return a page of users."""
    body = {"users": [{"userid": name, "numberaccounts": 1} for name in names]}
    return body if total is None else {**body, "totalnumber": total}


def target(mode="present", items=None, managed=None, name="attributes", **more):
    """Return a desired user with one facet."""
    return Desired("ada", facets={name: DesiredFacet(mode, items, managed)}, **more)
