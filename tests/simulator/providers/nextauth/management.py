# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Permissions of roles, API keys, servers."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from ...web import Answer, Call, Refused, json_answer
from .auth import needed, server_of
from .listing import page
from .store import PERMISSIONS, Key, Server
from .users import attributes_answer, attributes_body

if TYPE_CHECKING:
    from . import NextAuth


def _acl_value(server: Server, role: str, acl: list[str]) -> dict[str, Any]:
    return {"server": server.id, "role": role, "acl": ",".join(acl)}


def get_all_permissions(provider: NextAuth, call: Call) -> Answer:
    server = server_of(provider, call)
    return json_answer(
        200, {"permissions": [_acl_value(server, role, acl) for role, acl in provider.store.acls[server.id].items()]}
    )


def _role_of(provider: NextAuth, call: Call) -> tuple[Server, str]:
    server, role = server_of(provider, call), call.params["roleid"]
    if role not in provider.store.roles:
        raise Refused(404, "role not found")
    return server, role


def get_permissions(provider: NextAuth, call: Call) -> Answer:
    server, role = _role_of(provider, call)
    acl = provider.store.acls[server.id].get(role)
    if acl is None and provider.options.empty_acl == "entry":
        acl = []
    return json_answer(200, {"permissions": [] if acl is None else [_acl_value(server, role, acl)]})


def grant_permissions(provider: NextAuth, call: Call) -> Answer:
    """Overwrites what the role has on the server. The body is an array of texts."""
    server, role = _role_of(provider, call)
    acl = call.json()
    if not isinstance(acl, list) or not all(isinstance(item, str) and item and "," not in item for item in acl):
        raise Refused(400, "the request body must be an array of permissions")
    unknown = [item for item in acl if item not in PERMISSIONS]
    if unknown and provider.options.unknown_permission == "refused":
        raise Refused(400, f"unknown permission {unknown[0]}")
    if acl:
        provider.store.acls[server.id][role] = list(dict.fromkeys(acl))
    else:
        provider.store.acls[server.id].pop(role, None)
    return Answer(200)


def revoke_permissions(provider: NextAuth, call: Call) -> Answer:
    server, role = _role_of(provider, call)
    provider.no_body(call)
    provider.store.acls[server.id].pop(role, None)
    return Answer(200)


def get_api_keys(provider: NextAuth, call: Call) -> Answer:
    """The keys of the current role, secrets and all."""
    hide = provider.options.listed_keys == "hidden"
    keys = [item for item in provider.store.keys.values() if item.role == provider.role]
    shown = [
        {"apikey": "*" * 8 if hide else key.value, "role": key.role, "description": key.description} for key in keys
    ]
    if provider.options.listed_keys == "absent":
        shown = [{name: value for name, value in item.items() if name != "apikey"} for item in shown]
    return json_answer(200, {"apikeys": shown})


def create_api_key(provider: NextAuth, call: Call) -> Answer:
    """A new key of the current role, at each call; none is ever deleted."""
    description = needed(call, "description")
    provider.no_body(call)
    key = Key(secrets.token_urlsafe(24), provider.role, description)
    provider.store.keys[key.value] = key
    return json_answer(200, {"apikey": key.value, "role": key.role, "description": key.description})


def _server_value(server: Server) -> dict[str, Any]:
    return {
        "serverid": server.id,
        "serverpk": "c2ltdWxhdG9y",
        "serverName": server.name,
        "serverFlags": [],
        "logo": "",
        "pinTimeout": 300,
        "pinTransTimeout": 60,
        "pingTime": 30,
        "accountCount": len(server.accounts),
    }


def get_servers(provider: NextAuth, call: Call) -> Answer:
    """The servers on which the role has the permission."""
    store = provider.store
    servers = [
        server for server in store.servers.values() if {"servers", "root"} & store.permissions(provider.role, server.id)
    ]
    return page(provider, call, "servers", servers, _server_value)


def get_server_attributes(provider: NextAuth, call: Call) -> Answer:
    return attributes_answer(provider, server_of(provider, call).attributes)


def set_server_attributes(provider: NextAuth, call: Call) -> Answer:
    """POST replaces all of them, PUT leaves what is not sent."""
    server, attributes = server_of(provider, call), attributes_body(provider, call)
    server.attributes = {**server.attributes, **attributes} if call.method == "PUT" else attributes
    return Answer(200)


def delete_server_attributes(provider: NextAuth, call: Call) -> Answer:
    server = server_of(provider, call)
    provider.no_body(call)
    server.attributes = {}
    return Answer(200)


def delete_server(provider: NextAuth, call: Call) -> Answer:
    """Deletes the server with its users and accounts."""
    server = server_of(provider, call)
    provider.no_body(call)
    del provider.store.servers[server.id]
    provider.store.acls[server.id] = {}
    return Answer(200)


def get_server(provider: NextAuth, call: Call) -> Answer:
    return json_answer(200, _server_value(server_of(provider, call)))
