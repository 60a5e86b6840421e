# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A SCIM service that is told what to say, and a task that runs against it."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.task import ConnectionPool, run_task
from ansible_collections.rollcall.identity.plugins.module_utils._providers.scim import tasks
from ansible_collections.rollcall.identity.tests.unit.web import Reply

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
BADGE = "urn:example:2.0:User"
NOBODY = {"totalResults": 0, "Resources": []}


def config(*features, **more):
    """Return a ServiceProviderConfig with these features."""
    return {**{name: {"supported": name in features} for name in ("patch", "filter", "etag", "sort", "bulk")}, **more}


def listed(*rows, **more):
    """Return a list response with all its rows."""
    return {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": len(rows),
        "Resources": list(rows),
        **more,
    }


def user(name, /, **more):
    """Return the document of a user whose id follows from the name."""
    return {"schemas": [CORE], "id": f"id-{name}", "userName": name, "active": True, **more}


def group(name, /, *members, **more):
    """Return the document of a group with members by their ids."""
    return {
        "id": f"g-{name}",
        "displayName": name,
        **({"members": [{"value": member} for member in members]} if members else {}),
        **more,
    }


def error(status, detail="", kind=None):
    """Return an error as RFC 7644, 3.12, has it."""
    return Reply(
        status,
        {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": str(status),
            "scimType": kind,
            "detail": detail,
        },
    )


def attribute(name, kind="string", many=False, parts=(), **more):
    """Return an attribute of a schema."""
    return {
        "name": name,
        "type": kind,
        "multiValued": many,
        "subAttributes": [attribute(**part) for part in parts],
        **more,
    }


def text_parts(*names):
    """Return sub-attributes that are texts."""
    return [{"name": name} for name in names]


SCHEMAS = listed(
    {
        "id": CORE,
        "attributes": [
            *(attribute(name) for name in ("userName", "displayName", "nickName", "title", "locale")),
            attribute("active", "boolean"),
            attribute("profileUrl", "reference"),
            attribute("photos", "complex", True, parts=[
                {"name": "value", "kind": "reference"}, {"name": "type"}, {"name": "primary", "kind": "boolean"},
            ]),
            attribute("password", mutability="writeOnly", returned="never"),
            attribute("name", "complex", parts=text_parts("formatted", "givenName", "familyName")),
            attribute("emails", "complex", True, parts=text_parts("value", "type", "primary", "display")),
            attribute("phoneNumbers", "complex", True, parts=text_parts("value", "type")),
            attribute("addresses", "complex", True, parts=text_parts("type", "locality")),
            attribute("groups", "complex", True, mutability="readOnly"),
        ],
    },
    {
        "id": ENTERPRISE,
        "attributes": [
            attribute("costCenter"),
            attribute("department"),
            attribute("manager", "complex", parts=text_parts("value")),
        ],
    },
    {
        "id": BADGE,
        "attributes": [
            attribute("badge", caseExact=True),
            attribute("colour"),
            attribute("level", "integer"),
            attribute("since", "dateTime"),
            attribute("tags", many=True),
            attribute("remote", "boolean"),
            attribute("score", mutability="readOnly"),
            attribute("pin", returned="never"),
            attribute("site", "complex", parts=text_parts("city", "floor")),
            attribute("grade", mutability="immutable"),
        ],
    },
    {"id": "urn:ietf:params:scim:schemas:core:2.0:Group", "attributes": [attribute("members", "complex", True)]},
)
TYPES = listed(
    {
        "id": "User",
        "endpoint": "https://id.example.com/v2/Users",
        "schema": CORE,
        "schemaExtensions": [{"schema": ENTERPRISE}, {"schema": BADGE}],
    },
    {"id": "Group", "endpoint": "/Groups", "schema": "urn:ietf:params:scim:schemas:core:2.0:Group"},
)


class Service:
    """Answers by method and path: a reply, a list of replies in order, or a function of the request.

    What is not named is not there.
    """

    def __init__(self, serve, routes, features=("patch", "filter"), **params):
        described = {
            "GET /ServiceProviderConfig": config(*features),
            "GET /Schemas": SCHEMAS,
            "GET /ResourceTypes": TYPES,
            "GET /Groups": NOBODY,
        }
        self.routes = {**described, **routes}
        self.server = serve(self._route)
        self.params = {"api_url": self.server.url, "api_token": "token-of-the-test", **params}
        self.pool = ConnectionPool()

    def _route(self, request):
        reply = self.routes.get(f"{request.method} {urlsplit(request.target).path}", error(404, "no such endpoint"))
        if isinstance(reply, list):
            reply = reply.pop(0) if len(reply) > 1 else reply[0]
        if callable(reply):
            reply = reply(request)
        return reply if isinstance(reply, Reply) else Reply(body=reply)

    def run(self, task, check=False, **params):
        """Run a task by its name and return the result."""
        declared = getattr(tasks, task)
        given = {name: value for name, value in {**self.params, **params}.items() if value is not None}
        assert declared.check(given).problems == []
        checked = ArgumentSpecValidator(declared.options, **declared.rules).validate(given)
        assert checked.error_messages == []
        return run_task(declared, checked.validated_parameters, check, True, self.pool)

    def calls(self, *methods):
        """Return the requests so far, as method and target without what describes the server."""
        seen = [f"{request.method} {request.target}" for request in self.server.requests]
        return [
            call
            for call in seen
            if not call.endswith(("Config", "/Schemas", "/ResourceTypes")) and (not methods or call.startswith(methods))
        ]

    def sent(self, method):
        """Return the bodies that were sent with a method."""
        return [
            json.loads(request.body) for request in self.server.requests if request.method == method and request.body
        ]


def query_of(request):
    """Return the query of a request."""
    return {
        name: values[0] for name, values in parse_qs(urlsplit(request.target).query, keep_blank_values=True).items()
    }
